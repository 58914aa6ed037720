"""Every row of both exports in one line each: judged pairs, and rows alone with the reason why the other side need not have them."""

import polars as pl

from reconcile.abreast import of_both
from reconcile.comparison.alike import may_be_stamped_later
from reconcile.comparison.compared import Compared
from reconcile.comparison.elsewhere import may_stand_elsewhere
from reconcile.comparison.far_places import may_stand_in_another_order
from reconcile.comparison.heaped import may_be_one_of_heap
from reconcile.comparison.held_twice import may_be_held_twice
from reconcile.comparison.own_clock import OwnClocks, edges_by_sender, may_be_on_own_clock, own_clocks, with_own_clocks
from reconcile.comparison.reach import on_both_clocks, with_reach
from reconcile.comparison.silent_alike import may_be_one_of_kind
from reconcile.comparison.unclear import (
    LOOSE_SHARE,
    edges_by_files,
    edges_by_place,
    may_be_crossed,
    may_be_of_one_moment,
    unclear_ends,
)
from reconcile.graph.causes import set_aside
from reconcile.graph.coverage import bounds_of, micro
from reconcile.graph.lone import Lone
from reconcile.graph.recalls import bearers_of, recalled_by_notice, recalls_around, replaces_in_place
from reconcile.intake.contract import FormLimits, Reading
from reconcile.lookup import is_among
from reconcile.match.crossed import REACH
from reconcile.match.group import METHOD
from reconcile.match.parties import owner_of
from reconcile.match.relations import CAUSE, RELATION
from reconcile.match.two_ids import bear_two_ids, of_two_messages
from reconcile.match.words import HEADING, NAME_HEADING
from reconcile.match.work import is_undelivered
from reconcile.vocabulary import Cause, Kind, Relation
from reconcile.wechat.classes import SECONDS, SYSTEM
from reconcile.wechat.owner_words import SELF_WORDS
from reconcile.wechat.text import PREFIX

COLUMNS = (
    "pair",
    "relation",
    "cause",
    "detail",
    "left_row",
    "right_row",
    "confidence",
    "similarity",
    "residual_s",
    "method",
    "t",
    "at",
    "edge",
)


def lines_of(compared: Compared) -> pl.DataFrame:
    """Every row of both sides, once.

    Columns: pair, relation, cause (null where still to be found), detail, left_row, right_row, confidence, similarity, residual_s, method, t
    (µs on the right side's clock; null = none), at (display order), edge.
    """
    is_parted = compared.judged["relation"] == str(Relation.SET_ASIDE)
    parted = compared.judged.filter(is_parted)
    standing = _without_recalled(compared.judged.filter(~is_parted) if parted.height else compared.judged, compared)
    clocks = own_clocks(standing, compared.aligned)
    standing = with_own_clocks(standing, compared.aligned, clocks)
    paired = _paired(standing, compared)
    ends = unclear_ends(standing, compared.aligned)
    height = compared.aligned.left.height + compared.aligned.right.height
    lone = of_both(lambda side: _lone(compared, standing, parted, ends[side], side, clocks), height)
    right_at = compared.aligned.right["at"].cast(pl.Float64)
    placed = [
        _place_left(lone[0], compared, standing),
        lone[1].with_columns(right_at.gather(lone[1]["right_row"]).alias("at")),
    ]
    # In one piece: of columns in several, every later step would make one anew.
    return pl.concat([paired.select(COLUMNS), *(p.select(COLUMNS) for p in placed)]).rechunk()


def _without_recalled(standing: pl.DataFrame, compared: Compared) -> pl.DataFrame:
    """The pairs but for those that only their moment brought together, whose two rows a recall notice each explains."""
    by_moment = (pl.col("method") == "same_moment") & (pl.col("relation") == str(Relation.CONFLICT))
    chosen = standing.filter(by_moment & (pl.col("similarity") < compared.settings.similar_from))
    if chosen.is_empty():
        return standing
    frames = compared.aligned.left, compared.aligned.right
    readings = bearers_of(compared.left), bearers_of(compared.right)
    in_place = replaces_in_place(compared.left, compared.right)
    taken = []
    for side, name in enumerate(("left", "right")):
        rows = frames[side][chosen[f"{name}_row"]].with_columns(pl.col("t").alias("t_other"))
        each = compared.apart is not None
        people = readings[side], readings[1 - side]
        recalled, _ = recalled_by_notice(
            rows, frames[side], frames[1 - side], compared.aligned.untimed, people, in_place=in_place, each=each
        )
        taken.append(pl.col(f"{name}_row").is_in(recalled.implode()))
    both = chosen.filter(taken[0] & taken[1])
    # One recall takes back one message: what both sides tell of a single one does not explain two.
    recalled_pairs = both.filter(recalls_around(both, frames, standing, compared.aligned.untimed) >= 2).select(
        "left_row"
    )
    return standing.join(recalled_pairs, on="left_row", how="anti", maintain_order="left")


