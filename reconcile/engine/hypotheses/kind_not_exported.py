"""The other export leaves out records of this kind: by its form, or by a selection that it states."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from reconcile.column_ops import collected, is_in_rows, listed
from reconcile.engine.content.quotations import without_quote
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis
from reconcile.engine.hypotheses.other_runs import OtherRun, forms_of, run_of_row, runs_around, with_wider_runs
from reconcile.engine.records import Flags
from reconcile.vocabulary import Cause, Kind
from reconcile.wechat.kind_classes import OTHER, WORDS
from reconcile.wechat.kinds import (
    ADDRESS,
    BARE_MARK,
    CARD_LOOK,
    CARD_SORT,
    PAYMENT_KINDS,
    kind_from_text,
    kind_of_placeholder,
)
from reconcile.wechat.text import canonical

# Kinds that most chats hold.
_USUAL = tuple(map(str, (Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.STICKER, Kind.FILE, Kind.LINK, Kind.TRANSFER)))
_SPOKEN = (str(Kind.TEXT), str(Kind.SYSTEM), str(Kind.RECALL))
Shown = Callable[[], pl.DataFrame]


def assess(a: Absences) -> Assessed:
    """Records of kinds that the other export leaves out (a fact), or seems to leave out (a doubt).

    Which kinds a tool writes is chosen for each run, so a chat that another run wrote says nothing of this one. Of merged
    devices and forms, those whose rows stand before and behind a record answer for it. It is a fact where both leave the
    kind out, and a doubt where one does.
    """
    # What the other export shows is asked only where a row is of some kind.
    shown = cache(lambda: _shown_kinds(a))
    told = [_assess_by(a, run, shown) for run in runs_around(a)]
    holds: Flags = np.logical_or.reduce([may_be for may_be, _ in told])
    permitted: Flags = np.logical_and.reduce([is_so for _, is_so in told])
    return Assessed(holds, permitted)


def _assess_by(a: Absences, other: OtherRun, shown: Shown) -> tuple[Flags, Flags]:
    """Which records may be of a kind that the run beside them leaves out, and which surely are."""
    absent = other.of_kinds(lambda f: f.kinds_left_out)
    unknown = other.of_kinds(lambda f: f.limits.kinds_unknown)
    known = _of_unshown_kinds(a, other, absent, shown)
    silent = _of_silent_kinds(a, other, shown)
    holds = (
        known
        | _of_unshown_kinds(a, other, unknown, shown)
        | _of_merged_kinds(a, other)
        | _like_cards(a, other, silent.selected, shown)
        | silent.rows
        | _of_unknown_kind(a, other, shown)
        | _begins_with_placeholder(a, other, shown)
    )
    return holds, known | silent.selected


def _of_merged_kinds(a: Absences, other: OtherRun) -> Flags:
    """Records whose kind their own form also uses for a kind that the other run leaves out; text aside."""
    merged = {k: m for k, m in a.holder.facts.limits.kinds_merged.items() if m is not Kind.TEXT}
    return other.of_kinds(lambda f: {m for k, m in merged.items() if k in f.kinds_left_out})


def _like_cards(a: Absences, other: OtherRun, selected: Flags, shown: Shown) -> Flags:
    """Texts that may be cards, as their form shows such, where the other run leaves cards out.

    Its form does, or a selection of kinds without the link. An address alone may be a card where no record is a link.
    """
    among_words = a.holder.facts.limits.kinds_among_words
    looks = pl.col("text").str.contains(CARD_LOOK) if among_words else pl.lit(value=False)
    kind = pl.col("kind").cast(pl.String)
    if not a.holder_rows.select((kind == str(Kind.LINK)).any()).item():
        looks |= pl.col("text").str.contains(ADDRESS)
    cards = a.flags((kind == str(Kind.TEXT)) & looks)
    if not cards.any():
        return cards
    leaves_out = other.is_of_form(lambda f: not (among_words | {Kind.LINK}).isdisjoint(f.kinds_left_out))
    chosen = other.run.filter(pl.Series(selected))
    links = shown().filter(pl.col("kind") == str(Kind.LINK))["run"]
    by_choice = other.run.is_in(chosen.implode()) & ~other.run.is_in(links.implode())
    may_lack: Flags = (leaves_out | by_choice).to_numpy()
    return cards & may_lack


def of_unshown_kinds(a: Absences) -> Flags:
    """Records without words of kinds that the other export shows nowhere."""
    wordless = a.flags(~pl.col("kind").cast(pl.String).is_in([*_SPOKEN, str(Kind.QUOTE)]))
    shown = cache(lambda: _shown_kinds(a))
    of_any: Flags = np.logical_or.reduce([_of_unshown_kinds(a, other, wordless, shown) for other in runs_around(a)])
    return of_any


def _of_unshown_kinds(a: Absences, other: OtherRun, rows: Flags, shown: Shown) -> Flags:
    """Those of the rows that are of no kind which the other run shows."""
    return rows & ~_is_shown(_kinds_and_marks(a.rows, other.run), shown()).to_numpy() if rows.any() else rows


def _begins_with_placeholder(a: Absences, other: OtherRun, shown: Shown) -> Flags:
    """Rows read as words that begin with the placeholder of a kind which the other run may leave out."""
    if all(not f.kinds_left_out | f.limits.kinds_unknown for f in forms_of(a)):
        return a.none
    named = kind_from_text(pl.when(pl.col("cls") == WORDS).then("text")).alias("kind")
    told = a.rows.select(named, pl.lit("").alias("mark"), "text", "named_sort").with_columns(other.run.alias("run"))
    told = told.select("run", "kind", _sort(), "mark")
    rows = other.of_kinds(lambda f: f.kinds_left_out | f.limits.kinds_unknown, told["kind"])
    return rows & ~_is_shown(told, shown()).to_numpy() if rows.any() else a.none


def _sort() -> pl.Expr:
    """The sort of a card that its placeholder or its kind names, such as a video channel's; '' = none.

    A tool may write links and leave out cards of a sort.
    """
    is_link = pl.col("kind").cast(pl.String) == str(Kind.LINK)
    shown = pl.when(is_link).then("text").str.extract(CARD_SORT, 1)
    return pl.coalesce(shown, "named_sort").fill_null("").alias("sort")


def _kinds_and_marks(rows: pl.DataFrame, run: pl.Series) -> pl.DataFrame:
    """run, kind, sort and mark of each row; mark = its placeholder if nothing else is shown, else ''."""
    mark = pl.when(pl.col("text").str.contains(BARE_MARK)).then("text").otherwise(pl.lit("")).alias("mark")
    kind = pl.col("kind").cast(pl.String)
    # Many tools write a quoting message as text.
    quotes = (kind == str(Kind.TEXT)) & (without_quote(pl.col("text")) != pl.col("text"))
    named = pl.when(quotes).then(pl.lit(str(Kind.QUOTE))).otherwise(kind).alias("kind")
    return rows.select(run.alias("run"), named, _sort(), mark)


def _shown_kinds(a: Absences) -> pl.DataFrame:
    """run, kind, sort, mark of all that the other export shows, by its own or its partners' kind.

    A single record that the holder shows as another kind proves neither kind, since a tool may write `[表情]` for any
    emoji. Several of them prove what the holder shows by the same mark. A record without a body shows nothing. A null
    mark means the whole kind.
    """
    view = a.view
    sure = view.is_sure
    partner = view.lacking.cls.copy()
    partner[view.lacking_rows[sure]] = view.holder.cls[view.holder_rows[sure]]
    lacking_runs = view.lacking.frame.select(run=run_of_row(a))["run"]
    own = view.lacking.frame.select(lacking_runs, "kind", _sort())
    confirmed = own.filter(pl.Series(partner == view.lacking.cls)).unique()
    met = (view.lacking.frame["text"] != "").to_numpy()[view.lacking_rows]
    named = _kinds_and_marks(
        view.holder.frame[view.holder_rows[met]], lacking_runs[view.lacking_rows[met]]
    ).with_columns(
        pl.Series("same", view.holder.cls[view.holder_rows[met]] == view.lacking.cls[view.lacking_rows[met]])
    )
    same = named.filter("same")[["run", "kind", "sort"]].unique()
    whole = pl.concat([confirmed.cast({"kind": pl.String}), same]).with_columns(mark=pl.lit(None, pl.String))
    marks = (
        named.group_by("run", "kind", "sort", "mark").len("n").filter(pl.col("n") >= a.params.habit_records).drop("n")
    )
    return with_wider_runs(a, pl.concat([whole, marks])).unique()


def _is_shown(rows: pl.DataFrame, shown: pl.DataFrame) -> pl.Series:
    """Whether the export shows records of each row's kind, sort and mark; `shown` lists what it shows."""
    at, all_shown = rows.lazy().with_row_index("at"), shown.lazy()
    found = pl.concat([
        at.join(all_shown.filter(pl.col("mark").is_null()), on=["run", "kind", "sort"], how="semi"),
        at.join(all_shown.drop_nulls("mark"), on=["run", "kind", "sort", "mark"], how="semi"),
    ]).select("at").pipe(collected)["at"]  # fmt: skip
    return is_in_rows(found, rows.height)


