"""WeChatDataAnalysis' Moments export: `sns_<user>.json`, one file an author, in a folder or ZIP.

Producer: WeChatDataAnalysis (sns_export_service.py). Container: a JSON object with exportId, username, postCount, posts.
Encoding: UTF-8. Time zone: unix seconds.
Cannot say: likes of newer bodies (its offline path reads an older element), comments that are a sticker only, times of comments,
removed comments, visibility. Its own copy of the store only ever grows, so it is a history, not the client's state.
"""

from dataclasses import replace

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
    media_kind_of_url,
    readable,
    text,
    whole,
)
from reconcile.intake.source import Source
from reconcile.vocabulary import Interaction, NoteCode, PostKind, PostMediaKind
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


class MomentsWcdaJson:
    """Reader of WeChatDataAnalysis' Moments JSON."""

    name = "moments_wcda_json"
    title = "WeChatDataAnalysis Moments JSON"
    tested_with = "WeChatDataAnalysis @e85a09c"
    limits = NO_LIMITS
    is_supplement = True

    def sniff(self, source: Source) -> Claim:
        """Certain of JSON with exportId, username and posts alone, likely beside other exports."""
        return claim_of_files(source, files_of(source, _is_mine), "JSON with exportId, username, postCount, posts")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every author's posts."""
        files = files_of(source, _is_mine)
        if not files:
            raise UnreadableSource(
                source.path, f"{source.path}: holds no JSON with exportId, username, postCount, posts"
            )
        notes: list[Note] = []
        rows, owner = PostRows(), None
        for file, posts, rest in readable(source, files, "posts", notes, "contentDesc"):
            name = source.relative(file)
            owner = owner or text(rest.get("account")) or None
            if whole(rest.get("postCount")) not in (None, len(posts)):
                notes.append(
                    Note(NoteCode.COUNT_MISMATCH, name, f"{rest.get('postCount')} stated, {len(posts)} held", said=True)
                )
            author = text(rest.get("username")) or None
            for number, post in enumerate(posts):
                body = _body(post)
                rows.add(replace(body, author=body.author or author), f"{name}#posts/{number}")
        store = rows.reading(self.name)
        return posts_only(
            self.name, self.limits, [store], notes, owner=owner, folder=files[0], options=options, kinds_inferred=True
        )


def _is_mine(shape: JsonShape) -> bool:
    keys = set(shape.keys)
    return shape.root == "object" and {"username", "posts"} <= keys and bool(keys & {"exportId", "postCount"})


def _body(post: Row) -> PostBody:
    media = tuple(_media(m) for m in items(post.get("media")))
    style = whole(post.get("type"))
    title, url = text(post.get("title")), text(post.get("contentUrl"))
    feed = item(post.get("finderFeed"))
    kind = None if style is None else kind_of_post(style, media, has_card=bool(title or url))
    if any(feed.values()):
        kind = PostKind.CHANNELS
    return PostBody(
        post_id=unsigned_id(post.get("id")) or unsigned_id(post.get("tid")),
        author=text(post.get("username")) or None,
        author_name=text(post.get("displayName")) or None,
        created=whole(post.get("createTime")),
        kind=kind,
        text=text(post.get("contentDesc")),
        place=text(post.get("location")) or None,
        link_title=title or text(feed.get("nickname")) or None,
        link_description=text(feed.get("desc")) or None,
        link_url=url or None,
        source_name=text(post.get("sourceName")) or None,
        media=media,
        interactions=(*_likes(post), *(_comment(c) for c in items(post.get("comments")))),
        is_cover=style == COVER_STYLE,
        fields=kept(style=style if style is not None else ""),
    )


def _media(media: Row) -> MediaBody:
    url, size = text(media.get("url")), item(media.get("size"))
    attributes = item(media.get("urlAttrs"))
    number = whole(media.get("type"))
    return MediaBody(
        kind=media_kind_of_url(url) if number is None else _MEDIA_KINDS.get(number, PostMediaKind.OTHER),
        media_id=unsigned_id(media.get("id")) or text(media.get("id")) or None,
        md5=hex_digest(text(attributes.get("md5")), text(attributes.get("videomd5")), text(media.get("md5"))),
        size=whole(size.get("totalSize")),
        width=whole(size.get("width")),
        height=whole(size.get("height")),
        url=url or None,
        thumb=text(media.get("thumb")) or None,
    )


def _likes(post: Row) -> list[InteractionBody]:
    likes = post.get("likes")
    named = [n for n in likes if isinstance(n, str) and n] if isinstance(likes, list) else []
    told = [
        InteractionBody(
            Interaction.LIKE,
            author=text(d.get("username")) or None,
            author_name=text(d.get("nickname") or d.get("displayName")) or None,
        )
        for d in items(likes)
    ]
    return [*(InteractionBody(Interaction.LIKE, author_name=n) for n in named), *told]


def _comment(said: Row) -> InteractionBody:
    number = text(said.get("id"))
    return InteractionBody(
        Interaction.COMMENT,
        author=text(said.get("username")) or None,
        author_name=text(said.get("nickname")) or None,
        text=text(said.get("content")),
        comment_id=running_id(number) if number.isdigit() else None,
        reply_author=text(said.get("refUsername")) or None,
        reply_name=text(said.get("refNickname")) or None,
        reply_to=running_id(text(said.get("refCommentId"))),
        media_md5=digests([*items(said.get("images")), *items(said.get("emojis"))]),
    )
