"""Material that hides its words from a search of its bytes: parts of mails in base64, containers of a PC client's backup."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.build.databases import BACKUP_KEY

_PART = re.compile(
    rb"(?i)(Content-Transfer-Encoding:[ \t]*base64[^\n]*\n(?:[^\r\n]+\r?\n)*\r?\n)((?:[A-Za-z0-9+/=]+\r?\n?)+)"
)


def is_mail(data: bytes) -> bool:
    """Whether some part of it is written in base64."""
    return _PART.search(data) is not None


def parts_of_mail(data: bytes) -> Iterator[bytes]:
    """What each part in base64 holds, as far as it can be had."""
    for found in _PART.finditer(data):
        with suppress(binascii.Error):
            yield base64.b64decode(found[2])


def mail_changed(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The mail with what its parts in base64 hold changed."""

    def again(found: re.Match[bytes]) -> bytes:
        return found[1] + base64.encodebytes(change(base64.b64decode(found[2])))

    return _PART.sub(again, data)


def decrypted(data: bytes) -> bytes:
    """A container of the backup that the tests write, block by block: a changed block spoils no other."""
    whole = data[: len(data) // 16 * 16]
    decryptor = Cipher(algorithms.AES(BACKUP_KEY[:16].encode()), modes.ECB()).decryptor()
    return decryptor.update(whole) + decryptor.finalize()
