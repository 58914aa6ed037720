"""Finds which sender names of the two sides are the same person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.entities.labels import VOICE, with_label
from reconcile.engine.entities.owners import (
    ACCOUNT,
    HELD_ONCE,
    OF_SEVERAL_PEOPLE,
    mark_shares,
    marked_pairs,
    pairs_of_one_account,
    without_unnamed_marks,
)
from reconcile.engine.entities.renamed import renamed_members
from reconcile.engine.entities.stated_people import (
    BY_CONTENT,
    CONTRADICTED,
    FIXED,
    SELF,
    SHARED,
    contradicted,
    further_names,
    of_two_senders,
    other_two,
    stated_links,
)
from reconcile.engine.params import PARAMS
from reconcile.parallel import run_both_sides
from reconcile.wechat.kind_classes import SECONDS, SYSTEM, WORDS
from reconcile.wechat.kinds import RECALL_NOTICE
from reconcile.wechat.owner_words import OWN_NOTICE


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
    same_owner: bool,
    people: tuple[pl.DataFrame, pl.DataFrame],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames with `party` and `tie`.

    party: text; null = unknown sender or system row. tie: how far statements tell who is who (stated_people).

    In a direct chat where both sides mark their own rows, the mark decides. Otherwise a sender label is the person who
    wrote at least four fifths of its distinctive messages on the other side, and each label is one person. Equal labels
    are one person unless content contradicts it. With two persons, the second follows from the first. A label with no
    link to the other side has no party, and its rows are matched without a sender.

    Args:
        left, right: the rows of both sides.
        pairs: the table of conversations.
        stated: pairings that the user states.
        same_owner: both exports come from one account, so own rows correspond to own rows.
        people: the people whom each export knows (owners.people).
    """
    marked = marked_pairs(left, right, pairs)
    shares = None if same_owner or marked.is_empty() else mark_shares(left, right, marked)
    if shares is not None:
        several = shares.filter(OF_SEVERAL_PEOPLE)
        marked = marked.join(several, on="pair", how="anti")
        left, right = (without_unnamed_marks(f, several["pair"]) for f in (left, right))
    height = left.height + right.height
    labelled = run_both_sides(lambda side: with_label((left, right)[side]), height)

    # Most conversations raise no question that what the exports state would answer.
    @cache
    def told() -> pl.DataFrame:
        """Links of labels that the readings state."""
        return stated_links((labelled[0], labelled[1]), people, pairs.clear() if same_owner else pairs, marked)

    flipped, doubted = (
        (marked, marked.clear()) if shares is None else pairs_of_one_account((left, right), shares, marked, pairs, told)
    )
    names = _learn_names(labelled[0], labelled[1], stated, marked, told)

    def with_parties(side: int) -> pl.DataFrame:
        """The side's rows with party, and tie 'contradicted' where its senders are in doubt."""
        frame = _assign_parties(labelled[side], names[side], marked, flipped, own="LR"[side], same_owner=same_owner)
        odd = of_two_senders(labelled[side])
        if doubted.is_empty() and odd is None:
            return frame
        in_doubt = pl.col("pair").is_in(listed(doubted["pair"])) & pl.col("label").is_not_null()
        in_doubt |= pl.lit(False if odd is None else odd)
        return frame.with_columns(pl.when(in_doubt).then(CONTRADICTED).otherwise("tie").cast(pl.UInt8).alias("tie"))

    return tuple(run_both_sides(with_parties, height))  # type: ignore[return-value]


