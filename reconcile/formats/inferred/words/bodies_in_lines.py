"""Bodies below the headings of a text, without lines that separate days and without the ending."""

import re

import polars as pl

from reconcile.column_ops import all_contain, in_one_query, kept_for_few, lacks, none_of, occurs
from reconcile.formats.inferred.script_values import plain_quoted
from reconcile.formats.inferred.words.indents import without_hanging_indent, without_prefix
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.text.endings import end_of_words
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import day_comes_first, parse_time_column
from reconcile.wechat.named_days import LETTERS_IN_BRACKETS, NAMED_DAY, fitted

# Signs of rules that frame a day.
_FRAME = "\\-—–─━═=_*#~"
_MONTH_FIRST = r"[0-9]{1,2}[-/.]\s?[0-9]{1,2}[-/.]\s?[0-9]{2,4}(?:\.|\sг\.?)?|2[0-9][-/.][0-9]{1,2}[-/.][0-9]{1,2}"  # noqa: RUF001 - what Bulgarian writes behind years
# A day of figures alone.
_COMPACT = r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
DATE = rf"(?:[0-9]{{4}}\s?[-/.年년]\s?[0-9]{{1,2}}\s?[-/.月월]\s?[0-9]{{1,2}}(?:\s?[日号號일]|\.)?|{_MONTH_FIRST}|{NAMED_DAY})"
DAY_NAME = r"(?:(?:星期|周|週)[一二三四五六日天]|[月火水木金土日](?:曜日?)?|[월화수목금토일](?:요일)?|(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?|Pazar(?:tesi)?|Salı|Çarşamba|Perşembe|Cuma(?:rtesi)?)"  # noqa: RUF001 - days of Turkish
# A weekday in brackets may be of any language.
WEEKDAY = rf"(?:,?\s*(?:[(（]?{DAY_NAME}[)）]?|{LETTERS_IN_BRACKETS}))?"
# Signs around a date alone in its line, with its weekday or the word for date.
_SIGNS = r"(?:[^\w\n\"'\\/<{},;+%$€¥]|[_\ufe0f])*"
DAY_LINE = rf"^(?:\[?00:00(?::00)?\]?\s+)?{_SIGNS}(?:[一二三四五六七八九十]{{1,3}}[、.]\s*)?(?:(?:日期|时间|Date|Day|date)\**\s*[:：]\**\s*|Day changed (?:to )?)?(?:{DAY_NAME}[,，]?\s*)?({DATE}|{_COMPACT}){WEEKDAY}{_SIGNS}$"
_EITHER_ORDER = r"^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}$"
DAY_NUMBERS = {
    d: i
    for names in ("mon tue wed thu fri sat sun", "一 二 三 四 五 六 日", "月 火 水 木 金 土 日", "월 화 수 목 금 토 일")
    for i, d in enumerate(names.split(), 1)
} | {"天": 7}
# Shortest and longest whole time; least share of changes of day with a date line in a form that writes those, and
# of texts between rules in a form that draws them.
_SHORTEST_TIME, _LONGEST_TIME, _NEARLY_ALL = 12, 50, 0.8
# Least texts with the same part, so that it belongs to the form.
_MANY = 12
# Least texts that all stand in quotes, so that the quotes belong to the form.
_LEAST_QUOTED = 5
# A sign before a text.
_MARKED = r"^\s*(>|[•·–—*-]\s)"
# A bar behind a blank at the end, the edge of a table where all texts have the same.
_SIGN_AT_END = r"(\s+[|│┃])\s*$"
# Signs with counts, as the reactions of readers are written.
_COUNTED = r"\p{So}[\p{M}\p{Sk}]*\s?[0-9]+(?:\W+\p{So}[\p{M}\p{Sk}]*\s?[0-9]+)*"
# Most different words above many texts that are states of the form.
_MOST_STATES = 2
_BETWEEN_RULES = r"^\s*[-—–─━═=]{3,}[^\n]*\w[^\n]*[-—–─━═=]{3,}\s*$"
_DRAWN = r"(?:[-—–─━═=_*~#](?: ?[-—–─━═=_*~#]){2,}[^\w\s]{0,3}|\|[-}])\s*$"
RULE, _DRAWN_LINE = rf"^\s*{_DRAWN}", _DRAWN.removesuffix("$") + r"(?:\n|$)"
# What every rule has, what no line of signs has, and what parts the words of a text from its end.
_RULE_SIGNS, _LETTER, _EMPTY_LINE = (
    r"[-—–─━═=_*~#](?: ?[-—–─━═=_*~#]){2}|\|[-}]",
    r"[0-9A-Za-z\u4e00-\u9fff]",
    r"\n[ \t]*\n",
)
# What Markdown sets apart from the words around it, to the end of a text.
_CALLOUT = r"(?s)\n[ \t]*\n(> \[![A-Za-z]+\][^\n]*(?:\n>[^\n]*)*)\s*$"
# Days that show what stands above all of them.
_SEVERAL_DAYS = 2
# Least different first lines that show that they belong to the form.
_LEAST_NUMBERED = 3
# Most lines below the rule that ends the messages.
_FOOT = 3
# A name that begins the words below a time: before a colon or a line end, or in brackets.
NAME_ALONE = r"(?s)^\s*(?P<name>[^\n]{1,60})\n(?P<words>.*)$"
NAMES_OF_BODIES = (
    r"(?s)^\s*(?P<name>\**[^\n:：*]{1,60}?\**)[ \t]*(?:[:：]\**[ \t]*|\n)(?P<words>.*)$",
    r"(?s)^\s*[【\[「](?P<name>[^\n】\]」]{1,60})[】\]」][ \t]*[:：]?[ \t]*(?P<words>.+)$",
)


