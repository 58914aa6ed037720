"""Parts below the words of a message under labels in braces, such as `{Reactions}`."""

import polars as pl

_LABEL = r"\{[A-Z][A-Za-z ]{2,20}\}"
_ONE, _FIRST = rf"(?m)^{_LABEL}$", rf"(?s)(?:^|\n+){_LABEL}\n.*$"
_ATTACHED = rf"(?s)(?:^|\n)\{{Attachments\}}\n(.*?)(?:\n+{_LABEL}\n.*)?$"
# What the same form writes behind a name.
_PINNED = r" \(pinned\)$"
# Least messages with such a part; a single label may be somebody's words.
_LEAST = 2


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
