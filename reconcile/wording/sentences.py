"""Clauses joined into one sentence."""

from collections.abc import Sequence

from reconcile.wording import Lang, say


def sentence(clauses: Sequence[str], lang: Lang) -> str:
    """The clauses as one sentence with a capital and a full stop; at least one clause is needed."""
    joined = clauses[-1]
    for clause in reversed(clauses[:-1]):
        joined = say("front.clause_pair", lang, first=clause, rest=joined)
    told = say("front.sentence", lang, clauses=joined)
    return told[:1].upper() + told[1:]
