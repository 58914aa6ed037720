"""What both exports state about who is who: accounts, names, owner marks, notices."""

import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.connected import component_numbers
from reconcile.engine.entities.owners import ACCOUNT, ACCOUNT_FORM, CALLED
from reconcile.engine.params import PARAMS
from reconcile.wechat.client_sentences import PEER_NAMED
from reconcile.wechat.kind_classes import SYSTEM
from reconcile.wechat.owner_words import SELF_WORDS

SELF, PEER = "\x00self", "\x00peer"
# How far statements tell who is who: enough, nothing but messages tells it, they state otherwise than the messages, or
# two people bear the name.
FIXED, BY_CONTENT, CONTRADICTED, SHARED = 0, 1, 2, 3
_LABELS = ("left_label", "right_label")
_OWNERS = ("\x01L", "\x01R")
_KEY = ["pair", "label"]
Sides = tuple[pl.DataFrame, pl.DataFrame]


def stated_links(rows: Sides, people: Sides, pairs: pl.DataFrame, marked: pl.DataFrame) -> pl.DataFrame:
    """pair, left_label, right_label, by_account, is_shared: labels that both state to be one person.

    A label is known by itself, by the name that its rows show, by the contact or owner who bears it, and in a direct chat
    as the owner's or the peer's. A name of two labels of one side counts for none; where these are accounts and the other
    side's label is that name, it is linked to both as shared. Where each side names two persons of a direct chat and one
    is linked, so are the other two.

    Args:
        rows: rows of both sides with `label`.
        people: `people_of` each export.
        pairs: the table of conversations.
        marked: pairs where owner marks take the place of labels; their labels are SELF and PEER.
    """
    direct = pairs.filter(pl.col("kind") == "direct").select("pair")
    units = [_units(f, direct, marked) for f in rows]
    known = [_known_as(u, p) for u, p in zip(units, people, strict=True)]
    peers = [peer_names(f, direct) for f in rows]
    named, shared = [], []
    for i in (0, 1):
        owners = _owner_or_peer(units[i], known[i], people[i], (peers[i], peers[1 - i]), i)
        names = pl.concat([known[i], owners]).group_by(*_KEY, "name").agg(pl.col("on_rows").any())
        names = names.filter(~pl.col("name").is_in(SELF_WORDS))
        named.append(names.filter(pl.len().over("pair", "name") == 1))
        accounts = names.filter(pl.col("label").str.starts_with(ACCOUNT))
        accounts = accounts.filter(pl.len().over("pair", "name") > 1).rename({"label": _LABELS[i]})
        other = (
            units[1 - i].select("pair", pl.col("label").alias("name"), pl.col("label").alias(_LABELS[1 - i])).unique()
        )
        shared.append(accounts.join(other, on=["pair", "name"]).select("pair", *_LABELS))
    both = named[0].join(named[1], on=["pair", "name"])
    links = both.group_by("pair", left_label="label", right_label="label_right").agg(
        (pl.col("name").str.starts_with(ACCOUNT) & pl.col("on_rows") & pl.col("on_rows_right"))
        .any()
        .alias("by_account")
    )
    others = other_two(links, [u.filter("is_direct") for u in units]).with_columns(by_account=pl.lit(value=False))
    links = pl.concat([links, others, pl.concat(shared).with_columns(by_account=pl.lit(value=False))])
    of_two = pl.concat(shared).unique().with_columns(is_shared=pl.lit(value=True))
    told = (
        links.group_by("pair", *_LABELS).agg(pl.col("by_account").any()).join(of_two, on=["pair", *_LABELS], how="left")
    )
    return told.with_columns(pl.col("is_shared").fill_null(value=False))


def _units(rows: pl.DataFrame, direct: pl.DataFrame, marked: pl.DataFrame) -> pl.DataFrame:
    """pair, label, sender, sender_name, own (share of own rows), conversation, is_direct."""
    spoken = rows.lazy().filter(pl.col("voice").is_not_null() & pl.col("pair").is_not_null())
    firsts = (pl.col(c).drop_nulls().first() for c in ("pair", "label", "sender", "sender_name", "conversation"))
    seen = spoken.group_by("voice", "is_self").agg(*firsts, pl.len().alias("n")).pipe(collected)
    by_mark = pl.when("is_self").then(pl.lit(SELF)).otherwise(pl.lit(PEER))
    own = (pl.col("n") * pl.col("is_self")).sum().over("pair", "label") / pl.col("n").sum().over("pair", "label")
    return seen.with_columns(
        pl.when(pl.col("pair").is_in(listed(marked["pair"]))).then(by_mark).otherwise("label").alias("label"),
        pl.col("pair").is_in(listed(direct["pair"])).alias("is_direct"),
    ).with_columns(pl.when(pl.col("is_self").is_not_null()).then(own).alias("own"))  # fmt: skip


