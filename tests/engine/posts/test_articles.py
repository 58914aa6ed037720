"""Articles of official accounts: pushes, cards and shares meet by their three names; what one side lacks of them says nothing."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import lz4.block
import polars as pl

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings
from tests.build import moments as build
from tests.build.moments import JIA, START, STORY, YI

GH = "gh_ad399acfadb9"
Item = tuple[str, int, int]
PUSHES: tuple[tuple[Item, ...], ...] = (
    (("装修合同的七个坑", 2650001, 1), ("尾款怎么结", 2650001, 2)),
    (("新房验收清单", 2650002, 1),),
    (("如何挑瓷砖", 2650003, 1), ("水电图怎么看", 2650003, 2), ("工期延误怎么办", 2650003, 3)),
)


def address(item: Item, chksm: str = "aa") -> str:
    return f"http://mp.weixin.qq.com/s?__biz=MzA4NzQ1&amp;mid={item[1]}&amp;idx={item[2]}&amp;sn=s{item[1]}{item[2]}&amp;chksm={chksm}&amp;scene=0#rd"


def push(items: Sequence[Item], chksm: str = "aa") -> str:
    body = "".join(
        f"<item><itemshowtype>0</itemshowtype><title><![CDATA[{t}]]></title><url>{address((t, m, i), chksm)}</url><pub_time>{START}</pub_time>"
        f"<digest><![CDATA[{t}摘要]]></digest><del_flag>0</del_flag></item>"
        for t, m, i in items
    )
    head = items[0]
    return (
        f'<msg><appmsg appid="" sdkver="0"><title><![CDATA[{head[0]}]]></title><des></des><type>5</type><url>{address(head, chksm)}</url>'
        f'<mmreader><category type="20" count="{len(items)}"><name>某装修号</name>{body}</category><publisher><username>{GH}</username>'
        f"<nickname>某装修号</nickname></publisher></mmreader></appmsg><fromusername>{GH}</fromusername></msg>"
    )


def write_public(file: Path, pushes: Sequence[Sequence[Item]], first_id: int, chksm: str = "aa") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as db:
        db.execute(
            "CREATE TABLE PublicMsg(localId INTEGER PRIMARY KEY AUTOINCREMENT, TalkerId INT, MsgSvrID INT, Type INT, SubType INT, IsSender INT,"
            " CreateTime INT, Sequence INT, StatusEx INT, FlagEx INT, Status INT, StrTalker TEXT, StrContent TEXT, DisplayContent TEXT,"
            " CompressContent BLOB, BytesExtra BLOB)"
        )
        for n, items in enumerate(pushes):
            packed = lz4.block.compress(push(items, chksm).encode() + b"\x00", store_size=False)
            db.execute(
                "INSERT INTO PublicMsg(TalkerId, MsgSvrID, Type, SubType, IsSender, CreateTime, StrTalker, StrContent, CompressContent)"
                " VALUES (1,?,49,5,0,?,?,'',?)",
                (first_id + n, START + n * 3600, GH, packed),
            )
        db.commit()
    return file


def compared(tmp_path: Path) -> Findings:
    left = read(write_public(tmp_path / JIA / "Msg" / "PublicMsg.db", PUSHES, 7_000_000_000_000_000_001))
    right = read(write_public(tmp_path / YI / "Msg" / "PublicMsg.db", PUSHES[:2], 8_000_000_000_000_000_001, "bb"))
    return compare_readings(left, right)


def test_pushes_of_a_public_store_are_messages_of_their_account(tmp_path: Path) -> None:
    reading = read(write_public(tmp_path / JIA / "Msg" / "PublicMsg.db", PUSHES, 7_000_000_000_000_000_001))
    assert reading.facts.reader == "windows_msg_db"
    assert reading.messages.select("conversation", pl.col("kind").cast(pl.String), "text").rows() == [
        (GH, "link", p[0][0]) for p in PUSHES
    ]


def test_every_article_of_a_push_is_known_by_its_three_names(tmp_path: Path) -> None:
    found = compared(tmp_path)
    assert found.posts is not None
    left = found.posts.articles.filter(pl.col("side").cast(pl.String) == "left")
    assert left.select("title", pl.col("mid").cast(pl.Int64), pl.col("idx").cast(pl.Int64)).rows() == [
        i for p in PUSHES for i in p
    ]
    assert set(left["account"]) == {GH}


def test_articles_meet_by_their_names_and_not_by_message_numbers(tmp_path: Path) -> None:
    found = compared(tmp_path)
    assert found.posts is not None
    counted = found.posts.article_pairs.group_by(pl.col("relation", "cause").cast(pl.String)).len().sort("len").rows()
    assert sorted(counted) == [("agreement", None, 3), ("set_aside", "not_viewed", 3)]


def test_a_push_that_one_follower_lacks_is_never_one_sided(tmp_path: Path) -> None:
    found = compared(tmp_path)
    assert set(found.alignment["relation"].cast(pl.String)) == {"set_aside"}
    assert not set(found.verdicts["grade"]) & {"one_sided", "conflicting"}


def test_a_share_in_moments_and_a_push_meet(tmp_path: Path) -> None:
    left = read(write_public(tmp_path / JIA / "Msg" / "PublicMsg.db", PUSHES, 7_000_000_000_000_000_001))
    right = read(build.write_windows(tmp_path / YI / "Msg" / "Sns.db", STORY))
    found = compare_readings(left, right)
    assert found.posts is not None
    met = found.posts.article_pairs.filter(pl.col("relation").cast(pl.String) == "agreement")
    assert met.select("title", "left_places", "right_places").rows() == [("装修合同的七个坑", "push", "moments")]


def test_a_title_edited_by_the_account_is_form(tmp_path: Path) -> None:
    edited = [(("装修合同的八个坑", 2650001, 1),)]
    left = read(write_public(tmp_path / JIA / "Msg" / "PublicMsg.db", PUSHES, 7_000_000_000_000_000_001))
    right = read(write_public(tmp_path / YI / "Msg" / "PublicMsg.db", edited, 8_000_000_000_000_000_001))
    found = compare_readings(left, right)
    assert found.posts is not None
    pair = found.posts.article_pairs.filter((pl.col("mid") == "2650001") & (pl.col("idx") == "1"))
    assert pair.select(pl.col("relation", "cause").cast(pl.String), "detail").rows() == [("agreement", "form", "title")]
