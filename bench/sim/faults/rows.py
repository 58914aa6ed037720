"""Rows that one copy lacks, has changed, or has too many: the faults that a comparison is made to find."""

import re
from collections.abc import Callable
from random import Random

from bench.sim.model import Dispute, Loss, Row
from bench.sim.stage import DISPUTED, Fault, Scene, Stage, both, hooks, wants
from bench.sim.truth import HASHED, Plan
from bench.sim.words import STOCK, Words
from reconcile.vocabulary import Cause, Kind, Side

Edit = Callable[[str, Random], str | None]
MONEY = re.compile(r"([￥¥]?)(\d[\d,]*(?:\.\d+)?)(?=(万|元|块|\.00)?)")
SUMS = re.compile(r"[￥¥]\d[\d,.]*|\d[\d,]*(?:\.\d+)?(?:万元|万|元|块)")
DAYS = re.compile(r"(\d{1,2})月(\d{1,2})日")
_PROBE = Random(1)  # only asks whether a text can be edited; no draw depends on it
SWAPS = (
    ("同意", "拒绝"), ("上午", "下午"), ("全部", "部分"), ("本金", "利息"), ("尾款", "定金"), ("返工", "复查"), ("合格", "齐全"), ("借条", "收据"),
    ("付", "收"), ("退", "留"), ("甲方", "乙方"), ("工程款", "材料款"), ("押金", "房租"), ("还", "借"), ("明天", "下周"), ("你", "他"),
)  # fmt: skip
NEGATIONS = (
    ("没收到", "收到"), ("不同意", "同意"), ("没通过", "通过"), ("不合格", "合格"), ("不认识", "认识"), ("不要", "要"), ("没有问题", "有问题"), ("还没", "已经"),
    ("没接", "接了"), ("不能", "能"), ("不是", "是"), ("不", ""), ("没", ""),
)  # fmt: skip
DENIALS = (
    "我没收到{item}，你寄到哪里去了",
    "对方不同意这个价格，最少要{money}",
    "这批{item}不合格，要求全部退货",
    "我不认识{who}，也没借过他的钱",
)
PROMISES = (
    "我承诺{day}前还清全部{thing}，还不上就拿车抵",
    "同意按{money}结算，{day}签字",
    "说好{day}之前付{money}，怎么还没动静",
)


def _delete(count: Callable[[Scene], int], where: Callable[[Row], bool] | None = None) -> Callable[[Scene], bool]:
    def run(scene: Scene) -> bool:
        return scene.lose(scene.side(), scene.pick(count(scene), where), Loss.GONE) > 0

    return run


def _delete_block(scene: Scene) -> bool:
    return scene.lose(scene.side(), scene.block(scene.rng.randint(4, 25)), Loss.GONE) > 0


def _delete_by_both(scene: Scene) -> bool:
    return min(scene.lose(side, scene.pick(scene.rng.randint(1, 3)), Loss.GONE) for side in Side) > 0


def _delete_kind(scene: Scene) -> bool:
    kind = scene.rng.choice((Kind.IMAGE, Kind.VOICE, Kind.FILE, Kind.QUOTE, Kind.TRANSFER))
    return scene.lose(scene.side(), scene.pick(10**6, lambda r: r.kind is kind), Loss.GONE) > 0


def _delete_one_author(scene: Scene) -> bool:
    author = scene.rng.choice((0, 1))
    return scene.lose(scene.side(), scene.pick(scene.rng.randint(2, 8), lambda r: r.author == author), Loss.GONE) > 0


def _delete_on_both(scene: Scene) -> bool:
    """Gone from both copies: nothing is left to be seen but what speaks of it."""
    chosen = scene.pick(scene.rng.randint(1, 4))
    return min(scene.lose(side, chosen, Loss.GONE) for side in Side) > 0


def _edit(edit: Edit, cause: Cause = Cause.TEXT_DIFFERS, most: int = 3) -> Callable[[Scene], bool]:
    def run(scene: Scene) -> bool:
        side = scene.side()
        rows = scene.index(side)
        done = 0
        for truth in scene.pick(
            scene.rng.randint(1, most), lambda r: r.kind is Kind.TEXT and edit(r.text, _PROBE) is not None
        ):
            changed = edit(rows[truth].text, scene.rng)
            if changed is not None and changed != rows[truth].text:
                rows[truth].text = changed
                scene.dispute.fact(truth).differs.add(cause)
                done += 1
        return done > 0

    return run


