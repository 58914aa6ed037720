"""Builds the wheel twice, in unlike surroundings, and holds both equal. `python .ci/wheel.py [FOLDER]`; no network."""

import os
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Leaves the wheel in FOLDER (default dist/) and prints its SHA-256; 1 where the second build has other bytes."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist").resolve()
    with tempfile.TemporaryDirectory() as folder:
        made = build(out, "Asia/Shanghai", 0o022)
        again = build(Path(folder), "America/New_York", 0o077)
        digests = [sha256(wheel.read_bytes()).hexdigest() for wheel in (made, again)]
    if digests[0] != digests[1]:
        print(f"{made.name}: two builds differ: {digests[0]} {digests[1]}")
        return 1
    print(f"{digests[0]}  {made.name}")
    return 0


def build(folder: Path, zone: str, mask: int) -> Path:
    """One build, dated by the last commit; the wheel's path."""
    dated = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    surroundings = {**os.environ, "SOURCE_DATE_EPOCH": dated.stdout.strip() or "1700000000", "TZ": zone}
    words = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(words, cwd=ROOT, env=surroundings, umask=mask, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip # noqa: S603
    return max(folder.glob("reconcile_wechat-*.whl"), key=lambda f: f.stat().st_mtime_ns)


if __name__ == "__main__":
    sys.exit(main())
