"""What the names of an export's files and folders say of a chat: its title, account and period."""

import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from pathlib import Path

from reconcile.intake.messages.naming import ACCOUNT
from reconcile.intake.source import Source
from reconcile.patterns import lazy_pattern
from reconcile.wechat.kind_names import names_only_kinds

_FOLDER = lazy_pattern(rf"(?s)^(?P<title>.*)\((?P<account>{ACCOUNT})\)(?:\(\d{{1,3}}\))?$")
# A day whose year comes last, in figures or with the month's name; a month or a day.
_DAY = r"[0-3]?[0-9][-_. ][0-3]?[0-9][-_. ]20[0-9]{2}|[0-3][0-9][0-3][0-9]20[0-9]{2}"
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NAMED_DAY = rf"{_MONTH}[-_. ]?[0-3]?[0-9][-_., ]+20[0-9]{{2}}|[0-3]?[0-9][-_. ]?{_MONTH}[-_. ]?20[0-9]{{2}}"
_PERIOD = rf"(?:{_DAY}|{_NAMED_DAY}|20[0-9]{{2}}(?:[-_./年]?[01][0-9]|年[1-9](?=月))(?:[-_./]|月份?)?(?:[0-3][0-9]日?|[1-9]日)?)"
_SPAN = rf"{_PERIOD}(?:[\s_]*(?:[-_~～—–]|至|到|to)[\s_]*(?:{_PERIOD}|(?:[01]?[0-9]月)?[0-3]?[0-9]日))?"
# The number of a part among others.
_NUMBER = r"第?[\s_]*[0-9一二三四五六七八九十]{1,3}[\s_]*(?:部分|卷|册|批|段|份)|(?i:part|chunk|segment|分片)[_\- ]?[0-9]{1,6}"
_BETWEEN = r"[\s_.(（\[【-]"
# A chat's name before or behind a period or the number of a part. Words need no sign between them.
_BEHIND_NAME = lazy_pattern(
    rf"(?P<chat>.*?[^\s_.(（\[【-])(?:{_BETWEEN}+(?:{_SPAN}|{_NUMBER})|(?:{_SPAN}(?<=[年月日])|第{_NUMBER}))[)）\]】]?"
)
_BEFORE_NAME = lazy_pattern(
    rf"[(（\[【]?(?:{_SPAN}|{_NUMBER})[)）\]】]?{_BETWEEN}+(?P<chat>[^\s_.(（\[【-].*)|{_SPAN}(?P<words>[\u4e00-\u9fff].*)"
)
_KINDS_BEHIND_NAME = lazy_pattern(r"(?P<chat>.*[^\s_.(（\[【-])[\s_.(（\[【-]+(?P<kinds>[^\W\d_]+)[)）\]】]?")
# Names that state a period or a part and no chat.
_NAMELESS = lazy_pattern(
    rf"{_SPAN}|{_NUMBER}|20[0-9]{{2}}年?|(?:1[0-2]|0?[1-9])月份?|(?i:pages?|messages?|msgs?|chunks?|parts?|data|第)[_\- ]?[0-9]{{1,6}}"
)
# The year and month, or the day, that a name or a folder and a name in it state; and a whole year.
_STATED = lazy_pattern(
    r"(?<![0-9])(20[0-9]{2})年?[-_./]?(1[0-2]|0?[1-9])月?(?:[-_./]?(3[01]|[12][0-9]|0?[1-9])日?)?(?![0-9])"
)
_YEAR = lazy_pattern(r"(20[0-9]{2})年?")
# Without any of these a name states no period and no part.
_FIGURES = frozenset("0123456789一二三四五六七八九十")


def titled_account(name: str) -> tuple[str, str | None]:
    """Title and account of a name such as `乙某(发包方)(wxid_yi0002)`; account None where it has none.

    A trailing `(1)` is allowed.
    """
    found = _FOLDER.match(name)
    return (found["title"], found["account"]) if found else (name, None)


