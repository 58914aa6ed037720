"""A small dispute with chats and Moments on both sides, written and compared: for reports and the review page."""

import csv
import json
from dataclasses import replace
from pathlib import Path

from reconcile.case import compare
from reconcile.frames import Findings
from reconcile.options import CaseOptions
from tests.build import moments as build
from tests.build.moments import BING, JIA, START, STORY, YI, Beside, Picture, Post, edited

SEEN_BEFORE = Post(START + 30_000, YI, "明天进场，钥匙交给物业")
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc"
    b"\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


def write_sides(folder: Path) -> tuple[Path, Path]:
    """Left: 甲某's table of chats and 4.x store, with a trigger that keeps posts. Right: 乙某's, where words, a comment and a picture differ."""
    left = [*STORY, SEEN_BEFORE, Post(START + 40_000, JIA, "只有甲看过")]
    right = [*edited(STORY, 0, text="三室两厅今日开工，业主放心，六月交房！"), Post(START + 50_000, BING, "只有乙看过")]
    right = edited(right, 1, pictures=(Picture("a"),))
    like, comment, reply = right[0].said
    said = (like, replace(comment, text="辛苦了，尾款下月结清"), replace(reply, removed=True))
    right = edited(right, 0, said=said)
    for who, name in ((JIA, "left"), (YI, "right")):
        _chat(folder / name, who)
    build.write_wechat4(folder / "left" / "db_storage/sns/sns.db", left, Beside(triggers=True))
    told = Beside(notified=[(SEEN_BEFORE.id, JIA, "看到了")])
    build.write_wechat4(folder / "right" / "db_storage/sns/sns.db", right, told)
    return folder / "left", folder / "right"


def compare_posts_case(folder: Path, *reports: str) -> tuple[Path, Findings]:
    """The dispute compared: the folder of results and the findings."""
    left, right = write_sides(folder)
    out = folder / "out"
    return out, compare(left, right, out, CaseOptions(error_rates=False, reports=reports))


def _chat(folder: Path, who: str) -> None:
    folder.mkdir(parents=True)
    rows = [
        ("2024-03-01T09:00:00", "合同签了吗", JIA, "11"),
        ("2024-03-01T09:01:00", "签了", YI, "12"),
        ("2024-03-01T09:09:00", "好，明天见", YI, "15"),
    ]
    with (folder / "chat.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["sent_at", "text", "sender", "is_self", "conversation", "message_id"])
        for at, text, sender, number in rows:
            table.writerow([at, text, sender, str(sender == who).lower(), YI if who == JIA else JIA, number])
    (folder / "chat.json").write_text(json.dumps({"owner": {"id": who}}), "utf-8")
