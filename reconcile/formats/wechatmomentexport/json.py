"""WeChatMomentExport for iPhone backups: `Json/<momentId>.json`, one file a post, or `data.js`.

Producer: WeChatMomentExport-iOS (MomentExporterFacade.cs). Container: a JSON object a post with momentId, momentText, momentTime,
like, comment; data.js holds an array of them, URL-encoded. Encoding: UTF-8. Time zone: local time of the exporting computer, none
stated; an offset in the text counts. Cannot say: posts of others than the owner, kinds, digests of pictures, visibility, links of shared cards; some
comments lack their author's account.
"""

from pathlib import Path
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.posts_reading import posts_only
from reconcile.intake.contract import Claim, Note, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.json.duplicate_keys import count_duplicate_keys
from reconcile.intake.json.shape import JsonShape, json_shape
from reconcile.intake.json.values import list_of
from reconcile.intake.posts.frames import PostRows
from reconcile.intake.posts.json import Row, claim_of_files, item, items, local_seconds, renamed, text, whole
from reconcile.intake.source import Source
from reconcile.vocabulary import Interaction, NoteCode, PostMediaKind, ZoneSource
from reconcile.wechat.clock import ASSUMED_ZONE, parse_times
from reconcile.wechat.moments.types import InteractionBody, MediaBody, PostBody, running_id, unsigned_id

PAGE_START = b'var moment_data = "'
_CLIP, _PICTURES = 0, 3


