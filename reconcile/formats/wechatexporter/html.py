"""WechatExporter HTML: a page a chat from an iOS backup, mostly in `…_files/Data/msg-N.js`.

Producer: WechatExporter (BlueMatthew), res/templates. Container: HTML, `<div class="msg chat left|right" msgid=… msgtype=…>`;
data files of JavaScript with a JSON array of such pieces. Encoding: UTF-8. Time zone: none stated; local time of the
exporting computer, to the second.
Cannot say: server ids (msgid is the phone's own number); accounts in older versions; sender and time of notices; the content
of media and red packets; messages of data files that are not there.
"""

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note, Owner, ReadOptions, remarks, shorten_notes
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of
from reconcile.intake.json.duplicate_keys import count_duplicate_keys
from reconcile.intake.messages.naming import distinct_where
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.decode import decode, head_text
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import ConversationKind, Kind, LocalIdScope, NoteCode
from reconcile.wechat.client_sentences import notice_kind
from reconcile.wechat.clock import times_of
from reconcile.wechat.kinds import BASE_KINDS, kind_from_text

_TITLE = lazy_pattern(r"<title>([^<]*) - 微信聊天记录</title>")
_BEGIN = '<div class="msg '
# Every message has exactly one of these, whatever its kind.
_ANY = lazy_pattern(r'(?i)msgid="\d|class="content-box"><')
_LONE = lazy_pattern(r'(?i)class="[^"]*msg-text')
# Signs around a quoted message that stands with words.
_AROUND = " \t\r\n-「」"
_WIDEST_HOLE = 100
_SHOWN = 'class="content-box'
_DATA = "Data/msg-"
# How far before the name the folder's path may begin.
_LONGEST_PATH = 1_000
_NAME = lazy_pattern(r"(?i)^(.*/)?data/msg-(\d+)\.js$")
# Every message's words have this class; the script below the list has none.
_WORDS_BEHIND = b"dont-break-out msg-text"
_ARRAY = lazy_pattern(rb"msgArray\s*=\s*")
_ARRAY_END = lazy_pattern(rb"\][ \t]*;[ \t]*(?:[\r\n]|\Z)")
_WHO = r'(?is)<span class="(?:dsp)?name[^"]*"(?: wxid="(?P<wxid>[^"]*)")?>(?P<name>[^<]*)</span>\s*(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})'
_HEAD = r'^<div class="msg (?P<cls>[^"]*)"(?: msgid="(?P<id>[^" ]*)[^"]*")?(?: msgtype="(?P<type>[^"]*)")?'
_CONTENT = r'(?s)<div class="content-box[^"]*">(.*)$'
_APP_NAME = r'(?s)<div class="appinfo">.*$'


class WechatexporterHtml(FileReader, form="wechatexporter_html"):
    """Reader of WechatExporter's HTML."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the page has the title, and messages or the script that loads them."""
        text = head_text(source, file)
        return _TITLE.search(text) is not None and (_BEGIN in text or "moreWechatMsgs" in text or 'class="msg' in text)

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat: the page and its data files."""
        name = source.relative(file)
        text, notes = decode(source, name, file.read_bytes())
        found = _TITLE.search(text)
        if found is None:
            raise UnreadableSource(source.path, f"{file}: expected {self.looked_for}")
        inline, before = _inline_messages(text)
        notes += remarks(
            NoteCode.ROW_SKIPPED,
            name,
            "messages outside the page's body",
            len(_ANY.findall(before) or _LONE.findall(before)),
        )
        pieces = pl.DataFrame({"piece": inline}, schema={"piece": pl.String}).with_columns(pl.lit(name).alias("file"))
        frames = [pieces.with_row_index("line", offset=1)]
        data = _data_files(source, file, text, notes)
        for place in data:
            rows = pl.DataFrame({"piece": _array(source, place, notes)}, schema={"piece": pl.String})
            frames.append(
                rows.with_columns(pl.lit(source.relative(place)).alias("file")).with_row_index("line", offset=1)
            )
        rows = _message_rows(pl.concat(frames), notes, name, options.timezone)
        return _page_part(rows, name, html.unescape(found[1]), notes)


def _inline_messages(text: str) -> tuple[list[str], str]:
    """The page's own messages, and content before the first and outside the body."""
    body = text.partition("<body")[2].partition("<script")[0] or text
    before, *pieces = body.split(_BEGIN)
    outside = text.replace(body, "", 1) if body is not text else ""
    return [_BEGIN + p for p in pieces], before + outside


