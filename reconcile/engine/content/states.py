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


def last_state(cls: int, side: str) -> pl.Expr:
    """The last state that a payment, call or notice of a side names ('' or '_right'); null = none."""
    text, state = pl.col(f"text{side}"), pl.lit(None, pl.String)
    for name, pattern in reversed(STATES[cls]):
        state = pl.when(text.str.contains(pattern)).then(pl.lit(name)).otherwise(state)
    return pl.coalesce(_named_state(f"payment_state{side}"), state) if cls == PAYMENT else state


def states_of(both: pl.DataFrame) -> Iterator[Component]:
    """Components for what became of payments and calls, as the last state that each side names."""
    held = frozenset(both["cls"].unique())
    for cls in STATES:
        if cls in held:
            rows = both.filter(pl.col("cls") == cls)
            told = rows.with_columns((last_state(cls, "") != last_state(cls, "_right")).alias("is_unlike"))
            yield from changed("state", told, is_fixed=cls == PAYMENT)


__all__ = ["STATES", "last_state", "states_of"]
