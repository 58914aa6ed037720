"""Names of fields that stand before, above or beside their values without a colon."""

import re
from collections import Counter
from unicodedata import category

import polars as pl

from reconcile.column_ops import in_one_query
from reconcile.formats.inferred.hints import hint
from reconcile.patterns import lazy_pattern

# A word before a time that ends the line, and how long it may be; a limit in the pattern compiles six times as long.
_BARE_LABEL = r"^(\p{L}+)\s+((?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}[T ][0-9:.]{4,16}Z?)\s*$"
_LABEL_LENGTHS = range(2, 15)
# A word or two alone in a line, with or without the colon of a label.
_LABEL, _LONGEST_LABEL = r"^\p{L}[\p{L} ]+$", 30
_COLONS = ":： "
# A picture, a word in brackets or a bare word before the words of a line, in place of the name of a field and a colon.
_LABELLED_LINE = lazy_pattern(
    r"\s*([^\w\s]\ufe0f?(?=\s)|[\[【(（<][^\W\d_][^\[\]【】()（）<>\d\n]{0,12}[\]】)）>]|[^\W\d_]{1,10}\s)\s*[^\s=:：|]"
)
_NEEDED = ("time", "sender", "text")
# Least records and fields, most fields, least share of the commonest label's lines, and lines that show the labels.
_LEAST_ROWS, _LEAST_FIELDS, _MOST_FIELDS, _ORDERED, _LOOK = 3, 3, 40, 0.9, 2_000


def with_colons_behind_labels(lines: pl.Series) -> pl.Series:
    """The lines with each name of a field and a colon before its value; unchanged where none stands so."""
    return _with_labels_in_line(_with_colon_before_time(_with_colons(lines)))


def _with_colons(lines: pl.Series) -> pl.Series:
    """The lines with a colon behind the labels that begin them, where three or more come equally often.

    Bare words are labels where they say time, sender and text.
    """
    counted = Counter(m[1] for line in lines.head(_LOOK).to_list() if (m := _LABELLED_LINE.match(line)))
    least = max(_ORDERED * max(counted.values(), default=0), _LEAST_ROWS)
    usual = sorted(
        w for w, n in counted.items() if n >= least and not (len(w.rstrip("\ufe0f")) == 1 and category(w[0]) != "So")
    )
    bare = [w for w in usual if w[0].isalpha()]
    if not all(any(hint(w.strip(), r) >= 1 for w in bare) for r in _NEEDED):
        usual = [w for w in usual if w not in bare]
    if not _LEAST_FIELDS <= len(usual) <= _MOST_FIELDS:
        return lines
    signs = {w: w.strip("[]【】()（）<> \t") for w in usual}
    parts = lines.str.extract_groups(
        rf"^\s*(?P<label>{'|'.join(map(re.escape, usual))})\s*(?P<rest>.*)$"
    ).struct.unnest()
    told = parts["label"].replace_strict(signs, return_dtype=pl.String) + ": " + parts["rest"]
    return told.fill_null(lines).alias(lines.name)


def _with_colon_before_time(lines: pl.Series) -> pl.Series:
    """The lines with a colon between the first word of the text and times alone behind that word."""
    begin = next((line for line in lines if re.search(r"\w", line)), "")
    if not re.match(r"\w+\s+(?:19|20)[0-9]{2}", begin):
        return lines
    first = pl.Series([begin]).str.extract(_BARE_LABEL, 1).drop_nulls()
    if first.is_empty() or len(first[0]) not in _LABEL_LENGTHS or hint(first[0], "time") < 1:
        return lines
    return lines.str.replace(_BARE_LABEL.replace(r"\p{L}+", first[0]), "$1: $2")


def _with_labels_in_line(lines: pl.Series) -> pl.Series:
    """The lines, with each name of a field before its value where names stand in lines of their own.

    Such lines say time, sender and text, and come equally often. Unchanged in any other text.
    """
    bare = in_one_query(lines, lambda t: t.str.strip_chars().str.strip_chars_end(_COLONS))
    short = in_one_query(bare, lambda t: t.filter(t.str.len_chars().is_between(1, _LONGEST_LABEL)))
    counted = short.alias("label").value_counts()
    counted = counted.filter(pl.col("count") >= _LEAST_ROWS)
    if counted.is_empty():
        return lines
    counted = counted.filter(pl.col("label").str.contains(_LABEL))
    labels = {w: n for w, n in counted.iter_rows() if any(hint(w, r) >= 1 for r in _NEEDED)}
    usual = max(labels.values(), default=0)
    labels = {w: n for w, n in labels.items() if n == usual}
    if not all(any(hint(w, r) >= 1 for w in labels) for r in _NEEDED):
        return lines
    is_label = bare.is_in([*labels])
    told = pl.DataFrame({"line": lines, "label": bare, "is": is_label}).with_columns(
        pl.col("label").shift(1).alias("above"), pl.col("is").shift(1, fill_value=False).alias("below")
    )
    line = pl.when("is").then(pl.lit("")).when("below").then(pl.format("{}: {}", "above", "line")).otherwise("line")
    return told.select(line.alias("line"))["line"]
