"""Why the other side need not hold a row: a table of small named rules over the rows that have no partner, tried in order."""

from collections.abc import Callable

import polars as pl

from reconcile.graph.declared import is_declared, is_unheld, placeless
from reconcile.graph.forms import (
    is_collapsed,
    is_not_exported,
    may_be_collapsed,
    may_be_of_absent_kind,
    may_be_of_client,
    may_be_read_as_notice,
    may_be_repeated,
    may_stand_unplaced,
)
from reconcile.graph.lone import Lone
from reconcile.graph.membership import is_outside_membership
from reconcile.graph.recalls import bearers_of, recalled_by_id, recalled_by_notice, replaces_in_place
from reconcile.graph.untaken import may_be_untaken
from reconcile.vocabulary import Cause
from reconcile.wechat.classes import SECONDS, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.kinds import BARE_MARK, REFUSED_NOTICE

Rule = Callable[[Lone], pl.Series]
# So many words that stand twice are no chance.
LEAST_SAID_TWICE = 3
# So many places apart a refusal notice and its message stand at most.
_REFUSAL_REACH = 12
# So soon a sender tries again; where so many rows have an id, its absence says something.
_RETRY_SECONDS, _NUMBERED_SHARE = 600, 0.9


def set_aside(lone: Lone) -> pl.DataFrame:
    """row, cause (text; null = the other side should have it), edge, contested, of every lone row; the first rule that holds gives the cause.

    contested: a recall notice may be about this row or about another one alone beside it; or it may lie in a declared stretch that no time
    places; or be a row that the lacking form shows without time and sender, or as a notice, or that, without times, says the same as the rows beside it;
    or its form may write under that kind one which the lacking form does not write; or be one of several equal rows of a second that some tools write
    once; or of a sort of which the lacking export holds none at all (graph.untaken); or a picture of which the export shows nothing, beside another
    of its second.
    """
    rows = lone.rows
    cause = pl.Series("cause", [None] * rows.height, dtype=pl.String)
    for name, rule in FIRST_RULES:
        if cause.null_count() == 0:
            break
        cause = _named(cause, name, rule(lone))
    # A notice explains one row: those that something else explains do not compete for it.
    open_rows = rows.filter(cause.is_null())
    people = bearers_of(lone.holder_reading), bearers_of(lone.lacking_reading)
    in_place = replaces_in_place(lone.holder_reading, lone.lacking_reading)
    recalled, contested = recalled_by_notice(
        open_rows,
        lone.holder,
        lone.lacking,
        lone.untimed,
        people,
        others=lone.open_lacking,
        in_place=in_place,
        each=lone.each,
    )
    cause = _named(cause, Cause.RECALLED, rows["row"].is_in(recalled.implode()))
    cause = _named(cause, Cause.OUTSIDE_COVERAGE, is_unverified_edge(lone))
    unclear = pl.concat(
        [
            contested,
            placeless(lone),
            may_stand_unplaced(lone),
            may_be_read_as_notice(lone),
            may_be_repeated(lone),
            may_be_of_client(lone),
            may_be_of_absent_kind(lone),
            may_be_collapsed(lone),
            may_be_untaken(lone),
            may_be_another(lone),
        ]
    )
    return rows.select("row", "edge", pl.col("row").is_in(unclear.implode()).alias("contested")).with_columns(
        cause.alias("cause")
    )


def _named(cause: pl.Series, name: Cause, rule: pl.Series) -> pl.Series:
    hit = rule.fill_null(value=False) & cause.is_null()
    if not hit.any():
        return cause
    return pl.select(pl.when(pl.lit(hit)).then(pl.lit(str(name))).otherwise(pl.lit(cause)).alias("cause"))["cause"]


def is_repeat(lone: Lone) -> pl.Series:
    """The export holds the row twice, and its twin stands in the alignment: by its id, or as one of several equal rows of one second.

    Also where the ids of these say that they are several messages, if the other form keeps one of such.
    """
    twice = _stands_twice(lone)
    return (twice & ~_shows_nothing(lone, twice)) | is_collapsed(lone)


