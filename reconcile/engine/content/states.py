"""What became of payments and calls: received, returned, answered."""

from collections.abc import Iterator
from functools import reduce
from operator import or_

import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.content.facts import DESCRIBED
from reconcile.engine.content.selective import (
    BY,
    LEFT,
    OF_MEETING,
    RIGHT,
    SUFFIXES,
    Component,
    are_alike,
    changed,
    counted,
    met_crosswise,
)
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import is_identified
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import CALL, PAYMENT, SECONDS, SYSTEM
from reconcile.wechat.payment_words import PENDING, RETURNED
from reconcile.wechat.shown_bodies import plain_amount

# What became of a payment or call. Two states of one class cannot both be last; a state may be missing on the earlier export, and a memo may speak of a refund.
STATES = {
    PAYMENT: (("returned", rf"(?:^|已|被|转账|[|\[【])\s?(?:{RETURNED})|[Rr]eturned|[Rr]efunded"), ("received", "收款|收钱|已收|被接收|已接收|[Rr]eceived|[Aa]ccepted")),
    SYSTEM: (("returned", rf"(?:转账|红包).{{0,12}}(?:{RETURNED})"), ("received", "确认收款|已收款|已收钱|收款到账"), ("removed", "移出|removed"), ("left", "退出(?:了)?群聊|left the")),
    CALL: (("unanswered", "取消|拒绝|拒接|未接|无应答|未应答|忙线|[Cc]ancel|[Dd]eclined|[Mm]issed|[Bb]usy"), ("answered", r"通话时长|\d{1,2}:\d{2}|[Dd]uration")),
}  # fmt: skip
# What the client says of every transfer, and of one that nobody has taken yet.
_NO_STATE = rf"{DESCRIBED}|{PENDING}"


# A payment's last state in its own column; null for one that was only sent.
_NAMED_STATE = pl.col("payment_state").replace_strict(
    {"received": "received", "returned": "returned", "expired": "returned"}, default=None, return_dtype=pl.String
)


def last_states(pairs: pl.DataFrame, cls: int) -> tuple[pl.Series, pl.Series]:
    """`state`, `state_right`: the last one that each side's payment, call or notice names; null = none."""
    # Concatenate both sides: polars compiles each pattern once per column.
    both = pl.concat(
        pairs.lazy().select(
            pl.col(f"text{s}").alias("text").str.replace_all(_NO_STATE, ""), payment_state=f"payment_state{s}"
        )
        for s in SUFFIXES
    )
    state = pl.lit(None, pl.String)
    for name, pattern in reversed(STATES[cls]):
        state = pl.when(pl.col("text").str.contains(pattern)).then(pl.lit(name)).otherwise(state)
    told = both.select(state=pl.coalesce(_NAMED_STATE, state) if cls == PAYMENT else state).pipe(collected)["state"]
    return told.head(pairs.height), told.tail(pairs.height).alias("state_right")


def states_of(both: pl.DataFrame, *doubted: str) -> Iterator[Component]:
    """Components for what became of payments and calls, as the last state that each side names.

    `doubted`: the ways in which a receipt without its state is in doubt even alone.
    """
    held = frozenset(both["cls"].unique())
    for cls in STATES:
        rows = both.filter(pl.col("cls") == cls) if cls in held else both.clear()
        if not are_alike(rows, "text", "payment_state"):
            rows = rows.with_columns(last_states(rows, cls))
            told = rows.select(
                "left_row", *BY, *OF_MEETING, "state", "state_right", is_unlike=pl.col("state") != pl.col("state_right")
            )
            crossed = pl.col("left_row").is_in(listed(met_crosswise(told, "state")))
            is_unlike = pl.col("is_unlike") & ~(crossed & (pl.col("cls") == CALL))
            told = told.with_columns(is_unlike)
            confirmed = _marked_otherwise(rows.filter(is_identified()) if cls == PAYMENT else rows.clear())
            yield from changed("state", told, Cause.TEXT_DIFFERS, confirmed, is_fixed=cls == PAYMENT)
            yield from _receipts_of(rows, doubted) if cls == PAYMENT else ()


def _marked_otherwise(paid: pl.DataFrame) -> pl.Series:
    """The left rows of these payments whose marks name two states, whatever the words behind say."""
    if paid.is_empty():
        return paid["left_row"]
    marks = paid.with_columns(pl.col(f"text{s}").str.extract(r"\A([^\d¥￥$€£]*)") for s in SUFFIXES)
    one, other = last_states(marks, PAYMENT)
    return marks.filter(one != other)["left_row"]


