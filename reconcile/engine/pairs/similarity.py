"""How similar two texts are, and what a similarity is worth among messages of one export."""

import re
from functools import lru_cache

import numpy as np
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from reconcile.engine.content.signs import QUOTED
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import Floats, Ints, Records
from reconcile.patterns import lazy_pattern
from reconcile.wechat.kind_classes import WORDS
from reconcile.wechat.kinds import BARE_MARK


def similarities(left: list[str], right: list[str], params: Params) -> Floats:
    """Normalised Indel similarity of the texts at each position; long texts by their beginning."""
    if not left:
        return np.zeros(0)
    head = params.quick_characters
    return cpdist(
        [t[:head] for t in left], [t[:head] for t in right], scorer=Indel.normalized_similarity, dtype=np.float64
    )


# Punctuation, emoji and numbers, in which two forms of one text may differ.
_FIGURES = lazy_pattern(r"⟦[^⟧]*⟧|[\W_\d零〇一二三四五六七八九十百千万亿两元块]")


def may_be_form(left: str, right: str) -> bool:
    """Whether two unlike texts may be two forms of one message.

    They are equal or contained apart from punctuation and digits, or one quotes or is a placeholder.
    """
    (one, is_one_open), (two, is_two_open) = _bare_form(left), _bare_form(right)
    short, long = sorted((one, two), key=len)
    return (
        not short
        or short in long
        or long.startswith(short[: PARAMS.form_start_characters])
        or is_one_open
        or is_two_open
    )


@lru_cache(maxsize=65_536)
def _bare_form(text: str) -> tuple[str, bool]:
    """The text without punctuation and digits, and whether it quotes or is a placeholder."""
    return _FIGURES.sub("", text), bool(QUOTED.search(text) or re.match(BARE_MARK, text))


def similarity_value(left: Records, right: Records, exports: Ints, similarity: Floats, params: Params) -> Floats:
    """-log of the share of unlike message pairs that are at least as similar: the value of a similarity.

    Estimated per export from pairs drawn by position (Fellegi-Sunter's u by random sampling). Where people write by a
    pattern, a high similarity means little.
    """
    out = np.full(len(exports), np.inf)
    words = [np.flatnonzero((r.cls == WORDS) & (r.pair >= 0)) for r in (left, right)]
    owners = [r.export[w] for r, w in zip((left, right), words, strict=True)]
    for export in np.unique(exports).tolist():
        # Rows are sorted by export.
        spans = [np.searchsorted(o, (export, export + 1)) for o in owners]
        rows = [w[low:high] for w, (low, high) in zip(words, spans, strict=True)]
        n = min(params.chance_draws, len(rows[0]) * len(rows[1]))
        if not n:
            continue
        k = np.arange(n)
        i, j = (
            rows[0][(k * 7919) % len(rows[0])],
            rows[1][(k * 104_729 + k // len(rows[1]) + len(rows[1]) // 2) % len(rows[1])],
        )
        texts = left.frame["text"][i].to_list(), right.frame["text"][j].to_list()
        drawn = similarities(texts[0], texts[1], params)
        drawn = np.sort(drawn[np.array([a != b for a, b in zip(*texts, strict=True)], bool)])
        here = exports == export
        above = len(drawn) - np.searchsorted(drawn, similarity[here])
        out[here] = -np.log((above + 0.5) / (len(drawn) + 1))
    return out
