"""No test looks at a clock: on a busy machine one that does fails without a fault of the program. Times are measured by `make bench`."""

import ast
from functools import cache

from tests.contracts.trees import TESTS, trees

CLOCKS = {
    "perf_counter",
    "perf_counter_ns",
    "monotonic",
    "monotonic_ns",
    "process_time",
    "process_time_ns",
    "thread_time",
}
# The fixture that measures, what measures an attack for it, and a stand-in that uses up a reading's own allowance of processor time.
MEASURING = {"conftest.py", "hostile/run.py", "hostile/test_limits_told.py"}
# A call that gives up sooner than this, in seconds, fails where the machine is busy and nothing is wrong.
PATIENT = 300


@cache
def _calls() -> list[tuple[str, ast.Call]]:
    looked_at = {name: tree for name, tree in trees().items() if name not in MEASURING}
    return [
        (f"{name}:{n.lineno}", n) for name, tree in looked_at.items() for n in ast.walk(tree) if isinstance(n, ast.Call)
    ]


def test_no_test_reads_a_clock() -> None:
    called = [(where, getattr(c.func, "attr", getattr(c.func, "id", ""))) for where, c in _calls()]
    assert [(where, name) for where, name in called if name in CLOCKS] == []


def test_no_test_gives_up_waiting_while_a_busy_machine_works() -> None:
    told = [(where, k.value) for where, c in _calls() for k in c.keywords if k.arg == "timeout"]
    assert [
        where
        for where, v in told
        if isinstance(v, ast.Constant) and isinstance(v.value, int | float) and v.value < PATIENT
    ] == []


def test_what_a_page_measures_counts_where_times_are_measured_alone() -> None:
    pages = [f for f in TESTS.rglob("*.py") if "performance." + "now" in f.read_text("utf-8")]
    assert [f.name for f in pages if "timed: bool" not in f.read_text("utf-8")] == []
