"""What every part of a report is set from: phrases of the catalogue, marked words, tallies."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Mark = Literal["plain", "differs", "hidden", "strong", "soft", "mono", "tag"]


class Frozen(BaseModel):
    """A part of the report that nobody changes after it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Phrase(Frozen):
    """A sentence of the catalogue, not yet in any language: its key and what fills its blanks."""

    key: str
    values: Mapping[str, "str | int | float | Phrase"] = Field(default_factory=dict)


class Segment(Frozen):
    """A stretch of a message's words: plain, differing from the other side, or a character made visible."""

    text: str
    mark: Mark = "plain"


class Media(Frozen):
    """A picture or sound that stands in the page: its type and its bytes in base64."""

    media_type: str
    data: str

    @property
    def is_picture(self) -> bool:
        """Whether it is looked at, not listened to."""
        return self.media_type.startswith("image/")

    @property
    def address(self) -> str:
        """The whole file as an address of the page itself."""
        return f"data:{self.media_type};base64,{self.data}"


class CodePoint(Frozen):
    """A character that does not show, or shows like another; `like` names the one it was set beside."""

    code: str
    name: str
    like: str | None = None
    like_name: str | None = None


class Tally(Frozen):
    """A count by code, for each side; `pairs` counts lines that hold both rows."""

    code: str
    left: int = 0
    right: int = 0
    pairs: int = 0


class KindTally(Frozen):
    """What became of the rows of one kind."""

    kind: str
    left: int
    right: int
    agreement: int
    conflict: int
    doubtful: int
    left_only: int
    right_only: int
    left_aside: int
    right_aside: int
