"""Separators without quotes belong to the words, in any column, or a note says where they went."""

from pathlib import Path

import pytest

from reconcile import read
from reconcile.errors import ReconcileError
from reconcile.vocabulary import NoteCode

SPACED = """timestamp,sender,receiver,chat,content,media
2026-04-01 09:12:00,Alice,Bob,Project,Hi Bob, how's the report?,
2026-04-01 09:15:10,Bob,Alice,Project,All good,attachment1.pdf
2026-04-02 14:05:00,Charlie,Alice,Private,Can we meet tomorrow?,
2026-04-02 14:10:00,Alice,Charlie,Private,Sure, let's do 10am, then,
"""
KNOWN_BEHIND = """time,sender,content,type
2026-04-01 09:12:00,甲,早上好,text
2026-04-01 09:13:00,乙,嗯,text
2026-04-01 09:14:00,甲,报告写完了,发给你,text
2026-04-01 09:15:00,乙,[图片],image
2026-04-01 09:16:00,乙,收到,谢谢,辛苦了,text
2026-04-01 09:17:00,甲,不客气,text
"""
FIRST = """id,content,sender,time
1,Hi Bob, how's the report?,Alice,2026-04-01 09:12:00
2,fine,Bob,2026-04-01 09:13:00
3,good, thanks, bye,Alice,2026-04-01 09:14:00
4,see you,Bob,2026-04-01 09:15:00
"""
LAST = """time,sender,content
2026-04-01 09:12:00,Alice,Hi Bob, how's the report?
2026-04-01 09:13:00,Bob,fine
2026-04-01 09:14:00,Alice,good, thanks
2026-04-01 09:15:00,Bob,see you
"""
UNTOLD = """time,sender,content,note
2026-04-01 09:12:00,Alice,hello,ok
2026-04-01 09:13:00,Bob,fine,seen
2026-04-01 09:14:00,Alice,good,thanks,later
2026-04-01 09:15:00,Bob,see,you,done
"""


OF_MAILS = """from,to,date,subject,content,folder,files
Ann Lee,Bob Ray,2024-01-20 10:00:00 UTC,,the roof leaks,INBOX,
Bob Ray,Ann Lee,2024-01-20 10:05:00 UTC,,Yes, I see. Since when?,INBOX,
Ann Lee,Bob Ray,2024-01-20 10:06:00 UTC,,When do you come?,INBOX,
Eve Kim,Ann Lee,2024-01-20 10:07:00 UTC,,Well, I was asked, too,INBOX,
Ann Lee,Bob Ray,2024-01-20 10:08:00 UTC,,tomorrow then,INBOX,
Bob Ray,Ann Lee,2024-01-20 10:09:00 UTC,,As promised, the bill,INBOX
"""
FEW_NAMES = """时间;发送者;内容;类型
2024-01-20 10:00:00;张三;你好;文本
2024-01-20 10:01:00;李四;合同改好了;发你;文本
2024-01-20 10:02:00;张三;收到;文本
2024-01-20 10:03:00;李四;行;再看看;明天;文本
2024-01-20 10:04:00;张三;好的;文本
2024-01-20 10:05:00;李四;[图片];图片
"""
QUOTED = """time,sender,content,media
2026-04-01 09:12:00,Alice,"Hi Bob, you there?",
2026-04-01 09:13:00,Bob,"yes",
2026-04-01 09:14:00,Alice,one, two,
2026-04-01 09:15:00,Bob,see you,a.jpg
2026-04-01 09:16:00,Alice,three, four, five,
"""


def joined_to(tmp_path: Path, table: str) -> tuple[list[str], list[str]]:
    (tmp_path / "a.csv").write_text(table, "utf-8")
    reading = read(tmp_path / "a.csv")
    return reading.messages["text"].to_list(), [n.excerpt for n in reading.notes if n.code is NoteCode.ODD_VALUE]


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        (SPACED, 5, ["Hi Bob, how's the report?", "All good", "Can we meet tomorrow?", "Sure, let's do 10am, then"]),
        (KNOWN_BEHIND, 3, ["早上好", "嗯", "报告写完了,发给你", "[图片]", "收到,谢谢,辛苦了", "不客气"]),
        (FIRST, 2, ["Hi Bob, how's the report?", "fine", "good, thanks, bye", "see you"]),
        (
            OF_MAILS,
            5,
            [
                "the roof leaks",
                "Yes, I see. Since when?",
                "When do you come?",
                "Well, I was asked, too",
                "tomorrow then",
                "As promised, the bill",
            ],
        ),
        (FEW_NAMES, 3, ["你好", "合同改好了;发你", "收到", "行;再看看;明天", "好的", "[图片]"]),
        (QUOTED, 3, ["Hi Bob, you there?", "yes", "one, two", "see you", "three, four, five"]),
    ],
    ids=[
        "a blank behind the comma",
        "known cells behind the words",
        "words before sender and time",
        "a last separator that is missing",
        "names that stand once",
        "quotes in other rows",
    ],
)
def test_words_that_are_not_the_last_column_keep_their_commas(
    tmp_path: Path, table: str, column: int, words: list[str]
) -> None:
    texts, notes = joined_to(tmp_path, table)
    assert texts == words
    assert notes == [f"rows of more cells than the heading: the rest is joined to column {column}"]


