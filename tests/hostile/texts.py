"""Text, XML, JSON, spreadsheets and mails made to burst, to fetch, to nest and to mislead."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from tests.contracts.golden import EXPORTS

LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;]>'
HEAD = "sent_at,text,sender,message_id\n"


def fixture(name: str, folder: Path, change: Callable[[bytes], bytes], suffix: str = "") -> Path:
    """A copy of a reader's first fixture, its first file of the suffix changed."""
    source = sorted((EXPORTS / name).iterdir())[0] / "input"
    target = folder / "input"
    shutil.copytree(source, target)
    file = sorted(f for f in target.rglob(f"*{suffix}") if f.is_file())[0]
    file.write_bytes(change(file.read_bytes()))
    inside = sorted(target.iterdir())
    return inside[0] if len(inside) == 1 else target


def member(name: str, inside: str, folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """A copy of a fixture that is one archive, one member of it changed."""
    path = fixture(name, folder, lambda b: b)
    with zipfile.ZipFile(path) as archive:
        content = {n: archive.read(n) for n in archive.namelist()}
    key = next(n for n in content if n.endswith(inside))
    content[key] = change(content[key])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for n, data in content.items():
            out.writestr(n, data)
    return path


def _doctype(words: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        text = data.decode("utf-8-sig")
        head, _, rest = text.partition("?>") if text.startswith("<?xml") else ("", "", text)
        start = f"{head}?>" if head else ""
        at = rest.index("<", rest.index(">"))
        return (start + words + rest[:at] + "&j;" + rest[at:]).encode()

    return change


def xml_laughs(folder: Path) -> Path:
    return fixture("axiom_xml", folder, _doctype(LAUGHS), ".xml")


def xml_outside(folder: Path) -> Path:
    return fixture("axiom_xml", folder, _doctype(OUTSIDE), ".xml")


def xml_quadratic(folder: Path) -> Path:
    return fixture("axiom_xml", folder, _doctype(f'<!DOCTYPE x [<!ENTITY j "{"x" * 2**20}">]>'), ".xml")


def xml_deep(folder: Path) -> Path:
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    return fixture("axiom_xml", folder, lambda d: d.replace(b">", b">" + deep, 2), ".xml")


def ufdr_laughs(folder: Path) -> Path:
    return member("cellebrite_ufdr", "report.xml", folder, _doctype(LAUGHS))


def forward_laughs(folder: Path) -> Path:
    return fixture("wechat_forward_xml", folder, _doctype(LAUGHS))


def message_xml_laughs(folder: Path) -> Path:
    body = LAUGHS + "<msg><appmsg><title>&j;</title><type>5</type></appmsg></msg>"
    frame = pl.DataFrame({"sent_at": ["2024-03-01T09:05:07+08:00"], "text": [body], "sender": ["wxid_a"]})
    frame.write_csv(folder / "a.csv")
    return folder / "a.csv"


def json_deep(folder: Path) -> Path:
    (folder / "a.json").write_text('{"messages": ' + "[" * 10_000 + "]" * 10_000 + "}")
    return folder / "a.json"


def json_deep_in_a_known_form(folder: Path) -> Path:
    deep = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    return fixture("weflow_json", folder, lambda d: d.rstrip()[:-1] + b',"x":' + deep + b"}", ".json")


def json_huge_number(folder: Path) -> Path:
    digits = b"9" * 20_000_000
    return fixture("weflow_json", folder, lambda d: d.rstrip()[:-1] + b',"x":' + digits + b"}", ".json")


def json_huge_number_in_a_row(folder: Path) -> Path:
    digits = b"9" * 5_000_000

    def change(data: bytes) -> bytes:
        rows = json.loads(data)
        rows["messages"][0]["createTime"] = "XX"
        return json.dumps(rows).encode().replace(b'"XX"', digits)

    return fixture("weflow_json", folder, change, ".json")


def json_huge_exponent(folder: Path) -> Path:
    return fixture("weflow_json", folder, lambda d: d.rstrip()[:-1] + b',"x":1e999999999999}', ".json")


def jsonl_huge_number(folder: Path) -> Path:
    line = '{"sent_at":"2024-03-01T09:05:07+08:00","text":"x","sender":"a","message_id":'
    (folder / "a.jsonl").write_text(line + "1}\n" + line + "9" * 10_000_000 + "}\n")
    return folder / "a.jsonl"


def sidecar_deep(folder: Path) -> Path:
    (folder / "a.csv").write_text(HEAD + "2024-03-01T09:05:07+08:00,x,a,1\n")
    (folder / "a.json").write_text('{"owner":' * 10_000 + "1" + "}" * 10_000)
    return folder


def csv_one_endless_line(folder: Path) -> Path:
    (folder / "a.csv").write_text(HEAD + "2024-03-01T09:05:07+08:00," + "x" * 10_000_000 + ",a,1\n")
    return folder / "a.csv"


def csv_quote_never_closed(folder: Path) -> Path:
    rows = '2024-03-01T09:05:07+08:00,"x,a,1\n' * 20_000
    return fixture("weflow_csv", folder, lambda d: d + rows.encode())


def csv_many_columns(folder: Path) -> Path:
    (folder / "a.csv").write_text(",".join(f"c{n}" for n in range(100_000)) + "\n" + "," * 99_999 + "\n")
    return folder / "a.csv"


def csv_million_broken_rows(folder: Path) -> Path:
    return fixture("weflow_csv", folder, lambda d: d + b'x,"\n' * 300_000)


def txt_of_spaces(folder: Path) -> Path:
    return fixture("weflow_txt", folder, lambda d: d + (" " * 200_000 + "\n").encode() * 5)


def txt_of_headers(folder: Path) -> Path:
    return fixture("wechatmsg_txt", folder, lambda d: d * 500)


def html_deep(folder: Path) -> Path:
    return fixture("wechatmsg_html", folder, lambda d: d.replace(b"<body", b"<div>" * 200_000 + b"<body", 1), ".html")


def html_unclosed_script(folder: Path) -> Path:
    return fixture("weflow_html", folder, lambda d: d + b"<script>" + b"<!--" * 100_000)


def mail_nested(folder: Path) -> Path:
    part = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(3_000))
    (folder / "a.eml").write_bytes(b"From: a@b\nTo: c@d\nSubject: WeChat\nMIME-Version: 1.0\n" + part)
    return folder / "a.eml"


def mail_endless_header(folder: Path) -> Path:
    return fixture("wechat_email", folder, lambda d: b"X-A: " + b"=?utf-8?q?" * 60_000 + b"\n" + d)


def parquet_of_endless_equal_rows(folder: Path) -> Path:
    count = 4_000_000
    texts = {"sent_at": "2024-03-01T09:05:07+08:00", "text": "x", "sender": "a"}
    frame = pl.select(pl.repeat(v, count).alias(k) for k, v in texts.items())
    frame.write_parquet(folder / "a.parquet", compression="zstd")
    return folder / "a.parquet"


def parquet_with_a_false_footer(folder: Path) -> Path:
    frame = pl.DataFrame({"sent_at": ["2024"] * 100, "text": ["x"] * 100, "sender": ["a"] * 100})
    frame.write_parquet(folder / "a.parquet")
    data = bytearray((folder / "a.parquet").read_bytes())
    data[-8:-4] = b"\xff\xff\xff\x7f"
    (folder / "a.parquet").write_bytes(data)
    return folder / "a.parquet"


def _sheet(change: Callable[[bytes], bytes], folder: Path, inside: str = "sheet1.xml") -> Path:
    return member("weflow_xlsx", inside, folder, change)


def xlsx_far_corners(folder: Path) -> Path:
    cell = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    return _sheet(lambda d: d.replace(b"</sheetData>", cell), folder)


def xlsx_bomb(folder: Path) -> Path:
    return _sheet(lambda d: d.replace(b"</sheetData>", b" " * 80_000_000 + b"</sheetData>"), folder)


def xlsx_laughs(folder: Path) -> Path:
    return _sheet(_doctype(LAUGHS), folder)


def xlsx_macros_and_links(folder: Path) -> Path:
    path = _sheet(lambda d: d, folder)
    with zipfile.ZipFile(path, "a") as out:
        out.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(5_000))
        out.writestr(
            "xl/externalLinks/externalLink1.xml",
            b'<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>',
        )
        out.writestr(
            "xl/externalLinks/_rels/externalLink1.xml.rels",
            b'<Relationships><Relationship Target="file:///etc/passwd" TargetMode="External"/></Relationships>',
        )
    return path


