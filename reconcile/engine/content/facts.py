"""The facts that a file, payment, link or place states, without what tools write around them.

A file is its name, a payment its sum, a place its coordinates and its address. Marks, labels, brackets and what a phone
says about its own copy (expired, kept as an attachment) carry nothing.
"""

import re
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import CALL, FILE, LINK, PAYMENT, PLACE
from reconcile.wechat.kinds import BARE_MARK, KIND_NAME, TRANSCRIBED, UNSHOWN, WIDE_BRACKET, kind_of_placeholder
from reconcile.wechat.payment_words import DONE
from reconcile.wechat.text import canonical, canonical_text
from reconcile.wechat.whatsapp_languages import in_all_languages

NAMES_OF_KINDS = KIND_NAME.removeprefix("^").removesuffix("$")
# What tools write around the words of a body. Python and polars read these patterns alike.
LABEL = rf"(?:备注|转账(?:说明|备注|时间)|说明|{TRANSCRIBED}|标题|描述|位置|名称|地址|坐标|纬度|经度|昵称|标签|其他信息|(?:通话)?时长|大小|金额|状态|memo|title|size|{in_all_languages('place')})\s*[:=]"
# The client's description of any transfer, on both cards of one payment; old clients show it in their place.
DESCRIBED = r"收到转账\W{0,2}[\d,.]*\s?元?\W{0,2}(?:如需收钱\W?请点此升级至最新版本)?"
# How a tool writes a place by its address, its city and its coordinates, without its name.
_ADDRESS_AND_CITY = r"\|[^|\n]{0,16}\|-?\d{1,3}\.\d+\|-?\d{1,3}\.\d+\]"
AROUND = (
    DESCRIBED, r"其他信息\s*:\s*\{[^{}]*\}", _ADDRESS_AND_CITY, r"https?://\S+", r"<[^<>\n]*>", r"\([^()\n/\\]*[/\\][^()\n]*\)", r"[¥￥$]\s?[\d,]+(?:\.\d+)?(?:\s?元)?|\d[\d,]{0,20}(?:\.\d+)?\s?元",
    r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?)?", r"-?\b\d{1,3}\.\d+", r"\b\d+(?:\.\d+)?\s?(?:秒|″|\u2032\u2032|\"|s\b)", r"(?i)" + LABEL,
)  # fmt: skip
# What a phone or a tool says about its copy, in brackets behind a record.
_OF_COPY = lazy_pattern(
    r"\s*\([^()\n]{0,8}(?:过期|失效|清理|未下载|附件|查看|打开|expired|attached|attachment)[^()\n]{0,12}\)\Z"
)
_FIELD = lazy_pattern(r"(?i)" + LABEL)
_HEADED = lazy_pattern(rf"\A(?:{NAMES_OF_KINDS})\b")
# A whole mark in brackets, the beginning of a longer one, or the name of a kind and a colon.
_WRAPPING = lazy_pattern(
    rf"\A(?:\[[^\[\]|:\n]{{1,10}}\]|【[^【】|:\n]{{1,10}}】|\((?:{NAMES_OF_KINDS})(?:消息|分享)?\)|[\[【(<]?\s*(?:{NAMES_OF_KINDS}|FILE|[Ff]ile)(?:消息|分享)?\s*[:|,(])[:\s]*"
)
_AMOUNT = lazy_pattern(
    r"(?:[¥￥$]\s*|RMB\s*)(\d[\d,]*(?:\.\d+)?)\s?(万)?|(\d[\d,]{0,20}(?:\.\d+)?)\s*(万)?\s?(?:元|yuan)"
)
# A sum with two decimals directly after the kind, without a currency sign.
_BARE_SUM = lazy_pattern(r"\A\W*(?:微信)?(?:转账|收款|已收款|确认收款)\W*(\d[\d,]*\.\d{2})(?!\d)")
# A file's size, its place on a disk or on the web, and its digest stand behind its name.
_BEHIND_NAME = lazy_pattern(r"\s*\(?\b\d+(?:\.\d+)?\s?[KMG]?B\b|\s+size=\d|\]\(|\s[0-9a-fA-F]{32}\b|\n")
# The ending of a file name has a letter; `v1.2` has no ending.
_ENDING = lazy_pattern(r"\.(?=[0-9]{0,5}[A-Za-z])[A-Za-z0-9]{1,6}(?=\Z|[\s\])】(|])")
_COORDINATES = lazy_pattern(r"(?<![\d.])(-?\d{1,3}\.\d+)[^\d.\-\n]{1,12}(-?\d{1,3}\.\d+)(?![\d.])")


