"""Innocent things that happen in the world of the chat: refusals, recalls, joining and leaving, the client's own rows."""

import random

from bench.sim_forms import words
from bench.sim_forms.devices import drop, held, lose, own_rows, side_of, tell
from bench.sim_forms.model import Lack, Row, Sides
from reconcile.vocabulary import Kind, Side


def _refused(rng: random.Random, sides: Sides, side: Side, at: float, text: str, notice: bool) -> int:
    """One message that never left the device."""
    row = tell(rng, sides, Row(0, at, sides.copies[side].owner, Kind.TEXT, text, {}, "0", 0, "failed"), (side,))
    sides.lacks[row.truth, side.other] = Lack.FAILED
    if notice:
        told = rng.choice(
            (
                "消息已发出，但被对方拒收了。",
                "对方开启了朋友验证，你还不是他（她）朋友。请先发送朋友验证请求，对方验证通过后，才能聊天。",
            )
        )
        tip = tell(rng, sides, Row(0, at, None, Kind.SYSTEM, told, {}, "0"), (side,))
        sides.lacks[tip.truth, side.other] = Lack.PER_SIDE
        sides.traits.add(("refused", row.truth))
    return row.truth


def blocked(rng: random.Random, sides: Sides) -> bool:
    """The other party blocked the sender: some of his messages were refused."""
    if sides.room:
        return False
    side = side_of(rng)
    rows = sides.copies[side].rows
    at = rng.choice((rows[-1].at + 600, rows[rng.randrange(4, len(rows) - 2)].at + 1))
    for _ in range(rng.randint(1, 5)):
        _refused(rng, sides, side, float(int(at)), words.words(rng), notice=True)
        at += rng.uniform(3, 90)
    return True


def failed_and_again(rng: random.Random, sides: Sides) -> bool:
    """A message fails without network and is sent again with the same words."""
    side = side_of(rng)
    own = [r for r in own_rows(sides, side) if r.kind is Kind.TEXT]
    if not own:
        return False
    row = rng.choice(own)
    _refused(rng, sides, side, float(int(row.at - rng.randint(4, 60))), row.text, notice=False)
    return True


def _recall(rng: random.Random, sides: Sides, author: int, at: float, kept_by: Side | None) -> None:
    """A message was taken back: both devices show a notice; a patched client keeps the words too."""
    row = Row(0, at, author, Kind.TEXT, words.distinct(rng) if rng.random() < 0.7 else words.words(rng))
    where = () if kept_by is None else (kept_by,)
    shared = rng.random() < 0.5
    row = tell(rng, sides, row, where)
    for side in Side:
        if side is not kept_by:
            sides.lacks[row.truth, side] = Lack.RECALLED
    tips = tuple(s for s in Side if s is not kept_by or rng.random() < 0.6)
    tip = Row(
        0,
        at + rng.randint(3, 110),
        None,
        Kind.RECALL,
        "recall",
        {"who": str(author)},
        row.id if shared and kept_by is None else "",
    )
    tell(rng, sides, tip, tips)
    sides.traits.add(("notice_of", row.truth))
    if kept_by is not None:
        sides.traits.add(("told_by_holder" if kept_by in tips else "told_by_other", row.truth))
        for side in set(Side) - set(tips):
            sides.lacks[tip.truth, side] = Lack.PER_SIDE


def moment(rng: random.Random, sides: Sides) -> float:
    """A moment behind some message, well inside the conversation."""
    ats = sorted(r.at for r in sides.said.values())
    return ats[rng.randrange(2, len(ats) - 2)] + 1


def recalls(rng: random.Random, sides: Sides) -> bool:
    """Ordinary recalls."""
    for _ in range(rng.randint(1, 3)):
        _recall(rng, sides, rng.choice((0, 1)), moment(rng, sides), None)
    return True


def edited_and_resent(rng: random.Random, sides: Sides) -> bool:
    """A message is taken back and sent again with other words."""
    author, at = rng.choice((0, 1)), moment(rng, sides)
    _recall(rng, sides, author, at, None)
    tell(rng, sides, Row(0, at + rng.randint(112, 200), author, Kind.TEXT, words.distinct(rng)), tuple(Side))
    return True


def anti_recall(rng: random.Random, sides: Sides) -> bool:
    """The receiver's client is patched and keeps what the author took back."""
    author = rng.choice((0, 1))
    _recall(rng, sides, author, moment(rng, sides), Side.RIGHT if author == 0 else Side.LEFT)
    return True


def _absent(sides: Sides, side: Side, out: float, back: float) -> None:
    lose(sides, side, [r for r in sides.copies[side].rows if out < r.at <= back], Lack.ABSENT)


def late_join(rng: random.Random, sides: Sides) -> bool:
    """One party joined the group later: its copy begins with the notice."""
    if not sides.room:
        return False
    side = side_of(rng)
    rows = sides.copies[side].rows
    at = rows[int(len(rows) * rng.uniform(0.1, 0.35))].at - 1
    _absent(sides, side, float("-inf"), at)
    host = sides.copies[side.other].owner
    tell(
        rng,
        sides,
        Row(0, at, None, Kind.SYSTEM, "joined", {"who": str(host), "whom": str(sides.copies[side].owner)}),
        tuple(Side),
    )
    return True


def away(rng: random.Random, sides: Sides) -> bool:
    """One party was removed from the group by the other and asked in again."""
    if not sides.room or len(sides.copies[Side.LEFT].rows) < 40:
        return False
    side = side_of(rng)
    host, guest = (str(sides.copies[s].owner) for s in (side.other, side))
    rows = sides.copies[side].rows
    first = rng.randrange(8, len(rows) - 25)
    out, back = rows[first].at + 1, rows[first + rng.randint(4, 15)].at + 1
    # The party itself says nothing while it is out.
    for row in [r for r in sides.copies[side.other].rows if out < r.at <= back and r.author == int(guest)]:
        for where in Side:
            if row.truth in held(sides, where):
                drop(sides, where, row.truth)
    _absent(sides, side, out, back)
    for text, at in (("removed", out), ("joined", back)):
        tell(rng, sides, Row(0, at, None, Kind.SYSTEM, text, {"who": host, "whom": guest}), tuple(Side))
    return True


# The client's own rows of one device; from WechatExporter's text only the first three can be told from the message before them.
TIPS = ("friend", "以上是打招呼的内容", "pat", "为保障安全，请不要轻信陌生人的转账要求。", "你的通话已取消")


def client_rows(rng: random.Random, sides: Sides) -> bool:
    """Rows that one device alone holds by design."""
    for side in Side:
        rows = sides.copies[side].rows
        tips = TIPS[:3] if sides.copies[side].form.name == "wechatexporter_txt" else TIPS
        chosen = rng.sample(tips, rng.randint(1, 3))
        for text in chosen:
            at = rows[0].at - 5 if text in ("friend", "以上是打招呼的内容") else moment(rng, sides)
            me, other = (str(sides.copies[s].owner) for s in (side, side.other))
            row = tell(rng, sides, Row(0, at, None, Kind.SYSTEM, text, {"who": me, "whom": other}), (side,))
            sides.lacks[row.truth, side.other] = Lack.PER_SIDE
    return True


WORLD = (recalls, edited_and_resent, anti_recall, blocked, failed_and_again, late_join, away, client_rows)
