"""Rows inside pages, Word documents and other trees of elements."""
