"""A device's copy as a message table of contract 1: columns, sidecar, files."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from bench.sim.model import Copy, Declaration, Dialect, Dispute, Key, Numbering, Row, Spelling, Who
from reconcile.vocabulary import ConversationKind, Kind, Side

NAMELESS = (Kind.SYSTEM, Kind.RECALL)


def put_in_order(dispute: Dispute) -> None:
    """Bring each copy's rows into file order and number them, as its dialect says. Ties keep the order of the copy."""
    for copy in dispute.copies.values():
        if not copy.order_is_kept and all(row.at is not None for row in copy.rows):
            copy.rows.sort(key=lambda row: row.at or 0.0)
        if copy.dialect.by_chat:
            copy.rows.sort(key=lambda row: row.chat)


def table_of(dispute: Dispute, side: Side) -> pl.DataFrame:
    """The message table of one side, all columns text, in the copy's row order."""
    copy = dispute.copies[side]
    dialect, rows = copy.dialect, copy.rows
    columns: dict[str, list[str | None]] = {}
    if dialect.key is not Key.ABSENT:
        keys = [dispute.key_on(side, i) for i in range(len(dispute.chats))]
        columns["conversation"] = [keys[r.chat] for r in rows]
    if dialect.has_conversation_kind:
        columns["conversation_kind"] = [str(dispute.chats[r.chat].kind) for r in rows]
    columns["sent_at"] = _times(rows, dialect)
    columns |= _senders(dispute, copy)
    if dialect.has_kind:
        columns["kind"] = [str(r.kind) for r in rows]
    columns["text"] = [r.text for r in rows]
    columns |= _details(rows, dialect)
    for name, value in dialect.extra_columns.items():
        columns[name] = [value] * len(rows)
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _senders(dispute: Dispute, copy: Copy) -> dict[str, list[str | None]]:
    dialect = copy.dialect
    names = [dispute.name_on(copy.side, i) for i in range(len(dispute.people))]
    authors = [None if r.kind in NAMELESS else r.author for r in copy.rows]
    shown = ["" if a is None else r.shown_name or names[a] for a, r in zip(authors, copy.rows, strict=True)]
    ids = shown if dialect.names_for_ids else ["" if a is None else dispute.people[a].id for a in authors]
    columns: dict[str, list[str | None]] = {}
    if dialect.who is not Who.SELF:
        columns["sender"] = list(ids)
    if dialect.who is not Who.SENDER:
        yes, no = dialect.truths
        columns["is_self"] = ["" if a is None else (yes if a == copy.owner else no) for a in authors]
    if dialect.has_names:
        columns["sender_name"] = list(shown)
    return columns


def _details(rows: list[Row], dialect: Dialect) -> dict[str, list[str | None]]:
    columns: dict[str, list[str | None]] = {}
    if dialect.has_ids:
        columns["message_id"] = [r.message_id for r in rows]
    if dialect.numbering is not Numbering.NONE:
        columns["local_id"] = ["" if r.local_id is None else str(r.local_id) for r in rows]
    if dialect.has_hash:
        columns["media_hash"] = [r.media_hash for r in rows]
    if dialect.has_amount:
        columns["amount"] = [r.amount for r in rows]
    if dialect.has_duration:
        columns["duration"] = ["" if r.duration is None else f"{r.duration:g}" for r in rows]
    if dialect.has_reply and dialect.has_ids:
        columns["reply_to"] = [r.reply_to for r in rows]
    if dialect.has_status:
        columns["status"] = ["" if r.status is None else str(r.status) for r in rows]
    return columns


_LAYOUTS: dict[Spelling, Callable[[datetime], str]] = {
    Spelling.OFFSET: datetime.isoformat,
    Spelling.NAIVE: lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    Spelling.NAIVE_T: lambda t: f"{t:%Y-%m-%dT%H:%M:%S}",
    Spelling.NAIVE_MILLI: lambda t: f"{t:%Y-%m-%d %H:%M:%S}.{int(t.timestamp()) * 37 % 1000:03}",
    Spelling.SLASHED: lambda t: f"{t.year}/{t.month}/{t.day} {t.hour}:{t:%M:%S}",
    Spelling.MINUTE: lambda t: f"{t:%Y-%m-%d %H:%M}",
    Spelling.MINUTE_SLASHED: lambda t: f"{t.year}/{t.month}/{t.day} {t.hour}:{t:%M}",
    Spelling.ZULU: lambda t: f"{t.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    Spelling.UNIX: lambda t: str(int(t.timestamp())),
    Spelling.UNIX_MILLI: lambda t: str(int(t.timestamp() * 1000)),
    Spelling.NONE: lambda _t: "",
}


def time_text(at: float | None, dialect: Dialect) -> str:
    """One time as the table writes it; '' where there is none."""
    if at is None:
        return ""
    return _LAYOUTS[dialect.spelling](
        datetime.fromtimestamp(int(at), timezone(timedelta(seconds=dialect.zone_seconds)))
    )


