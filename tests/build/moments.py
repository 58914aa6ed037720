"""Made-up posts, written as each client and exporter would keep them (wechat-moments.md). Everybody here is invented."""

import hashlib
import json
import plistlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

JIA, YI, BING = "wxid_jia0001aaaa", "wxid_yi0002bbbb", "wxid_bing0003cccc"
NAMES = {JIA: "甲某", YI: "乙某", BING: "丙某"}
START = 1_709_254_800
ARTICLE = "http://mp.weixin.qq.com/s?__biz=MzA4NzQ1&mid=2650001&idx=1&sn=abcdef0123456789&chksm=99aa&mpshare=1&scene=2&srcid=0301xyz#rd"


def post_number(at: int, rest: int = 4_211, milliseconds: int = 417) -> int:
    """A server's number for a post: its millisecond above 23 bits."""
    return ((at * 1000 + milliseconds) << 23) | (rest & 0x7FFFFF)


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


@dataclass(frozen=True)
class Said:
    """One like (text '' and action like) or comment."""

    action: str
    who: str
    at: int
    text: str = ""
    number: int = 0
    reply: int = 0
    reply_who: str = ""
    removed: bool = False


@dataclass(frozen=True)
class Picture:
    """One picture or clip."""

    name: str
    kind: str = "image"
    size: int = 168_902
    width: int = 1080
    height: int = 1035
    duration: float = 0.0
    token: str = "tok1"
    host: str = "shmmsns.qpic.cn"

    @property
    def digest(self) -> str:
        """Its md5."""
        return md5(self.name)

    @property
    def url(self) -> str:
        """Where it lies."""
        return f"http://{self.host}/mmsns/{self.digest}/0"


@dataclass(frozen=True)
class Post:
    """One post as it was made."""

    at: int
    who: str
    text: str
    number: int = 0
    pictures: tuple[Picture, ...] = ()
    title: str = ""
    about: str = ""
    url: str = ""
    source: str = ""
    place: str = ""
    private: bool = False
    said: tuple[Said, ...] = ()
    style: int | None = None

    @property
    def id(self) -> int:
        """The server's number."""
        return self.number or post_number(self.at)

    @property
    def code(self) -> int:
        """The client's number of its kind."""
        if self.style is not None:
            return self.style
        if self.url:
            return 3
        if any(p.kind == "video" for p in self.pictures):
            return 15
        return 1 if self.pictures else 2


STORY: tuple[Post, ...] = (
    Post(START, JIA, "三室两厅今日开工，业主放心！", said=(
        Said("like", YI, START + 60), Said("comment", YI, START + 90, "辛苦了，尾款月底结清", 1),
        Said("comment", JIA, START + 95, "好的", 2, 1, YI),
    )),
    Post(START + 3_600, JIA, "水电验收", pictures=(Picture("a"), Picture("b", size=300_878, height=1370)), place="中山路8号"),
    Post(START + 7_200, YI, "", url=ARTICLE, title="装修合同的七个坑", about="签字之前看一看", source="gh_cc46da0ba054", pictures=(Picture("cover", width=150, height=149, size=15_503),)),
    Post(START + 10_800, YI, "新家第一段视频", pictures=(Picture("v", "video", 595_188, 224, 380, 30.0),)),
    Post(START + 14_400, JIA, "只给自己看", private=True),
    Post(START + 18_000, BING, "周末爬山\n有人吗？😀", pictures=(Picture("c"),), said=(Said("like", JIA, START + 18_100),)),
)  # fmt: skip


def edited(story: Sequence[Post], index: int, **changes: Any) -> list[Post]:
    """The story with one post changed, its number kept."""
    return [replace(p, number=p.id, **changes) if i == index else p for i, p in enumerate(story)]


# ------------------------------------------------------------------------------------------------------------ XML


