"""The commands: parse, call, print, exit code (`exit_codes.Exit`)."""

import gc
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconcile import __version__, temp_folders
from reconcile.case_commands import COMMANDS
from reconcile.command_help import Told, ToldGroup, asked, hint_of_blanks
from reconcile.command_options import (
    REPORT_FORMS,
    case_options,
    comparing,
    cover_of,
    keep_little,
    make_ready,
    read_options,
    reading,
    shared,
    sides_of,
)
from reconcile.console import Progress, print_failures, print_grades, print_verdicts
from reconcile.errors import ReconcileError, is_defect, place_of
from reconcile.exit_codes import Exit, exit_of_batch, exit_of_grades, gravest
from reconcile.terminal import echo, echo_json, show_usage_error
from reconcile.wording import Lang, has, say
from reconcile.wording.errors import tell, tell_error

if TYPE_CHECKING:
    pass

Command = Callable[..., Any]


@click.group(cls=ToldGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="reconcile")
@click.option("--lang", type=click.Choice(["zh", "en"]), default=asked, show_default=True, expose_value=False)
def program() -> None:
    """Hold both parties' copies of a WeChat conversation side by side."""


@program.command(cls=Told)
@click.argument("left", required=False, type=click.Path(path_type=Path))
@click.argument("right", required=False, type=click.Path(path_type=Path))
@click.option(
    "--left",
    "lefts",
    multiple=True,
    type=click.Path(path_type=Path),
)
@click.option(
    "--right",
    "rights",
    multiple=True,
    type=click.Path(path_type=Path),
)
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--case")
@click.option(
    "--bill",
    "bills",
    multiple=True,
    type=click.Path(path_type=Path),
)
@click.option(
    "--bill-password-file",
    type=click.Path(path_type=Path),
)
@comparing
@reading
@shared
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
    """Compare two parties' exports: a verdict for each conversation."""
    sides = sides_of(left, right, lefts, rights)
    make_ready((*sides[0], *sides[1]))
    from reconcile import case as cases
    from reconcile.case_commands import read_bills, say_bills

    # What was loaded stays to the end: no search for rings of objects need look there.
    gc.freeze()
    statements = read_bills(chosen.pop("bills"), chosen.pop("bill_password_file"))
    (first, *more_left), (second, *more_right) = sides
    more = (more_left, more_right)
    with Progress(quiet=quiet, lang=lang) as progress:
        findings = cases.compare(
            first, second, out, case_options(chosen, lang), case=case, overwrite=overwrite, progress=progress.step, more=more
        )  # fmt: skip
    _say_found(findings.verdicts, out, lang)
    if any(more):
        echo(say("devices.page_at", lang, path=out / "devices.html"))
    of_bills = say_bills(statements, (*sides[0], *sides[1]), out, lang, read_options(chosen))
    return gravest((exit_of_grades(findings.verdicts["grade"]), of_bills))


@program.command(cls=Told)
@click.argument("cases")
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(1))
@click.option("--memory")
@click.option("--cluster")
@click.option(
    "--reports",
    "folders",
    type=click.Choice(["none", "findings", "all"]),
)
@click.option("--sample", type=click.IntRange(0), default=0)
@comparing
@reading
@shared
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
    """Compare many disputes: a folder of cases or a manifest; goes on after an interruption."""
    from reconcile.batch.engines import are_many, begun, cores
    from reconcile.batch.memory import parse_memory

    wanted = folders or ("findings" if chosen["reports"] else "none")
    most, count = parse_memory(memory) if memory else None, workers or cores()
    # The workers load their libraries while this process loads its own and looks for the cases.
    early = begun(count) if count > 1 and not cluster and most is None and are_many(cases) else nullcontext()
    with early as pool, Progress(quiet=quiet, lang=lang) as progress:
        from reconcile.batch import PAGE, BatchOptions, run_batch

        how = BatchOptions(workers, cluster, wanted, sample, most)  # type: ignore[arg-type]
        options = case_options(chosen, lang)
        summary = run_batch(cases, out, options, how, overwrite=overwrite, progress=progress.step, begun=pool)
    echo(say("cli.batch_done", lang, done=summary.done, failed=summary.failed, path=out))
    print_failures(summary.failures, summary.failed, out, lang)
    if summary.same_files:
        echo(say("cli.batch_same_files", lang, n=summary.same_files, path=out / PAGE))
    print_grades(summary.grades, lang)
    return exit_of_batch(summary.case_grades, summary.failed)