_SUM = r"(\d[\d,]*(?:\.\d+)?)"
# Some forms show the memo alone.
_SUM_OF_EITHER = pl.coalesce(plain_amount(pl.col(f"text{s}").str.extract(_SUM)) for s in SUFFIXES).alias("sum")


def _receipts_of(payments: pl.DataFrame, doubted: tuple[str, ...]) -> Iterator[Component]:
    """Components of receipts that one side writes like payments, and of payments written like receipts.

    Only a payment whose receipt both sides hold is asked: the earlier export may show another one still open. A side
    that calls no payment of the export open or returned has no word for a return.
    """
    named = [pl.col(f"state{s}").is_not_null() for s in SUFFIXES]
    if not payments.select((named[0] != named[1]).any()).item():
        return
    lacking = pl.when(named[0] & ~named[1]).then(pl.lit(RIGHT)).when(named[1] & ~named[0]).then(pl.lit(LEFT))
    payments = payments.filter(~pl.any_horizontal(_has_no_word_for_it(*s) for s in (SUFFIXES, SUFFIXES[::-1])))
    is_same = pl.col("state") == pl.col("state_right")
    for part, equal in zip(
        _receipts_among(payments),
        (is_same.fill_null(value=False), is_same.fill_null(~named[0] & ~named[1])),
        strict=True,
    ):
        unlike = part.select("left_row", *BY, lacking.alias("way")).drop_nulls("way")
        if unlike.height:
            yield Component("state", unlike, counted(part.filter(equal)), frozenset(doubted), is_fixed=True)


def _has_no_word_for_it(side: str, other: str) -> pl.Expr:
    """Whether a side is silent on a payment that the other calls returned, and has no word for it."""
    says_more = (pl.col(f"payment_state{side}") == "sent") | (pl.col(f"state{side}") == "returned")
    is_unsaid = pl.col(f"state{side}").is_null() & (pl.col(f"state{other}") == "returned")
    return is_unsaid.fill_null(value=False) & ~says_more.fill_null(value=False).any().over("export")


def _receipts_among(payments: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The receipts, and the payments that they follow.

    A receipt follows a payment of the same sum by the other party within the day that it stays open.
    """
    by = ["pair", "sum"]
    sums = payments.with_columns(_SUM_OF_EITHER)
    ordered = sums.drop_nulls(["sum", "raw_t"]).sort("pair", "sum", "raw_t", "left_row")
    answers = (pl.col("party") != pl.col("party").shift().over(by)) & (
        pl.col("raw_t").diff().over(by) <= PARAMS.open_payment_seconds * SECONDS
    )
    told = ordered.with_columns(answers.fill_null(value=False).alias("answers"))
    answered = pl.col("answers").shift(-1).over(by).fill_null(value=False) & ~pl.col("answers")
    return told.filter("answers"), told.filter(answered)


def without_receipts_that_repeat(once: pl.DataFrame, payments: pl.DataFrame) -> pl.DataFrame:
    """The pairs with a memo on one side only, except receipts that repeat the memo of their payment.

    One tool writes it again on the receipt and another never does. Several receipts show that. Of few, both sides state
    the memo on the payment, by the other party and within the day that it stays open; a clock may put the receipt in
    front of it.
    """
    named = reduce(or_, (state.is_not_null() for state in last_states(payments, PAYMENT)))
    told = payments.with_columns(_SUM_OF_EITHER, named.alias("is_receipt"))
    stated = pl.all_horizontal(pl.col(f"said{s}") != "" for s in SUFFIXES)
    receipts = told.filter("is_receipt").filter(~stated.any().over("export"))
    lacks = [(pl.col(f"said{s}") == "") & ~stated for s in SUFFIXES]
    sides = [(a & ~b).sum().over("export") for a, b in (lacks, lacks[::-1])]
    one_way = (pl.min_horizontal(sides) == 0) & (pl.max_horizontal(sides) >= PARAMS.loss_texts)
    once = once.join(receipts.filter(one_way), on="left_row", how="anti")
    memo = pl.max_horizontal(f"said{s}" for s in SUFFIXES).alias("memo")
    by = ["pair", "sum", "memo"]
    paid = told.filter(~pl.col("is_receipt"), pl.col("said") == pl.col("said_right"))
    met = receipts.select("left_row", "party", "raw_t", "pair", "sum", memo).join(
        paid.select("party", "raw_t", "pair", "sum", memo), on=by
    )
    apart = (pl.col("raw_t") - pl.col("raw_t_right")).abs() <= PARAMS.open_payment_seconds * SECONDS
    return once.join(met.filter(apart, pl.col("party") != pl.col("party_right")), on="left_row", how="anti")


__all__ = ["STATES", "last_states", "states_of", "without_receipts_that_repeat"]
