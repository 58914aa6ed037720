"""Line ends and signs that databases, spreadsheets and Markdown escape in the words."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.build.readings import read_text, spoken
from tests.thorough import meeting, some

NAMES = ("Anna", "Ben")
WORDS = [
    "good morning", "hi", "the contract:\nfirst, payment\nsecond, delivery", "too short", "then 45 days?", "fine", "agreed",
    "say \"yes\", please", "yes", "at ten\nor eleven", "ten", "see you there",
]  # fmt: skip
ROWS = [(f"2024-03-0{1 + i // 5} 10:{i:02}:07", NAMES[i % 2], words) for i, words in enumerate(WORDS)]
FOLDERS = [(t, n, "look in C:\\new\\test" if w == "too short" else w) for t, n, w in ROWS]


def letters(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def backslashes(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\\n").replace("\t", "\\\t")


FORMS = {
    "copy.txt": ("{i}\t{t}\t{n}\t{w}\t\\N", letters),
    "copy.tsv": ("{i}\t{t}\t{n}\t{w}", letters),
    "batch.txt": ("{i}\t{t}\t{n}\t{w}\tNULL", letters),
    "outfile.txt": ("{i}\t{t}\t{n}\t{w}\t\\N", backslashes),
    "outfile.tsv": ("{i}\t{t}\t{n}\t{w}", backslashes),
    "outfile.csv": ('{i},"{t}","{n}","{w}"', lambda w: backslashes(w).replace('"', '\\"')),
    "bars.txt": ("{t}|{n}|{w}", letters),
    "lines.log": ("[{t}] {n}: {w}", letters),
}


@meeting(name=FORMS, rows=[ROWS, FOLDERS])
def test_words_are_read_without_the_escapes_of_a_database(
    tmp_path: Path, name: str, rows: list[tuple[str, str, str]]
) -> None:
    line, escaped = FORMS[name]
    text = "".join(line.format(i=i + 100, t=t, n=n, w=escaped(w)) + "\n" for i, (t, n, w) in enumerate(rows))
    assert spoken(read_text(tmp_path, text, name), "%F %T") == rows


def table(rows: list[tuple[str, str, str]]) -> str:
    return "time,sender,text\n" + "".join(f'{t},{n},"{w}"\n' for t, n, w in rows)


def without_breaks(rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [(t, n, w.replace("\n", " ").replace('"', "")) for t, n, w in rows]


def test_a_folder_is_no_line_end(tmp_path: Path) -> None:
    rows = without_breaks(FOLDERS)
    assert spoken(read_text(tmp_path, table(rows), "a.csv"), "%F %T") == rows


def test_a_folder_beside_escaped_line_ends_is_asked_about(tmp_path: Path) -> None:
    text = table([(t, n, w.replace("\n", "\\n").replace('"', "")) for t, n, w in FOLDERS])
    with pytest.raises(UsageError, match="escapes: true / false"):
        read_text(tmp_path, text, "a.csv")


def test_a_backslash_that_nobody_escapes_shows_that_all_are_words(tmp_path: Path) -> None:
    rows = [(t, n, {"hi": "\\o/", "fine": "print(a\\n)"}.get(w, w)) for t, n, w in without_breaks(ROWS)]
    assert spoken(read_text(tmp_path, table(rows), "a.csv"), "%F %T") == rows


@pytest.mark.parametrize(("told", "shown"), [("true", "press\nthen"), ("false", "press\\nthen")])
def test_the_user_says_whether_one_escape_is_a_line_end(tmp_path: Path, told: str, shown: str) -> None:
    rows = [(t, n, "press\\nthen" if w == "too short" else w) for t, n, w in without_breaks(ROWS)]
    (tmp_path / "a.csv").write_text(table(rows))
    with pytest.raises(UsageError, match="escapes"):
        read_text(tmp_path, table(rows), "a.csv")
    source = Source(tmp_path / "a.csv")
    columns = {"time": "time", "sender": "sender", "text": "text", "escapes": told}
    reading = identify(all_readers(), source).read(source, ReadOptions(columns=columns))
    assert reading.messages["text"][3] == shown


def test_a_backslash_beside_line_ends_is_a_word(tmp_path: Path) -> None:
    rows = [(t, n, "print('a\\nb')" if w == "too short" else w.replace('"', "")) for t, n, w in ROWS]
    assert spoken(read_text(tmp_path, table(rows), "a.csv"), "%F %T") == rows


@pytest.mark.parametrize("cell", ['="{}"', '"=""{}"""'])
def test_cells_that_a_spreadsheet_keeps_as_text_are_read_plain(tmp_path: Path, cell: str) -> None:
    rows = without_breaks(ROWS)
    lines = [",".join(cell.format(c) for c in (f"00{6117 + i}", *row)) for i, row in enumerate(rows)]
    reading = read_text(tmp_path, "\n".join(["ID,time,sender,text", *lines, ""]), "a.csv")
    assert spoken(reading, "%F %T") == rows


