"""The exceptions that the standard library raises for broken archives and broken property lists."""

import lzma
import zipfile
import zlib

ARCHIVE_ERRORS = (
    OSError,
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,
    ValueError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
)

PLIST_ERRORS = (
    ValueError,  # plistlib.InvalidFileException is one
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
    MemoryError,
)
