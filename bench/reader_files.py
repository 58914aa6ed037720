"""Export files of any length for `bench.readers`: a fixture's rows over and over, with other ids, times and words."""

import csv
import io
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

EXPORTS = Path(__file__).parents[1] / "fixtures" / "exports"
START = datetime(2016, 3, 1, tzinfo=UTC)
# The fixtures' conversation: a notice, then four rows of which the first and the third are plain texts.
_PLAIN = (1, 3)
_SPACED = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class FileForm:
    """How to stretch a fixture: which file, which columns or keys hold the time (and how), ids and the words.

    Attributes:
        case: folder under fixtures/exports.
        times: column -> strftime layout; `unix` and `unix ms` for numbers.
        ids: columns that count up.
        text: the column of the words.
        key: of the list of messages in a JSON object; '' = the list itself, None = a CSV.
    """

    case: str
    times: dict[str, str]
    ids: Sequence[str]
    text: str
    key: str | None = None

    @property
    def is_json(self) -> bool:
        """Whether the container is JSON."""
        return self.key is not None


FILES: dict[str, FileForm] = {
    "memotrace_csv": FileForm("memotrace_csv/rent_side_a", {"时间": _SPACED}, ("消息ID",), "内容"),
    "wechatmsg_csv": FileForm("wechatmsg_csv/rent_side_a", {"CreateTime": "unix", "StrTime": _SPACED}, ("localId",), "StrContent"),
    "pywxdump_csv": FileForm("pywxdump_csv/rent_side_a", {"CreateTime": _SPACED}, ("id", "MsgSvrID"), "msg"),
    "weflow_csv": FileForm("weflow_csv/rent_side_a", {"CreateTime": "%Y-%m-%dT%H:%M:%S.000Z"}, ("id", "MsgSvrID"), "msg"),
    "chatlog_csv": FileForm("chatlog_csv/rent_side_a", {"Time": _SPACED}, (), "Content"),
    "wechatdecrypt_csv": FileForm("wechatdecrypt_csv/rent_side_a", {"时间": _SPACED}, ("server_id",), "内容"),
    "axiom_csv": FileForm("axiom_csv/rent_side_a", {"Message Sent Date/Time - UTC+00:00": _SPACED}, ("Message ID",), "Message"),
    "inferred": FileForm("inferred/table_laboratory_side_a", {"发送时间": _SPACED}, ("序号", "消息ID"), "消息内容"),
    "weflow_json": FileForm("weflow_json/rent_side_a", {"createTime": "unix", "formattedTime": _SPACED}, ("localId", "platformMessageId"), "content", "messages"),
    "chatlog_json": FileForm("chatlog_json/rent_side_a", {"time": "%Y-%m-%dT%H:%M:%S+00:00", "seq": "unix ms"}, (), "content", ""),
    "pywxdump_json": FileForm("pywxdump_json/rent_side_a", {"CreateTime": _SPACED}, ("id", "MsgSvrID"), "msg", ""),
    "wechatdecrypt_json": FileForm("wechatdecrypt_json/rent_side_a", {"create_time": "unix", "time_str": _SPACED}, ("local_id", "server_id"), "content", "messages"),
    "memotrace_json": FileForm("memotrace_json/rent_side_a", {"timestamp": "unix"}, ("server_id",), "text", ""),
}  # fmt: skip


def write(form: FileForm, folder: Path, count: int) -> Path:
    """The form's export with `count` messages in `folder`; gives what to name to a reader.

    Of a fixture of several files the first one that holds plain texts is stretched and the others are left out.
    """
    given = EXPORTS / form.case / "input"
    files = [f for f in sorted(given.rglob("*")) if f.is_file()]
    model = max((f for f in files if f.suffix in (".csv", ".json") and f.name != "users.json"), key=_plain_texts)
    for file in files:
        if file is model or file.suffix != model.suffix or file.name == "users.json":
            target = folder / file.relative_to(given)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    (_json if form.is_json else _csv)(form, model, folder / model.relative_to(given), count)
    return folder if len(files) > 1 or model.parent != given else folder / model.name


def _plain_texts(file: Path) -> int:
    return file.read_text("utf-8-sig").count("赵姐好，房子还在吗？")


def _csv(form: FileForm, model: Path, out: Path, count: int) -> None:
    text = model.read_text("utf-8")
    mark, rows = text.startswith("\ufeff"), list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")))
    top = next(i for i, r in enumerate(rows) if form.text in r)
    story = [dict(zip(rows[top], r, strict=True)) for r in rows[top + 1 :]]
    with out.open("w", encoding="utf-8-sig" if mark else "utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n" if "\r\n" in text else "\n")
        writer.writerows(rows[: top + 1])
        writer.writerows(r.values() for r in islice(_rows(form, story), count))


def _json(form: FileForm, model: Path, out: Path, count: int) -> None:
    whole = orjson.loads(model.read_bytes())
    story = whole[form.key] if form.key else whole
    rows = list(islice(_rows(form, story), count))
    out.write_bytes(orjson.dumps({**whole, form.key: rows} if form.key else rows, option=orjson.OPT_INDENT_2))


def _rows(form: FileForm, story: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Four plain texts to one row of the fixture, without end."""
    plain = [r for i, r in enumerate(story) if i in _PLAIN]
    number = 0
    while True:
        row = dict(story[number // 5 % len(story)] if number % 5 == 0 else plain[number % 2])
        at = START + timedelta(seconds=number * 30)
        if number % 5:
            row[form.text] = f"{row[form.text]}{number}"
        for column, layout in form.times.items():
            row[column] = _time(at, layout, row[column])
        for column in (c for c in form.ids if c in row):
            row[column] = _id(row[column], number)
        yield row
        number += 1


def _time(at: datetime, layout: str, like: object) -> object:
    if not layout.startswith("unix"):
        return at.strftime(layout)
    value = int(at.timestamp()) * (1000 if layout.endswith("ms") else 1)
    return str(value) if isinstance(like, str) else value


def _id(like: object, number: int) -> object:
    if like in ("", "0"):
        return like
    value = number + 1 if len(str(like)) < 10 else 6_116_895_530_414_915_131 + number * 7
    return str(value) if isinstance(like, str) else value
