"""SIWX' Moments export as JSON: `{meta, posts}`.

Producer: SIWX (sns_export.py). Container: a JSON object with meta and posts; each post has tid, time, author, text, card, media.
Encoding: UTF-8. Time zone: unix seconds.
Cannot say: running numbers of comments and which comment one answers (its author only), ids of pictures; bodies that SIWX could
not parse are not written.
"""

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.posts_reading import NO_LIMITS, posts_only
from reconcile.intake.contract import Claim, Note, Reading, ReadOptions
from reconcile.intake.json.shape import JsonShape
from reconcile.intake.posts.frames import PostRows
from reconcile.intake.posts.json import (
    Row,
    claim_of_files,
    digests,
    files_of,
    item,
    items,
    readable,
    real,
    text,
    whole,
)
from reconcile.intake.source import Source
from reconcile.vocabulary import Interaction, PostKind, PostMediaKind
from reconcile.wechat.moments.types import InteractionBody, MediaBody, PostBody, unsigned_id
from reconcile.wechat.payload.media import hex_digest

# card/kind, which SIWX derives from the elements present, not from the number.
_CARDS = {
    "link": PostKind.LINK, "music": PostKind.MUSIC, "finder": PostKind.CHANNELS, "live": PostKind.LIVE, "note": PostKind.NOTE,
}  # fmt: skip


class MomentsSiwxJson:
    """Reader of SIWX' Moments JSON."""

    name = "moments_siwx_json"
    title = "SIWX Moments JSON"
    tested_with = "SIWX @1ee51f8"
    limits = NO_LIMITS
    is_supplement = True

    def sniff(self, source: Source) -> Claim:
        """Certain of JSON with meta and posts that have tid and author alone, likely beside other exports."""
        return claim_of_files(source, files_of(source, _is_mine), "JSON with meta, posts[tid, time, author]")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every file's posts."""
        files = files_of(source, _is_mine)
        if not files:
            raise UnreadableSource(source.path, f"{source.path}: holds no JSON with meta, posts[tid, time, author]")
        notes: list[Note] = []
        rows, owner = PostRows(), None
        for file, posts, rest in readable(source, files, "posts", notes, "text"):
            meta = item(rest.get("meta"))
            owner = owner or text(meta.get("account") or meta.get("wxid") or meta.get("owner")) or None
            for number, post in enumerate(posts):
                rows.add(_body(post), f"{source.relative(file)}#posts/{number}")
        store = rows.reading(self.name)
        return posts_only(
            self.name, self.limits, [store], notes, owner=owner, folder=files[0], options=options, kinds_inferred=True
        )


def _is_mine(shape: JsonShape) -> bool:
    if shape.root != "object" or "posts" not in shape.keys or {"exportTime", "exportId"} & set(shape.keys):
        return False
    return {"tid", "time", "author"} <= set(shape.first) or {"tid", "timeText"} <= set(shape.first)


def _body(post: Row) -> PostBody:
    media = tuple(_media(m) for m in items(post.get("media")))
    card, place = item(post.get("card")), item(post.get("location"))
    private = post.get("private")
    return PostBody(
        post_id=unsigned_id(post.get("tid")) or unsigned_id(post.get("id")),
        author=text(post.get("author")) or None,
        created=whole(post.get("time")),
        kind=_kind(card, media),
        text=text(post.get("text")),
        is_private=private if isinstance(private, bool) else None,
        latitude=real(place.get("latitude")) or None,
        longitude=real(place.get("longitude")) or None,
        city=text(place.get("city")) or None,
        place=text(place.get("name") or place.get("poiName")) or None,
        address=text(place.get("address") or place.get("poiAddress")) or None,
        link_title=text(card.get("title")) or text(item(card.get("finder")).get("nickname")) or None,
        link_description=text(card.get("description")) or None,
        link_url=text(card.get("url")) or None,
        source_name=text(card.get("source")) or None,
        media=media,
        interactions=(
            *(_said(Interaction.LIKE, s) for s in items(post.get("likes"))),
            *(_said(Interaction.COMMENT, s) for s in items(post.get("comments"))),
        ),
    )


def _kind(card: Row, media: tuple[MediaBody, ...]) -> PostKind:
    if found := _CARDS.get(text(card.get("kind"))):
        return found
    if any(m.kind is PostMediaKind.VIDEO for m in media):
        return PostKind.VIDEO
    return PostKind.IMAGE if media else PostKind.TEXT


def _media(media: Row) -> MediaBody:
    live = item(media.get("livePhoto"))
    return MediaBody(
        kind=PostMediaKind.VIDEO if media.get("type") == "video" else PostMediaKind.IMAGE,
        md5=hex_digest(text(media.get("md5"))),
        live_md5=hex_digest(text(live.get("md5"))),
        width=whole(media.get("width")),
        height=whole(media.get("height")),
        url=text(media.get("url")) or None,
        thumb=text(media.get("thumb")) or None,
        path=text(media.get("localFile")) or None,
    )


def _said(action: Interaction, said: Row) -> InteractionBody:
    removed = said.get("deleted")
    return InteractionBody(
        action=action,
        author=text(said.get("username")) or None,
        author_name=text(said.get("name")) or None,
        text=text(said.get("text")) if action is Interaction.COMMENT else "",
        at=whole(said.get("time")),
        reply_author=text(said.get("replyTo")) or None,
        is_deleted=removed if isinstance(removed, bool) else None,
        media_md5=digests([*items(said.get("emojis")), *items(said.get("images"))]),
    )
