"""Caches compiled templates next to Python's compiled modules, as compiling is slower than rendering."""

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from pickle import UnpicklingError

from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket


class KeptTemplates(FileSystemBytecodeCache):
    """A template cache; unused where Python may not write compiled modules."""

    def __init__(self) -> None:
        """The folder of this module's own compiled form."""
        super().__init__(str(Path(cache_from_source(__file__)).parent), "template-%s.jinja")

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """The cache entry of a template; it also depends on the environment's options."""
        manners = (
            environment.trim_blocks, environment.lstrip_blocks, environment.keep_trailing_newline, environment.optimized,
            environment.autoescape, environment.finalize is None,
        )  # fmt: skip
        return super().get_bucket(environment, f"{name} {manners}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Loads a compiled template; a damaged one is compiled again."""
        with suppress(EOFError, UnpicklingError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Stores a compiled template."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)
