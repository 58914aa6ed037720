"""How two names of one file differ."""

from collections.abc import Iterator

import polars as pl

from reconcile.engine.content.bodies import COPY_NUMBER
from reconcile.engine.content.selective import BY, CHANGED, LEFT, RIGHT, Component, changed, counted
from reconcile.wechat.kind_classes import FILE
from reconcile.wechat.text import canonical_text

# A file's name behind or inside its placeholder, in forms that keep its signs.
_FILE = r"^(?:\[文件\]|【文件】)\s*([^\n]{1,200}?\.[A-Za-z0-9]{1,6})(?:\s|$)"
_INSIDE = r"^\[文件\s*[:：|｜]\s*([^\]\n]{1,200})\]"
_SIDES = ("", "_right")


def files_of(agreed: pl.DataFrame) -> Iterator[Component]:
    """Names of files that differ in the marks of their numbers, or in the numbers of saved copies.

    A device on which files are saved numbers its copies again and again. A single such name may be another file's.
    """
    files = agreed.filter((pl.col("cls") == FILE) & (pl.col("cls_right") == FILE))
    if files.is_empty():
        return
    shown = [[pl.col(f"text{s}").str.extract(pattern, 1) for pattern in (_FILE, _INSIDE)] for s in _SIDES]
    names = [canonical_text(pl.coalesce(f"file_name{s}", *told)) for s, told in zip(_SIDES, shown, strict=True)]
    files = files.with_columns(n.alias(f"name{s}") for n, s in zip(names, _SIDES, strict=True))
    plain = [pl.col(f"name{s}").str.replace(COPY_NUMBER, "${1}") for s in _SIDES]
    numbers = [p.str.extract_all(r"\d+(?:[-.]\d+)*").list.join(" ") for p in plain]
    yield from changed("file_name", files.with_columns((numbers[0] != numbers[1]).alias("is_unlike")))
    size = [pl.col(f"name{s}").str.len_chars() for s in _SIDES]
    way = pl.when(size[0] > size[1]).then(pl.lit(LEFT)).when(size[0] < size[1]).then(pl.lit(RIGHT))
    copies = files.filter((plain[0] == plain[1]) & (pl.col("name") != pl.col("name_right")))
    unlike = copies.select("left_row", *BY, way.otherwise(pl.lit(CHANGED)).alias("way"))
    # How many names are equal says nothing: only files that the device already held are numbered.
    yield Component("file_name", unlike, counted(copies.clear()), frozenset({LEFT, RIGHT, CHANGED}))


__all__ = ["files_of"]
