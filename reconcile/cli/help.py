"""--help in the chosen language; its texts come from the catalogue (wording/help.toml)."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise

import click

from reconcile.errors import UsageError
from reconcile.visible_text import display_width
from reconcile.wording import Lang, has, say

_NAMES, _LEAST = 30, 30
# Longer runs of words are not tried as a path.
_MOST_BLANKS = 12
# A line may end behind any Chinese character, but none begins with a closing mark.
_PIECES = r"(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+)[，。；：、）》”]*"


def asked() -> Lang:
    """The language that the command line asks for, even where the rest of it cannot be parsed."""
    given = [word.removeprefix("--lang=") for word in sys.argv if word.startswith("--lang=")]
    given += [word for option, word in pairwise(sys.argv) if option == "--lang"]
    return "en" if given[-1:] == ["en"] else "zh"


def unquoted(words: Sequence[str]) -> str | None:
    """The existing path that these words form with spaces between them; None = there is no such path."""
    for first in range(len(words)):
        for last in range(first + 2, min(first + _MOST_BLANKS, len(words)) + 1):
            run = words[first:last]
            if any(word.startswith("-") for word in run):
                break
            if os.path.exists(" ".join(run)) and not all(os.path.exists(word) for word in run):  # noqa: PTH110 - any word may be no path
                return " ".join(run)
    return None


def hint_of_blanks(words: Sequence[str], lang: Lang, *, surplus: bool) -> str:
    """A hint to quote a path with spaces, or ''. `surplus` = there were more words than the command takes."""
    path = unquoted(words)
    if path is not None:
        return say("cli.blanks_in", lang, path=path)
    return say("cli.blanks", lang) if surplus else ""


class Told(click.Command):
    """A command whose help comes from the catalogue, and which refuses options given twice."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The command line's values. Raises UsageError for a single-valued option given twice.

        The library would silently keep the last value. A repeated --lang is allowed, and the last one counts, because
        it does not change what is read.
        """
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for option in given:
            if isinstance(option, click.Option) and not (option.multiple or option.is_flag or option.count):
                name = option.opts[-1]
                if given.count(option) > 1 and option.name != "lang":
                    raise UsageError(name, f"{name}: given more than once; it takes one value")
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The parts of the usage line, with the word for options in the language asked for."""
        return [
            _help_text("options_place") if p == self.options_metavar else p for p in super().collect_usage_pieces(ctx)
        ]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the usage line."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix=_help_text("usage"))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes what the command does."""
        name = "program" if isinstance(self, click.Group) else ctx.info_name or ""
        formatter.write(
            "\n" + "\n".join(f"  {line}" for line in _wrap(about(name, asked()), formatter.width - 2)) + "\n"
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes every option: its spelling, meaning and possible values."""
        _write_columns("options", option_rows(self, ctx, asked()), formatter)


class ToldGroup(Told, click.Group):
    """The program: its commands in the order in which they were added."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The parts of the usage line, with the word for commands in the language asked for."""
        return [
            _help_text("commands_place") if p == self.subcommand_metavar else p
            for p in super().collect_usage_pieces(ctx)
        ]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Commands in the order of the contract."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options, and each command with its whole description."""
        super().format_options(ctx, formatter)
        _write_columns("commands", [(name, about(name, asked())) for name in self.list_commands(ctx)], formatter)


def about(command: str, lang: Lang) -> str:
    """The description of a command, in one paragraph; `program` = the program itself."""
    return say(f"help.command_{command.replace('-', '_')}", lang)


def option_rows(command: click.Command, ctx: click.Context, lang: Lang) -> list[tuple[str, str]]:
    """Spelling and meaning of each option of a command."""
    options = [p for p in command.get_params(ctx) if isinstance(p, click.Option)]
    return [(_option_spelling(option, ctx, lang), _option_meaning(option, ctx, lang)) for option in options]


def _help_text(key: str, **values: object) -> str:
    """The text `help.<key>` of the catalogue in the language asked for."""
    return say(f"help.{key}", asked(), **values)


def _option_spelling(option: click.Option, ctx: click.Context, lang: Lang) -> str:
    """The option's names and the kind of value that it takes."""
    names = " / ".join(n for n in (", ".join(option.opts), ", ".join(option.secondary_opts)) if n)
    if option.is_flag or option.count:
        return names
    kind = option.type
    if isinstance(kind, click.Choice):
        return f"{names} {option.make_metavar(ctx)}"
    return f"{names} {say('help.value_' + ('integer' if isinstance(kind, click.IntRange) else kind.name), lang)}"


def _option_meaning(option: click.Option, ctx: click.Context, lang: Lang) -> str:
    """An option's meaning, with required, repeatable, bounds and default in brackets."""
    # The library names its own two options itself.
    name = (option.opts[-1].removeprefix("--") if option.is_eager else option.name) or ""
    own = f"{(ctx.info_name or '').replace('-', '_')}__{name}"
    key = next(k for k in (f"shown_{name}", own, f"option_{name}") if has(f"help.{k}"))
    more = [say("help.required", lang)] if option.required else []
    more += [say("help.repeat", lang)] if option.multiple else []
    if isinstance(option.type, click.IntRange):
        low, high = option.type.min, option.type.max
        more.append(say("help.least", lang, n=low) if high is None else say("help.between", lang, n=low, n_most=high))
    if has(f"help.shown_default_{name}"):
        more.append(say("help.default", lang, value=say(f"help.shown_default_{name}", lang)))
    elif option.show_default:
        more.append(say("help.default", lang, value=option.get_default(ctx)))
    return say(f"help.{key}", lang) + (f" [{say('help.comma', lang).join(more)}]" if more else "")


def _write_columns(heading: str, rows: Iterable[tuple[str, str]], formatter: click.HelpFormatter) -> None:
    """Writes names and meanings in two columns; a name too long for its column gets a line of its own."""
    held = [*rows]
    column = min(max(display_width(name) for name, _ in held), _NAMES) + 4
    lines = [f"\n{_help_text(heading)}:" if asked() == "en" else f"\n{_help_text(heading)}："]
    for name, text in held:
        wrapped = _wrap(text, max(formatter.width - column, _LEAST))
        if display_width(name) > column - 4:
            lines.append(f"  {name}")
        else:
            lines.append(f"  {name}{' ' * (column - 2 - display_width(name))}{wrapped.pop(0)}")
        lines += [" " * column + line for line in wrapped]
    formatter.write("\n".join(lines) + "\n")


def _wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns; a Chinese character takes two."""
    lines = [""]
    for piece in re.findall(_PIECES, text):
        if lines[-1] and display_width(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]
