"""The iPhone's posts: an NSKeyedArchiver archive whose root is one WCDataItem (wechat-moments 1.4).

Source of the names: pa_script apple_wechat.py, WeChatMomentExport-iOS. A buffer that is no binary property list comes
from a newer client and is not read, which does not mean that it is empty.
"""

import plistlib
from collections.abc import Mapping
from typing import Any

from reconcile.container_errors import PLIST_ERRORS
from reconcile.intake.json.values import list_of
from reconcile.intake.posts.json import real
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Interaction, NoteCode, PostMediaKind, TextQuality
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

MAGIC = b"bplist00"
MAX_DEPTH = 12
MAX_NODES = 200_000
_SIZE = lazy_pattern(r"\{\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*\}")
_MEDIA_KINDS = {2: PostMediaKind.IMAGE, 6: PostMediaKind.VIDEO}
Item = Mapping[str, Any]


def read_post_archive(buffer: bytes) -> PostBody | None:
    """The post of a buffer; None where it is no binary property list.

    A broken archive becomes a post with `absent` words.
    """
    if not buffer.startswith(MAGIC):
        return None
    root = _root_object(buffer)
    if not isinstance(root, Mapping):
        return PostBody(text_quality=TextQuality.ABSENT, notes=(NoteCode.BROKEN_BODY,))
    return _post_body(root)


def _root_object(buffer: bytes) -> Any:
    """The unarchived root object; null where the buffer is no keyed archive."""
    try:
        archive = plistlib.loads(buffer, fmt=plistlib.FMT_BINARY)
        objects = archive["$objects"]
        # The root is behind $top; both exporters take object 1, which is the same one.
        top = next((v for v in archive.get("$top", {}).values() if isinstance(v, plistlib.UID)), plistlib.UID(1))
    except PLIST_ERRORS:
        return None
    return _Archive(objects).value(top, 0) if isinstance(objects, list) else None


class _Archive:
    """References followed, to a depth and a number of nodes."""

    def __init__(self, objects: list[Any]) -> None:
        self.objects = objects
        self.left = MAX_NODES

    def value(self, value: Any, depth: int) -> Any:
        """A plain value: archived strings, arrays, dictionaries and objects as Python's own."""
        self.left -= 1
        if depth > MAX_DEPTH or self.left < 0:
            return None
        if isinstance(value, plistlib.UID):
            value = self.objects[value.data] if value.data < len(self.objects) else None
            if value == "$null":
                return None
        if isinstance(value, list):
            return [self.value(v, depth + 1) for v in value]
        return self._plain_object(value, depth) if isinstance(value, dict) else value

    def _plain_object(self, value: dict[str, Any], depth: int) -> Any:
        """A dictionary, list, text or number from an archived object; other objects by their keys."""
        if "NS.keys" in value:
            keys, values = (self.value(value.get(k, []), depth + 1) or [] for k in ("NS.keys", "NS.objects"))
            return {str(k): v for k, v in zip(keys, values, strict=False)}
        for name in ("NS.objects", "NS.string", "NS.bytes", "NS.data", "NS.time"):
            if name in value:
                return self.value(value[name], depth + 1)
        return {k: self.value(v, depth + 1) for k, v in value.items() if k != "$class"}


