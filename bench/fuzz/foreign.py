"""Mutators that are not ours: libFuzzer's (through atheris), radamsa and zzuf, each behind one call of bytes and a seed.

Each runs in a process of its own (`python -m bench.fuzz.foreign NAME`), so that what it trips over is none of the program's; and zzuf, a program
started for every input, is started from a small process: from the one that reads inputs it costs a hundred times as long.
"""

import importlib
import random
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any, BinaryIO

Mutate = Callable[[bytes, int], bytes]
MUTATORS = ("libfuzzer", "radamsa", "zzuf")
# What a mutator may make of an input: several of them repeat a piece until memory ends.
MOST_BYTES = 2**20
# zzuf leaves one short input in ten as it was.
MOST_ASKED = 5
_HEAD = struct.Struct("<LL")


class Served:
    """A mutator in its own process, started anew where it died; an input that kills it is given back as it was."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, data: bytes, seed: int) -> bytes:
        """The changed bytes; asked again where nothing changed."""
        try:
            made = (self._asked(data, (seed + again) % 2**32) for again in range(MOST_ASKED))
            return next((m for m in made if m != data), data)
        except (OSError, struct.error):
            self.stop()
            return data

    def _asked(self, data: bytes, seed: int) -> bytes:
        if self._process is None:
            words = [sys.executable, "-m", "bench.fuzz.foreign", self._name]
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        given, taken = self._process.stdin, self._process.stdout
        assert given is not None
        assert taken is not None
        given.write(_HEAD.pack(len(data), seed) + data)
        given.flush()
        size, _ = _HEAD.unpack(taken.read(_HEAD.size))
        return bytes(taken.read(size))

    def stop(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def zzuf(data: bytes, seed: int) -> bytes:
    """Bits flipped by zzuf, a few or many."""
    ratio = random.Random(seed).choice(("0.0002", "0.001", "0.004", "0.02"))
    words = ["zzuf", "-s", str(seed), "-r", ratio]
    return subprocess.run(words, input=data, stdout=subprocess.PIPE, check=True, timeout=60).stdout


def mutator(name: str) -> Mutate:
    """The mutator of that name."""
    return Served(name)


def _answer(given: BinaryIO, taken: BinaryIO, mutate: Mutate) -> None:
    while len(head := given.read(_HEAD.size)) == _HEAD.size:
        size, seed = _HEAD.unpack(head)
        made = mutate(given.read(size), seed)[:MOST_BYTES]
        taken.write(_HEAD.pack(len(made), 0) + made)
        taken.flush()


def _radamsa() -> Mutate:
    made: Any = importlib.import_module("pyradamsa").Radamsa()
    return lambda data, seed: bytes(made.fuzz(data, seed=seed, max_mut=MOST_BYTES))


def _libfuzzer(answer: Callable[[Mutate], None]) -> None:
    # libFuzzer's mutator works only inside a run of libFuzzer's: its first input never ends.
    atheris: Any = importlib.import_module("atheris")

    def mutate(data: bytes, seed: int) -> bytes:
        for _ in range(random.Random(seed).choice((1, 1, 2, 3, 5))):
            data = bytes(atheris.Mutate(data, min(len(data) + 4_096, MOST_BYTES)))
        return data

    def one(_: bytes) -> None:
        answer(mutate)
        sys.exit(0)

    # Ended from outside, it would leave its only input where it was started.
    kept = f"-artifact_prefix={tempfile.gettempdir()}/"
    # A bound of no seconds would end it at its first alarm, after one second.
    atheris.Setup([sys.argv[0], "-seed=1", f"-timeout={10**9}", "-rss_limit_mb=0", kept], one)
    atheris.Fuzz()


def main() -> None:
    """Answers requests (size, seed, bytes) from stdin until it ends."""

    def answer(mutate: Mutate) -> None:
        _answer(sys.stdin.buffer, sys.stdout.buffer, mutate)

    match sys.argv[1]:
        case "radamsa":
            answer(_radamsa())
        case "zzuf":
            answer(zzuf)
        case _:
            _libfuzzer(answer)


if __name__ == "__main__":
    main()