def _of_unknown_kind(a: Absences, other: OtherRun, shown: Shown) -> Flags:
    """Rows with a tool's placeholder for unknown kinds, where the other run lacks a kind altogether.

    Such a row may be of that kind.
    """
    marks = a.rows.filter(pl.col("cls").is_in([WORDS, OTHER]) & pl.col("text").str.contains(BARE_MARK))["text"].unique()
    unnamed = [m for m in marks.to_list() if kind_of_placeholder(m) is None and not canonical(m).startswith("⟦")]
    if not unnamed:
        return a.none
    held = shown().select("run", "kind").unique().filter(pl.col("kind").is_in(_USUAL))
    whole = held.group_by("run").len("n").filter(pl.col("n") == len(_USUAL))["run"]
    may_lack: Flags = (~other.run.is_in(whole.implode())).to_numpy()
    return a.flags(pl.col("text").is_in(unnamed)) & may_lack


@dataclass(frozen=True)
class _Silent:
    """Rows of kinds that the lacking export never shows; `selected`: left out by a selection of kinds."""

    rows: Flags
    selected: Flags


def _of_silent_kinds(a: Absences, other_run: OtherRun, shown: Shown) -> _Silent:
    """Rows of kinds that the lacking export never shows, judged together per tool.

    They count where the export holds nothing but text, or holds the text before and after such records: a deleted stretch
    would lack its text too. So they do, however few, where it lacks hardly anything else: of a hundred messages, a
    selection leaves out the only sticker, and chance does not. Payments, which somebody may want to hide, count only
    where several records are absent. A client's own store lacks no single kinds, since nobody chose what it holds. An
    export that lacks many records of several kinds, holds all text around them and nothing but text was written by a tool
    for text: nobody deletes every sticker to hide a picture. An export that holds some other kind was made with a
    selection of kinds where it lacks still more of them. What a known tool leaves out is stated as its limit or
    selection, so that its silence on other kinds is in doubt. A selection holds for all chats, so a kind counts once for
    each chat that lacks it. Payments do not show this, and stay in doubt.
    WeChat stores a quoting message as a card. A tool for text may leave it out; one or two may be chosen by hand.
    """
    kinds = _kinds_and_marks(a.rows, other_run.run).with_columns(a.rows["pair"])
    inside = a.rows["edge"].is_in(["inside", "reached"])
    other = ~kinds["kind"].is_in(_SPOKEN) & inside
    unheld = pl.Series(_of_unshown_kinds(a, other_run, other.to_numpy(), shown))
    # What lies around the rows, and which are repeats, is asked only where it matters.
    if not unheld.any():
        return _Silent(a.none, a.none)
    amid = a.rows["row"].is_in(_between_paired_texts(a)["row"].implode())
    unpaid = ~pl.col("kind").is_in([*PAYMENT_KINDS, str(Kind.QUOTE)])
    once = ~pl.Series(a.assessed[Cause.REPEAT].holds)
    lacked = kinds.filter(unheld & once & amid)
    records = (
        lacked.group_by("run")
        .agg(
            pl.len().alias("records"), pl.col("kind").n_unique().alias("kinds"),
            unpaid.sum().alias("unpaid"), pl.col("kind").filter(unpaid).n_unique().alias("unpaid_kinds"),
            pl.struct("pair", "kind").filter(unpaid).n_unique().alias("kinds_of_chats"),
        )
    )  # fmt: skip
    names = (~pl.col("kind").is_in([*_SPOKEN, str(Kind.QUOTE)])).any().alias("shows_kinds")
    told = records.join(shown().group_by("run").agg(names), on="run", how="left")
    limits, form = [f.limits for f in forms_of(a)], pl.col("run") % len(forms_of(a))
    may_lack = form.is_in([n for n, m in enumerate(limits) if not m.holds_every_kind])
    by_choice = form.is_in([n for n, m in enumerate(limits) if not m.is_of_known_make])
    many = (pl.col("records") >= a.params.silent_records) & may_lack
    mute = ~pl.col("shows_kinds").fill_null(value=False)
    tools = told.filter(mute | many)["run"]
    p = a.params
    texts = mute & (pl.col("records") >= p.text_only_records) & (pl.col("kinds") >= p.text_only_kinds)
    selections = many & (pl.col("unpaid") >= p.selection_records) & (pl.col("kinds_of_chats") >= p.selection_kinds)
    selections &= pl.col("unpaid_kinds") >= p.text_only_kinds
    unticked = _lacked_alone(a, lacked.filter(unpaid & may_lack), kinds.filter(inside & once & ~unheld))
    alone = is_in_rows(kinds.with_row_index("at").join(unticked, on=["run", "kind"])["at"], kinds.height)
    silent: Flags = (unheld & (alone | kinds["run"].is_in(tools.implode()))).to_numpy()
    selected: Flags = (
        unheld & amid & kinds["run"].is_in(told.filter(by_choice & (texts | selections))["run"].implode())
    ).to_numpy()
    quote = pl.col("kind") == str(Kind.QUOTE)
    marked = kinds.with_columns(pl.Series("selected", selected))
    few = marked.select(quote & ((quote & pl.col("selected")).sum().over("run") < p.silent_records))
    paid = kinds["kind"].is_in([*map(str, PAYMENT_KINDS)]).to_numpy()
    return _Silent(silent, silent & selected & ~few["kind"].to_numpy() & ~paid)


