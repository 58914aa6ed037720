"""WeChatDataAnalysis: a ZIP or its unpacked folder with manifest.json and report.json.

Producer: WeChatDataAnalysis (LifeArchiveProject), chat_export_service.py. Container: ZIP of messages.json,
messages.txt or messages.html a conversation, meta.json, media; since 2026-07 a list of SHA-256 in `_integrity/manifest.wce`.
Encoding: UTF-8. Time zone: unix seconds in JSON and HTML; local time of the exporting PC in TXT.
Cannot say: in HTML accounts, ids, the client's own emoji, all pages but the last; the amount of a red packet; whose recall a notice tells of where its row has no sender; words and people in
privacy mode; whether the records were changed before the export: its list shows only changes after it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
import polars as pl

from reconcile.errors import UnreadableSource, UnrecognisedSource
from reconcile.formats.shared.session_json import kinds_by_type, unix_instant
from reconcile.formats.wechatdataanalysis.pages import MARK, page_part
from reconcile.formats.wechatdataanalysis.text_bodies import UNMARKED, bodies_of
from reconcile.intake.contract import Claim, Filter, Note, Owner, Reading, ReadOptions, Strength, remarks
from reconcile.intake.form import Form
from reconcile.intake.json.columns import read_array
from reconcile.intake.json.duplicate_keys import count_duplicate_keys
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.json.shape import json_shape
from reconcile.intake.json.values import list_of, object_of
from reconcile.intake.messages.naming import kind_of_account
from reconcile.intake.messages.parts import Part, reading_of_parts
from reconcile.intake.not_an_export import quoted
from reconcile.intake.source import Source
from reconcile.intake.text.decode import decode, head_text
from reconcile.intake.text.lines import blocks_of, split_lines
from reconcile.intake.text.near_headings import near_headings
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import ConversationKind, Kind, LocalIdScope, NoteCode, TextQuality
from reconcile.wechat.client_sentences import notice_kind
from reconcile.wechat.clock import times_of
from reconcile.wechat.kind_names import kind_of_name
from reconcile.wechat.kinds import SYSTEM_KINDS, WORD_KINDS
from reconcile.wechat.shown_bodies import plain_amount

COLUMNS: dict[str, type[pl.DataType]] = {
    "id": pl.String, "localId": pl.Int64, "serverId": pl.String, "createTime": pl.Int64, "createTimeText": pl.String,
    "sortSeq": pl.Int64, "type": pl.Int64, "renderType": pl.String, "isSent": pl.Boolean, "senderUsername": pl.String,
    "senderDisplayName": pl.String, "content": pl.String, "title": pl.String, "url": pl.String, "imageMd5": pl.String,
    "emojiMd5": pl.String, "videoMd5": pl.String, "fileMd5": pl.String, "fileSize": pl.String, "voiceLength": pl.String,
    "quoteTitle": pl.String, "quoteContent": pl.String, "quoteServerId": pl.String, "amount": pl.String, "paySubType": pl.String,
    "transferId": pl.String,
}  # fmt: skip
# Where the exporter found or put pictures, which no comparison can use.
_DROP = (
    "conversationUsername", "isGroup", "senderAvatarPath", "thumbUrl", "imageFileId", "imageUrl", "emojiUrl", "videoThumbMd5",
    "videoFileId", "videoThumbFileId", "videoUrl", "videoThumbUrl", "coverUrl", "offlineMedia", "senderAvatar",
)  # fmt: skip
_KEYS = {"schemaVersion", "exportedAt", "account", "conversation", "filters"}
_STATES = {
    **dict.fromkeys(("1", "7", "8"), "sent"), **dict.fromkeys(("3", "5"), "received"), **dict.fromkeys(("4", "9"), "returned"),
    "10": "expired",
}  # fmt: skip
_TEXT_LINE = r"^\[(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})\] (?:\[系统\] |(?P<name>[^\n]*?)(?:\((?P<account>[^()\n]+)\))?(?: \[avatar=[^\]\n]*\])?: )"
_TEXT_HEAD = lazy_pattern(r"\ufeff?会话: [^\n]*\n账号: [^\n]*\n(?:(?:会话头像|时间范围|消息类型): [^\n]*\n)*导出时间: ")
# One form of a chat is read: JSON says most; a page names no accounts and loses the client's own emoji.
_CHATS = ("messages.json", "messages.txt", "messages.html")
_INTEGRITY = "_integrity/manifest.wce"


class WechatdataanalysisZip(Form, form="wechatdataanalysis_zip"):
    """Reader of WeChatDataAnalysis' exports."""

    def sniff(self, source: Source) -> Claim:
        """Certain of a manifest.json with exportId beside report.json, or of chats alone."""
        if _bases(source):
            return Claim("certain", "manifest.json with exportId and filters, beside report.json")
        if chats := _chats_alone(source):
            strength: Strength = "certain" if len(chats) == len(source.files) else "likely"
            return Claim(strength, "a JSON object of these keys, a page with data-wce-sri or a text headed 会话, 账号")
        return Claim("none", "looked for manifest.json with exportId beside report.json")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every conversation; the declared gaps and the list of hashes are checked and noted."""
        bases = _bases(source)
        notes: list[Note] = []
        manifests = [_read_json(source, f"{base}manifest.json", notes) for base in bases]
        names = (
            [n for n in source.names if _is_chat_below(n, bases)]
            if bases
            else _chats_alone(source) or list(source.names)
        )
        if not names:
            raise UnreadableSource(
                source.path,
                f"{source.path}: holds no messages.json, messages.txt or messages.html; expected WeChatDataAnalysis' export",
            )
        for base in bases:
            notes += [
                *_declared_notes(source, base, notes),
                *_notes_on_hashes(source, base),
                *_notes_on_unread(source, base, names),
            ]
        parts = [_chat_part(source, n) for n in _richest_files(names)]
        _refuse_several_accounts(source, parts, bases)
        reading = reading_of_parts(self, parts, options, notes)
        if any(p.file.endswith(".txt") for p in parts):
            limits = replace(self.limits, kinds_merged=UNMARKED)
            reading = replace(reading, facts=replace(reading.facts, limits=limits))
        return replace(
            reading,
            facts=_archive_facts(reading, manifests, options),
            notes=(*reading.notes, *_check_count(reading, manifests)),
        )


def _chats_alone(source: Source) -> list[str]:
    """The files that are each one chat of an export; none of an archive."""
    return [] if source.is_archive else [source.relative(f) for f in source.files if _is_chat_alone(source, f)]


def _is_chat_alone(source: Source, file: Path) -> bool:
    """Whether a file is one chat of an export, taken out of it."""
    head = source.head(file)
    return {*json_shape(head).keys} >= _KEYS or MARK in head or bool(_TEXT_HEAD.match(head_text(source, file)))


def _bases(source: Source) -> list[str]:
    """The folders of manifest.json and report.json, with a trailing slash.

    One archive holds one, at its top or below a folder; of several archives, each has a folder of its own.
    """
    found = []
    for name in source.names:
        base = name.removesuffix("manifest.json")
        if PurePosixPath(name).name == "manifest.json" and f"{base}report.json" in source.names:
            keys = json_shape(source.peek(name)).keys
            chats = (n for n in source.names if n.startswith(base) and n.endswith("/messages.json"))
            if {"exportId", "filters"} <= set(keys) or any(
                set(json_shape(source.peek(n)).keys) >= _KEYS for n in islice(chats, 1)
            ):
                found.append(base)
    return found if len(found) > 1 else [b for b in found if b.count("/") <= 1]


def _refuse_several_accounts(source: Source, parts: Sequence[Part], bases: Sequence[str]) -> None:
    """Raises UnrecognisedSource for exports of several accounts: they may be both sides'."""
    if len(bases) < 2 or len({p.owner.id for p in parts if p.owner.id}) < 2:
        return
    paths = [p if (p := source.path / b).exists() else p.with_name(f"{p.name}.zip") for b in bases]
    named, (left, right) = ", ".join(p.name for p in paths), map(quoted, paths[:2])
    raise UnrecognisedSource(
        source.path,
        f"{source.path}: holds {len(bases)} exports ({named}) and is none itself; name one for each side, or each of one party by --left: "
        f"`reconcile compare {left} {right} --out DIR`",
    )


