"""One conversation written in many layouts that no reader names, each as the bytes of a file."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from itertools import groupby
from typing import Any

CHINA = timezone(timedelta(hours=8))
_WORDS = (
    "王总好", "您好,请讲", "合同我看过了", "第三条要改", "怎么改?", "付款期限改成30天\n其余不变", "可以", "[图片]", "收到", "明天上午10:30见", "好", "好",
    "地址:人民路12号", "定金5000元已付", "[语音]", "听不清,请打字", "今天能发货吗", "能", "单号SF1234567890", "谢谢😊", "尾款什么时候付", "月底前", "[文件]",
    "看到了", "没问题", "再见",
)  # fmt: skip
_KINDS = {"[图片]": "image", "[语音]": "voice", "[文件]": "file"}
START = datetime(2024, 3, 1, 9, 5, 7, tzinfo=CHINA)


def story() -> list[dict[str, Any]]:
    """The true rows: at, sender, text, kind, server id, running number."""
    rows, at = [], START
    for i, text in enumerate(_WORDS):
        at += timedelta(seconds=41 + 977 * (i % 7) + (86_400 if i in (9, 19) else 0))
        who = "甲某" if i % 3 else "乙某"
        ident = 6_117_000_000_000_000_000 + (i * 7_919_337_771_113) % 900_000_000_000_000_000
        rows.append(
            {
                "at": at,
                "who": who,
                "id": "wxid_jia0001" if who == "甲某" else "wxid_yi0002",
                "text": text,
                "kind": _KINDS.get(text, "text"),
                "server": ident,
                "n": i + 1,
            }
        )
    return rows


def _t(row: dict[str, Any], layout: str = "%Y-%m-%d %H:%M:%S") -> str:
    return str(row["at"].strftime(layout))


def _u(row: dict[str, Any], scale: int = 1) -> int:
    return int(row["at"].timestamp()) * scale


def _mysql(text: str) -> str:
    return text.replace("\n", "\\n")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _table(rows: list[list[Any]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    return out.getvalue().encode(encoding)


def _lines(rows: list[str], encoding: str = "utf-8") -> bytes:
    return ("\n".join(rows) + "\n").encode(encoding)


S = story()
CHINESE = "%Y年%m月%d日 %H:%M:%S"


def _by_day(line: Callable[[dict[str, Any]], str], day: str) -> bytes:
    out: list[str] = []
    seen = ""
    for row in S:
        if (now := _t(row, day)) != seen:
            out += ["", now, ""] if seen else [now, ""]
            seen = now
        out.append(line(row))
    return _lines(out)


def _days_nested() -> list[dict[str, Any]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for r in S:
        days.setdefault(_t(r, "%Y-%m-%d"), []).append({"clock": _t(r, "%H:%M:%S"), "nick": r["who"], "msg": r["text"]})
    return [{"date": d, "list": rows} for d, rows in days.items()]


def _div(r: dict[str, Any]) -> str:
    side = "right" if r["who"] == "甲某" else "left"
    return f'<div class="row {side}"><span class="nick">{r["who"]}</span><span class="when">{_t(r)}</span><div class="bubble">{escape(r["text"]).replace(chr(10), "<br>")}</div></div>'


def _li(r: dict[str, Any]) -> str:
    return f"<li><b>{r['who']}</b> <i>{_t(r, CHINESE)}</i><p>{escape(r['text']).replace(chr(10), '<br>')}</p></li>"


def _tr(r: dict[str, Any]) -> str:
    return f"<tr><td>{_t(r)}</td><td>{r['who']}</td><td>{escape(r['text']).replace(chr(10), '<br>')}</td></tr>"


def _md(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


def _quoted(text: str) -> str:
    return f'"{text}"' if "\n" in text else text


def _html(body: str) -> bytes:
    return f"<!doctype html><html><body>{body}</body></html>".encode()


def _shown(r: dict[str, Any]) -> str:
    return escape(r["text"]).replace("\n", "<br>")


def _joined() -> bytes:
    """A page that names the sender of a run once, with a line for each day."""
    rows, before, day = [], "", ""
    for r in S:
        if (now := _t(r, "%d %B %Y")) != day:
            rows.append(f'<div class="message service"><div class="body details">{now}</div></div>')
            before, day = "", now
        head = "" if r["who"] == before else f'<div class="from_name">{r["who"]}</div>'
        more = " joined" if r["who"] == before else ""
        rows.append(
            f'<div class="message default{more}"><div class="body"><div class="date" title="{_t(r, "%Y.%m.%d %H:%M:%S")}">{_t(r, "%H:%M")}</div>{head}<div class="text">{_shown(r)}</div></div></div>'
        )
        before = r["who"]
    return _html("".join(rows))


def _grouped() -> bytes:
    """A page whose runs show sender and time in their heading, and the time of every further message at its side."""
    rows, before = [], ""
    for r in S:
        title = f'title="{_t(r)}"'
        first = r["who"] != before
        head = (
            f'<div class="header"><span class="author">{r["who"]}</span><span class="timestamp" {title}>{_t(r, "%H:%M")}</span></div>'
            if first
            else ""
        )
        side = "" if first else f'<div class="short-timestamp" {title}>{_t(r, "%H:%M")}</div>'
        rows.append(
            f'<div class="container"><div class="aside">{side}</div><div class="main">{head}<div class="content">{_shown(r)}</div></div></div>'
        )
        before = r["who"]
    return _html("".join(rows))


def _half(r: dict[str, Any]) -> str:
    return f"{'오전' if r['at'].hour < 12 else '오후'} {int(_t(r, '%I'))}:{_t(r, '%M')}"


def _twice_encoded() -> bytes:
    """JSON whose texts are the bytes of UTF-8, each written as one character."""
    rows = [{"sender_name": r["who"], "timestamp_ms": _u(r, 1000), "content": r["text"]} for r in S]
    pairs = {w: w.encode().decode("latin-1") for r in rows for w in (r["sender_name"], r["content"])}
    return json.dumps({"messages": [{k: pairs.get(v, v) for k, v in r.items()} for r in rows]}).encode()


def _below_days(layout: str, row: Callable[[dict[str, Any]], str]) -> str:
    """The story's rows, each day's below a row of its own in this layout."""
    days = groupby(S, lambda r: _t(r, layout))
    return "".join(day + "".join(map(row, rows)) for day, rows in days)


def _mail_page() -> bytes:
    """A page saved as one file, with the day in a row of its own and marks missing in its head."""
    rows = _below_days(
        "<tr><td>日期: %Y-%m-%d</td></tr>",
        lambda r: (
            f"<tr><td><div><div>{r['who']}</div>{_t(r, '%H:%M:%S')}</div><div><font>{_shown(r)}</font></div></td></tr>"
        ),
    )
    head = 'From: <x>\r\nMIME-Version: 1.0\r\nContent-Type:multipart/related;\r\n\tcharset="utf-8"\r\n\tboundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n'
    return head.encode() + _html(f"<table>{rows}</table>") + b"\r\n--b--"


def document(layout: str = "%Y-%m-%d %H:%M:%S") -> bytes:
    """The story as paragraphs of a Word document."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    lines = [line for r in S for line in (f"{r['who']} {_t(r, layout)}", *r["text"].split("\n"))]
    body = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')
    return out.getvalue()


