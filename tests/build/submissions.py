"""A long conversation told once, and submissions cut from it: whole, picked, changed, without ids or times, misread."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.intake.contract import ExportFacts, Owner, Reading
from reconcile.intake.frames import messages_of, reading_of

SUBJECTS = ["工程款", "尾款", "合同", "发票", "材料单", "验收单", "工期", "保证金", "水电", "瓷砖", "门窗", "吊顶", "油漆", "图纸", "钥匙", "物业", "监理", "班组"]  # fmt: skip
VERBS = ["什么时候给", "已经寄过去了", "还差一点", "我再核对一遍", "明天上午送到", "昨天说好的", "请你确认", "按原来的办", "先放一放", "要重新算", "照片发你了", "签字了没有"]  # fmt: skip
TAILS = ["", "，麻烦回个话", "，别忘了", "，我这边等着", "，到时候电话联系", "，单子在老陈那里", "，周五之前", "，不然来不及", "，其他的以后再说"]  # fmt: skip
STOCK = ["好的", "嗯", "嗯嗯", "收到", "可以", "行", "在吗", "谢谢", "知道了", "OK"]
LOOKALIKE = {"已": "巳", "未": "末", "日": "曰", "人": "入", "土": "士", "干": "千", "大": "太", "说": "讼", "的": "旳", "天": "夭"}  # fmt: skip


@dataclass
class Told:
    """One message of the true conversation."""

    number: int
    at: datetime
    own: bool
    text: str
    kind: str = "text"
    amount: str | None = None
    message_id: str = ""
    changed: bool = False


@dataclass
class Talk:
    """The true conversation."""

    rows: list[Told] = field(default_factory=list)


def talk(seed: int = 0, count: int = 440, stock: float = 0.3) -> Talk:
    rng = random.Random(seed)
    at, rows = datetime(2024, 3, 1, 1, 0, tzinfo=UTC), []
    for number in range(count):
        at += timedelta(seconds=round(rng.choice([5, 20, 60, 150, 900, 6000]) * rng.uniform(0.5, 1.5)))
        kind = rng.choices(["text", "image", "voice", "transfer"], [88, 4, 3, 5])[0]
        amount = f"{rng.choice([500, 2000, 8000])}.00" if kind == "transfer" else None
        shown = {"image": "[图片]", "voice": "[语音]", "transfer": f"[转账] ￥{amount}"}.get(kind)
        words = rng.choice(STOCK) if rng.random() < stock else rng.choice(SUBJECTS) + rng.choice(VERBS) + rng.choice(TAILS) + (str(rng.randint(2, 99)) if rng.random() < 0.2 else "")  # fmt: skip
        rows.append(
            Told(number, at, rng.random() < 0.5, shown or words, kind, amount, str(6 * 10**18 + rng.getrandbits(50)))
        )
    return Talk(rows)


def reading(rows: list[Told], *, of_own: bool = True, ids: bool = True, precision: str = "second", names: bool = False, senders: bool = True) -> Reading:  # fmt: skip
    """The rows as an export of one of the two (`of_own`), or as something weaker."""
    table = [_row(n, r, of_own=of_own, ids=ids, precision=precision, names=names, senders=senders) for n, r in enumerate(rows)]  # fmt: skip
    owner = Owner(id=None if names else ("wxid_jia0001" if of_own else "wxid_yi0002"))
    return reading_of(ExportFacts(reader="message_table", owner=owner), messages_of(table))


def _row(n: int, r: Told, *, of_own: bool, ids: bool, precision: str, names: bool, senders: bool) -> dict[str, Any]:
    at = r.at.replace(second=0) if precision == "minute" else r.at
    name = "甲某" if r.own else "乙某"
    account = "wxid_jia0001" if r.own else "wxid_yi0002"
    return {
        "locator": f"s#{n + 1}",
        "conversation": "" if names else ("wxid_yi0002" if of_own else "wxid_jia0001"),
        "conversation_kind": "direct",
        "sent_at": None if precision == "none" else at,
        "time_precision": precision,
        "zone_source": "none" if precision == "none" else "unix",
        "text": r.text,
        "sender": (name if names else account) if senders else None,
        "sender_name": name if senders else None,
        "is_self": r.own is of_own if senders and not names else None,
        "message_id": r.message_id if ids else None,
        "kind": r.kind,
        "amount": r.amount,
    }


def change(row: Told, text: str) -> Told:
    return replace(row, text=text, changed=True)


def misread(rows: list[Told], share: float, seed: int = 1) -> list[Told]:
    """The rows as recognition might give them: signs replaced, dropped, or with specks added; digits too."""
    rng = random.Random(seed)

    def sign(c: str) -> str:
        x = rng.random()
        if x >= share:
            return c
        if x < 0.7 * share:
            return LOOKALIKE.get(c) or rng.choice("田由甲申曰目且旦")
        return "" if x < 0.85 * share else c + "、"

    return [replace(r, text="".join(map(sign, r.text))) if r.kind == "text" else r for r in rows]


ROWS = talk(count=200).rows


def table(path: Path, rows: list[Told], *, own: bool = True) -> Path:
    frame = pl.DataFrame(
        [
            {
                "sent_at": r.at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
                "text": r.text,
                "sender": "wxid_jia0001" if r.own else "wxid_yi0002",
                "is_self": str(r.own is own).lower(),
                "conversation": "wxid_yi0002" if own else "wxid_jia0001",
                "message_id": r.message_id,
                "kind": r.kind,
                "amount": r.amount,
            }
            for r in rows
        ]
    )
    frame.write_csv(path)
    return path


def pasted(rows: list[Told]) -> str:
    return "\n".join(f"{'甲某' if r.own else '乙某'}：{r.text}" for r in rows)
