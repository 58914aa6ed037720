"""Chats of one conversation, the exports that hold them, and what a comparison says of their rows."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import SIDES, Findings, Messages
from reconcile.intake.contract import ExportFacts, Reading
from reconcile.intake.frames import messages_of, reading_of

Rows = list[dict[str, object]]

HOUR = 3600.0

# The moment of a chat's beginning in tables with local times; START is the one of readings, in UTC.
FIRST = datetime.fromisoformat("2024-03-01T09:00:00+08:00")

PEOPLE = ("wxid_aaaaaaaa", "wxid_bbbbbbbb", "wxid_cccccccc")

COLUMNS = ("sent_at", "text", "sender", "is_self", "kind", "media_hash", "message_id")

START = datetime(2024, 3, 1, 9, tzinfo=UTC)

ROOM = "71407368656@chatroom"

# A row: at (seconds since START), who (place in PEOPLE; None = nobody), text, and further columns.
Row = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What a pass over many disputes found of one."""

    alignment: pl.DataFrame
    verdicts: pl.DataFrame
    absent: pl.DataFrame
    sides: tuple[Reading, Reading]

    @property
    def messages(self) -> pl.DataFrame:
        """The rows of both sides as read, with `side`."""
        both = zip(self.sides, SIDES, strict=True)
        return pl.concat(reading.messages.with_columns(pl.lit(side).alias("side")) for reading, side in both)


def clock_set(rows: Rows, set_from: int | None = None, by: float = 0.0) -> Rows:
    """The rows with the clock set by so many seconds from a row on."""
    moved = set_from if set_from is not None else len(rows)
    return [r | {"at": float(str(r["at"])) + (by if i >= moved else 0.0)} for i, r in enumerate(rows)]


def in_file_order(left: Rows, right: Rows) -> tuple[Reading, Reading]:
    """Both sides as message tables, each in the order of its file."""
    sides = []
    for owner, rows in enumerate((left, right)):
        table = pl.DataFrame({
            "sent_at": [(FIRST + timedelta(seconds=float(str(r["at"])))).isoformat() for r in rows],
            "text": [str(r["text"]) for r in rows],
            "sender": [PEOPLE[int(str(r["who"]))] for r in rows],
            "is_self": [str(r["who"] == owner).lower() for r in rows],
        })  # fmt: skip
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"{'ab'[owner]}.csv"
            table.write_csv(file)
            sides.append(read(file))
    return sides[0], sides[1]


def grades_of(found: Found | Findings) -> list[str]:
    return found.verdicts["grade"].cast(pl.String).to_list()


def own_clock(rows: Rows, by: float, since: int = 0) -> Rows:
    """The rows in the order of the times that the first party's device shows, whose own messages bear a clock that is off from a row on."""
    moved = [
        r | {"at": float(str(r["at"])) + (by if r["who"] == 0 and i >= since else 0.0)} for i, r in enumerate(rows)
    ]
    return sorted(moved, key=lambda r: float(str(r["at"])))


def drawn_chat(many: int = 60, pause: int = 40) -> list[dict[str, object]]:
    """A chat of unlike sentences: at (seconds), who (0, 1), text, kind."""
    rng = Random(7)
    things = ("水泥", "瓷砖", "地板", "木门", "灯具", "涂料", "水管", "电线")
    rows: list[dict[str, object]] = []
    at = 0
    for i in range(many):
        at += rng.randint(3, pause) + (7200 if i % 15 == 14 else 0)
        rows.append({"at": at, "who": rng.randint(0, 1), "text": f"第{i}批{rng.choice(things)}{rng.randint(10, 99)}件已经送到{i}号楼了", "kind": "text"})  # fmt: skip
    return rows


def write_table(rows: list[dict[str, object]], owner: int, file: Path, *, has_times: bool = True) -> Path:
    """The rows as the owner's message table, in the order of their times."""
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, COLUMNS)
        table.writeheader()
        for row in sorted(rows, key=lambda r: float(str(r["at"]))):
            at = (FIRST + timedelta(seconds=float(str(row["at"])))).isoformat()
            is_notice = row["kind"] == "recall"
            who = int(str(row["who"]))
            words = str(row["text"])
            if is_notice:
                words = "你撤回了一条消息" if who == owner else '"对方" 撤回了一条消息'
            table.writerow({"sent_at": at if has_times else "", "text": words, "sender": "" if is_notice else PEOPLE[who], "is_self": "" if is_notice else str(who == owner).lower(), "kind": row["kind"], "media_hash": row.get(f"hash{owner}", ""), "message_id": row.get("id", "")})  # fmt: skip
    return file