def _post_body(item: Item) -> PostBody:
    content = _as_mapping(item.get("contentObj"))
    place = _as_mapping(item.get("locationInfo"))
    media = tuple(_media_body(_as_mapping(m)) for m in list_of(content.get("mediaList")))
    style = _as_int(content.get("type"))
    title, url = _as_text(content.get("title")), _as_text(content.get("linkUrl")) or _as_text(item.get("shareOpenUrl"))
    latitude, longitude = real(place.get("location_latitude")), real(place.get("location_longitude"))
    nowhere = not latitude and not longitude
    return PostBody(
        post_id=unsigned_id(item.get("tid")) or unsigned_id(item.get("id")),
        author=_as_text(item.get("username")) or None,
        author_name=_as_text(item.get("nickname")) or None,
        created=_as_int(item.get("createtime")),
        kind=kind_of_post(style, media, has_card=bool(title or url)),
        text=_as_text(item.get("contentDesc")),
        is_private=None if item.get("isPrivate") is None else bool(item.get("isPrivate")),
        latitude=None if nowhere else latitude,
        longitude=None if nowhere else longitude,
        city=_as_text(place.get("city")) or None,
        place=_as_text(place.get("poiName")) or None,
        address=_as_text(place.get("poiAdress")) or _as_text(place.get("poiAddress")) or None,
        link_title=title or None,
        link_description=_as_text(content.get("desc")) or None,
        link_url=url or None,
        source_account=_as_text(item.get("publicUserName")) or _as_text(item.get("sourceUserName")) or None,
        source_name=_as_text(item.get("sourceNickName")) or None,
        like_count=_as_int(item.get("realLikeCount")) or _as_int(item.get("likeCount")),
        comment_count=_as_int(item.get("realCommentCount")) or _as_int(item.get("commentCount")),
        media=media,
        interactions=tuple(_interaction_bodies(item)),
        is_cover=style == COVER_STYLE,
        # An archive names every field of its class, even those without a value.
        notes=() if "contentDesc" in item else (NoteCode.BROKEN_BODY,),
        fields=kept(
            style=style if style is not None else "",
            with_users=" ".join(
                w for u in list_of(item.get("withUsers")) if (w := _as_text(_as_mapping(u).get("username")))
            ),
        ),
    )


def _media_body(media: Item) -> MediaBody:
    url = _as_mapping(media.get("dataUrl"))
    width, height = _width_and_height(media.get("imgSize"))
    return MediaBody(
        kind=_MEDIA_KINDS.get(_as_int(media.get("type")) or 0, PostMediaKind.OTHER),
        media_id=unsigned_id(media.get("mid")) or _as_text(media.get("mid")) or None,
        md5=hex_digest(_as_text(url.get("md5")), _as_text(url.get("videomd5"))),
        width=width,
        height=height,
        duration=real(media.get("videoDuration")) or None,
        url=_as_text(url.get("url")) or _as_text(media.get("attachUrl")) or None,
        thumb=_as_text(media.get("attachThumbUrl")) or None,
    )


def _width_and_height(value: Any) -> tuple[int | None, int | None]:
    """Width and height in pixels, from an object or a text such as {640, 480}."""
    if isinstance(value, Mapping):
        width, height = (_as_int(value.get(n)) for n in ("width", "height"))
        if width and height:
            return width, height
        value = next((v for v in value.values() if isinstance(v, str)), None)
    found = _SIZE.search(value) if isinstance(value, str) else None
    return (int(float(found[1])) or None, int(float(found[2])) or None) if found else (None, None)


def _interaction_bodies(item: Item) -> list[InteractionBody]:
    likes = [_interaction_body(_as_mapping(u), Interaction.LIKE) for u in list_of(item.get("likeUsers"))]
    return likes + [_interaction_body(_as_mapping(u), Interaction.COMMENT) for u in list_of(item.get("commentUsers"))]


def _interaction_body(entry: Item, action: Interaction) -> InteractionBody:
    sticker = _as_mapping(entry.get("snsEmojiInfoObj"))
    return InteractionBody(
        action=action,
        author=_as_text(entry.get("username")) or None,
        author_name=_as_text(entry.get("nickname")) or None,
        text=_as_text(entry.get("content")) if action is Interaction.COMMENT else "",
        at=_as_int(entry.get("createTime")),
        comment_id=running_id(_as_text(entry.get("commentID"))),
        comment_id64=unsigned_id(entry.get("comment64ID") or entry.get("commentID64")),
        reply_to=running_id(_as_text(entry.get("refCommentID"))),
        reply_author=_as_text(entry.get("refUserName")) or None,
        is_deleted=None if entry.get("bDeleted") is None else bool(entry.get("bDeleted")),
        media_md5=hex_digest(_as_text(sticker.get("md5"))),
    )


def _as_mapping(value: Any) -> Item:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def _as_text(value: Any) -> str:
    """Text, bytes or a number as text; empty for anything else."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _as_int(value: Any) -> int | None:
    """A whole number of at most 63 bits, also from text; null for anything else."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
    if isinstance(value, float):
        value = int(value) if value.is_integer() and abs(value) < 2**53 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None
