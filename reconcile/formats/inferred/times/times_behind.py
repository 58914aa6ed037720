"""Times behind the words of messages or in signatures below them, brought before the words."""

import polars as pl

from reconcile.column_ops import all_contain, none_of, occurs
from reconcile.formats.inferred.times.times_in_lines import CLOCK_AT_END, FULL, TIMES
from reconcile.formats.inferred.words.bodies_in_lines import DATE, WEEKDAY, day_lines
from reconcile.wechat.named_days import fitted

_BEHIND = rf"^(?P<words>.*?\S)\s*[|;~]?\s*[\[(（【]?\s*(?P<time>{FULL})\s*[\])）】]?\s*$"
_BRACKETS_EACH = rf"^(?P<day>\s*[\[(]{DATE}{WEEKDAY})[\])]\s?[\[(](?P<clock>{TIMES['clock']}[\])])"
_TWO_BRACKETS = r"(?m)^\s*[\[(].*[\])]\s?[\[(]"
_ALONE = rf"^\s*[\[(（【]?\s*{FULL}\s*[\])）】]?\s*$"
# Least share and number of filled lines that end in a time, where times follow the words; a smaller share does where
# hardly two of these lines are alike, as names above their messages are.
_MOST_BEHIND, _SOME_BEHIND, _LEAST = 0.8, 0.5, 3
# A name and a time in brackets or behind dashes, which sign the words before them.
_SIGNED_BEHIND = rf"^(?P<words>.*?\S)\s*(?:[（(【\[]|[-—–―]{{2,}}|\s[—–―]\s)\s*(?P<name>[^\s\d（）()【】\[\],，][^（）()【】\[\]:：,，]{{0,40}}?)[\s,，、·|]+(?P<time>{FULL})\s*[)）】\]]?\s*$"
# Signatures below words: their longest line, most names, the number that ends of a text suffice for, and their mark.
_LONGEST_SIGNATURE, _FEW_NAMES, _SURELY, _SIGNED = 80, 8, 12, r"^\s*>?\s*(?:[-—–―]+|[(（].*[)）]\s*$)"
_LOOK, _FIRST = 200, -2
# A name before its words, and the largest share of different names.
_SPOKEN, _RECUR = r"^\W{0,2}([^\s:：][^:：\n]{0,29}?)\s?[:：]\s*\S", 0.5
# A sign of an answer before the heading of a message.
_ANSWER = rf"^\s+(?:↳|⤷|[└├╰╚]─*)\s*([\[(]?(?:{FULL}|{TIMES['clock']}))"
_SIGNS = " \t-—–―,，、:：·|>()（）[]【】*_"
# Signs that a form writes between all words and their times.
_BETWEEN = r"\s[^\w\s]{1,3}$"


def times_in_front(lines: pl.Series) -> tuple[pl.Series, list[int]]:
    """The lines with each time before its message, where nearly all lines end in one; else unchanged.

    Lines without a time belong to the message that the next time ends. Where names begin the messages, lines above
    the name belong to none: these are empty, and their numbers come second. A day and a clock each in brackets are one
    time.
    """
    if occurs(_TWO_BRACKETS, lines):
        lines = lines.str.replace(_BRACKETS_EACH, "${day} ${clock}")
    if occurs("[↳⤷└├╰╚]", lines):
        lines = lines.str.replace(_ANSWER, "$1")
    if int(lines.str.contains(CLOCK_AT_END).sum()) < _LEAST:
        return lines, []
    # A clock alone is a time below the lines of days.
    days = day_lines(lines)
    for time in (FULL, TIMES["clock"]) if days.any() else (FULL,):
        if (turned := _with_times_from_below(lines, days, time)) is not None:
            return turned, []
        if (told := _turned(lines, days, time)) is not None:
            return told["line"], told["outside"].arg_true().to_list()
    return lines, []


