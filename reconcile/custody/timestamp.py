"""RFC 3161 time stamps by files: a request to carry to an authority, and the check of the answer it gives back.

Nothing here opens a connection. A checkpoint file states the seal's hashes and the log's head; the request's imprint is the
SHA-256 of that file, so `openssl ts -verify -data checkpoint-1.json -in answer.tsr -CAfile authority.pem` checks the same.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from reconcile.custody import log
from reconcile.custody.log import LogCheck
from reconcile.custody.statement import load
from reconcile.custody.whole import put_whole
from reconcile.digests import digest_bytes
from reconcile.errors import UnreadableSource, UsageError
from reconcile.terminal import china_time
from reconcile.wording import Lang, say

FOLDER = "timestamps"
ANSWERS = (".tsr", ".tsa", ".tst")
# Object identifiers of NIST's hash functions, as RFC 5754 gives them.
IMPRINTS = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


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
        checkpoint: name of the checkpoint with that imprint; '' = none lies with the seal.
        lines: how many log lines the checkpoint covers.
        verified: whether the signature was checked against the given certificates and fits.
        problem: code of what does not fit: unreadable, not_granted, other_data, nonce, signature, log_differs; None = nothing.
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


def timestamp_request(seal: Path, *, who: str = "", where: str = "", note: str = "") -> Path:
    """Writes a checkpoint of the seal and the request for it; gives back the request's path (`checkpoint-N.tsq`).

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
    put_whole({folder / f"{name}.{ending}": content for ending, content in files})
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
        UnreadableSource: the answer's file cannot be opened.
    """
    held = checked or log.check(seal)
    answer = _answer(response)
    if answer is None:
        return TimestampCheck(response.name, problem="unreadable")
    if answer.status not in (0, 1):
        return TimestampCheck(response.name, problem="not_granted", detail="; ".join(answer.status_string))
    info = answer.tst_info
    algorithm = info.message_imprint.hash_algorithm.dotted_string
    imprint = info.message_imprint.message.hex()
    checkpoint, lines = _checkpoint(seal, algorithm, imprint)
    problem, detail = _problem(seal, answer, certificates, checkpoint, held)
    return TimestampCheck(
        response.name,
        info.gen_time.astimezone(UTC).isoformat(),
        info.policy.dotted_string,
        f"{info.serial_number:x}",
        imprint,
        _authority(answer),
        checkpoint.name if checkpoint else "",
        lines,
        bool(certificates) and problem is None,
        problem,
        detail,
    )


def check_all(seal: Path, checked: LogCheck, certificates: Sequence[Path] = ()) -> tuple[TimestampCheck, ...]:
    """Every answer that lies in the seal's folder `timestamps/`, in name order."""
    folder = seal / FOLDER
    if not folder.is_dir():
        return ()
    answers = sorted(f for f in folder.iterdir() if f.suffix.lower() in ANSWERS and f.is_file())
    return tuple(timestamp_check(seal, f, certificates, checked) for f in answers)


def _answer(path: Path) -> TimeStampResponse | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableSource(path, f"{path}: cannot be read ({error.strerror or error})") from None
    for candidate in (data, _granted(data)):
        try:
            answer = decode_timestamp_response(candidate)
            if answer.status in (0, 1):
                _ = answer.tst_info.gen_time
        except ValueError:
            continue
        return answer
    return None


def _granted(token: bytes) -> bytes:
    # A bare token is wrapped as TimeStampResp ::= SEQUENCE { status { granted(0) }, token } (RFC 3161 2.4.2).
    body = b"\x30\x03\x02\x01\x00" + token
    length = len(body)
    if length < 0x80:
        return b"\x30" + bytes([length]) + body
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return b"\x30" + bytes([0x80 | len(size)]) + size + body


def _checkpoint(seal: Path, algorithm: str, imprint: str) -> tuple[Path | None, int]:
    name = IMPRINTS.get(algorithm)
    if name is None:
        return None, 0
    for file in sorted((seal / FOLDER).glob("checkpoint-*.json")):
        data = file.read_bytes()
        if hashlib.new(name, data).hexdigest() == imprint:
            return file, _stated(data)[1]
    return None, 0


def _stated(data: bytes) -> tuple[str, int, str]:
    """(statement SHA-256, log lines, log head) of a checkpoint; empty where it does not say."""
    try:
        value = orjson.loads(data)
        return str(value["statement"]["sha256"]), int(value["log"]["lines"]), str(value["log"]["sha256"])
    except (ValueError, KeyError, TypeError):
        return "", 0, ""


def _problem(
    seal: Path, answer: TimeStampResponse, certificates: Sequence[Path], checkpoint: Path | None, checked: LogCheck
) -> tuple[str | None, str]:
    if checkpoint is None:
        return "other_data", ""
    data = checkpoint.read_bytes()
    statement, lines, head = _stated(data)
    kept = 0 < lines <= len(checked.hashes) and checked.hashes[lines - 1] == head
    if not kept or statement != digest_bytes(load(seal)[1]):
        return "log_differs", ""
    nonce = checkpoint.with_suffix(".nonce")
    if nonce.is_file() and answer.tst_info.nonce is not None and nonce.read_text() != str(answer.tst_info.nonce):
        return "nonce", ""
    return _signature_problem(answer, data, certificates) if certificates else (None, "")


def _signature_problem(answer: TimeStampResponse, data: bytes, certificates: Sequence[Path]) -> tuple[str | None, str]:
    builder = VerifierBuilder()
    for certificate in _certificates(certificates):
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
        return "signature", str(error)[:200]
    return None, ""


def _certificates(paths: Sequence[Path]) -> list[x509.Certificate]:
    found: list[x509.Certificate] = []
    for path in paths:
        try:
            data = path.read_bytes()
            new = (
                x509.load_pem_x509_certificates(data)
                if b"-----BEGIN" in data
                else [x509.load_der_x509_certificate(data)]
            )
        except (OSError, ValueError):
            raise UsageError("--certificate", f"--certificate {path}: no readable PEM or DER certificate") from None
        found += [c for c in new if c not in found]
    return found


def _authority(answer: TimeStampResponse) -> str:
    signers = answer.signed_data.signer_infos
    for der in answer.signed_data.certificates:
        try:
            certificate = x509.load_der_x509_certificate(bytes(der))
        except ValueError:
            continue
        if any(certificate.serial_number == s.serial_number for s in signers):
            return certificate.subject.rfc4514_string()
    return ""
