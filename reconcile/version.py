"""The version of the program, and the name under which it is installed."""

import sys

VERSION = "0.2.0"
# Another program owns the name `reconcile` on the package index. The import name and the command are still
# `reconcile`.
DISTRIBUTION = "reconcile-wechat"


def install_command(extra: str) -> str:
    """The command that adds an optional part to the running Python, valid in any shell.

    pip finds the installed program and only fetches what the part needs. A bundle cannot be extended; the part needs
    an installed program.
    """
    if getattr(sys, "frozen", False):
        return f'uv tool install "{DISTRIBUTION.replace("-", "_")}-{VERSION}-py3-none-any.whl[{extra}]"'
    python = sys.executable or "python"
    return f'{_quote_blanks(python)} -m pip install "{DISTRIBUTION}[{extra}]"'


def package_command(package: str) -> str:
    """The command that adds another package to the running Python."""
    return f"{_quote_blanks(sys.executable or 'python')} -m pip install {package}"


def _quote_blanks(path: str) -> str:
    return f'"{path}"' if " " in path else path
