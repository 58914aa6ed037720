"""All exceptions of the program.

ReconcileError
├─ SourceError            .source     UnrecognisedSource, AmbiguousSource, UnreadableSource, SourceChanged, LimitExceeded,
│                                     ReaderFailed
├─ CaseError              .case       CaseNotFound, CaseNotEmpty, CaseInUse, DecisionsChanged
├─ UsageError             .option
└─ MissingExtra           .extra      an optional part of the package is not installed

Each message is one line: what was found, what was expected, what to try. Caught in one place, `cli.main`.
"""

import errno
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

# What the system says where nothing more can be written.
OF_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class ReconcileError(Exception):
    """Anything that stops a run for a reason the user can act on.

    Attributes:
        renamed: option in the message -> what the command calls it for this input.
    """

    renamed: Mapping[str, str] = MappingProxyType({})


class SourceError(ReconcileError):
    """A source cannot serve as evidence. `.source` is the path given."""

    def __init__(self, source: Path | str, message: str) -> None:
        # Reasons of libraries may have several lines; an error has one.
        super().__init__(" ".join(part.strip() for part in message.split("\n") if part.strip()))
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


class ReaderFailed(UnreadableSource):
    """A reader met content that it was not made for: a defect. `__cause__` is the original error."""


class CaseError(ReconcileError):
    """A case folder cannot be used. `.case` is its path."""

    def __init__(self, case: Path | str, message: str) -> None:
        super().__init__(" ".join(part.strip() for part in message.split("\n") if part.strip()))
        self.case = case


class CaseNotFound(CaseError):
    """There is no finished comparison in the folder."""


class CaseNotEmpty(CaseError):
    """The folder holds another run, and `--overwrite` was not given."""


class CaseInUse(CaseError):
    """Another run is writing into the folder."""


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


def is_defect(error: BaseException) -> bool:
    """Whether an exception is a defect: neither ours nor the user's wish to stop.

    A panic of polars is no Exception, yet counts as a defect.
    """
    ours = isinstance(error, ReconcileError)
    return not ours and (isinstance(error, Exception) or type(error).__name__ == "PanicException")


def place_of(error: BaseException) -> str:
    """Kind of an unforeseen exception and its innermost place in this program, without any content."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "reconcile" in Path(f.filename).parts]
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def changed_source(source: Path | str, name: str) -> SourceChanged:
    """The error for a source whose file `name` changed or vanished while it was read."""
    return SourceChanged(source, f"{source}: {name} changed while it was read; copy the export and run again")


@contextmanager
def reading_of_source(source: Path | str) -> Iterator[None]:
    """Turns unforeseen errors inside into ReaderFailed, so that no input causes a traceback.

    A file that vanished becomes SourceChanged, and one that the system cannot read UnreadableSource. A full temporary
    folder is no fault of the source, so its OSError is raised as it is.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise changed_source(source, Path(str(error.filename or source)).name) from error
    except OSError as error:
        if error.errno in OF_WRITING:
            raise
        reason = error.strerror or type(error).__name__
        raise UnreadableSource(
            source, f"{error.filename or source}: cannot be read ({reason}); check the permissions"
        ) from error
    except BaseException as error:
        if not is_defect(error):
            raise
        raise ReaderFailed(
            source,
            f"{source}: cannot be read; the reader met content that it does not support ({place_of(error)}). "
            "Export it again or in another form, and report this line",
        ) from error


@contextmanager
def reading_of_results(folder: Path | str) -> Iterator[None]:
    """Turns unforeseen errors inside into CaseError, because a folder of results may be hostile."""
    try:
        yield
    except BaseException as error:
        if not is_defect(error) or isinstance(error, OSError):
            raise
        raise CaseError(
            folder,
            f"{folder}: a file of results is not as this program writes it ({place_of(error)}); run compare again on the exports",
        ) from error
