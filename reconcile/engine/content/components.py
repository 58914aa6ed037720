"""The parts that two agreeing rows state beside equal words, and how each part differs."""

from collections.abc import Callable, Iterator
from functools import partial, reduce
from operator import eq

import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.content.attributes import shown_lengths
from reconcile.engine.content.body_words import body_components
from reconcile.engine.content.files import files_of
from reconcile.engine.content.lost_signs import EMOJI
from reconcile.engine.content.masks import masked_components
from reconcile.engine.content.selective import (
    BY,
    CHANGED,
    LEFT,
    RIGHT,
    SUFFIXES,
    Component,
    Equal,
    are_alike,
    component_of,
    counted,
    only_side,
    texts_by,
)
from reconcile.engine.content.sense import has_moved_breaks, lost_in_sense
from reconcile.engine.content.states import last_states
from reconcile.engine.content.truncation import CUT_AT_END
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import FormLimits
from reconcile.vocabulary import Cause, Form, Kind, TextQuality
from reconcile.wechat.kind_classes import CALL, VIDEO, VOICE, WORDS
from reconcile.wechat.kinds import kind_from_text
from reconcile.wechat.text import ACCOUNT_HEAD, PREFIX, canonical_text

_SHORTER = (
    pl.when(pl.col("text").str.len_chars() < pl.col("text_right").str.len_chars())
    .then(pl.lit(LEFT))
    .otherwise(pl.lit(RIGHT))
)
_SHORT, _LONG = texts_by(_SHORTER)
_IS_BEGUN = (_SHORT.str.len_chars() >= PARAMS.cut_characters_least) & _LONG.str.starts_with(_SHORT)
# Characters that turn the direction of what follows, so that 5100 is shown as 0015.
_OVERRIDE = "[\u202d\u202e]"
_WIDE = "[\U0001f000-\U0001faff]"
_NAMED_SIGN = r"\[[\p{Han}A-Za-z]{1,8}\]"
_NUMBER = r"\d|[一二两三四五六七八九十百千万亿]"
# Texts that differ in separated thousands and zeros behind the point alone, and a sum that could have some: no year.
_GROUPS = r"[,，](\d{3})|\.0{1,2}(\D|\z)"
_GROUPED = reduce(eq, (pl.col(f"text{s}").str.replace_all(_GROUPS, "${1}${2}") for s in SUFFIXES))
_PLAIN_SUM = r"(?:^|[^\d,.])(?:[3-9]\d{3}|1[0-8]\d\d|2[1-9]\d\d|\d{5,7})(?:[^\d,.]|$)"
# Dots of any number are one pause.
_PAUSES = r"(?:(?:…|\.{2,}|。{2,})+|[，,、；;：:。.!！~])"
_ZEROS = r"\A\s*[-+]?(?:0\d+|\d+\.\d*0)\s*\z"
# What a form may write behind the title of a card: its app, or its address.
_TAIL = r"^(?: - |\s*\n[a-z]+://)"
_FIGURE = r"\A\s*[-+\d.,Ee]+\s*\z"
_FIGURES = pl.all_horizontal(pl.col(f"text{s}").str.contains(_FIGURE) for s in SUFFIXES)
# Whether a spreadsheet program made a number or a date of the words of a pair.
TURNED = "is_turned"


def components_of(
    agreed: pl.DataFrame,
    same: pl.LazyFrame,
    limits: tuple[FormLimits, FormLimits],
    *,
    is_one_form: bool,
    is_one_tool: bool,
) -> Iterator[Component]:
    """The parts of a text or body in which pairs that count as one message differ.

    Args:
        agreed: the pairs, without those of equal words.
        same: export, cls and text of the pairs of equal words.
        limits: what each form is known to change.
        is_one_form: whether both exports are of one form, which writes equal messages equally.
        is_one_tool: whether one known tool wrote both, and so its own words equally.
    """
    yield from _word_components(agreed, same, limits, is_one_form=is_one_form, is_one_tool=is_one_tool)
    yield from body_components(agreed, limits, is_one_form=is_one_form, is_one_tool=is_one_tool)
    yield from _media_components(agreed, *((LEFT, RIGHT) if is_one_tool else ()))
    yield from files_of(agreed)


def _side_without(pattern: str) -> pl.Expr:
    """The only side whose text does not match the pattern; null = both or neither match."""
    left, right = (pl.col(f"text{s}").str.contains(pattern) for s in SUFFIXES)
    return only_side(right, left)


def _side_with_fewer(pattern: str) -> pl.Expr:
    """The side with fewer matches of the pattern in its text, blanks at its ends apart; null = neither."""
    left, right = (pl.col(f"text{s}").str.strip_chars().str.count_matches(pattern) for s in SUFFIXES)
    return pl.when(left > right).then(pl.lit(RIGHT)).when(left < right).then(pl.lit(LEFT))