def _paired(standing: pl.DataFrame, compared: Compared) -> pl.DataFrame:
    right = compared.aligned.right
    return standing.with_columns(
        right["t"].gather(standing["right_row"]).alias("t"),
        right["at"].cast(pl.Float64).gather(standing["right_row"]).alias("at"),
        pl.lit(None, dtype=pl.String).alias("edge"),
    )


def _place_left(lone: pl.DataFrame, compared: Compared, standing: pl.DataFrame) -> pl.DataFrame:
    """Left rows alone stand half a step behind the partner of the last paired left row before them.

    Before the first pair of their conversation they stand before the first right row of it.
    """
    left, right = compared.aligned.left, compared.aligned.right
    partners = standing.select(
        pl.col("pair"), left["at"].gather(standing["left_row"]).alias("left_at"), right["at"].gather(standing["right_row"]).cast(pl.Float64).alias("partner")
    )  # fmt: skip
    partners = partners if partners["left_at"].is_sorted() else partners.sort("left_at")
    first = right.group_by("pair").agg((pl.col("at").min() - 1).cast(pl.Float64).alias("first"))
    mine = lone.with_columns(left["at"].gather(lone["left_row"]).alias("left_at")).sort("left_at")
    mine = mine.join_asof(partners.rename({"pair": "pair_before"}), on="left_at", strategy="backward")
    mine = mine.join(first, on="pair", how="left", maintain_order="left")
    behind = (
        pl.when(pl.col("pair_before") == pl.col("pair")).then("partner").otherwise(pl.coalesce("first", pl.lit(-1.0)))
    )
    step = 0.5 + 0.4 * pl.col("left_at") / max(left.height, 1)
    return mine.with_columns((behind + step).alias("at"))


def _lone(
    compared: Compared,
    standing: pl.DataFrame,
    parted: pl.DataFrame,
    ends: pl.DataFrame,
    side: int,
    clocks: OwnClocks | None,
) -> pl.DataFrame:
    """The lines of one side's rows without a partner."""
    name = ("left", "right")[side]
    holder = (compared.aligned.left, compared.aligned.right)[side]
    lacking = (compared.aligned.right, compared.aligned.left)[side]
    reading = (compared.right, compared.left)[side]
    other = ("right", "left")[side]
    open_rows, open_lacking = (_open(f, standing[f"{n}_row"]) for f, n in ((holder, name), (lacking, other)))
    reached = with_reach(open_rows, lacking, standing, reading, compared, name)
    placed = edges_by_place(on_both_clocks(reached), standing, holder, name)
    with_edge = _edges_by_order(placed, lacking, standing, compared, name)
    with_edge = edges_by_files(with_edge, standing, lacking, compared.aligned, name)
    with_edge = edges_by_sender(with_edge, lacking, standing[f"{other}_row"], compared.aligned)
    lone = Lone(
        with_edge,
        holder,
        lacking,
        open_lacking,
        reading,
        (compared.left, compared.right)[side],
        () if compared.apart else _names(reading),
        compared.aligned.untimed,
        each=compared.apart is not None,
    )
    caused = set_aside(lone)
    unsure = (compared.aligned.unsure_left, compared.aligned.unsure_right)[side]
    # A row without a time of its own, in a conversation that has times, cannot be said to lie inside anything.
    nowhere = with_edge.filter(pl.col("is_filled") & ~pl.col("pair").is_in(compared.aligned.untimed))["row"]
    unsure = pl.concat(
        [
            unsure,
            _inside_texts(with_edge, lacking, (compared.left, compared.right)[side].facts.limits),
            nowhere,
            _maybe_refused(with_edge, holder, lacking, compared, side),
            _maybe_untimed(with_edge, lacking, open_lacking),
            _maybe_stripped(with_edge, open_lacking, compared, side),
            may_be_of_one_moment(
                with_edge,
                open_lacking,
                compared.aligned.untimed,
                (compared.left, compared.right)[side].facts.limits.kinds_absent,
                compared.aligned.ids.filter("is_trusted")["pair"],
            ),
            may_be_crossed(
                with_edge, holder, lacking, standing, name, compared.aligned.ids.filter("is_trusted")["pair"]
            ),
            may_be_stamped_later(
                with_edge,
                open_lacking,
                holder,
                lacking,
                _set_off(standing, compared),
                lambda met: _without_two(met, standing, compared),
            ),
            may_be_one_of_kind(with_edge, open_lacking, lambda met: _without_two(met, standing, compared)),
            may_be_one_of_heap(with_edge, open_lacking, holder, lacking),
            may_stand_in_another_order(with_edge, open_lacking, standing, name, compared.aligned.untimed),
            may_be_held_twice(with_edge, holder, standing[f"{name}_row"]),
            may_be_on_own_clock(with_edge, open_lacking, clocks, is_left=side == 0),
            may_stand_elsewhere(with_edge, lacking, compared.pairs.clear() if compared.apart else compared.pairs),
            _numbered_beyond(with_edge, holder, standing[f"{name}_row"], (compared.left, compared.right)[side]),
            caused.filter("contested")["row"],
        ]
    ).unique()
    lines = with_edge.select("pair", pl.col("row"), "t", "cls").join(
        caused, on="row", how="left", maintain_order="left"
    )
    inside = with_edge.filter(pl.col("edge") == "inside")["row"]
    unmeasured = ends.filter(~pl.col("whole") | pl.col("row").is_in(inside.implode()))["row"]
    lines = lines.with_columns(_relation_of(compared, parted[f"{name}_row"], unsure, unmeasured))
    return lines.select(
        "pair", "relation", "cause", "detail", pl.col("row").alias(f"{name}_row"), pl.lit(None, dtype=pl.UInt32).alias(f"{other}_row"),
        pl.when(pl.col("relation") == "doubtful").then(pl.lit(0.5)).otherwise(pl.lit(0.99)).alias("confidence"),
        pl.lit(None, dtype=pl.Float64).alias("similarity"), pl.lit(None, dtype=pl.Float64).alias("residual_s"),
        pl.lit(None, dtype=METHOD).alias("method"), "t", "edge",
    )  # fmt: skip


