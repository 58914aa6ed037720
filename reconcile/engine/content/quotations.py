"""Separates a reply from the words it quotes, in the spelling of each exporter."""

import re

import polars as pl

from reconcile.patterns import lazy_pattern

# Every spelling of a quotation holds one of these.
QUOTING = ("引用", "回复", "「", "> ", "\n---")
# Quoted parts after or before the reply, in every spelling that is known.
QUOTE_PARTS = (
    # Before the reply in brackets, which may contain a mark in brackets. If nothing follows, the bracket is kept.
    r"\A\[引用[ \xa0](?:\[[^\[\]\n]*\]|[^\[\]])*\]\s*",
    r"\s+引用=[^\n:：]{1,80}[:：](?s:.*)\z", r"\s*\n引用(?:[:：]|[ \xa0][^\n:：]{1,80}[:：])(?s:.*)\z", r"\A「[^\n:：」]{1,80}[:：][^」]*」\r?\n(?:[- ]{3,}\r?\n)?", r"\s*\n+\[引用\]\((?s:.*)\z", r"\[引用[ \xa0](?s:.*)\]\s*\z", r"\A(?:[^\n\"“「:：]{1,20}[:：]\r?\n)?(?:「(?s:.*?)」|[\"“](?s:.*?)[\"”])\r?\n[- ]{3,}\r?\n", r"\A(?:> .*\n)+",
    r"\s*[(（\[【](?:引用|回复)[^:：\n\"“「]{0,40}[:：]?\s*[\"“「][^\n]*[\"”」]\s*[)）\]】]\s*\z", r"\s*\n+> (?s:.*)\z",
)  # fmt: skip
# Python writes the end of a text as \Z, polars as \z.
_COMPILED = tuple(lazy_pattern(part.replace(r"\z", r"\Z")) for part in QUOTE_PARTS)


def without_quote(column: pl.Expr) -> pl.Expr:
    """The text without a quoted part; texts without one stay unchanged."""
    return column.map_batches(_without_quotes, return_dtype=pl.String)


def _without_quotes(texts: pl.Series) -> pl.Series:
    # Few texts hold a sign of a quotation, and the patterns are prepared for these alone.
    at = texts.str.contains_any(list(QUOTING)).arg_true()
    if at.is_empty():
        return texts
    own = texts[at]
    for part in QUOTE_PARTS:
        own = own.str.replace(part, "")
    return texts.scatter(at, own)


def own_words_hold(texts: pl.DataFrame, column: str, pattern: str) -> bool:
    """Whether a text of the column holds the pattern outside the words that it quotes."""
    held = texts[column].filter(texts[column].str.contains(pattern))
    if held.is_empty():
        return False
    return bool(_without_quotes(held).str.contains(pattern).any())


def reply_of(text: str) -> str:
    """`without_quote` for one text."""
    for part in _COMPILED:
        text = part.sub("", text)
    return text


