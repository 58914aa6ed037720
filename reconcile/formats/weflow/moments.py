"""WeFlow's Moments export: `朋友圈导出_<time>.json`, plain or as arkmejson.

Producer: WeFlow (snsService.ts exportTimeline). Container: a JSON object with exportTime, totalPosts, filters, posts; arkmejson
adds schemaVersion, recordOwner, author, likesDetail, commentsDetail. Encoding: UTF-8. Time zone: unix seconds.
Cannot say: digests and ids of pictures; accounts and times of likes and comments (plain form: names only); removed comments;
visibility; further posts of the same second at a page's edge (its paging goes on at the last time less one second).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from reconcile.formats.shared.posts_json_reader import FileFacts, PostsJsonReader
from reconcile.intake.contract import Note
from reconcile.intake.posts.json import (
    Row,
    digests,
    instant,
    item,
    items,
    media_kind_of_url,
    real,
    stated_count,
    text,
    texts,
    whole,
    wholes,
)
from reconcile.vocabulary import Interaction, NoteCode
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

PAGE = 50


class MomentsWeflowJson(PostsJsonReader, form="moments_weflow_json"):
    """Reader of WeFlow's Moments JSON, both of its forms."""

    what = "JSON with exportTime, totalPosts, posts"

    def facts_of(self, name: str, posts: Sequence[Row], rest: Row) -> FileFacts:
        """Owner, time, people and limits that the file states."""
        owner = texts(rest, owner="recordOwner.wxid").values()
        return FileFacts(
            filter(None, owner), _people_in(posts), _limits(name, posts, rest), instant(rest.get("exportTime"))
        )

    def body(self, post: Row, rest: Row) -> PostBody:
        """One post."""
        media = tuple(_media_body(m) for m in items(post.get("media")))
        style, place = whole(post.get("type")), item(post.get("location"))
        card = texts(post, link_title="linkTitle", link_url="linkUrl")
        return PostBody(
            post_id=unsigned_id(post.get("id")) or unsigned_id(post.get("tid")),
            kind=None if style is None else kind_of_post(style, media, has_card=any(card.values())),
            text=text(post.get("contentDesc")),
            latitude=real(place.get("latitude")) or None,
            longitude=real(place.get("longitude")) or None,
            media=media,
            interactions=(*_like_bodies(post), *_comment_bodies(post)),
            is_cover=style == COVER_STYLE,
            fields=kept(style=style if style is not None else ""),
            **card,
            **texts(
                post, author="username", author_name="nickname", city="location.city", address="location.poiAddress",
                place="location.poiName|location.poiAddressName|location.label",
            ),
            **wholes(post, created="createTime"),
        )  # fmt: skip


def _limits(name: str, posts: Sequence[Row], rest: Row) -> Iterator[Note]:
    """Filters and counts that the file states, and seconds at which its paging may have lost posts."""
    stated = ", ".join(f"{k}={v}" for k, v in item(rest.get("filters")).items() if v)
    if stated:
        yield Note(NoteCode.FILTER_STATED, name, stated[:200])
    yield from stated_count(name, rest.get("totalPosts"), len(posts))
    if len(posts) > PAGE:
        yield Note(NoteCode.PAGE_EDGE, name, "", (len(posts) - 1) // PAGE)


def _people_in(posts: Sequence[Row]) -> Iterator[Row]:
    for post in posts:
        for person in (item(post.get("author")), *items(post.get("likesDetail")), *items(post.get("commentsDetail"))):
            known = texts(person, id="wxid|username", alias="alias", remark="remark", nickname="nickName|nickname")
            if known["id"]:
                yield known


def _media_body(media: Row) -> MediaBody:
    return MediaBody(
        kind=media_kind_of_url(text(media.get("url"))),
        md5=hex_digest(text(media.get("md5"))),
        live_md5=hex_digest(text(item(media.get("livePhoto")).get("md5"))),
        **texts(media, url="url", thumb="thumb", path="localPath"),
    )


def _like_bodies(post: Row) -> list[InteractionBody]:
    detailed = items(post.get("likesDetail"))
    if detailed:
        return [_interaction_body(Interaction.LIKE, d) for d in detailed]
    names: Any = post.get("likes")
    return [
        InteractionBody(Interaction.LIKE, author_name=n)
        for n in (names if isinstance(names, list) else [])
        if isinstance(n, str) and n
    ]


def _comment_bodies(post: Row) -> list[InteractionBody]:
    return [
        _interaction_body(Interaction.COMMENT, c)
        for c in items(post.get("commentsDetail")) or items(post.get("comments"))
    ]


def _interaction_body(action: Interaction, said: Row) -> InteractionBody:
    number = text(said.get("id"))
    return InteractionBody(
        action=action,
        text=text(said.get("content")) if action is Interaction.COMMENT else "",
        # A number that the tool made up (cmt_<time>_<random>) identifies nothing.
        comment_id=running_id(number) if number.isdigit() else None,
        reply_to=running_id(text(said.get("refCommentId"))),
        media_md5=digests([*items(said.get("emojis")), *items(said.get("images"))]),
        **texts(
            said, author="username|wxid", author_name="nickname|displayName", reply_author="refUsername",
            reply_name="refNickname",
        ),
    )  # fmt: skip
