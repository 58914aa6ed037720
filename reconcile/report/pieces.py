"""The small parts of every report: phrases of the catalogue, marked text, tallies."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Mark = Literal["plain", "differs", "hidden", "strong", "soft", "mono", "tag"]


class Frozen(BaseModel):
    """An immutable part of the report."""

    # Most reports need only some of the parts, and a validator is built when a part is first made.
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)


class Phrase(Frozen):
    """A sentence of the catalogue, in no language yet: its key and the values of its blanks."""

    key: str
    values: Mapping[str, "str | int | float | Phrase"] = Field(default_factory=dict)


class Segment(Frozen):
    """A stretch of a message's text: plain, different from the other side, or a visible token."""

    text: str
    mark: Mark = "plain"


class Media(Frozen):
    """A picture or sound embedded in the page: its type, and its bytes in base64.

    `original_bytes`: the size of a picture that is shown reduced; 0 = shown as it is.
    """

    media_type: str
    data: str
    original_bytes: int = 0

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture and not a sound."""
        return self.media_type.startswith("image/")

    @property
    def address(self) -> str:
        """The whole file as a data URL."""
        return f"data:{self.media_type};base64,{self.data}"


class CodePoint(Frozen):
    """A character that is invisible or looks like another (`like`)."""

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
    """The outcome of the rows of one kind."""

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
