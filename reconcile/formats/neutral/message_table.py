"""The message table, our own neutral form: CSV, JSONL or Parquet, with an optional JSON sidecar.

Producer: `reconcile convert`, or any user. Container: CSV (UTF-8 with or without BOM), JSON lines, Parquet; columns of
contract 1. Encoding: UTF-8. Time zone: offset in the text, sidecar `timezone`, else Asia/Shanghai assumed and noted.
Cannot say: nothing is left out by the form itself; what the user's tool left out is not known here.
"""

import io
import re
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson
import polars as pl

from reconcile.errors import LimitExceeded, UnreadableSource, UsageError
from reconcile.formats.neutral.sidecar import facts_of, listed, members_of, sidecar_beside, stated
from reconcile.intake.contract import (
    Claim,
    FormLimits,
    Note,
    Reading,
    ReadOptions,
)
from reconcile.intake.frames import messages_of, notes_of, reading_of
from reconcile.intake.json.duplicate_keys import dropped_values
from reconcile.intake.json.rows import line_skipped
from reconcile.intake.limits import FIELDS, MOST_KEYS, check_stretches, gather_extra_cells
from reconcile.intake.messages.complete import with_raw
from reconcile.intake.messages.running_ids import without_running_ids
from reconcile.intake.posts.frames import TABLE_NAME
from reconcile.intake.source import CHUNK_BYTES, Source
from reconcile.intake.tables.csv import is_unquoted, rows_inside, short_rows, uneven_csv
from reconcile.intake.tables.parquet import parquet_columns, read_parquet
from reconcile.vocabulary import ConversationKind, Kind, NoteCode, Status
from reconcile.wechat.clock import ASSUMED_ZONE, as_assumed, from_unix, parse_times
from reconcile.wechat.clock_forms import with_spoken_times
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import RECALL_NOTICE, changed_where, fits_where, kind_from_text
from reconcile.wechat.text import ACCOUNT_HEAD

REQUIRED = ("sent_at", "text")
COLUMNS = (
    "sent_at", "text", "sender", "is_self", "sender_name", "conversation", "conversation_kind", "message_id", "local_id", "kind",
    "media_hash", "amount", "duration", "reply_to", "status",
)  # fmt: skip
# What `convert` adds so that nothing a reader found is lost on the way; read back when present.
EXTRA = ("alias_id", "native_id", "payment_state", "file_name", "file_size", "url", "quoted_text", "text_quality")
SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")
# Stores of posts and favourites that a party lays beside its table; they are read by their own readers.
BESIDE = re.compile(r"(?:sns|snsmicromsg|wc005_008|favorite|enfavorite|fav)\.db(?:-wal|-shm)?")
# How the bodies begin that an exporter writes for what is no text.
_BRACKETED = r"^(?:!?\[|【|\uFF3B|图片|语音|表情|转账|已收款|微信|Image|Voice|Emoji|WeChat VIDEO|VIDEO FILE|FILE:|URL:|LOCATION:|NAMECARD:|REQUEST)"
_TRUE, _FALSE = ("true", "1", "yes", "t", "是"), ("false", "0", "no", "f", "否")


class MessageTable:
    """Reader of the neutral message table."""

    name = "message_table"
    title = "reconcile message table"
    tested_with = "contract 1"
    limits = FormLimits()

    def sniff(self, source: Source) -> Claim:
        """Certain of a table whose heading holds sent_at, text and sender or is_self."""
        file = _table_file(source)
        if file is None:
            return Claim("none", "looked for one .csv, .jsonl or .parquet file")
        try:
            heading = set(_heading(source, file))
        except (pl.exceptions.PolarsError, OSError, ValueError):
            return Claim("none", "no readable heading")
        if set(REQUIRED) <= heading and heading & {"sender", "is_self"}:
            return Claim("certain", "columns sent_at, text, sender or is_self")
        missing = [c for c in REQUIRED if c not in heading]
        if "sent_at" in heading:
            return Claim(
                "likely", f"some columns of the message table, lacks {', '.join(missing) or 'sender and is_self'}"
            )
        return Claim("none", "looked for columns sent_at, text and sender or is_self")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """The table as messages, the sidecar as facts."""
        file = _table_file(source)
        if file is None:
            raise UnreadableSource(
                source.path, f"{source.path}: not a message table; expected .csv, .jsonl or .parquet"
            )
        table, notes, is_of_lines = _load(source, file)
        _require_columns(source, table.columns)
        source.rest_on(file.with_suffix(".json"), is_statement=True)
        sidecar = sidecar_beside(source.path, file)
        zone = options.timezone or sidecar.get("timezone") or ASSUMED_ZONE
        assumed = not (options.timezone or sidecar.get("timezone"))
        unit = sidecar.get("time_unit")
        frame, more = normalise(
            table, file.name, zone, unit, assumed=assumed, source=source.path, is_of_lines=is_of_lines
        )
        frame, moved = without_running_ids(frame, file.name)
        messages = messages_of(with_raw(frame) if moved else frame)
        contacts = [c for c in listed(sidecar.get("contacts")) if isinstance(c, dict)]
        odd = sum(not stated(c.get("id")) for c in contacts)
        nameless = [Note(NoteCode.ODD_VALUE, file.name, "contacts without id", odd, said=True)] if odd else []
        return reading_of(
            facts_of(sidecar, options, str(zone)),
            messages,
            contacts=[c for c in contacts if stated(c.get("id"))],
            members=members_of(sidecar),
            notes=[*notes, *more, *moved, *nameless],
        )


