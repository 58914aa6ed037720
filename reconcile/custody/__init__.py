"""Seal and verify: hash manifests, time-stamp tokens, the chain of custody log."""
