"""Marked text and hashes as HTML, for every page."""

from typing import TYPE_CHECKING

from reconcile.patterns import lazy_pattern
from reconcile.report.pieces import Segment

if TYPE_CHECKING:
    from markupsafe import Markup

# Differences up to this length are not broken over two lines.
_WHOLE = 16
_GROUP = 8
_DATE = lazy_pattern(r"\b\d{4}-\d{2}-\d{2}\b")
_AMOUNT = lazy_pattern(r"[0-9][0-9,]*(\.[0-9]+)?( ?%)?")


def pieces(segments: tuple[Segment, ...]) -> "Markup":
    """A message's text as escaped HTML, with differences and tokens marked; text never becomes markup."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - comes with the template library, only when pages are written

    forms = {
        "plain": "{}",
        "differs": "<mark>{}</mark>",
        "whole": '<mark class="whole">{}</mark>',
        "hidden": '<span class="tok">{}</span>',
    }
    return Markup("").join(Markup(forms[_look(s)]).format(escape(s.text)) for s in segments)  # noqa: S704 - fixed forms


def digest(text: str) -> "Markup":
    """A hash that may break between groups of eight characters but copies as one word."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with the template library, only when pages are written

    return Markup("<wbr>").join(text[n : n + _GROUP] for n in range(0, len(text), _GROUP))


def dated(text: str) -> "Markup":
    """A text as escaped HTML whose dates do not break at their hyphens."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - comes with the template library, only when pages are written

    return Markup(_DATE.sub(r'<span class="day">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped, and a fixed form


def _look(segment: Segment) -> str:
    """The CSS class of a segment."""
    return "whole" if segment.mark == "differs" and len(segment.text) <= _WHOLE else segment.mark


def is_amount(text: object) -> bool:
    """Whether a cell contains only a number or a share, and is therefore aligned right."""
    return bool(_AMOUNT.fullmatch(str(text)))
