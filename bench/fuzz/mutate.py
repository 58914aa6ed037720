"""One changed input from one seed: a copy of it, with one to three changes to its files or to its folder."""

import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.fuzz import raw, stores
from bench.fuzz.seeds import Seed

_NAMES = (
    "x",
    "a" * 240,
    "📷\U0001f469\u200d\U0001f467",
    "e\u0301",
    "é",
    "con",
    "a;b",
    "\u202egnp.exe",
    "a\nb",
    "a\x1b[31m",
    "%s",
    "-rf",
    "'",
    "表 (1)",
)


@dataclass(frozen=True)
class Input:
    """The path to hand to the program, what was done, and how many rows were honestly taken away (None = unknown)."""

    path: Path
    what: str
    removed: int | None


def make_input(seed: Seed, folder: Path, rng: random.Random, others: Sequence[bytes] | None = None) -> Input:
    """A changed copy of the seed inside `folder`. The same generator state gives the same input.

    With `others`, whole files of other forms, the change knows nothing of the form (raw.py); without, it follows its structure.
    """
    copy = folder / seed.path.name
    if seed.path.is_dir():
        shutil.copytree(seed.path, copy)
    else:
        shutil.copyfile(seed.path, copy)
    whats: list[str] = []
    removed: int | None = 0
    for _ in range(rng.choice((1, 1, 1, 1, 1, 2) if others is not None else (1, 1, 1, 2, 3))):
        files = sorted(f for f in ([copy] if copy.is_file() else copy.rglob("*")) if f.is_file() and not f.is_symlink())
        if not files:
            break
        done, gone = _one(copy, files, rng) if others is None else _raw(files, others, rng)
        whats.append(done)
        removed = None if removed is None or gone is None else removed + gone
    return Input(copy, "; ".join(whats), removed)


def _one(root: Path, files: list[Path], rng: random.Random) -> tuple[str, int | None]:
    if root.is_dir() and rng.random() < 0.06:
        return _folder_changed(rng.choice(files), rng), None
    file = rng.choice(files)
    data = file.read_bytes()
    if stores.is_store(data):
        done, gone = stores.store_changed(file, rng)
        return f"{file.name}: {done}", gone
    changed = stores.by_content(file.name, data, rng)
    file.write_bytes(changed.data)
    return f"{file.name}: {changed.what}", changed.removed


def _raw(files: list[Path], others: Sequence[bytes], rng: random.Random) -> tuple[str, int | None]:
    file = rng.choice(files)
    changed = raw.raw_changed(file.read_bytes(), others, rng)
    file.write_bytes(changed.data)
    return f"{file.name}: {changed.what}", changed.removed


def _folder_changed(file: Path, rng: random.Random) -> str:
    kind = rng.choice(("gone", "twice", "empty", "renamed", "link", "pipe", "folder"))
    if kind == "gone":
        file.unlink()
    elif kind == "twice":
        shutil.copyfile(file, file.with_name(f"copy of {file.name}"[:80]))
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "renamed":
        file.rename(file.with_name(rng.choice(_NAMES)[:120] + rng.choice((file.suffix, "", ".txt"))))
    elif kind == "link":
        file.with_name("link.db").symlink_to(rng.choice(("/dev/zero", "..", file.name, "/nowhere")))
    elif kind == "pipe":
        os.mkfifo(file.with_name(f"pipe{file.suffix}"))
    else:
        file.unlink()
        file.mkdir()
    return f"{file.name} {kind}"
