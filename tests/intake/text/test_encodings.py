"""A file in an old encoding is read by the letters of its language; an unknown one is refused."""

from pathlib import Path

import pytest

from reconcile.errors import SourceError
from tests.build.readings import read_bytes
from tests.thorough import meeting, some

WORDS = {
    "ru": "Добрый день! Квартира ещё свободна?|Да, можно посмотреть вечером|А сколько стоит в месяц?|Сорок тысяч и залог|Хорошо, я приеду в семь|Жду вас, напишите от метро",
    "ja": "昨日の件ですが、まだ直っていません|すみません、明日また伺います|何時ごろになりますか|午前中に参ります|わかりました、待っています|よろしくお願いします",
    "ja kanji": "入金確認しました|契約書第三条参照のこと|東京都千代田区三丁目です|残金五万円が未払い|承知しました|三月五日十時に開廷",
    "ko": "안녕하세요, 회의는 몇 시에 하나요?|세 시에 합니다|자료를 가져가야 하나요?|네, 두 부를 부탁드립니다|알겠습니다|그럼 이따가 뵙겠습니다",
    "tw": "你好，請問明天的會議是幾點？|下午三點，我們在樓下等你|需要帶什麼資料嗎|合約帶來就可以|好的沒問題|謝謝你，明天見",
    "zh": "你好，请问明天几点开会？|下午三点，我们在楼下等你|要带什么资料吗|把合同带来就可以|好的没问题|谢谢，明天见",
    "pl": "Dzień dobry, czy łóżko jest jeszcze dostępne?|Tak, proszę przyjść jutro|Później też się da?|Oczywiście, będę cały dzień|Świetnie, dziękuję|Do zobaczenia, miłego wieczoru",
    "tr": "Günaydın, toplantı kaçta başlıyor?|Üçte başlıyor|Dosyaları getireyim mi?|Evet, iki kopya lazım|Tamam, çıkıyorum şimdi|Görüşürüz, teşekkür ederim",
    "de": "Guten Morgen, ist die Wohnung für Mai noch frei?|Ja, Sie können sie gern anschauen|Wäre es später möglich?|Natürlich, über Mittag passt es|Schön, bis dann|Grüße aus Köln",
}
CASES = [
    ("ru", "cp1251"), ("ru", "koi8_r"), ("ru", "cp866"), ("ja", "cp932"), ("ja", "euc_jp"), ("ja kanji", "cp932"), ("ko", "cp949"),
    ("tw", "big5"), ("zh", "gbk"), ("pl", "cp1250"), ("tr", "cp1254"), ("de", "cp1252"),
]  # fmt: skip


def rows(language: str) -> list[tuple[str, str, str]]:
    said = WORDS[language].split("|")
    return [(f"2024-05-14 09:1{i}:02", ("Anna", "Ben")[i % 2], words) for i, words in enumerate(said)]


@meeting(case=CASES, name=["chat.txt", "chat.csv", "chat.html"])
def test_an_old_encoding_is_known_by_the_letters_of_its_language(
    tmp_path: Path, case: tuple[str, str], name: str
) -> None:
    language, encoding = case
    told = rows(language)
    written = {
        "chat.txt": "".join(f"{t} {s}: {w}\n" for t, s, w in told),
        "chat.csv": "Time,Sender,Text\n" + "".join(f'{t},{s},"{w}"\n' for t, s, w in told),
        "chat.html": "<html><body>" + "".join(f"<p><b>{s}</b><i>{t}</i><span>{w}</span></p>" for t, s, w in told),
    }[name]
    messages = read_bytes(tmp_path, written.encode(encoding), name).messages
    assert messages.select("sender", "text").rows() == [(s, w) for _, s, w in told]


def test_letters_of_an_encoding_that_is_not_known_are_refused(tmp_path: Path) -> None:
    words = "Καλημέρα σας, πότε θα έρθετε στο γραφείο; Αύριο το πρωί στις εννέα."
    text = "".join(f"2024-05-14 09:1{i}:02 Μαρία: {words} {i}\n" for i in range(6))
    with pytest.raises(SourceError):
        read_bytes(tmp_path, text.encode("cp1253"), "chat.txt")


@pytest.mark.parametrize(("language", "encoding"), some(CASES))
def test_an_emoji_that_an_old_encoding_lacks_is_no_other_word(tmp_path: Path, language: str, encoding: str) -> None:
    written = "Time,Sender,Text\n" + "".join(f'{t},{s},"{w} ?"\n' for t, s, w in rows(language))
    assert read_bytes(tmp_path, written.encode(encoding), "chat.csv").facts.limits.is_resaved


def test_two_letters_of_an_old_encoding_in_a_text_without_others_are_known(tmp_path: Path) -> None:
    said = [
        "Guten Morgen, ist die Wohnung noch frei?",
        "Ja, das passt mir gut",
        "Könnte ich heute kommen?",
        "Ja",
        "Schön",
        "Bis dann",
    ]
    written = "Time;Sender;Text\n" + "".join(
        f"2024-05-14 09:1{i}:02;{('Anna', 'Ben')[i % 2]};{w}\n" for i, w in enumerate(said)
    )
    assert read_bytes(tmp_path, written.encode("cp1252"), "chat.csv").messages["text"].to_list() == said
