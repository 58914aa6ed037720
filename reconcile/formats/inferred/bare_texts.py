"""Texts without the marks that their exporter puts around every one of them."""

from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

import polars as pl

from reconcile.column_ops import all_contain, kept_for_few, present
from reconcile.formats.inferred.hints import words_of
from reconcile.formats.inferred.words.running_numbers import without_running_numbers
from reconcile.lazy_modules import lazy_module
from reconcile.wechat.escapes import unescape_html

if TYPE_CHECKING:
    from reconcile.formats.inferred.pages import from_html
else:
    from_html = lazy_module("reconcile.formats.inferred.pages.from_html")


# Least texts of a column of pages. People hardly ever type whole elements: of a column beside plain words, so many and so
# large a share are.
_LEAST, _SEVERAL, _PART = 2, 3, 0.2
_BLOCK = "p|div|span|li|html|body|blockquote|pre|ul|ol|table|h[1-6]"
_ELEMENT = rf"(?is)^\s*<(?:{_BLOCK})\b[^<>]*>.*</(?:{_BLOCK})>\s*$"
_BREAK, _STYLING = r"(?i)<br\s*/?>\n?", r"(?i)</?(?:p|div|span|b|i|u|em|strong|font)\b[^<>]*>"
_ESCAPE = r"&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});"
# The beginning or end of an element.
_TAG = r"</?[A-Za-z][\w:.-]*(?:\s+[\w:.-]+=(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*/?>"
_OBJECT = r"(?s)^\s*<([A-Za-z][\w:.-]*)(?:\s[^<>]*)?>(?:.*</[^<>]*>)?\s*$"
_OF_WORDS = rf"(?i)^(?:{_BLOCK}|a|b|i|u|em|strong|font|s|del|code)$"
# A rule of one sign before the words, and the least number of texts that begin with it.
_BEGINS_WITH_A_RULE, _LEAST_RULED = r"^\s*(-{3,}|={3,}|_{3,}|\*{3,}|~{3,}|#{3,}|—{2,})", 6

# A text as it stands in an address: plain characters, and all others as the numbers of their bytes.
_PERCENT_ENCODED = r"^(?:[A-Za-z0-9\-_.~!*'()+,;:@/?=&$]|%[0-9A-Fa-f]{2})+$"
# A sign between name and words, and the least number of texts that begin with it.
_SIGN, _LEAST_SIGNED = r"^([:：;,，~/\\&@%+=|]|#\s)", 12
# A state in brackets behind the words, and the most different states.
_ENDS_IN_BRACKETS = r"[\])）】]\s*$"
_STATE, _MOST_STATES = r"\s([\[(（【]\w[^\[\](){}（）【】\n]{1,19}[\])）】])\s*$", 3


@kept_for_few
def bare_texts(text: pl.Series, name: str) -> pl.Series:
    """The texts without HTML, and without the rule, state or running number that stands on every one.

    `name` is the name of their column.
    """
    return without_running_numbers(_without_state(_without_rule(_without_percents(_unmarked(text, name)))))


def _without_percents(text: pl.Series) -> pl.Series:
    """The texts without the percent encoding of addresses, if all of them are written so."""
    held = present(text)
    coded = held.filter(held.str.contains("%", literal=True)).unique()
    if coded.is_empty() or coded.str.contains("://").any() or not all_contain(held, _PERCENT_ENCODED):
        return text
    try:
        plain = [unquote(t, errors="strict") for t in coded.to_list()]
    except UnicodeDecodeError:
        return text
    return text.replace(coded, pl.Series(plain, dtype=pl.String))


def _without_state(text: pl.Series) -> pl.Series:
    """The texts without the state that ends all of them, such as `[delivered]`."""
    held = text.filter(text.str.strip_chars() != "")
    if held.len() < _LEAST_SIGNED or not all_contain(held, _ENDS_IN_BRACKETS):
        return text
    states = held.str.extract(_STATE, 1)
    if states.null_count() or states.n_unique() > _MOST_STATES:
        return text
    return text.str.replace(_STATE, "")


def _unmarked(text: pl.Series, name: str) -> pl.Series:
    """The texts without HTML, if many of them are HTML elements or the column's name says XML.

    A form may write only what is set in some way as an element; plain words beside it stay as they are.
    """
    held = present(text).filter(present(text).str.strip_chars() != "")
    if words_of(name) & {"xml", "html"} and not held.str.contains(_ELEMENT).all():
        if "html" in words_of(name):
            text = text.str.replace_all(_BREAK, "\n").str.replace_all(_STYLING, "")
        return text.to_frame("text").select(unescape_html(pl.col("text")).alias("text"))["text"]
    if held.str.contains(_BREAK).any() and not held.str.replace_all(_BREAK, "").str.contains("\n", literal=True).any():
        # A form without other line ends writes those of the words like that.
        text, held = text.str.replace_all(_BREAK, "\n"), held.str.replace_all(_BREAK, "\n")
    is_element = text.str.contains(_ELEMENT).fill_null(value=False)
    pages, coded = text.clear(), text.clear()
    if is_element.sum() >= max(min(_SEVERAL, held.len()), _LEAST, _PART * held.len()):
        pages = text.filter(is_element).unique()
    if _is_escaped(held):
        # Where signs are escaped, nobody typed the elements that are left. One that is a whole text stands for an object.
        coded = held.filter(held.str.contains("[&<]")).unique()
        tag = coded.str.extract(_OBJECT, 1)
        coded = coded.filter(tag.str.contains(_OF_WORDS).fill_null(value=True) & ~coded.is_in(pages.implode()))
    is_typed = held.str.replace_all(_TAG, "").str.contains("<", literal=True).any()
    plain = [
        *(from_html.words_of_page(p) for p in pages),
        *map(unescape, coded if is_typed else coded.str.replace_all(_TAG, "")),
    ]
    return text.replace(pl.concat([pages, coded]), pl.Series(plain, dtype=pl.String)) if plain else text


def _is_escaped(held: pl.Series) -> bool:
    """Whether a form escapes words.

    No bare sign is left outside elements, and an address or several texts hold escapes.
    """
    signs = held.filter(held.str.contains("&", literal=True))
    if signs.is_empty() or signs.str.replace_all(_TAG, "").str.replace_all(_ESCAPE, "").str.contains('[&<>"]').any():
        return False
    return signs.len() >= _LEAST_RULED or signs.str.contains(r"://\S*&amp;").any()


def _without_rule(text: pl.Series) -> pl.Series:
    """The texts without the rule or separator that begins all of them."""
    held = text.filter(text.str.strip_chars() != "")
    if held.len() >= _LEAST_RULED and held.str.starts_with(" ").all():
        # A blank between a separator and every text is of the form.
        return text.str.strip_prefix(" ")
    sign = held.str.extract(_SIGN, 1)
    if held.len() >= _LEAST_SIGNED and not sign.null_count() and sign.n_unique() == 1:
        return text.str.strip_prefix(sign[0]).str.strip_chars_start(" ")
    rules = held.str.extract(_BEGINS_WITH_A_RULE, 1)
    if held.len() < _LEAST_RULED or rules.null_count() or rules.n_unique() > 1:
        return text
    return text.str.strip_prefix(rules[0]).str.strip_chars_start()
