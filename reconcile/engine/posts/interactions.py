"""Aligns likes and comments of both sides, as each device saw them last.

Differences are explained by that, unless the same comment has another text.
"""

from typing import Any

import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.engine.posts.substance import judge_text
from reconcile.vocabulary import Cause, Relation

LINES = {
    "relation": pl.String, "cause": pl.String, "detail": pl.String, "left_row": pl.UInt32, "right_row": pl.UInt32, "left_post": pl.UInt32,
    "right_post": pl.UInt32,
}  # fmt: skip
_SIDES = ("left", "right")


def align_interactions(pairs: pl.DataFrame, left: pl.DataFrame | None, right: pl.DataFrame | None) -> pl.DataFrame:
    """Every like and comment once: relation, cause, detail, left_row, right_row, left_post, right_post.

    Args:
        pairs: left_row, right_row of matched posts.
        left: Interactions of the left side; None = it holds no Moments.
        right: Interactions of the right side.
    """
    held = [_with_pair(f, pairs, n) for f, n in zip((left, right), _SIDES, strict=True)]
    met = _pair_in_steps(*held)
    out = [_judge_pairs(met, held)]
    for index, name in enumerate(_SIDES):
        alone = held[index].join(
            met.select(pl.col(f"{name}_row").alias("row")), on="row", how="anti", maintain_order="left"
        )
        out.append(_set_aside_unpaired(alone, name, other_is_there=(right, left)[index] is not None))
    return pl.concat(out)


def _with_pair(said: pl.DataFrame | None, pairs: pl.DataFrame, name: str) -> pl.DataFrame:
    """The side's interactions with `pair` (null = their post is unmatched)."""
    keyed = pairs.with_row_index("pair").select("pair", pl.col(f"{name}_row").alias("post"))
    columns = {
        "row": pl.UInt32, "post": pl.UInt32, "action": pl.String, "comment_id": pl.String, "comment_id64": pl.String, "author": pl.String,
        "author_name": pl.String, "text": pl.String, "at": pl.Int64, "media_md5": pl.String, "is_deleted": pl.Boolean,
    }  # fmt: skip
    if said is None:
        return pl.DataFrame(schema={**columns, "pair": pl.UInt32, "words": pl.String})
    frame = said.with_columns(pl.col("action").cast(pl.String), pl.col("at").dt.epoch("s")).select(list(columns))
    return frame.join(keyed, on="post", how="left", maintain_order="left").with_columns(
        pl.col("text").str.strip_chars().alias("words")
    )


