"""A zone that the head of an export states is that of its times; an unknown one is asked about."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.reader import InferredForm
from reconcile.intake.contract import ReadOptions
from reconcile.intake.source import Source
from tests.build.readings import read_text
from tests.thorough import some

ROWS = [(f"2024-07-01 10:0{i}:21", ("Anna", "Ben")[i % 2], f"word number {i}") for i in range(8)]


def table(head: str) -> str:
    return f"{head}Time,Sender,Message\n" + "".join(f"{','.join(r)}\n" for r in ROWS)


def page(head: str) -> str:
    rows = "".join(f"<tr><td>{t}<td>{s}<td>{w}</tr>" for t, s, w in ROWS)
    return f"<html><body>{head}<table><tr><th>Time<th>Sender<th>Text</tr>{rows}</table></body></html>"


def lines(head: str) -> str:
    return f"{head}\n" + "".join(f"{t} {s}: {w}\n" for t, s, w in ROWS)


@pytest.mark.parametrize(
    ("name", "content"),
    some(
        [
            ("a.csv", table("Account,Shop\nZeitzone,Asia/Tokyo\n")),
            ("a.csv", table("Account,Shop\n时区: UTC+9\n")),
            ("a.csv", table("Account,Shop\nTime zone,(UTC+09:00) Osaka\n")),
            ("a.txt", lines("Chat of Anna and Ben\nTime zone: JST\n")),
            ("a.md", lines("# Chat\n\n- **Timezone:** GMT+9\n")),
            ("a.csv", table("All times are in UTC+9\n")),
            ("a.txt", lines("Chat of Anna and Ben\n时间均为 GMT+9\n")),
            ("a.html", page("<h1>Chat</h1><p><b>Time zone:</b> Asia/Tokyo</p>")),
        ]
    ),
)
def test_the_zone_above_the_rows_is_that_of_their_times(tmp_path: Path, name: str, content: str) -> None:
    messages = read_text(tmp_path, content, name).messages
    assert str(messages["sent_at"][0]) == "2024-07-01 01:00:21+00:00"
    assert messages["sender"].to_list() == ["Anna", "Ben"] * 4


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", table("Shop,Nord\nTime zone,of the office\n")), ("a.txt", lines("Chat\nTimezone: local\n"))],
)
def test_a_zone_that_cannot_be_read_is_asked_about(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(UsageError, match="timezone"):
        read_text(tmp_path, content, name)


def test_what_somebody_writes_of_a_zone_is_none_of_the_file(tmp_path: Path) -> None:
    content = table("").replace("word number 3", "my time zone: America/Chicago")
    assert str(read_text(tmp_path, content, "a.csv").messages["sent_at"][0]) == "2024-07-01 02:00:21+00:00"


def test_counts_that_may_be_of_local_clocks_or_of_utc_are_asked_about(tmp_path: Path) -> None:
    rows = [f"{638_448_828_144_670_310 + i * 600_000_000},{'AB'[i % 2]},word number {i}" for i in range(8)]
    text = "\n".join(["Ticks,From,Body", *rows])
    with pytest.raises(UsageError, match=r"timezone: \+08:00 / \+00:00"):
        read_text(tmp_path, text, "a.csv")
    told = {"time": "Ticks", "sender": "From", "text": "Body", "time_unit": "ticks", "timezone": "+08:00"}
    messages = InferredForm().read(Source(tmp_path / "a.csv"), ReadOptions(columns=told)).messages
    assert messages["sent_at"][0].isoformat() == "2024-03-01T01:40:14.467000+00:00"
