"""Sends that failed or were refused, recalls, and rows that each device shows for itself: none of them is a gap."""

from random import Random

from bench.sim.model import Dispute, Loss, Row
from bench.sim.stage import DISPUTED, Fault, Scene, Stage, direct, hooks, lone, wants
from bench.sim.truth import Plan
from reconcile.vocabulary import Kind, Side, Status

REFUSALS = (
    "消息已发出，但被对方拒收了。",
    "{name}开启了朋友验证，你还不是他（她）朋友。请先发送朋友验证请求，对方验证通过后，才能聊天。",
)
TIPS = (
    "你已添加了{name}，现在可以开始聊天了。", "以上是打招呼的内容", "{name}领取了你的红包", "你领取了{name}的红包", "我拍了拍 {name}", "{name} 拍了拍我", "为了资金安全，请勿轻信陌生人转账要求",
    "对方为企业微信用户，了解更多", "你撤回了对{name}的邀请", "2024年3月1日 09:05", "该消息类型暂不支持", "{name}已成为你的好友",
)  # fmt: skip


def _side_and_rows(scene: Scene, most: int) -> tuple[Side, list[int]]:
    """The side of an author, and rows of his by lot."""
    side = scene.side()
    owner = scene.dispute.copies[side].owner
    return side, scene.pick(scene.rng.randint(1, most), lambda r: r.author == owner and r.kind is Kind.TEXT)


def _undeliver(scene: Scene, side: Side, truths: list[int], status: Status, notice: str | None) -> bool:
    rows = scene.index(side)
    for truth in truths:
        row = rows[truth]
        row.message_id, row.status = scene.rng.choice(("", "0")), status
        if notice is not None:
            peer = next(m for m in scene.dispute.chats[DISPUTED].members if m != scene.dispute.copies[side].owner)
            words = notice.format(name=scene.dispute.name_on(side, peer))
            told = scene.notice((row.at or 0.0) + scene.rng.choice((0, 0, 1)), {side: words})
            scene.dispute.copies[side].rows[-1].message_id = "0" if told.message_id else ""
    return scene.lose(side.other, truths, Loss.REFUSED) > 0


def _refused(scene: Scene) -> bool:
    side, truths = _side_and_rows(scene, 3)
    return _undeliver(scene, side, truths, Status.REJECTED, scene.rng.choice(REFUSALS))


def _refused_by_notice_alone(scene: Scene) -> bool:
    side, truths = _side_and_rows(scene, 2)
    scene.dispute.copies[side].dialect.has_status = False
    return _undeliver(scene, side, truths, Status.REJECTED, scene.rng.choice(REFUSALS))


