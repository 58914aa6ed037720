"""Signs PDF reports with a key and certificate of the user's own (PAdES baseline B), offline."""

import logging
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from reconcile.errors import MissingExtra, UsageError
from reconcile.version import install_command

FIELD = "Signature"


def pdf_signer(key: Path, password: str | None) -> Callable[[bytes], bytes]:
    """A function that appends a signature to a PDF.

    The signed bytes differ each time, because they state when.

    Args:
        key: a PKCS #12 file (.p12 or .pfx) with the private key, its certificate and those above it.
        password: of that file.

    Raises:
        MissingExtra: the signing library is not installed.
        UsageError: the file cannot be read with this password.
    """
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - an extra
        from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf  # noqa: PLC0415
        from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra(
            "sign", f"signatures need pyhanko ({error}); install it with: {install_command('sign')}"
        ) from None
    # The library logs a traceback of what is told in one line below.
    logging.getLogger("pyhanko").addHandler(logging.NullHandler())
    signer = SimpleSigner.load_pkcs12(str(key), passphrase=password.encode() if password else None)
    if signer is None:
        raise UsageError(
            "--sign", f"--sign {key}: cannot be opened; expected a PKCS #12 file (.p12, .pfx) and its password"
        )
    how = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)

    def sign(content: bytes) -> bytes:
        written: BytesIO = sign_pdf(IncrementalPdfFileWriter(BytesIO(content)), how, signer=signer)
        return written.getvalue()

    return sign
