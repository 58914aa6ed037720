"""Times in lines of text, in the spelling of any calendar, brought to one spelling."""

# ruff: noqa: RUF001 - figures of many scripts
import re

import polars as pl

from reconcile.column_ops import in_one_query, kept_for_few, lacks, none_of, occurs
from reconcile.formats.inferred.words.bodies_in_lines import DATE, WEEKDAY
from reconcile.intake.contract import Note, remarks
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock_eras import count_of_eras, with_years_of_lines
from reconcile.wechat.clock_forms import CHINESE_HALVES, HALF_DAY, SPOKEN_DAY, with_whole_years
from reconcile.wechat.clock_halves import with_common_halves
from reconcile.wechat.named_days import BEHIND_CLOCK, OF_C, fitted, hold
from reconcile.wechat.text import number_value

# Marks of direction, which clients put around figures and names.
MARKS = "\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Codes by which chat programs and terminals colour and set words.
_STYLES = r"\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x1b\[[0-9;]*m|[\x02\x0f\x11\x16\x1d-\x1f]"
_HALF = rf"(?:{HALF_DAY}|[AaPp]\.?[\s\u00a0\u202f][Mm]\.?)"
_AFTER = rf"(?:[\s\u202f\u00a0]?(?:{_HALF}|(?:Uhr|uur|hrs?|h)(?-u:\b)|น\.))?"
# A wide colon behind `16:48` ends the heading.
_SECONDS = r"[0-9]{2}(?:[.,][0-9]{1,6})?秒?"
_CLOCK = (
    rf"(?:{_HALF}\s?)?(?:[0-9]{{1,2}}[时時시点點]\s?[0-9]{{1,2}}[分분](?:\s?[0-9]{{1,2}}[秒초])?"
    rf"|[0-9]{{1,2}}(?:[:时][0-9]{{2}}(?:[:分]{_SECONDS})?|：[0-9]{{2}}(?:[:：]{_SECONDS})?){_AFTER}"
    r"|[0-9]{1,2}\.[0-9]{2}\s?[AaPp]\.?[Mm](?-u:\b))"
)
# Behind a date, dots may part hours, minutes and seconds.
_DOTTED = rf"[0-9]{{1,2}}\.[0-9]{{2}}(?:\.[0-9]{{2}})?{_AFTER}|[0-9]{{1,2}}\s?h\s?[0-9]{{2}}(?-u:\b)"
# Hours alone as an offset directly behind seconds.
_WITH_HOURS = r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?[+-][0-9]{2}(?-u:\b)"
# What languages write between day and clock.
_AT = r"(?:at|um|à|às|a las|ore|alle|om|kl\.?|klo|saat|в)"
# A zone that all times of a text state, as `zone_words` marks it: its offset, then how it was written.
ZONED, WRITTEN, UNZONED = "\ufdd0", "\ufdd1", "\ufdd2"
_MARKED, _OFFSET_AND_WRITTEN = (
    rf"{ZONED}[^{UNZONED}\n]{{0,40}}{UNZONED}",
    rf"{ZONED}([^{WRITTEN}]*)[^{UNZONED}]*{UNZONED}",
)
_ZONE = rf"(?:(?:{_MARKED}|Z(?-u:\b)|\s?(?:[+-](?:0[0-9]|1[0-4]):?[0-5][0-9](?-u:\b)|\(?(?:UTC|GMT)(?:[+-][0-9]{{1,2}}(?::?[0-9]{{2}})?)?(?-u:\b)\)?))(?:\s\([A-Z][A-Za-z ]{{2,40}}\))?)?"
# What stands before words that begin like a half of the day. A time of a line, and one with such a half behind it.
WORDS = "\ufdd3"
_STAMPED = r"^(?:\W*|.{0,60}?[0-9][-/.年月,]\s?[0-9]{1,4}[日号號]?[,，\sT]*)[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?"
_WITH_A_HALF, _NEAR_A_HALF = (
    rf"({_STAMPED}\s?)({_HALF}\s+\p{{L}})",
    r"[0-9]\s?(?:[AaPp]\.?\s?[Mm]|[上下午凌早清中傍晚오صم])",
)
# The same where nothing or another sign than a letter stands behind the half.
_HALVED = rf"{_STAMPED}\s?{_HALF}(?:[^\w]|$)"
_WITH_A_WORD = rf"({_STAMPED}\s?)((?:{'|'.join(CHINESE_HALVES)}|午前|午後|오전|오후)\p{{L}})"
# Share of the lines with times from which on halves of the day belong to them.
_MOST_HALVES = 0.5
FULL = rf"(?:{DATE}{WEEKDAY}(?:,?[\s\u00a0\u202f]+(?:{_AT} |[-–] )?|T|,|_|-)(?:{_WITH_HOURS}(?::[0-9]{{2}})?|{_CLOCK}{_ZONE}|{_DOTTED})|[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}[日号號]{WEEKDAY}\s?{_CLOCK})"
# A day and a clock of figures alone.
_FIGURES_ALONE = r"20[0-9]{2}[01][0-9][0-3][0-9][ T_-]?[0-2][0-9]:?[0-5][0-9](?::?[0-5][0-9])?(?:Z(?-u:\b))?"
# Seconds or milliseconds since 1970 of the years since 2014, and no part of a longer number.
_EPOCH = r"(?-u:\b)1[4-9][0-9]{8}(?:\.[0-9]{1,6}|[0-9]{3})?(?-u:\b)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
# A month and a day without a year.
DAY_OF_YEAR = rf"(?:[01]?[0-9]-[0-3][0-9]|[0-3]?[0-9]/[0-3]?[0-9]|[01]?[0-9]月[0-3]?[0-9][日号號]{WEEKDAY}|{_MONTH}\.?\s[0-3]?[0-9],?)"
TIMES = {
    "full": FULL,
    "c": OF_C,
    "reversed": rf"{_CLOCK}(?:{_MARKED})?,?\s+{DATE}",
    "figures": _FIGURES_ALONE,
    "epoch": _EPOCH,
    "yearless": rf"(?:{DAY_OF_YEAR}\s{{1,2}}|[01]?[0-9]月[0-3]?[0-9][日号號]){_CLOCK}",
    "clock": rf"{_CLOCK}(?:{_MARKED})?",
}
# What every time of these kinds has, which most texts lack.
_SIGNS = {"figures": "20[0-9]{2}[01][0-9][0-3][0-9]", "epoch": "1[4-9][0-9]{8}"}
# What a time has that is spelled otherwise than most.
_NOT_PLAIN = r"(?m)[^0-9:/ \n-]|-[0-9]{1,2}:|[-/ ] | -| $"

