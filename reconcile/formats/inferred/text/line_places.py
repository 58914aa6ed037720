"""Lines of one layout, as in logs: constant words, places with few values, and words at the end."""

import re
from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from reconcile.column_ops import all_contain, none_of, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.people.named_accounts import PHONE
from reconcile.formats.inferred.people.place_values import (
    ACCOUNT,
    LEVEL,
    LEVELS,
    are_of_the_same,
    common_text,
    telling_places,
    tells_way,
    without_joint,
)
from reconcile.formats.inferred.script_values import plain_quoted
from reconcile.formats.inferred.text.frames_of_lines import dates_of
from reconcile.formats.inferred.text.headings import around_times
from reconcile.formats.inferred.times.file_days import day_of_log, runs_through_a_day
from reconcile.formats.inferred.times.times_in_lines import hold_times, plain_times
from reconcile.formats.inferred.words.bodies_in_lines import bodies_of, day_lines, parting_days, plain_words
from reconcile.formats.inferred.words.closings import without_closings
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import leading_note
from reconcile.vocabulary import NoteCode

# Least lines of a layout, least share of the filled lines, and of the lines with times that have it.
_LEAST, _LEAST_SHARE, _ALIVE = 6, 0.1, 0.9
# Least share of the lines with times that have the same before these.
_IN_PLACE = 0.8
# Lines that show the layout, the part of each that is looked at, and the least and most places.
_LOOK, _NEAR, _LEAST_PLACES, _MOST_PLACES = 400, 120, 2, 12
# A place has so few values, or so small a share of different ones, and they are so short.
_FEW, _RECURRING, _LONGEST = 8, 0.3, 60
# Signs between places, and those with the name of the next place; the name of a place before its value.
# A plus before a figure belongs to the value, and wide blanks are of any width.
_WIDE = "  "
_BETWEEN = re.compile(r"\s*(?:[^\w\s+]|\+(?![0-9]))+\s*|[ \u3000]{2,}")
_BEFORE_NAME = re.compile(r"(?=((?:\s*[^\w\s]+\s*|\s+)(\w{1,20})\s*([=:：])\s*[\"'\[(]?))")
_NAMED = re.compile(r"(\w{1,20})\s*[=:：]\s*[\"'\[(]?$")
_CALLED = re.compile(r"(\w{1,20})\s*[\[({<【（「]$")
_QUOTES = "“「"
_CLOSING = dict(zip("[({<【（「“\"'", "])}>】）」”\"'", strict=True))
_CODE = r"[\w@./:-]*[0-9][\w@./:-]*"
_SENTENCE = r"[.。!！?？;；,，:：]\s|[。！？；，]"
_ENDS_A_PLACE = r"[:：>|\-—–\])】](?:\s|$)"
_NAMED_PLACES = ("time", "sender", "text", "kind", "conversation", "receiver", "direction", "id", "local_id", "status")
# Arrows that say which way a message went, and each in the other direction.
_ARROWS = r"^\s*([-=]+>|<[-=]+|→|←)\s+"
_TURNED = {"->": "<-", "<-": "->", "=>": "<=", "<=": "=>", "→": "←", "←": "→"}
# A sign between who sends and who receives.
_ARROW = r"[-=]+>|→|⇒|➡"
# Signs inside names.
_IN_NAMES = (":", "：", "/", "·", "-", "_")
# Further pairs behind a value in quotes.
_PAIRS = r"(?:[\s,;]+[\w.-]+=(?:\"[^\"]*\"|\S*))*[\s\])};,]*"
_EDGES = " \t-—–|:：>*])】"


@dataclass
class _Layout:
    """What the peeled lines had before their rest: the places by name, and the constant words.

    `arrow`: how many places stand before an arrow from who sends to who receives; 0 without one.
    """

    places: dict[str, pl.Series] = field(default_factory=dict)
    constant: list[str] = field(default_factory=list)
    arrow: int = 0

    def with_ends(self) -> dict[str, pl.Series]:
        """The places, with the names of who sends and who receives where an arrow stands between them."""
        unnamed, names = [n for n in self.places if n.startswith(">")], dict[str, str]()
        for end, of_end in (("from", unnamed[: self.arrow]), ("to", unnamed[self.arrow : 2 * self.arrow])):
            ids = [n for n in of_end if all_contain(present(self.places[n]), ACCOUNT)]
            if len(of_end) == self.arrow == 1:
                names[of_end[0]] = end
            elif len(of_end) == self.arrow == len(("name", "id")) and ids:
                names |= {n: f"{end} {'id' if n == ids[-1] else 'name'}" for n in of_end}
        return {names.get(n, n): c for n, c in self.places.items()}


