"""Judges every accepted pair by content and sender: equal rows as columns, the rest one by one."""

from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.alignment import Alignment, pair_residuals
from reconcile.engine.content.attributes import attributes_of
from reconcile.engine.content.bodies import link_title
from reconcile.engine.content.components import components_of
from reconcile.engine.content.forms import Forms, standing_cut
from reconcile.engine.content.habits import with_habits, with_unlike_media
from reconcile.engine.content.judgement import Judgement
from reconcile.engine.content.quotations import QUOTING, without_quote
from reconcile.engine.content.quoted import quotations_of
from reconcile.engine.content.quoted_message import Quoting, Sides
from reconcile.engine.content.selective import with_differing_parts
from reconcile.engine.content.truncation import LEAST_CUT
from reconcile.engine.levels import FORM, NOT_STATED, across_kinds, judge_rows
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import content_of
from reconcile.engine.relations import JUDGED, doubtful, judged_as, short_by_words, unit_seconds
from reconcile.engine.settle import METHODS
from reconcile.engine.statements import with_statements
from reconcile.intake.contract import FormLimits, Reading
from reconcile.vocabulary import Cause, Form, Kind, Relation
from reconcile.wechat.kind_classes import CARD, PLACE, SECONDS, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.kinds import KIND_NAME, MARKS

Frames = tuple[pl.DataFrame, pl.DataFrame]
_COMPARED = (
    "text", "kind", "cls", "media_hash", "amount", "file_name", "text_quality", "party", "message_id", "url", "pair", "export", "spread", "duration", "reply_to", "quoted_text", "payment_state",
)  # fmt: skip


def judge_content(a: Alignment, frames: Frames, readings: tuple[Reading, Reading], params: Params) -> pl.DataFrame:
    """pair, left_row, right_row, relation, cause, detail, similarity of all accepted pairs, in order."""
    limits = readings[0].facts.limits, readings[1].facts.limits
    residual = np.abs(pair_residuals(a))
    pairs = pl.DataFrame({
        "left_row": a.pairs.left.astype(np.uint32), "right_row": a.pairs.right.astype(np.uint32),
        "confidence": np.ones(len(a.pairs.left)), "method": pl.Series(METHODS, dtype=pl.String).gather(a.pairs.method), "residual_s": residual,
    }, nan_to_null=True)  # fmt: skip
    sides = []
    for frame, rows in zip(frames, ("left_row", "right_row"), strict=True):
        held = frame.select(*_COMPARED, "time_precision")[pairs[rows]]
        sides.append(held.drop("time_precision").with_columns(unit_seconds(held["time_precision"]).alias("unit")))
    left, right = sides
    both = pl.concat([pairs, left, right.rename({c: f"{c}_right" for c in right.columns})], how="horizontal")
    judged = _across(_judge_bodies(both, a.forms[0], a.forms[1]), a)
    judged = with_unlike_media(_cut_at_longest(with_habits(judged), a))
    judged = _shared_names(_judge_senders(_headed(judged, frames)), frames)
    judged = _third_names(_judge_labels(judged, frames), frames)
    judged = with_statements(judged, a, limits, params)
    judged = _with_parts(judged, (Quoting(frames[0], readings[0]), Quoting(frames[1], readings[1])), limits)
    return judged.select("pair", "left_row", "right_row", "relation", "cause", "detail", "similarity")


def _with_parts(judged: pl.DataFrame, sides: Sides, limits: tuple[FormLimits, FormLimits]) -> pl.DataFrame:
    """The judged pairs; those that differ in a part of the message without a habit are doubtful."""
    agrees = pl.col("relation") == str(Relation.AGREEMENT)
    words = (pl.col("cls") == WORDS) & (pl.col("cls_right") == WORDS)
    quotes = pl.any_horizontal(pl.col(c) == str(Kind.QUOTE) for c in ("kind", "kind_right"))
    # Most pairs are equal words, of which only the texts are needed.
    few = judged.filter(agrees & (~words | quotes | pl.col("cause").is_not_null()))
    if few.is_empty():
        return judged
    same = judged.lazy().filter(agrees & words & (pl.col("text") == pl.col("text_right")))
    parts = (
        *attributes_of(few),
        *quotations_of(few, judged, sides),
        *components_of(few, same.select("export", "cls", "text"), limits),
    )
    return with_differing_parts(judged, parts)


