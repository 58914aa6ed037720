"""The bench of posts, small: what its own writers wrote is read, what it planted is found, and nothing else."""

from pathlib import Path

import pytest

from bench.posts.favourites import FORMS as FAVOURITES
from bench.posts.favourites import Kept, compare_favourites
from bench.posts.run import compare_pair
from tests.thorough import some


@pytest.mark.parametrize(
    "names",
    some(
        [
            ("4.x sns.db", "Android SnsMicroMsg.db"),
            ("iOS wc005_008.db", "Windows 3.x Sns.db"),
            ("WCDA", "WeFlow arkmejson"),
            ("MomentStat", "SIWX"),
        ],
        2,
    ),
    ids=" ~ ".join,
)
def test_posts_planted_are_found_and_no_others(names: tuple[str, str], tmp_path: Path) -> None:
    s = compare_pair(names, 5, 60, tmp_path)
    assert s.problems == []
    assert (s.posts_read, s.said_read, s.conflicts_found) == (s.posts, s.said, s.conflicts)
    assert (s.conflicts_false, s.one_sided_false, s.gone_false) == (0, 0, 0)
    assert (s.witnessed_found, s.gone_found) == (s.witnessed, s.gone)


def test_favourites_of_absent_messages_are_found_and_none_invented(tmp_path: Path) -> None:
    kept = Kept()
    compare_favourites(FAVOURITES[0], 5, tmp_path, kept)
    assert (kept.found, kept.invented) == (kept.wanted, 0)
