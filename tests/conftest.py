"""What every test shares: an odd time zone, and the way to the optional shared material."""

import gc
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from inspect import isgeneratorfunction
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from tests.known_wrong import KNOWN_WRONG
from tests.thorough import WHOLE, examples

# An odd time zone, so that no test passes only because it runs in China.
os.environ["TZ"] = "America/St_Johns"
time.tzset()
# Two processes share two cores, and more threads in each would only wait. Processes that tests start inherit this.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
# Processes that tests start use compiled modules.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Files of tests are kept in memory where there is enough of it: on a disk, tests of databases and results mostly wait.
MEMORY, ENOUGH = Path("/dev/shm"), 4 * 2**30
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
# The program's key for its own leftovers is kept apart from the user's.
if "PYTEST_XDIST_WORKER" not in os.environ:
    STATE = tempfile.TemporaryDirectory(prefix="state-of-tests-")
    os.environ["XDG_STATE_HOME"] = STATE.name
# As in cli.main: looking for reference cycles after every 700 objects would slow down every test.
gc.set_threshold(200_000, 20, 50)
# The time of one example depends on what else the machine does.
settings.register_profile("unhurried", deadline=None, max_examples=examples(40, 100))
settings.load_profile("unhurried")
if not WHOLE:
    # The library would parse every module of the program in each worker, to draw one of its constants now and then.
    providers._get_local_constants = Constants

# Tests in these folders wait for processes and servers. They come first, so that other tests fill the time and no worker
# waits for them alone at the end.
WAITING = ("safety", "batch", "app", "review")

# Inputs that are long only to be measured have this part of their length where nothing is.
UNTIMED = 20

Within = Callable[[float], AbstractContextManager[None]]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep compiled patterns, and leave what was collected out of later searches for cycles."""
    if not session.config.getoption("--timed"):
        # Imported late: polars reads the environment set above.
        from tests.kept_patterns import keep_patterns, leave_queries_unmonitored

        keep_patterns()
        leave_queries_unmonitored()
    gc.freeze()


def pytest_pycollect_makeitem(collector: pytest.Module, name: str, obj: object) -> Any:
    """A test that yields disputes is run with the others of its file that do (build.together)."""
    if not (name.startswith("test_") and isgeneratorfunction(obj)):
        return None
    # Imported late: what it imports reads the environment set above.
    from tests.build.together import in_one_pass

    setattr(collector.obj, name, in_one_pass(obj))
    return collector.ihook.pytest_pycollect_makeitem(collector=collector, name=name, obj=getattr(collector.obj, name))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--timed", action="store_true", help="run what measures times, and only that (make bench)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.parent.name not in WAITING)
    for item in items:
        if reason := KNOWN_WRONG.get(item.nodeid.removeprefix("tests/")):
            item.add_marker(pytest.mark.xfail(strict=True, reason=reason))
    if config.getoption("--timed"):
        left_out = [item for item in items if "timed" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


_FOLDERS = count()


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one test. The library's own goes through those of all earlier tests to find its number."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    return tmp_path_factory.mktemp(f"{name}{next(_FOLDERS)}", numbered=False)


@pytest.fixture
def timed(request: pytest.FixtureRequest) -> bool:
    """Whether a test may look at a clock: under `make bench` alone. In the suite a busy machine fails nothing."""
    return bool(request.config.getoption("--timed"))


@pytest.fixture
def within(timed: bool) -> Within:
    """Holds what a `with` block does to so many seconds of processor time, where times are measured."""

    @contextmanager
    def held(seconds: float) -> Iterator[None]:
        begin = time.process_time()
        yield
        if timed:
            assert time.process_time() - begin < seconds

    return held


ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real and tool-written test input; skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here: real and tool-written exports cannot be read")
    return SHARED
