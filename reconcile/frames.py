"""Every frame schema of the program, and the two collections Evidence and Findings are built of.

Columns are non-null unless said. Instants are UTC, microseconds. Server ids are text, never floats.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

import dataframely as dy
import polars as pl

from reconcile.findings_views import FindingsViews
from reconcile.frames_posts import ArticlePairs, Articles, Favourites, InteractionAlignment, PostAlignment, PostTraces
from reconcile.vocabulary import (
    AccountKind,
    Cause,
    ConversationKind,
    Kind,
    Relation,
    Side,
    Status,
    TextQuality,
    TimePrecision,
    WitnessKind,
    ZoneSource,
)

UTC_MICROSECONDS = pl.Datetime("us", "UTC")


class Messages(dy.Schema):
    """One row a message, in the order in which the export holds them."""

    row = dy.UInt32(description="0-based position in the reader's order")
    locator = dy.String(description="file and row id inside it")
    conversation = dy.String(
        description="the export's own key: peer account, room id or displayed title; '' = the only one"
    )
    conversation_kind = dy.Enum(ConversationKind, nullable=True, description="null = the export does not say")
    sent_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC", description="null = no usable time")
    sent_raw = dy.String(nullable=True, description="the time as the export writes it")
    time_precision = dy.Enum(TimePrecision)
    zone_source = dy.Enum(ZoneSource)
    text = dy.String(description="raw words or shown body; '' = none")
    text_quality = dy.Enum(TextQuality, nullable=True, description="null = raw")
    sender = dy.String(
        nullable=True, description="account id where known, else displayed name; null = system row or unknown"
    )
    sender_name = dy.String(nullable=True, description="the name as this device shows it")
    is_self = dy.Bool(nullable=True, description="sent by the owner of this device; null = unknown or system row")
    message_id = dy.String(nullable=True, description="server id as text; null = none")
    alias_id = dy.String(
        nullable=True, description="a second server id of the same message (file shell, overwritten id)"
    )
    local_id = dy.Int64(nullable=True, description="the device's running number; never compared across devices")
    native_id = dy.String(
        nullable=True,
        description="an id of the body that both devices hold, as scheme:value (transfer:, packet:, call:, file:, uuid:, place:)",
    )
    kind = dy.Enum(Kind)
    media_hash = dy.String(nullable=True, description="lower-case hex digest; algorithm by length")
    amount = dy.String(nullable=True, description="decimal text, yuan")
    duration = dy.Float64(nullable=True, description="seconds")
    payment_state = dy.String(
        nullable=True, description="sent, received, returned, expired; null = not a payment or not said"
    )
    file_name = dy.String(nullable=True)
    file_size = dy.Int64(nullable=True, description="bytes")
    url = dy.String(nullable=True)
    reply_to = dy.String(nullable=True, description="server id of the quoted message")
    quoted_text = dy.String(nullable=True, description="the quoted words as the quoting row shows them")
    status = dy.Enum(Status, nullable=True)
    raw = dy.String(nullable=True, description="JSON object of every field that no column above holds")


class Conversations(dy.Schema):
    """One row a conversation of one export."""

    conversation = dy.String(description="key as in Messages")
    title = dy.String(nullable=True, description="name shown on this device")
    conversation_kind = dy.Enum(ConversationKind, nullable=True)
    member_count = dy.UInt32(nullable=True)
    stated_count = dy.Int64(nullable=True, description="number of messages that the exporter itself states")


class Contacts(dy.Schema):
    """One row a person or account that the export names."""

    id = dy.String()
    alias = dy.String(nullable=True)
    remark = dy.String(nullable=True)
    nickname = dy.String(nullable=True)
    phone = dy.String(nullable=True)
    avatar_sha256 = dy.String(nullable=True)


class Members(dy.Schema):
    """One row a member of a group, with the times when known."""

    group_id = dy.String()
    member_id = dy.String()
    name = dy.String(nullable=True)
    joined_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    left_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")


class Witnesses(dy.Schema):
    """One row for each reference in the export to a message, whether the export has that message or not."""

    witness = dy.Enum(WitnessKind)
    locator = dy.String()
    conversation = dy.String(nullable=True)
    message_id = dy.String(nullable=True, description="server id of the message referred to")
    native_id = dy.String(nullable=True)
    local_id = dy.Int64(nullable=True)
    sent_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC", description="time of the message referred to")
    sender = dy.String(nullable=True)
    kind = dy.Enum(Kind, nullable=True)
    text = dy.String(nullable=True, description="words of the message referred to, as quoted")
    count = dy.Int64(nullable=True, description="how many messages, where the witness counts")


class Counters(dy.Schema):
    """One row a running number of the device: its scope and the highest value it has given out."""

    scope = dy.String(description="conversation key, shard name, or '' for the whole export")
    conversation = dy.String(nullable=True, description="null = the counter spans conversations")
    maximum = dy.Int64()
    is_trusted = dy.Bool(description="false = restored or migrated numbering: proves nothing")
    hole_from = dy.Int64(
        nullable=True, description="scope msg_seq: first number that the device knows it never fetched"
    )
    hole_to = dy.Int64(nullable=True)
    locator = dy.String()


class DeviceRows(dy.Schema):
    """Every row of every device of one party once, with the row of the merged copy that stands for it."""

    device = dy.UInt32(description="0-based, in the order in which the devices were handed in")
    label = dy.String(description="what the device is called; stands before its locators")
    device_row = dy.UInt32(description="row of this device's export")
    locator = dy.String()
    row = dy.UInt32(nullable=True, description="row of the merged copy that stands for it")
    state = dy.String(
        description="kept: it stands in the merged copy; same: an earlier device's row of this message does; differs: that row "
        "differs in substance; unsure: it may be an earlier device's row, and both stand; repeat: its own device holds it twice"
    )


class Alignment(dy.Schema):
    """Every row of both exports exactly once (contract 3)."""

    case = dy.String()
    conversation = dy.String()
    relation = dy.Enum(Relation)
    left_row = dy.UInt32(nullable=True)
    right_row = dy.UInt32(nullable=True)
    left_locator = dy.String(nullable=True)
    right_locator = dy.String(nullable=True)
    cause = dy.Enum(Cause, nullable=True, description="null = an agreement equal in all that both state")
    detail = dy.String(nullable=True, description="form or difference named more closely, comma-joined codes")
    confidence = dy.Float64(min=0.0, max=1.0, description="calibrated probability that this line's statement is right")
    margin = dy.Float64(nullable=True, description="nats above the next best decision; null = nothing competes")
    similarity = dy.Float64(nullable=True, min=0.0, max=1.0, description="null where one side has no row")
    offset_seconds = dy.Float64(nullable=True, description="left time minus right time; null without both")
    method = dy.String(nullable=True, description="the step that paired the rows")

    @dy.rule()
    def has_a_row(cls) -> pl.Expr:
        """A line names at least one row."""
        return pl.col("left_row").is_not_null() | pl.col("right_row").is_not_null()

    @dy.rule()
    def pairs_have_both(cls) -> pl.Expr:
        """Agreements and conflicts hold both rows; one-sided and set-aside lines hold one."""
        both = pl.col("left_row").is_not_null() & pl.col("right_row").is_not_null()
        relation = pl.col("relation").cast(pl.String)
        return (
            pl.when(relation.is_in(["agreement", "conflict"]))
            .then(both)
            .when(relation == "doubtful")
            .then(True)
            .otherwise(~both)
        )


class Account(dy.Schema):
    """Why a row was judged as it was: one line a row and factor, hypothesis, alternative or change.

    Rows that equality paired and that agree have none. The factors of a row and its partner, or best candidate, add up to what pairing them gains over both
    standing alone.
    """

    side = dy.Enum(Side)
    row = dy.UInt32()
    other_row = dy.UInt32(nullable=True, description="the row of the other side that the line is about; null = none")
    kind = dy.Enum(AccountKind)
    name = dy.String(
        description="factor: time, content, kind, sender, ids, media, amount, order, prior (what it costs that both stand alone); hypothesis: "
        "its cause; alternative: partner, no_partner, a cause, missing (the other side lacks the row); change: what it is about"
    )
    log_odds = dy.Float64(
        nullable=True,
        description="nats. factor: for one message against two. hypothesis: for this reason against a lacking row; null = ruled out. alternative: partner "
        "and no_partner as gain over standing alone, a cause against the one found. change: how much is needed, or what an equal value adds; null = no number",
    )
    text = dy.String(nullable=True, description="code of what was found")
    value = dy.Float64(
        nullable=True,
        description="time: seconds left between both times once the clock is taken out, or the limit; content: similarity",
    )


class Verdicts(dy.Schema):
    """One row a conversation."""

    case = dy.String()
    conversation = dy.String()
    grade = dy.String()
    left_conversation = dy.String(nullable=True, description="key of the left export; null = it has none")
    right_conversation = dy.String(nullable=True)
    left_title = dy.String(nullable=True)
    right_title = dy.String(nullable=True)
    conversation_kind = dy.String(nullable=True)
    pairing = dy.String(description="account, content, stated, only, none")
    left_rows = dy.UInt32()
    right_rows = dy.UInt32()
    agreements = dy.UInt32()
    conflicts = dy.UInt32()
    doubtful = dy.UInt32()
    left_missing = dy.UInt32(description="one-sided rows that the right side holds and the left lacks")
    right_missing = dy.UInt32(description="one-sided rows that the left side holds and the right lacks")
    set_aside = dy.UInt32()
    missing_wrong_expected = dy.Float64(nullable=True, description="one-sided rows expected to be wrong; null = none")
    missing_wrong_at_most = dy.UInt32(nullable=True, description="at most so many one-sided rows are wrong (95 %)")
    conflicts_wrong_expected = dy.Float64(nullable=True, description="the same of the conflicts")
    conflicts_wrong_at_most = dy.UInt32(nullable=True)
    edge_unverified = dy.UInt32(description="rows beyond the other side's first or last common row, nothing known")
    referenced_absent = dy.UInt32(description="rows that neither side has and something refers to")
    not_stated_selectively = dy.UInt32(
        description="paired rows whose content one side leaves out though its form states such content elsewhere"
    )
    clock_segments = dy.List(
        dy.Struct(
            {
                "reading": dy.String(),
                "seconds": dy.Float64(),
                "rows": dy.UInt32(),
                "left_first": dy.UInt32(),
                "left_last": dy.UInt32(),
                "right_first": dy.UInt32(),
                "right_last": dy.UInt32(),
            }
        ),
        description="stretches off the common clock: what each is consistent with, size, rows, first and last row of each side",
    )
    reasons = dy.List(dy.String())
    tests_not_possible = dy.List(dy.String())
    skew_seconds = dy.Float64(
        nullable=True, description="left clock minus right clock, median over pairs; null without pairs"
    )
    coverage_from = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    coverage_to = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")


class Gaps(dy.Schema):
    """One row for each run of neighbouring one-sided rows of a conversation."""

    case = dy.String()
    conversation = dy.String()
    gap = dy.UInt32(description="running number inside the conversation, in time order")
    lacking = dy.Enum(Side, description="the side that has no such rows")
    first_row = dy.UInt32(description="row of the holding side")
    last_row = dy.UInt32()
    rows = dy.UInt32()
    from_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    to_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    cause = dy.Enum(Cause)
    kinds = dy.List(dy.String(), description="kinds of the rows, sorted")
    authors = dy.UInt32(description="how many different senders")
    not_excluded = dy.List(dy.String(), description="codes of explanations that the tests did not exclude")
    tests_not_possible = dy.List(dy.String(), description="codes of tests the material did not allow")


class Absent(dy.Schema):
    """One row for each message that neither side has and something in the material refers to."""

    case = dy.String()
    conversation = dy.String(nullable=True)
    side = dy.Enum(Side, description="whose export refers to it")
    witness = dy.Enum(WitnessKind)
    locator = dy.String()
    message_id = dy.String(nullable=True)
    sent_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    sender = dy.String(nullable=True)
    kind = dy.Enum(Kind, nullable=True)
    text = dy.String(nullable=True)
    native_id = dy.String(nullable=True, description="id of the body, as in Messages")
    count = dy.Int64(nullable=True, description="how many messages, where the witness counts")
    is_placed = dy.Bool(
        nullable=True,
        description="false = it may lie before the material begins, or need not be: shown, not counted; null = not asked (posts)",
    )


class Irregularities(dy.Schema):
    """One row for each oddity inside one export: numbering, ids, order. It says nothing about persons."""

    case = dy.String()
    conversation = dy.String(nullable=True)
    side = dy.Enum(Side)
    row = dy.UInt32(nullable=True)
    locator = dy.String()
    reason = dy.String(
        description="code: id_repeated, id_form, no_slot, order_broken, time_against_id, row_contradicts, counter_restored"
    )


class BothMessages(dy.Schema):
    """The rows of both sides as read: `Messages` with `side` and, as `conversation`, the matched pair."""

    side = dy.Enum(Side)
    row = dy.UInt32()
    locator = dy.String()
    conversation = dy.String()
    party = dy.String(
        nullable=True, description="our name of the sender, the same on both sides; null = unknown or system"
    )


@dataclass(frozen=True, slots=True)
class PostFindings:
    """What a comparison asserts of posts, articles and favourites.

    `posts`, `media`, `interactions`, `witnesses`: both sides as read, with `side` before the columns of their schemas. `verdict`: one
    row, or none where neither side holds Moments.
    """

    alignment: dy.DataFrame[PostAlignment]
    interactions_alignment: dy.DataFrame[InteractionAlignment]
    traces: dy.DataFrame[PostTraces]
    absent: dy.DataFrame[Absent]
    articles: dy.DataFrame[Articles]
    article_pairs: dy.DataFrame[ArticlePairs]
    favourites: dy.DataFrame[Favourites]
    verdict: dy.DataFrame[Verdicts]
    posts: pl.DataFrame
    media: pl.DataFrame
    interactions: pl.DataFrame
    witnesses: pl.DataFrame


@dataclass(frozen=True, slots=True, repr=False)
class Findings(FindingsViews):
    """What a comparison found, as frames; every row of both exports appears once in `alignment`.

    Attributes:
        alignment: what became of every row: relation, cause, rows, locators, confidence.
        verdicts: one row a conversation: grade, counts, reasons.
        gaps: runs of one-sided rows, with the best supported cause of each.
        absent: messages that neither side holds and that something in the material names.
        irregularities: oddities inside one export: numbering, ids, order.
        messages: the rows of both sides as read; the columns of BothMessages and Messages.
        runs: nodes of the graph, with the conversation's name.
        error_rates: the run's own error rates; empty unless they were measured.
        posts: Moments and articles; None where neither side holds any.
        edges: edges of the graph: source, target, kind.
        account: factors and hypotheses of each decision; empty unless it was asked for.
    """

    alignment: dy.DataFrame[Alignment]
    verdicts: dy.DataFrame[Verdicts]
    gaps: dy.DataFrame[Gaps]
    absent: dy.DataFrame[Absent]
    irregularities: dy.DataFrame[Irregularities]
    messages: pl.DataFrame
    runs: pl.DataFrame
    error_rates: dict[str, object]
    posts: PostFindings | None = None
    edges: pl.DataFrame = field(default_factory=pl.DataFrame)
    account: dy.DataFrame[Account] = field(default_factory=Account.create_empty)


SIDES = (Side.LEFT, Side.RIGHT)


@cache
def dtypes_of(schema: type[dy.Schema]) -> Mapping[str, pl.DataType]:
    """Column names and polars types of a schema, in order."""
    return MappingProxyType({name: column.dtype for name, column in schema.columns().items()})