def _pair_in_steps(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """left_row, right_row, step: each row once, by the most reliable step first."""
    rest = [f.filter(pl.col("pair").is_not_null()) for f in (left, right)]
    found = []
    for step, keys in (
        ("id64", ["action", "comment_id64"]), ("id", ["action", "comment_id"]), ("moment", ["action", "author", "at"]),
        ("words", ["action", "author", "words"]), ("name", ["action", "author_name", "words"]),
    ):  # fmt: skip
        pairs = _pair_by_keys(rest[0], rest[1], step, keys)
        found.append(pairs)
        rest = [
            f.join(pairs.select(pl.col(f"{n}_row").alias("row")), on="row", how="anti", maintain_order="left")
            for f, n in zip(rest, _SIDES, strict=True)
        ]
    return pl.concat(found)


def _pair_by_keys(left: pl.DataFrame, right: pl.DataFrame, step: str, keys: list[str]) -> pl.DataFrame:
    """Pairs of likes and comments with equal keys, each row once, equal ones in order."""
    usable = pl.all_horizontal(pl.col(k).is_not_null() for k in keys)
    if step in ("id", "id64"):
        usable &= pl.col("action") == "comment"
    joined = left.filter(usable).join(
        right.filter(usable), on=["pair", *keys], how="inner", maintain_order="left", suffix="_r"
    )
    if step in ("id", "id64"):
        # A number alone is no proof: author and time must agree, or one of them and the text.
        who = _agrees(joined, "author")
        when = ((pl.col("at") - pl.col("at_r")).abs() <= PARAMS.comment_seconds).fill_null(value=True)
        joined = joined.filter((who & when) | ((who | when) & (pl.col("words") == pl.col("words_r"))))
    elif step == "name":
        # Names are specific to a device, so they are used only where one side states no account.
        joined = joined.filter(pl.col("author").is_null() | pl.col("author_r").is_null())
    ranked = joined.with_columns(
        pl.col("row").rank("dense").over("pair", *keys).alias("a"),
        pl.col("row_r").rank("dense").over("pair", *keys).alias("b"),
    ).filter(pl.col("a") == pl.col("b"))
    once = ranked.filter(pl.col("row").is_first_distinct()).filter(pl.col("row_r").is_first_distinct())
    return once.select(pl.col("row").alias("left_row"), pl.col("row_r").alias("right_row"), pl.lit(step).alias("step"))


def _agrees(joined: pl.DataFrame, column: str) -> pl.Expr:
    """Whether both sides state the same, or one states nothing."""
    if f"{column}_r" not in joined.columns:
        return pl.lit(value=True)
    return (pl.col(column) == pl.col(f"{column}_r")).fill_null(value=True)


def _judge_pairs(met: pl.DataFrame, held: list[pl.DataFrame]) -> pl.DataFrame:
    """Relation of each pair of likes or comments."""
    table = met
    for name, frame in zip(_SIDES, held, strict=True):
        facts = frame.select(
            pl.col("row").alias(f"{name}_row"), pl.col("post").alias(f"{name}_post"),
            *(pl.col(c).alias(f"{name}_{c}") for c in ("author", "author_name", "at", "text", "words", "media_md5", "is_deleted")),
        )  # fmt: skip
        table = table.join(facts, on=f"{name}_row", how="left", maintain_order="left")
    same = (pl.col("left_words") == pl.col("right_words")) & (
        (pl.col("left_author") == pl.col("right_author")).fill_null(value=True)
    )
    marked = (pl.col("left_is_deleted") != pl.col("right_is_deleted")).fill_null(value=False)
    equal = table.filter(same).select(
        pl.lit(str(Relation.AGREEMENT)).alias("relation"),
        pl.when(marked).then(pl.lit(str(Cause.FORM))).alias("cause"),
        pl.when(marked).then(pl.lit("removed_comment")).alias("detail"),
        "left_row", "right_row", "left_post", "right_post",
    )  # fmt: skip
    rest = table.filter(~same)
    words = [_comment_texts(frame, rest[f"{name}_post"]) for name, frame in zip(_SIDES, held, strict=True)]
    judged = [_judge_unequal(r, words) for r in rest.iter_rows(named=True)]
    return pl.concat([equal, pl.DataFrame(judged, schema=LINES, orient="row")])


def _comment_texts(said: pl.DataFrame, posts: pl.Series) -> dict[int, set[str]]:
    """The texts of all comments under each of these posts."""
    under = said.filter(pl.col("post").is_in(posts.implode())).group_by("post").agg(pl.col("words"))
    return {post: set(words) for post, words in under.iter_rows()}


def _judge_unequal(row: dict[str, Any], words: list[dict[int, set[str]]]) -> dict[str, Any]:
    """Relation of a pair whose words or authors differ."""
    out = {c: row[c] for c in ("left_row", "right_row", "left_post", "right_post")}
    authors, times = (row["left_author"], row["right_author"]), (row["left_at"], row["right_at"])
    if None not in authors and authors[0] != authors[1]:
        return out | {"relation": str(Relation.DOUBTFUL), "cause": str(Cause.SENDER_DIFFERS), "detail": "sender"}
    pictures = bool(row["left_media_md5"] or row["right_media_md5"])
    if pictures and not (row["left_words"] and row["right_words"]):
        # A sticker or picture has no text, but some exporters write one in its place.
        return out | {"relation": str(Relation.AGREEMENT), "cause": str(Cause.FORM), "detail": "placeholder"}
    differs, forms, _ = judge_text(row["left_text"], row["right_text"])
    if not differs:
        return out | {"relation": str(Relation.AGREEMENT), "cause": str(Cause.FORM), "detail": ",".join(forms)}
    # Where one format states neither account nor time, number and name decide, unless either text has another number too.
    named = row["left_author_name"] is not None and row["left_author_name"] == row["right_author_name"]
    moved = row["left_words"] in words[1][row["right_post"]] or row["right_words"] in words[0][row["left_post"]]
    told = None not in authors or None not in times or (named and not moved)
    relation = Relation.CONFLICT if told else Relation.DOUBTFUL
    cause = Cause.TEXT_DIFFERS if told else Cause.WEAK_MATCH
    return out | {"relation": str(relation), "cause": str(cause), "detail": "words"}


def _set_aside_unpaired(said: pl.DataFrame, name: str, *, other_is_there: bool) -> pl.DataFrame:
    """Likes and comments without a partner, set aside because nobody is shown all of them."""
    other = _SIDES[1 - _SIDES.index(name)]
    cause = Cause.NOT_VIEWED if other_is_there else Cause.NO_COUNTERPART
    detail = pl.when(pl.col("pair").is_null()).then(pl.lit("post_alone")).otherwise(pl.lit("last_look"))
    nothing = pl.lit(None, dtype=pl.UInt32)
    return said.select(
        pl.lit(str(Relation.SET_ASIDE)).alias("relation"),
        pl.lit(str(cause)).alias("cause"),
        detail.alias("detail"),
        pl.col("row").alias(f"{name}_row"),
        nothing.alias(f"{other}_row"),
        pl.col("post").alias(f"{name}_post"),
        nothing.alias(f"{other}_post"),
    ).select(list(LINES))
