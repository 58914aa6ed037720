"""What WhatsApp's clients write of their own, in every language of the table."""

import re

import polars as pl
import pytest

from reconcile.wechat.client_sentences import sentence_kind
from reconcile.wechat.whatsapp_languages import LANGUAGES, in_all_languages

NEEDED = [
    "image",
    "video",
    "voice",
    "sticker",
    "file",
    "card",
    "media",
    "place",
    "attached",
    "call",
    "deleted",
    "encrypted",
    "edited",
]


@pytest.mark.parametrize(
    "language", ["zh-CN", "zh-TW", "en", "es", "pt", "fr", "de", "it", "nl", "tr", "ru", "id", "ja", "ko"]
)
def test_each_language_has_all_that_its_client_writes(language: str) -> None:
    assert set(NEEDED) <= set(LANGUAGES[language])


@pytest.mark.parametrize("what", NEEDED)
def test_no_phrase_fits_words_of_a_person(what: str) -> None:
    pattern = re.compile(f"(?i)^(?:{in_all_languages(what)})$")
    said = (
        "",
        "the image was omitted by him",
        "我删除了",
        "I deleted the message",
        "documento",
        "语音通话",
        "Foto",
        "fine",
    )
    assert not any(pattern.match(t) for t in said)


def test_the_notice_of_a_deleted_message_is_a_recall_in_many_languages() -> None:
    said = [
        "Diese Nachricht wurde gelöscht.", "您已刪除此訊息。", "이 메시지는 삭제되었습니다", "Bu mesajı sildiniz", "Ta wiadomość została usunięta", "Acest mesaj a fost șters", "Viestin voi poistaa",
        "Du raderade det här meddelandet", "Törölted ezt az üzenetet", "Αυτό το μήνυμα διαγράφηκε", "Mesej ini telah dipadam", "Táto správa bola odstránená", "Has esborrat aquest missatge", "Izbrisali ste ovu poruku",
    ]  # fmt: skip
    kinds = pl.DataFrame({"t": said}).select(sentence_kind(pl.col("t")))["t"].to_list()
    assert kinds == ["recall" if t != "Viestin voi poistaa" else None for t in said]
