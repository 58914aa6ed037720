"""How far an export reaches: windows, cuts at either end with and without facts, membership, silence of a device, repeats, file order."""

from collections.abc import Callable
from itertools import pairwise
from random import Random

from bench.sim.model import Declaration, Loss, Row
from bench.sim.stage import DISPUTED, Fault, Scene, Stage, group, hooks, lone
from bench.sim.tables import put_in_order
from bench.sim.truth import Plan
from reconcile.vocabulary import Kind, Side


def _pauses(scene: Scene, low: float, high: float) -> float | None:
    """A moment inside a pause of the disputed chat, between these shares of its rows."""
    times = [r.at or 0.0 for r in scene.dispute.said if r.chat == DISPUTED]
    inside = [
        (b - a, a, b)
        for a, b in pairwise(times)
        if b - a > 240 and times[int(len(times) * low)] <= a <= times[min(len(times) - 1, int(len(times) * high))]
    ]
    if not inside:
        return None
    _, a, b = scene.rng.choice(sorted(inside, reverse=True)[:6])
    return float(int((a + b) / 2))


def _cut(
    scene: Scene, side: Side, *, before: float | None = None, after: float | None = None, chat: int | None = None
) -> int:
    """Take what a side holds before or after a moment, in all chats or one."""
    rows = [r for r in scene.dispute.said if chat is None or r.chat == chat]
    gone = [
        r.truth
        for r in rows
        if (before is not None and (r.at or 0) < before) or (after is not None and (r.at or 0) > after)
    ]
    return scene.lose(side, gone, Loss.WINDOW)


def _ends_early(scene: Scene, *, stated: bool) -> bool:
    side, moment = scene.side(), _pauses(scene, 0.6, 0.95)
    if moment is None or not _cut(scene, side, after=moment):
        return False
    copy = scene.dispute.copies[side]
    copy.exported_at = moment if stated else None
    copy.dialect.has_sidecar = copy.dialect.has_sidecar or stated
    return True


def _begins_late(scene: Scene) -> bool:
    moment = _pauses(scene, 0.05, 0.4)
    return moment is not None and _cut(scene, scene.side(), before=moment) > 0


def _windows(scene: Scene) -> bool:
    start, end = _pauses(scene, 0.05, 0.35), _pauses(scene, 0.65, 0.95)
    if start is None or end is None:
        return False
    side = scene.side()
    scene.dispute.copies[side.other].exported_at = end
    scene.dispute.copies[side.other].dialect.has_sidecar = True
    return bool(_cut(scene, side, before=start)) and bool(_cut(scene, side.other, after=end))


def _no_overlap(scene: Scene) -> bool:
    moment = _pauses(scene, 0.3, 0.7)
    if moment is None:
        return False
    side = scene.side()
    scene.dispute.copies[side].exported_at = moment
    return bool(_cut(scene, side, after=moment)) and bool(_cut(scene, side.other, before=moment))


