"""What the recognised reader makes of a file, and of texts in short."""

from pathlib import Path

from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source


def read(path: Path) -> Reading:
    """What the reader that recognises a file or folder makes of it."""
    source = Source(path)
    return identify(all_readers(), source).read(source, ReadOptions())


def read_text(folder: Path, text: str, name: str = "chat.txt") -> Reading:
    """`read` of a text that is written to a file of the folder first."""
    (folder / name).write_text(text, "utf-8")
    return read(folder / name)


def read_bytes(folder: Path, data: bytes, name: str) -> Reading:
    """`read` of bytes that are written to a file of the folder first."""
    (folder / name).write_bytes(data)
    return read(folder / name)


def spoken(reading: Reading, clock: str) -> list[tuple[str, str, str]]:
    """Clock in China, sender and text of each message."""
    local = reading.messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime(clock)
    return list(zip(local, reading.messages["sender"], reading.messages["text"], strict=True))


def skipped(reading: Reading) -> list[str]:
    """The rows that the reading left out with a note."""
    return [n.excerpt for n in reading.notes if n.code == "row_skipped"]