def _set_off(standing: pl.DataFrame, compared: Compared) -> pl.DataFrame:
    """pair, far (µs): how far apart the rows of pairs lie whose clock nothing measures."""
    rows = standing.filter((pl.col("cause") == str(Cause.CLOCK_UNMEASURED)).fill_null(value=False))
    left, right = (
        f["t"].gather(rows[f"{n}_row"]) for f, n in ((compared.aligned.left, "left"), (compared.aligned.right, "right"))
    )
    return rows.select("pair", (left - right).abs().alias("far")).drop_nulls()


def _without_two(met: pl.DataFrame, standing: pl.DataFrame, compared: Compared) -> pl.DataFrame:
    """The rows alone side by side without those that are two messages by their server ids."""
    asked = met.filter(bear_two_ids(compared.aligned.ids.filter("is_trusted")["pair"]))
    if asked.is_empty():
        return met
    by_id = standing.filter(pl.col("method") == "server_id")
    common = compared.aligned.left.select("pair", "party")[by_id["left_row"]]
    return met.join(of_two_messages(asked, common), on="row", how="anti")


def _open(frame: pl.DataFrame, paired: pl.Series) -> pl.DataFrame:
    return frame.filter(~is_among(paired, frame.height))


# Numbers run with the times when so many neighbours among so many rows do.
_RUNNING_SHARE, _LEAST_NUMBERED = 0.9, 4


def _numbered_beyond(alone: pl.DataFrame, holder: pl.DataFrame, paired: pl.Series, reading: Reading) -> pl.Series:
    """Rows whose time lies inside what the other side covers, and whose own number among those of the rows before it: time and number disagree.

    A number behind those of all common rows is none of such: a row put in later has one.
    """
    inside = alone.filter((pl.col("edge") == "inside") & pl.col("local_id").is_not_null())
    if inside.is_empty() or len(reading.facts.devices) > 1:
        return pl.Series(dtype=pl.UInt32)
    met = pl.DataFrame([holder[c].gather(paired) for c in ("pair", "local_id", "t")]).drop_nulls()
    ends = met.group_by("pair").agg(
        pl.col("local_id").min().alias("low"), pl.col("t").min().alias("first_t"), pl.len().alias("n")
    )
    outside = alone.filter(pl.col("edge").is_in(["unverified", "bounded"]))
    outside = outside.group_by("pair").agg(pl.col("local_id").min().alias("least"))
    number = pl.col("local_id")
    among = (number < pl.col("low")) & (pl.col("least") <= number + 1) & (pl.col("n") >= _LEAST_NUMBERED)
    # Before the first common row by its time too, a row's number and time agree.
    among &= pl.col("t") >= pl.col("first_t")
    beyond = inside.join(ends, on="pair").join(outside, on="pair").filter(among)
    if beyond.is_empty():
        return pl.Series(dtype=pl.UInt32)
    order = met.filter(pl.col("pair").is_in(beyond["pair"].unique().implode())).sort("pair", "t", "local_id")
    running = order.group_by("pair").agg((pl.col("local_id").diff().drop_nulls() > 0).mean().alias("share"))
    return beyond.join(running.filter(pl.col("share") >= _RUNNING_SHARE), on="pair", how="semi")["row"]


