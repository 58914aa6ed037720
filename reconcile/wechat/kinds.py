"""WeChat's type codes and the exporters' placeholders, as kinds."""

import re
from collections.abc import Callable, Sequence
from functools import cache

import polars as pl

from reconcile.column_ops import all_contain, filled, kept_for_few, none_of
from reconcile.vocabulary import Kind
from reconcile.wechat.call_words import CALL_SAID, UNANSWERED
from reconcile.wechat.payment_words import FATE

# Base types, the same on every platform (wechat-databases 7.1).
BASE_KINDS: dict[int, Kind] = {
    1: Kind.TEXT, 3: Kind.IMAGE, 34: Kind.VOICE, 35: Kind.OTHER, 37: Kind.SYSTEM, 40: Kind.SYSTEM, 42: Kind.CARD, 43: Kind.VIDEO,
    47: Kind.STICKER, 48: Kind.LOCATION, 50: Kind.CALL, 51: Kind.SYSTEM, 52: Kind.CALL, 53: Kind.CALL, 62: Kind.VIDEO, 64: Kind.SYSTEM,
    65: Kind.CARD, 66: Kind.CARD, 9999: Kind.SYSTEM, 10000: Kind.SYSTEM, 10002: Kind.SYSTEM, 11000: Kind.SYSTEM,
}  # fmt: skip
# appmsg/type (wechat-databases 7.2). Texts, notes and solitaires are cards like links: forms that only write links
# leave them out, or show their title or kind alone. A live location is no place; a room's announcement is a member's
# words; a picture used as a sticker (8) is a card that forms with stickers leave out or show as unknown.
APP_KINDS: dict[int, Kind] = {
    1: Kind.LINK, 3: Kind.LINK, 4: Kind.LINK, 5: Kind.LINK, 6: Kind.FILE, 7: Kind.LINK, 8: Kind.OTHER, 17: Kind.OTHER, 19: Kind.FORWARD,
    24: Kind.LINK, 33: Kind.LINK, 36: Kind.LINK, 50: Kind.LINK, 51: Kind.LINK, 53: Kind.LINK, 57: Kind.QUOTE, 62: Kind.SYSTEM, 63: Kind.LINK,
    74: Kind.FILE, 76: Kind.LINK, 87: Kind.OTHER, 88: Kind.LINK, 92: Kind.LINK, 2000: Kind.TRANSFER, 2001: Kind.RED_PACKET,
}  # fmt: skip
# Android's own 32-bit codes (wechat-databases 7.3) as (base, sub).
ANDROID_CODES: dict[int, tuple[int, int]] = {
    16777265: (49, 1), 268435505: (49, 5), 285212721: (49, 5), 318767153: (49, 5), 419430449: (49, 2000), 436207665: (49, 2001),
    486539313: (49, 51), 822083633: (49, 57), 922746929: (49, 62), 1040187441: (49, 3), 1048625: (47, 0), 1090519089: (49, 6),
    1107296305: (49, 87), -1879048186: (49, 17), 268445456: (10000, 0), 268445458: (10000, 0), 285222674: (10000, 0), 570425393: (10000, 0),
    855638065: (10000, 0), 889192497: (10000, 0), 268445457: (10000, 0), 1077936177: (10000, 0), 603979825: (10000, 0),
}  # fmt: skip

# As an enum a kind takes one byte a row, as a word sixteen.
KINDS = pl.Enum(Kind)
APP_BASE = 49
APP_ROOT = "<appmsg"
WORD_KINDS = (Kind.TEXT, Kind.QUOTE)
MEDIA_KINDS = (Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.STICKER, Kind.FILE)
PAYMENT_KINDS = (Kind.TRANSFER, Kind.RED_PACKET)
SYSTEM_KINDS = (Kind.SYSTEM, Kind.RECALL)
SYSTEM_BASES = tuple(base for base, kind in BASE_KINDS.items() if kind is Kind.SYSTEM)


def kind_of(base: int, sub: int = 0) -> Kind:
    """The kind of a base type and, for app messages, its sub-type; `other` for an unknown code."""
    return APP_KINDS.get(sub, Kind.OTHER) if base == APP_BASE else BASE_KINDS.get(base, Kind.OTHER)


