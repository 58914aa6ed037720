"""Marks the differences between two copies of a text, and makes invisible characters visible."""

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from reconcile.patterns import lazy_pattern
from reconcile.report.pieces import CodePoint, Segment
from reconcile.report.visible import hidden_characters, look_alikes, name, split

# Beyond this length the differing middle is marked as a whole, since the comparison is quadratic.
_FINE_CHARACTERS = 4_000
_NUMBER = lazy_pattern(r"[0-9０-９.,，%％]+")

Spans = list[tuple[int, int]]


def differing_spans(left: str, right: str) -> tuple[Spans, Spans]:
    """Start and end of each differing span in either text. A number that differs is marked whole."""
    edits = _edit_spans(left, right)
    spans_a = [(a, b) for a, b, _, _ in edits]
    spans_b = [(c, d) for _, _, c, d in edits]
    return _widen(left, spans_a), _widen(right, spans_b)


def segments(text: str, spans: Spans, most: int) -> tuple[tuple[Segment, ...], int, int]:
    """The text in marked segments around the first difference, and the characters cut at each end.

    At most `most` characters are kept.
    """
    start, stop = _shown_range(text, spans, most)
    out: list[Segment] = []
    position = start
    for begin, end in spans:
        low, high = max(begin, start), min(end, stop)
        if low >= high:
            continue
        out.extend(_marked_segments(text[position:low], differs=False))
        out.extend(_marked_segments(text[low:high], differs=True))
        position = high
    out.extend(_marked_segments(text[position:stop], differs=False))
    return tuple(out), start, len(text) - stop


def marked(texts: Sequence[str], most: int) -> list[tuple[Segment, ...]]:
    """Each version of a text with its differences from the first marked; the first against the second."""
    others = [texts[1] if n == 0 else texts[0] for n in range(len(texts))] if len(texts) > 1 else texts
    spans = [differing_spans(text, other)[0] for text, other in zip(texts, others, strict=True)]
    return [segments(text, found, most)[0] for text, found in zip(texts, spans, strict=True)]


def code_points(*texts: str) -> tuple[CodePoint, ...]:
    """Every distinct invisible character, with its name, in code order."""
    found = sorted({c for text in texts for c in hidden_characters(text)})
    return tuple(CodePoint(code=f"U+{ord(c):04X}", name=name(c)) for c in found)


def likenesses(left: str, right: str) -> tuple[CodePoint, ...]:
    """Differing characters of two copies that look alike, named in pairs."""
    pairs: dict[tuple[str, str], None] = {}
    for a, b, c, d in _edit_spans(left, right):
        pairs.update(dict.fromkeys(look_alikes(left[a:b], right[c:d])))
    return tuple(
        CodePoint(code=f"U+{ord(a):04X}", name=name(a), like=f"U+{ord(b):04X}", like_name=name(b)) for a, b in pairs
    )


def _edit_spans(left: str, right: str) -> list[tuple[int, int, int, int]]:
    """Differing ranges as (left start, left end, right start, right end)."""
    start = _common_prefix_length(left, right)
    end = _common_prefix_length(left[start:][::-1], right[start:][::-1])
    a, b = left[start : len(left) - end], right[start : len(right) - end]
    if len(a) > _FINE_CHARACTERS or len(b) > _FINE_CHARACTERS:
        return [(start, start + len(a), start, start + len(b))]
    return [
        (start + op.src_start, start + op.src_end, start + op.dest_start, start + op.dest_end)
        for op in Levenshtein.opcodes(a, b)
        if op.tag != "equal"
    ]


def _marked_segments(text: str, *, differs: bool) -> list[Segment]:
    """The text as segments; invisible characters become segments of their own."""
    return [
        Segment(text=part, mark="hidden" if hidden else ("differs" if differs else "plain"))
        for part, hidden in split(text)
    ]


def _shown_range(text: str, spans: Spans, most: int) -> tuple[int, int]:
    """Start and end of the printed part: `most` characters around the first difference."""
    if len(text) <= most:
        return 0, len(text)
    start = max(0, (spans[0][0] if spans else 0) - most // 4)
    return start, min(len(text), start + most)


def _common_prefix_length(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _widen(text: str, spans: Spans) -> Spans:
    """The spans with numbers completed and neighbours merged; empty spans count only inside numbers."""
    wide: Spans = []
    for begin, end in spans:
        low, high = begin, end
        for match in _NUMBER.finditer(text, max(0, begin - 40), min(len(text), end + 40)):
            if match.start() <= begin and match.end() >= begin and match.start() < max(end, begin + 1):
                low, high = min(low, match.start()), max(high, match.end())
        if wide and low <= wide[-1][1]:
            wide[-1] = (wide[-1][0], max(wide[-1][1], high))
        else:
            wide.append((low, high))
    return [(a, b) for a, b in wide if a < b]
