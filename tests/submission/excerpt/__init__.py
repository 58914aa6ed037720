"""Placing of an excerpt without good times."""
