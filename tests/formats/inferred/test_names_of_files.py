"""Names of files that a form states are read and compared, however it writes them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reconcile import compare
from reconcile.intake.contract import Reading
from tests.build.readings import read_text
from tests.thorough import some

NAMES = "合同终稿.pdf", "报价单.xls"
SAID = ["hello there my friend", "how are you today", "", "see you in the evening then", "fine by me", "I will call you tomorrow"]  # fmt: skip


def lines(line: str, shown: str, head: str = "") -> str:
    """A chat in which the third message is a file."""
    rows = ((13 + 3 * i, "AB"[i % 2], text or shown) for i, text in enumerate(SAID))
    return head + "".join(line.format(at=at, who=f"{who}nna", text=text) + "\n" for at, who, text in rows)


def objects(shown: str, **more: str) -> str:
    """The same as JSON, with further fields of the file."""
    plain = {"type": "text"} if "type" in more else dict.fromkeys(more)
    rows = [
        {"timestamp": 1_700_000_000_000 + 180_000 * i, "sender": f"{'AB'[i % 2]}nna", "content": t or shown, **(plain if t else more)}
        for i, t in enumerate(SAID)
    ]  # fmt: skip
    return json.dumps(rows)


PLAIN, ANDROID, IPHONE = (
    "2023-11-15 06:{at} {who}: {text}",
    "15/11/23, 06:{at} - {who}: {text}",
    "[15/11/2023, 06:{at}:20] {who}: {text}",
)
FORMS: dict[str, Callable[[str], str]] = {
    "lark": lambda n: objects(f'<file key="file_1" name="{n}"/>'), "column": lambda n: objects("", file_name=n), "kind": lambda n: objects(n, type="file"),
    "copied": lambda n: lines(PLAIN, f"[文件] {n}"), "colon": lambda n: lines(PLAIN, f"[文件：{n}]"), "English": lambda n: lines(PLAIN, f"[File: {n}]"),
    "wide": lambda n: lines(PLAIN, f"【文件】{n}"), "round": lambda n: lines(PLAIN, f"（文件：{n}）"), "link": lambda n: lines(PLAIN, f"[{n}](files/{n})"),
    "Android": lambda n: lines(ANDROID, f"{n} (file attached)"), "German": lambda n: lines(ANDROID, f"{n} (Datei angehängt)"),
    "iPhone": lambda n: lines(IPHONE, f"\u200e{n} • \u200e2 pages \u200edocument omitted"), "Spanish": lambda n: lines(IPHONE, f"\u200e{n} \u200edocumento omitido"),
    "Korean": lambda n: lines("2023-11-15 06:{at}:20, {who} : {text}", f"파일: {n}", "카카오톡 대화\n"),
}  # fmt: skip


def read(folder: Path, form: str, name: str) -> Reading:
    text = FORMS[form](name)
    return read_text(folder, text, f"{form}.{'json' if text[0] == '[' and text[1] == '{' else 'txt'}")


@pytest.mark.parametrize("form", some(FORMS))
def test_a_changed_name_of_a_file_is_a_conflict_whatever_form_states_it(tmp_path: Path, form: str) -> None:
    at = [*FORMS].index(form)
    other = [*FORMS][at - 1]
    left, right = read(tmp_path, form, NAMES[0]), read(tmp_path, other, NAMES[0])
    assert left.messages["kind"][2] == "file"
    found = compare(left, right).alignment.filter(left_row=2).select("relation", "right_row").row(0)
    assert found == ("agreement", 2)
    changed = compare(left, read(tmp_path, other, NAMES[1])).alignment
    assert changed.filter(left_row=2)["relation"].to_list() == ["conflict"]
