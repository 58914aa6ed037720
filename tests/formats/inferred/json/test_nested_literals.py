"""Messages in nested values of Lua, Perl, PHP and Ruby are read like those of JSON."""

from pathlib import Path

import pytest

from reconcile import read
from tests.build.readings import spoken

ROWS = [(f"09:{i:02}:07", ("Anna", "Ben Ode")[i % 2], f'word {i} "of" many, {{so}}') for i in range(8)]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def serialized(value: object) -> str:
    if isinstance(value, str):
        return f's:{len(value.encode())}:"{value}";'
    if isinstance(value, int):
        return f"i:{value};"
    pairs = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    return f"a:{len(value)}:{{{''.join(serialized(k) + serialized(v) for k, v in pairs)}}}"  # type: ignore[arg-type]


def rows_of(layout: str) -> str:
    return "".join(
        layout.format(n=n, t=quoted(f"2024-03-05 {c}"), w=quoted(w), f=quoted(f)) for n, (c, f, w) in enumerate(ROWS)
    )


FILES = {
    "a.lua": "local DB = {{\n{}}}\n-- the end\n".format(rows_of('  {{ ["time"] = {t}, ["from"] = {f}, text = {w} }}, -- [{n}]\n')),
    "a.pl": "$VAR1 = [\n{}];\n".format(rows_of("{{\n'time' => {t},\n'from' => {f},\n'text' => {w}\n}},\n")),
    "a.php": "<?php\nreturn array (\n{});\n".format(rows_of("{n} =>\narray (\n'time' => {t},\n'from' => {f},\n'text' => {w},\n),\n")),
    "a.rb": "[{}]".format(rows_of("{{:time=>{t}, :from=>{f}, :text=>{w}, :seen=>nil}},\n")),
    "a.txt": serialized({"items": [{"time": f"2024-03-05 {c}", "from": f, "text": w} for c, f, w in ROWS]}),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_values_of_other_languages_are_read_like_json(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name], "utf-8")
    assert spoken(read(tmp_path / name), "%H:%M:%S") == ROWS


def test_lines_with_arrows_stay_lines(tmp_path: Path) -> None:
    text = "".join(f"2024-03-05 {c} {f}\nkey => value {n}\n\n" for n, (c, f, _) in enumerate(ROWS))
    (tmp_path / "a.txt").write_text(text, "utf-8")
    assert read(tmp_path / "a.txt").messages["text"].to_list() == [f"key => value {n}" for n in range(8)]


def test_half_a_character_and_a_number_of_thousands_of_digits_damage_no_other_message(tmp_path: Path) -> None:
    file = tmp_path / "a.lua"
    damaged = (
        FILES["a.lua"]
        .replace("word 3", r"word \ud800")
        .replace('text = "word 5', f'size = {"9" * 6000}, text = "word 5')
    )
    file.write_text(damaged, "utf-8")
    texts = read(file).messages["text"].to_list()
    assert (len(texts), texts[3].split(" ")[1], texts[4]) == (8, "\ufffd", ROWS[4][2])
