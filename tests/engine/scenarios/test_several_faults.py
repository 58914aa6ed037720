"""Drawn disputes in which several faults meet are judged rightly."""

import pytest

from bench.quality import run_trial
from tests.thorough import some

DISPUTES = [
    ("digests of two algorithms under jitter", 31138),
    ("a notice that stands on the holder's side alone", 31191),
    ("swapped times beside a page held twice", 31126),
    ("a declared stretch in times to the minute", 31365),
    ("a chat in which every sentence is spelt in two ways", 31285),
    ("an export made later, whose rows state no times", 31254),
    ("a clock that was set, in a file held twice", 35170),
    ("rows from the newest to the oldest and a stated moment of joining", 37328),
    ("a row held twice without time or id", 37030),
    ("replies shown with the words they quote", 35146),
    ("a message recalled in a direct chat whose export names no account", 39051),
    ("a page held twice in a chat without times", 46264),
    ("words whose sender differs, cut on one side", 200049),
    ("two altered times that are no clock that was set", 98113),
    ("a short reply edited beside edits that explain themselves, without times", 98139),
    ("a row of a part that one side does not reach, with another time", 200445),
    ("the same in a chat of few messages", 39137),
    ("a row put in later, whose number is behind all others", 300078),
    ("words whose time differs, without their prefix on one side", 98016),
    ("a recall beside a row that both numberings skip", 300080),
    ("a recall by an owner whom only his other chats tell", 201037),
    ("a short reply edited a minute before one recall", 94221),
    ("a short reply edited at the end of the copy that stops first, without times", 54014),
    ("an altered time of words whose number is spelt in two ways", 57056),
    ("long words under another sender, cut on one side, among rows in two orders", 60321),
    ("a refused short message whose notice stands next but one, without times", 69169),
    ("a failed message beside the second copy of one like it", 160119),
    ("a copy without times that begins with the newest row", 67362),
    ("rows behind a clock that was set, between common ones", 60743),
    ("an altered time beside three rows of its second in a file held twice", 60881),
    ("the first row behind a moment of joining, numbered as its time tells", 61706),
    ("a recall by the other of two who are both called by a word for oneself", 67161),
]


@pytest.mark.parametrize(("faults", "seed"), some(DISPUTES))
def test_disputes_in_which_several_faults_meet_are_judged_rightly(faults: str, seed: int) -> None:
    score = run_trial("several", seed).score
    wrong = score.missing_claimed - score.missing_right + score.conflicts_claimed - score.conflicts_right
    found = score.missing_found + score.conflicts_found
    assert (wrong, found, score.innocent_accused) == (0, score.missing + score.conflicts, 0), faults
