"""The zone that a column's heading states for its times."""

import re
from zoneinfo import available_timezones

_OFFSET = re.compile(r"(?i)(?<![a-z])(?:UTC|GMT)(?:\s*([+-])\s*([0-9]{1,2})(?::?([0-9]{2}))?)?(?![a-z])")
# Names of columns that Chinese shops and offices use whatever the zone.
_NO_ZONE = re.compile(r"(?i)gmt_?[a-z]")
_HALF_A_DAY = 12
_NAMED = re.compile(r"[A-Z][A-Za-z_]+/[A-Z][A-Za-z_/]+")


def zone_of_heading(heading: str) -> str | None:
    """The zone that a heading such as `Time (UTC+8)` or `time(Asia/Shanghai)` names; None without one.

    Offsets that are no whole hours are not read.
    """
    if (named := _NAMED.search(heading)) and named[0] in available_timezones():
        return named[0]
    found = _OFFSET.search(heading.replace("_", " "))
    if found is None or _NO_ZONE.match(heading) or int(found[3] or 0):
        return None
    return zone_of_hours(int(f"{found[1] or ''}{found[2] or 0}"))


def zone_of_hours(hours: int) -> str | None:
    """The zone so many hours before UTC; null for more than half a day."""
    # In the zone database, zones east of Greenwich have a minus.
    return "UTC" if not hours else f"Etc/GMT{-hours:+d}" if abs(hours) <= _HALF_A_DAY else None
