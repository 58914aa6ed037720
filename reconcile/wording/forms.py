"""The name of a form of export."""

from reconcile.wording import Lang, has, say


def form_title(reader: str, lang: Lang) -> str:
    """A reader's title; the name of one that the catalogue does not know."""
    return say(f"readers.{reader}", lang) if has(f"readers.{reader}") else reader


def form_name(reader: str, lang: Lang) -> str:
    """A reader's title with its name; the name alone of one that the catalogue does not know."""
    return f"{form_title(reader, lang)} ({reader})" if has(f"readers.{reader}") else reader
