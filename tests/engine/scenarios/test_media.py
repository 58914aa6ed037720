"""Pictures, files and stickers meet by fingerprint, by name or by their moment."""

from dataclasses import replace

import polars as pl
import pytest

from reconcile.intake.contract import FormLimits
from reconcile.intake.frames import messages_of
from tests.build.chats import (
    chat,
    counts,
    grade_of,
    held,
    held_direct,
    left_row,
    of_kinds,
    relations_in,
    said,
    short_row,
    state_of,
)
from tests.build.together import Comparing


def test_a_picture_whose_fingerprint_one_side_lacks_meets_the_picture_of_its_moment_and_not_a_typed_word_near_by() -> (
    Comparing
):
    rows = chat()
    typed, picture = short_row(1210, 0, "[图片]"), short_row(1216, 0, "[图片]", "image")
    left = [*rows[:21], typed | {"kind": "image"}, picture | {"hash": "9e107d9d372bb6826bd81d3542a419d6"}, *rows[21:]]
    right = [*rows[:21], typed, picture, *rows[21:]]
    found = yield held_direct(left, 0), held_direct(right, 1)
    assert relations_in(found) == {"agreement"}
    assert not (found.alignment["offset_seconds"].abs() > 0).any()


def test_a_picture_without_fingerprint_meets_that_of_its_moment_where_the_side_states_some() -> Comparing:
    rows = chat()
    first, second = short_row(1210, 0, "[图片]", "image"), short_row(1212, 0, "[图片]", "image")
    known, other = {"hash": "9e107d9d372bb6826bd81d3542a419d6"}, {"hash": "e4d909c290d0fb1ca068ffaddf22cbd0"}
    left = [rows[0], short_row(30, 0, "[图片]", "image") | other, *rows[1:21], first]
    right = [rows[0], short_row(30, 0, "[图片]", "image") | other, *rows[1:21], first | known, second, *rows[21:]]
    found = yield held_direct(left, 0), held_direct(right, 1)
    assert found.alignment.filter(pl.col("left_row") == 22)["right_row"].to_list() == [22]
    assert "one_sided" not in relations_in(found)


def test_without_times_the_picture_of_one_fingerprint_is_met_and_not_the_one_beside_it() -> Comparing:
    rows = chat()
    pictures = [short_row(1220, 0, "[图片]", "image") | {"hash": digit * 32} for digit in "ab"]
    whole = held_direct([*rows[:21], *pictures, *rows[21:]], 1)
    bare = whole.messages.with_columns(
        pl.lit(None, pl.Datetime("us", "UTC")).alias("sent_at"), pl.lit("none").alias("time_precision")
    )
    found = yield held_direct([*rows[:21], pictures[1], *rows[21:]], 0), replace(whole, messages=messages_of(bare))
    alone = found.alignment.filter(pl.col("relation") != "agreement")
    assert alone.select("relation", "left_row", "right_row").rows() == [("one_sided", None, 21)]


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        ("[文件: 合同2.pdf]", "[文件] 合同1.pdf", "conflicting"),
        ("合同2.pdf", "[文件] 合同1.pdf", "conflicting"),
        ("文件：合同1.pdf", "[文件] 合同1.pdf", "explained_differences"),
    ],
)
def test_files_differ_by_their_names_and_not_by_how_these_are_shown(left: str, right: str, told: str) -> Comparing:
    sides = [[*chat()[:16], left_row(930, body, kind="file"), *chat()[16:]] for body in (left, right)]
    assert grade_of((yield sides[0], sides[1])) == told


def test_pictures_written_anew_have_other_fingerprints_and_accuse_nobody() -> Comparing:
    rows = of_kinds({4: "image", 9: "image", 14: "image"})
    prints = [
        [r | {"media_hash": f"{side}{i:031d}"} if "kind" in r else r for i, r in enumerate(rows)] for side in (1, 2)
    ]
    assert counts((yield tuple(prints))) == {"agreement": 37, "doubtful": 3}
    assert counts((yield prints[0], [*prints[0][:4], prints[1][4], *prints[0][5:]])) == {"agreement": 39, "conflict": 1}
    # Phones keep originals and smaller copies side by side.
    assert counts((yield prints[0], [*prints[0][:9], *prints[1][9:]])) == {"agreement": 38, "doubtful": 2}
    assert relations_in((yield prints[0][:9], prints[1][:9])) == {"agreement", "doubtful"}


