"""More attacks: stores of very heavy values, odd schemas and files, forms nested, widened or repeated a million times.

They take minutes to build and are run by hand (tests/hostile/run.py); what they found is held by quick tests.
"""

import gzip
import json
import plistlib
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import zstandard

from tests.build import databases as build
from tests.build import moments
from tests.hostile.archives import CSV, forged, packed
from tests.hostile.stores import by_sql, wechat4, windows
from tests.hostile.texts import HEAD, fixture, member

# Bytes of one value that lie just below what a value may have.
HEAVY = 60_000_000


def _heavy(root: Path, files: str, table: str, column: str, value: str = f"randomblob({HEAVY})", rows: int = 5) -> Path:
    """The first rows of the first fitting table, each with a value that nothing shrinks."""
    file = next(iter(sorted(root.rglob(files))))
    with closing(sqlite3.connect(file)) as db, db:
        name = next(n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' AND name LIKE ?", (table,)))  # fmt: skip
        chosen = f'SELECT rowid FROM "{name}" ORDER BY rowid LIMIT {rows}'
        db.execute(f'UPDATE "{name}" SET "{column}" = {value} WHERE rowid IN ({chosen})')
    return root


def heavy_bodies_of_4(folder: Path) -> Path:
    return _heavy(wechat4(folder), "message_0.db", "Msg_%", "message_content")


def heavy_sources_of_4(folder: Path) -> Path:
    return _heavy(wechat4(folder), "message_0.db", "Msg_%", "source")


def heavy_texts_of_4(folder: Path) -> Path:
    return _heavy(wechat4(folder), "message_0.db", "Msg_%", "message_content", f"replace(hex(zeroblob({HEAVY // 2})), '0', 'a')")  # fmt: skip


def heavy_extras_of_windows(folder: Path) -> Path:
    return _heavy(windows(folder), "MSG0.db", "MSG", "BytesExtra")


def heavy_protobuf_of_windows(folder: Path) -> Path:
    return _heavy(windows(folder), "MSG0.db", "MSG", "BytesExtra", f"CAST(replace(hex(zeroblob({HEAVY // 4})), '00', char(26,0)) AS BLOB)")  # fmt: skip


def heavy_packed_of_windows(folder: Path) -> Path:
    return _heavy(windows(folder), "MSG0.db", "MSG", "CompressContent")


def heavy_moments(folder: Path) -> Path:
    moments.write_wechat4(folder / "m" / "db_storage" / "sns" / "sns.db", moments.STORY)
    return _heavy(folder / "m", "sns.db", "SnsTimeLine", "content")


def heavy_xml_of_moments(folder: Path) -> Path:
    moments.write_wechat4(folder / "m" / "db_storage" / "sns" / "sns.db", moments.STORY)
    xml = f"replace(content, '<contentDesc>', '<contentDesc>' || replace(hex(zeroblob({HEAVY // 2})), '0', 'a'))"
    return _heavy(folder / "m", "sns.db", "SnsTimeLine", "content", xml)


def heavy_windows_moments(folder: Path) -> Path:
    moments.write_windows(folder / "m" / "Msg" / "Sns.db", moments.STORY)
    return _heavy(folder / "m", "Sns.db", "Feeds%", "Content")


def heavy_android_moments(folder: Path) -> Path:
    place = folder / "m" / "MicroMsg" / "0123456789abcdef0123456789abcdef" / "SnsMicroMsg.db"
    moments.write_android(place, moments.STORY)
    return _heavy(folder / "m", "SnsMicroMsg.db", "SnsInfo", "content")


# ------------------------------------------------------------------------------------------- schemas and pages


def columns_two_thousand(folder: Path) -> Path:
    return by_sql(windows(folder), *(f"ALTER TABLE MSG ADD COLUMN c{n}" for n in range(1_900)))


def schema_of_megabytes(folder: Path) -> Path:
    return by_sql(windows(folder), f"CREATE TABLE big (a TEXT DEFAULT '{'x' * 20_000_000}')")


def trigger_that_calls_itself(folder: Path) -> Path:
    return by_sql(windows(folder), "PRAGMA recursive_triggers=ON", "CREATE TRIGGER r AFTER UPDATE ON MSG BEGIN UPDATE MSG SET Type = Type + 1; END")  # fmt: skip


def table_without_rowid(folder: Path) -> Path:
    root = windows(folder)
    return by_sql(
        root,
        "ALTER TABLE MSG RENAME TO was",
        "CREATE TABLE MSG (localId INTEGER, TalkerId, MsgSvrID INT, Type INT, SubType INT, IsSender INT, CreateTime INT, Sequence INT, StrTalker TEXT, StrContent TEXT, BytesExtra BLOB, PRIMARY KEY (localId)) WITHOUT ROWID",
        "INSERT INTO MSG SELECT localId, TalkerId, MsgSvrID, Type, SubType, IsSender, CreateTime, Sequence, StrTalker, StrContent, BytesExtra FROM was",
        "DROP TABLE was",
    )


def view_in_place_of_a_table(folder: Path) -> Path:
    return by_sql(windows(folder), "ALTER TABLE MSG RENAME TO was", "CREATE VIEW MSG AS SELECT a.* FROM was a, was b, was c, was d, was e")  # fmt: skip


def full_text_table_as_messages(folder: Path) -> Path:
    return by_sql(windows(folder), "ALTER TABLE MSG RENAME TO was", "CREATE VIRTUAL TABLE MSG USING fts4(localId, StrTalker, StrContent)", "INSERT INTO MSG SELECT localId, StrTalker, StrContent FROM was")  # fmt: skip


def index_by_a_function_that_is_not_there(folder: Path) -> Path:
    return by_sql(windows(folder), "CREATE INDEX i ON MSG (abs(Type))", "UPDATE sqlite_master SET sql='CREATE INDEX i ON MSG (evil(Type))' WHERE name='i'")  # fmt: skip


def generated_column_of_every_row(folder: Path) -> Path:
    return by_sql(windows(folder), "ALTER TABLE MSG ADD COLUMN g AS (replace(hex(zeroblob(50000000)), '0', StrContent))", "ALTER TABLE MSG RENAME COLUMN BytesTrans TO t", "ALTER TABLE MSG RENAME COLUMN g TO BytesTrans")  # fmt: skip


def _header(at: int, value: bytes) -> Callable[[Path], Path]:
    def change(folder: Path) -> Path:
        root = windows(folder)
        file = next(root.rglob("MSG0.db"))
        data = bytearray(file.read_bytes())
        data[at : at + len(value)] = value
        file.write_bytes(data)
        return root

    return change


def reserved_space_of_a_whole_page(folder: Path) -> Path:
    return _header(20, b"\xff")(folder)


def wrong_page_size(folder: Path) -> Path:
    return _header(16, struct.pack(">H", 512))(folder)


def freelist_that_goes_round(folder: Path) -> Path:
    return _header(32, struct.pack(">LL", 3, 2**31 - 1))(folder)


def huge_freelist(folder: Path) -> Path:
    root = windows(folder)
    with closing(sqlite3.connect(next(root.rglob("MSG0.db")))) as db:
        db.execute("CREATE TABLE t (a)")
        db.execute("INSERT INTO t VALUES (zeroblob(300000000))")
        db.commit()
        db.execute("DROP TABLE t")
        db.commit()
    return root


def other_text_encoding(folder: Path) -> Path:
    return _header(56, struct.pack(">L", 2))(folder)


# ------------------------------------------------------------------------------------------- packings


def zstd_window_of_two_gigabytes(folder: Path) -> Path:
    # Magic, no size, window descriptor of 2 GB, one raw block of four bytes that is the last.
    return _v4(folder, b"\x28\xb5\x2f\xfd\x00" + bytes([21 << 3]) + b"\x21\x00\x00" + b"abcd")


def zstd_frames_by_the_thousand(folder: Path) -> Path:
    return _v4(folder, zstandard.ZstdCompressor().compress(b"a") * 100_000)


def zstd_skippable_only(folder: Path) -> Path:
    return _v4(folder, b"\x50\x2a\x4d\x18\xff\xff\xff\xff")


def protobuf_groups(folder: Path) -> Path:
    root = windows(folder)
    with closing(sqlite3.connect(next(root.rglob("MSG0.db")))) as db, db:
        db.execute("UPDATE MSG SET BytesExtra = ?", (b"\x0b" * 2_000_000,))
    return root


def _v4(folder: Path, body: bytes) -> Path:
    root = wechat4(folder)
    for file in root.rglob("message_*.db"):
        with closing(sqlite3.connect(file)) as db, db:
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' AND name GLOB 'Msg_*'").fetchall():  # fmt: skip
                db.execute(f'UPDATE "{table}" SET message_content = ?, source = ?', (body, body))
    return root


def zip_of_utf7_names(folder: Path) -> Path:
    return packed(folder / "a.zip", ("+AC4ALgAv-+AC4ALgAv-x.csv", CSV))


def zip64_count_of_members_lies(folder: Path) -> Path:
    path = packed(folder / "a.zip", ("a.csv", CSV))
    data = path.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    at, size = struct.unpack("<LL", data[end + 16 : end + 20] + data[end + 12 : end + 16])
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2**40, 2**40, size, at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(data[:end] + record + locator + tail)
    return path


def overlapping_members_of_small_size(folder: Path) -> Path:
    return forged(folder / "a.zip", [(f"{n}.csv".encode(), 0, len(CSV)) for n in range(300)])


def gzip_of_a_table(folder: Path) -> Path:
    with gzip.open(folder / "a.csv.gz", "wb") as out:
        for _ in range(200):
            out.write(bytes(2**20))
    return folder / "a.csv.gz"


# ------------------------------------------------------------------------------------------- texts


def xlsx_shared_strings_by_the_million(folder: Path) -> Path:
    strings = "<sst>" + "<si><t>x</t></si>" * 1_000_000 + "</sst>"
    path = member("weflow_xlsx", "sheet1.xml", folder, lambda d: d)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/sharedStrings.xml", strings)
    return path


def xlsx_formula_nested(folder: Path) -> Path:
    deep = b"<f>" + b"SUM(" * 100_000 + b"1" + b")" * 100_000 + b"</f><v>1</v>"
    return member("weflow_xlsx", "sheet1.xml", folder, lambda d: d.replace(b"<v>", deep + b"<v>", 1).replace(b"<is>", deep + b"<is>", 1))  # fmt: skip


def xlsx_deep(folder: Path) -> Path:
    return member("weflow_xlsx", "sheet1.xml", folder, lambda d: d.replace(b"<sheetData>", b"<x>" * 200_000 + b"<sheetData>"))  # fmt: skip


def xml_attributes_by_the_million(folder: Path) -> Path:
    many = b"<Artifact " + b" ".join(b'a%d="1"' % n for n in range(1_000_000)) + b"/>"
    return fixture("axiom_xml", folder, lambda d: d.replace(b">", b">" + many, 2), ".xml")


def xml_nodes_by_the_million(folder: Path) -> Path:
    return fixture("axiom_xml", folder, lambda d: d.replace(b"<Hits>", b"<Hits>" + b"<Hit/>" * 1_000_000, 1), ".xml")


def message_xml_deep(folder: Path) -> Path:
    body = "<msg><appmsg>" + "<a>" * 200_000 + "</appmsg></msg>"
    return _rows(folder, [body] * 3)


def forward_inside_forward(folder: Path) -> Path:
    body = "x"
    for _ in range(60):
        body = f"<recordinfo><datalist><dataitem datatype='17'><recordxml>{body}</recordxml></dataitem></datalist></recordinfo>"
    return _rows(folder, [f"<msg><appmsg><title>t</title><type>19</type><recorditem>{body}</recorditem></appmsg></msg>"])  # fmt: skip


def _rows(folder: Path, bodies: list[str]) -> Path:
    lines = [json.dumps({"sent_at": "2024-03-01T09:05:07+08:00", "text": b, "sender": "wxid_a"}) for b in bodies]
    (folder / "a.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder / "a.jsonl"


def json_keys_of_one_name(folder: Path) -> Path:
    keys = b'"a":1,' * 1_000_000
    return fixture("weflow_json", folder, lambda d: d.replace(b"{", b"{" + keys, 1), ".json")


def json_keys_of_other_names(folder: Path) -> Path:
    keys = b"".join(b'"k%d":1,' % n for n in range(1_000_000))
    return fixture("weflow_json", folder, lambda d: d.replace(b'"messages": [{', b'"messages": [{' + keys, 1).replace(b'"messages":[{', b'"messages":[{' + keys, 1), ".json")  # fmt: skip


def json_rows_each_of_its_own_keys(folder: Path) -> Path:
    rows = ",".join(f'{{"createTime":1723600805,"type":"text","content":"x","k{n}":1}}' for n in range(20_000))
    return fixture("weflow_json", folder, lambda d: d.rstrip()[:-1] + b',"more":[' + rows.encode() + b"]}", ".json")


def jsonl_rows_each_of_its_own_keys(folder: Path) -> Path:
    rows = "\n".join(f'{{"sent_at":"2024-03-01T09:05:07+08:00","text":"x","sender":"a","k{n}":1}}' for n in range(30_000))  # fmt: skip
    (folder / "a.jsonl").write_text(rows + "\n")
    return folder / "a.jsonl"


def json_surrogates_and_numbers(folder: Path) -> Path:
    def change(data: bytes) -> bytes:
        kept = json.loads(data)
        for row, bad in zip(kept["messages"], ("\ud800", "\udfff\ud800", float("nan"), float("inf"), 10**400, -(10**30)), strict=False):  # fmt: skip
            row["content"] = row["createTime"] = bad
        return json.dumps(kept).replace("Infinity", "1e400").encode()

    return fixture("weflow_json", folder, change, ".json")


def csv_million_columns(folder: Path) -> Path:
    (folder / "a.csv").write_text(",".join(f"c{n}" for n in range(1_000_000)) + "\n" + "," * 999_999 + "\n")
    return folder / "a.csv"


def csv_known_form_of_a_million_columns(folder: Path) -> Path:
    return fixture("weflow_csv", folder, lambda d: d.replace(b"\n", b"," * 300_000 + b"\n", 2))


def csv_field_of_two_hundred_megabytes(folder: Path) -> Path:
    with (folder / "a.csv").open("w") as out:
        out.write(HEAD + '2024-03-01T09:05:07+08:00,"')
        for _ in range(200):
            out.write("x\n" * 2**19)
        out.write('",a,1\n')
    return folder / "a.csv"


def csv_quotes_by_the_million(folder: Path) -> Path:
    return fixture("weflow_csv", folder, lambda d: d + b'"' * 5_000_001)


def html_rows_deep(folder: Path) -> Path:
    return fixture("wechatexporter_html", folder, lambda d: d.replace(b"<body>", b"<body>" + b'<div class="msg chat left">' * 100_000, 1), ".html")  # fmt: skip


def html_entities(folder: Path) -> Path:
    return fixture("wechatexporter_html", folder, lambda d: d + b"&amp" * 1_000_000 + b"&#x10ffff" * 300_000, ".html")


def mail_of_many_parts(folder: Path) -> Path:
    part = b"--b\nContent-Type: text/plain\n\nx\n" * 100_000
    (folder / "a.eml").write_bytes(b'From: a@b\nTo: c@d\nSubject: WeChat\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n' + part + b"--b--\n")  # fmt: skip
    return folder / "a.eml"


def mail_in_mail(folder: Path) -> Path:
    head = b"Content-Type: message/rfc822\n\nFrom: a@b\nTo: c@d\nSubject: WeChat\nMIME-Version: 1.0\n"
    (folder / "a.eml").write_bytes(b"From: a@b\nTo: c@d\nSubject: WeChat\nMIME-Version: 1.0\n" + head * 20_000 + b"\nx\n")  # fmt: skip
    return folder / "a.eml"


def _backup(folder: Path, info: bytes) -> Path:
    from tests.build.client_forms import write_ios_backup

    root = write_ios_backup(folder, build.view(build.JIA), build.JIA)
    for name in ("Info.plist", "Manifest.plist", "Status.plist"):
        (root / name).write_bytes(info)
    return root


def plist_laughs(folder: Path) -> Path:
    from tests.hostile.texts import LAUGHS

    return _backup(folder, f'<?xml version="1.0"?>{LAUGHS}<plist><dict><key>a</key><string>&j;</string></dict></plist>'.encode())  # fmt: skip


def plist_of_itself(folder: Path) -> Path:
    # An array of a thousand references to the array below it, forty deep: 10^120 elements where they are walked.
    objects = [b"\xaf\x10\x14" + bytes([n + 1]) * 20 for n in range(40)] + [b"\x10\x01"]
    body, at = b"bplist00", []
    for o in objects:
        at.append(len(body))
        body += o
    table = b"".join(struct.pack(">H", n) for n in at)
    return _backup(folder, body + table + struct.pack(">6xBBQQQ", 2, 1, len(objects), 0, len(body)))


def plist_deep(folder: Path) -> Path:
    return _backup(folder, b'<?xml version="1.0"?><plist>' + b"<array>" * 100_000 + b"</array>" * 100_000 + b"</plist>")


def plist_in_a_row(folder: Path) -> Path:
    from tests.build.moments import write_ios

    place = folder / "m" / "Documents" / ("0" * 32) / "wc" / "wc005_008.db"
    write_ios(place, moments.STORY)
    data = plistlib.dumps({"$objects": [0], "$top": {}}, fmt=plistlib.FMT_BINARY)
    return _heavy(folder / "m", "wc005_008.db", "MyWC01%", "Buffer", f"x'{data.hex()}'")


def txt_one_line_without_end(folder: Path) -> Path:
    return fixture("weflow_txt", folder, lambda d: d + "好".encode() * 20_000_000)


def txt_lines_by_the_million(folder: Path) -> Path:
    return fixture("weflow_txt", folder, lambda d: d + b"\n" * 10_000_000)


def txt_headings_almost(folder: Path) -> Path:
    line = "2024-08-14 10:00;12 '赵房东'\n"
    return fixture("weflow_txt", folder, lambda d: d + line.encode() * 100_000)


HEAVIES: dict[str, tuple[Callable[[Path], Path], tuple[str, ...] | None]] = {
    f.__name__: (f, None)
    for f in list(globals().values())
    if callable(f) and getattr(f, "__module__", "") == __name__ and not f.__name__.startswith("_")
}
