"""Renders report.html: one file for screen and paper, without script or network.

Its first page states what was found.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from importlib.util import cache_from_source
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket

from reconcile.patterns import lazy_pattern
from reconcile.posts_as_rows import MOMENTS
from reconcile.report.first_page import Front, front_of
from reconcile.report.markup import dated, digest, is_amount, pieces
from reconcile.report.model import ReportData
from reconcile.report.model_findings import Cell, LackRow, Line
from reconcile.report.model_sides import PersonFact, SideFact
from reconcile.report.next_steps import who
from reconcile.report.pictures import Picture, pictures
from reconcile.report.pieces import Phrase
from reconcile.report.rates import wrong_of
from reconcile.report.visible import show
from reconcile.report.words import GLOSSARY, code_key, list_of, rate_class, text_of, why_of
from reconcile.settings import ReportLimits
from reconcile.vocabulary import Side
from reconcile.wording import Lang, has
from reconcile.wording.errors import tell_note

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from markupsafe import Markup

TAGS = {"zh": "zh-CN", "en": "en"}
DETAILS = {
    "verdicts": "front.d_verdicts",
    "lacking": "front.d_lacking",
    "findings": "front.d_findings",
    "open": "report.s9",
    "requests": "report.s14",
    "list": "report.s15",
}
ANNEXES = {
    "material": "report.s3",
    "accounts": "report.s5",
    "method": "report.s6",
    "pictures": "report.s7",
    "counts": "report.s_counts",
    "odd": "report.s10",
    "factors": "report.s11",
    "errors": "report.s12",
    "limits": "report.s13",
    "checklist": "report.s4",
    "custody": "report.s16",
    "reproduction": "report.s17",
    "glossary": "report.glossary",
}
_PLACEHOLDER = lazy_pattern(r"\[[^\[\]]{1,12}\]")
_NUMERALS = "一二三四五六七八九十"


def render_html(data: ReportData, lang: Lang) -> str:
    """The whole report in one language as one HTML text."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        # The library draws outside the interpreter while this thread fills the first pages.
        drawing = pool.submit(pictures, data, (lang,))
        return _filled(data, lang, lambda: [picture[lang] for picture in drawing.result()])


def _filled(data: ReportData, lang: Lang, drawn: Callable[[], list[Picture]]) -> str:
    """The filled template; `drawn` returns the pictures."""
    say = Sayer(lang)
    open_codes = open_table(data)
    front = front_of(data)
    on_front = sum(len(item.lines) for item in front.items)
    listed = data.discrepancies if data.discrepancies_found > on_front else ()
    shown = {"open": any(open_codes.values()), "requests": bool(data.requests), "list": bool(listed)}
    return _template("report.html").render(
        data=data,
        tag=TAGS[lang],
        T=say.phrase,
        C=say.code,
        codes=say.codes,
        note=say.note,
        known=say.known,
        drawn=drawn,
        L={s.side.value: say.phrase(s.called) for s in data.sides},
        copy={s.side.value: say.phrase(s.copy_of) for s in data.sides},
        owner={s.side.value: s.owner.name or s.account or say.phrase(s.called) for s in data.sides},
        front=front,
        discrepancies=listed[: ReportLimits().discrepancies_on_page],
        worst=_tone(data, front),
        several=len(data.conversations) > 1,
        talks=[c for c in data.conversations if c.kind != MOMENTS],
        posts_of=_posts_by_side(data),
        side_left=Side.LEFT,
        lacked_of=_lacked_by_side(data),
        details=[(name, say.phrase(key)) for name, key in DETAILS.items() if shown.get(name, True)],
        annexes=[(name, say.phrase(key)) for name, key in ANNEXES.items()],
        annex=lambda name: annex_of(name, lang),
        E={s.side.value: exhibit(s.side, lang) for s in data.sides},
        account_columns=account_columns,
        people_of=people_of,
        wrong_of=wrong_of,
        sureness_sentence=sureness_sentence(front, lang),
        rate_class=lambda code: rate_class(code, lang),
        asked_of=lambda r: who(r.code, {s.side: s for s in data.sides}.get(r.side)),
        why=lambda finding: why_of(finding, lang),
        begun=lambda sentence: sentence[:1].upper() + sentence[1:],
        open_table=open_codes,
        style=_style_sheet(),
        glossary=GLOSSARY,
    )


