"""What signatures and time stamps of a PDF say, and whether they hold. It uses no network."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from cryptography import x509

from reconcile.custody.signature import silence_library, without_library
from reconcile.custody.timestamp_answer import authority_name, read_answer, read_certificates
from reconcile.custody.weak_signatures import weak_in_chain
from reconcile.errors import UnreadableSource, is_defect
from reconcile.wording import Lang, say
from reconcile.wording.errors import tell_part
from reconcile.wording.instants import china_time

# A report with thousands of pictures takes some 100 MB.
MOST_PDF_BYTES = 1 << 30
_BROKEN_DIGESTS = {"md2": "MD2", "md5": "MD5", "sha1": "SHA-1"}


@dataclass(frozen=True, slots=True)
class PdfMark:
    """A signature or time stamp of a PDF, and whether it holds.

    Attributes:
        kind: signature, or timestamp (of the document or of a signature).
        field: name of the form field that holds it.
        by: subject of the certificate that signed.
        at: UTC time that an authority states, ISO 8601; of a signature, the time that the signer claims, or ''.
        policy: OID of the authority's policy; '' for a signature.
        serial: the token's number; '' for a signature.
        verified: whether the chain of certificates leads to a given one.
        flaw: code of what does not fit: changed, followed_by_changes, weak, other_data, signature; None = nothing.
        detail: more on the flaw.
    """

    kind: Literal["signature", "timestamp"]
    field: str
    by: str = ""
    at: str = ""
    policy: str = ""
    serial: str = ""
    verified: bool = False
    flaw: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PdfCheck:
    """The marks of one PDF, in the order in which they were put in."""

    file: str
    marks: tuple[PdfMark, ...]

    @property
    def has_findings(self) -> bool:
        """Whether any mark does not hold."""
        return any(mark.flaw for mark in self.marks)

    def lines_for(self, lang: Lang) -> list[str]:
        """The check in lines for a person."""
        if not self.marks:
            return [say("custody.pdf_unmarked", lang, file=self.file)]
        return [*(_mark_line(mark, lang) for mark in self.marks), say("custody.pdf_limit", lang)]


def check_pdf(pdf: Path, certificates: Sequence[Path] = ()) -> PdfCheck:
    """Reads every signature and time stamp of a PDF and checks it against the file's bytes.

    Args:
        pdf: the file; only read.
        certificates: PEM or DER certificates to trust; none = who signed is not checked, all else is.

    Raises:
        MissingExtra: the signing library is not installed.
        UnreadableSource: the file cannot be read as a PDF.
        UsageError: a certificate cannot be read.
    """
    try:
        import pyhanko.sign.validation  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise without_library(error) from None
    silence_library()
    roots = read_certificates(certificates)
    try:
        if pdf.stat().st_size > MOST_PDF_BYTES:
            raise ValueError(pdf.name)
        # The library starts an event loop, which fails in a thread that already runs one.
        with ThreadPoolExecutor(1) as thread:
            marks = thread.submit(asyncio.run, _marks_of(pdf.read_bytes(), roots)).result()
    except BaseException as error:
        if not is_defect(error):
            raise
        raise UnreadableSource(
            pdf, f"{pdf}: no PDF, or one that is damaged or was changed; get the report again from whoever issued it"
        ) from None
    return PdfCheck(pdf.name, marks)


async def _marks_of(content: bytes, roots: Sequence[x509.Certificate]) -> tuple[PdfMark, ...]:
    """Every signature and time stamp of the PDF, checked, in order."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 - an extra

    found: list[PdfMark] = []
    for mark in PdfFileReader(BytesIO(content)).embedded_signatures:
        mark.compute_integrity_info()
        if mark.sig_object_type == "/DocTimeStamp":
            stamp = await _stamp(mark.signed_data, mark.field_name, mark.compute_digest, roots)
            found.append(stamp if stamp.flaw else replace(stamp, flaw=_later_change(mark)))
        else:
            found += await _signature(mark, roots)
    return tuple(found)


