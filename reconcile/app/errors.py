"""What the application refuses, by the code that its pages put into words."""


class Refused(Exception):
    """A request that cannot be carried out: `code` is named in the catalogue (`app.refused_…`), `status` is the answer's."""

    def __init__(self, code: str, status: int = 422) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
