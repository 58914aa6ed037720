"""QQ NT's message store `nt_msg.db`, decrypted, and the stores of names beside it.

Producer: QQ's NT clients (Windows, macOS, Linux, Android since 2023), with names in
`profile_info.db` and `group_info.db`. Container: SQLite whose columns are numbers; bodies are
protobuf. Encoding: UTF-8. Time zone: unix seconds. Cannot say: what the device never received; words of kinds without a public
description. The header of 1,024 bytes and the encryption must have been taken off by another tool.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Claim, Note, Owner, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.frames import notes_of
from reconcile.intake.messages.naming import distinct_where
from reconcile.intake.messages.parts import Part as Rows
from reconcile.intake.messages.parts import reading_of_parts
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, require_one
from reconcile.intake.sqlite.parts import Part, databases, parts_in
from reconcile.intake.sqlite.table import place_of, read_table
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.client_sentences import told_notice
from reconcile.wechat.protobuf import int_in, message_of, nested, text_in

_NEEDED = frozenset({"40001", "40050", "40800", "40020"})
PARTS = {
    "direct": Part("c2c_msg_table", _NEEDED), "group": Part("group_msg_table", _NEEDED),
    "people": Part("profile_info_v6", frozenset({"1000", "20002"})), "rooms": Part("group_list", frozenset({"60001", "60007"})),
}  # fmt: skip
MESSAGE = {
    "place": ("int", "40001", "rowid"), "random": ("int", "40002"), "sequence": ("int", "40003"), "flag": ("int", "40013"),
    "sender_uid": ("text", "40020"), "peer_uid": ("text", "40021"), "group": ("int", "40027"), "peer": ("int", "40030"),
    "number": ("int", "40033"), "unix": ("int", "40050"), "card": ("text", "40090"), "nickname": ("text", "40093"), "body": ("blob", "40800"),
    "quoted_sequence": ("int", "40850"),
}  # fmt: skip
MAPPING = {"uid": ("text", "48902"), "number": ("int", "1002")}
PERSON = {"id": ("int", "1002"), "nickname": ("text", "20002"), "remark": ("text", "20009")}
ROOM = {"id": ("int", "60001"), "title": ("text", "60007")}
# Elements of a body by their type. Those of words make a text; else the first of the others is the kind.
TEXT, FACE, QUOTE, NOTICE = 1, 6, 7, 8
KINDS = {
    2: Kind.IMAGE, 3: Kind.FILE, 4: Kind.VOICE, 5: Kind.VIDEO, NOTICE: Kind.SYSTEM, 9: Kind.RED_PACKET, 10: Kind.LINK, 21: Kind.CALL,
    26: Kind.OTHER,
}  # fmt: skip
# Where an element's words stand: field numbers from outside to inside.
WORDS = {
    TEXT: (45101,),
    FACE: (47602,),
    NOTICE: (48271,),
    9: (48403, 48443),
    10: (47901,),
    21: (48157,),
    26: (48175, 48178),
}
SHOWN = {2: "[图片]", 3: "[文件]", 4: "[语音]", 5: "[视频]", FACE: "[表情]"}
_NOTICE_XML, _NOTICE_PART = 48214, lazy_pattern(r"""\btxt["']?\s*[=:]\s*["']([^"']*)["']""")
_PROMPT = lazy_pattern(r'"prompt"\s*:\s*"((?:[^"\\]|\\.)*)"')
# 0 came in; 1 and 2 were sent here and on another device of the account.
_OWN = {0: False, 1: True, 2: True}
_FACTS = {
    "kind": pl.String, "text": pl.String, "quoted_text": pl.String, "media_hash": pl.String, "file_name": pl.String, "file_size": pl.Int64,
    "duration": pl.Float64, "odd": pl.String,
}  # fmt: skip


