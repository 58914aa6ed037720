"""Every attack: name -> how it is built, and what its one line must say (() = it is read; None = either)."""

from collections.abc import Callable
from pathlib import Path

from tests.hostile.archives import ARCHIVES
from tests.hostile.stores import STORES
from tests.hostile.texts import TEXTS

Attack = tuple[Callable[[Path], Path], tuple[str, ...] | None]
ATTACKS: dict[str, Attack] = {
    **{f.__name__: (f, words) for f, words in ARCHIVES.items()},
    **{f.__name__: (f, words) for f, words in TEXTS.items()},
    **STORES,
}
