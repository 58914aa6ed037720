"""The command lines of what the application does: each is one that a user could type, so that both write the same files."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from reconcile.app.cases import RESULT, Case, Export, Told
from reconcile.vocabulary import Side
from reconcile.wording import Lang

Words = tuple[str, ...]
Mask = Literal["none", "third", "chosen"]
MASKS = "masks.json"
"""What the user chose to be masked; `reconcile report --masks` takes it."""


def shown(words: Sequence[str]) -> str:
    """The command line as one would type it."""
    return shlex.join(["reconcile", *words])


def inspect_words(export: Export, lang: Lang) -> Words:
    """What is in one export."""
    told = export.told
    stated = {"--timezone": told.timezone, "--columns": told.columns, "--owner": told.owner}
    return ("inspect", export.path, "--json", *_options(stated), "--lang", lang)


def compare_words(case: Case, place: Path, lang: Lang) -> Words:
    """The comparison of the two parties' exports, of as many devices as each has given."""
    sides = {side: [e for e in case.exports if e.side == side] for side in Side}
    words = [f"--{e.side}={e.path}" for side in Side for e in sides[side]]
    for side in Side:
        told = _of_side([e.told for e in sides[side]])
        stated = {"timezone": told.timezone, "columns": told.columns, "owner": told.owner}
        words += _options({f"--{side}-{name}": value for name, value in stated.items()})
    words += _options({"--left-name": case.left_name, "--right-name": case.right_name, "--case": case.name})
    return ("compare", *words, f"--out={place / RESULT}", "--overwrite", "--lang", lang)


def report_words(place: Path, forms: Sequence[str], lang: Lang, mask: Mask) -> Words:
    """Reports of the finished comparison, with reviewers' decisions."""
    out = place / reports_folder(lang, mask)
    return (
        "report",
        str(place / RESULT),
        f"--out={out}",
        *(f"--report={form}" for form in forms),
        *([f"--case-file={place / 'checklist'}"] if (place / "checklist" / "case.toml").is_file() else []),
        *{"none": (), "third": ("--mask",), "chosen": (f"--masks={place / MASKS}",)}[mask],
        "--overwrite",
        "--lang",
        lang,
    )


def reports_folder(lang: Lang, mask: Mask) -> str:
    """Where reports lie within a case; masked ones apart, so that neither is handed over for the other."""
    return f"reports-{lang}{ {'none': '', 'third': '-masked', 'chosen': '-masked-as-chosen'}[mask] }"


def check_words(case: Case, place: Path, submission: str, side: Side, lang: Lang) -> Words:
    """Whether what was submitted is complete, held against a party's exports."""
    against = [f"--against={e.path}" for e in case.exports if e.side == side]
    return ("check", submission, *against, f"--out={place / 'check'}", "--overwrite", "--lang", lang)


def seal_words(case: Case, out: Path, lang: Lang) -> Words:
    """Digests of every export of the case."""
    paths = dict.fromkeys(e.path for e in case.exports)
    return ("seal", *paths, f"--out={out}", "--lang", lang)


def verify_words(sealed: Path, lang: Lang) -> Words:
    """Whether what was sealed is as it was."""
    return ("verify", str(sealed), "--lang", lang)


def bill_words(case: Case, place: Path, statement: str, lang: Lang) -> Words:
    """A payment statement, held against the payments in every export of the case."""
    chats = [f"--chats={e.path}" for e in case.exports]
    return ("bill", statement, *chats, f"--out={place / 'bill'}", "--overwrite", "--lang", lang)


def guide_words(place: Path, form: str, lang: Lang) -> Words:
    """The guide to keeping and extracting records."""
    return ("guide", f"--out={place / 'guide' / f'guide-{lang}.{form}'}", "--overwrite", "--lang", lang)


def checklist_words(place: Path, lang: Lang) -> tuple[Words, Words]:
    """The case file to fill in, and the checklist of what it holds."""
    folder = str(place / "checklist")
    return ("init", folder, "--lang", lang), ("checklist", folder, "--lang", lang)


def batch_words(folder: str, place: Path, lang: Lang) -> Words:
    """Every dispute of a folder, compared and put in order."""
    return ("batch", folder, f"--out={place}", "--reports=findings", "--overwrite", "--lang", lang)


def _of_side(told: Sequence[Told]) -> Told:
    """What is told of a party's exports; the first that tells a thing counts, for one command line tells it once."""
    first = {name: next((v for t in told if (v := getattr(t, name))), "") for name in Told.model_fields}
    return Told(**first)


def _options(stated: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in stated.items() if value]
