"""A running application over an empty folder of cases, and a browser."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconcile.app.home import Home
from reconcile.app.server import Application, open_app
from reconcile.cli.main import main
from tests.browser import chromium, program
from tests.review.client import PATIENCE


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The application, in a thread; its cases stay for the tests after it."""
    folder = tmp_path_factory.mktemp("app")
    running = open_app(Home(folder / "home"), main, "zh", folder / "案件", port=0)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield running
    running.server.should_exit = True
    thread.join(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Any:
    """Chromium; skips where there is none."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test can run")
    if program() is None:
        pytest.skip("no Chromium is installed: no browser test can run")
    return chromium()


@pytest.fixture
def disputes() -> Path:
    """The shipped disputes."""
    return Path(__file__).parents[2] / "fixtures" / "disputes"
