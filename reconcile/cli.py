"""The commands: parse, call, print, exit code. 0 nothing against completeness, 1 findings, 2 could not run."""

import gc
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconcile import __version__
from reconcile.casework import COMMANDS
from reconcile.errors import ReconcileError, UsageError, is_defect, place_of
from reconcile.terminal import echo, echo_json, show_usage_error, visible
from reconcile.wording import Lang, say

if TYPE_CHECKING:
    from reconcile.intake.contract import ReadOptions
    from reconcile.match.parties import Stated
    from reconcile.options import CaseOptions

NOTHING, FINDINGS, COULD_NOT_RUN = 0, 1, 2
GRADES_AGAINST = ("conflicting", "one_sided")
REPORT_FORMS = ("html", "docx", "xlsx", "pdf", "csv", "json", "case")
Command = Callable[..., Any]
# Exports of which a comparison takes some ten times as much memory, whatever it does.
_LITTLE_BYTES = 2**28


class _Bilingual(click.Group):
    """Commands in the order of the contract; errors of usage exit with 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


@click.group(cls=_Bilingual, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="reconcile")
def program() -> None:
    """Hold both parties' copies of a WeChat conversation side by side.

    比对双方各自持有的同一微信聊天记录,逐条列明一致、不一致与仅见于一方之处。
    """


def _shared(command: Command) -> Command:
    options = [
        click.option(
            "--lang",
            type=click.Choice(["zh", "en"]),
            default="zh",
            show_default=True,
            help="Language of reports and messages. 报告语言。",
        ),
        click.option("--quiet", is_flag=True, help="No progress on the terminal. 不显示进度。"),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _reading(command: Command) -> Command:
    options = [
        click.option("--timezone", help="Zone of times that carry none, e.g. Asia/Shanghai. 无时区时间所用时区。"),
        click.option(
            "--key-file",
            type=click.Path(path_type=Path),
            help="File with your own database or backup key. 存放本人数据库密钥的文件。",
        ),
        click.option("--columns", help="Roles of a table's columns: time=…,sender=…,text=…,id=…. 表格各列的含义。"),
        click.option("--limit", "limits", multiple=True, help="NAME=NUMBER of docs/limits.md (repeat). 输入上限。"),
        click.option(
            "--owner", help="Account id of the device's owner, where the export does not tell. 设备所属账号。"
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _comparing(command: Command) -> Command:
    options = [
        click.option(
            "--map",
            "map_file",
            type=click.Path(path_type=Path),
            help="TOML file that states which conversations and senders are one. 指明会话与发送者对应关系的文件。",
        ),
        click.option("--left-name", help="What reports call the left party. 左侧当事人称谓。"),
        click.option("--right-name", help="What reports call the right party. 右侧当事人称谓。"),
        click.option("--left-reader", help="Force the reader of the left export. 指定左侧读取器。"),
        click.option("--right-reader", help="Force the reader of the right export. 指定右侧读取器。"),
        click.option("--left-owner", help="--owner of the left export alone. 左侧设备所属账号。"),
        click.option("--right-owner", help="--owner of the right export alone. 右侧设备所属账号。"),
        click.option(
            "--error-rates/--no-error-rates",
            default=None,
            help="Measure this run's own error rates; default: compare yes, batch no. 是否实测本次的误差率。",
        ),
        click.option("--no-messages", is_flag=True, help="Do not write messages.parquet. 不写出消息表。"),
        click.option(
            "--report",
            "reports",
            multiple=True,
            type=click.Choice(REPORT_FORMS),
            help="Report forms to write (repeat); default html. 报告形式,可多次给出。",
        ),
        click.option("--mask", is_flag=True, help="Mask third parties in reports. 报告中遮蔽第三人信息。"),
        click.option(
            "--overwrite", is_flag=True, help="Replace an earlier run in the same folder. 覆盖同一文件夹中的旧结果。"
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@program.command()
@click.argument("left", required=False, type=click.Path(path_type=Path))
@click.argument("right", required=False, type=click.Path(path_type=Path))
@click.option(
    "--left",
    "lefts",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A further device of the left party (repeat); the only way where LEFT is not given. 左侧当事人的另一设备，可多次给出。",
)
@click.option(
    "--right",
    "rights",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A further device of the right party (repeat). 右侧当事人的另一设备，可多次给出。",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results. 结果文件夹。")
@click.option("--case", help="Name of the case in every result row. 案件名称。")
@click.option(
    "--bill",
    "bills",
    multiple=True,
    type=click.Path(path_type=Path),
    help="WeChat Pay statement of either party (repeat). 任一方的微信支付账单。",
)
@click.option(
    "--bill-password-file",
    type=click.Path(path_type=Path),
    help="File with the password of a statement's ZIP. 账单压缩包的密码文件。",
)
@_comparing
@_reading
@_shared
def compare(
    left: Path | None,
    right: Path | None,
    lefts: tuple[Path, ...],
    rights: tuple[Path, ...],
    out: Path,
    case: str | None,
    overwrite: bool,
    quiet: bool,
    lang: Lang,
    **chosen: Any,
) -> int:
    """Compare two parties' exports: a verdict for each conversation. 比对双方导出材料。"""
    sides = _sides(left, right, lefts, rights)
    _make_ready((*sides[0], *sides[1]))
    from reconcile import case as cases
    from reconcile.casework import read_bills, say_bills

    statements = read_bills(chosen.pop("bills"), chosen.pop("bill_password_file"))
    (first, *more_left), (second, *more_right) = sides
    more = (more_left, more_right)
    with _Progress(quiet=quiet, lang=lang) as progress:
        findings = cases.compare(
            first, second, out, _case_options(chosen, lang), case=case, overwrite=overwrite, progress=progress.step, more=more
        )  # fmt: skip
    _print_verdicts(findings.verdicts, lang)
    echo(say("cli.report_at", lang, path=out / "report.html"))
    if any(more):
        echo(say("devices.page_at", lang, path=out / "devices.html"))
    against = say_bills(statements, (*sides[0], *sides[1]), out, lang, _read_options(chosen))
    return FINDINGS if against or findings.verdicts["grade"].is_in(GRADES_AGAINST).any() else NOTHING


