"""Words of a table that go on in rows with nothing else, as in a table made from printed pages."""

from dataclasses import replace

import polars as pl

from reconcile.column_ops import all_contain
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.rows import OF_THE_FORM
from reconcile.formats.inferred.words.bodies_in_lines import DAY_LINE
from reconcile.wechat.client_sentences import sentence_kind
from reconcile.wechat.named_days import fitted

# Columns of a message beside its words; the least rows without a number that go on; the least length of a printed line.
_BESIDE, _LEAST, _LONG = 2, 3, 8
# Least part of the longest cell that a cell has where its words went on, and the least share of such cells above rows that
# go on, in a table that numbers its messages and in another one.
_FULL, _NUMBERED, _UNNUMBERED = 0.85, 0.5, 0.9
_NUMBER, _LETTER = r"^\D*[0-9]+\D*$", "[A-Za-z]"


def with_words_going_on(fields: Fields) -> Fields:
    """The fields with the words of rows that hold nothing else behind those of the row above.

    Most rows above are as long as a printed line; all others hold at least two fields more. Days, lines of the form and
    sentences of the client go on nothing. Unchanged where that is not so.
    """
    names = [n for n in fields.names if not n.startswith(("^", "@"))]
    # In such a row all columns but one are empty.
    filled = [n for n in names if not fields.frame[n].null_count()]
    if fields.roles or fields.is_text or len(names) <= _BESIDE or len(filled) > 1:
        return fields
    cells = fields.frame.select(pl.when(pl.col(n).str.strip_chars() != "").then(n).alias(n) for n in names)
    alone = cells.select(pl.sum_horizontal(pl.all().is_not_null()) == 1).to_series()
    if not alone.any():
        return fields
    text = max(names, key=lambda n: int((alone & cells[n].is_not_null()).sum()))
    words = cells[text].str.strip_chars()
    goes_on = alone & words.is_not_null()
    few = words.filter(goes_on)
    own = pl.coalesce(sentence_kind(pl.col(text)).is_not_null(), False) | pl.col(text).str.contains(OF_THE_FORM)
    of_the_form = few.to_frame(text).select(own | pl.col(text).str.contains(fitted(DAY_LINE, few))).to_series()
    goes_on = goes_on.scatter(goes_on.arg_true(), ~of_the_form)
    goes_on &= (~goes_on).cum_max()
    if (full := _printed_to_the_end(cells.filter(~alone), words, goes_on, text)) is None:
        return fields
    told = pl.DataFrame({"words": words, "on": goes_on, "full": full}).with_columns(
        pl.when(~pl.col("full").shift(1)).then(pl.lit("\n"))
        .when(pl.col("words").shift(1).str.contains(f"{_LETTER}$") & pl.col("words").str.contains(f"^{_LETTER}")).then(pl.lit(" "))
        .otherwise(pl.lit("")).alias("between"), (~pl.col("on")).cum_sum().alias("row"),
    )  # fmt: skip
    part = pl.when("on").then(pl.col("between") + pl.col("words")).otherwise("words")
    joined = told.select(part.str.join("").over("row").alias("words"), pl.col("on").any().over("row"))
    whole = pl.when(joined["on"]).then(joined["words"]).otherwise(text).alias(text)
    return replace(fields, frame=fields.frame.with_columns(whole).filter(~goes_on))


def _printed_to_the_end(rows: pl.DataFrame, words: pl.Series, goes_on: pl.Series, text: str) -> pl.Series | None:
    """Which cells are as long as a printed line; None unless words that go on stand below those.

    A line has so many characters, or so much width.
    """
    beside = [n for n in rows.columns if n != text and not rows[n].null_count()]
    first = goes_on & ~goes_on.shift(1, fill_value=False)
    if len(beside) < _BESIDE or not first.any():
        return None
    is_numbered = any(rows[n].n_unique() == rows.height and all_contain(rows[n], _NUMBER) for n in beside)
    chars = words.str.len_chars().fill_null(0)
    # A wide character has three bytes.
    lengths = [chars, (chars + words.str.len_bytes().fill_null(0)) / 2]
    full = [n >= max(_LONG, _FULL * float(n.max() or 0)) for n in lengths]  # type: ignore[arg-type]
    share, best = max((float(f.shift(1).filter(first).mean() or 0), -i) for i, f in enumerate(full))
    enough = share >= _NUMBERED if is_numbered else share >= _UNNUMBERED and int(first.sum()) >= _LEAST
    # Most times and names are as long as the longest one, or recur, and nothing of theirs goes on.
    rest = words.filter(~goes_on)
    is_varied = 2 * int(full[-best].filter(~goes_on).sum()) <= rest.len() <= 2 * rest.n_unique()
    return full[-best] if enough and is_varied else None
