"""What an opponent puts where a value belongs: odd numbers, texts of every script and none, markup, separators, bytes."""

import random
from typing import Any

TEXTS = (
    "", " ", "\u3000", "0", "-1", "1e400", "NaN", "inf", "9" * 25, "9" * 400, "-9223372036854775809", "18446744073709551616", "1.5", "0x10", "１２３",
    "null", "None", "true", "=1+1", "@SUM(A1)", "\x00", "a\x00b", "\x1b[31m", "\u202e反转\u202c", "\u200b", "\ufeff", "\u2028", "\u0085", "\x0b\x0c", "\r", "\n", "\r\n\r\n",
    "e\u0301", "é", "👨\u200d👩\u200d👧", "\U0010ffff", "\ufffe", "𠮷", "<script>alert(1)</script>", "<msg><appmsg>", "</msg>", "]]>", "<!--", "&#x0;", "&lol;", "<?xml?>", '<!DOCTYPE a [<!ENTITY b "c">]>',
    "2024-02-30 25:61:61", "0000-00-00 00:00:00", "9999-12-31 23:59:59", "1900-01-01", "2024-03-01", "2024年3月1日 下午3:05", "１２:００", "1e18", "1709255107", "1709255107000", "-1709255107",
    "../../etc/passwd", "C:\\con", "a:b#c", "wxid_x:\n", "@chatroom", "12345678901@chatroom", "[图片]", "[转账] ￥-1.00", "撤回了一条消息", '"', "'", "\\", "\\u0000", "\\ud800", ",", "\t", ";", "|", "```", "# ", "> ", "{{7*7}}", "${x}", "%s%n", "{}", "[]",
)  # fmt: skip
NUMBERS = (
    0, -1, 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63), 10**25, 0.5, -0.0, 1e308, 1e-320, 1709255107, 1709255107000, 253402300800,
)  # fmt: skip
BYTES = (
    b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"SQLite format 3\x00", b"PK\x03\x04", b"\xff" * 9, b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
    b"\x0a\xff\xff\xff\xff\x0f", b"bplist00", b"\xed\xa0\x80", b"\xe4\xbd", b"\xc0\x80", b"\n", b"\r", b'"', b",", b"<", b"]", b"}", b"\\", b"&", b"%PDF-1.4", b"\x1b[2J", b"null", b"1e999", b"9" * 30,
)  # fmt: skip


def text(rng: random.Random) -> str:
    if rng.random() < 0.05:
        return rng.choice(TEXTS) * rng.choice((10, 1_000, 20_000))
    return rng.choice(TEXTS)


def number(rng: random.Random) -> int | float:
    return rng.choice(NUMBERS)


def blob(rng: random.Random) -> bytes:
    return rng.choice(BYTES) if rng.random() < 0.7 else rng.randbytes(rng.randrange(1, 200))


def scalar(rng: random.Random) -> Any:
    """A value as SQLite keeps it: text, integer within 64 bits, real, bytes or nothing."""
    made = rng.choice((text, number, blob, lambda _: None))(rng)
    return made if not isinstance(made, int) or -(2**63) <= made < 2**63 else str(made)


def json_value(rng: random.Random, depth: int = 0) -> Any:
    """A JSON value of any type, now and then nested."""
    kind = rng.randrange(8 if depth < 3 else 5)
    if kind == 5:
        return [json_value(rng, depth + 1) for _ in range(rng.randrange(3))]
    if kind == 6:
        return {text(rng)[:30]: json_value(rng, depth + 1) for _ in range(rng.randrange(3))}
    if kind == 7:
        return nested(rng.choice((20, 63, 200, 5_000)))
    return (None, True, False, number(rng), text(rng))[kind]


def nested(depth: int) -> Any:
    value: Any = 1
    for n in range(depth):
        value = [value] if n % 2 else {"a": value}
    return value