def media_xml(post: Post) -> str:
    out = []
    for n, p in enumerate(post.pictures):
        kind = 6 if p.kind == "video" else 2
        video = f' videomd5="{p.digest}"' if kind == 6 else ""
        out.append(
            f"<media><id>{post_number(post.at, n, 450 + n)}</id><type>{kind}</type><title/><description/><private>0</private>"
            f'<url type="1" md5="{p.digest}"{video} token={quoteattr(p.token)} key="0">{escape(p.url)}</url>'
            f'<thumb type="1">http://{p.host}/mmsns/{p.digest}/150</thumb><videoDuration>{p.duration}</videoDuration>'
            f'<size width="{p.width}.0" height="{p.height}.0" totalSize="{p.size}.0"/></media>'
        )
    return "".join(out)


def timeline(post: Post, *, style_name: str = "contentStyle") -> str:
    place = (
        f'<location city="广州" poiName={quoteattr(post.place)} latitude="23.125" longitude="113.26"/>'
        if post.place
        else "<location/>"
    )
    return (
        f"<TimelineObject><id>{post.id}</id><username>{post.who}</username><createTime>{post.at}</createTime>"
        f"<contentDesc>{escape(post.text)}</contentDesc><private>{int(post.private)}</private><sourceNickName/>"
        f"<publicUserName>{post.source}</publicUserName>{place}"
        f"<ContentObject><{style_name}>{post.code}</{style_name}><title>{escape(post.title)}</title>"
        f"<description>{escape(post.about)}</description><contentUrl>{escape(post.url)}</contentUrl>"
        f"<mediaList>{media_xml(post)}</mediaList></ContentObject></TimelineObject>"
    )


def user_comment(s: Said) -> str:
    return (
        f"<user_comment><username>{s.who}</username><nickname>{NAMES.get(s.who, s.who)}</nickname><content>{escape(s.text)}</content>"
        f"<create_time>{s.at}</create_time><type>{1 if s.action == 'like' else 2}</type><comment_id>{s.number}</comment_id>"
        f"<comment_64id>0</comment_64id><ref_username>{s.reply_who}</ref_username><ref_comment_id>{s.reply}</ref_comment_id>"
        f"<b_deleted>{int(s.removed)}</b_deleted></user_comment>"
    )


def data_item(post: Post) -> str:
    lists = {a: "".join(user_comment(s) for s in post.said if s.action == a) for a in ("like", "comment")}
    return (
        f"<SnsDataItem>{timeline(post, style_name='type')}<LocalExtraInfo><nickname>{NAMES.get(post.who, post.who)}</nickname>"
        f"<like_user_list>{lists['like']}</like_user_list><comment_user_list>{lists['comment']}</comment_user_list>"
        "</LocalExtraInfo></SnsDataItem>"
    )


def signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number


# ------------------------------------------------------------------------------------------------------- databases


def connect(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file)
    db.execute("PRAGMA synchronous = OFF")  # a store for one test need not outlive a power cut
    return db


@dataclass
class Beside:
    """What lies in a store beside its posts: numbers of posts that notifications, top items and flags name."""

    notified: list[tuple[int, str, str]] = field(default_factory=list)
    top: list[tuple[int, str, int]] = field(default_factory=list)
    whole: list[tuple[int, int]] = field(default_factory=list)
    pages: list[tuple[int, int, str]] = field(default_factory=list)
    unlisted: list[int] = field(default_factory=list)
    triggers: bool = False


