"""Shared command-line options, the files that they name, and early preparation of a run."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconcile.command_help import asked
from reconcile.errors import UsageError
from reconcile.wording import Lang

if TYPE_CHECKING:
    from reconcile.cover import Cover
    from reconcile.engine.entities.parties import Stated
    from reconcile.intake.contract import ReadOptions
    from reconcile.options import CaseOptions

REPORT_FORMS = ("html", "docx", "xlsx", "pdf", "csv", "json", "case")
Command = Callable[..., Any]
# The interpreter's own turn is 25 times as long: most steps over columns are done within it.
_TURN = 0.0002
# Exports of which a comparison takes some ten times as much memory, whatever it does.
_LITTLE_BYTES = 2**28
# What was freed goes back to the machine after a tenth of a second, where the library itself waits for half a second and keeps a part for ever.
SOON = "dirty_decay_ms:100,muzzy_decay_ms:0"


def shared(command: Command) -> Command:
    """A command with the options of every command that speaks."""
    options = [
        click.option(
            "--lang",
            type=click.Choice(["zh", "en"]),
            default=asked,
            show_default=True,
        ),
        click.option("--quiet", is_flag=True),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def reading(command: Command) -> Command:
    """A command with what readers may be told."""
    options = [
        click.option("--timezone"),
        click.option(
            "--key-file",
            "key_files",
            multiple=True,
            type=click.Path(path_type=Path),
        ),
        click.option("--columns"),
        click.option("--limit", "limits", multiple=True),
        click.option("--owner"),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def comparing(command: Command) -> Command:
    """A command with what may be chosen for a comparison."""
    options = [
        click.option(
            "--map",
            "map_file",
            type=click.Path(path_type=Path),
        ),
        click.option("--case-file", type=click.Path(path_type=Path)),
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
        click.option(
            "--error-rates/--no-error-rates",
            default=None,
        ),
        click.option("--no-messages", is_flag=True),
        click.option(
            "--report",
            "reports",
            multiple=True,
            type=click.Choice(REPORT_FORMS),
        ),
        click.option("--mask", is_flag=True),
        click.option("--overwrite", is_flag=True),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def make_ready(exports: tuple[Path, ...]) -> None:
    """What helps before the libraries of a comparison are loaded, which takes one core half a second."""
    # One comparison makes hardly any rings of objects, and to look for them among all that was loaded takes longer than to keep them.
    gc.set_threshold(200_000, 50, 100)
    # What a thread has back from the columns waits no longer than this (seconds) for the one that holds the interpreter.
    sys.setswitchinterval(_TURN)
    # No step multiplies matrices; threads that wait to do so take time from those that work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from reconcile.digests import begin

    # The other core takes the digests, which need no library.
    size = begin(exports)
    # Where what is freed is little beside a machine's memory, a twentieth of the time goes into giving pages back and asking for them again.
    _allocate("dirty_decay_ms:-1" if size < _LITTLE_BYTES else SOON)


def keep_little() -> None:
    """What a command that reads and compares nothing sets before the libraries are loaded: a peak 10 to 25 % lower for 1 to 2 % more time."""
    _allocate(SOON)


def _allocate(decay: str) -> None:
    # The library of columns has four arenas of memory for each core, of which each keeps what it once had. What the user has set stands.
    os.environ.setdefault("_RJEM_MALLOC_CONF", f"narenas:{max(2, os.cpu_count() or 1)},{decay}")


def sides_of(
    left: Path | None, right: Path | None, lefts: tuple[Path, ...], rights: tuple[Path, ...]
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Every device of each party: LEFT and RIGHT first, then --left and --right in order."""
    if left is not None and right is None:
        raise UsageError(
            "LEFT RIGHT", f"compare {left}: only one export; give LEFT RIGHT, or every device by --left and --right"
        )
    found = tuple(p for p in (left, *lefts) if p is not None), tuple(p for p in (right, *rights) if p is not None)
    if not all(found):
        raise UsageError(
            "LEFT RIGHT", "compare: no export of one party; give LEFT RIGHT, or --left PATH and --right PATH"
        )
    return found


