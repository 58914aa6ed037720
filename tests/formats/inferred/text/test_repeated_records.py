"""Texts that set a record once more, indented, below the record that it answers."""

from pathlib import Path

from tests.build.readings import read_text, spoken

_WORDS = ("货到了吗", "running late, 9:30", "到了，缺2箱\n照片我发了", "好的", "差的25号补", "收到，谢谢")
ROWS = [(f"2024-03-05 09:{10 + i}:11", ("Anna", "老周")[i % 2], f"{_WORDS[i % 6]}{'。' * (i // 6)}") for i in range(14)]


def _block(row: tuple[str, str, str]) -> list[str]:
    return [row[0], row[1], *row[2].split("\n")]


def _text(copies: dict[int, list[str]]) -> str:
    """The blocks of all rows; below some of them stand further lines, indented."""
    blocks = [[*_block(row), *(f"    {line}" for line in copies.get(i, ()))] for i, row in enumerate(ROWS)]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def test_an_indented_copy_of_a_record_is_no_part_of_the_words_above_it(tmp_path: Path) -> None:
    copies = {0: [*_block(ROWS[2]), *_block(ROWS[4])], 3: _block(ROWS[7]), 5: _block(ROWS[8])}
    assert spoken(read_text(tmp_path, _text(copies), "a.txt"), "%F %T") == ROWS


def test_an_indented_record_that_differs_from_every_other_stays_in_the_words(tmp_path: Path) -> None:
    altered = [*_block(ROWS[2])[:-1], "照片我没发"]
    said = spoken(read_text(tmp_path, _text({0: altered, 3: _block(ROWS[7])}), "a.txt"), "%F %T")
    assert "照片我没发" in said[0][2]
    assert said[3] == ROWS[3]


def test_a_line_below_a_record_that_its_copy_lacks_and_that_speaks_of_a_message_is_no_part_of_its_words(
    tmp_path: Path,
) -> None:
    text = _text({0: _block(ROWS[3]), 4: _block(ROWS[7])}).split("\n")
    at = text.index(ROWS[3][0])
    text.insert(at + 3, "This message responded to an earlier message.")
    assert spoken(read_text(tmp_path, "\n".join(text), "a.txt"), "%F %T") == ROWS
    text[at + 3] = "I forgot the keys."
    said = spoken(read_text(tmp_path, "\n".join(text), "a.txt"), "%F %T")
    assert said[3][2] == f"{ROWS[3][2]}\nI forgot the keys."