def are_rules(lines: pl.Series) -> pl.Series:
    """Which lines are drawn and hold nothing else."""
    return lines.str.contains(RULE) if occurs(_RULE_SIGNS, lines) else lines.is_null() & False


@kept_for_few
def day_lines(lines: pl.Series) -> pl.Series:
    """Which lines hold a date and nothing else."""
    near = lines.str.contains(r"[0-9]")
    found = none_of(lines)
    few = lines.filter(near)
    return found.scatter(near.arg_true(), few.str.contains(fitted(DAY_LINE, few))) if few.len() else found


def dates_of_days(lines: pl.Series) -> pl.Series:
    """The dates of lines of days; year first where only the weekdays beside them tell the order."""
    dates = lines.str.extract(fitted(DAY_LINE, lines), 1)
    if day_comes_first(dates) is not None or not all_contain(dates, _EITHER_ORDER):
        return dates
    named = lines.str.extract(rf"({DAY_NAME})", 1).str.to_lowercase()
    named = named.str.replace("曜日?|요일|星期|周|週", "").str.head(3)
    told = named.replace_strict(DAY_NUMBERS, default=None, return_dtype=pl.Int8)
    read = [parse_time_column(dates, "UTC", day_first=first)["sent_at"] for first in (True, False)]
    fits = [bool(told.count() and (at.dt.weekday() == told).fill_null(told.is_null()).all()) for at in read]
    return read[fits.index(True)].dt.strftime("%Y-%m-%d").fill_null(dates) if sum(fits) == 1 else dates


def parting_days(lines: pl.Series, days: pl.Series, is_header: pl.Series, heads: pl.DataFrame | None) -> pl.Series:
    """Which date lines separate days, and are not part of a message.

    `heads`: headings with times that include a day; None where separate date lines state the day. Date lines then
    only separate days if nearly every change of day has one directly before a heading of its date.
    """
    parting = days & _before_header(lines, is_header) if days.any() else days
    if not parting.any():
        return parting
    if heads is None:
        # What is drawn as the lines above headings are parts days above a notice without a time as well.
        stated = lines.filter(days)
        drawn = stated.str.replace(fitted(rf"{DATE}{WEEKDAY}", stated), "").str.strip_chars()
        alike = (drawn != "") & drawn.is_in(drawn.filter(parting.filter(days)).implode())
        return parting.scatter(days.arg_true(), alike | parting.filter(days))
    dates = day_of(heads["time"])
    changes = int((dates != dates.shift(1)).sum()) + 1
    nearest = pl.Series([None], dtype=pl.String).new_from_index(0, lines.len()).scatter(heads["line"] - 1, dates)
    stated = lines.filter(parting)
    told = day_of(stated.str.extract(fitted(DAY_LINE, stated), 1))
    same = told == nearest.fill_null(strategy="backward").filter(parting)
    if int(same.sum()) < _NEARLY_ALL * changes:
        return none_of(lines)
    return parting.scatter(parting.arg_true(), same.fill_null(value=False))


