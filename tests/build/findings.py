"""A small dispute by hand: one conversation with every relation and cause, and hostile texts inside the messages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dataframely as dy
import polars as pl

from reconcile.frames import (
    Absent,
    Alignment,
    BothMessages,
    Contacts,
    Conversations,
    Findings,
    Gaps,
    Irregularities,
    Messages,
    Verdicts,
    dtypes_of,
)
from reconcile.intake.contract import Declared, Device, ExportFacts, Filter, FormLimits, Note, Owner
from reconcile.intake.frames import frame_of
from reconcile.intake.source import SourceFile
from reconcile.report.inputs import ExportSummary, RunFacts
from reconcile.vocabulary import Kind, NoteCode, Side

START = datetime(2024, 3, 1, 1, 0, tzinfo=UTC)
LOAN, GROUP, LONELY, QUIET = "wxid_lin~wxid_zhao", "8800@chatroom", "wxid_zhou", "wxid_quiet"

# Everything a message may try on its reader: markup, script, formula, field code, direction override, look-alikes.
HOSTILE = {
    "markup": "<script>alert('1')</script><img src=x onerror=alert(2)>{{ 7*7 }}{% raw %}",
    "formula": '=HYPERLINK("http://example.invalid","点我")',
    "direction": "付款\u202e0005\u202c元",
    "zero_width": "三\u200b月还\ufeff款",
    "control": "换\x07行\x1b[31m\r\n第二行",
    "field": "{ INCLUDEPICTURE http://example.invalid/x.png }",
    "emoji": "好的👨\u200d👩\u200d👧❤\ufe0f",
}


class Story:
    """Collects rows of both sides and the alignment lines that hold them."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {"left": [], "right": []}
        self.lines: list[dict[str, Any]] = []
        self.minute = 0

    def row(self, side: str, conversation: str, text: str, **fields: Any) -> int:
        """A row of one copy; `mine` = sent by that side's owner."""
        row = len(self.rows[side])
        mine = fields.pop("mine", None)
        sender = fields.pop("sender", None) or (None if mine is None else (_OWNERS[side] if mine else _PEERS[side]))
        at = START + timedelta(minutes=self.minute, seconds=fields.pop("shift", 0))
        self.rows[side].append(
            {
                "row": row,
                "side": side,
                "locator": f"{'a' if side == 'left' else 'b'}.csv#{row + 2}",
                "conversation": conversation,
                "conversation_kind": "group" if "chatroom" in conversation else "direct",
                "sent_at": at,
                "sent_raw": at.isoformat(),
                "time_precision": "second",
                "zone_source": "declared",
                "text": text,
                "sender": sender,
                "sender_name": _NAMES.get(sender or ""),
                "is_self": mine,
                "message_id": f"76123456789012{row:05d}",
                "local_id": row + 1,
                "kind": "text",
                **fields,
            }
        )
        return row

    def line(self, relation: str, left: int | None, right: int | None, **fields: Any) -> None:
        """A line of the alignment."""
        conversation = self.rows["left"][left] if left is not None else self.rows["right"][right or 0]
        self.lines.append(
            {
                "case": "loan",
                "conversation": conversation["conversation"],
                "relation": relation,
                "left_row": left,
                "right_row": right,
                "left_locator": None if left is None else f"a.csv#{left + 2}",
                "right_locator": None if right is None else f"b.csv#{right + 2}",
                "confidence": 0.99,
                "similarity": 1.0 if left is not None and right is not None else None,
                "offset_seconds": 1.0 if left is not None and right is not None else None,
                "method": "server_id",
                **fields,
            }
        )

    def both(
        self, text: str, *, mine: bool | None = True, other: str | None = None, where: str = LOAN, **fields: Any
    ) -> None:
        """A message that both hold; `mine` = the left owner sent it; `other` = the right copy's words."""
        line = {k: fields.pop(k) for k in ("relation", "cause", "detail", "confidence", "similarity") if k in fields}
        right_fields = {k.removeprefix("right_"): fields.pop(k) for k in list(fields) if k.startswith("right_")}
        self.minute += 1
        left = self.row("left", where, text, mine=mine, shift=1, **fields)
        right = self.row(
            "right",
            where,
            text if other is None else other,
            mine=None if mine is None else not mine,
            **{**fields, **right_fields},
        )
        self.line(line.pop("relation", "agreement"), left, right, **line)

    def one(
        self,
        side: str,
        text: str,
        *,
        relation: str,
        cause: str | None,
        where: str = LOAN,
        mine: bool | None = True,
        confidence: float = 0.97,
        **fields: Any,
    ) -> None:
        """A row that one side holds."""
        self.minute += 1
        row = self.row(side, where, text, mine=mine, **fields)
        self.line(
            relation,
            row if side == "left" else None,
            row if side == "right" else None,
            cause=cause,
            confidence=confidence,
            method=None,
        )


