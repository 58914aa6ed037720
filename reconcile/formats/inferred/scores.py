"""One scorer for all containers: from a column's values to its role and the alternatives."""

import re
from dataclasses import replace

import polars as pl

from reconcile.column_ops import all_contain, kept_for_few, longest_of, present
from reconcile.formats.inferred.account import unaccounted
from reconcile.formats.inferred.direction_words import DIRECTIONS, STATUSES
from reconcile.formats.inferred.fields import PARENT, Fields, repeats
from reconcile.formats.inferred.hints import hint, is_translation, names_a_person, words_of
from reconcile.formats.inferred.ids import choose_ids, choose_named, choose_names_by_key
from reconcile.formats.inferred.looked_at import FIELDS_OF_A_MESSAGE, looked_at
from reconcile.formats.inferred.mapping import Found, Inferred, candidates, count_notices, together
from reconcile.formats.inferred.people.directions import choose_box
from reconcile.formats.inferred.people.sides import choose_sides
from reconcile.formats.inferred.people.stated_senders import accept_only_sender
from reconcile.formats.inferred.times.chosen_days import choose_halves, choose_order, require_year
from reconcile.formats.inferred.times.chosen_zones import choose_stated_zone, choose_zone
from reconcile.formats.inferred.times.time_columns import (
    TimeColumn,
    contradicts,
    is_before,
    is_of_larger,
    precedes,
    ranked_times,
    standing,
    time_columns,
)
from reconcile.formats.inferred.words.bodies_in_lines import DATE
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import kind_from_text
from reconcile.wechat.named_days import fitted

_CODE = r"^(?:[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}-[0-9a-fA-F-]{20,}|[A-Za-z0-9_-]{24,})$"
_ONE_WORD = r"^[!-$&-~]{8,}$"
_ADDRESS = r"^(?:https?://|data:|file:|/|[A-Za-z]:\\)"
_BODY = r"^\s*(?:<\?xml|<msg|<[a-z]+[^>]*>.*</|[\[{]\s*[\"{\[])"
# Least share of texts with a letter; a smaller one suffices in a column called a text, if all other texts are short.
_LETTERED, _LEAST_LETTERED, _SHORT = 0.4, 0.1, 6
# From this number of messages on, at least this share of the texts differ.
_MANY, _VARIED = 12, 0.2
# Largest share of shapes among cells that differ only in figures, and how much lower such a column scores.
_SHAPES, _FIGURES, _CLOCK = 0.1, 0.7, r"[0-9]{1,2}:[0-9]{2}"
_JSON, _ALL_JSON = r"^\s*[\[{]\s*[\"{\[]", 0.9
# Longest word that names a kind.
_LONGEST_KIND = 40
_MARGIN, _UNSEEN, _LEAST_WORDY = 0.25, 0.4, 0.3
# Names of how words are written, which say nothing of what they are, and of what is never said.
_MARKUP = {"html", "xml", "raw", "source"}
_NO_WORDS = {"id", "url", "path", "md5", "avatar", "key", "file", "date", "time"}
# Values that say how words are written.
_WRITTEN = ["html", "text", "plain", "markdown", "md", "xml", "rtf", "text/plain", "text/html", "text/markdown"]
# Names of the way that messages came.
_WAY = r"(?i)渠道|来源|平台|终端|channel|platform|source|client|device"
# Least share of rows with both time and text, and of texts with a time.
_TOGETHER, _TIMED = 0.4, 0.9
_FILLED_AS_WELL = 0.5


