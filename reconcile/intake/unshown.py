"""Words that stand in a source's files and in nothing that was read of them: a note says how many, and shows the first."""

import html
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from reconcile.errors import SourceError
from reconcile.intake.contract import Note, Reading, ReadOptions
from reconcile.intake.listed import listed
from reconcile.intake.mail import read_mail
from reconcile.intake.source import Source
from reconcile.intake.store.database import Database, is_plain, open_database, quoted
from reconcile.intake.store.key import database_errors
from reconcile.intake.textfile import decode
from reconcile.intake.unpack import is_document
from reconcile.vocabulary import NoteCode
from reconcile.wechat.packed import texts_in

# Of larger files the look would take longer than the reading; what they unpack to may be four times as long.
_MOST_BYTES, _MOST_UNPACKED = 2**22, 2**24
_MOST_FILES = 500
# Bodies pack 20 to 1 at best (reconcile/wechat/packed.py); a store holds room for many bombs.
_HONEST_RATIO = 32
# Each of its columns is read or noted as unknown; batches read it many files at a time and tell the same.
_OWN_TABLE = "message_table"
# Of so many words each is looked for inside longer ones, too.
_MOST_LOOKED_FOR = 500
_SHOWN_FIRST = 5
_TEXTS = (".txt", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".jsonld", ".xml", ".md", ".sql", ".html", ".htm", ".js", ".xls", ".eml", ".rsmf")  # fmt: skip
_MARKED_UP = (".html", ".htm", ".js", ".xml", ".jsonld")
_MARKUP_HEAD = re.compile(r"\s*<[!?A-Za-z]")
# Bodies as the client keeps them: of what they hold beside words there is no end.
_BODY_STARTS = re.compile(r"(?=<(?:msg|sysmsg|msgsource|TimelineObject|favitem)\b)")
# A body is one value of its file: it ends where a quote that is none of its own does.
_VALUE_END = re.compile(r'(?<![\\"])"\s*[,}\]]')
_BODY_ENDS = ("</msg>", "</sysmsg>", "</msgsource>", "</TimelineObject>", "</favitem>")
_ACCOUNT = re.compile(r"(?:wxid_|gh_)[\w-]+|\d+@chatroom")
_TAG = re.compile(r"</?[A-Za-z][\w:.-]*")
_ASCII = re.compile(r"[\x00-\x7f]+")
_MAIL_HEAD = re.compile(rb"(?mi)^mime-version:")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_ESCAPES = (r"\n", r"\r", r"\t", r"\b", r"\f")
_PICTURE = re.compile(r"base64,[A-Za-z0-9+/=]+")
_CELL_TEXT = re.compile(r"<(?:\w{1,20}:)?t(?:\s[^<>]*)?>([^<]*)</")
# Chinese words of two characters, others of four letters and digits: shorter ones stand everywhere.
_WORD = r"[\p{L}\p{N}]{2,}"
_IS_WORD = r"\p{Han}|^.{4}"
# Numbers, digests, packed bytes and identifiers are no words.
_NO_WORD = r"^(?:[\p{N}a-fA-FxXTZ]+|[A-Za-z0-9]{25,})$"
_HAN = r"\p{Han}"


@cache
def form_words() -> pl.Series:
    """The names and labels of the forms themselves, in lower case: keys, elements, headings, kinds."""
    return pl.Series(resources.files(__package__).joinpath("form_words.txt").read_text("utf-8").split())


