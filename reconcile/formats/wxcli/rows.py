"""Bodies and speakers as wx-cli writes them (src/daemon/query.rs, fmt_content and sender_label)."""

from dataclasses import dataclass

import polars as pl

from reconcile.formats.shared.completeness import Statements, statements
from reconcile.intake.contract import Owner
from reconcile.intake.messages.bodies import read_bodies
from reconcile.settings import Limits
from reconcile.vocabulary import ConversationKind, Kind, TextQuality
from reconcile.wechat.client_sentences import notice_kind, sentence_kind
from reconcile.wechat.kinds import SYSTEM_KINDS, first_fit, kind_from_text

# Without `-n` the newest 500 messages are exported.
USUAL_LIMIT = 500
_CARD, _LOCATION = 42, 48
# The title of a payment's card is the client's word for it, with or without the stored marks of character data.
_PAYMENT = r"^\[链接\] (?:<!\[CDATA\[)?微信"
_SPLIT_BILL = r"^\[链接\] (?:<!\[CDATA\[)?(?:群收款|AA收款)(?:\]\]>)?$"
_PLACED = (
    (Kind.IMAGE, r"^\[图片\] local_id=-?[0-9]+$"), (Kind.VOICE, r"^\[语音\]$"), (Kind.VIDEO, r"^\[视频\]$"), (Kind.STICKER, r"^\[表情\]$"),
    (Kind.CALL, r"^\[通话\]$"), (Kind.RECALL, r"^\[撤回(?:\] |了一条消息\]$)"), (Kind.SYSTEM, r"^\[系统(?:\] |消息\]$)"),
    (Kind.FILE, r"^\[文件\](?: |$)"), (Kind.FORWARD, r"^\[合并聊天记录\]"), (Kind.QUOTE, r"^\[引用\](?: |$)|\n  \u21B3 "),
    (Kind.TRANSFER, _PAYMENT + "转账"), (Kind.RED_PACKET, _PAYMENT + "红包"), (Kind.OTHER, _SPLIT_BILL), (Kind.LINK, r"^\[(?:链接|小程序)\](?: |$)"),
    (Kind.OTHER, r"^\[链接/文件\]$"), (Kind.LOCATION, r"^\s*(?:<\?xml[^>]*>\s*)?<msg>\s*<location\b"),
    (Kind.CARD, r"^\s*(?:<\?xml[^>]*>\s*)?<msg\s[^>]*\bnickname="),
)  # fmt: skip
_MARKS = r"^(?:\[|\s*<)|\n  \u21B3 "
_STORED_TITLE = r"(?s)^(\[链接\] )<!\[CDATA\[(.*?)\]\]>"
# Items of video channels have this sentence for older clients in the title's place.
_NO_TITLE = r"^\[链接\] 当前版本不支持展示该内容，请升级至最新版本。?$"
# Characters of a notice and of a recall that are kept.
_NOTICE_CUT, _RECALL_CUT = 50, 30
_QUOTE = r"(?s)^(?:\[引用\] ?)?(?P<reply>.*?)(?:\n  \u21B3 (?P<quoted>.*))?$"
_QUOTER = r"(?s)^(?P<name>[^\n:]{1,80}): (?P<words>.+)$"


@dataclass(frozen=True, slots=True)
class Chat:
    """The chat of one file: its name or account, and whether it is a group."""

    title: str
    account: str | None
    is_group: bool

    @property
    def kind(self) -> ConversationKind:
        """Direct or group."""
        return ConversationKind.GROUP if self.is_group else ConversationKind.DIRECT

    @property
    def peer(self) -> str | None:
        """The other party of a direct chat."""
        return None if self.is_group else self.account or self.title

    def owner(self, rows: pl.DataFrame) -> Owner:
        """The owner's name, as the rows of a direct chat have it."""
        own = rows.filter(pl.col("is_self").fill_null(value=False))["sender_name"].drop_nulls().unique().to_list()
        return Owner(name=own[0] if len(own) == 1 else None)


def stated_extent(rows: pl.DataFrame, status: str | None) -> Statements:
    """What the form says that it lacks: a status of the answer, and rows as many as the usual limit."""
    limit = {"limit": str(USUAL_LIMIT)} if rows.height == USUAL_LIMIT else {}
    return statements({**limit, **({"status": status} if status else {})}, rows.height)


