"""Every pair judged: agreement, form, conflict or doubt. Equal rows are settled by columns, the rest one by one."""

from functools import lru_cache
from typing import Any

import polars as pl

from reconcile.abreast import of_both
from reconcile.match.align import Aligned
from reconcile.match.beside import with_unlike_statements
from reconcile.match.cuts import Forms, form_of, standing_cut
from reconcile.match.habits import with_habits, with_unlike_media
from reconcile.match.judgement import Judgement
from reconcile.match.numbers import without_other_numbers
from reconcile.match.off_clock import judge_times
from reconcile.match.relations import BY_ID, JUDGED, conflict, judged_as, short_by_words, with_detail
from reconcile.match.skew import unit_seconds
from reconcile.match.substance import judge_pair
from reconcile.match.two_ids import bear_two_ids, two_messages
from reconcile.match.weak import drop_chance_meetings, judge_weak
from reconcile.settings import Settings
from reconcile.vocabulary import Cause, Form, Relation
from reconcile.wechat.classes import CARD, PLACE, SECONDS, SYSTEM, WORDLESS
from reconcile.wechat.kinds import RECALL_NOTICE

# One message stands on two phones so near, clocks aside.
AT_ONCE_SECONDS = 2.0
_COMPARED = (
    "text", "kind", "cls", "media_hash", "amount", "file_name", "text_quality", "party", "message_id", "url", "pair", "is_filled", "spread", "duration", "reply_to",
)  # fmt: skip


def judge_pairs(aligned: Aligned, left_form: Forms, right_form: Forms, settings: Settings) -> pl.DataFrame:
    """pair, left_row, right_row, relation, cause, detail, similarity, confidence, method, residual_s of every pair that stands.

    Pairs that a closer look rejects (likely pairs whose trusted server ids differ) are left out: their rows are alone.
    """
    pairs, frames = aligned.pairs, (aligned.left, aligned.right)

    def gathered(side: int) -> pl.DataFrame:
        rows = pairs[("left_row", "right_row")[side]]
        columns = [frames[side][c] for c in _COMPARED]
        empty = [c for c in columns if c.null_count() == len(c)]
        unit = unit_seconds(frames[side]["time_precision"].gather(rows))
        told = [c.gather(rows) for c in columns if c.null_count() < len(c)]
        # A column that holds nothing is not written out value by value.
        return pl.DataFrame([*told, unit.alias("unit")]).with_columns(
            pl.lit(None, c.dtype).alias(c.name) for c in empty
        )

    left, right = of_both(gathered, 2 * pairs.height)
    both = pl.concat([pairs, left, right.rename({c: f"{c}_right" for c in right.columns})], how="horizontal")
    judged = with_unlike_media(with_habits(_judge_bodies(both, left_form, right_form)))
    judged = _headed(with_unlike_statements(judged), aligned)
    judged = _judge_labels(_judge_senders(judged), aligned)
    judged = judge_times(judged, aligned, settings)
    judged = without_other_numbers(_judge_ids(judged, aligned), aligned)
    judged = drop_chance_meetings(judge_weak(judged), aligned)
    return judged.select(
        "pair",
        "left_row",
        "right_row",
        "relation",
        "cause",
        "detail",
        "similarity",
        "confidence",
        "method",
        "residual_s",
    )


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
        # The judgements take their places among the easy rows: sorting all again would cost more than judging.
        judged = _one_by_one(both[hard], left_form, right_form)
        columns = {c: column.scatter(hard, judged[c]) for c, column in columns.items()}
    return both.with_columns(columns.values())


def _one_by_one(hard: pl.DataFrame, left_form: Forms, right_form: Forms) -> pl.DataFrame:
    """The columns of JUDGED, a row a pair."""
    wanted = ["text", "kind", "cls", "media_hash", "amount", "file_name", "text_quality", "url"]
    by_pair = {p: (form_of(left_form, p), form_of(right_form, p)) for p in hard["pair"].unique()}
    # The forms of one side differ in nothing but their cut.
    keys = {p: (left.cut_at, right.cut_at) for p, (left, right) in by_pair.items()}
    forms = {keys[p]: both for p, both in by_pair.items()}

    @lru_cache(maxsize=65_536)
    def judge(values: tuple[Any, ...], key: tuple[int | None, int | None]) -> Judgement:
        half = len(wanted)
        a, b = dict(zip(wanted, values[:half], strict=True)), dict(zip(wanted, values[half:], strict=True))
        return _recalled(a, b) or judge_pair(a, b, *forms[key])

    # The small hard remainder: pairs whose bodies differ as written.
    judgements = [
        judge(row[1:], keys[row[0]])
        for row in hard.select("pair", *wanted, *(f"{c}_right" for c in wanted)).iter_rows()
    ]
    rows = [
        (str(j.relation), None if j.cause is None else str(j.cause), j.detail, float(j.similarity)) for j in judgements
    ]
    return pl.DataFrame(rows, schema=JUDGED, orient="row")


