"""Chooses how the lines of a text are read: by their headings, or by the places of their layout."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import polars as pl

from reconcile.column_ops import have_lines, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.people.place_values import LEVEL, that_tell_ways
from reconcile.formats.inferred.scores import infer
from reconcile.formats.inferred.text.line_places import Log, log_fields, placed_fields
from reconcile.formats.inferred.text.program_lines import without_program_lines
from reconcile.formats.inferred.text.templates import LEAST, left_in, like_messages, with_headings_in_one_line
from reconcile.formats.inferred.times.times_in_lines import plain_lines
from reconcile.formats.inferred.times.zone_words import with_zones_of_words, without_marks
from reconcile.formats.inferred.words.labelled_parts import without_reactions
from reconcile.intake.contract import Note
from reconcile.intake.tables.cells import ROW

# Number of lines that suffice to show how a text is written.
MOST_KNOWN_LINES = 400
# Largest share of the headings of a layout that are read, where others may be lines of words.
_MOST_READ = 0.8
# Most names that are searched for in other lines, least share of these with a level, and how much of a line is read.
_MOST_NAMES, _LEVELS, _NEAR, _SHOWN = 100, 0.8, 120, 60
_Read = Callable[[pl.Series], Fields | None]


def with_places(whole: tuple[pl.Series, list[Note]], name: str, lines: list[Fields]) -> list[Fields]:
    """The lines of a text, or the places of their layout as columns where these say more.

    `whole`: all lines of the file and the notes on them. A text that is not read otherwise, or whose words then begin
    with phrases of the form, may be a program's log or have headings of several lines.
    """
    written, notes = whole
    written = without_program_lines(plain_lines(written))
    is_asked = bool(lines and {*lines[0].doubts} - {"timezone"})
    has_phrases = bool(lines) and left_in(lines[0].frame["text"]) is not None
    # Who speaks is found elsewhere, or lines that are not read may be headings.
    is_open = not lines or has_phrases or lines[0].doubts.get("sender") == ()
    known = 0 if is_open else lines[0].frame.height / _MOST_READ if not is_asked else float("inf")

    def placing(text: pl.Series) -> Fields | None:
        return placed_fields(text, name, notes, known)

    def ways() -> Iterator[tuple[_Read, pl.Series]]:
        """The ways of reading, with the lines that each reads. The first that reads them soundly is used."""
        yield placing, written
        if is_open:
            yield lambda text: _asked_about(log_fields(text, name, notes)), written
            joined = with_headings_in_one_line(written)
            if joined is not written:
                yield placing, joined

    placed = _first_sound(ways(), is_open=is_open)
    if placed is None:
        return lines
    if not lines or (has_phrases and is_sound(placed)):
        return [placed]
    # What both leave open tells nothing.
    inferred, open_in_both = infer(placed), {"timezone", *(placed.doubts.keys() & lines[0].doubts.keys())}
    inferred = replace(inferred, doubts={r: told for r, told in inferred.doubts.items() if r not in open_in_both})
    is_asked = bool({*lines[0].doubts} - open_in_both)
    if not inferred.is_clear:
        return lines if is_asked or _is_no_longer(lines[0], "text", placed, "text") else [placed]
    if lines[0].doubts.get("sender") and "sender" not in inferred.choices and "conversation" in inferred.choices:
        # Whether names are of those who speak, or of the other party, nothing tells.
        return lines
    sender = inferred.columns.get("sender", "text")
    is_told = "direction" not in inferred.choices or "direction" in lines[0].frame.columns
    same = (
        is_told
        and not is_asked
        and all(_is_no_longer(lines[0], *pair) for pair in (("text", placed, "text"), ("sender", placed, sender)))
    )
    return lines if same else [placed]


def _first_sound(ways: Iterator[tuple[_Read, pl.Series]], *, is_open: bool) -> Fields | None:
    """The messages by the first way of reading that is sound; else by the first that reads any.

    Where nothing else is open, the first that reads any is taken as it is.
    """
    first = None
    for read, text in ways:
        # The first lines of a text show its layout, and most texts are not read in full here.
        if read(text.head(MOST_KNOWN_LINES)) is None:
            continue
        zoned, zones = with_zones_of_words(text)
        if (placed := read(zoned)) is None:
            continue
        placed = replace(without_marks(placed), doubts={**placed.doubts, **({"timezone": zones} if zones else {})})
        placed = _without_reactions(placed)
        if not is_open or is_sound(placed):
            return placed
        first = first or placed
    return first


def _without_reactions(placed: Fields) -> Fields:
    """The messages without lines below their words that tell who reacted to them."""
    choices = infer(placed).choices
    if "text" not in choices or not have_lines(text := placed.frame[choices["text"].column]):
        return placed
    names = [placed.frame[c.column] for r, c in choices.items() if r in ("sender", "sender_name")]
    told = without_reactions(text, pl.concat(names)) if names else text
    return replace(placed, frame=placed.frame.with_columns(told.alias(text.name)))


def is_sound(fields: Fields) -> bool:
    """Whether time (zone apart), sender and text are clear, and no texts begin with a phrase of the form."""
    inferred = infer(fields)
    is_clear = replace(inferred, doubts={r: d for r, d in inferred.doubts.items() if r != "timezone"}).is_clear
    if not is_clear or not {"sender", "direction"} & inferred.choices.keys():
        return False
    return left_in(fields.frame[inferred.choices["text"].column]) is None


def _asked_about(log: Log | None) -> Fields | None:
    """The messages of a log, in doubt where its other lines may be messages of another kind."""
    if log is None:
        return None
    odd = like_messages(log.others) or _of_another_kind(log)
    doubts = {} if odd is None else {"text": ("text", odd.strip()[:_SHOWN])}
    return replace(log.fields, doubts={**log.fields.doubts, **doubts})


def _of_another_kind(log: Log) -> str | None:
    """The first other line of a log that may be a message; None if a program seems to write them all.

    Lines of a program state levels or recur. A message names a sender of the other messages, or a direction.
    """
    others, choices = log.others, infer(log.fields).choices
    levels = others.str.head(_NEAR).str.contains(rf"\b{LEVEL}\b").mean()
    again = int(others.str.replace_all("[0-9]+", "0").is_duplicated().sum())
    if 2 * again < others.len() and float(levels or 0) < _LEVELS:  # type: ignore[arg-type]
        return str(others[0])
    columns = [c.column for r, c in choices.items() if r in ("sender", "sender_name")]
    names = [n for c in columns for n in present(log.fields.frame[c]).unique().head(_MOST_NAMES)]
    told = others.filter(others.str.contains_any(names)) if names else others.clear()
    if "direction" in choices:
        told = pl.concat([told, that_tell_ways(others, log.spoken.head(MOST_KNOWN_LINES).str.head(_NEAR), LEAST)])
    return str(told[0]) if told.len() else None


def _is_no_longer(lines: Fields, column: str, placed: Fields, other: str) -> bool:
    """Whether no cell in a column of `lines` is longer than that of the same row in a column of `placed`."""
    if lines.frame.height < placed.frame.height:
        return False
    both = lines.frame.join(placed.frame, on=ROW, how="left", suffix=" placed", maintain_order="left")
    name = f"{other} placed" if other in lines.frame.columns else other
    return bool((both[column].str.len_chars() <= both[name].str.len_chars()).fill_null(value=True).all())
