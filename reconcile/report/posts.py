"""The report's part on Moments: contents of each side, interactions, traces, articles, favourites."""

from typing import Any

import polars as pl

from reconcile.frames import Findings, PostFindings
from reconcile.posts_as_rows import MOMENTS
from reconcile.report.cells import local_time
from reconcile.report.masking import Masker
from reconcile.report.pieces import Tally
from reconcile.report.posts_model import ArticleRow, FavouriteRow, PostCount, PostsReport, TraceRow
from reconcile.report.visible import show_line, visible_line
from reconcile.settings import ReportLimits
from reconcile.vocabulary import Relation, Side

_SHOWN_TEXT = 200


def posts_report(
    findings: Findings, order: list[str], masker: Masker, limits: ReportLimits, zone: str
) -> PostsReport | None:
    """Counts and lists; None where no side holds Moments, articles or favourites.

    Order of the lists: traces by kind and side; articles that differ or are on one side only first; favourites with a missing
    message first. Each has its full number, and is cut at the limits.
    """
    held = findings.posts
    if held is None:
        return None
    numbers = {key: n for n, key in enumerate(order, 1)}
    maker = _PostsMaker(held, numbers, masker, zone, limits.post_rows)
    return PostsReport(
        number=numbers.get(MOMENTS),
        counts=tuple(maker.count(side) for side in Side) if "row" in held.posts.columns else (),
        interactions=maker.interactions(),
        traces=maker.traces(),
        traces_found=int(held.traces["count"].sum()),
        traces_by_kind=maker.traces_by_kind(),
        articles=maker.articles(),
        articles_found=held.article_pairs.height,
        articles_both=held.article_pairs.filter(pl.col("relation").cast(pl.String) == str(Relation.AGREEMENT)).height,
        favourites=maker.favourites(),
        favourites_found=held.favourites.height,
        favourites_witness=held.favourites.filter(_MISSING).height,
    )


# Favourites of messages that their own side's chats lack.
_MISSING = (
    pl.when(pl.col("side").cast(pl.String) == "left").then(pl.col("left_row")).otherwise(pl.col("right_row")).is_null()
)


class _PostsMaker:
    """Makes the rows, with the zone, the masking and the length limit of one report."""

    def __init__(self, held: PostFindings, numbers: dict[str, int], masker: Masker, zone: str, most: int) -> None:
        self._held, self._numbers, self._masker, self._zone, self._most = held, numbers, masker, zone, most

    def count(self, side: Side) -> PostCount:
        """Numbers of posts, media, likes and comments that one side has."""
        own = pl.col("side").cast(pl.String) == str(side)
        posts, said = self._held.posts.filter(own), self._held.interactions.filter(own)
        action = said["action"].cast(pl.String)
        return PostCount(
            side=side,
            posts=posts.height,
            own=posts.filter(pl.col("is_self")).height,
            media=self._held.media.filter(own).height,
            likes=int((action == "like").sum()),
            comments=int((action == "comment").sum()),
            removed_comments=said.filter(pl.col("is_deleted")).height,
            witnesses=self._held.witnesses.filter(own).height,
            first_at=local_time(posts["sent_at"].min(), self._zone),  # type: ignore[arg-type]
            last_at=local_time(posts["sent_at"].max(), self._zone),  # type: ignore[arg-type]
        )

    def interactions(self) -> tuple[Tally, ...]:
        """Likes and comments by their relation."""
        lines = self._held.interactions_alignment.with_columns(pl.col("relation").cast(pl.String).alias("code"))
        left, right = pl.col("left_row").is_not_null(), pl.col("right_row").is_not_null()
        table = lines.group_by("code").agg(
            (left & ~right).sum().alias("left"),
            (right & ~left).sum().alias("right"),
            (left & right).sum().alias("pairs"),
        )
        rows = {r["code"]: Tally(**r) for r in table.iter_rows(named=True)}
        return tuple(rows[str(r)] for r in Relation if str(r) in rows)

    def traces(self) -> tuple[TraceRow, ...]:
        """Traces, those of the whole store first."""
        listed = self._held.traces.with_columns(pl.col("trace", "side").cast(pl.String)).head(self._most)
        return tuple(
            TraceRow(
                side=Side(t["side"]),
                trace=t["trace"],
                locator=self._masker.shown_place(t["locator"]),
                post_id=visible_line(t["post_id"]),
                excerpt=self._masker.shown_text(t["excerpt"], _SHOWN_TEXT),
                count=t["count"],
            )
            for t in listed.iter_rows(named=True)
        )

    def traces_by_kind(self) -> tuple[Tally, ...]:
        """How many traces of each kind each side has."""
        n, side = pl.col("count"), pl.col("side").cast(pl.String)
        table = (
            self._held.traces.group_by(pl.col("trace").cast(pl.String).alias("code"), maintain_order=True)
            .agg(n.filter(side == "left").sum().alias("left"), n.filter(side == "right").sum().alias("right"))
            .sort("code")
        )
        return tuple(Tally(**row) for row in table.iter_rows(named=True))

    def articles(self) -> tuple[ArticleRow, ...]:
        """Articles: those with different titles first, then those of one side."""
        pairs = self._held.article_pairs.with_columns(pl.col("relation").cast(pl.String)).sort(
            pl.col("detail").is_null(), pl.col("relation") == "agreement", maintain_order=True
        )
        removed = self._held.articles.filter(pl.col("is_removed")).select("biz", "mid", "idx").unique()
        gone = set(removed.iter_rows())
        return tuple(self._article_row(a, gone) for a in pairs.head(self._most).iter_rows(named=True))

    def favourites(self) -> tuple[FavouriteRow, ...]:
        """Favourites, those with a message missing from their own side's chats first."""
        listed = self._held.favourites.sort(~_MISSING, maintain_order=True).head(self._most)
        return tuple(
            FavouriteRow(
                side=Side(f["side"]),
                locator=self._masker.shown_place(f["locator"]),
                conversation=self._numbers.get(f["conversation"] or ""),
                at=local_time(f["sent_at"], self._zone),
                sender=self._masker.shown_name(f["sender"]),
                kind=f["kind"],
                text=self._masker.shown_text(f["text"], _SHOWN_TEXT),
                message_id=visible_line(f["message_id"]),
                left_held=f["left_row"] is not None,
                right_held=f["right_row"] is not None,
            )
            for f in listed.with_columns(pl.col("side").cast(pl.String)).iter_rows(named=True)
        )

    def _article_row(self, row: dict[str, Any], gone: set[tuple[str, ...]]) -> ArticleRow:
        """An article as printed; `gone` has those that their account has removed."""
        triple = (row["biz"], row["mid"], row["idx"])
        return ArticleRow(
            triple=show_line("/".join(triple)),
            title=self._masker.shown_text(row["title"], _SHOWN_TEXT) or None,
            account=self._masker.shown_name(row["account"]),
            relation=row["relation"],
            title_differs=bool(row["detail"]),
            left_places=_split_codes(row["left_places"]),
            right_places=_split_codes(row["right_places"]),
            is_removed=triple in gone,
        )


def _split_codes(joined: str | None) -> tuple[str, ...]:
    """The codes of a comma-joined text; () for None."""
    return tuple(c for c in (joined or "").split(",") if c)
