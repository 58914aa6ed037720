"""The sheets around the findings: submission checklist, factors of article 93."""

from collections.abc import Iterable
from typing import Literal

from reconcile.report.model import CheckRow, Factor
from reconcile.report.model_findings import ConversationReport
from reconcile.report.model_sides import SideFact
from reconcile.report.pieces import Phrase

# Rows of the checklist: code, and required or conditional. Facts shown by an export are filled in; the rest is to be completed.
ITEMS: tuple[tuple[str, Literal["R", "C"]], ...] = (
    ("case_data", "R"),
    ("carrier", "R"),
    ("login", "R"),
    ("own_profile", "R"),
    ("peer_profile", "R"),
    ("accounts", "R"),
    ("person", "C"),
    ("whole_record", "R"),
    ("other_side", "R"),
    ("migration", "C"),
    ("text", "R"),
    ("image", "C"),
    ("voice", "C"),
    ("video", "C"),
    ("link", "C"),
    ("payment", "C"),
    ("group", "C"),
    ("hashes", "R"),
    ("log", "R"),
    ("declarations", "R"),
    ("lawful_origin", "R"),
    ("evidence_row", "R"),
    ("abroad", "C"),
    ("deadlines", "R"),
)
_KINDS = {
    "image": ("image",),
    "voice": ("voice",),
    "video": ("video",),
    "link": ("link",),
    "payment": ("transfer", "red_packet"),
}


def checklist(left: SideFact, right: SideFact, kinds: dict[str, dict[str, int]]) -> tuple[CheckRow, ...]:
    """Every item with what each export itself shows; `kinds` counts rows by side and kind."""
    return tuple(
        CheckRow(item=item, needed=needed, left=_shown_fact(item, left, kinds), right=_shown_fact(item, right, kinds))
        for item, needed in ITEMS
    )


def _shown_fact(item: str, side: SideFact, kinds: dict[str, dict[str, int]]) -> Phrase | None:
    """What an export itself shows for an item of the checklist; None = to be completed."""
    counts = kinds.get(side.side.value, {})
    owner = side.owner
    device = " · ".join(v for v in (side.device, side.os, side.app_version) if v)
    account = " · ".join(v for v in (owner.name, owner.alias, owner.id, owner.phone) if v)
    span: dict[str, str | int] = {"a": side.first_at or "—", "b": side.last_at or "—", "n": side.rows}
    rows = sum(counts.get(kind, 0) for kind in _KINDS.get(item, ()))
    shown = {
        "carrier": _check_phrase("stated", text=device) if device else None,
        "own_profile": _check_phrase("stated", text=account) if account else None,
        "peer_profile": _check_phrase("contacts", n=side.persons_found) if side.persons_found else None,
        "whole_record": _check_phrase("filtered" if side.filters else "span", **span),
        "hashes": _check_phrase("hashed", n=side.files_found),
        "declarations": _check_phrase("declared", n=len(side.declared)) if side.declared else None,
    }
    return shown.get(item) or (_check_phrase("rows", n=rows) if rows else None)


def _check_phrase(key: str, **values: str | int) -> Phrase:
    return Phrase(key=f"report_sheets.check_{key}", values=values)


def factors(left: SideFact, right: SideFact, conversations: Iterable[ConversationReport]) -> tuple[Factor, ...]:
    """The seven factors with what can be observed in the material; the rest is a fixed text."""
    sides = (left, right)
    odd = sum(c.odd_found for c in conversations)
    system = tuple(
        _factor_phrase(1, "device", side=s.called, text=" · ".join(v for v in (s.device, s.os, s.app_version) if v))
        for s in sides
        if s.device or s.os or s.app_version
    ) or (_factor_phrase(1, "no_device"),)
    tools = tuple(_factor_phrase(4, "tool", side=s.called, tool=s.made_by, n=s.rows) for s in sides)
    notes = tuple(_factor_phrase(3, "notes", side=s.called, n=sum(n.count for n in s.notes)) for s in sides)
    filters = tuple(_factor_phrase(4, "filters", side=s.called, n=len(s.filters)) for s in sides if s.filters)
    spans = tuple(
        _factor_phrase(5, "span", side=s.called, a=s.first_at or "—", b=s.last_at or "—", n=s.conversations)
        for s in sides
    )
    return (
        Factor(number=1, observed=system),
        Factor(number=2, observed=(_factor_phrase(2, "odd", n=odd),)),
        Factor(number=3, observed=(_factor_phrase(3, "hashes", n=sum(s.files_found for s in sides)), *notes)),
        Factor(number=4, observed=tools + filters),
        Factor(number=5, observed=spans),
        Factor(number=6, observed=tuple(_factor_phrase(6, "owner", side=s.called, text=_owner_text(s)) for s in sides)),
        Factor(number=7, observed=(_factor_phrase(7, "declared", n=sum(len(s.declared) for s in sides)),)),
    )


def _factor_phrase(number: int, key: str, **values: str | int | Phrase) -> Phrase:
    return Phrase(key=f"report_sheets.factor_{number}_{key}", values=values)


def _owner_text(side: SideFact) -> str:
    owner = side.owner
    return " · ".join(v for v in (owner.name, owner.alias, owner.id) if v) or "—"
