"""One post as its body states it: PostBody, pictures, likes, comments, and its identifiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reconcile.vocabulary import Interaction, NoteCode, PostKind, PostMediaKind, TextQuality

# A post's number carries the server's milliseconds since 1970 above these bits (wechat-moments 2).
TIME_BITS = 23
# contentStyle (type) of a profile's cover picture.
COVER_STYLE = 7
_UNSIGNED = 2**64
# contentStyle or type -> kind; None = as the media say. A plain post may still carry a fallback address for old clients.
_STYLES: dict[int, PostKind | None] = {
    1: None, 2: None, 54: None, 15: PostKind.VIDEO, 4: PostKind.MUSIC, 42: PostKind.MUSIC, 47: PostKind.MUSIC, 28: PostKind.CHANNELS,
    34: PostKind.LIVE, 26: PostKind.NOTE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MediaBody:
    """One picture or clip. Sizes in pixels and bytes, duration in seconds; None = not said."""

    kind: PostMediaKind
    media_id: str | None = None
    md5: str | None = None
    live_md5: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    url: str | None = None
    thumb: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class InteractionBody:
    """One like or comment. `at`: unix seconds; ids as in frames_posts.Interactions."""

    action: Interaction
    author: str | None = None
    author_name: str | None = None
    text: str = ""
    at: int | None = None
    comment_id: str | None = None
    comment_id64: str | None = None
    reply_to: str | None = None
    reply_author: str | None = None
    reply_name: str | None = None
    is_deleted: bool | None = None
    media_md5: str | None = None


@dataclass(frozen=True, slots=True)
class PostBody:
    """One post, with fields as in frames_posts.Posts; `created` in unix seconds.

    `media` None = the form does not keep all media.

    `is_cover`: the body is a profile's cover picture, no post.
    """

    post_id: str | None = None
    author: str | None = None
    author_name: str | None = None
    created: int | None = None
    kind: PostKind | None = None
    text: str = ""
    text_quality: TextQuality | None = None
    is_private: bool | None = None
    latitude: float | None = None
    longitude: float | None = None
    city: str | None = None
    place: str | None = None
    address: str | None = None
    link_title: str | None = None
    link_description: str | None = None
    link_url: str | None = None
    source_account: str | None = None
    source_name: str | None = None
    like_count: int | None = None
    comment_count: int | None = None
    media: tuple[MediaBody, ...] | None = None
    interactions: tuple[InteractionBody, ...] = ()
    is_cover: bool = False
    fields: Mapping[str, str | int | float] = field(default_factory=dict)
    notes: tuple[NoteCode, ...] = ()


def kind_of_post(style: int | None, media: Sequence[MediaBody], *, has_card: bool) -> PostKind:
    """The kind that a body's number and media show, where no element of a card decides it.

    Numbers: SIWX counts, WeChatDataAnalysis, pa_script, wemo (wechat-moments 1.5).
    """
    known = _STYLES.get(style or 0)
    if known:
        return known
    if style not in _STYLES and has_card:
        return PostKind.LINK
    if any(m.kind is PostMediaKind.VIDEO for m in media):
        return PostKind.VIDEO
    return PostKind.IMAGE if media else PostKind.TEXT


def unsigned_id(value: object) -> str | None:
    """A 64-bit id as unsigned decimal text, from any spelling; None for none and for 0.

    Stores keep it signed, bodies unsigned (wechat-moments 2). A fractional number is no id, because its digits are
    lost.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        digits = text[1:] if text[:1] in ("-", "+") else text
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 30):
            return None
        value = int(text)
    if not isinstance(value, int) or not -(2**63) <= value < _UNSIGNED:
        return None
    return str(value % _UNSIGNED) if value else None


def running_id(value: str | int | None) -> str | None:
    """A comment's running number in its post as text; None for none and for 0.

    Odd spellings stay as they are.
    """
    text = str(value).strip() if value is not None else ""
    return text if text.strip("0") else None