def _is_chat_below(name: str, bases: Sequence[str]) -> bool:
    """Whether a file holds a chat of one of the exports."""
    return PurePosixPath(name).name in _CHATS and name.startswith(tuple(bases))


def _read_json(source: Source, name: str, notes: list[Note]) -> dict[str, Any]:
    """The JSON object of a member; empty where it is missing or broken, and broken is noted."""
    if name not in source.names:
        return {}
    try:
        value = orjson.loads(data := source.read(name))
    except orjson.JSONDecodeError:
        notes.append(Note(NoteCode.PART_UNREADABLE, name))
        return {}
    count_duplicate_keys(source, name, data, value)
    return value if isinstance(value, dict) else {}


def _richest_files(names: list[str]) -> list[str]:
    """One file for each chat's folder, by the order of _CHATS, and every file of another name."""
    folders: dict[str, str] = {}
    for name in sorted(names, key=lambda n: (_CHATS.index(p) if (p := PurePosixPath(n).name) in _CHATS else 0, n)):
        folders.setdefault(name.rpartition("/")[0] if PurePosixPath(name).name in _CHATS else name, name)
    return sorted(folders.values())


def _notes_on_unread(source: Source, base: str, names: list[str]) -> list[Note]:
    """Note chats that are held only as a workbook, which is not read."""
    held = {n.rpartition("/")[0] for n in names}
    other = [n for n in source.names if PurePosixPath(n).name == "messages.xlsx" and n.rpartition("/")[0] not in held]
    return [Note(NoteCode.PART_UNSUPPORTED, n) for n in other if n.startswith(base)]