def _learn_names(
    left: pl.DataFrame,
    right: pl.DataFrame,
    stated: Stated,
    marked: pl.DataFrame,
    stated_apart: Callable[[], pl.DataFrame],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two tables of pair, label, party, tie, one per side.

    Args:
        left, right: labelled rows of both sides.
        stated: pairings that the user states.
        marked: pairs where the marks of own rows decide.
        stated_apart: gives `stated_links` of the exports.
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
    fixed = pl.lit(FIXED).alias("tie")
    if not labels[0].height:
        return tuple(t.with_columns(pl.lit(None, dtype=pl.String).alias("party"), fixed) for t in labels)  # type: ignore[return-value]
    same = labels[0].join(labels[1], on=["pair", "label"]).filter(~pl.col("label").str.starts_with("\x00"))
    if not stated.senders and same.height == labels[0].height == labels[1].height:
        # Every label has its equal on the other side.
        return tuple(t.with_columns(pl.col("label").alias("party"), fixed) for t in labels)  # type: ignore[return-value]
    unsettled = pl.concat([t.join(same, on=["pair", "label"], how="anti") for t in labels]).select("pair").unique()
    # Where every label has an equal and the user states others, no row is read.
    asked = [f.clear() if unsettled.is_empty() else f for f in (left, right)]
    rows = [f.lazy().join(unsettled.lazy(), on="pair", how="semi") for f in asked]
    stated_people = stated_apart()
    told, shared = stated_people.filter(~pl.col("is_shared")), stated_people.filter("is_shared").select(_LINK)
    votes = _label_votes(rows[0], rows[1])
    # Where both exports write account ids, another id is another person, even with few messages.
    by_account = same.filter(pl.col("label").str.starts_with(ACCOUNT)).select("pair").unique()
    alike = pl.concat([same.select("pair", left_label="label", right_label="label"), told.select(_LINK)]).unique(
        maintain_order=True
    )
    votes = _of_one_account(votes, by_account)
    many = _vote_shares(votes).filter(_MANY)
    several = pl.concat([shared, _namesakes(many)])
    links = _with_free_links(_stated_links(labels, stated), many, told, several)
    links = _with_eliminated(_with_free_links(links, alike, told, several), labels, by_account)
    open_pairs = _unlinked_pairs(links, labels)
    if open_pairs.height:
        # Now all unique messages count, also short ones. A single common message may be altered, so it counts only if none contradicts it.
        rows = [f.join(open_pairs.lazy(), on="pair", how="semi") for f in rows]
        every = _vote_shares(_of_one_account(_label_votes(rows[0], rows[1], least=1), by_account))
        many = every.filter(_MANY)
        several = pl.concat([several, _namesakes(many).select(several.columns)]).unique(maintain_order=True)
        links = _with_eliminated(_with_free_links(links, many, told, several), labels, by_account)
        single = every.filter(_NONE_ELSE).join(votes, on=_LINK, how="semi")
        links = _with_eliminated(_with_free_links(links, single, told, several), labels, by_account)
    links = links.join(several, on=_LINK, how="anti") if several.height else links
    further = further_names(links, many.join(several, on=_LINK, how="anti"), (left, right))
    renamed = renamed_members(votes.join(several, on=_LINK, how="anti"), (left, right)).select(links.columns)
    parties = _parties(pl.concat([links, further, renamed]), labels, by_account, several)
    learnt = links.join(_stated_links(labels, stated), on=_LINK, how="anti")
    return tuple(_with_tie(t, learnt, told, several, c) for t, c in zip(parties, _LINK[1:], strict=True))  # type: ignore[return-value]


_LINK = ["pair", "left_label", "right_label"]


def _with_tie(
    parties: pl.DataFrame, links: pl.DataFrame, told: pl.DataFrame, several: pl.DataFrame, label: str
) -> pl.DataFrame:
    """The table of parties of one side with `tie`."""
    borne = several.unique().filter(pl.len().over("pair", label) > 1)
    found = (
        (contradicted(links, told), CONTRADICTED), (links.join(told, on="pair", how="anti"), BY_CONTENT), (borne, SHARED),
    )  # fmt: skip
    ties = pl.concat(t.select("pair", pl.col(label).alias("label"), pl.lit(tie).alias("tie")) for t, tie in found)
    ties = ties.unique(["pair", "label"], keep="first", maintain_order=True)
    return parties.join(ties, on=["pair", "label"], how="left").with_columns(pl.col("tie").fill_null(FIXED))


def _namesakes(links: pl.DataFrame) -> pl.DataFrame:
    """Links of a name that two people share.

    On the other side, it corresponds to two account ids, or to the owner and another.
    """
    of_two = [
        (
            pl.col(other).filter(pl.col(other).str.starts_with(ACCOUNT) | (pl.col(other) == SELF).any()).n_unique() > 1
        ).over("pair", own)
        for own, other in (("left_label", "right_label"), ("right_label", "left_label"))
    ]
    return links.filter(pl.any_horizontal(of_two)).select(_LINK)


def _unlinked_pairs(links: pl.DataFrame, labels: list[pl.DataFrame]) -> pl.DataFrame:
    """The pairs where each side names somebody without a link."""
    alone = [
        t.join(links, left_on=["pair", "label"], right_on=["pair", name], how="anti").select("pair").unique()
        for t, name in zip(labels, ("left_label", "right_label"), strict=True)
    ]
    return alone[0].join(alone[1], on="pair", how="semi")


def _label_votes(left: pl.LazyFrame, right: pl.LazyFrame, least: int = PARAMS.distinctive_characters) -> pl.DataFrame:
    """pair, left_label, right_label, n: common unique messages and server ids of two labels.

    Texts need at least `least` characters. Equal texts farther apart than the usual offset and a journey are two messages.
    """

    def unique_keys(frame: pl.LazyFrame, name: str) -> pl.DataFrame:
        """Texts and ids that stand once in a conversation, with their sender's label, and the times of texts."""
        base = frame.filter(pl.col("label").is_not_null() & HELD_ONCE)
        words = base.filter((pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= least)).select(
            "pair", pl.col("text").hash(seed=1).alias("key"), pl.col("label").alias(name), "t"
        )
        ids = base.filter(pl.col("message_id").is_not_null()).select(
            "pair", pl.col("message_id").hash(seed=2).alias("key"), pl.col("label").alias(name)
        )
        return (
            pl.concat([words, ids], how="diagonal")
            .group_by("pair", "key")
            .agg(pl.col(name).first(), pl.col("t").first(), pl.len().alias("n"))
            .filter(pl.col("n") == 1)
            .drop("n")
            .pipe(collected)
        )

    both = unique_keys(left, "left_label").join(unique_keys(right, "right_label"), on=["pair", "key"])
    apart = (pl.col("t") - pl.col("t_right")) / SECONDS
    is_one = (apart - apart.median().over("pair")).abs() <= PARAMS.travel_limit_seconds
    return both.filter(is_one.fill_null(value=True)).group_by("pair", *_LINK[1:]).agg(pl.len().alias("n"))


# Votes for a link: a large share of at least two messages (_MANY), or every message of both labels (_NONE_ELSE).
_MANY = (pl.max_horizontal("of_left", "of_right") >= PARAMS.name_share) & (pl.col("n") >= 2)
_NONE_ELSE = pl.min_horizontal("of_left", "of_right") == 1.0


def _vote_shares(votes: pl.DataFrame) -> pl.DataFrame:
    """Share of each pair of labels in all votes of the left and of the right label."""
    return votes.with_columns(
        (pl.col("n") / pl.col("n").sum().over("pair", "left_label")).alias("of_left"),
        (pl.col("n") / pl.col("n").sum().over("pair", "right_label")).alias("of_right"),
    )


def _stated_links(labels: list[pl.DataFrame], stated: Stated) -> pl.DataFrame:
    """pair, left_label, right_label as stated by the user."""
    if not stated.senders:
        return labels[0].clear().select("pair", left_label="label", right_label="label")
    told = pl.DataFrame(list(stated.senders.items()), schema=_LINK[1:], orient="row")
    sides = [t.rename({"label": name}) for t, name in zip(labels, ("left_label", "right_label"), strict=True)]
    return sides[0].join(told, on="left_label").join(sides[1], on=["pair", "right_label"])


def _with_free_links(
    links: pl.DataFrame, more: pl.DataFrame, told: pl.DataFrame, several: pl.DataFrame
) -> pl.DataFrame:
    """The links, plus those of `more` between labels without a link, at most one a label.

    What the exports state goes before what more messages suggest. Names of two people (`several`) are linked to nobody.
    """
    for name in ("left_label", "right_label"):
        if more.is_empty():
            return links.unique(maintain_order=True)
        more = more.join(links, on=["pair", name], how="anti").join(several, on=["pair", name], how="anti")
    n = pl.col("n") if "n" in more.columns else pl.lit(1).alias("n")
    ranked = more.select(*_LINK, n).join(told.select(*_LINK, pl.lit(value=True).alias("is_told")), on=_LINK, how="left")
    ranked = ranked.sort("is_told", "n", *_LINK, descending=[True, True, *[False] * 3], nulls_last=True)
    first = [pl.struct("pair", c).is_first_distinct() for c in _LINK[1:]]
    return pl.concat([links, ranked.filter(pl.all_horizontal(first)).select(links.columns)]).unique(maintain_order=True)


def _with_eliminated(links: pl.DataFrame, labels: list[pl.DataFrame], by_account: pl.DataFrame) -> pl.DataFrame:
    """The links, and those by elimination: of two persons on each side, linked once, the other two."""
    if links.is_empty():
        return links
    return pl.concat([links, _of_one_account(other_two(links, labels), by_account)]).unique(maintain_order=True)


def _of_one_account(links: pl.DataFrame, by_account: pl.DataFrame) -> pl.DataFrame:
    """The links without those between two different account ids, where both sides write ids."""
    if links.is_empty() or by_account.is_empty():
        return links
    two = (
        (pl.col("left_label") != pl.col("right_label"))
        & pl.col("left_label").str.starts_with(ACCOUNT)
        & pl.col("right_label").str.starts_with(ACCOUNT)
    )
    return links.filter(~(two & pl.col("pair").is_in(listed(by_account["pair"]))))


def _parties(
    links: pl.DataFrame, labels: list[pl.DataFrame], by_account: pl.DataFrame, namesakes: pl.DataFrame
) -> list[pl.DataFrame]:
    """pair, label, party of both sides: linked labels are one party, named after its last label.

    A label without a link has no party, except an account id where both sides write ids (`by_account`) or in
    `namesakes`.
    """
    party = pl.max_horizontal("left_label", "right_label").max().over("pair", "right_label")
    linked = links.with_columns(party=party).with_columns(pl.col("party").max().over("pair", "left_label"))
    out = []
    for table, column in zip(labels, _LINK[1:], strict=True):
        known = linked.select("pair", pl.col(column).alias("label"), "party").unique(["pair", "label"])
        twice = namesakes.select("pair", pl.col(column).alias("label"), is_namesake=pl.lit(value=True)).unique()
        told = table.join(known, on=["pair", "label"], how="left").join(twice, on=["pair", "label"], how="left")
        in_pair = pl.col("pair").is_in(listed(by_account["pair"])) | pl.col("is_namesake").fill_null(value=False)
        account = pl.when(in_pair & pl.col("label").str.starts_with(ACCOUNT)).then("label")
        out.append(told.select("pair", "label", pl.coalesce("party", account).alias("party")))
    return out


def _assign_parties(
    frame: pl.DataFrame,
    names: pl.DataFrame,
    marked: pl.DataFrame,
    flipped: pl.DataFrame,
    own: str,
    *,
    same_owner: bool,
) -> pl.DataFrame:
    """Add party and tie: by linked label, by owner's mark, and by the words of recall notices."""
    other = "R" if own == "L" else "L"
    if names.height:
        # Only the key column is joined, since joining the frame would copy every column.
        told = frame[["voice"]].join(
            names.select("party", "tie", VOICE),
            on="voice",
            how="left",
            maintain_order="left",
        )
        frame = frame.with_columns(told["party"], told["tie"].fill_null(FIXED).cast(pl.UInt8))
    else:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("party"), pl.lit(FIXED, pl.UInt8).alias("tie"))
    frame = frame.drop("voice")
    if marked.height:
        is_own = pl.col("is_self")
        if own == "R" and flipped.height:
            is_own = (
                pl.when(pl.col("pair").is_in(listed(flipped["pair"])))
                .then(~pl.col("is_self"))
                .otherwise(pl.col("is_self"))
            )
        by_mark = pl.when(is_own).then(pl.lit(f"\x01{own}")).otherwise(pl.lit(f"\x01{other}"))
        is_marked = (
            pl.col("pair").is_in(listed(marked["pair"])) & (pl.col("cls") != SYSTEM) & pl.col("is_self").is_not_null()
        )
        frame = frame.with_columns(pl.when(is_marked).then(by_mark).otherwise(pl.col("party")).alias("party"))
    # `你撤回了一条消息` means the owner of the device that shows it. In a direct chat of two owners it identifies the sender.
    if same_owner or not frame.select((pl.col("cls") == SYSTEM).any()).item():
        return frame
    words = pl.when(pl.col("cls") == SYSTEM).then("text")
    by_owner = words.str.contains(OWN_NOTICE)
    # In a group any other member may have recalled.
    notice = words.str.contains(RECALL_NOTICE) & (pl.col("is_direct") | by_owner)
    if flipped.height:
        notice = notice & ~pl.col("pair").is_in(listed(flipped["pair"]))
    who = pl.when(by_owner).then(pl.lit(f"\x02{own}")).otherwise(pl.lit(f"\x02{other}"))
    return frame.with_columns(pl.when(notice).then(who).otherwise("party").alias("party"))