# A clock, and what stands with it at the end of a line: figures, signs, words of zones, halves and dates, but no sentence
# and no colon before words.
# Every line that ends in a time of `TIMES` has it, and it compiles in a twentieth of their time.
CLOCK = r"[0-9]\s?[:：.時时点點시h]\s?[0-9]"
CLOCK_AT_END = rf"{CLOCK}(?:[^\u3400-\u9fff\n:：]|[:：][0-9]|[分秒上下中午凌晨早晚清傍前後年月日星期周週一二三四五六天曜火水木金土])*$"

_ZEROS = "٠۰०০๐０"
_FIGURES = {chr(ord(zero) + i): str(i) for zero in _ZEROS for i in range(10)}
_STRANGE = "".join(f"{zero}-{chr(ord(zero) + 9)}" for zero in _ZEROS)
# Wide signs inside times, each with its plain one.
_WIDE = dict(zip("：／－．，、　", ":/-.,, ", strict=True))
_LEAD = rf"^([\[(（【\s{MARKS}]*[0-9{_STRANGE}][0-9{_STRANGE}\s\u00a0\u202f{MARKS}/\-.:,،年月日时時点點分秒{''.join(_WIDE)}]{{4,40}})"
_NEAR = rf"^[\[(（【\s]*[0-9]{{0,4}}[{_STRANGE}\u200e\u200f]"

