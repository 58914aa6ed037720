"""The true conversation: who writes what and when, before any device or exporter touches it."""

import random
from collections.abc import Iterator

from bench.sim_forms import words
from bench.sim_forms.model import Person, Row, Sides
from reconcile.vocabulary import Kind

NAMES = (
    "陈立",
    "周敏",
    "海哥",
    "老马",
    "阿珍",
    "孙会计",
    "Leo",
    "建平",
    "小雨",
    "吴总",
    "冯师傅",
    "丁丁",
    "林间",
    "何芳",
    "宋工",
    "顺达货运",
)
TITLES = ("城东项目部", "冷链对接群", "装修进度", "股东小群", "租户沟通")
WEIGHTS = (
    (Kind.TEXT, 80.0), (Kind.IMAGE, 5.0), (Kind.VOICE, 4.5), (Kind.STICKER, 3.0), (Kind.QUOTE, 2.5), (Kind.FILE, 1.3), (Kind.LINK, 0.9), (Kind.TRANSFER, 1.4),
    (Kind.RED_PACKET, 0.5), (Kind.CALL, 0.8), (Kind.VIDEO, 0.6), (Kind.LOCATION, 0.3),
)  # fmt: skip


def digest(rng: random.Random) -> str:
    """A made-up MD5."""
    return f"{rng.getrandbits(128):032x}"


def server_id(rng: random.Random) -> str:
    """A made-up server id of 18 or 19 digits."""
    return str(rng.randrange(2 * 10**17, 9 * 10**18))


def begin(seed: int, rng: random.Random) -> Sides:
    """A case with its people and its whole true conversation."""
    group = rng.random() < 0.22
    count = rng.randint(3, 6) if group else 2
    names = rng.sample(NAMES, count)
    people = [Person(f"wxid_{rng.getrandbits(60):x}"[:17] + str(n), name) for n, name in enumerate(names)]
    sides = Sides(seed, people)
    if group:
        sides.room, sides.title = f"{rng.randrange(10**10, 5 * 10**10)}@chatroom", rng.choice(TITLES)
    size = int(min(220, max(24, rng.lognormvariate(4.1, 0.55))))
    start = 1_672_531_200 + rng.randrange(0, 700) * 86400 + rng.randrange(0, 12) * 3600
    for at, author in _moments(rng, size, float(start), count):
        for row in _said(rng, sides, at, author):
            row.id = server_id(rng)
            sides.add(row)
    return sides


def _moments(rng: random.Random, size: int, at: float, count: int) -> Iterator[tuple[float, int]]:
    """Moments and authors: visits of a few messages, with hours or days between them, seldom at night."""
    left, author = size, 0
    weights = [3.0, 2.5, *(1.0 for _ in range(count - 2))]
    while left > 0:
        for _ in range(min(left, 1 + int(rng.expovariate(1 / 7)))):
            if rng.random() < 0.62:
                author = rng.choices(
                    [p for p in range(count) if p != author], [w for p, w in enumerate(weights) if p != author]
                )[0]
            yield float(int(at)), author
            at += max(1.0, rng.lognormvariate(2.8, 1.1))
            left -= 1
        at += rng.choice((rng.uniform(1200, 9000), rng.uniform(7200, 30000), rng.uniform(40000, 260000)))
        hour = (at / 3600 + 8) % 24
        if hour < 7.5 and rng.random() < 0.93:
            at += (7.5 - hour + rng.uniform(0, 3)) * 3600


def _said(rng: random.Random, sides: Sides, at: float, author: int) -> list[Row]:
    """The rows of one message: a transfer brings its receipt, a red packet the notice that it was opened."""
    kind = rng.choices([k for k, _ in WEIGHTS], [w for _, w in WEIGHTS])[0]
    row = Row(0, at, author, kind)
    f = row.facts
    if kind is Kind.TEXT:
        row.text = words.words(rng)
    elif kind in (Kind.IMAGE, Kind.VIDEO, Kind.STICKER):
        f["hash"] = digest(rng)
        f["seconds"] = str(rng.randint(3, 60))
    elif kind is Kind.VOICE:
        f["seconds"] = str(rng.randint(1, 59))
    elif kind is Kind.FILE:
        f |= {
            "name": words.filled(rng, rng.choice(words.FILES)),
            "hash": digest(rng),
            "size": str(rng.randint(9000, 4_000_000)),
        }
    elif kind is Kind.LINK:
        f |= {
            "title": words.filled(rng, rng.choice(words.LINKS)),
            "url": f"https://example.com/p/{rng.getrandbits(32):08x}?from=chat",
        }
    elif kind is Kind.CALL:
        f["seconds"] = str(rng.randint(4, 900))
    elif kind is Kind.LOCATION:
        f |= {"name": rng.choice(words.PLACES), "title": f"人民路{rng.randint(1, 300)}号"}
    elif kind is Kind.RED_PACKET:
        f["title"] = rng.choice(("恭喜发财，大吉大利", "买烟", "辛苦费", "生日快乐"))
        return [
            row,
            Row(
                0,
                at + rng.randint(4, 900),
                None,
                Kind.SYSTEM,
                "opened",
                {"who": str(_receiver(rng, sides, author)), "whom": str(author)},
            ),
        ]
    elif kind is Kind.TRANSFER:
        amount = rng.choice(
            (
                f"{rng.randint(1, 90) * 100}.00",
                f"{rng.randint(1, 30) * 1000}.00",
                f"{rng.randint(20, 9000)}.{rng.randint(0, 99):02}",
            )
        )
        f |= {
            "amount": amount,
            "memo": words.filled(rng, rng.choice(words.MEMOS)),
            "state": "1",
            "number": f"10000{rng.randrange(10**22, 10**23)}",
        }
        got = Row(0, at + rng.randint(5, 2400), _receiver(rng, sides, author), Kind.TRANSFER, "", {**f, "state": "3"})
        return [row, got] if rng.random() < 0.9 else [row]
    elif kind is Kind.QUOTE:
        known = [r for r in sides.said.values() if r.kind is Kind.TEXT and r.at < at][-25:]
        if not known:
            return [Row(0, at, author, Kind.TEXT, words.words(rng))]
        one = rng.choice(known)
        row.text = words.words(rng)
        f |= {
            "quoted": one.text,
            "quoter": str(one.author),
            "to": one.id,
            "quoted_at": str(int(one.at)),
            "of": str(one.truth),
        }
    return [row]


def _receiver(rng: random.Random, sides: Sides, author: int) -> int:
    return rng.choice([p for p in range(len(sides.people)) if p != author][:2])
