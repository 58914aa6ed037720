"""Columns about people: sender, sender's name, direction, receiver and conversation."""

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.both_ends import ends_of, is_of_the_peer, opposite_ends, party_and_other
from reconcile.formats.inferred.directions import (
    SERVICES,
    YES_NO,
    Roles,
    are_signs,
    are_states,
    ask_what_codes_say,
    choose_direction,
    is_of_numbers,
    speak_on_both_sides,
)
from reconcile.formats.inferred.fields import longest_of
from reconcile.formats.inferred.hints import hint, is_called_a_name, names_a_party
from reconcile.formats.inferred.mapping import candidates
from reconcile.formats.inferred.named_accounts import PHONE
from reconcile.formats.inferred.rooms import (
    choose_list,
    choose_matter,
    choose_only_peer,
    choose_places,
    names_each_side,
    share_on_both_sides,
)
from reconcile.formats.inferred.rows import DIRECTIONS
from reconcile.formats.inferred.same_people import describe_same_people, identity, refines, shows_a_name
from reconcile.formats.inferred.text_bodies import DAY_NAME
from reconcile.wechat.chinese_script import simplified

_ADDRESS = r"^(?:https?://|data:|/|[A-Za-z]:\\)|\.(?:jpe?g|png|gif|webp|mp4|amr|silk)$"
# Rows in which one name is looked for in another.
_LOOK = 1_000
# Lead that a name above the rows needs over one in them, and longest name.
_ABOVE, _LONGEST = 0.6, 80
# A telephone number, and most codes of sides.
_NUMBER, _CODES = rf"^(?:{PHONE}|[0-9]{{7,15}})$", 3
# Least share of rows whose sender is not that of the row above.
_CHANGES = 0.2
# Largest share of different values in a column of people.
_RECURRING = 0.3
_PERIOD = rf"^\s*(?:19|20)[0-9]{{2}}\s?[-/.年]\s?[0-9]{{1,2}}|^{DAY_NAME}$"
_EPOCH = r"^1[0-9]{9}(?:[0-9]{3}){0,3}$"
_SMALL, _COUNTED = r"^-?[0-9]{1,3}$", r"^-?[0-9]+$"
# Least score of a person; least share of the fullest column of a person that one that identifies fills.
_LEAST_PERSONAL, _MARGIN, _AS_FULL = 0.4, 0.45, 0.9
# From the first number of messages on, several people write; from the second on, people recur.
_MANY, _EVER_NEW = 6, 12
# Least share of rows whose value occurs in both directions, where it names the other party.
_MOST_BOTH = 0.8


def choose_sides(frame: pl.DataFrame, names: list[str], found: Roles) -> None:
    """Choose direction, conversation, receiver and sender, in this order.

    Adds a doubt where another column may be the sender as well.
    """
    if {"direction", "conversation"} <= found.choices.keys():
        # The boxes of a telephone tell everything.
        return
    frame = _messages_of(frame, found)
    choose_direction(frame, names, found)
    names = [n for n in names if n not in found.used and not _tells_the_side_again(frame, n, found)]
    names = [n for n in names if not _holds_services_alone(present(frame[n]))]
    if (ends := ends_of(frame, names, found)) is not None:
        found.choose("sender", ends[0], 0.8)
        found.choose("receiver", ends[1], 0.8)
        return
    if (parts := party_and_other(frame, names, found)) is not None:
        # The other party speaks in the gaps of the sender.
        found.choose("sender", parts[0], 0.8)
        found.choose("conversation", parts[1], 0.8)
        return
    pairs = opposite_ends(frame, names, found)
    names = [n for n in names if n not in found.used]
    said = _with_words(frame, found)
    people = _likely_people(frame, said, names, found)
    people = [(s, n) for s, n in people if not _names_one_side(said, n, [m for _, m in people if m != n])]
    named = {n for n in names for one in pairs if n == one or describe_same_people(frame, one, n)}
    choose_places(frame, [n for n in names if n not in named], [n for s, n in people if s > 1.2], found)
    choose_only_peer(frame, names, found)
    people = _without_peers(frame, people, found)
    people = [(s, n) for s, n in people if n not in found.used]
    own = [(s, n) for s, n in people if not n.startswith("^")]
    if people:
        # Columns from above the rows are no senders if a column of the rows may be.
        _choose_sender(frame, own if own and own[0][0] > people[0][0] - _ABOVE else people, found)
        # Accounts in one column and names in the other make no pair.
        if (receiver := pairs.get(found.choices["sender"].column)) is not None:
            found.choose("receiver", receiver, 0.85)
        elif pairs:
            found.choices.pop("receiver", None)
        choose_list(frame, found)
        choose_matter(frame, names, found)
    elif "direction" not in found.choices:
        found.doubts["sender"] = _may_tell_who(frame, names, found)
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


