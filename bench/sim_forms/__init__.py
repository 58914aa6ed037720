"""Simulated disputes whose two sides are written in real export forms, each with its producer's true losses. Held out: not used to build the engine."""
