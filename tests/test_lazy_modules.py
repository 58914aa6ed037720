"""Libraries that are loaded at their first use."""

import subprocess
import sys

import pytest

from reconcile.lazy_modules import lazy_module


def test_a_late_module_gives_what_the_loaded_one_gives() -> None:
    import colorsys

    assert lazy_module("colorsys").rgb_to_hsv is colorsys.rgb_to_hsv


def test_a_late_module_is_loaded_when_something_of_it_is_asked_for() -> None:
    code = """if True:
        import sys
        from reconcile.lazy_modules import lazy_module
        late = lazy_module("colorsys")
        print("colorsys" in sys.modules)
        late.rgb_to_hsv(1, 0, 0)
        print("colorsys" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\nTrue\n"


def test_a_module_that_is_not_there_is_told_at_its_first_use() -> None:
    absent = lazy_module("reconcile.nowhere")
    with pytest.raises(ModuleNotFoundError, match=r"reconcile\.nowhere"):
        _ = absent.anything