@program.command(cls=Told)
@click.argument("export", type=click.Path(path_type=Path))
@click.option("--reader")
@click.option("--json", "as_json", is_flag=True)
@click.option("--save-columns", type=click.Path(path_type=Path))
@reading
@shared
def inspect(
    export: Path, reader: str | None, as_json: bool, save_columns: Path | None, lang: Lang, **chosen: Any
) -> int:
    """What is in an export: format, owner, conversations, kinds, coverage, notes, hashes."""
    keep_little()
    from reconcile.inspection import as_text, describe, save_mapping

    found = describe(export, reader, read_options(chosen))
    if save_columns is not None:
        save_mapping(found, save_columns)
    if as_json:
        echo_json(found)
    else:
        echo(as_text(found, lang))
    return Exit.NOTHING


@program.command(cls=Told)
@click.argument("export", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--reader")
@click.option("--overwrite", is_flag=True)
@reading
@shared
def convert(export: Path, out: Path, reader: str | None, overwrite: bool, lang: Lang, **chosen: Any) -> int:
    """Write any readable export as the message table."""
    keep_little()
    from reconcile.inspection import convert as write_table

    rows, posts = write_table(export, out, reader, read_options(chosen), overwrite=overwrite)
    echo(say("cli.converted", lang, rows=rows, path=out))
    if posts is not None:
        echo(say("moments.converted_posts", lang, posts=posts, path=out.with_name(f"{out.stem}.posts{out.suffix}")))
    return Exit.NOTHING


@program.command(cls=Told)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path))
@click.option(
    "--report",
    "forms",
    multiple=True,
    type=click.Choice(REPORT_FORMS),
)
@click.option("--mask", is_flag=True)
@click.option("--no-decisions", is_flag=True)
@click.option("--case-file", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True)
@shared
def report(folder: Path, out: Path | None, overwrite: bool, lang: Lang, **chosen: Any) -> int:
    """Write reports of a finished comparison again, with reviewers' decisions."""
    from reconcile.reissue import FOLDER, ReissueOptions, reissue

    options = ReissueOptions(
        forms=chosen["forms"] or ("html", "docx", "xlsx"),
        lang=lang,
        mask=chosen["mask"],
        decisions=not chosen["no_decisions"],
        cover=cover_of(chosen["case_file"]),
    )
    for path in reissue(folder, out or folder / FOLDER, options, overwrite=overwrite):
        echo(say("cli.report_at", lang, path=path))
    return Exit.NOTHING


@program.command(cls=Told)
@shared
def readers(lang: Lang, **_: Any) -> int:
    """List the forms that can be read."""
    from reconcile.formats.registry import all_readers

    for reader in all_readers():
        told = {f"readers.{reader.name}": reader.title, f"readers.{reader.name}__tested": reader.tested_with}
        title, tested = (say(key, lang) if has(key) else own for key, own in told.items())
        echo(say("cli.reader", lang, name=f"{reader.name:24}", title=title, tested=tested))
    return Exit.NOTHING


@program.command(cls=Told)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
)
@click.option("--no-browser", is_flag=True)
@click.option("--left", type=click.Path(path_type=Path))
@click.option("--right", type=click.Path(path_type=Path))
@shared
def review(
    folder: Path, port: int, no_browser: bool, left: Path | None, right: Path | None, lang: Lang, quiet: bool
) -> int:
    """Look at a finished comparison and judge doubtful rows, in a browser on this machine."""
    from reconcile.review.server import serve
    from reconcile.vocabulary import Side

    exports = {side: path for side, path in ((Side.LEFT, left), (Side.RIGHT, right)) if path is not None}
    announce = (lambda _: None) if quiet and not no_browser else None
    serve(folder, lang, port, not no_browser, announce, exports)
    return Exit.NOTHING


