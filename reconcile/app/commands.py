"""The command lines of the application's actions.

A user could type each of them, so both ways write the same files.
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from reconcile.app.cases import RESULT, Case, Export, Told
from reconcile.vocabulary import Side
from reconcile.wording import Lang

Words = tuple[str, ...]
Mask = Literal["none", "third", "chosen"]
MASKS = "masks.json"
"""The user's choice of what to mask, for `reconcile report --masks`."""


def shown(words: Sequence[str]) -> str:
    """The command line as a user would type it."""
    return shlex.join(["reconcile", *words])


def inspect_words(export: Export, lang: Lang) -> Words:
    """The command that inspects one export."""
    told = export.told
    stated = {"--timezone": told.timezone, "--columns": told.columns, "--owner": told.owner}
    return ("inspect", export.path, "--json", *_stated_options(stated), "--lang", lang)


def compare_words(case: Case, place: Path, lang: Lang) -> Words:
    """The command that compares the two parties' exports, with all devices of each."""
    sides = {side: [e for e in case.exports if e.side == side] for side in Side}
    words = [f"--{e.side}={e.path}" for side in Side for e in sides[side]]
    for side in Side:
        told = _facts_for_side([e.told for e in sides[side]])
        stated = {"timezone": told.timezone, "columns": told.columns, "owner": told.owner}
        words += _stated_options({f"--{side}-{name}": value for name, value in stated.items()})
    words += _stated_options({"--left-name": case.left_name, "--right-name": case.right_name, "--case": case.name})
    return ("compare", *words, f"--out={place / RESULT}", "--overwrite", "--lang", lang)


def report_words(place: Path, forms: Sequence[str], lang: Lang, mask: Mask, signing: Mapping[str, str]) -> Words:
    """The command that writes reports with reviewers' decisions; `signing` has the options for the PDF."""
    out = place / reports_folder(lang, mask)
    return (
        "report",
        str(place / RESULT),
        f"--out={out}",
        *(f"--report={form}" for form in forms),
        *([f"--case-file={place / 'checklist'}"] if (place / "checklist" / "case.toml").is_file() else []),
        *{"none": (), "third": ("--mask",), "chosen": (f"--masks={place / MASKS}",)}[mask],
        *_stated_options(signing),
        "--overwrite",
        "--lang",
        lang,
    )


def reports_folder(lang: Lang, mask: Mask) -> str:
    """The folder of reports within a case; masked ones have their own, so that they are not confused."""
    return f"reports-{lang}{ {'none': '', 'third': '-masked', 'chosen': '-masked-as-chosen'}[mask] }"


def check_words(case: Case, place: Path, submission: str, side: Side, lang: Lang) -> Words:
    """The command that checks a submission for completeness against a party's exports."""
    exports = [e for e in case.exports if e.side == side]
    against = [f"--against={e.path}" for e in exports]
    return (
        "check",
        submission,
        *against,
        *_options_for_each(exports),
        f"--out={place / 'check'}",
        "--overwrite",
        "--lang",
        lang,
    )


def seal_words(case: Case, out: Path, lang: Lang) -> Words:
    """The command that hashes every export of the case."""
    paths = dict.fromkeys(e.path for e in case.exports)
    return ("seal", *paths, f"--out={out}", "--lang", lang)


def verify_words(sealed: Path, lang: Lang) -> Words:
    """The command that verifies that sealed files are unchanged."""
    return ("verify", str(sealed), "--lang", lang)


def bill_words(case: Case, place: Path, statement: str, lang: Lang) -> Words:
    """The command that compares a payment statement with the payments in every export of the case."""
    chats = [f"--chats={e.path}" for e in case.exports]
    return (
        "bill",
        statement,
        *chats,
        *_options_for_each(case.exports),
        f"--out={place / 'bill'}",
        "--overwrite",
        "--lang",
        lang,
    )


def guide_words(place: Path, form: str, lang: Lang) -> Words:
    """The command that writes the guide to keeping and extracting records."""
    return ("guide", f"--out={place / 'guide' / f'guide-{lang}.{form}'}", "--overwrite", "--lang", lang)


def checklist_words(place: Path, lang: Lang) -> tuple[Words, Words]:
    """The commands that create the case file, and the checklist of its contents."""
    folder = str(place / "checklist")
    return ("init", folder, "--lang", lang), ("checklist", folder, "--lang", lang)


def batch_words(folder: str, place: Path, lang: Lang) -> Words:
    """The command that compares and ranks every dispute of a folder."""
    return ("batch", folder, f"--out={place}", "--reports=findings", "--overwrite", "--lang", lang)


def _facts_for_side(told: Sequence[Told]) -> Told:
    """What the user states about a party's exports; the first value counts, as a command takes only one."""
    first = {name: next((v for t in told if (v := getattr(t, name))), "") for name in Told.model_fields}
    return Told(**first)


def _options_for_each(exports: Sequence[Export]) -> list[str]:
    """The options for several exports: each option once for every export, or empty."""
    told = {name: [getattr(e.told, name) for e in exports] for name in ("timezone", "columns", "owner")}
    return [f"--{name}={value}" for name, values in told.items() if any(values) for value in values]


def _stated_options(stated: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in stated.items() if value]
