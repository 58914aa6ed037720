"""Rows that are no messages: second headings, pictures of people, receipts, changes of a room."""

from collections.abc import Mapping

import polars as pl

from reconcile.column_ops import filled, none_of, present
from reconcile.formats.inferred.fields import ELEMENT
from reconcile.formats.inferred.hints import hint, words_of
from reconcile.intake.contract import Note
from reconcile.intake.frames import notes_of
from reconcile.intake.tables.cells import ROW
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.client_sentences import sentence_kind

# Words in names of fields that belong to receipts, typing notices and other events; the longest name of an event.
_EVENTS, _LONGEST_EVENT = frozenset(["receipt", "typing", "presence", "ack", "reaction"]), 40
# Words of a column of kinds for a change of a message's state.
_STATES = ("status", "delivery", "delivered", "seen", "read", "状态")
# Words of a column of kinds for other events.
_CHANGES = frozenset(["event", "update", "joined", "left", "action", "slot", "session", "typing", "presence"])
_LOOK, _MOST_KINDS = 1000, 40
_YES_NO = {"true": "1", "yes": "1", "是": "1", "false": "0", "no": "0", "否": "0"}
# Words for ids in the names of fields; the largest share of edited messages.
_IDS, _FEW_EDITED, _TIME_AND_SENDER = frozenset(["id", "mid", "msgid", "guid", "uuid", "key"]), 0.5, 2
# A word for an event, and no answer to a question.
_EVENT = r"^[a-z_-]{1,3}$|^[a-z]+[_-][a-z_-]+$"
# Fields whose columns a heading names, and what it adds where it goes on.
_OF_A_HEADING, _CONTINUED = ("time", "date", "sender", "text", "kind"), lazy_pattern(r"\s*[(（\[].{0,12}[)）\]]\s*$")
# Roles that every row of a log fills, also one that is no message.
_OF_ANY_ROW = ("time", "date", "sender", "sender_name", "direction", "kind", "conversation", "receiver")


def with_time_or_text(frame: pl.DataFrame, columns: Mapping[str, str], name: str) -> tuple[pl.DataFrame, list[Note]]:
    """Rows with a time or a text that are no events, and a note on the others.

    The others are second headings, date lines, pictures of people, receipts, and rows without sender and words.
    """
    wanted = [c for r in ("time", "text") if (c := columns.get(r)) in frame.columns]
    # Most columns of times and words have no empty cell.
    is_bare = pl.all_horizontal(pl.col(c).str.strip_chars().fill_null("") == "" for c in wanted)
    may_lack = len(wanted) > 1 and frame[wanted[0]].null_count() > 0 and frame.select(is_bare.any()).item()
    kept = frame.filter(~is_bare) if may_lack else frame
    at, cells = (
        pl.format("{}#{}", pl.lit(name), pl.col(ROW)).alias("locator"),
        pl.concat_str(pl.exclude(ROW), separator=" ", ignore_nulls=True),
    )
    lost = frame.filter(is_bare) if may_lack else frame.clear()
    # A title or a closing line fills one cell. Who is named alone may have lost his words.
    people = [c for r in ("sender", "sender_name") if (c := columns.get(r)) in frame.columns]
    is_line = pl.sum_horizontal(pl.exclude(ROW, *people).is_not_null()) == pl.lit(1)
    is_line &= pl.all_horizontal(pl.lit(value=True), *(pl.col(c).is_null() for c in people))
    notes = (
        [
            note
            for code, rows in (
                (NoteCode.LINE_OUTSIDE, lost.filter(is_line)),
                (NoteCode.ROW_SKIPPED, lost.filter(~is_line)),
            )
            for note in notes_of(code, rows.select(at, cells.alias("said")), excerpt="said")
        ]
        if lost.height
        else []
    )
    if (again := _name_columns(kept, columns)).any():
        notes += notes_of(NoteCode.LINE_OUTSIDE, kept.filter(again).select(at, cells.alias("said")), excerpt="said")
        kept = kept.filter(~again)
    told = kept.filter(~(_is_event(kept, columns) | _is_called_event(kept, columns) | _names_who_came(kept, columns)))
    events = kept.height - told.height
    if (older := _are_older(told, columns)).any():
        said = pl.concat_str([pl.lit("older version: "), pl.col(columns["text"]).fill_null("")])
        notes += notes_of(NoteCode.ROW_SKIPPED, told.filter(older).select(at, said.alias("said")), excerpt="said")
    return told.filter(~older), [
        *notes,
        *([Note(NoteCode.ROW_SKIPPED, name, "events, no messages", events, said=True)] if events else []),
    ]


