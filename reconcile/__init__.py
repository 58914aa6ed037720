"""reconcile: holds both parties' copies of a WeChat conversation side by side and says what each lacks.

The face of the library:

    >>> from reconcile import read, compare  # doctest: +SKIP
    >>> findings = compare(read("a.csv"), read("b.csv"))  # doctest: +SKIP
    >>> findings.verdicts["grade"].to_list()  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from reconcile.version import VERSION

__version__ = VERSION
__all__ = ["Findings", "Reading", "Settings", "__version__", "compare", "pair_rows", "read"]

if TYPE_CHECKING:
    from reconcile.case import read
    from reconcile.engine.compare import compare_readings as compare
    from reconcile.engine.compare import pair_rows
    from reconcile.frames import Findings
    from reconcile.intake.contract import Reading
    from reconcile.settings import Settings

_HOMES = {
    "Findings": ("reconcile.frames", "Findings"),
    "Reading": ("reconcile.intake.contract", "Reading"),
    "Settings": ("reconcile.settings", "Settings"),
    "compare": ("reconcile.engine.compare", "compare_readings"),
    "pair_rows": ("reconcile.engine.compare", "pair_rows"),
    "read": ("reconcile.case", "read"),
}


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that the command answers --help before polars is awake.
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module  # noqa: PLC0415

    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