def _declared_notes(source: Source, base: str, notes: list[Note]) -> list[Note]:
    """Errors and missing media that the export's own report declares."""
    report = _read_json(source, f"{base}report.json", notes)
    missing, errors = (list_of(report.get(k)) for k in ("missingMedia", "errors"))
    found = [Note(NoteCode.DECLARED, f"{base}report.json", _short_text(e)) for e in errors[:50]]
    if len(errors) > 50:
        found.append(Note(NoteCode.DECLARED, f"{base}report.json", "…", len(errors) - 50))
    if missing:
        found.append(Note(NoteCode.MEDIA_MISSING, f"{base}report.json", _short_text(missing[0]), len(missing)))
    return found


def _notes_on_hashes(source: Source, base: str) -> list[Note]:
    """Every member against the list of SHA-256: changed, missing, not listed."""
    name = f"{base}{_INTEGRITY}"
    if name not in source.names:
        return []
    notes: list[Note] = []
    files = _read_json(source, name, notes).get("f")
    listed = {
        str(f["path"]): str(f.get("sha256", "")).lower()
        for f in (files if isinstance(files, list) else [])
        if isinstance(f, dict) and f.get("path")
    }
    held = {
        n.removeprefix(base): n for n in source.names if n.startswith(base) and not n.startswith(f"{base}_integrity/")
    }
    for path, wanted in listed.items():
        if path not in held:
            notes.append(Note(NoteCode.MEMBER_MISSING, path))
        elif _member_sha256(source, held[path]) != wanted:
            notes.append(Note(NoteCode.HASH_MISMATCH, path, wanted))
    notes += [Note(NoteCode.MEMBER_UNLISTED, path) for path in sorted(held) if path not in listed]
    return notes


def _member_sha256(source: Source, name: str) -> str:
    digest = hashlib.sha256()
    with source.open(name) as stream:
        while chunk := stream.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


def _chat_part(source: Source, name: str) -> Part:
    """One chat with what its meta.json states."""
    notes: list[Note] = []
    meta = _read_json(source, f"{name.rpartition('/')[0]}/meta.json", notes) if "/" in name else {}
    read = {".html": page_part, ".htm": page_part, ".json": _json_chat}.get(
        PurePosixPath(name).suffix.lower(), _text_chat
    )
    part = read(source, name)
    count = meta.get("messageCount")
    part.stated_count = count if isinstance(count, int) else part.stated_count
    if part.conversation_kind is None and "isGroup" in meta:
        part.conversation_kind = ConversationKind.GROUP if meta["isGroup"] else ConversationKind.DIRECT
    part.notes += notes
    return part


def _json_chat(source: Source, name: str) -> Part:
    """The chat of a messages.json; in privacy mode without the owner's account."""
    array = JsonArray(source, name)
    rows, notes = read_array(array, COLUMNS, drop=_DROP)
    head = array.rest
    about = object_of(head.get("conversation"))
    account = str(head.get("account") or "")
    rows, more = kinds_by_type(rows, "type", "renderType", name)
    is_private = account == "hidden"
    key = str(about.get("username") or about.get("displayName") or "")
    stems = rows["id"].str.extract(r"^([^:]+):", 1).unique().drop_nulls()
    return Part(
        rows=_message_columns(rows, is_private=is_private),
        file=name,
        conversation=key or name.rpartition("/")[0],
        title=str(about["displayName"]) if about.get("displayName") else None,
        conversation_kind=ConversationKind.GROUP if about.get("isGroup") else ConversationKind.DIRECT,
        owner=Owner(id=None if is_private else account or None),
        is_shown=False,
        filters=_stated_filters(head.get("filters"), key or None),
        local_id_scope=LocalIdScope.CONVERSATION if len(stems) == 1 else LocalIdScope.SHARD,
        notes=[*notes, *more, *([Note(NoteCode.PRIVACY_MODE, name)] if is_private else [])],
    )