def _maybe_refused(
    alone: pl.DataFrame, holder: pl.DataFrame, lacking: pl.DataFrame, compared: Compared, side: int
) -> pl.Series:
    """The holder's own rows alone, in a form that shows neither refusal notices nor server ids: they may never have been delivered.

    A form that does not say whose rows are its owner's may mean any of a chat of two that the other side does not call its own.
    """
    limits = (compared.left, compared.right)[side].facts.limits
    if Kind.SYSTEM not in limits.kinds_absent:
        return pl.Series(dtype=pl.UInt32)
    rows = alone.filter(pl.col("message_id").is_null() & pl.col("status").is_null())
    told = rows.filter("is_self")["row"]
    unsaid = rows.filter(pl.col("is_self").is_null() & pl.col("party").is_not_null() & (pl.col("cls") != SYSTEM))
    if unsaid.is_empty():
        return told
    # A recall's notice names its side, not a third person.
    spoken = holder.filter(pl.col("cls") != SYSTEM).select("pair", "party").drop_nulls()
    people = spoken.group_by("pair").agg(pl.col("party").n_unique())
    of_two = people.filter(pl.col("party") <= 2)["pair"]
    others = lacking.filter(pl.col("is_self") & pl.col("party").is_not_null()).select("pair", "party").unique()
    maybe = unsaid.filter(pl.col("pair").is_in(of_two.implode())).join(others, on=["pair", "party"], how="anti")
    return pl.concat([told, maybe["row"]])


def _maybe_untimed(alone: pl.DataFrame, lacking: pl.DataFrame, left: pl.DataFrame) -> pl.Series:
    """Rows alone without words, where the lacking side shows a row without time or sender in that very place, which met nobody."""
    wordless = alone.filter((pl.col("text") == "") & pl.col("t").is_not_null()).select("pair", "row", "t").sort("t")
    untimed = left.filter("is_filled")["row"]
    if wordless.is_empty() or untimed.is_empty():
        return pl.Series(dtype=pl.UInt32)
    marks = lacking.filter(pl.col("t").is_not_null()).select("pair", "t", pl.col("row").alias("mark")).sort("t", "mark")
    near = [
        wordless.join_asof(marks, on="t", by="pair", strategy=way, check_sortedness=False)
        for way in ("backward", "forward")
    ]
    return pl.concat(n.filter(pl.col("mark").is_in(untimed.implode()))["row"] for n in near).unique()


def _maybe_stripped(alone: pl.DataFrame, left: pl.DataFrame, compared: Compared, side: int) -> pl.Series:
    """Rows alone that a form which cuts a leading `word:` shows without it, in a row that met nobody either; and such rows of that form."""
    found = [pl.Series(dtype=pl.UInt32)]
    for limits, whole, cut in (
        ((compared.right, compared.left)[side].facts.limits, alone, left),
        ((compared.left, compared.right)[side].facts.limits, left, alone),
    ):
        begun = whole.filter(pl.col("text").str.contains(PREFIX.pattern)) if limits.strips_prefix else whole.clear()
        if begun.is_empty():
            continue
        words = pl.col("text").str.strip_chars().alias("words")
        bare = begun.select("pair", "row", pl.col("text").str.replace(PREFIX.pattern, "").str.strip_chars().alias("words")).filter(pl.col("words") != "")  # fmt: skip
        asked, held = (bare, cut.select("pair", words)) if whole is alone else (cut.select("pair", "row", words), bare)
        found.append(asked.join(held, on=["pair", "words"], how="semi")["row"])
    return pl.concat(found)