def below_days(lines: pl.Series, parting: pl.Series, is_header: pl.Series) -> pl.Series:
    """Which filled lines are in no message: those below a line that separates days, up to a heading."""
    if not parting.any():
        return parting
    last = pl.when(parting).then(statement=True).when(is_header).then(statement=False).forward_fill()
    below = pl.select(last.fill_null(value=False).alias("b"))["b"]
    return below & ~parting & (lines.str.strip_chars() != "")


def day_of(times: pl.Series) -> pl.Series:
    """A key of the day at the beginning of each text: year, month and day as far as stated."""
    seen = times.unique()
    stated = seen.str.extract(fitted(rf"^\s*({DATE})", seen), 1)
    days = parse_time_column(stated, ASSUMED_ZONE)["sent_at"].cast(pl.String)
    return times.replace_strict(seen, days.fill_null(seen), return_dtype=pl.String)


def repeated_times(lines: pl.Series, near: pl.Series, time: str) -> pl.Series:
    """Which lines hold only a time whose day the next line repeats at its beginning, before words."""
    again = near & in_one_query(
        lines,
        lambda t: t.str.len_chars().is_between(_SHORTEST_TIME, _LONGEST_TIME) & ~t.str.contains(r":\D*:|[:：]\s"),
    )
    if not again.any():
        return none_of(lines)
    both = pl.DataFrame({"line": lines, "next": lines.shift(-1, fill_value="")}).with_row_index("at").filter(again)
    # A day begins so, with the time of its first message or shortly before it, in the spelling of that time.
    day = fitted(rf"^(.{{0,20}}?)({DATE})", both["line"])
    line, following = (
        pl.col(c).str.extract(day, 1).str.replace_all("[0-9]+", "0") + pl.col(c).str.extract(day, 2) for c in ("line", "next")
    )  # fmt: skip
    again_said = (line == following).fill_null(pl.col("next").str.starts_with(pl.col("line")))
    few = both.filter(again_said, pl.col("line") != pl.col("next"))
    # Patterns are compiled for no rows as well, which takes 4 ms.
    if few.is_empty():
        return none_of(lines)
    alone = fitted(rf"^\W*(?:{time})\W*$", lines)
    few = few.filter(pl.col("line").str.contains(alone) & ~pl.col("next").str.contains(alone))
    return none_of(lines).scatter(few["at"], values=True)


def _before_header(lines: pl.Series, is_header: pl.Series) -> pl.Series:
    """Which lines have a heading as the next line that is not empty."""
    filled = lines.str.strip_chars() != ""
    heads = pl.when(filled).then(is_header).shift(-1).fill_null(strategy="backward").fill_null(value=False)
    return pl.select(heads.alias("h"))["h"]


def bodies_of(
    lines: pl.Series,
    heads: pl.Series,
    days: pl.Series,
    is_header: pl.Series,
    has_words: bool,
    indents: pl.Series | None = None,
) -> tuple[pl.Series, list[Note]]:
    """The text below each heading, in order, and a note on text at the end that no message owns.

    Lines that only separate days, and rules that end nearly every message, are no words. `has_words`: headings may
    contain words. `indents`: how far the words in each heading stand from the line's beginning.
    """
    block = none_of(lines).scatter(heads - 1, values=True).cum_sum()
    keep = ~is_header & ~days & ~_rules_above(lines, days) & (block > 0)
    frame = pl.DataFrame({"block": block, "text": lines, "keep": keep})
    joined = frame.filter("keep").group_by("block", maintain_order=True).agg(pl.col("text").str.join("\n"))
    every = pl.DataFrame({"block": pl.Series(range(1, heads.len() + 1), dtype=block.dtype)})
    body = every.join(joined, on="block", how="left", maintain_order="left")["text"].fill_null("")
    if (body := body.str.replace(r"\s+$", "")).eq("").all():
        # All words stand in the headings.
        return body, []
    body, more = _without_rules(body), list[Note]()
    if occurs(_EMPTY_LINE, body):
        body, more = _without_recurring_ends(_without_numbers(body), heads)
    body, begun = _without_recurring_beginnings(body, heads)
    body, called = _without_callouts(body, heads)
    body, closed = _without_closing(body, lines.head(int(heads[0]) - 1), int(heads[-1]), has_words=has_words)
    body, notes = _without_end(body, int(heads[-1]), has_words=has_words)
    if not has_words:
        body = body.str.replace(r"^(?:[ \t]*\n)+", "")
    body = without_prefix(body if indents is None else without_hanging_indent(body, indents))
    return body, [*more, *begun, *called, *closed, *notes]


