"""Runs of agreement and gaps as a networkx graph; coverage, causes and witnesses read off it."""
