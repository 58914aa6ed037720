"""Tests of JSON files."""
