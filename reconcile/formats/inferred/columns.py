"""Which column of an unknown table holds what: a guess to confirm, or the user's own word.

The guess uses headings and the shapes of cells; the user's word is `--columns` or a small TOML file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from reconcile.errors import UsageError
from reconcile.formats.inferred.zones import zone_of_heading
from reconcile.intake.messages.running_ids import running_numbers
from reconcile.intake.tables.cells import Cells, TableHead
from reconcile.intake.text.toml import table_of, toml_of
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import NAMED_DAY, parse_time_column

# Role -> headings, the plainest first; compared without blanks, case, brackets and marks.
ROLES: dict[str, str] = {
    "time": "时间 发送时间 消息时间 日期时间 时间戳 发送日期时间 聊天时间 创建时间 收发时间 time timestamp datetime date/time sentat senttime "
    "createtime create_time messagetime date_time 日期 发送日期 date timestamp:time sentdate/time messagesentdate/time",
    "date": "日期 发送日期 消息日期 date day timestamp:date",
    "clock": "时刻 时分秒 clock timeofday",
    "sender": "发送者 发送人 发信人 发件人 发言人 发送方 发送者id 发送人id 发送者账号 发送人账号 发送方账号 发送者微信id 发送者微信号 发送者wxid wxid 微信号 微信id "
    "账号 发言者 sender from author senderid sender_id fromid senderaccount senderusername sentby 说话人 用户",
    "sender_name": "发送者昵称 发送人昵称 发送者名称 发送人名称 发送方昵称 昵称 备注 姓名 显示名称 sendername sender_name nickname displayname fromname name 名称",
    "receiver": "接收者 接收人 收信人 收件人 接收方 接收者账号 接收方账号 接收者id receiver recipient to toid recipients",
    "text": "内容 消息内容 聊天内容 信息内容 正文 文本 消息 文本内容 消息正文 短信内容 content text body message messagebody messagetext msg messagecontent msgcontent",
    "id": "消息id 服务器id 服务器消息id 消息服务器id 服务id msgsvrid msgsrvid server_id serverid svrid messageid message_id msgid 消息唯一标识 唯一标识 id",
    "local_id": "本地id 本地消息id localid local_id",
    "kind": "类型 消息类型 信息类型 内容类型 type messagetype msgtype kind type_name typename",
    "direction": "方向 收发 收发方向 收/发 发送/接收 发送接收 收发类型 动作 direction action is_sender issender issend is_send isself is_self 是否发送 是否本人",
    "conversation": "会话 会话名称 会话id 聊天对象 对话 群名 群名称 群聊 群id 联系人 对方 对方账号 聊天名称 conversation chat thread room session chatname talker chat# chatid",
    "reply_to": "引用消息id 回复消息id replyto reply_to quotedmessageid",
    "amount": "金额 转账金额 amount",
    "media_hash": "md5 哈希 哈希值 文件md5 hash sha256 文件哈希",
    "file_name": "文件名 文件名称 附件 附件名 filename attachment attachment#1",
    "file_size": "文件大小 大小 filesize size",
    "duration": "时长 语音时长 duration",
    "url": "链接 网址 url link",
    "status": "状态 发送状态 消息状态 status",
    "deleted": "删除状态 是否删除 已删除 deleted deletedstate deleted-instantmessage",
}  # fmt: skip
NEEDED = ("time", "text")
SIDES = ("sender", "sender_name", "direction")
# What `--columns` may say beside roles: how the cells read.
MANNERS = ("time_unit", "day_first", "timezone", "owner", "sheet")
# So large a share of the rows name their sender.
_LEAST_FILLED = 0.5
_TIME = re.compile(
    r"^\s*(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{10}(?:\d{3})?\s*$)|^\s*\d{4}-\d\d-\d\dT"
    rf"|(?i:^\s*{NAMED_DAY})"
)
_DATE_ONLY = re.compile(r"^\s*(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[/.-]\d{1,2}[/.-]\d{4})\s*$")
_CLOCK_ONLY = re.compile(r"^\s*(?:上午|下午)?\s*\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2})?秒?\s*(?:[AaPp][Mm])?\s*$")
_ID = re.compile(r"^\s*\d{8,20}\s*$|^\s*\d(?:\.\d+)?[eE]\+\d+\s*$")


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess of the columns: role -> heading, the row of the heading, and reasons for doubt.

    No reasons in `doubts` = the guess is clear.
    """

    head: TableHead
    heading_at: int
    columns: Mapping[str, str]
    doubts: tuple[str, ...] = field(default=())

    @property
    def is_clear(self) -> bool:
        """Whether every needed role has exactly one candidate whose cells agree with it."""
        return not self.doubts

    def spelled(self) -> str:
        """The guess as `--columns` takes it: `time=…,sender=…`."""
        return ",".join(f"{role}={name}" for role, name in self.columns.items())


