"""MemoTrace and its first generation WeChatMsg: the CSV and TXT that they write."""

import html

from bench.sim_forms.model import NOTICES, Copy, Files, Form, Sides
from bench.sim_forms.view import CODES, View, as_csv, shows
from reconcile.vocabulary import Kind

MEMOTRACE_TYPES = {
    Kind.TEXT: "文本", Kind.IMAGE: "图片", Kind.VIDEO: "视频", Kind.VOICE: "语音", Kind.STICKER: "表情包", Kind.CALL: "音视频通话", Kind.FILE: "文件", Kind.LOCATION: "位置分享",
    Kind.LINK: "分享链接", Kind.RED_PACKET: "红包", Kind.TRANSFER: "转账", Kind.QUOTE: "引用消息", Kind.SYSTEM: "系统消息", Kind.RECALL: "系统消息",
}  # fmt: skip


MEMOTRACE = {
    "image": "【图片】", "video": "【视频】", "voice": "【语音】", "sticker": "【表情包】 ", "call": "【音视频通话】\n通话时长 {clock}", "location": "【位置分享】{name} {title}",
    "file": "【文件】{name} {mb} MB FileStorage/File/{name} {ext} {hash}", "link": "【分享链接】\n标题：{title}\n描述：\n链接: {url}\n应用：\n", "red_packet": "【红包】: {title}",
    "transfer": "【发起转账】:{fee}\n备注: {memo}\n", "receipt": "【已收款】:{fee}\n备注: {memo}\n", "quote": "{text}\n引用：{quoter_name}: {quoted}",
}  # fmt: skip


def memotrace_place(view: View) -> str:
    """Folder and stem of MemoTrace's files of a chat."""
    return f"聊天记录/{view.title}({view.chat})/{view.title}"


def memotrace_rows(view: View) -> list[list[str]]:
    """MemoTrace's eight columns."""
    rows = [["消息ID", "类型", "发送人", "时间", "内容", "备注", "昵称", "更多信息"]]
    for r in view.copy.written():
        known = ["", ""] if view.own(r) else [view.name(r), view.nickname(r)]
        name = "" if r.kind in NOTICES else view.name(r)
        rows.append([r.id, MEMOTRACE_TYPES[r.kind], name, view.time(r), view.fill(MEMOTRACE, r), *known, "more"])
    return rows


def memotrace_csv(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    return {memotrace_place(view) + ".csv": as_csv(memotrace_rows(view), mark=True)}


def memotrace_txt(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    blocks = [
        f"{view.time(r)}{'' if r.kind in NOTICES else ' ' + view.name(r)}\n{view.fill(MEMOTRACE, r)}"
        for r in copy.written()
    ]
    return {memotrace_place(view) + ".txt": "\n\n".join(blocks)}


SUBTYPES = {Kind.FILE: 6, Kind.LINK: 5, Kind.RED_PACKET: 2001, Kind.TRANSFER: 2000, Kind.QUOTE: 57}


WECHATMSG_HEADING = ("localId", "TalkerId", "Type", "SubType", "IsSender", "CreateTime", "Status", "StrContent", "StrTime", "Remark", "NickName", "Sender")  # fmt: skip


def wechatmsg_csv(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    rows: list[list[object]] = [[*WECHATMSG_HEADING]]
    for r in copy.written():
        sub = SUBTYPES.get(r.kind, 0)
        content = "" if sub else view.xml(r)
        rows.append(
            [
                r.local,
                2,
                49 if sub else CODES[r.kind],
                sub,
                int(view.own(r)),
                int(r.at),
                0,
                content,
                view.time(r),
                view.name(r),
                view.nickname(r),
                view.account(r),
            ]
        )
    return {f"{view.title}/{view.title}_utf8.csv": as_csv(rows, mark=True)}


WECHATMSG = {
    "image": "[图片]", "voice": "[语音]", "video": "[视频]", "sticker": "[表情包]", "file": "[文件]", "quote": "{text}\n引用:{quoter_name}:{quoted}",
    "link": "            [链接]:title:{title}\n            description:\n            url:{url}\n            name:\n            \n",
}  # fmt: skip


def wechatmsg_txt(copy: Copy, sides: Sides) -> Files:
    view, out = View(sides, copy), []
    for r in copy.written():
        if r.kind in NOTICES:
            out.append(f"{view.time(r)} {r.text}\n\n")
        else:
            body = view.fill(WECHATMSG, r, _scripted) if r.kind is Kind.LINK else view.fill(WECHATMSG, r)
            out.append(f"{view.time(r)} {view.name(r)}\n{body}\n\n")
    return {f"{view.title}.txt": "".join(out)}


def _scripted(text: str) -> str:
    """Text of a link as the exporter escapes it for its pages."""
    return html.escape(text, quote=False).replace('"', '\\"')


FULL = "quote=words,quoted transfer=amount,memo,state link=title,url red_packet=title"
FORMS = (
    Form("memotrace_csv", memotrace_csv, shows(FULL + " file=name,hash"), has_ids=True, ticks=True),
    Form("memotrace_txt", memotrace_txt, shows(FULL + " file=name,hash"), sorts=True, ticks=True),
    Form("wechatmsg_csv", wechatmsg_csv, shows("image=hash voice=seconds video=hash sticker=hash"), is_local=False, numbered=True, ticks=True),
    Form("wechatmsg_txt", wechatmsg_txt, shows("quote=words,quoted link=title,url"), drops=frozenset({Kind.TRANSFER, Kind.RED_PACKET, Kind.CALL, Kind.LOCATION}), sorts=True, ticks=True),
)  # fmt: skip
