"""When the lacking side's owner joined and left a group: by notices, and by member lists."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.entities.owners import owner_of
from reconcile.engine.hypotheses.model import Absences, is_speech
from reconcile.wechat.kind_classes import SECONDS, SYSTEM
from reconcile.wechat.member_notices import (
    ANY_JOIN,
    ANY_LEAVE,
    AROUND_NAMES,
    BETWEEN_NAMES,
    JOINED,
    JOINING,
    LEAVING,
    LEFT,
)
from reconcile.wechat.owner_words import SELF_WORDS

# How a notice addresses the owner of the device that shows it.
_READER = ("你", "您", "you", "You")
SCHEMA = {
    "pair": pl.Int64, "at": pl.Float64, "place": pl.Int64, "own_place": pl.Int64, "joined": pl.Boolean,
    "seen_by_both": pl.Boolean, "stated": pl.Boolean, "may_be_unseen": pl.Boolean,
    "told_by_holder": pl.Boolean, "is_first": pl.Boolean, "is_claim": pl.Boolean,
}  # fmt: skip


def membership_events(a: Absences) -> pl.DataFrame:
    """Each join and leave of the lacking side's owner, as SCHEMA.

    `at`: seconds on the common clock. `place`: of the holder's notice, null = none. `own_place`: of the lacking side's
    notice, or where it would stand. `seen_by_both`: the holder's notice agrees, or a member list names the owner.
    `stated`: by a member list. `is_claim`: by the member list of the lacking side. `may_be_unseen`: the holder shows no
    notice that would have told of it. `told_by_holder`:
    the holder alone names him, and the lacking export shows no notices, or both show the return after this leave.
    """
    events = pl.concat([_events_in_notices(a), _events_in_member_lists(a)], how="diagonal_relaxed")
    return events.with_columns(pl.col(pl.Boolean).fill_null(value=False))


def owners_of_pairs(a: Absences) -> pl.DataFrame:
    """pair, owner: the party as which the lacking side's owner alone speaks, by the marks of its rows."""
    said = a.lacking_rows.lazy().filter(is_speech()).drop_nulls(["pair", "party", "is_self"])
    counted = said.group_by(pl.col("pair").cast(pl.Int64), pl.col("party").alias("owner")).agg(
        pl.col("is_self").sum().alias("len"), pl.col("is_self").mean().alias("share")
    )
    counted = counted.filter(pl.col("share") >= a.params.name_share)
    most = counted.sort("pair", "len", "owner", descending=[False, True, False])
    return most.unique("pair", keep="first", maintain_order=True).select("pair", "owner").pipe(collected)


def _events_in_notices(a: Absences) -> pl.DataFrame:
    """Joins and leaves in notices of the lacking export, or in the holder's where it shows none."""
    own, others = _notices_of_lacking(a), a.holder_rows.with_columns(pl.Series("place", a.view.holder.order))
    others = others.filter(_IS_NOTICE)
    unknown = ~pl.col("pair").is_in(listed(owners_of_pairs(a)["pair"]))
    parts = [pl.DataFrame(schema=SCHEMA)]
    for mine, theirs, whom, joined in ((JOINED, ANY_JOIN, JOINING, True), (LEFT, ANY_LEAVE, LEAVING, False)):
        # A notice without a time stands behind what its owner read before he left, and before what he read then.
        at = pl.coalesce("u", "following" if joined else "last").alias("at")
        # A client addresses its owner, or names him like everybody else.
        named = own.filter(pl.col("text").str.contains(theirs))
        by_name = _naming_the_owner(a, named.select("pair", "text", place="own_place"), whom)["place"]
        about = pl.col("text").str.contains(mine) | pl.col("own_place").is_in(listed(by_name))
        if joined:
            # A chat that begins with a joining begins with that of its owner, where nothing else tells who he is.
            nobody = ~pl.col("text").str.contains_any(list(_READER))
            about |= pl.col("is_first") & unknown & nobody & pl.col("text").str.contains(theirs)
        told = own.filter(about).select("pair", at, "own_place", "paired", "is_first").drop_nulls("at")
        shown = others.filter(pl.col("text").str.contains(theirs))
        mute = shown.filter(~pl.col("pair").cast(pl.Int64).is_in(listed(own["pair"])))
        if not mute.is_empty():
            parts.append(_events_shown_by_holder(a, _about_the_owner(a, mute, whom), joined=joined))
        if told.is_empty():
            continue
        # All members see who joins, but a client may show a removal only to the member and to who removed him.
        telling = others if joined else shown
        unseen = ~pl.col("pair").is_in(listed(telling["pair"].cast(pl.Int64)))
        seen = _about_the_owner(a, shown, whom)
        parts.append(
            _with_shown_notice(told, seen, a.params.window_seconds).select(
                "pair", "at", "place", "own_place", "is_first", pl.lit(joined).alias("joined"),
                pl.col("place").is_not_null().alias("seen_by_both"), unseen.alias("may_be_unseen"),
            )
        )  # fmt: skip
    return _with_proven_leaves(a, pl.concat(parts, how="diagonal_relaxed"))


