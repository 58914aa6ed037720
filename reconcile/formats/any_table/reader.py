"""Any table of messages: a laboratory's or a user's CSV, TSV, spreadsheet, or HTML table that calls itself .xls.

Producer: anybody. Container: one row a message under a heading row, which may stand below title lines; several files or
sheets of one heading are one export. Encoding: UTF-8, UTF-16 or GB 18030. Time zone: an offset in the cells, the zone the user
names, else Asia/Shanghai assumed and noted. Cannot say: which kinds its maker left out; kinds of which not one row stands
in it count as not written.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from reconcile.errors import UsageError
from reconcile.formats.any_table.columns import Guess, find_heading, guess_table, parse_columns
from reconcile.intake.assemble import notes_of
from reconcile.intake.contract import Claim, FormLimits, Note, Owner, Reading, ReadOptions
from reconcile.intake.file_reader import DATA_SUFFIXES
from reconcile.intake.messages.naming import distinct_where
from reconcile.intake.messages.parts import Part, reading_of_parts
from reconcile.intake.source import Source, is_beside
from reconcile.intake.tables.cells import ROW, TableHead, load_table, table_heads
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE, from_unix
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.kind_names import kind_of_name, kinds_of_names, named_or_told
from reconcile.wechat.kinds import SYSTEM_KINDS, each_once, kind_from_text
from reconcile.wechat.shown import sentence_kind, told_notice

_SELF = "发送 发出 已发送 发件 发送方 发 是 我 本人 outgoing sent send out true yes 1 self from"
_PEER = "接收 收到 已接收 收件 接收方 收 否 对方 incoming received receive in false no 0 peer to"
_DIRECTIONS = {**dict.fromkeys(_SELF.split(), True), **dict.fromkeys(_PEER.split(), False)}
# Roles whose cells become a column of Messages under another or the same name.
_PLAIN = {
    "sender": "sender", "sender_name": "sender_name", "id": "message_id", "reply_to": "reply_to", "amount": "amount",
    "media_hash": "media_hash", "file_name": "file_name", "url": "url",
}  # fmt: skip
_NUMBERS: dict[str, type[pl.DataType]] = {"local_id": pl.Int64, "file_size": pl.Int64, "duration": pl.Float64}
_LOOK = 1000
_PAGE_SHEET = re.compile(r"(?i)^(?:sheet|工作表|第)?\s*\d*\s*(?:页)?$")


class AnyTable:
    """Reader of tables of unknown make."""

    name = "any_table"
    title = "Table of unknown make"
    tool = ""
    tested_with = "CSV, TSV, XLSX, XLS, HTML tables"
    limits = FormLimits()

    def sniff(self, source: Source) -> Claim:
        """Likely, never more, of tables whose headings name time, words and sender; the guess is told for the user to confirm."""
        if (told := _toml_of(source)) is not None and table_heads(source):
            return Claim("likely", f"a table whose columns {told.name} explains")
        guesses = _guesses(source)
        if not guesses:
            return Claim("none", "looked for a table whose headings name time, text and sender")
        if {"sent_at", "text"} <= {*guesses[0].head.rows[guesses[0].heading_at]}:
            return Claim("none", "the message table's own headings")
        doubts = "".join(f"; unclear: {d}" for d in guesses[0].doubts)
        return Claim("likely", f"a table that reads as {guesses[0].spelled()}{doubts}")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every table of one heading: as the user's columns or a NAME.toml beside it say, else as a guess without doubt."""
        told = options.columns or _beside(source)
        plans = _told(source, told) if told else _guessed(source)
        columns = plans[0].columns
        parts = [_part(source, plan, options, several=len(plans) > 1) for plan in plans]
        if not told:
            parts[0].notes.append(Note(NoteCode.COLUMN_GUESSED, plans[0].head.name, plans[0].spelled(), said=True))
        used = {p.head.label for p in plans}
        parts[0].notes += [
            Note(NoteCode.PART_UNSUPPORTED, h.label, " | ".join(h.rows[0])[:200])
            for h in table_heads(source)
            if h.label not in used and any(map(any, h.rows))
        ]
        zone, owner = columns.get("timezone") or options.timezone, columns.get("owner") or options.owner
        reading = reading_of_parts(self, parts, replace(options, timezone=zone, owner=owner))
        return replace(reading, facts=replace(reading.facts, tool=None, limits=_limits(reading)))


def guess_columns(source: Source) -> dict[str, str]:
    """Role -> heading, as far as the headings and cells of the source's first table tell; empty for no such table.

    What `--columns` takes; `inspect` prints it for the user to confirm. Never raises.
    """
    guesses = _guesses(source)
    return dict(guesses[0].columns) if guesses else {}


