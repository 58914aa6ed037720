"""How long pairing takes beside record-linkage libraries, and how right it is: `python -m bench.peers [--rows 100000]`.

Two copies of one made-up conversation without ids are written; every method pairs their rows in a process of its own and is told the right
offset of the clocks, which is none. `link` is the pairing alone, tables read and libraries imported; `process` is the whole process. The
libraries are no part of the program: `python -m pip install -r bench/peers.txt`, into this environment or, with `--python`, another one.
What is absent is named with the reason. The table stands in bench/peers.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import polars as pl

from bench.speed import machine, write_sides

TABLE = Path(__file__).with_name("peers.md")
# A method that has not ended by then is stopped: it would not become the fastest.
MOST_SECONDS = 90
NEAR_SECONDS = 90
# Share of rows that each copy lacks, as in bench/speed.py.
LOST = 0.003
Pairs = Iterable[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Method:
    """One way of pairing: what it is, the package whose version is told, and the function that takes both files and gives seconds and pairs."""

    title: str
    package: str
    link: Callable[[Path, Path], tuple[float, Pairs]]


def _table(path: Path) -> pl.DataFrame:
    stamp = pl.col("sent_at").str.to_datetime("%Y-%m-%d %H:%M:%S").dt.epoch("s").alias("t")
    return pl.read_csv(path).select("sender", "text", stamp).with_row_index("row")


def link_reconcile(left: Path, right: Path) -> tuple[float, Pairs]:
    """The program's own comparison: pairs, and judgements, gaps and verdicts with them."""
    import networkx as nx  # noqa: F401 - the command loads it while tables are read

    from reconcile.case import read
    from reconcile.engine.compare import compare_readings

    readings = read(left), read(right)
    start = time.perf_counter()
    found = compare_readings(*readings)
    seconds = time.perf_counter() - start
    both = found.alignment.filter(pl.col("left_row").is_not_null() & pl.col("right_row").is_not_null())
    return seconds, both.select("left_row", "right_row").rows()


def link_pairs(left: Path, right: Path) -> tuple[float, Pairs]:
    """The program's pairing alone, which is all that the others do: who is who, clocks and alignment."""
    from reconcile.case import read
    from reconcile.engine.compare import pair_rows

    readings = read(left), read(right)
    start = time.perf_counter()
    pairs = pair_rows(*readings)
    return time.perf_counter() - start, pairs.rows()


def link_join(left: Path, right: Path) -> tuple[float, Pairs]:
    """polars: the nearest row of equal sender and words, each right row once."""
    a, b = _table(left).sort("t"), _table(right).sort("t")
    start = time.perf_counter()
    near = a.join_asof(
        b, on="t", by=["sender", "text"], tolerance=NEAR_SECONDS, strategy="nearest", check_sortedness=False
    )
    pairs = near.drop_nulls("row_right").unique("row_right", keep="first", maintain_order=True)
    return time.perf_counter() - start, pairs.select("row", "row_right").rows()


def link_recordlinkage(left: Path, right: Path) -> tuple[float, Pairs]:
    """recordlinkage: sorted neighbourhood of 31 in time within a sender, equal words and near times, best pairs first."""
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]
    import recordlinkage  # type: ignore[import-untyped,import-not-found,unused-ignore]

    a, b = (pd.DataFrame(_table(p).drop("row").to_dict(as_series=False)) for p in (left, right))
    start = time.perf_counter()
    index = recordlinkage.Index()
    index.sortedneighbourhood("t", window=31, block_on="sender")
    candidates = index.index(a, b)
    compare = recordlinkage.Compare()
    compare.exact("text", "text", label="text")
    compare.numeric("t", "t", method="linear", offset=0, scale=NEAR_SECONDS, label="t")
    scores = compare.compute(candidates, a, b)
    good = scores[(scores["text"] == 1) & (scores["t"] > 0)]["t"]
    rows = pl.DataFrame(
        {"l": good.index.get_level_values(0), "r": good.index.get_level_values(1), "score": good.values}
    )
    pairs = _one_to_one(rows)
    return time.perf_counter() - start, pairs


