"""The commands around a case: custody, checklist, guide, payments. They join the program in cli.py."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconcile.errors import CaseNotEmpty, UsageError
from reconcile.terminal import echo, echo_json
from reconcile.wording import Lang, say

if TYPE_CHECKING:
    from reconcile.custody.bill import Bill
    from reconcile.custody.whole import Content
    from reconcile.intake.contract import ReadOptions

PATH = click.Path(path_type=Path)
LIMIT = click.option("--limit", "limits", multiple=True, help="NAME=NUMBER of docs/limits.md (repeat). 输入上限。")
LANG = click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language. 语言。")
WHO = (
    click.option("--who", default="", help="Who does it. 操作人。"),
    click.option("--where", default="", help="Where. 地点。"),
    click.option("--note", default="", help="A note for the log. 备注。"),
)
OF_DEVICES = (
    click.option("--timezone", help="Zone of times that carry none. 无时区时间所用时区。"),
    LIMIT,
    click.option("--overwrite", is_flag=True, help="Replace an earlier run in the same folder. 覆盖旧结果。"),
    click.option("--quiet", is_flag=True, help="No progress on the terminal. 不显示进度。"),
    LANG,
)
Command = Callable[..., Any]


def _with(options: Sequence[Command]) -> Callable[[Command], Command]:
    """A command with these options, in this order."""

    def given(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return given


@click.command()
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option("--out", required=True, type=PATH, help="New folder for the seal, outside the material. 封存文件夹。")
@click.option("--key-file", type=PATH, help="Ed25519 key that signs the statement. 签名密钥文件。")
@_with(WHO)
@LANG
def seal(paths: tuple[Path, ...], out: Path, key_file: Path | None, lang: Lang, **facts: str) -> int:
    """Seal material: SHA-256 and SM3 of every file and of the tree, with a chained log. 封存材料。"""
    from reconcile.custody.seal import describe
    from reconcile.custody.seal import seal as make

    _print(describe(make(paths, out, key=key_file, **facts), lang))
    return 0


@click.command()
@click.argument("sealed", metavar="SEAL", type=PATH)
@click.argument("paths", nargs=-1, type=PATH)
@click.option(
    "--certificate",
    "certificates",
    multiple=True,
    type=PATH,
    help="Certificates of the time-stamp authority. 时间戳机构证书。",
)
@click.option("--public-key", type=PATH, help="Key that checks the signature. 验签公钥。")
@click.option("--head", help="Last digest of the log as written down elsewhere. 另行记下的日志末值。")
@click.option("--record", is_flag=True, help="Write this check into the log. 将本次核对记入日志。")
@click.option("--who", default="", help="Who does it. 操作人。")
@LANG
def verify(sealed: Path, paths: tuple[Path, ...], certificates: tuple[Path, ...], lang: Lang, **rest: Any) -> int:
    """What changed, went or came since a seal. 核对封存后有无变化。"""
    from reconcile.custody.verify import describe
    from reconcile.custody.verify import verify as check

    result = check(sealed, paths, certificates=certificates, **rest)
    _print(describe(result, lang))
    return 1 if result.has_findings else 0


@click.command("timestamp")
@click.argument("sealed", metavar="SEAL", type=PATH)
@_with(WHO)
def timestamp(sealed: Path, **facts: str) -> int:
    """Write an RFC 3161 request for a seal, to be carried to an authority. 生成时间戳请求文件。"""
    from reconcile.custody.timestamp import timestamp_request

    echo(timestamp_request(sealed, **facts))
    return 0


@click.command("init")
@click.argument("case", metavar="CASE", type=PATH)
@LANG
def init(case: Path, lang: Lang) -> int:
    """Write a commented case file and its folders. 新建案件文件与文件夹。"""
    from reconcile.submission.case_file import init_case

    _print([str(p) for p in init_case(case, lang)])
    return 0


@click.command()
@click.argument("case", metavar="CASE", type=PATH)
@click.option(
    "--out", type=PATH, help="Folder for checklist.html, .docx and .json; default: the case's own. 输出文件夹。"
)
@LANG
def checklist(case: Path, out: Path | None, lang: Lang) -> int:
    """《提交材料核对表》: what of a submission is present, missing or unclear. 提交材料核对表。"""
    from reconcile.custody.whole import put_whole
    from reconcile.submission.checklist import checklist as judge
    from reconcile.submission.checklist_page import to_docx, to_html, to_json

    data, folder = judge(case), out or case
    files: dict[Path, Content] = {
        folder / "checklist.html": to_html(data, lang).encode(),
        folder / "checklist.docx": lambda p: to_docx(data, lang, p),
        folder / "checklist.json": to_json(data),
    }
    put_whole(files)
    _print([str(f) for f in files])
    return 0


@click.command()
@click.option("--out", type=PATH, help="FILE.html or FILE.docx; default: the terminal. 输出文件。")
@LANG
def guide(out: Path | None, lang: Lang) -> int:
    """《微信记录保存与提取指引》: what a party does before anything is lost. 保存与提取指引。"""
    from reconcile.custody.whole import put_whole
    from reconcile.submission.guide import to_docx, to_html, to_text

    if out is None:
        echo(to_text(lang))
        return 0
    if out.exists():
        raise CaseNotEmpty(out, f"{out}: exists; choose another name")
    if out.suffix.lower() == ".docx":
        put_whole({out: lambda p: to_docx(lang, p)})
    elif out.suffix.lower() == ".html":
        put_whole({out: to_html(lang).encode()})
    else:
        raise UsageError("--out", f"--out {out}: expected a file ending in .html or .docx")
    echo(out)
    return 0


@click.command()
@click.argument("submission", type=PATH)
@click.argument("more", nargs=-1, type=PATH)
@click.option(
    "--against",
    multiple=True,
    required=True,
    type=PATH,
    help="Full exports: the party's own first. 完整导出,先列本方。",
)
@click.option("--out", required=True, type=PATH, help="Folder for the results. 结果文件夹。")
@click.option("--reader", help="Force a reader for the submission. 指定读取器。")
@click.option("--timezone", help="Zone of times that carry none. 无时区时间所用时区。")
@LIMIT
@click.option(
    "--recognised", is_flag=True, help="The words were read off pictures by another program. 文字系由图片识别而来。"
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier run in the same folder. 覆盖旧结果。")
@click.option("--quiet", is_flag=True, help="No progress on the terminal. 不显示进度。")
@LANG
def check(
    submission: Path,
    more: tuple[Path, ...],
    against: tuple[Path, ...],
    out: Path,
    timezone: str | None,
    limits: tuple[str, ...],
    quiet: bool,
    **chosen: Any,
) -> int:
    """Is what is submitted complete? Held against full exports. 核对提交材料是否完整。"""
    from reconcile.intake.contract import ReadOptions
    from reconcile.settings import Limits
    from reconcile.submission.run import PAGE, run_check

    options = ReadOptions(timezone=timezone, limits=Limits.given(limits))
    found = run_check(submission, [*against, *more], out, options=options, progress=_stages(quiet=quiet), **chosen)
    echo(say(f"verdict.{found.grade}", chosen["lang"]))
    echo(say("cli.report_at", chosen["lang"], path=out / PAGE))
    return 1 if found.has_findings else 0


@click.command()
@click.argument("statement", type=PATH)
@click.option(
    "--chats", multiple=True, type=PATH, help="Export whose payments are held against it (repeat). 用以比对的聊天导出。"
)
@click.option("--out", type=PATH, help="Folder for a page and tables; default: the terminal alone. 结果文件夹。")
@click.option("--password-file", type=PATH, help="File with the password of the statement's ZIP. 压缩包密码文件。")
@click.option("--overwrite", is_flag=True, help="Replace an earlier run in the same folder. 覆盖旧结果。")
@LANG
def bill(
    statement: Path, chats: tuple[Path, ...], out: Path | None, password_file: Path | None, overwrite: bool, lang: Lang
) -> int:
    """Read a WeChat Pay statement and hold the chats' payments against it. 核对微信支付账单。"""
    from reconcile.submission.payments import run_bill

    password = _password(password_file) if password_file or statement.suffix.lower() == ".zip" else None
    reports = run_bill(statement, chats, out=out, password=password, lang=lang, overwrite=overwrite)
    for report in reports:
        _print(report.lines(lang))
    return 1 if any(r.has_findings for r in reports) else 0


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--out", required=True, type=PATH, help="Folder for the results. 结果文件夹。")
@_with(OF_DEVICES)
def drift(old: Path, new: Path, out: Path, **chosen: Any) -> int:
    """An earlier export of one device against a later one: what went, came, changed. 同一设备先后两份导出的变化。"""
    from reconcile.drift import PAGE, describe, run_drift

    found = run_drift(old, new, out, **_of_devices(**chosen))
    lang = chosen["lang"]
    _print([*describe(found, lang), say("devices.drift_at", lang, path=out / PAGE)])
    return 1 if found.has_findings else 0


