"""compare_posts(): compares the posts of both sides, from two PostReadings to PostFindings."""

from dataclasses import replace

import dataframely as dy
import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.mirror import mirror_frame
from reconcile.engine.params import PARAMS
from reconcile.engine.posts.articles import articles_of, pair_articles
from reconcile.engine.posts.favourites import favourites_of
from reconcile.engine.posts.interactions import align_interactions
from reconcile.engine.posts.match import Matched, match_posts, no_pairs
from reconcile.engine.posts.one_sided import absent_posts, judge_alone
from reconcile.engine.posts.substance import judge_posts
from reconcile.engine.posts.traces import traces_of
from reconcile.engine.posts.verdict import verdict_of
from reconcile.frames import Absent, Findings, Irregularities, PostFindings, Verdicts
from reconcile.frames_posts import Articles, Favourites, InteractionAlignment, PostAlignment, PostTraces
from reconcile.intake.contract import PostReading, Reading
from reconcile.intake.frames import frame_of
from reconcile.posts_as_rows import MOMENTS
from reconcile.vocabulary import Cause, PostTrace, Relation, Side

_SIDES = ("left", "right")
_SWAPPED = (
    "alignment",
    "interactions_alignment",
    "traces",
    "absent",
    "articles",
    "article_pairs",
    "favourites",
    "verdict",
)
_HELD = ("posts", "media", "interactions", "witnesses")


def with_posts(findings: Findings, left: Reading, right: Reading, case: str) -> Findings:
    """The findings plus those on posts, articles and favourites, if either side holds any.

    The verdict on posts has the conversation `moments`.
    """
    posts = compare_posts(left, right, case)
    kept = favourites_of(left, right, findings.messages, case)
    if posts is None and kept.is_empty():
        return findings
    posts = replace(posts or _findings_of_articles(frame_of(Articles), case), favourites=kept)
    odd = _irregular_posts(posts)
    return replace(
        findings,
        posts=posts,
        # No frame_of: it would make the empty key of an export that is one conversation null, which says that it has none.
        verdicts=Verdicts.cast(pl.concat([findings.verdicts, posts.verdict]).sort("conversation")),
        absent=frame_of(Absent, pl.concat([findings.absent, posts.absent])),
        irregularities=frame_of(Irregularities, pl.concat([findings.irregularities, odd])),
    )


def compare_posts(left: Reading, right: Reading, case: str) -> PostFindings | None:
    """What the posts and articles of two exports show; None where neither holds any.

    Swapping the sides changes only their names.
    """
    if left.posts is None and right.posts is None:
        return _articles_only(left, right, case)
    if not _stands_first(left.posts, right.posts):
        return _mirrored(_compare_in_order(right, left, case))
    return _compare_in_order(left, right, case)


def _compare_in_order(left: Reading, right: Reading, case: str) -> PostFindings:
    """Findings on posts, with the sides as given."""
    sides = (left.posts, right.posts)
    held = {n: p for n, p in zip(_SIDES, sides, strict=True) if p is not None}
    if left.posts is not None and right.posts is not None:
        matched = match_posts(left.posts.posts, right.posts.posts)
        judged = judge_posts(matched.pairs, left.posts, right.posts)
    else:
        matched, judged = _no_matches(), None
    alignment = _alignment(matched, judged, sides, case)
    met = (matched.pairs if judged is None else judged).select("left_row", "right_row")
    said = align_interactions(met, *(None if p is None else p.interactions for p in sides))
    traces = [traces_of(p).with_columns(pl.lit(n).alias("side")) for n, p in held.items()]
    absent = absent_posts(held, case, MOMENTS)
    alignment = _with_contradicted_numbers(alignment, traces)
    articles = articles_of(left, right)
    interactions = frame_of(InteractionAlignment, said.with_columns(pl.lit(case).alias("case")))
    frame = frame_of(PostTraces, pl.concat(traces, how="vertical_relaxed").with_columns(pl.lit(case).alias("case")))
    return PostFindings(
        alignment=alignment,
        interactions_alignment=interactions,
        traces=frame,
        absent=absent,
        articles=articles,
        article_pairs=pair_articles(articles, case),
        favourites=frame_of(Favourites),
        verdict=verdict_of(alignment, interactions, frame, absent, sides, case, MOMENTS),
        posts=_both_sides(held, "posts"),
        media=_both_sides(held, "media"),
        interactions=_both_sides(held, "interactions"),
        witnesses=_both_sides(held, "witnesses"),
    )


def _alignment(
    matched: Matched, judged: pl.DataFrame | None, sides: tuple[PostReading | None, PostReading | None], case: str
) -> dy.DataFrame[PostAlignment]:
    """Pairs, repeats, unsure rows and unmatched rows: every post once, in order of time."""
    lines = [] if judged is None else [judged.with_columns(pl.lit(PARAMS.post_confidence).alias("confidence"))]
    for index, name in enumerate(_SIDES):
        reading = sides[index]
        if reading is None:
            continue
        taken = [] if judged is None else [judged[f"{name}_row"]]
        for part, relation, cause, confidence in (
            (matched.repeats, Relation.SET_ASIDE, Cause.REPEAT, PARAMS.post_confidence),
            (matched.unsure, Relation.DOUBTFUL, Cause.INDISTINGUISHABLE, PARAMS.post_doubt_confidence),
        ):
            rows = part.filter(pl.col("side") == name)["row"]
            taken.append(rows)
            lines.append(
                pl.DataFrame({f"{name}_row": rows}).with_columns(
                    pl.lit(str(relation)).alias("relation"),
                    pl.lit(str(cause)).alias("cause"),
                    pl.lit(confidence).alias("confidence"),
                )
            )
        gone = pl.concat(taken) if taken else pl.Series([], dtype=pl.UInt32)
        alone = reading.posts.filter(~pl.col("row").is_in(listed(gone)))
        lines.append(judge_alone(alone, sides[1 - index]).rename({"row": f"{name}_row"}))
    frame = pl.concat(lines, how="diagonal_relaxed")
    for name, reading in zip(_SIDES, sides, strict=True):
        frame = _with_locators(frame, name, reading)
    placed = frame.with_columns(
        pl.lit(case).alias("case"),
        pl.lit(MOMENTS).alias("conversation"),
        pl.coalesce("left_post_id", "right_post_id").alias("post_id"),
        pl.min_horizontal("left_at", "right_at").alias("_at"),
    )
    if judged is None:
        placed = placed.with_columns(pl.lit(None, dtype=pl.String).alias("method"))
    return frame_of(PostAlignment, placed.sort("_at", "post_id", "left_row", "right_row", nulls_last=True))


