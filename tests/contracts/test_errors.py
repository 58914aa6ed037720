"""Every error is told in Chinese and in English, whatever stands in it, and a new one without Chinese fails here."""

import ast
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.errors import CaseNotFound, UnreadableSource, UsageError
from reconcile.formats.inferred.columns import ROLES
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Note
from reconcile.intake.source import Source
from reconcile.report.html import Sayer
from reconcile.vocabulary import NoteCode
from reconcile.wording import section
from reconcile.wording.errors import FILES, LONGEST, NOTES, PARTS, find, tell, tell_error, tell_note, templates
from tests.command import run
from tests.contracts.raised import Raised, Sources
from tests.thorough import examples

ROOT = Path(__file__).parents[2]
LOAN = ROOT / "fixtures" / "disputes" / "loan"
# What `cli.main` and `terminal` put together, and no class of ours is raised with.
BUILT = {"see_to_the_disk_or", "see_to_the_disk_or_path", "help_lists_what_it_takes"}
# What a note carries from elsewhere: from the list of what an export leaves out, or joined from several.
UNSEEN = {
    "column_guessed__pairs", "count_mismatch__of", "duplicate_row__id", "part_unreadable__bytes_before_the_first_member", "part_unreadable__link_not_followed",
    "part_unreadable__neither_file_nor_folder", "wal_present__bytes", "wal_present__bytes_and_bytes", "zone_assumed__asia_shanghai",
}  # fmt: skip
VALUES = re.compile(r"70\d{4}")
CHINESE = re.compile(r"[一-鿿]")


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources()


@pytest.fixture(scope="module")
def raised(sources: Sources) -> list[Raised]:
    return list(sources.lines())


def test_every_error_that_the_source_can_raise_is_told_in_chinese(raised: list[Raised]) -> None:
    assert len({r.place for r in raised}) > 250
    assert [r for r in raised if find(r.line) is None or not CHINESE.search(tell(r.line, "zh"))] == []


def test_what_a_run_puts_into_an_error_stands_in_both_languages(raised: list[Raised]) -> None:
    lost = [
        (r, tell(r.line, "zh"))
        for r in raised
        if sorted(VALUES.findall(r.line)) != sorted(VALUES.findall(tell(r.line, "zh")))
    ]
    assert lost == []


def test_what_the_program_says_beside_a_note_is_told_in_chinese(sources: Sources) -> None:
    notes = list(sources.notes())
    assert len({note.line for _, note in notes}) > 85
    assert [(code, n) for code, n in notes if not CHINESE.search(tell_note(code, n.line, "zh"))] == []


def test_no_phrase_is_left_that_no_note_says(sources: Sources) -> None:
    said = {(code, t.key) for code, n in sources.notes() for t in templates(NOTES) if t.fit(n.line) is not None}
    kept = {(t.key.partition("__")[0], t.key) for t in templates(NOTES)}
    assert {key for _, key in kept - said} == UNSEEN


def test_every_note_that_says_a_phrase_of_the_program_says_so(sources: Sources) -> None:
    unmarked = {
        told.place
        for _, told, call in sources.told()
        if not any(k.arg == "said" for k in call.keywords) and not ast.unparse(call.func).endswith(("_note", "remarks"))
    }
    assert unmarked == set()


def test_the_materials_own_words_that_are_one_of_our_phrases_stand_as_they_are() -> None:
    notes = [Note(NoteCode.AMBIGUOUS_HEADER, "x#1", "times not in order", said=said) for said in (False, True)]
    words = Sayer("zh")
    assert [re.sub(r"<.*?>", "", words.note(str(n.code), n.excerpt, n.said)) for n in notes] == [
        "times not in order",
        "各行时间不是先后相接",
    ]


def test_the_materials_own_words_beside_a_note_stand_as_they_are() -> None:
    assert tell_note("row_skipped", "empty file", "zh") == "empty file"
    assert tell_note("odd_value", "posts", "zh") == "posts"
    assert tell_note("part_unreadable", "empty file", "en") == "empty file"


