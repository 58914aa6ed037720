"""Tests of the importer's part for records."""
