"""The first page of a check: the material, the verdict, the discrepancies, what stays open."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from reconcile.intake.contract import Reading
from reconcile.report.cells import local_time
from reconcile.report.difference import marked
from reconcile.report.inputs import SHANGHAI
from reconcile.report.plain import Answer, Item, Version, body_of, cause_beside, kind_beside
from reconcile.submission.check_frames import SubmissionFindings
from reconcile.submission.sentence import sentence_of, unsure_of
from reconcile.wording import Lang, say
from reconcile.wording.sides import account_of

_ITEMS, _SHOWN = 8, 600
# By fate, worst first: the tone, and whether the submission and the export have the message.
_FOUND = {
    "conflict": ("conflict", True, True),
    "not_in_export": ("one_sided", True, False),
    "left_out": ("one_sided", False, True),
}


class CheckAnswer:
    """Describes in one language what a check found; `names` = of the submission, then of each export."""

    def __init__(
        self,
        findings: SubmissionFindings,
        submission: Reading,
        against: Sequence[Reading],
        names: Sequence[str],
        lang: Lang,
    ) -> None:
        self._findings, self._submission, self._against = findings, submission, against
        self._names: Sequence[str] = names
        self._lang: Lang = lang

    def answer(self) -> Answer:
        """The first page; equal findings give equal answers."""
        found = self._found()
        verdicts = self._findings.verdicts.to_dicts()
        items = tuple(self._item(row) for row in found.head(_ITEMS).iter_rows(named=True))
        more = found.height - len(items)
        return Answer(
            head=tuple(say(f"front.{name}", self._lang) for name in ("material", "account", "messages", "span")),
            compared=tuple(self._material_row(n) for n in range(len(self._names))),
            zone=say("front.zone", self._lang, zone=say(f"report.zone_name.{SHANGHAI}", self._lang)),
            verdicts=tuple((v["grade"], self._with_name(v["export"], sentence_of(v, self._lang))) for v in verdicts),
            items=items,
            more=say("front.more_in_tables", self._lang, shown=len(items), n=more) if more else "",
            undetermined=tuple(line for v in verdicts for line in self._undetermined(v)),
            absent=say("submission.absent", self._lang),
            limit=say("submission.notice", self._lang),
        )

    def _called(self, number: int) -> str:
        """The name of the submission (0) or of an export (from 1); several exports carry their own names."""
        return self._with_role(number) if number and len(self._against) > 1 else self._role(number)

    def _role(self, number: int) -> str:
        """What the material is: the submission (0) or an export (from 1)."""
        return say("submission.role_export" if number else "submission.role_submission", self._lang)

    def _with_role(self, number: int) -> str:
        """Role and name of the submission (0) or of an export (from 1)."""
        return f"{self._role(number)} {self._names[number]}"

    def _with_name(self, export: int, says: str) -> str:
        """The sentence, with the export's name in front where there are several exports."""
        if len(self._against) == 1:
            return says
        return say("submission.lead", self._lang, name=self._names[export + 1], says=says)

    def _material_row(self, number: int) -> tuple[str, ...]:
        """Cells about the submission (0) or an export: name, account, messages, period."""
        reading = self._against[number - 1] if number else self._submission
        owner, at = reading.facts.owner, reading.messages["sent_at"]
        first, last = local_time(at.min(), SHANGHAI), local_time(at.max(), SHANGHAI)  # type: ignore[arg-type]
        return (
            self._with_role(number),
            account_of(owner.id, owner.alias, owner.name) or say("report.unknown", self._lang),
            f"{reading.messages.height:,}",
            say("front.common_is", self._lang, a=first, b=last) if first else say("submission.no_time", self._lang),
        )

    def _found(self) -> pl.DataFrame:
        """All discrepancies of the submission, worst first: export, fate, row, export_row, cause."""
        rows, left = self._findings.rows, self._findings.counted()
        relation = pl.col("relation").cast(pl.String)
        conflicts = rows.filter(relation == "conflict").with_columns(fate=pl.lit("conflict"))
        alone = rows.filter(relation == "one_sided").with_columns(fate=pl.lit("not_in_export"))
        left = left.with_columns(fate=pl.lit("left_out"), row=pl.lit(None, pl.UInt32))
        left = left.with_columns(cause=pl.lit(None, pl.String))
        columns = ("export", "fate", "row", "export_row", pl.col("cause").cast(pl.String))
        return pl.concat([f.sort("export", maintain_order=True).select(columns) for f in (conflicts, alone, left)])

    def _item(self, found: Mapping[str, Any]) -> Item:
        tone, is_submitted, is_exported = _FOUND[found["fate"]]
        export = found["export"] + 1
        held = {
            0: self._submission.messages.row(found["row"], named=True) if is_submitted else None,
            export: self._against[export - 1].messages.row(found["export_row"], named=True) if is_exported else None,
        }
        message = held[export] or held[0] or {}
        stated = [row for row in held.values() if row is not None]
        words = iter(marked([body_of(row["text"], row["amount"]) for row in stated], _SHOWN))
        return Item(
            label=say(f"submission.is_{found['fate']}", self._lang),
            tone=tone,
            at=local_time(message["sent_at"], SHANGHAI) or say("submission.no_time", self._lang),
            sender=sender_of(message),
            kind=kind_beside(message["kind"], self._lang),
            versions=tuple(
                Version(self._called(number), next(words) if row else None, row["locator"] if row else "")
                for number, row in held.items()
            ),
            note=cause_beside(found["cause"], self._lang),
        )

    def _undetermined(self, verdict: Mapping[str, Any]) -> list[str]:
        """Sentences on what one verdict leaves open."""
        sentences = []
        if n := verdict["doubtful"]:
            sentences.append(say("submission.open_doubtful", self._lang, n=n))
        if moved := self._moved(verdict):
            sentences.append(say("submission.open_moved", self._lang, at=", ".join(moved[:_ITEMS])))
        if "unsure" in verdict["reasons"]:
            sentences.append(unsure_of(verdict, "open", self._lang))
        if n := verdict["unread"]:
            sentences.append(say("submission.open_unread", self._lang, n=n))
        if "selected" in verdict["reasons"]:
            sentences.append(say("submission.open_selected", self._lang))
        for name in ("nothing_placed", "mostly_unplaced"):
            if name in verdict["reasons"]:
                sentences.append(say(f"submission.open_{name}", self._lang))
        if verdict["is_recognised"]:
            sentences.append(say("submission.recognised", self._lang))
        return [self._with_name(verdict["export"], line) for line in sentences]

    def _moved(self, verdict: Mapping[str, Any]) -> list[str]:
        """The places of submitted messages that stand in another order than in the export."""
        is_it = [pl.col(name) == verdict[name] for name in ("export", "conversation")]
        return self._findings.rows.filter(*is_it, pl.col("detail") == "order")["locator"].to_list()


def sender_of(message: Mapping[str, Any]) -> str:
    """The sender as the row shows it; a dash where it shows none."""
    return str(message["sender_name"] or message["sender"] or "—")
