"""Patterns that are compiled at their first use: a comparison uses a third of those that are named."""

import re
from typing import Any, AnyStr, cast


class _Waiting:
    """A pattern before its first use; from then on it has all attributes of the compiled one."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self.text, self.flags_asked = text, flags

    def __getattr__(self, name: str) -> Any:
        """The attribute of the compiled pattern, which is compiled here."""
        made = re.compile(self.text, self.flags_asked)
        self.__dict__.update((n, getattr(made, n)) for n in dir(made) if not n.startswith("__"))
        return getattr(made, name)


def lazy_pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The pattern, as of `re.compile`, compiled when a method of it is first asked for.

    For constants of modules. The functions of `re` take only text and patterns that are compiled already.
    """
    return cast("re.Pattern[AnyStr]", _Waiting(text, flags))


__all__ = ["lazy_pattern"]
