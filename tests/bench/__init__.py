"""Tests of the benches and their simulator."""
