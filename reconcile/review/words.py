"""The page's words in one language: its own section, and the names of every code that the frames may hold.

Codes are named once for all outputs, in the section `verdict` (`family.code`, grades by their bare code); the page knows
them as `family_code`.
"""

from reconcile.vocabulary import Grade
from reconcile.wording import Lang, section


def page_words(lang: Lang) -> dict[str, str]:
    """Every sentence and name that the page may show, by key."""
    own = {key: entry[lang] for key, entry in section("review").items()}
    posts = {key: entry[lang] for key, entry in section("report").items() if key.startswith("post_")}
    return posts | own | _names(lang)


def word(family: str, code: str, lang: Lang) -> str:
    """The name of a code; the code itself where the catalogue has none."""
    return page_words(lang).get(f"{family}_{code}", code)


def _names(lang: Lang) -> dict[str, str]:
    grades = {grade.value for grade in Grade}
    return {
        f"grade_{key}" if key in grades else key.replace(".", "_"): entry[lang]
        for key, entry in section("verdict").items()
    }