def _data_files(source: Source, file: Path, text: str, notes: list[Note]) -> list[Path]:
    """The page's data files in the order of their numbers; a hole in the numbers is noted."""
    if source.is_file:
        if _DATA in text or "moreWechatMsgs" in text:
            notes += remarks(
                NoteCode.MEMBER_MISSING, source.relative(file), "msg-N.js; give the folder with its Files/Data"
            )
        return []
    wanted = _data_folder(text)
    stem = f"{file.stem}_files/".lower()
    numbered: list[tuple[int, Path]] = []
    for place in source.files:
        found = _NAME.match(source.relative(place))
        folder = (found[1] or "").lower() if found else ""
        beside = found is not None and place.parent.parent.parent == file.parent
        named = wanted is not None and source.relative(place).endswith(wanted + place.name)
        if found and beside and (folder.endswith((stem, "files/")) or named):
            numbered.append((int(found[2]), place))
    numbered.sort()
    numbers = [n for n, _ in numbered]
    notes += _missing_file_notes(numbers)
    if not numbers and (wanted or "moreWechatMsgs" in text):
        notes.append(Note(NoteCode.MEMBER_MISSING, source.relative(file), "msg-N.js", said=True))
    return [p for _, p in numbered]


def _data_folder(text: str) -> str | None:
    """The folder of data files that the page names."""
    at = text.find(_DATA)
    if at < 0:
        return None
    # Searched backwards from the name, because a pattern that may begin anywhere takes hours on a page without
    # blanks.
    return re.split(r"[\"'()\s=]", text[max(0, at - _LONGEST_PATH) : at])[-1] + "Data/"


def _missing_file_notes(numbers: list[int]) -> list[Note]:
    """A note for each missing file number, or one note with the count for a wide gap.

    A made-up file name can open a wide gap.
    """
    notes: list[Note] = []
    for before, after in pairwise(numbers):
        if after - before > _WIDEST_HOLE:
            notes.append(Note(NoteCode.MEMBER_MISSING, f"msg-{before + 1}.js – msg-{after - 1}.js"))
        else:
            notes += [Note(NoteCode.MEMBER_MISSING, f"msg-{n}.js") for n in range(before + 1, after)]
    return notes


def _array(source: Source, place: Path, notes: list[Note]) -> list[str]:
    """The pieces of one data file; a broken one is a note."""
    data = place.read_bytes()
    begin = _ARRAY.search(data)
    # The script below the list has brackets of its own, but no line ends inside its strings.
    closed = _ARRAY_END.search(data, begin.end()) if begin else None
    end = closed.start() if closed else data.rfind(b"]")
    try:
        value = orjson.loads(data[begin.end() : end + 1]) if begin else None
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, list):
        notes.append(Note(NoteCode.PART_UNREADABLE, source.relative(place), "no list of messages", said=True))
        return []
    if begin:
        count_duplicate_keys(source, source.relative(place), data[begin.end() : end + 1], value)
    notes += remarks(
        NoteCode.ROW_SKIPPED, source.relative(place), "objects behind the list", data.count(_WORDS_BEHIND, end)
    )
    pieces = list(_message_pieces(value))
    if (lost := sum(max(1, str(v).count(_SHOWN)) for v in value) - len(pieces)) > 0:
        notes += remarks(NoteCode.ROW_SKIPPED, source.relative(place), "entries that hold no message", lost)
    return pieces


def _message_pieces(value: list[object]) -> Iterator[str]:
    """HTML of each message."""
    # An entry is one message or several in a row; older versions wrap them in objects.
    for entry in value:
        text = entry if isinstance(entry, str) else (str(entry.get("msg") or "") if isinstance(entry, dict) else "")
        yield from (_BEGIN + p for p in text.split(_BEGIN)[1:])


