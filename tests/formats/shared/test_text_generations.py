"""Texts of `time name` blocks: those of another tool are of no generation."""

from reconcile.formats.shared.text_generations import txt_generation

TIMES = ["2024-01-01 10:00:00", "2024-01-01 10:01:00"]


def test_a_name_in_a_line_of_its_own_below_each_time_is_of_another_tool() -> None:
    assert txt_generation("\n".join(f"{t}\n{n}\n你好\n" for t, n in zip(TIMES, "甲乙", strict=True))) == 0


def test_notices_alone_are_of_the_second_generation() -> None:
    assert txt_generation("\n".join(f"{t}\n甲撤回了一条消息\n" for t in TIMES)) == 2
