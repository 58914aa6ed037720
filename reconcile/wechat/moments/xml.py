"""Bodies of posts as XML: `TimelineObject` (3.x, Android, API) and `SnsDataItem` (4.x).

Kind numbers differ between versions, so the elements present decide the kind (wechat-moments 1.5). Of broken XML, what
can be read is used; a body that gives nothing is still a post.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from reconcile.patterns import lazy_pattern
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
from reconcile.wechat.payload.media import hex_digest, kept
from reconcile.wechat.xml_tree import parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
else:
    # Most runs meet no post, and the library takes 30 ms to load.
    Element = Any
Children: TypeAlias = dict[str, Element]
_MEDIA_KINDS = {"2": PostMediaKind.IMAGE, "6": PostMediaKind.VIDEO}
# Element -> kind, where the element has content.
_CARDS = (
    ("finderLive", PostKind.LIVE), ("finderFeed", PostKind.CHANNELS), ("musicShareItem", PostKind.MUSIC),
    ("tingListenItem", PostKind.MUSIC), ("noteinfo", PostKind.NOTE),
)  # fmt: skip
_LISTS = (
    (Interaction.LIKE, ("like_user_list", "LikeUserList", "likeUserList", "likeList")),
    (Interaction.COMMENT, ("comment_user_list", "CommentUserList", "commentUserList", "commentList")),
)
_ENTRIES = frozenset(("user_comment", "LikeUser", "likeUser", "like", "CommentUser", "commentUser", "comment"))
# A tag that was cut in two, then an element whose text has no end (like wechatdecrypt.cut_xml, for one body).
_HALF_TAG = lazy_pattern(r"<[^<>]*$")
_OPEN_TEXT = lazy_pattern(r"<[A-Za-z_][\w.-]*(?:\s[^<>]*)?>(?:<!\[CDATA\[)?[^<>]*$")
_NUMBER = lazy_pattern(r"^-?\d+(?:\.\d+)?$")


def read_post_xml(content: str) -> PostBody | None:
    """The post of a body, or None where it is no XML at all."""
    tree = parse_xml(content)
    if tree is None:
        return None
    root = tree.root
    if tree.is_broken and not content.rstrip().endswith(f"</{root.tag}>"):
        return _read_truncated(content)
    line = root if root.tag == "TimelineObject" else root.find(".//TimelineObject")
    notes = (NoteCode.BROKEN_BODY,) if tree.is_broken else ()
    if line is None:
        return PostBody(text_quality=TextQuality.ABSENT, notes=(NoteCode.BROKEN_BODY,))
    local = root.find(".//LocalExtraInfo")
    return _post_body(line, local, notes)


def _read_truncated(content: str) -> PostBody:
    """The complete part of a body that breaks off; fields that may follow the break stay unknown."""
    whole = _OPEN_TEXT.sub("", _HALF_TAG.sub("", content))
    tree = parse_xml(whole)
    line = (
        None
        if tree is None
        else tree.root
        if tree.root.tag == "TimelineObject"
        else tree.root.find(".//TimelineObject")
    )
    if tree is None or line is None:
        return PostBody(text_quality=TextQuality.ABSENT, notes=(NoteCode.BROKEN_BODY,))
    held = _post_body(line, tree.root.find(".//LocalExtraInfo"), (NoteCode.BROKEN_BODY,))
    has_words = "</contentDesc>" in whole
    return replace(
        held,
        kind=None,
        media=held.media if "</mediaList>" in whole else None,
        text=held.text if has_words else "",
        text_quality=held.text_quality if has_words else TextQuality.ABSENT,
        # The last comment may have lost its words.
        interactions=held.interactions[:-1],
    )


def _post_body(line: Element, local: Element | None, notes: tuple[NoteCode, ...]) -> PostBody:
    """The post in a `TimelineObject`; `local` holds what the device adds to it."""
    facts, more, content = _children(line), _children(local), _children(line.find("ContentObject"))
    style = _int_or_none(_text_of(content, "contentStyle") or _text_of(content, "type"))
    elements = _media_elements(facts, content)
    media = tuple(_media_body(m) for m in elements)
    place = facts.get("location")
    latitude, longitude = (_float_or_none(_first_attribute(place, n)) for n in ("latitude", "longitude"))
    nowhere = not latitude and not longitude
    card = _card(facts, content)
    words = _words_of(facts.get("contentDesc"))
    if not words.strip() and style == 54:
        words = next((w for m in elements if (w := (m.findtext("description") or "").strip())), "")
    return PostBody(
        post_id=unsigned_id(_text_of(facts, "id")) or unsigned_id(_text_of(more, "tid")),
        author=_text_of(facts, "username") or None,
        author_name=_text_of(more, "nickname") or None,
        created=_int_or_none(_text_of(facts, "createTime")),
        kind=_post_kind(style, content, media, card),
        text=words if words.strip() else "",
        text_quality=TextQuality.SHOWN if style == 54 and words.strip() else None,
        is_private={"1": True, "0": False}.get(_text_of(facts, "private")),
        latitude=None if nowhere else latitude,
        longitude=None if nowhere else longitude,
        city=_first_attribute(place, "city") or None,
        place=_first_attribute(place, "poiName", "poiAddressName") or None,
        address=_first_attribute(place, "poiAddress") or None,
        link_title=card[0] or None,
        link_description=card[1] or None,
        link_url=card[2] or None,
        source_account=_text_of(facts, "publicUserName") or _text_of(facts, "sourceUserName") or None,
        source_name=_text_of(facts, "sourceNickName") or _text_of(_children(facts.get("appInfo")), "appName") or None,
        media=media,
        interactions=tuple(_interaction_bodies(local if local is not None else line)),
        is_cover=style == COVER_STYLE,
        fields=kept(
            style=style if style is not None else "",
            country=_first_attribute(place, "country"),
            with_users=" ".join(_with_users(more)),
            is_top=_text_of(facts, "isTop").strip("0"),
        ),
        notes=notes,
    )


def _children(element: Element | None) -> Children:
    """Name -> the first child of that name; one pass instead of one search a field."""
    found: Children = {}
    for child in () if element is None else element:
        found.setdefault(str(child.tag), child)
    return found


def _media_elements(line: Children, content: Children) -> list[Element]:
    """The media elements of a post, in or beside ContentObject; lists inside cards are excluded."""
    for holder in (content, line):
        held = holder.get("mediaList")
        found: list[Element] = [] if held is None else held.findall("media")
        if found:
            return found
    return []


def _media_body(media: Element) -> MediaBody:
    """One picture or clip of a post."""
    facts = _children(media)
    url, size, live = facts.get("url"), facts.get("size"), facts.get("LivePhoto")
    live_url = None if live is None else live.find("liveMedia/url")
    video = facts.get("videoSize")
    number = _text_of(facts, "id")
    return MediaBody(
        kind=_MEDIA_KINDS.get(_text_of(facts, "type"), PostMediaKind.OTHER),
        media_id=unsigned_id(number) or number.strip("0") or None,
        md5=hex_digest(_first_attribute(url, "md5"), _first_attribute(url, "videomd5"), _text_of(facts, "md5")),
        live_md5=hex_digest(_first_attribute(live_url, "md5"), _first_attribute(live_url, "videomd5")),
        size=_int_or_none(_first_attribute(size, "totalSize")),
        width=_int_or_none(_first_attribute(size, "width")) or _int_or_none(_first_attribute(video, "width")),
        height=_int_or_none(_first_attribute(size, "height")) or _int_or_none(_first_attribute(video, "height")),
        duration=_float_or_none(_text_of(facts, "videoDuration")) or None,
        url=_words_of(url).strip() or None,
        thumb=_text_of(facts, "thumb") or None,
    )


def _card(line: Children, content: Children) -> tuple[str, str, str]:
    """Title, description and address of shared content; for a Channels video its owner and words."""
    title, about, url = (_text_of(content, n) for n in ("title", "description", "contentUrl"))
    for name in ("finderFeed", "finderLive"):
        feed = content.get(name)
        if feed is not None and _has_text(feed):
            held = _children(feed)
            return title or _text_of(held, "nickname"), _text_of(held, "desc") or about, url
    return title, about, url or _text_of(line, "contentUrl")


def _post_kind(
    style: int | None, content: Children, media: tuple[MediaBody, ...], card: tuple[str, str, str]
) -> PostKind:
    """The kind of a post: by a card with content, else by its number and media."""
    for name, kind in _CARDS:
        found = content.get(name)
        if found is not None and _has_text(found):
            return kind
    return kind_of_post(style, media, has_card=bool(card[2] or card[0]))


def _has_text(element: Element) -> bool:
    return any(t.strip() for t in element.itertext())


def _interaction_bodies(holder: Element) -> Iterable[InteractionBody]:
    """Likes and comments below an element."""
    for action, names in _LISTS:
        for found in holder.iter(*names):
            yield from (_interaction_body(e, action) for e in found if e.tag in _ENTRIES)


def _interaction_body(entry: Element, action: Interaction) -> InteractionBody:
    facts = _children(entry)
    digests = dict.fromkeys(
        d
        for name, path in (("emojilist", "emojiinfo"), ("imagelist", "imageinfo"))
        if name in facts
        for e in facts[name].findall(path)
        if (d := hex_digest(_text_of(_children(e), "md5"), _first_attribute(e.find("url"), "md5")))
    )
    return InteractionBody(
        action=action,
        author=_first_words(facts, "username", "userName") or None,
        author_name=_first_words(facts, "nickname", "nickName") or None,
        text=_words_of(facts.get("content")) if action is Interaction.COMMENT else "",
        at=_int_or_none(_first_words(facts, "create_time", "createTime")) or None,
        comment_id=running_id(_first_words(facts, "comment_id", "cmtid", "commentId", "id")),
        comment_id64=unsigned_id(_first_words(facts, "comment_64id", "comment64_id", "commentId2", "comment_id64")),
        reply_to=running_id(_first_words(facts, "ref_comment_id", "refCommentId", "replyCommentId")),
        reply_author=_first_words(facts, "ref_username", "refUsername", "replyUsername") or None,
        reply_name=_first_words(facts, "ref_nickname", "refNickname", "refNickName", "replyNickname") or None,
        is_deleted={"1": True, "0": False}.get(
            _first_words(facts, "b_deleted", "bDeleted", "delete_flag", "deleteFlag")
        ),
        media_md5=" ".join(digests) or None,
    )


def _with_users(local: Children) -> list[str]:
    """Accounts of the people whom the author mentions as being there."""
    held = local.get("with_user_list")
    found = [] if held is None else held.findall("user_comment")
    return [w for e in found if (w := _text_of(_children(e), "username"))]


def _first_words(facts: Children, *names: str) -> str:
    """The words of the first named child that has any; '' for none."""
    for name in names:
        if name in facts and (words := _words_of(facts[name]).strip()):
            return words
    return ""


def _text_of(facts: Children, name: str) -> str:
    """The stripped words of the named child; '' without one."""
    found = facts.get(name)
    return "" if found is None else _words_of(found).strip()


def _words_of(found: Element | None) -> str:
    """All words inside an element; '' for None."""
    if found is None:
        return ""
    return "".join(found.itertext(with_tail=False)) if len(found) else (found.text or "")


def _first_attribute(element: Element | None, *names: str) -> str:
    """The first named attribute that has a value; '' for none."""
    if element is None:
        return ""
    for name in names:
        value = (element.get(name) or "").strip()
        if value:
            return str(value)
    return ""


def _float_or_none(value: str) -> float | None:
    """The value as a float; None for anything but a plain number."""
    return float(value) if value and len(value) < 40 and _NUMBER.match(value) else None


def _int_or_none(value: str) -> int | None:
    """A number written whole or as 1080.0; None for anything else."""
    number = _float_or_none(value)
    return int(number) if number is not None and 0 <= number < 2**53 else None
