"""Files of the exporters that write Moments, with the losses that each is known for (wechat-moments 4)."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.posts.body import Hand, timeline
from bench.posts.stores import signed
from bench.posts.truth import NAMES, Device, Post, Said

BEIJING = timezone(timedelta(hours=8))


def _likes(post: Post) -> list[Said]:
    return [s for s in post.said if s.text is None]


def _comments(post: Post) -> list[Said]:
    return [s for s in post.said if s.text is not None]


def _text_time(seconds: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return datetime.fromtimestamp(seconds, BEIJING).strftime(form)


def _kind(post: Post) -> int:
    return 3 if post.url else 15 if any(m.is_clip for m in post.media) else 1 if post.media else 2


def write_weflow(folder: Path, device: Device, hand: Hand, *, arkme: bool = False) -> Path:
    """WeFlow's json: likes by name, comments without account, time or mark; no md5."""

    def said(s: Said) -> dict[str, Any]:
        emojis = [{"url": "", "md5": s.sticker}] if s.sticker else []
        return {"id": str(s.number), "nickname": hand.name(s.who), "content": s.text, "refCommentId": str(s.answers) if s.answers else "",
                "refNickname": hand.name(s.answers_who) if s.answers_who else "", "emojis": emojis}  # fmt: skip

    def person(who: str) -> dict[str, str]:
        return {
            "wxid": who,
            "username": who,
            "displayName": hand.name(who),
            "nickname": hand.name(who),
            "source": "xml",
        }

    posts = []
    for p in sorted(device.posts, key=lambda p: -p.at):
        row: dict[str, Any] = {
            "id": str(p.id), "username": p.who, "nickname": hand.name(p.who), "createTime": p.at, "createTimeStr": _text_time(p.at, "%Y/%m/%d %H:%M:%S"),
            "contentDesc": p.text, "type": _kind(p), "media": [{"url": hand.url(m), "thumb": hand.url(m, 150), "localPath": None} for m in p.media],
            "likes": [hand.name(s.who) for s in _likes(p)], "comments": [said(s) for s in _comments(p)],
            "location": {"city": "广州", "poiName": p.place, "latitude": 23.13, "longitude": 113.27} if p.place else None,
            "linkTitle": p.title or None, "linkUrl": p.url or None,
        }  # fmt: skip
        if arkme:
            row |= {"author": person(p.who), "likesDetail": [person(s.who) for s in _likes(p)],
                    "commentsDetail": [said(s) | person(s.who) | {"refUsername": s.answers_who or None} for s in _comments(p)]}  # fmt: skip
        posts.append(row)
    head: dict[str, Any] = {
        "exportTime": "2024-06-01T02:03:04.000Z",
        "totalPosts": len(posts),
        "filters": {"usernames": [], "keyword": ""},
    }
    head |= {"format": "arkmejson", "schemaVersion": "1.0.0", "recordOwner": person(device.owner)} if arkme else {}
    folder.mkdir(parents=True)
    (folder / "朋友圈导出_2024-06-01T02-03-04.json").write_text(
        json.dumps(head | {"posts": posts}, ensure_ascii=False, indent=2), "utf-8"
    )
    return folder


def write_arkme(folder: Path, device: Device, hand: Hand) -> Path:
    """WeFlow's arkmejson: accounts beside names."""
    return write_weflow(folder, device, hand, arkme=True)


def write_wcda(folder: Path, device: Device, hand: Hand) -> Path:
    """WeChatDataAnalysis: a file an author; no likes, no comments of stickers alone."""
    folder.mkdir(parents=True)
    for who in sorted({p.who for p in device.posts}):
        posts = [
            {"id": str(p.id), "tid": str(signed(p.id)), "username": p.who, "displayName": hand.name(p.who), "createTime": p.at, "createTimeText": _text_time(p.at),
             "contentDesc": p.text, "location": f"广州·{p.place}" if p.place else "", "sourceName": "", "type": _kind(p), "title": p.title, "contentUrl": p.url,
             "media": [{"type": 6 if m.is_clip else 2, "id": str(m.number), "url": hand.url(m), "thumb": hand.url(m, 150), "urlAttrs": {"md5": m.md5, "token": f"t{hand.seed}"},
                        "thumbAttrs": {}, "size": {"width": hand.number(m.width), "height": hand.number(m.height), "totalSize": hand.number(m.size)}} for m in p.media],
             "likes": [], "comments": [{"id": str(s.number), "username": s.who, "nickname": hand.name(s.who), "content": s.text, "refUsername": s.answers_who, "refNickname": "", "images": []}
                                       for s in _comments(p) if s.text], "finderFeed": None, "official": None, "momentTypeLabel": ""}
            for p in device.posts if p.who == who
        ]  # fmt: skip
        whole = {"exportedAt": "2024-06-01T10:03:04", "exportId": "b1", "account": device.owner, "scope": "all", "format": "json", "username": who,
                 "displayName": hand.name(who), "postCount": len(posts), "posts": posts, "cover": None}  # fmt: skip
        (folder / f"sns_{who}.json").write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
    (folder / "manifest.json").write_text(json.dumps({"account": device.owner}), "utf-8")
    return folder


