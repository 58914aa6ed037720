"""Turns the options of a command into the values that the program takes."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile.cli.console import stages_of
from reconcile.errors import UsageError
from reconcile.wording import Lang

if TYPE_CHECKING:
    from reconcile.engine.entities.parties import Stated
    from reconcile.intake.contract import ReadOptions
    from reconcile.options import CaseOptions
    from reconcile.report_cover import Cover


def sides_of(
    left: Path | None, right: Path | None, lefts: tuple[Path, ...], rights: tuple[Path, ...]
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Every device of each party: LEFT and RIGHT first, then --left and --right in order."""
    if left is not None and right is None:
        _refuse_folder_of_both(left)
        raise UsageError(
            "LEFT RIGHT", f"compare {left}: only one export; give LEFT RIGHT, or every device by --left and --right"
        )
    found = tuple(p for p in (left, *lefts) if p is not None), tuple(p for p in (right, *rights) if p is not None)
    if not all(found):
        raise UsageError(
            "LEFT RIGHT", "compare: no export of one party; give LEFT RIGHT, or --left PATH and --right PATH"
        )
    return found


def _refuse_folder_of_both(folder: Path) -> None:
    """Raises UnrecognisedSource, which names the two exports, for a folder that holds those of both sides."""
    if folder.is_dir():
        from reconcile.intake.not_an_export import refuse_two_sides
        from reconcile.intake.source import Source

        refuse_two_sides(Source(folder))


def read_options(chosen: dict[str, Any]) -> "ReadOptions":
    """The values of `reading`. Raises UsageError for an invalid zone, key file, column or limit."""
    from reconcile.intake.contract import ReadOptions
    from reconcile.settings import Limits

    return ReadOptions(
        timezone=_checked_zone(chosen.get("timezone")),
        key=_key_of(chosen.get("key_files") or ()),
        columns=_parsed_columns(chosen.get("columns")),
        owner=chosen.get("owner"),
        limits=Limits.given(chosen.get("limits") or ()),
    )


def options_of_each(chosen: dict[str, Any], count: int) -> "list[ReadOptions]":
    """The values of `reading_each` for each of `count` exports. Raises UsageError as `read_options` does."""
    zones, columns, owners = (
        _value_for_each(option, chosen.get(name) or (), count)
        for option, name in (("--timezone", "timezones"), ("--columns", "columns_each"), ("--owner", "owners"))
    )
    shared = {name: chosen.get(name) for name in ("key_files", "limits")}
    return [
        read_options({"timezone": zone, "columns": column, "owner": owner, **shared})
        for zone, column, owner in zip(zones, columns, owners, strict=True)
    ]


def submission_options(chosen: dict[str, Any], own: "ReadOptions") -> "ReadOptions":
    """Reader options of a submission: its own zone, else that of the first export, and its columns."""
    zone, columns = chosen.get("submission_timezone"), chosen.get("submission_columns")
    return replace(own, timezone=_checked_zone(zone) or own.timezone, columns=_parsed_columns(columns), owner=None)


def _value_for_each(option: str, values: Sequence[str], count: int) -> list[str | None]:
    """One value for every export, or one for each; an empty one counts as none."""
    if len(values) not in (0, 1, count):
        raise UsageError(
            option, f"{option}: given {len(values)} times for {count} exports; give it once, or once for each export"
        )
    repeated = [*values] * count if len(values) == 1 else [*values] or [""] * count
    return [value or None for value in repeated]


def options_of_sides(chosen: dict[str, Any], counts: Sequence[int]) -> "list[ReadOptions]":
    """The options of each export of a comparison, from the numbers of exports on the left and right."""
    options = read_options(chosen)
    return [
        _options_of_side(options, chosen, side)
        for side, count in zip(("left", "right"), counts, strict=True)
        for _ in range(count)
    ]