def xlsx_dimension_lies(folder: Path) -> Path:
    return _sheet(lambda d: d.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>', 1), folder)


def docx_as_export(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.docx", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", b"<Types/>")
        out.writestr("word/document.xml", bytes(80_000_000))
    return folder / "a.docx"


def direction_and_invisible(folder: Path) -> Path:
    rows = "".join(
        f"2024-03-01T09:05:0{n}+08:00,{t},wxid_a,\n"
        for n, t in enumerate(("\u202e001元", "1\u200b00元", "\u0440aypal", "\x1b]0;x\x07", "a\x00b"))
    )
    (folder / "a.csv").write_text(HEAD + rows, "utf-8")
    return folder / "a.csv"


def csv_with_a_hole(folder: Path) -> Path:
    with (folder / "a.csv").open("wb") as out:
        out.write(HEAD.encode() + b"2024-03-01T09:05:07+08:00,hi,wxid_a,\n")
        out.truncate(3 * 2**30)
    return folder / "a.csv"


def workbook_cut_short(folder: Path) -> Path:
    return fixture("memotrace_xlsx", folder, lambda b: b[: len(b) // 2], ".xlsx")


TEXTS = {
    csv_with_a_hole: ("max_unpack_ratio",), workbook_cut_short: ("is incomplete", "copy it again"),
    xml_laughs: None, xml_outside: None, xml_quadratic: None, xml_deep: None, ufdr_laughs: None, forward_laughs: None, message_xml_laughs: None,
    json_deep: None, json_deep_in_a_known_form: ("max_nesting_depth",), json_huge_number: None, json_huge_number_in_a_row: None, json_huge_exponent: None, jsonl_huge_number: None,
    sidecar_deep: None, csv_one_endless_line: None, csv_quote_never_closed: None, csv_many_columns: None, csv_million_broken_rows: None, txt_of_spaces: None,
    txt_of_headers: None, html_deep: None, html_unclosed_script: None, mail_nested: None, mail_endless_header: None,
    parquet_of_endless_equal_rows: ("max_cells",), parquet_with_a_false_footer: ("a.parquet",), xlsx_far_corners: ("max_cells",), xlsx_bomb: ("max_unpack",), xlsx_laughs: None,
    xlsx_macros_and_links: (), xlsx_dimension_lies: (), docx_as_export: None, direction_and_invisible: None,
}  # fmt: skip
