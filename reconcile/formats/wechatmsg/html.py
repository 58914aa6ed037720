"""WeChatMsg 0.x/1.x HTML: `data/聊天记录/<remark>/<remark>.html`, with a JavaScript list of messages.

Producer: WeChatMsg (留痕, first generation), LC044/WeChatMsg app/util/exporter/exporter_html.py. Container: HTML, object literals with
keys without quotes in a script. Encoding: UTF-8. Time zone: none needed, unix seconds.
Cannot say: ids, accounts; red packets, forwards, cards, places, mini programs and kinds not ticked are not written at all; voices,
videos and files that were not on the PC are left out; a lost video may stand as a picture or as the text 视频丢失; calls bear no
direction. HTML and JavaScript escapes and pictures of emoji are undone.
"""

import re
from pathlib import Path

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note, ReadOptions, remarks
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.duplicate_keys import count_duplicate_keys
from reconcile.intake.json.objects import frame_of_lists, objects_of, page_after
from reconcile.intake.messages.parts import Part, part_with_own_rows
from reconcile.intake.source import Source
from reconcile.intake.text.decode import read_text
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.client_sentences import notice_kind
from reconcile.wechat.escapes import emoji_names, unescape_html
from reconcile.wechat.kinds import kind_of
from reconcile.wechat.payload.app import PAY_STATES
from reconcile.wechat.shown_bodies import plain_amount

MARKER = "const chatMessages = "
_LITERALS = lazy_pattern(rb"^\s*\[\s*\{\s*[A-Za-z_]\w*\s*:")
_KEYS: dict[str, type[pl.DataType]] = {
    "type": pl.Int64, "sub_type": pl.Int64, "text": pl.String, "is_send": pl.Int64, "timestamp": pl.Int64, "displayname": pl.String,
    "refer_text": pl.String, "paysubtype": pl.String, "pay_memo": pl.String, "feedesc": pl.String, "url": pl.String, "title": pl.String,
    "file_name": pl.String, "file_size": pl.String, "voice_to_text": pl.String, "is_chatroom": pl.Int64, "link_url": pl.String,
}  # fmt: skip
_WORDS_OF = {"pay_memo": Kind.TRANSFER, "title": Kind.LINK, "file_name": Kind.FILE, "voice_to_text": Kind.VOICE}
_EVERY_ROW = ",displayname:"
_EVERY_ROW_READ = ',"displayname":'
_LOST_VIDEO = "视频丢失"


