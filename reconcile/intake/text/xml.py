"""Large XML reports, element by element: no entities, no network, no tree that grows."""

import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from reconcile.errors import UnreadableSource
from reconcile.intake.source import Source
from reconcile.lazy_modules import lazy_module

etree = lazy_module("lxml.etree")


def elements(source: Source, name: str, tags: Sequence[str]) -> Iterator[Any]:
    """The elements of the given local names at their end, in file order, whatever their namespace.

    The caller frees what it has read with `free`. Entities are not resolved, nothing is fetched, and text beyond the
    parser's limits (10 MB a node, 256 levels) is refused. Raises UnreadableSource for XML that is broken or cut
    short.
    """
    count = 0
    with source.open(name) as stream:
        try:
            for _, element in etree.iterparse(
                stream, events=("end",), tag=[f"{{*}}{t}" for t in tags], resolve_entities=False, no_network=True,
                load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
            ):  # fmt: skip
                count += 1
                yield element
        except etree.XMLSyntaxError as error:
            reason = " ".join(str(error.msg).split())[:200]
            raise UnreadableSource(
                source.path,
                f"{source.path}: {name} is broken or cut short after {count:,} elements ({reason}); ask for the report again",
            ) from None
        except (OSError, EOFError, zipfile.BadZipFile) as error:
            raise UnreadableSource(source.path, f"{source.path}: {name} cannot be read ({error})") from None


def free(element: Any) -> None:
    """Empties an element that has been read, and lets its elder siblings go."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
