"""Every pair judged: agreement, form, conflict or doubt. Equal rows are settled by columns, the rest one by one."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import polars as pl

from reconcile.abreast import of_both
from reconcile.intake.contract import FormLimits
from reconcile.lookup import of_each_pair, of_pair
from reconcile.match.align import Aligned
from reconcile.match.coincidence import chance_meetings
from reconcile.match.habits import with_habits
from reconcile.match.steps import SET_BACK
from reconcile.match.substance import Judgement, SideForm, amount_of, judge_pair
from reconcile.settings import Settings
from reconcile.vocabulary import Cause, Form, Relation, TimePrecision
from reconcile.wechat.classes import CALL, CARD, FILE, OTHER, PAYMENT, PLACE, SECONDS, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.kinds import MARK, RECALL_NOTICE

# Ids of these classes may honestly differ on the two devices (wechat-databases 8.2).
_OWN_IDS = (SYSTEM, FILE, CALL, PAYMENT)
_COMPARED = (
    "text", "kind", "cls", "media_hash", "amount", "file_name", "text_quality", "party", "message_id", "url", "pair", "is_filled", "spread",
)  # fmt: skip
# When more than this share of a conversation's pairs lies off the clock, it is the clocks that differ and not single rows.
UNSTABLE_SHARE = 0.2
# Two times of one message this near never differ; the clocks of a conversation are learnt from at least so many pairs.
LEAST_FAR_SECONDS, TEACHING_PAIRS = 60.0, 20
_UNITS = {TimePrecision.DAY: 86_400.0, TimePrecision.MINUTE: 60.0}
# Words of this many characters tell a message; shorter ones everybody writes.
DISTINCTIVE = 6
# Short equal words farther apart than this, and than honest clocks here lie apart, may be two messages.
WEAK_SECONDS = 15.0
# Two conversations met by chance when fewer than these shares of the smaller one's rows are paired, and paired by something telling.
MET_SHARE, CHANCE_SHARE = 0.25, 0.02

RELATION, CAUSE = pl.Enum(Relation), pl.Enum(Cause)
JUDGED: dict[str, pl.DataType | type[pl.DataType]] = {
    "relation": RELATION, "cause": CAUSE, "detail": pl.String, "similarity": pl.Float64,
}  # fmt: skip
_BY_ID = ("server_id", "rounded_id", "alias_id", "body_id")


def cut_of(rows: pl.DataFrame, limits: FormLimits) -> SideForm:
    """The form of one side: its reader's limits, and the length at which its words are cut where several stop at exactly the longest."""
    if limits.text_cut_at:
        return SideForm(limits, limits.text_cut_at)
    return SideForm(limits, cut_at(rows["text"].filter(rows["cls"] == WORDS).str.len_chars()))


def cut_at(lengths: pl.Series) -> int | None:
    """The length at which words of these lengths (characters) are cut; None where nothing tells of a cut."""
    longest = lengths.max()
    return _cut(longest, int((lengths == longest).sum())) if isinstance(longest, int) else None


# The form of a side; of one that holds many exports, by pair.
Forms = SideForm | Mapping[int, SideForm]


def cuts_of(rows: pl.DataFrame, limits: FormLimits) -> dict[int, SideForm]:
    """`cut_of` of every pair by itself."""
    lengths = rows.filter(pl.col("cls") == WORDS).select("pair", pl.col("text").str.len_chars().alias("n"))
    longest = lengths.group_by("pair").agg(
        pl.col("n").max().alias("most"), (pl.col("n") == pl.col("n").max()).sum().alias("count")
    )
    found = {pair: SideForm(limits, _cut(most, count)) for pair, most, count in longest.iter_rows()}
    return {pair: found.get(pair, SideForm(limits, None)) for pair in rows["pair"].unique()}


_LIMITS = (20, 30, 50, 100, 128, 200, 255, 256, 500, 512, 1000, 1024)


def _cut(longest: int, count: int) -> int | None:
    # One text of exactly a round length may be chance; several, or one of a length that only a limit explains, are a cut.
    is_cut = longest >= 16 and (count >= 2 or longest in _LIMITS)
    return longest if is_cut else None


