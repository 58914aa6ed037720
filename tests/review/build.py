"""Case folders made by hand: a small dispute with one of everything, and a long story."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from reconcile.custody import decisions as log
from reconcile.custody.decisions import Decision, Judgement, RowKey
from reconcile.frames import Absent, Alignment, Gaps, Irregularities, Messages, Verdicts, dtypes_of

START = datetime(2024, 3, 1, 1, 5, tzinfo=UTC)
ME, YOU = "wxid_zhang", "wxid_li"
NAMES = {ME: "张伟", YOU: "李娜"}
Row = dict[str, Any]


class Book:
    """Collects the rows of both sides and the lines that hold them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.lines: list[Row] = []
        self.next = {"left": 0, "right": 0}

    def row(self, side: str, conversation: str, minute: float, text: str, who: str | None = ME, **more: Any) -> int:
        """Adds a message of one side; its row number."""
        row = self.next[side]
        self.next[side] += 1
        self.rows.append(
            {
                "side": side,
                "row": row,
                "locator": f"{side[0]}.csv:{row + 2}",
                "conversation": conversation,
                "sent_at": START + timedelta(minutes=minute),
                "time_precision": "second",
                "zone_source": "explicit",
                "text": text,
                "sender": who,
                "sender_name": NAMES.get(who or "", who),
                "party": NAMES.get(who or "", who),
                "is_self": None if who is None else (who == ME) == (side == "left"),
                "kind": "text",
                "message_id": str(7_000_000_000_000_000_000 + row),
                "raw": orjson.dumps({"StrContent": text}).decode(),
            }
            | more
        )
        return row

    def line(
        self, conversation: str, relation: str, left: int | None, right: int | None, cause: str | None = None
    ) -> None:
        """Adds a line of the alignment."""
        self.lines.append(
            {
                "case": "case",
                "conversation": conversation,
                "relation": relation,
                "left_row": left,
                "right_row": right,
                "left_locator": None if left is None else f"l.csv:{left + 2}",
                "right_locator": None if right is None else f"r.csv:{right + 2}",
                "cause": cause,
                "detail": None,
                "confidence": 0.97,
                "similarity": None if left is None or right is None else 0.9,
                "offset_seconds": None if left is None or right is None else 0.0,
                "method": "anchor",
            }
        )

    def both(self, conversation: str, minute: float, text: str, who: str | None = ME, **more: Any) -> None:
        """A message that both sides hold."""
        pair = [self.row(side, conversation, minute, text, who, **more) for side in ("left", "right")]
        self.line(conversation, "agreement", pair[0], pair[1])

    def lone(self, side: str, conversation: str, minute: float, text: str, who: str = ME, **more: Any) -> int:
        """A message that one side alone holds, called one-sided."""
        relation, cause = more.pop("relation", "one_sided"), more.pop("cause", "unexplained")
        row = self.row(side, conversation, minute, text, who, **more)
        left, right = (row, None) if side == "left" else (None, row)
        self.line(conversation, relation, left, right, cause)
        return row

    def pair(
        self, conversation: str, minute: float, texts: tuple[str, str], *, relation: str, cause: str, **more: Any
    ) -> None:
        """Two rows that differ."""
        rows = [
            self.row(s, conversation, minute, t, YOU, **more) for s, t in zip(("left", "right"), texts, strict=True)
        ]
        self.line(conversation, relation, rows[0], rows[1], cause)


def dispute() -> Book:
    """A loan: agreements, a conflict, a gap of three, doubtful rows, set-aside rows, and two quieter conversations."""
    book = Book()
    talk = "c1"
    for n in range(20):
        book.both(talk, n, f"第{n + 1}条 关于借款的商量，双方都有这句话", ME if n % 2 else YOU)
    amounts = ("我收到你转来的借款50000元，年底前还清", "我收到你转来的借款5000元，年底前还清")
    book.pair(talk, 21, amounts, relation="conflict", cause="text_differs")
    book.both(talk, 22, "好的", ME)
    for n, text in enumerate(["利息就按说好的，一年六厘", "你写个收条给我", "收条我拍照发你了"]):
        book.lone("left", talk, 23 + n, text, YOU)
    book.both(talk, 30, "周末见面细说", ME)
    book.pair(talk, 31, ("[图片]", "[图片]"), relation="doubtful", cause="indistinguishable", kind="image")
    book.lone("right", talk, 32, "那我先还两千，你看行不行", YOU, relation="doubtful", cause="weak_match")
    book.lone("left", talk, 32.5, "先还两千，行不行", YOU)
    book.both(talk, 40, "转账", ME, kind="transfer", amount="20000.00")
    for n in range(60):
        book.both(talk, 41 + n * 37, f"后来的第{n + 1}条消息", YOU if n % 3 else ME)
    book.lone("right", talk, 3000, "你撤回了一条消息", ME, relation="set_aside", cause="per_side_row", kind="recall")
    book.lone("right", talk, 3001, "最后这句对方没有", YOU)
    for n in range(8):
        book.both("c2", 100 + n, f"群里闲聊{n}", YOU)
    book.lone("left", "c3", 200, "对方没有这个会话", ME, relation="set_aside", cause="no_counterpart")
    return book


