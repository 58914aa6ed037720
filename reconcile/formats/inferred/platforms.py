"""Chats of other platforms: how to recognise each, and what its clients write instead of bodies."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from unicodedata import normalize

import polars as pl

from reconcile.column_ops import kept_for_few, none_of, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.whatsapp_phrases import (
    CALL,
    CAPTIONED,
    COLON_WORDS,
    EDITED,
    FILE_LEFT_OUT,
    KNOWN_WORDS,
    MEDIA,
    OMITTED,
    PHRASES,
    SIGNS,
)
from reconcile.vocabulary import Kind, TextQuality
from reconcile.wechat.client_sentences import DELETED
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import fitting

# Left-to-right marks stand before what the client itself wrote.
_MARK, _MARKS = "\u200e", "\u200e\u200f"
# Signs of the client's own texts, the longest such text without a known phrase, and how often its word for media recurs.
_NEAR = r"^<|>$|\)$|maps\.google\.com|WhatsApp|\(.{3,40}\)\n|[Ss]ecurity code|end-to-end|[Ee]nde-zu-Ende|extremo|ponta a ponta|bout en bout|端| • [0-9]{1,5} |\.[A-Za-z0-9]{2,5} [^\n]{3,30}$"
# Signs around a name: of direction, and of one that is not among the contacts.
_AROUND_NAMES = "~ \u00a0\u202f\u202a\u202c\u200e\u200f\u2066\u2067\u2068\u2069"
_WHOLE = rf"(?i)^(?:{DELETED}|{CALL}|{OMITTED})$"
# How a client begins what it tells its reader of himself, behind its mark; where the other export has his name.
_OF_READER = (
    r"^(?:You|Je|U|Du|Has|Você|Vous|Hai|Вы|Ви|Anda|Bạn) [^\s\d][^\n\d]{2,60}$|^(?:你|您|คุณ|आपने)[^\n\d，。！？,]{3,60}$"
)
_SHORT, _RECURS = 60, 3
# What the place of a medium states besides that it is one: a caption, or a file's name.
_SAYS_MORE = rf"[\n{_MARKS}]|\.[A-Za-z0-9]{{2,5}}(?:[^A-Za-z0-9]|$)"
# Kinds in whose place a client writes a phrase of its own, in its language.
_LEFT_OUT = [str(k) for k in (Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.STICKER, Kind.FILE, Kind.CARD, Kind.OTHER)]
_LINK, _ENTITIES = r"<((?:https?|mailto|tel):[^|>\s]+)(?:\|[^>\n]*)?>", {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
# A file's name, its pages, and behind the mark what was left out.
_FILE_LEFT_OUT = rf"^[^\n{_MARKS}]{{0,200}}(?:\.[A-Za-z0-9]{{2,5}}|• ?[{_MARKS}]?[0-9]{{1,5}} ?[^\n]{{1,30}}?)(?: • [^\n]{{1,40}})? ?[{_MARKS}][^\n{_MARKS}]{{1,40}}$"
# The name of a file behind a word for it.
_NAME_LABELLED = r"^\p{L}{1,12}[:：] ?([^\n]{1,200}\.[A-Za-z0-9]{1,5})$"
# The name of such a file, and its pages, without the client's words for both.
_NAME_LEFT_OUT = rf"^([^\n{_MARKS}•]{{1,200}}?)(?: • ?[{_MARKS}]?([0-9]{{1,5}}) ?[^\n{_MARKS}•]{{1,30}})? ?(?:[{_MARKS}][^\n{_MARKS}]{{1,60}}|(?i:{FILE_LEFT_OUT}))$"


# A text that is one element, what it is called and its type; and the kinds of objects that stand so.
_ELEMENT = r"(?s)^\s*<(?P<name>[A-Za-z]+)(?:\s[^>]*?\btype=\"(?P<type>[^\"]*)\")?[^>]*>.*</[A-Za-z]+>\s*$"
_OBJECTS = (Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.FILE, Kind.LOCATION, Kind.CARD)
# The number of its message that an export writes before the name of an attached file.
_NUMBERED = rf"^({COLON_WORDS})(0[0-9]{{5,8}})-([^\n<>]{{1,200}}\.[A-Za-z0-9]{{2,5}}>)"
# The name of an attached file without the client's words in brackets behind or before it.
_NAMED_FILE = rf"^(?:{COLON_WORDS})?([^\n<>]{{1,200}}\.[A-Za-z0-9]{{2,5}})(?:>|\s\([^()\n]{{2,40}}\))(\n|$)"


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform: columns, side values or titles of its exports alone, and its whole-text phrases.

    `is_escaped`: its texts keep `&`, `<` and `>` as entities, and links between angle brackets. `is_plain`: its client writes
    its own texts like anybody's, without marks.
    """

    name: str
    columns: frozenset[str] = frozenset()
    beside: str = ""
    phrases: dict[Kind, str] = field(default_factory=dict)
    is_escaped: bool = False
    title: str = ""
    is_plain: bool = False


