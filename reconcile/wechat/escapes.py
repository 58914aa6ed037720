"""What exporters put in place of characters, put back: HTML entities and breaks, Markdown backslashes, pictures of emoji."""

import polars as pl

_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&#x27;", "'"), ("&apos;", "'"), ("&nbsp;", "\u00a0"), ("&amp;", "&"))  # fmt: skip
# An emoji's picture carries its name in brackets as alt, or bare as id.
_EMOJI_ALT = r"<img\b[^>]*\balt=\"([^\"]*)\"[^>]*>"
_EMOJI_ID = r"<img\b[^>]*\bid=\"([^\"]*)\" class=\"emoji_img\"[^>]*>"
_MARKDOWN = r"\\([\\`*_{}\[\]()<>#+\-.!|~\"'&$%^=:;,/?@])"


def unescape_html(text: pl.Expr) -> pl.Expr:
    """Entities of escaped text as characters; `&amp;` last, so that an entity typed as words stays."""
    for entity, character in _ENTITIES:
        text = text.str.replace_all(entity, character, literal=True)
    return text


def text_of_html(text: pl.Expr) -> pl.Expr:
    """The words of a bubble's HTML: breaks as line feeds, emoji by name, other tags gone, entities as characters."""
    plain = text.str.replace_all(r"<br ?/?>", "\n").str.replace_all(_EMOJI_ALT, "$1").str.replace_all(r"<[^<>]*>", "")
    return unescape_html(plain)


def emoji_names(text: pl.Expr) -> pl.Expr:
    """Pictures of emoji as `[name]`, as typed; the name without the blanks that the exporter's table has in places."""
    return (
        text.str.replace_all(_EMOJI_ID, "[$1]")
        .str.replace_all(r"\[白 眼\]", "[白眼]")
        .str.replace_all(r"\[玫 瑰\]", "[玫瑰]")
    )


def unescape_markdown(text: pl.Expr) -> pl.Expr:
    """Markdown text without the backslashes before its marks."""
    return text.str.replace_all(_MARKDOWN, "$1")
