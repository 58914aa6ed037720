"""How much is drawn at random: little in the suite, much under `make bench`, which sets RECONCILE_WHOLE_MATRIX."""

import os

WHOLE = bool(os.environ.get("RECONCILE_WHOLE_MATRIX"))


def examples(few: int, many: int) -> int:
    """So many examples of a law: `few` in the suite, `many` under `make bench`."""
    return many if WHOLE else few
