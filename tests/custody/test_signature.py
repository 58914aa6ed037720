"""A PDF report is signed with a key of the user's own, and a change after that is noticed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from reconcile.custody.signature import pdf_signer
from reconcile.errors import UsageError
from tests.command import run

VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A self-made key with its certificate; the password is `secret`."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "复核人甲")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), 1, VALID_FROM, VALID_FROM + timedelta(days=36500))
        .add_extension(usage, critical=True)
        .sign(private, hashes.SHA256())
    )
    hidden = serialization.BestAvailableEncryption(b"secret")
    file = tmp_path / "key.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"key", private, certificate, None, hidden))
    return file


def _status(content: bytes) -> Any:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    (found,) = PdfFileReader(BytesIO(content)).embedded_signatures
    trusted = ValidationContext(trust_roots=[found.signer_cert], allow_fetching=False)
    # Another test of this process may run an event loop, beside which the library starts none.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(validate_pdf_signature, found, trusted).result()


def test_a_signed_report_holds_the_report_and_is_intact_and_a_changed_one_is_not(key: Path) -> None:
    pytest.importorskip("pyhanko", reason="the extra `sign` is not installed")
    typst = pytest.importorskip("typst", reason="the extra `pdf` is not installed")
    report = bytes(typst.compile(b"report", pdf_standards=["a-2b"]))

    signed = pdf_signer(key, "secret")(report)

    assert signed.startswith(report)
    assert _status(signed).bottom_line
    changed = (
        signed.replace(b"/Title", b"/Tifle", 1) if b"/Title" in report else b"%" + signed[1:20] + b"X" + signed[21:]
    )
    assert not _status(changed).intact


def test_a_report_is_signed_where_an_event_loop_runs_already(key: Path) -> None:
    pytest.importorskip("pyhanko", reason="the extra `sign` is not installed")
    typst = pytest.importorskip("typst", reason="the extra `pdf` is not installed")
    report = bytes(typst.compile(b"report", pdf_standards=["a-2b"]))

    async def signed() -> bytes:
        return pdf_signer(key, "secret")(report)

    # Another test of this process may run a loop of its own, so this one runs in a thread.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, signed()).result().startswith(report)


def test_a_wrong_password_and_a_file_that_is_no_key_are_refused_in_one_line(key: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyhanko", reason="the extra `sign` is not installed")
    (tmp_path / "text.p12").write_bytes(b"no key")
    for file, password in ((key, "wrong"), (tmp_path / "text.p12", None), (tmp_path / "nowhere.p12", None)):
        with pytest.raises(UsageError, match="expected a PKCS #12 file"):
            pdf_signer(file, password)


def test_a_signature_without_a_pdf_is_refused(tmp_path: Path) -> None:
    said = run("report", tmp_path, "--sign", "key.p12", "--lang", "en")

    assert said.returncode == 2
    assert "add --report pdf" in said.stderr
