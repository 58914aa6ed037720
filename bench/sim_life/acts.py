"""Guilty acts: what a party may do to its own copy before it hands it in. Each notes which relations would be right for the rows."""

from bench.sim_life.deletions import DELETIONS
from bench.sim_life.edits import EDITS
from bench.sim_life.forgeries import FORGERIES
from bench.sim_life.moves import MOVES
from bench.sim_life.occasions import Circumstance

ACTS: dict[str, Circumstance] = {**DELETIONS, **FORGERIES, **EDITS, **MOVES}
