"""Records that a text sets once more below another record, as programs show the replies to a message."""

import polars as pl

from reconcile.column_ops import occurs
from reconcile.formats.inferred.hints import hint, words_of
from reconcile.formats.inferred.times.times_in_lines import CLOCK

_INDENTED = r"^(?:\t| {2,})\s*\S"
# A name and words behind the sign of a quotation, and words behind a name.
_QUOTED = r"^\s*>\s*(?P<who>[^\s:：>][^\n:：]{0,60}?)\s*[:：]\s*(?P<words>\S.*?)\s*$"
_SAID = r"^\W*(?P<who>[^\n:：]{1,60}?)\W*[:：]\W*?\s*(?P<words>[^\s*].*?)\s*$"
_BEHIND_A_TIME = r"^(.*[0-9]{1,2}:[0-9]{2}\S*(?: [AaPp]\.?[Mm]\.?)?)\s+\([^()]*\)\s*$"
# Lines below its heading that tell a record at most.
_TELLING = 2
# Largest share of quotations among the lines.
_HALF = 0.5


def without_repeated_records(lines: pl.Series) -> pl.Series:
    """The lines with indented copies of other records of the text emptied.

    A copy begins with the heading of a record that stands elsewhere without indentation, and every line of it is that
    record's. An indented record that stands nowhere else stays as it is. A line below the record that its copy lacks
    and that speaks of a message, such as `This message responded to an earlier message.`, is the form's.
    """
    indented = lines.str.contains(_INDENTED)
    # Few texts have an indented line with a time.
    if not indented.any() or not lines.filter(indented).str.contains(CLOCK).any():
        return lines
    timed = lines.str.contains(CLOCK)
    begins = indented & timed
    # A remark behind a time, such as who read the message, need not be in the copy.
    bare = lines.str.replace(_BEHIND_A_TIME, "$1").str.strip_chars().alias("plain")
    told = pl.DataFrame([bare, indented.alias("indented")]).with_row_index("at")
    below = [pl.col("plain").shift(-i, fill_value="").alias(f"below{i}") for i in range(1, _TELLING + 1)]
    heads = told.with_columns(below).filter(~pl.col("indented") & pl.lit(timed))
    found = _copies(told, heads, begins)
    # A time within a copy's words begins no record.
    known = begins & (pl.Series(told["at"]).is_in(found["first"].implode()) | ~indented.shift(1, fill_value=False))
    if (known != begins).any():
        found = _copies(told, heads, known)
    rows = found.with_columns(pl.int_ranges(0, "height").alias("step")).explode("step", empty_as_null=False)
    plain, last = told["plain"], lines.len() - 1
    places = rows.select(
        pl.col("first") + pl.col("step"), record=(pl.col("record") + pl.col("step")).clip(upper_bound=last)
    )
    rows = rows.with_columns(
        places["first"].alias("at"), same=plain.gather(places["first"]) == plain.gather(places["record"])
    )
    copies = rows.filter(pl.col("same").all().over("first"))
    ends = copies.unique("first").select((pl.col("record") + pl.col("height")).clip(upper_bound=last))["record"]
    remarks = plain.gather(ends)
    known_remarks = [r for r in remarks.unique() if any(hint(w, "text") >= 1 for w in words_of(r))]
    return lines.scatter(pl.concat([copies["at"], ends.filter(remarks.is_in(known_remarks))]), "")


def _copies(told: pl.DataFrame, heads: pl.DataFrame, begins: pl.Series) -> pl.DataFrame:
    """first, height, record: place and lines of each indented record, place of the one that it repeats."""
    block = (begins | (told["indented"] != told["indented"].shift(1))).fill_null(value=True).cum_sum()
    held = told.with_columns(block.alias("block")).filter("indented").group_by("block", maintain_order=True)
    copies = held.agg(pl.col("at").first().alias("first"), pl.len().cast(pl.Int64).alias("height"), "plain").with_columns(
        pl.col("first").cast(pl.Int64), pl.col("plain").list.first(),
        *(pl.col("plain").list.get(i, null_on_oob=True).alias(f"below{i}") for i in range(1, _TELLING + 1)),
    )  # fmt: skip
    copies = copies.filter(begins.gather(pl.Series(copies["first"])))
    found = []
    for n in range(1, _TELLING + 1):
        by = ["plain", *(f"below{i}" for i in range(1, n + 1))]
        few = pl.col("height") == n + 1 if n < _TELLING else pl.col("height") > n
        records = heads.unique(by, keep="first", maintain_order=True).select(
            *by, pl.col("at").cast(pl.Int64).alias("record")
        )
        found.append(copies.filter(few).join(records, on=by).select("first", "height", "record"))
    return pl.concat(found)


def without_quoted_words(lines: pl.Series) -> pl.Series:
    """The lines without those of a name and words behind `>`, where such words stand elsewhere as well.

    Forms show the answered message so above a reply. The names are those of which one line shows that, and of who
    speaks.
    """
    if not occurs(">", lines):
        return lines
    quoted = lines.str.extract_groups(_QUOTED).struct.unnest()
    if not 0 < quoted["words"].count() < _HALF * int((lines.str.strip_chars() != "").sum()):
        return lines
    others = lines.filter(~lines.str.contains(r"^\s*>"))
    said = others.str.extract_groups(_SAID).struct.unnest().drop_nulls()
    told = quoted["words"].is_in(pl.concat([others.str.strip_chars(), said["words"]]).implode())
    if not told.any():
        return lines
    names = pl.concat([quoted["who"].filter(told.fill_null(value=False)), said["who"]])
    return lines.set(quoted["who"].is_in(names.implode()).fill_null(value=False), "")
