"""Words that their exporter wraps in the mark-up of a page."""

import json
from pathlib import Path

from tests.build.readings import read


def test_bodies_of_pages_are_read_as_a_reader_sees_them(tmp_path: Path) -> None:
    bodies = {
        3: '<p>see <a href="/x" title="y">there</a> &amp; <code>a.c</code></p>\n<pre>one\n  two</pre>',
        6: "<blockquote>\n<p>asked</p>\n</blockquote>\n<p>answered<br>\ntwice</p>",
        9: "joined",
    }
    rows = [
        {
            "timestamp": 1717395064 + 90 * i,
            "sender": ("Anna", "Ben")[i % 2],
            "content": bodies.get(i, f"<p>word {i}</p>"),
        }
        for i in range(12)
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    texts = {3: "see there & a.c\none\ntwo", 6: "asked\nanswered\ntwice", 9: "joined"}
    assert read(tmp_path / "a.json").messages["text"].to_list() == [texts.get(i, f"word {i}") for i in range(12)]


def test_a_break_before_each_line_end_is_that_line_end(tmp_path: Path) -> None:
    bodies = {3: "attached:<br>\n- one<br>\n- two", 5: "what <br> means"}
    rows = [
        {"timestamp": 1717395064 + 90 * i, "sender": "AB"[i % 2], "content": bodies.get(i, f"word {i}")}
        for i in range(12)
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    assert read(tmp_path / "a.json").messages["text"][3] == "attached:\n- one\n- two"


def test_words_are_unescaped_beside_elements_and_an_element_that_is_a_whole_text_stands_for_an_object(
    tmp_path: Path,
) -> None:
    bodies = {
        3: 'see <a href="https://x.org/a">https://x.org/a</a>',
        5: 'deal?<mark at="1"></mark>',
        7: '<Object type="Picture.1">To view: <a href="https://x.org/1">https://x.org/1</a></Object>',
    }
    rows = [
        {"timestamp": 1717395064 + 90 * i, "sender": "AB"[i % 2], "content": bodies.get(i, f"it&apos;s {i} &amp; more")}
        for i in range(12)
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    texts = read(tmp_path / "a.json").messages["text"].to_list()
    assert (texts[2], texts[3], texts[5]) == ("it's 2 & more", "see https://x.org/a", "deal?")
    assert texts[7] == bodies[7]
    rows[9]["content"] = "a < b"
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    assert read(tmp_path / "a.json").messages["text"][5] == bodies[5]
