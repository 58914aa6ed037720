"""Tests of MemoTrace's forms."""
