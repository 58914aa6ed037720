"""What a reader is and what it returns: Reader, Claim, Reading, facts and notes."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, Protocol, TypeVar, runtime_checkable

import dataframely as dy
import polars as pl

from reconcile.frames import Contacts, Conversations, Counters, Members, Messages, Witnesses
from reconcile.frames_posts import Interactions, PostMedia, Posts, PostWitnesses
from reconcile.intake.source import Source, SourceFile
from reconcile.settings import Limits
from reconcile.vocabulary import Kind, LocalIdScope, NoteCode
from reconcile.wechat.kinds import SYSTEM_KINDS

Strength = Literal["none", "likely", "certain"]


@dataclass(frozen=True, slots=True)
class Claim:
    """How strongly a reader claims a source, and because of what."""

    strength: Strength
    because: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something odd in the input. Kept with the evidence, counted and shown in every report.

    `said`: the excerpt is the program's own text, which the catalogue translates. Otherwise it is the material's and
    stays as it is.
    """

    code: NoteCode
    locator: str = ""
    excerpt: str = ""
    count: int = 1
    said: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """The account whose device was exported; each field None where it is not stated."""

    id: str | None = None
    alias: str | None = None
    name: str | None = None
    phone: str | None = None
    avatar_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """Hardware and client as stated; `name` is given by the user, `phone` is the SIM's number."""

    make: str | None = None
    model: str | None = None
    serial: str | None = None
    os: str | None = None
    app_version: str | None = None
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A redaction, lost phone, cleaning or clock change that the party declares; open ends are None.

    `conversation`: the one that an incomplete file holds; None = all.
    """

    what: str
    from_at: datetime | None = None
    to_at: datetime | None = None
    note: str = ""
    conversation: str | None = None


SELECTION = Declared(
    "selection", datetime(1970, 1, 2, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC), "rows chosen one by one"
)
"""What a form of hand-picked rows declares by its nature: that it lacks a row says nothing, whenever the row was sent."""


INCOMPLETE = "incomplete"
"""What an export declares that says it lacks rows without saying which: a row that it lacks is in doubt, and not excused."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A selection that the export states: time range (None = open), kinds (empty = all), conversation."""

    from_at: datetime | None = None
    to_at: datetime | None = None
    kinds: frozenset[Kind] = frozenset()
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class FormLimits:
    """What a form of export cannot hold: "cannot be seen here". The engine never calls such rows missing.

    Attributes:
        kinds_absent: rows of these kinds are not written at all.
        kinds_unknown: no row of these kinds stands in the file, and whether its form can write them is not known.
        kinds_without_content: the row stands, its words, amount or name do not.
        kinds_merged: kind -> the kind under which this form writes it (WeFlow: red_packet -> other).
        text_cut_at: texts are cut at this many characters; None = not cut.
        marks_cuts: the reader knows which texts the form cut (`text_quality` truncated); the others are whole.
        strips_prefix: a leading `[A-Za-z0-9_-]+:` of plain text is lost.
        collapses_repeats: equal rows of one second were merged into one.
        ambiguous_headers: a line shaped like a header inside the words may have been read as a row of its own.
        times_above_groups: a time stands above a group of messages, and only the first of them is surely of that time.
        unplaced_kinds: rows of these kinds carry no time or sender of their own.
        is_resaved: a spreadsheet program saved the file in an encoding that has no emoji: each stands as `?`, and
            numbers and formulas stand as it shows them.
        holds_every_kind: a client's own store, from which nobody chose single kinds to write.
        is_of_known_make: a known tool wrote the file, and all that it does to texts is stated here. What a person or an
            unknown tool does, only the file shows.
        holds_only_delivered: the server wrote the file, which never got what failed to leave a device.
        recalls_in_place: the client writes the notice of a recall in the place of the words, which it does not keep.
        states_kinds: every row states its kind by a code or a name of its own, which does not come from its words.
    """

    kinds_absent: frozenset[Kind] = frozenset()
    kinds_unknown: frozenset[Kind] = frozenset()
    kinds_without_content: frozenset[Kind] = frozenset()
    kinds_merged: Mapping[Kind, Kind] = field(default_factory=dict)
    text_cut_at: int | None = None
    marks_cuts: bool = False
    strips_prefix: bool = False
    collapses_repeats: bool = False
    times_above_groups: bool = False
    unplaced_kinds: frozenset[Kind] = frozenset()
    ambiguous_headers: bool = False
    is_resaved: bool = False
    holds_every_kind: bool = False
    is_of_known_make: bool = False
    holds_only_delivered: bool = False
    recalls_in_place: bool = False
    states_kinds: bool = False

    @property
    def kinds_unseen(self) -> frozenset[Kind]:
        """Kinds that the form does not write, or is not known to write."""
        return self.kinds_absent | self.kinds_unknown

    @property
    def kinds_unworded(self) -> frozenset[Kind]:
        """Kinds for which the form writes no words: it leaves them out, or has a mark of its own for them."""
        return self.kinds_absent | (self.kinds_without_content - self.kinds_among_words)

    @property
    def kinds_among_words(self) -> frozenset[Kind]:
        """Kinds that the form writes, or may write, like words."""
        return frozenset(k for k, merged in self.kinds_merged.items() if merged is Kind.TEXT)

    def as_shown(self, kinds: Collection[str]) -> "FormLimits":
        """The limits of a submission that holds these kinds.

        A kind that its form never writes shows that something else wrote it, and may write the others, too. Forms of whole
        exports write some sorts of a kind, and state here that others are missing.
        """
        if self.kinds_absent.isdisjoint({*kinds} - {*SYSTEM_KINDS, Kind.OTHER}):
            return self
        unknown = (self.kinds_unknown | self.kinds_absent) - {*kinds}
        return replace(self, kinds_absent=frozenset(), kinds_unknown=unknown, is_of_known_make=False)


