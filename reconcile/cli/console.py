"""Prints results on the terminal: lines, the table of verdicts, counts of grades, progress."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from reconcile.visible_text import visible, visible_json
from reconcile.vocabulary import Grade
from reconcile.wording import Lang, say
from reconcile.wording.errors import tell


def echo(text: object, *, err: bool = False) -> None:
    """Prints lines, made visible."""
    click.echo(visible(str(text)), err=err)


def echo_json(value: Any) -> None:
    """Prints JSON as of `visible_json`."""
    click.echo(visible_json(value))


def print_lines(lines: list[str]) -> None:
    """Prints one line after another, as `echo` does."""
    for line in lines:
        echo(line)


def show_usage_error(error: click.ClickException, told: Callable[[str, str], str], more: str = "") -> None:
    """Prints wrong usage as one line on stderr: the command, the problem, and where its help is.

    `told` translates the English line, which begins with the command; `more` is appended.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "reconcile"
    said = " ".join(error.format_message().split()).rstrip(".")
    echo(told(f"{command}: {said}; `{command} --help` lists what it takes", command) + more, err=True)


def print_verdicts(verdicts: Any, names: Mapping[str, str], titles: Mapping[str, str], lang: Lang) -> None:
    """Prints the table of verdicts, gravest first, and the number of messages that neither side holds.

    At most fifty conversations are shown, under their title where `titles` has one.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Plain strings would be searched for markup and names of emoji, whose table takes 6 ms to load.
    table = Table(title=Text(say("cli.verdicts", lang), style="table.title"))
    columns = (
        "conversation",
        "grade",
        "agreements",
        "conflicts",
        "left_missing",
        "right_missing",
        "doubtful",
        "set_aside",
    )
    for name in columns:
        head = visible(say(f"cli.column_{name}", lang, **names))
        table.add_column(Text(head), justify="left" if name in columns[:2] else "right", overflow="fold")
    order = {
        g: i
        for i, g in enumerate(("conflicting", "one_sided", "cannot_determine", "explained_differences", "no_gap_found"))
    }
    for row in sorted(verdicts.iter_rows(named=True), key=lambda r: (order[r["grade"]], r["conversation"]))[:50]:
        style = {"conflicting": "bold red", "one_sided": "red", "cannot_determine": "yellow"}.get(row["grade"], "green")
        cells = [
            Text(visible(titles.get(row["conversation"], row["conversation"]))),
            Text(say(f"verdict.{row['grade']}", lang), style=style),
        ]
        table.add_row(*cells, *(Text(str(row[n])) for n in columns[2:]))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 140).print(table)
    absent = int(verdicts["referenced_absent"].sum())
    if absent:
        echo(say("report.absent_line", lang, n=absent))


def print_grades(grades: dict[str, int], lang: Lang) -> None:
    """How many cases or conversations each grade has, a line each, worst first."""
    for grade, count in sorted(grades.items(), key=lambda pair: [*map(str, Grade)].index(pair[0])):
        echo(f"  {say(f'verdict.{grade}', lang)}{say('cli.colon', lang)}{count}")


def print_failures(first: Sequence[tuple[str, str]], count: int, out: Path, lang: Lang) -> None:
    """Prints the first failed cases with their reasons, and where the others are listed."""
    for case, error in first:
        echo(f"  {say('cli.batch_failure', lang, case=case, error=tell(error, lang))}")
    if count > len(first):
        echo(f"  {say('cli.batch_failures_more', lang, n=count - len(first), path=out / 'failures.parquet')}")


def tell_listener(stage: str) -> None:
    """Reports a stage to the program that runs this command, if any (`cli.main`)."""
    context = click.get_current_context(silent=True)
    if context is not None and callable(context.obj):
        context.obj(stage)


def stages_of(lang: Lang, *, quiet: bool) -> Callable[[str], None]:
    """A function that prints the name of each stage on stderr while that is a terminal and `quiet` is off."""
    shown = not quiet and sys.stderr.isatty()

    def tell_stage(stage: str) -> None:
        """Reports the stage, and prints its name if wanted."""
        tell_listener(stage)
        if shown:
            echo(say(f"cli.stage_{stage}", lang), err=True)

    return tell_stage


class Progress:
    """A line on stderr while it is a terminal; nothing otherwise, and never on stdout."""

    def __init__(self, *, quiet: bool, lang: Lang) -> None:
        self._show = not quiet and sys.stderr.isatty()
        self._lang: Lang = lang
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> "Progress":
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
        """Shows the stage by its name in the catalogue; a text of numbers is shown unchanged."""
        tell_listener(name)
        if self._bar is not None:
            self._bar.update(self._task, description=say(f"cli.stage_{name}", self._lang) if name.isalpha() else name)
