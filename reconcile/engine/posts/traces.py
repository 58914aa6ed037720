"""Traces in one side's posts: tools that keep removed posts, plug-in texts, removals, odd numbers."""

from typing import Any

import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.intake.contract import PostReading
from reconcile.intake.posts.frames import PLUGIN_PREFIX
from reconcile.vocabulary import NoteCode, PostTrace, PostWitnessKind
from reconcile.wechat.moments.types import TIME_BITS

_SCHEMA: dict[str, Any] = {
    "trace": pl.String, "row": pl.UInt32, "post_id": pl.String, "comment_id": pl.String, "locator": pl.String, "excerpt": pl.String,
    "count": pl.UInt32,
}  # fmt: skip


def traces_of(reading: PostReading) -> pl.DataFrame:
    """Every trace of one side: trace, row, post_id, comment_id, locator, excerpt, count; sorted by kind."""
    found = [
        _tool_traces(reading), _plugin_posts(reading.posts), _plugin_comments(reading), _unlisted_posts(reading.posts), _removed_comments(reading),
        _numbers_against_time(reading.posts), _repeated_numbers(reading.posts),
    ]  # fmt: skip
    return pl.concat([f.select(pl.col(n).cast(t) for n, t in _SCHEMA.items()) for f in found])


def _as_traces(frame: pl.DataFrame, trace: PostTrace, **columns: pl.Expr) -> pl.DataFrame:
    """The rows as traces of this kind, with null for columns they lack."""
    have = {
        n: pl.col(n) if n in frame.columns else pl.lit(None, dtype=t)
        for n, t in _SCHEMA.items()
        if n not in ("trace", "count")
    }
    have |= columns
    return frame.select(
        pl.lit(str(trace)).alias("trace"),
        *(e.alias(n) for n, e in have.items()),
        pl.lit(1, dtype=pl.UInt32).alias("count"),
    )


def _tool_traces(reading: PostReading) -> pl.DataFrame:
    """Triggers and tables of tools, from the store's notes; plug-in texts have their own traces."""
    rows = []
    for note in reading.notes:
        low = note.excerpt.lower()
        if note.code is not NoteCode.TOOL_TRACE or not low.startswith(("trigger ", "table ")):
            continue
        keeps = low.startswith("trigger ") and "block_delete" in low
        rows.append(
            (str(PostTrace.DELETION_BLOCKED if keeps else PostTrace.TOOL_TRACE), note.locator, note.excerpt, note.count)
        )
    frame = pl.DataFrame(rows[:PARAMS.post_notes], schema=["trace", "locator", "excerpt", "count"], orient="row") if rows else pl.DataFrame(schema=_SCHEMA)  # fmt: skip
    missing = [pl.lit(None, dtype=t).alias(n) for n, t in _SCHEMA.items() if n not in frame.columns]
    return frame.with_columns(missing)


def _plugin_posts(posts: pl.DataFrame) -> pl.DataFrame:
    """Posts with the mark of a plug-in that keeps removed posts."""
    marked = posts.filter(pl.col("text").str.contains(PLUGIN_PREFIX))
    return _as_traces(marked, PostTrace.PLUGIN_TEXT, excerpt=pl.col("text").str.slice(0, 200))


def _plugin_comments(reading: PostReading) -> pl.DataFrame:
    """Comments and witnesses with the mark of a plug-in that keeps removed ones."""
    ids = reading.posts.select(pl.col("row").alias("post"), "post_id")
    said = reading.interactions.filter(pl.col("text").str.contains(PLUGIN_PREFIX))
    held = _as_traces(
        said.join(ids, on="post", how="left", maintain_order="left"), PostTrace.PLUGIN_TEXT, row=pl.col("post"),
        excerpt=pl.col("text").str.slice(0, 200),
    )  # fmt: skip
    spoken = reading.witnesses.filter(pl.col("text").str.contains(PLUGIN_PREFIX))
    return pl.concat([held, _as_traces(spoken, PostTrace.PLUGIN_TEXT, excerpt=pl.col("text").str.slice(0, 200))])


def _unlisted_posts(posts: pl.DataFrame) -> pl.DataFrame:
    return _as_traces(posts.filter("is_unlisted"), PostTrace.UNLISTED, excerpt=pl.col("text").str.slice(0, 200))


def _removed_comments(reading: PostReading) -> pl.DataFrame:
    """Comments marked as removed, from the post that holds them, or else from the notification."""
    ids = reading.posts.select(pl.col("row").alias("post"), "post_id")
    said = reading.interactions.filter("is_deleted").join(ids, on="post", how="left", maintain_order="left")
    held = _as_traces(said, PostTrace.REMOVED_COMMENT, row=pl.col("post"), excerpt=pl.col("text").str.slice(0, 200))
    spoken = reading.witnesses.filter(pl.col("witness").cast(pl.String) == str(PostWitnessKind.REMOVED_COMMENT))
    named = spoken.join(
        said.select("post_id", "comment_id"), on=["post_id", "comment_id"], how="anti", maintain_order="left"
    )
    rows = reading.posts.select("post_id", "row").drop_nulls().unique("post_id", keep="first")
    told = named.join(rows, on="post_id", how="left", maintain_order="left")
    return pl.concat([held, _as_traces(told, PostTrace.REMOVED_COMMENT, excerpt=pl.col("text").str.slice(0, 200))])


def _numbers_against_time(posts: pl.DataFrame) -> pl.DataFrame:
    """Posts with a number that carries another second than their time, apart from an unstated zone shift."""
    number = pl.col("post_id").cast(pl.UInt64, strict=False)
    carried = (number // 2**TIME_BITS).cast(pl.Int64) / 1000
    off = pl.col("sent_at").dt.epoch("us") / 1_000_000 - carried
    frame = posts.with_columns(
        off.alias("_off"), pl.col("zone_source").cast(pl.String).is_in(["assumed", "declared"]).alias("_unsure")
    )
    shift = frame.filter("_unsure")["_off"].median()
    quarter = (
        round(float(shift) / 900) * 900
        if isinstance(shift, int | float) and abs(shift) < PARAMS.post_zone_seconds
        else 0
    )
    rest = (pl.col("_off") - pl.when("_unsure").then(pl.lit(quarter)).otherwise(pl.lit(0))).abs()
    allowed = (
        pl.when(pl.col("time_precision").cast(pl.String) == "minute")
        .then(PARAMS.post_number_minute_seconds)
        .otherwise(PARAMS.post_number_seconds)
    )
    odd = frame.filter(rest > allowed)
    told = pl.format("{} s", pl.col("_off").round(0).cast(pl.Int64))
    return _as_traces(odd, PostTrace.TIME_AGAINST_ID, excerpt=told)


def _repeated_numbers(posts: pl.DataFrame) -> pl.DataFrame:
    """Numbers on several rows with different content."""
    told = posts.filter(pl.col("post_id").is_not_null()).with_columns(
        pl.struct("text", "author", "sent_at", "link_url").n_unique().over("post_id").alias("_versions")
    )
    return _as_traces(
        told.filter(pl.col("_versions") > 1), PostTrace.ID_REPEATED, excerpt=pl.col("text").str.slice(0, 200)
    )
