"""What the user states of an unknown form decides: where its rows are, and how they are written."""

import json
import re
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.columns import parse_columns
from reconcile.formats.inferred.reader import InferredForm
from reconcile.inspection import save_draft
from reconcile.intake.contract import ReadOptions
from reconcile.intake.source import Source
from tests.thorough import some

CLOCKS = ("09:12:31", "09:15:02", "10:00:40", "23:59:59")
NAMES, WORDS = ("Anna", "Ben") * 2, ("first of all", "a second one", "yes, at ten", "settled then")
TRUE = [(f"2024-03-05 {c}", n, w) for c, n, w in zip(CLOCKS, NAMES, WORDS, strict=True)]


def read(file: Path, mapping: str) -> list[tuple[str, str, str]]:
    (file.parent / "map.toml").write_text(mapping, "utf-8")
    options = ReadOptions(columns=parse_columns(str(file.parent / "map.toml")))
    messages = InferredForm().read(Source(file), options).messages
    local = messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d %H:%M:%S")
    return list(zip(local, messages["sender"], messages["text"], strict=True))


def lines(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(rows), "utf-8")
    return path


def test_a_pattern_reads_a_text_of_any_make_and_further_lines_are_words(tmp_path: Path) -> None:
    rows = [f"{n} wrote ({t[11:]} on {t[:10]}) {w}" for t, n, w in TRUE]
    file = lines(tmp_path / "a.txt", ["a title", *rows, "and a further line"])
    pattern = r"^(?P<sender>\w+) wrote \((?P<time>[0-9:]+ on [0-9-]+)\) (?P<text>.*)$"
    found = read(file, f"pattern = '{pattern}'\ntime_format = '%H:%M:%S on %Y-%m-%d'\n")
    assert found == [*TRUE[:-1], (TRUE[-1][0], "Ben", "settled then\nand a further line")]


def test_lines_to_skip_are_noted_and_no_words(tmp_path: Path) -> None:
    rows = [line for t, n, w in TRUE for line in (f"{t} {n}> {w}", "# a line of the program")]
    (tmp_path / "m.json").write_text(
        json.dumps({"pattern": "^(?P<time>.{19}) (?P<sender>.+?)> (?P<text>.*)", "skip": "^#"})
    )
    options = ReadOptions(columns=parse_columns(str(tmp_path / "m.json")))
    reading = InferredForm().read(Source(lines(tmp_path / "a.txt", rows)), options)
    assert reading.messages["text"].to_list() == list(WORDS)
    assert sum(n.count for n in reading.notes if n.code == "row_skipped") == len(WORDS)


def test_a_form_of_times_that_states_no_month_is_refused(tmp_path: Path) -> None:
    file = lines(tmp_path / "a.csv", ["when,who,what", "5 Mars 2024 09:12,Anna,hello"])
    with pytest.raises(UsageError, match="no year, month or day"):
        read(file, "time='when'\nsender='who'\ntext='what'\ntime_format='%d Mars %Y %H:%M'\n")


