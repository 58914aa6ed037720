"""What an RFC 3161 answer of an authority says, and which of its algorithms and keys are weak."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from rfc3161_client import TimeStampResponse, decode_timestamp_response

from reconcile.custody.cms import algorithms_of, to_der
from reconcile.custody.weak_signatures import WEAK, weak_among, weak_in_chain
from reconcile.errors import UsageError


def read_answer(data: bytes) -> tuple[TimeStampResponse, bytes] | None:
    """The answer as the library reads it, and its bytes in DER. None where the bytes are no answer."""
    try:
        der = to_der(data)
        answer = decode_timestamp_response(der)
        if answer.status in (0, 1):
            _ = answer.tst_info.gen_time
    except (ValueError, IndexError, StopIteration):
        return None
    return answer, der


def weaknesses(answer: TimeStampResponse, der: bytes, given: Sequence[x509.Certificate]) -> str:
    """Forgeable elements that the answer relies on, each in a few words; '' = none is known."""
    return "; ".join(dict.fromkeys(_each_weakness(answer, der, given)))


def authority_name(answer: TimeStampResponse) -> str:
    """Subject of the certificate that signed the answer, '' where it does not carry that."""
    signer = next((c for c in _carried(answer) if _has_signed(c, answer)), None)
    return signer.subject.rfc4514_string() if signer else ""


def read_certificates(paths: Sequence[Path]) -> list[x509.Certificate]:
    """The certificates of the files, each once. Raises UsageError for a file without a readable one."""
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


def _each_weakness(answer: TimeStampResponse, der: bytes, given: Sequence[x509.Certificate]) -> Iterator[str]:
    """Each weak algorithm or key under the answer, in a few words."""
    imprint = answer.tst_info.message_imprint.hash_algorithm.dotted_string
    if imprint in WEAK:
        yield WEAK[imprint]
    for oids in algorithms_of(der):
        if weak := weak_among(oids):
            yield weak
    held = [*_carried(answer), *given]
    for signer in (c for c in held if _has_signed(c, answer)):
        for weak, certificate in weak_in_chain(signer, held):
            yield f"{weak}: {certificate.subject.rfc4514_string()}"


def _has_signed(certificate: x509.Certificate, answer: TimeStampResponse) -> bool:
    """Whether a signer of the answer names this certificate."""
    signers = answer.signed_data.signer_infos
    return any((certificate.serial_number, certificate.issuer) == (s.serial_number, s.issuer) for s in signers)


def _carried(answer: TimeStampResponse) -> list[x509.Certificate]:
    """The certificates that the token carries, as far as they can be read."""
    found = []
    for der in sorted(bytes(c) for c in answer.signed_data.certificates):
        with suppress(ValueError):
            found.append(x509.load_der_x509_certificate(der))
    return found
