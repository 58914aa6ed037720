"""Favourites of every client beside a table of chats: which messages that a chat lacks they bear witness to, and which they do not."""

import csv
import json
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl

from bench.posts.truth import LEFT, RIGHT, START
from reconcile.case import read
from reconcile.engine.compare import compare_readings

FIRST = 5_116_895_530_414_000_000
MESSAGES = 160
BEIJING = timezone(timedelta(hours=8))
FORMS = ("4.x favorite.db", "Windows 3.x Favorite.db", "Android enFavorite.db", "iOS fav.db")


@dataclass
class Kept:
    """Favourites written, those of messages that the keeper's chat lacks, those found, and those claimed of messages that it holds."""

    kept: int = 0
    wanted: int = 0
    found: int = 0
    invented: int = 0


def compare_favourites(form: str, seed: int, folder: Path, score: Kept) -> None:
    """A chat of two; the left device lacks some messages, some of these the right one too, and keeps favourites."""
    dice = random.Random(seed)
    words = [f"第{n}批货{dice.choice(('已到', '请验收', '少了两箱', '款已付 & 结清'))}" for n in range(MESSAGES)]
    lacked = set(dice.sample(range(10, MESSAGES - 10), 30))
    both = set(dice.sample(sorted(lacked), 10))
    _chat(folder / "left", LEFT, words, lacked)
    _chat(folder / "right", RIGHT, words, both)
    kept = dice.sample(range(5, MESSAGES - 5), 60)
    without_id = set(dice.sample(kept, 15))
    _store(form, folder / "left", [_item(n, words[n], with_id=n not in without_id) for n in kept])
    found = compare_readings(read(folder / "left"), read(folder / "right"))
    assert found.posts is not None
    missing = found.posts.favourites.filter(pl.col("left_row").is_null())
    told = {(t or "") for t in missing["text"]}
    by_text = {words[n]: n for n in range(MESSAGES)}
    claimed = {by_text[t] for t in told if t in by_text}
    wanted = set(kept) & lacked
    told_of = _referenced(found, by_text)
    score.kept += len(kept)
    score.wanted += len(wanted)
    score.found += len(wanted & claimed & told_of)
    score.invented += len(claimed - wanted) + len(told - by_text.keys()) + len(told_of - wanted)


def _referenced(found: object, by_text: dict[str, int]) -> set[int]:
    """Messages that the findings call referenced: rows of the other side, and rows that neither holds."""
    alignment, messages, absent = (getattr(found, n) for n in ("alignment", "messages", "absent"))
    rows = alignment.filter(pl.col("cause").cast(pl.String) == "referenced")["right_row"].drop_nulls()
    held = messages.filter((pl.col("side").cast(pl.String) == "right") & pl.col("row").is_in(rows.implode()))
    return {by_text[t] for t in [*held["text"], *absent["text"]] if t in by_text}


def _chat(folder: Path, owner: str, words: list[str], lacked: set[int]) -> None:
    folder.mkdir(parents=True)
    peer = RIGHT if owner == LEFT else LEFT
    with (folder / "聊天.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["sent_at", "text", "sender", "is_self", "conversation", "message_id"])
        for n, text in enumerate(words):
            if n not in lacked:
                at = datetime.fromtimestamp(START + 600 * n, BEIJING).isoformat()
                who = LEFT if n % 3 else RIGHT
                table.writerow([at, text, who, str(who == owner).lower(), peer, FIRST + 13 * n])
    (folder / "聊天.json").write_text(json.dumps({"owner": {"id": owner}}), "utf-8")


def _item(n: int, text: str, *, with_id: bool) -> tuple[str, str, str, str]:
    """Body, source id, sender and receiver of a favourite."""
    who, other = (LEFT, RIGHT) if n % 3 else (RIGHT, LEFT)
    number = str(FIRST + 13 * n) if with_id else ""
    body = (
        f'<favitem type="1"><desc>{escape(text)}</desc><source sourcetype="1" sourceid="{number}"><fromusr>{who}</fromusr><tousr>{other}</tousr>'
        f"<createtime>{START + 600 * n}</createtime></source></favitem>"
    )
    return body, number, who, other


def _store(form: str, folder: Path, items: list[tuple[str, str, str, str]]) -> None:
    note = '<favitem type="18"><desc>自己写的备忘</desc><datalist count="1"><dataitem datatype="1"><datadesc>自己写的</datadesc></dataitem></datalist></favitem>'
    name = {
        "4.x favorite.db": "favorite.db",
        "Windows 3.x Favorite.db": "Favorite.db",
        "Android enFavorite.db": "enFavorite.db",
        "iOS fav.db": "fav.db",
    }[form]
    with closing(sqlite3.connect(folder / name)) as db:
        if form == FORMS[0]:
            db.execute(
                "CREATE TABLE fav_db_item(local_id INTEGER PRIMARY KEY, server_id INTEGER, type INTEGER, update_seq INTEGER, flag INTEGER, update_time INTEGER,"
                " version INTEGER, content TEXT, source_id TEXT, sync_status INTEGER, upload_status INTEGER, fromusr TEXT, realchatname TEXT, ext_buf BLOB)"
            )
            db.executemany(
                "INSERT INTO fav_db_item(type, update_time, content, source_id, fromusr) VALUES (1,1702000000,?,?,?)",
                [(b, i, w) for b, i, w, _ in items],
            )
            db.execute("INSERT INTO fav_db_item(type, update_time, content) VALUES (18,1702000000,?)", (note,))
        elif form == FORMS[1]:
            db.execute(
                "CREATE TABLE FavItems(FavLocalID INTEGER PRIMARY KEY, Type INTEGER, FromUser TEXT, RealChatName TEXT, SearchKey TEXT, UpdateTime INTEGER, XmlBuf TEXT)"
            )
            db.executemany(
                "INSERT INTO FavItems(Type, FromUser, UpdateTime, XmlBuf) VALUES (1,?,1702000000,?)",
                [(w, b) for b, _, w, _ in items],
            )
            db.execute("INSERT INTO FavItems(Type, UpdateTime, XmlBuf) VALUES (18,1702000000,?)", (note,))
        elif form == FORMS[2]:
            db.execute(
                "CREATE TABLE FavItemInfo(localId INTEGER PRIMARY KEY, type INTEGER, updateTime LONG, fromUser TEXT, toUser TEXT, realChatName TEXT, sourceType INTEGER, sourceId TEXT, xml TEXT)"
            )
            db.executemany(
                "INSERT INTO FavItemInfo(type, updateTime, fromUser, toUser, sourceType, sourceId, xml) VALUES (1,1702000000000,?,?,1,?,?)",
                [(w, o, i, b) for b, i, w, o in items],
            )
            db.execute("INSERT INTO FavItemInfo(type, updateTime, xml) VALUES (18,1702000000000,?)", (note,))
        else:
            db.execute(
                "CREATE TABLE FavoritesItemTable(LocalId INTEGER PRIMARY KEY, Type INTEGER, Time INTEGER, FromUsr TEXT, ToUsr TEXT, RealChatName TEXT, SourceType INTEGER, Xml TEXT)"
            )
            db.executemany(
                "INSERT INTO FavoritesItemTable(Type, Time, FromUsr, ToUsr, SourceType, Xml) VALUES (1,1702000000,?,?,1,?)",
                [(w, o, b) for b, _, w, o in items],
            )
            db.execute("INSERT INTO FavoritesItemTable(Type, Time, Xml) VALUES (18,1702000000,?)", (note,))
        db.commit()
