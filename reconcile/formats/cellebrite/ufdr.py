"""Cellebrite UFED report: `report.xml`, the `.ufdr` archive that holds it, or its unpacked folder.

Producer: Cellebrite Physical Analyzer / Reader. Container: XML of namespace http://pa.cellebrite.com/report/2.0: chats with
their participants and instant messages. Encoding: UTF-8. Time zone: offset in each time.
Cannot say: server ids where the app's parser did not fill Identifier; WeChat's own kinds beyond attachments, contacts,
positions and bodies; amounts of payments that the body does not show. Rows of deleted_state other than Intact are recovered.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Claim, Device, Note, Owner, Reading, ReadOptions, remarks
from reconcile.intake.form import Form
from reconcile.intake.frames import notes_of
from reconcile.intake.messages.parts import Part, reading_of_parts
from reconcile.intake.source import Source
from reconcile.intake.text.xml import elements, free
from reconcile.vocabulary import ConversationKind, Kind, NoteCode, Status
from reconcile.wechat.client_sentences import notice_kind
from reconcile.wechat.clock_forms import times_of_forms
from reconcile.wechat.kind_names import kind_of_body, kind_of_name

SPACE = b"pa.cellebrite.com/report/"
_WECHAT = ("wechat", "微信", "weixin", "com.tencent.mm", "com.tencent.xin")
_TYPES = {"image": Kind.IMAGE, "video": Kind.VIDEO, "audio": Kind.VOICE}
_STATUS = {"Unsent": Status.FAILED, "Sent": Status.SENT, "Sending": Status.SENDING}
_ROW: dict[str, type[pl.DataType]] = {
    "locator": pl.String, "text": pl.String, "sender": pl.String, "sender_name": pl.String, "is_self": pl.Boolean, "sent_raw": pl.String,
    "message_id": pl.String, "told_kind": pl.String, "file_name": pl.String, "media_hash": pl.String, "reply_to": pl.String,
    "quoted_text": pl.String, "status": pl.String, "deleted": pl.String, "raw": pl.String, "chat": pl.UInt32, "receiver": pl.String,
}  # fmt: skip
_FIELDS = ("field", "modelfield", "multimodelfield")
_PIECE = 20_000
# Most distinct owner marks that are listed; the rest are counted.
_MOST_MARKS = 20
# Fields of a message that contain another message.
_QUOTES = ("EmbeddedMessage", "QuotedMessage", "OriginalMessage")


@dataclass
class _Chat:
    """What a chat states apart from its messages."""

    id: str | None = None
    name: str | None = None
    source: str | None = None
    parties: list[tuple[str | None, str | None, bool]] = field(default_factory=list)


@dataclass
class _Report:
    """What has been read of the report so far."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    chats: list[_Chat] = field(default_factory=lambda: [_Chat()])
    device: dict[str, str] = field(default_factory=dict)
    version: str | None = None
    pending: int = 0
    count: int = 0
    odd: list[Note] = field(default_factory=list)
    owner_marks: Counter[str] = field(default_factory=Counter)

    def flush(self, least: int) -> None:
        """Move the collected rows into a frame if there are at least `least` of them."""
        if len(self.rows) >= least:
            self.frames.append(pl.DataFrame(self.rows, schema=_ROW, orient="row"))
            self.rows = []


class CellebriteUfdr(Form, form="cellebrite_ufdr"):
    """Reader of Cellebrite's report."""

    def sniff(self, source: Source) -> Claim:
        """Certain of a report.xml whose root is Cellebrite's project."""
        name = _report_name(source)
        if name is not None:
            return Claim("certain", "report.xml of namespace pa.cellebrite.com/report")
        return Claim("none", "looked for report.xml of namespace pa.cellebrite.com/report")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """The report's WeChat conversations, or all where none is named so; other apps are noted."""
        name = _report_name(source)
        if name is None:
            raise UnreadableSource(source.path, f"{source.path}: holds no report.xml of Cellebrite's")
        report = _read_report(source, name)
        table = pl.concat(report.frames) if report.frames else pl.DataFrame(schema=_ROW)
        chosen, notes = _wechat_chats(report, name)
        table, more = _place_messages_without_app(table, report, chosen, name)
        notes += more
        notes += report.odd
        # A mark that says neither yes nor no leaves its party's ownership unknown.
        marks = report.owner_marks.most_common()
        notes += [Note(NoteCode.ODD_VALUE, f"{name}#IsPhoneOwner", mark, count) for mark, count in marks]
        owner = _report_owner(report, chosen, options)
        parts = [_chat_part(table.filter(pl.col("chat") == i), report.chats[i], name, owner, options) for i in chosen]
        parts = [p for p in parts if p.rows.height]
        if not parts:
            raise UnreadableSource(source.path, f"{source.path}: {name} holds no instant messages")
        reading = reading_of_parts(self, parts, options, notes)
        return replace(
            reading, facts=replace(reading.facts, device=_report_device(report), tool_version=report.version)
        )


