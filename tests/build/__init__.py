"""Builders of test input: exports, databases, posts, statements, screens and submissions."""
