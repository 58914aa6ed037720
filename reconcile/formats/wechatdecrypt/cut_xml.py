"""XML bodies that an exporter cut at a length, completed so that they parse; half values go."""

import polars as pl

# A tag that was cut in two, then an element whose text has no end.
_HALF_TAG = r"<[^<>]*$"
_OPEN_TEXT = r"<[A-Za-z_][\w.-]*(?:\s[^<>]*)?>[^<>]*$"


def close_cut_xml(content: pl.Expr) -> pl.Expr:
    """The body without its last, unfinished element, so that no half id or amount counts as whole."""
    return content.str.replace(_HALF_TAG, "").str.replace(_OPEN_TEXT, "")
