"""Clients' own stores of posts as their public descriptions lay them out: 4.x, Windows 3.x, Android, iPhone."""

import plistlib
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import zstandard

from bench.posts.body import Hand, data_item, timeline
from bench.posts.truth import Device, Post, Said, digest


def signed(number: int) -> int:
    """A 64-bit number as SQLite keeps it."""
    return number - 2**64 if number >= 2**63 else number


def write_4x(folder: Path, device: Device, hand: Hand) -> Path:
    """db_storage/sns/sns.db of 4.1, some bodies packed; the last posts lie in its write-ahead log."""
    file = folder / "db_storage" / "sns" / "sns.db"
    file.parent.mkdir(parents=True)
    db = sqlite3.connect(file)
    db.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
        "CREATE TABLE SnsTimeLine(tid INTEGER PRIMARY KEY DESC, user_name TEXT, content TEXT, pack_info_buf BLOB);"
        "CREATE TABLE SnsMessage_tmp3(local_id INTEGER PRIMARY KEY, create_time INTEGER, type INTEGER, feed_id INTEGER, is_unread INTEGER,"
        "from_username TEXT, from_nickname TEXT, to_username TEXT, to_nickname TEXT, content TEXT, serialized_comment_buf BLOB,"
        "serialized_ref_buf BLOB, comment_id INTEGER, client_id TEXT, comment64_id INTEGER, comment_flag INTEGER, del_status INTEGER, is_relative_me INTEGER);"
        "CREATE TABLE SnsTopItem_1(tid INTEGER PRIMARY KEY, username TEXT, summary TEXT, create_time INTEGER, last_read_time INTEGER, is_read INTEGER);"
        "CREATE TABLE SnsAdTimeLine(tid INTEGER); CREATE TABLE SnsDraft(local_id INTEGER);"
    )
    rows = []
    for n, p in enumerate(device.posts):
        text = data_item(p, hand)
        packed: Any = zstandard.compress(text.encode()) if n % 11 == 3 else text.encode().hex() if n % 11 == 5 else text
        rows.append((signed(p.id), p.who, packed))
    half = len(rows) // 2
    db.executemany("INSERT INTO SnsTimeLine(tid, user_name, content) VALUES (?,?,?)", rows[:half])
    # A profile cover is no post.
    cover = data_item(Post(99 << 23, 1_700_000_000, device.owner, ""), hand).replace(
        "<type>2</type><contentSub", "<type>7</type><contentSub"
    )
    db.execute("INSERT INTO SnsTimeLine(tid, user_name, content) VALUES (?,?,?)", (99 << 23, device.owner, cover))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.executemany("INSERT INTO SnsTimeLine(tid, user_name, content) VALUES (?,?,?)", rows[half:])
    db.executemany(
        "INSERT INTO SnsMessage_tmp3(create_time, type, feed_id, from_username, content, comment_id, del_status) VALUES (1701000099,2,?,?,?,9,0)",
        [(signed(n), who, text) for n, who, text in device.notified],
    )
    db.executemany(
        "INSERT INTO SnsTopItem_1(tid, username, create_time, summary) VALUES (?,?,?,'')",
        [(signed(n), w, t) for n, w, t in device.top],
    )
    if device.trigger:
        db.execute(
            "CREATE TRIGGER block_delete_SnsTimeLine BEFORE DELETE ON SnsTimeLine BEGIN SELECT RAISE(IGNORE); END"
        )
    db.commit()
    _with_log(db, file)
    return folder


def _with_log(db: sqlite3.Connection, file: Path) -> None:
    """Keeps the write-ahead log as a running client leaves it: closing would fold it in."""
    log = file.with_name(file.name + "-wal")
    kept, main = log.read_bytes(), file.read_bytes()
    db.close()
    file.write_bytes(main)
    log.write_bytes(kept)


