"""Requests that the review page refuses, by codes that it puts into words."""


class Refused(Exception):
    """A judgement or mark that cannot be taken; `.code` names the reason in the catalogue."""

    def __init__(self, code: str, status: int = 409) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
