"""Builds the frames of a PostReading from post bodies: rows, times, articles, likes, comments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import polars as pl

from reconcile.frames_posts import Interactions, PostMedia, Posts, PostWitnesses
from reconcile.intake.contract import Note, PostReading, remarks
from reconcile.intake.frames import frame_of, notes_of
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode, PostWitnessKind, TimePrecision, ZoneSource
from reconcile.wechat.articles import article_columns
from reconcile.wechat.clock import from_unix
from reconcile.wechat.moments.types import InteractionBody, MediaBody, PostBody

# What plug-ins put before an author's words (WechatMagician MessageUtil.kt, strings.xml; wechat-moments 3a).
PLUGIN_PREFIX = r"^\s*(?:\[已删除\]|\[Deleted\])\s?"
# The post table's own files (docs/en/post-table.md): NAME.posts.csv and its companions.
TABLE_NAME = lazy_pattern(r"(?i)\.(posts|post_media|interactions|post_witnesses)\.(?:csv|jsonl|ndjson|parquet)$")
_PLAIN = (
    "post_id", "author", "author_name", "text", "is_private", "latitude", "longitude", "city", "place", "address", "link_title",
    "link_description", "link_url", "source_account", "source_name", "like_count", "comment_count",
)  # fmt: skip
_MORE = (
    "locator", "kind", "text_quality", "created", "sent_raw", "is_unlisted", "media_count", "raw", "codes",
)  # fmt: skip
_TYPES: dict[str, Any] = {
    "is_private": pl.Boolean, "latitude": pl.Float64, "longitude": pl.Float64, "like_count": pl.Int64, "comment_count": pl.Int64,
}  # fmt: skip
_MEDIA = ("media_id", "md5", "live_md5", "size", "width", "height", "duration", "url", "thumb", "path")
_MEDIA_TYPES: dict[str, Any] = {"size": pl.Int64, "width": pl.Int64, "height": pl.Int64, "duration": pl.Float64}
_SAID = (
    "author", "author_name", "text", "at", "comment_id", "comment_id64", "reply_to", "reply_author", "reply_name", "is_deleted",
    "media_md5",
)  # fmt: skip
_SAID_TYPES: dict[str, Any] = {"at": pl.Int64, "is_deleted": pl.Boolean}


@dataclass(slots=True)
class PostRows:
    """Posts of one store as they are read, one after the other.

    Attributes:
        names: account -> name as this device shows it, where the body names nobody.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    witnesses: list[dict[str, Any]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    covers: int = 0
    _posts: dict[str, list[Any]] = field(default_factory=lambda: {n: [] for n in (*_PLAIN, *_MORE)})
    _media: dict[str, list[Any]] = field(default_factory=lambda: {n: [] for n in ("post", "position", "kind", *_MEDIA)})
    _said: dict[str, list[Any]] = field(default_factory=lambda: {n: [] for n in ("post", "action", "locator", *_SAID)})

    def add(
        self,
        body: PostBody,
        locator: str,
        *,
        raw: Mapping[str, Any] | None = None,
        is_unlisted: bool | None = None,
        time_text: str | None = None,
    ) -> int | None:
        """Takes one post and gives its row; None for a profile's cover, which is counted.

        `raw`: further fields of the row. `time_text`: the time as the form writes it, unless it is a number.
        """
        if body.is_cover:
            self.covers += 1
            return None
        posts, row = self._posts, len(self._posts["locator"])
        for name in _PLAIN:
            posts[name].append(getattr(body, name))
        fields = {**body.fields, **(raw or {})}
        posts["locator"].append(locator)
        posts["kind"].append(None if body.kind is None else str(body.kind))
        posts["text_quality"].append(None if body.text_quality is None else str(body.text_quality))
        posts["created"].append(body.created)
        posts["sent_raw"].append(time_text or (None if body.created is None else str(body.created)))
        posts["is_unlisted"].append(is_unlisted)
        posts["media_count"].append(None if body.media is None else len(body.media))
        posts["raw"].append(orjson.dumps(fields, default=str).decode() if fields else None)
        posts["codes"].append([str(c) for c in body.notes])
        for position, media in enumerate(body.media or ()):
            self.add_media(row, position, media)
        for number, said in enumerate(body.interactions):
            self.add_interaction(row, said, f"{locator}/{said.action}/{number}")
        return row

    def add_media(self, row: int, position: int, media: MediaBody) -> None:
        """Takes one picture or clip of a post already added."""
        held = self._media
        held["post"].append(row)
        held["position"].append(position)
        held["kind"].append(str(media.kind))
        for name in _MEDIA:
            held[name].append(getattr(media, name))

    def add_interaction(self, row: int, said: InteractionBody, locator: str) -> None:
        """Takes one like or comment of a post already added."""
        held = self._said
        held["post"].append(row)
        held["action"].append(str(said.action))
        held["locator"].append(locator)
        for name in _SAID:
            held[name].append(getattr(said, name))

    def reading(self, form: str, *, times: pl.DataFrame | None = None) -> PostReading:
        """The frames. `times`: sent_at, time_precision and zone_source a post, if the form has text times."""
        posts = self._post_frame(times)
        notes = [*self.notes, *_body_notes(posts), *self._removals(posts)]
        notes += remarks(NoteCode.ROW_SKIPPED, form, "profile cover", self.covers)
        said = _typed_frame(self._said, _SAID_TYPES).with_columns(from_unix(pl.col("at"), "s"))
        named = said.with_columns(_author_name(self.names)).with_row_index("row")
        return PostReading(
            posts=frame_of(Posts, posts),
            media=frame_of(PostMedia, _typed_frame(self._media, _MEDIA_TYPES)),
            interactions=frame_of(Interactions, named),
            witnesses=frame_of(PostWitnesses, _witness_frame(self.witnesses)),
            forms=(form,),
            notes=tuple(notes),
        )

    def _removals(self, posts: pl.DataFrame) -> list[Note]:
        """Marks of removal, as notes: posts listed nowhere any more, removed comments."""
        said = _typed_frame(self._said, _SAID_TYPES)
        speaking = _witness_frame(self.witnesses).filter(pl.col("witness") == str(PostWitnessKind.REMOVED_COMMENT))
        return [
            *notes_of(NoteCode.DELETION_RECORD, posts.filter(pl.col("is_unlisted")), excerpt="post_id"),
            *notes_of(NoteCode.DELETION_RECORD, said.filter(pl.col("is_deleted")), excerpt="text"),
            *notes_of(NoteCode.DELETION_RECORD, speaking, excerpt="text"),
        ]

    def _post_frame(self, times: pl.DataFrame | None) -> pl.DataFrame:
        """The collected posts with times, shown names and columns of articles."""
        types = {
            **_TYPES,
            "created": pl.Int64,
            "media_count": pl.UInt32,
            "is_unlisted": pl.Boolean,
            "codes": pl.List(pl.String),
        }
        posts = _typed_frame(self._posts, types)
        posts = posts.hstack(times) if times is not None else _with_times(posts)
        return posts.with_row_index("row").with_columns(
            _author_name(self.names),
            *(e.alias(n) for n, e in article_columns(pl.col("link_url")).items()),
        )


def witness(kind: str, locator: str, **columns: Any) -> dict[str, Any]:
    """One row of PostWitnesses; `at` in unix seconds."""
    return {"witness": kind, "locator": locator, **columns}


def _witness_frame(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Witnesses of posts with their times."""
    names = ("witness", "locator", "post_id", "list_of", "author", "actor", "action", "comment_id", "text")
    schema: dict[str, Any] = {**dict.fromkeys(names, pl.String), "at": pl.Int64}
    frame = pl.DataFrame([{k: r.get(k) for k in schema} for r in rows], schema=schema, orient="row")
    return frame.with_columns(from_unix(pl.col("at"), "s").alias("at"))


def _typed_frame(columns: Mapping[str, list[Any]], types: Mapping[str, Any]) -> pl.DataFrame:
    """The columns in their types; text where none is stated."""
    return pl.DataFrame(
        {
            n: pl.Series(n, v, dtype=types.get(n, pl.UInt32 if n in ("post", "position") else pl.String), strict=False)
            for n, v in columns.items()
        }
    )


def _with_times(posts: pl.DataFrame) -> pl.DataFrame:
    """Add times from the second of creation."""
    at = from_unix(pl.col("created"), "s")
    return posts.with_columns(
        at.alias("sent_at"),
        pl.when(at.is_null()).then(pl.lit(str(TimePrecision.NONE))).otherwise(pl.lit(str(TimePrecision.SECOND))).alias("time_precision"),
        pl.when(at.is_null()).then(pl.lit(str(ZoneSource.NONE))).otherwise(pl.lit(str(ZoneSource.UNIX))).alias("zone_source"),
    )  # fmt: skip


def _author_name(names: Mapping[str, str]) -> pl.Expr:
    """The author's stated name, else the name that this device knows for the account."""
    known = pl.col("author").replace_strict(names, default=None, return_dtype=pl.String)
    return pl.coalesce("author_name", known).alias("author_name")


def _body_notes(posts: pl.DataFrame) -> list[Note]:
    """Notes on damaged bodies, unreadable times and texts marked by a tool."""
    found: list[Note] = []
    codes = posts.filter(pl.col("codes").list.len() > 0).select("locator", "codes").explode("codes")
    for code in codes["codes"].unique(maintain_order=True):
        found += notes_of(NoteCode(code), codes.filter(pl.col("codes") == code))
    found += notes_of(NoteCode.BAD_TIME, posts.filter(pl.col("sent_at").is_null()), excerpt="sent_raw")
    prefixed = posts.filter(pl.col("text").str.contains(PLUGIN_PREFIX))
    return found + notes_of(NoteCode.TOOL_TRACE, prefixed, excerpt="text")


def with_own_posts(reading: PostReading, owner: str | None) -> PostReading:
    """The same posts with `is_self` where it was unknown and the owner's account is known."""
    if owner is None:
        return reading
    own = pl.coalesce("is_self", pl.col("author") == owner)
    return replace(reading, posts=frame_of(Posts, reading.posts.with_columns(own.alias("is_self"))))


def merge_posts(readings: Iterable[PostReading]) -> PostReading | None:
    """Several stores of one device as one; a post in two of them is kept as in the first, with a note."""
    held = list(readings)
    if len(held) <= 1:
        return held[0] if held else None
    frames: dict[str, list[pl.DataFrame]] = {"posts": [], "media": [], "interactions": [], "witnesses": []}
    notes: list[Note] = []
    known = pl.Series("post_id", [], dtype=pl.String)
    rows = said = 0
    for reading in held:
        double = pl.col("post_id").is_in(known.implode()).fill_null(value=False)
        kept = reading.posts.filter(~double)
        notes += remarks(NoteCode.OTHER_FORM, ", ".join(reading.forms), "posts", reading.posts.height - kept.height)
        moved = kept.select(pl.col("row").alias("post")).with_columns(
            (pl.int_range(pl.len(), dtype=pl.UInt32) + rows).alias("_new")
        )
        frames["posts"].append(kept.with_columns((pl.int_range(pl.len(), dtype=pl.UInt32) + rows).alias("row")))
        frames["media"].append(_with_new_posts(reading.media, moved))
        interactions = _with_new_posts(reading.interactions, moved)
        frames["interactions"].append(
            interactions.with_columns((pl.int_range(pl.len(), dtype=pl.UInt32) + said).alias("row"))
        )
        frames["witnesses"].append(reading.witnesses)
        rows, said = rows + kept.height, said + interactions.height
        known = pl.concat([known, kept["post_id"].drop_nulls()])
    return PostReading(
        posts=frame_of(Posts, pl.concat(frames["posts"])),
        media=frame_of(PostMedia, pl.concat(frames["media"])),
        interactions=frame_of(Interactions, pl.concat(frames["interactions"])),
        witnesses=frame_of(PostWitnesses, pl.concat(frames["witnesses"])),
        forms=tuple(f for r in held for f in r.forms),
        notes=(*(n for r in held for n in r.notes), *notes),
        kinds_inferred=any(r.kinds_inferred for r in held),
    )


def _with_new_posts(frame: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """The rows of moved posts, with the new number of each post."""
    joined = frame.join(moved, on="post", how="inner", maintain_order="left")
    return joined.with_columns(pl.col("_new").alias("post")).drop("_new")