def write_wechat4(file: Path, story: Sequence[Post], beside: Beside | None = None) -> Path:
    extra = beside or Beside()
    with closing(connect(file)) as db:
        db.execute(
            "CREATE TABLE SnsTimeLine(tid INTEGER PRIMARY KEY DESC, user_name TEXT, content TEXT, pack_info_buf BLOB)"
        )
        db.execute(
            "CREATE TABLE SnsMessage_tmp3(local_id INTEGER PRIMARY KEY, create_time INTEGER, type INTEGER, feed_id INTEGER, is_unread INTEGER,"
            " from_username TEXT, from_nickname TEXT, to_username TEXT, to_nickname TEXT, content TEXT, serialized_comment_buf BLOB,"
            " serialized_ref_buf BLOB, comment_id INTEGER, client_id TEXT, comment64_id INTEGER, comment_flag INTEGER, del_status INTEGER,"
            " is_relative_me INTEGER)"
        )
        db.execute(
            "CREATE TABLE SnsTopItem_1(tid INTEGER PRIMARY KEY, username TEXT, summary TEXT, create_time INTEGER, last_read_time INTEGER, is_read INTEGER)"
        )
        db.execute(
            "CREATE TABLE SnsMainTimeLineBreakFlag(tid INTEGER, tid_heigh_bit INTEGER, tid_low_bit INTEGER, break_flag INTEGER)"
        )
        db.execute(
            "CREATE TABLE SnsUserTimeLineBreakFlagV2(tid INTEGER, tid_heigh_bit INTEGER, tid_low_bit INTEGER, break_flag INTEGER, user_name TEXT)"
        )
        db.executemany(
            "INSERT INTO SnsTimeLine(tid, user_name, content) VALUES (?,?,?)",
            [(signed(p.id), p.who, data_item(p)) for p in story],
        )
        db.executemany(
            "INSERT INTO SnsMessage_tmp3(create_time, type, feed_id, from_username, content, comment_id, del_status) VALUES (?,2,?,?,?,3,0)",
            [(START + 99, signed(n), who, text) for n, who, text in extra.notified],
        )
        db.executemany(
            "INSERT INTO SnsTopItem_1(tid, username, create_time) VALUES (?,?,?)",
            [(signed(n), w, t) for n, w, t in extra.top],
        )
        db.executemany(
            "INSERT INTO SnsMainTimeLineBreakFlag(tid, break_flag) VALUES (?,?)",
            [(signed(n), f) for n, f in extra.whole],
        )
        db.executemany(
            "INSERT INTO SnsUserTimeLineBreakFlagV2(tid, break_flag, user_name) VALUES (?,?,?)",
            [(signed(n), f, w) for n, f, w in extra.pages],
        )
        if extra.triggers:
            db.execute(
                "CREATE TRIGGER block_delete_SnsTimeLine BEFORE DELETE ON SnsTimeLine BEGIN SELECT RAISE(IGNORE); END"
            )
        db.commit()
    return file


def write_windows(file: Path, story: Sequence[Post], beside: Beside | None = None) -> Path:
    extra = beside or Beside()
    with closing(connect(file)) as db:
        db.execute(
            "CREATE TABLE FeedsV20(FeedId INTEGER PRIMARY KEY, CreateTime INTEGER, FaultId INTEGER, Type INTEGER, UserName TEXT, Status INTEGER,"
            " ExtFlag INTEGER, PrivFlag INTEGER, StringId TEXT, Content TEXT, ExtraBuf BLOB, Reserved7 BLOB)"
        )
        db.execute(
            "CREATE TABLE CommentV20(FeedId INTEGER, CommentId INTEGER, Createtime INTEGER, Flag INTEGER, CommentType INTEGER, CommentFlag INTEGER,"
            " Content TEXT, FromUserName TEXT, ClientId TEXT, ReplyId INTEGER, ReplyUserName TEXT, DeleteFlag INTEGER, CommentId64 INTEGER,"
            " ReplyId64 INTEGER, IsAd INTEGER)"
        )
        db.execute(
            "CREATE TABLE NotificationV7(FeedId INTEGER, CommentId INTEGER, CreateTime INTEGER, FromUserName TEXT, Content TEXT, CommentType INTEGER)"
        )
        for p in story:
            db.execute(
                "INSERT INTO FeedsV20(FeedId, CreateTime, Type, UserName, PrivFlag, StringId, Content) VALUES (?,?,?,?,?,?,?)",
                (
                    signed(p.id),
                    p.at,
                    p.code,
                    p.who,
                    int(p.private),
                    str(p.id),
                    timeline(p).replace("<contentDesc>", "<contentDesc>&#x2;", 1),
                ),
            )
            db.executemany(
                "INSERT INTO CommentV20(FeedId, CommentId, Createtime, CommentType, Content, FromUserName, ReplyId, ReplyUserName, DeleteFlag, CommentId64)"
                " VALUES (?,?,?,?,?,?,?,?,?,0)",
                [
                    (
                        signed(p.id),
                        s.number,
                        s.at,
                        1 if s.action == "like" else 2,
                        s.text,
                        s.who,
                        s.reply,
                        s.reply_who,
                        int(s.removed),
                    )
                    for s in p.said
                ],
            )
        db.executemany(
            "INSERT INTO NotificationV7 VALUES (?,3,?,?,?,2)",
            [(signed(n), START + 99, who, text) for n, who, text in extra.notified],
        )
        db.commit()
    return file


