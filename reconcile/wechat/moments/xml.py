"""Bodies of posts as XML: `TimelineObject` (3.x, Android, API) and `SnsDataItem`, which holds likes and comments too (4.x).

Numbers of kinds drift between versions, so a kind is told by the elements present (wechat-moments 1.5). Not well-formed bodies
give what can be had; a body that gives nothing at all is still a post.
"""

import re
from collections.abc import Iterable
from typing import TypeAlias

from lxml import etree

from reconcile.vocabulary import Interaction, NoteCode, PostKind, PostMediaKind, TextQuality
from reconcile.wechat.moments.types import (
    COVER_STYLE,
    InteractionBody,
    MediaBody,
    PostBody,
    kind_of_post,
    running_id,
    unsigned_id,
)
from reconcile.wechat.payload_media import hex_digest, kept
from reconcile.wechat.payload_xml import parse_xml

Element: TypeAlias = etree._Element
_MEDIA_KINDS = {"2": PostMediaKind.IMAGE, "6": PostMediaKind.VIDEO}
# Element -> kind, where it holds anything at all.
_CARDS = (
    ("finderLive", PostKind.LIVE), ("finderFeed", PostKind.CHANNELS), ("musicShareItem", PostKind.MUSIC),
    ("tingListenItem", PostKind.MUSIC), ("noteinfo", PostKind.NOTE),
)  # fmt: skip
_LISTS = (
    (Interaction.LIKE, ("like_user_list", "LikeUserList", "likeUserList", "likeList")),
    (Interaction.COMMENT, ("comment_user_list", "CommentUserList", "commentUserList", "commentList")),
)
_ENTRIES = frozenset(("user_comment", "LikeUser", "likeUser", "like", "CommentUser", "commentUser", "comment"))
_NUMBER = re.compile(r"^-?\d+(?:\.\d+)?$")


def read_post_xml(content: str) -> PostBody | None:
    """The post of a body, or None where it is no XML at all."""
    tree = parse_xml(content)
    if tree is None:
        return None
    root = tree.root
    line = root if root.tag == "TimelineObject" else root.find(".//TimelineObject")
    notes = (NoteCode.BROKEN_BODY,) if tree.is_broken else ()
    if line is None:
        return PostBody(text_quality=TextQuality.ABSENT, notes=(NoteCode.BROKEN_BODY,))
    local = root.find(".//LocalExtraInfo")
    return _post(line, local, notes)


def _post(line: Element, local: Element | None, notes: tuple[NoteCode, ...]) -> PostBody:
    content = line.find("ContentObject")
    style = _whole(_text(content, "contentStyle") or _text(content, "type"))
    media = tuple(_media(m) for m in _media_elements(line, content))
    place = line.find("location")
    latitude, longitude = (_real(_attr(place, n)) for n in ("latitude", "longitude"))
    nowhere = not latitude and not longitude
    card = _card(line, content)
    words = _raw_text(line, "contentDesc")
    if not words.strip() and style == 54:
        words = next((w for m in _media_elements(line, content) if (w := _text(m, "description"))), "")
    return PostBody(
        post_id=unsigned_id(_text(line, "id")) or unsigned_id(_text(local, "tid")),
        author=_text(line, "username") or None,
        author_name=_text(local, "nickname") or None,
        created=_whole(_text(line, "createTime")),
        kind=_kind(style, content, media, card),
        text=words if words.strip() else "",
        is_private={"1": True, "0": False}.get(_text(line, "private")),
        latitude=None if nowhere else latitude,
        longitude=None if nowhere else longitude,
        city=_attr(place, "city") or None,
        place=_attr(place, "poiName", "poiAddressName") or None,
        address=_attr(place, "poiAddress") or None,
        link_title=card[0] or None,
        link_description=card[1] or None,
        link_url=card[2] or None,
        source_account=_text(line, "publicUserName") or _text(line, "sourceUserName") or None,
        source_name=_text(line, "sourceNickName") or _text(line, "appInfo/appName") or None,
        media=media,
        interactions=tuple(_interactions(local if local is not None else line)),
        is_cover=style == COVER_STYLE,
        fields=kept(
            style=style if style is not None else "",
            country=_attr(place, "country"),
            with_users=" ".join(_with_users(local)),
            is_top=_text(line, "isTop").strip("0"),
        ),
        notes=notes,
    )


def _media_elements(line: Element, content: Element | None) -> Iterable[Element]:
    """`ContentObject/mediaList/media`; some bodies have the list beside ContentObject. Lists inside cards are theirs."""
    found = [] if content is None else content.findall("mediaList/media")
    return found or line.findall("mediaList/media")


