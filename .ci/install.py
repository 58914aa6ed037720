"""Sets up a virtual environment from a lock and shows how far it is. `python .ci/install.py FOLDER LOCK`; only the standard library.

Nothing is installed whose hash the lock does not hold; the program itself is built by the locked build backend.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLDEST = (3, 11)
# Modules are compiled when they are first used: most never are.
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--no-compile", "--progress-bar", "off")
# A terminal has one line that changes; a log gets a line now and then.
EVERY_S = 0.2 if sys.stdout.isatty() else 4.0
COST = {
    "requirements-run.lock": "约 1 至 3 分钟，下载约 200 MB / takes 1 to 3 minutes and fetches some 200 MB",
    "requirements.lock": "约 2 至 6 分钟，另下载约 350 MB / takes 2 to 6 minutes and fetches 350 MB more",
}


class Line:
    """The one line that says how far it is."""

    def __init__(self) -> None:
        self._at = 0.0

    def say(self, text: str, *, now: bool = False) -> None:
        """Shows `text`, unless something was shown a moment ago."""
        moment = time.monotonic()
        if now or moment - self._at >= EVERY_S:
            self._at = moment
            shown, end = (f"\r\033[K  {text[:76]}", "") if sys.stdout.isatty() else (f"  {text}", "\n")
            print(shown, end=end, flush=True)

    def end(self, text: str) -> None:
        """Shows `text` as the last of this stage."""
        self.say(text, now=True)
        if sys.stdout.isatty():
            print(flush=True)


def main() -> int:
    """Exit code: 0 when all is installed, else 1 with what pip said."""
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        print(
            f"Python {sys.version.split()[0]}: 需要 {wanted} 或更新版本 / {wanted} or later is needed: make PYTHON=python3.12 …"
        )
        return 1
    folder, lock = Path(sys.argv[1]), ROOT / sys.argv[2]
    print(
        f"首次准备运行环境 / setting up {folder} from {lock.name}, the first time only: {COST.get(lock.name, '')}",
        flush=True,
    )
    begun = time.monotonic()
    python = environment(folder)
    done = packages(python, lock) or program(python)
    if not done:
        print(f"  完成 / done, {time.monotonic() - begun:.0f} s", flush=True)
    return done


def environment(folder: Path) -> Path:
    """The interpreter of the environment, which is made where there is none."""
    found = [folder / "bin" / "python", folder / "Scripts" / "python.exe"]
    if not any(python.exists() for python in found):
        print("  建立虚拟环境 / making the environment", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603
    return next(python for python in found if python.exists())


def packages(python: Path, lock: Path) -> int:
    """Installs what the lock names: fetches, then unpacks, both counted. Returns 1 where pip fails."""
    wanted = len(re.findall(r"^[A-Za-z0-9_.-]+==", lock.read_text("utf-8"), re.M))
    words = [str(python), *PIP, "--require-hashes", "-r", str(lock)]
    line, said, met = Line(), [], 0
    with subprocess.Popen(  # noqa: S603
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace"
    ) as run:
        assert run.stdout is not None
        for text in run.stdout:
            said.append(text)
            first, _, rest = text.strip().partition(" ")
            wanted -= first == "Ignoring"
            # What the environment holds already counts as done.
            met += first in ("Collecting", "Requirement")
            if first in ("Collecting", "Downloading"):
                line.say(
                    f"取得 / fetching {met}/{wanted}: {rest.split(' (from ')[0].split('/')[-1]}",
                    now=first == "Downloading" and "MB" in rest,
                )
            if first == "Installing":
                line.end(f"已取得 / fetched {met}/{wanted}")
                unpacking(run, python, line, rest.count(",") + 1)
    if run.returncode:
        print("".join(said[-30:]))
        print("安装失败：请检查网络后重试 / pip failed (above): check the network, then run the same command again")
    return int(run.returncode != 0)


def unpacking(run: "subprocess.Popen[str]", python: Path, line: Line, count: int) -> None:
    """Counts what lies in the environment until pip ends."""
    before = installed(python)
    while run.poll() is None:
        line.say(f"安装 / installing {max(0, installed(python) - before)}/{count}")
        time.sleep(0.2)


def installed(python: Path) -> int:
    """How many packages lie in the environment."""
    folders = [*python.parents[1].glob("lib/python*/site-packages"), *python.parents[1].glob("Lib/site-packages")]
    return sum(1 for folder in folders for _ in folder.glob("*.dist-info"))


def program(python: Path) -> int:
    """Installs the program from this checkout; the build backend is the locked one, so that nothing is fetched."""
    words = [str(python), *PIP, "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--editable", str(ROOT)]
    return int(subprocess.run(words, check=False).returncode != 0)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
