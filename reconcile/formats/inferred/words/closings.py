"""What a form writes behind words: remarks in brackets, and lines below the last message."""

import re

import polars as pl

# Least texts that show how all of them end, what of their ends is compared, and the least share that end so.
_LEAST, _TAIL, _NEARLY_ALL = 6, 3, 0.9
# Least texts of one line each that show that further lines are none, and least of such lines.
_MANY, _SEVERAL = 20, 2
# What a paper or page says of all above, or of itself.
_OF_A_PAPER = r"(?i)^\W*(?:以上|上述|综上|本(?:页|件|记录|文件|附件|材料))|打印|导出|附后|[上下]一页|[末首]页|公证|签名|签字|盖章|©|copyright|\b(?:printed|exported|generated|next page)\b"
# A remark in brackets behind the words, which differs in its figures alone: a number of the message or of a page.
_REMARK, _LEAST_TEXTS = (
    r"\s*([(\[（【〔][^()\[\]（）【】〔〕\n]{0,20}[0-9][^()\[\]（）【】〔〕\n]{0,20}[)\]）】〕])\s*$",
    12,
)
# A name and its value behind the words, and the most of them.
_PAIR, _MOST_PAIRS = r"(?s)^(?P<words>.*?)(?:[,，;；|]\s*|\s+)(?P<name>[A-Za-z_][\w.-]{1,20})=[^\s,，;；|]*\s*$", 5
_BRACKET = r"[)\]）】〕]\s*$"


def without_closings(text: pl.Series) -> tuple[pl.Series, pl.Series, str]:
    """The texts without remarks of the form, these remarks, and the lines below the last text."""
    nothing = pl.Series("remark", [None], dtype=pl.String).new_from_index(0, text.len())
    if text.len() < _LEAST or text[-1] is None:
        return text, nothing, ""
    lines = text[-1].split("\n")
    own = _lines_of_last(text)
    if below := "\n".join(lines[own:]).strip():
        text = text.clone().scatter(text.len() - 1, "\n".join(lines[:own]).rstrip())
    # The plain pattern takes less long to prepare.
    if text.len() < _LEAST_TEXTS or int(text.str.contains(_BRACKET).sum()) < _NEARLY_ALL * text.len():
        return text, nothing, below
    remarks = text.str.extract(_REMARK, 1).alias("remark")
    shape = remarks.str.replace_all("-?[0-9]+", "0")
    usual = shape.drop_nulls().mode().sort().head(1)
    is_usual = shape.is_in(usual.implode()).fill_null(value=False)
    if int(is_usual.sum()) < _NEARLY_ALL * text.len():
        return text, nothing, below
    bare = text.zip_with(~is_usual, text.str.replace(_REMARK, ""))
    return bare, remarks.set(~is_usual, None), below


def without_pairs_behind(text: pl.Series) -> pl.Series:
    """The texts without the names and values that a program writes behind nearly all of them."""
    for _ in range(_MOST_PAIRS):
        if text.len() < _LEAST or int(text.str.contains("=").sum()) < _NEARLY_ALL * text.len():
            break
        parts = text.str.extract_groups(_PAIR).struct.unnest()
        usual = parts["name"].drop_nulls().mode().sort().head(1)
        is_usual = parts["name"].is_in(usual.implode()).fill_null(value=False)
        if int(is_usual.sum()) < _NEARLY_ALL * text.len():
            break
        text = text.zip_with(~is_usual, parts["words"])
    return text


def _lines_of_last(text: pl.Series) -> int:
    """The number of first lines of the last text that are its words.

    What stands below the sign that ends nearly all other texts is not. Where all others are one line each, neither are
    several lines below the first, nor one that speaks of a paper as no other text does.
    """
    lines, others = text[-1].split("\n"), text.head(-1).drop_nulls()
    if len(lines) == 1 or others.len() < _LEAST:
        return len(lines)
    tails = _tails(others)
    usual = tails.mode().sort()[0]
    if re.search(r"\W$", usual) and float((tails == usual).mean() or 0) >= _NEARLY_ALL:
        ends = (_tails(pl.Series(lines)) == usual).arg_true()
        return int(ends[-1]) + 1 if ends.len() else len(lines)
    further = [line for line in lines[1:] if line.strip()]
    if not further or others.str.contains("\n").any():
        return len(lines)
    is_paper = re.search(_OF_A_PAPER, further[0]) and not others.str.contains(_OF_A_PAPER).any()
    return 1 if is_paper or (len(further) >= _SEVERAL and others.len() >= _MANY) else len(lines)


def _tails(text: pl.Series) -> pl.Series:
    """The last signs of each text, with a nought for each number."""
    return text.str.strip_chars_end().str.replace_all("[0-9]+", "0").str.tail(_TAIL)
