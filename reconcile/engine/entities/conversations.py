"""Pairs the conversations of two exports: as stated, by account or room, as the only ones, by content."""

import re

import polars as pl

from reconcile.column_ops import collected, has_one_value
from reconcile.engine.entities.common_content import NO_CONTENT, common_content, common_messages
from reconcile.engine.entities.owners import ACCOUNT, ACCOUNT_FORM, OFFICIAL, are_two_rooms, both_are_heard, owner_of
from reconcile.engine.entities.parties import NOTHING_STATED, Stated
from reconcile.engine.entities.second_accounts import copies_of_one, joined, parts_of_one
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import Owner, Reading
from reconcile.parallel import run_both_sides
from reconcile.vocabulary import RESERVED
from reconcile.wechat.kinds import SYSTEM_KINDS
from reconcile.wechat.owner_words import SELF_WORDS
from reconcile.wechat.text import canonical_text

Pair = tuple[str, str, str]


def pair_conversations(
    left: Reading, right: Reading, stated: Stated = NOTHING_STATED
) -> tuple[Reading, Reading, pl.DataFrame]:
    """Both exports, a person's accounts as one conversation each, and the table of conversations.

    Columns: pair (u32), name (our id, independent of the order of sides), left_conversation, right_conversation (null =
    none on that side), pairing (stated, account, content, only, none, unclear), common (distinctive common messages).

    Each conversation is in one row. Evidence is used in this order: the user's statement, account or room ids, a single
    conversation on each side, common content with a clear lead. Without a clear lead a conversation is `unclear`, never
    guessed.
    """
    owners = [owner_of(r) for r in (left, right)]
    both = left, right
    height = left.messages.height + right.messages.height
    sides = run_both_sides(lambda side: _profile_conversations(both[side], owners[side]), height)
    common = common_content(left.messages, right.messages, *(s[["conversation", "rows"]] for s in sides))
    found = _stated_pairs(sides, stated)
    found += _account_pairs(sides, found, owners[0], owners[1], common)
    found += _only_pair(both, sides, found)
    unclear: list[set[str]] = [set(), set()]
    is_open = all({*s["conversation"]} - {p[i] for p in found} for i, s in enumerate(sides))
    if is_open:
        barred = [_other_peoples(s, mine, yours) for s, mine, yours in zip(sides, owners, owners[::-1], strict=True)]
        by_content, unclear = _content_pairs(sides, found, common, barred)
        found += by_content
    if is_open and not any(unclear):
        respelt = _respelt_content(both, sides, found, barred)
        more, unclear = _content_pairs(sides, found, respelt, barred)
        found, common = found + more, _with_respelt_pairs(common, respelt, more)
    parts = [{}, {}] if stated.conversations else parts_of_one(common, (left.messages, right.messages))
    if not any(parts) and not stated.conversations:
        parts = run_both_sides(lambda side: copies_of_one(both[side].messages, {p[side] for p in found}), height)
    if any(parts):
        return pair_conversations(joined(left, parts[0]), joined(right, parts[1]), stated)
    return left, right, _pairing_table(sides, found, unclear, common)


def _respelt_content(
    readings: tuple[Reading, Reading], sides: list[pl.DataFrame], found: list[Pair], barred: list[list[str]]
) -> pl.DataFrame:
    """`common_content` by canonical text, for conversations still without a counterpart.

    Two exporters may spell every sentence differently.
    """
    gone = [{*(p[i] for p in found), *barred[i]} for i in (0, 1)]
    free = [[c for c in side["conversation"] if c not in taken] for side, taken in zip(sides, gone, strict=True)]
    if not all(free):
        return NO_CONTENT
    rows = [
        r.messages.select(_TELLING).filter(pl.col("conversation").is_in(f)) for r, f in zip(readings, free, strict=True)
    ]
    return common_messages(*(f.with_columns(canonical_text(pl.col("text")).alias("text")) for f in rows))


# Columns that distinguish the conversation of a message from others.
_TELLING = ("kind", "text", "message_id", "conversation", "sent_at")


def _with_respelt_pairs(common: pl.DataFrame, respelt: pl.DataFrame, pairs: list[Pair]) -> pl.DataFrame:
    """Counts of common messages, with those of the pairs replaced by counts of respelt texts."""
    if not pairs:
        return common
    told = pl.DataFrame([p[:2] for p in pairs], schema={"left": pl.String, "right": pl.String}, orient="row")
    other = common.join(told, on=["left", "right"], how="anti", maintain_order="left")
    return pl.concat([other, respelt.join(told, on=["left", "right"], how="semi").select(other.columns)])


