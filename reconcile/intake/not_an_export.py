"""Recognises sources that are no export but often handed in by mistake, and says what to do."""

import os
from collections.abc import Sequence
from pathlib import Path

import orjson

from reconcile.errors import ReconcileError, UnrecognisedSource
from reconcile.intake.archive import archive_kind
from reconcile.intake.contract import Reader
from reconcile.intake.folders import is_beside
from reconcile.intake.printed.pdf_source import is_installed, is_single_pdf, page_in_doubt
from reconcile.intake.sides import sides_among
from reconcile.intake.source import Source
from reconcile.version import install_command

_HEAD = 4_096
# Types that `reconcile check` reads directly, by their first bytes.
_CHECKED = frozenset({"PNG", "JPEG", "WebP", "BMP", "PDF", "DOCX"})
_PICTURES = {b"\x89PNG\r\n": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"II*\x00": "TIFF", b"MM\x00*": "TIFF"}
_MEDIA = {
    b"ID3": "MP3", b"\xff\xfb": "MP3", b"\xff\xf3": "MP3", b"OggS": "Ogg", b"fLaC": "FLAC", b"#!AMR": "AMR", b"#!SILK": "SILK", b"\x02#!SILK": "SILK",
    b"\x1aE\xdf\xa3": "Matroska", b"FLV": "FLV",
}  # fmt: skip
_RIFF = {b"WEBP": "WebP", b"AVI ": "AVI", b"WAVE": "WAV"}
_PICTURE_BRANDS = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"avif")
_WRITTEN, _TABLES = frozenset({"DOC", "RTF", "ODT"}), frozenset({"XLSB"})
# Text documents that may hold an export.
_DOCUMENTS = frozenset({"DOCX", "RTF", "ODT"})
_RECORDINGS = frozenset({*_MEDIA.values(), "MPEG-4", "AVI", "WAV"})
_OLE, _WORD_STREAM = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "WordDocument".encode("utf-16-le")
_MOST_OF_OLE = 4 * 2**20
# What stands beside a table of messages, and the most of it that is read.
_TABLES_WITH_FACTS, _MOST_OF_FACTS = (".csv", ".jsonl", ".parquet"), 4 * 2**20
_FACTS = frozenset(
    [
        "owner",
        "device",
        "tool",
        "tool_version",
        "exported_at",
        "timezone",
        "time_unit",
        "declared",
        "coverage",
        "reader",
        "contacts",
        "groups",
    ]
)
# What a comparison writes of itself beside its results, and the most of it that is read.
_MANIFEST, _MOST_OF_MANIFEST = "manifest.json", 64 * 2**20
# How every page names the program that wrote it.
_OWN_PAGE = b'<meta name="generator" content="reconcile">'
# The numbers of folder entries that are examined, and that are named.
_LOOKED_AT, _NAMED = 12, 4


def refuse_foreign(source: Source, readers: Sequence[Reader]) -> None:
    """Raises UnrecognisedSource for a known foreign source that no reader claims.

    It is known by its first bytes or its entries.
    """
    path = source.path
    if source.is_file and path.name.startswith("~$"):
        raise UnrecognisedSource(
            path,
            f"{path}: a lock file that an office program leaves beside an open document; it holds no messages; "
            f"close the document and name {path.name[2:]!r}",
        )
    if source.is_file and (packed := archive_kind(source.head(size=512))) not in ("", "ZIP"):
        raise UnrecognisedSource(
            path, f"{path}: a packed file ({packed}); only ZIP archives are opened; unpack it and name what it holds"
        )
    _refuse_facts_of_a_table(source)
    kinds = {kind_of(source, file) for file in source.files}
    if kinds and "" not in kinds:
        _refuse_kinds(source, kinds)
    if not source.is_file:
        _refuse_folder_above(source, readers)


def refuse_own_results(source: Source) -> None:
    """Raises UnrecognisedSource for results of this program: a folder, a file in one, or a page.

    A message table among the results holds both sides' rows, so it is no side's export either.
    """
    path = source.path
    if not source.is_file:
        own = _results_in(_above(source)) is not None
    else:
        own = path.name in (_results_in(path.parent) or ()) or _OWN_PAGE in source.head(size=_HEAD)
    if own:
        raise UnrecognisedSource(
            path, f"{path}: a result that reconcile wrote, not an export; name the export that it was made from"
        )