def _with_locators(frame: pl.DataFrame, name: str, reading: PostReading | None) -> pl.DataFrame:
    """Add the side's locator, post id and time; null where it has no posts."""
    row = f"{name}_row"
    if row not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.UInt32).alias(row))
    if reading is None:
        none = pl.lit(None, dtype=pl.String)
        return frame.with_columns(
            none.alias(f"{name}_locator"),
            none.alias(f"{name}_post_id"),
            pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias(f"{name}_at"),
        )
    facts = reading.posts.select(
        pl.col("row").alias(row), pl.col("locator").alias(f"{name}_locator"), pl.col("post_id").alias(f"{name}_post_id"),
        pl.col("sent_at").alias(f"{name}_at"),
    )  # fmt: skip
    return frame.join(facts, on=row, how="left", maintain_order="left")


def _with_contradicted_numbers(
    alignment: dy.DataFrame[PostAlignment], traces: list[pl.DataFrame]
) -> dy.DataFrame[PostAlignment]:
    """The alignment; `detail` also names posts with a number that contradicts their time."""
    odd = [t.filter(pl.col("trace") == str(PostTrace.TIME_AGAINST_ID)).select("side", "row") for t in traces]
    told = pl.lit(value=False)
    for frame in odd:
        for side, rows in frame.group_by("side"):
            told = told | pl.col(f"{side[0]}_row").is_in(listed(rows["row"])).fill_null(value=False)
    code = pl.when(told).then(pl.lit(str(PostTrace.TIME_AGAINST_ID)))
    detail = pl.concat_str([pl.when(pl.col("detail") != "").then("detail"), code], separator=",", ignore_nulls=True)
    return frame_of(PostAlignment, alignment.with_columns(detail.alias("detail")))


def _no_matches() -> Matched:
    rows = pl.DataFrame(schema={"side": pl.String, "row": pl.UInt32})
    return Matched(no_pairs(), rows, rows)


def _both_sides(held: dict[str, PostReading], name: str) -> pl.DataFrame:
    """One frame of both sides' readings, with the column side."""
    parts: list[pl.DataFrame] = [
        getattr(r, name).select(pl.lit(side).cast(pl.Enum(Side)).alias("side"), pl.all()) for side, r in held.items()
    ]
    return pl.concat(parts)


def _stands_first(left: PostReading | None, right: PostReading | None) -> bool:
    return _mark(left) <= _mark(right)


def _mark(reading: PostReading | None) -> tuple[int, ...]:
    """A value that depends only on the posts, used to choose one order of sides."""
    if reading is None:
        return (-1,)
    posts = reading.posts.select(
        pl.len(), (pl.struct("post_id", "text", "sent_raw", "author").hash(seed=5) // 2**20).sum().alias("h")
    ).row(0)
    said = reading.interactions.select((pl.struct("text", "at", "author").hash(seed=6) // 2**20).sum()).item()
    return (*(int(v or 0) for v in posts), int(said or 0), reading.witnesses.height)


def _mirrored(found: PostFindings) -> PostFindings:
    """The findings with left for right."""
    frames = {n: mirror_frame(getattr(found, n)) for n in _SWAPPED}
    held = {n: mirror_frame(getattr(found, n)).sort("side", maintain_order=True) for n in _HELD}
    return PostFindings(**frames, **held)  # type: ignore[arg-type]


def _irregular_posts(posts: PostFindings) -> pl.DataFrame:
    """Posts with a repeated number, or a time against it, as irregular rows."""
    odd = posts.traces.with_columns(pl.col("trace").cast(pl.String)).filter(
        pl.col("trace").is_in([str(PostTrace.TIME_AGAINST_ID), str(PostTrace.ID_REPEATED)])
    )
    return odd.select(
        "case", pl.lit(MOMENTS).alias("conversation"), "side", "row", "locator", pl.col("trace").alias("reason")
    )


def _articles_only(left: Reading, right: Reading, case: str) -> PostFindings | None:
    """The articles where neither side holds Moments: only cards in chats and pushes."""
    articles = articles_of(left, right)
    return None if articles.is_empty() else _findings_of_articles(articles, case)


def _findings_of_articles(articles: dy.DataFrame[Articles], case: str) -> PostFindings:
    """Findings with articles only, everything else empty."""
    nothing = pl.DataFrame(schema={"side": pl.Enum(Side)})
    return PostFindings(
        alignment=frame_of(PostAlignment),
        interactions_alignment=frame_of(InteractionAlignment),
        traces=frame_of(PostTraces),
        absent=frame_of(Absent),
        articles=articles,
        article_pairs=pair_articles(articles, case),
        favourites=frame_of(Favourites),
        verdict=frame_of(Verdicts),
        posts=nothing,
        media=nothing,
        interactions=nothing,
        witnesses=nothing,
    )
