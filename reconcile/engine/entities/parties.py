"""Finds which sender names of the two sides are the same person."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from reconcile.column_ops import collected, hash_key
from reconcile.engine.entities.accounts import ACCOUNT
from reconcile.engine.entities.owner_marks import (
    HELD_ONCE,
    OF_SEVERAL_PEOPLE,
    mark_shares,
    marked_pairs,
    pairs_of_one_account,
    without_unnamed_marks,
)
from reconcile.engine.params import PARAMS
from reconcile.parallel import run_both_sides
from reconcile.wechat.kind_classes import SYSTEM, WORDS
from reconcile.wechat.kinds import RECALL_NOTICE
from reconcile.wechat.owner_words import OWN_NOTICE, SELF_WORDS


@dataclass(frozen=True, slots=True)
class Stated:
    """Conversations and senders that the user pairs (`--map FILE`): left key -> right key."""

    conversations: Mapping[str, str]
    senders: Mapping[str, str]

    def mirrored(self) -> "Stated":
        """The same statement with the sides swapped."""
        return Stated({b: a for a, b in self.conversations.items()}, {b: a for a, b in self.senders.items()})


NOTHING_STATED = Stated({}, {})


def map_parties(
    left: pl.DataFrame,
    right: pl.DataFrame,
    pairs: pl.DataFrame,
    stated: Stated = NOTHING_STATED,
    *,
    same_owner: bool = False,
    known: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames with `party` (text; null = unknown sender or system row).

    In a direct chat where both sides mark their own rows, the mark decides. Otherwise a sender label is the person who
    wrote at least four fifths of its distinctive messages on the other side. Equal labels are one person unless content
    contradicts it. With two persons, the second follows from the first. A label with no link to the other side has no
    party, and its rows are matched without a sender.

    Args:
        left, right: the rows of both sides.
        pairs: the table of conversations.
        stated: pairings that the user states.
        same_owner: both exports come from one account, so own rows correspond to own rows.
        known: `known_names` of the exports; in a direct chat, labels of one account are one person.
    """
    marked = marked_pairs(left, right, pairs)
    flipped = marked
    if marked.height and not same_owner:
        shares = mark_shares(left, right, marked)
        several = shares.filter(OF_SEVERAL_PEOPLE)
        marked, flipped = marked.join(several, on="pair", how="anti"), pairs_of_one_account(shares, marked, pairs)
        left, right = (without_unnamed_marks(f, several["pair"]) for f in (left, right))
    height = left.height + right.height
    labelled = run_both_sides(lambda side: with_label((left, right)[side]), height)
    direct = pairs.filter(pl.col("kind") == "direct").select("pair")
    accounts = None if known is None or known.is_empty() or direct.is_empty() else (known, direct)
    names = _learn_names(labelled[0], labelled[1], stated, marked, accounts)

    def named(side: int) -> pl.DataFrame:
        return _apply(labelled[side], names[side], marked, flipped, own="LR"[side], same_owner=same_owner)

    return tuple(run_both_sides(named, height))  # type: ignore[return-value]