def _message_rows(pieces: pl.DataFrame, notes: list[Note], name: str, timezone: str | None) -> pl.DataFrame:
    """Messages with kind, words, quotes, links and times; damage is noted."""
    head = pieces["piece"].str.extract_groups(_HEAD).struct.unnest()
    who = pieces["piece"].str.extract_groups(_WHO).struct.unnest()
    content = pieces["piece"].str.extract(_CONTENT, 1).alias("content")
    rows = pl.concat([pieces, head, who, content.to_frame()], how="horizontal")
    content_or_all = pl.col("content").fill_null(pl.col("piece"))
    quoted = content_or_all.str.extract(r'(?s)refermsg[^"]*">「(.*?)」</span>', 1)
    reply = content_or_all.str.extract(r"(?s)- - -</span>(?:<br ?/>)*<span[^>]*>(.*?)</span>", 1)
    link = content_or_all.str.extract(r'<a href="([^"]*)"', 1)
    app = content_or_all.str.extract(r'(?s)<span class="app-name">(.*?)</span>', 1)
    bare = content_or_all.str.replace(_APP_NAME, "")
    rows = rows.with_columns(
        _words(pl.coalesce(reply, bare)).alias("text"), _words(quoted).alias("quoted"), _words(link).alias("link"), _words(app).alias("app"),
        _words(content_or_all).alias("words"), _words(pl.col("piece").str.replace(_CONTENT, "")).alias("above"),
        (content_or_all.str.contains("transfer-icon", literal=True) | (_words(app) == "微信转账")).fill_null(value=False).alias("is_transfer"),
    )  # fmt: skip
    kinds = {str(k): str(v) for k, v in BASE_KINDS.items() if v not in (Kind.OTHER,)}
    base = pl.col("type").replace_strict(kinds, default=None, return_dtype=pl.String)
    is_notice = pl.col("cls").str.contains("notice")
    kind = (
        pl.when(is_notice).then(notice_kind(pl.col("text")))
        .when(pl.col("quoted").is_not_null()).then(pl.lit("quote"))
        .when(pl.col("is_transfer")).then(pl.lit("transfer"))
        .when(pl.col("type") == "49").then(pl.coalesce(kind_from_text(pl.col("text")), _shared(pl.col("link")), pl.lit("other")))
        .otherwise(pl.coalesce(base, kind_from_text(pl.col("text")), pl.lit("text")))
    )  # fmt: skip
    notes += [*_joined_message_notes(rows), *_stray_word_notes(rows)]
    times = times_of(rows["time"], timezone).with_columns(pl.col("time_precision", "zone_source").cast(pl.String))
    rows = pl.concat([rows.with_columns(kind.alias("kind")), times], how="horizontal")
    # No text is empty, so its own element is damaged.
    wordless = rows.filter((pl.col("kind") == "text") & (pl.col("text").fill_null("") == ""))
    at = pl.format("{}#{}", "file", "line").alias("locator")
    notes += notes_of(NoteCode.ODD_VALUE, wordless.select(at, pl.col("content").fill_null("")), excerpt="content")
    untimed = rows.filter(pl.col("time").is_null() & ~is_notice).height
    notes += remarks(NoteCode.BAD_TIME, name, "messages without a time", untimed)
    bare_notices = rows.filter(pl.col("time").is_null() & is_notice).height
    notes += remarks(
        NoteCode.PRECISION_LOST, name, "notices without time and sender; only their place is known", bare_notices
    )
    return rows


def _shared(address: pl.Expr) -> pl.Expr:
    """The kind of an app message by its target: `link` for a web page, `file` for a file; null = none."""
    return pl.when(address.str.contains(r"^[a-z]+:")).then(pl.lit("link")).when(address != "").then(pl.lit("file"))


def _joined_message_notes(rows: pl.DataFrame) -> list[Note]:
    """Notes on messages whose damaged beginning joined them to the one before."""
    # In any case of letters, since browsers ignore it.
    shown = pl.col("piece").str.count_matches(f"(?i){_SHOWN}").cast(pl.Int64) - 1
    more = rows.select("file", "line", "piece", shown.alias("more")).filter(pl.col("more") > 0)
    return shorten_notes(
        [
            Note(NoteCode.ROW_SKIPPED, f"{f}#{n}", (p.partition(_SHOWN)[2].partition(_SHOWN)[2] or p)[:200], c)
            for f, n, p, c in more.iter_rows()
        ],
        most=200,
    )


