"""Pictures and elements that stand for a character of the words, and the breaks between lines."""

from pathlib import Path

import pytest

from reconcile.errors import UnrecognisedSource, UsageError
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.build.readings import read, read_text, spoken

FACES = [
    '<img class="emoji" src="1f914.png" alt="🤔">',
    '<img src="e/14@2x.png" alt="[微笑]">',
    '<span class="e">👍🏽</span>',
    '<img class="qqface" src="4.gif" alt="/得意">',
]
SHOWN = ["🤔", "[微笑]", "👍🏽", "/得意"]


def page(words: list[str], after: str = "") -> str:
    """A page of messages with a portrait each."""
    told = "".join(
        f'<div class="m"><div class="p"><img src="{i % 2}.jpg" alt="[photo_100]"></div><div class="from">{("Anna", "Ben")[i % 2]}</div>'
        f'<div class="at">2024-03-05 09:{i:02}:10</div><div class="body">{w}</div>{after}</div>'
        for i, w in enumerate(words)
    )
    return f"<html><head><meta charset='utf-8'></head><body>{told}</body></html>"


@pytest.mark.parametrize(("drawn", "written"), [*zip(FACES, SHOWN, strict=True)])
def test_a_picture_of_a_character_is_that_character_in_the_words(tmp_path: Path, drawn: str, written: str) -> None:
    words = ["word one", "well {} then", "{}{}", "word two", "word three", "{}"]
    found = read_text(tmp_path, page([w.replace("{}", drawn) for w in words]), "a.html").messages
    assert found["text"].to_list() == [w.replace("{}", written) for w in words]
    assert found["kind"].to_list() == ["text"] * 6


def test_stickers_reactions_and_pictures_are_no_words(tmp_path: Path) -> None:
    words = [f"word {i} of many" for i in range(6)]
    told = [*words, '<img class="sticker" src="s.webp" alt="🤔">', '<img src="a.jpg" alt="[图片]">']
    after = '<div class="reactions"><img class="emoji" src="1f44d.png" alt="👍"></div>'
    found = read_text(tmp_path, page(told, after), "a.html").messages
    assert found["text"].to_list()[:6] == words
    assert found["kind"].to_list()[6:] == ["sticker", "image"]


def test_two_breaks_in_a_row_leave_an_empty_line_between_the_lines(tmp_path: Path) -> None:
    told = ["one<br><br>three", "word", "two<br>\n  lines", "word again", "well", "then"]
    rows = [f"<dt>2024-03-05 09:{i:02}:10 <b>{('Anna', 'Ben')[i % 2]}</b></dt><dd>{w}</dd>" for i, w in enumerate(told)]
    reading = read_text(tmp_path, f"<html><body><dl>{''.join(rows)}</dl></body></html>", "a.html")
    assert [w for _, _, w in spoken(reading, "%M")] == [
        "one\n\nthree",
        "word",
        "two\nlines",
        "word again",
        "well",
        "then",
    ]


def test_elements_that_only_an_attribute_names_are_told_by_it_without_a_question(tmp_path: Path) -> None:
    told = "".join(
        f"<div data-tid='message-body'><span data-tid='message-author-name'>{who}</span>"
        f"<time datetime='2026-05-04T09:0{i}:00Z'>Mon 9:0{i} AM</time>"
        f"<div data-tid='message-body-content'>line number {i}</div></div>"
        for i, who in enumerate(["Alice Nguyen", "Bob Martinez", "Carol Smith", "Bob Martinez"])
    )
    last = told.rindex("<div data-tid='message-body'>")
    chain = f"{told[:last]}<div data-tid='reply-chain'>{told[last:]}</div>"
    text = (
        f"<html><head><meta charset='utf-8'></head><body><h1 data-tid='channel-name'>General</h1>{chain}</body></html>"
    )
    reading = read_text(tmp_path, text, "a.html")
    assert [*zip(reading.messages["sender"], reading.messages["text"], strict=True)] == [
        ("Alice Nguyen", "line number 0"),
        ("Bob Martinez", "line number 1"),
        ("Carol Smith", "line number 2"),
        ("Bob Martinez", "line number 3"),
    ]


def test_answers_that_an_element_encloses_are_messages_like_all_others(tmp_path: Path) -> None:
    told = [
        f'<article class="note{" answer" * (3 <= i < 6)}"><a class="at" title="2024-03-05 09:{i:02}:10">Tue</a>'
        f'<span class="who">{("Anna", "Ben")[i % 2]}</span><div class="said">word {i}</div></article>'
        for i in range(9)
    ]
    thread = ["<section>", *told[3:6], "</section>"]
    text = "".join(["<html><body><main>", *told[:3], *thread, *told[6:], "</main></body></html>"])
    assert read_text(tmp_path, text, "a.html").messages["text"].to_list() == [f"word {i}" for i in range(9)]


def test_a_day_behind_the_sign_of_a_calendar_is_no_message(tmp_path: Path) -> None:
    told = "".join(
        f'<div class="day"><div class="date">📅 2024-03-0{d}</div>'
        + "".join(
            f'<div class="m"><span class="who">{("Anna", "Ben")[i % 2]}</span><span class="at">2024-03-0{d} 09:0{i}:00</span>'
            f'<div class="said">word {d}{i}</div></div>'
            for i in range(4)
        )
        + "</div>"
        for d in (1, 2, 3)
    )
    found = read_text(tmp_path, f"<html><body>{told}</body></html>", "a.html").messages
    assert found["text"].to_list() == [f"word {d}{i}" for d in (1, 2, 3) for i in range(4)]


def bars(times: list[str]) -> str:
    """A page with a time above every three messages."""
    told = ""
    for i in range(3 * len(times)):
        told += f"<li class='stamp'><span>{times[i // 3]}</span></li>" * (i % 3 == 0)
        told += (
            f"<li class='line {('left', 'right')[i % 2]}'><em>{('Anna', 'Ben')[i % 2]}</em><p>word number {i}</p></li>"
        )
    return f"<html><body><ul>{told}</ul></body></html>"


def test_a_time_above_several_messages_is_asked_about_and_then_that_of_each(tmp_path: Path) -> None:
    file = tmp_path / "chat.html"
    file.write_text(
        bars(["5 March 2024 09:10", "5 March 2024 11:40", "6 March 2024 08:02", "6 March 2024 21:15"]), "utf-8"
    )
    source = Source(file)
    reader = identify(all_readers(), source)
    with pytest.raises(UsageError, match="time: @time-above") as asked:
        reader.read(source, ReadOptions())
    told = dict(p.split("=") for p in str(asked.value).split("--columns ")[1].split(" as fits")[0].split(","))
    reading = reader.read(source, ReadOptions(columns=told))
    assert spoken(reading, "%d %H:%M")[2:4] == [
        ("05 09:10", "Anna", "word number 2"), ("05 11:40", "Ben", "word number 3"),
    ]  # fmt: skip


def test_times_above_messages_that_state_no_day_date_nothing(tmp_path: Path) -> None:
    file = tmp_path / "chat.html"
    file.write_text(bars(["2024-03-05 09:10", "yesterday 11:40", "today 08:02"]), "utf-8")
    with pytest.raises((UsageError, UnrecognisedSource)):
        read(file)
