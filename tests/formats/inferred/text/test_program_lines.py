"""A program's log in which people chat: its own lines are no messages."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.errors import ReconcileError
from reconcile.formats.inferred.text.program_lines import without_program_lines
from tests.build.readings import read_text, skipped
from tests.conftest import Within
from tests.thorough import some


@pytest.mark.parametrize(
    ("spoken", "other"),
    some(
        [
            ("[{t}] [Render thread/INFO]: [CHAT] <{n}> {w}", "[{t}] [main/INFO]: Loading 14 mods"),
            ("[{t}] [Server thread/INFO]: <{n}> {w}", "[{t}] [Server thread/WARN]: Can't keep up!"),
            ("{t} INFO [chat] {n}: {w}", "{t} DEBUG saving chunks\n  at x.y(Foo.java:12)"),
            ("[{t} INFO]: [Not Secure] <{n}> {w}", "[{t} INFO]: User_1 joined the game"),
            (
                "[2024-03-01 {t}] [Client/INFO] [net.x.Chat]: [CHAT] <{n}> {w}",
                "[2024-03-01 {t}] [main/WARN] [net.x.Y]: tick",
            ),
            ("2024-03-01 {t},123 - chat - INFO - <{n}> {w}", "2024-03-01 {t},001 - net - DEBUG - ping"),
            ("2024-03-01 {t} | INFO | [Global] {n}: {w}", "2024-03-01 {t} | WARN | lag"),
        ]
    ),
)
def test_only_what_people_say_in_a_log_is_a_message(tmp_path: Path, spoken: str, other: str) -> None:
    said = [(f"User_{i % 3}", f"第{i}句 [12:00] 见") for i in range(9)]
    lines = [spoken.format(t=f"09:0{i}:05", n=n, w=w) for i, (n, w) in enumerate(said)]
    lines[0:0] = lines[5:5] = [other.format(t="09:00:01")]
    lines[6] = other.format(t="09:04:30")
    reading = read_text(tmp_path, "\n".join(lines), "2024-03-01.log")
    assert reading.messages.select("sender", "text").rows() == [s for i, s in enumerate(said) if i != 4]
    assert len(skipped(reading)) == 3 * len(other.split("\n"))


def test_levels_of_a_log_are_no_senders(tmp_path: Path) -> None:
    lines = [f"[09:0{i}:05] [{'Render thread' if i % 2 else 'main'}/INFO]: step {i} of the work" for i in range(9)]
    with pytest.raises(ReconcileError):
        read_text(tmp_path, "\n".join(lines), "2024-03-01.log")


def test_a_log_without_speech_and_a_chat_about_levels_stay_as_they_are() -> None:
    for line in ("09:00:01 INFO started worker 7", "09:00:01 Anna: INFO is a level"):
        lines = pl.Series([line] * 8)
        assert without_program_lines(lines).to_list() == lines.to_list()


@pytest.mark.parametrize("sign", ["[", "1", "INFO ", "[INFO", "09:00:01 INFO [a] <"])
def test_lines_of_one_sign_take_linear_time(sign: str, within: Within, timed: bool) -> None:
    with within(5):
        without_program_lines(pl.Series([sign * ((40_000 if timed else 500) // len(sign))] * 8))
