"""The one catalogue of everything a user reads, Chinese and English side by side.

Each TOML file of this folder holds tables `[key]` with the strings `zh` and `en`; keys are dotted by file name:
`say("verdict.no_gap_found", lang)` reads table `no_gap_found` of verdict.toml. Values use `str.format` fields.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


@cache
def section(name: str) -> dict[str, dict[str, str]]:
    """Every entry of one catalogue file: key -> {zh, en}. Raises FileNotFoundError for an unknown section."""
    text = (files(__package__) / f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def sections() -> list[str]:
    """Names of all catalogue files, in alphabetical order."""
    return sorted(f.name.removesuffix(".toml") for f in files(__package__).iterdir() if f.name.endswith(".toml"))


def say(key: str, lang: Lang, **values: object) -> str:
    """The catalogue's words for a dotted key, with values filled in. Raises KeyError when the key is not there."""
    name, _, entry = key.partition(".")
    return section(name)[entry][lang].format(**values)


def has(key: str) -> bool:
    """Whether the catalogue knows the key."""
    name, _, entry = key.partition(".")
    return name in sections() and entry in section(name)


def name_of(key: str, lang: Lang) -> str:
    """The catalogue's words for a code that another version may have coined: an unknown one prints as the code itself."""
    name, _, entry = key.partition(".")
    try:
        return section(name)[entry][lang]
    except (KeyError, FileNotFoundError):
        return entry.partition(".")[2] or entry or key
