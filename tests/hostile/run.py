"""Runs every attack, the heavy ones too, through `reconcile inspect` and prints how each ended, a line of JSON each.

`python -m tests.hostile.run [NAME ...]`; all in this one process.
"""

import contextlib
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from reconcile.cli.main import main as run_command
from tests.hostile.attacks import ATTACKS
from tests.hostile.heavy import HEAVIES

# The interpreter with its libraries maps some 2 GB before it reads anything.
ADDRESS_SPACE = 4 * 2**30


def ended(path: Path) -> dict[str, Any]:
    """Exit code, what was said, seconds of the processor and by how much memory grew at most while it ran."""
    out, err = io.StringIO(), io.StringIO()
    words = ["reconcile", "inspect", "--lang", "en", "--", os.fspath(path)]
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    before, started, code = _peak(), time.process_time(), 0
    try:
        with patch.object(sys, "argv", words), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            run_command()
    except SystemExit as stop:
        code = int(stop.code or 0)
    except BaseException as error:
        code = -1
        err.write(f"{type(error).__name__}: {error}")
    return {
        "code": code,
        "said": err.getvalue(),
        "busy": time.process_time() - started,
        "megabytes": _peak() - before,
        "printed": out.getvalue()[-4_000:],
    }


def _peak() -> int:
    with contextlib.suppress(OSError, StopIteration):
        line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    attacks = ATTACKS | HEAVIES
    wanted = sys.argv[1:] or list(attacks)
    for name in wanted:
        folder = Path(tempfile.mkdtemp(prefix="hostile-"))
        build, _ = attacks[name]
        told = ended(build(folder))
        # A folder of fifteen hundred levels is beyond the library's own way of removing it.
        subprocess.run(["rm", "-rf", "--", folder], check=False)
        sys.stdout.write(json.dumps({"name": name, **told}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
