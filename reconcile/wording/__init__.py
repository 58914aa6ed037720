"""The one catalogue of everything a user reads, Chinese and English side by side.

Each TOML file of this folder holds tables `[key]` with the strings `zh` and `en`. Keys are prefixed by the file name:
`say("verdict.no_gap_found", lang)` reads table `no_gap_found` of verdict.toml. Values use `str.format` fields;
`en_one` replaces `en` where `n` is one. Texts about one producer's formats are in `formats/<producer>/wording.toml`.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from reconcile.wording.kept_tables import tables_of

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


# Sections that the producers' folders extend with texts on their forms.
_SHARED_WITH_FORMATS = frozenset({"readers", "errors_material", "errors_parts", "notes"})


@cache
def section(name: str) -> dict[str, dict[str, str]]:
    """Every entry of one section: key -> {zh, en}. Raises FileNotFoundError for an unknown section.

    Entries of `formats/<producer>/wording.toml` are named `[section.key]` and join those of this folder.
    """
    file = files(__package__) / f"{name}.toml"
    if name not in _SHARED_WITH_FORMATS:
        return tables_of(file)
    entries = tables_of(file) if file.is_file() else {}
    for told in _of_formats():
        entries |= told.get(name, {})
    return entries


@cache
def _of_formats() -> tuple[dict[str, dict[str, dict[str, str]]], ...]:
    folders = sorted((files("reconcile") / "formats").iterdir(), key=lambda f: f.name)
    told = (folder / "wording.toml" for folder in folders if folder.is_dir())
    return tuple(tables_of(file) for file in told if file.is_file())


@cache
def sections() -> tuple[str, ...]:
    """Names of all sections, in alphabetical order."""
    own = {f.name.removesuffix(".toml") for f in files(__package__).iterdir() if f.name.endswith(".toml")}
    return tuple(sorted(own | _SHARED_WITH_FORMATS))


def say(key: str, lang: Lang, **values: object) -> str:
    """The catalogue's text for a dotted key with values filled in. Raises KeyError."""
    name, _, entry = key.partition(".")
    return in_number(section(name)[entry], lang, values).format(**values)


def in_number(entry: Mapping[str, str], lang: Lang, values: Mapping[str, object]) -> str:
    """An entry's words in a language: those for one where `n` is one and the entry has them."""
    return entry.get(f"{lang}_one", entry[lang]) if values.get("n") == 1 else entry[lang]


def has(key: str) -> bool:
    """Whether the catalogue knows the key."""
    name, _, entry = key.partition(".")
    return name in sections() and entry in section(name)


def name_of(key: str, lang: Lang) -> str:
    """The catalogue's text for a code; an unknown code, as of another version, prints as it is."""
    name, _, entry = key.partition(".")
    try:
        return section(name)[entry][lang]
    except (KeyError, FileNotFoundError):
        return entry.partition(".")[2] or entry or key