class QqNtDb(Form, form="qq_nt_db"):
    """Reader of QQ NT's message store."""

    def sniff(self, source: Source) -> Claim:
        """Certain of tables c2c_msg_table or group_msg_table with columns 40001, 40050, 40800."""
        files = parts_in(source, PARTS)
        if files["direct"] or files["group"]:
            return Claim("certain", "tables c2c_msg_table or group_msg_table with columns 40001, 40050, 40800")
        return Claim("none", "looked for tables c2c_msg_table or group_msg_table with columns 40001, 40050, 40800")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """The messages of both tables, with names from the stores beside them."""
        files = parts_in(source, PARTS)
        stores = sorted({*files["direct"], *files["group"]})
        if not stores:
            raise UnreadableSource(source.path, f"{source.path}: no table c2c_msg_table or group_msg_table")
        require_one(source, sorted({f.parent for f in stores}), "accounts' databases")
        notes: list[Note] = []
        people, titles = list[dict[str, Any]](), dict[str, str]()
        for database in databases(source, files["people"], options, (), notes):
            people += _named(read_table(database, "profile_info_v6", PERSON)).to_dicts()
        for database in databases(source, files["rooms"], options, (), notes):
            titles |= dict(_named(read_table(database, "group_list", ROOM)).drop_nulls().iter_rows())
        parts = [
            part
            for database in databases(source, stores, options, (), notes, is_needed=True)
            for part in _chat_rows(database, titles)
        ]
        if parts:
            parts[0].contacts = people
        return reading_of_parts(self, parts, options, notes)


def _named(table: pl.DataFrame) -> pl.DataFrame:
    """The rows with a number, as text."""
    return table.filter(pl.col("id").fill_null(0) != 0).with_columns(pl.col("id").cast(pl.String))


def _chat_rows(database: Database, titles: Mapping[str, str]) -> list[Rows]:
    """Rows of each direct and group chat, opened and in order of time."""
    numbers = read_table(database, "nt_uid_mapping_table", MAPPING).filter(pl.col("number").fill_null(0) != 0)
    known = dict(numbers.drop_nulls().unique("uid", keep="first", maintain_order=True).iter_rows())
    found: list[Rows] = []
    for table, kind in (("c2c_msg_table", "direct"), ("group_msg_table", "group")):
        rows = read_table(database, table, MESSAGE)
        if rows.is_empty():
            continue
        rows = _with_conversation_and_sender(rows, known, kind).with_columns(
            place_of(f"{database.label}#{table}", "place")
        )
        rows = pl.concat([rows, _bodies(rows["body"])], how="horizontal").sort("unix", "sequence", nulls_last=True)
        for (chat,), group in rows.group_by("conversation", maintain_order=True):
            found.append(_rows_of_chat(group, str(chat), database.label, titles))
    return found


def _with_conversation_and_sender(rows: pl.DataFrame, known: Mapping[str, int], kind: str) -> pl.DataFrame:
    """The rows with conversation, sender and direction; accounts by number where the store maps them."""

    def account_column(number: str, uid: str) -> pl.Expr:
        """The stated number, else the number of the uid, else the uid itself."""
        mapped = pl.col(uid).replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.Int64)
        stated = pl.when(pl.col(number) != 0).then(number)
        return pl.coalesce(stated.cast(pl.String), mapped.cast(pl.String), pl.when(pl.col(uid) != "").then(uid))

    group = pl.when(pl.col("group").fill_null(0) != 0).then("group").cast(pl.String)
    chat = (
        account_column("peer", "peer_uid")
        if kind == "direct"
        else pl.coalesce(group, "peer_uid", pl.col("peer").cast(pl.String))
    )
    return rows.with_columns(
        chat.fill_null("").alias("conversation"),
        pl.lit(kind).alias("conversation_kind"),
        account_column("number", "sender_uid").alias("sender"),
        pl.coalesce(*(pl.when(pl.col(c) != "").then(c) for c in ("card", "nickname"))).alias("sender_name"),
        pl.col("flag").replace_strict(list(_OWN), list(_OWN.values()), default=None, return_dtype=pl.Boolean).alias("is_self"),
        *(pl.col(c).cast(pl.String).alias(f"raw_{c}") for c in ("place", "random", "sequence", "quoted_sequence")),
    )  # fmt: skip