def _shows_nothing(lone: Lone, twice: pl.Series) -> pl.Series:
    """Pictures and the like of one second of which the form shows the kind alone: they may well be several, as people send them together.

    Where so many words stand twice too, the export holds a stretch twice.
    """
    bare = (pl.col("text") == "") | pl.col("text").str.contains(BARE_MARK)
    silent = pl.col("cls").is_in(WORDLESS) & pl.col("media_hash").is_null() & bare
    said = lone.rows.filter(twice & (pl.col("cls") == WORDS)).group_by("pair").len("said")
    held_twice = pl.col("pair").is_in(said.filter(pl.col("said") >= LEAST_SAID_TWICE)["pair"].implode())
    return lone.rows.select((silent & ~pl.col("is_repeat") & ~held_twice).fill_null(value=False).alias("s"))["s"]


def may_be_another(lone: Lone) -> pl.Series:
    """Row numbers of such pictures beside one that the other side holds."""
    twice = _stands_twice(lone)
    return lone.rows.filter(twice & _shows_nothing(lone, twice))["row"]


def _stands_twice(lone: Lone) -> pl.Series:
    rows = lone.rows
    if rows["twin"].null_count() == rows.height:
        return rows["is_repeat"]
    sizes = lone.holder.filter(pl.col("twin").is_not_null()).group_by("twin").len("held")
    counted = rows.join(sizes, on="twin", how="left", maintain_order="left").with_columns(
        pl.len().over("twin").alias("alone")
    )
    # Where all of them are alone the first stands for the message itself.
    again = (pl.col("alone") < pl.col("held")) | ~pl.col("twin").is_first_distinct()
    return counted.select(
        (pl.col("is_repeat") | (pl.col("twin").is_not_null() & again)).fill_null(value=False).alias("r")
    )["r"]


def _system_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The system rows of paired conversations; apart, so that no sentence is looked for in all the others."""
    return rows.filter((pl.col("cls") == SYSTEM) & pl.col("pair").is_not_null())


def is_bounded(lone: Lone) -> pl.Series:
    """Facts say that the other export does not reach so far, or the part of it that holds that time was not read."""
    return (lone.rows["edge"] == "bounded") | is_unheld(lone)


def is_not_delivered(lone: Lone) -> pl.Series:
    """The holder's own message failed, was refused, or is still being sent: by its status, or by the refusal notice beside it."""
    rows = lone.rows
    by_status = rows["status"].cast(pl.String).is_in(["failed", "rejected", "sending"])
    others = pl.concat([_beside_refusal(lone), _sent_again(lone)])
    return by_status.fill_null(value=False) | rows["row"].is_in(others.implode())


def _sent_again(lone: Lone) -> pl.Series:
    """Rows alone of the holder's own without an id, where nearly all its rows have one, whose words it sent once more soon after: with an id, and received.

    No exporter writes in words that sending failed (wechat-exports 16): the row has no server id, and its sender tries again, which takes a later
    number of the device.
    """
    bare = lone.rows.filter(
        pl.col("message_id").is_null() & (pl.col("cls") != SYSTEM) & pl.col("is_self").fill_null(value=True)
    )
    # Where no row has an id none lacks what others have.
    if bare.is_empty() or lone.holder["message_id"].null_count() == lone.holder.height:
        return pl.Series(dtype=pl.UInt32)
    here = lone.holder.filter(pl.col("pair").is_in(bare["pair"].unique().implode()) & (pl.col("cls") != SYSTEM))
    numbered = here.group_by("pair").agg((pl.col("message_id").is_not_null().mean() >= _NUMBERED_SHARE).alias("rule"))
    look = ["pair", "party", "cls", "text"]
    again = here.filter(pl.col("message_id").is_not_null() & ~pl.col("row").is_in(lone.rows["row"].implode()))
    both = bare.join(numbered.filter("rule"), on="pair", how="semi").select("row", *look, "t", "local_id")
    both = both.join(again.select(*look, "t", "local_id"), on=look, suffix="_again", nulls_equal=True)
    soon = (pl.col("t_again") - pl.col("t")).is_between(0, _RETRY_SECONDS * SECONDS)
    if len(lone.holder_reading.facts.devices) <= 1:
        soon &= (pl.col("local_id") < pl.col("local_id_again")).fill_null(value=True)
    return both.filter(soon)["row"].unique()