def _message_columns(rows: pl.DataFrame, *, is_private: bool) -> pl.DataFrame:
    """Rows in the columns of a part; in privacy mode every text is absent."""

    def null_if_empty(name: str) -> pl.Expr:
        return pl.when(pl.col(name) != "").then(name)

    kind = pl.col("kind")
    content = pl.col("content").fill_null("")
    money = pl.col("amount").str.extract(r"([0-9][0-9,]*(?:\.[0-9]+)?)", 1)
    words = kind.is_in([str(k) for k in (*WORD_KINDS, *SYSTEM_KINDS)])
    return rows.select(
        "line", "kind", "raw",
        # A link's content is its description.
        pl.when((kind == str(Kind.LINK)) & ~content.str.contains(pl.col("title"), literal=True)).then(pl.format("{}\n{}", "title", content)).otherwise(content).alias("text"),
        pl.when(pl.lit(is_private)).then(pl.lit(str(TextQuality.ABSENT))).when(~words).then(pl.lit(str(TextQuality.SHOWN))).alias("text_quality"),
        null_if_empty("senderUsername").alias("sender"),
        null_if_empty("senderDisplayName").alias("sender_name"),
        pl.when(kind != str(Kind.SYSTEM)).then("isSent").alias("is_self"),
        pl.col("createTime").alias("unix"),
        null_if_empty("createTimeText").alias("sent_raw"),
        pl.col("localId").alias("local_id"),
        pl.col("serverId").alias("message_id"),
        pl.coalesce(null_if_empty("fileMd5"), null_if_empty("imageMd5"), null_if_empty("videoMd5"), null_if_empty("emojiMd5")).str.to_lowercase().alias("media_hash"),
        pl.when(kind == str(Kind.TRANSFER)).then(plain_amount(money)).alias("amount"),
        pl.when(kind == str(Kind.TRANSFER)).then(pl.col("paySubType").replace_strict(_STATES, default=None, return_dtype=pl.String)).alias("payment_state"),
        pl.when(kind.is_in([str(Kind.TRANSFER)]) & (pl.col("transferId") != "")).then(pl.format("transfer:{}", "transferId")).alias("native_id"),
        pl.when(kind == str(Kind.FILE)).then(null_if_empty("title")).alias("file_name"),
        pl.when(kind == str(Kind.FILE)).then(pl.col("fileSize").cast(pl.Int64, strict=False)).alias("file_size"),
        # voicelength is in milliseconds, whatever the shown line says.
        pl.when(kind == str(Kind.VOICE)).then(pl.col("voiceLength").cast(pl.Float64, strict=False) / 1000).alias("duration"),
        null_if_empty("url").alias("url"),
        pl.when(~pl.col("quoteServerId").is_in(["", "0"])).then("quoteServerId").alias("reply_to"),
        pl.when(kind == str(Kind.QUOTE)).then(null_if_empty("quoteContent")).alias("quoted_text"),
        pl.when(kind == str(Kind.QUOTE)).then(null_if_empty("quoteTitle")).alias("raw_quoted_sender"),
        pl.when(kind != str(Kind.FILE)).then(null_if_empty("title")).alias("raw_title"),
        pl.when(kind.is_in([str(Kind.OTHER), str(Kind.LINK)])).then("type").alias("raw_type"),
    )  # fmt: skip


def _stated_filters(stated: Any, conversation: str | None) -> tuple[Filter, ...]:
    """The export's limits of time and kinds; empty where it states none."""
    if not isinstance(stated, dict):
        return ()
    first, last, types = stated.get("startTime"), stated.get("endTime"), stated.get("messageTypes")
    kinds = frozenset(k for t in types if (k := kind_of_name(str(t)))) if isinstance(types, list) else frozenset[Kind]()
    if not first and not last and not kinds:
        return ()
    return (Filter(unix_instant(first), unix_instant(last), kinds, conversation),)


