"""Kinds grouped into classes: rows of one class may be one message whatever an exporter called them."""

from reconcile.vocabulary import Kind
from reconcile.wechat.kinds import PAYMENT_KINDS, SYSTEM_KINDS, WORD_KINDS

WORDS, IMAGE, VOICE, VIDEO, STICKER, FILE, LINK, PAYMENT, PLACE, CARD, CALL, FORWARD, SYSTEM, OTHER = range(14)
CLASS_OF: dict[Kind, int] = {
    **dict.fromkeys(WORD_KINDS, WORDS),
    **dict.fromkeys(PAYMENT_KINDS, PAYMENT),
    **dict.fromkeys(SYSTEM_KINDS, SYSTEM),
    Kind.IMAGE: IMAGE, Kind.VOICE: VOICE, Kind.VIDEO: VIDEO, Kind.STICKER: STICKER, Kind.FILE: FILE, Kind.LINK: LINK,
    Kind.LOCATION: PLACE, Kind.CARD: CARD, Kind.CALL: CALL, Kind.FORWARD: FORWARD, Kind.OTHER: OTHER,
}  # fmt: skip
# Classes whose rows have no words of their own; a placeholder there says nothing.
WORDLESS = (IMAGE, VOICE, VIDEO, STICKER, PLACE, CARD, CALL, FORWARD)
# Ids of these classes may honestly differ on the two devices (wechat-databases 8.2).
OWN_IDS = (SYSTEM, FILE, CALL, PAYMENT)
# Classes of shared cards: tools differ in what they call a note, a solitaire or a live location.
SHARED = (LINK, FORWARD, PLACE)
SECONDS = 1_000_000  # microseconds
