"""A name in a line of its own holds for all timed lines below it, up to the next name."""

from pathlib import Path

import pytest

from tests.build.readings import read_text, spoken

RUNS = [
    ("Anna", ["one two", "three four\nand more"]),
    ("Ben Ode", ["five six"]),
    ("Anna", ["7: eight"]),
    ("Ben Ode", ["nine", "ten"]),
] * 2


@pytest.mark.parametrize("name", ["{}:", "**{}:**", "## {}："])
def test_the_names_above_runs_of_lines_are_their_senders(name: str, tmp_path: Path) -> None:
    text = ""
    rows: list[tuple[str, str, str]] = []
    for who, words in RUNS:
        text += f"\n{name.format(who)}\n"
        for said in words:
            clock = f"09:{len(rows):02}"
            text += f"  [2024-03-13 {clock}:07] {said}\n"
            rows.append((clock, who, said))
    assert spoken(read_text(tmp_path, text), "%H:%M") == rows


def test_a_title_above_lines_that_name_their_senders_is_no_sender(tmp_path: Path) -> None:
    lines = [f"[2024-03-13 09:{i:02}:07] {'Anna' if i % 2 else 'Ben'}: word {i}" for i in range(8)]
    read = read_text(tmp_path, "\n".join(["Part one:", *lines[:4], "Part two:", *lines[4:]]))
    assert set(read.messages["sender"]) == {"Anna", "Ben"}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("{}:", "    {}  {}"),
        ("{}", "    {}  {}"),
        ("{}", "[{}] {}"),
        ("**{}**:", "- {} {}"),
        ("### {}", "* {} {}"),
        ("**{}**", "- `{}` {}"),
        ("【{}】", "> {} | {}"),
    ],
)
def test_names_stand_above_clocks_below_lines_of_days(name: str, line: str, tmp_path: Path) -> None:
    text, rows = "# Export\n\nMade: 2024-06-01 10:00:00\n\n*** 2024-03-13 ***\n", list[tuple[str, str, str]]()
    for who, words in RUNS:
        text += f"{name.format(who)}\n"
        for said in words:
            rows.append((f"09:{len(rows):02}:07", who, said.replace("\n", " ")))
            text += line.format(rows[-1][0], rows[-1][2]) + "\n"
    assert spoken(read_text(tmp_path, text), "%H:%M:%S") == rows