def _text_chat(source: Source, name: str) -> Part:
    """The chat of a messages.txt."""
    text, notes = decode(source, name, source.read(name))
    lines = split_lines(text)
    heads = lines.str.contains(_TEXT_LINE)
    blocks = blocks_of(lines, heads)
    own = lines.filter(heads).str.extract(_TEXT_LINE, 0)
    notes += near_headings(lines, heads.arg_true(), name, own=own)
    head = dict(line.split(": ", 1) for line in lines.head(12) if ": " in line and not line.startswith("["))
    title, _, key = head.get("会话", "").rpartition(" (")
    account = head.get("账号", "")
    parts = blocks["header"].str.extract_groups(_TEXT_LINE).struct.unnest()
    first = blocks["header"].str.replace(_TEXT_LINE, "")
    body = pl.concat_str(
        pl.col("first"), pl.when(pl.col("body") != "").then(pl.lit("\n") + pl.col("body")), ignore_nulls=True
    )
    rows = pl.concat([blocks.select("line", "body"), first.alias("first").to_frame(), parts], how="horizontal")
    rows = rows.select("line", body.str.strip_chars_end("\n").alias("text"), pl.col("time").alias("sent_raw"), pl.col("name").alias("sender_name"),
                       pl.coalesce("account", "name").alias("sender"))  # fmt: skip
    told, notice = bodies_of(rows["text"]), rows["sender"].is_null()
    few = told.with_columns(pl.when(~notice).then(c).alias(c) for c in told.columns if c not in ("kind", "text"))
    rows = rows.with_columns(few).with_columns(
        pl.when(notice).then(notice_kind(pl.lit(rows["text"]))).otherwise("kind").alias("kind"),
        pl.when(notice).then(rows["text"]).otherwise("text").alias("text"),
    )
    is_private = account == "hidden"
    return Part(
        rows=rows, file=name, conversation=key.rstrip(")") or head.get("会话", ""), title=title or None, conversation_kind=kind_of_account(key.rstrip(")")),
        owner=Owner(id=None if is_private else account or None), filters=_head_filters(head, key.rstrip(")") or None),
        exported_at=times_of(pl.Series([head.get("导出时间", "")]), None)["sent_at"][0], notes=[*notes, *([Note(NoteCode.PRIVACY_MODE, name)] if is_private else [])],
    )  # fmt: skip


def _head_filters(head: dict[str, str], conversation: str | None) -> tuple[Filter, ...]:
    """The selection in a text's head: a range of times, open where it says 不限, and kinds."""
    first, _, last = head.get("时间范围", "").partition(" ~ ")
    ends = times_of(pl.Series([first.strip(), last.strip()]), None)["sent_at"]
    words = [w.strip() for w in head.get("消息类型", "").split(",")]
    kinds = frozenset(k for w in words if w and (k := kind_of_name(w)))
    return () if ends.is_null().all() and not kinds else (Filter(ends[0], ends[1], kinds, conversation),)


def _archive_facts(reading: Reading, manifests: Sequence[dict[str, Any]], options: ReadOptions) -> Any:
    """Facts of the reading with the manifests' last time of export, filters and number of messages."""
    stated = [f for m in manifests for f in _stated_filters(m.get("filters"), None)]
    times = times_of(pl.Series([str(m.get("exportedAt") or "") for m in manifests], dtype=pl.String), options.timezone)
    exported: datetime | None = times["sent_at"].max()  # type: ignore[assignment]
    return replace(
        reading.facts,
        filters=tuple(dict.fromkeys(reading.facts.filters or stated)),
        exported_at=exported or reading.facts.exported_at,
        stated_count=_stated_count(manifests) or reading.facts.stated_count,
    )


def _stated_count(manifests: Sequence[dict[str, Any]]) -> int | None:
    """The number of messages that all manifests state together; None where one states none."""
    stats = [object_of(m.get("stats")).get("messagesExported") for m in manifests]
    return sum(counts) if len(counts := [n for n in stats if isinstance(n, int)]) == len(stats) > 0 else None


def _check_count(reading: Reading, manifests: Sequence[dict[str, Any]]) -> list[Note]:
    """Note a number of messages other than the manifests', and the filters they state."""
    count, held = _stated_count(manifests), reading.messages.height
    differ = 0 if count is None else abs(count - held)
    return remarks(NoteCode.COUNT_MISMATCH, "manifest.json", f"{count} / {held}", differ) + [
        Note(NoteCode.FILTER_STATED, "", f"{f.from_at or '…'} – {f.to_at or '…'} {' '.join(sorted(f.kinds))}".strip())
        for f in reading.facts.filters
    ]


def _short_text(value: Any) -> str:
    return value[:200] if isinstance(value, str) else orjson.dumps(value)[:200].decode("utf-8", "replace")