def _likely_people(frame: pl.DataFrame, said: pl.DataFrame, names: list[str], found: Roles) -> list[tuple[float, str]]:
    """The columns that look like people, the likeliest first; asks where a code may tell the sides.

    `said`: the rows with words.
    """
    ranked = sorted(((_personal(said, n), n) for n in names), key=lambda r: (-r[0], r[1]))
    if "direction" not in found.choices and ranked and speak_on_both_sides(frame, ranked[0][1], found):
        ask_what_codes_say(found)
    people = [(s, n) for s, n in ranked if s > _LEAST_PERSONAL and not _is_a_state(frame, n, found)]
    people = [(s, n) for s, n in people if not _is_of_all_words(frame, n, found)]
    # The direction tells who sent better than a number or a kind, unless it tells the accounts of the sides apart.
    return [
        (s, n)
        for s, n in people
        if "direction" not in found.choices or not _is_called_otherwise(n) or _is_account_of_each(frame, n, found)
    ]


def _is_account_of_each(frame: pl.DataFrame, name: str, found: Roles) -> bool:
    """Whether a column of ids has other values on each side, and one side has a single one."""
    is_id = max(hint(name, "kind"), hint(name, "time")) <= 0 and identity(frame, name) == 1
    return is_id and names_each_side(frame, name, found)


def _names_one_side(frame: pl.DataFrame, name: str, others: list[str]) -> bool:
    """Whether all rows of one side share a value of a column, while another column names both sides."""
    if not frame[name].null_count() or present(frame[name]).n_unique() != 1:
        return False
    held = frame[name].is_not_null()
    others = [n for n in others if not _is_called_otherwise(n)]
    full = [n for n in others if not frame[n].null_count() and 2 <= frame[n].n_unique() <= _MANY]
    return any(
        frame.select(pl.col(n), held.alias("held")).group_by(n).agg(pl.col("held").n_unique())["held"].max() == 1
        for n in full
    )


def _messages_of(frame: pl.DataFrame, found: Roles) -> pl.DataFrame:
    """The rows that have a time or words; all others are no messages."""
    wanted = [pl.col(found.choices[r].column).is_not_null() for r in ("time", "text") if r in found.choices]
    return frame.filter(pl.any_horizontal(wanted)) if wanted else frame


def _with_words(frame: pl.DataFrame, found: Roles) -> pl.DataFrame:
    """The rows with words; all rows where few have words."""
    if "text" not in found.choices:
        return frame
    said = frame.filter(pl.col(found.choices["text"].column).is_not_null())
    return said if said.height >= max(_MANY, _RECURRING * frame.height) else frame


