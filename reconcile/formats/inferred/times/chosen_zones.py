"""The zone of local times, as a heading, other columns or the head of an export states it."""

from collections.abc import Sequence

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.mapping import Found
from reconcile.formats.inferred.times.row_times import LOCAL
from reconcile.formats.inferred.times.time_columns import TimeColumn, zone_beside
from reconcile.formats.inferred.times.zone_words import zone_behind, zones_of_name
from reconcile.formats.inferred.times.zones import zone_of_heading, zones_stated

_ZONE = "timezone"
# What a count may be of, where the people are in China.
_LOCAL_OR_UTC = ("+08:00", "+00:00")


def choose_zone(one: TimeColumn, same: Sequence[TimeColumn], found: Found) -> None:
    """Choose the unit of a count, or the zone of local times by what their name and other columns state."""
    if one.unit:
        found.manners["time_unit"] = one.unit
    if one.unit in LOCAL:
        found.doubts[_ZONE] = _LOCAL_OR_UTC
    elif one.unit:
        return
    elif (zone := zone_of_heading(one.name)) is not None:
        found.manners[_ZONE] = zone
    elif not one.is_placed and (written := zone_behind(one.name)):
        found.doubts[_ZONE] = zones_of_name(written)
    elif zone := zone_beside(one, same):
        # Instants in some rows tell the zone of all of them.
        found.manners[_ZONE] = zone
    elif zone is not None:
        found.doubts[_ZONE] = ()


def choose_stated_zone(fields: Fields, found: Found) -> None:
    """Choose the zone that the export states beside local times; several or unknown ones become a doubt."""
    if found.is_instant or _ZONE in {**found.manners, **found.doubts} or "time" not in found.choices:
        return
    zones = zones_stated(fields)
    if zones is not None and len(zones) == 1:
        found.manners[_ZONE] = zones[0]
    elif zones != ():
        found.doubts[_ZONE] = zones or ()
