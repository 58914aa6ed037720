"""Tests of PyWxDump's forms."""
