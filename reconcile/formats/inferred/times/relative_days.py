"""Days that a text names by their distance from its export: `yesterday`, `Tuesday`, 今天."""

import datetime as dt
import re

import polars as pl

from reconcile.column_ops import all_contain, lacks, occurs
from reconcile.formats.inferred.times.file_days import OF_EXPORT
from reconcile.formats.inferred.times.lines_of_form import TITLE_LINES
from reconcile.formats.inferred.times.times_in_lines import TIMES, hold_times
from reconcile.formats.inferred.words.bodies_in_lines import DATE, DAY_NUMBERS, WEEKDAY
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
# Between signs alone, before a clock, or with its clock behind the name that heads a message.
_LINE = rf"^(?P<lead>{_SIGNS})(?P<name>{_NAME})(?P<rest>{_SIGNS}$|[\s,，]+{TIMES['clock']}.*$)"
_HEADING = rf"^(?P<lead>[^\n:：\d]{{1,40}}\s)(?P<name>{_NAME})(?P<rest>[\s,，]+{TIMES['clock']}\s*$)"
_DATED = rf"^(?P<lead>{_SIGNS}|[^\n:：\d]{{1,40}}\s)(?P<day>{DATE}){WEEKDAY}(?:{_SIGNS}$|[\s,，T]+{TIMES['clock']})"
# What every such line has: a short word alone, or one before a clock.
_NEAR = r"^[^\p{L}\n]{0,12}\p{L}[\p{L}'-]{1,14}[^\p{L}\p{N}\n]*$|\p{L}[\s,，]+(?:\p{L}{1,2}\s?)?[0-9]{1,2}[:：时時]"
# The same with such a word, for the lines of a short text together.
_BESIDE_NAME = rf"(?m)^{_SIGNS}{_NAME}{_SIGNS}$|{_NAME}[\s,，]+\D{{0,6}}[0-9]"
_LONGEST, _WEEK, _MOST_LINES = 400, 7, 1_000


def with_dates_of_names(lines: pl.Series) -> tuple[pl.Series, bool]:
    """The lines with dates for days named by their distance from the day above; whether to ask.

    All of them are days of the week before it, in the order of the file. It is asked about unless a label says that it
    is that of the export. Unchanged otherwise.
    """
    if lacks(lines, _BESIDE_NAME):
        return lines, False
    near = lines.str.len_chars().le(_LONGEST) & lines.str.contains(_NEAR)
    if not near.any() or not occurs(_NAME, few := lines.filter(near)):
        return lines, False
    below = lines.set(lines.str.strip_chars() == "", None).shift(-1).fill_null(strategy="backward")
    for pattern in (_LINE, _HEADING):
        parts = few.str.extract_groups(pattern).struct.unnest()
        at = near.arg_true().filter(parts["name"].is_not_null())
        parts = parts.drop_nulls("name").with_columns(at.alias("at"))
        alone = ~parts["rest"].str.contains("[0-9]")
        is_headed = below[at].str.contains(TIMES["clock"]).filter(alone).fill_null(value=False).all()
        # Whoever heads a message heads another.
        again = pattern == _LINE or 2 * parts["lead"].n_unique() <= parts.height
        if not 0 < at.len() <= _MOST_LINES or not is_headed or not again:
            continue
        stated = _stated_days(lines, parts["lead"] if pattern == _HEADING else None)
        if pattern == _HEADING and int(hold_times(lines, "full").sum()) >= stated.height + parts.height:
            # Other headings state their whole times, and these lines are words.
            continue
        head = lines.head(min(int(at[0]), *stated["at"].head(1), lines.len())).tail(TITLE_LINES)
        days = _days(head.str.extract(fitted(rf"(?:^|[^0-9])({DATE})", head), 1))
        if days.drop_nulls().n_unique() != 1:
            continue
        known = {**dict(stated.iter_rows()), **dict(parts.select("at", "name").iter_rows())}
        dates = _dates([known[i] for i in sorted(known)], days.drop_nulls()[0])
        # Of days alone in their lines, none comes again.
        if dates is None or (alone.any() and len({*dates}) < len(dates)):
            continue
        told = dict(zip(sorted(known), dates, strict=True))
        rest, lead = parts["rest"].set(alone, ""), parts["lead"].set(alone, "")
        dated = pl.DataFrame([lead, pl.Series("day", [str(told[i]) for i in at]), rest])
        is_told = all_contain(head.filter(days.is_not_null()), OF_EXPORT)
        return lines.clone().scatter(at, dated.select(pl.concat_str(pl.all())).to_series()), not is_told
    return lines, False


def _stated_days(lines: pl.Series, leads: pl.Series | None) -> pl.DataFrame:
    """Place and date of each line that states its day, behind signs alone or one of these names."""
    near = lines.str.contains("[0-9]{4}").arg_true()
    few = lines.gather(near)
    parts = few.str.extract_groups(fitted(_DATED, few)).struct.unnest()
    is_of_form = parts["lead"].is_in(leads.implode()) if leads is not None else ~parts["lead"].str.contains(r"\w")
    return pl.DataFrame({"at": near, "day": _days(parts["day"])}).filter(is_of_form).drop_nulls()


def _days(stated: pl.Series) -> pl.Series:
    """The days of written dates."""
    return parse_time_column(stated, ASSUMED_ZONE)["sent_at"].dt.convert_time_zone(ASSUMED_ZONE).dt.date()


def _dates(names: list[str | dt.date], end: dt.date) -> list[dt.date] | None:
    """The dates of days, some named by their distance from the last; None if they go both ways."""
    found: list[dt.date] = []
    for name in names:
        if isinstance(name, dt.date):
            found.append(name)
            continue
        away = _DISTANCES.get(name.lower())
        if away is None:
            bare = re.sub("星期|周|週|礼拜|曜日?|요일", "", name.lower())[:3]
            if bare not in _OF_WEEKS:
                return None
            away = (end.isoweekday() - _OF_WEEKS[bare]) % _WEEK
        found.append(end - dt.timedelta(away))
    # The export's own day of the week may be that of the week before.
    is_week = [isinstance(n, str) and n.lower() not in _DISTANCES for n in names]
    before = [d - dt.timedelta(_WEEK * (w and d == end)) for d, w in zip(found, is_week, strict=True)]
    return next((days for days in (found, before) if days in (sorted(days), sorted(days, reverse=True))), None)
