"""Posts of two devices held side by side: what counts, what does not, and what absence may never say."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
from itertools import combinations, combinations_with_replacement, cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
import zstandard

from reconcile import case as cases
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.engine.posts import with_posts
from reconcile.formats.wechat_client.wrapped_bodies import body_text
from reconcile.frames import Findings, PostFindings
from reconcile.intake.contract import ExportFacts, Reading
from reconcile.intake.frames import messages_of, reading_of
from reconcile.options import CaseOptions
from reconcile.vocabulary import NoteCode
from reconcile.wechat.moments.xml import read_post_xml
from tests.build import moments as build
from tests.build.moments import BING, JIA, START, STORY, YI, Beside, Picture, Post, Said, edited
from tests.build.posts_case import write_sides
from tests.thorough import some

Form = tuple[Callable[..., Path], str]
WECHAT4: Form = (build.write_wechat4, "sns.db")
WINDOWS: Form = (build.write_windows, "Sns.db")
ANDROID: Form = (build.write_android, "SnsMicroMsg.db")
IOS: Form = (build.write_ios, "wc005_008.db")
FORMS = {"wechat4": WECHAT4, "windows": WINDOWS, "android": ANDROID, "ios": IOS}


@cache
def whole(form: Form) -> Reading:
    """The whole story in one store: most tests compare with it, and none changes it."""
    with TemporaryDirectory() as folder:
        return read(form[0](Path(folder) / form[1], STORY))


def stored(tmp_path: Path, side: str, form: Form, story: Sequence[Post], *more: Any) -> Reading:
    if story is STORY and not more:
        return whole(form)
    return read(form[0](tmp_path / side / form[1], story, *more))


@cache
def no_chats() -> Findings:
    """What two exports without a message show."""
    return compare_readings(
        reading_of(ExportFacts("a"), messages_of([])), reading_of(ExportFacts("b"), messages_of([]))
    )


def compared(left: Reading, right: Reading) -> PostFindings:
    """The posts' part of a comparison; chats are compared too only where there are any, and in the tests of whole runs below."""
    if left.messages.height or right.messages.height:
        found = compare_readings(left, right)
    else:
        found = with_posts(no_chats(), left, right, "")
    assert found.posts is not None
    return found.posts


def lines(found: PostFindings) -> list[tuple[Any, ...]]:
    frame = found.alignment.select(pl.col("relation", "cause").cast(pl.String), "detail", "post_id")
    return frame.rows()


def not_agreed(found: PostFindings) -> list[tuple[Any, ...]]:
    return [r for r in lines(found) if r[0] != "agreement"]


def grade(found: PostFindings) -> tuple[str, list[str]]:
    return found.verdict["grade"][0], found.verdict["reasons"][0].to_list()


def plain_story() -> list[Post]:
    return [p for p in STORY if not p.private]


# ---------------------------------------------------------------------------------------------------- one store, twice


@pytest.mark.parametrize("names", some(combinations_with_replacement(FORMS, 2), 3), ids="-".join)
def test_the_same_posts_agree_whatever_stores_hold_them(names: tuple[str, str]) -> None:
    found = compared(whole(FORMS[names[0]]), whole(FORMS[names[1]]))
    assert not_agreed(found) == []
    assert set(found.interactions_alignment["relation"].cast(pl.String)) == {"agreement"}
    assert grade(found)[0] in ("no_gap_found", "explained_differences")


EXPORTERS: dict[str, Callable[[Path], Path]] = {}


@cache
def exported(name: str) -> Reading:
    """The whole story as that exporter writes it."""
    with TemporaryDirectory() as folder:
        return read(EXPORTERS[name](Path(folder)))


def exporter(write: Callable[[Path], Path]) -> Callable[[Path], Path]:
    EXPORTERS[write.__name__] = write
    return write


@exporter
def weflow(folder: Path) -> Path:
    (folder / "朋友圈导出.json").write_text(build.weflow(STORY), "utf-8")
    return folder


@exporter
def arkme(folder: Path) -> Path:
    (folder / "朋友圈导出.json").write_text(build.weflow(STORY, arkme=True), "utf-8")
    return folder


@exporter
def wcda(folder: Path) -> Path:
    for who in (JIA, YI, BING):
        (folder / f"sns_{who}.json").write_text(build.wcda(STORY, who), "utf-8")
    return folder


