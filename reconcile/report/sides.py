"""What each export states about itself, for the report: device, tool, files, notes, accounts, limits."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath
from typing import TypeVar

import polars as pl

from reconcile.intake.contract import Declared, Filter, FormLimits, Note
from reconcile.report.cells import local_time
from reconcile.report.counts import SideRows
from reconcile.report.inputs import ExportSummary
from reconcile.report.masking import Masker
from reconcile.report.model_sides import FileFact, NoteFact, PersonFact, SideFact
from reconcile.report.pieces import Phrase
from reconcile.report.visible import show_line, visible_line
from reconcile.settings import ReportLimits

_EXAMPLES = 3
_EXCERPT = 80
_FORMS = {
    "database": {
        "db",
        "sqlite",
        "sqlite3",
        "decrypted",
        "db-wal",
        "db-shm",
        "db-journal",
        "sqlite-wal",
        "sqlite-journal",
    },
    "archive": {"zip", "bak", "tar", "gz", "backup"},
    "printout": {"pdf", "docx", "doc"},
    "picture": {"png", "jpg", "jpeg", "bmp", "webp", "heic", "gif"},
    "audio_video": {"mp3", "mp4", "silk", "amr", "wav", "mov"},
    "text_export": {"csv", "json", "jsonl", "txt", "html", "htm", "xlsx", "xml", "parquet", "md"},
}


def side_fact(summary: ExportSummary, rows: SideRows, masker: Masker, limits: ReportLimits, zone: str) -> SideFact:
    """One side's facts; invisible characters are made visible, third parties masked if asked."""
    facts, frame = summary.facts, rows.frame
    told = facts.device
    device = " ".join(v for v in (told.make, told.model, told.serial, told.name, told.phone) if v)
    persons = _person_facts(summary, masker)
    return SideFact(
        side=summary.side,
        label=show_line(summary.label),
        reader=show_line(facts.reader),
        tool=visible_line(facts.tool),
        tool_version=visible_line(facts.tool_version),
        exported_at=local_time(facts.exported_at, zone),
        timezone=visible_line(facts.timezone),
        device=masker.shown_text(device) or None,
        os=visible_line(facts.device.os),
        app_version=visible_line(facts.device.app_version),
        rows=frame.height,
        conversations=summary.conversations.height,
        first_at=local_time(frame["sent_at"].min(), zone),  # type: ignore[arg-type]
        last_at=local_time(frame["sent_at"].max(), zone),  # type: ignore[arg-type]
        zone_sources=_codes_by_count(frame["zone_source"]),
        precisions=_codes_by_count(frame["time_precision"]),
        files=tuple(_file_fact(summary, index, masker) for index in range(min(len(summary.sources), limits.files))),
        files_found=len(summary.sources),
        notes=_note_facts(summary, masker),
        owner=_owner_fact(summary, masker),
        persons=persons[: limits.persons],
        persons_found=len(persons),
        filters=_first_phrases(facts.filters, lambda f: _filter_phrase(f, zone, masker), limits.stated),
        declared=_first_phrases(facts.declared, lambda d: _declared_phrase(d, zone, masker), limits.stated),
        limits=tuple(_limit_phrases(facts.limits)),
    )


def form_of(path: str) -> str:
    """The form of a file by its suffix: database, archive, text_export, printout, picture, … or other."""
    ending = PurePosixPath(path.lower()).suffix.removeprefix(".")
    return next((form for form, endings in _FORMS.items() if ending in endings), "other")


def _file_fact(summary: ExportSummary, index: int, masker: Masker) -> FileFact:
    source = summary.sources[index]
    return FileFact(
        side=summary.side,
        path=masker.shown_place(source.path),
        size=source.size,
        sha256=source.sha256,
        sm3=source.sm3,
        form="statement" if source.is_statement else form_of(source.path),
    )


def _note_facts(summary: ExportSummary, masker: Masker) -> tuple[NoteFact, ...]:
    """The notes by code, most frequent first, each with its first places."""
    by_code: dict[str, list[Note]] = {}
    for note in summary.notes:
        by_code.setdefault(note.code.value, []).append(note)
    return tuple(
        NoteFact(
            side=summary.side,
            code=code,
            count=sum(n.count for n in notes),
            examples=tuple(
                (masker.shown_place(n.locator), masker.shown_text(n.excerpt, _EXCERPT), n.said)
                for n in notes[:_EXAMPLES]
            ),
        )
        for code, notes in sorted(by_code.items(), key=lambda item: (-sum(n.count for n in item[1]), item[0]))
    )


