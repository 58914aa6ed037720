"""What the standard library raises for an archive, or a member of one, that is broken, locked or packed by a method it lacks."""

import lzma
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
