"""Tests of text files."""
