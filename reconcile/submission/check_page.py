"""The page with the result of a check. Texts are composed here; the template only places them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from reconcile.intake.contract import Reading
from reconcile.intake.source import SourceFile
from reconcile.report.visible import show
from reconcile.submission.check_frames import SubmissionFindings
from reconcile.submission.identity import IdentityFinding, describe_identity
from reconcile.submission.pages import render_page
from reconcile.submission.sentence import sentence_of
from reconcile.wording import Lang, say

BEIJING = ZoneInfo("Asia/Shanghai")
ROUND = 2  # submitted rows shown before and after each thing worth showing
MOST_ROWS = 400  # of one passage
MOST_LACKING = 400


@dataclass(frozen=True, slots=True)
class RowText:
    """One line of a passage: its state code and its cells."""

    code: str
    mark: str
    time: str
    who: str
    text: str
    other: str
    where: str


@dataclass(frozen=True, slots=True)
class PassageText:
    """One passage."""

    title: str
    context: str
    rows: tuple[RowText, ...]


def check_page(
    findings: SubmissionFindings,
    submission: Reading,
    against: Sequence[Reading],
    names: Sequence[str],
    lang: Lang,
    identity: Sequence[IdentityFinding] = (),
) -> str:
    """The result as HTML: one file for the screen and for A4 paper.

    `names` = of the submission, then of each export.
    """
    verdicts = findings.verdicts.to_dicts()
    return render_page(
        "check.html",
        "submission",
        lang,
        leads=[_lead(v, names, lang) for v in verdicts],
        verdicts=[_verdict(v, names, lang) for v in verdicts],
        tables=[t for n, s in enumerate(findings.selection) for t in _tables(s, names[n + 1], lang)],
        patterns=_patterns(findings, names, lang),
        passages=_passages(findings, submission, against, lang),
        lacking=_lacking(findings, submission, lang),
        identity=describe_identity(list(identity), lang) or [say("submission.identity_none", lang)],
        files=_files(submission, against, names, lang),
    )


def _lead(v: dict[str, Any], names: Sequence[str], lang: Lang) -> tuple[str, str]:
    """Grade and sentence of an export's verdict, with the export's name where there are several."""
    says = sentence_of(v, lang)
    is_one = len(names) == 2
    return v["grade"], says if is_one else say("submission.lead", lang, name=names[v["export"] + 1], says=says)


def _verdict(v: dict[str, Any], names: Sequence[str], lang: Lang) -> tuple[str, str, str, str, str, str]:
    counts = {k: v[k] for k in ("submitted", "agreements", "conflicts", "doubtful", "not_in_export", "passages", "left_out_inside", "left_out_around", "left_out_between", "span_rows")}  # fmt: skip
    line = say("submission.counts_line", lang, **counts, coverage=_share(v["coverage"]))
    reasons = "；" if lang == "zh" else "; "
    why = reasons.join(say(f"submission.reason_{r}", lang) for r in v["reasons"])
    more = [say("submission.recognised", lang)] if v["is_recognised"] else []
    if v["skew_seconds"] is not None and abs(v["skew_seconds"]) >= 60:
        more.append(say("submission.skew", lang, seconds=round(v["skew_seconds"])))
    title = v["export_title"] or v["export_conversation"] or v["conversation"] or "—"
    return (
        names[v["export"] + 1],
        show(title),
        sentence_of(v, lang),
        why,
        line,
        " ".join(more),
    )


def _tables(selection: dict[str, Any], name: str, lang: Lang) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Title and rows of each count of what was submitted and what was left out."""
    return [
        (
            f"{name} · {say(f'submission.by_{f}', lang)}",
            [(_value(f, r["value"], lang), str(r["submitted"]), str(r["left_out"])) for r in selection[f]],
        )
        for f in ("author", "topic")
        if selection[f]
    ]


def _value(feature: str, value: str, lang: Lang) -> str:
    if feature == "topic":
        return say(f"submission.topic_{value}", lang)
    return say("submission.self", lang) if value == "self" else show(value)


def _patterns(findings: SubmissionFindings, names: Sequence[str], lang: Lang) -> list[str]:
    told = [
        f"{names[n + 1]}：{say(f'submission.pattern_{p}', lang)}"
        for n, s in enumerate(findings.selection)
        for p in s["patterns"]
    ]
    return [*told, say("submission.patterns_limit", lang)] if told else []


def _passages(
    findings: SubmissionFindings, submission: Reading, against: Sequence[Reading], lang: Lang
) -> list[PassageText]:
    found = []
    for p in findings.passages.iter_rows(named=True):
        rows = _lines_of_passage(p, findings, submission, against[p["export"]], lang)
        values = {"inside": p["left_out_inside"], "before": p["left_out_before"], "after": p["left_out_after"]}
        title = say("submission.passage_title", lang, number=p["passage"], from_at=_time(p["from_at"], lang), to_at=_time(p["to_at"], lang), rows=p["rows"], coverage=_share(p["coverage"]))  # fmt: skip
        found.append(PassageText(title, say(f"submission.context_{p['context']}", lang, **values), tuple(rows)))
    return found