@exporter
def siwx(folder: Path) -> Path:
    (folder / "moments.json").write_text(build.siwx(STORY), "utf-8")
    return folder


@exporter
def momentstat(folder: Path) -> Path:
    (folder / "exported_sns.json").write_text(build.momentstat(STORY), "utf-8")
    return folder


@exporter
def iosexport(folder: Path) -> Path:
    (folder / "data.js").write_text(build.ios_export_page(STORY), "utf-8")
    return folder


@pytest.mark.parametrize("name", some(EXPORTERS, 2))
def test_an_exporter_and_a_store_of_the_same_posts_agree(name: str) -> None:
    found = compared(whole(WECHAT4), exported(name))
    assert not_agreed(found) == []
    assert "conflict" not in set(found.interactions_alignment["relation"].cast(pl.String))
    assert grade(found)[0] in ("no_gap_found", "explained_differences")


@pytest.mark.parametrize("names", some(combinations(EXPORTERS, 2)), ids="-".join)
def test_two_exporters_of_the_same_posts_never_conflict(names: tuple[str, str]) -> None:
    found = compared(exported(names[0]), exported(names[1]))
    assert not_agreed(found) == []
    assert found.verdict["conflicts"][0] == 0


# ----------------------------------------------------------------------------------------------------------- substance

CHANGES: dict[str, tuple[int, dict[str, Any], str, str]] = {
    "words": (0, {"text": "三室两厅明日开工，业主放心！"}, "text_differs", "words"),
    "a number in the words": (3, {"text": "新家第二段视频"}, "text_differs", "words"),
    "words removed": (0, {"text": ""}, "text_differs", "words"),
    "time": (0, {"at": START + 86_400}, "time_differs", "time"),
    "link": (2, {"url": build.ARTICLE.replace("mid=2650001", "mid=2650002")}, "link_differs", "link"),
    "title": (2, {"title": "装修合同的八个坑"}, "text_differs", "link_title"),
    "one picture less": (1, {"pictures": (Picture("a"),)}, "media_differs", "media_count"),
    "another picture": (1, {"pictures": (Picture("a"), Picture("z", size=300_878, height=1370))}, "media_differs", "media_md5"),
    "pictures in other order": (1, {"pictures": (Picture("b", size=300_878, height=1370), Picture("a"))}, "media_differs", "media_order"),
    "author": (5, {"who": YI}, "sender_differs", "sender"),
    "kind": (3, {"pictures": (Picture("v", "image", 595_188, 224, 380),)}, "kind_differs", "kind"),
}  # fmt: skip


# Stores of both forms read the same, which is shown above, so each change is tried in one.
@pytest.mark.parametrize(("change", "form"), list(zip(CHANGES.values(), cycle(["windows", "ios"]))), ids=CHANGES)
def test_a_difference_of_substance_under_one_number_is_a_conflict(
    change: tuple[int, dict[str, Any], str, str], form: str, tmp_path: Path
) -> None:
    at, changes, cause, detail = change
    found = compared(
        stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", FORMS[form], edited(STORY, at, **changes))
    )
    (line,) = not_agreed(found)
    assert (line[0], line[1], line[3]) == ("conflict", cause, str(STORY[at].id))
    assert detail in line[2].split(",")
    assert grade(found)[0] == "conflicting"