def test_words_of_the_last_column_keep_their_commas_without_a_note(tmp_path: Path) -> None:
    assert joined_to(tmp_path, LAST) == (["Hi Bob, how's the report?", "fine", "good, thanks", "see you"], [])


def test_a_rest_that_may_belong_to_two_columns_is_noted(tmp_path: Path) -> None:
    notes = joined_to(tmp_path, UNTOLD)[1]
    assert notes == ["rows of more cells than the heading: the rest is joined to column 4"]


def barred(quoted: str, *more: str) -> str:
    """A history of bars: time, number of a kind, name, marks and words, the third of these with a quote."""
    words = ["hello", "good morning to you", quoted, "fine then", "see you at ten", *more]
    sides = ["Ann", "Ben"]
    return "".join(f"|2021-03-04T09:{i:02}:05|1|{sides[i % 2]}|N---|{w} {i}\n" for i, w in enumerate(words * 4))


def test_a_quote_that_opens_in_one_row_and_never_closes_swallows_no_row(tmp_path: Path) -> None:
    path = tmp_path / "history.txt"
    path.write_text(barred('"so he said', 'the "last" word'), encoding="utf-8")
    messages = read(path).messages
    assert messages["text"].to_list()[:3] == ["hello 0", "good morning to you 1", '"so he said 2']
    assert messages.height == 24
    assert set(messages["sender"]) == {"Ann", "Ben"}


def test_lines_in_a_quoted_cell_stay_one_cell_even_if_they_look_like_rows(tmp_path: Path) -> None:
    path = tmp_path / "chat.csv"
    pasted = '"look:\n2024-01-01 10:00:00,Ann,pasted\n2024-01-01 10:01:00,Ben,too"'
    rows = [
        f"2024-01-02 10:{i:02}:00,{'Ann' if i % 2 else 'Ben'},{pasted if i == 3 else f'fine {i} of many'}"
        for i in range(12)
    ]
    path.write_text("time,sender,text\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert read(path).messages.height == 12


def test_a_row_that_lost_a_separator_keeps_its_words_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "history.txt"
    path.write_text(barred("well; well") * 2 + "|2021-03-05T09:01:05|1|Ben|N--- the end, of all\n", encoding="utf-8")
    reading = read(path)
    assert reading.messages["text"][-1] == "N--- the end, of all"
    assert reading.messages["text"][0] == "hello 0"
    assert any(n.code is NoteCode.ODD_VALUE and "N--- the end" in (n.excerpt or "") for n in reading.notes)


def test_a_small_number_before_the_cells_of_a_damaged_table_is_no_sender(tmp_path: Path) -> None:
    path = tmp_path / "history.txt"
    lines = barred("well; well").replace("|N---|fine", "|N-|-|fine").replace("|N---|see", "||N---|see").splitlines()
    odd = [f"|2021-03-06T09:{i:02}:05|1|Ben||N-|-|{w}" for i, w in enumerate(["a spoiled row", "and more"] * 9)]
    path.write_text("\n".join(lines + odd) + "\n", encoding="utf-8")
    with pytest.raises(ReconcileError):
        read(path)


def test_quoted_words_that_end_in_a_comma_keep_their_quotes_as_quotes(tmp_path: Path) -> None:
    path = tmp_path / "chat.csv"
    rows = [f"2024-01-02 10:{i:02}:00,Ann{i % 2},fine {i} of many" for i in range(12)]
    rows[3], rows[8] = (f'2024-01-02 10:{i:02}:00,Ann{i % 2},"well, then {i},"' for i in (3, 8))
    path.write_text("time,sender,text\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert read(path).messages["text"].to_list()[3] == "well, then 3,"
