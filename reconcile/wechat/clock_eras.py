"""Years of other eras in written times, as years of the common era."""

import polars as pl

from reconcile.column_ops import occurs, present

# The year before the first of each era, its names, and its letter: of Japan, of the Republic of China, of the Buddha.
_NO_LETTER = "$^"
_ERAS = (
    (2018, r"令和|Reiwa|레이와|ريوا", "R"),
    (1988, r"平成|Heisei", "H"),
    (1925, r"昭和|Showa", "S"),
    (1911, r"(?:中華)?民國|(?:中华)?民国|Minguo|R\.?O\.?C\.?", _NO_LETTER),
    (-543, r"พุทธศักราช|พ\.ศ\.|B\.?E\.?|E\. ?B\.|佛[曆历]|[仏佛]暦|불기|Б\.\s?Э\.", _NO_LETTER),
)
# Years that a chat may be of; names that end in a letter stand before years of the common era, too.
_FIRST_YEAR, _LAST_YEAR = 1926, 2100
# What may stand before a date in its line, day and month before a year, and what stands behind a date.
_LEAD = r"(?:[^\n]{0,60}?[^\w\n])?"
_DAY_AND_MONTH = r"(?:[0-9]{1,2}[-/.]\s?[0-9]{1,2}[-/.]\s?|[0-9]{1,2}\.? \p{L}{3,9}\.?,? |\p{L}{3,9}\.? [0-9]{1,2},? )"
_BEHIND = r"(?:[^\w\n][^\n]*)?"
_YEAR = r"(?P<year>元|[0-9]{1,4})"
_NAMES = "|".join(names for _, names, _ in _ERAS)
_ANY_ERA = rf"(?i)(?:(?:{_NAMES})\s?|[RHS])(?:元|[0-9])|[0-9]\s?(?:{_NAMES}|[RHS])(?:[^\w]|$)"
# A year of the Buddhist era without its name, at either end of a date.
_BARE = r"^(?P<before>\W*(?:[0-9]{1,2}[-/.]\s?[0-9]{1,2}[-/.]\s?|[0-9]{1,2} [^\s0-9]{2,12} )?)(?P<year>2[45][0-9]{2})(?P<rest>[^\w\n].*|年.*)?$"
# A year of three figures before month and day, which is one of the Republic of China.
_BARE_MINGUO = r"^(?P<before>\W*)(?P<year>1[0-3][0-9])(?P<rest>\s?[-/.年]\s?(?:0?[1-9]|1[0-2])\s?[-/.月]\s?(?:[12][0-9]|3[01]|0?[1-9])(?:[^0-9].*)?)$"
_MINGUO = r"(?:^|[^0-9])1[0-3][0-9]\s?[-/.年]\s?[01]?[0-9]\s?[-/.月]"
_MINGUO_LINE = _BARE_MINGUO.replace("(?:[^0-9].*)?)$", r"[日號号]?[,，]?\s+[^\s0-9]{0,4}[0-9]{1,2}[:：時时].*)$")
# What no plain time has: words, or a year that may be of the Buddha or of the Republic.
_ODD = r"[^0-9\s:./,+TZ-]|2[45][0-9]{2}|^\W*1[0-3][0-9]\s?[-/.]"
_LOOK = 64


def with_common_years(texts: pl.Series) -> pl.Series:
    """The texts with years such as `R4`, `令和4`, `民國111`, `2565 BE` in their first date as common years.

    A year of the Buddhist era or of the Republic of China may lack its name where all texts are dates of it. Other texts
    stay as they are.
    """
    if texts.dtype != pl.String:
        return texts
    some = present(texts.head(_LOOK))
    if not occurs(_ODD, some):
        # Most columns are spared patterns that take 10 ms to compile.
        return texts
    if occurs(_ANY_ERA, some):
        return with_years_of_eras(texts)
    for pattern, begin in ((_BARE, -543), (_BARE_MINGUO, 1911)):
        if some.len() and some.str.contains(pattern).all() and texts.drop_nulls().str.contains(pattern).all():
            return _counted(texts, pattern, begin)
    return texts


def count_of_eras(texts: pl.Series, *, is_column: bool = True) -> int:
    """The number of times, or of lines, whose first date has a year of another era."""
    common = with_common_years(texts) if is_column else with_years_of_lines(texts)
    return 0 if common is texts else int((common != texts).sum())


def with_years_of_lines(lines: pl.Series) -> pl.Series:
    """The lines with common years for those of another era that are named or begin a line before a clock."""
    plain = with_years_of_eras(lines)
    return _counted(lines, _MINGUO_LINE, 1911) if plain is lines and occurs(_MINGUO, lines) else plain


def with_years_of_eras(texts: pl.Series) -> pl.Series:
    """The texts with years beside the name of an era as common years, of whatever many they are."""
    if not occurs(_ANY_ERA, texts):
        return texts
    near = texts.str.contains(_ANY_ERA).fill_null(value=False)
    few = texts.filter(near)
    for begin, names, letter in _ERAS:
        # The patterns of an era that no text names are not compiled, which takes 20 ms.
        if not occurs(rf"(?i){names}|{letter}(?:元|[0-9])|(?:元|[0-9])\s?{letter}", few):
            continue
        era = f"(?:{names}|{letter})"
        # A letter stands directly before its year; before a blank it ends a name.
        before = rf"(?:(?:{names})\s?|{letter})"
        first = rf"{before}{_YEAR}(?P<rest>\s?[年년/.-]\s?[0-9]{{1,2}}\s?[月월/.-]\s?[0-9]{{1,2}}(?:[日일]|{_BEHIND}|[日일][^\n]*))"
        for pattern in (
            rf"(?i)^(?P<before>{_LEAD}){first}$",
            rf"(?i)^(?P<before>{_LEAD}{_DAY_AND_MONTH}){before}{_YEAR}(?P<rest>{_BEHIND})$",
            rf"(?i)^(?P<before>{_LEAD}{_DAY_AND_MONTH}){_YEAR}\s?{era}(?P<rest>{_BEHIND})$",
        ):
            few = _counted(few, pattern, begin)
    return texts.clone().scatter(near.arg_true(), few)


def _counted(texts: pl.Series, pattern: str, begin: int) -> pl.Series:
    """The texts that fit, with their year counted from the beginning of the common era."""
    parts = texts.str.extract_groups(pattern).struct.unnest()
    year = parts["year"].str.replace("元", "1").cast(pl.Int32, strict=False) + begin
    is_common = pl.col("year").is_between(_FIRST_YEAR, _LAST_YEAR)
    told = (
        parts.with_columns(year.alias("year"))
        .with_columns(pl.when(is_common).then("year"))
        .select(
            pl.concat_str(pl.col("before"), pl.col("year").cast(pl.String), pl.col("rest").fill_null("")).alias("t")
        )["t"]
    )
    return told.fill_null(texts).alias(texts.name)
