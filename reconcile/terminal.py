"""Prints untrusted text safely: control, direction and invisible characters are shown as code points."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson

_CHINA = ZoneInfo("Asia/Shanghai")


def visible(text: str) -> str:
    """The text with every character that does not print as its code point (⟦U+202E⟧); new lines stay."""
    return "".join(c if c.isprintable() or c == "\n" else f"⟦U+{ord(c):04X}⟧" for c in text)


def echo(text: object, *, err: bool = False) -> None:
    """Prints lines, made visible."""
    click.echo(visible(str(text)), err=err)


def china_time(instant: str | None) -> str | None:
    """An instant in ISO 8601 as reports show it, by China's clock, with the offset beside it; what is no instant stays as it is."""
    try:
        at = datetime.fromisoformat(instant or "")
    except ValueError:
        return instant
    return at.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S +08:00") if at.tzinfo else instant


def visible_json(value: Any) -> str:
    """JSON in which what does not print stands escaped; a program reads the very same value from it."""
    plain = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return "".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in plain)


def echo_json(value: Any) -> None:
    """Prints JSON as of `visible_json`."""
    click.echo(visible_json(value))


def show_usage_error(error: click.ClickException, told: Callable[[str, str], str], more: str = "") -> None:
    """Prints wrong usage as one line on stderr: the command, the problem, and where its help is.

    `told` gives the English line, which begins with the command, in the language asked for; `more` stands behind it.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "reconcile"
    said = " ".join(error.format_message().split()).rstrip(".")
    echo(told(f"{command}: {said}; `{command} --help` lists what it takes", command) + more, err=True)


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