def _is_known_change(way: pl.Expr, known: list[bool]) -> pl.Expr:
    """Whether the export format of the side in `way` is known to make this change."""
    return (pl.lit(known[0]) & (way == LEFT)) | (pl.lit(known[1]) & (way == RIGHT))


def _word_components(
    agreed: pl.DataFrame, same: pl.LazyFrame, limits: tuple[FormLimits, FormLimits],
    *, is_one_form: bool, is_one_tool: bool,
) -> Iterator[Component]:  # fmt: skip
    """Exporter transforms of texts, each with the pairs that show it and equal pairs to count."""
    words = (pl.col("cls") == WORDS) & (pl.col("cls_right") == WORDS)
    differ = agreed.filter(words & pl.col("cause").is_not_null() & (pl.col("text") != pl.col("text_right")))
    if differ.is_empty():
        return

    def equal(pattern: str) -> Equal:
        """A count of equal texts that fit the pattern, made only when it is needed."""
        return lambda: counted(same.filter(pl.col("text").str.contains(pattern)).pipe(collected))

    details = differ["detail"].drop_nulls().unique().to_list()

    def with_form(form: Form) -> pl.DataFrame:
        named = [d for d in details if str(form) in d]
        return differ.filter(pl.col("detail").is_in(named)) if named else differ.clear()

    yield from component_of("direction", differ, _side_without(_OVERRIDE), equal(_OVERRIDE), LEFT, RIGHT)
    yield from _prefix_components(with_form(Form.PREFIX_STRIPPED), equal, limits)
    # No tool writes numbers otherwise than the person did, but a person who copies a chat by hand may. A cut may have
    # removed a sign at the end.
    spelled = with_form(Form.NUMBER_SPELLING).filter(~_IS_BEGUN)
    for part, pattern in ((_GROUPED, _PLAIN_SUM), (~_GROUPED, _NUMBER)):
        yield from component_of("number", spelled.filter(~_FIGURES & part), pl.lit(CHANGED), equal(pattern), CHANGED)
    yield from _respelled_cells(spelled.filter(_FIGURES & ~pl.col(TURNED)), equal, limits)
    yield from component_of(
        "pauses", with_form(Form.PUNCTUATION), _side_with_fewer(_PAUSES), equal(rf"\p{{L}}{_PAUSES}+(?:\s*\w|$)")
    )
    yield from _resaved_components(with_form(Form.EXPORTER_SPELLING), equal, limits, is_one_form=is_one_form)
    # One form joins no lines of a single message, and one tool loses no single emoji.
    either = (LEFT, RIGHT) if is_one_form else ()
    joined = with_form(Form.LINE_ENDS)
    texts = [*joined.select("text", "text_right").iter_rows()]
    turned = pl.Series([lost_in_sense(a, b, Form.LINE_ENDS) for a, b in texts], dtype=pl.Boolean)
    moves = pl.Series([has_moved_breaks(a, b) for a, b in texts], dtype=pl.Boolean)
    fewer, lined = _side_with_fewer(r"\s+\S"), equal(r"\S\s*\n\s*\S")
    yield from component_of("pauses", joined.filter(~turned), fewer, lined, *either)
    # A tool joins lines or breaks them, and moves no break of one message alone.
    yield from component_of("pauses", joined.filter(~turned & moves), pl.lit(CHANGED), lined, CHANGED)
    # No tool joins two numbers.
    yield from component_of("pauses", joined.filter(turned), fewer, lined, LEFT, RIGHT, habit=joined.height + 1)
    yield from masked_components(differ, same)
    yield from _emoji_components(differ, equal, *((LEFT, RIGHT) if is_one_tool else ()))
    yield from _cut_components(with_form(Form.TRUNCATION), same, limits)


def _prefix_components(
    stripped: pl.DataFrame, equal: Callable[[str], Equal], limits: tuple[FormLimits, FormLimits]
) -> Iterator[Component]:
    """Text before a colon that one side leaves out, except accounts and formats known to strip it."""
    if stripped.is_empty():
        return
    known = _is_known_change(_SHORTER, [f.strips_prefix for f in limits])
    headed = pl.any_horizontal(pl.col(f"text{s}").str.contains(ACCOUNT_HEAD) for s in SUFFIXES)
    asked = stripped.filter(~known & ~headed)
    may_strip = _is_known_change(_SHORTER, [not f.is_of_known_make for f in limits])
    for part, habit in ((may_strip, PARAMS.habit_records), (~may_strip, asked.height + 1)):
        yield from component_of("prefix", asked.filter(part), _SHORTER, equal(PREFIX.pattern), LEFT, RIGHT, habit=habit)