def _profile_conversations(reading: Reading, owner: Owner) -> pl.DataFrame:
    """Each conversation with its kind, its senders and whether the kind is certain."""
    grouped = _count_rows(reading.messages)
    several = pl.col("senders").list.len() > 2
    room = pl.col("conversation").str.ends_with("@chatroom")
    accounts = pl.col("senders").list.set_difference(pl.lit(list(SELF_WORDS)))
    if owner.id and grouped.height:
        accounts = accounts.list.set_union(pl.concat_list(pl.lit(owner.id)))
    return grouped.with_columns(
        pl.coalesce("kind", pl.when(room | several).then(pl.lit("group")).otherwise(pl.lit("direct"))).alias("kind"),
        accounts.alias("accounts"),
        # Two names may belong to a room with namesakes, and three to two people of whom one was renamed.
        (pl.col("kind").is_not_null() | room | pl.col("conversation").str.starts_with(ACCOUNT)).alias("is_sure"),
    ).sort("conversation")


def _count_rows(messages: pl.DataFrame) -> pl.DataFrame:
    """conversation, rows, kind (first stated; null = none), unique senders of no notices."""
    spoken = ~pl.col("kind").is_in([str(k) for k in SYSTEM_KINDS])
    kind = pl.col("conversation_kind").drop_nulls().first().cast(pl.String).alias("kind")
    if has_one_value(messages["conversation"]):
        senders = pl.col("sender").filter(spoken).unique().drop_nulls().implode().alias("senders")
        return messages.select(pl.col("conversation").first(), pl.len().alias("rows"), kind, senders)
    # Names recur on every row, and categories are compared once each.
    named = messages.lazy().select("conversation_kind", "kind", pl.col("conversation", "sender").cast(pl.Categorical))
    who = (
        named.select("conversation", pl.when(spoken).then("sender").alias("sender"))
        .unique()
        .group_by("conversation")
        .agg(pl.col("sender").drop_nulls().alias("senders"))
    )
    counted = named.group_by("conversation").agg(pl.len().alias("rows"), kind).join(who, on="conversation")
    texts = pl.col("conversation").cast(pl.String), pl.col("senders").cast(pl.List(pl.String))
    return counted.with_columns(texts).pipe(collected)


def _stated_pairs(sides: list[pl.DataFrame], stated: Stated) -> list[Pair]:
    """Pairs that the user states, of conversations that both sides have."""
    have = [set(s["conversation"]) for s in sides]
    return [(a, b, "stated") for a, b in sorted(stated.conversations.items()) if a in have[0] and b in have[1]]


def _account_pairs(
    sides: list[pl.DataFrame], found: list[Pair], left_owner: Owner, right_owner: Owner, common: pl.DataFrame
) -> list[Pair]:
    """Pairs by room id or by the accounts of the two people."""
    left, right = (s.filter(~pl.col("conversation").is_in([p[i] for p in found])) for i, s in enumerate(sides))
    if left.is_empty() or right.is_empty():
        return []
    out: list[Pair] = []
    if all((s["kind"] == "group").any() for s in (left, right)):
        rooms = left.lazy().filter((pl.col("kind") == "group") & (pl.col("conversation") != "")).join(
            right.lazy().filter(pl.col("kind") == "group"), on="conversation"
        )  # fmt: skip
        # Two rooms of one displayed title may be two rooms: only an id, or common content, makes the title enough.
        agreed = rooms.join(common.lazy(), left_on=["conversation"] * 2, right_on=["left", "right"], how="left")
        good = agreed.filter(pl.col("conversation").str.ends_with("@chatroom") | (pl.col("common").fill_null(0) > 0))
        out = [(c, c, "account") for c in collected(good.select("conversation"))["conversation"]]
    # The chat of the two owners has the other owner's account as its key on each side.
    a, b = right_owner.id, left_owner.id
    if a and b and a != b and a in set(left["conversation"]) and b in set(right["conversation"]):
        out.append((a, b, "account"))
    taken = [{p[i] for p in out} for i in (0, 1)]
    return out + _same_accounts(left, right, taken, left_owner, right_owner)


