"""Tests of the engine's part for judgement."""
