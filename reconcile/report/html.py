"""report.html: one file for paper and screen, Chinese and English in it, no script and no network."""

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from reconcile.report.model import Line, ReportData
from reconcile.report.pictures import Picture, pictures
from reconcile.report.pieces import Phrase, Segment
from reconcile.report.visible import show
from reconcile.report.words import GLOSSARY, code_key, list_of, text_of
from reconcile.settings import ReportLimits
from reconcile.vocabulary import Side
from reconcile.wording import LANGS, Lang, has
from reconcile.wording.errors import tell_note

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from markupsafe import Markup

_TAGS = {"zh": "zh-CN", "en": "en"}
SECTIONS = tuple(range(1, 18))
# A difference as short as a number is not broken over two lines.
_WHOLE = 16


def render_html(data: ReportData, lang: Lang, *, langs: tuple[Lang, ...] = LANGS, for_pdf: bool = False) -> str:
    """The whole report as one HTML text.

    Args:
        data: the finished report.
        lang: the language shown first.
        langs: languages held in the file; with one only there is no switch.
        for_pdf: leave out what only a screen can use.
    """
    template = _template("report.html")
    say = _Sayer(langs)
    return template.render(
        data=data,
        lang=lang,
        langs=langs,
        tags=_TAGS,
        for_pdf=for_pdf,
        T=say.phrase,
        C=say.code,
        codes=say.codes,
        note=say.note,
        known=say.known,
        phrase_of=lambda group, code: Phrase(key=code_key(group, code)),
        plain=lambda key, **values: text_of(key, lang, **values),
        pictures=_pictures(data, langs),
        L={s.side.value: s.called for s in data.sides},
        sections=SECTIONS,
        open_table=open_table(data),
        style=_style(),
        glossary=GLOSSARY,
        listed=ReportLimits().discrepancies_on_page,
    )


def open_table(data: ReportData) -> dict[str, list[tuple[str, list[int]]]]:
    """Section 9: explanations and tests with the numbers of the findings they belong to."""
    table: dict[str, dict[str, list[int]]] = {"open": {}, "test": {}}
    for report in data.conversations:
        for finding in report.findings:
            for code in finding.not_excluded:
                table["open"].setdefault(code, []).append(finding.number)
            for code in finding.tests_not_possible:
                table["test"].setdefault(code, []).append(finding.number)
    return {group: list(codes.items()) for group, codes in table.items()}


class _Sayer:
    """Puts phrases and codes into every language of the file, escaped, each marked with its language."""

    def __init__(self, langs: tuple[Lang, ...]) -> None:
        from markupsafe import Markup, escape  # noqa: PLC0415 - comes with the template library, only when reports are written

        self._langs, self._markup, self._escape = langs, Markup, escape
        self._known: dict[str, Markup] = {}

    def phrase(self, phrase: Phrase | str, /, **values: object) -> "Markup":
        """A phrase or key in every language."""
        if isinstance(phrase, Phrase) or values:
            return self._make(lambda lang: text_of(phrase, lang, **values))
        known = self._known.get(phrase)
        if known is None:
            known = self._known[phrase] = self._make(lambda lang: text_of(phrase, lang))
        return known

    def code(self, group: str, code: str | None) -> "Markup":
        """A code of a result in words; null as a dash."""
        return self.phrase(code_key(group, str(code))) if code else self._markup("—")

    def codes(self, group: str, codes: list[str]) -> "Markup":
        """Several codes, set apart by semicolons."""
        return self._make(lambda lang: list_of(group, codes, lang))

    def known(self, group: str, code: str) -> "Markup":
        """The catalogue's words for a code of `group`; the code itself where it has none, as of a reader from elsewhere."""
        key = f"{group}.{code}"
        return self.phrase(key) if has(key) else self._markup(self._escape(code))

    def note(self, code: str, excerpt: str, said: bool) -> "Markup":
        """What stands beside a note's place; where the program says it, in every language."""
        if not said or all(tell_note(code, excerpt, lang) == excerpt for lang in self._langs):
            told = self._escape(excerpt)
        else:
            told = self._make(lambda lang: tell_note(code, excerpt, lang))
        return self._markup("<bdi>{}</bdi>").format(told)

    def _make(self, words: Callable[[Lang], str]) -> "Markup":
        if len(self._langs) == 1:
            return self._escape(show(words(self._langs[0])))
        spans = [f'<span lang="{_TAGS[lang]}">{self._escape(show(words(lang)))}</span>' for lang in self._langs]
        return self._markup("".join(spans))


def _pictures(data: ReportData, langs: tuple[Lang, ...]) -> list[tuple[str, list[tuple[Lang, Picture]]]]:
    return [(drawn[langs[0]].name, list(drawn.items())) for drawn in pictures(data, langs)]


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - only when reports are written

    from reconcile.report.compiled import KeptTemplates  # noqa: PLC0415 - as above

    environment = Environment(
        loader=FunctionLoader(_read),
        bytecode_cache=KeptTemplates(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["pieces"] = pieces
    environment.filters["grouped"] = lambda n: f"{n:,}"
    environment.tests["side_left"] = lambda side: side == Side.LEFT
    environment.globals["focus_first"] = _focus_first
    return environment


@lru_cache(maxsize=8)
def _template(name: str) -> "Template":
    return _environment().get_template(name)


def pieces(segments: tuple[Segment, ...]) -> "Markup":
    """A message's words as escaped HTML: differences marked, tokens set apart. Words never become markup."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - as above

    forms = {
        "plain": "{}",
        "differs": "<mark>{}</mark>",
        "whole": '<mark class="whole">{}</mark>',
        "hidden": '<span class="tok">{}</span>',
    }
    return Markup("").join(Markup(forms[_look(s)]).format(escape(s.text)) for s in segments)  # noqa: S704 - fixed forms


def _look(segment: Segment) -> str:
    return "whole" if segment.mark == "differs" and len(segment.text) <= _WHOLE else segment.mark


def _focus_first(lines: tuple[Line, ...]) -> Line | None:
    return next((line for line in lines if line.focus and not line.skipped), None)


def _read(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text("utf-8")


@lru_cache(maxsize=1)
def _style() -> Any:
    from markupsafe import Markup  # noqa: PLC0415 - as above

    return Markup(_read("report.css"))  # noqa: S704 - our own file