def varint(n: int) -> bytes:
    n &= 2**64 - 1
    out = bytearray()
    while True:
        out.append((n & 0x7F) | (0x80 if n > 0x7F else 0))
        n >>= 7
        if not n:
            return bytes(out)


def pb(number: int, value: object) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value) if value else b""
    if isinstance(value, float):
        import struct

        return varint(number << 3 | 5) + struct.pack("<f", value)
    data = value if isinstance(value, bytes) else str(value).encode()
    return varint(number << 3 | 2) + varint(len(data)) + data


def android_content(post: Post) -> bytes:
    media = b"".join(
        pb(5, pb(1, str(post_number(post.at, n, 450 + n))) + pb(2, 6 if p.kind == "video" else 2) + pb(4, p.url))
        for n, p in enumerate(post.pictures)
    )
    content = pb(1, post.about) + pb(2, post.code) + pb(3, post.title) + pb(4, post.url) + media
    place = pb(6, pb(1, 113.26) + pb(2, 23.125) + pb(3, "广州") + pb(5, post.place)) if post.place else b""
    return (
        pb(1, str(post.id))
        + pb(2, post.who)
        + pb(3, int(post.private))
        + pb(4, post.at)
        + pb(5, post.text)
        + place
        + pb(8, content)
    )


def android_comment(s: Said) -> bytes:
    return (
        pb(1, s.who) + pb(2, NAMES.get(s.who, s.who)) + pb(4, 1 if s.action == "like" else 2) + pb(5, s.text) + pb(6, s.at) + pb(7, s.number)
        + pb(8, s.reply) + pb(9, s.reply_who) + pb(13, int(s.removed))
    )  # fmt: skip


def android_attributes(post: Post) -> bytes:
    xml = timeline(post).encode()
    likes = b"".join(pb(9, android_comment(s)) for s in post.said if s.action == "like")
    comments = b"".join(pb(12, android_comment(s)) for s in post.said if s.action == "comment")
    return (
        pb(1, post.id)
        + pb(2, post.who)
        + pb(3, NAMES.get(post.who, post.who))
        + pb(4, post.at)
        + pb(5, pb(1, len(xml)) + pb(2, xml))
        + likes
        + comments
    )


def write_android(file: Path, story: Sequence[Post], beside: Beside | None = None) -> Path:
    extra = beside or Beside()
    with closing(connect(file)) as db:
        db.execute(
            "CREATE TABLE SnsInfo(snsId LONG, userName VARCHAR(40), localFlag INTEGER, createTime INTEGER, head INTEGER, localPrivate INTEGER, type INTEGER,"
            " sourceType INTEGER, likeFlag INTEGER, pravited INTEGER, stringSeq VARCHAR(30), content BLOB, attrBuf BLOB, postBuf BLOB)"
        )
        db.execute(
            "CREATE TABLE SnsComment(snsID LONG, parentID LONG, isRead INTEGER, createTime INTEGER, talker TEXT, type INTEGER, isSend INTEGER,"
            " curActionBuf BLOB, refActionBuf BLOB, commentSvrID LONG, clientId TEXT, commentflag INTEGER, isSilence INTEGER)"
        )
        for p in story:
            db.execute(
                "INSERT INTO SnsInfo(snsId, userName, createTime, type, sourceType, pravited, stringSeq, content, attrBuf) VALUES (?,?,?,?,?,?,?,?,?)",
                (
                    signed(p.id),
                    p.who,
                    p.at,
                    p.code,
                    0 if p.id in extra.unlisted else 10,
                    int(p.private),
                    str(p.id).zfill(25),
                    android_content(p),
                    android_attributes(p),
                ),
            )
        db.executemany(
            "INSERT INTO SnsComment(snsID, createTime, talker, type, curActionBuf, commentSvrID, commentflag) VALUES (?,?,?,2,?,3,0)",
            [(signed(n), START + 99, who, pb(1, who) + pb(8, text)) for n, who, text in extra.notified],
        )
        db.commit()
    return file


