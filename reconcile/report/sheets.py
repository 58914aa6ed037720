"""The sheets around the findings: submission checklist, factors of article 93, further requests."""

from collections.abc import Callable, Iterable
from typing import Literal

from reconcile.posts_as_rows import MOMENTS
from reconcile.report.model import CheckRow, Factor, Request
from reconcile.report.model_findings import ConversationReport
from reconcile.report.model_sides import SideFact
from reconcile.report.pieces import Phrase
from reconcile.vocabulary import Side

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
        CheckRow(item=item, needed=needed, left=_shown(item, left, kinds), right=_shown(item, right, kinds))
        for item, needed in ITEMS
    )


def _shown(item: str, side: SideFact, kinds: dict[str, dict[str, int]]) -> Phrase | None:
    counts = kinds.get(side.side.value, {})
    owner = side.owner
    device = " · ".join(v for v in (side.device, side.os, side.app_version) if v)
    account = " · ".join(v for v in (owner.name, owner.alias, owner.id, owner.phone) if v)
    span: dict[str, str | int] = {"a": side.first_at or "—", "b": side.last_at or "—", "n": side.rows}
    rows = sum(counts.get(kind, 0) for kind in _KINDS.get(item, ()))
    shown = {
        "carrier": _phrase("stated", text=device) if device else None,
        "own_profile": _phrase("stated", text=account) if account else None,
        "peer_profile": _phrase("contacts", n=side.persons_found) if side.persons_found else None,
        "whole_record": _phrase("filtered" if side.filters else "span", **span),
        "hashes": _phrase("hashed", n=side.files_found),
        "declarations": _phrase("declared", n=len(side.declared)) if side.declared else None,
    }
    return shown.get(item) or (_phrase("rows", n=rows) if rows else None)


def _phrase(key: str, **values: str | int) -> Phrase:
    return Phrase(key=f"report_sheets.check_{key}", values=values)


def factors(left: SideFact, right: SideFact, conversations: Iterable[ConversationReport]) -> tuple[Factor, ...]:
    """The seven factors with what can be observed in the material; the rest is a fixed text."""
    sides = (left, right)
    odd = sum(c.odd_found for c in conversations)
    system = tuple(
        _factor(1, "device", side=s.called, text=" · ".join(v for v in (s.device, s.os, s.app_version) if v))
        for s in sides
        if s.device or s.os or s.app_version
    ) or (_factor(1, "no_device"),)
    tools = tuple(_factor(4, "tool", side=s.called, tool=s.made_by, n=s.rows) for s in sides)
    notes = tuple(_factor(3, "notes", side=s.called, n=sum(n.count for n in s.notes)) for s in sides)
    filters = tuple(_factor(4, "filters", side=s.called, n=len(s.filters)) for s in sides if s.filters)
    spans = tuple(
        _factor(5, "span", side=s.called, a=s.first_at or "—", b=s.last_at or "—", n=s.conversations) for s in sides
    )
    return (
        Factor(number=1, observed=system),
        Factor(number=2, observed=(_factor(2, "odd", n=odd),)),
        Factor(number=3, observed=(_factor(3, "hashes", n=sum(s.files_found for s in sides)), *notes)),
        Factor(number=4, observed=tools + filters),
        Factor(number=5, observed=spans),
        Factor(number=6, observed=tuple(_factor(6, "owner", side=s.called, text=_owner(s)) for s in sides)),
        Factor(number=7, observed=(_factor(7, "declared", n=sum(len(s.declared) for s in sides)),)),
    )


def _factor(number: int, key: str, **values: str | int | Phrase) -> Phrase:
    return Phrase(key=f"report_sheets.factor_{number}_{key}", values=values)


def _owner(side: SideFact) -> str:
    owner = side.owner
    return " · ".join(v for v in (owner.name, owner.alias, owner.id) if v) or "—"


def requests(conversations: Iterable[ConversationReport]) -> tuple[Request, ...]:
    """What to ask for, by conversation, worst first; each request once per side."""
    found: list[Request] = []
    for report in conversations:
        found += _for_conversation(report)
    return tuple(found)


def _for_conversation(report: ConversationReport) -> Iterable[Request]:
    sums, number = report.sums, report.number

    def ask(code: str, side: Side | None, count: int, at: tuple[str | None, str | None] = (None, None)) -> Request:
        return Request(code=code, side=side, conversation=number, from_at=at[0], to_at=at[1], count=count)

    if sums.conflicts:
        yield ask("carrier_both", None, sums.conflicts, _span(report, "conflict", None))
    if report.kind == MOMENTS:
        yield from _for_posts(report, ask)
        return
    for side, lacking in ((Side.LEFT, sums.right_only), (Side.RIGHT, sums.left_only)):
        if lacking:
            yield ask("lacking_carrier", side, lacking, _span(report, "one_sided", side))
            yield ask("lacking_second_export", side, lacking)
            yield ask("other_chats", side, lacking)
    if _has_payment(report):
        yield ask("payment_voucher", None, _has_payment(report))
    if report.edge_unverified:
        yield ask("edges", None, report.edge_unverified)
    if report.left_key is None or report.right_key is None:
        yield ask(
            "no_counterpart", Side.LEFT if report.left_key is None else Side.RIGHT, sums.left_rows + sums.right_rows
        )
    if report.absent_found:
        yield ask("referenced", None, report.absent_found)
    if sums.doubtful_pairs + sums.left_doubtful + sums.right_doubtful:
        yield ask("review", None, sums.doubtful_pairs + sums.left_doubtful + sums.right_doubtful)


Ask = Callable[..., Request]


def _for_posts(report: ConversationReport, ask: Ask) -> Iterable[Request]:
    """Requests for Moments: mostly to open posts and export again, as a device keeps only viewed ones."""
    sums = report.sums
    not_viewed = {t.code: t for t in report.aside}.get("not_viewed")
    for side, lacking in ((Side.LEFT, sums.right_only), (Side.RIGHT, sums.left_only)):
        if lacking:
            yield ask("posts_lacking", side, lacking, _span(report, "one_sided", side))
        unseen = getattr(not_viewed, str(side.other), 0) if not_viewed else 0
        if unseen:
            yield ask("posts_open", side, unseen)
    if report.left_key is None or report.right_key is None:
        yield ask("posts_none", Side.LEFT if report.left_key is None else Side.RIGHT, sums.left_rows + sums.right_rows)
    if report.absent_found:
        yield ask("referenced", None, report.absent_found)
    if sums.doubtful_pairs + sums.left_doubtful + sums.right_doubtful:
        yield ask("review", None, sums.doubtful_pairs + sums.left_doubtful + sums.right_doubtful)


def _span(report: ConversationReport, relation: str, lacking: Side | None) -> tuple[str | None, str | None]:
    chosen = [f for f in report.findings if f.relation == relation and (lacking is None or f.lacking == lacking)]
    starts = [f.from_at for f in chosen if f.from_at]
    ends = [f.to_at for f in chosen if f.to_at]
    return (min(starts, default=None), max(ends, default=None))


def _has_payment(report: ConversationReport) -> int:
    return sum(k.conflict + k.left_only + k.right_only for k in report.kinds if k.kind in ("transfer", "red_packet"))
