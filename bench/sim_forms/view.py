"""What every writer needs of a copy: names, accounts, local times, and the bodies that exporters share."""

import csv
import html
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.sim_forms.model import Copy, Row, Sides
from reconcile.vocabulary import Kind, Side

# 4.x codes of the client; those of app messages are (sub type << 32) | 49.
CODES = {
    Kind.TEXT: 1, Kind.IMAGE: 3, Kind.VOICE: 34, Kind.VIDEO: 43, Kind.STICKER: 47, Kind.LOCATION: 48, Kind.CALL: 50, Kind.SYSTEM: 10000, Kind.RECALL: 10000,
    Kind.LINK: 21474836529, Kind.FILE: 25769803825, Kind.QUOTE: 244813135921, Kind.TRANSFER: 8589934592049, Kind.RED_PACKET: 8594229559345,
}  # fmt: skip


def shows(spec: str) -> dict[Kind, frozenset[str]]:
    """`quote=words,quoted file=name` as the facts that a form shows of each kind; words of texts always."""
    told = {Kind.TEXT: frozenset({"words"})}
    return told | {Kind(k): frozenset(v.split(",")) for k, v in (part.split("=") for part in spec.split())}


def as_csv(rows: Iterable[Iterable[object]], *, mark: bool = False, end: str = "\r\n") -> bytes:
    """Rows as Python's writer makes them."""
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(rows)
    return out.getvalue().encode("utf-8-sig" if mark else "utf-8")


def as_json(value: Any, indent: int | None = 2) -> bytes:
    """JSON with Chinese as it stands."""
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()


def stripped(text: str) -> str:
    """Plain words as WeFlow, EchoTrace and CipherTalk write them."""
    return re.sub(r"^[A-Za-z0-9_-]+:(?!//)", "", text)


