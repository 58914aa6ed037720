"""Rows inside JSON of any nesting."""
