"""Every number that decides something in the alignment model stands in one file, with its unit and source."""

import ast
from pathlib import Path

from reconcile.engine.params import PARAMS, Params

ENGINE = Path(__file__).parents[2] / "reconcile" / "engine"
# Numbers that decide nothing: units, codes and marks of places, constants of statistics and of formats.
NO_PARAMETERS = {
    "_ANY", "_ANY_PLACE", "_DAY", "_DIGITS", "_FAR", "_FLOAT_BITS", "_MARK", "_MEANS", "_MINUTE", "_NEVER", "_NORMAL", "_NORMAL_95",
    "BY_CONTENT", "CLEAR", "CONTRADICTED", "DAY", "FIXED", "LENGTH_UNITS", "NOBODY", "NO_PAIR", "OF_OWNER", "SHARED", "UNBOUNDED", "UNCLEAR",
}  # fmt: skip
# The largest character of two bytes, and the lengths by which the groups of error rates are named.
FACTS = {0xFFFF, 6, 20}


def _modules() -> list[tuple[str, ast.Module]]:
    files = sorted(p for p in ENGINE.rglob("*.py") if p.name != "params.py")
    return [(str(p.relative_to(ENGINE)), ast.parse(p.read_text("utf-8"))) for p in files]


def _numbers(node: ast.AST) -> list[float]:
    """The numbers of a literal, also in a tuple or in arithmetic on numbers alone."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return [node.value]
    if isinstance(node, ast.Tuple | ast.UnaryOp):
        return [n for child in ast.iter_child_nodes(node) for n in _numbers(child)]
    if isinstance(node, ast.BinOp):
        left, right = _numbers(node.left), _numbers(node.right)
        return left + right if left and right else []
    return []


def test_no_module_of_the_engine_compares_with_a_number_of_its_own() -> None:
    told = [
        f"{file}:{node.lineno}"
        for file, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for number in [n for side in (node.left, *node.comparators) for n in _numbers(side)]
        if number not in {-1, 0, 1, 2, 3} | FACTS
    ]
    assert told == []


def test_no_module_of_the_engine_names_a_threshold_of_its_own() -> None:
    told = [
        f"{file}: {name.id}"
        for file, tree in _modules()
        for node in tree.body
        if isinstance(node, ast.Assign) and _numbers(node.value)
        for target in node.targets
        for name in (target.elts if isinstance(target, ast.Tuple) else [target])
        if isinstance(name, ast.Name) and name.id not in NO_PARAMETERS
    ]
    assert told == []


def test_every_parameter_says_what_it_is_and_where_it_comes_from() -> None:
    told = {name: field.description or "" for name, field in Params.model_fields.items()}
    assert [n for n, d in told.items() if not any(f"; {source}" in d for source in ("life", "dev", "design"))] == []


def test_every_parameter_is_read_by_the_model() -> None:
    code = "".join(p.read_text("utf-8") for p in ENGINE.rglob("*.py") if p.name != "params.py")
    assert [n for n in Params.model_fields if f".{n}" not in code or getattr(PARAMS, n) is None] == []