def test_tokens_hosts_and_sizes_of_thumbnails_are_form(tmp_path: Path) -> None:
    other = tuple(replace(p, token="another", host="szmmsns.qpic.cn", width=p.width // 2) for p in STORY[1].pictures)
    found = compared(
        stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", WINDOWS, edited(STORY, 1, pictures=other))
    )
    assert not_agreed(found) == []


def test_share_parameters_of_an_article_are_form(tmp_path: Path) -> None:
    url = build.ARTICLE.replace("srcid=0301xyz", "srcid=0302abc&sharer_shareid=9").replace("chksm=99aa", "chksm=77bb")
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", WECHAT4, edited(STORY, 2, url=url)))
    assert [(r[0], r[1], r[2]) for r in lines(found) if r[3] == str(STORY[2].id)] == [
        ("agreement", "form", "share_parameters")
    ]


def test_a_page_of_another_number_is_another_link(tmp_path: Path) -> None:
    story = edited(STORY, 2, url="https://shop.example.com/item?id=5&share_id=1")
    changed = edited(story, 2, url="https://shop.example.com/item?id=6&share_id=2")
    found = compared(stored(tmp_path, "a", WECHAT4, story), stored(tmp_path, "b", WECHAT4, changed))
    assert [r[1] for r in not_agreed(found)] == ["link_differs"]


def test_a_visibility_changed_later_is_form(tmp_path: Path) -> None:
    found = compared(
        stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", WECHAT4, edited(STORY, 0, private=True))
    )
    assert [(r[0], r[1], r[2]) for r in lines(found) if r[3] == str(STORY[0].id)] == [("agreement", "form", "privacy")]


def test_entities_and_line_ends_are_form(tmp_path: Path) -> None:
    file = build.write_wechat4(tmp_path / "b" / "sns.db", STORY)
    with build.connect(file) as db:
        db.execute(
            "UPDATE SnsTimeLine SET content = replace(content, char(10), '&#x0A;') WHERE tid = ?",
            (build.signed(STORY[5].id),),
        )
    assert not_agreed(compared(stored(tmp_path, "a", WINDOWS, STORY), read(file))) == []


def test_a_plug_in_s_mark_before_the_words_is_form_and_a_trace(tmp_path: Path) -> None:
    marked = edited(STORY, 5, text="[已删除] " + STORY[5].text)
    found = compared(stored(tmp_path, "a", ANDROID, marked), stored(tmp_path, "b", WECHAT4, STORY))
    assert not_agreed(found) == []
    assert found.traces.select(pl.col("side", "trace").cast(pl.String), "post_id").rows() == [
        ("left", "plugin_text", str(STORY[5].id))
    ]


def test_a_body_that_could_not_be_read_is_no_conflict(tmp_path: Path) -> None:
    file = build.write_wechat4(tmp_path / "b" / "sns.db", STORY)
    with build.connect(file) as db:
        db.execute("UPDATE SnsTimeLine SET content = NULL WHERE tid = ?", (build.signed(STORY[1].id),))
    assert not_agreed(compared(stored(tmp_path, "a", WECHAT4, STORY), read(file))) == []


# -------------------------------------------------------------------------------------------------------------- absence


@pytest.mark.parametrize("form", some(FORMS.values(), 3), ids=some(FORMS, 3))
def test_a_post_on_one_side_only_was_not_viewed(form: Form, tmp_path: Path) -> None:
    found = compared(stored(tmp_path, "a", form, STORY), stored(tmp_path, "b", form, STORY[1:]))
    assert not_agreed(found) == [("set_aside", "not_viewed", None, str(STORY[0].id))]
    assert grade(found) == ("explained_differences", ["explained", "cause:not_viewed"])


def test_an_author_s_own_device_that_lacks_the_post_says_nothing(tmp_path: Path) -> None:
    left = stored(tmp_path / f"{JIA}_ab12", "a", WECHAT4, [p for p in STORY if p.who != JIA])
    found = compared(left, stored(tmp_path, "b", WECHAT4, STORY))
    assert {r[:2] for r in not_agreed(found)} == {("set_aside", "not_viewed")}


@pytest.mark.parametrize("form", ["wechat4", "windows", "android"])
def test_a_notification_on_the_lacking_device_makes_it_one_sided(form: str, tmp_path: Path) -> None:
    beside = Beside(notified=[(STORY[0].id, YI, "好")])
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", FORMS[form], STORY[1:], beside))
    assert not_agreed(found) == [("one_sided", "referenced", "notification", str(STORY[0].id))]
    assert found.verdict.select("grade", "left_missing", "right_missing").row(0) == ("one_sided", 0, 1)
    assert found.alignment.filter(pl.col("witness_locator").is_not_null()).height == 1


def test_a_top_item_on_the_lacking_device_makes_it_one_sided(tmp_path: Path) -> None:
    beside = Beside(top=[(STORY[0].id, JIA, START)])
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", WECHAT4, STORY[1:], beside))
    assert not_agreed(found) == [("one_sided", "referenced", "top_item", str(STORY[0].id))]


def test_a_comment_left_behind_on_the_lacking_device_makes_it_one_sided(tmp_path: Path) -> None:
    file = build.write_windows(tmp_path / "b" / "Sns.db", STORY)
    with build.connect(file) as db:
        db.execute("DELETE FROM FeedsV20 WHERE FeedId = ?", (build.signed(STORY[0].id),))
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), read(file))
    assert not_agreed(found) == [("one_sided", "referenced", "comment_row", str(STORY[0].id))]


