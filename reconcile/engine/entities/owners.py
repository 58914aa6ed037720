"""Owners of exports: their account ids, and direct chats where both sides mark the owner's rows."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import Owner, Reading
from reconcile.wechat.kind_classes import SYSTEM, WORDS
from reconcile.wechat.kinds import SYSTEM_KINDS

# An official account's id. Each follower has a separate chat with it.
OFFICIAL = r"^gh_[0-9a-z]{4,}$"
# A WeChat id: wxid_… (assigned by the server, never displayed) or one chosen by its owner.
ACCOUNT = "wxid_"
ACCOUNT_FORM = r"^(?:wxid_|[A-Za-z][-_A-Za-z0-9]{5,19}$)"
CALLED = ("id", "alias", "remark", "nickname")


def are_two_rooms(a: str, b: str) -> bool:
    """Whether both conversations have a room's id, perhaps behind a tool's word, and not the same."""
    ids = {room[0] if (room := re.search(r"\w*@chatroom$", c)) else None for c in (a, b)}
    return len(ids) == 2 and None not in ids


def owner_of(reading: Reading) -> Owner:
    """The export's owner; if not stated, the most frequent sender id of its own rows.

    A displayed name (我, 张三) is no id. The id is None where nothing shows it.
    """
    owner = reading.facts.owner
    own = reading.messages["is_self"]
    if owner.id or own.null_count() == len(own):
        return owner
    found = own_accounts(reading.messages)["sender"]
    return owner if found.is_empty() else replace(owner, id=found[0])


def own_accounts(messages: pl.DataFrame, *by: str) -> pl.DataFrame:
    """`by` and `sender`: the account that wrote most of the owner's own rows, for each export.

    Notices come from the client and do not count. An account that more rows attribute to others is not the owner's. What
    the rows also show as a person's name may be no account, whatever its form.
    """
    # An export without any such mark has nothing to count.
    if messages["is_self"].null_count() == messages.height:
        return messages.clear().select(*by, "sender")
    is_name = (pl.col("sender") == pl.col("sender_name")).fill_null(value=False)
    speech = ~pl.col("kind").is_in(["system", "recall"]) & (pl.col("sender").str.starts_with(ACCOUNT) | ~is_name)
    spoken = messages.lazy().filter(speech).group_by(*by, "sender").agg(
        pl.col("is_self").sum().alias("own"), (~pl.col("is_self")).sum().alias("others")
    )  # fmt: skip
    counted = spoken.filter((pl.col("own") > pl.col("others")) & pl.col("sender").str.contains(ACCOUNT_FORM))
    ordered = counted.sort(*by, "own", "sender", descending=[*[False] * len(by), True, False])
    most = ordered.unique(by, keep="first", maintain_order=True) if by else ordered.head(1)
    return most.select(*by, "sender").pipe(collected)


def both_are_heard(readings: tuple[Reading, Reading]) -> bool:
    """Whether both exports hold messages of two people, each of whom wrote some that stand in both.

    An official account sends the same to every follower, but what a follower answers stands in his own chat alone.
    """
    long = pl.col("text").str.len_chars() >= PARAMS.distinctive_characters
    said = [
        r.messages.filter(long & ~pl.col("kind").is_in([str(k) for k in SYSTEM_KINDS])).select(
            "text", pl.coalesce("sender", pl.col("is_self").cast(pl.String)).alias("who")
        )
        for r in readings
    ]
    common = [a.join(b, on="text", how="semi")["who"].drop_nulls() for a, b in (said, said[::-1])]
    return all(c.n_unique() > 1 for c in common)


def people_of(reading: Reading) -> pl.DataFrame:
    """`people` of the contacts and the owner of an export, valid in every pair."""
    return people([(None, reading.facts.owner)], reading.contacts)


def people(owners: Iterable[tuple[int | None, Owner]], contacts: pl.DataFrame | None = None) -> pl.DataFrame:
    """Whom an export knows: pair (null = every pair), is_owner, id, alias, remark, nickname."""
    rows = [(pair, True, o.id, o.alias, None, o.name) for pair, o in owners]
    schema = {"pair": pl.UInt32, "is_owner": pl.Boolean, **dict.fromkeys(CALLED, pl.String)}
    told = pl.DataFrame(rows, schema=schema, orient="row")
    if contacts is None:
        return told
    none = pl.lit(None, dtype=pl.UInt32).alias("pair")
    return pl.concat([told, contacts.select(none, pl.lit(value=False).alias("is_owner"), *CALLED)])


def accounts_by_name(people: pl.DataFrame) -> pl.DataFrame:
    """pair, name, account: the names of each account; a name of two accounts is left out."""
    if people["id"].null_count() == people.height:
        return pl.DataFrame(schema={"pair": pl.UInt32, "name": pl.String, "account": pl.String})
    named = [people.lazy().select("pair", pl.col(c).alias("name"), pl.col("id").alias("account")) for c in CALLED]
    told = pl.concat(named).drop_nulls("account").filter(pl.col("name").str.len_chars() > 0).unique()
    return told.filter(pl.len().over("pair", "name") == 1).pipe(collected)


# A message that an export stores twice was written once.
HELD_ONCE = ~pl.col("is_repeat") & (pl.col("twin").is_null() | pl.col("twin").is_first_distinct())


def marked_pairs(left: pl.DataFrame, right: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Direct chats where both sides mark every row, except system rows, as the owner's or not."""
    direct = pairs.filter(pl.col("kind") == "direct")[["pair"]]
    # An export without any mark has nothing to count.
    if direct.is_empty() or any(f["is_self"].null_count() == f.height for f in (left, right)):
        return direct.clear()

    def fully_marked(frame: pl.DataFrame) -> pl.DataFrame:
        """Conversations of at most two senders whose messages all state whether they are the owner's."""
        spoken = frame.lazy().filter((pl.col("cls") != SYSTEM) & pl.col("pair").is_not_null())
        return (
            spoken.group_by("pair")
            .agg(
                pl.col("is_self").is_not_null().all().alias("all_marked"),
                pl.col("is_self").n_unique().alias("kinds"),
                pl.struct("sender", "is_self").n_unique().alias("labels"),
                pl.col("sender").n_unique().alias("senders"),
            )
            # Two senders who are both not the owner are members of a room with a silent third.
            .filter(pl.col("all_marked") & (pl.col("senders") <= pl.col("kinds")) & (pl.col("labels") <= 2))
            .select("pair")
            .pipe(collected)
        )

    return fully_marked(left).join(fully_marked(right), on="pair").join(direct, on="pair")


