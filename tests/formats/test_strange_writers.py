"""Exports of the writers' own shapes with words in them that look like another form's marks, a header, markup or a notice."""

import json
import shutil
import zipfile
from email.message import EmailMessage
from pathlib import Path

import polars as pl
import pytest

from reconcile import compare, read
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.kinds import kind_of_placeholder
from reconcile.wechat.shown_bodies import shown_columns
from tests.conftest import Within

V1 = "2024-03-01 09:00:00 你已添加了甲某，现在可以开始聊天了。\n\n2024-03-01 09:00:05 甲某\n[图片]\n\n2024-03-01 09:00:07 乙某\n{typed}\n\n2024-03-01 09:00:09 甲某\n[语音]\n\n"
V3 = "2024-03-01 09:00:00\n你已添加了甲某，现在可以开始聊天了。\n\n2024-03-01 09:00:05 甲某\n【图片】\n\n2024-03-01 09:00:07 乙某\n{typed}"
WEFLOW = "2024-03-01 09:00:05 '我'\n在\n\n2024-03-01 09:00:07 '乙某'\n{typed}\n\n"


def _read(folder: Path, name: str, text: str) -> Reading:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return read(folder / name)


@pytest.mark.parametrize(("text", "reader"), [(V1, "wechatmsg_txt"), (V3, "memotrace_txt"), (WEFLOW, "weflow_txt")])
@pytest.mark.parametrize("typed", ["【图片】", "[图片]", "【发起转账】:￥5.00"])
def test_a_typed_mark_of_another_form_does_not_change_the_form(
    text: str, reader: str, typed: str, tmp_path: Path
) -> None:
    reading = _read(tmp_path, "乙某.txt", text.format(typed=typed))
    assert reading.facts.reader == reader
    assert reading.messages["text"].to_list()[-2 if reader == "wechatmsg_txt" else -1] == typed


def test_names_in_the_first_generations_text_stand_as_people_wrote_them(tmp_path: Path) -> None:
    reading = _read(tmp_path, "群.txt", V1.format(typed="好").replace("乙某", '&lt;Fay&gt;&amp;Co \\"x\\"'))
    assert '<Fay>&Co "x"' in reading.messages["sender_name"].to_list()


def test_a_pat_in_memotraces_text_is_no_message(tmp_path: Path) -> None:
    reading = _read(tmp_path, "乙某.txt", V3.format(typed='"乙某" 拍了拍我'))
    assert reading.messages["kind"].to_list()[-1] == "system"


def test_memotraces_page_gives_words_without_its_entities(tmp_path: Path) -> None:
    row = {
        "type": "1", "is_send": True, "timestamp": 1709254805, "server_id": "6116895530414915131", "avatar_src": "",
        "display_name": "&lt;Fay&gt;", "xml_dict": {"msg": None}, "text": "a&lt;b&gt; &amp;amp; &quot;引&quot; &#x27;单&#x27;",
    }  # fmt: skip
    reading = _read(tmp_path, "乙.html", f"<script>\nconst chatMessages = {json.dumps([row])};\n</script>")
    assert reading.messages.select("text", "sender_name").row(0) == ("a<b> &amp; \"引\" '单'", "<Fay>")


def test_the_first_generations_page_keeps_a_word_none(tmp_path: Path) -> None:
    row = "{ type:1, text: 'None',is_send:1,avatar_path:'',timestamp:1709254805,is_chatroom:0,displayname:'甲'},"
    reading = _read(tmp_path, "乙.html", f"<script>const chatMessages = [\n{row}\n];</script>")
    assert reading.messages["text"].to_list() == ["None"]


@pytest.mark.parametrize(("path", "kind"), [("./emoji/3f2a.gif", "sticker"), ("./image/3f2a.jpg", "image")])
def test_the_first_generations_page_tells_stickers_from_pictures_by_their_folder(
    tmp_path: Path, path: str, kind: str
) -> None:
    row = f"{{ type:3, text: '{path}',is_send:1,avatar_path:'',timestamp:1709254805,is_chatroom:0,displayname:'甲'}},"
    reading = _read(tmp_path, "乙.html", f"<script>const chatMessages = [\n{row}\n];</script>")
    assert reading.messages["kind"].to_list() == [kind]


