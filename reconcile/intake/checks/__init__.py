"""Checks of a Reading against its source, which add notes."""