@dataclass(frozen=True, slots=True)
class Facts:
    """What one record states; empty or None = not stated.

    Attributes:
        name: its file's name.
        amount: its sum, in yuan.
        coordinates: its latitude and longitude as written, in the order of the text.
        title: the title of its link.
        words: its other words, such as an address or a memo.
        is_wrapped: whether it begins as tools begin a record, and not as people begin a sentence, or is of named fields.
    """

    name: str
    amount: Decimal | None
    coordinates: tuple[str, ...]
    title: str
    words: frozenset[str]
    is_wrapped: bool


@lru_cache(maxsize=65_536)
def facts_in(text: str, cls: int) -> Facts:
    """The facts of a text, read as a record of the class."""
    whole = canonical(text)
    bare = _WRAPPING.sub("", _OF_COPY.sub("", whole))
    found = _COORDINATES.search(bare) if cls == PLACE else None
    return Facts(
        name_in(text) if cls == FILE else "",
        amount_of({"cls": cls, "amount": None, "text": text}),
        tuple(found.groups()) if found else (),
        canonical(link_title(text)) if cls == LINK and re.search(r"\w", bare) else "",
        frozenset(_words_in(bare, cls)),
        _WRAPPING.match(whole) is not None or is_of_fields(whole),
    )


def is_of_fields(words: str) -> bool:
    """Whether canonical words name several fields, as tools write a record and people no sentence."""
    return len(_FIELD.findall(words)) > 1


def _words_in(bare: str, cls: int) -> list[str]:
    """The words of a place or payment, and those behind a file's name."""
    if cls == FILE:
        said = _BEHIND_NAME.split(bare)[0]
        return re.findall(r"\w+", said.replace(_named(said), "", 1))
    if cls not in (PAYMENT, PLACE):
        return []
    words = re.sub(DONE, " ", _HEADED.sub("", bare)) if cls == PAYMENT else bare
    for pattern in AROUND:
        words = re.sub(pattern, " ", words)
    return re.findall(r"\w+", words)


def are_one_record(left: str, right: str, cls: int) -> bool | None:
    """Whether two texts state the same facts of a record; None where they have none in common.

    A fact that identifies the record must be stated by both: a file's name, a sum, a title, coordinates or an address.
    What only one of them states does not count.
    """
    a, b = facts_in(left, cls), facts_in(right, cls)
    told = [
        safe_name(a.name) == safe_name(b.name) if a.name and b.name else None,
        a.amount == b.amount if None not in (a.amount, b.amount) else None,
        are_one_place(a.coordinates, b.coordinates),
        _are_one_title(a.title, b.title) if a.title and b.title else None,
        say_the_same(a.words, b.words) if a.words and b.words else None,
    ]
    if False in told:
        return False
    # A memo does not identify a payment.
    return True if True in (told if cls == PLACE else told[:-1]) else None


def stands_for_record(words: str, shown: str, cls: int) -> bool | None:
    """Whether words are how a tool or a person writes the record; None where nothing tells.

    They must look like it and state a fact of it, or say nothing but its facts. A tool adds no words to a file, nor
    another memo to that of a payment.
    """
    said, stated = facts_in(words, cls), facts_in(shown, cls)
    if not said.is_wrapped:
        return True if _says_nothing_else(words, shown, cls) else None
    adds = (cls == FILE or (cls == PAYMENT and bool(stated.words))) and not said.words <= stated.words
    same = are_one_record(words, shown, cls)
    return same and not adds