def infer(fields: Fields) -> Inferred:
    """Which column of the frame plays which role.

    A needed role has a doubt where the values do not decide between its candidates.
    """
    if (head := _wrapper(fields)) is not None:
        return _infer_unwrapped(fields, head)
    frame = looked_at(fields.frame)
    told = {*fields.shown.values()}
    names = [n for n in fields.names if frame[n].null_count() < frame.height and n not in told]
    found = Found()
    times = time_columns(frame, [n for n in names if fields.roles.get("sender") != n != fields.roles.get("text")])
    _choose_time(fields.frame, frame, times, found)
    require_year(fields, times, found)
    choose_stated_zone(fields, found)
    # Besides whole times, a column of clocks repeats one of them.
    found.used |= {t.name for t in times if t.shape != "clock" or "date" not in found.choices}
    if fields.roles:
        _take_roles(fields, names, found)
        choose_names_by_key(fields, found)
        return Inferred(found.choices, found.manners, found.doubts)
    rest = [n for n in names if n not in found.used]
    _choose_text(frame, rest, found)
    choose_box(frame, names, found)
    rest = [n for n in rest if n not in found.used]
    _choose_kind(frame, rest, found)
    choose_sides(frame, [n for n in rest if n not in found.used], found)
    accept_only_sender(fields, found)
    choose_ids(frame, [n for n in names if n not in found.used], found)
    choose_named(frame, [n for n in names if n not in found.used], found)
    _require_one_row(fields, frame, found)
    for role, open_ in unaccounted(frame, names, found.choices, found.used, fields.beside):
        found.doubts.setdefault(role, open_)
    choose_names_by_key(fields, found)
    found.doubts |= {r: open_ for r, open_ in fields.doubts.items() if r != "timezone" or not found.is_instant}
    return Inferred(found.choices, found.manners, found.doubts)


def _wrapper(fields: Fields) -> str | None:
    """The level that wraps nearly all fields of each row, as document stores do; None without one."""
    heads = [n.partition(".")[0] for n in fields.names if "." in n and not n.startswith("^")]
    own = [n for n in fields.names if not n.startswith("^")]
    if len(heads) < FIELDS_OF_A_MESSAGE or len({*heads}) != 1:
        return None
    plain = [n for n in own if "." not in n]
    taken = {n.partition(".")[2] for n in own if "." in n} & set(plain)
    timed = any(hint(n, r) >= 1 for n in plain for r in ("time", "text", "sender"))
    return None if taken or timed or len(plain) > len(heads) else heads[0]


def _infer_unwrapped(fields: Fields, head: str) -> Inferred:
    """Infer the roles without a head that all column names share."""
    names = {n: n.removeprefix(f"{head}.") for n in fields.names}
    back = {v: k for k, v in names.items()}
    shown = {names[k]: names[v] for k, v in fields.shown.items() if k in names and v in names}
    found = infer(replace(fields, frame=fields.frame.rename(names), shown=shown))
    choices = {
        r: replace(c, column=back[c.column], others=tuple(back[o] for o in c.others)) for r, c in found.choices.items()
    }
    doubts = {r: tuple(back.get(c, c) for c in told) for r, told in found.doubts.items()}
    return replace(found, choices=choices, doubts=doubts)


def _take_roles(fields: Fields, names: list[str], found: Found) -> None:
    """Take the roles that the container states; its times are still judged by their values."""
    for role, column in fields.roles.items():
        if role in ("time", "date"):
            continue
        if column in names:
            found.choose(role, column, 0.95)
        elif role in ("sender", "text"):
            found.doubts[role] = ()
    found.doubts |= fields.doubts


def _require_one_row(fields: Fields, frame: pl.DataFrame, found: Found) -> None:
    """Adds a doubt where time and text hardly ever share a row, or many texts have no time."""
    if not {"time", "text"} <= found.choices.keys():
        return
    timed = frame[found.choices["time"].column].is_not_null().arg_true()
    # Titles stand above the first time, and totals below the last.
    frame = frame[int(timed[0]) : int(timed[-1]) + 1] if timed.len() else frame
    both, words = together(frame, found.choices), frame.height - frame[found.choices["text"].column].null_count()
    notices = count_notices(frame, found.choices) if fields.timed is not None else 0
    # Many pictures and notices have no words.
    is_named = hint(found.choices["text"].column, "text") >= 1 and 0 < both <= timed.len() == frame.height
    if both < _TOGETHER * frame.height and not is_named:
        found.doubts.setdefault("text", (found.choices["text"].column,))
    elif both < _TIMED * (words - notices):
        found.doubts.setdefault("time", (found.choices["time"].column,))