def _owner_fact(summary: ExportSummary, masker: Masker) -> PersonFact:
    owner = summary.facts.owner

    return PersonFact(
        side=summary.side,
        is_owner=True,
        id=masker.shown_name(owner.id),
        alias=masker.shown_name(owner.alias),
        name=masker.shown_name(owner.name),
        remark=None,
        phone=masker.shown_name(owner.phone),
        avatar_sha256=visible_line(owner.avatar_sha256),
    )


def _person_facts(summary: ExportSummary, masker: Masker) -> tuple[PersonFact, ...]:
    return tuple(
        PersonFact(
            side=summary.side,
            is_owner=row["id"] == summary.facts.owner.id,
            id=masker.shown_name(row["id"]),
            alias=masker.shown_name(row["alias"]),
            name=masker.shown_name(row["nickname"]),
            remark=masker.shown_name(row["remark"]),
            phone=masker.shown_name(row["phone"]),
            avatar_sha256=visible_line(row["avatar_sha256"]),
        )
        for row in summary.contacts.iter_rows(named=True)
    )


_Stated = TypeVar("_Stated")


def _first_phrases(all_stated: Sequence[_Stated], phrase: Callable[[_Stated], Phrase], most: int) -> tuple[Phrase, ...]:
    """A line for each of the first ones, and one that counts the rest."""
    lines = tuple(map(phrase, all_stated[:most]))
    rest = len(all_stated) - most
    return (*lines, Phrase(key="report.stated_more", values={"n": rest})) if rest > 0 else lines


def _declared_phrase(stated: Declared, zone: str, masker: Masker) -> Phrase:
    return Phrase(
        key="report.declared_line",
        values={
            "what": masker.shown_text(stated.what),
            "from_at": local_time(stated.from_at, zone) or "…",
            "to_at": local_time(stated.to_at, zone) or "…",
            "note": masker.shown_text(stated.note),
        },
    )


def _filter_phrase(stated: Filter, zone: str, masker: Masker) -> Phrase:
    return Phrase(
        key="report.filter_line",
        values={
            "from_at": local_time(stated.from_at, zone) or "…",
            "to_at": local_time(stated.to_at, zone) or "…",
            "kinds": _kind_list(stated.kinds),
            "conversation": masker.shown_name(stated.conversation) or "—",
        },
    )


def _limit_phrases(limits: FormLimits) -> Iterable[Phrase]:
    """A sentence for everything that the form of the export cannot hold."""
    for key, kinds in (
        ("kinds_absent", limits.kinds_absent),
        ("kinds_unknown", limits.kinds_unknown),
        ("kinds_without_content", limits.kinds_without_content),
        ("unplaced_kinds", limits.unplaced_kinds),
    ):
        if kinds:
            yield Phrase(key=f"report.limit_{key}", values={"kinds": _kind_list(kinds)})
    if limits.kinds_merged:
        yield Phrase(key="report.limit_kinds_merged", values={"kinds": _kind_list(limits.kinds_merged)})
    if limits.text_cut_at is not None:
        yield Phrase(key="report.limit_text_cut_at", values={"n": limits.text_cut_at})
    if limits.strips_prefix:
        yield Phrase(key="report.limit_strips_prefix")
    if limits.times_above_groups:
        yield Phrase(key="report.limit_times_above_groups")
    if limits.collapses_repeats:
        yield Phrase(key="report.limit_collapses_repeats")


def _kind_list(kinds: Iterable[str]) -> Phrase:
    """A list of kinds as a chain of phrases, so that it reads well in either language; empty = all."""
    names = sorted(str(k) for k in kinds)
    if not names:
        return Phrase(key="report.all_kinds")
    chain = Phrase(key=f"verdict.kind.{names[-1]}")
    for kind in reversed(names[:-1]):
        chain = Phrase(key="report.list_pair", values={"first": Phrase(key=f"verdict.kind.{kind}"), "rest": chain})
    return chain


def _codes_by_count(column: pl.Series) -> tuple[str, ...]:
    """Distinct values as text, most frequent first."""
    counted = column.value_counts(sort=False).sort("count", descending=True)
    return tuple(counted[column.name].cast(pl.String).to_list())
