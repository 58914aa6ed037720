"""The columns of Messages that the cells of a message table state."""

from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource, UsageError
from reconcile.intake.contract import (
    Note,
)
from reconcile.intake.frames import notes_of
from reconcile.vocabulary import ConversationKind, Kind, NoteCode, Status
from reconcile.wechat.clock import as_assumed, from_unix, parse_times
from reconcile.wechat.clock_forms import with_spoken_times
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import RECALL_NOTICE, changed_where, fits_where, kind_from_text
from reconcile.wechat.payment_words import payment_state_of
from reconcile.wechat.shown_bodies import FIELDS as SHOWN
from reconcile.wechat.shown_bodies import shown_fields
from reconcile.wechat.text import ACCOUNT_HEAD

REQUIRED = ("sent_at", "text")

COLUMNS = (
    "sent_at", "text", "sender", "is_self", "sender_name", "conversation", "conversation_kind", "message_id", "local_id", "kind",
    "media_hash", "amount", "duration", "reply_to", "status",
)  # fmt: skip

# Columns that `convert` adds so that nothing a reader found is lost; read back when present.
EXTRA = ("alias_id", "native_id", "payment_state", "file_name", "file_size", "url", "quoted_text", "text_quality")

# Beginnings of the bodies that exporters write for anything but text.
_BRACKETED = r"^(?:!?\[|【|\uFF3B|图片|语音|表情|转账|已收款|微信|Image|Voice|Emoji|WeChat VIDEO|VIDEO FILE|FILE:|URL:|LOCATION:|NAMECARD:|REQUEST)"

_TRUE, _FALSE = ("true", "1", "yes", "t", "是"), ("false", "0", "no", "f", "否")


def normalise(
    table: pl.DataFrame,
    name: str,
    zone: str,
    unit: str | None,
    *,
    assumed: bool,
    source: Path,
    is_of_lines: bool = False,
) -> tuple[pl.DataFrame, list[Note]]:
    """The columns of Messages that a table of text cells states, and what was odd about them.

    `name` goes into locators, `source` into errors. `is_of_lines`: no cell contains a line end. Raises
    UnreadableSource where times are whole numbers and `unit` is None.
    """
    unknown = [c for c in table.columns if c not in COLUMNS and c not in EXTRA]
    raw_time = table["sent_at"].cast(pl.String)
    times, bad_unit = _parse_times(raw_time, zone, unit, source)
    present = [
        c
        for c in (*COLUMNS, *EXTRA)
        if c in table.columns and c not in ("sent_at", "is_self", "kind", "status", "conversation_kind")
    ]
    frame = pl.concat(
        [table.select(present).cast(pl.String), times, table.select(raw_time.alias("sent_raw"))], how="horizontal"
    )
    frame = frame.with_columns(
        pl.format("{}#{}", pl.lit(name), pl.int_range(1, pl.len() + 1)).alias("locator"),
        pl.col("text").fill_null(""),
        _truth_column(table, "is_self"),
        _kind_column(table, is_of_lines=is_of_lines).alias("kind"),
        _enum_column(table, "status", Status).alias("status"),
        _enum_column(table, "conversation_kind", ConversationKind).alias("conversation_kind"),
        *(
            [
                pl.when(pl.col("message_id").str.strip_chars() != "0")
                .then(pl.col("message_id").str.strip_chars())
                .alias("message_id")
            ]
            if "message_id" in present
            else []
        ),
        *([pl.col("local_id").cast(pl.Int64, strict=False)] if "local_id" in present else []),
        *([pl.col("duration").cast(pl.Float64, strict=False)] if "duration" in present else []),
        *([pl.col("file_size").cast(pl.Int64, strict=False)] if "file_size" in present else []),
        *([pl.col("media_hash").str.strip_chars().str.to_lowercase()] if "media_hash" in present else []),
        *([_payment_states(frame["payment_state"])] if "payment_state" in present else []),
        *([table.select(pl.struct(unknown).struct.json_encode().alias("raw")).to_series()] if unknown else []),
    )
    if assumed:
        frame = frame.with_columns(as_assumed(pl.col("zone_source")).alias("zone_source"))
    notes = _notes_on_rows(frame, table, zone, assumed=assumed)
    return frame, notes + bad_unit


def stated_and_shown(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame] | tuple[None, None]:
    """What columns state of the bodies, and what the bodies show; None without such columns."""
    given = frame.select(c for c in SHOWN if c in frame.columns and frame[c].null_count() < frame.height)
    return (given, shown_fields(frame.select("kind", "text"))) if given.width else (None, None)


