"""Pages that are written from the program say what the program says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_glossary_and_list_of_forms_are_what_the_program_says() -> None:
    found = subprocess.run([sys.executable, ROOT / ".ci" / "pages.py", "--check"], capture_output=True, text=True, check=False)  # fmt: skip
    assert (found.returncode, found.stdout.strip(), found.stderr) == (0, "", "")