def _make_ready(exports: tuple[Path, ...]) -> None:
    """What helps before the libraries of a comparison are loaded, which takes one core half a second."""
    from reconcile.digests import begin

    # The other core takes the digests, which need no library.
    size = begin(exports)
    # The library of columns has an arena of memory for each core and keeps what it once had: where that is little beside a machine's memory, a
    # twentieth of the time goes into giving pages back and asking for them again. What the user has set stands.
    if size < _LITTLE_BYTES:
        os.environ.setdefault("_RJEM_MALLOC_CONF", f"narenas:{max(2, os.cpu_count() or 1)},dirty_decay_ms:-1")


@program.command()
@click.argument("cases")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results. 结果文件夹。")
@click.option("--workers", type=click.IntRange(1), help="Processes; default one a core. 并行进程数。")
@click.option("--memory", help="What the whole run may take, such as 4GB. 全部进程可用的内存。")
@click.option("--cluster", help="Address of a Dask scheduler (extra `cluster`). Dask 调度器地址。")
@click.option(
    "--reports",
    "folders",
    type=click.Choice(["none", "findings", "all"]),
    help="Which cases get a folder with reports; default none, findings with --report. 为哪些案件写出报告。",
)
@click.option(
    "--sample", type=click.IntRange(0), default=0, help="Cases drawn for audit, with a fixed seed. 抽查件数。"
)
@_comparing
@_reading
@_shared
def batch(
    cases: str,
    out: Path,
    workers: int | None,
    cluster: str | None,
    memory: str | None,
    folders: str | None,
    sample: int,
    overwrite: bool,
    quiet: bool,
    lang: Lang,
    **chosen: Any,
) -> int:
    """Compare many disputes: a folder of cases or a manifest; goes on after an interruption. 批量比对,中断后可续。"""
    from reconcile.batch import BatchOptions, run_batch
    from reconcile.batch.memory import parse_memory

    wanted = folders or ("findings" if chosen["reports"] else "none")
    how = BatchOptions(workers, cluster, wanted, sample, parse_memory(memory) if memory else None)  # type: ignore[arg-type]
    with _Progress(quiet=quiet, lang=lang) as progress:
        summary = run_batch(cases, out, _case_options(chosen, lang), how, overwrite=overwrite, progress=progress.step)
    echo(say("cli.batch_done", lang, done=summary.done, failed=summary.failed, path=out))
    _print_grades(summary.grades, lang)
    return FINDINGS if summary.failed or any(summary.grades.get(g) for g in GRADES_AGAINST) else NOTHING