# What the clients of KakaoTalk and LINE write in place of bodies, in the languages of their exports.
_KAKAO = {
    Kind.IMAGE: "사진(?: [0-9]{1,2}장)?|Photos?|[0-9]{1,2} photos", Kind.VIDEO: "동영상|Video", Kind.VOICE: "음성메시지|Voice (?:message|note)",
    Kind.STICKER: "이모티콘|(?:\\()?emoticons?(?:\\))?", Kind.FILE: "(?:파일|File): [^\n]{1,200}", Kind.LOCATION: "(?:지도|Map): [^\n]{1,200}",
    Kind.CALL: "(?:보이스톡|페이스톡|Voice ?talk|Face ?talk)[^\n]{0,40}", Kind.RECALL: "삭제된 메시지입니다\\.?|(?:This message was|Message) deleted\\.?",
}  # fmt: skip
_LINE = {
    Kind.CALL: "☎[^\n]{1,60}", Kind.RECALL: "[^\n]{0,60}(?:unsent a message|メッセージの送信を取り消しました|已?收回訊息|메시지를 취소했습니다|ยกเลิกข้อความ)\\.?",
}  # fmt: skip


PLATFORMS = (
    Platform("KakaoTalk", phrases=_KAKAO, title="카카오톡|KakaoTalk", is_plain=True),
    Platform("LINE", phrases=_LINE, title=r"\[LINE\]", is_plain=True),
    Platform("WhatsApp", phrases=PHRASES),
    Platform("QQ", frozenset({"sender.uin", "sender.uid"}), r"(?i)QQ ?Chat ?Exporter"),
    Platform("Slack", frozenset({"ts", "user", "client_msg_id"}), is_escaped=True),
    Platform("Skype", frozenset({"originalarrivaltime", "messagetype"}), is_escaped=True),
    Platform("Telegram", frozenset({"date_unixtime", "from_id"})),
    Platform("Lark", frozenset({"message_id", "msg_type", "create_time", "deleted"})),
    Platform("DingTalk", frozenset({"openMessageId"})),
    Platform("WeChat", frozenset({"server_id", "sort_seq", "create_time"})),
)  # fmt: skip

# Platforms whose exports are written by the server.
FROM_SERVERS = frozenset({"Slack", "Telegram"})
# Platforms whose clients write that a message was deleted in its place.
RECALLED_IN_PLACE = frozenset({"WhatsApp", "KakaoTalk", "Lark"})


def platform_of(fields: Fields, texts: pl.Series) -> Platform | None:
    """The platform that columns, side values or the client's phrases reveal; None where nothing does."""
    beside = "\n".join(fields.beside.values())
    titles = "\n".join(filter(None, [fields.file, *fields.lines_beside]))
    for one in PLATFORMS:
        if one.title:
            if re.search(one.title, titles):
                return one
            continue
        if (one.columns and one.columns <= set(fields.names)) or (one.beside and re.search(one.beside, beside)):
            return one
        # Words that anybody can type show a platform only in a text export, beside the client's own mark or as a whole phrase.
        if one.phrases and {"time", "sender", "text"} <= fields.roles.keys() and is_of_a_client(texts):
            return one
    return None


@kept_for_few
def is_of_a_client(texts: pl.Series) -> bool:
    """Whether some texts begin with the mark of WhatsApp's clients, or are one of their phrases."""
    return bool(texts.str.starts_with(_MARK).any() or texts.str.strip_chars(_MARKS + " ").str.contains(SIGNS).any())


