"""Favourites in the databases of every client."""

from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

from tests.build.databases import JIA, START, YI
from tests.build.moments import connect

FIRST = 6_116_895_530_414_915_131


def favitem(n: int, text: str, sender: str, receiver: str, *, with_id: bool = True) -> str:
    source = f' sourceid="{FIRST + 7 * n}"' if with_id else ""
    return (
        f'<favitem type="1"><desc>{escape(text)}</desc><source sourcetype="1"{source}><fromusr>{sender}</fromusr><tousr>{receiver}</tousr>'
        f"<createtime>{START + 60 * n}</createtime></source></favitem>"
    )


Kept = tuple[int, str, str, str]


def wechat4(folder: Path, kept: list[Kept], *, with_id: bool = True) -> Path:
    with connect(folder / "favorite" / "favorite.db") as db:
        db.execute(
            "CREATE TABLE fav_db_item(local_id INTEGER PRIMARY KEY, server_id INTEGER, type INTEGER, update_seq INTEGER, flag INTEGER, update_time INTEGER,"
            " version INTEGER, content TEXT, source_id TEXT, fromusr TEXT, realchatname TEXT, ext_buf BLOB)"
        )
        for n, text, sender, receiver in kept:
            db.execute(
                "INSERT INTO fav_db_item(type, update_time, content, source_id, fromusr) VALUES (1,?,?,?,?)",
                (
                    START + 9_000,
                    favitem(n, text, sender, receiver, with_id=False),
                    str(FIRST + 7 * n) if with_id else "",
                    sender,
                ),
            )
    return folder


def windows(folder: Path, kept: list[Kept], *, with_id: bool = True) -> Path:
    with connect(folder / "Favorite.db") as db:
        db.execute(
            "CREATE TABLE FavItems(FavLocalID INTEGER PRIMARY KEY, Type INTEGER, FromUser TEXT, RealChatName TEXT, SearchKey TEXT, UpdateTime INTEGER, XmlBuf TEXT)"
        )
        for n, text, sender, receiver in kept:
            xml = favitem(n, text, sender, receiver, with_id=with_id)
            db.execute(
                "INSERT INTO FavItems(Type, FromUser, UpdateTime, XmlBuf) VALUES (1,?,?,?)", (sender, START, xml)
            )
    return folder


def android(folder: Path, kept: list[Kept], *, with_id: bool = True) -> Path:
    with connect(folder / "enFavorite.db") as db:
        db.execute(
            "CREATE TABLE FavItemInfo(localId INTEGER, type INTEGER, updateTime INTEGER, fromUser TEXT, toUser TEXT, realChatName TEXT, sourceType INTEGER, xml TEXT)"
        )
        for n, text, sender, receiver in kept:
            xml = favitem(n, text, sender, receiver, with_id=with_id)
            db.execute("INSERT INTO FavItemInfo VALUES (?,1,?,?,?,'',1,?)", (n + 1, START, sender, receiver, xml))
    return folder


def ios(folder: Path, kept: list[Kept], *, with_id: bool = True) -> Path:
    with connect(folder / "Favorites" / "fav.db") as db:
        db.execute(
            "CREATE TABLE FavoritesItemTable(LocalId INTEGER, Type INTEGER, Time INTEGER, FromUsr TEXT, ToUsr TEXT, RealChatName TEXT, SourceType INTEGER, Xml TEXT)"
        )
        for n, text, sender, receiver in kept:
            xml = favitem(n, text, sender, receiver, with_id=with_id)
            db.execute(
                "INSERT INTO FavoritesItemTable VALUES (?,1,?,?,?,'',1,?)", (n + 1, START, sender, receiver, xml)
            )
    return folder


WRITERS: dict[str, Callable[..., Path]] = {"wechat4": wechat4, "windows": windows, "android": android, "ios": ios}

KEPT: list[Kept] = [(7, "第7件材料已经送到工地", JIA, YI)]
