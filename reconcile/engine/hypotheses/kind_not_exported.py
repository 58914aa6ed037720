"""The other export leaves out records of this kind: by its form, or by a selection that it states."""

from collections.abc import Callable
from functools import cache

import polars as pl

from reconcile.column_ops import collected, is_in_rows, listed
from reconcile.engine.content.quotations import without_quote
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis
from reconcile.engine.hypotheses.spans import within
from reconcile.engine.reach import micro
from reconcile.engine.records import Flags
from reconcile.intake.contract import Declared, Filter
from reconcile.values import dataclass
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

    Which kinds a tool writes is chosen for each run, so a chat that another run wrote says nothing of this one.
    """
    absent = [str(k) for k in a.lacking.facts.kinds_left_out]
    # What the other export shows is asked only where a row is of some kind.
    shown = cache(lambda: _shown_kinds(a))
    known = _of_unshown_kinds(a, _is_of_kind(a, absent), shown) | _of_unwritten_kinds(a, a.lacking.facts.unwritten)
    silent = _of_silent_kinds(a, shown)
    vague = _of_merged_kinds(a, absent) | _like_cards(a, absent, silent.selected, shown)
    open_kinds = [str(k) for k in a.lacking.facts.limits.kinds_unknown]
    unknown = _of_unshown_kinds(a, _is_of_kind(a, open_kinds), shown) | _of_unwritten_kinds(a, a.lacking.facts.unshown)
    holds = (
        known
        | unknown
        | vague
        | silent.rows
        | _of_unknown_kind(a, shown)
        | _begins_with_placeholder(a, absent + open_kinds, shown)
    )
    return Assessed(holds, known | silent.selected)


def _of_merged_kinds(a: Absences, absent: list[str]) -> Flags:
    """Records under a name that their form also uses for one of the absent kinds, and that is not text."""
    merged = a.holder.facts.limits.kinds_merged
    return _is_of_kind(a, [str(m) for k, m in merged.items() if str(k) in absent and m is not Kind.TEXT])


def _like_cards(a: Absences, absent: list[str], selected: Flags, shown: Shown) -> Flags:
    """Texts that may be cards, as their form shows such, where the other export leaves cards out.

    Its form does, or a selection of kinds without the link. An address alone may be a card where no record is a link.
    """
    among_words = {str(k) for k in a.holder.facts.limits.kinds_among_words}
    looks = pl.col("text").str.contains(CARD_LOOK) if among_words else pl.lit(value=False)
    kind = pl.col("kind").cast(pl.String)
    if not a.holder_rows.select((kind == str(Kind.LINK)).any()).item():
        looks |= pl.col("text").str.contains(ADDRESS)
    cards = a.flags((kind == str(Kind.TEXT)) & looks)
    if not cards.any() or among_words.intersection(absent) or str(Kind.LINK) in absent:
        return cards
    run = _run_of_other(a)
    chosen = a.rows.filter(pl.Series(selected)).select(run)["run"].unique()
    links = shown().filter(pl.col("kind") == str(Kind.LINK))["run"].unique()
    return cards & a.flags(run.is_in(listed(chosen)) & ~run.is_in(listed(links)))


def _of_unwritten_kinds(a: Absences, spans: tuple[Filter, ...]) -> Flags:
    """Records of kinds that no device of the other side which holds rows of that time writes.

    Rows of such a kind that the other side holds of that time contradict it.
    """
    found = a.none
    for span in spans:
        kinds = [str(k) for k in span.kinds]
        inside = pl.col("raw_t").is_between(micro(span.from_at), micro(span.to_at), closed="none")
        shown = a.lacking_rows.filter(inside)["kind"].cast(pl.String).unique()
        kinds = sorted({*kinds}.difference(shown))
        found |= _is_of_kind(a, kinds) & within(a, [Declared("", span.from_at, span.to_at)])
    return found


def of_unshown_kinds(a: Absences) -> Flags:
    """Records without words of kinds that the other export shows nowhere."""
    worded = [*_SPOKEN, str(Kind.QUOTE)]
    return _of_unshown_kinds(a, a.flags(~pl.col("kind").cast(pl.String).is_in(worded)), lambda: _shown_kinds(a))


def _of_unshown_kinds(a: Absences, rows: Flags, shown: Shown) -> Flags:
    """Those of the rows that are of no kind which the other export shows."""
    return rows & ~_is_shown(_kinds_and_marks(a, a.rows), shown()).to_numpy() if rows.any() else rows


def _begins_with_placeholder(a: Absences, kinds: list[str], shown: Shown) -> Flags:
    """Rows read as words that begin with a placeholder of one of the kinds, as another tool writes it."""
    if not kinds:
        return a.none
    named = kind_from_text(pl.when(pl.col("cls") == WORDS).then("text")).alias("kind")
    told = a.rows.select(_run_of_other(a), named, pl.lit("").alias("mark"), "text", "named_sort")
    told = told.select("run", "kind", _sort(), "mark")
    rows: Flags = told["kind"].is_in(kinds).fill_null(value=False).to_numpy()
    return rows & ~_is_shown(told, shown()).to_numpy() if rows.any() else a.none


def _is_of_kind(a: Absences, kinds: list[str]) -> Flags:
    """Whether each record is of one of the kinds."""
    return a.flags(pl.col("kind").cast(pl.String).is_in(kinds)) if kinds else a.none


def _sort() -> pl.Expr:
    """The sort of a card that its placeholder or its kind names, such as a video channel's; '' = none.

    A tool may write links and leave out cards of a sort.
    """
    is_link = pl.col("kind").cast(pl.String) == str(Kind.LINK)
    shown = pl.when(is_link).then("text").str.extract(CARD_SORT, 1)
    return pl.coalesce(shown, "named_sort").fill_null("").alias("sort")


def _run_of_other(a: Absences) -> pl.Expr:
    """The run that wrote the other export's part of each row's chat, as `run`."""
    if not a.lacking.facts.runs:
        return pl.col("export").alias("run")
    chats = a.view.lacking.frame.select("pair", _own_run(a)).drop_nulls("pair").unique("pair")
    runs = dict(chats.iter_rows())
    return pl.col("pair").replace_strict(runs, default=-1, return_dtype=pl.Int64).alias("run")


def _own_run(a: Absences) -> pl.Expr:
    """The run that wrote each of the other export's rows, as `run`."""
    numbers = {name: n for n, name in enumerate(sorted({r.name for r in a.lacking.facts.runs}))}
    runs = {r.conversation: numbers[r.name] for r in a.lacking.facts.runs}
    if not runs:
        return pl.col("export").alias("run")
    return pl.col("conversation").replace_strict(runs, default=-1, return_dtype=pl.Int64).alias("run")


