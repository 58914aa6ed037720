"""Lines of one layout, as in logs: constant words, places with few values, and words at the end."""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise, takewhile

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.named_accounts import PHONE
from reconcile.formats.inferred.rows import DIRECTIONS
from reconcile.formats.inferred.same_people import LEVELS
from reconcile.formats.inferred.script_values import plain_quoted
from reconcile.formats.inferred.text_bodies import bodies_of
from reconcile.formats.inferred.text_headings import around_times
from reconcile.formats.inferred.text_times import hold_times, plain_times
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import leading_note
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.kind_names import kind_of_name

# Least lines of a layout, least share of the filled lines, and of the lines with times that have it.
_LEAST, _LEAST_SHARE, _ALIVE = 6, 0.1, 0.9
# Lines that show the layout, the part of each that is looked at, and the least and most places.
_LOOK, _NEAR, _LEAST_PLACES, _MOST_PLACES = 1_000, 120, 2, 12
# A place has so few values, or so small a share of different ones, and they are so short.
_FEW, _RECURRING, _LONGEST = 8, 0.3, 60
# Signs between places, and those with the name of the next place; the name of a place before its value.
# A plus before a figure belongs to the value.
_BETWEEN = re.compile(r"\s*(?:[^\w\s+]|\+(?![0-9]))+\s*")
_BEFORE_NAME = re.compile(r"(?=((?:\s*[^\w\s]+\s*|\s+)(\w{1,20})\s*([=:：])\s*[\"'\[(]?))")
_NAMED = re.compile(r"(\w{1,20})\s*[=:：]\s*[\"'\[(]?$")
_CALLED = re.compile(r"(\w{1,20})\s*[\[({<【（「]$")
_CLOSING = dict(zip("[({<【（「“\"'", "])}>】）」”\"'", strict=True))
_CODE = r"[\w@./:-]*[0-9][\w@./:-]*"
_SENTENCE = r"[.。!！?？;；,，]\s|[。！？；，]"
_ENDS_A_PLACE = r"[:：>|\-—–\])】](?:\s|$)"
_ACCOUNT = rf"^(?:[A-Za-z0-9_@.+-]*[0-9_@][A-Za-z0-9_@.+-]*|{PHONE})$"
_NAMED_PLACES = ("time", "sender", "text", "kind", "conversation", "receiver", "direction", "id", "local_id", "status")
_JOINT = r"(?i)\s+(?:in|at|to|from|via|@|在|于|来自|的消息|说道?|发来|said|says|sent|wrote)(?:\s.*)?$"
LEVEL = f"(?i:{'|'.join(sorted(LEVELS, reverse=True))})"
_LEVELS = rf"^\W*{LEVEL}\W*$"
# Signs inside names.
_IN_NAMES = (":", "：", "/", "·", "-", "_")
# Further pairs behind a value in quotes.
_PAIRS = r"(?:[\s,;]+[\w.-]+=(?:\"[^\"]*\"|\S*))*\s*"
_EDGES = " \t-—–|:：>*])】"
_SIDES = {
    **{w: "out" if is_own else "in" for w, is_own in DIRECTIONS.items() if not w.isdigit()},
    **dict.fromkeys(("->", ">>", "→", "=>", "snd", "tx"), "out"), **dict.fromkeys(("<-", "<<", "←", "<=", "recv", "rx"), "in"),
}  # fmt: skip


@dataclass
class _Layout:
    """What the peeled lines had before their rest: the places by name, and the constant words."""

    places: dict[str, pl.Series] = field(default_factory=dict)
    constant: list[str] = field(default_factory=list)


def placed_fields(lines: pl.Series, name: str, notes: list[Note]) -> Fields | None:
    """The messages of lines with at least two places beside the time, a column each; None for other texts.

    A line without the layout belongs to the message above it, and is noted if it has a time in the same place.
    """
    filled = int((lines.str.strip_chars() != "").sum())
    least = max(_LEAST, _LEAST_SHARE * filled)
    frame = lines.alias("text").to_frame().with_row_index("line", offset=1)
    for kind in ("full", "c", "figures", "epoch"):
        near = frame.filter(hold_times(lines, kind))
        if near.height < least:
            continue
        heads = around_times(near, kind)
        if heads.height >= least:
            return _fields(lines, heads, kind, name, notes)
    return None


