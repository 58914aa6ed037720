"""Checks of a Reading against its source, told as notes."""
