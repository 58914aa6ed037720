"""The reply of a quoting message without the words it quotes, as the exporters put the two together."""

import re

import polars as pl

# Behind the reply, or before it: the spellings of WeFlow, chatlog, WechatExporter, the client's own copy, and of Markdown.
QUOTE_PARTS = (
    # Before the reply in brackets, which may hold a mark in brackets of their own; where nothing follows, the bracket is all there is.
    r"\A\[引用[ \xa0](?:\[[^\[\]\n]*\]|[^\[\]])*\]\s*",
    r"\s*\n引用[:：](?s:.*)\z", r"\s*\n+\[引用\]\((?s:.*)\z", r"\[引用[ \xa0](?s:.*)\]\s*\z", r"\A「[^」]*」\r?\n[- ]{3,}\r?\n", r"\A(?:> .*\n)+", r"\s*\n+> (?s:.*)\z",
)  # fmt: skip
# One dialect of patterns writes the end of a text as the other's letter.
_COMPILED = tuple(re.compile(part.replace(r"\z", r"\Z")) for part in QUOTE_PARTS)


def without_quote(column: pl.Expr) -> pl.Expr:
    """The words without a quoted part; words that hold none stay as they are."""
    for part in QUOTE_PARTS:
        column = column.str.replace(part, "")
    return column


def reply_of(text: str) -> str:
    """`without_quote` of one text."""
    for part in _COMPILED:
        text = part.sub("", text)
    return text


# The same parts of a text in canonical form whose line ends, blanks or closing bracket a tool dropped or cut off: reply, name, words quoted.
_LOOSE = (
    re.compile(r"(?s)\A(?P<reply>.*?)\s*\[引用\]\([^)\n]{0,40}\)[^:\n]{0,80}:(?P<said>.*)\Z"),
    re.compile(r"(?s)\A「[^:\n」]{0,80}:(?P<said>[^」]*)(?:」\s*(?:(?:-\s?){3,}\s*|[-\s]*\Z)|\Z)(?P<reply>.*)\Z"),
    re.compile(r"(?s)\A(?P<reply>.*?)\s*引用:\s?[^:\n]{0,80}:(?P<said>.*)\Z"),
    re.compile(r"(?s)\A\[引用\s?[^:\n\]]{0,80}:(?P<said>(?:\[[^\[\]\n]*\]|[^\[\]])*)\]\s*(?P<reply>\S.*)\Z"),
    re.compile(r"(?s)\A(?P<reply>.*?)\s*\[引用\s?[^:\n]{0,80}:(?P<said>.*?)\]?\s*\Z"),
    re.compile(r"(?s)\A> [^\n]{1,80}\d{1,2}:\d{2}(?::\d{2})?(?P<said>(?:\n> ?[^\n]*)+)\n(?P<reply>(?!>).*)\Z"),
    re.compile(r"(?s)\A> [^:\n]{1,80}:(?P<said>[^\n]*(?:\n> ?[^\n]*)*)\n(?P<reply>(?!>).*)\Z"),
    re.compile(r"(?s)\A(?P<reply>.+?)\s+「[^:\n」]{0,80}:(?P<said>[^」]*)(?:」\s*)?\Z"),
    re.compile(r"(?s)\A(?P<reply>.+?)\s*\n[-—]{1,3}\s*引用[^:\n]{0,80}:(?P<said>.*)\Z"),
    re.compile(r"(?s)\A(?P<reply>.+?)\s*\((?:引用|回复)[^:\n]{0,80}:(?P<said>.*)\)\Z"),
    re.compile(r"(?s)\A\[?(?:引用|回复)\]?[^:\n]{1,80}:(?P<said>[^\n]*)\n(?P<reply>.+)\Z"),
)
# A reply of which a tool shows that it quotes, and not what; or that what it quotes is gone.
_MARKED = re.compile(
    r"(?s)\A(?:\[(?:引用|回复)\]\s*(?P<reply>[^\n].*)|(?P<answer>.+?)\s*「(?:引用内容不存在|(?:引用的|原)(?:消息|内容)已?被?(?:撤回|删除)|该引用来自不支持的消息类型)」)\Z"
)
_LINE_MARK = re.compile(r"\n> ?")


def parted(canon: str) -> tuple[str, str | None]:
    """The reply of a canonical text and the words that it quotes (None = it quotes none), also where a tool lost what parts the two."""
    for part in _LOOSE:
        if found := part.match(canon):
            return found["reply"], re.sub(r"\s", "", _LINE_MARK.sub("\n", found["said"]))
    if marked := _MARKED.match(canon):
        return marked["reply"] or marked["answer"], ""
    return canon, None


# chatlog's quoted lines as a tool leaves them that puts a text's lines together, or cuts it before the reply: who, when, what.
_PUT_TOGETHER = re.compile(r"\A> [^\n]{1,80}?\d{1,2}:\d{2}(?::\d{2})? ?>? ?(?P<rest>[^\n]*)\Z")
_BEGUN_LINES = re.compile(r"\A> [^\n]{0,80}(?P<said>(?:\n>[^\n]*)*)\n?\Z")


def put_together(canon: str) -> str | None:
    """What a canonical text of one line holds behind the name and time of a quoted row: the words quoted, a blank, the reply. None = it is no such text."""
    found = _PUT_TOGETHER.match(canon)
    return None if found is None else found["rest"]


def begun_lines(canon: str) -> str | None:
    """The words quoted, without blanks, of a canonical text that holds nothing but the beginning of quoted lines. None = it is no such text."""
    found = _BEGUN_LINES.match(canon)
    return None if found is None else re.sub(r"\s", "", _LINE_MARK.sub("\n", found["said"]))