@program.command(cls=Told)
@click.option("--cases", type=click.Path(path_type=Path))
@click.option("--port", "own_port", type=click.IntRange(0, 65535))
@click.option("--no-browser", is_flag=True)
@shared
def app(cases: Path | None, own_port: int | None, no_browser: bool, lang: Lang, quiet: bool) -> int:
    """Open the local application in a browser on this machine."""
    from reconcile.app.server import serve_app

    announce = (lambda _: None) if quiet and not no_browser else None
    serve_app(main, lang, cases, own_port, open_browser=not no_browser, announce=announce)
    return Exit.NOTHING


for _command in COMMANDS:
    program.add_command(_command)


def _say_found(verdicts: Any, out: Path, lang: Lang) -> None:
    """The verdicts, what may be one party's material twice, and every report that this run wrote."""
    from reconcile.outputs import alike_in, load_manifest
    from reconcile.report import REPORTS
    from reconcile.wording.sides import SIDES, account_in, called_in

    manifest = load_manifest(out)
    print_verdicts(verdicts, called_in(manifest, lang), {side: account_in(manifest, side) for side in SIDES}, lang)
    why = alike_in(manifest)
    if why:
        echo(say(f"report.alike_{why}", lang))
    for name in REPORTS:
        if name in manifest["outputs"]:
            echo(say("cli.report_at", lang, path=out / name))


def main(step: Callable[[str], None] | None = None) -> None:
    """Entry point of the command. The one place where errors become an exit code. `step`: called with each stage of the command."""
    # Loading libraries and filling reports makes objects by the hundred thousand, hardly any of them in circles: to look for circles
    # after every 700 of them is a tenth of the time of a short run.
    gc.set_threshold(200_000, 20, 50)
    # What is written holds somebody's conversations: it is for this user alone, unless he says otherwise.
    os.umask(0o077)
    temp_folders.sweep()
    try:
        code = program.main(prog_name="reconcile", standalone_mode=False, obj=step)
    except click.ClickException as error:
        more = hint_of_blanks(sys.argv[1:], asked(), surplus="unexpected extra argument" in error.format_message())
        show_usage_error(error, lambda line, command: tell(line, asked(), command), more)
        code = Exit.COULD_NOT_RUN
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        echo(f"reconcile: {say('cli.interrupted', asked())}", err=True)
        temp_folders.sweep()
        code = Exit.COULD_NOT_RUN
    except ReconcileError as error:
        if os.environ.get("RECONCILE_TRACEBACK") and error.__cause__ is not None and is_defect(error.__cause__):
            traceback.print_exception(error.__cause__)
        more = hint_of_blanks(sys.argv[1:], asked(), surplus=False)
        echo(f"reconcile: {tell_error(error, asked())}{more}", err=True)
        code = Exit.COULD_NOT_RUN
    except OSError as error:
        # A disk that is full, a share that went, a folder that may not be written: the system says it best.
        place = f"{error.filename}: " if error.filename else ""
        said = f"{place}{error.strerror or error}; free disk space or check the path, then run the same command again"
        echo(f"reconcile: {tell(said, asked(), error.filename or '')}", err=True)
        code = Exit.COULD_NOT_RUN
    except BaseException as error:
        if os.environ.get("RECONCILE_TRACEBACK") or not is_defect(error):
            raise
        echo(f"reconcile: {say('cli.defect', asked(), place=place_of(error))}", err=True)
        code = Exit.COULD_NOT_RUN
    sys.exit(code if isinstance(code, int) else Exit.NOTHING)


if __name__ == "__main__":
    main()
