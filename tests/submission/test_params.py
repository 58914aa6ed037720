"""Every number that decides something in the check stands in one file, with its unit and source."""

import ast
from pathlib import Path

from reconcile.submission.params import CHECK_PARAMS, CheckParams

SUBMISSION = Path(__file__).parents[2] / "reconcile" / "submission"
# What places and judges rows. How much a page shows, and the geometry of screens, stand beside their code.
JUDGING = sorted(
    (*(SUBMISSION / "excerpt").glob("*.py"), *(SUBMISSION / f"{n}.py" for n in ("check", "pairing", "passages")))
)


def test_no_module_that_places_or_judges_rows_has_a_threshold_of_its_own() -> None:
    told = [
        f"{file.name}:{node.lineno}"
        for file in JUDGING
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and isinstance(side.value, int | float) and side.value not in {-1, 0, 1, 2}
    ]
    assert told == []


def test_every_parameter_says_what_it_is_where_it_comes_from_and_is_read() -> None:
    code = "".join(p.read_text("utf-8") for p in SUBMISSION.rglob("*.py") if p.name != "params.py")
    for name, field in CheckParams.model_fields.items():
        assert any(f"; {source}" in (field.description or "") for source in ("life", "dev", "design")), name
        assert f"CHECK_PARAMS.{name}" in code, name
        assert getattr(CHECK_PARAMS, name) is not None
