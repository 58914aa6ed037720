"""Payments told once, written as a chat (Messages) and as a payment statement of any age."""

import csv
import io
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dataframely as dy
import openpyxl
import polars as pl
import pyzipper

from reconcile.frames import Messages
from reconcile.intake.contract import ExportFacts, Owner, Reading
from reconcile.intake.frames import messages_of, reading_of

BEIJING = ZoneInfo("Asia/Shanghai")
HEADING = [
    "交易时间",
    "交易类型",
    "交易对方",
    "商品",
    "收/支",
    "金额(元)",
    "支付方式",
    "当前状态",
    "交易单号",
    "商户单号",
    "备注",
]
START = datetime(2024, 3, 1, 9, 0, tzinfo=BEIJING)


@dataclass
class Paid:
    """One payment: `own` = paid by the account of the statement."""

    at: datetime
    amount: str = "100.00"
    own: bool = True
    kind: str = "transfer"
    state: str = "received"
    peer: str = "wxid_yi0002"
    name: str = "乙某"
    nick: str = "乙某"
    transaction_id: str = ""
    merchant_id: str = ""
    lag: float = 1.0  # statement minus card, seconds
    accept: float = 40.0  # receipt card after the first card
    in_chat: bool = True
    in_bill: bool = True
    cards: list[int] = field(default_factory=list)

    @property
    def bill_at(self) -> datetime:
        """When the statement shows it: paid, or received."""
        wait = 0.0 if self.own else self.accept
        return (self.at + timedelta(seconds=wait + self.lag)).replace(microsecond=0)

    @property
    def listed(self) -> bool:
        """Whether the statement shows it."""
        return self.in_bill and (self.own or self.state == "received")


def ids(rng: random.Random) -> dict[str, str]:
    return {
        "transaction_id": "1000" + "".join(rng.choices("0123456789", k=23)) + "7",
        "merchant_id": "1000" + "".join(rng.choices("0123456789", k=23)) + "3",
    }


def chat(payments: list[Paid], *, with_ids: bool = True, with_amounts: bool = True, zone: str = "unix", extra: list[dict[str, Any]] | None = None) -> dy.DataFrame[Messages]:  # fmt: skip
    rows: list[dict[str, Any]] = list(extra or [])
    for p in (x for x in payments if x.in_chat):
        rows += _cards(p, with_ids=with_ids, with_amounts=with_amounts)
    rows.sort(key=lambda r: r["sent_at"])
    for n, row in enumerate(rows):
        row |= {"locator": f"a.csv#{n + 1}", "time_precision": "second", "zone_source": zone}
    return messages_of(rows)


def words(at: datetime, text: str = "好的", peer: str = "wxid_yi0002", name: str = "乙某") -> dict[str, Any]:
    return {"conversation": peer, "conversation_kind": "direct", "sent_at": at.astimezone(UTC), "text": text, "is_self": False, "sender": peer, "sender_name": name, "kind": "text"}  # fmt: skip


def _cards(p: Paid, *, with_ids: bool, with_amounts: bool) -> list[dict[str, Any]]:
    scheme = "transfer" if p.kind == "transfer" else "packet"
    value = p.transaction_id if p.kind == "transfer" else p.merchant_id
    shown = with_amounts and p.kind == "transfer"
    base = {
        "conversation": p.peer,
        "conversation_kind": "direct",
        "kind": p.kind,
        "native_id": f"{scheme}:{value}" if with_ids and value else None,
        "amount": p.amount if shown else None,
    }

    def card(own: bool, after: float, state: str | None, text: str) -> dict[str, Any]:
        return base | {
            "sent_at": (p.at + timedelta(seconds=after)).astimezone(UTC),
            "is_self": own,
            "sender": "wxid_jia0001" if own else p.peer,
            "sender_name": "甲某" if own else p.name,
            "payment_state": state,
            "text": text,
        }

    if p.kind != "transfer":
        return [card(p.own, 0, None, "[红包] 恭喜发财")]
    first = card(p.own, 0, "sent", f"[转账] ￥{p.amount}")
    if p.state == "sent":
        return [first]
    return [first, card(not p.own, p.accept, p.state, f"[转账] {p.state}")]


def lines(payments: list[Paid], serial: bool = False) -> list[list[Any]]:
    found = []
    for p in sorted((x for x in payments if x.listed), key=lambda x: x.bill_at, reverse=True):
        type_ = "转账" if p.kind == "transfer" else "微信红包"
        back = p.state in ("returned", "expired")
        state = "对方已退还" if back else ("已存入零钱" if not p.own else "对方已收钱")
        found.append([_time(p.bill_at, serial), type_, p.nick, "转账备注:微信转账", "支出" if p.own else "收入", _money(p.amount, serial), "零钱", state, p.transaction_id, p.merchant_id, "/"])  # fmt: skip
        if back:
            later = p.bill_at + timedelta(hours=1)
            found.append([_time(later, serial), f"{type_}-退款", p.nick, "/", "收入", _money(p.amount, serial), "零钱", "已全额退款", p.transaction_id, p.merchant_id, "/"])  # fmt: skip
    return found