def as_tables(
    left: list[dict[str, object]], right: list[dict[str, object]], *, has_times: bool = True
) -> tuple[Reading, Reading]:
    """Both sides as message tables, each in the order of its times."""
    with TemporaryDirectory() as folder:
        one = read(write_table(left, 0, Path(folder) / "a.csv", has_times=has_times))
        return one, read(write_table(right, 1, Path(folder) / "b.csv", has_times=has_times))


def sentence(at: float, who: int, text: str) -> dict[str, object]:
    """A text message of a drawn chat."""
    return {"at": at, "who": who, "text": text, "kind": "text"}


def relations_of_unpaired(found: Found | Findings) -> dict[str, str]:
    """Relation of every row that has no partner and is no notice, by its words."""
    messages = found.messages.select("side", "row", "text")
    told: dict[str, str] = {}
    for name in ("left", "right"):
        other = "right_row" if name == "left" else "left_row"
        alone = found.alignment.filter(pl.col(other).is_null() & pl.col(f"{name}_row").is_not_null())
        texts = messages.filter(pl.col("side").cast(pl.String) == name).select(
            pl.col("row").alias(f"{name}_row"), "text"
        )
        joined = alone.join(texts, on=f"{name}_row").filter(~pl.col("text").str.contains("撤回"))
        told |= dict(joined.select("text", pl.col("relation").cast(pl.String)).iter_rows())
    return told


def held_direct(rows: Sequence[Row], owner: int, **facts: Any) -> Reading:
    """The rows as the owner's export holds them, in this order."""
    told = [
        {
            "conversation": "chat", "conversation_kind": "direct", "sent_at": START + timedelta(seconds=r["at"]), "time_precision": "second",
            "zone_source": "explicit", "text": r["text"], "kind": r.get("kind", "text"), "sender": None if r["who"] is None else PEOPLE[r["who"]],
            "is_self": None if r["who"] is None else r["who"] == owner, "media_hash": r.get("hash"), "message_id": r.get("id"),
        }
        for r in rows
    ]  # fmt: skip
    return reading_of(ExportFacts("message_table", **facts), messages_of(told))


def relations_in(found: Found | Findings) -> set[str]:
    """Every relation that the comparison found."""
    return set(found.alignment["relation"].cast(pl.String))


def short_row(at: float, who: int = 0, text: str = "好的", kind: str = "text") -> Row:
    return {"at": at, "who": who, "text": text, "kind": kind}


def set_by(rows: Sequence[Row], first: int, last: int, by: float) -> list[Row]:
    """The rows with the clock set by so many seconds from the first of these on to the last."""
    return [r | {"at": r["at"] + (by if first <= i <= last else 0)} for i, r in enumerate(rows)]


def beside_other_chat(reading: Reading, at: Sequence[float]) -> Reading:
    """The export with another chat of its device, a row at each of these moments of its clock."""
    other = [{"conversation": "wxid_dddddddd", "conversation_kind": "direct", "sent_at": START + timedelta(seconds=t), "time_precision": "second", "zone_source": "explicit", "text": f"另一件事{t}", "kind": "text", "sender": "wxid_dddddddd", "is_self": False} for t in at]  # fmt: skip
    rows = pl.concat([reading.messages, messages_of(other)], how="vertical_relaxed")
    return reading_of(reading.facts, messages_of(rows))


def with_longer_text(rows: list[Row]) -> list[Row]:
    """The rows with blanks behind the first, so that this side stands second by its size."""
    return [rows[0] | {"text": rows[0]["text"] + "    "}, *rows[1:]]


def untimed(rows: Sequence[Row], owner: int, **facts: Any) -> Reading:
    """The rows, in this order, as an export holds them that shows no times."""
    reading = held_direct(rows, owner, **facts)
    gone = [pl.lit(None, dtype=reading.messages.schema["sent_at"]).alias("sent_at"), pl.lit("none").cast(reading.messages.schema["time_precision"]).alias("time_precision")]  # fmt: skip
    return replace(reading, messages=Messages.cast(reading.messages.with_columns(gone)))


def moved_on(rows: Sequence[Row], at: int, by: int) -> list[Row]:
    """The rows, one of them so many places later."""
    rest = [r for i, r in enumerate(rows) if i != at]
    return [*rest[: at + by], rows[at], *rest[at + by :]]


def chat(many: int = 40, people: int = 2) -> list[Row]:
    """A chat of unlike sentences: at (seconds), who, text."""
    return [
        {"at": 60 * i, "who": i % people, "text": f"第{i}批水泥{3 * i + 11}件已经送到{i}号楼了"} for i in range(many)
    ]