def judge_pairs(aligned: Aligned, left_form: Forms, right_form: Forms, settings: Settings) -> pl.DataFrame:
    """pair, left_row, right_row, relation, cause, detail, similarity, confidence, method, residual_s of every pair that stands.

    Pairs that a closer look rejects (likely pairs whose trusted server ids differ) are left out: their rows are alone.
    """
    pairs, frames = aligned.pairs, (aligned.left, aligned.right)

    def gathered(side: int) -> pl.DataFrame:
        rows = pairs[("left_row", "right_row")[side]]
        columns = [frames[side][c] for c in _COMPARED]
        empty = [c for c in columns if c.null_count() == len(c)]
        unit = _unit_seconds().gather(frames[side]["time_precision"].gather(rows).to_physical())
        told = [c.gather(rows) for c in columns if c.null_count() < len(c)]
        # A column that holds nothing is not written out value by value.
        return pl.DataFrame([*told, unit.alias("unit")]).with_columns(
            pl.lit(None, c.dtype).alias(c.name) for c in empty
        )

    left, right = of_both(gathered, 2 * pairs.height)
    both = pl.concat([pairs, left, right.rename({c: f"{c}_right" for c in right.columns})], how="horizontal")
    judged = _headed(with_habits(_judge_bodies(both, left_form, right_form)), aligned)
    judged = _judge_senders(judged)
    judged = _judge_times(judged, aligned, settings)
    judged = _judge_ids(judged, aligned)
    judged = _drop_chance_meetings(_judge_weak(judged), aligned)
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


def _unit_seconds() -> pl.Series:
    """The unit of each time precision, by its code."""
    return pl.Series([_UNITS.get(p, 1.0) for p in TimePrecision], dtype=pl.Float64)


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
        left_form, right_form = _standing_cut(left_form, both, ""), _standing_cut(right_form, both, "_right")
        # The judgements take their places among the easy rows: sorting all again would cost more than judging.
        judged = _one_by_one(both[hard], left_form, right_form)
        columns = {c: column.scatter(hard, judged[c]) for c, column in columns.items()}
    return both.with_columns(columns.values())


def _one_by_one(hard: pl.DataFrame, left_form: Forms, right_form: Forms) -> pl.DataFrame:
    """The columns of JUDGED, a row a pair."""
    wanted = ["text", "kind", "cls", "media_hash", "amount", "file_name", "text_quality", "url"]
    by_pair = {p: (_form_of(left_form, p), _form_of(right_form, p)) for p in hard["pair"].unique()}
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


def _standing_cut(forms: Forms, both: pl.DataFrame, side: str) -> Forms:
    """The forms of one side without the cuts that its own pairs speak against.

    A limit cuts every text that reaches it: where a text of exactly that length is whole on the other side, one single text that goes on
    there was changed and not cut.
    """
    if not isinstance(forms, SideForm):
        cut = [p for p, f in forms.items() if f.cut_at is not None and not f.limits.text_cut_at]
        parts = both.filter(pl.col("pair").is_in(cut)).partition_by("pair", as_dict=True) if cut else {}
        return {p: _cut_by_pairs(f, parts[p,], side) if (p,) in parts else f for p, f in forms.items()}
    return _cut_by_pairs(forms, both, side)


def _cut_by_pairs(form: SideForm, both: pl.DataFrame, side: str) -> SideForm:
    if form.cut_at is None or form.limits.text_cut_at or form.cut_at in _LIMITS:
        return form
    mine, other = pl.col(f"text{side}"), pl.col("text" if side else "text_right")
    at = both.filter((mine.str.len_chars() == form.cut_at) & (pl.col(f"cls{side}") == WORDS))
    longer = at.filter(other.str.starts_with(mine) & (other != mine)).select(mine).n_unique()
    whole = bool(at.select((mine == other).any()).item())
    return SideForm(form.limits, None) if longer < 2 and whole else form