def _resaved_components(
    spelled: pl.DataFrame, equal: Callable[[str], Equal], limits: tuple[FormLimits, FormLimits], *, is_one_form: bool
) -> Iterator[Component]:
    """Numbers that lost figures as in a spreadsheet, and words left out like a card's app or address."""
    if spelled.is_empty():
        return
    cells = spelled.filter(_FIGURES & ~pl.col(TURNED))
    values = [pl.col(f"text{s}").str.strip_chars().cast(pl.Decimal(38, 12), strict=False) for s in SUFFIXES]
    is_same = cells.select((values[0] == values[1]).fill_null(value=False).alias("s"))["s"]
    yield from _respelled_cells(cells.filter(is_same), equal, limits)
    yield from component_of("number", cells.filter(~is_same), pl.lit(CHANGED), equal(r"\A\d{5,}\z"), CHANGED)
    # Between two forms, one may write what the other never does.
    if is_one_form or not all(f.kinds_merged.get(Kind.LINK) is Kind.TEXT for f in limits):
        behind = _LONG.str.slice(_SHORT.str.len_chars()).str.contains(_TAIL)
        tailed = spelled.filter(_LONG.str.starts_with(_SHORT) & behind)
        is_one_make = is_one_form and all(f.is_of_known_make for f in limits)
        habit = tailed.height + 1 if is_one_make else PARAMS.habit_records
        yield from component_of("end", tailed, _SHORTER, equal(r"\S - \S"), LEFT, RIGHT, habit=habit)


def _respelled_cells(
    cells: pl.DataFrame, equal: Callable[[str], Equal], limits: tuple[FormLimits, FormLimits]
) -> Iterator[Component]:
    """Texts that are one number in two spellings, as a spreadsheet program writes every number."""
    if not any(f.is_resaved for f in limits):
        yield from component_of("number", cells, pl.lit(CHANGED), equal(_ZEROS), CHANGED)


def _emoji_components(differ: pl.DataFrame, equal: Callable[[str], Equal], *doubted: str) -> Iterator[Component]:
    """Emoji that one side leaves out; equal pairs show others that are written like them.

    No tool writes another kind's placeholder for an emoji. `doubted`: the ways in which a single loss is in doubt.
    """
    lost = (pl.col("cause").cast(pl.String) == str(Cause.NOT_STATED)) | (pl.col("detail") == str(Form.EMOJI_SPELLING))
    # Some forms do not write the words of a reply.
    written = pl.all_horizontal(pl.col(c).cast(pl.String) == str(Kind.TEXT) for c in ("kind", "kind_right"))
    left, right = (canonical_text(pl.col(f"text{s}")).str.contains(EMOJI) for s in SUFFIXES)
    asked = differ.filter(lost & written).with_columns(only_side(right, left).alias("way")).drop_nulls("way")
    if asked.is_empty():
        return
    named = [kind_from_text(pl.col(f"text{s}").str.strip_chars()) for s in SUFFIXES]
    is_named = pl.coalesce(*named).fill_null(str(Kind.STICKER)) != str(Kind.STICKER)
    # Some tools leave out a message of emoji alone, others emoji among words.
    is_all = pl.col("cause").cast(pl.String) == str(Cause.NOT_STATED)
    # What a form keeps of one writing of emoji says nothing of the other.
    is_wide, has_name = (
        pl.any_horizontal(pl.col(f"text{s}").str.contains(p) for s in SUFFIXES) for p in (_WIDE, _NAMED_SIGN)
    )
    by_name = has_name & ~is_wide
    for sign, written_so in ((_WIDE, ~by_name), (_NAMED_SIGN, by_name)):
        part = asked.filter(written_so)
        among, only = equal(rf"\w.*{sign}|{sign}.*\w"), equal(rf"\A\W*{sign}\W*\z")
        yield from component_of("emoji", part.filter(~is_all), pl.col("way"), among, *doubted)
        yield from component_of("emoji", part.filter(is_all & ~is_named), pl.col("way"), only, *doubted)
        yield from component_of("emoji", part.filter(is_all & is_named), pl.col("way"), only, LEFT, RIGHT)


