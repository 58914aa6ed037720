"""Instants as reports and commands show them."""

from datetime import datetime
from zoneinfo import ZoneInfo

_CHINA = ZoneInfo("Asia/Shanghai")


def china_time(instant: str | None) -> str | None:
    """An ISO 8601 instant by China's clock with the offset; other texts stay as they are."""
    try:
        at = datetime.fromisoformat(instant or "")
    except ValueError:
        return instant
    return at.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S +08:00") if at.tzinfo else instant
