"""What WhatsApp's clients write instead of a body, by kind: in known languages, else by shape."""

from reconcile.vocabulary import Kind
from reconcile.wechat.client_sentences import DELETED
from reconcile.wechat.whatsapp_languages import in_all_languages

# A file that was left out, behind its name and pages.
_NAME = r"[^\n\u200e]*(?:\.[A-Za-z0-9]{2,5}|• ?\u200e?[0-9]+ [^\n•\u200e]+?)"
FILE_LEFT_OUT = in_all_languages("file")
# Without a medium, on the iPhone: what was left out, by kind.
_OMITTED = {
    Kind.IMAGE: in_all_languages("image"), Kind.VIDEO: in_all_languages("video"), Kind.VOICE: in_all_languages("voice"), Kind.STICKER: in_all_languages("sticker"),
    Kind.FILE: rf"(?:{_NAME} )?(?:{FILE_LEFT_OUT})|[^\n]{{1,200}}\.[A-Za-z0-9]{{1,5}} • [^\n\u200e]{{1,40}}\u200e[^\n]{{1,60}}", Kind.CARD: in_all_languages("card"),
}  # fmt: skip
OMITTED = "|".join(_OMITTED.values())
_LEFT_OUT, _MEDIUM = (
    "已?(?:省略|忽略|略过|略過|略去|排除)",
    "[多全]?(?:媒[体體]|影音|影像|图片|圖片|视频|視[頻訊]|音[频訊頻])[文档檔内內訊信]?[件案容息]?",
)
# On Android, all media have the same phrase in angle brackets, in every language.
MEDIA = r"<(?:[^\s<>@/=\"{}\[\]]{3,15}|省略)(?: [^\s<>@/=\"{}\[\]]{2,15}){0,2}>"
_MEDIA_WORDS = (
    rf"(?i:<(?:{in_all_languages('media')})>)"
    # In Chinese, the word for what was done and one for media.
    rf"|<(?:{_LEFT_OUT}{_MEDIUM}|{_MEDIUM}已?{_LEFT_OUT})>"
)
# The same above what was written below a medium.
CAPTIONED = rf"^(?:{_MEDIA_WORDS})\n"
# Behind words that were edited, in angle brackets: words, and the client's remark.
_EDIT_WORDS = in_all_languages("edited")
EDITED = rf"(?s)^(.*\S)\s(\x{{200e}}<[^<>\n:：]+>|<[^<>\n:：/@=]*(?i:{_EDIT_WORDS})[^<>\n:：/@=]*>)$"
NOTICE = in_all_languages("encrypted")
# Behind a call stand its time or length, behind the client's mark anything, and without it what the client says of it.
_TIME_OF_CALL = r"(?:[^\W\d]{1,4}\.? )?\d{1,3}(?::\d{2}){0,2}(?:[^\S\n]?[^\W\d]{1,8}\.?(?: \d{1,2} ?[^\W\d]{1,8}\.?){0,2})?(?: [ap]\.? ?m\.?)?"
_OF_CALL = rf"[^\w\n]*(?:\u200e[^\n]{{0,60}}|{_TIME_OF_CALL}|Tap to call back|No answer|Answered on other device|Declined|Busy|点击回拨|點擊回撥|无人接听|無人接聽|未接听)?[^\w\n]{{0,8}}(?: • [^\n]{{1,40}})?"
CALL = rf"(?:{in_all_languages('call')}){_OF_CALL}"
# A place is a word and an address of Google's maps, whatever the language.
LOCATION = r"[^\n:]{2,30}: https://maps\.google\.com/\?q=-?[0-9][^\n]*"
_FILE_BEGINS = (
    (Kind.IMAGE, r"(?:IMG-[0-9]{8}-WA|[0-9]{8}-PHOTO-)"), (Kind.VIDEO, r"(?:VID-[0-9]{8}-WA|[0-9]{8}-VIDEO-)"), (Kind.VOICE, r"(?:(?:PTT|AUD)-[0-9]{8}-WA|[0-9]{8}-AUDIO-)"),
    (Kind.STICKER, r"(?:STK-[0-9]{8}-WA|[0-9]{8}-(?:STICKER|GIF)-)"), (Kind.CARD, r"[^\n<>]{1,100}\.vcf"), (Kind.FILE, r"[^\n<>]{1,200}\.[A-Za-z0-9]{2,5}"),
)  # fmt: skip
# What stands in brackets behind a file's name on Android, and before it on the iPhone.
FILE_WORDS = rf"\((?:{in_all_languages('attached')})\)"
COLON_WORDS = r"<[^\s<>:：]{2,20}(?: [^\s<>:：]{1,15})?\s?[:：] ?"


def _attached(kind: Kind, begin: str) -> str:
    """A file name in angle brackets, or before words in round brackets.

    Names that a client gives allow any words, all others only known ones.
    """
    words = FILE_WORDS if kind in (Kind.FILE, Kind.CARD) else r"\([^()\n]{3,40}\)"
    return rf"{COLON_WORDS}{begin}[^>\n]*>|{begin}[^\n]* {words}(?:\n(?s:.)*)?"


# The first that fits counts: a picture that is attached is a file, too.
PHRASES: dict[Kind, str] = {
    Kind.RECALL: DELETED, Kind.SYSTEM: NOTICE, Kind.CALL: CALL, Kind.LOCATION: LOCATION, Kind.OTHER: rf"(?:{_MEDIA_WORDS})(?:\n(?s:.)*)?",
    **{k: "|".join(filter(None, (_OMITTED.get(k), _attached(k, b)))) for k, b in _FILE_BEGINS},
}  # fmt: skip
# A text of these shapes shows that the client wrote it.
SIGNS = rf"^(?:{_MEDIA_WORDS}|{DELETED}|{NOTICE}|(?i:{OMITTED}))$|{FILE_WORDS}|{COLON_WORDS}[0-9]{{8}}-[A-Z]+-|[A-Z]{{3}}-[0-9]{{8}}-WA[0-9]{{4}}\."
# A phrase of the client in a known language, and not only of a known shape.
KNOWN_WORDS = rf"(?i)^(?:{'|'.join((_MEDIA_WORDS, DELETED, NOTICE, CALL, OMITTED))})$|{FILE_WORDS}"
