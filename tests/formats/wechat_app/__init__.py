"""Tests of what WeChat itself exports."""
