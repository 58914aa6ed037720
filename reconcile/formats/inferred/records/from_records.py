"""Rows of a text that writes each message as lines of `name: value`, one field a line."""

import re
from itertools import pairwise
from pathlib import Path

import polars as pl

from reconcile.column_ops import all_contain, filled, in_one_query, none_of, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.people.place_values import without_joint
from reconcile.formats.inferred.records.labelled_lines import with_colons_behind_labels
from reconcile.formats.inferred.table_runs import names_a_message
from reconcile.formats.inferred.text.chats_in_lines import Chats, chats_of
from reconcile.formats.inferred.titled_rows import CHAT, instants
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.endings import end_of_words
from reconcile.intake.text.lines import leading_note, lines_of
from reconcile.vocabulary import NoteCode

_LINE = (
    r"^[\s\-*•>]*(?P<key>[^\s:：=|][^:：=|\n\t]{0,29}?)\**(?:\s*(?:=>|[:：=])|\t|\s+\|(?:\s|$))\**[ \t]*(?P<value>.*)$"
)
_RULE = r"^\s*[-—–=_*~#]{3,}\s*$"
# A pair of a log's line; a value with blanks stands in quotes.
_KEY, _VALUE = r"[A-Za-z_@][\w.@-]*", r'(?:"(?:[^"\\]|\\.)*"|[^\s"]*)'
# The name of a field before its value, one of several in a line, and what stands between them.
_BETWEEN = r"[\s,，;；|\u3000]"
_LABELLED = rf"(?:^\W*|{_BETWEEN})([^\W\d][^\s:：,，;；|]{{0,14}})\s*[:：]"
_COMMA = ", "
# Brackets alone in a line around all records.
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_BODY, _TITLE = "body", "sender"
_OF_A_MESSAGE = ("time", "sender", "text", "receiver", "direction", "kind")
_LOOK = 2_000
_LEAST_ROWS, _LEAST_FIELDS, _MOST_FIELDS = 3, 3, 40
# Least share of records with a field, of records with one order of fields, and of records with the same line.
_HELD, _ORDERED, _EVERY, _HALF = 0.3, 0.9, 0.8, 0.5


def record_fields(lines: pl.Series, name: str, notes: list[Note]) -> list[Fields]:
    """The records of a text as one frame, a column for each field name; [] if no names recur in order.

    A line without a known name continues the value above it.
    """
    lines = _without_quotations(with_colons_behind_labels(lines))
    if len(_names(lines.head(_LOOK).str.extract(_LINE, 1))) < _LEAST_FIELDS - 1:
        return []
    parts = lines.str.extract_groups(_LINE).struct.unnest()
    # A clock is no name and value.
    clock = parts["key"].str.contains(r"[0-9]$") & parts["value"].str.contains(r"^[0-9]")
    parts = parts.with_columns(key=parts["key"].set(clock.fill_null(value=False), None))
    keys = _names(parts["key"])
    titles = _titles(lines, parts) if keys else None
    if titles is not None:
        keys = _names(parts["key"].set(titles.is_not_null(), None))
    if len(keys) + (titles is not None) < _LEAST_FIELDS and not _name_time_and_sender(keys):
        return []
    starts = parts["key"] == keys[0]
    keys += _labels_outside(lines, parts, keys, starts)
    key = parts["key"].set(~parts["key"].is_in(keys), None)
    record = starts.fill_null(value=False).cum_sum()
    if titles is not None:
        # The title of a record stands above its first field and ends the previous record.
        record = record.set(titles.is_not_null(), 0)
    told = {"record": record, "key": key, "line": lines, "value": parts["value"], "label": parts["key"]}
    frame = pl.DataFrame(told).with_row_index("at")
    chats = _chats(frame, lines)
    frame = frame.filter(~chats.titles)
    # A field name that recurs within a record is part of a message.
    again = pl.col("key").is_not_null() & (pl.int_range(pl.len()).over("record", "key") > 0)
    frame = frame.with_columns(pl.when(again).then(None).otherwise("key").alias("key")).filter(pl.col("record") > 0)
    frame, more = _without_end(frame, name)
    above = lines.head(frame["at"][0] if frame.height else 0).str.strip_chars()
    frame, total = _without_total(frame, name, frozenset(_CLOSING[w] for w in above if w in _CLOSING))
    notes = [*notes, *more, *total]
    named = frame.drop_nulls("key")
    order = named["key"].replace_strict(keys, list(range(len(keys))), return_dtype=pl.Int64)
    steps = pl.DataFrame({"record": named["record"], "order": order}).select(
        (pl.col("order").diff().over("record") > 0).fill_null(value=True).mean()
    )
    if float(steps.item()) < _ORDERED or float(named["record"].n_unique()) < _LEAST_ROWS:
        return []
    is_head = starts.fill_null(value=False)
    frame, keys = _with_words_below(_without_usual_lines(frame), keys)
    if len(keys) + (titles is not None) < _LEAST_FIELDS:
        return []
    table, other = _without_other_records(_records_as_table(frame, keys), keys, name)
    notes = [*notes, *other]
    if titles is not None:
        shown = titles.drop_nulls()
        if other or shown.len() != table.height:
            return []
        table = table.with_columns(shown.alias(_TITLE))
    if chats.names is not None:
        at = table[ROW].str.extract(r"([0-9]+)$", 1).cast(pl.Int64) - 1
        table = table.with_columns(chats.names.gather(at).alias(CHAT))
    return [Fields(table, name, f"{name}#", notes=(*notes, *leading_note(lines, is_head, name)), is_text=True)]