def with_label(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with `label` and `voice`: the sender's name in this export.

    The owner's unnamed rows share one label, and so do the peer's in a direct chat. Unnamed rows of others in a group
    have no label.
    """
    own = pl.col("is_self").fill_null(value=False)
    # Names recur on every row, and categories are compared once each.
    is_word = pl.lit(frame["sender"].cast(pl.Categorical).is_in(SELF_WORDS))
    label = (
        pl.when(pl.col("sender").is_not_null() & ~is_word).then(pl.col("sender"))
        .when(is_word | own).then(pl.lit("\x00self"))
        .when(pl.col("is_self").is_not_null() & pl.col("is_direct")).then(pl.lit("\x00peer"))
    )  # fmt: skip
    return frame.with_columns(pl.when(pl.col("cls") != SYSTEM).then(label).alias("label")).with_columns(_VOICE)


# One number per conversation and label. Category codes would differ from frame to frame.
_VOICE = pl.when(pl.col("label").is_not_null()).then(hash_key(pl.col("pair"), pl.col("label"))).alias("voice")


def _learn_names(
    left: pl.DataFrame,
    right: pl.DataFrame,
    stated: Stated,
    marked: pl.DataFrame,
    accounts: tuple[pl.DataFrame, pl.DataFrame] | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two tables of pair, label, party, one per side.

    Args:
        left, right: labelled rows of both sides.
        stated: pairings that the user states.
        marked: pairs where the marks of own rows decide.
        accounts: names of known accounts, and the pairs where they may be used.
    """
    named = [
        f.lazy()
        .filter(pl.col("voice").is_not_null())
        .select("voice", "pair", "export", "label")
        .unique("voice")
        .join(marked.lazy(), on="pair", how="anti")
        .select("pair", "export", "label")
        .pipe(collected)
        for f in (left, right)
    ]
    # A label can only correspond to somebody if the other export names anybody.
    labels = [t.join(named[1 - i], on="export", how="semi").drop("export") for i, t in enumerate(named)]
    if not labels[0].height:
        return tuple(t.with_columns(pl.lit(None, dtype=pl.String).alias("party")) for t in labels)  # type: ignore[return-value]
    same = labels[0].join(labels[1], on=["pair", "label"]).filter(~pl.col("label").str.starts_with("\x00"))
    if not stated.senders and same.height == labels[0].height == labels[1].height:
        # Every label has its equal on the other side.
        return tuple(t.with_columns(pl.col("label").alias("party")) for t in labels)  # type: ignore[return-value]
    unsettled = (
        pl.concat(
            [
                labels[0].join(same, on=["pair", "label"], how="anti"),
                labels[1].join(same, on=["pair", "label"], how="anti"),
            ]
        )
        .select("pair")
        .unique()
    )
    # Where every label has an equal and the user states others, no row is read.
    asked = [f.clear() if unsettled.is_empty() else f for f in (left, right)]
    told = [f.lazy().join(unsettled.lazy(), on="pair", how="semi") for f in asked]
    votes = _votes(told[0], told[1])
    # Where both exports write account ids, another id is another person, even with few messages.
    by_account = same.filter(pl.col("label").str.starts_with(ACCOUNT)).select("pair").unique()
    alike = same.select("pair", pl.col("label").alias("left_label"), pl.col("label").alias("right_label"))
    if accounts is not None and unsettled.height:
        alike = pl.concat([alike, _of_known(labels, *accounts)]).unique(maintain_order=True)
    votes = _of_one_account(votes, by_account)
    links = _tied(_stated(labels, stated), _shares(votes).filter(_MANY))
    links = _with_second(_tied(links, alike), labels, by_account)
    open_pairs = _open(links, labels)
    if open_pairs.height:
        # Now all unique messages count, also short ones. A single common message may be altered, so it counts only if none contradicts it.
        told = [f.join(open_pairs.lazy(), on="pair", how="semi") for f in told]
        every = _shares(_of_one_account(_votes(told[0], told[1], least=1), by_account))
        links = _with_second(_tied(links, every.filter(_MANY)), labels, by_account)
        single = every.filter(_NONE_ELSE).join(votes, on=["pair", "left_label", "right_label"], how="semi")
        links = _with_second(_tied(links, single), labels, by_account)
    several = _namesakes(links)
    links = links.join(several, on=links.columns, how="anti")
    ids = [
        several.select("pair", pl.lit(side).alias("side"), pl.col(c).alias("label"))
        for side, c in (("L", "left_label"), ("R", "right_label"))
    ]
    return _components(links, labels, by_account, pl.concat(ids).filter(pl.col("label").str.starts_with(ACCOUNT)))


def _namesakes(links: pl.DataFrame) -> pl.DataFrame:
    """Links of a label that corresponds to two account ids of the other side: two people share that name."""
    of_two = [
        pl.col(other).filter(pl.col(other).str.starts_with(ACCOUNT)).n_unique().over("pair", own) > 1
        for own, other in (("left_label", "right_label"), ("right_label", "left_label"))
    ]
    return links.filter(pl.any_horizontal(of_two))


def _of_known(labels: list[pl.DataFrame], known: pl.DataFrame, direct: pl.DataFrame) -> pl.DataFrame:
    """pair, left_label, right_label of labels in direct chats that are known names of one account."""
    # Known names are either all valid in every pair, or all bound to one.
    keys = ["name"] if known["pair"].null_count() else ["pair", "name"]
    names = known if len(keys) > 1 else known.drop("pair")
    told = [
        t.join(direct, on="pair", how="semi").rename({"label": "name"}).join(names, on=keys).rename({"name": side})
        for t, side in zip(labels, ("left_label", "right_label"), strict=True)
    ]
    return told[0].join(told[1], on=["pair", "account"]).select("pair", "left_label", "right_label")


def _open(links: pl.DataFrame, labels: list[pl.DataFrame]) -> pl.DataFrame:
    """The pairs where each side names somebody without a link."""
    alone = [
        t.join(links, left_on=["pair", "label"], right_on=["pair", name], how="anti").select("pair").unique()
        for t, name in zip(labels, ("left_label", "right_label"), strict=True)
    ]
    return alone[0].join(alone[1], on="pair", how="semi")


def _votes(left: pl.LazyFrame, right: pl.LazyFrame, least: int = PARAMS.distinctive_characters) -> pl.DataFrame:
    """pair, left_label, right_label, n: common unique messages and server ids of two labels.

    Texts need at least `least` characters.
    """

    def once(frame: pl.LazyFrame, name: str) -> pl.DataFrame:
        base = frame.filter(pl.col("label").is_not_null() & HELD_ONCE)
        words = base.filter((pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= least)).select(
            "pair", pl.col("text").hash(seed=1).alias("key"), pl.col("label").alias(name)
        )
        ids = base.filter(pl.col("message_id").is_not_null()).select(
            "pair", pl.col("message_id").hash(seed=2).alias("key"), pl.col("label").alias(name)
        )
        return (
            pl.concat([words, ids])
            .group_by("pair", "key")
            .agg(pl.col(name).first(), pl.len().alias("n"))
            .filter(pl.col("n") == 1)
            .drop("n")
            .pipe(collected)
        )

    return (
        once(left, "left_label")
        .join(once(right, "right_label"), on=["pair", "key"])
        .group_by("pair", "left_label", "right_label")
        .agg(pl.len().alias("n"))
    )


# Votes for a link: a large share of at least two messages (_MANY), or every message of both labels (_NONE_ELSE).
_MANY = (pl.max_horizontal("of_left", "of_right") >= PARAMS.name_share) & (pl.col("n") >= 2)
_NONE_ELSE = pl.min_horizontal("of_left", "of_right") == 1.0


def _shares(votes: pl.DataFrame) -> pl.DataFrame:
    return votes.with_columns(
        (pl.col("n") / pl.col("n").sum().over("pair", "left_label")).alias("of_left"),
        (pl.col("n") / pl.col("n").sum().over("pair", "right_label")).alias("of_right"),
    )


def _stated(labels: list[pl.DataFrame], stated: Stated) -> pl.DataFrame:
    """pair, left_label, right_label as stated by the user."""
    if not stated.senders:
        return pl.DataFrame(
            schema={"pair": labels[0].schema["pair"], "left_label": pl.String, "right_label": pl.String}
        )
    told = pl.DataFrame(
        {"left_label": list(stated.senders), "right_label": list(stated.senders.values())},
        schema={"left_label": pl.String, "right_label": pl.String},
    )
    sides = [t.rename({"label": name}) for t, name in zip(labels, ("left_label", "right_label"), strict=True)]
    return sides[0].join(told, on="left_label").join(sides[1], on=["pair", "right_label"])


def _tied(links: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """The links, plus those of `more` between labels without a link."""
    if more.is_empty():
        return links.unique(maintain_order=True)
    for name in ("left_label", "right_label"):
        more = more.join(links, on=["pair", name], how="anti")
    return pl.concat([links, more.select(links.columns)]).unique(maintain_order=True)


def _with_second(links: pl.DataFrame, labels: list[pl.DataFrame], by_account: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([links, _of_one_account(_by_elimination(links, labels), by_account)])


def _of_one_account(links: pl.DataFrame, by_account: pl.DataFrame) -> pl.DataFrame:
    """The links without those between two different account ids, where both sides write ids."""
    if links.is_empty() or by_account.is_empty():
        return links
    two = (
        (pl.col("left_label") != pl.col("right_label"))
        & pl.col("left_label").str.starts_with(ACCOUNT)
        & pl.col("right_label").str.starts_with(ACCOUNT)
    )
    return links.filter(~(two & pl.col("pair").is_in(by_account["pair"].implode())))


def _by_elimination(links: pl.DataFrame, labels: list[pl.DataFrame]) -> pl.DataFrame:
    """Links by elimination: if each side names two persons and one is linked, so are the other two."""
    counts = [t.group_by("pair").len().filter(pl.col("len") == 2).select("pair") for t in labels]
    if links.is_empty() or any(c.is_empty() for c in counts):
        return links.clear()
    one = (
        links.group_by("pair")
        .agg(pl.len().alias("n"), pl.col("left_label").first().alias("l"), pl.col("right_label").first().alias("r"))
        .filter(pl.col("n") == 1)
    )
    open_pairs = one.join(counts[0], on="pair").join(counts[1], on="pair")
    left = (
        labels[0]
        .join(open_pairs, on="pair")
        .filter(pl.col("label") != pl.col("l"))
        .select("pair", pl.col("label").alias("left_label"))
    )
    right = (
        labels[1]
        .join(open_pairs, on="pair")
        .filter(pl.col("label") != pl.col("r"))
        .select("pair", pl.col("label").alias("right_label"))
    )
    return left.join(right, on="pair").select("pair", "left_label", "right_label")


def _components(
    links: pl.DataFrame, labels: list[pl.DataFrame], by_account: pl.DataFrame, namesakes: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """pair, label, party of both sides: linked labels are one party, named after its last label.

    A label without a link has no party, except an account id where both sides write ids (`by_account`) or in
    `namesakes`.
    """
    left = labels[0].with_columns(pl.lit("L").alias("side"))
    right = labels[1].with_columns(pl.lit("R").alias("side"))
    nodes = pl.concat([left, right]).with_columns(pl.col("label").alias("party"))
    keys = ["pair", "side", "label"]
    nodes = nodes.select(*keys, "party").sort(keys)
    # Each link, seen from both its labels.
    ends = ("L", "left_label"), ("R", "right_label")
    ways = pl.concat(
        links.select(
            "pair", pl.lit(side).alias("side"), pl.col(label).alias("label"),
            pl.lit(other).alias("to_side"), pl.col(theirs).alias("to_label"),
        )
        for (side, label), (other, theirs) in (ends, ends[::-1])
    )  # fmt: skip
    # Few rounds suffice, since one person has only a few names in a conversation.
    for _ in range(8):
        seen = nodes.lazy()
        told = seen.join(ways.lazy(), on=keys).select("pair", side="to_side", label="to_label", party="party")
        new = pl.concat([seen, told]).group_by(keys).agg(pl.col("party").max()).sort(keys).pipe(collected)
        if new.equals(nodes):
            break
        nodes = new
    tied = ways.select(keys).unique()
    out = nodes.join(tied.with_columns(pl.lit(value=True).alias("is_tied")), on=["pair", "side", "label"], how="left")
    is_account = pl.col("label").str.starts_with(ACCOUNT) & pl.col("pair").is_in(by_account["pair"].implode())
    if namesakes.height:
        named = namesakes.unique().with_columns(pl.lit(value=True).alias("is_namesake"))
        out = out.join(named, on=["pair", "side", "label"], how="left")
        is_account |= pl.col("is_namesake").fill_null(value=False)
    out = out.with_columns(pl.when(pl.col("is_tied") | is_account).then(pl.col("party")).alias("party"))
    return tuple(out.filter(pl.col("side") == s).select("pair", "label", "party") for s in ("L", "R"))  # type: ignore[return-value]


def _apply(
    frame: pl.DataFrame,
    names: pl.DataFrame,
    marked: pl.DataFrame,
    flipped: pl.DataFrame,
    own: str,
    *,
    same_owner: bool,
) -> pl.DataFrame:
    other = "R" if own == "L" else "L"
    if names.height:
        # Only the key column is joined, since joining the frame would copy every column.
        told = frame.select("voice").join(
            names.select("party", _VOICE),
            on="voice",
            how="left",
            maintain_order="left",
        )
        frame = frame.with_columns(told["party"])
    else:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("party"))
    frame = frame.drop("voice")
    if marked.height:
        is_own = pl.col("is_self")
        if own == "R" and flipped.height:
            is_own = (
                pl.when(pl.col("pair").is_in(flipped["pair"].implode()))
                .then(~pl.col("is_self"))
                .otherwise(pl.col("is_self"))
            )
        by_mark = pl.when(is_own).then(pl.lit(f"\x01{own}")).otherwise(pl.lit(f"\x01{other}"))
        is_marked = (
            pl.col("pair").is_in(marked["pair"].implode()) & (pl.col("cls") != SYSTEM) & pl.col("is_self").is_not_null()
        )
        frame = frame.with_columns(pl.when(is_marked).then(by_mark).otherwise(pl.col("party")).alias("party"))
    # `你撤回了一条消息` means the owner of the device that shows it. In a direct chat of two owners it identifies the sender.
    if same_owner or not frame.select(((pl.col("cls") == SYSTEM) & pl.col("is_direct")).any()).item():
        return frame
    words = pl.when((pl.col("cls") == SYSTEM) & pl.col("is_direct")).then("text")
    notice = words.str.contains(RECALL_NOTICE)
    if flipped.height:
        notice = notice & ~pl.col("pair").is_in(flipped["pair"].implode())
    by_owner = words.str.contains(OWN_NOTICE)
    who = pl.when(by_owner).then(pl.lit(f"\x02{own}")).otherwise(pl.lit(f"\x02{other}"))
    return frame.with_columns(pl.when(notice).then(who).otherwise("party").alias("party"))
