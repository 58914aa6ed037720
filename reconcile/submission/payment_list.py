"""What a list of payments has no row for: everything else, and the receipts of transfers."""

from collections import deque
from datetime import timedelta
from typing import Any

import polars as pl

from reconcile.engine.references.payments import is_answer, yuan_stated
from reconcile.intake.contract import Reading
from reconcile.submission.passage_clock import sender_key
from reconcile.vocabulary import Kind
from reconcile.wechat.kinds import PAYMENT_KINDS

# A transfer that nobody accepts goes back after this time.
_ACCEPTED_WITHIN = timedelta(hours=24)


def is_payment_list(submission: Reading) -> bool:
    """Whether the submission's form has rows for payments alone."""
    return (
        Kind.TEXT in submission.facts.limits.kinds_absent and (submission.messages["kind"] == str(Kind.TRANSFER)).any()
    )


def unlisted_receipts(whole: pl.DataFrame, submission: Reading, shown: set[int], *, selects: bool) -> frozenset[int]:
    """Ranks of receipts that a list or stated selection of payments without receipts need not hold.

    Args:
        whole: the export's conversation in order.
        submission: the submission.
        shown: ranks of the rows that the submission shows.
        selects: whether the submission states what it selects.
    """
    are_payments = {*submission.messages["kind"].cast(pl.String)} <= {*map(str, PAYMENT_KINDS)}
    shows_none = not submission.messages.select(is_answer().fill_null(value=False)).to_series().any()
    is_list = is_payment_list(submission) or (selects and are_payments and shows_none)
    return _receipts_beside(whole, shown) if is_list else frozenset()


def _receipts_beside(whole: pl.DataFrame, shown: set[int]) -> frozenset[int]:
    """Ranks of receipts of transfers, and of transfers whose receipt is among the `shown` ranks.

    Some forms write the receipt of a transfer like a transfer: it has a sum that the other party has paid before.
    """
    paid = whole.with_row_index("at").filter(pl.col("kind").cast(pl.String) == str(Kind.TRANSFER))
    paid = paid.with_columns(yuan_stated(), is_answer().fill_null(value=False).alias("answers"))
    waiting: dict[float, dict[Any, deque[tuple[int, Any]]]] = {}
    found = set()
    for row in paid.select("at", "sent_at", "yuan", "answers", "is_self", "sender", "sender_name").iter_rows(
        named=True
    ):
        who, open_sums = sender_key(row), waiting.setdefault(row["yuan"], {})
        payer = None if row["yuan"] is None else _pop_payment_of_another(open_sums, who, row["sent_at"])
        if payer is not None:
            found |= {row["at"], payer} if row["at"] in shown else {row["at"]}
        elif row["answers"]:
            found.add(row["at"])
        else:
            open_sums.setdefault(who, deque()).append((row["at"], row["sent_at"]))
    return frozenset(found)


def _pop_payment_of_another(open_sums: dict[Any, deque[tuple[int, Any]]], who: Any, now: Any) -> int | None:
    """The rank of the oldest open payment of somebody else that may still be accepted; None without one."""
    gone, found = [], None
    for payer, payments in open_sums.items():
        while payments and now is not None and payments[0][1] is not None and now - payments[0][1] > _ACCEPTED_WITHIN:
            payments.popleft()
        if not payments:
            gone.append(payer)
        elif payer != who:
            found = payments.popleft()[0]
            break
    for payer in gone:
        del open_sums[payer]
    return found
