"""The local pages over a finished comparison, and the log of a reviewer's decisions."""