def _media(media: Element) -> MediaBody:
    url, live = media.find("url"), media.find("LivePhoto/liveMedia")
    live_url = None if live is None else live.find("url")
    duration = _real(_text(media, "videoDuration"))
    kind = _MEDIA_KINDS.get(_text(media, "type"), PostMediaKind.OTHER)
    return MediaBody(
        kind=kind,
        media_id=unsigned_id(_text(media, "id")) or _text(media, "id").strip("0") or None,
        md5=hex_digest(_attr(url, "md5"), _attr(url, "videomd5"), _text(media, "md5")),
        live_md5=hex_digest(_attr(live_url, "md5"), _attr(live_url, "videomd5")),
        size=_whole(_attr(media.find("size"), "totalSize")),
        width=_whole(_attr(media.find("size"), "width")) or _whole(_attr(media.find("videoSize"), "width")),
        height=_whole(_attr(media.find("size"), "height")) or _whole(_attr(media.find("videoSize"), "height")),
        duration=duration or None,
        url=_words(url).strip() or None,
        thumb=_text(media, "thumb") or None,
    )


def _card(line: Element, content: Element | None) -> tuple[str, str, str]:
    """Title, description and address of what is shared; of a Channels video its owner and words."""
    title, about, url = (_text(content, n) for n in ("title", "description", "contentUrl"))
    for name in ("finderFeed", "finderLive"):
        feed = None if content is None else content.find(name)
        if feed is not None and _holds(feed):
            return title or _text(feed, "nickname"), _text(feed, "desc") or about, url
    return title, about, url or _text(line, "contentUrl")


def _kind(
    style: int | None, content: Element | None, media: tuple[MediaBody, ...], card: tuple[str, str, str]
) -> PostKind:
    if content is not None:
        for name, kind in _CARDS:
            found = content.find(name)
            if found is not None and _holds(found):
                return kind
    return kind_of_post(style, media, has_card=bool(card[2] or card[0]))


def _holds(element: Element) -> bool:
    return any(t.strip() for t in element.itertext())


def _interactions(holder: Element) -> Iterable[InteractionBody]:
    for action, names in _LISTS:
        for name in names:
            for found in holder.iterfind(f".//{name}"):
                yield from (_interaction(e, action) for e in found if e.tag in _ENTRIES)


def _interaction(entry: Element, action: Interaction) -> InteractionBody:
    digests = dict.fromkeys(
        d
        for path in ("emojilist/emojiinfo", "imagelist/imageinfo")
        for e in entry.iterfind(path)
        if (d := hex_digest(_text(e, "md5"), _attr(e.find("url"), "md5")))
    )
    username = _first(entry, "username", "userName")
    return InteractionBody(
        action=action,
        author=username or None,
        author_name=_first(entry, "nickname", "nickName") or None,
        text=_raw_text(entry, "content") if action is Interaction.COMMENT else "",
        at=_whole(_first(entry, "create_time", "createTime")) or None,
        comment_id=running_id(_first(entry, "comment_id", "cmtid", "commentId", "id")),
        comment_id64=unsigned_id(_first(entry, "comment_64id", "comment64_id", "commentId2", "comment_id64")),
        reply_to=running_id(_first(entry, "ref_comment_id", "refCommentId", "replyCommentId")),
        reply_author=_first(entry, "ref_username", "refUsername", "replyUsername") or None,
        reply_name=_first(entry, "ref_nickname", "refNickname", "refNickName", "replyNickname") or None,
        is_deleted={"1": True, "0": False}.get(_first(entry, "b_deleted", "bDeleted", "delete_flag", "deleteFlag")),
        media_md5=" ".join(digests) or None,
    )


def _with_users(local: Element | None) -> list[str]:
    found = [] if local is None else local.findall("with_user_list/user_comment")
    return [w for e in found if (w := _text(e, "username"))]


def _first(element: Element, *names: str) -> str:
    return next((w for n in names if (w := _text(element, n))), "")


def _text(element: Element | None, path: str) -> str:
    found = None if element is None else element.find(path)
    return _words(found).strip()


def _raw_text(element: Element, path: str) -> str:
    return _words(element.find(path))


def _words(found: Element | None) -> str:
    if found is None:
        return ""
    return "".join(found.itertext(with_tail=False)) if len(found) else (found.text or "")


def _attr(element: Element | None, *names: str) -> str:
    return "" if element is None else next((v for n in names if (v := (element.get(n) or "").strip())), "")


def _real(value: str) -> float | None:
    return float(value) if _NUMBER.match(value) and len(value) < 40 else None


def _whole(value: str) -> int | None:
    """A number written whole or as 1080.0; None for anything else."""
    number = _real(value)
    return int(number) if number is not None and 0 <= number < 2**53 else None