def placed_fields(lines: pl.Series, name: str, notes: list[Note], known: float = 0) -> Fields | None:
    """The messages of lines with at least two places beside the time, a column each; None for other texts.

    One place suffices for more messages than are `known`. A line without the layout belongs to the message above it, and is noted if it has a time in the same place.
    """
    filled = int((lines.str.strip_chars() != "").sum())
    least = max(_LEAST, _LEAST_SHARE * filled)
    frame = lines.alias("text").to_frame().with_row_index("line", offset=1)
    days = day_lines(lines)
    # Clocks that are read clearly need no second look.
    for kind in ("full", "c", "figures", "epoch", "yearless", *(("clock",) if known in (0, float("inf")) else ())):
        near = frame.filter(hold_times(lines, kind) & ~days)
        if near.height < least:
            continue
        heads = around_times(near, kind)
        if heads.height >= least:
            return _fields(lines, heads, kind, days, name, notes, known)
    return None


def _fields(
    lines: pl.Series, heads: pl.DataFrame, kind: str, days: pl.Series, name: str, notes: list[Note], known: float
) -> Fields | None:
    """The messages below headings of one layout."""
    before, after = _Layout(), _Layout()
    # Before the time, a running number may be left; a time elsewhere belongs to the words.
    left = _peel(heads["pre"], before, "<").str.replace_all("[0-9]+", "0")
    usual = present(left).mode().sort()
    in_place = (left == usual[0]).fill_null(value=False) if usual.len() else left.is_not_null() & False
    if float(in_place.mean() or 0) < _IN_PLACE:  # type: ignore[arg-type]
        return None
    if kind == "clock" and heads["pre"].str.contains(r"[^\W\d]").filter(in_place).any():
        # Words before a clock.
        return None
    heads = heads.filter(in_place)
    words = _peel(heads["post"], after, ">")
    alive = words.is_not_null()
    spoken = [w for w in (*before.constant, *after.constant) if re.search(r"\w", w)]
    places = {**{n: c.filter(in_place) for n, c in before.places.items()}, **after.with_ends()}
    is_told = len(places) + len(spoken) >= _LEAST_PLACES or heads.height > known or any(map(tells_way, places.values()))
    if not places or not is_told or float(alive.mean() or 0) < _ALIVE:  # type: ignore[arg-type]
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
    by_name = day_of_log(name, lines) if kind == "clock" else None
    dates = (
        dates_of(lines, heads, days := parting_days(lines, days, starts, None), by_name) if kind == "clock" else None
    )
    if dates is not None and ((dates == "").any() or not (days.any() or runs_through_a_day(heads["time"]))):
        return None
    body, more = bodies_of(
        lines,
        heads.filter(alive)["line"],
        _marked(lines, heads) & ~starts | days,
        starts,
        has_words=bool(words.str.strip_chars().ne("").any()),
    )
    words, is_below = words.filter(alive), float((body.str.strip_chars() != "").mean() or 0) >= _ALIVE  # type: ignore[arg-type]
    if words.n_unique() < _RECURRING * words.len():
        if not is_below:
            return None
        # All words stand below the headings.
        places[f">{len(places) + 1}"], words = (
            heads["post"].set(alive, None).scatter(alive.arg_true(), words),
            words.clear(words.len()),
        )
    text = pl.DataFrame({"words": words, "body": body}).select(
        pl.when(pl.col("body") == "")
        .then("words")
        .otherwise(pl.concat_str("words", "body", separator="\n", ignore_nulls=True))
        .alias("text")
    )["text"]
    text, below = _without_closing(text, after)
    text, _, foot = without_closings(plain_words(text, ""))
    below = below.clone().scatter(below.len() - 1, foot) if foot else below
    told += [
        Note(NoteCode.ROW_SKIPPED, f"{name}#line {n + 1}", t.strip()[:200])
        for n, t in zip(heads.filter(alive)["line"], below, strict=True)
        if t
    ]
    frame = pl.DataFrame([
        heads.filter(alive).select(pl.format("line {}", "line").alias(ROW))[ROW],
        plain_times(heads.filter(alive)["time"], kind).alias("time"),
        *(() if dates is None else (dates.filter(alive),)),
        *(c.filter(alive).replace("", None).alias(n) for n, c in telling_places(places).items()),
        text.alias("text"),
    ])  # fmt: skip
    is_open = by_name is not None and not days.any() and not by_name.is_of(heads["time"][0])
    return Fields(
        frame, name, f"{name}#", is_text=True, is_flat=True, doubts={"date": ("date",)} if is_open else {},
        notes=(*notes, *more, *shorten_notes(told), *leading_note(lines, starts, name)),
    )  # fmt: skip


