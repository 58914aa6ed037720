"""Many message bodies at once: type codes and contents in, Messages' columns, witnesses and notes out.

Text rows and plain notices, the bulk of any store, are settled in whole columns; XML is opened only where a row needs it.
"""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import orjson
import polars as pl

from reconcile.frames import Witnesses, dtypes_of
from reconcile.intake.assemble import notes_of
from reconcile.intake.collector import held_back
from reconcile.intake.contract import Note
from reconcile.settings import Limits
from reconcile.vocabulary import Kind, NoteCode, WitnessKind
from reconcile.wechat.clock import from_unix
from reconcile.wechat.kinds import RECALL_NOTICE, fits_where
from reconcile.wechat.payload import Body, Mention, read_body

NOTICE_BASES = (10000, 9999, 11000)
# Bodies pass through in parts, so that a store's raw text stands in memory beside its columns for a part of its rows only.
ROWS_AT_ONCE = 50_000
# What an exporter cut at 200 characters is often no more than its kind's own heading.
_SHORT_BODY = 256
# What a body gives, as columns of Messages, with the type in which it is gathered.
GIVEN: dict[str, Any] = {
    "kind": pl.String, "text": pl.String, "text_quality": pl.String, "native_id": pl.String, "alias_id": pl.String,
    "media_hash": pl.String, "amount": pl.String, "payment_state": pl.String, "duration": pl.Float64, "file_name": pl.String,
    "file_size": pl.Int64, "url": pl.String, "reply_to": pl.String, "quoted_text": pl.String,
}  # fmt: skip
_taken = attrgetter(*(c for c in GIVEN if c != "kind"), "sender")
_WITNESS_TYPES = {n: pl.String if isinstance(t, pl.Enum) else t for n, t in dtypes_of(Witnesses).items()} | {
    "sent_at": pl.Int64
}


@dataclass(frozen=True, slots=True)
class Bodies:
    """`messages`: the frame given, with the columns of GIVEN, `body_sender` and `raw` set. `witnesses`: partial rows."""

    messages: pl.DataFrame
    witnesses: pl.DataFrame
    notes: tuple[Note, ...]


def read_bodies(rows: pl.DataFrame, limits: Limits) -> Bodies:
    """Bodies of whole columns.

    Args:
        rows: columns base, sub (whole numbers), content (text, null = none), locator, conversation; optionally shown (the
            client's own line for calls and notices), native_id (an id found elsewhere, used where the body has none of its
            own) and facts (a JSON object of the row's other fields). Any other column is handed through.
        limits: longer texts are cut, with a note.
    """
    done = [_some(part, limits) for part in rows.iter_slices(ROWS_AT_ONCE)] or [_some(rows, limits)]
    mentions = [m for d in done for m in d.mentions]
    noted: dict[NoteCode, list[pl.DataFrame]] = {}
    for code, part in (pair for d in done for pair in d.noted):
        noted.setdefault(code, []).append(part)
    cut = notes_of(NoteCode.LIMIT_REACHED, pl.concat([d.cut for d in done]))
    odd = [n for code, parts in noted.items() for n in notes_of(code, pl.concat(parts), excerpt="content")]
    return Bodies(pl.concat([d.messages for d in done]), _witnesses(mentions), (*cut, *odd))


@dataclass(frozen=True, slots=True)
class _Done:
    """Some rows read: their columns, what they say of others, the locators of those cut, and those that were odd by note."""

    messages: pl.DataFrame
    mentions: list[tuple[Any, ...]]
    cut: pl.DataFrame
    noted: list[tuple[NoteCode, pl.DataFrame]]


def _some(rows: pl.DataFrame, limits: Limits) -> _Done:
    frame = _cut(rows.with_row_index("_at"), limits)
    text = pl.col("content").fill_null("")
    is_text = pl.col("base") == 1
    is_notice = pl.col("base").is_in(NOTICE_BASES) & ~text.str.contains("<", literal=True) & (text.str.len_bytes() > 0)
    frame = frame.with_columns(pl.when(is_text).then(1).when(is_notice).then(2).otherwise(0).alias("_way"))
    with held_back():
        opened = _open(frame.filter(pl.col("_way") == 0))
    return _Done(
        _merge(frame, opened.columns), opened.mentions, frame.filter("_cut").select("locator"), _noted(frame, opened)
    )


@dataclass(slots=True)
class _Opened:
    """What the bodies opened one by one gave."""

    columns: pl.DataFrame
    mentions: list[tuple[Any, ...]]
    notes: list[tuple[int, NoteCode]]