def parse_columns(option: str) -> dict[str, str]:
    r"""Role -> heading of a `--columns` value: `time=…,sender=…`, or the path of a TOML or JSON file.

    A comma inside a heading is written `\,`. The file holds the same pairs at its top or under `[columns]`; tables
    `[kinds]` (word of the type column -> kind) and `[direction]` (word -> self or peer) become `kind:word` and
    `direction:word`. Raises UsageError for a part without `=`, an unknown role or a file that cannot be read.
    """
    pairs = _from_file(Path(option)) if option.lower().endswith((".toml", ".json")) else _from_words(option)
    known = (*ROLES, *MANNERS)
    for role in pairs:
        if role not in known and not role.startswith(("kind:", "direction:")):
            raise UsageError("--columns", f"--columns: no role {role!r}; there are {', '.join(known)}")
    return pairs


def guess_table(head: TableHead) -> Guess | None:
    """The likeliest reading of a table's columns; None where no row looks like headings of messages."""
    best: tuple[int, int, dict[str, list[str]]] | None = None
    for at, row in enumerate(head.rows[:20]):
        found = _columns_by_role(row)
        score = len(found)
        if all(r in found for r in NEEDED) and any(r in found for r in SIDES) and (best is None or score > best[0]):
            best = (score, at, found)
    if best is None:
        return None
    _, at, found = best
    return _settle_guess(head, at, found)


def find_heading(head: TableHead, columns: Mapping[str, str]) -> int | None:
    """The row of the head that holds every heading the user named; None where none does."""
    wanted = {name for role, name in columns.items() if role in ROLES}
    for at, row in enumerate(head.rows):
        if wanted <= {" ".join(c.split()) for c in row} | {f"#{i}" for i in range(1, len(row) + 1)}:
            return at
    return None


def bare(heading: str) -> str:
    """A heading without blanks, case, brackets and marks, for comparison."""
    return re.sub(r"[\s()（）\[\]【】:：*]+", "", heading).lower().removesuffix("utc+0000").removesuffix("-")


def _by_name() -> dict[str, list[tuple[str, int]]]:
    """Bare heading -> the roles that it may have, each with its rank among the role's names."""
    table: dict[str, dict[str, int]] = {}
    for role, names in ROLES.items():
        for rank, name in enumerate(names.split()):
            table.setdefault(bare(name), {})[role] = rank
    return {name: list(roles.items()) for name, roles in table.items() if name}


_BY_NAME = _by_name()


