"""XML of message bodies, read as hostile: no entities, no network, limited depth, broken input."""

import html
import re
from functools import cache
from typing import TYPE_CHECKING

from reconcile.lazy_modules import lazy_module
from reconcile.patterns import lazy_pattern

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = lazy_module("lxml.etree")

# Bodies that the client writes stay under some hundred kilobytes (a forward of 100 items); the rest is not parsed.
MAX_XML_CHARACTERS = 4_000_000
_STRAY_AMPERSAND = lazy_pattern(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)", re.DOTALL
)
_NOT_XML = lazy_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\\d|3[01]));", re.IGNORECASE)  # fmt: skip
_DECLARATION = lazy_pattern(r"^\s*<\?xml[^>]*\?>\s*")
_SENDER_PREFIX = lazy_pattern(r"^[^\s<>:]{1,128}:\s*\n\s*(?=<)")
_HOSTILE = lazy_pattern(r"<!(?:DOCTYPE|ENTITY)")


class Tree:
    """A parsed body. Paths are those of ElementTree, relative to the root; '' where nothing is there.

    A store holds a hundred thousand bodies, each asked for a dozen elements, so children are looked up in a table
    made once.
    """

    __slots__ = ("_children", "_trees", "is_broken", "root", "source")

    def __init__(self, root: "etree._Element", *, is_broken: bool = False, source: str = "") -> None:
        self.root, self.is_broken, self.source = root, is_broken, source
        self._children: dict[str, etree._Element] | None = None
        self._trees: dict[str, Tree] = {}

    @property
    def tag(self) -> str:
        """Name of the root element."""
        return str(self.root.tag)

    def at(self, path: str) -> "Tree | None":
        """The first element at a path, as a tree of its own."""
        found = self._find_child(path)
        return None if found is None else Tree(found, is_broken=self.is_broken, source=self.source)

    def all(self, path: str) -> "list[Tree]":
        """Every element at a path."""
        return [Tree(e, is_broken=self.is_broken) for e in self.root.iterfind(path)]

    def text(self, *paths: str) -> str:
        """The stripped words of the first path that has some."""
        for path in paths:
            found = self._find_child(path)
            if found is not None and (words := _words_of(found).strip()):
                return words
        return ""

    def raw_text(self, path: str) -> str:
        """The words of a path with their own blanks and line ends."""
        found = self._find_child(path)
        return "" if found is None else _words_of(found)

    def holds_twice(self, tags: frozenset[str]) -> bool:
        """Whether two children have one of these tags; `text` reads only the first."""
        named = [c.tag for c in self.root if c.tag in tags]
        return len(named) > len(set(named))

    def attr(self, *names: str) -> str:
        """The first non-empty of the root element's own attributes."""
        for name in names:
            value = self.root.get(name)
            if value and (value := value.strip()):
                return str(value)
        return ""

    def _find_child(self, path: str) -> "etree._Element | None":
        """The first element at a path below the root; None where there is none."""
        if self._children is None:
            # Backwards, so that the first of two children with one name stays.
            self._children = {child.tag: child for child in self.root.iterchildren(reversed=True)}
        found = self._children.get(path)
        if found is not None:
            return found
        if "." in path:
            return self.root.find(path)
        first, _, rest = path.partition("/")
        return self._find_below(first, rest) if rest and first in self._children else None

    def _find_below(self, first: str, rest: str) -> "etree._Element | None":
        """The element at the rest of a path, below the first child of this name."""
        child = self._trees.get(first)
        if child is None:
            child = self._trees[first] = Tree(self._children[first])  # type: ignore[index]
        found = child._find_child(rest)
        # The first child of that name may lack what a second one has.
        return found if found is not None else self.root.find(f"{first}/{rest}")


def parse_xml(content: str) -> Tree | None:
    """The tree of a body, or None where it is no XML, too large or carries a document type.

    Stray ampersands and control characters are repaired silently, as in WeChat's own client. Other broken XML gives
    its recoverable part with `is_broken`.
    """
    text = content.lstrip("\ufeff \t\r\n\x00")
    if not text.startswith("<"):
        text = _SENDER_PREFIX.sub("", text, count=1)
    if text.startswith("<?xml"):
        text = _DECLARATION.sub("", text, count=1)
    if not text.startswith("<") or len(text) > MAX_XML_CHARACTERS or _HOSTILE.search(text):
        return None
    root = _parse_strictly(text)
    if root is not None:
        return Tree(root, source=text)
    mended = _STRAY_AMPERSAND.sub(_escaped, _NOT_XML.sub("", text)).rstrip()
    root = _parse_strictly(mended) if mended != text.rstrip() else None
    if root is not None:
        return Tree(root, source=mended)
    root = _parse_recovering(mended)
    return None if root is None else Tree(root, is_broken=True, source=mended)


def _escaped(found: re.Match[str]) -> str:
    """A stray ampersand as an entity; inside CDATA it stays."""
    return "&amp;" if found[0] == "&" else found[0]


def between(content: str, name: str) -> str:
    """The words between the first `<name>` and `</name>` of broken XML; '' where they are absent."""
    found = re.search(rf"<{name}>\s*(<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</{name}>", content[:MAX_XML_CHARACTERS], re.DOTALL)
    if found is None:
        return ""
    return found[2].strip() if found[1] else html.unescape(found[2]).strip()


@cache
def _safe_parser(*, recover: bool) -> "etree.XMLParser":
    """A parser that resolves no entities and opens no connection."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=recover,
        remove_comments=True, remove_pis=True, encoding="utf-8",
    )  # fmt: skip


def _parse_strictly(text: str) -> "etree._Element | None":
    """The root element; None unless the XML is well-formed."""
    try:
        return etree.fromstring(text.encode("utf-8"), _safe_parser(recover=False))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _parse_recovering(text: str) -> "etree._Element | None":
    """The root element with what can be recovered of broken XML; None for nothing."""
    # A lone surrogate written as a number would pass the parser but could not be decoded.
    whole = re.sub(
        r"&#(?:x0*d[89a-f][0-9a-f]{2}|0*5(?:529[6-9]|5[3-9]\d\d|6\d{3}|7[0-2]\d\d|73[0-3]\d|734[0-3]));",
        "\ufffd",
        text,
        flags=re.IGNORECASE,
    )
    try:
        return etree.fromstring(whole.encode("utf-8", "ignore"), _safe_parser(recover=True))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _words_of(element: "etree._Element") -> str:
    """All words inside an element."""
    if len(element):
        return "".join(element.itertext(with_tail=False))
    return element.text or ""
