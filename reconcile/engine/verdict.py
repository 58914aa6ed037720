"""Grades one conversation from its counts, by a table of small named rules, worst first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from reconcile.column_ops import collected
from reconcile.vocabulary import BOTH, ClockReading, Grade, Side


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of one conversation, from its runs, and the circumstances of its pairing."""

    pairing: str
    left_rows: int
    right_rows: int
    agreements: int = 0
    forms: int = 0
    conflicts: int = 0
    doubtful: int = 0
    doubtful_rows: int = 0
    left_missing: int = 0
    right_missing: int = 0
    set_aside: int = 0
    edge_unverified: int = 0
    unstated: int = 0
    clock_changes: int = 0
    clocks_explained: int = 0
    zone_shifts: int = 0
    referenced_absent: int = 0
    files_unread: int = 0
    causes: tuple[str, ...] = ()
    conflict_causes: tuple[str, ...] = ()
    set_aside_causes: tuple[str, ...] = ()

    @classmethod
    def of_verdict(cls, verdict: Mapping[str, Any]) -> "Tally":
        """The counts in a row of `Verdicts`, with `forms` and `doubtful_rows` if present; causes are left out."""
        stated: dict[str, Any] = {
            name: int(verdict.get(name) or 0) for name in cls.__dataclass_fields__ if name not in (*CAUSES, "pairing")
        }
        unstated = int(verdict.get("not_stated_selectively") or 0)
        segments = verdict.get("clock_segments") or ()
        clocks = {name: sum(s["reading"] in readings for s in segments) for name, readings in CLOCK_COUNTS.items()}
        unread = {"files_unread": int("file_unread" in (verdict.get("reasons") or ()))}
        return cls(verdict["pairing"], **stated | {"unstated": unstated} | clocks | unread)


# The counts of clock segments, and the readings that each counts.
CLOCK_COUNTS = {
    "clock_changes": (ClockReading.CLOCK_SET,),
    "clocks_explained": (ClockReading.CLOCK_CORRECTED, ClockReading.OWN_CLOCK),
    "zone_shifts": (ClockReading.ZONE_SHIFT,),
}
CAUSES = ("causes", "conflict_causes", "set_aside_causes")
COUNTS = ("agreements", "forms", "conflicts", "doubtful", "doubtful_rows", "left_missing", "right_missing", "set_aside", "edge_unverified", "unstated")  # fmt: skip
_OF_RUNS = ("agreements", "forms", "conflicts", "doubtful", "set_aside", "edge_unverified", "unstated")
_LACKED = {str(side): f"{side.other}_missing" for side in Side}


def tallies(nodes: pl.DataFrame) -> pl.DataFrame:
    """Pair and COUNTS: sums over the runs of each conversation among the nodes of the graph."""
    runs = nodes.lazy().filter(pl.col("pair").is_not_null() & (pl.col("rows") > 0))
    of_both = pl.col("holder") == BOTH
    counted = (
        *(pl.col(c) for c in _OF_RUNS),
        (pl.col("doubtful") * pl.when(of_both).then(2).otherwise(1)).alias("doubtful_rows"),
        *(pl.when(pl.col("holder") == side).then("one_sided").alias(lacked) for side, lacked in _LACKED.items()),
    )
    sums = runs.select("pair", *counted).group_by("pair", maintain_order=True).agg(pl.all().cast(pl.Int64).sum())
    return sums.select(pl.col("pair").cast(pl.UInt32), *COUNTS).pipe(collected)


Rule = Callable[[Tally], bool]


def has_conflict(t: Tally) -> bool:
    """Whether a message differs in substance."""
    return t.conflicts > 0


def has_one_sided(t: Tally) -> bool:
    """Whether a row inside common coverage has no partner."""
    return t.left_missing + t.right_missing > 0


def has_no_counterpart(t: Tally) -> bool:
    """Whether the other export holds no such conversation, or several that could be it."""
    return t.pairing in ("none", "unclear")


def has_no_common_range(t: Tally) -> bool:
    """Whether no message was found on both sides."""
    return t.agreements + t.conflicts == 0


