"""CASE/UCO JSON-LD: messages, accounts and threads of a graph of observables.

Producer: forensic tools and converters that speak CASE. Container: JSON-LD with `@graph`; messages bear a MessageFacet,
order and chats stand in MessageThreadFacet. Encoding: UTF-8. Time zone: xsd:dateTime with offset.
Cannot say: direction and owner, for which the ontology has no property; server ids unless messageID holds them; WeChat's own
kinds beyond messageType and bodies.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note, ReadOptions, remarks, shorten_notes
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.client_sentences import notice_kind
from reconcile.wechat.clock_forms import times_of_forms
from reconcile.wechat.kind_names import kind_of_name
from reconcile.wechat.kinds import kind_of_placeholder
from reconcile.wechat.text import whole_number

_MESSAGES = ("Message", "SMSMessage", "InstantMessage")
_NAMES = ("displayName", "accountIdentifier", "phoneNumber", "userName", "name", "contactID")
_IDS = ("accountIdentifier", "phoneNumber", "userName", "contactID", "displayName", "name")
_ID = lazy_pattern(r"^[0-9]{12,20}$")
_ROW: dict[str, type[pl.DataType]] = {
    "line": pl.UInt32, "locator": pl.String, "kind": pl.String, "text": pl.String, "sender": pl.String, "sender_name": pl.String, "sent_raw": pl.String,
    "message_id": pl.String, "conversation": pl.String, "place": pl.Int64, "raw_application": pl.String, "raw_id": pl.String,
    "raw_other": pl.String,
}  # fmt: skip

Node = Mapping[str, Any]


@dataclass
class _Graph:
    """The nodes that concern messages."""

    messages: list[Node] = field(default_factory=list)
    threads: list[Node] = field(default_factory=list)
    others: dict[str, Node] = field(default_factory=dict)
    strangers: list[Node] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


# Properties of a message and its facets in UCO's observable, core and identity ontologies.
_KNOWN = frozenset((
    "@id", "@type", "@context", "hasFacet", "allowedValue", "application", "attachment", "comment", "conversationID", "createdBy", "createdTime", "description", "endTime",
    "externalReference", "from", "hashes", "hasChanged", "id", "identifier", "isRead", "label", "message", "messageID", "messageText", "messageType", "modifiedTime", "modifyTime",
    "name", "objectCreatedTime", "objectMarking", "objectModifiedTime", "objectStatus", "observableCreatedTime", "observableModifiedTime", "participant", "receivedTime",
    "sentTime", "sessionID", "specVersion", "startTime", "state", "status", "tag", "thread", "threadID", "to", "type", "visibility",
))  # fmt: skip
# Words that no client shows are kept in the row.
_WORDS = ("comment", "description", "label", "name", "state", "status", "tag")
# Properties that only a message has, whatever the type of its node.
_OF_MESSAGES = frozenset(("messageText", "messageID", "sentTime"))


class CaseUcoJsonld(FileReader, form="case_uco_jsonld"):
    """Reader of CASE/UCO graphs."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the beginning names the ontology and a graph."""
        head = source.head(file)
        return b'"@graph"' in head and (b"unifiedcyberontology.org" in head or b"uco-observable" in head)

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """The messages of one graph."""
        name = source.relative(file)
        graph = _read_graph(source, name)
        if not graph.messages:
            raise UnreadableSource(source.path, f"{file}: the graph holds no messages")
        places, titles = _threads(graph)
        rows = pl.DataFrame(
            [_message_row(i, m, graph, places, name) for i, m in enumerate(graph.messages, 1)],
            schema=_ROW,
            orient="row",
        )
        rows = pl.concat(
            [rows, times_of_forms(rows["sent_raw"].str.replace(r"\.0+(Z|[+-]|$)", "${1}"), options.timezone)],
            how="horizontal",
        )
        rows = rows.with_columns(
            pl.when(pl.col("kind") == str(Kind.SYSTEM))
            .then(notice_kind(pl.col("text")))
            .otherwise("kind")
            .alias("kind")
        )
        rows = rows.sort("conversation", "place", "sent_at", "line", nulls_last=True)
        notes = [*graph.notes, *_not_read(graph, places, name)]
        notes += notes_of(NoteCode.BAD_TIME, rows.filter(pl.col("sent_at").is_null()), excerpt="text")
        notes += _strange_properties(graph, name)
        bare = rows.filter((pl.col("kind") == str(Kind.OTHER)) & (pl.col("text") == ""))
        notes += remarks(NoteCode.BROKEN_BODY, name, "messages without a MessageFacet", bare.height)
        people = (
            rows.filter(pl.col("sender").is_not_null())
            .select(pl.col("sender").alias("id"), pl.col("sender_name").alias("nickname"))
            .unique("id", keep="first", maintain_order=True)
        )
        keys = rows["conversation"].unique(maintain_order=True).to_list()
        return Part(
            rows=rows.drop("place"), file=name, conversation=keys[0], title=titles.get(keys[0]) if len(keys) == 1 else None,
            contacts=people.to_dicts(), notes=notes,
        )  # fmt: skip


