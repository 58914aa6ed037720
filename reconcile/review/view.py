"""Which lines of a conversation are shown: the filters as one value, and the lines that pass."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from reconcile.patterns import lazy_pattern
from reconcile.review.findings import either
from reconcile.vocabulary import Cause, Kind, Relation
from reconcile.wechat.text import number_value

ZONE = "Asia/Shanghai"
"""Times are shown, and days are cut, in the zone in which WeChat's users live; the records themselves hold instants."""

MAX_QUERY = 200


def _split_at_commas(value: object) -> object:
    """The parts of a text between commas; other values unchanged."""
    return tuple(part for part in value.split(",") if part) if isinstance(value, str) else value


class View(BaseModel):
    """The filters of a reviewer. Empty = everything.

    Attributes:
        relation: what the comparison found; any of these.
        cause: any of these.
        kind: either side's kind is any of these.
        sender: our name of the party on either side; the name shown where the comparison could not tell who it is.
        since: first day, in `ZONE`.
        until: last day, in `ZONE`.
        least: lowest amount, yuan.
        most: highest amount, yuan.
        words: to be found in either side's text or file name, ignoring letter case; a number is found in every spelling.
        state: `open` = to be looked at and not judged; `judged` = judged by a reviewer; `second` = judged, by others than `reviewer` alone;
            `disputed` = reviewers judge differently.
        reviewer: whose second review is still to come.
        mark: lines with a bookmark, or to be masked in reports.
        tag: lines with this tag.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    relation: Annotated[tuple[Relation, ...], BeforeValidator(_split_at_commas)] = ()
    cause: Annotated[tuple[Cause, ...], BeforeValidator(_split_at_commas)] = ()
    kind: Annotated[tuple[Kind, ...], BeforeValidator(_split_at_commas)] = ()
    sender: str = Field("", max_length=MAX_QUERY)
    since: date | None = None
    until: date | None = None
    least: float | None = None
    most: float | None = None
    words: str = Field("", max_length=MAX_QUERY)
    state: Literal["", "open", "judged", "second", "disputed"] = ""
    reviewer: str = Field("", max_length=MAX_QUERY)
    mark: Literal["", "bookmark", "mask"] = ""
    tag: str = Field("", max_length=MAX_QUERY)


def lines_in(lines: pl.DataFrame, view: View, judged: pl.Series, marked: pl.Series | None = None) -> pl.Series:
    """Numbers of the lines that pass every filter, ascending.

    Args:
        lines: a conversation's lines in display order.
        view: the filters.
        judged: numbers of the lines with a standing decision; where `state` is `second` or `disputed`, of those lines.
        marked: numbers of the lines with the mark or tag that the filters name; None where they name none.
    """
    passing = [*_vocabulary_tests(view), *_sender_tests(view), *_range_tests(view), *_text_tests(view)]
    frame = lines.lazy().with_row_index("line")
    if view.state:
        passing.append(_state_test(view, judged))
    if marked is not None:
        passing.append(pl.col("line").is_in(marked.to_list()))
    if passing:
        frame = frame.filter(pl.all_horizontal(passing))
    return frame.select("line").collect().to_series()


def _vocabulary_tests(view: View) -> list[pl.Expr]:
    """Tests of relation, cause and kind, as far as the filters name any."""
    tests = []
    for column, wanted in (("relation", view.relation), ("cause", view.cause)):
        if wanted:
            tests.append(pl.col(column).cast(pl.String).is_in([w.value for w in wanted]))
    if view.kind:
        kinds = [k.value for k in view.kind]
        tests.append(_any_side(lambda side: pl.col(f"{side}_kind").cast(pl.String).is_in(kinds)))
    return tests


def _sender_tests(view: View) -> list[pl.Expr]:
    """The test of the sender; none without a filter."""
    if not view.sender:
        return []
    return [_any_side(lambda side: party_of(side) == view.sender)]


def shown_sender(side: str) -> pl.Expr:
    """The sender as this device shows it: the name, else the account, else our name of the party."""
    return pl.coalesce(f"{side}_sender_name", f"{side}_sender", f"{side}_party")


def party_of(side: str) -> pl.Expr:
    """Our name of the party, the same on both sides; the name shown where there is none."""
    return pl.coalesce(f"{side}_party", f"{side}_sender_name", f"{side}_sender")


def _range_tests(view: View) -> list[pl.Expr]:
    """Tests of day and amount."""
    day = either("at").dt.convert_time_zone(ZONE).dt.date()
    amount = either("amount").cast(pl.Float64, strict=False)
    tests = []
    if view.since is not None:
        tests.append(day >= view.since)
    if view.until is not None:
        tests.append(day <= view.until)
    if view.least is not None:
        tests.append(amount >= view.least)
    if view.most is not None:
        tests.append(amount <= view.most)
    return tests


def _text_tests(view: View) -> list[pl.Expr]:
    """The test of the words; an amount is also found in other spellings."""
    if not view.words:
        return []
    tests = [
        _any_side(
            lambda side: (
                _column_contains(f"{side}_text", view.words) | _column_contains(f"{side}_file_name", view.words)
            )
        )
    ]
    amount = amount_of(view.words)
    if amount is not None:
        pattern = amount_pattern(amount)
        tests.append(_any_side(lambda side: pl.col(f"{side}_text").str.contains(pattern)))
        tests.append(_any_side(lambda side: pl.col(f"{side}_amount").cast(pl.Float64, strict=False) == float(amount)))
    return [pl.any_horizontal(tests)]


def shown_pattern(words: str) -> str | None:
    """The regular expression that marks a searched amount in texts; None for other words."""
    amount = amount_of(words)
    return None if amount is None else amount_pattern(amount)


def _column_contains(column: str, words: str) -> pl.Expr:
    """Whether the text contains the words, ignoring letter case."""
    text = pl.col(column)
    if words.lower() != words.upper():
        text, words = text.str.to_lowercase(), words.lower()
    return text.str.contains(words, literal=True).fill_null(False)


def _state_test(view: View, judged: pl.Series) -> pl.Expr:
    """Whether a line is in the state that the filters name."""
    is_judged = pl.col("line").is_in(judged.to_list())
    if view.state != "open":
        return is_judged
    relation = pl.col("relation").cast(pl.String)
    return ~is_judged & relation.is_in([Relation.CONFLICT, Relation.ONE_SIDED, Relation.DOUBTFUL])


def _any_side(test: Callable[[str], pl.Expr]) -> pl.Expr:
    """Whether the test holds for at least one side."""
    return test("left").fill_null(False) | test("right").fill_null(False)


MOST = 10**12
_WHOLE = lazy_pattern(
    r"¥?\s*([\d,.]+\s*[千kKwW万萬亿]*|[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬]+)\s*(?:元|块|圆)?整?"
)
_POINT = "[.\uff0e]"
# The digit itself, then its other spellings.
_CHINESE = ("[零〇]", "[一壹]", "[二贰两]", "[三叁]", "[四肆]", "[五伍]", "[六陆]", "[七柒]", "[八捌]", "[九玖]")
_UNITS = ("", "[十拾]", "[百佰]", "[千仟]")
_BIG = {1: "", 10**4: "[万萬]", 10**8: "亿"}
_SHORT = {10**3: "[千仟kK]", 10**4: "[万萬wW]", 10**8: "亿"}
_NUMERALS = "零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬"
# A number may continue: 80000 is no part of 180000 or 80000.5, and 八万 none of 八万五.
_BEFORE, _BEHIND = rf"(?:^|[^\d.,{_NUMERALS}])", rf"(?:$|[.,](?:$|\D)|[^\d.,wWkK{_NUMERALS}])"


def amount_of(words: str) -> Decimal | None:
    """The amount that these words state and nothing else; None for 0 or more than any payment."""
    found = _WHOLE.fullmatch(unicodedata.normalize("NFKC", words).strip())
    value = number_value(found.group(1)) if found else None
    return value if value is not None and 0 < value < MOST else None


def amount_pattern(value: Decimal) -> str:
    """A regular expression, the same to Rust and to a browser, that finds the number in any spelling."""
    forms = [
        _amount_pattern(value),
        *(_amount_pattern(value / scale) + sign for scale, sign in _SHORT.items() if _is_short(value / scale)),
    ]
    if value == value.to_integral_value():
        forms.append(_chinese_numeral_pattern(int(value)))
    return f"{_BEFORE}({'|'.join(forms)}){_BEHIND}"


def _is_short(value: Decimal) -> bool:
    """Whether people would state an amount in this unit: at least 0.1 of it, at most four decimals."""
    return value >= Decimal("0.1") and len(f"{value.normalize():f}".partition(".")[2]) <= 4


def _amount_pattern(value: Decimal) -> str:
    """A pattern for the amount in digits, with or without thousands separators."""
    whole, _, rest = f"{value.normalize():f}".partition(".")
    grouped = "[,，]?".join(_digit_pattern(part) for part in re.findall(r"\d{1,3}(?=(?:\d{3})*$)", whole))
    return grouped + (rf"{_POINT}{_digit_pattern(rest)}[0０]*" if rest else rf"(?:{_POINT}[0０]+)?") + r"\s*"


def _digit_pattern(figures: str) -> str:
    """A pattern for these digits, half or full width."""
    return "".join(f"[{d}{chr(ord(d) - ord('0') + ord('０'))}]" for d in figures)


def _chinese_numeral_pattern(value: int) -> str:
    """A whole number in Chinese numerals: 12500 is 一万二千五百, also 壹万贰仟伍佰."""
    for scale in sorted(_BIG, reverse=True)[:-1]:
        if value >= scale:
            head, rest = divmod(value, scale)
            return (
                _chinese_numeral_pattern(head)
                + _BIG[scale]
                + (("" if rest >= scale // 10 else "[零〇]?") + _chinese_numeral_pattern(rest) if rest else "")
            )
    return _pattern_below_10000(value)


def _pattern_below_10000(value: int) -> str:
    """A number below 10,000."""
    figures = [(int(d), place) for place, d in enumerate(reversed(str(value)))][::-1]
    parts: list[str] = []
    gap = ""
    for n, (digit, place) in enumerate(figures):
        if not digit:
            gap = "[零〇]?" if parts else ""
            continue
        # 十五 is written without 一.
        is_ten = n == 0 and digit == 1 and place == 1
        parts.append(gap + (f"{_CHINESE[1]}?" if is_ten else _CHINESE[digit]) + _UNITS[place])
        gap = ""
    return "".join(parts)