# What people write around the facts of a record: its kind, what was done with it, how many, and where to find it.
_BESIDE = r"(?:时长|发送|发来|发出|发了|分享|转发|上传|推荐|收到|定位|地址|截图|整|给|对方|见?附件[0-9]*|[0-9一]?[张条个份段笔]|[0-9.]{1,20} ?[KMG]?B|size=[0-9]+)"
_TOLD = lazy_pattern(rf"(?i){_BESIDE}|{LABEL}|{NAMES_OF_KINDS}|{DONE}|微信|[你您我]|RMB|元|[\W_]")
# A duration as `01:05`, 1分5秒 or `65 s`, and the seconds in each of its groups. Python and polars read it alike.
LENGTH_SHOWN = r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})|(?:(\d{1,3}) ?分钟?)?(\d{1,4}) ?(?:秒|s|″|\")"
LENGTH_UNITS = (3600, 60, 1, 60, 1)
LENGTH = lazy_pattern(LENGTH_SHOWN)
_NAMED_RECORD = lazy_pattern(rf"{NAMES_OF_KINDS}|定位|地址|{DONE}")
_NUMBERS = lazy_pattern(r"\d[\d,]*(?:\.\d+)?(?:\s?万)?")


def _says_nothing_else(words: str, shown: str, cls: int) -> bool:
    """Whether words identify a record and say nothing beside its facts, its kind and what was done."""
    rest, stated = canonical(words), facts_in(shown, cls)
    facts = [name_in(shown)] if cls == FILE else sorted(stated.words, key=len, reverse=True) if cls == PLACE else []
    if cls == PAYMENT and (number := _NUMBERS.search(rest)) is not None:
        is_sum = amount_of({"cls": cls, "amount": None, "text": f"￥{number[0]}"}) == stated.amount
        facts = [number[0]] if is_sum else []
    if cls == CALL and (length := LENGTH.search(rest)) is not None:
        facts = [length[0]] if seconds_of(length) == seconds_of(LENGTH.search(canonical(shown))) else []
    told = [f for f in facts if f and f in rest]
    for fact in [*told, *stated.words]:
        rest = rest.replace(fact, " ")
    # A bare sum or a bare place may be an ordinary message.
    is_named = cls == FILE or _NAMED_RECORD.search(rest) is not None
    return bool(told) and is_named and _TOLD.sub("", rest) == ""


def seconds_of(length: re.Match[str] | None) -> int | None:
    """The duration in seconds that a match of LENGTH states; None without a match."""
    if length is None:
        return None
    return sum(unit * int(n or 0) for unit, n in zip(LENGTH_UNITS, length.groups(), strict=True))


def _are_one_title(left: str, right: str) -> bool:
    return left == right or stands_in(left, right) or stands_in(right, left)


def say_the_same(left: Set[str], right: Set[str]) -> bool:
    """Whether one side says all the words of the other.

    The beginning of an address, such as its city, is one of its words.
    """
    return any(all(any(_begins(w, word) for w in more) for word in few) for few, more in ((left, right), (right, left)))


def _begins(word: str, start: str) -> bool:
    """Whether a word begins so, and not in the middle of a number."""
    rest = word[len(start) :]
    return word.startswith(start) and not (start[-1:].isdigit() and rest[:1].isdigit())


# What an address has and the name of a place has not: 市 is also a market's, 区 a part of a site, 号 a shop's or a gate's.
_OF_ADDRESS = lazy_pattern(r"市(?!场)|[省县镇乡村路街道巷弄栋室]|(?<![A-Za-z\d小园社库])区|号(?![店门])")
# A house in a street.
_HOUSE = lazy_pattern(r"[路街道巷弄]\s?\d{1,5}号(?![店门])")
_BY_ADDRESS = lazy_pattern(_ADDRESS_AND_CITY)


def is_named_place(left: str, right: str) -> bool:
    """Whether one text looks like the address of a place and the other like its name."""
    name, address = sorted((left, right), key=_address_parts)
    is_address = _address_parts(address) >= PARAMS.address_parts or _HOUSE.search(address) is not None
    return _address_parts(name) == 0 and is_address


def name_for_address(left: str, right: str) -> bool:
    """Whether one text is a place by its address in a tool's form, and the other the name of a place."""
    by_address = [_BY_ADDRESS.search(canonical(t)) is not None for t in (left, right)]
    other = left if by_address[1] else right
    return by_address[0] != by_address[1] and bool(facts_in(other, PLACE).words) and _address_parts(other) == 0


def _address_parts(text: str) -> int:
    """How many unlike words for streets, towns and numbers a text has."""
    return len(set(_OF_ADDRESS.findall(text)))


def are_one_place(left: tuple[str, ...], right: tuple[str, ...]) -> bool | None:
    """Whether coordinates agree to as many places as both show; None where a side has none.

    Tools write latitude and longitude in either order.
    """
    if not (left and right):
        return None
    return any(all(map(_agree_as_far_as_shown, left, other)) for other in (right, right[::-1]))


def _agree_as_far_as_shown(left: str, right: str) -> bool:
    places = min(len(v.partition(".")[2]) for v in (left, right))
    return abs(Decimal(left) - Decimal(right)) < Decimal(1).scaleb(-places)


def name_of(row: Mapping[str, Any]) -> str:
    """The canonical name of a row's file, from its column or its text; '' = not stated."""
    return _OF_COPY.sub("", canonical(row["file_name"])) if row["file_name"] else name_in(row["text"])


def names_of(texts: pl.Series, stated: pl.Series) -> pl.Series:
    """`name_of` for whole columns; null where neither the stated name nor the text has one."""
    bare = texts.filter(stated.is_null()).unique().drop_nulls()
    shown = texts.replace_strict(bare, [name_in(t) or None for t in bare], default=None, return_dtype=pl.String)
    given = canonical_text(pl.col("n")).str.replace(_OF_COPY.pattern.replace(r"\Z", r"\z"), "")
    return stated.alias("n").to_frame().select(pl.coalesce(given, pl.lit(shown))).to_series()


@lru_cache(maxsize=65_536)
def name_in(text: str) -> str:
    """The canonical name of a file in a text, without the words around it; '' = none."""
    return _named(_BEHIND_NAME.split(unwrapped(text))[0]).strip()


def _named(words: str) -> str:
    """The first part of a path that ends like a file, up to its last ending; empty = none."""
    for part in re.split(r"[/\\\n]", words):
        if endings := [*_ENDING.finditer(part)]:
            return part[: endings[-1].end()]
    return ""


def unwrapped(text: str) -> str:
    """The canonical text of a file's row, without its placeholder and a tool's remark on the copy."""
    return _WRAPPING.sub("", _OF_COPY.sub("", canonical(text)))


def safe_name(name: str) -> str:
    """Letters and digits of the name, as compared."""
    return re.sub(r"[\W_]", "", canonical(name))


def amount_of(row: Mapping[str, Any]) -> Decimal | None:
    """The amount of a payment row in yuan, from its column or its text; None = not stated."""
    stated, times = row["amount"], 1
    if not stated:
        if row["cls"] != PAYMENT:
            return None
        found = _AMOUNT.search(canonical(row["text"]))
        bare = None if found else _BARE_SUM.match(row["text"])
        stated = bare.group(1) if bare else found and (found.group(1) or found.group(3))
        times = 10_000 if found and (found.group(2) or found.group(4)) else 1
    if not stated:
        return None
    try:
        return (times * Decimal(re.sub(r"[^\d.\-]", "", stated))).normalize()
    except InvalidOperation:
        return None


def is_part_of_body(cls: int, left: str, right: str, *cut: bool) -> bool:
    """Whether one text has all the words of the other, or begins it where it is long or marked as cut."""
    one, two = set(left.split()), set(right.split())
    short, long = sorted((left.replace(" ", ""), right.replace(" ", "")), key=len)
    # Name and address of a place may stand without a blank between them.
    holds = len(short) >= PARAMS.distinctive_characters and short in long
    is_place = cls == PLACE and (say_the_same(one, two) or is_named_place(left, right) or holds)
    begins = (any(cut) or len(short) >= PARAMS.cut_characters_least) and long.startswith(short)
    return is_place or one <= two or two <= one or begins


# A link's placeholder in any language, with its title inside or after it.
_ANY_MARK = lazy_pattern(
    r"\A(?:\[(?P<name>[^\]\n:：|｜]{1,16})(?:[:：]\s*(?P<inside>[^\n]*)\]\s*(?:\Z|\n)|\]\s*(?P<behind>[^\n(]+))"
    r"|[(（](?P<round>[^)）\n:：|｜]{1,16})[:：]\s*(?P<within>[^\n]*)[)）]\s*\Z)"
)
ADDRESS_BEHIND = lazy_pattern(r"\s[a-z]+://\S+\s*\Z")
# A title before its address may begin with a source in brackets.
_TITLE = (
    lazy_pattern(r"\A!?\[(?:(?:链接|图文|小程序|视频号|音乐)[|｜])?((?:\[[^\[\]\n]*\]|[^\[\]\n])+)\]\("),
    lazy_pattern(r"\A\[([^\n]+?) ?[:：] ?https?://[^\s\]]+\]\Z"), lazy_pattern(r"\A\[(?:链接|图文|小程序|视频号|音乐)[|｜]?([^\]]*)\]\s*:?(?:title:)?([^\n(]*)"),
    lazy_pattern(r"(?:标题|title)[：:]\s*([^\n]+?)(?=\s(?:描述|链接)[：:]|\n|\Z)"), lazy_pattern(r"\A【[^】\n]*】\s*描述[：:]\s*([^\n]+)"), lazy_pattern(r"\A(?:URL:)?\s*([^\n<]+?)(?=\shttps?://|[\n<]|\Z)"),
)  # fmt: skip


def link_title(text: str) -> str:
    """The title in a link's text, in any exporter's spelling; '' = none.

    Neither a bare placeholder nor a sentence for unknown content is one, nor an address.
    """
    if text[:1] == WIDE_BRACKET:
        text = unicodedata.normalize("NFKC", text)
    marked = _ANY_MARK.match(text)
    is_bare = re.match(BARE_MARK, text.strip()) and kind_of_placeholder(text.strip()) is not None
    # A short title behind a colon is no part of a bare mark's name.
    if re.match(UNSHOWN, text.strip()) or (is_bare and not (marked and marked["inside"])):
        return ""
    if marked and kind_of_placeholder(f"[{marked['name'] or marked['round']}]") is Kind.LINK:
        text = f"[链接] {marked['inside'] or marked['behind'] or marked['within']}"
    for pattern in _TITLE:
        if found := pattern.search(text):
            title = ADDRESS_BEHIND.sub("", "".join(g for g in found.groups() if g)).strip()
            if title and not re.match(r"(?:URL:\s*)?https?://", title):
                return title
    return ""


def stands_in(part: str, whole: str) -> bool:
    """Whether `part` occurs in `whole` as complete words; an address may follow directly."""
    places = (m.start() for m in re.finditer(re.escape(part), whole)) if part else ()
    rest = ((whole[i - 1 : i] if i else "", whole[i + len(part) :]) for i in places)
    return any(not a.isalnum() and (not b[:1].isalnum() or b.startswith(("http", "www."))) for a, b in rest)