class WechatmsgHtml(FileReader, form="wechatmsg_html"):
    """Reader of WeChatMsg's page."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the list's keys are unquoted; the second generation wrote true JSON under the same name."""
        return _LITERALS.match(page_after(file, MARKER.encode())) is not None

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows."""
        name = source.relative(file)
        text, notes = read_text(source, file)
        at = text.find(MARKER)
        literal = json_of_literals(text, at + len(MARKER)) if at >= 0 else None
        if literal is None:
            raise UnreadableSource(
                source.path, f"{file}: its list of messages is cut short or broken; ask for the export again"
            )
        try:
            value = orjson.loads(data := literal.encode("utf-8", "replace"))
        except orjson.JSONDecodeError as error:
            raise UnreadableSource(source.path, f"{file}: its list of messages cannot be read ({error})") from None
        count_duplicate_keys(source, name, data, value)
        rows = objects_of(value, name, notes)
        notes += remarks(NoteCode.ROW_SKIPPED, name, "objects above the list", text.count(_EVERY_ROW, 0, at))
        behind = text.count(_EVERY_ROW, at) - literal.count(_EVERY_ROW_READ)
        if behind > 0:
            notes.append(Note(NoteCode.ROW_SKIPPED, name, "objects behind the list", behind, said=True))
        return _page_part(source, file, rows, notes)


def _page_part(source: Source, file: Path, rows: list[dict[str, object]], notes: list[Note]) -> Part:
    frame = frame_of_lists([rows], _KEYS, drop=("avatar_path", "icon_path", "thumbnail", "app_logo"))
    part = part_with_own_rows(source, file, _message_rows(frame), notes)
    part.is_shown = False
    return part


def _words_of_other_kinds(kind: pl.Expr, column: str, own: Kind) -> pl.Expr:
    """The words of a column in rows of another kind than the one which has it."""
    return pl.when((kind != str(own)) & ~pl.col(column).is_in(["", "None"])).then(column)


def _message_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Messages in the columns of a part; words that the kind does not show go to raw_*."""
    words = unescape_html(emoji_names(pl.col("text").fill_null("")))
    link = unescape_html(pl.coalesce("url", "link_url"))
    codes = {
        (t, s or 0): str(kind_of(t, s or 0))
        for t, s in frame.select("type", "sub_type").unique().iter_rows()
        if t is not None
    }
    coded = pl.concat_str(pl.col("type"), pl.lit("/"), pl.col("sub_type").fill_null(0)).replace_strict(
        {f"{t}/{s}": k for (t, s), k in codes.items()}, default=str(Kind.OTHER), return_dtype=pl.String
    )
    kind = (
        pl.when(pl.col("type") == 0).then(notice_kind(words))
        .when((pl.col("type") == 1) & (words == _LOST_VIDEO)).then(pl.lit(str(Kind.VIDEO)))
        .when((pl.col("type") == 3) & words.str.contains(r"^(?:https?://|\./emoji/)")).then(pl.lit(str(Kind.STICKER)))
        .otherwise(coded)
    )  # fmt: skip
    wordy = kind.is_in([str(k) for k in (Kind.TEXT, Kind.QUOTE, Kind.SYSTEM, Kind.RECALL, Kind.CALL)])
    refer = unescape_html(emoji_names(pl.col("refer_text"))).str.extract_groups(r"(?s)^([^\n：]*)：(.*)$").struct
    shown = (
        pl.when(wordy).then(words).when(kind == str(Kind.TRANSFER)).then(pl.col("pay_memo"))
        .when(kind == str(Kind.LINK)).then(unescape_html(pl.col("title"))).when(kind == str(Kind.FILE)).then(pl.col("file_name"))
        .when(kind == str(Kind.VOICE)).then(pl.col("voice_to_text"))
    )  # fmt: skip
    is_file = (kind == str(Kind.FILE)) & ~pl.col("file_name").is_in(["", "None"])
    return frame.select(
        "line",
        kind.alias("kind"),
        pl.when(wordy | ~shown.is_in(["None"])).then(shown).fill_null("").alias("text"),
        pl.col("timestamp").alias("unix"),
        pl.when(pl.col("displayname") != "").then(unescape_html(pl.col("displayname"))).alias("sender_name"),
        (pl.col("is_send") == 1).alias("is_self"),
        refer.field("2").alias("quoted_text"),
        refer.field("1").alias("raw_quoted_sender"),
        plain_amount(pl.col("feedesc").str.extract(r"([0-9][0-9,]*(?:\.[0-9]+)?)")).alias("amount"),
        pl.col("paysubtype").replace_strict(PAY_STATES, default=None, return_dtype=pl.String).alias("payment_state"),
        pl.when(is_file).then("file_name").alias("file_name"),
        pl.when(is_file).then(pl.col("file_size").cast(pl.Int64, strict=False)).alias("file_size"),
        pl.when((kind == str(Kind.LINK)) & ~link.is_in(["", "None"])).then(link).alias("url"),
        pl.when(~wordy & (words != "")).then(words).alias("raw_path"),
        # Words in a row whose code belongs to a kind without them.
        pl.coalesce(_words_of_other_kinds(kind, c, k) for c, k in _WORDS_OF.items()).alias("raw_words"),
        "raw",
    )


_WORD = lazy_pattern(
    r"""(?P<space>\s+)|(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"""
    r"""|(?P<name>[A-Za-z_$][\w$]*)|(?P<mark>[{}\[\]:,])""",
    re.DOTALL,
)
_ESCAPE = lazy_pattern(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_CONTROL = lazy_pattern(r"[\x00-\x1f\x7f\"\\\ud800-\udfff]")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_WORDS = {
    "true": "true",
    "false": "false",
    "null": "null",
    "undefined": "null",
    "None": "null",
    "True": "true",
    "False": "false",
}


def json_of_literals(text: str, start: int) -> str | None:
    """The JavaScript array that begins at `start` as JSON text; None where it is incomplete or no literal.

    Trailing commas go. The work is linear in the text.
    """
    out: list[str] = []
    depth = 0
    at = start
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            return None
        at = found.end()
        kind, word = found.lastgroup, found[0]
        if kind == "space":
            continue
        if kind == "mark":
            if word in "}]" and out and out[-1] == ",":
                out.pop()
            depth += word in "{["
            depth -= word in "}]"
            out.append(word)
            if depth == 0:
                return "".join(out)
        else:
            out.append(_json_value(kind or "", word, is_key=text[at : at + 1] == ":" and kind == "name"))
    return None


def _json_value(kind: str, word: str, *, is_key: bool) -> str:
    """A JavaScript literal as JSON."""
    if kind == "string":
        return _json_string(_ESCAPE.sub(_unescape_match, word[1:-1]))
    if kind == "number":
        return word if not re.match(r"-?0\d", word) else _json_string(word)
    return _json_string(word) if is_key else _WORDS.get(word, _json_string(word))


def _unescape_match(match: re.Match[str]) -> str:
    """The sign that a JavaScript escape stands for."""
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _SIMPLE.get(code, "" if code == "\n" else code)


def _json_string(words: str) -> str:
    """The words as a JSON string; lone surrogates are replaced."""
    return (
        '"'
        + _CONTROL.sub(lambda m: f"\\u{ord(m[0]):04x}" if not "\ud800" <= m[0] <= "\udfff" else "\ufffd", words)
        + '"'
    )
