"""The inputs of a report besides the findings: facts of each export, the run, and decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dataframely as dy

from reconcile.frames import Contacts, Conversations
from reconcile.intake.contract import ExportFacts, Note
from reconcile.intake.source import SourceFile
from reconcile.report_cover import Cover
from reconcile.vocabulary import Side

if TYPE_CHECKING:
    from reconcile.custody.decisions import Decision

SHANGHAI = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """One side's export for a report: its facts, notes and files, never its messages."""

    side: Side
    label: str
    facts: ExportFacts
    notes: tuple[Note, ...]
    sources: tuple[SourceFile, ...]
    conversations: dy.DataFrame[Conversations]
    contacts: dy.DataFrame[Contacts]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Case, program version, settings and command of a comparison.

    Attributes:
        hashes: SHA-256 of every finished output; empty before they are written.
        explained_in: the folder of results for `explain`; None where the messages are not there.
    """

    case: str
    program_version: str
    settings: Mapping[str, object]
    command: str
    explained_in: str | None = None
    timezone: str = SHANGHAI
    hashes: Mapping[str, str] = field(default_factory=dict)
    cover: Cover | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """Reviewers' decisions that the findings already contain.

    Attributes:
        decisions: the applied decisions, in order.
        out_of_date: how many are about another run, or about rows that no longer exist.
        grades: conversation -> the grade found by the comparison itself.
        logged: number of entries in the log, including undone and replaced ones.
        head: hash of its last entry.
    """

    decisions: "tuple[Decision, ...]"
    out_of_date: int
    grades: Mapping[str, str]
    logged: int
    head: str
