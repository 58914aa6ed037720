"""The length at which each export's tool cuts texts off."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import collected, parts_by, present, value_by_export
from reconcile.engine.content.judgement import SideForm
from reconcile.engine.content.quotations import QUOTING
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import FormLimits
from reconcile.wechat.kind_classes import WORDS

Ints = npt.NDArray[np.int64]


def cut_of(rows: pl.DataFrame, limits: FormLimits) -> SideForm:
    """The form of one side: its reader's limits and the length at which its texts are cut off.

    Without a stated limit, texts that heap at one length, which hardly any text exceeds, show one.
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
    return _cut_at(*_counted(lengths))


def heap_of(sizes: pl.Series, part: int = 1) -> int | None:
    """The largest size at which texts heap and that hardly any exceeds: a tool cuts there; None = none.

    Args:
        sizes: the size of every text, in any unit.
        part: how many sizes below the limit a cut may leave: more than one where a cut may not split a character.
    """
    return _heap_of(*_counted(sizes), part)


def _counted(lengths: pl.Series) -> tuple[Ints, Ints]:
    """The different lengths, ascending, and how many texts have each."""
    told = present(lengths)
    found = np.unique(told.to_numpy().astype(np.int64), return_counts=True)
    return found[0], found[1]


def _cut_at(lengths: Ints, counts: Ints) -> int | None:
    """The length at which texts are cut; null where the lengths show no cut."""
    # A single longest text shows a cut only at a typical limit; several texts of one length that hardly any exceeds always do.
    if len(lengths) and counts[-1] == 1 and int(lengths[-1]) in _LIMITS:
        return int(lengths[-1])
    limit = _heap_of(lengths, counts)
    return limit if limit is not None and limit >= PARAMS.cut_characters_least else None


def _heap_of(sizes: Ints, counts: Ints, part: int = 1) -> int | None:
    """The largest size at which many texts end and few are longer; null without one."""
    upto = counts.cumsum()
    below = np.searchsorted(sizes, sizes - part, side="right")
    heap = upto - np.where(below > 0, upto[below - 1], 0)
    beyond = counts.sum() - upto
    is_heap = (heap >= PARAMS.habit_records) & (heap >= PARAMS.cut_per_exception * beyond)
    return int(sizes[is_heap][-1]) if is_heap.any() else None


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
        .filter(pl.col("n") >= PARAMS.cut_characters_least)
        .select("export", "n", pl.col("text").str.contains_any(list(QUOTING)).alias("quotes"))
    )
    # The rule of spoken_lengths, for many exports at once.
    counted = (
        lengths.group_by("export", "n")
        .agg(pl.len().alias("of_all"), (~pl.col("quotes")).sum().alias("plain"))
        .sort("export", "n")
    )
    found = {
        export: SideForm(limits, _cut_of_counts(part))
        for (export,), part in parts_by(collected(counted), "export").items()
    }
    return {export: found.get(export, SideForm(limits, None)) for export in exports}


def _cut_of_counts(counted: pl.DataFrame) -> int | None:
    """The cut of one export; n (length), of_all (texts), plain (texts that quote nothing)."""
    n, plain, of_all = (counted[c].to_numpy().astype(np.int64) for c in ("n", "plain", "of_all"))
    return _cut_at(n[plain > 0], plain[plain > 0]) or _cut_at(n, of_all)


# Numbers that people and programs use as a limit of characters.
_LIMITS = frozenset([
    *range(20, 101, 10), *range(120, 201, 20), *range(150, 1001, 50), *range(2000, 10_001, 1000), *(2**n + d for n in range(6, 15) for d in (-1, 0)),
])  # fmt: skip


def standing_cut(forms: Forms, both: pl.DataFrame, side: str) -> Forms:
    """The forms of one side without learnt cuts that its own pairs contradict.

    A limit cuts every text that reaches it, and few texts end exactly there. Where as many texts of that length are
    whole on the other side as go on there, the longer ones were changed and not cut.
    """
    cut = {e: f.cut_at for e, f in forms.items() if f.cut_at is not None and not f.limits.text_cut_at}
    if not cut:
        return forms
    mine, other = pl.col(f"text{side}"), pl.col("text" if side else "text_right")
    at = mine.str.len_chars() == value_by_export(cut, both, pl.UInt32)
    told = both.lazy().filter(at & (pl.col(f"cls{side}") == WORDS)).group_by("export").agg(
        mine.filter(other.str.starts_with(mine) & (other != mine)).n_unique().alias("longer"),
        mine.filter(mine == other).n_unique().alias("whole"),
    )  # fmt: skip
    firm = (pl.col("whole") >= pl.col("longer")) & (pl.col("whole") > 0) & (pl.col("longer") < PARAMS.loss_texts)
    contradicted = set(told.filter(firm).pipe(collected)["export"])
    return {e: SideForm(f.limits, None) if e in contradicted else f for e, f in forms.items()}
