"""Checks what two exports state about accounts. Equal names or pictures prove no identity."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from reconcile.engine.entities.owners import owner_of
from reconcile.intake.contract import Owner, Reading
from reconcile.submission.params import CHECK_PARAMS
from reconcile.vocabulary import Side
from reconcile.wording import Lang, say

FIELDS = ("alias", "nickname", "phone", "avatar_sha256")


class Check(StrEnum):
    """Outcome of one identity check.

    agrees: both sides state it, equally. differs: both state it, differently. not_shown: a side does not state it.
    """

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_SHOWN = "not_shown"


@dataclass(frozen=True, slots=True)
class IdentityFinding:
    """One check.

    Attributes:
        code: owner_is_peer, alias, nickname, phone, avatar_sha256, member, same_looks.
        check: outcome; `differs` is a finding, except for alias and nickname, which their owner may change.
        side: the side that states `stated` of itself (or holds the group).
        subject: account or group the check is about.
        stated: what the account's own export says; None = nothing.
        seen: what the other export says of it; None = nothing.
    """

    code: str
    check: Check
    side: Side
    subject: str
    stated: str | None = None
    seen: str | None = None

    @property
    def is_finding(self) -> bool:
        """Whether it suggests that the two exports are not both ends of one conversation."""
        return self.check is Check.DIFFERS and self.code not in ("alias", "nickname", "avatar_sha256")


def cross_check_identity(left: Reading, right: Reading) -> list[IdentityFinding]:
    """Identity checks in order: is each owner the other's peer, member, alias, phone and picture?

    A changed alias is no finding, because it can be changed once a year (the account id cannot), nor is a changed
    nickname or picture. All of them are stated. Equal names or pictures of different account ids are stated as
    `same_looks`: they prove no identity.
    """
    found: list[IdentityFinding] = []
    for side, own, other in ((Side.LEFT, left, right), (Side.RIGHT, right, left)):
        owner = owner_of(own)
        found.append(_owner_is_peer(side, owner, other))
        found += _compare_contact(side, owner, own, other)
        found += _check_membership(side, owner, own, other)
    return [*found, *_same_looks(left, right)]


def describe_identity(findings: list[IdentityFinding], lang: Lang) -> list[str]:
    """The checks in lines for a person, findings first."""
    ordered = sorted(findings, key=lambda f: (not f.is_finding, f.check is Check.NOT_SHOWN))
    lines = [_finding_line(f, lang) for f in ordered]
    return [*lines, say("submission.identity_limit", lang)]


def _finding_line(found: IdentityFinding, lang: Lang) -> str:
    """The finding as a sentence."""
    return say(
        f"submission.identity_{found.code}_{found.check}",
        lang,
        side=say(f"submission.side_{found.side}", lang),
        other=say(f"submission.side_{found.side.other}", lang),
        subject=found.subject,
        stated=found.stated or "—",
        seen=found.seen or "—",
    )


def _owner_is_peer(side: Side, owner: Owner, other: Reading) -> IdentityFinding:
    """Whether the other export shows this owner as a peer or a group member."""
    peers = _peers(other)
    subject = owner.id or owner.name or ""
    if owner.id is None or not peers:
        seen = ", ".join(sorted(peers)[:5]) or None
        return IdentityFinding("owner_is_peer", Check.NOT_SHOWN, side, subject, owner.id, seen)
    known = peers | set(other.members["member_id"].to_list())
    if owner.id in known or (owner.alias is not None and owner.alias in known):
        return IdentityFinding("owner_is_peer", Check.AGREES, side, subject, owner.id, owner.id)
    if not any(_is_account(p) for p in known):
        return IdentityFinding("owner_is_peer", Check.NOT_SHOWN, side, subject, owner.id, None)
    shown = ", ".join(sorted(p for p in peers if _is_account(p))[:5]) or None
    return IdentityFinding("owner_is_peer", Check.DIFFERS, side, subject, owner.id, shown)


def _peers(reading: Reading) -> set[str]:
    """Accounts with whom this device has direct conversations, and who write in its groups."""
    owner = owner_of(reading)
    direct = reading.messages.filter(pl.col("conversation_kind").cast(pl.String).fill_null("direct") == "direct")
    found = set(direct["conversation"].unique().to_list()) | set(
        reading.messages["sender"].drop_nulls().unique().to_list()
    )
    return {p for p in found if p} - {owner.id, owner.alias, owner.name}


def _is_account(name: str) -> bool:
    """Whether a name has the form of an account id."""
    # Account ids are ASCII; a displayed name of that form is compared as an id.
    return name.isascii() and len(name) >= CHECK_PARAMS.account_characters and " " not in name


def _compare_contact(side: Side, owner: Owner, own: Reading, other: Reading) -> list[IdentityFinding]:
    """What the owner's export states of the owner, against what the other export shows of that account."""
    if owner.id is None:
        return []
    seen = _contact_of(other, owner.id)
    stated = _contact_of(own, owner.id) | {
        k: v for k, v in (("alias", owner.alias), ("nickname", owner.name), ("phone", owner.phone), ("avatar_sha256", owner.avatar_sha256)) if v
    }  # fmt: skip
    found = []
    for name in FIELDS:
        a, b = stated.get(name), seen.get(name)
        check = (
            Check.NOT_SHOWN if a is None or b is None else Check.AGREES if _is_same_value(name, a, b) else Check.DIFFERS
        )
        found.append(IdentityFinding(name, check, side, owner.id, a, b))
    return found