def _marked(lines: pl.Series, heads: pl.DataFrame) -> pl.Series:
    """Which of the lines are these headings."""
    return none_of(lines).scatter(heads["line"] - 1, values=True)


def _is_log(constant: list[str], places: dict[str, pl.Series]) -> bool:
    """Whether the lines state levels, as the log of a program does."""
    levels = rf"\b(?:{LEVEL})\b"
    return any(re.search(levels, c) for c in constant) or any(
        p.drop_nulls().str.contains(LEVELS).all() for p in places.values()
    )


def _peel(rest: pl.Series, layout: _Layout, side: str) -> pl.Series:
    """What the texts hold behind their places, which the layout receives; null = of another layout."""
    named, before = None, ""
    for _ in range(_MOST_PLACES):
        if side == ">" and layout.places and _are_few(rest):
            return rest
        shared = _shared_beginning(rest)
        if shared:
            layout.constant.append(shared)
            rest = rest.set(~rest.str.starts_with(shared).fill_null(value=False), None).str.slice(len(shared))
            named = found[1] if (found := _NAMED.search(shared)) else None
        if named is not None and hint(named, "text") >= 1:
            return rest
        arrows = rest.str.extract(_ARROWS, 1) if layout.places and _begins_with_arrow(rest) else rest.clear(rest.len())
        if arrows.count() >= _ALIVE * rest.count() and arrows.drop_nulls().n_unique() == len("<>"):
            # Behind a name, an arrow from it says that it speaks.
            layout.places["direction"] = arrows.replace_strict(_TURNED, default=None)
            rest, before = rest.str.replace(_ARROWS, "").set(arrows.is_null(), None), ""
            continue
        sign = _next_sign(rest, named, shared)
        if (
            sign is None
            and side == "<"
            and _is_place(some := present(rest).to_list(), is_named=False)
            and len({*some}) > 1
            and any(re.search(r"[^\W\d]", v) for v in some)
        ):
            # Names directly before the times.
            layout.places[_name_of(named, layout, side)] = rest.str.strip_chars()
            return rest.set(rest.is_not_null(), "")
        if sign is None:
            return rest if side == "<" else _with_own_words(rest, before, shared, layout)
        parts = rest.str.splitn(sign, 2).struct.unnest()
        value = without_joint(parts["field_0"].set(parts["field_1"].is_null(), None).str.strip_chars())
        if named is None and shared and (first := _first_names(shared, value)):
            layout.constant[-1], value = shared.removesuffix(first), first + value
        last = next(reversed(layout.places), "")
        if last.startswith(">") and re.fullmatch(_ARROW, (shared or before).strip()):
            layout.arrow = layout.arrow or sum(n.startswith(">") for n in layout.places)
        if last and not shared and before in _IN_NAMES and _are_parts_of_names(layout.places[last], value):
            layout.places[last] += before + value
        else:
            layout.places[_name_of(named or _end_before(shared), layout, side)] = value
        opening = sign.strip()[-1:]
        layout.constant.append(sign if re.search(r"\w", sign) else opening if opening in [*_QUOTES] else "")
        rest = parts["field_1"] if sign.strip() else parts["field_1"].str.strip_chars_start()
        before, named = sign, found[1] if (found := _NAMED.search(sign)) else None
        if named is not None and hint(named, "text") >= 1:
            return rest
    return rest


def _begins_with_arrow(rest: pl.Series) -> bool:
    """Whether the first text begins with an arrow."""
    return any(re.match(_ARROWS, t) for t in present(rest).head(1))


def _are_few(rest: pl.Series) -> bool:
    """Whether what is left is one of a few words without signs, as the kind of a message is."""
    held = present(rest).str.strip_chars()
    few = held.unique()
    return few.len() <= _FEW <= held.len() // 2 and not few.str.contains(r"^$|[^\w-]").any()


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
    accounts = (all_contain(present(c), ACCOUNT) for c in (one, other))
    return are_of_the_same(one, other) and not any(accounts)


