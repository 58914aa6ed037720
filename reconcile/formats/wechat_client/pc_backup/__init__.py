"""The PC client's own backup."""