def _refused_at_the_end(scene: Scene) -> bool:
    """Blocked: everything that one party writes after a moment is refused, and the other falls silent."""
    side = scene.side()
    owner = scene.dispute.copies[side].owner
    rows = scene.shared(edges=True)
    count = min(scene.rng.randint(1, 6), len(rows) // 3)
    tail, index = rows[len(rows) - count :], scene.index(side)
    if not tail:
        return False
    for truth in tail:
        index[truth].author, index[truth].kind, index[truth].media_hash, index[truth].duration = (
            owner,
            Kind.TEXT,
            "",
            None,
        )
        index[truth].text = scene.rng.choice(
            ("你什么意思", "回话", "接电话", "再不处理我就起诉了", "？")
        ) + "！" * scene.rng.randint(0, 2)
        index[truth].reply_to = index[truth].amount = ""
    scene.touched.update(tail)
    for row in scene.dispute.said:
        if row.truth in tail:
            row.author, row.kind, row.text = owner, Kind.TEXT, index[row.truth].text
    later = [
        r.truth
        for r in scene.dispute.said
        if r.chat == DISPUTED and (r.at or 0) > scene.at(tail[0]) and r.truth not in tail
    ]
    for one in Side:
        scene.lose(one, later, Loss.GONE)
    return _undeliver(scene, side, tail, Status.REJECTED, REFUSALS[0])


def _failed(scene: Scene) -> bool:
    side, truths = _side_and_rows(scene, 2)
    scene.dispute.copies[side].dialect.has_status = True
    return _undeliver(scene, side, truths, scene.rng.choice((Status.FAILED, Status.FAILED, Status.SENDING)), None)


def _sent_again(scene: Scene) -> bool:
    """A message that was not delivered, and the same words sent again a little later, delivered."""
    side, truths = _side_and_rows(scene, 1)
    if not truths:
        return False
    row = scene.index(side)[truths[0]]
    scene.dispute.copies[side].dialect.has_status = True
    at = (row.at or 0.0) - scene.rng.randint(4, 240)
    new = scene.dispute.add(Row(0, DISPUTED, at, row.author, Kind.TEXT, row.text, ""), tuple(Side))
    scene.touched.add(new.truth)
    refused = scene.rng.random() < 0.5
    return _undeliver(
        scene, side, [new.truth], Status.REJECTED if refused else Status.FAILED, REFUSALS[0] if refused else None
    )


def recall_words(dispute: Dispute, side: Side, author: int) -> str:
    """What a device writes when a person takes a message back."""
    is_own = dispute.copies[side].owner == author
    return "你撤回了一条消息" if is_own else f'"{dispute.name_on(side, author)}" 撤回了一条消息'


def _recalled(scene: Scene, *, kept: bool, noticed: bool) -> bool:
    """Notices on both devices; where `kept`, one holds the content too, beside its notice or (not `noticed`) instead of it.

    The author's own device never keeps it: his client writes the notice over the words.
    """
    chosen = scene.pick(scene.rng.randint(1, 3), lambda r: r.kind in (Kind.TEXT, Kind.IMAGE))
    for truth in chosen:
        keeper = scene.side()
        author = scene.index(keeper)[truth].author or 0
        keeper = keeper.other if scene.dispute.copies[keeper].owner == author else keeper
        row = scene.index(keeper)[truth]
        in_place = scene.rng.random() < 0.5
        at = (row.at or 0.0) + (0 if in_place else scene.rng.randint(3, 110))
        sides = tuple(Side) if noticed else (keeper.other,)
        words = {side: recall_words(scene.dispute, side, author) for side in sides}
        scene.notice(at, words, Kind.RECALL if scene.rng.random() < 0.7 else Kind.SYSTEM, author)
        if in_place:
            scene.dispute.copies[keeper.other].rows[-1].message_id = row.message_id
        scene.lose(keeper.other, [truth], Loss.RECALLED)
        if not kept:
            scene.lose(keeper, [truth], Loss.RECALLED)
    return bool(chosen)


def _tips(scene: Scene) -> bool:
    first, last = scene.span()
    for side in Side:
        peer = next(m for m in scene.dispute.chats[DISPUTED].members if m != scene.dispute.copies[side].owner)
        for _ in range(scene.rng.randint(1, 4)):
            words = scene.rng.choice(TIPS).format(name=scene.dispute.name_on(side, peer))
            scene.notice(float(scene.rng.randint(int(first), int(last))), {side: words})
    return True


def _no_notices(scene: Scene) -> bool:
    side = scene.side()
    notices = [r.truth for r in scene.dispute.copies[side].rows if r.kind in (Kind.SYSTEM, Kind.RECALL)]
    return scene.lose(side, notices, Loss.PER_SIDE) > 0


def _shows_kind(plan: Plan, _rng: Random) -> None:
    for side in Side:
        plan.tables[side]["has_kind"] = True


NOTICES = (
    Fault("refused with notice", _refused, Stage.PRESENCE, direct, slot="members"),
    Fault("refused, no status", _refused_by_notice_alone, Stage.PRESENCE, direct, slot="members"),
    Fault("refused at the end", _refused_at_the_end, Stage.PRESENCE, hooks(direct, lone), slot="members", alone=True),
    Fault("failed send", _failed, Stage.PRESENCE, slot="send"),
    Fault("failed, then sent again", _sent_again, Stage.PRESENCE, direct, slot="members send"),
    Fault("recalled, kept by one", lambda s: _recalled(s, kept=True, noticed=True), Stage.PRESENCE, _shows_kind, slot="recall"),
    Fault("recalled, notice on one", lambda s: _recalled(s, kept=True, noticed=False), Stage.PRESENCE, _shows_kind, slot="recall"),
    Fault("recalled, kept by none", lambda s: _recalled(s, kept=False, noticed=True), Stage.PRESENCE, _shows_kind, slot="recall"),
    Fault("per-side rows", _tips, Stage.PRESENCE),
    Fault("no notices on one", _no_notices, Stage.PRESENCE, wants(kinds=(Kind.SYSTEM, Kind.RECALL, Kind.SYSTEM))),
)  # fmt: skip
