"""Messages that a paper quotes in its own sentences: `2022年2月15日，被告在微信中称：“…”`, `同日，原告回复：“…”`."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from reconcile.patterns import lazy_pattern
from reconcile.wechat.clock_forms import CHINESE_HALVES

_DATE = r"(?P<year>\d{4})\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})\s?日?+"
_CLOCK = rf"(?P<clock>(?:{'|'.join(CHINESE_HALVES)})?\s*\d{{1,2}}\s?[:：时]\s?\d{{2}}(?:[:：]\d{{2}})?)\s?分?(?P<about>许|左右)?|\d{{1,2}}\s?[时点]许?"
_WHEN = rf"(?:{_DATE}|(?P<same>同日|当日|当天)|(?P<next>次日|翌日|第二天))\s*(?:{_CLOCK})?"
_WHO = r"(?P<who>[^\s\d，,。；;：:、“”「」『』（）()][^\s，,。；;：:“”「」『』（）()]{0,15}?)"
# How a paper says that somebody wrote: with any of these words in this order, or with a colon alone.
_BY = r"(?:又|再次?|随后|继续|接着|则|也|遂)*(?:于|在|通过|以|用|发|经)?(?:微信|短信|消息|信息|聊天)*(?:记录|群)?[中里上内]?(?:向[^\s：:“]{1,8})?(?:又|再|明确)*"
_WROTE = r"(?:发送|发出|发来|称|表示|回复|回称|答复|说道?|写道|询问|问道?|承诺|承认|告知|要求|答道?|补充)"
_END = r"\s*[：:，,]?\s*$"
_DATED = lazy_pattern(rf"(?:{_WHEN}\s*[，,、]?\s*{_WHO}\s*{_BY}(?:{_WROTE}(?:[^\s，,。：:]{{1,6}})?)?{_END})")
_NAME_FIRST = lazy_pattern(
    rf"(?:^|[\s，,。；;：:、])\s*{_WHO}\s*于\s*{_WHEN}\s*{_BY}(?:{_WROTE}(?:[^\s，,。：:]{{1,6}})?)?{_END}"
)
# An answer in the same sentence states no day.
_ANSWER = lazy_pattern(rf"(?:^|[，,。；;])\s*{_WHO}\s*{_BY}{_WROTE}{_END}")
_UNQUOTED = lazy_pattern(rf"^.{{0,12}}?{_WHEN}\s*[，,、]?\s*{_WHO}\s*[：:]\s*[^\s“「『]")
_PAIRS = {"“": "”", "「": "」", "『": "』"}
_LEAST, _MOST_NAMES, _LEAD = 2, 8, 120


class Quotation(NamedTuple):
    """The line (from 0), name, time as written in figures, and words of a quoted message."""

    line: int
    name: str
    time: str
    words: str


def quotations(lines: Sequence[str]) -> list[Quotation]:
    """The messages quoted with day and name; [] for fewer than two, or where most have no marks."""
    found = [q for q in _quoted(lines) if q.words]
    unquoted = sum(_UNQUOTED.match(line) is not None for line in lines)
    is_paper = len(found) >= _LEAST and len(found) > unquoted and len({q.name for q in found}) <= _MOST_NAMES
    return found if is_paper else []


def _quoted(lines: Sequence[str]) -> Iterator[Quotation]:
    """Each quotation with a name; `同日` and `次日` count from the one before."""
    day: date | None = None
    for number, line in enumerate(lines):
        is_dated, end = False, 0
        for opens in (at for at, sign in enumerate(line) if sign in _PAIRS):
            if opens < end:
                continue
            lead, end = line[max(end, opens - _LEAD) : opens], _end_of_quotation(line, opens)
            head = _NAME_FIRST.search(lead) or _DATED.search(lead)
            if head is not None:
                day, is_dated = _day_of(head, day), True
            elif is_dated:
                head = _ANSWER.search(lead)
            if head is not None and day is not None:
                told = head.groupdict()
                clock = "" if told.get("about") else re.sub(r"[时：]", ":", re.sub(r"\s", "", told.get("clock") or ""))
                yield Quotation(
                    number, head["who"], f"{day.isoformat()} {clock}".strip(), line[opens + 1 : end - 1].strip()
                )


def _day_of(head: re.Match[str], before: date | None) -> date | None:
    """The day that a quotation states, by itself or from the day before it."""
    if head["year"] is None:
        return before if head["same"] or before is None else before + timedelta(days=1)
    try:
        return date(int(head["year"]), int(head["month"]), int(head["day"]))
    except ValueError:
        return None


def _end_of_quotation(line: str, start: int) -> int:
    """The place behind the mark that closes the one at `start`; that of the line's end where none does."""
    opens, closes, depth = line[start], _PAIRS[line[start]], 0
    for at in range(start, len(line)):
        depth += (line[at] == opens) - (line[at] == closes)
        if not depth:
            return at + 1
    return len(line) + 1