PIECE = '<div class="msg chat left " msgid="{n}" msgtype="{t}">\n<div class="nt-box"><span class="dspname left" wxId="wxid_b">乙</span> 2024-03-01 09:00:0{n}</div>\n<div class="content-box">\n{body}\n</div>\n</div>\n'
SCRIPT = "    (function() {{\n        var msgArray = {rows};\n        for (var idx = 0; idx < msgArray.length; idx++)\n        {{\n          window.moreWechatMsgs.push(msgArray[idx]);\n        }}\n    }})();\n\n"


def _exporter_page(folder: Path) -> Reading:
    bodies = [
        ("1", '<span class="msg-text"><pre>见[附件];好</pre></span>'),
        ("49", '<div><a href="Files/a.pdf"><b>合同.pdf</b></a></div>'),
        ("49", '<div><a href="https://example.com/a"><b>说明</b></a></div>'),
    ]
    pieces = [PIECE.format(n=n, t=t, body=b) for n, (t, b) in enumerate(bodies, 1)]
    data = folder / "Files" / "Data" / "msg-1.js"
    data.parent.mkdir(parents=True)
    data.write_text(SCRIPT.format(rows=json.dumps(pieces)), encoding="utf-8")
    page = "<html><head><title>乙 - 微信聊天记录</title></head><body></body><script>window.moreWechatMsgs=[];</script></html>"
    (folder / "index.html").write_text(page, encoding="utf-8")
    return read(folder)


def test_data_files_of_wechatexporter_are_read_with_the_script_below_their_list(tmp_path: Path) -> None:
    assert _exporter_page(tmp_path).messages["text"].to_list() == ["见[附件];好", "合同.pdf", "说明"]


def test_wechatexporters_page_tells_a_file_from_a_link_by_its_address(tmp_path: Path) -> None:
    rows = _exporter_page(tmp_path).messages
    assert rows.select("kind", "file_name").rows() == [("text", None), ("file", "合同.pdf"), ("link", None)]


@pytest.mark.parametrize("end", ["\n", "甲 (2024-03-01 09:00:09):好\n", "13900000001 (2024-03-01 09:00:09):好\n"])
def test_an_amount_of_wechatexporter_stays_whole_whatever_follows_it(end: str, tmp_path: Path) -> None:
    text = f"乙 - 微信聊天记录\n\n甲 (2024-03-01 09:00:05):在\n乙 (2024-03-01 09:00:06):微信转账 ￥0.01 - 转账{end}"
    reading = _read(tmp_path, "乙.txt", text)
    assert reading.messages.filter(pl.col("kind") == "transfer")["amount"].to_list() == ["0.01"]


MAIL = 'Dear:\n"甲[木作]"和"乙—某"的聊天记录如下:\n—————  2024-10-8  —————\n甲  09:00\n<b>加粗</b>\n乙  09:01\n—————  2024-11-5  —————\n甲  09:02\n好\n—————  2024-10-9  —————\n乙  08:00\n嗯\n'


def test_a_mail_with_a_typed_tag_is_no_page_and_a_typed_day_moves_no_time(tmp_path: Path) -> None:
    rows = _read(tmp_path, "mail.txt", MAIL).messages
    assert rows["text"].to_list() == ["<b>加粗</b>", "—————  2024-11-5  —————", "好", "嗯"]
    assert rows["sent_at"].dt.day().to_list() == [8, 8, 8, 9]


def test_rules_that_the_client_never_draws_between_messages_are_no_words(tmp_path: Path) -> None:
    words = ["在", "好", "明天见"]
    blocks = [f"乙某  2024年3月1日 9:0{n}\n{w}\n--------\n" for n, w in enumerate(words)]
    assert _read(tmp_path, "a.txt", "".join(blocks)).messages["text"].to_list() == words