def _with_proven_leaves(a: Absences, events: pl.DataFrame) -> pl.DataFrame:
    """The events, with a leave before each return that both show: nobody joins who is a member.

    His own notice of it stands behind the holder's rows up to its time. Where none does, or he is heard after it, he left
    behind the last message that tells of his membership, and nothing shows when.
    """
    before = (pl.col(c).shift().over("pair").name.suffix("_before") for c in ("at", "own_place", "joined", "place"))
    ordered = events.sort("pair", "own_place").with_columns(*before)
    is_told = ~pl.col("joined_before").fill_null(value=True)
    is_shown = is_told & pl.col("place_before").is_not_null()
    is_return = pl.all_horizontal("joined", "seen_by_both", ~pl.col("is_first"), ~is_shown).fill_null(value=False)
    ordered = ordered.with_columns(is_return.alias("is_return"))
    if not ordered["is_return"].any():
        return events
    # What a member sends after his removal stands in his own export alone.
    heard = a.lacking_rows.filter(is_speech() & (pl.col("is_paired") | ~pl.col("is_self").fill_null(value=True)))
    pair, rows = pl.col("pair").cast(pl.Int64), (heard, rows_of_owner(a))
    heard = pl.concat(f.select(pair, pl.col("u").alias("heard_at")) for f in rows)
    shown = a.holder_rows.select(pair, "u", behind=pl.Series(a.view.holder.order)).drop_nulls().sort("u")
    met = ordered.filter("is_return").sort("at").join_asof(
        heard.drop_nulls().sort("heard_at"), left_on="at", right_on="heard_at", by="pair", coalesce=False,
        allow_exact_matches=False, check_sortedness=False,
    )  # fmt: skip
    is_last = is_told & (pl.col("at_before") >= pl.col("heard_at") - a.params.window_seconds).fill_null(value=True)
    left_at = pl.when(is_last).then("at_before").otherwise("heard_at").alias("left_at")
    leaves = met.select("pair", "own_place", left_at, own_before=pl.when(is_last).then("own_place_before"))
    leaves = leaves.drop_nulls("left_at").sort("left_at").join_asof(
        shown, left_on="left_at", right_on="u", by="pair", coalesce=False, check_sortedness=False
    )  # fmt: skip
    place = pl.when(pl.col("own_before").is_not_null()).then("behind")
    leaves = leaves.select(
        "pair", pl.col("left_at").alias("at"), place.alias("place"), pl.coalesce("own_before", "own_place").alias("own_place"),
        joined=pl.lit(value=False), told_by_holder=place.is_not_null(),
    )  # fmt: skip
    replaced = ~pl.col("joined") & pl.col("is_return").shift(-1).over("pair").fill_null(value=False)
    return pl.concat([ordered.filter(~replaced).select(events.columns), leaves], how="diagonal_relaxed")


