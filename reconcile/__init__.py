"""Compares both parties' exports of one WeChat conversation and judges whether they are complete.

The public API:

    >>> from reconcile import compare, read  # doctest: +SKIP
    >>> findings = compare(read("a.csv"), read("b.csv"))  # doctest: +SKIP
    >>> findings.summary()  # doctest: +SKIP
    >>> findings.one_sided()  # doctest: +SKIP
"""

from importlib import import_module
from os import PathLike

from reconcile.version import VERSION

# As in `typing`, which takes long to load: whoever presses Ctrl+C meanwhile sees a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import polars as pl

    from reconcile.engine.entities.parties import Stated
    from reconcile.frames import Findings
    from reconcile.intake.contract import Reading, ReadOptions
    from reconcile.settings import Settings

__version__ = VERSION
__all__ = ["Findings", "ReadOptions", "Reading", "Settings", "__version__", "compare", "pair_rows", "read"]

_CLASSES = {
    "Findings": "reconcile.frames",
    "ReadOptions": "reconcile.intake.contract",
    "Reading": "reconcile.intake.contract",
    "Settings": "reconcile.settings",
}

# The libraries behind these functions are loaded at the first call, so that `reconcile --help` answers at once.


def read(path: "str | PathLike[str]", reader: str | None = None, options: "ReadOptions | None" = None) -> "Reading":
    """Everything that one export holds, with the SHA-256 and SM3 of its files.

    Args:
        path: a file, a folder or a database. It is only read.
        reader: the name of a reader from `reconcile readers`; None = recognised from the content.
        options: time zone, columns, owner, keys and limits; None = the defaults.

    Raises:
        SourceError: the export is missing, unknown, ambiguous, unreadable, beyond the limits, or changed while it was read.
    """
    return import_module("reconcile.case").read(path, reader, options)  # type: ignore[no-any-return]


def compare(
    left: "Reading",
    right: "Reading",
    settings: "Settings | None" = None,
    case: str = "case",
    stated: "Stated | None" = None,
    *,
    error_rates: bool = False,
    account: bool = False,
) -> "Findings":
    """What two exports of the same conversations show: alignment, gaps, conflicts and verdicts.

    Args:
        left: one party's export. Swapping the sides mirrors the result.
        right: the other party's export.
        settings: seed and limits; None = the defaults.
        case: the name that every result row carries.
        stated: pairs of conversations and senders that the user states; None = none.
        error_rates: measure the error rates of this run on a part of the material.
        account: keep the factors and hypotheses of each decision in `Findings.account`.

    Returns:
        Findings. Every row of both exports appears in `alignment` exactly once.

    Raises:
        TypeError: a path is given in place of a reading.
    """
    _require_readings(left, right)
    options = {} if stated is None else {"stated": stated}
    run = import_module("reconcile.engine.compare").compare_readings
    return run(left, right, settings, case, **options, error_rates=error_rates, account=account)  # type: ignore[no-any-return]


def pair_rows(left: "Reading", right: "Reading", stated: "Stated | None" = None) -> "pl.DataFrame":
    """`left_row` and `right_row` of the rows that are one message; no judgements, gaps or verdicts."""
    _require_readings(left, right)
    arguments = () if stated is None else (stated,)
    return import_module("reconcile.engine.compare").pair_rows(left, right, *arguments)  # type: ignore[no-any-return]


def _require_readings(*sides: "Any") -> None:
    """Raises TypeError where a side is a path and not what `read` returns."""
    for side in sides:
        if isinstance(side, str | PathLike):
            raise TypeError(f"this takes readings, not a path: give reconcile.read({str(side)!r})")


def __getattr__(name: str) -> "Any":
    if name not in _CLASSES:
        raise AttributeError(f"module 'reconcile' has no attribute {name!r}")
    return getattr(import_module(_CLASSES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
