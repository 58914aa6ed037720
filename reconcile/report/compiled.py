"""Compiled templates, kept where Python keeps its compiled modules: to compile one takes longer than to fill it."""

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from pickle import UnpicklingError

from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket


class KeptTemplates(FileSystemBytecodeCache):
    """Templates by name and manner of compiling; none are kept where Python is told to keep no modules, or may not write."""

    def __init__(self) -> None:
        """The folder of this module's own compiled form."""
        super().__init__(str(Path(cache_from_source(__file__)).parent), "template-%s.jinja")

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """Where a template is kept: its compiled form rests on the environment's manners too."""
        manners = (
            environment.trim_blocks, environment.lstrip_blocks, environment.keep_trailing_newline, environment.optimized,
            environment.autoescape, environment.finalize is None,
        )  # fmt: skip
        return super().get_bucket(environment, f"{name} {manners}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Finds a compiled template; one that is damaged is compiled anew."""
        with suppress(EOFError, UnpicklingError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps a compiled template."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)
