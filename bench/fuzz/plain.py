"""Changes to bytes and to text: flips, cuts, splices, lines, fields, encodings, tags."""

import csv
import io
import random
import re
from dataclasses import dataclass

from bench.fuzz import values

ENCODINGS = ("gb18030", "utf-16", "utf-16-be", "utf-8-sig", "big5", "utf-32")
_TOKEN = re.compile(r"""[^\s,;:|<>"'=\[\](){}]+""")
_TAG = re.compile(r"<[^<>]{1,400}>")


@dataclass(frozen=True)
class Changed:
    """The new content, what was done, and how many rows were honestly taken away (None = nobody can say)."""

    data: bytes
    what: str
    removed: int | None = None


def cut_or_spliced(data: bytes, rng: random.Random) -> Changed:
    i = rng.randrange(len(data) + 1)
    j = min(len(data), i + rng.choice((1, 2, 8, 60, 600)))
    token = values.blob(rng)
    kind = rng.randrange(7)
    made = (
        data[:i], data[i:], data[:i] + data[j:], data[:j] + data[i:], data[:i] + token + data[i:], data[:i] + token + data[j:],
        data[j:] + data[:i],
    )[kind]  # fmt: skip
    return Changed(made, f"bytes {kind} at {i}")


def flipped(data: bytes, rng: random.Random) -> Changed:
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 8, 64))):
        if made:
            made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    return Changed(bytes(made), "bits flipped")


def numbers_changed(data: bytes, rng: random.Random) -> Changed:
    """Two to eight bytes of a binary overwritten with an extreme length."""
    if len(data) < 8:
        return flipped(data, rng)
    i = rng.randrange(len(data) - 7)
    width = rng.choice((1, 2, 4, 8))
    value = rng.choice((0, 1, 2 ** (8 * width) - 1, 2 ** (8 * width - 1), rng.randrange(2 ** (8 * width))))
    return Changed(data[:i] + value.to_bytes(width, rng.choice(("big", "little"))) + data[i + width :], "length")


def recoded(data: bytes, rng: random.Random) -> Changed:
    encoding = rng.choice(ENCODINGS)
    return Changed(data.decode("utf-8", "replace").encode(encoding, "replace"), f"as {encoding}")


def lines_changed(data: bytes, rng: random.Random) -> Changed:
    lines = data.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(6)
    if kind == 0:
        del lines[i]
    elif kind == 1:
        lines.insert(i, lines[j])
    elif kind == 2:
        lines[i], lines[j] = lines[j], lines[i]
    elif kind == 3:
        lines[i] = lines[i] * rng.choice((2, 50))
    elif kind == 4:
        lines[i : i + 1] = lines[i].split(b" ", 1)
    else:
        return Changed((b"\r\n" if rng.random() < 0.5 else b"\r").join(lines), "line ends")
    return Changed(b"\n".join(lines), f"lines {kind}")


def token_replaced(data: bytes, rng: random.Random) -> Changed:
    text = data.decode("utf-8", "surrogateescape")
    tokens = list(_TOKEN.finditer(text[:200_000]))
    if not tokens:
        return flipped(data, rng)
    for match in sorted(rng.sample(tokens, min(len(tokens), rng.choice((1, 1, 2, 5)))), key=lambda m: -m.start()):
        text = text[: match.start()] + values.text(rng) + text[match.end() :]
    return Changed(text.encode("utf-8", "surrogateescape"), "token")


def tag_changed(data: bytes, rng: random.Random) -> Changed:
    text = data.decode("utf-8", "surrogateescape")
    tags = list(_TAG.finditer(text[:400_000]))
    if not tags:
        return token_replaced(data, rng)
    match, other = rng.choice(tags), rng.choice(tags)
    kind = rng.randrange(5)
    new = (
        "",
        match[0] * 2,
        other[0],
        match[0] * 300,
        re.sub(r'"[^"]*"', lambda _: f'"{values.text(rng)[:200]}"', match[0]),
    )[kind]
    made = text[: match.start()] + new + text[match.end() :]
    return Changed(made.encode("utf-8", "surrogateescape"), f"tag {kind}")


def cell_changed(data: bytes, rng: random.Random) -> Changed:
    """A table's cells, columns and rows, written again as a sound CSV."""
    text = data.decode("utf-8-sig", "replace")
    separator = max(",\t;", key=text[:2_000].count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        return lines_changed(data, rng)
    if len(rows) < 2 or not rows[0]:
        return lines_changed(data, rng)
    what, removed = _table_changed(rows, rng)
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=rng.choice(("\n", "\r\n")), quotechar='"').writerows(rows)
    return Changed(out.getvalue().encode("utf-8", "surrogatepass"), what, removed)


def _table_changed(rows: list[list[str]], rng: random.Random) -> tuple[str, int | None]:
    kind = rng.choice(
        ("cell", "cell", "cell", "cell", "column value", "drop", "heading", "width", "row gone", "row twice")
    )
    i, j = rng.randrange(1, len(rows)), rng.randrange(len(rows[0]))
    if kind == "cell" and j < len(rows[i]):
        rows[i][j] = values.text(rng)
        return kind, 0
    if kind == "column value":
        for row in rows[1:]:
            row[j : j + 1] = [values.text(rng)]
        return kind, 0
    if kind == "drop":
        for row in rows:
            del row[j : j + 1]
    elif kind == "heading":
        rows[0][j] = rng.choice((values.text(rng), rows[0][rng.randrange(len(rows[0]))]))
    elif kind == "width":
        rows[i][j:j] = [values.text(rng)] if rng.random() < 0.5 else []
        rows[i] = rows[i][: rng.randrange(len(rows[i]) + 2)]
    elif kind == "row gone":
        del rows[i]
        return kind, 1
    else:
        rows.insert(i, rows[i])
        return kind, 0
    return kind, None
