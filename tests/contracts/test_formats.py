"""All that is known of a producer of exports stands in its own folder: no other code names it."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from reconcile.formats.registry import all_readers

PROGRAM = Path(__file__).parents[2] / "reconcile"
FORMATS = PROGRAM / "formats"
# No producers: what several use, our own tables, tables of any make, WeChat and QQ themselves, and a standard that reports write too.
GENERAL = frozenset({"shared", "neutral", "inferred", "wechat_app", "wechat_client", "qq_client", "case_uco"})
PRODUCERS = sorted(p.parent.name for p in FORMATS.glob("*/__init__.py") if p.parent.name not in GENERAL)
LIST = "formats/registry.py"
# Where a name stands outside all the same, and why.
EXCEPTIONS = {
    (
        "weflow",
        "intake/sqlite/database.py",
    ): "tables that this tool leaves in WeChat's own databases are noted whoever reads them",
    (
        "weflow",
        "formats/chatlab/json.py",
    ): "an interchange form: what a text lost depends on the tool that wrote the file",
    ("ciphertalk", "formats/chatlab/json.py"): "as above",
    ("echotrace", "formats/chatlab/json.py"): "as above",
    ("chatlab", "formats/weflow/part.py"): "the ending of a file's name, which its title does without",
}
# One tool under its earlier and its later name.
RENAMED = {"wechatmsg": "memotrace"}


@cache
def names_of(producer: str) -> frozenset[str]:
    """The folder's name, and the producer's own spelling, with which the folder's docstring begins."""
    doc = ast.get_docstring(ast.parse((FORMATS / producer / "__init__.py").read_text("utf-8"))) or ""
    spelled = re.match(r"[\w-]+", doc)
    return frozenset({producer.lower(), spelled.group().lower() if spelled else producer})


def naming(producer: str) -> re.Pattern[str]:
    """A pattern for the producer's names as words of their own."""
    return re.compile("|".join(rf"(?<![a-z]){re.escape(n)}(?![a-z])" for n in sorted(names_of(producer))))


def words_of(module: Path) -> Iterator[str]:
    """Every name and text of a module's code; comments and docstrings may say from whose code something is known."""
    tree = ast.parse(module.read_text("utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, documented) and isinstance(n.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docs:
                yield text
            case ast.Constant(value=bytes(data)):
                yield data.decode("latin-1")
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.ImportFrom(module=str(name)):
                yield name


@cache
def texts() -> dict[str, str]:
    """Every module's whole text in small letters: what it does not hold its code does not name either."""
    return {p.relative_to(PROGRAM).as_posix(): p.read_text("utf-8").lower() for p in sorted(PROGRAM.rglob("*.py"))}


@cache
def words_in(file: str) -> str:
    """The names and texts of a module's code, in small letters."""
    return "\n".join(words_of(PROGRAM / file)).lower()


@pytest.mark.parametrize("producer", PRODUCERS)
def test_no_code_outside_its_folder_names_a_producer(producer: str) -> None:
    named = naming(producer)
    own = (f"formats/{producer}/", f"formats/{RENAMED.get(producer, producer)}/", LIST)
    told = [
        file
        for file, text in texts().items()
        if not file.startswith(own) and any(n in text for n in names_of(producer))
    ]
    found = {file for file in told if named.search(words_in(file))}
    assert found == {file for name, file in EXCEPTIONS if name == producer}


@cache
def _entries() -> list[tuple[str, str, str]]:
    """File, key and texts of the common catalogue, without the guide for parties, which advises them on exporters."""
    files = [p for p in (PROGRAM / "wording").glob("*.toml") if p.name != "guide.toml"]
    return [(p.name, k, str(told).lower()) for p in files for k, told in tomllib.loads(p.read_text("utf-8")).items()]


@pytest.mark.parametrize("producer", PRODUCERS)
def test_the_common_catalogue_of_texts_names_no_producer(producer: str) -> None:
    named = naming(producer)
    assert [(file, key) for file, key, told in _entries() if named.search(told)] == []


def test_every_folder_holds_a_reader_of_the_list_or_is_general() -> None:
    held = {type(r).__module__.split(".")[2] for r in all_readers()}
    assert set(PRODUCERS) <= held


def test_a_reader_stands_in_its_producers_folder() -> None:
    modules = [type(r).__module__ for r in all_readers()]
    assert all(m.startswith("reconcile.formats.") for m in modules)
