"""The words that two bodies state: memos, greetings, places, transcripts, captions, bundles."""

from collections.abc import Iterator
from functools import partial

import polars as pl
from rapidfuzz.distance import Indel

from reconcile.engine.content.attributes import lines_of_bundle, payments_of, with_bundle
from reconcile.engine.content.facts import AROUND, NAMES_OF_KINDS, is_part_of_body
from reconcile.engine.content.selective import (
    BY,
    CHANGED,
    LEFT,
    RIGHT,
    SUFFIXES,
    Component,
    Traits,
    component_of,
    counted,
)
from reconcile.engine.content.states import STATES, states_of, without_receipts_that_repeat
from reconcile.engine.content.truncation import CUT_AT_END
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import is_identified
from reconcile.intake.contract import FormLimits
from reconcile.vocabulary import Cause, Kind
from reconcile.wechat.kind_classes import FORWARD, IMAGE, PAYMENT, PLACE, VIDEO, VOICE
from reconcile.wechat.kinds import MARK, PAYMENT_KINDS
from reconcile.wechat.payment_words import DONE
from reconcile.wechat.text import canonical_text

_ANY_MARK = rf"{MARK}|^\[[A-Za-z ]{{1,24}}\]\s*"
# What tools write of a picture's file: its place, name, digest and size.
_OF_FILE = r"\S*[/\\]\S*|\S+\.[A-Za-z][A-Za-z0-9]{1,4}\b|\b[0-9A-Fa-f]{16,}\b|\b\d+(?:\.\d+)?\s?[KMkm]?[Bb]\b|\b\d+\s?[x×*]\s?\d+\b"
# The part of each kind of message that its body states in words.
_BODY = {
    Kind.TRANSFER: "memo", Kind.RED_PACKET: "greeting", Kind.LOCATION: "place", Kind.CARD: "card", Kind.VOICE: "transcript", Kind.FORWARD: "lines",
    Kind.IMAGE: "caption", Kind.VIDEO: "caption",
}  # fmt: skip


def _body_words(held: frozenset[int]) -> pl.Expr:
    """The words of a body without placeholder, labels, sums and addresses, separated by blanks.

    Steps for classes that are not `held` by any row are skipped.
    """
    words = canonical_text(pl.col("text")).str.replace(_ANY_MARK, "").str.replace(rf"^\W*{NAMES_OF_KINDS}(\W|$)", "$1")
    lines = lines_of_bundle(words)
    for pattern in AROUND:
        words = words.str.replace_all(pattern, " ")
    if FORWARD in held:
        # What tools state around the words of other bodies, people say in the lines of a bundle.
        words = pl.when(pl.col("cls") == FORWARD).then(lines).otherwise(words)
    if held & {IMAGE, VIDEO}:
        of_file = pl.col("cls").is_in([IMAGE, VIDEO])
        words = pl.when(of_file).then(words.str.replace_all(_OF_FILE, " ")).otherwise(words)
    if PAYMENT in held:
        words = pl.when(pl.col("cls") == PAYMENT).then(words.str.replace_all(DONE, " ")).otherwise(words)
    return words.str.replace_all(r"[\W_]+", " ").str.strip_chars()


