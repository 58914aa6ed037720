"""The graph of agreements and gaps, and what is read from it."""