def _parse_times(raw: pl.Series, zone: str, unit: str | None, source: Path) -> tuple[pl.DataFrame, list[Note]]:
    """Times of a column: texts, or Unix numbers in the stated unit.

    Raises UnreadableSource for whole numbers without a stated unit, UsageError for an unknown unit.
    """
    if unit is None:
        times = parse_times(raw, zone)
        if times["sent_at"].null_count():
            times = with_spoken_times(times, raw, zone)
        # A whole number fits no layout of times.
        if len(raw) and times["sent_at"].null_count() == len(raw) and bool(_whole_numbers(raw).all()):
            # Without a stated unit, refusing beats guessing seconds or milliseconds by size.
            raise UnreadableSource(
                source,
                f"{source}: sent_at holds whole numbers; state time_unit (s or ms) in the sidecar .json",
            )
        return times, []
    digits = _whole_numbers(raw)
    short = {"s": "s", "second": "s", "seconds": "s", "ms": "ms", "millisecond": "ms", "milliseconds": "ms"}.get(
        str(unit)
    )
    if short is None:
        raise UsageError("time_unit", f"sidecar time_unit {unit!r}: expected s or ms")
    if not bool(digits.any()):
        return parse_times(raw, zone), []
    instant = from_unix(pl.lit(raw.str.strip_chars()), short)
    numbers = pl.select(instant.alias("unix"))["unix"]
    texts = (
        parse_times(raw.zip_with(~digits, pl.Series([None], dtype=pl.String).extend_constant(None, len(raw) - 1)), zone)
        if not bool(digits.all())
        else None
    )
    frame = pl.DataFrame({"unix": numbers}).select(
        pl.col("unix").alias("sent_at"),
        pl.when(pl.col("unix").is_null())
        .then(pl.lit("none"))
        .otherwise(pl.lit("second" if short == "s" else "millisecond"))
        .alias("time_precision"),
        pl.when(pl.col("unix").is_null()).then(pl.lit("none")).otherwise(pl.lit("unix")).alias("zone_source"),
    )
    if texts is not None:
        mixed = pl.concat(
            [
                frame,
                texts.select(pl.all().cast(pl.String).name.suffix("_t")).with_columns(
                    texts["sent_at"].alias("sent_at_t")
                ),
                digits.to_frame("is_number"),
            ],
            how="horizontal",
        )
        frame = mixed.select(
            pl.when("is_number").then(c).otherwise(pl.col(f"{c}_t")).alias(c)
            for c in ("sent_at", "time_precision", "zone_source")
        )
    return frame, []


def _whole_numbers(raw: pl.Series) -> pl.Series:
    """Whether each text is a whole number."""
    # Times have a colon between hours and minutes, so only texts without one are tested.
    bare = ~raw.str.contains(":", literal=True).fill_null(value=False)
    return bare & raw.str.contains(r"^\s*-?\d+\s*$").fill_null(value=False) if bare.any() else bare


def states_kinds(table: pl.DataFrame) -> bool:
    """Whether every row of a table states its kind."""
    if "kind" not in table.columns:
        return False
    # WeChat uses code 49 for all app messages, so that it does not tell the kind.
    told = table["kind"].cast(pl.String)
    return not (told.is_null() | told.str.strip_chars().is_in(["", "49"])).any()


def _kind_column(table: pl.DataFrame, *, is_of_lines: bool) -> pl.Expr:
    """Stated kinds; where none is stated, the kind that sender and text tell."""
    stated = _enum_column(table, "kind", Kind)
    return stated if states_kinds(table) else stated.fill_null(pl.lit(_inferred_kind(table, is_of_lines=is_of_lines)))


def _enum_column(
    table: pl.DataFrame, column: str, words: type[Kind] | type[Status] | type[ConversationKind]
) -> pl.Expr:
    """A column in lower case where it holds one of the words; null elsewhere.

    Other words for kinds are translated; an unknown kind is other.
    """
    if column not in table.columns:
        return pl.lit(None, dtype=pl.String)
    value = table[column].cast(pl.String)
    if value.is_in([str(w) for w in words]).all() and not value.null_count():
        return pl.lit(value)
    clean = pl.lit(value).str.strip_chars().str.to_lowercase()
    known = pl.when(clean.is_in([str(w) for w in words])).then(clean)
    if words is Kind:
        # Other words and codes for kinds are known, too, except the code of all app messages.
        named = pl.lit(kinds_of_names(value)).fill_null(pl.when(clean != "49").then(pl.lit("other")))
        return pl.when(clean != "").then(known.fill_null(named))
    return known


