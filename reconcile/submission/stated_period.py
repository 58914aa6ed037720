"""Periods of which a submission states to hold all messages (`2023年5月2日至6日全部聊天记录`)."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from reconcile.intake.contract import Reading
from reconcile.patterns import lazy_pattern
from reconcile.submission.params import CHECK_PARAMS
from reconcile.submission.stated_selection import statements
from reconcile.wechat.clock import ASSUMED_ZONE

_CLOCK = r"(?:\s*(?P<{0}hour>\d{{1,2}})[:：](?P<{0}minute>\d{{2}}))?"
_FROM = r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?" + _CLOCK.format("")
_TO = (
    r"(?:(?P<to_year>\d{4})\s*[-/.年]\s*)?(?:(?P<to_month>\d{1,2})\s*[-/.月]\s*)?(?P<to_day>\d{1,2})\s*[日号]?"
    + _CLOCK.format("to_")
)
_PERIOD = rf"{_FROM}\s*(?:至|到|[-–—~～]+|\bto\b)\s*{_TO}"
_ALL = r"(?:全部|所有|完整)的?(?:微信)?(?:聊天|对话|沟通|往来)?(?:记录|消息|内容)|\b(?:all|every) messages?\b|\bcomplete chat\b"
_BETWEEN = r"[\s（(：:，,]*(?:期间|之间|止|内|的|双方|from|of)*[\s（(：:，,]*"
_STATED = tuple(lazy_pattern(p, re.I) for p in (f"{_PERIOD}{_BETWEEN}(?:{_ALL})", f"(?:{_ALL}){_BETWEEN}{_PERIOD}"))


class _Period(NamedTuple):
    """Seconds since 1970 of the first and last moment."""

    first: float
    last: float


def claimed(
    submission: Reading, rows: Sequence[dict[str, Any]], placed: Sequence[int], skew: float | None
) -> frozenset[int]:
    """Places in `rows` of the messages that a submission states to hold by their time.

    A statement counts only if a placed message is of its period. What is sent so near an end that clocks may differ about it is
    not claimed.

    Args:
        submission: the submission with the notes on what it holds beside its rows.
        rows: the export's rows in order.
        placed: places in `rows` of the placed messages.
        skew: the submission's clock minus the export's, seconds.
    """
    zone = ZoneInfo(submission.facts.timezone or ASSUMED_ZONE)
    periods = [
        p for words in statements(submission) for s in _STATED for m in s.finditer(words) if (p := _period(m, zone))
    ]
    at = [None if row["sent_at"] is None else row["sent_at"].timestamp() + (skew or 0.0) for row in rows]
    found: set[int] = set()
    for first, last in periods:
        held = {
            n
            for n, moment in enumerate(at)
            if moment is not None and first + CHECK_PARAMS.seed_seconds <= moment <= last - CHECK_PARAMS.seed_seconds
        }
        found |= held if held & {*placed} else set()
    return frozenset(found)


def _period(match: re.Match[str], zone: ZoneInfo) -> _Period | None:
    """The period of a statement; None where it is none."""
    said = {name: int(value) for name, value in match.groupdict().items() if value is not None}
    try:
        first = datetime(
            said["year"], said["month"], said["day"], said.get("hour", 0), said.get("minute", 0), tzinfo=zone
        )
        to = said.get("to_year", first.year), said.get("to_month", first.month), said["to_day"]
        last = datetime(*to, said.get("to_hour", 0), said.get("to_minute", 0), tzinfo=zone)
    except ValueError:
        return None
    last += timedelta(minutes=1) if "to_hour" in said else timedelta(days=1)
    return _Period(first.timestamp(), last.timestamp()) if first < last else None
