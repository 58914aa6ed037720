"""Judges every accepted pair by content and sender: equal rows as columns, the rest one by one."""

from collections.abc import Iterator
from functools import cache, lru_cache, reduce
from operator import or_
from typing import Any

import numpy as np
import polars as pl

from reconcile.column_ops import listed, rows_at
from reconcile.engine.alignment import Alignment, pair_residuals
from reconcile.engine.content.attributes import attributes_of, notices_of
from reconcile.engine.content.components import TURNED, components_of
from reconcile.engine.content.facts import amount_of, link_title, names_of, safe_name
from reconcile.engine.content.forms import Forms, standing_cut
from reconcile.engine.content.habits import with_habits, with_unlike_media
from reconcile.engine.content.judgement import Judgement
from reconcile.engine.content.quotations import QUOTING, without_quote
from reconcile.engine.content.quoted import quotations_of
from reconcile.engine.content.quoted_message import Quoting, Sides, are_of_one_form, are_of_one_tool
from reconcile.engine.content.renderings import stand_for
from reconcile.engine.content.selective import Component, with_differing_parts
from reconcile.engine.content.signs import LONE, WIDE, is_emoji, is_lone_sign
from reconcile.engine.content.states import last_state
from reconcile.engine.content.truncation import LEAST_CUT
from reconcile.engine.content.two_scripts import without_variants_of_script
from reconcile.engine.contradictions import turned_rows
from reconcile.engine.joined_rows import with_doubt_of_seams
from reconcile.engine.levels import (
    FORM,
    NOT_STATED,
    absent_in,
    across_kinds,
    judge_rows,
    told_apart,
    written_alike,
)
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import MENDED, RENAMED
from reconcile.engine.records import content_of
from reconcile.engine.relations import JUDGED, doubtful, judged_as, unit_seconds
from reconcile.engine.senders import with_senders
from reconcile.engine.settle import METHODS
from reconcile.engine.statements import with_statements
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Cause, Form, Kind, Relation
from reconcile.wechat.kind_classes import CALL, CARD, FILE, PAYMENT, PLACE, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.text import canonical

