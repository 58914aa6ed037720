"""What is handed in by mistake is named for what it is, with what to do instead."""

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from reconcile import read
from reconcile.cli.help import unquoted
from reconcile.errors import UnreadableSource, UnrecognisedSource
from tests.command import run

ROOT = Path(__file__).parents[2]
LOAN = ROOT / "fixtures" / "disputes" / "loan"
EXPORTS = ROOT / "fixtures" / "exports"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def _docx() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    return packed.getvalue()


def _packed(name: str, content: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def test_a_database_without_order_asks_for_its_key_and_a_copys_name_hides_no_store(tmp_path: Path) -> None:
    store = Random(1).randbytes(8192)
    for name in ("原告.db", "message_0 (1).db", "EnMicroMsg - 副本.db"):
        (tmp_path / name).write_bytes(store)
    with pytest.raises(UnrecognisedSource, match="may be an encrypted database; give this account's own key"):
        read(tmp_path / "原告.db")
    for name in ("message_0 (1).db", "EnMicroMsg - 副本.db"):
        with pytest.raises(UnreadableSource, match="encrypted, or no SQLite database"):
            read(tmp_path / name)


def test_facts_of_a_table_alone_ask_for_the_table(tmp_path: Path) -> None:
    shutil.copy(LOAN / "a.json", tmp_path)
    with pytest.raises(UnrecognisedSource, match="give the table together with it"):
        read(tmp_path / "a.json")


CHECK = "`reconcile check {path} --against EXPORT --out DIR`"
FILES = [
    ("截图.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "a picture (PNG)", CHECK),
    ("x.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\0" * 60, "a picture (JPEG)", CHECK),
    ("x.webp", b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 60, "a picture (WebP)", CHECK),
    ("named.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "a picture (PNG)", CHECK),
    ("x.heic", b"\0\0\0\x18ftypheic" + b"\0" * 60, "a picture (HEIC)", "save it as PNG, JPEG or PDF"),
    ("x.gif", b"GIF89a" + b"\0" * 60, "a picture (GIF)", "save it as PNG, JPEG or PDF"),
    ("x.pdf", b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n", "a document (PDF)", CHECK),
    ("聊天记录.docx", _docx(), "a document (DOCX)", CHECK),
    ("x.doc", OLE, "a document (DOC)", "save it as .docx"),
    ("x.rtf", b"{\\rtf1 hello}", "a document (RTF)", "save it as .docx"),
    ("~$聊天.xlsx", b"\x05admin" + b" " * 159, "a lock file that an office program leaves", "close the document and name '聊天.xlsx'"),
    ("x.rar", b"Rar!\x1a\x07\x01\0" + b"\0" * 60, "a packed file (RAR)", "unpack it and name what it holds"),
    ("x.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 60, "a packed file (7z)", "unpack it and name what it holds"),
    ("x.mp4", b"\0\0\0\x18ftypisom" + b"\0" * 60, "a recording (MPEG-4)", "name the export that it belongs to"),
    ("x.amr", b"#!AMR\n" + b"\0" * 60, "a recording (AMR)", "name the export that it belongs to"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "what", "instead"), FILES)
def test_a_file_that_is_no_export_is_named_with_what_to_do_instead(
    name: str, content: bytes, what: str, instead: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    said = run("inspect", path, "--lang", "en")
    assert (said.returncode, what in said.stderr, instead.format(path=path) in said.stderr) == (2, True, True), said
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize(("name", "content", "what", "_"), FILES)
def test_it_is_said_in_chinese_too(name: str, content: bytes, what: str, _: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    said = run("inspect", tmp_path / name).stderr
    assert any(w in said for w in ("不是导出材料", "不能直接读取", "压缩文件", "临时文件")), said
    assert what not in said


def test_a_folder_of_screenshots_is_named_as_such(tmp_path: Path) -> None:
    for n in range(3):
        (tmp_path / f"{n}.png").write_bytes(FILES[0][1])
    with pytest.raises(UnrecognisedSource, match=r"a folder of 3 pictures.*reconcile check"):
        read(tmp_path)


def test_the_lock_of_an_open_document_does_not_hide_the_export_beside_it(tmp_path: Path) -> None:
    shutil.copy(LOAN / "a.csv", tmp_path / "a.csv")
    before = read(tmp_path)
    (tmp_path / "~$a.xlsx").write_bytes(FILES[10][1])
    assert read(tmp_path).messages.height == before.messages.height
    assert read(tmp_path).notes == before.notes


def test_a_large_file_with_the_name_of_a_lock_is_read_like_any_other(tmp_path: Path) -> None:
    shutil.copy(LOAN / "a.csv", tmp_path / "~$a.csv")
    assert read(tmp_path).messages.height > 0


def _as_sides(folder: Path) -> None:
    for side, name in (("a", "原告"), ("b", "被告")):
        (folder / name).mkdir(parents=True)
        shutil.copy(LOAN / f"{side}.csv", folder / name / f"{side}.csv")


def _unnamed(folder: Path) -> None:
    for side, name in (("a", "张三的手机"), ("b", "李四的电脑")):
        (folder / name).mkdir(parents=True)
        shutil.copy(LOAN / f"{side}.csv", folder / name / f"{side}.csv")


def _beside(folder: Path) -> None:
    folder.mkdir()
    for side in "ab":
        shutil.copy(LOAN / f"{side}.csv", folder / f"表{side}.csv")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "out"
    assert run("compare", LOAN / "a.csv", LOAN / "b.csv", "--out", folder, "--no-error-rates").returncode == 1
    return folder


@pytest.mark.parametrize(
    "name", ["", "report.html", "messages.parquet", "alignment.parquet", "graph.json", "manifest.json"]
)
def test_a_result_of_the_program_is_no_export(name: str, results: Path) -> None:
    with pytest.raises(UnrecognisedSource, match="a result that reconcile wrote, not an export"):
        read(results / name)


def test_a_report_is_no_export_in_another_folder_either(results: Path, tmp_path: Path) -> None:
    shutil.copy(results / "report.html", tmp_path / "聊天.html")
    with pytest.raises(UnrecognisedSource, match="a result that reconcile wrote, not an export"):
        read(tmp_path / "聊天.html")


@pytest.mark.parametrize(
    "manifest",
    ["", "[]", '{"program": "reconcile"}', '{"program": "reconcile", "outputs": {}}', '{"program": "x", "outputs": {"a.csv": 1}}'],
)  # fmt: skip
def test_an_export_beside_the_manifest_of_something_else_is_read(manifest: str, tmp_path: Path) -> None:
    shutil.copy(LOAN / "a.csv", tmp_path / "a.csv")
    (tmp_path / "manifest.json").write_text(manifest)
    assert read(tmp_path / "a.csv").messages.height > 0


@pytest.mark.parametrize(
    ("build", "said", "names"),
    [
        (_as_sides, "holds the exports of two sides", ("原告", "被告")),
        (_unnamed, "holds 2 exports", ("张三的手机", "李四的电脑")),
        (_beside, "holds 2 exports", ("表a.csv", "表b.csv")),
    ],
)
def test_the_folder_above_both_exports_is_told_with_the_command_for_both(
    build: Callable[[Path], None], said: str, names: tuple[str, str], tmp_path: Path
) -> None:
    build(tmp_path / "案")
    with pytest.raises(UnrecognisedSource, match=said) as error:
        read(tmp_path / "案")
    assert all(name in str(error.value) for name in (*names, "reconcile compare"))


@pytest.mark.parametrize("form", ["weflow_json", "memotrace_csv", "wechatmsg_csv"])
def test_both_parties_exports_in_one_folder_are_not_read_as_one_party(form: str, tmp_path: Path) -> None:
    for side, name in (("a", "张三"), ("b", "李四")):
        shutil.copytree(EXPORTS / form / f"rent_side_{side}" / "input", tmp_path / name)
    with pytest.raises(UnrecognisedSource, match=r"both parties' exports of one conversation \(such as"):
        read(tmp_path)


def test_one_partys_export_that_lies_there_twice_is_no_other_partys(tmp_path: Path) -> None:
    for name in ("一", "二"):
        shutil.copytree(EXPORTS / "weflow_json" / "rent_side_a" / "input", tmp_path / name)
    assert read(tmp_path).messages.height > 0


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("compare", "my", "chat.csv", "b.csv"), "my chat.csv"),
        (("inspect", "a", "b", "c", "--lang", "en"), "a b c"),
        (("compare", "b.csv", "c.csv"), None),
        (("compare", "b.csv", "--out", "my", "chat.csv"), "my chat.csv"),
        (("inspect", "my", "--lang", "chat.csv"), None),
    ],
)
def test_a_path_that_the_shell_took_apart_is_found(
    words: tuple[str, ...], path: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("my chat.csv", "b.csv", "c.csv", "b.csv c.csv", "a b c"):
        (tmp_path / name).write_text("x")
    assert unquoted(words) == path


@pytest.mark.parametrize("words", [("compare", "my", "chat.csv", "b.csv"), ("inspect", "my", "chat.csv"), ("compare", "my", "chat.csv", "--out", "o")])  # fmt: skip
def test_an_error_about_a_path_with_blanks_says_to_put_it_in_quotes(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("my chat.csv", "b.csv"):
        shutil.copy(LOAN / "a.csv", tmp_path / name)
    done = run(*words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert '请加引号："my chat.csv"' in done.stderr


def test_a_surplus_word_reminds_of_quotes() -> None:
    assert "须加引号" in run("compare", "x", "y", "--out", "out of", "z").stderr


def test_a_workbook_of_unknown_content_in_a_folder_is_no_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "整理.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(UnrecognisedSource) as refused:
        read(tmp_path)
    assert "archives" not in str(refused.value)


def test_the_year_is_asked_for_where_times_state_none(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        "2023年\n"
        + "".join(f"12-31 23:5{i}:07 {'甲乙'[i % 2]}：第{i}句\n" for i in range(8))
        + "01-01 00:01:00 甲：新年好\n",
        "utf-8",
    )
    said = run("inspect", path, "--lang", "en")
    assert said.returncode == 2
    assert "unclear are year: 2023" in said.stderr
    told = run("inspect", path, "--columns", "time=time,sender=sender,text=text,year=2023", "--lang", "en")
    assert "2023-12-31 23:50:07 +08:00 – 2024-01-01 00:01:00 +08:00" in told.stdout


def test_the_facts_beside_a_table_are_told_from_an_export_and_the_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sent_at,sender,text\n2024-03-01 09:00:00,Anna,word\n", "utf-8")
    (tmp_path / "a.json").write_text('{"owner": {"id": "anna"}, "declared": [{"what": "all"}]}', "utf-8")
    with pytest.raises(UnrecognisedSource, match=r"facts of the table beside it.*a\.csv"):
        read(tmp_path / "a.json")
    assert read(tmp_path / "a.csv").facts.owner.id == "anna"
