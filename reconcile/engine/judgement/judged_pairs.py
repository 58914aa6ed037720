"""Judges every accepted pair by content and sender: equal rows as columns, the rest one by one."""

from collections.abc import Iterator
from functools import cache, lru_cache, reduce
from operator import or_
from typing import Any

import numpy as np
import polars as pl

from reconcile.column_ops import listed, parts_by, rows_at
from reconcile.engine.content.attributes import attributes_of, notices_of
from reconcile.engine.content.bundle_authors import bundle_authors_of
from reconcile.engine.content.components import TURNED, components_of
from reconcile.engine.content.forms import Forms, standing_cut
from reconcile.engine.content.habits import with_habits, with_unlike_media
from reconcile.engine.content.judgement import Judgement
from reconcile.engine.content.quotations import QUOTING, without_quote
from reconcile.engine.content.quoted import quotations_of
from reconcile.engine.content.quoted_message import RowsOfReading, Sides, are_of_one_form, are_of_one_tool
from reconcile.engine.content.selective import Component, with_differing_parts
from reconcile.engine.content.two_scripts import without_variants_of_script
from reconcile.engine.contradictions import turned_rows
from reconcile.engine.judgement.across_classes import judge_across_classes
from reconcile.engine.judgement.senders import with_senders
from reconcile.engine.judgement.statements import with_statements
from reconcile.engine.pairs.alignment import Alignment, pair_residuals
from reconcile.engine.pairs.levels import judge_rows
from reconcile.engine.pairs.settle import METHODS
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import CLEAR, MENDED, REDATED, RENAMED, UNCLEAR, VIEWED
from reconcile.engine.relations import JUDGED, doubtful, judged_as, unit_seconds
from reconcile.intake.contract import FormLimits, Reading
from reconcile.vocabulary import Cause, Form, Kind, Relation
from reconcile.wechat.kind_classes import CARD, PLACE, WORDLESS, WORDS

Frames = tuple[pl.DataFrame, pl.DataFrame]
_COMPARED = (
    "text", "kind", "cls", "media_hash", "amount", "file_name", "file_size", "text_quality", "party", "message_id", "url", "pair", "export", "form", "spread", "duration", "reply_to", "quoted_text", "payment_state", "raw_t",
)  # fmt: skip


def judge_content(a: Alignment, frames: Frames, readings: tuple[Reading, Reading]) -> pl.DataFrame:
    """pair, left_row, right_row, relation, cause, detail, similarity of all accepted pairs, in order."""
    limits = readings[0].facts.limits, readings[1].facts.limits
    residual = np.abs(pair_residuals(a))
    pairs = pl.DataFrame({
        "left_row": a.pairs.left.astype(np.uint32), "right_row": a.pairs.right.astype(np.uint32),
        "confidence": np.ones(len(a.pairs.left)), "method": pl.Series(METHODS, dtype=pl.String)[a.pairs.method], "residual_s": residual,
    }, nan_to_null=True)  # fmt: skip
    sides = []
    for frame, rows in zip(frames, ("left_row", "right_row"), strict=True):
        held = rows_at(frame[[*_COMPARED, "time_precision"]], pairs[rows])
        sides.append(held[_COMPARED].with_columns(unit_seconds(held["time_precision"]).alias("unit")))
    left, right = sides
    both = pl.concat([pairs, left, right.rename({c: f"{c}_right" for c in right.columns})], how="horizontal")
    both, converted = without_variants_of_script(both)
    judged = judge_across_classes(_judge_bodies(both, a.forms[0], a.forms[1]), a)
    judged = with_unlike_media(_cut_at_longest(with_habits(judged, cache(lambda: people_in(frames))), a))
    judged = _with_form(_with_forms_of_headings(judged, frames), converted, Form.SCRIPT)
    judged = _with_doubt_of_seams(judged, frames, limits)
    judged = _with_renamed_people(judged, frames[0])
    judged = _with_views(judged, frames[0])
    judged = with_senders(judged, frames)
    judged = _with_doubt_of_place(judged)
    both_sides = RowsOfReading(frames[0], readings[0]), RowsOfReading(frames[1], readings[1])
    judged = with_statements(judged, a, limits, is_one_tool=are_of_one_tool(both_sides))
    judged = _with_parts(judged, both_sides)
    return judged[["pair", "left_row", "right_row", "relation", "cause", "detail", "similarity"]]


