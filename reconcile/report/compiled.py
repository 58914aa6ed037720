"""Compiled templates, kept where Python keeps its compiled modules: to compile one takes longer than to fill it."""

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from pickle import UnpicklingError

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from reconcile import __version__


class KeptTemplates(FileSystemBytecodeCache):
    """The templates of this version of the program; none are kept where Python is told to keep no modules, or may not write."""

    def __init__(self) -> None:
        """The folder of this module's own compiled form."""
        super().__init__(str(Path(cache_from_source(__file__)).parent), f"template-{__version__}-%s.jinja")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Finds a compiled template; one that is damaged is compiled anew."""
        with suppress(EOFError, UnpicklingError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps a compiled template."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)
