"""Tests of the importer's part for words."""