def _choose_time(whole: pl.DataFrame, some: pl.DataFrame, times: list[TimeColumn], found: Found) -> None:
    """Choose the columns of time and date; near rivals and open orders of days become doubts.

    `times` are those of `some` of the rows.
    """
    groups = ranked_times(times)
    days, clocks = (_fullest([t for t in times if t.shape == s]) for s in ("day", "clock"))
    if not groups:
        choose_halves(whole, times, days, clocks, found)
        return
    best, others = _sent_first(groups)
    if len(days) == len(clocks) == 1 and is_before(some, days[0], clocks[0], best[0]):
        found.choose("date", days[0].name, 0.9)
        found.choose("time", clocks[0].name, 0.9, tuple(g[0].name for g in groups))
        return
    one = best[0]
    # A column whose name only says time needs a smaller lead.
    margin = 0.5 if hint(one.name, "time") < 1 else 0.49
    near = [g for g in others if standing(g) >= standing(best) - margin and not precedes(one, g[0])]
    if not is_of_larger(one):
        # The rows state their own times.
        near = [g for g in near if not is_of_larger(g[0])]
    sure = 0.97 if hint(one.name, "time") > 0 else 0.88
    found.choose("time", one.name, sure, tuple(g[0].name for g in others))
    # The day of clocks may stand above the rows.
    clocks = [c for c in clocks if not days and contradicts(some, c, one)]
    if near or clocks:
        found.doubts["time"] = (one.name, *(t.name for t in (*(g[0] for g in near), *clocks)))
    found.is_instant = one.is_placed
    choose_zone(one, best, found)
    if one.is_open:
        choose_order(whole, one.name, found)
    elif one.day_first is not None:
        found.manners["day_first"] = str(one.day_first).lower()


def _sent_first(groups: list[list[TimeColumn]]) -> tuple[list[TimeColumn], list[list[TimeColumn]]]:
    """The likeliest group, and the others: nothing is stored or delivered before it was sent."""
    best = groups[0]
    for group in groups[1:]:
        if hint(group[0].name, "time") > 0 and group[0].filled >= best[0].filled and precedes(group[0], best[0]):
            best = group
    return best, [g for g in groups if g is not best]


def _fullest(found: list[TimeColumn]) -> list[TimeColumn]:
    """The columns filled in about as many rows as the one filled in most: a day may head a few rows."""
    most = max((t.filled for t in found), default=0.0)
    full = [t for t in found if t.filled > _FILLED_AS_WELL * most]
    # What stands above the rows says no more than what stands in them.
    return [t for t in full if not t.name.startswith("^")] or full


