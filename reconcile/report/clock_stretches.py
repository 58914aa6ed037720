"""Stretches of a conversation whose times lie off its common clock, as the report lists them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from reconcile.report.cells import fetch_rows, local_time
from reconcile.report.counts import LEFT, RIGHT, SideRows
from reconcile.report.model_findings import ClockStretch

# More stretches than this would bury the findings; `verdicts.json` lists all.
_MOST_LISTED = 20


def clock_stretches(verdict: Mapping[str, Any], sides: Mapping[str, SideRows], zone: str) -> tuple[ClockStretch, ...]:
    """The first clock segments of a conversation in order, with the times of their ends on each side."""
    listed = (verdict.get("clock_segments") or ())[:_MOST_LISTED]
    ends = {s: [(segment[f"{s}_first"], segment[f"{s}_last"]) for segment in listed] for s in (LEFT, RIGHT)}
    rows = {s: fetch_rows(sides[s], [row for pair in pairs for row in pair]) for s, pairs in ends.items()}

    def shown(side: str, row: int) -> str | None:
        """The printed time of a row; None where the side has no such row."""
        found = rows[side].get(row)
        return local_time(found["sent_at"], zone, found["time_precision"]) if found else None

    return tuple(
        ClockStretch(
            reading=segment["reading"],
            rows=segment["rows"],
            apart=str(timedelta(seconds=abs(round(segment["seconds"])))),
            left=(shown(LEFT, segment["left_first"]), shown(LEFT, segment["left_last"])),
            right=(shown(RIGHT, segment["right_first"]), shown(RIGHT, segment["right_last"])),
        )
        for segment in listed
    )
