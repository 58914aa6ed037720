"""Chats of other platforms: their notices and placeholders are no words of a person, and the platform is named."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconcile import compare
from reconcile import read as read_export
from reconcile.errors import UsageError
from reconcile.intake.contract import Reading
from tests.build.readings import read_text
from tests.thorough import some

NOTICES = {
    "en": "Messages and calls are end-to-end encrypted. Only people in this chat can read them.",
    "de": "Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.",
    "nl": "Berichten en oproepen worden end-to-end versleuteld.",
    "es": "Los mensajes y las llamadas están cifrados de extremo a extremo.",
    "pt": "As mensagens e chamadas são protegidas com a criptografia de ponta a ponta.",
    "fr": "Les messages et les appels sont chiffrés de bout en bout.",
    "zh": "消息和通话均受端到端加密保护。",
}
DELETED = {
    "en": "This message was deleted", "de": "Diese Nachricht wurde gelöscht.", "nl": "Dit bericht is verwijderd", "es": "Se eliminó este mensaje",
    "pt": "Mensagem apagada", "fr": "Ce message a été supprimé", "zh": "此消息已删除",
}  # fmt: skip
MEDIA = {
    "en": "<Media omitted>", "de": "<Medien ausgeschlossen>", "nl": "<Media weggelaten>", "es": "<Multimedia omitido>", "pt": "<Mídia oculta>",
    "fr": "<Médias omis>", "zh": "<省略多媒体文件>",
}  # fmt: skip


def read(path: Path, text: str) -> Reading:
    return read_text(path.parent, text, path.name)


def android(lang: str) -> str:
    return (
        f"13/5/22, 16:00 - {NOTICES[lang]}\n13/5/22, 16:08 - Anna: Hi: there\n13/5/22, 16:09 - Ben: one\ntwo\n13/5/22, 16:10 - Anna: {MEDIA[lang]}\n"
        f"14/5/22, 16:11 - Ben: {DELETED[lang]}\n14/5/22, 16:12 - Anna: ok\n14/5/22, 16:13 - +86 138 0013 8000: ok\n"
    )


@pytest.mark.parametrize("lang", some(NOTICES))
def test_whatsapp_of_android_is_read_in_each_language(lang: str, tmp_path: Path) -> None:
    reading = read(tmp_path / "chat.txt", android(lang))
    assert reading.facts.tool == "WhatsApp"
    assert reading.messages["kind"].to_list() == ["system", "text", "text", "other", "recall", "text", "text"]
    assert reading.messages["text"][2] == "one\ntwo"
    assert reading.messages["sender"].to_list() == [None, "Anna", "Ben", "Anna", "Ben", "Anna", "+86 138 0013 8000"]
    assert str(reading.messages["sent_at"][1]) == "2022-05-13 08:08:00+00:00"


def test_media_left_out_are_known_in_many_languages(tmp_path: Path) -> None:
    said = [
        "<Media har utelämnats>",
        "<Media utelatt>",
        "<Mediefil udeladt>",
        "<Media jätetty pois>",
        "<pominięto multimedia>",
        "<Média vynechány>",
    ]
    said += ["<Medya dahil edilmedi>", "<メディアは含まれていません>", "<미디어 파일 제외됨>", "<忽略多媒體檔>", "<Hiányzó médiafájl>", "<省略影音内容>", "<媒体文件已忽略>"]  # fmt: skip
    lines = [f"13/5/22, 16:{10 + i} - {('Anna', 'Ben')[i % 2]}: {text}\n" for i, text in enumerate(said)]
    reading = read(tmp_path / "chat.txt", f"13/5/22, 16:00 - {NOTICES['en']}\n" + "".join(lines))
    assert reading.messages["kind"].to_list() == ["system"] + ["other"] * len(said)


@pytest.mark.parametrize("words", some(["(Datei angehängt)", "(文件附件)", "(archivo adjunto)"], 2))
def test_files_and_notices_of_two_languages_are_one_message(tmp_path: Path, words: str) -> None:
    lines = [
        "Wang: hello",
        "Li: 借款 合同.docx {}",
        "Wang: {}",
        "Li: when will you pay",
        "Li: list.xlsx {}\nas promised",
    ]
    files = []
    for name, said in (
        ("a", ["(file attached)", "This message was deleted", "(file attached)"]),
        ("b", [words, "您删除了这条消息", words]),
    ):
        told = iter(said)
        rows = [f"13/3/24, 09:0{i} - {w.format(next(told)) if '{' in w else w}\n" for i, w in enumerate(lines)]
        files.append(read(tmp_path / f"{name}.txt", "".join(rows)))
    assert files[1].messages["file_name"].drop_nulls().to_list() == ["借款 合同.docx", "list.xlsx"]
    assert compare(files[0], files[1]).verdicts["grade"].to_list() in (["explained_differences"], ["no_gap_found"])


def test_whatsapp_of_the_iphone_names_attached_files(tmp_path: Path) -> None:
    text = (
        "[02-05-2022 16:08:45] Group: \u200eNachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.\n[02-05-2022 16:08:46] Anna: Hallo\n"
        "\u200e[03-05-2022 16:09:01] Ben: \u200e<Anhang: 00000012-PHOTO-2022-05-02-16-09-01.jpg>\n[13-05-2022 17:09:01] Ben: Tschüss\n"
    )
    reading = read(tmp_path / "_chat.txt", text)
    assert reading.messages["kind"].to_list() == ["system", "text", "image", "text"]


def test_a_day_that_may_be_a_month_is_asked_for(tmp_path: Path) -> None:
    text = "".join(f"5/6/22, 16:0{i} - {'Anna' if i % 2 else 'Ben'}: word {i}\n" for i in range(6))
    with pytest.raises(UsageError, match="day_first"):
        read(tmp_path / "chat.txt", text)


def test_qq_names_its_platform_and_its_owner(tmp_path: Path) -> None:
    rows = [
        {"id": str(73 * 10**17 + i), "seq": str(100 + i), "timestamp": 1709254805000 + i * 61_000, "sender": {"uid": f"u_{i % 2}", "uin": f"1000{i % 2}", "name": "甲乙"[i % 2]},
         "type": "type_1", "content": {"text": f"话{i}", "html": f"<p>话{i}</p>", "elements": []}, "recalled": False, "system": False}
        for i in range(8)
    ]  # fmt: skip
    reading = read(
        tmp_path / "a.json",
        json.dumps({"metadata": {"name": "QQChatExporter"}, "chatInfo": {"selfUid": "u_0"}, "messages": rows}),
    )
    assert (reading.facts.tool, reading.facts.owner.id) == ("QQ", "u_0")
    assert reading.messages["text"].to_list() == [f"话{i}" for i in range(8)]


@pytest.mark.parametrize("flag", ["system", "isSystem", "is_system_msg"])
def test_a_row_that_a_flag_calls_the_clients_own_is_a_notice(tmp_path: Path, flag: str) -> None:
    said = ["在吗", "王五 撤回了一条消息", "王五 加入了群聊", "好的", "明天见"]
    rows = [
        {"timestamp": 1_700_000_000_000 + 60_000 * i, "sender": {"uid": f"u_{i % 2}"}, "text": t, flag: 0 < i < 3}
        for i, t in enumerate(said)
    ]
    reading = read(tmp_path / "a.json", json.dumps({"messages": rows}))
    assert reading.messages["kind"].cast(str).to_list() == ["text", "recall", "system", "text", "text"]


def test_parts_of_qq_messages_are_no_messages_and_two_members_may_bear_one_name(tmp_path: Path) -> None:
    names = ("甲", "乙", "乙", "丙")
    rows = [
        {"id": str(73 * 10**17 + i), "timestamp": 1709254805000 + i * 61_000, "sender": {"uid": f"u_{i % 4}", "uin": f"1000{i % 4}", "name": names[i % 4], "nickname": names[i % 4]},
         "type": "text", "content": {"text": f"第{i}句话", "elements": [{"type": "text", "data": {"text": f"第{i}句话"}}]}}
        for i in range(12)
    ]  # fmt: skip
    reading = read(tmp_path / "a.json", json.dumps({"metadata": {"name": "QQChatExporter"}, "messages": rows}))
    assert reading.messages["sender"].to_list() == [f"u_{i % 4}" for i in range(12)]
    assert reading.messages["sender_name"].to_list() == [names[i % 4] for i in range(12)]


def test_phones_of_one_whatsapp_group_accuse_nobody(tmp_path: Path) -> None:
    start = datetime(2024, 3, 14, 8, 0, 3)  # noqa: DTZ001 - written without a zone
    names = ("Anna Berg", "Ben Cole", "+49 170 1111111")
    rows = [
        (
            start + timedelta(minutes=7 * i),
            i % 3,
            "photo" if i % 11 == 5 else "gone" if i % 13 == 7 else f"word {i} of it",
        )
        for i in range(60)
    ]
    android = "14/03/2024, 07:00 - Messages and calls are end-to-end encrypted.\n"
    iphone = "[14-03-2024 07:00:00] House: \u200eBerichten en oproepen worden end-to-end versleuteld.\n"
    for t, who, text in rows:
        english = {"photo": "<Media omitted>", "gone": "This message was deleted"}.get(text, text)
        dutch = {"photo": "\u200eafbeelding weggelaten", "gone": "\u200eDit bericht is verwijderd."}.get(text, text)
        android += f"{t:%d/%m/%Y, %H:%M} - {names[who]}: {english}\n"
        iphone += f"[{t:%d-%m-%Y %H:%M:%S}] {(*names[:2], 'Carl Dietz')[who]}: {dutch}\n"
    findings = compare(read(tmp_path / "a.txt", android), read(tmp_path / "b.txt", iphone))
    assert set(findings.alignment["relation"].cast(str)) <= {"agreement", "set_aside"}
    assert findings.verdicts["grade"].cast(str).to_list() == ["explained_differences"]


def test_numbers_of_telephones_are_names_however_seldom_each_writes(tmp_path: Path) -> None:
    lines = [f"1{i}.02.19, 12:{i}0 - +7 9{i}2 111-11-{i}{i}: Слово {i} из группы\n" for i in range(6)]
    lines += [f"2{i}.02.19, 12:{i}0 - +86 138 0013 800{i}: 第{i}句\n" for i in range(6)]
    lines += [f"2{i}.02.19, 13:{i}0 - +86 138 0013 800{i}: 再说第{i}句\n" for i in range(6)]
    lines += ["26.02.19, 13:50 - +86 138 0013 8000: 好\n", "26.02.19, 13:51 - +86 138 0013 8001: 行\n"]
    messages = read_text(tmp_path, "".join(lines)).messages
    assert messages["sender"].n_unique() == 12
    assert messages["text"].to_list()[5:7] == ["Слово 5 из группы", "第0句"]


def test_words_with_the_clients_mark_stay_words_where_its_phrases_are_known(tmp_path: Path) -> None:
    said = [
        "Hi",
        "\u200eimage omitted",
        "\u200e\u200eBy the way, are you all okay with being analysed for research?",
        "Sure",
        "\u200eNo idea",
        "Fine then",
    ]
    text = "".join(f"[22/05/2022, 16:0{i}:45] {('Anna', 'Ben')[i % 2]}: {t}\n" for i, t in enumerate(said))
    messages = read_text(tmp_path, text).messages
    assert messages["kind"].cast(str).to_list() == ["text", "image", "text", "text", "text", "text"]


def test_what_a_client_tells_its_reader_of_himself_is_a_notice(tmp_path: Path) -> None:
    said = ["Hi", "\u200eimage omitted", "You pinned it?", "\u200eYou pinned a message", "\u200eYou owe 500", "Yes"]
    text = "".join(f"[22/05/2022, 16:0{i}:45] {('Anna', 'Ben')[i % 2]}: {t}\n" for i, t in enumerate(said))
    messages = read_text(tmp_path, text).messages
    assert messages["kind"].cast(str).to_list() == ["text", "image", "text", "system", "text", "text"]


def _iphone_group(added: str) -> str:
    """A German group of an iPhone in which three people are added, as a client names them."""
    said = [("Verein", "\u200eNachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt."), ("Verein", "\u200eBerta Maus hat dich hinzugefügt.")]  # fmt: skip
    said += [(f"~\u202f{added}", f"\u200eBerta Maus hat ~\u202f{added} hinzugefügt."), ("Verein", f"\u200eBerta Maus hat Carl Igel und ~\u202f{added} hinzugefügt.")]  # fmt: skip
    said += [("Berta Maus", f"Wort {n} von vielen") for n in range(9)]
    return "".join(f"[07.06.23, 20:{n:02}:13] {who}: {text}\n" for n, (who, text) in enumerate(said))


def test_a_marked_text_that_tells_of_people_is_a_notice(tmp_path: Path) -> None:
    messages = read_text(tmp_path, _iphone_group("Dora")).messages
    assert messages["kind"].cast(str).to_list()[:5] == ["system"] * 4 + ["text"]


def test_a_name_that_bears_the_clients_notice_and_writes_no_words_is_the_groups(tmp_path: Path) -> None:
    said = [("采购部", "\u200eMessages and calls are end-to-end encrypted."), *((n, f"第{i}车到了") for i in range(5) for n in ("小李", "老王")), ("采购部", "\u200eThe group has a new look")]  # fmt: skip
    text = "".join(f"[2024/02/15, 13:{14 + i}:34] {n}: {w}\n" for i, (n, w) in enumerate(said))
    rows = read_text(tmp_path, text).messages
    assert rows["kind"].cast(str).to_list() == ["system", *["text"] * 10, "system"]
    assert set(rows["sender"].drop_nulls()) == {"小李", "老王"}


def test_a_lone_notice_that_names_a_member_under_the_groups_name_is_a_notice(tmp_path: Path) -> None:
    said = [("采购部", "\u200e老王 added you"), *((n, f"第{i}车到了") for i in range(5) for n in ("小李", "老王"))]
    said[4:4] = [("小李", "\u200eimage omitted"), ("老王", "\u200eThis message was deleted.")]
    text = "".join(f"[2024/02/15, 13:{14 + i}:34] {n}: {w}\n" for i, (n, w) in enumerate(said))
    rows = read_text(tmp_path, text).messages
    assert rows["kind"].to_list()[0] == "system"
    assert set(rows["sender"].drop_nulls()) == {"小李", "老王"}


def test_notices_that_name_a_contact_in_two_ways_accuse_nobody(tmp_path: Path) -> None:
    left, right = (read(tmp_path / f"{n}.txt", _iphone_group(n)) for n in ("Dora", "Dora Elster"))
    assert not set(compare(left, right).alignment["relation"].cast(str)) & {"conflict", "one_sided", "doubtful"}


def test_a_document_left_out_is_a_file_whatever_its_pages_are_called(tmp_path: Path) -> None:
    said = [
        "notes.pdf • 1 page document omitted",
        "Vertrag • 2 Seiten Dokument weggelassen",
        "• \u200e3 sivua \u200easiakirja poistettu",
    ]
    typed = ["where is the document", "see you • 5 people said so", "\u200eimage omitted"]
    lines = [f"[23/09/26, 07:{i:02d}:48] {'Ben' if i % 2 else 'Anna'}: {w}" for i, w in enumerate([*said, *typed])]
    kinds = read(tmp_path / "chat.txt", "\n".join(lines)).messages["kind"].to_list()
    assert kinds == ["file"] * 3 + ["text", "text", "image"]


def test_words_behind_a_call_or_about_encryption_are_a_persons_and_pages_are_kept(tmp_path: Path) -> None:
    said = {
        "Messages and calls are end-to-end encrypted. Only people in this chat can read them.": "system",
        "<Media omitted>": "other", "Missed voice call at 12:33": "call", "Voice call, 3 min": "call", "Sprachanruf, \u200e12 Min.": "call", "语音通话，12分钟": "call",
        "Missed voice call, I agree to pay": "text", "我欠你的都没还，这里端到端加密": "text",
        "a.pdf • \u200e4 pages \u200edocument omitted": "file",
    }  # fmt: skip
    lines = [f"[05/03/2024, 10:0{i}:00] {'Anna' if i % 2 else 'Ben'}: {t}" for i, t in enumerate(said)]
    lines += [f"[2{n}/03/2024, 10:00:00] Anna: fine" for n in (1, 2, 3)]
    told = read(tmp_path / "chat.txt", "\n".join(lines)).messages
    assert told["kind"].to_list()[: len(said)] == [*said.values()]
    assert told["text"][len(said) - 1] == "a.pdf • 4"


def test_letters_written_as_two_characters_are_the_clients_words_too(tmp_path: Path) -> None:
    said = ["\u200e\u0935\u0940\u0921\u093f\u092f\u094b \u091b\u094b\u095c\u093e \u0917\u092f\u093e", "नमस्ते", "ठीक है"]
    lines = [f"[23/09/26, 07:{i:02d}:48] {'Ben' if i % 2 else 'Anna'}: {w}" for i, w in enumerate(said)]
    assert read(tmp_path / "chat.txt", "\n".join(lines)).messages["kind"].to_list() == ["video", "text", "text"]


def test_calls_of_telegram_are_calls_of_whoever_called(tmp_path: Path) -> None:
    def row(i: int, **more: object) -> dict[str, object]:
        return {
            "id": i,
            "type": "message",
            "date": f"2023-03-01T10:0{i}:00",
            "from": "Anna",
            "from_id": "user1",
            "text": f"word {i}",
            **more,
        }

    rows = [row(i) for i in range(4)]
    for i, action in enumerate(["phone_call", "pin_message", "group_call"], 4):
        rows.append(
            {
                "id": i,
                "type": "service",
                "date": f"2023-03-01T10:0{i}:00",
                "actor": "Ben",
                "actor_id": "user2",
                "action": action,
                "text": "",
            }
        )
    rows.append(row(7, **{"from": "Ben", "from_id": "user2"}))
    found = read(
        tmp_path / "result.json", json.dumps({"name": "Ben", "type": "personal_chat", "messages": rows})
    ).messages
    assert found["kind"].to_list() == [*["text"] * 4, "call", "system", "call", "text"]
    assert found["sender"].to_list() == [*["user1"] * 4, "user2", None, "user2", "user2"]


def typed(path: Path, me: str) -> Path:
    """A table, typed from WhatsApp on the device of `me`, in which one message of each was deleted."""
    start = datetime(2024, 5, 1, 10, tzinfo=UTC)
    lines = [
        (start + timedelta(seconds=97 * i), "AB"[i % 2], f"Lieferung {i} von {7 * i + 3} Platten") for i in range(30)
    ]
    gone = [(lines[i][0] + timedelta(seconds=20), lines[i][1], "") for i in (6, 13)]
    notice = {True: "You deleted this message", False: "This message was deleted"}
    rows = [f"{at:%Y-%m-%d %H:%M:%S},{who},{text or notice[who == me]}" for at, who, text in sorted([*lines, *gone])]
    path.write_text("\n".join(["时间,发送人,内容", *rows]), "utf-8")
    return path


def test_a_typed_table_shows_whatsapps_deleted_messages_as_notices_of_one_event(tmp_path: Path) -> None:
    left, right = (typed(tmp_path / f"{me}.csv", me) for me in "AB")
    assert read_export(left).messages["kind"].to_list().count("recall") == 2
    found = compare(read_export(left), read_export(right))
    assert set(found.alignment["relation"].to_list()) == {"agreement"}


def test_a_notice_without_words_says_who_did_what_with_whom(tmp_path: Path) -> None:
    def row(i: int, **more: object) -> dict[str, object]:
        return {"id": i, "date": f"2024-07-22T16:2{i}:15", "date_unixtime": str(1721636715 + 60 * i)} | more

    rows = [
        row(i, type="message", **{"from": "AnnaBen"[i % 2 * 4 :][:4], "from_id": f"user{i % 2}", "text": f"word {i}"})
        for i in range(6)
    ]
    rows += [
        row(6, type="service", actor="Anna", actor_id="user0", action="invite_members", members=["Cleo"], text=""),
        row(7, type="service", actor="Cleo", actor_id="user3", action="join_group_by_link", text=""),
        row(8, type="service", actor="Anna", actor_id="user0", action="remove_members", members=["Dora"], text=""),
        row(9, type="service", actor="Anna", actor_id="user0", action="pin_message", text=""),
    ]
    text = json.dumps({"name": "Team", "type": "private_group", "id": 1, "messages": rows})
    said = read_text(tmp_path, text, "result.json").messages["text"].to_list()[6:]
    assert said == ["Anna invited Cleo", "Cleo joined", "Anna removed Dora", "Anna pin message"]


EDITED = {
    "en": "<This message was edited>", "de": "\u200e<Diese Nachricht wurde bearbeitet.>", "fr": "<Ce message a été modifié>",
    "pt": "<Mensagem editada>", "ru": "<Данное сообщение изменено>", "zh": "<此消息已编辑>",
}  # fmt: skip


@pytest.mark.parametrize(("lang", "mark"), some(EDITED.items(), 2))
def test_the_clients_remark_on_edited_words_is_none_of_them(lang: str, mark: str, tmp_path: Path) -> None:
    text = android("en") + f"13/5/22, 16:11 - Ben: we meet at 9 {mark}\n13/5/22, 16:12 - Anna: see <my note>\n"
    told = read(tmp_path / f"{lang}.txt", text).messages.tail(2)
    assert told["text"].to_list() == ["we meet at 9", "see <my note>"]
    assert [mark in (raw or "") for raw in told["raw"]] == [True, False]


def test_an_object_that_skype_writes_as_one_element_is_of_the_kind_that_it_names(tmp_path: Path) -> None:
    said = ["hi", '<URIObject type="Picture.1" uri="https://a.example/1">To view this, go to: <a href="https://a.example">it</a></URIObject>',
            "<b>no</b>", '<URIObject type="Video.1/Message.1">a video</URIObject>', '<files alt="1"><file size="3">a.pdf</file></files>',
            "see &lt;files&gt;a&lt;/files&gt;", "ok", "bye"]  # fmt: skip
    rows = [
        {
            "id": f"17092551070{i}",
            "originalarrivaltime": f"2024-03-01T09:0{i}:07.123Z",
            "messagetype": "RichText",
            "content": w,
            "from": f"8:{'ab'[i % 2]}",
        }
        for i, w in enumerate(said)
    ]
    reading = read(tmp_path / "messages.json", json.dumps(rows))
    assert reading.messages["kind"].to_list() == ["text", "image", "text", "video", "file", "text", "text", "text"]


OWN_WORDS = {
    "en": ("<Media omitted>", "location", "<Media omitted>", "Missed voice call", "This message was deleted"),
    "es": ("<Multimedia omitido>", "ubicación", "<Multimedia omitido>", "Llamada de voz perdida", "Eliminaste este mensaje."),
    "de": ("<Medien ausgeschlossen>", "Standort", "<Medien ausgeschlossen>", "Verpasster Sprachanruf", "Diese Nachricht wurde gelöscht."),
    "ko": ("<미디어 파일 제외됨>", "위치", "<미디어 파일 제외됨>", "부재중 전화", "이 메시지는 삭제되었습니다"),
    "zh": ("<忽略多媒體檔>", "位置", "<忽略多媒體檔>", "未接語音通話", "您已刪除此訊息。"),
}  # fmt: skip


@pytest.mark.parametrize("lang", some(["es", "de", "ko", "zh"], 3))
def test_whatsapps_own_words_in_two_languages_are_one_message(tmp_path: Path, lang: str) -> None:
    place, sides = "https://maps.google.com/?q=22.80{n},113.29", []
    for one in ("en", lang):
        media, where, captioned, call, gone = OWN_WORDS[one]
        said = ["when do we meet", media, f"{where}: {place.format(n=4)}", f"{captioned}\nthe invoice of May", call, gone, media, "see you there"]  # fmt: skip
        lines = [f"13/5/22, 16:{10 + 3 * i} - {('Anna', 'Ben')[i % 2]}: {text}\n" for i, text in enumerate(said)]
        sides.append(read(tmp_path / f"{one}.txt", f"13/5/22, 16:00 - {NOTICES['en']}\n" + "".join(lines)))
    assert sides[1].messages["kind"].to_list()[1:] == ["text", "other", "location", "other", "call", "recall", "other", "text"]  # fmt: skip
    found = compare(sides[0], sides[1])
    assert set(found.alignment["relation"].to_list()) == {"agreement"}


@pytest.mark.parametrize(("first", "name"), [(6, "offer.pdf"), (90, "00000090-offer.pdf")])
def test_the_number_of_its_message_before_the_name_of_a_file_is_no_part_of_it(
    first: int, name: str, tmp_path: Path
) -> None:
    said = ["hello", f"\u200e<attached: {first:08}-offer.pdf>", "ok", "\u200e<attached: 00000008-PHOTO-2022-05-13-10-23-00.jpg>", "thanks"]  # fmt: skip
    lines = [f"[13/05/2022, 10:2{i}:00] {('Anna', 'Ben')[i % 2]}: {words}\n" for i, words in enumerate(said)]
    found = read(tmp_path / "chat.txt", "".join(lines)).messages
    assert found["file_name"].to_list() == [None, name, None, None, None]
    assert found["kind"].to_list() == ["text", "file", "text", "image", "text"]