def _tail(scene: Scene, *, fact: str) -> bool:
    """The last rows of the disputed chat are gone from one side; `fact` tells what shows that the export reaches further."""
    side = scene.side()
    rows = scene.shared(edges=True)
    count = min(scene.rng.randint(1, 12), len(rows) // 3)
    if count < 1:
        return False
    first = scene.at(rows[-count])
    copy, end = scene.dispute.copies[side], scene.span()[1]
    copy.exported_at = end + scene.rng.randint(2, 20) * 86_400 if fact == "exported_at" else None
    copy.dialect.has_sidecar = copy.dialect.has_sidecar or fact == "exported_at"
    if fact == "other chats":
        _live_on(scene, side, end + 3600)
    if fact == "nothing":
        return _cut(scene, side, after=first - 0.5) > 0
    return _cut(scene, side, after=first - 0.5, chat=DISPUTED) > 0


def _live_on(scene: Scene, side: Side, at: float) -> None:
    """Let a chat that only this device has hold a row at a moment."""
    number = next((i for i, c in enumerate(scene.dispute.chats) if c.holders == (side,)), None)
    if number is not None:
        author = scene.dispute.chats[number].members[1]
        scene.dispute.add(Row(0, number, float(int(at)), author, Kind.TEXT, "明天几点见", ""), (side,))


def _head(scene: Scene, *, fact: str) -> bool:
    side = scene.side()
    rows = scene.shared(edges=True)
    count = min(scene.rng.randint(1, 12), len(rows) // 3)
    if count < 1:
        return False
    first = scene.at(rows[count])
    if fact == "other chats":
        _live_on(scene, side, scene.span()[0] - 3600)
        return _cut(scene, side, before=first, chat=DISPUTED) > 0
    return _cut(scene, side, before=first) > 0


def _late_join(scene: Scene, *, noticed: bool, stated: bool) -> bool:
    side, moment = scene.side(), _pauses(scene, 0.1, 0.6)
    if moment is None:
        return False
    copy, talk = scene.dispute.copies[side], scene.dispute.chats[DISPUTED]
    known = noticed or stated
    gone = [r.truth for r in scene.dispute.said if r.chat == DISPUTED and (r.at or 0) < moment]
    if not scene.lose(side, gone, Loss.MEMBERSHIP if known else Loss.WINDOW):
        return False
    if noticed:
        host = scene.rng.choice([m for m in talk.members if m != copy.owner])
        here, there = (_invitation(scene, s, host, copy.owner) for s in (side, side.other))
        scene.notice(moment, {side: here, side.other: there} if scene.rng.random() < 0.7 else {side: here})
    if stated:
        copy.dialect.has_sidecar = True
        copy.memberships[DISPUTED, copy.owner] = (moment, None)
    return True


def _invitation(scene: Scene, side: Side, host: int, guest: int) -> str:
    copy = scene.dispute.copies[side]
    who = "你" if host == copy.owner else f'"{scene.dispute.name_on(side, host)}"'
    if guest != copy.owner:
        return f'{who}邀请"{scene.dispute.name_on(side, guest)}"加入了群聊'
    rest = "、".join(
        scene.dispute.name_on(side, m) for m in scene.dispute.chats[DISPUTED].members if m not in (host, guest)
    )
    return f"{who}邀请你加入了群聊，群聊参与人还有：{rest}"


def _left_early(scene: Scene, *, noticed: bool) -> bool:
    side, moment = scene.side(), _pauses(scene, 0.5, 0.9)
    if moment is None:
        return False
    copy, talk = scene.dispute.copies[side], scene.dispute.chats[DISPUTED]
    gone = [r.truth for r in scene.dispute.said if r.chat == DISPUTED and (r.at or 0) > moment]
    if not scene.lose(side, gone, Loss.MEMBERSHIP):
        return False
    if noticed:
        host = scene.rng.choice([m for m in talk.members if m != copy.owner])
        words = scene.rng.choice((f'你被"{scene.dispute.name_on(side, host)}"移出群聊', "你已退出群聊"))
        scene.notice(moment, {side: words})
    else:
        copy.dialect.has_sidecar = True
        copy.memberships[DISPUTED, copy.owner] = (None, moment)
    return True


def _sync_gap(scene: Scene) -> bool:
    """A device that was not signed in for a while: nothing in any of its chats."""
    rows = scene.shared()
    if len(rows) < 12:
        return False
    count = scene.rng.randint(3, max(4, len(rows) // 4))
    start = scene.rng.randrange(2, max(3, len(rows) - count - 2))
    low, high = scene.at(rows[start]) - 1, scene.at(rows[min(len(rows) - 3, start + count)]) + 1
    side = scene.side()
    own = [i for i, c in enumerate(scene.dispute.chats) if c.holders == (side,)]
    for i, number in enumerate(own):
        _fill(scene, number, (low, high), 3 + i)
    gone = [r.truth for r in scene.dispute.said if low <= (r.at or 0) <= high]
    scene.touched.update(gone)
    return scene.lose(side, gone, Loss.SYNC) > 0


def _fill(scene: Scene, number: int, span: tuple[float, float], count: int) -> None:
    """Let a chat live densely around a span, so that its silence inside means something."""
    low, high = span
    width = max(high - low, 1800.0)
    for place in range(-4 * count, 4 * count + 1):
        at = float(int((low + high) / 2 + width * place / count))
        if not low <= at <= high:
            author = scene.rng.choice(scene.dispute.chats[number].members)
            scene.dispute.add(
                Row(0, number, at, author, Kind.TEXT, scene.rng.choice(("到了吗", "好", "明天见", "在开会", "行")), ""),
                scene.dispute.chats[number].holders,
            )


def _declared(scene: Scene) -> bool:
    """Rows of a span that the party itself says it left out."""
    side, chosen = scene.side(), scene.block(scene.rng.randint(2, 10))
    if not chosen:
        return False
    low, high = scene.at(chosen[0]), scene.at(chosen[-1])
    gone = [r.truth for r in scene.dispute.said if r.chat == DISPUTED and low <= (r.at or 0) <= high]
    scene.touched.update(gone)
    copy = scene.dispute.copies[side]
    copy.dialect.has_sidecar = True
    what = scene.rng.choice(("redaction", "隐去", "涉及第三人隐私，已隐去"))
    copy.declared.append(Declaration(what, low - 1, high + 1, "经本人说明"))
    return scene.lose(side, gone, Loss.DECLARED) > 0


def _repeat(most: int) -> Callable[[Scene], bool]:
    def run(scene: Scene) -> bool:
        put_in_order(scene.dispute)
        copy = scene.dispute.copies[scene.side()]
        places = [i for i, r in enumerate(copy.rows) if r.chat == DISPUTED]
        width = scene.rng.randint(1, most)
        start = scene.rng.randrange(max(1, len(places) - width))
        block = [copy.rows[i] for i in places[start : start + width]]
        last = places[start : start + width][-1]
        copy.rows[last + 1 : last + 1] = [r.copy() for r in block]
        copy.order_is_kept = True
        return True

    return run


def _page_at_the_end(scene: Scene) -> bool:
    """A block written once more at the end of the file."""
    put_in_order(scene.dispute)
    copy = scene.dispute.copies[scene.side()]
    places = [i for i, r in enumerate(copy.rows) if r.chat == DISPUTED]
    start = scene.rng.randrange(max(1, len(places) - 12))
    copy.rows += [copy.rows[i].copy() for i in places[start : start + scene.rng.randint(2, 12)]]
    copy.order_is_kept = True
    return True


def _file_twice(scene: Scene) -> bool:
    """Every row twice, the whole file after itself."""
    put_in_order(scene.dispute)
    copy = scene.dispute.copies[scene.side()]
    copy.rows += [r.copy() for r in copy.rows]
    copy.order_is_kept = True
    return True


def _swap_neighbours(scene: Scene) -> bool:
    put_in_order(scene.dispute)
    copy = scene.dispute.copies[scene.side()]
    for i in range(0, len(copy.rows) - 1, 3):
        if scene.rng.random() < 0.3:
            copy.rows[i], copy.rows[i + 1] = copy.rows[i + 1], copy.rows[i]
    copy.order_is_kept = True
    return True


def _newest_first(scene: Scene) -> bool:
    put_in_order(scene.dispute)
    copy = scene.dispute.copies[scene.side()]
    copy.rows.reverse()
    copy.order_is_kept = True
    return True


def _shuffled(scene: Scene) -> bool:
    put_in_order(scene.dispute)
    copy = scene.dispute.copies[scene.side()]
    scene.rng.shuffle(copy.rows)
    copy.order_is_kept = True
    return True


def _lost_chat(scene: Scene) -> bool:
    """One more chat of both people, of which one export holds nothing."""
    number = next((i for i, c in enumerate(scene.dispute.chats) if i != DISPUTED and len(c.holders) == 2), None)
    if number is None:
        return False
    side = scene.side()
    scene.dispute.chats[number].holders = (side,)
    return scene.lose(side.other, [r.truth for r in scene.dispute.said if r.chat == number], Loss.GONE) > 0


def some_others(plan: Plan, rng: Random) -> None:
    """Chats beside the disputed one on both devices."""
    plan.others = {side: rng.randint(2, 3) for side in Side}


def _two_chats(plan: Plan, _rng: Random) -> None:
    plan.shared = max(plan.shared, 1)


EDGES = (
    Fault("ends early, said so", lambda s: _ends_early(s, stated=True), Stage.EDGES, slot="edge"),
    Fault("ends early, nothing known", lambda s: _ends_early(s, stated=False), Stage.EDGES, lone, slot="edge"),
    Fault("begins late", _begins_late, Stage.EDGES, slot="edge"),
    Fault("windows apart", _windows, Stage.EDGES, slot="edge"),
    Fault("no common range", _no_overlap, Stage.EDGES, lone, slot="edge", alone=True),
    Fault("tail cut, exported later", lambda s: _tail(s, fact="exported_at"), Stage.EDGES, lone, slot="edge"),
    Fault("tail cut, other chats go on", lambda s: _tail(s, fact="other chats"), Stage.EDGES, some_others, slot="edge"),
    Fault("tail cut, nothing known", lambda s: _tail(s, fact="nothing"), Stage.EDGES, lone, slot="edge"),
    Fault("head cut, other chats older", lambda s: _head(s, fact="other chats"), Stage.EDGES, some_others, slot="edge"),
    Fault("head cut, nothing known", lambda s: _head(s, fact="nothing"), Stage.EDGES, lone, slot="edge"),
    Fault("late join, notice", lambda s: _late_join(s, noticed=True, stated=False), Stage.EDGES, group, slot="members"),
    Fault("late join, sidecar", lambda s: _late_join(s, noticed=False, stated=True), Stage.EDGES, group, slot="members"),
    Fault("late join, both", lambda s: _late_join(s, noticed=True, stated=True), Stage.EDGES, group, slot="members"),
    Fault("late join, nothing known", lambda s: _late_join(s, noticed=False, stated=False), Stage.EDGES, hooks(group, lone), slot="members", alone=True),
    Fault("left early, notice", lambda s: _left_early(s, noticed=True), Stage.EDGES, group, slot="members"),
    Fault("left early, sidecar", lambda s: _left_early(s, noticed=False), Stage.EDGES, group, slot="members"),
    Fault("sync gap", _sync_gap, Stage.EDGES, some_others, slot="edge"),
    Fault("declared", _declared, Stage.PRESENCE),
    Fault("row twice", _repeat(1), Stage.ORDER, slot="order"),
    Fault("page twice", _repeat(20), Stage.ORDER, slot="order"),
    Fault("page again at the end", _page_at_the_end, Stage.ORDER, slot="order"),
    Fault("whole file twice", _file_twice, Stage.ORDER, slot="order"),
    Fault("neighbours swapped", _swap_neighbours, Stage.ORDER, slot="order"),
    Fault("newest first", _newest_first, Stage.ORDER, slot="order"),
    Fault("shuffled file", _shuffled, Stage.ORDER, slot="order", alone=True),
    Fault("chat without counterpart", _lost_chat, Stage.PRESENCE, hooks(some_others, _two_chats)),
)  # fmt: skip