def _recalled(left: dict[str, Any], right: dict[str, Any]) -> Judgement | None:
    """One id, words on one side and a recall notice on the other."""
    classes = (left["cls"], right["cls"])
    if (classes[0] == SYSTEM) == (classes[1] == SYSTEM):
        return None
    notice = left if classes[0] == SYSTEM else right
    recalled = notice["kind"] == "recall" or pl.Series([notice["text"]]).str.contains(RECALL_NOTICE)[0]
    return (
        Judgement(Relation.SET_ASIDE, Cause.RECALLED, None, 0.0)
        if recalled
        else Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "kind", 0.0)
    )


def _headed(judged: pl.DataFrame, aligned: Aligned) -> pl.DataFrame:
    """Agreements of which one side alone writes the sender's name before the words, or a mark behind them (`match.heads`), are of another form."""
    for column, form in (("headed", Form.PREFIX_STRIPPED), ("tailed", Form.EXPORTER_SPELLING)):
        written = [
            f[column].gather(judged[f"{n}_row"])
            if column in f.columns
            else pl.repeat(value=False, n=judged.height, eager=True)
            for f, n in ((aligned.left, "left"), (aligned.right, "right"))
        ]
        differ = (written[0] != written[1]).fill_null(value=False)
        if not differ.any():
            continue
        equal = pl.lit(differ) & (pl.col("relation") == "agreement") & pl.col("cause").is_null()
        judged = judged.with_columns(*judged_as(equal, Relation.AGREEMENT, Cause.FORM), with_detail(equal, str(form)))
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
    # Of two senders short words, and what shows its kind alone, are two messages as well as one where they lie some seconds off the clock.
    off = pl.col("residual_s") > AT_ONCE_SECONDS + 2 * pl.max_horizontal("spread", "spread_right") / SECONDS
    passing = told & judged.select((short_by_words() & off).fill_null(value=False).alias("p"))["p"]
    judged = judged.with_columns(conflict(pl.lit(told & ~passing), Cause.SENDER_DIFFERS, "sender"))
    doubt = pl.lit(passing)
    return judged.with_columns(*judged_as(doubt, Relation.DOUBTFUL, Cause.WEAK_MATCH), with_detail(doubt, "sender"))


def _judge_labels(judged: pl.DataFrame, aligned: Aligned) -> pl.DataFrame:
    """Agreements in doubt whose senders nothing ties, where each of their two names stands beside another one more often.

    One name alone beside another is a person who was renamed, or two of one name.
    """
    untold = pl.col("party").is_null() | pl.col("party_right").is_null()
    untold &= (pl.col("relation") == "agreement") & (pl.col("cls") != SYSTEM) & (pl.col("cls_right") != SYSTEM)
    asked = judged.select("pair", "left_row", "right_row").filter(judged.select(untold.alias("u"))["u"])
    if asked.is_empty():
        return judged
    here = judged.select("pair", "left_row", "right_row").join(asked.select("pair").unique(), on="pair", how="semi")
    named = here.with_columns(
        aligned.left["label"].gather(here["left_row"]).alias("a"),
        aligned.right["label"].gather(here["right_row"]).alias("b"),
    ).drop_nulls()
    counts = named.group_by("pair", "a", "b").len("n")
    counts = counts.filter(
        pl.min_horizontal(pl.col("n").max().over("pair", "a"), pl.col("n").max().over("pair", "b")) > pl.col("n")
    )
    apart = named.join(counts, on=["pair", "a", "b"], how="semi")["left_row"]
    doubt = untold & pl.col("left_row").is_in(apart.implode())
    return judged.with_columns(*judged_as(doubt, Relation.DOUBTFUL, Cause.WEAK_MATCH), with_detail(doubt, "sender"))


def _judge_ids(judged: pl.DataFrame, aligned: Aligned) -> pl.DataFrame:
    """Where ids are trusted, different ids are different messages; equal words at one moment under two ids stay in doubt (match.two_ids)."""
    trusted = aligned.ids.filter("is_trusted")["pair"]
    if trusted.is_empty():
        return judged
    # Few pairs stand under two ids: the others are asked once.
    asked = judged.filter(bear_two_ids(trusted) & ~pl.col("method").is_in(BY_ID))
    if asked.is_empty():
        return judged
    likely = asked.filter(pl.col("method").is_in(["similar", "same_moment", "other_sender", "moved"]))["left_row"]
    parted = pl.concat([likely, two_messages(asked.filter(~pl.col("left_row").is_in(likely.implode())), judged)])
    kept = judged.filter(~pl.col("left_row").is_in(parted.implode()))
    doubt = pl.col("left_row").is_in(asked["left_row"].implode()) & (pl.col("relation") == "agreement")
    return kept.with_columns(judged_as(doubt, Relation.DOUBTFUL, Cause.ID_DIFFERS))


__all__ = ["judge_pairs"]
