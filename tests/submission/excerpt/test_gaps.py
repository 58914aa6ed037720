"""Rows of one gap that may be one message are paired in doubt, so that none is called left out."""

from dataclasses import replace

from reconcile.submission.excerpt.gaps import same_gaps
from reconcile.submission.excerpt.lines import Line, lines_of
from tests.build.submissions import Told, reading, talk

FIRST, *_, LAST = talk(3, 12).rows


def lines(*told: tuple[str, str, bool]) -> list[Line]:
    between = [Told(n, FIRST.at, own, text, kind) for n, (text, kind, own) in enumerate(told)]
    return lines_of(reading([FIRST, *between, replace(LAST, at=FIRST.at)]).messages)


def paired(mine: list[Line], theirs: list[Line], *, recognised: bool = True) -> dict[int, int]:
    ends = {0: 0, len(mine) - 1: len(theirs) - 1}
    return same_gaps(mine, theirs, ends, {*range(1, len(mine) - 1)}, recognised=recognised)


def test_a_bubble_whose_look_was_misread_may_be_any_message_of_its_side() -> None:
    shown, held = lines(('17")))', "text", False)), lines(("[语音]", "voice", False))
    assert (paired(shown, held), paired(shown, held, recognised=False)) == ({1: 1}, {})
    assert paired(shown, lines(("[语音]", "voice", True))) == {}


def test_rows_in_another_order_are_paired_as_well() -> None:
    shown = lines(("一句没有认出来的话", "text", True), ("另一句话", "text", False))
    held = lines(("[语音]", "voice", False), ("[图片]", "image", True))
    assert paired(shown, held) == {1: 2, 2: 1}