def test_a_guess_of_columns_is_told_by_what_each_holds() -> None:
    assert tell_note("column_guessed", "time=发送时间,id=No.", "zh") == "时间（time）＝发送时间，消息编号（id）＝No."
    assert tell_note("column_guessed", "time=a,b", "zh") == "time=a,b"
    guess = ",".join(f"{role}=x" for role in ROLES)
    assert tell_note("column_guessed", guess, "zh").count("＝x") == len(ROLES)


def test_no_entry_is_left_of_an_error_that_is_no_longer_raised(raised: list[Raised]) -> None:
    used = {found[0].key for r in raised if (found := find(r.line))}
    assert {t.key for t in templates(*FILES)} - used == BUILT


def test_no_two_entries_are_one_template() -> None:
    texts = [texts["en"] for file in FILES for texts in section(file).values()]
    assert len(texts) == len(set(texts))


def test_a_limit_and_a_reason_of_the_systems_are_told_inside_the_line() -> None:
    line = "a: 7,000 bytes; the limit max_file_bytes is 10 (docs/en/limits.md; raise it with --limit max_file_bytes=NUMBER)"
    assert (
        tell(line, "zh")
        == "a：大小为 7,000 字节；限度 max_file_bytes 为 10（见 docs/zh/limits.md；可用 --limit max_file_bytes=NUMBER 调高）"
    )
    assert (
        tell("o: cannot be written (No space left on device); choose another folder", "zh")
        == "o：无法写入（磁盘空间已满）；请另选文件夹"
    )
    assert tell("o: cannot be written (made up); choose another folder", "zh") == "o：无法写入（made up）；请另选文件夹"


def test_what_every_reader_looks_for_is_told_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text("?\n")
    (tmp_path / "y.csv").write_text("a,b\n1,2\n")
    lines = [
        f"x: no reader recognises this .md file of 2 bytes; of 63 forms the nearest: {reader.name} {claim.because}; name the export's own "
        "file or folder, or for a table of another tool give --columns time=…,text=…,sender=… (`reconcile readers` lists all formats)"
        for reader in all_readers()
        for path in (tmp_path / "x.md", tmp_path / "y.csv", tmp_path)
        if (claim := reader.sniff(Source(path))).strength == "none"
    ]
    known = re.compile(r"最接近的是：\w+（.+）；请指明")
    assert len(lines) > 150
    assert [line for line in lines if not known.search(tell(line, "zh")) or "looked for" in tell(line, "zh")] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "line",
    ["", "no such line", "a: b; c (d)", "{0} {path}: {hint}", "x" * (LONGEST + 1) + ": empty; expected an export"],
)
def test_a_line_of_no_known_template_is_printed_as_it_is(line: str, lang: str) -> None:
    assert tell(line, lang) == line  # type: ignore[arg-type]