def _read_graph(source: Source, name: str) -> _Graph:
    """Sort the nodes of @graph into messages, threads and others; raises where there is no @graph."""
    graph = _Graph()
    array = JsonArray(source, name, "@graph")
    for piece in array.pieces():
        for node in piece:
            kinds = {_local_name(t) for t in _as_list(node.get("@type"))}
            if kinds & set(_MESSAGES):
                graph.messages.append(node)
            elif "MessageThread" in kinds:
                graph.threads.append(node)
            elif any(k.endswith(("Account", "Application", "Person", "Identity", "Organization")) for k in kinds):
                graph.others[str(node.get("@id"))] = node
            elif "MessageFacet" in str(node) or _plain(node).keys() & _OF_MESSAGES:
                graph.strangers.append(node)
    graph.notes += remarks(NoteCode.ROW_SKIPPED, name, "members that are no object", array.odd_members)
    if not array.found:
        raise UnreadableSource(source.path, f"{source.path}: {name} holds no @graph")
    return graph


def _not_read(graph: _Graph, places: dict[str, tuple[str, int]], name: str) -> list[Note]:
    """Notes on nodes that look like messages without that type, and on listed messages that are absent."""
    held = {str(n.get("@id")) for n in graph.messages}
    strange = {str(n.get("@id")) for n in graph.strangers}
    notes = [Note(NoteCode.ROW_SKIPPED, f"{name}#{n.get('@id')}"[:200], str(n)[:200]) for n in graph.strangers]
    return notes + [
        Note(NoteCode.MEMBER_MISSING, f"{name}#{ref}"[:200], "listed in a thread; not in the graph", said=True)
        for ref in sorted(places.keys() - held - strange)
    ]


def _local_name(name: Any) -> str:
    """Return the last part of a name such as uco-observable:Message or https://…/Message."""
    return re.split(r"[:/#]", str(name))[-1]


