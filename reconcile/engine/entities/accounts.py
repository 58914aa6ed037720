"""Account ids of exports: the owner's, and the names by which the contacts of each account are known."""

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from reconcile.column_ops import collected
from reconcile.intake.contract import Owner, Reading

# An official account's id. Each follower has a separate chat with it.
OFFICIAL = r"^gh_[0-9a-z]{4,}$"
# A WeChat id: wxid_… (assigned by the server, never displayed) or one chosen by its owner.
ACCOUNT = "wxid_"
ACCOUNT_FORM = r"^(?:wxid_|[A-Za-z][-_A-Za-z0-9]{5,19}$)"
CALLED = ("id", "alias", "remark", "nickname")


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

    Notices come from the client and do not count. An account that more rows attribute to others is not the owner's.
    """
    # An export without any such mark has nothing to count.
    if messages["is_self"].null_count() == messages.height:
        return messages.clear().select(*by, "sender")
    speech = ~pl.col("kind").is_in(["system", "recall"]) & pl.col("sender").is_not_null()
    spoken = messages.lazy().filter(speech).group_by(*by, "sender").agg(
        pl.col("is_self").sum().alias("own"), (~pl.col("is_self")).sum().alias("others")
    )  # fmt: skip
    counted = spoken.filter((pl.col("own") > pl.col("others")) & pl.col("sender").str.contains(ACCOUNT_FORM)).pipe(
        collected
    )
    ordered = counted.sort(*by, "own", "sender", descending=[*[False] * len(by), True, False])
    return (ordered.unique(by, keep="first", maintain_order=True) if by else ordered.head(1)).select(*by, "sender")


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
