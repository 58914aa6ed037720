"""Pairs articles of official accounts (pushes, cards in chats, shared posts) by `__biz`, `mid`, `idx`.

A device keeps title, digest and address of an article, never its text. An article on one side only proves nothing: a
person may not follow the account, may clear its chat, or read elsewhere. A dead link proves nothing either, and a title
may be edited after publishing.
"""

import dataframely as dy
import orjson
import polars as pl

from reconcile.frames_posts import ArticlePairs, Articles
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of
from reconcile.vocabulary import ArticlePlace, Cause, Relation
from reconcile.wechat.articles import HOST, article_columns, from_field
from reconcile.wechat.clock import from_unix

_KEY = ["biz", "mid", "idx"]
_ACCOUNT = r"^gh_[0-9a-z]{6,32}$"


def articles_of(left: Reading, right: Reading) -> dy.DataFrame[Articles]:
    """Every article card of both sides, left side first; on each side messages come before posts."""
    parts = []
    for side, reading in (("left", left), ("right", right)):
        parts += [
            f.with_columns(pl.lit(side).alias("side"))
            for f in (_cards_in_messages(reading), *_items_in_pushes(reading), _articles_in_posts(reading))
            if f.height
        ]
    if not parts:
        return frame_of(Articles)
    frame = pl.concat(parts, how="diagonal_relaxed")
    known = pl.all_horizontal(pl.col(c).is_not_null() for c in _KEY)
    return frame_of(Articles, frame.filter(known))


def _key_columns() -> list[pl.Expr]:
    """The ids that identify an article, read from its address."""
    return [e.alias(n.removeprefix("article_")) for n, e in article_columns(pl.col("url")).items()]


def _cards_in_messages(reading: Reading) -> pl.DataFrame:
    """Cards in chats, without pushes, whose items `_items_in_pushes` lists."""
    if reading.messages["url"].null_count() == reading.messages.height:
        return reading.messages.clear()
    cards = reading.messages.filter(
        pl.col("url").str.contains(HOST, literal=True)
        & ~pl.col("raw").str.contains('"articles":', literal=True).fill_null(value=False)
    )
    if cards.is_empty():
        return cards
    push = pl.col("conversation").str.contains(_ACCOUNT)
    return cards.select(
        pl.when(push).then(pl.lit(str(ArticlePlace.PUSH))).otherwise(pl.lit(str(ArticlePlace.CHAT))).alias("place"),
        "locator", "conversation", "row", pl.col("text").alias("title"), pl.col("raw").str.json_path_match("$.des").alias("digest"), "url",
        pl.coalesce(pl.col("raw").str.json_path_match("$.sourceusername"), pl.when(push).then("conversation")).alias("account"),
        *_key_columns(),
    )  # fmt: skip


def _items_in_pushes(reading: Reading) -> list[pl.DataFrame]:
    """Articles that an account pushed, from the fields of its messages."""
    if reading.messages["raw"].null_count() == reading.messages.height:
        return []
    pushes = reading.messages.filter(pl.col("raw").str.contains('"articles":', literal=True))
    rows = []
    for row, locator, conversation, raw in pushes.select("row", "locator", "conversation", "raw").iter_rows():
        fields = orjson.loads(raw)
        account = fields.get("publisher") or conversation
        rows += [
            (
                str(ArticlePlace.PUSH),
                locator,
                conversation,
                row,
                i.title,
                i.digest,
                i.url,
                account,
                i.published,
                i.is_removed,
            )
            for i in from_field(fields.get("articles") or "")
        ]
    names = ("place", "locator", "conversation", "row", "title", "digest", "url", "account", "published", "is_removed")
    types = {**dict.fromkeys(names, pl.String), "row": pl.UInt32, "published": pl.Int64, "is_removed": pl.Boolean}
    frame = pl.DataFrame(rows, schema=types, orient="row")
    return (
        [frame.with_columns(from_unix(pl.col("published"), "s").alias("published_at"), *_key_columns())] if rows else []
    )


def _articles_in_posts(reading: Reading) -> pl.DataFrame:
    """Articles linked in posts."""
    if reading.posts is None:
        return pl.DataFrame(schema={"place": pl.String, **dict.fromkeys(_KEY, pl.String)})
    return reading.posts.posts.filter(pl.col("article_biz").is_not_null()).select(
        pl.lit(str(ArticlePlace.MOMENTS)).alias("place"), "locator", "row", pl.col("link_title").alias("title"),
        pl.col("link_description").alias("digest"), pl.col("link_url").alias("url"), pl.coalesce("source_account", "source_name").alias("account"),
        *(pl.col(f"article_{c}").alias(c) for c in _KEY),
    )  # fmt: skip


def pair_articles(articles: dy.DataFrame[Articles], case: str) -> dy.DataFrame[ArticlePairs]:
    """One row per article, sorted by key: on which sides and where, and whether its titles differ."""
    if articles.is_empty():
        return frame_of(ArticlePairs)

    def side_columns(side: str) -> list[pl.Expr]:
        """Number of the side's cards, and the places where they stand."""
        mine = pl.col("side").cast(pl.String) == side
        places = pl.col("place").cast(pl.String).filter(mine).unique().sort()
        return [
            mine.sum().alias(f"{side}_cards"),
            pl.when(mine.any()).then(places.implode().list.join(",").first()).alias(f"{side}_places"),
        ]

    titles = pl.col("title").str.strip_chars()
    frame = articles.group_by(_KEY).agg(
        titles.filter(titles != "").drop_nulls().sort().first().alias("title"),
        titles.filter(titles != "").drop_nulls().n_unique().alias("titles"),
        pl.col("account").drop_nulls().sort().first().alias("account"),
        *side_columns("left"), *side_columns("right"),
    ).sort(_KEY)  # fmt: skip
    both = (pl.col("left_cards") > 0) & (pl.col("right_cards") > 0)
    return frame_of(ArticlePairs, frame.with_columns(
        pl.lit(case).alias("case"),
        pl.when(both).then(pl.lit(str(Relation.AGREEMENT))).otherwise(pl.lit(str(Relation.SET_ASIDE))).alias("relation"),
        pl.when(~both).then(pl.lit(str(Cause.NOT_VIEWED))).when(pl.col("titles") > 1).then(pl.lit(str(Cause.FORM))).alias("cause"),
        pl.when(pl.col("titles") > 1).then(pl.lit("title")).alias("detail"),
    ))  # fmt: skip
