"""Which reader claims a source: one certain claim, else one likely claim, else a clear error."""

from collections.abc import Sequence

from reconcile.errors import AmbiguousSource, UnrecognisedSource, UsageError
from reconcile.intake.bundle import Bundle
from reconcile.intake.contract import Claim, Reader
from reconcile.intake.filereader import FileReader
from reconcile.intake.source import Source
from reconcile.intake.supplement import is_supplement
from reconcile.intake.unpack import archive_kind


def identify(readers: Sequence[Reader], source: Source, forced: str | None = None) -> Reader:
    """The reader for a source.

    One certain claim wins, else one likely claim. A folder of which several file readers know some files is read by all of
    them together. A store of posts or favourites that lies beside chats never competes with them: it is claimed for only where it
    stands alone. `forced` names a reader and skips sniffing.

    Raises:
        UnrecognisedSource: nobody claims it; the message tells what each looked for.
        AmbiguousSource: two claims of equal strength; the message names both.
        UsageError: `forced` is no reader's name.
    """
    if forced is not None:
        by_name = {r.name: r for r in readers}
        if forced not in by_name:
            raise UsageError("--reader", f"--reader {forced}: no such reader; there are {', '.join(sorted(by_name))}")
        return by_name[forced]
    beside = [r for r in readers if is_supplement(r)]
    claims = [(r, r.sniff(source)) for r in readers if r not in beside]
    if not any(c.strength == "certain" for _, c in claims) and (alone := _alone(beside, source, claims)):
        return alone
    for strength in ("certain", "likely"):
        claimants = [r for r, c in claims if c.strength == strength]
        file_readers = [r for r in claimants if isinstance(r, FileReader)]
        if strength == "likely" and not source.is_file and file_readers and len(file_readers) == len(claimants):
            return Bundle(file_readers)
        if len(claimants) == 1:
            return claimants[0]
        if len(claimants) > 1:
            names = " and ".join(r.name for r in claimants)
            raise AmbiguousSource(source.path, f"{source.path}: claimed by {names}; choose one with --reader NAME")
    raise UnrecognisedSource(source.path, _unrecognised(source, claims))


def _alone(beside: Sequence[Reader], source: Source, claims: list[tuple[Reader, Claim]]) -> Reader | None:
    """The first store of posts or favourites, where it is all that the source holds or nobody claims the rest.

    What other stores of the kind lie there joins it afterwards (supplement.py): they never compete. A database is certain of itself
    whatever text files lie beside it, so chats among these come first.
    """
    found = [(r, r.sniff(source)) for r in beside]
    nobody = all(c.strength == "none" for _, c in claims)
    for strength in ("certain", "likely"):
        first = next((r for r, c in found if c.strength == strength), None)
        if first is not None and (nobody or (strength == "certain" and not first.name.endswith("_db"))):
            return first
    claims.extend(found)
    return None


def _unrecognised(source: Source, claims: list[tuple[Reader, Claim]]) -> str:
    packed = [f for f in source.files if archive_kind(source.head(f, 512))]
    if packed and len(packed) == len(source.files):
        kinds = ", ".join(sorted({archive_kind(source.head(f, 512)) for f in packed}))
        which = (
            source.path.name
            if source.is_file
            else f"holds nothing but archives, such as {source.relative(packed[0])!r}"
        )
        return f"{source.path}: {which} ({kinds}); archives are not opened inside archives; unpack it and name what it holds"
    looked = "; ".join(f"{r.name}: {c.because}" for r, c in claims if c.because)
    return f"{source.path}: no reader recognises it ({looked}); for a table of another make give --columns time=…,text=…,sender=…"
