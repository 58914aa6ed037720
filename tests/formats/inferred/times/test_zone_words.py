"""Short names of zones behind times say which zone it is, or leave it to the user."""

import json
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.build.readings import read_text
from tests.thorough import meeting, some


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


ZONES = {" UTC": 9, "Z": 9, " +0800": 1, " (UTC+8)": 1, " GMT-5": 14, " (JST)": 0, " CST+8": 1, " 北京时间": 1}
WORDS = [f"word {i} of many" for i in range(12)]
NAMES = ["Anna", "Ben"] * 6
FORMS = {
    "a.txt": lambda i, z: f"[2024-03-01 09:{i:02}:10{z}] {NAMES[i]}: {WORDS[i]}\n",
    "b.txt": lambda i, z: ("" if i else "2024-03-01\n\n") + f"{NAMES[i]} 09:{i:02}:10{z}\n{WORDS[i]}\n\n",
    "c.txt": lambda i, z: ("" if i else "2024-03-01\n") + f"09:{i:02}{z} {NAMES[i]}: {WORDS[i]}\n",
    "d.md": lambda i, z: ("" if i else "### 2024-03-01\n\n") + f"**{NAMES[i]}** 09:{i:02}:10{z}\n\n{WORDS[i]}\n\n",
    "e.csv": lambda i, z: ("" if i else "time,sender,text\n") + f"2024/3/1 9:{i:02}:10{z},{NAMES[i]},{WORDS[i]}\n",
    "f.csv": lambda i, z: ("" if i else "date,time,sender,text\n") + f"2024-03-01,09:{i:02}{z},{NAMES[i]},{WORDS[i]}\n",
    "g.html": lambda i, z: (
        ("" if i else "<html><body><h3>2024-03-01</h3>")
        + f"<div class=m><b class=n>{NAMES[i]}</b><i class=t>09:{i:02}:10{z}</i><p class=w>{WORDS[i]}</p></div>"
    ),
}


@meeting(name=FORMS, zone=ZONES)
def test_a_zone_behind_a_clock_counts_in_every_form(tmp_path: Path, name: str, zone: str) -> None:
    messages = read_text(tmp_path, "".join(FORMS[name](i, zone) for i in range(12)), name).messages
    assert messages["sent_at"].dt.hour().unique().to_list() == [ZONES[zone]]
    assert messages["zone_source"].cast(str).unique().to_list() == ["explicit"]
    assert messages["sender"].to_list() == NAMES
    assert messages["text"].to_list() == WORDS


@pytest.mark.parametrize("name", some(FORMS))
def test_a_name_of_several_zones_is_asked_about_in_every_form(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="timezone: Asia/Shanghai / America/Chicago"):
        read_text(tmp_path, "".join(FORMS[name](i, " (CST)") for i in range(12)), name)


@pytest.mark.parametrize("sender", ["Zoe", "UTCat", "+8613800138000", "Z"])
def test_a_name_that_begins_like_a_zone_is_a_name(tmp_path: Path, sender: str) -> None:
    rows = "".join(f"2024-03-01 09:0{i}:10 {(sender, 'Ben')[i % 2]}: word {i}\n" for i in range(10))
    messages = read_text(tmp_path, rows).messages
    assert messages["sender"].to_list() == [sender, "Ben"] * 5
    assert str(messages["sent_at"][0]) == "2024-03-01 01:00:10+00:00"


def test_words_that_name_a_zone_keep_it(tmp_path: Path) -> None:
    said = [*WORDS[:6], "see you\nat 10:15 UTC", "10:20 UTC"]
    rows = "".join(f"[09:0{i}:00 UTC] {NAMES[i]}: {w}\n" for i, w in enumerate(said))
    messages = read_text(tmp_path, f"2024-03-01\n{rows}").messages
    assert messages["text"].to_list() == said
    assert str(messages["sent_at"][0]) == "2024-03-01 09:00:00+00:00"


@pytest.mark.parametrize(("head", "hour"), [("time (JST)", 0), ("time EST", 14), ("time +0000", 9)])
def test_a_heading_that_ends_in_a_zone_states_it(tmp_path: Path, head: str, hour: int) -> None:
    rows = "".join(f"2024-03-01 09:0{i}:10,{NAMES[i]},{WORDS[i]}\n" for i in range(10))
    assert read_text(tmp_path, f"{head},sender,text\n{rows}", "a.csv").messages["sent_at"].dt.hour()[0] == hour


@pytest.mark.parametrize(("zone", "hour"), [("JST", 0), ("GMT", 9), ("UTC-5", 14)])
def test_a_column_of_zones_counts_by_its_names(tmp_path: Path, zone: str, hour: int) -> None:
    rows = "".join(f"2024-03-01 09:0{i}:10,{zone},{NAMES[i]},{WORDS[i]}\n" for i in range(10))
    assert read_text(tmp_path, f"time,zone,sender,text\n{rows}", "a.csv").messages["sent_at"].dt.hour()[0] == hour


def test_a_column_of_places_states_the_zone_and_several_are_asked_about(tmp_path: Path) -> None:
    rows = [f"2024-03-01 09:0{i}:10,Asia/Tokyo,{NAMES[i]},{WORDS[i]}\n" for i in range(10)]
    messages = read_text(tmp_path, "time,timezone,sender,text\n" + "".join(rows), "a.csv").messages
    assert messages["sent_at"].dt.hour()[0] == 0
    rows[5] = rows[5].replace("Asia/Tokyo", "Europe/Paris")
    with pytest.raises(UsageError, match="timezone: Asia/Tokyo / Europe/Paris"):
        read_text(tmp_path, "time,timezone,sender,text\n" + "".join(rows), "a.csv")


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 9), ("Asia/Tokyo", 0), ("+08:00", 1)])
def test_a_zone_at_the_head_of_an_export_is_that_of_its_local_times(tmp_path: Path, zone: str, hour: int) -> None:
    rows = [{"time": f"2024-03-01 09:0{i}:10", "name": NAMES[i], "text": WORDS[i]} for i in range(10)]
    told = json.dumps({"export": {"tz": zone}, "messages": rows})
    assert read_text(tmp_path, told, "a.json").messages["sent_at"].dt.hour()[0] == hour


def test_the_offset_of_a_page_of_results_is_no_zone(tmp_path: Path) -> None:
    rows = [{"time": f"2024-03-01 09:0{i}:10", "name": NAMES[i], "text": WORDS[i]} for i in range(10)]
    told = json.dumps({"offset": 0, "limit": 50, "messages": rows})
    assert read_text(tmp_path, told, "a.json").messages["zone_source"].cast(str).unique().to_list() == ["assumed"]
