"""WeFlow: its messages in nine forms, its Moments."""
