"""Finds words and message numbers in a source's files that appear in nothing read from them."""

import html
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import polars as pl

from reconcile.column_ops import in_one_query
from reconcile.container_errors import ARCHIVE_ERRORS
from reconcile.errors import SourceError
from reconcile.intake.archive import is_document
from reconcile.intake.contract import Note, Reading, ReadOptions, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, is_plain, open_database, quoted
from reconcile.intake.sqlite.key import database_errors
from reconcile.intake.sqlite.unread import places_of
from reconcile.intake.text.decode import decode
from reconcile.intake.text.mail import read_mail
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.packed_blobs import texts_in

# For larger files the check would take longer than reading; unpacked content may be four times as long.
_MOST_BYTES, _MOST_UNPACKED = 2**22, 2**24
_MOST_FILES = 500
# Bodies pack 20 to 1 at best (reconcile/wechat/packed_blobs.py); a store has room for many bombs.
_HONEST_RATIO = 32
# Every column of this form is read or noted as unknown, and batches read many such files at once.
_OWN_TABLE = "message_table"
# Up to so many words are also searched inside longer words. Longer ones than so many bytes are searched one by one: what
# polars builds for a few words grows with the square of the longest.
_MOST_LOOKED_FOR, _LONGEST_TOGETHER = 500, 200
_SHOWN_FIRST = 5
_TEXTS = (".txt", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".jsonld", ".xml", ".md", ".sql", ".html", ".htm", ".js", ".xls", ".eml", ".rsmf")  # fmt: skip
_MARKED_UP = (".html", ".htm", ".js", ".xml", ".jsonld")
_MARKUP_HEAD = lazy_pattern(r"\s*<[!?A-Za-z]")
# Bodies as the client keeps them, which hold any amount of text beside the words.
_BODY_STARTS = lazy_pattern(r"(?=<(?:msg|sysmsg|msgsource|TimelineObject|favitem)\b)")
# A body is one value of its file and ends at the first quote that is not its own.
_VALUE_END = lazy_pattern(r'(?<![\\"])"\s*[,}\]]')
_BODY_ENDS = ("</msg>", "</sysmsg>", "</msgsource>", "</TimelineObject>", "</favitem>")
_ACCOUNT = lazy_pattern(r"(?:wxid_|gh_)[\w-]+|\d+@chatroom")
_TAG = lazy_pattern(r"</?[A-Za-z][\w:.-]*")
_ASCII = lazy_pattern(r"[\x00-\x7f]+")
# From a mark of an element or value to the last one before non-ASCII words, so that words of one value stay together.
_BETWEEN_WORDS = lazy_pattern(r"(?:^|[<>\"'])[\x00-\x7f]*(?=[<>\"']|$)")
_VALUES = lazy_pattern(r"[<>\"'`\n]")
_ADDRESS = lazy_pattern(r"://[^\s<>\"']*")
_MAIL_HEAD = lazy_pattern(rb"(?mi)^mime-version:")
_UNICODE = lazy_pattern(r"\\u([0-9a-fA-F]{4})")
_ESCAPES = (r"\n", r"\r", r"\t", r"\b", r"\f")
_PICTURE = lazy_pattern(r"base64,[A-Za-z0-9+/=]+")
_CELL_TEXT = lazy_pattern(r"<(?:\w{1,20}:)?t(?:\s[^<>]*)?>([^<]*)</")
# Letters and digits of all scripts as ranges: a pattern is rebuilt at each call, and with `\p{L}` that takes three
# milliseconds.
_LETTERS = (
    r"0-9A-Za-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{1FFF}\x{2C00}-\x{2DFF}\x{3005}-\x{3007}\x{3031}-\x{30FA}\x{30FC}-\x{31FF}"
    r"\x{3400}-\x{4DBF}\x{4E00}-\x{D7FF}\x{F900}-\x{FAFF}\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{FF66}-\x{FFDC}\x{20000}-\x{3FFFF}"
)
# Chinese words of two characters, other words of four: shorter ones occur everywhere.
_WORD = rf"[{_LETTERS}]{{2,}}"
_IS_WORD = r"\p{Han}|^.{4}"
# Numbers, digests, packed bytes and identifiers are no words.
_NO_WORD = r"^(?:[\p{N}a-fA-FxXTZ]+|[A-Za-z0-9]{25,})$"
_HAN = r"\p{Han}"
# A long number behind a field's name.
_NAMED_NUMBER, _NUMBER = r"[^0-9\n]{1,12}[0-9]{10,20}", r"[0-9]{10,20}$"


