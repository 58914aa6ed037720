"""Who is who: whose an export is, and which sender names of the two sides mean one person."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from reconcile.abreast import of_both
from reconcile.intake.contract import Owner, Reading
from reconcile.lookup import key_of
from reconcile.wechat.classes import SYSTEM, WORDS
from reconcile.wechat.kinds import RECALL_NOTICE

# An official account's own id: each follower has a chat of his own with it.
OFFICIAL = r"^gh_[0-9a-z]{4,}$"
# A WeChat id: wxid_… (given by the server, never chosen or displayed) or one chosen by its owner.
ACCOUNT = "wxid_"
ACCOUNT_FORM = r"^(?:wxid_|[A-Za-z][-_A-Za-z0-9]{5,19}$)"
# Words by which an export names its owner; they mean another person on each side.
SELF_WORDS = ("我", "me", "Me", "ME", "自己", "本人", "self", "Self")
DISTINCT_CHARACTERS = 6
# A name stands for a person when this share of its distinctive messages are that person's on the other side.
NAME_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Stated:
    """Pairings that the user states (`--map FILE`): left key -> right key, for conversations and for senders."""

    conversations: Mapping[str, str]
    senders: Mapping[str, str]

    def mirrored(self) -> "Stated":
        """The same statement with the sides swapped."""
        return Stated({b: a for a, b in self.conversations.items()}, {b: a for a, b in self.senders.items()})


NOTHING_STATED = Stated({}, {})


def owner_of(reading: Reading) -> Owner:
    """The export's owner; where it does not tell, the most frequent sender id of its own rows.

    A displayed name (我, 张三) is no id. The result's id is None where nothing tells.
    """
    owner = reading.facts.owner
    own = reading.messages["is_self"]
    if owner.id or own.null_count() == len(own):
        return owner
    # A notice is the client's, whoever it names; and whom most rows call somebody else is not the owner.
    speech = ~pl.col("kind").is_in(["system", "recall"]) & pl.col("sender").is_not_null()
    spoken = reading.messages.lazy().filter(speech).group_by("sender").agg(
        pl.col("is_self").sum().alias("len"), (~pl.col("is_self")).sum().alias("others")
    )  # fmt: skip
    counted = spoken.filter((pl.col("len") > pl.col("others")) & pl.col("sender").str.contains(ACCOUNT_FORM)).collect()
    if counted.is_empty():
        return owner
    counted = counted.sort("len", "sender", descending=[True, False])
    return Owner(counted["sender"][0], owner.alias, owner.name, owner.phone, owner.avatar_sha256)


def map_parties(
    left: pl.DataFrame,
    right: pl.DataFrame,
    pairs: pl.DataFrame,
    stated: Stated = NOTHING_STATED,
    *,
    same_owner: bool = False,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames of rows with `party` (text; null = unknown sender or system row).

    In a direct chat where both sides mark their own rows, the mark decides. Otherwise a sender label of one side is the
    person whose distinctive messages it wrote on the other (at least four fifths of them); equal labels are one person unless
    content says otherwise; with two persons the second follows from the first. A label that nothing ties to the other side
    stays its own party, and the rows are then matched without sender. `same_owner`: both exports are one account's, so that its own rows are
    its own on both sides.
    """
    marked = _marked_pairs(left, right, pairs)
    flipped = _same_marks(left, right, marked, pairs) if not same_owner else marked
    height = left.height + right.height
    labelled = of_both(lambda side: _with_label((left, right)[side]), height)
    names = _learn_names(labelled[0], labelled[1], stated, marked)

    def named(side: int) -> pl.DataFrame:
        return _apply(labelled[side], names[side], marked, flipped, own="LR"[side], same_owner=same_owner)

    return tuple(of_both(named, height))  # type: ignore[return-value]


