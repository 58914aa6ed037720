"""Bodies of WeChatDataAnalysis's text form: content and facts in one line, without the kind.

The form glues a file's name and a link's heading to the content, which mostly is the same text. A quote shows its
reply alone, a bundle its lines. Calls, red packets and links with words of their own look like text unless the client's own words reveal
them (`UNMARKED`).
"""

import polars as pl

from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kind_of_body
from reconcile.wechat.payment_words import payment_state
from reconcile.wechat.shown_bodies import plain_amount

# Kinds that the form may write without a mark, like text.
UNMARKED = dict.fromkeys((Kind.QUOTE, Kind.LINK, Kind.CALL, Kind.RED_PACKET, Kind.FORWARD), Kind.TEXT)
_MEDIA = r"(?: media/\S+)+$"
_TRANSFER = r"(?s)^(?P<memo>.*?) ?金额=[￥¥]?(?P<amount>[0-9][0-9,]*(?:\.[0-9]+)?)? 状态=(?P<state>[^\n]*)$"
_FILE = r"(?s)^(?P<mark>\[文件\] ?)?(?P<glued>.*?) ?size=(?P<size>[0-9]*)$"
_PLACE = r"^(?P<title>[^\n]+?)(?: 地点=(?P<name>[^\n]+?))?(?: 地址=[^\n]+?)?(?: 坐标=(?P<at>-?[0-9.]+,-?[0-9.]+))?$"
_VOICE = r"(?s)^\[语音(?: (?P<length>[0-9]+)秒)?\](?: 转写=(?P<heard>.*)| 转写失败=[^\n]*)?$"
_LINK = r"(?s)^(?P<glued>.*?) ?(?P<url>[a-z][a-z0-9+.-]*://\S+)$"
_CALL = (
    r"^(?:(?:语音|视频)?通话(?:时长|中断)? ?(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-9]{2}|通话|对方已取消|对方已拒绝|对方无应答|对方忙线中?"
    r"|忙线未接听|未接听|已在其[他它]设备(?:接听|拒绝)|(?:Call )?[Dd]uration:? ?[0-9:]+)$"
)
# The default words on a red packet.
_PACKET = r"^恭喜发财[，,] ?大吉大利[！!]?$"
_LEAST_TITLE = 2
_SECOND = 1000


def bodies_of(text: pl.Series) -> pl.DataFrame:
    """Kind, text and the facts that each body states; null where it states none. Order and height stay.

    Columns: kind, text, amount, payment_state, file_name, file_size, duration, url, raw_title, raw_transcript,
    raw_body. `text` of a payment is its remark, of every other kind the shown text. Null where a body states nothing;
    order and height stay.
    """
    bare = text.alias("body").str.replace(_MEDIA, "")
    frame = bare.to_frame().with_columns(
        pl.col("body").str.extract_groups(p).alias(n)
        for n, p in (("pay", _TRANSFER), ("file", _FILE), ("place", _PLACE), ("voice", _VOICE), ("link", _LINK))
    )

    def field_of(kind: str, name: str) -> pl.Expr:
        return pl.col(kind).struct.field(name)

    is_transfer = field_of("pay", "state").is_not_null()
    half = {k: _half(field_of(k, "glued")) for k in ("file", "link")}
    is_file = field_of("file", "size").is_not_null() & (
        half["file"].is_not_null() | field_of("file", "mark").is_not_null()
    )
    is_place = (
        field_of("place", "at").is_not_null() | (field_of("place", "name") == field_of("place", "title"))
    ).fill_null(value=False)
    is_voice = field_of("voice", "length").is_not_null() | field_of("voice", "heard").is_not_null()
    is_link = field_of("link", "url").is_not_null() & half["link"].is_not_null()
    kind = (
        pl.when(is_transfer).then(pl.lit(str(Kind.TRANSFER)))
        .when(is_file).then(pl.lit(str(Kind.FILE)))
        .when(is_voice).then(pl.lit(str(Kind.VOICE)))
        .when(is_place).then(pl.lit(str(Kind.LOCATION)))
        .when(is_link).then(pl.lit(str(Kind.LINK)))
        .when(pl.col("body").str.contains(_CALL)).then(pl.lit(str(Kind.CALL)))
        .when(pl.col("body").str.contains(_PACKET)).then(pl.lit(str(Kind.RED_PACKET)))
        .otherwise(kind_of_body(pl.col("body")))
    )  # fmt: skip
    memo, state = field_of("pay", "memo").str.strip_chars(), field_of("pay", "state").str.strip_chars()
    name = pl.coalesce(half["file"], field_of("file", "glued"))
    length = field_of("voice", "length").cast(pl.Float64, strict=False)
    told = frame.select(
        kind.alias("kind"),
        # Without a remark, the form repeats the state in its place.
        pl.when(is_transfer).then(pl.when(memo != state).then(memo).otherwise(pl.lit("")))
        .when(is_file).then(pl.format("[文件] {}", name))
        .when(is_place).then(field_of("place", "title"))
        .when(is_voice).then(pl.lit("[语音]"))
        .when(is_link).then(half["link"])
        .otherwise("body").alias("text"),
        plain_amount(field_of("pay", "amount")).alias("amount"),
        pl.when(is_transfer).then(payment_state(state)).alias("payment_state"),
        pl.when(is_file & (name != "")).then(name).alias("file_name"),
        pl.when(is_file).then(field_of("file", "size").cast(pl.Int64, strict=False)).alias("file_size"),
        # Most versions label milliseconds as seconds. No voice message is shorter than a second.
        pl.when(length < _SECOND).then(length).otherwise(length / _SECOND).alias("duration"),
        pl.when(is_link).then(field_of("link", "url")).alias("url"),
        pl.when(is_link).then(half["link"]).when(is_place).then(field_of("place", "title")).alias("raw_title"),
        field_of("voice", "heard").alias("raw_transcript"),
    )  # fmt: skip
    return told.with_columns(pl.when(told["text"] != text).then(text).alias("raw_body"))


def _half(glued: pl.Expr) -> pl.Expr:
    """The words that occur twice in a row and make up the whole text; null otherwise."""
    half = glued.str.head(glued.str.len_chars() // 2)
    return pl.when((half + half == glued) & (half.str.len_chars() >= _LEAST_TITLE)).then(half)
