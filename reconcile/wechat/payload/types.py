"""Contents of one message body: Body, and Mention for other messages that it refers to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconcile.vocabulary import Kind, NoteCode, TextQuality, WitnessKind

Fields = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Mention:
    """What a body says of another message: a quoted, forwarded or recalled one, or a receipt's transfer.

    Attributes:
        witness: the kind of reference.
        message_id: server id of the other message; None = not stated.
        native_id: scheme:value as in Messages; None = not said.
        conversation: key of the conversation where it stood, when said; None = not said, or the body's own.
        sender: account id; None = not said. `sender_name` is the name as shown.
        sent_at: unix seconds; None = not said. `time_text` is a time as the forwarder's device showed it.
        kind: of the other message; None = not stated.
        text: the words of the other message as shown here.
        count: how many messages, where the word counts them.
    """

    witness: WitnessKind
    message_id: str | None = None
    native_id: str | None = None
    conversation: str | None = None
    sender: str | None = None
    sender_name: str | None = None
    sent_at: int | None = None
    time_text: str | None = None
    kind: Kind | None = None
    text: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """One message body in the words of `frames.Messages`; every field None where the body does not say.

    Attributes:
        kind: what the message is, by the body's own type where it states one.
        text: the words: of a quote the reply, of a file its name, of a link or forward the title, of a transfer the memo, of
            a red packet the greeting, of a place its name, of a card the nickname, of a call or notice the shown line. ''
            for images, voices, videos, stickers.
        text_quality: None = raw; absent where the body should have words and could not be read.
        native_id: transfer:, packet:, call:, file:, place:, share:, feed: and their value.
        alias_id: a second server id of the same message.
        media_hash: lower-case hex, where one digest stands for the media on both devices; `fields["media_hashes"]` lists
            every digest the body names (blank-separated), since sender and receiver may hold different renditions of a video.
        amount: decimal text in yuan.
        payment_state: sent, received, returned, expired.
        duration: seconds.
        url: as sent; links of official accounts reduced to the four parameters that name the article.
        reply_to: server id of the quoted message. `quoted_text`: its words as shown; of a forward the lines of its items.
        sender: account id that the body itself names (outermost fromusername).
        mentions: what the body says of other messages.
        fields: what no column holds (aeskey, length, ...).
        notes: broken_body, limit_reached, unknown_kind.
    """

    kind: Kind
    text: str = ""
    text_quality: TextQuality | None = None
    native_id: str | None = None
    alias_id: str | None = None
    media_hash: str | None = None
    amount: str | None = None
    payment_state: str | None = None
    duration: float | None = None
    file_name: str | None = None
    file_size: int | None = None
    url: str | None = None
    reply_to: str | None = None
    quoted_text: str | None = None
    sender: str | None = None
    mentions: tuple[Mention, ...] = ()
    fields: Fields = field(default_factory=dict)
    notes: tuple[NoteCode, ...] = ()