def _report_name(source: Source) -> str | None:
    """Name of the report's XML, nearest to the top first; null where no file begins as a report."""
    names = [n for n in source.names if n.lower().endswith(".xml")] if source.is_file and not source.is_archive else []
    names += [n for n in source.names if PurePosixPath(n).name.lower() == "report.xml" and n not in names]
    return next((n for n in sorted(names, key=lambda n: (n.count("/"), n)) if SPACE in source.peek(n, 8192)), None)


def _read_report(source: Source, name: str) -> _Report:
    """Read all models of the report element by element, so that memory stays small."""
    report = _Report()
    for element in elements(source, name, ("model", "item", "file", "MODEL", "Model")):
        tag = element.tag.rpartition("}")[2].lower()
        parent = element.getparent()
        if report.version is None:
            report.version = element.getroottree().getroot().get("reportVersion")
        if tag == "item":
            report.device.setdefault(element.get("name") or "", (element.text or "").strip())
        if tag != "model":
            free(element)
            continue
        holder = parent.get("name") if parent is not None else None
        is_top = parent is not None and parent.tag.lower().endswith("}modeltype")
        kind = element.get("type")
        if kind == "InstantMessage" and (holder == "Messages" or is_top):
            report.rows.append(_message_row(element, name, report, in_chat=not is_top))
            report.pending += not is_top
            free(element)
            report.flush(_PIECE)
        elif (holder == "Messages") != (kind == "InstantMessage") and holder not in _QUOTES:
            report.odd.append(
                Note(NoteCode.ROW_SKIPPED, f"{name}#{element.get('id') or ''}"[:200], f"{holder}: {kind}"[:200])
            )
        elif is_top:
            if kind == "Chat" or report.pending:
                # Messages under another element do not belong to the chat behind them.
                report.chats.append(_chat_of(element, report) if kind == "Chat" else _Chat())
            report.pending = 0
            free(element)
    if report.pending:
        report.chats.append(_Chat())
    report.flush(1)
    return report


def _message_row(model: Any, name: str, report: _Report, *, in_chat: bool) -> tuple[Any, ...]:
    """One InstantMessage as a tuple in the order of the columns; odd values are noted."""
    values, models = _fields(model)
    report.odd += [
        Note(NoteCode.ODD_VALUE, f"{name}#{model.get('id') or ''}"[:200], said) for said in _stray_values(model)
    ]
    sender = _party_of(models.get("From"), report)
    receivers = [p for m in models.get("To") or [] if (p := _party_of([m], report))]
    attachments = [_fields(a)[0] for a in models.get("Attachments") or []]
    first = attachments[0] if attachments else {}
    quoted = next(
        (_fields(q)[0] for n in _QUOTES for q in models.get(n) or []),
        {},
    )
    state = model.get("deleted_state")
    identifier, original = values.get("Identifier"), values.get("OriginalMessageID")
    report.count += 1
    rest: dict[str, Any] = {k: v for k, v in values.items() if k not in ("Body", "TimeStamp", "Identifier") and v}
    if state not in (None, "Intact"):
        rest["deleted_state"] = state
    if len(attachments) > 1 or first:
        rest["attachments"] = [a.get("Filename") or a.get("Title") for a in attachments]
    return (
        f"{name}#{model.get('id') or report.count}", values.get("Body") or "", sender and sender[0], sender and sender[1],
        True if sender and sender[2] else None, values.get("TimeStamp"), identifier if _is_id(identifier) else None,
        _message_kind(values, models, attachments), first.get("Filename") or first.get("Title"), (first.get("MD5") or "").lower() or None,
        original if _is_id(original) else None, quoted.get("Body"), _STATUS.get(values.get("Status") or ""), state,
        orjson.dumps(rest).decode() if rest else None, len(report.chats) if in_chat else 0, receivers[0][0] if receivers else None,
    )  # fmt: skip


def _is_id(value: str | None) -> bool:
    return value is not None and value.isascii() and value.isdigit() and 12 <= len(value) <= 20


def _fields(model: Any) -> tuple[dict[str, str], dict[str, list[Any]]]:
    """Plain fields of a model, and the models nested in its other fields, both by name."""
    values: dict[str, str] = {}
    models: dict[str, list[Any]] = {}
    for part in model:
        # A report that another program rewrote may have its names in capitals.
        kind = part.tag.rpartition("}")[2].lower()
        if kind == "field":
            # The value is the only one in its field, even with a field nested inside.
            value = next((v.text for v in part.iterdescendants("{*}*") if v.text), None)
            if value:
                values[part.get("name") or ""] = value
        elif kind in _FIELDS:
            models[part.get("name") or ""] = list(_model_children(part))
    return values, models


