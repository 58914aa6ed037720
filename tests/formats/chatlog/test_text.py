"""The answer of one year leaves out the year: it is taken from what tells it, and never guessed."""

from pathlib import Path

import pytest

from reconcile.case import read
from reconcile.errors import UsageError
from reconcile.formats.inferred.columns import parse_columns
from reconcile.intake.contract import ReadOptions

SHORT, WHOLE = "12-31 23:59:01", "2023-12-31 23:58:00"


def years_of(folder: Path, times: list[str], name: str = "聊天.txt", columns: str | None = None) -> list[int | None]:
    """The years in which a saved answer with these times is read; None = no time."""
    file = folder / name
    file.write_text("".join(f"阿明(wxid_abc{i % 2}def) {t}\n第{i}句\n\n" for i, t in enumerate(times)), "utf-8")
    found = read(file, options=ReadOptions(columns=parse_columns(columns) if columns else {}))
    return found.messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.year().to_list()


@pytest.mark.parametrize(("times", "name", "columns", "years"), [
    ([SHORT, SHORT], "聊天.txt", None, [None, None]),
    ([SHORT, SHORT], "与房东2024.txt", None, [2024, 2024]),
    ([SHORT, SHORT], "聊天.txt", "year=2022", [2022, 2022]),
    ([SHORT, SHORT], "与房东2024.txt", "year=2022", [2022, 2022]),
    ([WHOLE, SHORT], "聊天.txt", None, [2023, 2023]),
    ([WHOLE, SHORT, "2024-01-01 00:00:01"], "聊天.txt", None, [2023, None, 2024]),
])  # fmt: skip
def test_a_left_out_year_is_the_stated_one_or_the_one_of_whole_times_around_or_of_the_file_name(
    tmp_path: Path, times: list[str], name: str, columns: str | None, years: list[int | None]
) -> None:
    assert years_of(tmp_path, times, name, columns) == years


def test_times_without_any_year_are_noted_with_how_to_state_it(tmp_path: Path) -> None:
    file = tmp_path / "聊天.txt"
    file.write_text(f"阿明(wxid_abcdef) {SHORT}\n好\n\n阿明(wxid_abcdef) {SHORT}\n好\n\n", "utf-8")
    assert any("--columns year=2024" in n.excerpt and n.count == 2 for n in read(file).notes)


def test_a_year_of_two_figures_is_refused() -> None:
    with pytest.raises(UsageError, match="'24' is no year"):
        parse_columns("year=24")


def test_a_sort_number_behind_the_account_is_read_and_belongs_to_no_name(tmp_path: Path) -> None:
    file = tmp_path / "聊天.txt"
    heads = ["系统消息 [1709255100000]", "阿明(我) [1709255101001]", "阿红(wxid_abcdef) [1709255102000]"]
    file.write_text("".join(f"{h} 2024-03-01 09:05:0{i}\n第{i}句\n\n" for i, h in enumerate(heads)), "utf-8")
    found = read(file)
    assert found.messages["sender_name"].to_list() == [None, "阿明", "阿红"]
    assert found.messages["text"].to_list() == ["第0句", "第1句", "第2句"]
    assert found.facts.reader == "chatlog_text"
