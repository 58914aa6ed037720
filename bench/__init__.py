"""Measurements of quality and speed; their tables are committed beside them."""