HOSTILE = [
    "x: no such file or folder; check the path", "(.*)+$", r"\1 {path} {0} %s", "a; the limit max_cells is 1 (docs/en/limits.md)", "：；（）", "a" * 4096,
    ": cannot be read as a workbook (", " ".join(["is cut short after"] * 300), "甲\u202e乙", "': member '",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_speaks_like_an_error_or_a_pattern_is_carried_as_it_is(name: str) -> None:
    gone = UnreadableSource(name, f"{name}: no such file or folder; check the path")
    assert tell_error(gone, "zh") == f"{name}：没有这个文件或文件夹；请核对路径"
    broken = UnreadableSource(name, f"{name}: member {name!r} is broken ({name})")
    told = tell_error(broken, "zh")
    assert told.startswith(f"{name}：压缩包成员 ")
    assert told.endswith("）")
    assert str(broken) == f"{name}: member {name!r} is broken ({name})"


@settings(max_examples=examples(5, 30))
@given(st.text(min_size=1).filter(lambda t: t.strip() == t and "\n" not in t))
def test_any_name_stands_unchanged_in_the_told_line(name: str) -> None:
    assert (
        tell_error(CaseNotFound(name, f"{name}: no such seal; make one with reconcile seal"), "zh")
        == f"{name}：没有这份封存；请用 reconcile seal 生成"
    )
    assert tell_error(UsageError("--timezone", f"--timezone {name}: no such zone; expected a name such as Asia/Shanghai"), "zh") == (
        f"--timezone {name}：没有这个时区；应为时区名称，例如 Asia/Shanghai"
    )  # fmt: skip


def test_a_long_hostile_line_is_told_without_delay() -> None:
    steps = 0

    def counted(*_: object) -> None:
        nonlocal steps
        steps += 1

    words = " ".join(t.words[1] for t in templates(*FILES) if len(t.words) > 1)
    line = (words * 20)[: LONGEST - 100] + ": no such file or folder; check the path"
    tell("warm", "zh")
    sys.setprofile(counted)
    try:
        tell(line, "zh")
    finally:
        sys.setprofile(None)
    assert steps < 40 * len(templates(*FILES))


COMMANDS = [
    (
        ("inspect", "https://x/a.csv"),
        "reconcile: https:/x/a.csv：系网址而非文件；请将导出材料保存到本机，再给出其路径",
        "reconcile: https:/x/a.csv: an address, not a file; save the export on this machine and give its path",
    ),
    (("inspect", "/nowhere"), "reconcile: /nowhere：没有这个文件或文件夹；请核对路径", "reconcile: /nowhere: no such file or folder; check the path"),
    (("compar",), "没有命令 'compar'，是否指 'compare'；可用参数见 `reconcile --help`", "No such command 'compar'. Did you mean 'compare'?"),
    (("compare", "a", "b"), "reconcile compare：缺少选项 '--out'；可用参数见", "Missing option '--out'; `reconcile compare --help` lists"),
    (("compare", "a", "b", "c", "--out", "x"), "多出了参数 (c)", "Got unexpected extra argument (c)"),
    (("batch", "a", "--out", "x", "--workers", "a: b"), "'--workers' 的值无效：'a: b' 不是有效的整数", "'a: b' is not a valid integer"),
    (("inspect", "a", "--timezone", "Mars/X"), "--timezone Mars/X：没有这个时区", "--timezone Mars/X: no such zone"),
    (("verify", LOAN), "此处没有封存（查找的是 statement.json）", "no seal there (looked for statement.json)"),
    (("review", LOAN), "此处没有已完成的比对", "no finished comparison"),
    (("bill", ROOT / "README.md"), "不是支付账单", "no payment statement"),
    (("inspect", LOAN / "a.csv", "--limit", "max_file_bytes=10"), "可用 --limit max_file_bytes=NUMBER 调高", "raise it with --limit max_file_bytes=NUMBER"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "zh", "en"), COMMANDS)
def test_a_command_tells_its_error_in_the_language_that_is_asked_for(
    words: tuple[object, ...], zh: str, en: str
) -> None:
    plain, chinese, english = (run(*words, *more) for more in ((), ("--lang", "zh"), ("--lang=en",)))
    assert {d.returncode for d in (plain, chinese, english)} == {2}
    assert zh in chinese.stderr
    assert plain.stderr == chinese.stderr or words == ("compar",)
    assert en in english.stderr


def test_the_language_that_stands_last_on_the_command_line_is_meant() -> None:
    said = [
        run("inspect", "/nowhere", "--lang", first, "--lang", last).stderr
        for first, last in (("en", "zh"), ("zh", "en"))
    ]
    assert ["没有这个" in line for line in said] == [True, False]


def test_parts_are_told_by_blanks_that_some_line_has() -> None:
    blanks = {b for t in templates(*FILES, PARTS, NOTES) for b in t.blanks} | {"hint", "advice", "what"}
    assert [key for key in section(PARTS) if key.partition("_")[0] not in blanks] == []
