"""The error for requests that the application refuses, with a code that its pages translate."""


class Refused(Exception):
    """A request that cannot be carried out.

    Attributes:
        code: named in the catalogue (`app.refused_…`).
        status: the HTTP status of the answer.
    """

    def __init__(self, code: str, status: int = 422) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