def _times(rows: list[Row], dialect: Dialect) -> list[str | None]:
    return [time_text(r.at, dialect) for r in rows]


def sidecar_of(dispute: Dispute, side: Side) -> dict[str, Any] | None:
    """The sidecar of one side's table, or None where the dialect writes none."""
    copy = dispute.copies[side]
    dialect = copy.dialect
    unit = {Spelling.UNIX: "s", Spelling.UNIX_MILLI: "ms"}.get(dialect.spelling)
    if not dialect.has_sidecar and unit is None:
        return None
    value: dict[str, Any] = {}
    if dialect.has_sidecar:
        value = {"owner": _owner(dispute, copy), "tool": copy.tool, "exported_at": _export_moment(copy)}
        value |= {"timezone": dialect.zone_name, "contacts": _contacts(dispute, copy)}
        value |= {"groups": _groups(dispute, copy), "declared": [_declared(d, dialect) for d in copy.declared]}
    value["time_unit"] = unit
    return {k: v for k, v in value.items() if v}


def _owner(dispute: Dispute, copy: Copy) -> dict[str, str] | None:
    if not copy.dialect.has_owner:
        return None
    person = dispute.people[copy.owner]
    names = {"name": person.nickname} if copy.dialect.names_for_ids else {"id": person.id, "name": person.nickname}
    return {k: v for k, v in (names | {"alias": person.alias, "phone": person.phone}).items() if v}


def _export_moment(copy: Copy) -> str | None:
    return None if copy.exported_at is None else _moment(copy.exported_at + copy.clock_shift, copy.dialect)


def _declared(told: Declaration, dialect: Dialect) -> dict[str, str | None]:
    span = {"from": _moment(told.start, dialect), "to": _moment(told.end, dialect)}
    return {"what": told.what, **span, "note": told.note}


def _moment(at: float | None, dialect: Dialect) -> str | None:
    if at is None:
        return None
    # The export's moment stands on the same clock as its rows; only instants are written with their zone.
    local = datetime.fromtimestamp(int(at), timezone(timedelta(seconds=dialect.zone_seconds)))
    explicit = dialect.spelling in (Spelling.OFFSET, Spelling.ZULU, Spelling.UNIX, Spelling.UNIX_MILLI)
    return local.isoformat() if explicit else local.replace(tzinfo=None).isoformat(sep=" ")


def _contacts(dispute: Dispute, copy: Copy) -> list[dict[str, str]] | None:
    if not copy.dialect.has_contacts:
        return None
    known = sorted({m for c in dispute.chats if copy.side in c.holders for m in c.members})
    people = [(dispute.people[i], copy.remarks.get(i, "")) for i in known]
    return [
        {k: v for k, v in {"id": p.id, "alias": p.alias, "remark": r, "nickname": p.nickname}.items() if v}
        for p, r in people
    ]


def _groups(dispute: Dispute, copy: Copy) -> list[dict[str, Any]] | None:
    out: list[dict[str, Any]] = []
    for number, chat in enumerate(dispute.chats):
        known = {p: span for (c, p), span in copy.memberships.items() if c == number}
        if chat.kind is not ConversationKind.GROUP or copy.side not in chat.holders or not known:
            continue
        members = []
        for person in chat.members:
            joined, left = known.get(person, (None, None))
            named = {"id": dispute.people[person].id, "name": dispute.name_on(copy.side, person)}
            moments = {"joined_at": _moment(joined, copy.dialect), "left_at": _moment(left, copy.dialect)}
            members.append({k: v for k, v in (named | moments).items() if v})
        out.append({"id": chat.room, "name": chat.name, "members": members})
    return out


def write_side(dispute: Dispute, side: Side, folder: Path, stem: str) -> Path:
    """Write one side's table (and sidecar) as `stem`.csv, .jsonl or .parquet; the table's path."""
    table, dialect = table_of(dispute, side), dispute.copies[side].dialect
    path = folder / f"{stem}.{dialect.container}"
    path.write_bytes(_bytes_of(table, dialect))
    if (sidecar := sidecar_of(dispute, side)) is not None:
        path.with_suffix(".json").write_bytes(orjson.dumps(sidecar, option=orjson.OPT_INDENT_2) + b"\n")
    return path


def _bytes_of(table: pl.DataFrame, dialect: Dialect) -> bytes:
    buffer = io.BytesIO()
    if dialect.container == "parquet":
        table.write_parquet(buffer)
        return buffer.getvalue()
    if dialect.container == "jsonl":
        rows = table.rows(named=True)
        return b"".join(
            orjson.dumps({k: v for k, v in r.items() if v != ""} | {"text": r["text"], "sent_at": r["sent_at"]}) + b"\n"
            for r in rows
        )
    table.write_csv(buffer, include_bom=dialect.byte_order_mark)
    return buffer.getvalue()


def instant(text: str) -> float:
    """Seconds since 1970 of an ISO text; a text without offset is taken as China's time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone(timedelta(hours=8)))
    return moment.astimezone(UTC).timestamp()
