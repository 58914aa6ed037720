"""Details of printed posts besides their text: link, place, pictures, likes and comments."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from reconcile.frames import Findings, PostFindings
from reconcile.posts_as_rows import COMMENT, media_line
from reconcile.report.cells import RawRow, local_time
from reconcile.report.counts import LEFT, RIGHT
from reconcile.report.difference import Spans, differing_spans, segments
from reconcile.report.masking import Masker
from reconcile.report.pieces import Segment
from reconcile.report.posts_model import PostField, PostPart, PostSaid
from reconcile.report.visible import show_line
from reconcile.settings import ReportLimits
from reconcile.vocabulary import Interaction

_FIELDS = ("link_title", "link_description", "link_url", "source_name", "place", "address", "city")
_FLAGS = ("is_private", "is_unlisted")
_UNDER = 80
_MOST = 2_000
Wanted = dict[str, dict[int, RawRow]]
Pair = tuple[PostPart | None, PostPart | None]


class PostParts:
    """The details of printed posts; `rows` are the raw rows fetched for printing, by side and row."""

    def __init__(self, findings: Findings, rows: Wanted, masker: Masker, limits: ReportLimits, zone: str) -> None:
        self._masker, self._limits, self._zone = masker, limits, zone
        held = findings.posts
        self._facts: dict[str, dict[int, dict[str, Any]]] = {LEFT: {}, RIGHT: {}}
        self._media: dict[str, dict[int, list[tuple[str, str]]]] = {LEFT: {}, RIGHT: {}}
        self._said: dict[str, dict[int, list[dict[str, Any]]]] = {LEFT: {}, RIGHT: {}}
        self._witness: dict[str, dict[int, tuple[str, str]]] = {LEFT: {}, RIGHT: {}}
        if held is None:
            return
        for side in (LEFT, RIGHT):
            wanted = sorted(
                r["post_row"] for r in rows[side].values() if r.get("post_row") is not None and r["kind"] != COMMENT
            )
            if wanted:
                self._fetch_posts(held, side, wanted)

    def pair(self, left: RawRow | None, right: RawRow | None, *, marked: bool) -> Pair:
        """The details for both cells of a line; with `marked`, their differences are marked."""
        fields = [self._post_fields(side, row) for side, row in ((LEFT, left), (RIGHT, right))]
        drawn = (
            _mark_differing_fields(*fields) if marked and left and right else tuple(_unmarked_fields(f) for f in fields)
        )
        parts = [
            self._post_part(side, row, f) for side, row, f in zip((LEFT, RIGHT), (left, right), drawn, strict=True)
        ]
        return parts[0], parts[1]

    def _fetch_posts(self, held: PostFindings, side: str, wanted: list[int]) -> None:
        """Loads details, media, likes, comments and referring records of the wanted posts."""
        rows = pl.Series(wanted, dtype=pl.UInt32).implode()
        own = pl.col("side").cast(pl.String) == side
        posts = held.posts.filter(own & pl.col("row").is_in(rows))
        self._facts[side] = {r["row"]: r for r in posts.select("row", *_FIELDS, *_FLAGS).iter_rows(named=True)}
        media = held.media.filter(own & pl.col("post").is_in(rows)).sort("post", "position")
        lines = media.select("post", pl.col("kind").cast(pl.String), media_line().alias("line"), "path")
        for post, kind, line, path in lines.iter_rows():
            self._media[side].setdefault(post, []).append((kind, " ".join(v for v in (line, path) if v)))
        said = held.interactions.filter(own & pl.col("post").is_in(rows)).with_columns(pl.col("action").cast(pl.String))
        for row in said.iter_rows(named=True):
            self._said[side].setdefault(row["post"], []).append(row)
        witnessed = held.alignment.filter(pl.col(f"{side}_row").is_in(rows) & pl.col("witness_locator").is_not_null())
        for row, detail, place in witnessed.select(f"{side}_row", "detail", "witness_locator").iter_rows():
            self._witness[side][row] = (str(detail or "").split(",")[0], place)

    def _post_fields(self, side: str, row: RawRow | None) -> list[tuple[str, str]]:
        """Name and masked text of every compared detail of a post; empty for other rows."""
        if not _is_post(row):
            return []
        assert row is not None
        facts = self._facts[side].get(row["post_row"], {})
        found = [(name, self._masker.text(str(facts[name]))) for name in _FIELDS if facts.get(name)]
        return found + self._media[side].get(row["post_row"], [])

    def _post_part(self, side: str, row: RawRow | None, fields: tuple[PostField, ...]) -> PostPart | None:
        """The printed details of a row; None for a message."""
        if row is None or row.get("post_row") is None:
            return None
        if row["kind"] == COMMENT:
            under = self._masker.text(row.get("quoted_text") or "")
            return PostPart(under=show_line(under[:_UNDER] + ("…" if len(under) > _UNDER else "")))
        number = row["post_row"]
        facts, said = self._facts[side].get(number, {}), self._said[side].get(number, [])
        likes = [self._shown_name(s) for s in said if s["action"] == Interaction.LIKE]
        comments = [s for s in said if s["action"] != Interaction.LIKE]
        names = {s["comment_id"]: self._shown_name(s) for s in comments if s["comment_id"]}
        witness, place = self._witness[side].get(number, (None, None))
        most = self._limits.said_rows
        return PostPart(
            fields=fields,
            flags=tuple(flag for flag in _FLAGS if facts.get(flag)),
            likes=tuple(likes[:most]),
            likes_found=len(likes),
            comments=tuple(self._comment_part(s, names) for s in comments[:most]),
            comments_found=len(comments),
            witness=witness,
            witness_locator=self._masker.shown_place(place) if place else None,
        )

    def _comment_part(self, said: dict[str, Any], names: dict[str, str]) -> PostSaid:
        """A comment as printed; `names` has the author of each comment that may be answered."""
        answered = said["reply_name"] or names.get(said["reply_to"] or "") or said["reply_author"]
        picture = f"[md5 {said['media_md5']}]" if said["media_md5"] and not said["text"] else ""
        words = self._masker.text(said["text"])
        most = self._limits.text_characters
        return PostSaid(
            action=said["action"],
            at=local_time(said["at"], self._zone),
            who=self._shown_name(said),
            text=show_line(words[:most] + ("…" if len(words) > most else "")) or picture,
            reply_to=self._masker.shown_name(answered),
            is_removed=bool(said["is_deleted"]),
        )

    def _shown_name(self, said: dict[str, Any]) -> str:
        return self._masker.shown_name(said["author_name"] or said["author"]) or "—"


def summary(part: PostPart | None) -> str:
    """Link, place and pictures in one line, for lists without room for more."""
    if part is None:
        return ""
    return " ｜ ".join("".join(s.text for s in f.text) for f in part.fields if f.code not in ("city", "address"))


def _is_post(row: RawRow | None) -> bool:
    """Whether the row is a post itself, and not a comment."""
    return row is not None and row.get("post_row") is not None and row["kind"] != COMMENT


def _unmarked_fields(fields: Iterable[tuple[str, str]]) -> tuple[PostField, ...]:
    return tuple(PostField(code=code, text=_text_segments(text, [])) for code, text in fields)


def _mark_differing_fields(
    left: list[tuple[str, str]], right: list[tuple[str, str]]
) -> tuple[tuple[PostField, ...], tuple[PostField, ...]]:
    """The fields of both copies, compared by name in order; a field that the other lacks is marked whole."""
    keys = [_number_fields(left), _number_fields(right)]
    out: tuple[list[PostField], list[PostField]] = ([], [])
    for own, other, target in ((keys[0], keys[1], out[0]), (keys[1], keys[0], out[1])):
        for key, text in own.items():
            spans = differing_spans(text, other[key])[0] if key in other else [(0, len(text))]
            target.append(PostField(code=key[0], text=_text_segments(text, spans)))
    return tuple(out[0]), tuple(out[1])


def _number_fields(fields: list[tuple[str, str]]) -> dict[tuple[str, int], str]:
    """The texts by name and number of occurrence, since a post may have several pictures."""
    seen: dict[str, int] = {}
    out = {}
    for code, text in fields:
        seen[code] = seen.get(code, 0) + 1
        out[code, seen[code]] = text
    return out


def _text_segments(text: str, spans: Spans) -> tuple[Segment, ...]:
    return segments(text, spans, _MOST)[0]
