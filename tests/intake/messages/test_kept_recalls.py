"""Recall notices that an exporter writes as XML."""

import polars as pl
import pytest

from reconcile.intake.messages.kept_recalls import opened_recalls

WORDS = '"乙" 撤回了一条消息'
REVOKED = "<revokemsg>{}<replacemsg><![CDATA[{}]]></replacemsg></revokemsg>"


def _rows(kind: str, text: str) -> pl.DataFrame:
    return pl.DataFrame({"locator": "a.csv#1", "conversation": "wxid_yi", "kind": kind, "text": text})


def test_a_notice_kept_as_xml_shows_its_line_and_names_its_message() -> None:
    kept = REVOKED.format("<msgid>12</msgid><newmsgid>8000000000000000777</newmsgid>", WORDS)
    rows, witnesses = opened_recalls(_rows("system", kept))
    assert rows.select("kind", "text", "alias_id", "raw_xml").rows() == [("recall", WORDS, "8000000000000000777", kept)]
    assert witnesses.rows(named=True) == [
        {"locator": "a.csv#1", "conversation": "wxid_yi", "witness": "recall_notice", "message_id": "8000000000000000777"}
    ]  # fmt: skip


def test_a_notice_that_names_no_message_is_no_witness() -> None:
    rows, witnesses = opened_recalls(_rows("recall", REVOKED.format("", WORDS)))
    assert (rows["text"][0], rows["alias_id"][0], witnesses.height) == (WORDS, None, 0)


@pytest.mark.parametrize(
    ("kind", "text"), [("text", REVOKED.format("", WORDS)), ("system", WORDS), ("system", "<revokemsg>")]
)
def test_what_a_person_typed_or_what_shows_no_line_stays_as_it_is(kind: str, text: str) -> None:
    given = _rows(kind, text)
    rows, witnesses = opened_recalls(given)
    assert rows.equals(given)
    assert witnesses.is_empty()
