"""Each client's store: who writes it for tests, who reads it, and its messages as plain rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.formats.wechat_client.android.messages import AndroidDb
from reconcile.formats.wechat_client.ios.messages import IosDb
from reconcile.formats.wechat_client.macos3.messages import Macos3Db
from reconcile.formats.wechat_client.wechat4.messages import Wechat4Db
from reconcile.formats.wechat_client.windows3.messages import WindowsMsgDb
from reconcile.intake.contract import Reader, Reading
from tests.build import databases as build
from tests.build.databases import Row


@dataclass(frozen=True)
class Form:
    """One client: who writes its store here, who reads it."""

    write: Any
    reader: Reader
    sees_tail: bool = True
    voice_witness: str | None = "media_store"


def write_ios_backup(folder: Path, rows: list[Row], owner: str) -> Path:
    return build.as_phone_backup(build.write_ios(folder / "phone", rows, owner), folder / "backup")


FORMS = {
    "windows": Form(build.write_windows, WindowsMsgDb()),
    "wechat4": Form(build.write_wechat4, Wechat4Db()),
    "macos3": Form(build.write_macos3, Macos3Db(), voice_witness=None),
    "ios": Form(build.write_ios, IosDb(), voice_witness="file_name"),
    "ios_backup": Form(write_ios_backup, IosDb(), voice_witness="file_name"),
    "android": Form(build.write_android, AndroidDb(), sees_tail=False),
}


def plain(reading: Reading) -> list[dict[str, Any]]:
    rows = reading.messages.select(
        "conversation", pl.col("sent_at").dt.epoch("s"), "sender", "is_self", pl.col("kind").cast(pl.String), "text", "message_id"
    ).to_dicts()  # fmt: skip
    return sorted(rows, key=lambda r: (r["sent_at"], r["message_id"] or ""))
