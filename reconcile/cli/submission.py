"""The commands around a submission: `init`, `checklist`, `guide`, `check` and `bill`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconcile.cli.bills import exit_of_bill, password_of
from reconcile.cli.console import echo, print_lines, stages_of
from reconcile.cli.exit_codes import exit_of_grades, gravest
from reconcile.cli.help import Told
from reconcile.cli.option_values import options_of_each, submission_options
from reconcile.cli.options import LANG, PATH, reading_each
from reconcile.errors import CaseNotEmpty, UsageError
from reconcile.wording import Lang, say

if TYPE_CHECKING:
    from reconcile.custody.atomic_files import Content


@click.command("init", cls=Told)
@click.argument("case", metavar="CASE", type=PATH)
@LANG
def init(case: Path, lang: Lang) -> int:
    """Write a commented case file and its folders."""
    from reconcile.submission.case_file import init_case

    print_lines([str(p) for p in init_case(case, lang)])
    return 0


@click.command(cls=Told)
@click.argument("case", metavar="CASE", type=PATH)
@click.option("--out", type=PATH)
@LANG
def checklist(case: Path, out: Path | None, lang: Lang) -> int:
    """The checklist of a submission: what is present, missing or unclear."""
    from reconcile.custody.atomic_files import write_files
    from reconcile.report.docx_report import document_of
    from reconcile.submission.checklist import checklist as judge
    from reconcile.submission.checklist_page import to_html, to_json

    data, folder = judge(case), out or case
    page = to_html(data, lang)
    files: dict[Path, Content] = {
        folder / "checklist.html": page.encode(),
        folder / "checklist.docx": document_of(page, say("checklist.title", lang), lang, landscape=True),
        folder / "checklist.json": to_json(data),
    }
    write_files(files)
    print_lines([str(f) for f in files])
    return 0


@click.command(cls=Told)
@click.option("--out", type=PATH)
@click.option("--overwrite", is_flag=True)
@LANG
def guide(out: Path | None, overwrite: bool, lang: Lang) -> int:
    """Write the guide to keeping and extracting records."""
    from reconcile.custody.atomic_files import write_files
    from reconcile.report.docx_report import document_of
    from reconcile.submission.guide import to_html, to_text

    if out is None:
        echo(to_text(lang))
        return 0
    if out.exists() and not overwrite:
        raise CaseNotEmpty(out, f"{out}: exists; choose another name")
    if out.suffix.lower() == ".docx":
        write_files({out: document_of(to_html(lang), say("guide.title", lang), lang)})
    elif out.suffix.lower() == ".html":
        write_files({out: to_html(lang).encode()})
    else:
        raise UsageError("--out", f"--out {out}: expected a file ending in .html or .docx")
    echo(out)
    return 0


@click.command(cls=Told)
@click.argument("submission", type=PATH)
@click.argument("more", nargs=-1, type=PATH)
@click.option("--against", multiple=True, required=True, type=PATH)
@click.option("--out", required=True, type=PATH)
@click.option("--reader")
@click.option("--submission-timezone")
@click.option("--submission-columns")
@reading_each
@click.option("--recognised", is_flag=True)
@click.option("--overwrite", is_flag=True)
@click.option("--quiet", is_flag=True)
@LANG
def check(
    submission: Path,
    more: tuple[Path, ...],
    against: tuple[Path, ...],
    out: Path,
    quiet: bool,
    lang: Lang,
    **chosen: Any,
) -> int:
    """Check a submission against full exports."""
    from reconcile.submission.run import PAGE, run_check
    from reconcile.submission.sentence import left_out_lines, submitted_lines, worst_sentence

    exports = [*against, *more]
    each = options_of_each(chosen, len(exports))
    found = run_check(
        submission,
        exports,
        out,
        lang=lang,
        overwrite=chosen["overwrite"],
        recognised=chosen["recognised"],
        reader=chosen["reader"],
        options=submission_options(chosen, each[0]),
        export_options=each,
        progress=stages_of(lang, quiet=quiet),
    )
    print_lines([worst_sentence(found, lang), *submitted_lines(found, lang), *left_out_lines(found, lang)])
    echo(say("cli.report_at", lang, path=out / PAGE))
    return exit_of_grades([found.grade])


@click.command(cls=Told)
@click.argument("statement", type=PATH)
@click.option("--chats", multiple=True, type=PATH)
@click.option("--out", type=PATH)
@click.option("--password-file", type=PATH)
@reading_each
@click.option("--overwrite", is_flag=True)
@LANG
def bill(
    statement: Path,
    chats: tuple[Path, ...],
    out: Path | None,
    password_file: Path | None,
    overwrite: bool,
    lang: Lang,
    **chosen: Any,
) -> int:
    """Read a WeChat Pay statement and check it against the payments of the chats."""
    from reconcile.submission.payments import run_bill

    password = password_of(password_file) if password_file or statement.suffix.lower() == ".zip" else None
    reports = run_bill(
        statement,
        chats,
        out=out,
        password=password,
        lang=lang,
        overwrite=overwrite,
        options=options_of_each(chosen, len(chats)),
    )
    for report in reports:
        print_lines(report.lines(lang))
    return gravest(map(exit_of_bill, reports))