def test_a_copy_in_which_somebody_passes_on_the_head_of_a_mail_is_a_copy(tmp_path: Path) -> None:
    said = 'Dear:\n"老张"和"李姐"的聊天记录如下:'
    reading = _read(tmp_path, "copied.txt", f"甲:\n在\n\n乙:\n{said}\n\n甲:\n好\n\n乙:\n嗯\n\n")
    assert reading.facts.reader == "wechat_copied_text"
    assert reading.messages["text"].to_list() == ["在", said, "好", "嗯"]


PASSED_ON = 'Dear:\n"甲"和"乙"的聊天记录如下:\n—————  2024-10-8  —————\n甲  09:00\n在'


@pytest.mark.parametrize(
    ("form", "head", "foot"),
    [
        ("chatlog_text", "甲(wxid_a) 2024-03-01 09:00:05\n", "\n\n乙(我) 2024-03-01 09:00:06\n好\n\n"),
        ("weflow_txt", "2024-03-01 09:00:05 '我'\n", "\n\n2024-03-01 09:00:06 '乙'\n好\n\n"),
        ("wechat_copied_text", "甲:\n", "\n\n乙:\n好\n\n甲:\n嗯\n\n"),
        ("wechat_email", "From: a@b.c\n主题: 记录\n\n", "\n甲  09:01\n好\n"),
    ],
)
def test_a_chat_in_which_somebody_passes_on_a_mail_is_no_mail(form: str, head: str, foot: str, tmp_path: Path) -> None:
    assert _read(tmp_path, "a.txt", head + PASSED_ON + foot).facts.reader == form


def test_a_long_mail_is_known_by_a_beginning_that_ends_amid_a_character(tmp_path: Path) -> None:
    for pad in range(3):
        mail = EmailMessage()
        mail.set_content(MAIL + "x" * pad + "很长" * 30000, cte="base64")
        (tmp_path / "a.eml").write_bytes(mail.as_bytes())
        assert read(tmp_path / "a.eml").facts.reader == "wechat_email"


def test_weflows_groups_do_not_say_whose_rows_are_the_owners(tmp_path: Path) -> None:
    text = "# 群\n\n- 会话ID: `1@chatroom`\n- 会话类型: 群聊\n- 消息数量: 1\n- 导出工具: WeFlow\n\n---\n\n## 2024\\-03\\-01 09:00:05 甲\n\n好\n\n"
    assert _read(tmp_path, "群.md", text).messages["is_self"].to_list() == [None]


def test_the_oldest_table_that_names_the_chat_in_every_row_names_no_sender_of_own_rows(tmp_path: Path) -> None:
    rows = "wxid_b,在,2024-03-01 09:00:05,3,1,0,1\nwxid_b,好,2024-03-01 09:00:06,3,1,1,2\n"
    text = "用户名,消息内容,发送时间,发送状态,消息类型,isSend,msgId\n" + rows
    assert _read(tmp_path, "乙.csv", text).messages["sender"].to_list() == ["wxid_b", None]


def test_quotes_of_people_whose_names_hold_brackets_or_colons_are_quotes() -> None:
    quotes = ["收到[引用 沈工[木作]：明天[微笑]]", "收到\n引用：阿D 11:00-20:00: 明天: 好"]
    shown = shown_columns(pl.DataFrame({"text": quotes, "kind": ["quote", "quote"]}))
    assert shown.select("text", "quoted_sender", "quoted_text").rows() == [
        ("收到", "沈工[木作]", "明天[微笑]"),
        ("收到", "阿D 11:00-20:00", "明天: 好"),
    ]


def test_a_file_name_with_brackets_stays_whole_in_chatlogs_link() -> None:
    link = "[文件|合同[定稿].pdf](/file/0cc175b9c0f1b6a831c399e269772661)"
    shown = shown_columns(pl.DataFrame({"text": [link], "kind": ["file"]}))
    assert shown.select("file_name", "media_hash").row(0) == ("合同[定稿].pdf", "0cc175b9c0f1b6a831c399e269772661")


