"""Bubbles told apart by their class alone: one side is the owner's, or it is asked whose it is."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read_text

WORDS = [
    "hello", "are you there", "at 10:15: the gate", "no", "what did you pay", "about 5,000", "see: the list", "ok",
    "it is late", "send me the bill", "why not now", "later then", "fine", "good night",
]  # fmt: skip
OWN = [i % 3 == 0 for i in range(14)]


def page(peer: str, own: str, *, is_inside: bool, notice: str = "") -> str:
    body = ['<div class="title">Anna</div>']
    for i, w in enumerate(WORDS):
        time = f"2024-03-05 09:{i:02}:07"
        inside = f'<span class="t">{time}</span>' if is_inside else ""
        body += [] if is_inside else [f'<div class="time">{time}</div>']
        body.append(
            f'<div class="{notice if notice and i == 7 else own if OWN[i] else peer}">{inside}<p class="w">{w}</p></div>'
        )
    return f"<html><head><title>Anna</title></head><body>{''.join(body)}</body></html>"


@pytest.mark.parametrize(
    ("peer", "own"),
    [
        ("msg friend", "msg me"),
        ("msg left", "msg right"),
        ("m other", "m self"),
        ("received", "sent"),
        ("row them", "row you"),
        ("row", "row mine"),
        ("b guest", "b own"),
    ],
)
@pytest.mark.parametrize("is_inside", [True, False])
def test_classes_say_which_side_wrote(peer: str, own: str, is_inside: bool, tmp_path: Path) -> None:
    messages = read_text(tmp_path, page(peer, own, is_inside=is_inside), "a.html").messages
    assert messages["text"].to_list() == WORDS
    assert messages["is_self"].to_list() == OWN


def test_the_class_of_notices_is_no_side(tmp_path: Path) -> None:
    messages = read_text(tmp_path, page("msg friend", "msg me", is_inside=True, notice="msg system"), "a.html").messages
    assert messages["is_self"].to_list() == [None if i == 7 else own for i, own in enumerate(OWN)]
    assert messages["kind"][7] == "system"


@pytest.mark.parametrize("is_inside", [True, False])
def test_classes_that_name_no_side_are_offered_to_be_told(is_inside: bool, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sender=@class"):
        read_text(tmp_path, page("msg aa", "msg bb", is_inside=is_inside), "a.html")


def test_an_owner_whose_bubbles_show_no_name_does_not_get_the_name_above(tmp_path: Path) -> None:
    names = ["Ben" if i % 2 else "Anna" for i in range(len(WORDS))]
    bubbles = "".join(
        f'<div class="{"message-self" if own else "message-other"}"><div class="bubble">'
        f'{"" if own else f"<b class=name>{n}</b>"}<p class="w">{w}</p><i class="t">09:{i:02}:07</i></div></div>'
        for i, (w, own, n) in enumerate(zip(WORDS, OWN, names, strict=True))
    )
    messages = read_text(
        tmp_path,
        f"<html><body><section><div class=day><span>2024-03-05</span></div>{bubbles}</section></body></html>",
        "a.html",
    ).messages
    assert messages["text"].to_list() == WORDS
    shown = [None if own else n for own, n in zip(OWN, names, strict=True)]
    assert [n if n in ("Anna", "Ben") else None for n in messages["sender"].to_list()] == shown