# Reply and quoted words in a canonical text, even if a tool dropped line ends, blanks or the closing bracket.
_LOOSE = (
    lazy_pattern(r"(?s)\A(?P<reply>.*?)\s*\[引用\]\([^)\n]{0,40}\)[^:\n]{0,80}:(?P<said>.*)\Z"),
    lazy_pattern(r"(?s)\A「[^:\n」]{0,80}:(?P<said>[^」]*)(?:」\s*(?:(?:-\s?){3,}\s*|[-\s]*\Z|\n)|\Z)(?P<reply>.*)\Z"),
    # Name and words in quotation marks, a line of dashes and the reply, maybe behind a line that announces them.
    lazy_pattern(
        r"(?s)\A(?:[^\n\"“:]{1,20}:\s*)?[\"“][^:\n]{1,80}:(?P<said>.*?)[\"”]\s*\n(?:-\s?){3,}\n(?P<reply>.+)\Z"
    ),
    lazy_pattern(r"(?s)\A(?P<reply>.*?)\s*引用[:=]\s?[^:\n]{0,80}:(?P<said>.*)\Z"),
    lazy_pattern(r"(?s)\A(?P<reply>.+?)\s*\n引用\s[^:\n]{1,80}:(?P<said>.*)\Z"),
    lazy_pattern(r"(?s)\A\[(?:引用|回复)\s?[^:\n\]]{0,80}:(?P<said>(?:\[[^\[\]\n]*\]|[^\[\]])*)\]\s*(?P<reply>\S.*)\Z"),
    lazy_pattern(r"(?s)\A(?P<reply>.*?)\s*\[引用\s?[^:\n]{0,80}:(?P<said>.*?)\]?\s*\Z"),
    lazy_pattern(r"(?s)\A> [^\n]{1,80}\d{1,2}:\d{2}(?::\d{2})?(?P<said>(?:\n> ?[^\n]*)+)\n(?P<reply>(?!>).*)\Z"),
    lazy_pattern(r"(?s)\A> [^:\n]{1,80}:(?P<said>[^\n]*(?:\n> ?[^\n]*)*)\n(?P<reply>(?!>).*)\Z"),
    lazy_pattern(r"(?s)\A(?P<reply>.+?)\s+「[^:\n」]{0,80}:(?P<said>[^」]*)(?:」\s*)?\Z"),
    lazy_pattern(r"(?s)\A(?P<reply>.+?)\s*\n[-—]{1,3}\s*引用[^:\n]{0,80}:(?P<said>.*)\Z"),
    # The quoted words in quotation marks, whatever they hold.
    lazy_pattern(
        r"(?s)\A(?P<reply>.+?)\s*[(\[【](?:引用|回复)[^:\n\"“「]{0,40}:?\s*[\"“「](?P<said>[^\n]*)[\"”」]\s*[)\]】]\s*\Z"
    ),
    # A cut may have taken the closing bracket, the words, or part of the name.
    lazy_pattern(
        r"(?s)\A(?P<reply>.+?)\s*[(\[【](?:引用|回复)(?:[^:\n]{0,80}:(?P<said>.*?)[)\]】]?|[^:\n)]{0,80}(?:\.{3}|…))\Z"
    ),
    # The quoted words in quotation marks, in brackets or before a colon.
    lazy_pattern(
        r"(?s)\A[(\[【]?\s*(?:引用|回复)[^:\n\"“「]{0,40}:?\s*[\"“「](?P<said>[^\n]*?)[\"”」](?:\s*[)\]】]\s*:?|\s*[:\n])\s*(?P<reply>\S.*)\Z"
    ),
    # wx-cli: the quoted name and words below an arrow.
    lazy_pattern(r"(?s)\A\[引用\]\s*(?P<reply>.+?)\s*\n\s*↳\s*[^:\n]{1,80}:(?P<said>.*)\Z"),
    lazy_pattern(r"(?s)\A\[?(?:引用|回复)\]?[^:\n]{1,80}:(?P<said>[^\n]*)\n(?P<reply>.+)\Z"),
)
# What a client shows if it no longer has the quoted message.
_GONE = r"(?:引用内容不存在|(?:引用的|原)(?:消息|内容)已?被?(?:撤回|删除)|该引用来自不支持的消息类型)"
_IS_GONE = lazy_pattern(rf"\s*{_GONE}\s*")
# A reply marked as quoting, without the quoted words or with a note that they are gone.
_MARKED = lazy_pattern(rf"(?s)\A(?:\[(?:引用|回复)\]\s*(?P<reply>[^\n].*)|(?P<answer>.+?)\s*「{_GONE}」)\Z")
_LINE_MARK = lazy_pattern(r"\n> ?")


def blankless(text: str) -> str:
    """The text without blanks and line ends."""
    return re.sub(r"\s", "", text)


def parted(canon: str) -> tuple[str, str | None]:
    """The reply in a canonical text and the quoted words, even without clear separators.

    None = it quotes nothing; empty = it does not state what it quotes.
    """
    for part in _LOOSE:
        if found := part.match(canon):
            said = found["said"] or ""
            said = "" if _IS_GONE.fullmatch(said) else said
            return found["reply"], blankless(_LINE_MARK.sub("\n", said))
    if marked := _MARKED.match(canon):
        return marked["reply"] or marked["answer"], ""
    return canon, None


# Quoted lines (name, time, words) after a tool joined the lines, or cut the text before the reply.
_PUT_TOGETHER = lazy_pattern(r"\A> [^\n]{1,80}?\d{1,2}:\d{2}(?::\d{2})? ?>? ?(?P<rest>[^\n]*)\Z")
_BEGUN_LINES = lazy_pattern(r"\A> [^\n]{0,80}(?P<said>(?:\n>[^\n]*)*)\n?\Z")


# What a tool writes in one line before quoted words: a mark and whose they are.
_QUOTING = r"\W?(?:引用|回复)\W?[^:]{0,40}:\W?"


def in_one_line(canon: str, reply: str, said: str | None) -> bool:
    """Whether a canonical text is a reply and the words or the row that it quotes, joined in one line."""
    if said and reply and _joined_by_mark(blankless(canon), blankless(reply), said):
        return True
    found, reply = _PUT_TOGETHER.match(canon), re.sub(r"\s*\n\s*", " ", reply.strip())
    if found is None or not reply or not found["rest"].endswith(reply):
        return False
    before = found["rest"].removesuffix(reply)
    return before[-1:] in ("", " ") and (said is None or blankless(before.replace("> ", "")) == said)


def _joined_by_mark(line: str, reply: str, said: str) -> bool:
    """Whether a text is a reply and quoted words with a mark and a name between them, and no more."""
    parts = re.escape(reply), rf"{_QUOTING}{re.escape(said)}\W?"
    return any(re.fullmatch(rf"\W?{a}\W?{b}", line) for a, b in (parts, parts[::-1]))


def begun_lines(canon: str) -> str | None:
    """The quoted words without blanks, if a text holds only the beginning of quoted lines; otherwise None."""
    found = _BEGUN_LINES.match(canon)
    return None if found is None else blankless(_LINE_MARK.sub("\n", found["said"]))