def link_splink(left: Path, right: Path) -> tuple[float, Pairs]:
    """Splink on duckdb: blocked by sender and words, words with term frequencies and time in four levels, best pairs first."""
    import splink.comparison_level_library as levels  # type: ignore[import-not-found,unused-ignore]
    import splink.comparison_library as comparisons  # type: ignore[import-not-found,unused-ignore]
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI  # type: ignore[import-not-found,unused-ignore]

    tables = [_table(p).rename({"row": "unique_id"}).to_arrow() for p in (left, right)]
    start = time.perf_counter()
    near = [levels.CustomLevel(f"abs(t_l - t_r) <= {s}", f"within {s} s") for s in (1, 5, 30, NEAR_SECONDS)]
    words = comparisons.ExactMatch("text").configure(term_frequency_adjustments=True)
    when = comparisons.CustomComparison([levels.NullLevel("t"), *near, levels.ElseLevel()], output_column_name="t")
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[words, when],
        blocking_rules_to_generate_predictions=[f"l.sender = r.sender and l.text = r.text and abs(l.t - r.t) <= {NEAR_SECONDS}"],
        probability_two_random_records_match=1 / max(tables[0].num_rows, 1),
    )  # fmt: skip
    api = DuckDBAPI()
    sides = [api.register(t, dataset_display_name=n) for t, n in zip(tables, ("a", "b"), strict=True)]
    linker = Linker(sides, settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("sender", "text"))
    found = linker.inference.predict(threshold_match_probability=0.5)
    rows = pl.DataFrame(found.as_pyarrow_table()).select(
        pl.when(pl.col("source_dataset_l") == "a").then("unique_id_l").otherwise("unique_id_r").alias("l"),
        pl.when(pl.col("source_dataset_l") == "a").then("unique_id_r").otherwise("unique_id_l").alias("r"),
        pl.col("match_weight").alias("score"),
    )
    pairs = _one_to_one(rows)
    return time.perf_counter() - start, pairs


def link_difflib(left: Path, right: Path) -> tuple[float, Pairs]:
    """difflib: the matching blocks of two sequences of sender and words, in order; it knows no times."""
    from difflib import SequenceMatcher

    a, b = (list(_table(p).select("sender", "text").iter_rows()) for p in (left, right))
    start = time.perf_counter()
    blocks = SequenceMatcher(None, a, b).get_matching_blocks()
    pairs = [(m.a + i, m.b + i) for m in blocks for i in range(m.size)]
    return time.perf_counter() - start, pairs


OURS = ("pairs", "reconcile")
METHODS = {
    "pairs": Method("reconcile: pairing alone", "", link_pairs),
    "reconcile": Method("reconcile: pairs, judgements, gaps and verdicts", "", link_reconcile),
    "recordlinkage": Method("recordlinkage, window 31", "recordlinkage", link_recordlinkage),
    "splink": Method("splink on duckdb, term frequencies", "splink", link_splink),
    "difflib": Method("difflib", "", link_difflib),
    "join": Method("polars join_asof and distinct", "polars", link_join),
}


def _one_to_one(rows: pl.DataFrame) -> list[tuple[int, int]]:
    """The best pairs first, each row once; by rows where scores are equal, which keeps equal messages in order."""
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for left, right, _ in rows.sort("score", "l", "r", descending=[True, False, False]).iter_rows():
        if left not in taken[0] and right not in taken[1]:
            taken[0].add(left)
            taken[1].add(right)
            pairs.append((left, right))
    return pairs


def work(name: str, left: Path, right: Path, out: Path) -> None:
    """What a process of its own does: one method, its seconds and pairs into a file."""
    seconds, pairs = METHODS[name].link(left, right)
    package = METHODS[name].package
    told = version(package) if package else ""
    out.write_text(json.dumps({"link": seconds, "version": told, "pairs": list(pairs)}), "utf-8")