def _same_accounts(
    left: pl.DataFrame, right: pl.DataFrame, taken: list[set[str]], left_owner: Owner, right_owner: Owner
) -> list[Pair]:
    """Direct conversations between the same two account ids, unique on each side."""
    is_direct = pl.col("kind") == "direct"
    frees = [f.filter(is_direct & ~pl.col("conversation").is_in(t)) for f, t in zip((left, right), taken, strict=True)]
    if any(f.is_empty() for f in frees):
        return []

    def keyed_by_accounts(free: pl.DataFrame, own: Owner, other: Owner) -> pl.LazyFrame:
        """Conversations of exactly two accounts, with these as key; each key once."""
        accounts = pl.col("accounts")
        if known := [i for i in (own.id, other.id) if i]:
            with_peer = accounts.list.set_union(pl.concat_list("conversation"))
            accounts = pl.when(pl.col("conversation").is_in(known)).then(with_peer).otherwise(accounts)
        two = (
            free.lazy().with_columns(accounts.list.sort().alias("accounts")).filter(pl.col("accounts").list.len() == 2)
        )
        keyed = two.select(pl.col("accounts").list.join("\x1f").alias("key"), "conversation")
        return keyed.filter(pl.len().over("key") == 1)

    theirs = keyed_by_accounts(frees[1], right_owner, left_owner)
    both = collected(keyed_by_accounts(frees[0], left_owner, right_owner).join(theirs, on="key", suffix="_right"))
    return [(a, b, "account") for a, b in zip(both["conversation"], both["conversation_right"], strict=True)]


def _only_pair(readings: tuple[Reading, Reading], sides: list[pl.DataFrame], found: list[Pair]) -> list[Pair]:
    """The pair of the only conversation of each side, if nothing speaks against it."""
    if found or any(s.height != 1 for s in sides):
        return []
    (a, b) = (s["conversation"][0] for s in sides)
    official = [bool(re.match(OFFICIAL, c)) for c in (a, b)]
    if all(official) or (any(official) and not both_are_heard(readings)):
        return []
    one, two = (_sure_kinds(s) for s in sides)
    return [] if are_two_rooms(a, b) or _kinds_clash(one.get(a), two.get(b), a, b) else [(a, b, "only")]


def _other_peoples(side: pl.DataFrame, own: Owner, other: Owner) -> list[str]:
    """Direct conversations with an account that is neither the other export's owner nor one of its names.

    They cannot be the other party's conversation, even if much small talk is the same. An official account sends the
    same messages to every follower, so such chats of two followers are not the same conversation either.
    """
    known = [n for n in (other.id, other.alias, other.phone, other.name) if n]
    keys = pl.col("conversation")
    if not (own.id and other.id and own.id != other.id):
        same = own.id is not None and own.id == other.id
        return [] if same else side.filter(keys.str.contains(OFFICIAL))["conversation"].to_list()
    # Keys count as ids only if they look like ids and the owner's own rows use one.
    speaks = bool(side.select(pl.col("senders").list.contains(own.id).any()).item()) if side.height else False
    is_account = keys.str.starts_with("wxid_") | (keys.str.contains(ACCOUNT_FORM) & pl.lit(speaks))
    direct = side.filter(keys.str.contains(OFFICIAL) | ((pl.col("kind") == "direct") & is_account & ~keys.is_in(known)))
    return direct["conversation"].to_list()


def _content_pairs(
    sides: list[pl.DataFrame], found: list[Pair], common: pl.DataFrame, barred: list[list[str]]
) -> tuple[list[Pair], list[set[str]]]:
    """Pairs with enough common messages and a clear lead, and conversations without a clear one."""
    taken_left, taken_right = ([p[i] for p in found] + barred[i] for i in (0, 1))
    free = common.filter(~pl.col("left").is_in(taken_left) & ~pl.col("right").is_in(taken_right))
    if free.is_empty():
        return [], [set(), set()]
    kinds = [_sure_kinds(s) for s in sides]
    enough = (pl.col("share") >= PARAMS.same_chat_share) | (
        (pl.col("common") >= PARAMS.same_chat_texts) & (pl.col("share") >= PARAMS.everyday_share)
    )

    def has_clear_lead(side: str) -> pl.Expr:
        best = pl.col("common").max().over(side)
        second = pl.col("common").sort(descending=True).get(1, null_on_oob=True).fill_null(0).over(side)
        return (pl.col("common") == best) & (best >= PARAMS.same_chat_lead * second)

    ranked = free.with_columns(
        (has_clear_lead("left") & has_clear_lead("right") & enough).alias("is_clear"), enough.alias("is_enough")
    )
    clear = ranked.filter("is_clear").sort("left", "right")
    pairs: list[Pair] = [
        (a, b, "content")
        for a, b in zip(clear["left"], clear["right"], strict=True)
        if not are_two_rooms(a, b) and not _kinds_clash(kinds[0].get(a), kinds[1].get(b), a, b)
    ]
    unclear = ranked.filter(pl.col("is_enough") & ~pl.col("is_clear"))
    taken = [{p[i] for p in pairs} for i in (0, 1)]
    return pairs, [set(unclear["left"]) - taken[0], set(unclear["right"]) - taken[1]]


