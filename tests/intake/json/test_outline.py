"""A JSON export is recognised by its keys wherever they stand, also behind lists longer than what is looked at first."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile import read
from reconcile.intake.json.outline import outline_of
from reconcile.intake.source import HEAD_BYTES
from tests.contracts.golden import EXPORTS
from tests.thorough import examples

EVENTS = [
    {"id": f"e{n}", "type": "message", "participant": "ab"[n % 2], "conversation": "c", "timestamp": f"2024-03-01T09:{n // 60 % 60:02d}:{n % 60:02d}+08:00", "body": f'第{n}条 "[{{\\'}
    for n in range(900)
]  # fmt: skip
MANIFEST: dict[str, Any] = {
    "version": "2.0.0", "participants": [{"id": "a", "display": "甲"}, {"id": "b", "display": "乙"}],
    "conversations": [{"id": "c", "platform": "WeChat", "participants": ["a", "b"]}], "events": EVENTS,
}  # fmt: skip


@pytest.mark.parametrize("last", ["version", "participants", "conversations", "events"])
def test_rsmf_manifest_is_known_whatever_key_stands_last(tmp_path: Path, last: str) -> None:
    told = {k: v for k, v in reversed(MANIFEST.items()) if k != last} | {last: MANIFEST[last]}
    (tmp_path / "m.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    assert read(tmp_path / "m.json").messages.height == len(EVENTS)


@pytest.mark.parametrize("form", ["weflow_json/rent_side_a", "ciphertalk_json/rent_side_a", "wechatdecrypt_json/rent_side_a", "weflow_arkme/rent_side_a", "echotrace_json/rent_side_a", "chatlab_json/weflow_side_a"])  # fmt: skip
def test_chat_export_is_known_whose_messages_stand_first(tmp_path: Path, form: str) -> None:
    file = next(f for f in (EXPORTS / form / "input").rglob("*.json"))
    told = json.loads(file.read_bytes())
    messages = told.pop("messages")
    many = (messages * (HEAD_BYTES // 2_000 + 2_000 // len(messages)))[: HEAD_BYTES // 100]
    (tmp_path / "chat.json").write_text(json.dumps({"messages": many} | told, ensure_ascii=False), "utf-8")
    assert read(tmp_path / "chat.json").facts.reader == form.split("/", maxsplit=1)[0]


VALUES = st.recursive(st.text() | st.integers() | st.booleans() | st.none(), lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=12)  # fmt: skip


@settings(max_examples=examples(30, 100))
@given(st.dictionaries(st.text(), VALUES, min_size=1))
def test_outline_of_a_short_object_is_the_object(
    tmp_path_factory: pytest.TempPathFactory, value: dict[str, Any]
) -> None:
    file = tmp_path_factory.getbasetemp() / "outline.json"
    file.write_text(json.dumps(value, ensure_ascii=False), "utf-8", "surrogatepass")
    assert json.loads(outline_of(file)) == value


def test_outline_of_a_long_object_has_its_keys_and_the_beginning_of_its_lists(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps(MANIFEST, ensure_ascii=False), "utf-8")
    told = json.loads(outline_of(tmp_path / "m.json"))
    assert list(told) == list(MANIFEST)
    assert told["events"] == EVENTS[: len(told["events"])]
    assert 20 < len(told["events"]) < 200
