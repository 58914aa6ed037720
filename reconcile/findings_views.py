"""Findings at a glance, for data people: a short repr, small tables, a picture over time."""

import html
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.visible_text import visible
from reconcile.vocabulary import Grade, Relation
from reconcile.wechat.text import sums_in

SUMMARY = (
    "conversation", "grade", "agreements", "conflicts", "left_missing", "right_missing", "doubtful", "set_aside",
    "skew_seconds", "coverage_from", "coverage_to", "reasons",
)  # fmt: skip
ROWS = ("side", "row", "sender", "sent_at", "kind", "text", "amount", "locator")
YUAN = pl.Decimal(38, 2)
_SIDES = ("left", "right")
_COUNTED = {
    "agreement": "in agreement", "conflict": "in conflict", "one_sided": "one-sided", "doubtful": "doubtful",
    "set_aside": "set aside",
}  # fmt: skip
# A notebook shows this many conversations; `summary` holds all.
_SHOWN = 20
# No payment reaches this sum, but a hostile cell may.
_MOST_YUAN = Decimal(10**12)


@dataclass(frozen=True, slots=True)
class Picture:
    """One vector picture. Notebooks show it; it needs no network."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> None:
        """Writes the picture as an SVG file."""
        Path(path).write_text(self.svg, "utf-8")


class FindingsViews:
    """What `Findings` offers beside its frames. Every method returns a new frame and changes nothing."""

    __slots__ = ()

    alignment: pl.DataFrame
    verdicts: pl.DataFrame
    messages: pl.DataFrame
    posts: Any

    def summary(self) -> pl.DataFrame:
        """One row a conversation, worst grade first: grade, counts, clock offset, coverage and reasons."""
        moments: list[pl.DataFrame] = [self.posts.verdict.select(SUMMARY)] if self.posts is not None else []
        table = pl.concat([self.verdicts.select(SUMMARY), *moments])
        worst = {str(grade): n for n, grade in enumerate(Grade)}
        rank = pl.col("grade").replace_strict(worst, return_dtype=pl.UInt8)
        ranked: pl.DataFrame = table.sort(rank, maintain_order=True)
        return ranked

    def one_sided(self) -> pl.DataFrame:
        """One row a message that one export holds and the other should hold and does not.

        `side` and `row` name the export that holds the message. `cause` is the best supported explanation. `amount` is the
        payment in yuan, or the largest sum that the words name; null where there is neither.
        """
        lines = self._lines_with_relation(Relation.ONE_SIDED)
        held = [_rows_of_side(lines, side, "cause", "confidence") for side in _SIDES]
        return self._with_messages(pl.concat(held)).select("conversation", *ROWS, "cause", "confidence")

    def conflicts(self) -> pl.DataFrame:
        """Two rows a conflict: the left and the right version of one message that differ in substance.

        `conflict` numbers the conflicts from 0. `cause` says what differs. `amount` is read as in `one_sided`.
        """
        lines = self._lines_with_relation(Relation.CONFLICT).with_row_index("conflict")
        both = [_rows_of_side(lines, side, "conflict", "cause", "confidence") for side in _SIDES]
        table = self._with_messages(pl.concat(both)).sort("conflict", "side")
        return table.select("conflict", "conversation", *ROWS, "cause", "confidence")

    def plot_timeline(self) -> Picture:
        """Messages a day on both sides, with marks on days with conflicts or one-sided messages.

        Days follow China's clock. Messages without a time are left out.
        """
        return Picture(_timeline_svg(*self._per_day()))

    def __repr__(self) -> str:
        table = self.summary()
        counts = dict(self.alignment["relation"].cast(pl.String).value_counts().iter_rows())
        found = ", ".join(f"{counts.get(relation, 0):,} {name}" for relation, name in _COUNTED.items())
        worst = table["grade"][0] if table.height else "no conversation"
        return f"<Findings: {table.height:,} conversation{'s' * (table.height != 1)}, worst grade {worst}; {found}>"

    def _repr_html_(self) -> str:
        table = self.summary()
        rows = [_html_row("td", row) for row in table.head(_SHOWN).drop("reasons").rows()]
        more = table.height - _SHOWN
        rest = f"<p>{more:,} more; see summary().</p>" if more > 0 else ""
        heading = _html_row("th", [c for c in SUMMARY if c != "reasons"])
        return f"<p>{_safe_html(repr(self))}</p><table>{heading}{''.join(rows)}</table>{rest}"

    def _lines_with_relation(self, relation: Relation) -> pl.DataFrame:
        return self.alignment.filter(pl.col("relation").cast(pl.String) == str(relation))

    def _with_messages(self, places: pl.DataFrame) -> pl.DataFrame:
        """The rows with the columns of their messages, one name for the sender, and the amount in yuan."""
        rows = self.messages.with_columns(pl.col("side").cast(pl.String)).drop("conversation")
        joined = places.join(rows, on=["side", "row"], how="inner", maintain_order="left")
        sums = [_yuan_stated(amount, text) for amount, text in joined.select("amount", "text").iter_rows()]
        sender = pl.coalesce("sender_name", "sender", "party")
        return joined.with_columns(sender.alias("sender"), pl.Series("amount", sums, dtype=YUAN))

    def _per_day(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Messages by day and side; and the days with conflicts or one-sided messages."""
        day = pl.col("sent_at").dt.convert_time_zone("Asia/Shanghai").dt.date().cast(pl.String).alias("day")
        side = pl.col("side").cast(pl.String)
        days = self.messages.drop_nulls("sent_at").group_by(side, day).len("messages").sort("day", "side")
        found = pl.concat([
            table.drop_nulls("sent_at").select(day, side, pl.lit(what).alias("found"))
            for what, table in (("conflict", self.conflicts()), ("one-sided", self.one_sided()))
        ])  # fmt: skip
        marks = found.unique().join(days, on=["day", "side"]).sort("day", "side", "found")
        return days, marks


