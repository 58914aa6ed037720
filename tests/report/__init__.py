"""Tests of the reports: the model, every form, and the pages in a browser."""