def is_named(base: int, sub: int = 0) -> bool:
    """Whether a base type and sub-type are known, even if only as `other`.

    Announcements and live locations have no kind of their own.
    """
    return kind_of(base, sub) is not Kind.OTHER or (base == APP_BASE and sub in APP_KINDS)


def split_local_type(local_type: int) -> tuple[int, int]:
    """Base and sub-type of a 4.x local_type (sub << 32 | base; chatlog internal/model/message.go)."""
    return local_type & 0xFFFFFFFF, local_type >> 32


def split_android_type(code: int, content: str = "") -> tuple[int, int]:
    """(base, sub) of an Android code; sub 0 for an unknown app message, whose XML then decides.

    Some codes stand for notices and for app messages (mini-programs, solitaires); `content`, if given, tells them
    apart.
    """
    base, sub = ANDROID_CODES.get(code, (APP_BASE, 0) if is_app_code(code) else (code, 0))
    return (APP_BASE, sub) if is_app_code(code) and APP_ROOT in content else (base, sub)


def is_app_code(code: int) -> bool:
    """Whether an Android code is one of app messages: its low 16 bits say so."""
    return code & 0xFFFF == APP_BASE


# What people add to a placeholder where the phone no longer has the file.
_GONE = r"已(?:过期|失效|被?清理|被?删除)[^\[\]\n]{0,12}"


# What tools write behind the mark of a picture or clip, which has no words: other brackets, lines below, or a name, path,
# address, id, length or size. Other words were typed: `[图片]里的字看不清`.
_BLANK = r"[^\S\x1c-\x1f]"
_NAMELESS = (
    rf"(?:{_BLANK}*$|{_BLANK}{{0,4}}(?:\n|[\[【<!]|{_GONE}|[^\n]*\.(?i:jpe?g|png|gif|webp|heic|bmp|mp4|mov|avi|3gp){_BLANK}*$"
    r"|(?:[（(：:]?(?:[!\"$-.:-<>-\[\]-~]*[0-9/\\=#][!-~]*|[^\s\x1c-\x1f]+\.[A-Za-z0-9]{2,5}|[0-9.]+ ?[秒″]|[kKM]?B|px|s)"
    rf"[)）]?(?:{_BLANK}+|$)){{1,3}}$))"
)


def _placeholder(names: str, tail: str = "", others: str = "", behind: str = "") -> str:
    """The pattern of a kind's placeholder: a name in square or lenticular brackets, or other spellings.

    `tail` may stand behind the name, before the brackets close; `behind` must stand behind the brackets.
    """
    return rf"(?:(?:\[(?:{names}){tail}\]|【(?:{names}){tail}】){behind}{'|' if others else ''}{others})"


