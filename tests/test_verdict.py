"""Grades of many conversations at once."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.settings import Settings
from reconcile.verdict import CAUSES, Tally, judge, judged

COUNT = st.integers(0, 4)
TALLY = st.builds(
    Tally, st.sampled_from(["account", "content", "none", "unclear"]), *[COUNT] * 12, *[st.lists(st.sampled_from("ab"), max_size=2).map(tuple)] * 3
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.lists(TALLY, min_size=1, max_size=12))
def test_every_conversation_is_judged_as_it_would_be_alone(tallies: list[Tally]) -> None:
    fields = Tally.__dataclass_fields__
    rows = [{f: list(v) if isinstance(v := getattr(t, f), tuple) else v for f in fields} for t in tallies]
    table = pl.DataFrame(rows, schema_overrides=dict.fromkeys(CAUSES, pl.List(pl.String)))
    alone = [judge(t, Settings()) for t in tallies]
    assert judged(table, Settings()).rows() == [(str(grade), reasons) for grade, reasons in alone]
