"""The page with the result of a check. Texts are composed here; the template only places them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from reconcile.intake.contract import Reading
from reconcile.intake.source import SourceFile
from reconcile.report.cells import local_time
from reconcile.report.difference import marked
from reconcile.report.inputs import SHANGHAI
from reconcile.report.pieces import Segment
from reconcile.report.plain import body_of
from reconcile.report.visible import show
from reconcile.submission.check_answer import CheckAnswer, sender_of
from reconcile.submission.check_frames import SubmissionFindings
from reconcile.submission.identity import IdentityFinding, describe_identity
from reconcile.submission.pages import render_page
from reconcile.submission.params import CHECK_PARAMS
from reconcile.submission.sentence import mark_of, unsure_of
from reconcile.wording import Lang, say
from reconcile.wording.sentences import sentence

ROUND = 2  # submitted rows shown before and after each thing worth showing
LEAST_FOLDED = 4  # a shorter stretch of submitted rows is shown
_SHOWN = 600  # characters of a message
MOST_ROWS = 400  # of one passage
MOST_LACKING = 400
_COUNTED = (
    "submitted", "agreements", "conflicts", "doubtful", "not_in_export", "passages", "left_out_inside", "left_out_around", "left_out_between", "span_rows",
)  # fmt: skip
# Reasons that neither the verdict nor a count states.
_SAID = (
    "unread",
    "open_edges",
    "selected",
    "openly_left_out",
    "openly_shortened",
    "aside",
    "form",
    "set_aside",
    "too_much_doubt",
    "mostly_unplaced",
)


@dataclass(frozen=True, slots=True)
class RowText:
    """One line of a passage: its state code and its cells."""

    code: str
    mark: str
    time: str
    who: str
    text: tuple[Segment, ...]
    other: tuple[Segment, ...]
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
        answer=CheckAnswer(findings, submission, against, names, lang).answer(),
        heads=[_head(v, names, _names_by_account(against[v["export"]])) for v in verdicts],
        counts=_counts(verdicts, lang),
        tables=[
            t
            for n, s in enumerate(findings.selection)
            for t in _selection_tables(s, _export_prefix(n, names), against[n], lang)
        ],
        patterns=_pattern_lines(findings, names, lang),
        passages=_passage_texts(findings, submission, against, lang),
        lacking=_lacking_rows(findings, submission, lang),
        identity=describe_identity(list(identity), lang) if identity else [],
        files=_file_rows(submission, against, names, lang),
    )


def _export_prefix(export: int, names: Sequence[str]) -> str:
    """The name of an export before a heading, where there are several exports."""
    return f"{names[export + 1]} · " if len(names) > 2 else ""


def _head(verdict: Mapping[str, Any], names: Sequence[str], called: Mapping[str, str]) -> tuple[str, str]:
    """The export's name, and its conversation as the device shows it."""
    key = verdict["export_conversation"] or verdict["conversation"]
    return names[verdict["export"] + 1], show(verdict["export_title"] or called.get(key) or key or "—")


def _counts(verdicts: Sequence[Mapping[str, Any]], lang: Lang) -> list[tuple[str, list[str]]]:
    """Each number's label with its value per verdict; last, what else each verdict says."""
    counted = [(say(f"submission.count_{n}", lang), [f"{v[n]:,}" for v in verdicts]) for n in _COUNTED]
    shares = (say("submission.count_coverage", lang), [_share_text(v["coverage"]) for v in verdicts])
    said = [_reasons_in_words(v, lang) for v in verdicts]
    return [*counted, shares, *([(say("submission.count_said", lang), said)] if any(said) else [])]


def _reasons_in_words(verdict: Mapping[str, Any], lang: Lang) -> str:
    """Reasons that no count states, and a clock difference of a minute or more."""
    reasons = [say(f"submission.reason_{r}", lang) for r in verdict["reasons"] if r in _SAID]
    if "unsure" in verdict["reasons"]:
        reasons.append(unsure_of(verdict, "says", lang))
    if verdict["skew_seconds"] is not None and abs(verdict["skew_seconds"]) >= CHECK_PARAMS.skew_seconds:
        reasons.append(say("submission.skew", lang, seconds=round(verdict["skew_seconds"])))
    return sentence(reasons, lang) if reasons else ""


