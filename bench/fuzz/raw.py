"""Changes that know nothing of any form: bytes, lines, fields, numbers, dates, encodings, and pieces of another form."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence

from bench.fuzz.plain import ENCODINGS, Changed
from bench.fuzz.stores import BROKEN

TOKENS = (
    b"\x00", b"\x00" * 40, b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe4", b'"', b"'", b'""', b"\\", b"\\u0000", b"\\ud800", b"\n", b"\r", b"\r\n", b"\n\n",
    b"\t", b",", b";", b"{", b"}", b"[", b"]", b"[[", b"<", b">", b"</", b"<!--", b"-->", b"]]>", b"<![CDATA[", b"&", b"&amp;", b"&#0;", b"&x;", b"null",
    b"true", b"NaN", b"1e400", b"-1", b"9" * 25, b"--", b"/*", b"*/", b"%s", b"\x1a", b"\x0b", b"\x0c", "\u2028".encode(), "\u202e".encode(), "\u200b".encode(),
    "：".encode(), "“".encode(), "\U0001f600".encode(), "[图片]".encode(), b"2024-03-01 09:05:07 ", b"x" * 70_000, b"(" * 3_000, b"[" * 3_000, b"<a>" * 3_000,
)  # fmt: skip
_NUMBER = re.compile(rb"-?\d{1,20}(?:\.\d{1,20})?")
_DATE = re.compile(rb"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}:\d{2}(?::\d{2})?|\b1[5-9]\d{8}(?:\d{3})?\b")
_NUMBERS = (b"0", b"-1", b"1", b"2147483648", b"9223372036854775808", b"99999999999999999999999", b"-9223372036854775809", b"1e308", b"0x1f", b"NaN",
            b"1.5", b"00012", b"9" * 5_000)  # fmt: skip
_DATES = (b"0000-00-00", b"9999-12-31", b"10000-01-01", b"2024-02-30", b"1969-12-31", b"24:00:00", b"99:99", b"-1:00", b"0", b"-62135596801", b"253402300800",
          b"1e12", b"2024-3-1", "２０２４-03-01".encode(), b"01/02/2024", "2024年3月1日".encode(), b"")  # fmt: skip


def raw_changed(data: bytes, others: Sequence[bytes], rng: random.Random) -> Changed:
    """One change of bytes or lines; `others` are whole files of other forms. `removed` = 0 where every row still has its place."""
    if not data:
        return Changed(rng.choice(TOKENS), "filled")
    if data[:4] == b"PK\x03\x04" and rng.random() < 0.75:
        return _member_changed(data, others, rng)
    if rng.random() < 0.08 and others:
        return _spliced(data, rng.choice(others), rng)
    return rng.choice(_WAYS)(data, rng)


def _member_changed(data: bytes, others: Sequence[bytes], rng: random.Random) -> Changed:
    """The same to one member of an archive, packed again so that its checksum holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {i.filename: archive.read(i) for i in archive.infolist() if not i.is_dir()}
    except BROKEN:
        return _flipped(data, rng)
    if not members:
        return _flipped(data, rng)
    name = rng.choice(sorted(members))
    changed = raw_changed(members[name], others, rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for n, content in members.items():
            new.writestr(n, changed.data if n == name else content)
    return Changed(out.getvalue(), f"{name}: {changed.what}", changed.removed)


def _flipped(data: bytes, rng: random.Random) -> Changed:
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 6))):
        made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    return Changed(bytes(made), "flip", 0)


def _set(data: bytes, rng: random.Random) -> Changed:
    made = bytearray(data)
    made[rng.randrange(len(made))] = rng.choice((0, 255, 10, 34, 44, 60, 92, rng.randrange(256)))
    return Changed(bytes(made), "byte", 0)


def _inserted(data: bytes, rng: random.Random) -> Changed:
    i, token = rng.randrange(len(data) + 1), rng.choice(TOKENS)
    return Changed(data[:i] + token + data[i:], f"insert {token[:12]!r}", 0)


def _cut_out(data: bytes, rng: random.Random) -> Changed:
    i = rng.randrange(len(data))
    j = i + rng.choice((1, 1, 2, 3, 5, 12, 80, 600))
    return Changed(data[:i] + data[j:], "cut", 0 if j - i <= 3 else None)


def _ended(data: bytes, rng: random.Random) -> Changed:
    return Changed(data[: rng.randrange(len(data))], "end gone")


def _begun(data: bytes, rng: random.Random) -> Changed:
    return Changed(data[rng.randrange(min(len(data), rng.choice((4, 40, 400, 10**6)))) :], "beginning gone")