def _rules_above(lines: pl.Series, days: pl.Series) -> pl.Series:
    """Which lines are drawn above the lines that separate days; none unless each of several has one."""
    if int(days.sum()) < _SEVERAL_DAYS:
        return none_of(lines)
    filled = pl.DataFrame({"line": lines, "day": days}).with_row_index("at").filter(pl.col("line").str.contains(r"\S"))
    drawn = filled.filter(filled["day"].shift(-1, fill_value=False) & are_rules(filled["line"]))
    return none_of(lines).scatter(drawn["at"], values=True) if drawn.height == int(days.sum()) else none_of(lines)


def _without_recurring_ends(body: pl.Series, heads: pl.Series) -> tuple[pl.Series, list[Note]]:
    """The texts without framed last lines that recur in several of them, and a note on each.

    Such a line differs only in its figures: a pause, a page, an advertisement, a heading, counts of reactions. One indented as the words are is of them.
    """
    framed = rf"[{_FRAME}]{{2,}}[^\n]*\w[^\n]*[{_FRAME}]{{2,}}[ \t]*|#{{2,6}} [^\n]*|{_COUNTED}"
    last = body.str.extract(rf"\n[ \t]*\n([ \t]*(?:{framed}))$", 1)
    shape = last.str.replace_all(r"[0-9]+", "0")
    indented = last.str.contains(r"^[ \t]") & body.str.contains(r"^\n*[ \t]")
    usual = shape.is_duplicated() & last.is_not_null() & ~indented.fill_null(value=True)
    # Between two rules a single line is the form's, where no other text holds an empty line.
    lone = last.str.contains(_BETWEEN_RULES).fill_null(value=False)
    if not (body.str.contains(_EMPTY_LINE) & ~lone).any():
        usual |= lone
    if not usual.any():
        return body, []
    bare = body.filter(usual).str.replace(r"\n[ \t]*\n[^\n]*$", "").str.replace(r"\s+$", "")
    told = zip(heads.filter(usual), last.filter(usual), strict=True)
    notes = [Note(NoteCode.ROW_SKIPPED, f"line {n}", line.strip()[:200]) for n, line in told]
    return body.scatter(usual.arg_true(), bare), shorten_notes(notes)


def _without_recurring_beginnings(body: pl.Series, heads: pl.Series) -> tuple[pl.Series, list[Note]]:
    """The texts without quoted first lines that differ in one number alone, and a note on each.

    Such a line above an empty one names the message that the text answers.
    """
    if lacks(body, ">"):
        return body, []
    first = body.str.extract(r"^\s*(>[^\n0-9]*\p{L}[^\n0-9]*[0-9]+[^\n0-9]*)\n[ \t]*\n", 1)
    shape = first.str.replace(r"[0-9]+", "0")
    usual = shape.is_duplicated() & shape.is_not_null()
    if first.filter(usual).n_unique() < _LEAST_NUMBERED:
        return body, []
    bare = body.filter(usual).str.replace(r"^\s*>[^\n]*\n\s*", "")
    told = zip(heads.filter(usual), first.filter(usual), strict=True)
    notes = [Note(NoteCode.ROW_SKIPPED, f"line {n}", line.strip()[:200]) for n, line in told]
    return body.scatter(usual.arg_true(), bare), shorten_notes(notes)


def _without_callouts(body: pl.Series, heads: pl.Series) -> tuple[pl.Series, list[Note]]:
    """The texts without callouts of Markdown below an empty line, and a note on each."""
    if lacks(body, r"> \[!") or not (found := body.str.contains(_CALLOUT)).any():
        return body, []
    told = zip(heads.filter(found), body.filter(found).str.extract(_CALLOUT, 1), strict=True)
    notes = [Note(NoteCode.ROW_SKIPPED, f"line {n}", words.strip()[:200]) for n, words in told]
    return body.str.replace(_CALLOUT, ""), shorten_notes(notes)


