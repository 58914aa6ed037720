"""Rows alone that the other side may hold all the same, or need not hold: neither place nor words tell, so that they are in doubt."""

import polars as pl

from reconcile.comparison.alike import may_be_stamped_later
from reconcile.comparison.compared import Compared
from reconcile.comparison.elsewhere import may_stand_elsewhere
from reconcile.comparison.far_places import may_stand_in_another_order
from reconcile.comparison.heaped import may_be_one_of_heap
from reconcile.comparison.held_twice import may_be_held_twice
from reconcile.comparison.own_clock import OwnClocks, may_be_on_own_clock
from reconcile.comparison.silent_alike import may_be_one_of_kind
from reconcile.comparison.unclear import may_be_crossed, may_be_of_one_moment
from reconcile.graph.lone import Lone
from reconcile.intake.contract import FormLimits, Reading
from reconcile.match.two_ids import bear_two_ids, of_two_messages
from reconcile.match.words import HEADING, NAME_HEADING
from reconcile.vocabulary import Cause, Kind
from reconcile.wechat.classes import SYSTEM
from reconcile.wechat.text import PREFIX

# Numbers run with the times when so many neighbours among so many rows do.
_RUNNING_SHARE, _LEAST_NUMBERED = 0.9, 4


def rows_in_doubt(
    lone: Lone, compared: Compared, standing: pl.DataFrame, side: int, clocks: OwnClocks | None
) -> pl.Series:
    """The numbers of one side's rows alone (0 = left) that may be on the other side, each once."""
    rows, left, name = lone.rows, lone.open_lacking, ("left", "right")[side]
    limits, untimed = lone.holder_reading.facts.limits, compared.aligned.untimed
    trusted, paired = compared.aligned.ids.filter("is_trusted")["pair"], standing[f"{name}_row"]

    def told_apart(met: pl.DataFrame) -> pl.DataFrame:
        return _without_two(met, standing, compared)

    return pl.concat(
        [
            (compared.aligned.unsure_left, compared.aligned.unsure_right)[side],
            # A row without a time of its own, in a conversation that has times, cannot be said to lie inside anything.
            rows.filter(pl.col("is_filled") & ~pl.col("pair").is_in(untimed))["row"],
            _inside_texts(rows, lone.lacking, limits),
            _maybe_refused(rows, lone.holder, lone.lacking, limits),
            _maybe_untimed(rows, lone.lacking, left),
            _maybe_stripped(rows, left, lone.lacking_reading.facts.limits, limits),
            may_be_of_one_moment(rows, left, untimed, limits.kinds_absent, trusted),
            may_be_crossed(rows, lone.holder, lone.lacking, standing, name, trusted),
            may_be_stamped_later(rows, left, lone.holder, lone.lacking, _set_off(standing, compared), told_apart),
            may_be_one_of_kind(rows, left, told_apart),
            may_be_one_of_heap(rows, left, lone.holder, lone.lacking),
            may_stand_in_another_order(rows, left, standing, name, untimed),
            may_be_held_twice(rows, lone.holder, paired),
            may_be_on_own_clock(rows, left, clocks, is_left=side == 0),
            may_stand_elsewhere(rows, lone.lacking, compared.pairs.clear() if compared.apart else compared.pairs),
            _numbered_beyond(rows, lone.holder, paired, lone.holder_reading),
        ]
    ).unique()


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


def _maybe_refused(alone: pl.DataFrame, holder: pl.DataFrame, lacking: pl.DataFrame, limits: FormLimits) -> pl.Series:
    """The holder's own rows alone, in a form that shows neither refusal notices nor server ids: they may never have been delivered.

    A form that does not say whose rows are its owner's may mean any of a chat of two that the other side does not call its own.
    """
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


def _maybe_stripped(alone: pl.DataFrame, left: pl.DataFrame, lacking: FormLimits, holder: FormLimits) -> pl.Series:
    """Rows alone that a form which cuts a leading `word:` shows without it, in a row that met nobody either; and such rows of that form."""
    found = [pl.Series(dtype=pl.UInt32)]
    for limits, whole, cut in ((lacking, alone, left), (holder, left, alone)):
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