def edit_amount(text: str, rng: Random) -> str | None:
    """Another sum of money in place of one of the text's, never the same value."""
    found = [m for m in SUMS.finditer(text) if re.search(r"[1-9]", m[0])]
    if not found:
        return None
    match = rng.choice(found)
    digits = [i for i, c in enumerate(match[0]) if c.isdigit()]
    old = match[0]
    while True:
        place = rng.choice(digits[:1] if rng.random() < 0.5 else digits)
        grown = rng.random() < 0.2 and "." not in old and "," not in old
        new = (
            old[: digits[-1] + 1] + "0" + old[digits[-1] + 1 :]
            if grown
            else old[:place] + str(rng.randint(1, 9)) + old[place + 1 :]
        )
        if new != old:
            return text[: match.start()] + new + text[match.end() :]


def edit_date(text: str, rng: Random) -> str | None:
    """Another day or month in place of one of the text's dates."""
    match = DAYS.search(text)
    if match is None:
        return None
    month, day = int(match[1]), int(match[2])
    if rng.random() < 0.5:
        month = month % 12 + 1
    else:
        day = day % 28 + rng.choice((1, 10)) if day < 18 else day - rng.choice((1, 10))
    return text[: match.start()] + f"{month}月{day}日" + text[match.end() :]


def edit_negation(text: str, _rng: Random) -> str | None:
    """The opposite: a negation taken out, or put in."""
    for old, new in NEGATIONS:
        if old in text and len(text) > 4:
            return text.replace(old, new, 1)
    for new, old in NEGATIONS[:6]:
        if old in text and len(text) > 4:
            return text.replace(old, new, 1)
    return None


def edit_words(text: str, rng: Random) -> str | None:
    """One word changed for another."""
    found = [pair for pair in SWAPS if pair[0] in text]
    return text.replace(*rng.choice(found), 1) if found and len(text) > 5 else None


REVERSALS = {
    "好的": "不行", "好": "不好", "可以": "不可以", "行": "不行", "收到": "没收到", "没问题": "有问题", "是的": "不是", "对": "不对", "知道了": "不知道", "OK": "NO", "在的": "不在",
}  # fmt: skip
_NUMERALS = "二三四五六七八九"


def edit_reply(text: str, _rng: Random) -> str | None:
    """The opposite short reply."""
    return REVERSALS.get(text)


def edit_numeral(text: str, rng: Random) -> str | None:
    """Another sum in Chinese numerals."""
    match = re.search(r"[二三四五六七八九](?=[万千百])", text)
    if match is None:
        return None
    return text[: match.start()] + rng.choice([c for c in _NUMERALS if c != match[0]]) + text[match.end() :]


def edit_name(text: str, rng: Random) -> str | None:
    """Another person in place of one that the text names."""
    match = re.search(r"[\u4e00-\u9fff](?=总|师傅|会计|经理)", text)
    if match is None:
        return None
    name = rng.choice([n for n in "王李张刘陈杨赵黄" if n != match[0]])
    return text[: match.start()] + name + text[match.end() :]


def edit_tail(text: str, rng: Random) -> str | None:
    """A clause added to, or taken from, the end."""
    if len(text) < 8:
        return None
    return (
        text + rng.choice(("，但要先签协议", "，利息另算", "，这事以后再说"))
        if rng.random() < 0.6 or "，" not in text
        else text.rsplit("，", 1)[0]
    )


def _edit_card(scene: Scene) -> bool:
    """The amount of a transfer's card, in words and column."""
    side = scene.side()
    rows = scene.index(side)
    for truth in scene.pick(1, lambda r: r.kind is Kind.TRANSFER):
        row = rows[truth]
        new = (
            f"{float(row.amount) * 10:.2f}"
            if scene.rng.random() < 0.5
            else f"{float(row.amount) + scene.rng.randint(1, 9) * 100:.2f}"
        )
        row.text, row.amount = row.text.replace(row.amount, new), new
        scene.dispute.fact(truth).differs.add(Cause.AMOUNT_DIFFERS)
        return True
    return False


def _rename_file(scene: Scene) -> bool:
    rows = scene.index(scene.side())
    for truth in scene.pick(1, lambda r: r.kind is Kind.FILE):
        rows[truth].text = rows[truth].text.replace(".pdf", scene.rng.choice(("2.pdf", "（新）.pdf", ".docx")))
        scene.dispute.fact(truth).differs.add(Cause.TEXT_DIFFERS)
        return True
    return False


