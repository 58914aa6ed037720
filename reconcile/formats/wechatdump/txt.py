"""wechat-dump TXT: one file a chat, lines `type|name:time:text`.

Producer: wechat-dump (ppwwyyxx/wechat-dump dump-msg.py) from a rooted Android phone. Container: text; a message of several lines goes
on below its header line. Encoding: UTF-8. Time zone: none stated; local time of the PC, to the millisecond.
Cannot say: ids, accounts; notices, recalls and all messages of people absent from the contacts are not written; quoted words,
memos and states of transfers, whole file names, digests, voice length. The file's name keeps letters, digits and blanks only.
Codes that the exporter has no words for (music, videos of channels, pats, solitaires,
announcements) stand as their XML. A line shaped like a header inside the words is told from one by the order of times only.
"""

import re
from pathlib import Path

import polars as pl

from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.bodies import read_bodies
from reconcile.intake.messages.naming import distinct_where
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import cut_short
from reconcile.intake.text.blocks import split_blocks
from reconcile.intake.text.decode import head_text, read_text
from reconcile.vocabulary import ConversationKind, Kind, NoteCode, TimePrecision, ZoneSource
from reconcile.wechat.clock import ASSUMED_ZONE, parse_times
from reconcile.wechat.kinds import is_named, kind_of, split_android_type

_CODE_AND_DATE = r"^-?\d{1,10}\|[^|\n]{0,80}:(?:\d{4}-|\S{0,24}\d-\d\d \d\d:\d\d:\d\d)"
HEADER = r"^(?P<code>-?[0-9]{1,10})\|(?P<name>.*?):(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?P<micro>\.\d{1,6})?:(?P<rest>.*)$"
OWN = "me"
_STICKER_CARD = "1048625"
_IMAGE_PATH = r"\|img:(\S*)\s*$"


