"""Tests of the error rates, the confidence and the explanation of a row."""
