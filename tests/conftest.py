"""What every test shares: an odd time zone, and the way to the optional shared material."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import settings

# Nothing may pass by living in China.
os.environ["TZ"] = "America/St_Johns"
time.tzset()
# Two processes share two cores: more threads in each only wait for one another. What tests start inherits it.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
# Nor should each process that a test starts compile the whole program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# How long an example takes says more of what else the machine does than of the program.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real and tool-written test input; skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here: real and tool-written exports cannot be read")
    return SHARED
