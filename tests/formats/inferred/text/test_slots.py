"""Templates of lines: what all write alike, and the places between."""

import polars as pl

from reconcile.formats.inferred.text.slots import rows_of_template, templates_of


def test_the_messages_of_a_log_are_taken_apart_by_its_template_and_other_lines_are_noted() -> None:
    said = [(("Ann Lee", "Ben")[i % 2], f"word {i} of {i * 7}") for i in range(12)]
    lines = [f"2024-03-05 10:{10 + i}:07 [info] got <- [Van (77)] [{n}] {w}" for i, (n, w) in enumerate(said)]
    lines[3:3] = ["2024-03-05 10:13:01 [info] saved", "all of it"]
    lines[9] += "\nin two lines"
    text = pl.Series("\n".join(lines).split("\n"))
    found = [rows_of_template(text, way, "a.log", []) for way in templates_of(text)]
    told = [
        f
        for f in found
        if f is not None
        and [*zip(f.frame[f.names[-2]], f.frame["rest"], strict=True)]
        == [(n, f"{w}\nin two lines" if i == 7 else w) for i, (n, w) in enumerate(said)]
    ]
    assert told
    assert [n.locator for n in told[0].notes] == ["a.log#line 4", "a.log#line 5"]