def _known_as(units: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """pair, label, name, on_rows: the names of each label, and whether it is the sender of its rows."""
    shown = pl.concat(
        units.select(*_KEY, pl.col(c).alias("name"), pl.lit(c == "sender").alias("on_rows"))
        for c in ("sender", "sender_name")
    ).drop_nulls("name").unique()  # fmt: skip
    named = _names_of(people)
    of_pair = ["pair"] if named["pair"].null_count() < named.height else []
    keys = [*of_pair, "name"]
    # A name of two people identifies neither.
    of_one = named.filter(pl.len().over(keys) == 1).select(*keys, "person")
    found = shown.filter("on_rows").join(of_one, on=keys).select(*_KEY, "person")
    found = found.filter(pl.len().over(_KEY) == 1)
    called = found.join(named.select(*of_pair, "person", "name"), on=[*of_pair, "person"])
    return pl.concat([shown, called.select(*_KEY, "name", pl.lit(value=False).alias("on_rows"))])


def _names_of(people: pl.DataFrame) -> pl.DataFrame:
    """person, pair, name: every name of each contact and of the owner."""
    person = pl.coalesce("id", pl.format("\x00{}", pl.int_range(pl.len()))).alias("person")
    told = people.with_columns(person).unpivot(CALLED, index=["person", "pair"], value_name="name")
    return told.filter(pl.col("name").str.len_chars() > 0).select("person", "pair", "name").unique()


def peer_names(rows: pl.DataFrame, direct: pl.DataFrame) -> pl.DataFrame:
    """pair, name: names that the client's notices give the peer of a direct chat."""
    notices = rows.lazy().filter(pl.col("cls") == SYSTEM).join(direct.lazy(), on="pair", how="semi")
    said = (pl.col("text").str.extract(PEER_NAMED, n) for n in (1, 2))
    return notices.select("pair", pl.coalesce(*said).alias("name")).drop_nulls().unique().pipe(collected)


def _owner_or_peer(
    units: pl.DataFrame, known: pl.DataFrame, people: pl.DataFrame, peers: Sides, side: int
) -> pl.DataFrame:
    """pair, label, name, on_rows: further names of a direct chat's owner and peer.

    The peer of one export is the owner of the other.
    """
    owner = people.filter("is_owner")
    keys = ["pair"] if owner["pair"].null_count() < owner.height else []
    owners = _names_of(owner).select(*keys, "name")
    said = [
        known.join(names, on=["pair", "name"] if "pair" in names.columns else ["name"], how="semi")
        .select(_KEY)
        .unique()
        for names in (*peers, owners)
    ]
    told = (
        units.filter("is_direct").group_by(_KEY).agg(pl.col("own").mean(), pl.col("conversation").first())
        .join(said[0].with_columns(by_notice=pl.lit(value=True)), on=_KEY, how="left")
        .join(pl.concat(said[1:]).unique().with_columns(is_owner=pl.lit(value=True)), on=_KEY, how="left")
    )  # fmt: skip
    peer = pl.when(pl.col("by_notice") | (pl.col("label") == pl.col("conversation"))).then(pl.lit(value=False))
    told = told.with_columns(pl.coalesce(pl.col("own") > PARAMS.owner_marks_share, peer, "is_owner").alias("own"))
    # Of two persons, one is the owner.
    other = pl.col("own").is_null() & (pl.len().over("pair") == 2)
    rest = ~pl.col("own").any(ignore_nulls=True).over("pair")
    told = told.with_columns(
        pl.when(other & (pl.col("own").is_not_null().any().over("pair"))).then(rest).otherwise("own").alias("own")
    )
    mine, theirs = told.filter("own").select(_KEY), told.filter(~pl.col("own")).select(*_KEY, "conversation")
    account = theirs.filter(pl.col("conversation").str.contains(ACCOUNT_FORM))
    parts = (
        mine.with_columns(name=pl.lit(_OWNERS[side])), theirs.select(*_KEY, name=pl.lit(_OWNERS[1 - side])),
        mine.join(owners, on=keys) if keys else mine.join(owners, how="cross"),
        theirs.join(peers[0], on="pair").select(*_KEY, "name"), account.select(*_KEY, name="conversation"),
    )  # fmt: skip
    return pl.concat(parts).with_columns(on_rows=pl.lit(value=False))


def other_two(links: pl.DataFrame, labels: list[pl.DataFrame]) -> pl.DataFrame:
    """pair, left_label, right_label of the other two, where each side has two labels and one is linked."""
    two = [t.select(_KEY).unique().filter(pl.len().over("pair") == 2) for t in labels]
    others = links.join(two[0], on="pair").join(two[1], on="pair")
    others = others.filter((pl.col("label") != pl.col("left_label")) & (pl.col("label_right") != pl.col("right_label")))
    return others.select("pair", left_label="label", right_label="label_right")


def further_names(links: pl.DataFrame, votes: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """Links of earlier or later names that one side of a direct chat has for the other side's owner.

    An owner may rename the peer, and a form that shows the names of the time then has two, one after the other. Nobody
    renames himself, and a name amid rows of the usual one is no renaming.

    Args:
        links: pair, left_label, right_label of the people linked so far.
        votes: the same with n, and of_left and of_right, the shares of each label's messages.
        sides: labelled rows of both sides.
    """
    found = [links.clear()]
    ways = zip(sides, _LABELS, ("of_left", "of_right"), sides[::-1], _LABELS[::-1], strict=True)
    for rows, name, share, others, other in ways:
        free = votes.filter((pl.col(share) == 1.0) & (pl.col("n") >= 2)).join(links, on=["pair", name], how="anti")
        if free.is_empty():
            continue
        span = rows.filter("is_direct").group_by("pair", pl.col("label").alias(name)).agg(
            pl.col("row").min().alias("first"), pl.col("row").max().alias("last")
        )  # fmt: skip
        owner = others.filter("is_self").select("pair", pl.col("label").alias(other)).unique()
        usual = links.join(owner, on=["pair", other]).join(span, on=["pair", name]).drop(name)
        both = free.join(span, on=["pair", name]).join(usual, on=["pair", other], suffix="_usual")
        apart = (pl.col("last") < pl.col("first_usual")) | (pl.col("first") > pl.col("last_usual"))
        found.append(both.filter(apart).select(links.columns))
    return pl.concat(found)


def contradicted(links: pl.DataFrame, stated: pl.DataFrame) -> pl.DataFrame:
    """Links that no statement supports, where a statement makes one of the labels another person.

    An equal name is a weak statement, since each owner gives remarks of his own, and two may give one remark to two
    people. It counts where it is a matter of accounts, or where the names of all people whom links and statements connect
    are known on both sides, as where two names are exchanged.
    """
    unstated = links.join(stated, on=["pair", *_LABELS], how="anti")
    others = pl.concat([unstated.join(stated, on=["pair", c], how="semi") for c in _LABELS]).unique(maintain_order=True)
    if others.is_empty():
        return others
    edges = pl.concat([links.select("pair", *_LABELS, by_account=False), stated.select("pair", *_LABELS, "by_account")])
    told = [stated.select("pair", c, pl.lit(value=True).alias(f"told_{c}")).unique() for c in _LABELS]
    for known, c in zip(told, _LABELS, strict=True):
        edges = edges.join(known, on=["pair", c], how="left", maintain_order="left")
    edges = edges.with_columns(people=connected_labels(edges))
    closed = pl.all_horizontal(pl.col(f"told_{c}").fill_null(value=False) for c in _LABELS)
    firm = edges.filter((closed.all() | pl.col("by_account").any()).over("people"))
    return others.join(firm, on=["pair", *_LABELS], how="semi", maintain_order="left")


def connected_labels(links: pl.DataFrame) -> pl.Series:
    """A number on each link of two labels, one for all labels that links connect."""
    left, right = (links.select(pl.struct("pair", c).rank("dense").cast(pl.Int64)).to_series() for c in _LABELS)
    return pl.Series(component_numbers(left.to_numpy(), right.to_numpy() + links.height + 1))


def of_two_senders(rows: pl.DataFrame) -> pl.Series | None:
    """Whether the name or owner mark on each row is another's, unlike on most rows of its sender.

    None where no row is.

    Args:
        rows: rows with `label` and `voice`.
    """
    spoken = rows.lazy().filter(pl.col("voice").is_not_null())
    look = ["voice", "is_self", "sender_name"]
    counts = spoken.group_by(look).agg(pl.col("pair").first(), pl.len().alias("n"))
    seen = collected(counts.sort("n", *look, descending=True))
    usual = seen.unique("voice", keep="first", maintain_order=True)
    if usual.height == seen.height:
        return None
    others = usual.drop_nulls("sender_name").select("pair", "sender_name", is_other=pl.lit(value=True)).unique()
    rare = seen.join(usual.drop("pair"), on="voice", suffix="_usual").join(
        others, on=["pair", "sender_name"], how="left"
    )
    odd = rare.filter(
        (pl.col("n") <= PARAMS.stray_share * pl.col("n_usual"))
        & ((pl.col("is_self") != pl.col("is_self_usual")) | ((pl.col("sender_name") != pl.col("sender_name_usual")) & pl.col("is_other")))
    )  # fmt: skip
    if odd.is_empty():
        return None
    marked = odd.select(*look, odd=pl.lit(value=True))
    told = rows.select(look).join(marked, on=look, how="left", nulls_equal=True, maintain_order="left")
    return told["odd"].fill_null(value=False)
