"""The local pages over a finished comparison, and the log of what a reviewer decided."""
