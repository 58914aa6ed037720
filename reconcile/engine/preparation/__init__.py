"""Prepares the rows of both sides for alignment: marks repeats, mends split rows, assigns parties."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from reconcile.column_ops import has_one_value, value_by_export, value_over_export
from reconcile.engine.entities.owners import accounts_by_name, owner_of, people_of
from reconcile.engine.entities.parties import Stated, map_parties
from reconcile.engine.preparation.added_notes import without_edit_remarks, without_notes
from reconcile.engine.preparation.headings import without_heads
from reconcile.engine.preparation.merged_messages import as_words, join_merged
from reconcile.engine.preparation.quoted_lines import with_joined_quotations, with_marked_quotations
from reconcile.engine.preparation.rejoined_texts import rejoin
from reconcile.engine.preparation.renamed_people import with_names_of
from reconcile.engine.preparation.reset_clocks import without_reset_times
from reconcile.engine.preparation.rows import as_merged, mark_repeats, rows_of, same_id_repeats, without_times_of_groups
from reconcile.engine.preparation.second_copies import merged_repeats
from reconcile.engine.preparation.split_messages import join_parts
from reconcile.engine.preparation.spreadsheet_dates import without_changed_dates
from reconcile.engine.preparation.told_owner import with_told_owner
from reconcile.engine.preparation.translations import without_translations
from reconcile.engine.preparation.viewpoints import with_one_view
from reconcile.intake.contract import FormLimits, Owner, Reading
from reconcile.parallel import run_both_sides
from reconcile.wechat.kind_classes import SYSTEM
from reconcile.wechat.owner_words import SELF_WORDS

Owners = Mapping[int, Owner]
"""The owner of each export of a side."""


def prepared(
    left: Reading, right: Reading, pairs: pl.DataFrame, stated: Stated, *, one_account: bool = False
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both sides' rows as `prepared_rows` returns them; `one_account`: known to be of one account."""
    owners = owner_of(left), owner_of(right)
    same_id = owners[0].id is not None and owners[0].id == owners[1].id
    same_owner = one_account or same_id or left.messages.equals(right.messages)
    rows = prepared_rows(
        (left.messages, right.messages), (left.facts.limits, right.facts.limits), ({0: owners[0]}, {0: owners[1]}), pairs, stated,
        (people_of(left), people_of(right)), same_owner=same_owner,
    )  # fmt: skip
    return _with_forms(rows[0], left), _with_forms(rows[1], right)