def _without_quotations(lines: pl.Series) -> pl.Series:
    """The lines without quoted records.

    They stand behind `>`, with names of fields that have no such sign in most places.
    """
    quoted = in_one_query(lines, lambda t: t.str.contains(r"^\s*>"))
    if not quoted.any() or quoted.all():
        return lines
    told = pl.DataFrame({"line": lines, "quoted": quoted, "key": lines.str.extract(_LINE, 1)}).with_columns(
        pl.col("quoted").rle_id().alias("run"), (pl.col("quoted").mean().over("key") < _HALF).alias("usual")
    )
    is_record = (pl.col("key").is_not_null() & pl.col("usual")).any().over("run")
    told = told.with_columns(
        (pl.col("quoted") & is_record).alias("gone"), (pl.col("line") == "").rle_id().alias("part")
    )
    # Of a quoted paragraph, some forms mark only the first line. The answer then stands behind an empty line.
    parts = told.group_by("part", maintain_order=True).agg(
        pl.col("gone").any().alias("of_quote"), pl.col("gone").all().alias("whole"), pl.col("key").first()
    )
    going_on = pl.col("of_quote") & ~pl.col("whole") & pl.col("key").shift(-2).is_null()
    parts = parts.select("part", (going_on & (going_on.sum() * 2 < pl.col("of_quote").sum())).alias("goes_on"))
    gone = pl.col("gone") | pl.col("goes_on")
    told = told.join(parts, on="part", how="left", maintain_order="left")
    return told.select(pl.when(gone).then(pl.lit("")).otherwise("line").alias(lines.name))[lines.name]


def _name_time_and_sender(keys: list[str]) -> bool:
    """Whether two names are those of a time and a sender, so that the words may stand below them."""
    return len(keys) == _LEAST_FIELDS - 1 and all(any(hint(k, r) >= 1 for k in keys) for r in ("time", "sender"))


def _chats(frame: pl.DataFrame, lines: pl.Series) -> Chats:
    """The titles between the records that name chats."""
    none = Chats(none_of(lines))
    keys = frame["key"].drop_nulls().unique(maintain_order=True).to_list()
    told = [next((k for k in keys if hint(k, role) > 0), None) for role in ("time", "sender")]
    named = frame.filter(pl.col("record") > 0).drop_nulls("key")
    if None in told or named.is_empty():
        return none
    time, sender = (pl.col("value").filter(pl.col("key") == k).first() for k in told)
    said = named.group_by("record", maintain_order=True).agg(
        pl.col("at").first().alias("place"), time.alias("at"), sender.str.strip_chars().alias("sender")
    )
    found = chats_of(
        lines, frame["key"].is_not_null(), none.titles, said["place"], lambda: said.with_columns(instants(said["at"]))
    )
    return none if found.names is None or found.is_asked else found


def _without_end(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Note]]:
    """The lines without the closing words that stand below the last record only, and a note."""
    filled = pl.col("line").str.strip_chars() != ""
    gap = (~filled & (pl.col("at") > pl.col("at").filter(pl.col("key").is_not_null()).max())).over("record")
    below = frame.with_columns((gap.cum_sum().over("record") > 0).alias("below"))
    held = below.filter(filled & pl.col("below"))
    if held.is_empty() or held["record"].unique().to_list() != [frame["record"].max()]:
        return frame, []
    kept = below.filter(~(pl.col("below") & (pl.col("record") == frame["record"].max()))).drop("below")
    words = " ".join(held["line"].str.strip_chars().to_list())[:200]
    return kept, [Note(NoteCode.ROW_SKIPPED, f"{name}#line {held['at'][0] + 1}", words)]


