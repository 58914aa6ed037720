"""The checklist says of each row what is there, what lacks and what was seen, and never more; pages hold all of it."""

import re
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from selectolax.lexbor import LexborHTMLParser

from reconcile.custody.seal import seal
from reconcile.errors import CaseError, CaseNotEmpty, CaseNotFound
from reconcile.report.docx_report import document_of
from reconcile.submission.case_file import init_case, load_case
from reconcile.submission.checklist import checklist
from reconcile.submission.checklist_model import ChecklistData, ChecklistRow, Status
from reconcile.submission.checklist_page import to_html, to_json
from reconcile.submission.checklist_rows import RULES
from reconcile.wording import LANGS, Lang, section
from tests.build.posts_case import write_sides

TODAY = date(2025, 6, 1)
EXPORT = "sent_at,text,sender,is_self,kind\n2024-03-01 09:00:00,在吗,wxid_jia0001,true,text\n2024-03-01 09:00:30,[图片],wxid_yi0002,false,image\n2024-03-01 09:01:00,[语音],wxid_yi0002,false,voice\n"  # fmt: skip
SIDECAR = '{"owner":{"id":"wxid_jia0001"},"tool":"WeFlow","exported_at":"2025-05-30 20:00","timezone":"Asia/Shanghai"}'


@pytest.fixture
def case(tmp_path: Path) -> Path:
    init_case(tmp_path / "甲诉乙")
    return tmp_path / "甲诉乙"


def put(case: Path, row: int, name: str, content: str = "x") -> None:
    (next(case.glob(f"{row:02d}_*")) / name).write_text(content, "utf-8")


def write(case: Path, **values: str) -> None:
    text = (case / "case.toml").read_text("utf-8")
    for key, value in values.items():
        text = re.sub(rf'^{key} = ""', f'{key} = "{value}"', text, flags=re.M)
    (case / "case.toml").write_text(text, "utf-8")


def row(case: Path, number: int) -> ChecklistRow:
    return checklist(case, today=TODAY).rows[number - 1]


def lacks(case: Path, number: int) -> list[str]:
    return [r.code for r in row(case, number).lacks]


def export(case: Path) -> None:
    put(case, 8, "聊天.csv", EXPORT)
    put(case, 8, "聊天.json", SIDECAR)


@pytest.mark.parametrize("lang", LANGS)
def test_a_fresh_case_file_is_readable_and_empty(tmp_path: Path, lang: Lang) -> None:
    init_case(tmp_path / lang, lang)
    assert load_case(tmp_path / lang).case.plaintiff == ""


def test_both_templates_hold_the_same_keys(tmp_path: Path) -> None:
    for lang in LANGS:
        init_case(tmp_path / lang, lang)
    zh, en = (load_case(tmp_path / lang).model_dump() for lang in LANGS)
    assert zh == en


def test_an_existing_case_is_never_written_over(case: Path) -> None:
    with pytest.raises(CaseNotEmpty):
        init_case(case)


def test_an_empty_case_has_no_present_row(case: Path) -> None:
    assert checklist(case, today=TODAY).count(Status.PRESENT) == 0


def test_every_row_has_a_rule_and_its_words_in_both_languages() -> None:
    keys = section("checklist")
    missing = [f"{k}_{n:02d}" for n in RULES for k in ("row", "need", "basis") if f"{k}_{n:02d}" not in keys]
    assert (sorted(RULES), missing) == (list(range(1, 25)), [])


def test_a_file_in_a_rows_folder_is_found_hashed_and_makes_the_row_present(case: Path) -> None:
    put(case, 22, "证据目录.docx", "abc")
    found = row(case, 22)
    assert (found.status, found.files[0].path) == (Status.PRESENT, "22_证据目录/证据目录.docx")
    assert found.files[0].sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_file_named_in_the_case_file_and_not_there_is_lacking(case: Path) -> None:
    (case / "case.toml").write_text('[item.22]\nfiles = ["gone.docx"]\n')
    put(case, 22, "证据目录.docx")
    assert (row(case, 22).status, lacks(case, 22)) == (Status.UNCLEAR, ["file_not_there"])


def test_a_picture_is_no_recording_of_signing_in(case: Path) -> None:
    put(case, 3, "登录.pdf")
    assert lacks(case, 3) == ["recording"]


def test_an_export_is_read_and_what_it_states_counts(case: Path) -> None:
    export(case)
    write(case, path="手机备份", filters="无")
    found = row(case, 8)
    assert (found.status, [s.code for s in found.seen], found.seen[0].values["count"]) == (Status.PRESENT, ["span"], "3")  # fmt: skip


def test_an_export_without_its_path_is_unclear(case: Path) -> None:
    export(case)
    assert lacks(case, 8) == ["record_path", "record_filters"]


def test_an_export_that_nobody_can_read_is_unclear_with_the_reason(case: Path) -> None:
    put(case, 8, "x.bin", "\x00\x01")
    assert (row(case, 8).status, lacks(case, 8)) == (Status.UNCLEAR, ["not_read"])


