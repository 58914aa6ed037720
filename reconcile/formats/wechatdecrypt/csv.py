"""wechat-decrypt CSV: `export/<display name>/message_N.db.csv`, one file a shard, all shards one chat.

Producer: ylytdeng/wechat-decrypt export_messages.py, from WeChat 4.x. Container: CSV headed 时间,发送者,消息类型,内容,server_id.
Encoding: UTF-8 with mark, CRLF. Time zone: none stated; local time of the PC, to the second.
Cannot say: accounts (`.info` beside names the contact's), who the owner is (in direct chats the folder's name tells, in rooms that his texts bear no account); bodies of app
messages are cut at 200 characters, so that amounts, ids and digests behind that are lost; digests, voice length. Two contacts of
one display name overwrite each other's folder.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from reconcile.formats.wechatdecrypt.shards import in_order_filled, info_beside, own_by_missing_prefix
from reconcile.intake.contract import Note, Owner, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.bodies import read_bodies
from reconcile.intake.messages.naming import parties_by_title
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import read_csv, require_heading
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind, NoteCode, TextQuality
from reconcile.wechat.frequent_values import counts_of, looked_up
from reconcile.wechat.kinds import changed_where, fits_where, is_named, split_local_type
from reconcile.wechat.text import whole_number

CUT_AT = 200
TYPES = {
    "文本": 1, "图片": 3, "语音": 34, "名片": 42, "视频": 43, "表情包": 47, "表情": 47, "位置": 48, "通话": 50, "语音通话": 50, "链接/文件": 49, "系统消息": 10000,
    "系统": 10000, "撤回": 10000,
}  # fmt: skip
_NUMBER = lazy_pattern(r"^未知\((-?[0-9]{1,19})\)\Z")
_ACCOUNT_LINE = r"^[A-Za-z0-9_@-]{5,64}:\n"
# The placeholders of these bodies say nothing beyond their kind.
_PLACEHOLDER = r"^\[[^\[\]\n]{1,8}\]$"


class WechatdecryptCsv(FileReader, form="wechatdecrypt_csv"):
    """Reader of wechat-decrypt's CSV."""

    def parts(self, source: Source, files: Sequence[Path], options: ReadOptions) -> list[Part]:
        """The shards of each folder in the order in which they were filled."""
        return in_order_filled(super().parts(source, files, options), "sent_raw", files, source)

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One shard's rows."""
        require_heading(source, file, *self.headings)
        name = source.relative(file)
        table, notes = read_csv(source, file, never_empty=("时间", "消息类型"))
        info = info_beside(source, file)
        title = info.get("remark") or info.get("nick_name") or file.parent.name
        account = info.get("username")
        kinds = counts_of(table["消息类型"])
        unknown, held = _notes_on_unknown_kinds(kinds, name), [_body_columns(table, name, account or title, kinds)]
        # Cells are freed before their bodies are read, and bodies as they become messages.
        del table
        read = read_bodies(held.pop(), options.limits)
        held, witnesses, odd = [read.messages], read.witnesses, read.notes
        del read
        broken = [n.locator for n in odd if n.code is NoteCode.BROKEN_BODY]
        by_tool = held[0]["locator"].filter(held[0]["is_cut"])
        # Bodies that the exporter cut are broken, which one note says. Beyond the listed ones they cannot be told
        # apart.
        said = {"…", *by_tool.filter(by_tool.is_in(broken))} if broken and len(by_tool) else set()
        del by_tool
        rows, cut = _with_text_quality(held.pop())
        notes += [Note(NoteCode.TEXT_CUT, name, f"{CUT_AT}", cut)] if cut else []
        notes += unknown
        odd = tuple(n for n in odd if n.code is not NoteCode.BROKEN_BODY or n.locator not in said)
        notes += [n for n in odd if n.code is not NoteCode.UNKNOWN_KIND]
        # A forward's title is among the first of these fields.
        untitled = rows.filter((pl.col("kind") == str(Kind.FORWARD)) & (pl.col("text").fill_null("") == ""))
        notes += [Note(NoteCode.BROKEN_BODY, name, "", untitled.height)] if untitled.height else []
        parties = parties_by_title(rows, title, account)
        del rows
        named = (
            [
                {
                    "id": account,
                    "alias": info.get("alias"),
                    "nickname": info.get("nick_name"),
                    "remark": info.get("remark"),
                }
            ]
            if account
            else []
        )
        return Part(
            rows=parties.rows,
            file=name,
            conversation=account or title,
            title=title,
            conversation_kind=parties.conversation_kind,
            owner=Owner(name=parties.owner_name),
            peer=parties.peer,
            is_shown=False,
            contacts=named,
            witness_rows=witnesses.filter(pl.col("message_id").is_not_null() | pl.col("text").is_not_null()),
            notes=notes,
        )