def _events_shown_by_holder(a: Absences, seen: pl.DataFrame, *, joined: bool) -> pl.DataFrame:
    """The events in these notices of the holder, which name the owner.

    The lacking export shows no notices in these chats. The holder has no interest in them, and the other form need not show them.
    """
    rows = a.lacking_rows.select(pl.col("pair").cast(pl.Int64), "u", own_place=pl.Series(a.view.lacking.order))
    end = rows["own_place"].max()
    following = seen.filter("is_named").drop_nulls("seen_at").sort("seen_at").join_asof(
        rows.drop_nulls("u").sort("u"), left_on="seen_at", right_on="u", by="pair", strategy="forward",
        check_sortedness=False,
    )  # fmt: skip
    return following.select(
        "pair", pl.col("seen_at").alias("at"), "place", pl.col("own_place").fill_null(pl.lit(end) + 1),
        joined=pl.lit(joined), told_by_holder=pl.lit(value=True),
    )  # fmt: skip


_IS_NOTICE = (pl.col("cls") == SYSTEM) & pl.col("pair").is_not_null()


def _notices_of_lacking(a: Absences) -> pl.DataFrame:
    """The notices of the lacking export, with their places and the times around them.

    `paired`: the place of the partner; null = none. `last`, `following`: times of the rows around. `is_first`: the
    chat begins with it.
    """
    view = a.view
    partner = np.full(len(view.lacking), -1)
    partner[view.lacking_rows] = view.holder.order[view.holder_rows]
    paired = pl.Series("paired", partner)
    rows = a.lacking_rows.with_columns(
        pl.Series("own_place", view.lacking.order), pl.when(paired >= 0).then(paired).alias("paired")
    ).sort("own_place")
    around = (
        pl.col("u").forward_fill().over("pair").alias("last"),
        pl.col("u").backward_fill().over("pair").alias("following"),
    )
    first = pl.col("u") - pl.col("u").min().over("pair") <= a.params.window_seconds
    return (
        rows.with_columns(*around, first.alias("is_first"))
        .filter(_IS_NOTICE)
        .with_columns(pl.col("pair").cast(pl.Int64))
    )


def _about_the_owner(a: Absences, notices: pl.DataFrame, whom: tuple[str, ...]) -> pl.DataFrame:
    """pair, seen_at, place, is_named of the holder's notices that may be about the lacking side's owner.

    A notice about the holder or about members who are known to be others tells nothing of him. `is_named`: it bears his
    name, or one that nobody bears, and the holder shows no row of his that would tell his name.
    """
    found = notices.select(pl.col("pair").cast(pl.Int64), "place", pl.col("u").alias("seen_at"), "text")
    resolved = _people_in(a, found, whom)
    is_other = (pl.col("named") != pl.col("owner")).fill_null(value=False) | pl.col("name").is_in(_READER)
    speaks = pl.col("pair").is_in(listed(rows_of_owner(a)["pair"]))
    is_owner = (pl.col("named") == pl.col("owner")).fill_null(pl.col("named").is_null() & ~speaks)
    about = resolved.filter(~is_other).group_by("place").agg(is_owner.any().alias("is_named")).pipe(collected)
    return found.join(about, on="place").drop("text")


def _naming_the_owner(a: Absences, notices: pl.DataFrame, whom: tuple[str, ...]) -> pl.DataFrame:
    """The notices (pair, text, place) that bear a name of the lacking side's owner."""
    about = _people_in(a, notices, whom).filter(pl.col("named") == pl.col("owner"))
    return notices.join(about.select("place").unique().pipe(collected), on="place", how="semi")


def _people_in(a: Absences, notices: pl.DataFrame, whom: tuple[str, ...]) -> pl.LazyFrame:
    """pair, place and name of whom the notices are about, with his party (`named`) and the `owner`."""
    names = pl.coalesce(pl.col("text").str.extract(w) for w in whom).fill_null("")
    single = names.str.replace_all(BETWEEN_NAMES, "\n").str.split("\n").alias("name")
    named = notices.lazy().select("pair", "place", single).explode("name").with_columns(
        pl.col("name").str.strip_chars(AROUND_NAMES)
    )  # fmt: skip
    return named.join(a.names_of_one, on=["pair", "name"], how="left").join(
        owners_of_pairs(a).lazy(), on="pair", how="left"
    )