def _choose_text(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """Choose the column of words; near rivals become doubts."""
    # What is called a name is words only where nothing else is, as the title of a row in a database of notes.
    titles = [n for n in names if names_a_person(n, "text")]
    ranked = wordy(frame, [n for n in names if n not in titles])
    # A name against the words only decides between columns that may be the words.
    free = [n for n in names if not (ranked or words_of(n) & _NO_WORDS)]
    unnamed = wordy(frame, [n for n in free if n not in titles], least_hint=0.0) or wordy(frame, free, least_hint=0.0)
    # One text in every row is the words only where the name says so, and nothing else may be.
    alone = [n for n in names if not (ranked or unnamed or n.startswith(PARENT)) and hint(n, "text") >= 1]
    ranked = ranked or unnamed or [(1.0, n) for n in alone if present(frame[n]).n_unique() == 1]
    if not ranked:
        found.doubts["text"] = ()
        return
    # Beside the original, a translation is none of the words.
    ranked = [r for r in ranked if not is_translation(r[1])] or ranked
    ranked = [r for r in ranked if not any(repeats(frame, r[1], n) for _, n in ranked)] or ranked
    best = ranked[0]
    near = [n for s, n in ranked[1:] if s > best[0] - _MARGIN and not _are_alike(frame, best[1], n)]
    found.choose("text", best[1], min(0.6 + best[0] / 4, 0.5 if near else 0.99), candidates(ranked[1:]))
    is_short = bool(alone) and longest_of(frame[best[1]]) <= _SHORT
    if near or is_short or (unnamed and not words_of(best[1]) & _MARKUP):
        found.doubts["text"] = (best[1], *near[:3])
    elif float(present(frame[best[1]]).str.contains(_JSON).mean() or 0) > _ALL_JSON:  # type: ignore[arg-type]
        # The words are inside the JSON.
        found.doubts["text"] = (best[1],)


def wordy(frame: pl.DataFrame, names: list[str], least_hint: float = -1.0) -> list[tuple[float, str]]:
    """The columns that look like written messages, the likeliest first."""
    ranked = sorted(
        ((_wordiness(frame, n, max(hint(n, "text"), least_hint)), n) for n in names), key=lambda r: (-r[0], r[1])
    )
    return [(s, n) for s, n in ranked if s > _LEAST_WORDY]


def _wordiness(frame: pl.DataFrame, name: str, told: float) -> float:
    """How much a column looks like written messages: filled, varied, words rather than codes, its name.

    `told`: what its name says of that.
    """
    held = present(frame[name])
    share = held.len() / frame.height
    # Values of the enclosing object are counted once, not once per row.
    is_beside = (held.n_unique() == 1 and held.len() >= FIELDS_OF_A_MESSAGE) or (
        name.startswith("^") and name != "^key"
    )
    if share < 0.3 or is_beside:
        return 0.0
    cell, has_letters = pl.col("cell"), pl.col("cell").str.contains(r"\p{L}")
    is_code = cell.str.contains(_CODE) | (cell.str.contains(_ONE_WORD) & cell.str.contains("[0-9]"))
    is_odd, is_body = is_code | cell.str.contains(_ADDRESS), cell.str.contains(_BODY)
    longest = cell.filter(~has_letters).str.len_chars().max().fill_null(0)
    cells = held.to_frame("cell").select_seq(
        has_letters.mean().alias("words"),
        is_odd.mean().alias("odd"),
        is_body.mean().alias("body"),
        longest.alias("longest"),
    )
    words, odd, body = map(float, cells.row(0)[:3])
    # Short figures are words where the name says so.
    lettered = _LEAST_LETTERED if told >= 1 and cells["longest"][0] <= _SHORT else _LETTERED
    if words < lettered or odd > 0.6:
        return 0.0
    # A few words that keep recurring are names, even if no other column has words.
    if held.len() >= _MANY and held.n_unique() < _VARIED * held.len() and told < 1:
        return 0.0
    figures = _FIGURES if told < 1 and _differ_in_figures(held) else 0.0
    # Words for sides and states of sending say nothing else.
    if told < 1 and (held.str.to_lowercase().is_in([*DIRECTIONS, *STATUSES]).all() or _are_kinds(held)):
        return 0.0
    # Times with a remark are not written messages.
    if _few_beside_dates(held) or (figures and float(held.str.contains(_CLOCK).mean()) > _ALL_JSON):  # type: ignore[arg-type]
        return 0.0
    several = min(held.n_unique() / held.len(), 1.0)
    length = min(float(held.str.len_chars().mean()) / 12, 1.0)  # type: ignore[arg-type]
    return (
        0.5 * share
        + 0.7 * several
        + 0.3 * length
        + told
        - 0.8 * body
        - 0.5 * odd
        - figures
        - name.startswith("^")
        # A page repeats its attributes in its text.
        - _UNSEEN * ("@" in name.rpartition(".")[2])
    )


def _are_kinds(held: pl.Series) -> bool:
    """Whether cells are a few recurring words, nearly all of which name kinds."""
    if 2 * held.n_unique() > held.len() or longest_of(held) > _LONGEST_KIND:
        return False
    return kinds_of_names(held).null_count() <= (1 - _ALL_JSON) * held.len()


@kept_for_few
def _few_beside_dates(held: pl.Series) -> bool:
    """Whether cells differ in little else than the dates that begin them."""
    # Words without figures tell at once, and spare most columns the pattern, which takes 2 ms to compile.
    if held.filter(~held.str.contains("[0-9]")).n_unique() > FIELDS_OF_A_MESSAGE:
        return False
    rest = held.str.replace(fitted(rf"^\W*{DATE}[,\s]*[0-9:]*", held), "")
    return rest.n_unique() <= (FIELDS_OF_A_MESSAGE if held.len() > 2 * FIELDS_OF_A_MESSAGE else (rest != held).all())


@kept_for_few
def _differ_in_figures(held: pl.Series) -> bool:
    """Whether many different cells differ only in figures, as shown times do."""
    shapes = held.str.replace_all(r"[0-9]+", "0").n_unique()
    return held.len() >= _MANY and 2 * shapes < held.n_unique() and shapes <= max(3, _SHAPES * held.len())


def _are_alike(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether two columns agree in more than 90 % of the rows that fill both."""
    both = frame.select(one, other).drop_nulls()
    return both.height > 0 and float((both[one].str.strip_chars() == both[other].str.strip_chars()).mean()) > 0.9  # type: ignore[arg-type]


def _choose_kind(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """Choose the column of kinds, if one scores at least 1."""
    ranked = sorted(((_kind_score(frame, n), n) for n in names), key=lambda r: (-r[0], r[1]))
    ranked = [(s, n) for s, n in ranked if s >= 1 and not _denies_words(frame, n, found)]
    if not ranked:
        return
    column = ranked[0][1]
    found.choose("kind", column, min(0.45 + ranked[0][0] / 4, 0.95), candidates(ranked[1:]))
    held = frame[column].drop_nulls()
    if all_contain(held, r"^-?[0-9]+$") and "text" in found.choices:
        found.manners |= _codes(frame, column, found.choices["text"].column)


def _kind_score(frame: pl.DataFrame, name: str) -> float:
    """How far a column looks like kinds by its words and name; 0 where it cannot be one."""
    held = present(frame[name])
    distinct = held.n_unique()
    # A single number, or word for no kind, in all rows distinguishes nothing.
    if distinct < 2 and (all_contain(held, r"^-?[0-9]+$") or kinds_of_names(held).null_count() == held.len()):
        return 0.0
    if (
        held.len() < 0.5 * frame.height
        or distinct > 40
        or longest_of(held) > _LONGEST_KIND
        or names_a_person(name, "kind")
    ):
        return 0.0
    told = hint(name, "kind")
    # How words are written, one word in all rows, and the way that messages came, are no kinds.
    is_written = bool(held.str.to_lowercase().is_in(_WRITTEN).all())
    if is_written or (told <= 0 and (distinct < 2 or re.search(_WAY, name))):
        return 0.0
    # People may be called by a number, or by a word for a kind.
    if told <= 0 and hint(name, "sender") >= 1:
        return 0.0
    named = (held.len() - kinds_of_names(held).null_count()) / held.len()
    numbers = all_contain(held, r"^-?[0-9]+$")
    # Bare numbers and yes or no are kinds only if the name says so.
    if numbers or all_contain(held, r"(?i)^(?:true|false|yes|no|是|否)$"):
        return 0.0 if told <= 0 else 1 + told * 0.5
    return (1.2 if named > 0.5 else 0.0) + named * 0.5 + max(told, -0.5) * 0.8


def _denies_words(frame: pl.DataFrame, name: str, found: Found) -> bool:
    """Whether a column calls no row a text although most rows hold ordinary words."""
    if "text" not in found.choices or frame.height < _MANY:
        return False
    named = kinds_of_names(frame[name]).rename("kind")
    if named.null_count() == named.len() or (named == str(Kind.TEXT)).any() or frame[name].n_unique() < 2:
        return False
    text = frame[found.choices["text"].column].rename("text")
    told = pl.DataFrame([named, text]).drop_nulls()
    shown = told.select(kind_from_text(pl.col("text")).is_null() & ~pl.col("text").str.contains(_BODY)).to_series()
    return told.height > _TOGETHER * frame.height and float(shown.mean() or 0) > _FIGURES  # type: ignore[arg-type]


def _codes(frame: pl.DataFrame, column: str, text: str) -> dict[str, str]:
    """The meaning of each number of a kind column, judged by the rows' bodies; `other` where unclear."""
    kind = kind_from_text(pl.col(text).fill_null("")).alias("kind")
    told = frame.select(pl.col(column).alias("code"), kind).drop_nulls("code")
    found: dict[str, str] = {}
    for (code,), part in told.group_by("code", maintain_order=True):
        kinds = part["kind"].drop_nulls()
        # Of bodies of several kinds, each says its own.
        if kinds.len() >= 0.8 * part.height and kinds.n_unique() == 1:
            found[f"kind:{code}"] = kinds[0]
        elif kinds.len() <= 0.2 * part.height and part.height >= 0.3 * told.height:
            found[f"kind:{code}"] = str(Kind.TEXT)
    return found