def _turned(lines: pl.Series, days: pl.Series, time: str) -> pl.DataFrame | None:
    """Each `line` with times of this kind before their messages, and whether it is `outside` of all.

    None where the lines do not end in one.
    """
    filled = int(((lines.str.strip_chars() != "") & ~days).sum())
    behind = lines.str.contains(words_and_time := fitted(_BEHIND.replace(FULL, time), lines)) & ~days
    is_clock, ends = time != FULL, int(behind.sum())
    if ends < max(_LEAST, _SOME_BEHIND * filled):
        return None
    parts = lines.str.extract_groups(fitted(_SIGNED_BEHIND.replace(FULL, time), lines)).struct.unnest()
    is_signed = parts["time"].count() == ends and parts["name"].n_unique() <= max(_FEW_NAMES, 0.2 * ends)
    if not is_signed:
        parts = lines.str.extract_groups(words_and_time).struct.unnest()
        parts = parts.with_columns(pl.lit(None, pl.String).alias("name"))
    words = parts["words"].drop_nulls()
    begins = words.str.contains(fitted(rf"^\W*{time}" if is_clock else time, words))
    if begins.any() or (not is_signed and ends < _MOST_BEHIND * filled and _are_headings(lines, behind, words)):
        return None
    between = words.str.extract(f"({_BETWEEN})", 1)
    if between.null_count() == 0 and between.n_unique() == 1:
        parts = parts.with_columns(pl.col("words").str.replace(_BETWEEN, "").str.strip_chars_end())
    parts = parts.with_columns(pl.when(behind).then(pl.all()))
    told = pl.DataFrame(
        {"line": parts["words"].fill_null(lines), **parts.drop("words").to_dict(), "behind": behind, "day": days}
    )
    # A title above the first day is no word of the first message.
    titled = days & (days.cum_sum() == 1) & ~behind.cum_max()
    told = told.with_columns((pl.col("behind").shift(1, fill_value=False) | titled).cum_sum().alias("message"))
    at, name = (pl.col(c).fill_null(strategy="backward").over("message") for c in ("time", "name"))
    told = told.with_columns(outside := _above_names(told))
    told = told.with_columns(pl.when(outside).then(pl.lit("")).otherwise("line").alias("line"))
    is_filled = (pl.col("line").str.strip_chars() != "") & ~pl.col("day")
    first = is_filled & (is_filled.cum_sum().over("message") == 1)
    if is_clock and not is_signed and not _begin_with_names(told.filter(first & at.is_not_null())["line"]):
        return None
    # A name between the words and the time signs them.
    said = pl.when(name.is_null()).then("line").otherwise(pl.format("{}: {}", name, "line"))
    line = pl.when(first & at.is_not_null()).then(pl.format("{} {}", at, said)).otherwise("line")
    return told.select(line.alias("line"), "outside")


def _above_names(told: pl.DataFrame) -> pl.Series:
    """Which lines stand above the name that begins the next message: titles, remarks, rules.

    None do where few messages begin with a name that recurs.
    """
    spoken = told["line"].str.extract(_SPOKEN, 1)
    ends = spoken.filter(told["behind"])
    known = ends.drop_nulls().value_counts().filter(pl.col("count") > 1)[ends.name]
    is_named = spoken.is_in(known.implode()).fill_null(value=False)
    if not _begin_with_names(told.filter(is_named | told["behind"])["line"]):
        return is_named.clear(told.height).fill_null(value=False).alias("outside")
    own = told.select("message", "day", filled=pl.col("line").str.strip_chars() != "", named=is_named)
    is_above = (pl.col("named").cum_sum() == 0).over("message") & pl.col("named").any().over("message")
    return own.select(outside=is_above & pl.col("filled") & ~pl.col("day"))["outside"]


def _begin_with_names(words: pl.Series) -> bool:
    """Whether nearly all words begin with one of a few names before a colon."""
    names = words.str.extract(_SPOKEN, 1).drop_nulls()
    return names.len() >= _MOST_BEHIND * words.len() and names.n_unique() <= max(_FEW_NAMES, _RECUR * names.len())


def _are_headings(lines: pl.Series, behind: pl.Series, words: pl.Series) -> bool:
    """Whether lines that end in times stand above words: names recur, or only the text's first is one."""
    stamped = behind.filter(lines.str.strip_chars() != "")
    return 2 * words.n_unique() < words.len() or bool(stamped[0] and not stamped[-1])


