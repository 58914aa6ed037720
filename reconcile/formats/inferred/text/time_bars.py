"""Bars of time above groups of messages, as a chat's screen shows them and a notary types them."""

import polars as pl

from reconcile.column_ops import in_one_query
from reconcile.formats.inferred.people.names_in_lines import MOST_NAME
from reconcile.formats.inferred.times.times_in_lines import CLOCK_AT_END, TIMES
from reconcile.formats.inferred.words.bodies_in_lines import are_rules, day_lines
from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode
from reconcile.wechat.client_sentences import sentence_kind
from reconcile.wechat.named_days import fitted

_MARKS = r"[\s\-—–─━═=_*#~\[\](（）)【】·•|<>]*"
# A bar may say in brackets what it is.
_LABEL = r"(?:[(（\[【][^()（）\[\]【】\n]{1,60}[)）\]】])?"
_BAR = rf"^{_MARKS}({TIMES['full']}|{TIMES['reversed']}|{TIMES['yearless']}|{TIMES['clock']})\s*{_LABEL}{_MARKS}$"
_TIMED = rf"^{_MARKS}(?:{TIMES['full']}|{TIMES['reversed']})"
_LONGEST_BAR, _LEAST_BARS = 100, 3
_TIME_AT_END = CLOCK_AT_END.removesuffix("$") + rf"{_LABEL}{_MARKS}$"
# A bar that states its day by a word only, which cannot be dated here.
_UNDATED = rf"^{_MARKS}[^\d\W]{{1,12}}\.?\s?{TIMES['clock']}{_MARKS}$"
_SECONDS = r"[0-9][:：时時][0-9]{2}[:：分][0-9]{2}"
_NAMED, _NAME_ALONE = (
    rf"^\s*(<[^<>\n]{{1,{MOST_NAME}}}>|[^\n:：]{{1,{MOST_NAME}}}?)\s?[:：]",
    rf"^\s*([^\n:：]{{1,{MOST_NAME}}}?)\s*$",
)
_MARKED = r"^\W*\*{1,3}[^*\s]"
_ADDRESS = r"^[^\n:：]*://"
_IN_BRACKETS = r"^\s*(?:（[^（）]+）|\([^()]+\))\s*$"
# Least share and number of groups that begin with a name, and the largest share with a further such line by chance.
_NEARLY_ALL, _LEAST_GROUPS, _MOST_BY_CHANCE = 0.9, 2, 0.25
# Up to this number of names is few; more names must each begin two groups on average.
_FEW = 8


def note_on_bars(name: str) -> Note:
    """The note on a file whose messages have the time of the bar above them."""
    said = "times stand above groups of messages: only the first one below is surely of that time"
    return Note(NoteCode.PRECISION_LOST, name, said, said=True)


