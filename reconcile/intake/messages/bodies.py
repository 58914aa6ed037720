"""Many message bodies at once: type codes and contents in, Messages' columns, witnesses and notes out.

Text rows and plain notices, the bulk of any store, are handled as whole columns. XML is parsed only where a row needs
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

import orjson
import polars as pl

from reconcile.column_ops import none_of
from reconcile.frames import Witnesses, dtypes_of
from reconcile.intake.contract import Note
from reconcile.intake.frames import notes_of
from reconcile.intake.memory import collector_paused, concat_and_release
from reconcile.settings import Limits
from reconcile.vocabulary import Kind, NoteCode, WitnessKind
from reconcile.wechat.clock import from_unix
from reconcile.wechat.kinds import KINDS, RECALL_NOTICE, each_once, fits_where
from reconcile.wechat.payload.body import Body, Mention, read_body

NOTICE_BASES = (10000, 9999, 11000)
# Bodies are opened in parts, so that only some of their texts are in memory twice.
ROWS_AT_ONCE = 10_000
# A body that an exporter cut at 200 characters is often little more than its kind's heading.
_SHORT_BODY = 256
# A longer notice about a recall is a person's remark.
_LONGEST_RECALL = 120
# Values that a body gives, as columns of Messages with their types.
GIVEN: dict[str, Any] = {
    "kind": pl.String, "text": pl.String, "text_quality": pl.String, "native_id": pl.String, "alias_id": pl.String,
    "media_hash": pl.String, "amount": pl.String, "payment_state": pl.String, "duration": pl.Float64, "file_name": pl.String,
    "file_size": pl.Int64, "url": pl.String, "reply_to": pl.String, "quoted_text": pl.String,
}  # fmt: skip
_TYPES = GIVEN | {"body_sender": pl.String, "_fields": pl.String}
_taken = attrgetter(*(c for c in GIVEN if c != "kind"), "sender")
_WITNESS_TYPES = {n: pl.String if isinstance(t, pl.Enum) else t for n, t in dtypes_of(Witnesses).items()} | {
    "sent_at": pl.Int64
}


@dataclass(frozen=True, slots=True)
class Bodies:
    """Rows with the columns of GIVEN, `body_sender` and `raw` set, and partial rows of witnesses."""

    messages: pl.DataFrame
    witnesses: pl.DataFrame
    notes: tuple[Note, ...]


def read_bodies(rows: pl.DataFrame, limits: Limits) -> Bodies:
    """Bodies of whole columns.

    Args:
        rows: columns base, sub (whole numbers), content (text, null = none), locator, conversation; optionally shown (the
            client's own line for calls and notices), native_id (an id found elsewhere, used where the body has none of its
            own) and facts (a JSON object of the row's other fields). Any other column is handed through, those that tell a body are not.
        limits: longer texts are cut, with a note.
    """
    frame = _cut_long_texts(rows.with_row_index("_at"), limits)
    del rows
    is_text = pl.col("base") == 1
    is_notice = pl.col("base").is_in(NOTICE_BASES) & (pl.col("content").str.len_bytes() > 0)
    is_plain = is_notice & ~fits_where(is_notice, pl.col("content"), "<")
    frame = frame.with_columns(pl.when(is_text).then(1).when(is_plain).then(2).otherwise(0).cast(pl.Int8).alias("_way"))
    needed = ("_at", "base", "sub", "content", "shown", "locator", "conversation")
    closed = frame.select(pl.col(c).filter(pl.col("_way") == 0) for c in needed if c in frame.columns)
    opened = []
    for part in closed.iter_slices(ROWS_AT_ONCE):
        with collector_paused():
            opened.append(_open(part))
    noted: dict[NoteCode, list[pl.DataFrame]] = {}
    for code, found in (pair for o in opened for pair in o.noted):
        noted.setdefault(code, []).append(found)
    cut = notes_of(NoteCode.LIMIT_REACHED, frame.select(pl.col("locator").filter(pl.col("_cut"))))
    odd = [n for code, found in noted.items() for n in notes_of(code, pl.concat(found), excerpt="content")]
    witnesses = _witnesses([o.mentions for o in opened])
    places, columns = closed["_at"], concat_and_release([o.columns for o in opened] or [pl.DataFrame(schema=_TYPES)])
    # Inputs are freed before the results take their places, and each step's frame by the next.
    del closed, opened, noted
    held = [*_kinds_and_plain_texts(frame)]
    del frame
    frame = _with_raw(_with_opened(held, places, columns))
    return Bodies(frame, witnesses, (*cut, *odd))


@dataclass(slots=True)
class _Opened:
    """Results of opened bodies; `noted`: the odd rows by note."""

    columns: pl.DataFrame
    mentions: pl.DataFrame
    noted: list[tuple[NoteCode, pl.DataFrame]]


def _cut_long_texts(frame: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Cut contents at the limit of characters; _cut says which."""
    # Bytes bound the number of characters and cost nothing to count.
    most = limits.max_text_characters
    if not frame.height or (frame["content"].str.len_bytes().max() or 0) <= most:  # type: ignore[operator]
        return frame.with_columns(pl.lit(value=False).alias("_cut"))
    too_long = pl.col("content").str.len_chars() > most
    return frame.with_columns(
        too_long.fill_null(value=False).alias("_cut"),
        pl.when(too_long).then(pl.col("content").str.slice(0, most)).otherwise(pl.col("content")).alias("content"),
    )


def _open(frame: pl.DataFrame) -> _Opened:
    """Opens bodies one by one, in the only Python loop over bodies."""
    asked, which = _distinct(frame)
    lines = asked["shown"].to_list() if "shown" in asked.columns else [None] * asked.height
    keys = zip(*(asked[c].to_list() for c in ("base", "sub", "content")), lines, strict=True)
    bodies, gathered = [], []
    for key in keys:
        body, row = _read(*key)
        bodies.append(body)
        gathered.append(row)
    given = zip(*gathered, strict=True) if gathered else [[]] * len(_TYPES)
    columns = pl.DataFrame([pl.Series(c, v, dtype=t) for (c, t), v in zip(_TYPES.items(), given, strict=True)])
    notes: dict[NoteCode, list[int]] = {}
    for at, code in ((at, code) for at, body in enumerate(bodies) for code in body.notes):
        notes.setdefault(code, []).append(at)
    rows = frame.select("locator", "content")
    noted = [
        (code, rows.filter(which.is_in(odd)).with_columns(pl.col("content").str.slice(0, 200)))
        for code, odd in notes.items()
    ]
    return _Opened(columns[which], _mentions(frame, bodies, which), noted)


def _distinct(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The bodies to read, and for each row which of them is its own.

    Placeholders, empty and cut bodies and short notices recur thousands of times, so each is read once.
    """
    is_short = pl.col("content").str.len_bytes().fill_null(0) < _SHORT_BODY
    keys = frame.select(
        *(c for c in ("base", "sub", "shown") if c in frame.columns),
        pl.when(is_short).then("content").alias("content"),
        pl.when(~is_short).then("_at").alias("_long"),
    )
    names = keys.columns
    firsts = keys.with_row_index("_first").unique(names, keep="first", maintain_order=True)
    if 2 * firsts.height > frame.height:
        return frame, pl.int_range(frame.height, dtype=pl.UInt32, eager=True)
    numbered = firsts.with_row_index("_which")
    which = keys.join(numbered, on=names, how="left", nulls_equal=True, maintain_order="left")["_which"]
    return frame[firsts["_first"]], which


def _mentions(frame: pl.DataFrame, bodies: list[Body], which: pl.Series) -> pl.DataFrame:
    """Mentions in bodies as columns of Witnesses, which take a tenth of the memory of Python objects."""
    telling = [at for at, body in enumerate(bodies) if body.mentions]
    if not telling:
        return _no_witnesses()
    rows = frame.select(which.alias("_which"), "locator", "conversation").filter(pl.col("_which").is_in(telling))
    # A recurring body is described once; only its place differs from row to row.
    told = [(at, *_mention_row(mention)) for at in telling for mention in bodies[at].mentions]
    once = pl.DataFrame(told, schema={"_which": pl.UInt32, **_WITNESS_TYPES}, orient="row")
    found = rows.join(once, on="_which", how="inner", suffix="_told", maintain_order="left_right")
    # A forwarded item comes from another conversation; all other mentions are of this one.
    is_elsewhere = pl.col("witness") == str(WitnessKind.FORWARD_ITEM)
    place = pl.when(is_elsewhere).then("conversation_told").otherwise("conversation")
    return found.with_columns(place.alias("conversation")).select(list(_WITNESS_TYPES))


@cache
def _no_witnesses() -> pl.DataFrame:
    return pl.DataFrame(schema=_WITNESS_TYPES)


def _read(base: int | None, sub: int | None, content: str | None, line: str | None) -> tuple[Body, tuple[Any, ...]]:
    """The body and the values for its row's columns."""
    body = read_body(base or 0, sub or 0, content, shown=line)
    # Tuples of plain values escape the collector, which halves the cost for a hundred thousand bodies.
    said = orjson.dumps(dict(body.fields)).decode() if body.fields else None
    return body, (str(body.kind), *_taken(body), said)


def _mention_row(mention: Mention) -> tuple[Any, ...]:
    """One mention in the order of Witnesses' columns, without the row's own place."""
    at = mention.sent_at if mention.sent_at is not None and mention.sent_at < 2**40 else None
    kind = None if mention.kind is None else str(mention.kind)
    return (
        str(mention.witness), None, mention.conversation, mention.message_id, mention.native_id, None, at, mention.sender or mention.sender_name, kind,
        mention.text, mention.count,
    )  # fmt: skip


def _witnesses(mentions: list[pl.DataFrame]) -> pl.DataFrame:
    """Partial rows of Witnesses; an album, which each of its pictures mentions, once."""
    frame = pl.concat([_no_witnesses(), *mentions])
    albums = pl.col("witness") == str(WitnessKind.ALBUM_COUNT)
    once = ~albums | pl.struct("conversation", "native_id").is_first_distinct()
    return frame.filter(once).with_columns(from_unix(pl.col("sent_at"), "s").alias("sent_at"))


def _kinds_and_plain_texts(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with kind, and with text where that is plain; and `at` and `text` of plain notices."""
    is_notice, text = pl.col("_way") == 2, pl.col("content")
    is_recall = frame.select(_recalls(is_notice & (text.str.len_bytes() <= 4 * _LONGEST_RECALL), text)).to_series()
    typed = pl.when(pl.col("_way") == 1).then(text)
    words = typed.fill_null("") if frame["content"].null_count() else typed.otherwise(pl.lit(""))
    done = ("_at", "_way", "_cut", "base", "sub", "content", "shown")
    rows = frame.select(
        pl.all().exclude(*(c for c in GIVEN if c != "native_id"), *done),
        pl.when(is_recall).then(pl.lit(str(Kind.RECALL), dtype=KINDS))
        .when(is_notice).then(pl.lit(str(Kind.SYSTEM), dtype=KINDS))
        .otherwise(pl.lit(str(Kind.TEXT), dtype=KINDS)).alias("kind"),
        words.alias("text"),
    )  # fmt: skip
    notices = frame.select(
        pl.col("_at").filter(is_notice).alias("at"), text.filter(is_notice).str.strip_chars().alias("text")
    )
    return rows, notices


def _recalls(is_notice: pl.Expr, text: pl.Expr) -> pl.Expr:
    """Which of the rows picked by `is_notice` are short recall notices."""

    def found(columns: Sequence[pl.Series]) -> pl.Series:
        """Whether each picked text is short enough and has the words of a recall notice."""
        picked, texts = columns
        nowhere = none_of(picked)
        few = texts.filter(picked)
        if few.is_empty():
            return nowhere
        told = each_once(few, lambda some: some.str.contains(RECALL_NOTICE) & (some.str.len_chars() <= _LONGEST_RECALL))
        return nowhere.scatter(picked.arg_true(), told)

    return pl.map_batches([is_notice, text], found, return_dtype=pl.Boolean)


def _with_opened(held: list[pl.DataFrame], places: pl.Series, opened: pl.DataFrame) -> pl.DataFrame:
    """The rows and notices with what their bodies gave; both arguments are emptied column by column."""
    notices, own = held.pop(), held.pop()
    outside = own.drop_in_place("native_id") if "native_id" in own.columns else None
    # Texts first, so that the opened bodies are freed before other columns are written.
    read = pl.DataFrame({"at": places, "text": opened.drop_in_place("text")})
    few = pl.concat([notices, read]).drop_nulls().sort("at")
    own = own.with_columns(_placed([own.drop_in_place("text")], few["at"], few["text"], own.height))
    del notices, read, few
    for name in opened.columns:
        given = opened.drop_in_place(name)
        if given.null_count() < given.len():
            within = [own.drop_in_place(name)] if name == "kind" else []
            own = own.with_columns(_placed(within, places, given, own.height))
    if outside is not None:
        found = pl.coalesce("native_id", outside) if "native_id" in own.columns else outside
        own = own.with_columns(found.alias("native_id"))
    # Columns that no body fills take no memory.
    return own.with_columns(pl.lit(None, dtype=t).alias(n) for n, t in _TYPES.items() if n not in own.columns)


def _placed(within: list[pl.Series], places: pl.Series, values: pl.Series, height: int) -> pl.Series:
    """The values at their rows, in the given column or in one of nulls."""
    is_there = values.is_not_null()
    column = within.pop() if within else pl.Series(values.name, [None], dtype=values.dtype).new_from_index(0, height)
    return column.scatter(places.filter(is_there), values.filter(is_there))


def _with_raw(own: pl.DataFrame) -> pl.DataFrame:
    """The rows with own facts and body facts combined into one JSON object a row."""
    fields = own.drop_in_place("_fields")
    if "facts" not in own.columns:
        return own.with_columns(fields.alias("raw"))
    facts = own.drop_in_place("facts")
    facts = facts.set(facts == "{}", None) if (facts == "{}").any() else facts
    held = fields.is_not_null()
    both = pl.concat_str(pl.col("facts").str.head(-1), pl.lit(","), pl.col("_fields").str.slice(1))
    few = pl.DataFrame({"facts": facts.filter(held), "_fields": fields.filter(held)})
    told = few.select(pl.coalesce(both, "_fields").alias("raw"))["raw"]
    raw = pl.Series("raw", [None], dtype=pl.String).new_from_index(0, own.height).scatter(held.arg_true(), told)
    return own.with_columns(pl.select(pl.coalesce(raw, facts).alias("raw"))["raw"])
