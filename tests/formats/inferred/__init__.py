"""Tests of tables of unknown make."""