def test_a_sticker_with_its_words_behind_a_wide_colon_is_a_sticker() -> None:
    assert kind_of_placeholder("[表情包：捂脸]") is Kind.STICKER


def test_an_archive_of_chats_is_known_by_their_heads_where_its_manifest_is_of_another_build(tmp_path: Path) -> None:
    row = {"serverId": 6116895530414915131, "createTime": 1709254805, "type": 1, "renderType": "text", "isSent": True, "senderUsername": "wxid_a", "content": "在"}  # fmt: skip
    chat = {"schemaVersion": 1, "exportedAt": "2024-12-30T10:00:00", "account": "wxid_a", "conversation": {"username": "wxid_b"}, "filters": {}, "messages": [row]}  # fmt: skip
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("manifest.json", '{"schemaVersion": 1}')
        archive.writestr("report.json", "{}")
        archive.writestr("conversations/b/messages.json", json.dumps(chat))
    assert read(tmp_path / "a.zip").messages["text"].to_list() == ["在"]


ACCEPTED = "我通过了你的朋友验证请求，现在我们可以开始聊天了"


def test_the_sentence_that_grants_a_request_is_missing_on_neither_side(tmp_path: Path) -> None:
    said = [("在吗", 5), (ACCEPTED, 6), ("合同发你了", 7), ("明天上午十点工地见", 8)]
    typed = (
        "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender\n"
        + "".join(
            f"{i},7,1,0,0,{1709254800 + s},0,{t},2024-03-01 09:00:0{s},乙,乙,wxid_b\n" for i, (t, s) in enumerate(said)
        )
    )
    bare = "".join(f"2024-03-01 09:00:0{s} '我'\n{t}\n\n" for t, s in said)
    for shown in (bare, bare.replace(f"2024-03-01 09:00:06 '我'\n{ACCEPTED}\n\n", "")):
        left, right = _read(tmp_path / "a", "乙.csv", typed), _read(tmp_path / "b", "甲.txt", shown)
        relations = set(compare(left, right).alignment["relation"].cast(pl.String).to_list())
        assert relations <= {"agreement", "set_aside"}


def test_a_recall_sentence_typed_by_the_peer_does_not_make_him_the_owner(tmp_path: Path) -> None:
    said = ["在吗", "你撤回了一条消息", "合同发你了", "明天上午十点工地见", "材料费一共三千元"]
    head = "# 乙\n\n- 会话ID: `wxid_b`\n- 会话类型: 私聊\n- 消息数量: 5\n- 导出工具: WeFlow\n\n---\n\n"
    left = head + "".join(
        f"## 2024\\-03\\-01 09:00:0{n} {'乙' if n % 2 else '我'}\n\n{t}\n\n" for n, t in enumerate(said)
    )
    right = "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime\n" + "".join(
        f"{n},{7 * 10**18 + n},文本,{n % 2},{'wxid_b' if n % 2 else 'wxid_a'},wxid_a,{t},,2024-03-01 09:00:0{n}\n"
        for n, t in enumerate(said)
    )
    found = compare(_read(tmp_path / "a", "乙.md", left), _read(tmp_path / "b", "wxid_a_0_6.csv", right))
    relations = found.alignment["relation"].cast(pl.String).to_list()
    # The sentence alone is in doubt: a notice that names another person looks the same.
    assert relations == ["agreement", "doubtful", "agreement", "agreement", "agreement"]


PYWXDUMP = "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime\n" + "".join(
    f"{n},{7 * 10**18 + n},文本,0,wxid_b,wxid_b,第{n}条消息,,2024-03-01 09:00:0{n}\n" for n in range(1, 7)
)


