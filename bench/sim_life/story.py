"""A true conversation: sessions with pauses as people make them, turns, stock replies, media, payments, calls, quotes, recalls, notices."""

import random
from collections.abc import Callable

from bench.sim_life.model import Event, Life, Person
from bench.sim_life.talk import FILES, LINKS, Talk
from reconcile.vocabulary import Kind

SURNAMES, GIVEN = (
    "王李张刘陈杨赵黄周吴徐孙",
    ("伟", "芳", "建国", "丽", "小军", "敏", "磊", "桂花", "洋", "艳", "志强", "婷"),
)
REMARKS = ("{s}总", "老{s}", "小{s}", "{s}{g}（装修）", "{s}姐", "{n}", "{n}", "{n}", "{n}🌸", "A建材{s}{g}")
DAY = 86_400.0
# Share of each kind among messages; the rest is text.
SHARES: tuple[tuple[Kind, float], ...] = (
    (Kind.QUOTE, 0.04), (Kind.IMAGE, 0.035), (Kind.VOICE, 0.03), (Kind.STICKER, 0.025), (Kind.TRANSFER, 0.02), (Kind.FILE, 0.012), (Kind.LINK, 0.012),
    (Kind.CALL, 0.012), (Kind.RED_PACKET, 0.008), (Kind.VIDEO, 0.006), (Kind.LOCATION, 0.005), (Kind.CARD, 0.004), (Kind.FORWARD, 0.004),
)  # fmt: skip


def begin(seed: int, lines: tuple[str, ...] = ()) -> Life:
    """People and everything that happened between them; no device has been looked at yet."""
    rng = random.Random(f"life-{seed}")
    is_group = rng.random() < 0.3
    people = [_person(rng, i) for i in range(rng.randint(3, 7) if is_group else 2)]
    life = Life(seed, rng, people, is_group, f"{rng.randint(10**9, 10**11)}@chatroom" if is_group else "", [])
    talk = Talk(rng, rng.uniform(0.15, 0.55), lines)
    at = 1_600_000_000.0 + rng.random() * 4 * 365 * DAY
    if rng.random() < 0.5:
        _hello(life, at - rng.uniform(5, 4000))
    size = int(min(max(rng.lognormvariate(4.3, 0.6), 18), 260))
    while len(life.events) < size:
        at = _session(life, talk, _awake(rng, at), min(rng.expovariate(1 / 14) + 1, size - len(life.events) + 3))
        at += rng.expovariate(1 / (0.8 * DAY)) + 900
    life.events.sort(key=lambda e: (e.at, e.number))
    return _numbered(life)


def _person(rng: random.Random, i: int) -> Person:
    s, g = rng.choice(SURNAMES), rng.choice(GIVEN)
    name = rng.choice((f"{s}{g}", f"{s}{g}", g, f"{g}{rng.randint(1, 9)}", "知足常乐", "平安是福", "Sunny", "海阔天空"))
    remark = rng.choice(REMARKS).format(s=s, g=g, n=name)
    return Person(f"wxid_{''.join(rng.choices('abcdefghjkmnpqrstuvwxyz0123456789', k=12))}{i}", name, remark)


def _awake(rng: random.Random, at: float) -> float:
    """The moment, moved into waking hours of Shanghai."""
    hour = (at / 3600 + 8) % 24
    return at + (8.5 - hour) * 3600 + rng.random() * 7200 if hour < 7 and rng.random() < 0.95 else at


def _hello(life: Life, at: float) -> None:
    if life.is_group:
        life.add(at, None, Kind.SYSTEM, "{0}邀请{1}加入了群聊")
        return
    life.add(at, None, Kind.SYSTEM, "你已添加了{1}，现在可以开始聊天了。", only=0)
    life.add(at + 1, None, Kind.SYSTEM, "{0}请求添加你为朋友", only=1)
    life.add(at + 2, None, Kind.SYSTEM, "以上是打招呼的内容", only=1)


def _session(life: Life, talk: Talk, at: float, count: float) -> float:
    r = life.rng
    pace = r.uniform(2.2, 3.9)
    author = r.randrange(len(life.people))
    for _ in range(int(count)):
        if r.random() > 0.42:
            author = r.choice([i for i in range(len(life.people)) if i != author] or [author])
        at = _happen(life, talk, at, author) + min(r.lognormvariate(pace, 1.2) + 0.6, 3000)
    return at


def _happen(life: Life, talk: Talk, at: float, author: int) -> float:
    """One message of the author, with what belongs to it; returns when it was over."""
    r = life.rng
    dice = r.random()
    for kind, share in SHARES:
        dice -= share
        if dice < 0:
            return MAKERS[kind](life, talk, at, author)
    text, matters = talk.line()
    event = life.add(at, author, Kind.TEXT, text, matters=matters)
    if r.random() < 0.02:
        later = at + r.uniform(3, 110)
        event.recalled = True
        # Some clients rewrite the row where it stands, some write a new one.
        life.add(at if r.random() < 0.5 else later, author, Kind.RECALL, "", quotes=event.number)
        if r.random() < 0.5:
            life.add(later + r.uniform(4, 30), author, Kind.TEXT, text + r.choice(("。", "哈", "，刚打错了")))
        return later
    if r.random() < 0.01:
        life.add(at + 5, None, Kind.SYSTEM, "{0}拍了拍{1}" if author == 0 else "{1}拍了拍{0}")
    return at