def _table_file(source: Source) -> Path | None:
    tables = [f for f in source.files if f.suffix.lower() in SUFFIXES and not TABLE_NAME.search(f.name)]
    others = [
        f for f in source.files if f.suffix.lower() not in (*SUFFIXES, ".json") and not BESIDE.fullmatch(f.name.lower())
    ]
    return tables[0] if len(tables) == 1 and not others else None


def _heading(source: Source, file: Path) -> list[str]:
    if file.suffix.lower() == ".parquet":
        return parquet_columns(file)
    line = source.head(file).split(b"\n", 1)[0].removeprefix(b"\xef\xbb\xbf").strip()
    if file.suffix.lower() == ".csv":
        row = pl.read_csv(io.BytesIO(line + b"\n"), has_header=False, infer_schema=False).row(0) if line else ()
        return [cell or "" for cell in row]
    value = orjson.loads(line)
    return list(value) if isinstance(value, dict) else []


def _load(source: Source, file: Path) -> tuple[pl.DataFrame, list[Note], bool]:
    """The cells, what was odd, and whether every row is known to stand on a line of its own."""
    head = source.head(file)
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise UnreadableSource(source.path, f"{file}: empty file; expected a heading row and messages")
    if file.suffix.lower() != ".parquet" and b"\x00" in head:
        raise UnreadableSource(source.path, f"{file}: binary content; expected a UTF-8 text table")
    try:
        if file.suffix.lower() == ".parquet":
            return read_parquet(source, file), [], False
        if file.suffix.lower() == ".csv":
            return _load_csv(source, file)
        check_stretches(source.path, file, source.limits, (b"\n",), "a line")
        with file.open("rb") as stream:
            return *load_jsonl(stream, source.path, file), False
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0][:200]
        raise UnreadableSource(
            source.path, f"{file}: cannot be read as {file.suffix[1:]} ({reason}); save it as UTF-8"
        ) from None


def _load_csv(source: Source, file: Path) -> tuple[pl.DataFrame, list[Note], bool]:
    heading = _heading(source, file)
    first = source.head(file).split(b"\n", 1)[0] + b"\n"
    if b"\r" in first[:-1].rstrip(b"\r"):
        raise UnreadableSource(
            source.path, f"{file}: its lines end in carriage returns alone; save it with line feeds (a plain UTF-8 CSV)"
        )
    notes = []
    if len(set(heading)) != len(heading):
        twice = sorted({c for c in heading if heading.count(c) > 1})
        if known := [c for c in twice if c in COLUMNS]:
            raise UnreadableSource(source.path, f"{file}: column {known[0]} stands twice; keep one of them")
        notes.append(Note(NoteCode.COLUMN_DUPLICATE, file.name, ", ".join(twice)))
    check_stretches(source.path, file, source.limits, (b"\n", b","), "a cell")
    _within_cells(source, file, len(heading))
    try:
        table = pl.read_csv(file, infer_schema=False, glob=False, encoding="utf8").rechunk()
    except pl.exceptions.ComputeError:
        table, more = uneven_csv(source, file)
        return table, [*notes, *more], False
    if is_unquoted(file, table, first):
        return table, notes, True
    blank = table.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if blank.any():
        notes.append(Note(NoteCode.ODD_VALUE, file.name, "empty lines", int(blank.sum()), said=True))
        table = table.filter(~blank)
    if (short := short_rows(table, file, ",")) > 0:
        notes.append(Note(NoteCode.ODD_VALUE, file.name, "rows of fewer cells than the heading", short, said=True))
    return table, [*notes, *rows_inside(file, table, ",", file.name)], False