def test_a_row_taken_out_of_a_numbered_table_is_noted(tmp_path: Path) -> None:
    lines = PYWXDUMP.splitlines(keepends=True)
    whole = _read(tmp_path / "a", "wxid_b_0_7.csv", PYWXDUMP)
    torn = _read(tmp_path / "b", "wxid_b_0_7.csv", "".join(lines[:3] + lines[4:]))
    assert NoteCode.COUNT_MISMATCH not in {n.code for n in whole.notes}
    assert [n.excerpt for n in torn.notes if n.code is NoteCode.COUNT_MISMATCH] == ["row numbers 2 -> 4"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("wxid_b_0_7.csv", PYWXDUMP),
        ("乙某.txt", V1.format(typed="好的好的")),
        ("乙.txt", WEFLOW.format(typed="好的好的")),
    ],
)
def test_a_file_that_ends_amid_a_row_is_noted(name: str, text: str, tmp_path: Path) -> None:
    whole, cut = _read(tmp_path / "a", name, text), _read(tmp_path / "b", name, text[:-3])
    assert NoteCode.ODD_VALUE not in {n.code for n in whole.notes}
    assert NoteCode.ODD_VALUE in {n.code for n in cut.notes}


def test_a_link_shown_as_its_title_and_the_apps_name_is_that_link(tmp_path: Path) -> None:
    text = "乙 - 微信聊天记录\n\n甲 (2024-03-01 09:00:05):合同发你了\n乙 (2024-03-01 09:00:06):顺丰速运+ - 顺丰\n甲 (2024-03-01 09:00:07):明天上午十点工地见\n"
    card = "【分享链接】\n标题：顺丰速运+\n描述：查件\n链接: https://mp.weixin.qq.com/a\n应用：顺丰\n"
    rows = [
        ("文本", "甲", "05", "合同发你了"),
        ("小程序", "乙", "06", card),
        ("文本", "甲", "07", "明天上午十点工地见"),
    ]
    table = "消息ID,类型,发送人,时间,内容,备注,昵称,更多信息\n" + "".join(
        f'{7 * 10**18 + int(s)},{k},{w},2024-03-01 09:00:{s},"{t}",{w},{w},more\n' for k, w, s, t in rows
    )
    found = compare(_read(tmp_path / "a", "乙.txt", text), _read(tmp_path / "b", "甲.csv", table))
    assert found.alignment["relation"].cast(pl.String).to_list() == ["agreement"] * 3


def test_emoji_that_a_tables_encoding_lost_are_no_conflict_and_other_words_are(tmp_path: Path) -> None:
    heading = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender\n"

    def table(folder: str, words: list[str], encoding: str) -> Reading:
        rows = "".join(
            f"{n},7,1,0,{n % 2},{1709254800 + n},0,{t},,甲,甲,wxid_{'ab'[n % 2]}\n" for n, t in enumerate(words)
        )
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "乙_utf8.csv").write_bytes((heading + rows).encode(encoding))
        return read(tmp_path / folder / "乙_utf8.csv")

    said = ["合同发你了", "👌好", "明天上午十点工地见", "付了吗"]
    whole = table("a", said, "utf-8")
    shown = (("b", "gbk", "??好", "agreement"), ("c", "utf-8", "??好", "doubtful"), ("d", "utf-8", "不好", "conflict"))
    for folder, encoding, words, told in shown:
        lossy = table(folder, [said[0], words, *said[2:]], encoding)
        found = compare(whole, lossy).alignment["relation"].cast(pl.String).to_list()
        assert sorted(found) == sorted(["agreement"] * 3 + [told])


def test_weflows_text_of_a_group_is_a_group(tmp_path: Path) -> None:
    rows = "".join(f"2024-03-01 09:00:0{n} '{w}'\n在\n\n" for n, w in enumerate("甲乙丙"))
    assert _read(tmp_path, "群.txt", rows).conversations["conversation_kind"].to_list() == ["group"]


def test_a_table_without_senders_is_not_taken_for_a_chat_of_two(tmp_path: Path) -> None:
    heading = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime\n"
    text = heading + "1,7,1,0,0,1709254805,0,在,\n2,7,1,0,1,1709254806,0,好,\n"
    rows = _read(tmp_path, "群_utf8.csv", text).messages
    assert rows.select("conversation_kind", "sender").unique().row(0) == (None, None)