def _beside_refusal(lone: Lone) -> pl.Series:
    """Rows alone of the holder's own that stand nearest to a refusal notice of the holder's, one to one: those with a server id next before it.

    The notice follows its message at once; for a row without an id where others have one, clocks and jitter allow two minutes after and half a
    minute before, and a notice without a time, or on another clock than its message, stands next to it in the file, or next but one behind it.
    """
    notices = _system_rows(lone.holder).filter(pl.col("text").str.contains(REFUSED_NOTICE))
    if notices.is_empty() or lone.rows.is_empty():
        return pl.Series(dtype=pl.UInt32)
    with_ids = lone.holder.group_by("pair").agg(pl.col("message_id").is_not_null().any().alias("has_ids"))
    marks = notices.select(
        "pair", pl.col("row").alias("notice"), pl.col("t").alias("notice_t"), pl.col("at").alias("notice_at")
    )
    own = lone.rows.filter((pl.col("cls") != SYSTEM) & pl.col("is_self").fill_null(value=True)).join(
        with_ids, on="pair"
    )
    delay, places = pl.col("notice_t") - pl.col("t"), (pl.col("notice_at") - pl.col("at")).abs()
    unnumbered = pl.col("message_id").is_null() | ~pl.col("has_ids")
    # A form may show its notices without a time: then only their place tells.
    # Of two times to the minute the later may be but a second behind.
    unit = pl.when(pl.col("time_precision").cast(pl.String) == "minute").then(60).otherwise(0)
    timely = delay.is_between(-(30 + unit) * SECONDS, 120 * SECONDS) & (places <= _REFUSAL_REACH)
    # The other party's message may come in between the two.
    next_to = (places <= 1) | (pl.col("notice_at") - pl.col("at") == 2)
    untimed = pl.col("notice_t").is_null() | pl.col("pair").is_in(lone.untimed)
    close = timely | (untimed & next_to)
    # Only what lies within reach is held side by side: ten thousand refusals would be a hundred million pairs.
    stretch = pl.col("at").floordiv(_REFUSAL_REACH)
    around = pl.concat([own.with_columns((stretch + step).alias("stretch")) for step in (-1, 0, 1)])
    marks = marks.with_columns(pl.col("notice_at").floordiv(_REFUSAL_REACH).alias("stretch"))
    both = around.join(marks, on=["pair", "stretch"])
    near = both.filter(close & (unnumbered | (pl.col("notice_at") - pl.col("at") == 1)))
    # Where the device's own clock is another than the server's, its file still holds the notice right behind its message.
    filed = own.with_columns((pl.col("row") + 1).alias("notice")).join(marks.drop("stretch"), on=["pair", "notice"])
    columns = ["row", "notice", "at", "notice_at"]
    near = pl.concat([near.select(columns), filed.select(columns)]).unique()
    nearest_first = near.with_columns(places.alias("places")).sort("places", "notice", "row").select("notice", "row")
    # One notice speaks of one message: of two in one second, behind two messages, each has its own. Such rows are few.
    spent: set[int] = set()
    told: set[int] = set()
    for notice, row in nearest_first.iter_rows():
        if notice not in spent and row not in told:
            spent.add(notice)
            told.add(row)
    return pl.Series(sorted(told), dtype=pl.UInt32)


def is_per_side(lone: Lone) -> pl.Series:
    """System and tip rows: each device writes its own."""
    return lone.rows["cls"] == SYSTEM


def is_unverified_edge(lone: Lone) -> pl.Series:
    """Beyond the other side's first or last row, and nothing says whether it reaches there."""
    return lone.rows["edge"] == "unverified"


def is_recalled_by_id(lone: Lone) -> pl.Series:
    """The lacking side shows a recall notice under the row's own server id."""
    return recalled_by_id(lone.rows, lone.lacking)


# The notices of recalls without an id come after these, the edge that nothing verifies last.
FIRST_RULES: tuple[tuple[Cause, Rule], ...] = (
    (Cause.REPEAT, is_repeat),
    (Cause.OUTSIDE_COVERAGE, is_bounded),
    (Cause.NOT_DELIVERED, is_not_delivered),
    (Cause.RECALLED, is_recalled_by_id),
    (Cause.PER_SIDE_ROW, is_per_side),
    (Cause.MEMBERSHIP, is_outside_membership),
    (Cause.DECLARED, is_declared),
    (Cause.KIND_NOT_EXPORTED, is_not_exported),
)  # fmt: skip
# All rules by name, for whoever tells what was tried on a row; recalls by notice stand beside those by id.
RULES: tuple[tuple[Cause, Rule], ...] = (*FIRST_RULES, (Cause.OUTSIDE_COVERAGE, is_unverified_edge))