_LENGTH_OR_DETAIL = r"(?: ?[0-9.:]+ ?(?:秒|s|″|\")?|[：:|][^\]\n]*)?"
_PICTURE = "图片|照片|圖片|相片|写真|画像|사진|Image|Photo|image|photo"
_DETAIL = r"(?:[|｜：:][^\]]*)?"
# The sign of a currency, or what a table that could not write it has instead.
LOST_SIGN = "[¥￥?？]"
# What a mark says of a payment: its sum, whose sign a table may have lost, what became of it, and its memo.
_MEMO = r"(?:[，,；;。 ]{1,3}(?:附言|备注|说明|留言|memo|note)[：:=][^\]】）)\n]{0,100})?"
_PAYMENT_DETAIL = (
    rf"(?:[|｜][^\]】]*|(?:[，,：: ]?[ ]?(?:{LOST_SIGN}? ?[0-9][0-9,.]{{0,20}}(?: ?元)?|{FATE})){{1,3}}{_MEMO})?"
)
# The name or the state of a payment right before a sum with its cents, as tools and no people write.
_PAID = r"(?:微信)?(?:转账|收款|退还|已收[款钱]|已被?(?:接收|收款)|已被?退还|已过期)[：:]?[￥¥][0-9][0-9,]*\.[0-9]{2}(?:[^0-9]|$)|(?:转账|已收款)：￥"
# How people and tools begin what a voice message says, in brackets.
TRANSCRIBED = r"(?:语音)?(?:转文字|转写|识别)(?:文字|结果|内容)?"
TRANSCRIPT = rf"[\[【（(]\s*{TRANSCRIBED}\s*[:：]"
# Exporters' replacements of bodies: one pattern a kind, anchored at the start. The first match wins.
PLACEHOLDERS: tuple[tuple[Kind, str], ...] = (
    (Kind.IMAGE, _placeholder(_PICTURE, "", rf"\[(?:{_PICTURE})[：:, ]|!\[图片\]|图片$|Image$|<image", _NAMELESS)),
    (Kind.VOICE, _placeholder("语音|语音消息|語音|語音訊息|ボイス(?:メッセージ)?|音声|음성메시지|Voice(?: [Mm]essage)?|Audio|voice|audio", _LENGTH_OR_DETAIL, rf"语音时长：|语音(?:消息)?[（(](?:转文字|转写|识别)|[\[【（(]{TRANSCRIBED}[\]】）)]|Voice$")),
    (Kind.VIDEO, _placeholder("视频|小视频|影片|短片|視訊|動画|ビデオ|Video|video", r"(?: ?[0-9.:]+ ?(?:秒|s|″)?|[：:|][^\]\n]*)?", r"!?\[视频\]\(|WeChat VIDEO|VIDEO FILE", _NAMELESS)),
    (Kind.STICKER, _placeholder("动画表情|表情|表情包|商城表情|貼圖|動態貼圖|動畫表情|スタンプ|Sticker|sticker|Emoji", r"(?:[：:][^\]]*)?", r"!?\[动画表情\]|表情$|Emoji$")),
    (Kind.FILE, _placeholder("文件|檔案|ファイル|File|file", rf"(?:{_GONE}|[：:|][^\]]*)?", "FILE:")),
    (Kind.TRANSFER, _placeholder("转账|转账收款|转账退[还回款]|微信转账|发起转账|已收款|已退还|轉[帳賬]|轉[帳賬]收款|轉[帳賬]退[還回款]|送金|Transfer|transfer", _PAYMENT_DETAIL, rf"{_PAID}|微信转账 ?[￥¥]|转账\[|\[Money Transfer\]")),
    (Kind.RED_PACKET, _placeholder("红包|微信红包|紅包|微信紅包|利是|お年玉|Red Packet|red packet|RED ENVELOPE|Hongbao", _PAYMENT_DETAIL, "微信红包(?: 恭喜发财，大吉大利)?$")),
    (Kind.LOCATION, _placeholder("位置|位置分享|地理位置|位置情報|Location|location|Position", _DETAIL, "LOCATION:")),
    (Kind.CARD, _placeholder("名片|个人名片|个人/公众号名片|企业微信名片|個人名片|連絡先|Card|card|Contact Card|Business [Cc]ard", "", "NAMECARD:")),
    (Kind.CALL, _placeholder("通话|通话消息|语音通话|视频通话|音视频通话|视频/语音通话|語音通話|視訊通話|視像通話|音声通話|ビデオ通話|Call|call|Voice Call|Video Call", "", rf"REQUEST VIDEO CHAT|{CALL_SAID}")),
    (Kind.FORWARD, _placeholder("聊天记录|转发的聊天记录|合并转发|合并转发的聊天记录|聊天記錄|聊天紀錄|對話記錄|チャット履歴|Chat History|Merged messages", _DETAIL)),
    (Kind.LINK, _placeholder("链接|分享|分享链接|图文|小程序|音乐|音乐分享|视频号(?:直播|名片)?|笔记|接龙|連結|小程式|リンク|Link|link|Share link", _DETAIL, "URL:")),
    (Kind.OTHER, _placeholder("群公告|群收款|AA收款", "", "我发起了位置共享$|当前版本不支持展示该内容，请升级至最新版本。?$")),
)  # fmt: skip
# A placeholder in any spelling, raw or canonical, before or instead of a body.
MARK = r"^(?:\[[^\[\]|\n]{1,10}\]|【[^【】|\n]{1,10}】|⟦[^⟦⟧\n]{1,10}⟧):?\s*"
# How people and tools begin a translation.
TRANSLATED = r"(?:[中英]?译文?|翻译|[Tt]ransla(?:tion|ted))"
# One of the client's placeholders with nothing after it. Its only figures are a length; others were typed.
_BARE = r"[^\[\]【】|\n0-9]{1,10}(?:[0-9.:]{1,6} ?(?:秒|s|″|\"|:[0-9]{2}))?"
BARE_MARK = rf"^(?:\[{_BARE}\]|【{_BARE}】)$"
# The bare name of a kind, written instead of a body by tools without placeholders.
KIND_NAME = r"^(?:图片|照片|语音|语音消息|视频|小视频|文件|表情|动画表情|位置|地理位置|名片|通话|语音通话|视频通话|音视频通话|转账|微信转账|红包|微信红包|链接|分享|聊天记录|小程序|群公告|未知消息)$"
# The title that the client gives the card of a payment (real_xml: transfer_49_2000, redpacket_49_2001).
PAYMENT_TITLE = r"^(?:微信(?:转账|红包|紅包|轉賬|轉帳)|(?:转账|红包|紅包|轉賬|轉帳)|We[Cc]hat (?:Transfer|Red Packet))$"
# The sentence of a client or tool that cannot show a message, alone or after its placeholder.
UNSHOWN = (
    r"(?i)^(?:[\[【][^\[\]【】\n]{1,10}[\]】])?\s*\W?(?:(?:当前|您的?|你的?|此)?(?:微信|客户端)*版本(?:过低)?\W?(?:暂?不支持|无法)(?:展示|显示|查看)[^\n]{0,40}"
    r"|(?:[该此本]?(?:条?消息|内容|类型))*(?:暂?不支持|无法)(?:展示|显示|查看|解析|识别)(?:[该此本]?(?:条?消息|内容|类型))*"
    r"|(?:暂?不支持|未知|未识别)的?(?:消息|内容|类型)*|(?:unsupported|unknown)(?: message| content)?(?: type)?)\W*$"
)
# Each of them contains one of these words.
UNSHOWN_WORDS = r"不支持|无法|未知|未识别|[Uu]nsupported|[Uu]nknown"
# How a format without kinds writes a card: title and app, the app in brackets, an address on its own line, the lines of a note or a group list.
CARD_LOOK = r"^[^\n]+ [-|] [^\n]*$|^\[[^\[\]\n]{3,12}\] \S|\n[a-z]+://\S+$|^#接龙|^\[(?:图片|Photo)\]\w+(?:\n|$)|^[^\n，。？！；,?!;]{1,60}\n[^\n]{1,60}$|#\w+\s*$"
# A link without its title is the address that it leads to.
ADDRESS = r"^https?://[^\s\x{4e00}-\x{9fff}]+$"
# The sort of a card that its placeholder names, where it is no plain link.
CARD_SORT = r"^[\[【<〈{〔\uFF1C\uFF3B](小程序|视频号|音乐|笔记|接龙|小程式)"
# The same as the name of its kind in a column tells it. Tools that leave out other sorts write music.
NAMED_SORT = r"^(?:[(（]分享[)）])?(小程序|视频号|笔记|接龙|小程式)"
# The same by the sub-type of an app message (wechat-databases 7.2).
SORT_OF_APP: dict[int, str] = {24: "笔记", 33: "小程序", 36: "小程序", 51: "视频号", 53: "接龙", 63: "视频号"}
# Owners and managers of a room can recall members' messages.
RECALL_NOTICE = r"(?:撤回了?一[条條則则]|撤回了(?:成员|你的)|(?:收回|回收)了?一[条條則则](?:訊息|讯息|消息)|(?:recalled|unsent) a message|已撤回|^撤回消息|メッセージを取り消しました)"
REFUSED_NOTICE = (
    r"(?:消息已发出，但被对方拒收了|[被遭][对對]方拒[收绝絕]|开启了(?:朋友|好友)验证|開[啟启]了(?:朋友|好友)驗證|[启啟]用了(?:朋友|好友)[验驗][证證]|发送(?:朋友|好友)验证"
    r"|你还不是他（?她?）?的?(?:朋友|好友)|已不是你的(?:好友|朋友)|rejected by the|not (?:his|her|their) friend|not in their friends list"
    r"|[无無]法(?:给对方|給對方)?(?:发送|接收|收发|傳送)(?:消息|訊息)|(?:消息|訊息)(?:[无無]法送[达達]|发送失败|傳送失敗))"
)