def _kinds_and_marks(a: Absences, rows: pl.DataFrame) -> pl.DataFrame:
    """run, kind, sort and mark of each row; mark = its placeholder if nothing else is shown, else ''."""
    mark = pl.when(pl.col("text").str.contains(BARE_MARK)).then("text").otherwise(pl.lit("")).alias("mark")
    kind = pl.col("kind").cast(pl.String)
    # Many tools write a quoting message as text.
    quotes = (kind == str(Kind.TEXT)) & (without_quote(pl.col("text")) != pl.col("text"))
    named = pl.when(quotes).then(pl.lit(str(Kind.QUOTE))).otherwise(kind).alias("kind")
    return rows.select(_run_of_other(a), named, _sort(), mark)


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
    own = view.lacking.frame.select(_own_run(a), "kind", _sort())
    confirmed = own.filter(pl.Series(partner == view.lacking.cls)).unique()
    met = (view.lacking.frame["text"] != "").to_numpy()[view.lacking_rows]
    named = _kinds_and_marks(a, view.holder.frame[view.holder_rows[met]]).with_columns(
        pl.Series("same", view.holder.cls[view.holder_rows[met]] == view.lacking.cls[view.lacking_rows[met]])
    )
    same = named.filter("same")[["run", "kind", "sort"]].unique()
    whole = pl.concat([confirmed.cast({"kind": pl.String}), same]).with_columns(mark=pl.lit(None, pl.String))
    marks = (
        named.group_by("run", "kind", "sort", "mark").len("n").filter(pl.col("n") >= a.params.habit_records).drop("n")
    )
    return pl.concat([whole, marks]).unique()


def _is_shown(rows: pl.DataFrame, shown: pl.DataFrame) -> pl.Series:
    """Whether the export shows records of each row's kind, sort and mark; `shown` lists what it shows."""
    at, all_shown = rows.lazy().with_row_index("at"), shown.lazy()
    found = pl.concat([
        at.join(all_shown.filter(pl.col("mark").is_null()), on=["run", "kind", "sort"], how="semi"),
        at.join(all_shown.drop_nulls("mark"), on=["run", "kind", "sort", "mark"], how="semi"),
    ]).select("at").pipe(collected)["at"]  # fmt: skip
    return is_in_rows(found, rows.height)


def _of_unknown_kind(a: Absences, shown: Shown) -> Flags:
    """Rows with a tool's placeholder for unknown kinds, where the other export lacks a kind altogether.

    Such a row may be of that kind.
    """
    marks = a.rows.filter(pl.col("cls").is_in([WORDS, OTHER]) & pl.col("text").str.contains(BARE_MARK))["text"].unique()
    unnamed = [m for m in marks.to_list() if kind_of_placeholder(m) is None and not canonical(m).startswith("⟦")]
    if not unnamed:
        return a.none
    held = shown().select("run", "kind").unique().filter(pl.col("kind").is_in(_USUAL))
    whole = held.group_by("run").len("n").filter(pl.col("n") == len(_USUAL))["run"]
    return a.flags(pl.col("text").is_in(unnamed) & ~_run_of_other(a).is_in(listed(whole)))


