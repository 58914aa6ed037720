"""Accounts in brackets behind the names of senders: `name(10001)`, `name [U01AB]`, `name<a@b.c>`."""

from dataclasses import replace

import polars as pl

from reconcile.column_ops import kept_for_few, lacks, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.mapping import Inferred
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.owner_words import OWN_NAMES

# A telephone number with its parts; that, a mail address, or a word with a figure.
PHONE = r"\+[0-9][0-9 ()\-\u2011]{5,20}[0-9]"
_ACCOUNT = rf"(?:(?i:id)[=:]\s?)?(?P<id>{PHONE}|[A-Za-z_.+-]*[0-9][A-Za-z0-9_.-]*|[^<>@\s]+@[^<>\s)\]）]+)"
_NAMED = rf"^(?P<name>[^(\[（<]*?)\s*(?:\({_ACCOUNT}\)|[\[（]{_ACCOUNT.replace('<id>', '<held>')}[\]）]|<(?P<mail>[^<>@\s]+@[^<>\s]+)>?)$"
# So long an account is one wherever it stands; a shorter number is one where every sender has another.
_LONG, _SHORT = 5, 3
# A name, a sign of the form and a word for the kind of the message.
_WITH_KIND = r"^(?P<name>.*\S)\s+[·•|/–—-]\s+(?P<kind>\S[^·•|/]{0,15})$"
# Least share of senders with an account; less shows enough where one account stands behind several names.
_NEARLY_ALL, _HALF = 0.9, 0.5


@kept_for_few
def split_accounts(senders: pl.Series) -> list[pl.Series] | None:
    """The accounts as `sender` and the names as `sender_name`; None unless nearly all senders have both.

    Whoever has no account keeps the name as sender. The owner in the first person does not count.
    """
    distinct = present(senders).unique()
    distinct = distinct.filter(~distinct.is_in(OWN_NAMES))
    told = _parts(distinct)["account"]
    size = told.str.len_chars()
    is_short = (size.is_between(_SHORT, _LONG - 1) & told.str.contains(r"^[0-9]+$")).fill_null(value=False)
    if distinct.is_empty() or (
        is_short.any() and (told.null_count() or told.n_unique() < told.len() or told.len() < 2)
    ):
        return None
    known = (size >= _LONG).fill_null(value=False) | is_short
    least = _HALF if told.filter(known).is_duplicated().any() else _NEARLY_ALL
    if float(known.mean() or 0) < least:  # type: ignore[arg-type]
        return None
    parts = _parts(senders)
    account = parts["account"].fill_null(senders)
    return [account.alias("sender"), parts["name"].alias("sender_name")]


def with_accounts(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with account and name apart; a number that counts the messages becomes their `id`."""
    people = split_accounts(frame["sender"])
    if people is None:
        return frame
    account, shown = people
    if shown.is_duplicated().any() and _count_messages(account):
        # Beside a name that recurs, such a number is the message's own.
        return frame.with_columns(shown.fill_null(frame["sender"]).alias("sender"), account.alias("id"))
    frame = frame.with_columns(people)
    if "receiver" not in frame.columns:
        return frame
    return frame.with_columns(_parts(frame["receiver"])["account"].fill_null(frame["receiver"]).alias("receiver"))


@kept_for_few
def _parts(names: pl.Series) -> pl.DataFrame:
    """The columns name and account of each text; null where it has no account."""
    parts = names.str.extract_groups(_NAMED).struct.unnest()
    account = pl.coalesce(pl.col("id", "held", "mail").replace("", None))
    name = pl.col("name").str.strip_chars(" \t\"'").replace("", None)
    return parts.select(name.alias("name"), account.alias("account"))


def _count_messages(numbers: pl.Series) -> bool:
    """Whether each number is larger than the one above it."""
    steps = numbers.cast(pl.UInt64, strict=False).cast(pl.Int128).diff().slice(1)
    return not steps.null_count() and bool((steps > 0).all())


def with_kinds_apart(fields: Fields, inferred: Inferred) -> Fields | None:
    """The rows with name and kind apart, where every sender is `name · kind`; None for others."""
    choice = inferred.choices.get("sender")
    if choice is None or "kind" in inferred.choices or choice.column not in fields.frame.columns:
        return None
    cells = fields.frame[choice.column]
    if lacks(cells, r"\s[·•|/–—-]\s"):
        return None
    told = present(cells).unique().str.extract_groups(_WITH_KIND).struct.field("kind")
    if told.is_empty() or told.null_count() or kinds_of_names(told).null_count():
        return None
    parts = cells.str.extract_groups(_WITH_KIND).struct.unnest()
    name = parts["name"].alias(choice.column)
    return replace(fields, frame=fields.frame.with_columns(name, parts["kind"].alias(f"{choice.column} kind")))
