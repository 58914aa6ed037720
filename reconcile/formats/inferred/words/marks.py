"""Marks that a tool writes in place of a body: the name of a kind between brackets, in any language."""

import polars as pl

from reconcile.column_ops import kept_for_few, occurs
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import SYSTEM_KINDS, extracted_where, kind_from_text

_OPEN = "[\\[<(【‹〈{\uff08\uff1c\uff3b]"
_CLOSED = r"[\]>)】›〉}\x{ff09}\x{ff1e}\x{ff3d}]"
# The bracket, the kind's name, and what is named beside it, without its size, or behind the brackets.
_MARK = rf"^\s*(?:\p{{So}}[\x{{fe0f}}\x{{200d}}]*\s*)*({_OPEN})(\p{{L}}[\p{{L}}\p{{M}}/ ]+)(?:[:：][ \t]?([^\[\]<>()\n]+?)(?:\s?\([^()\n]*\))?)?{_CLOSED}(?:\s([^\n/\\]+\.[A-Za-z0-9]{{2,5}}))?$"
# A text that is one empty element, as Lark's program writes a file: what it is called, and the file's name.
_ELEMENT = r"^\s*<(\p{L}+)(?:\s[^<>]*)?/>\s*$"
_NAMED = r"\s(?:file_?)?(?:name|title)=\"([^\"]+)\""
_ENTITIES = {"&quot;": '"', "&apos;": "'", "&#39;": "'", "&#34;": '"', "&lt;": "<", "&gt;": ">", "&amp;": "&"}
_LONGEST = 230
# So many marks in other brackets than square ones show that a tool writes them; people put a word in brackets, too.
_LEAST = 3

