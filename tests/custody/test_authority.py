"""An authority is asked over the network only where the user names it, and no answer that does not hold is taken."""

import asyncio
import contextlib
import hashlib
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from reconcile.errors import UsageError
from tests.time_authority import certificate, granting, private_key, serving, stamper

pytest.importorskip("pyhanko", reason="the extra `sign` is not installed")
DIGEST = hashlib.sha256(b"report").digest()


def ask(address: str, seconds: float = 20) -> Any:
    from reconcile.custody.authority import Authority

    # Another test of this process may run a loop of its own, so this one runs in a thread.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, Authority(address, seconds).async_timestamp(DIGEST, "sha256")).result()


def refusal(answer: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> str:
    """What is said of an answer, without the address."""
    with serving(answer, status, headers) as (address, _), pytest.raises(UsageError) as refused:
        ask(address)
    assert "\n" not in str(refused.value)
    return str(refused.value).removeprefix(f"--timestamp {address}: ")


def test_an_authority_gets_a_digest_and_no_word_of_the_report() -> None:
    with serving(granting()) as (address, asked):
        token = ask(address)
    assert len(asked) == 1
    assert DIGEST in asked[0]
    assert len(asked[0]) < 100
    assert (
        token["content"]["encap_content_info"]["content"].parsed["message_imprint"]["hashed_message"].native == DIGEST
    )


def set_nonce(request: Any) -> None:
    request["nonce"] = 5


def set_digest(request: Any) -> None:
    request["message_imprint"]["hashed_message"] = b"x" * 32


@pytest.mark.parametrize("change", [set_nonce, set_digest])
def test_a_time_stamp_over_another_nonce_or_digest_is_refused(change: Any) -> None:
    assert refusal(granting(change=change)) == "the time stamp answers another request; ask another authority"


@pytest.mark.parametrize(("digest", "said"), [("sha1", "SHA-1"), ("md5", "MD5")])
def test_a_time_stamp_signed_over_a_broken_digest_is_refused(digest: str, said: str) -> None:
    assert f"weak algorithm or key ({said}" in refusal(granting(stamper(override_md=digest)))


def test_a_time_stamp_by_a_short_key_is_refused() -> None:
    assert "weak algorithm or key (RSA 1024" in refusal(granting(stamper(certificate(bits=1024), 1024)))


def test_a_time_stamp_by_an_expired_certificate_or_one_for_other_ends_is_refused() -> None:
    assert "(certificate valid until 2021-12-31, stamped on 2025-03-01)" in refusal(granting(stamper(certificate(730))))
    assert "(certificate is not made for time stamps)" in refusal(granting(stamper(certificate(stamps=False))))


def test_a_time_stamp_whose_signature_was_made_with_another_key_is_refused() -> None:
    assert private_key(1024) is not private_key()
    assert "(signature differs)" in refusal(granting(stamper(certificate(), 1024)))


def test_a_refusal_by_the_authority_is_told_in_its_words_in_one_line() -> None:
    from asn1crypto import tsp

    status = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["no\ncredit"]}).dump()
    assert refusal(lambda _: bytes([0x30, len(status)]) + status) == (
        "the time stamp was not granted (no credit); ask another authority"
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b"0\x80", b"0\x82\xff\xff", b"\x30\x80" * 60, b"x" * 100_000])
def test_an_answer_that_is_none_is_refused(body: bytes) -> None:
    assert refusal(lambda _: body) == "the answer is no time stamp (RFC 3161); check the address"


def test_an_answer_of_three_gigabytes_is_refused_after_its_first_bytes() -> None:
    body = b"0" * 200_000
    said = refusal(lambda _: body, headers=(("Content-Length", str(3 << 30)),))
    assert said == "the answer is no time stamp (RFC 3161); check the address"


def changed_at(at: int) -> Any:
    whole = granting()
    return lambda data: (made := whole(data))[:at] + bytes([made[at] ^ 255]) + made[at + 1 :]


def test_an_answer_with_any_changed_byte_holds_all_the_same_or_is_refused_in_one_line() -> None:
    for at in range(0, 1400, 233):
        with serving(changed_at(at)) as (address, _), contextlib.suppress(UsageError):
            ask(address)


def test_an_authority_that_says_another_status_is_named_and_no_other_address_is_asked() -> None:
    with serving(granting()) as (other, asked):
        assert (
            refusal(granting(), 302, (("Location", other),))
            == "answered with status 302, expected 200; check the address"
        )
    assert asked == []


def test_an_authority_that_does_not_answer_or_is_not_there_is_said_so() -> None:
    ended = Event()
    with serving(lambda _: bytes(ended.wait(60))) as (address, _):
        with pytest.raises(UsageError, match=r"no whole answer within 0\.2 seconds; try again later"):
            ask(address, 0.2)
        ended.set()
    with pytest.raises(UsageError, match=r"cannot be reached \(ClientConnectorError\); check address and network"):
        ask(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "tsa.example",
        "file:///etc/passwd",
        "ftp://tsa.example/",
        "https://me:secret@tsa.example/",
        "http://[",
        "http://",
    ],
)
def test_another_kind_of_address_is_refused_before_anything_is_sent(address: str) -> None:
    with pytest.raises(UsageError, match="expected an address such as"):
        ask(address)