def _with_times_from_below(lines: pl.Series, days: pl.Series, time: str) -> pl.Series | None:
    """The lines with each time above its message, where times or signatures stand below the messages.

    They have lines of their own, and the first words have one below them. None for any other text, and for clocks that
    no dash or bracket marks as those of a signature.
    """
    bare = lines.str.contains(fitted(_ALONE, lines)) if time == FULL else days & False
    stamps = bare if int(bare.sum()) >= _LEAST else _signatures(lines, time)
    is_filled = lines.str.contains(r"[^\s>]") & ~days
    filled = pl.DataFrame({"at": range(lines.len()), "stamp": stamps}).filter(is_filled)
    is_stamp = filled["stamp"]
    if int(is_stamp.sum()) < _LEAST or is_stamp[0] or (is_stamp & is_stamp.shift(1)).any():
        return None
    words = lines[filled["at"].filter(is_stamp.shift(-1, fill_value=False))]
    if stamps is bare and 2 * words.n_unique() < words.len():
        # Names recur: they stand in lines of their own above the times.
        return None
    ends = bool(is_stamp[-1])
    if stamps is not bare:
        below, above = (float(is_filled.shift(n).filter(stamps).mean() or 0) for n in (-1, 1))  # type: ignore[arg-type]
        is_parted = above > _MOST_BEHIND and below < 1 - _MOST_BEHIND
        is_other = below > _MOST_BEHIND and above < 1 - _MOST_BEHIND
        is_signed = all_contain(lines.filter(stamps), _SIGNED)
        ends = not is_other and (is_parted or (ends and (is_signed or int(stamps.sum()) >= _SURELY)))
        ends &= is_signed or time == FULL
    if not ends:
        return None
    told = pl.DataFrame({"line": lines, "stamp": stamps, "day": days}).with_row_index("at")
    told = told.with_columns(pl.col("stamp").shift(1, fill_value=False).cum_sum().alias("message"))
    if time != FULL:
        return _signed(told, time)
    order = pl.when("stamp").then(pl.lit(_begin_of_words(told))).otherwise(pl.col("at").cast(pl.Int64))
    # Days above the words stay above them.
    order = pl.when("day").then(pl.lit(_FIRST)).otherwise(order)
    return told.sort("message", order, maintain_order=True)["line"].str.replace(fitted(rf"^\s+({FULL})", lines), "$1")


def _signed(told: pl.DataFrame, time: str) -> pl.Series:
    """The lines with clock and name of each signature before the first words of its message."""
    clock = pl.col("line").str.extract(rf"({time})\W*$", 1)
    name = pl.col("line").str.replace(rf"{time}\W*$", "").str.strip_chars(_SIGNS)
    begin = pl.when("stamp").then(pl.format("{} {}: ", clock, name)).fill_null(strategy="backward").over("message")
    words = (pl.col("line").str.strip_chars() != "") & ~pl.col("day") & ~pl.col("stamp")
    first = words & (words.cum_sum().over("message") == 1)
    bare = pl.when("stamp").then(pl.lit("")).otherwise("line")
    return told.select(pl.when(first & begin.is_not_null()).then(begin + pl.col("line")).otherwise(bare).alias("line"))[
        "line"
    ]


def _signatures(lines: pl.Series, time: str) -> pl.Series:
    """Which lines hold nothing but a time and one of a few names."""
    none = none_of(lines)
    # The first lines spare other texts the search for times.
    for some in (lines.head(_LOOK), lines) if lines.len() > _LOOK else (lines,):
        full = fitted(time, some)
        # Words may mention a clock.
        timed = some.str.contains(full if time == FULL else rf"{full}\W*$")
        # A heading stands above what it is about.
        near = timed & (some.str.len_chars() <= _LONGEST_SIGNATURE) & ~some.str.contains(r"^\s*#{1,6}\s")
        names = some.filter(near).str.replace(full, "").str.strip_chars(_SIGNS)
        again = names.is_duplicated() & (names != "")
        few = names.filter(again).n_unique() <= max(_FEW_NAMES, 0.2 * names.len())
        if not few or int(again.sum()) < max(1, _MOST_BEHIND * int(timed.sum())):
            return none
    return none.scatter(near.arg_true().filter(again), values=True)


def _begin_of_words(told: pl.DataFrame) -> int:
    """Where the first stamp belongs: below a title, where no other words hold an empty line."""
    end = int(told["stamp"].arg_max() or 0)
    blank = told["line"].str.strip_chars() == ""
    inner = blank & ~told["stamp"].shift(1, fill_value=True)
    parted = inner.head(end).arg_true()
    return int(parted[-1]) if len(parted) and not inner.slice(end).any() else -1