def _sure_kinds(side: pl.DataFrame) -> dict[str, str]:
    """The kind of each conversation with a sure kind."""
    sure = side.filter("is_sure")
    return dict(zip(sure["conversation"], sure["kind"], strict=True))


def _kinds_clash(left_kind: str | None, right_kind: str | None, a: str, b: str) -> bool:
    """Whether one is a room and the other surely a direct chat."""
    if left_kind is None or right_kind is None:
        return False
    return left_kind != right_kind and (a.endswith("@chatroom") or b.endswith("@chatroom"))


def _pairing_table(
    sides: list[pl.DataFrame], found: list[Pair], unclear: list[set[str]], common: pl.DataFrame
) -> pl.DataFrame:
    """All conversations with their partner, how it was found, a unique name and the kind."""
    rows: list[dict[str, object]] = [
        {"left_conversation": a, "right_conversation": b, "pairing": how, "name": name_of(a, b)} for a, b, how in found
    ]
    for index, (side, other) in enumerate((("left", "right"), ("right", "left"))):
        taken = {p[index] for p in found}
        rows += [
            {
                f"{side}_conversation": c,
                f"{other}_conversation": None,
                "pairing": "unclear" if c in unclear[index] else "none",
                "name": c or "chat",
            }
            for c in sides[index]["conversation"]
            if c not in taken
        ]
    schema = {"name": pl.String, "left_conversation": pl.String, "right_conversation": pl.String, "pairing": pl.String}
    table = pl.DataFrame(rows, schema=schema, orient="row") if rows else pl.DataFrame(schema=schema)
    plan = table.lazy().join(
        common.lazy().select("left", "right", "common"),
        left_on=["left_conversation", "right_conversation"],
        right_on=["left", "right"],
        how="left",
    )
    alone = pl.col("right_conversation").is_null() | pl.col("left_conversation").is_null()
    lone = pl.when(pl.col("right_conversation").is_null()).then(pl.lit(" (left)")).otherwise(pl.lit(" (right)"))
    twice = alone & (pl.len().over("name") > 1)
    plan = plan.with_columns(pl.when(twice).then(pl.col("name") + lone).otherwise(pl.col("name")).alias("name"))
    # Names are the key of the results, so equal names get a running number.
    again = pl.int_range(pl.len()).over("name") + (pl.col("name") == RESERVED).cast(pl.Int64)
    plan = plan.sort("name", "left_conversation", "right_conversation", nulls_last=True)
    plan = plan.with_columns(
        pl.when(again > 0).then(pl.format("{} #{}", "name", again + 1)).otherwise(pl.col("name")).alias("name")
    )
    # A sure kind goes before one that only the number of names suggests, and a room before a direct chat.
    rank = (2 * pl.col("is_sure") + (pl.col("kind") == "group")).cast(pl.UInt8)
    for profile, name in zip(sides, ("left", "right"), strict=True):
        known = profile.lazy().select(pl.col("conversation").alias(f"{name}_conversation"), rank.alias(f"rank_{name}"))
        plan = plan.join(known, on=f"{name}_conversation", how="left", maintain_order="left")
    is_room = pl.max_horizontal("rank_left", "rank_right") % 2 == 1
    plan = plan.with_columns(pl.when(is_room).then(pl.lit("group")).otherwise(pl.lit("direct")).alias("kind"))
    named = plan.drop("rank_left", "rank_right").with_row_index("pair")
    return collected(named.with_columns(pl.col("common").fill_null(0)))


def name_of(a: str, b: str) -> str:
    """Our id of two paired conversations, independent of the order of sides."""
    return (a or "chat") if a == b else " ~ ".join(sorted(x or "chat" for x in (a, b)))
