"""One message body (type codes with text or XML) as a Body: the one place that interprets bodies."""

from typing import Any

from reconcile.vocabulary import Kind, NoteCode, TextQuality
from reconcile.wechat.kinds import APP_BASE, WORD_KINDS, is_named, kind_of
from reconcile.wechat.payload.app import app_body, canonical_url, is_misshapen, yuan
from reconcile.wechat.payload.media import (
    call_body,
    card_body,
    element_of,
    image_body,
    location_body,
    sticker_body,
    video_body,
    voice_body,
)
from reconcile.wechat.payload.system import is_recall_notice, system_body
from reconcile.wechat.payload.types import Body, Mention
from reconcile.wechat.xml_tree import MAX_XML_CHARACTERS, Tree, parse_xml

__all__ = ["Body", "Mention", "canonical_url", "is_recall_notice", "read_body", "yuan"]

MAX_QUOTE_DEPTH = 3
_MEDIA = {
    3: image_body, 34: voice_body, 43: video_body, 62: video_body, 47: sticker_body, 48: location_body, 42: card_body,
    65: card_body, 66: card_body,
}  # fmt: skip
_CALLS = (50, 52, 53)
# Root elements that identify a body better than a lost or wrong type code.
_ROOTS = {"img": 3, "voicemsg": 34, "videomsg": 43, "emoji": 47, "location": 48, "appmsg": 49, "VoIPBubbleMsg": 50}
# The element of each such base type.
_ELEMENTS = {base: name for name, base in _ROOTS.items() if base in _MEDIA} | {62: "videomsg"}


def read_body(base: int, sub: int, content: str | None, *, shown: str | None = None, depth: int = 0) -> Body:
    """The meaning of a body.

    Args:
        base: WeChat's base type (1 text, 3 image, 49 app message, 10000 notice, ...); 0 = unknown, taken from the XML.
        sub: sub-type of an app message; 0 = unknown. The XML's own `appmsg/type` counts before it.
        content: text or XML; a leading `account:` line before XML is passed over. None = no body.
        shown: the line that the client shows beside the body (Windows 3 DisplayContent), for calls and notices.
        depth: nesting inside other bodies; beyond MAX_QUOTE_DEPTH nothing is parsed.

    Returns:
        A Body; never raises. XML that is not well-formed gives what can be had, with a broken_body note; beyond the size
        limit the text is cut and limit_reached noted.
    """
    text = content or ""
    if base == 1:
        return Body(Kind.TEXT, text)
    if len(text) > MAX_XML_CHARACTERS:
        return Body(kind_of(base, sub), text_quality=TextQuality.ABSENT, notes=(NoteCode.LIMIT_REACHED,))
    tree = parse_xml(text) if depth <= MAX_QUOTE_DEPTH else None
    known = _known_base(base, tree)
    values = {"kind": kind_of(known, sub)} | _body_fields(known, sub, text, tree, shown=shown or "", depth=depth)
    if tree is None and not known:
        values = {"kind": Kind.TEXT, "text": text}
    # A record inside the body is separate XML.
    is_broken = bool(values.pop("is_broken", False))
    return Body(**values, notes=_body_notes(known, tree, text, values, is_broken=is_broken))


def _known_base(base: int, tree: Tree | None) -> int:
    """The base type; where it is unknown, the one that the root element shows."""
    if base or tree is None:
        return base
    if tree.tag in ("sysmsg", "revokemsg"):
        return 10000
    first = (c.tag for c in (tree, *tree.all("*")))
    return next((_ROOTS[t] for t in first if t in _ROOTS), 0)


def _body_fields(base: int, sub: int, text: str, tree: Tree | None, *, shown: str, depth: int) -> dict[str, Any]:
    """The fields of a body, by the function for its type."""
    if base == APP_BASE:
        return _app_fields(tree, sub, text, depth)
    if base in _MEDIA:
        return _MEDIA[base](tree, text)
    if base in _CALLS:
        return call_body(tree, text, shown)
    if kind_of(base) is Kind.SYSTEM:
        return system_body(tree, text or shown)
    return {"text": (tree.text(".//title", ".//content") if tree else text) or shown}


def _app_fields(tree: Tree | None, sub: int, text: str, depth: int) -> dict[str, Any]:
    """Fields of an app message; only its words where the body is no XML."""
    if tree is None:
        # No XML: the words stay as they are, and nothing else is known of the body.
        return {"text": text, "text_quality": None if text else TextQuality.ABSENT}
    return app_body(tree, sub, lambda b, s, c: read_body(b, s, c, depth=depth + 1))


def _lacks_its_element(base: int, tree: Tree) -> bool:
    """Whether a body has words, and not the element that its kind consists of: they are shown nowhere."""
    name = _ELEMENTS.get(base)
    if name is None or element_of(tree, name) is not None:
        return False
    # An attribute may hold words, too.
    return bool(tree.text(".")) or not tree.source.isascii()


def _body_notes(
    base: int, tree: Tree | None, text: str, values: dict[str, Any], *, is_broken: bool
) -> tuple[NoteCode, ...]:
    """Notes on a broken body or an unknown kind."""
    notes = []
    if tree is not None:
        # A reply always has words.
        is_broken |= (
            tree.is_broken
            or (values["kind"] is Kind.QUOTE and not values.get("text"))
            or (is_misshapen(tree) if base == APP_BASE else _lacks_its_element(base, tree))
        )
    else:
        is_broken = text.lstrip("\ufeff \t\r\n").startswith("<") and values["kind"] not in WORD_KINDS
    if is_broken:
        notes.append(NoteCode.BROKEN_BODY)
    if base and values["kind"] is Kind.OTHER and not is_named(base, values.get("fields", {}).get("app_type") or 0):
        notes.append(NoteCode.UNKNOWN_KIND)
    return tuple(notes)