def _guesses(source: Source) -> list[Guess]:
    heads = table_heads(source)
    names = {h.name for h in heads}
    if any(source.relative(f) not in names for f in source.files if f.suffix.lower() in DATA_SUFFIXES):
        return []
    found = [g for h in heads if (g := guess_table(h)) is not None]
    return [g for g in found if _heading(g) == _heading(found[0])]


def _toml_of(source: Source) -> Path | None:
    beside = [source.path.with_suffix(".toml")] if source.is_file else list(source.named("*.toml"))
    return beside[0] if len(beside) == 1 and is_beside(beside[0]) else None


def _beside(source: Source) -> dict[str, str]:
    """What a small TOML file beside a single table, or inside a folder of tables, says of its columns."""
    if (told := _toml_of(source)) is None:
        return {}
    source.rest_on(told, is_statement=True)
    return parse_columns(str(told))


def _heading(guess: Guess) -> tuple[str, ...]:
    return guess.head.rows[guess.heading_at]


def _guessed(source: Source) -> list[Guess]:
    guesses = _guesses(source)
    if not guesses:
        headings = "; ".join(" | ".join(h.rows[0])[:120] for h in table_heads(source)[:3] if h.rows)
        raise UsageError(
            "--columns",
            f"{source.path}: no column is named as time, text and sender ({headings}); give --columns time=…,sender=…,text=…",
        )
    if not guesses[0].is_clear:
        raise UsageError(
            "--columns",
            f"{source.path}: reads as {guesses[0].spelled()}, but unclear are {'; '.join(guesses[0].doubts)}; give --columns",
        )
    return guesses


def _told(source: Source, columns: Mapping[str, str]) -> list[Guess]:
    heads = table_heads(source)
    sheet = columns.get("sheet")
    plans = [
        Guess(h, at, columns)
        for h in heads
        if sheet in (None, h.sheet) and (at := find_heading(h, columns)) is not None
    ]
    if plans and "time" in columns and "text" in columns:
        return plans
    if not plans:
        there = " / ".join(" | ".join(c for c in h.rows[0] if c)[:200] for h in heads[:3] if h.rows) or "none"
        asked = ", ".join(v for k, v in columns.items() if not k.startswith(("kind:", "direction:")))
        raise UsageError("--columns", f"{source.path}: no table has the columns {asked}; its first rows hold {there}")
    raise UsageError("--columns", "--columns: time and text are needed; sender or direction should be told too")


def _part(source: Source, plan: Guess, options: ReadOptions, *, several: bool) -> Part:
    table, notes = load_table(source, plan.head, plan.heading_at)
    if table.is_empty():
        notes.append(Note(NoteCode.ODD_VALUE, plan.head.label, "no rows below the heading", said=True))
    columns = {r: _column(plan.head, plan.heading_at, n) for r, n in plan.columns.items()}
    zone = columns.get("timezone") or options.timezone
    label = plan.head.label
    times = _times(source, table, columns, zone or ASSUMED_ZONE, assumed=zone is None)
    locator = pl.format("{}{}", pl.lit(label), pl.col(ROW)).alias("locator")
    rows = pl.concat([table.select(locator), times, _facts_of(table, columns), _rest(table, columns)], how="horizontal")
    rows = _kinds(rows, table, columns, notes)
    notes += _odd(rows, table, columns)
    owner = columns.get("owner") or options.owner or _one_self(rows)
    if {"receiver", "sender"} <= set(columns) and "conversation" not in columns:
        rows, owner = _between(rows, table[columns["receiver"]], owner)
    if "conversation" in rows.columns:
        room = pl.col("conversation").str.ends_with("@chatroom")
        rows = rows.with_columns(pl.when(room).then(pl.lit("group")).alias("conversation_kind"))
    place = _place(plan.head) if several else ""
    return Part(
        rows,
        plan.head.name,
        conversation=place,
        title=place or None,
        timezone=columns.get("timezone"),
        owner=Owner(id=owner),
        notes=notes,
    )


def _one_self(rows: pl.DataFrame) -> str | None:
    if not {"is_self", "sender"} <= set(rows.columns):
        return None
    own = distinct_where(rows, "sender", pl.col("is_self"))
    others = rows.select(pl.col("sender").filter(~pl.col("is_self")))["sender"]
    return own[0] if len(own) == 1 and own[0] != "我" and not bool((others == own[0]).any()) else None