def without_states(words: pl.Series, body: pl.Series) -> pl.Series:
    """The words of headings; empty where they are one of two states such as `Read` above other words."""
    is_state = words.len() >= _MANY and words.n_unique() <= _MOST_STATES and bool((body.str.strip_chars() != "").all())
    return pl.Series([""]).new_from_index(0, words.len()) if is_state else words


def _without_numbers(body: pl.Series) -> pl.Series:
    """The texts without the next message's number, a last line that differs in figures alone."""
    last = body.str.extract(r"\n[ \t]*\n([^\n]*[0-9][^\n]*)$", 1)
    shape = last.str.replace_all(r"[0-9]+", "0")
    usual = shape.head(-1).drop_nulls().mode()
    if usual.is_empty() or float((shape.head(-1) == usual[0]).fill_null(value=False).mean() or 0) < 0.8:
        return body
    numbers = last.filter(shape == usual[0]).str.extract(r"([0-9]{1,9})", 1).cast(pl.Int64)
    if float((numbers.diff().drop_nulls() > 0).mean() or 0) < 1:  # type: ignore[arg-type]
        return body
    bare = body.str.replace(r"\n[ \t]*\n[^\n]*$", "").str.replace(r"\s+$", "")
    return bare.set((shape != usual[0]).fill_null(value=True), None).fill_null(body)


def _without_rules(body: pl.Series) -> pl.Series:
    """Bodies without their first line, and without their last one, if that is drawn in 80 % of them.

    A rule alone below the last heading shows that headings and rules end the messages. A fence is no rule.
    """
    is_ruled = occurs(_RULE_SIGNS, body) and body.str.contains(rf"^\s*{_DRAWN_LINE}").mean()
    if float(is_ruled or 0) >= _NEARLY_ALL and re.search(r"\n.*\S", body[-1].strip()):  # type: ignore[arg-type]
        body = body.str.replace(rf"^\s*{_DRAWN_LINE}", "")
    last = body.str.extract(r"([^\n]*)$", 1).str.strip_chars()
    if float((~last.head(-1).str.contains(_LETTER)).mean() or 0) < _NEARLY_ALL:  # type: ignore[arg-type]
        return body
    sign = last.head(-1).filter(last.head(-1).str.contains(r"^[^\w\s`~]{2,}$")).value_counts(sort=True).head(1)
    usual = last.str.contains(RULE) | last.is_in(sign[last.name].implode())
    if float(usual.head(-1).mean() or 0) < _NEARLY_ALL:  # type: ignore[arg-type]
        return body
    bare = body.filter(usual).str.replace(r"[^\n]*$", "").str.replace(r"\s+$", "")
    return body.scatter(usual.arg_true(), bare)


def _without_closing(body: pl.Series, above: pl.Series, line: int, *, has_words: bool) -> tuple[pl.Series, list[Note]]:
    """The texts without the end of a table or list below the last one, and a note on it.

    A rule that ends what stands above the first message also begins what stands below the last one, if no other text
    holds it.
    """
    if body.len() < 3:
        return body, []
    told = [w for w in above.str.strip_chars().to_list() if w]
    # What opens above the messages closes below them: `{% chat %}`, `[chat]`, `\begin{chat}`.
    opened = [m for w in told if (m := re.fullmatch(r"([^\w\s]{1,3}\s*)(\w[\w-]*)(\s*[^\w\s]{1,3})", w))]
    signs = frozenset(w.replace("begin", "end") for w in told if "begin" in w or not re.search(r"\w", w)).union(*({f"{m[1]}end{m[2]}{m[3]}", f"{m[1]}/{m[2]}{m[3]}"} for m in opened))  # fmt: skip
    kept = end_of_words(body[-1], body.len(), signs, 0 if has_words else 1)
    if told and re.match(RULE, told[-1]):
        kept = min(kept, _begin_of_foot(body, told[-1]))
    words = "\n".join(body[-1].split("\n")[:kept])
    if words == body[-1]:
        return body, []
    end = body[-1][len(words) :].strip()
    return body.scatter(body.len() - 1, words), [Note(NoteCode.ROW_SKIPPED, f"line {line}", end[:200])]


