"""The name of a form of export."""

from reconcile.wording import Lang, has, say


def form_title(reader: str, lang: Lang) -> str:
    """A reader's title; the name of one that the catalogue does not know. Of several readers, all titles."""
    return " + ".join(say(f"readers.{one}", lang) if has(f"readers.{one}") else one for one in reader.split(" + "))


def form_name(reader: str, lang: Lang) -> str:
    """A reader's title with its name; the name alone of one that the catalogue does not know."""
    title = form_title(reader, lang)
    return reader if title == reader else f"{title} ({reader})"