@program.command()
@click.argument("export", type=click.Path(path_type=Path))
@click.option("--reader", help="Force a reader. 指定读取器。")
@click.option("--json", "as_json", is_flag=True, help="Print JSON. 以 JSON 输出。")
@_reading
@_shared
def inspect(export: Path, reader: str | None, as_json: bool, lang: Lang, **chosen: Any) -> int:
    """What is in an export: format, owner, conversations, kinds, coverage, notes, hashes. 查看导出内容。"""
    from reconcile.inspection import as_text, describe

    found = describe(export, reader, _read_options(chosen))
    if as_json:
        echo_json(found)
    else:
        echo(as_text(found, lang))
    return NOTHING


@program.command()
@click.argument("export", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="FILE.csv, .jsonl or .parquet. 目标文件。")
@click.option("--reader", help="Force a reader. 指定读取器。")
@click.option("--overwrite", is_flag=True, help="Replace the file. 覆盖文件。")
@_reading
@_shared
def convert(export: Path, out: Path, reader: str | None, overwrite: bool, lang: Lang, **chosen: Any) -> int:
    """Write any readable export as the message table. 转换为通用消息表。"""
    from reconcile.inspection import convert as write_table

    rows, posts = write_table(export, out, reader, _read_options(chosen), overwrite=overwrite)
    echo(say("cli.converted", lang, rows=rows, path=out))
    if posts is not None:
        echo(say("moments.converted_posts", lang, posts=posts, path=out.with_name(f"{out.stem}.posts{out.suffix}")))
    return NOTHING


@program.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the reports; default FOLDER/reports. 报告文件夹。"
)
@click.option(
    "--report",
    "forms",
    multiple=True,
    type=click.Choice(REPORT_FORMS),
    help="Report forms to write (repeat); default html, docx, xlsx. 报告形式,可多次给出。",
)
@click.option("--mask", is_flag=True, help="Mask third parties. 遮蔽第三人信息。")
@click.option("--no-decisions", is_flag=True, help="Leave reviewers' decisions out. 不采用人工判断。")
@click.option("--overwrite", is_flag=True, help="Replace earlier reports there. 覆盖旧报告。")
@_shared
def report(folder: Path, out: Path | None, overwrite: bool, lang: Lang, **chosen: Any) -> int:
    """Write reports of a finished comparison again, with reviewers' decisions. 重新生成报告(含人工判断)。"""
    from reconcile.reissue import FOLDER, ReissueOptions, reissue

    options = ReissueOptions(
        forms=chosen["forms"] or ("html", "docx", "xlsx"),
        lang=lang,
        mask=chosen["mask"],
        decisions=not chosen["no_decisions"],
    )
    for path in reissue(folder, out or folder / FOLDER, options, overwrite=overwrite):
        echo(say("cli.report_at", lang, path=path))
    return NOTHING


