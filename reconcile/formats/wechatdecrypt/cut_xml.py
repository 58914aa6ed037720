"""XML bodies that an exporter cut at a length: what is left of them made whole enough to be read, nothing half kept."""

import polars as pl

# The tag that was cut in two, then an element whose text has no end.
_HALF_TAG = r"<[^<>]*$"
_OPEN_TEXT = r"<[A-Za-z_][\w.-]*(?:\s[^<>]*)?>[^<>]*$"


def close_cut_xml(content: pl.Expr) -> pl.Expr:
    """The body without its last, unfinished element, so that half an id or half an amount is never taken for a whole one."""
    return content.str.replace(_HALF_TAG, "").str.replace(_OPEN_TEXT, "")