def _inferred_kind(table: pl.DataFrame, *, is_of_lines: bool) -> pl.Series:
    """Kind by placeholder, and notices where sender and is_self are empty; null for plain text."""
    # Contract 1: a row is a notice where the sender columns are empty.
    nobody, text = _names_nobody(table), table["text"].cast(pl.String).fill_null("")
    text = text if is_of_lines else _without_head(text)
    bracketed = text.str.contains(_BRACKETED)
    few = text.filter(bracketed).to_frame().select(kind_from_text(pl.col("text")))["text"]
    named = pl.Series("kind", [None], dtype=pl.String).new_from_index(0, text.len())
    named = named.scatter(bracketed.arg_true(), few) if few.len() else named
    if not nobody.any():
        return named
    recall = fits_where(pl.col("nobody"), pl.col("text"), RECALL_NOTICE)
    notice = pl.when(recall).then(pl.lit("recall")).when("nobody").then(pl.lit("system"))
    # A notice may begin as a placeholder does: 语音通话已结束.
    rows = pl.DataFrame([named, text, nobody])
    return rows.select(pl.coalesce("kind", notice).alias("kind"))["kind"]


def _without_head(text: pl.Series) -> pl.Series:
    """The texts without a leading line that only names the account.

    Texts of one line stay as they are.
    """
    several = pl.col("text").str.contains("\n", literal=True)
    head = changed_where(several, pl.col("text"), lambda t: t.str.replace(ACCOUNT_HEAD, ""))
    return text.to_frame().select(head).to_series()


def _names_nobody(table: pl.DataFrame) -> pl.Series:
    """Whether both sender and is_self are empty."""
    cells = [pl.col(c).cast(pl.String).fill_null("") for c in ("sender", "is_self") if c in table.columns]
    # Blanks sort before the first ASCII sign or behind the last, so texts that begin with a letter need no test.
    empty = (fits_where((cell < "!") | (cell > "~"), cell, r"^\s*$") for cell in cells)
    return table.select(pl.all_horizontal(empty).alias("nobody"))["nobody"]


def neither(value: pl.Expr) -> pl.Expr:
    """Whether the cell of `is_self` is neither yes nor no nor empty."""
    clean = value.cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
    return ~clean.is_in([*_TRUE, *_FALSE, ""])


def _truth_column(table: pl.DataFrame, column: str) -> pl.Expr:
    """A column as true or false; null where it is neither."""
    if column not in table.columns:
        return pl.lit(None, dtype=pl.Boolean).alias(column)
    value = table[column]
    if value.dtype == pl.Boolean:
        return pl.lit(value).alias(column)
    clean = pl.lit(value.cast(pl.String)).str.strip_chars().str.to_lowercase()
    return (
        pl.when(clean.is_in(_TRUE))
        .then(pl.lit(value=True))
        .when(clean.is_in(_FALSE))
        .then(pl.lit(value=False))
        .alias(column)
    )


def _payment_states(told: pl.Series) -> pl.Series:
    """The state of a payment that each cell names, in any words; null where it names none."""
    named = {cell: payment_state_of(cell) for cell in told.drop_nulls().unique()}
    return told.replace_strict(named, default=None, return_dtype=pl.String)


def _notes_on_rows(frame: pl.DataFrame, table: pl.DataFrame, zone: str, *, assumed: bool) -> list[Note]:
    """Notes on unreadable times, the assumed time zone, and odd values of is_self and kind."""
    notes: list[Note] = []
    if frame["sent_at"].null_count():
        untimed = frame.filter(pl.col("sent_at").is_null(), pl.col("sent_raw").fill_null("") != "")
        notes += notes_of(NoteCode.BAD_TIME, untimed, excerpt="sent_raw")
    if assumed and bool((frame["zone_source"] == "assumed").any()):
        notes.append(Note(NoteCode.ZONE_ASSUMED, "", zone, said=True))
    if "is_self" in table.columns and frame["is_self"].null_count():
        # Neither yes nor no: a row that lost cells has another column's value here.
        was = frame.select("locator").with_columns(table["is_self"].cast(pl.String).alias("was"))
        notes += notes_of(NoteCode.ODD_VALUE, was.filter(neither(pl.col("was"))), excerpt="was")
    if "payment_state" in table.columns:
        was = pl.DataFrame([frame["locator"], table["payment_state"].cast(pl.String).alias("was")])
        unnamed = frame["payment_state"].is_null() & (was["was"].fill_null("").str.strip_chars() != "")
        notes += notes_of(NoteCode.ODD_VALUE, was.filter(unnamed), excerpt="was")
    if "kind" in table.columns:
        stated = pl.col("was").str.strip_chars().str.to_lowercase()
        was = pl.DataFrame([frame["locator"], table["kind"].cast(pl.String).alias("was")])
        odd = was.filter(~stated.is_in([*map(str, Kind), ""]).fill_null(value=True))
        notes += notes_of(NoteCode.UNKNOWN_KIND, odd, excerpt="was")
    return notes
