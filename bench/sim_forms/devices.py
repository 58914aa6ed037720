"""What each device holds of the true conversation: its own clock stamps, its own words of notices, its own running numbers."""

import random
from collections.abc import Iterable

from bench.sim_forms.model import NOTICES, Copy, Form, Lack, Row, Sides
from bench.sim_forms.story import server_id
from reconcile.vocabulary import Side


def wording(sides: Sides, side: Side, row: Row) -> str:
    """The words of a notice on one device; `row.text` names the event."""
    me = sides.copies[side].owner
    who, whom = (int(row.facts.get(k, -1)) for k in ("who", "whom"))

    def told(person: int) -> str:
        return "你" if person == me else f'"{sides.name_on(side, person)}"'

    plain = sides.name_on(side, who)
    events = {
        "opened": f"{'你' if who == me else plain}领取了{'你' if whom == me else sides.name_on(side, whom)}的红包",
        "recall": "你撤回了一条消息" if who == me else f'"{plain}" 撤回了一条消息',
        "joined": f"{told(who)}邀请{told(whom)}加入了群聊",
        "removed": f"你被{told(who)}移出群聊"
        if whom == me
        else f"{'你' if who == me else told(who)}将{told(whom)}移出了群聊",
        "renamed": f"{told(who)}修改群名为“{row.facts.get('title')}”",
        "friend": f"你已添加了{sides.name_on(side, sides.peer_of(side))}，现在可以开始聊天了。",
        "pat": f"{told(who)}拍了拍{told(whom)}",
    }
    return events.get(row.text, row.text)


def stand(rng: random.Random, sides: Sides, forms: dict[Side, Form]) -> None:
    """Give both devices a copy of everything said."""
    jitter = rng.random() < 0.4
    for side in Side:
        copy = sides.copies[side] = Copy(side, forms[side])
        for person in range(len(sides.people)):
            if person != copy.owner and rng.random() < (0.2 if sides.room else 0.6):
                copy.remarks[person] = sides.people[person].name + rng.choice(
                    ("(供货)", " 中山路", "-房东", "A", "（项目）")
                )
        for row in sorted(sides.said.values(), key=lambda r: (r.at, r.truth)):
            own = hold(sides, side, row)
            if jitter and row.author != copy.owner:
                own.at += float(rng.choice((0, 0, 0, 1, 1, 2)))
        copy.rows.sort(key=lambda r: r.at)


def hold(sides: Sides, side: Side, row: Row) -> Row:
    """The row as this device holds it, put behind the others."""
    own = row.copy()
    if row.kind in NOTICES:
        own.text = wording(sides, side, row)
    sides.copies[side].rows.append(own)
    return own


def tell(
    rng: random.Random, sides: Sides, row: Row, where: tuple[Side, ...], at: dict[Side, float] | None = None
) -> Row:
    """Say one more thing, held by some devices at its place in time."""
    row.id = row.id or server_id(rng)
    sides.add(row)
    for side in where:
        own = hold(sides, side, row)
        own.at = at[side] if at else row.at
        insert(sides.copies[side], own)
    return row


def insert(copy: Copy, own: Row) -> None:
    """Move a row of a copy to its place in time, behind the rows of its second."""
    copy.rows.remove(own)
    place = next((n for n, r in enumerate(copy.rows) if r.at > own.at), len(copy.rows))
    copy.rows.insert(place, own)


def held(sides: Sides, side: Side) -> dict[int, Row]:
    """The rows of a device by their true message."""
    return {r.truth: r for r in sides.copies[side].rows}


def drop(sides: Sides, side: Side, truth: int) -> Row:
    """Take a row from a device, and hand it back with its number, so that its place in the numbering stays empty."""
    copy = sides.copies[side]
    row = next(r for r in copy.rows if r.truth == truth)
    copy.rows = [r for r in copy.rows if r is not row]
    return row


def lose(sides: Sides, side: Side, rows: Iterable[Row], why: Lack) -> None:
    """Take rows from a device and note why it lacks them."""
    for row in rows:
        drop(sides, side, row.truth)
        sides.lacks[row.truth, side] = why


def number(rng: random.Random, sides: Sides) -> None:
    """Give every held row the running number of its device, which counts rows of other chats too in half of the cases."""
    for copy in sides.copies.values():
        now, others = rng.randint(1, 9000), rng.random() < 0.5
        for row in copy.rows:
            now += 1 + (others and rng.random() < 0.3) * rng.randint(1, 6)
            row.local = now


def side_of(rng: random.Random) -> Side:
    """One of the two sides."""
    return rng.choice(tuple(Side))


def own_rows(sides: Sides, side: Side) -> list[Row]:
    """Rows that the owner of a device sent and that both devices hold."""
    copy, other = sides.copies[side], held(sides, side.other)
    return [r for r in copy.rows if r.author == copy.owner and r.truth in other and not r.status]
