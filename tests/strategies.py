"""Hypothesis strategies: small conversations told by the library, damaged, with the ledger of what is right."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from bench.quality import readings_of
from bench.sim.ledger import Ledger, ledger_of
from bench.sim.model import (
    Chat,
    Copy,
    Dialect,
    Dispute,
    Key,
    Loss,
    Numbering,
    Person,
    Row,
    Spelling,
    Who,
    copy_truth,
    number_rows,
)
from bench.sim.tables import put_in_order
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Cause, ConversationKind, Kind, Side

START = 1_709_254_800  # 2024-03-01 09:00 in China
TEXTS = (
    "好",
    "好的",
    "嗯",
    "在吗？",
    "[微笑]",
    "借款5000元已收到",
    "6月5日之前还清",
    "我没收到货",
    "同意按3万元结算",
    "收货人写李会计",
)
BODIES = {
    Kind.IMAGE: "[图片]",
    Kind.VOICE: '[语音] 7"',
    Kind.FILE: "[文件] 借条.pdf",
    Kind.STICKER: "[动画表情]",
    Kind.SYSTEM: "群公告已更新",
}
DAMAGES = ("lost", "changed", "retimed", "repeated", "invented", "nothing")


@dataclass(frozen=True)
class TwoViews:
    """Two readings of one small truth, the dispute they were written from, and its ledger."""

    left: Reading
    right: Reading
    dispute: Dispute
    ledger: Ledger


@st.composite
def two_views(draw: st.DrawFn, *, most: int = 40, damages: tuple[str, ...] = DAMAGES) -> TwoViews:
    """A truth of up to `most` messages, told to two devices and damaged up to four times by the damages named."""
    dispute = draw(disputes(most=most, damages=damages))
    with tempfile.TemporaryDirectory() as folder:
        readings = readings_of(dispute, Path(folder))
    return TwoViews(readings[Side.LEFT], readings[Side.RIGHT], dispute, ledger_of(dispute))


@st.composite
def disputes(draw: st.DrawFn, *, most: int = 40, damages: tuple[str, ...] = DAMAGES) -> Dispute:
    """The dispute alone, finished and in file order."""
    members = draw(st.sampled_from(([0, 1], [0, 1, 2])))
    people = [Person(f"wxid_{n}", n) for n in ("zhou", "he", "su")]
    kind = ConversationKind.DIRECT if len(members) == 2 else ConversationKind.GROUP
    chat = Chat(kind, members, room="" if len(members) == 2 else "123@chatroom", name="群")
    has_ids = draw(st.booleans())
    copies = {side: Copy(side, i, dialect=draw(_dialects(kind, has_ids=has_ids))) for i, side in enumerate(Side)}
    dispute = Dispute("drawn", people, [chat], draw(_truths(members, most)), copies)
    copy_truth(dispute)
    shift = draw(st.sampled_from((0, 0, 7, -3600, 8 * 3600)))
    for row in copies[Side.RIGHT].rows:
        row.at = (row.at or 0) + shift
    for _ in range(draw(st.integers(0, 4))):
        _damage(dispute, draw(st.sampled_from(damages)), draw(st.sampled_from(Side)), draw(st.integers(0, most)))
    number_rows(dispute)
    put_in_order(dispute)
    return dispute


@st.composite
def _dialects(draw: st.DrawFn, kind: ConversationKind, *, has_ids: bool) -> Dialect:
    who = st.sampled_from(
        (Who.BOTH, Who.SENDER, Who.SELF) if kind is ConversationKind.DIRECT else (Who.BOTH, Who.SENDER)
    )
    return Dialect(
        who=draw(who),
        key=draw(st.sampled_from((Key.ID, Key.ABSENT))),
        has_ids=has_ids,
        numbering=draw(st.sampled_from(Numbering)),
        has_hash=draw(st.booleans()),
        spelling=draw(st.sampled_from((Spelling.OFFSET, Spelling.NAIVE, Spelling.UNIX))),
        has_sidecar=draw(st.booleans()),
    )


@st.composite
def _truths(draw: st.DrawFn, members: list[int], most: int) -> list[Row]:
    told = st.tuples(
        st.sampled_from(members), st.integers(0, 90), st.sampled_from(TEXTS), st.none() | st.sampled_from(list(BODIES))
    )
    rows, at = list[Row](), float(START)
    for truth, (author, pause, text, kind) in enumerate(draw(st.lists(told, max_size=most))):
        at += pause
        number = str(1_000_000_000_000_000_000 + truth * 7_919_131)
        row = Row(truth, 0, at, author, Kind.TEXT, text, number)
        if kind is not None:
            row.kind, row.text = kind, BODIES[kind]
            row.author = None if kind is Kind.SYSTEM else author
            row.media_hash = f"{truth:032x}" if kind in (Kind.IMAGE, Kind.FILE) else ""
        rows.append(row)
    return rows


def _damage(dispute: Dispute, what: str, side: Side, place: int) -> None:
    """Damage one row of a side; rows that were damaged before, notices and empty copies are left alone."""
    copy = dispute.copies[side]
    if what == "nothing" or not copy.rows:
        return
    row = copy.rows[place % len(copy.rows)]
    fact = dispute.fact(row.truth)
    if row.kind is Kind.SYSTEM or fact.losses or fact.differs:
        return
    if what == "lost":
        fact.losses[side] = Loss.GONE
        copy.rows.remove(row)
    elif what == "changed" and row.kind is Kind.TEXT:
        row.text = row.text.replace("5000", "8000") if "5000" in row.text else row.text + "，但要先签字"
        fact.differs.add(Cause.TEXT_DIFFERS)
    elif what == "retimed":
        row.at = (row.at or 0) + 86_400
        fact.differs.add(Cause.TIME_DIFFERS)
    elif what == "repeated":
        copy.rows.insert(place % len(copy.rows) + 1, row.copy())
    elif what == "invented":
        said = dispute.said[place % len(dispute.said)]
        new = dispute.add(Row(0, 0, said.at, row.author, Kind.TEXT, f"我已经还了{place}000元"), (side,))
        dispute.fact(new.truth).losses[side.other] = Loss.INVENTED