def _tone(data: ReportData, front: Front) -> str:
    """The grade whose colour the verdict takes: never that of agreement where something is undetermined."""
    worst = next((grade for grade, n in data.grades if n), "cannot_determine")
    is_calm = worst in ("explained_differences", "no_gap_found")
    return "cannot_determine" if is_calm and front.undetermined else worst


def render_list(name: str, data: ReportData, lang: Lang, **values: object) -> str:
    """A list for signing as HTML, from its template and the values that it alone needs."""
    say = Sayer(lang)
    context = {
        "data": data,
        "tag": TAGS[lang],
        "T": say.phrase,
        "C": say.code,
        "exhibit": lambda side: exhibit(side, lang),
    }
    return _template(name).render(context | values)


def numeral(number: int, lang: Lang) -> str:
    """The number of an annex or exhibit: 一, 二, … in Chinese, up to ninety-nine."""
    if lang != "zh":
        return f" {number}"
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{_NUMERALS[tens - 1]}十"
    return ten + (_NUMERALS[ones - 1] if ones else "")


def exhibit(side: Side | None, lang: Lang) -> str:
    """The exhibit number of a side's material, 证据一 and 证据二; None = the comparison itself, 证据三."""
    number = 3 if side is None else 1 if side is Side.LEFT else 2
    return text_of("front.exhibit", lang, number=numeral(number, lang))


def annex_of(name: str, lang: Lang) -> str:
    """The name of an annex: 附件一 and so on."""
    return text_of("front.annex", lang, number=numeral([*ANNEXES].index(name) + 1, lang))


def sureness_sentence(front: Front, lang: Lang) -> str | None:
    """How sure the report is, in one sentence; None where nothing is claimed or measured."""
    if front.sureness is None:
        return None
    return text_of(
        "front.sureness_sentence", lang, clauses=text_of(front.sureness, lang), annex=annex_of("errors", lang)
    )


_ACCOUNT_FIELDS = {
    "id": "id",
    "alias": "alias",
    "name": "name",
    "remark": "remark",
    "phone": "phone",
    "avatar": "avatar_sha256",
}


def people_of(side: SideFact) -> list[PersonFact]:
    """The owner and the contacts; the owner's own entry among them is left out where it adds nothing."""
    owner = side.owner

    def adds(person: PersonFact) -> bool:
        """Whether a contact is another person than the owner, or states more about the owner."""
        fields = [(getattr(person, field), getattr(owner, field)) for field in _ACCOUNT_FIELDS.values()]
        return person.id != owner.id or any(own and own != known for own, known in fields)

    return [owner, *(p for p in side.persons if adds(p))]


def account_columns(side: SideFact) -> list[tuple[str, list[str | None]]]:
    """The columns of the account table that hold anything: heading, and a value per account, owner first."""
    people = people_of(side)
    columns = [(name, [getattr(p, field) for p in people]) for name, field in _ACCOUNT_FIELDS.items()]
    return [(name, values) for name, values in columns if any(values)]


def open_table(data: ReportData) -> dict[str, list[tuple[str, list[int]]]]:
    """Explanations not excluded and tests not possible, with the numbers of the findings they belong to."""
    table: dict[str, dict[str, list[int]]] = {"open": {}, "test": {}}
    for report in data.conversations:
        for finding in report.findings:
            for code in finding.not_excluded:
                table["open"].setdefault(code, []).append(finding.number)
            for code in finding.tests_not_possible:
                table["test"].setdefault(code, []).append(finding.number)
    return {group: list(codes.items()) for group, codes in table.items()}


def _posts_by_side(data: ReportData) -> dict[str, int]:
    """Number of posts in Moments by side; articles that occur only in chats do not count."""
    counts = data.posts.counts if data.posts else ()
    return dict.fromkeys((s.value for s in Side), 0) | {c.side.value: c.posts for c in counts}


