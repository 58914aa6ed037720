"""Tests of our own neutral form."""