def _repeated(data: bytes, rng: random.Random) -> Changed:
    i = rng.randrange(len(data))
    j = min(len(data), i + rng.choice((1, 4, 30, 300, 3_000)))
    return Changed(data[:j] + data[i:j] * rng.choice((1, 1, 3, 30)) + data[j:], "bytes again", 0)


def _moved(data: bytes, rng: random.Random) -> Changed:
    i, j = sorted((rng.randrange(len(data)), rng.randrange(len(data))))
    k = rng.randrange(j, len(data) + 1)
    return Changed(data[:i] + data[j:k] + data[i:j] + data[k:], "block moved")


def _lines(data: bytes, rng: random.Random) -> Changed:
    lines = data.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.choice(("gone", "again", "elsewhere", "swapped", "empty", "long", "joined", "split", "ends", "shuffled"))
    removed: int | None = None
    if kind == "gone":
        del lines[i]
    elif kind == "again":
        lines.insert(i, lines[i])
        removed = 0
    elif kind == "elsewhere":
        lines.insert(i, lines[j])
    elif kind == "swapped":
        lines[i], lines[j] = lines[j], lines[i]
    elif kind == "empty":
        lines.insert(i, b"" if rng.random() < 0.5 else b" \t ")
    elif kind == "long":
        lines[i] += b"x" * rng.choice((3_000, 200_000))
        removed = 0
    elif kind == "joined":
        lines[i : i + 2] = [b" ".join(lines[i : i + 2])]
    elif kind == "split":
        at = rng.randrange(len(lines[i]) + 1)
        lines[i : i + 1] = [lines[i][:at], lines[i][at:]]
        removed = 0
    elif kind == "ends":
        return Changed(rng.choice((b"\r\n", b"\r")).join(x.rstrip(b"\r") for x in lines), "line ends", 0)
    else:
        rng.shuffle(lines)
    return Changed(b"\n".join(lines), f"line {kind}", removed)


def _fields(data: bytes, rng: random.Random) -> Changed:
    separator = max((b",", b"\t", b'"', b"|", b";", b" ", b">"), key=data.count)
    fields = data.split(separator)
    i, j = rng.randrange(len(fields)), rng.randrange(len(fields))
    kind = rng.choice(("gone", "again", "swapped", "empty"))
    if kind == "gone":
        del fields[i]
    elif kind == "again":
        fields.insert(i, fields[j] if len(fields[j]) < 400 else b"x")
    elif kind == "swapped":
        fields[i], fields[j] = fields[j], fields[i]
    else:
        fields[i] = b""
    return Changed(separator.join(fields), f"field {separator!r} {kind}")


def _number(data: bytes, rng: random.Random) -> Changed:
    return _matched(data, _NUMBER, _NUMBERS, "number", rng)


def _date(data: bytes, rng: random.Random) -> Changed:
    return _matched(data, _DATE, _DATES, "date", rng)


def _matched(data: bytes, what: re.Pattern[bytes], news: Sequence[bytes], name: str, rng: random.Random) -> Changed:
    found = list(what.finditer(data[:400_000]))
    if not found:
        return _flipped(data, rng)
    match, new = rng.choice(found), rng.choice(news)
    return Changed(data[: match.start()] + new + data[match.end() :], f"{name} {match[0][:24]!r} = {new[:24]!r}", 0)


def _recoded(data: bytes, rng: random.Random) -> Changed:
    encoding = rng.choice((*ENCODINGS, "utf-16-le", "cp1252", "gbk"))
    text = data.decode("utf-8", "replace").encode(encoding, "replace")
    return Changed(text, f"as {encoding}", None if encoding in ("big5", "cp1252") else 0)


def _spliced(data: bytes, other: bytes, rng: random.Random) -> Changed:
    i, j = rng.randrange(len(data) + 1), rng.randrange(len(other) + 1)
    kind = rng.choice(("head of one, tail of another", "behind", "before", "inside"))
    if kind == "behind":
        return Changed(data + other, kind, 0)
    if kind == "before":
        return Changed(other + data, kind, 0)
    if kind == "inside":
        return Changed(data[:i] + other[j : j + 4_000] + data[i:], kind, 0)
    return Changed(data[:i] + other[j:], kind)


_WAYS: tuple[Callable[[bytes, random.Random], Changed], ...] = (
    _flipped, _flipped, _flipped, _set, _set, _inserted, _inserted, _inserted, _cut_out, _cut_out, _ended, _begun, _repeated, _moved, _lines, _lines,
    _lines, _fields, _fields, _number, _number, _date, _date, _recoded,
)  # fmt: skip