def with_bodies(rows: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The rows with kind, text, text_quality, quoted_text, quoted_sender, raw_body (the XML of a card).

    Needs `name` (of the speaker; null or "" = none), `text` (the body as shown) and `label` (the form's word for the kind as a kind; null = the body tells).
    """
    # The form has one word for all cards, so that only their bodies tell them apart. Related tools name more kinds in these.
    shown = pl.coalesce(
        first_fit(pl.col("text"), _PLACED, _MARKS), kind_from_text(pl.col("text")), pl.lit(str(Kind.TEXT))
    )
    told = pl.when(pl.col("label").is_null() | (pl.col("label") == str(Kind.LINK))).then(shown).otherwise("label")
    # Related tools write notices without a mark and, like this one, without a name.
    bare = pl.when((told == str(Kind.TEXT)) & pl.col("label").is_null() & (pl.col("name").fill_null("") == ""))
    rows = rows.with_columns(pl.coalesce(sentence_kind(bare.then("text")), told).alias("kind"))
    text, kind = pl.col("text"), pl.col("kind")
    notice = kind.is_in([str(k) for k in SYSTEM_KINDS])
    words = text.str.replace(r"^\[(?:系统|撤回)\] ", "")
    is_recall = kind == str(Kind.RECALL)
    cut = words.str.len_chars() == pl.when(is_recall).then(_RECALL_CUT).otherwise(_NOTICE_CUT)
    quote = pl.when(kind == str(Kind.QUOTE)).then(text).str.extract_groups(_QUOTE)
    quoted = quote.struct.field("quoted")
    named = quoted.str.extract_groups(_QUOTER)
    rows = rows.with_columns(
        pl.when(is_recall).then(kind).when(notice).then(notice_kind(words)).otherwise(kind).alias("kind"),
        pl.when(notice).then(words)
        .when(kind == str(Kind.QUOTE)).then(pl.coalesce(quote.struct.field("reply"), text).str.strip_chars_end())
        .when(kind == str(Kind.IMAGE)).then(pl.lit("[图片]"))
        .otherwise(text.str.replace(_STORED_TITLE, "${1}${2}").str.replace(_NO_TITLE, "[链接]")).alias("text"),
        pl.when(notice & cut).then(pl.lit(str(TextQuality.TRUNCATED))).alias("text_quality"),
        pl.coalesce(named.struct.field("words"), quoted).alias("quoted_text"),
        named.struct.field("name").alias("quoted_sender"),
    )  # fmt: skip
    return _opened(rows, limits)


def _opened(rows: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The rows with cards and places in words, whose bodies the form hands on as XML."""
    stored = pl.col("kind").is_in([str(Kind.CARD), str(Kind.LOCATION)]) & pl.col("text").str.contains(r"^\s*<")
    few = rows.with_row_index("at").filter(stored)
    if few.is_empty():
        return rows.with_columns(pl.lit(None, dtype=pl.String).alias("raw_body"))
    base = pl.when(pl.col("kind") == str(Kind.CARD)).then(_CARD).otherwise(_LOCATION).cast(pl.Int64)
    bodies = few.select(
        "at", pl.col("text").alias("content"), base.alias("base"), pl.lit(0, dtype=pl.Int64).alias("sub"),
        pl.lit("").alias("locator"), pl.lit("").alias("conversation"),
    )  # fmt: skip
    read = read_bodies(bodies, limits).messages.select("at", pl.col("text").alias("told"))
    joined = rows.with_row_index("at").join(read, on="at", how="left", maintain_order="left")
    body = pl.when(pl.col("told").is_not_null()).then("text").alias("raw_body")
    return joined.with_columns(pl.coalesce("told", "text").alias("text"), body).drop("at", "told")


def with_speakers(rows: pl.DataFrame, chat: Chat) -> pl.DataFrame:
    """The rows with sender, sender_name, is_self.

    In a direct chat the owner's rows bear a name (sender_label); all others are the peer's, with the chat's name or none,
    or the client's. A group does not say who the owner is. `account` holds the account of a group's member, else null.
    """
    speech = ~pl.col("kind").is_in([str(k) for k in SYSTEM_KINDS])
    name = pl.when(speech & (pl.col("name") != "")).then("name")
    others = rows.select(name.alias("name")).filter(pl.col("name") != chat.title)["name"].n_unique()
    if chat.is_group or others > 1:
        account = pl.col("account") if "account" in rows.columns else pl.lit(None, dtype=pl.String)
        return rows.with_columns(
            pl.when(speech).then(pl.coalesce(account, name)).alias("sender"),
            name.alias("sender_name"),
            pl.lit(None, dtype=pl.Boolean).alias("is_self"),
        )
    own = (name != chat.title).fill_null(value=False)
    return rows.with_columns(
        pl.when(speech & own).then(name).when(speech).then(pl.lit(chat.peer)).alias("sender"),
        pl.when(speech & own).then(name).when(speech).then(pl.lit(chat.title)).alias("sender_name"),
        pl.when(speech).then(own).alias("is_self"),
    )