_OWNERS = {"left": "wxid_lin", "right": "wxid_zhao"}
_PEERS = {"left": "wxid_zhao", "right": "wxid_lin"}
_NAMES = {"wxid_lin": "林小满", "wxid_zhao": "赵一鸣", "wxid_wu": "吴阿姨", "wxid_zhou": "周经理"}


def story() -> Story:
    """The dispute: a loan, its repayment, and what each side lacks."""
    s = Story()
    for index in range(12):
        s.both(
            ["在吗?", "在的", "上次说的借款你考虑得怎么样", "可以的，你先写个借条", "好", "嗯"][index % 6],
            mine=index % 2 == 0,
        )
    s.both("三月底前还清", mine=False)
    s.both(
        "借你50000元，三月底前还",
        other="借你5000元，三月底前还",
        relation="conflict",
        cause="text_differs",
        detail="number",
        confidence=0.93,
        similarity=0.92,
    )
    s.both(
        "[转账]",
        mine=True,
        kind="transfer",
        amount="50000.00",
        right_amount="5000.00",
        relation="conflict",
        cause="amount_differs",
        confidence=0.95,
    )
    s.both("收到了", mine=False, right_sender="wxid_zhao", relation="conflict", cause="sender_differs", confidence=0.9)
    s.both(
        "Аpple账号密码发你",
        other="Apple账号密码发你",
        mine=False,
        relation="conflict",
        cause="text_differs",
        similarity=0.95,
    )
    for text in ("我还没有收到那笔钱", "你什么时候还", HOSTILE["markup"], HOSTILE["direction"]):
        s.one("left", text, relation="one_sided", cause="unexplained", mine=True)
    s.both("知道了", mine=False)
    for text in (HOSTILE["formula"], HOSTILE["zero_width"]):
        s.one("right", text, relation="one_sided", cause="id_gap", mine=True)
    s.both(
        HOSTILE["control"],
        other=HOSTILE["control"].replace("\r\n", "\n"),
        mine=False,
        cause="form",
        detail="line_ends,invisible",
    )
    s.both("最近 手头\u00a0紧", other="最近 手头 紧", cause="form", detail="unicode")
    for index in range(30):
        s.one(
            "left",
            f"第{index + 1}条:{'催款' * (index % 3 + 1)}",
            relation="one_sided",
            cause="sync_gap",
            mine=index % 2 == 0,
        )
    s.both("好的", mine=False)
    s.both("好的", mine=False, relation="doubtful", cause="indistinguishable", confidence=0.5)
    s.one("left", "嗯", relation="doubtful", cause="weak_match", confidence=0.45)
    s.one("right", "嗯嗯", relation="doubtful", cause="weak_match", confidence=0.42)
    s.one("left", "消息已发出，但被对方拒收了。", relation="set_aside", cause="not_delivered", mine=None, kind="system")
    s.one("right", "你撤回了一条消息", relation="set_aside", cause="recalled", mine=None, kind="recall")
    s.one("left", "以上是打招呼的内容", relation="set_aside", cause="per_side_row", mine=None, kind="system")
    for _ in range(8):
        s.one("right", "更早的一条", relation="set_aside", cause="outside_coverage")
    s.both(HOSTILE["emoji"])
    s.both(HOSTILE["field"], mine=False)
    for index in range(6):
        s.both(f"群里第{index}条", where=GROUP, mine=index % 2 == 0)
    s.both(
        "电话13912345678，吴阿姨说的",
        where=GROUP,
        sender="wxid_wu",
        mine=None,
        other="电话13912345678，吴阿姨",
        relation="doubtful",
        cause="weak_match",
        confidence=0.6,
    )
    for _ in range(3):
        s.one(
            "left",
            "仅此一方有的会话",
            relation="set_aside",
            cause="no_counterpart",
            where=LONELY,
            sender="wxid_zhou",
            mine=None,
        )
    for index in range(4):
        s.both(f"安静的会话{index}", where=QUIET, mine=index % 2 == 0)
    return s