def chat_of_file(source: Source, file: Path, *endings: str) -> str:
    """The chat that a file's name states, as `chat_of` takes it.

    The first fitting ending and a trailing `(1)` are cut off.
    """
    name = next((file.name.removesuffix(e) for e in endings if file.name.lower().endswith(e.lower())), file.stem)
    name = re.sub(r"\(\d{1,3}\)$", "", name) or name
    return chat_of(place_of(source, source.relative(file)).with_name(name))


def place_of(source: Source, name: str) -> Path:
    """The place of a file named inside the source: below the folder or archive as given, without ending."""
    given = source.path.stem if source.path.is_file() else source.path.absolute().name
    return Path(name).with_suffix("") if source.is_file else Path(given, name).with_suffix("")


def chat_of(place: Path) -> str:
    """The name of a file, given without its ending, apart from a period or the number of a part.

    Where nothing is left, the name of the innermost folder that has more to say.
    """
    for at in (place, *place.parents):
        is_month = at.name.isdecimal() and _YEAR.fullmatch(at.parent.name)
        if at.name and not is_month and (_FIGURES.isdisjoint(at.name) or not _NAMELESS.fullmatch(at.name)):
            return chat_beside_period(at.name) or at.name
    return place.name


def chats_of(places: Sequence[Path], people: Sequence[Collection[str]]) -> list[str]:
    """The names of the chats of several files; `people` are those who write in each.

    A name that all files have, such as `_chat`, names no chat where different people write in them; then their folders
    do.
    """
    while len({p.name for p in places}) == 1 < len({*places}) and not are_one_group(people):
        places = [p.parent for p in places]
    return [chat_of(p) for p in places]


def are_one_group(people: Sequence[Collection[str]]) -> bool:
    """Whether half or more of those in each file and in the largest write in both.

    Files without names do not count.
    """
    groups = [{*some} for some in people if some]
    largest = max(groups, key=len, default=set[str]())
    return all(2 * len(some & largest) >= len(some | largest) for some in groups)


def chat_beside_period(name: str) -> str | None:
    """The chat's name beside a period, a part or kinds, as in `乙某_2021-06` or `乙某_转账红包`; else None.

    Who exports a chat month by month or kind by kind names the files so, lest one overwrites another.
    """
    has_figures = not _FIGURES.isdisjoint(name)
    if has_figures and (found := _BEHIND_NAME.fullmatch(name) or _BEFORE_NAME.fullmatch(name)) is not None:
        return found[str(found.lastgroup)]
    parts = _KINDS_BEHIND_NAME.fullmatch(name)
    return parts["chat"] if parts is not None and names_only_kinds(parts["kinds"]) else None


def stated_days(file: Path) -> tuple[date, date] | None:
    """First day of the period that a file or its folders name, and the day behind it; None without one.

    The innermost name that states one counts. Of several periods in one name, all that lies between them does.
    """
    names = [*file.parent.parts, file.stem]
    for at in range(len(names) - 1, -1, -1):
        for name in (names[at], "/".join(names[max(at - 1, 0) : at + 1])):
            spans = [_days(*(int(n) if n else None for n in found)) for found in _STATED.findall(name)]
            if year := _YEAR.fullmatch(name):
                spans = [_days(int(year[1]), None, None)]
            known = [s for s in spans if s is not None]
            if known:
                return min(first for first, _ in known), max(end for _, end in known)
    return None


def states_span(file: Path) -> bool:
    """Whether a file's name states a first and a last day, as exporters of a range write."""
    days = [d for *_, d in _STATED.findall(file.stem) if d]
    return len(days) > 1


def _days(year: int | None, month: int | None, day: int | None) -> tuple[date, date] | None:
    """First day of a year, month or day and the day behind it; None where there is no such day."""
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first + timedelta(days=1)
    months = first.month if month else 12
    return first, date(first.year + months // 12, months % 12 + 1, 1)