def _rows_of_side(lines: pl.DataFrame, side: str, *columns: str) -> pl.DataFrame:
    """Conversation, side and row of the lines' rows on one side, with further columns."""
    row = pl.col(f"{side}_row").alias("row")
    return lines.select("conversation", pl.lit(side).alias("side"), row, *columns).drop_nulls("row")


def _yuan_stated(amount: str | None, text: str | None) -> Decimal | None:
    """The stated amount, else the largest sum in the words, to the cent; None without either."""
    named = sums_in(text) if text and not amount else []
    try:
        value = Decimal(amount.replace(",", "")) if amount else max(named, default=None)
    except InvalidOperation:
        return None
    fits = value is not None and value.is_finite() and abs(value) < _MOST_YUAN
    return round(value, 2) if fits and value is not None else None


def _html_row(tag: str, cells: Iterable[object]) -> str:
    """A table row of escaped cells."""
    inside = "".join(f"<{tag}>{_safe_html('' if cell is None else str(cell))}</{tag}>" for cell in cells)
    return f"<tr>{inside}</tr>"


def _safe_html(text: str) -> str:
    return html.escape(visible(text))


def _timeline_svg(days: pl.DataFrame, found: pl.DataFrame) -> str:
    """Bars of messages a day, with a mark on the days of `found`."""
    with warnings.catch_warnings():
        # Its docstrings contain escapes that Python warns about when first compiling them.
        warnings.simplefilter("ignore")
        import lets_plot as p  # noqa: PLC0415 - a large library, loaded only when a picture is asked for
    as_days = pl.col("day").str.to_datetime()
    bars, marks = (
        days.with_columns(as_days).to_dict(as_series=False),
        found.with_columns(as_days).to_dict(as_series=False),
    )
    plot = (
        p.ggplot()
        + p.geom_bar(p.aes("day", "messages"), data=bars, stat="identity", fill="#8a9bb0")
        + p.facet_grid(y="side")
        + p.scale_x_datetime()
        + p.labs(x="", y="messages a day", color="", shape="")
        + p.theme_minimal2()
        + p.ggsize(900, 320)
    )
    if found.height:
        plot += p.geom_point(p.aes("day", "messages", color="found", shape="found"), data=marks, size=4)
    return str(plot.to_svg())
