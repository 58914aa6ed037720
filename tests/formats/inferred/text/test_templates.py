"""Texts in which a program writes by a template: logs with lines of its own, and headings of several lines."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read_text, skipped, spoken
from tests.thorough import some

_WORDS = ("在吗", "morning", "货什么时候到：周五？", "ok", "发票抬头改一下，谢谢", "不含税 (现金)")
_IDS = {"老周": "10023411", "Anna": "99801234", "王五": "771"}
ROWS = [
    (f"2024-03-05 09:{i:02}:11", [*_IDS][(i * i + i // 3) % 3], f"{_WORDS[i % 6]}{'。' * (i // 6)}") for i in range(18)
]


@pytest.mark.parametrize(
    ("said", "other"),
    some(
        [
            ("[{t}] [INFO]: 收到群 甲群(734) 内 {n}({id}) 的消息: {w} ({i})", "[{t}] [INFO]: 共加载 {i} 个好友"),
            ("{t},007 - bot - INFO - recv from {n}: {w}", "{t},007 - bot - INFO - heartbeat ok"),
            ("{t}  INFO 43 --- [pool-{i}] c.x.Msg : 收到 nick={n}, text={w}, id=m{i}==", "{t}  INFO 43 --- [pool-{i}] c.x.Key : ttl=7200"),
            ("{t} [SUCCESS] nb | Message -{i} from {id}@[群:88] '{w}'", "{t} [INFO] uvicorn | Startup step {i}"),
            ("{t} {i} cffb [INFO Client 145] @From {n}: {w}", "{t} {i} 2caa [DEBUG Client 145] Got details"),
        ]
    ),
)  # fmt: skip
def test_messages_among_a_programs_own_lines_are_told_from_these(tmp_path: Path, said: str, other: str) -> None:
    lines = [said.format(t=t, n=n, id=_IDS[n], w=w, i=4100 + 37 * i) for i, (t, n, w) in enumerate(ROWS)]
    others = [other.format(t=ROWS[i][0], i=i) for i in (0, 9, 15)]
    lines[0:0], lines[9:9], lines[15:15] = others[:1], others[1:2], others[2:]
    reading = read_text(tmp_path, "\n".join(lines), "a.log")
    names = _IDS if "{n}({id})" in said or "{n}" not in said else {n: n for n in _IDS}
    assert spoken(reading, "%F %T") == [(t, names[n], w) for t, n, w in ROWS]
    assert sorted(skipped(reading)) == sorted(others)


def test_other_lines_of_a_log_that_may_be_messages_are_asked_about(tmp_path: Path) -> None:
    lines = [f"[{t}] [INFO] chat ({n}) says: {w}" for t, n, w in ROWS]
    lines[4] = lines[9] = lines[13] = f"[{ROWS[4][0]}] [INFO] picture of Anna stored"
    with pytest.raises(UsageError, match="picture of Anna"):
        read_text(tmp_path, "\n".join(lines), "a.log")


@pytest.mark.parametrize(
    "block",
    some(
        [
            "Message at {t}\nUser: {id} ({n})\n{w}\n\n************\n\n",
            "User: {n}\nPosted on {t}\n{w}\n* * * * *\n",
            "On {t}\n{n} <{id}@example.com>\nwrote\n\n{w}\n\n~~~~~~~~\n",
        ]
    ),
)
def test_lines_around_a_time_belong_to_its_heading(tmp_path: Path, block: str) -> None:
    text = "".join(block.format(t=t, n=n, id=f"u{_IDS[n]}", w=w) for t, n, w in ROWS)
    reading = read_text(tmp_path, text)
    assert [(t, w) for t, _, w in spoken(reading, "%F %T")] == [(t, w) for t, _, w in ROWS]
    pairs = {*zip(reading.messages["sender"], (n for _, n, _ in ROWS), strict=True)}
    assert len(pairs) == len(_IDS) == len({s for s, _ in pairs})


def test_reactions_that_name_senders_are_no_words(tmp_path: Path) -> None:
    rows = [f"Message at {t}\nUser: u{_IDS[n]} ({n})\n{w}\n\n" for t, n, w in ROWS]
    rows[3] = rows[3].rstrip() + "\nReactions: +1 (u771, u10023411)\n\n"
    rows[7] = rows[7].rstrip() + "\nPlace: room (second floor)\n\n"
    texts = read_text(tmp_path, "".join(rows)).messages["text"]
    assert (texts[3], texts[7]) == (ROWS[3][2], ROWS[7][2] + "\nPlace: room (second floor)")


def test_few_phrases_before_most_words_are_asked_about(tmp_path: Path) -> None:
    text = "".join(f"{n}\n{w}\n{t} 来自 iPhone客户端\n\n" for t, n, w in ROWS)
    with pytest.raises(UsageError, match="begin with the same few phrases"):
        read_text(tmp_path, text)