def joined_limits(limits: Sequence[FormLimits]) -> FormLimits:
    """What a record that stands in several forms cannot show: a kind that none of them writes."""
    cuts = [m.text_cut_at for m in limits if m.text_cut_at is not None]
    absent = frozenset.intersection(*(m.kinds_absent for m in limits))
    return FormLimits(
        kinds_absent=absent,
        kinds_unknown=frozenset.intersection(*(m.kinds_unseen for m in limits)) - absent,
        kinds_without_content=frozenset().union(*(m.kinds_without_content for m in limits)),
        kinds_merged={k: v for m in reversed(limits) for k, v in m.kinds_merged.items()},
        text_cut_at=min(cuts, default=None),
        strips_prefix=any(m.strips_prefix for m in limits),
        collapses_repeats=any(m.collapses_repeats for m in limits),
        times_above_groups=any(m.times_above_groups for m in limits),
        unplaced_kinds=frozenset().union(*(m.unplaced_kinds for m in limits)),
        ambiguous_headers=any(m.ambiguous_headers for m in limits),
        is_resaved=any(m.is_resaved for m in limits),
        holds_every_kind=all(m.holds_every_kind for m in limits),
        is_of_known_make=all(m.is_of_known_make for m in limits),
        holds_only_delivered=all(m.holds_only_delivered for m in limits),
        recalls_in_place=all(m.recalls_in_place for m in limits),
        states_kinds=all(m.states_kinds for m in limits),
    )