_NUMERAL = "[〇零一二三四五六七八九十]"
_NUMERALS = {"整": "0分", "半": "30分", "一刻": "15分", "三刻": "45分"}
_DAY_IN_NUMERALS = rf"[〇零一二三四五六七八九]{{4}}年{_NUMERAL}{{1,3}}月{_NUMERAL}{{1,3}}[日号]{WEEKDAY}"
_CLOCK_IN_NUMERALS = (
    rf"(?:{_HALF}\s?)?{_NUMERAL}{{1,3}}[时時点點](?:整|半|[一三]刻|{_NUMERAL}{{1,3}}分(?:{_NUMERAL}{{1,3}}秒)?)"
)
_TIME_IN_NUMERALS = rf"^(\W*(?:{_DAY_IN_NUMERALS}(?:\W*$|\s*{_CLOCK_IN_NUMERALS})|{_CLOCK_IN_NUMERALS}))(\W.*)?$"
# A date among words, the least dates that have the same words around them, and a line that a clock begins.
_DAY_IN_WORDS = rf"({DATE})"
_LEAST_DAYS = 2
_BEGINS_BY_CLOCK = r"^[\[(（【\s]*[0-9]{1,2}\s?[:：.時时点點]\s?[0-9]"
# A time that begins a line with blanks around its signs, and the least lines that have one.
_SPACED = r"^(\W*[0-9]{4}\s*(?:年|[-/.]\s)\s*[0-9]{1,2}\s*(?:月|[-/.]\s)\s*[0-9]{1,2}(?:\s*[日号])?\s+(?:(?:[上下中]\s?午|凌晨|早上|晚上)\s*)?[0-9]{1,2}\s*[:：时時点點]\s*[0-9]{1,2}(?:\s*[:：分]\s*[0-9]{1,2})?(?:\s*[分秒])?)"
_LEAST_SPACED = 2
# Signs that lists typed by hand set between their parts, and the least share of the lines with clocks that have one.
_BARS, _MOST_BARRED = "｜；、;", 0.9


# Clocks typed by hand at the beginning of a line: `9点05 `, and `9点 ` for the full hour where others state minutes.
_TYPED = rf"^(\W{{0,3}}(?:{_HALF}\s?)?[0-9]{{1,2}})[点點]([0-5][0-9])(\s)"
_FULL_HOUR = rf"^(\W{{0,3}}(?:{_HALF}\s?)?[0-9]{{1,2}})[点點](\s)"


@kept_for_few
def plain_lines(lines: pl.Series) -> pl.Series:
    """The lines in plain figures, of the common calendar, and with plain bars between their parts.

    Words that begin like a half of the day, as in `9:05 am I late?`, are marked. `without_marks` undoes it.
    """
    bare = lines.str.replace_all(_STYLES, "") if occurs(_STYLES, lines) else lines
    closed = _without_blanks_in_times(with_plain_figures(bare.str.strip_chars_start(MARKS)))
    plain = with_plain_calendar(_with_plain_clocks(_with_numerals_in_figures(closed)))
    return _with_marked_words(_with_bare_days(_with_plain_bars(plain)))


def _with_bare_days(lines: pl.Series) -> pl.Series:
    """The lines; those above messages with the same words around each of several dates are dates alone."""
    near = in_one_query(lines, lambda t: t.str.contains("[0-9]") & ~t.str.contains(CLOCK))
    if int(near.sum()) < _LEAST_DAYS:
        return lines
    few = lines.filter(near)
    day = fitted(_DAY_IN_WORDS, few)
    told = few.to_frame("line").with_columns(
        date=pl.col("line").str.extract(day, 1), around=pl.col("line").str.replace(day, "\n"),
        is_above=lines.str.strip_chars().replace("", None).backward_fill().str.contains(_BEGINS_BY_CLOCK).shift(-1).filter(near).fill_null(value=False),
    )  # fmt: skip
    one = pl.col("date").is_not_null() & (pl.col("around") != "\n") & ~pl.col("around").str.contains("[0-9]")
    several = (pl.col("date").n_unique().over("around") >= _LEAST_DAYS) & pl.col("is_above").all().over("around")
    is_day = told.select((one & several).alias("d"))["d"]
    return lines.scatter(near.arg_true().filter(is_day), told["date"].filter(is_day)) if is_day.any() else lines