@pytest.mark.parametrize(("pattern", "told"), [("(", "no regular expression"), ("^a (.*)", "names no group")])
def test_what_is_no_pattern_of_a_message_is_refused(tmp_path: Path, pattern: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read(lines(tmp_path / "a.txt", ["a b"] * 3), f"pattern = '{pattern}'\n")


def test_times_without_a_year_take_the_stated_one_and_the_next_after_december(tmp_path: Path) -> None:
    days = ("12-30", "12月31日", "Jan 2", "1/3")
    rows = [f"{d} {c[:5]};{n};{w}" for d, c, n, w in zip(days, CLOCKS, NAMES, WORDS, strict=True)]
    found = read(
        lines(tmp_path / "a.csv", ["when;who;what", *rows]), "time='when'\nsender='who'\ntext='what'\nyear='2023'\n"
    )
    assert [t[:10] for t, _, _ in found] == ["2023-12-30", "2023-12-31", "2024-01-02", "2024-01-03"]


def test_separator_and_heading_are_where_the_user_says(tmp_path: Path) -> None:
    rows = [f"{t}~{n}~{w}" for t, n, w in TRUE]
    file = lines(tmp_path / "a.txt", ["A,B,C", "printed, by, hand", "when~who~what", *rows])
    assert read(file, "separator='~'\nheading='3'\ntime='when'\nsender='who'\ntext='#3'\n") == TRUE


def test_of_several_lists_the_named_one_is_read(tmp_path: Path) -> None:
    rows = [{"t": t, "n": n, "w": w} for t, n, w in TRUE]
    data = {"drafts": [{**r, "w": "a draft"} for r in rows] * 2, "chat": {"rows": rows}}
    (tmp_path / "a.json").write_text(json.dumps(data), "utf-8")
    assert read(tmp_path / "a.json", "rows='chat.rows'\ntime='t'\nsender='n'\ntext='w'\n") == TRUE


def test_a_draft_of_the_mapping_names_what_is_known_and_what_is_open(tmp_path: Path) -> None:
    rows = [{"at": t, "from": i % 2, "msg": w} for i, (t, _, w) in enumerate(TRUE * 3)]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    assert save_draft(tmp_path / "a.json", tmp_path / "m.toml", ReadOptions())
    draft = (tmp_path / "m.toml").read_text("utf-8")
    assert ('time = "at"' in draft, 'text = "msg"' in draft, '"from"' in draft) == (True, True, True)
    assert parse_columns(str(tmp_path / "m.toml"))["time"] == "at"


def test_a_toml_file_that_is_no_mapping_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"time": t, "sender": n, "text": w} for t, n, w in TRUE]), "utf-8")
    (tmp_path / "a.toml").write_text("[tool]\nname = 'other'\n", "utf-8")
    assert InferredForm().read(Source(tmp_path / "a.json"), ReadOptions()).messages.height == len(TRUE)


@pytest.mark.parametrize(
    ("date", "clocks", "told"),
    [
        ("2024-03-05", CLOCKS, [t for t, _, _ in TRUE]),
        ("2024/3/5", ("23:58", "23:59", "0:01", "0:02"), ["2024-03-05 23:58:00", "2024-03-05 23:59:00", "2024-03-06 00:01:00", "2024-03-06 00:02:00"]),
        ("2024-03-05 23:30", ("00:05:07", "00:10:00", "00:40:00", "25:00:00"), ["2024-03-05 23:35:07", "2024-03-05 23:40:00", "2024-03-06 00:10:00", "2024-03-07 00:30:00"]),
        ("2024-03-05 09:00", ("5:07", "5:09", "59:00", "1:00:01"), ["2024-03-05 09:05:07", "2024-03-05 09:05:09", "2024-03-05 09:59:00", "2024-03-05 10:00:01"]),
    ],
)  # fmt: skip
def test_a_stated_day_is_that_of_the_first_clock_or_the_moment_from_which_they_count(
    date: str, clocks: tuple[str, ...], told: list[str], tmp_path: Path
) -> None:
    file = lines(tmp_path / "a.tsv", ["t\twho\twhat", *("\t".join(r) for r in zip(clocks, NAMES, WORDS, strict=True))])
    found = read(file, f"time = 't'\nsender = 'who'\ntext = 'what'\ndate = '{date}'\n")
    assert found == [*zip(told, NAMES, WORDS, strict=True)]


QUESTIONS = {
    "a.csv": "at,x,y,words\n" + "".join(f"{t},{n},{'CDD'[i % 3]}leo,{w}\n" for i, (t, n, w) in enumerate(TRUE * 3)),
    "b.csv": "when,who,words\n" + "".join(f"05/06/2024 {t[11:]},{n},{w}\n" for t, n, w in TRUE),
    "d.html": "".join(f"<div class=m><p>{w}</p><i>{t}</i></div>" for t, _, w in TRUE * 3),
    "e.csv": "when,who,words\n" + "".join(f"{t} CST,{n},{w}\n" for t, n, w in TRUE),
}


@pytest.mark.parametrize("name", some(QUESTIONS, 2))
def test_what_a_question_proposes_can_be_entered_as_it_stands(tmp_path: Path, name: str) -> None:
    """Where no field names those who speak, nothing is proposed."""
    (tmp_path / name).write_text(QUESTIONS[name], "utf-8")
    with pytest.raises(UsageError) as asked:
        InferredForm().read(Source(tmp_path / name), ReadOptions())
    example = re.search("give --columns (.*) as fits", str(asked.value))
    if example is None:
        assert "no field tells who speaks" in str(asked.value)
    else:
        options = ReadOptions(columns=parse_columns(example[1]))
        assert InferredForm().read(Source(tmp_path / name), options).messages["sent_at"].null_count() == 0
