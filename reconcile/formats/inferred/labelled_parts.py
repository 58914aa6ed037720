"""What a form writes around the words of each message: its number, a fence, labelled parts."""

import polars as pl

from reconcile.formats.inferred.hints import hint

_LABEL = r"\{[A-Z][A-Za-z ]{2,20}\}"
_ONE, _FIRST = rf"(?m)^{_LABEL}$", rf"(?s)(?:^|\n+){_LABEL}\n.*$"
_ATTACHED = rf"(?s)(?:^|\n)\{{Attachments\}}\n(.*?)(?:\n+{_LABEL}\n.*)?$"
# What the same form writes behind a name.
_PINNED = r" \(pinned\)$"
# Least messages with such a part; a single label may be somebody's words.
_LEAST = 2
# A line of label and value above the words, words that Markdown shows as they are, and the least share of the texts with either.
_FIELD, _FENCED = (
    r"^\s*([^\n:：]{1,30}?)\s*[:：][ \t]*([^\n]+)(?:\n\s*|$)",
    r"(?s)^\s*(?:```|~~~)[\w-]*\n(.*?)\n?(?:```|~~~)\s*$",
)
_NEARLY_ALL = 0.9


def without_labelled_parts(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows without labelled parts below their words; what was attached is a column of its own."""
    text = frame["text"]
    if int(text.str.contains(_ONE).sum()) < _LEAST:
        return frame
    return frame.with_columns(
        text.str.replace(_FIRST, ""),
        text.str.extract(_ATTACHED, 1).alias("attachment"),
        frame["sender"].str.replace(_PINNED, ""),
    )


def without_wrapping(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows without the id of the message above its words, and without a fence around them.

    Nearly every text must have either.
    """
    if frame.height < _LEAST:
        return frame
    parts = frame["text"].str.extract_groups(_FIELD).struct.unnest()
    label = parts["1"].drop_nulls().mode().sort().head(1).to_list()
    is_id = (
        bool(label) and hint(label[0], "id") >= 1 and int((parts["1"] == label[0]).sum()) >= _NEARLY_ALL * frame.height
    )
    if is_id and "id" not in frame.columns:
        own = parts["1"] == label[0]
        frame = frame.with_columns(
            parts["2"].set(~own.fill_null(value=False), None).alias("id"),
            pl.when(own).then(pl.col("text").str.replace(_FIELD, "")).otherwise("text").alias("text"),
        )
    if int(frame["text"].str.contains(_FENCED).sum()) >= _NEARLY_ALL * frame.height:
        frame = frame.with_columns(pl.col("text").str.replace(_FENCED, "${1}"))
    return frame