def _stray_word_notes(rows: pl.DataFrame) -> list[Note]:
    """Notes on words in a message's frame that are not its text, quote, name, time or sending app."""
    several = pl.col("quoted").is_not_null() | pl.col("app").is_not_null()
    above = pl.col("above").str.strip_prefix(pl.col("name").fill_null("")).str.contains(r"\S[\s\S]{20}")
    odd = rows.filter(several | (pl.col("content").is_not_null() & above.fill_null(value=False)))
    notes: list[Note] = []
    for file, line, over, words, *known in odd.select(
        "file", "line", "above", "words", "quoted", "text", "app", "name", "time"
    ).iter_rows():
        left = f"{over or ''}\n{words or ''}"
        for part in known:
            left = left.replace(part, "", 1) if part else left
        if left := left.strip(_AROUND):
            notes.append(Note(NoteCode.ODD_VALUE, f"{file}#{line}", left[:200]))
    return notes


def _words(markup: pl.Expr) -> pl.Expr:
    """Text of HTML, with line breaks kept, tags removed and the five entities decoded."""
    text = markup.str.replace_all(r"(?i)<br ?/?>", "\n").str.replace_all(r"(?s)<[^>]*>", "").str.strip_chars(" \t\r\n")
    for entity, sign in (
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ):
        text = text.str.replace_all(entity, sign, literal=True)
    return text


def _page_part(rows: pl.DataFrame, name: str, title: str, notes: list[Note]) -> Part:
    """The page as a part; direct if at most one other sender speaks."""
    speech = ~pl.col("cls").str.contains("notice")
    is_self = pl.when(speech).then(pl.col("cls").str.contains("right"))
    rows = rows.with_columns(
        is_self.alias("is_self"), pl.coalesce(pl.when(pl.col("wxid") != "").then("wxid"), "name").alias("sender")
    )
    others = distinct_where(rows, "sender", ~pl.col("is_self"))
    own = distinct_where(rows, "wxid", pl.col("is_self"))
    own_names = distinct_where(rows, "name", pl.col("is_self"))
    is_direct = len(others) <= 1
    peer = others[0] if is_direct and others else None
    quoter = pl.col("quoted").str.extract(r"(?s)^([^：:]*)[：:]", 1)
    made = rows.select(
        "kind", "is_self", "sender", "sent_at", "time_precision", "zone_source",
        pl.format("{}#{}", "file", "line").alias("locator"),
        pl.col("text"),
        pl.col("time").alias("sent_raw"),
        pl.when(pl.col("name") != "").then("name").alias("sender_name"),
        pl.col("id").cast(pl.Int64, strict=False).alias("local_id"),
        pl.col("quoted").str.replace(r"(?s)^[^：:]*[：:]", "").alias("quoted_text"),
        quoter.alias("quoted_sender"),
        pl.when(pl.col("kind") == str(Kind.LINK)).then("link").alias("url"),
        pl.when((pl.col("kind") == str(Kind.FILE)) & pl.col("link").is_not_null()).then("text").alias("file_name"),
        pl.when(pl.col("app") != "").then("app").alias("raw_app"),
    )  # fmt: skip
    people = (
        rows.filter(pl.col("wxid").fill_null("") != "")
        .select(pl.col("wxid").alias("id"), pl.col("name").alias("remark"))
        .unique("id", keep="first", maintain_order=True)
    )
    return Part(
        rows=made,
        file=name,
        conversation=peer if peer and people.height else title,
        title=title,
        conversation_kind=ConversationKind.DIRECT if is_direct else ConversationKind.GROUP,
        owner=Owner(id=own[0] if len(own) == 1 else None, name=own_names[0] if len(own_names) == 1 else None),
        peer=peer,
        local_id_scope=LocalIdScope.CONVERSATION,
        contacts=people.to_dicts(),
        notes=notes,
    )