MARKDOWN = {
    "blanks": "**{n}** {t}  \n{w}\n\n",
    "blanks everywhere": "{t} {n}: {w}  \n",
    "quotes": "> **{n}** · {t}  \n> {w}\n\n",
    "backslashes": "{t} **{n}:** {w}\\\n",
    "list": "- `{t}` **{n}**\\\n  {w}\n",
}


@pytest.mark.parametrize("form", some(MARKDOWN, 2))
def test_what_keeps_lines_of_markdown_apart_is_no_word(tmp_path: Path, form: str) -> None:
    head = MARKDOWN[form].format(t="", n="", w="").rpartition("\n")[2]
    begin = {"quotes": "> ", "list": "  "}.get(form, head)
    mark = "\\" if "\\" in MARKDOWN[form] else "  "
    shown = [(t, n, w.replace("\n", f"{mark}\n{begin}")) for t, n, w in ROWS]
    text = "# Team\n\n" + "".join(MARKDOWN[form].format(t=t, n=n, w=w) for t, n, w in shown)
    assert spoken(read_text(tmp_path, text, "a.md"), "%F %T") == ROWS


def test_signs_that_markdown_escapes_are_read_plain(tmp_path: Path) -> None:
    rows = [(t, n, w.replace("fine", "2 * 3 = [6]_a")) for t, n, w in ROWS]
    signs = str.maketrans({c: f"\\{c}" for c in "*[]_-"})
    text = "".join(f"**{n}** {t}\n\n{w.translate(signs)}\n\n" for t, n, w in rows)
    assert spoken(read_text(tmp_path, text, "a.md"), "%F %T") == rows


def test_a_sign_that_a_writer_of_markdown_escapes_is_plain_beside_others_that_it_leaves(tmp_path: Path) -> None:
    rows = [(t, n, w.replace("fine", "200*360").replace("yes", "[OK]_")) for t, n, w in ROWS if "\n" not in w]
    lines = "".join(f"| {t} | {n} | {w.replace('*', chr(92) + '*')} |\n" for t, n, w in rows)
    assert spoken(read_text(tmp_path, f"| time | sender | text |\n|---|---|---|\n{lines}", "a.md"), "%F %T") == rows


def test_tags_that_recur_in_a_markdown_file_are_its_form_and_others_are_words(tmp_path: Path) -> None:
    rows = "".join(
        f'**{("Anna", "Ben")[i % 2]}** <span style="color: grey;">09:0{i}:10 UTC</span>\n\n<span style="size: 9">{w}\n</span>\n\n'
        for i, w in enumerate(["one", "a <b>bold</b> word", "two", "three", "four", "five"])
    )
    reading = read_text(tmp_path, f"### 2024-03-01\n\n{rows}", "a.md")
    assert spoken(reading, "%H:%M") == [
        (f"17:0{i}", ("Anna", "Ben")[i % 2], w)
        for i, w in enumerate(["one", "a <b>bold</b> word", "two", "three", "four", "five"])
    ]


def test_a_tag_that_a_person_writes_now_and_then_is_part_of_the_words(tmp_path: Path) -> None:
    said = ["one", "<b>two</b>", "three", "four", "five", "<b>six</b>", "seven", "eight", "<b>nine</b>", "ten"]
    rows = "".join(f"**{('Anna', 'Ben')[i % 2]}** 2024-03-01 09:0{i}:10\n\n{w}\n\n" for i, w in enumerate(said))
    assert read_text(tmp_path, f"# chat\n\n{rows}", "a.md").messages["text"].to_list() == said


def test_a_folder_whose_backslashes_markdown_escapes_is_read_plain(tmp_path: Path) -> None:
    rows = "".join(f"| {t} | {n} | {w} |\n" for t, n, w in without_breaks(FOLDERS)).replace(
        "C:\\new\\test", r"C:\\合同\\v2\_1"
    )
    reading = read_text(tmp_path, f"| time | sender | text |\n|---|---|---|\n{rows}", "a.md")
    assert r"look in C:\合同\v2_1" in reading.messages["text"].to_list()
