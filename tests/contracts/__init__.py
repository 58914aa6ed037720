"""Tests that walk a registry."""
