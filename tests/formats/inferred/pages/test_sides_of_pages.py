"""Bubbles told apart by their class alone: one side is the owner's, or it is asked whose it is."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read_text
from tests.thorough import meeting, some

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


@meeting(
    classes=some(
        [
            ("msg friend", "msg me"),
            ("msg left", "msg right"),
            ("m other", "m self"),
            ("received", "sent"),
            ("row them", "row you"),
            ("row", "row mine"),
            ("b guest", "b own"),
        ],
        2,
    ),
    is_inside=[True, False],
)
def test_classes_say_which_side_wrote(classes: tuple[str, str], is_inside: bool, tmp_path: Path) -> None:
    peer, own = classes
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


OWN_SIDE = (
    '<div class="w3-row m"><div class="w3-row"><div class="w3-left blue">{0}</div><div class="name w3-right-align">{1}</div></div>'
    '<div class="w3-row"><div class="w3-right-align">{2}</div></div></div>'
)
OTHER = (
    '<div class="w3-row m"><div class="w3-row"><div class="w3-left name">{1}</div><div class="w3-right-align blue">{0}</div></div>'
    '<div class="w3-row"><div class="w3-left-align">{2}</div></div></div>'
)
CELLS = (
    "<tr><td>{0}</td><td>{1}</td><td></td><td>{2}</td></tr>",
    "<tr><td>{0}</td><td>{1}</td><td>{2}</td><td></td></tr>",
)


@pytest.mark.parametrize("forms", [(OWN_SIDE, OTHER), CELLS], ids=["classes", "cells"])
def test_the_words_of_each_side_in_a_place_of_their_own_are_one_field(tmp_path: Path, forms: tuple[str, str]) -> None:
    rows = [(f"2025-03-12 08:{10 + i}", ("You", "Ben")[i % 3 % 2], f"word {i} of many") for i in range(12)]
    shown = [forms[n == "Ben"].format(t, n, '<img src="a.jpg">' if i == 5 else w) for i, (t, n, w) in enumerate(rows)]
    body = f"<table>{''.join(shown)}</table>" if forms == CELLS else "".join(shown)
    found = read_text(tmp_path, f"<html><body>{body}</body></html>", "a.html").messages
    local = found["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d %H:%M")
    told = list(zip(local, found["sender"], found["text"], strict=True))
    assert [r for i, r in enumerate(told) if i != 5] == [r for i, r in enumerate(rows) if i != 5]


def test_classes_of_sides_beside_classes_of_kinds_say_which_side_wrote(tmp_path: Path) -> None:
    """Also where a kind comes once, and stands in the place of the words of others."""
    kinds = ["voice" if i in (4, 8) else "video" if i == 9 else "text" for i in range(14)]
    media = {"voice": "<audio src='a.mp3'></audio>", "video": "<video><source src='a.mp4'></video>"}
    rows = [
        f"<div class='message {'mine' if own else 'others'} {kind}'><div class='content'><div class='{kind}'>{media.get(kind, words)}</div></div>"
        f"<div class='time'>2024-03-05 09:{i:02}:07</div></div>"
        for i, (own, kind, words) in enumerate(zip(OWN, kinds, WORDS, strict=True))
    ]
    messages = read_text(tmp_path, f"<html><body>{''.join(rows)}</body></html>", "a.html").messages
    assert messages["is_self"].to_list() == OWN
    assert messages["kind"].to_list() == kinds


def test_a_name_of_one_side_does_not_go_on_in_rows_of_the_other(tmp_path: Path) -> None:
    rows = [
        f"<div class='message{' sent' if own else ''}'>{'' if own else '<div class=sender>Anna</div>'}{words}<div class='time'>05.03.2024 09:{i:02}</div></div>"
        for i, (own, words) in enumerate(zip(OWN, WORDS, strict=True))
    ]
    messages = read_text(tmp_path, f"<html><body>{''.join(rows)}</body></html>", "a.html").messages
    assert messages["sender"].to_list() == [None if own else "Anna" for own in OWN]
    assert messages["conversation"].n_unique() == 1


def test_a_kind_in_an_element_like_that_of_the_time_is_no_part_of_it(tmp_path: Path) -> None:
    rows = [
        f"<div class='msg {'sent' if own else 'received'}'><div class='b'>{words}</div>{'<i class=tag>图片</i>' if i % 5 == 2 else ''}<i class='tag'>2024-03-05 09:{i:02}:07</i></div>"
        for i, (own, words) in enumerate(zip(OWN, WORDS, strict=True))
    ]
    body = f"<div class='day'>2024年03月05日</div>{''.join(rows)}"
    messages = read_text(tmp_path, f"<html><body>{body}</body></html>", "a.html").messages
    assert messages["text"].to_list() == WORDS
    assert messages["sent_at"].dt.minute().to_list() == [*range(14)]


SHEET = "<head><style>.b /* other */ {text-align: left; float: left} .b.s{text-align: right; float: right} .mid{text-align:center}</style></head>"
DRAWN = {
    "a style": ('<div class="c"><div class="b" style="float:left">WORDS<i>TIME</i></div></div>', "left", "right"),
    "a sheet": ('<p class="b " title="TIME">WORDS</p>', '"b "', '"b s"'),
    "inside": ('<div class="c"><i>TIME</i><p align="left">WORDS</p></div>', "left", "right"),
}


@pytest.mark.parametrize("drawn", DRAWN)
def test_the_side_on_which_style_draws_a_bubble_says_who_wrote(tmp_path: Path, drawn: str) -> None:
    form, peer, mine = DRAWN[drawn]
    times = [f"2024-03-05 09:{i:02}:07" for i in range(len(WORDS))]
    shown = [
        form.replace(peer, mine if own else peer).replace("WORDS", w).replace("TIME", t)
        for w, own, t in zip(WORDS, OWN, times, strict=True)
    ]
    messages = read_text(tmp_path, f"<html>{SHEET}<body>{''.join(shown)}</body></html>", "a.html").messages
    assert messages["text"].to_list() == WORDS
    assert messages["is_self"].to_list() == OWN


@pytest.mark.parametrize("is_owner_named", [True, False])
def test_a_name_alone_above_bubbles_holds_up_to_the_next_one(tmp_path: Path, is_owner_named: bool) -> None:
    names = ["Cleo" if own else "Ann Lee" if i % 4 < 2 else "Ben" for i, own in enumerate(OWN)]
    body, last = "", ""
    for i, (w, own, n) in enumerate(zip(WORDS, OWN, names, strict=True)):
        if (is_owner_named or not own) and n != last:
            body, last = f"{body}<p class=by>{n}</p>", n
        body += f'<p class="m {"s" if own else "o"}" title="2024-03-05 09:{i:02}:07">{w}</p>'
    sheet = "<style>.m.s{float:right}</style>"
    messages = read_text(tmp_path, f"<html><head>{sheet}</head><body>{body}</body></html>", "a.html").messages
    assert messages["text"].to_list() == WORDS
    assert messages["is_self"].to_list() == OWN
    shown = messages["sender"].to_list()
    assert [n for n, own in zip(shown, OWN, strict=True) if not own] == [n for n in names if n != "Cleo"]
    assert not is_owner_named or shown == names
