"""Code that the readers of several producers use."""
