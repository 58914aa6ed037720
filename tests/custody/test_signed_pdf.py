"""A PDF report is time-stamped where the user names an authority, and `verify` says what a signature and a time stamp are worth."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from reconcile.custody.signature import pdf_signer
from reconcile.custody.signed_pdf import PdfCheck, check_pdf
from reconcile.errors import UnreadableSource, UsageError
from tests.command import run
from tests.time_authority import STAMPED_AT, certificate, granting, serving, stamper

pytest.importorskip("pyhanko", reason="the extra `sign` is not installed")
typst = pytest.importorskip("typst", reason="the extra `pdf` is not installed")
FROM = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def report() -> bytes:
    return bytes(typst.compile(b"report", pdf_standards=["a-2a"]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The signer's key without a password, and the certificates of signer, authority and a stranger."""
    place = tmp_path_factory.mktemp("keys")
    for name in ("key", "stranger"):
        private = ec.generate_private_key(ec.SECP256R1())
        called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "复核人甲")])
        usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
        made = x509.CertificateBuilder(called, called, private.public_key(), 1, FROM, FROM + timedelta(days=36500))
        own = made.add_extension(usage, critical=True).sign(private, hashes.SHA256())
        (place / f"{name}.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
        kept = pkcs12.serialize_key_and_certificates(b"k", private, own, None, serialization.NoEncryption())
        (place / f"{name}.p12").write_bytes(kept)
    (place / "authority.pem").write_bytes(certificate().public_bytes(serialization.Encoding.PEM))
    return place


@pytest.fixture(scope="module")
def both(report: bytes, folder: Path) -> bytes:
    """The report, signed and time-stamped."""
    with serving(granting()) as (address, asked):
        made = pdf_signer(folder / "key.p12", None, address)(report)
    assert len(asked) == 1
    return made


@pytest.fixture(scope="module")
def stamped(report: bytes) -> bytes:
    """The report, time-stamped and not signed."""
    with serving(granting()) as (address, _):
        return pdf_signer(None, None, address)(report)


@pytest.fixture
def check(tmp_path: Path, folder: Path) -> Callable[..., PdfCheck]:
    def checked(content: bytes, *certificates: str) -> PdfCheck:
        (tmp_path / "report.pdf").write_bytes(content)
        return check_pdf(tmp_path / "report.pdf", [folder / f"{name}.pem" for name in certificates])

    return checked


Check = Callable[..., PdfCheck]


def said(found: PdfCheck) -> list[tuple[str, bool, str | None]]:
    return [(mark.kind, mark.verified, mark.flaw) for mark in found.marks]


def test_a_signed_and_stamped_report_holds_against_both_certificates(check: Check, both: bytes, report: bytes) -> None:
    found = check(both, "key", "authority")

    assert both.startswith(report)
    assert said(found) == [("signature", True, None), ("timestamp", True, None)]
    assert found.marks[1].at == STAMPED_AT.isoformat()


def test_a_report_is_stamped_without_a_signature(check: Check, stamped: bytes, report: bytes) -> None:
    assert stamped.startswith(report)
    assert said(check(stamped, "authority")) == [("timestamp", True, None)]


def test_without_certificates_bytes_are_checked_and_nobodys_identity(check: Check, both: bytes) -> None:
    found = check(both)

    assert said(found) == [("signature", False, None), ("timestamp", False, None)]
    first, second, _ = found.lines_for("en")
    assert "has not changed since it was signed" in first
    assert "CN=复核人甲; who that is was not checked" in first
    assert "states 2025-03-01 09:02:03 +08:00 and fits the PDF (authority CN=时间戳机构" in second


def test_a_strangers_certificate_holds_for_neither(check: Check, both: bytes, stamped: bytes) -> None:
    assert said(check(both, "stranger")) == [("signature", False, "signature"), ("timestamp", False, "signature")]
    assert said(check(stamped, "stranger")) == [("timestamp", False, "signature")]


def test_a_change_after_it_is_found(check: Check, both: bytes, stamped: bytes) -> None:
    at = both.index(b"/Lang") + 7
    for content, codes in ((both, ["changed", None]), (stamped, ["other_data"])):
        other = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        found = check(other, "key", "authority")
        assert [mark.flaw for mark in found.marks] == codes
        assert found.has_findings


def test_bytes_added_after_it_are_found(check: Check, both: bytes, report: bytes) -> None:
    from io import BytesIO

    from pyhanko.pdf_utils.generic import NameObject, TextStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(both))
    writer.root[NameObject("/Note")] = TextStringObject("added")
    writer.update_root()
    out = BytesIO()
    writer.write(out)

    assert check(out.getvalue(), "key", "authority").marks[0].flaw == "followed_by_changes"


def test_a_stamp_over_a_broken_digest_is_never_called_sound(check: Check, both: bytes, report: bytes) -> None:
    from io import BytesIO

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfTimeStamper

    stamp = PdfTimeStamper(stamper(override_md="sha1"), field_name="T").timestamp_pdf
    # Another test of this process may run a loop of its own, so this one runs in a thread.
    with ThreadPoolExecutor(1) as thread:
        out = thread.submit(stamp, IncrementalPdfFileWriter(BytesIO(report)), "sha256").result()
    (mark,) = check(out.getvalue(), "authority").marks
    assert (mark.flaw, mark.detail) == ("weak", "SHA-1")


def test_a_report_without_either_is_said_so_and_what_is_no_pdf_is_refused(check: Check, report: bytes) -> None:
    assert check(report).lines_for("zh") == ["report.pdf：没有可识别的签名或时间戳。"]
    with pytest.raises(UnreadableSource, match="no PDF, or one that is damaged or was changed"):
        check(b"%PDF-1.7 nothing")


def test_an_authority_whose_answer_does_not_hold_leaves_nothing_behind(tmp_path: Path, report: bytes) -> None:
    with serving(granting(stamper(certificate(730)))) as (address, _):
        sign = pdf_signer(None, None, address)
        with pytest.raises(UsageError, match="certificate does not hold"):
            sign(report)


def test_the_command_tells_what_it_finds_and_takes_certificates_alone(
    tmp_path: Path, both: bytes, folder: Path
) -> None:
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(both)
    given = ("--certificate", folder / "key.pem", "--certificate", folder / "authority.pem")

    holds = run("verify", pdf, *given)
    refused = run("verify", pdf, tmp_path, "--lang", "en")

    assert (holds.returncode, refused.returncode) == (0, 2)
    assert "签署后 PDF 未改动；证书可追溯到所给证书" in holds.stdout
    assert "时间戳 Signature：所盖数据不晚于 2025-03-01 09:02:03 +08:00 已存在" in holds.stdout
    assert "a PDF report is verified with --certificate alone" in refused.stderr


def test_a_time_stamp_without_a_pdf_is_refused(tmp_path: Path) -> None:
    told = run("report", tmp_path, "--timestamp", "http://127.0.0.1:9/", "--lang", "en")

    assert told.returncode == 2
    assert "only a PDF is time-stamped; add --report pdf" in told.stderr