def _may_tell_who(frame: pl.DataFrame, names: list[str], found: Roles) -> tuple[str, ...]:
    """The columns with a few values that change from row to row, by their names first.

    One of them is no conversation: those are the same for many rows, and a column of conversations is no sender.
    """
    ranked = []
    chat = found.choices.get("conversation")
    for name in names:
        held = present(frame[name])
        # A telephone number may be the only one that wrote.
        least = 1 if bool(held.str.contains(_NUMBER).all()) else 2
        if (
            least <= held.n_unique() <= _MANY
            and held.len() > _MOST_BOTH * frame.height
            and longest_of(held) <= _LONGEST
        ):
            told = max(hint(name, "sender"), hint(name, "direction"))
            changes = float((held != held.shift(1)).mean() or 0)  # type: ignore[arg-type]
            if chat is None or name != chat.column or changes > _CHANGES:
                ranked.append((told + changes, name))
    ranked.sort(key=lambda r: (-r[0], r[1]))
    if chat is not None and chat.column == next((n for _, n in ranked), None):
        found.choices.pop("conversation")
    return candidates(ranked)


def _holds_services_alone(held: pl.Series) -> bool:
    """Whether all values name services that carry messages; the first one tells of most columns."""
    if held.is_empty():
        return True
    return held[0].lower() in SERVICES and bool(held.str.to_lowercase().is_in([*SERVICES]).all())


def _is_of_peers(frame: pl.DataFrame, name: str, found: Roles) -> bool:
    """Whether a column is filled in some rows of what came in, and in no others."""
    sides = frame[found.choices["direction"].column].filter(frame[name].is_not_null()).unique().to_list()
    return len(sides) == 1 and sides[0] is not None and is_of_the_peer(sides[0], found)


def _is_a_state(frame: pl.DataFrame, name: str, found: Roles) -> bool:
    """Whether a column holds states of sending, or small numbers beside a direction, and no people."""
    if hint(name, "sender") > 0:
        return False
    held = present(frame[name]).unique()
    if "direction" in found.choices:
        held = held.filter(~held.str.contains(_SMALL))
    return held.len() <= _MANY and are_states(held)


def _is_of_all_words(frame: pl.DataFrame, name: str, found: Roles) -> bool:
    """Whether a column not called a sender has one value in rows with words, others in those without.

    It names kinds of rows, as a log of events does.
    """
    if "text" not in found.choices or hint(name, "sender") >= 1:
        return False
    has_words = frame[found.choices["text"].column].is_not_null()
    said, other = frame[name].filter(has_words), frame[name].filter(~has_words)
    return said.n_unique() == 1 and other.n_unique() > 0 and not other.is_in(said.unique().implode()).any()


def _tells_the_side_again(frame: pl.DataFrame, name: str, found: Roles) -> bool:
    """Whether a column of words of direction repeats what the chosen one says."""
    if "direction" not in found.choices or not {str(w).lower() for w in frame[name].drop_nulls().unique()} <= {
        *DIRECTIONS
    }:
        return False
    return frame[name].n_unique() > 1 and describe_same_people(frame, found.choices["direction"].column, name)


def _personal(frame: pl.DataFrame, name: str) -> float:
    """How much a column looks like people: few short values that recur, filled in most rows, and its name."""
    held = present(frame[name])
    distinct = held.n_unique()
    # Attributes of an element's structure are no names of people.
    if name.endswith("@class") or held.len() < 0.4 * frame.height or float(held.str.contains(YES_NO).mean()) > 0.9:  # type: ignore[arg-type]
        return 0.0
    # Unix seconds, with 0 for none, years with a month and weekdays are times, not people.
    is_epoch = float(held.filter(held != "0").str.contains(_EPOCH).mean() or 0) > _MOST_BOTH  # type: ignore[arg-type]
    if (is_epoch and distinct > max(_MANY, _RECURRING * held.len())) or bool(held.str.contains(_PERIOD).all()):
        return 0.0
    # What somebody remarks may be a contact's name, or words about the message.
    told = -0.5 if _is_called_otherwise(name) else 0.0 if "备注" in simplified(name) else hint(name, "sender")
    # A column with one value is a person only if its name says so; one of ever new values never is.
    if (distinct == 1 and told <= 0) or (distinct > max(6, 0.5 * held.len()) and told < 1):
        return 0.0
    # Values that never recur, or numbers that mostly occur once, are not people, whatever the name of the column.
    once = int(held.is_unique().sum())
    is_new = distinct > 0.9 * held.len() or (once > _RECURRING * held.len() and bool(held.str.contains(_COUNTED).all()))
    # What encloses the rows and is another in each is their key.
    if (held.len() >= _EVER_NEW and is_new) or (name.startswith("^") and distinct == held.len() > 1):
        return 0.0
    if longest_of(held) > 80 or float(held.str.contains(_ADDRESS).mean()) > 0.2:  # type: ignore[arg-type]
        return 0.0
    numbers = float(held.str.contains(r"^-?[0-9]{1,3}$|^[0-9]+\.[0-9]+$").mean())  # type: ignore[arg-type]
    changes = float((held != held.shift(1)).mean()) if held.len() > 1 else 0.0  # type: ignore[arg-type]
    return (
        0.6
        + 0.4 * held.len() / frame.height
        + 0.3 * min(changes * 2, 1)
        + told
        - 0.6 * numbers
        - 0.4 * (distinct == 1)
        - 0.8 * (distinct == 1 and name.startswith("^"))
    )


