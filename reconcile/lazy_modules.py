"""Libraries that most runs do not need, loaded at their first use."""

from importlib import import_module
from typing import Any


class _Waiting:
    """A module before its first use. It is loaded once an attribute of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        """The attribute of the module, which is loaded here."""
        found = getattr(import_module(self._name), attribute)
        setattr(self, attribute, found)
        return found


def lazy_module(name: str) -> Any:
    """The module, loaded when an attribute of it is first asked for; ImportError comes only then."""
    return _Waiting(name)


__all__ = ["lazy_module"]
