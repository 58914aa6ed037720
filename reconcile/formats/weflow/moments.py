"""WeFlow's Moments export: `朋友圈导出_<time>.json`, plain or as arkmejson.

Producer: WeFlow (snsService.ts exportTimeline). Container: a JSON object with exportTime, totalPosts, filters, posts; arkmejson
adds schemaVersion, recordOwner, author, likesDetail, commentsDetail. Encoding: UTF-8. Time zone: unix seconds.
Cannot say: digests and ids of pictures; accounts and times of likes and comments (plain form: names only); removed comments;
visibility; further posts of the same second at a page's edge (its paging goes on at the last time less one second).
"""

from typing import Any

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
    instant,
    item,
    items,
    media_kind_of_url,
    readable,
    real,
    text,
    whole,
)
from reconcile.intake.source import Source
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


class MomentsWeflowJson:
    """Reader of WeFlow's Moments JSON, both of its forms."""

    name = "moments_weflow_json"
    title = "WeFlow Moments JSON, arkmejson"
    tested_with = "WeFlow @46b49ef"
    limits = NO_LIMITS
    is_supplement = True

    def sniff(self, source: Source) -> Claim:
        """Certain of JSON with exportTime, totalPosts and posts alone, likely beside other exports."""
        return claim_of_files(source, files_of(source, _is_mine), "JSON with exportTime, totalPosts, posts")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every file's posts."""
        files = files_of(source, _is_mine)
        if not files:
            raise UnreadableSource(source.path, f"{source.path}: holds no JSON with exportTime, totalPosts, posts")
        notes: list[Note] = []
        rows, owner, contacts, exported = PostRows(), None, dict[str, Row](), None
        for file, posts, rest in readable(source, files, "posts", notes):
            name = source.relative(file)
            owner = owner or text(item(rest.get("recordOwner")).get("wxid")) or None
            exported = instant(rest.get("exportTime")) or exported
            notes += _edges(name, posts, rest)
            for number, post in enumerate(posts):
                _learn(contacts, post)
                rows.add(_body(post), f"{name}#posts/{number}")
        store = rows.reading(self.name)
        return posts_only(
            self.name, self.limits, [store], notes, owner=owner, folder=files[0], options=options, kinds_inferred=True, contacts=list(contacts.values()),
            exported_at=exported,
        )  # fmt: skip


def _is_mine(shape: JsonShape) -> bool:
    return shape.root == "object" and {"exportTime", "totalPosts", "posts"} <= set(shape.keys)


def _edges(name: str, posts: list[Row], rest: Row) -> list[Note]:
    """Filters and counts that the file states, and seconds at which its paging may have lost posts."""
    notes = []
    filters = item(rest.get("filters"))
    stated = ", ".join(f"{k}={v}" for k, v in filters.items() if v)
    if stated:
        notes.append(Note(NoteCode.FILTER_STATED, name, stated[:200]))
    if whole(rest.get("totalPosts")) not in (None, len(posts)):
        notes.append(
            Note(NoteCode.COUNT_MISMATCH, name, f"{rest.get('totalPosts')} stated, {len(posts)} held", said=True)
        )
    if len(posts) > PAGE:
        notes.append(Note(NoteCode.PAGE_EDGE, name, "", (len(posts) - 1) // PAGE))
    return notes


def _learn(contacts: dict[str, Row], post: Row) -> None:
    for person in (item(post.get("author")), *items(post.get("likesDetail")), *items(post.get("commentsDetail"))):
        account = text(person.get("wxid") or person.get("username"))
        if account:
            contacts.setdefault(account, {
                "id": account, "alias": text(person.get("alias")) or None, "remark": text(person.get("remark")) or None,
                "nickname": text(person.get("nickName") or person.get("nickname")) or None,
            })  # fmt: skip


def _body(post: Row) -> PostBody:
    media = tuple(_media(m) for m in items(post.get("media")))
    style = whole(post.get("type"))
    title, url = text(post.get("linkTitle")), text(post.get("linkUrl"))
    place = item(post.get("location"))
    return PostBody(
        post_id=unsigned_id(post.get("id")) or unsigned_id(post.get("tid")),
        author=text(post.get("username")) or None,
        author_name=text(post.get("nickname")) or None,
        created=whole(post.get("createTime")),
        kind=None if style is None else kind_of_post(style, media, has_card=bool(title or url)),
        text=text(post.get("contentDesc")),
        latitude=real(place.get("latitude")) or None,
        longitude=real(place.get("longitude")) or None,
        city=text(place.get("city")) or None,
        place=text(place.get("poiName") or place.get("poiAddressName") or place.get("label")) or None,
        address=text(place.get("poiAddress")) or None,
        link_title=title or None,
        link_url=url or None,
        media=media,
        interactions=(*_likes(post), *_comments(post)),
        is_cover=style == COVER_STYLE,
        fields=kept(style=style if style is not None else ""),
    )


def _media(media: Row) -> MediaBody:
    url, live = text(media.get("url")), item(media.get("livePhoto"))
    return MediaBody(
        kind=media_kind_of_url(url),
        md5=hex_digest(text(media.get("md5"))),
        live_md5=hex_digest(text(live.get("md5"))),
        url=url or None,
        thumb=text(media.get("thumb")) or None,
        path=text(media.get("localPath")) or None,
    )


def _likes(post: Row) -> list[InteractionBody]:
    detailed = items(post.get("likesDetail"))
    if detailed:
        return [_said(Interaction.LIKE, d) for d in detailed]
    names: Any = post.get("likes")
    return [
        InteractionBody(Interaction.LIKE, author_name=n)
        for n in (names if isinstance(names, list) else [])
        if isinstance(n, str) and n
    ]


def _comments(post: Row) -> list[InteractionBody]:
    return [_said(Interaction.COMMENT, c) for c in items(post.get("commentsDetail")) or items(post.get("comments"))]


def _said(action: Interaction, said: Row) -> InteractionBody:
    number = text(said.get("id"))
    return InteractionBody(
        action=action,
        author=text(said.get("username") or said.get("wxid")) or None,
        author_name=text(said.get("nickname") or said.get("displayName")) or None,
        text=text(said.get("content")) if action is Interaction.COMMENT else "",
        # A number that the tool made up (cmt_<time>_<random>) identifies nothing.
        comment_id=running_id(number) if number.isdigit() else None,
        reply_to=running_id(text(said.get("refCommentId"))),
        reply_author=text(said.get("refUsername")) or None,
        reply_name=text(said.get("refNickname")) or None,
        media_md5=digests([*items(said.get("emojis")), *items(said.get("images"))]),
    )
