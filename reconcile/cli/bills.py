"""Payment statements given to a command: reading, comparing with exports, exit code."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.console import print_lines
from reconcile.cli.exit_codes import Exit, exit_of, gravest
from reconcile.cli.help import asked
from reconcile.wording import Lang, say

if TYPE_CHECKING:
    from reconcile.custody.bill import Bill
    from reconcile.intake.contract import ReadOptions
    from reconcile.submission.payments import BillReport


def read_bills(statements: tuple[Path, ...], password_file: Path | None) -> list["Bill"]:
    """The payment statements given to a comparison, read first so that a broken one stops the run."""
    if not statements:
        return []
    from reconcile.custody.bill import read_bill

    packed = any(s.suffix.lower() == ".zip" for s in statements)
    password = password_of(password_file) if password_file or packed else None
    return [read_bill(s, password) for s in statements]


def say_bills(
    statements: list["Bill"], exports: tuple[Path, ...], out: Path, lang: Lang, options: "Sequence[ReadOptions]"
) -> Exit:
    """Compares statements with the exports of a comparison and prints the result."""
    if not statements:
        return Exit.NOTHING
    from reconcile.submission.payments import bills_beside

    reports = bills_beside(statements, exports, out, lang, options)
    for report in reports:
        print_lines(report.lines(lang))
    return gravest(map(exit_of_bill, reports))


def exit_of_bill(report: "BillReport") -> Exit:
    """The exit code of one statement compared with the chats."""
    return exit_of(findings=report.has_findings, undetermined=report.is_undetermined)


def password_of(file: Path | None, asking: str = "cli.password") -> str | None:
    """A password: from a file, RECONCILE_PASSWORD or a terminal; None = none given.

    It is never an argument, because the list of processes shows arguments.
    """
    if file is None and (stated := os.environ.get("RECONCILE_PASSWORD")):
        return stated
    if file is None:
        return (
            click.prompt(say(asking, asked()), hide_input=True, err=True, default="", show_default=False) or None
            if sys.stdin.isatty()
            else None
        )

    from reconcile.custody.bill_cells import read_password

    return read_password(file)