def _without_blanks_in_times(lines: pl.Series) -> pl.Series:
    """The lines without blanks around the signs of the times that begin several of them."""
    near = lines.str.contains(_SPACED)
    if int(near.sum()) < _LEAST_SPACED:
        return lines
    few = lines.filter(near)
    lead = few.str.extract(_SPACED, 1)
    closed = lead.str.replace_all(r"\s*([年月时時点點分:：])\s*", "$1").str.replace_all(r"\s+([日号秒午])", "$1")
    closed = closed.str.replace(r"([0-9])\s*([-/.])\s+([0-9]{1,2})\s*[-/.]\s+([0-9])", "$1$2$3$2$4")
    told = closed + few.str.slice(lead.str.len_chars())
    is_time = told.str.contains(fitted(rf"^\W*{FULL}", told))
    return lines.scatter(near.arg_true().filter(is_time), told.filter(is_time))


def _with_plain_clocks(lines: pl.Series) -> pl.Series:
    """The lines with a colon in the clocks that begin them, where several are typed as `9点05`."""
    if not occurs(r"[0-9][点點][0-5][0-9]\s", lines) or int(lines.str.contains(_TYPED).sum()) < _LEAST_SPACED:
        return lines
    return lines.str.replace(_TYPED, "${1}:${2}${3}").str.replace(_FULL_HOUR, "${1}:00${2}")


def _with_marked_words(lines: pl.Series) -> pl.Series:
    """The lines with a mark before a half of the day behind a time, if other lines have none there."""
    if not occurs(_NEAR_A_HALF, lines):
        return lines
    # In Chinese, Japanese and Korean the half stands before its clock.
    lines = lines.str.replace(_WITH_A_WORD, f"${{1}}{WORDS}${{2}}")
    stamped, behind, halved = (int(lines.str.contains(p).sum()) for p in (_STAMPED, _WITH_A_HALF, _HALVED))
    if not behind or halved >= _MOST_HALVES * stamped:
        return lines
    return lines.str.replace(_WITH_A_HALF, f"${{1}}{WORDS}${{2}}")


def _with_plain_bars(lines: pl.Series) -> pl.Series:
    """The lines with `|` for another sign that parts times and names in nearly all lines with clocks."""
    timed = lines.filter(lines.str.contains(CLOCK))
    for sign in (s for s in _BARS if occurs(s, timed)):
        least = int(timed.str.count_matches(sign, literal=True).quantile(1 - _MOST_BARRED, "lower") or 0)
        beside = rf"[0-9秒\])】]\s?{sign}|{sign}\s?[\[(【]?[0-9]{{1,4}}[-/.年月:]"
        # Other signs than bars stand in sentences as well.
        if least > (sign != "｜") and (sign == "｜" or timed.str.contains(beside).mean() >= _MOST_BARRED):  # type: ignore[operator]
            counts = lines.str.count_matches(sign, literal=True)
            barred = lines.filter(counts >= least).str.replace(sign, "|", literal=True, n=least)
            return lines.scatter((counts >= least).arg_true(), barred)
    return lines


def with_plain_figures(lines: pl.Series) -> pl.Series:
    """The lines with plain figures in their leading time; the words stay as they are.

    Figures of other scripts are converted, marks of direction removed.
    """
    odd = lines.str.contains(_NEAR)
    if not odd.any():
        return lines
    few = lines.filter(odd)
    lead = few.str.extract(_LEAD, 1)
    plain = (
        lead.str.replace_many([*_FIGURES, *_WIDE], [*_FIGURES.values(), *_WIDE.values()])
        .str.replace_all(rf"[{MARKS}]", "")
        .str.replace_all("،", ",")
    )
    rest = few.to_frame("line").select(pl.col("line").str.slice(lead.str.len_chars().fill_null(0)))["line"]
    return lines.scatter(odd.arg_true(), (plain.fill_null("") + rest).fill_null(few))


def _with_numerals_in_figures(lines: pl.Series) -> pl.Series:
    """The lines with figures in the day or clock that begins them in Chinese numerals, as `二〇二四年三月十九日`."""
    if not lines.str.contains(rf"^\W*(?:{_HALF}\s?)?{_NUMERAL}{{1,4}}[年时時点點]").any():
        return lines
    parts = lines.str.extract_groups(_TIME_IN_NUMERALS).struct.unnest()
    seen = parts["1"].drop_nulls().unique().to_list()
    plain = pl.Series([_in_figures(t) for t in seen], dtype=pl.String)
    told = parts["1"].replace_strict(seen, plain, return_dtype=pl.String) + parts["2"].fill_null("")
    return told.fill_null(lines).alias(lines.name)


