"""The guide 《微信记录保存与提取指引》 as terminal text and HTML, from `guide.toml`."""

from dataclasses import dataclass

from reconcile.submission.pages import render_page
from reconcile.wording import Lang, has, say, section


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its heading and what to do."""

    number: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """The parts of the guide in one language.

    `forms`: name of each form of export, what it keeps, what it loses.
    """

    steps: tuple[Step, ...]
    never: tuple[str, ...]
    forms: tuple[tuple[str, str, str], ...]


def guide_of(lang: Lang) -> Guide:
    """The guide, put together from the catalogue in the order of its keys."""
    steps = tuple(_step_of(key, lang) for key in _numbered_keys("step"))
    return Guide(
        steps,
        tuple(_numbered_sentences("never", lang)),
        tuple(_form_row(key, lang) for key in _numbered_keys("form", "_name")),
    )


def to_text(lang: Lang) -> str:
    """The guide as text for a terminal, one sentence a line."""
    guide = guide_of(lang)

    def said(key: str) -> str:
        return say(f"guide.{key}", lang)

    parts = [said("title"), "", said("intro"), ""]
    for step in guide.steps:
        parts += [f"{step.number}  {step.title}", *(f"  · {x}" for x in step.lines), ""]
    parts += [f"!! {said('never')}", *(f"  × {x}" for x in guide.never), ""]
    parts += [said("forms"), said("forms_intro"), ""]
    for name, keeps, loses in guide.forms:
        parts += [f"  {name}", f"    + {keeps}", f"    - {loses}"]
    return "\n".join([*parts, "", said("end"), ""])


def to_html(lang: Lang) -> str:
    """One page without network, for the screen and for A4 paper."""
    return render_page("guide.html", "guide", lang, guide=guide_of(lang))


def _numbered_keys(kind: str, ending: str = "") -> list[str]:
    """The catalogue's keys `KIND_01`, `KIND_02`, … in order."""
    numbers = range(1, 100)
    keys = (f"{kind}_{n:02d}" for n in numbers)
    return [k for k in keys if f"{k}{ending}" in section("guide")]


def _step_of(key: str, lang: Lang) -> Step:
    number = say("guide.step", lang, number=int(key[-2:]))
    return Step(number, say(f"guide.{key}", lang), tuple(_numbered_sentences(key, lang)))


def _numbered_sentences(key: str, lang: Lang) -> list[str]:
    return [say(f"guide.{key}_{n}", lang) for n in range(1, 20) if has(f"guide.{key}_{n}")]


def _form_row(key: str, lang: Lang) -> tuple[str, str, str]:
    """Name of a form of export, what it keeps and what it loses."""
    return say(f"guide.{key}_name", lang), say(f"guide.{key}_keeps", lang), say(f"guide.{key}_loses", lang)
