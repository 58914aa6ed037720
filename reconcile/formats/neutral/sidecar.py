"""The JSON beside a message table: what it states of owner, device, export and groups (contract 1)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import dataframely as dy
import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.frames import Conversations
from reconcile.intake.contract import Declared, Device, ExportFacts, Owner, ReadOptions
from reconcile.intake.folders import is_beside
from reconcile.intake.frames import frame_of
from reconcile.intake.json.values import object_of, objects_in
from reconcile.wechat.clock import ASSUMED_ZONE, from_unix, parse_times

# The reader that these facts name.
TABLE = "message_table"


def sidecar_beside(source: Path, file: Path) -> dict[str, Any]:
    """What the JSON beside a table states about the export; {} without one. Raises UnreadableSource."""
    path = file.with_suffix(".json")
    if not is_beside(path):
        return {}
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableSource(source, f"{path}: the sidecar cannot be read ({error}); mend or remove it") from None
    return sidecar_in(source, path, data)


def sidecar_in(source: Path, path: Path, data: bytes) -> dict[str, Any]:
    """The statements in a sidecar's bytes. Raises UnreadableSource."""
    try:
        value = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableSource(source, f"{path}: the sidecar is no JSON ({error}); mend or remove it") from None
    if not isinstance(value, dict):
        raise UnreadableSource(source, f"{path}: the sidecar must be a JSON object")
    return value


def facts_of(sidecar: dict[str, Any], options: ReadOptions, zone: str) -> ExportFacts:
    """The facts that a sidecar and the user state."""
    owner, device = (object_of(sidecar.get(k)) for k in ("owner", "device"))
    declared = objects_in(sidecar.get("declared"))
    begins, ends = (_instants([d.get(k) for d in declared], zone) for k in ("from", "to"))
    return ExportFacts(
        reader=TABLE,
        owner=Owner(
            **{k: stated(owner.get(k)) for k in ("id", "alias", "name", "phone", "avatar_sha256")}
            | ({"id": options.owner} if options.owner else {})
        ),
        device=Device(**{k: stated(device.get(k)) for k in ("make", "model", "serial", "os", "app_version")}),
        tool=stated(sidecar.get("tool")),
        tool_version=stated(sidecar.get("tool_version")),
        exported_at=_instants([sidecar.get("exported_at")], zone)[0],
        timezone=stated(sidecar.get("timezone")),
        declared=tuple(
            Declared(str(d.get("what", "")), begin, end, str(d.get("note", "")))
            for d, begin, end in zip(declared, begins, ends, strict=True)
        ),
    )


def named_conversations(
    conversations: dy.DataFrame[Conversations], sidecar: dict[str, Any]
) -> dy.DataFrame[Conversations]:
    """The conversations with the names that a sidecar states for its groups."""
    groups = objects_in(sidecar.get("groups"))
    names = {key: name for g in groups if (key := stated(g.get("id"))) and (name := stated(g.get("name")))}
    title = pl.col("conversation").replace_strict(names, default=None, return_dtype=pl.String)
    return frame_of(Conversations, conversations.with_columns(pl.coalesce("title", title).alias("title")))


def members_of(sidecar: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The members of groups that a sidecar states, as rows of Members; None where it states no groups."""
    groups = sidecar.get("groups")
    if not isinstance(groups, list):
        return None
    zone = sidecar.get("timezone") or ASSUMED_ZONE
    held = [(g, m) for g in objects_in(groups) for m in objects_in(g.get("members"))]
    joined, left = (_instants([m.get(k) for _, m in held], str(zone)) for k in ("joined_at", "left_at"))
    return [
        {
            "group_id": stated(g.get("id")) or stated(g.get("name")) or "",
            "member_id": stated(m.get("id")) or stated(m.get("name")) or "",
            "name": stated(m.get("name")),
            "joined_at": begin,
            "left_at": end,
        }
        for (g, m), begin, end in zip(held, joined, left, strict=True)
    ]


def _instants(values: Sequence[object], zone: str) -> list[datetime | None]:
    """The instants that a sidecar's values state: texts, seconds or milliseconds; None for anything else."""
    if all(v in (None, "") for v in values):
        return [None] * len(values)
    texts = [str(v) if v not in (None, "") and not isinstance(v, int) else None for v in values]
    numbers = [v if isinstance(v, int) and abs(v) < 2**62 else None for v in values]
    found = parse_times(pl.Series(texts, dtype=pl.String), zone)["sent_at"].alias("text")
    frame = pl.DataFrame([found, pl.Series("number", numbers, dtype=pl.Int64)])
    number = (
        pl.when(pl.col("number") > 10**11)
        .then(from_unix(pl.col("number"), "ms"))
        .otherwise(from_unix(pl.col("number"), "s"))
    )
    return frame.select(pl.coalesce("text", number))["text"].to_list()


def stated(value: object) -> str | None:
    """The value as text; None where nothing is stated."""
    return None if value is None or value == "" else str(value)
