"""Judges the senders of accepted pairs: one person, two people, or in doubt."""

import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.entities.stated_people import CONTRADICTED, SHARED
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import doubtful, judged_as, short_by_words
from reconcile.vocabulary import Cause, Relation
from reconcile.wechat.kind_classes import SECONDS, SYSTEM

Frames = tuple[pl.DataFrame, pl.DataFrame]
# A sender that an export names by account or number. These are never shared, names may be.
_ACCOUNT = r"^(?:wxid_|gh_)|@chatroom$|^\+?[0-9][0-9 ()-]{5,}$"


def with_senders(judged: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """The judged pairs with agreements of two people in conflict, or doubtful where names prove little.

    Two linked labels are one person. A pair is also in doubt where the exports state otherwise than the messages who is
    who, where both show one name, where the name or owner mark on a row is another's, and where its labels are not linked and one of them is usually paired with another. A
    name that two people bear is nobody's.
    """
    spoken = (pl.col("cls") != SYSTEM) & (pl.col("cls_right") != SYSTEM)
    agrees = (pl.col("relation") == str(Relation.AGREEMENT)) & spoken
    known = pl.col("party").is_not_null() & pl.col("party_right").is_not_null()
    ties = [f["tie"][judged[c]] for f, c in zip(frames, ("left_row", "right_row"), strict=True)]
    marks = judged.select(
        (agrees & known & (pl.col("party") != pl.col("party_right"))).fill_null(value=False).alias("apart"),
        (agrees & ~known & ~pl.any_horizontal(t == SHARED for t in ties)).fill_null(value=False).alias("open"),
        (agrees & pl.any_horizontal(t == CONTRADICTED for t in ties)).fill_null(value=False).alias("doubt"),
    )
    if not marks.select(pl.any_horizontal(pl.all().any())).item():
        return judged
    apart = marks["apart"]
    if apart.any():
        apart = apart.scatter(_of_one_account(judged, frames, apart), values=False)
    doubt = [(marks["doubt"] & ~apart).arg_true()]
    if apart.any():
        doubt += [
            _passing(judged, apart),
            _of_one_name(judged, frames, apart),
            _borne_for_a_while(judged, frames, apart),
        ]
    if marks["open"].any():
        doubt.append(_strays(judged, frames, marks["open"]))
    judged = judged.with_columns(judged_as(pl.lit(apart), Relation.CONFLICT, Cause.SENDER_DIFFERS, "sender"))
    flag = pl.int_range(pl.len()).is_in(listed(pl.concat([d.cast(pl.Int64) for d in doubt])))
    return judged.with_columns(doubtful(flag, "sender"))


def _of_one_account(judged: pl.DataFrame, frames: Frames, apart: pl.Series) -> pl.Series:
    """Places of `apart` where both exports state one account: that is one person, whatever the names."""
    at = apart.arg_true()
    left, right = (f["label"][judged[c].gather(at)] for f, c in zip(frames, ("left_row", "right_row"), strict=True))
    return at.filter(((left == right) & left.str.contains(_ACCOUNT)).fill_null(value=False))


def _of_one_name(judged: pl.DataFrame, frames: Frames, apart: pl.Series) -> pl.Series:
    """Places of `apart` where both exports show one name, which two members may share, not accounts."""
    at = apart.arg_true()
    rows = [f[judged[c].gather(at)] for f, c in zip(frames, ("left_row", "right_row"), strict=True)]
    left, right = (r.select(pl.coalesce("sender_name", "label")).to_series() for r in rows)
    accounts = rows[0]["label"].str.contains(_ACCOUNT) & rows[1]["label"].str.contains(_ACCOUNT)
    own = rows[0]["is_self"].fill_null(value=False) | rows[1]["is_self"].fill_null(value=False)
    return at.filter((left == right).fill_null(value=False) & ~accounts.fill_null(value=False) & ~own)


def _passing(judged: pl.DataFrame, apart: pl.Series) -> pl.Series:
    """Places of short texts and bare kinds of two senders, some seconds apart, which may be two messages."""
    off = pl.col("residual_s") > PARAMS.edge_seconds + 2 * pl.max_horizontal("spread", "spread_right") / SECONDS
    return judged.select((pl.lit(apart) & short_by_words() & off).fill_null(value=False).alias("p"))["p"].arg_true()


def _named(judged: pl.DataFrame, frames: Frames, here: pl.Series) -> pl.DataFrame:
    """All pairs of the conversations of `here` where both exports name the sender (`a`, `b`)."""
    pairs = judged.filter(here)["pair"].unique()
    told = judged.select(
        "pair", "left_row", "right_row", "party", "party_right", at=pl.int_range(pl.len()), here=pl.lit(here)
    ).filter(pl.col("pair").is_in(listed(pairs)))
    labels = zip(frames, ("left_row", "right_row"), "ab", strict=True)
    named = told.with_columns(
        column
        for f, c, n in labels
        for column in (f["label"][told[c]].alias(n), f["sender_name"][told[c]].alias(f"shown_{n}"))
    )
    return named.drop("right_row").drop_nulls(["pair", "a", "b"])


def _borne_for_a_while(judged: pl.DataFrame, frames: Frames, apart: pl.Series) -> pl.Series:
    """Places where another sender's name replaces a sender's throughout a stretch of a group.

    Two people of a group may have one display name, and one may take over the other's. Then all messages of the one
    have that name for a while.
    """
    direct = frames[0]["is_direct"][judged["left_row"]].fill_null(value=False)
    named = _named(judged, frames, apart & ~direct).sort("pair", "left_row")
    account = pl.col("a").str.contains(_ACCOUNT) & pl.col("b").str.contains(_ACCOUNT)
    found = []
    for one, two in (("a", "b"), ("b", "a")):
        stream = ["pair", one]
        # Along the messages of one name, runs that the other export gives one name.
        run = (pl.col(two) != pl.col(two).shift()).fill_null(value=True).cum_sum().over(stream).alias("run")
        runs = named.with_columns(run).filter(pl.col("here") & ~account)
        found.append(runs.filter(pl.len().over(*stream, "run") >= PARAMS.habit_records)["at"])
    return pl.concat(found)


def _strays(judged: pl.DataFrame, frames: Frames, here: pl.Series) -> pl.Series:
    """Places of pairs whose labels are not linked, and one or both of which belong elsewhere.

    A label that is linked to another belongs there. Several accounts may bear one name, several names may not be one
    account's: an export shows one name for a person. Two people may bear one name where the other export calls one of
    them by it with more behind or before it, in all messages. Where the rows of both sides show one name, it is not
    known whose of several accounts it is, but neither name is another's. Without any link, each of the two must be
    paired more with another. In a chat of two people, a further name of one that shares a character with the usual one,
    which the other's has not, is that person's where all its rows are.
    """
    named = _named(judged, frames, here)
    pairs = named["pair"].unique()
    parties = [
        f.lazy().filter(pl.col("pair").is_in(listed(pairs))).select("pair", pl.col("party")).unique() for f in frames
    ]
    linked = collected(parties[0].join(parties[1], on=["pair", "party"])).with_columns(linked=pl.lit(value=True))
    party = pl.coalesce("party", "party_right")
    other = pl.when(pl.col("party").is_null()).then("a").otherwise("b")
    named = named.with_columns(party.alias("borne")).join(
        linked, left_on=["pair", "borne"], right_on=["pair", "party"], how="left", maintain_order="left"
    )
    named = named.with_columns(other.alias("other"))
    named = named.with_columns(_is_called_so(named, frames).alias("called"))
    of_another = pl.col("linked").fill_null(value=False) & ~other.str.contains(_ACCOUNT)
    of_another &= ~_bears_one_name(other)
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
    rare = counts.filter((pl.min_horizontal(most) > pl.col("n")) | amid[0] | amid[1]).with_columns(
        rare=pl.lit(value=True)
    )
    named = named.join(rare.select("pair", "a", "b", "rare"), on=["pair", "a", "b"], how="left", maintain_order="left")
    shown = [pl.coalesce(f"shown_{n}", n) for n in "ab"]
    odd = (of_another | pl.col("rare").fill_null(value=False)) & (shown[0] != shown[1]) & ~pl.col("called")
    return named.filter(pl.col("here") & odd)["at"]


def _is_called_so(named: pl.DataFrame, frames: Frames) -> pl.Series:
    """Whether the name without a party in each row is another one of the party of all its rows."""
    characters = pl.col("label").str.replace_all(r"[^\p{L}]", "").str.split("")
    usual = []
    for frame, side in zip(frames, "ab", strict=True):
        here = frame.lazy().filter(pl.col("pair").is_in(listed(named["pair"].unique())))
        usual.append(here.select("pair", borne="party", label="label", side=pl.lit(side)).drop_nulls().unique())
    marks = pl.concat(usual).select("pair", "side", "borne", mark=characters).explode("mark").unique()
    # In a chat of more than two people, it may be a further one's.
    own = marks.filter(pl.len().over("pair", "side", "mark") == 1, pl.col("borne").n_unique().over("pair") == 2)
    asked: pl.LazyFrame = named.lazy().select(
        "pair", "borne", label="other", side=pl.when(pl.col("party").is_null()).then(pl.lit("a")).otherwise(pl.lit("b"))
    ).drop_nulls().unique()  # fmt: skip
    alone = asked.filter(pl.col("borne").n_unique().over("pair", "side", "label") == 1)
    shown = alone.with_columns(mark=characters).explode("mark").join(own, on=["pair", "side", "borne", "mark"])
    met = collected(shown.select("pair", "borne", other="label").unique()).with_columns(called=pl.lit(value=True))
    found = named.select("pair", "borne", "other").join(
        met, on=["pair", "borne", "other"], how="left", maintain_order="left"
    )
    return found["called"].fill_null(value=False)


def _bears_one_name(label: pl.Expr) -> pl.Expr:
    """Whether all rows of a label have one name in the other export, which contains it or is part of it."""
    alike = pl.col("a").str.contains(pl.col("b"), literal=True) | pl.col("b").str.contains(pl.col("a"), literal=True)
    one = pl.struct("a", "b").n_unique().over("pair", label) == 1
    return alike & one & (pl.min_horizontal(pl.col("a", "b").str.len_chars()) > 1)
