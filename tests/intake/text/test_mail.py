"""The parts of a mail are those that the standard library finds, and take no more memory than the mail."""

import email
import tracemalloc
from itertools import product

import pytest

from reconcile.intake.text.mail import read_mail

HEAD = "From: a@b\nContent-Type: multipart/mixed; boundary=B\n\n"
TEXT = "--B\nContent-Type: text/plain; charset=utf-8\n\n"
INNER = "--B\nContent-Type: multipart/alternative; boundary=C\n\n--C\n\none\n--C\nContent-Type: text/html\n\n<p>two</p>\n--C--\n\n"


@pytest.mark.parametrize(
    "mail",
    [
        "Subject: x\n\nwords\n\nmore",
        "Subject: x\nno header\nwords",
        "\nwords",
        HEAD + "preamble\n" + TEXT + "one\n--B--\n",
        HEAD + TEXT + "one\n\n" + TEXT + "--B \ntwo\n --B\n--Bx\n--B--\nlist of a server\n",
        HEAD + "--B\n--B\n" + TEXT + "one",
        HEAD + INNER + TEXT + "three\n--B--",
        HEAD + INNER.replace("--C--\n\n", "") + TEXT + "three\n--B--",
        HEAD + "--B\nContent-Type: message/rfc822\n\nSubject: y\n\ninner\n--B--\n",
        HEAD + "--B\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\nQUJD\nREVG\n--B--\n",
        "Content-Type: multipart/mixed\n\n--B\n\nno boundary is named\n",
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_parts_are_those_of_the_standard_library(mail: str, line_end: str) -> None:
    data = mail.replace("\n", line_end).encode()
    leaves = [p for p in email.message_from_bytes(data).walk() if not p.is_multipart()]
    assert [(p.content_type, p.data) for p in read_mail(data).parts] == [
        (p.get_content_type(), p.get_payload(decode=True)) for p in leaves
    ]


@pytest.mark.parametrize(
    ("mail", "is_cut"),
    [
        (TEXT + "one\n--B--\n", False),
        (TEXT + "one\n", True),
        (TEXT + "one\n--B--\nsix words of another mail here\n", True),
        (INNER.replace("--C--\n", "") + "--B--\n", True),
    ],
)
def test_a_mail_is_cut_where_a_part_has_no_end_or_more_follows_it(mail: str, is_cut: bool) -> None:
    assert read_mail((HEAD + mail).encode()).is_cut is is_cut


# What fills one part, which may be encoded in any way, and what begins further parts, which an encoding does not reach.
INSIDE = ("\n" * 100_000, "Content-Type: message/rfc822\n\n" * 3_200, "QQ==\n" * 20_000)
BEHIND = ("--B\n" * 25_000, "--B\n\n" * 50_000)
ENCODINGS = ("8bit", "base64", "quoted-printable", "x-uuencode")


@pytest.mark.parametrize(("filling", "encoding"), [*product(INSIDE, ENCODINGS), *product(BEHIND, ENCODINGS[:1])])
def test_a_mail_takes_memory_by_its_length_and_not_by_its_lines(filling: str, encoding: str) -> None:
    part = TEXT.replace("\n\n", f"\nContent-Transfer-Encoding: {encoding}\n\n")
    data = (HEAD + TEXT + "one\n" + part + filling + "--B--\n").encode()
    tracemalloc.start()
    read_mail(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * len(data)