class WechatdumpTxt(FileReader, form="wechatdump_txt"):
    """Reader of wechat-dump's TXT."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the first line is such a header."""
        return re.match(HEADER, head_text(source, file).lstrip("\ufeff\n").split("\n", 1)[0]) is not None

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows."""
        name = source.relative(file)
        text, notes = read_text(source, file)
        blocks, more = split_blocks(text, HEADER, name, after_blank=False, mark=_CODE_AND_DATE)
        rows, unknown = _message_rows(blocks, options)
        notes += [*more, *cut_short(file, name), *(Note(NoteCode.UNKNOWN_KIND, name, c, n) for c, n in unknown)]
        names = distinct_where(rows, "sender", ~pl.col("is_self"), in_order=True)
        direct = len(names) <= 1
        title = names[0] if direct and names else file.stem
        return Part(
            rows=rows,
            file=name,
            conversation=title,
            title=title,
            conversation_kind=ConversationKind.DIRECT if direct else ConversationKind.GROUP,
            peer=names[0] if direct and names else None,
            notes=notes,
        )


def _message_rows(blocks: pl.DataFrame, options: ReadOptions) -> tuple[pl.DataFrame, list[tuple[str, int]]]:
    """Messages in the columns of a part, and each unknown code with its number of rows."""
    codes = [int(c) for c in blocks["code"].unique().to_list()]
    # A picture used as a sticker is a card (appmsg 8), for which this exporter uses the word for stickers.
    kinds = {str(c): str(kind_of(*split_android_type(c))) for c in codes} | {_STICKER_CARD: str(Kind.OTHER)}
    unknown = blocks.filter(
        pl.col("code").is_in([str(c) for c in codes if c != 49 and not is_named(*split_android_type(c))])
    )["code"].value_counts()
    text = pl.col("text")
    # 49 stands for links, files and forwards; the body identifies links and payments.
    app = (
        pl.when(text.str.starts_with("URL:")).then(pl.lit(str(Kind.LINK)))
        .when(text.str.contains("^FILE:.*的聊天记录$")).then(pl.lit(str(Kind.FORWARD)))
        .when(text.str.starts_with("[Money Transfer]")).then(pl.lit(str(Kind.TRANSFER)))
        .when(text.str.starts_with("[RED ENVELOPE]")).then(pl.lit(str(Kind.RED_PACKET)))
        .otherwise(pl.lit(str(Kind.OTHER)))
    )  # fmt: skip
    kind = (
        pl.when(pl.col("code") == "49")
        .then(app)
        .otherwise(pl.col("code").replace_strict(kinds, default=str(Kind.OTHER), return_dtype=pl.String))
    )
    blocks = _opened(blocks.with_columns(kind.alias("kind")), options)
    media = pl.col("kind").is_in([str(k) for k in (Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.STICKER)])
    own = pl.col("name") == OWN
    times = parse_times(blocks["time"], options.timezone or ASSUMED_ZONE)
    micro = pl.col("micro").fill_null(".0").str.slice(1).str.pad_end(6, "0").cast(pl.Int64, strict=False)
    rows = pl.concat([blocks, times], how="horizontal").select(
        "line",
        "kind",
        pl.when(media).then(text.str.replace(_IMAGE_PATH, "")).otherwise(text).alias("text"),
        pl.concat_str("time", pl.col("micro").fill_null("")).alias("sent_raw"),
        (pl.col("sent_at") + pl.duration(microseconds=micro)).alias("sent_at"),
        pl.when(pl.col("sent_at").is_null()).then(pl.lit(str(TimePrecision.NONE))).otherwise(pl.lit(str(TimePrecision.MILLISECOND))).alias("time_precision"),
        pl.when(pl.col("sent_at").is_null()).then(pl.lit(str(ZoneSource.NONE)))
        .otherwise(pl.lit(str(ZoneSource.DECLARED if options.timezone else ZoneSource.ASSUMED))).alias("zone_source"),
        pl.when(pl.col("name") != "").then("name").alias("sender"),
        pl.when(~own & (pl.col("name") != "")).then("name").alias("sender_name"),
        own.alias("is_self"),
        # The exporter strips signs from file names, so they are kept in the body only.
        pl.when(media).then(text.str.extract(_IMAGE_PATH)).alias("raw_path"),
        pl.when(pl.col("kind") == str(Kind.OTHER)).then("code").alias("raw_code"),
        pl.col("url", "file_name", "media_hash"),
    )  # fmt: skip
    return rows, [(str(c), n) for c, n in unknown.sort("code").iter_rows()]


# Content that the exporter has no words for is written as stored, a name card's behind a mark.
_CARD = "NAMECARD:"
_XML = rf"^(?:{_CARD})?\s*<(?:\?xml|msg|appmsg)\b"


def _opened(blocks: pl.DataFrame, options: ReadOptions) -> pl.DataFrame:
    """The rows with kind, words, url, file and digest for those whose body is XML."""
    asked = pl.col("code").is_in(["1", "10000"]).not_() & pl.col("text").str.contains(_XML)
    few = blocks.with_row_index("at").filter(asked)
    nothing = [pl.lit(None, dtype=pl.String).alias(c) for c in ("url", "file_name", "media_hash")]
    if few.is_empty():
        return blocks.with_columns(nothing)
    types = [split_android_type(int(c), t) for c, t in few.select("code", "text").iter_rows()]
    bodies = few.select(
        "at", pl.col("text").str.strip_prefix(_CARD).alias("content"), pl.lit("").alias("locator"), pl.lit("").alias("conversation"),
        pl.Series("base", [b for b, _ in types], dtype=pl.Int64), pl.Series("sub", [s for _, s in types], dtype=pl.Int64),
    )  # fmt: skip
    read = read_bodies(bodies, options.limits).messages.sort("at")
    told = read.select("at", pl.col("kind", "text", "url", "file_name", "media_hash").cast(pl.String))
    joined = blocks.with_row_index("at").join(told, on="at", how="left", suffix="_told", maintain_order="left")
    return joined.with_columns(pl.coalesce(f"{c}_told", c).alias(c) for c in ("kind", "text")).drop(
        "at", "kind_told", "text_told"
    )
