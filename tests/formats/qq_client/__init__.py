"""Tests of QQ's own store."""