class Archive:
    """A little NSKeyedArchiver."""

    def __init__(self) -> None:
        self.objects: list[Any] = ["$null"]

    def put(self, value: Any) -> plistlib.UID:
        """An object of its own."""
        at = len(self.objects)
        self.objects.append(None)
        if isinstance(value, dict):
            self.objects[at] = {k: self.ref(v) for k, v in value.items()} | {"$class": self.name("WCObject")}
        elif isinstance(value, list):
            self.objects[at] = {"NS.objects": [self.put(v) for v in value], "$class": self.name("NSMutableArray")}
        else:
            self.objects[at] = value
        return plistlib.UID(at)

    def ref(self, value: Any) -> Any:
        """A number as it is, anything else as an object."""
        return value if isinstance(value, int | float | bool) else self.put(value)

    def name(self, name: str) -> plistlib.UID:
        """A class."""
        self.objects.append({"$classname": name, "$classes": [name, "NSObject"]})
        return plistlib.UID(len(self.objects) - 1)

    def dump(self, root: dict[str, Any]) -> bytes:
        """The whole archive."""
        top = self.put(root)
        return plistlib.dumps(
            {"$version": 100000, "$archiver": "NSKeyedArchiver", "$top": {"root": top}, "$objects": self.objects},
            fmt=plistlib.FMT_BINARY,
        )


def ios_buffer(post: Post) -> bytes:
    def user(s: Said) -> dict[str, Any]:
        return {
            "type": 1 if s.action == "like" else 2, "username": s.who, "nickname": NAMES.get(s.who, s.who), "createTime": s.at, "commentID": str(s.number),
            "content": s.text, "bDeleted": s.removed, "refCommentID": str(s.reply), "refUserName": s.reply_who, "isLocalAdded": False,
        }  # fmt: skip

    media = [
        {
            "tid": str(post.id), "mid": str(post_number(post.at, n, 450 + n)), "type": 6 if p.kind == "video" else 2, "title": "",
            "imgSize": f"{{{p.width}, {p.height}}}", "videoDuration": p.duration,
            "dataUrl": {"url": p.url, "type": 1, "md5": p.digest, "token": p.token},
        }
        for n, p in enumerate(post.pictures)
    ]  # fmt: skip
    place = (
        {"location_latitude": 23.125, "location_longitude": 113.26, "poiName": post.place, "poiAdress": "中山路"}
        if post.place
        else {}
    )
    return Archive().dump({
        "tid": str(post.id), "username": post.who, "nickname": NAMES.get(post.who, post.who), "createtime": post.at, "contentDesc": post.text,
        "isPrivate": post.private, "type": 1, "contentObj": {"title": post.title, "desc": post.about, "linkUrl": post.url, "type": post.code, "mediaList": media},
        "locationInfo": place, "likeUsers": [user(s) for s in post.said if s.action == "like"],
        "commentUsers": [user(s) for s in post.said if s.action == "comment"], "withUsers": [], "realLikeCount": 1, "realCommentCount": 2,
    })  # fmt: skip