def body_components(
    agreed: pl.DataFrame, limits: tuple[FormLimits, FormLimits], *, is_one_form: bool, is_one_tool: bool
) -> Iterator[Component]:
    """Components for states, sums and words of bodies; words that only one side states count, too."""
    if agreed.is_empty():
        return
    kind = pl.col("kind").cast(pl.String)
    # A form that never writes the content of a kind writes words of its own there, the same in all its exports.
    shown = ~kind.is_in(sorted({str(k) for f in limits for k in f.kinds_without_content if not is_one_form}))
    stating = agreed.filter(shown, (pl.col("cls") == pl.col("cls_right")) & pl.col("cls").is_in(list(STATES)))
    yield from states_of(stating, *((LEFT, RIGHT) if is_one_form else ()))
    said = agreed.filter((kind == pl.col("kind_right").cast(pl.String)) & kind.is_in([str(k) for k in _BODY]))
    # The name of a place and its address state nothing that could differ.
    apart = (pl.col("cls") == PLACE) & (pl.col("cause").cast(pl.String) == str(Cause.NOT_STATED))
    said = said.filter(~apart.fill_null(value=False))
    if said.is_empty():
        return
    if said.select(with_bundle("").eq_missing(with_bundle("_right")).all()).item():
        # Bodies that both sides write alike differ in nothing.
        return
    yield from payments_of(said.filter(shown))
    said = _with_words(said)
    # No label of a tool is a sentence.
    least = pl.min_horizontal(pl.col(f"said{s}").str.len_chars() for s in SUFFIXES)
    said = said.filter(shown | (least >= PARAMS.sentence_characters))
    stated = said.filter((pl.col("said") != "") & (pl.col("said_right") != ""))
    bare = [pl.col(f"said{s}").str.replace_all(" ", "") for s in SUFFIXES]
    is_equal = stated.select((bare[0] == bare[1]).alias("e"))["e"]
    differ = stated.filter(~is_equal)
    cut = (pl.col(f"text{s}").str.contains(CUT_AT_END).alias(f"cut{s}") for s in SUFFIXES)
    parts = [is_part_of_body(*row) for row in differ.select("cls", "said", "said_right", *cut).iter_rows()]
    # A form may show the first lines of a bundle alone, one form equally many of them.
    begun = (pl.col(a).str.starts_with(pl.col(b)) for a, b in (("said", "said_right"), ("said_right", "said")))
    whole = differ.select((pl.col("cls") != FORWARD) | (pl.any_horizontal(begun) & (not is_one_form))).to_series()
    parts = [part and fits for part, fits in zip(parts, whole, strict=True)]
    is_part = pl.Series(parts, dtype=pl.Boolean)
    unlike, longer = differ.filter(~is_part), _with_words_of_one(differ.filter(is_part))
    recurs = [
        pl.col(f"said{o}").n_unique().over("export", "kind", f"said{s}") > 1 for s, o in (SUFFIXES, SUFFIXES[::-1])
    ]
    # One value for several different ones states none of them. A tool writes a label in all its exports.
    one_for_all = pl.lit(value=False) if is_one_tool else recurs[0] | recurs[1]
    unlike, unstated = unlike.filter(~one_for_all), unlike.filter(one_for_all)
    equal = stated.join(unlike.select("left_row"), on="left_row", how="anti")
    silent_side = pl.when(pl.col("said") == "").then(pl.lit(LEFT)).otherwise(pl.lit(RIGHT))
    stated_once = said.filter((pl.col("said") == "") != (pl.col("said_right") == ""))
    if stated_once.height and not is_one_tool:
        stated_once = without_receipts_that_repeat(stated_once, said.filter(pl.col("cls") == PAYMENT))
    held = frozenset(said["kind"].cast(pl.String).unique())
    for of_kind, name in ((k, n) for k, n in _BODY.items() if str(k) in held):
        here = kind == str(of_kind)
        equal_here = partial(counted, equal.filter(here))
        unlike_here = unlike.filter(here)
        if of_kind is Kind.VOICE:
            # Each phone makes its own transcript, but of the same words.
            of_one = pl.Series(map(_is_heard_alike, unlike_here["said"], unlike_here["said_right"]), dtype=pl.Boolean)
            for part, habit in ((of_one, PARAMS.habit_records), (~of_one, unlike_here.height + 1)):
                heard = unlike_here.filter(part)
                yield from component_of(name, heard, pl.lit(CHANGED), equal_here, CHANGED, habit=habit)
        else:
            traits: Traits = {"habit": PARAMS.loss_texts, "is_fixed": True}
            if of_kind in PAYMENT_KINDS:
                # The words of a payment are its payer's, and stay as they were sent.
                traits |= {"cause": Cause.TEXT_DIFFERS, "sure": unlike_here.filter(is_identified())["left_row"]}
            yield from component_of(name, unlike_here, pl.lit(CHANGED), equal_here, CHANGED, **traits)
            yield from component_of(name, stated_once.filter(here), silent_side, equal_here, is_fixed=True)
            yield from component_of(name, longer.filter(here), pl.col("leaves_out"), equal_here, is_fixed=True)
        yield from component_of(
            name, unstated.filter(here), pl.lit(CHANGED), equal_here, CHANGED, cause=Cause.NOT_STATED
        )


def _with_words(said: pl.DataFrame) -> pl.DataFrame:
    """The pairs with the words of their bodies as `said` and `said_right`; "" = none."""
    # Concatenate both sides: polars compiles each pattern once per column.
    texts = pl.concat(said.select("cls", with_bundle(s).alias("text")) for s in SUFFIXES)
    words = texts.select(_body_words(frozenset(said["cls"].unique())).alias("words"))["words"]
    said = said.with_columns(words.head(said.height).alias("said"), words.tail(said.height).alias("said_right"))
    # What a side writes of each of several voices or pictures alike is a label of its tool, in whatever language.
    spoken = pl.col("cls").is_in([VOICE, IMAGE, VIDEO]) & (pl.len().over(BY) >= PARAMS.habit_records)
    labels = {f"said{s}": spoken & (pl.col(f"said{s}").n_unique().over(BY) == 1) for s in SUFFIXES}
    return said.with_columns(pl.when(is_label).then(pl.lit("")).otherwise(c).alias(c) for c, is_label in labels.items())


def _with_words_of_one(longer: pl.DataFrame) -> pl.DataFrame:
    """The pairs in which one side has words that it adds to no other body of that kind.

    `leaves_out` is the side that lacks these words. A tool adds its own words to several bodies. Places do not count:
    forms write more or less of an address.
    """
    words = [pl.col(f"said{s}").str.split(" ") for s in SUFFIXES]
    more = [words[n].list.set_difference(words[1 - n]).list.sort().list.join(" ") for n in (0, 1)]
    told = longer.filter(pl.col("cls") != PLACE).with_columns(
        more=pl.concat_str(more), leaves_out=pl.when(more[0] == "").then(pl.lit(LEFT)).otherwise(pl.lit(RIGHT))
    )
    return told.filter(pl.len().over(*BY, "leaves_out", "more") == 1, pl.col("more") != "")


def _is_heard_alike(said: str, other: str) -> bool:
    """Whether two transcripts may be of the same words."""
    return Indel.normalized_similarity(said, other) >= PARAMS.heard_share


__all__ = ["body_components"]
