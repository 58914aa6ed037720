"""CASE/UCO: graphs of observables as JSON-LD."""
