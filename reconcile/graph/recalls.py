"""Rows alone that the lacking side's recall notices explain, and rows that compete for a notice with others."""

from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import polars as pl

from reconcile.graph.notices import BY_OWNER, NAMED, notice_number, recall_notices, speaking
from reconcile.graph.skipped import with_hole
from reconcile.intake.contract import Reading
from reconcile.wechat.classes import CALL, PAYMENT, SECONDS, SYSTEM
from reconcile.wechat.owner_words import SELF_WORDS

if TYPE_CHECKING:
    import networkx as nx

# A recall is possible for two minutes; the notice may carry the time of the message or of its recall, and precedes its message by rounding alone.
RECALL_SECONDS = 125
EARLY_SECONDS = 1
# By less than this a clock that was steadied moves a whole second.
HALF_MILLISECOND = 500
# Without times a recall reaches this many places between paired rows back; beyond its own place it leaves doubt only.
RECALL_PLACES, PLACE_SECONDS = 15, 1_000
# Up to this many rows alone to a notice the notice may be about any of them; of more, most were not recalled.
CONTESTED_TO_ONE = 3


def recalled_by_id(rows: pl.DataFrame, lacking: pl.DataFrame) -> pl.Series:
    """Whether each row's server id is that of a recall notice of the lacking side."""
    named = rows.join(recall_notices(lacking), on=["pair", "message_id"], how="semi")["row"]
    return rows["row"].is_in(named.implode())


def bearers_of(reading: Reading) -> pl.DataFrame:
    """notice_name, sender: under which names this export's notices may speak of an account, by its contacts and lists of members."""
    people, members = reading.contacts, reading.members
    named = [
        people.select(pl.col(c).alias("notice_name"), pl.col("id").alias("sender")) for c in ("remark", "nickname")
    ]
    named.append(members.select(pl.col("name").alias("notice_name"), pl.col("member_id").alias("sender")))
    return pl.concat(named).drop_nulls().filter(pl.col("notice_name") != "").unique()


def replaces_in_place(holder: Reading, lacking: Reading) -> bool:
    """Whether in both forms a recall notice stands under the id of the message that it replaced."""
    return holder.facts.limits.recalls_in_place and lacking.facts.limits.recalls_in_place


