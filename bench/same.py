"""Whether a change of the engine left every result as it was: the outputs of many disputes, digested before and after.

`python -m bench.same --keep before.json` compares simulated disputes of every fault, several faults at once, told stories and made-up long
chats, and keeps a digest of every output. `python -m bench.same --against before.json` does it again and names each output that is no
longer the same. Tables are digested by content (columns, types, rows in order), anything else by its bytes.
"""

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import polars as pl

from bench.quality import CONTROL
from bench.sim.draw import draw, draw_several
from bench.sim.faults import FAULTS
from bench.sim.model import Dispute
from bench.sim.story import load_story
from bench.sim.tables import write_side
from bench.speed import write_sides
from reconcile.case import compare
from reconcile.vocabulary import Side

STORIES = Path(__file__).parents[1] / "fixtures" / "stories"
# They name the digests of the other files, which stand in the list themselves.
NAMING = ("manifest.json",)
LONG = ((20_000, 1, False), (20_000, 1, True), (20_000, 400, False), (5_000, 700, True))
SEED = 77


def disputes(seeds: int, several: int) -> Iterator[tuple[str, Dispute]]:
    """Name and dispute: of every fault `seeds` draws, `several` with several faults, and every told story."""
    for name in (CONTROL, *FAULTS):
        for seed in range(SEED, SEED + seeds):
            yield f"{name}-{seed}", draw(seed, () if name == CONTROL else (name,), ())[0]
    for seed in range(SEED, SEED + several):
        yield f"several-{seed}", draw_several(seed, ())[0]
    for story in sorted(STORIES.glob("*.toml")):
        yield story.stem, load_story(story).dispute


def written(seeds: int, several: int, folder: Path) -> Iterator[tuple[str, Path, Path]]:
    """Name and both exports, as files; those of one dispute are gone when the next is asked for."""
    for name, dispute in disputes(seeds, several):
        with tempfile.TemporaryDirectory(dir=folder) as place:
            sides = []
            for side in Side:
                (Path(place) / side).mkdir()
                sides.append(write_side(dispute, side, Path(place) / side, "export"))
            yield name, sides[0], sides[1]
    for rows, conversations, ids in LONG:
        left, right = write_sides(folder, rows, conversations, ids=ids)
        yield f"long {rows} {conversations} {ids}", left, right
        # The other order goes through the mirror.
        yield f"long {rows} {conversations} {ids} swapped", right, left


def digest(file: Path) -> str:
    """SHA-256 of a table's content or of a file's bytes."""
    data = file.read_bytes()
    if file.suffix == ".parquet":
        frame = pl.read_parquet(file)
        data = str(frame.schema).encode() + frame.write_json().encode()
    return hashlib.sha256(data).hexdigest()[:24]


def digests(seeds: int, several: int) -> dict[str, dict[str, str]]:
    """Every output of every dispute, by dispute and file name; a comparison that fails counts by its error."""
    found: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, left, right in written(seeds, several, folder):
            out = folder / "out"
            try:
                compare(left, right, out, case="case", overwrite=True)
            except Exception as error:  # an error is a result that may not change either
                found[name] = {"error": f"{type(error).__name__}: {error}".replace(place, "")}
                continue
            found[name] = {f.name: digest(f) for f in sorted(out.iterdir()) if f.name not in NAMING}
    return found


def main() -> int:
    """Keeps the digests, or names what differs from kept ones; 1 when anything does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--seeds", type=int, default=1, help="draws of each fault")
    parser.add_argument("--several", type=int, default=20, help="draws with several faults")
    chosen = parser.parse_args()
    found = digests(chosen.seeds, chosen.several)
    if chosen.keep:
        chosen.keep.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        print(f"{len(found)} disputes, {sum(map(len, found.values()))} outputs kept in {chosen.keep}")
    if not chosen.against:
        return 0
    before = orjson.loads(chosen.against.read_bytes())
    names = [(d, f) for d in {**before, **found} for f in {**before.get(d, {}), **found.get(d, {})}]
    differ = [(d, f) for d, f in names if before.get(d, {}).get(f) != found.get(d, {}).get(f)]
    for dispute, file in differ:
        print(f"differs: {dispute}: {file}")
    print(f"{len(names) - len(differ)} of {len(names)} outputs are the same")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
