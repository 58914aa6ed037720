"""Days that a text names by their distance from its export: `yesterday`, `Tuesday`, 今天."""

import datetime as dt
import re

import polars as pl

from reconcile.column_ops import occurs
from reconcile.formats.inferred.file_days import OF_EXPORT
from reconcile.formats.inferred.lines_of_form import TITLE_LINES
from reconcile.formats.inferred.text_bodies import DATE, DAY_NUMBERS, day_lines
from reconcile.formats.inferred.text_times import TIMES
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.named_days import WEEKDAY_NAMES, fitted

_DISTANCES = {
    w: n
    for n, words in enumerate((
        "今天 今日 today heute aujourd'hui hoy oggi hoje vandaag сегодня 오늘",
        "昨天 昨日 yesterday gestern hier ayer ieri ontem gisteren вчера 어제",
        "前天 前日 一昨日 vorgestern avant-hier anteayer eergisteren позавчера 그저께",
    ))
    for w in words.split()
}  # fmt: skip
# Days of the week by their first letters, beyond those that lines of days have; none means two days in two languages.
_OF_WEEKS = {
    **DAY_NUMBERS,
    **{d: i for names in ("mon die mit don fre sam son", "lun mar mer jeu ven sam dim", "lun mar mié jue vie sáb dom", "lun mar mie gio ven sab dom") for i, d in enumerate(names.split(), 1)},
}  # fmt: skip
_NAME = rf"(?i:{'|'.join(_DISTANCES)}|(?:星期|周|週|礼拜)[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일|{WEEKDAY_NAMES})"
_SIGNS = r"[\s\-—–─━═=_*#~\[\](（）)【】·•|<>]*"
_LINE = rf"^(?P<lead>{_SIGNS})(?P<name>{_NAME})(?P<rest>{_SIGNS}$|[\s,，]+{TIMES['clock']}.*$)"
# What every such line has: a short word alone, or one before a clock.
_NEAR = r"^[^\p{L}\n]{0,12}\p{L}[\p{L}'-]{1,14}(?:[^\p{L}\p{N}\n]*$|[\s,，]+(?:\p{L}{1,2}\s?)?[0-9]{1,2}[:：时時])"
_LONGEST, _WEEK, _MOST_LINES = 400, 7, 1_000


def with_dates_of_names(lines: pl.Series) -> tuple[pl.Series, bool]:
    """The lines with dates for days named by their distance from the one day above them, and whether to ask.

    All of them are days of the week before it, in the order of the file. It is asked about unless a label says that it
    is that of the export. Unchanged otherwise.
    """
    near = lines.str.len_chars().le(_LONGEST) & lines.str.contains(_NEAR)
    if not near.any() or not occurs(f"(?i){_NAME}", few := lines.filter(near)):
        return lines, False
    parts = few.str.extract_groups(_LINE).struct.unnest()
    at = near.arg_true().filter(parts["name"].is_not_null())
    parts = parts.drop_nulls("name")
    below = lines.set(lines.str.strip_chars() == "", None).shift(-1).fill_null(strategy="backward")
    is_head = (parts["rest"].str.contains("[0-9]")) | below[at].str.contains(TIMES["clock"])
    if not 0 < at.len() <= _MOST_LINES or not is_head.fill_null(value=False).all():
        return lines, False
    head = lines.head(int(at[0])).tail(TITLE_LINES)
    stated = head.str.extract(fitted(rf"(?:^|[^0-9])({DATE})", head), 1)
    days = parse_time_column(stated, ASSUMED_ZONE)["sent_at"].dt.convert_time_zone(ASSUMED_ZONE).dt.date()
    if days.drop_nulls().n_unique() != 1 or day_lines(lines).any():
        return lines, False
    dates = _dates(parts["name"].to_list(), days.drop_nulls()[0])
    if dates is None:
        return lines, False
    rest = parts["rest"].set(~parts["rest"].str.contains("[0-9]"), "")
    is_told = head.filter(days.is_not_null()).str.contains(OF_EXPORT).all()
    dated = pl.DataFrame({"lead": parts["lead"].set(rest == "", ""), "day": [str(d) for d in dates], "rest": rest})
    return lines.scatter(at, dated.select(pl.concat_str("lead", "day", "rest")).to_series()), not is_told


def _dates(names: list[str], end: dt.date) -> list[dt.date] | None:
    """The dates of named days of the week up to a day; None where they do not go one way."""
    found: list[dt.date] = []
    for name in names:
        away = _DISTANCES.get(name.lower())
        if away is None:
            bare = re.sub("星期|周|週|礼拜|曜日?|요일", "", name.lower())[:3]
            away = (end.isoweekday() - _OF_WEEKS[bare]) % _WEEK if bare in _OF_WEEKS else None
        if away is None:
            return None
        found.append(end - dt.timedelta(away))
    # The export's own day of the week may be that of the week before.
    for days in (
        found,
        [
            d - dt.timedelta(_WEEK) if d == end and n.lower() not in _DISTANCES else d
            for d, n in zip(found, names, strict=True)
        ],
    ):
        if days in (sorted(days), sorted(days, reverse=True)):
            return days
    return None
