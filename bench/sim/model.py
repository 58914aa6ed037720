"""What a simulated dispute is made of: people, chats, true messages, each device's copy, and the facts that decide what is right."""

from bisect import bisect_right
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter

from reconcile.vocabulary import Cause, ConversationKind, Form, Kind, Side, Status

SHANGHAI_SECONDS = 8 * 3600


class Loss(StrEnum):
    """Why a copy does not hold a true message. `gone` and `window` leave it to coverage whether the row is missed."""

    GONE = "gone"
    WINDOW = "window"
    INVENTED = "invented"
    SYNC = "sync"
    REFUSED = "refused"
    RECALLED = "recalled"
    MEMBERSHIP = "membership"
    PER_SIDE = "per_side"
    DECLARED = "declared"
    KIND = "kind"


class Spelling(StrEnum):
    """How a table writes the times of its rows."""

    OFFSET = "offset"
    NAIVE = "naive"
    NAIVE_T = "naive_t"
    SLASHED = "slashed"
    ZULU = "zulu"
    NAIVE_MILLI = "naive_milli"
    MINUTE = "minute"
    MINUTE_SLASHED = "minute_slashed"
    UNIX = "unix"
    UNIX_MILLI = "unix_milli"
    NONE = "none"


class Who(StrEnum):
    """Which columns tell who sent a row."""

    BOTH = "both"
    SENDER = "sender"
    SELF = "self"


class Key(StrEnum):
    """What the conversation column holds."""

    ID = "id"
    TITLE = "title"
    ABSENT = "absent"


class Numbering(StrEnum):
    """Over what the device's running numbers count."""

    NONE = "none"
    DEVICE = "device"
    CHAT = "chat"


@dataclass(slots=True)
class Person:
    """One account. `nickname` is what the person calls himself; remarks belong to the devices of others."""

    id: str
    nickname: str
    alias: str = ""
    phone: str = ""


@dataclass(slots=True)
class Chat:
    """One conversation; `members` and `holders` tell who takes part and which device has it."""

    kind: ConversationKind
    members: list[int]
    room: str = ""
    name: str = ""
    holders: tuple[Side, ...] = (Side.LEFT, Side.RIGHT)


@dataclass(slots=True)
class Row:
    """One message, true or as a device holds it.

    `at` is seconds since 1970, None where the copy states no time. `shown_name` is the author's name on this row, where it is another
    than the device shows elsewhere (a nickname changed later); '' = the usual one.
    """

    truth: int
    chat: int
    at: float | None
    author: int | None
    kind: Kind
    text: str
    message_id: str = ""
    local_id: int | None = None
    media_hash: str = ""
    amount: str = ""
    duration: float | None = None
    reply_to: str = ""
    status: Status | None = None
    shown_name: str = ""

    def copy(self) -> "Row":
        """A row of its own with the same content."""
        return Row(*_ROW_VALUES(self))


# dataclasses.replace costs ten times as much, and every draw copies each row twice.
_ROW_VALUES = attrgetter(*(f.name for f in fields(Row)))


@dataclass(slots=True)
class Fact:
    """What is true of one message beyond its content: losses, substantive and formal differences between the copies.

    `soft` marks a difference of form that only one side states (an empty text): an agreement with or without cause is right.
    """

    losses: dict[Side, Loss] = field(default_factory=dict)
    differs: set[Cause] = field(default_factory=set)
    forms: set[Form] = field(default_factory=set)
    is_soft: bool = False


@dataclass(slots=True)
class Dialect:
    """How one side writes its table: columns, spellings, file kind, sidecar."""

    who: Who = Who.BOTH
    has_names: bool = True
    names_for_ids: bool = False
    owner_as_me: bool = False
    key: Key = Key.ID
    has_conversation_kind: bool = True
    has_ids: bool = True
    numbering: Numbering = Numbering.DEVICE
    first_local_id: int = 1
    local_step: int = 1
    has_kind: bool = True
    has_hash: bool = True
    has_amount: bool = True
    has_duration: bool = True
    has_reply: bool = True
    has_status: bool = True
    spelling: Spelling = Spelling.OFFSET
    zone_seconds: int = SHANGHAI_SECONDS
    zone_name: str | None = "Asia/Shanghai"
    container: str = "csv"
    byte_order_mark: bool = False
    has_sidecar: bool = True
    has_owner: bool = True
    has_contacts: bool = True
    by_chat: bool = False
    has_number_holes: bool = False
    truths: tuple[str, str] = ("true", "false")
    extra_columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a party itself declares about a span, in seconds on the device's clock."""

    what: str
    start: float
    end: float
    note: str = ""