def write_ios(file: Path, story: Sequence[Post], owner: str = JIA, newer: int = 0) -> Path:
    table = f"MyWC01_{md5(owner)}"
    with closing(connect(file)) as db:
        db.execute(f"CREATE TABLE {table}(Id TEXT, FromUser TEXT, Buffer BLOB)")
        db.executemany(
            f"INSERT INTO {table} VALUES (?,?,?)", [(str(i), p.who, ios_buffer(p)) for i, p in enumerate(story)]
        )
        db.executemany(
            f"INSERT INTO {table} VALUES (?,?,?)", [(f"n{i}", owner, b"\x0a\x12newer client") for i in range(newer)]
        )
        db.commit()
    return file


# ------------------------------------------------------------------------------------------------------- exporters


def weflow(story: Sequence[Post], *, arkme: bool = False, owner: str = JIA) -> str:
    def comment(s: Said) -> dict[str, Any]:
        return {
            "id": str(s.number),
            "nickname": NAMES[s.who],
            "content": s.text,
            "refCommentId": str(s.reply) if s.reply else "",
            "refNickname": NAMES.get(s.reply_who),
        }

    def person(who: str) -> dict[str, Any]:
        return {"username": who, "wxid": who, "displayName": NAMES[who], "nickname": NAMES[who], "source": "xml"}

    posts = []
    for p in story:
        row: dict[str, Any] = {
            "id": str(p.id), "username": p.who, "nickname": NAMES[p.who], "createTime": p.at, "createTimeStr": "2024/3/1 09:00:00", "contentDesc": p.text,
            "type": p.code, "media": [{"url": x.url.replace("http:", "https:") + "?token=t&idx=1", "thumb": x.url, "localPath": f"media/{p.id}_{n}.jpg"} for n, x in enumerate(p.pictures)],
            "likes": [NAMES[s.who] for s in p.said if s.action == "like"], "comments": [comment(s) for s in p.said if s.action == "comment"],
            "location": {"city": "广州", "poiName": p.place, "latitude": 23.125, "longitude": 113.26} if p.place else None,
            "linkTitle": p.title or None, "linkUrl": p.url or None,
        }  # fmt: skip
        if arkme:
            row["author"] = person(p.who)
            row["likesDetail"] = [person(s.who) for s in p.said if s.action == "like"]
            row["commentsDetail"] = [
                comment(s) | person(s.who) | {"refUsername": s.reply_who or None}
                for s in p.said
                if s.action == "comment"
            ]
        posts.append(row)
    head: dict[str, Any] = {"exportTime": "2024-04-01T02:03:04.000Z"}
    if arkme:
        head |= {"format": "arkmejson", "schemaVersion": "1.0.0", "recordOwner": person(owner)}
    return json.dumps(
        {**head, "totalPosts": len(posts), "filters": {"usernames": [], "keyword": ""}, "posts": posts},
        ensure_ascii=False,
        indent=2,
    )


def wcda(story: Sequence[Post], who: str) -> str:
    posts = [
        {
            "id": str(p.id), "tid": str(signed(p.id)), "username": p.who, "displayName": NAMES[p.who], "createTime": p.at, "createTimeText": "2024-03-01 09:00:00",
            "contentDesc": p.text, "location": f"广州·{p.place}" if p.place else "", "sourceName": "", "type": p.code, "title": p.title, "contentUrl": p.url,
            "media": [
                {"type": 6 if x.kind == "video" else 2, "id": str(post_number(p.at, n, 450 + n)), "url": x.url, "thumb": x.url, "urlAttrs": {"md5": x.digest, "token": "t"},
                 "thumbAttrs": {}, "size": {"width": str(x.width), "height": str(x.height), "totalSize": str(x.size)}}
                for n, x in enumerate(p.pictures)
            ],
            "likes": [],
            "comments": [{"id": str(s.number), "username": s.who, "nickname": NAMES[s.who], "content": s.text, "refUsername": s.reply_who, "refNickname": ""} for s in p.said if s.action == "comment"],
            "momentTypeLabel": "",
        }
        for p in story if p.who == who
    ]  # fmt: skip
    return json.dumps(
        {"exportedAt": "2024-04-01T10:03:04", "exportId": "ab12", "account": JIA, "scope": "all", "format": "json", "username": who, "displayName": NAMES[who],
         "postCount": len(posts), "posts": posts, "cover": None}, ensure_ascii=False,
    )  # fmt: skip


