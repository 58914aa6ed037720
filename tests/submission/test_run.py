"""The command's work: any form of submission in, a folder of results out, whole or not at all."""

import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import polars as pl
import pytest
from docx import Document
from lxml import html

from reconcile.errors import CaseNotEmpty, UnreadableSource, UnrecognisedSource, UsageError
from reconcile.submission.check import check_submission
from reconcile.submission.pasted import read_pasted
from reconcile.submission.run import read_submission, run_check
from reconcile.submission.sentence import left_out_lines, submitted_lines
from reconcile.wording import LANGS, Lang, say
from reconcile.wording.errors import tell_error
from tests.build.submissions import ROWS, Told, pasted, reading, table
from tests.thorough import some

BEIJING = ZoneInfo("Asia/Shanghai")
START = datetime(2024, 3, 1, 1, 0, tzinfo=UTC)
LEFT_OUT = next(r for r in ROWS[60:80] if len(r.text) > 8 and r.kind == "text")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return table(tmp_path / "export.csv", ROWS)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A submission that leaves out one message, the export, and the results of their check."""
    folder = tmp_path_factory.mktemp("checked")
    sub = table(folder / "sub.csv", [r for r in ROWS[50:90] if r is not LEFT_OUT])
    run_check(sub, [table(folder / "export.csv", ROWS)], folder / "out")
    return folder


@pytest.mark.parametrize("lang", some(LANGS, 2))
def test_results_are_written_whole(tmp_path: Path, export: Path, lang: Lang) -> None:
    sub = table(tmp_path / "sub.csv", [r for n, r in enumerate(ROWS[50:90]) if n != 20])
    found = run_check(sub, [export], tmp_path / "out", lang=lang)
    names = sorted(f.name for f in (tmp_path / "out").iterdir())
    assert names == ["check.docx", "check.html", "left_out.parquet", "manifest.json", "passages.parquet", "rows.parquet", "verdicts.json", "verdicts.parquet"]  # fmt: skip
    assert found.grade == "one_sided"


def test_the_terminal_names_the_messages_that_were_left_out_and_two_runs_write_the_same_bytes(
    checked: Path, tmp_path: Path
) -> None:
    found = run_check(checked / "sub.csv", [checked / "export.csv"], tmp_path / "again")
    (line,) = left_out_lines(found, "en")
    assert LEFT_OUT.text in line
    assert all(f.read_bytes() == (tmp_path / "again" / f.name).read_bytes() for f in (checked / "out").iterdir())


def test_what_differs_or_stays_in_doubt_is_named_with_both_texts_and_why(tmp_path: Path, export: Path) -> None:
    rows = [r for r in ROWS[50:90] if len(r.text) > 8 and r.kind == "text"]
    changed = replace(rows[8], text=rows[8].text.replace(rows[8].text[:2], "不是"))
    sub = table(tmp_path / "sub.csv", [changed if r is rows[8] else r for r in rows])
    differs = submitted_lines(run_check(sub, [export], tmp_path / "a"), "en")
    assert [(changed.text in x, rows[8].text in x, x.endswith("differs")) for x in differs] == [(True, True, True)]
    (tmp_path / "s.txt").write_text("甲某：今天天气不错\n乙某：你吃了吗", "utf-8")
    found = run_check(tmp_path / "s.txt", [export], tmp_path / "b", lang="en")
    assert (found.grade, found.verdicts["reasons"][0][0]) == ("cannot_determine", "nothing_placed")
    assert ["doubtful: it cannot be told which" in x for x in submitted_lines(found, "en")] == [True, True]
    assert "doubtful: " in (tmp_path / "b" / "check.html").read_text("utf-8")


def test_the_page_shows_the_left_out_words_beside_their_passage(checked: Path) -> None:
    page = (checked / "out" / "check.html").read_text("utf-8")
    assert any(x.startswith('class="row-left_out"') and LEFT_OUT.text in x for x in page.split("<tr "))


@pytest.mark.parametrize("lang", some(LANGS, 2, 1))
def test_the_first_page_lists_what_was_left_out_and_what_differs_with_both_versions(
    tmp_path: Path, export: Path, lang: Lang
) -> None:
    rows = [r for r in ROWS[50:90] if len(r.text) > 8 and r.kind == "text"]
    gone, other = rows[5], rows[8]
    changed = replace(other, text=other.text.replace(other.text[:2], "不是"))
    run_check(
        table(tmp_path / "sub.csv", [changed if r is other else r for r in rows if r is not gone]),
        [export],
        tmp_path / "out",
        lang=lang,
    )
    page = html.fromstring((tmp_path / "out" / "check.html").read_text("utf-8"))
    told = [["".join(p.itertext()) for p in item.xpath(".//p[@class='words']")] for item in page.xpath("//article")]
    absent = say("submission.absent", lang)
    assert [changed.text, other.text] in told
    assert [absent, gone.text] in told


def test_an_amount_stands_beside_a_payment_whose_text_does_not_state_it(tmp_path: Path, export: Path) -> None:
    pay = replace(ROWS[70], kind="transfer", text="[转账]", amount="8000.00")
    rows = [pay if r.number == pay.number else r for r in ROWS]
    run_check(
        table(tmp_path / "s.csv", [r for r in rows[50:90] if r is not pay]),
        [table(tmp_path / "e.csv", rows)],
        tmp_path / "o",
    )
    page = html.fromstring((tmp_path / "o" / "check.html").read_text("utf-8"))
    assert "¥8000.00" in page.xpath("//article")[0].text_content()


def test_the_manifest_lists_every_other_file_of_the_folder(checked: Path) -> None:
    listed = orjson.loads((checked / "out" / "manifest.json").read_bytes())["outputs"]
    assert {*listed, "manifest.json"} == {f.name for f in (checked / "out").iterdir()}


def test_words_of_the_material_never_become_markup(tmp_path: Path, export: Path) -> None:
    rows = [*ROWS[50:60], Told(-1, ROWS[59].at, True, "<img src=x onerror=alert(1)>\u202e注入内容", "text", None, "5")]
    run_check(table(tmp_path / "sub.csv", rows), [export], tmp_path / "out")
    page = (tmp_path / "out" / "check.html").read_text("utf-8")
    assert ("<img" in page, "⟦U+202E⟧" in page) == (False, True)


def test_the_manifest_names_every_input_with_both_hashes(checked: Path) -> None:
    manifest = orjson.loads((checked / "out" / "manifest.json").read_bytes())
    files = [f for i in manifest["inputs"] for f in i["files"]]
    assert [(f["path"], len(f["sha256"]), len(f["sm3"])) for f in files] == [("sub.csv", 64, 64), ("export.csv", 64, 64)]  # fmt: skip


def test_two_exports_bring_the_identity_check(tmp_path: Path, export: Path) -> None:
    theirs = table(tmp_path / "theirs.csv", ROWS, own=False)
    run_check(table(tmp_path / "sub.csv", ROWS[50:70]), [export, theirs], tmp_path / "out")
    value = orjson.loads((tmp_path / "out" / "verdicts.json").read_bytes())
    assert {f["check"] for f in value["identity"] if f["code"] == "owner_is_peer"} == {"agrees"}


def test_pasted_text_is_checked(tmp_path: Path, export: Path) -> None:
    (tmp_path / "sub.txt").write_text(pasted([r for r in ROWS[50:90] if r.kind == "text"]), "utf-8")
    found = run_check(tmp_path / "sub.txt", [export], tmp_path / "out")
    assert (found.grade, found.verdicts["agreements"][0]) == ("explained_differences", sum(r.kind == "text" for r in ROWS[50:90]))  # fmt: skip


def test_lines_broken_by_the_page_are_put_together(tmp_path: Path, export: Path) -> None:
    lines = [x for r in ROWS[50:80] for x in ([r.text[:7], r.text[7:]] if len(r.text) > 9 else [r.text])]
    (tmp_path / "page.txt").write_text("\n".join(["第 1 页 共 1 页", *lines]), "utf-8")
    found = run_check(tmp_path / "page.txt", [export], tmp_path / "out")
    assert found.rows["relation"].cast(pl.String).is_in(["agreement"]).all()


def test_a_word_document_is_read(tmp_path: Path) -> None:
    document = Document()
    for line in pasted(ROWS[:6]).splitlines():
        document.add_paragraph(line)
    document.save(str(tmp_path / "s.docx"))
    assert read_submission(tmp_path / "s.docx").reading.messages.height == 6


TEXTS = {
    "time_last": "甲某 2024-03-01 09:05\n在吗\n\n乙某 2024-03-01 09:06\n在的\n什么事\n",
    "time_first": "2024-03-01 09:05:07 甲某\n在吗\n\n2024-03-01 09:06:00 乙某\n在的\n什么事\n",
    "names_alone": "甲某:\n在吗\n\n乙某:\n在的\n什么事\n",
    "inline": "甲某：在吗\n乙某：在的\n什么事\n甲某：没事\n乙某：好",
    "day_line": "—————  2024-3-1  —————\n\n甲某  09:05\n\n在吗\n\n乙某  09:06\n\n在的\n什么事\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_each_way_of_pasting_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    (tmp_path / "p.txt").write_text(TEXTS[name], "utf-8")
    rows = read_pasted(tmp_path / "p.txt").messages.select("sender", "text").rows()[:2]
    assert rows == [("甲某", "在吗"), ("乙某", "在的\n什么事")]


def test_the_length_of_a_call_opens_no_message_and_a_typed_notice_of_recall_is_one(tmp_path: Path) -> None:
    text = "甲某 2024-03-01 17:09\n[语音通话] 12:16\n乙某 2024-03-01 17:10\n“乙某” 撤回了一条消息\n甲某 2024-03-01 17:11\n他撤回了一条消息，我看见了\n"
    (tmp_path / "p.txt").write_text(text, "utf-8")
    kinds = read_pasted(tmp_path / "p.txt").messages["kind"].cast(pl.String).to_list()
    assert kinds == ["call", "recall", "text"]


def test_a_time_bar_dates_only_the_row_below_it(tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("2024年3月1日 下午3:05\n甲某：在吗\n乙某：在的\n甲某：好\n乙某：行", "utf-8")
    times = read_pasted(tmp_path / "p.txt").messages["sent_at"].dt.to_string("%H:%M").to_list()
    assert times == ["07:05", None, None, None]


def test_half_past_midnight_is_no_noon(tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("甲某 2024年3月1日 凌晨12:30\n在吗\n乙某 2024年3月1日 晚上8：05\n在的", "utf-8")
    times = read_pasted(tmp_path / "p.txt").messages["sent_at"].dt.to_string("%d %H:%M").to_list()
    assert times == ["29 16:30", "01 12:05"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\x01\x02"])
def test_what_is_no_text_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.txt").write_bytes(content)
    with pytest.raises(UnreadableSource):
        read_submission(tmp_path / "x.txt")


def test_what_nobody_reads_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(b"abc")
    with pytest.raises(UnrecognisedSource):
        read_submission(tmp_path / "x.dat")


def test_what_is_asked_about_a_submission_names_the_option_of_the_submission(tmp_path: Path, export: Path) -> None:
    sub = tmp_path / "sub.csv"
    sub.write_text("when,who,number,said\n" + "".join(f"2024-03-01 09:{n:02},甲,{n},{n}\n" for n in range(9)), "utf-8")
    with pytest.raises(UnrecognisedSource) as raised:
        run_check(sub, [export], tmp_path / "out")
    asked = tell_error(raised.value, "en"), tell_error(raised.value, "zh")
    assert all("--submission-columns" in told and " --columns" not in told for told in asked)


def test_results_among_the_evidence_are_refused(tmp_path: Path, export: Path) -> None:
    folder = tmp_path / "evidence"
    folder.mkdir()
    table(folder / "sub.csv", ROWS[:20])
    with pytest.raises(UsageError, match="lies inside"):
        run_check(folder, [export], folder / "out")


def test_another_runs_folder_is_refused(checked: Path) -> None:
    with pytest.raises(CaseNotEmpty):
        run_check(checked / "sub.csv", [checked / "export.csv"], checked / "out")


def test_the_word_document_holds_the_limit_sentence(checked: Path) -> None:
    word = zipfile.ZipFile(checked / "out" / "check.docx").read("word/document.xml").decode()
    assert "不是司法鉴定意见" in word


SAID = ["合同今天签吗", "下午三点见面签", "5000.00", "我带公章过来", "6000.00", "收到了吗", "发票下周开给你", "7000.00", "仓库说周四可以", "那就这么定了", "8000.00", "尾款下月再结", "谢谢老板"]  # fmt: skip
HEADS = {
    "copied": "{who}：\n{text}\n", "to_the_second": "{who} {at:%Y-%m-%d %H:%M:%S}\n{text}\n", "to_the_minute": "{who} {at:%Y-%m-%d %H:%M}\n{text}\n",
    "inline": "{who}：{text}", "words_alone": "{text}",
}  # fmt: skip


SHOWN = ("[转账]", "[转账] ￥{0}", "转账 ￥{0}", "微信转账", "￥{0}", "向你转账{0}元")


# Each way to show a transfer behind one heading, and each heading with one way.
@pytest.mark.parametrize(("head", "shown"), [*product(("copied",), SHOWN), *product(list(HEADS)[1:], SHOWN[1:2])])
def test_a_transfer_left_out_counts_where_the_submission_shows_others(tmp_path: Path, head: str, shown: str) -> None:
    told = [
        Told(n, START + timedelta(seconds=67 * n), n % 2 == 0, f"[转账] ￥{t}" if t[0].isdigit() else t, "transfer" if t[0].isdigit() else "text", t if t[0].isdigit() else None)
        for n, t in enumerate(SAID)
    ]  # fmt: skip
    kept = [r for r in told if r.amount not in ("6000.00", "8000.00")]
    (tmp_path / "s.txt").write_text("\n".join(HEADS[head].format(who="甲某" if r.own else "乙某", at=r.at.astimezone(BEIJING), text=shown.format(r.amount) if r.amount else r.text) for r in kept), "utf-8")  # fmt: skip
    submitted = read_submission(tmp_path / "s.txt")
    found = check_submission(submitted.reading, [reading(told)])
    assert (found.grade, found.counted()["amount"].to_list()) == ("one_sided", ["6000.00", "8000.00"])
    assert found.rows["relation"].cast(pl.String).is_in(["agreement", "doubtful"]).all()


OTHER_KINDS = {"发票下周开给你": ("[图片]", "image"), "尾款下月再结": ("[红包]", "red_packet")}


@pytest.mark.parametrize("head", ["copied", "to_the_second", "to_the_minute", "inline"])
@pytest.mark.parametrize("lacking", ["transfer", "voice"])
def test_a_kind_that_is_left_out_altogether_stays_in_doubt_where_others_are_shown(
    tmp_path: Path, head: str, lacking: str
) -> None:
    told = [
        Told(n, START + timedelta(seconds=67 * n), n % 2 == 0, *((f"[{'转账' if lacking == 'transfer' else '语音'}]", lacking) if t[0].isdigit() else OTHER_KINDS.get(t, (t, "text"))))
        for n, t in enumerate(SAID)
    ]  # fmt: skip
    kept = [r for r in told if r.kind != lacking]
    (tmp_path / "s.txt").write_text("\n".join(HEADS[head].format(who="甲某" if r.own else "乙某", at=r.at.astimezone(BEIJING), text=r.text) for r in kept), "utf-8")  # fmt: skip
    found = check_submission(read_submission(tmp_path / "s.txt").reading, [reading(told)])
    assert (found.grade, found.verdicts["unsure_kinds"].to_list()) == ("cannot_determine", [[lacking]])


def test_a_kind_that_copied_text_cannot_hold_and_does_not_show_is_excused(tmp_path: Path) -> None:
    told = [Told(n, START + timedelta(seconds=67 * n), n % 2 == 0, f"[转账] ￥{t}" if t[0].isdigit() else t, "transfer" if t[0].isdigit() else "text") for n, t in enumerate(SAID)]  # fmt: skip
    (tmp_path / "s.txt").write_text("\n".join(f"{'甲某' if r.own else '乙某'}：\n{r.text}\n" for r in told if r.kind == "text"), "utf-8")  # fmt: skip
    found = check_submission(read_submission(tmp_path / "s.txt").reading, [reading(told)])
    assert found.counted().height == 0


def test_somebody_who_writes_once_is_a_sender_where_the_head_names_him(tmp_path: Path) -> None:
    said = ["周海：货到了吗", "李强：到了", "周海：明天送", "夏涛：没问题", "李强：好的"]
    for head, sender in (("聊天各方：周海、李强、夏涛（微信昵称：夏）", "夏涛"), ("聊天记录", "周海")):
        (tmp_path / "p.txt").write_text("\n".join([head, *said]), "utf-8")
        rows = read_pasted(tmp_path / "p.txt").messages
        assert (rows.filter(pl.col("text").str.contains("没问题"))["sender"].to_list()) == [sender]


def test_a_bare_notice_between_what_people_said_is_no_words(tmp_path: Path) -> None:
    said = [
        "周海：货到了吗",
        "李强：到了",
        '"李强" 撤回了一条消息',
        "周海：明天送",
        "李强：好的，清单：",
        "1. 瓷砖",
        "你撤回了一条消息",
        "周海：好",
    ]
    (tmp_path / "p.txt").write_text("\n".join(said), "utf-8")
    rows = read_pasted(tmp_path / "p.txt").messages.select("sender", "kind", "text").rows()
    assert rows[2] == (None, "recall", '"李强" 撤回了一条消息')
    assert [text for _, kind, text in rows if kind == "text"] == [
        "货到了吗",
        "到了",
        "明天送",
        "好的，清单：\n1. 瓷砖",
        "好",
    ]
