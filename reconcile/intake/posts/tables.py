"""Posts as the neutral post table, and in a few numbers: what `convert` writes and `inspect` shows."""

from typing import Any

import polars as pl

from reconcile.intake.contract import PostReading

# Columns that convert always writes; others are written only where a cell has content.
_ALWAYS = ("post_id", "author", "sent_at", "kind", "text", "post", "position", "action", "witness")
_LEFT_OUT = ("row", "locator", "sent_raw", "zone_source")


def post_tables(posts: PostReading) -> dict[str, pl.DataFrame]:
    """File part (posts, post_media, interactions, post_witnesses) -> table; empty ones are omitted.

    The tables are described in docs/en/post-table.md.
    """
    ids = posts.posts.select(pl.col("row").alias("post"), "post_id")
    tables = {
        "posts": posts.posts,
        "post_media": posts.media,
        "interactions": posts.interactions,
        "post_witnesses": posts.witnesses,
    }
    out = {}
    for name, frame in tables.items():
        if name != "posts" and frame.is_empty():
            continue
        plain = frame.join(ids, on="post", how="left", maintain_order="left") if "post" in frame.columns else frame
        out[name] = _plain_columns(plain)
    return out


def _plain_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """Times in ISO 8601 and vocabularies as text, without columns that hold nothing."""
    columns = []
    for name, dtype in frame.schema.items():
        if name in _LEFT_OUT:
            continue
        if isinstance(dtype, pl.Datetime):
            columns.append(pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%S%.f+00:00"))
        else:
            columns.append(pl.col(name).cast(pl.String) if isinstance(dtype, pl.Enum) else pl.col(name))
    out = frame.select(columns)
    return out.select(c for c in out.columns if c in _ALWAYS or out[c].null_count() < out.height)


def summary(posts: PostReading) -> dict[str, Any]:
    """Counts of one export's posts as a JSON-ready dict."""
    frame = posts.posts

    def counts(column: pl.Series) -> dict[str, int]:
        """How often each value occurs, most frequent first; null counts as ?."""
        table = (
            column.cast(pl.String)
            .fill_null("?")
            .value_counts(name="n")
            .sort("n", column.name, descending=[True, False])
        )
        return dict(table.iter_rows())

    authors = frame.select(pl.coalesce("author", "author_name").alias("author"))["author"]
    return {
        "forms": list(posts.forms),
        "rows": frame.height,
        "coverage": [None if t is None else t.isoformat() for t in (frame["sent_at"].min(), frame["sent_at"].max())],  # type: ignore[union-attr]
        "kinds": counts(frame["kind"]),
        "authors": counts(authors),
        "with_id": frame.height - frame["post_id"].null_count(),
        "private": int(frame["is_private"].sum() or 0),
        "unlisted": int(frame["is_unlisted"].sum() or 0),
        "media": posts.media.height,
        "interactions": counts(posts.interactions["action"]),
        "removed_comments": int(posts.interactions["is_deleted"].sum() or 0),
        "witnesses": counts(posts.witnesses["witness"]),
    }
