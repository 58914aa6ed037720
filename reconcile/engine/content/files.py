"""How two names and sizes of one file differ."""

from collections.abc import Iterator

import polars as pl

from reconcile.engine.content.bodies import COPY_NUMBER
from reconcile.engine.content.facts import names_of
from reconcile.engine.content.selective import BY, CHANGED, LEFT, RIGHT, SUFFIXES, Component, changed, counted
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import is_identified
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import FILE


def files_of(agreed: pl.DataFrame) -> Iterator[Component]:
    """Sizes of files, and names that differ in marks of their numbers or in numbers of saved copies.

    A device on which files are saved numbers its copies again and again. A single such name may be another file's. One
    tool writes the names in both exports, or in none.
    """
    files = agreed.filter((pl.col("cls") == FILE) & (pl.col("cls_right") == FILE))
    if files.is_empty():
        return
    # Tools round sizes, and count 1,000 or 1,024 bytes.
    small, large = (f("file_size", "file_size_right") for f in (pl.min_horizontal, pl.max_horizontal))
    sizes = files.filter(pl.all_horizontal(pl.col("file_size", "file_size_right").is_not_null()))
    sizes = sizes.with_columns((large * (1 - PARAMS.size_slack) > small).alias("is_unlike"))
    sure = sizes.filter(is_identified())["left_row"]
    yield from changed("file_size", sizes, Cause.MEDIA_DIFFERS, sure, is_fixed=True)
    alike = (pl.col(c).eq_missing(pl.col(f"{c}_right")).all() for c in ("text", "file_name"))
    if files.select(pl.all_horizontal(alike)).item():
        return
    files = files.with_columns(names_of(files[f"text{s}"], files[f"file_name{s}"]).alias(f"name{s}") for s in SUFFIXES)
    plain = [pl.col(f"name{s}").str.replace(COPY_NUMBER, "${1}") for s in SUFFIXES]
    numbers = [p.str.extract_all(r"\d+(?:[-.]\d+)*").list.join(" ") for p in plain]
    yield from changed("file_name", files.with_columns((numbers[0] != numbers[1]).alias("is_unlike")))
    size = [pl.col(f"name{s}").str.len_chars() for s in SUFFIXES]
    way = pl.when(size[0] > size[1]).then(pl.lit(LEFT)).when(size[0] < size[1]).then(pl.lit(RIGHT))
    copies = files.filter((plain[0] == plain[1]) & (pl.col("name") != pl.col("name_right")))
    unlike = copies.select("left_row", *BY, way.otherwise(pl.lit(CHANGED)).alias("way"))
    # How many names are equal says nothing: only files that the device already held are numbered.
    yield Component("file_name", unlike, counted(copies.clear()), frozenset({LEFT, RIGHT, CHANGED}))
    named = [pl.col(f"name{s}").is_not_null() for s in SUFFIXES]
    if files.select((named[0] != named[1]).any()).item():
        lacking = pl.when(named[0]).then(pl.lit(RIGHT)).otherwise(pl.lit(LEFT)).alias("way")
        unlike = files.filter(named[0] != named[1]).select("left_row", *BY, lacking)
        yield Component("file_name", unlike, counted(files.clear()), is_fixed=True)


__all__ = ["files_of"]
