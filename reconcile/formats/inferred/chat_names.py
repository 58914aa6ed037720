"""What the name of a file says of its chat."""

import re
from pathlib import Path

# A month or a day; names of a period's file, or of the parts of one chat; a chat's name before a period.
_PERIOD = r"20[0-9]{2}[-_.年]?[01][0-9](?:[-_.月]?(?:[0-3][0-9]日?)?)"
_OF_PERIOD = re.compile(rf"(?P<chat>.*[^\s_.(（-])[\s_.(（-]+{_PERIOD}[)）]?")
_PART = re.compile(rf"(?i){_PERIOD}|(?:chunks?|parts?|pages?|messages?|msgs?|data|segment|分片|第)[_\- ]?[0-9]{{1,6}}")


def place_of(file: Path) -> str:
    """What a file's name says of its chat: of a period or a part of one, the name of the folder."""
    if named := _OF_PERIOD.fullmatch(file.stem):
        return named["chat"]
    return file.parent.name if _PART.fullmatch(file.stem) else file.stem


def is_one_place(names: list[str]) -> bool:
    """Whether names such as `msg_202406` differ in their period alone, and so are parts of one place."""
    found = [_OF_PERIOD.fullmatch(n) for n in names]
    return len(found) > 1 and all(found) and len({m["chat"] for m in found if m}) == 1


__all__ = ["is_one_place", "place_of"]
