"""Lists in scripts are read with the spellings that scripts allow and JSON does not."""

from pathlib import Path

import pytest

from reconcile.formats.inferred.script_values import as_json, script_value
from tests.build.readings import read_text, spoken

ROWS = [(f"09:{i:02}", "小组长" if i % 2 else "实习生", f'第{i}条：好的，it\'s "ok" // 行') for i in range(8)]
ITEMS = ",\n".join(
    f"  {{ id: {i}, time: '2024-03-01 {c}:07', name: '{n}', text: '{w.replace(chr(39), chr(92) + chr(39))}', }}"
    for i, (c, n, w) in enumerate(ROWS)
)


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("// backup\nconst messages = [\n", ",\n];\n\nmodule.exports = messages;\n"),
        ("window.chat = { list: [", "] };"),
        ("loadChat([", "]);"),
        ("/* made by x */ export default [", "]"),
        ("[", "]"),
    ],
)
def test_the_objects_of_a_script_are_rows(before: str, behind: str, tmp_path: Path) -> None:
    assert spoken(read_text(tmp_path, before + ITEMS + behind, "chat.js"), "%H:%M") == ROWS


def test_the_objects_of_a_pages_script_are_rows(tmp_path: Path) -> None:
    page = f"<html><body><div id=app></div><script>var x = [{ITEMS}];</script></body></html>"
    assert spoken(read_text(tmp_path, page, "a.html"), "%H:%M") == ROWS


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("{a: undefined, 'b': `x\ny`, c: new Date('2024-03-01'),}", '{"a": null, "b": "x\\ny", "c": "2024-03-01"}'),
        ('{"a": "http://x/y: {b: 1}"}', '{"a": "http://x/y: {b: 1}"}'),
        (r"['\x41', '\'', ]", '["\\u0041", "\'"]'),
    ],
)
def test_a_value_of_a_script_is_spelled_as_json_spells_it(script: str, value: str) -> None:
    assert "".join(as_json(script).split()) == "".join(value.split())


@pytest.mark.parametrize("text", ["", "hello", "const x = 5;", "{ a: 1"])
def test_a_text_without_a_whole_list_or_object_has_no_value(text: str) -> None:
    assert script_value(text) is None


@pytest.mark.parametrize(
    "text", ["/" * 80 + "\nfoo", "/* a " * 20_000, "// a\n" * 20_000 + "foo", ", /* a */ " * 20_000]
)
def test_a_text_of_nothing_but_comments_is_no_script_and_is_read_once(text: str) -> None:
    assert script_value(text) is None
    assert as_json(text).strip(", \n") in ("", "foo")


def test_tuples_and_times_of_python_are_lists_and_times(tmp_path: Path) -> None:
    said = [f"(datetime.datetime(2024, 3, 1, 9, {i}, 7), {n!r}, {w!r})," for i, (_, n, w) in enumerate(ROWS)]
    reading = read_text(tmp_path, "[\n " + "\n ".join(said) + "\n]\n", "a.txt")
    assert spoken(reading, "%H:%M") == ROWS
    assert as_json("(1, None, (True,), datetime(2024, 3, 1, 9, 5, tzinfo=datetime.timezone.utc))") == (
        '[1, null, [true], "2024-03-01 09:05:00Z"]'
    )
