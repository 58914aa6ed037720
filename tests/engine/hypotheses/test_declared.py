"""Declared stretches: as many as a party likes, each row asked once."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconcile.case import compare
from reconcile.engine.compare import compare_readings
from reconcile.formats.neutral.sidecar import facts_of, members_of
from reconcile.intake.contract import SELECTION, Declared, ReadOptions
from tests.build.chats import chat, counts, held, said, state_of
from tests.build.together import Comparing

START = datetime(2024, 3, 1, tzinfo=UTC)
CHAT = datetime(2024, 3, 1, 9, tzinfo=UTC)


def test_times_of_a_sidecar_are_read_in_every_spelling_at_once() -> None:
    spelt = ["2024-03-01T08:00:00+08:00", "2024/3/1 8:00", 1_709_251_200, 1_709_251_200_000, None, "", "soon"]
    declared = [{"what": "x", "from": v} for v in spelt]
    found = [d.from_at for d in facts_of({"declared": declared}, ReadOptions(), "Asia/Shanghai").declared]
    assert found == [START] * 4 + [None] * 3
    members = members_of(
        {"groups": [{"id": "1@chatroom", "members": [{"id": str(n), "joined_at": v} for n, v in enumerate(spelt)]}]}
    )
    assert [m["joined_at"] for m in members or ()] == found


def test_report_names_a_hundred_declarations_and_counts_the_rest(tmp_path: Path) -> None:
    for side in "ab":
        lines = [f"2024-03-01 09:{n:02d}:05,第{n}条,{'甲乙'[n % 2]}\n" for n in range(10)]
        (tmp_path / f"{side}.csv").write_text("sent_at,text,sender\n" + "".join(lines), "utf-8")
    spans = [{"what": f"清理{n}号", "from": f"2023-01-01 0{n % 10}:00"} for n in range(150)]
    (tmp_path / "a.json").write_text(json.dumps({"declared": spans}), "utf-8")
    compare(tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert ("清理99号" in page, "清理100号" in page, "另有 50 项" in page) == (True, False, True)


@pytest.mark.parametrize(
    ("lost", "relation"), [({12: "[名片] 林磊"}, "set_aside"), ({12: "[名片] 林磊", 30: "[名片] 罗超"}, "doubtful")]
)
def test_a_card_leaves_a_hole_in_a_selection_only_where_the_selection_shows_cards(
    lost: dict[int, str], relation: str
) -> Comparing:
    whole = said(chat(), lost, kind="card")
    ticked = [r for i, r in enumerate(whole) if i != 12]
    found = yield whole, held(ticked, 1, declared=(SELECTION,))
    assert state_of(found, "[名片] 林磊", "left")[0] == relation


@pytest.mark.parametrize(("has_id", "relation"), [(True, "one_sided"), (False, "doubtful")])
def test_words_alone_missing_in_a_selection_are_one_sided_unless_they_alone_have_no_server_id(
    has_id: bool, relation: str
) -> Comparing:
    whole = said(chat(), {12: "如果对方涉及转账、借款，请谨防诈骗"})
    whole = [r | {"message_id": str(7000 + i)} if has_id or i != 12 else r for i, r in enumerate(whole)]
    found = yield whole, held([r for i, r in enumerate(whole) if i != 12], 1, declared=(SELECTION,))
    assert state_of(found, "如果对方涉及转账、借款，请谨防诈骗", "left")[0] == relation


@pytest.mark.parametrize(
    ("what", "low", "high", "relation"),
    [
        ("lost phone", 2, 30, "doubtful"), ("清理", 2, 30, "doubtful"), ("清理", 12, 12, "set_aside"),
        ("redaction", 2, 30, "set_aside"),
    ],
)  # fmt: skip
def test_a_declared_loss_explains_no_hole_amid_what_the_export_holds_of_that_time(
    what: str, low: int, high: int, relation: str
) -> Comparing:
    whole = chat()
    kept = [r for i, r in enumerate(whole) if i != 12]
    lost = Declared(what, CHAT + timedelta(seconds=60 * low), CHAT + timedelta(seconds=60 * high))
    found = yield whole, held(kept, 1, declared=(lost,))
    assert state_of(found, str(whole[12]["text"]), "left")[0] == relation


def test_a_declared_loss_explains_all_that_is_gone_of_a_part_of_its_time() -> Comparing:
    whole = chat()
    kept = [r for i, r in enumerate(whole) if not 8 <= i <= 20]
    lost = Declared("lost phone", CHAT + timedelta(seconds=180), CHAT + timedelta(seconds=1600))
    found = yield whole, held(kept, 1, declared=(lost,))
    assert state_of(found, str(whole[12]["text"]), "left")[0] == "set_aside"


@pytest.mark.parametrize(
    ("note", "relation"), [("该时段记录未提交", "doubtful"), ("其中部分记录涉及隐私", "set_aside")]
)
def test_of_a_declared_time_only_the_longest_run_is_left_out_unless_the_party_says_that_it_picks(
    note: str, relation: str
) -> Comparing:
    whole = chat()
    kept = [r for i, r in enumerate(whole) if i not in (8, 9, 10, 11, 14, 15)]
    stretched = Declared("redaction", CHAT + timedelta(seconds=8 * 60), CHAT + timedelta(seconds=17 * 60), note)
    found = yield whole, held(kept, 1, declared=(stretched,))
    states = [state_of(found, str(whole[i]["text"]), "left")[0] for i in (8, 11, 14, 15)]
    assert states == ["set_aside", "set_aside", relation, relation]


def test_declarations_are_each_asked_once_and_never_held_against_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = chat()
    spans = tuple(Declared("清理", START, CHAT + timedelta(seconds=60 * n)) for n in range(60))
    left, right = held(whole, 0), held(whole[:10] + whole[30:], 1, declared=spans)
    pairs = []

    def equal(one: Declared, other: object) -> bool:
        pairs.append({id(one), id(other)})
        return one is other

    monkeypatch.setattr(Declared, "__eq__", equal)
    found = compare_readings(left, right)
    among = {id(span) for span in spans}
    assert (counts(found).get("one_sided"), [both for both in pairs if both <= among]) == (None, [])