def _contact_of(reading: Reading, account: str) -> dict[str, Any]:
    """The stated fields of an account among the contacts; empty if it is not there."""
    rows = reading.contacts.filter((pl.col("id") == account) | (pl.col("alias") == account))
    return {k: v for k, v in (rows.row(0, named=True) if rows.height else {}).items() if v is not None}


def _is_same_value(name: str, a: str, b: str) -> bool:
    """Whether two values agree: phones by their last 11 digits, others ignoring letter case."""
    if name == "phone":
        left, right = ("".join(c for c in p if c.isdigit())[-11:] for p in (a, b))
        return left == right
    return a.strip().casefold() == b.strip().casefold()


def _check_membership(side: Side, owner: Owner, own: Reading, other: Reading) -> list[IdentityFinding]:
    """For each group of both exports, whether the other's list of members has this owner."""
    groups = set(_groups_of(own)) & set(_groups_of(other))
    found = []
    for group in sorted(groups):
        members = set(other.members.filter(pl.col("group_id") == group)["member_id"].to_list())
        if owner.id is None or not members:
            found.append(IdentityFinding("member", Check.NOT_SHOWN, side, group, owner.id, None))
        else:
            check = Check.AGREES if owner.id in members or owner.alias in members else Check.DIFFERS
            found.append(IdentityFinding("member", check, side, group, owner.id, f"{len(members)}"))
    return found


def _groups_of(reading: Reading) -> list[str]:
    named = reading.messages.filter(pl.col("conversation_kind").cast(pl.String) == "group")["conversation"]
    return [*named.unique().to_list(), *reading.members["group_id"].unique().to_list()]


def _same_looks(left: Reading, right: Reading) -> list[IdentityFinding]:
    """Different account ids of the two exports that share a nickname or picture."""
    found = []
    for name in ("nickname", "avatar_sha256"):
        a, b = (r.contacts.filter(pl.col(name).is_not_null()).select("id", name) for r in (left, right))
        both = a.join(b, on=name, suffix="_right").filter(pl.col("id") != pl.col("id_right")).sort("id", "id_right")
        for row in both.head(20).iter_rows(named=True):
            found.append(
                IdentityFinding(
                    "same_looks", Check.NOT_SHOWN, Side.LEFT, str(row[name])[:40], row["id"], row["id_right"]
                )
            )
    return found
