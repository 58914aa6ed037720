"""What became of payments and calls: received, returned, answered."""

from collections.abc import Iterator

import polars as pl

from reconcile.engine.content.selective import Component, changed
from reconcile.wechat.kind_classes import CALL, PAYMENT, SYSTEM

# What became of a payment or call. Two states of one class cannot both be last; a state may be missing on the earlier export, and a memo may speak of a refund.
STATES = {
    PAYMENT: (("returned", r"(?:已|被|转账|[|\[【])\s?退(?:还|回|款)|[Rr]eturned|[Rr]efunded"), ("received", "收款|收钱|已收|被接收|已接收|[Rr]eceived|[Aa]ccepted")),
    SYSTEM: (("returned", "(?:转账|红包).{0,12}(?:退还|退回|退款)"), ("received", "确认收款|已收款|已收钱|收款到账"), ("removed", "移出|removed"), ("left", "退出(?:了)?群聊|left the")),
    CALL: (("unanswered", "取消|拒绝|拒接|未接|无应答|未应答|忙线|[Cc]ancel|[Dd]eclined|[Mm]issed|[Bb]usy"), ("answered", r"通话时长|\d{1,2}:\d{2}|[Dd]uration")),
}  # fmt: skip


def _named_state(column: str) -> pl.Expr:
    """A payment's last state in its own column; null for one that was only sent."""
    return pl.col(column).replace_strict(
        {"received": "received", "returned": "returned", "expired": "returned"}, default=None, return_dtype=pl.String
    )


def states_of(both: pl.DataFrame) -> Iterator[Component]:
    """Components for what became of payments and calls, as the last state that each side names."""
    held = frozenset(both["cls"].unique())
    for cls, states in STATES.items():
        if cls not in held:
            continue
        rows = both.filter(pl.col("cls") == cls)
        told = []
        for side in ("", "_right"):
            state: pl.Expr = pl.lit(None, pl.String)
            for name, pattern in reversed(states):
                state = pl.when(pl.col(f"text{side}").str.contains(pattern)).then(pl.lit(name)).otherwise(state)
            if cls == PAYMENT:
                state = pl.coalesce(_named_state(f"payment_state{side}"), state)
            told.append(state)
        yield from changed("state", rows.with_columns((told[0] != told[1]).alias("is_unlike")), is_fixed=cls == PAYMENT)


__all__ = ["STATES", "states_of"]
