"""WeChatDataAnalysis' Moments export: `sns_<user>.json`, one file an author, in a folder or ZIP.

Producer: WeChatDataAnalysis (sns_export_service.py). Container: a JSON object with exportId, username, postCount, posts.
Encoding: UTF-8. Time zone: unix seconds.
Cannot say: likes of newer bodies (its offline path reads an older element), comments that are a sticker only, times of comments,
removed comments, visibility. Its own copy of the store only ever grows, so it is a history, not the client's state.
"""

from collections.abc import Sequence

from reconcile.formats.shared.posts_json_reader import FileFacts, PostsJsonReader
from reconcile.intake.posts.json import (
    Row,
    digests,
    item,
    items,
    media_kind_of_url,
    stated_count,
    text,
    texts,
    whole,
    wholes,
)
from reconcile.vocabulary import Interaction, PostKind, PostMediaKind
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

_MEDIA_KINDS = {2: PostMediaKind.IMAGE, 6: PostMediaKind.VIDEO}


class MomentsWcdaJson(PostsJsonReader, form="moments_wcda_json"):
    """Reader of WeChatDataAnalysis' Moments JSON."""

    what = "JSON with exportId, username, postCount, posts"
    words_key = "contentDesc"

    def facts_of(self, name: str, posts: Sequence[Row], rest: Row) -> FileFacts:
        """The account whose store was exported; and the file's count of posts, where it is wrong."""
        owner, count = text(rest.get("account")), stated_count(name, rest.get("postCount"), len(posts))
        return FileFacts(filter(None, [owner]), notes=count)

    def body(self, post: Row, rest: Row) -> PostBody:
        """One post; where it names no author, the file does."""
        media = tuple(_media_body(m) for m in items(post.get("media")))
        style, feed = whole(post.get("type")), item(post.get("finderFeed"))
        author, title, url = (text(post.get(name)) for name in ("username", "title", "contentUrl"))
        kind = None if style is None else kind_of_post(style, media, has_card=bool(title or url))
        return PostBody(
            post_id=unsigned_id(post.get("id")) or unsigned_id(post.get("tid")),
            author=author or text(rest.get("username")) or None,
            kind=PostKind.CHANNELS if any(feed.values()) else kind,
            text=text(post.get("contentDesc")),
            link_url=url or None,
            media=media,
            interactions=(*_like_bodies(post), *(_comment_body(c) for c in items(post.get("comments")))),
            is_cover=style == COVER_STYLE,
            fields=kept(style=style if style is not None else ""),
            **texts(
                post, author_name="displayName", place="location", link_title="title|finderFeed.nickname",
                link_description="finderFeed.desc", source_name="sourceName",
            ),
            **wholes(post, created="createTime"),
        )  # fmt: skip


def _media_body(media: Row) -> MediaBody:
    attributes, number = item(media.get("urlAttrs")), whole(media.get("type"))
    by_url = media_kind_of_url(text(media.get("url")))
    return MediaBody(
        kind=by_url if number is None else _MEDIA_KINDS.get(number, PostMediaKind.OTHER),
        media_id=unsigned_id(media.get("id")) or text(media.get("id")) or None,
        md5=hex_digest(text(attributes.get("md5")), text(attributes.get("videomd5")), text(media.get("md5"))),
        **wholes(media, size="size.totalSize", width="size.width", height="size.height"),
        **texts(media, url="url", thumb="thumb"),
    )


def _like_bodies(post: Row) -> list[InteractionBody]:
    likes = post.get("likes")
    named = [n for n in likes if isinstance(n, str) and n] if isinstance(likes, list) else []
    told = [
        InteractionBody(Interaction.LIKE, **texts(d, author="username", author_name="nickname|displayName"))
        for d in items(likes)
    ]
    return [*(InteractionBody(Interaction.LIKE, author_name=n) for n in named), *told]


def _comment_body(said: Row) -> InteractionBody:
    number = text(said.get("id"))
    return InteractionBody(
        Interaction.COMMENT,
        text=text(said.get("content")),
        comment_id=running_id(number) if number.isdigit() else None,
        reply_to=running_id(text(said.get("refCommentId"))),
        media_md5=digests([*items(said.get("images")), *items(said.get("emojis"))]),
        **texts(
            said, author="username", author_name="nickname", reply_author="refUsername", reply_name="refNickname",
        ),
    )  # fmt: skip
