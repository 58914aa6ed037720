"""A sender of all rows, whom the head of the file names as the only one that it lists."""

import re

from reconcile.column_ops import present
from reconcile.formats.inferred.directions import Roles
from reconcile.formats.inferred.fields import Fields
from reconcile.vocabulary import NoteCode

_ONLY = re.compile(r"仅|只|單獨|单独|\bonly\b", re.IGNORECASE)


def accept_only_sender(fields: Fields, found: Roles) -> None:
    """Removes the doubt about a sender of all rows if a line beside them says that only he is listed."""
    if "sender" not in found.choices or found.doubts.get("sender") != (found.choices["sender"].column,):
        return
    names = present(fields.frame[found.choices["sender"].column]).unique().to_list()
    heads = [n.excerpt for n in fields.notes if n.code is NoteCode.ROW_SKIPPED]
    if len(names) == 1 and len(names[0]) > 1 and any(_ONLY.search(h) and names[0] in h for h in heads):
        del found.doubts["sender"]