async def _signature(mark: Any, roots: Sequence[x509.Certificate]) -> list[PdfMark]:
    """The checked signature, followed by the time stamps over it."""
    from pyhanko.sign.validation import async_validate_pdf_signature  # noqa: PLC0415 - an extra
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    signed = mark.signer_info["signature"].native
    stamps = [
        await _stamp(token, mark.field_name, lambda name: hashlib.new(name, signed).digest(), roots)
        for token in _tokens_of(mark.signer_info)
    ]
    held = stamps and stamps[0].flaw is None
    at = datetime.fromisoformat(stamps[0].at) if held else datetime.now(UTC)
    context = ValidationContext(trust_roots=_for_library(roots) or [mark.signer_cert], allow_fetching=False, moment=at)
    status = await async_validate_pdf_signature(mark, context)
    signer = x509.load_der_x509_certificate(mark.signer_cert.dump())
    claimed = mark.self_reported_timestamp
    checked = PdfMark(
        "signature",
        mark.field_name,
        signer.subject.rfc4514_string(),
        claimed.astimezone(UTC).isoformat() if claimed else "",
        verified=bool(roots) and bool(status.trusted),
    )
    carried = [x509.load_der_x509_certificate(c.dump()) for c in mark.other_embedded_certs]
    weak = [short for short, _ in weak_in_chain(signer, [signer, *carried, *roots])]
    weak += [name for digest, name in _BROKEN_DIGESTS.items() if digest == mark.md_algorithm]
    if not (status.intact and status.valid):
        checked = replace(checked, flaw="changed")
    elif weak:
        checked = replace(checked, flaw="weak", detail="; ".join(dict.fromkeys(weak)))
    elif later := _later_change(mark):
        checked = replace(checked, flaw=later)
    elif roots and not status.trusted:
        checked = replace(checked, flaw="signature")
    return [checked, *stamps]


def _tokens_of(signer: Any) -> list[Any]:
    """The time stamps over a signature, as SignedData."""
    attributes = signer["unsigned_attrs"]
    named = [a for a in attributes if a["type"].native == "signature_time_stamp_token"] if attributes.native else []
    return [token["content"] for attribute in named for token in attribute["values"]]


async def _stamp(token: Any, field: str, digest: Callable[[str], bytes], roots: Sequence[x509.Certificate]) -> PdfMark:
    """The checked time stamp; `digest` gives the digest of what it covers, by hash function."""
    from asn1crypto import cms  # noqa: PLC0415 - an extra

    from reconcile.custody.authority import token_problem  # noqa: PLC0415 - it loads an HTTP client

    der = cms.ContentInfo({"content_type": "signed_data", "content": token}).dump()
    read = read_answer(der)
    if read is None:
        return PdfMark("timestamp", field, flaw="signature")
    answer, _ = read
    info = answer.tst_info
    flaw, detail = await token_problem(token, der, digest, roots)
    return PdfMark(
        "timestamp",
        field,
        authority_name(answer),
        info.gen_time.astimezone(UTC).isoformat(),
        info.policy.dotted_string,
        f"{info.serial_number:x}",
        bool(roots) and flaw is None,
        flaw,
        detail,
    )


def _later_change(mark: Any) -> str | None:
    """Code of a change after the mark; None = none. Further signatures and time stamps do not count."""
    from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification  # noqa: PLC0415 - an extra
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415

    if mark.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return None
    if mark.coverage != SignatureCoverageLevel.ENTIRE_REVISION or isinstance(mark.diff_result, SuspiciousModification):
        return "followed_by_changes"
    harmless = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)
    return None if mark.diff_result.modification_level in harmless else "followed_by_changes"


def _for_library(roots: Sequence[x509.Certificate]) -> list[Any]:
    """The certificates in the form that the PDF library takes."""
    from asn1crypto import x509 as read  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    return [read.Certificate.load(root.public_bytes(Encoding.DER)) for root in roots]


def _mark_line(mark: PdfMark, lang: Lang) -> str:
    """What the mark says and whether it holds, in one line."""
    at = china_time(mark.at) if mark.at else say("custody.pdf_no_time", lang)
    facts = {"file": mark.field, "by": mark.by, "at": at, "detail": tell_part("flaw", mark.detail, lang)}
    if mark.flaw:
        return say(f"custody.pdf_{mark.kind}_{mark.flaw}", lang, **facts)
    if mark.kind == "timestamp":
        key = "custody.token_holds" if mark.verified else "custody.pdf_timestamp_not_verified"
        return say(key, lang, authority=mark.by, policy=mark.policy, serial=mark.serial, **facts)
    return say(f"custody.pdf_signature_{'holds' if mark.verified else 'not_verified'}", lang, **facts)
