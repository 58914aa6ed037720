"""The tool that wrote the other export does not write records of this kind."""

import polars as pl

from reconcile.engine.hypotheses import repeat
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis
from reconcile.engine.records import Flags
from reconcile.vocabulary import Cause, Kind
from reconcile.wechat.kind_classes import OTHER, WORDS
from reconcile.wechat.kinds import BARE_MARK, kind_of_placeholder
from reconcile.wechat.text import canonical

# Kinds that most chats hold.
_USUAL = tuple(map(str, (Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.STICKER, Kind.FILE, Kind.LINK, Kind.TRANSFER)))
_SPOKEN = (str(Kind.TEXT), str(Kind.SYSTEM), str(Kind.RECALL))


# How a format without kinds writes a card: title and app, an address on its own line, the lines of a note or a group list.
CARD_LOOK = r"^[^\n]+ - [^\n]*$|\n[a-z]+://\S+$|^#接龙|^\[(?:图片|Photo)\][\p{L}\p{N}]+(?:\n|$)|^[^\n，。？！；,?!;]{1,60}\n[^\n]{1,60}$|#[\p{L}\p{N}_]+\s*$"


def assess(a: Absences) -> Assessed:
    """Records of kinds that the other format never writes (a fact), or seems not to write (a doubt)."""
    absent = [str(k) for k in a.lacking.facts.limits.kinds_absent]
    # A format with one name for several kinds may mean any of them.
    merged = a.holder.facts.limits.kinds_merged
    maybe = [str(merged[k]) for k in merged if str(k) in absent]
    kinds = _shown(a).unique()
    shown = _of_kinds(a, kinds)
    known = _kind_among(a, absent) & ~shown
    vague = _kind_among(a, [m for m in maybe if m != str(Kind.TEXT)])
    if str(Kind.TEXT) in maybe:
        vague |= a.flags((pl.col("kind").cast(pl.String) == str(Kind.TEXT)) & pl.col("text").str.contains(CARD_LOOK))
    unknown = _kind_among(a, [str(k) for k in a.lacking.facts.limits.kinds_unknown]) & ~shown
    return Assessed(known | unknown | vague | _of_kinds(a, _silent_kinds(a, kinds)) | _unnamed(a, kinds), known)


def _kind_among(a: Absences, kinds: list[str]) -> Flags:
    return a.flags(pl.col("kind").cast(pl.String).is_in(kinds)) if kinds else a.none


def _kinds(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("export", pl.col("kind").cast(pl.String))


def _shown(a: Absences) -> pl.DataFrame:
    """export, kind of every kind that the other export shows, by its own records or their partners' kind.

    A single record that the holder shows as another kind proves neither kind, since a tool may write `[表情]` for any
    emoji. Several such records do.
    """
    view = a.view
    sure = view.is_sure
    partner = view.lacking.cls.copy()
    partner[view.lacking_rows[sure]] = view.holder.cls[view.holder_rows[sure]]
    confirmed = _kinds(a.lacking_rows.filter(pl.Series(partner == view.lacking.cls)))
    met = view.holder_rows
    named = _kinds(view.holder.frame[met]).with_columns(
        pl.Series("same", view.holder.cls[met] == view.lacking.cls[view.lacking_rows])
    )
    kinds = named.group_by("export", "kind").agg(pl.col("same").any(), pl.len().alias("n"))
    told = kinds.filter(pl.col("same") | (pl.col("n") >= a.params.habit_records))
    return pl.concat([confirmed, told.select("export", "kind")])


def _of_kinds(a: Absences, kinds: pl.DataFrame) -> Flags:
    """Whether each row is of one of the kinds (export, kind)."""
    found = _kinds(a.rows).with_row_index("at").join(kinds, on=["export", "kind"], how="semi")["at"]
    out = a.none
    out[found.to_numpy()] = True
    return out


def _unnamed(a: Absences, kinds: pl.DataFrame) -> Flags:
    """Rows with a tool's placeholder for unknown kinds, where the other export lacks a kind altogether.

    Such a row may be of that kind.
    """
    marks = a.rows.filter(pl.col("cls").is_in([WORDS, OTHER]) & pl.col("text").str.contains(BARE_MARK))["text"].unique()
    unnamed = [m for m in marks.to_list() if kind_of_placeholder(m) is None and not canonical(m).startswith("⟦")]
    if not unnamed:
        return a.none
    held = kinds.filter(pl.col("kind").is_in(_USUAL))
    whole = held.group_by("export").len("n").filter(pl.col("n") == len(_USUAL))["export"]
    lacks = ~pl.col("export").is_in(whole.implode())
    return a.flags(pl.col("text").is_in(unnamed) & lacks)


def _silent_kinds(a: Absences, kinds: pl.DataFrame) -> pl.DataFrame:
    """export, kind: kinds that the holder has and a lacking export never shows, judged together per tool.

    They count where the export holds nothing but text, or lacks several such records and holds the text before and
    after them. A deleted stretch would lack its text too.
    """

    def unheld(rows: pl.DataFrame) -> pl.DataFrame:
        named = rows.filter(pl.col("edge").is_in(["inside", "reached"])).select(
            "row", "export", pl.col("kind").cast(pl.String)
        )
        return named.filter(~pl.col("kind").is_in(_SPOKEN)).join(kinds, on=["export", "kind"], how="anti")

    # Repeats and surrounding text are computed only if some row is of such a kind.
    if unheld(a.rows).is_empty():
        return kinds.clear()
    silent = unheld(a.rows.filter(~repeat.assess(a).holds))
    told = silent.join(_amid_text(a), on="row", how="semi").group_by("export").agg(pl.len().alias("records"))
    shows = (~pl.col("kind").is_in([*_SPOKEN, str(Kind.QUOTE)])).any().alias("shows_kinds")
    told = told.join(kinds.group_by("export").agg(shows), on="export", how="left")
    many = pl.col("records") >= a.params.silent_records
    mute = ~pl.col("shows_kinds").fill_null(value=False)
    return silent.join(told.filter(mute | many), on="export", how="semi").select("export", "kind").unique()


def _amid_text(a: Absences) -> pl.DataFrame:
    """row: the holder's records where the nearest text on each side has a partner, or there is none."""
    text = pl.col("kind").cast(pl.String) == str(Kind.TEXT)
    held = pl.when(text).then("is_paired").alias("held")
    rows = a.holder_rows.select("row", "pair", held).filter(pl.col("pair").is_not_null())
    around = (pl.col("held").forward_fill().over("pair"), pl.col("held").backward_fill().over("pair"))
    return rows.filter(pl.all_horizontal(e.fill_null(value=True) for e in around)).select("row")


HYPOTHESIS = Hypothesis(
    Cause.KIND_NOT_EXPORTED,
    assess,
    "The recognised form of the other export does not write this kind. That an export holds no record of a kind only raises doubt.",
    "The other export holds a record of this kind.",
)