def _rewrite(scene: Scene) -> bool:
    """Other words throughout; only the id says that it is one message."""
    rows = scene.index(scene.side())
    chosen = scene.pick(scene.rng.randint(1, 2), lambda r: r.kind is Kind.TEXT and len(r.text) > 3)
    for truth in chosen:
        rows[truth].text = Words(scene.rng, 0.0).fill(scene.rng.choice(PROMISES)) + "，就这样"
        scene.dispute.fact(truth).differs.add(Cause.TEXT_DIFFERS)
    return bool(chosen)


def _replace_media(scene: Scene) -> bool:
    rows = scene.index(scene.side())
    chosen = scene.pick(scene.rng.randint(1, 2), lambda r: r.kind in HASHED)
    for truth in chosen:
        rows[truth].media_hash = f"{scene.rng.getrandbits(128):032x}"
        scene.dispute.fact(truth).differs.add(Cause.MEDIA_DIFFERS)
    return bool(chosen)


def _distinct(scene: Scene, least: int) -> Callable[[Row], bool]:
    count: dict[str, int] = {}
    for row in scene.dispute.said:
        count[row.text] = count.get(row.text, 0) + 1
    return lambda r: r.kind is Kind.TEXT and len(r.text) >= least and count[r.text] == 1


def _flip_sender(scene: Scene) -> bool:
    rows = scene.index(scene.side())
    chosen = scene.pick(scene.rng.randint(1, 3), _distinct(scene, 5))
    for truth in chosen:
        members = scene.dispute.chats[DISPUTED].members
        rows[truth].author = scene.rng.choice([m for m in members if m != rows[truth].author])
        scene.dispute.fact(truth).differs.add(Cause.SENDER_DIFFERS)
    return bool(chosen)


def _alter_time(scene: Scene, spans: tuple[int, ...] = (1200, 3600 * 5, 86_400, 86_400 * 3)) -> bool:
    rows = scene.index(scene.side())
    first, last = scene.span()
    chosen = scene.pick(scene.rng.randint(1, 3), _distinct(scene, 6))
    done = False
    for truth in chosen:
        row = rows[truth]
        old = row.at or 0.0
        new = old + scene.rng.choice((-1, 1)) * int(scene.rng.choice(spans) * scene.rng.uniform(0.8, 1.2))
        if first < new < last:
            row.at = new
            scene.dispute.fact(truth).differs.add(Cause.TIME_DIFFERS)
            done = True
    return done


def _swap_times(scene: Scene) -> bool:
    """Two messages of two people, some minutes apart, each at the time of the other."""
    rows = scene.index(scene.side())
    truths = scene.shared(_distinct(scene, 6))
    pairs = [
        (a, b)
        for i, a in enumerate(truths)
        for b in truths[i + 1 : i + 12]
        if 180 <= scene.at(b) - scene.at(a) <= 7200 and rows[a].author != rows[b].author
    ]
    if not pairs:
        return False
    one, two = scene.rng.choice(pairs)
    rows[one].at, rows[two].at = rows[two].at, rows[one].at
    for truth in (one, two):
        scene.touched.add(truth)
        scene.dispute.fact(truth).differs.add(Cause.TIME_DIFFERS)
    return True


def _insert(most: int, *, is_reply: bool = False) -> Callable[[Scene], bool]:
    def run(scene: Scene) -> bool:
        rng = scene.rng
        side = scene.side()
        words = Words(rng, 0.0)
        anchors = scene.shared()
        if not anchors:
            return False
        start = scene.at(rng.choice(anchors))
        has_id, author = rng.random() < 0.6, rng.choice((0, 1))
        for i in range(rng.randint(1, most)):
            text = words.fill(rng.choice(PROMISES)) if rng.random() < 0.5 else words.sentence()
            text = rng.choice(("收到", "好的，同意", "已收到全款", "可以", "没问题")) if is_reply else text
            number = str(rng.randrange(10**18, 9 * 10**18)) if has_id else ""
            row = scene.dispute.add(
                Row(0, DISPUTED, start + i * rng.randint(1, 20), author, Kind.TEXT, text, number), (side,)
            )
            scene.touched.add(row.truth)
            scene.dispute.fact(row.truth).losses[side.other] = Loss.INVENTED
            scene.dispute.copies[side].rows[-1].local_id = (
                _late_number(scene.dispute, i) if rng.random() < 0.5 else None
            )
        return True

    return run


