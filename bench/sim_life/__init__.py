"""Disputes drawn from life: a conversation, two devices with their circumstances, and sometimes an act of one party.

`draw(seed)` gives both exports and the ledger of what is right; `write` lays them down as message tables (contract 1).
"""

from bench.sim_life.acts import ACTS
from bench.sim_life.draw import CIRCUMSTANCES, Sides, draw, write

__all__ = ["ACTS", "CIRCUMSTANCES", "Sides", "draw", "write"]