def _fields(lines: pl.Series, heads: pl.DataFrame, kind: str, name: str, notes: list[Note]) -> Fields | None:
    """The messages below headings of one layout."""
    before, after = _Layout(), _Layout()
    # Before the time, a running number may be left; a time elsewhere belongs to the words.
    left = _peel(heads["pre"], before, "<").str.replace_all("[0-9]+", "0")
    usual = present(left).mode().sort()
    in_place = (left == usual[0]).fill_null(value=False) if usual.len() else left.is_not_null() & False
    heads = heads.filter(in_place)
    words = _peel(heads["post"], after, ">")
    alive = words.is_not_null()
    spoken = [w for w in (*before.constant, *after.constant) if re.search(r"\w", w)]
    places = {**{n: c.filter(in_place) for n, c in before.places.items()}, **after.places}
    if not places or len(places) + len(spoken) < _LEAST_PLACES or float(alive.mean() or 0) < _ALIVE:  # type: ignore[arg-type]
        return None
    if words.filter(alive).n_unique() < _RECURRING * int(alive.sum()):
        return None
    told: list[Note] = []
    if not alive.all() and _is_log(spoken, places):
        gone = heads.filter(~alive).select("line", "text")
        told = [Note(NoteCode.ROW_SKIPPED, f"{name}#line {n}", t[:200]) for n, t in gone.iter_rows()]
    else:
        # In a chat, a line without the places is a notice.
        opening = next(iter(after.constant), "").rstrip(" " + "".join(_CLOSING))
        bare = heads["post"].str.strip_prefix(opening).str.strip_chars(_EDGES)
        words, alive = words.fill_null(bare), alive | True
    starts = _marked(lines, heads.filter(alive))
    body, more = bodies_of(lines, heads.filter(alive)["line"], _marked(lines, heads) & ~starts, starts, has_words=True)
    text = pl.DataFrame({"words": words.filter(alive), "body": body}).select(
        pl.when(pl.col("body") == "").then("words").otherwise(pl.col("words") + "\n" + pl.col("body")).alias("text")
    )["text"]
    frame = pl.DataFrame([
        heads.filter(alive).select(pl.format("line {}", "line").alias(ROW))[ROW],
        plain_times(heads.filter(alive)["time"], kind).alias("time"),
        *(c.filter(alive).replace("", None).alias(n) for n, c in _telling(places).items()),
        _without_closing(text, after).alias("text"),
    ])  # fmt: skip
    return Fields(
        frame, name, f"{name}#", is_text=True, is_flat=True,
        notes=(*notes, *more, *shorten_notes(told), *leading_note(lines, starts, name)),
    )  # fmt: skip


def _marked(lines: pl.Series, heads: pl.DataFrame) -> pl.Series:
    """Which of the lines are these headings."""
    return pl.Series([False]).new_from_index(0, lines.len()).scatter(heads["line"] - 1, values=True)


def _is_log(constant: list[str], places: dict[str, pl.Series]) -> bool:
    """Whether the lines state levels, as the log of a program does."""
    levels = rf"\b(?:{LEVEL})\b"
    return any(re.search(levels, c) for c in constant) or any(
        p.drop_nulls().str.contains(_LEVELS).all() for p in places.values()
    )


def _peel(rest: pl.Series, layout: _Layout, side: str) -> pl.Series:
    """What the texts hold behind their places, which the layout receives; null = of another layout."""
    named, before = None, ""
    for _ in range(_MOST_PLACES):
        shared = _shared_beginning(rest)
        if shared:
            layout.constant.append(shared)
            rest = rest.set(~rest.str.starts_with(shared).fill_null(value=False), None).str.slice(len(shared))
            named = found[1] if (found := _NAMED.search(shared)) else None
        if named is not None and hint(named, "text") >= 1:
            return rest
        sign = _next_sign(rest, named, shared)
        if sign is None:
            return rest if side == "<" else _with_own_words(rest, before, shared, layout)
        parts = rest.str.splitn(sign, 2).struct.unnest()
        value = _without_joint(parts["field_0"].set(parts["field_1"].is_null(), None).str.strip_chars())
        if named is None and shared and (first := _first_names(shared, value)):
            layout.constant[-1], value = shared.removesuffix(first), first + value
        last = next(reversed(layout.places), "")
        if last and not shared and before in _IN_NAMES and _are_parts_of_names(layout.places[last], value):
            layout.places[last] += before + value
        else:
            layout.places[_name_of(named or _end_before(shared), layout, side)] = value
        layout.constant.append("" if re.search(r"\w", sign) is None else sign)
        before, rest, named = sign, parts["field_1"], found[1] if (found := _NAMED.search(sign)) else None
        if named is not None and hint(named, "text") >= 1:
            return rest
    return rest


