"""One direct chat of numbered messages, of which a side holds those named; two senders in turn."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from reconcile.formats.neutral.message_table import MessageTable
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source

_START = datetime(2024, 3, 1, 1, tzinfo=UTC)
_WORDS = "借款还款合同样品发货收据定金尾款验收工期材料运费"


def text_of(number: int) -> str:
    """Words of a message that no other has."""
    start = number % (len(_WORDS) - 2)
    return f"{_WORDS[start : start + 3]}第{number}号单据请核对"


def reading_of(held: list[int]) -> Reading:
    """The reading of an export that holds these messages, read from a file as a user would hand it in."""
    rows = [
        {
            "sent_at": (_START + timedelta(seconds=47 * i)).isoformat(),
            "text": text_of(i),
            "sender": ("wxid_jia00001", "wxid_yi000002")[i % 2],
            "conversation": "chat",
        }
        for i in held
    ]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "export.csv"
        pl.DataFrame(rows).write_csv(file)
        return MessageTable().read(Source(file), ReadOptions())
