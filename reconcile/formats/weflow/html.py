"""WeFlow HTML: `<title>.html` with `window.WEFLOW_DATA`, or chunks in `<title>_data/`.

Producer: WeFlow 4 and 5, hicccc77/WeFlow electron/services/export. Container: HTML with a JSON array in a script, or scripts that
hand over one array each. Encoding: UTF-8. Time zone: none needed, unix seconds.
Cannot say: accounts, the owner's name, kinds (told by the bubble's media and placeholder), digests, voice length; voices without
their file stand as [其他消息]; a leading `[A-Za-z0-9_-]+:` of plain text is lost. HTML escapes are undone.
"""

import re
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.weflow.part import weflow_part
from reconcile.formats.weflow.rows import kind_by_body, stripped
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of
from reconcile.intake.json.duplicate_keys import count_duplicate_keys
from reconcile.intake.json.objects import frame_of_lists, objects_of, page_after, rows_of_page
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.decode import head_text
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.escapes import text_of_html

MARKER = b"window.WEFLOW_DATA = "
_CHUNK = lazy_pattern(rb"window\.__WEFLOW_CHUNK_LOADED__\(\d+,(\[.*\])\);?\s*$", re.DOTALL)
_KEYS: dict[str, type[pl.DataType]] = {
    "i": pl.Int64,
    "t": pl.Int64,
    "s": pl.Int64,
    "b": pl.String,
    "p": pl.String,
    "r": pl.String,
}
_MEDIA = {"image": Kind.IMAGE, "emoji": Kind.STICKER, "audio": Kind.VOICE, "video": Kind.VIDEO, "file": Kind.FILE}


class WeflowHtml(FileReader, form="weflow_html"):
    """Reader of WeFlow's page."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the page assigns WeFlow's list, or null where chunks hold it."""
        return re.match(rb"\s*(?:\[|null;)", page_after(file, MARKER)) is not None

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows, from the page or from its chunks."""
        name = source.relative(file)
        notes: list[Note] = []
        external = page_after(file, MARKER).lstrip().startswith(b"null")
        pieces = _read_chunks(source, file, notes) if external else [rows_of_page(source, file, MARKER, notes)]
        frame = frame_of_lists(pieces, _KEYS, drop=("a",))
        bodiless = frame.filter(pl.col("b").is_null()).select(pl.format("{}#{}", pl.lit(name), "line").alias("locator"))
        notes += notes_of(NoteCode.ODD_VALUE, bodiless)
        rows = _message_rows(frame, name)
        # A reply always has words.
        wordless = (rows["kind"] == str(Kind.QUOTE)) & (rows["text"] == "")
        if wordless.any():
            body = frame.select(rows["locator"], pl.col("b").str.slice(0, 200)).filter(wordless)
            notes += notes_of(NoteCode.BROKEN_BODY, body, excerpt="b")
        head = head_text(source, file)
        title = re.search(r"<title>(.*?) - 聊天记录</title>", head)
        kind = re.search(r"<span>(群聊|私聊)</span>", head)
        stated = re.search(r"<span>(\d{1,9}) 条消息</span>", head)
        named = pl.select(text_of_html(pl.lit(title[1]))).item() if title else None
        if named and kind and kind[1] == "私聊":
            # In a direct chat, only the title names the peer.
            peer = pl.when(~pl.col("is_self")).then(pl.lit(named))
            rows = rows.with_columns(pl.coalesce(c, peer).alias(c) for c in ("sender", "sender_name"))
        part = weflow_part(rows, file, name, options, notes, title=named, kind=kind[1] if kind else None)
        part.stated_count = int(stated[1]) if stated else None
        return part


def _read_chunks(source: Source, file: Path, notes: list[Note]) -> list[list[dict[str, Any]]]:
    """Rows of each script beside the page; raises UnreadableSource where there are none."""
    folder = file.parent / f"{file.stem}_data"
    chunks = [f for f in source.files if f.parent == folder and f.suffix == ".js"]
    pieces = []
    for chunk in chunks:
        found = _CHUNK.search(chunk.read_bytes())
        name = source.relative(chunk)
        try:
            rows = orjson.loads(found[1]) if found else []
        except orjson.JSONDecodeError:
            found = None
        if not found:
            notes.append(Note(NoteCode.PART_UNREADABLE, name))
            continue
        count_duplicate_keys(source, name, found[1], rows)
        pieces.append(objects_of(rows, name, notes))
    if not pieces:
        raise UnreadableSource(source.path, f"{file}: its messages lie in the folder {folder.name}; give both together")
    return pieces


def _message_rows(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Messages in the columns of a part, read from the HTML of each row."""
    body = pl.col("b").fill_null("")
    # The text's own tags are escaped, so the first closing tag after an opening one is the page's.
    quoted = body.str.extract(r"(?s)<div class=\"quoted-text\">(.*?)</div>")
    quoter = body.str.extract(r"(?s)<div class=\"quoted-sender\">(.*?)</div>")
    media = body.str.extract(r"<(?:img|audio|video|a) class=\"message-media (\w+)")
    words = body.str.extract(r"(?s)<div class=\"message-text\">(.*?)</div>")
    # Words whose mark is damaged are in the rest of the row.
    whole = pl.when(media.is_null() & quoted.is_null()).then(
        body.str.extract(r"(?s)<div class=\"message-content\">(.*)$")
    )
    # All of the rest, where no mark is left.
    unmarked = pl.when(media.is_null() & quoted.is_null() & ~body.str.contains("message-content", literal=True)).then(
        body
    )
    words = pl.coalesce(words, whole, unmarked).fill_null("")
    url = words.str.extract(r"<a class=\"message-link-card\" href=\"([^\"]*)\"")
    text = text_of_html(words)
    file_name = pl.when(media == "file").then(
        text_of_html(body.str.extract(r"<a class=\"message-media file\"[^>]*>(.*?)</a>"))
    )
    kind = (
        pl.when(quoted.is_not_null()).then(pl.lit(str(Kind.QUOTE))).when(url.is_not_null()).then(pl.lit(str(Kind.LINK)))
        .otherwise(pl.coalesce(media.replace_strict({k: str(v) for k, v in _MEDIA.items()}, default=None, return_dtype=pl.String), kind_by_body(text)))
    )  # fmt: skip
    sender = text_of_html(body.str.extract(r"(?s)<div class=\"sender-name\">(.*?)</div>"))
    own = pl.col("s") == 1
    return frame.select(
        pl.format("{}#{}", pl.lit(name), "line").alias("locator"),
        pl.col("t").alias("unix"),
        text.alias("text"),
        kind.alias("kind"),
        stripped(kind).alias("text_quality"),
        pl.col("p").alias("message_id"),
        pl.col("r").alias("reply_to"),
        text_of_html(quoted).alias("quoted_text"),
        text_of_html(quoter).alias("quoted_sender"),
        text_of_html(url).alias("url"),
        file_name.alias("file_name"),
        sender.alias("sender"),
        sender.alias("sender_name"),
        own.alias("is_self"),
        "raw",
    )