def _options_of_side(options: "ReadOptions", chosen: dict[str, Any], side: str) -> "ReadOptions":
    """The options of one side: those for this side alone, else those for both."""
    owner, zone, columns = (chosen.get(f"{side}_{name}") for name in ("owner", "timezone", "columns"))
    return replace(
        options,
        owner=owner or options.owner,
        timezone=_checked_zone(zone) or options.timezone,
        columns=_parsed_columns(columns) or options.columns,
    )


def _checked_zone(name: str | None) -> str | None:
    """The name of a time zone that exists. Raises UsageError."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name is not None:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UsageError(
                "--timezone", f"--timezone {name}: no such zone; expected a name such as Asia/Shanghai"
            ) from None
    return name


def key_in_environment() -> str | None:
    """The key of encrypted stores from the environment, since process lists show arguments."""
    return os.environ.get("RECONCILE_KEY") or None


def _key_of(files: Sequence[Path]) -> str | None:
    """The keys in these files, joined; else that in the environment. Raises UsageError."""
    # Keys come from files or the environment only, because process lists show arguments.
    from reconcile.intake.sqlite.key import KEY_FILE_END

    if not files:
        return key_in_environment()
    held = []
    for file in files:
        try:
            held.append(file.read_text("utf-8-sig").strip())
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "bytes that are no UTF-8"
            raise UsageError("--key-file", f"--key-file {file}: cannot be read ({reason})") from None
    return KEY_FILE_END.join(held)


def _parsed_columns(text: str | None) -> dict[str, str]:
    from reconcile.formats.inferred.columns import parse_columns

    return parse_columns(text) if text else {}


def case_options(chosen: dict[str, Any], lang: Lang) -> "CaseOptions":
    """The values of `reading` and `comparing`. Raises UsageError as `read_options` does.

    Also for an invalid --map file.
    """
    from reconcile.options import CaseOptions

    options = read_options(chosen)
    return CaseOptions(
        readers=(chosen["left_reader"], chosen["right_reader"]),
        read=(_options_of_side(options, chosen, "left"), _options_of_side(options, chosen, "right")),
        labels=labels_of((chosen["left_name"], chosen["right_name"]), chosen["case_file"], lang),
        cover=cover_of(chosen["case_file"]),
        stated=_stated_pairings(chosen["map_file"]),
        lang=lang,
        messages=not chosen["no_messages"],
        reports=chosen["reports"] or ("html",),
        mask=chosen["mask"],
        error_rates=chosen["error_rates"],
    )


def labels_of(
    stated: tuple[str | None, str | None], case_file: Path | None, lang: Lang
) -> tuple[str | None, str | None]:
    """Names of the sides: the stated ones, else the case file's parties.

    Left = plaintiff. Raises UsageError where both are stated alike.
    """
    if stated[0] and stated[0] == stated[1]:
        raise UsageError(
            "--right-name", f"--left-name and --right-name: both are {stated[0]}; name the sides differently"
        )
    if case_file is None:
        return stated
    from reconcile.submission.case_file import load_case
    from reconcile.wording import say

    case = load_case(case_file).case
    parties = [
        say(f"report.side_{role}", lang, name=name) if name else None
        for role, name in (("plaintiff", case.plaintiff), ("defendant", case.defendant))
    ]
    return stated[0] or parties[0], stated[1] or parties[1]


def _stated_pairings(file: Path | None) -> "Stated":
    """The pairs of conversations and senders in a --map file. Raises UsageError."""
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
    """The case file's statements for the cover of reports; None without a case file.

    Raises CaseError as `load_case` does.
    """
    if case_file is None:
        return None
    from reconcile.submission.case_file import cover_of_case, load_case

    return cover_of_case(load_case(case_file))


def of_devices(*, timezone: str | None, limits: tuple[str, ...], quiet: bool, **rest: Any) -> dict[str, Any]:
    """The settings of a run over devices, from the options OF_DEVICES."""
    from reconcile.intake.contract import ReadOptions
    from reconcile.settings import Limits

    options = ReadOptions(timezone=timezone, key=key_in_environment(), limits=Limits.given(limits))
    return {"options": options, "progress": stages_of(rest["lang"], quiet=quiet), **rest}