# Beginnings of all placeholders: a body that begins otherwise is none.
MARKS = r"^(?:[\[【(（!<\uFF3B]|我发起|当前版本|图片$|语音|視[訊像]|語音|(?:音?视频|通话|通話)|表情$|转账|收款|退还|已[收被接退过]|微信(?:转账|收款|退还|已|红包(?:$| 恭))|[A-Z])"
PLACED = tuple((k, "^" + p) for k, p in PLACEHOLDERS)
# Tools that write brackets in full width use this one.
WIDE_BRACKET = "\uff3b"
# Brackets in which tools write their placeholders.
BRACKETS = "[]【】<>〈〉{}〔〕\uff3b\uff3d\uff1c\uff1e"
# A placeholder in other brackets than tools mostly use. The names of XML are not Chinese.
_ODD_BRACKETS = "<〈{〔\uff1c" + WIDE_BRACKET
_ODD_MARK = r"^(?:\uFF3B([^\uFF3B\uFF3D\n]{1,40})\uFF3D|[<〈{〔\uFF1C]([\u4e00-\u9fff]{2,8})[>〉}〕\uFF1E])"
# A file's name or an address behind a placeholder.
_NAMED_BEHIND = r"\s*(?:https?://\S+|[^\s\])）】]+\.[A-Za-z0-9]{2,5})$"
# Least placeholders that show how a column writes them.
_SEVERAL = 2
# People write so, too, unless the row is known to be no text.
_ROUND_MARK = r"^[(（]([\u4e00-\u9fff]{2,8})[)）]"

