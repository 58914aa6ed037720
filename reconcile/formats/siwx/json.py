"""SIWX' Moments export as JSON: `{meta, posts}`.

Producer: SIWX (sns_export.py). Container: a JSON object with meta and posts; each post has tid, time, author, text, card, media.
Encoding: UTF-8. Time zone: unix seconds.
Cannot say: running numbers of comments and which comment one answers (its author only), ids of pictures; bodies that SIWX could
not parse are not written.
"""

from collections.abc import Sequence

from reconcile.formats.shared.posts_json_reader import FileFacts, PostsJsonReader
from reconcile.intake.json.shape import JsonShape
from reconcile.intake.posts.json import Row, digests, item, items, real, text, texts, whole, wholes
from reconcile.vocabulary import Interaction, PostKind, PostMediaKind
from reconcile.wechat.moments.types import InteractionBody, MediaBody, PostBody, unsigned_id
from reconcile.wechat.payload.media import hex_digest

# card/kind, which SIWX derives from the elements present, not from the number.
_CARDS = {
    "link": PostKind.LINK, "music": PostKind.MUSIC, "finder": PostKind.CHANNELS, "live": PostKind.LIVE, "note": PostKind.NOTE,
}  # fmt: skip


class MomentsSiwxJson(PostsJsonReader, form="moments_siwx_json"):
    """Reader of SIWX' Moments JSON."""

    what = "JSON with meta, posts[tid, time, author]"
    words_key = "text"

    def is_mine(self, shape: JsonShape) -> bool:
        """Whether a file holds posts with tid and author, or tid and a shown time."""
        if shape.root != "object" or "posts" not in shape.keys or {"exportTime", "exportId"} & set(shape.keys):
            return False
        return {"tid", "time", "author"} <= set(shape.first) or {"tid", "timeText"} <= set(shape.first)

    def facts_of(self, name: str, posts: Sequence[Row], rest: Row) -> FileFacts:
        """The account in the file's meta."""
        return FileFacts(filter(None, texts(rest, owner="meta.account|meta.wxid|meta.owner").values()))

    def body(self, post: Row, rest: Row) -> PostBody:
        """One post."""
        media = tuple(_media_body(m) for m in items(post.get("media")))
        private, place = post.get("private"), item(post.get("location"))
        return PostBody(
            post_id=unsigned_id(post.get("tid")) or unsigned_id(post.get("id")),
            kind=_post_kind(item(post.get("card")), media),
            text=text(post.get("text")),
            is_private=private if isinstance(private, bool) else None,
            latitude=real(place.get("latitude")) or None,
            longitude=real(place.get("longitude")) or None,
            media=media,
            interactions=(
                *(_interaction_body(Interaction.LIKE, s) for s in items(post.get("likes"))),
                *(_interaction_body(Interaction.COMMENT, s) for s in items(post.get("comments"))),
            ),
            **texts(
                post, author="author", city="location.city", place="location.name|location.poiName",
                address="location.address|location.poiAddress", link_title="card.title|card.finder.nickname",
                link_description="card.description", link_url="card.url", source_name="card.source",
            ),
            **wholes(post, created="time"),
        )  # fmt: skip


def _post_kind(card: Row, media: tuple[MediaBody, ...]) -> PostKind:
    if found := _CARDS.get(text(card.get("kind"))):
        return found
    if any(m.kind is PostMediaKind.VIDEO for m in media):
        return PostKind.VIDEO
    return PostKind.IMAGE if media else PostKind.TEXT


def _media_body(media: Row) -> MediaBody:
    return MediaBody(
        kind=PostMediaKind.VIDEO if media.get("type") == "video" else PostMediaKind.IMAGE,
        md5=hex_digest(text(media.get("md5"))),
        live_md5=hex_digest(text(item(media.get("livePhoto")).get("md5"))),
        **wholes(media, width="width", height="height"),
        **texts(media, url="url", thumb="thumb", path="localFile"),
    )


def _interaction_body(action: Interaction, said: Row) -> InteractionBody:
    removed = said.get("deleted")
    return InteractionBody(
        action=action,
        text=text(said.get("text")) if action is Interaction.COMMENT else "",
        at=whole(said.get("time")),
        is_deleted=removed if isinstance(removed, bool) else None,
        media_md5=digests([*items(said.get("emojis")), *items(said.get("images"))]),
        **texts(said, author="username", author_name="name", reply_author="replyTo"),
    )
