"""Templates that a program writes by: which lines share one, and headings of several lines."""

import re

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.people.place_values import common_text
from reconcile.formats.inferred.text.account_of_lines import EVER_NEW, MANY
from reconcile.formats.inferred.text.headings import around_times
from reconcile.formats.inferred.text.layouts import FEW, are_few
from reconcile.formats.inferred.times.times_in_lines import TIMES, hold_times
from reconcile.formats.inferred.words.bodies_in_lines import are_rules, day_lines

# Least lines of a template, lines that show it, the part of each that is looked at, and the most signs compared.
LEAST, _LOOK, _NEAR, _MOST_SIGNS = 6, 5_000, 120, 16
_SIGN = r"[^\w\s]+"
# Least share of the lines of a template that share a further sign, so that it belongs to the template.
_DEEPER = 0.75
# First words that tell lines of one template from others, and the least length of the longest ending that is text.
_FIRST_WORDS, _LONG = 4, 12
# A phrase of the form before the text, the signs that end it, and the most such signs in one phrase.
_WORDS, _END, _MOST_SIGNS_LEFT = (
    r"[^\n\[\](){}<>【】（）「」|│:：=→]*?",
    r"(?:[\[\](){}<>【】（）「」|│:：=→]+\s*|\s[-–—]+\s|\n\s*)",
    4,
)
# Least share of the texts with such a phrase, and the most different phrases as a share of the texts.
_LEFT, _FEW_OF_ALL, _ADDRESS = 0.5, 0.1, r"(?i)https?:"
# Most lines around a time that belong to its heading, and least share of the headings that have them.
_FARTHEST, _MOST = 3, 0.9
# What joins the lines of one heading.
_JOINT = " ⏎ "
# The name of a field that begins a line, and the longest value of a field.
_LABEL, _LONGEST = r"^\W*\w[\w ]{0,20}?(?:\s?[:：=\[(（【<「]\s*|\s+$)", 40
_SIGNS_OF_LABELS = " \t*_:：=[](（【<「"
_SENTENCE = r"[.!?;,:](?:\s|$)|[。！？；，：]"


