"""Tests of the reader of unknown forms."""