@dataclass(frozen=True)
class _Silent:
    """Rows of kinds that the lacking export never shows; `selected`: left out by a selection of kinds."""

    rows: Flags
    selected: Flags


def _of_silent_kinds(a: Absences, shown: Shown) -> _Silent:
    """Rows of kinds that the lacking export never shows, judged together per tool.

    They count where the export holds nothing but text, or lacks several such records and holds the text before and
    after them. A deleted stretch would lack its text too. A client's own store lacks no single kinds, since nobody chose
    what it holds. An export that lacks many records of several kinds, holds all text around them and nothing but text
    was written by a tool for text: nobody deletes every sticker to hide a picture. An export that holds some other kind
    was made with a selection of kinds where it lacks still more of them. A selection holds for all chats, so a kind counts
    once for each chat that lacks it. Payments, which somebody may want to hide, do not show this, and stay in doubt.
    WeChat stores a quoting message as a card. A tool for text may leave it out; one or two may be chosen by hand.
    """
    kinds = _kinds_and_marks(a, a.rows).with_columns(a.rows["pair"])
    other = ~kinds["kind"].is_in(_SPOKEN) & a.rows["edge"].is_in(["inside", "reached"])
    unheld = pl.Series(_of_unshown_kinds(a, other.to_numpy(), shown))
    # What lies around the rows, and which are repeats, is asked only where it matters.
    if not unheld.any():
        return _Silent(a.none, a.none)
    amid = a.rows["row"].is_in(_between_paired_texts(a)["row"].implode())
    unpaid = ~pl.col("kind").is_in([*PAYMENT_KINDS, str(Kind.QUOTE)])
    records = (
        kinds.filter(unheld & ~pl.Series(a.assessed[Cause.REPEAT].holds) & amid)
        .group_by("run")
        .agg(
            pl.len().alias("records"), pl.col("kind").n_unique().alias("kinds"),
            unpaid.sum().alias("unpaid"), pl.col("kind").filter(unpaid).n_unique().alias("unpaid_kinds"),
            pl.struct("pair", "kind").filter(unpaid).n_unique().alias("kinds_of_chats"),
        )
    )  # fmt: skip
    names = (~pl.col("kind").is_in([*_SPOKEN, str(Kind.QUOTE)])).any().alias("shows_kinds")
    told = records.join(shown().group_by("run").agg(names), on="run", how="left")
    many = (pl.col("records") >= a.params.silent_records) & (not a.lacking.facts.limits.holds_every_kind)
    mute = ~pl.col("shows_kinds").fill_null(value=False)
    tools = told.filter(mute | many)["run"]
    p = a.params
    texts = mute & (pl.col("records") >= p.text_only_records) & (pl.col("kinds") >= p.text_only_kinds)
    selections = many & (pl.col("unpaid") >= p.selection_records) & (pl.col("kinds_of_chats") >= p.selection_kinds)
    selections &= pl.col("unpaid_kinds") >= p.text_only_kinds
    silent: Flags = (unheld & kinds["run"].is_in(tools.implode())).to_numpy()
    selected: Flags = (unheld & amid & kinds["run"].is_in(told.filter(texts | selections)["run"].implode())).to_numpy()
    quote = pl.col("kind") == str(Kind.QUOTE)
    marked = kinds.with_columns(pl.Series("selected", selected))
    few = marked.select(quote & ((quote & pl.col("selected")).sum().over("run") < p.silent_records))
    paid = kinds["kind"].is_in([*map(str, PAYMENT_KINDS)]).to_numpy()
    return _Silent(silent, silent & selected & ~few["kind"].to_numpy() & ~paid)


def _between_paired_texts(a: Absences) -> pl.DataFrame:
    """row: the holder's records between texts or records that have partners, or at an end."""
    text = _kinds_and_marks(a, a.holder_rows)["kind"] == str(Kind.TEXT)
    copies = a.rows.filter(pl.Series(a.assessed[Cause.REPEAT].holds))["row"]
    held = pl.when(pl.lit(text) & ~pl.col("row").is_in(listed(copies))).then("is_paired").alias("held")
    rows = a.holder_rows.select("row", "pair", held).filter(pl.col("pair").is_not_null())
    around = (pl.col("held").forward_fill().over("pair"), pl.col("held").backward_fill().over("pair"))
    return rows.filter(pl.all_horizontal(e.fill_null(value=True) for e in around))[["row"]]


HYPOTHESIS = Hypothesis(
    Cause.KIND_NOT_EXPORTED,
    assess,
    "The recognised form of the other export does not write this kind, a selection that it states leaves the kind out, or "
    "the export holds all text and nothing else, or no record of many kinds. "
    "That an export holds no record of a few kinds, or no payment, only raises doubt.",
    "The other export holds a record of this kind.",
)
