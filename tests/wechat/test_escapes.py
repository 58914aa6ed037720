"""Readings of an escaped text."""

from reconcile.wechat.escapes import written_out


def test_a_literal_between_single_quotes_may_hold_double_ones() -> None:
    assert 'say "it\'s a\\b"' in written_out('say "it\\\'s a\\\\b"')