def _cut(frame: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    # Bytes bound characters from above, and cost nothing to count.
    most = limits.max_text_characters
    if not frame.height or (frame["content"].str.len_bytes().max() or 0) <= most:  # type: ignore[operator]
        return frame.with_columns(pl.lit(value=False).alias("_cut"))
    too_long = pl.col("content").str.len_chars() > most
    return frame.with_columns(
        too_long.fill_null(value=False).alias("_cut"),
        pl.when(too_long).then(pl.col("content").str.slice(0, most)).otherwise(pl.col("content")).alias("content"),
    )


def _open(frame: pl.DataFrame) -> _Opened:
    """Bodies one by one. Python loops here and nowhere else."""
    gathered: list[tuple[Any, ...]] = []
    mentions: list[tuple[Any, ...]] = []
    notes: list[tuple[int, NoteCode]] = []
    lines = frame["shown"].to_list() if "shown" in frame.columns else [None] * frame.height
    rows = zip(*(frame[c].to_list() for c in ("base", "sub", "content", "locator", "conversation")), lines, strict=True)
    seen: dict[tuple[Any, ...], tuple[Body, tuple[Any, ...]]] = {}
    for at, (base, sub, content, locator, conversation, line) in enumerate(rows):
        # Placeholders, empty and cut bodies, and short notices come by the thousand: each is read once.
        key = (base, sub, content, line)
        body, row = seen.get(key) or _read(*key)
        if len(content or "") < _SHORT_BODY:
            seen[key] = body, row
        gathered.append(row)
        if body.mentions:
            mentions.extend(_mention_row(m, locator, conversation) for m in body.mentions)
        if body.notes:
            notes.extend((at, n) for n in body.notes)
    types = GIVEN | {"body_sender": pl.String, "_fields": pl.String}
    given = zip(*gathered, strict=True) if gathered else [[]] * len(types)
    columns = [pl.Series(c, v, dtype=t) for (c, t), v in zip(types.items(), given, strict=True)]
    return _Opened(pl.DataFrame([frame["_at"], *columns]), mentions, notes)


def _read(base: int | None, sub: int | None, content: str | None, line: str | None) -> tuple[Body, tuple[Any, ...]]:
    """The body, and what goes into its row's columns."""
    body = read_body(base or 0, sub or 0, content, shown=line)
    # Tuples of plain values alone: the collector lets go of them, and a hundred thousand bodies cost half as much.
    said = orjson.dumps(dict(body.fields)).decode() if body.fields else None
    return body, (str(body.kind), *_taken(body), said)


def _mention_row(mention: Mention, locator: str, conversation: str) -> tuple[Any, ...]:
    """One mention in the order of Witnesses' columns."""
    # A forwarded item stood wherever the forwarder took it from; everything else stood here.
    place = mention.conversation if mention.witness is WitnessKind.FORWARD_ITEM else conversation
    at = mention.sent_at if mention.sent_at is not None and mention.sent_at < 2**40 else None
    kind = None if mention.kind is None else str(mention.kind)
    return (
        str(mention.witness), locator, place, mention.message_id, mention.native_id, None, at, mention.sender or mention.sender_name, kind,
        mention.text, mention.count,
    )  # fmt: skip


def _witnesses(mentions: list[tuple[Any, ...]]) -> pl.DataFrame:
    """Partial rows of Witnesses; an album, which each of its pictures mentions, once."""
    frame = pl.DataFrame(mentions, schema=_WITNESS_TYPES, orient="row")
    albums = pl.col("witness") == str(WitnessKind.ALBUM_COUNT)
    once = ~albums | pl.struct("conversation", "native_id").is_first_distinct()
    return frame.filter(once).with_columns(from_unix(pl.col("sent_at"), "s").alias("sent_at"))


def _merge(frame: pl.DataFrame, opened: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("content").fill_null("")
    is_recall = fits_where((pl.col("_way") == 2) & (text.str.len_chars() <= 120), text, RECALL_NOTICE)
    own = frame.select(pl.all().exclude(*(c for c in GIVEN if c != "native_id")))
    outside = "native_id" in frame.columns
    joined = (
        own.rename({"native_id": "_outside_id"} if outside else {})
        .join(opened, on="_at", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce(
                pl.col("kind"),
                pl.when(pl.col("_way") == 1).then(pl.lit(str(Kind.TEXT)))
                .when(is_recall).then(pl.lit(str(Kind.RECALL)))
                .otherwise(pl.lit(str(Kind.SYSTEM))),
            ).alias("kind"),
            pl.when(pl.col("_way") == 0).then(pl.col("text"))
            .when(pl.col("_way") == 2).then(text.str.strip_chars())
            .otherwise(text).alias("text"),
            _raw(frame).alias("raw"),
        )
    )  # fmt: skip
    if outside:
        joined = joined.with_columns(pl.coalesce("native_id", "_outside_id").alias("native_id"))
    return joined.drop("_at", "_way", "_cut", "_fields", "content", "_outside_id", "facts", "shown", strict=False)


def _raw(frame: pl.DataFrame) -> pl.Expr:
    """One JSON object of the row's own facts and what the body says beyond the columns."""
    fields = pl.col("_fields")
    if "facts" not in frame.columns:
        return fields
    both = pl.concat_str(pl.col("facts").str.head(-1), pl.lit(","), fields.str.slice(1))
    empty = pl.col("facts") == "{}"
    return (
        pl.when(fields.is_not_null() & ~empty)
        .then(both)
        .otherwise(pl.when(empty).then(fields).otherwise(pl.col("facts")))
    )


def _noted(frame: pl.DataFrame, opened: _Opened) -> list[tuple[NoteCode, pl.DataFrame]]:
    rows = frame.filter(pl.col("_way") == 0).select("locator", pl.col("content").str.slice(0, 200))
    codes = dict.fromkeys(n for _, n in opened.notes)
    return [(code, rows[[at for at, n in opened.notes if n is code]]) for code in codes]
