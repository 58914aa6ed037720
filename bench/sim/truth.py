"""Draws what was really said: people, chats, messages of all kinds, in sessions with pauses."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from bench.sim.model import Chat, Copy, Dispute, Person, Row
from bench.sim.words import GIVEN, ROLES, SURNAMES, TAGS, Words
from reconcile.vocabulary import ConversationKind, Kind, Side

START = 1_577_808_000  # 2020-01-01 in China
YEARS = 4 * 365 * 86_400
# Share of messages of each kind, besides text; a transfer brings its receipt.
SHARES: dict[Kind, float] = {
    Kind.IMAGE: 0.05, Kind.VOICE: 0.04, Kind.STICKER: 0.03, Kind.QUOTE: 0.03, Kind.FILE: 0.015, Kind.LINK: 0.015, Kind.VIDEO: 0.008,
    Kind.TRANSFER: 0.02, Kind.RED_PACKET: 0.008, Kind.CALL: 0.01, Kind.LOCATION: 0.006, Kind.CARD: 0.004, Kind.FORWARD: 0.004,
    Kind.SYSTEM: 0.006, Kind.RECALL: 0.006, Kind.OTHER: 0.003,
}  # fmt: skip
HASHED = (Kind.IMAGE, Kind.VIDEO, Kind.STICKER, Kind.FILE)


@dataclass(slots=True)
class Plan:
    """What is to be drawn; a fault may ask for what it needs before the truth is told.

    Attributes:
        members: people in the disputed chat, 2 = direct.
        messages: messages of the disputed chat.
        stock: share of stock replies among texts.
        others: chats beside it that only one device has, per side.
        shared: further chats that both devices have.
        twins: share of messages sent twice within a second or two.
        long: share of messages beyond two hundred characters.
        patterns: sentences that must occur, with blanks.
        kinds: kinds that must occur.
        tables: what each side's table must be like (attributes of Dialect).
        clock: whether rows and facts must stand on good clocks.
    """

    members: int = 2
    messages: int = 120
    stock: float = 0.25
    others: dict[Side, int] = field(default_factory=lambda: {Side.LEFT: 0, Side.RIGHT: 0})
    shared: int = 0
    twins: float = 0.004
    long: float = 0.01
    patterns: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    tables: dict[Side, dict[str, Any]] = field(default_factory=lambda: {Side.LEFT: {}, Side.RIGHT: {}})
    lines: tuple[str, ...] = ()


def tell(name: str, plan: Plan, rng: Random) -> Dispute:
    """The true conversations of a plan; copies are empty and wait for their dialects."""
    people = _people(plan, rng)
    chats = [_chat(rng, list(range(plan.members)), people)]
    for _ in range(plan.shared):
        members = [0, 1] if plan.members > 2 else [0, 1, *rng.sample(range(2, len(people)), 1)]
        if all(chat.members != members for chat in chats):
            chats.append(_chat(rng, members, people))
    spare = iter(range(len(people) - sum(plan.others.values()), len(people)))
    for side, count in plan.others.items():
        owner = 0 if side is Side.LEFT else 1
        chats += [Chat(ConversationKind.DIRECT, [owner, next(spare)], holders=(side,)) for _ in range(count)]
    copies = {side: Copy(side, i) for i, side in enumerate(Side)}
    for copy in copies.values():
        copy.remarks = _remarks(rng, people, copy.owner)
    dispute = Dispute(name, people, chats, [], copies)
    _converse(dispute, plan, rng)
    return dispute


def _people(plan: Plan, rng: Random) -> list[Person]:
    count = max(plan.members, 3) + sum(plan.others.values())
    names: dict[str, None] = {}
    while len(names) < count:
        names[rng.choice(SURNAMES) + rng.choice(GIVEN)] = None
    people = []
    for name in names:
        style = rng.random()
        nickname = (
            name
            if style < 0.3
            else (name[1:] if len(name) > 2 else "小" + name[1:])
            + rng.choice(TAGS)
            + ("" if style < 0.6 else str(rng.randint(1, 99)))
        )
        people.append(Person(f"wxid_{_letters(rng)}", nickname, alias=f"{_letters(rng)[:8]}" if style > 0.5 else ""))
    taken: set[str] = set()
    for person in people:
        while person.nickname in taken:
            person.nickname += "·"
        taken.add(person.nickname)
    return people


def _letters(rng: Random) -> str:
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=14))


def _remarks(rng: Random, people: list[Person], owner: int) -> dict[int, str]:
    """Remarks of a device, none of them the name of another person there."""
    taken = {p.nickname for p in people}
    remarks: dict[int, str] = {}
    for i, person in enumerate(people):
        remark = _remark(rng, person)
        if i != owner and rng.random() < 0.6 and remark not in taken:
            remarks[i] = remark
            taken.add(remark)
    return remarks


def _remark(rng: Random, person: Person) -> str:
    return (
        rng.choice(SURNAMES)
        + rng.choice(ROLES)
        + rng.choice(("", "", str(rng.randint(1, 9)), "（" + person.nickname[:2] + "）"))
    )


def _chat(rng: Random, members: list[int], people: list[Person]) -> Chat:
    if len(members) == 2:
        return Chat(ConversationKind.DIRECT, members)
    name = (
        rng.choice(("装修", "项目", "工程", "家庭", "合伙", "业主", "财务", "维权"))
        + rng.choice(("群", "沟通群", "交流", "2024"))
        + str(rng.randint(1, 99))
    )
    return Chat(
        ConversationKind.GROUP,
        members,
        f"{rng.randrange(10**10, 10**11)}@chatroom",
        name + people[members[-1]].nickname[:1],
    )


def _converse(dispute: Dispute, plan: Plan, rng: Random) -> None:
    start = START + rng.randrange(YEARS)
    pause = 10 ** rng.uniform(3.6, 5.2)
    end = float(start)
    for number, chat in enumerate(dispute.chats):
        is_own = len(chat.holders) == 1
        share = 1.0 if number == 0 else rng.uniform(0.2, 0.6)
        count = max(8, int(plan.messages * share)) if number else plan.messages
        teller = _Teller(dispute, plan, rng, number)
        if number == 0:
            end = teller.talk(float(start), count, pause)
        else:
            # Chats beside the disputed one live over the same days, in many short sessions.
            teller.talk(
                start + rng.uniform(-0.02, 0.02) * (end - start),
                count,
                (end - start) / max(4, count / 3),
                until=end if is_own else None,
            )
    dispute.said.sort(key=lambda r: r.at or 0.0)
    for truth, row in enumerate(dispute.said):
        row.truth = truth


class _Teller:
    """Tells one chat, message by message."""

    def __init__(self, dispute: Dispute, plan: Plan, rng: Random, number: int) -> None:
        self.dispute, self.plan, self.rng, self.number = dispute, plan, rng, number
        self.chat = dispute.chats[number]
        self.words = Words(rng, plan.stock, plan.lines)
        self.kinds = list(SHARES)
        self.weights = list(SHARES.values())
        self.text_share = 1 - sum(self.weights)
        self.rows: list[Row] = []
        self.at = 0.0

    def talk(self, start: float, count: int, pause: float, until: float | None = None) -> float:
        """Tell `count` messages from `start`; the time of the last one. `until` spreads the sessions over the whole span."""
        rng = self.rng
        self.at = float(int(start))
        left = 0
        author = rng.choice(self.chat.members)
        musts = self._musts(count) if self.number == 0 else {}
        while len(self.rows) < count:
            if left <= 0:
                left = rng.randint(2, 24) if until is None else rng.randint(2, 5)
                step = rng.expovariate(1 / pause) + 300 if self.rows else 0
                self.at += int(step)
            left -= 1
            if rng.random() < 0.6:
                author = rng.choice([m for m in self.chat.members if m != author])
            self._say(author, musts.get(len(self.rows)))
            self.at += 0 if rng.random() < 0.01 else 1 + int(rng.expovariate(1 / 20))
        self.dispute.said += self.rows
        return self.at

    def _musts(self, count: int) -> dict[int, str | Kind]:
        wanted: list[str | Kind] = [*self.plan.patterns, *self.plan.kinds]
        places = (
            self.rng.sample(
                range(max(1, count // 10), max(count - count // 10, count // 10 + 2)),
                k=min(len(wanted), max(1, count - 2 * (count // 10)) - 1),
            )
            if wanted and count > 6
            else []
        )
        return dict(zip(places, wanted, strict=False))

    def _say(self, author: int, must: str | Kind | None) -> None:
        rng = self.rng
        if isinstance(must, Kind):
            kind = must
        elif must is not None or rng.random() < self.text_share or not self.rows:
            kind = Kind.TEXT
        else:
            kind = rng.choices(self.kinds, self.weights)[0]
        if kind is Kind.TEXT:
            text = (
                self.words.fill(must)
                if isinstance(must, str)
                else self.words.long()
                if rng.random() < self.plan.long
                else self.words.text()
            )
            self._add(author, kind, text)
            if rng.random() < self.plan.twins:
                self.at += rng.choice((0, 0, 1, 2))
                self._add(author, kind, text)
            return
        getattr(self, f"_{kind}", self._plain)(author, kind)

    def _add(self, author: int | None, kind: Kind, text: str) -> Row:
        rng = self.rng
        row = Row(
            len(self.dispute.said) + len(self.rows),
            self.number,
            self.at,
            author,
            kind,
            text,
            str(rng.randrange(10**18, 9 * 10**18)),
        )
        if kind in HASHED:
            row.media_hash = f"{rng.getrandbits(128):032x}"
        self.rows.append(row)
        return row

    def _plain(self, author: int, kind: Kind) -> None:
        words = {
            Kind.IMAGE: "[图片]", Kind.STICKER: "[动画表情]", Kind.FILE: "[文件] {item}.pdf", Kind.LINK: "[链接] {place}{item}清单",
            Kind.LOCATION: "[位置] {place}", Kind.CARD: "[名片] {who}", Kind.FORWARD: "[聊天记录] {who}的聊天记录", Kind.OTHER: "[暂不支持的消息]",
        }[kind]  # fmt: skip
        self._add(author, kind, self.words.fill(words))

    def _voice(self, author: int, kind: Kind) -> None:
        seconds = self.rng.randint(1, 60)
        self._add(author, kind, f'[语音] {seconds}"').duration = float(seconds)

    def _video(self, author: int, kind: Kind) -> None:
        self._add(author, kind, "[视频]").duration = float(self.rng.randint(1, 90))

    def _call(self, author: int, kind: Kind) -> None:
        seconds = self.rng.randint(3, 900)
        row = self._add(author, kind, f"[语音通话] 通话时长 {seconds // 60:02}:{seconds % 60:02}")
        row.duration = float(seconds)

    def _transfer(self, author: int, kind: Kind) -> None:
        rng = self.rng
        amount = f"{rng.randint(1, 500) * rng.choice((1, 10, 100))}.{rng.choice(('00', '00', '00', '50', '66'))}"
        payee = rng.choice([m for m in self.chat.members if m != author])
        self._add(author, kind, f"[转账] ￥{amount} {self.words.fill('{thing}')}").amount = amount
        self.at += rng.randint(5, 900)
        self._add(payee, kind, f"[转账收款] ￥{amount}").amount = amount

    def _red_packet(self, author: int, kind: Kind) -> None:
        self._add(author, kind, "[红包] 恭喜发财，大吉大利")

    def _quote(self, author: int, kind: Kind) -> None:
        quoted = self.rng.choice(self.rows[-30:])
        row = self._add(author, kind, self.words.sentence())
        row.reply_to = quoted.message_id if quoted.kind not in (Kind.SYSTEM, Kind.RECALL) else ""

    def _system(self, _author: int, kind: Kind) -> None:
        text = self.rng.choice(
            (
                "对方正在语音通话中",
                "聊天中可能存在诈骗风险，请注意资金安全",
                "以上为历史消息",
                "群公告已更新" if self.chat.room else "消息免打扰已关闭",
            )
        )
        row = self._add(None, kind, text)
        row.message_id = row.message_id if self.rng.random() < 0.5 else "0"

    def _recall(self, author: int, kind: Kind) -> None:
        self._add(author, kind, "撤回了一条消息")
