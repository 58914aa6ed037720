"""What foreign mutators found, version of the program by version: counts kept beside the reproducers, and their table."""

import json
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_HEADING = "\n## Mutators that are not ours\n"
_COLUMNS = ("inputs", "read", "read with notes", "refused", "crash", "died", "loss", "short", "hang", "memory")


def version() -> str:
    """The last change to the program, with `+` where it is not yet written down."""
    words = ["git", "-C", str(_ROOT)]
    last = subprocess.run(
        [*words, "log", "-1", "--format=%ct-%h", "--", "reconcile"], check=True, capture_output=True, text=True
    )
    now = subprocess.run(
        [*words, "status", "--porcelain", "--", "reconcile"], check=True, capture_output=True, text=True
    )
    return last.stdout.strip() + ("+" if now.stdout.strip() else "")


class Versions:
    """Counts of this run, and of all runs kept in one folder."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._place = folder / f"tally-{version()}-{seed}.json"
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._worst: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def count(self, told: dict[str, Any]) -> None:
        """One input more."""
        name, end = str(told["mutator"]), str(told["end"]).split(":")[0]
        self._counts[name].update(("inputs", end))
        worst = self._worst[name]
        worst[:] = max(worst[0], told["busy"]), max(worst[1], told["megabytes"])

    def keep(self) -> None:
        """Writes this run's counts."""
        if self._counts:
            self._place.write_text(json.dumps({n: {**c, "worst": self._worst[n]} for n, c in self._counts.items()}))

    def into(self, page: str) -> str:
        """The page with its section on these mutators written anew."""
        before, _, behind = page.partition(_HEADING)
        rest = behind[behind.index("\n## ") :] if "\n## " in behind else ""
        return f"{before.rstrip()}\n{_HEADING}\n{self._section()}\n{rest}"

    def _section(self) -> str:
        rows: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        worst: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for file in sorted(self._folder.glob("tally-*.json")):
            made = "-".join(file.stem.split("-")[1:3])
            for name, counts in json.loads(file.read_text("utf-8")).items():
                peak = counts.pop("worst")
                rows[made][name].update(counts)
                worst[made] = [max(a, b) for a, b in zip(worst[made], peak, strict=True)]
        head = "| version | mutator | inputs | read | with notes | refused | crashes | silent loss | noted short | hangs > 10 s | over 1 GB |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
        lines = [head]
        everything = Counter[str]()
        for made, names in sorted(rows.items()):
            whole = sum(names.values(), Counter[str]())
            everything += whole
            lines += [_line(made.split("-")[1], name, c) for name, c in sorted(names.items())]
        last = sorted(rows)[-1]
        final = sum(rows[last].values(), Counter[str]())
        lines += [_line("**all**", "", everything), _line(f"**{last.split('-')[1]}, the last**", "", final)]
        s, mb = max(w[0] for w in worst.values()), max(w[1] for w in worst.values())
        return "\n".join([*lines, "", f"Worst of all: {s:.1f} s of the processor, {mb:,.0f} MB."])


def _line(made: str, name: str, c: Counter[str]) -> str:
    cells = [
        c["inputs"],
        c["read"],
        c["read with notes"],
        c["refused"],
        c["crash"] + c["died"],
        c["loss"],
        c["short"],
        c["hang"],
        c["memory"],
    ]
    return f"| {made} | {name} | " + " | ".join(f"{n:,}" for n in cells) + " |"
