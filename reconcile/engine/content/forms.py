"""The length at which each export's tool cuts texts off."""

from collections.abc import Mapping

import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.content.judgement import SideForm
from reconcile.engine.content.quotations import QUOTING
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import FormLimits
from reconcile.wechat.kind_classes import WORDS


def cut_of(rows: pl.DataFrame, limits: FormLimits) -> SideForm:
    """The form of one side: its reader's limits and the length at which its texts are cut off.

    Without a stated limit, several texts of exactly the largest length show one.
    """
    if limits.text_cut_at:
        return SideForm(limits, limits.text_cut_at)
    return SideForm(limits, cut_at(spoken_lengths(rows["text"].filter(rows["cls"] == WORDS))))


def spoken_lengths(texts: pl.Series) -> pl.Series:
    """The lengths (characters) of these texts; of those alone that quote nothing, where they show a cut.

    Some tools cut a reply and write the quotation behind it.
    """
    lengths = texts.str.len_chars()
    plain = lengths.filter(~texts.str.contains_any(list(QUOTING)).fill_null(value=False))
    return plain if cut_at(plain) is not None else lengths


def cut_at(lengths: pl.Series) -> int | None:
    """The length (characters) at which texts of these lengths are cut off; None = no sign of a cut."""
    longest = lengths.max()
    return _learnt_cut(longest, int((lengths == longest).sum())) if isinstance(longest, int) else None


# The form of each export of a side.
Forms = Mapping[int, SideForm]


def cuts_of(rows: pl.DataFrame, limits: FormLimits) -> Forms:
    """`cut_of` for each export of a side."""
    exports = rows["export"].unique()
    if limits.text_cut_at:
        return dict.fromkeys(exports, SideForm(limits, limits.text_cut_at))
    lengths = (
        rows.lazy()
        .filter(pl.col("cls") == WORDS)
        .select("export", "text", pl.col("text").str.len_chars().alias("n"))
        .filter(pl.col("n") >= _LEAST_CUT_AT)
        .select("export", "n", pl.col("text").str.contains_any(list(QUOTING)).alias("quotes"))
    )
    # The rule of spoken_lengths, for many exports at once.
    plain = pl.when(~pl.col("quotes")).then("n")
    longest = lengths.group_by("export").agg(
        plain.max().alias("most"), (plain == plain.max()).sum().alias("count"),
        pl.col("n").max().alias("most_of_all"), (pl.col("n") == pl.col("n").max()).sum().alias("count_of_all"),
    )  # fmt: skip
    found = {
        export: SideForm(limits, _learnt_cut(most or 0, count) or _learnt_cut(most_of_all, count_of_all))
        for export, most, count, most_of_all, count_of_all in longest.pipe(collected).iter_rows()
    }
    return {export: found.get(export, SideForm(limits, None)) for export in exports}


# Characters below which no tool cuts a text.
_LEAST_CUT_AT = 16
# Numbers that people and programs use as a limit of characters.
_LIMITS = frozenset([
    *range(20, 101, 10), *range(120, 201, 20), *range(150, 1001, 50), *range(2000, 10_001, 1000), *(2**n + d for n in range(6, 15) for d in (-1, 0)),
])  # fmt: skip


def _learnt_cut(longest: int, count: int) -> int | None:
    # A single longest text shows a cut only at a typical limit; several texts of the same largest length always do.
    is_cut = longest >= _LEAST_CUT_AT and (count >= 2 or longest in _LIMITS)
    return longest if is_cut else None


def standing_cut(forms: Forms, both: pl.DataFrame, side: str) -> Forms:
    """The forms of one side without learnt cuts that its own pairs contradict.

    A limit cuts every text that reaches it, and few texts end exactly there. Where as many texts of that length are
    whole on the other side as go on there, the longer ones were changed and not cut.
    """
    cut = [e for e, f in forms.items() if f.cut_at is not None and not f.limits.text_cut_at]
    parts = both.filter(pl.col("export").is_in(cut)).partition_by("export", as_dict=True) if cut else {}
    return {e: _without_contradicted_cut(f, parts[e,], side) if (e,) in parts else f for e, f in forms.items()}


def _without_contradicted_cut(form: SideForm, both: pl.DataFrame, side: str) -> SideForm:
    if form.cut_at is None or form.limits.text_cut_at:
        return form
    mine, other = pl.col(f"text{side}"), pl.col("text" if side else "text_right")
    at = both.filter((mine.str.len_chars() == form.cut_at) & (pl.col(f"cls{side}") == WORDS))
    longer = at.filter(other.str.starts_with(mine) & (other != mine)).select(mine).n_unique()
    whole = at.filter(mine == other).select(mine).n_unique()
    contradicted = whole >= longer and whole and longer < PARAMS.loss_texts
    return SideForm(form.limits, None) if contradicted else form