def recalled_by_notice(
    rows: pl.DataFrame,
    holder: pl.DataFrame,
    lacking: pl.DataFrame,
    untimed: list[int],
    people: tuple[pl.DataFrame, pl.DataFrame],
    *,
    others: pl.DataFrame | None = None,
    in_place: bool = False,
    each: bool = False,
) -> tuple[pl.Series, pl.Series]:
    """Rows alone that a notice explains, and rows of which a notice explains some and nobody can tell which.

    A notice explains one row: of the person that it names, within the time that a recall takes, and no payment or call, which cannot be
    recalled. Where every row in reach finds a notice of its own (a maximum matching of rows and notices), all are recalled. Otherwise
    those at whose very moment a notice stands are; of the rest, where they are few to a notice, each is contested. Rows at
    whose moment the lacking side's own numbering skips were not rewritten by a recall. A row of the holder's owner, who shows the notice of
    that recall too, is contested: what one takes back oneself, one's own client rewrites.

    Args:
        rows: rows that nothing else sets aside, with `t_other`, their time on the lacking side's clock (µs).
        holder: all rows of the side that holds them.
        lacking: all rows of the other side.
        untimed: conversations whose clock counts places between paired rows.
        people: `bearers_of` the holder's and the lacking side's export.
        others: rows of the lacking side without a partner; None = not asked for. A notice of the holder's that explains one of them explains no other.
        in_place: in both forms a notice stands under the id of the message that it replaced: one that both show under one id explains no row
            of another.
        each: every pair is an export of its own.

    Returns:
        row numbers: recalled, contested.
    """
    nothing = pl.Series(dtype=pl.UInt32), pl.Series(dtype=pl.UInt32)
    shown, mine = recall_notices(lacking), recall_notices(holder)
    # Most chats hold no recall.
    if shown.is_empty() and mine.is_empty():
        return nothing
    notices = speaking(shown, mine, holder, lacking)
    spoken = rows.filter(
        ~pl.col("cls").is_in([SYSTEM, PAYMENT, CALL]) & pl.col("t_other").is_not_null() & ~pl.col("is_repeat")
    )
    if notices.is_empty() or spoken.is_empty():
        return nothing
    near = _without_earlier(_in_reach(spoken, notices, untimed), mine, untimed)
    near = near.filter(~(pl.lit(in_place) & pl.col("has_id") & pl.col("is_placed")))
    skipped = with_hole(rows, near, holder, lacking, each=each).implode()
    holed = near.filter(~pl.col("is_lone") & pl.col("row").is_in(skipped))
    near = near.join(holed, on=["row", "notice"], how="anti", maintain_order="left")
    fitting = _by_person(_told_by_both(near, holder, untimed), holder, lacking, people, each=each)
    recalled, contested = _matched(fitting.filter(~pl.col("is_lone")))
    # A notice that the holder alone shows may be of a row that stands there still: nobody can tell.
    lone = fitting.filter(pl.col("is_lone") & ~pl.col("row").is_in(sorted(recalled | contested)))
    if others is not None and lone.height:
        turned = others.with_columns(pl.col("t").alias("t_other"))
        taken, _ = recalled_by_notice(turned, lacking, holder, untimed, people[::-1], in_place=in_place, each=each)
        lone = _without_spent(lone, turned.filter(pl.col("row").is_in(taken.implode())), mine, untimed)
    contested |= set[int]().union(*_matched(lone))
    far = pl.col("pair").is_in(untimed) & (pl.col("delay").abs().min().over("row") > SECONDS)
    vague = set(fitting.filter(far)["row"]) if untimed else set[int]()
    vague |= _stands_beside_own(fitting)
    contested |= recalled & vague
    return pl.Series(sorted(recalled - vague), dtype=pl.UInt32), pl.Series(sorted(contested), dtype=pl.UInt32)


def _without_spent(near: pl.DataFrame, taken: pl.DataFrame, mine: pl.DataFrame, untimed: list[int]) -> pl.DataFrame:
    """The meetings without those notices of the holder's of which each alone explains a row of the other side (`taken`)."""
    marks = mine.select("pair", pl.col("t").alias("notice_t"), notice_number(by_holder=pl.lit(value=True)))
    asked = taken.select("pair", "row", "t_other", *_reach(untimed))
    met = asked.join(marks, on="pair").filter(
        (pl.col("notice_t") - pl.col("t_other")).is_between(-pl.col("early"), pl.col("late"))
    )
    spent = met.filter(pl.len().over("row") == 1)["notice"]
    return near.filter(~pl.col("notice").is_in(spent.implode()))


def _stands_beside_own(fitting: pl.DataFrame) -> set[int]:
    """Rows of the holder's owner of which every notice is of an event that the holder shows as its owner's own recall."""
    told = fitting.group_by("row").agg(pl.col("own").fill_null(value=False).all())
    return set(told.filter("own")["row"])


def recalls_around(
    chosen: pl.DataFrame, frames: tuple[pl.DataFrame, pl.DataFrame], standing: pl.DataFrame, untimed: list[int]
) -> pl.Series:
    """How many recalls each pair has within the time that one takes; the two notices of a paired one are one recall.

    chosen: pairs, with `left_row`. frames: all rows of both sides, on one clock. standing: all pairs.
    """
    left, right = (recall_notices(f).select("pair", "row", pl.col("t").alias("notice_t")) for f in frames)
    shared = standing.filter(pl.col("left_row").is_in(left["row"].implode()))["right_row"]
    events = pl.concat([left, right.filter(~pl.col("row").is_in(shared.implode()))]).drop("row")
    asked = chosen.select("left_row").join(frames[0].select(pl.col("row").alias("left_row"), "pair", "t", "spread"), on="left_row", how="left", maintain_order="left")  # fmt: skip
    met = asked.select("left_row", "pair", "t", *_reach(untimed)).join(events, on="pair")
    met = met.filter((pl.col("notice_t") - pl.col("t")).is_between(-pl.col("early"), pl.col("late")))
    counted = met.group_by("left_row").agg(pl.len().alias("n"))
    return asked.join(counted, on="left_row", how="left", maintain_order="left")["n"].fill_null(0)


