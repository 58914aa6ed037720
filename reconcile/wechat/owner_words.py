"""The words by which an export names its own owner as a sender: on each side they mean another person."""

SELF_WORDS = ("我", "me", "Me", "ME", "自己", "本人", "self", "Self")
# How a recall notice addresses its reader, whose device shows it.
OWN_NOTICE = r"^.{0,3}(?:你|您|[Yy]ou)|^メッセージ"
