"""WeChatMomentStat for Android: `exported_sns.json` or `all_sns.json`, posts with their raw XML.

Producer: WeChatMomentStat-Android (SnsReader.java). Container: a JSON array of posts with snsId, authorId, timestamp, rawXML.
Encoding: UTF-8. Time zone: unix seconds.
Cannot say: running numbers and times of comments; equal words by one author under one post, which the tool keeps once; removed
comments; posts that the phone never looked at.
"""

from collections.abc import Sequence
from dataclasses import replace

from reconcile.formats.shared.posts_json_reader import FileFacts, PostsJsonReader
from reconcile.intake.posts.json import Row, items, media_kind_of_url, text, texts, whole
from reconcile.vocabulary import Interaction, NoteCode
from reconcile.wechat.moments.types import InteractionBody, MediaBody, PostBody, unsigned_id
from reconcile.wechat.moments.xml import read_post_xml


class MomentsMomentstatJson(PostsJsonReader, form="moments_momentstat_json"):
    """Reader of WeChatMomentStat's JSON."""

    what = "JSON array of posts with snsId, authorId"
    posts_key = None
    words_key = "content"
    has_one_owner = True

    def facts_of(self, name: str, posts: Sequence[Row], rest: Row) -> FileFacts:
        """The authors whose posts the tool marks as the user's."""
        bodies = (self.body(p, rest) for p in posts if p.get("isCurrentUser") is True)
        return FileFacts(b.author for b in bodies if b.author)

    def body(self, post: Row, rest: Row) -> PostBody:
        """The post of the raw XML combined with what the tool shows.

        Where their words differ, a note says so and the tool's words are shown.
        """
        body = read_post_xml(text(post.get("rawXML")))
        shown = text(post.get("content"))
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
            interactions=(
                *(_interaction_body(Interaction.LIKE, s) for s in items(post.get("likes"))),
                *(_interaction_body(Interaction.COMMENT, s) for s in items(post.get("comments"))),
            ),
        )


def _interaction_body(action: Interaction, said: Row) -> InteractionBody:
    return InteractionBody(
        action=action,
        text=text(said.get("content")) if action is Interaction.COMMENT else "",
        **texts(
            said, author="authorId|userId", author_name="authorName|userName", reply_author="toUserId",
            reply_name="toUserName|toUser",
        ),
    )  # fmt: skip