def _begin_of_foot(body: pl.Series, rule: str) -> int:
    """The line of the last text that is the rule, above few others; the number of lines without it."""
    lines = [line.strip() for line in body[-1].split("\n")]
    elsewhere = body.head(-1).str.contains(rf"(?m)^\s*{re.escape(rule)}\s*$").any()
    is_foot = lines.count(rule) == 1 and not elsewhere and len(lines) - lines.index(rule) - 1 <= _FOOT
    return lines.index(rule) if is_foot else len(lines)


def _without_end(body: pl.Series, line: int, *, has_words: bool) -> tuple[pl.Series, list[Note]]:
    """The last text without what follows an empty line, if no other text has an empty line; with a note."""
    # If the heading has words, an empty first line is part of the text; below a bare heading it belongs to the form.
    inner = body.str.replace(r"^", "\n") if has_words else body.str.replace(r"^(?:[ \t]*\n)+", "")
    if body.len() < 3 or "\n\n" not in inner[-1] or inner.head(-1).str.contains("\n\n", literal=True).any():
        return body, []
    words, _, end = inner[-1].partition("\n\n")
    notes = [Note(NoteCode.ROW_SKIPPED, f"line {line}", end.strip()[:200])]
    return body.scatter(body.len() - 1, words.strip("\n")), notes


def plain_words(text: pl.Series, lead: str) -> pl.Series:
    """The texts without quotes and without marks of the form around them or before all of them.

    `**[time] name:** words`, `name~time~words`.
    """
    text = _without_mark(_unquoted(text))
    if text.len() >= _LEAST_QUOTED and (end := text.str.extract(_SIGN_AT_END, 1)).n_unique() == 1 and end[0]:
        text = text.str.strip_suffix(end[0])
    for mark in ("**", "__", "*", "`"):
        if mark in lead and text.str.starts_with(mark).all():
            return text.str.strip_prefix(mark).str.strip_chars_start(" ")
    for first, last in ("“”", "「」", "‘’", '""', ("#【", "】")) if text.len() >= _LEAST_QUOTED else ():
        if all_contain(text.head(-1), f"(?s)^{first}.*{last}$"):
            # Behind the last quotation there may be a line that nobody wrote.
            quoted = text.str.extract(f"(?s)^{first}(.*){last}(?:\\n[^{first}{last}]*)?$", 1)
            if not quoted.null_count():
                return plain_quoted(quoted, last) if last == '"' else quoted
    return text


def foot_of(text: str, words: str) -> str:
    """The lines of a text below its words; "" without any."""
    return text.rpartition(words)[2].partition("\n")[2].strip() if words else ""


def _without_mark(text: pl.Series) -> pl.Series:
    """The texts without the sign that begins every one of them, or nearly every one in the case of `>`.

    Another sign than that stands before one line of each; else it lists several. What is attached may have none.
    """
    held = text.filter(text.str.strip_chars() != "")
    found = held.str.extract(_MARKED, 1)
    signs = found.drop_nulls()
    least = _NEARLY_ALL if signs.len() and signs[0] == ">" else 1
    if held.len() < _LEAST_QUOTED or signs.len() < least * held.len() or signs.n_unique() > 1:
        return text
    held = held.filter(found.is_not_null())
    lines = rf"(?m)^[ \t]*{re.escape(signs[0])}[ \t]?"
    marked = held.str.count_matches(lines)
    is_of_form = (marked == held.str.count_matches(r"(?m)^.*\S")).mean() > 0.5 if signs[0] == ">" else marked.max() == 1  # type: ignore[operator]
    return text.str.replace_all(lines, "") if is_of_form else text


def _unquoted(text: pl.Series) -> pl.Series:
    """The texts, where a form sets those of several lines in quotes as tables do, without the quotes."""
    if lacks(text, '"'):
        return text
    quoted = text.str.contains(r'(?s)^".*\n.*"\s*$')
    if not quoted.any() or (text.str.contains("\n", literal=True) & ~quoted).any():
        return text
    few = text.filter(quoted).str.strip_chars_end().str.replace(r'(?s)^"(.*)"$', "$1")
    return text.scatter(quoted.arg_true(), few.str.replace_all('""', '"', literal=True))