def unshown_notes(reading: Reading, source: Source, options: ReadOptions) -> list[Note]:
    """A note for each file of which a row was read and that holds words which stand in no row, name, witness or note.

    Whatever a form's rules did not foresee is told so: words outside of every row, in a column or element under another name, in a row that fell
    between two. Looked at are texts, workbooks, reports in archives, and tables of plain databases with rows read, up to 4 MB a file.
    """
    if reading.facts.reader == _OWN_TABLE:
        return []
    found = []
    shown, names = pl.Series(dtype=pl.String), _words(reading.messages["sender_name"].drop_nulls().unique()).to_list()
    for label, text, is_page in _material(reading, source, options):
        left = _words(pl.Series([*_without_bodies(_unescaped(text)).splitlines(), ""]))
        left = left.filter(~left.str.to_lowercase().is_in(form_words().implode()))
        left = left.filter(left.str.contains(_HAN)) if is_page else left
        left = left.filter(~left.is_in(_words(reading.messages["text"]).implode()))
        if left.len():
            shown = shown if shown.len() else _shown(reading)
            left = _not_shown(left, shown, names)
        if left.len():
            found.append(Note(NoteCode.WORDS_UNREAD, label, " · ".join(left.head(_SHOWN_FIRST))[:200], left.len()))
    return listed(found)


def _words(texts: pl.Series) -> pl.Series:
    """The words of the texts, each once, in order."""
    words = texts.str.extract_all(_WORD).explode().drop_nulls().unique(maintain_order=True)
    return words.filter(words.str.contains(_IS_WORD) & ~words.str.contains(_NO_WORD))


