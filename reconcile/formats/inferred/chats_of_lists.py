"""The chat of each of several files or lists, where their rows do not name it."""

from collections import Counter
from collections.abc import Collection, Sequence

from reconcile.formats.inferred.confirmed import place_of_rows
from reconcile.formats.inferred.people.chat_names import chats_beside
from reconcile.formats.inferred.plan import Plan
from reconcile.intake.messages.file_names import chats_of, place_of
from reconcile.intake.source import Source


def chats_of_lists(source: Source, plans: Sequence[Plan]) -> list[str]:
    """The name of each list's chat, for rows that do not state it; empty for a single list.

    What files state above their rows counts where each states a name and the names differ, else the files' own names.
    """
    if len(plans) == 1:
        return [plans[0].fields.place]
    named = [chats_beside(p.fields.beside)[:1] for p in plans]
    stated = [name for one in named for name in one]
    if len(stated) < len(plans) or len({*stated}) == 1:
        senders = [p.inferred.columns.get("sender") for p in plans]
        people = [{*p.fields.frame[c].drop_nulls()} if c else () for p, c in zip(plans, senders, strict=True)]
        stated = chats_of([place_of(source, p.fields.file) for p in plans], people)
        places = [place_of_rows(p.fields) for p in plans]
        if len({p.fields.file for p in plans}) == 1 and len({*places}) == len(plans) and _are_apart(people):
            stated = places
    return [p.fields.place or name for p, name in zip(plans, stated, strict=True)]


def _are_apart(people: Sequence[Collection[str]]) -> bool:
    """Whether the lists are of different people: several in each, and at most one in two lists."""
    counts = Counter(name for of_one in people for name in of_one)
    return all(len(of_one) > 1 for of_one in people) and sum(n > 1 for n in counts.values()) <= 1
