"""What a form writes around the messages of a text is told from their words."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from reconcile.errors import ReconcileError, UnrecognisedSource, UsageError
from reconcile.intake.contract import Reading
from tests.build.readings import read, read_text, skipped, spoken
from tests.thorough import meeting, some

CLOCKS = [f"{9 + i // 4:02}:{15 * (i % 4):02}:07" for i in range(14)]
NAMES = ["Anna", "Ben Ode"] * 7
WORDS = [f"word {i} of many" for i in range(14)]
ROWS = list(zip(CLOCKS, NAMES, WORDS, strict=True))


def told(reading: Reading) -> list[tuple[str, str, str]]:
    return spoken(reading, "%H:%M:%S")


def test_a_dash_may_part_the_day_from_the_clock(tmp_path: Path) -> None:
    assert told(read_text(tmp_path, "".join(f"03/25/24 - {c}; {n}: {w}\n" for c, n, w in ROWS))) == ROWS


def test_lines_that_look_like_those_of_a_day_are_noted_and_no_words(tmp_path: Path) -> None:
    lines = [f"[{c}] {n}: {w}" for c, n, w in ROWS]
    text = "\n".join(["── Tuesday, March 5, 2024 ──", "", *lines[:9], "", "── 2 hr later ──", "", *lines[9:]])
    reading = read_text(tmp_path, text)
    assert told(reading) == ROWS
    assert "── 2 hr later ──" in skipped(reading)


def test_the_opening_line_of_a_log_dates_the_clocks_below_it(tmp_path: Path) -> None:
    text = "--- Log opened Tue Mar 05 09:00:01 2024\n" + "".join(f"{c[:5]} <{n}> {w}\n" for c, n, w in ROWS)
    text += "--- Day changed Wed Mar 06 2024\n10:00 <Anna> good morning\n--- Log closed Wed Mar 06 11:00:00 2024\n"
    reading = read_text(tmp_path, text)
    days = reading.messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.day().to_list()
    assert days == [5] * 14 + [6]
    assert reading.messages["text"][-1] == "good morning"


def test_times_of_a_title_do_not_hide_the_clocks_below_days(tmp_path: Path) -> None:
    title = "".join(
        f"**{w}:** 2024-03-0{i} 00:00:00 → 2024-04-0{i} 00:00:00  \n"
        for i, w in enumerate(["Window", "Range", "Span"], 1)
    )
    body = "".join(
        f"**{int(c[:2]) % 12 or 12}:{c[3:5]} {'AM' if c < '12' else 'PM'} · {n}**\n\n{w}\n\n" for c, n, w in ROWS
    )
    reading = read_text(tmp_path, f"# Chat\n\n{title}\n## Tuesday, March 5, 2024\n\n{body}", "chat.md")
    assert [r[1:] for r in told(reading)] == [r[1:] for r in ROWS]


def test_lines_set_below_the_first_words_lose_that_indent(tmp_path: Path) -> None:
    heads = [f"[2024-03-05 {c}] {n}: " for c, n, _ in ROWS]
    lines = [
        h + w + (f"\n{' ' * len(h)}more\n{' ' * (len(h) + 2)}deeper" if i in (3, 8) else "")
        for i, (h, (_, _, w)) in enumerate(zip(heads, ROWS, strict=True))
    ]
    assert read_text(tmp_path, "\n".join(lines)).messages["text"][8] == "word 8 of many\nmore\n  deeper"


def test_an_advertisement_between_messages_is_noted_and_no_words(tmp_path: Path) -> None:
    advert = "=== Buy the full version at example.com ==="
    blocks = [
        f"{n} 2024-03-05 {c}\n{w}\n" + (f"\n{advert}\n" if i in (4, 8) else "") for i, (c, n, w) in enumerate(ROWS)
    ]
    reading = read_text(tmp_path, "\n".join(blocks))
    assert told(reading) == ROWS
    assert skipped(reading) == [advert, advert]


def test_quotes_around_every_text_are_no_words(tmp_path: Path) -> None:
    reading = read_text(tmp_path, "".join(f"2024-03-05 {c} {n}: “{w}”\n" for c, n, w in ROWS))
    assert told(reading) == ROWS


def test_columns_of_blanks_part_the_name_from_the_words(tmp_path: Path) -> None:
    assert told(read_text(tmp_path, "".join(f"2024-03-05 {c}  {n:<10}  {w}\n" for c, n, w in ROWS))) == ROWS


def test_a_blank_alone_behind_the_name_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unclear are sender"):
        read_text(tmp_path, "2024.03.05 Tuesday\n" + "".join(f"{c[:5]} {n} {w}\n" for c, n, w in ROWS))


@pytest.mark.parametrize("sign", some([" · ", " ~ ", " • "], 2))
def test_a_sign_between_blanks_in_every_line_ends_the_name(tmp_path: Path, sign: str) -> None:
    text = "".join(f"- 2024-03-05 {c}{sign}{n}{sign}{w}{sign}and more: so\n" for c, n, w in ROWS)
    assert told(read_text(tmp_path, text)) == [(c, n, f"{w}{sign}and more: so") for c, n, w in ROWS]


def test_names_above_times_need_no_empty_line_above_them(tmp_path: Path) -> None:
    rows = [(c, n, f"{w}\nand more" if i % 3 else w) for i, (c, n, w) in enumerate(ROWS)]
    text = "".join(f"{n}\n2024-03-05 {c}\n{w}\n" for c, n, w in rows)
    assert told(read_text(tmp_path, text)) == rows


def test_quotes_around_each_of_a_few_texts_are_the_forms(tmp_path: Path) -> None:
    text = "".join(f"2024-03-05 {c} {n}：“{w}”\n" for c, n, w in ROWS[:6])
    assert told(read_text(tmp_path, text)) == ROWS[:6]


def test_an_arrow_in_the_place_of_a_name_marks_a_notice(tmp_path: Path) -> None:
    text = "".join(
        f"2024-03-05 {c}\t{'-->' if i == 2 else '--' if i == 5 else n}\t{w}\n" for i, (c, n, w) in enumerate(ROWS)
    )
    kinds = read_text(tmp_path, text).messages["kind"].to_list()
    assert [i for i, k in enumerate(kinds) if k == "system"] == [2, 5]


def test_a_bracket_inside_a_name_is_closed(tmp_path: Path) -> None:
    text = "".join(f"> {n} [U{len(n)}] @ 25/03/2024 {c} Z:\n{w}\n\n" for c, n, w in ROWS)
    assert set(read_text(tmp_path, text).messages["sender"]) == {"Anna [U4]", "Ben Ode [U7]"}


def test_a_bracket_at_the_end_of_one_name_is_no_sign_before_the_times(tmp_path: Path) -> None:
    names = {"Anna": "Anna (sales)"}
    text = "".join(f"{names.get(n, n)} 2024-03-05 {c}\n{w}\n" for c, n, w in ROWS)
    assert told(read_text(tmp_path, text)) == [(c, names.get(n, n), w) for c, n, w in ROWS]


def test_a_name_alone_above_fields_by_name_is_the_sender(tmp_path: Path) -> None:
    text = "\n\n".join(f"{n}:\n时间: 2024-03-05 {c}\n内容: {w}" for c, n, w in ROWS)
    reading = read_text(
        tmp_path, f"聊天名称: x\n导出时间: 2024-04-01 10:00:00\n\n\n{text}\n\n=====\n导出时间: 2024-04-01 10:00:00\n"
    )
    assert told(reading) == ROWS


def test_quoted_cells_of_a_table_between_tabs_end_at_their_quotes(tmp_path: Path) -> None:
    rows = [
        ("Time", "Name", "Message"),
        *(
            (f"2024-03-05 {c}", n, f'"say ""{w}"" now"' if i == 3 else f'"two\n{w}"' if i == 6 else w)
            for i, (c, n, w) in enumerate(ROWS)
        ),
    ]
    (tmp_path / "chat.txt").write_text("\n".join("\t".join(r) for r in rows), "utf-16")
    texts = read(tmp_path / "chat.txt").messages["text"]
    assert (texts[3], texts[6]) == ('say "word 3 of many" now', "two\nword 6 of many")


def test_a_title_between_messages_begins_another_chat(tmp_path: Path) -> None:
    rule = "=" * 20
    chats = {"Ben": ROWS[:8], "Office of Ben": ROWS[8:]}
    text = "All records\n\n" + "".join(
        f"{rule}\nGroup: friends\n{rule}\nWith: {chat}\n{rule}\n\n"
        + "".join(f"2024-03-05 {c} {n}\n{w}\n\n" for c, n, w in rows)
        for chat, rows in chats.items()
    )
    reading = read_text(tmp_path, text)
    assert told(reading) == ROWS
    assert reading.messages["conversation"].to_list() == ["Ben"] * 8 + ["Office of Ben"] * 6


LINES = [(f"2024-04-0{1 + i // 10} 08:{i:02d}:00", ("Anna", "Ben")[i % 2], f"word {i}") for i in range(30)]


@pytest.mark.parametrize(
    ("line", "above", "below"),
    some(
        [
            ("{t}+02    | {n} | {w}", "time | author | body\n-----+-----", "(30 rows)\n"),
            ("|{t} |{n} |{w}", "[cols=3]\n|===\n|Time |Sender |Text\n", "|===\n"),
            ("**{n}** · {t}\n> {w}", "# Chat\n", ""),
            ("{n} ({t})\n{w}\n----------------------<-", "", ""),
            ("{t} {n}「{w}」", "", ""),
        ],
        2,
    ),
)
def test_what_frames_the_messages_is_no_part_of_them(tmp_path: Path, line: str, above: str, below: str) -> None:
    text = "\n".join([above, *(line.format(t=t, n=n, w=w) for t, n, w in LINES), below])
    messages = read_text(tmp_path, text).messages
    assert messages["text"].to_list() == [w for *_, w in LINES]
    assert messages["sender"].to_list() == [n for _, n, _ in LINES]


def test_records_below_a_time_are_never_read_as_words(tmp_path: Path) -> None:
    record = "BEGIN:V\nX-DT: {t}\nX-TYPE:OUT\nBEGIN:B\n{w}\nEND:B"
    with pytest.raises((UnrecognisedSource, UsageError)):
        read_text(tmp_path, "\n".join(record.format(t=t, w=w) for t, _, w in LINES))


def test_words_below_an_empty_line_behind_the_fields_are_a_mails(tmp_path: Path) -> None:
    mail = "From: {n}\nSent: {t}\nSubject: Van\n\n{w}\n\n{m}\n"
    more = [chr(97 + i) * (i + 1) for i in range(26)]
    rows = list(zip(LINES, more, more[1:], strict=False))
    messages = read_text(tmp_path, "\n".join(mail.format(t=t, n=n, w=w, m=m) for (t, n, _), w, m in rows)).messages
    assert messages["text"].to_list() == [f"{w}\n\n{m}" for _, w, m in rows]


def test_an_arrow_between_two_names_parts_sender_and_receiver(tmp_path: Path) -> None:
    other = {"Anna": "Ben", "Ben": "Anna"}
    messages = read_text(tmp_path, "\n".join(f"{t} {n} -> {other[n]} | {w}" for t, n, w in LINES)).messages
    assert messages["sender"].to_list() == [n for _, n, _ in LINES]
    assert messages["conversation"].n_unique() == 1


def test_the_same_words_before_each_day_part_days(tmp_path: Path) -> None:
    text = ""
    for i, (t, n, w) in enumerate(LINES):
        text += f"\nChat started on {int(t[8:10])} April 2024\n\n" if i % 10 == 0 else ""
        text += f"({t[11:]}) {n}: {w}\n"
    messages = read_text(tmp_path, text).messages
    assert messages["text"].to_list() == [w for *_, w in LINES]
    assert messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.day().to_list() == [
        1 + i // 10 for i in range(30)
    ]


def test_fields_behind_tabs_make_records(tmp_path: Path) -> None:
    record = "#{i}\nFrom\t{n}\nText\t{w}\nTime\t{t} UTC+08:00 (Device)\n"
    messages = read_text(
        tmp_path, "\n".join(record.format(i=i, t=t, n=n, w=w) for i, (t, n, w) in enumerate(LINES))
    ).messages
    assert messages["text"].to_list() == [w for *_, w in LINES]


@pytest.mark.parametrize(("people", "chats"), [(("Anna", "Ben Ode"), 1), (("Anna", "Carl"), 2)])
def test_numbered_files_are_one_chat_in_order_of_their_numbers_where_the_same_people_go_on(
    tmp_path: Path, people: tuple[str, str], chats: int
) -> None:
    for n, day in ((2, "05"), (10, "06")):
        names = NAMES if n == 2 else [*people] * 7
        lines = [f"[2024-03-{day} {c}] {who}: {w}" for c, who, w in zip(CLOCKS, names, WORDS, strict=True)]
        (tmp_path / f"log_{n}.txt").write_text("\n".join(lines), "utf-8")
    messages = read(tmp_path).messages
    assert messages["conversation"].n_unique() == chats
    assert messages.height == 28
    if chats == 1:
        assert messages["sent_at"].is_sorted()


def test_a_month_of_one_message_is_read_like_the_other_months(tmp_path: Path) -> None:
    lines = [f"[2024-03-05 {c}] {n}: {w}" for c, n, w in ROWS]
    (tmp_path / "Anna_2024-03.txt").write_text("\n".join(lines), "utf-8")
    (tmp_path / "Anna_2024-04.txt").write_text("[2024-04-01 09:00:00] Ben Ode: one more\n", "utf-8")
    (tmp_path / "remarks.txt").write_text("printed on 2024-04-02 10:00:00 for the court\n", "utf-8")
    messages = read(tmp_path).messages
    assert messages.select("sender", "text", "locator").row(-1) == ("Ben Ode", "one more", "Anna_2024-04.txt#line 1")
    assert messages.height == 15


def test_words_around_every_name_are_no_part_of_it(tmp_path: Path) -> None:
    people = ["Anna", "Ben Ode", "Cem"]
    text = "".join(f"2024/03/25 {c} From {people[i % 3]} to Everyone:\n\t{w}\n\n" for i, (c, _, w) in enumerate(ROWS))
    reading = read_text(tmp_path, text)
    assert told(reading) == [(c, people[i % 3], w) for i, (c, _, w) in enumerate(ROWS)]


def test_it_is_asked_who_speaks_where_a_list_tells_of_sending(tmp_path: Path) -> None:
    lines = [
        f"（{i}）2024年3月25日{c}，{('本机', '对方')[i % 2]}发送文字消息：“{w}”；" for i, (c, _, w) in enumerate(ROWS)
    ]
    for i in (4, 9):
        lines[i] = lines[i].partition("发送")[0] + "发送图片消息一张；"
    with pytest.raises(UsageError, match="sender"):
        read_text(tmp_path, "\n".join(lines))


def test_a_bracket_before_one_name_is_opened(tmp_path: Path) -> None:
    names = {"Anna": "[sales] Anna"}
    text = "".join(f"[2024-03-05 {c}] {names.get(n, n)}: {w}\n" for c, n, w in ROWS)
    assert told(read_text(tmp_path, text)) == [(c, names.get(n, n), w) for c, n, w in ROWS]


def test_headings_of_a_short_text_stand_above_their_words(tmp_path: Path) -> None:
    said = [("张三", "你好啊"), ("李四", "看图"), ("张三", "好"), ("李四", "好的")]
    text = "\n".join(f"{n} 2024-01-15 10:3{i}\n{w}\n" for i, (n, w) in enumerate(said))
    assert [(n, w) for _, n, w in told(read_text(tmp_path, text))] == said


def test_empty_lines_below_the_words_of_a_heading_belong_to_the_message(tmp_path: Path) -> None:
    text = "".join(f"2024-03-05 {c}, {n} : {w}\n" for c, n, w in ROWS).replace("word 3 of many", "word 3\n\n\nof many")
    assert told(read_text(tmp_path, text))[3][2] == "word 3\n\n\nof many"


def test_marks_before_some_headings_and_angles_around_media_change_nothing(tmp_path: Path) -> None:
    lines = [f"[3/27/24, {c}] {n}: {w}" for c, n, w in ROWS]
    lines[2:8:2] = [
        f"\u200e[3/27/24, {c}] {n}: \u200e<attached: 000000{c[3:5]}-PHOTO-2024-03-27-21-41-55.jpg>"
        for c, n, _ in ROWS[2:8:2]
    ]
    reading = read_text(tmp_path, "\n".join(lines), "_chat.txt")
    assert reading.messages["kind"].to_list() == ["text"] * 2 + ["image", "text"] * 3 + ["text"] * 6


@pytest.mark.parametrize("day", some(["3/18/R4", "3/18/2565 BE", "令和4年3月18日", "18.03.2565"], 2))
def test_headings_may_count_years_by_another_era(tmp_path: Path, day: str) -> None:
    reading = read_text(tmp_path, "\n".join(f"[{day}, {c}] {n}: {w}" for c, n, w in ROWS), "_chat.txt")
    assert told(reading) == ROWS
    assert set(reading.messages["sent_at"].dt.date().cast(str)) == {"2022-03-18"}


def test_names_that_a_blank_alone_parts_from_the_words_are_asked_about(tmp_path: Path) -> None:
    lines = [f"{c[:5]} {n} {w} there" for c, n, w in [*ROWS[:5], ("11:00:00", "Carol", "hi")]]
    with pytest.raises(UsageError, match="sender"):
        read_text(tmp_path, "\n".join(["2024.03.05 Tuesday", *lines]), "[LINE]Ben.txt")


def test_the_half_of_the_day_in_another_language_is_no_sender(tmp_path: Path) -> None:
    lines = [f"[5/{i}/24, 10:00:0{i} {('π.μ.', 'μ.μ.')[i % 2]}] {n}: {w}" for i, (_, n, w) in enumerate(ROWS[1:9], 1)]
    reading = read_text(tmp_path, "\n".join(lines), "_chat.txt")
    assert [(n, w) for _, n, w in told(reading)] == [(n, w) for _, n, w in ROWS[1:9]]
    hours = reading.messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.hour().to_list()
    assert hours == [(10, 22)[i % 2] for i in range(1, 9)]


def test_the_half_of_the_day_may_stand_before_a_bar(tmp_path: Path) -> None:
    lines = [f"{i}/3/2024, 10:00 {('π.μ.', 'μ.μ.')[i % 2]} | {n} | {w}" for i, (_, n, w) in enumerate(ROWS, 1)]
    reading = read_text(tmp_path, "\n".join(lines))
    assert [(n, w) for _, n, w in told(reading)] == [(n, w) for _, n, w in ROWS]
    assert reading.messages["sent_at"].null_count() == 0


@pytest.mark.parametrize("day", some(["Tue, 03/05/2024", "05/03/2024(火)", "03/05/2024 화요일", "05/03/2024(Tue)"], 2))
def test_the_day_of_the_week_tells_which_number_is_the_month(tmp_path: Path, day: str) -> None:
    lines = [f"{c[:5]}\t{n}\t{w}" for c, n, w in ROWS[:6]]
    reading = read_text(tmp_path, "\n".join(["[LINE] Chat history with Anna", "", day, *lines]))
    local = reading.messages["sent_at"].dt.convert_time_zone("Asia/Shanghai")
    assert set(local.dt.strftime("%Y-%m-%d").to_list()) == {"2024-03-05"}


def test_a_time_that_begins_a_day_is_no_message(tmp_path: Path) -> None:
    lines = [f"2016년 2월 {5 + i // 7}일 오전 {c[:5]}, {n} : {w}" for i, (c, n, w) in enumerate(ROWS)]
    text = [
        "Anna 님과 카카오톡 대화",
        "",
        "2016년 2월 5일 오전 8:33",
        *lines[:7],
        "",
        "2016년 2월 6일 오전 8:33",
        *lines[7:],
    ]
    assert [w for *_, w in told(read_text(tmp_path, "\n".join(text)))] == WORDS


def test_a_line_without_the_tab_behind_names_is_a_notice(tmp_path: Path) -> None:
    lines = [f"{c[:5]}\t{n}\t{w}" for c, n, w in ROWS[:4]]
    lines += ["11:00\t☎ Missed call", "11:01\tAnna unsent a message.", "11:02\tAnna\t☎ Call time 0:12"]
    rows = read_text(tmp_path, "\n".join(["[LINE] Chat history with Anna", "", "2024/03/05(Tue)", *lines])).messages
    assert rows["sender"].to_list() == [*NAMES[:4], None, None, "Anna"]
    assert rows["kind"].to_list() == ["text"] * 4 + ["call", "recall", "call"]


def test_placeholders_of_a_client_that_names_itself_are_kinds(tmp_path: Path) -> None:
    said = ["사진", "사진 2장", "동영상", "이모티콘", "파일: a.pdf", "사진 좋아요"]
    lines = [f"[Anna] [오전 9:0{i}] {w}" for i, w in enumerate(said)] + ["[Ben] [오전 9:30] 네"]
    text = [
        "Anna 님과 카카오톡 대화",
        "저장한 날짜 : 2020-11-03 10:44:52",
        "",
        "--------------- 2020년 6월 28일 일요일 ---------------",
    ]
    kinds = read_text(tmp_path, "\n".join([*text, *lines])).messages["kind"].to_list()
    assert kinds == ["image", "image", "video", "sticker", "file", "text", "text"]


def test_headings_with_a_time_of_another_client_are_no_copied_names(tmp_path: Path) -> None:
    text = "".join(f"{n}, [Mar 5, 2024 at {c}]:\n{w}\n\n" for c, n, w in ROWS)
    assert told(read_text(tmp_path, text)) == ROWS


@pytest.mark.parametrize(
    "time", some(["05-Mar-24 {c}", "Tue Mar 05 2024 {c} GMT+0800 (China Standard Time)", "2024-03-05 {c}"], 2)
)
def test_two_lines_of_name_and_words_are_two_messages(tmp_path: Path, time: str) -> None:
    reading = read_text(tmp_path, "".join(f"{time.format(c=c)} {n}: {w}\n" for c, n, w in ROWS[:2]))
    assert told(reading) == ROWS[:2]


def test_an_arrow_in_every_heading_stands_between_sender_and_receiver(tmp_path: Path) -> None:
    pairs = ["Anna -> Ben", "Ben -> Anna", "Anna -> Carol", "Carol -> Anna"] * 4
    text = "\n".join(f"[2025-06-01 10:{i:02d}:22] {p}: word {i} of many" for i, p in enumerate(pairs))
    found = read_text(tmp_path, text).messages
    assert found["sender"].to_list() == ["Anna", "Ben", "Anna", "Carol"] * 4
    assert found["text"].to_list() == [f"word {i} of many" for i in range(16)]


def boxed(clocks: Sequence[str]) -> str:
    edge = f".{'-' * 50}.\n"
    head = f"{edge}| Début de session : jeudi 12 mars 2009   |\n| Participants :      |\n|    Ben (ben@example.org)     |\n{edge}"
    return head + "".join(f"[{c}] {('Anna', 'Ben')[i % 2]} : word {i}\n" for i, c in enumerate(clocks))


def test_a_day_in_a_box_is_that_of_the_clocks_below_it(tmp_path: Path) -> None:
    messages = read_text(tmp_path, boxed(["20:00:00", "20:00:10", "20:01:00", "20:02:00"])).messages
    assert str(messages["sent_at"][0]) == "2009-03-12 12:00:00+00:00"
    assert messages["text"].to_list() == [f"word {i}" for i in range(4)]


def test_a_day_in_a_box_above_clocks_that_pass_midnight_is_not_taken_for_all_of_them(tmp_path: Path) -> None:
    with pytest.raises(ReconcileError):
        read_text(tmp_path, boxed(["23:58:00", "23:59:00", "00:01:10", "00:02:00"]))


def test_what_stands_below_the_rule_that_ends_a_page_is_nobodys_words(tmp_path: Path) -> None:
    said = "".join(f"<h4>{('Anna', 'Ben')[i % 2]} (Oct 23 2024 at 06:5{i}):</h4><p>word {i}</p>" for i in range(4))
    page = f"<h2>Stream: plans</h2><hr>{said}<hr><p>Last updated: Aug 22 2026 at 00:37 UTC</p>"
    reading = read_text(tmp_path, f"<html><body>{page}</body></html>", "a.html")
    assert reading.messages["text"].to_list() == [f"word {i}" for i in range(4)]
    assert any("Last updated" in n.excerpt for n in reading.notes if n.code == "row_skipped")


def test_a_rule_that_messages_hold_ends_nothing(tmp_path: Path) -> None:
    words = ["first", "a list\n---\nand more", "third", "a list\n---\nthe end"]
    said = "".join(f"[2024-03-05 09:0{i}:07] {('Anna', 'Ben')[i % 2]}: {w}\n" for i, w in enumerate(words))
    assert read_text(tmp_path, f"Chat\n---\n{said}").messages["text"].to_list() == words


def test_a_line_that_numbers_the_message_it_answers_is_no_words(tmp_path: Path) -> None:
    answers = {
        2: "> Replying to message #102\n\n",
        4: "> Replying to message #88\n\n",
        5: "> Replying to message #91\n\n",
    }
    said = [f"### 09:0{i} - {('Anna', 'Ben')[i % 2]}\n{answers.get(i, '')}word {i}\n\n" for i in range(8)]
    text = f"# Chat\n\n---\n\n## 2024-03-05\n\n{''.join(said)}---\n\n## 2024-03-04\n\n{''.join(said)}"
    reading = read_text(tmp_path, text, "a.md")
    assert reading.messages["text"].to_list() == [f"word {i}" for i in range(8)] * 2
    assert "> Replying to message #88" in skipped(reading)


def test_quoted_words_that_recur_stay_words(tmp_path: Path) -> None:
    words = [f"> shall we meet at 10\n\nno {i}" for i in range(6)]
    said = "".join(f"[2024-03-05 09:0{i}:07] {('Anna', 'Ben')[i % 2]}: {w}\n" for i, w in enumerate(words))
    assert read_text(tmp_path, said).messages["text"].to_list() == words


STAMPED = "----- 2024-03-02 23:04 -----\nAnna  23:04\none\n\nAnna  23:05\ntwo\n\nBen  23:06\nthree\n\n----- 2024-03-03 09:12 -----\nAnna  09:12\nfour\n\nBen  09:15\nfive\n"


@pytest.mark.parametrize("framed", some(["----- {} -----", "{}", "—— {} ——"], 2))
def test_a_day_above_clocks_may_stand_with_the_first_of_them(tmp_path: Path, framed: str) -> None:
    text = STAMPED
    for stamp in ("2024-03-02 23:04", "2024-03-03 09:12"):
        text = text.replace(f"----- {stamp} -----", framed.format(stamp))
    assert spoken(read_text(tmp_path, text), "%d %H:%M") == [
        ("02 23:04", "Anna", "one"),
        ("02 23:05", "Anna", "two"),
        ("02 23:06", "Ben", "three"),
        ("03 09:12", "Anna", "four"),
        ("03 09:15", "Ben", "five"),
    ]


@pytest.mark.parametrize("other", [("Ben  23:06", "Ben  00:06"), ("Anna  09:12", "Anna  13:12")])
def test_a_time_that_is_not_that_of_the_clocks_below_it_is_no_day(tmp_path: Path, other: tuple[str, str]) -> None:
    with pytest.raises(ReconcileError):
        read_text(tmp_path, STAMPED.replace(*other))


@pytest.mark.parametrize("weekday", some(["(อ)", "（อา）", "(mar.)", "(пн)"], 2))
def test_letters_in_brackets_behind_a_date_are_a_weekday_of_any_language(tmp_path: Path, weekday: str) -> None:
    text = f"2026/09/01 {weekday}\n09:12\tAnna\tone\n09:15\tBen\ttwo\n10:15\tAnna\tthree\n\n2026/09/02 {weekday}\n08:30\tBen\tfour\n"
    days = [("01 09:12", "Anna", "one"), ("01 09:15", "Ben", "two"), ("01 10:15", "Anna", "three"), ("02 08:30", "Ben", "four")]  # fmt: skip
    assert spoken(read_text(tmp_path, text), "%d %H:%M") == days


RULED = {
    "below times": "2024-03-22 10:{i:02}:05\n---\n{n}: {w}\n\n",
    "below times without empty lines": "2024-03-22 10:{i:02}:05\n---\n{n}: {w}\n",
    "below titles": "## 2024-03-22 10:{i:02}:05\n\n---\n\n{n}: {w}\n\n",
    "below messages": "2024-03-22 10:{i:02}:05 {n}: {w}\n---\n",
    "below messages in brackets": "[2024-03-22 10:{i:02}:05] {n}: {w}\n---\n",
}
SIX = ["one more", "yes please", "see you", "no", "maybe later", "ok then"]


@pytest.mark.parametrize("layout", some(RULED.values(), 2), ids=some(RULED, 2))
def test_rules_below_headings_are_no_words(tmp_path: Path, layout: str) -> None:
    people = [["Ben", "Anna"][i % 2] for i in range(6)]
    text = "".join(layout.format(i=i, n=people[i], w=SIX[i]) for i in range(6))
    found = read_text(tmp_path, text).messages
    assert list(zip(found["sender"], found["text"], strict=True)) == list(zip(people, SIX, strict=True))


@pytest.mark.parametrize(
    "day", some(["2024-03-22\n---\n", "# 2024-03-22\n\n---\n", "Chat\n====\n2024-03-22\n-----\n"], 2)
)
def test_a_day_may_be_underlined(tmp_path: Path, day: str) -> None:
    text = day + "".join(f"10:{i:02} {['Ben', 'Anna'][i % 2]}: {w}\n" for i, w in enumerate(SIX))
    assert read_text(tmp_path, text).messages["text"].to_list() == SIX


def test_times_and_rules_below_messages_are_not_taken_for_headings(tmp_path: Path) -> None:
    text = "".join(f"{['Ben', 'Anna'][i % 2]}: {w}\n2024-03-22 10:{i:02}:05\n---\n" for i, w in enumerate(SIX))
    with pytest.raises(ReconcileError):
        read_text(tmp_path, text)


@meeting(
    month=["Dec", "dec", "dic", "Dez", "déc."],
    opening=["BEGIN LOGGING AT Mon Dec", "INIZIO DEL LOG Mon Dec", "BEGINN lun {month}"],
)
def test_months_of_a_log_may_be_small_or_foreign(tmp_path: Path, month: str, opening: str) -> None:
    said = "".join(f"{month} 31 21:1{i}:58 <{'ab'[i % 2]}nna> {w}\n" for i, w in enumerate(SIX))
    text = f"**** {opening.format(month=month)} 31 21:09:55 2011\n\n{said}{month} 31 39:95:90 <anna> odd\n"
    rows = spoken(read_text(tmp_path, text, "x.log"), "%Y-%m-%d %H:%M:%S")
    assert rows[0] == ("2011-12-31 21:10:58", "anna", "one more")
    assert len(rows) == 6


def test_a_month_of_an_unknown_language_is_nobody(tmp_path: Path) -> None:
    said = "".join(f"joulu 31 21:1{i}:58 <{'ab'[i % 2]}nna> {w}\n" for i, w in enumerate(SIX))
    with pytest.raises(ReconcileError):
        read_text(tmp_path, f"**** BEGIN LOGGING AT Mon Dec 31 21:09:55 2011\n\n{said}", "x.log")


SAID = [
    "update",
    "a: b",
    "it's *done*",
    "no, thanks",
    "yes - maybe",
    "> quoted",
    "1",
    "ok",
    "when?",
    "at 5",
    "fine",
    "so",
    "I see",
    "bye",
]


def said(layout: str) -> str:
    """The conversation with every message in this layout."""
    rows = zip(CLOCKS, NAMES, SAID, strict=True)
    return "\n".join(layout.format(t=f"2024-03-05 {c}", n=n, w=w) for c, n, w in rows)


@meeting(sign=["｜", "；", "、", ";"], layout=["{t}S{n}S{w}", "{n}S{t}S{w}", "{t} S {n} S {w}"])
def test_signs_of_hand_typed_lists_part_times_and_names_as_bars_do(tmp_path: Path, layout: str, sign: str) -> None:
    text = said(layout.replace("S", sign)).replace("a: b", f"a{sign}b")
    found = read_text(tmp_path, f"记录（本人：Anna）\n{text}\n").messages
    assert found["text"].to_list() == [w.replace("a: b", f"a{sign}b") for w in SAID]
    assert found["sender"].to_list() == NAMES


@pytest.mark.parametrize(
    "layout",
    some([
        "{t}\n\n **{n}** :\n\n >{w}\n", "{t}\n\n** {n} ** :\n\n> {w}\n", "{t}\n__{n}__ :\n{w}\n", "{t}\n{n} : {w}\n",
        "**{n}** ({t})\n\n> {w}\n", "### {n} {t}\n- {w}\n",
    ], 2),
)  # fmt: skip
def test_blanks_around_marks_and_a_mark_before_every_text_belong_to_the_form(tmp_path: Path, layout: str) -> None:
    for name in ("chat.md", "chat.txt"):
        found = read_text(tmp_path, f"A talk\n{said(layout)}", name).messages
        assert found["text"].to_list() == SAID
        assert found["sender"].to_list() == NAMES


def test_a_quotation_mark_before_the_first_line_of_each_text_alone_is_the_form_s(tmp_path: Path) -> None:
    text = said("**{n}** ({t})\n\n> {w}\n").replace("> I see\n", "> I see\nand go on\n")
    assert read_text(tmp_path, text, "chat.md").messages["text"][12] == "I see\nand go on"


@pytest.mark.parametrize(
    "stated", some(["Tue Nov  5 19:00:42 2019 UTC", "2019-11-05 19:00:42", "5 November 2019, 19:00:42"], 2)
)
def test_a_whole_time_beside_its_own_clock_dates_a_log_of_clocks(tmp_path: Path, stated: str) -> None:
    lines = [f"19:{i:02}:42 <{('aj', 'sipa')[i % 2]}> word {i} of many" for i in range(30)]
    lines.insert(1, f"19:00:42 <bot> Meeting started {stated}.  The chair is aj.")
    messages = read_text(tmp_path, "\n".join(lines)).messages
    days = messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d %H")
    assert messages.height == 31
    assert set(days) == {"2019-11-05 19"}


def test_a_log_of_clocks_whose_day_is_nowhere_beside_them_is_not_read(tmp_path: Path) -> None:
    lines = [f"19:{i:02}:42 <{('aj', 'sipa')[i % 2]}> word {i} of 2019-11-05 12:00:00" for i in range(30)]
    with pytest.raises(ReconcileError):
        read_text(tmp_path, "\n".join(lines))


@pytest.mark.parametrize(
    ("opening", "closing", "layout"),
    [
        ("--- Log opened {}", "--- Log closed {}", "{d} {c} <{n}> {w}"),
        ("# Start logging at {} JST", "# Stop logging at {} JST", "[{c}]  {n}: {w}"),
        ("# 开始记录 {}", "# 结束记录 {}", "[{d} {c}] {n}: {w}"),
    ],
)
def test_the_line_that_closes_a_log_is_no_words(tmp_path: Path, opening: str, closing: str, layout: str) -> None:
    said = [layout.format(d="2024-03-05", c=c, n=n, w=w) for c, n, w in ROWS]
    ends = [opening.format("2024-03-05 09:00:02"), closing.format("2024-03-05 12:40:10")]
    reading = read_text(tmp_path, "\n".join([ends[0], *said, ends[1]]))
    assert reading.messages["text"].to_list() == WORDS
    assert ends[1] in skipped(reading)


def test_a_heading_quoted_behind_the_bar_of_the_words_begins_no_message(tmp_path: Path) -> None:
    quoted = "\n│ ◆ Anna ◇ 2024-02-20 08:00:00\n│ so be it"
    said = [f"◆ {n} ◇ 2024-03-05 {c}\n│ {w}{quoted * (i == 5)}\n" for i, (c, n, w) in enumerate(ROWS)]
    messages = read_text(tmp_path, "\n".join(said)).messages
    assert messages["sender"].to_list() == NAMES
    assert messages["text"][5] == WORDS[5] + quoted.replace("│ ", "")


def test_a_last_line_indented_as_the_words_are_is_of_them(tmp_path: Path) -> None:
    end = "\n\n-- done"
    text = "".join(f"{n} [2024-03-05 {c}]:\n  {w}\n  \n  -- done\n" for c, n, w in ROWS)
    assert told(read_text(tmp_path, text)) == [(c, n, w + end) for c, n, w in ROWS]


@pytest.mark.parametrize(
    "cue",
    some(
        ["{i}\n00:00:{s},000 --> 00:00:{s},900", "00:{s}.000 --> 00:{s}.900 align:start", "0:00:{s}.000,0:00:{s}.900"],
        2,
    ),
)
def test_cues_of_subtitles_belong_to_no_message(cue: str, tmp_path: Path) -> None:
    said = [f"{cue.format(i=i, s=10 + i)}\n[2024-03-01 {c}] {n}: {w}\n\n" for i, (c, n, w) in enumerate(ROWS, 1)]
    assert told(read_text(tmp_path, "".join(said), "a.srt")) == ROWS


@pytest.mark.parametrize(("next_day", "day"), [("Wed Mar 06 2024", "2024-03-05"), ("Thu Mar 07 2024", None)])
def test_a_log_opened_hours_before_its_first_message_gives_its_day_where_the_next_one_follows(
    tmp_path: Path, next_day: str, day: str | None
) -> None:
    lines = [f"11:{10 + n} <anna> word number {n}" for n in range(4)]
    later = [f"08:{10 + n} <ben> answer number {n}" for n in range(6)]
    text = "\n".join(["--- Log opened Tue Mar 05 09:05:07 2024", *lines, f"--- Day changed {next_day}", *later]) + "\n"
    sent = read_text(tmp_path, text).messages["sent_at"][0]
    assert (sent.strftime("%Y-%m-%d") if sent else None) == day


def test_a_day_above_a_notice_without_a_time_holds_for_the_messages_below_it(tmp_path: Path) -> None:
    days = [f"--------------- 2018년 3월 {d}일 {w}요일 ---------------" for d, w in ((5, "월"), (6, "화"), (7, "수"))]
    lines = [f"[{n}] [오전 {c[1:5]}] {w}" for c, n, w in ROWS[:4]]
    text = [days[0], "Anna님이 들어왔습니다.", lines[0], days[1], "Ben님이 나갔습니다.", lines[1], days[2], *lines[2:]]
    reading = read_text(tmp_path, "\n".join(["Anna 님과 카카오톡 대화", "", *text]))
    local = reading.messages["sent_at"].dt.convert_time_zone("Asia/Shanghai")
    assert local.dt.day().to_list() == [5, 6, 7, 7]
    assert reading.messages["text"].to_list() == WORDS[:4]
    assert any("Ben님이 나갔습니다." in line for line in skipped(reading))


def test_times_before_their_dates_above_the_messages_of_a_day_are_no_bars(tmp_path: Path) -> None:
    lines = [f"{c[1:5]}AM, March {8 + i // 3}, 2013, {n} : {w}" for i, (c, n, w) in enumerate(ROWS[:12])]
    text = [line for i in range(0, 12, 3) for line in ("", f"9:00AM, March {8 + i // 3}, 2013", *lines[i : i + 3])]
    rows = read_text(tmp_path, "\n".join(["KakaoTalk Chats", "", *text])).messages
    assert rows.select("sender", "text").rows() == [(n, w) for _, n, w in ROWS[:12]]


def test_a_whole_date_among_words_keeps_no_chat_of_clocks_from_being_asked_about(tmp_path: Path) -> None:
    lines = [f"[{c[:5]}] <{n}> {w}" for c, n, w in ROWS]
    lines[7] += ", dated Wed May 23 17:42:09 2007"
    with pytest.raises(UsageError, match="date"):
        read_text(tmp_path, "\n".join(lines))


def test_what_a_program_writes_behind_its_signs_above_and_between_messages_is_no_words(tmp_path: Path) -> None:
    lines = ["=== Carol entered the room."]
    for i, (c, n, w) in enumerate(ROWS):
        lines += [f"[2024-03-05 {c}] <{n}> {w}", *[f"=== {n} left the room ({i}, {k})." for k in range(i % 3)]]
    reading = read_text(tmp_path, "\n".join(lines))
    assert told(reading) == ROWS
    assert any("Ben Ode left the room" in line for line in skipped(reading))


def test_a_day_and_a_clock_alone_in_the_words_before_a_bracketed_heading_of_that_day_stay_words(tmp_path: Path) -> None:
    lines = [f"[07.06.23, {c}] {n}: {w}" for c, n, w in ROWS]
    lines.insert(3, "07.06.23, 18:00")
    assert told(read_text(tmp_path, "\n".join(lines)))[2][2] == f"{WORDS[2]}\n07.06.23, 18:00"
