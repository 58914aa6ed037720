"""Tests of the review page and of the decisions that it writes."""
