"""The facts of a case file for the cover of a report, as written there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

# Contents that an expert's document must show (Evidence Rules, article 36), printed as to be completed where the case
# file is empty.
REQUIRED = ("court", "number", "requested_by", "purpose")


@dataclass(frozen=True, slots=True)
class Cover:
    """Court, case and task; counsel by side, left = plaintiff. An empty text = not stated."""

    court: str = ""
    number: str = ""
    cause: str = ""
    third_party: str = ""
    requested_by: str = ""
    purpose: str = ""
    received: str = ""
    reported: str = ""
    custodian: str = ""
    left_counsel: str = ""
    right_counsel: str = ""

    def stated(self) -> tuple[tuple[str, str], ...]:
        """Code and text of stated and required facts, in the order of the cover."""
        return tuple((k, v) for k, v in asdict(self).items() if v or k in REQUIRED)


def cover_in(manifest: Mapping[str, object]) -> Cover | None:
    """The cover of a finished comparison; None where none was given."""
    told = manifest.get("cover")
    if not isinstance(told, dict):
        return None
    return Cover(**{f.name: str(told.get(f.name) or "") for f in fields(Cover)})
