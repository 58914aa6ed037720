"""Chats of other platforms: how to recognise each, and what its clients write instead of bodies."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.whatsapp_phrases import CALL, DELETED, MEDIA, PHRASES, SIGNS
from reconcile.vocabulary import Kind
from reconcile.wechat.kinds import fitting

# Left-to-right marks stand before what the client itself wrote.
_MARK, _MARKS = "\u200e", "\u200e\u200f"
# Signs of the client's own texts, the longest such text without a known phrase, and how often its word for media recurs.
_NEAR = r"^<|>$|\)$|maps\.google\.com|WhatsApp|\(.{3,40}\)\n|[Ss]ecurity code|end-to-end|[Ee]nde-zu-Ende|extremo|ponta a ponta|bout en bout|端"
_WHOLE = rf"(?i)^(?:{DELETED}|{CALL})$"
_SHORT, _RECURS = 60, 3
_LINK, _ENTITIES = r"<((?:https?|mailto|tel):[^|>\s]+)(?:\|[^>\n]*)?>", {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
# A file's name, its pages, and behind the mark what was left out.
_FILE_LEFT_OUT = rf"^[^\n{_MARKS}]{{1,200}}\.[A-Za-z0-9]{{2,5}}(?: • [^\n]{{1,40}})? [{_MARKS}][^\n{_MARKS}]{{1,40}}$"


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform: columns or side values of its exports alone, and its phrases as whole-text patterns.

    `is_escaped`: its texts keep `&`, `<` and `>` as entities, and links between angle brackets.
    """

    name: str
    columns: frozenset[str] = frozenset()
    beside: str = ""
    phrases: dict[Kind, str] = field(default_factory=dict)
    is_escaped: bool = False


PLATFORMS = (
    Platform("WhatsApp", phrases=PHRASES),
    Platform("QQ", frozenset({"sender.uin", "sender.uid"}), r"(?i)QQ ?Chat ?Exporter"),
    Platform("Slack", frozenset({"ts", "user", "client_msg_id"}), is_escaped=True),
    Platform("Skype", frozenset({"originalarrivaltime", "messagetype"}), is_escaped=True),
    Platform("Telegram", frozenset({"date_unixtime", "from_id"})),
    Platform("Lark", frozenset({"message_id", "msg_type", "create_time", "deleted"})),
    Platform("DingTalk", frozenset({"openMessageId"})),
    Platform("WeChat", frozenset({"server_id", "sort_seq", "create_time"})),
)  # fmt: skip


def platform_of(fields: Fields, texts: pl.Series) -> Platform | None:
    """The platform that columns, side values or the client's phrases reveal; None where nothing does."""
    beside = "\n".join(fields.beside.values())
    for one in PLATFORMS:
        if (one.columns and one.columns <= set(fields.names)) or (one.beside and re.search(one.beside, beside)):
            return one
        # Words that anybody can type show a platform only in a text export, beside the client's own mark or as a whole phrase.
        if (
            one.phrases
            and {"time", "sender", "text"} <= fields.roles.keys()
            and (texts.str.starts_with(_MARK).any() or texts.str.strip_chars(_MARKS + " ").str.contains(SIGNS).any())
        ):
            return one
    return None


def kinds_of(platform: Platform, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the kinds that the platform's own phrases name; texts of the client lose its mark.

    Client text in an unknown language is a notice if it is long or continues behind a second mark, else it is of
    another kind.
    """
    if platform.is_escaped:
        rows = rows.with_columns(pl.col("text").str.replace_all(_LINK, "$1").str.replace_many(_ENTITIES))
    if not platform.phrases:
        return rows
    marked = rows["text"].str.contains(rf"^[{_MARKS}]")
    bare = rows["text"].str.strip_chars_start(_MARKS)
    # Words before the client's own (a caption, a file's name) end at its mark.
    inner = bare.str.replace(r"^[^\n]{1,200}\u200e", "")
    places, kinds = fitting(
        inner, [(k, rf"(?i)^(?:{p})$") for k, p in platform.phrases.items()], _looks_written(inner, marked)
    )
    kind = rows["kind"].scatter(places, kinds.cast(pl.String))
    known = pl.Series([False]).new_from_index(0, rows.height).scatter(places, values=True)
    strange = marked & rows["text"].str.starts_with(_MARK) & ~known & rows["sender"].is_not_null()
    notice = strange & (bare.str.contains(_MARK, literal=True) | (bare.str.len_chars() > _SHORT))
    kind = kind.set(strange & ~notice, str(Kind.OTHER)).set(notice, str(Kind.SYSTEM))
    kind = kind.set(~known & bare.str.contains(_FILE_LEFT_OUT), str(Kind.FILE))
    kind = kind.set(_media_of_one_phrase(bare) & ~known, str(Kind.OTHER))
    return rows.with_columns(kind.alias("kind"), bare.alias("text"))


def _looks_written(inner: pl.Series, marked: pl.Series) -> Callable[[pl.Series], pl.Series]:
    """A test for texts that a client may have written.

    They are marked, recur, or hold an address, brackets or words of a notice.
    """
    near = marked | inner.is_duplicated() | inner.str.contains(_NEAR) | inner.str.contains(_WHOLE)
    return lambda _: near


def _media_of_one_phrase(bare: pl.Series) -> pl.Series:
    """Whole texts in angle brackets, where one phrase alone recurs: what Android writes for all media."""
    shaped = bare.str.contains(rf"^{MEDIA}$")
    found = bare.filter(shaped)
    return shaped & (found.n_unique() == 1 and found.len() >= _RECURS)
