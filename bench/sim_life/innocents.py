"""Innocent circumstances of people: blocked, written again, taken back, joined late, begun and ended elsewhere, left out by declaration."""

from datetime import UTC, datetime

from bench.sim_life.clocks import CLOCKS
from bench.sim_life.devices import insert
from bench.sim_life.losses import LOSSES
from bench.sim_life.model import NOTICES, Copy, Held, Life
from bench.sim_life.occasions import DOUBT, EITHER, Circumstance, aside, own
from bench.sim_life.story import notice
from reconcile.vocabulary import Cause, Kind, Relation


def blocked(life: Life, copy: Copy) -> bool:
    """What the owner wrote while blocked, or without being a friend, was never delivered; the client says so."""
    if life.is_group or copy.tool.drops & NOTICES:
        return False
    words = life.rng.choice(
        (
            "消息已发出，但被对方拒收了。",
            "{0}开启了朋友验证，你还不是他（她）朋友。请先发送朋友验证请求，对方验证通过后，才能聊天。",
        )
    )
    at = life.rng.choice(life.events).at + life.rng.uniform(3, 40)
    status = life.rng.choice(("rejected", "failed", ""))
    for _ in range(life.rng.randint(1, 5)):
        text = life.rng.choice(
            ("你什么意思", "把钱还我", "接电话", "在吗", "？", "你把我拉黑了？", "最后一次通知你，明天不还就起诉", "好")
        )
        answer = aside("not delivered", Cause.NOT_DELIVERED)
        sent = life.add(at, copy.owner, Kind.TEXT, text, status=status)
        insert(life, copy, sent, answer)
        told = life.add(at + 0.4, None, Kind.SYSTEM, words.replace("{0}", life.people[1 - copy.owner].nickname))
        insert(life, copy, told, aside("per-side row", Cause.PER_SIDE_ROW, Cause.NOT_DELIVERED))
        at += life.rng.uniform(4, 300)
    return True


def resent(life: Life, copy: Copy) -> bool:
    """A message failed and was written again, a little changed; only the second arrived."""
    mine = [e for e in own(life, copy) if e.kind is Kind.TEXT]
    if not mine or "status" not in copy.tool.columns:
        return False
    second = life.rng.choice(mine)
    words = second.text if life.rng.random() < 0.5 else second.text + life.rng.choice(("。", "吧", "，好吗"))
    first = life.add(second.at - life.rng.uniform(4, 200), copy.owner, Kind.TEXT, words, status="failed")
    insert(life, copy, first, aside("not delivered", Cause.NOT_DELIVERED, also=DOUBT))
    life.blurred.add((first.number, second.number))
    return True


def anti_recall(life: Life, copy: Copy) -> bool:
    """The device keeps what the other party takes back; some such clients suppress the notice."""
    done = False
    silent = life.rng.random() < 0.4
    for event in [e for e in life.events if e.recalled and e.author != copy.owner]:
        told = next((n for n in life.events if n.kind is Kind.RECALL and n.quotes == event.number), None)
        if told is None or not copy.holds(told.number):
            continue
        unnoticed = Kind.RECALL in life.copies[copy.side.other].tool.drops
        hidden = silent or unnoticed or Kind.RECALL in copy.tool.drops
        # Where neither export holds the notice, nothing says that the words were taken back.
        insert(life, copy, event, aside("recalled", Cause.RECALLED, also=EITHER if unnoticed else DOUBT))
        if hidden:
            copy.drop({told.number}, aside("recalled", Cause.RECALLED, Cause.PER_SIDE_ROW))
        life.blurred.add((event.number, told.number))
        done = True
    return done


