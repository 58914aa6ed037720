"""What a form of export is, as data: the table `[form]` of its page `pages/NAME.toml`."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconcile.intake.contract import FormLimits
from reconcile.intake.json.shape import JsonShape
from reconcile.vocabulary import Kind
from reconcile.wording import say
from reconcile.wording.kept_tables import tables_of


@dataclass(frozen=True, slots=True)
class JsonMark:
    """What the beginning of a JSON file shows if it has the form; an empty set asks nothing.

    Attributes:
        root: `object` or `array`; '' = either.
        keys: top-level keys that are there. any_key: of these, one at least. no_key: of these, none.
        first: keys of the first row that are there. no_first: of these, none.
        stated: a dotted top-level key -> the value that it has.
    """

    root: str = ""
    keys: frozenset[str] = frozenset()
    any_key: frozenset[str] = frozenset()
    no_key: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    no_first: frozenset[str] = frozenset()
    stated: Mapping[str, str] = field(default_factory=dict)

    def fits(self, shape: JsonShape) -> bool:
        """Whether a file of this shape has the form."""
        keys, first = set(shape.keys), shape.first.keys()
        return (
            self.root in ("", shape.root)
            and keys >= self.keys
            and (not self.any_key or bool(keys & self.any_key))
            and not keys & self.no_key
            and first >= self.first
            and not first & self.no_first
            and all(_value_at(shape.values, key) == value for key, value in self.stated.items())
        )


class Form:
    """A reader's form: `class X(Form, form="NAME")` has the facts of NAME as its attributes.

    Its title and what it was tested with stand in the catalogue. A plug-in may state all of them itself instead.

    Attributes:
        tool: the program that writes it.
        suffixes: lower-case endings of its files.
        companions: endings and names of files that the exporter lays beside them and that hold no messages of their own.
        looked_for: what its files are recognised by, in a few words.
        richness: among several forms of one exporter that hold the same conversation the richest is read.
        headings: the headings of its CSV files, each as the names of its columns.
        json: what the beginning of its JSON files shows.
        limits: what it cannot hold.
    """

    name: str
    tool: str = ""
    suffixes: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    looked_for: str = ""
    richness: int = 0
    headings: tuple[tuple[str, ...], ...] = ()
    json: JsonMark | None = None
    limits = FormLimits()

    def __init_subclass__(cls, form: str | None = None, **more: Any) -> None:
        """Gives the class the facts of the form that it names."""
        super().__init_subclass__(**more)
        if form is not None:
            cls.name = form
            for fact, value in form_facts(Path(sys.modules[cls.__module__].__file__ or ""), form).items():
                setattr(cls, fact, value)

    @property
    def title(self) -> str:
        """The form's name in words."""
        return say(f"readers.{self.name}", "en")

    @property
    def tested_with(self) -> str:
        """The versions that the reader was tested with."""
        return say(f"readers.{self.name}__tested", "en")


def form_facts(module: Path, name: str) -> dict[str, Any]:
    """The facts in `pages/NAME.toml` of the nearest folder above a module that has this file.

    Raises TypeError or ValueError for a fact, limit or kind that there is not.
    """
    page = next(p for folder in module.parents if (p := folder / "pages" / f"{name}.toml").is_file())
    told = tables_of(page).get("form", {})
    if unknown := told.keys() - Form.__annotations__.keys() - {"limits"}:
        raise TypeError(f"{page}: no facts of a form are {', '.join(sorted(unknown))}")
    return {fact: _MADE.get(fact, _as_tuple)(value) for fact, value in {"limits": {}, **told}.items()}


def _as_tuple(value: Any) -> Any:
    """Lists as tuples, at every depth."""
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def _mark(told: Mapping[str, Any]) -> JsonMark:
    """The described mark, with sets for lists."""
    sets: dict[str, Any] = {k: frozenset(v) if isinstance(v, list) else v for k, v in told.items()}
    return JsonMark(**sets)


def _limits(told: Mapping[str, Any]) -> FormLimits:
    """The described limits, with kinds for their names; of a known tool unless the page says otherwise."""
    kinds = {k: frozenset(map(Kind, v)) for k, v in told.items() if isinstance(v, list)}
    merged = {Kind(kind): Kind(other) for kind, other in told.get("kinds_merged", {}).items()}
    return FormLimits(**{"is_of_known_make": True, **told, **kinds, "kinds_merged": merged})


_MADE: Mapping[str, Callable[[Any], Any]] = {"json": _mark, "limits": _limits}


def _value_at(values: Mapping[str, Any], key: str) -> Any:
    """The value under a dotted key; null where a part is missing."""
    value: Any = values
    for name in key.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