@click.command()
@click.argument("exports", nargs=-1, required=True, type=PATH)
@click.option("--out", required=True, type=PATH, help="Folder for the results. 结果文件夹。")
@click.option(
    "--name", "names", multiple=True, help="What reports call each party, in order (repeat). 各方称谓，依次给出。"
)
@_with(OF_DEVICES)
def group(exports: tuple[Path, ...], out: Path, names: tuple[str, ...], **chosen: Any) -> int:
    """Several parties' exports of one group chat: pair by pair, and who holds what. 同一群聊的多份导出。"""
    from reconcile.group import PAGE, run_group

    union = run_group(exports, out, names=names, **_of_devices(**chosen))
    lacked = int((union.messages["lacking"].list.len() > 0).sum())
    total, lang = union.messages.height, chosen["lang"]
    _print([say("devices.group_union", lang, n=total, all=total - lacked, some=lacked), say("devices.group_at", lang, path=out / PAGE)])  # fmt: skip
    return 1 if union.has_findings else 0


def _of_devices(*, timezone: str | None, limits: tuple[str, ...], quiet: bool, **rest: Any) -> dict[str, Any]:
    """What the options OF_DEVICES are to a run over them."""
    from reconcile.intake.contract import ReadOptions
    from reconcile.settings import Limits

    options = ReadOptions(timezone=timezone, key=os.environ.get("RECONCILE_KEY") or None, limits=Limits.given(limits))
    return {"options": options, "progress": _stages(quiet=quiet), **rest}


