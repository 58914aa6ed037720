"""Columns that no message needs: ids, local numbers, sums, files and the like."""

from collections.abc import Mapping

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import Found
from reconcile.intake.messages.running_ids import is_running, running_numbers

_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
# A long number as a spreadsheet shows it.
_DAMAGED = r"^\s*[0-9](?:\.[0-9]+)?[eE]\+[0-9]+\s*$"


def choose_ids(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """Choose the columns of message ids and of local numbers."""
    for name in names:
        held = present(frame[name])
        if held.len() < 0.5 * frame.height or held.n_unique() < 0.9 * held.len() or hint(name, "id") < 0:
            continue
        said = hint(name, "id") > 0 or hint(name, "local_id") > 0
        if not all_contain(held, r"^-?[0-9]{1,20}$") or _counts_rows(held, name):
            continue
        numbers = held.cast(pl.Int64, strict=False)
        short = numbers.null_count() == 0 and bool((numbers < 10**16).all())
        if short and said and is_running(numbers, pl.Series([""]).new_from_index(0, numbers.len())):
            if "local_id" not in found.choices:
                found.choose("local_id", name, 0.9)
        elif not short and (said or "id" in name.lower()) and "id" not in found.choices:
            found.choose("id", name, 0.85)
    if not {"id", "local_id"} & found.choices.keys():
        _choose_odd_id(frame, names, found)


def _choose_odd_id(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """Chooses a column called an id whose numbers run on, or that a spreadsheet damaged."""
    for name in names:
        held = present(frame[name])
        if hint(name, "id") < 1 or held.len() < 0.5 * frame.height:
            continue
        is_odd = 2 * held.n_unique() >= held.len() and running_numbers(held.alias("message_id").to_frame()) is not None
        if is_odd or all_contain(held, _DAMAGED):
            found.choose("id", name, 0.6)
            return


def _counts_rows(held: pl.Series, name: str) -> bool:
    """Whether numbers merely count the rows of a list from its beginning."""
    if hint(name, "id") >= 1 or any(w in name.lower() for w in ("local", "本地", "rowid")):
        return False
    numbers = held.cast(pl.Int64, strict=False)
    begin = numbers[0] if numbers.len() else None
    return begin in (0, 1) and bool((numbers == pl.int_range(begin, begin + numbers.len(), eager=True)).all())


def choose_named(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """The roles that no message needs: taken by name, where the values do not contradict."""
    fits: Mapping[str, str] = {
        "amount": r"^\D{0,3}[0-9][0-9,]*(?:\.[0-9]+)?\D{0,2}$", "media_hash": r"^[0-9a-fA-F]{32,128}$", "duration": _NUMBER,
        "reply_to": r"^[0-9]{15,20}$", "file_name": r"\.[A-Za-z0-9]{1,8}$", "url": r"^https?://", "file_size": _NUMBER,
        "status": r"^\D{1,20}$", "deleted": r"^(?:\D{1,20}|[01])$",
    }  # fmt: skip
    for role, pattern in fits.items():
        for name in names:
            # A unit may stand behind the word for an amount.
            least = 0.5 if role == "amount" else 1
            if name not in found.used and hint(name, role) >= least and frame[name].str.contains(pattern).all():
                found.choose(role, name, 0.8)
                break


def choose_names_by_key(fields: Fields, found: Found) -> None:
    """Chooses the names that another list gives the senders, where no column of the rows has names."""
    sender = found.choices.get("sender")
    shown = fields.shown.get(sender.column) if sender is not None else None
    if shown in fields.names and "sender_name" not in found.choices:
        found.choose("sender_name", shown, 0.85)
