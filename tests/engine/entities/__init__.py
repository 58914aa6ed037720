"""Tests of parties and other entities."""
