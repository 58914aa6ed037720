"""report.pdf: the report of one language through WeasyPrint, an optional part of the package."""

import hashlib
import logging

from reconcile.errors import MissingExtra
from reconcile.report.html import render_html
from reconcile.report.model import ReportData
from reconcile.version import install_command
from reconcile.wording import Lang


def render_pdf(data: ReportData, lang: Lang) -> bytes:
    """The PDF's bytes; the same report gives the same bytes with the same fonts.

    Raises:
        MissingExtra: WeasyPrint, or a library of the system that it stands on, is not there.
    """
    try:
        import weasyprint  # noqa: PLC0415 - an extra, and slow to load
    except (ImportError, OSError) as error:
        raise MissingExtra(
            "pdf", f"PDF reports need WeasyPrint ({error}); install it with: {install_command('pdf')}"
        ) from None
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    html = render_html(data, lang)
    identifier = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
    document = weasyprint.HTML(string=html, url_fetcher=_no_network)
    return bytes(document.write_pdf(pdf_identifier=identifier))


def _no_network(url: str, **_: object) -> dict[str, object]:
    raise ValueError(f"reports load nothing: {url}")