def are_of_a_template(texts: pl.Series) -> pl.Series:
    """Which texts hold the signs, in order, that many of them share before their words differ.

    Of all beginnings, the one is meant whose signs explain most of the texts.
    """
    some = texts.gather_every(texts.len() // _LOOK + 1).str.head(_NEAR).str.extract_all(_SIGN)
    found: list[tuple[int, list[str]]] = []
    for many in range(1, _MOST_SIGNS + 1):
        counts = some.filter(some.list.len() >= many).list.head(many).alias("signs").value_counts()
        counts = counts.filter(pl.col("count") >= LEAST).sort("count", "signs", descending=[True, False])
        if counts.is_empty():
            break
        found.append((int(counts["count"][0]), counts["signs"][0].to_list()))
    most, signs = max(found, key=lambda f: f[0] * len(f[1]), default=(0, []))
    # Signs that nearly all of these have as well are no signs of words.
    signs = max((s for n, s in found if n >= _DEEPER * most and s[: len(signs)] == signs), key=len, default=[])
    return texts.str.contains("^" + "".join(f".*?{re.escape(s)}" for s in signs))


def like_messages(others: pl.Series) -> str | None:
    """The first of several lines that begin alike and end in ever new words; None without any."""
    words = others.str.head(_NEAR).str.replace_all("[0-9]+", "0").str.extract_all(r"\w+")
    told = pl.DataFrame(
        {"line": others, "begin": words.list.head(_FIRST_WORDS).list.join(" "), "end": words.list.slice(_FIRST_WORDS)}
    ).with_columns(pl.col("end").list.join(" "))
    counted = told.group_by("begin", maintain_order=True).agg(
        pl.len(), pl.col("end").n_unique().alias("ends"), pl.col("end").str.len_chars().max(), pl.col("line").first()
    )
    counted = counted.filter(pl.col("len") >= LEAST, pl.col("ends") >= EVER_NEW * pl.col("len"), pl.col("end") >= _LONG)
    return str(counted["line"][0]) if counted.height else None


def left_in(texts: pl.Series, least: int = 1) -> str | None:
    """One of several texts that begin with what a form writes, as `[group] name: ` is; None without any.

    Many texts then begin with one of a few phrases, up to a sign or the end of a line, and go on in other words.
    `least`: the least different phrases.
    """
    some = present(texts)
    some = some.gather_every(some.len() // _LOOK + 1)
    if some.len() < MANY:
        return None
    for signs in range(1, _MOST_SIGNS_LEFT + 1):
        parts = some.str.extract_groups(rf"(?s)^(?P<phrase>(?:{_WORDS}{_END}){{{signs}}})(?P<rest>.+)$").struct.unnest()
        if parts["phrase"].count() < _LEFT * some.len():
            continue
        told = parts.with_columns(some.alias("text"), pl.col("phrase").str.replace_all("[0-9]+", "0")).filter(
            pl.col("phrase").str.contains(r"[\p{L}│┃]") & ~pl.col("phrase").str.contains(_ADDRESS),
            pl.col("phrase").is_duplicated(),
        )
        few = least <= told["phrase"].n_unique() <= max(FEW, _FEW_OF_ALL * some.len())
        if few and told.height >= _LEFT * some.len() and told["rest"].n_unique() >= EVER_NEW * told.height:
            return str(told["text"][0])
    return None


def with_headings_in_one_line(lines: pl.Series) -> pl.Series:
    """The lines with each heading of several lines joined into one line; unchanged without such headings.

    A heading is a line with a time, and the lines at the same distance from nearly all times that begin with the name
    of a field or hold one of a few names. Rules between messages, and lines that are always the same, are left out.
    """
    days = day_lines(lines)
    frame = lines.alias("text").to_frame().with_row_index("line", offset=1)
    for kind in (k for k in TIMES if k != "clock"):
        near = frame.filter(hold_times(lines, kind) & ~days)
        if near.height < LEAST:
            continue
        heads = around_times(near, kind)
        usual = heads["pre"].str.replace_all("[0-9]+", "0").mode().sort().head(1)
        heads = heads.filter(heads["pre"].str.replace_all("[0-9]+", "0").is_in(usual.implode()))
        if heads.height >= LEAST:
            return _folded(lines, heads["line"].cast(pl.Int64) - 1)
    return lines


def _folded(lines: pl.Series, at: pl.Series) -> pl.Series:
    """The lines, those of each heading joined to the line with its time; `at`: the places of the times."""
    bare, rules = lines.str.strip_chars(), are_rules(lines)
    drawn = rules & _stand_between(bare, rules, at)
    bare = bare.set(drawn, "")
    whole, gone, is_told = lines.gather(at), list[pl.Series](), False
    for way, bound in ((-1, at.shift(1).fill_null(-1)), (1, at.shift(-1).fill_null(lines.len()))):
        ends = False
        for step in range(1, _FARTHEST + 1):
            places = at + way * step
            inside = (places < bound) if way > 0 else (places > bound)
            inside &= places.is_between(0, lines.len() - 1)
            texts = bare.gather(places.clip(0, lines.len() - 1)).set(~inside, None)
            if ends or (label := _label_of(texts, is_above=way < 0)) is None:
                break
            ends = hint(label.strip(_SIGNS_OF_LABELS), "text") >= 1
            if present(texts).n_unique() > 1:
                whole, is_told = whole + _JOINT + texts.fill_null(""), True
            if not label and way > 0 and bare.head(int(at[0])).is_in(present(texts).implode()).any():
                # The first name stands above the first time.
                return lines
            same = (bare == present(texts)[0]).arg_true().cast(pl.Int64)
            # What always stands there also ends the last message.
            is_constant = present(texts).n_unique() == 1 and same.len() <= at.len() + 1
            gone.append(same if is_constant else places.filter(texts.is_not_null()))
        # Behind the name of the words stand these.
        whole = whole if ends or way < 0 else whole + _JOINT
    return lines.set(drawn, "").scatter(pl.concat(gone), "").scatter(at, whole) if is_told else lines


def _stand_between(bare: pl.Series, rules: pl.Series, at: pl.Series) -> bool:
    """Whether a rule stands directly above nearly every one of these places, or below the words above it."""
    filled = pl.DataFrame({"rule": rules, "is": bare != ""}).with_row_index("n").filter("is")
    above = filled["rule"].shift(1, fill_value=True).filter(filled["n"].is_in(at.implode()))
    return float(above.mean() or 0) >= _MOST  # type: ignore[arg-type]


def _label_of(texts: pl.Series, *, is_above: bool) -> str | None:
    """The field name that begins the lines at one distance from the times; None for other lines.

    It is empty for lines of names alone, and for a line that is always the same.
    """
    held = present(texts)
    if held.len() < _MOST * texts.len():
        return None
    shared = common_text(held.head(_LOOK).to_list())
    if (label := re.match(_LABEL, shared)) is not None:
        is_words = hint(label[0].strip(_SIGNS_OF_LABELS), "text") >= 1
        return label[0] if is_words or _are_short_values(held) or (held.str.len_chars() <= _LONGEST).all() else None
    return "" if (shared and held.n_unique() == 1) or (not is_above and _are_short_values(held)) else None


def _are_short_values(held: pl.Series) -> bool:
    """Whether each line is one of few short values, and no sentence."""
    return are_few(held.n_unique(), held.len()) and bool(
        (~held.str.contains(_SENTENCE) & (held.str.len_chars() <= _LONGEST)).all()
    )