def _form_of(forms: Forms, pair: int) -> SideForm:
    return forms if isinstance(forms, SideForm) else forms[pair]


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
    """Agreements of which one side alone writes the sender's name before the words (`match.heads`) are of another form."""
    heads = [
        f["headed"].gather(judged[f"{n}_row"])
        if "headed" in f.columns
        else pl.repeat(value=False, n=judged.height, eager=True)
        for f, n in ((aligned.left, "left"), (aligned.right, "right"))
    ]
    differ = (heads[0] != heads[1]).fill_null(value=False)
    if not differ.any():
        return judged
    equal = pl.lit(differ) & (pl.col("relation") == "agreement") & pl.col("cause").is_null()
    return judged.with_columns(
        pl.when(equal).then(pl.lit(str(Cause.FORM), CAUSE)).otherwise("cause").alias("cause"),
        pl.when(equal).then(pl.lit(str(Form.PREFIX_STRIPPED))).otherwise("detail").alias("detail"),
    )


def _conflict(when: pl.Expr, cause: Cause, detail: str) -> list[pl.Expr]:
    return [
        pl.when(when).then(pl.lit(str(Relation.CONFLICT), RELATION)).otherwise("relation").alias("relation"),
        pl.when(when).then(pl.lit(str(cause), CAUSE)).otherwise("cause").alias("cause"),
        pl.when(when).then(pl.lit(detail)).otherwise("detail").alias("detail"),
    ]


def _judge_senders(judged: pl.DataFrame) -> pl.DataFrame:
    known = (
        pl.col("party").is_not_null()
        & pl.col("party_right").is_not_null()
        & (pl.col("cls") != SYSTEM)
        & (pl.col("cls_right") != SYSTEM)
    )
    differs = known & (pl.col("party") != pl.col("party_right")) & (pl.col("relation") == "agreement")
    return judged.with_columns(_conflict(differs, Cause.SENDER_DIFFERS, "sender"))


def _judge_times(judged: pl.DataFrame, aligned: Aligned, settings: Settings) -> pl.DataFrame:
    """Agreements whose two times lie farther apart than clocks and precision of this very conversation explain: conflicts of time."""
    stated = ~pl.col("is_filled") & ~pl.col("is_filled_right") & (pl.col("cls") != SYSTEM)
    # Pairs by order alone stand where no clock measures their times.
    stated = stated & (pl.col("method") != "order") & ~pl.col("pair").is_in(aligned.untimed) & pl.col("residual_s").is_not_null()  # fmt: skip
    judged = judged.with_columns(stated.fill_null(value=False).alias("stated"))
    limits = _time_limits(judged.select(_LIMITING).filter("stated"), settings)
    judged = judged.with_columns(of_pair(judged["pair"], limits, c) for c in limits.columns if c != "pair")
    far = (pl.col("stated") & (pl.col("residual_s") > pl.col("limit_s"))).fill_null(value=False)
    unstable = (far.mean().over("pair") > UNSTABLE_SHARE) & (pl.len().over("pair") >= 5)
    judged = judged.with_columns((far & ~unstable & (pl.col("relation") == "agreement")).alias("time_off"))
    # With steady clocks only four rows off the clock together can have moved: the neighbours of all pairs need not be sorted for fewer.
    if judged["time_off"].sum() > (0 if aligned.stepped else 3):
        judged = judged.with_columns(pl.col("time_off") & ~_moves_with_neighbours(judged, aligned, settings))
    if judged["time_off"].any():
        judged = judged.with_columns(pl.col("time_off") & ~_meets_by_chance(judged, aligned, settings))
    judged = judged.with_columns(_conflict(pl.col("time_off"), Cause.TIME_DIFFERS, "time"))
    if judged["time_off"].any():
        unmeasured = pl.col("time_off") & (_ends_alone() | _set_together(judged, aligned))
        judged = judged.with_columns(
            pl.when(unmeasured).then(pl.lit(value, JUDGED[column])).otherwise(column).alias(column)
            for column, value in (
                ("relation", str(Relation.DOUBTFUL)),
                ("cause", str(Cause.CLOCK_UNMEASURED)),
                ("detail", None),
            )
        )
    return judged.drop("time_off", "stated", "limit_s")


