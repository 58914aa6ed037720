"""QQ NT's message store: numbers as column names, bodies of protobuf elements."""

from pathlib import Path

import pytest

from reconcile.case import read
from reconcile.intake.contract import Reading
from reconcile.vocabulary import NoteCode
from tests.build.databases import proto
from tests.build.qq_store import ME, PEER, RECALL, ROOM, TEXT, Element, store


def only(folder: Path, *elements: Element) -> dict[str, object]:
    return read(store(folder, [elements])).messages.to_dicts()[0]


def test_senders_are_numbers_and_the_owner_is_who_sent(tmp_path: Path) -> None:
    reading: Reading = read(store(tmp_path, [[TEXT], [TEXT], [TEXT]]))
    assert reading.facts.reader == "qq_nt_db"
    assert reading.messages["sender"].to_list() == [str(ME), str(PEER), str(ME)]
    assert reading.messages["conversation"].unique().to_list() == [str(PEER)]
    assert reading.facts.owner.id == str(ME)


def test_a_group_is_named_by_its_number(tmp_path: Path) -> None:
    messages = read(store(tmp_path, [[TEXT], [TEXT]], group=True)).messages
    assert messages["conversation"].to_list() == [str(ROOM)] * 2
    assert messages["conversation_kind"].to_list() == ["group"] * 2


@pytest.mark.parametrize(
    ("elements", "kind", "text"),
    [
        ([TEXT, ((45002, 6), (47602, "/微笑"))], "text", "好的/微笑"),
        ([((45002, 2), (45402, "a.jpg"))], "image", ""),
        ([((45002, 2),), TEXT], "text", "[图片]好的"),
        ([((45002, 21), (48157, "通话时长 00:31"))], "call", "通话时长 00:31"),
        ([((45002, 9), (48403, proto((48443, "恭喜发财"))))], "red_packet", "恭喜发财"),
        ([((45002, 10), (47901, '{"prompt":"[分享]合同"}'))], "link", "[分享]合同"),
    ],
)
def test_the_kind_is_that_of_the_elements(tmp_path: Path, elements: list[Element], kind: str, text: str) -> None:
    row = only(tmp_path, *elements)
    assert (row["kind"], row["text"]) == (kind, text)


def test_a_quote_keeps_the_words_that_it_quotes(tmp_path: Path) -> None:
    row = only(tmp_path, ((45002, 7), (47423, proto((45002, 1), (45101, "何时付款")))), TEXT)
    assert (row["kind"], row["text"], row["quoted_text"]) == ("quote", "好的", "何时付款")


def test_a_recall_notice_has_no_sender(tmp_path: Path) -> None:
    row = only(tmp_path, RECALL)
    assert (row["kind"], row["sender"]) == ("recall", None)


def test_an_unknown_type_of_element_is_noted(tmp_path: Path) -> None:
    reading = read(store(tmp_path, [[((45002, 99),)], [TEXT]]))
    assert [n.excerpt for n in reading.notes if n.code is NoteCode.UNKNOWN_KIND] == ["99"]