@cache
def form_words() -> pl.Series:
    """The names and labels of the forms themselves, in lower case: keys, elements, headings, kinds."""
    return pl.Series(resources.files(__package__).joinpath("form_words.txt").read_text("utf-8").split())


def unread_text_notes(reading: Reading, source: Source, options: ReadOptions) -> list[Note]:
    """A note for each file with unread words or message numbers beside rows that were read.

    This covers whatever a form's rules did not foresee: words outside all rows, under an unknown column or element,
    or in a row lost between two. It examines texts, workbooks, reports in archives and tables of plain databases with
    rows read, up to 4 MB a file.
    """
    if reading.facts.reader == _OWN_TABLE:
        return []
    labels: list[str] = []
    ids: pl.Series | None = None
    held = [pl.DataFrame(schema={"at": pl.Int64, "word": pl.String})]
    for label, text, is_page in _examined_files(reading, source, options):
        # Gathered late, because a reading whose files are all long does not need them.
        ids = _numbers(reading) if ids is None else ids
        for words in (_own_words(text, is_page=is_page), _like_numbers(text, ids)):
            held.append(words.to_frame("word").select(pl.lit(len(labels), pl.Int64).alias("at"), "word"))
        labels.append(label)
    # All files at once, because what was read is searched once for each call.
    left = pl.concat(held)
    left = left if left.is_empty() else left.filter(~pl.col("word").is_in(_words(reading.messages["text"]).implode()))
    left = left if left.is_empty() else _not_shown(left, reading)
    told = left.group_by("at", maintain_order=True).agg(pl.col("word").head(_SHOWN_FIRST), pl.len().alias("count"))
    return shorten_notes(
        [Note(NoteCode.WORDS_UNREAD, labels[at], " · ".join(w)[:200], count) for at, w, count in told.iter_rows()]
    )


def _own_words(text: str, *, is_page: bool) -> pl.Series:
    """The words of a file that are not part of its form.

    Of a page, only words in a value with Chinese characters count.
    """
    text = _without_bodies(_unescaped(text))
    parts = pl.Series([*(_VALUES.split(_without_addresses(text)) if is_page else text.splitlines()), ""])
    words = _words(parts.filter(parts.str.contains(_HAN)) if is_page else parts)
    return words.filter(~words.str.to_lowercase().is_in(form_words().implode()))


def _numbers(reading: Reading) -> pl.Series:
    """The long numbers that are the rows' ids, each once."""
    ids = pl.concat([reading.messages[c].alias("") for c in ("message_id", "alias_id", "native_id")]).drop_nulls()
    return ids.filter(ids.str.contains(f"^{_NUMBER}")).unique()


def _like_numbers(text: str, ids: pl.Series) -> pl.Series:
    """Long numbers under the same field name as the rows' ids that are no row's id."""
    if not ids.len():
        return ids
    named = pl.Series("named", [text]).str.extract_all(_NAMED_NUMBER).explode().drop_nulls().to_frame()
    named = named.with_columns(pl.col("named").str.extract(f"({_NUMBER})").alias("word")).with_columns(
        pl.col("named").str.strip_suffix(pl.col("word")).alias("name"),
        pl.col("word").is_in(ids.implode()).alias("is_id"),
    )
    names = named.filter(pl.col("is_id") & pl.col("name").str.contains("[A-Za-z]"))["name"].unique()
    return named.filter(pl.col("name").is_in(names.implode()) & ~pl.col("is_id"))["word"].unique(maintain_order=True)


