"""The graph of agreements and gaps, and what can be read from it."""
