"""Compares the content of two rows: differences of form and of substance, and changes that tools make."""
