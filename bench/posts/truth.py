"""True posts and what each device came to hold of them: drawn from a seed, with a ledger of every planted difference.

The stores are described by docs and public sources, not by our readers; nothing here is shared with tests/build/moments.py.
"""

import hashlib
import random
from dataclasses import dataclass, field, replace

AUTHORS = ("wxid_bench_left01", "wxid_bench_right2", "wxid_bench_third3", "wxid_bench_fourth")
LEFT, RIGHT = AUTHORS[:2]
FRIENDS = (*AUTHORS, "wxid_bench_fifth", "wxid_bench_sixth")
NAMES = {who: f"友人{chr(0x7532 + n)}" for n, who in enumerate(FRIENDS)}
START = 1_701_000_000
_OPEN = ("今天的会", "周末", "工地上", "孩子", "货已经", "下雨了，", "老地方", "合同", "年终", "搬家")
_CLOSE = (
    "真不容易",
    "就这样吧",
    "等通知",
    "谢谢大家",
    "有空再说",
    "收到请回",
    "照片补上",
    "<已完成>",
    'A&B "公司"',
    "😀👍",
    "1.5 万元",
    "& 其他",
)


@dataclass(frozen=True)
class Media:
    """One picture or clip."""

    number: int
    md5: str
    is_clip: bool = False
    width: int = 1080
    height: int = 1440
    size: int = 200_000
    seconds: float = 0.0


@dataclass(frozen=True)
class Said:
    """A like (`text` None) or comment; `sticker` = a comment of a sticker alone."""

    who: str
    at: int
    text: str | None = None
    number: int = 0
    answers: int = 0
    answers_who: str = ""
    sticker: str = ""
    removed: bool = False


@dataclass(frozen=True)
class Post:
    """One post as a device holds it."""

    id: int
    at: int
    who: str
    text: str
    media: tuple[Media, ...] = ()
    url: str = ""
    title: str = ""
    digest: str = ""
    place: str = ""
    said: tuple[Said, ...] = ()


@dataclass
class Device:
    """What one device holds: posts, numbers of posts that its own records name, unlisted ones, a tool's trigger."""

    owner: str
    posts: list[Post] = field(default_factory=list)
    notified: list[tuple[int, str, str]] = field(default_factory=list)
    top: list[tuple[int, str, int]] = field(default_factory=list)
    trigger: bool = False


@dataclass
class Ledger:
    """Planted differences: post id -> what differs; ids of posts that the lacking side's records name; differing comments."""

    conflicts: dict[int, str] = field(default_factory=dict)
    comments: list[tuple[int, int]] = field(default_factory=list)
    witnessed: dict[int, str] = field(default_factory=dict)
    absent: set[int] = field(default_factory=set)
    gone: dict[str, set[int]] = field(default_factory=lambda: {"left": set(), "right": set()})


PLANTS = ("text", "link", "media_count", "media_order", "md5", "time", "comment")


