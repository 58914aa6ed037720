"""Commands around a case: custody, checklist, guide, payments, devices. cli.py adds them to the program."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconcile.command_help import Told, asked
from reconcile.console import tell_listener
from reconcile.errors import CaseNotEmpty, UsageError
from reconcile.exit_codes import Exit, exit_of, exit_of_grades, gravest
from reconcile.terminal import echo, echo_json
from reconcile.wording import Lang, say

if TYPE_CHECKING:
    from reconcile.custody.atomic_files import Content
    from reconcile.custody.bill import Bill
    from reconcile.intake.contract import ReadOptions
    from reconcile.submission.payments import BillReport

PATH = click.Path(path_type=Path)
LIMIT = click.option("--limit", "limits", multiple=True)
LANG = click.option("--lang", type=click.Choice(["zh", "en"]), default=asked, show_default=True)
WHO = (
    click.option("--who", default=""),
    click.option("--where", default=""),
    click.option("--note", default=""),
)
OF_DEVICES = (
    click.option("--timezone"),
    LIMIT,
    click.option("--overwrite", is_flag=True),
    click.option("--quiet", is_flag=True),
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


@click.command(cls=Told)
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option("--out", required=True, type=PATH)
@click.option("--key-file", type=PATH)
@_with(WHO)
@LANG
def seal(paths: tuple[Path, ...], out: Path, key_file: Path | None, lang: Lang, **facts: str) -> int:
    """Seal material: SHA-256 and SM3 of every file and of the tree, with a chained log."""
    from reconcile.custody.seal import describe
    from reconcile.custody.seal import seal as make

    _print(describe(make(paths, out, key=key_file, **facts), lang))
    return 0


@click.command(cls=Told)
@click.argument("sealed", metavar="SEAL", type=PATH)
@click.argument("paths", nargs=-1, type=PATH)
@click.option(
    "--certificate",
    "certificates",
    multiple=True,
    type=PATH,
)
@click.option("--public-key", type=PATH)
@click.option("--head")
@click.option("--record", is_flag=True)
@click.option("--who", default="")
@LANG
def verify(sealed: Path, paths: tuple[Path, ...], certificates: tuple[Path, ...], lang: Lang, **rest: Any) -> int:
    """Check what changed, went or came since material was sealed."""
    from reconcile.custody.verify import describe
    from reconcile.custody.verify import verify as check

    result = check(sealed, paths, certificates=certificates, **rest)
    _print(describe(result, lang))
    return 1 if result.has_findings else 0


@click.command("timestamp", cls=Told)
@click.argument("sealed", metavar="SEAL", type=PATH)
@_with(WHO)
@LANG
def timestamp(sealed: Path, lang: Lang, **facts: str) -> int:  # noqa: ARG001 - it prints a path; errors and help take the language
    """Write an RFC 3161 time-stamp request for a seal."""
    from reconcile.custody.timestamp import timestamp_request

    echo(timestamp_request(sealed, **facts))
    return 0


@click.command("init", cls=Told)
@click.argument("case", metavar="CASE", type=PATH)
@LANG
def init(case: Path, lang: Lang) -> int:
    """Write a commented case file and its folders."""
    from reconcile.submission.case_file import init_case

    _print([str(p) for p in init_case(case, lang)])
    return 0


@click.command(cls=Told)
@click.argument("case", metavar="CASE", type=PATH)
@click.option("--out", type=PATH)
@LANG
def checklist(case: Path, out: Path | None, lang: Lang) -> int:
    """The checklist of a submission: what is present, missing or unclear."""
    from reconcile.custody.atomic_files import write_files
    from reconcile.submission.checklist import checklist as judge
    from reconcile.submission.checklist_page import to_docx, to_html, to_json

    data, folder = judge(case), out or case
    files: dict[Path, Content] = {
        folder / "checklist.html": to_html(data, lang).encode(),
        folder / "checklist.docx": lambda p: to_docx(data, lang, p),
        folder / "checklist.json": to_json(data),
    }
    write_files(files)
    _print([str(f) for f in files])
    return 0


@click.command(cls=Told)
@click.option("--out", type=PATH)
@LANG
def guide(out: Path | None, lang: Lang) -> int:
    """Write the guide to keeping and extracting records."""
    from reconcile.custody.atomic_files import write_files
    from reconcile.submission.guide import to_docx, to_html, to_text

    if out is None:
        echo(to_text(lang))
        return 0
    if out.exists():
        raise CaseNotEmpty(out, f"{out}: exists; choose another name")
    if out.suffix.lower() == ".docx":
        write_files({out: lambda p: to_docx(lang, p)})
    elif out.suffix.lower() == ".html":
        write_files({out: to_html(lang).encode()})
    else:
        raise UsageError("--out", f"--out {out}: expected a file ending in .html or .docx")
    echo(out)
    return 0


@click.command(cls=Told)
@click.argument("submission", type=PATH)
@click.argument("more", nargs=-1, type=PATH)
@click.option(
    "--against",
    multiple=True,
    required=True,
    type=PATH,
)
@click.option("--out", required=True, type=PATH)
@click.option("--reader")
@click.option("--timezone")
@LIMIT
@click.option("--recognised", is_flag=True)
@click.option("--overwrite", is_flag=True)
@click.option("--quiet", is_flag=True)
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
    """Check a submission against full exports."""
    from reconcile.intake.contract import ReadOptions
    from reconcile.settings import Limits
    from reconcile.submission.run import PAGE, run_check

    options = ReadOptions(timezone=timezone, limits=Limits.given(limits))
    found = run_check(
        submission, [*against, *more], out, options=options, progress=_stages(chosen["lang"], quiet=quiet), **chosen
    )
    echo(say(f"submission.grade_{found.grade}", chosen["lang"]))
    echo(say("cli.report_at", chosen["lang"], path=out / PAGE))
    return exit_of_grades([found.grade])


@click.command(cls=Told)
@click.argument("statement", type=PATH)
@click.option("--chats", multiple=True, type=PATH)
@click.option("--out", type=PATH)
@click.option("--password-file", type=PATH)
@click.option("--overwrite", is_flag=True)
@LANG
def bill(
    statement: Path, chats: tuple[Path, ...], out: Path | None, password_file: Path | None, overwrite: bool, lang: Lang
) -> int:
    """Read a WeChat Pay statement and check it against the payments of the chats."""
    from reconcile.submission.payments import run_bill

    password = _password(password_file) if password_file or statement.suffix.lower() == ".zip" else None
    reports = run_bill(statement, chats, out=out, password=password, lang=lang, overwrite=overwrite)
    for report in reports:
        _print(report.lines(lang))
    return gravest(map(_exit_of_bill, reports))


@click.command(cls=Told)
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--out", required=True, type=PATH)
@_with(OF_DEVICES)
def drift(old: Path, new: Path, out: Path, **chosen: Any) -> int:
    """Compare an earlier and a later export of one device."""
    from reconcile.drift import PAGE, describe, run_drift

    found = run_drift(old, new, out, **_of_devices(**chosen))
    lang = chosen["lang"]
    _print([*describe(found, lang), say("devices.drift_at", lang, path=out / PAGE)])
    return exit_of(findings=found.has_findings, undetermined=found.has_unsure)


@click.command(cls=Told)
@click.argument("exports", nargs=-1, required=True, type=PATH)
@click.option("--out", required=True, type=PATH)
@click.option("--name", "names", multiple=True)
@_with(OF_DEVICES)
def group(exports: tuple[Path, ...], out: Path, names: tuple[str, ...], **chosen: Any) -> int:
    """Compare several exports of one group chat, pair by pair."""
    from reconcile.group import PAGE, run_group

    union = run_group(exports, out, names=names, **_of_devices(**chosen))
    lacked = int((union.messages["lacking"].list.len() > 0).sum())
    total, lang = union.messages.height, chosen["lang"]
    _print([say("devices.group_union", lang, n=total, all=total - lacked, some=lacked), say("devices.group_at", lang, path=out / PAGE)])  # fmt: skip
    return exit_of_grades(union.verdicts["grade"])


def _of_devices(*, timezone: str | None, limits: tuple[str, ...], quiet: bool, **rest: Any) -> dict[str, Any]:
    """The settings of a run over devices, from the options OF_DEVICES."""
    from reconcile.intake.contract import ReadOptions
    from reconcile.settings import Limits

    options = ReadOptions(timezone=timezone, key=os.environ.get("RECONCILE_KEY") or None, limits=Limits.given(limits))
    return {"options": options, "progress": _stages(rest["lang"], quiet=quiet), **rest}


def _stages(lang: Lang, *, quiet: bool) -> Callable[[str], None]:
    shown = not quiet and sys.stderr.isatty()

    def step(stage: str) -> None:
        tell_listener(stage)
        if shown:
            echo(say(f"cli.stage_{stage}", lang), err=True)

    return step


@click.command("explain", cls=Told)
@click.argument("folder", metavar="DIR", type=PATH)
@click.argument("row", metavar="ROW")
@click.option("--json", "as_json", is_flag=True)
@LANG
def explain_row(folder: Path, row: str, as_json: bool, lang: Lang) -> int:
    """What decided about one row, with weights: left:12, right:7 or a locator."""
    from reconcile.explanation import explain
    from reconcile.explanation.text import as_text
    from reconcile.outputs import load_manifest
    from reconcile.wording.sides import called_in

    found = explain(folder, row)
    if as_json:
        echo_json(found)
    else:
        _print(as_text(found, called_in(load_manifest(folder), lang), lang))
    return 0


@click.command("self-test", cls=Told)
@LANG
def self_test(lang: Lang) -> int:
    """Check this machine with shipped disputes of known result and published digests."""
    from reconcile.self_test import as_lines, run_checks

    checks = run_checks()
    _print(as_lines(checks, lang))
    return 0 if all(c.passed for c in checks) else 2


@click.command(cls=Told)
@click.option("--out", required=True, type=PATH)
@click.option("--overwrite", is_flag=True)
@click.option("--quiet", is_flag=True)
@LANG
def validate(out: Path, overwrite: bool, quiet: bool, lang: Lang) -> int:
    """Measure this program with known faults in shipped disputes, and write the validation report."""
    from reconcile.custody.atomic_folder import check_free
    from reconcile.validation import PAGE, run_validation, summary, write_validation

    check_free(out, overwrite=overwrite)
    shown = not quiet and sys.stderr.isatty()
    found = run_validation(lambda name: echo(say("validation.running", lang, name=name), err=True) if shown else None)
    write_validation(found, out, lang, overwrite=overwrite)
    _print([summary(found, lang), say("cli.report_at", lang, path=out / PAGE)])
    return 0 if found.passed else 2


def read_bills(statements: tuple[Path, ...], password_file: Path | None) -> list["Bill"]:
    """The payment statements given to a comparison. They are read first, so that a broken one stops the run."""
    if not statements:
        return []
    from reconcile.custody.bill import read_bill

    packed = any(s.suffix.lower() == ".zip" for s in statements)
    password = _password(password_file) if password_file or packed else None
    return [read_bill(s, password) for s in statements]


def say_bills(
    statements: list["Bill"], exports: tuple[Path, ...], out: Path, lang: Lang, options: "ReadOptions"
) -> Exit:
    """Compares statements with the exports of a comparison and prints the result."""
    if not statements:
        return Exit.NOTHING
    from reconcile.submission.payments import bills_beside

    reports = bills_beside(statements, exports, out, lang, options)
    for report in reports:
        _print(report.lines(lang))
    return gravest(map(_exit_of_bill, reports))


def _exit_of_bill(report: "BillReport") -> Exit:
    return exit_of(findings=report.has_findings, undetermined=report.is_undetermined)


def _password(file: Path | None) -> str | None:
    # By file or prompt only: an argument would stand in the process list.
    if file is None:
        return (
            click.prompt(say("cli.password", asked()), hide_input=True, err=True, default="", show_default=False)
            or None
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
    validate,
)