def held(
    rows: Sequence[Row], owner: int, *, shift: float = 0.0, has_times: bool = True, is_room: bool = False, **facts: Any
) -> Reading:
    """The rows as the owner's export holds them; `shift`: seconds by which the device's clock is wrong."""
    is_room = is_room or any(r["who"] == 2 for r in rows)
    told = [
        {
            "locator": f"chat#{n}",
            "conversation": ROOM if is_room else "chat",
            "conversation_kind": "group" if is_room else "direct",
            "sent_at": START + timedelta(seconds=row["at"] + shift) if has_times else None,
            "time_precision": row.get("precision", "second") if has_times else "none",
            "zone_source": "explicit" if has_times else "none",
            "text": row["text"],
            "kind": row.get("kind", "text"),
            "sender": None if row["who"] is None else PEOPLE[row["who"]],
            "is_self": None if row["who"] is None else row["who"] == owner,
            **{
                n: row.get(n)
                for n in (
                    "local_id",
                    "message_id",
                    "media_hash",
                    "amount",
                    "quoted_text",
                    "reply_to",
                    "status",
                    "raw",
                    "url",
                    "file_size",
                )
            },
        }
        for n, row in enumerate(rows)
    ]
    messages = messages_of(told)
    return reading_of(ExportFacts("message_table", **facts), messages)


def state_of(found: Found | Findings, text: str, side: str) -> tuple[str, str | None]:
    """Relation and cause of the row with these words."""
    rows = found.messages.filter((pl.col("side").cast(pl.String) == side) & (pl.col("text") == text))
    line = found.alignment.filter(pl.col(f"{side}_row") == rows["row"][0])
    relation, cause = line.select(pl.col("relation", "cause").cast(pl.String)).row(0)
    return relation, cause


def table_without_kinds(rows: list[Row], owner: int, file: Path, **columns: list[str]) -> Path:
    """The rows as a message table without a column of kinds; `columns`: further ones, a cell a row."""
    pl.DataFrame({
        "sent_at": [(START + timedelta(seconds=r["at"])).isoformat() for r in rows],
        "text": [r["text"] for r in rows],
        "sender": ["" if r["who"] is None else PEOPLE[r["who"]] for r in rows],
        "is_self": ["" if r["who"] is None else str(r["who"] == owner).lower() for r in rows],
        **columns,
    }).write_csv(file)  # fmt: skip
    return file


def without_kinds(left: list[Row], right: list[Row], **columns: list[str]) -> tuple[Reading, Reading]:
    """Both sides as message tables; `columns`: further ones of the left."""
    with TemporaryDirectory() as folder:
        one = read(table_without_kinds(left, 0, Path(folder) / "a.csv", **columns))
        return one, read(table_without_kinds(right, 1, Path(folder) / "b.csv"))


def left_row(at: int, text: str, **more: str) -> Row:
    return {"at": at, "who": 0, "text": text, **more}


def grade_of(found: Found | Findings) -> str:
    return str(found.verdicts["grade"][0])


def with_body(text: str) -> list[Row]:
    return sorted([*chat(), left_row(930, text)], key=lambda r: r["at"])


def counts(found: Found | Findings) -> dict[str, int]:
    """How many rows have each relation."""
    return dict(found.alignment["relation"].cast(pl.String).value_counts().rows())


def relations(left: list[Row], right: list[Row]) -> dict[str, int]:
    """How many rows have each relation where the first two people hold these rows."""
    return counts(compare_readings(held(left, 0), held(right, 1)))


def said(rows: list[Row], at: dict[int, str], **more: Any) -> list[Row]:
    """The rows with other words at these places."""
    return [r | {"text": at[i]} | more if i in at else r for i, r in enumerate(rows)]


LINED = said(chat(), {i: f"这是第{i}件事的开头\n后面还有{i}句话" for i in (4, 12, 20, 27, 35)})


def of_kinds(kinds: dict[int, str], **more: Any) -> list[Row]:
    """The chat with other kinds at these places, without words there."""
    return [r | {"kind": kinds[i], "text": ""} | more if i in kinds else r for i, r in enumerate(chat())]


def export(
    rows: Sequence[Row], names: Sequence[str | None], owner: int | None = None, notice: str = "", kind: str = "direct"
) -> Reading:
    """The rows with these names as senders; `owner` marks own rows, a notice comes first."""
    told = [
        {
            "conversation": "chat", "conversation_kind": kind, "sent_at": START + timedelta(seconds=r["at"]), "time_precision": "second",
            "zone_source": "explicit", "text": r["text"], "kind": "text", "sender": names[r["who"]],
            "is_self": None if owner is None else r["who"] == owner,
        }
        for r in rows
    ]  # fmt: skip
    if notice:
        told.insert(0, told[0] | {"text": notice, "kind": "system", "sender": None, "is_self": None})
    return reading_of(ExportFacts("message_table"), messages_of(told))
