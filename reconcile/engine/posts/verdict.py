"""The verdict on posts, with the grades and rules of a conversation; absence alone never grades."""

import dataframely as dy
import polars as pl

from reconcile.engine.verdict import Tally, judge
from reconcile.frames import Absent, Verdicts
from reconcile.frames_posts import InteractionAlignment, PostAlignment, PostTraces
from reconcile.intake.contract import PostReading
from reconcile.intake.frames import frame_of
from reconcile.vocabulary import Relation

TITLE = "朋友圈 Moments"


def verdict_of(
    alignment: dy.DataFrame[PostAlignment],
    said: dy.DataFrame[InteractionAlignment],
    traces: dy.DataFrame[PostTraces],
    absent: dy.DataFrame[Absent],
    sides: tuple[PostReading | None, PostReading | None],
    case: str,
    conversation: str,
) -> dy.DataFrame[Verdicts]:
    """One verdict. Reasons: those of a conversation, `comment_conflict`, `trace:NAME` per kind of trace."""
    lines = alignment.with_columns(pl.col("relation", "cause").cast(pl.String))
    counts = {str(r): lines.filter(pl.col("relation") == str(r)).height for r in Relation}
    comments = said.filter(pl.col("relation").cast(pl.String) == str(Relation.CONFLICT)).height
    doubtful = lines.filter(pl.col("relation") == str(Relation.DOUBTFUL))
    one = lines.filter(pl.col("relation") == str(Relation.ONE_SIDED))
    tally = Tally(
        pairing="account" if None not in sides else "none",
        left_rows=0 if sides[0] is None else sides[0].posts.height,
        right_rows=0 if sides[1] is None else sides[1].posts.height,
        agreements=counts["agreement"],
        forms=lines.filter((pl.col("relation") == "agreement") & (pl.col("cause") == "form")).height,
        conflicts=counts["conflict"] + comments,
        doubtful=counts["doubtful"],
        doubtful_rows=doubtful.select(pl.col("left_row").count() + pl.col("right_row").count()).item(),
        left_missing=one["right_row"].count(),
        right_missing=one["left_row"].count(),
        set_aside=counts["set_aside"],
        referenced_absent=absent.height,
        causes=_causes_of(lines, Relation.ONE_SIDED),
        conflict_causes=_causes_of(lines, Relation.CONFLICT),
        set_aside_causes=_causes_of(lines, Relation.SET_ASIDE),
    )
    grade, reasons = judge(tally)
    reasons += ["comment_conflict"] if comments else []
    reasons += [f"trace:{t}" for t in sorted(set(traces["trace"].cast(pl.String)))]
    return frame_of(Verdicts, _verdict_row(tally, str(grade), reasons, alignment, sides, case, conversation))


def _causes_of(lines: pl.DataFrame, relation: Relation) -> tuple[str, ...]:
    return tuple(lines.filter(pl.col("relation") == str(relation))["cause"].drop_nulls().unique().sort())


def _verdict_row(
    tally: Tally,
    grade: str,
    reasons: list[str],
    alignment: dy.DataFrame[PostAlignment],
    sides: tuple[PostReading | None, PostReading | None],
    case: str,
    conversation: str,
) -> pl.DataFrame:
    """One row of the table of verdicts for posts."""
    held = [s for s in sides if s is not None]
    starts, ends = (
        [t for t in (getattr(s.posts["sent_at"], f)() for s in held) if t is not None] for f in ("min", "max")
    )
    skew = alignment["offset_seconds"].median()
    row = {
        "case": case, "conversation": conversation, "grade": grade, "left_conversation": None if sides[0] is None else conversation,
        "right_conversation": None if sides[1] is None else conversation, "left_title": TITLE, "right_title": TITLE,
        "conversation_kind": conversation, "pairing": tally.pairing, "left_rows": tally.left_rows, "right_rows": tally.right_rows,
        "agreements": tally.agreements, "conflicts": tally.conflicts, "doubtful": tally.doubtful, "left_missing": tally.left_missing,
        "right_missing": tally.right_missing, "set_aside": tally.set_aside, "edge_unverified": 0,
        "referenced_absent": tally.referenced_absent, "reasons": reasons, "tests_not_possible": ["posts_not_viewed"],
        "skew_seconds": None if skew is None else float(skew) + 0.0,  # type: ignore[arg-type]
    }  # fmt: skip
    when = pl.Datetime("us", "UTC")
    both = len(held) == 2 and len(starts) == 2
    return pl.DataFrame([row], infer_schema_length=None).with_columns(
        pl.lit(max(starts) if both else None, dtype=when).alias("coverage_from"),
        pl.lit(min(ends) if both else None, dtype=when).alias("coverage_to"),
        pl.col("reasons").cast(pl.List(pl.String)),
    )
