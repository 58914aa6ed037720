"""Tests of rows on their way to messages."""
