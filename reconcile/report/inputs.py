"""What a report is made from beside the findings: each export's own facts, how the run came about, reviewers' judgements."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import dataframely as dy

from reconcile.custody.decisions import Decision
from reconcile.frames import Contacts, Conversations
from reconcile.intake.contract import ExportFacts, Note
from reconcile.intake.source import SourceFile
from reconcile.report_cover import Cover
from reconcile.vocabulary import Side

SHANGHAI = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """One side's export as a report needs it: what it states of itself, its notes and files, never its messages."""

    side: Side
    label: str
    facts: ExportFacts
    notes: tuple[Note, ...]
    sources: tuple[SourceFile, ...]
    conversations: dy.DataFrame[Conversations]
    contacts: dy.DataFrame[Contacts]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How the findings came about.

    `hashes` names every finished output with its SHA-256; empty before they are written. `explained_in`: the folder of results as
    `explain` takes it; null where it cannot explain rows since the messages are not there.
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
    """Reviewers' judgements that the findings already hold.

    Attributes:
        decisions: those taken at their word, in order.
        out_of_date: how many speak of another run or of rows that are no longer there.
        grades: conversation -> the grade that the comparison itself found.
        logged: how many entries the log has, undone and overtaken ones too.
        head: digest of its last entry.
    """

    decisions: tuple[Decision, ...]
    out_of_date: int
    grades: Mapping[str, str]
    logged: int
    head: str