def read_options(chosen: dict[str, Any]) -> "ReadOptions":
    """What `reading` gave. Raises UsageError for a zone, key file, column or limit that is none."""
    from reconcile.intake.contract import ReadOptions
    from reconcile.settings import Limits

    return ReadOptions(
        timezone=_zone(chosen.get("timezone")),
        key=_key(chosen.get("key_files") or ()),
        columns=_columns(chosen.get("columns")),
        owner=chosen.get("owner"),
        limits=Limits.given(chosen.get("limits") or ()),
    )


def _of_side(options: "ReadOptions", chosen: dict[str, Any], side: str) -> "ReadOptions":
    """What holds for one side: what was told of it alone, else what was told of both."""
    owner, zone, columns = (chosen.get(f"{side}_{name}") for name in ("owner", "timezone", "columns"))
    return replace(
        options,
        owner=owner or options.owner,
        timezone=_zone(zone) or options.timezone,
        columns=_columns(columns) or options.columns,
    )


def _zone(name: str | None) -> str | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name is not None:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UsageError(
                "--timezone", f"--timezone {name}: no such zone; expected a name such as Asia/Shanghai"
            ) from None
    return name


def _key(files: Sequence[Path]) -> str | None:
    # By file or environment only: an argument would stand in the process list.
    from reconcile.intake.sqlite.key import KEY_FILE_END

    if not files:
        return os.environ.get("RECONCILE_KEY") or None
    held = []
    for file in files:
        try:
            held.append(file.read_text("utf-8-sig").strip())
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("--key-file", f"--key-file {file}: cannot be read ({type(error).__name__})") from None
    return KEY_FILE_END.join(held)


def _columns(text: str | None) -> dict[str, str]:
    from reconcile.formats.inferred.columns import parse_columns

    return parse_columns(text) if text else {}


def case_options(chosen: dict[str, Any], lang: Lang) -> "CaseOptions":
    """What `reading` and `comparing` gave. Raises UsageError as `read_options` does, and for a --map file that is none."""
    from reconcile.options import CaseOptions

    options = read_options(chosen)
    return CaseOptions(
        readers=(chosen["left_reader"], chosen["right_reader"]),
        read=(_of_side(options, chosen, "left"), _of_side(options, chosen, "right")),
        labels=_labels(chosen, lang),
        cover=cover_of(chosen["case_file"]),
        stated=_stated(chosen["map_file"]),
        lang=lang,
        messages=not chosen["no_messages"],
        reports=chosen["reports"] or ("html",),
        mask=chosen["mask"],
        error_rates=chosen["error_rates"],
    )


def _labels(chosen: dict[str, Any], lang: Lang) -> tuple[str | None, str | None]:
    """What the sides are called: as --left-name and --right-name say, else as the case file names plaintiff and defendant."""
    stated = chosen["left_name"], chosen["right_name"]
    if chosen["case_file"] is None:
        return stated
    from reconcile.submission.case_file import load_case
    from reconcile.wording import say

    case = load_case(chosen["case_file"]).case
    parties = [
        say(f"report.side_{role}", lang, name=name) if name else None
        for role, name in (("plaintiff", case.plaintiff), ("defendant", case.defendant))
    ]
    return stated[0] or parties[0], stated[1] or parties[1]


def _stated(file: Path | None) -> "Stated":
    from reconcile.engine.entities.parties import NOTHING_STATED, Stated
    from reconcile.intake.text.toml import table_of, toml_of

    if file is None:
        return NOTHING_STATED
    try:
        value = toml_of(file)
        tables = [table_of(value, name) for name in ("conversations", "senders")]
    except ValueError as error:
        raise UsageError(
            "--map", f"--map {file}: expected TOML with [conversations] and [senders], left = right ({error})"
        ) from None
    return Stated(*tables)


def cover_of(case_file: Path | None) -> "Cover | None":
    """What a case file states for the cover of reports; None without one. Raises CaseError as `load_case` does."""
    if case_file is None:
        return None
    from reconcile.submission.case_file import cover_of_case, load_case

    return cover_of_case(load_case(case_file))
