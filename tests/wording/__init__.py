"""Tests of what WeChat itself means."""
