"""Relativity: the short message format (RSMF)."""