Frames = tuple[pl.DataFrame, pl.DataFrame]
_COMPARED = (
    "text", "kind", "cls", "media_hash", "amount", "file_name", "text_quality", "party", "message_id", "url", "pair", "export", "form", "spread", "duration", "reply_to", "quoted_text", "payment_state", "raw_t",
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
    judged = _judge_across_classes(_judge_bodies(both, a.forms[0], a.forms[1]), a)
    judged = with_unlike_media(_cut_at_longest(with_habits(judged, cache(lambda: people_in(frames))), a))
    judged = _with_form(_with_forms_of_headings(judged, frames), converted, Form.SCRIPT)
    judged = with_doubt_of_seams(judged, frames, limits)
    judged = _with_renamed_people(judged, frames[0])
    judged = with_senders(judged, frames)
    judged = _with_doubt_of_place(judged)
    both_sides = Quoting(frames[0], readings[0]), Quoting(frames[1], readings[1])
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
    by_forms = judged.partition_by("form", "form_right", as_dict=True, maintain_order=True)
    out = judged
    for forms, pairs in by_forms.items():
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
    yield from attributes_of(few)
    yield from quotations_of(few, judged, sides)
    yield from notices_of(few, sides)
    yield from components_of(few, same, limits, is_one_form=are_of_one_form(sides), is_one_tool=are_of_one_tool(sides))


def _judge_across_classes(judged: pl.DataFrame, a: Alignment) -> pl.DataFrame:
    """The judged pairs; pairs of two classes become agreements of form, not stated, or doubtful."""
    differ = judged.with_row_index("at").filter(
        (pl.col("cls") != pl.col("cls_right")) & (pl.col("cls") != SYSTEM) & (pl.col("cls_right") != SYSTEM)
    )
    if differ.is_empty():
        return judged
    shown = [content_of(r.frame[differ[c]])[0].to_list() for r, c in ((a.left, "left_row"), (a.right, "right_row"))]
    classes = list(differ.select("cls", "cls_right").iter_rows())
    written = [
        written_alike(raw, cls) or said
        for raw, cls, said in zip(
            differ.select("text", "text_right").iter_rows(), classes, zip(*shown, strict=True), strict=True
        )
    ]
    told = [
        across_kinds(
            cls[0], cls[1], kinds, texts, told_apart((a.left, a.right), a.forms, export), absent_in(a.forms, export)
        )[0]
        for export, cls, kinds, texts in zip(
            differ["export"],
            classes,
            differ.select("kind", "kind_right").cast(pl.String).iter_rows(),
            written,
            strict=True,
        )
    ]
    means = {
        FORM: (Relation.AGREEMENT, Cause.FORM, str(Form.KIND_NAME)),
        NOT_STATED: (Relation.AGREEMENT, Cause.NOT_STATED, None),
    }
    unclear = (Relation.DOUBTFUL, Cause.WEAK_MATCH, "kind")
    unlike = _show_other_sums(differ), _show_other_states(differ), _show_other_names(differ)
    others = [any(told) for told in zip(*unlike, strict=True)]
    stands = [s and not o for s, o in zip(_stands_for_kind(differ, shown, a.forms), others, strict=True)]
    signs = [not s and is_lone_sign(c, t) for s, c, t in zip(stands, classes, written, strict=True)]
    if any(signs):
        wide = differ.select(pl.any_horizontal(pl.col("text", "text_right").str.contains(WIDE))).to_series()
        shown_alone = _exports_with_lone_signs(judged.filter(pl.col("export").is_in(listed(differ["export"]))))
        signs = [s and e not in shown_alone[w] for s, e, w in zip(signs, differ["export"], wide, strict=True)]
        stands = [a or b for a, b in zip(stands, signs, strict=True)]
    found = [
        unclear if o or (t == NOT_STATED and not s) else means.get(t, unclear)
        for t, s, o in zip(told, stands, others, strict=True)
    ]
    values: dict[str, list[str | None]] = {
        "relation": [str(f[0]) for f in found],
        "cause": [str(f[1]) for f in found],
        "detail": [f[2] for f in found],
    }
    return judged.with_columns(
        judged[c].scatter(differ["at"], pl.Series(v, dtype=pl.String).cast(judged.schema[c])) for c, v in values.items()
    )


def _exports_with_lone_signs(judged: pl.DataFrame) -> tuple[set[int], set[int]]:
    """The exports in which both sides show a text of emoji alone: at all, and beyond U+FFFF."""
    both = pl.col("text", "text_right")
    few = judged.filter(
        (pl.col("cls") == WORDS) & (pl.col("cls_right") == WORDS), pl.all_horizontal(both.str.contains(LONE))
    )
    few = few.select("export", both).unique(maintain_order=True)
    signs = few.filter(
        pl.Series([is_emoji(canonical(a)) and is_emoji(canonical(b)) for _, a, b in few.iter_rows()], dtype=pl.Boolean)
    )
    return set(signs["export"]), set(signs.filter(pl.all_horizontal(both.str.contains(WIDE)))["export"])


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
            pl.col(other).str.starts_with(pl.col(mine)) & (pl.col(other) != pl.col(mine)) & (size >= LEAST_CUT)
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


def _stands_for_kind(differ: pl.DataFrame, shown: list[list[str]], forms: tuple[Forms, Forms]) -> list[bool]:
    """Whether the words of each pair of two classes may be what a tool writes for the other side's kind.

    A tool writes the same words for every record of a kind, apart from digits. A single sentence that does not begin
    like a placeholder was written by a person, so the other side shows different content. But where a form writes the
    kind like words and the other side states none, nothing can be compared.

    Args:
        differ: the pairs.
        shown: the words of either side's rows without placeholders.
        forms: the forms of either side's exports.
    """
    is_left = pl.col("cls") == WORDS
    words = pl.when(is_left).then("text").when(pl.col("cls_right") == WORDS).then("text_right")
    kind = pl.when(is_left).then("kind_right").otherwise("kind").cast(pl.String)
    spoken = differ.select("export", kind.alias("kind"), words.alias("words"), is_left.alias("is_left")).with_columns(
        pl.col("words").str.replace_all(r"\d+(?:[.:]\d+)*", "0").alias("shape")
    )
    empty = pl.col("words").fill_null("").str.strip_chars() == ""
    # A format that writes cards like text shows the title with more text around it.
    titles = [
        link_title(t or "") for t in differ.select(pl.when(is_left).then("text_right").otherwise("text"))["text_right"]
    ]
    spoken = spoken.with_columns(pl.Series("title", titles, pl.String))
    titled = (pl.col("title") != "") & pl.col("words").str.contains(pl.col("title"), literal=True)
    again = pl.len().over("export", "is_left", "kind", "shape") >= PARAMS.habit_records
    cls = differ.select(pl.when(is_left).then("cls_right").otherwise("cls"))["cls_right"].to_list()
    looks = [stand_for(canonical(w or ""), c) for w, c in zip(spoken["words"].to_list(), cls, strict=True)]
    among_words = [
        of_words and not shown[of_left][at] and k in forms[not of_left][e].limits.kinds_among_words
        for at, (e, k, of_left, of_words) in enumerate(
            spoken.select("export", "kind", "is_left", pl.col("words").is_not_null()).iter_rows()
        )
    ]
    told = empty | again | titled | pl.Series(looks, dtype=pl.Boolean) | pl.Series(among_words, dtype=pl.Boolean)
    return spoken.select(told.fill_null(value=True))["words"].to_list()


def _show_other_sums(differ: pl.DataFrame) -> list[bool]:
    """Whether both rows of each pair show a sum of money, one of them as a payment, and not the same sum."""
    if not differ.select((pl.col("cls") == PAYMENT).any() | (pl.col("cls_right") == PAYMENT).any()).item():
        return [False] * differ.height
    rows = differ.select("cls", "cls_right", "text", "text_right", "amount", "amount_right").iter_rows()
    told = []
    for a, b, text, other, amount, also in rows:
        # Words that stand for a payment show its sum as a payment does.
        both = [amount_of({"cls": PAYMENT, "text": t, "amount": n}) for t, n in ((text, amount), (other, also))]
        told.append(PAYMENT in (a, b) and None not in both and both[0] != both[1])
    return told


def _show_other_states(differ: pl.DataFrame) -> list[bool]:
    """Whether both rows of each pair tell what became of a payment or call, and not the same."""
    unlike = (
        pl.any_horizontal(pl.col("cls", "cls_right") == cls) & (last_state(cls, "") != last_state(cls, "_right"))
        for cls in (PAYMENT, CALL)
    )
    return differ.select(pl.any_horizontal(unlike).fill_null(value=False).alias("u"))["u"].to_list()


def _show_other_names(differ: pl.DataFrame) -> list[bool]:
    """Whether both rows of each pair, one of them a file, show a file's name, and not the same."""
    is_file = differ.select(pl.any_horizontal(pl.col("cls", "cls_right") == FILE))["cls"].to_list()
    columns = [("text", "file_name"), ("text_right", "file_name_right")]
    names = [names_of(*differ[list(c)]).to_list() if any(is_file) else is_file for c in columns]
    return [f and None not in (a, b) and safe_name(a) != safe_name(b) for f, a, b in zip(is_file, *names, strict=True)]


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
    forms = (Form.PREFIX_STRIPPED, Form.EXPORTER_SPELLING, Form.LINE_ENDS)
    for column, form in zip(MENDED, forms, strict=True):
        written = [f[column][judged[rows]] for f, rows in zip(frames, ("left_row", "right_row"), strict=True)]
        judged = _with_form(judged, written[0] != written[1], form)
    return judged


def _with_renamed_people(judged: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """The judged pairs; texts in which a person's name was replaced for pairing differ in words."""
    same = pl.lit(left[RENAMED][judged["left_row"]]) & (pl.col("relation") == str(Relation.AGREEMENT))
    return judged.with_columns(judged_as(same, Relation.CONFLICT, Cause.TEXT_DIFFERS, "words"))


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
