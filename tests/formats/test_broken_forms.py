"""Broken, cut, foreign and hostile files of every interchange, mail, forensic and table form end in one line or a note."""

import io
import random
import shutil
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle, product
from pathlib import Path

import orjson
import pytest

from reconcile import read as detected
from reconcile.errors import ReconcileError
from reconcile.formats.registry import all_readers
from reconcile.frames import Messages
from reconcile.intake.contract import Reader, Reading, ReadOptions
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind, NoteCode
from tests.conftest import UNTIMED, Within
from tests.contracts.golden import EXPORTS
from tests.thorough import WHOLE, examples, some

NAMES = (
    "axiom_csv", "axiom_xml", "case_uco_jsonld", "cellebrite_txt", "cellebrite_ufdr", "cellebrite_xlsx", "chatlab_json", "chatlog_csv",
    "chatlog_json", "chatlog_text", "ciphertalk_json", "echotrace_json", "relativity_rsmf", "wechat_copied_text", "wechat_email", "wechat_forward_xml",
    "wechatdataanalysis_zip", "wechatexporter_html", "wechatexporter_txt",
)  # fmt: skip
TOKENS = (
    b"\x00",
    b"\xff\xfe",
    b'"',
    b"null",
    b"[]",
    b"{}",
    b"1e400",
    b"-1",
    b"9" * 25,
    b"\n",
    b",",
    b"<",
    b"]]>",
    b"&x;",
    b"\\",
    b"\xe4",
    b"true",
)
CONTENTS = (
    b"\x89PNG\r\n\x1a\n\x00\x00", b"SQLite format 3\x00" + b"\x00" * 100, "只是一段话。\n没有别的。\n".encode(), b"{}", b"[1,2,3]", b"<a/>",
    b"a,b\n1,2\n",
)  # fmt: skip
ENDINGS = (".json", ".csv", ".txt", ".xml", ".zip", ".xlsx", ".html", ".eml", ".rsmf")
BY_NAME = {r.name: r for r in all_readers()}


def read(reader: str, path: Path) -> Reading:
    source = Source(path)
    return BY_NAME[reader].read(source, ReadOptions())


def mutated(data: bytes, rng: random.Random) -> bytes:
    i = rng.randrange(len(data))
    j = min(len(data), i + rng.randrange(1, 60))
    return rng.choice(
        [
            data[:i],
            data[:i] + rng.choice(TOKENS) + data[i:],
            data[:i] + data[j:],
            data[:j] + data[i:],
            data[:i] + rng.choice(TOKENS) + data[j:],
        ]
    )


def outcome(reader: Reader, path: Path, others: Sequence[Reader] = all_readers()) -> None:
    """Looked at by all others, read, or refused in one line; anything else is a traceback and fails the test."""
    said = ""
    reading = None
    try:
        source = Source(path)
        for other in others:
            other.sniff(source)
        reading = reader.read(source, ReadOptions())
    except ReconcileError as error:
        said = str(error)
    assert "\n" not in said
    if reading is None:
        return
    Messages.validate(reading.messages)
    assert reading.messages["locator"].is_unique().all()


@pytest.mark.parametrize("name", some(NAMES, 2))
def test_damaged_files_never_end_in_a_traceback(name: str, tmp_path: Path) -> None:
    rng = random.Random(name)
    cases = sorted((EXPORTS / name).iterdir())
    # Each fixture of every form is cut, and damaged by its structure, in tests of their own.
    for at, case in enumerate(cases[: examples(1, len(cases))]):
        files = [f for f in (case / "input").rglob("*") if f.is_file()]
        for n in range(examples(1, 8)):
            copy = tmp_path / f"{case.name}-{n}"
            shutil.copytree(case / "input", copy)
            file = copy / rng.choice(files).relative_to(case / "input")
            file.write_bytes(mutated(file.read_bytes(), rng))
            inside = sorted(copy.iterdir())
            # Every other reader looks at one damaged file of the form.
            outcome(BY_NAME[name], inside[0] if len(inside) == 1 else copy, () if at or n else all_readers())


@pytest.mark.parametrize("name", some(NAMES, 2))
def test_another_forms_file_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    # The files are the same for every reader: one form meets each content under each ending, and so do all others that
    # look at them; every other form meets each content and each ending.
    is_first = name == NAMES[0] or WHOLE
    for content, suffix in product(CONTENTS, ENDINGS) if is_first else zip(cycle(CONTENTS), ENDINGS, strict=False):
        file = tmp_path / f"x{suffix}"
        file.write_bytes(content)
        outcome(BY_NAME[name], file, all_readers() if name == NAMES[0] else ())


def test_entities_are_not_resolved_and_bombs_cost_nothing(tmp_path: Path, within: Within) -> None:
    secret = tmp_path / "secret"
    secret.write_text("geheim", "utf-8")
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    report = f'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY l0 "x">{levels}<!ENTITY f SYSTEM "file://{secret}">]>'
    report += '<project xmlns="http://pa.cellebrite.com/report/2.0"><modelType type="Chat"><model type="Chat" id="c"><multiModelField name="Messages">'
    report += '<model type="InstantMessage" id="m"><field name="Body"><value>&l8;&f;</value></field></model></multiModelField></model></modelType></project>'
    (tmp_path / "report.xml").write_text(report, "utf-8")
    found = [""]
    with within(5), suppress(ReconcileError):
        found = read("cellebrite_ufdr", tmp_path / "report.xml").messages["text"].to_list()
    assert all(len(t) < 1000 and "geheim" not in t for t in found)


