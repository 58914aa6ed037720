"""Magnet AXIOM reports: hits of message artifacts as XML, or as tables, one an artifact.

Producer: Magnet AXIOM Examine. Container: XML `Artifact@name/Hits/Hit/Fragment@name`; or CSV or XLSX with a column a
fragment. Encoding: UTF-8. Time zone: in the name of the time's fragment (`Message Sent Date/Time - UTC+00:00`), to the second.
Cannot say: server ids where no such fragment is chosen; whatever fragments the examiner left out; names of artifacts and
fragments follow the language of the program: English and Chinese ones are known.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note, Owner, ReadOptions, shorten_notes
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of, without_empty
from reconcile.intake.messages.naming import by_conversation, distinct_where
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW, TableHead, load_table, table_heads
from reconcile.intake.text.decode import head_text
from reconcile.intake.text.xml import elements, free
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import ConversationKind, NoteCode
from reconcile.wechat.client_sentences import sentence_kind, told_notice
from reconcile.wechat.clock_forms import times_of_forms
from reconcile.wechat.kind_names import kind_of_name, kinds_of_names, named_or_told
from reconcile.wechat.kinds import kind_from_text
from reconcile.wechat.stated_order import stated_order

_WECHAT = ("wechat", "微信", "weixin")
# Role -> fragment names in English and Chinese, without the zone in a time's name; the first that is present counts.
_NAMES: dict[str, tuple[str, ...]] = {
    "text": ("message", "body", "message body", "text", "content", "消息", "消息内容", "正文", "内容"),
    "time": ("message sent date/time", "sent date/time", "created date/time", "message date/time", "date/time", "timestamp date/time",
             "message received date/time", "received date/time", "发送日期/时间", "消息发送日期/时间", "消息日期/时间", "日期/时间"),
    "sender": ("sender", "sender id", "from", "sender(s)", "author", "发件人", "发送者", "发送人"),
    "sender_name": ("sender name", "sender display name", "sender nickname", "发件人姓名", "发送者名称"),
    "receiver": ("recipient(s)", "recipient", "recipient id", "receiver", "to", "收件人", "接收者", "接收人"),
    "chat": ("chat id", "conversation id", "thread id", "group id", "chat name", "group name", "会话id", "群组名称"),
    "id": ("message id", "server id", "message server id", "消息id"),
    "direction": ("direction", "message direction", "type", "方向"),
    "kind": ("message type", "content type", "消息类型"),
    "attachment": ("attachment name", "attachment(s)", "attachment", "file name", "附件", "文件名"),
    "method": ("recovery method", "恢复方法"),
}  # fmt: skip
_ZONE = lazy_pattern(r"\s*[-–]?\s*(?:\(?UTC ?([+-]\d{1,2}(?::?\d{2})?)?\)?)\s*(?:\([^)]*\))?\s*$", re.IGNORECASE)
_ZONED = lazy_pattern(r"(?:Date/Time|日期/时间)\s*[-–]\s*UTC", re.IGNORECASE)
_SELF = ("outgoing", "sent", "发出", "已发送", "传出")
_PEER = ("incoming", "received", "接收", "已接收", "传入")


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column holds what; `offset` is the zone in the time column's name (`+00:00`) or None."""

    columns: Mapping[str, str]
    offset: str | None

    @property
    def is_message(self) -> bool:
        """Whether the artifact has words, a time and a sender."""
        return {"text", "time"} <= self.columns.keys() and bool({"sender", "direction"} & self.columns.keys())


class AxiomXml(FileReader, form="axiom_xml"):
    """Reader of AXIOM's XML."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the beginning holds an Artifact with Hits of Fragments."""
        text = head_text(source, file)
        return "<Artifact " in text and "<Hit" in text and "<Fragment " in text

    def chats(self, source: Source, file: Path, options: ReadOptions) -> list[Part]:
        """The conversations of all message artifacts of one report."""
        name = source.relative(file)
        hits, twice = _hits(source, name)
        ours = [a for a in hits if any(w in a.lower() for w in _WECHAT)]
        notes = [Note(NoteCode.PART_UNSUPPORTED, name, a, len(hits[a])) for a in hits if ours and a not in ours]
        parts: list[Part] = []
        for artifact in ours or list(hits):
            rows = hits[artifact]
            names = list(dict.fromkeys(k for r in rows for k in r if k != "locator"))
            roles = _roles_of(names)
            if not roles.is_message:
                notes.append(Note(NoteCode.PART_UNSUPPORTED, name, artifact, len(rows)))
                continue
            table = pl.DataFrame({n: pl.Series([r.get(n) for r in rows], dtype=pl.String) for n in ("locator", *names)})
            parts += parts_of_hits(table, roles, name, options.timezone, options.owner)
        if not parts:
            raise UnreadableSource(
                source.path, f"{file}: no artifact of messages; there are {', '.join(list(hits)[:8]) or 'none'}"
            )
        parts[0].notes.extend([*notes, *twice])
        return parts