@dataclass(slots=True)
class Copy:
    """One device's export. Memberships are (chat, person) -> (joined, left), in seconds, None = not known."""

    side: Side
    owner: int
    rows: list[Row] = field(default_factory=list)
    dialect: Dialect = field(default_factory=Dialect)
    remarks: dict[int, str] = field(default_factory=dict)
    exported_at: float | None = None
    declared: list[Declaration] = field(default_factory=list)
    memberships: dict[tuple[int, int], tuple[float | None, float | None]] = field(default_factory=dict)
    tool: str = "手工整理"
    clock_shift: float = 0.0
    order_is_kept: bool = False


@dataclass(slots=True)
class Dispute:
    """A whole case: truth, both copies, and the facts per true message.

    `said` holds every row told anywhere, also those of one device alone, in order of true time. Rows of equal look nearer than
    `slack_seconds` cannot be told apart where ids do not tell.
    """

    name: str
    people: list[Person]
    chats: list[Chat]
    said: list[Row]
    copies: dict[Side, Copy]
    facts: dict[int, Fact] = field(default_factory=dict)
    slack_seconds: float = 0.0
    ids_are_shared: bool = True
    faults: tuple[str, ...] = ()

    def fact(self, truth: int) -> Fact:
        """The fact of a true message, made when first asked for."""
        return self.facts.setdefault(truth, Fact())

    def add(self, row: Row, sides: tuple[Side, ...]) -> Row:
        """Tell one more row, held by these sides at its place in time; its number is new."""
        row.truth = len(self.said)
        place = bisect_right([r.at or 0.0 for r in self.said], row.at or 0.0)
        self.said.insert(place, row)
        for side in sides:
            self.copies[side].rows.append(row.copy())
        return row

    def name_on(self, side: Side, person: int) -> str:
        """The name under which a device shows a person."""
        copy = self.copies[side]
        if person == copy.owner:
            return "我" if copy.dialect.owner_as_me else self.people[person].nickname
        return copy.remarks.get(person) or self.people[person].nickname

    def key_on(self, side: Side, chat: int) -> str:
        """The conversation key that a device's table writes."""
        copy, talk = self.copies[side], self.chats[chat]
        if copy.dialect.key is Key.ABSENT:
            return ""
        by_id = copy.dialect.key is Key.ID
        if talk.kind is ConversationKind.GROUP:
            return talk.room if by_id else talk.name
        peer = next((m for m in talk.members if m != copy.owner), copy.owner)
        return self.people[peer].id if by_id else self.name_on(side, peer)


# Losses of rows that the device never stored, or stores in another row's place: they use up no running number.
UNNUMBERED = (Loss.INVENTED, Loss.SYNC, Loss.REFUSED, Loss.RECALLED, Loss.MEMBERSHIP, Loss.PER_SIDE)


def number_rows(dispute: Dispute) -> None:
    """Give each copy's rows the running numbers of its device: a row lost after it arrived leaves a hole."""
    for side, copy in dispute.copies.items():
        scale = copy.dialect
        counts: dict[int, int] = {}
        numbers: dict[int, int] = {}
        for row in dispute.said:
            if side in dispute.chats[row.chat].holders and dispute.fact(row.truth).losses.get(side) not in UNNUMBERED:
                scope = row.chat if scale.numbering is Numbering.CHAT else -1
                # Chats that were not handed in use up numbers of the device too.
                hole = row.truth * 7919 % 4 if scale.has_number_holes else 0
                counts[scope] = counts.get(scope, scale.first_local_id - scale.local_step) + scale.local_step + hole
                numbers[row.truth] = counts[scope]
        for row in copy.rows:
            row.local_id = None if scale.numbering is Numbering.NONE else row.local_id or numbers.get(row.truth)


def copy_truth(dispute: Dispute) -> None:
    """Give each device that takes part a copy of every true message, in order of time."""
    for side, copy in dispute.copies.items():
        held = {i for i, chat in enumerate(dispute.chats) if side in chat.holders}
        copy.rows = [row.copy() for row in dispute.said if row.chat in held]