def write_windows(folder: Path, device: Device, hand: Hand) -> Path:
    """Msg/Sns.db of 3.9: likes and comments in a table of their own."""
    file = folder / device.owner / "Msg" / "Sns.db"
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as db:
        db.executescript(
            "CREATE TABLE FeedsV20(FeedId INTEGER PRIMARY KEY, CreateTime INTEGER, FaultId INTEGER, Type INTEGER, UserName TEXT, Status INTEGER, ExtFlag INTEGER,"
            "PrivFlag INTEGER, StringId TEXT, Content TEXT, Reserved1 INTEGER, ExtraBuf BLOB, Reserved7 BLOB);"
            "CREATE TABLE CommentV20(FeedId INTEGER, CommentId INTEGER, Createtime INTEGER, Flag INTEGER, CommentType INTEGER, CommentFlag INTEGER, Content TEXT,"
            "FromUserName TEXT, ClientId INTEGER, ReplyId INTEGER, ReplyUserName TEXT, DeleteFlag INTEGER, CommentId64 INTEGER, ReplyId64 INTEGER, IsAd INTEGER,"
            "Reserved1 INTEGER, RefActionBuf BLOB);"
            "CREATE TABLE NotificationV7(FeedId INTEGER, CommentId INTEGER, CreateTime INTEGER, FromUserName TEXT, Content TEXT, CommentType INTEGER);"
            "CREATE TABLE SnsConfigV20(Key INTEGER, Value TEXT); CREATE TABLE AdFeedsV8(FeedId INTEGER, Content TEXT);"
        )
        for p in device.posts:
            db.execute(
                "INSERT INTO FeedsV20(FeedId, CreateTime, Type, UserName, Status, PrivFlag, StringId, Content) VALUES (?,?,1,?,0,0,?,?)",
                (signed(p.id), p.at, p.who, str(p.id), timeline(p, hand, "contentStyle")),
            )
            db.executemany(
                "INSERT INTO CommentV20(FeedId, CommentId, Createtime, CommentType, Content, FromUserName, ReplyId, ReplyUserName, DeleteFlag, CommentId64, ReplyId64)"
                " VALUES (?,?,?,?,?,?,?,?,?,0,0)",
                [
                    (
                        signed(p.id),
                        s.number,
                        s.at,
                        1 if s.text is None else 2,
                        s.text or "",
                        s.who,
                        s.answers,
                        s.answers_who,
                        int(s.removed),
                    )
                    for s in p.said
                ],
            )
        db.executemany(
            "INSERT INTO NotificationV7 VALUES (?,9,1701000099,?,?,2)",
            [*((signed(n), w, t) for n, w, t in device.notified), *((signed(n), w, "") for n, w, _ in device.top)],
        )
        db.commit()
    return folder


def varint(n: int) -> bytes:
    """A protobuf number."""
    out = bytearray()
    n &= 2**64 - 1
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number: int, value: bytes | str | float) -> bytes:
    """A protobuf field: text and bytes by length, whole numbers as varint, others as 32-bit floats."""
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 5) + struct.pack("<f", value)


def write_android(folder: Path, device: Device, hand: Hand) -> Path:
    """MicroMsg/<hash>/SnsMicroMsg.db: protobuf bodies, the whole object with likes and comments in attrBuf."""
    file = folder / "MicroMsg" / digest(device.owner) / "SnsMicroMsg.db"
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as db:
        db.executescript(
            "CREATE TABLE SnsInfo(snsId LONG, userName VARCHAR(40), localFlag INTEGER, createTime INTEGER, head INTEGER, localPrivate INTEGER, type INTEGER,"
            "sourceType INTEGER, likeFlag INTEGER, pravited INTEGER, stringSeq VARCHAR(30), withTa INTEGER, content BLOB, attrBuf BLOB, postBuf BLOB, subType INTEGER);"
            "CREATE TABLE SnsComment(snsID LONG, parentID LONG, isRead INTEGER, createTime INTEGER, talker TEXT, type INTEGER, isSend INTEGER, curActionBuf BLOB,"
            "refActionBuf BLOB, commentSvrID LONG, clientId TEXT, commentflag INTEGER, isSilence INTEGER); CREATE TABLE adsnsinfo(snsId LONG);"
        )
        for p in device.posts:
            db.execute(
                "INSERT INTO SnsInfo(snsId, userName, createTime, type, sourceType, pravited, stringSeq, content, attrBuf) VALUES (?,?,?,1,10,0,?,?,?)",
                (signed(p.id), p.who, p.at, str(p.id).zfill(25), _android_body(p, hand), _android_object(p, hand)),
            )
        told = [*device.notified, *((n, w, "") for n, w, _ in device.top)]
        db.executemany(
            "INSERT INTO SnsComment(snsID, parentID, createTime, talker, type, curActionBuf, commentSvrID, commentflag) VALUES (?,0,1701000099,?,2,?,9,0)",
            [(signed(n), w, field(1, w) + field(8, t)) for n, w, t in told],
        )
        db.commit()
    return folder


def _android_body(post: Post, hand: Hand) -> bytes:
    kind = 3 if post.url else 15 if any(m.is_clip for m in post.media) else 1 if post.media else 2
    media = b"".join(
        field(5, field(1, str(m.number)) + field(2, 6 if m.is_clip else 2) + field(4, hand.url(m))) for m in post.media
    )
    place = (
        field(6, field(1, 113.27) + field(2, 23.13) + field(3, "广州") + field(5, post.place)) if post.place else b""
    )
    content = field(1, post.digest) + field(2, kind) + field(3, post.title) + field(4, post.url) + media
    return (
        field(1, str(post.id))
        + field(2, post.who)
        + field(3, 0)
        + field(4, post.at)
        + field(5, post.text)
        + place
        + field(8, content)
    )


def _android_said(said: Said, hand: Hand) -> bytes:
    return (
        field(1, said.who) + field(2, hand.name(said.who)) + field(3, 0) + field(4, 1 if said.text is None else 2) + field(5, said.text or "")
        + field(6, said.at) + field(7, said.number) + field(8, said.answers) + field(9, said.answers_who) + field(11, 0) + field(12, 0)
        + field(13, int(said.removed))
    )  # fmt: skip


