"""The page's texts in one language: its own section, and names of all codes in frames.

Codes are named once for all outputs, in the section `verdict` (`family.code`, grades by their bare code). The page
knows them as `family_code`.
"""

from collections.abc import Mapping

from reconcile.report.visible import show_line
from reconcile.vocabulary import Grade
from reconcile.wording import Lang, section


def page_words(lang: Lang, names: Mapping[str, str]) -> dict[str, str]:
    """Every sentence and name that the page may show, by key; `names` says what each side is called."""
    shown = {side: show_line(name) for side, name in names.items()}
    return {key: _with_names(text, shown) for key, text in _page_words(lang).items()}


def _with_names(text: str, names: Mapping[str, str]) -> str:
    """The text with the names of the sides filled in."""
    for side, name in names.items():
        text = text.replace(f"{{{side}_name}}", name)
    return text


def _page_words(lang: Lang) -> dict[str, str]:
    """The texts of the page by key, with blanks for the names of the sides."""
    own = {key: entry[lang] for key, entry in section("review").items()}
    posts = {key: entry[lang] for key, entry in section("report").items() if key.startswith(("post_", "side_with"))}
    account = {f"account_{key}": entry[lang] for key, entry in section("account").items()}
    return posts | own | account | _verdict_names(lang)


def word(family: str, code: str, lang: Lang) -> str:
    """The name of a code; the code itself where the catalogue has none."""
    return _page_words(lang).get(f"{family}_{code}", code)


def _verdict_names(lang: Lang) -> dict[str, str]:
    """The names of codes by the keys that the page uses."""
    grades = {grade.value for grade in Grade}
    return {
        f"grade_{key}" if key in grades else key.replace(".", "_"): entry[lang]
        for key, entry in section("verdict").items()
    }
