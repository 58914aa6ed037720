"""The case at a glance: its sides, conversations and findings as the page lists them."""

from bisect import bisect_left, bisect_right

import polars as pl

from reconcile.custody.decisions import Decision, DecisionLog
from reconcile.review.page import plain
from reconcile.review.rejudge import Rejudge
from reconcile.review.store import CaseFolder, Row
from reconcile.review.view import ZONE, party_of, shown_sender
from reconcile.vocabulary import Side

MAX_CHOICES = 500
VERDICT_COLUMNS = (
    "grade",
    "left_title",
    "right_title",
    "conversation_kind",
    "pairing",
    "left_rows",
    "right_rows",
    "agreements",
    "conflicts",
    "doubtful",
    "left_missing",
    "right_missing",
    "set_aside",
    "edge_unverified",
    "referenced_absent",
    "reasons",
    "tests_not_possible",
    "skew_seconds",
    "coverage_from",
    "coverage_to",
)


def case_overview(case: CaseFolder, rejudge: Rejudge, log: DecisionLog, standing: tuple[Decision, ...]) -> Row:
    """The data with which the page starts."""
    anew = rejudge.verdicts(standing)
    return {
        "case": case.title,
        "accounts": case.accounts,
        "called": case.owners,
        "zone": ZONE,
        "has_messages": case.has_messages,
        "conversations": [
            _conversation_row(n, case.name_of(v), v, a)
            for n, (v, a) in enumerate(zip(case.verdicts, anew, strict=True))
        ],
        "log": {
            "entries": len(log.entries),
            "torn": len(log.torn_lines),
            "broken_at": log.broken_at,
            "head": log.head,
            "other_run": sum(d.basis != case.basis for d in log.entries if d.action == "judge"),
        },
    }


def _conversation_row(index: int, name: str, verdict: Row, anew: Row | None) -> Row:
    """One conversation of the list: name, verdict as found and as judged anew."""
    stated = {name: plain(verdict[name]) for name in VERDICT_COLUMNS}
    return {"index": index, "name": name, "anew": anew, **stated}


def findings_page(runs: pl.DataFrame, judged: pl.Series) -> list[Row]:
    """These findings, each with how many of its lines are judged."""
    numbers = judged.to_list()
    rows = []
    for run in runs.iter_rows(named=True):
        done = bisect_right(numbers, run["last"]) - bisect_left(numbers, run["first"])
        rows.append({name: plain(value) for name, value in run.items()} | {"judged": done})
    return rows


def choices(lines: pl.DataFrame) -> Row:
    """What occurs in a conversation: causes, kinds, senders, days, and whether any row states an amount."""
    return {
        "lines": lines.height,
        "relation": _count_values(lines, pl.col("relation").cast(pl.String)),
        "cause": _count_values(lines, pl.col("cause").cast(pl.String)),
        "kind": _count_values(lines, pl.coalesce("left_kind", "right_kind").cast(pl.String)),
        "sender": _senders(lines),
        "has_amount": _has_amount(lines),
        "days": _first_and_last_day(lines),
    }


def _count_values(lines: pl.DataFrame, value: pl.Expr) -> list[Row]:
    """Each value with the number of lines, most frequent first, at most MAX_CHOICES."""
    counted = lines.lazy().select(value.alias("code")).drop_nulls().group_by("code").len("count")
    return counted.sort(["count", "code"], descending=[True, False]).head(MAX_CHOICES).collect().to_dicts()


def _senders(lines: pl.DataFrame) -> list[Row]:
    """Each party with the names that both devices show for it."""
    code = pl.coalesce(*(party_of(side) for side in Side))
    names = pl.concat_list(shown_sender(side) for side in Side)
    counted = lines.lazy().select(code.alias("code"), names.alias("names")).drop_nulls("code")
    grouped = counted.group_by("code").agg(pl.len().alias("count"), pl.col("names").explode().unique().drop_nulls())
    shown = grouped.sort(["count", "code"], descending=[True, False]).head(MAX_CHOICES)
    return shown.with_columns(pl.col("names").list.sort().list.head(3)).collect().to_dicts()


def _has_amount(lines: pl.DataFrame) -> bool:
    return lines["left_amount"].null_count() + lines["right_amount"].null_count() < 2 * lines.height


def _first_and_last_day(lines: pl.DataFrame) -> list[str | None]:
    """The first and the last day in `ZONE`; None without times."""
    at = pl.coalesce("left_at", "right_at").dt.convert_time_zone(ZONE).dt.date()
    first, last = lines.select(at.min().alias("first"), at.max().alias("last")).row(0)
    return [str(first) if first else None, str(last) if last else None]
