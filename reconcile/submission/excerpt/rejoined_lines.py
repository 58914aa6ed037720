"""Lines that are pieces of one message, joined where only the whole stands in the export."""

from bisect import bisect_left
from dataclasses import replace

from reconcile.submission.excerpt.lines import Line
from reconcile.wechat.kind_classes import WORDS

MOST_PIECES = 12


def unwrap(excerpt: list[Line], export: list[Line]) -> tuple[list[Line], list[list[int]]]:
    """The excerpt with wrapped lines joined, and each line's positions in the given excerpt.

    Lines are joined if they have no sender, follow each other, and only together equal a row of the export.
    """
    keys = sorted({line.key for line in export if line.key})
    known = set(keys)
    joined: list[Line] = []
    pieces: list[list[int]] = []
    i = 0
    while i < len(excerpt):
        end = _end(excerpt, i, keys, known)
        group = list(range(i, end))
        joined.append(_together(excerpt, group))
        pieces.append(group)
        i = end
    return joined, pieces


def _end(excerpt: list[Line], start: int, keys: list[str], known: set[str]) -> int:
    first = excerpt[start]
    if first.who is not None or first.cls != WORDS or not first.key:
        return start + 1
    whole = first.key
    for at in range(start + 1, min(len(excerpt), start + MOST_PIECES)):
        if excerpt[at].who is not None or excerpt[at].cls != WORDS:
            break
        if first.key in known and excerpt[at].key in known:
            break  # both stand in the export by themselves
        whole += excerpt[at].key
        if whole in known:
            return at + 1
        if not _begins(keys, whole):
            break
    return start + 1


def _begins(keys: list[str], start: str) -> bool:
    at = bisect_left(keys, start)
    return at < len(keys) and keys[at].startswith(start)


def _together(excerpt: list[Line], group: list[int]) -> Line:
    first = excerpt[group[0]]
    if len(group) == 1:
        return first
    raw = "".join(excerpt[k].raw for k in group)
    key = "".join(excerpt[k].key for k in group)
    return replace(first, key=key, raw=raw, facts=first.facts | {"text": raw})