def _lines_of_passage(
    p: dict[str, Any], findings: SubmissionFindings, submission: Reading, export: Reading, lang: Lang
) -> list[RowText]:
    """Rows of the export in and around a passage with their states; long plain stretches are folded."""
    here = pl.col("export") == p["export"], pl.col("passage") == p["passage"]
    shown = {r["export_row"]: r for r in findings.rows.filter(*here, pl.col("export_row").is_not_null()).iter_rows(named=True)}  # fmt: skip
    near = findings.left_out.filter(*here, pl.col("place").cast(pl.String).is_in(["inside", "around"]))
    left = {r["export_row"]: r for r in near.iter_rows(named=True)}
    order = export.messages.filter(pl.col("row").is_in([*shown, *left]))
    if order["sent_at"].null_count() == 0:
        order = order.sort("sent_at", maintain_order=True)
    rows = [
        _left_row(m, left[m["row"]], lang) if m["row"] in left else _shown_row(m, shown[m["row"]], submission, lang)
        for m in order.iter_rows(named=True)
    ]
    return _folded(rows, lang)


def _left_row(message: dict[str, Any], left: dict[str, Any], lang: Lang) -> RowText:
    code = "aside" if left["cause"] is not None else "unsure" if left["is_doubtful"] else "left_out"
    if code == "left_out" and left["place"] == "around":
        code = "around"
    return RowText(code, say(f"submission.mark_{code}", lang), _time(message["sent_at"], lang), _who(message), show(message["text"]), "", message["locator"])  # fmt: skip


def _shown_row(message: dict[str, Any], row: dict[str, Any], submission: Reading, lang: Lang) -> RowText:
    code = {"conflict": "conflict", "doubtful": "doubtful"}.get(row["relation"], "submitted")
    own = submission.messages["text"][row["row"]]
    differs = code != "submitted" and own != message["text"]
    text, other = (show(own), show(message["text"])) if differs else (show(message["text"]), "")
    where = f"{row['locator']} ↔ {message['locator']}"
    mark = say(f"submission.mark_{code}", lang)
    return RowText(code, mark, _time(message["sent_at"], lang), _who(message), text, other, where)


def _folded(rows: list[RowText], lang: Lang) -> list[RowText]:
    keep = {
        k
        for n, r in enumerate(rows)
        if r.code != "submitted" or n in (0, len(rows) - 1)
        for k in range(n - ROUND, n + ROUND + 1)
    }
    out: list[RowText] = []
    skipped = 0
    for n, row in enumerate(rows):
        if n in keep and len(out) < MOST_ROWS:
            if skipped:
                out.append(_skip(skipped, lang))
            skipped = 0
            out.append(row)
        else:
            skipped += 1
    return [*out, _skip(skipped, lang)] if skipped else out


def _skip(count: int, lang: Lang) -> RowText:
    return RowText("skipped", "", "", "", say("submission.mark_skipped", lang, count=count), "", "")


def _lacking(findings: SubmissionFindings, submission: Reading, lang: Lang) -> list[RowText]:
    lacking = findings.rows.filter(pl.col("export_row").is_null(), pl.col("relation").cast(pl.String).is_in(["one_sided", "doubtful"]))  # fmt: skip
    found = []
    for r in lacking.head(MOST_LACKING).iter_rows(named=True):
        message = submission.messages.row(r["row"], named=True)
        code = "not_in_export" if r["relation"] == "one_sided" else "doubtful"
        mark = say(f"submission.mark_{code}", lang)
        found.append(RowText(code, mark, _time(message["sent_at"], lang), _who(message), show(message["text"]), "", message["locator"]))  # fmt: skip
    if lacking.height > MOST_LACKING:
        found.append(_skip(lacking.height - MOST_LACKING, lang))
    return found


def _files(
    submission: Reading, against: Sequence[Reading], names: Sequence[str], lang: Lang
) -> list[tuple[str, str, str, str, str]]:
    found = []
    for n, reading in enumerate([submission, *against]):
        role = say("submission.role_export" if n else "submission.role_submission", lang)
        files = reading.sources or (SourceFile(names[n], 0, "", ""),)
        found += [(show(f.path), f"{role} {names[n]}", f"{f.size:,}", f.sha256, f.sm3) for f in files[:50]]
    return found


def _who(message: dict[str, Any]) -> str:
    return show(message["sender_name"] or message["sender"] or ("我" if message["is_self"] else ""))


def _time(at: Any, lang: Lang) -> str:
    return say("submission.no_time", lang) if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def _share(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.1f} %"