def _column(head: TableHead, heading_at: int, name: str) -> str:
    if re.fullmatch(r"#\d+", name):
        place = int(name[1:]) - 1
        cells = head.rows[heading_at]
        return " ".join(cells[place].split()) or f"column {place + 1}" if place < len(cells) else name
    return name


def _place(head: TableHead) -> str:
    """What tells one table from another: the sheet's name unless it is a mere number, else the file's."""
    if head.sheet and not _PAGE_SHEET.match(head.sheet):
        return head.sheet
    return head.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _times(
    source: Source, table: pl.DataFrame, columns: Mapping[str, str], zone: str, *, assumed: bool
) -> pl.DataFrame:
    raw = table[columns["time"]]
    if "date" in columns:
        raw = table.select(pl.format("{} {}", pl.col(columns["date"]), pl.col(columns["time"])).alias("t"))["t"]
    digits = raw.str.contains(r"^\s*\d{9,13}\s*$").fill_null(value=False)
    unit = columns.get("time_unit")
    if unit is None and len(raw) and bool((digits | raw.is_null()).all()) and bool(digits.any()):
        raise UsageError(
            "--columns", f"{source.path}: times are whole numbers; add time_unit=s or time_unit=ms to --columns"
        )
    if unit in ("s", "ms"):
        column = raw.alias("raw").to_frame()
        instant = column.select(from_unix(pl.col("raw").str.strip_chars(), unit))["raw"]
        said = pl.col("sent_at").is_not_null()
        precision = "second" if unit == "s" else "millisecond"
        return pl.DataFrame({"sent_at": instant, "sent_raw": raw}).with_columns(
            pl.when(said).then(pl.lit(precision)).otherwise(pl.lit("none")).alias("time_precision"),
            pl.when(said).then(pl.lit("unix")).otherwise(pl.lit("none")).alias("zone_source"),
        )
    day_first = {"true": True, "yes": True, "false": False, "no": False}.get(columns.get("day_first", "").lower())
    source_text = pl.col("zone_source").cast(pl.String)
    return parse_time_column(raw, zone, day_first=day_first).with_columns(
        pl.when((source_text == "declared") & pl.lit(assumed))
        .then(pl.lit("assumed"))
        .otherwise(source_text)
        .alias("zone_source"),
        pl.col("time_precision").cast(pl.String),
        raw.alias("sent_raw"),
    )


def _facts_of(table: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    chosen: list[pl.Expr | pl.Series] = [pl.col(columns["text"]).fill_null("").alias("text")]
    chosen += [_bare(table[columns[r]]).alias(n) for r, n in _PLAIN.items() if r in columns]
    chosen += [pl.col(columns[r]).cast(t, strict=False).alias(r) for r, t in _NUMBERS.items() if r in columns]
    if "conversation" in columns:
        chosen.append(pl.col(columns["conversation"]).fill_null("").alias("conversation"))
    if "direction" in columns:
        own = {
            k.removeprefix("direction:").lower(): v == "self" for k, v in columns.items() if k.startswith("direction:")
        }
        words = {**_DIRECTIONS, **own}
        said = each_once(
            table[columns["direction"]],
            lambda some: (
                some.str.strip_chars()
                .str.to_lowercase()
                .replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.Boolean)
            ),
        )
        chosen.append(said.alias("is_self"))
    elif "sender" in columns:
        # A sender printed as the first person is the owner; where nobody is, the owner's own name decides later.
        chosen.append(
            pl.when(pl.col(columns["sender"]).is_in(["我", "me", "Me", "本人"]))
            .then(pl.lit(value=True))
            .alias("is_self")
        )
    return table.select(chosen)


def _bare(cells: pl.Series) -> pl.Series:
    """The cells without blanks around them; a column of a few words that have none is left as it is."""
    if cells.head(_LOOK).n_unique() < _LOOK // 10:
        words = cells.unique()
        if words.str.strip_chars().equals(words):
            return cells
    return cells.str.strip_chars()


