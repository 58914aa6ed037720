"""Running numbers of a device never stand as server ids, whatever their column is called."""

from pathlib import Path
from random import Random

import polars as pl

from reconcile.formats.inferred.reader import InferredForm
from reconcile.formats.neutral.message_table import MessageTable
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.messages.running_ids import running_numbers
from reconcile.intake.source import Source
from tests.thorough import meeting

DRAWN = Random(7)
SERVER_IDS = [str(DRAWN.randrange(10**17, 9 * 10**18)) for _ in range(40)]
RUNNING = {
    "from one on": [str(n) for n in range(1, 41)],
    "with gaps": [str(5_000 + n * 3 + n % 4) for n in range(40)],
    "of a busy phone": [str(10_000 + n * 4_111) for n in range(40)],
    "newest first": [str(9_000 - n) for n in range(40)],
    "behind letters": [f"msg-{n:06d}" for n in range(40)],
    "as a spreadsheet writes them": [f"{n}.0" for n in range(700, 740)],
    "of thirteen digits": [str(10**12 + n) for n in range(40)],
    "of two chats in turn": [str(n // 2 + 1) for n in range(40)],
    "with zeros for none": [str(n) if n % 7 else "0" for n in range(1, 41)],
}


def lines(ids: list[str], heading: str) -> str:
    rows = [f"2024-03-01 09:{n:02d}:05,{'甲乙'[n % 2]},第{n}条,{i}\n" for n, i in enumerate(ids)]
    return f"时间,发送人,内容,{heading}\n" + "".join(rows)


def table(path: Path, ids: list[str], heading: str = "消息ID") -> Reading:
    path.write_text(lines(ids, heading), "utf-8")
    return InferredForm().read(Source(path), ReadOptions())


@meeting(name=RUNNING, heading=["消息ID", "msgId", "id", "MsgSvrID"])
def test_running_number_is_no_server_id(tmp_path: Path, name: str, heading: str) -> None:
    messages = table(tmp_path / "a.csv", RUNNING[name], heading).messages
    assert messages["message_id"].null_count() == messages.height
    assert messages["local_id"].drop_nulls().len() >= messages.height - 6


def test_server_ids_stay(tmp_path: Path) -> None:
    assert table(tmp_path / "a.csv", SERVER_IDS).messages["message_id"].to_list() == SERVER_IDS


def test_one_damaged_id_among_server_ids_makes_no_running_number(tmp_path: Path) -> None:
    messages = table(tmp_path / "a.csv", [*SERVER_IDS[:-1], "6116"]).messages
    assert messages["message_id"].to_list()[:-1] == SERVER_IDS[:-1]


def test_short_ids_in_no_order_stay_to_be_tested_against_the_other_side() -> None:
    ids = [str(DRAWN.randrange(10**9, 10**10)) for _ in range(40)]
    assert running_numbers(pl.DataFrame({"message_id": ids})) is None


def test_column_of_server_ids_counts_before_one_of_running_numbers(tmp_path: Path) -> None:
    rows = [
        f"2024-03-01 09:{n:02d}:05,{'甲乙'[n % 2]},第{n}条,{20_000_000 + n},{i}\n" for n, i in enumerate(SERVER_IDS)
    ]
    (tmp_path / "a.csv").write_text("时间,发送人,内容,消息ID,MsgSvrID\n" + "".join(rows), "utf-8")
    messages = InferredForm().read(Source(tmp_path / "a.csv"), ReadOptions()).messages
    assert messages["message_id"].to_list() == SERVER_IDS
    assert messages["local_id"].to_list() == [20_000_000 + n for n in range(40)]


def test_message_table_of_running_numbers_holds_no_server_ids_and_no_references(tmp_path: Path) -> None:
    head = "sent_at,text,sender,message_id,local_id,reply_to\n"
    rows = [
        f"2024-03-01T09:{n:02d}:05+08:00,第{n}条,甲,{n},{900 + n},{n - 1 if n % 5 == 1 else ''}\n" for n in range(40)
    ]
    (tmp_path / "a.csv").write_text(head + "".join(rows), "utf-8")
    messages = MessageTable().read(Source(tmp_path / "a.csv"), ReadOptions()).messages
    assert messages["message_id"].null_count() == messages["reply_to"].null_count() == 40
    assert messages["local_id"].to_list() == [900 + n for n in range(40)]
    assert messages["raw"][6] == '{"message_id":"6","reply_to":"5"}'


def test_column_of_persons_ids_is_no_running_number(tmp_path: Path) -> None:
    rows = [f"2024-03-01 09:{n:02d}:05,{10_001 + n % 2},{'甲乙'[n % 2]},第{n}条\n" for n in range(40)]
    (tmp_path / "a.csv").write_text("时间,id,发送人,内容\n" + "".join(rows), "utf-8")
    assert InferredForm().read(Source(tmp_path / "a.csv"), ReadOptions()).messages["local_id"].null_count() == 40
