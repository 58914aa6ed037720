"""The zone that a column's heading states for its times."""

import re
from zoneinfo import available_timezones

from reconcile.formats.inferred.zone_words import offset_of_zone, zone_behind

_OFFSET = re.compile(r"(?i)(?<![a-z])(?:UTC|GMT)(?:\s*([+-])\s*([0-9]{1,2})(?::?([0-9]{2}))?)?(?![a-z])")
# Names of columns that Chinese shops and offices use whatever the zone.
_NO_ZONE = re.compile(r"(?i)gmt_?[a-z]")
_HALF_A_DAY = 12
_NAMED = re.compile(r"[A-Z][A-Za-z_]+/[A-Z][A-Za-z_/]+")


def zone_of_heading(heading: str) -> str | None:
    """The zone that a heading such as `Time (UTC+8)` or `time(Asia/Shanghai)` names; None without one.

    Short names such as `JST` count at its end. Offsets that are no whole hours are not read.
    """
    if (named := _NAMED.search(heading)) and named[0] in available_timezones():
        return named[0]
    found = _OFFSET.search(heading.replace("_", " "))
    if found is not None:
        is_whole = not (_NO_ZONE.match(heading) or int(found[3] or 0))
        return zone_of_hours(int(f"{found[1] or ''}{found[2] or 0}")) if is_whole else None
    offset = offset_of_zone(zone_behind(heading))
    return zone_of_hours(int(offset[:3])) if offset.endswith("00") else None


def zone_of_hours(hours: int) -> str | None:
    """The zone so many hours before UTC; null for more than half a day."""
    # In the zone database, zones east of Greenwich have a minus.
    return "UTC" if not hours else f"Etc/GMT{-hours:+d}" if abs(hours) <= _HALF_A_DAY else None
