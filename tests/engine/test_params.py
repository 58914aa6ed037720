"""Every number that decides something in the alignment model stands in one file, with its unit and source."""

import ast
from pathlib import Path

from reconcile.engine.params import PARAMS, Params

ENGINE = Path(__file__).parents[2] / "reconcile" / "engine"
# The model itself. Rules of form (content/), of names (entities/) and of references keep their own constants beside them.
MODEL = sorted(
    p for p in (*ENGINE.glob("*.py"), *(ENGINE / "hypotheses").glob("*.py"))
    if p.name not in ("params.py", "account.py", "direction.py", "reach.py", "ids.py", "statements.py", "many_comparisons.py")
)  # fmt: skip


def test_no_module_of_the_model_names_a_threshold_of_its_own() -> None:
    told = [
        f"{file.relative_to(ENGINE)}:{node.lineno}"
        for file in MODEL
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and isinstance(side.value, float) and side.value not in (0.0, 1.0)
    ]
    assert told == []


def test_every_parameter_says_what_it_is_and_where_it_comes_from() -> None:
    told = {name: field.description or "" for name, field in Params.model_fields.items()}
    assert [n for n, d in told.items() if not any(f"; {source}" in d for source in ("life", "dev", "design"))] == []


def test_every_parameter_is_read_by_the_model() -> None:
    code = "".join(p.read_text("utf-8") for p in ENGINE.rglob("*.py") if p.name != "params.py")
    assert [n for n in Params.model_fields if f".{n}" not in code or getattr(PARAMS, n) is None] == []