def _stray_values(model: Any) -> list[str]:
    """Texts of a message that belong to no field's single value, and values of fields that appear twice.

    A sound report has neither.
    """
    models = (m for m in model.iter("{*}*") if m.tag.rpartition("}")[2].lower() == "model")
    return [words[:200] for m in models for words in _stray_texts(m)]


def _stray_texts(model: Any) -> Iterator[str]:
    """Texts that stand outside the fields that are read."""
    seen: dict[str | None, str] = {}
    for part in model:
        kind = part.tag.rpartition("}")[2].lower()
        if kind not in _FIELDS:
            yield from _words_in_line("".join(part.itertext()))
        elif kind == "field":
            texts = [t for t in part.itertext() if not t.isspace()]
            # Only the first value is read.
            if len(texts) > 1 or (texts and not any(v.text for v in part.iterdescendants("{*}*"))):
                yield from _words_in_line(" ".join(texts))
            elif texts and seen.setdefault(part.get("name"), texts[0]) != texts[0]:
                yield from _words_in_line(f"{seen[part.get('name')]} {texts[0]}")
        else:
            yield from _words_in_line(part.text)
            yield from (w for m in part for w in _words_in_line(m.tail))
        yield from _words_in_line(part.tail)
    yield from _words_in_line(model.text)


def _words_in_line(text: str | None) -> list[str]:
    """The words in one line; empty where there are none."""
    return [words] if text and (words := " ".join(text.split())) else []


def _model_children(part: Any) -> Iterator[Any]:
    return (m for m in part if m.tag.lower().endswith("}model"))


def _party_of(models: list[Any] | None, report: _Report) -> tuple[str | None, str | None, bool] | None:
    """Account, name and mark of the phone's owner of the first party; null without one."""
    if not models:
        return None
    values, _ = _fields(models[0])
    mark = (values.get("IsPhoneOwner") or "").strip()
    if mark.lower() not in ("", "true", "false"):
        marks = report.owner_marks
        marks[mark[:200] if mark[:200] in marks or len(marks) < _MOST_MARKS else "…"] += 1
    return values.get("Identifier") or values.get("Name"), values.get("Name"), mark.lower() == "true"


def _message_kind(
    values: dict[str, str], models: dict[str, list[Any]], attachments: list[dict[str, str]]
) -> str | None:
    """Kind by the stated type, then by what is attached; null where only the text can tell."""
    named = kind_of_name(values.get("Type") or "")
    if named is not None and named is not Kind.TEXT:
        return str(named)
    if models.get("SharedContacts"):
        return str(Kind.CARD)
    if models.get("Position"):
        return str(Kind.LOCATION)
    if attachments:
        return str(_TYPES.get((attachments[0].get("ContentType") or "").partition("/")[0].lower(), Kind.FILE))
    return None


def _chat_of(model: Any, report: _Report) -> _Chat:
    values, models = _fields(model)
    parties = [p for m in models.get("Participants") or [] if (p := _party_of([m], report))]
    return _Chat(values.get("Id"), values.get("Name"), values.get("Source") or values.get("Application"), parties)


def _wechat_chats(report: _Report, name: str) -> tuple[list[int], list[Note]]:
    """Indexes of WeChat's chats, or of all if none names WeChat; other apps' are noted."""

    def is_wechat(chat: _Chat) -> bool:
        return any(w in (chat.source or "").lower() for w in _WECHAT)

    ours = [i for i, c in enumerate(report.chats) if is_wechat(c)]
    if not ours:
        return list(range(len(report.chats))), []
    left: dict[str, int] = {}
    for chat in report.chats[1:]:
        if not is_wechat(chat) and chat.source is not None:
            left[chat.source] = left.get(chat.source, 0) + 1
    return ours, [
        Note(NoteCode.PART_UNSUPPORTED, name, f"chats of {app}", n, said=True) for app, n in sorted(left.items())
    ]


