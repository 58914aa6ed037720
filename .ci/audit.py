"""Holds requirements.lock against known vulnerabilities (pip-audit).

Without a network it says so and passes. A finding fails, and so does a package that the service does not know: nothing was checked of it.
A service that knows no package at all is none, such as a mirror: exit code 3 says that nothing was checked.
"""

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
# One package is asked for first: it tells whether anybody answers, before seventy others wait for it.
PROBE, PROBE_S, WHOLE_S = "click", 10, 120
UNCHECKED = 3
OFFLINE = re.compile(r"ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|ServiceError|NameResolution|HTTPError|Max retries|Retries")  # fmt: skip


class Unanswered(Exception):
    """The vulnerability service gives no answer."""


def main() -> int:
    """Exit code: 1 for a vulnerability, an unknown package or a lock that cannot be read, 3 where no package is known, else 0."""
    if importlib.util.find_spec("pip_audit") is None:
        print("pip-audit: skipped: not installed")
        return 0
    text = LOCK.read_text("utf-8")
    first = re.search(rf"^{PROBE}==[^\n]*\\\n(?:    --hash=[^\n]*\n)+", text, re.M)
    try:
        if first is None:
            raise ValueError(f"{PROBE} is not in {LOCK.name}, and is what the service is first asked for")
        ask(first[0], PROBE_S)
        found = ask(text, WHOLE_S)
    except Unanswered:
        print("pip-audit: skipped: offline, no vulnerability service answers")
        return 0
    except ValueError as error:
        print(f"pip-audit: {error}")
        return 1
    return tell(found)


def ask(requirements: str, seconds: float) -> list[dict[str, object]]:
    """What pip-audit says of each package. Raises Unanswered without a network, ValueError for anything else it trips over."""
    words = ("--require-hashes", "--disable-pip", "--timeout", "5", "--progress-spinner", "off", "--format", "json")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text(requirements, "utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(file), *words]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise Unanswered from None
    try:
        return list(json.loads(done.stdout)["dependencies"])
    except ValueError:
        if OFFLINE.search(done.stderr):
            raise Unanswered from None
        raise ValueError((done.stderr.strip().splitlines() or ["no answer"])[-1]) from None


def tell(found: list[dict[str, object]]) -> int:
    """Prints what was found; 1 where a package has a known vulnerability, or is not known to the service; 3 where none is."""
    open_ones = [(d, v) for d in found for v in d.get("vulns", ())]  # type: ignore[attr-defined]
    unknown = [str(d["name"]) for d in found if "vulns" not in d]
    if len(unknown) == len(found):
        print(f"pip-audit: NOTHING WAS CHECKED: the service knows none of {len(found)} packages; ask one that does")
        return UNCHECKED
    for package, hole in open_ones:
        fixed = ", ".join(hole["fix_versions"]) or "none yet"
        print(f"pip-audit: {package['name']} {package['version']}: {hole['id']}, mended in: {fixed}")
    beside = f"; not known to the service: {', '.join(unknown)}" if unknown else ""
    print(f"pip-audit: {len(found) - len(unknown)} packages asked for, {len(open_ones)} known vulnerabilities{beside}")
    return 1 if open_ones or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