def rows_of_owner(a: Absences) -> pl.DataFrame:
    """The holder's rows of the lacking side's owner, with their pair."""
    owners = owners_of_pairs(a).with_columns(pl.col("pair").cast(a.holder_rows.schema["pair"]))
    return a.holder_rows.with_columns(pl.Series("place", a.view.holder.order)).join(owners, on="pair").filter(
        pl.col("party") == pl.col("owner")
    )  # fmt: skip


def _with_shown_notice(told: pl.DataFrame, seen: pl.DataFrame, most_seconds: float) -> pl.DataFrame:
    """The notices with `place`: of the partner, or of the holder's nearest notice within this time."""
    near = told.sort("at").join_asof(
        seen.drop_nulls("seen_at").sort("seen_at"), left_on="at", right_on="seen_at", by="pair", strategy="nearest",
        coalesce=False, check_sortedness=False,
    )  # fmt: skip
    close = ((pl.col("seen_at") - pl.col("at")).abs() <= most_seconds).fill_null(value=False)
    met = pl.when(pl.col("paired").is_in(listed(seen["place"]))).then("paired")
    return near.with_columns(pl.coalesce(met, pl.when(close).then("place")).alias("place"))


def _events_in_member_lists(a: Absences) -> pl.DataFrame:
    """Joins and leaves from the member list of either export."""
    if a.lacking.members.is_empty() and a.holder.members.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    owner = owner_of(a.lacking)
    names = [n for n in (owner.id, owner.alias, owner.name) if n]
    parts = [pl.DataFrame(schema=SCHEMA)]
    for reading, words in ((a.lacking, [*names, *SELF_WORDS]), (a.holder, names)):
        if reading.members.is_empty():
            continue
        mine = reading.members.filter(pl.col("member_id").is_in(words) | pl.col("name").is_in(words))
        named = bool(mine.height)
        if not named and reading is a.lacking:
            # If the list states a single time, it may be the owner's, but that is not certain.
            mine = reading.members.filter(pl.col("joined_at").is_not_null() | pl.col("left_at").is_not_null())
            mine = mine.filter(pl.len().over("group_id") == 1)
        frame = a.lacking_rows if reading is a.lacking else a.holder_rows
        groups = (
            frame.filter(~pl.col("is_direct") & pl.col("pair").is_not_null())
            .select(pl.col("pair").cast(pl.Int64), "conversation")
            .unique()
        )
        here = mine.join(groups, left_on="group_id", right_on="conversation")
        if here.is_empty() and groups.height == 1 and reading.members["group_id"].n_unique() == 1:
            here = mine.join(groups.select("pair"), how="cross")
        shifts = (
            a.rows.group_by("pair").agg((pl.col("own_t") - pl.col("u")).median().alias("shift"))
            if reading is a.lacking
            else a.rows.group_by("pair").agg(pl.lit(0.0).alias("shift"))
        )
        here = here.join(shifts, on="pair", how="left")
        for column, joined in (("joined_at", True), ("left_at", False)):
            at = pl.col(column).dt.timestamp("us") / SECONDS - pl.col("shift").fill_null(0.0)
            parts.append(
                here.filter(pl.col(column).is_not_null()).select(
                    "pair",
                    at.alias("at"),
                    *(pl.lit(None, pl.Int64).alias(c) for c in ("place", "own_place")),
                    pl.lit(joined).alias("joined"),
                    pl.lit(value=named).alias("seen_by_both"),
                    pl.lit(value=True).alias("stated"),
                    pl.lit(reading is a.lacking).alias("is_claim"),
                )
            )
    return pl.concat(parts, how="diagonal_relaxed")