def _android_object(post: Post, hand: Hand) -> bytes:
    xml = timeline(post, hand, "contentStyle").encode()
    likes = [s for s in post.said if s.text is None]
    comments = [s for s in post.said if s.text is not None]
    return (
        field(1, post.id) + field(2, post.who) + field(3, hand.name(post.who)) + field(4, post.at) + field(5, field(1, len(xml)) + field(2, xml)) + field(6, 0)
        + field(7, len(likes)) + field(8, len(likes)) + b"".join(field(9, _android_said(s, hand)) for s in likes) + field(10, len(comments))
        + field(11, len(comments)) + b"".join(field(12, _android_said(s, hand)) for s in comments) + field(13, 0) + field(14, 0) + field(16, 1)
    )  # fmt: skip


class _Keyed:
    """An NSKeyedArchiver of the kinds of value that the store holds."""

    def __init__(self) -> None:
        self.objects: list[Any] = ["$null"]
        self.classes: dict[str, plistlib.UID] = {}

    def add(self, value: Any) -> plistlib.UID:
        """The value as an object of its own, children behind it."""
        if value is None:
            return plistlib.UID(0)
        place = len(self.objects)
        self.objects.append(value)
        if isinstance(value, dict):
            self.objects[place] = {k: v if isinstance(v, bool | int | float) else self.add(v) for k, v in value.items()}
            self.objects[place]["$class"] = self.kind("WCDataItem")
        elif isinstance(value, list):
            self.objects[place] = {"NS.objects": [self.add(v) for v in value], "$class": self.kind("NSMutableArray")}
        return plistlib.UID(place)

    def kind(self, name: str) -> plistlib.UID:
        """A class, once."""
        if name not in self.classes:
            self.classes[name] = plistlib.UID(len(self.objects))
            self.objects.append({"$classname": name, "$classes": [name, "NSObject"]})
        return self.classes[name]


def write_ios(folder: Path, device: Device, hand: Hand) -> Path:
    """wc/wc005_008.db: one archived object a post; one Id stands twice, and one buffer is of a newer client."""
    file = folder / "Documents" / digest(device.owner) / "wc" / "wc005_008.db"
    file.parent.mkdir(parents=True)
    table = f"MyWC01_{digest(device.owner)}"
    rows = [(str(n), p.who, _ios_buffer(p, hand)) for n, p in enumerate(device.posts)]
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"CREATE TABLE {table}(Id TEXT, FromUser TEXT, Buffer BLOB)")
        db.executemany(f"INSERT INTO {table} VALUES (?,?,?)", [*rows, *rows[:1]])
        db.commit()
    return folder


def _ios_buffer(post: Post, hand: Hand) -> bytes:
    def person(s: Said) -> dict[str, Any]:
        sticker = {"snsEmojiInfoObj": {"md5": s.sticker}} if s.sticker else {}
        return {
            "type": 1 if s.text is None else 2, "username": s.who, "nickname": hand.name(s.who), "createTime": s.at, "commentID": str(s.number), "content": s.text or "",
            "bDeleted": s.removed, "refCommentID": str(s.answers), "refUserName": s.answers_who, "isLocalAdded": False, "commentFlag": 0, **sticker,
        }  # fmt: skip

    kind = 3 if post.url else 15 if any(m.is_clip for m in post.media) else 1 if post.media else 2
    media = [
        {"tid": str(post.id), "mid": str(m.number), "type": 6 if m.is_clip else 2, "title": "", "imgSize": f"{{{m.width}, {m.height}}}", "videoDuration": m.seconds,
         "dataUrl": {"url": hand.url(m), "type": 1, "md5": m.md5, "videomd5": m.md5 if m.is_clip else "", "token": f"t{hand.seed}", "key": "0"}}
        for m in post.media
    ]  # fmt: skip
    keyed = _Keyed()
    top = keyed.add({
        "tid": str(post.id), "username": post.who, "nickname": hand.name(post.who), "createtime": post.at, "contentDesc": post.text, "isPrivate": False, "type": 1,
        "flag": 0, "realLikeCount": 0, "realCommentCount": 0, "contentObj": {"title": post.title, "desc": post.digest, "linkUrl": post.url, "type": kind, "mediaList": media},
        "locationInfo": {"location_latitude": 23.13, "location_longitude": 113.27, "poiName": post.place, "poiAdress": ""} if post.place else None,
        "likeUsers": [person(s) for s in post.said if s.text is None], "commentUsers": [person(s) for s in post.said if s.text is not None], "withUsers": [],
    })  # fmt: skip
    body = {"$version": 100000, "$archiver": "NSKeyedArchiver", "$top": {"root": top}, "$objects": keyed.objects}
    return plistlib.dumps(body, fmt=plistlib.FMT_BINARY)
