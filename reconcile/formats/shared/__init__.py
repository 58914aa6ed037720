"""What the readers of several producers use."""
