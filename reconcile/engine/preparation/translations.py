"""Removes the translation that one export writes behind every text of another language."""

import re

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import TWICE_STATED
from reconcile.patterns import lazy_pattern
from reconcile.wechat.kind_classes import WORDS
from reconcile.wechat.kinds import TRANSLATED
from reconcile.wechat.text import numbers_in, sums_in

# The words, then the translation in brackets, or below them in brackets or without. Without a mark it has as many lines.
_BRACKETED = rf"(?s)\A(.+?)\s*([（(\[【]\s*{TRANSLATED})\s*[:：](.+)[）)\]】]\s*\z"
_BELOW = rf"(?s)\A(.+?)(\s*\n\s*{TRANSLATED})\s*[:：](.+)\z"
_HINT = rf"\n|{TRANSLATED}\s*[:：]"
# Many languages have words for months.
_MONTH = lazy_pattern(r"\d{1,2}\s*[月월]")
# English says not only where it denies. In Chinese, signs of denial are parts of many words that deny nothing, so that only
# words that refuse count against an English text in which nothing denies.
_NOT, _ANY_DENIAL = (
    lazy_pattern(r"\bnot\b|\bnever\b|n['’]t\b", re.IGNORECASE),
    lazy_pattern(r"[不没沒無无未别別勿非莫拒]"),
)
_REFUSAL = lazy_pattern(
    r"(?<!会)不会|(?<!會)不會|(?<!能)不能|(?<!可)不可以|(?<!愿)不[愿願]|(?<!想)不想|(?<!给)不[给給]|(?<!付)不付|(?<!欠)不欠|不同意|不承[认認]|不答[应應]|拒[绝絕]|[从從][未不]|[绝絕]不"
)
_NEGATIVE = lazy_pattern(
    r"\b(?:no|not|none|never|nor|neither|nothing|nobody|nowhere|without|cannot|can ?not|cant|dont|wont|rather|only|until|unless|too|stop|hardly"
    r"|refus\w*|reject\w*|declin\w*|den(?:y|ie[sd])|fail\w*|avoid\w*|dis\w+|un\w+|im\w+|in\w{4,}|lack\w*|hat(?:e|es|ed))\b|n['’]t\b",
    re.IGNORECASE,
)
_HAN = lazy_pattern(r"[\u4e00-\u9fff]")


def without_translations(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows without translations.

    `tailed` says where one was removed, and TWICE_STATED where its sense is another.

    A habit counts in a conversation where the other side writes no translation and holds the words before it as they
    are, for several texts and for most. Original and translation are of two scripts, so that nobody can add to his own words in
    this way. What stands before the translation is compared like every text. A translation with a number that the
    original lacks, that is far longer, or where one of the two alone denies leaves its row in
    doubt: the client turns words, and invents nothing.
    """
    looks = (pl.col("cls") == WORDS) & pl.col("pair").is_not_null() & pl.col("text").str.contains(_HINT)
    few = rows[["row", "pair", "cls", "text"]].filter(looks)
    if few.height < PARAMS.loss_texts:
        return rows
    told = _translated(few)
    theirs = other.filter((pl.col("cls") == WORDS) & pl.col("pair").is_in(listed(told["pair"])))
    whole = theirs.select("pair", said="text").unique().with_columns(stands=pl.lit(value=True))
    told = told.join(whole, on=["pair", "said"], how="left", maintain_order="left")
    # What the other side has as the same sender's next message is no translation.
    behind = pl.col("text").shift(-1).over("pair", "sender", "is_self").alias("translation")
    successive = theirs.select("pair", behind, said="text")
    told = told.join(successive, on=["pair", "said", "translation"], how="anti", maintain_order="left")
    stands = pl.col("stands").fill_null(value=False)
    texts = pl.struct("said", "translation").filter(stands).n_unique()
    marks = told.group_by("pair", "mark").agg(
        ((texts >= PARAMS.loss_texts) & (2 * stands.sum() >= pl.len())).alias("is_habit")
    )
    written = _translated(theirs.filter(looks).select("row", "pair", "text"))["pair"].unique()
    habits = marks.filter(pl.col("is_habit") & ~pl.col("pair").is_in(listed(written)))
    bare = told.join(habits, on=["pair", "mark"], how="semi")
    if bare.is_empty():
        return rows
    is_other = [_has_other_sense(*texts) for texts in bare.select("said", "translation").iter_rows()]
    said = rows.select("row").join(bare.select("row", "said"), on="row", how="left", maintain_order="left")["said"]
    return rows.with_columns(
        pl.coalesce(said, "text").alias("text"), (pl.lit(said.is_not_null()) | pl.col("tailed")).alias("tailed"),
        pl.col(TWICE_STATED) | pl.col("row").is_in(listed(bare["row"].filter(pl.Series(is_other, dtype=pl.Boolean)))),
    )  # fmt: skip


def _has_other_sense(said: str, translation: str) -> bool:
    """Whether a translation states other numbers, is far longer, or one of both alone denies."""
    one, two = (_MONTH.sub(" ", t) for t in (said, translation))
    figures = [n for t in re.findall(r"\d[\d,.]*\s*[千百万萬亿kKwW]*", two) for n in numbers_in(t)]
    stated = {*figures, *sums_in(two)}
    if not stated <= {*numbers_in(one)}:
        return True
    if _letters(two) > PARAMS.translation_times_longer * _letters(one) + PARAMS.translation_letters_more:
        return True
    english, chinese = (one, two) if _HAN.search(two) else (two, one)
    if not _HAN.search(chinese):
        return False
    denies = bool(_NOT.search(english)) and not _ANY_DENIAL.search(chinese)
    return denies or (english.isascii() and bool(_REFUSAL.search(chinese)) and not _NEGATIVE.search(english))


def _letters(text: str) -> int:
    """The letters and figures of a text, as many as its sense has in a language of letters."""
    return sum(PARAMS.letters_of_sign if _HAN.match(c) else c.isalnum() for c in text)


def _translated(texts: pl.DataFrame) -> pl.DataFrame:
    """row, pair, said, mark, translation of the texts that a translation into another script follows.

    `mark` is what stands between them, without blanks: empty where the translation only stands on its own lines.
    """
    text, names = pl.col("text").str, ("said", "mark", "translation")
    groups = [text.extract_groups(p).struct for p in (_BRACKETED, _BELOW)]
    lines = text.split("\n").list
    half = lines.len() // 2
    is_even = 2 * half == lines.len()
    halves = (
        pl.when(is_even).then(lines.head(half).list.join("\n")), pl.lit(""), lines.slice(half).list.join("\n")
    )  # fmt: skip
    told = texts.select(
        "row", "pair",
        *(
            pl.coalesce(*(g.field(str(n)) for g in groups), bare).alias(name)
            for n, (name, bare) in enumerate(zip(names, halves, strict=True), 1)
        ),
    ).drop_nulls("said")  # fmt: skip
    told = told.with_columns(pl.col("said").str.strip_chars_end(), pl.col("mark").str.replace_all(r"\s", ""))
    is_address = pl.col("translation").str.contains("://", literal=True)
    return told.filter(_is_foreign("said") != _is_foreign("translation"), ~is_address)


def _is_foreign(column: str) -> pl.Expr:
    """Whether a text is written in another script than Chinese characters."""
    text = pl.col(column).str
    han, letters = text.count_matches(r"\p{Han}"), text.count_matches(r"\p{L}")
    return (2 * han < letters) | text.contains(r"[\p{Hiragana}\p{Katakana}]")


__all__ = ["without_translations"]