def build_findings() -> Findings:
    """Findings of the dispute, obeying every schema."""
    s = story()
    return Findings(
        alignment=Alignment.validate(_frame(Alignment, s.lines), cast=True),
        verdicts=Verdicts.validate(_frame(Verdicts, _verdicts(s)), cast=True),
        gaps=Gaps.validate(_frame(Gaps, _gaps(s)), cast=True),
        absent=Absent.validate(_frame(Absent, _absent()), cast=True),
        irregularities=Irregularities.validate(_frame(Irregularities, _irregularities()), cast=True),
        messages=_messages(s),
        runs=pl.DataFrame(),
        error_rates={"decoys": {"drawn": 200, "paired": 0, "upper_95": 0.018}, "hidden": {"drawn": 200, "found": 199}},
    )


def build_summaries() -> tuple[ExportSummary, ExportSummary]:
    """What both exports state about themselves."""
    left = ExportSummary(
        side=Side.LEFT,
        label="原告",
        facts=ExportFacts(
            reader="message_table",
            owner=Owner("wxid_lin", "xiaoman88", "林小满", "13800000001"),
            device=Device("Xiaomi", "13", "SN-0001", "Android 14", "8.0.49"),
            tool="留痕",
            tool_version="2.0",
            exported_at=START + timedelta(days=40),
            timezone="Asia/Shanghai",
            declared=(Declared("换机", START, None, "旧手机<b>已卖</b>"),),
        ),
        notes=(
            Note(NoteCode.ZONE_ASSUMED, "a.csv", "", 60),
            Note(NoteCode.MEDIA_MISSING, "吴阿姨(wxid_wu)/1.jpg"),
            Note(NoteCode.BAD_TIME, "a.csv#9", "=cmd|' /C calc'!A0"),
            Note(NoteCode.COLUMN_UNKNOWN, "a.csv", "<b>备注</b>"),
        ),
        sources=(SourceFile("a.csv", 12_345, "ab" * 32, "cd" * 32), SourceFile("a.json", 321, "12" * 32, "34" * 32)),
        conversations=frame_of(Conversations, [{"conversation": LOAN, "title": "赵一鸣"}]),
        contacts=frame_of(
            Contacts,
            [
                {
                    "id": "wxid_zhao",
                    "alias": "zhaoym",
                    "remark": "赵一鸣(借款)",
                    "nickname": "一鸣惊人",
                    "phone": "13800000002",
                },
                {"id": "wxid_wu", "alias": None, "remark": "吴阿姨", "nickname": "岁月静好", "phone": "13912345678"},
            ],
        ),
    )
    right = ExportSummary(
        side=Side.RIGHT,
        label="被告",
        facts=ExportFacts(
            reader="windows_msg_db",
            owner=Owner("wxid_zhao", "zhaoym", "赵一鸣"),
            filters=(
                Filter(START - timedelta(days=9), START + timedelta(days=60), frozenset({Kind.TEXT, Kind.TRANSFER})),
            ),
            limits=FormLimits(kinds_absent=frozenset({Kind.STICKER}), text_cut_at=2000),
        ),
        notes=(),
        sources=(SourceFile("MSG0.db", 4_000_000, "ef" * 32, "01" * 32),),
        conversations=frame_of(Conversations, [{"conversation": LOAN, "title": "林小满"}]),
        contacts=frame_of(Contacts, [{"id": "wxid_lin", "nickname": "小满"}]),
    )
    return left, right


def build_run(**changes: Any) -> RunFacts:
    """How the findings came about."""
    run = RunFacts(
        case="loan",
        program_version="0.1.0",
        settings={"window_seconds": 90.0, "seed": 20240301, "limits": {"max_nesting_depth": 64}},
        command="reconcile compare a.csv b.csv --out loan",
        hashes={"alignment.parquet": "aa" * 32, "verdicts.json": "bb" * 32},
    )
    return replace(run, **changes)


