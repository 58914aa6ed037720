"""Columns that name both ends of a message, or one end in each row: who sent and who received it."""

from itertools import combinations, permutations

import polars as pl

from reconcile.column_ops import distinct, longest_of, present
from reconcile.formats.inferred.direction_words import DIRECTIONS
from reconcile.formats.inferred.hints import hint, names_a_party
from reconcile.formats.inferred.mapping import Found
from reconcile.formats.inferred.people.receivers import is_notice
from reconcile.formats.inferred.people.same_people import TO_ONESELF, identity

# Least share of rows whose sender is not that of the row above, longest name, and from how many messages on several people write.
_CHANGES, _LONGEST, _MANY = 0.2, 80, 6
# Least share of the rows that a column of an end fills, most people whose names are compared, and the least difference between
# two columns' hints at the sender.
_MOST_BOTH, _MOST_PEOPLE, _ENDS_APART = 0.8, 50, 0.5


def ends_of(frame: pl.DataFrame, names: list[str], found: Found) -> tuple[str, str] | None:
    """Two columns that name the other party, where it sent and where it received; None without them.

    Without a direction, their names have to say which is which.
    """
    nulls = {n: frame[n].null_count() for n in names}
    some = [n for n in names if 0 < nulls[n] < frame.height]
    for one, other in permutations(some, 2):
        if nulls[one] + nulls[other] != frame.height:
            continue
        where = frame[one].is_not_null()
        if (where != frame[other].is_null()).any():
            continue
        if "direction" not in found.choices:
            if hint(one, "sender") >= 1 and hint(other, "receiver") >= 1:
                return one, other
            continue
        words = frame[found.choices["direction"].column].filter(where).unique()
        if words.len() > 1 or not is_of_the_peer(str(words[0]), found):
            continue
        if frame[other].is_in(frame[one].drop_nulls().unique().implode()).any():
            return one, other
    return None


def party_and_other(frame: pl.DataFrame, names: list[str], found: Found) -> tuple[str, str] | None:
    """A column of people in some rows, and one of the other party in all rows; None without them.

    A third column has one value in the rows of one and another value in all other rows, so that no notice is among them.
    """
    if "direction" in found.choices or "text" not in found.choices or frame.height < _MANY:
        return None
    has_words = pl.col(found.choices["text"].column).is_not_null()
    people = [n for n in names if hint(n, "sender") > 0 and longest_of(present(frame[n])) <= _LONGEST]
    # Whoever speaks changes from row to row, and whoever deletes or edits need not speak.
    full = [n for n in people if not frame[n].null_count() and names_a_party(n)]
    full = [n for n in full if float((frame[n] != frame[n].shift(1)).mean() or 0) <= _CHANGES]  # type: ignore[arg-type]
    people = [n for n in people if hint(n, "time") >= 0]
    free = [n for n in frame.columns if n not in found.used and n not in people and not n.startswith("^")]
    codes = [n for n in free if not frame[n].null_count() and frame[n].n_unique() == 2]
    codes = [n for n in codes if not any(map(is_notice, frame[n].unique()))]
    # What describes a person in some rows leaves no gaps where another member of its object is in all.
    nested = (n for n in names if "." in n and not frame[n].null_count() and frame[n].n_unique() > 1)
    whole = {n.rpartition(".")[0] for n in nested}
    for one in (n for n in people if 0 < frame[n].null_count() < frame.height and n.rpartition(".")[0] not in whole):
        speaks = pl.col(one).is_not_null()
        is_told = any(frame.select((pl.col(c).n_unique() == 1).over(speaks).all()).item() for c in codes)
        have_words = [frame.filter(side).select(has_words.mean()).item() for side in (speaks, ~speaks)]
        if not is_told or min(have_words) < _MOST_BOTH:
            continue
        both = [n for n in full if frame.select((speaks.n_unique() == 2).over(n).all()).item()]
        both = [n for n in both if not frame[n].is_in(frame[one].unique().implode()).any()]
        if both:
            return one, max(both, key=lambda n: identity(frame, n))
    return None


def is_of_the_peer(word: str, found: Found) -> bool:
    """Whether a word of a direction says that the other party sent."""
    word = word.strip().lower()
    told = found.manners.get(f"direction:{word}")
    return told == "peer" if told else DIRECTIONS.get(word) is False


def opposite_ends(frame: pl.DataFrame, names: list[str], found: Found) -> dict[str, str]:
    """The columns that name the sender, each with the column that names the receiver.

    Both hold the same people, and hardly a row has one person in both. Only the names of the columns distinguish them;
    where they do not, neither is chosen.
    """
    full = [n for n in names if not n.startswith("^") and frame[n].count() > _MOST_BOTH * frame.height]
    held = {n: c for n in full if 2 <= (c := present(frame[n])).n_unique() <= _MOST_PEOPLE}
    some = {n: {*distinct(c)} for n, c in held.items()}
    ends: dict[str, str] = {}
    for one, other in combinations(some, 2):
        if some[one] != some[other] or (frame[one] == frame[other]).sum() >= TO_ONESELF * frame.height:
            continue
        told = {n: hint(n, "sender") - hint(n, "receiver") for n in (one, other)}
        first, second = sorted(told, key=lambda n: -told[n])
        if told[second] >= 0 or told[first] - told[second] < _ENDS_APART:
            continue
        ends.setdefault(first, second)
        found.used.add(second)
    return ends
