"""All exceptions of the program.

ReconcileError
├─ SourceError            .source     UnrecognisedSource, AmbiguousSource, UnreadableSource, SourceChanged, LimitExceeded
├─ CaseError              .case       CaseNotFound, CaseNotEmpty, CaseInUse, CaseFromNewerVersion, DecisionOutOfDate,
│                                     DecisionsChanged
├─ UsageError             .option
└─ MissingExtra           .extra      an optional part of the package is not installed

Each message is one line: what was found, what was expected, what to try. Caught in one place, `cli.main`.
"""

from pathlib import Path


class ReconcileError(Exception):
    """Anything that stops a run for a reason the user can act on."""


class SourceError(ReconcileError):
    """A source cannot serve as evidence. `.source` is the path given."""

    def __init__(self, source: Path | str, message: str) -> None:
        super().__init__(message)
        self.source = source


class UnrecognisedSource(SourceError):
    """No reader claims the source."""


class AmbiguousSource(SourceError):
    """Two readers claim the source with equal strength."""


class UnreadableSource(SourceError):
    """The source is missing, empty, locked, cut short, encrypted or broken."""


class SourceChanged(SourceError):
    """The bytes of the source differ before and after reading."""


class LimitExceeded(SourceError):
    """The source asks for more memory, depth or members than the settings allow."""


class CaseError(ReconcileError):
    """A case folder cannot be used. `.case` is its path."""

    def __init__(self, case: Path | str, message: str) -> None:
        super().__init__(message)
        self.case = case


class CaseNotFound(CaseError):
    """There is no finished comparison in the folder."""


class CaseNotEmpty(CaseError):
    """The folder holds another run, and `--overwrite` was not given."""


class CaseInUse(CaseError):
    """Another run is writing into the folder."""


class CaseFromNewerVersion(CaseError):
    """The folder was written by a later version of the program."""


class DecisionOutOfDate(CaseError):
    """A reviewer's decision speaks of findings that are no longer there."""


class DecisionsChanged(CaseError):
    """The log of a reviewer's decisions was changed after it was written."""


class UsageError(ReconcileError):
    """An option or argument does not fit. `.option` names it."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


class MissingExtra(ReconcileError):
    """An optional part of the package is needed and not installed. `.extra` names it."""

    def __init__(self, extra: str, message: str) -> None:
        super().__init__(message)
        self.extra = extra