def _columns_by_role(row: Cells) -> dict[str, list[str]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for cell in row:
        for role, rank in _BY_NAME.get(bare(cell), ()):
            found.setdefault(role, []).append((rank, " ".join(cell.split())))
    return {role: [name for _, name in sorted(found[role], key=lambda e: e[0])] for role in ROLES if role in found}


def _settle_guess(head: TableHead, at: int, found: dict[str, list[str]]) -> Guess:
    below = [r for r in head.rows[at + 1 :] if len(r) <= len(head.rows[at])]
    cells = {
        " ".join(name.split()): [r[i] for r in below if i < len(r) and r[i].strip()]
        for i, name in enumerate(head.rows[at])
    }
    # A column of remarks on a few messages names nobody.
    found = found | {
        "sender_name": [n for n in found.get("sender_name", ()) if _is_filled(cells.get(n, []), len(below))]
    }
    doubts: list[str] = []
    columns = _time_columns(found, cells, doubts)
    used = set(columns.values())
    for role in ("id", "local_id", "text", "sender", "sender_name", "direction", "kind", "receiver", "conversation"):
        names = [n for n in found.get(role, ()) if n not in used and _fits_role(role, cells.get(n, []))]
        if len(names) > 1 and role in ("text", "id", "sender", "direction"):
            doubts.append(f"{role}: {' / '.join(names)}")
        if role == "local_id" and not names:
            # A device's running number may stand under an id's heading although another column holds the ids.
            names = [
                n
                for n in found.get("id", ())
                if n not in used and "id" in columns and _are_running_numbers(cells.get(n, []))
            ]
        if names:
            columns[role] = names[0]
            used.add(names[0])
    for role, names in found.items():
        free = [n for n in names if n not in used and not (role == "id" and _recurs(cells.get(n, [])))]
        if role not in columns and free and role not in ("time", "date", "clock"):
            columns[role] = free[0]
            used.add(free[0])
    if "sender" not in columns and "sender_name" in columns:
        columns["sender"] = columns.pop("sender_name")
    doubts += [f"{role}: none" for role in NEEDED if role not in columns]
    if not set(SIDES) & set(columns):
        doubts.append("sender: none")
    return Guess(head, at, columns, tuple(doubts))


def _time_columns(found: dict[str, list[str]], cells: dict[str, list[str]], doubts: list[str]) -> dict[str, str]:
    names = list(dict.fromkeys([*found.get("time", ()), *found.get("date", ()), *found.get("clock", ())]))
    whole = [
        n
        for n in names
        if _share_matching(cells.get(n, []), _TIME) > 0.9 and _share_matching(cells.get(n, []), _DATE_ONLY) < 0.5
    ]
    dates = [n for n in names if _share_matching(cells.get(n, []), _DATE_ONLY) > 0.9]
    clocks = [n for n in names if _share_matching(cells.get(n, []), _CLOCK_ONLY) > 0.9]
    if whole:
        if len(whole) > 1:
            doubts.append(f"time: {' / '.join(whole)}")
        unit = _unix_unit(cells[whole[0]])
        if unit is None and not _read(cells[whole[0]]):
            doubts.append(f"time: {whole[0]}, cells do not read as times")
        zone = None if unit else zone_of_heading(whole[0])
        return {"time": whole[0], **({"time_unit": unit} if unit else {}), **({"timezone": zone} if zone else {})}
    if len(dates) == 1 and len(clocks) == 1:
        return {"date": dates[0], "time": clocks[0]}
    if dates:
        doubts.append("time: day only")
        return {"time": dates[0]}
    doubts.append(f"time: {' / '.join(names)}, cells do not read as times")
    return {"time": names[0]} if names else {}


def _read(cells: list[str]) -> bool:
    """Whether the spelling of the first cells is known, days and months included."""
    return parse_time_column(pl.Series(cells, dtype=pl.String), ASSUMED_ZONE)["sent_at"].null_count() < len(cells) / 2


def _unix_unit(cells: list[str]) -> str | None:
    if _share_matching(cells, re.compile(r"^\s*1\d{9}\s*$")) == 1:
        return "s"
    return "ms" if _share_matching(cells, re.compile(r"^\s*1\d{12}\s*$")) == 1 else None


def _fits_role(role: str, cells: list[str]) -> bool:
    if role == "id":
        return (
            bool(cells)
            and _share_matching([c for c in cells if c != "0"], _ID) > 0.9
            and not _are_running_numbers(cells)
        )
    if role == "kind":
        return len(set(cells)) <= max(12, len(cells) // 2)
    return True


def _is_filled(cells: list[str], rows: int) -> bool:
    return len(cells) >= _LEAST_FILLED * rows


def _recurs(cells: list[str]) -> bool:
    """Whether few values fill a column, as the ids of persons do."""
    return 2 * len(set(cells)) < len(cells)


def _are_running_numbers(cells: list[str]) -> bool:
    return running_numbers(pl.DataFrame({"message_id": cells}, schema={"message_id": pl.String})) is not None


def _share_matching(cells: list[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.search(c)) for c in cells) / len(cells) if cells else 0.0


def _from_words(option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in re.split(r"(?<!\\),", option):
        role, equals, name = part.partition("=")
        if not equals or not role.strip() or not name.strip():
            raise UsageError("--columns", f"--columns: {part!r} is no role=heading; write time=…,sender=…,text=…")
        pairs[role.strip()] = name.strip().replace("\\,", ",")
    return pairs


def _from_file(path: Path) -> dict[str, str]:
    try:
        data = toml_of(path) if path.suffix.lower() == ".toml" else _json_of(path)
        top = table_of({"": {k: v for k, v in data.items() if not isinstance(v, dict)}}, "")
        columns, kinds, direction = (table_of(data, name) for name in ("columns", "kinds", "direction"))
    except ValueError as error:
        raise UsageError("--columns", f"--columns {path}: cannot be read ({error})") from None
    pairs = top | columns | {f"kind:{w}": k for w, k in kinds.items()}
    return pairs | {f"direction:{w}": d for w, d in direction.items()}


def _json_of(path: Path) -> dict[str, Any]:
    try:
        data = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ValueError(" ".join(str(error).split())) from None
    if not isinstance(data, dict):
        raise ValueError("no JSON object")
    return data