def test_a_list_that_is_whole_there_makes_it_one_sided(tmp_path: Path) -> None:
    beside = Beside(whole=[(p.id, 0) for p in STORY if p is not STORY[1]])
    found = compared(
        stored(tmp_path, "a", WECHAT4, STORY),
        stored(tmp_path, "b", WECHAT4, [p for p in STORY if p is not STORY[1]], beside),
    )
    assert not_agreed(found) == [("one_sided", "referenced", "list_whole", str(STORY[1].id))]


def test_an_author_s_page_that_is_whole_there_makes_it_one_sided(tmp_path: Path) -> None:
    beside = Beside(pages=[(STORY[0].id, 0, JIA), (STORY[4].id, 0, JIA)])
    found = compared(
        stored(tmp_path, "a", WECHAT4, STORY),
        stored(tmp_path, "b", WECHAT4, [p for p in STORY if p is not STORY[1]], beside),
    )
    assert not_agreed(found) == [("one_sided", "referenced", "list_whole", str(STORY[1].id))]


@pytest.mark.parametrize("flags", [(0, 1), (1, 0), (1, 1)])
def test_a_list_that_breaks_off_there_says_nothing(flags: tuple[int, int], tmp_path: Path) -> None:
    beside = Beside(whole=[(STORY[0].id, flags[0]), (STORY[2].id, flags[1])])
    found = compared(
        stored(tmp_path, "a", WECHAT4, STORY),
        stored(tmp_path, "b", WECHAT4, [p for p in STORY if p is not STORY[1]], beside),
    )
    assert not_agreed(found) == [("set_aside", "not_viewed", None, str(STORY[1].id))]


def test_a_post_beyond_the_flagged_stretch_says_nothing(tmp_path: Path) -> None:
    beside = Beside(whole=[(p.id, 0) for p in STORY[1:]])
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", WECHAT4, STORY[1:], beside))
    assert not_agreed(found) == [("set_aside", "not_viewed", None, str(STORY[0].id))]


def test_a_private_post_is_in_nobody_else_s_list(tmp_path: Path) -> None:
    beside = Beside(whole=[(p.id, 0) for p in plain_story()])
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", WECHAT4, plain_story(), beside))
    assert not_agreed(found) == [("set_aside", "not_viewed", None, str(STORY[4].id))]


def test_a_store_with_unread_parts_is_never_said_to_lack_a_post(tmp_path: Path) -> None:
    left = stored(tmp_path, "a", WECHAT4, STORY)
    right = read(build.write_ios(tmp_path / "b" / "wc005_008.db", STORY[1:], newer=2))
    assert {r[:2] for r in not_agreed(compared(left, right))} == {("set_aside", "not_viewed")}


def test_posts_on_one_side_alone_have_no_counterpart(tmp_path: Path) -> None:
    (tmp_path / "chat.csv").write_text("sent_at,text,sender\n2024-03-01 09:00:00,你好,wxid_yi0002bbbb\n", "utf-8")
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), read(tmp_path / "chat.csv"))
    assert {r[:2] for r in lines(found)} == {("set_aside", "no_counterpart")}
    assert grade(found)[0] == "cannot_determine"


# --------------------------------------------------------------------------------------------------- likes and comments


def test_likes_and_comments_of_another_look_are_explained(tmp_path: Path) -> None:
    less = edited(STORY, 0, said=STORY[0].said[:1])
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", WECHAT4, less))
    assert found.interactions_alignment.filter(pl.col("relation").cast(pl.String) == "set_aside").height == 2
    assert grade(found)[0] == "no_gap_found" or grade(found)[0] == "explained_differences"
    assert not_agreed(found) == []


@pytest.mark.parametrize("form", some(FORMS.values(), 3, 1), ids=some(FORMS, 3, 1))
def test_one_and_the_same_comment_with_other_words_is_a_conflict(form: Form, tmp_path: Path) -> None:
    said = (STORY[0].said[0], replace(STORY[0].said[1], text="辛苦了，尾款年底结清"), STORY[0].said[2])
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", form, edited(STORY, 0, said=said)))
    conflicts = found.interactions_alignment.filter(pl.col("relation").cast(pl.String) == "conflict")
    assert conflicts.select(pl.col("cause").cast(pl.String), "detail").rows() == [("text_differs", "words")]
    assert grade(found)[0] == "conflicting"
    assert "comment_conflict" in grade(found)[1]