def _across(judged: pl.DataFrame, a: Alignment) -> pl.DataFrame:
    """The judged pairs; pairs of two classes become agreements of form, not stated, or doubtful."""
    differ = judged.with_row_index("at").filter(
        (pl.col("cls") != pl.col("cls_right")) & (pl.col("cls") != SYSTEM) & (pl.col("cls_right") != SYSTEM)
    )
    if differ.is_empty():
        return judged
    shown = [content_of(r.frame[differ[c]])[0].to_list() for r, c in ((a.left, "left_row"), (a.right, "right_row"))]
    told = [
        across_kinds(one, two, kinds, (x, y), (a.left.kinds[export], a.right.kinds[export]))[0]
        for export, one, two, kinds, x, y in zip(
            differ["export"],
            differ["cls"],
            differ["cls_right"],
            differ.select("kind", "kind_right").cast(pl.String).iter_rows(),
            *shown,
            strict=True,
        )
    ]
    means = {
        FORM: (Relation.AGREEMENT, Cause.FORM, str(Form.KIND_NAME)),
        NOT_STATED: (Relation.AGREEMENT, Cause.NOT_STATED, None),
    }
    unclear = (Relation.DOUBTFUL, Cause.WEAK_MATCH, "kind")
    stands = _stands_for_kind(differ)
    found = [means.get(t, unclear) if s or t != NOT_STATED else unclear for t, s in zip(told, stands, strict=True)]
    values: dict[str, list[str | None]] = {
        "relation": [str(f[0]) for f in found],
        "cause": [str(f[1]) for f in found],
        "detail": [f[2] for f in found],
    }
    return judged.with_columns(
        judged[c].scatter(differ["at"], pl.Series(v, dtype=pl.String).cast(judged.schema[c])) for c, v in values.items()
    )


def _cut_at_longest(judged: pl.DataFrame, a: Alignment) -> pl.DataFrame:
    """The judged pairs; a text that ends inside the other is doubtful if its export holds no longer one.

    Its tool may cut every text there. Quoting texts do not count, since the quoted words make them longer.
    """
    differ = judged.with_row_index("at").filter(pl.col("cause") == str(Cause.TEXT_DIFFERS))
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