def test_a_page_without_a_blank_for_a_hundred_thousand_characters_is_read_at_once(
    tmp_path: Path, within: Within
) -> None:
    given = Path(__file__).parents[2] / "fixtures" / "exports" / "wechatexporter_html" / "rent_side_a" / "input"
    folder = tmp_path / "x"
    shutil.copytree(given, folder)
    page = next(folder.glob("*.html"))
    before = read(folder).messages.height
    page.write_text(page.read_text("utf-8").replace("</body>", f"<!--{'/' * 100_000}--></body>", 1), "utf-8")
    with within(3):
        assert read(folder).messages.height == before


MEMOTRACE_UNKNOWN = "消息ID,类型,发送人,时间,内容,备注,昵称,更多信息\n" + "".join(
    f"61168955304149151{i},未知类型,乙,2024-03-01 09:00:{i},\"{code}\n{{'msg': {{'appmsg': {{'title': '#接龙'}}}}}}\",乙,乙,more\n"
    for i, code in (
        (10, 53 << 32 | 49),
        (11, 87 << 32 | 49),
        (12, 17 << 32 | 49),
        (13, 62 << 32 | 49),
        (14, 115 << 32 | 49),
    )
)
PYWXDUMP_LABELS = "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime\n" + "".join(
    f"{i},61168955304149151{i},{name},0,wxid_b,9@chatroom,{name},,2024-03-01 09:00:{i}\n"
    for i, name in ((10, "接龙"), (11, "群公告"), (12, "位置共享"), (13, "粘贴的文本"), (14, "(分享)笔记"))
)
WEFLOW_CARDS = "".join(
    f"2024-03-01 09:00:{i} '乙某'\n{text}\n\n"
    for i, text in ((10, "[链接]#接龙"), (11, "[群公告]明天九点开会"), (12, "我发起了位置共享"), (13, "当前版本不支持展示该内容，请升级至最新版本。"), (14, "[接龙]"))
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "kinds"),
    [
        ("乙.csv", MEMOTRACE_UNKNOWN, ["link", "other", "other", "system", "other"]),
        ("x.csv", PYWXDUMP_LABELS, ["link", "other", "other", "link", "link"]),
        ("乙.txt", WEFLOW_CARDS, ["link", "other", "other", "link", "link"]),
    ],
    ids=["memotrace", "pywxdump", "weflow"],
)
def test_solitaires_announcements_and_places_in_motion_are_of_one_kind_in_every_form(
    name: str, text: str, kinds: list[str], tmp_path: Path
) -> None:
    assert _read(tmp_path, name, text).messages["kind"].to_list() == kinds


QUOTES_BARE = """乙某 - 微信聊天记录

甲某 (2024-03-01 09:00:00):钢筋到了三吨半
乙某 (2024-03-01 09:01:00):水泥到了二十袋
「甲某：几号到」
- - - - - - - - - - - - - - -
按这个来
甲某 (2024-03-01 09:02:11):嗯嗯
「乙某：几号走」
- - - - - - - - - - - - - - -
按这个来
甲某 (2024-03-01 09:03:00):王师傅二十二号送瓷砖
"""


def test_a_reply_that_stands_without_time_and_sender_is_missed_where_nobody_lacks_it(tmp_path: Path) -> None:
    rows = [
        ("09:00:00", "甲某", "钢筋到了三吨半"), ("09:01:00", "乙某", "水泥到了二十袋"), ("09:02:10", "乙某", "按这个来"), ("09:02:11", "甲某", "嗯嗯"),
        ("09:02:20", "甲某", "按这个来"), ("09:03:00", "甲某", "王师傅二十二号送瓷砖"),
    ]  # fmt: skip
    table = "sent_at,sender,text\n" + "".join(f"2024-03-01T{at}+08:00,{who},{words}\n" for at, who, words in rows)
    found = compare(_read(tmp_path / "a", "乙某.txt", QUOTES_BARE), _read(tmp_path / "b", "b.csv", table))
    assert "one_sided" not in found.alignment["relation"].cast(pl.String).to_list()