def measure(name: str, python: str, left: Path, right: Path, folder: Path, times: int) -> dict[str, object]:
    """The quickest of several processes: link and process seconds, megabytes, pairs; or why there is nothing."""
    found: list[dict[str, object]] = []
    for _ in range(times):
        out, errors = folder / "pairs.json", folder / "errors.txt"
        out.unlink(missing_ok=True)
        command = [python, "-m", "bench.peers", "--work", name, str(left), str(right), str(out)]
        start = time.perf_counter()
        with errors.open("wb") as stream:
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stream)
            while child.poll() is None and time.perf_counter() - start < MOST_SECONDS:
                time.sleep(0.02)
            if child.poll() is None:
                child.kill()
                child.wait()
                return {"why": f"not done after {MOST_SECONDS} s"}
        seconds = time.perf_counter() - start
        if not out.exists():
            last = errors.read_text("utf-8", "replace").strip().splitlines()[-1:] or ["ended without a result"]
            return {"why": f"did not run: {last[0][:120]}"}
        found.append(json.loads(out.read_text("utf-8")) | {"process": seconds})
    return min(found, key=lambda f: float(str(f["link"])))


def written(folder: Path, rows: int) -> tuple[list[Path], list[list[str]]]:
    """Both copies without ids, and the truth: of each row the number that its copy on the other side shares."""
    paths, truths = [], []
    for path in write_sides(folder, rows, 1, ids=True, lost=LOST):
        table = pl.read_csv(path, infer_schema=False)
        truths.append(table["message_id"].to_list())
        paths.append(path.with_name(f"bare_{path.name}"))
        table.drop("message_id").write_csv(paths[-1])
    return paths, truths


def _line(name: str, found: dict[str, object], truths: list[list[str]], best: float) -> str:
    title = METHODS[name].title
    if "why" in found:
        return f"| {title} | – | – | – | – | – | {found['why']} |"
    pairs: list[tuple[int, int]] = found["pairs"]  # type: ignore[assignment]
    shared = len(set(truths[0]) & set(truths[1]))
    right = sum(truths[0][a] == truths[1][b] for a, b in pairs)
    lost = shared - len({truths[0][a] for a, _ in pairs} & set(truths[1]))
    link = float(str(found["link"]))
    named = f"{title} {found['version']}".strip()
    return (
        f"| {named} | {link:.2f} s | {float(str(found['process'])):.2f} s | {right / shared:.4f} | "
        f"{right / max(len(pairs), 1):.4f} | {lost} | {link / best:.1f} |"
    )


def main() -> None:
    """Measures every method and writes the table; or, with --work, is one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the packages of bench/peers.txt")
    parser.add_argument("--work", nargs=4, metavar=("METHOD", "LEFT", "RIGHT", "OUT"))
    chosen = parser.parse_args()
    if chosen.work:
        name, *paths = chosen.work
        work(name, *map(Path, paths))
        os._exit(0)  # the pairs are written; some libraries take seconds to let go of their memory
    with tempfile.TemporaryDirectory() as place:
        (left, right), truths = written(Path(place), chosen.rows)
        python = {n: sys.executable if n in OURS else chosen.python for n in METHODS}
        found = {n: measure(n, python[n], left, right, Path(place), chosen.times) for n in METHODS}
    best = float(str(found["pairs"].get("link", 1.0)))
    lines = [_line(name, f, truths, best) for name, f in found.items()]
    print("\n".join(lines))
    TABLE.write_text(_page(chosen.rows, lines), "utf-8")


def _page(rows: int, lines: list[str]) -> str:
    head = "| method | link | process | recall | precision | shared rows left alone | link, as a multiple of the first |\n|---|---:|---:|---:|---:|---:|---:|"
    about = (
        f"Two copies of one made-up conversation of {rows:,} messages without ids (bench/speed.py): each lacks {LOST * 1000:.0f} rows in 1,000, clocks differ by up "
        "to a second, a third of the words recur. Every method is told the right offset. `link`: tables read and libraries imported, pairing alone, "
        "but for the line that names more; `process`: all of it. Recall and precision count pairs of one and the same message: equal words of one second by one person are told apart "
        "by nobody. A shared row left alone is one that would be called missing."
    )
    return (
        f"# Beside record-linkage libraries\n\n{about}\n{machine()} Made by `python -m bench.peers`; packages in bench/peers.txt.\n\n{head}\n"
        + "\n".join(lines)
        + "\n"
    )


if __name__ == "__main__":
    main()