def test_the_exports_owner_stands_in_for_the_internal_id(case: Path) -> None:
    export(case)
    write(case, alias="jia88", nickname="甲", phone="138")
    put(case, 4, "我.png")
    assert (row(case, 4).status, row(case, 4).seen[0].values["id"]) == (Status.PRESENT, "wxid_jia0001")


def test_an_account_that_was_not_declared_is_said(case: Path) -> None:
    export(case)
    write(case, wxid="wxid_other", alias="jia88", nickname="甲", phone="138")
    put(case, 4, "我.png")
    assert "owner_not_declared" in lacks(case, 4)


def test_rows_of_kinds_apply_only_when_the_export_shows_them(case: Path) -> None:
    export(case)
    assert [row(case, n).status for n in (12, 13, 14, 16)] == [Status.MISSING, Status.MISSING, *[Status.NOT_APPLICABLE] * 2]  # fmt: skip


def test_without_an_export_such_rows_are_unclear_not_excused(case: Path) -> None:
    assert [row(case, n).status for n in (12, 13, 14, 15, 16, 17)] == [Status.UNCLEAR] * 6


def test_voice_without_a_transcript_is_unclear(case: Path) -> None:
    export(case)
    put(case, 13, "a.silk")
    assert lacks(case, 13) == ["transcript"]


def test_a_request_and_its_answer_stand_in_for_the_other_partys_record(case: Path) -> None:
    put(case, 9, "请求.pdf")
    write(case, asked_on="2025-05-01", answer="拒绝")
    assert row(case, 9).status is Status.PRESENT


def test_a_seal_that_holds_makes_the_hash_row_present_and_a_changed_file_unclear(case: Path) -> None:
    export(case)
    seal([next(case.glob("08_*"))], next(case.glob("18_*")) / "seal")
    assert row(case, 18).status is Status.PRESENT
    put(case, 8, "聊天.csv", EXPORT.replace("在吗", "在么"))
    assert (row(case, 18).status, lacks(case, 18)) == (Status.UNCLEAR, ["seal_differs"])


def test_deadlines_are_counted_from_the_day_of_the_check(case: Path) -> None:
    write(case, evidence_deadline="2025-06-30", examination_deadline="2025-05-31")
    assert [(s.code, s.values["days"]) for s in row(case, 24).seen] == [("deadline_in", "29"), ("deadline_passed", "1")]


def test_the_partys_own_word_can_set_a_row_aside(case: Path) -> None:
    (case / "case.toml").write_text("[item.22]\napplies = false\n")
    assert row(case, 22).status is Status.NOT_APPLICABLE


def test_who_and_when_stand_beside_the_row(case: Path) -> None:
    (case / "case.toml").write_text('[item.03]\nby = "张三"\nwhen = "2025-05-30"\nnote = "3 分钟"\n')
    assert (row(case, 3).by, row(case, 3).when, row(case, 3).note) == ("张三", "2025-05-30", "3 分钟")


@pytest.mark.parametrize("text", ["[case", "[case]\nplaintif = 1\n", "[[device]]\nmake = []\n"])
def test_a_broken_case_file_is_one_clear_line(case: Path, text: str) -> None:
    (case / "case.toml").write_text(text)
    with pytest.raises(CaseError, match=r"case\.toml"):
        checklist(case, today=TODAY)


def test_no_case_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CaseNotFound):
        checklist(tmp_path)


@pytest.fixture
def data(case: Path) -> ChecklistData:
    export(case)
    write(case, plaintiff="<script>alert(1)</script>", formed_abroad="否")
    put(case, 12, "IMG_0001.jpg")
    return checklist(case, today=TODAY)


@pytest.mark.parametrize("lang", LANGS)
def test_html_holds_every_row_status_and_full_hash(data: ChecklistData, lang: Lang) -> None:
    page = LexborHTMLParser(to_html(data, lang))
    rows = page.css("table.rows tbody tr")
    hashes = {f.sha256 for r in data.rows for f in r.files}
    assert (len(rows), hashes <= {c.text() for c in page.css("td.mono")}) == (24, True)


def test_what_users_write_never_becomes_markup(data: ChecklistData) -> None:
    html = to_html(data, "zh")
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("lang", LANGS)
def test_docx_opens_and_holds_the_long_hashes(data: ChecklistData, lang: Lang) -> None:
    made = document_of(to_html(data, lang), "", lang, landscape=True)
    text = zipfile.ZipFile(BytesIO(made)).read("word/document.xml").decode()
    assert all(f.sha256 in text and f.sm3 in text for r in data.rows for f in r.files)


def test_json_holds_codes_and_words_of_both_languages(data: ChecklistData) -> None:
    value = orjson.loads(to_json(data))
    assert (value["rows"][11]["status"], set(value["rows"][11]["words"])) == ("present", {"zh", "en"})


def test_the_same_case_gives_the_same_pages(case: Path) -> None:
    export(case)
    first, second = (to_html(checklist(case, today=TODAY), "zh") for _ in range(2))
    assert first == second


def test_posts_beside_the_chats_are_seen(case: Path, tmp_path: Path) -> None:
    left, _ = write_sides(tmp_path / "sides")
    left.rename(next(case.glob("08_*")) / "手机")
    assert [r.code for r in row(case, 8).seen] == ["span", "posts"]
