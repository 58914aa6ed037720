"""WeChatMomentStat for Android: `exported_sns.json` or `all_sns.json`, posts with their raw XML.

Producer: WeChatMomentStat-Android (SnsReader.java). Container: a JSON array of posts with snsId, authorId, timestamp, rawXML.
Encoding: UTF-8. Time zone: unix seconds.
Cannot say: running numbers and times of comments; equal words by one author under one post, which the tool keeps once; removed
comments; posts that the phone never looked at.
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
    files_of,
    items,
    media_kind_of_url,
    readable,
    text,
    whole,
)
from reconcile.intake.source import Source
from reconcile.vocabulary import Interaction, NoteCode
from reconcile.wechat.moments.types import InteractionBody, MediaBody, PostBody, unsigned_id
from reconcile.wechat.moments.xml import read_post_xml


class MomentsMomentstatJson:
    """Reader of WeChatMomentStat's JSON."""

    name = "moments_momentstat_json"
    title = "WeChatMomentStat JSON"
    tested_with = "WeChatMomentStat-Android @2670f6a"
    limits = NO_LIMITS
    is_supplement = True

    def sniff(self, source: Source) -> Claim:
        """Certain of a JSON array of posts with snsId and authorId alone, likely beside other exports."""
        return claim_of_files(source, files_of(source, _is_mine), "a JSON array of posts with snsId, authorId")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every file's posts; the owner is the author whose posts the tool marks as the user's."""
        files = files_of(source, _is_mine)
        if not files:
            raise UnreadableSource(source.path, f"{source.path}: holds no JSON array of posts with snsId, authorId")
        notes: list[Note] = []
        rows, owners = PostRows(), set[str]()
        for file, posts, _ in readable(source, files, None, notes, "content"):
            for number, post in enumerate(posts):
                locator = f"{source.relative(file)}#/{number}"
                body = _body(post)
                rows.add(body, locator)
                if body.author and post.get("isCurrentUser") is True:
                    owners.add(body.author)
        store = rows.reading(self.name)
        owner = owners.pop() if len(owners) == 1 else None
        return posts_only(
            self.name, self.limits, [store], notes, owner=owner, folder=files[0], options=options, kinds_inferred=True
        )


def _is_mine(shape: JsonShape) -> bool:
    return shape.root == "array" and {"snsId", "authorId"} <= set(shape.first)


def _body(post: Row) -> PostBody:
    """The post of the raw XML combined with what the tool shows.

    Where their words differ, a note says so and the tool's words are shown.
    """
    body = read_post_xml(text(post.get("rawXML")))
    shown = text(post.get("content"))
    said = (
        *(_said(Interaction.LIKE, s) for s in items(post.get("likes"))),
        *(_said(Interaction.COMMENT, s) for s in items(post.get("comments"))),
    )
    urls = post.get("mediaList")
    listed = tuple(MediaBody(media_kind_of_url(u), url=u) for u in urls if isinstance(u, str)) if isinstance(urls, list) else ()  # fmt: skip
    if body is None or body.text_quality is not None:
        body = PostBody(media=listed or None)
    elif shown.strip() and body.text.strip() and shown.strip() != body.text.strip():
        body = replace(body, notes=(*body.notes, NoteCode.ODD_VALUE))
    return replace(
        body,
        post_id=unsigned_id(post.get("snsId")) or body.post_id,
        author=text(post.get("authorId")) or body.author,
        author_name=text(post.get("authorName")) or None,
        created=whole(post.get("timestamp")) or body.created,
        text=shown or body.text,
        media=body.media if body.media or not listed else listed,
        interactions=said,
    )


def _said(action: Interaction, said: Row) -> InteractionBody:
    return InteractionBody(
        action=action,
        author=text(said.get("authorId") or said.get("userId")) or None,
        author_name=text(said.get("authorName") or said.get("userName")) or None,
        text=text(said.get("content")) if action is Interaction.COMMENT else "",
        reply_author=text(said.get("toUserId")) or None,
        reply_name=text(said.get("toUserName") or said.get("toUser")) or None,
    )
