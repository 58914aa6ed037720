"""The tables of the catalogue's TOML files, parsed once and kept beside the compiled modules."""

import marshal
import os
import sys
from contextlib import suppress
from importlib.resources.abc import Traversable
from importlib.util import cache_from_source, source_hash
from pathlib import Path
from typing import Any

from reconcile.lazy_modules import lazy_module

tomllib = lazy_module("tomllib")


def tables_of(file: Traversable) -> dict[str, Any]:
    """The tables of a TOML file, as `tomllib` reads them.

    A process parses hundreds of thousands of characters for one report; reading what an earlier one kept takes a tenth of
    that time. What is kept belongs to the content of the file and to this Python. It is written where Python writes
    compiled modules, and damaged, it is parsed again.
    """
    content = file.read_bytes()
    kept = _place(content)
    with suppress(OSError, EOFError, ValueError, TypeError):
        return marshal.loads(kept.read_bytes())  # type: ignore[no-any-return] # noqa: S302 - ours, like a compiled module
    tables: dict[str, Any] = tomllib.loads(content.decode())
    if not sys.dont_write_bytecode:
        with suppress(OSError):
            _keep(marshal.dumps(tables), kept)
    return tables


def _place(content: bytes) -> Path:
    """Where the tables of a file with this content are kept."""
    module = Path(__file__).with_name(f"wording-{source_hash(content).hex()}.py")
    return Path(cache_from_source(module)).with_suffix(".tables")


def _keep(tables: bytes, place: Path) -> None:
    """Writes the tables whole or not at all."""
    place.parent.mkdir(exist_ok=True)
    half = place.with_name(f"{place.name}.{os.getpid()}")
    half.write_bytes(tables)
    half.replace(place)


__all__ = ["tables_of"]
