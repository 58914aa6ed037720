r"""Words in which a form escapes line ends and signs: `\n` and `\\` of databases, `\*` of Markdown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import PurePosixPath

import polars as pl

from reconcile.column_ops import lacks, present
from reconcile.formats.inferred.plan import Plan

MARKDOWN = (".md", ".markdown")
# Files whose language escapes signs with a backslash.
_ESCAPING = (*MARKDOWN, ".tex", ".rst", ".adoc", ".org")
_TWO = "\\\\"
_LETTERS = {
    "\\r\\n": "\n", _TWO: "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t", "\\\n": "\n", "\\\t": "\t",
    '\\"': '"', "\\'": "'", "\\0": "\0",
}  # fmt: skip
_BREAKS = {"\\r\\n": "\n", "\\n": "\n", "\\r": "\r", "\\t": "\t"}
# A line end as databases escape it, and a backslash before anything that they never escape.
_BREAK, _STRAY = r"\\[nrt\n]", r"""\\(?:[^nrt0N"'\n\t]|$)"""
# Folders of Windows, whose backslashes are no escapes, and a drive with a doubled one, which is an escape.
_PATH = r'(?i)(?:\b[a-z]:|(?:^|[\s:：,，(（])\\\\\w[\w.-]*)(?:\\[^\\/:*?"<>|\n]+)+\\?'
_DOUBLED_DRIVE = r"(?i)\b[a-z]:\\\\\w"
# What Markdown and TeX escape, and the signs that a writer who escapes them escapes wherever they stand.
_SIGN, _ALWAYS = r"\\([!-/:-@\[-`{-~])", r"[*_\[\]`%&#$]"
# A backslash that ends a line, and blanks that do; least share of a form's lines with one.
_ENDS, _BLANKS, _EVERY = r"^((?:.*[^\\])?(?:\\\\)*)\\$", r"[ \t]{2,}$", 0.8
# Signs of TeX and pages that a form writes before each line end, in front of which nobody types them.
_MARKS = (r"[ \t]*\\\\[ \t]*\n", r"(?i)[ \t]*<br ?/?>[ \t]*\n", r"[ \t]*[↵⏎¶][ \t]*\n")
# Least texts with an escape, from which it is no chance.
_SEVERAL = 2


# An HTML tag that opens inside a line of Markdown, as a form writes it; least share of the lines with words that have it.
_OPENS, _OF_THE_FORM = (
    r"<(?:span|font|small|big|b|i|u|em|strong|sub|sup|kbd|mark|p|div|br|center|details|summary)(?:\s[^<>\n]{0,200})?/?>",
    0.3,
)


class Escapes(Enum):
    """What the backslashes of a list's words are."""

    NONE = "words"
    LETTERS = "escapes of a database"
    BREAKS = "escapes of line ends alone"
    SIGNS = "escapes of Markdown"
    OPEN = "undecided"


def without_hard_breaks(lines: pl.Series) -> pl.Series:
    """The lines of a Markdown file without the blanks or the backslash that keep the next line apart.

    Above a line that is set in more, as in a command of several lines, a backslash is one of the words.
    """
    lines = lines.str.replace(_BLANKS, "")
    ends = lines.str.contains(_ENDS)
    if not ends.any():
        return lines
    filled = lines != ""
    kept = filled.shift(-1, fill_value=False) | (int(ends.sum()) >= _EVERY * int(filled.sum()))
    indent = lines.str.extract(r"^(\s*(?:(?:[-*+]|[0-9]+[.)])\s+)?)", 1).str.len_chars()
    goes_on = (indent.shift(-1, fill_value=0) > indent) & filled.shift(-1, fill_value=False)
    # Of a command, all lines but the last end so.
    run = pl.DataFrame({"on": goes_on & ends, "run": (~ends).cum_sum()}).select(pl.col("on").any().over("run"))["on"]
    told = pl.DataFrame({"line": lines, "break": ends & kept & ~run})
    return told.select(pl.when("break").then(pl.col("line").str.replace(_ENDS, "$1")).otherwise("line"))["line"]


def without_tags_of_form(lines: pl.Series) -> pl.Series:
    """The lines of a Markdown file without the HTML tags that recur in them."""
    if not lines.str.contains(_OPENS).any():
        return lines
    counts = lines.alias("tag").str.extract_all(_OPENS).list.unique().explode().drop_nulls().value_counts()
    least = max(_SEVERAL, _OF_THE_FORM * int((lines.str.strip_chars() != "").sum()))
    tags = counts.filter(pl.col("count") >= least)["tag"].to_list()
    if not tags:
        return lines
    gone = [*tags, *{f"</{re.sub(r'[<>/]|[ ].*', '', t)}>" for t in tags}]
    bare = lines.str.replace_many(gone, [""] * len(gone))
    touched = (bare != lines).rename("touched")
    return pl.select(pl.when(touched).then(bare.str.strip_chars_end()).otherwise(lines))[:, 0].alias(lines.name)


def with_plain_words(plans: Sequence[Plan], told: Mapping[str, str]) -> list[Plan]:
    """The plans with the words of all lists unescaped, as their common writer escaped them.

    Where the values do not decide, the first plan has the doubt `escapes`, unless the user told `true` or `false`.
    """
    columns = [c.column if (c := p.inferred.choices.get("text")) else "" for p in plans]
    words = [p.fields.frame[c] for p, c in zip(plans, columns, strict=True) if c in p.fields.frame.columns]
    if not words or told.get("escapes") == "false":
        return [*plans]
    text = pl.concat([w.rename("text") for w in words])
    if (mark := _mark_of_breaks(text)) is not None:
        plans = [_without_marks(p, c, mark) for p, c in zip(plans, columns, strict=True)]
        text = text.str.replace_all(mark, "\n")
    found = _escapes_of(text, plans[0], is_told=told.get("escapes") == "true")
    if found is Escapes.OPEN:
        first = plans[0].inferred
        asked = replace(first, doubts={**first.doubts, "escapes": ("true", "false")})
        return [replace(plans[0], inferred=asked), *plans[1:]]
    if found is Escapes.NONE:
        return [*plans]
    return [_with_plain_column(p, c, found) for p, c in zip(plans, columns, strict=True)]


def _mark_of_breaks(text: pl.Series) -> str | None:
    """The pattern of a line end with the mark that all of several have; None without one."""
    if lacks(text, "\n"):
        return None
    count = int(text.str.count_matches("\n", literal=True).sum())
    marks = [m for m in _MARKS if count >= _SEVERAL and int(text.str.count_matches(m).sum()) == count]
    return marks[0] if marks else None


def _without_marks(plan: Plan, column: str, mark: str) -> Plan:
    frame = plan.fields.frame
    if column not in frame.columns:
        return plan
    bare = frame.with_columns(pl.col(column).str.replace_all(mark, "\n"))
    return replace(plan, fields=replace(plan.fields, frame=bare))


def _with_plain_column(plan: Plan, column: str, escapes: Escapes) -> Plan:
    frame = plan.fields.frame
    if column not in frame.columns:
        return plan
    return replace(plan, fields=replace(plan.fields, frame=frame.with_columns(unescaped(frame[column], escapes))))


def unescaped(text: pl.Series, escapes: Escapes) -> pl.Series:
    """The texts without the escapes of this kind."""
    if escapes is Escapes.SIGNS:
        return text.str.replace_all(_SIGN, "$1")
    table = _LETTERS if escapes is Escapes.LETTERS else _BREAKS
    return text.str.replace_many([*table], [*table.values()], leftmost=True)


def _escapes_of(text: pl.Series, first: Plan, *, is_told: bool) -> Escapes:
    """What the backslashes in the words of a list are."""
    held = present(text)
    held = held.filter(held.str.contains("\\", literal=True))
    if held.is_empty():
        return Escapes.NONE
    if PurePosixPath(first.fields.file).suffix.lower() in _ESCAPING and _escapes_signs(text.drop_nulls()):
        return Escapes.SIGNS
    if text.str.replace_all("\\\n", "", literal=True).str.contains("\n", literal=True).any():
        # The form writes line ends as they are.
        return Escapes.NONE
    return _database_escapes(held, is_flat=first.fields.is_flat, is_told=is_told)


def _database_escapes(held: pl.Series, *, is_flat: bool, is_told: bool) -> Escapes:
    r"""Whether words with backslashes hold the escapes of a database.

    `is_flat`: each message takes a line, so that its writer had to do something about line ends.
    A backslash that nobody escapes belongs to the words, and so do all. Comparisons take `\n` for a line end anyway.
    """
    bare = held.str.replace_all(_PATH, "").str.replace_all(_TWO, "", literal=True)
    folders = held.str.extract_all(_PATH).explode().drop_nulls()
    marked, strays = bare.str.contains(_BREAK), bare.str.contains(_STRAY).any()
    is_doubled = held.str.contains(_TWO, literal=True).any() and folders.is_empty()
    if not marked.any():
        is_drive = held.str.contains(_DOUBLED_DRIVE).any() and is_doubled and not strays
        return Escapes.LETTERS if is_drive or (is_told and not strays) else Escapes.NONE
    if not strays and folders.is_empty() and (is_doubled or is_told or int(marked.sum()) >= _SEVERAL):
        return Escapes.LETTERS
    if not strays and not folders.str.contains(_BREAK).any() and int(marked.sum()) >= _SEVERAL:
        return Escapes.BREAKS
    return Escapes.BREAKS if is_told else Escapes.OPEN if is_flat and not strays else Escapes.NONE


def _escapes_signs(text: pl.Series) -> bool:
    """Whether signs of Markdown are escaped wherever the words have them, and nothing else is."""
    escaped = text.str.extract_all(_SIGN).explode().drop_nulls().unique().str.slice(1)
    bare = text.str.replace_all(_SIGN, "")
    if escaped.is_empty() or bare.str.contains("\\", literal=True).any():
        return False
    return not any(bare.str.contains(sign, literal=True).any() for sign in escaped if re.match(_ALWAYS, sign))
