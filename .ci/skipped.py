"""Runs the tests again that skipped in an earlier run: `python .ci/skipped.py RESULTS.xml`.

RESULTS.xml is what pytest wrote with `--junitxml` and `junit_family=xunit1`.
"""

import sys

import pytest
from lxml import etree


def skipped_tests(results: str) -> list[str]:
    """The node ids of the tests that skipped, in the order of the run, without known failures."""
    cases = etree.parse(results).iterfind(".//testcase[@file]")
    skipped = [case for case in cases if any(e.get("type") == "pytest.skip" for e in case.iterfind("skipped"))]
    return list(dict.fromkeys(f"{case.get('file')}::{case.get('name')}" for case in skipped))


if __name__ == "__main__":
    if tests := skipped_tests(sys.argv[1]):
        print(f"{len(tests)} tests skipped; they run again.", flush=True)
        sys.exit(pytest.main(["-q", "-n", "3", *tests]))
