"""Statements held against exports: whose statement it is, what its people are called in the chats, results as files and lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reconcile.case import read
from reconcile.custody.bill import Bill, read_bill
from reconcile.custody.bill_frames import Fate
from reconcile.custody.bill_match import BillFindings, match_bill
from reconcile.custody.bill_words import describe_bill, describe_findings
from reconcile.custody.folder import writing
from reconcile.custody.guard import refuse_inside
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.match.parties import owner_of
from reconcile.parquet import write_parquet
from reconcile.report.visible import show
from reconcile.submission.paper import render_template
from reconcile.wording import Lang, say

PAGE = "bill.html"


@dataclass(frozen=True, slots=True)
class BillReport:
    """One statement against one export.

    Attributes:
        bill: the statement.
        export: name of the export; the statement's own where there is none to hold it against.
        own_device: the statement is of the exported account; False = of the other party there; None = it fits neither way.
        findings: every payment and every line with its fate; None where the statement could not be given an owner.
    """

    bill: Bill
    export: str
    own_device: bool | None
    findings: BillFindings | None

    @property
    def has_findings(self) -> bool:
        """Whether a payment stands against one source or the other, or the statement's figures do not follow from its lines."""
        own = any(n.code.startswith("figures_differ") for n in self.bill.notes)
        return own or (self.findings is not None and self.findings.has_findings)

    @property
    def is_undetermined(self) -> bool:
        """Whether an export was given and could not be compared, or some payment or line stays doubtful."""
        if self.findings is None:
            return self.export != self.bill.path.name
        return any(Fate.DOUBTFUL in fates for fates in self.findings.counts().values())

    def lines(self, lang: Lang) -> list[str]:
        """The report in lines for a person."""
        head = describe_bill(self.bill, lang)
        if self.findings is None and self.export == self.bill.path.name:
            return head
        if self.findings is None:
            return [*head, say("bill.owner_unknown", lang, export=self.export)]
        whose = say("bill.owner_own" if self.own_device else "bill.owner_peer", lang, export=self.export)
        return [*head, whose, *describe_findings(self.bill, self.findings, lang)]


def check_bill(bill: Bill, reading: Reading, name: str) -> BillReport:
    """Holds a statement against an export, whosever of the two parties it is.

    Whose it is tells the nickname at its top; where that is nobody's, the way in which more payments join, if one does so
    clearly.
    """
    stated = _whose(bill, reading)
    if stated is not None:
        return BillReport(bill, name, stated, _match(bill, reading, own_device=stated))
    tried = {own: _match(bill, reading, own_device=own) for own in (True, False)}
    joined = {own: _joined(found) for own, found in tried.items()}
    if joined[True] == joined[False]:
        return BillReport(bill, name, None, None)
    own = joined[True] > joined[False]
    return BillReport(bill, name, own, tried[own])


def run_bill(
    statement: Path,
    exports: Sequence[Path],
    *,
    out: Path | None = None,
    password: str | None = None,
    lang: Lang = "zh",
    overwrite: bool = False,
    options: ReadOptions | None = None,
) -> list[BillReport]:
    """Reads a statement, holds it against each export, and writes page and tables to `out` where one is given.

    Raises:
        SourceError, CaseError, UsageError: nothing has been written then.
    """
    bill = read_bill(statement, password)
    reports = [check_bill(bill, read(path, None, options), path.name) for path in exports]
    reports = reports or [BillReport(bill, statement.name, None, None)]
    if out is not None:
        refuse_inside(out, [statement, *exports])
        with writing(out, overwrite=overwrite) as folder:
            write_bill(reports, folder, lang)
    return reports


def bills_beside(
    bills: Sequence[Bill],
    exports: Sequence[Path],
    out: Path,
    lang: Lang,
    options: ReadOptions | None = None,
) -> list[BillReport]:
    """Holds statements already read against each export of a finished comparison; results go to `out/bill`."""
    reports = [check_bill(b, read(path, None, options), path.name) for b in bills for path in exports]
    with writing(out / "bill", overwrite=True) as folder:
        write_bill(reports, folder, lang)
    return reports


def write_bill(reports: Sequence[BillReport], folder: Path, lang: Lang) -> None:
    """bill.html, and for each export bill_payments_N.parquet and bill_lines_N.parquet, into a folder that is there."""
    sections = [(r.export, [show(x) for x in r.lines(lang)]) for r in reports]
    page = render_template("bill.html", lang=lang, title=say("bill.title", lang), sections=sections)
    (folder / PAGE).write_text(page, "utf-8")
    for number, report in enumerate(reports, 1):
        if report.findings is not None:
            write_parquet(report.findings.payments, folder / f"bill_payments_{number}.parquet")
            lines = report.bill.rows.join(report.findings.fates, on="bill_row", how="left")
            write_parquet(lines, folder / f"bill_lines_{number}.parquet")


def _whose(bill: Bill, reading: Reading) -> bool | None:
    if bill.nickname is None:
        return None
    owner = owner_of(reading)
    own = {owner.name, *_names_of(reading, owner.id)}
    shown = reading.messages.filter(pl.col("is_self"))["sender_name"].drop_nulls().unique().to_list()
    if bill.nickname in {n for n in (*own, *shown) if n}:
        return True
    others = reading.messages.filter(~pl.col("is_self"))["sender_name"].drop_nulls().unique().to_list()
    known = reading.contacts.filter(pl.col("id") != (owner.id or ""))["nickname"].drop_nulls().to_list()
    return False if bill.nickname in {*others, *known} else None


def _names_of(reading: Reading, account: str | None) -> list[str]:
    if account is None:
        return []
    rows = reading.contacts.filter(pl.col("id") == account).select("nickname", "remark").rows()
    return [n for row in rows for n in row if n]


def _match(bill: Bill, reading: Reading, *, own_device: bool) -> BillFindings:
    owner = owner_of(reading)
    if own_device:
        keys = reading.messages["conversation"].unique(maintain_order=True).to_list()
        return match_bill(bill, reading.messages, names={k: _names_of(reading, k) for k in keys if k})
    # The other party's statement speaks of the one chat in which its owner is the peer.
    chats = [
        k for k in reading.messages["conversation"].unique(maintain_order=True).to_list() if _is_with(k, bill, reading)
    ]
    names = [n for n in (owner.name, *_names_of(reading, owner.id)) if n]
    return match_bill(bill, reading.messages, own_device=False, names=dict.fromkeys(chats, names), conversations=chats)


def _is_with(conversation: str, bill: Bill, reading: Reading) -> bool:
    rows = reading.messages.filter(pl.col("conversation") == conversation)
    if (rows["conversation_kind"].cast(pl.String) == "group").any():
        return False
    if bill.nickname is None:
        return True
    shown = rows.filter(~pl.col("is_self"))["sender_name"].drop_nulls().unique().to_list()
    named = {*shown, *_names_of(reading, conversation)}
    return not named or bill.nickname in named or reading.messages["conversation"].n_unique() == 1


def _joined(found: BillFindings) -> int:
    return int(found.payments["bill_row"].is_not_null().sum())
