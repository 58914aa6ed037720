"""Compares payment statements with exports: the statement's owner, names, results as files and text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reconcile.case import read
from reconcile.custody.atomic_folder import refuse_inside, writing
from reconcile.custody.bill import Bill, read_bill
from reconcile.custody.bill_frames import Fate
from reconcile.custody.bill_match import BillFindings, match_bill
from reconcile.custody.bill_text import (
    count_lines,
    describe_bill,
    describe_findings,
    finding_lines,
    has_odd_figures,
    verdict_of,
)
from reconcile.engine.entities.owners import owner_of
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.messages.naming import is_account
from reconcile.intake.messages.own_rows import with_own_rows
from reconcile.parquet import write_parquet
from reconcile.report.plain import Section, plain_page
from reconcile.vocabulary import Grade
from reconcile.wording import Lang, say
from reconcile.wording.sentences import sentence

PAGE = "bill.html"
_GRADES = tuple(map(str, Grade))


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
        """Whether a payment is missing or differs, or the statement's figures do not follow from its lines."""
        return has_odd_figures(self.bill) or (self.findings is not None and self.findings.has_findings)

    @property
    def is_undetermined(self) -> bool:
        """Whether an export could not be compared, or a payment or line stays doubtful."""
        if self.findings is None:
            return self.export != self.bill.path.name
        return any(Fate.DOUBTFUL in fates for fates in self.findings.counts().values())

    def lines(self, lang: Lang) -> list[str]:
        """The report in lines for a person."""
        found = () if self.findings is None else describe_findings(self.bill, self.findings, lang)
        return [*describe_bill(self.bill, lang), *self.owner_lines(lang), *found]

    def owner_lines(self, lang: Lang) -> list[str]:
        """Whose statement it is; nothing where there is no export to hold it against."""
        if self.findings is None:
            is_alone = self.export == self.bill.path.name
            return [] if is_alone else [say("bill.owner_unknown", lang, export=self.export)]
        return [say("bill.owner_own" if self.own_device else "bill.owner_peer", lang, export=self.export)]

    def verdict(self, lang: Lang) -> str:
        """What was found, in one sentence."""
        if self.findings is not None:
            return verdict_of(self.bill, self.findings, lang)
        key = "says_figures" if has_odd_figures(self.bill) else "says_alone"
        return " ".join(self.owner_lines(lang)) or sentence([say(f"bill.{key}", lang, n=self.bill.rows.height)], lang)

    @property
    def grade(self) -> str:
        """The grade that gives the verdict its colour."""
        if self.has_findings:
            return "conflicting" if self._has(Fate.CONFLICT) or has_odd_figures(self.bill) else "one_sided"
        return "cannot_determine" if self.is_undetermined else "no_gap_found"

    def _has(self, fate: Fate) -> bool:
        """Whether any payment or line has this fate."""
        return self.findings is not None and any(str(fate) in counts for counts in self.findings.counts().values())


def check_bill(bill: Bill, reading: Reading, name: str) -> BillReport:
    """Compares a statement with an export, whichever of the two parties it belongs to.

    The nickname at the top decides whose it is. Where it is nobody's, the party whose payments clearly join better is
    taken.
    """
    reading = _with_own_rows_marked(bill, reading)
    stated = _is_owners_bill(bill, reading)
    if stated is not None:
        return BillReport(bill, name, stated, _match_statement(bill, reading, own_device=stated))
    tried = {own: _match_statement(bill, reading, own_device=own) for own in (True, False)}
    joined = {own: _count_joined(found) for own, found in tried.items()}
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
    options: Sequence[ReadOptions] = (),
) -> list[BillReport]:
    """Reads a statement, compares it with each export, and writes page and tables to `out` where given.

    `options`: reader options of each export, in their order; empty = none.

    Raises:
        SourceError, CaseError, UsageError: nothing has been written then.
    """
    bill = read_bill(statement, password)
    reports = [check_bill(bill, reading, name) for name, reading in _read_each(exports, options)]
    reports = reports or [BillReport(bill, statement.name, None, None)]
    if out is not None:
        refuse_inside(out, [statement, *exports])
        with writing(out, overwrite=overwrite) as folder:
            write_bill(reports, folder, lang)
    return reports


def bills_beside(
    bills: Sequence[Bill], exports: Sequence[Path], out: Path, lang: Lang, options: Sequence[ReadOptions] = ()
) -> list[BillReport]:
    """Compares statements with each export of a finished comparison; writes `out/bill`."""
    read_all = list(_read_each(exports, options))
    reports = [check_bill(b, reading, name) for b in bills for name, reading in read_all]
    with writing(out / "bill", overwrite=True) as folder:
        write_bill(reports, folder, lang)
    return reports


def _read_each(exports: Sequence[Path], options: Sequence[ReadOptions]) -> Iterator[tuple[str, Reading]]:
    """Name and content of each export."""
    for path, read_options in zip(exports, options or [ReadOptions()] * len(exports), strict=True):
        yield path.name, read(path, None, read_options)


def write_bill(reports: Sequence[BillReport], folder: Path, lang: Lang) -> None:
    """Writes bill.html, bill_payments_N.parquet and bill_lines_N.parquet into an existing folder."""
    page = _bill_page(reports, lang)
    (folder / PAGE).write_text(page, "utf-8")
    for number, report in enumerate(reports, 1):
        if report.findings is not None:
            write_parquet(report.findings.payments, folder / f"bill_payments_{number}.parquet")
            lines = report.bill.rows.join(report.findings.fates, on="bill_row", how="left")
            write_parquet(lines, folder / f"bill_lines_{number}.parquet")


