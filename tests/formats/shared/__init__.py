"""Tests of what several producers' readers use."""
