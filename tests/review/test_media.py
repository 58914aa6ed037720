"""Pictures of messages: only those that a message states and that lie inside the export."""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from reconcile.errors import UnreadableSource
from reconcile.intake.picture import picture_head
from reconcile.review.server import open_review
from reconcile.vocabulary import Side
from tests.review.build import Book, write
from tests.review.client import Client, serving


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x20\x80\x60" * width for _ in range(height)) if width * height < 100 else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@contextmanager
def showing(
    tmp_path: Path, content: bytes = png(), at: str = "media/a.png", files: Any = (), **message: Any
) -> Iterator[Client]:
    """A server over one picture message of the left side, whose export holds one file."""
    export = tmp_path / "export"
    file = export / at
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    (tmp_path / "secret.png").write_bytes(png())
    book = Book()
    book.lone("left", "c1", 0, "[图片]", kind="image", **message)
    with serving(write(tmp_path / "case", book, inputs={"left": {"files": files}}), left=export) as client:
        yield client


def status(client: Client, path: str = "/api/picture/left/0") -> int:
    return client.ask("GET", path, client.own).status


def raw(path: str) -> str:
    return orjson.dumps({"src": path}).decode()


def test_a_picture_is_found_by_the_relative_path_that_the_row_states(tmp_path: Path) -> None:
    with showing(tmp_path, raw=raw("media/a.png")) as client:
        answer = client.ask("GET", "/api/picture/left/0", client.own)
        assert (answer.status, answer.headers["content-type"], answer.body) == (200, "image/png", png())


def test_a_picture_is_found_by_its_name_anywhere_in_the_export(tmp_path: Path) -> None:
    with showing(tmp_path, file_name="a.png", at="deep/er/A.PNG") as client:
        assert status(client) == 200


def test_a_file_whose_digest_differs_is_not_shown(tmp_path: Path) -> None:
    digest = hashlib.md5(b"another", usedforsecurity=False).hexdigest()
    with showing(tmp_path, file_name="a.png", media_hash=digest) as client:
        assert status(client) == 404


def test_a_file_that_changed_since_it_was_compared_is_not_shown(tmp_path: Path) -> None:
    files = [{"path": "media/a.png", "sha256": "00"}]
    with showing(tmp_path, raw=raw("media/a.png"), files=files) as client:
        assert status(client) == 404


def test_the_file_that_was_compared_is_shown(tmp_path: Path) -> None:
    files = [{"path": "media/a.png", "sha256": hashlib.sha256(png()).hexdigest()}]
    with showing(tmp_path, raw=raw("media/a.png"), files=files) as client:
        assert status(client) == 200


def test_a_file_named_by_its_digest_is_shown(tmp_path: Path) -> None:
    digest = hashlib.md5(png(), usedforsecurity=False).hexdigest()
    with showing(tmp_path, at=f"x/{digest}.dat", media_hash=digest) as client:
        assert status(client) == 200


@pytest.mark.parametrize(
    "path", ["../secret.png", "media/../../secret.png", "..\\secret.png", "{tmp}/secret.png", "media/link.png"]
)
def test_nothing_outside_the_export_is_shown(tmp_path: Path, path: str) -> None:
    (tmp_path / "export/media").mkdir(parents=True)
    (tmp_path / "export/media/link.png").symlink_to(tmp_path / "secret.png")
    with showing(tmp_path, at="other.png", raw=raw(path.format(tmp=tmp_path))) as client:
        assert status(client) == 404


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"<html>",
        b"",
        b"GIF89a",
        png(60_000, 60_000),
    ],
)
def test_what_is_no_honest_picture_is_not_shown(tmp_path: Path, content: bytes) -> None:
    with showing(tmp_path, content, raw=raw("media/a.png")) as client:
        assert status(client) == 404


@pytest.mark.parametrize("path", ["/api/picture/right/0", "/api/picture/left/7", "/api/picture/middle/0"])
def test_a_row_without_a_picture_shows_none(tmp_path: Path, path: str) -> None:
    with showing(tmp_path, raw=raw("media/a.png")) as client:
        assert status(client, path) == 404


def test_without_the_export_at_hand_no_picture_is_offered(tmp_path: Path) -> None:
    book = Book()
    book.lone("left", "c1", 0, "[图片]", kind="image", raw=raw("media/a.png"))
    with serving(write(tmp_path / "case", book)) as client:
        assert client.get("/api/line?c=0&line=0")["sides"]["left"]["media"] is False


def test_an_export_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(UnreadableSource):
        open_review(folder, "zh", exports={Side.LEFT: folder / "nowhere"})


def test_an_offered_picture_is_there(tmp_path: Path) -> None:
    with showing(tmp_path, raw=raw("media/a.png")) as client:
        assert client.get("/api/line?c=0&line=0")["sides"]["left"]["media"] is True


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (png(3, 5), ("image/png", 3, 5)),
        (b"GIF89a" + struct.pack("<HH", 7, 9), ("image/gif", 7, 9)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x05\x00\x03", ("image/jpeg", 3, 5)),
        (b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + b"\x02\0\0\x04\0\0", ("image/webp", 3, 5)),
        (b"RIFF\0\0\0\0WEBPVP8L" + b"\0" * 5 + (2 | 4 << 14).to_bytes(4, "little"), ("image/webp", 3, 5)),
        (b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 10 + struct.pack("<HH", 3, 5), ("image/webp", 3, 5)),
    ],
)
def test_a_picture_states_its_size(content: bytes, expected: tuple[str, int, int]) -> None:
    head = picture_head(content)
    assert head is not None
    assert (head.media_type, head.width, head.height) == expected


@pytest.mark.parametrize(
    "content",
    [b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\xff\xff", b"\xff\xd8\xff" * 50, b"RIFF....WEBP", b"\x89PNG\r\n\x1a\n....IHDR"],
)
def test_a_broken_head_is_no_picture(content: bytes) -> None:
    assert picture_head(content) is None
