"""Android's SnsInfo: `content` (TimeLineObject) and `attrBuf` (SnsObject), two protobufs of one post.

The layout is described in wechat-moments 1.3.

Field numbers: pa_script tencent_struct.py, agreed by AlayshChen MMSnsObject.m and MMSnsCommentInfo.m.
"""

from collections.abc import Iterable
from dataclasses import replace

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
from reconcile.wechat.moments.xml import read_post_xml
from reconcile.wechat.payload.media import kept
from reconcile.wechat.protobuf import int_in, message_of, nested, real_in, text_in

Message = dict[int, list[int | bytes]]
_LIKES, _COMMENTS = 9, 12
_MEDIA_KINDS = {2: PostMediaKind.IMAGE, 6: PostMediaKind.VIDEO}


def read_post_buffers(content: bytes | None, attributes: bytes | None) -> PostBody:
    """The post of a row's two buffers.

    `content`, which the client shows, gives words, author, time and card. The XML inside `attrBuf` adds digests and
    sizes, and `attrBuf` itself gives likes and comments. A buffer of another author is not used. Either may be XML.
    If neither is readable, the post has `absent` words.
    """
    shown = _parse_timeline(content or b"")
    held = message_of(attributes or b"")
    body = _xml_of(attributes or b"", held)
    author = text_in(held, 2)
    foreign = bool(shown and shown.author and author and author != shown.author)
    if body and not foreign and shown:
        body = _merged(shown, body)
    elif shown:
        body = shown
    if body is None:
        known = text_in(held, 2) or None
        return PostBody(
            post_id=_id_in(held), author=known, created=int_in(held, 4), text_quality=TextQuality.ABSENT,
            notes=(NoteCode.BROKEN_BODY,),
        )  # fmt: skip
    if foreign:
        return replace(body, notes=(*body.notes, NoteCode.ODD_VALUE))
    return _with_interactions(body, held)


def _merged(shown: PostBody, body: PostBody) -> PostBody:
    """The XML's post with the words that the client shows; a difference between the two is noted."""
    differs = shown.text != body.text and shown.text.strip() and body.text.strip()
    notes = (*body.notes, NoteCode.ODD_VALUE) if differs else body.notes
    media = body.media if body.media or not shown.media else shown.media
    return replace(
        body,
        text=shown.text or body.text,
        post_id=shown.post_id or body.post_id,
        author=shown.author or body.author,
        created=shown.created or body.created,
        link_title=shown.link_title or body.link_title,
        link_url=shown.link_url or body.link_url,
        place=body.place,
        city=body.city or shown.city,
        media=media,
        notes=notes,
    )


def _with_interactions(body: PostBody, held: Message) -> PostBody:
    """Add likes, comments, their numbers and the author's name to a post."""
    found = [*_interactions_in(held, _LIKES, Interaction.LIKE), *_interactions_in(held, _COMMENTS, Interaction.COMMENT)]
    return replace(
        body,
        author_name=text_in(held, 3) or body.author_name,
        like_count=int_in(held, 7),
        comment_count=int_in(held, 10),
        interactions=tuple(found) or body.interactions,
    )


def _xml_of(raw: bytes, held: Message) -> PostBody | None:
    """The TimelineObject inside objectDesc (a length and a buffer, or text), or the whole buffer as XML."""
    if raw.lstrip()[:1] == b"<":
        return read_post_xml(raw.decode("utf-8", "replace"))
    for value in held.get(5, []):
        if isinstance(value, bytes):
            text = value if value.lstrip()[:1] == b"<" else next((v for v in message_of(value).get(2, []) if isinstance(v, bytes)), b"")  # fmt: skip
            if text.lstrip(b"\x00 \r\n\t")[:1] == b"<":
                return read_post_xml(text.decode("utf-8", "replace"))
    return None


def _parse_timeline(content: bytes) -> PostBody | None:
    """A post from XML or from its stored bytes; null where they hold none."""
    if content.lstrip()[:1] == b"<":
        return read_post_xml(content.decode("utf-8", "replace"))
    line = message_of(content)
    if not line or not (text_in(line, 1) or text_in(line, 2) or int_in(line, 4)):
        return None
    inner = next(iter(nested(line, 8)), {})
    place = next(iter(nested(line, 6)), {})
    media = tuple(_media_body(m) for m in nested(inner, 5))
    style = int_in(inner, 2)
    longitude, latitude = real_in(place, 1), real_in(place, 2)
    nowhere = not latitude and not longitude
    return PostBody(
        post_id=_id_in(line),
        author=text_in(line, 2) or None,
        created=int_in(line, 4),
        kind=kind_of_post(style, media, has_card=bool(text_in(inner, 3) or text_in(inner, 4))),
        text=text_in(line, 5),
        is_private=bool(int_in(line, 3)),
        latitude=None if nowhere else latitude,
        longitude=None if nowhere else longitude,
        city=text_in(place, 3) or None,
        # The meaning of the address parts is unknown, so they are shown but never compared with a place's name.
        address=" ".join(filter(None, (text_in(place, 5), text_in(place, 15)))) or None,
        link_title=text_in(inner, 3) or None,
        link_description=text_in(inner, 1) or None,
        link_url=text_in(inner, 4) or None,
        media=media,
        is_cover=style == COVER_STYLE,
        fields=kept(style=style if style is not None else ""),
    )


def _media_body(media: Message) -> MediaBody:
    return MediaBody(
        kind=_MEDIA_KINDS.get(int_in(media, 2) or 0, PostMediaKind.OTHER),
        media_id=_id_in(media),
        url=text_in(media, 4) or None,
    )


def _interactions_in(held: Message, number: int, action: Interaction) -> Iterable[InteractionBody]:
    for entry in nested(held, number):
        yield interaction_of(entry, action)


def interaction_of(entry: Message, action: Interaction | None = None) -> InteractionBody:
    """One like or comment record; `action` None = as its own field 4 says."""
    told = action or (Interaction.LIKE if int_in(entry, 4) == 1 else Interaction.COMMENT)
    reply = int_in(entry, 8)
    return InteractionBody(
        action=told,
        author=text_in(entry, 1) or None,
        author_name=text_in(entry, 2) or None,
        text=text_in(entry, 5) if told is Interaction.COMMENT else "",
        at=int_in(entry, 6),
        comment_id=running_id(int_in(entry, 7)),
        comment_id64=unsigned_id(int_in(entry, 12)),
        reply_to=running_id(reply),
        reply_author=text_in(entry, 9) or None,
        # Protobuf omits zeros: an absent field means not removed.
        is_deleted=bool(int_in(entry, 13)),
    )


def _id_in(message: Message) -> str | None:
    """The id in field 1, stored as a number or as text; null without one."""
    return unsigned_id(int_in(message, 1)) or unsigned_id(text_in(message, 1))
