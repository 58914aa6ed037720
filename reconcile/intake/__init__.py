"""From a path to a Reading: sources, the reader contract, which reader claims what."""