def _first_names(shared: str, values: pl.Series) -> str:
    """The words at the end of a shared beginning that are part of every name behind it; "" without any.

    Members of one family, or two people of one first name. Words that say what stands behind them name nobody.
    """
    found = re.search(r"(?:\b[^\W\d_]\w* )+$", shared)
    if found is None or not present(values).str.contains(r"^\p{Lu}").all():
        return ""
    are_names = (w[0].isupper() and not re.fullmatch(LEVEL, w) and not _names_a_place(w) for w in found[0].split())
    return found[0] if all(are_names) else ""


def _are_parts_of_names(one: pl.Series, other: pl.Series) -> bool:
    """Whether values of two places always stand together, and neither is an account: `Sales:Anna`."""
    accounts = (present(c).str.contains(_ACCOUNT).all() for c in (one, other))
    return _are_of_the_same(one, other) and not any(accounts)


def _with_own_words(rest: pl.Series, before: str, shared: str, layout: _Layout) -> pl.Series:
    """The words, with those that begin all of them; null where these may be a place."""
    signs = re.match(r"^\W*", shared)[0]  # type: ignore[index]
    own = shared.removeprefix(signs)
    closing = _CLOSING.get((before + signs).rstrip()[-1:])
    kept = re.match(rf"^([^{re.escape(closing)}]*){re.escape(closing)}\s*", own) if closing is not None else None
    if kept is not None and kind_of_name(kept[1]) is Kind.TEXT:
        # Each message is called a text.
        signs, own = signs + kept[0], own[kept.end() :]
    if not own or shared[-1] in _CLOSING:
        return rest
    layout.constant[-1] = signs
    return rest.set(rest.is_not_null(), None) if re.search(_ENDS_A_PLACE, own) else own + rest


def _without_joint(values: pl.Series) -> pl.Series:
    """The values without the words that join all of several different ones to a place: `Anna in team`."""
    some = present(values).unique().to_list()
    shared = _common([v[::-1] for v in some])[::-1] if len(some) > 1 else ""
    joint = re.search(_JOINT, shared)
    return values if joint is None else values.str.strip_suffix(joint[0])


def _end_before(shared: str) -> str | None:
    """The word for one who sends or receives before an opening bracket, such as `user [`; else None."""
    found = _CALLED.search(shared)
    return found[1] if found and any(hint(found[1], r) >= 1 for r in ("sender", "receiver")) else None


def _name_of(named: str | None, layout: _Layout, side: str) -> str:
    """The name of the next place: its own, else its number on this side of the time."""
    own = named if named and named not in (*layout.places, "time", "text", ROW) else None
    return own or f"{side}{len(layout.places) + 1}"


def _shared_beginning(rest: pl.Series) -> str:
    """The words and signs with which nearly all texts begin, up to the end of a word."""
    some = present(rest).head(_LOOK).sort().to_list()
    few = int((1 - _ALIVE) / 2 * len(some))
    some = some[few : len(some) - few]
    shared = _common([s[:_NEAR] for s in some])
    if any(len(s) > len(shared) and s[len(shared)].isalnum() for s in some):
        shared = re.sub(r"(?:\+[0-9 ()-]*)?\w*$", "", shared)
    return shared


def _common(texts: list[str]) -> str:
    """The beginning that all texts share."""
    return "".join(c[0] for c in takewhile(lambda c: len({*c}) == 1, zip(*texts, strict=False)))


def _next_sign(rest: pl.Series, named: str | None, before: str) -> str | None:
    """The nearest signs in nearly all texts that leave few values before them."""
    some = present(rest).head(_LOOK).str.head(_NEAR).to_list()
    counts = Counter(s for line in some for s in _signs_of(line))
    closing = _CLOSING.get(before.rstrip()[-1:]) if before and before == before.rstrip() else None
    best: tuple[float, int, str] | None = None
    for sign, count in counts.items():
        if count < _ALIVE * len(some) or (closing is not None and not sign.lstrip().startswith(closing)):
            continue
        held = [line.partition(sign)[0] for line in some if sign in line]
        if not _is_place(held, is_named=named is not None):
            continue
        rank = (sum(map(len, held)) / len(held), -len(sign), sign)
        best = min(best, rank) if best else rank
    return best[2] if best else None


