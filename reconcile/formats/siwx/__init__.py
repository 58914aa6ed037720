"""SIWX: Moments as JSON."""
