"""Texts in cells of bytes, whatever an opponent put into them."""

import plistlib

from reconcile.wechat.packed_blobs import texts_in


def archive_of_itself() -> bytes:
    """A binary property list: a list of itself, twice, and of one text."""
    text = "押金".encode("utf-16-be")
    objects = [b"\xa3\x00\x00\x01", b"\x62" + text]
    body = b"bplist00" + b"".join(objects)
    offsets = bytes([8, 8 + len(objects[0])])
    trailer = bytes(6) + bytes([1, 1]) + (2).to_bytes(8, "big") + bytes(8) + len(body).to_bytes(8, "big")
    return body + offsets + trailer


def test_an_archive_that_holds_itself_is_gone_through_once() -> None:
    assert isinstance(plistlib.loads(archive_of_itself()), list)
    assert list(texts_in(archive_of_itself(), 2**20)) == ["押金"]


def test_an_archive_gives_its_texts_beyond_ascii() -> None:
    assert list(texts_in(plistlib.dumps({"path": "a/b", "words": ["收到"]}, fmt=plistlib.FMT_BINARY), 2**20)) == [
        "收到"
    ]
