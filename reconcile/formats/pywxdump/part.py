"""Code of all PyWxDump forms: users.json, the owner's account, forwards, checks of voices."""

from pathlib import Path
from typing import Any

import orjson
import polars as pl

from reconcile.formats.pywxdump.rows import OWN_NAME, TYPES, forward_items, row_columns
from reconcile.frames import Witnesses
from reconcile.intake.contract import Note, Owner, shorten_notes
from reconcile.intake.frames import frame_of, text_of
from reconcile.intake.json.objects import instant
from reconcile.intake.messages.naming import distinct_where, is_account, kind_of_account
from reconcile.intake.messages.parts import Part, unknown_kinds
from reconcile.intake.source import Source
from reconcile.vocabulary import ConversationKind, Kind, NoteCode

# As an enum a kind takes one byte a row, as a word sixteen.
_CHATS = pl.Enum(ConversationKind)
Users = dict[str, dict[str, Any]]
_MOST_USERS_BYTES = 64 * 2**20


def users_beside(source: Source, file: Path) -> Users:
    """Account -> names of users.json in the file's folder; {} where there is none that can be read."""
    beside = file.parent / "users.json"
    try:
        if beside not in source.files or beside.stat().st_size > _MOST_USERS_BYTES:
            return {}
        return users_of(orjson.loads(beside.read_bytes()))
    except (OSError, orjson.JSONDecodeError):
        return {}


def users_of(value: Any) -> Users:
    """Account -> names, of a JSON object of objects."""
    people = value.items() if isinstance(value, dict) else ()
    return {a: {k: text_of(v) for k, v in u.items()} for a, u in people if isinstance(u, dict)}


def pywxdump_part(table: pl.DataFrame, name: str, users: Users, notes: list[Note], owner: str | None = None) -> Part:
    """The part of rows with PyWxDump's columns; conversations by room_name, titles from the users."""
    rows = row_columns(table)
    notes = [*notes, *unknown_kinds(rows, TYPES, name), *_voice_notes(rows, name)]
    owner = owner or _owner(rows, users)
    own = pl.col("is_self")
    told = pl.lit(owner, dtype=pl.String) if owner else pl.col("sender")
    rooms = rows["conversation"].unique(maintain_order=True).to_list()
    groups = [r for r in rooms if r and r.endswith("@chatroom")]
    # Nearly always all rows are of one kind, so none is tested singly.
    is_group = pl.col("conversation").is_in(groups) if 0 < len(groups) < len(rooms) else pl.lit(bool(groups))
    lone = rooms[0] if len(rooms) == 1 and not groups else None
    others = pl.when(is_group).then("sender").otherwise("conversation") if groups else pl.col("conversation")
    others = others if lone is None else pl.lit(lone, dtype=pl.String)
    names = {a: u.get("remark") or u.get("nickname") for a, u in users.items()}
    group, direct = (pl.lit(str(k), dtype=_CHATS) for k in (ConversationKind.GROUP, ConversationKind.DIRECT))
    kinds = pl.when(is_group).then(group).otherwise(direct)
    rows = rows.with_columns(
        # A row of unknown direction keeps its own name.
        pl.when(own).then(told).when(~own).then(others).otherwise("sender").alias("sender"),
        kinds.alias("conversation_kind"),
    )
    if owner and lone is not None and not rows["is_self"].null_count():
        # With two writers, neither is looked up row by row.
        mine, theirs = (pl.lit(names.get(a), dtype=pl.String) for a in (owner, lone))
        named = pl.when(own).then(mine).otherwise(theirs)
    else:
        named = pl.col("sender").replace_strict(names, default=None, return_dtype=pl.String)
    rows = rows.with_columns(named.alias("sender_name"))
    key = rooms[0] if len(rooms) == 1 else ""
    forwards = rows.select(pl.col("line", "raw_src").filter(pl.col("kind") == str(Kind.FORWARD))).drop_nulls("raw_src")
    kind = kind_of_account(key)
    return Part(
        rows=rows.drop("type_name", "id", "id_in_name", strict=False),
        file=name,
        conversation=key,
        title=names.get(key) or None,
        conversation_kind=kind,
        owner=Owner(id=owner, name=users.get(owner or "", {}).get("nickname") or None),
        peer=key if kind is ConversationKind.DIRECT else None,
        contacts=[
            {"id": a, "alias": u.get("account"), "remark": u.get("remark"), "nickname": u.get("nickname")}
            for a, u in users.items()
        ],
        witness_rows=_forwarded(forwards, name),
        notes=notes,
    )


def _forwarded(rows: pl.DataFrame, name: str) -> pl.DataFrame | None:
    """The messages inside each forward (`line`, `raw_src`); a recurring forward is parsed once."""
    items = [(src, item) for src in rows["raw_src"].unique(maintain_order=True) for item in forward_items(src)]
    if not items:
        return None
    said = frame_of(Witnesses, [i | {"sent_at": instant(i["unix"])} for _, i in items])
    told = said.drop("locator", "conversation").with_columns(pl.Series("raw_src", [src for src, _ in items]))
    located = rows.select("raw_src", pl.format("{}#{}", pl.lit(name), "line").alias("locator"))
    # Each row's items follow it in order.
    return located.join(told, on="raw_src", how="inner", maintain_order="left_right").drop("raw_src")


def _owner(rows: pl.DataFrame, users: Users) -> str | None:
    """Who sent the own rows; where they say 我, the other one of just two users."""
    own = pl.col("is_self") & ~pl.col("kind").is_in(["system", "recall"])
    names = [n for n in distinct_where(rows, "sender", own) if n != OWN_NAME]
    rooms = set(rows["conversation"].unique().to_list())
    if len(names) == 1 and names[0] not in rooms:
        return names[0] if is_account(names[0]) else None
    others = [a for a in users if a not in rooms]
    return others[0] if len(users) == 2 and len(others) == 1 else None


def _voice_notes(rows: pl.DataFrame, name: str) -> list[Note]:
    """Notes on voices whose file name holds another message's id."""
    if rows["id_in_name"].null_count() == rows.height:
        return []
    named = rows.select("line", "id_in_name", "message_id").filter(pl.col("id_in_name").is_not_null())
    odd = named.filter(pl.col("id_in_name") != pl.col("message_id"))
    return shorten_notes(
        [
            Note(NoteCode.ODD_VALUE, f"{name}#{line}", f"voice file of message {inner}", said=True)
            for line, inner in odd.select("line", "id_in_name").iter_rows()
        ],
        most=20,
    )
