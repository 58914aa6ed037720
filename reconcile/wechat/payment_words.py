"""Words of clients, tools and people for what became of a payment, and patterns made of them."""

import re

import polars as pl

RECEIVED, RETURNED = "收款|收钱|接收|领取", "退还|退回|退款"
# A payment that waits for the payee. The verb alone, as in 已收款, says that he took it.
PENDING = rf"(?:请|待|等|未|尚未)(?:对方|你|您|我|确认)*(?:{RECEIVED})"
# What a mark says of a payment beside its sum.
FATE = rf"(?:已|待|请|未|被|对方|确认)*(?:{RECEIVED}|{RETURNED}|过期)"
# What somebody writes who notes down that a payment was taken or came back.
NOTED_FATE = rf"(?:(?:已|被|对方|确认)*(?:{RECEIVED}|{RETURNED})|(?:确认|已)收)"
# How the client and tools say what was done with a payment: nothing else may stand around the verb.
DONE = rf"(?:微信|对方|你|您|我|请|向|给|已|待|被|确认|收到){{0,8}}(?:{RECEIVED}|{RETURNED}|过期|发送|发起|转账)(?:了|一笔|转账|的){{0,4}}|(?:received|returned|expired|refunded|accepted|sent)"
# Meaning of the state's words, first match wins. `Money` of `[Money Transfer]` is on both cards and says nothing.
STATES = (
    ("expired", "过期|[Ee]xpired"), ("sent", PENDING), ("returned", "退|[Rr]eturned|[Rr]efunded"), ("received", "收|接收|[Rr]eceived|[Aa]ccepted"),
    ("sent", "转账|发起|发送|[Ss]ent"),
)  # fmt: skip


def payment_state(state: pl.Expr) -> pl.Expr:
    """The state that its words name (sent, received, returned, expired); null where they name none."""
    found = pl.lit(None, dtype=pl.String)
    for name, pattern in reversed(STATES):
        found = pl.when(state.str.contains(pattern)).then(pl.lit(name)).otherwise(found)
    return found


def payment_state_of(state: str) -> str | None:
    """`payment_state` of one text."""
    return next((name for name, pattern in STATES if re.search(pattern, state)), None)