def write_siwx(folder: Path, device: Device, hand: Hand) -> Path:
    """SIWX's json."""
    posts = [
        {"tid": signed(p.id), "id": str(p.id), "time": p.at, "timeText": _text_time(p.at), "author": p.who, "text": p.text, "kind": "text", "private": False,
         "card": {"kind": "link", "title": p.title, "description": p.digest, "url": p.url, "source": ""} if p.url else None,
         "location": {"name": p.place, "address": "", "latitude": 23.13, "longitude": 113.27} if p.place else None,
         "likes": [{"name": hand.name(s.who), "username": s.who, "time": s.at} for s in _likes(p)],
         "comments": [{"name": hand.name(s.who), "username": s.who, "text": s.text, "time": s.at, "replyTo": s.answers_who, "deleted": s.removed,
                       "emojis": [{"md5": s.sticker}] if s.sticker else [], "images": []} for s in _comments(p)],
         "media": [{"index": n, "type": "video" if m.is_clip else "image", "width": m.width, "height": m.height, "url": hand.url(m), "thumb": hand.url(m, 150), "md5": m.md5}
                   for n, m in enumerate(p.media)]}
        for p in device.posts
    ]  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "moments.json").write_text(
        json.dumps({"meta": {"tool": "siwx", "account": device.owner}, "posts": posts}, ensure_ascii=False), "utf-8"
    )
    return folder


def write_momentstat(folder: Path, device: Device, hand: Hand) -> Path:
    """WeChatMomentStat: no number or time of a comment; equal words of one person under one post stand once."""
    rows = []
    for p in device.posts:
        comments = {(s.who, s.text): s for s in _comments(p)}
        rows.append({
            "isCurrentUser": p.who == device.owner, "snsId": str(p.id), "authorName": hand.name(p.who), "authorId": p.who, "content": p.text, "timestamp": p.at,
            "comments": [{"isCurrentUser": s.who == device.owner, "authorName": hand.name(s.who), "authorId": s.who, "content": s.text,
                          "toUserName": NAMES.get(s.answers_who, ""), "toUserId": s.answers_who} for s in comments.values()],
            "likes": [{"isCurrentUser": s.who == device.owner, "userName": hand.name(s.who), "userId": s.who} for s in _likes(p)],
            "mediaList": [hand.url(m) for m in p.media], "rawXML": timeline(p, hand, "contentStyle"),
        })  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "exported_sns.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    return folder


def write_iosexport(folder: Path, device: Device, hand: Hand) -> Path:
    """WeChatMomentExport's data.js: the owner's own posts, local times without a zone."""
    del hand
    rows = []
    for p in device.posts:
        if p.who != device.owner:
            continue
        at = "%Y-%m-%dT%H:%M:%S"
        clip = next((m for m in p.media if m.is_clip), None)
        pictures = [f"http://shmmsns.qpic.cn/mmsns/{m.md5}/0" for m in p.media if not m.is_clip]
        rows.append(json.dumps({
            "momentId": str(p.id), "posterInfo": {"userId": p.who, "userName": NAMES[p.who], "userAvatar": None}, "momentText": p.text or None, "momentImgs": pictures,
            "momentImgsLocal": None, "sharedItem": {"sharedTitle": p.title, "sharedDigest": p.digest, "sharedUrl": p.url, "sharedFrom": None} if p.url else None,
            "shortVideoUrl": f"http://v/{clip.md5}.mp4" if clip else None, "shortVideoUrlLocal": None, "momentTime": _text_time(p.at, at),
            "momentType": 1 if p.url else 0 if clip else 3 if pictures else 2, "likeCount": len(_likes(p)),
            "like": [{"likedTime": _text_time(s.at, at), "likedUser": {"userId": s.who, "userName": NAMES[s.who]}} for s in _likes(p)],
            "commentCount": len(_comments(p)),
            "comment": [{"commentContent": s.text, "commentTime": _text_time(s.at, at), "commentUser": {"userId": s.who, "userName": NAMES[s.who]},
                         "commentReplyto": s.answers_who or None, "commentOrder": s.number} for s in _comments(p)],
        }, ensure_ascii=False))  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "data.js").write_text('var moment_data = "' + quote("[" + ",".join(rows) + "]") + '"', "utf-8")
    return folder