def _marked_pairs(left: pl.DataFrame, right: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs that are direct on both sides and whose rows (but for system rows) all say whether they are the owner's."""

    def marked(frame: pl.DataFrame) -> pl.DataFrame:
        # Where an export says of no row whose it is, there is nothing to count.
        said = frame.head(0 if frame["is_self"].null_count() == frame.height else frame.height).lazy()
        spoken = said.filter((pl.col("cls") != SYSTEM) & pl.col("pair").is_not_null())
        return (
            spoken.group_by("pair")
            .agg(
                pl.col("is_self").is_not_null().all().alias("all_marked"),
                pl.col("is_self").n_unique().alias("kinds"),
                pl.struct("sender", "is_self").n_unique().alias("labels"),
                pl.col("sender").n_unique().alias("senders"),
            )
            .filter(pl.col("all_marked") & (pl.col("senders") <= 2) & (pl.col("labels") <= 2))
            .select("pair")
            .collect()
        )

    return (
        marked(left)
        .join(marked(right), on="pair")
        .join(pairs.filter(pl.col("kind") == "direct").select("pair"), on="pair")
    )


def _with_label(frame: pl.DataFrame) -> pl.DataFrame:
    """`label`: the sender as this export names him; the owner's rows without a name share one label, the peer's another."""
    own = pl.col("is_self").fill_null(value=False)
    # Names recur on every row: each is looked at once.
    is_word = pl.lit(frame["sender"].cast(pl.Categorical).is_in(SELF_WORDS))
    label = (
        pl.when(pl.col("sender").is_not_null() & ~is_word).then(pl.col("sender"))
        .when(is_word | own).then(pl.lit("\x00self"))
        .when(pl.col("is_self").is_not_null()).then(pl.lit("\x00peer"))
    )  # fmt: skip
    return frame.with_columns(pl.when(pl.col("cls") != SYSTEM).then(label).alias("label")).with_columns(_VOICE)


# One number for each label of each conversation. A category's own number holds only as long as a column of categories does.
_VOICE = pl.when(pl.col("label").is_not_null()).then(key_of(pl.col("pair"), pl.col("label"))).alias("voice")


def _learn_names(
    left: pl.DataFrame, right: pl.DataFrame, stated: Stated, marked: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two tables pair, label, party: one a side."""
    labels = [
        f.lazy()
        .filter(pl.col("voice").is_not_null())
        .select("voice", "pair", "label")
        .unique("voice")
        .join(marked.lazy(), on="pair", how="anti")
        .select("pair", "label")
        .collect()
        for f in (left, right)
    ]
    if not labels[0].height or not labels[1].height:
        return tuple(t.with_columns(pl.lit(None, dtype=pl.String).alias("party")) for t in labels)  # type: ignore[return-value]
    same = labels[0].join(labels[1], on=["pair", "label"]).filter(~pl.col("label").str.starts_with("\x00"))
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
    told = [f.lazy().join(unsettled.lazy(), on="pair", how="semi") for f in (left, right)]
    votes = _votes(told[0], told[1])
    # Where both exports write account ids, another id is another person, however few messages tell of him.
    by_account = same.filter(pl.col("label").str.starts_with(ACCOUNT)).select("pair").unique()
    links = _links(votes, same, labels, stated, by_account)
    return _components(links, labels, by_account)


# What an export holds twice was still said once.
HELD_ONCE = ~pl.col("is_repeat") & (pl.col("twin").is_null() | pl.col("twin").is_first_distinct())


def _votes(left: pl.LazyFrame, right: pl.LazyFrame) -> pl.DataFrame:
    """pair, left_label, right_label, n: common distinctive messages, and common server ids, by who is named as their sender."""

    def once(frame: pl.LazyFrame, name: str) -> pl.DataFrame:
        base = frame.filter(pl.col("label").is_not_null() & HELD_ONCE)
        words = base.filter((pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= DISTINCT_CHARACTERS)).select(
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
            .collect()
        )

    return (
        once(left, "left_label")
        .join(once(right, "right_label"), on=["pair", "key"])
        .group_by("pair", "left_label", "right_label")
        .agg(pl.len().alias("n"))
    )


def _links(
    votes: pl.DataFrame, same: pl.DataFrame, labels: list[pl.DataFrame], stated: Stated, by_account: pl.DataFrame
) -> pl.DataFrame:
    votes = _of_one_account(votes, by_account)
    shares = votes.with_columns(
        (pl.col("n") / pl.col("n").sum().over("pair", "left_label")).alias("of_left"),
        (pl.col("n") / pl.col("n").sum().over("pair", "right_label")).alias("of_right"),
    )
    strong = shares.filter(
        (pl.max_horizontal("of_left", "of_right") >= NAME_SHARE)
        & ((pl.col("n") >= 2) | (pl.min_horizontal("of_left", "of_right") == 1.0))
    ).select("pair", "left_label", "right_label")
    spoken_for = pl.concat(
        [
            strong.select("pair", pl.col("left_label").alias("label")),
            strong.select("pair", pl.col("right_label").alias("label")),
        ]
    )
    equal = same.join(spoken_for, on=["pair", "label"], how="anti").select(
        "pair", pl.col("label").alias("left_label"), pl.col("label").alias("right_label")
    )
    told = pl.DataFrame(
        {"left_label": list(stated.senders), "right_label": list(stated.senders.values())},
        schema={"left_label": pl.String, "right_label": pl.String},
    )
    told = (
        labels[0]
        .rename({"label": "left_label"})
        .join(told, on="left_label")
        .join(labels[1].rename({"label": "right_label"}), on=["pair", "right_label"])
    )
    links = pl.concat([told.select("pair", "left_label", "right_label"), strong, equal]).unique(maintain_order=True)
    return pl.concat([links, _of_one_account(_by_elimination(links, labels), by_account)])


def _of_one_account(links: pl.DataFrame, by_account: pl.DataFrame) -> pl.DataFrame:
    """The links but for those of two different account ids, in conversations whose sides both write such ids."""
    two = (
        (pl.col("left_label") != pl.col("right_label"))
        & pl.col("left_label").str.starts_with(ACCOUNT)
        & pl.col("right_label").str.starts_with(ACCOUNT)
    )
    return links.filter(~(two & pl.col("pair").is_in(by_account["pair"].implode())))


def _by_elimination(links: pl.DataFrame, labels: list[pl.DataFrame]) -> pl.DataFrame:
    """Where each side names two persons and one pair of them is known, the other two are one person."""
    counts = [t.group_by("pair").len().filter(pl.col("len") == 2).select("pair") for t in labels]
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
    links: pl.DataFrame, labels: list[pl.DataFrame], by_account: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Connected labels are one party, named after its alphabetically first label (the same whichever side is left).

    A label that nothing ties to the other side has no party, but for an account id where both sides write such ids (`by_account`).
    """
    left = labels[0].with_columns(pl.lit("L").alias("side"))
    right = labels[1].with_columns(pl.lit("R").alias("side"))
    nodes = pl.concat([left, right]).with_columns(pl.col("label").alias("party"))
    linked = links.rename({"left_label": "a", "right_label": "b"})
    # Few hops suffice: a person with many names on both sides still meets within the names of one conversation.
    for _ in range(8):
        seen = nodes.select("pair", "side", "label", "party")
        to_left = linked.join(
            seen.filter(pl.col("side") == "R"), left_on=["pair", "b"], right_on=["pair", "label"]
        ).select("pair", pl.lit("L").alias("side"), pl.col("a").alias("label"), "party")
        to_right = linked.join(
            seen.filter(pl.col("side") == "L"), left_on=["pair", "a"], right_on=["pair", "label"]
        ).select("pair", pl.lit("R").alias("side"), pl.col("b").alias("label"), "party")
        new = pl.concat([seen, to_left, to_right]).group_by("pair", "side", "label").agg(pl.col("party").max())
        if new.sort("pair", "side", "label").equals(
            nodes.select("pair", "side", "label", "party").sort("pair", "side", "label")
        ):
            break
        nodes = new
    tied = pl.concat(
        [
            linked.select("pair", pl.lit("L").alias("side"), pl.col("a").alias("label")),
            linked.select("pair", pl.lit("R").alias("side"), pl.col("b").alias("label")),
        ]
    ).unique()
    out = nodes.join(tied.with_columns(pl.lit(value=True).alias("is_tied")), on=["pair", "side", "label"], how="left")
    is_account = pl.col("label").str.starts_with(ACCOUNT) & pl.col("pair").is_in(by_account["pair"].implode())
    out = out.with_columns(pl.when(pl.col("is_tied") | is_account).then(pl.col("party")).alias("party"))
    return tuple(out.filter(pl.col("side") == s).select("pair", "label", "party") for s in ("L", "R"))  # type: ignore[return-value]


def _same_marks(left: pl.DataFrame, right: pl.DataFrame, marked: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Marked pairs of two devices of one account: common messages are the owner's own on both sides, or both talk with one peer."""

    def once(frame: pl.DataFrame) -> pl.DataFrame:
        drawn = (
            frame.lazy()
            .join(marked.lazy(), on="pair", how="semi")
            .filter(HELD_ONCE & (pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= DISTINCT_CHARACTERS))
        )
        keyed = drawn.select("pair", pl.col("text").hash(seed=1).alias("key"), "is_self").with_columns(
            (pl.len().over("pair") // 20_000 + 1).alias("thin")
        )
        return (
            keyed.filter(pl.col("key") % pl.col("thin") == 0)
            .group_by("pair", "key")
            .agg(pl.col("is_self").first(), pl.len().alias("n"))
            .filter(pl.col("n") == 1)
            .collect()
        )

    both = once(left).join(once(right), on=["pair", "key"])
    votes = both.group_by("pair").agg(
        (pl.col("is_self") == pl.col("is_self_right")).mean().alias("same"), pl.len().alias("n")
    )
    told = votes.filter(pl.col("n") >= 2)
    same_key = (pl.col("left_conversation") == pl.col("right_conversation")) & pl.col("left_conversation").str.contains(
        ACCOUNT_FORM
    )
    one_peer = pairs.filter(same_key).join(marked, on="pair", how="semi").join(told, on="pair", how="anti")
    return pl.concat([told.filter(pl.col("same") >= NAME_SHARE).select("pair"), one_peer.select("pair")])


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
        # The column of the key alone: a join of all copies all.
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
    # `你撤回了一条消息` speaks of the owner of the device that shows it: in a direct chat of two owners the sides are told apart by it.
    if same_owner or not frame.select(((pl.col("cls") == SYSTEM) & pl.col("is_direct")).any()).item():
        return frame
    words = pl.when((pl.col("cls") == SYSTEM) & pl.col("is_direct")).then("text")
    notice = words.str.contains(RECALL_NOTICE)
    if flipped.height:
        notice = notice & ~pl.col("pair").is_in(flipped["pair"].implode())
    by_owner = words.str.contains(r"^.{0,3}(?:你|您|[Yy]ou)|^メッセージ")
    who = pl.when(by_owner).then(pl.lit(f"\x02{own}")).otherwise(pl.lit(f"\x02{other}"))
    return frame.with_columns(pl.when(notice).then(who).otherwise("party").alias("party"))