# So many and so long texts are asked of Python, in which no pattern goes back and forth over them for long.
_FEW, _SHORT = 100, 60

# A text that is one mark, whatever its brackets and blanks: a name, alone or with a length, a file's name, the state of
# a call or, of money, a sum, and perhaps an id in a link. Any other words after the name were typed.
_OPEN = tuple("[【（(")
_BLANKS, _PARTED = r"[ \t\u3000]*", r"[ \t\u3000]*[，,：:|｜ ][ \t\u3000]*"
_NAME = r"([\u4e00-\u9fffA-Za-z]{2,8}?)(?:消息|訊息)?"
# How people who write a chat down tell what was sent.
_SENT = "(?:[发發][来來送出]了?(?:一[张張段条條个個份])?)?"
_PLAIN = r"[^\[\]【】（）()\n]"
_LENGTH = (
    r"[0-9]{1,3} ?(?:秒|s|″|\")|(?:(?:通话)?时长 ?)?[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?"
    rf"|{_PLAIN}{{1,100}}(?:[（(]{_PLAIN}{{1,40}}[）)]{_PLAIN}{{0,40}})?\.[A-Za-z0-9]{{2,5}}"
)
_WHOLE_MARK = (
    rf"[\[【（(]{_BLANKS}{_SENT}(?:{_NAME}(?:{_PARTED}(?:{_LENGTH}|{UNANSWERED})|[0-9]{{1,3}} ?秒|[0-9]{{1,2}}[:：][0-9]{{2}}(?:[:：][0-9]{{2}})?|{UNANSWERED})?|((?:微信)?(?:转账|轉帳|轉賬|红包|紅包)){_PAYMENT_DETAIL})"
    rf"{_BLANKS}[\]】）)](?:\([A-Za-z]{{1,20}}=[^().,，\s]{{0,100}}\))?"
)


