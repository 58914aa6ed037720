"""The read-only guard: the program never writes into material that it compares or seals."""

from collections.abc import Sequence
from pathlib import Path

from reconcile.errors import UsageError


def refuse_inside(out: Path, inputs: Sequence[Path]) -> None:
    """Raises UsageError when `out` is one of the inputs or lies inside one; links are resolved first.

    Every command that writes calls this with all given paths, because a result among the evidence would change the
    tree that a seal covers.
    """
    target = out.resolve()
    for given in inputs:
        held = given.resolve()
        if target == held or held in target.parents:
            raise UsageError("--out", f"--out {out}: lies inside {given}, which is only read; choose a folder outside")
