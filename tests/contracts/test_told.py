"""What the program says of itself stands in the catalogue in both languages: help, forms, checks, factors and hypotheses, stages."""

import re
from pathlib import Path

import click
import pytest

from reconcile.cli.help import asked
from reconcile.cli.main import program
from reconcile.engine.account import PRIOR
from reconcile.engine.hypotheses import HYPOTHESES
from reconcile.engine.pairs.levels import LEVELS
from reconcile.engine.pairs.settle import METHODS
from reconcile.engine.pairs.weights import FACTORS
from reconcile.formats.registry import all_readers
from reconcile.wording import LANGS, has, section, sections
from tests.command import run

SOURCE = Path(__file__).parents[2] / "reconcile"
CHINESE = re.compile(r"[一-鿿]")
# Places of the command line, codes, and names of software are the same in both languages.
AS_THEY_ARE = re.compile(r"\[zh\|en\]|\[none\|findings\|all\]|\[html\|[a-z|]+\]|\b[A-Z]{3,}\b")
# Names that a folder or file of a side may bear are told as they are.
SIDES = re.compile("[甲乙]|原告|被告|被?申请人")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["", *program.commands])
def test_help_of_every_command_and_option_is_told_in_the_language_asked_for(name: str, lang: str) -> None:
    words = [*name.split(), "--help"] if lang == "zh" else [*name.split(), "--lang", "en", "--help"]
    done = run(*words)
    assert done.returncode == 0, done.stderr
    told = done.stdout.replace("zh", "").split("\n\n", 1)[1]
    assert bool(CHINESE.search(SIDES.sub("", told))) is (lang == "zh")
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
    assert "Form inferred from its content" in run("--lang", "en", "readers").stdout
    assert "按内容推断的形式" in run("readers").stdout
    assert asked() == "zh"


def test_every_form_has_a_title_in_both_languages_and_the_english_is_the_readers_own() -> None:
    told = {r.name: (r.title, r.tested_with) for r in all_readers()}
    entries = section("readers")
    assert {n: (entries[n]["en"], entries[f"{n}__tested"]["en"]) for n in told} == told
    assert len(entries) == 2 * len(told)


def test_every_factor_hypothesis_and_way_of_pairing_is_told() -> None:
    keys = [f"account.factor_{f}" for f in (*FACTORS, PRIOR)]
    keys += [f"account.{form}_{h.cause}" for h in HYPOTHESES for form in ("needs", "undone")]
    keys += [f"account.content_{level}" for level in LEVELS] + [f"verdict.method.{m}" for m in METHODS]
    assert [key for key in keys if not has(key)] == []


def test_every_stage_is_told() -> None:
    assert all(has(f"cli.stage_{stage}") for stage in ("reading", "matching", "writing"))


@pytest.mark.parametrize("name", [n for n in sections() if not n.startswith("errors")])
def test_chinese_is_set_with_its_own_marks(name: str) -> None:
    half = re.compile(r"[一-鿿}][,;:!?]|[,;:!?][一-鿿]|[一-鿿][()]|[()][一-鿿]")
    assert [key for key, told in section(name).items() if half.search(told["zh"])] == []


def test_every_option_that_the_program_names_is_one_of_its_own() -> None:
    own = {o for c in [program, *program.commands.values()] for p in c.params for o in p.opts + p.secondary_opts} | {
        "--help"
    }
    texts = {f.name: f.read_text("utf-8") for kind in ("toml", "py") for f in SOURCE.rglob(f"*.{kind}")}
    named = {(name, option) for name, text in texts.items() for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)}
    assert {(name, option) for name, option in named if option not in own} == set()
