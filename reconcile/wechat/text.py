"""Canonical text: what two copies of one message share, whatever client or exporter wrote them.

Each step removes one harmless difference of form, named in `vocabulary.Form`. Raw text is never replaced; canonical
text is kept beside it. Emoji names follow the client's list: a glyph and its name become one token, two different
emoji never do.
"""

import base64
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from importlib.resources import files

import polars as pl

from reconcile.patterns import lazy_pattern
from reconcile.wechat.chinese_script import SETTLED, simplified
from reconcile.wechat.escapes import unescape, without_letter_spacing

# Zero-width, joiner, direction and soft-hyphen characters, variation selectors and tags, none of which changes a
# word.
INVISIBLE = r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
# Terminal colours with or without their escape byte, and the colour codes of chat networks.
CONTROL_CODES = (
    r"(?:\x1b|\x9b|␛)?\[[0-9;]{1,12}m|\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]"
)
# More than two empty lines are two: a run of thousands would keep patterns busy for minutes.
EMPTY_LINES = r"\n{4,}"
SPACES = r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+"

# Client name -> glyphs that exporters and phones show for it.
EMOJI_GLYPHS: dict[str, str] = {
    "微笑": "🙂☺😊", "撇嘴": "😣😖", "色": "😍", "发呆": "😳", "得意": "😎", "流泪": "😭", "害羞": "😊☺", "闭嘴": "🤐", "睡": "😴", "大哭": "😭",
    "尴尬": "😅😰", "发怒": "😡", "调皮": "😜😝", "呲牙": "😁😬", "惊讶": "😮😲", "难过": "🙁☹😞", "酷": "😎", "冷汗": "😓", "抓狂": "😫", "吐": "🤮",
    "偷笑": "🤭", "愉快": "☺😊", "白眼": "🙄", "傲慢": "😏", "饥饿": "🤤", "困": "😪", "惊恐": "😱", "流汗": "😓", "憨笑": "😄", "悠闲": "😌",
    "奋斗": "💪", "咒骂": "🤬", "疑问": "🤔❓", "嘘": "🤫", "晕": "😵", "疯了": "😤", "衰": "😥", "骷髅": "💀☠", "敲打": "🔨", "再见": "👋",
    "擦汗": "😓", "抠鼻": "👃", "鼓掌": "👏", "坏笑": "😏", "左哼哼": "😤", "右哼哼": "😤", "哈欠": "🥱", "鄙视": "👎", "委屈": "🥺", "快哭了": "😢",
    "阴险": "😈", "亲亲": "😘😚", "吓": "😨", "可怜": "🥺", "菜刀": "🔪", "西瓜": "🍉", "啤酒": "🍺", "咖啡": "☕", "猪头": "🐷", "玫瑰": "🌹",
    "凋谢": "🥀", "嘴唇": "👄💋", "爱心": "❤♥", "心碎": "💔", "蛋糕": "🎂🍰", "炸弹": "💣", "便便": "💩", "月亮": "🌙", "太阳": "☀🌞", "礼物": "🎁",
    "拥抱": "🤗", "强": "👍", "弱": "👎", "握手": "🤝", "胜利": "✌", "抱拳": "🙏", "勾引": "🫵", "拳头": "✊👊", "OK": "👌", "爱你": "🤟",
    "NO": "🙅", "合十": "🙏", "嘿哈": "😆", "捂脸": "🤦", "奸笑": "😏", "机智": "🤓", "皱眉": "😟", "耶": "✌", "吃瓜": "🍉", "加油": "💪",
    "汗": "😓", "天啊": "😱", "社会社会": "😎", "旺柴": "🐶", "好的": "👌", "打脸": "🤕", "哇": "🤩", "红包": "🧧", "發": "🀅", "福": "🧧",
    "烟花": "🎆", "爆竹": "🧨", "破涕为笑": "😂", "笑脸": "😄", "生病": "😷", "脸红": "😳", "恐惧": "😱", "失望": "😔", "无语": "😒", "叹气": "😮‍💨",
    "苦涩": "🥲", "裂开": "🫠", "让我看看": "👀", "翻白眼": "🙄", "666": "🤙", "庆祝": "🎉", "鬼魂": "👻", "吐舌": "😝", "合十礼": "🙏",
}  # fmt: skip
# Client name -> names in English clients and signs of old clients.
_OTHER_NAMES: dict[str, str] = {
    "微笑": "Smile /::)", "撇嘴": "Grimace /::~", "色": "Drool /::B", "发呆": "Scowl /::|", "得意": "CoolGuy /:8-)", "流泪": "Sob /::<",
    "害羞": "Shy /::$", "闭嘴": "Silent /::X", "睡": "Sleep /::Z", "大哭": "Cry /::'(", "尴尬": "Awkward /::-|", "发怒": "Angry /::@",
    "调皮": "Tongue /::P", "呲牙": "Grin /::D", "惊讶": "Surprise /::O", "难过": "Frown /::(", "酷": "Ruthless /::+", "冷汗": "Blush /:--b",
    "抓狂": "Scream /::Q", "吐": "Puke /::T", "偷笑": "Chuckle /:,@P", "愉快": "Joyful /:,@-D", "白眼": "Slight /::d", "傲慢": "Smug /:,@o",
    "饥饿": "Hungry /::g", "困": "Drowsy /:|-)", "惊恐": "Panic /::!", "流汗": "Sweat /::L", "憨笑": "Laugh /::>", "悠闲": "Commando /::,@",
    "奋斗": "Determined /:,@f", "咒骂": "Scold /::-S", "疑问": "Shocked /:?", "嘘": "Shhh /:,@x", "晕": "Dizzy /:,@@", "疯了": "Tormented /::8",
    "衰": "Toasted /:,@!", "骷髅": "Skull /:!!!", "敲打": "Hammer /:xx", "再见": "Bye Wave /:bye", "擦汗": "Speechless /:wipe",
    "抠鼻": "NosePick /:dig", "鼓掌": "Clap /:handclap", "糗大了": "Shame /:&-(", "坏笑": "Trick /:B-)", "左哼哼": "Bah！L /:<@",
    "右哼哼": "Bah！R /:@>", "哈欠": "Yawn /::-O", "鄙视": "Pooh-pooh /:>-|", "委屈": "Shrunken /:P-(", "快哭了": "TearingUp /::'|",
    "阴险": "Sly /:X-)", "亲亲": "Kiss /::*", "吓": "Wrath /:@x", "可怜": "Whimper /:8*", "菜刀": "Cleaver /:pd", "西瓜": "Watermelon /:<W>",
    "啤酒": "Beer /:beer", "篮球": "Basketball /:basketb", "乒乓": "PingPong /:oo", "咖啡": "Coffee /:coffee", "饭": "Rice /:eat",
    "猪头": "Pig /:pig", "玫瑰": "Rose /:rose", "凋谢": "Wilt /:fade", "嘴唇": "Lips /:showlove", "爱心": "Heart /:heart",
    "心碎": "BrokenHeart /:break", "蛋糕": "Cake /:cake", "闪电": "Lightning /:li", "炸弹": "Bomb /:bome", "刀": "Dagger /:kn",
    "足球": "Soccer /:footb", "瓢虫": "Ladybug /:ladybug", "便便": "Poop /:shit", "月亮": "Moon /:moon", "太阳": "Sun /:sun",
    "礼物": "Gift /:gift", "拥抱": "Hug /:hug", "强": "ThumbsUp /:strong", "弱": "ThumbsDown /:weak", "握手": "Shake /:share",
    "胜利": "Peace /:v", "抱拳": "Fight Salute /:@)", "勾引": "Beckon /:jj", "拳头": "Fist /:@@", "差劲": "Pinky /:bad", "爱你": "RockOn /:lvu",
    "NO": "Nuh-uh /:no", "OK": "/:ok", "爱情": "InLove /:love", "飞吻": "Blowkiss /:<L>", "跳跳": "Waddle /:jump", "发抖": "Tremble /:shake",
    "怄火": "Aaagh! /:<O>", "转圈": "Twirl /:circle", "磕头": "Kotow /:kotow", "回头": "Dramatic /:turn", "跳绳": "JumpRope /:skip",
    "投降": "Surrender /:oY", "激动": "Hooray /:#-0", "献吻": "Smooch /:kiss", "左太极": "/:<&", "右太极": "/:&>", "嘿哈": "Hey",
    "捂脸": "Facepalm", "奸笑": "Smirk", "机智": "Smart", "皱眉": "Moue Concerned", "耶": "Yeah!", "茶": "Tea", "红包": "Packet", "蜡烛": "Candle",
    "福": "Blessing", "吃瓜": "Onlooker", "加油": "GoForIt", "汗": "Sweats", "天啊": "OMG", "社会社会": "Respect", "旺柴": "Doge", "好的": "NoProb",
    "打脸": "MyBad", "加油加油": "KeepFighting", "哇": "Wow", "翻白眼": "Boring", "666": "Awesome", "让我看看": "LetMeSee", "叹气": "Sigh",
    "苦涩": "Hurt", "裂开": "Broken", "合十": "Worship", "發": "Rich", "烟花": "Fireworks", "爆竹": "Firecracker", "破涕为笑": "Lol", "笑脸": "Happy",
    "生病": "Sick", "脸红": "Flushed", "恐惧": "Terror", "无语": "Duh", "鬼魂": "Ghost", "庆祝": "Party",
}  # fmt: skip
_ENGLISH = {n: zh for zh, names in _OTHER_NAMES.items() for n in names.split() if not n.startswith("/:")}
_SIGNS = {n: zh for zh, names in _OTHER_NAMES.items() for n in names.split() if n.startswith("/:")}
_SIGN = lazy_pattern("|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True)))
# The canonical form narrows the wide exclamation mark in two names.
_ENGLISH |= {n.replace("！", "!"): zh for n, zh in _ENGLISH.items()}
_NAME_IN_TEXT = lazy_pattern(r"\[([A-Za-z0-9!-]{2,13}|[A-Za-z0-9\u4e00-\u9fff]{1,8})\]")
_SKIN = lazy_pattern("[\U0001f3fb-\U0001f3ff\u200d\u2640\u2642\ufe0e\ufe0f]")


@cache
def _of_private_use() -> dict[int, str]:
    """The emoji that older iPhones stored at places for private use, by that place.

    Each line of `softbank_emoji.txt` holds the first place and the emoji from there on (emoji-data, `softbank`).
    """
    lines = (files(__package__) / "softbank_emoji.txt").read_text(encoding="utf-8").splitlines()
    return {int(first, 16) + at: sign for first, *signs in map(str.split, lines) for at, sign in enumerate(signs)}


_IS_PRIVATE = lazy_pattern("[\ue001-\ue537]")


def _glyph_table() -> dict[str, str]:
    """Glyph -> the first client name that it stands for."""
    owners: dict[str, list[str]] = {}
    for name, glyphs in EMOJI_GLYPHS.items():
        for glyph in glyphs:
            owners.setdefault(glyph, []).append(name)
    return {glyph: names[0] for glyph, names in owners.items()}


_GLYPH_NAMES = _glyph_table()
_GLYPH = lazy_pattern("|".join(sorted(map(re.escape, _GLYPH_NAMES), key=len, reverse=True)))
# Names that share a glyph cannot be told apart once the glyph is shown, so they share one token.
_NAME_TOKENS = {
    name: _GLYPH_NAMES[next(g for g in glyphs if g in _GLYPH_NAMES)] for name, glyphs in EMOJI_GLYPHS.items()
}
_NAME_TOKENS |= {name: name for name in _OTHER_NAMES if name not in _NAME_TOKENS}
_BY_LENGTH = sorted(_NAME_TOKENS, key=len, reverse=True)
# Older clients and QQ write `/微笑`. A short name may be a word behind a stroke, unless nothing follows, and any name a part
# of an address.
_SLASH_NAME = lazy_pattern(
    r"https?://\S+|(?<![/:.])/(?:("
    + "|".join(n for n in _BY_LENGTH if re.fullmatch(r"[\u4e00-\u9fff]{2,}", n))
    + rf")|(?<![A-Za-z0-9]/)((?:{'|'.join(_BY_LENGTH)})(?=\s*(?:/(?:{'|'.join(_BY_LENGTH)})\s*)*\Z)))"
)


def canonical_text(text: pl.Expr) -> pl.Expr:
    """Canonical form of a whole column; equal canonical texts are the same words. Null stays null.

    Steps: control codes, HTML entities, blanks between all letters, Unicode NFKC (width, composed forms), invisible
    characters, line ends, runs of blanks, emoji names and glyphs. Letter case stays, because no client changes it.
    """
    return text.map_batches(_canonical_series, return_dtype=pl.String)


# Letters, digits, ideographs and two marks of a single width: no step changes such a text.
_PLAIN = rf"^[0-9A-Za-z{SETTLED}。、]*$"
IS_PLAIN = lazy_pattern(rf"[0-9A-Za-z{SETTLED}。、]*").fullmatch


# So many texts are sooner put into canonical form one by one than a pattern is compiled.
_FEW_TEXTS = 256


def other_than_plain(texts: pl.Series) -> pl.Series:
    """The places of the texts that are not plain."""
    if texts.len() <= _FEW_TEXTS:
        return pl.Series([n for n, t in enumerate(texts) if t is not None and not IS_PLAIN(t)], dtype=pl.UInt32)
    return (~texts.str.contains(_PLAIN)).arg_true()


def _canonical_series(series: pl.Series) -> pl.Series:
    """The canonical form of a column; plain texts are not examined further."""
    texts = series.cast(pl.String)
    if texts.len() <= _FEW_TEXTS:
        plain = (t if t is None or IS_PLAIN(t) else canonical(t) for t in texts.to_list())
        return pl.Series(texts.name, plain, dtype=pl.String)
    rest = other_than_plain(texts)
    if rest.is_empty():
        return texts
    asked = texts[rest]
    table = {value: canonical(value) for value in asked.unique().to_list()}
    return texts.clone().scatter(rest, asked.replace_strict(table, return_dtype=pl.String))


def own_mark(cell: pl.Expr) -> pl.Expr:
    """True for a cell of 1 (the owner's row), false for 0, null for anything else."""
    return pl.when(cell.is_in(["0", "1"])).then(cell == "1")


@lru_cache(maxsize=65_536)
def canonical(text: str) -> str:
    """Canonical form of one text; the steps are those of `canonical_text`."""
    text = re.sub(CONTROL_CODES, "", text)
    text = without_letter_spacing(re.sub(ACCOUNT_HEAD, "", unescape(text)))
    text = width_normalised(text)
    text = re.sub(INVISIBLE, "", text)
    text = simplified(emoji_tokens(text))
    text = re.sub(r"\r\n?|\u2028|\u2029|\x0b|\x0c|\x85", "\n", text)
    text = re.sub(SPACES, " ", text)
    text = re.sub(EMPTY_LINES, "\n\n\n", re.sub(r" ?\n ?", "\n", text)).strip()
    return re.sub(TEXT_MARK, "", text)


# Signs whose shape carries meaning, which no tool writes as plain digits or letters: 10² is not 102, ① is not 1.
_SHAPED = lazy_pattern(
    "([\u00b2\u00b3\u00b9\u00bc-\u00be\u2026\u2070-\u209c\u2150-\u218b\u2460-\u24ff\u3220-\u3229\u3248-\u325f\u3280-\u3289\u32b1-\u32bf])"
)


def width_normalised(text: str) -> str:
    """The text in Unicode NFKC, in which width does not count, with signs of a meaningful shape kept."""
    if _SHAPED.search(text) is None:
        return unicodedata.normalize("NFKC", text)
    return "".join(p if i % 2 else unicodedata.normalize("NFKC", p) for i, p in enumerate(_SHAPED.split(text)))


# Some clients' stores put the sender before others' messages in a group: account, colon, line end.
ACCOUNT_HEAD = r"\A(?:wxid_[0-9A-Za-z_]{5,30}|[0-9]{5,20}@chatroom):\s*\n"
# The mark that tells a spreadsheet program to treat a cell as text.
TEXT_MARK = r"\A'(?=[=+\-@0-9])"


def emoji_tokens(text: str) -> str:
    """The text with each known emoji, named `[微笑]` or shown as a glyph, as one token."""
    if "/:" in text:
        text = _SIGN.sub(lambda m: f"[{_SIGNS[m.group()]}]", text)
    if "/" in text:
        text = _SLASH_NAME.sub(lambda m: f"[{m[1] or m[2]}]" if m[1] or m[2] else m.group(), text)
    if "[" in text:
        text = _NAME_IN_TEXT.sub(_name_token, text)
    if not text.isascii():
        text = _SKIN.sub("", text.translate(_of_private_use()) if _IS_PRIVATE.search(text) else text)
        text = _GLYPH.sub(lambda m: f"⟦{_GLYPH_NAMES[m.group()]}⟧", text)
    return text


def _name_token(match: re.Match[str]) -> str:
    """The token of an emoji name in brackets; other words stay."""
    name = _ENGLISH.get(match.group(1), simplified(match.group(1)))
    return f"⟦{_NAME_TOKENS[name]}⟧" if name in _NAME_TOKENS else match.group()


PREFIX = lazy_pattern(r"^\s*[A-Za-z0-9_-]+:\s?")
_DIGITS = {"零": 0, "〇": 0, "一": 1, "壹": 1, "二": 2, "贰": 2, "两": 2, "三": 3, "叁": 3, "四": 4, "肆": 4, "五": 5, "伍": 5, "六": 6, "陆": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000, "K": 1000}
_BIG = {"万": 10_000, "萬": 10_000, "w": 10_000, "W": 10_000, "亿": 100_000_000}
# 八千一个月 names eight thousand, and one month.
_NUMBER = lazy_pattern(
    r"(?:(?<![\d.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?:[千百kKwW万萬亿]{0,2}(?![A-Za-z]))?|[零〇一壹二贰两三叁四肆五伍六陆七柒八捌九玖十拾百佰千仟万萬亿]+(?<![\d百佰千仟万萬亿][一两](?=个))"
)


def numbers_in(text: str) -> list[Decimal]:
    """The numbers of a text in order, as values: 3万, 30000, 30,000 and 三万 are all Decimal(30000)."""
    tokens = (m.group().strip() for m in _NUMBER.finditer(width_normalised(text)))
    return [value for token in tokens if (value := number_value(token)) is not None]


_MONEY_BEFORE = lazy_pattern(r"(?:[¥$]|RMB|人民币)\s*$", re.IGNORECASE)
_MONEY_BEHIND = lazy_pattern(r"\s*(?:元(?![旦月素])|圆|块钱|RMB|yuan)", re.IGNORECASE)
# 块 before more words may count pieces, and 一块 means together.
_PIECES_OF_MONEY = lazy_pattern(r"\s*块(?!\w)")
_ENDS_HERE = lazy_pattern(r"(?!\w)")


def sums_in(text: str) -> list[Decimal]:
    """The sums of money that a text names, in order: numbers with a word for yuan, or with 万 or 亿."""
    plain, found = width_normalised(text), []
    for match in _NUMBER.finditer(plain):
        token = match.group().strip()
        is_money = (
            _MONEY_BEFORE.search(plain, max(0, match.start() - 5), match.start())
            or _MONEY_BEHIND.match(plain, match.end())
            or (token[0].isdigit() and _PIECES_OF_MONEY.match(plain, match.end()))
            or (token[-1] in "万萬亿" and len(token) > 1 and _ENDS_HERE.match(plain, match.end()))
        )
        if is_money and (value := number_value(token)) is not None:
            found.append(value)
    return found


def number_value(token: str) -> Decimal | None:
    """The value of one number as written, or None when it is none."""
    plain = token.replace(",", "").replace(" ", "")
    scale = 1
    while plain and plain[-1] in {**_BIG, **_UNITS} and plain[0].isdigit():
        scale *= _BIG.get(plain[-1]) or _UNITS[plain[-1]]
        plain = plain[:-1]
    try:
        return (Decimal(plain) * scale).normalize() if plain[:1].isdigit() else _chinese_value(plain)
    except InvalidOperation:
        return None


def _chinese_value(token: str) -> Decimal | None:
    """The value of a Chinese numeral; None for a range or anything else."""
    if all(c in _DIGITS for c in token):
        # Two digits in a row name a range (三五天) or two things (一二月).
        if len(token) == 2 and all(map(_DIGITS.get, token)):
            return None
        return Decimal("".join(str(_DIGITS[c]) for c in token)).normalize()
    total = section = digit = 0
    # What a digit at the end counts: 一万五 is 15,000 and 一万零五 is 10,005.
    unit, before = 1, ""
    for character in token:
        if character in _DIGITS:
            if before and before in _DIGITS and _DIGITS[before]:
                return None
            digit = _DIGITS[character]
            unit = unit if digit else 1
        elif character in _UNITS:
            section += (digit or 1) * _UNITS[character]
            digit, unit = 0, max(_UNITS[character] // 10, 1)
        elif character in _BIG:
            total += (section + digit or 1) * _BIG[character]
            section, digit, unit = 0, 0, _BIG[character] // 10
        else:
            return None
        before = character
    return Decimal(total + section + digit * unit).normalize()


def without_number_spelling(text: str) -> str:
    """The canonical text with every number written as its plain value and the sign of yuan dropped."""

    def plain(match: re.Match[str]) -> str:
        """The number as its plain value; codes and dates stay."""
        token = match.group()
        # A code keeps its zeros, and so does what may be a date or a clause. 两 alone counts things: 两月 is not 二月.
        is_code = re.match(r"0\d|\d+\.(?!0+(?!\d))\d*0(?!\d)|两\Z", token)
        value = None if is_code else number_value(token.strip())
        return token if value is None else f"{value:f}{token[len(token.rstrip()) :]}"

    out = _NUMBER.sub(plain, text)
    # 块 before more words may count pieces.
    return re.sub(r"[¥￥]\s?|(?<=\d)\s*(?:元(?![旦月素])|块钱|(?:块|RMB|rmb)(?=\W|$))", "", out)


def without_blanks(text: str) -> str:
    """The text without line breaks and blanks, except blanks between Latin words or digits."""
    return re.sub(r"(?<![0-9A-Za-z]) | (?![0-9A-Za-z])", "", re.sub(r"\s+", " ", text))


# WeFlow and related tools take a long text of only these characters for packed bytes.
_PACKED = lazy_pattern(r"(?:[0-9A-Fa-f]{2}){9,500}|(?:[A-Za-z0-9+/=]{4}){5,500}")


def unpacked(text: str) -> tuple[str, ...]:
    """What WeFlow, EchoTrace and CipherTalk may show of a text that could be hex or Base64.

    They read its bytes as text where it has 17 characters or more. Empty for other texts, and for digits alone, which
    they leave unchanged (electron/services/export/parsers/contentDecoder.ts).
    """
    if text.isdigit() or not _PACKED.fullmatch(text):
        return ()
    try:
        is_hex = len(text) % 2 == 0 and re.fullmatch(r"[0-9A-Fa-f]+", text)
        held = bytes.fromhex(text) if is_hex else base64.b64decode(text)
    except ValueError:
        return ()
    return held.decode("utf-8", "replace").replace("\ufffd", ""), held.decode("latin-1")


def whole_number(text: str) -> int | None:
    """The number of up to 18 ASCII digits; None otherwise.

    `int` fails for ² and beyond 4,300 digits.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