def _stands_for_kind(differ: pl.DataFrame) -> list[bool]:
    """Whether the words of each pair of two classes may be what a tool writes for the other side's kind.

    A tool writes the same words for every record of a kind, apart from digits. A single sentence that does not begin
    like a placeholder was written by a person, so the other side shows different content.
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
    looks = (pl.col("words").str.contains(MARKS) & ~pl.col("words").str.contains("^[A-Z]")) | pl.col(
        "words"
    ).str.contains(KIND_NAME)
    return spoken.select((empty | looks | again | titled).fill_null(value=True))["words"].to_list()


def _judge_bodies(both: pl.DataFrame, left_form: Forms, right_form: Forms) -> pl.DataFrame:
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
    form, hard = (way == 1).arg_true(), (way == 2).arg_true()
    if len(form):
        columns["cause"] = columns["cause"].scatter(form, str(Cause.FORM))
        columns["detail"] = columns["detail"].scatter(form, str(Form.PLACEHOLDER))
    if len(hard):
        left_form, right_form = standing_cut(left_form, both, ""), standing_cut(right_form, both, "_right")
        # The judgements are written back in place; sorting all rows again would cost more than judging.
        judged = _one_by_one(both[hard], left_form, right_form)
        columns = {c: column.scatter(hard, judged[c]) for c, column in columns.items()}
    return both.with_columns(columns.values())


def _one_by_one(hard: pl.DataFrame, left_form: Forms, right_form: Forms) -> pl.DataFrame:
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
        judge(row[1:], keys[row[0]])
        for row in hard.select("export", *wanted, *(f"{c}_right" for c in wanted)).iter_rows()
    ]
    rows = [
        (str(j.relation), None if j.cause is None else str(j.cause), j.detail, float(j.similarity)) for j in judgements
    ]
    return pl.DataFrame(rows, schema=JUDGED, orient="row")


def _headed(judged: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """The judged pairs; a name before, or a mark after, the text of one side only is a difference of form."""
    for column, form in (("headed", Form.PREFIX_STRIPPED), ("tailed", Form.EXPORTER_SPELLING)):
        if not any(column in f.columns for f in frames):
            continue
        written = [
            f[column].gather(judged[f"{n}_row"])
            if column in f.columns
            else pl.repeat(value=False, n=judged.height, eager=True)
            for f, n in ((frames[0], "left"), (frames[1], "right"))
        ]
        differ = (written[0] != written[1]).fill_null(value=False)
        if not differ.any():
            continue
        equal = pl.lit(differ) & (pl.col("relation") == "agreement") & pl.col("cause").is_null()
        judged = judged.with_columns(judged_as(equal, Relation.AGREEMENT, Cause.FORM, str(form)))
    return judged


def _judge_senders(judged: pl.DataFrame) -> pl.DataFrame:
    known = (
        pl.col("party").is_not_null()
        & pl.col("party_right").is_not_null()
        & (pl.col("cls") != SYSTEM)
        & (pl.col("cls_right") != SYSTEM)
    )
    differs = known & (pl.col("party") != pl.col("party_right")) & (pl.col("relation") == "agreement")
    told = judged.select(differs.fill_null(value=False).alias("d"))["d"]
    if not told.any():
        return judged
    # Short texts and bare kinds of two senders, some seconds apart, may be two messages as well as one.
    off = pl.col("residual_s") > PARAMS.edge_seconds + 2 * pl.max_horizontal("spread", "spread_right") / SECONDS
    passing = told & judged.select((short_by_words() & off).fill_null(value=False).alias("p"))["p"]
    apart = judged_as(pl.lit(told & ~passing), Relation.CONFLICT, Cause.SENDER_DIFFERS, "sender")
    return judged.with_columns(apart).with_columns(doubtful(pl.lit(passing), "sender"))


def _named(pairs: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """The pairs where both exports name the sender, with the names `a` (left) and `b` (right)."""
    labels = zip(frames, ("left", "right"), "ab", strict=True)
    shown = pairs.with_columns(f["label"].gather(pairs[f"{side}_row"]).alias(name) for f, side, name in labels)
    return shown.filter(pl.col("pair").is_not_null()).drop_nulls(["a", "b"])


# A sender that an export names by account.
_ACCOUNT = r"^(?:wxid_|gh_)|@chatroom$"


def _shared_names(judged: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """The judged pairs; doubtful where another sender's name stands for a sender throughout a stretch.

    Two people of a group may bear one display name, and one may take the other's. Then all messages of the one have
    that name for a while. Account ids are never shared.
    """
    differs = judged["cause"].cast(pl.String) == str(Cause.SENDER_DIFFERS)
    if not differs.any():
        return judged
    told = judged.select(
        "pair", "left_row", "right_row", pl.int_range(pl.len()).alias("at"), differs.fill_null(value=False).alias("differs"),
        frames[0]["is_direct"].gather(judged["left_row"]).fill_null(value=False).alias("direct"),
    )  # fmt: skip
    asked = pl.col("differs") & ~pl.col("direct")
    groups = told.filter(asked)["pair"].unique()
    if groups.is_empty():
        return judged
    named = _named(told.filter(pl.col("pair").is_in(groups.implode())), frames)
    account = pl.col("a").str.contains(_ACCOUNT) & pl.col("b").str.contains(_ACCOUNT)
    doubt: list[pl.Series] = []
    for one, two in (("a", "b"), ("b", "a")):
        stream = ["pair", one]
        # Along the messages of one name, runs that the other export gives one name.
        run = (pl.col(two) != pl.col(two).shift()).fill_null(value=True).cum_sum().over(stream).alias("run")
        runs = named.sort("pair", "left_row").with_columns(run).filter(asked & ~account)
        doubt.append(runs.filter(pl.len().over(*stream, "run") >= PARAMS.habit_records)["at"])
    flag = pl.int_range(pl.len()).is_in(pl.concat(doubt).cast(pl.Int64).implode())
    return judged.with_columns(doubtful(flag, "sender"))


def _judge_labels(judged: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """The judged pairs; doubtful where each of two unlinked sender names is paired more with another name.

    If only one of them does, a person was renamed or two people share a name.
    """
    if not judged["party"].null_count() and not judged["party_right"].null_count():
        return judged
    untold = pl.col("party").is_null() | pl.col("party_right").is_null()
    untold &= (pl.col("relation") == "agreement") & (pl.col("cls") != SYSTEM) & (pl.col("cls_right") != SYSTEM)
    asked = judged.filter(untold)["pair"].unique()
    if asked.is_empty():
        return judged
    named = _named(judged.select("pair", "left_row", "right_row").filter(pl.col("pair").is_in(asked.implode())), frames)
    counts = named.group_by("pair", "a", "b").agg(
        pl.len().alias("n"), pl.col("left_row").min().alias("first"), pl.col("left_row").max().alias("last")
    )
    # A renamed sender has one name first and the other afterwards. A name between rows of the usual one is no renaming.
    most, amid = [], []
    for name in ("a", "b"):
        by = ["pair", name]
        n, usual = pl.col("n").max().over(by), pl.col("n") == pl.col("n").max().over(by)
        first, last = (pl.when(usual).then(c).max().over(by) for c in ("first", "last"))
        most.append(n)
        amid.append((pl.col("first") > first) & (pl.col("last") < last) & (pl.col("n") <= PARAMS.stray_share * n))
    counts = counts.filter((pl.min_horizontal(most) > pl.col("n")) | amid[0] | amid[1])
    apart = named.join(counts, on=["pair", "a", "b"], how="semi")["left_row"]
    doubt = untold & pl.col("left_row").is_in(apart.implode())
    return judged.with_columns(doubtful(doubt, "sender"))


def _third_names(judged: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """The judged pairs; doubtful where two people speak and one of them has two names, on one side alone.

    An export shows one name for an account. The rows with the party's less frequent names are the doubtful ones.
    """
    # In nearly every chat of two, each side shows two names.
    if all(f["label"].drop_nulls().n_unique() <= 2 for f in frames):
        return judged
    named = pl.col("label").is_not_null() & ~pl.col("label").str.starts_with("\x00") & pl.col("pair").is_not_null()
    counted = (pl.col("label").n_unique().alias("len"), pl.col("party").n_unique().alias("parties"))
    names = [f.lazy().filter(named).select("pair", "label", "party").unique().pipe(collected) for f in frames]
    if max(t.height for t in names) <= 2 * min(t["pair"].n_unique() for t in names):
        return judged
    labels = [t.group_by("pair").agg(counted) for t in names]
    both = labels[0].join(labels[1], on="pair").filter(pl.max_horizontal("parties", "parties_right") == 2)
    third = both.filter((pl.max_horizontal("len", "len_right") > 2) & (pl.min_horizontal("len", "len_right") == 2))
    if third.is_empty():
        return judged
    told = _named(judged.select("pair", "left_row", "right_row").join(third, on="pair", how="semi"), frames)
    counts = told.group_by("pair", "a", "b").len("n").join(third, on="pair").sort("pair", "a", "b")
    # The side with two names says whose row it is.
    of_two = pl.when(pl.col("len") == 2).then("a").otherwise("b")
    rank = pl.col("n").rank("ordinal", descending=True).over("pair", of_two)
    minor = counts.filter(rank > 1).select("pair", "a", "b")
    rows = told.join(minor, on=["pair", "a", "b"], how="semi")["left_row"]
    doubt = pl.col("left_row").is_in(rows.implode()) & (pl.col("relation") == "agreement")
    return judged.with_columns(doubtful(doubt, "sender"))


__all__ = ["judge_content"]
