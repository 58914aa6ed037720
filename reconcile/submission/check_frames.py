"""The frames of a check: submitted rows, left-out rows, passages, and a verdict for each export."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import dataframely as dy
import polars as pl

from reconcile.vocabulary import Cause, Kind, Relation


class Place(StrEnum):
    """The place of a left-out row relative to the passages.

    inside: between the first and last row of a passage. around: within the context window of a passage. between:
    farther from any passage, but between the first and last submitted row. beyond: before the first or after the
    last, outside the window.
    """

    INSIDE = "inside"
    AROUND = "around"
    BETWEEN = "between"
    BEYOND = "beyond"


class Topic(StrEnum):
    """The topic of a left-out row, by its kind or by a word in it; counted, not judged.

    payment, recall, media, notice by kind; objection: holds a word of refusal or objection; amount: holds a number of money;
    words: anything else said.
    """

    PAYMENT = "payment"
    RECALL = "recall"
    OBJECTION = "objection"
    AMOUNT = "amount"
    MEDIA = "media"
    NOTICE = "notice"
    WORDS = "words"


class Context(StrEnum):
    """Whether a passage is shown with its context (证据规定 44(2)).

    whole: nothing inside is left out, and no directly adjacent row belongs to the same talk. open: nothing inside is
    left out, but the same talk continues beyond an edge. broken: rows inside are left out. unknown: too few rows were
    placed.
    """

    WHOLE = "whole"
    OPEN = "open"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class SubmittedRows(dy.Schema):
    """For each submitted row and export: its relation there and its place."""

    export = dy.UInt8(description="0-based number of the export, in the order given")
    row = dy.UInt32(description="row of the submission")
    locator = dy.String()
    text = dy.String()
    conversation = dy.String(description="the submission's own key")
    export_conversation = dy.String(nullable=True, description="null = no conversation of this export fits")
    export_row = dy.UInt32(nullable=True)
    export_locator = dy.String(nullable=True)
    export_text = dy.String(nullable=True)
    relation = dy.Enum(Relation, description="one_sided = the export does not hold it")
    cause = dy.Enum(Cause, nullable=True)
    detail = dy.String(nullable=True)
    similarity = dy.Float64(nullable=True, min=0.0, max=1.0)
    offset_seconds = dy.Float64(nullable=True, description="submission minus export; null without both times")
    method = dy.String(nullable=True, description="the step that placed it")
    passage = dy.UInt32(nullable=True, description="null = not placed")


class LeftOut(dy.Schema):
    """One row a row of the export, in a submitted conversation, that the submission does not hold."""

    export = dy.UInt8()
    export_row = dy.UInt32()
    locator = dy.String()
    conversation = dy.String(description="the export's own key")
    place = dy.Enum(Place)
    passage = dy.UInt32(nullable=True, description="the nearest passage")
    distance_rows = dy.UInt32(description="rows of the export to the nearest submitted row")
    sent_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    sender = dy.String(nullable=True)
    sender_name = dy.String(nullable=True)
    is_self = dy.Bool(nullable=True)
    kind = dy.Enum(Kind)
    topic = dy.Enum(Topic)
    text = dy.String()
    amount = dy.String(nullable=True)
    cause = dy.Enum(Cause, nullable=True, description="why it need not be in the submission; null = it counts")
    is_doubtful = dy.Bool(description="a submitted row could be this one, or the passage's edge is not certain")


class Passages(dy.Schema):
    """One row a passage: a stretch of the export that the submission shows, with omissions inside."""

    export = dy.UInt8()
    conversation = dy.String(description="the export's own key")
    passage = dy.UInt32(description="running number over the export's conversations")
    rows = dy.UInt32(description="submitted rows placed in it")
    first_row = dy.UInt32(description="first row of the submission")
    last_row = dy.UInt32()
    first_export_row = dy.UInt32()
    last_export_row = dy.UInt32()
    from_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    to_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    left_out_inside = dy.UInt32(description="counted rows only")
    left_out_before = dy.UInt32(description="rows of the same talk directly before it")
    left_out_after = dy.UInt32()
    coverage = dy.Float64(min=0.0, max=1.0, description="submitted share of the rows between its ends")
    context = dy.Enum(Context)


class CheckVerdicts(dy.Schema):
    """One row an export and submitted conversation."""

    export = dy.UInt8()
    conversation = dy.String(description="the submission's own key")
    export_conversation = dy.String(nullable=True)
    export_title = dy.String(nullable=True)
    grade = dy.String()
    reasons = dy.List(dy.String())
    submitted = dy.UInt32()
    agreements = dy.UInt32()
    conflicts = dy.UInt32()
    doubtful = dy.UInt32()
    not_in_export = dy.UInt32()
    set_aside = dy.UInt32(description="submitted rows that the export need not hold")
    passages = dy.UInt32()
    left_out_inside = dy.UInt32()
    left_out_around = dy.UInt32()
    left_out_between = dy.UInt32()
    openly_left_out = dy.UInt32(description="rows inside passages where the submission marks an omission")
    openly_shortened = dy.UInt32(description="submitted rows whose words agree but for an ellipsis")
    unread = dy.UInt32(description="rows whose words stand in parts of the submission that were not read")
    unsure_kinds = dy.List(dy.String(), description="kinds of rows inside passages that may be submitted or left out")
    span_rows = dy.UInt32(description="rows of the export from the first to the last submitted one")
    coverage = dy.Float64(nullable=True, min=0.0, max=1.0, description="submitted share of them; null = nothing placed")
    export_rows = dy.UInt32(description="rows of the export's conversation")
    skew_seconds = dy.Float64(nullable=True, description="submission's clock minus the export's")
    is_recognised = dy.Bool(description="treated as text recognised from pictures: differences of words are doubtful")


@dataclass(frozen=True, slots=True)
class SubmissionFindings:
    """Everything that a check asserts.

    Attributes:
        rows: every submitted row once for each export.
        left_out: every row of the matched conversations that the submission lacks.
        passages: the stretches shown.
        verdicts: one for each export and submitted conversation.
        selection: counts by author, kind and topic, submitted and left out, for each export (see `selection_of`).
        grade: worst grade over all exports.
    """

    rows: dy.DataFrame[SubmittedRows]
    left_out: dy.DataFrame[LeftOut]
    passages: dy.DataFrame[Passages]
    verdicts: dy.DataFrame[CheckVerdicts]
    selection: tuple[dict[str, Any], ...]
    grade: str

    def counted(self) -> pl.DataFrame:
        """Left-out rows that count: inside passages, not set aside, not doubtful."""
        return self.left_out.filter(
            pl.col("place").cast(pl.String) == "inside", pl.col("cause").is_null(), ~pl.col("is_doubtful")
        )
