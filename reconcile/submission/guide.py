"""The guide 《微信记录保存与提取指引》 as terminal text, HTML and DOCX, from `guide.toml`."""

from dataclasses import dataclass
from pathlib import Path

from reconcile.submission.paper import Cell, Paper, render_template
from reconcile.wording import Lang, has, say, section


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its heading and what to do."""

    number: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """The whole guide in one language."""

    lang: Lang
    title: str
    intro: str
    steps: tuple[Step, ...]
    never_title: str
    never: tuple[str, ...]
    forms_title: str
    forms_intro: str
    form_columns: tuple[str, ...]
    forms: tuple[tuple[str, str, str], ...]
    end: str


def guide_of(lang: Lang) -> Guide:
    """The guide, put together from the catalogue in the order of its keys."""
    return Guide(
        lang=lang,
        title=say("guide.title", lang),
        intro=say("guide.intro", lang),
        steps=tuple(_step(key, lang) for key in _numbered("step")),
        never_title=say("guide.never", lang),
        never=tuple(_lines("never", lang)),
        forms_title=say("guide.forms", lang),
        forms_intro=say("guide.forms_intro", lang),
        form_columns=tuple(say(f"guide.form_column_{c}", lang) for c in ("name", "keeps", "loses")),
        forms=tuple(_form(key, lang) for key in _numbered("form", "_name")),
        end=say("guide.end", lang),
    )


def to_text(lang: Lang) -> str:
    """The guide for a terminal; lines are as long as their sentences, the terminal wraps them."""
    guide = guide_of(lang)
    parts = [guide.title, "", guide.intro, ""]
    for step in guide.steps:
        parts += [f"{step.number}  {step.title}", *(f"  · {x}" for x in step.lines), ""]
    parts += [f"!! {guide.never_title}", *(f"  × {x}" for x in guide.never), ""]
    parts += [guide.forms_title, guide.forms_intro, ""]
    for name, keeps, loses in guide.forms:
        parts += [f"  {name}", f"    + {keeps}", f"    - {loses}"]
    return "\n".join([*parts, "", guide.end, ""])


def to_html(lang: Lang) -> str:
    """One page without network, for the screen and for A4 paper."""
    return render_template("guide.html", guide=guide_of(lang))


def to_docx(lang: Lang, path: Path) -> None:
    """The guide as a Word document."""
    guide = guide_of(lang)
    paper = Paper(lang)
    paper.title(guide.title)
    paper.text(guide.intro)
    for step in guide.steps:
        paper.heading(f"{step.number}  {step.title}")
        paper.bullets(step.lines)
    paper.heading(guide.never_title)
    paper.bullets([f"✗ {x}" for x in guide.never])
    paper.heading(guide.forms_title)
    paper.small(guide.forms_intro)
    paper.table(guide.form_columns, [_cells(f) for f in guide.forms], (4.6, 5.2, 7.6))
    paper.small(guide.end)
    paper.save(path)


def _cells(form: tuple[str, str, str]) -> list[Cell]:
    name, keeps, loses = form
    return [Cell("", strong=name), Cell(keeps), Cell(loses)]


def _numbered(kind: str, ending: str = "") -> list[str]:
    numbers = range(1, 100)
    keys = (f"{kind}_{n:02d}" for n in numbers)
    return [k for k in keys if f"{k}{ending}" in section("guide")]


def _step(key: str, lang: Lang) -> Step:
    number = say("guide.step", lang, number=int(key[-2:]))
    return Step(number, say(f"guide.{key}", lang), tuple(_lines(key, lang)))


def _lines(key: str, lang: Lang) -> list[str]:
    return [say(f"guide.{key}_{n}", lang) for n in range(1, 20) if has(f"guide.{key}_{n}")]


def _form(key: str, lang: Lang) -> tuple[str, str, str]:
    return say(f"guide.{key}_name", lang), say(f"guide.{key}_keeps", lang), say(f"guide.{key}_loses", lang)
