"""Names of kinds between brackets of any shape, and words that somebody puts there."""

from pathlib import Path

import pytest

from reconcile.case import read
from reconcile.intake.contract import Reading
from tests.thorough import some

WORDS = ["Guten Morgen", "Wann kommst du?", "Um drei Uhr", "Gut, bis dann", "Der Vertrag liegt bei", "Ich zahle bar"]


def _read(tmp_path: Path, texts: list[str]) -> Reading:
    rows = [f"23.03.2023;06:{n // 60:02}:{n % 60:02};{('Omar', 'Lena')[n % 2]};{t}" for n, t in enumerate(texts)]
    (tmp_path / "Chat.csv").write_text("\n".join(["Datum;Uhrzeit;Absender;Nachricht", *rows]), "utf-8")
    return read(tmp_path / "Chat.csv")


@pytest.mark.parametrize("brackets", some(["<>", "()", "‹›", "【】", "（）", "{}"], 2))
def test_names_of_kinds_between_brackets_of_one_shape_are_kinds(brackets: str, tmp_path: Path) -> None:
    names = ["Bild", "Bild", "Sprachnachricht", "Video", "фото"]
    texts = [*WORDS, *(f"{brackets[0]}{n}{brackets[1]}" for n in names), f"{brackets[0]}Datei{brackets[1]} Plan 7.pdf"]
    rows = _read(tmp_path, texts).messages[len(WORDS) :]
    assert rows["kind"].to_list() == ["image", "image", "voice", "video", "image", "file"]
    assert rows["file_name"].to_list()[-1] == "Plan 7.pdf"


def test_a_word_that_somebody_puts_between_brackets_once_is_words(tmp_path: Path) -> None:
    texts = [*WORDS, "(Sprachnachricht)", "<Bild>", "(lacht)", "(seufzt)", "(lacht)", "(Foto)", "(Foto)"]
    assert set(_read(tmp_path, texts).messages["kind"].cast(str)) == {"text"}


def test_a_file_embedded_in_a_note_is_of_the_kind_of_its_ending(tmp_path: Path) -> None:
    rows = _read(tmp_path, [*WORDS, "![[img/10.jpg]]", "[[notes]]"]).messages[len(WORDS) :]
    assert rows["kind"].to_list() == ["image", "text"]