def _with_forms(rows: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """The rows with the number of each one's form in `reading.origins`."""
    if reading.origins is None:
        return rows
    told = reading.messages[["locator"]].join(reading.origins.rows, on="locator", how="left", maintain_order="left")
    return rows.with_columns(told["form"].fill_null(0)[rows["row"]])


def prepared_rows(
    messages: tuple[pl.DataFrame, pl.DataFrame],
    limits: tuple[FormLimits, FormLimits],
    owners: tuple[Owners, Owners],
    pairs: pl.DataFrame,
    stated: Stated,
    people: tuple[pl.DataFrame, pl.DataFrame],
    *,
    same_owner: bool,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both sides' rows with the columns that alignment needs.

    These are `pair`, `export`, `t`, `raw_t` and `reset_t` (µs), `cls`, `party`, `by_other_owner`, `is_repeat`, `twin`.
    """

    def prepare_side(side: int) -> pl.DataFrame:
        """The side's rows with repeats and headings settled."""
        rows = mark_repeats(rows_of(messages[side], pairs, ("left", "right")[side]), messages[side]["locator"])
        return without_edit_remarks(without_heads(merged_repeats(same_id_repeats(rows))))

    sides = run_both_sides(prepare_side, sum(m.height for m in messages))
    rows = [without_reset_times(f) for f in without_changed_dates((sides[0], sides[1]), limits)]
    rows = [as_merged(f.with_columns(pl.col("t").alias("raw_t")), *limits) for f in rows]
    rows = [with_joined_quotations(with_marked_quotations(f, rows[1 - i])) for i, f in enumerate(rows)]
    rows = [without_translations(f, rows[1 - i]) for i, f in enumerate(rows)]
    rows = [without_notes(f, rows[1 - i]) for i, f in enumerate(rows)]
    times = [m["sent_raw"] for m in messages]
    rows = [rejoin(f, rows[1 - i], times[i]) if limits[i].ambiguous_headers else f for i, f in enumerate(rows)]
    rows = [join_parts(f, rows[1 - i]) for i, f in enumerate(rows)]
    merged = [
        join_merged(
            f, rows[1 - i], strips_prefix=limits[i].strips_prefix, is_by_hand=not limits[1 - i].is_of_known_make
        )
        for i, f in enumerate(rows)
    ]
    rows = [as_words(f, merged[1 - i][1]) for i, (f, _) in enumerate(merged)]
    rows = [without_times_of_groups(f) if limits[i].times_above_groups else f for i, f in enumerate(rows)]
    known = accounts_by_name(pl.concat(people))
    rows = [with_owner(f, _without_shared_names(o, known)) for f, o in zip(rows, owners, strict=True)]
    rows = [_by_other_owner(f, owners[1 - i]) for i, f in enumerate(rows)]
    mapped = map_parties(rows[0], rows[1], pairs, stated, same_owner=same_owner, people=people)
    told = with_told_owner(mapped[0], people[0]), with_told_owner(mapped[1], people[1])
    return with_one_view(with_names_of(told[1], told[0]), told[1]), told[1]


def _by_other_owner(rows: pl.DataFrame, others: Owners) -> pl.DataFrame:
    """The rows with `by_other_owner`: the sender is the other export's owner."""
    account = value_by_export({e: o.id for e, o in others.items()}, rows, pl.String)
    return rows.with_columns((pl.col("sender") == account).fill_null(value=False).alias("by_other_owner"))


def _without_shared_names(owners: Owners, known: pl.DataFrame) -> Owners:
    """The owners without names that another account also has: such a name does not identify a sender."""
    told = set(known[["name", "account"]].iter_rows())

    def if_unshared(name: str | None, account: str | None) -> str | None:
        """The name; null where another account has it too."""
        return name if account is None or (name, account) in told else None

    return {e: replace(o, alias=if_unshared(o.alias, o.id), name=if_unshared(o.name, o.id)) for e, o in owners.items()}


_SPOKEN = (pl.col("cls") != SYSTEM) & pl.col("sender").is_not_null()
_CHAT = ["export", "pair"]
_OWN_RECALL = r"^.{0,3}(?:[你您]已?撤回|[Yy]ou (?:have )?recalled)"


def _is_by_owner(rows: pl.DataFrame, owners: Owners) -> pl.Expr:
    """Whether the sender is the owner, by account or else by name; null where neither is known."""
    account, *names = (
        pl.col("sender") == value_by_export({e: getattr(o, c) or None for e, o in owners.items()}, rows, pl.String)
        for c in ("id", "alias", "name")
    )
    # If the owner's account is among the senders, no other one is the owner; else a name tells of rows that have it alone.
    # Of two devices of the owner, one may show names.
    known = value_over_export(account.any(), rows) if any(o.id for o in owners.values()) else pl.lit(value=False)
    is_owner = pl.any_horizontal(account, *names)
    return pl.when(known).then(is_owner.fill_null(value=False)).when(is_owner).then(pl.lit(value=True))


def _owners_called_so(rows: pl.DataFrame) -> pl.DataFrame:
    """export, account: the one account that an export calls by a word for its owner, and by no name."""
    word = pl.col("sender_name").is_in(SELF_WORDS)
    if not rows.select(word.any()).item():
        return rows.clear().select("export", account="sender")
    spoken = rows.filter(_SPOKEN, ~pl.col("sender").is_in(SELF_WORDS)).group_by("export", account="sender").agg(
        word.any().alias("some"), word.fill_null(value=False).all().alias("all")
    )  # fmt: skip
    told = spoken.filter("some")
    return told.filter("all", pl.len().over("export") == 1).select("export", "account")


def _owners_told_by_recalls(rows: pl.DataFrame) -> pl.DataFrame:
    """export, pair, recaller: in rooms, the one sender beside the client's words of its owner's recall."""
    notices = rows.filter((pl.col("cls") == SYSTEM) & ~pl.col("is_direct") & pl.col("sender").is_not_null())
    if notices.is_empty():
        return notices.select(*_CHAT, recaller="sender")
    told = notices.filter(pl.col("text").str.contains(_OWN_RECALL)).select(*_CHAT, recaller="sender").unique()
    return told.filter(pl.len().over(_CHAT) == 1)


def with_owner(rows: pl.DataFrame, owners: Owners) -> pl.DataFrame:
    """The rows with `is_self` filled in where accounts, a notice of the client or the status show it."""
    if not rows["is_self"].null_count():
        return rows
    # Each way is asked only where it can tell something.
    ways: list[pl.Expr] = []
    if any(o.id or o.alias or o.name for o in owners.values()):
        ways.append(_is_by_owner(rows, owners))
    if rows["is_direct"].any():
        # The key of a direct chat is the peer's account, so every other sender is the owner.
        is_peer = pl.col("sender") == pl.col("conversation")
        # In a pass over many exports, each has one conversation.
        chat = "conversation" if has_one_value(rows["export"]) else "pair"
        ways.append(pl.when(pl.col("is_direct") & (is_peer & _SPOKEN).any().over(chat)).then(~is_peer))
    if rows["status"].null_count() < rows.height:
        # Where an export marks some messages as received, those marked as sent are the owner's.
        status = pl.col("status").cast(pl.String)
        received = value_over_export((status == "received").any(), rows)
        ways.append(pl.when(received & status.is_in(["received", "sent"])).then(status == "sent"))
    called = _owners_called_so(rows)
    if called.height:
        account = rows.select("export").join(called, on="export", how="left", maintain_order="left")["account"]
        ways.append(pl.when(pl.lit(account.is_not_null())).then(pl.col("sender") == pl.lit(account)))
    told_by_notice = _owners_told_by_recalls(rows)
    if told_by_notice.height:
        recaller = rows.select(_CHAT).join(told_by_notice, on=_CHAT, how="left", maintain_order="left")
        ways.append(pl.col("sender") == pl.lit(recaller["recaller"]))
    if not ways:
        return rows
    told = pl.when(_SPOKEN).then(pl.coalesce(ways))
    return rows.with_columns(pl.coalesce("is_self", told).alias("is_self"))
