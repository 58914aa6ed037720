"""A statement and its results as text for a person, with their limits."""

from collections import Counter
from typing import Any

import polars as pl

from reconcile.custody.bill import BEIJING, Bill, Tally
from reconcile.custody.bill_frames import Fate
from reconcile.custody.bill_match import FINDINGS, BillFindings
from reconcile.wording import Lang, has, say
from reconcile.wording.sentences import sentence

MOST_LINES = 200


def describe_bill(bill: Bill, lang: Lang) -> list[str]:
    """Whose statement it is, its range, its own figures next to the recomputed ones, oddities, limits."""
    return [
        say("bill.of", lang, name=bill.nickname or say("bill.not_stated", lang), form=bill.form.upper()),
        say("bill.range", lang, first=_time_text(bill.from_at, lang), last=_time_text(bill.to_at, lang)),
        say("bill.kind", lang, kind=bill.export_type or say("bill.not_stated", lang)),
        *([say("bill.is_filtered", lang)] if bill.is_filtered else []),
        *(_figure_line(key, bill.stated.get(key), counted, lang) for key, counted in bill.counted.items()),
        *_note_lines(bill, lang),
        say("bill.limit", lang),
    ]


def describe_findings(bill: Bill, findings: BillFindings, lang: Lang) -> list[str]:
    """Numbers of every fate, then each finding in one line, at most MOST_LINES."""
    return [*count_lines(findings, lang), *finding_lines(bill, findings, lang)]


def count_lines(findings: BillFindings, lang: Lang) -> list[str]:
    """Numbers of every fate, of payments and of lines; then the clock offset and an assumed range."""
    lines = []
    for name, counts in findings.counts().items():
        counted = say("bill.and", lang).join(say(f"bill.{k}", lang, count=n) for k, n in counts.items())
        lines.append(say(f"bill.{name}", lang, told=counted or "0"))
    if findings.offset_seconds:
        lines.append(say("bill.offset", lang, seconds=round(findings.offset_seconds)))
    if findings.range_assumed:
        lines.append(say("bill.range_assumed", lang))
    return lines


def finding_lines(bill: Bill, findings: BillFindings, lang: Lang) -> list[str]:
    """Each finding in one line: payments first, then lines of the statement; at most MOST_LINES of each."""
    return [*_payment_lines(findings, lang), *_bill_lines(bill, findings, lang)]


def verdict_of(bill: Bill, findings: BillFindings, lang: Lang) -> str:
    """What the comparison found, in one sentence with its numbers."""
    payments, lines = (Counter(counts) for counts in findings.counts().values())
    found = {fate: payments[fate] or lines[fate] for fate in (*map(str, FINDINGS), str(Fate.DOUBTFUL))}
    clauses = [say(f"bill.says_{fate}", lang, n=n) for fate, n in found.items() if n]
    clauses = clauses or [say("bill.says_agree", lang, n=payments[str(Fate.JOINED)])]
    clauses += [say("bill.says_figures", lang)] if has_odd_figures(bill) else []
    return sentence(clauses, lang)


def has_odd_figures(bill: Bill) -> bool:
    """Whether the statement's own figures do not follow from its lines."""
    return any(n.code.startswith("figures_differ") for n in bill.notes)


def _figure_line(key: str, stated: Tally | None, counted: Tally, lang: Lang) -> str:
    """A stated figure beside the counted one, and whether both agree."""
    what, figure = say(f"bill.tally_{key}", lang), _tally_text(key, counted)
    if stated is None:
        return say("bill.figures_counted", lang, what=what, counted=figure)
    same = say("bill.agree" if stated == counted else "bill.differ", lang)
    return say("bill.figures", lang, what=what, stated=_tally_text(key, stated), counted=figure, same=same)


def _tally_text(key: str, tally: Tally) -> str:
    """The number of lines, with the sum where the figure has one."""
    return str(tally.count) if key == "all" else f"{tally.count}/{tally.total:.2f}"


def _note_lines(bill: Bill, lang: Lang) -> list[str]:
    """Oddities of the statement with their number, a line each."""
    codes: dict[str, int] = {}
    for note in bill.notes:
        codes[note.code] = codes.get(note.code, 0) + 1
    return [say(f"bill.note_{c}", lang, count=n) for c, n in codes.items() if has(f"bill.note_{c}")]


def _payment_lines(findings: BillFindings, lang: Lang) -> list[str]:
    """A line for each payment with a finding, a doubt or a return in one source only."""
    named = [str(f) for f in (*FINDINGS, Fate.DOUBTFUL)]
    rows = findings.payments.filter(
        pl.col("fate").cast(pl.String).is_in(named)
        | pl.col("detail").str.contains("returned_only").fill_null(value=False)
    )
    return [_payment_line(r, lang) for r in rows.head(MOST_LINES).iter_rows(named=True)]


def _payment_line(row: dict[str, Any], lang: Lang) -> str:
    """A finding about one payment in a line."""
    codes = [c for c in (row["detail"] or "").split(",") if has(f"bill.detail_{c}")]
    why = say("bill.and", lang).join(say(f"bill.detail_{c}", lang) for c in codes)
    near = say("bill.list_and", lang).join(str(n + 1) for n in row["candidates"] or ())
    return say(
        f"bill.line_{row['fate']}",
        lang,
        at=_time_text(row["sent_at"], lang),
        kind=say(f"bill.{row['kind']}", lang),
        amount=row["amount"] or say("bill.no_amount", lang),
        name=row["name"] or row["conversation"],
        where=", ".join(row["locators"]),
        line=None if row["bill_row"] is None else row["bill_row"] + 1,
        why=why,
        near=say("bill.near", lang, lines=near) if near else "",
    )


def _bill_lines(bill: Bill, findings: BillFindings, lang: Lang) -> list[str]:
    """A line for each payment of the statement that is not in the chats."""
    absent = findings.fates.filter(pl.col("fate").cast(pl.String) == str(Fate.NOT_IN_CHATS))
    rows = bill.rows.join(absent.select("bill_row"), on="bill_row", how="semi").head(MOST_LINES)
    return [
        say(
            "bill.line_not_in_chats",
            lang,
            at=_time_text(r["at"], lang),
            kind=r["type"],
            amount=r["amount"],
            name=r["counterparty"],
            where=r["locator"],
        )
        for r in rows.iter_rows(named=True)
    ]


def _time_text(at: Any, lang: Lang) -> str:
    return say("bill.not_stated", lang) if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
