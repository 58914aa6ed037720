"""Tests of what records say: texts, bodies, attributes."""
