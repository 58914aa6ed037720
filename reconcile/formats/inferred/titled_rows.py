"""Rows below titles in a table, a Markdown file or a page: a title may name their chat."""

from dataclasses import replace

import polars as pl

from reconcile.formats.inferred.chat_titles import PARTS, judged
from reconcile.formats.inferred.fields import TITLE, Fields
from reconcile.formats.inferred.mapping import Choice, Inferred
from reconcile.formats.inferred.plan import Plan
from reconcile.formats.inferred.times.times_in_lines import FULL
from reconcile.formats.inferred.words.bodies_in_lines import DAY_LINE
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.named_days import fitted

CHAT, _LONGEST = "^chat", 80
# Least fields of a row of a message, and largest share of titles among the rows.
_FEWEST, _MOST_TITLES = 3, 0.3


def with_chats_of_titles(plan: Plan) -> Plan:
    """The plan with a column of chats where titles above the rows name them; unchanged where none do.

    It is to be confirmed where that is not sure.
    """
    inferred = plan.inferred
    date = inferred.choices.get("date")
    # What stands above the rows may be their day.
    is_dated = date is not None and (plan.fields.is_text or date.column.startswith("^"))
    if not {"time", "text"} <= inferred.choices.keys() or "conversation" in inferred.choices or is_dated:
        return plan
    fields = plan.fields if TITLE in plan.fields.frame.columns else _with_titles_of_rows(plan.fields)
    if fields is None:
        return plan
    frame = fields.frame
    section = (frame[TITLE] != frame[TITLE].shift(1)).fill_null(value=True).cum_sum().alias("section")
    titles = frame[TITLE].filter(section != section.shift(1, fill_value=0)).drop_nulls()
    parts = titles.str.extract_groups(PARTS).struct.unnest().fill_null("")
    if parts.select("lead", "label", "tail").n_unique() > 1 or frame[TITLE].null_count() or titles.len() < 2:
        return plan
    if titles.len() > _MOST_TITLES * frame.height or titles.str.contains(fitted(rf"{DAY_LINE}|{FULL}", titles)).any():
        return plan
    raw = [frame[inferred.choices[r].column] for r in ("date", "time") if r in inferred.choices]
    said = pl.DataFrame(
        [section, instants(pl.select(pl.concat_str(raw, separator=" ")).to_series()), _senders(frame, inferred)]
    )
    names, are_chats = judged(titles[0], parts["core"].to_list(), said, has_label=bool(parts["label"][0]))
    if are_chats is False:
        return plan
    chats = pl.Series(CHAT, names, dtype=pl.String).gather(section.cast(pl.Int64) - 1)
    told = replace(fields, frame=frame.drop(TITLE).with_columns(chats))
    doubts = inferred.doubts if are_chats else {**inferred.doubts, "conversation": (CHAT,)}
    return Plan(told, replace(inferred, choices={**inferred.choices, "conversation": Choice(CHAT, 0.8)}, doubts=doubts))


def _with_titles_of_rows(fields: Fields) -> Fields | None:
    """The rows of a table with the words that stand alone in a row above them as their title.

    None where the first row is no such title.
    """
    names = [n for n in fields.names if not n.startswith(("@", "^"))]
    if fields.frame.height < 2 * _FEWEST or len(names) < _FEWEST or fields.roles:
        return None
    cells = fields.frame.select(pl.when(pl.col(n).str.strip_chars() != "").then(n).alias(n) for n in names)
    alone = cells.select(pl.sum_horizontal(pl.all().is_not_null()) == 1).to_series()
    title = cells.select(pl.coalesce(pl.all()).str.strip_chars()).to_series().set(~alone, None)
    if title[0] is None or title.str.len_chars().max() > _LONGEST:  # type: ignore[operator]
        return None
    told = fields.frame.with_columns(title.fill_null(strategy="forward").alias(TITLE)).filter(~alone)
    return replace(fields, frame=told)


def instants(cells: pl.Series) -> pl.Series:
    """Times as numbers in one unit, whatever that is."""
    seconds = cells.cast(pl.Float64, strict=False)
    if seconds.null_count() > cells.null_count():
        seconds = parse_time_column(cells, ASSUMED_ZONE)["sent_at"].dt.epoch("ms").cast(pl.Float64)
    return seconds.alias("at")


def _senders(frame: pl.DataFrame, inferred: Inferred) -> pl.Series:
    """The shown names of the senders, else their accounts; null where nobody is named."""
    chosen = [c for r in ("sender_name", "sender") if (c := inferred.choices.get(r)) is not None]
    if not chosen:
        return pl.Series("sender", [None], dtype=pl.String).new_from_index(0, frame.height)
    return frame[chosen[0].column].alias("sender")
