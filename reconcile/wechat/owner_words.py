"""The words by which an export names senders without an account: its own owner, and the client itself."""

from collections.abc import Collection

import polars as pl

SELF_WORDS = ("我", "me", "Me", "ME", "自己", "本人", "self", "Self")
# How the owner is named in whatever language.
OWN_NAMES = (
    "我", "我自己", "自己", "本人", "我方", "己方", "me", "Me", "ME", "You", "you", "Ich", "Du", "Yo", "Tú", "Moi", "Vous", "Eu", "Você", "Ik", "Jij", "myself",
    "self",
)  # fmt: skip
# How a client addresses the reader, who owns the device, and how exports label him in the lines of a text.
READER_WORDS = (
    "Your", "your", "You", "you", "您", "你", "Du", "du", "dir", "dich", "Tú", "tú", "Vous", "vous", "Você", "você",
)  # fmt: skip
OWNER_LABELS = ("Me", "我", "自己", "本人")
# Words for the other party, without naming it.
PEER_WORDS = ("对方", "peer", "Peer", "other", "Other", "Them")
# Under these names a table shows notices, which nobody sent.
SYSTEM_WORDS = ("系统", "系统消息", "系统提示", "系统通知", "system", "System", "System Message", "SYSTEM")
# How a recall notice addresses its reader, whose device shows it.
OWN_NOTICE = r"^.{0,3}(?:你|您|[Yy]ou)|^メッセージ"


def is_client(name: pl.Expr, parties: Collection[str] = ()) -> pl.Expr:
    """Whether a sender's name is that of the chat client, such as `[system]`, and of none of the parties.

    An account in brackets may follow the name.
    """
    bare = name.str.replace(r"\s*[(（<]\d+[)）>]$", "").str.strip_chars("[]【】() ")
    return bare.is_in([w for w in SYSTEM_WORDS if w not in parties]).fill_null(value=False)