def test_a_card_that_pywxdump_calls_by_its_kind_alone_is_missed_by_nobody(tmp_path: Path) -> None:
    cards = ["哔哩哔哩：装修避坑", "晴天", "今日要闻", "顺丰速运", "腾讯文档", "高德地图"]
    said = [f"第{i}批水泥{3 * i + 11}件送到{i}号楼" for i in range(12)]
    rows = [(i, "文本", said[i]) if i % 2 else (i, "(分享)音乐", cards[i // 2]) for i in range(12)]
    pages = "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime\n" + "".join(
        f"{i},0,{kind},0,wxid_b,wxid_b,{words if kind == '文本' else kind},,2024-03-01 09:00:{10 + 3 * i}\n"
        for i, kind, words in rows
    )
    bare = "乙某 - 微信聊天记录\n\n" + "".join(
        f"乙某 (2024-03-01 09:00:{10 + 3 * i}):{words}{'' if kind == '文本' else ' - QQ音乐'}\n"
        for i, kind, words in rows
    )
    found = compare(_read(tmp_path / "a", "wxid_b_0_13.csv", pages), _read(tmp_path / "b", "乙某.txt", bare))
    assert found.alignment["relation"].cast(pl.String).unique().to_list() == ["agreement"]


def test_a_copy_names_no_kinds_but_in_the_clients_own_brackets(tmp_path: Path) -> None:
    said = ("[图片]", "【图片】", "图片", "语音时长：3", "[视频]")
    text = "".join(f"{'甲乙'[i % 2]}:\n{words}\n\n" for i, words in enumerate(said))
    assert _read(tmp_path, "copied.txt", text).messages["kind"].to_list() == ["image", "text", "text", "text", "video"]


def test_a_name_and_a_time_right_below_a_time_were_sent_as_words(tmp_path: Path) -> None:
    # On an iPhone a block is a name, a time and words: what somebody passed on without a word of his own is his message.
    passed_on = "老张\n2024年03月04日 09:10\n报价单收到了"
    text = f"甲\n2026年07月16日 17:08\n{passed_on}\n\n\n乙\n2026年07月16日 17:09\n好\n\n\n"
    reading = _read(tmp_path, "copied.txt", text)
    assert reading.messages.select("sender", "text").rows() == [("甲", passed_on), ("乙", "好")]
    assert [n.locator for n in reading.notes if n.code is NoteCode.AMBIGUOUS_HEADER] == ["copied.txt#line 4"]


@pytest.mark.parametrize(("text", "reader"), [(V3, "memotrace_txt"), (WEFLOW, "weflow_txt")])
def test_files_that_their_user_named_by_months_are_one_chat(text: str, reader: str, tmp_path: Path) -> None:
    for month in ("2024-03", "2024-04", "2024-05"):
        said = text.format(typed=f"{month}的货款收到了").replace("2024-03-01", f"{month}-01")
        (tmp_path / f"乙某_{month}.txt").write_text(said, "utf-8")
    reading = read(tmp_path)
    assert reading.facts.reader == reader
    assert reading.messages["conversation"].unique().to_list() == ["乙某"]


def test_a_month_that_looks_like_another_form_is_a_part_of_the_chat_in_its_place(tmp_path: Path) -> None:
    """An older form's text has no mark of its own where nobody sent a picture."""
    plain = "2024-04-01 09:00:05 甲某\n四月的货款什么时候付\n\n2024-04-01 09:00:07 乙某\n下周一定付清给你"
    for month, text in (
        ("2024-03", V3.format(typed="三月的货款收到了")),
        ("2024-04", plain),
        ("2024-05", V3.replace("2024-03", "2024-05").format(typed="五月的货款收到了")),
    ):
        (tmp_path / f"乙某_{month}.txt").write_text(text, "utf-8")
    sent = read(tmp_path).messages.filter(pl.col("kind").cast(pl.String) == "text")
    assert sent["text"].to_list() == [
        "三月的货款收到了",
        "四月的货款什么时候付",
        "下周一定付清给你",
        "五月的货款收到了",
    ]