def _reach(untimed: list[int]) -> tuple[pl.Expr, pl.Expr]:
    """early, late (µs): how far a notice may precede its message, and follow it; jitter of the two clocks stretches both."""
    slack = 2 * pl.col("spread").fill_null(0).clip(0, 60 * SECONDS)
    by_place = pl.col("pair").is_in(untimed)
    late = pl.when(by_place).then(RECALL_PLACES * PLACE_SECONDS * SECONDS).otherwise(RECALL_SECONDS * SECONDS + slack)
    early = pl.when(by_place).then(SECONDS).otherwise(EARLY_SECONDS * SECONDS + slack)
    return early.alias("early"), late.alias("late")


def _in_reach(spoken: pl.DataFrame, notices: pl.DataFrame, untimed: list[int]) -> pl.DataFrame:
    """Every row with the notices that follow it within the time a recall takes, by either clock that it may stand on: row, notice, delay (µs)."""
    by_place = pl.col("pair").is_in(untimed)
    early, late = _reach(untimed)
    width = pl.when(by_place).then((RECALL_PLACES + 1) * PLACE_SECONDS * SECONDS).otherwise(260 * SECONDS)
    marks = _on_either_clock(notices, "notice_t", "notice_t2")
    marks = marks.filter(pl.col("notice_t").is_not_null()).with_columns((pl.col("notice_t") // width).alias("bucket"))
    every = pl.concat([marks.with_columns(pl.col("bucket") + k) for k in (-1, 0, 1)])
    mine = _on_either_clock(spoken, "t_other", "t2")
    mine = mine.select("pair", "row", "t_other", "is_self", "party", "is_direct", "spread", pl.col("message_id").is_not_null().alias("has_id"), (pl.col("t_other") // width).alias("bucket"))  # fmt: skip
    near = mine.join(every, on=["pair", "bucket"]).with_columns((pl.col("notice_t") - pl.col("t_other")).alias("delay"))
    behind = pl.col("by_holder") & ~by_place & _stands_behind(pl.col("delay"))
    near = near.filter(pl.col("delay").is_between(-early, late) & ~behind)
    near = near.sort("row", "notice", pl.col("delay").abs())
    return near.unique(["row", "notice"], keep="first", maintain_order=True)


def _without_earlier(near: pl.DataFrame, mine: pl.DataFrame, untimed: list[int]) -> pl.DataFrame:
    """Without times: the meetings without those of a row that stands in its own file behind the very notice.

    Paired notices stand on both sides at the one place of their pair, of which places are whole; what came later was not taken back by then.
    """
    if not untimed or near.is_empty():
        return near
    is_paired = pl.col("notice_t") % (PLACE_SECONDS * SECONDS) == 0
    earlier = near.filter(pl.col("pair").is_in(untimed) & ~pl.col("by_holder") & (pl.col("delay") < 0) & is_paired)
    told = earlier.join(mine.select("pair", pl.col("t").alias("notice_t")), on=["pair", "notice_t"], how="semi")
    return near.join(told, on=["row", "notice"], how="anti", maintain_order="left")


def _stands_behind(delay: pl.Expr) -> pl.Expr:
    """Whether a row stands behind its own side's notice, by a second of steady times or two minutes of coarser ones.

    One device wrote both, and took nothing back that came later; from one minute to the next there may be but a second.
    """
    spread = pl.col("spread").fill_null(0)
    least = pl.when(spread <= SECONDS).then(SECONDS).otherwise(120 * SECONDS)
    return (spread <= 90 * SECONDS) & (delay <= HALF_MILLISECOND - least)


def _on_either_clock(rows: pl.DataFrame, first: str, second: str) -> pl.DataFrame:
    """The rows, those beside a step of the clocks once by either."""
    beside = rows.filter(pl.col(second).is_not_null())
    return pl.concat([rows, beside.with_columns(pl.col(second).alias(first))]) if beside.height else rows


def _told_by_both(near: pl.DataFrame, holder: pl.DataFrame, untimed: list[int]) -> pl.DataFrame:
    """The meetings with what the holder's own notice of that very event says: `own`, whether `你`, and `own_name`, else whom.

    A row that stands behind that notice, or too long before it, has none such. One event: no other notice lies nearer to either of the two, and not both say `你`. Null where there is no such notice.
    """
    marks = recall_notices(holder).filter(pl.col("t").is_not_null() & ~pl.col("pair").is_in(untimed))
    is_own = BY_OWNER
    own_name = pl.when(~is_own).then(NAMED).alias("own_name")
    marks = marks.select(
        "pair", pl.col("row").alias("mark"), pl.col("t").alias("mark_t"), is_own.alias("own"), own_name
    )
    asked = (
        near.filter(~pl.col("by_holder")).select("pair", "notice", "notice_t", "by_owner", "spread").unique("notice")
    )
    ways: tuple[Literal["backward", "forward"], ...] = ("backward", "forward")
    met = pl.concat([
        asked.sort("notice_t").join_asof(marks.sort("mark_t"), left_on="notice_t", right_on="mark_t", by="pair", strategy=way, check_sortedness=False)
        for way in ways
    ]).unique()  # fmt: skip
    far = (pl.col("mark_t") - pl.col("notice_t")).abs()
    met = met.filter((far <= SECONDS + 2 * pl.col("spread").fill_null(0)) & ~(pl.col("own") & pl.col("by_owner")))
    nearest = (far == far.min().over("notice")) & (far == far.min().over("mark"))
    met = met.filter(nearest).filter((pl.len().over("notice") == 1) & (pl.len().over("mark") == 1))
    told = near.join(met.select("notice", "own", "own_name", "mark_t"), on="notice", how="left", maintain_order="left")
    own = pl.col("mark_t") - pl.col("t_other")
    # By one device's clock a recall is possible for two minutes, of which times to the minute show one more.
    beyond = own > (RECALL_SECONDS + 60) * SECONDS
    return told.filter(~(_stands_behind(own) | beyond).fill_null(value=False)).drop("mark_t")


def _by_person(
    near: pl.DataFrame,
    holder: pl.DataFrame,
    lacking: pl.DataFrame,
    people: tuple[pl.DataFrame, pl.DataFrame],
    *,
    each: bool,
) -> pl.DataFrame:
    """The meetings whose notice can be about the row's author.

    `你撤回` was recalled by the owner of the side that shows it. Any other notice there is of someone else: in a direct chat of the other
    party, in a group of one who bears the name. Where the holder shows a notice of the same moment, both speak of one event, and it too
    says who took the message back.
    """
    owners = [
        _owners(_rows_of_owner(f, g, each=each), f, n)
        for f, g, n in ((lacking, holder, "lacking"), (holder, lacking, "holder"))
    ]
    names = _named(near, holder, lacking, people)
    told = near.join(names, on=["pair", "by_holder", "notice_name"], how="left", maintain_order="left")
    mine = names.filter("by_holder").select(
        "pair", pl.col("notice_name").alias("own_name"), pl.col("parties").alias("named")
    )
    told = told.join(mine, on=["pair", "own_name"], how="left", maintain_order="left")
    for frame in owners:
        told = told.join(frame, on="pair", how="left", maintain_order="left")
    own = pl.col("is_self")

    def is_of(column: str) -> pl.Expr:
        # A list is not asked whether it holds nobody: it would say no.
        return pl.when(pl.col("party").is_not_null()).then(pl.col(column).list.contains(pl.col("party")))

    by_lacking = (is_of("lacking_owner").fill_null(value=True)) & ~own.fill_null(value=False)
    not_lacking = ~is_of("lacking_alone").fill_null(value=False) | own.fill_null(value=False)
    by_holder = own.fill_null(is_of("holder_owner")).fill_null(value=True)
    named = (pl.col("party").is_null() | is_of("parties")).fill_null(value=True)
    # In a direct chat any name is the other person's; where nothing tells who the owner is, a name that somebody bears here tells.
    is_holder = own.fill_null(is_of("holder_alone"))
    by_name = named | (pl.col("is_direct") & (is_holder.is_not_null() | (pl.col("parties").list.len() == 0)))
    not_holder = ~is_holder.fill_null(value=False) & by_name.fill_null(value=True)
    of_other = pl.when(pl.col("is_direct")).then(own.fill_null(by_name)).otherwise(named) & not_lacking
    fits = (
        pl.when(pl.col("by_holder") & pl.col("by_owner")).then(by_holder)
        .when("by_holder").then(not_holder)
        .when("by_owner").then(by_lacking)
        .otherwise(of_other)
    )  # fmt: skip
    # An unknown author fits every notice.
    is_owner = own.fill_null(is_of("holder_owner")).fill_null(pl.col("own"))
    same_event = pl.col("own").is_null() | (is_owner == pl.col("own"))
    # In a direct chat only one other person can be meant, by whatever name.
    named_there = (pl.col("party").is_null() | is_of("named") | pl.col("is_direct")).fill_null(value=True)
    # To the minute two recalls may stand at one moment: names that two people bear speak of two.
    common = pl.col("parties").list.set_intersection("named").list.len()
    known = (pl.col("parties").list.len() > 0) & (pl.col("named").list.len() > 0)
    two_events = (~pl.col("is_direct") & known & (common == 0)).fill_null(value=False)
    return told.filter(fits & (two_events | (same_event & named_there)))


def _rows_of_owner(rows: pl.DataFrame, others: pl.DataFrame, *, each: bool) -> pl.DataFrame:
    """pair, party of the rows of a side's owner: those marked, or, where none is, those named by a word for oneself, or of the one account that speaks with every peer.

    A direct chat bears the account of the peer, and whoever else speaks in it is the owner: what one
    chat shows might be a chat that bears the owner's, what two show cannot. In a group the other side's rows name the owner too.
    """
    known = pl.col("party").is_not_null()
    # A notice is marked as its device's own too, and names nobody.
    rows = rows.lazy().filter(pl.col("cls") != SYSTEM).select("pair", "party", "is_self", "sender", "conversation").collect()  # fmt: skip
    if rows["is_self"].null_count() == rows.height:
        # The same word on the other side means another person.
        named = rows.filter(pl.col("sender").is_in(SELF_WORDS) & known)
        if named.height:
            return named.select("pair", "party")
    if each or rows["is_self"].null_count() < rows.height:
        return rows.filter(pl.col("is_self") & known).select("pair", "party")
    spoken = rows.lazy().filter(pl.col("sender").is_not_null()).select("conversation", "sender").unique().collect()
    is_peer = pl.col("sender") == pl.col("conversation")
    direct = is_peer.any().over("conversation") & (pl.len().over("conversation") == 2)
    owners = spoken.filter(direct & ~is_peer)["sender"]
    if owners.n_unique() != 1 or owners.len() < 2:
        return rows.head(0).select("pair", "party")
    return pl.concat(
        [f.filter((pl.col("sender") == owners[0]) & known).select("pair", "party") for f in (rows, others)]
    )


def _owners(rows: pl.DataFrame, frame: pl.DataFrame, side: str) -> pl.DataFrame:
    """pair, SIDE_owner, SIDE_alone: the parties of the owner's rows, and those of them under which the side shows no row of another (a namesake)."""
    others = frame.filter(~pl.col("is_self")).select("pair", "party").unique()
    told = rows.unique().join(
        others.with_columns(pl.lit(value=True).alias("is_shared")), on=["pair", "party"], how="left"
    )
    alone = pl.col("party").filter(pl.col("is_shared").is_null())
    return told.group_by("pair").agg(pl.col("party").alias(f"{side}_owner"), alone.alias(f"{side}_alone"))


def _named(
    near: pl.DataFrame, holder: pl.DataFrame, lacking: pl.DataFrame, people: tuple[pl.DataFrame, pl.DataFrame]
) -> pl.DataFrame:
    """pair, by_holder, notice_name, parties: who bears a name in either copy, or by the contacts of the export whose notice it is.

    An account that wrote nothing here is no party: the list of a name that only such accounts bear is empty.
    """
    bearers = [
        f.select("pair", "party", pl.col(c).alias("notice_name"))
        for f in (lacking, holder)
        for c in ("sender_name", "sender")
    ]
    known = pl.concat(bearers).drop_nulls().unique()
    wrote = pl.concat([f.select("pair", "sender", "party") for f in (lacking, holder)]).drop_nulls().unique()
    spoken = [
        near.select("pair", "by_holder", "notice_name"),
        near.select("pair", pl.lit(value=True).alias("by_holder"), pl.col("own_name").alias("notice_name")),
    ]
    asked = pl.concat(spoken).drop_nulls().unique()
    sides = []
    for by_holder, listed in zip((True, False), people, strict=True):
        told = asked.filter(pl.col("by_holder") == by_holder).join(listed, on="notice_name")
        told = told.join(wrote, on=["pair", "sender"], how="left")
        both = pl.concat([known, told.select(known.columns)])
        sides.append(both.with_columns(pl.lit(by_holder).alias("by_holder")))
    grouped = pl.concat(sides).group_by("pair", "by_holder", "notice_name")
    return grouped.agg(pl.col("party").drop_nulls().unique().alias("parties"))


def _matched(near: pl.DataFrame) -> tuple[set[int], set[int]]:
    """Recalled and contested rows of the meetings of rows and notices, component by component."""
    recalled: set[int] = set()
    contested: set[int] = set()
    import networkx as nx  # noqa: PLC0415 - as in graph/build.py

    graph = nx.Graph()
    at_once: dict[int, list[int]] = defaultdict(list)
    # Only rows alone within two minutes of a recall notice of their author come here.
    for row, notice, delay, spread in near.select("row", "notice", "delay", "spread").iter_rows():
        graph.add_edge(("row", row), ("notice", notice))
        if abs(delay) <= SECONDS + 2 * (spread or 0):
            at_once[notice].append(row)
    for nodes in nx.connected_components(graph):
        part = graph.subgraph(nodes)
        rows = sorted(n for kind, n in nodes if kind == "row")
        notices = sorted(n for kind, n in nodes if kind == "notice")
        if _matching_size(part, rows) == len(rows):
            recalled.update(rows)
            continue
        settled = [n for n in notices if len(at_once[n]) == 1]
        told = {at_once[n][0] for n in settled}
        recalled |= told
        rest, left = [r for r in rows if r not in told], len(notices) - len(told)
        if left and len(rest) <= CONTESTED_TO_ONE * left:
            contested |= {
                r for r in rest if any(("notice", n) in part[("row", r)] for n in notices if n not in settled)
            }
    return recalled, contested


def _matching_size(part: "nx.Graph", rows: list[int]) -> int:
    import networkx as nx  # noqa: PLC0415 - as in graph/build.py

    return sum(kind == "row" for kind, _ in nx.bipartite.maximum_matching(part, [("row", r) for r in rows]))