def _hits(source: Source, name: str) -> tuple[dict[str, list[dict[str, str]]], list[Note]]:
    """The fragments of all hits, grouped by artifact.

    A note reports each hit in which one name has several values.
    """
    found: dict[str, list[dict[str, str]]] = {}
    notes: list[Note] = []
    hits, artifact = None, ""
    for number, hit in enumerate(elements(source, name, ("Hit",)), 1):
        if next(hit.iterancestors("{*}Hit"), None) is not None:
            continue  # a stray element, whose fragments are the outer hit's
        if hit.getparent() is not hits:
            hits = hit.getparent()
            holder = hits
            while holder is not None and not holder.tag.endswith("Artifact"):
                holder = holder.getparent()
            artifact = (holder.get("name") if holder is not None else None) or ""
        row: dict[str, str] = {}
        # Includes fragments inside a stray element.
        for fragment in hit.iterdescendants("{*}*"):
            key, text = fragment.get("name") or "", fragment.text or ""
            if text and row.get(key, text) != text:
                notes.append(Note(NoteCode.ODD_VALUE, f"{name}#{number}", text[:200]))
            elif text or key not in row:
                row[key] = text
            # Text behind an element inside a fragment, or between two, belongs to no fragment.
            if fragment.tail and (words := fragment.tail.strip()):
                notes.append(Note(NoteCode.ODD_VALUE, f"{name}#{number}", words[:200]))
        row["locator"] = f"{name}#{number}"
        found.setdefault(artifact, []).append(row)
        free(hit)
    return found, notes


class AxiomCsv(FileReader, form="axiom_csv"):
    """Reader of AXIOM's tables."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the first row names message, sender and a time with its zone."""
        return bool(_message_heads(source, file))

    def chats(self, source: Source, file: Path, options: ReadOptions) -> list[Part]:
        """The conversations of all tables of one file."""
        heads = _message_heads(source, file)
        if not heads:
            raise UnreadableSource(source.path, f"{file}: expected {self.looked_for}")
        parts: list[Part] = []
        for head, _ in heads:
            table, notes = load_table(source, head, 0)
            locator = pl.format("{}{}", pl.lit(head.label), pl.col(ROW)).alias("locator")
            roles = _roles_of([c for c in table.columns if c not in (ROW, "locator")])
            named = [table.with_columns(locator).drop(ROW)]
            del table
            made = parts_of_hits(named.pop(), roles, head.name, options.timezone, options.owner)
            made[0].notes.extend(notes)
            parts += made
        return parts


def _message_heads(source: Source, file: Path) -> list[tuple[TableHead, Roles]]:
    """Tables of the file that hold messages, each with the roles of its columns."""
    found = []
    for head in table_heads(source, file):
        if head.rows and any(_ZONED.search(c) for c in head.rows[0]):
            roles = _roles_of(list(head.rows[0]))
            if roles.is_message:
                found.append((head, roles))
    return found


def _roles_of(names: list[str]) -> Roles:
    """The roles of an artifact's fragment names."""
    bare = {_ZONE.sub("", n).strip().lower(): n for n in reversed(names)}
    columns = {role: bare[n] for role, known in _NAMES.items() for n in reversed(known) if n in bare}
    zone = _ZONE.search(columns.get("time", ""))
    found = zone[1] if zone and zone[0].strip() else None
    offset = None if zone is None or not zone[0].strip() else _iso_offset(found)
    return Roles(columns, offset)


def parts_of_hits(table: pl.DataFrame, roles: Roles, file: str, timezone: str | None, owner: str | None) -> list[Part]:
    """The hits' conversations. Needs a column `locator`; every other column is text."""
    methods = _words(table, roles, "method")
    unknown = _unknown_kinds(table, roles, file)
    rows = _message_rows(table, roles, timezone)
    # Free the cells once the rows are made; the caller must not hold them either.
    del table
    notes = unknown + notes_of(NoteCode.BAD_TIME, rows.filter(pl.col("sent_at").is_null()), excerpt="sent_raw")
    if "method" in roles.columns:
        words = [w for w in methods if w.lower() in ("carving", "carved", "雕刻")]
        carved = rows.filter(pl.col("raw_method").is_in(words)) if words else rows.clear()
        notes += notes_of(NoteCode.DELETION_RECORD, carved, excerpt="text", most=20)
    owner = owner or _only_own_sender(rows)
    rows = rows.with_columns(_conversation(rows, owner).alias("conversation"))
    if rows.is_empty():
        return [Part(rows.drop("receiver", "chat"), file, owner=Owner(id=owner), notes=notes)]
    parts: list[Part] = []
    for key, said in by_conversation(rows):
        is_direct = owner is not None and set(said["sender"].drop_nulls().unique().to_list()) <= {owner, key}
        parts.append(Part(
            rows=said.drop("receiver", "chat"), file=file, conversation=key, conversation_kind=ConversationKind.DIRECT if is_direct else None,
            owner=Owner(id=owner), peer=key if is_direct and key else None, notes=notes if not parts else [],
        ))  # fmt: skip
    return parts


