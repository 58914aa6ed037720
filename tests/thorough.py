"""What is drawn and combined: little in the suite, all with RECONCILE_WHOLE_MATRIX (`make bench`)."""

import os
from collections.abc import Iterable
from itertools import product
from typing import TypeVar

import pytest

Case = TypeVar("Case")
WHOLE = bool(os.environ.get("RECONCILE_WHOLE_MATRIX"))


def examples(few: int, many: int) -> int:
    """So many examples of a law: `few` in the suite, `many` under `make bench`."""
    return many if WHOLE else few


def some(cases: Iterable[Case], of: int = 5, first: int = 0) -> list[Case]:
    """Cases that try one thing on many forms: the first and every fifth (`of`) in the suite, all under `make bench`.

    Laws of the same forms begin at different ones (`first`), so that each form is tried by some of them.
    """
    return list(cases) if WHOLE else list(cases)[first::of]


def meeting(**values: Iterable[object]) -> pytest.MarkDecorator:
    """Cases of several parameters: in the suite every value has one, under `make bench` each meets each."""
    lists = [list(v) for v in values.values()]
    longest = max(map(len, lists))
    cases = product(*lists) if WHOLE else zip(*([v[i % len(v)] for i in range(longest)] for v in lists), strict=True)
    return pytest.mark.parametrize(",".join(values), [c if len(lists) > 1 else c[0] for c in cases])