def _without_total(frame: pl.DataFrame, name: str, signs: frozenset[str]) -> tuple[pl.DataFrame, list[Note]]:
    """The lines without a total, words of ending or such signs below the last field; and a note."""
    last = frame.filter(pl.col("at") > pl.col("at").filter(pl.col("key").is_not_null()).max())
    lines = last["line"].to_list()
    kept = end_of_words("\n".join(lines), frame["record"].n_unique(), signs, 0) if lines else 0
    end = " ".join(line.strip() for line in lines[kept:] if line.strip())
    notes = [Note(NoteCode.ROW_SKIPPED, f"{name}#line {last['at'][kept] + 1}", end[:200])] if end else []
    return frame.head(frame.height - len(lines) + kept), notes


def _without_usual_lines(frame: pl.DataFrame) -> pl.DataFrame:
    """The lines without those that nearly every record repeats, apart from figures."""
    filled = pl.col("line").str.strip_chars() != ""
    shape = pl.when(pl.col("key").is_null() & filled).then(
        pl.col("line").str.strip_chars().str.replace_all(r"[0-9]+", "0")
    )
    common = frame.select(shape.alias("shape"), "record").drop_nulls().unique()["shape"].value_counts()
    usual = common.filter(pl.col("count") > _EVERY * frame["record"].n_unique())["shape"]
    return frame.filter(~shape.is_in(usual.implode()).fill_null(value=False))