def _time(at: datetime, serial: bool) -> Any:
    local = at.astimezone(BEIJING).replace(tzinfo=None)
    return (local - datetime(1899, 12, 30)) / timedelta(days=1) if serial else f"{local:%Y-%m-%d %H:%M:%S}"  # noqa: DTZ001


def _money(amount: str, bare: bool) -> Any:
    return float(amount) if bare else f"¥{amount}"


def preamble(rows: list[list[Any]], *, first: datetime, last: datetime, kind: str = "全部", extra_note: bool = False) -> list[str]:  # fmt: skip
    def tally(way: str) -> str:
        amounts = [Decimal(str(r[5]).lstrip("¥")) for r in rows if r[4] == way]
        return f"{len(amounts)}笔 {sum(amounts, Decimal(0)):.2f}元"

    notes = ["注：", "1. 充值/提现/理财通购买/零钱通存取/信用卡还款等交易，将计入中性交易", "2. 本明细仅展示当前账单中的交易，不包括已删除的记录", "3. 本明细仅供个人对账使用"]  # fmt: skip
    return [
        "微信支付账单明细", "微信昵称：[甲某]", f"起始时间：[{first:%Y-%m-%d %H:%M:%S}] 终止时间：[{last:%Y-%m-%d %H:%M:%S}]", f"导出类型：[{kind}]",
        f"导出时间：[{last + timedelta(days=1):%Y-%m-%d %H:%M:%S}]", "", f"共{len(rows)}笔记录", f"收入：{tally('收入')}", f"支出：{tally('支出')}", f"中性交易：{tally('/')}",
        *notes, *(["4. 本明细的交易时间为北京时间"] if extra_note else []), "", "----------------------微信支付账单明细列表--------------------",
    ]  # fmt: skip


def write(payments: list[Paid], folder: Path, age: str = "csv", *, more: list[list[Any]] | None = None, kind: str = "全部", password: str | None = None) -> Path:  # fmt: skip
    """Writes the statement: `csv`, `xlsx` (mid-2025) or `xlsx2026`; with a password, inside a ZIP."""
    times = [p.bill_at for p in payments] or [START]
    first, last = min(times).astimezone(BEIJING) - timedelta(days=1), max(times).astimezone(BEIJING) + timedelta(days=3)
    rows = lines(payments, serial=age == "xlsx2026") + (more or [])
    top = preamble(rows, first=first.replace(tzinfo=None), last=last.replace(tzinfo=None), kind=kind, extra_note=age == "xlsx2026")  # fmt: skip
    file = folder / ("微信支付账单.csv" if age == "csv" else "微信支付账单.xlsx")
    if age == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerows([[t, *[""] * 10] for t in top])
        writer.writerow(HEADING)
        writer.writerows([*r[:8], f"{r[8]}\t", f"{r[9]}\t", r[10]] for r in rows)
        file.write_bytes(b"\xef\xbb\xbf" + buffer.getvalue().encode())
    else:
        book = openpyxl.Workbook()
        sheet = book.active
        for number, text in enumerate(top, 1):
            if text:  # a blank preamble row is missing from the XML
                sheet.cell(number, 1, text)
        for number, row in enumerate([HEADING, *rows], len(top) + 1):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column, value)
        book.save(file)
    return file if password is None else _zipped(file, password)


def _zipped(file: Path, password: str) -> Path:
    archive = file.with_suffix(".zip")
    with pyzipper.AESZipFile(archive, "w", encryption=pyzipper.WZ_AES) as out:
        out.setpassword(password.encode())
        out.write(file, file.name)
    file.unlink()
    return archive


def many(rng: random.Random, count: int, *, peers: int = 3, round_amounts: float = 0.5, lag: float = 3.0) -> list[Paid]:
    """Payments of half a year with a few people; half of them of everyday round amounts, so that amounts repeat."""
    at, found = START, []
    for _ in range(count):
        at += timedelta(seconds=rng.choice([40, 600, 7200, 86_400, 200_000]) * rng.uniform(0.5, 1.5))
        peer = rng.randrange(peers)
        amount = rng.choice(["50.00", "100.00", "200.00", "500.00", "1000.00"]) if rng.random() < round_amounts else f"{rng.randint(100, 999_999) / 100:.2f}"  # fmt: skip
        kind = "transfer" if rng.random() < 0.8 else "red_packet"
        state = rng.choices(["received", "returned", "sent"], [90, 6, 4])[0] if kind == "transfer" else "received"
        accept = rng.uniform(5, 3600) if kind == "transfer" else rng.uniform(2, 40)
        number = ids(rng)
        found.append(
            Paid(
                at.replace(microsecond=0), amount, rng.random() < 0.5, kind, state, f"wxid_p{peer}", f"备注{peer}", f"昵称{peer}",
                number["transaction_id"], number["merchant_id"], rng.uniform(0, lag), accept,
            )
        )  # fmt: skip
    return found


def export(payments: list[Paid], *, own: bool = True, name: str = "甲某") -> Reading:
    messages = chat(payments)
    if not own:
        messages = messages.with_columns(~pl.col("is_self"))  # type: ignore[assignment]
    return reading_of(ExportFacts(reader="t", owner=Owner("wxid_jia0001" if own else "wxid_p0", name=name)), messages)
