"""What the standard library raises for what is broken: an archive or a member of one (locked, or packed by a method it lacks), a binary property list."""

import lzma
import plistlib
import zipfile
import zlib

BROKEN_ARCHIVE = (
    OSError,
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,
    ValueError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
)

BROKEN_PLIST = (
    plistlib.InvalidFileException,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
    MemoryError,
)
