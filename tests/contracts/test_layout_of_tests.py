"""Tests stand alone: none imports another, and none reaches for a private name of the program."""

import ast
from collections.abc import Iterator

from tests.contracts.trees import trees


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of everything that a file imports from a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_no_file_imports_a_test() -> None:
    found = {
        f"{file}: {module}.{name}"
        for file, tree in trees().items()
        for module, name in imported(tree)
        if module.startswith("tests") and any(part.startswith("test_") for part in (*module.split("."), name))
    }
    assert found == set()


def test_no_test_reaches_for_a_private_name_of_the_program() -> None:
    found = set()
    for file, tree in trees().items():
        ours = {name for module, name in imported(tree) if module.startswith("reconcile")}
        found |= {f"{file}: {name}" for name in ours if is_private(name)}
        found |= {
            f"{file}: {node.value.id}.{node.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if node.value.id in ours and is_private(node.attr)
        }
    assert found == set()
