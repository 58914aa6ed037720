"""Renders the list of discrepancies and the evidence list as editable Word documents."""

from collections.abc import Iterator

from reconcile.report.docx_parts import Content, Heading, Part, Table, Words, build
from reconcile.report.html import exhibit, sureness_sentence
from reconcile.report.model import ReportData
from reconcile.report.model_findings import Discrepancy
from reconcile.report.model_sides import SideFact
from reconcile.report.pieces import Segment
from reconcile.report.words import code_of, text_of
from reconcile.vocabulary import Side
from reconcile.wording import Lang

_SLOT_MM = 14.0
_FILES_IN_CELL = 20


def render_discrepancies(data: ReportData, lang: Lang) -> bytes:
    """discrepancies.docx: what each copy holds where they differ, with a column for the answer."""
    return build(_discrepancies(data, lang), _title(data, lang, "list_title"), lang, landscape=True)


def render_evidence_list(data: ReportData, lang: Lang) -> bytes:
    """evidence_list.docx: both exports and the comparison, with blanks that only the party can fill in."""
    return build(_evidence(data, lang), _title(data, lang, "evidence_title"), lang, landscape=True)


def _t(lang: Lang, key: str, **values: object) -> str:
    return text_of(f"report.{key}", lang, **values)


def _title(data: ReportData, lang: Lang, key: str) -> str:
    return f"{_t(lang, key)} · {data.case}"


def _discrepancies(data: ReportData, lang: Lang) -> Iterator[Part]:
    yield Words(_t(lang, "list_title"), strong=True, size=36, centred=True)
    yield from _opening(data, lang)
    yield Words(_t(lang, "list_note"))
    if data.discrepancies:
        yield Words(_t(lang, "list_count", found=data.discrepancies_found, shown=len(data.discrepancies)))
        heads = [
            _t(lang, k) for k in ("number", "finding_head", "conversation_no", "when", "sender", "kind", "discrepancy")
        ]
        heads += [f"{_t(lang, 'left_copy', side=s.called)} · {exhibit(s.side, lang)}" for s in data.sides]
        heads += [_t(lang, "answer")]
        rows = (_discrepancy(d, lang) for d in data.discrepancies)
        yield Table(heads, rows, (4, 5, 5, 11, 9, 6, 16, 25, 25, 17))
    else:
        yield Words(_t(lang, "list_empty"))
    yield from _rates(data, lang)
    yield from _signatures(data, lang)
    yield Words(_t(lang, "limit"), size=18)


def _discrepancy(row: Discrepancy, lang: Lang) -> list[Content]:
    relation = code_of("relation", row.relation, lang)
    cause = code_of("cause", row.cause, lang) if row.cause else ""
    return [
        str(row.number),
        str(row.finding) if row.finding else "—",
        str(row.conversation),
        row.at or "—",
        row.sender or "—",
        code_of("kind", row.kind, lang),
        "\n".join(filter(None, (relation, cause))),
        _side(Side.LEFT, row.left, row.left_locator, lang),
        _side(Side.RIGHT, row.right, row.right_locator, lang),
        "",
    ]


def _side(side: Side, said: Content | None, locator: str | None, lang: Lang) -> Content:
    if said is None:
        return _t(lang, "absent_here")
    place = text_of("front.place_of", lang, exhibit=exhibit(side, lang), place=locator or "—")
    return (*(said if not isinstance(said, str) else (Segment(text=said),)), Segment(text=f"\n{place}", mark="soft"))


def _opening(data: ReportData, lang: Lang) -> Iterator[Part]:
    yield Words(_t(lang, "notice"), strong=True, centred=True)
    facts = [(_t(lang, "case"), data.case), *_cover(data, lang)]
    facts += [(_t(lang, "sides"), " / ".join(text_of(s.with_account, lang) for s in data.sides))]
    facts += [(_t(lang, "version"), f"reconcile {data.program_version}"), (_t(lang, "timezone"), data.timezone)]
    for n, line in enumerate(data.reviewed_lines):
        yield Words(text_of(line, lang), strong=n == 0)
    yield Table([_t(lang, "fact"), _t(lang, "stated_col")], facts, (1, 3))


def _cover(data: ReportData, lang: Lang) -> list[tuple[str, str]]:
    """The fields of the case file; without one, court and case number to be completed."""
    names = {side.side.value: text_of(side.called, lang) for side in data.sides}
    stated = data.cover or (("court", ""), ("number", ""))
    pending = text_of("front.pending", lang)
    return [(text_of(f"front.cover_{code}", lang, **names), value or pending) for code, value in stated]


def _rates(data: ReportData, lang: Lang) -> Iterator[Part]:
    """The measured error rates of the comparison, for the person who answers the list."""
    yield Heading(_t(lang, "s12"), 2)
    yield Words(sureness_sentence(data, lang) or _t(lang, "no_rates"))


def _signatures(data: ReportData, lang: Lang) -> Iterator[Part]:
    heads = [_t(lang, k) for k in ("person", "signature", "date", "operator_notes")]
    people = [_t(lang, "left_sign", side=s.called) for s in data.sides]
    people += [_t(lang, "operator"), _t(lang, "witness_person")]
    yield Heading(_t(lang, "s16"), 2)
    yield Table(heads, [[person, "", "", ""] for person in people], (2, 3, 2, 4), row_mm=_SLOT_MM)


def _evidence(data: ReportData, lang: Lang) -> Iterator[Part]:
    yield Words(_t(lang, "evidence_title"), strong=True, size=36, centred=True)
    facts = [
        (_t(lang, "case"), data.case),
        *_cover(data, lang),
        (_t(lang, "submitter"), text_of("front.pending", lang)),
    ]
    for n, line in enumerate(data.reviewed_lines):
        yield Words(text_of(line, lang), strong=n == 0)
    yield Table([_t(lang, "fact"), _t(lang, "stated_col")], facts, (1, 3))
    heads = [_t(lang, f"evidence_{k}") for k in ("no", "name", "source", "content", "fact", "pages")]
    rows = [_export(side, lang) for side in data.sides]
    yield Table(heads, [*rows, _comparison(data, lang)], (6, 18, 19, 36, 17, 6))
    yield Words(_t(lang, "hash_meaning"), size=18)
    heads = [_t(lang, k) for k in ("submitter", "signature", "date", "copies", "received_by")]
    yield Table(heads, [["", "", "", "", ""]], (3, 3, 2, 1, 3), row_mm=_SLOT_MM)


def _export(side: SideFact, lang: Lang) -> list[Content]:
    origin = [side.device, side.os, side.app_version, text_of(side.made_by, lang), side.exported_at]
    files = [f"{f.path}\nSHA-256 {f.sha256}\nSM3 {f.sm3}" for f in side.files[:_FILES_IN_CELL]]
    count = _t(lang, "evidence_files", n=side.files_found, size=sum(f.size for f in side.files))
    more = side.files_found - len(files)
    if more > 0:
        files.append(_t(lang, "files_more", n=more))
    return [
        exhibit(side.side, lang),
        _t(lang, "evidence_export", side=side.called),
        "\n".join(v for v in origin if v) or _t(lang, "unknown"),
        "\n".join([count, *files]),
        "",
        "",
    ]


def _comparison(data: ReportData, lang: Lang) -> list[Content]:
    files = [f"{name}\nSHA-256 {digest}" for name, digest in data.hashes] or [_t(lang, "no_hashes")]
    made = _t(lang, "evidence_made", version=data.program_version)
    return [
        exhibit(None, lang),
        _t(lang, "evidence_report"),
        made,
        "\n".join(files),
        "",
        "",
    ]
