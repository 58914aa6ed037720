"""The alignment: candidate pairs, their weights, and the one-to-one solution."""