@program.command()
@_shared
def readers(**_: Any) -> int:
    """List the forms that can be read. 列出可读取的形式。"""
    from reconcile.readers import all_readers

    for reader in all_readers():
        echo(f"{reader.name:32} {reader.title}  ({reader.tested_with})")
    return NOTHING


@program.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default="any free one",
    help="Port on this machine. 本机端口。",
)
@click.option("--no-browser", is_flag=True, help="Only print the address. 只显示地址,不打开浏览器。")
@click.option("--left", type=click.Path(path_type=Path), help="Left export, for its pictures. 左方导出,用于显示图片。")
@click.option(
    "--right", type=click.Path(path_type=Path), help="Right export, for its pictures. 右方导出,用于显示图片。"
)
@_shared
def review(
    folder: Path, port: int, no_browser: bool, left: Path | None, right: Path | None, lang: Lang, quiet: bool
) -> int:
    """Look at a finished comparison and judge doubtful rows, in a browser on this machine. 在本机浏览器中复核。"""
    from reconcile.review.server import serve
    from reconcile.vocabulary import Side

    exports = {side: path for side, path in ((Side.LEFT, left), (Side.RIGHT, right)) if path is not None}
    announce = (lambda _: None) if quiet and not no_browser else None
    serve(folder, lang, port, not no_browser, announce, exports)
    return NOTHING


for _command in COMMANDS:
    program.add_command(_command)


