"""Every number that decides something in the alignment model stands in one file, with its unit and source."""

import ast
from pathlib import Path

import pytest

from reconcile.engine.params import PARAMS, Params

ENGINE = Path(__file__).parents[2] / "reconcile" / "engine"
# The model itself. Rules of form (content/), of names (entities/) and of references keep their own constants beside them.
MODEL = sorted(
    p for p in (*ENGINE.glob("*.py"), *(ENGINE / "hypotheses").glob("*.py"))
    if p.name not in ("params.py", "account.py", "direction.py", "reach.py", "ids.py", "statements.py", "many_comparisons.py")
)  # fmt: skip


@pytest.mark.parametrize("file", MODEL, ids=lambda p: str(p.relative_to(ENGINE)))
def test_a_module_of_the_model_names_no_threshold_of_its_own(file: Path) -> None:
    told = [
        f"{file.name}:{node.lineno}"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and isinstance(side.value, float) and side.value not in (0.0, 1.0)
    ]
    assert told == []


@pytest.mark.parametrize("name", list(Params.model_fields))
def test_every_parameter_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    description = Params.model_fields[name].description or ""
    assert any(f"; {source}" in description for source in ("life", "dev", "design"))


@pytest.mark.parametrize("name", list(Params.model_fields))
def test_every_parameter_is_read_by_the_model(name: str) -> None:
    code = "".join(p.read_text("utf-8") for p in ENGINE.rglob("*.py") if p.name != "params.py")
    assert f".{name}" in code
    assert getattr(PARAMS, name) is not None
