"""Shortens lists of notes: the first ones singly, the others as a count."""

from collections import Counter
from collections.abc import Sequence

from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode

# The number of places that somebody may look up by hand.
_MOST = 50


def shorten_notes(notes: Sequence[Note], most: int = _MOST) -> list[Note]:
    """The first `most` notes, and one note a code with the count of the rest, so sums stay right."""
    rest = Counter[NoteCode]()
    for note in notes[most:]:
        rest[note.code] += note.count
    return [*notes[:most], *(Note(code, "…", "", count) for code, count in rest.items())]
