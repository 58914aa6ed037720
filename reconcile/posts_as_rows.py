"""Shows posts as rows of one more conversation, `moments`, in reports, review page and triage.

The result tables stay separate (docs/en/post-table.md); here they are only put side by side. A post's row number is
the side's number of messages plus its own; differing comments follow all posts. Nothing is judged here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from reconcile.frames import Alignment, Findings, Irregularities
from reconcile.intake.frames import frame_of
from reconcile.parquet import plain
from reconcile.vocabulary import RESERVED, Relation, Side

MOMENTS = RESERVED
"""The conversation under which posts stand in verdicts and lists."""
COMMENT = "comment"
"""The kind of a row that is a comment; all others have the kind of their post."""
LINE_FILES = ("posts_alignment", "interactions_alignment")
ROW_FILES = ("posts", "post_media", "interactions")

_LINE = ("relation", "cause", "detail", "left_row", "right_row", "left_locator", "right_locator")
_NULL = pl.lit(None, dtype=pl.String)


@dataclass(frozen=True)
class PostTables:
    """The frames of a comparison's posts; as in PostFindings, but enums may be text."""

    alignment: pl.DataFrame
    interactions_alignment: pl.DataFrame
    posts: pl.DataFrame
    media: pl.DataFrame
    interactions: pl.DataFrame


def with_posts_as_rows(findings: Findings) -> Findings:
    """The findings with posts and differing comments among messages, alignment and irregularities.

    Unchanged where no side holds Moments, or where they are already included. `messages` then has `post_row` (row in
    Posts or Interactions; null = a message), and `kind` and `conversation_kind` as text.
    """
    held = findings.posts
    if held is None or held.alignment.is_empty() or "post_row" in findings.messages.columns:
        return findings
    tables = PostTables(held.alignment, held.interactions_alignment, held.posts, held.media, held.interactions)
    base = row_bases(findings.alignment.lazy())
    lines = pl.concat([findings.alignment, frame_of(Alignment, post_lines(tables, base))])
    messages = pl.concat([plain(findings.messages), post_messages(tables, base)], how="diagonal_relaxed")
    odd = findings.irregularities
    shift = pl.col("side").cast(pl.String).replace_strict(base, return_dtype=pl.UInt32)
    is_post = pl.col("conversation") == MOMENTS
    shifted = odd.with_columns(pl.when(is_post).then(pl.col("row") + shift).otherwise("row").alias("row"))
    return replace(
        findings,
        alignment=frame_of(Alignment, lines),
        messages=messages,
        irregularities=frame_of(Irregularities, shifted),
    )


def row_bases(alignment: pl.LazyFrame) -> dict[str, int]:
    """The row number of each side's first post, which follows its messages, by side."""
    highest = alignment.select(pl.col(f"{s}_row").max() for s in Side).collect().row(0)
    return {str(side): 0 if top is None else int(top) + 1 for side, top in zip(Side, highest, strict=True)}


def post_lines(tables: PostTables, base: dict[str, int]) -> pl.DataFrame:
    """Alignment lines under the conversation `moments`: every post, then every differing comment."""
    posts = tables.alignment.with_columns(_shift_numbers(f"{side}_row", base[side]) for side in map(str, Side))
    said = _conflicting_interactions(tables).with_columns(
        _shift_numbers(f"{side}_row", base[side] + _height_of(tables.posts, side)) for side in map(str, Side)
    )
    for side in map(str, Side):
        places = _rows_of(tables.interactions, side).select(
            (pl.col("row") + base[side] + _height_of(tables.posts, side)).cast(pl.UInt32).alias(f"{side}_row"),
            pl.col("locator").alias(f"{side}_locator"),
        )
        said = said.join(places, on=f"{side}_row", how="left", maintain_order="left")
    comments = said.select(
        "case",
        pl.lit(MOMENTS).alias("conversation"),
        *_LINE,
        pl.lit(0.99).alias("confidence"),
        pl.lit("comment_id").alias("method"),
    )
    return pl.concat([_alignment_columns(posts), _alignment_columns(comments)], how="diagonal_relaxed")


def post_messages(tables: PostTables, base: dict[str, int]) -> pl.DataFrame:
    """Posts as rows like messages; `file_name` names link, place and media in one line."""
    owners = _owner_names_by_account(tables.posts)
    parts = []
    for side in map(str, Side):
        posts = _rows_of(tables.posts, side)
        parts.append(_post_rows(posts, _media_lines(_rows_of(tables.media, side)), base[side], owners))
        rows = _conflicting_interactions(tables)[f"{side}_row"].drop_nulls()
        said = _rows_of(tables.interactions, side).filter(pl.col("row").is_in(rows.implode()))
        parts.append(_comment_rows(said, posts, side, base[side] + posts.height, owners))
    return pl.concat(parts, how="diagonal_relaxed")