def _words(texts: pl.Series) -> pl.Series:
    """The words of the texts, each once, in order."""
    found = texts.str.extract_all(_WORD)
    words = in_one_query(found, lambda w: w.explode().drop_nulls().unique(maintain_order=True))
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
    """The text with only non-ASCII content left of its XML bodies, and without element names."""
    if "<" not in text:
        return text
    first, *bodies = _BODY_STARTS.split(text)
    spans = (m.start() if (m := _VALUE_END.search(body)) else len(body) for body in bodies)
    ends = (max(0, *(body.rfind(e, 0, span) for e in _BODY_ENDS)) for body, span in zip(bodies, spans, strict=True))
    shorn = (
        _BETWEEN_WORDS.sub(" ", _without_addresses(body[:end])) + body[end:]
        for body, end in zip(bodies, ends, strict=True)
    )
    return _TAG.sub(" ", "".join([first, *shorn]))


def _without_addresses(text: str) -> str:
    """The text with only non-ASCII content left of its addresses."""
    return _ADDRESS.sub(lambda m: _ASCII.sub(" ", m[0]), text) if "://" in text else text


def _not_shown(left: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """The words of `left` (at, word) that appear in nothing read, not even inside a longer word.

    In a file with very many of them, longer words are not searched.
    """
    shown, many = _texts_read(reading), pl.len().over("at") > _MOST_LOOKED_FOR
    if left.select(many.any()).item():
        left = left.filter(~pl.col("word").is_in(_words(shown).implode()))
    words = left.filter(~many)["word"].unique(maintain_order=True)
    brief = words.filter(words.str.len_bytes() <= _LONGEST_TOGETHER)
    found = shown.str.extract_many(brief.to_list(), overlapping=True).explode().unique() if brief.len() else brief
    words = words.filter(~words.is_in(found.drop_nulls().implode()))
    names = _words(reading.messages["sender_name"].drop_nulls().unique()).to_list() if words.len() else []
    return left.filter(many | pl.col("word").is_in(_not_within(words, shown, names).implode()))


def _not_within(words: pl.Series, shown: pl.Series, names: Sequence[str]) -> pl.Series:
    """The words that occur in none of the texts, in any spelling, nor before a name."""
    if not words.len():
        return words
    escaped = (_unescaped(t) for t in shown.filter(shown.str.contains(r"\\|&|%")))
    whole = "\n".join([*escaped, *shown.filter(shown.str.contains_any([w[:2] for w in words]))])
    # In a form without line ends, the next row's name follows the words directly.
    parts = [[w, *(w.removesuffix(n) for n in names if w.endswith(n))] for w in words]
    return words.filter(pl.Series([not any(p in whole for p in held) for held in parts], dtype=pl.Boolean))


def _texts_read(reading: Reading) -> pl.Series:
    """All texts of a reading: of every row, name and witness, of its facts and notes."""
    posts = [getattr(reading.posts, n) for n in reading.posts.__slots__] if reading.posts else []
    frames = (reading.messages, reading.conversations, reading.contacts, reading.members, reading.witnesses, *posts)
    columns = [c for f in frames if isinstance(f, pl.DataFrame) for c in f.iter_columns() if c.dtype == pl.String]
    told = [*(f"{n.locator} {n.excerpt}" for n in reading.notes), str(reading.facts)]
    return pl.concat([pl.Series(told), *(c.alias("") for c in columns)]).drop_nulls()


def _examined_files(reading: Reading, source: Source, options: ReadOptions) -> Iterator[tuple[str, str, bool]]:
    """Name, text and is-page flag of each file, member or table from which a row was read.

    A page also holds code.
    """
    small = [f for f in source.files[:_MOST_FILES] if _is_small(f)]
    told = _places_read(reading) if small else set()
    # With several forms of one chat, the poorest may hold a row that the others lack.
    is_all = source.is_file or any(n.code is NoteCode.OTHER_FORM for n in reading.notes)
    for file in small:
        label = source.relative(file)
        if label in told or is_all or _page_of(label) in told:
            # A file that vanished meanwhile is reported when the digests are compared.
            with suppress(OSError):
                yield from _texts_of_file(source, file, told, options)


def _page_of(label: str) -> str:
    """The page beside a folder of its pieces (WeFlow: `NAME.html` beside `NAME_data`), or ''."""
    folder = PurePosixPath(label).parent
    return f"{folder}".removesuffix("_data") + ".html" if folder.name.endswith("_data") else ""


def _is_small(file: Path) -> bool:
    """Whether the file is within the size that this check looks at."""
    with suppress(OSError):
        return file.stat().st_size <= _MOST_BYTES
    return False


def _texts_of_file(source: Source, file: Path, told: set[str], options: ReadOptions) -> Iterator[tuple[str, str, bool]]:
    """Label, text and whether it is a page, for each text that the file holds."""
    if is_plain(source, file):
        tables = {t for t in told if t.startswith(f"{source.relative(file)}#")}
        yield from _texts_of_database(source, file, tables, options)
    elif zipfile.is_zipfile(file):
        yield from _texts_of_archive(source, source.relative(file), file)
    elif file.suffix.lower() in _TEXTS:
        yield from _texts_of_bytes(source, source.relative(file), file.read_bytes())


def _texts_of_bytes(source: Source, label: str, data: bytes) -> Iterator[tuple[str, str, bool]]:
    """Label, text and whether it is a page, of a text file or of each part of a mail."""
    if _MAIL_HEAD.search(data[:4_096]):
        for part in read_mail(data).parts:
            if part.content_type.startswith(("text/", "application/json")):
                yield from _decoded_text(source, label, part.data)
            elif part.data.startswith(b"PK"):
                yield from _texts_of_archive(source, label, io.BytesIO(part.data))
        return
    yield from _decoded_text(source, label, data)


def _decoded_text(source: Source, label: str, data: bytes) -> Iterator[tuple[str, str, bool]]:
    """Label, text and whether it is a page; nothing where the bytes cannot be decoded."""
    try:
        text, _ = decode(source, label, data)
    except SourceError:
        return
    is_page = label.lower().endswith(_MARKED_UP) or bool(_MARKUP_HEAD.match(text))
    yield label, _PICTURE.sub(" ", text) if "base64," in text else text, is_page


def _texts_of_archive(source: Source, label: str, file: Path | io.BytesIO) -> Iterator[tuple[str, str, bool]]:
    """Label, text and whether it is a page, for the texts in an archive or the cells of a workbook."""
    with suppress(SourceError, *ARCHIVE_ERRORS), zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        is_long = sum(i.file_size for i in archive.infolist()) > _MOST_UNPACKED
        for name in names if not is_long else ():
            if is_document(names):
                if name == "xl/sharedStrings.xml" or name.startswith("xl/worksheets/"):
                    text = source.member(archive, name).decode("utf-8", "replace")
                    yield label, "\n".join(_CELL_TEXT.findall(text)), False
            elif name.lower().endswith(_TEXTS):
                yield from _texts_of_bytes(source, label, source.member(archive, name))


def _texts_of_database(
    source: Source, file: Path, told: set[str], options: ReadOptions
) -> Iterator[tuple[str, str, bool]]:
    """The texts in the cells of each table of which a row was read."""
    with suppress(SourceError, *database_errors()), open_database(source, file, limits=options.limits) as database:
        for place in sorted(told):
            table = place.partition("#")[2].partition("/")[0]
            if table in database.tables:
                yield place, "\n".join(_cells(database, table)), False


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


def _places_read(reading: Reading) -> set[str]:
    """`file` and `file#table` of every row, post and witness."""
    posts = [reading.posts.posts] if reading.posts is not None else []
    places = places_of(f["locator"] for f in (reading.messages, reading.witnesses, *posts))
    return {*places, *(p.partition("#")[0] for p in places)}
