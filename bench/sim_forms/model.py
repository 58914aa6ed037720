"""What a simulated dispute is made of: people, rows, each device's copy, the form it is exported in, and why a side lacks a row."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from reconcile.vocabulary import Cause, Kind, Side

NOTICES = frozenset({Kind.SYSTEM, Kind.RECALL})
# What an exporter writes: contents by file name.
Files = dict[str, str | bytes]


class Lack(StrEnum):
    """Why a device does not hold a true message. `deleted` and `invented` are acts of a party, all others are innocent."""

    SYNC = "sync"
    FAILED = "failed"
    RECALLED = "recalled"
    ABSENT = "absent"
    PER_SIDE = "per_side"
    EDGE = "edge"
    UNTICKED = "unticked"
    DECLARED = "declared"
    CUT = "cut"
    DELETED = "deleted"
    INVENTED = "invented"
    REPLACED = "replaced"
    LEFT_FORGED = "left_forged"


@dataclass(frozen=True, slots=True)
class Person:
    """One account."""

    id: str
    name: str


@dataclass(slots=True)
class Row:
    """One message as it was sent, or as one device holds it.

    `facts` holds what a kind carries beside words: amount, memo, hash, seconds, name, title, url, quoted, quoter, to, state.
    `author` is None for rows of the client itself. `at` is in seconds since 1970, by the clock of the device that holds the row.
    """

    truth: int
    at: float
    author: int | None
    kind: Kind
    text: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    id: str = ""
    local: int = 0
    status: str = ""

    def copy(self) -> "Row":
        """A row of its own with the same content."""
        return replace(self, facts=dict(self.facts))


@dataclass(frozen=True, slots=True)
class Form:
    """What an export form can hold.

    Attributes:
        name: what the tables of the bench call it.
        write: files of a copy, by their names.
        shows: the facts that the form shows of each kind; `words` is the text. Kinds not named here show nothing.
        drops: kinds that a known producer does not write at all.
        precision: seconds to which times are told; None = no times.
        is_local: times are local words without a zone.
        has_ids: server ids are written and whole.
        numbered: the device's own running numbers are written.
        has_status: a failed send is marked in its row.
        is_selection: rows were chosen one by one.
        tells_export: when the export was made is stated.
        for_groups: whether the form is written for groups too.
        cut_at: texts are cut at so many characters; 0 = not.
        strips: a leading `abc:` of plain words is lost.
        only_text: an unknown tool that writes texts alone.
        free_order: the order of rows is the writer's choice.
        ticks: whoever exports may leave out kinds, and the file does not say so.
        declares: a party can declare beside it what it left out.
        sorts: text blocks that a reader tells by the order of their times.
    """

    name: str
    write: Callable[["Copy", "Sides"], Files]
    shows: dict[Kind, frozenset[str]]
    drops: frozenset[Kind] = frozenset()
    precision: float | None = 1.0
    is_local: bool = True
    has_ids: bool = False
    numbered: bool = False
    has_status: bool = False
    is_selection: bool = False
    tells_export: bool = False
    for_groups: bool = True
    cut_at: int = 0
    strips: bool = False
    only_text: bool = False
    free_order: bool = False
    sorts: bool = False
    ticks: bool = False
    declares: bool = False


@dataclass(slots=True)
class Copy:
    """One device's copy: rows in the order in which its export will hold them, and how the export is made.

    `zone_seconds` is the exporting computer's distance from UTC, `shifts` are later changes of it (from that moment on).
    """

    side: Side
    form: Form
    rows: list[Row] = field(default_factory=list)
    remarks: dict[int, str] = field(default_factory=dict)
    zone_seconds: int = 8 * 3600
    shifts: list[tuple[float, int]] = field(default_factory=list)
    exported_at: float = 0.0
    declared: tuple[float, float] | None = None

    @property
    def owner(self) -> int:
        """The person whose device this is: 0 on the left, 1 on the right."""
        return 0 if self.side is Side.LEFT else 1

    def zone(self, at: float) -> int:
        """The distance from UTC at which a moment is written."""
        return self.zone_seconds + sum(by for moment, by in self.shifts if at >= moment)

    def written(self) -> list[Row]:
        """The rows that the form writes, in file order."""
        return [
            r
            for r in self.rows
            if r.kind not in self.form.drops and not (self.form.only_text and r.kind is not Kind.TEXT)
        ]


@dataclass(slots=True)
class Act:
    """What a party did: its name, the true messages it touched, and what differs for the pairs among them."""

    name: str
    truths: list[int]
    cause: Cause | None = None


@dataclass(slots=True)
class Sides:
    """A whole case: the two copies, the truth behind them, and everything that happened to them.

    Attributes:
        people: accounts; 0 owns the left device, 1 the right one.
        room: id of the group, '' for a direct chat; `title` is its name.
        said: every message ever sent or invented, by number.
        copies: what each device holds.
        lacks: why a side lacks a true message.
        circumstances: innocent things that happened, by name.
        acts: what was manipulated. Empty = nobody did anything.
        spans: by how many seconds a device stamps a message later or earlier than it was sent.
        replaced: notices that stand in the place and under the id of a message, and that message.
        slack: seconds within which equal rows cannot be told apart.
        ids_shared: whether one message has one server id on both devices.
        traits: other facts that the ledger needs, as (name, true message).
    """

    seed: int
    people: list[Person]
    room: str = ""
    title: str = ""
    said: dict[int, Row] = field(default_factory=dict)
    copies: dict[Side, Copy] = field(default_factory=dict)
    lacks: dict[tuple[int, Side], Lack] = field(default_factory=dict)
    circumstances: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    spans: dict[int, float] = field(default_factory=dict)
    replaced: dict[int, int] = field(default_factory=dict)
    slack: float = 10.0
    ids_shared: bool = True
    traits: set[tuple[str, int]] = field(default_factory=set)

    @property
    def guilty(self) -> bool:
        """Whether a party manipulated its copy."""
        return bool(self.acts)

    def name_on(self, side: Side, person: int) -> str:
        """What a device calls a person."""
        return self.copies[side].remarks.get(person) or self.people[person].name

    def peer_of(self, side: Side) -> int:
        """The other party of a direct chat."""
        return 1 if side is Side.LEFT else 0

    def add(self, row: Row) -> Row:
        """Give a new true message its number."""
        row.truth = len(self.said)
        self.said[row.truth] = row.copy()
        return row