def _as_list(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty list, any other value alone in a list."""
    return value if isinstance(value, list) else ([] if value is None else [value])


def _plain(node: Node) -> dict[str, Any]:
    """A node's properties and those of its facets, by local name; the first that is there counts."""
    found: dict[str, Any] = {}
    for holder in (
        node,
        *(f for k, v in node.items() if _local_name(k) == "hasFacet" for f in _as_list(v) if isinstance(f, dict)),
    ):
        for key, value in holder.items():
            found.setdefault(_local_name(key), value)
    return found


def _text_value(value: Any) -> str | None:
    """Return a value or its @value as text; null for objects, lists and the empty text."""
    if isinstance(value, dict):
        value = value.get("@value")
    return str(value) if isinstance(value, str | int) and str(value) else None


def _ids_referred_to(value: Any) -> list[str]:
    return [str(v["@id"]) for v in _as_list(value) if isinstance(v, dict) and "@id" in v]


def _first_value(graph: _Graph, reference: str | None, names: tuple[str, ...]) -> str | None:
    """Return the first of the named values of the referenced node; null without one."""
    node = graph.others.get(reference or "")
    plain = _plain(node) if node else {}
    return next((v for n in names if (v := _text_value(plain.get(n)))), None)


def _threads(graph: _Graph) -> tuple[dict[str, tuple[str, int]], dict[str, str]]:
    """Message -> (thread, place in it), and the threads' titles."""
    places: dict[str, tuple[str, int]] = {}
    titles: dict[str, str] = {}
    for thread in graph.threads:
        plain = _plain(thread)
        key = _text_value(plain.get("identifier")) or str(thread.get("@id"))
        if name := _text_value(plain.get("name")):
            titles[key] = name
        inner = plain.get("messageThread")
        listed = _plain(inner) if isinstance(inner, dict) else plain
        items = [i for i in _as_list(listed.get("item")) if isinstance(i, dict)]
        for item in items:
            own = _plain(item)
            index = _text_value(own.get("index"))
            for ref in _ids_referred_to(own.get("itemContent")):
                places[ref] = (key, whole_number(index or "") or 0)
        for n, ref in enumerate(_ids_referred_to(listed.get("element")), 1):
            places.setdefault(ref, (key, n))
    return places, titles


def _message_row(line: int, node: Node, graph: _Graph, places: dict[str, tuple[str, int]], name: str) -> dict[str, Any]:
    """One message as a row; thread and place come from places, by the node's id."""
    plain = _plain(node)
    sender = next(iter(_ids_referred_to(plain.get("from"))), None)
    receivers = _ids_referred_to(plain.get("to"))
    account = _first_value(graph, sender, _IDS) or sender
    thread = places.get(str(node.get("@id")))
    parties = sorted(filter(None, (account, *(_first_value(graph, r, _IDS) or r for r in receivers[:1]))))
    identifier = _text_value(plain.get("messageID"))
    return {
        "line": line, "locator": f"{name}#{line}", "kind": _message_kind(plain), "text": _text_value(plain.get("messageText")) or "", "sender": account,
        "sender_name": _first_value(graph, sender, _NAMES), "sent_raw": _text_value(plain.get("sentTime")), "message_id": identifier if identifier and _ID.match(identifier) else None,
        "conversation": thread[0] if thread else (_text_value(plain.get("sessionID")) or " – ".join(parties)), "place": thread[1] if thread else None,
        "raw_application": _first_value(graph, next(iter(_ids_referred_to(plain.get("application"))), None), ("name", "applicationIdentifier")), "raw_id": str(node.get("@id") or ""),
        "raw_other": "\n".join(f"{k}: {v}" for k in _WORDS if (v := _text_value(plain.get(k)))) or None,
    }  # fmt: skip


def _strange_properties(graph: _Graph, name: str) -> list[Note]:
    """Notes on properties of messages that no reader knows, and on words of another type."""
    counts: Counter[str] = Counter()
    words = 0
    for node in graph.messages:
        plain = _plain(node)
        counts.update(plain.keys() - _KNOWN)
        words += bool(plain.get("messageText")) and _text_value(plain["messageText"]) is None
    kinds = Counter(
        k for n in graph.messages if (k := _text_value(_plain(n).get("messageType"))) and kind_of_name(k) is None
    )
    notes = shorten_notes([Note(NoteCode.UNKNOWN_KIND, name, k[:200], n) for k, n in sorted(kinds.items())])
    notes += shorten_notes([Note(NoteCode.COLUMN_UNKNOWN, name, key[:200], n) for key, n in sorted(counts.items())])
    return notes + (remarks(NoteCode.ODD_VALUE, name, "messageText is no text", words))


def _message_kind(plain: dict[str, Any]) -> str:
    """Kind by the stated messageType, then by the text; other without text and time."""
    text = _text_value(plain.get("messageText")) or ""
    named = kind_of_name(_text_value(plain.get("messageType")) or "")
    return str(named or kind_of_placeholder(text) or (Kind.TEXT if text or "sentTime" in plain else Kind.OTHER))
