"""The program `reconcile`: its commands, and the one place where errors become an exit code."""

import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from reconcile import __version__, temp_folders
from reconcile.cli import compare, custody, devices, exports, results, self_checks, submission
from reconcile.cli.console import echo, show_usage_error
from reconcile.cli.exit_codes import Exit
from reconcile.cli.help import Told, ToldGroup, asked, hint_of_blanks
from reconcile.cli.options import PATH, shared
from reconcile.errors import ReconcileError, is_defect, place_of
from reconcile.wording import Lang, say
from reconcile.wording.errors import tell, tell_error


@click.group(cls=ToldGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="reconcile")
@click.option("--lang", type=click.Choice(["zh", "en"]), default=asked, show_default=True, expose_value=False)
def program() -> None:
    """Hold both parties' copies of a WeChat conversation side by side."""


@click.command(cls=Told)
@click.option("--cases", type=PATH)
@click.option("--port", "own_port", type=click.IntRange(0, 65535))
@click.option("--no-browser", is_flag=True)
@shared
def app(cases: Path | None, own_port: int | None, no_browser: bool, lang: Lang, quiet: bool) -> int:
    """Open the local application in a browser on this machine."""
    from reconcile.app.server import serve_app

    announce = (lambda _: None) if quiet and not no_browser else partial(click.echo, err=True)
    serve_app(main, lang, cases, own_port, open_browser=not no_browser, announce=announce)
    return Exit.NOTHING


# The order in which help and the page of commands list them.
for _command in (
    compare.compare,
    compare.batch,
    exports.inspect,
    exports.convert,
    results.report,
    exports.readers,
    results.review,
    app,
    submission.check,
    custody.seal,
    custody.verify,
    custody.timestamp,
    submission.init,
    submission.checklist,
    submission.guide,
    submission.bill,
    devices.drift,
    devices.group,
    results.explain_row,
    self_checks.self_test,
    self_checks.validate,
):
    program.add_command(_command)


def main(step: Callable[[str], None] | None = None) -> None:
    """Runs the command line. The one place where errors become an exit code.

    `step` is called with each stage of the command.
    """
    # Results hold somebody's conversations, so by default only this user may read them.
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
        # A full disk, a lost share, a read-only folder: the system's own words say it best.
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
