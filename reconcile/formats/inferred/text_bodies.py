"""Bodies below the headings of a text, without lines that separate days and without the ending."""

import polars as pl

from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock_forms import NAMED_DAY

DATE = rf"(?:[0-9]{{4}}\s?[-/.年]\s?[0-9]{{1,2}}\s?[-/.月]\s?[0-9]{{1,2}}日?|[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.][0-9]{{2,4}}|(?i:{NAMED_DAY}))"
# A date alone in its line, between marks, with its weekday or the word for date.
DAY_LINE = rf"^[\s\-—–=_*#~>\[(（【·•|]*(?:(?:日期|时间|Date|Day|date)\s*[:：]\s*)?({DATE})(?:\s*[(（]?(?:星期|周)[一二三四五六日天][)）]?|,?\s*[(（]?(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*[)）]?)?[\s\-—–=_*#~\])）】·•|]*$"
_RULE = r"^\s*[-—–=_*~#]{3,}\s*$"


def day_lines(lines: pl.Series) -> pl.Series:
    """Which lines hold a date and nothing else."""
    near = lines.str.contains(r"[0-9]")
    found = pl.Series([False]).new_from_index(0, lines.len())
    places = near.arg_true()
    return found.scatter(places, lines.filter(near).str.contains(DAY_LINE)) if len(places) else found


def bodies_of(
    lines: pl.Series, heads: pl.Series, days: pl.Series, is_header: pl.Series, has_words: bool
) -> tuple[pl.Series, list[Note]]:
    """The text below each heading, in order, and a note on text at the end that no message owns.

    Lines that only part days, and rules where nearly every message ends in one, are no words. `has_words`: words may stand in the headings.
    """
    starts = pl.Series([False]).new_from_index(0, lines.len()).scatter(heads - 1, values=True)
    block = starts.cum_sum()
    # A day line separates days only if a message follows and it is not part of a text.
    keep = ~is_header & ~days & (block > 0)
    frame = pl.DataFrame({"block": block, "text": lines, "keep": keep})
    joined = frame.filter("keep").group_by("block", maintain_order=True).agg(pl.col("text").str.join("\n"))
    every = pl.DataFrame({"block": pl.Series(range(1, heads.len() + 1), dtype=block.dtype)})
    body = every.join(joined, on="block", how="left", maintain_order="left")["text"].fill_null("")
    body = _without_rules(body.str.replace(r"\s+$", ""))
    body, notes = _without_end(body, int(heads[-1]), has_words=has_words)
    return _without_prefix(body.str.replace(r"^(?:[ \t]*\n)+", "")), notes


def _without_rules(body: pl.Series) -> pl.Series:
    last = body.str.extract(r"([^\n]*)$", 1)
    if float(last.head(-1).str.contains(_RULE).mean() or 0) < 0.8:  # type: ignore[arg-type]
        return body
    return body.str.replace(r"(?:^|\n)[ \t]*[-—–=_*~#]{3,}\s*$", "").str.replace(r"\s+$", "")


def _without_prefix(body: pl.Series) -> pl.Series:
    """The texts without the mark that every line of all of them begins with (`> `, blanks of an indent)."""
    lines = body.filter(body != "").str.split("\n").explode()
    lines = lines.filter(lines.str.strip_chars() != "")
    for mark in ("> ", ">", "    ", "\t", "  ", "- "):
        if lines.len() > 2 and lines.str.starts_with(mark).all():
            return body.str.replace_all(rf"(?m)^{mark}", "")
    return body


def _without_end(body: pl.Series, line: int, *, has_words: bool) -> tuple[pl.Series, list[Note]]:
    """A last text that holds an empty line, where no other does, ends in what is no message."""
    # Behind the words of a heading an empty first line parts; below a bare heading it belongs to the form.
    inner = body.str.replace(r"^", "\n") if has_words else body.str.replace(r"^(?:[ \t]*\n)+", "")
    if body.len() < 3 or "\n\n" not in inner[-1] or inner.head(-1).str.contains("\n\n", literal=True).any():
        return body, []
    words, _, end = inner[-1].partition("\n\n")
    return body.scatter(body.len() - 1, words.strip("\n")), [
        Note(NoteCode.ROW_SKIPPED, f"line {line}", end.strip()[:200])
    ]
