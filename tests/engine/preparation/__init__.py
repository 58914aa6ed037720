"""Tests of how rows are prepared for the alignment."""