def mark_shares(left: pl.DataFrame, right: pl.DataFrame, marked: pl.DataFrame) -> pl.DataFrame:
    """pair, same (share of common messages with the same owner mark on both sides), n (their number)."""

    def unique_texts(frame: pl.DataFrame) -> pl.DataFrame:
        """Long texts that stand once in a conversation, with is_self; a sample in long ones."""
        drawn = (
            frame.lazy()
            .join(marked.lazy(), on="pair", how="semi")
            .filter(
                HELD_ONCE & (pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= PARAMS.distinctive_characters)
            )
        )
        keyed = drawn.select("pair", pl.col("text").hash(seed=1).alias("key"), "is_self").with_columns(
            (pl.len().over("pair") // PARAMS.owner_texts + 1).alias("thin")
        )
        return (
            keyed.filter(pl.col("key") % pl.col("thin") == 0)
            .group_by("pair", "key")
            .agg(pl.col("is_self").first(), pl.len().alias("n"))
            .filter(pl.col("n") == 1)
            .pipe(collected)
        )

    both = unique_texts(left).join(unique_texts(right), on=["pair", "key"])
    return both.group_by("pair").agg(
        (pl.col("is_self") == pl.col("is_self_right")).mean().alias("same"), pl.len().alias("n")
    )


# Between two owners no message has the same mark on both sides, on two devices of one account every message has. A chat with
# both has several people, whatever its stated kind, and its marks do not identify the sender.
OF_SEVERAL_PEOPLE = pl.col("same").is_between(1 - PARAMS.name_share, PARAMS.name_share) & (
    pl.min_horizontal("same", 1 - pl.col("same")) * pl.col("n") >= PARAMS.mixed_marks_rows
)


def without_unnamed_marks(frame: pl.DataFrame, pairs: pl.Series) -> pl.DataFrame:
    """The frame without owner marks on rows of these pairs that name no sender."""
    if pairs.is_empty():
        return frame
    unnamed = pl.col("pair").is_in(listed(pairs)) & pl.col("sender").is_null()
    return frame.with_columns(pl.when(~unnamed).then("is_self").alias("is_self"))


def pairs_of_one_account(
    sides: tuple[pl.DataFrame, pl.DataFrame],
    shares: pl.DataFrame,
    marked: pl.DataFrame,
    pairs: pl.DataFrame,
    told: Callable[[], pl.DataFrame],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Marked pairs from two devices of one account, and those of them in doubt (`pair` each).

    Common messages have equal marks, or both name one peer. Where the accounts on the rows say that the owner of one
    is the peer of the other, equal marks mean that every sender was exchanged. Without an account or name that both
    have, on the rows or, where no row has any, as that of the conversation, one of the two may be wrong about its owner.

    Args:
        sides: the rows of both sides.
        shares: `mark_shares`.
        marked: `marked_pairs`.
        pairs: the table of conversations.
        told: gives `stated_links`, in marked pairs between the owners' and peers' labels.
    """
    measured = shares.filter(pl.col("n") >= 2)
    same_key = (pl.col("left_conversation") == pl.col("right_conversation")) & pl.col("left_conversation").str.contains(
        ACCOUNT_FORM
    )
    one_peer = pairs.filter(same_key)
    if one_peer.height:
        one_peer = one_peer.join(marked, on="pair", how="semi").join(measured, on="pair", how="anti")
    equal = measured.filter(pl.col("same") >= PARAMS.name_share)[["pair"]]
    if equal.is_empty():
        return one_peer[["pair"]], equal
    one = told().filter(pl.col("left_label") == pl.col("right_label"))
    two = told().filter((pl.col("left_label") != pl.col("right_label")) & pl.col("by_account"))
    equal = equal.join(two.join(one.filter("by_account"), on="pair", how="anti"), on="pair", how="anti")
    unknown = equal.join(one, on="pair", how="anti")
    if unknown.height:
        # A direct chat is named after its peer.
        alike = (pl.col("left_conversation") == pl.col("right_conversation")) & (pl.col("left_conversation") != "")
        rows = pl.concat(side.lazy().filter(pl.col("sender").is_not_null()).select("pair") for side in sides)
        named = collected(rows.join(unknown.lazy(), on="pair", how="semi").unique())
        of_peer = pairs.filter(alike).join(named, on="pair", how="anti")
        unknown = unknown.join(of_peer, on="pair", how="anti")
    return pl.concat([equal, one_peer.select("pair")]), unknown
