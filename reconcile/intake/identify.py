"""Which reader claims a source: one certain claim, else one likely claim, else a clear error."""

import zipfile
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from math import log2
from pathlib import Path

from reconcile.errors import AmbiguousSource, UnrecognisedSource, UsageError
from reconcile.intake.archive import archive_kind
from reconcile.intake.bundle import Bundle
from reconcile.intake.contract import Claim, Reader
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.outline import outline_of
from reconcile.intake.not_an_export import holds_document, refuse_foreign, refuse_own_results, refuse_two_sides
from reconcile.intake.side_stores import is_fallback, is_side_store
from reconcile.intake.source import HEAD_BYTES, Source
from reconcile.intake.text.decode import head_text
from reconcile.patterns import lazy_pattern

_SHOWN, _SHOWN_FORMS, _LONGEST_REASON = 40, 3, 160
_LOOKED_AT = 20
_SQLITE = b"SQLite format 3\x00"
# The least page of an encrypted store, and the bits of order that so many random bytes have: 7.8.
_PAGE, _RANDOM_BITS = 1024, 7.6
_WORD = lazy_pattern(r"[A-Za-z_]{4,}")
_COMMON = frozenset(
    {
        "looked",
        "with",
        "such",
        "table",
        "file",
        "files",
        "line",
        "lines",
        "whose",
        "that",
        "head",
        "name",
        "time",
        "text",
    }
)


def identify(readers: Sequence[Reader], source: Source, forced: str | None = None) -> Reader:
    """The reader for a source.

    One certain claim wins, else one likely claim. A folder whose files belong to several file readers is read by all
    of them together. A store of posts or favourites beside chats never competes with them. `forced` names a reader
    and skips sniffing.

    Raises:
        UnrecognisedSource: nobody claims it; the message tells what was found and what the nearest readers looked for.
        AmbiguousSource: two claims of equal strength; the message names both.
        UsageError: `forced` is no reader's name.
    """
    if forced is not None:
        by_name = {r.name: r for r in readers}
        if forced not in by_name:
            raise UsageError("--reader", f"no reader is called {forced}; there are {', '.join(sorted(by_name))}")
        if by_name[forced].sniff(source).strength == "none":
            _look_through(source)
        return by_name[forced]
    refuse_own_results(source)
    if not source.is_file:
        refuse_two_sides(source)
    claims, found = _claims(readers, source)
    if found is None and _look_through(source):
        claims, found = _claims(readers, source)
    if found is not None:
        return found
    if holds_document(source) and (fallback := _fallback(readers, source)):
        return fallback
    refuse_foreign(source, [r for r in readers if not is_fallback(r)])
    if fallback := _fallback(readers, source):
        return fallback
    raise UnrecognisedSource(source.path, _unrecognised_message(source, claims))


def _fallback(readers: Sequence[Reader], source: Source) -> Reader | None:
    """The reader that takes what nobody else knows, where it finds rows of messages there."""
    return next((r for r in readers if is_fallback(r) and r.sniff(source).strength != "none"), None)


def _look_through(source: Source) -> bool:
    """Whether the source has JSON files longer than their heads.

    From then on, their outlines stand in for the heads.
    """
    long = (f for f in source.files if f.suffix.lower() == ".json" and len(source.head(f)) >= HEAD_BYTES)
    source.outlines.update({f: told for f in islice(long, _LOOKED_AT) if (told := outline_of(f))})
    return bool(source.outlines)


def _claims(readers: Sequence[Reader], source: Source) -> tuple[list[tuple[Reader, Claim]], Reader | None]:
    """Every reader's claim, and the reader that wins; None where nobody claims the source."""
    readers = [r for r in readers if not is_fallback(r)]
    beside = [r for r in readers if is_side_store(r)]
    claims = [(r, r.sniff(source)) for r in readers if r not in beside]
    if not any(c.strength == "certain" for _, c in claims) and (alone := _only_side_store(beside, source, claims)):
        return claims, alone
    for strength in ("certain", "likely"):
        claimants = [r for r, c in claims if c.strength == strength]
        file_readers = [r for r in claimants if isinstance(r, FileReader)]
        if len(claimants) == len(file_readers) > 1 and any(columns := [r.columns_in(source) for r in file_readers]):
            # The columns of one form may hold all those of another.
            claimants = [r for r, n in zip(file_readers, columns, strict=True) if n == max(columns)]
        # Whatever other readers claim in the folder is read as further forms of it.
        if strength == "likely" and not source.is_file and file_readers:
            return claims, Bundle(file_readers)
        if len(claimants) == 1:
            return claims, claimants[0]
        if len(claimants) > 1:
            names = " and ".join(r.name for r in claimants)
            raise AmbiguousSource(source.path, f"{source.path}: claimed by {names}; choose one with --reader NAME")
    return claims, None


