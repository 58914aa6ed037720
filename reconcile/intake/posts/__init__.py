"""Posts of Moments as frames, read from JSON, and as tables."""
