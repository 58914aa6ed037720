"""What one tool does to every text is a difference of form; the same to one text is a conflict."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from string import ascii_letters

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.frames import Messages
from reconcile.intake.contract import FormLimits, Note
from reconcile.vocabulary import NoteCode
from tests.build.chats import (
    LINED,
    PEOPLE,
    Row,
    as_tables,
    chat,
    counts,
    drawn_chat,
    grade_of,
    held,
    held_direct,
    left_row,
    moved_on,
    relations_in,
    said,
    short_row,
    state_of,
    untimed,
    without_kinds,
)
from tests.build.together import Asking, Comparing
from tests.thorough import some

SIGNS = "😂👍💰🔥🫡"

SAVED = {"007": "7", "2024-03-01": "2024/3/1", "true": "TRUE", "1e5": "1.00E+05", "1/2": "1月2日", "9:05": "09:05:00"}

SIGNED = said(chat(), {i: f"这件事我记住了，第{i}次{SIGNS[i % 5]}" for i in range(4, 40, 8)})

SIGNED_LONG = said(
    SIGNED,
    {
        i: f"这件事{SIGNS[i % 5] * (i % 8 == 5)}我记住了，第{i}次说的是{'工程款什么时候结清' * (1 + i % 3)}"
        for i in range(5, 40, 4)
    },
)

SIGN_NAMES = said(chat(), {i: f"这件事我记住了，第{i}次{'[微笑]' if i % 16 == 4 else '[强]'}" for i in range(4, 40, 8)})

HEARTS = said(chat(), {i: f"这件事我记住了，第{i}次{'❤️' if i % 16 == 4 else '😂'}" for i in range(4, 40, 8)})

PAUSED = said(chat(), {i: f"这是第{i}件事，你看着办" for i in range(4, 40, 8)})

NAMED = said(chat(), {i: f"@{'张伟' if i % 16 == 4 else '李娜'} 第{i}件事你来办" for i in range(4, 40, 8)})

TAGGED = said(chat(), {i: f"ok 尺寸<{i}cm & >2cm 的第 {i} 件 done" for i in range(4, 40, 8)})

LONG_TEXTS = said(
    chat(), {i: f"{'长' * (27 + i % 3)}{'a' * (i % 5)}，第{i}次说的是工程款什么时候结清" for i in range(4, 40, 8)}
)

LINKED = said(SIGNED, {i: f"[链接] {SIGNED[i]['text']}" for i in range(4, 40, 8)}, kind="link")

VALUES = said(chat(), dict(zip(range(4, 40, 7), ("007", "2024-03-01", "true", "1e5", "1/2", "9:05"), strict=True)))

MARKED = said(chat(), {i: f"这是第{i}件事[捂脸]，你看着办“{i}号”😂\n后面还有\nok{i}句话" for i in (4, 12, 20, 27, 35)})

ADDRESSED = said(chat(), {i: f"单子在https://www.a{i}.cn/p/{i}?id=1，你看\n第{i}张" for i in range(4, 40, 8)})


def without_signs(text: str) -> str:
    return text.rstrip(SIGNS)


def renamed(text: str) -> str:
    return text.replace("张伟", "老张（建材）").replace("李娜", "小李")


@pytest.mark.parametrize("mark", [" (已读)", "[已翻译]", " ✓✓"])
def test_a_mark_that_one_tool_writes_behind_every_text_changes_no_words(mark: str) -> Comparing:
    rows = drawn_chat()
    marked = [r | {"text": f"{r['text']}{mark}"} for r in rows]
    marked[20] = marked[20] | {"text": f"没有这回事{mark}"}
    states = (yield as_tables(rows, marked)).alignment.select("relation", "cause").cast(pl.String)
    assert sorted(states.group_by("relation", "cause").len().rows()) == [
        ("agreement", "form", 59),
        ("conflict", "text_differs", 1),
    ]


@pytest.mark.parametrize("figures", ["", "，限额500元"])
def test_a_line_without_figures_around_all_texts_of_one_sender_changes_no_words(figures: str) -> Comparing:
    rows = drawn_chat()
    whom = rows[0]["who"]
    warned = [
        r | {"text": f"[外部邮件] 请谨慎点击链接{figures}\n\n{r['text']}\n\n本邮件可能包含保密信息"}
        if r["who"] == whom
        else r
        for r in rows
    ]
    changed = next(i for i, r in enumerate(rows) if r["who"] == whom and i > 20)
    warned[changed] = warned[changed] | {
        "text": str(warned[changed]["text"]).replace(str(rows[changed]["text"]), "没有这回事")
    }
    found = yield as_tables(rows, warned)
    agreed = found.alignment.filter(pl.col("relation") == "agreement").height
    assert (agreed == len(rows) - 1) is not bool(figures)
    assert figures or found.verdicts["conflicts"].to_list() == [1]


def test_one_text_as_long_as_the_longest_is_changed_and_not_cut() -> Comparing:
    rows = drawn_chat(30)
    long = "房租一共七千六百元，已经付了五万三，何老师已经把六百六十元退给我了"
    rows[8] |= {"text": long}
    rows[12] |= {"text": long.replace("何", "王").replace("五", "六")}
    changed = [r | {"text": f"{r['text']}，利息另算"} if i == 8 else r for i, r in enumerate(rows)]
    found = yield as_tables(rows, changed)
    assert found.verdicts["conflicts"].to_list() == [1]


def test_texts_that_all_stop_at_one_length_are_cut_and_not_changed() -> Comparing:
    rows = drawn_chat(30)
    for i in (5, 8, 12):
        rows[i] |= {"text": f"第{i}次：房租一共七千六百元，已经付了五万三，何老师说他明天过来拿钥匙"}
    cut = [r | {"text": str(r["text"])[:24]} for r in rows]
    found = yield as_tables(rows, cut)
    assert (found.verdicts["conflicts"].to_list(), found.verdicts["grade"].to_list()) == (
        [0],
        ["explained_differences"],
    )


@pytest.mark.parametrize(("is_known", "relation"), [(True, "doubtful"), (False, "agreement")])
@pytest.mark.parametrize("cut", [lambda t: t[:24], lambda t: t[:24] + "…", lambda t: t.split("\n")[0]])
def test_texts_that_a_known_form_never_cuts_are_in_doubt_however_many_break_off(
    cut: Callable[[str], str], relation: str, *, is_known: bool
) -> Comparing:
    long = {i: f"第{i}次：房租一共七千六百元，这个月已经付了\n何老师后来又退给我了" for i in (5, 8, 12, 17)}
    rows = said(chat(), long)
    kept = [r | {"text": cut(r["text"])} if i in long else r for i, r in enumerate(rows)]
    limits = FormLimits(is_of_known_make=is_known)
    found = (yield held_direct(rows, 0), held_direct(kept, 1, limits=limits)).alignment
    told = found.filter(pl.col("left_row").is_in(list(long)))["relation"].cast(pl.String)
    assert set(told) == {relation}


def test_ids_are_believed_where_one_form_respells_every_text() -> Comparing:
    rows = [r | {"id": str(7_000_000_000_000_000_000 + 17 * i)} for i, r in enumerate(chat())]
    respelt = [r | {"text": f"{r['text']} \r"} for r in rows]
    found = yield held_direct(rows, 0), held_direct(respelt, 1)
    assert set(found.alignment["method"].cast(pl.String)) == {"server_id"}


def test_words_behind_a_leading_hour_that_one_form_cuts_are_in_doubt_on_both_sides() -> Comparing:
    rows = chat(100)
    whole = [*rows[:20], short_row(1170, 0, "13:45三号楼见"), *rows[20:]]
    cut = [r | {"text": r["text"].replace("13:", "")} for r in moved_on(whole, 20, 60)]
    found = yield untimed(whole, 0), untimed(cut, 1, limits=FormLimits(strips_prefix=True))
    assert relations_in(found) == {"agreement", "doubtful"}


def test_a_leading_word_that_the_other_form_cuts_is_no_missing_message_where_no_times_tell() -> Comparing:
    rows = chat()
    whole = [r | {"text": "abc-1_2:后面的话"} if i == 20 else r for i, r in enumerate(rows)]
    # Deletions around it, so that its place alone does not tell.
    cut = [r | {"text": "后面的话"} if i == 20 else r for i, r in enumerate(rows) if i not in (17, 18, 22, 23)]
    limits = FormLimits(strips_prefix=True)
    found = yield held(whole, 0, has_times=False), held(cut, 1, has_times=False, limits=limits)
    assert state_of(found, "abc-1_2:后面的话", "left")[0] in ("agreement", "doubtful")


@pytest.mark.parametrize(("printed", "relation"), [("法院 电话：138", "agreement"), ("派出所 电话：138", "conflict")])
def test_a_cut_leading_hour_and_a_line_end_printed_as_a_blank_are_form_together(
    printed: str, relation: str
) -> Comparing:
    shown = [r | {"text": f"10:30见，别迟到，{printed}"} if i == 20 else r for i, r in enumerate(chat())]
    cut = [r | {"text": "30见，别迟到，法院\n电话：138"} if i == 20 else r for i, r in enumerate(chat())]
    found = yield shown, held(cut, 1, limits=FormLimits(strips_prefix=True))
    assert state_of(found, shown[20]["text"], "left")[0] == relation


@pytest.mark.parametrize(("text", "grade"), [("Friday:", "explained_differences"), ("Friday", "cannot_determine")])
def test_a_text_of_nothing_but_a_prefix_is_empty_where_the_form_is_known_to_strip_it(
    text: str, grade: str
) -> Comparing:
    whole, cut = said(chat(), {20: text}), said(chat(), {20: ""})
    found = yield whole, held(cut, 1, limits=FormLimits(strips_prefix=True))
    assert grade_of(found) == grade


def test_one_single_text_that_ends_at_twenty_characters_may_be_cut_by_hand() -> Comparing:
    rows = [{"at": 60 * i, "who": i % 2, "text": f"第{i}批水泥送到{i}号楼了"} for i in range(30)]
    long = "这个月运费先给九千三，剩下的十一月十三日再说"
    sides = ([*rows[:15], left_row(870, words), *rows[15:]] for words in (long, long[:20]))
    left, right = sides
    assert grade_of((yield left, right)) == "cannot_determine"


def test_a_near_row_in_another_spelling_is_paired_before_a_farther_one_of_the_same() -> Comparing:
    rows = [
        *chat(20),
        left_row(1300, "【图片】"),
        left_row(1380, "[图片]"),
        {"at": 1460, "who": 1, "text": "好，都看到了"},
    ]
    other = [r | {"text": {"【图片】": "[图片]"}.get(r["text"], r["text"])} for r in rows]
    kinds = ["image" if r["text"] == "【图片】" else "text" for r in rows]
    found = yield without_kinds(rows, other, kind=kinds)
    assert found.alignment.filter(pl.col("left_row") == 20)["right_row"].to_list() == [20]


READ = said(
    chat(),
    {
        4: "我周六要出差，有事微信说…",
        12: "孩子发烧了，今天先不说了。 祝周二快乐😭",
        20: "Pls confirm the ETD, 25 cartons in total～ 你这个态度没法谈",
        28: "ok noted, will revert on 8月25号。",
        36: "The invoice No.3581 is still open, please pay 2,000元 by 1.2！",
        38: "先把5月份的4800结了…再说别的[强]",
    },
)
# Texts in a file that was read from pictures, and what it shows of each.
MISREAD = {
    "one that looks like another": ("户名是徐律师本人，你打过来…", "户名是徐律师本入,你打过来"),
    "one of a word": ("我自己去拿～", "我自已去拿"),
    "letters for the digits of a sum": ("转你15000元～", "转你l5O00元"),
}
MEANT = {
    "digit of a sum": ("尾款4800元周五付…", "尾款4300元周五付"),
    "point in a sum": ("尾款1.5万周五付…", "尾款15万周五付"),
    "blank between numbers": ("房号 3 25 的钥匙…", "房号325的钥匙"),
    "negation left out": ("我不同意延期…", "我同意延期"),
    "negation that looks like another": ("钱未到账，别催…", "钱末到账,别催"),
    "question": ("这笔钱你认？…", "这笔钱你认."),
    "other word": ("押金不退给你…", "押金都退给你"),
    "two that look like others": ("自己人，放心…", "自已入,放心"),
}


def read_from_pictures(text: str) -> str:
    """The text as a program reads it from a picture: half width, without blanks, emoji and drawn-out ends."""
    return re.sub(r"[\s…～😭]", "", text.translate(str.maketrans("，。！？", ",.!?")))


# What a tool does to every text of a chat.
HABITS: dict[str, tuple[list[Row], Callable[[str], str]]] = {
    "signs dropped": (SIGNED, without_signs),
    "signs as question marks": (SIGNED, lambda t: t if t == without_signs(t) else without_signs(t) + "??"),
    "a question mark for each character": (HEARTS, lambda t: t.replace("❤️", "??").replace("😂", "?")),
    "typed anew without pauses": (PAUSED, lambda t: t.replace("，", "")),
    "typed anew with blanks for pauses": (PAUSED, lambda t: t.replace("，", " ")),
    "first line alone": (LINED, lambda t: t.split("\n")[0]),
    "signs dropped by name": (SIGN_NAMES, lambda t: t.replace("[微笑]", "").replace("[强]", "")),
    "names behind @": (NAMED, renamed),
    "saved by a spreadsheet program": (VALUES, lambda t: SAVED.get(t, t)),
    "anything in angle brackets dropped": (
        said(chat(), {i: f"按<附件>办第{i}件" for i in range(4, 40, 8)}),
        lambda t: re.sub(r"<[^<>]+>", "", t),
    ),
    "blanks dropped": (TAGGED, lambda t: re.sub(r"\s", "", t)),
    "no character that GBK lacks": (SIGNED, lambda t: t.encode("gbk", "replace").decode("gbk")),
    "first line without its prefix": (LINED, lambda t: re.sub(r"^ok:", "", t.split("\n")[0])),
    "cut by bytes": (LONG_TEXTS, lambda t: t.encode()[:100].decode(errors="ignore")),
    "signs dropped from titles": (LINKED, without_signs),
    "emoji behind a stroke": (MARKED, lambda t: t.replace("[捂脸]", "/捂脸")),
    "signs and line ends as codes": (MARKED, lambda t: t.replace("😂", ":joy:").replace("\n", "_x000D_\n")),
    "quotation marks and line ends as marks": (
        MARKED,
        lambda t: t.replace("“", "「").replace("”", "」").replace("\n", "¶"),
    ),
    "signs as codes in a string of a program": (MARKED, lambda t: json.dumps(t.replace("😂", ":joy:"))[1:-1]),
    "two lines alone": (MARKED, lambda t: "\n".join(t.split("\n")[:2])),
    "addresses without their beginning": (ADDRESSED, lambda t: re.sub("https://", "", t)),
    "lines broken as mails are": (ADDRESSED, lambda t: "=\n".join(t[i : i + 17] for i in range(0, len(t), 17))),
    "signs dropped and cut at twenty characters": (SIGNED_LONG, lambda t: "".join(c for c in t if c not in SIGNS)[:20]),
    "cut at twenty characters and signs dropped": (SIGNED_LONG, lambda t: "".join(c for c in t[:20] if c not in SIGNS)),
    "read from pictures": (READ, read_from_pictures),
    "names of signs without brackets": (SIGN_NAMES, lambda t: re.sub(r"[\[\]，、]", "", t)),
    "names of signs in round brackets": (SIGN_NAMES, lambda t: re.sub(r"\[(微笑|强)\]", r"(\1)", t)),
    "a list's mark before every text": (chat(), lambda t: f"• {t}"),
    "the time before every text": (chat(), lambda t: f"[09:30] {t}"),
    "cut at twelve characters": (chat(), lambda t: t[:12]),
}
# Texts that differ by a mark which says something.
TELLING = [
    ("还差1.5万，你看着办", "还差15万，你看着办"),
    ("这笔钱你认不认？", "这笔钱你认不认。"),
    ("我同意[强]，就这样", "我同意[弱]，就这样"),
    ("欠款-500，月底还", "欠款500，月底还"),
]
# Texts that one side shows with another name, or with a translation below.
TOUCHED = ["@王芳 第12件事你来办", "第12件事你来办\n译文：我不同意", "第12件事你来办\n----------\n我不同意"]
LENGTHS = {60: "doubtful", 64: "doubtful", 150: "doubtful", 300: "doubtful", 57: "conflict"}


def test_a_few_stops_that_one_side_drops_and_elsewhere_keeps_are_in_doubt() -> Comparing:
    stopped = [r | {"text": f"as for {n}, it is done."} for n, r in zip(ascii_letters, chat(), strict=False)]
    dropped = said(stopped, {i: stopped[i]["text"][:-1] for i in (4, 12, 20)})
    assert counts((yield stopped, dropped)) == {"agreement": 37, "doubtful": 3}


# Texts of a chat, the one of them that loses what decides its sense, and what was done to all.
LOST: dict[str, tuple[str, str, Callable[[str], str]]] = {
    "negation between brackets": ("按<附件>办第{}件", "我<不>同意这样办", lambda t: re.sub(r"<[^<>]+>", "", t)),
    "line end between numbers": ("第{}件货都收到了\n发票明天开", "单价5\n0元运费你出", lambda t: t.replace("\n", "")),
    "sum on the second line": ("第{}件货都收到了\n发票明天开", "钱的事情我记着呢\n一共欠你五万", lambda t: t.split("\n")[0]),
    "words in brackets among emoji": ("第{}件知道了[微笑]", "我同意[作废]这样办", lambda t: re.sub(r"\[\w+\]", "", t)),
    "emoji that says no": ("第{}件知道了😭", "这样办我同意👎", lambda t: re.sub("[😭👎]", "", t)),
    "pause behind a refusal": ("第{}件货收到了，放仓库了", "没有，都还清了", lambda t: t.replace("，", "")),
}  # fmt: skip


@pytest.mark.parametrize("name", LOST)
def test_a_number_a_negation_or_a_sum_that_goes_with_a_habit_is_in_doubt(name: str) -> Comparing:
    plain, deciding, habit = LOST[name]
    rows = said(chat(), {i: plain.format(i) for i in range(5, 40, 7)} | {20: deciding})
    found = yield rows, [r | {"text": habit(r["text"])} for r in rows]
    assert counts(found) == {"agreement": 39, "doubtful": 1}
    assert state_of(found, deciding, "left")[0] == "doubtful"


@pytest.mark.parametrize("name", HABITS)
def test_what_a_tool_does_to_every_text_is_a_difference_of_form(name: str) -> Comparing:
    rows, habit = HABITS[name]
    assert counts((yield rows, [r | {"text": habit(r["text"])} for r in rows])) == {"agreement": 40}


def test_lines_that_one_person_alone_has_more_of_are_in_doubt() -> Comparing:
    rows = said(chat(), {i: f"这是第{i}件事的开头\n后面还有{i}句话" for i in range(4, 40, 8)})
    found = yield rows, [r | {"text": r["text"].split("\n")[0]} for r in rows]
    assert counts(found) == {"agreement": 35, "doubtful": 5}


@pytest.mark.parametrize(("shown", "is_other"), [("小李", False), ("王芳", True)])
def test_a_name_behind_at_is_no_other_members(shown: str, *, is_other: bool) -> Comparing:
    names = ("张伟", "李娜", "王芳")
    rows = [r | {"text": NAMED[i]["text"].replace("张伟", "李娜")} for i, r in enumerate(chat(people=3))]
    sides = (rows, [r | {"text": r["text"].replace("李娜", shown)} for r in rows])
    readings = []
    for owner, side in enumerate(sides):
        reading = held(side, owner)
        told = [names[int(str(r["who"]))] for r in side]
        named = reading.messages.with_columns(pl.Series("sender_name", told))
        readings.append(replace(reading, messages=Messages.cast(named)))
    found = yield readings[0], readings[1]
    assert ("conflict" in relations_in(found) or "doubtful" in relations_in(found)) == is_other


@pytest.mark.parametrize("habit", ["signs dropped", "first line alone"], ids=["signs", "lines"])
def test_what_was_done_to_one_text_alone_is_a_conflict(habit: str) -> Comparing:
    rows, change = HABITS[habit]
    assert counts((yield rows, said(rows, {12: change(rows[12]["text"])}))) == {"agreement": 39, "conflict": 1}


def misread(told: str, shown: str) -> tuple[list[Row], list[Row]]:
    """A chat that the right side shows as read from pictures, and what each side shows in one place."""
    return said(READ, {16: told}), said([r | {"text": read_from_pictures(r["text"])} for r in READ], {16: shown})


@pytest.mark.parametrize("name", MISREAD)
def test_a_character_that_looks_like_another_is_in_doubt_in_a_file_read_from_pictures(name: str) -> Comparing:
    told, shown = MISREAD[name]
    pictures, elsewhere = yield [misread(told, shown), (said(chat(), {16: told}), said(chat(), {16: shown}))]
    assert counts(pictures) == {"agreement": 39, "doubtful": 1}
    assert counts(elsewhere) == {"agreement": 39, "conflict": 1}


def test_a_character_of_a_name_is_altered_in_a_file_read_from_pictures_too() -> Comparing:
    rows, right = misread("钱给了陈己人…", "钱给了陈已人")
    left = held(rows, 0)
    named = replace(left, messages=Messages.cast(left.messages.with_columns(sender_name=pl.lit("陈己人"))))
    assert relations_in((yield named, right)) == {"agreement", "conflict"}


def test_a_mark_between_two_numerals_is_no_sign_that_a_file_loses() -> Comparing:
    assert counts((yield misread("三、五天之内付清…", "三五天之内付清"))) == {"agreement": 39, "doubtful": 1}


@pytest.mark.parametrize("name", MEANT)
def test_what_says_something_is_altered_in_a_file_read_from_pictures_too(name: str) -> Comparing:
    assert counts((yield misread(*MEANT[name]))) == {"agreement": 39, "conflict": 1}


@pytest.mark.parametrize(("one", "other"), TELLING)
def test_a_mark_that_says_something_is_no_habit(one: str, other: str) -> Comparing:
    texts = {i: f"第{i}件：{one}" for i in range(4, 40, 8)}
    changed = {i: t.replace(one, other) for i, t in texts.items()}
    assert counts((yield said(chat(), texts), said(chat(), changed))) == {"agreement": 35, "conflict": 5}


def test_the_one_sign_of_a_chat_as_a_question_mark_is_in_doubt() -> Comparing:
    rows = said(chat(), {12: "👍"})
    assert counts((yield rows, said(rows, {12: "?"}))) == {"agreement": 39, "doubtful": 1}


def test_the_mark_of_a_sign_that_could_not_be_decoded_is_a_form_beside_words_and_in_doubt_alone() -> Comparing:
    rows = said(chat(), {12: "那就这么定了👍", 20: "👍"})
    assert counts((yield rows, said(rows, {12: "那就这么定了\ufffd"}))) == {"agreement": 40}
    assert counts((yield rows, said(rows, {20: "\ufffd"}))) == {"agreement": 39, "doubtful": 1}


def test_the_mark_of_a_sign_at_the_end_of_a_long_text_is_no_cut() -> Comparing:
    rows = said(
        chat(),
        {
            12: "发票抬头是恒达建材有限公司，税号969045348361😂",
            20: "明天见",
            30: "这一条比别的都要长，不然看不出来有没有哪里把字切掉了，切掉了就要问一问",
        },
    )
    assert counts((yield rows, said(rows, {12: "发票抬头是恒达建材有限公司，税号969045348361\ufffd"}))) == {
        "agreement": 40
    }


def test_one_text_without_what_stood_in_angle_brackets_is_in_doubt() -> Comparing:
    rows = said(chat(), {12: "尺寸<3cm & >2cm 的那件"})
    assert counts((yield rows, said(rows, {12: "尺寸2cm 的那件"}))) == {"agreement": 39, "doubtful": 1}


def test_ids_printed_as_negative_numbers_are_the_same_ids() -> Comparing:
    rows = [r | {"message_id": str(2**63 + 1000 + i)} for i, r in enumerate(chat())]
    other = said(rows, {12: "这个数目我不认"})
    signed = [r | {"message_id": str(int(r["message_id"]) - 2**64)} for r in other]
    assert counts((yield rows, signed)) == counts((yield rows, other)) == {"agreement": 39, "conflict": 1}


@pytest.mark.parametrize("shown", TOUCHED)
def test_one_other_name_or_a_translation_below_is_in_doubt(shown: str) -> Comparing:
    plain = "@张伟 第12件事你来办" if "@" in shown else shown.split("\n", maxsplit=1)[0]
    assert counts((yield said(chat(), {12: plain}), said(chat(), {12: shown}))) == {"agreement": 39, "doubtful": 1}


@pytest.mark.parametrize("head", ["{name}: ", "{name}：\n"])
def test_the_name_of_the_sender_before_every_text_is_a_difference_of_form(head: str) -> Comparing:
    rows = [r | {"text": "好的"} if i % 7 == 3 else r for i, r in enumerate(chat())]
    right = [r | {"text": head.format(name=("王老板", "小李")[r["who"]]) + r["text"]} for r in rows]
    found = (yield rows, right).alignment
    assert found.select(pl.col("relation", "cause", "detail").cast(pl.String)).unique().rows() == [
        ("agreement", "form", "prefix_stripped")
    ]
    right[12] = right[12] | {"text": right[12]["text"] + "，我不同意"}
    assert counts((yield rows, right)) == {"agreement": 39, "conflict": 1}


def test_the_name_of_another_sender_before_every_text_is_in_doubt() -> Comparing:
    right = [r | {"text": f"{PEOPLE[1 - r['who']]}：{r['text']}"} for r in chat()]
    assert counts((yield chat(), right)) == {"doubtful": 40}


@pytest.mark.parametrize("shown", ["?", "□"])
def test_a_sign_alone_that_a_tool_lost_among_many_rows_alone_is_in_doubt(shown: str) -> Comparing:
    rows = said(chat(), {12: "😂"})
    short = [r for i, r in enumerate(rows) if i not in range(20, 34)]
    other = said([r for i, r in enumerate(rows) if i not in range(1, 10)], {3: shown})
    found = yield short, other
    assert state_of(found, "😂", "left")[0] == "doubtful"


@pytest.mark.parametrize(("length", "found"), LENGTHS.items())
def test_the_only_long_text_that_stops_at_a_round_length_is_in_doubt(length: int, found: str) -> Comparing:
    words = "".join(f"第{i}批货" for i in range(90))
    assert counts((yield said(chat(), {12: words}), said(chat(), {12: words[:length]}))) == {"agreement": 39, found: 1}


def test_the_rows_own_numbers_in_the_place_of_server_ids_are_none() -> Comparing:
    rows = said([r | {"message_id": str(10**18 + i)} for i, r in enumerate(chat())], {12: "电话14004551352，谢谢"})
    masked = said(rows, {12: "电话***********，谢谢"})
    other = [r | {"message_id": str(1000 + i)} if i % 6 == 0 else r for i, r in enumerate(masked)]
    assert counts((yield rows, other)) == counts((yield rows, masked))


def test_texts_that_go_on_are_altered_where_as_many_of_that_length_are_whole() -> Comparing:
    rows = [r | {"text": f"第{i:02}批货款一共{4000 + i}元请你收到以后说一声"} for i, r in enumerate(chat())]
    longer = said(rows, {i: rows[i]["text"] + "8" for i in (12, 20)})
    assert counts((yield rows, longer))["agreement"] == 38


def test_texts_that_stop_at_one_length_are_cut_although_a_rare_text_is_longer() -> Comparing:
    rows = said(chat(), {i: f"{r['text']}，余款说好月底再付，第{i}次" * 2 for i, r in enumerate(chat()) if i % 3 == 0})
    longer = said([r | {"text": r["text"][:24]} for r in rows], {30: rows[30]["text"]})
    assert set(counts((yield rows, longer))) == {"agreement"}


def test_a_tool_that_keeps_the_sign_of_a_quoted_name_may_lose_the_signs_of_every_text() -> Comparing:
    rows = said(SIGNED, {6: "好的\n引用：🌸静: 这件事我记住了"})
    lost = [r if i == 6 else r | {"text": re.sub(f"[{SIGNS}]", "?", r["text"])} for i, r in enumerate(rows)]
    assert set(counts((yield rows, lost))) == {"agreement"}


def test_signs_that_a_tool_replaces_are_met_in_short_texts_once_it_is_seen_to_replace_them() -> Comparing:
    rows = said(chat(), {6: "周报交一下吧😂", 14: "还有一台显示器😂", 22: "在弄😭", 30: "👌"})
    lost = [r | {"text": re.sub("[😂😭👌]", "?", r["text"])} for r in rows]
    assert counts((yield rows, lost)) == {"agreement": 40}
    few = [r | {"text": r["text"] if i < 20 else lost[i]["text"]} for i, r in enumerate(rows)]
    assert counts((yield rows, few)) == {"agreement": 38, "doubtful": 2}


def test_numbers_and_formulas_stand_as_the_spreadsheet_program_shows_them_that_saved_the_file() -> Comparing:
    rows = chat()
    typed = {3: "007", 9: "100.00", 15: "=5+3", 21: "@老王\u2005好的", 27: "好的👌"}
    shown = {3: "7", 9: "100", 15: "8", 21: "@老王?好的", 27: "好的?"}
    other = shown | {15: "9", 9: "1000"}
    resaved = FormLimits(is_resaved=True)

    def found(cells: dict[int, str], limits: FormLimits) -> Asking[list[int]]:
        alignment = (yield said(rows, typed), held(said(rows, cells), 1, limits=limits)).alignment
        return list(alignment.filter(pl.col("relation").cast(pl.String) != "agreement")["left_row"].drop_nulls())

    assert (yield from found(shown, resaved)) == []
    assert (yield from found(other, resaved)) == [9, 15]
    assert (yield from found({3: "7"} | {i: typed[i] for i in typed if i != 3}, FormLimits())) == [3]


def test_signs_that_a_spreadsheet_program_lost_are_met_in_traditional_characters_too() -> Comparing:
    rows = said(chat(), {9: "同乐同乐🎉🎉"})
    resaved = held(said(rows, {9: "同樂同樂??"}), 1, limits=FormLimits(is_resaved=True))
    assert relations_in((yield rows, resaved)) == {"agreement"}


TRADITIONAL = str.maketrans("经号楼这么着里", "經號樓這麼著裡")
BOTH_SCRIPTS = said(chat(), {9: "之前的聊天我都留着", 12: "钱放在家里，等着你来拿", 20: "你这么说，我也没办法"})


def in_traditional(rows: list[Row]) -> list[Row]:
    return [r | {"text": str(r["text"]).translate(TRADITIONAL)} for r in rows]


def test_characters_that_a_converted_side_may_write_in_several_ways_are_form() -> Comparing:
    found = yield BOTH_SCRIPTS, in_traditional(BOTH_SCRIPTS)
    assert relations_in(found) == {"agreement"}
    assert state_of(found, "之前的聊天我都留着", "left") == ("agreement", "form")


def test_such_a_character_in_one_text_of_two_sides_in_one_script_is_a_conflict() -> Comparing:
    assert counts((yield BOTH_SCRIPTS, said(BOTH_SCRIPTS, {9: "之前的聊天我都留著"}))) == {
        "agreement": 39,
        "conflict": 1,
    }


def test_a_converted_side_with_another_word_is_in_conflict() -> Comparing:
    altered = said(in_traditional(BOTH_SCRIPTS), {9: "之前的聊天我都扔著"})
    assert counts((yield BOTH_SCRIPTS, altered)) == {"agreement": 39, "conflict": 1}


CELLS = [("7-8", "2026-07-08"), ("084707", "84707"), ("084707", "84708"), ("7-8", "2026-07-09")]


@pytest.mark.parametrize(("typed", "shown", "is_noted"), some([(*c, n) for c in CELLS for n in (True, False)], 3))
def test_a_cell_that_a_spreadsheet_program_turned_is_form_where_it_holds_the_typed_value(
    typed: str, shown: str, *, is_noted: bool
) -> None:
    rows = chat()
    saved = held(said(rows, {9: shown}), 1)
    places = pl.format("a.xlsx#{}", "row").alias("locator")
    saved = replace(saved, messages=Messages.cast(saved.messages.with_columns(places)))
    noted = replace(saved, notes=(Note(NoteCode.COERCED_CELL, "a.xlsx#9", shown),) if is_noted else ())
    found = compare_readings(held(said(rows, {9: typed}), 0), noted)
    is_value = (typed, shown) in CELLS[:2]
    assert (relations_in(found) == {"agreement"}) == (is_value and is_noted)


def test_no_tool_loses_letters_that_its_own_text_holds() -> Comparing:
    rows = said(chat(), {12: "내일 24시에 봐요"})
    assert relations_in((yield rows, said(rows, {12: "모레 24시에 봐요"}))) == {"agreement", "conflict"}


# What office programs write of signs, cells and links.
BY_OFFICE = {
    "(c)": "©", "(tm)": "™", "1/2箱": "½箱", "3x5米": "3×5米", "-> 看这个": "→ 看这个", "完\n再说": "完_x000D_\n再说",
    "见 https://a.cn/1": '见 HYPERLINK "https://a.cn/1" https://a.cn/1',
}  # fmt: skip


@pytest.mark.parametrize("typed", BY_OFFICE)
def test_what_an_office_program_makes_of_signs_is_a_form(typed: str) -> Comparing:
    rows = said(chat(), {9: f"第9批的货{typed}"})
    found = yield rows, said(rows, {9: f"第9批的货{BY_OFFICE[typed]}"})
    assert relations_in(found) == {"agreement"}


@pytest.mark.parametrize(("changed", "relation"), [(1, "doubtful"), (4, "agreement")])
def test_letters_in_another_case_are_in_doubt_and_a_form_where_many_are(changed: int, relation: str) -> Comparing:
    rows = said(chat(), {i: f"ok then, see you at {i}" for i in (5, 11, 18, 26)})
    found = yield rows, said(rows, {i: f"Ok then, see you at {i}" for i in (5, 11, 18, 26)[:changed]})
    assert counts(found) == {relation: 40} if relation == "agreement" else {"agreement": 39, relation: 1}


# What one side writes of a text throughout, and whether that is a form where several texts show it.
THROUGHOUT: dict[str, tuple[str, str, str]] = {
    "decimal comma": ("第{n}批{n}5.80元", "第{n}批{n}5,80元", "agreement"),
    "bare names of emoji": ("第{n}批收到了[抱拳]", "第{n}批收到了抱拳", "agreement"),
    "translation": ("第{n}批货到的时候是湿的", "Lot {n} was wet when it arrived", "doubtful"),
}


def test_labels_of_one_look_among_the_words_of_several_texts_are_in_doubt() -> Comparing:
    at = (5, 11, 18, 26)
    rows = said(chat(), {i: f"先付{i}000元，余下的月底给" for i in at})
    found = yield rows, said(rows, {i: f"先付{i}000元（大写：{i}仟元整），余下的月底给" for i in at})
    assert counts(found) == {"agreement": 36, "doubtful": 4}


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("卡号6222984881617123，别写错", "卡号6222 9848 8161 7123，别写错"),
        ("看这个 https://a.cn/n/61590303?id=7&utm_source=x", "看这个 https://a.cn/n/61590303?id=7"),
        ("看这个 https://a.cn/n/61590303?from=wx&share=39aa", "看这个 https://a.cn/n/61590303"),
    ],
)
def test_groups_of_figures_and_what_sharing_appends_to_an_address_are_a_form(plain: str, written: str) -> Comparing:
    rows = said(chat(), {11: plain})
    assert relations_in((yield rows, said(rows, {11: written}))) == {"agreement"}


@pytest.mark.parametrize("name", THROUGHOUT)
def test_what_one_side_writes_otherwise_throughout_is_no_conflict_and_in_one_text_is(name: str) -> Comparing:
    plain, written, relation = THROUGHOUT[name]
    rows = said(chat(), {i: plain.format(n=i) for i in (5, 11, 18, 26)})
    found = yield [(rows, said(rows, {i: written.format(n=i) for i in at})) for at in ((5, 11, 18, 26), (11,))]
    assert counts(found[0]) == ({"agreement": 40} if relation == "agreement" else {"agreement": 36, relation: 4})
    assert counts(found[1]).keys() & {"conflict", "doubtful", "one_sided"}


LABELS = (
    "【重点】{}", "{}（证1-{n}）", "★{n} {}", "{}【注：见第{n}项】", "{}①", "仅供诉讼使用\n{}",
)  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_a_label_beside_several_texts_is_in_doubt_and_beside_one_a_conflict(label: str) -> Comparing:
    rows = chat()
    for many, relation in ((4, "doubtful"), (1, "conflict")):
        marked = [
            r | {"text": label.format(r["text"], n=i)} if i in (5, 11, 18, 26)[:many] else r for i, r in enumerate(rows)
        ]
        assert counts((yield rows, marked)) == {"agreement": len(rows) - many, relation: many}
