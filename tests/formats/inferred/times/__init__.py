"""Tests of the importer's part for times."""