def test_a_comment_of_the_same_number_by_another_person_is_no_conflict(tmp_path: Path) -> None:
    other = (*STORY[0].said[:2], Said("comment", BING, START + 4_000, "什么时候完工", 2))
    found = compared(
        stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", WECHAT4, edited(STORY, 0, said=other))
    )
    assert found.verdict["conflicts"][0] == 0


def test_a_removed_comment_is_a_trace_and_no_difference(tmp_path: Path) -> None:
    said = (*STORY[0].said[:2], replace(STORY[0].said[2], removed=True))
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), stored(tmp_path, "b", WINDOWS, edited(STORY, 0, said=said)))
    assert found.traces.select(pl.col("side", "trace").cast(pl.String), "post_id", "excerpt").rows() == [
        ("right", "removed_comment", str(STORY[0].id), "好的")
    ]
    assert "trace:removed_comment" in grade(found)[1]
    assert found.verdict["conflicts"][0] == 0


# --------------------------------------------------------------------------------------------------------------- traces


def test_a_number_that_contradicts_its_time_is_irregular(tmp_path: Path) -> None:
    made = Post(START + 500, JIA, "补发一条", number=build.post_number(START + 90_000))
    found = compare_readings(stored(tmp_path, "a", WECHAT4, [*STORY, made]), stored(tmp_path, "b", WECHAT4, STORY))
    assert found.posts is not None
    odd = found.irregularities.select("conversation", pl.col("side").cast(pl.String), "reason").rows()
    assert odd == [("moments", "left", "time_against_id")]
    assert not_agreed(found.posts) == [("set_aside", "not_viewed", "time_against_id", str(made.id))]


def test_numbers_and_times_of_an_exporter_without_zone_do_not_contradict(tmp_path: Path) -> None:
    (tmp_path / "data.js").write_text(build.ios_export_page(STORY).replace("2024-03-01T", "2024-03-02T"), "utf-8")
    found = compared(read(tmp_path / "data.js"), stored(tmp_path, "b", WECHAT4, STORY))
    assert found.verdict["conflicts"][0] == 0
    assert found.traces.is_empty()


def test_a_trigger_that_keeps_removed_posts_is_a_trace_and_a_reason(tmp_path: Path) -> None:
    found = compared(
        stored(tmp_path, "a", WECHAT4, STORY, Beside(triggers=True)), stored(tmp_path, "b", WECHAT4, STORY)
    )
    assert found.traces["trace"].cast(pl.String).to_list() == ["deletion_blocked"]
    assert grade(found) == ("no_gap_found", ["trace:deletion_blocked"])


def test_a_post_listed_nowhere_any_more_is_a_trace_and_agrees(tmp_path: Path) -> None:
    found = compared(
        stored(tmp_path, "a", ANDROID, STORY, Beside(unlisted=[STORY[1].id])), stored(tmp_path, "b", WECHAT4, STORY)
    )
    assert not_agreed(found) == []
    assert found.traces.select(pl.col("trace").cast(pl.String), "post_id").rows() == [("unlisted", str(STORY[1].id))]


def test_a_post_that_a_notification_names_and_nobody_holds_is_absent(tmp_path: Path) -> None:
    gone = build.post_number(START + 50_000)
    found = compare_readings(
        stored(tmp_path, "a", WECHAT4, STORY, Beside(notified=[(gone, YI, "删了？")])),
        stored(tmp_path, "b", WECHAT4, STORY),
    )
    rows = found.absent.select("conversation", pl.col("side", "witness").cast(pl.String), "message_id", "text").rows()
    assert rows == [("moments", "left", "notification", str(gone), "删了？")]
    assert found.absent["sent_at"][0].timestamp() == START + 50_000


def test_a_notification_of_a_held_post_makes_nothing_absent(tmp_path: Path) -> None:
    beside = Beside(notified=[(STORY[0].id, YI, "好")], top=[(STORY[1].id, JIA, START)])
    found = compare_readings(stored(tmp_path, "a", WECHAT4, STORY, beside), stored(tmp_path, "b", WECHAT4, STORY[1:]))
    assert found.absent.is_empty()


