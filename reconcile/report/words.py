"""Translates phrases: the catalogue's sentence with its blanks filled, and codes as words."""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from reconcile.posts_as_rows import MOMENTS
from reconcile.report.pieces import Phrase
from reconcile.wording import Lang, has, in_number, name_of, section
from reconcile.wording.causes import cause_named

if TYPE_CHECKING:
    from reconcile.report.model_findings import ConversationReport, Finding

# From here on, rounding to three digits would give one.
_NEARLY_ONE = 0.9995
# The class of error rates for all trials together.
ALL = "all"
GLOSSARY = (
    "side",
    "pair",
    "one_sided",
    "conflict",
    "doubtful",
    "set_aside",
    "range",
    "edge",
    "skew",
    "confidence",
    "hash",
    "hidden",
)


def text_of(phrase: Phrase | str, lang: Lang, /, **values: object) -> str:
    """The text of a phrase or key in a language; nested phrases too. Numbers get thousands separators."""
    key = phrase.key if isinstance(phrase, Phrase) else phrase
    given: Mapping[str, object] = phrase.values if isinstance(phrase, Phrase) else values
    name, _, entry = key.partition(".")
    try:
        sentence = in_number(section(name)[entry], lang, given)
    except (KeyError, FileNotFoundError):
        return entry.partition(".")[2] or entry or key
    return sentence.format(**{k: _value_text(v, lang) for k, v in given.items()}) if given else sentence


def titles_of(conversations: "Iterable[ConversationReport]", lang: Lang) -> dict[str, str]:
    """Conversations by id with the names under which both sides show them."""
    return {c.conversation: _conversation_title(c, lang) for c in conversations}


def _conversation_title(report: "ConversationReport", lang: Lang) -> str:
    if report.kind == MOMENTS:
        return code_of("conversation_kind", MOMENTS, lang)
    both = (report.left_title or report.left_key, report.right_title or report.right_key)
    return " / ".join(dict.fromkeys(name for name in both if name)) or report.conversation


def code_key(group: str, code: str) -> str:
    """The catalogue key of a code; a reason written `cause:NAME` is looked up as that cause."""
    if code.startswith("cause:"):
        return f"verdict.cause.{code.removeprefix('cause:')}"
    key = f"verdict.{code}" if group == "grade" else f"verdict.{group}.{code}"
    # A detail says what differs, or the reason that an absence may have.
    return f"verdict.cause.{code}" if group == "detail" and not has(key) else key


def code_of(group: str, code: str, lang: Lang) -> str:
    """A code of a result in words; an unknown code stays as it is."""
    key = code_key(group, code)
    return name_of(key, lang) if key.count(".") > 1 or group == "grade" else code


def list_of(group: str, codes: "tuple[str, ...] | list[str]", lang: Lang) -> str:
    """Several codes in words, in one sentence part."""
    return ("；" if lang == "zh" else "; ").join(code_of(group, c, lang) for c in codes)


def why_of(finding: "Finding", lang: Lang) -> str:
    """The cause of a finding that is no conflict, and what narrows it down, in words."""
    first = next((line for line in finding.lines if line.focus and not line.skipped), None)
    detail = first.detail[0] if first is not None and first.detail else None
    cause = code_of("cause", cause_named(finding.cause or "", detail), lang)
    if first is None or not first.detail:
        return cause
    if None in (first.left, first.right) and finding.relation == "doubtful" and has(f"verdict.cause.{first.detail[0]}"):
        return text_of("report.doubt_why", lang, what=list_of("detail", first.detail, lang))
    return text_of("report.cause_more", lang, cause=cause, more=list_of("detail", first.detail, lang))


def zone_called(zone: str, lang: Lang) -> str:
    """The short name of a time zone; its own name where the catalogue has none."""
    key = f"report.zone_short.{zone}"
    return text_of(key, lang) if has(key) else zone


def rate_class(code: str, lang: Lang) -> str:
    """The name of a class in a table of error rates: all messages, a kind, or a length of text."""
    if code == ALL:
        return text_of("front.e_all", lang)
    return text_of(f"verdict.rate.kind_{code}" if has(f"verdict.rate.kind_{code}") else f"verdict.kind.{code}", lang)


def _value_text(value: object, lang: Lang) -> object:
    """The value of a blank as text; a number never rounds up to one."""
    if isinstance(value, Phrase):
        return text_of(value, lang)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, float):
        # A value below one is never printed as one: a confidence of 0.9999 is not certainty.
        if _NEARLY_ONE <= value < 1:
            return f"{math.floor(value * 10_000) / 10_000:g}"
        # Adding 0 turns -0 into 0.
        return f"{value + 0.0:,.3g}" if abs(value) < 1000 else f"{value:,.1f}"
    return value
