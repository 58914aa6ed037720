"""What lines beside the rows say of who wrote: the only sender, and what signs such as arrows mean."""

import re
from dataclasses import replace

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.direction_words import DIRECTIONS
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import Found
from reconcile.formats.inferred.people.directions import are_signs
from reconcile.patterns import lazy_pattern
from reconcile.wechat.owner_words import OWN_NAMES, PEER_WORDS

_ONLY = lazy_pattern(r"仅|只|單獨|单独|\bonly\b", re.IGNORECASE)
# What stands between a sign and its meaning, and a meaning.
_MEANS, _WORD = r"\s*(?:[=:：是为為]|表示|代表|means)?\s*", r"[^\W_][\w.'-]{0,30}"
_SIDES = {**DIRECTIONS, **dict.fromkeys(OWN_NAMES, True), **dict.fromkeys(PEER_WORDS, False)}
_TWO = 2


def with_signs_explained(fields: Fields) -> Fields:
    """The fields with the meaning of signs that tell who sent, where a line beside the rows explains it.

    Of two signs, one that is the owner's tells the other, which is the other party's, under the name that such a line states.
    """
    heads = " ".join(fields.lines_beside)
    for name in (n for n in fields.names if heads and (hint(n, "sender") > 0 or n.startswith("#"))):
        signs = present(fields.frame[name]).unique().to_list() if are_signs(fields.frame[name]) else []
        told = _meanings(signs, heads)
        if signs and told.keys() == {*signs}:
            doubts = {r: c for r, c in fields.doubts.items() if r != "sender"}
            return replace(fields, frame=fields.frame.with_columns(pl.col(name).replace(told)), doubts=doubts)
    return fields


def _meanings(signs: list[str], heads: str) -> dict[str, str]:
    """The owner, the other party or a name for each sign, by the words on one side of all of them.

    {} where both sides fit.
    """
    one = "|".join(map(re.escape, signs))
    behind = dict(re.findall(rf"({one}){_MEANS}({_WORD})", heads)) if signs else {}
    before = {s: w for w, s in re.findall(rf"({_WORD}){_MEANS}({one})", heads)} if signs else {}
    if len(behind) == len(before) and behind != before:
        return {}
    sides = {s: (w, _SIDES.get(w.lower(), _SIDES.get(w))) for s, w in max(behind, before, key=len).items()}
    peer = re.search(rf"(?:{'|'.join(PEER_WORDS)})\s*[=:：]\s*({_WORD})", heads)
    other = peer[1] if peer else PEER_WORDS[0]
    told = {s: w if side is None else OWN_NAMES[0] if side else other for s, (w, side) in sides.items()}
    if len(signs) == len(told) + 1 == _TWO and OWN_NAMES[0] in told.values():
        told |= dict.fromkeys({*signs} - {*told}, other)
    return told


def accept_only_sender(fields: Fields, found: Found) -> None:
    """Removes the doubt about a sender of all rows if a line beside them says that only he is listed."""
    if "sender" not in found.choices or found.doubts.get("sender") != (found.choices["sender"].column,):
        return
    names = present(fields.frame[found.choices["sender"].column]).unique().to_list()
    if len(names) == 1 and len(names[0]) > 1 and any(_ONLY.search(h) and names[0] in h for h in fields.lines_beside):
        del found.doubts["sender"]
