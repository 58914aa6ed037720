"""Lists in scripts are read with the spellings that scripts allow and JSON does not."""

from pathlib import Path

import pytest

from reconcile.formats.inferred.script_values import as_json, script_value
from tests.build.readings import read_text, spoken
from tests.thorough import some

ROWS = [(f"09:{i:02}", "小组长" if i % 2 else "实习生", f'第{i}条：好的，it\'s "ok" // 行') for i in range(8)]
ITEMS = ",\n".join(
    f"  {{ id: {i}, time: '2024-03-01 {c}:07', name: '{n}', text: '{w.replace(chr(39), chr(92) + chr(39))}', }}"
    for i, (c, n, w) in enumerate(ROWS)
)


@pytest.mark.parametrize(
    ("before", "behind"),
    some(
        [
            ("// backup\nconst messages = [\n", ",\n];\n\nmodule.exports = messages;\n"),
            ("window.chat = { list: [", "] };"),
            ("loadChat([", "]);"),
            ("/* made by x */ export default [", "]"),
            ("[", "]"),
        ],
        2,
    ),
)
def test_the_objects_of_a_script_are_rows(before: str, behind: str, tmp_path: Path) -> None:
    assert spoken(read_text(tmp_path, before + ITEMS + behind, "chat.js"), "%H:%M") == ROWS


def _shell(at: str, name: str, words: str) -> str:
    return f'{{ _id: ObjectId("65e1"), ts: ISODate("2024-03-01T{at}:07+08:00"), n: NumberLong("5"), sender: {name!r}, text: {words!r} }}'


SHELL = [_shell(*row) for row in ROWS]
EACH = "".join(f"m.push({{ time: '2024-03-01 {c}', sender: {n!r}, text: {w!r} }});\n" for c, n, w in ROWS)


@pytest.mark.parametrize(
    ("script", "name"),
    some(
        [
            ("db.users.drop();\n" + "".join(f'db.getCollection("m").insert([ {m} ]);\n' for m in SHELL), "chat.js"),
            ("db.m.insertMany([\n" + ",\n".join(SHELL) + "\n], { ordered: false })\n", "chat.txt"),
            ("\n".join(SHELL), "chat.json"),
            ("[\n" + ",\n".join(SHELL) + "\n]", "chat.txt"),
            ("import { M } from './m';\nexport const list: M[] = [" + ",\n".join(SHELL) + "];\n", "chat.ts"),
            ("var m = [];\n" + EACH, "chat.js"),
            (
                f"<body><div id=app></div><script>$(function() {{ var m = [];\n{EACH} render({{ el: 'x' }}); }});</script>",
                "chat.html",
            ),
        ]
    ),
)
def test_what_statements_hand_over_or_a_shell_prints_are_rows(script: str, name: str, tmp_path: Path) -> None:
    assert spoken(read_text(tmp_path, script, name), "%H:%M") == ROWS


def test_a_broken_statement_among_others_is_noted(tmp_path: Path) -> None:
    script = "".join(f"db.m.insertOne({m});\n" for m in (*SHELL[:3], SHELL[3].replace("sender:", "sender"), *SHELL[4:]))
    reading = read_text(tmp_path, script, "chat.js")
    assert spoken(reading, "%H:%M") == [*ROWS[:3], *ROWS[4:]]
    assert [n.excerpt for n in reading.notes if n.code == "row_skipped" and ROWS[3][0] in (n.excerpt or "")]


def test_the_objects_of_a_pages_script_are_rows(tmp_path: Path) -> None:
    page = f"<html><body><div id=app></div><script>var x = [{ITEMS}];</script></body></html>"
    assert spoken(read_text(tmp_path, page, "a.html"), "%H:%M") == ROWS


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("{a: undefined, 'b': `x\ny`, c: new Date('2024-03-01'),}", '{"a": null, "b": "x\\ny", "c": "2024-03-01"}'),
        ('{"a": "http://x/y: {b: 1}"}', '{"a": "http://x/y: {b: 1}"}'),
        ("[new Date(2024, 0, 1, 9, 5), Long('7'), DBRef('u', ObjectId('65e1'))]", '["2024-01-0109:05:00","7","65e1"]'),
        ("[datetime.date(2024, 3, 1), datetime.time(9, 5), u'a']", '["2024-03-01","09:05:00","a"]'),
        ("[datetime(2024, 3, 1, 9, tzinfo=timezone(timedelta(seconds=28800)))]", '["2024-03-0109:00:00+08:00"]'),
        (r"['\x41', '\'', ]", '["A", "\'"]'),
    ],
)
def test_a_value_of_a_script_is_spelled_as_json_spells_it(script: str, value: str) -> None:
    assert "".join(as_json(script).split()) == "".join(value.split())


@pytest.mark.parametrize("text", ["", "hello", "const x = 5;", "{ a: 1"])
def test_a_text_without_a_whole_list_or_object_has_no_value(text: str) -> None:
    assert script_value(text)[0] is None


@pytest.mark.parametrize(
    "text", ["/" * 80 + "\nfoo", "/* a " * 20_000, "// a\n" * 20_000 + "foo", ", /* a */ " * 20_000]
)
def test_a_text_of_nothing_but_comments_is_no_script_and_is_read_once(text: str) -> None:
    assert script_value(text)[0] is None
    assert as_json(text).strip(", \n") in ("", "foo")


def test_tuples_and_times_of_python_are_lists_and_times(tmp_path: Path) -> None:
    said = [f"(datetime.datetime(2024, 3, 1, 9, {i}, 7), {n!r}, {w!r})," for i, (_, n, w) in enumerate(ROWS)]
    reading = read_text(tmp_path, "[\n " + "\n ".join(said) + "\n]\n", "a.txt")
    assert spoken(reading, "%H:%M") == ROWS
    assert as_json("(1, None, (True,), datetime(2024, 3, 1, 9, 5, tzinfo=datetime.timezone.utc))") == (
        '[1, null, [true], "2024-03-01 09:05:00+00:00"]'
    )
