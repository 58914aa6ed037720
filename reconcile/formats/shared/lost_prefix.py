"""Texts that lost a `word:` at their beginning, as some exporters take it for a sender's account."""

import polars as pl

from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode, TextQuality
from reconcile.wechat.text import PREFIX

# Remainders of `10:30见`, `ok: 30000`, `https://…` and `ok:` after a tool removed the leading word and colon.
_BEHIND_PREFIX = r"^(?:\s|[0-5][0-9](?:[^0-9]|$)|//|$)"


def stripped_notes(rows: pl.DataFrame, name: str) -> list[Note]:
    """A note with the number of texts that may have lost a leading `word:`.

    There is none where an own text still has such a beginning. In groups, the tool takes the word for the sender's
    account in others' rows, so only own rows show that nothing was lost.
    """
    if "text_quality" not in rows.columns:
        return []
    open_to_it = rows.select("text", "is_self").filter(rows["text_quality"] == str(TextQuality.STRIPPED))
    kept = open_to_it.filter(pl.col("is_self") & pl.col("text").str.contains(PREFIX.pattern))
    traces = open_to_it["text"].filter(open_to_it["text"].str.contains(_BEHIND_PREFIX))
    if kept.height or traces.is_empty():
        return []
    return [Note(NoteCode.PREFIX_STRIPPED, name, traces[0][:200], traces.len())]
