"""Names in the lines of a list."""

import polars as pl

_BULLET = r"^([-–—*·•‣◦▪▸►●○■◆])\s*\w"
# Least names, all of one person, that show that the sign before them is the list's.
_LEAST = 3


def without_bullets(names: pl.Series) -> pl.Series:
    """The names without the sign that begins the lines of a list, where all of them have it."""
    signs = names.str.extract(_BULLET, 1)
    is_list = names.len() >= _LEAST or names.n_unique() > 1
    is_one = is_list and not signs.null_count() and signs.n_unique() == 1
    return names.str.slice(1).str.strip_chars_start() if is_one else names
