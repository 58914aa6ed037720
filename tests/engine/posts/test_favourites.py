"""Favourites: copies that outlive their messages, read from every client, and witnesses of what a chat no longer holds."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Kind, NoteCode
from tests.build import databases as chats
from tests.build import moments as posts
from tests.build.databases import BING, JIA, ROOM, START, YI, Row, Sent
from tests.build.favourites import FIRST, KEPT, WRITERS, favitem, ios, wechat4, windows
from tests.build.moments import connect, post_number


def chat(owner: str, *left_out: int) -> list[Row]:
    """Forty lines of two, as one device holds them, but for some."""
    words = [f"第{n}件材料已经送到工地" if n % 2 else f"收到第{n}件,请验货签字" for n in range(40)]
    sent = [
        Sent(START + 60 * n, JIA if n % 2 else YI, 1, 0, w, Kind.TEXT, w, FIRST + 7 * n) for n, w in enumerate(words)
    ]
    peer = YI if owner == JIA else JIA
    room = Sent(START + 3_000, BING, 1, 0, "群里也说一声", Kind.TEXT, "群里也说一声", FIRST + 9_000, room=True)
    held = [Row(s, peer, s.who == owner) for n, s in enumerate(sent) if n not in left_out]
    return [*held, Row(room, ROOM, is_self=False)]


@cache
def held_by_jia(*left_out: int) -> Reading:
    with TemporaryDirectory() as folder:
        return read(chats.write_wechat4(Path(folder) / "a", chat(JIA, *left_out), JIA))


def favourites(reading: Reading) -> pl.DataFrame:
    return reading.witnesses.filter(pl.col("witness").cast(pl.String) == "favourite")


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("with_id", [True, False], ids=["id", "words"])
def test_favourites_read_are_those_written(write: Callable[..., Path], with_id: bool, tmp_path: Path) -> None:
    reading = read(write(tmp_path / YI, KEPT, with_id=with_id))
    found = favourites(reading).select(
        "message_id", "sender", pl.col("kind").cast(pl.String), "text", pl.col("sent_at").dt.epoch("s")
    )
    assert found.rows() == [(str(FIRST + 49) if with_id else None, JIA, "text", KEPT[0][1], START + 420)]


def test_a_favourite_of_which_store_and_body_name_two_kinds_is_noted(tmp_path: Path) -> None:
    folder = ios(tmp_path / YI, KEPT)
    assert not read(folder).notes
    with connect(folder / "Favorites" / "fav.db") as db:
        db.execute("UPDATE FavoritesItemTable SET Type = 9")
    assert [(n.code, KEPT[0][1] in n.excerpt) for n in read(folder).notes] == [(NoteCode.ODD_VALUE, True)]


def test_a_favourite_whose_body_is_broken_in_its_middle_is_noted(tmp_path: Path) -> None:
    folder = windows(tmp_path / YI, KEPT)
    with connect(folder / "Favorite.db") as db:
        db.execute("UPDATE FavItems SET XmlBuf = replace(replace(XmlBuf, '<desc>', '<de c>'), '</desc>', '</de3c>')")
    assert [n.code for n in read(folder).notes] == [NoteCode.BROKEN_BODY]


@cache
def lost_by_yi(*, with_id: bool = True) -> Findings:
    """Yi's chat lacks line 7; Yi's favourites hold it."""
    with TemporaryDirectory() as folder:
        right = chats.write_wechat4(Path(folder) / "b", chat(YI, 7), YI)
        wechat4(right, [(7, KEPT[0][1], JIA, YI)], with_id=with_id)
        return compare_readings(held_by_jia(), read(right))


def one_sided(found: Findings) -> list[tuple[str, int]]:
    frame = found.alignment.with_columns(pl.col("relation", "cause").cast(pl.String)).filter(
        pl.col("relation") == "one_sided"
    )
    return frame.select("cause", "left_row").rows()


@pytest.mark.parametrize("with_id", [True, False], ids=["id", "words"])
def test_a_favourite_of_the_lacking_side_speaks_of_the_row(with_id: bool) -> None:
    assert one_sided(lost_by_yi(with_id=with_id)) == [("referenced", 7)]


def test_a_favourite_shows_the_words_of_the_row_that_its_side_lacks() -> None:
    found = lost_by_yi(with_id=True)
    assert found.posts is not None
    kept = found.posts.favourites.select(pl.col("side").cast(pl.String), "message_id", "text", "left_row", "right_row")
    assert kept.rows() == [("right", str(FIRST + 49), KEPT[0][1], 7, None)]


def test_a_favourite_of_a_held_message_changes_nothing(tmp_path: Path) -> None:
    right = chats.write_wechat4(tmp_path / "b", chat(YI), YI)
    wechat4(right, KEPT)
    found = compare_readings(held_by_jia(), read(right))
    assert one_sided(found) == []
    assert not found.absent.filter(pl.col("witness").cast(pl.String) == "favourite").height


@pytest.mark.parametrize("with_id", [True, False], ids=["id", "words"])
def test_a_message_that_both_chats_lost_is_absent_by_the_favourite(with_id: bool, tmp_path: Path) -> None:
    right = chats.write_wechat4(tmp_path / "b", chat(YI, 7), YI)
    wechat4(right, KEPT, with_id=with_id)
    found = compare_readings(held_by_jia(7), read(right))
    rows = found.absent.filter(pl.col("witness").cast(pl.String) == "favourite")
    assert rows.select(pl.col("side").cast(pl.String), "sender", "text").rows() == [("right", JIA, KEPT[0][1])]


def test_a_favourite_of_a_post_or_of_another_chat_makes_nothing_absent(tmp_path: Path) -> None:
    right = chats.write_wechat4(tmp_path / "b", chat(YI), YI)
    wechat4(right, KEPT)
    with connect(right / "favorite" / "favorite.db") as db:
        db.execute(
            "UPDATE fav_db_item SET source_id = ?, content = '<favitem type=\"2\"/>', type = 2",
            (str(post_number(START)),),
        )
        db.execute(
            "INSERT INTO fav_db_item(type, content, source_id, fromusr) VALUES (1, ?, '777777777777777', 'wxid_other0009xx')",
            (favitem(1, "别处的话", "wxid_other0009xx", YI, with_id=False),),
        )
    found = compare_readings(held_by_jia(), read(right))
    assert not found.absent.filter(pl.col("witness").cast(pl.String) == "favourite").height


def test_a_favourite_from_a_room_names_room_and_speaker(tmp_path: Path) -> None:
    with connect(wechat4(tmp_path, []) / "favorite" / "favorite.db") as db:
        db.execute(
            "INSERT INTO fav_db_item(type, content, source_id, fromusr, realchatname) VALUES (1, ?, '777777777777777', ?, ?)",
            ("<favitem type='1'><desc>明天开工</desc></favitem>", ROOM, JIA),
        )
    row = favourites(read(tmp_path / "favorite" / "favorite.db"))
    assert row.select("conversation", "sender", "text").rows() == [(ROOM, JIA, "明天开工")]


def test_items_of_a_kept_record_name_their_messages(tmp_path: Path) -> None:
    record = (
        '<favitem type="14"><title>聊天记录</title><datalist count="1"><dataitem datatype="1"><datadesc>水电先做</datadesc>'
        f"<fromnewmsgid>{FIRST + 21}</fromnewmsgid><srcMsgCreateTime>{START}</srcMsgCreateTime></dataitem></datalist></favitem>"
    )
    with connect(wechat4(tmp_path, []) / "favorite" / "favorite.db") as db:
        db.execute("INSERT INTO fav_db_item(type, content, fromusr) VALUES (14, ?, ?)", (record, YI))
    found = favourites(read(tmp_path / "favorite" / "favorite.db"))
    assert (str(FIRST + 21), "水电先做") in found.select("message_id", "text").rows()


def test_moments_and_favourites_inside_a_phone_backup_are_read_with_its_chats(tmp_path: Path) -> None:
    documents = chats.write_ios(tmp_path / "phone", chats.view(YI), YI)
    account = next(p for p in documents.iterdir() if p.is_dir())
    posts.write_ios(account / "wc" / "wc005_008.db", posts.STORY)
    reading = read(chats.as_phone_backup(ios(account, KEPT) and documents, tmp_path / "backup"))
    assert reading.messages.height == len(chats.view(YI))
    assert favourites(reading)["text"].to_list() == [KEPT[0][1]]
    assert reading.posts is not None
    assert reading.posts.posts.height == len(posts.STORY)


def test_a_favourite_without_a_body_is_noted(tmp_path: Path) -> None:
    with connect(wechat4(tmp_path, KEPT) / "favorite" / "favorite.db") as db:
        db.execute("UPDATE fav_db_item SET content = NULL, source_id = content")
    notes = read(tmp_path / "favorite" / "favorite.db").notes
    assert [KEPT[0][1] in n.excerpt for n in notes if n.code is NoteCode.BROKEN_BODY] == [True]
