"""Signatures with the user's key: a DSSE envelope round the statement, and marks in PDF reports.

Form of the envelope: https://github.com/secure-systems-lab/dsse, protocol.md: the signature covers `DSSEv1 LEN(type) type LEN(body) body`.
"""

import base64
import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from reconcile.errors import MissingExtra, UsageError
from reconcile.version import install_command

ENVELOPE = "statement.dsse.json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"

_TYPE = PAYLOAD_TYPE.encode()


def envelope_of(statement: bytes, key: Path) -> bytes:
    """The signed envelope. Raises UsageError where the key cannot be used; the key itself is never shown."""
    private = _private_key(key)
    message = _dsse_encoding(statement)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        signature = private.sign(message)
    elif isinstance(private, ec.EllipticCurvePrivateKey):
        signature = private.sign(message, ec.ECDSA(hashes.SHA256()))
    else:
        signature = private.sign(message, padding.PKCS1v15(), hashes.SHA256())
    envelope = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(statement).decode(),
        "signatures": [{"keyid": _key_id(private.public_key()), "sig": base64.b64encode(signature).decode()}],
    }
    return orjson.dumps(envelope, option=orjson.OPT_INDENT_2) + b"\n"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signed envelope says of a statement.

    Attributes:
        keys: SHA-256 of each signer's public key: of the key given where its signature was checked, else as the envelope states it.
        checked: whether the signature was computed with a public key and fits.
        problem: code of what does not fit: envelope_unreadable, envelope_of_another_statement, signature_does_not_fit; None = nothing.
    """

    keys: tuple[str, ...] = ()
    checked: bool = False
    problem: str | None = None


def check_envelope(envelope: bytes, statement: bytes, public_key: Path | None) -> Signed:
    """Whether the envelope holds exactly this statement and, where a key is given, is signed by it.

    Raises UsageError for a key that cannot be read.
    """
    public = _public_key(public_key) if public_key is not None else None
    try:
        value = orjson.loads(envelope)
        payload = base64.b64decode(value["payload"], validate=True)
        signatures = [base64.b64decode(s["sig"], validate=True) for s in value["signatures"]]
        stated = tuple(str(s.get("keyid", ""))[:64] for s in value["signatures"])
        fits = value["payloadType"] == PAYLOAD_TYPE
    except (ValueError, KeyError, TypeError, AttributeError):
        return Signed(problem="envelope_unreadable")
    if payload != statement or not fits:
        return Signed(stated, problem="envelope_of_another_statement")
    if public is None:
        return Signed(stated)
    if any(_signed_by(public, s, _dsse_encoding(statement)) for s in signatures):
        return Signed((_key_id(public),), checked=True)
    return Signed(stated, problem="signature_does_not_fit")


def _dsse_encoding(body: bytes) -> bytes:
    """The bytes that a DSSE signature covers."""
    return b"DSSEv1 %d %b %d %b" % (len(_TYPE), _TYPE, len(body), body)


_Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_Public = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def _private_key(path: Path) -> _Private:
    """The private key in a PEM file. Raises UsageError."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError(
            "--key-file", f"--key-file {path}: not readable as an unencrypted PEM private key; Ed25519 is advised"
        ) from None
    if isinstance(key, _Private):
        return key
    raise UsageError("--key-file", f"--key-file {path}: this kind of key is not supported; use Ed25519, ECDSA or RSA")


def _public_key(path: Path) -> _Public:
    """The public key in a PEM file. Raises UsageError."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        raise UsageError("--public-key", f"--public-key {path}: not readable as a PEM public key") from None
    if isinstance(key, _Public):
        return key
    raise UsageError(
        "--public-key", f"--public-key {path}: this kind of key is not supported; use Ed25519, ECDSA or RSA"
    )


def _key_id(public: _Public) -> str:
    """SHA-256 of the public key."""
    data = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(data).hexdigest()


def _signed_by(public: _Public, signature: bytes, message: bytes) -> bool:
    """Whether the key made this signature over the message."""
    try:
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, message)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        else:
            public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


FIELD, STAMP_FIELD = "Signature", "Timestamp"


# Room for a signature and a time stamp, each with a chain of certificates; the PDF holds every byte as two signs.
_RESERVED = 2 * (1 << 16)


def without_library(error: ImportError) -> MissingExtra:
    """The refusal where the library for signatures of PDF files is not installed."""
    return MissingExtra("sign", f"signatures need pyhanko ({error}); install it with: {install_command('sign')}")


def silence_library() -> None:
    """Turns off the log of the PDF library, which repeats our one-line errors as tracebacks."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).addHandler(logging.NullHandler())


def _authority_at(address: str) -> Any:
    """The authority at an address. Raises MissingExtra or UsageError."""
    try:
        from reconcile.custody.authority import Authority  # noqa: PLC0415 - it loads an HTTP client
    except ImportError as error:
        raise without_library(error) from None
    return Authority(address)


def pdf_signer(key: Path | None, password: str | None, authority: str = "") -> Callable[[bytes], bytes]:
    """A function that appends a signature, a time stamp or both to a PDF.

    The appended bytes differ each time, because they state when.

    Args:
        key: a PKCS #12 file (.p12 or .pfx) with the private key, its certificate and those above it; None = not signed.
        password: of that file.
        authority: address of a time-stamp authority, which is asked each time; '' = no time stamp.

    Raises:
        MissingExtra: the signing library is not installed.
        UsageError: the file cannot be read with this password, or the address is of another kind. The function raises it where the
            authority does not answer as it should.
    """
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - an extra
        from pyhanko.sign import PdfSignatureMetadata, PdfTimeStamper, SimpleSigner, sign_pdf  # noqa: PLC0415
        from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
    except ImportError as error:
        raise without_library(error) from None
    silence_library()
    stamper = _authority_at(authority) if authority else None
    signer = SimpleSigner.load_pkcs12(str(key), passphrase=password.encode() if password else None) if key else None
    if key and signer is None:
        raise UsageError(
            "--sign", f"--sign {key}: cannot be opened; expected a PKCS #12 file (.p12, .pfx) and its password"
        )
    how = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    # A fixed size keeps the library from asking the authority once more to learn the size of its answers.
    room = {"bytes_reserved": _RESERVED} if stamper else {}

    def sign(content: bytes) -> bytes:
        """The PDF with signature or time stamp appended."""
        writer = IncrementalPdfFileWriter(BytesIO(content))
        written: BytesIO = (
            sign_pdf(writer, how, signer=signer, timestamper=stamper, **room)
            if signer
            else PdfTimeStamper(stamper, field_name=STAMP_FIELD).timestamp_pdf(writer, "sha256", **room)
        )
        return written.getvalue()

    def sign_apart(content: bytes) -> bytes:
        """As `sign`, in a separate thread."""
        # The library starts an event loop, which fails in a thread that already runs one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(sign, content).result()

    return sign_apart
