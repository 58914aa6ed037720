"""The JSON beside a message table: what it states of owner, device, export and groups (contract 1)."""

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Declared, Device, ExportFacts, Owner, ReadOptions
from reconcile.intake.source import is_beside
from reconcile.wechat.clock import ASSUMED_ZONE, from_unix, parse_times

# The form whose facts these are.
TABLE = "message_table"


def sidecar_beside(source: Path, file: Path) -> dict[str, Any]:
    """What the JSON beside a table states of the export; {} where none lies there. Raises UnreadableSource."""
    path = file.with_suffix(".json")
    if not is_beside(path):
        return {}
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableSource(source, f"{path}: the sidecar cannot be read ({error}); mend or remove it") from None
    return sidecar_in(source, path, data)


def sidecar_in(source: Path, path: Path, data: bytes) -> dict[str, Any]:
    """What a sidecar's bytes state. Raises UnreadableSource."""
    try:
        value = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableSource(source, f"{path}: the sidecar is no JSON ({error}); mend or remove it") from None
    if not isinstance(value, dict):
        raise UnreadableSource(source, f"{path}: the sidecar must be a JSON object")
    return value


def listed(value: object) -> list[Any]:
    """The value where it is a list, else []."""
    return value if isinstance(value, list) else []


def facts_of(sidecar: dict[str, Any], options: ReadOptions, zone: str) -> ExportFacts:
    """The facts that a sidecar and the user state."""
    owner, device = (_object(sidecar.get(k)) for k in ("owner", "device"))
    return ExportFacts(
        reader=TABLE,
        owner=Owner(
            **{k: stated(owner.get(k)) for k in ("id", "alias", "name", "phone", "avatar_sha256")}
            | ({"id": options.owner} if options.owner else {})
        ),
        device=Device(**{k: stated(device.get(k)) for k in ("make", "model", "serial", "os", "app_version")}),
        tool=stated(sidecar.get("tool")),
        tool_version=stated(sidecar.get("tool_version")),
        exported_at=_instant(sidecar.get("exported_at"), zone),
        timezone=stated(sidecar.get("timezone")),
        declared=tuple(
            Declared(
                str(d.get("what", "")),
                _instant(d.get("from"), zone),
                _instant(d.get("to"), zone),
                str(d.get("note", "")),
            )
            for d in listed(sidecar.get("declared"))
            if isinstance(d, dict)
        ),
    )


def members_of(sidecar: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The members of groups that a sidecar states, as rows of Members; None where it states no groups."""
    groups = sidecar.get("groups")
    if not isinstance(groups, list):
        return None
    zone = sidecar.get("timezone") or ASSUMED_ZONE
    return [
        {
            "group_id": stated(g.get("id")) or stated(g.get("name")) or "",
            "member_id": stated(m.get("id")) or stated(m.get("name")) or "",
            "name": stated(m.get("name")),
            "joined_at": _instant(m.get("joined_at"), zone),
            "left_at": _instant(m.get("left_at"), zone),
        }
        for g in groups
        if isinstance(g, dict)
        for m in g.get("members") or []
        if isinstance(m, dict)
    ]


def _instant(value: object, zone: str) -> datetime | None:
    if value is None or value == "":
        return None
    if isinstance(value, int):
        instant = pl.select(from_unix(pl.lit(value), "ms" if value > 10**11 else "s")).item()
    else:
        instant = parse_times(pl.Series([str(value)]), zone)["sent_at"].item()
    return instant  # type: ignore[no-any-return]


def stated(value: object) -> str | None:
    """The value as text; None where nothing is stated."""
    return None if value is None or value == "" else str(value)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
