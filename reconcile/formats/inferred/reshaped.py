"""Frames that hold messages in another shape: objects inside cells, and speakers as columns."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import polars as pl

from reconcile.column_ops import all_contain, filled, have_lines, none_of, occurs, present
from reconcile.formats.inferred.fields import DAY, Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.json.packed import flatten, flatten_texts, objects_of_lines
from reconcile.formats.inferred.mapping import FEW_NOTICES
from reconcile.formats.inferred.text.time_bars import note_on_bars
from reconcile.formats.inferred.times.file_days import day_of_file, day_of_titles
from reconcile.formats.inferred.times.time_columns import time_columns
from reconcile.formats.inferred.times.times_in_lines import FULL, TIMES
from reconcile.formats.inferred.words.bodies_in_lines import DAY_LINE
from reconcile.intake.tables.cells import ROW
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import HALF_DAY, parse_time_column
from reconcile.wechat.named_days import fitted

# A word before a day and a clock, that time, and what stands behind it; the largest share of longer remarks there.
_BEHIND_A_WORD = r"(?s)^\s*(\p{L}[^0-9\n]{0,24}?[\s:：])([0-9]{1,4}\s?[-/.年년][0-9]{1,2}[-/.月월 ].{0,24}?[0-9][:：时時][0-9]{2}(?:[:：][0-9]{2})?)(.*)$"
_REMARK, _MOST_REMARKS = r"^.{13}|\n", 0.1
# A count of seconds and the time that it is, in brackets.
_COUNT_AND_TIME = r"^1[0-9]{9,12}\s?[(（]([^()（）\n]{0,40}[0-9]:[0-9]{2}[^()（）\n]{0,40})[)）]$"
_ENDS_IN_A_TIME = r"[0-9][:：时時][0-9]{2}\S{0,6}\s*$"
_LEAST_ROWS, _MOST_SPEAKERS = 6, 8
# Least columns of a table of bubbles, and least times above groups of them.
_BUBBLES = 2
# Least shares of different cells, of those in a column of one speaker, and of words, in each column.
_VARIED, _VARIED_OF_ONE, _WORDS = 0.5, 0.3, 0.5
# The date of rows below a day, in a table of time, sender and text at least.
_DATE, _FEWEST = "date", ("time", "sender", "text")
_NO_WORDS = ("sender", "kind", "id", "file_name", "url", "media_hash")
# For a field not named as text: least share of the other rows that it fills, also where it may be the text as well, and
# of its cells with several words.
_COMPLETE, _NEARLY, _SPACED = 0.95, 0.8, 0.4
# Largest share of rows with a day, and of clocks that go back.
_FEW_DAYS, _BACKWARD = 0.9, 0.05
# Most titles above the first time, and a time that such a row shows.
_MOST_TITLES, _SHOWN_TIME = 3, r"[0-9]{1,2}[:：][0-9]{2}|^1[0-9]{9}"
# A name before a time, or behind it, and what parts it from the time, so that no end of the time, such as PM, is a name.
_NAMES = (
    (r"^\s*(?P<name>[^0-9\n]{0,60}?|[^\n]{1,60}?\s)[\s,，、:：|·–—-]*(?P<time>%s)\s*$", r"^\s*(.*?)\s*$"),
    (r"^\s*(?P<time>%s)(?P<name>[^\n]{2,60})$", r"^[\s,，、|·–—-]+([^\s\d,，、|·:：–—-].*?)\s*$"),
)
# The last line and the lines above it, the first one and those below it.
_LINES = ((r"([^\n]+)$", r"(?s)^(.*)\n"), (r"^([^\n]+)\n", r"(?s)^[^\n]+\n(.*)$"))
_SHAPES = ("time", "text", "kind", "id", "local_id")


def with_inner_objects(fields: Fields) -> Fields:
    """The fields with a column for each field of objects that cells hold as JSON or labelled lines.

    A field that repeats the column of its name in every row tells nothing new.
    """
    found: dict[str, list[str | None]] = {}
    parents = {c.rpartition(".")[0] for c in fields.names}
    for name in fields.names:
        column = fields.frame[name]
        first = present(column).head(1).to_list()
        if not first:
            continue
        if first[0].startswith(("{", "[", '"')) or (occurs(r"\[\{", column) and column.str.starts_with("[{").any()):
            # The container has parsed what has columns of its own already.
            if name not in parents:
                flatten_texts(column.to_list(), name, 0, found)
        elif "\n" in first[0] and (inner := objects_of_lines(column.to_list())) is not None:
            flatten(inner, f"{name}.", 1, found)
    frame = fields.frame.with_columns(pl.Series(n, found.pop(n), dtype=pl.String) for n in fields.names if n in found)
    new = [pl.Series(n, values, dtype=pl.String) for n, values in found.items() if n not in frame.columns]
    own = {n: frame[n].cast(pl.String) for n in frame.columns if n in {c.name.rpartition(".")[2] for c in new}}
    new = [c for c in new if not ((it := own.get(c.name.rpartition(".")[2])) is not None and it.equals(c))]
    return replace(fields, frame=frame.with_columns(new))


def with_bare_times(fields: Fields) -> Fields:
    """The fields with times without a word or count before each, such as `Posted on 2024-03-05 9:10`.

    Other lines above the time, such as a kind that a few rows name, are a column of their own.
    """
    bare: list[pl.Series] = []
    for name in (n for n in fields.names if not n.startswith("^")):
        cells = fields.frame[name]
        held = present(cells)
        if have_lines(held) and all_contain(held.head(1), _ENDS_IN_A_TIME):
            last = cells.str.extract(r"([^\n]+)$", 1)
            if last.str.contains(fitted(rf"^\s*{FULL}\s*$", present(last))).all():
                bare += [last, cells.str.extract(r"(?s)^(.*)\n", 1).alias(f"{name}.above")]
                continue
        if any(re.search(_COUNT_AND_TIME, t) for t in held.head(1)) and all_contain(held, _COUNT_AND_TIME):
            bare.append(fields.frame[name].str.extract(_COUNT_AND_TIME, 1))
            continue
        # What begins with a word and holds a clock is searched by the pattern, which takes longer to compile than to search.
        if not all(t.strip()[:1].isalpha() and re.search("[0-9][:：时時]", t) for t in held.head(1)):
            continue
        if not held.head(1).str.contains(_BEHIND_A_WORD).all():
            continue
        word, time, rest = cells.str.extract_groups(_BEHIND_A_WORD).struct.unnest().get_columns()
        long = rest.str.contains(_REMARK)
        is_same = held.len() >= _LEAST_ROWS and word.count() == held.len() and word.drop_nulls().n_unique() == 1
        if is_same and int(long.sum()) <= _MOST_REMARKS * held.len():
            # A few rows say more behind their time, such as that they were edited.
            bare.append((time + rest.set(long, "")).alias(name))
            bare += [rest.set(~long, None).alias(f"{name}.behind")] if long.any() else []
    return replace(fields, frame=fields.frame.with_columns(bare)) if bare else fields


def with_times_of_rows(fields: Fields) -> Fields:
    """The fields with the `time` above each group, where rows with a time alone stand above messages."""
    frame, names = fields.frame, fields.names
    if frame.height < _LEAST_ROWS or len(names) < _BUBBLES or any(hint(n, "time") >= 1 or n == "time" for n in names):
        return fields
    cells = [pl.col(n).str.strip_chars().replace("", None) for n in names]
    shown = frame.select(pl.coalesce(cells).alias("t"), pl.sum_horizontal(c.is_not_null() for c in cells).alias("n"))
    near = (shown["n"] == 1) & shown["t"].str.contains(_SHOWN_TIME)
    if int(near.sum()) < _BUBBLES:
        return fields
    is_time = near & shown["t"].str.contains(fitted(rf"^{FULL}$", shown["t"].filter(near))).fill_null(value=False)
    # Above the first time stand titles.
    if not _BUBBLES <= int(is_time.sum()) < frame.height / 2 or not is_time.head(_MOST_TITLES + 1).any():
        return fields
    time = shown["t"].set(~is_time, None).fill_null(strategy="forward").alias("time")
    told = frame.with_columns(time).filter(~is_time & time.is_not_null())
    return replace(fields, frame=told, notes=(*fields.notes, note_on_bars(fields.file)))


def with_speakers_in_a_column(fields: Fields) -> Fields | None:
    """The rows of a list with a column of words for each speaker, as rows of `sender` and `text`.

    Each row has words in one of these columns alone. None for any other list.
    """
    frame = fields.frame
    if frame.height < _LEAST_ROWS or fields.roles or {"sender", "text"} & {*fields.names}:
        return None
    names, filled = list[str](), none_of(frame)
    words = {n: _has_words(frame[n]) for n in fields.names if _may_hold_words(frame, n)}
    for name in sorted(words, key=lambda n: -int(words[n].sum())):
        if not (words[name] & filled).any():
            names, filled = [*names, name], filled | words[name]
    if (
        not 2 <= len(names) <= _MOST_SPEAKERS
        or any(hint(n, r) >= 1 for n in names for r in _SHAPES)
        or not filled.all()
    ):
        return None
    names.sort(key=fields.names.index)
    sender = pl.coalesce(pl.when(pl.col(n).str.strip_chars() != "").then(pl.lit(n)) for n in names)
    text = pl.coalesce(pl.when(pl.col(n).str.strip_chars() != "").then(n) for n in names)
    return replace(fields, frame=frame.with_columns(sender.alias("sender"), text.alias("text")).drop(names))


def with_joined_words(fields: Fields, names: Sequence[str], time: str) -> Fields | None:
    """Fields with one column for words that different kinds of messages keep in different ones.

    `names`: the fields that may be the text. Fields are joined only if no row fills two of them and all of their rows
    have a `time`; the new name is `one|other`. A field not named as text must fill nearly all the other rows. In a
    page, the row of a notice has words in one field only, and perhaps a time. A notice without a time counts only
    between messages. None where nothing is to be joined.
    """
    if not names or fields.roles or not fields.frame[names[0]].null_count():
        return None
    taken, timed = [names[0]], _has_words(fields.frame[time])
    amid = timed.cum_max() & timed.cum_max(reverse=True)
    filled = _has_words(fields.frame[names[0]])
    for name in dict.fromkeys([*names[1:], *fields.names]):
        if name in taken or name.startswith("^"):
            continue
        other = _has_words(fields.frame[name])
        if not other.any() or (other & filled).any():
            continue
        is_notice = fields.timed is not None and (other & amid).any()
        if is_notice and _stand_alone(fields.frame.filter(other), name):
            fields = replace(fields, frame=fields.frame.with_columns(fields.frame[name].set(~amid, None)))
            taken.append(name)
            filled |= other
        if (other & ~timed).any():
            continue
        # In a page, what stands in the place of the words of other rows is all that a row says.
        is_in_place = (
            fields.timed is not None and "." in name and name.rpartition(".")[0] == names[0].rpartition(".")[0]
        )
        if is_in_place and all(hint(name, role) <= 0 for role in _NO_WORDS):
            taken.append(name)
            filled |= other
            continue
        # Beside another column of sentences, pictures may be the only rows without words.
        least = _NEARLY if name in names else _COMPLETE
        is_rest = int((other | filled).sum()) >= least * int(timed.sum())
        is_rest &= hint(name, "text") >= 0 and all(hint(name, role) <= 0 for role in _NO_WORDS)
        if _are_words(fields.frame[name].filter(other), is_named=hint(name, "text") > 0) and (
            is_rest or hint(name, "text") > 0
        ):
            taken.append(name)
            filled |= other
    return joined(fields, "|".join(taken)) if len(taken) > 1 else None


def _stand_alone(rows: pl.DataFrame, name: str) -> bool:
    """Whether elements of a page with words in this field have nothing but times beside them."""
    others = [c for c in rows.columns if c not in (ROW, name) and not c.startswith(("@", "^"))]
    return all(all_contain(rows[c], _SHOWN_TIME) for c in others)


def _are_words(cells: pl.Series, *, is_named: bool) -> bool:
    """Whether cells are words; without a name that says so, words between blanks, no addresses."""
    words = float(cells.str.contains(r"\p{L}").mean() or 0)  # type: ignore[arg-type]
    if cells.n_unique() < _VARIED * cells.len() or words < _WORDS:
        return False
    spaced = float(cells.str.contains(r"\p{L}\s+\p{L}").mean() or 0)  # type: ignore[arg-type]
    return is_named or (spaced >= _SPACED and not cells.str.contains(r"[{}]|://|\.[a-z0-9]{2,4}$").any())


def joined(fields: Fields, name: str) -> Fields:
    """The fields with the column `one|other` for these two; unchanged where one is not there."""
    parts = name.split("|")
    if len(parts) < 2 or name in fields.names or not {*parts} <= {*fields.names}:
        return fields
    words = pl.coalesce(pl.when(pl.col(n).str.strip_chars() != "").then(n) for n in parts)
    return replace(fields, frame=fields.frame.with_columns(words.alias(name)).drop(parts))


def _has_words(column: pl.Series) -> pl.Series:
    return filled(column.str.strip_chars() != "", value=False)


def with_times_from_above(fields: Fields) -> Fields | None:
    """The rows of a list with the time that stands alone in the row above each message.

    None where one message has no time of its own: times shown now and then are never filled in. Titles above the first
    time are left out.
    """
    others = [n for n in fields.names if not n.startswith(("@", "^"))]
    for column in others if len(others) > 1 and not fields.roles else ():
        if abs(2 * fields.frame[column].null_count() - fields.frame.height) > _MOST_TITLES:
            # Below the titles, every other row would have a time.
            continue
        first = fields.frame[column].head(_MOST_TITLES + 1)
        shown = filled(first.str.contains(_SHOWN_TIME), value=False) if occurs("[0-9]", first) else none_of(first)
        frame = fields.frame.slice(int(shown.arg_max() or 0))
        # Every other row has a time: the number of rows is even, and half of them have none.
        if frame.height < _LEAST_ROWS or 2 * frame[column].null_count() != frame.height:
            continue
        is_time = pl.int_range(frame.height, eager=True) % 2 == 0
        words = frame.select(pl.any_horizontal(pl.col(n).is_not_null() for n in others if n != column)).to_series()
        if (frame[column].is_not_null() != is_time).any() or (words == is_time).any():
            continue
        if any(t.name == column and t.seconds is not None for t in time_columns(frame, [column])):
            return replace(fields, frame=frame.with_columns(pl.col(column).shift(1)).filter(~is_time))
    return None


def with_times_beside_names(fields: Fields) -> Fields | None:
    """Fields of a list with a column of name and time split in two; null where no column holds both.

    Where a line above the rows states their day, the time is a clock. A name that stands in a field inside that column
    is one with it. Both may be the last or the first line of cells whose other lines are the words.
    """
    if fields.frame.height < _LEAST_ROWS or fields.roles:
        return None
    times = (FULL, *((TIMES["clock"],) if DAY in fields.names else ()))
    for column in fields.names:
        # Most columns have a cell without figures, and are spared the pattern, which takes 7 ms to compile.
        cells = fields.frame[column]
        if column == DAY or not all_contain(cells, "[0-9]") or cells.null_count() > FEW_NOTICES * cells.len():
            continue
        # Figures and signs of times alone hold no name.
        if not cells.str.contains(r"[^0-9\s/.:：年月日时時分秒-]").any():
            continue
        is_of_lines = bool(cells.str.contains("\n", literal=True).all())
        for time, (part, rest) in product(times, ((None, None), *(_LINES if is_of_lines else ()))):
            line = cells if part is None else cells.str.extract(part, 1)
            if (split := _name_and_time(fields, column, line, time)) is None:
                continue
            frame = fields.frame.with_columns(split)
            if rest is not None:
                frame = frame.with_columns(cells.str.extract(rest, 1).str.strip_chars().alias(f"{column}.words"))
            return replace(fields, frame=frame)
    return None


def _name_and_time(fields: Fields, column: str, cells: pl.Series, time: str) -> list[pl.Series] | None:
    """The times and the names in the cells of a column; null where not every cell holds a time."""
    for pattern, bare in _NAMES:
        parts = cells.str.extract_groups(fitted(pattern % time, cells)).struct.unnest()
        names = parts["name"].str.extract(bare, 1).replace("", None)
        is_cut = (names.is_null() & (parts["name"].str.strip_chars() != "")).any()
        is_cut |= names.str.contains(rf"(?i)^{HALF_DAY}$").any()
        if (
            parts["time"].null_count() > cells.null_count()
            or not names.count()
            or names.n_unique() > _MOST_SPEAKERS
            or is_cut
        ):
            continue
        for inner in (n for n in fields.names if n.startswith(f"{column}.") and names.null_count()):
            if (fields.frame[inner].is_null() != names.is_null()).all():
                names = names.fill_null(fields.frame[inner])
        return [parts["time"].alias(column), names.alias(f"{column}.name")]
    return None


def with_days_from_above(fields: Fields) -> Fields | None:
    """The rows of a list whose days stand only in the first row of each, with the day in every row.

    None unless the clocks then go up with hardly an exception.
    """
    frame = fields.frame
    if frame.height < _LEAST_ROWS or fields.roles:
        return None
    times = time_columns(frame, [n for n in fields.names if not n.startswith("^")])
    days, clocks = ([t for t in times if t.shape == s] for s in ("day", "clock"))
    if (
        len(days) != 1
        or len(clocks) != 1
        or not 0 < days[0].filled < _FEW_DAYS
        or _has_words(frame[days[0].name])[0] is False
    ):
        return None
    day, clock = days[0].name, clocks[0].name
    told = frame.with_columns(
        pl.when(pl.col(day).str.strip_chars() != "").then(pl.col(day)).fill_null(strategy="forward")
    )
    timed = told.filter(_has_words(told[clock]))
    read = parse_time_column(timed.select(pl.format("{} {}", day, clock).alias("t"))["t"], ASSUMED_ZONE)["sent_at"]
    steps = read.diff().drop_nulls().dt.total_seconds()
    if read.null_count() or not steps.len() or float((steps < 0).mean() or 0) > _BACKWARD:  # type: ignore[arg-type]
        return None
    return replace(fields, frame=told)


def with_day_of_file(fields: Fields) -> Fields | None:
    """The rows of a list with the day in its title or its file's name as the date of their clocks.

    To be confirmed where the file is no log, since the day may be that of the export. None where a clock goes back.
    """
    told = day_of_titles(fields.lines_beside) or day_of_file(fields.file)
    if told is None or fields.roles or _DATE in fields.names or fields.frame.height < len(_FEWEST):
        return None
    times = time_columns(fields.frame, [n for n in fields.names if not n.startswith("^")])
    if [t.shape for t in times] != ["clock"]:
        return None
    held = fields.frame[times[0].name].drop_nulls()
    read = parse_time_column(f"{told.day} " + held, ASSUMED_ZONE)["sent_at"]
    if read.null_count() or not read.is_sorted():
        return None
    dated = fields.frame.with_columns(pl.lit(told.day).alias(_DATE))
    return replace(fields, frame=dated, doubts={**fields.doubts, **({} if told.is_of(held[0]) else {_DATE: (_DATE,)})})


def with_days_of_rows(fields: Fields) -> Fields | None:
    """The rows of a table with the day that stands alone in a row above them as their date.

    None where a row stands above the first day, or where no row holds a day alone.
    """
    frame = fields.frame
    if frame.height < _LEAST_ROWS or fields.roles or _DATE in fields.names or len(fields.names) < len(_FEWEST):
        return None
    cells = frame.select(pl.when(pl.col(n).str.strip_chars() != "").then(n).alias(n) for n in fields.names)
    filled = cells.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    alone = cells.select(pl.coalesce(pl.all())).to_series().set(filled != 1, None)
    if alone[0] is None or (day := alone.str.extract(fitted(DAY_LINE, alone), 1))[0] is None:
        return None
    dated = frame.with_columns(day.fill_null(strategy="forward").alias(_DATE)).filter(day.is_null())
    return replace(fields, frame=dated)


def _may_hold_words(frame: pl.DataFrame, name: str) -> bool:
    """Whether the cells are different words, and none of them stands in every row."""
    held = present(frame[name])
    held = held.filter(held.str.strip_chars() != "")
    if not 2 <= held.len() < frame.height or name.startswith("^"):
        return False
    words = float(held.str.contains(r"\p{L}").mean() or 0)  # type: ignore[arg-type]
    return words >= _WORDS and held.n_unique() >= _VARIED_OF_ONE * held.len()