def _results_in(folder: Path) -> frozenset[str] | None:
    """The names of the results that the manifest in a folder lists; None = no manifest of this program."""
    manifest = folder / _MANIFEST
    try:
        if manifest.is_symlink() or not manifest.is_file() or manifest.stat().st_size > _MOST_OF_MANIFEST:
            return None
        stated = orjson.loads(manifest.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    if not isinstance(stated, dict) or stated.get("program") != "reconcile":
        return None
    outputs = stated.get("outputs")
    return frozenset([_MANIFEST, *outputs]) if isinstance(outputs, dict) else None


def _refuse_facts_of_a_table(source: Source) -> None:
    """Raise UnrecognisedSource for a JSON that only states facts of the table beside it."""
    path = source.path
    tables = [t for t in map(path.with_suffix, _TABLES_WITH_FACTS) if path.suffix.lower() == ".json" and is_beside(t)]
    if path.suffix.lower() != ".json" or not source.is_file:
        return
    try:
        stated = orjson.loads(source.head(size=_MOST_OF_FACTS).removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return
    if not isinstance(stated, dict) or not stated or not stated.keys() <= _FACTS:
        return
    if not tables:
        raise UnrecognisedSource(
            path, f"{path}: states facts of a table and holds no messages; give the table together with it"
        )
    raise UnrecognisedSource(
        path,
        f"{path}: states facts of the table beside it and holds no messages; name the table: {quoted(tables[0])}",
    )


def kind_of(source: Source, file: Path) -> str:
    """The kind of a picture, document or recording, by its first bytes; '' = none of these."""
    head = source.head(file, _HEAD)
    if found := next((k for mark, k in (_PICTURES | _MEDIA).items() if head.startswith(mark)), ""):
        return found
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "HEIC" if head[8:12] in _PICTURE_BRANDS else "MPEG-4"
    if head.startswith(b"BM") and file.suffix.lower() == ".bmp":
        return "BMP"
    if head.startswith(b"%PDF"):
        return "PDF"
    return _document_kind(source, file, head)


def holds_document(source: Source) -> bool:
    """Whether a source begins with a text document that may hold an export.

    A PDF may where it is all there is.
    """
    first = source.files[0]
    return kind_of(source, first) in _DOCUMENTS or is_single_pdf(source, first)


def _document_kind(source: Source, file: Path, head: bytes) -> str:
    """RTF, DOC, DOCX, XLSB or ODT by content; empty for anything else."""
    if head.startswith(b"{\\rtf"):
        return "RTF"
    if head.startswith(_OLE):
        by_name = file.suffix.lower() in (".doc", ".wps")
        return "DOC" if by_name or _WORD_STREAM in source.head(file, _MOST_OF_OLE) else ""
    if head.startswith(b"PK") and source.is_file:
        names = source.zip_names
        if any(n.startswith("word/") for n in names):
            return "DOCX"
        if "xl/workbook.bin" in names:
            return "XLSB"
        return "ODT" if b"opendocument.text" in head else ""
    return ""


def _refuse_kinds(source: Source, kinds: set[str]) -> None:
    """Raise UnrecognisedSource with the advice that fits the kinds of documents."""
    path, again = source.path, quoted(source.path)
    what = _describe(len(source.files), " / ".join(sorted(kinds)), kinds)
    if (doubt := page_in_doubt(source)) is not None:
        raise UnrecognisedSource(
            path,
            f"{path}: a document (PDF) whose page {doubt[0]} holds {doubt[1]}, not an export; compare what a party submits with a "
            f"full export by `reconcile check {again} --against EXPORT --out DIR`",
        )
    if kinds == {"PDF"} and len(source.files) == 1 and not is_installed():
        raise UnrecognisedSource(
            path,
            f"{path}: {what}, not an export; compare what a party submits with a full export by "
            f"`reconcile check {again} --against EXPORT --out DIR`; text in it is read by an optional part that is not installed; "
            f"install it with: {install_command('ocr')}",
        )
    if kinds <= _CHECKED:
        raise UnrecognisedSource(
            path,
            f"{path}: {what}, not an export; compare what a party submits with a full export by "
            f"`reconcile check {again} --against EXPORT --out DIR`",
        )
    if kinds <= _WRITTEN:
        raise UnrecognisedSource(
            path,
            f"{path}: {what} in which no export is read; save it as .docx and try again, or compare that with a full export by "
            "`reconcile check DOCUMENT --against EXPORT --out DIR`",
        )
    if kinds <= _TABLES:
        raise UnrecognisedSource(path, f"{path}: {what} is not read; save it as .xlsx and try again")
    if not kinds & _RECORDINGS:
        raise UnrecognisedSource(
            path,
            f"{path}: {what}, not an export; save it as PNG, JPEG or PDF, then run "
            "`reconcile check PICTURE --against EXPORT --out DIR`",
        )
    raise UnrecognisedSource(path, f"{path}: {what}, not an export; name the export that it belongs to")


def _describe(count: int, kind: str, kinds: set[str]) -> str:
    """What the files are, in words."""
    if count > 1:
        return f"a folder of {count:,} pictures, documents or recordings ({kind})"
    if kinds & (_WRITTEN | _TABLES | {"PDF", "DOCX"}):
        return f"a document ({kind})"
    return f"a recording ({kind})" if kinds & _RECORDINGS else f"a picture ({kind})"


def refuse_two_sides(source: Source) -> None:
    """Raises UnrecognisedSource for a folder that holds nothing but both sides' exports."""
    sides = sides_among(_entries(source))
    if sides.left is None or sides.right is None or sides.others:
        return
    left, right = quoted(source.path / sides.left), quoted(source.path / sides.right)
    raise UnrecognisedSource(
        source.path,
        f"{source.path}: holds the exports of two sides; give each by itself: "
        f"`reconcile compare {left} {right} --out DIR`",
    )


def _refuse_folder_above(source: Source, readers: Sequence[Reader]) -> None:
    """Raise UnrecognisedSource for a folder that holds several exports."""
    names = sorted(name for name, _ in _entries(source))[:_LOOKED_AT]
    found = [name for name in names if _is_export(source, name, readers)]
    if len(found) < 2:
        return
    named = ", ".join([*found[:_NAMED], *(["…"] if len(found) > _NAMED else [])])
    left, right = quoted(source.path / found[0]), quoted(source.path / found[1])
    raise UnrecognisedSource(
        source.path,
        f"{source.path}: holds {len(found)} exports ({named}) and is none itself; name one for each side, or each of one party by --left: "
        f"`reconcile compare {left} {right} --out DIR`",
    )


def _is_export(source: Source, name: str, readers: Sequence[Reader]) -> bool:
    """Whether a reader claims the entry of the folder."""
    try:
        entry = source.memo.get(("entry", name))
        if not isinstance(entry, Source):
            # The readers of all forms look at the entry once more.
            entry = Source(_above(source) / name, source.limits, room=source.room // _LOOKED_AT)
            source.memo["entry", name] = entry
        return any(r.sniff(entry).strength != "none" for r in readers)
    except ReconcileError:
        return False


def _above(source: Source) -> Path:
    """The folder as the user sees it; of a ZIP, what it holds."""
    return source.path if source.path.is_dir() else source.root


def _entries(source: Source) -> list[tuple[str, bool]]:
    """Name and is-folder flag of each entry with a file of the source; links are never read."""
    names = {source.relative(f).partition("/")[0] for f in source.files}
    with os.scandir(_above(source)) as entries:
        return [
            (e.name, e.is_dir(follow_symlinks=False))
            for e in entries
            if e.name in names and (e.is_file(follow_symlinks=False) or e.is_dir(follow_symlinks=False))
        ]


def quoted(path: Path) -> str:
    """A path as a command line takes it."""
    text = str(path)
    return f'"{text}"' if any(c.isspace() for c in text) else text