def has_doubt(t: Tally) -> bool:
    """Whether a row may have a partner or an innocent reason that nothing decides."""
    return t.doubtful > 0


def has_unstated_content(t: Tally) -> bool:
    """Whether one side omits content of a message that its format states for other messages."""
    return t.unstated > 0


def has_clock_change(t: Tally) -> bool:
    """Whether a stretch of times is off the common clock without a zone or drift that explains it."""
    return t.clock_changes > 0


def has_unread_file(t: Tally) -> bool:
    """Whether a file in the folder of an export holds messages and could not be read."""
    return t.files_unread > 0


def has_explained_clock(t: Tally) -> bool:
    """Whether the owner's messages have their own clock, or a clock was corrected by some minutes."""
    return t.clocks_explained > 0


def has_explained_differences(t: Tally) -> bool:
    """Whether something differs, and all of it is set aside or a difference of form."""
    return t.set_aside + t.forms > 0


# The first rule that holds gives the grade.
RULES: tuple[tuple[Grade, str, Rule], ...] = (
    (Grade.CONFLICTING, "conflict", has_conflict),
    (Grade.ONE_SIDED, "one_sided", has_one_sided),
    (Grade.CANNOT_DETERMINE, "no_counterpart", has_no_counterpart),
    (Grade.CANNOT_DETERMINE, "no_common_message", has_no_common_range),
    (Grade.CANNOT_DETERMINE, "doubtful_rows", has_doubt),
    (Grade.CANNOT_DETERMINE, "content_not_stated", has_unstated_content),
    (Grade.CANNOT_DETERMINE, "clock_segment", has_clock_change),
    (Grade.CANNOT_DETERMINE, "file_unread", has_unread_file),
    (Grade.EXPLAINED_DIFFERENCES, "clock_explained", has_explained_clock),
    (Grade.EXPLAINED_DIFFERENCES, "explained", has_explained_differences),
)


def judge(t: Tally) -> tuple[Grade, list[str]]:
    """Grade and reasons of one conversation; no reasons means that nothing speaks against it.

    Every rule that holds is a reason, not only the one that gave the grade. Then follow stretches in another time zone,
    unverified edges, messages that neither side holds, and the causes as `cause:NAME`.
    """
    held = [(grade, name) for grade, name, rule in RULES if rule(t)]
    grade = held[0][0] if held else Grade.NO_GAP_FOUND
    reasons = [name for _, name in held]
    if t.pairing == "unclear":
        reasons.append("pairing_unclear")
    if t.pairing == "content":
        reasons.append("paired_by_content")
    if t.zone_shifts:
        reasons.append("zone_shift")
    if t.edge_unverified:
        reasons.append("edge_unverified")
    if t.referenced_absent:
        reasons.append("referenced_absent")
    reasons += [f"cause:{c}" for c in (*t.conflict_causes, *t.causes, *t.set_aside_causes)]
    return grade, reasons


def judged(table: pl.DataFrame) -> pl.DataFrame:
    """Grade and reasons of every row of a table with a column for each field of `Tally`, in order.

    Rules only ask whether a count is above zero. So one conversation of each combination is judged, and the result is
    used for all others like it.
    """
    signs = [pl.col(c) > 0 for c in (*COUNTS, *CLOCK_COUNTS, "referenced_absent", "files_unread")]
    said = [pl.col(c).list.join("\x1f") for c in CAUSES]
    looks = table.select("pairing", *signs, *said)
    kinds = looks.with_row_index("first").unique(looks.columns, keep="first", maintain_order=True)
    found = [
        judge(Tally(**t | {c: tuple(t[c] or ()) for c in CAUSES}))
        for t in table[kinds["first"]][[*Tally.__dataclass_fields__]].to_dicts()
    ]
    told = kinds.drop("first").with_columns(
        pl.Series("grade", [str(grade) for grade, _ in found], pl.String),
        pl.Series("reasons", [reasons for _, reasons in found], pl.List(pl.String)),
    )
    every = looks.join(told, on=looks.columns, how="left", nulls_equal=True, maintain_order="left")
    return every[["grade", "reasons"]]