def _inside_texts(alone: pl.DataFrame, lacking: pl.DataFrame, holder: FormLimits) -> pl.Series:
    """Rows alone whose words stand inside a longer text of the lacking side, behind a line shaped like a text export's heading.

    Such an export cannot tell a typed line from its own heading, so the row may be a part of that text.
    """
    broken = lacking.lazy().select("pair", "text").filter(pl.col("text").str.contains("\n", literal=True))
    shaped = broken.filter(pl.col("pair").is_not_null()).collect()
    pattern = f"{HEADING.pattern}|{NAME_HEADING}" if holder.ambiguous_headers else HEADING.pattern
    shaped = shaped.filter(pl.col("text").str.contains(pattern))
    if shaped.is_empty() or alone.is_empty():
        return pl.Series(dtype=pl.UInt32)
    near = (
        alone.filter(pl.col("text").str.len_chars() >= 2)
        .select("pair", "row", pl.col("text").alias("part"))
        .join(shaped, on="pair")
    )
    inside = near.filter(pl.col("text").str.contains("\n" + pl.col("part").str.strip_chars(), literal=True))
    return inside["row"].unique().sort()


def _relation_of(compared: Compared, parted: pl.Series, unsure: pl.Series, unmeasured: pl.Series) -> list[pl.Expr]:
    """relation, cause, detail of rows alone: circumstances of the conversation first, then the row's own cause, then doubt, then one-sided."""
    table = compared.pairs
    no_counterpart = table.filter(pl.col("pairing") == "none")["pair"]
    unclear = table.filter(pl.col("pairing") == "unclear")["pair"]
    met = compared.judged.filter(pl.col("relation").is_in(["agreement", "conflict"]))["pair"].unique()
    is_parted, is_unsure = pl.col("row").is_in(parted.implode()), pl.col("row").is_in(unsure.implode())
    is_unmeasured = pl.col("row").is_in(unmeasured.implode())
    never_met = ~pl.col("pair").is_in(met.implode()) & pl.col("pair").is_not_null()
    of_conversation = pl.col("pair").is_in(no_counterpart.implode())
    ambiguous = pl.col("pair").is_in(unclear.implode())
    cause = pl.col("cause")
    outside = (cause == str(Cause.OUTSIDE_COVERAGE)) & ~of_conversation
    relation = (
        pl.when(of_conversation | is_parted).then(pl.lit("set_aside"))
        .when(ambiguous).then(pl.lit("doubtful"))
        .when(never_met & cause.is_null()).then(pl.lit("doubtful"))
        .when(cause.is_not_null()).then(pl.lit("set_aside"))
        .when(is_unsure | is_unmeasured).then(pl.lit("doubtful"))
        .otherwise(pl.lit("one_sided"))
    )  # fmt: skip
    named = (
        pl.when(of_conversation).then(pl.lit(str(Cause.NO_COUNTERPART)))
        .when(is_parted).then(pl.lit(str(Cause.RECALLED)))
        .when(ambiguous | (never_met & cause.is_null())).then(pl.lit(str(Cause.PAIRING_UNCLEAR)))
        .when(cause.is_null() & is_unsure).then(pl.lit(str(Cause.INDISTINGUISHABLE)))
        .when(cause.is_null() & is_unmeasured).then(pl.lit(str(Cause.CLOCK_UNMEASURED)))
        .otherwise(cause)
    )  # fmt: skip
    detail = (
        pl.when(outside & (pl.col("edge") == "unverified"))
        .then(pl.lit("edge_unverified"))
        .when(outside & (pl.col("edge") == "inside"))
        .then(pl.lit("part_not_read"))
        .when(outside)
        .then(pl.lit("beyond_export"))
    )
    return [relation.cast(RELATION).alias("relation"), named.cast(CAUSE).alias("cause"), detail.alias("detail")]


