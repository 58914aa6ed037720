"""Scenarios of whole comparisons, one file a subject."""
