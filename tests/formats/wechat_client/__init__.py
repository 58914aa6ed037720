"""Tests of WeChat's own databases."""
