"""Lines of errors in the chosen language: raised in English, translated by the catalogue.

An error is raised as one English line, which logs, failure tables and callers of the library keep. Its template is in
errors.toml (runs and results) or errors_material.toml (exports), with the Chinese text. errors_parts.toml holds parts
of a line: the hint of a limit, a system's reason, wrong usage. notes.toml holds the program's words beside notes.
Values such as file names and words of the material may be hostile: they are copied unchanged, never used as a
pattern, and limited in length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from string import Formatter

from reconcile.wording import Lang, section

FILES = ("errors", "errors_material")
PARTS = "errors_parts"
# Longer lines are printed unchanged. The longest honest one holds two paths of 4,096 bytes and a heading.
LONGEST = 20_000
# How deep parts nest: words of wrong usage, their reason, and what that names.
_DEEPEST = 4
# Blanks that hold a list, with the separators in English and Chinese.
_LISTS = {"nearest": ("; ", "；"), "doubts": ("; ", "；"), "roles": (",", "，")}
NOTES = "notes"
# Notes that may quote a whole line of error: why a part was left out.
_QUOTING = frozenset({"part_unreadable", "part_encrypted", "file_unread"})
# Blanks that are replaced by all their parts, because the words around them are too few to identify a line.
_WRITTEN_OUT = ("hint", "advice", "what")


@dataclass(frozen=True, slots=True)
class Template:
    """One catalogue entry: key, words around and between its blanks, names of blanks, texts."""

    key: str
    words: tuple[str, ...]
    blanks: tuple[str, ...]
    texts: dict[str, str]

    @property
    def weight(self) -> int:
        """How many characters of it are no blanks: of two templates that fit a line, the heavier is meant."""
        return sum(map(len, self.words))

    def fit(self, line: str, *, backwards: bool = False) -> dict[str, str] | None:
        """The values of the blanks; None = the line does not come from this template.

        One search for each of the words between. Hostile text must not pass for ours: a hostile file name comes first
        in a line, which is searched backwards, and last in a part.
        """
        begin, end = len(self.words[0]), len(line) - len(self.words[-1])
        if not self.blanks:
            return {} if line == self.words[0] else None
        if begin > end or not line.startswith(self.words[0]) or not line.endswith(self.words[-1]):
            return None
        values = _between(line[begin:end], self.words[1:-1], backwards=backwards)
        return None if values is None else self._named_values(values)

    def fit_behind(self, source: str, line: str) -> dict[str, str] | None:
        """The same for a line that begins with the error's path, which then is the first blank."""
        if len(self.blanks) == 0 or self.words[0] or not line.startswith(source + self.words[1]):
            return None
        begin, end = len(source) + len(self.words[1]), len(line) - len(self.words[-1])
        if len(self.blanks) == 1:
            return self._named_values([source]) if len(line) == begin else None
        if begin > end or not line.endswith(self.words[-1]):
            return None
        values = _between(line[begin:end], self.words[2:-1], backwards=True)
        return None if values is None else self._named_values([source, *values])

    def _named_values(self, values: list[str]) -> dict[str, str] | None:
        pairs = list(zip(self.blanks, values, strict=True))
        numbers = (value for blank, value in pairs if "n" in blank.split("_"))
        return dict(pairs) if all(n.replace(",", "").isdecimal() for n in numbers) else None


def _between(text: str, words: Sequence[str], *, backwards: bool) -> list[str] | None:
    """The texts before, between and behind the words; None if these are not there in this order."""
    values: list[str] = []
    for word in reversed(words) if backwards else words:
        before, found, behind = text.rpartition(word) if backwards else text.partition(word)
        if not found:
            return None
        values.append(behind if backwards else before)
        text = before if backwards else behind
    return [*reversed([*values, text])] if backwards else [*values, text]