def _rows_of_chat(rows: pl.DataFrame, chat: str, label: str, titles: Mapping[str, str]) -> Rows:
    """The rows of one chat; notices have no sender."""
    odd = rows.filter(pl.col("odd").is_not_null())
    notes = notes_of(NoteCode.UNKNOWN_KIND, odd, excerpt="odd", most=5)
    own = distinct_where(rows, "sender", pl.col("is_self").fill_null(value=False))
    notice = pl.col("kind").is_in([str(Kind.SYSTEM), str(Kind.RECALL)])
    rows = rows.with_columns(told_notice(pl.col("kind"), pl.col("text")).alias("kind"))
    rows = rows.with_columns(pl.when(~notice).then(c).alias(c) for c in ("sender", "sender_name", "is_self"))
    return Rows(
        rows.drop("place", "random", "sequence", "flag", "sender_uid", "peer_uid", "group", "peer", "number", "card", "nickname", "body",
                  "quoted_sequence", "odd"),
        label, conversation=chat, title=titles.get(chat), owner=Owner(id=own[0] if len(own) == 1 else None), is_shown=False, notes=notes,
    )  # fmt: skip


def _bodies(blobs: pl.Series) -> pl.DataFrame:
    """Kind, words and facts of each body."""
    read = [_parse_body(b) for b in blobs.to_list()]
    return pl.DataFrame(read, schema=_FACTS, orient="row")


def _parse_body(blob: bytes | None) -> tuple[Any, ...]:
    """Kind, text, quoted text, MD5, file name, size, length and unknown element of a stored body."""
    elements = nested(message_of(blob or b""), 40800)
    typed = [(int_in(e, 45002), e) for e in elements]
    plain = [(t, e) for t, e in typed if t != QUOTE]
    quoted = [q for t, e in typed if t == QUOTE for q in nested(e, 47423)]
    spoken = any(t in (TEXT, FACE) for t, _ in plain)
    first, held = plain[0] if plain else (None, {})
    kind = Kind.TEXT if spoken else KINDS.get(first or 0, Kind.OTHER)
    if quoted and (spoken or not plain):
        kind = Kind.QUOTE
    words = "".join(_words(t, e) for t, e in plain) if spoken else _words(first, held) if first not in SHOWN else ""
    digest = held.get(45406, [b""])[0]
    unknown = next((str(t) for t, _ in typed if t not in (*KINDS, *WORDS, QUOTE)), None)
    return (
        str(kind), words, "".join(_words(int_in(q, 45002), q) for q in quoted) or None,
        digest.hex() if isinstance(digest, bytes) and len(digest) in (16, 32) else None,
        text_in(held, 45402) or None, int_in(held, 45405), _duration_seconds(held), unknown,
    )  # fmt: skip


def _duration_seconds(element: dict[int, list[int | bytes]]) -> float | None:
    found = int_in(element, 45906) or int_in(element, 45410)
    return None if found is None else float(found)


def _words(kind: int | None, element: dict[int, list[int | bytes]]) -> str:
    """What an element says; the mark of its kind where it has no words."""
    if kind not in WORDS:
        return SHOWN.get(kind or 0, "")
    *outer, last = WORDS[kind]
    for number in outer:
        element = next(iter(nested(element, number)), {})
    said = text_in(element, last)
    if kind == NOTICE:
        parts = _NOTICE_PART.findall(text_in(element, _NOTICE_XML) or said)
        return " ".join(p for p in parts if p)
    if kind == 10 and (prompt := _PROMPT.search(said)):
        return prompt[1]
    return said or SHOWN.get(kind, "")
