"""Asks a time-stamp authority over the network, and checks time stamps in a PDF.

It connects only to the authority that the user names, and sends a SHA-256 digest alone. Nothing else of the program
connects to another machine, apart from `batch --cluster`, which connects to the scheduler that the user names.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext
from rfc3161_client import TimeStampResponse

from reconcile.custody.timestamp_answer import read_answer, weaknesses
from reconcile.errors import UsageError, is_defect

# Public authorities answer within a second or two. A whole answer takes this long at most.
ANSWER_SECONDS = 30.0
# A token with a long chain of certificates takes some 20,000 bytes.
MOST_ANSWER_BYTES = 1 << 15
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
_LONGEST_DETAIL = 200
_OK = 200


class Authority(TimeStamper):  # type: ignore[misc] # the library has no types for us
    """An authority at an address. A missing or invalid answer raises UsageError with one clear line."""

    def __init__(self, address: str, seconds: float = ANSWER_SECONDS) -> None:
        """`seconds`: how long a whole answer may take. Raises UsageError for another kind of address."""
        super().__init__()
        self.address = _checked_address(address)
        self.seconds = seconds

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The checked answer. Raises UsageError where it is missing or does not fit the request."""
        data = await self._ask(req.dump())
        try:
            return await self._checked(data, req)
        except BaseException as error:
            # An answer may hold anybody's bytes, and the libraries may fail on them in any way.
            if not is_defect(error):
                raise
            raise _not_a_time_stamp(self.address) from None

    async def _ask(self, request: bytes) -> bytes:
        """The bytes that the authority answers. Raises UsageError if it cannot be reached or refuses."""
        timeout = aiohttp.ClientTimeout(total=self.seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
                session.post(self.address, data=request, headers=_HEADERS, allow_redirects=False) as response,
            ):
                if response.status != _OK:
                    raise UsageError(
                        "--timestamp",
                        f"--timestamp {self.address}: answered with status {response.status}, expected 200; check the address",
                    )
                return await self._read(response)
        except TimeoutError:
            raise UsageError(
                "--timestamp",
                f"--timestamp {self.address}: no whole answer within {self.seconds:g} seconds; try again later, or report without it",
            ) from None
        except (aiohttp.ClientError, OSError) as error:
            raise UsageError(
                "--timestamp",
                f"--timestamp {self.address}: cannot be reached ({type(error).__name__}); check address and network, or report without it",
            ) from None

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The body of the answer. Raises UsageError beyond MOST_ANSWER_BYTES."""
        data = bytearray()
        async for chunk in response.content.iter_any():
            data += chunk
            if len(data) > MOST_ANSWER_BYTES:
                raise _not_a_time_stamp(self.address)
        return bytes(data)

    async def _checked(self, data: bytes, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The answer, if it grants the request and its signature fits. Raises UsageError otherwise."""
        read = read_answer(data)
        if read is None:
            raise _not_a_time_stamp(self.address)
        answer, der = read
        if answer.status not in (0, 1):
            raise UsageError(
                "--timestamp",
                f"--timestamp {self.address}: the time stamp was not granted ({_refusal_reason(answer)}); ask another authority",
            )
        response = tsp.TimeStampResp.load(der)
        digest = req["message_imprint"]["hashed_message"].native
        problem, detail = await token_problem(response["time_stamp_token"]["content"], der, lambda _: digest)
        if problem == "other_data" or answer.tst_info.nonce != req["nonce"].native:
            raise UsageError(
                "--timestamp",
                f"--timestamp {self.address}: the time stamp answers another request; ask another authority",
            )
        if problem == "weak":
            raise UsageError(
                "--timestamp",
                f"--timestamp {self.address}: the time stamp rests on a weak algorithm or key ({detail}); ask another authority",
            )
        if problem:
            raise UsageError(
                "--timestamp",
                f"--timestamp {self.address}: the time stamp's signature or certificate does not hold ({detail}); ask another authority",
            )
        return response


def _not_a_time_stamp(address: str) -> UsageError:
    return UsageError(
        "--timestamp", f"--timestamp {address}: the answer is no time stamp (RFC 3161); check the address"
    )


async def token_problem(
    token: object, der: bytes, digest: Callable[[str], bytes], roots: Sequence[x509.Certificate] = ()
) -> tuple[str | None, str]:
    """Code of what does not hold, with its detail; (None, '') = the token holds.

    Codes: weak, other_data, signature.

    Args:
        token: the SignedData.
        der: the same as an answer or bare token.
        digest: the stamped data's digest by name of the hash function.
        roots: certificates to trust; none = identity of the authority is not checked, all else is.
    """
    read = read_answer(der)
    if read is None:
        return "signature", "its form cannot be read"
    if weak := weaknesses(*read, roots):
        return "weak", weak
    imprint = token["encap_content_info"]["content"].parsed["message_imprint"]  # type: ignore[index]
    if digest(imprint["hash_algorithm"]["algorithm"].native) != imprint["hashed_message"].native:
        return "other_data", ""
    signer = extract_certs_for_validation(token).signer_cert
    at = read[0].tst_info.gen_time.astimezone(UTC)
    if reason := _certificate_problem(x509.load_der_x509_certificate(signer.dump()), at):
        return "signature", reason
    trusted = [asn1_x509.Certificate.load(c.public_bytes(Encoding.DER)) for c in roots] or [signer]
    context = ValidationContext(trust_roots=trusted, allow_fetching=False, moment=at)
    status = TimestampSignatureStatus(**await validate_tst_signed_data(token, context, digest))
    if not (status.valid and status.intact):
        return "signature", "signature differs"
    return (None, "") if status.trusted or not roots else ("signature", "no chain to the given root")


def _certificate_problem(signer: x509.Certificate, at: datetime) -> str:
    """What bars the certificate from stamping at that time: validity or purpose; '' = nothing."""
    if not signer.not_valid_before_utc <= at <= signer.not_valid_after_utc:
        return f"certificate valid until {signer.not_valid_after_utc:%Y-%m-%d}, stamped on {at:%Y-%m-%d}"
    try:
        purposes = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return "certificate is not made for time stamps"
    return "" if ExtendedKeyUsageOID.TIME_STAMPING in purposes else "certificate is not made for time stamps"


def _checked_address(address: str) -> str:
    """The address, if it is http or https without a password. Raises UsageError otherwise."""
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise UsageError(
            "--timestamp", f"--timestamp {address}: expected an address such as https://tsa.example/, without password"
        )
    return address


def _refusal_reason(answer: TimeStampResponse) -> str:
    """The authority's own words for a refusal, else its code."""
    return " ".join(" ".join(answer.status_string).split())[:_LONGEST_DETAIL] or str(answer.status)
