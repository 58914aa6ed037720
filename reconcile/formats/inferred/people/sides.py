"""Columns about people: sender, sender's name, direction, receiver and conversation."""

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.formats.inferred.hints import hint, is_called_a_name, names_a_party
from reconcile.formats.inferred.mapping import Found, candidates
from reconcile.formats.inferred.people.both_ends import ends_of, is_of_the_peer, opposite_ends, party_and_other
from reconcile.formats.inferred.people.chats_apart import choose_apart
from reconcile.formats.inferred.people.directions import (
    are_signs,
    ask_what_codes_say,
    choose_direction,
    is_of_numbers,
    speak_on_both_sides,
)
from reconcile.formats.inferred.people.evidence import FEW, FILLED, LEAST, Evidence, evidence_of
from reconcile.formats.inferred.people.named_accounts import PHONE
from reconcile.formats.inferred.people.rooms import (
    UNNAMED,
    choose_list,
    choose_matter,
    choose_only_peer,
    choose_places,
)
from reconcile.formats.inferred.people.same_people import describe_same_people, identity, refines, shows_a_name

# Rows in which one name is looked for in another.
_LOOK = 1_000
# Lead that a name above the rows needs over one in them; lead below which another column may be the sender as well.
_ABOVE, _MARGIN = 0.6, 0.45
# Least score of a person beside a direction, which tells who sent better than a number or a kind does.
_BESIDE_DIRECTION = 0.8
# Least share of the fullest column of a person that one that identifies fills.
_AS_FULL = 0.9
# A telephone number.
_NUMBER = rf"^(?:{PHONE}|[0-9]{{7,15}})$"
# Most codes and signs of sides.
_CODES = 3
# Least share of rows whose value occurs in both directions, where it names the other party.
_MOST_BOTH = 0.8