def hostile(texts: list[str]) -> Book:
    """A conversation in which every string of the list stands as text, name, file name and locator of a conflict."""
    book = Book()
    for n, text in enumerate(texts):
        rows = [
            book.row(
                side,
                "c1",
                n,
                words,
                text,
                sender_name=text,
                party=text,
                file_name=text,
                url=text,
                raw=orjson.dumps({text: text}).decode(),
            )
            for side, words in (("left", text), ("right", text + "!"))
        ]
        book.line("c1", "conflict", rows[0], rows[1], "text_differs")
    return book


def write(folder: Path, book: Book, titles: dict[str, str] | None = None, **manifest: Any) -> Path:
    """Writes a finished comparison into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    messages = pl.DataFrame(book.rows, schema_overrides=_message_types(), infer_schema_length=None)
    alignment = pl.DataFrame(book.lines, schema=dtypes_of(Alignment))
    _save(folder, messages, alignment, titles or {"c1": "李娜", "c2": "老同学群", "c3": "王师傅"}, manifest)
    return folder


def write_long(folder: Path, count: int) -> Path:
    """A story of `count` lines in one conversation, made of whole columns; every 997th row is one-sided."""
    folder.mkdir(parents=True, exist_ok=True)
    row = pl.int_range(count, dtype=pl.UInt32, eager=True)
    is_lone = row % 997 == 5
    base = pl.DataFrame({"n": row, "lone": is_lone})
    right_row = (~pl.col("lone")).cum_sum() - 1
    base = base.with_columns(pl.when(~pl.col("lone")).then(right_row).cast(pl.UInt32).alias("right"))
    sides = [_long_side(base, "left", pl.col("n")), _long_side(base.drop_nulls("right"), "right", pl.col("right"))]
    alignment = base.select(
        pl.lit("case").alias("case"),
        pl.lit("c1").alias("conversation"),
        pl.when("lone").then(pl.lit("one_sided")).otherwise(pl.lit("agreement")).alias("relation"),
        pl.col("n").alias("left_row"),
        pl.col("right").alias("right_row"),
        pl.format("l.csv:{}", pl.col("n") + 2).alias("left_locator"),
        pl.when(~pl.col("lone")).then(pl.format("r.csv:{}", pl.col("right") + 2)).alias("right_locator"),
        pl.when("lone").then(pl.lit("unexplained")).alias("cause"),
        pl.lit(None, pl.String).alias("detail"),
        pl.lit(0.99).alias("confidence"),
        pl.lit(None, pl.Float64).alias("margin"),
        pl.when(~pl.col("lone")).then(1.0).alias("similarity"),
        pl.when(~pl.col("lone")).then(0.0).alias("offset_seconds"),
        pl.lit("anchor").alias("method"),
    ).cast(pl.Schema(dtypes_of(Alignment)))
    _save(folder, pl.concat(sides), alignment, {"c1": "很长的会话"}, {})
    return folder


def _long_side(base: pl.DataFrame, side: str, row: pl.Expr) -> pl.DataFrame:
    words = pl.format("第{}条消息，说的是日常的事情；有时短，有时长一些，再长一些", pl.col("n")).str.slice(
        0, 12 + pl.col("n") % 30
    )
    is_me = pl.col("n") % 3 == 0
    return base.select(
        pl.lit(side).alias("side"),
        row.alias("row"),
        pl.format(f"{side[0]}.csv:{{}}", row + 2).alias("locator"),
        pl.lit("c1").alias("conversation"),
        (pl.lit(START) + pl.duration(seconds=pl.col("n") * 40)).cast(pl.Datetime("us", "UTC")).alias("sent_at"),
        pl.lit("second").alias("time_precision"),
        pl.lit("explicit").alias("zone_source"),
        words.alias("text"),
        pl.when(is_me).then(pl.lit(ME)).otherwise(pl.lit(YOU)).alias("sender"),
        pl.when(is_me).then(pl.lit("张伟")).otherwise(pl.lit("李娜")).alias("party"),
        (is_me == (side == "left")).alias("is_self"),
        pl.lit("text").alias("kind"),
    )


def _save(folder: Path, messages: pl.DataFrame, alignment: pl.DataFrame, titles: dict[str, str], manifest: Row) -> None:
    messages.write_parquet(folder / "messages.parquet")
    alignment.write_parquet(folder / "alignment.parquet")
    _verdicts(alignment, titles).write_parquet(folder / "verdicts.parquet")
    _gaps(alignment).write_parquet(folder / "gaps.parquet")
    absent = {
        "case": "case",
        "conversation": "c1",
        "side": "left",
        "witness": "quote",
        "locator": "l.csv:4",
        "text": "双方都没有的一句",
    }
    pl.DataFrame([absent], schema=dtypes_of(Absent)).write_parquet(folder / "absent.parquet")
    odd = {"case": "case", "conversation": "c1", "side": "left", "row": 22, "locator": "l.csv:24", "reason": "no_slot"}
    pl.DataFrame([odd], schema=dtypes_of(Irregularities)).write_parquet(folder / "irregularities.parquet")
    stated = {
        "settings": {"window_seconds": 90.0},
        "inputs": {side: {"files": [{"path": f"{side[0]}.csv", "sha256": side}]} for side in ("left", "right")},
        "labels": {"left": "原告 张伟", "right": "被告 李娜"},
    }
    (folder / "manifest.json").write_bytes(orjson.dumps(stated | manifest))


def _verdicts(alignment: pl.DataFrame, titles: dict[str, str]) -> pl.DataFrame:
    rows = []
    for (name,), lines in alignment.group_by("conversation", maintain_order=True):
        relation = lines["relation"].cast(pl.String)
        one = lines.filter(relation == "one_sided")
        counts = {
            "agreements": int((relation == "agreement").sum()),
            "conflicts": int((relation == "conflict").sum()),
            "doubtful": int((relation == "doubtful").sum()),
            "set_aside": int((relation == "set_aside").sum()),
            "left_missing": one["left_row"].null_count(),
            "right_missing": one["right_row"].null_count(),
        }
        rows.append(
            {
                "case": "case",
                "conversation": name,
                "grade": _grade(counts),
                "left_title": titles.get(str(name), str(name)),
                "right_title": None,
                "conversation_kind": "direct",
                "pairing": "account",
                "left_rows": lines["left_row"].count(),
                "right_rows": lines["right_row"].count(),
                "edge_unverified": 0,
                "referenced_absent": 1 if name == "c1" else 0,
                "not_stated_selectively": 0,
                "clock_segments": [],
                "reasons": ["one_sided"] if one.height else [],
                "tests_not_possible": ["other_conversations"],
                "skew_seconds": 0.0,
            }
            | counts
        )
    return pl.DataFrame(rows, schema=dtypes_of(Verdicts))


def _grade(counts: dict[str, int]) -> str:
    if counts["conflicts"]:
        return "conflicting"
    if counts["left_missing"] or counts["right_missing"]:
        return "one_sided"
    return "explained_differences" if counts["set_aside"] else "no_gap_found"


def _gaps(alignment: pl.DataFrame) -> pl.DataFrame:
    lone = alignment.filter(pl.col("relation").cast(pl.String) == "one_sided", pl.col("right_row").is_null())
    rows = [
        {
            "case": "case",
            "conversation": line["conversation"],
            "gap": n,
            "lacking": "right",
            "first_row": line["left_row"],
            "last_row": line["left_row"],
            "rows": 1,
            "from_at": START,
            "to_at": START,
            "cause": "unexplained",
            "kinds": ["text"],
            "authors": 1,
            "not_excluded": ["not_synchronised"],
            "tests_not_possible": ["second_device"],
        }
        for n, line in enumerate(lone.head(2000).iter_rows(named=True))
    ]
    return pl.DataFrame(rows, schema=dtypes_of(Gaps))


def _message_types() -> dict[str, Any]:
    kept = ("sent_at", "time_precision", "zone_source", "kind", "amount", "file_name", "url", "raw", "message_id")
    return {name: dtype for name, dtype in dtypes_of(Messages).items() if name in kept}


def decision(row: int = 1, **more: Any) -> Decision:
    values: dict[str, Any] = {
        "id": log.new_id(),
        "at": datetime(2024, 5, 1, tzinfo=UTC),
        "reviewer": "王律师",
        "action": "judge",
        "judgement": Judgement.NOT_SAME,
        "conversation": "c1",
        "left": RowKey(row=row, locator=f"l.csv:{row}"),
        "basis": "b",
    }
    return Decision(**values | more)