def siwx(story: Sequence[Post]) -> str:
    posts = [
        {
            "tid": signed(p.id), "id": str(p.id), "time": p.at, "timeText": "2024-03-01 09:00:00", "author": p.who, "text": p.text, "kind": "text", "private": p.private,
            "card": {"kind": "link", "title": p.title, "description": p.about, "url": p.url, "source": p.source} if p.url else None,
            "location": {"name": p.place, "address": "", "latitude": 23.125, "longitude": 113.26} if p.place else None,
            "likes": [{"name": NAMES[s.who], "username": s.who, "time": s.at} for s in p.said if s.action == "like"],
            "comments": [
                {"name": NAMES[s.who], "username": s.who, "text": s.text, "time": s.at, "replyTo": s.reply_who, "deleted": s.removed, "emojis": [], "images": []}
                for s in p.said if s.action == "comment"
            ],
            "media": [{"index": n, "type": x.kind, "width": x.width, "height": x.height, "url": x.url, "thumb": x.url, "md5": x.digest} for n, x in enumerate(p.pictures)],
        }
        for p in story
    ]  # fmt: skip
    return json.dumps({"meta": {"tool": "siwx", "account": JIA}, "posts": posts}, ensure_ascii=False)


def momentstat(story: Sequence[Post], owner: str = JIA) -> str:
    return json.dumps([
        {
            "isCurrentUser": p.who == owner, "snsId": str(p.id), "authorName": NAMES[p.who], "authorId": p.who, "content": p.text,
            "comments": [{"isCurrentUser": s.who == owner, "authorName": NAMES[s.who], "authorId": s.who, "content": s.text, "toUserName": NAMES.get(s.reply_who, ""), "toUserId": s.reply_who} for s in p.said if s.action == "comment"],
            "likes": [{"isCurrentUser": s.who == owner, "userName": NAMES[s.who], "userId": s.who} for s in p.said if s.action == "like"],
            "mediaList": [x.url for x in p.pictures], "rawXML": timeline(p), "timestamp": p.at,
        }
        for p in story
    ], ensure_ascii=False)  # fmt: skip


def ios_export(post: Post, owner: str = JIA) -> str:
    local = timezone(timedelta(hours=8))

    def at(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, local).strftime("%Y-%m-%dT%H:%M:%S")

    return json.dumps({
        "momentId": str(post.id), "posterInfo": {"userId": post.who, "userName": NAMES[post.who], "userAvatar": None}, "momentText": post.text or None,
        "momentImgs": [p.url for p in post.pictures if p.kind == "image"], "momentImgsLocal": None, "sharedItem": None,
        "shortVideoUrl": next((p.url for p in post.pictures if p.kind == "video"), None), "shortVideoUrlLocal": None, "momentTime": at(post.at),
        "momentType": 0 if any(p.kind == "video" for p in post.pictures) else 3 if post.pictures else 2, "likeCount": 1,
        "like": [{"likedTime": at(s.at), "likedUser": {"userId": s.who, "userName": NAMES[s.who]}} for s in post.said if s.action == "like"],
        "commentCount": 2,
        "comment": [{"commentContent": s.text, "commentTime": at(s.at), "commentUser": {"userId": s.who, "userName": NAMES[s.who]}, "commentReplyto": s.reply_who or None, "commentOrder": s.number} for s in post.said if s.action == "comment"],
    }, ensure_ascii=False)  # fmt: skip


def ios_export_page(story: Sequence[Post]) -> str:
    """The exporter's data.js: every post in one encoded string."""
    return 'var moment_data = "' + quote("[" + ",".join(ios_export(p) for p in story) + "]") + '"'
