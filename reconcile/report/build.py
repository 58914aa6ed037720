"""Builds the one frozen ReportData from findings; each number is counted once, for every form."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from reconcile.column_ops import parts_by
from reconcile.frames import Findings
from reconcile.intake.media import Shelf
from reconcile.posts_as_rows import with_posts_as_rows
from reconcile.report import sheets
from reconcile.report.absent_messages import number_named, with_speakers
from reconcile.report.blocks import choose_blocks
from reconcile.report.cells import CellMaker, local_time
from reconcile.report.chosen_masks import Masks, with_masked_rows
from reconcile.report.clock_stretches import clock_stretches
from reconcile.report.counts import (
    LEFT,
    RIGHT,
    SideRows,
    causes_by_conversation,
    causes_of,
    forms_of,
    kinds_by_conversation,
    kinds_by_side,
    lines_by_place,
    open_points,
    sums_by_conversation,
    total,
)
from reconcile.report.details import Details
from reconcile.report.inputs import Decided, ExportSummary, RunFacts
from reconcile.report.lacking_totals import lacked_rows
from reconcile.report.masking import NO_MASK, Masker, masker_of
from reconcile.report.media import MediaBox
from reconcile.report.model import DecisionRow, ReportData
from reconcile.report.model_findings import AbsentRow, ConversationReport, Discrepancy, Finding, OddRow
from reconcile.report.next_steps import requests
from reconcile.report.posts import posts_report
from reconcile.report.rates import error_bounds, measured, rate_lines
from reconcile.report.series import common_period, series_of
from reconcile.report.sides import side_fact
from reconcile.report.tables import finding_lines, gap_lines
from reconcile.report.visible import show_line, visible_line
from reconcile.settings import ReportLimits
from reconcile.vocabulary import ClockReading, Grade, Side

_GRADES = {grade.value: place for place, grade in enumerate(Grade)}
_SHOWN_TEXT = 300


def build_report(
    findings: Findings,
    left: ExportSummary,
    right: ExportSummary,
    run: RunFacts,
    *,
    mask: bool | Masks = False,
    decided: Decided | None = None,
    limits: ReportLimits | None = None,
    open_shelf: Callable[[Side], Shelf | None] | None = None,
) -> ReportData:
    """The complete ReportData; no form computes anything more.

    Args:
        findings: the result of the comparison.
        left: facts about the left export.
        right: facts about the right export.
        run: case, program version, settings and command of the comparison.
        mask: replace third parties' names and numbers with consistent signs; `Masks`: replace only what they name.
        decided: reviewers' decisions that the findings already contain; the report names them.
        limits: how much is printed; the rest is counted.
        open_shelf: opens the files of a side's export, for pictures and sounds; a masked report shows none.
    """
    limits = limits or ReportLimits()
    order = _worst_first(findings)
    findings = with_posts_as_rows(findings)
    chosen = mask if isinstance(mask, Masks) else None
    if chosen is not None:
        findings = with_masked_rows(findings, chosen)
    sides = {side: SideRows.of(findings.messages, side, order) for side in (LEFT, RIGHT)}
    chats = _without_posts(findings, sides, order)
    masker = _masker_for(mask, left, right, sides, findings)
    if chosen is not None:
        left, right = (replace(side, label=masker.text(side.label)) for side in (left, right))
    names = {side: _shown_names(findings, side, summary) for side, summary in ((LEFT, left), (RIGHT, right))}
    maker = _ChapterMaker(
        findings,
        sides=sides,
        order=order,
        masker=masker,
        limits=limits,
        zone=run.timezone,
        explained_in=run.explained_in,
        decided=decided,
        names=names,
        media=MediaBox(open_shelf, limits) if open_shelf is not None and not mask else None,
    )
    conversations = maker.conversations()
    lacked = lacked_rows(findings, sides, order, masker, run.timezone)
    left_fact = side_fact(left, chats[LEFT], masker, limits, run.timezone)
    right_fact = side_fact(right, chats[RIGHT], masker, limits, run.timezone)
    return ReportData(
        case=masker.shown_text(run.case),
        cover=tuple((code, show_line(text)) for code, text in run.cover.stated()) if run.cover else (),
        program_version=run.program_version,
        command=masker.shown_text(run.command),
        timezone=run.timezone,
        settings=flat(run.settings),
        hashes=_sorted_hashes(run.hashes),
        masked=bool(mask),
        masked_names=masker.names_masked,
        masked_numbers=masker.numbers_masked,
        masked_rows=None if chosen is None else sum(map(len, chosen.named_rows.values())),
        left=left_fact,
        right=right_fact,
        sums=total(c.sums for c in conversations),
        grades=tuple((g.value, sum(c.grade == g for c in conversations)) for g in Grade),
        listed=min(len(order), limits.conversations_listed),
        conversations=conversations,
        not_printed=sum(c.findings_found - len(c.findings) for c in conversations),
        detailed=min(len(order), limits.conversations_in_detail),
        discrepancies=maker.discrepancies(),
        discrepancies_found=maker.blocks.listed_found,
        decisions=maker.decisions(),
        reviewers=tuple(dict.fromkeys(show_line(d.reviewer) for d in decided.decisions)) if decided else (),
        grades_found=tuple((g.value, sum((c.grade_found or c.grade) == g for c in conversations)) for g in Grade),
        decisions_found=len(decided.decisions) if decided else 0,
        decisions_out_of_date=decided.out_of_date if decided else 0,
        decisions_logged=decided.logged if decided else 0,
        decisions_head=decided.head if decided and decided.logged else "",
        odd=maker.all_odd(),
        odd_found=findings.irregularities.height,
        absent_outside=maker.absent(None),
        absent_outside_found=findings.absent["conversation"].null_count(),
        series=series_of(findings, sides, order, run.timezone),
        lacked=lacked[: limits.lacked_rows],
        lacked_found=len(lacked),
        agreed_by=causes_of(maker.places, "agreement"),
        differing_by=causes_of(maker.places, "conflict"),
        aside_by=causes_of(maker.places, "set_aside"),
        error_bounds=error_bounds(findings.verdicts),
        measured=measured(findings.error_rates),
        checklist=sheets.checklist(left_fact, right_fact, kinds_by_side(maker.places)),
        factors=sheets.factors(left_fact, right_fact, conversations),
        requests=requests(conversations[: limits.conversations_in_detail], _without_ids(chats)),
        error_rates=flat(findings.error_rates),
        posts=posts_report(findings, order, masker, limits, run.timezone),
        rate_lines=rate_lines(findings.error_rates),
        sheet_rows=limits.sheet_rows,
        gaps=gap_lines(findings, masker, run.timezone),
        lines=finding_lines(findings, masker, run.timezone, run.explained_in),
    )


def _without_posts(findings: Findings, sides: dict[str, SideRows], order: list[str]) -> dict[str, SideRows]:
    """The rows of each side that are messages and not posts of Moments."""
    if "post_row" not in findings.messages.columns:
        return sides
    messages = findings.messages.filter(pl.col("post_row").is_null())
    return {side: SideRows.of(messages, side, order) for side in (LEFT, RIGHT)}


def _masker_for(
    mask: bool | Masks, left: ExportSummary, right: ExportSummary, sides: dict[str, SideRows], findings: Findings
) -> Masker:
    """The masker for what the user chose or, without a choice, for all third parties.

    Where nothing is to be masked, it changes nothing.
    """
    if isinstance(mask, Masks):
        return Masker(on=True, people=mask.people, numbers=mask.numbers)
    return masker_of(left, right, sides, findings.posts) if mask else NO_MASK


def with_hashes(data: ReportData, hashes: Mapping[str, str]) -> ReportData:
    """The report with the SHA-256 of each finished output, which is known only at the end."""
    return data.model_copy(update={"hashes": _sorted_hashes(hashes)})


def _without_ids(sides: dict[str, SideRows]) -> tuple[Side, ...]:
    """The sides whose rows hardly ever state a message id."""
    ids = {side: sides[side].frame["message_id"] for side in Side}
    return tuple(side for side, stated in ids.items() if stated.null_count() * 2 > stated.len())


def _sorted_hashes(found: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """File names and hashes as pairs, sorted by name."""
    return tuple(sorted((show_line(k), v) for k, v in found.items()))


def flat(values: Mapping[str, object], prefix: str = "") -> tuple[tuple[str, str], ...]:
    """Nested settings or figures as dotted names and texts, in order."""
    out: list[tuple[str, str]] = []
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            out += flat(value, f"{name}.")
        elif isinstance(value, str):
            out.append((show_line(name), show_line(value)))
        else:
            out.append((show_line(name), show_line(json.dumps(value, ensure_ascii=False, default=str))))
    return tuple(out)


def _worst_first(findings: Findings) -> list[str]:
    """Conversations by grade (worst first), then by number of discrepancies, doubtful rows and size."""
    verdicts = findings.verdicts.with_columns(
        pl.col("grade").replace_strict(_GRADES, default=len(_GRADES), return_dtype=pl.Int64).alias("place"),
        (pl.col("conflicts") + pl.col("left_missing") + pl.col("right_missing")).alias("weight"),
        (pl.col("left_rows") + pl.col("right_rows")).alias("size"),
    )
    ordered = verdicts.sort(
        "place", "weight", "doubtful", "size", "conversation", descending=[False, True, True, True, False]
    )
    return ordered["conversation"].to_list()


class _ChapterMaker:
    """Makes the chapters and lists of a report from counts that are made once."""

    def __init__(
        self,
        findings: Findings,
        *,
        sides: dict[str, SideRows],
        order: list[str],
        masker: Masker,
        limits: ReportLimits,
        zone: str,
        explained_in: str | None,
        decided: Decided | None,
        names: dict[str, dict[str, str]],
        media: MediaBox | None,
    ) -> None:
        self._decided, self._names, self._sides = decided, names, sides
        self._findings, self._order, self._masker, self._limits, self._zone = findings, order, masker, limits, zone
        self.places = lines_by_place(findings, sides)
        self._sums = sums_by_conversation(self.places, sides)
        self._detailed = set(order[: limits.conversations_in_detail])
        detailed = self.places.filter(pl.col("conversation").is_in(list(self._detailed)))
        self._kinds = kinds_by_conversation(detailed)
        self._aside = causes_by_conversation(detailed, "set_aside")
        self._unnamed_forms = causes_by_conversation(detailed.filter(pl.col("cause") == "form"), "agreement")
        self._forms = forms_of(findings)
        self._open = open_points(findings)
        self._absent = _rows_by_conversation(with_speakers(findings.absent, findings.messages))
        self._odd = dict(findings.irregularities.group_by("conversation").len().iter_rows())
        blocks = self.blocks = choose_blocks(findings, sides, order[: limits.conversations_in_detail], limits)
        cells = CellMaker(zone, limits.text_characters, masker, media)
        skews = dict(findings.verdicts.select("conversation", pl.col("skew_seconds").fill_null(0.0)).iter_rows())
        self._details = Details(
            findings,
            sides=sides,
            blocks=blocks,
            skews=skews,
            cells=cells,
            limits=limits,
            zone=zone,
            masker=masker,
            explained_in=explained_in,
        )
        self._findings_of = self._details.findings()

    def conversations(self) -> tuple[ConversationReport, ...]:
        """Chapters in order, worst grade first."""
        verdicts = {v["conversation"]: v for v in self._findings.verdicts.iter_rows(named=True)}
        return tuple(self._conversation_report(n, verdicts[key]) for n, key in enumerate(self._order, 1))

    def discrepancies(self) -> tuple[Discrepancy, ...]:
        """The list of discrepancies, up to the limit."""
        return self._details.discrepancies({key: n for n, key in enumerate(self._order, 1)})

    def decisions(self) -> tuple[DecisionRow, ...]:
        """Reviewers' decisions in order, up to the limit."""
        numbers = {key: n for n, key in enumerate(self._order, 1)}
        listed = self._decided.decisions[: self._limits.decisions] if self._decided else ()
        return tuple(
            DecisionRow(
                number=n,
                at=local_time(d.at, self._zone) or "",
                reviewer=show_line(d.reviewer),
                judgement=str(d.judgement),
                differs=d.differs,
                note=self._masker.shown_text(d.note),
                conversation=numbers.get(d.conversation),
                found=d.found,
                left_locator=self._masker.shown_place(d.left.locator or "") if d.left else None,
                right_locator=self._masker.shown_place(d.right.locator or "") if d.right else None,
            )
            for n, d in enumerate(listed, 1)
        )

    def all_odd(self) -> tuple[tuple[int | None, OddRow], ...]:
        """Irregular rows with their conversation's number, worst conversation first; None = the whole export."""
        numbers = {key: n for n, key in enumerate(self._order, 1)}
        rows = [(numbers.get(row["conversation"]), row) for row in self._findings.irregularities.iter_rows(named=True)]
        rows.sort(key=lambda pair: (pair[0] is None, pair[0] or 0))
        return tuple(
            (
                number,
                OddRow(
                    side=row["side"],
                    conversation=row["conversation"],
                    row=None if row["row"] is None else row["row"] + 1,
                    locator=self._masker.shown_place(row["locator"]),
                    reason=row["reason"],
                ),
            )
            for number, row in rows[: self._limits.odd_rows * 4]
        )

    def absent(self, conversation: str | None) -> tuple[AbsentRow, ...]:
        """Messages that neither side holds but something refers to; None = of no known conversation."""
        rows = self._absent.get(conversation)
        return () if rows is None else tuple(map(self._absent_row, rows.head(self._limits.odd_rows).to_dicts()))

    def _absent_row(self, row: dict[str, Any]) -> AbsentRow:
        return AbsentRow(
            side=row["side"],
            witness=row["witness"],
            locator=self._masker.shown_place(row["locator"]),
            message_id=visible_line(row["message_id"]),
            at=local_time(row["sent_at"], self._zone),
            sender=self._masker.shown_name(row["sender"]),
            kind=row["kind"],
            text=self._masker.shown_text(row["text"], _SHOWN_TEXT),
            count=row["count"],
            is_placed=row.get("is_placed"),
            amount=visible_line(row["amount"]),
            said_at=local_time(row["said_at"], self._zone),
            named=number_named(row["native_id"]),
        )

    def _conversation_report(self, number: int, verdict: dict[str, Any]) -> ConversationReport:
        key = verdict["conversation"]
        findings: list[Finding] = self._findings_of.get(key, [])
        common = common_period(verdict)
        absent = self._absent.get(key)
        segments = verdict.get("clock_segments") or ()
        return ConversationReport(
            number=number,
            conversation=show_line(self._masker.name(key)),
            left_title=self._masked_title(verdict["left_title"] or self._names[LEFT].get(verdict["left_conversation"])),
            right_title=self._masked_title(
                verdict["right_title"] or self._names[RIGHT].get(verdict["right_conversation"])
            ),
            left_key=self._masked_title(verdict["left_conversation"]),
            right_key=self._masked_title(verdict["right_conversation"]),
            kind=verdict["conversation_kind"],
            pairing=verdict["pairing"],
            grade=verdict["grade"],
            grade_found=self._decided.grades.get(key) if self._decided else None,
            reasons=tuple(verdict["reasons"]),
            tests_not_possible=tuple(verdict["tests_not_possible"]),
            sums=self._sums[key],
            edge_unverified=verdict["edge_unverified"],
            referenced_absent=verdict["referenced_absent"],
            skew_seconds=verdict["skew_seconds"],
            coverage_from=local_time(common[0], self._zone),
            coverage_to=local_time(common[1], self._zone),
            kinds=self._kinds.get(key, ()),
            aside=self._aside.get(key, ()),
            forms=self._forms.get(key) or self._unnamed_forms.get(key, ()),
            findings=tuple(findings),
            findings_found=self.blocks.found.get(key, 0),
            absent=self.absent(key) if key in self._detailed else (),
            absent_found=0 if absent is None else absent.height,
            odd_found=self._odd.get(key, 0),
            open_by=self._open.get(key, ()),
            unstated=verdict.get("not_stated_selectively") or 0,
            clocks=clock_stretches(verdict, self._sides, self._zone) if key in self._detailed else (),
            clock_changes=sum(s["reading"] == ClockReading.CLOCK_SET for s in segments),
            zone_shifts=sum(s["rows"] for s in segments if s["reading"] == ClockReading.ZONE_SHIFT),
        )

    def _masked_title(self, title: str | None) -> str | None:
        return show_line(self._masker.name(title)) if title is not None else None


def _shown_names(findings: Findings, side: str, summary: ExportSummary) -> dict[str, str]:
    """By account id, the name that the device shows: remark or nickname, else the last beside a message.

    Beside messages it looks for the peers of chats between two alone.
    """
    peers = findings.verdicts[f"{side}_conversation"].drop_nulls()
    rows = findings.messages.filter((pl.col("side") == side) & pl.col("sender").is_in(peers.implode()))
    beside = rows.select(pl.col("sender").alias("id"), pl.col("sender_name").alias("name"))
    contacts = summary.contacts.select("id", pl.coalesce("remark", "nickname").alias("name"))
    named = pl.concat([contacts, beside.reverse()]).drop_nulls().filter(pl.col("name") != "")
    return dict(named.unique("id", keep="first", maintain_order=True).iter_rows())


def _rows_by_conversation(frame: pl.DataFrame) -> dict[str | None, pl.DataFrame]:
    return {key: part for (key,), part in parts_by(frame, "conversation").items()}
