"""Judges pairs of two classes: words beside a record of another kind, by what both state of it."""

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.content.facts import amount_of, link_title, names_of, safe_name, stands_for_record
from reconcile.engine.content.forms import Forms
from reconcile.engine.content.renderings import stand_for
from reconcile.engine.content.signs import LONE, WIDE, is_emoji, is_lone_sign
from reconcile.engine.content.states import last_states
from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.pairs.levels import FORM, NOT_STATED, absent_in, across_kinds, told_apart, written_alike
from reconcile.engine.params import PARAMS
from reconcile.engine.records import content_of
from reconcile.engine.relations import is_identified
from reconcile.vocabulary import Cause, Form, Kind, Relation
from reconcile.wechat.kind_classes import CALL, FILE, OTHER, PAYMENT, SYSTEM, WORDS
from reconcile.wechat.kinds import MARK
from reconcile.wechat.text import canonical


def judge_across_classes(judged: pl.DataFrame, a: Alignment) -> pl.DataFrame:
    """The judged pairs; pairs of two classes become agreements of form, not stated, or doubtful.

    Words that say nothing but a payment conflict with a payment of another sum where an id or the second identifies it.
    """
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
    conflict = (Relation.CONFLICT, Cause.AMOUNT_DIFFERS, "amount")
    unlike = (
        _show_other_sums(differ),
        _show_other_states(differ),
        _show_other_names(differ),
        _state_other_kinds(differ, judged, a.forms),
    )
    others = [any(told) for told in zip(*unlike, strict=True)]
    is_sure = differ.select(is_identified().fill_null(value=False).alias("s"))["s"]
    two_sums = [
        sums and sure and any(c == WORDS and stands_for_record(t, t, PAYMENT) for c, t in zip(cls, said, strict=True))
        for sums, sure, cls, said in zip(unlike[0], is_sure, classes, written, strict=True)
    ]
    stands = [s and not o for s, o in zip(_stands_for_kind(differ, shown, a.forms), others, strict=True)]
    signs = [not s and is_lone_sign(c, t) for s, c, t in zip(stands, classes, written, strict=True)]
    if any(signs):
        wide = differ.select(pl.any_horizontal(pl.col("text", "text_right").str.contains(WIDE))).to_series()
        with_signs = _exports_with_lone_signs(judged.filter(pl.col("export").is_in(listed(differ["export"]))))
        signs = [s and e not in with_signs[w] for s, e, w in zip(signs, differ["export"], wide, strict=True)]
        stands = [a or b for a, b in zip(stands, signs, strict=True)]
    found = [
        conflict if c else unclear if o or (t == NOT_STATED and not s) else means.get(t, unclear)
        for t, s, o, c in zip(told, stands, others, two_sums, strict=True)
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


def _state_other_kinds(differ: pl.DataFrame, judged: pl.DataFrame, forms: tuple[Forms, Forms]) -> list[bool]:
    """Whether both rows of each pair state their kinds by themselves, one text and one a record.

    Not where the two forms do so in several pairs, and show fewer such records as one class: then a form has no other
    kind for them. The mark of a known form that the words lack states a kind as well.
    """
    sides = ("", "_right"), ("_right", "")
    states = [[e for e, f in form.items() if f.limits.states_kinds] for form in forms]
    known = [[e for e, f in form.items() if f.limits.is_of_known_make] for form in forms]
    told = pl.Series("told", [False] * differ.height)
    for n, (words, record) in enumerate(sides):
        is_record = ~pl.col(f"cls{record}").is_in([WORDS, OTHER, SYSTEM])
        marks = [pl.col(f"text{s}").str.extract(f"({MARK})") for s in (record, words)]
        is_marked = (pl.col("export").is_in(known[1 - n]) & marks[0].ne_missing(marks[1])).fill_null(value=False)
        is_marked &= marks[0].is_not_null()
        asked = (
            pl.col("export").is_in(states[n])
            & (pl.col(f"kind{words}").cast(pl.String) == str(Kind.TEXT))
            & is_record
            & (pl.col("export").is_in(states[1 - n]) | is_marked)
        )
        if not differ.select(asked.any()).item():
            continue
        kind = pl.col(f"kind{record}").cast(pl.String)
        shown = judged.filter(is_record, pl.col("export").is_in(listed(differ["export"]))).group_by(
            "export", kind.alias("of_kind")
        ).agg(
            (pl.col(f"kind{words}").cast(pl.String) == str(Kind.TEXT)).sum().alias("as_words"),
            (pl.col("cls") == pl.col("cls_right")).sum().alias("as_record"),
        )  # fmt: skip
        rows = differ.select("export", kind.alias("of_kind"), asked.alias("asked"))
        rows = rows.join(shown, on=["export", "of_kind"], how="left", maintain_order="left")
        is_habit = (pl.col("as_words") >= PARAMS.habit_records) & (pl.col("as_words") > pl.col("as_record"))
        merged = {(e, str(k)) for e, f in forms[n].items() for k in f.limits.kinds_merged}
        may_be_words = pl.Series([r in merged for r in rows.select("export", "of_kind").iter_rows()])
        told |= rows.select(pl.col("asked") & ~is_habit.fill_null(value=False)).to_series() & ~may_be_words
    return told.to_list()


def _show_other_sums(differ: pl.DataFrame) -> list[bool]:
    """Whether both rows of each pair show a sum of money, one of them as a payment, and not the same sum."""
    if not differ.select((pl.col("cls") == PAYMENT).any() | (pl.col("cls_right") == PAYMENT).any()).item():
        return [False] * differ.height
    rows = differ.select("cls", "cls_right", "text", "text_right", "amount", "amount_right").iter_rows()
    told = []
    for a, b, text, other, amount, also in rows:
        # A text in place of a payment states the sum as the payment would.
        both = [amount_of({"cls": PAYMENT, "text": t, "amount": n}) for t, n in ((text, amount), (other, also))]
        told.append(PAYMENT in (a, b) and None not in both and both[0] != both[1])
    return told


def _show_other_states(differ: pl.DataFrame) -> list[bool]:
    """Whether both rows of each pair tell what became of a payment or call, and not the same."""
    unlike = [False] * differ.height
    for cls in (PAYMENT, CALL):
        at = differ.select(pl.any_horizontal(pl.col("cls", "cls_right") == cls).arg_true()).to_series()
        for row, one, other in zip(at, *last_states(differ[at], cls), strict=True) if len(at) else ():
            unlike[row] |= None not in (one, other) and one != other
    return unlike


def _show_other_names(differ: pl.DataFrame) -> list[bool]:
    """Whether both rows of each pair, one of them a file, show a file's name, and not the same."""
    is_file = differ.select(pl.any_horizontal(pl.col("cls", "cls_right") == FILE))["cls"].to_list()
    columns = [("text", "file_name"), ("text_right", "file_name_right")]
    names = [names_of(*differ[list(c)]).to_list() if any(is_file) else is_file for c in columns]
    # Words around a name may stand before it.
    return [f and None not in (a, b) and not _end_alike(a, b) for f, a, b in zip(is_file, *names, strict=True)]


def _end_alike(one: str, two: str) -> bool:
    """Whether one file name ends with the other."""
    short, long = sorted((safe_name(one), safe_name(two)), key=len)
    return long.endswith(short)


__all__ = ["judge_across_classes"]