def _name_of_mark(text: pl.Expr) -> pl.Expr:
    """`[name]` where the whole text is one mark, null elsewhere. Whole-column."""

    def found(column: pl.Series) -> pl.Series:
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, column.len())
        # Most columns have no text in brackets, and are spared the pattern, which takes 2 ms to compile.
        likely = column.str.contains(r"^[\[【（(]")
        if not likely.any():
            return nothing
        few = column.filter(likely)
        if _are_short(few):
            return nothing.scatter(likely.arg_true(), [_named_by_mark(t) for t in few])
        name, payment = few.str.extract_groups(f"^{_WHOLE_MARK}$").struct.unnest()
        return nothing.scatter(likely.arg_true(), "[" + filled(name, payment) + "]")

    return text.map_batches(found, return_dtype=pl.String)


def in_brackets(text: pl.Expr) -> pl.Expr:
    """The text with a placeholder in odd brackets in square ones. Whole-column."""
    odd = pl.any_horizontal(text.str.starts_with(b) for b in _ODD_BRACKETS)
    return changed_where(odd, text, lambda t: t.str.replace(_ODD_MARK, "[${1}${2}]"))


def in_square_brackets(text: pl.Expr) -> pl.Expr:
    """The text of a row whose kind is known, with a placeholder in odd or round brackets in square ones."""
    is_round = text.str.starts_with("(") | text.str.starts_with("（")
    return changed_where(is_round, in_brackets(text), lambda t: t.str.replace(_ROUND_MARK, "[${1}]"))


def kind_from_text(text: pl.Expr) -> pl.Expr:
    """The kind that a shown body's placeholder names; null where the text names none. Whole-column.

    Words behind a placeholder in round brackets were typed, unless the column writes all its placeholders so.
    """
    return text.map_batches(_kinds_shown, return_dtype=pl.String)


@kept_for_few
def _kinds_shown(column: pl.Series) -> pl.Series:
    """`kind_from_text` of a whole column, which one reader asks for several times."""
    square = in_brackets(pl.col("text")).map_batches(_round_as_square, return_dtype=pl.String)
    kinds = (first_fit(shown, PLACED, MARKS) for shown in (square, _name_of_mark(pl.col("text"))))
    return column.to_frame("text").select(pl.coalesce(*kinds).alias(column.name)).to_series()


def _round_as_square(column: pl.Series) -> pl.Series:
    """The texts, with placeholders in square brackets where the column writes all of them in round ones."""
    is_round = filled(column.str.contains(r"^[(（]"), value=False)
    if int(is_round.sum()) < _SEVERAL:
        return column
    bare = column.str.replace(_NAMED_BEHIND, "")
    alone = bare.filter(bare.str.contains(f"^{_WHOLE_MARK}$").fill_null(value=False))
    alone = alone.gather(fitting(alone.str.replace(f"^{_WHOLE_MARK}$", "[${1}${2}]"), PLACED, MARKS)[0])
    if alone.len() < _SEVERAL or not all_contain(alone, r"^[(（]"):
        return column
    return column.str.replace(_ROUND_MARK, "[${1}]")


# A quick test that every fitting text passes: a pattern, or a function of the whole column.
Marks = str | Callable[[pl.Series], pl.Series]


def first_fit(text: pl.Expr, patterns: Sequence[tuple[Kind, str]], marks: Marks) -> pl.Expr:
    """The kind of the first pattern that fits each text, null where none does. Whole-column.

    `marks` must fit every text that a pattern fits. Only such texts are examined, since most are plain words.
    """

    def found(column: pl.Series) -> pl.Series:
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, column.len())
        places, kinds = fitting(column, patterns, marks)
        return nothing if places.is_empty() else nothing.scatter(places, kinds)

    return text.map_batches(found, return_dtype=pl.String)


def fitting(texts: pl.Series, patterns: Sequence[tuple[Kind, str]], marks: Marks) -> tuple[pl.Series, pl.Series]:
    """Positions of texts that any pattern fits, and the kind of the first pattern that does."""
    marked = filled(texts.str.contains(marks) if isinstance(marks, str) else marks(texts), value=False)
    # Filtering a column in pieces costs a tenth of gathering from it.
    few = texts.filter(marked)
    if few.is_empty():
        return pl.Series([], dtype=pl.UInt32), few
    kinds = each_once(few, lambda some: _first_fitting_kinds(some, patterns))
    fits = kinds.is_not_null()
    return marked.arg_true().filter(fits), kinds.filter(fits)