class MomentsIosexportJson(Form, form="moments_iosexport_json"):
    """Reader of WeChatMomentExport's JSON."""

    is_supplement = True

    def sniff(self, source: Source) -> Claim:
        """Certain of posts with momentId and momentTime alone, likely beside other exports."""
        return claim_of_files(source, _post_files(source), "JSON of posts with momentId, momentTime")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every post once: the single files, or data.js where there are none."""
        files = _post_files(source)
        if not files:
            raise UnreadableSource(source.path, f"{source.path}: holds no JSON of posts with momentId, momentTime")
        notes: list[Note] = []
        rows, times, seen = PostRows(), list[str](), set[str]()
        name = options.timezone or ASSUMED_ZONE
        for file in sorted(files, key=lambda f: f.suffix != ".json"):
            posts = _read_posts(source, file, notes)
            notes += renamed(source.relative(file), posts, "momentText")
            for number, post in enumerate(posts):
                known = text(post.get("momentId"))
                if known and known in seen:
                    continue
                seen.add(known)
                stated = text(post.get("momentTime"))
                if (
                    rows.add(_post_body(post, ZoneInfo(name)), f"{source.relative(file)}#/{number}", time_text=stated)
                    is not None
                ):
                    times.append(stated)
        store = rows.reading(self.name, times=_parse_times(times, name, is_assumed=options.timezone is None))
        if options.timezone is None:
            notes.append(Note(NoteCode.ZONE_ASSUMED, self.name, ASSUMED_ZONE, len(times), said=True))
        authors = store.posts["author"].drop_nulls().unique()
        owner = str(authors[0]) if len(authors) == 1 else None
        return posts_only(
            self.name, self.limits, [store], notes, owner=owner, folder=files[0], options=options, kinds_inferred=True
        )


def _is_mine(shape: JsonShape) -> bool:
    keys = set(shape.keys) if shape.root == "object" else set(shape.first)
    return {"momentId", "momentTime"} <= keys


def _post_files(source: Source) -> list[Path]:
    """JSON files and page scripts that hold Moments of this tool."""
    found = []
    for file in source.files:
        head = source.head(file) if file.suffix.lower() in (".json", ".js") else b""
        if (head.lstrip(b"\xef\xbb\xbf").startswith(PAGE_START) and b"momentId" in head) or (
            file.suffix.lower() == ".json" and _is_mine(json_shape(head))
        ):
            found.append(file)
    return found


def _read_posts(source: Source, file: Path, notes: list[Note]) -> list[Row]:
    """The posts of a file or page script; empty and noted where it is no JSON."""
    data = source.read(source.relative(file)).removeprefix(b"\xef\xbb\xbf")
    if data.startswith(PAGE_START):
        data = unquote_plus(data[len(PAGE_START) :].rstrip(b' ;\r\n"').decode("utf-8", "replace")).encode()
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        notes.append(Note(NoteCode.PART_UNREADABLE, source.relative(file), str(error)[:200], said=True))
        return []
    count_duplicate_keys(source, source.relative(file), data, value)
    return items(value if isinstance(value, list) else [value])


def _parse_times(stated: list[str], zone: str, *, is_assumed: bool) -> pl.DataFrame:
    """Times of texts; the zone counts as assumed unless the user stated one."""
    frame = parse_times(pl.Series("raw", stated, dtype=pl.String), zone)
    declared = pl.col("zone_source").cast(pl.String)
    told = pl.when(declared == str(ZoneSource.DECLARED)).then(pl.lit(str(ZoneSource.ASSUMED))).otherwise(declared)
    return frame.with_columns(
        pl.col("time_precision").cast(pl.String), (told if is_assumed else declared).alias("zone_source")
    )


def _post_body(post: Row, zone: ZoneInfo) -> PostBody:
    poster, card = item(post.get("posterInfo")), item(post.get("sharedItem"))
    kind = whole(post.get("momentType"))
    media = _media_bodies(post)
    return PostBody(
        post_id=unsigned_id(post.get("momentId")),
        author=text(poster.get("userId")) or None,
        author_name=text(poster.get("userName")) or None,
        text=text(post.get("momentText")),
        link_title=text(card.get("sharedTitle")) or None,
        link_description=text(card.get("sharedDigest")) or None,
        link_url=text(card.get("sharedUrl")) or None,
        source_name=text(card.get("sharedFrom")) or None,
        like_count=whole(post.get("likeCount")),
        comment_count=whole(post.get("commentCount")),
        # The tool fetches media of picture posts and clip posts only.
        media=media if media and kind in (_CLIP, _PICTURES) else None,
        interactions=(
            *(_like_body(s, zone) for s in items(post.get("like"))),
            *(_comment_body(s, zone) for s in items(post.get("comment"))),
        ),
        fields={} if kind is None else {"moment_type": kind},
    )


def _media_bodies(post: Row) -> tuple[MediaBody, ...]:
    urls, paths = ([u for u in list_of(post.get(n)) if isinstance(u, str)] for n in ("momentImgs", "momentImgsLocal"))
    local = paths if len(paths) == len(urls) else [""] * len(urls)
    found = [MediaBody(PostMediaKind.IMAGE, url=u, path=p.replace("\\", "/") or None) for u, p in zip(urls, local, strict=True)]  # fmt: skip
    clip = text(post.get("shortVideoUrl"))
    if clip:
        path = text(post.get("shortVideoUrlLocal")).replace("\\", "/") or None
        found.append(MediaBody(PostMediaKind.VIDEO, url=clip, path=path))
    return tuple(found)


def _like_body(said: Row, zone: ZoneInfo) -> InteractionBody:
    user = item(said.get("likedUser"))
    return InteractionBody(
        Interaction.LIKE,
        author=text(user.get("userId")) or None,
        author_name=text(user.get("userName")) or None,
        at=local_seconds(said.get("likedTime"), zone),
    )


def _comment_body(said: Row, zone: ZoneInfo) -> InteractionBody:
    user = item(said.get("commentUser"))
    return InteractionBody(
        Interaction.COMMENT,
        author=text(user.get("userId")) or None,
        author_name=text(user.get("userName")) or None,
        text=text(said.get("commentContent")),
        at=local_seconds(said.get("commentTime"), zone),
        comment_id=running_id(text(said.get("commentOrder"))),
        reply_name=text(said.get("commentReplyto")) or None,
    )