def with_times_of_bars(lines: pl.Series) -> tuple[pl.Series, str]:
    """The lines with the time of its bar before each message, and the role to ask about ('' = none).

    Below each bar messages begin with a name that also begins other groups; notices stand in brackets or are sentences
    of the client. A bar states minutes and differs from the bar before it. Of a text with other times, or where few
    groups hold several names without signs of emphasis, each group may as well be one message with names in its words: the user is asked for the
    sender. A bar without a date asks for the time. Unchanged without bars.
    """
    near = in_one_query(lines, lambda t: t.str.len_chars().le(_LONGEST_BAR) & t.str.contains(_TIME_AT_END))
    if int(near.sum()) < _LEAST_BARS or (time := _times_of_bars(lines, near)).count() < _LEAST_BARS:
        return lines, ""
    told = pl.DataFrame({"line": lines, "time": time, "day": day_lines(lines)}).with_row_index("at")
    told = told.with_columns(
        pl.col("time").is_not_null().cum_sum().alias("bar"), pl.col("time").fill_null(strategy="forward")
    )
    if int(lines.filter(time.is_null()).str.contains(fitted(_TIMED, lines)).sum()) >= time.count():
        # Messages state their times themselves.
        return lines, ""
    words = told.filter(time.is_null() & ~told["day"] & (lines.str.strip_chars() != ""), pl.col("bar") > 0)
    # Below a name alone stand its words.
    is_first = pl.col("line").str.contains(r"[:：]\s*$").shift(fill_value=False) & (pl.col("at").diff() == 1)
    told_by_client = pl.col("line").str.contains(_IN_BRACKETS) | sentence_kind(pl.col("line")).is_not_null()
    words = words.with_columns((told_by_client & ~is_first.fill_null(value=False)).alias("notice"))
    spoken = words.filter(~pl.col("notice"))
    firsts = spoken.unique("bar", keep="first", maintain_order=True)["line"]
    pattern = next((p for p in (_NAMED, _NAME_ALONE) if _are_names(firsts.str.extract(p, 1))), None)
    if pattern is None:
        return lines, ""
    names, is_open = _names_of(firsts, spoken["line"], pattern)
    begins = words["notice"] | words["line"].str.extract(pattern, 1).is_in(names.implode())
    heads = words.filter(begins.fill_null(value=False))
    groups = heads.filter(~pl.col("notice")).group_by("bar").len()
    several, bars = int((groups["len"] > 1).sum()), time.drop_nulls()
    if not several:
        return lines, ""
    # Signs of emphasis around every name are the form's, and no words that somebody wrote.
    are_marked = bool(names.str.contains(_MARKED).all())
    are_many = are_marked or several >= max(_LEAST_GROUPS, _MOST_BY_CHANCE * groups.height)
    are_bars = not bars.str.contains(_SECONDS).any() and not bool((bars == bars.shift(1)).any())
    # Where nearly every group holds several names, they are those of who speaks.
    are_bars |= several >= _NEARLY_ALL * groups.height
    if is_open or not (are_many and are_bars):
        return lines, "sender" if is_open or are_many or are_bars else ""
    is_undated = words.filter(~begins.fill_null(value=False))["line"].str.contains(_UNDATED).any()
    timed = heads.select(pl.format("{} {}", "time", pl.col("line").str.strip_chars_start()))
    # Rules between the groups are no words of the last message of each.
    rules = are_rules(lines)
    gone = time.is_not_null() | (rules & (int(rules.sum()) >= _NEARLY_ALL * bars.len()))
    return lines.set(gone, "").scatter(heads["at"], timed.to_series()), "time" if is_undated else ""


def _times_of_bars(lines: pl.Series, near: pl.Series) -> pl.Series:
    """The time of each of the `near` lines that is a bar; null for all other lines."""
    few = lines.filter(near)
    times = few.str.extract(fitted(_BAR, few), 1)
    return pl.Series([None], dtype=pl.String).new_from_index(0, lines.len()).scatter(near.arg_true(), times)


def _names_of(firsts: pl.Series, spoken: pl.Series, pattern: str) -> tuple[pl.Series, bool]:
    """The names before colons, and whether the text leaves open that one more word is a name.

    A name begins a group, or several lines within groups. A word that begins one line inside a group may be no name.
    """
    names = firsts.str.extract(pattern, 1).drop_nulls().unique()
    if pattern != _NAMED:
        return names, False
    found = spoken.filter(~spoken.str.contains(_ADDRESS)).str.extract(pattern, 1).drop_nulls()
    inner = found.filter(~found.is_in(names.implode()))
    again = inner.filter(inner.is_duplicated()).unique()
    return pl.concat([names, again]), names.len() == 1 and again.is_empty() and not inner.is_empty()


def _are_names(found: pl.Series) -> bool:
    """Whether nearly all beginnings of the groups are names that recur."""
    known = found.drop_nulls()
    return known.len() >= _NEARLY_ALL * found.len() and known.n_unique() <= max(_FEW, known.len() // 2)