@dataclass(frozen=True, slots=True)
class Run:
    """A conversation, the run of the tool that wrote its file, and when that was (None = not stated)."""

    conversation: str
    name: str
    exported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What an export states about itself; None = not stated.

    `devices`: the devices merged into it, where one party handed in several. `unheld`: spans of the device's clock
    whose part of the store was missing or unreadable; messages of such a span are not missing on the device.
    `alike`: locators of two rows, of two devices, that may be one message. `selected`: spans of conversations of which,
    among merged devices, selections alone hold rows. `selections`: how many of `devices` are selections, or further forms
    in one folder. `runs`: by which run each conversation was written, and when; empty = one run, of `exported_at`, wrote
    all.
    """

    reader: str
    owner: Owner = Owner()
    device: Device = Device()
    tool: str | None = None
    tool_version: str | None = None
    exported_at: datetime | None = None
    timezone: str | None = None
    filters: tuple[Filter, ...] = ()
    declared: tuple[Declared, ...] = ()
    limits: FormLimits = FormLimits()
    stated_count: int | None = None
    local_id_scope: LocalIdScope = LocalIdScope.UNKNOWN
    devices: tuple[str, ...] = ()
    alike: tuple[tuple[str, str], ...] = ()
    unheld: tuple[Filter, ...] = ()
    selected: tuple[Filter, ...] = ()
    selections: int = 0
    runs: tuple[Run, ...] = ()

    @property
    def kinds_left_out(self) -> frozenset[Kind]:
        """Kinds that the form does not write, or that no selection which the export states holds."""
        chosen = [f.kinds for f in self.filters]
        unchosen = frozenset(Kind).difference(*chosen) if chosen and all(chosen) else frozenset()
        return self.limits.kinds_absent | unchosen


_NamedT = TypeVar("_NamedT", Declared, Filter)


def with_names(facts: ExportFacts, names: Mapping[str, str]) -> ExportFacts:
    """The facts of an export whose conversations now bear these names. Several may get one name."""

    def renamed(stated: tuple[_NamedT, ...]) -> tuple[_NamedT, ...]:
        return tuple(
            replace(s, conversation=names.get(s.conversation, s.conversation)) if s.conversation else s for s in stated
        )

    return replace(
        facts, runs=_renamed_runs(facts.runs, names), filters=renamed(facts.filters), declared=renamed(facts.declared),
        unheld=renamed(facts.unheld), selected=renamed(facts.selected),
    )  # fmt: skip


def _renamed_runs(runs: tuple[Run, ...], names: Mapping[str, str]) -> tuple[Run, ...]:
    """The runs of conversations under new names; of several under one name, the latest date holds."""
    held: dict[str, list[Run]] = {}
    for run in runs:
        held.setdefault(names.get(run.conversation, run.conversation), []).append(run)
    made = {c: [r.exported_at for r in of if r.exported_at] for c, of in held.items()}
    return tuple(
        Run(c, " ".join(sorted({r.name for r in of})), max(made[c], default=None)) for c, of in sorted(held.items())
    )


@dataclass(frozen=True, slots=True)
class PostReading:
    """What one export holds of Moments; `Posts.row` counts 0..n-1 in order.

    `forms`: names of its readers. `notes`: oddities of these stores, which Reading.notes also contains.
    `kinds_inferred`: a form does not keep the kind of posts, so its reader inferred it.
    """

    posts: dy.DataFrame[Posts]
    media: dy.DataFrame[PostMedia]
    interactions: dy.DataFrame[Interactions]
    witnesses: dy.DataFrame[PostWitnesses]
    forms: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    kinds_inferred: bool = False


@dataclass(frozen=True, slots=True)
class Origins:
    """The forms that wrote a copy merged from several devices.

    `rows`: locator and form of each row; `forms`: the facts of each form, by number. A row that several devices hold has a
    form of its own, since each of them fills in what the others leave open; `parts`: the devices' forms that make up each.
    """

    rows: pl.DataFrame
    forms: tuple[ExportFacts, ...]
    parts: tuple[frozenset[int], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one export holds. Frames obey their schemas; `Messages.row` counts 0..n-1 in order.

    `posts` is None where the export has no store of Moments, which differs from a store without posts. `origins` is None
    where one form wrote all rows.
    """

    facts: ExportFacts
    messages: dy.DataFrame[Messages]
    conversations: dy.DataFrame[Conversations]
    contacts: dy.DataFrame[Contacts]
    members: dy.DataFrame[Members]
    witnesses: dy.DataFrame[Witnesses]
    counters: dy.DataFrame[Counters]
    notes: tuple[Note, ...] = ()
    sources: tuple[SourceFile, ...] = ()
    posts: PostReading | None = None
    origins: Origins | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user may tell a reader.

    Attributes:
        timezone: IANA name for times without a zone; None = Asia/Shanghai, assumed and said so.
        key: the user's own database or backup key, never printed; None = none given.
        columns: role -> column heading, for tables of unknown make (`--columns time=…,sender=…`).
        owner: account id or name of the device's owner, where the form does not tell.
        limits: what the input may ask for.
    """

    timezone: str | None = None
    key: str | None = field(default=None, repr=False)
    columns: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    limits: Limits = field(default_factory=Limits)


@runtime_checkable
class Reader(Protocol):
    """A leaf that knows one form. Order inside each file: facts, sniff, read, helpers."""

    name: str
    limits: FormLimits

    @property
    def title(self) -> str:
        """The form's name in words."""
        ...

    @property
    def tested_with(self) -> str:
        """The versions that the reader was tested with."""
        ...

    def sniff(self, source: Source) -> Claim:
        """How strongly the source looks like this form; cheap, structural, never raises, never writes."""
        ...

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Everything in the source. Odd rows become notes; an unreadable source raises UnreadableSource."""
        ...


# The number of places that somebody may look up by hand.
_MOST = 50


def remarks(code: NoteCode, place: str, text: str, count: int = 1) -> list[Note]:
    """A note in the program's own words; none where it counts nothing."""
    return [Note(code, place, text, count, said=True)] if count else []


def shorten_notes(notes: Sequence[Note], most: int = _MOST) -> list[Note]:
    """The first `most` notes, and one note a code with the count of the rest, so sums stay right."""
    rest = Counter[NoteCode]()
    for note in notes[most:]:
        rest[note.code] += note.count
    return [*notes[:most], *(Note(code, "…", "", count) for code, count in rest.items())]
