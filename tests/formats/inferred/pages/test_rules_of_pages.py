"""Rules that a page draws between and inside its messages."""

from pathlib import Path

from reconcile import read

_DIV = '<div class="m"><p><span>{at}</span> <span>{who}</span></p><hr><div><span>{text}</span></div>{more}</div>\n'


def test_rules_of_a_page_are_no_words_and_typed_ones_are(tmp_path: Path) -> None:
    said = [("Me", "paid"), ("Ann", "---"), ("Me", "thanks, see you there"), ("Ann", "ok")] * 3
    page = "".join(
        _DIV.format(at=f"Jan 05, 2025  9:{31 + i}:29 PM", who=who, text=text, more="<hr><hr>" * (i % 2))
        for i, (who, text) in enumerate(said)
    )
    file = tmp_path / "Ann.html"
    file.write_text(f"<html><body>{page}</body></html>", encoding="utf-8")
    assert read(file).messages["text"].to_list() == [text for _, text in said]
