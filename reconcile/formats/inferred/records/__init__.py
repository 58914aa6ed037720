"""Rows written as lines of `name: value`, one field a line."""
