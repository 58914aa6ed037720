"""The JSON object of a row's other fields: whole columns in, one text a row out, nulls omitted."""

import functools
import operator
import re

import polars as pl

# Rows with the same filled columns are encoded together. With more shapes, all are encoded whole and thinned
# afterwards.
_MOST_SHAPES = 64
ROWS_AT_ONCE = 20_000
_NUMBERS = ((pl.UInt8, 8), (pl.UInt16, 16), (pl.UInt32, 32), (pl.UInt64, 64))


def json_of_filled(fields: pl.DataFrame) -> pl.Series:
    """Column `raw`: a JSON object of each row's non-null fields in column order; null without any."""
    if fields.width > _MOST_SHAPES - 1:
        return _encode_without_nulls(fields)
    # Narrower numbers find equal shapes faster.
    number = next(t for t, bits in _NUMBERS if fields.width <= bits)
    bits = (pl.col(n).is_not_null().cast(number) * pl.lit(2**i, dtype=number) for i, n in enumerate(fields.columns))
    shape = fields.select(functools.reduce(operator.or_, bits).alias("shape"))["shape"]
    shapes = shape.value_counts(sort=True)["shape"].to_list()
    if len(shapes) > _MOST_SHAPES:
        return _encode_without_nulls(fields)
    # The commonest shape is encoded for all rows, then the other shapes overwrite their rows.
    found = _encode_shape(fields, shapes[0] if shapes else 0)
    for other in shapes[1:]:
        here = shape == other
        found = found.scatter(here.arg_true(), _encode_shape(fields.filter(here), other))
    return found


def _encode_shape(fields: pl.DataFrame, shape: int) -> pl.Series:
    """JSON of the fields whose bits are set in shape."""
    names = [n for i, n in enumerate(fields.columns) if shape >> i & 1]
    if not names:
        return pl.Series("raw", [None], dtype=pl.String).new_from_index(0, fields.height)
    encoded = pl.struct(names).struct.json_encode().alias("raw")
    # In slices, because encoding holds its output in memory three times.
    parts = [part.select(encoded)["raw"] for part in fields.select(names).iter_slices(ROWS_AT_ONCE)]
    return pl.concat(parts, rechunk=True) if parts else fields.select(encoded)["raw"]


def _encode_without_nulls(fields: pl.DataFrame) -> pl.Series:
    """JSON of each row without nulls; null for rows without any value."""
    nothing = f'"(?:{"|".join(re.escape(n) for n in fields.columns)})":null'
    whole = pl.struct(pl.all()).struct.json_encode().str.replace_all(f"{nothing},", "")
    held = pl.any_horizontal(pl.all().is_not_null())
    return fields.select(pl.when(held).then(whole.str.replace_all(f",{nothing}", "")).alias("raw"))["raw"]
