"""Renders the list of discrepancies and the evidence list as Word documents, each from its page."""

from reconcile.report.docx_report import document_of
from reconcile.report.first_page import front_of
from reconcile.report.html import render_list, sureness_sentence
from reconcile.report.model import ReportData
from reconcile.report.words import text_of, zone_called
from reconcile.wording import Lang


def render_discrepancies(data: ReportData, lang: Lang) -> bytes:
    """discrepancies.docx: what each copy holds where they differ, with a column for the answer."""
    facts = [(_say(lang, "case"), data.case), *_cover(data, lang)]
    facts += [(_say(lang, "sides"), " / ".join(text_of(s.with_account, lang) for s in data.sides))]
    facts += [
        (_say(lang, "version"), f"reconcile {data.program_version}"),
        (_say(lang, "timezone"), zone_called(data.timezone, lang)),
    ]
    signers = [_say(lang, "left_sign", side=s.called) for s in data.sides]
    signers += [_say(lang, "operator"), _say(lang, "witness_person")]
    sureness = sureness_sentence(front_of(data), lang)
    page = render_list("discrepancies.html", data, lang, facts=facts, signers=signers, sureness=sureness)
    return document_of(page, f"{_say(lang, 'list_title')} · {data.case}", lang, landscape=True)


def render_evidence_list(data: ReportData, lang: Lang) -> bytes:
    """evidence_list.docx: both exports and the comparison, with blanks that only the party can fill in."""
    facts = [(_say(lang, "case"), data.case), *_cover(data, lang)]
    facts.append((_say(lang, "submitter"), text_of("front.pending", lang)))
    page = render_list("evidence_list.html", data, lang, facts=facts)
    return document_of(page, f"{_say(lang, 'evidence_title')} · {data.case}", lang, landscape=True)


def _say(lang: Lang, key: str, **values: object) -> str:
    """The text `report.<key>` of the catalogue."""
    return text_of(f"report.{key}", lang, **values)


def _cover(data: ReportData, lang: Lang) -> list[tuple[str, str]]:
    """The fields of the case file; without one, court and case number to be completed."""
    names = {side.side.value: text_of(side.called, lang) for side in data.sides}
    stated = data.cover or (("court", ""), ("number", ""))
    pending = text_of("front.pending", lang)
    return [(text_of(f"front.cover_{code}", lang, **names), value or pending) for code, value in stated]
