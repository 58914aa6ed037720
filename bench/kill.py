"""Batches that are killed: `python -m bench.kill [--moments 20] [--cases 60]`.

One: the command is killed (SIGKILL) at random moments and started again until it ends. Two: a Dask cluster of two local workers loses one in the
middle, then the client is killed and the command started again; chunks that were whole must not be done again. Both times the files must be
those of an undisturbed run, byte for byte.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.batch import write_cases

# Small chunks, so that there is much to be killed in between.
RUN = """
import sys
from pathlib import Path
from reconcile.batch import BatchOptions, jobs, run_batch
from reconcile.options import CaseOptions
jobs.LEAST_CASES = 2
if __name__ == "__main__":
    cluster = sys.argv[3] if len(sys.argv) > 3 else None
    run_batch(Path(sys.argv[1]), Path(sys.argv[2]), CaseOptions(reports=()), BatchOptions(1, cluster))
"""


def held(out: Path) -> dict[str, bytes]:
    """Every file of a finished run but its lock."""
    return {f.relative_to(out).as_posix(): f.read_bytes() for f in sorted(out.rglob("*")) if f.is_file()}


def killed_often(cases: Path, out: Path, moments: int, seconds: float) -> int:
    """Starts the run and kills it `moments` times at random moments of `seconds`; gives how often it was alive when killed."""
    drawn = random.Random(1)
    alive = 0
    for _ in range(moments):
        process = subprocess.Popen([sys.executable, "-c", RUN, str(cases), str(out)])
        time.sleep(drawn.uniform(0.2, 1.0) * seconds / 4)
        alive += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run([sys.executable, "-c", RUN, str(cases), str(out)], check=True)
    return alive


def killed_on_a_cluster(cases: Path, out: Path) -> tuple[int, int]:
    """Kills a worker once some chunks are entered, then the client; gives the chunks whole when the client died, and in all."""
    from distributed import LocalCluster  # noqa: PLC0415 - an optional extra

    with LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster:  # type: ignore[no-untyped-call]
        address = str(cluster.scheduler_address)
        client = subprocess.Popen([sys.executable, "-c", RUN, str(cases), str(out), address])
        wait_for(out, 3)
        pid = next(iter(cluster.workers.values())).process.process.pid
        subprocess.run(["kill", "-9", str(pid)], check=True)
        wait_for(out, 8)
        client.send_signal(signal.SIGKILL)
        client.wait()
        time.sleep(2)
        whole = {e.name: (e / "verdicts.parquet").stat().st_mtime_ns for e in (out / ".journal").glob("[0-9]*")}
        again = subprocess.Popen([sys.executable, "-c", RUN, str(cases), str(out), address])
        redone: Counter[str] = Counter()
        while again.poll() is None:
            for entry in (out / ".journal").glob("[0-9]*"):
                try:
                    at = (entry / "verdicts.parquet").stat().st_mtime_ns
                    redone[entry.name] = int(whole.get(entry.name, at) != at)
                except OSError:
                    break
            time.sleep(0.05)
        if again.returncode:
            raise SystemExit("the run on the cluster did not end well")
    return len(whole), sum(redone.values())


def wait_for(out: Path, entries: int) -> None:
    """Until so many chunks are entered."""
    until = time.monotonic() + 120
    while len(list((out / ".journal").glob("[0-9]*"))) < entries and time.monotonic() < until:
        time.sleep(0.02)


def main() -> None:
    """Runs both and says what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--cases", type=int, default=60)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        cases, place = Path(name) / "cases", Path(name)
        write_cases(cases, chosen.cases, 60)
        start = time.monotonic()
        subprocess.run([sys.executable, "-c", RUN, str(cases), str(place / "once")], check=True)
        seconds = time.monotonic() - start
        wanted = held(place / "once")
        alive = killed_often(cases, place / "often", chosen.moments, seconds)
        print(f"killed {chosen.moments} times ({alive} while it worked): same bytes: {held(place / 'often') == wanted}")
        whole, redone = killed_on_a_cluster(cases, place / "cluster")
        print(f"cluster: worker killed, then client with {whole} chunks whole; of these done again: {redone}; same bytes: {held(place / 'cluster') == wanted}")  # fmt: skip


if __name__ == "__main__":
    main()
