"""What a list of payments has no row for: everything else, and the receipts of transfers."""

from datetime import timedelta
from typing import Any

import polars as pl

from reconcile.engine.references.payments import is_answer, yuan_stated
from reconcile.intake.contract import Reading
from reconcile.submission.passage_clock import sender_key
from reconcile.vocabulary import Kind

# A transfer that nobody accepts goes back after this time.
_ACCEPTED_WITHIN = timedelta(hours=24)


def is_payment_list(submission: Reading) -> bool:
    """Whether the submission's form has rows for payments alone."""
    return (
        Kind.TEXT in submission.facts.limits.kinds_absent and (submission.messages["kind"] == str(Kind.TRANSFER)).any()
    )


def receipts_beside(whole: pl.DataFrame, shown: set[int]) -> frozenset[int]:
    """Ranks of receipts of transfers, and of transfers whose receipt is among the `shown` ranks.

    Some forms write the receipt of a transfer like a transfer: it has a sum that the other party has paid before.

    Args:
        whole: the export's conversation in order.
        shown: ranks of the rows that the submission shows.
    """
    paid = whole.with_row_index("at").filter(pl.col("kind").cast(pl.String) == str(Kind.TRANSFER))
    paid = paid.with_columns(yuan_stated(), is_answer().fill_null(value=False).alias("answers"))
    waiting: dict[float | None, list[tuple[Any, int, Any]]] = {}
    found = set()
    for row in paid.select("at", "sent_at", "yuan", "answers", "is_self", "sender", "sender_name").iter_rows(
        named=True
    ):
        who, now, others = sender_key(row), row["sent_at"], waiting.setdefault(row["yuan"], [])
        others[:] = [o for o in others if now is None or o[2] is None or now - o[2] <= _ACCEPTED_WITHIN]
        payer = next((o for o in others if o[0] != who), None) if row["yuan"] is not None else None
        if payer is not None:
            others.remove(payer)
            found |= {row["at"], payer[1]} if row["at"] in shown else {row["at"]}
        elif row["answers"]:
            found.add(row["at"])
        else:
            others.append((who, row["at"], now))
    return frozenset(found)
