"""Tests of checks of a Reading against its source."""
