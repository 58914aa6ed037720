"""The page's words in one language: the review section, and the names of every code that the frames may hold."""

from reconcile.wording import Lang, has, say, section

FAMILIES = ("relation", "cause", "grade", "kind", "reason", "test", "explanation", "witness", "irregularity", "form")


def page_words(lang: Lang) -> dict[str, str]:
    """Every entry of the review section, by key."""
    return {key: entry[lang] for key, entry in section("review").items()}


def word(family: str, code: str, lang: Lang) -> str:
    """The name of a code; the code itself where the catalogue has none."""
    key = f"review.{family}_{code}"
    return say(key, lang) if has(key) else code
