"""The error for requests that the application refuses, with a code that its pages translate."""

from reconcile.review import answers


class Refused(answers.Refused):
    """A request that cannot be carried out; its code is named in the catalogue (`app.refused_…`)."""

    def __init__(self, code: str, status: int = 422) -> None:
        super().__init__(code, status)
