"""Pages of bubbles whose notices, titles and last lines stand outside the elements of the messages."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reconcile.vocabulary import NoteCode
from tests.build.readings import read, read_text
from tests.thorough import some

WORDS = ["Good morning", "are you there?", "yes, what is it", "the roof leaks", "one<br>two", "call me", "I will", "ok"]
TITLE = '<div class="top"><h1>Chat with Bob (Bob Miller)</h1><p>8 messages, exported 2026-04-01 12:00:00</p></div>'
LAST = '<div class="foot">Made by X on 2026-04-01 12:00</div>'
NOTICE = '<div class="sys">Bob left the group</div>'

Bubble = Callable[[str, str, str], str]
LAYOUTS: dict[str, tuple[Bubble, str]] = {
    "an item of a list with everything in one line": (lambda at, who, words: f"<li>[{at}] {who}: {words}</li>", NOTICE),
    "a line of name and time above the words": (lambda at, who, words: f'<div class="m">{who} ({at}):<br>{words}</div>', NOTICE),
    "a time above each bubble": (
        lambda at, who, words: f'<div class="t">{at}</div><div class="m"><div>{who}</div><div>{words}</div></div>',
        NOTICE,
    ),
    "a heading paragraph and a quotation": (
        lambda at, who, words: f"<p><strong>{who}</strong> <em>{at}</em></p><blockquote>{words}</blockquote>",
        "<p><em>Bob left the group</em></p>",
    ),
    "name, words and time in a bubble": (
        lambda at, who, words: f'<div class="m"><div class="n">{who}</div><div class="w">{words}</div><div class="t">{at}</div></div>',
        NOTICE,
    ),
    "elements without a class": (
        lambda at, who, words: f"<div><div>{who}</div><div>{words}</div><small>{at}</small></div>",
        "<div>Bob left the group</div>",
    ),
    "a notice of another tag": (
        lambda at, who, words: f"<article><header>{who}<time>{at}</time></header><section>{words}</section></article>",
        "<aside>Bob left the group</aside>",
    ),
}  # fmt: skip


def page(bubble: Bubble, notice: str, *, title: str = TITLE, times: str = "2026-03-02 1{}:05") -> str:
    held = [bubble(times.format(i), "AB"[i % 2] + "nn", words) for i, words in enumerate(WORDS)]
    body = "".join([title, *held[:4], notice, *held[4:], LAST])
    return f"<html><head><meta charset='utf-8'></head><body>{body}</body></html>"


@pytest.mark.parametrize("layout", some(LAYOUTS))
def test_a_notice_is_a_row_of_its_own_and_titles_and_last_lines_are_no_words(layout: str, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(page(*LAYOUTS[layout]), "utf-8")
    told = read(tmp_path / "a.html").messages.select("sender", "text", "kind").rows()
    people = [("AB"[i % 2] + "nn", words.replace("<br>", "\n"), "text") for i, words in enumerate(WORDS)]
    assert told == [*people[:4], (None, "Bob left the group", "system"), *people[4:]]


def test_a_title_that_seems_to_begin_the_first_message_is_none_of_its_words(tmp_path: Path) -> None:
    def bubble(at: str, who: str, words: str) -> str:
        inner = f"<i>[image]</i><span>{at}</span>" if "roof" in words else f"{words}<span>{at}</span>"
        return f'<div class="m"><div class="face">{who}</div><div class="bubble">{inner}</div></div>'

    (tmp_path / "a.html").write_text(page(bubble, NOTICE), "utf-8")
    messages = read(tmp_path / "a.html").messages
    assert messages["text"].to_list()[0] == "Good morning"
    assert messages["text"].to_list()[3] == "[image]"


@pytest.mark.parametrize("order", ["{who} — {clock}", "{clock} {who}"])
def test_name_and_clock_in_one_element_below_a_line_of_a_day_are_two_fields(order: str, tmp_path: Path) -> None:
    def bubble(clock: str, who: str, words: str) -> str:
        return f'<div class="m"><span class="who">{order.format(who=who, clock=clock)}</span><div class="b">{words}</div></div>'

    day = f'{TITLE}<p>Period: 2026-03-01 09:02:11 to 2026-03-02 20:18:09</p><div class="day">2026-03-02</div>'
    (tmp_path / "a.html").write_text(page(bubble, NOTICE, title=day, times="1{}:05"), "utf-8")
    messages = read(tmp_path / "a.html").messages
    assert messages["sender"].to_list() == ["Ann", "Bnn", "Ann", "Bnn", None, "Ann", "Bnn", "Ann", "Bnn"]
    local = messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%d %H:%M")
    assert local.to_list()[:2] == ["02 10:05", "02 11:05"]


def test_what_a_page_says_above_its_messages_is_noted(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(page(*LAYOUTS["a time above each bubble"]), "utf-8")
    left = [n.excerpt for n in read(tmp_path / "a.html").notes if n.code == NoteCode.ROW_SKIPPED]
    assert "Chat with Bob (Bob Miller)" in left
    assert "Made by X on 2026-04-01 12:00" in left


MEDIA = {
    3: ('<img src="m/1.jpg">', "image"),
    5: ('<audio src="2.ogg"></audio>', "voice"),
    6: ("<video></video>", "video"),
}


@pytest.mark.parametrize(
    "bubble",
    [
        '<div class="m"><b>{who}</b><i>{at}</i><div class="t">{words}</div></div>',
        '<div class="m"><p class="p"><img src="u/{who}.png"></p><b>{who}</b><i>{at}</i><div class="t">{words}</div></div>',
        '<div><div><div>{who}</div>{at}</div><div><font color="1">{words}</font></div></div>',
        '<table><tr><td><img src="u/{who}.png"></td><td>{at}</td><td>{who}</td><td>{words}</td></tr></table>',
    ],
)
def test_a_picture_or_recording_where_others_have_words_is_a_message_of_its_kind(bubble: str, tmp_path: Path) -> None:
    rows = [
        bubble.format(at=f"2026-03-02 1{i}:05", who="AB"[i % 2] + "nn", words=MEDIA[i][0] if i in MEDIA else words)
        for i, words in enumerate(WORDS)
    ]
    body = "".join(rows).replace("</table><table>", "")
    (tmp_path / "a.html").write_text(f"<html><body>{body}</body></html>", "utf-8")
    kinds = read(tmp_path / "a.html").messages["kind"].to_list()
    assert kinds == [MEDIA[i][1] if i in MEDIA else "text" for i in range(len(WORDS))]


def test_quotations_and_preformatted_lines_among_paragraphs_are_words_of_their_message(tmp_path: Path) -> None:
    inner = {
        2: "<blockquote><p>three</p></blockquote><p>words 2</p>",
        5: "<p>words 5</p><div class='code'><pre>a b\nc d</pre></div>",
    }
    said = "".join(
        f"<h4>{('Anna', 'Ben')[i % 2]} (Oct 23 2024 at 06:5{i}):</h4>{inner.get(i, f'<p>words {i}</p>')}"
        for i in range(8)
    )
    (tmp_path / "a.html").write_text(f"<html><body><h2>Plans</h2>{said}</body></html>", "utf-8")
    texts = {2: "three\nwords 2", 5: "words 5\na b\nc d"}
    assert read(tmp_path / "a.html").messages["text"].to_list() == [texts.get(i, f"words {i}") for i in range(8)]


def test_a_block_below_the_last_message_is_no_part_of_it_and_may_state_the_zone(tmp_path: Path) -> None:
    lines = "".join(
        f"<b>[2024-06-03 09:{10 + i}:00]</b> <i>{('Anna', 'Ben')[i % 2]}:</i> word number {i}<br>" for i in range(8)
    )
    messages = read_text(tmp_path, f"<html><body>{lines}<p class='foot'>UTC+9</p></body></html>", "a.html").messages
    assert messages["text"][-1] == "word number 7"
    assert str(messages["sent_at"][0]) == "2024-06-03 00:10:00+00:00"


def test_the_whole_time_of_a_clock_is_read_from_its_attribute(tmp_path: Path) -> None:
    items = [
        f"<dt>{'Anna' if i % 2 else 'Bob'} <time datetime='2024-03-0{1 + i // 4}T09:{i:02}:44+08:00'>09:{i:02}</time></dt><dd>{w}</dd>"
        for i, w in enumerate(WORDS)
    ]
    found = read_text(tmp_path, f"<dl>{''.join(items)}</dl>", "a.html").messages
    assert found.height == len(WORDS)
    assert (
        found["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%d %H:%M:%S").to_list()[-1] == "02 09:07:44"
    )


def test_the_first_message_inside_a_title_that_was_never_closed_keeps_its_words(tmp_path: Path) -> None:
    rows = "".join(f"<h4>{'AB'[i % 2]}nn (2024-03-05 09:0{i}):</h4>\n<p>word {i}</p>\n" for i in range(8))
    head = "--- title <h2>Stream: <a>team</a>\n<h3>Topic</h3><hr>{% raw %}\n"
    (tmp_path / "a.html").write_text(f"{head}{rows}{{% endraw %}}<hr><p>Updated 2024-03-06 10:00</p>", "utf-8")
    assert read(tmp_path / "a.html").messages["text"].to_list() == [f"word {i}" for i in range(8)]
