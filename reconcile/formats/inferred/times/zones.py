"""The zone that a column's heading, another column or the export's head states for times."""

from collections.abc import Iterable, Sequence
from zoneinfo import available_timezones

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.times.row_times import is_called_a_zone, states_zones
from reconcile.formats.inferred.times.zone_words import offset_of_zone, zone_behind
from reconcile.patterns import lazy_pattern

_OFFSET = lazy_pattern(r"(?i)(?<![a-z])(?:UTC|GMT)(?:\s*([+-])\s*([0-9]{1,2})(?::?([0-9]{2}))?)?(?![a-z])")
# Names of columns that Chinese shops and offices use whatever the zone.
_NO_ZONE = lazy_pattern(r"(?i)gmt_?[a-z]")
_HALF_A_DAY, _MOST_ZONES = 12, 3
_LABELLED = lazy_pattern(r"[^\w\n]*([^:：=\n]{2,40}?)[\s*_]*[:：=][\s*_]*(\S.*?)[\s*_]*$")
# A sentence about the times, without one of its own.
_TELLS_TIMES = lazy_pattern(
    r"(?i)^(?!.*[0-9]{4}[^0-9])(?=.{4,80}$).*(?:\btimes\b|timestamps?|时间|時間|時刻|zeiten|uhrzeit|heures|horas|orari|시간|시각|время)"
)
# A zone by its names in winter and in summer.
_OF_SEASONS = {
    "GMT/BST": "Europe/London", "CET/CEST": "Europe/Berlin", "EET/EEST": "Europe/Helsinki", "EST/EDT": "America/New_York",
    "CST/CDT": "America/Chicago", "MST/MDT": "America/Denver", "PST/PDT": "America/Los_Angeles", "AEST/AEDT": "Australia/Sydney",
    "NZST/NZDT": "Pacific/Auckland",
}  # fmt: skip
_SEASONS = lazy_pattern("|".join(rf"\b({a})\s?/\s?({b})\b" for a, b in (p.split("/") for p in _OF_SEASONS)))
_NAMED = lazy_pattern(r"[A-Z][A-Za-z_]+/[A-Z][A-Za-z_/]+")


def zone_of_heading(heading: str) -> str | None:
    """The zone that a heading such as `Time (UTC+8)` or `time(Asia/Shanghai)` names; None without one.

    Short names such as `JST` count at its end. Offsets that are no whole hours are not read.
    """
    if (named := _NAMED.search(heading)) and named[0] in available_timezones():
        return named[0]
    if pair := _SEASONS.search(heading):
        return _OF_SEASONS["/".join(filter(None, pair.groups()))]
    found = _OFFSET.search(heading.replace("_", " "))
    if found is not None:
        is_whole = not (_NO_ZONE.match(heading) or int(found[3] or 0))
        return zone_of_hours(int(f"{found[1] or ''}{found[2] or 0}")) if is_whole else None
    offset = offset_of_zone(zone_behind(heading))
    return zone_of_hours(int(offset[:3])) if offset.endswith("00") else None


def zones_stated(fields: Fields) -> tuple[str, ...] | None:
    """The zones that columns or values beside the rows name as theirs, such as `tz: Asia/Tokyo`.

    None where what is called a zone is none that can be read.
    """
    told = [v for k, v in fields.beside.items() if states_zones(k)]
    for name in (n for n in fields.names if states_zones(n)):
        told += fields.frame[name].drop_nulls().unique().sort().head(_MOST_ZONES).to_list()
    zones = dict.fromkeys(z for v in told if (z := zone_of_value(v.strip())) is not None)
    unread = [v for k, v in fields.beside.items() if v.strip() and is_called_a_zone(k)]
    return tuple(zones)[:_MOST_ZONES] if zones or not unread else None


def zones_in_titles(rows: Iterable[Sequence[str]]) -> dict[str, str]:
    """Label and value of each row of titles that states a zone, such as `Time zone: UTC+9` in one cell."""
    found = [[c for c in row if c.strip()] for row in rows]
    told = [("zone", r[0]) for r in found if len(r) == 1 and _TELLS_TIMES.search(r[0]) and zone_of_heading(r[0])]
    parts = (r[:2] if len(r) > 1 else m.groups() if r and (m := _LABELLED.match(r[0])) else None for r in found)
    return {
        **dict(told),
        **{label.strip(): value.strip() for label, value in filter(None, parts) if states_zones(label)},
    }


def zone_of_value(value: str) -> str | None:
    """The zone whose name or offset is the whole value; None for any other."""
    if value in available_timezones():
        return value
    offset = offset_of_zone(value)
    return zone_of_hours(int(offset[:3])) if offset.endswith("00") else zone_of_heading(value)


def zone_of_hours(hours: int) -> str | None:
    """The zone so many hours before UTC; null for more than half a day."""
    # In the zone database, zones east of Greenwich have a minus.
    return "UTC" if not hours else f"Etc/GMT{-hours:+d}" if abs(hours) <= _HALF_A_DAY else None
