"""Accounts of two exports are held against each other; names and pictures make no identity."""

import pytest

from reconcile.intake.contract import ExportFacts, Owner, Reading
from reconcile.intake.frames import messages_of, reading_of
from reconcile.submission.identity import Check, cross_check_identity, describe_identity
from reconcile.wording import LANGS, Lang


def export(owner: Owner, peer: str, *, contacts: list[dict[str, str]] | None = None, group: list[str] | None = None) -> Reading:  # fmt: skip
    rows: list[dict[str, object]] = [
        {"conversation": peer, "conversation_kind": "direct", "text": "在吗", "sender": owner.id, "is_self": True, "time_precision": "none", "zone_source": "none", "kind": "text"},
        {"conversation": peer, "conversation_kind": "direct", "text": "在", "sender": peer, "is_self": False, "time_precision": "none", "zone_source": "none", "kind": "text"},
    ]  # fmt: skip
    if group is not None:
        rows.append({**rows[0], "conversation": "99@chatroom", "conversation_kind": "group"})
    members = [{"group_id": "99@chatroom", "member_id": m} for m in group or []]
    return reading_of(ExportFacts(reader="t", owner=owner), messages_of(rows), contacts=contacts, members=members)


LEFT = export(Owner("wxid_jia0001", "jia88", "甲某", "13800000001"), "wxid_yi0002")
RIGHT = export(Owner("wxid_yi0002", "yi99", "乙某"), "wxid_jia0001", contacts=[{"id": "wxid_jia0001", "alias": "jia_old", "phone": "+86 138 0000 0001", "nickname": "甲某"}])  # fmt: skip


def outcomes(left: Reading, right: Reading) -> dict[tuple[str, str], Check]:
    return {(f.code, str(f.side)): f.check for f in cross_check_identity(left, right)}


def test_each_owner_is_the_others_peer() -> None:
    found = outcomes(LEFT, RIGHT)
    assert (found["owner_is_peer", "left"], found["owner_is_peer", "right"]) == (Check.AGREES, Check.AGREES)


def test_an_owner_who_is_nobody_there_is_a_finding() -> None:
    stranger = export(Owner("wxid_bing003"), "wxid_jia0001")
    found = [f for f in cross_check_identity(LEFT, stranger) if f.is_finding]
    assert {(f.code, str(f.side)) for f in found} == {("owner_is_peer", "right")}


def test_a_changed_alias_is_said_and_is_no_finding() -> None:
    alias = next(f for f in cross_check_identity(LEFT, RIGHT) if (f.code, str(f.side)) == ("alias", "left"))
    assert (alias.check, alias.is_finding, alias.stated, alias.seen) == (Check.DIFFERS, False, "jia88", "jia_old")


def test_phones_are_compared_by_their_digits() -> None:
    assert outcomes(LEFT, RIGHT)["phone", "left"] is Check.AGREES


def test_another_phone_is_a_finding() -> None:
    right = export(Owner("wxid_yi0002"), "wxid_jia0001", contacts=[{"id": "wxid_jia0001", "phone": "13900000009"}])
    assert [f.code for f in cross_check_identity(LEFT, right) if f.is_finding] == ["phone"]


def test_what_is_not_shown_is_said() -> None:
    assert outcomes(LEFT, RIGHT)["avatar_sha256", "left"] is Check.NOT_SHOWN


def test_an_export_without_accounts_shows_nothing_and_accuses_nobody() -> None:
    names = export(Owner(), "乙某")
    assert [f for f in cross_check_identity(names, RIGHT) if f.is_finding] == []


def test_an_owner_missing_from_the_groups_members_is_a_finding() -> None:
    left = export(Owner("wxid_jia0001"), "wxid_yi0002", group=["wxid_jia0001", "wxid_yi0002"])
    right = export(Owner("wxid_yi0002"), "wxid_jia0001", group=["wxid_yi0002", "wxid_ding04"])
    found = {(f.code, str(f.side)) for f in cross_check_identity(left, right) if f.is_finding}
    assert found == {("member", "left")}


def test_one_name_on_two_accounts_is_no_identity() -> None:
    left = export(Owner("wxid_jia0001"), "wxid_yi0002", contacts=[{"id": "wxid_yi0002", "nickname": "老王"}])
    right = export(Owner("wxid_yi0002"), "wxid_jia0001", contacts=[{"id": "wxid_wang77", "nickname": "老王"}])
    same = [f for f in cross_check_identity(left, right) if f.code == "same_looks"]
    assert [(f.stated, f.seen, f.is_finding) for f in same] == [("wxid_yi0002", "wxid_wang77", False)]


@pytest.mark.parametrize("lang", LANGS)
def test_every_outcome_has_words(lang: Lang) -> None:
    shown = "\n".join(describe_identity(cross_check_identity(LEFT, RIGHT), lang))
    assert "wxid_jia0001" in shown


def test_frames_are_only_read() -> None:
    before = LEFT.messages.clone()
    cross_check_identity(LEFT, RIGHT)
    assert before.equals(LEFT.messages)