# ----------------------------------------------------------------------------------------------------- without a number


def _numberless(tmp_path: Path, story: Sequence[Post]) -> Reading:
    from reconcile.inspection import convert
    from reconcile.intake.contract import ReadOptions

    store = build.write_wechat4(tmp_path / "made" / "sns.db", story)
    convert(store, tmp_path / "made" / "x.csv", None, ReadOptions(), overwrite=True)
    table = pl.read_csv(tmp_path / "made" / "x.posts.csv", infer_schema=False).drop("post_id")
    out = tmp_path / "tables"
    out.mkdir()
    table.write_csv(out / "x.posts.csv")
    return read(out)


def test_posts_without_numbers_are_paired_by_author_time_and_words(tmp_path: Path) -> None:
    found = compared(_numberless(tmp_path, STORY), stored(tmp_path, "b", WECHAT4, STORY))
    assert {r[0] for r in lines(found)} == {"agreement"}
    assert set(found.alignment["method"]) == {"words"}


def test_without_numbers_other_words_of_one_moment_are_in_doubt(tmp_path: Path) -> None:
    found = compared(_numberless(tmp_path, edited(STORY, 0, text="今日休息")), stored(tmp_path, "b", WECHAT4, STORY))
    assert [r[:2] for r in not_agreed(found)] == [("doubtful", "weak_match")]


def test_equal_posts_of_one_second_without_numbers_go_in_their_order(tmp_path: Path) -> None:
    twice = [Post(START, JIA, "开工", number=build.post_number(START, n)) for n in (1, 2)]
    table = [Post(START, JIA, "开工", number=build.post_number(START, n)) for n in (1, 2)]
    found = compared(_numberless(tmp_path, table[:1]), stored(tmp_path, "b", WECHAT4, twice))
    assert sorted(r[0] for r in lines(found)) == ["agreement", "set_aside"]


