"""Characters that a program which reads pictures takes for one another."""

import pytest

from reconcile.wechat.look_alikes import are_look_alikes, with_digits_read


@pytest.mark.parametrize(("one", "other"), ["人入", "己已", "曰日", "见贝"])
def test_characters_of_one_shape_look_alike(one: str, other: str) -> None:
    assert are_look_alikes(one, other)


@pytest.mark.parametrize(("one", "other"), ["人人", "未末", "千干", "王玉", "五三", "人八"])
def test_equal_ones_numerals_negations_and_family_names_do_not(one: str, other: str) -> None:
    assert not are_look_alikes(one, other)


@pytest.mark.parametrize(
    ("text", "read"),
    [("5O00元", "5000元"), ("l5号", "15号"), ("l月2O日", "1月20日"), ("OK", "OK"), ("IMO", "IMO"), ("3l7", "317")],
)
def test_letters_in_place_of_digits_are_read_as_digits(text: str, read: str) -> None:
    assert with_digits_read(text) == read