def test_forensic_report_cut_in_the_middle_says_how_far_it_goes(tmp_path: Path) -> None:
    data = (EXPORTS / "cellebrite_ufdr/rent_side_b/input/report.xml").read_bytes()
    (tmp_path / "report.xml").write_bytes(data[: len(data) // 2])
    with pytest.raises(ReconcileError, match=r"cut short after \d+ elements"):
        read("cellebrite_ufdr", tmp_path / "report.xml")


def test_packed_bomb_inside_a_mail_is_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rsmf_manifest.json", b" " * (64 * 2**20))
    (tmp_path / "rsmf.zip").write_bytes(inner.getvalue())
    with pytest.raises(ReconcileError, match=r"claims|no valid JSON"):
        read("relativity_rsmf", tmp_path / "rsmf.zip")


@pytest.mark.parametrize(
    ("reader", "name", "head", "again", "many", "end"),
    [
        ("wechatexporter_txt", "a.txt", "甲 - 微信聊天记录\n\n甲 (2024-03-01 09:00:05):好\n", "- - - - - - -\n", 60_000, ""),
        ("wechatexporter_txt", "b.txt", "甲 - 微信聊天记录\n\n甲 (2024-03-01 09:00:05):好\n", "<< 标题\n", 60_000, "别的 结束 >>\n" * 3),
        ("wechat_email", "c.txt", "Dear:\n微信群\"甲\"的聊天记录如下:\n—————  2024-3-1  —————\n甲  09:00\n好", "\n", 200_000, "尾\n"),
        ("wechat_email", "d.txt", "Dear:\n微信群\"甲\"的聊天记录如下:\n", "—————  2024-3-1  —————\n甲  09:00\n好\n", 20_000, ""),
        ("chatlog_text", "e.txt", "", "".join(f"甲(wxid_jia0001) 09:{n:02}:00\n好\n\n" for n in range(60)), 600, ""),
        ("wechat_copied_text", "f.txt", "甲:\n好\n\n乙:\n好\n\n", "a:", 100_000, ""),
    ],
)  # fmt: skip
def test_texts_made_to_be_slow_are_not(
    reader: str, name: str, head: str, again: str, many: int, end: str, tmp_path: Path, timed: bool, within: Within
) -> None:
    (tmp_path / name).write_text(head + again * (many if timed else many // UNTIMED) + end, "utf-8")
    with within(10):
        outcome(BY_NAME[reader], tmp_path / name)


def test_float_and_overlong_numbers_become_no_ids(tmp_path: Path) -> None:
    rows = [
        {"sender": "a", "timestamp": 1709254805.5, "type": 0, "content": "好", "platformMessageId": 6.1e18},
        {"sender": "a", "timestamp": 10**30, "type": "x", "content": 5},
    ]
    whole = {"chatlab": {"version": "1"}, "meta": {"type": "private"}, "messages": rows[:1]}
    (tmp_path / "a.json").write_bytes(orjson.dumps(whole))
    reading = read("chatlab_json", tmp_path / "a.json")
    assert reading.messages["message_id"].null_count() == 1
    assert {n.code for n in reading.notes} >= {NoteCode.ID_SPREADSHEET, NoteCode.BAD_TIME}


def test_typed_transfer_in_a_form_that_names_kinds_stays_text(tmp_path: Path) -> None:
    row = {
        "sender": "a",
        "timestamp": 1709254805,
        "type": 0,
        "content": "[转账] ￥99999.00",
        "platformMessageId": "6116895530414915131",
    }
    (tmp_path / "a.json").write_bytes(orjson.dumps({"chatlab": {"version": "1"}, "meta": {}, "messages": [row]}))
    reading = read("chatlab_json", tmp_path / "a.json")
    assert reading.messages["kind"].to_list() == [Kind.TEXT]
    assert reading.messages["amount"].null_count() == 1


@pytest.mark.parametrize(
    ("reader", "name", "content"),
    [
        ("chatlog_json", "a.json", b"[]"), ("chatlog_csv", "a.csv", b"Time,SenderName,Sender,TalkerName,Talker,Content\n"),
        ("axiom_csv", "b.csv", b"Message,Message Sent Date/Time - UTC+00:00,Sender\n"), ("inferred", "c.csv", "时间,发送人,内容\n".encode()),
        ("wechatexporter_txt", "d.txt", "甲 - 微信聊天记录\n\n".encode()), ("chatlab_json", "e.json", b'{"chatlab":{"version":"1"},"meta":{},"messages":[]}'),
    ],
)  # fmt: skip
def test_export_without_rows_is_read_as_empty_or_refused(
    reader: str, name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    outcome(BY_NAME[reader], tmp_path / name)


@pytest.mark.parametrize("name", ["z.zip", "z"])
def test_a_slice_of_rsmf_that_bears_another_ending_is_read_with_the_others(name: str, tmp_path: Path) -> None:
    shutil.copytree(EXPORTS / "relativity_rsmf" / "rent_side_a" / "input", tmp_path / "x")
    whole = detected(tmp_path / "x").messages.height
    last = max((tmp_path / "x").rglob("*.rsmf"))
    last.rename(last.with_name(name))
    assert detected(tmp_path / "x").messages.height == whole
    assert detected(last.with_name(name)).messages.height > 0
