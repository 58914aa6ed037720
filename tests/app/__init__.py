"""Tests of the local application."""