def _cut_components(
    cut: pl.DataFrame, same: pl.LazyFrame, limits: tuple[FormLimits, FormLimits]
) -> Iterator[Component]:
    """Texts that one side cuts; equal pairs show a longer text in full. A mark shows a tool's cut."""
    if cut.is_empty():
        return
    marked = only_side(*(pl.col(f"text{s}").str.contains(CUT_AT_END) for s in SUFFIXES))
    cut = cut.with_columns(pl.coalesce(marked, _SHORTER).alias("way"))
    short, long = texts_by(pl.col("way"))
    cut = cut.with_columns(short.alias("short"), long.alias("long"))
    # A tool that keeps the first line cuts at line ends, whatever the length.
    known = _is_known_change(pl.col("way"), [f.text_cut_at is not None for f in limits])
    # A form whose cuts are marked did not cut the other texts.
    left, right = (
        pl.col(f"text_quality{s}").cast(pl.String).ne_missing(pl.lit(str(TextQuality.TRUNCATED))) & f.marks_cuts
        for s, f in zip(SUFFIXES, limits, strict=True)
    )
    known &= ~pl.when(pl.col("way") == LEFT).then(left).otherwise(right)
    # A sign that is left of an emoji at the end is no cut.
    rest = pl.col("short").str.strip_chars_end("\ufffd")
    replaced = (rest != pl.col("short")) & (rest == pl.col("long").str.replace(rf"(?:{EMOJI})+\s*$", ""))
    may_cut = _is_known_change(pl.col("way"), [not f.is_of_known_make for f in limits])
    cut = cut.with_columns(pl.col("short").str.contains(CUT_AT_END).alias("is_marked"), may_cut.alias("may_cut"))
    cut = cut.filter(~(pl.col("long").str.contains("\n") & pl.col("may_cut")) & ~known & ~replaced)
    # What a known form does is known: it cuts nothing, however many texts of its file break off.
    shorter = _shorter_than_others(cut.filter("may_cut"), same)[cut.columns]
    contradicted = pl.concat([cut.filter(~pl.col("may_cut")), shorter])
    # A cut shorter than other whole texts is no limit of the tool, however many such cuts there are.
    enough = contradicted.select(BY).unique().with_columns(equal=PARAMS.equal_records)
    yield from component_of("end", contradicted, pl.col("way"), lambda: enough, habit=contradicted.height + 1)
    # Nor is there a limit where as many cut texts fall short of it as end there.
    short_of_it = counted(contradicted).with_columns(pl.col("equal") * PARAMS.equal_records)
    others = cut.join(contradicted, on="left_row", how="anti")
    yield from component_of("end", others.filter("is_marked"), pl.col("way"), lambda: short_of_it)
    unmarked = others.filter(~pl.col("is_marked"))
    yield from component_of("end", unmarked, pl.col("way"), lambda: short_of_it, LEFT, RIGHT, habit=PARAMS.loss_texts)


def _shorter_than_others(cut: pl.DataFrame, same: pl.LazyFrame) -> pl.DataFrame:
    """The cut texts that are shorter than several other texts of their side, so that no limit cuts them.

    A limit may count characters or bytes, but few tools that count bytes cut a single text. A tool may go back to the
    end of a word.
    """
    asked = cut.select(pl.col("export", "cls", "way")).unique()
    bare = pl.col("short").str.replace(CUT_AT_END, "")
    whole, kept = same.select(*BY, "text").join(asked.lazy(), on=BY), cut.lazy()
    others = pl.concat([whole, kept.select(*BY, bare.alias("text"), "way")])
    sizes = {"chars": pl.col("text").str.len_chars(), "bytes": pl.col("text").str.len_bytes()}
    several = {n: s.sort(descending=True).slice(PARAMS.equal_records - 1, 1).first() for n, s in sizes.items()}
    reach = others.group_by(*BY, "way").agg(s.fill_null(0).alias(n) for n, s in several.items())
    told = cut.join(reach.pipe(collected), on=[*BY, "way"], how="left", maintain_order="left")
    in_chars = bare.str.len_chars() + PARAMS.cut_slack_characters < pl.col("chars")
    in_bytes = bare.str.len_bytes() + PARAMS.cut_slack_characters < pl.col("bytes")
    return told.filter(in_chars & (in_bytes | (pl.len().over(*BY, "way") == 1)))


def _media_components(agreed: pl.DataFrame, *doubted: str) -> Iterator[Component]:
    """Lengths that one side leaves out. A digest may be gone with the file, which people clear away."""
    rows = agreed.filter(pl.col("cls").is_in([VOICE, VIDEO, CALL]) & (pl.col("cls") == pl.col("cls_right")))
    if are_alike(rows, "text", "duration"):
        return
    # An unanswered call has no length, although some tools write one.
    answered = ((state != "unanswered").fill_null(value=True) for state in last_states(rows, CALL))
    rows = rows.filter((pl.col("cls") != CALL) | pl.all_horizontal(map(pl.lit, answered)))
    left, right = (pl.lit(length.is_not_null()) for length in shown_lengths(rows))
    equal = partial(counted, rows.filter(left & right))
    yield from component_of("duration", rows, only_side(right, left), equal, *doubted)


__all__ = ["components_of"]
