"""Which conversation of an export a submission shows."""

from collections import Counter

import polars as pl

from reconcile.intake.contract import Reading
from reconcile.submission.excerpt.lines import key_of
from reconcile.submission.params import CHECK_PARAMS


def conversation_of(messages: pl.DataFrame, export: Reading) -> str | None:
    """The export's conversation of the submitted rows: by key, else by common words, else the only one.

    None where two conversations share equally many words, or several share none.
    """
    key = messages["conversation"][0]
    held = export.messages["conversation"]
    if key and key in held.unique().to_list():
        return str(key)
    ids = messages["message_id"].drop_nulls()
    by_id = export.messages.filter(pl.col("message_id").is_in(ids.implode()))["conversation"].value_counts(sort=True)
    if by_id.height:
        return str(by_id["conversation"][0])
    counted = _common_words(messages, export.messages)
    if counted and (len(counted) == 1 or counted[0][1] >= 2 * counted[1][1]):
        return counted[0][0]
    keys = held.unique().to_list()
    return str(keys[0]) if len(keys) == 1 else None


def _common_words(messages: pl.DataFrame, export: pl.DataFrame) -> list[tuple[str, int]]:
    """Conversations by the number of longer texts that they share with the submission, most first."""
    wanted = {key_of(t) for t in messages["text"].to_list() if len(t) >= CHECK_PARAMS.common_characters}
    distinct = (
        export.filter(pl.col("text").str.len_chars() >= CHECK_PARAMS.common_characters)
        .select("conversation", "text")
        .unique()
    )
    counts: Counter[str] = Counter()
    for conversation, text in distinct.iter_rows():
        if key_of(text) in wanted:
            counts[conversation] += 1
    return counts.most_common()
