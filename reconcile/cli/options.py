"""Options that several commands share, as decorators."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from reconcile.cli.help import asked

# The program says in its own words that a path cannot be read.
REPORT_FORMS = ("html", "docx", "xlsx", "pdf", "csv", "json", "case")
PATH = click.Path(path_type=Path, readable=False)
LIMIT = click.option("--limit", "limits", multiple=True)
LANG = click.option("--lang", type=click.Choice(["zh", "en"]), default=asked, show_default=True)
WHO = (click.option("--who", default=""), click.option("--where", default=""), click.option("--note", default=""))
OF_DEVICES = (
    click.option("--timezone"),
    LIMIT,
    click.option("--overwrite", is_flag=True),
    click.option("--quiet", is_flag=True),
    LANG,
)
Command = Callable[..., Any]


def with_options(options: Sequence[Command]) -> Callable[[Command], Command]:
    """A decorator that gives a command these options, in this order."""

    def given(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return given


def shared(command: Command) -> Command:
    """Adds --lang and the other options that every printing command has."""
    return with_options([LANG, click.option("--quiet", is_flag=True)])(command)


def reading(command: Command) -> Command:
    """Adds the options for readers."""
    options = [
        click.option("--timezone"),
        click.option("--key-file", "key_files", multiple=True, type=PATH),
        click.option("--columns"),
        LIMIT,
        click.option("--owner"),
    ]
    return with_options(options)(command)


def reading_each(command: Command) -> Command:
    """Adds the options for several exports: one value for all of them, or one for each."""
    options = [
        click.option("--timezone", "timezones", multiple=True),
        click.option("--key-file", "key_files", multiple=True, type=PATH),
        click.option("--columns", "columns_each", multiple=True),
        LIMIT,
        click.option("--owner", "owners", multiple=True),
    ]
    return with_options(options)(command)


def comparing(command: Command) -> Command:
    """Adds the options of a comparison."""
    options = [
        click.option("--map", "map_file", type=PATH),
        click.option("--case-file", type=PATH),
        click.option("--left-name"),
        click.option("--right-name"),
        click.option("--left-reader"),
        click.option("--right-reader"),
        click.option("--left-owner"),
        click.option("--right-owner"),
        click.option("--left-timezone"),
        click.option("--right-timezone"),
        click.option("--left-columns"),
        click.option("--right-columns"),
        click.option("--error-rates/--no-error-rates", default=None),
        click.option("--no-messages", is_flag=True),
        click.option("--report", "reports", multiple=True, type=click.Choice(REPORT_FORMS)),
        click.option("--mask", is_flag=True),
        click.option("--overwrite", is_flag=True),
    ]
    return with_options(options)(command)