def kinds_of(platform: Platform, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the kinds that the platform's own phrases name; texts of the client lose its mark.

    Client text in an unknown language is a notice if it is long or continues behind a second mark, else it is of
    another kind. In a known one, only what recurs or tells of people is client text: people copy the client's mark
    with words.
    """
    if platform.is_escaped:
        rows = rows.with_columns(pl.coalesce(_kind_of_element(rows["text"]), "kind").alias("kind"))
        rows = rows.with_columns(pl.col("text").str.replace_all(_LINK, "$1").str.replace_many(_ENTITIES))
    if not platform.phrases:
        return rows
    if not platform.is_plain:
        rows = _without_marks_of_edits(rows)
    marked = rows["text"].str.contains(rf"^[{_MARKS}]")
    bare = rows["text"].str.strip_chars_start(_MARKS)
    # Words before the client's own (a caption, a file's name) end at its mark. The client's words for a call may hold it.
    inner = bare.str.replace(r"^[^\n]{1,200}\u200e", "")
    held = bare.str.contains(_MARK, literal=True).arg_true()
    whole = held.filter(bare.gather(held).str.contains(_WHOLE))
    inner = inner.scatter(whole, bare.gather(whole))
    # One letter may be written as one character or as two.
    inner = inner.str.normalize("NFC")
    places, kinds = fitting(
        inner,
        [(k, rf"(?i)^(?:{normalize('NFC', p)})$") for k, p in platform.phrases.items()],
        _looks_written(inner, marked, is_plain=platform.is_plain),
    )
    is_said = _said_of_encryption(rows, bare, marked).gather(places) & (kinds.cast(pl.String) == str(Kind.SYSTEM))
    places, kinds = places.filter(~is_said), kinds.filter(~is_said)
    kind = rows["kind"].scatter(places, kinds.cast(pl.String))
    known = none_of(rows).scatter(places, values=True)
    strange = marked & rows["text"].str.starts_with(_MARK) & ~known & rows["sender"].is_not_null()
    of_people = strange & _tell_of_people(rows["sender"], bare, marked, kind) if strange.any() else strange
    of_people |= strange & bare.str.contains(_OF_READER)
    if strange.any() and inner.gather(places).str.contains(KNOWN_WORDS).any():
        strange &= bare.is_duplicated() | of_people
    notice = strange & (of_people | bare.str.contains(_MARK, literal=True) | (bare.str.len_chars() > _SHORT))
    kind = kind.set(strange & ~notice, str(Kind.OTHER)).set(notice, str(Kind.SYSTEM))
    kind = kind.set(~known & bare.str.contains(_FILE_LEFT_OUT), str(Kind.FILE))
    of_one_phrase = _media_of_one_phrase(bare)
    kind = kind.set(of_one_phrase & ~known, str(Kind.OTHER))
    bare, counted = _without_numbers_of_rows(bare, kind == str(Kind.FILE))
    stated = rows["file_name"] if "file_name" in rows.columns else pl.lit(None, dtype=pl.String)
    # The words around a name are of the client's language; those below it are a caption.
    is_file = pl.lit(kind == str(Kind.FILE))
    patterns = _NAMED_FILE, _NAME_LEFT_OUT, _NAME_LABELLED
    attached, absent, labelled = (pl.when(is_file).then(pl.lit(bare.str.extract(p, 1))) for p in patterns)
    pages = pl.when(is_file).then(pl.lit(bare.str.extract(_NAME_LEFT_OUT, 2)))
    with_caption = pl.when(attached.is_not_null()).then(pl.lit(bare.str.replace(_NAMED_FILE, "$1$2")))
    text = pl.coalesce(
        with_caption,
        absent + pl.concat_str(pl.lit(" • "), pages).fill_null(""),
        labelled,
        pl.lit(bare.str.replace(CAPTIONED, "")),
    )
    named = pl.coalesce(attached, absent, labelled)
    is_silent = kind.is_in(_LEFT_OUT) & (known | (strange & ~notice) | of_one_phrase) & ~bare.str.contains(_SAYS_MORE)
    quality = pl.when(pl.lit(is_silent) & named.is_null()).then(pl.lit(str(TextQuality.ABSENT), dtype=pl.String))
    return rows.with_columns(
        kind.alias("kind"),
        text.alias("text"),
        pl.coalesce(stated, named).alias("file_name"),
        quality.alias("text_quality"),
        pages.alias("raw_pages"),
        counted.alias("raw_number"),
    )


def _without_numbers_of_rows(texts: pl.Series, are_files: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The texts without the number before the name of an attached file, and these numbers.

    Some clients write the number of the message in the export there, so one file has different numbers in two exports.
    The numbers must rise throughout the export; otherwise the texts are unchanged.
    """
    numbers = texts.str.extract(_NUMBERED, 2)
    rising = numbers.drop_nulls().cast(pl.Int64).diff().drop_nulls()
    numbers = numbers.set(~are_files.fill_null(value=False), None)
    if not numbers.count() or (rising <= 0).any():
        return texts, texts.clear(texts.len())
    return texts.zip_with(numbers.is_null(), texts.str.replace(_NUMBERED, "$1$3")), numbers


def _said_of_encryption(rows: pl.DataFrame, bare: pl.Series, marked: pl.Series) -> pl.Series:
    """Which texts on encryption a person wrote: with a sender, without the client's mark, and only once."""
    chat = "conversation" if "conversation" in rows.columns else pl.lit(0)
    opens = rows.select(pl.int_range(pl.len()).over(chat) == 0).to_series()
    return rows["sender"].is_not_null() & ~marked & ~opens & ~bare.is_duplicated()


def _kind_of_element(text: pl.Series) -> pl.Series:
    """The kind that the one element of a text names, as its client writes it; null for other texts."""
    if not text.str.contains("</", literal=True).any():
        return text.set(text.is_not_null(), None)
    told = text.str.extract_groups(_ELEMENT).struct.unnest()
    named = [kinds_of_names(told[c].str.strip_chars_end("s")) for c in ("type", "name")]
    return pl.select(pl.coalesce(*(n.set(~n.is_in([*_OBJECTS]), None) for n in named))).to_series()


def _without_marks_of_edits(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without the client's remark behind words that they were edited, which becomes a raw field.

    In angle brackets, it begins with the client's mark or holds a word for that, in the language of the telephone.
    """
    likely = rows["text"].str.ends_with(">") & rows["text"].str.contains(EDITED)
    if not likely.any():
        return rows
    told = pl.when(pl.lit(likely))
    parts = [told.then(pl.col("text").str.extract(EDITED, at)) for at in (1, 2)]
    return rows.with_columns(pl.coalesce(parts[0], "text").alias("text"), parts[1].alias("raw_edited"))


def _tell_of_people(senders: pl.Series, texts: pl.Series, marked: pl.Series, kinds: pl.Series) -> pl.Series:
    """Whether each text names its own sender, or stands under a name that writes no words, as the group's.

    Clients put a notice under the name of whom it tells, and nobody speaks of himself so. The group's name recurs, has a
    known notice, or its text names somebody who writes words.
    """
    names = senders.str.strip_chars(_AROUND_NAMES)
    rows = pl.DataFrame({"name": names, "text": texts, "marked": marked, "is_notice": kinds == str(Kind.SYSTEM)})
    is_seldom = (pl.len().over("name") < _RECURS) & ~pl.col("is_notice").any().over("name")
    writing = present(names.filter(~marked & (names.str.len_chars() > 1))).unique()
    is_seldom &= ~pl.col("text").str.contains_any(writing.to_list())
    speaks = (~pl.col("marked")).any().over("name") | is_seldom
    named = (pl.col("name").str.len_chars() > 1) & pl.col("text").str.contains(pl.col("name"), literal=True)
    return rows.select((named | ~speaks).fill_null(value=False)).to_series()


def _looks_written(inner: pl.Series, marked: pl.Series, *, is_plain: bool) -> Callable[[pl.Series], pl.Series]:
    """A test for texts that a client may have written: all of them where it leaves no sign of that.

    Else they are marked, recur, or hold an address, brackets or words of a notice.
    """
    if is_plain:
        return lambda some: some.is_not_null()
    near = marked | inner.is_duplicated() | inner.str.contains(_NEAR) | inner.str.contains(_WHOLE)
    return lambda _: near


def _media_of_one_phrase(bare: pl.Series) -> pl.Series:
    """Whole texts in angle brackets, where one phrase alone recurs: what Android writes for all media."""
    shaped = bare.str.contains(rf"^{MEDIA}$")
    found = bare.filter(shaped)
    return shaped & (found.n_unique() == 1 and found.len() >= _RECURS)