def joined_late(life: Life, copy: Copy) -> bool:
    """The owner came into the group when it was already talking."""
    if not life.is_group or len(life.events) < 30:
        return False
    at = life.events[life.rng.randint(5, len(life.events) // 2)].at + 0.3
    if any(e.author == copy.owner and e.at < at for e in life.events):
        at = next(e.at for e in life.events if e.author == copy.owner) - 1
    gone = {e.number for e in life.events if e.at < at}
    copy.drop(gone, aside("membership", Cause.MEMBERSHIP, Cause.OUTSIDE_COVERAGE))
    other = life.copies[copy.side.other]
    words = f"{{{other.owner}}}邀请{{{copy.owner}}}加入了群聊"
    _told(life, at, words)
    copy.joined_at = at
    return bool(gone)


def _told(life: Life, at: float, words: str) -> None:
    """A notice of the group that both devices hold, each in its own words."""
    event = life.add(at, None, Kind.SYSTEM, words)
    for one in life.copies.values():
        one.rows.append(Held(event.number, at, None, Kind.SYSTEM, notice(life, event, one.owner), place=at, zone_seconds=one.zone_seconds))  # fmt: skip


def left_and_back(life: Life, copy: Copy) -> bool:
    """The owner was put out of the group and asked back; both sides hold the notices."""
    both = life.shared()
    if not life.is_group or len(both) < 30 or any(c.tool.drops & NOTICES for c in life.copies.values()):
        return False
    for _ in range(12):
        start = life.rng.randrange(5, len(both) - 15)
        gone = both[start : start + life.rng.randint(3, 12)]
        if all(e.author != copy.owner for e in gone):
            break
    else:
        return False
    low, high = gone[0].at - 0.2, gone[-1].at + 0.2
    other = life.copies[copy.side.other].owner
    copy.drop({e.number for e in life.events if low < e.at < high}, aside("membership", Cause.MEMBERSHIP))
    _told(life, low, f"{{{other}}}将{{{copy.owner}}}移出了群聊")
    _told(life, high, f"{{{other}}}邀请{{{copy.owner}}}加入了群聊")
    return True


def late_start(life: Life, copy: Copy) -> bool:
    """The device is new: its records begin later."""
    at = life.events[life.rng.randint(1, len(life.events) // 3)].at
    copy.drop({e.number for e in life.events if e.at < at}, aside("outside coverage", Cause.OUTSIDE_COVERAGE))
    return True


def early_end(life: Life, copy: Copy) -> bool:
    """The export was made earlier than the other."""
    at = life.events[-life.rng.randint(2, len(life.events) // 4 + 2)].at + 0.2
    late = {row.event for row in copy.rows if row.place > at}
    copy.drop({e.number for e in life.events if e.at > at} | late, aside("outside coverage", Cause.OUTSIDE_COVERAGE))
    copy.exported_at = at + life.rng.uniform(0.3, 1) * max(0.0, min((e.at for e in life.events if e.at > at), default=at) - at - 120)  # fmt: skip
    return True


def redaction(life: Life, copy: Copy) -> bool:
    """The party declares a stretch that it leaves out, for privacy."""
    both = life.shared()
    if len(both) < 15:
        return False
    start = life.rng.randrange(2, len(both) - 8)
    gone = both[start : start + life.rng.randint(2, 6)]
    low, high = gone[0].at - 90, gone[-1].at + 90
    within = {e.number for e in life.events if low <= e.at <= high}
    told = aside("declared", Cause.DECLARED, Cause.PER_SIDE_ROW)
    copy.drop(within, told)
    # What was lost there before is now covered by the declaration, too.
    copy.why |= {n: told for n in within if copy.why[n].relation is Relation.ONE_SIDED}
    copy.declared.append({"what": "redaction", "from": _iso(low), "to": _iso(high), "note": "涉及家庭隐私，未提交"})
    return True


def _iso(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).isoformat()


LIVED: dict[str, Circumstance] = {
    **LOSSES, **CLOCKS, "blocked": blocked, "resent": resent, "anti-recall": anti_recall, "joined late": joined_late, "left and back": left_and_back, "late start": late_start,
    "early end": early_end, "redaction": redaction,
}  # fmt: skip
