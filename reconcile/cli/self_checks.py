"""The commands that check the program itself: `self-test` and `validate`."""

import sys
from pathlib import Path

import click

from reconcile.cli.console import echo, print_lines
from reconcile.cli.help import Told
from reconcile.cli.options import LANG, PATH
from reconcile.wording import Lang, say


@click.command("self-test", cls=Told)
@LANG
def self_test(lang: Lang) -> int:
    """Check this machine with shipped disputes of known result and published digests."""
    from reconcile.self_test import as_lines, run_checks

    checks = run_checks()
    print_lines(as_lines(checks, lang))
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
    print_lines([summary(found, lang), say("cli.report_at", lang, path=out / PAGE)])
    return 0 if found.passed else 2
