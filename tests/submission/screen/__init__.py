"""Tests of the reading of pages."""