def _short_by_words() -> pl.Expr:
    """Pairs that nothing but a few equal words brought together."""
    short = (pl.col("text").str.len_chars() < DISTINCTIVE) | pl.col("cls").is_in(WORDLESS)
    by_words = pl.col("method").is_in(["equal", "canonical", "canonical_any_sender", "kind"])
    return short & by_words & pl.col("media_hash").is_null()


def _meets_by_chance(judged: pl.DataFrame, aligned: Aligned, settings: Settings) -> pl.Expr:
    """Short words whose times differ where as many lie beyond the window: two messages perhaps; `_judge_weak` leaves them in doubt."""
    off = judged.filter(pl.col("time_off") & _short_by_words())
    if off.is_empty():
        return pl.lit(value=False)
    chance = chance_meetings(off, judged, aligned, int(settings.window_seconds * SECONDS))
    return pl.col("pair").is_in(chance.implode()) & _short_by_words()


def _ends_alone() -> pl.Expr:
    """The first and the last pair of a conversation in the order of both exports, minutes off the clock.

    Whether such a row's time was altered or the clock set beside it, no second row tells.
    """
    rank = [pl.col(c).rank("ordinal").over("pair") for c in ("left_row", "right_row")]
    is_first, is_last = (
        (rank[0] == 1) & (rank[1] == 1),
        (rank[0] == pl.len().over("pair")) & (rank[1] == pl.len().over("pair")),
    )
    return (is_first | is_last) & (pl.col("residual_s") * SECONDS > SET_BACK)


def _set_together(judged: pl.DataFrame, aligned: Aligned) -> pl.Expr:
    """Rows met by their place alone, of which another of the same conversation lies as far off the clock: too few to tell a clock that was set."""
    off = judged.filter(pl.col("time_off") & (pl.col("method") == "place")).select("pair", "left_row", "right_row")
    t = (f["raw_t"].gather(off[f"{n}_row"]) for f, n in ((aligned.left, "left"), (aligned.right, "right")))
    d = pl.select(next(t) - next(t)).to_series().alias("d")
    near = (pl.col("d").diff().over("pair").abs() <= LEAST_FAR_SECONDS / 2 * SECONDS).fill_null(value=False)
    ordered = off.with_columns(d).sort("pair", "d", "left_row").with_columns(near.alias("near"))
    told = ordered.filter(pl.col("near") | pl.col("near").shift(-1, fill_value=False))
    return pl.col("left_row").is_in(told["left_row"].implode())


_LIMITING = ("pair", "residual_s", "spread", "spread_right", "unit", "unit_right", "stated")