def digest(*parts: object) -> str:
    """A made-up md5."""
    return hashlib.md5("|".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def draw(seed: int, count: int) -> tuple[Device, Device, Ledger]:
    """Two devices that looked at most of `count` posts each, and the ledger of what was changed on one of them."""
    dice = random.Random(seed)
    ledger = Ledger()
    devices = Device(LEFT), Device(RIGHT)
    devices[1].trigger = seed % 2 == 0
    for number in range(count):
        post = _post(dice, seed, number)
        seen = [dice.random() < 0.8, dice.random() < 0.8]
        if not any(seen):
            seen[dice.randrange(2)] = True
        for side in (0, 1):
            if seen[side]:
                devices[side].posts.append(_as_seen(dice, post))
        if all(seen):
            if dice.random() < 0.2:
                _plant(dice, devices[dice.randrange(2)], ledger)
        else:
            _absence(dice, post, devices[0 if not seen[0] else 1], ledger, side="left" if not seen[0] else "right")
    for name, device in zip(("left", "right"), devices, strict=True):
        for number in range(count // 50):
            gone = ((START + number * 9_001) * 1000 + 5 << 23) | dice.getrandbits(23)
            device.notified.append((gone, FRIENDS[3], "这条没有了"))
            ledger.gone[name].add(gone)
        dice.shuffle(device.posts)
    return *devices, ledger


def _post(dice: random.Random, seed: int, number: int) -> Post:
    at = START + number * 7_211 + dice.randrange(3_000)
    post = Post(
        ((at * 1000 + dice.randrange(1000)) << 23) | dice.getrandbits(23),
        at,
        dice.choice(AUTHORS),
        _words(dice, number),
    )
    shape = dice.random()
    if shape < 0.35:
        media = tuple(_media(dice, post, n, clip=False) for n in range(dice.choice((1, 1, 2, 3, 4, 6, 9))))
        post = replace(post, media=media, text=post.text if dice.random() < 0.7 else "")
    elif shape < 0.45:
        post = replace(post, media=(_media(dice, post, 0, clip=True),))
    elif shape < 0.62:
        url, title, about = _card(dice, seed, number)
        post = replace(post, url=url, title=title, digest=about, text=post.text if dice.random() < 0.5 else "")
    if dice.random() < 0.2:
        post = replace(post, place=dice.choice(("中山路8号", "人民公园", "A&B 大厦")))
    return replace(post, said=_said(dice, post))


def _words(dice: random.Random, number: int) -> str:
    words = dice.choice(_OPEN) + dice.choice(_CLOSE) + f"（{number}）"
    kind = dice.random()
    if kind < 0.15:
        return words + "\n" + dice.choice(_CLOSE) + "\n\n" + dice.choice(_OPEN)
    if kind < 0.2:
        return (words + "，") * 260
    if kind < 0.24:
        return words + " ]]> </contentDesc> &lt;b&gt; &amp;#10; 'x'"
    if kind < 0.28:
        return dice.choice(("好", "嗯", "早", "1"))
    return words


def _media(dice: random.Random, post: Post, place: int, *, clip: bool) -> Media:
    return Media(
        ((post.id >> 23) + 30 + place << 23) | dice.getrandbits(23), digest(post.id, place), clip, dice.choice((1080, 720, 4032)), dice.choice((1440, 1035)),
        dice.randrange(20_000, 900_000), 14.5 if clip else 0.0,
    )  # fmt: skip


def _card(dice: random.Random, seed: int, number: int) -> tuple[str, str, str]:
    if dice.random() < 0.6:
        mid, idx = 2_650_000 + seed * 100 + number % 40, dice.randrange(1, 4)
        url = f"http://mp.weixin.qq.com/s?__biz=MzA4NzQ1&mid={mid}&idx={idx}&sn={digest(mid, idx)[:16]}&chksm=9a&scene=2&srcid=0301#rd"
    else:
        url = f"https://example.com/page/{number}?a=1&b={dice.randrange(9)}"
    return url, f"第{number}篇：{dice.choice(_CLOSE)}", dice.choice(("", "内容摘要 & 其他"))


def _said(dice: random.Random, post: Post) -> tuple[Said, ...]:
    likers = dice.sample(FRIENDS, dice.choice((0, 0, 1, 2, 4)))
    out = [Said(who, post.at + 60 + n) for n, who in enumerate(likers)]
    comments: list[Said] = []
    for n in range(dice.choice((0, 0, 1, 2, 5))):
        answered = dice.choice(comments) if comments and dice.random() < 0.5 else None
        text = dice.choice(("好的", "尾款月底结清", "辛苦了 & 谢谢", "多少钱？", "第二行\n在这里", f"评论{n}号 <b>"))
        sticker = digest("sticker", post.id, n) if dice.random() < 0.1 else ""
        comments.append(
            Said(dice.choice(FRIENDS), post.at + 100 + 7 * n, "" if sticker else text, n + 1, answered.number if answered else 0,
                 answered.who if answered else "", sticker, dice.random() < 0.05)
        )  # fmt: skip
    return (*out, *comments)


def _as_seen(dice: random.Random, post: Post) -> Post:
    """The likes and comments up to a last look, less those of people whom this owner does not know."""
    until = post.at + dice.choice((70, 105, 10_000, 10_000, 10_000))
    stranger = dice.choice((None, None, None, FRIENDS[-1]))
    said = tuple(s for s in post.said if s.at <= until and s.who != stranger)
    return replace(post, said=said)


def _plant(dice: random.Random, device: Device, ledger: Ledger) -> None:
    post = device.posts[-1]
    plant = dice.choice(PLANTS)
    changed = _changed(dice, post, plant)
    if changed is None:
        plant, changed = "text", replace(post, text=post.text + "，另付两万元")
    device.posts[-1] = changed
    if plant == "comment":
        number = next(s.number for s, t in zip(post.said, changed.said, strict=True) if s != t)
        ledger.comments.append((post.id, number))
    else:
        ledger.conflicts[post.id] = plant


def _changed(dice: random.Random, post: Post, plant: str) -> Post | None:  # noqa: PLR0911 - one plant after the other
    if plant == "text":
        return replace(post, text=post.text + dice.choice(("，不算数", "，共 3 万元", "，六月交房")))
    if plant == "link" and post.url:
        return replace(post, url=post.url.replace("mid=26", "mid=36").replace("/page/", "/other/"))
    if plant == "media_count" and len(post.media) > 1:
        return replace(post, media=post.media[:-1])
    if plant == "media_order" and len(post.media) > 1:
        return replace(post, media=(post.media[1], post.media[0], *post.media[2:]))
    if plant == "md5" and post.media:
        first = replace(post.media[0], md5=digest("other", post.id))
        return replace(post, media=(first, *post.media[1:]))
    if plant == "time":
        return replace(post, at=post.at - 3_600)
    comments = [s for s in post.said if s.text and s.number]
    if plant == "comment" and comments:
        chosen = dice.choice(comments)
        said = tuple(replace(s, text=s.text + "，不付了") if s is chosen and s.text else s for s in post.said)
        return replace(post, said=said)
    return None


def _absence(dice: random.Random, post: Post, lacking: Device, ledger: Ledger, *, side: str) -> None:
    ledger.absent.add(post.id)
    kind = dice.random()
    if kind < 0.15:
        lacking.notified.append((post.id, FRIENDS[2], "看到了"))
        ledger.witnessed[post.id] = f"{side}:notified"
    elif kind < 0.25:
        lacking.top.append((post.id, post.who, post.at))
        ledger.witnessed[post.id] = f"{side}:top"
