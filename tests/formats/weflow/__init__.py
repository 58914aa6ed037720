"""Tests of the forms of WeFlow."""
