"""The commands that keep evidence: `seal`, `verify` and `timestamp`."""

from pathlib import Path
from typing import Any

import click

from reconcile.cli.console import echo, print_lines
from reconcile.cli.exit_codes import exit_of
from reconcile.cli.help import Told
from reconcile.cli.options import LANG, PATH, WHO, with_options
from reconcile.errors import UsageError
from reconcile.wording import Lang


@click.command(cls=Told)
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option("--out", required=True, type=PATH)
@click.option("--key-file", type=PATH)
@with_options(WHO)
@LANG
def seal(paths: tuple[Path, ...], out: Path, key_file: Path | None, lang: Lang, **facts: str) -> int:
    """Seal material: SHA-256 and SM3 of every file and of the tree, with a chained log."""
    from reconcile.custody.seal import describe
    from reconcile.custody.seal import seal as make

    print_lines(describe(make(paths, out, key=key_file, **facts), lang))
    return 0


@click.command(cls=Told)
@click.argument("sealed", metavar="SEAL", type=PATH)
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--certificate", "certificates", multiple=True, type=PATH)
@click.option("--public-key", type=PATH)
@click.option("--head")
@click.option("--record", is_flag=True)
@click.option("--who", default="")
@LANG
def verify(sealed: Path, paths: tuple[Path, ...], certificates: tuple[Path, ...], lang: Lang, **rest: Any) -> int:
    """Check what changed since material was sealed, or what signs and stamps a PDF report."""
    if sealed.is_file():
        return _verify_pdf(sealed, certificates, lang, other=bool(paths) or any(rest.values()))
    from reconcile.custody.verify import describe
    from reconcile.custody.verify import verify as check

    result = check(sealed, paths, certificates=certificates, **rest)
    print_lines(describe(result, lang))
    return exit_of(findings=result.has_findings, undetermined=result.is_undetermined)


def _verify_pdf(pdf: Path, certificates: tuple[Path, ...], lang: Lang, *, other: bool) -> int:
    """Prints the check of a PDF report; the exit code."""
    from reconcile.custody.signed_pdf import check_pdf

    if other:
        raise UsageError("SEAL", f"{pdf}: is a file; a PDF report is verified with --certificate alone")
    found = check_pdf(pdf, certificates)
    print_lines(found.lines_for(lang))
    return exit_of(findings=found.has_findings, undetermined=not found.marks)


@click.command("timestamp", cls=Told)
@click.argument("sealed", metavar="SEAL", type=PATH)
@with_options(WHO)
@LANG
def timestamp(sealed: Path, lang: Lang, **facts: str) -> int:  # noqa: ARG001 - it prints a path; errors and help take the language
    """Write an RFC 3161 time-stamp request for a seal."""
    from reconcile.custody.timestamp import timestamp_request

    echo(timestamp_request(sealed, **facts))
    return 0