def media_line() -> pl.Expr:
    """Pixels, bytes, seconds and md5 that a body states of a picture or clip, in one line."""
    size = pl.when(pl.col("width").is_not_null()).then(pl.format("{}×{}", "width", "height"))
    weight = pl.when(pl.col("size") > 0).then(pl.format("{} B", "size"))
    seconds = pl.when(pl.col("duration") > 0).then(pl.format("{} s", "duration"))
    digest = pl.when(pl.col("md5").is_not_null()).then(pl.format("md5 {}", "md5"))
    return pl.concat_str([size, weight, seconds, digest], separator=" ", ignore_nulls=True)


def _post_rows(posts: pl.DataFrame, media: pl.DataFrame, base: int, owners: dict[str, str]) -> pl.DataFrame:
    """The posts of one side as rows like messages; their numbers start at `base`."""
    beside = [pl.col(name) for name in ("link_title", "link_url", "place", "_media")]
    summary = pl.concat_str([pl.when(c != "").then(c) for c in beside], separator=" ｜ ", ignore_nulls=True)
    return posts.join(media, left_on="row", right_on="post", how="left", maintain_order="left").select(
        pl.col("side").cast(pl.String),
        (pl.col("row") + base).cast(pl.UInt32).alias("row"),
        "locator",
        *_fixed_columns(),
        "sent_at",
        "sent_raw",
        pl.col("time_precision", "zone_source", "text_quality").cast(pl.String),
        "text",
        pl.col("author").alias("sender"),
        pl.col("author_name").alias("sender_name"),
        "is_self",
        _party_column(owners),
        pl.col("post_id").alias("message_id"),
        pl.col("kind").cast(pl.String).fill_null("other"),
        pl.when(summary != "").then(summary).alias("file_name"),
        pl.col("link_url").alias("url"),
        "raw",
        pl.col("row").alias("post_row"),
    )


def _comment_rows(
    said: pl.DataFrame, posts: pl.DataFrame, side: str, base: int, owners: dict[str, str]
) -> pl.DataFrame:
    """Comments as rows like messages, with the post that they belong to as the quoted text."""
    under = posts.select(
        pl.col("row").alias("post"), pl.col("text").alias("_under"), "zone_source", "post_id", pl.col("author").alias("_of")
    )  # fmt: skip
    return said.join(under, on="post", how="left", maintain_order="left").select(
        pl.lit(side).alias("side"),
        (pl.col("row") + base).cast(pl.UInt32).alias("row"),
        "locator",
        *_fixed_columns(),
        pl.col("at").alias("sent_at"),
        pl.lit("second").alias("time_precision"),
        pl.col("zone_source").cast(pl.String),
        "text",
        pl.col("author").alias("sender"),
        pl.col("author_name").alias("sender_name"),
        _party_column(owners),
        pl.col("post_id").alias("message_id"),
        pl.lit(COMMENT).alias("kind"),
        pl.col("row").alias("post_row"),
        pl.col("_under").alias("quoted_text"),
    )


def _media_lines(media: pl.DataFrame) -> pl.DataFrame:
    """post, _media: how many, and what is stated of the first."""
    return media.group_by("post", maintain_order=True).agg(
        pl.format("{} × {}", pl.len(), pl.col("kind").cast(pl.String).first()).alias("_media")
    )


def _party_column(owners: dict[str, str]) -> pl.Expr:
    """The sender's party; the owner's own account has the name that the comparison of chats gives it."""
    return pl.col("author").replace(owners).alias("party")


def _owner_names_by_account(posts: pl.DataFrame) -> dict[str, str]:
    """The owner's account of each side -> the name that the comparison of chats gives the owner."""
    own = posts.filter(pl.col("is_self") & pl.col("author").is_not_null()).select("side", "author").unique()
    return {str(author): f"{side} owner" for side, author in own.sort("side", descending=True).iter_rows()}


def _fixed_columns() -> Iterable[pl.Expr]:
    """Conversation and kind of conversation, the same for all posts."""
    return pl.lit(MOMENTS).alias("conversation"), pl.lit(MOMENTS).alias("conversation_kind")


def _conflicting_interactions(tables: PostTables) -> pl.DataFrame:
    return tables.interactions_alignment.filter(pl.col("relation").cast(pl.String) == str(Relation.CONFLICT))


def _shift_numbers(column: str, by: int) -> pl.Expr:
    return (pl.col(column) + by).cast(pl.UInt32)


def _rows_of(frame: pl.DataFrame, side: str) -> pl.DataFrame:
    """The rows of one side."""
    return frame.filter(pl.col("side").cast(pl.String) == side)


def _height_of(posts: pl.DataFrame, side: str) -> int:
    return _rows_of(posts, side).height


def _alignment_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of Alignment, null where the frame lacks one."""
    columns = ("case", "conversation", *_LINE, "confidence", "similarity", "offset_seconds", "method")
    there = [pl.col(c) if c in frame.columns else _NULL.cast(pl.Float64).alias(c) for c in columns]
    return frame.select(there).with_columns(pl.col("relation", "cause").cast(pl.String))