def _late_number(dispute: Dispute, i: int) -> int:
    return 900_000 + len(dispute.said) + i


def _ids(plan: Plan, _rng: Random) -> None:
    both(plan, has_ids=True)


def _hashes(plan: Plan, _rng: Random) -> None:
    both(plan, has_hash=True)


def _amounts(plan: Plan, _rng: Random) -> None:
    both(plan, has_amount=True)


def _few(scene: Scene) -> int:
    return scene.rng.randint(2, 8)


def _third(scene: Scene) -> int:
    return int(len(scene.shared()) * scene.rng.uniform(0.15, 0.35))


ROWS = (
    Fault("delete one", _delete(lambda _s: 1), Stage.PRESENCE),
    Fault("delete few", _delete(_few), Stage.PRESENCE),
    Fault("delete block", _delete_block, Stage.PRESENCE),
    Fault("delete a third", _delete(_third), Stage.PRESENCE, slot="much"),
    Fault("delete stock replies", _delete(lambda s: s.rng.randint(1, 4), lambda r: r.text in STOCK), Stage.PRESENCE),
    Fault("delete promises", _delete(lambda s: s.rng.randint(1, 2), lambda r: "承诺" in r.text or "说好" in r.text), Stage.PRESENCE, wants(PROMISES)),
    Fault("delete payment", _delete(lambda _s: 1, lambda r: r.kind is Kind.TRANSFER), Stage.PRESENCE, wants(kinds=(Kind.TRANSFER,))),
    Fault("delete one author", _delete_one_author, Stage.PRESENCE),
    Fault("delete by kind", _delete_kind, Stage.PRESENCE, wants(kinds=(Kind.IMAGE, Kind.VOICE, Kind.FILE, Kind.QUOTE, Kind.TRANSFER)), slot="much"),
    Fault("delete by both", _delete_by_both, Stage.PRESENCE),
    Fault("deleted on both", _delete_on_both, Stage.PRESENCE),
    Fault("edit amount", _edit(edit_amount), Stage.CONTENT, wants(("还差{money}没结清", "这个月只能先还{money}", "{thing}一共{money}，已经付了{money}"))),
    Fault("edit card amount", _edit_card, Stage.CONTENT, hooks(wants(kinds=(Kind.TRANSFER,)), _amounts)),
    Fault("edit date", _edit(edit_date), Stage.CONTENT, wants(("我承诺{day}前还清全部{thing}，还不上就拿车抵", "{item}{day}到货，一共{n}箱", "房子{day}必须腾出来") * 2)),
    Fault("edit negation", _edit(edit_negation), Stage.CONTENT, wants(DENIALS)),
    Fault("edit words", _edit(edit_words), Stage.CONTENT, wants(PROMISES)),
    Fault("edit name", _edit(edit_name), Stage.CONTENT, wants(("上次那个{item}的事，{who}怎么讲", "我不认识{who}，也没借过他的钱"))),
    Fault("edit tail", _edit(edit_tail), Stage.CONTENT, wants(PROMISES)),
    Fault("edit short reply", _edit(edit_reply, most=1), Stage.CONTENT, wants(("好的", "收到", "可以", "没问题"))),
    Fault("edit numeral", _edit(edit_numeral), Stage.CONTENT, wants(("押金两万，{thing}五万块一起付", "我借给{who}八千块", "当时说的是三万块，不是六万块"))),
    Fault("edit file name", _rename_file, Stage.CONTENT, wants(kinds=(Kind.FILE,)), slot="media"),
    Fault("rewritten, ids known", _rewrite, Stage.CONTENT, _ids, slot="ids"),
    Fault("media replaced", _replace_media, Stage.CONTENT, hooks(wants(kinds=(Kind.IMAGE, Kind.FILE)), _hashes), slot="media"),
    Fault("sender flipped", _flip_sender, Stage.CONTENT),
    Fault("time altered", _alter_time, Stage.PRESENCE, slot="clock"),
    Fault("time altered by minutes", lambda s: _alter_time(s, (240, 400, 900)), Stage.PRESENCE, slot="clock precision"),
    Fault("times swapped", _swap_times, Stage.PRESENCE, slot="clock precision"),
    Fault("insert reply", _insert(1, is_reply=True), Stage.PRESENCE),
    Fault("insert one", _insert(1), Stage.PRESENCE),
    Fault("insert few", _insert(4), Stage.PRESENCE),
)  # fmt: skip