def _name_columns(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.Series:
    """Which rows name the columns once more, as printed pages do: every cell is a word for its field."""
    nothing = none_of(frame)
    held = [(r, c) for r in _OF_A_HEADING if (c := columns.get(r)) in frame.columns and frame[c].dtype == pl.String]
    if not {r for r, _ in held} >= {"time", "text"}:
        return nothing
    near = filled(~frame[columns["time"]].str.contains("[0-9]"), value=False)
    for role, column in held if near.any() else ():
        cells = present(frame[column].filter(near)).unique()
        names = [c for c in cells if (bare := _CONTINUED.sub("", c).strip()) == column or hint(bare, role) >= 1]
        near &= frame[column].is_in(names).fill_null(value=role not in ("time", "text"))
    return near


def _are_older(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.Series:
    """Which rows are older versions of an edited message.

    Some messages then have several rows of one id, time and sender. A field marks one of these as the latest, or counts
    the versions.
    """
    nothing = none_of(frame)
    same = [c for r in ("time", "sender", "direction") if (c := columns.get(r)) in frame.columns]
    if "text" not in columns or len(same) < _TIME_AND_SENDER:
        return nothing
    for column in (c for c in frame.columns if c not in same and hint(c, "sender") <= 0 and words_of(c) & _IDS):
        held = frame[column]
        again = held.is_duplicated() & held.is_not_null()
        if not again.any() or held.null_count() or int(again.sum()) > _FEW_EDITED * frame.height:
            continue
        some = frame.filter(again)
        one = some.group_by(column).agg(pl.col(c).n_unique() for c in same)
        if bool((one.drop(column).max_horizontal() > 1).any()):
            continue
        for told in (c for c in frame.columns if c not in (column, columns["text"], ROW, *same)):
            number = some[told].str.to_lowercase().replace(_YES_NO).cast(pl.Int64, strict=False)
            ranks = some.select(column, number.alias("rank"))
            is_last = ranks.select(pl.col("rank") == pl.col("rank").max().over(column)).to_series()
            if ranks["rank"].null_count() or int(is_last.sum()) != some[column].n_unique():
                continue
            return nothing.scatter(again.arg_true(), ~is_last)
    return nothing


def _is_event(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.Series:
    """Which rows of objects are no messages: those without words and sender, and receipts.

    A receipt fills a field of that name, which no row with words does.
    """
    nothing = none_of(frame)
    text = columns.get("text", "")
    if text not in frame.columns:
        return nothing
    people = [c for r in ("sender", "sender_name", "direction", "kind") if (c := columns.get(r)) in frame.columns]
    if frame[text].null_count() in (0, frame.height) or not people:
        return nothing
    bare = frame[text].is_null()
    nobody = bare & frame.select(pl.all_horizontal(pl.col(c).is_null() for c in people)).to_series()
    if "." not in text:
        # Beside words in the row itself a picture of the owner may bear no name.
        return nobody & _is_of_another_shape(frame, columns, ~bare)
    nobody |= bare & _is_of_another_shape(frame, columns, ~bare)
    for column in (c for c in frame.columns if c != ROW):
        if words_of(column) & _EVENTS and not frame[column].filter(~bare).count():
            nobody |= bare & frame[column].is_not_null()
        said = frame[column].filter(bare).unique().drop_nulls().head(_LOOK).to_list()
        events = _names_of_events(said)
        nobody |= (
            bare & frame[column].is_in(events)
            if events and not frame[column].filter(~bare).is_in(events).any()
            else False
        )
    return nobody


def _names_of_events(cells: list[str]) -> list[str]:
    """The cells that are short and name an event."""
    return [c for c in cells if len(c) <= _LONGEST_EVENT and words_of(c) & _EVENTS]


def _is_a_state(word: str) -> bool:
    """Whether a kind without words is a change of a state, a room or a session."""
    return word.lower() in _STATES or (len(word) <= _LONGEST_EVENT and bool(words_of(word) & _CHANGES))


def _is_called_event(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.Series:
    """Which rows a column of kinds calls a reaction or a receipt, where it calls most rows otherwise.

    A change of state is one where it has no words.
    """
    text = columns.get("text", "")
    bare = frame[text].is_null() if text in frame.columns else none_of(frame)
    called = none_of(frame)
    for column in (c for c in frame.columns if hint(c, "kind") >= 1 or c.lower().endswith("event") or c == ELEMENT):
        words = frame[column].drop_nulls().unique().head(_MOST_KINDS + 1).to_list()
        events = _names_of_events(words)
        if events and len(words) <= _MOST_KINDS:
            rows = frame[column].is_in(events).fill_null(value=False)
            called |= rows & (2 * int(rows.sum()) < frame.height)
        states = bare & frame[column].is_in([w for w in words if _is_a_state(w)]).fill_null(value=False)
        called |= states & ~frame[column].is_in(frame[column].filter(~bare).unique().implode()).fill_null(value=False)
    return called


def _names_who_came(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.Series:
    """Which rows have no words but their sender's name, and a word in a field that all others lack."""
    nothing = none_of(frame)
    if (text := columns.get("text", "")) not in frame.columns or not frame.height:
        return nothing
    people = [c for c in frame.columns if c not in (text, ROW) and hint(c, "sender") > 0]
    own = pl.any_horizontal(pl.lit(value=False), *((pl.col(c) == pl.col(text)) for c in people))
    same = nothing | frame.select(own.fill_null(value=False)).to_series()
    if not same.any():
        return nothing
    texts = [c for c in frame.columns if frame[c].dtype == pl.String]
    empty = [c for c in texts if frame[c].filter(~same).count() == 0]
    is_called = pl.any_horizontal(
        pl.lit(value=False), *(pl.col(c).str.contains(_EVENT) & ~pl.col(c).is_in([*_YES_NO]) for c in empty)
    )
    return same & frame.select(is_called.fill_null(value=False)).to_series()


def _is_of_another_shape(frame: pl.DataFrame, columns: Mapping[str, str], has_words: pl.Series) -> pl.Series:
    """Which rows lack every field that all rows with words fill, and fill one that these rows never fill.

    Fields that any row of a log has, and fields with one value in all rows with words, do not count.
    """
    beside = {columns[r] for r in (*_OF_ANY_ROW, "text") if r in columns} | {ROW}
    said = frame.filter(has_words)
    names = [c for c in frame.columns if c not in beside and not c.startswith("^")]
    own = [c for c in names if not said[c].null_count() and said[c].n_unique() > 1]
    strange = [c for c in names if said[c].null_count() == said.height]
    if not own or not strange:
        return none_of(frame)
    lacks = pl.all_horizontal(pl.col(c).is_null() for c in own)
    return frame.select(lacks & pl.any_horizontal(pl.col(c).is_not_null() for c in strange)).to_series()


def with_notices_as_words(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a notice of the client that stands in place of a sender as their words."""
    if "sender" not in rows.columns or not (near := rows["text"] == "").any():
        return rows
    told = near & rows.select(sentence_kind(pl.col("sender")).is_not_null()).to_series()
    people = [c for c in ("sender", "sender_name", "is_self") if c in rows.columns]
    nobody = [pl.when(told).then(None).otherwise(c).alias(c) for c in people]
    return rows.with_columns(pl.when(told).then("sender").otherwise("text").alias("text"), *nobody)