def _in_figures(time: str) -> str:
    """A time in Chinese numerals in figures."""
    told = re.sub("整|半|[一三]刻", lambda m: _NUMERALS[m[0]], time)
    return re.sub(rf"{_NUMERAL}+(?=[年月日号时時点點分秒])", lambda m: f"{number_value(m[0]):f}", told)


def with_plain_calendar(lines: pl.Series) -> pl.Series:
    """The lines with AM and PM, and with common years where most first dates name another era."""
    lines = with_common_halves(lines)
    plain = with_years_of_lines(lines)
    changed = plain != lines
    if not changed.any():
        return lines
    others = lines.filter(~changed)
    return lines if int(others.str.contains(fitted(rf"^\W*{DATE}", others)).sum()) >= int(changed.sum()) else plain


@kept_for_few
def hold_times(lines: pl.Series, kind: str) -> pl.Series:
    """Which lines hold a time of this kind."""
    if kind in _SIGNS and not occurs(_SIGNS[kind], lines):
        return none_of(lines)
    return hold(TIMES[kind], lines)


def remarks_on_eras(name: str, count: int) -> list[Note]:
    """A note on times whose years were counted by another era; [] where there are none."""
    return remarks(NoteCode.ODD_VALUE, name, "years of another era read as common years", count)


def notes_on_eras(lines: pl.Series, plain: pl.Series, name: str) -> list[Note]:
    """A note where years of another era in the lines became common ones."""
    is_kept = count_of_eras(plain, is_column=False) > 0
    return [] if is_kept else remarks_on_eras(name, count_of_eras(lines, is_column=False))


def plain_times(times: pl.Series, kind: str) -> pl.Series:
    """The times of one kind as `clock_forms` reads them: date first, four-figure years, colons."""
    if kind in ("epoch", "c"):
        return times.str.replace_all(r"\s+", " ")
    if kind in ("full", "clock") and lacks(times, _NOT_PLAIN):
        return with_whole_years(times)
    raw = pl.col("raw")
    plain = (
        raw.str.replace(_OFFSET_AND_WRITTEN, " $1")
        .str.strip_chars_end(" ")
        .str.replace_all("[\u202f\u00a0]", " ")
        .str.replace_all("：", ":")
        .str.replace(SPOKEN_DAY, "${1}日")
        .str.replace(r"([0-9])[点點](\s?[0-9]{1,2}分)", "${1}时$2")
        .str.replace(r"^([^:]*?[0-9]日?)[,_]\s*([0-9])", "$1 $2")
        .str.replace(r"(月[0-9]+日)([0-9])", "$1 $2")
        .str.replace(r"([0-9])-([0-9]{1,2}:)", "$1 $2")
        .str.replace(r"^((?:[0-9]{1,4}[-/.]){2}[0-9]{1,4})-([0-9]{1,2}\.[0-9]{2})", "$1 $2")
        .str.replace(r"(:[0-9]{2}),([0-9]{1,6})", "$1.$2")
        .str.replace(rf"\s?{BEHIND_CLOCK}$", "")
        .str.replace(rf"(?:,?\s+(?:{_AT}|[-–]))\s+", " ")
        .str.replace(r"(?i)([ap])\.\s?m\.", "${1}m")
        .str.replace(r"\.([0-9]{2}\s?[AaPp]\.?[Mm])$", ":$1")
        .str.replace(r"([0-9]) г\.?([,\s])", "$1$2")
    )
    if kind == "yearless":
        plain = plain.str.replace(r"([时時])([0-9]分)", "${1}0${2}").str.replace("[时時]([0-9]{2})分.*$", ":${1}")
    if kind == "reversed":
        plain = plain.str.replace(rf"^({_CLOCK}(?:\s[+-][0-9]{{4}})?),?\s+({DATE})$", "$2 $1")
    clean = with_whole_years(times.to_frame("raw").select(plain)["raw"].alias(times.name))
    return in_one_query(
        clean,
        lambda t: t.str.replace(r"^(\s*[0-9]{1,4}[-/.])\s?([0-9]{1,2}[-/.])\s([0-9])", "$1$2$3").str.replace(
            r"^([-/.0-9]+[0-9])\.,?\s", "$1 "
        ),
    )