def _stages(*, quiet: bool) -> Callable[[str], None]:
    return (lambda _: None) if quiet else (lambda stage: echo(stage, err=True) if sys.stderr.isatty() else None)


@click.command("explain")
@click.argument("folder", metavar="DIR", type=PATH)
@click.argument("row", metavar="ROW")
@click.option("--json", "as_json", is_flag=True, help="Print JSON. 以 JSON 输出。")
@LANG
def explain_row(folder: Path, row: str, as_json: bool, lang: Lang) -> int:
    """Everything the comparison thought about one row: left:12, right:7 or a locator. 逐行说明比对依据。"""
    from reconcile.explanation import explain
    from reconcile.explanation.words import as_text

    found = explain(folder, row)
    if as_json:
        echo_json(found)
    else:
        _print(as_text(found, lang))
    return 0


@click.command("self-test")
@LANG
def self_test(lang: Lang) -> int:
    """Check this machine with shipped disputes of known result and published digests. 在本机自检并给出工具验证语句。"""
    from reconcile.self_test import as_lines, run_checks

    checks = run_checks()
    _print(as_lines(checks, lang))
    return 0 if all(c.passed for c in checks) else 2


def read_bills(statements: tuple[Path, ...], password_file: Path | None) -> list["Bill"]:
    """The statements given to a comparison, read before anything else so that a broken one stops the run."""
    if not statements:
        return []
    from reconcile.custody.bill import read_bill

    packed = any(s.suffix.lower() == ".zip" for s in statements)
    password = _password(password_file) if password_file or packed else None
    return [read_bill(s, password) for s in statements]


def say_bills(
    statements: list["Bill"], exports: tuple[Path, ...], out: Path, lang: Lang, options: "ReadOptions"
) -> bool:
    """Holds statements against the exports of a comparison, prints what was found; whether anything was."""
    if not statements:
        return False
    from reconcile.submission.payments import bills_beside

    reports = bills_beside(statements, exports, out, lang, options)
    for report in reports:
        _print(report.lines(lang))
    return any(r.has_findings for r in reports)


def _password(file: Path | None) -> str | None:
    # By file or prompt only: an argument would stand in the process list.
    if file is None:
        return (
            click.prompt("ZIP", hide_input=True, err=True, default="", show_default=False) or None
            if sys.stdin.isatty()
            else None
        )
    from reconcile.custody.bill_cells import read_password

    return read_password(file)


def _print(lines: list[str]) -> None:
    for line in lines:
        echo(line)


COMMANDS: tuple[click.Command, ...] = (
    check,
    seal,
    verify,
    timestamp,
    init,
    checklist,
    guide,
    bill,
    drift,
    group,
    explain_row,
    self_test,
)
