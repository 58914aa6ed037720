"""The face of the library: names, signatures and types."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import reconcile


def test_dir_lists_exactly_the_public_names() -> None:
    assert dir(reconcile) == sorted(reconcile.__all__)
    assert all(hasattr(reconcile, name) for name in reconcile.__all__)


def test_help_shows_the_public_names_and_every_argument() -> None:
    for function in (reconcile.read, reconcile.compare, reconcile.pair_rows):
        assert function.__module__ == "reconcile"
        assert getattr(reconcile, function.__name__) is function
    arguments = list(inspect.signature(reconcile.compare).parameters)
    assert arguments == ["left", "right", "settings", "case", "stated", "error_rates", "account"]
    assert all(f"{name}: " in (reconcile.compare.__doc__ or "") for name in arguments)


def test_the_package_declares_its_types() -> None:
    assert (Path(reconcile.__file__).parent / "py.typed").is_file()


def test_importing_the_package_loads_no_large_library() -> None:
    code = "import sys, reconcile; print([m for m in ('polars', 'numpy', 'starlette', 'jinja2') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


@pytest.mark.parametrize("function", [reconcile.compare, reconcile.pair_rows])
def test_a_path_in_place_of_a_reading_is_named_with_what_to_give(function: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match=r"give reconcile\.read\('b\.csv'\)"):
        function(object(), "b.csv")
