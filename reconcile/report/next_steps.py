"""Steps that would settle the open points of a comparison: who should submit, show or explain what.

One table names the steps of each open point: a reason of the verdict, a cause of doubt, or a test that was not possible.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from reconcile.posts_as_rows import MOMENTS
from reconcile.report.model import Request
from reconcile.report.model_findings import ConversationReport
from reconcile.report.model_sides import SideFact
from reconcile.report.pieces import Phrase
from reconcile.vocabulary import Side

PAYMENTS = ("transfer", "red_packet")
# Findings, and the tests that would say more about them. All other points leave something undetermined.
FINDINGS = frozenset(
    {"conflict", "one_sided", "payment", "posts_lacking"}
    | {"second_device", "other_conversations", "numbering", "numbering_restored"}
)


class Step(NamedTuple):
    """A step (`report_sheets.ask_CODE`) and who takes it.

    no_ids: each side whose export states no message ids.
    """

    code: str
    whom: Literal["lacking", "holding", "both", "no_ids", "reviewer"]


_REVIEW = Step("review", "reviewer")
_SHOW = Step("show", "holding")
_CARRIER_BOTH = Step("carrier_both", "both")
_SECOND = Step("second_export", "lacking")
_CLOCK = Step("clock", "both")
_LONGER = Step("longer_period", "both")
_PROFILES = Step("profiles", "both")
_STATUS = Step("status", "both")
_SETTLED_BY: dict[str, tuple[Step, ...]] = {
    "conflict": (_CARRIER_BOTH,),
    "one_sided": (Step("lacking_carrier", "lacking"),),
    "payment": (Step("payment_voucher", "both"),),
    # Tests that were not possible.
    "second_device": (_SECOND,),
    "other_conversations": (Step("other_chats", "lacking"),),
    "numbering": (Step("export_numbers", "lacking"),),
    "numbering_restored": (_SECOND,),
    "senders": (_PROFILES,),
    "who_is_who": (_PROFILES,),
    "clock_at_ends": (_LONGER,),
    # Causes of doubt.
    "indistinguishable": (Step("export_ids", "no_ids"), _REVIEW),
    "weak_match": (Step("export_ids", "no_ids"), _REVIEW),
    "id_differs": (_CARRIER_BOTH,),
    "kind_not_exported": (Step("export_kinds", "lacking"),),
    "declared": (Step("whole_chat", "lacking"),),
    "repeat": (_SHOW,),
    "per_side_row": (_SHOW,),
    "recalled": (Step("recalled", "both"),),
    "membership": (Step("members", "both"),),
    "not_delivered": (_STATUS,),
    "status_differs": (_STATUS,),
    "row_contradicts": (_CARRIER_BOTH,),
    "time_differs": (_CLOCK,),
    "clock_unmeasured": (_LONGER,),
    "pairing_unclear": (_PROFILES,),
    # Reasons of a verdict.
    "content_not_stated": (Step("export_contents", "both"),),
    "clock_segment": (_CLOCK,),
    "file_unread": (Step("files_unread", "both"),),
    "edge_unverified": (Step("edges", "lacking"),),
    "selection": (Step("whole_chat", "lacking"),),
    "no_counterpart": (Step("no_counterpart", "lacking"),),
    "no_common_message": (_PROFILES,),
    "referenced_absent": (Step("referenced", "both"),),
    # Moments: a device keeps only the posts viewed on it.
    "posts_lacking": (Step("posts_lacking", "lacking"),),
    "posts_not_viewed": (Step("posts_open", "lacking"),),
    "posts_none": (Step("posts_none", "lacking"),),
}


def who(code: str, side: SideFact | None) -> Phrase:
    """Who takes a step: a side, both, or a reviewer."""
    if side is not None:
        return side.called
    return Phrase(key="report.reviewer_asked" if code == _REVIEW.code else "report.both")


class _Point(NamedTuple):
    """An open point: its code, the side that lacks the rows (None = neither), their number and period."""

    code: str
    lacking: Side | None
    rows: int
    period: tuple[str | None, str | None] = (None, None)


def requests(conversations: Iterable[ConversationReport], without_ids: tuple[Side, ...]) -> tuple[Request, ...]:
    """The steps by conversation, worst first; each step once for each side of a conversation."""
    found: list[Request] = []
    for report in conversations:
        asked: dict[tuple[str, str | None], Request] = {}
        for point in _points(report):
            for step in _SETTLED_BY.get(point.code, (_REVIEW,)):
                for whom in _sides_of_step(step, point, without_ids):
                    asked.setdefault((step.code, whom), _request_of(step, whom, point, report.number))
        found += asked.values()
    return tuple(found)


def _request_of(step: Step, whom: Side | None, point: _Point, conversation: int) -> Request:
    return Request(
        code=step.code,
        point=point.code,
        side=whom,
        conversation=conversation,
        from_at=point.period[0],
        to_at=point.period[1],
        count=point.rows,
    )


def _sides_of_step(step: Step, point: _Point, without_ids: tuple[Side, ...]) -> tuple[Side | None, ...]:
    """The sides that take the step; None = both together, or a reviewer."""
    if step.whom == "no_ids":
        return without_ids
    if point.lacking is None or step.whom in ("both", "reviewer"):
        return (None,)
    return (point.lacking if step.whom == "lacking" else point.lacking.other,)


def _points(report: ConversationReport) -> Iterator[_Point]:
    """The open points of a conversation, findings first."""
    sums, posts = report.sums, report.kind == MOMENTS
    if sums.conflicts:
        yield _Point("conflict", None, sums.conflicts, _period_of(report, "conflict", None))
    for side, count in ((Side.LEFT, sums.right_only), (Side.RIGHT, sums.left_only)):
        if count:
            yield _Point("posts_lacking" if posts else "one_sided", side, count, _period_of(report, "one_sided", side))
    if not posts:
        yield from _tests(report)
        if paid := sum(k.conflict + k.left_only + k.right_only for k in report.kinds if k.kind in PAYMENTS):
            yield _Point("payment", None, paid)
    yield from _undetermined(report, posts=posts)


def _tests(report: ConversationReport) -> Iterator[_Point]:
    """Tests that were not possible, by the side whose missing messages they concern."""
    tests = [(code, f.lacking, f.rows) for f in report.findings for code in f.tests_not_possible]
    tests += [(code, None, 0) for code in report.tests_not_possible if code not in {c for c, _, _ in tests}]
    for code, side in dict.fromkeys((code, side) for code, side, _ in tests):
        yield _Point(code, side, sum(rows for c, s, rows in tests if (c, s) == (code, side)))


def _undetermined(report: ConversationReport, *, posts: bool) -> Iterator[_Point]:
    """What the material leaves open."""
    if report.left_key is None or report.right_key is None:
        side = Side.LEFT if report.left_key is None else Side.RIGHT
        rows = report.sums.left_rows + report.sums.right_rows
        yield _Point("posts_none" if posts else "no_counterpart", side, rows)
    elif "no_common_message" in report.reasons:
        yield _Point("no_common_message", None, report.sums.left_rows + report.sums.right_rows)
    for tally in report.open_by:
        for lacking, count in ((None, tally.pairs), (Side.RIGHT, tally.left), (Side.LEFT, tally.right)):
            if count:
                yield _Point(tally.code, lacking, count)
    if posts and (unseen := {t.code: t for t in report.aside}.get("not_viewed")):
        for side, count in ((Side.RIGHT, unseen.left), (Side.LEFT, unseen.right)):
            if count:
                yield _Point("posts_not_viewed", side, count)
    counted = (
        ("content_not_stated", report.unstated),
        ("clock_segment", report.clock_changes),
        ("referenced_absent", report.referenced_absent),
        ("file_unread", int("file_unread" in report.reasons)),
    )
    for code, count in counted:
        if count:
            yield _Point(code, None, count)


def _period_of(report: ConversationReport, relation: str, lacking: Side | None) -> tuple[str | None, str | None]:
    """First and last time of the findings of one relation; `lacking` = None: whichever side lacks them."""
    chosen = [f for f in report.findings if f.relation == relation and (lacking is None or f.lacking == lacking)]
    starts = [f.from_at for f in chosen if f.from_at]
    ends = [f.to_at for f in chosen if f.to_at]
    return (min(starts, default=None), max(ends, default=None))