def _table_of_days() -> bytes:
    """A table whose days stand in rows of their own."""
    rows = _below_days(
        "<tr><td colspan=3>%Y-%m-%d</td></tr>",
        lambda r: f"<tr><td>{_t(r, '%H:%M:%S')}</td><td>{r['who']}</td><td>{_shown(r)}</td></tr>",
    )
    return _html(f"<table>{rows}</table>")


def _page_of_clocks() -> bytes:
    """A page whose rows show clocks alone, below lines of the day."""
    rows = _below_days(
        '<div class="day"><span>%Y-%m-%d</span></div>',
        lambda r: (
            f'<div class="row"><div class="meta"><span class="who">{r["who"]}</span><span class="t">{_t(r, "%H:%M:%S")}</span></div><div class="bubble">{_shown(r)}</div></div>'
        ),
    )
    return _html(f"<p>共 26 条 2024/4/1 10:00:00</p>{rows}")


ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

# name -> (file, bytes, precision of the times in seconds)
LAYOUTS: dict[str, tuple[str, bytes, int]] = {
    "array": ("a.json", _json([{"time": _t(r), "sender": r["who"], "text": r["text"], "type": r["kind"]} for r in S]), 1),
    "nested_epoch": ("a.json", _json({"data": {"items": [{"ts": _u(r), "from": {"id": r["id"], "name": r["who"]}, "body": r["text"]} for r in S]}}), 1),
    "milliseconds": ("a.json", _json({"records": [{"createTime": _u(r, 1000), "nickname": r["who"], "content": r["text"], "msgId": str(r["server"])} for r in S]}), 1),
    "microseconds": ("a.json", _json([{"t": _u(r, 1_000_000), "user": r["who"], "message": r["text"]} for r in S]), 1),
    "decimal_seconds": ("a.json", _json([{"ts": f"{_u(r)}.000200", "user": r["id"], "text": r["text"], "type": "message"} for r in S]), 1),
    "iso_zone": ("a.json", _json([{"date": r["at"].isoformat(), "author": r["who"], "content": r["text"]} for r in S]), 1),
    "iso_utc": ("a.json", _json([{"sent_at": r["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"), "author": r["who"], "content": r["text"]} for r in S]), 1),
    "two_same_times": ("a.json", _json([{"timestamp": _u(r), "time": _t(r, "%Y-%m-%d %H:%M"), "sender": r["who"], "content": r["text"], "local_id": r["n"]} for r in S]), 1),
    "edited_beside": ("a.json", _json([{"created_at": _t(r), "edited_at": _t(r) if r["n"] % 9 == 0 else None, "sender": r["who"], "text": r["text"]} for r in S]), 1),
    "received_beside": ("a.json", _json([{"sendTime": _t(r), "receivedTime": (r["at"] + timedelta(seconds=r["n"] * 3)).strftime("%Y-%m-%d %H:%M:%S"), "from": r["who"], "text": r["text"]} for r in S]), 1),
    "self_flag": ("a.json", _json([{"time": _u(r), "isSelf": r["who"] == "甲某", "content": r["text"], "type": 1} for r in S]), 1),
    "from_and_to": ("a.json", _json([{"time": _t(r), "from": r["id"], "to": "wxid_yi0002" if r["who"] == "甲某" else "wxid_jia0001", "text": r["text"]} for r in S]), 1),
    "grouped_by_day": ("a.json", _json({"days": _days_nested()}), 1),
    "keyed_by_id": ("a.json", _json({str(r["server"]): {"time": _t(r), "who": r["who"], "content": r["text"]} for r in S}), 1),
    "arrays": ("a.json", _json([[_t(r), r["who"], r["text"]] for r in S]), 1),
    "arrays_with_heading": ("a.json", _json([["time", "sender", "content"], *([_t(r), r["who"], r["text"]] for r in S)]), 1),
    "columns": ("a.json", _json({"time": [_t(r) for r in S], "sender": [r["who"] for r in S], "text": [r["text"] for r in S]}), 1),
    "pieces": ("a.json", _json([{"date": _t(r), "from": r["who"], "text": [r["text"][:1], {"type": "bold", "text": r["text"][1:]}] if len(r["text"]) > 1 else r["text"]} for r in S]), 1),
    "users_beside": ("a.json", _json({"users": [{"id": "u1", "name": "甲某"}, {"id": "u2", "name": "乙某"}], "messages": [{"time": _t(r), "sender": "u1" if r["who"] == "甲某" else "u2", "content": r["text"]} for r in S]}), 1),
    "chats_of_one": ("a.json", _json({"chats": [{"name": "乙某", "messages": [{"time": _t(r), "sender": r["who"], "content": r["text"]} for r in S]}]}), 1),
    "script": ("a.js", b"const messages = " + _json([{"time": _t(r), "sender": r["who"], "content": r["text"]} for r in S]) + b";", 1),
    "json_utf16": ("a.json", json.dumps([{"时间": _t(r), "发送者": r["who"], "内容": r["text"]} for r in S], ensure_ascii=False).encode("utf-16"), 1),
    "json_gbk": ("a.json", json.dumps([{"时间": _t(r), "昵称": r["who"], "正文": r["text"]} for r in S], ensure_ascii=False).encode("gb18030"), 1),
    "lines": ("a.jsonl", _lines([json.dumps({"time": _t(r), "sender": r["who"], "text": r["text"]}, ensure_ascii=False) for r in S]), 1),
    "lines_of_lists": ("a.txt", _lines([repr([[r["text"], _u(r, 1000), r["who"]] for r in S[i : i + 7]]) for i in range(0, len(S), 7)]), 1),
    "lines_with_head": ("a.jsonl", _lines([json.dumps({"version": 1, "chat": "乙某"}), *(json.dumps({"ts": _u(r), "name": r["who"], "msg": r["text"]}, ensure_ascii=False) for r in S)]), 1),
    "csv_plain_words": ("a.csv", _table([["time", "sender", "content", ""], *([_t(r), r["who"], r["text"], ""] for r in S)]), 1),
    "csv_no_heading": ("a.csv", _table([[_t(r), r["who"], r["text"]] for r in S]), 1),
    "csv_strange_heading": ("a.csv", _table([["壹", "贰", "叁"], *([_t(r), r["who"], r["text"]] for r in S)]), 1),
    "csv_day_and_clock": ("a.csv", _table([["A", "B", "C", "D"], *([_t(r, "%Y/%m/%d"), _t(r, "%H:%M:%S"), r["who"], r["text"]] for r in S)]), 1),
    "tsv_chinese_time": ("a.tsv", _table([["序", "何时", "何人", "所言"], *([r["n"], _t(r, CHINESE), r["who"], r["text"]] for r in S)], "\t"), 1),
    "csv_semicolon_gbk": ("a.csv", _table([["甲栏", "乙栏", "丙栏"], *([_t(r), r["who"], r["text"].replace("😊", "")] for r in S)], ";", "gb18030"), 1),
    "csv_utf16": ("a.csv", _table([["w", "x", "y"], *([_t(r), r["who"], r["text"]] for r in S)], "\t", "utf-16"), 1),
    "csv_epoch_no_heading": ("a.csv", _table([[r["n"], _u(r), r["who"], r["text"]] for r in S]), 1),
    "brackets_inline": ("a.txt", _lines([f"[{_t(r, '%Y/%m/%d %H:%M:%S')}] {r['who']}: {r['text']}" for r in S]), 1),
    "minute_inline": ("a.txt", _lines([f"{_t(r, '%Y-%m-%d %H:%M')} {r['who']}: {r['text']}" for r in S]), 60),
    "name_time_block": ("a.txt", _lines([f"{r['who']} {_t(r, '%Y/%m/%d')} {int(_t(r, '%I'))}:{_t(r, '%M %p')}\n{r['text']}\n" for r in S]), 60),
    "name_in_brackets": ("a.txt", _lines([f"{r['who']} ({_t(r)}): {r['text']}" for r in S]), 1),
    "time_name_block": ("a.txt", _lines([f"{_t(r)} {r['who']}\n{r['text']}\n" for r in S]), 1),
    "rules_between": ("a.txt", _lines([f"{r['who']}  {_t(r)}\n{r['text']}\n--------------------" for r in S]), 1),
    "pipes": ("a.log", _lines([f"{_t(r)} | {r['who']} | {r['text']}" for r in S if "\n" not in r["text"]]), 1),
    "markdown_heads": ("a.md", _lines(["# 乙某", "", "> 全部 26 条记录", "", *(f"### {_t(r, '%Y-%m-%d %H:%M')}\n\n**{r['who']}**: {r['text']}\n" for r in S)]), 60),
    "markdown_list": ("a.md", _lines(["# chat", "", *(f"- **{r['who']}** ({_t(r)}): {r['text']}" for r in S)]), 1),
    "markdown_table": ("a.md", _lines(["| 时间 | 发言 | 内容 |", "|---|---|---|", *(f"| {_t(r)} | {r['who']} | {_md(r['text'])} |" for r in S)]), 1),
    "day_lines": ("a.txt", _by_day(lambda r: f"{_t(r, '%H:%M:%S')} {r['who']}: {r['text']}", "—— %Y年%m月%d日 ——"), 1),
    "day_words": ("a.txt", _by_day(lambda r: f"{r['who']} {_t(r, '%H:%M')}\n{r['text']}\n", "日期: %Y-%m-%d"), 60),
    "titled_text": ("a.txt", _lines(["=== 乙某 ===", "", *(f"[{_t(r, '%Y-%m-%d %H:%M')}] {r['who']}: {r['text']}" for r in S), "", "共 26 条消息"]), 60),
    "text_gbk": ("a.txt", _lines([f"{_t(r, CHINESE)} {r['who']}：{r['text'].replace('😊', '')}" for r in S], "gb18030"), 1),
    "html_blocks": ("a.html", ("<!doctype html><html><body><div id=chat>" + "\n".join(map(_div, S)) + "</div></body></html>").encode(), 1),
    "html_list": ("a.html", ("<html><body><ul>" + "".join(map(_li, S)) + "</ul></body></html>").encode(), 1),
    "html_table": ("a.html", ("<html><body><table><tr><th>when</th><th>who</th><th>what</th></tr>" + "".join(map(_tr, S)) + "</table></body></html>").encode(), 1),
    "html_table_bare": ("a.html", ("<html><body><table>" + "".join(map(_tr, S)) + "</table></body></html>").encode(), 1),
    "html_mixed": ("a.html", ("<html><body>" + "".join(f"<p><b>{r['who']}</b> ({_t(r)}): {escape(r['text']).replace(chr(10), '<br>')}</p>" for r in S) + "</body></html>").encode(), 1),
    "csv_unquoted": ("a.csv", _lines(["time,sender,content", *(f"{_t(r)},{r['who']},{r['text'].replace(chr(10), ' ')},ok" for r in S)]), 1),
    "tabs_under_days": ("a.txt", _by_day(lambda r: f"{_t(r, '%H:%M')}\t{r['who']}\t{r['text']}", "%Y/%m/%d(Fri)"), 60),
    "html_runs_named_once": ("a.html", _joined(), 1),
    "html_runs_timed_apart": ("a.html", _grouped(), 1),
    "html_fields_of_one_class": ("a.html", _html("".join(f'<div class="x row"><div class="y a">{r["who"]}</div><div class="y b"><div><div>{_shown(r)}</div></div></div><div class="z">{_t(r, "%b %d, %Y %I:%M:%S %p")}</div></div>' for r in S)), 1),
    "html_sides_apart": ("a.html", _html("".join(f'<div class="m"><div class="{"sent" if r["who"] == "甲某" else "received"}"><p><span class="t"><a title="Reveal">{_t(r)}</a></span><span class="s">{r["who"]}</span></p><div class="part"><span class="bubble">{_shown(r)}</span></div></div></div>' for r in S)), 1),
    "objects_in_texts": ("a.json", _json([{"body": {"content": json.dumps({"text": r["text"]}, ensure_ascii=False)}, "create_time": str(_u(r, 1000)), "sender": {"id": r["id"]}} for r in S]), 1),
    "direction_under_one_name": ("a.json", _json({"49@s.net": {"name": "乙某", "messages": {f"{r['n']}": {"from_me": r["who"] == "甲某", "timestamp": r["at"].timestamp(), "data": r["text"], "sender": None} for r in S}}}), 1),
    "one_side_unnamed": ("a.json", _json({"chat": "乙某", "username": "wxid_yi0002", "messages": [{"timestamp": _u(r), "sender": "" if r["who"] == "乙某" else r["who"], "content": r["text"], "local_id": r["n"]} for r in S]}), 1),
    "time_of_the_whole_beside": ("a.json", _json([{"title": "话", "create_time": 1709000000, "update_time": 1709990000, "mapping": {f"m{r['n']}": {"id": f"m{r['n']}", "message": {"author": {"role": r["id"]}, "create_time": _u(r), "content": {"parts": [r["text"]]}}} for r in S}}]), 1),
    "repeated_time_above": ("a.txt", _lines([line for r in S for line in (_t(r, "%Y年%m月%d日 %H:%M"), f"{_t(r, '%Y年%m月%d日 %H:%M')}, {r['who']} : {r['text']}", "")]), 60),
    "korean_clock": ("a.txt", _by_day(lambda r: f"[{r['who']}] [{_half(r)}] {r['text']}", "--------------- %Y년 %m월 %d일 금요일 ---------------"), 60),
    "figures_of_another_script": ("a.txt", _lines([f"[{(_t(r, '%Y/%m/%d') + '، ' + _t(r, '%H:%M:%S')).translate(ARABIC)}] {r['who']}: {r['text']}" for r in S]), 1),
    "dotted_clock": ("a.txt", _lines([f"[{_t(r, '%Y/%m/%d %H.%M.%S')}] {r['who']}: {r['text']}" for r in S]), 1),
    "quotes_around_lines": ("a.txt", _by_day(lambda r: f"{_t(r, '%H:%M')}\t{r['who']}\t{_quoted(r['text'])}", "%Y/%m/%d(金)"), 60),
    "no_empty_lines": ("a.txt", _lines([f"{_t(r)} {r['who']}\n{r['text']}" for r in S]), 1),
    "name_with_id": ("a.txt", _lines(["消息记录", "", *(f"{_t(r)} {r['who']}({10001 if r['who'] == '甲某' else 10002})\n{r['text']}\n" for r in S)]), 1),
    "irc": ("a.log", _lines([f"[{_t(r)}] <{r['who']}> {r['text']}" for r in S]), 1),
    "numbers_before_times": ("a.txt", _lines(["导出", "", *(f"[#{r['n']:06} {_t(r)} UTC+08:00] {r['who']}: {r['text']}" for r in S)]), 1),
    "numbers_and_indents": ("a.txt", _lines([f"{r['n']}. {_t(r)}  {r['who']}\n   {r['text']}" for r in S]), 1),
    "list_below_a_table": ("a.md", _lines(["# 乙某", "", "| 指标 | 值 |", "| --- | --- |", "| 总数 | 26 |", "| 天数 | 3 |", "", *_by_day(lambda r: f"- `{_t(r, '%H:%M:%S')}` **{r['who']}**：{r['text']}", "## %Y-%m-%d").decode().split("\n")]), 1),
    "weekday_before_day": ("a.txt", _by_day(lambda r: f"{_t(r, '%I:%M %p')}\t{r['who']}\t{_quoted(r['text'])}", "Fri, %Y/%m/%d"), 60),
    "names_with_mail": ("a.txt", _lines([f"{_t(r)} {r['who']}{'(10001)' if r['who'] == '甲某' else '<y@x.com>'}\n{r['text']}\n" for r in S]), 1),
    "a_field_a_line": ("a.txt", _lines([f"发送人：{r['who']}\n时间：{_t(r)}\n内容：{r['text']}\n--------" for r in S]), 1),
    "xml": ("a.xml", ("<?xml version='1.0'?><chat name='乙某'>" + "".join(f"<m id='{r['server']}'><time>{_t(r)}</time><from>{r['who']}</from><body>{escape(r['text'])}</body></m>" for r in S) + "</chat>").encode(), 1),
    "yaml": ("a.yaml", _lines(["chat: 乙某", f"count: {len(S)}", "messages:", *(f"- timestamp: {_u(r)}\n  time: {_t(r, '%Y-%m-%d %H:%M')}\n  sender: {r['who']}\n  content: {json.dumps(r['text'], ensure_ascii=False)}" for r in S)]), 1),
    "page_in_mail": ("a.mht", _mail_page(), 1),
    "document": ("a.docx", document(), 1),
    "page_of_clocks": ("a.html", _page_of_clocks(), 1),
    "value_in_script": ("a.html", _html("<div id=app></div><script>window.chat = " + _json([{"createTime": _u(r), "nick": r["who"], "msg": r["text"]} for r in S]).decode() + ";</script>"), 1),
    "twice_encoded": ("a.json", _twice_encoded(), 1),
    "wrapped_documents": ("a.jsonl", _lines([json.dumps({"_index": "im", "_id": str(r["server"]), "_source": {"@timestamp": r["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"), "msg": {"from": {"uid": r["id"], "nick": r["who"]}, "body": {"text": r["text"]}}}}, ensure_ascii=False) for r in S]), 1),
    "direction_in_type": ("a.csv", _table([["Message Date", "Type", "Sender Name", "Text"], *([_t(r), "Outgoing" if r["who"] == "甲某" else "Incoming", "" if r["who"] == "甲某" else r["who"], r["text"]] for r in S)]), 1),
    "zone_in_heading": ("a.csv", _table([["Time stamp (UTC)", "Direction", "Remote party", "Message text"], *([r["at"].astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"), "Outgoing" if r["who"] == "甲某" else "Incoming", "乙某", r["text"]] for r in S)]), 1),
    "figures_alone": ("a.csv", _table([["time", "sender", "content"], *([_t(r, "%Y%m%d%H%M%S"), r["who"], r["text"]] for r in S)]), 1),
    "figures_in_text": ("a.txt", _lines([f"{_t(r, '%Y%m%d %H%M%S')} {r['who']}: {r['text']}" for r in S]), 1),
    "short_year_first": ("a.txt", _lines([f"{_t(r, '%y-%m-%d %H:%M')} {r['who']}: {r['text']}" for r in S]), 60),
    "one_strange_kind": ("a.csv", _table([["Message Type", "Date/Time", "From", "Text"], *(["WeChat Message", _t(r), r["who"], r["text"]] for r in S)]), 1),
    "table_of_days": ("a.html", _table_of_days(), 1),
    "list_in_a_text": ("a.json", _json({"result": _json({"m": [{"t": _t(r), "f": r["who"], "c": r["text"]} for r in S]}).decode()}), 1),
    "heads_above_fields": ("a.txt", _lines([f"[message {r['n']}]\ntime={_t(r)}\nsender={r['who']}\ntext=\n{r['text']}\n" for r in S]), 1),
    "names_in_brackets": ("a.txt", _lines([f"{_t(r)}.{r['n']:03} [{r['who']}] {r['text']}" for r in S]), 1),
    "epoch_in_text": ("a.log", _lines([f"{_u(r)} {r['who']}: {r['text']}" for r in S]), 1),
    "quoted_tabs": ("a.txt", "\n".join("\t".join(f'"{c}"' for c in cells) for cells in [("Time", "Name", "Message"), *((_t(r), r["who"], r["text"]) for r in S)]).encode(), 1),
    "dotted_day_first": ("a.csv", _table([["When", "Who", "What"], *([f"{20 + r['at'].day}{_t(r, '.%m.%Y %H:%M')}", r["who"], r["text"]] for r in S)], ";"), 60),
    "log_of_a_program": ("a.log", _lines([f"{_t(r)},{r['n']:03} INFO  [chat.in] {r['who']}: {r['text']}" for r in S]), 1),
    "pairs_of_a_log": ("a.log", _lines([f"time={r['at'].isoformat()} level=info from={r['who']} text={json.dumps(r['text'], ensure_ascii=False)}" for r in S]), 1),
    "head_above_words": ("a.txt", _lines([f"From: {r['who']}\nTo: {'乙某' if r['who'] == '甲某' else '甲某'}\nSent: {_t(r)}\n\n{r['text']}\n\n--------\n" for r in S]), 1),
    "bold_headings": ("a.md", _lines([f"**[{_t(r)}] {r['who']}:** {r['text']}\n" for r in S]), 1),
    "rules_in_headings": ("a.txt", _lines([f"==== {_t(r)} ==== {r['who']} ====\n{r['text']}" for r in S]), 1),
    "weekday_in_brackets": ("a.txt", _by_day(lambda r: f"{_t(r, '%H:%M')}\t{r['who']}\t{_quoted(r['text'])}", "%Y/%m/%d（五）"), 60),
    "script_of_a_service": ("a.js", b"window.YTD.part0 = " + _json([{"dm": {"messages": [{"m": {"createdAt": r["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.432Z"), "senderId": r["id"], "text": r["text"]}} for r in S]}}]), 1),
    "breaks_in_xml": ("a.xml", ("<?xml version='1.0'?><chat>" + "".join(f"<m sender='{r['who']}' time='{r['at'].isoformat()}'><p>{escape(r['text']).replace(chr(10), '<br/>')}</p></m>" for r in S) + "</chat>").encode(), 1),
    "boxes_of_sms": ("a.xml", ("<?xml version='1.0'?><smses>" + "".join(f"<sms address='+86' date='{_u(r, 1000)}' type='{2 if r['who'] == '甲某' else 1}' body='{escape(r['text']).replace(chr(10), '&#10;')}' date_sent='0' contact_name='乙某'/>" for r in S) + "</smses>").encode(), 1),
    "insert_statements": ("a.sql", ("INSERT INTO `im` (`id`,`from_user`,`msg`,`gmt_create`) VALUES\n" + ",\n".join(f"({r['n']},'{r['who']}','{_mysql(r['text'])}','{_t(r)}')" for r in S) + ";\n").encode(), 1),
    "insert_without_names": ("a.sql", ("CREATE TABLE msg(id INTEGER PRIMARY KEY, who TEXT, txt TEXT, ts INTEGER);\n" + "".join(f"INSERT INTO msg VALUES({r['n']},'{r['who']}','{r['text']}',{_u(r)});\n" for r in S)).encode(), 1),
    "copied_rows": ("a.sql", ("COPY public.messages (id, sender, body, sent_at) FROM stdin;\n" + "".join(f"{r['n']}\t{r['who']}\t{_mysql(r['text'])}\t{_t(r)}+08\n" for r in S) + "\\.\n").encode(), 1),
    "year_last": ("a.csv", _table([["time", "user", "words"], *([_t(r, "%a %b %d %H:%M:%S +0800 %Y"), r["who"], r["text"]] for r in S)]), 1),
    "heading_below_other_rows": ("a.csv", _table([["甲方", "某公司", "乙方", "某店"], ["序号", "时间", "发送者", "内容"], *([r["n"], _t(r), r["who"], r["text"]] for r in S)]), 1),
    "elements_as_words": ("a.json", _json([{"time": _u(r), "author": r["who"], "body": f"<p>{escape(r['text']).replace(chr(10), '<br>')}</p>"} for r in S]), 1),
}  # fmt: skip
