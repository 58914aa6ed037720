"""Translations that one party writes behind the words of a message."""

import pytest

from tests.build.chats import Row, chat, counts
from tests.build.together import Comparing

KOREAN = [
    "16개가 불량입니다",
    "환불 840원 해주세요",
    "송장은 받았습니다",
    "93695원 보냈습니다",
    "알겠습니다",
    "내일 다시 확인하겠습니다",
]
CHINESE = ["十六件不合格", "请退款", "发票已收到", "已付款", "我不同意", "明天再看"]
FORMS = {
    "brackets": "{0}（译：{1}）",
    "marks": "{0}【译文：{1}】",
    "below": "{0}\n（译文：{1}）",
    "bare below": "{0}\n翻译：{1}",
    "no mark": "{0}\n{1}",
}


def _chat(form: str = "{0}", said: list[str] = KOREAN) -> list[Row]:
    # No length is that of a cut.
    rows = [r | {"text": r["text"] + "，请查收" * (i % 4)} for i, r in enumerate(chat(30))]
    for i, (words, meaning) in enumerate(zip(said, CHINESE, strict=True)):
        rows[4 * i + 3] |= {"text": form.format(words, meaning)}
    return rows


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_a_translation_behind_foreign_words_is_a_difference_of_form(form: str) -> Comparing:
    translated = _chat(form)
    number = [r | {"text": r["text"].replace("93695", "98695")} for r in translated]
    lacking = [r for r in translated if "840" not in r["text"]]
    invented = [*translated, {"at": 1000, "who": 0, "text": form.format("50000원 빌렸습니다", "我借了你五万")}]
    bent = [r | {"text": form.format(r["text"], "我还欠你五万元")} if i in (1, 9) else r for i, r in enumerate(_chat())]
    found = yield {
        "translated": (translated, _chat()), "number": (number, _chat()), "lacking": (lacking, _chat()),
        "invented": (sorted(invented, key=lambda r: r["at"]), _chat()), "behind Chinese": (bent, _chat()),
        "alone": ([*translated[:4], *_chat()[4:]], _chat()),
    }  # fmt: skip
    assert counts(found["translated"]) == {"agreement": 30}
    assert counts(found["number"]) == {"agreement": 29, "conflict": 1}
    assert counts(found["lacking"]) == {"agreement": 29, "one_sided": 1}
    assert counts(found["invented"]) == {"agreement": 30, "one_sided": 1}
    assert counts(found["behind Chinese"])["agreement"] == 28
    assert counts(found["alone"]).get("agreement") == 29
    assert "doubtful" in counts(found["alone"])


def test_words_of_another_message_do_not_stand_for_a_payment() -> Comparing:
    rows = chat(20)
    paid = [*rows[:9], {"at": 540, "who": 1, "text": "[转账]￥83000.00", "kind": "transfer"}, *rows[10:]]
    said = [*rows[:9], {"at": 540, "who": 1, "text": "송장은 받았습니다\n发票已收到"}, *rows[10:]]
    assert counts((yield paid, said))["agreement"] == 19


def test_a_foreign_word_below_chinese_words_is_a_message_where_the_other_side_has_it_as_one() -> Comparing:
    rows = chat(30)
    short = [{"at": r["at"] + 4, "who": r["who"], "text": "OK"} for r in rows[4:28:6]]
    joined = [r | {"text": f"{r['text']}\nOK"} if i in range(4, 28, 6) else r for i, r in enumerate(rows)]
    found = yield sorted([*rows, *short], key=lambda r: r["at"]), joined
    assert counts(found) == {"agreement": 30, "set_aside": 4}


SAID = [
    "三天后发货",
    "请退款",
    "发票已收到",
    "我同意",
    "付2500美元",
    "我没收到",
    "请在3月5日之前付2500美元",
    "我同意付款",
]
ENGLISH = ["We ship later", "Please refund", "Received", "I agree", "Pay 2500 USD", "Nothing came", "Pay 2500 USD by 5 March", "I agree to pay"]  # fmt: skip


def test_a_translation_below_every_text_is_a_form_unless_it_says_more_or_alone_denies() -> Comparing:
    plain = chat(30)
    for i, text in enumerate(SAID):
        plain[3 * i + 2] |= {"text": text}
    plain[1] |= {"text": "Please refund"}

    def below(translations: list[str]) -> list[Row]:
        lines = {t: f"{t}\n{e}" for t, e in zip(SAID, translations, strict=True)}
        return [r | {"text": lines.get(r["text"], r["text"])} for r in plain]

    more = "I agree and give you the house, the garden, the car and all that is in them for ever"
    turned = [*ENGLISH[:3], more, "Pay 2800 USD", *ENGLISH[5:7], "I do not agree to pay"]
    found = yield {"true": (plain, below(ENGLISH)), "turned": (plain, below(turned))}
    assert counts(found["true"]) == {"agreement": 30}
    assert counts(found["turned"]) == {"agreement": 27, "doubtful": 3}