def _lacked_alone(a: Absences, lacked: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """run, kind of these absent records, where they would hardly all be absent at the rate of the others.

    The rate is that of the records of their chats, of other kinds, which are in pairs or absent too.
    """
    rate = pl.DataFrame({"pair": a.view.holder.pair[a.view.holder_rows]}).group_by("pair").agg(pl.len().alias("held"))
    rate = rate.join(others.group_by("pair").len("absent"), on="pair", how="left").fill_null(0)
    of_kind = lacked.group_by("run", "kind", "pair").len("n").join(rate, on="pair").group_by("run", "kind").sum()
    absent = pl.col("absent") + 0.5
    nats = pl.col("n") * ((absent + pl.col("held") + 0.5).log() - absent.log())
    return of_kind.filter(nats >= a.params.accept_nats).select("run", "kind")


def _between_paired_texts(a: Absences) -> pl.DataFrame:
    """row: the holder's records between texts or records that have partners, or at an end."""
    text = _kinds_and_marks(a.holder_rows, a.holder_rows["row"])["kind"] == str(Kind.TEXT)
    copies = a.rows.filter(pl.Series(a.assessed[Cause.REPEAT].holds))["row"]
    held = pl.when(pl.lit(text) & ~pl.col("row").is_in(listed(copies))).then("is_paired").alias("held")
    rows = a.holder_rows.select("row", "pair", held).filter(pl.col("pair").is_not_null())
    around = (pl.col("held").forward_fill().over("pair"), pl.col("held").backward_fill().over("pair"))
    return rows.filter(pl.all_horizontal(e.fill_null(value=True) for e in around))[["row"]]


HYPOTHESIS = Hypothesis(
    Cause.KIND_NOT_EXPORTED,
    assess,
    "The recognised form of the other export does not write this kind, a selection that it states leaves the kind out, or "
    "an export of no known tool holds all text and nothing else, or no record of many kinds. "
    "That an export holds no record of a few kinds, or no payment, only raises doubt.",
    "The other export holds a record of this kind.",
)