@pytest.mark.parametrize(
    ("kind", "beside", "told"),
    [
        ("file", "image", {"agreement": 38, "conflict": 2}),
        ("file", "sticker", {"agreement": 38, "doubtful": 2}),
        ("image", "file", {"agreement": 38, "doubtful": 2}),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_files_are_carried_as_they_are_and_unlike_ones_beside_equal_fingerprints_are_of_two_files(
    kind: str, beside: str, told: dict[str, int]
) -> Comparing:
    rows = of_kinds({4: kind, 9: kind, 14: beside, 20: beside})
    rows = [r | {"media_hash": f"{i:032x}"} if "kind" in r else r for i, r in enumerate(rows)]
    other = [r | {"media_hash": f"f{i:031x}"} if r.get("kind") == kind else r for i, r in enumerate(rows)]
    assert counts((yield rows, other)) == told


def test_two_files_of_one_name_and_second_meet_by_their_fingerprints() -> Comparing:
    files = [{"at": 630, "who": 0, "kind": "file", "text": "单.xlsx", "media_hash": h * 32} for h in "ab"]
    other = [f | {"text": "FILE:单.xlsx"} for f in reversed(files)]
    assert counts((yield [*chat()[:11], *files, *chat()[11:]], [*chat()[:11], *other, *chat()[11:]])) == {
        "agreement": 42
    }


@pytest.mark.parametrize(("kind", "text", "state"), [("image", "[图片]", "doubtful"), ("text", "好", "set_aside")])
def test_one_picture_of_several_in_one_second_is_no_repeat_where_nothing_of_them_is_shown(
    kind: str, text: str, state: str
) -> Comparing:
    burst = [{"at": 630, "who": 0, "kind": kind, "text": text}] * 3
    left, right = [*chat()[:11], *burst, *chat()[11:]], [*chat()[:11], *burst[:2], *chat()[11:]]
    assert counts((yield left, right)) == {"agreement": 42, state: 1}
    # A page that stands twice elsewhere does not tell.
    twice = [r for i, row in enumerate(left) for r in ([row] * 2 if 20 <= i < 26 else [row])]
    assert counts((yield twice, right))["set_aside"] == 6 + (state == "set_aside")


@pytest.mark.parametrize(("copies", "relation"), [((9, 21, 33), "agreement"), ((9,), "doubtful")])
def test_numbers_of_saved_copies_are_a_devices_habit_and_one_alone_is_in_doubt(
    copies: tuple[int, ...], relation: str
) -> Comparing:
    left, right = (
        said(chat(), {i: f"[文件] 合同{i}{number}.pdf" for i in copies}, kind="file") for number in ("", "(1)")
    )
    found = yield left, right
    assert {state_of(found, left[i]["text"], "left")[0] for i in copies} == {relation}


def test_a_client_that_cannot_show_a_video_channel_leaves_out_none_that_it_shows() -> Comparing:
    cannot = "当前版本不支持展示该内容，请升级至最新版本。"
    links = said(chat(), {9: "[链接] 报价\nhttps://a.cn/1"}, kind="link")
    left, right = said(links, {21: "【视频号】 搞笑日常"}, kind="link"), said(links, {21: cannot}, kind="text")
    assert grade_of((yield left, right)) == "explained_differences"


def test_files_of_like_names_meet_in_their_minute_though_two_tools_wrap_the_names_in_other_words() -> Comparing:
    names = {12: "补充协议(4).docx", 14: "补充协议(2).docx"}
    left = said(chat(), {i: f"（文件）{name}" for i, name in names.items()}, kind="file")
    right = said(chat(), {i: f"{name} (file attached)" for i, name in names.items()}, kind="file")
    right = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in right]
    left = [r | {"at": r["at"] + 7 * i % 55} for i, r in enumerate(left)]
    found = yield left, held(right, 1, shift=-46_800.0)
    assert relations_in(found) == {"agreement"}
    assert found.alignment["left_row"].to_list() == found.alignment["right_row"].to_list()


def test_the_greeting_of_a_red_packet_behind_a_mark_in_round_brackets_meets_the_greeting_alone() -> Comparing:
    left = said(chat(), {12: "（红包）新年快乐"}, kind="red_packet")
    assert counts((yield left, said(chat(), {12: "新年快乐"}))) == {"agreement": 40}


def test_one_sticker_meets_the_mark_of_media_that_an_export_leaves_out() -> Comparing:
    left = said(chat(), {12: "（表情）"}, kind="sticker")
    right = said(chat(), {12: "<Media omitted>"}, kind="other")
    assert counts((yield left, right)) == {"agreement": 40}


def test_a_call_whose_length_stands_in_its_words_on_both_sides_lacks_none_where_one_states_it_apart() -> Comparing:
    rows = said(chat(), {20: "通话时长 04:27"}, kind="call")
    whole, apart = (held(rows, n, tool="WeFlow", limits=FormLimits(is_of_known_make=True)) for n in (0, 1))
    length = pl.when(pl.col("kind").cast(pl.String) == "call").then(267.0).alias("duration")
    apart = replace(apart, messages=messages_of(apart.messages.with_columns(length)))
    assert relations_in((yield whole, apart)) == {"agreement"}


def test_no_words_stand_for_a_picture_where_most_pictures_have_none_near() -> Comparing:
    rows = chat()
    pictures = [short_row(60 * n + 25, 0, "[图片]", "image") for n in range(8, 32)]
    posts = [short_row(60 * n + 27, 0, f"各位邻居好\n{n}号楼明天停水，请储水\n物业") for n in (11, 17, 23)]
    left = sorted([*rows, *pictures, *posts], key=lambda r: r["at"])
    right = [r | {"text": r["text"].split("\n")[0]} for r in left if r.get("kind") != "image"]
    found = yield held_direct(left, 0), held_direct(right, 1)
    assert found.alignment.filter(pl.col("right_row").is_not_null())["cause"].is_in(["not_stated"]).sum() == 0
    missed = found.alignment.filter(pl.col("relation") == "one_sided")["left_row"].to_list()
    assert not any("邻居" in left[row]["text"] for row in missed)


@pytest.mark.parametrize(
    ("kind", "shown", "cause"),
    [("file", "合同A.docx", "form"), ("file", "合同B.docx", "weak_match"), ("other", "", "not_stated")],
)
def test_a_files_name_alone_stands_for_a_file_unless_the_other_side_shows_another_name(
    kind: str, shown: str, cause: str
) -> Comparing:
    rows = said(chat(), {20: "合同A.docx"})
    found = yield rows, [*rows[:20], rows[20] | {"kind": kind, "text": shown}, *rows[21:]]
    assert state_of(found, "合同A.docx", "left")[1] == cause


@pytest.mark.parametrize(
    ("heard", "doubtful"),
    [
        ((["音频已忽略"] * 4, ["audio omitted"] * 4), 0),
        ((["钱已经还了", "明天到货", "在门口", "好"], ["一直没有还我", "明天到货", "在门口", "好"]), 1),
    ],
    ids=["labels", "a transcript"],
)
def test_a_label_that_a_side_writes_of_each_voice_message_is_no_transcript_of_it(
    heard: tuple[list[str], list[str]], doubtful: int
) -> Comparing:
    rows, made = chat(), FormLimits(is_of_known_make=True)
    sides = (
        [*rows[:21], *(short_row(1205 + 5 * n, n % 2, words, "voice") for n, words in enumerate(said)), *rows[21:]]
        for said in heard
    )
    found = yield tuple(held(side, owner, limits=made) for owner, side in enumerate(sides))
    assert counts(found).get("doubtful", 0) == doubtful