def _body_columns(table: pl.DataFrame, name: str, conversation: str, names: Iterable[str]) -> pl.DataFrame:
    """The columns that read_bodies expects, with what a placeholder says beside them."""
    codes = {n: c for n in names if (c := _type_code(n)) is not None}
    base = pl.col("base")
    # In steps, so that each is computed once for all that depend on it.
    known = table.with_columns(looked_up(table["消息类型"], codes, None, pl.Int64).alias("code"))
    known = known.with_columns(
        (pl.col("code") & 0xFFFFFFFF).alias("base"),
        (pl.col("code") // 2**32).alias("sub"),
        pl.col("内容").alias("content"),
    )
    content, is_notice = pl.col("content"), (base == 10000).fill_null(value=False)
    # Bytes bound the number of characters and cost nothing to count.
    odd = known.select(
        (
            is_notice
            | (content.str.len_bytes() >= CUT_AT)
            # Accounts begin with a sign below this one, Chinese words do not.
            | fits_where(content < "{", content, ":\n")
        ).alias("odd")
    ).to_series()
    sender = known.select(pl.when(pl.col("发送者") != "").then("发送者").alias("sender_name"))["sender_name"]
    is_text = known["base"] == 1
    prefixed = known.select(fits_where(content < "{", content, _ACCOUNT_LINE).alias("prefixed"))["prefixed"]
    own = own_by_missing_prefix(sender, is_text, prefixed)
    few = _unwrapped(known.select("base", "content").filter(odd))
    known = known.with_columns(
        known["content"].clone().scatter(odd.arg_true(), few["content"]),
        pl.Series("is_cut", [False]).new_from_index(0, known.height).scatter(odd.arg_true(), few["is_cut"]),
    )
    known = known.with_columns(fits_where((base != 1) & ~is_notice, content, _PLACEHOLDER).alias("wordless"))
    return known.select(
        "line",
        pl.when(~is_notice).then(own).alias("is_self"),
        pl.format("{}#{}", pl.lit(name), "line").alias("locator"),
        pl.lit(conversation).alias("conversation"),
        base.fill_null(0),
        pl.col("sub").fill_null(0),
        pl.when("wordless").then(None).otherwise(content).alias("content"),
        pl.when("wordless").then(content).alias("placeholder"),
        # Neither XML nor a placeholder: parsing it as XML would leave nothing.
        fits_where(~pl.col("wordless") & (base != 1), content, r"^[^<]+$").alias("is_bare"),
        content.alias("bare"),
        "is_cut",
        pl.col("时间").alias("sent_raw"),
        sender,
        pl.col("server_id").alias("message_id"),
    )


def _unwrapped(rows: pl.DataFrame) -> pl.DataFrame:
    """Bodies without the exporter's additions, completed where it cut them (`is_cut`)."""
    content, is_notice = pl.col("content"), (pl.col("base") == 10000).fill_null(value=False)

    # In rooms, a text begins with its sender's account on a separate line.
    def without_account(text: pl.Expr) -> pl.Expr:
        """The text without a first line that is an account."""
        return text.str.replace(_ACCOUNT_LINE, "")

    def without_mark(text: pl.Expr) -> pl.Expr:
        """The text without the tool's own mark of notices."""
        return text.str.replace(r"(?s)^\[系统: (.*)\]$", "${1}")

    has_line = ~is_notice & content.str.contains(":\n", literal=True)
    is_cut = fits_where(content.str.len_bytes() >= CUT_AT, content, r"^(?:\S+:\n)?\s*<")
    # The exporter did not cut a longer body; something else shortened it.
    rows = rows.with_columns((is_cut & (content.str.len_chars() == CUT_AT)).alias("is_cut"))
    rows = rows.with_columns(changed_where(is_notice, content, without_mark).alias("content"))
    rows = rows.with_columns(changed_where(has_line, content, without_account).alias("content"))
    broken = pl.col("is_cut") & pl.col("base").ne_missing(10000)
    return rows.with_columns(changed_where(broken, content, close_cut_xml).alias("content"))


def _type_code(name: str) -> int | None:
    """The client's code of a kind's name, also of names such as 未知(…); null if unknown."""
    number = _NUMBER.match(name)
    if number is None:
        return TYPES.get(name)
    return int(number[1]) if -(2**63) <= int(number[1]) < 2**63 else None


def _with_text_quality(messages: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Rows with the text quality after the cut: a whole reply is whole, anything else is shortened."""
    whole_reply = (pl.col("kind") == str(Kind.QUOTE)) & (pl.col("text") != "")
    cut = pl.col("is_cut") & ~whole_reply
    shown = messages.select(
        (pl.col("placeholder").is_not_null() | (pl.col("is_bare") & (pl.col("text") == ""))).alias("shown")
    )["shown"]
    instead = messages.select("placeholder", "bare").filter(shown).select(pl.coalesce("placeholder", "bare"))
    words = pl.Enum(TextQuality)
    truncated, other = (pl.lit(str(q), dtype=words) for q in (TextQuality.TRUNCATED, TextQuality.SHOWN))
    quality = pl.when(cut).then(truncated).when(shown).then(other)
    count = int(messages["is_cut"].sum())
    rows = messages.with_columns(quality.otherwise(pl.col("text_quality").cast(words)).alias("text_quality"))
    rows = rows.drop("is_cut", "placeholder", "is_bare", "bare", "body_sender", strict=False)
    # The caller's frame is consumed: its columns are freed as they are rewritten.
    del messages
    text = rows.drop_in_place("text").scatter(shown.arg_true(), instead.to_series())
    return rows.with_columns(text), count


def _notes_on_unknown_kinds(kinds: Mapping[str, int], name: str) -> list[Note]:
    odd = [(n, count) for n, count in sorted(kinds.items()) if n not in TYPES and not _names_known_code(n)]
    return [Note(NoteCode.UNKNOWN_KIND, name, n, count) for n, count in odd]


def _names_known_code(name: str) -> bool:
    """Whether a name such as 未知(34) holds a code whose kind is known."""
    number = name.removeprefix("未知(").removesuffix(")")
    return whole_number(number.removeprefix("-")) is not None and is_named(*split_local_type(int(number)))


# A tag that was cut in two, then an element whose text has no end.
_HALF_TAG = r"<[^<>]*$"
_OPEN_TEXT = r"<[A-Za-z_][\w.-]*(?:\s[^<>]*)?>[^<>]*$"


def close_cut_xml(content: pl.Expr) -> pl.Expr:
    """The body without its last, unfinished element, so that no half id or amount counts as whole."""
    return content.str.replace(_HALF_TAG, "").str.replace(_OPEN_TEXT, "")