def _is_called_otherwise(name: str) -> bool:
    """Whether a column is named after message, kind or time, and not after people."""
    return hint(name, "sender") <= 0 and max(hint(name, r) for r in ("id", "kind", "time")) > 0


def _without_peers(frame: pl.DataFrame, people: list[tuple[float, str]], found: Roles) -> list[tuple[float, str]]:
    """The columns that may name the sender, without those whose values stand in rows of both directions.

    Those name the other party of each chat. The first is the conversation where nothing else is.
    """
    peers = [
        n
        for _, n in people
        if n not in found.used and (share_on_both_sides(frame, n, found) > _MOST_BOTH or _is_a_number(frame, n, found))
    ]
    if peers and "conversation" not in found.choices:
        # What identifies the other party tells chats apart better than the name that it bears.
        best = max(peers, key=lambda n: (identity(frame, n), frame[n].n_unique()))
        found.choose("conversation", best, 0.8, tuple(n for n in peers if n != best))
    # Another column of the same people names the other party as well.
    peers += [n for _, n in people if n not in peers and any(_are_one_party(frame, p, n) for p in peers)]
    found.used.update(peers)
    return [(s, n) for s, n in people if n not in peers]


def _are_one_party(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether two columns of several people are filled in the same rows and name the same people."""
    is_filled = bool((frame[one].is_null() == frame[other].is_null()).all())
    return is_filled and frame[one].n_unique() > 1 and describe_same_people(frame, one, other)


def _is_a_number(frame: pl.DataFrame, name: str, found: Roles) -> bool:
    """Whether a column beside a direction holds telephone numbers, and no side has its own."""
    return "direction" in found.choices and is_of_numbers(name) and not names_each_side(frame, name, found)


def _choose_sender(frame: pl.DataFrame, people: list[tuple[float, str]], found: Roles) -> None:
    """Choose the columns of sender and sender_name; near rivals become doubts."""
    coarse = [n for _, n in people if any(m != n and refines(frame, m, n) for _, m in people)]
    found.used.update(coarse)
    people = [(s, n) for s, n in people if n not in coarse]
    # A name in all rows is the other party's rather than the sender's where another name is in some.
    best = next((p for p in people if not _is_one_person(frame, p[1])), people[0])
    best = best if best[0] > people[0][0] - _MARGIN else people[0]
    same = [n for _, n in people if n == best[1] or describe_same_people(frame, best[1], n)]
    others = [(s, n) for s, n in people if n not in same]
    # A column that only varies with the sender (a colour, a side) adds nothing.
    found.used.update(same)
    same = [n for n in same if n == best[1] or hint(n, "sender") > 0]
    # An account that many rows lack, or that all have, identifies nobody.
    most = _AS_FULL * max(frame[n].count() for n in same)
    full = [n for n in same if frame[n].count() >= most and not _is_one_person(frame, n)] or same
    ident = max(full, key=lambda n: (identity(frame, n), n == best[1]))
    shown = max(
        (n for n in same if n != ident and shows_a_name(frame, n) and is_called_a_name(n) >= is_called_a_name(ident)),
        key=lambda n: (identity(frame, n) < 1, is_called_a_name(n), _holds(frame, n, same)),
        default=None,
    )
    # A name that stands in every row is not in doubt beside one that changes.
    changes = frame[best[1]].n_unique() > 1
    near = [n for s, n in others if s > best[0] - _MARGIN and not (changes and _is_one_person(frame, n))]
    found.choose("sender", ident, min(0.35 + best[0] / 4, 0.5 if near else 0.98), candidates(others))
    if shown is not None:
        found.choose("sender_name", shown, 0.85)
    other = [n for _, n in others if _is_one_person(frame, n) and names_a_party(n)]
    if frame[ident].null_count() and present(frame[ident]).n_unique() == 1 and other and not near:
        # Whether that one speaks in the gaps of the sender, nothing tells.
        near = other
        if "conversation" not in found.choices:
            found.choose("conversation", other[0], 0.5)
    if near:
        found.doubts["sender"] = (ident, *near[:3])
    elif _is_called_otherwise(ident) and not _is_account_of_each(frame, ident, found):
        found.doubts["sender"] = (ident,)
    elif "direction" not in found.choices and (
        _is_one_person(frame, ident)
        or _speak_in_turn(frame, ident, found)
        or (is_of_numbers(ident) and shown is None)
        # Codes and signs name nobody, and two codes of plain words may tell who sent.
        or are_signs(frame[ident])
        or (shown is None and hint(ident, "sender") <= 0 and are_signs(frame[ident], "[0-9]{1,2}"))
        or (shown is None and hint(ident, "sender") <= 0 and _numbers_beside(frame, ident, found))
    ):
        # One name in every row is far more often the chat's than its only speaker's, and so are numbers in lists of SMS.
        found.doubts["sender"] = (ident, *_numbers_beside(frame, ident, found))


def _holds(frame: pl.DataFrame, name: str, others: list[str]) -> int:
    """The number of other columns whose values stand in those of a column, as a first name in a full one."""
    some = frame.head(_LOOK)
    inside = [
        pl.col(name).str.contains(pl.col(o), literal=True).fill_null(value=False).all() for o in others if o != name
    ]
    return sum(bool(some.select(one).item()) for one in inside)


def _numbers_beside(frame: pl.DataFrame, name: str, found: Roles) -> list[str]:
    """The columns of a few telephone numbers beside two or three values that may be codes of sides."""
    if frame[name].n_unique() > _CODES:
        return []
    taken = {name, *(c.column for c in found.choices.values())}
    held = {n: present(frame[n]) for n in frame.columns if n not in taken and frame[n].dtype == pl.String}
    return [n for n, c in held.items() if 0 < 2 * c.n_unique() <= c.len() and c.str.contains(_NUMBER).all()]


def _speak_in_turn(frame: pl.DataFrame, name: str, found: Roles) -> bool:
    """Whether each of several people has all rows in one run, and a code of two sides is in each run.

    Chats that stand below each other name their other party so.
    """
    held = frame[name]
    if held.null_count() or not 1 < held.n_unique() == held.rle_id().n_unique() <= held.len() // _MANY:
        return False
    codes = [c for c in frame.columns if c not in found.used and not frame[c].null_count() and frame[c].n_unique() == 2]
    return any(frame.select((pl.col(c).n_unique() == 2).over(name).all()).item() for c in codes)


def _is_one_person(frame: pl.DataFrame, name: str) -> bool:
    """Whether every one of many rows has the same value."""
    held = present(frame[name])
    return held.len() == frame.height >= _MANY and held.n_unique() == 1
