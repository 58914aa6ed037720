"""Reads a story: the true conversations in a few lines of TOML, and what each device lost or changed.

A story's `[[chat]]` tells in `says`, a line a message: `09:05:07 zhang <kind attribute> words #label`. `== 2024-03-01` begins
a day; `*` in place of a person is a system row; `*left` and `*right` are notices that one device alone shows; `zhang@left` speaks a
row that only the left device holds, and that was never sent. `[[fault]]` entries name a
side, what happened, and the labels that it happened to; `[expect]` repeats the answer in plain sight.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.sim.ledger import Ledger, ledger_of
from bench.sim.model import (
    Chat,
    Copy,
    Declaration,
    Dialect,
    Dispute,
    Fact,
    Key,
    Loss,
    Numbering,
    Person,
    Row,
    Spelling,
    Who,
    copy_truth,
    number_rows,
)
from bench.sim.tables import instant, put_in_order
from reconcile.vocabulary import Cause, ConversationKind, Form, Kind, Side, Status

LINE = re.compile(r"(\d\d:\d\d(?::\d\d)?)\s+(\S+)(?:\s+<(\w+)(?:\s+([^>]*))?>)?(?:\s+(.*?))?(?:\s+#(\w+))?$")
MEDIA = (Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.STICKER, Kind.FILE)


@dataclass(frozen=True, slots=True)
class Story:
    """A told dispute, its right answer, and the labels of its messages."""

    dispute: Dispute
    ledger: Ledger
    labels: dict[str, int]
    expect: dict[str, Any]


def load_story(path: Path) -> Story:
    """The story of a TOML file, told, damaged and judged."""
    told = tomllib.loads(path.read_text("utf-8"))
    teller = _Teller(path.stem, told)
    dispute = teller.tell()
    for fault in told.get("fault", []):
        teller.damage(fault)
    number_rows(dispute)
    put_in_order(dispute)
    return Story(dispute, ledger_of(dispute), teller.labels, told["expect"])


def _digits(*parts: object) -> str:
    """A 19-digit server id that depends on nothing but the parts."""
    number = int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:8], "big")
    return str(1_000_000_000_000_000_000 + number % 8_000_000_000_000_000_000)


class _Teller:
    def __init__(self, name: str, told: dict[str, Any]) -> None:
        self.name, self.told = name, told
        self.people = list(told["people"])
        self.labels: dict[str, int] = {}
        self.said: list[Row] = []
        self.facts: dict[int, Fact] = {}

    def tell(self) -> Dispute:
        chats = [self._chat(i, c) for i, c in enumerate(self.told["chat"])]
        persons = [
            Person(p["id"], p["nickname"], p.get("alias", ""), p.get("phone", "")) for p in self.told["people"].values()
        ]
        copies = {side: self._copy(side) for side in Side}
        self.said.sort(key=lambda r: r.at or 0.0)
        self.dispute = Dispute(self.name, persons, chats, self.said, copies, self.facts)
        copy_truth(self.dispute)
        for side, copy in copies.items():
            copy.rows = [r for r in copy.rows if side not in self.dispute.fact(r.truth).losses]
        self.dispute.slack_seconds = float(self.told.get("slack_seconds", 0.0))
        return self.dispute

    def _copy(self, side: Side) -> Copy:
        told = self.told[side]
        copy = Copy(side, self.people.index(told["owner"]), tool=told.get("tool", ""))
        copy.remarks = {self.people.index(k): v for k, v in told.get("remarks", {}).items()}
        copy.dialect = _dialect(told)
        if "exported_at" in told:
            copy.exported_at = instant(told["exported_at"])
        copy.declared = [
            Declaration(d["what"], instant(d["from"]), instant(d["to"]), d.get("note", ""))
            for d in told.get("declared", [])
        ]
        for entry in told.get("member", []):
            span = tuple(instant(entry[k]) if k in entry else None for k in ("joined_at", "left_at"))
            copy.memberships[entry.get("chat", 0), self.people.index(entry["who"])] = (span[0], span[1])
        return copy

    def _chat(self, number: int, told: dict[str, Any]) -> Chat:
        day = ""
        for line in filter(None, map(str.strip, told["says"].splitlines())):
            if line.startswith("=="):
                day = line.removeprefix("==").strip()
            else:
                self._message(number, day, line)
        members = [self.people.index(m) for m in told["members"]]
        kind = ConversationKind.GROUP if "room" in told else ConversationKind.DIRECT
        holders = tuple(Side(s) for s in told.get("holders", ["left", "right"]))
        return Chat(kind, members, told.get("room", ""), told.get("name", ""), holders)

    def _message(self, chat: int, day: str, line: str) -> None:
        parts = LINE.match(line)
        if parts is None:
            raise ValueError(f"{self.name}: not a line of a story: {line}")
        clock, who, kind_text, attribute, text, label = parts.groups()
        truth = len(self.said)
        kind = Kind.SYSTEM if who.startswith("*") and kind_text is None else Kind(kind_text or "text")
        who, _, holder = who.partition("@")
        author = None if who.startswith("*") else self.people.index(who)
        row = Row(truth, chat, instant(f"{day} {clock}"), author, kind, text or "", _digits(self.name, truth))
        self._dress(row, attribute)
        if who in ("*left", "*right"):
            self.facts[truth] = Fact(losses={Side(who[1:]).other: Loss.PER_SIDE})
        if holder:
            self.facts[truth] = Fact(losses={Side(holder).other: Loss.INVENTED})
        if label:
            self.labels[label] = truth
        self.said.append(row)

    def _dress(self, row: Row, attribute: str | None) -> None:
        if row.kind in MEDIA:
            row.media_hash = hashlib.md5(
                f"{self.name}/{attribute or row.truth}".encode(), usedforsecurity=False
            ).hexdigest()
        if row.kind in (Kind.VOICE, Kind.VIDEO, Kind.CALL) and attribute:
            row.duration = float(attribute)
        if row.kind is Kind.TRANSFER and attribute:
            row.amount = attribute
        if row.kind is Kind.QUOTE and attribute:
            row.reply_to = _digits(self.name, self.labels[attribute])

    def damage(self, fault: dict[str, Any]) -> None:
        side, copy = Side(fault["side"]), self.dispute.copies[Side(fault["side"])]
        truths = [self.labels[label] for label in fault.get("rows", [])]
        DAMAGES[fault["what"]](self.dispute, copy, truths, fault)
        self.dispute.faults += (f"{side}:{fault['what']}",)


def _dialect(told: dict[str, Any]) -> Dialect:
    enums = {"who": Who, "key": Key, "numbering": Numbering, "spelling": Spelling}
    dialect = Dialect()
    for name, value in told.get("table", {}).items():
        setattr(dialect, name, enums[name](value) if name in enums else value)
    return dialect


def _drop(dispute: Dispute, copy: Copy, truths: list[int], loss: Loss) -> None:
    for truth in truths:
        dispute.fact(truth).losses[copy.side] = loss
    copy.rows = [r for r in copy.rows if r.truth not in truths]


def _lose(dispute: Dispute, copy: Copy, truths: list[int], fault: dict[str, Any]) -> None:
    _drop(dispute, copy, truths, Loss(fault.get("because", "gone")))


def _refuse(dispute: Dispute, copy: Copy, truths: list[int], fault: dict[str, Any]) -> None:
    """The sender's device keeps the row without server id; the other never had it."""
    for row in dispute.copies[copy.side.other].rows:
        if row.truth in truths:
            row.message_id, row.status = "", Status(fault.get("status", "rejected"))
    _drop(dispute, copy, truths, Loss.REFUSED)