def _messages(s: Story) -> pl.DataFrame:
    schema = {**dtypes_of(Messages), **dtypes_of(BothMessages)}
    rows = [{k: r.get(k) for k in schema} for side in ("left", "right") for r in s.rows[side]]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _frame(schema: type[dy.Schema], rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = schema.columns()
    return pl.DataFrame([{c: r.get(c) for c in columns} for r in rows], schema=dtypes_of(schema), orient="row")


def _verdicts(s: Story) -> list[dict[str, Any]]:
    grades = {LOAN: "conflicting", LONELY: "cannot_determine", GROUP: "cannot_determine", QUIET: "no_gap_found"}
    reasons = {
        LOAN: ["conflict", "one_sided", "edge_unverified", "cause:unexplained"],
        LONELY: ["no_counterpart"],
        GROUP: ["doubtful_rows"],
        QUIET: [],
    }
    titles = {
        LOAN: ("赵一鸣", "林小满"),
        GROUP: ("装修群<i>", "装修群"),
        LONELY: ("周经理", None),
        QUIET: ("安静", "安静"),
    }
    out = []
    for key, grade in grades.items():
        lines = [line for line in s.lines if line["conversation"] == key]

        def count(relation: str, lines: list[dict[str, Any]] = lines) -> int:
            return sum(line["relation"] == relation for line in lines)

        out.append(
            {
                "case": "loan",
                "conversation": key,
                "grade": grade,
                "left_conversation": key,
                "right_conversation": None if key == LONELY else key,
                "left_title": titles[key][0],
                "right_title": titles[key][1],
                "conversation_kind": "group" if key == GROUP else "direct",
                "pairing": "none" if key == LONELY else "account",
                "left_rows": sum(line["left_row"] is not None for line in lines),
                "right_rows": sum(line["right_row"] is not None for line in lines),
                "agreements": count("agreement"),
                "conflicts": count("conflict"),
                "doubtful": count("doubtful"),
                "left_missing": sum(x["relation"] == "one_sided" and x["left_row"] is None for x in lines),
                "right_missing": sum(x["relation"] == "one_sided" and x["right_row"] is None for x in lines),
                "set_aside": count("set_aside"),
                "edge_unverified": 8 if key == LOAN else 0,
                "referenced_absent": 1 if key == LOAN else 0,
                "not_stated_selectively": 0,
                "clock_segments": [],
                "reasons": reasons[key],
                "tests_not_possible": ["other_conversations", "second_device"] if key == LOAN else [],
                "skew_seconds": None if key == LONELY else 1.0,
                "coverage_from": None if key == LONELY else START,
                "coverage_to": None if key == LONELY else START + timedelta(minutes=s.minute),
            }
        )
    return out


def _gaps(s: Story) -> list[dict[str, Any]]:
    """Runs of one-sided rows of the loan chat, as neighbours in the holding side."""
    out: list[dict[str, Any]] = []
    for holding, lacking in (("left", "right"), ("right", "left")):
        rows = [
            line[f"{holding}_row"]
            for line in s.lines
            if line["relation"] == "one_sided" and line[f"{lacking}_row"] is None
        ]
        causes = {line[f"{holding}_row"]: line.get("cause") for line in s.lines}
        for run in _runs(rows):
            held = [s.rows[holding][row] for row in run]
            out.append(
                {
                    "case": "loan",
                    "conversation": LOAN,
                    "gap": len(out),
                    "lacking": lacking,
                    "first_row": run[0],
                    "last_row": run[-1],
                    "rows": len(run),
                    "from_at": held[0]["sent_at"],
                    "to_at": held[-1]["sent_at"],
                    "cause": causes[run[0]],
                    "kinds": sorted({r["kind"] for r in held}),
                    "authors": len({r["sender"] for r in held}),
                    "not_excluded": ["not_synchronised", "lost_by_exporter", "removed_from_device"],
                    "tests_not_possible": ["other_conversations", "second_device"],
                }
            )
    return out


def _runs(rows: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _absent() -> list[dict[str, Any]]:
    return [
        {
            "case": "loan",
            "conversation": LOAN,
            "side": "right",
            "witness": "quote",
            "locator": "b.csv#30",
            "message_id": "7612345678901299999",
            "sent_at": START + timedelta(minutes=20),
            "sender": "wxid_lin",
            "kind": "text",
            "text": "那笔<钱>先放你那",
        }
    ]


def _irregularities() -> list[dict[str, Any]]:
    return [
        {"case": "loan", "conversation": LOAN, "side": "right", "row": 20, "locator": "b.csv#22", "reason": "no_slot"},
        {
            "case": "loan",
            "conversation": None,
            "side": "left",
            "row": None,
            "locator": "a.csv",
            "reason": "counter_restored",
        },
    ]