def _within_cells(source: Source, file: Path, width: int) -> None:
    """Raises LimitExceeded where the lines would span too many cells, because empty cells cost memory too.

    A table whose cells have a byte each, their separator, may be of any length.
    """
    most = max(source.limits.max_cells, file.stat().st_size)
    if file.stat().st_size * width <= most:
        return
    # One block of memory for all reads: processors compare many bytes at a time, where `count` stops at each that fits.
    block, lines = bytearray(CHUNK_BYTES // 8), 0
    signs = np.frombuffer(block, np.uint8)
    with file.open("rb", buffering=0) as stream:
        for read in iter(partial(stream.readinto, block), 0):
            lines += int(np.count_nonzero(signs[:read] == ord("\n")))
    if lines * width > most:
        raise LimitExceeded(
            source.path, f"{file}: {lines:,} lines of {width} cells; {source.limits.named('max_cells')}"
        )


def load_jsonl(stream: IO[bytes], source: Path, file: Path) -> tuple[pl.DataFrame, list[Note]]:
    """The objects of JSON lines as text cells, and notes on broken lines and on names that appear twice.

    Raises UnreadableSource where no line holds an object.
    """
    # Line by line with orjson: ids above 2**53 stay exact, and one broken line is a note instead of the end.
    rows: list[dict[str, Any]] = []
    notes: list[Note] = []
    doubled = 0
    for number, line in enumerate(stream, 1):
        text = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
        if not text:
            continue
        cells = _cells(text)
        if cells is None:
            notes.append(line_skipped(text, number, file.name))
        else:
            rows.append(cells)
            # As many colons behind a quote as names are as many names as values: only other lines are looked at closely.
            doubled += dropped_values(text, orjson.loads(text)) if text.count(b'":') != len(cells) else 0
    if doubled:
        notes.append(Note(NoteCode.COLUMN_DUPLICATE, file.name, "", doubled))
    if not rows:
        raise UnreadableSource(source, f"{file}: no JSON object in any line; expected one message a line")
    columns = list(dict.fromkeys(k for r in rows for k in r))
    if len(columns) > MOST_KEYS:
        rows, columns = gather_extra_cells(rows, {*COLUMNS, *EXTRA}), [*COLUMNS, *EXTRA, FIELDS]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row"), notes


def _cells(line: bytes) -> dict[str, str | None] | None:
    """The cells of a line as text; None where it is no JSON object or nests too deeply."""
    try:
        value = orjson.loads(line)
        if not isinstance(value, dict):
            return None
        return {k: v if v is None or isinstance(v, str) else _as_text(v) for k, v in value.items()}
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()


def _require_columns(source: Source, columns: list[str]) -> None:
    missing = [c for c in REQUIRED if c not in columns]
    if not missing and not {"sender", "is_self"} & set(columns):
        missing = ["sender or is_self"]
    if missing:
        raise UnreadableSource(
            source.path, f"{source.path}: column {', '.join(missing)} is missing; there are {', '.join(columns[:20])}"
        )


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

    `name` goes into the locators, `source` into errors; `is_of_lines`: it is known that no cell holds a line end. Raises UnreadableSource where whole numbers stand as times and `unit` is None.
    """
    unknown = [c for c in table.columns if c not in COLUMNS and c not in EXTRA]
    raw_time = table["sent_at"].cast(pl.String)
    times, bad_unit = _times(raw_time, zone, unit, source)
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
        _truth(table, "is_self"),
        _kind(table, is_of_lines=is_of_lines).alias("kind"),
        _member(table, "status", Status).alias("status"),
        _member(table, "conversation_kind", ConversationKind).alias("conversation_kind"),
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
        *([table.select(pl.struct(unknown).struct.json_encode().alias("raw")).to_series()] if unknown else []),
    )
    if assumed:
        frame = frame.with_columns(as_assumed(pl.col("zone_source")).alias("zone_source"))
    notes = _notes(frame, table, zone, assumed=assumed)
    return frame, notes + bad_unit


def _times(raw: pl.Series, zone: str, unit: str | None, source: Path) -> tuple[pl.DataFrame, list[Note]]:
    if unit is None:
        times = parse_times(raw, zone)
        if times["sent_at"].null_count():
            times = with_spoken_times(times, raw, zone)
        # A whole number is no time of any layout.
        if len(raw) and times["sent_at"].null_count() == len(raw) and bool(_whole_numbers(raw).all()):
            # Whole numbers without a stated unit: refusing beats guessing seconds or milliseconds by size.
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
    # Hours and minutes stand on either side of a colon: only texts without one are held against the pattern.
    bare = ~raw.str.contains(":", literal=True).fill_null(value=False)
    return bare & raw.str.contains(r"^\s*-?\d+\s*$").fill_null(value=False) if bare.any() else bare


def _kind(table: pl.DataFrame, *, is_of_lines: bool) -> pl.Expr:
    stated = _member(table, "kind", Kind)
    # The code of all app messages tells no kind.
    told = table["kind"].cast(pl.String) if "kind" in table.columns else None
    is_whole = told is not None and not (told.is_null() | told.str.strip_chars().is_in(["", "49"])).any()
    return stated if is_whole else stated.fill_null(pl.lit(_inferred_kind(table, is_of_lines=is_of_lines)))


def _member(table: pl.DataFrame, column: str, words: type[Kind] | type[Status] | type[ConversationKind]) -> pl.Expr:
    if column not in table.columns:
        return pl.lit(None, dtype=pl.String)
    value = table[column].cast(pl.String)
    if value.is_in([str(w) for w in words]).all() and not value.null_count():
        return pl.lit(value)
    clean = pl.lit(value).str.strip_chars().str.to_lowercase()
    known = pl.when(clean.is_in([str(w) for w in words])).then(clean)
    if words is Kind:
        # Another word, or a code: what other tables call kinds is known too, but for the code of all app messages.
        named = pl.lit(kinds_of_names(value)).fill_null(pl.when(clean != "49").then(pl.lit("other")))
        return pl.when(clean != "").then(known.fill_null(named))
    return known


def _inferred_kind(table: pl.DataFrame, *, is_of_lines: bool) -> pl.Series:
    # Contract 1: a row is a notice where the columns that tell the sender are empty.
    nobody, text = _nobody(table), table["text"].cast(pl.String).fill_null("")
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


def _nobody(table: pl.DataFrame) -> pl.Series:
    cells = [pl.col(c).cast(pl.String).fill_null("") for c in ("sender", "is_self") if c in table.columns]
    # Blanks lie before the first sign of ASCII or behind its last: what begins with a letter is not looked at.
    empty = (fits_where((cell < "!") | (cell > "~"), cell, r"^\s*$") for cell in cells)
    return table.select(pl.all_horizontal(empty).alias("nobody"))["nobody"]


def neither(value: pl.Expr) -> pl.Expr:
    """Whether the cell of `is_self` is neither yes nor no nor empty."""
    clean = value.cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
    return ~clean.is_in([*_TRUE, *_FALSE, ""])


def _truth(table: pl.DataFrame, column: str) -> pl.Expr:
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


def _notes(frame: pl.DataFrame, table: pl.DataFrame, zone: str, *, assumed: bool) -> list[Note]:
    untimed = frame.filter(pl.col("sent_at").is_null()) if frame["sent_at"].null_count() else frame.clear()
    notes = notes_of(NoteCode.BAD_TIME, untimed.filter(pl.col("sent_raw").fill_null("") != ""), excerpt="sent_raw")
    if assumed and bool((frame["zone_source"] == "assumed").any()):
        notes.append(Note(NoteCode.ZONE_ASSUMED, "", zone, said=True))
    if "is_self" in table.columns and frame["is_self"].null_count():
        # Neither yes nor no: cells of another column, where a row lost some.
        was = frame.select("locator").with_columns(table["is_self"].cast(pl.String).alias("was"))
        notes += notes_of(NoteCode.ODD_VALUE, was.filter(neither(pl.col("was"))), excerpt="was")
    if "kind" in table.columns:
        odd = ~table["kind"].cast(pl.String).str.strip_chars().str.to_lowercase().is_in(
            [*map(str, Kind), ""]
        ).fill_null(value=True)
        notes += notes_of(
            NoteCode.UNKNOWN_KIND,
            frame.select("locator").with_columns(table["kind"].cast(pl.String).alias("was")).filter(odd),
            excerpt="was",
        )
    return notes
