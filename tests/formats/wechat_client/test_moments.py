"""What was written into each client's Moments store is what its reader gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reconcile.case import read
from reconcile.frames_posts import Interactions, PostMedia, Posts, PostWitnesses
from reconcile.intake.contract import PostReading, Reading
from reconcile.vocabulary import NoteCode
from tests.build import moments as build
from tests.build.moments import BING, JIA, START, STORY, YI, Beside

Writer = Callable[..., Path]
WRITERS: dict[str, tuple[Writer, str, str]] = {
    "wechat4": (build.write_wechat4, f"xwechat_files/{JIA}_ab12/db_storage/sns/sns.db", "moments_wechat4_db"),
    "windows": (build.write_windows, f"WeChat Files/{JIA}/Msg/Sns.db", "moments_windows_db"),
    "android": (build.write_android, "MicroMsg/0123456789abcdef0123456789abcdef/SnsMicroMsg.db", "moments_android_db"),
    "ios": (build.write_ios, f"Documents/{build.md5(JIA)}/wc/wc005_008.db", "moments_ios_db"),
}
forms = pytest.mark.parametrize("form", WRITERS.values(), ids=WRITERS)


def posts_of(reading: Reading) -> PostReading:
    assert reading.posts is not None
    return reading.posts


def codes(reading: Reading) -> set[NoteCode]:
    return {n.code for n in reading.notes}


def plain(posts: PostReading) -> list[dict[str, Any]]:
    frame = posts.posts.select(
        "post_id", "author", pl.col("sent_at").dt.epoch("s").alias("at"), pl.col("kind").cast(pl.String), "text", "is_private", "place",
        "link_title", "link_description", "link_url", "article_mid", "media_count",
    )  # fmt: skip
    return sorted(frame.to_dicts(), key=lambda r: r["at"])


def expected(story: Any = STORY) -> list[dict[str, Any]]:
    def kind(p: build.Post) -> str:
        if p.url:
            return "link"
        if any(m.kind == "video" for m in p.pictures):
            return "video"
        return "image" if p.pictures else "text"

    return [
        {
            "post_id": str(p.id), "author": p.who, "at": p.at, "kind": kind(p), "text": p.text, "is_private": p.private, "place": p.place or None,
            "link_title": p.title or None, "link_description": p.about or None, "link_url": p.url or None,
            "article_mid": "2650001" if p.url else None, "media_count": len(p.pictures),
        }
        for p in story
    ]  # fmt: skip


@forms
def test_posts_read_are_the_posts_written(form: tuple[Writer, str, str], tmp_path: Path) -> None:
    reading = read(form[0](tmp_path / form[1], STORY))
    assert reading.facts.reader == form[2]
    assert plain(posts_of(reading)) == expected()


@forms
def test_likes_and_comments_read_are_those_written(form: tuple[Writer, str, str], tmp_path: Path) -> None:
    posts = posts_of(read(form[0](tmp_path / form[1], STORY)))
    found = posts.interactions.join(posts.posts.select(pl.col("row").alias("post"), "post_id"), on="post").select(
        "post_id", pl.col("action").cast(pl.String), "author", pl.col("at").dt.epoch("s"), "text", "comment_id", "reply_to", "is_deleted"
    )  # fmt: skip
    said = {
        (str(p.id), s.action, s.who, s.at, s.text, str(s.number) if s.number else None, str(s.reply) if s.reply else None, s.removed)
        for p in STORY for s in p.said
    }  # fmt: skip
    assert set(found.rows()) == said


@forms
def test_pictures_keep_order_digest_and_size(form: tuple[Writer, str, str], tmp_path: Path) -> None:
    posts = posts_of(read(form[0](tmp_path / form[1], STORY)))
    found = posts.media.join(posts.posts.select(pl.col("row").alias("post"), "post_id"), on="post").select(
        "post_id", "position", pl.col("kind").cast(pl.String), "md5", "width", "height"
    )
    made = {
        (str(p.id), n, m.kind, m.digest, m.width, m.height) for p in STORY for n, m in enumerate(p.pictures)
    }  # fmt: skip
    assert set(found.rows()) == made


@forms
def test_frames_obey_their_schemas(form: tuple[Writer, str, str], tmp_path: Path) -> None:
    posts = posts_of(read(form[0](tmp_path / form[1], STORY)))
    Posts.validate(posts.posts)
    PostMedia.validate(posts.media)
    Interactions.validate(posts.interactions)
    PostWitnesses.validate(posts.witnesses)
    assert posts.posts["row"].to_list() == list(range(len(STORY)))


@pytest.mark.parametrize("form", ["wechat4", "windows", "ios"])
def test_own_posts_are_told_by_the_folder(form: str, tmp_path: Path) -> None:
    write, name, _ = WRITERS[form]
    reading = read(write(tmp_path / name, STORY))
    assert reading.facts.owner.id == JIA
    own = posts_of(reading).posts
    assert own["is_self"].to_list() == (own["author"] == JIA).to_list()


@pytest.mark.parametrize("form", ["wechat4", "windows", "android"])
def test_a_notification_speaks_of_a_post_not_held(form: str, tmp_path: Path) -> None:
    write, name, _ = WRITERS[form]
    gone = build.post_number(START + 20_000)
    posts = posts_of(read(write(tmp_path / name, STORY, Beside(notified=[(gone, YI, "看到了")]))))
    rows = posts.witnesses.filter(pl.col("witness").cast(pl.String) == "notification")
    assert rows.select("post_id", "actor", "text").row(0) == (str(gone), YI, "看到了")


def test_flags_and_top_items_of_the_4x_store_are_read(tmp_path: Path) -> None:
    beside = Beside(
        top=[(STORY[0].id, JIA, START)], whole=[(STORY[1].id, 0), (STORY[2].id, 1)], pages=[(STORY[0].id, 0, JIA)]
    )
    posts = posts_of(read(build.write_wechat4(tmp_path / "sns.db", STORY, beside)))
    found = posts.witnesses.select(pl.col("witness").cast(pl.String), "post_id", "list_of").rows()
    assert set(found) == {
        ("top_item", str(STORY[0].id), None), ("list_whole", str(STORY[1].id), None), ("list_broken", str(STORY[2].id), None),
        ("list_whole", str(STORY[0].id), JIA),
    }  # fmt: skip


def test_a_trigger_that_keeps_removed_posts_is_a_note(tmp_path: Path) -> None:
    reading = read(build.write_wechat4(tmp_path / "sns.db", STORY, Beside(triggers=True)))
    assert any(n.code is NoteCode.TOOL_TRACE and "block_delete_SnsTimeLine" in n.excerpt for n in reading.notes)


def test_a_cover_is_no_post_and_is_counted(tmp_path: Path) -> None:
    story = [*STORY, build.Post(START + 90, JIA, "", style=7)]
    reading = read(build.write_wechat4(tmp_path / "sns.db", story))
    assert posts_of(reading).posts.height == len(STORY)
    assert NoteCode.ROW_SKIPPED in codes(reading)


def test_a_post_listed_nowhere_on_android_keeps_its_row_and_its_mark(tmp_path: Path) -> None:
    reading = read(build.write_android(tmp_path / "SnsMicroMsg.db", STORY, Beside(unlisted=[STORY[1].id])))
    marked = posts_of(reading).posts.filter("is_unlisted")
    assert marked["post_id"].to_list() == [str(STORY[1].id)]
    assert NoteCode.DELETION_RECORD in codes(reading)


def test_newer_buffers_of_the_iphone_are_not_read_and_never_called_empty(tmp_path: Path) -> None:
    reading = read(build.write_ios(tmp_path / "wc005_008.db", STORY, newer=3))
    assert posts_of(reading).posts.height == len(STORY)
    assert sum(n.count for n in reading.notes if n.code is NoteCode.PART_UNSUPPORTED) == 3


def test_a_body_that_cannot_be_read_is_still_a_post(tmp_path: Path) -> None:
    file = build.write_wechat4(tmp_path / "sns.db", STORY)
    with build.connect(file) as db:
        db.execute("UPDATE SnsTimeLine SET content = 'not xml' WHERE tid = ?", (build.signed(STORY[0].id),))
    reading = read(file)
    row = posts_of(reading).posts.filter(pl.col("post_id") == str(STORY[0].id))
    assert row.select(pl.col("text_quality").cast(pl.String), "author").row(0) == ("absent", JIA)
    assert NoteCode.BROKEN_BODY in codes(reading)


@pytest.mark.parametrize("wrap", ["zstd", "hex", "base64"])
def test_a_wrapped_body_is_unwrapped(wrap: str, tmp_path: Path) -> None:
    import base64

    import zstandard

    file = build.write_wechat4(tmp_path / "sns.db", STORY[:1])
    packed = zstandard.compress(build.data_item(STORY[0]).encode())
    bodies: dict[str, Any] = {"zstd": packed, "hex": packed.hex(), "base64": base64.b64encode(packed).decode()}
    with build.connect(file) as db:
        db.execute("UPDATE SnsTimeLine SET content = ?", (bodies[wrap],))
    assert plain(posts_of(read(file))) == expected(STORY[:1])


def test_comments_of_a_post_no_longer_held_speak_of_it_on_windows(tmp_path: Path) -> None:
    file = build.write_windows(tmp_path / "Sns.db", STORY)
    with build.connect(file) as db:
        db.execute("DELETE FROM FeedsV20 WHERE FeedId = ?", (build.signed(STORY[0].id),))
    rows = posts_of(read(file)).witnesses.filter(pl.col("witness").cast(pl.String) == "comment_row")
    assert set(rows["post_id"]) == {str(STORY[0].id)}


def test_words_of_a_plug_in_are_noted(tmp_path: Path) -> None:
    story = build.edited(STORY, 5, text="[已删除] 周末爬山")
    reading = read(build.write_android(tmp_path / "SnsMicroMsg.db", story))
    assert any(n.code is NoteCode.TOOL_TRACE and n.excerpt.startswith("[已删除]") for n in reading.notes)


def test_android_posts_without_the_second_buffer_are_read(tmp_path: Path) -> None:
    file = build.write_android(tmp_path / "SnsMicroMsg.db", STORY)
    with build.connect(file) as db:
        db.execute("UPDATE SnsInfo SET attrBuf = NULL")
    assert plain(posts_of(read(file))) == [e | {"place": None} for e in expected()]


def test_an_android_buffer_of_another_author_is_not_used(tmp_path: Path) -> None:
    file = build.write_android(tmp_path / "SnsMicroMsg.db", STORY)
    with build.connect(file) as db:
        db.execute("UPDATE SnsInfo SET attrBuf = ? WHERE rowid = 1", (build.android_attributes(STORY[5]),))
    posts = posts_of(read(file))
    assert plain(posts)[0] == expected()[0]
    assert not posts.interactions.filter(pl.col("author") == BING).height


def test_moments_beside_chats_join_their_export(tmp_path: Path) -> None:
    from tests.build import databases as chats

    folder = chats.write_wechat4(tmp_path, chats.view(chats.JIA), chats.JIA)
    build.write_wechat4(folder / "sns" / "sns.db", STORY)
    reading = read(folder)
    assert reading.facts.reader == "wechat4_db"
    assert reading.messages.height
    assert plain(posts_of(reading)) == expected()
