"""One thing that a screen shows: a bubble, a picture, a bar of time, a notice, or the title."""

import re
from dataclasses import dataclass, field
from typing import Literal

from reconcile.submission.screen.words import Word

What = Literal["bubble", "picture", "time", "notice", "title"]


@dataclass(slots=True)
class Item:
    """One thing on the screen, from top to bottom; `own` is None where nothing tells who sent it."""

    what: What
    top: float
    bottom: float
    lines: list[Word] = field(default_factory=list)
    own: bool | None = None
    name: str | None = None
    colour: tuple[int, int, int] = (0, 0, 0)
    edge: float = 0.0
    left: float = 0.0

    @property
    def text(self) -> str:
        """The item's words; a line that fills its bubble continues in the next, others end with a break."""
        out = ""
        for n, line in enumerate(self.lines):
            out += line.text
            if n + 1 < len(self.lines):
                full = self.edge and line.right > self.edge - 2.2 * line.height
                spaced = out[-1:].isascii() and self.lines[n + 1].text[:1].isascii() and " " in out[-12:]
                out += (" " if spaced else "") if full else "\n"
        return out

    @property
    def score(self) -> float:
        """Lowest confidence of its lines; 1 where it has none."""
        return min((line.score for line in self.lines), default=1.0)

    @property
    def digit_score(self) -> float:
        """Lowest confidence of the lines that hold digits; 0 where none does."""
        return min((line.score for line in self.lines if re.search(r"\d", line.text)), default=0.0)