@cache
def templates(*files: str) -> tuple[Template, ...]:
    """The entries of catalogue files of errors, the one of most words first."""
    found = []
    for key, entry in (pair for file in files for pair in section(file).items()):
        for texts in _written_out(entry):
            pieces = list(Formatter().parse(texts["en"]))
            words = [literal for literal, _, _, _ in pieces]
            blanks = tuple(name for _, name, _, _ in pieces if name is not None)
            found.append(Template(key, (*words, *[""] * (len(blanks) + 1 - len(words))), blanks, texts))
    return tuple(sorted(found, key=lambda template: -template.weight))


def _written_out(entry: dict[str, str]) -> list[dict[str, str]]:
    """The entry's texts, one for each part that may fill a written-out blank.

    Blanks of a part are prefixed with the blank's name.
    """
    whole = [entry]
    for blank in (b for b in _WRITTEN_OUT if f"{{{b}}}" in entry["en"]):
        parts = [texts for key, texts in section(PARTS).items() if key.startswith(f"{blank}_")]
        whole = [
            {lang: w[lang].replace(f"{{{blank}}}", part[lang].replace("{", f"{{{blank}_")) for lang in entry}
            for w in whole
            for part in parts
        ]
    return whole


def find(line: str, source: str = "") -> tuple[Template, dict[str, str]] | None:
    """The template of a line of error with its values; None = unknown or a very long line."""
    if len(line) > LONGEST:
        return None
    lines = templates(*FILES)
    sure = ((t, f) for t in lines if (f := t.fit_behind(source, line)) is not None) if source else iter(())
    fits = ((t, f) for t in lines if (f := t.fit(line, backwards=True)) is not None)
    return next(sure, None) or next(fits, None)


def tell(line: object, lang: Lang, source: object = "") -> str:
    """A line of error in `lang`; unchanged if no template fits. `source` = the error's path, if any."""
    text = str(line)
    found = None if lang == "en" else find(text, str(source))
    return text if found is None else _fill_template(*found, lang, _DEEPEST)


def tell_error(error: BaseException, lang: Lang) -> str:
    """The line of an error in `lang`; the path that it carries tells where its first blank ends."""
    told = tell(error, lang, getattr(error, "source", "") or getattr(error, "case", ""))
    for option, name in getattr(error, "renamed", {}).items():
        told = told.replace(option, name)
    return told


def tell_part(blank: str, value: str, lang: Lang) -> str:
    """A part of a line on its own, by the name of its blank; unchanged if the catalogue has none like it."""
    found = None if lang == "en" else _part(blank, value)
    return value if found is None else _fill_template(*found, lang, _DEEPEST)


def tell_note(code: str, excerpt: str, lang: Lang) -> str:
    """A note's text without its place: translated if it is the program's, unchanged if the material's."""
    if lang == "en":
        return excerpt
    said = (t for t in templates(NOTES) if t.key.partition("__")[0] == code)
    found = next(((t, f) for t in said if (f := t.fit(excerpt)) is not None), None)
    found = found or (find(excerpt) if code in _QUOTING else None)
    return excerpt if found is None else _fill_template(*found, lang, _DEEPEST)


def _fill_template(template: Template, values: dict[str, str], lang: Lang, depth: int) -> str:
    return template.texts[lang].format(
        **{blank: _value_of_blank(blank, value, lang, depth) for blank, value in values.items()}
    )


def _value_of_blank(blank: str, value: str, lang: Lang, depth: int) -> str:
    """The value of a blank: translated if it is a catalogue part or a list of parts."""
    apart, between = _LISTS.get(blank, ("; ", "; "))
    parts = [_part(blank, item) for item in value.split(apart)] if blank in _LISTS else [_part(blank, value)]
    known = [part for part in parts if part is not None]
    if depth == 0 or len(known) < len(parts):
        return value
    return between.join(_fill_template(*part, lang, depth - 1) for part in known)


def _part(blank: str, value: str) -> tuple[Template, dict[str, str]] | None:
    """The catalogue part that a value is; its key begins with the name of the blank."""
    named = (t for t in templates(PARTS) if t.key.startswith(f"{blank}_"))
    return next(((t, found) for t in named if (found := t.fit(value)) is not None), None)
