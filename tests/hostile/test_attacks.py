"""Every attack ends in one clear line or is read with notes, within ten seconds and little memory."""

import subprocess
from pathlib import Path

import pytest

from tests.hostile.attacks import ATTACKS
from tests.hostile.run import ended

# Beyond what the process held before. A new one holds a hundred once the libraries are loaded.
MOST_MEGABYTES = 900


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_ends_in_one_line_or_a_note_soon_and_small(name: str, tmp_path: Path, timed: bool) -> None:
    build, words = ATTACKS[name]
    told = ended(build(tmp_path))
    said = told["said"]
    assert told["code"] in ((0,) if words == () else (2,) if words else (0, 2)), said
    assert not timed or told["busy"] < 10
    assert told["megabytes"] < MOST_MEGABYTES
    assert "Traceback" not in said
    assert said.count("\n") == (1 if told["code"] == 2 else 0)
    assert "was not made for" not in said
    assert all(w in said for w in words or ())
    # What the library's own way of removing folders cannot take away.
    if (tmp_path / "export").exists():
        subprocess.run(["rm", "-rf", "--", tmp_path / "export"], check=False)