# A path with a folder and the ending of a recording or picture.
_STORED = r"^[^\s:*?\"<>|]{1,100}[/\\][^\s:*?\"<>|]{1,100}\.([A-Za-z0-9]{3,4})$"
# A link of Markdown to a file, which is all of a text.
_LINK_TO_FILE = r"^!?\[(?:[^\[\]\n]*\]\(|\[)([^()\[\]\n]+)(?:\)|\]\])$"
NAME_IN_PATH = r"^[^\s()\[\]]+[/\\]([^/\\\s()\[\]]+\.[A-Za-z0-9]{1,5})$"
NAME_OF_LINK = r"^!?\[([^\[\]\n]+\.[A-Za-z0-9]{1,5})\]\("
_ENDINGS = {
    **dict.fromkeys(("jpg", "jpeg", "png", "webp", "heic"), "image"),
    **dict.fromkeys(("opus", "ogg", "amr", "silk", "aac", "m4a", "caf", "wav", "mp3"), "voice"),
    **dict.fromkeys(("mp4", "mov", "3gp"), "video"),
    **dict.fromkeys(
        ("pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "rar", "txt", "csv", "wps", "et"), "file"
    ),
    "gif": "sticker",
}
# Media types of what is attached, endings behind which a name ends, and how many first letters tell either of them apart.
# No ending has more letters.
_TYPES = r"(?i)\b((?:image|audio|video)/|application/(?:pdf|zip|rtf|msword))"
_ENDS_IN = rf"(?i)\.({'|'.join(_ENDINGS)})(?:[\s\"'?#,;|)\]}}]|$)"
_FIRST, _MAIN_TYPES = 4, {"imag": "image", "audi": "voice", "vide": "video", "appl": "file"}


@kept_for_few
def marked_kinds(text: pl.Series) -> pl.DataFrame:
    """Kind and file_name of each text that only names its kind, null for other texts.

    Such texts are `[Photo: a.jpg]`, `<Bild>`, `<Datei> a.pdf` and `<file key="1" name="a.pdf"/>`. Other brackets than
    square ones count where such marks recur and most that stands between them names a kind.
    """
    near = text.str.len_chars() <= _LONGEST
    if not occurs(_OPEN, text) or not (near := near & text.str.contains(rf"^\P{{L}}*{_OPEN}")).any():
        # The pattern takes a millisecond to compile.
        nothing = text.clear(text.len())
        return pl.DataFrame([nothing.alias("kind"), nothing.alias("file_name")])
    text = text.set(~near, None)
    marks = text.str.extract_groups(_MARK).struct.unnest().with_columns(text.alias("text"))
    kinds = kinds_of_names(marks["2"].replace("", None)).alias("kind")
    kinds = kinds.set(kinds.is_in([str(Kind.TEXT), *map(str, SYSTEM_KINDS)]).fill_null(value=False), None)
    told = pl.col("kind").is_not_null()
    names = pl.when(told).then(pl.col("2")).drop_nulls().n_unique()
    recurs = (told.sum() >= _LEAST) & (2 * told.sum() > pl.len()) & (names < told.sum())
    kind = pl.when((pl.col("1") == "[") | recurs.over("1")).then("kind")
    # A mark that is known everywhere may stay beside the name.
    named: pl.Expr = pl.lit(None, dtype=pl.String)
    if (kinds == str(Kind.FILE)).any():
        is_strange = (kind == str(Kind.FILE)) & kind_from_text(pl.col("text")).is_null()
        named = pl.when(is_strange).then(pl.coalesce("3", "4"))
    marks = marks.with_columns(kinds).select(kind, named.alias("file_name"), "text")
    return _with_elements(marks).drop("text")


def _with_elements(marks: pl.DataFrame) -> pl.DataFrame:
    """The kinds and names, also of texts that are one element."""
    tags = marks["text"].str.extract(_ELEMENT, 1)
    if tags.null_count() == tags.len():
        return marks
    kinds = kinds_of_names(tags).alias("tag")
    name = pl.col("text").str.extract(_NAMED, 1).str.replace_many(_ENTITIES)
    is_file = pl.col("tag") == str(Kind.FILE)
    return marks.with_columns(kinds).select(
        pl.coalesce("kind", "tag").alias("kind"),
        pl.coalesce("file_name", pl.when(is_file).then(name)).alias("file_name"),
        "text",
    )


def named_file(text: pl.Expr) -> pl.Expr:
    """The kind of the stored file whose path is the whole text; null for other texts."""
    is_link = text.str.contains("](", literal=True) | text.str.starts_with("![[")
    text = pl.coalesce(extracted_where(is_link, text, _LINK_TO_FILE), text)
    ending = extracted_where(text.str.contains(r"[/\\]"), text, _STORED).str.to_lowercase()
    return ending.replace_strict(list(_ENDINGS), list(_ENDINGS.values()), default=None, return_dtype=pl.String)


def kind_of_file(name: pl.Expr) -> pl.Expr:
    """The kind of what a file of this name holds, by its ending; null without an ending."""
    ending = name.str.extract(r"\.([A-Za-z0-9]{1,5})$", 1).str.to_lowercase()
    known = ending.replace_strict(list(_ENDINGS), list(_ENDINGS.values()), default=None, return_dtype=pl.String)
    return pl.when(ending.is_not_null()).then(known.fill_null(str(Kind.FILE)))


def kind_of_files(cell: pl.Expr) -> pl.Expr:
    """The kind of the files whose names, addresses or media types a cell holds; null without any.

    It is that of a file where they are of several kinds.
    """

    def kinds(pattern: str, named: dict[str, str]) -> pl.Expr:
        one = pl.element().str.extract(pattern, 1).str.to_lowercase().str.head(_FIRST)
        told = cell.str.extract_all(pattern).list.eval(one.replace_strict(named, return_dtype=pl.String)).list.unique()
        return pl.when(told.list.len() > 1).then(pl.lit(str(Kind.FILE))).otherwise(told.list.first())

    return pl.coalesce(kinds(_TYPES, _MAIN_TYPES), kinds(_ENDS_IN, _ENDINGS))