def _lacked_by_side(data: ReportData) -> dict[str, list[LackRow]]:
    """The rows by the side that lacks them; `both` = rows that differ."""
    rows: dict[str, list[LackRow]] = {"left": [], "right": [], "both": []}
    for row in data.lacked:
        rows[row.lacking.value if row.lacking else "both"].append(row)
    return rows


class Sayer:
    """Translates phrases and codes into one language; invisible characters are made visible."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang

    def phrase(self, phrase: Phrase | str, /, **values: object) -> str:
        """A phrase or key in words."""
        return show(text_of(phrase, self._lang, **values))

    def code(self, group: str, code: str | None) -> str:
        """A code of a result in words; null as a dash."""
        return self.phrase(code_key(group, str(code))) if code else "—"

    def codes(self, group: str, codes: list[str]) -> str:
        """Several codes, separated by semicolons."""
        return show(list_of(group, codes, self._lang))

    def known(self, group: str, code: str) -> str:
        """The catalogue's text for a code of `group`; the code itself if there is none."""
        key = f"{group}.{code}"
        return self.phrase(key) if has(key) else show(code)

    def note(self, code: str, excerpt: str, said: bool) -> "Markup":
        """The text next to a note's place, in the report's language where the program wrote it."""
        from markupsafe import Markup  # noqa: PLC0415 - comes with the template library, only when reports are written

        return Markup("<bdi>{}</bdi>").format(show(tell_note(code, excerpt, self._lang) if said else excerpt))


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - only when reports are written

    environment = Environment(
        loader=FunctionLoader(_read_template),
        bytecode_cache=KeptTemplates(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["pieces"] = pieces
    environment.filters["digest"] = digest
    environment.filters["dated"] = dated
    environment.tests["amount"] = is_amount
    environment.filters["grouped"] = lambda n: f"{n:,}"
    environment.globals |= {"says_kind_only": _says_kind_only, "starts_with_kind": _starts_with_kind}
    environment.globals["focus_first"] = _focus_first
    environment.globals["narrower"] = _narrower
    return environment


@lru_cache(maxsize=8)
def _template(name: str) -> "Template":
    return _environment().get_template(name)


def _says_kind_only(cell: Cell) -> bool:
    """Whether the text is only the placeholder of a kind, with amount or length printed next to it."""
    if len(cell.text) != 1 or not _starts_with_kind(cell):
        return False
    is_bare = bool(_PLACEHOLDER.fullmatch(cell.text[0].text))
    return bool(cell.duration) if cell.kind == "voice" else is_bare and cell.amount is not None


def _starts_with_kind(cell: Cell) -> bool:
    """Whether the text itself begins with the name of its kind in brackets, as exporters write it."""
    return bool(cell.text) and bool(_PLACEHOLDER.match(cell.text[0].text))


def _narrower(line: Line) -> list[str]:
    """Details of a difference that its differing parts do not already name."""
    named = {text_of(code_key("detail", part), "en") for part in line.differs}
    return [part for part in line.detail if text_of(code_key("detail", part), "en") not in named]


def _focus_first(lines: tuple[Line, ...]) -> Line | None:
    """The first line that belongs to the finding itself and not to its context."""
    return next((line for line in lines if line.focus and not line.skipped), None)


def _read_template(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text("utf-8")


@lru_cache(maxsize=1)
def _style_sheet() -> Any:
    """The style sheet of the page, not escaped."""
    from markupsafe import Markup  # noqa: PLC0415 - as above

    return Markup(_read_template("style.css"))  # noqa: S704 - our own file


class KeptTemplates(FileSystemBytecodeCache):
    """A template cache; unused where Python may not write compiled modules."""

    def __init__(self) -> None:
        """The folder of this module's own compiled form."""
        super().__init__(str(Path(cache_from_source(__file__)).parent), "template-%s.jinja")

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """The cache entry of a template; it also depends on the environment's options."""
        manners = (
            environment.trim_blocks, environment.lstrip_blocks, environment.keep_trailing_newline, environment.optimized,
            environment.autoescape, environment.finalize is None,
        )  # fmt: skip
        return super().get_bucket(environment, f"{name} {manners}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Loads a compiled template; a damaged one is compiled again."""
        with suppress(EOFError, UnpicklingError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Stores a compiled template."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)