def _recall(dispute: Dispute, copy: Copy, truths: list[int], _fault: dict[str, Any]) -> None:
    _drop(dispute, copy, truths, Loss.RECALLED)


def _change(dispute: Dispute, copy: Copy, truths: list[int], fault: dict[str, Any]) -> None:
    for row in copy.rows:
        if row.truth in truths:
            for name in ("text", "amount", "media_hash"):
                setattr(row, name, fault.get(name, getattr(row, name)))
            dispute.fact(row.truth).differs.add(Cause(fault.get("differs", "text_differs")))


def _reword(dispute: Dispute, copy: Copy, truths: list[int], fault: dict[str, Any]) -> None:
    """Another form of the same row: placeholder, width, cut."""
    for row in copy.rows:
        if row.truth in truths:
            row.text = fault["text"]
            dispute.fact(row.truth).forms.add(Form(fault["form"]))


def _repeat(_dispute: Dispute, copy: Copy, truths: list[int], _fault: dict[str, Any]) -> None:
    block = [r.copy() for r in copy.rows if r.truth in truths]
    last = max(i for i, r in enumerate(copy.rows) if r.truth in truths)
    copy.rows[last + 1 : last + 1] = block
    copy.order_is_kept = True


def _shift(dispute: Dispute, copy: Copy, truths: list[int], fault: dict[str, Any]) -> None:
    for row in copy.rows:
        if (row.truth in truths or not truths) and row.at is not None:
            row.at += fault["seconds"]
            if truths:
                dispute.fact(row.truth).differs.add(Cause.TIME_DIFFERS)
    copy.clock_shift += 0 if truths else fault["seconds"]


def _rename(_dispute: Dispute, copy: Copy, truths: list[int], fault: dict[str, Any]) -> None:
    """A name that the device shows on these rows only."""
    for row in copy.rows:
        row.shown_name = fault["name"] if row.truth in truths else row.shown_name


def _step(dispute: Dispute, copy: Copy, truths: list[int], fault: dict[str, Any]) -> None:
    """The clock jumps at a row, and stays."""
    moment = min(r.at or 0.0 for r in dispute.said if r.truth in truths)
    for row in copy.rows:
        row.at = (row.at or 0.0) + (fault["seconds"] if (row.at or 0.0) >= moment else 0)
    copy.clock_shift += fault["seconds"]


def _flip(dispute: Dispute, copy: Copy, truths: list[int], fault: dict[str, Any]) -> None:
    people = [p.id for p in dispute.people]
    for row in copy.rows:
        if row.truth in truths:
            row.author = people.index(fault["to"])
            dispute.fact(row.truth).differs.add(Cause.SENDER_DIFFERS)


DAMAGES = {
    "lost": _lose,
    "refused": _refuse,
    "recalled": _recall,
    "changed": _change,
    "reworded": _reword,
    "repeated": _repeat,
    "shifted": _shift,
    "flipped": _flip,
    "renamed": _rename,
    "stepped": _step,
}
