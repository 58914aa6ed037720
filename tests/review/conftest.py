"""Case folders, servers and a browser for the tests of the review page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium
from tests.review.build import dispute, write
from tests.review.client import Client, serving

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished comparison of a small dispute."""
    return write(tmp_path / "借款纠纷", dispute())


@pytest.fixture
def client(folder: Path) -> Iterator[Client]:
    """A server over the small dispute."""
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="session")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server over the small dispute for tests that judge nothing."""
    with serving(write(tmp_path_factory.mktemp("reading") / "case", dispute())) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Any:
    """Chromium; skips where there is none."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test can run")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not here: no browser test can run")
    return chromium()
