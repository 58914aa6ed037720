"""The name of a form of export."""

from reconcile.wording import Lang, has, say


def form_name(reader: str, lang: Lang) -> str:
    """A reader's title with its name; the name alone of one that the catalogue does not know."""
    return f"{say(f'readers.{reader}', lang)} ({reader})" if has(f"readers.{reader}") else reader
