"""What the program says of itself stands in the catalogue in both languages: help, forms, checks, classes of evidence, stages."""

import re

import click
import pytest

from reconcile.cli import program
from reconcile.explanation.words import class_of
from reconcile.helped import asked
from reconcile.rates.confidence import RIGHT_SHARE
from reconcile.readers import READERS
from reconcile.wording import LANGS, has, section, sections
from tests.command import run

CHINESE = re.compile(r"[一-鿿]")
# Places of the command line, codes, and names of software are the same in both languages.
AS_THEY_ARE = re.compile(r"\[zh\|en\]|\[none\|findings\|all\]|\[html\|[a-z|]+\]|\b[A-Z]{3,}\b")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["", *program.commands])
def test_help_of_every_command_and_option_is_told_in_the_language_asked_for(name: str, lang: str) -> None:
    words = [*name.split(), "--help"] if lang == "zh" else [*name.split(), "--lang", "en", "--help"]
    done = run(*words)
    assert done.returncode == 0, done.stderr
    told = done.stdout.replace("zh", "").split("\n\n", 1)[1]
    assert bool(CHINESE.search(told)) is (lang == "zh")
    listed = re.split(r"\n  (?=-)", told.partition("选项：")[2])[1:]
    assert [option for option in listed if not CHINESE.search(AS_THEY_ARE.sub("", option))] == []


def test_help_says_nothing_that_is_not_in_the_catalogue() -> None:
    options = [p for c in program.commands.values() for p in c.params if isinstance(p, click.Option)]
    assert {p.name for p in options if p.help} == set()
    kept = {key for key in section("help") if key.startswith(("option_", "command_")) or "__" in key}
    used = {f"option_{p.name}" for p in options} | {
        f"command_{n.replace('-', '_')}" for n in ("program", *program.commands)
    }
    used |= {f"{n.replace('-', '_')}__{p.name}" for n, c in program.commands.items() for p in c.params}
    assert kept - used == set()


def test_a_language_before_the_command_holds_for_all_of_it() -> None:
    assert "Table of unknown make" in run("--lang", "en", "readers").stdout
    assert "来源不明的表格" in run("readers").stdout
    assert asked() == "zh"


def test_every_form_has_a_title_in_both_languages_and_the_english_is_the_readers_own() -> None:
    told = {r.name: (r.title, r.tested_with) for r in READERS}
    entries = section("readers")
    assert {n: (entries[n]["en"], entries[f"{n}__tested"]["en"]) for n in told} == told
    assert len(entries) == 2 * len(told)


def test_every_class_of_evidence_is_told_in_words() -> None:
    assert [c for c in RIGHT_SHARE if ":" in class_of(c, "en") or not CHINESE.search(class_of(c, "zh"))] == []
    assert class_of("agreement:unheard_of", "zh") == "agreement:unheard_of"


def test_every_stage_is_told() -> None:
    assert all(has(f"cli.stage_{stage}") for stage in ("reading", "matching", "writing"))


@pytest.mark.parametrize("name", [n for n in sections() if not n.startswith("errors")])
def test_chinese_is_set_with_its_own_marks(name: str) -> None:
    half = re.compile(r"[一-鿿}][,;:!?]|[,;:!?][一-鿿]|[一-鿿][()]|[()][一-鿿]")
    assert [key for key, told in section(name).items() if half.search(told["zh"])] == []