def people_in(frames: Frames) -> dict[str, frozenset[str]]:
    """Name or account of a sender -> the parties who bear it in either export."""
    party = pl.col("party").cast(pl.String)
    shown = pl.concat(f.select(pl.col(c).alias("n"), party).unique() for f in frames for c in ("sender_name", "sender"))
    told = shown.drop_nulls().group_by("n", maintain_order=True).agg(pl.col("party").unique())
    return {name: frozenset(parties) for name, parties in told.iter_rows()}


def _with_parts(judged: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """The judged pairs; those that differ in a part of the message without a habit are doubtful.

    What two devices of one party write is no habit of one form, so the pairs of each two forms are judged alone.
    """
    out = judged
    for forms, pairs in parts_by(judged, "form", "form_right").items():
        own = sides[0].of_form(forms[0]), sides[1].of_form(forms[1])
        out = with_differing_parts(out, _parts_of(pairs, judged, own), is_one_tool=are_of_one_tool(own))
    return out


def _parts_of(pairs: pl.DataFrame, judged: pl.DataFrame, sides: Sides) -> Iterator[Component]:
    """The parts of a message in which these of the judged pairs differ, of one form on each side."""
    agrees = pl.col("relation") == str(Relation.AGREEMENT)
    words = (pl.col("cls") == WORDS) & (pl.col("cls_right") == WORDS)
    quotes = pl.any_horizontal(pl.col(c) == str(Kind.QUOTE) for c in ("kind", "kind_right"))
    # Most pairs are equal words, of which only the texts are needed.
    few = pairs.filter(agrees & (~words | quotes | pl.col("cause").is_not_null()))
    if few.is_empty():
        return
    turned = (
        turned_rows(s.rows["row"][few[c]], s.reading) for s, c in zip(sides, ("left_row", "right_row"), strict=True)
    )
    few = few.with_columns(reduce(or_, turned).alias(TURNED))
    same = (
        pairs.lazy().filter(agrees & words & (pl.col("text") == pl.col("text_right"))).select("export", "cls", "text")
    )
    limits = sides[0].reading.facts.limits, sides[1].reading.facts.limits
    is_one_tool = are_of_one_tool(sides)
    yield from attributes_of(few, is_one_tool=is_one_tool)
    yield from quotations_of(few, judged, sides)
    yield from notices_of(few, sides)
    yield from bundle_authors_of(few)
    yield from components_of(few, same, limits, is_one_form=are_of_one_form(sides), is_one_tool=is_one_tool)


def _cut_at_longest(judged: pl.DataFrame, a: Alignment) -> pl.DataFrame:
    """The judged pairs; a text that ends inside the other is doubtful if its export holds no longer one.

    Its tool may cut every text there. Quoting texts do not count, since the quoted words make them longer.
    """
    differ = judged.with_row_index("at").filter(pl.col("cause") == str(Cause.TEXT_DIFFERS))
    if differ.is_empty():
        return judged
    differ = differ.with_columns(without_quote(pl.col(c)) for c in ("text", "text_right"))
    for records, mine, other in ((a.left, "text", "text_right"), (a.right, "text_right", "text")):
        size = pl.col(mine).str.len_chars()
        begun = differ.filter(
            pl.col(other).str.starts_with(pl.col(mine))
            & (pl.col(other) != pl.col(mine))
            & (size >= PARAMS.cut_characters_least)
        )
        if begun.is_empty():
            continue
        texts = records.frame.select("export", pl.col("text").alias("said"), "cls").filter(
            (pl.col("cls") == WORDS) & ~pl.col("said").str.contains_any(list(QUOTING))
        )
        longest = texts.group_by("export").agg(pl.col("said").str.len_chars().max().alias("longest"))
        # If the other side shows another text of that length as complete, nothing is cut there.
        plain = (pl.col("cls") == WORDS) & ~pl.col("text").str.contains_any(list(QUOTING))
        equal = judged.filter(plain & (pl.col("text") == pl.col("text_right")))
        whole = equal.group_by("export").agg(size.max().alias("whole"))
        told = begun.join(longest, on="export", how="left").join(whole, on="export", how="left")
        cut = told.filter(size >= pl.max_horizontal(pl.col("longest"), pl.col("whole") + 1).fill_null(0))["at"]
        doubt = pl.int_range(pl.len()).is_in(cut.cast(pl.Int64).implode())
        judged = judged.with_columns(doubtful(doubt, "text"))
    return judged


def _judge_bodies(both: pl.DataFrame, left_form: Forms, right_form: Forms) -> pl.DataFrame:
    """The pairs with relation, cause, detail and similarity of their bodies."""

    def agrees(column: str) -> pl.Expr:
        return (pl.col(column) == pl.col(f"{column}_right")).fill_null(value=True)

    same = agrees("media_hash") & agrees("file_name") & agrees("amount")
    equal = (pl.col("text") == pl.col("text_right")) & (pl.col("kind") == pl.col("kind_right")) & same
    silent = [c for c in WORDLESS if c not in (CARD, PLACE)]
    wordless = (pl.col("cls") == pl.col("cls_right")) & pl.col("cls").is_in(silent) & same & ~equal
    way = both.select(pl.when(equal).then(pl.lit(0)).when(wordless).then(pl.lit(1)).otherwise(pl.lit(2)).alias("way"))[
        "way"
    ]
    agreement = {"relation": str(Relation.AGREEMENT), "cause": None, "detail": None, "similarity": 1.0}
    columns = {
        c: pl.Series(c, [value], dtype=JUDGED[c]).new_from_index(0, both.height) for c, value in agreement.items()
    }
    is_form, is_hard = way == 1, way == 2
    if is_form.any():
        form = is_form.arg_true()
        columns["cause"] = columns["cause"].scatter(form, str(Cause.FORM))
        columns["detail"] = columns["detail"].scatter(form, str(Form.PLACEHOLDER))
    if is_hard.any():
        hard = is_hard.arg_true()
        left_form, right_form = standing_cut(left_form, both, ""), standing_cut(right_form, both, "_right")
        # The judgements are written back in place; sorting all rows again would cost more than judging.
        judged = _judge_one_by_one(both[hard], left_form, right_form)
        columns = {c: column.scatter(hard, judged[c]) for c, column in columns.items()}
    return both.with_columns(columns.values())


def _judge_one_by_one(hard: pl.DataFrame, left_form: Forms, right_form: Forms) -> pl.DataFrame:
    """The columns of JUDGED, one row per pair."""
    wanted = ["text", "kind", "cls", "media_hash", "amount", "file_name", "text_quality", "url"]
    by_export = {e: (left_form[e], right_form[e]) for e in hard["export"].unique()}
    # The forms of one side differ only in their cut.
    keys = {e: (left.cut_at, right.cut_at) for e, (left, right) in by_export.items()}
    forms = {keys[e]: both for e, both in by_export.items()}

    @lru_cache(maxsize=65_536)
    def judge(values: tuple[Any, ...], key: tuple[int | None, int | None]) -> Judgement:
        half = len(wanted)
        a, b = dict(zip(wanted, values[:half], strict=True)), dict(zip(wanted, values[half:], strict=True))
        return judge_rows(a, b, *forms[key], PARAMS)

    # Only the small remainder with different bodies gets here.
    judgements = [
        judge(row[1:], keys[row[0]]) for row in hard[["export", *wanted, *(f"{c}_right" for c in wanted)]].iter_rows()
    ]
    rows = [
        (str(j.relation), None if j.cause is None else str(j.cause), j.detail, float(j.similarity)) for j in judgements
    ]
    return pl.DataFrame(rows, schema=JUDGED, orient="row")


def _with_forms_of_headings(judged: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """The judged pairs; what was removed or joined on one side only is a difference of form."""
    forms = (Form.PREFIX_STRIPPED, Form.EXPORTER_SPELLING, Form.LINE_ENDS, Form.CHANGED_DATE)
    for column, form in zip((*MENDED, REDATED), forms, strict=True):
        written = [f[column][judged[rows]] for f, rows in zip(frames, ("left_row", "right_row"), strict=True)]
        judged = _with_form(judged, written[0] != written[1], form)
    return judged


def _with_doubt_of_seams(judged: pl.DataFrame, frames: Frames, limits: tuple[FormLimits, FormLimits]) -> pl.DataFrame:
    """The judged pairs; those of several messages with one row are doubtful where no person wrote so.

    Who writes a table by hand may put messages into one cell, which shows where each one ends. No tool does, and a row
    with an id is one message.
    """
    doubt = pl.lit(value=False)
    sides = zip(frames, ("left_row", "right_row"), ("message_id_right", "message_id"), limits[::-1], strict=True)
    for frame, rows, cell, limit in sides:
        seams = pl.lit(frame["seams"][judged[rows]])
        doubt |= (seams == UNCLEAR) | ((seams > 0) & (pl.col(cell).is_not_null() | limit.is_of_known_make))
    return judged.with_columns(doubtful(doubt & (pl.col("relation") == str(Relation.AGREEMENT)), "text"))


def _with_renamed_people(judged: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """The judged pairs; texts in which a person's name was replaced for pairing differ in words."""
    same = pl.lit(left[RENAMED][judged["left_row"]]) & (pl.col("relation") == str(Relation.AGREEMENT))
    return judged.with_columns(judged_as(same, Relation.CONFLICT, Cause.TEXT_DIFFERS, "words"))


def _with_views(judged: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """The judged pairs; a pair whose wording was unified for pairing is a form agreement or doubtful."""
    viewed = left[VIEWED][judged["left_row"]]
    judged = _with_form(judged, viewed == CLEAR, Form.WORDING_BY_SIDE)
    return judged.with_columns(doubtful(pl.lit(viewed == UNCLEAR) & (pl.col("relation") == "agreement"), "words"))


def _with_doubt_of_place(judged: pl.DataFrame) -> pl.DataFrame:
    """The judged pairs; conflicts without times are doubtful where no pair is beside them on both sides.

    Without a time, only the place tells that two rows which differ are one message.
    """
    conflict = pl.col("relation") == str(Relation.CONFLICT)
    open_pairs = judged.filter(conflict & pl.col("residual_s").is_null())["pair"].unique()
    if open_pairs.is_empty():
        return judged
    rows = judged.select("pair", "left_row", "right_row", at=pl.int_range(pl.len()).cast(pl.Int64))
    placed = rows.filter(pl.col("pair").is_in(listed(open_pairs))).sort("pair", "right_row")
    placed = placed.with_columns(rank=pl.int_range(pl.len()).cast(pl.Int64).over("pair")).sort("pair", "left_row")
    step = placed.select("at", "pair", step=pl.col("rank").diff().over("pair"))
    # One of the files may have its newest message first.
    step = step.with_columns(beside=pl.col("step") == pl.col("step").sign().median().over("pair"))
    beside = pl.any_horizontal("beside", pl.col("beside").shift(-1).over("pair"))
    alone = step.filter(~beside.fill_null(value=False))["at"]
    strays = pl.int_range(pl.len()).cast(pl.Int64).is_in(listed(alone))
    flag = conflict & pl.col("residual_s").is_null() & strays
    relation, cause, _ = doubtful(flag, "")
    return judged.with_columns(relation, cause)


def _with_form(judged: pl.DataFrame, differ: pl.Series, form: Form) -> pl.DataFrame:
    """The judged pairs; equal ones that were written otherwise (`differ`) agree in this form."""
    if not differ.any():
        return judged
    equal = pl.lit(differ) & (pl.col("relation") == "agreement") & pl.col("cause").is_null()
    return judged.with_columns(judged_as(equal, Relation.AGREEMENT, Cause.FORM, str(form)))


__all__ = ["judge_content"]