def _time_limits(stated: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """pair, limit_s: how far apart the two times of one message may lie before they differ.

    The widest honest distance, and six times the spread of the anchors where that is more. Many pairs teach a nearer limit: five times what nine
    in ten of those inside the wide one keep within, three units of the coarser time, never under a minute; where pairs trail off between half of
    it and itself, twice that.
    """
    unit = pl.max_horizontal("unit", "unit_right")
    spread = 6 * pl.max_horizontal("spread", "spread_right") / SECONDS
    wide = pl.max_horizontal(pl.lit(settings.window_seconds), spread)
    learnt = of_each_pair(
        stated.lazy(), stated["pair"],
        unit.max().alias("unit_s"), wide.max().alias("wide_s"),
        (pl.col("residual_s") <= wide).sum().alias("n"),
        pl.col("residual_s").filter(pl.col("residual_s") <= wide).quantile(0.9, "higher").alias("most_s"),
    ).collect()  # fmt: skip
    many = pl.max_horizontal(pl.lit(LEAST_FAR_SECONDS), 5 * pl.col("most_s"), 3 * pl.col("unit_s"))
    taught = pl.col("n") >= TEACHING_PAIRS
    limits = learnt.select("pair", "wide_s", pl.when(taught).then(pl.min_horizontal(many, "wide_s")).otherwise("wide_s").alias("limit_s"))  # fmt: skip
    reached = of_each_pair(
        stated.lazy().with_columns(of_pair(stated["pair"], limits, "limit_s")), stated["pair"],
        (pl.col("residual_s") > pl.col("limit_s")).sum().alias("beyond"),
        pl.col("residual_s").is_between(pl.col("limit_s") / 2, pl.col("limit_s"), closed="right").sum().alias("trail"),
    ).collect()  # fmt: skip
    trails = (pl.col("trail") >= 3) & (pl.col("trail") >= pl.col("beyond"))
    doubled = pl.min_horizontal("wide_s", 2 * pl.col("limit_s"))
    return limits.join(reached, on="pair").select("pair", pl.when(trails).then(doubled).otherwise("limit_s").alias("limit_s"))  # fmt: skip


def _moves_with_neighbours(judged: pl.DataFrame, aligned: Aligned, settings: Settings) -> pl.Expr:
    """Rows whose offset is that of three pairs close by that are off the clock as well; where a clock is known to drift, to step or to have been set back, of two, or of one at the edge of the chat.

    Close in the order of either export, for a clock set back lets the rows of one interleave. Single altered times agree with none, two
    beside each other only with each other.
    """
    rows = judged.select(
        "pair", "left_row", "right_row",
        (aligned.left["raw_t"].gather(judged["left_row"]) - aligned.right["raw_t"].gather(judged["right_row"])).alias("d"),
        pl.int_range(pl.len()).alias("index"), "time_off",
    )  # fmt: skip
    near = pl.Series([False] * judged.height)
    for order in ("left_row", "right_row"):
        placed = rows.sort("pair", order)
        alike, off = pl.lit(0), pl.lit(0)
        for step in (-3, -2, -1, 1, 2, 3):
            gap = (pl.col("d") - pl.col("d").shift(step).over("pair")).abs()
            alike = alike + (gap <= settings.window_seconds * SECONDS).fill_null(value=False).cast(pl.Int32)
            together = pl.col("time_off").shift(step).over("pair") & (gap <= LEAST_FAR_SECONDS / 2 * SECONDS)
            off = off + together.fill_null(value=False).cast(pl.Int32)
        rank = pl.int_range(pl.len()).over("pair")
        at_edge = pl.min_horizontal(rank, pl.len().over("pair") - 1 - rank) <= 1
        runs = pl.col("pair").is_in(aligned.stepped)
        moved = (off >= 3) | (runs & ((alike >= 2) | ((alike >= 1) & at_edge)))
        near = near | placed.select("index", moved.alias("moves")).sort("index")["moves"]
    return pl.lit(near)


def _judge_ids(judged: pl.DataFrame, aligned: Aligned) -> pl.DataFrame:
    """Where ids are trusted, different ids are different messages; equal words at one moment under two ids stay in doubt."""
    trusted = aligned.ids.filter("is_trusted")["pair"]
    if trusted.is_empty():
        return judged
    differ = (
        pl.col("pair").is_in(trusted.implode()) & pl.col("message_id").is_not_null() & pl.col("message_id_right").is_not_null()
        & (pl.col("message_id") != pl.col("message_id_right")) & ~pl.col("cls").is_in(_OWN_IDS) & ~pl.col("method").is_in(_BY_ID)
    )  # fmt: skip
    kept = judged.filter(~differ | ~pl.col("method").is_in(["similar", "same_moment", "other_sender", "moved"]))
    doubt = differ & (pl.col("relation") == "agreement")
    return kept.with_columns(
        pl.when(doubt).then(pl.lit(str(Relation.DOUBTFUL), RELATION)).otherwise("relation").alias("relation"),
        pl.when(doubt).then(pl.lit(str(Cause.ID_DIFFERS), CAUSE)).otherwise("cause").alias("cause"),
    )


def _judge_weak(judged: pl.DataFrame) -> pl.DataFrame:
    """Short words far off the clock, with nothing but themselves to tell them, may be two messages: in doubt."""
    far = pl.col("residual_s") > pl.max_horizontal(
        pl.lit(WEAK_SECONDS), 6 * pl.max_horizontal("spread", "spread_right") / 1e6
    )
    if not judged.select((far | (pl.col("method") == "same_moment")).any()).item():
        return judged
    weak = far & _short_by_words() & (pl.col("cls") != SYSTEM)
    weak = ((weak | _met_in_nothing(judged)) & (pl.col("relation") == "agreement")).fill_null(value=False)
    return judged.with_columns(
        pl.when(weak).then(pl.lit(str(Relation.DOUBTFUL), RELATION)).otherwise("relation").alias("relation"),
        pl.when(weak).then(pl.lit(str(Cause.WEAK_MATCH), CAUSE)).otherwise("cause").alias("cause"),
    )


def _met_in_nothing(judged: pl.DataFrame) -> pl.Expr:
    """Plain words against a placeholder that holds none of them, met by their moment alone: a form that names no kind, or two messages."""
    by_moment = judged.filter(pl.col("method") == "same_moment")
    met = pl.lit(value=False)
    for words, cls, shown, other in (
        ("text", "cls", "text_right", "cls_right"),
        ("text_right", "cls_right", "text", "cls"),
    ):
        silent = pl.col(other).is_in(WORDLESS) | (pl.col(shown).str.replace(MARK, "") == "")
        spoken = (pl.col(cls) == WORDS) & (pl.col(words) != "") & ~pl.col(other).is_in([WORDS, SYSTEM, OTHER])
        met = met | (spoken & silent & (pl.col(shown) != ""))
    few = by_moment.filter(met).select("left_row", "text", "text_right")
    # Of the few that are left neither text holds the other.
    alone = [row for row, a, b in few.iter_rows() if a not in b and b not in a]
    return (pl.col("method") == "same_moment") & pl.col("left_row").is_in(alone)


def _drop_chance_meetings(judged: pl.DataFrame, aligned: Aligned) -> pl.DataFrame:
    """The judged pairs without those of conversations that met in a few short texts only: everybody writes 好的."""
    by_id = pl.col("method").is_in(_BY_ID)
    by_words = (pl.col("text").str.len_chars() >= DISTINCTIVE) & (pl.col("cls") == WORDS) & pl.col("cause").is_null()
    # Rows of one conversation lie on its clocks; those that chance brings together lie anywhere.
    by_words = by_words & (pl.col("residual_s").fill_null(0.0) * SECONDS <= SET_BACK)
    telling = pl.when(by_id).then(3).when(by_words).then(1).otherwise(0)
    sizes = pl.concat([f.group_by("pair").len("size") for f in (aligned.left, aligned.right)])
    counted = (
        judged.group_by("pair")
        .agg(pl.len().alias("n"))
        .join(sizes.group_by("pair").agg(pl.col("size").min()), on="pair")
    )
    few = counted.filter(pl.col("n") < MET_SHARE * pl.col("size"))
    if few.is_empty():
        return judged
    asked = judged.filter(pl.col("pair").is_in(few["pair"].implode())) if few.height < counted.height else judged
    told = asked.group_by("pair").agg(telling.sum().alias("telling"))
    met = few.join(told, on="pair").join(aligned.skew.constant, on="pair", how="left")
    # Clocks differ by nothing, or by the quarters of hours of a zone: any other skew needs more to be believed.
    rest = pl.col("skew_us").fill_null(0) % (900 * SECONDS)
    usual = pl.min_horizontal(rest, 900 * SECONDS - rest) <= 90 * SECONDS
    least = pl.max_horizontal(pl.when(usual).then(2.0).otherwise(3.0), CHANCE_SHARE * pl.col("size"))
    weak = met.filter(pl.col("telling") < least)
    return judged.join(weak.select("pair"), on="pair", how="anti", maintain_order="left") if weak.height else judged


__all__ = ["amount_of", "cut_at", "cut_of", "cuts_of", "judge_pairs"]