def _edges_by_order(
    lone: pl.DataFrame, lacking: pl.DataFrame, standing: pl.DataFrame, compared: Compared, name: str
) -> pl.DataFrame:
    """`edge` in conversations without times, by the order of the rows alone.

    A row behind the last pair lies beyond the lacking side, unless that side too has delivered words of its own behind it, or says that it
    was exported later; so before the first pair. Rows that the client writes itself have no place in such an order.
    """
    untimed = pl.col("pair").is_in(compared.aligned.untimed)
    if not compared.aligned.untimed or lone.filter(untimed).is_empty():
        return lone
    other = "left" if name == "right" else "right"
    met = standing.filter(untimed)
    spoken = met.filter(lacking["cls"].gather(met[f"{other}_row"]) != SYSTEM)
    ends = spoken.group_by("pair").agg(
        *(pl.col(f"{s}_row").min().alias(f"{s}_first") for s in ("left", "right")),
        *(pl.col(f"{s}_row").max().alias(f"{s}_last") for s in ("left", "right")),
    )
    ends = ends.join(_crossed_by(spoken), on="pair")
    said = lacking.filter(untimed & (pl.col("cls") != SYSTEM) & ~pl.col("is_repeat") & ~is_undelivered()).join(
        ends, on="pair"
    )
    reach = said.group_by("pair").agg(
        (pl.col("row") > pl.col(f"{other}_last")).any().alias("goes_on"),
        (pl.col("row") < pl.col(f"{other}_first")).any().alias("is_older"),
    )
    placed = (
        lone.select("pair", "row")
        .join(ends, on="pair", how="left", maintain_order="left")
        .join(reach, on="pair", how="left", maintain_order="left")
    )
    # Without a delivered row of its own a side reaches no further than its pairs.
    place = pl.col("row").cast(pl.Int64)
    behind, before = (
        place + pl.col("crossed") > pl.col(f"{name}_last"),
        place - pl.col("crossed") < pl.col(f"{name}_first"),
    )
    beyond = (behind & ~pl.col("goes_on").fill_null(value=False)) | (before & ~pl.col("is_older"))
    outside = placed.select((untimed & beyond).fill_null(value=False).alias("b"))["b"]
    reached = (
        _exported_later(lone, compared, other) & placed.select((pl.col("row") > pl.col(f"{name}_last")).alias("b"))["b"]
    )
    # Where both sides hold rows behind the last pair no order tells which of them the other reaches; the moment of an export does.
    outside |= lone.select(
        (untimed & (pl.col("edge") == "unverified") & pl.lit(reached)).fill_null(value=False).alias("b")
    )["b"]
    edge = pl.when(pl.lit(outside & ~reached)).then(pl.lit("unverified")).when(pl.lit(outside)).then(pl.lit("reached"))
    return lone.with_columns(edge.otherwise("edge").alias("edge"))


def _crossed_by(met: pl.DataFrame) -> pl.DataFrame:
    """pair, crossed: by how many rows the two files may hold a message apart, where many neighbours stand the other way round on the other side."""
    back = (pl.col("right_row").cast(pl.Int64).diff() < 0).mean().fill_null(0.0)
    share = met.sort("pair", "left_row").group_by("pair").agg(pl.min_horizontal(back, 1 - back).alias("share"))
    crossed = pl.when(pl.col("share") > LOOSE_SHARE).then(pl.lit(REACH, dtype=pl.Int64)).otherwise(0)
    return share.select("pair", crossed.alias("crossed"))


def _exported_later(lone: pl.DataFrame, compared: Compared, lacking: str) -> pl.Series:
    """Rows sent, by their own side's clock, more than a day before the moment at which the lacking side was exported: clocks and zones explain less.

    What the lacking side's own choice of times leaves out, or may leave out by such clocks, is none of them.
    """
    day = 86_400 * SECONDS
    chosen = pl.lit(None, dtype=pl.Int64)
    rows = lone.select("pair", "raw_t")
    if compared.apart is not None:
        moments = compared.apart.left_exported if lacking == "left" else compared.apart.right_exported
        exported = pl.col("pair").replace_strict(dict(moments), default=None, return_dtype=pl.Int64)
    else:
        reading = compared.left if lacking == "left" else compared.right
        exported = pl.lit(micro(reading.facts.exported_at), dtype=pl.Int64)
        if reading.facts.filters:
            named = compared.pairs.select("pair", pl.col(f"{lacking}_conversation").alias("conversation"))
            rows = rows.join(named, on="pair", how="left", maintain_order="left")
            chosen = bounds_of(reading.facts)[0]
    before = [(pl.col("raw_t") + day < bound).fill_null(value=unsaid) for bound, unsaid in ((exported, False), (chosen, True))]  # fmt: skip
    return rows.select(pl.all_horizontal(before).alias("e"))["e"]


def _names(reading: Reading) -> tuple[str, ...]:
    """Under which names a list of members may hold the owner: those stated, and the words for oneself."""
    owner = owner_of(reading)
    return (*(n for n in (owner.id, owner.alias, owner.name) if n), *SELF_WORDS)


__all__ = ["SYSTEM", "lines_of"]