def choose_sides(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """Choose direction, conversation, receiver and sender, in this order.

    Adds a doubt where another column may be the sender as well.
    """
    if {"direction", "conversation"} <= found.choices.keys():
        # The boxes of a telephone tell everything.
        return
    frame = _messages_of(frame, found)
    choose_direction(frame, names, found)
    said, free = _with_words(frame, found), [n for n in names if n not in found.used]
    columns = evidence_of(said, free, found)
    likeliest = max(columns, key=lambda e: e.score, default=None)
    # Where no column names people, all may be one person's.
    speaker = likeliest.name if likeliest and likeliest.score else None
    if "direction" not in found.choices and speak_on_both_sides(frame, speaker, found):
        ask_what_codes_say(found)
        columns = evidence_of(said, free, found)
    _drop_idle_direction(frame, columns, found)
    names = [e.name for e in columns if not e.is_nobody]
    if (ends := ends_of(frame, names, found)) is not None:
        found.choose("sender", ends[0], 0.8)
        found.choose("receiver", ends[1], 0.8)
        return
    if (parts := party_and_other(said, names, found)) is not None:
        # The other party speaks in the gaps of the sender.
        found.choose("sender", parts[0], 0.8)
        found.choose("conversation", parts[1], 0.8)
        return
    pairs = opposite_ends(frame, names, found)
    names = [n for n in names if n not in found.used]
    least = _BESIDE_DIRECTION if "direction" in found.choices else LEAST
    people = [e for e in columns if e.name in names and e.score > least]
    people.sort(key=lambda e: (-e.score, e.name))
    named = {n for n in names for one in pairs if n == one or describe_same_people(frame, one, n)}
    # A number may be that of a chat.
    places = [e for e in columns if (not e.is_nobody or e.figures == 1) and e.name not in named | found.used]
    choose_places(frame, places, [e.name for e in people], found)
    choose_only_peer(frame, names, found)
    if people := _without_peers(frame, people, found):
        # Columns from above the rows are no senders if a column of the rows may be.
        own = [e for e in people if not e.name.startswith("^")]
        _choose_sender(frame, own if own and own[0].score > people[0].score - _ABOVE else people, found)
        # Accounts in one column and names in the other make no pair.
        if (receiver := pairs.get(found.choices["sender"].column)) is not None:
            found.choose("receiver", receiver, 0.85)
        elif pairs:
            found.choices.pop("receiver", None)
        choose_list(frame, found)
        choose_matter(frame, names, found)
        choose_apart(frame, names, found)
    elif "direction" not in found.choices:
        found.doubts["sender"] = _may_tell_who(frame, columns, found)
    elif told := [
        n for n in names if hint(n, "sender") >= 1 and not n.startswith("^") and _is_of_peers(frame, n, found)
    ]:
        # Only messages of groups may name their sender.
        found.choose("sender", told[0], 0.8)
    elif (chat := found.choices.get("conversation")) is not None and hint(chat.column, "conversation") <= 0:
        # A name beside the account of the other party is what this one is called.
        called = [n for n in chat.others if is_called_a_name(n) and shows_a_name(frame, n)]
        if called and not is_called_a_name(chat.column):
            found.choose("sender_name", max(called, key=lambda n: _holds(frame, n, called)), 0.8)


def _drop_idle_direction(frame: pl.DataFrame, columns: list[Evidence], found: Found) -> None:
    """Takes back a direction of one value in all rows where a column called after senders has several."""
    if "direction" not in found.choices or present(frame[found.choices["direction"].column]).n_unique() != 1:
        return
    if any(hint(e.name, "sender") >= 1 and e.distinct > 1 and e.filled > _MOST_BOTH for e in columns):
        found.choices.pop("direction")


def _messages_of(frame: pl.DataFrame, found: Found) -> pl.DataFrame:
    """The rows that have a time or words; all others are no messages."""
    wanted = [pl.col(found.choices[r].column).is_not_null() for r in ("time", "text") if r in found.choices]
    return frame.filter(pl.any_horizontal(wanted)) if wanted else frame


def _with_words(frame: pl.DataFrame, found: Found) -> pl.DataFrame:
    """The rows with words; all rows where few have words."""
    if "text" not in found.choices:
        return frame
    said = frame.filter(pl.col(found.choices["text"].column).is_not_null())
    return said if said.height >= FEW else frame


def _may_tell_who(frame: pl.DataFrame, columns: list[Evidence], found: Found) -> tuple[str, ...]:
    """The columns that may tell who sent, where none looks like people; () only where no column is left.

    Those with a few values that change from row to row, by their headings; where there are none, any other, ids first.
    The likeliest of them is no conversation.
    """
    chat = found.choices.get("conversation")
    free = [e for e in columns if e.is_short and not (e.is_one and e.is_nobody)]
    few = [e for e in free if 1 < e.distinct <= FEW and e.filled > _MOST_BOTH]
    told = {e.name: max(hint(e.name, "sender"), hint(e.name, "direction")) for e in free}
    ranked = [(told[e.name] + e.changes, e.name) for e in few] or [
        (told[e.name] + identity(frame, e.name) - 2 * e.name.startswith("^"), e.name)
        for e in free
        if not e.name.endswith("@class") and e.filled >= FILLED
    ]
    best = candidates(sorted(ranked, key=lambda r: (-r[0], r[1])))
    if chat is not None and chat.column in best[:1]:
        found.choices.pop("conversation")
    return best


def _is_of_peers(frame: pl.DataFrame, name: str, found: Found) -> bool:
    """Whether a column is filled in some rows of what came in, and in no others."""
    sides = frame[found.choices["direction"].column].filter(frame[name].is_not_null()).unique().to_list()
    return bool(sides) and all(s is not None and is_of_the_peer(s, found) for s in sides)


def _without_peers(frame: pl.DataFrame, people: list[Evidence], found: Found) -> list[Evidence]:
    """The columns that may name the sender, without those whose values stand in rows of both directions.

    Those name the other party of each chat. The first is the conversation where nothing else is, or only a number of
    each of these parties or that party once more.
    """
    free = [e.name for e in people if e.name not in found.used]
    # A telephone number that no side has for its own is the other party's.
    is_told = "direction" in found.choices
    numbers = {e.name for e in people if is_told and is_of_numbers(e.name) and not e.is_of_sides}
    peers = [e.name for e in people if e.name in free and (e.on_both > _MOST_BOTH or e.name in numbers)]
    # What identifies the other party tells chats apart better than the name that it bears.
    best = max(peers, key=lambda n: (identity(frame, n), frame[n].n_unique()), default=None)
    chat = found.choices.get("conversation")
    if best is not None and (chat is None or _is_a_number_of(frame, chat.column, best)):
        found.choose("conversation", best, 0.8, tuple(n for n in peers if n != best))
    # Another column of the same people names the other party as well.
    found.used.update(peers, [n for n in free if any(_are_one_party(frame, p, n) for p in peers)])
    return [e for e in people if e.name not in found.used]


def _is_a_number_of(frame: pl.DataFrame, chat: str, party: str) -> bool:
    """Whether the cells of a column are a number of each party in another one, or that party once more."""
    pairs = frame.select(pl.col(chat).alias("a"), pl.col(party).alias("b")).unique()
    is_one_to_one = pairs["a"].n_unique() == pairs["b"].n_unique() == pairs.height
    is_number = pl.col("a").str.contains("^[0-9]+$") | (pl.col("a") == pl.col("b"))
    return is_one_to_one and not pairs["b"].null_count() and bool(pairs.select(is_number.all()).item())


def _are_one_party(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether two columns of several people are filled in the same rows and name the same people."""
    is_filled = bool((frame[one].is_null() == frame[other].is_null()).all())
    return is_filled and frame[one].n_unique() > 1 and describe_same_people(frame, one, other)


def _choose_sender(frame: pl.DataFrame, people: list[Evidence], found: Found) -> None:
    """Choose the columns of sender and sender_name; near rivals become doubts."""
    coarse = {e.name for e in people if any(o is not e and refines(frame, o.name, e.name) for o in people)}
    found.used.update(coarse)
    people = [e for e in people if e.name not in coarse]
    # A name in all rows is the other party's rather than the sender's where another name is in some.
    best = next((e for e in people if not e.is_everywhere and e.score > people[0].score - _MARGIN), people[0])
    same = [e for e in people if e is best or _are_of_sender(frame, best.name, e.name)]
    others = [e for e in people if e not in same]
    # A column that only varies with the sender (a colour, a side) adds nothing.
    found.used.update(e.name for e in same)
    # What kind of sender it is, is no name; whom the best names is one.
    named = {e.name for e in same if hint(e.name, "sender") > max(0, hint(e.name, "kind"))}
    same = [e for e in same if e is best or e.name in named or best.name.startswith(f"{e.name}.")]
    # An account that many rows lack, or that all have, identifies nobody.
    most = _AS_FULL * max(e.held for e in same)
    full = [e for e in same if e.held >= most and not e.is_everywhere] or same
    sender = max(full, key=lambda e: (identity(frame, e.name), e is best))
    ident, same_names = sender.name, [e.name for e in same]
    shown = max(
        (
            n
            for n in same_names
            if n != ident and shows_a_name(frame, n) and is_called_a_name(n) >= is_called_a_name(ident)
        ),
        key=lambda n: (identity(frame, n) < 1, is_called_a_name(n), _holds(frame, n, same_names)),
        default=None,
    )
    # Who speaks comes back by name, and a page or part of an export does not come back.
    comes_back = not best.is_in_runs and bool(present(frame[best.name]).str.contains(r"\p{L}").all())
    # A name that stands in every row is not in doubt beside one that changes.
    near = [
        e.name
        for e in others
        if e.score > best.score - _MARGIN
        and (best.is_everywhere or not e.is_everywhere)
        and not (e.is_in_runs and comes_back)
    ]
    sure = min(0.35 + best.score / 4, 0.5 if near else 0.98)
    found.choose("sender", ident, sure, candidates([(e.score, e.name) for e in others]))
    if shown is not None:
        found.choose("sender_name", shown, 0.85)
    other = [e.name for e in others if e.is_everywhere and names_a_party(e.name)]
    if sender.is_one and sender.filled < 1 and other and not near:
        # Whether that one speaks in the gaps of the sender, nothing tells.
        near = other
        if "conversation" not in found.choices:
            found.choose("conversation", other[0], 0.5)
    # A direction tells the sides, whatever the sender is called.
    if (
        near
        or max(sender.told, best.told) < 0
        or ("direction" not in found.choices and _may_name_nobody(frame, sender, shown, found))
    ):
        found.doubts["sender"] = (ident, *(near[:3] or _numbers_beside(frame, sender, found)))


def _are_of_sender(frame: pl.DataFrame, sender: str, name: str) -> bool:
    """Whether a column describes the sender.

    What many rows without one share with the others tells of a matter.
    """
    if not describe_same_people(frame, sender, name):
        return False
    bare = frame.filter(pl.col(sender).is_null())[name]
    shared = bare.is_in(frame.filter(pl.col(sender).is_not_null())[name].implode()).sum()
    return int(shared or 0) < UNNAMED * frame.height


def _may_name_nobody(frame: pl.DataFrame, sender: Evidence, shown: str | None, found: Found) -> bool:
    """Whether the likeliest column may name the chat, or tell a side by a code or a sign.

    One name in every row is far more often the chat's than its only speaker's, and so are numbers in lists of SMS.
    """
    is_few = shown is None and sender.told <= 0 and sender.distinct <= _CODES
    may_be_code = is_few and (sender.figures == 1 or bool(_numbers_beside(frame, sender, found)))
    is_of_chats = sender.is_everywhere or (sender.is_in_runs and _has_both_sides(frame, sender.name, found))
    return is_of_chats or may_be_code or are_signs(frame[sender.name]) or (is_of_numbers(sender.name) and shown is None)


def _holds(frame: pl.DataFrame, name: str, others: list[str]) -> int:
    """The number of other columns whose values stand in those of a column, as a first name in a full one."""
    some = frame.head(_LOOK)
    inside = [
        pl.col(name).str.contains(pl.col(o), literal=True).fill_null(value=False).all() for o in others if o != name
    ]
    return sum(bool(some.select(one).item()) for one in inside)


def _numbers_beside(frame: pl.DataFrame, sender: Evidence, found: Found) -> list[str]:
    """The columns of a few telephone numbers beside two or three values that may be codes of sides."""
    if "direction" in found.choices or sender.distinct > _CODES:
        return []
    taken = {sender.name, *(c.column for c in found.choices.values())}
    free = [n for n in frame.columns if n not in taken and frame[n].dtype == pl.String]
    # A number of each sender, and of nobody else, tells of the same people.
    pairs = {n: frame.select(sender.name, n).drop_nulls().n_unique() for n in free}
    held = {n: c for n in free if not pairs[n] == (c := present(frame[n])).n_unique() == sender.distinct}
    return [n for n, c in held.items() if 0 < 2 * c.n_unique() <= c.len() and all_contain(c, _NUMBER)]


def _has_both_sides(frame: pl.DataFrame, name: str, found: Found) -> bool:
    """Whether a code of two sides has both under each value, as in chats below each other."""
    codes = [c for c in frame.columns if c not in found.used and not frame[c].null_count() and frame[c].n_unique() == 2]
    return any(frame.select((pl.col(c).n_unique() == 2).over(name).all()).item() for c in codes)