def _first_fitting_kinds(texts: pl.Series, patterns: Sequence[tuple[Kind, str]]) -> pl.Series:
    """The kind of the first pattern that fits each text; null for none."""
    if patterns is PLACED and _are_short(texts):
        return pl.Series([_kind_placed(t) for t in texts], dtype=pl.String)
    kinds = pl.Series([None], dtype=pl.String).new_from_index(0, texts.len())
    left, places = texts, pl.int_range(texts.len(), eager=True)
    for kind, pattern in patterns:
        fits = left.str.contains(pattern)
        if fits.any():
            kinds = kinds.scatter(places.filter(fits), str(kind))
            left, places = left.filter(~fits), places.filter(~fits)
            if left.is_empty():
                break
    return kinds


def each_once(values: pl.Series, of: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """The result of `of` for each value, row by row, computed once per distinct value where most recur."""
    distinct = values.unique()
    if 2 * distinct.len() > values.len():
        return of(values)
    results = of(distinct)
    return values.replace_strict(distinct, results, return_dtype=results.dtype)


def fits_where(where: pl.Expr, text: pl.Expr, pattern: str) -> pl.Expr:
    """Whether the pattern is found, in rows where `where` is true; false in all others.

    The others are not searched.
    """

    def found(columns: Sequence[pl.Series]) -> pl.Series:
        picked = filled(columns[0], value=False)
        nowhere = none_of(picked)
        return (
            nowhere.scatter(picked.arg_true(), columns[1].filter(picked).str.contains(pattern))
            if picked.any()
            else nowhere
        )

    return pl.map_batches([where, text], found, return_dtype=pl.Boolean)


def extracted_where(where: pl.Expr, text: pl.Expr, pattern: str) -> pl.Expr:
    """The pattern's first group, in rows where `where` is true; null in all others.

    The others are not searched.
    """

    def found(columns: Sequence[pl.Series]) -> pl.Series:
        places = columns[0].arg_true()
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, columns[0].len())
        few = columns[1].filter(columns[0])
        return nothing if places.is_empty() else nothing.scatter(places, few.str.extract(pattern))

    return pl.map_batches([where, text], found, return_dtype=pl.String)


def changed_where(where: pl.Expr, text: pl.Expr, change: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """The text, changed in rows where `where` is true.

    Each distinct text is changed once where most recur.
    """

    def once(some: pl.Series) -> pl.Series:
        return some.alias("text").to_frame().select(change(pl.col("text"))).to_series()

    def changed(columns: Sequence[pl.Series]) -> pl.Series:
        where_true, column = columns
        if not where_true.any():
            return column
        return column.clone().scatter(where_true.arg_true(), each_once(column.filter(where_true), once))

    return pl.map_batches([where, text], changed, return_dtype=pl.String)


@cache
def _compiled_placeholders() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    """The placeholder patterns, compiled when the first text is asked, which many runs never do."""
    return tuple((kind, re.compile(pattern)) for kind, pattern in PLACEHOLDERS)


def kind_of_placeholder(text: str) -> Kind | None:
    """The kind that one shown body's placeholder names, or None."""
    square = re.sub(_ODD_MARK, r"[\1\2]", text) if text[:1] in _ODD_BRACKETS else text
    return _kind_placed(square) or ((mark := _named_by_mark(text)) and _kind_placed(mark)) or None


def _kind_placed(text: str) -> Kind | None:
    """The kind of the first placeholder that the text begins with."""
    if re.match(MARKS, text) is None:
        return None
    return next((kind for kind, pattern in _compiled_placeholders() if pattern.match(text)), None)


def _named_by_mark(text: str) -> str | None:
    """`[name]` where the whole text is one mark."""
    mark = re.fullmatch(_WHOLE_MARK, text) if text[:1] in _OPEN else None
    return mark and f"[{mark[1] or mark[2]}]"


def _are_short(texts: pl.Series) -> bool:
    """Whether texts are so few and short that Python, which keeps its patterns, is faster."""
    return texts.len() <= _FEW and all(len(t) <= _SHORT and t[-1:] != "\n" for t in texts)
