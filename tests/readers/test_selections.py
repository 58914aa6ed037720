"""What was picked by hand lacks most rows by its nature: nobody is told of rows missing there."""

import polars as pl
import pytest

from reconcile.comparison import compare_readings
from reconcile.intake.contract import SELECTION, Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.readers import READERS
from tests.contracts.golden import EXPORTS, case_source

SELECTIONS = (
    "wechat_copied_text/pc_multi_select",
    "wechat_copied_text/ios_multi_select",
    "wechat_email/ios_side_a",
    "wechat_forward_xml/record_alone",
)


def read(case: str) -> Reading:
    source = Source(case_source(EXPORTS / case))
    return identify(READERS, source).read(source, ReadOptions())


@pytest.mark.parametrize("case", SELECTIONS)
def test_selection_accuses_nobody_of_missing_rows(case: str) -> None:
    picked, whole = read(case), read("weflow_json/rent_side_b")
    assert SELECTION in picked.facts.declared
    relations = compare_readings(picked, whole).alignment["relation"].cast(pl.String).value_counts()
    found = dict(relations.iter_rows())
    assert not found.keys() & {"one_sided", "conflict", "doubtful"}
    assert found["agreement"] == picked.messages.height
