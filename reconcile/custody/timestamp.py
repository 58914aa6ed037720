"""RFC 3161 time stamps by files: writes requests and checks the authority's answers.

Nothing here opens a connection. A checkpoint file states the seal's hashes and the log's head. The request covers the
SHA-256 of that file, so `openssl ts -verify -data checkpoint-1.json -in answer.tsr -CAfile authority.pem` checks the
same.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import orjson
from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, TimeStampResponse, VerificationError, VerifierBuilder

from reconcile.custody import log
from reconcile.custody.atomic_files import write_files
from reconcile.custody.log import LogCheck
from reconcile.custody.statement import load
from reconcile.custody.timestamp_answer import authority_name, read_answer, read_certificates, weaknesses
from reconcile.digests import digest_bytes
from reconcile.errors import UsageError, is_defect
from reconcile.wording import Lang, say
from reconcile.wording.instants import china_time

FOLDER = "timestamps"
ANSWERS = (".tsr", ".tsa", ".tst")
# Object identifiers of NIST's hash functions, as RFC 5754 gives them.
IMPRINTS = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
# Most bytes read of an answer or checkpoint. A token with a long chain of certificates takes some 20,000.
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TimestampCheck:
    """What one answer of an authority says, and whether it holds.

    Attributes:
        file: name of the answer.
        at: UTC time in the token, ISO 8601; '' where unreadable.
        policy: OID of the authority's policy.
        serial: the token's number.
        imprint: hex digest that was stamped.
        authority: subject of the signing certificate, '' where the token does not carry it.
        checkpoint: name of the checkpoint with that imprint; '' = the seal has none.
        lines: how many log lines the checkpoint covers.
        verified: whether the signature was checked against the given certificates and fits.
        problem: code of what does not fit: unreadable, not_granted, weak, other_data, nonce, signature, log_differs; None = nothing.
        detail: the library's words for it.
    """

    file: str
    at: str = ""
    policy: str = ""
    serial: str = ""
    imprint: str = ""
    authority: str = ""
    checkpoint: str = ""
    lines: int = 0
    verified: bool = False
    problem: str | None = None
    detail: str = ""

    def lines_for(self, lang: Lang) -> list[str]:
        """The check in lines for a person: "existed no later than", never more."""
        if self.problem:
            return [say(f"custody.token_{self.problem}", lang, file=self.file, detail=self.detail)]
        key = "custody.token_holds" if self.verified else "custody.token_not_verified"
        at = china_time(self.at)
        return [say(key, lang, file=self.file, at=at, policy=self.policy, serial=self.serial, authority=self.authority)]


@dataclass(frozen=True, slots=True)
class _Seal:
    """What the answers of one seal are checked against, read once for all of them.

    Attributes:
        log: the checked log.
        statement: SHA-256 of the statement.
        checkpoints: the checkpoints by their digest of a kind (`IMPRINTS`).
    """

    log: LogCheck
    statement: str
    checkpoints: Callable[[str], Mapping[str, Path]]


def timestamp_request(seal: Path, *, who: str = "", where: str = "", note: str = "") -> Path:
    """Writes a checkpoint of the seal and a request for it; returns the path of the request.

    The request is `checkpoint-N.tsq`.

    The log gets a line first, so that the checkpoint covers it. Raises CaseNotFound where there is no seal.
    """
    _, statement = load(seal)
    folder = seal / FOLDER
    folder.mkdir(exist_ok=True)
    number = 1 + sum(1 for _ in folder.glob("checkpoint-*.json"))
    name = f"checkpoint-{number}"
    head = log.append(seal, "timestamp_requested", who=who, where=where, note=note, data={"checkpoint": name})
    checkpoint = {
        "statement": {"sha256": digest_bytes(statement), "sm3": digest_bytes(statement, "sm3")},
        "log": {"lines": head.lines, "sha256": head.sha256},
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    data = orjson.dumps(checkpoint, option=orjson.OPT_INDENT_2) + b"\n"
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True)
    built = request.cert_request(cert_request=True).build()
    files = (("json", data), ("nonce", str(built.nonce).encode()), ("tsq", built.as_bytes()))
    write_files({folder / f"{name}.{ending}": content for ending, content in files})
    return folder / f"{name}.tsq"


def timestamp_check(
    seal: Path, response: Path, certificates: Sequence[Path] = (), checked: LogCheck | None = None
) -> TimestampCheck:
    """Reads one answer (`.tsr`, or the bare token) and says whether it fits the seal.

    Args:
        seal: folder that holds the checkpoints.
        response: the authority's answer; copied nowhere.
        certificates: the authority's root (and intermediate) certificates; none = read without verifying.
        checked: the log as already checked; None = check it here.

    Raises:
        UsageError: a certificate cannot be read, or none of them is a root.
    """
    return _check(_opened(seal, checked or log.check(seal)), response, read_certificates(certificates))


def _opened(seal: Path, checked: LogCheck) -> _Seal:
    """What the answers of a seal are checked against."""

    @cache
    def checkpoints(name: str) -> dict[str, Path]:
        """The checkpoint files by their digest."""
        found = {}
        for file in sorted((seal / FOLDER).glob("checkpoint-*.json"), reverse=True):
            with suppress(OSError, ValueError):
                found[hashlib.new(name, _read_small(file)).hexdigest()] = file
        return found

    return _Seal(checked, digest_bytes(load(seal)[1]), checkpoints)


def _check(held: _Seal, response: Path, certificates: Sequence[x509.Certificate]) -> TimestampCheck:
    """The checked answer; one that breaks the library counts as unreadable."""
    try:
        return _check_response(held, response, certificates)
    except BaseException as error:
        # An answer may hold anybody's bytes, and the library may panic on them. One broken answer must not hide the
        # others.
        if not is_defect(error):
            raise
        return TimestampCheck(response.name, problem="unreadable", detail=type(error).__name__)


def _check_response(held: _Seal, response: Path, certificates: Sequence[x509.Certificate]) -> TimestampCheck:
    """The checked answer."""
    read = _answer(response)
    if read is None:
        return TimestampCheck(response.name, problem="unreadable")
    answer, der = read
    if answer.status not in (0, 1):
        return TimestampCheck(response.name, problem="not_granted", detail="; ".join(answer.status_string))
    info = answer.tst_info
    algorithm = info.message_imprint.hash_algorithm.dotted_string
    imprint = info.message_imprint.message.hex()
    checkpoint = held.checkpoints(IMPRINTS[algorithm]).get(imprint) if algorithm in IMPRINTS else None
    data = _read_small(checkpoint) if checkpoint else b""
    weak = weaknesses(answer, der, certificates)
    problem, detail = ("weak", weak) if weak else _problem_of(held, answer, certificates, checkpoint, data)
    return TimestampCheck(
        response.name,
        info.gen_time.astimezone(UTC).isoformat(),
        info.policy.dotted_string,
        f"{info.serial_number:x}",
        imprint,
        authority_name(answer),
        checkpoint.name if checkpoint else "",
        _stated(data)[1],
        bool(certificates) and problem is None,
        problem,
        detail,
    )


def check_all(seal: Path, checked: LogCheck, certificates: Sequence[Path] = ()) -> tuple[TimestampCheck, ...]:
    """Checks every answer in the seal's folder `timestamps/`, by name.

    Raises UsageError as `timestamp_check`.
    """
    folder = seal / FOLDER
    if not folder.is_dir():
        return ()
    answers = sorted(f for f in folder.iterdir() if f.suffix.lower() in ANSWERS)
    held, given = _opened(seal, checked), read_certificates(certificates)
    return tuple(_check(held, f, given) for f in answers)


def _answer(path: Path) -> tuple[TimeStampResponse, bytes] | None:
    """The answer of a file as the library reads it, and its bytes in DER."""
    try:
        return read_answer(_read_small(path))
    except (OSError, ValueError):
        return None


def _read_small(path: Path) -> bytes:
    """The bytes of a file. Raises ValueError for what is no file, or larger than any answer."""
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise ValueError(path.name)
    return path.read_bytes()


def _stated(data: bytes) -> tuple[str, int, str]:
    """(statement SHA-256, log lines, log head) of a checkpoint; empty where it does not say."""
    try:
        value = orjson.loads(data)
        return str(value["statement"]["sha256"]), int(value["log"]["lines"]), str(value["log"]["sha256"])
    except (ValueError, KeyError, TypeError):
        return "", 0, ""


def _problem_of(
    held: _Seal,
    answer: TimeStampResponse,
    certificates: Sequence[x509.Certificate],
    checkpoint: Path | None,
    data: bytes,
) -> tuple[str | None, str]:
    """Code and detail of what does not fit; (None, '') = nothing."""
    if checkpoint is None:
        return "other_data", ""
    statement, lines, head = _stated(data)
    kept = 0 < lines <= len(held.log.hashes) and held.log.hashes[lines - 1] == head
    if not kept or statement != held.statement:
        return "log_differs", ""
    nonce = checkpoint.with_suffix(".nonce")
    if (
        nonce.is_file()
        and answer.tst_info.nonce is not None
        and _read_small(nonce) != str(answer.tst_info.nonce).encode()
    ):
        return "nonce", ""
    return _signature_problem(answer, data, certificates) if certificates else (None, "")


def _signature_problem(
    answer: TimeStampResponse, data: bytes, certificates: Sequence[x509.Certificate]
) -> tuple[str | None, str]:
    """Code and detail where the certificates do not confirm the signature.

    Raises UsageError where none of them is a root.
    """
    builder = VerifierBuilder()
    for certificate in certificates:
        if certificate.issuer == certificate.subject:
            builder = builder.add_root_certificate(certificate)
        else:
            builder = builder.add_intermediate_certificate(certificate)
    try:
        verifier = builder.build()
    except ValueError:
        raise UsageError(
            "--certificate", "--certificate: none of them is a root; add the authority's root certificate"
        ) from None
    try:
        verifier.verify_message(answer, data)
    except VerificationError as error:
        # Behind these words the library prints its inner objects.
        return "signature", re.split(r"[\[<{]|: [A-Za-z]+\(", str(error))[0].strip(" :;,.(")
    return None, ""
