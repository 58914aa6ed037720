"""One invented conversation, written as each client would keep it: the databases that the reader tests read back.

Everybody here is made up. `STORY` is what was sent; `view(owner)` is what one device holds of it; `write_*` lay it down in one
client's own tables, after wechat-databases.md.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import lz4.block
import zstandard
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from reconcile.vocabulary import Kind

JIA, YI, BING = "wxid_jia0001aaaa", "wxid_yi0002bbbb", "wxid_bing0003cccc"
ROOM = "48000000001@chatroom"
NAMES = {JIA: "甲某", YI: "乙某", BING: "丙某", ROOM: "装修三人群"}
REMARKS = {YI: "乙老板"}
ALIASES = {JIA: "jia_zhuangxiu", YI: "yi2002"}
START = 1_709_254_800
FIRST_ID = 6_116_895_530_414_915_131
MD5 = {n: hashlib.md5(n.encode()).hexdigest() for n in ("image", "video", "sticker", "file")}
TRANSFER_ID, PACKET_ID, CALL_ROOM = "1000050001202403010000000000001", "1000039901202403010000000000002", "91234567"


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as it was sent: body as WeChat writes it, and what a reader should make of it."""

    at: int
    who: str | None
    base: int
    sub: int
    body: str
    kind: Kind
    text: str
    server_id: int
    room: bool = False
    only: str | None = None
    shown: str = ""


def appmsg(code: int, title: str, inner: str = "", who: str = JIA) -> str:
    return f'<msg><appmsg appid="" sdkver="0"><title>{escape(title)}</title><des></des><type>{code}</type>{inner}</appmsg><fromusername>{who}</fromusername></msg>'


def transfer(state: int, memo: str, who: str) -> str:
    pay = (
        f"<wcpayinfo><paysubtype>{state}</paysubtype><feedesc><![CDATA[￥5000.00]]></feedesc><transferid>{TRANSFER_ID}</transferid>"
        f"<begintransfertime>{START + 130}</begintransfertime><pay_memo><![CDATA[{memo}]]></pay_memo>"
        f"<payer_username>{YI}</payer_username><receiver_username>{JIA}</receiver_username></wcpayinfo>"
    )
    return appmsg(2000, "微信转账", pay, who)


def file_body(code: int, alias: int = 0) -> str:
    extra = f"<overwrite_newmsgid>{alias}</overwrite_newmsgid>" if alias else ""
    return appmsg(code, "施工合同.docx", f"<appattach><totallen>20480</totallen><fileext>docx</fileext>{extra}</appattach><md5>{MD5['file']}</md5>", JIA)  # fmt: skip


def _id(number: int) -> int:
    return FIRST_ID + number * 7_919


_RECORD = (
    '<recorditem><![CDATA[<recordinfo><title>群聊的聊天记录</title><datalist count="1"><dataitem datatype="1"><sourcename>丙某</sourcename>'
    f"<datadesc>水电先做</datadesc><srcMsgCreateTime>{START - 86400}</srcMsgCreateTime><fromnewmsgid>{_id(900)}</fromnewmsgid></dataitem>"
    "</datalist></recordinfo>]]></recorditem>"
)
_REFER = (
    f"<refermsg><type>1</type><svrid>{_id(0)}</svrid><fromusr>{JIA}</fromusr><displayname>甲某</displayname>"
    f"<content>王总好，工程款什么时候结？</content><createtime>{START}</createtime></refermsg>"
)
_PACKET = f"<wcpayinfo><sendertitle><![CDATA[恭喜发财]]></sendertitle><paymsgid>{PACKET_ID}</paymsgid></wcpayinfo>"
_LINK = "<url>https://mp.weixin.qq.com/s?__biz=MzA4&amp;mid=26&amp;idx=1&amp;sn=52&amp;scene=1#rd</url>"
_CALL = f'<voipmsg type="VoIPBubbleMsg"><VoIPBubbleMsg><msg><![CDATA[通话时长 01:05]]></msg><room_type>1</room_type><roomid>{CALL_ROOM}</roomid></VoIPBubbleMsg></voipmsg>'
_LOCATION = '<msg><location x="39.90" y="116.39" label="东长安街1号" poiname="建材市场"/></msg>'