def _quote(life: Life, talk: Talk, at: float, author: int) -> float:
    said = [e for e in life.events[-40:] if e.kind is Kind.TEXT and not e.recalled]
    text, matters = talk.line()
    life.add(at, author, Kind.QUOTE if said else Kind.TEXT, text, quotes=life.rng.choice(said).number if said else None, matters=matters)  # fmt: skip
    return at


def _images(life: Life, _: Talk, at: float, author: int) -> float:
    for _i in range(life.rng.choice((1, 1, 1, 2, 3, 5))):
        life.add(at, author, Kind.IMAGE, "", media=_hash(life.rng))
        at += life.rng.choice((0.1, 0.4, 1.2))
    return at


def _plain(kind: Kind, texts: tuple[str, ...] = ("",)) -> Callable[[Life, Talk, float, int], float]:
    def make(life: Life, _: Talk, at: float, author: int) -> float:
        hashed = kind in {Kind.VIDEO, Kind.STICKER, Kind.FILE}
        seconds = life.rng.randint(1, 59) if kind in {Kind.VOICE, Kind.VIDEO} else 0
        life.add(at, author, kind, life.rng.choice(texts), media=_hash(life.rng) if hashed else "", seconds=seconds)
        return at + seconds

    return make


def _transfer(life: Life, talk: Talk, at: float, author: int) -> float:
    r = life.rng
    sums = talk.amount()
    for _ in range(2 if r.random() < 0.12 else 1):
        memo = r.choice(("", "", "房租", "货款", "尾款", "还你的"))
        life.add(at, author, Kind.TRANSFER, memo, amount=f"{sums}.00", matters=True)
        at += r.uniform(8, 50)
        if r.random() < 0.8:
            payee = r.choice([i for i in range(len(life.people)) if i != author])
            life.add(at, payee, Kind.TRANSFER, "已收款", amount=f"{sums}.00")
    return at


def _red_packet(life: Life, _: Talk, at: float, author: int) -> float:
    life.add(at, author, Kind.RED_PACKET, life.rng.choice(("恭喜发财，大吉大利", "生日快乐", "辛苦费")))
    if author in {0, 1}:
        life.add(at + life.rng.uniform(2, 90), None, Kind.SYSTEM, f"{{{1 - author}}}领取了{{{author}}}的红包")
    return at


def _call(life: Life, _: Talk, at: float, author: int) -> float:
    seconds = life.rng.choice((0, life.rng.randint(5, 1800)))
    text = f"通话时长 {seconds // 60:02}:{seconds % 60:02}" if seconds else "已取消"
    life.add(at, author, Kind.CALL, text, seconds=seconds)
    return at + seconds


MAKERS: dict[Kind, Callable[[Life, Talk, float, int], float]] = {
    Kind.QUOTE: _quote, Kind.IMAGE: _images, Kind.VOICE: _plain(Kind.VOICE), Kind.STICKER: _plain(Kind.STICKER), Kind.TRANSFER: _transfer,
    Kind.FILE: _plain(Kind.FILE, FILES), Kind.LINK: _plain(Kind.LINK, LINKS), Kind.CALL: _call, Kind.RED_PACKET: _red_packet,
    Kind.VIDEO: _plain(Kind.VIDEO), Kind.LOCATION: _plain(Kind.LOCATION, ("万达广场", "建材城东门", "人民医院", "阳光小区3号楼")),
    Kind.CARD: _plain(Kind.CARD, ("李师傅防水", "中介小周", "张律师")), Kind.FORWARD: _plain(Kind.FORWARD, ("群聊的聊天记录", "陈工和我的聊天记录")),
}  # fmt: skip


def _hash(rng: random.Random) -> str:
    return f"{rng.getrandbits(128):032x}"


def server_id(rng: random.Random) -> str:
    """A made-up server id of 18 or 19 digits."""
    return str(rng.randint(10**17, 9 * 10**18))


def _numbered(life: Life) -> Life:
    """Events numbered in order of time; each gets the server id that both devices learn."""
    new = {event.number: place for place, event in enumerate(life.events)}
    for event in life.events:
        event.number = new[event.number]
        event.quotes = None if event.quotes is None else new[event.quotes]
        event.server_id = server_id(life.rng)
    for event in life.events:
        if event.kind is Kind.RECALL and event.quotes is not None:
            event.server_id = life.events[event.quotes].server_id
    return life


def name_on(life: Life, viewer: int, person: int) -> str:
    """The name under which a person stands on the viewer's device: remarks are kept by others, and only in direct chats here."""
    who = life.people[person]
    return who.nickname if person == viewer or life.is_group else who.remark


def notice(life: Life, event: Event, viewer: int) -> str:
    """What the client of the viewer writes about an event of its own."""
    if event.kind is Kind.RECALL and event.author is not None:
        other = f'"{name_on(life, viewer, event.author)}" 撤回了一条消息'
        return "你撤回了一条消息" if event.author == viewer else other
    names = ["你" if i == viewer else f"“{name_on(life, viewer, i)}”" for i in range(len(life.people))]
    return event.text.format(*names)