def _selection_tables(
    selection: Mapping[str, Any], of: str, export: Reading, lang: Lang
) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Title and rows of each count of what was submitted and what was left out."""
    called = _names_by_account(export)
    return [
        (
            f"{of}{say(f'submission.by_{f}', lang)}",
            [
                (_feature_value(f, r["value"], called, lang), f"{r['submitted']:,}", f"{r['left_out']:,}")
                for r in selection[f]
            ],
        )
        for f in ("author", "topic")
        if selection[f]
    ]


def _names_by_account(export: Reading) -> dict[str, str]:
    """By account id, the name that the export shows for it: in its contacts, else beside its messages."""
    shown = export.messages.select(id="sender", name="sender_name").drop_nulls().unique("id", keep="first")
    listed = export.contacts.select("id", name=pl.coalesce("remark", "nickname")).drop_nulls()
    owner = export.facts.owner
    return dict(shown.iter_rows()) | dict(listed.iter_rows()) | {"self": owner.name or owner.id or ""}


def _feature_value(feature: str, value: str, called: Mapping[str, str], lang: Lang) -> str:
    """An author, kind or topic in words."""
    if feature == "topic":
        return say(f"submission.topic_{value}", lang)
    name = show(called.get(value) or "")
    if value == "self":
        return say("submission.self_named", lang, name=name) if name else say("submission.self", lang)
    return name or show(value)


def _pattern_lines(findings: SubmissionFindings, names: Sequence[str], lang: Lang) -> list[str]:
    """The patterns of selection in words, with the sentence on what they do not prove."""
    patterns = [
        f"{_export_prefix(n, names)}{say(f'submission.pattern_{p}', lang)}"
        for n, s in enumerate(findings.selection)
        for p in s["patterns"]
    ]
    return [*patterns, say("submission.patterns_limit", lang)] if patterns else []


def _passage_texts(
    findings: SubmissionFindings, submission: Reading, against: Sequence[Reading], lang: Lang
) -> list[PassageText]:
    """Every passage with its title, context and rows in words."""
    found = []
    for p in findings.passages.iter_rows(named=True):
        rows = _lines_of_passage(p, findings, submission, against[p["export"]], lang)
        values = {"inside": p["left_out_inside"], "before": p["left_out_before"], "after": p["left_out_after"]}
        title = say("submission.passage_title", lang, number=p["passage"], from_at=_time_text(p["from_at"], lang), to_at=_time_text(p["to_at"], lang), rows=p["rows"], coverage=_share_text(p["coverage"]))  # fmt: skip
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
    return _fold_rows(rows, lang)


def _left_row(message: dict[str, Any], left: dict[str, Any], lang: Lang) -> RowText:
    """A message of the export that the submission leaves out."""
    code = "aside" if left["cause"] is not None else "unsure" if left["is_doubtful"] else "left_out"
    if code == "left_out" and left["place"] == "around":
        code = "around"
    return RowText(code, say(f"submission.mark_{code}", lang), _time_text(message["sent_at"], lang), sender_of(message), _plain(_said(message)), (), message["locator"])  # fmt: skip


def _shown_row(message: dict[str, Any], row: dict[str, Any], submission: Reading, lang: Lang) -> RowText:
    """A message that the submission shows; where the words differ, both versions are marked."""
    code = {"conflict": "conflict", "doubtful": "doubtful"}.get(row["relation"], "submitted")
    own, held = _said(submission.messages.row(row["row"], named=True)), _said(message)
    differs = code != "submitted" and own != held
    first, *other = marked([own, held] if differs else [held], _SHOWN)
    where = f"{row['locator']} ↔ {message['locator']}"
    mark = mark_of(code, row["cause"], lang)
    return RowText(
        code, mark, _time_text(message["sent_at"], lang), sender_of(message), first, other[0] if other else (), where
    )


def _fold_rows(rows: list[RowText], lang: Lang) -> list[RowText]:
    """The rows near anything worth showing; longer stretches of submitted rows become one line."""
    keep = {
        k
        for n, r in enumerate(rows)
        if r.code != "submitted" or n in (0, len(rows) - 1)
        for k in range(n - ROUND, n + ROUND + 1)
    }
    out: list[RowText] = []
    for is_kept, run in groupby(range(len(rows)), key=keep.__contains__):
        stretch = [rows[n] for n in run]
        if is_kept or len(stretch) < LEAST_FOLDED:
            out += stretch
        else:
            out.append(_skipped_row("skipped", len(stretch), lang))
    return [*out[:MOST_ROWS], _skipped_row("more", len(out) - MOST_ROWS, lang)] if len(out) > MOST_ROWS else out


def _skipped_row(what: str, count: int, lang: Lang) -> RowText:
    """A line that stands for `count` rows that are not shown."""
    return RowText("skipped", "", "", "", _plain(say(f"submission.mark_{what}", lang, n=count)), (), "")


def _said(message: dict[str, Any]) -> str:
    """The text of a message, with its amount where the text does not state it."""
    return body_of(message["text"], message["amount"])


def _plain(text: str | None) -> tuple[Segment, ...]:
    """The text as a segment without marks, cut to the shown length."""
    return marked([text or ""], _SHOWN)[0]


def _lacking_rows(findings: SubmissionFindings, submission: Reading, lang: Lang) -> list[RowText]:
    """Submitted rows that the export does not have or that stay doubtful, up to MOST_LACKING."""
    lacking = findings.rows.filter(pl.col("export_row").is_null(), pl.col("relation").cast(pl.String).is_in(["one_sided", "doubtful"]))  # fmt: skip
    found = []
    for r in lacking.head(MOST_LACKING).iter_rows(named=True):
        message = submission.messages.row(r["row"], named=True)
        code = "not_in_export" if r["relation"] == "one_sided" else "doubtful"
        mark = mark_of(code, r["cause"], lang)
        found.append(RowText(code, mark, _time_text(message["sent_at"], lang), sender_of(message), _plain(_said(message)), (), message["locator"]))  # fmt: skip
    if lacking.height > MOST_LACKING:
        found.append(_skipped_row("more", lacking.height - MOST_LACKING, lang))
    return found


def _file_rows(
    submission: Reading, against: Sequence[Reading], names: Sequence[str], lang: Lang
) -> list[tuple[str, str, str, str, str]]:
    """Path, role, size, SHA-256 and SM3 of each file of the material."""
    found = []
    for n, reading in enumerate([submission, *against]):
        role = say("submission.role_export" if n else "submission.role_submission", lang)
        files = reading.sources or (SourceFile(names[n], 0, "", ""),)
        found += [(show(f.path), role, f"{f.size:,}", f.sha256, f.sm3) for f in files[:50]]
    return found


def _time_text(at: Any, lang: Lang) -> str:
    return local_time(at, SHANGHAI) or say("submission.no_time", lang)


def _share_text(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.1f} %"