def _with_own_words(rest: pl.Series, before: str, shared: str, layout: _Layout) -> pl.Series:
    """The words, with those that begin all of them; null where these may be a place."""
    signs = re.match(r"^\W*", shared)[0]  # type: ignore[index]
    own = shared.removeprefix(signs)
    opening = re.search(r"[\[({<【（「][^\w\s]*\s*$", before + signs)
    closing = _CLOSING.get(opening[0][0] if opening else (before + signs).rstrip()[-1:])
    kept = re.match(rf"^([^{re.escape(closing)}]*){re.escape(closing)}\s*", own) if closing is not None else None
    if kept is not None:
        # A kind of text, or a number of the only chat.
        signs, own = signs + kept[0], own[kept.end() :]
    if not re.search(r"\w", own) or shared[-1] in _CLOSING or (before == _WIDE and own.endswith(_WIDE)):
        return rest
    layout.constant[-1] = signs
    if any(map(tells_way, layout.places.values())):
        # Beside the direction, a constant is the other party.
        return rest
    return rest.set(rest.is_not_null(), None) if re.search(_ENDS_A_PLACE, own) else own + rest


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
    shared = common_text([s[:_NEAR] for s in some])
    if any(len(s) > len(shared) and s[len(shared)].isalnum() for s in some):
        shared = re.sub(r"(?:\+[0-9 ()-]*)?\w*$", "", shared)
    return shared


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
        # Within brackets nothing need stand.
        if not _is_place([h for h in held if h.strip() or closing is None], is_named=named is not None):
            continue
        rank = (sum(map(len, held)) / len(held), -len(sign), sign)
        best = min(best, rank) if best else rank
    return best[2] if best else None


def _signs_of(line: str) -> set[str]:
    """The signs in a line that may end a place; of those such as `] [` also the first ones alone."""
    plain = {m[0] if m[0].strip() else _WIDE for m in _BETWEEN.finditer(re.sub(PHONE, "0", line))}
    opening = "".join(_CLOSING)
    plain |= {bare for s in plain if (bare := s.rstrip(opening)).strip()}
    plain |= {s.lstrip() for s in plain if s.strip()}
    return plain | {s for s, name, mark in _BEFORE_NAME.findall(line) if mark == "=" or _names_a_place(name)}


def _names_a_place(word: str) -> bool:
    """Whether a word before a colon says what stands behind it."""
    return any(hint(word, role) >= 1 for role in _NAMED_PLACES)


def _is_place(values: list[str], *, is_named: bool) -> bool:
    """Whether values before a sign may be those of a place: short, no sentences, and few different ones."""
    held = [v.strip() for v in values]
    filled = [v for v in held if v]
    is_optional = 0 < len({*filled}) <= _LEAST_PLACES < len(filled)
    if not filled or any(len(v) > _LONGEST for v in held) or (len(filled) < _ALIVE * len(held) and not is_optional):
        return False
    odd = sum(bool(re.search(_SENTENCE, v)) for v in held)
    few = len({*held}) <= max(_FEW, _RECURRING * len(held)) and 2 * len({*held}) <= len(held)
    is_code = all(re.fullmatch(_CODE, v) for v in held)
    return odd <= (1 - _ALIVE) * len(held) and (few or is_named or is_code)


def _without_closing(text: pl.Series, layout: _Layout) -> tuple[pl.Series, pl.Series]:
    """The words without the sign that closes them or the whole line, and what stands on lines below it.

    What is behind it in the same line is no part of either. Below a closing quotation mark somebody else's words follow,
    as in minutes.
    """
    last, whole = next((c for c in reversed(layout.constant) if c), ""), "".join(layout.constant)
    below = pl.repeat("", text.len(), dtype=pl.String, eager=True)
    for opening, closing in _CLOSING.items():
        is_last = last[-1:] == opening
        is_open = is_last or (opening != closing and whole.count(opening) > whole.count(closing))
        if not is_open or not text.str.contains(closing, literal=True).all():
            continue
        if is_last and opening == closing:
            words = text.str.extract(rf"(?s)^((?:[^{closing}\\]|\\.)*){closing}{_PAIRS}$", 1)
            if not words.null_count():
                return plain_quoted(words, closing), below
        behind = r"(?:\n.*)?" if opening in _QUOTES else ""
        parts = text.str.extract_groups(
            rf"(?s)^(?P<words>.*){re.escape(closing)}(?P<tail>[^\n]*)(?P<below>{behind})$"
        ).struct.unnest()
        most = max(_FEW, _RECURRING * text.len()) if is_last else 0
        if not parts["words"].null_count() and parts["tail"].replace("", None).drop_nulls().n_unique() <= most:
            text, below = parts["words"], parts["below"]
    return text, below