def _place_messages_without_app(
    table: pl.DataFrame, report: _Report, chosen: list[int], name: str
) -> tuple[pl.DataFrame, list[Note]]:
    """Move WeChat messages of chats that name no app to the first chosen chat; note the others."""
    bare = [i for i in sorted({*range(len(report.chats))} - {*chosen}) if report.chats[i].source is None]
    is_bare = pl.col("chat").is_in(bare)
    stray = table.filter(is_bare)
    if stray.is_empty():
        return table, []
    ours = stray.filter(pl.col("raw").fill_null("").str.contains_any(list(_WECHAT), ascii_case_insensitive=True))
    if ours.height:
        chosen.insert(0, 0)
    table = pl.concat([ours.with_columns(pl.lit(0, pl.UInt32).alias("chat")), table.filter(~is_bare)])
    left = stray.height - ours.height
    return table, remarks(NoteCode.PART_UNSUPPORTED, name, "chats of ?", left)


def _report_owner(report: _Report, chosen: list[int], options: ReadOptions) -> Owner:
    """The only party marked as owner in the chosen chats, unless the user names the owner."""
    owners = {(i, n) for c in chosen for i, n, own in report.chats[c].parties if own and i}
    ids = {i for i, _ in owners}
    if options.owner or len(ids) != 1:
        return Owner(id=options.owner)
    return Owner(id=ids.pop(), name=next((n for _, n in owners if n), None))


def _chat_part(rows: pl.DataFrame, chat: _Chat, name: str, owner: Owner, options: ReadOptions) -> Part:
    """One chat as a part, with senders, kinds and times; recovered messages are noted."""
    others = [(i, n) for i, n, own in chat.parties if not own and i != owner.id and i]
    is_direct = len(others) == 1 and not (chat.id or "").endswith("@chatroom")
    key = others[0][0] if is_direct else (chat.id or chat.name or "")
    rows = _unique_locators(rows.with_row_index("at", offset=1))
    rows = rows.with_columns(pl.col("sent_raw").str.replace(r"\.0+(Z|[+-]|$)", "${1}"))
    rows = pl.concat([rows, times_of_forms(rows["sent_raw"], options.timezone)], how="horizontal")
    own = pl.col("sender") == pl.lit(owner.id, dtype=pl.String)
    # The owner is known by the party's own mark first, then by the account.
    rows = rows.with_columns(pl.coalesce("is_self", pl.when(pl.lit(owner.id is not None)).then(own)).alias("is_self"))
    is_system = pl.col("sender").is_in(["System Message", "System", "系统消息"]) | pl.col("sender").is_null()
    shown = pl.coalesce("told_kind", kind_of_body(pl.col("text")))
    rows = rows.with_columns(
        pl.when(is_system & (pl.col("told_kind").is_null()))
        .then(notice_kind(pl.col("text")))
        .otherwise(shown)
        .alias("kind")
    )
    quoted = pl.col("quoted_text").is_not_null() & (pl.col("kind") == "text")
    is_file = pl.col("kind") == str(Kind.FILE)
    rows = rows.with_columns(
        pl.when(quoted).then(pl.lit("quote")).otherwise("kind").alias("kind"),
        pl.when(is_file).then("file_name").alias("file_name"),
    )
    notes = notes_of(NoteCode.BAD_TIME, rows.filter(pl.col("sent_at").is_null()), excerpt="sent_raw")
    recovered = rows.filter(~pl.col("deleted").is_in(["Intact"]) & pl.col("deleted").is_not_null())
    notes += notes_of(NoteCode.DELETION_RECORD, recovered, excerpt="text", most=20)
    people = [{"id": i, "nickname": n} for i, n, _ in chat.parties if i]
    return Part(
        rows=rows.drop("told_kind", "deleted", "chat", "receiver", "at"),
        file=name,
        conversation=key or "",
        title=chat.name or (others[0][1] if is_direct else None),
        conversation_kind=(ConversationKind.DIRECT if is_direct else ConversationKind.GROUP) if chat.parties else None,
        member_count=len(chat.parties) or None,
        owner=owner,
        peer=key if is_direct else None,
        contacts=people,
        members=[] if is_direct else [{"group_id": key, "member_id": i, "name": n} for i, n, _ in chat.parties if i],
        notes=notes,
    )


def _unique_locators(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the row's number to a locator that an earlier row already has."""
    again = pl.col("locator").is_first_distinct()
    return rows.with_columns(
        pl.when(again).then("locator").otherwise(pl.format("{}~{}", "locator", "at")).alias("locator")
    )


def _report_device(report: _Report) -> Device:
    def first_stated(*names: str) -> str | None:
        return next((v for n in names if (v := report.device.get(n))), None)

    return Device(
        make=first_stated("DeviceInfoDetectedManufacturer", "DeviceInfoSelectedManufacturer"),
        model=first_stated("DeviceInfoDetectedModel", "DeviceInfoSelectedDeviceName"),
        serial=first_stated("DeviceInfoUnitIdentifier", "DeviceInfoSerial", "IMEI"),
        os=first_stated("DeviceInfoOSVersion", "DeviceInfoOSType"),
    )
