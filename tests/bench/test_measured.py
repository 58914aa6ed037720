"""What a bench measures is the program as users run it."""

import os

from bench.speed import _compiled


def test_a_measured_process_chooses_its_own_memory_whatever_polars_wrote_into_this_one() -> None:
    assert "_RJEM_MALLOC_CONF" in os.environ, "polars no longer hands its choice down; the bench need not take it away"
    assert "_RJEM_MALLOC_CONF" not in _compiled()