def test_a_number_rounded_by_an_exporter_is_paired_by_words(tmp_path: Path) -> None:
    import json

    rows = json.loads(build.weflow(STORY))
    for row in rows["posts"]:
        row["id"] = str(int(float(row["id"])))
    (tmp_path / "朋友圈导出.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    found = compared(read(tmp_path / "朋友圈导出.json"), stored(tmp_path, "b", WECHAT4, STORY))
    assert not_agreed(found) == []


# ------------------------------------------------------------------------------------------------------------------ laws


def _sides(tmp_path: Path) -> tuple[Reading, Reading]:
    gone = build.post_number(START + 50_000)
    left = [*edited(STORY, 1, text="水电验收通过"), Post(START + 70_000, JIA, "多一条")]
    said = (STORY[0].said[0], replace(STORY[0].said[1], text="辛苦了"), replace(STORY[0].said[2], removed=True))
    right = [*edited(STORY[:5], 0, said=said), Post(START + 80_000, YI, "再多一条")]
    beside = Beside(notified=[(gone, YI, "看"), (build.post_number(START + 70_000), JIA, "嗯")], triggers=True)
    return stored(tmp_path, "a", WECHAT4, left), stored(tmp_path, "b", WECHAT4, right, beside)


def test_every_post_and_every_comment_stands_in_one_line(tmp_path: Path) -> None:
    left, right = _sides(tmp_path)
    found = compared(left, right)
    for side, reading in (("left", left), ("right", right)):
        assert reading.posts is not None
        assert found.alignment[f"{side}_row"].drop_nulls().sort().to_list() == reading.posts.posts["row"].to_list()
        rows = reading.posts.interactions["row"].to_list()
        assert found.interactions_alignment[f"{side}_row"].drop_nulls().sort().to_list() == rows


def test_swapping_the_sides_mirrors_the_findings(tmp_path: Path) -> None:
    left, right = _sides(tmp_path)
    one, two = compared(left, right), compared(right, left)
    from reconcile.engine.mirror import mirror_frame

    for name in ("alignment", "interactions_alignment", "traces", "absent", "article_pairs", "verdict"):
        assert mirror_frame(getattr(two, name)).equals(getattr(one, name)), name


def test_a_store_against_itself_agrees_throughout(tmp_path: Path) -> None:
    left, _ = _sides(tmp_path)
    found = compared(left, left)
    assert not_agreed(found) == []
    assert grade(found)[0] == "no_gap_found"


def test_compare_writes_the_tables_of_posts(tmp_path: Path) -> None:
    _sides(tmp_path)
    options = CaseOptions(error_rates=False, reports=())
    found = cases.compare(tmp_path / "a" / "sns.db", tmp_path / "b" / "sns.db", tmp_path / "out", options)
    written = {f.stem for f in (tmp_path / "out").glob("*.parquet")}
    assert {
        "posts_alignment",
        "interactions_alignment",
        "posts",
        "interactions",
        "post_media",
        "post_witnesses",
        "posts_traces",
        "articles",
    } <= written
    verdicts = pl.read_parquet(tmp_path / "out" / "verdicts.parquet")
    assert verdicts.filter(pl.col("conversation") == "moments")["grade"].to_list() == ["conflicting"]
    assert found.posts is not None


# ------------------------------------------------------------------------------------------------ beside chats


def test_chats_in_text_files_are_read_beside_a_store_of_posts(tmp_path: Path) -> None:
    found = [read(side) for side in write_sides(tmp_path)]
    assert [(r.messages.height, r.posts is not None) for r in found] == [(3, True), (3, True)]


def test_a_packed_body_that_ends_in_a_blank_byte_is_read() -> None:
    texts = [f"<SnsDataItem>{'好' * n} {n}</SnsDataItem>" for n in range(400)]
    packed = {t: zstandard.compress(t.encode()) for t in texts}
    blank = {t: b for t, b in packed.items() if b[-1:] in b"\x00 \r\n\t"}
    assert blank
    assert [t for t, b in blank.items() if body_text(b, 1 << 20) != t] == []


def _differing_comments(tmp_path: Path, changed: list[Post]) -> list[str]:
    """Relations of the pairs of comments of a store and an exporter that states neither account nor time of a comment."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "朋友圈导出.json").write_text(build.weflow(changed), "utf-8")
    found = compared(stored(tmp_path, "a", WECHAT4, STORY), read(tmp_path / "b"))
    relations = found.interactions_alignment["relation"].cast(pl.String)
    return [r for r in relations if r not in ("agreement", "set_aside")]


def test_a_comment_of_one_number_and_name_that_says_something_else_is_a_conflict(tmp_path: Path) -> None:
    like, comment, reply = STORY[0].said
    said = (like, replace(comment, text="辛苦了，尾款不付了"), reply)
    assert _differing_comments(tmp_path, edited(STORY, 0, said=said)) == ["conflict"]


def test_comments_that_a_tool_numbered_anew_are_no_conflict(tmp_path: Path) -> None:
    like, comment, reply = STORY[0].said
    said = (like, replace(comment, number=2), replace(comment, text="另一句话", number=1), replace(reply, number=3))
    assert "conflict" not in _differing_comments(tmp_path, edited(STORY, 0, said=said))


def test_a_body_that_breaks_off_says_nothing_of_what_it_would_have_held() -> None:
    body = build.data_item(STORY[1])
    whole = read_post_xml(body)
    assert whole is not None
    cuts = [found for n in range(60, len(body), 7) if (found := read_post_xml(body[:n])) is not None]
    assert len(cuts) > 100
    assert {c.media for c in cuts} <= {None, whole.media}
    assert {c.text for c in cuts if c.text_quality is None} == {whole.text}


def test_an_ampersand_inside_cdata_stays_as_it_is_beside_a_stray_one() -> None:
    body = "<TimelineObject><id>1</id><contentDesc><![CDATA[A&B]]></contentDesc><title>a&b</title></TimelineObject>"
    found = read_post_xml(body)
    assert found is not None
    assert found.text == "A&B"


def test_an_archived_post_whose_field_of_words_bears_another_name_is_noted(tmp_path: Path) -> None:
    store = build.write_ios(tmp_path / "wc005_008.db", STORY)
    with closing(sqlite3.connect(store)) as db, db:
        table = next(n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'MyWC01_%'"))
        number, buffer = db.execute(f"SELECT rowid, Buffer FROM {table} ORDER BY rowid LIMIT 1").fetchone()
        changed = buffer.replace(b"contentDesc", b"contentDexc")
        db.execute(f"UPDATE {table} SET Buffer = ? WHERE rowid = ?", (changed, number))
    assert NoteCode.BROKEN_BODY in {n.code for n in read(store).notes}
