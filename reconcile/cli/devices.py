"""The commands over several exports: `drift` for one device over time, `group` for one group chat."""

from pathlib import Path
from typing import Any

import click

from reconcile.cli.console import print_lines
from reconcile.cli.exit_codes import exit_of, exit_of_grades
from reconcile.cli.help import Told
from reconcile.cli.option_values import of_devices
from reconcile.cli.options import OF_DEVICES, PATH, with_options
from reconcile.wording import say


@click.command(cls=Told)
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--out", required=True, type=PATH)
@with_options(OF_DEVICES)
def drift(old: Path, new: Path, out: Path, **chosen: Any) -> int:
    """Compare an earlier and a later export of one device."""
    from reconcile.drift import PAGE, describe, run_drift

    found = run_drift(old, new, out, **of_devices(**chosen))
    lang = chosen["lang"]
    print_lines([*describe(found, lang), say("devices.drift_at", lang, path=out / PAGE)])
    return exit_of(findings=found.has_findings, undetermined=found.has_unsure)


@click.command(cls=Told)
@click.argument("exports", nargs=-1, required=True, type=PATH)
@click.option("--out", required=True, type=PATH)
@click.option("--name", "names", multiple=True)
@with_options(OF_DEVICES)
def group(exports: tuple[Path, ...], out: Path, names: tuple[str, ...], **chosen: Any) -> int:
    """Compare several exports of one group chat, pair by pair."""
    from reconcile.group import PAGE, run_group

    union = run_group(exports, out, names=names, **of_devices(**chosen))
    lacked = int((union.messages["lacking"].list.len() > 0).sum())
    total, lang = union.messages.height, chosen["lang"]
    print_lines([say("devices.group_union", lang, n=total, all=total - lacked, some=lacked), say("devices.group_at", lang, path=out / PAGE)])  # fmt: skip
    return exit_of_grades(union.verdicts["grade"])
