"""Kinds by the names that a form or somebody who translated its column gives them."""

from pathlib import Path

import polars as pl
import pytest

import reconcile
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kind_of_name, names_with_translations

HEAD = "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime"


def test_names_of_the_form_win_and_words_that_name_no_kind_stay_unknown() -> None:
    told = names_with_translations({"文本": Kind.TEXT, "link": Kind.OTHER}, pl.Series(["Text", "link", "Quux", "49"]))
    assert told == {"文本": "text", "link": "other", "Text": "text"}


@pytest.mark.parametrize("names", [("Text", "Image", "Voice"), ("текст", "фото", "аудио"), ("文本", "图片", "语音")])
def test_translated_kinds_of_a_known_table_are_its_kinds(tmp_path: Path, names: tuple[str, ...]) -> None:
    rows = [
        f"{i},48539868144715949{i:02},{names[i % 3]},{i % 2},wxid_{'ab'[i % 2]}bcdefgh22,wxid_abcdefgh22,话{i},,2024-03-17 18:56:{i:02}"
        for i in range(9)
    ]
    (tmp_path / "周海.csv").write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    messages = reconcile.read(tmp_path / "周海.csv").messages
    assert messages["kind"].cast(pl.String).to_list() == ["text", "image", "voice"] * 3


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ChannelNameChange", Kind.SYSTEM),
        ("RecipientAdd", Kind.SYSTEM),
        ("Default", Kind.TEXT),
        ("MessageAdded", None),
        ("ImageAdd", Kind.IMAGE),
    ],
)
def test_what_changed_in_a_room_is_a_notice_and_a_new_message_is_none(name: str, kind: Kind | None) -> None:
    assert kind_of_name(name) == kind
