"""The list of what is known to be decided wrongly names tests that exist: a test that was renamed would leave it unseen."""

import ast
from pathlib import Path

import pytest

from tests.known_wrong import KNOWN_WRONG
from tests.thorough import WHOLE

TESTS = Path(__file__).parents[1]
NAMED = sorted({name.split("[", 1)[0] for name in KNOWN_WRONG})


def test_every_function_that_is_known_to_be_wrong_exists() -> None:
    files = {name.split("::", 1)[0] for name in NAMED}
    there = {
        f"{file}::{node.name}"
        for file in files
        if (TESTS / file).is_file()
        for node in ast.parse((TESTS / file).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    assert sorted(set(NAMED) - there) == []


def test_every_case_of_a_collected_function_that_is_known_to_be_wrong_exists(request: pytest.FixtureRequest) -> None:
    config = request.config
    if config.option.keyword or any("[" in word for word in config.args):
        pytest.skip("only some cases were collected")
    there = {item.nodeid.removeprefix("tests/") for item in request.session.items}
    functions = {name.split("[", 1)[0] for name in there}
    # Of files that try only some cases in the suite, `make bench` asks for each.
    drawn = {
        file
        for file in {n.split("::", 1)[0] for n in NAMED}
        if not WHOLE and " some(" in (TESTS / file).read_text("utf-8")
    }
    asked = {name for name in KNOWN_WRONG if name.split("[", 1)[0] in functions and name.split("::", 1)[0] not in drawn}
    assert sorted(asked - there) == []