STORY: tuple[Sent, ...] = (
    Sent(START, JIA, 1, 0, "王总好，工程款什么时候结？", Kind.TEXT, "王总好，工程款什么时候结？", _id(0)),
    Sent(START + 20, YI, 1, 0, "甲方: 月底\n一定😀", Kind.TEXT, "甲方: 月底\n一定😀", _id(1)),
    Sent(START + 30, YI, 3, 0, f'<msg><img aeskey="ab" length="2998" md5="{MD5["image"]}"/></msg>', Kind.IMAGE, "", _id(2)),
    Sent(START + 40, JIA, 34, 0, '<msg><voicemsg voicelength="2540" length="3600" clientmsgid="x"/></msg>', Kind.VOICE, "", _id(3)),
    Sent(START + 50, JIA, 43, 0, f'<msg><videomsg length="611755" playlength="3" md5="{MD5["video"]}"/></msg>', Kind.VIDEO, "", _id(4)),
    Sent(START + 60, YI, 47, 0, f'<msg><emoji fromusername = "{YI}" tousername = "{JIA}" md5="{MD5["sticker"]}" len = "21"></emoji></msg>', Kind.STICKER, "", _id(5)),
    Sent(START + 70, JIA, 49, 6, file_body(6, _id(70)), Kind.FILE, "施工合同.docx", _id(7)),
    Sent(START + 80, JIA, 49, 5, appmsg(5, "结算 & 说明", _LINK), Kind.LINK, "结算 & 说明", _id(8)),
    Sent(START + 130, YI, 49, 2000, transfer(1, "三月工程款", YI), Kind.TRANSFER, "三月工程款", _id(9)),
    Sent(START + 140, JIA, 49, 2000, transfer(3, "三月工程款", JIA), Kind.TRANSFER, "三月工程款", _id(10)),
    Sent(START + 150, YI, 49, 2001, appmsg(2001, "微信红包", _PACKET, YI), Kind.RED_PACKET, "恭喜发财", _id(11)),
    Sent(START + 160, YI, 49, 57, appmsg(57, "月底结", _REFER, YI), Kind.QUOTE, "月底结", _id(12)),
    Sent(START + 170, JIA, 49, 19, appmsg(19, "群聊的聊天记录", _RECORD), Kind.FORWARD, "群聊的聊天记录", _id(13)),
    Sent(START + 180, JIA, 48, 0, _LOCATION, Kind.LOCATION, "建材市场 东长安街1号", _id(14)),
    Sent(START + 190, YI, 50, 0, _CALL, Kind.CALL, "通话时长 01:05", _id(15)),
    Sent(START + 200, YI, 10000, 0, "“乙某”撤回了一条消息", Kind.RECALL, "“乙某”撤回了一条消息", _id(16)),
    Sent(START + 300, JIA, 1, 0, "这条没有送达", Kind.TEXT, "这条没有送达", 0, only=JIA),
    Sent(START + 301, None, 10000, 0, "消息已发出，但被对方拒收了。", Kind.SYSTEM, "消息已发出，但被对方拒收了。", 0, only=JIA),
    Sent(START + 400, BING, 1, 0, "大家好", Kind.TEXT, "大家好", _id(20), room=True),
    Sent(START + 410, YI, 1, 0, "收到:\n明天开工", Kind.TEXT, "收到:\n明天开工", _id(21), room=True),
    Sent(START + 420, JIA, 1, 0, "备注:\n带图纸", Kind.TEXT, "备注:\n带图纸", _id(22), room=True),
    Sent(START + 430, BING, 3, 0, f'<msg><img length="5" md5="{MD5["image"]}"/></msg>', Kind.IMAGE, "", _id(23), room=True),
    Sent(START + 440, None, 10000, 0, "你邀请“丙某”加入了群聊", Kind.SYSTEM, "你邀请“丙某”加入了群聊", _id(24), room=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One message as one device holds it. `is_deleted`: its number was given out, its row is gone."""

    sent: Sent
    conversation: str
    is_self: bool
    is_deleted: bool = False


def view(owner: str, *, deleted: Iterable[int] = ()) -> list[Row]:
    """What the owner's device (jia's or yi's) holds of the story; `deleted` counts rows of this view."""
    peer = YI if owner == JIA else JIA
    held = [s for s in STORY if s.only in (None, owner)]
    gone = set(deleted)
    return [Row(s, ROOM if s.room else peer, s.who == owner, i in gone) for i, s in enumerate(held)]


def expected(rows: Sequence[Row], owner: str) -> list[dict[str, Any]]:
    """What a reader should give for a view, in the columns that every client can hold."""
    found = []
    for row in rows:
        if row.is_deleted:
            continue
        spoken = row.sent.kind not in (Kind.SYSTEM, Kind.RECALL)
        found.append(
            {
                "conversation": row.conversation,
                "sent_at": row.sent.at,
                "sender": row.sent.who if spoken else None,
                "is_self": (row.sent.who == owner) if spoken else None,
                "kind": str(row.sent.kind),
                "text": row.sent.text,
                "message_id": str(row.sent.server_id) if row.sent.server_id else None,
            }
        )
    return found


def md5(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()


def source_of(sent: Sent) -> str:
    return f"<msgsource><sec_msg_node><uuid>{md5(str(sent.server_id))}_</uuid></sec_msg_node></msgsource>"


def varint(number: int) -> bytes:
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def proto(*fields: tuple[int, int | bytes | str]) -> bytes:
    """Protobuf of (number, value) fields: ints as varint, the rest length-delimited."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def room_data() -> bytes:
    return b"".join(proto((1, proto((1, m), (2, n), (3, 1)))) for m, n in ((JIA, ""), (YI, "乙工长"), (BING, "")))


def create(file: Path, *statements: str) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA synchronous = OFF")  # a store for one test need not outlive a power cut
    for statement in statements:
        connection.execute(statement)
    return connection


def insert(connection: sqlite3.Connection, table: str, **values: object) -> None:
    columns = ", ".join(f'"{c}"' for c in values)
    marks = ", ".join("?" * len(values))
    connection.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', tuple(values.values()))


# ------------------------------------------------------------------------------------------- Windows 3.x

WINDOWS_MSG = (
    "CREATE TABLE MSG(localId INTEGER PRIMARY KEY AUTOINCREMENT, TalkerId INT DEFAULT 0, MsgSvrID INT, Type INT, SubType INT, "
    "IsSender INT, CreateTime INT, Sequence INT DEFAULT 0, StatusEx INT DEFAULT 0, FlagEx INT, Status INT, MsgServerSeq INT, "
    "MsgSequence INT, StrTalker TEXT, StrContent TEXT, DisplayContent TEXT, Reserved0 INT DEFAULT 0, Reserved1 INT DEFAULT 0, "
    "Reserved2 INT DEFAULT 0, Reserved3 INT DEFAULT 0, Reserved4 TEXT, Reserved5 TEXT, Reserved6 TEXT, CompressContent BLOB, "
    "BytesExtra BLOB, BytesTrans BLOB)"
)


def write_windows(folder: Path, rows: Sequence[Row], owner: str, *, shard_at: int = START + 100) -> Path:
    """`<folder>/<owner>/Msg` with two shards cut at a time, MicroMsg, MediaMSG and FTSMSG."""
    root = folder / owner / "Msg"
    for number, part in enumerate(
        ([r for r in rows if r.sent.at < shard_at], [r for r in rows if r.sent.at >= shard_at])
    ):
        _windows_shard(root / "Multi" / f"MSG{number}.db", part, owner, (START if number == 0 else shard_at) * 1000)
    _windows_media(root / "Multi" / "MediaMSG0.db", rows)
    _windows_search(root / "Multi" / "FTSMSG0.db", rows)
    _windows_contacts(root / "MicroMsg.db", rows)
    return root


def _windows_shard(file: Path, rows: Sequence[Row], owner: str, begins: int) -> None:
    with closing(
        create(
            file, WINDOWS_MSG, "CREATE TABLE Name2ID(UsrName TEXT PRIMARY KEY)",
            "CREATE TABLE DBInfo(tableIndex INTEGER PRIMARY KEY, tableVersion INTEGER, tableDesc TEXT)",
        )
    ) as db:  # fmt: skip
        insert(db, "DBInfo", tableIndex=1, tableVersion=begins, tableDesc="Start Time")
        for name in (JIA, YI, ROOM):
            insert(db, "Name2ID", UsrName=name)
        ids = dict(db.execute("SELECT UsrName, rowid FROM Name2ID"))
        for row in rows:
            sent = row.sent
            app = sent.base == 49
            items = [(7, source_of(sent))]
            if row.conversation == ROOM and not row.is_self and sent.who:
                items.append((1, f"{sent.who}:25319:1"))
            extra = proto((1, proto((1, 16), (2, 0))), *((3, proto((1, k), (2, v))) for k, v in items))
            packed = lz4.block.compress(sent.body.encode() + b"\x00", store_size=False) if app else None
            insert(
                db, "MSG", TalkerId=ids[row.conversation], MsgSvrID=sent.server_id, Type=sent.base, SubType=sent.sub,
                IsSender=int(row.is_self), CreateTime=sent.at, Sequence=sent.at * 1000, StrTalker=row.conversation,
                StrContent="" if app else sent.body, DisplayContent=sent.shown, CompressContent=packed, BytesExtra=extra,
            )  # fmt: skip
            if row.is_deleted:
                db.execute("DELETE FROM MSG WHERE localId = last_insert_rowid()")
        db.commit()


def _windows_media(file: Path, rows: Sequence[Row]) -> None:
    with closing(
        create(file, "CREATE TABLE Media(Key TEXT PRIMARY KEY, Reserved0 INT, Buf BLOB, Reserved1 INT, Reserved2 TEXT)")
    ) as db:
        for number, row in enumerate(r for r in rows if r.sent.kind is Kind.VOICE):
            insert(db, "Media", Key=str(2**40 + number + 1), Reserved0=row.sent.server_id, Buf=b"\x02#!SILK_V3")
        db.commit()


def _windows_search(file: Path, rows: Sequence[Row]) -> None:
    with closing(
        create(
            file, "CREATE TABLE FTSChatMsg2_content(docid INTEGER PRIMARY KEY, c0content, c1entityId)",
            "CREATE TABLE FTSChatMsg2_MetaData(docid INTEGER PRIMARY KEY, msgId INT, entityId INT, type INT)",
            "CREATE TABLE NameToId(userName TEXT PRIMARY KEY)",
        )
    ) as db:  # fmt: skip
        for name in (YI, ROOM, JIA):
            insert(db, "NameToId", userName=name)
        ids = dict(db.execute("SELECT userName, rowid FROM NameToId"))
        for number, row in enumerate(r for r in rows if r.sent.kind is Kind.TEXT and r.sent.server_id):
            insert(db, "FTSChatMsg2_content", docid=number + 1, c0content=" ".join(row.sent.text))
            insert(
                db, "FTSChatMsg2_MetaData", docid=number + 1, msgId=row.sent.server_id, entityId=ids[row.conversation]
            )
        db.commit()


def _windows_contacts(file: Path, rows: Sequence[Row]) -> None:
    with closing(
        create(
            file, "CREATE TABLE Contact(UserName TEXT PRIMARY KEY, Alias TEXT, DelFlag INT, Type INT, Remark TEXT, NickName TEXT)",
            "CREATE TABLE ChatRoom(ChatRoomName TEXT PRIMARY KEY, UserNameList TEXT, DisplayNameList TEXT, RoomData BLOB)",
            "CREATE TABLE Session(strUsrName TEXT PRIMARY KEY, strContent TEXT, nMsgType INT, nMsgLocalID INT, nTime INT)",
        )
    ) as db:  # fmt: skip
        for name, nickname in NAMES.items():
            insert(
                db,
                "Contact",
                UserName=name,
                Alias=ALIASES.get(name, ""),
                Remark=REMARKS.get(name, ""),
                NickName=nickname,
            )
        insert(
            db,
            "ChatRoom",
            ChatRoomName=ROOM,
            UserNameList="^G".join((JIA, YI, BING)),
            DisplayNameList="^G乙工长^G",
            RoomData=room_data(),
        )
        last = [r for r in rows if r.conversation == ROOM][-1]
        insert(
            db,
            "Session",
            strUsrName=ROOM,
            strContent=last.sent.text,
            nMsgType=last.sent.base,
            nMsgLocalID=9,
            nTime=last.sent.at,
        )
        db.commit()


def compressed(body: str) -> bytes:
    return zstandard.ZstdCompressor().compress(body.encode())


def without(rows: Sequence[Row], *numbers: int) -> list[Row]:
    """The view with some of its rows removed from the store after they were written."""
    return [replace(r, is_deleted=r.is_deleted or i in numbers) for i, r in enumerate(rows)]


# ------------------------------------------------------------------------------------------- WeChat 4.x

V4_MSG = (
    "CREATE TABLE {}(local_id INTEGER PRIMARY KEY AUTOINCREMENT, server_id INTEGER, local_type INTEGER, sort_seq INTEGER, "
    "real_sender_id INTEGER, create_time INTEGER, status INTEGER, upload_status INTEGER, download_status INTEGER, server_seq INTEGER, "
    "origin_source INTEGER, source TEXT, message_content TEXT, compress_content TEXT, packed_info_data BLOB, "
    "WCDB_CT_message_content INTEGER DEFAULT NULL, WCDB_CT_source INTEGER DEFAULT NULL)"
)


def write_wechat4(folder: Path, rows: Sequence[Row], owner: str, *, shard_at: int = START + 100) -> Path:
    """`<folder>/<owner>_1a2b/db_storage` with two message shards and every sibling database that speaks of messages."""
    root = folder / f"{owner}_1a2b" / "db_storage"
    for number, part in enumerate(
        ([r for r in rows if r.sent.at < shard_at], [r for r in rows if r.sent.at >= shard_at])
    ):
        _v4_shard(root / "message" / f"message_{number}.db", part, owner, START if number == 0 else shard_at)
    _v4_media(root / "message" / "media_0.db", rows)
    _v4_resources(root / "message" / "message_resource.db", rows)
    _v4_search(root / "message" / "message_fts.db", rows)
    _v4_contacts(root / "contact" / "contact.db")
    _v4_sessions(root / "session" / "session.db", rows)
    _v4_money(root / "general" / "general.db")
    return root


def _v4_shard(file: Path, rows: Sequence[Row], owner: str, begins: int) -> None:
    with closing(
        create(
            file, "CREATE TABLE Name2Id(user_name TEXT PRIMARY KEY, is_session INTEGER)", "CREATE TABLE TimeStamp(timestamp INTEGER)",
            "CREATE TABLE SendInfo(chat_name_id INTEGER, msg_local_id INTEGER)",
            "CREATE TABLE DeleteInfo(chat_name_id INTEGER, delete_table_name TEXT)",
            "CREATE TABLE DeleteResInfo(local_id INTEGER PRIMARY KEY AUTOINCREMENT, session_name_id INTEGER, msg_create_time INTEGER, msg_local_id INTEGER, res_path TEXT)",
        )
    ) as db:  # fmt: skip
        insert(db, "TimeStamp", timestamp=begins)
        # The owner's row number differs from file to file, so it may never be taken from another one.
        for name in (BING, JIA, YI, ROOM) if owner == JIA else (YI, ROOM, JIA, BING):
            insert(db, "Name2Id", user_name=name)
        ids = dict(db.execute("SELECT user_name, rowid FROM Name2Id"))
        for row in rows:
            sent, table = row.sent, f"Msg_{md5(row.conversation)}"
            db.execute(V4_MSG.format(table).replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
            body = (
                f"{sent.who}:\n{sent.body}" if row.conversation == ROOM and sent.who and not row.is_self else sent.body
            )
            packed = sent.base == 49
            source = source_of(sent)
            insert(
                db, table, server_id=sent.server_id, local_type=sent.sub << 32 | sent.base, sort_seq=sent.at * 1000,
                real_sender_id=ids[sent.who or row.conversation], create_time=sent.at, status=2 if row.is_self else 3, server_seq=7,
                origin_source=1 if row.is_self else 2, source=compressed(source) if packed else source,
                message_content=compressed(body) if packed else body, WCDB_CT_message_content=4 if packed else 0,
                WCDB_CT_source=4 if packed else 0,
            )  # fmt: skip
            if row.is_deleted:
                db.execute(f"DELETE FROM {table} WHERE local_id = last_insert_rowid()")
        db.commit()


def _v4_names(db: sqlite3.Connection, table: str) -> dict[str, int]:
    db.execute(f"CREATE TABLE {table}(user_name TEXT PRIMARY KEY)")
    for name in (ROOM, YI, JIA, BING):
        insert(db, table, user_name=name)
    return dict(db.execute(f"SELECT user_name, rowid FROM {table}"))


def _v4_media(file: Path, rows: Sequence[Row]) -> None:
    with closing(
        create(
            file,
            "CREATE TABLE VoiceInfo(chat_name_id INTEGER, create_time INTEGER, local_id INTEGER, svr_id INTEGER, voice_data BLOB, data_index TEXT DEFAULT '0')",
        )
    ) as db:
        ids = _v4_names(db, "Name2Id")
        for row in rows:
            if row.sent.kind is Kind.VOICE:
                insert(
                    db,
                    "VoiceInfo",
                    chat_name_id=ids[row.conversation],
                    create_time=row.sent.at,
                    local_id=4,
                    svr_id=row.sent.server_id,
                )
        db.commit()


def _v4_resources(file: Path, rows: Sequence[Row]) -> None:
    with closing(
        create(
            file,
            "CREATE TABLE MessageResourceInfo(message_id INTEGER PRIMARY KEY, chat_id INTEGER, sender_id INTEGER, message_local_type INTEGER, message_create_time INTEGER, message_local_id INTEGER, message_svr_id INTEGER, message_origin_source INTEGER, packed_info BLOB)",
            "CREATE TABLE FtsRange(session_id INTEGER, db_time_stamp INTEGER, start_local_id INTEGER, end_local_id INTEGER, range_type INTEGER)",
            "CREATE TABLE FtsDeleteInfo(session_id INTEGER, max_message_id INTEGER)",
        )
    ) as db:  # fmt: skip
        ids, who = _v4_names(db, "ChatName2Id"), _v4_names(db, "SenderName2Id")
        for row in rows:
            if row.sent.kind in (Kind.IMAGE, Kind.VIDEO, Kind.FILE) and row.sent.who:
                insert(
                    db, "MessageResourceInfo", chat_id=ids[row.conversation], sender_id=who[row.sent.who],
                    message_local_type=row.sent.sub << 32 | row.sent.base, message_create_time=row.sent.at, message_local_id=1,
                    message_svr_id=row.sent.server_id,
                )  # fmt: skip
        insert(
            db, "FtsRange", session_id=ids[ROOM], db_time_stamp=START, start_local_id=1, end_local_id=5, range_type=1
        )
        db.commit()


def _v4_search(file: Path, rows: Sequence[Row]) -> None:
    with closing(
        create(
            file,
            "CREATE TABLE message_fts_v3_0_content(id INTEGER PRIMARY KEY, c0, c1, c2, c3, c4, c5)",
            "CREATE TABLE message_fts_v3_range(db_time_stamp INTEGER, start_local_id INTEGER, end_local_id INTEGER, session_id INTEGER)",
            "CREATE TABLE message_fts_v3_session_delete_info(session_id INTEGER, start_local_id INTEGER, end_local_id INTEGER, db_time_stamp INTEGER)",
        )
    ) as db:  # fmt: skip
        ids = _v4_names(db, "name2id")
        for number, row in enumerate(r for r in rows if r.sent.kind is Kind.TEXT and r.sent.who):
            insert(
                db,
                "message_fts_v3_0_content",
                id=number,
                c0=row.sent.text,
                c1=number + 1,
                c2=row.sent.at * 1000,
                c3=1,
                c4=ids[row.conversation],
                c5=ids[row.sent.who or ""],
            )
        insert(db, "message_fts_v3_range", db_time_stamp=START, start_local_id=1, end_local_id=9, session_id=ids[YI])
        db.commit()


def _v4_contacts(file: Path) -> None:
    with closing(
        create(
            file, "CREATE TABLE contact(id INTEGER PRIMARY KEY, username TEXT, local_type INTEGER, alias TEXT, remark TEXT, nick_name TEXT)",
            "CREATE TABLE stranger(id INTEGER PRIMARY KEY, username TEXT, local_type INTEGER, alias TEXT, remark TEXT, nick_name TEXT)",
            "CREATE TABLE chat_room(id INTEGER PRIMARY KEY, username TEXT, owner TEXT, ext_buffer BLOB)",
            "CREATE TABLE chatroom_member(room_id INTEGER, member_id INTEGER)",
        )
    ) as db:  # fmt: skip
        for number, (name, nickname) in enumerate(NAMES.items(), 1):
            insert(
                db,
                "stranger" if name == BING else "contact",
                id=number,
                username=name,
                alias=ALIASES.get(name, ""),
                remark=REMARKS.get(name, ""),
                nick_name=nickname,
            )
        insert(db, "chat_room", id=4, username=ROOM, owner=JIA, ext_buffer=room_data())
        for member in (1, 2, 3):
            insert(db, "chatroom_member", room_id=4, member_id=member)
        db.commit()


def _v4_sessions(file: Path, rows: Sequence[Row]) -> None:
    with closing(
        create(
            file,
            "CREATE TABLE SessionTable(username TEXT PRIMARY KEY, type INTEGER, summary TEXT, last_timestamp INTEGER, last_msg_locald_id INTEGER, last_msg_type INTEGER, last_msg_sub_type INTEGER, last_msg_sender TEXT)",
            "CREATE TABLE SessionDeleteTable(username TEXT PRIMARY KEY, delete_time INTEGER)",
        )
    ) as db:  # fmt: skip
        last = [r for r in rows if r.conversation == ROOM][-1].sent
        insert(
            db,
            "SessionTable",
            username=ROOM,
            summary=last.text,
            last_timestamp=last.at,
            last_msg_locald_id=5,
            last_msg_type=last.base,
            last_msg_sub_type=0,
        )
        db.commit()


def _v4_money(file: Path) -> None:
    with closing(
        create(
            file,
            "CREATE TABLE transferTable(transfer_id TEXT, transcation_id TEXT, message_server_id INTEGER, second_message_server_id INTEGER, session_name TEXT, pay_sub_type INTEGER, pay_receiver TEXT, pay_payer TEXT, begin_transfer_time INTEGER, last_modified_time INTEGER)",
            "CREATE TABLE redEnvelopeTable(message_server_id INTEGER, session_name TEXT, sender_user_name TEXT, native_url TEXT, send_id TEXT, scene_id INTEGER, hb_status INTEGER)",
            "CREATE TABLE revokemessage(to_user_name TEXT, svr_id INTEGER, message_type INTEGER, revoke_time INTEGER, content TEXT, at_user_list TEXT)",
        )
    ) as db:  # fmt: skip
        insert(
            db,
            "transferTable",
            transfer_id=TRANSFER_ID,
            message_server_id=_id(9),
            second_message_server_id=_id(10),
            session_name=YI,
            pay_sub_type=3,
            pay_receiver=JIA,
            pay_payer=YI,
            begin_transfer_time=START + 130,
            last_modified_time=START + 140,
        )
        insert(
            db, "redEnvelopeTable", message_server_id=_id(11), session_name=YI, sender_user_name=YI, send_id=PACKET_ID
        )
        insert(
            db,
            "revokemessage",
            to_user_name=YI,
            svr_id=_id(16),
            message_type=1,
            revoke_time=START + 205,
            content="说错了",
            at_user_list="",
        )
        db.commit()


# ------------------------------------------------------------------------------------------- macOS 3.x

MACOS_CHAT = (
    "CREATE TABLE IF NOT EXISTS {}(mesLocalID INTEGER PRIMARY KEY AUTOINCREMENT, mesSvrID INTEGER, msgCreateTime INTEGER, msgContent TEXT, "
    "msgStatus INTEGER, msgImgStatus INTEGER, messageType INTEGER, mesDes INTEGER, msgSource TEXT, IntRes1 INTEGER, IntRes2 INTEGER, "
    "StrRes1 TEXT, StrRes2 TEXT, msgVoiceText TEXT, msgSeq INTEGER, CompressContent BLOB, ConBlob BLOB)"
)


def write_macos3(folder: Path, rows: Sequence[Row], owner: str) -> Path:
    """`<folder>/2.0b4.0.9/<md5 of the account>` with Message/msg_0, msg_1 and its siblings."""
    root = folder / "2.0b4.0.9" / md5(owner)
    for number, chosen in enumerate(
        ([r for r in rows if r.conversation != ROOM], [r for r in rows if r.conversation == ROOM])
    ):
        with closing(create(root / "Message" / f"msg_{number}.db")) as db:
            for row in chosen:
                table = f"Chat_{md5(row.conversation)}"
                db.execute(MACOS_CHAT.format(table))
                insert(
                    db, table, mesSvrID=row.sent.server_id, msgCreateTime=row.sent.at, msgContent=prefixed(row), msgStatus=3,
                    messageType=row.sent.base, mesDes=int(not row.is_self), msgSource=source_of(row.sent), msgSeq=1,
                )  # fmt: skip
                if row.is_deleted:
                    db.execute(f"DELETE FROM {table} WHERE mesLocalID = last_insert_rowid()")
            db.commit()
    with closing(
        create(
            root / "Contact" / "wccontact_new2.db",
            "CREATE TABLE WCContact(m_nsUsrName TEXT PRIMARY KEY, nickname TEXT, m_nsRemark TEXT, m_nsAliasName TEXT, m_uiSex INTEGER)",
        )
    ) as db:
        for name in (JIA, YI, BING):
            insert(
                db,
                "WCContact",
                m_nsUsrName=name,
                nickname=NAMES[name],
                m_nsRemark=REMARKS.get(name, ""),
                m_nsAliasName=ALIASES.get(name, ""),
            )
        db.commit()
    with closing(
        create(
            root / "Group" / "group_new.db",
            "CREATE TABLE GroupContact(m_nsUsrName TEXT PRIMARY KEY, nickname TEXT, m_nsChatRoomMemList TEXT, m_nsChatRoomAdminList TEXT)",
        )
    ) as db:
        insert(
            db, "GroupContact", m_nsUsrName=ROOM, nickname=NAMES[ROOM], m_nsChatRoomMemList=";".join((JIA, YI, BING))
        )
        db.commit()
    with closing(
        create(
            root / "Session" / "session_new.db",
            "CREATE TABLE SessionAbstract(m_nsUserName TEXT PRIMARY KEY, m_uLastTime INTEGER)",
        )
    ) as db:
        insert(db, "SessionAbstract", m_nsUserName=ROOM, m_uLastTime=rows[-1].sent.at)
        db.commit()
    return root


def prefixed(row: Row) -> str:
    """The body as clients that name a group's sender in the text store it."""
    return (
        f"{row.sent.who}:\n{row.sent.body}"
        if row.conversation == ROOM and row.sent.who and not row.is_self
        else row.sent.body
    )


# ------------------------------------------------------------------------------------------- iOS

IOS_CHAT = (
    "CREATE TABLE IF NOT EXISTS Chat_{0}(TableVer INTEGER DEFAULT 1, MesLocalID INTEGER PRIMARY KEY AUTOINCREMENT, MesSvrID BIGINT DEFAULT 0, "
    "CreateTime INTEGER DEFAULT 0, Message TEXT, Status INTEGER DEFAULT 0, ImgStatus INTEGER DEFAULT 0, Type INTEGER, Des INTEGER)"
)
IOS_EXTRA = "CREATE TABLE IF NOT EXISTS ChatExt2_{0}(MesLocalID INTEGER PRIMARY KEY, msgFlag INTEGER, MsgSource TEXT, MsgIdentify TEXT)"


def write_ios(folder: Path, rows: Sequence[Row], owner: str) -> Path:
    """`<folder>/Documents` with LoginInfo2.dat and the account's own folder."""
    root = folder / "Documents"
    account = root / md5(owner)
    with closing(create(account / "DB" / "MM.sqlite")) as db:
        db.execute("CREATE TABLE RevokeMsgTable(MSG_REVOKE_COL_SVRID INTEGER PRIMARY KEY, MSG_REVOKE_COL_CONTENT TEXT)")
        insert(db, "RevokeMsgTable", MSG_REVOKE_COL_SVRID=_id(16), MSG_REVOKE_COL_CONTENT="说错了")
        _ios_rows(db, [r for r in rows if r.conversation == ROOM])
    with closing(create(account / "DB" / "message_1.sqlite")) as db:
        _ios_rows(db, [r for r in rows if r.conversation != ROOM])
    _ios_contacts(account / "DB" / "WCDB_Contact.sqlite")
    with closing(
        create(
            account / "session" / "session.db",
            "CREATE TABLE SessionAbstract(UsrName TEXT PRIMARY KEY, CreateTime INTEGER, unreadcount INTEGER, ConStrRes1 TEXT)",
        )
    ) as db:
        for name in dict.fromkeys(r.conversation for r in rows):
            insert(db, "SessionAbstract", UsrName=name, CreateTime=rows[-1].sent.at)
        db.commit()
    peer = next(r for r in rows if r.sent.kind is Kind.VOICE)
    sound = account / "Audio" / md5(peer.conversation) / f"{rows.index(peer) + 1}.aud"
    sound.parent.mkdir(parents=True)
    sound.write_bytes(b"\x02#!SILK_V3")
    (root / "LoginInfo2.dat").write_bytes(proto((1, proto((1, owner), (2, ALIASES[owner]), (3, NAMES[owner])))))
    return root


def _ios_rows(db: sqlite3.Connection, rows: Sequence[Row]) -> None:
    for row in rows:
        digest = md5(row.conversation)
        db.execute(IOS_CHAT.format(digest))
        db.execute(IOS_EXTRA.format(digest))
        insert(
            db,
            f"Chat_{digest}",
            MesSvrID=row.sent.server_id,
            CreateTime=row.sent.at,
            Message=prefixed(row),
            Status=2,
            Type=row.sent.base,
            Des=int(not row.is_self),
        )
        number = db.execute("SELECT last_insert_rowid()").fetchone()[0]
        if row.is_deleted:
            db.execute(f"DELETE FROM Chat_{digest} WHERE MesLocalID = {number}")
        else:
            insert(db, f"ChatExt2_{digest}", MesLocalID=number, MsgSource=source_of(row.sent))
    db.commit()


def _ios_contacts(file: Path) -> None:
    with closing(
        create(
            file,
            "CREATE TABLE Friend(userName TEXT PRIMARY KEY, type INTEGER, dbContactRemark BLOB, dbContactHeadImage BLOB, dbContactChatRoom BLOB)",
        )
    ) as db:
        members = "".join(
            f'<Member UserName="{m}"><DisplayName>{n}</DisplayName></Member>'
            for m, n in ((JIA, ""), (YI, "乙工长"), (BING, ""))
        )
        for name, nickname in NAMES.items():
            card = proto((1, nickname), (2, ALIASES.get(name, "")), (3, REMARKS.get(name, "")))
            room = proto((1, JIA), (6, f"<RoomData>{members}</RoomData>")) if name == ROOM else None
            insert(db, "Friend", userName=name, type=3, dbContactRemark=card, dbContactChatRoom=room)
        db.commit()


def as_phone_backup(documents: Path, folder: Path) -> Path:
    """A Documents folder packed as an unencrypted iTunes backup: hashed file names and a Manifest.db."""
    with closing(
        create(
            folder / "Manifest.db",
            "CREATE TABLE Files(fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB)",
        )
    ) as db:
        for file in sorted(f for f in documents.rglob("*") if f.is_file()):
            path = "Documents/" + file.relative_to(documents).as_posix()
            digest = hashlib.sha1(f"AppDomain-com.tencent.xin-{path}".encode()).hexdigest()
            insert(db, "Files", fileID=digest, domain="AppDomain-com.tencent.xin", relativePath=path, flags=1)
            place = folder / digest[:2] / digest
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(file.read_bytes())
        insert(db, "Files", fileID="00" * 20, domain="HomeDomain", relativePath="Library/SMS/sms.db", flags=1)
        db.commit()
    return folder


def leave_in_log(file: Path, statement: str) -> None:
    """Runs the statement so that its rows stand in `<file>-wal` alone, as a client leaves them that was not shut down."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA wal_autocheckpoint=0")
        db.execute(statement)
        db.commit()
        kept = {f: f.read_bytes() for f in (file, file.with_name(file.name + "-wal"))}
    for place, data in kept.items():
        place.write_bytes(data)


# ------------------------------------------------------------------------------------------- Android

ANDROID_MESSAGE = (
    "CREATE TABLE message(msgId INTEGER PRIMARY KEY, msgSvrId INTEGER, type INT, status INT, isSend INT, isShowTimer INTEGER, "
    "createTime INTEGER, talker TEXT, content TEXT, imgPath TEXT, reserved TEXT, lvbuffer BLOB, transContent TEXT, transBrandWording TEXT, "
    "talkerId INTEGER, bizClientMsgId TEXT, bizChatId INTEGER DEFAULT -1, bizChatUserId TEXT, msgSeq INTEGER, flag INT)"
)
ANDROID_TYPES = {
    (49, 6): 1090519089,
    (49, 5): 268435505,
    (49, 2000): 419430449,
    (49, 2001): 436207665,
    (49, 57): 822083633,
    (49, 19): 49,
}


def write_android(folder: Path, rows: Sequence[Row], owner: str) -> Path:
    """`<folder>/MicroMsg/<hash>` with EnMicroMsg.db and FTS5IndexMicroMsg.db."""
    root = folder / "MicroMsg" / md5("mm" + owner)
    with closing(
        create(
            root / "EnMicroMsg.db", ANDROID_MESSAGE, "CREATE TABLE userinfo(id INTEGER PRIMARY KEY, type INT, value TEXT)",
            "CREATE TABLE rcontact(username TEXT PRIMARY KEY, alias TEXT, conRemark TEXT, nickname TEXT, type INT, deleteFlag INT)",
            "CREATE TABLE chatroom(chatroomname TEXT PRIMARY KEY, memberlist TEXT, displayname TEXT, chatroomnick TEXT, roomowner TEXT, roomdata BLOB)",
            "CREATE TABLE voiceinfo(FileName TEXT PRIMARY KEY, User TEXT, MsgId INTEGER, MsgLocalId INTEGER, VoiceLength INTEGER)",
            "CREATE TABLE ImgInfo2(id INTEGER PRIMARY KEY, msgSvrId LONG, msglocalid INT, msgTalker TEXT, origImgMD5 TEXT)",
            "CREATE TABLE RemittanceRecord(transferId TEXT PRIMARY KEY, locaMsgId INTEGER, receiveStatus INT, isSend INT, talker TEXT)",
            "CREATE TABLE MsgQuote(msgId INTEGER, msgSvrId INTEGER, quotedMsgId INTEGER, quotedMsgSvrId INTEGER, status INT, quotedMsgTalker TEXT)",
            "CREATE TABLE rconversation(msgCount INT, username TEXT PRIMARY KEY, status INT, isSend INT, conversationTime INTEGER, content TEXT, msgType TEXT, digest TEXT)",
            "CREATE TABLE DeletedConversationInfo(userName TEXT PRIMARY KEY, lastSeq INTEGER, reserved1 INTEGER, reserved2 INTEGER, reserved3 TEXT)",
            "CREATE TABLE BackupMoveTime(deviceId TEXT, sessionName TEXT, moveTime BLOB)",
        )
    ) as db:  # fmt: skip
        for number, value in ((2, owner), (4, NAMES[owner])):
            insert(db, "userinfo", id=number, type=3, value=value)
        for name, nickname in NAMES.items():
            insert(
                db,
                "rcontact",
                username=name,
                alias=ALIASES.get(name, ""),
                conRemark=REMARKS.get(name, ""),
                nickname=nickname,
                type=3,
            )
        insert(
            db,
            "chatroom",
            chatroomname=ROOM,
            memberlist=";".join((JIA, YI, BING)),
            displayname="甲某、乙工长、丙某",
            roomowner=JIA,
        )
        for number, row in enumerate(rows, 1):
            sent = row.sent
            insert(
                db, "message", msgId=number, msgSvrId=sent.server_id or None, type=ANDROID_TYPES.get((sent.base, sent.sub), sent.base),
                status=(5 if row.is_self and not sent.server_id else 2) if row.is_self else 3, isSend=int(row.is_self), createTime=sent.at * 1000,
                talker=row.conversation, content=prefixed(row), lvbuffer=b"{" + source_of(sent).encode() + b"}", msgSeq=700 + number,
            )  # fmt: skip
            if sent.kind is Kind.VOICE:
                insert(
                    db,
                    "voiceinfo",
                    FileName=f"v{number}",
                    User=row.conversation,
                    MsgId=sent.server_id,
                    MsgLocalId=number,
                    VoiceLength=2540,
                )
            if row.is_deleted:
                db.execute(f"DELETE FROM message WHERE msgId = {number}")
        insert(db, "RemittanceRecord", transferId=TRANSFER_ID, locaMsgId=9, talker=YI)
        insert(db, "MsgQuote", msgId=12, quotedMsgId=1, quotedMsgSvrId=_id(0), status=0, quotedMsgTalker=YI)
        insert(
            db,
            "rconversation",
            username=ROOM,
            conversationTime=rows[-1].sent.at * 1000,
            content=rows[-1].sent.text,
            msgType="10000",
        )
        db.commit()
    with closing(
        create(
            root / "FTS5IndexMicroMsg.db", "CREATE TABLE FTS5IndexMessage_content(id INTEGER PRIMARY KEY, c0)",
            "CREATE TABLE FTS5MetaMessage(docid INTEGER PRIMARY KEY, type INT, subtype INT, entity_id INTEGER, aux_index TEXT, timestamp INTEGER, status INT, talker TEXT)",
        )
    ) as db:  # fmt: skip
        for number, row in enumerate(rows, 1):
            if row.sent.kind is Kind.TEXT:
                insert(db, "FTS5IndexMessage_content", id=number, c0=row.sent.text)
                insert(
                    db,
                    "FTS5MetaMessage",
                    docid=number,
                    entity_id=number,
                    aux_index=row.conversation,
                    timestamp=row.sent.at * 1000,
                    talker=row.sent.who,
                )
        db.commit()
    return root


# ------------------------------------------------------------------------------------------- the PC client's own backup

BACKUP_KEY = "0123456789abcdef0123456789abcdef"
BACKUP_TABLES = (
    "CREATE TABLE Session(talker TEXT, EndTime INTEGER, TotalSize INTEGER, NickName TEXT, Reserved0 INTEGER, Reserved1 INTEGER, Reserved2 TEXT, Reserved3 TEXT, StartTime INTEGER, Reserved5 INTEGER)",
    "CREATE TABLE Name2ID(UsrName TEXT PRIMARY KEY)",
    "CREATE TABLE MsgSegments(talkerId INTEGER, StartTime INTEGER, EndTime INTEGER, OffSet INTEGER, Length INTEGER, UsrName TEXT, Status INTEGER, Reserved1 INTEGER, FilePath TEXT, SegmentId TEXT, Reserved2 TEXT, Reserved3 TEXT)",
    "CREATE TABLE MsgMedia(talkerId INTEGER, MediaId INTEGER, MsgSegmentId INTEGER, SrvId INTEGER, MD5 TEXT, talker TEXT, MediaIdStr TEXT, Reserved0 INTEGER, Reserved1 INTEGER, Reserved2 TEXT)",
    "CREATE TABLE MsgFileSegment(MapKey INTEGER, InnerOffSet INTEGER, Length INTEGER, TotalLen INTEGER, OffSet INTEGER, Reserved1 INTEGER, FileName TEXT, Reserved2 TEXT, Reserved3 TEXT, Reserved4 TEXT)",
    "CREATE TABLE MediaStr2ID(UsrName TEXT PRIMARY KEY)",
    "CREATE TABLE Config(Key TEXT PRIMARY KEY, Reserved0 INTEGER, Buf BLOB)",
)


def encrypted(plain: bytes) -> bytes:
    """AES-128-ECB with PKCS7, as the client writes its containers."""
    pad = 16 - len(plain) % 16
    encryptor = Cipher(algorithms.AES(BACKUP_KEY[:16].encode()), modes.ECB()).encryptor()
    return encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()


def backup_item(row: Row, owner: str, *, by_member: bool = False) -> bytes:
    """One message; `by_member`: a room's rows come from the member, without a line before the words."""
    sent = row.sent
    sender, receiver = (owner, row.conversation) if row.is_self else (row.conversation, owner)
    words = prefixed(row)
    if by_member and row.conversation == ROOM and sent.who:
        sender, receiver, words = sent.who, ROOM, sent.body
    return proto(
        (1, sent.base), (2, "c1"), (3, proto((1, sender))), (4, proto((1, receiver))), (5, proto((1, words))), (6, 3), (7, sent.at),
        (8, source_of(sent)), (9, 77), (16, sent.server_id), (17, 5), (18, sent.at * 1000), (19, 0),
    )  # fmt: skip


def write_pc_backup(folder: Path, rows: Sequence[Row], owner: str, *, by_member: bool = False) -> Path:
    """`<folder>/<owner>/BackupFiles/device` with a plain Backup.db and its encrypted containers."""
    root = folder / owner / "BackupFiles" / "device"
    text, media = b"", encrypted(b"\xff\xd8picture")
    with closing(create(root / "Backup.db", *BACKUP_TABLES)) as db:
        for number, name in enumerate(dict.fromkeys(r.conversation for r in rows), 1):
            held = [r for r in rows if r.conversation == name and not r.is_deleted]
            insert(db, "Name2ID", UsrName=name)
            insert(
                db,
                "Session",
                talker=name,
                NickName=NAMES[name],
                StartTime=held[0].sent.at * 1000,
                EndTime=held[-1].sent.at * 1000,
            )
            segment = encrypted(proto((1, len(held)), *((2, backup_item(r, owner, by_member=by_member)) for r in held)))
            insert(
                db,
                "MsgSegments",
                talkerId=number,
                OffSet=len(text),
                Length=len(segment),
                UsrName=name,
                FilePath="BAK_0_TEXT",
                SegmentId=str(number),
            )
            text += segment
        picture = next(r.sent for r in rows if r.sent.kind is Kind.IMAGE)
        insert(db, "MsgMedia", talkerId=1, MediaId=1, SrvId=picture.server_id, talker=YI, MediaIdStr="m1")
        insert(db, "MediaStr2ID", UsrName="m1")
        insert(
            db,
            "MsgFileSegment",
            MapKey=1,
            InnerOffSet=0,
            Length=len(media),
            TotalLen=len(media),
            OffSet=0,
            FileName="BAK_0_MEDIA",
        )
        phone = proto((2, "Huawei"), (3, "P60"), (4, "Android"), (5, "14"), (6, "8.0.47"))
        insert(db, "Config", Key="100000", Buf=proto((1, owner), (2, "device"), (5, phone)))
        db.commit()
    (root / "BAK_0_TEXT").write_bytes(text)
    (root / "BAK_0_MEDIA").write_bytes(media)
    return root
