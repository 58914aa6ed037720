"""Tests; the layout mirrors reconcile/."""