def _sides(
    left: Path | None, right: Path | None, lefts: tuple[Path, ...], rights: tuple[Path, ...]
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Every device of each party: LEFT and RIGHT first, then --left and --right in order."""
    if left is not None and right is None:
        raise UsageError(
            "LEFT RIGHT", f"compare {left}: one export alone; give LEFT RIGHT, or every device by --left and --right"
        )
    found = tuple(p for p in (left, *lefts) if p is not None), tuple(p for p in (right, *rights) if p is not None)
    if not all(found):
        raise UsageError(
            "LEFT RIGHT", "compare: no export of one party; give LEFT RIGHT, or --left PATH and --right PATH"
        )
    return found


def _read_options(chosen: dict[str, Any]) -> "ReadOptions":
    from reconcile.intake.contract import ReadOptions
    from reconcile.settings import Limits

    return ReadOptions(
        timezone=_zone(chosen.get("timezone")),
        key=_key(chosen.get("key_file")),
        columns=_columns(chosen.get("columns")),
        owner=chosen.get("owner"),
        limits=Limits.given(chosen.get("limits") or ()),
    )


def _owned(options: "ReadOptions", owner: str | None) -> "ReadOptions":
    return options if owner is None else replace(options, owner=owner)


def _zone(name: str | None) -> str | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name is not None:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UsageError(
                "--timezone", f"--timezone {name}: no such zone; expected a name such as Asia/Shanghai"
            ) from None
    return name


def _key(file: Path | None) -> str | None:
    # By file or environment only: an argument would stand in the process list.
    if file is None:
        return os.environ.get("RECONCILE_KEY") or None
    try:
        return file.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("--key-file", f"--key-file {file}: cannot be read ({type(error).__name__})") from None


def _columns(text: str | None) -> dict[str, str]:
    from reconcile.intake.columns import parse_columns

    return parse_columns(text) if text else {}


def _case_options(chosen: dict[str, Any], lang: Lang) -> "CaseOptions":
    from reconcile.options import CaseOptions

    options = _read_options(chosen)
    return CaseOptions(
        readers=(chosen["left_reader"], chosen["right_reader"]),
        read=(_owned(options, chosen["left_owner"]), _owned(options, chosen["right_owner"])),
        labels=(chosen["left_name"], chosen["right_name"]),
        stated=_stated(chosen["map_file"]),
        lang=lang,
        messages=not chosen["no_messages"],
        reports=chosen["reports"] or ("html",),
        mask=chosen["mask"],
        error_rates=chosen["error_rates"],
    )


def _stated(file: Path | None) -> "Stated":
    import tomllib

    from reconcile.match.parties import NOTHING_STATED, Stated

    if file is None:
        return NOTHING_STATED
    try:
        value = tomllib.loads(file.read_text("utf-8"))
        tables = [{str(k): str(v) for k, v in value.get(t, {}).items()} for t in ("conversations", "senders")]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError) as error:
        raise UsageError(
            "--map", f"--map {file}: expected TOML with [conversations] and [senders], left = right ({error})"
        ) from None
    return Stated(*tables)


def _print_verdicts(verdicts: Any, lang: Lang) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=say("cli.verdicts", lang))
    names = (
        "conversation",
        "grade",
        "agreements",
        "conflicts",
        "left_missing",
        "right_missing",
        "doubtful",
        "set_aside",
    )
    for name in names:
        table.add_column(
            say(f"cli.column_{name}", lang), justify="left" if name in names[:2] else "right", overflow="fold"
        )
    order = {
        g: i
        for i, g in enumerate(("conflicting", "one_sided", "cannot_determine", "explained_differences", "no_gap_found"))
    }
    for row in sorted(verdicts.iter_rows(named=True), key=lambda r: (order[r["grade"]], r["conversation"]))[:50]:
        style = {"conflicting": "bold red", "one_sided": "red", "cannot_determine": "yellow"}.get(row["grade"], "green")
        cells = [Text(visible(row["conversation"])), Text(say(f"verdict.{row['grade']}", lang), style=style)]
        table.add_row(*cells, *(str(row[n]) for n in names[2:]))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 140).print(table)


def _print_grades(grades: dict[str, int], lang: Lang) -> None:
    for grade, count in grades.items():
        echo(f"  {say(f'verdict.{grade}', lang)}: {count}")


class _Progress:
    """A line on stderr while it is a terminal; nothing otherwise, and never on stdout."""

    def __init__(self, *, quiet: bool, lang: Lang) -> None:
        self._show = not quiet and sys.stderr.isatty()
        self._lang: Lang = lang
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> "_Progress":
        if self._show:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, name: str) -> None:
        """Shows the stage by its catalogue name, or a text of numbers as it is."""
        if self._bar is not None:
            self._bar.update(self._task, description=say(f"cli.stage_{name}", self._lang) if name.isalpha() else name)


def _lang() -> Lang:
    return "en" if "--lang=en" in sys.argv or ("--lang", "en") in pairwise(sys.argv) else "zh"


def main() -> None:
    """Entry point of the command. The one place where errors become an exit code."""
    # Loading libraries and filling reports makes objects by the hundred thousand, hardly any of them in circles: to look for circles
    # after every 700 of them is a tenth of the time of a short run.
    gc.set_threshold(200_000, 20, 50)
    try:
        code = program.main(standalone_mode=False)
    except click.ClickException as error:
        show_usage_error(error)
        code = COULD_NOT_RUN
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = COULD_NOT_RUN
    except ReconcileError as error:
        if os.environ.get("RECONCILE_TRACEBACK") and error.__cause__ is not None and is_defect(error.__cause__):
            traceback.print_exception(error.__cause__)
        echo(f"reconcile: {error}", err=True)
        code = COULD_NOT_RUN
    except OSError as error:
        # A disk that is full, a share that went, a folder that may not be written: the system says it best.
        place = f"{error.filename}: " if error.filename else ""
        echo(f"reconcile: {place}{error.strerror or error}; see to the disk or path and run the same again", err=True)
        code = COULD_NOT_RUN
    except BaseException as error:
        if os.environ.get("RECONCILE_TRACEBACK") or not is_defect(error):
            raise
        echo(f"reconcile: {say('cli.defect', _lang(), place=place_of(error))}", err=True)
        code = COULD_NOT_RUN
    sys.exit(code if isinstance(code, int) else NOTHING)


if __name__ == "__main__":
    main()
