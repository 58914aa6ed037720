"""Tests of wx-cli's forms."""