# How bodies are written: a template per kind, filled with what the row carries. A receipt is the payee's card of a transfer.
Templates = dict[str, str]
APP = '<?xml version="1.0"?>\n<msg>\n\t<appmsg appid="" sdkver="0">\n\t\t<title>{%s}</title>\n\t\t<des></des>\n\t\t<action>view</action>\n\t\t<type>%d</type>\n\t\t<showtype>0</showtype>\n\t\t%s\n\t</appmsg>\n</msg>\n'
PAID = "<wcpayinfo><paysubtype>{state}</paysubtype><feedesc>{fee}</feedesc><transferid>{number}</transferid><pay_memo>{memo}</pay_memo></wcpayinfo>"
REFERS = "<refermsg><type>1</type><svrid>{to}</svrid><fromusr>{quoter_id}</fromusr><displayname>{quoter_name}</displayname><content>{quoted}</content></refermsg>"
XML: Templates = {
    "image": '<?xml version="1.0"?><msg><img md5="{hash}" length="20480" /></msg>',
    "voice": '<msg><voicemsg voicelength="{seconds}000" /></msg>',
    "video": '<msg><videomsg md5="{hash}" playlength="{seconds}" length="90000" /></msg>',
    "sticker": '<msg><emoji md5="{hash}" /></msg>',
    "location": '<msg><location x="31.2" y="121.5" label="{title}" poiname="{name}" /></msg>',
    "call": '<voipmsg type="VoIPBubbleMsg"><VoIPBubbleMsg><msg><![CDATA[通话时长 {clock}]]></msg><room_type>1</room_type></VoIPBubbleMsg></voipmsg>',
    "file": APP % ("name", 6, "<appattach><totallen>{size}</totallen></appattach><md5>{hash}</md5>"),
    "link": APP % ("title", 5, "<url>{url}</url>"),
    "quote": APP % ("text", 57, REFERS),
    "transfer": APP % ("paid", 2000, PAID),
    "receipt": APP % ("paid", 2000, PAID),
    "red_packet": APP % ("packet", 2001, "<wcpayinfo><sendertitle>{title}</sendertitle></wcpayinfo>"),
}
# As tables of laboratories, WeChat's own mails and home-made lists show them.
LISTED: Templates = {
    "image": "[图片]", "video": "[视频]", "voice": "[语音 {seconds}秒]", "sticker": "[动画表情]", "call": "[语音通话] {clock}", "file": "[文件] {name}", "location": "[位置] {name}",
    "link": "[链接] {title}\n{url}", "red_packet": "[红包]", "transfer": "[转账] {fee} {memo}", "receipt": "[转账收款] {fee} {memo}", "quote": "{text}[引用 {quoter_name}：{quoted}]",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """One copy as its exporter sees it."""

    sides: Sides
    copy: Copy

    @property
    def side(self) -> Side:
        """The side of the copy."""
        return self.copy.side

    @property
    def chat(self) -> str:
        """The id of the conversation on this device."""
        return self.sides.room or self.sides.people[self.sides.peer_of(self.side)].id

    @property
    def title(self) -> str:
        """The name of the conversation on this device."""
        return self.sides.title or self.sides.name_on(self.side, self.sides.peer_of(self.side))

    @property
    def owner(self) -> str:
        """The account of the device."""
        return self.sides.people[self.copy.owner].id

    def author(self, row: Row) -> int:
        """The person under whom the row is filed: notices go to the peer."""
        return row.author if row.author is not None else self.sides.peer_of(self.side)

    def own(self, row: Row) -> bool:
        """Whether the device's owner sent the row."""
        return row.author == self.copy.owner

    def name(self, row: Row) -> str:
        """The name that the device shows."""
        return self.sides.name_on(self.side, self.author(row))

    def account(self, row: Row) -> str:
        """The account of the row's author."""
        return self.sides.people[self.author(row)].id

    def nickname(self, row: Row) -> str:
        """The author's own name for himself."""
        return self.sides.people[self.author(row)].name

    def quoter(self, row: Row) -> str:
        """The name before quoted words."""
        return self.sides.name_on(self.side, int(row.facts["quoter"]))

    def moment(self, at: float) -> datetime:
        """The local moment on the exporting computer."""
        return datetime.fromtimestamp(at, UTC) + timedelta(seconds=self.copy.zone(at))

    def time(self, row: Row) -> str:
        """Local time to the second."""
        return self.moment(row.at).strftime("%Y-%m-%d %H:%M:%S")

    def clock(self, row: Row) -> str:
        """The length of a voice or call as mm:ss."""
        return f"{int(row.facts['seconds']) // 60:02}:{int(row.facts['seconds']) % 60:02}"

    def fee(self, row: Row) -> str:
        """The amount of a payment as the client shows it; empty where there is none."""
        return f"￥{row.facts['amount']}" if row.facts.get("amount") else ""

    def xml(self, row: Row) -> str:
        """The message as the client stores it: words, or XML."""
        return self.fill(XML, row, lambda text: html.escape(text, quote=False))

    def fill(self, templates: Templates, row: Row, escape: Callable[[str], str] = str) -> str:
        """The row's body by the template of its kind; its words where there is none."""
        key = "receipt" if row.facts.get("state") == "3" else str(row.kind)
        if key not in templates:
            return row.text
        f, told = row.facts, defaultdict[str, str](str)
        told |= {
            **f,
            "text": row.text,
            "paid": "微信转账",
            "packet": "微信红包",
            "time": self.time(row),
            "id": row.id,
            "chat": self.chat,
        }
        told["fee"] = self.fee(row)
        told["clock"] = self.clock(row) if "seconds" in f else ""
        told["mb"] = f"{int(f.get('size', 0)) / 1048576:.2f}"
        told["ext"] = f.get("name", "").rpartition(".")[2]
        if "quoter" in f:
            when = self.moment(float(f["quoted_at"]))
            told |= {
                "quoter_name": self.quoter(row),
                "quoter_id": self.sides.people[int(f["quoter"])].id,
                "when": f"{when:%Y-%m-%d %H:%M:%S}",
                "when_short": f"{when:%m-%d %H:%M:%S}",
            }
            told["quoted_lines"] = f["quoted"].replace("\n", "\n> ")
        for name in told:
            told[name] = escape(told[name])
        return templates[key].format_map(told)