def _iso_offset(text: str | None) -> str:
    """The stated offset as ±hh:mm; without one, +00:00."""
    if not text:
        return "+00:00"
    sign, digits = text[0], text[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
    return f"{sign}{hours.zfill(2)}:{minutes}"


def _message_rows(table: pl.DataFrame, roles: Roles, timezone: str | None) -> pl.DataFrame:
    """Messages in the columns of a part; columns without a role are kept as raw_*."""

    def role_column(role: str) -> pl.Expr:
        """The column of a role, empty texts as null; all null where no column has the role."""
        name = roles.columns.get(role)
        return without_empty(table[name]) if name else pl.lit(None, dtype=pl.String)

    is_self = {
        w: own
        for w in _words(table, roles, "direction")
        for own, known in ((True, _SELF), (False, _PEER))
        if w.lower() in known
    }
    direction = role_column("direction").replace_strict(is_self, default=None, return_dtype=pl.Boolean)
    rest = [pl.col(c).alias(f"raw_{c}") for c in table.columns if c != "locator" and c not in roles.columns.values()]
    stamp = role_column("time") + pl.lit(roles.offset) if roles.offset else role_column("time")
    kind_names = (
        table[roles.columns["kind"]] if "kind" in roles.columns else pl.Series([None] * table.height, dtype=pl.String)
    )
    rows = table.with_columns(kinds_of_names(kind_names).alias("named")).select(
        "locator",
        "named",
        role_column("text").fill_null("").alias("text"),
        stamp.alias("sent_raw"),
        role_column("sender").alias("sender"),
        role_column("sender_name").alias("sender_name"),
        role_column("receiver").alias("receiver"),
        role_column("chat").alias("chat"),
        role_column("id").alias("message_id"),
        role_column("attachment").alias("raw_attachment"),
        role_column("method").alias("raw_method"),
        (direction if is_self else pl.lit(None, dtype=pl.Boolean)).alias("is_self"),
        *rest,
    )
    times = times_of_forms(rows["sent_raw"], timezone, day_first=stated_order(roles.columns.get("time", "")))
    named = rows["named"]
    kind = named_or_told(named, rows["text"], kind_from_text(pl.col("text")))
    kind = kind.set(kind.is_null() & rows["raw_attachment"].is_not_null(), "file")
    kind = named_or_told(kind, rows["text"], pl.coalesce(sentence_kind(pl.col("text")), pl.lit("text")))
    rows = pl.concat([rows, times], how="horizontal").with_columns(kind.alias("kind")).drop("named")
    return rows.with_columns(told_notice(pl.col("kind"), pl.col("text")).alias("kind"))


def _words(table: pl.DataFrame, roles: Roles, role: str) -> list[str]:
    """The different words of a role's column, where there is one."""
    name = roles.columns.get(role)
    return table[name].drop_nulls().unique().to_list() if name else []


def _unknown_kinds(table: pl.DataFrame, roles: Roles, file: str) -> list[Note]:
    """A note for each unknown name of a kind; misplaced words may stand there."""
    odd = [w for w in _words(table, roles, "kind") if w.strip() and not w.strip().isdigit() and kind_of_name(w) is None]
    if not odd:
        return []
    counts = table[roles.columns["kind"]].value_counts().filter(pl.nth(0).is_in(odd)).sort(pl.nth(0))
    return shorten_notes(
        [Note(NoteCode.UNKNOWN_KIND, file, str(name)[:200], count) for name, count in counts.iter_rows()]
    )


def _only_own_sender(rows: pl.DataFrame) -> str | None:
    """The one sender of the owner's rows; null if there are none or several."""
    own = distinct_where(rows, "sender", pl.col("is_self"))
    return own[0] if len(own) == 1 else None


def _conversation(rows: pl.DataFrame, owner: str | None) -> pl.Expr:
    """The chat's name, else the peer; notices without sender and receiver follow the row before them."""
    peer = pl.when(pl.col("sender") == pl.lit(owner, dtype=pl.String)).then("receiver").otherwise("sender")
    pair = pl.concat_str(
        pl.min_horizontal("sender", "receiver"), pl.max_horizontal("sender", "receiver"), separator=" – "
    )
    only = pl.lit("")
    told = pl.coalesce("chat", peer if owner else (pair if rows["receiver"].null_count() < rows.height else only))
    return told.forward_fill().backward_fill().fill_null("")