def _with_words_below(frame: pl.DataFrame, keys: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """The lines, with words below an empty line behind the last field as a field of their own.

    Unchanged unless nearly every record has such words, as mails do.
    """
    last = pl.col("at").filter(pl.col("key").is_not_null()).max().over("record")
    filled = pl.col("line").str.strip_chars() != ""
    gap = (~filled & (pl.col("at") > last)).cum_sum().over("record") > 0
    first = (filled & gap & (pl.col("at") > last)).fill_null(value=False).alias("first")
    begin = frame.select("record", first).with_columns(
        (pl.col("first") & (pl.col("first").cum_sum().over("record") == 1)).alias("begin")
    )["begin"]
    if int(begin.sum()) < _EVERY * frame["record"].n_unique() or _BODY in keys:
        return frame, keys
    # What a few records state more stands above the empty line.
    more = frame.select(pl.when(pl.col("key").is_null() & ~gap & (pl.col("at") > last)).then("label"))["label"]
    told = frame.with_columns(begin.alias("begin"))
    return told.with_columns(
        pl.when("begin").then(pl.lit(_BODY)).otherwise(pl.coalesce("key", more)).alias("key"),
        pl.when("begin").then("line").otherwise("value").alias("value"),
    ).drop("begin"), [*keys, *more.drop_nulls().unique(maintain_order=True), _BODY]


def _labels_outside(lines: pl.Series, parts: pl.DataFrame, keys: list[str], starts: pl.Series) -> list[str]:
    """The labels of remarks on several messages: no fields, above them all and behind empty lines."""
    first, key = int(starts.arg_max() or 0), parts["key"].set(parts["value"].str.strip_chars() == "", None)
    alone = filled(key.is_not_null() & (lines.shift(1, fill_value="").str.strip_chars() == ""), value=False)
    above, below = key.head(first), pl.DataFrame([key.alias("key"), alone.alias("alone")]).slice(first)
    held = below.filter(pl.col("key").is_in(above.drop_nulls().implode())).group_by("key", maintain_order=True)
    often = held.agg(pl.len(), pl.col("alone").all()).filter(pl.col("len") >= _LEAST_ROWS, "alone")["key"]
    return [k for k in often if k not in keys and all(hint(k, r) <= 0 for r in _OF_A_MESSAGE)]


def _titles(lines: pl.Series, parts: pl.DataFrame) -> pl.Series | None:
    """The name alone in the line above each record, where every record has one; null in other lines."""
    told = parts.filter(parts["key"].is_not_null()).group_by("key", maintain_order=True)
    empty = told.agg(pl.col("value").str.strip_chars().eq("").all()).filter("value")["key"]
    may = parts["key"].is_in(empty.implode()).fill_null(value=False)
    fields = _names(parts["key"].set(may, None))
    if not fields or empty.is_empty():
        return None
    above = (parts["key"] == fields[0]).fill_null(value=False).shift(-1, fill_value=False)
    # A name may hold a colon, too.
    ends = lines.filter(above).str.contains(r"[:：]\s*$")
    if not above.any() or not ends.all() or float(may.filter(above).mean() or 0) < _EVERY:  # type: ignore[arg-type]
        return None
    return lines.str.strip_chars().str.strip_chars_end(":：").set(~above, None)


def pair_fields(source: Source, file: Path) -> list[Fields]:
    """The lines of a log that hold the same `name=value` pairs in one order; [] for other text.

    Values with blanks stand in quotes, or commas separate the pairs; then a value may continue in the lines below.
    """
    lines, notes = lines_of(source, file)
    some = [line for line in lines.head(_LOOK).to_list() if line.strip()][:_LEAST_ROWS]
    pattern, keys = _pattern_of_labels(some) or _pattern_of_pairs(next(iter(some), ""))
    if len(keys) < _LEAST_FIELDS or len({*keys}) < len(keys):
        return []
    fits = lines.str.contains(pattern)
    filled = lines.str.strip_chars() != ""
    if int(fits.sum()) < max(_LEAST_ROWS, (_ORDERED if _COMMA not in pattern else _HELD) * int(filled.sum())):
        return []
    name = source.relative(file)
    if _COMMA in pattern:
        begins = lines.str.contains(pattern.partition("(.*?)")[0])
        whole = _with_lines_below(lines, begins)
        if not whole.str.contains(f"(?s){pattern}").all():
            begins, whole = fits, _with_lines_below(lines, fits)
        lines, odd, places = whole, [], begins.arg_true() + 1
        parts = lines.str.extract_groups(f"(?s){pattern}").struct.rename_fields(keys).struct.unnest()
    else:
        odd = [Note(NoteCode.ROW_SKIPPED, f"{name}#line {i + 1}", lines[i][:200]) for i in (filled & ~fits).arg_true()]
        parts = lines.filter(fits).str.extract_groups(pattern).struct.rename_fields(keys).struct.unnest()
        places = fits.arg_true() + 1
    quoted = pl.all().str.starts_with('"') & pl.lit(_COMMA not in pattern)
    told = parts.with_columns(pl.when(quoted).then(pl.all().str.json_decode(pl.String)).otherwise(pl.all()))
    labels = places.alias("at").to_frame().select(pl.format("line {}", "at").alias(ROW))
    frame = pl.concat([labels, told], how="horizontal")
    return [Fields(frame, name, f"{name}#", notes=(*notes, *shorten_notes(odd)))]


def _pattern_of_labels(lines: list[str]) -> tuple[str, list[str]] | None:
    """The pattern of lines that name time, sender and text before each, and these names; else None."""
    held = [re.findall(_LABELLED, line) for line in lines]
    keys = [k for k in dict.fromkeys(held[0] if held else ()) if all(k in of_one for of_one in held)]
    if len(lines) < _LEAST_ROWS or not names_a_message(tuple(keys)):
        return None
    return r"^\W*" + rf"{_BETWEEN}+".join(rf"{re.escape(k)}\s*[:：]\s*(.*?)" for k in keys) + rf"(?:{_COMMA})?$", keys


def _pattern_of_pairs(first: str) -> tuple[str, list[str]]:
    """The pattern of lines with the pairs of this one, and their names; no names where it holds no pairs."""
    if re.fullmatch(rf"\s*(?:{_KEY}={_VALUE}\s*)+", first):
        keys = re.findall(rf"({_KEY})={_VALUE}", first)
        return r"^\s*" + r"\s+".join(rf"{re.escape(k)}=({_VALUE})" for k in keys) + r"\s*$", keys
    if (begin := re.match(rf"[^=,]{{0,30}}?(?={_KEY}=)", first)) is None or first.count(_COMMA) < _LEAST_FIELDS - 1:
        return "", []
    pairs = first[begin.end() :].split(_COMMA)
    keys = [m[1] for p in pairs if (m := re.match(rf"({_KEY})=", p))]
    if len(keys) > _MOST_FIELDS:
        return "", []
    return r"^[^=,]{0,30}?" + _COMMA.join(rf"{re.escape(k)}=(.*?)" for k in keys) + r"\s*$", keys


def _with_lines_below(lines: pl.Series, fits: pl.Series) -> pl.Series:
    """The lines that fit, each joined with those below it up to the next."""
    frame = pl.DataFrame({"line": lines, "row": fits.cum_sum()}).filter(pl.col("row") > 0)
    return frame.group_by("row", maintain_order=True).agg(pl.col("line").str.join("\n"))["line"].str.strip_chars_end()


def _names(keys: pl.Series) -> list[str]:
    """The field names that recur as often as the one that begins the records, in order of appearance."""
    held = present(keys)
    counted = held.value_counts(sort=True)
    if counted.is_empty() or counted["count"][0] < _LEAST_ROWS:
        return []
    often = counted.head(int((counted["count"] >= _HELD * counted["count"][0]).sum()))
    if often.height > _MOST_FIELDS:
        return []
    kept = held.unique(maintain_order=True)
    return kept.filter(kept.is_in(often[often.columns[0]].implode())).to_list()


def _unquoted(values: pl.Series) -> pl.Series:
    """The values without quotes, where all of them are written as JSON and TOML write texts."""
    held = values.drop_nulls()
    if held.is_empty() or not all_contain(held, r'(?s)^"(?:[^"\\]|\\.)*"$'):
        return values
    try:
        return values.str.json_decode(pl.String).alias(values.name)
    except pl.exceptions.PolarsError:
        return values


def _with_body(wide: pl.DataFrame, keys: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """The records with the words that stand below their last field, a time, as in a mail."""
    last = keys[-1]
    parts = wide[last].str.extract_groups(r"(?s)^(?P<own>[^\n]*[0-9]:[0-9]{2}[^\n]*)\n(?P<body>.*)$").struct.unnest()
    if parts["body"].null_count() > (1 - _EVERY) * wide.height or hint(last, "time") <= 0:
        return wide, keys
    return wide.with_columns(parts["own"].fill_null(wide[last]).alias(last), parts["body"].alias(_BODY)), [*keys, _BODY]


def _with_lacking_fields(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The lines with the `field` of each: the last named, or the next one where its record lacks that.

    Lines below a field are those of a lacking one only where no record that has both writes lines between them.
    """
    told = frame.with_columns(pl.col("key").forward_fill().over("record").alias("field"))
    further = pl.col("key").is_null() & pl.col("line").str.contains(r"\w")
    below = told.filter(further).select("record", "field").unique()
    for one, following in pairwise(keys):
        held = told.filter(pl.col("key") == following)["record"]
        owners = below.filter(pl.col("field") == one)["record"]
        if owners.is_empty() or held.is_empty() or owners.is_in(held.implode()).any():
            continue
        lacks = (pl.col("field") == one) & pl.col("key").is_null()
        told = told.with_columns(pl.when(lacks).then(pl.lit(following)).otherwise("field").alias("field"))
    return told


def _without_other_records(table: pl.DataFrame, keys: list[str], name: str) -> tuple[pl.DataFrame, list[Note]]:
    """The records without receipts and others of another form, and a note on each of those.

    They lack the words, and a further field that every record with words has.
    """
    text = next((k for k in keys if hint(k, "text") >= 1 and k in table.columns), None)
    if text is None or not table[text].null_count():
        return table, []
    said = table.drop_nulls(text)
    always = [k for k in keys if k in table.columns and not said[k].null_count()]
    is_other = table.select(
        pl.col(text).is_null() & pl.any_horizontal(pl.col(k).is_null() for k in always if k != text)
    )
    gone = table.filter(is_other.to_series())
    notes = [
        Note(NoteCode.ROW_SKIPPED, f"{name}#{at}", str(first)[:200])
        for at, first in gone.select(ROW, keys[0]).iter_rows()
    ]
    return table.filter(~is_other.to_series()), shorten_notes(notes)


def _records_as_table(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """A row for each record and a column for each key; lines without a key belong to the last."""
    told = (
        _with_lacking_fields(frame, keys)
        .with_columns(
            pl.when(pl.col("key").is_null()).then("line").otherwise("value").alias("words"),
        )
        .filter(pl.col("key").is_not_null() | ~pl.col("line").str.contains(_RULE))
    )
    values = told.group_by("record", "field", maintain_order=True).agg(
        pl.col("words").str.join("\n").str.strip_chars_end().str.replace(r"^[ \t]*\n", ""), pl.col("at").first()
    )
    wide, keys = _with_body(values.pivot("field", index="record", values="words"), keys)
    first = values.group_by("record", maintain_order=True).agg(pl.col("at").min())
    wide = wide.join(first, on="record", how="left", maintain_order="left")
    wide = wide.with_columns(_unquoted(wide[k]) for k in keys if k in wide.columns)
    wide = wide.with_columns(without_joint(wide[k]) for k in keys if k in wide.columns and hint(k, "sender") > 0)
    shown = [pl.when(pl.col(k) != "").then(pl.col(k)).alias(k) for k in keys if k in wide.columns]
    return wide.select(pl.format("line {}", pl.col("at") + 1).alias(ROW), *shown)
