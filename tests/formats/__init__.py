"""Tests of the formats: a folder for each producer; what holds for all forms stands here."""