def _unescaped(text: str) -> str:
    """The text with its escapes of JSON, XML and addresses undone as far as words need it."""
    if text.count("%22") + text.count("%E") > 2:
        text = unquote(text)
    if "\\u" in text:
        text = _UNICODE.sub(lambda m: chr(int(m[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    for escape in _ESCAPES if "\\" in text else ():
        text = text.replace(escape, " ")
    return html.unescape(text) if "&" in text else text


def _without_bodies(text: str) -> str:
    """The text, of whose XML bodies only what is no ASCII is left, and no element's name anywhere."""
    if "<" not in text:
        return text
    first, *bodies = _BODY_STARTS.split(text)
    spans = (m.start() if (m := _VALUE_END.search(body)) else len(body) for body in bodies)
    ends = (max(0, *(body.rfind(e, 0, span) for e in _BODY_ENDS)) for body, span in zip(bodies, spans, strict=True))
    shorn = (_ASCII.sub(" ", body[:end]) + body[end:] for body, end in zip(bodies, ends, strict=True))
    return _TAG.sub(" ", "".join([first, *shorn]))


def _not_shown(words: pl.Series, shown: pl.Series, names: Sequence[str]) -> pl.Series:
    """Those of the words that stand in none of the texts, not even within a longer word or before a name."""
    if words.len() > _MOST_LOOKED_FOR:
        words = words.filter(~words.is_in(_words(shown).implode()))
    if not words.len() or words.len() > _MOST_LOOKED_FOR:
        return words
    found = shown.str.extract_many(words.to_list(), overlapping=True).explode().drop_nulls().unique()
    words = words.filter(~words.is_in(found.implode()))
    if not words.len():
        return words
    escaped = (_unescaped(t) for t in shown.filter(shown.str.contains(r"\\|&|%")))
    whole = "\n".join([*escaped, *shown.filter(shown.str.contains_any([w[:2] for w in words]))])
    # A form without line ends has the next row's name follow on the words.
    parts = [[w, *(w.removesuffix(n) for n in names if w.endswith(n))] for w in words]
    return words.filter(pl.Series([not any(p in whole for p in held) for held in parts], dtype=pl.Boolean))


def _shown(reading: Reading) -> pl.Series:
    """All texts of a reading: of every row, name and witness, of its facts and notes."""
    posts = [getattr(reading.posts, n) for n in reading.posts.__slots__] if reading.posts else []
    frames = (reading.messages, reading.conversations, reading.contacts, reading.members, reading.witnesses, *posts)
    columns = [c for f in frames if isinstance(f, pl.DataFrame) for c in f.iter_columns() if c.dtype == pl.String]
    told = [*(f"{n.locator} {n.excerpt}" for n in reading.notes), str(reading.facts)]
    return pl.concat([pl.Series(told), *(c.alias("") for c in columns)]).drop_nulls()


def _material(reading: Reading, source: Source, options: ReadOptions) -> Iterator[tuple[str, str, bool]]:
    """Each file, member or table of which a row was read: its name, its text, and whether it is a page, in which code stands too."""
    told = _told(reading)
    # Of several forms of one chat the poorest may hold a row that the others lack.
    is_all = source.is_file or any(n.code is NoteCode.OTHER_FORM for n in reading.notes)
    for file in source.files[:_MOST_FILES]:
        label = source.relative(file)
        # A file that vanished meanwhile is told of by the second look at the digests.
        with suppress(OSError):
            if (label in told or is_all) and file.stat().st_size <= _MOST_BYTES:
                stores = {t for t in told if t.startswith(f"{label}#")}
                yield from _of_file(source, file, stores, options)


def _of_file(source: Source, file: Path, tables: set[str], options: ReadOptions) -> Iterator[tuple[str, str, bool]]:
    if is_plain(source, file):
        yield from _of_store(source, file, tables, options)
    elif zipfile.is_zipfile(file):
        yield from _of_archive(source, file)
    elif file.suffix.lower() in _TEXTS:
        yield from _of_text(source, source.relative(file), file.read_bytes())


def _of_text(source: Source, label: str, data: bytes) -> Iterator[tuple[str, str, bool]]:
    if _MAIL_HEAD.search(data[:4_096]):
        for part in read_mail(data).parts:
            if part.content_type.startswith(("text/", "application/json")):
                yield from _as_text(source, label, part.data)
        return
    yield from _as_text(source, label, data)


def _as_text(source: Source, label: str, data: bytes) -> Iterator[tuple[str, str, bool]]:
    try:
        text, _ = decode(source, label, data)
    except SourceError:
        return
    is_page = label.lower().endswith(_MARKED_UP) or bool(_MARKUP_HEAD.match(text))
    yield label, _PICTURE.sub(" ", text) if "base64," in text else text, is_page


def _of_archive(source: Source, file: Path) -> Iterator[tuple[str, str, bool]]:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            is_long = sum(i.file_size for i in archive.infolist()) > _MOST_UNPACKED
            for name in names if not is_long else ():
                if is_document(names):
                    if name == "xl/sharedStrings.xml" or name.startswith("xl/worksheets/"):
                        text = source.member(archive, name).decode("utf-8", "replace")
                        yield source.relative(file), "\n".join(_CELL_TEXT.findall(text)), False
                elif name.lower().endswith(_TEXTS):
                    yield from _of_text(source, source.relative(file), source.member(archive, name))
    except (SourceError, zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return


def _of_store(source: Source, file: Path, told: set[str], options: ReadOptions) -> Iterator[tuple[str, str, bool]]:
    """The texts in the cells of each table of which a row was read."""
    try:
        with open_database(source, file, limits=options.limits) as database:
            for place in sorted(told):
                table = place.partition("#")[2].partition("/")[0]
                if table in database.tables:
                    yield place, "\n".join(_cells(database, table)), False
    except SourceError:
        return
    except database_errors():
        return


def _cells(database: Database, table: str) -> Iterator[str]:
    """The texts of a table's cells, those kept as bytes too."""
    left = _MOST_UNPACKED
    for row in database.connection.execute(f"SELECT * FROM {quoted(table)}"):  # noqa: S608 - quoted
        for cell in (c for c in row if isinstance(c, bytes | str)):
            for text in (cell,) if isinstance(cell, str) else texts_in(cell, _HONEST_RATIO * len(cell)):
                left -= len(text)
                if left <= 0:
                    return
                if not _ACCOUNT.fullmatch(text):
                    yield text


def _told(reading: Reading) -> set[str]:
    """`file` and `file#table` of every row, post and witness."""
    frames = [reading.messages, reading.witnesses]
    if reading.posts is not None:
        frames += [reading.posts.posts]
    places = pl.concat([f["locator"].cast(pl.String) for f in frames]).str.replace(r"/[^/#]*$", "").unique()
    return {*places, *places.str.replace(r"#.*$", "")}