def _signs_of(line: str) -> set[str]:
    """The signs in a line that may end a place; of those such as `] [` also the first ones alone."""
    plain = {m[0] for m in _BETWEEN.finditer(re.sub(PHONE, "0", line))}
    opening = "".join(_CLOSING)
    plain |= {bare for s in plain if (bare := s.rstrip(opening)).strip()}
    return plain | {s for s, name, mark in _BEFORE_NAME.findall(line) if mark == "=" or _names_a_place(name)}


def _names_a_place(word: str) -> bool:
    """Whether a word before a colon says what stands behind it."""
    return any(hint(word, role) >= 1 for role in _NAMED_PLACES)


def _is_place(values: list[str], *, is_named: bool) -> bool:
    """Whether values before a sign may be those of a place: short, no sentences, and few different ones."""
    held = [v.strip() for v in values]
    if any(len(v) > _LONGEST for v in held) or sum(bool(v) for v in held) < _ALIVE * len(held):
        return False
    odd = sum(bool(re.search(_SENTENCE, v)) for v in held)
    few = len({*held}) <= max(_FEW, _RECURRING * len(held)) and 2 * len({*held}) <= len(held)
    is_code = all(re.fullmatch(_CODE, v) for v in held)
    return odd <= (1 - _ALIVE) * len(held) and (few or is_named or is_code)


def _telling(places: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """The places without levels, mere numbers and unnamed constants; arrows as directions."""
    kept: dict[str, pl.Series] = {}
    for name, values in _with_accounts(places).items():
        held = values.drop_nulls()
        if held.is_empty() or held.str.contains(_LEVELS).all():
            continue
        if held.str.to_lowercase().is_in([*_SIDES]).all():
            if held.n_unique() > 1:
                kept["direction"] = values.str.to_lowercase().replace_strict(
                    _SIDES, default=None, return_dtype=pl.String
                )
        elif not name.startswith(("<", ">")) or held.str.replace_all("[0-9]+", "0").n_unique() > 1:
            kept[name] = values
    return kept


def _with_accounts(places: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """The places with the names of account and person, where one pair of them tells the same people."""
    unnamed = [n for n in places if n.startswith(("<", ">"))]
    pairs = [(a, b) for a, b in pairwise(unnamed) if _are_of_the_same(places[a], places[b])]
    if len(pairs) != 1:
        return places
    one, other = pairs[0]
    is_first = bool(places[one].drop_nulls().unique().str.contains(_ACCOUNT).all())
    account, person = (one, other) if is_first else (other, one)
    if not places[account].drop_nulls().str.contains(_ACCOUNT).all():
        return places
    names = {account: "sender id", person: "sender name"}
    return {names.get(n, n): c for n, c in places.items()}


def _are_of_the_same(one: pl.Series, other: pl.Series) -> bool:
    """Whether the values of two places belong together one to one, as accounts and names do."""
    pairs = pl.DataFrame({"one": one, "other": other}).drop_nulls().unique()
    return pairs.height > 1 and pairs["one"].n_unique() == pairs["other"].n_unique() == pairs.height


def _without_closing(text: pl.Series, layout: _Layout) -> pl.Series:
    """The words without the sign that closes them or the whole line, and what each line has behind it."""
    last, whole = next((c for c in reversed(layout.constant) if c), ""), "".join(layout.constant)
    for opening, closing in _CLOSING.items():
        is_last = last[-1:] == opening
        is_open = is_last or (opening != closing and whole.count(opening) > whole.count(closing))
        if not is_open or not text.str.contains(closing, literal=True).all():
            continue
        if is_last and opening == closing:
            words = text.str.extract(rf"(?s)^((?:[^{closing}\\]|\\.)*){closing}{_PAIRS}$", 1)
            if not words.null_count():
                return plain_quoted(words, closing)
        parts = text.str.extract_groups(rf"(?s)^(?P<words>.*){re.escape(closing)}(?P<tail>[^\n]*)$").struct.unnest()
        most = max(_FEW, _RECURRING * text.len()) if is_last else 0
        if not parts["words"].null_count() and parts["tail"].replace("", None).drop_nulls().n_unique() <= most:
            text = parts["words"]
    return text