def _rest(table: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    used = {
        columns[r] for r in columns if r not in ("kind", "direction", "status", "deleted", "receiver") and ":" not in r
    }
    # A kind that is understood throughout and a running number of the rows say nothing that the row does not.
    if "kind" in columns and all(w is not None and kind_of_name(w) for w in table[columns["kind"]].unique().to_list()):
        used.add(columns["kind"])
    rest = [
        c
        for c in table.columns
        if c != ROW
        and c not in used
        and table[c].null_count() < table.height
        and not _counts_rows(table[c], table[ROW])
    ]
    return table.select(pl.col(c).alias(f"raw_{c}") for c in rest)


def _counts_rows(column: pl.Series, numbers: pl.Series) -> bool:
    return column[0] == str(numbers[0]) and column.equals(numbers.cast(pl.String))


def _kinds(rows: pl.DataFrame, table: pl.DataFrame, columns: Mapping[str, str], notes: list[Note]) -> pl.DataFrame:
    shown = kind_from_text(pl.col("text"))
    if "kind" not in columns:
        return rows.with_columns(pl.coalesce(shown, sentence_kind(pl.col("text")), pl.lit("text")).alias("kind"))
    words = table[columns["kind"]].alias("word")
    own = {k.removeprefix("kind:"): v for k, v in columns.items() if k.startswith("kind:")}
    rows = rows.with_columns(words, kinds_of_names(words).alias("named"))
    if own:
        told = pl.col("word").replace_strict(list(own), list(own.values()), default=None, return_dtype=pl.String)
        rows = rows.with_columns(pl.coalesce(told, "named").alias("named"))
    unknown = rows.filter(pl.col("named").is_null() & pl.col("word").is_not_null())
    notes.extend(notes_of(NoteCode.UNKNOWN_KIND, unknown, excerpt="word", most=10))
    kind = named_or_told(rows["named"], rows["text"], shown)
    kind = kind.set(kind.is_null() & rows["word"].is_null(), "text").fill_null("other")
    rows = rows.with_columns(kind.alias("kind")).drop("named", "word")
    return rows.with_columns(told_notice(pl.col("kind"), pl.col("text")).alias("kind"))


def _between(rows: pl.DataFrame, receiver: pl.Series, told_owner: str | None) -> tuple[pl.DataFrame, str | None]:
    """Rows with the conversation of their sender and receiver, and the owner: the one account that has a part in every row.

    A receiver that never sends is a room. Without an owner the two accounts together name the conversation.
    """
    rows = rows.with_columns(receiver.str.strip_chars().alias("receiver"))
    senders = set(rows["sender"].drop_nulls().unique().to_list())
    everywhere = (
        [
            a
            for a in senders
            if rows.select(((pl.col("sender") == a) | (pl.col("receiver") == a)).fill_null(value=False).all()).item()
        ]
        if len(senders) < 1000
        else []
    )
    both = [a for a in everywhere if bool((rows["receiver"] == a).any()) and bool((rows["sender"] != a).any())]
    owner = told_owner or (both[0] if len(both) == 1 else None)
    if owner is None and len(both) == 2:
        return rows.drop("receiver"), None
    peer = pl.when(pl.col("sender") == pl.lit(owner, dtype=pl.String)).then("receiver").otherwise("sender")
    pair = pl.concat_str(
        pl.min_horizontal("sender", "receiver"), pl.max_horizontal("sender", "receiver"), separator=" – "
    )
    room = ~pl.col("receiver").is_in(sorted(senders)) & (pl.col("receiver") != pl.lit(owner or "", dtype=pl.String))
    key = pl.when(room).then("receiver").otherwise(peer if owner else pair).fill_null("")
    return rows.with_columns(key.alias("conversation")).drop("receiver"), owner


def _odd(rows: pl.DataFrame, table: pl.DataFrame, columns: Mapping[str, str]) -> list[Note]:
    notes = notes_of(NoteCode.BAD_TIME, rows.filter(pl.col("sent_at").is_null()), excerpt="sent_raw")
    coerced = rows.filter(pl.col("text").is_in(["TRUE", "FALSE", "#NAME?", "#VALUE!", "#REF!"]))
    notes += notes_of(NoteCode.COERCED_CELL, coerced, excerpt="text", most=10)
    coarse = rows.filter(pl.col("time_precision").is_in(["minute", "day"]))
    if coarse.height:
        notes.append(
            Note(NoteCode.PRECISION_LOST, str(coarse["locator"][0]), str(coarse["sent_raw"][0]), coarse.height)
        )
    if "direction" in columns:
        unclear = (
            rows.filter(pl.col("is_self").is_null())
            .select("locator")
            .with_columns(table[columns["direction"]].filter(rows["is_self"].is_null()).alias("word"))
        )
        notes += notes_of(NoteCode.ODD_VALUE, unclear.filter(pl.col("word").is_not_null()), excerpt="word", most=10)
    return notes


def _limits(reading: Reading) -> FormLimits:
    present = {Kind(k) for k in reading.messages["kind"].unique().to_list()}
    if present <= {Kind.TEXT, Kind.QUOTE, *SYSTEM_KINDS}:
        return FormLimits(kinds_absent=frozenset(set(Kind) - present - {Kind.TEXT}))
    return FormLimits(kinds_absent=frozenset(set(SYSTEM_KINDS) - present))