def _bill_page(reports: Sequence[BillReport], lang: Lang) -> str:
    """The page: what was found, each finding, the numbers, then what the statement itself says."""
    several = len(reports) > 1
    said = [r.verdict(lang) for r in reports]
    if several:
        said = [
            say("submission.lead", lang, name=r.export, says=verdict_sentence)
            for r, verdict_sentence in zip(reports, said, strict=True)
        ]
    parts = [s for r in reports for s in _report_sections(r, lang, of=f"{r.export} · " if several else "")]
    bills = {id(r.bill): r.bill for r in reports}.values()
    parts += [Section(say("bill.statement", lang), tuple(describe_bill(b, lang))) for b in bills]
    worst = min((r.grade for r in reports), key=_GRADES.index)
    return plain_page(say("bill.title", lang), parts, lang, lead=" ".join(said), grade=worst)


def _report_sections(report: BillReport, lang: Lang, of: str) -> list[Section]:
    """The sections of one report: each finding, then the counts."""
    if report.findings is None:
        return []
    found = tuple(finding_lines(report.bill, report.findings, lang))
    counts = (*report.owner_lines(lang), *count_lines(report.findings, lang))
    parts = [Section(of + say("front.found", lang), found)] if found else []
    return [*parts, Section(of + say("submission.section_counts", lang), counts)]


def _with_own_rows_marked(bill: Bill, reading: Reading) -> Reading:
    """The reading with the owner's rows marked, by stated owner or by the statement's name."""
    marked = with_own_rows(reading)
    if bill.nickname and marked.messages["is_self"].null_count() == marked.messages.height and not owner_of(reading).id:
        named = marked.messages.filter(pl.any_horizontal(pl.col("sender", "sender_name") == bill.nickname))
        if named["sender"].n_unique() == 1:
            return with_own_rows(reading, named["sender"][0])
    return marked


def _is_owners_bill(bill: Bill, reading: Reading) -> bool | None:
    """Whether the statement names the export's owner (True) or another party (False); None if neither."""
    if bill.nickname is None:
        return None
    owner = owner_of(reading)
    own = {owner.name, *_contact_names(reading).get(owner.id or "", ())}
    if bill.nickname in {n for n in (*own, *_names_shown(reading.messages, own=True)) if n}:
        return True
    others = _names_shown(reading.messages, own=False)
    known = reading.contacts.filter(pl.col("id") != (owner.id or ""))["nickname"].drop_nulls().to_list()
    return False if bill.nickname in {*others, *known} else None


def _names_shown(messages: pl.DataFrame, *, own: bool) -> set[str]:
    """Names shown for the owner, or for everybody else; a sender that is no account id counts as a name."""
    rows = messages.filter(pl.col("is_self") == own).select("sender_name", "sender").unique()
    named = {name for name, _ in rows.iter_rows() if name}
    return named | {s for name, s in rows.iter_rows() if not name and s and not is_account(s)}


def _contact_names(reading: Reading) -> dict[str, list[str]]:
    """Account -> nickname and remark of a contact."""
    names: dict[str, list[str]] = {}
    for account, nickname, remark in reading.contacts.select("id", "nickname", "remark").iter_rows():
        names.setdefault(account, []).extend(n for n in (nickname, remark) if n)
    return names


def _match_statement(bill: Bill, reading: Reading, *, own_device: bool) -> BillFindings:
    """The statement matched with the owner's payments, or with those in the chats with its account."""
    owner, contacts = owner_of(reading), _contact_names(reading)
    if own_device:
        return match_bill(bill, reading.messages, names=_peer_names(reading, contacts))
    # The other party's statement concerns the one chat in which its owner is the peer.
    chats = _chats_with(bill, reading, contacts)
    names = [n for n in (owner.name, *contacts.get(owner.id or "", ())) if n]
    return match_bill(bill, reading.messages, own_device=False, names=dict.fromkeys(chats, names), conversations=chats)


def _peer_names(reading: Reading, contacts: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Direct conversation -> names of its peer: by its key, by the writing account, and by its title."""
    rows = reading.messages.filter(~pl.col("is_self"), pl.col("conversation_kind").cast(pl.String).ne_missing("group"))
    people: dict[str, set[str]] = {c: set() for c in reading.messages["conversation"].unique().to_list()}
    for conversation, sender in rows.select("conversation", "sender").drop_nulls().unique().iter_rows():
        people[conversation].add(sender)
    titles = dict(reading.conversations.select("conversation", "title").drop_nulls().iter_rows())
    called = {}
    for conversation, senders in people.items():
        lone = senders if len(senders) == 1 else set()
        accounts = {conversation, *lone}
        names = {n for a in accounts for n in contacts.get(a, ())} | {s for s in lone if not is_account(s)}
        called[conversation] = sorted(names | ({titles[conversation]} if conversation in titles and lone else set()))
    return called


def _chats_with(bill: Bill, reading: Reading, contacts: Mapping[str, list[str]]) -> list[str]:
    """Direct conversations in which the statement's account can be the peer."""
    messages = reading.messages
    keys = messages["conversation"].unique(maintain_order=True).to_list()
    groups = set(messages.filter(pl.col("conversation_kind").cast(pl.String) == "group")["conversation"].to_list())
    named: dict[str, set[str]] = {k: set(contacts.get(k, ())) for k in keys}
    for conversation, name in (
        messages.filter(~pl.col("is_self")).select("conversation", "sender_name").drop_nulls().unique().iter_rows()
    ):
        named[conversation].add(name)
    return [
        k
        for k in keys
        if k not in groups and (bill.nickname is None or not named[k] or bill.nickname in named[k] or len(keys) == 1)
    ]


def _count_joined(found: BillFindings) -> int:
    """Number of payments that a line of the statement confirms."""
    return int(found.payments["bill_row"].is_not_null().sum())
