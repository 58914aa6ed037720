"""Short names of zones behind times say which zone it is, or leave it to the user."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.build.readings import read_text


def lines(zone: str) -> str:
    return "".join(f"[2024-06-03 09:0{i}:00 {zone}] {('Anna', 'Ben')[i % 2]}: word {i}\n" for i in range(8))


def test_a_name_of_one_zone_is_its_offset(tmp_path: Path) -> None:
    messages = read_text(tmp_path, lines("JST")).messages
    assert str(messages["sent_at"][0]) == "2024-06-03 00:00:00+00:00"
    assert messages["zone_source"].cast(str).unique().to_list() == ["explicit"]


def test_a_name_of_several_zones_is_asked_about_unless_the_user_names_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="timezone: Asia/Shanghai / America/Chicago"):
        read_text(tmp_path, lines("CST"))
    source = Source(tmp_path / "chat.txt")
    messages = identify(all_readers(), source).read(source, ReadOptions(timezone="America/Chicago")).messages
    assert str(messages["sent_at"][0]) == "2024-06-03 14:00:00+00:00"
    assert messages["sender"].to_list() == ["Anna", "Ben"] * 4


def test_a_name_behind_an_offset_adds_nothing(tmp_path: Path) -> None:
    rows = "".join(f"2023-11-23 12:1{i}:22.9{i} +0800 CST,{('Anna', 'Ben')[i % 2]},word {i}\n" for i in range(8))
    messages = read_text(tmp_path, f"Time,User,Message\n{rows}", "a.csv").messages
    assert str(messages["sent_at"][0])[:19] == "2023-11-23 04:10:22"


def test_a_name_of_a_zone_behind_am_or_pm_is_its_offset(tmp_path: Path) -> None:
    rows = "".join(f"[October 4, 2013 at 10:0{i}pm PDT] {('Anna', 'Ben')[i % 2]}: word {i}\n" for i in range(8))
    messages = read_text(tmp_path, rows).messages
    assert str(messages["sent_at"][0]) == "2013-10-05 05:00:00+00:00"
