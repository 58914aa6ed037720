"""Names of the two sides and their rows in every output: stated names, else 甲方材料 and 乙方材料.

In English: Side A and Side B.
"""

import shlex
from collections.abc import Mapping
from typing import Any

from reconcile.wording import Lang, say

SIDES = ("left", "right")


def called(side: str, stated: str | None, lang: Lang) -> str:
    """A side's name: the one that the user stated, else the neutral one."""
    return stated or say(f"report.side_{side}", lang)


def stated_in(manifest: Mapping[str, Any]) -> dict[str, str | None]:
    """By side: the name that the user stated for it; null where none was."""
    labels = manifest.get("labels")
    told = labels if isinstance(labels, dict) else {}
    return {side: str(told[side]) if told.get(side) else None for side in SIDES}


def called_in(manifest: Mapping[str, Any], lang: Lang) -> dict[str, str]:
    """By side: its name, of a finished comparison."""
    return {side: called(side, stated, lang) for side, stated in stated_in(manifest).items()}


def account_in(manifest: Mapping[str, Any], side: str) -> str | None:
    """The account of a side's export, of a finished comparison; null where it states none."""
    try:
        owner = manifest["inputs"][side]["facts"]["owner"]
        return account_of(owner.get("id"), owner.get("alias"), owner.get("name"))
    except (KeyError, TypeError, AttributeError):
        return None


def account_of(account: str | None, alias: str | None, name: str | None) -> str | None:
    """An account as outputs name it: id or alias, and the shown name; null where nothing is stated."""
    return " ".join(dict.fromkeys(str(p) for p in (account or alias, name) if p)) or None


def with_account(name: str, account: str | None, lang: Lang) -> str:
    """A side's name with the account of its export."""
    if account is None:
        return say("report.side_without_account", lang, side=name)
    return say("report.side_with_account", lang, side=name, account=account)


def row_name(side: str, row: int) -> str:
    """A row as people read and type it, `left:1` being the first: frames count rows from 0, people from 1."""
    return f"{side}:{row + 1}"


def row_named(name: str) -> tuple[str, int] | None:
    """Side and row (from 0) of a name from `row_name`; null for other texts and for row 0."""
    side, _, number = name.partition(":")
    is_row = side in SIDES and number.isascii() and number.isdigit() and int(number) > 0
    return (side, int(number) - 1) if is_row else None


def explain_command(folder: str, name: str) -> str:
    """The command that explains a row of the results in a folder."""
    return f"reconcile explain {shlex.quote(folder)} {name}"
