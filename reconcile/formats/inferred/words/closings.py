"""Lines below the last message that are written otherwise than all messages are."""

import re

import polars as pl

# Least texts that show how all of them end, what of their ends is compared, and the least share that end so.
_LEAST, _TAIL, _NEARLY_ALL = 6, 3, 0.9
# Least texts of one line each that show that further lines are none, and least of such lines.
_MANY, _SEVERAL = 20, 2
# What a paper or page says of all above, or of itself.
_OF_A_PAPER = r"(?i)^\W*(?:以上|上述|综上|本(?:页|件|记录|文件|附件|材料))|打印|导出|附后|[上下]一页|[末首]页|公证|签名|签字|盖章|©|copyright|\b(?:printed|exported|generated|next page)\b"


def lines_of_last(text: pl.Series) -> int:
    """The number of first lines of the last text that are its words.

    What stands below the sign that ends nearly all other texts is not. Where all others are one line each, neither are
    several lines below the first, nor one that speaks of a paper as no other text does.
    """
    lines, others = text[-1].split("\n"), text.head(-1)
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