def _only_side_store(beside: Sequence[Reader], source: Source, claims: list[tuple[Reader, Claim]]) -> Reader | None:
    """The first store of posts or favourites that is all the source holds, or that no reader disputes.

    Other such stores join it afterwards (side_stores.py). A database is always certain of itself, so chats among the
    text files beside it come first.
    """
    found = [(r, r.sniff(source)) for r in beside]
    nobody = all(c.strength == "none" for _, c in claims)
    for strength in ("certain", "likely"):
        first = next((r for r, c in found if c.strength == strength), None)
        if first is not None and (nobody or (strength == "certain" and not first.name.endswith("_db"))):
            return first
    claims.extend(found)
    return None


def _unrecognised_message(source: Source, claims: list[tuple[Reader, Claim]]) -> str:
    """Why nothing was recognised, the nearest forms, and what to do next."""
    packed = [f for f in source.files if archive_kind(source.head(f, 512))]
    if packed and len(packed) == len(source.files) and (told := _about_archives(source, packed)):
        return f"{source.path}: {told}"
    if source.is_file and _may_be_encrypted(source):
        return (
            f"{source.path}: may be an encrypted database; give this account's own key with --key-file, and the file the name "
            "that it had on the device, such as message_0.db, MSG0.db or EnMicroMsg.db"
        )
    looked = _nearest(source, [(r, c) for r, c in claims if c.because])
    return (
        f"{source.path}: no reader recognises {_what_it_is(source)}; of {len(claims)} forms the nearest: {looked}; name the export's own "
        "file or folder, or for a table of another tool give --columns time=…,text=…,sender=… (`reconcile readers` lists all formats)"
    )


def _may_be_encrypted(source: Source) -> bool:
    """Whether a database by its name is whole pages of bytes without any order."""
    data, size = source.head(size=_PAGE), source.path.stat().st_size
    if source.path.suffix.lower() not in (".db", ".sqlite", ".sqlite3", ".db3") or len(data) < _PAGE or size % _PAGE:
        return False
    return -sum(n / _PAGE * log2(n / _PAGE) for n in Counter(data).values()) > _RANDOM_BITS


def _about_archives(source: Source, packed: list[Path]) -> str:
    """What to say of a source that holds only archives; '' for sound documents of unknown content."""
    zips = [f for f in packed if archive_kind(source.head(f, 512)) == "ZIP"]
    if broken := next(((f, why) for f in zips if (why := _why_broken(f))), None):
        which = "" if source.is_file else f"{source.relative(broken[0])!r} "
        return f"{which}begins like a ZIP archive or workbook and is incomplete ({broken[1]}); copy it again, or ask for the export again"
    if zips and (source.is_file or all(_is_document(f) for f in packed)):
        return ""
    kinds = ", ".join(sorted({archive_kind(source.head(f, 512)) for f in packed}))
    return f"holds nothing but archives, such as {source.relative(packed[0])!r} ({kinds}); these are not opened here; unpack them and name what they hold"


def _is_document(file: Path) -> bool:
    """Whether a ZIP is a workbook or a document of an office program."""
    try:
        with zipfile.ZipFile(file) as archive:
            return not {"[Content_Types].xml", "mimetype"}.isdisjoint(archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _why_broken(file: Path) -> str:
    """Why the archive cannot be opened; empty if it can."""
    try:
        with zipfile.ZipFile(file) as archive:
            return "" if archive.namelist() else "no members"
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        return " ".join(str(error).split())[:120]


def _what_it_is(source: Source) -> str:
    """Kind, size and beginning of a file; number and endings of a folder's files."""
    if source.is_file:
        begin = " ".join(head_text(source, source.path)[:_SHOWN].split())
        # Binary content is not shown.
        shown = f" that begins {begin!r}" if begin.isprintable() and begin else ""
        return f"this {source.path.suffix.lower() or 'nameless'} file of {source.path.stat().st_size:,} bytes{shown}"
    endings = Counter(f.suffix.lower() or "none" for f in source.files).most_common(_SHOWN_FORMS)
    told = ", ".join(f"{count} {ending}" for ending, count in endings)
    return f"this folder of {len(source.files):,} files ({told})"


def _nearest(source: Source, claims: list[tuple[Reader, Claim]]) -> str:
    """The readers whose wanted words occur most often in the source's names and beginnings."""
    files = source.files[:_LOOKED_AT]
    names = " ".join(source.relative(f).lower() for f in files)
    text = " ".join([names, *(source.head(f).decode("utf-8", "ignore").lower() for f in files)])
    endings = {f.suffix.lower() for f in files}

    def nearness(claim: tuple[Reader, Claim]) -> tuple[int, int, str]:
        """Sorting key of a claim: shared words, then a known ending, then the name."""
        reader, told = claim
        words = {w.lower() for w in _WORD.findall(told.because)} - _COMMON
        takes = isinstance(reader, FileReader) and bool(endings & set(reader.suffixes))
        return -sum(w in text for w in words), -int(takes), reader.name

    if any(source.head(f, len(_SQLITE)) == _SQLITE for f in files):
        claims = [(r, c) for r, c in claims if r.name.endswith("_db")]
    first = sorted(claims, key=nearness)[:_SHOWN_FORMS]
    return "; ".join(f"{r.name} {c.because[:_LONGEST_REASON]}" for r, c in first)
