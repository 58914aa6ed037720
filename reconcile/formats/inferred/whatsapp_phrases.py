"""What WhatsApp's clients write instead of a body, by kind: known languages, else by shape."""

# ruff: noqa: RUF001 - letters of many scripts
from reconcile.vocabulary import Kind
from reconcile.wechat.client_sentences import DELETED

# Without a medium, on the iPhone: what was left out, by kind. en, nl, de, es, pt, fr, it, ru, uk, cs, id, vi, hi, ja, th, ar, zh, tr.
_OMITTED = {
    Kind.IMAGE: r"(?:image|photo) omitted|afbeelding weggelaten|bild weggelassen|imagen omitida|imagem (?:ocultada|omitida|não revelada)|image (?:absente|omise)|immagine omessa"
    r"|изображение (?:отсутствует|опущено)|зображення (?:відсутнє|пропущено)|obrázek vynechán|gambar tidak disertakan|đã bỏ qua hình ảnh|फ़ोटो (?:हटाई गई|छोड़ा गया)|画像は含まれていません|ไม่มีรูปภาพ"
    r"|لم يتم إدراج الصورة|(?:图像|图片|圖片)已(?:忽略|略过|省略)|(?:省略|忽略)(?:图片|图像|圖片)|görüntü dahil edilmedi",
    Kind.VIDEO: r"video(?: note)? omitted|video weggelaten|video weggelassen|v[ií]deo (?:omitido|ocultado|não revelado)|vidéo (?:absente|omise)|video omesso|видео (?:отсутствует|опущено)|відео (?:відсутнє|пропущено)"
    r"|video vynecháno|video tidak disertakan|đã bỏ video|वीडियो छोड़ा गया|ビデオは含まれていません|วิดีโอถูกลบ|لم يتم إدراج (?:الفيديوهات|الفيديو)|(?:视频|影片)已(?:忽略|略过|省略)|(?:省略|忽略)(?:视频|影片)"
    r"|video dahil edilmedi",
    Kind.VOICE: r"audio omitted|audio weggelaten|audio weggelassen|audio omitido|áudio (?:ocultado|omitido)|ficheiro de áudio não revelado|audio (?:absent|omis)|audio omesso|аудиофайл (?:отсутствует|опущен)"
    r"|аудіо (?:відсутнє|пропущено)|zvukový soubor vynechán|audio tidak disertakan|bỏ qua tệp âm thanh|ऑडियो (?:हटाई गयी|छोड़ा गया)|音声は含まれていません|ไม่มีไฟล์เสียง|لم يتم إدراج المقاطع الصوتية"
    r"|(?:音频|語音|语音)已(?:忽略|略过|省略)|(?:省略|忽略)(?:音频|语音|語音)|ses dahil edilmedi",
    Kind.STICKER: r"(?:sticker|GIF) (?:omitted|weggelaten|weggelassen|omitido|omis|retiré|non incluso|não revelad[oa]|esclusa|vynechán)|figurinha omitida|стикер не добавлен|GIF отсутствует|Наклейку не додано|GIF-анімацію пропущено"
    r"|nálepka vynechána|(?:stiker|GIF) tidak disertakan|đã bỏ sticker|Đã bỏ qua ảnh GIF|(?:स्टिकर|GIF) छोड़ा गया|(?:スタンプ|GIF)は含まれていません|ไม่มีสติกเกอร์|ละเว้น GIF|تم حذف الملصقات|لم يتم إدراج صورة GIF"
    r"|(?:贴图|GIF|動態圖片|动态图)已(?:忽略|略过|省略)|(?:省略|忽略)(?:贴图|GIF)|(?:Çıkartma|GIF) dahil edilmedi",
    Kind.FILE: r"(?:[^\n]*(?:\.[A-Za-z0-9]{2,5}|• ?[0-9]+ [^\n•]+?) )?(?:document omitted|document weggelaten|dokument weggelassen|documento (?:omitido|omesso|não revelado)|document (?:absent|omis|manquant)|документ (?:отсутствует|опущен)|dokument vynechán|dokumen tidak disertakan"
    r"|(?:文件|文档|文檔)已(?:忽略|略过|省略)|(?:省略|忽略)(?:文档|文件))|[^\n]{1,200}\.[A-Za-z0-9]{1,5} • [^\n\u200e]{1,40}\u200e[^\n]{1,60}",
    Kind.CARD: r"contact card omitted|contactkaart weggelaten|kontaktkarte (?:ausgelassen|weggelassen)|tarjeta de contacto omitida|contacto não revelado|cartão do contato omitido|Fiche contact (?:manquante|omise)"
    r"|Scheda contatto omessa|Карточка контакта отсутствует|Картка контакту відсутня|Vizitka vynechána|Kartu kontak tidak disertakan|Bỏ qua thẻ liên lạc|कॉन्टैक्ट कार्ड छोड़ा गया|連絡先カードを省略|บัตรรายชื่อที่ละเว้น"
    r"|لم يتم إدراج بطاقة جهة اتصال|(?:联系人名片|聯絡人卡片)已(?:忽略|略过|省略)",
}  # fmt: skip
OMITTED = "|".join(_OMITTED.values())
# On Android, all media have the same phrase in angle brackets, in every language.
MEDIA = r"<(?:[^\s<>@/=\"{}\[\]]{3,15}|省略)(?: [^\s<>@/=\"{}\[\]]{2,15}){0,2}>"
_LEFT_OUT, _MEDIUM = (
    "已?(?:省略|忽略|略过|略過|排除)",
    "[多全]?(?:媒[体體]|影音|影像|图片|圖片|视频|視[頻訊]|音[频訊頻])[文档檔内內訊信]?[件案容息]?",
)
_MEDIA_WORDS = (
    r"<Media omitted>|<Media weggelaten>|<Medien (?:ausgeschlossen|weggelassen)>|<Multimedia omitido>|<Archivo omitido>|<M[ií]dia (?:oculta|omitida)>|<Ficheiro não revelado>|<Arquivo de mídia oculto>"
    r"|<Médias? omis>|<Fichier omis>|<Media omessi>|<Без медиафайлов>|<Без медіафайлів>|<Média vynechány>|<Media tidak disertakan>|<Medya dahil edilmedi>"
    r"|<Medier utelämnade>|<Pominięto multimedia>|<मीडिया छोड़ा गया>|<メディアなし>"
    # In Chinese, the word for what was done and one for media.
    rf"|<(?:{_LEFT_OUT}{_MEDIUM}|{_MEDIUM}已?{_LEFT_OUT})>"
    # As the client's own translations call it, of several years.
    r"|(?i:<(?:Media har utelämnats|Media utelämnat|Media utelatt|Uten vedlegg|Medier udeladt|Mediefil udeladt|Media jätetty pois|Media jätettiin pois"
    r"|Pominięto multimedia|Pliki pominięto|Média vynechána|Médiá vynechané|Medya dahil edilmedi|Medya atlanmış|メディアは含まれていません|미디어 파일 제외됨|미디어 파일을 생략한 대화내용"
    r"|Hiányzó médiafájl|Média elhagyva|Conținut media omis|Медіа пропущено|Файл пропущен|Εξαίρεση πολυμέσων|Medij izpuščen|Datoteke izpuščene|Medijski zapis izostavljen|медији су изостављени"
    r"|Без файл|Bez multivides|Praleistas medijos turinys|Meedia ära jäetud|Media disingkirkan|Media dikecualikan|Bỏ qua Media|Bỏ qua tệp phương tiện|สื่อถูกลบ|ไฟล์สื่อถูกลบ|मीडिया के बिना"
    r"|تم استبعاد الوسائط|מדיה הושמטה|Mitjans omesos|Media weggelaat|Media omesso)>)"
)
# Behind words that were edited, in angle brackets: words, and the client's remark.
_EDIT_WORDS = (
    r"edit|bearbeit|bewerkt|bewurk|modifi|redig|redak|измен|редаг|upraven|edyt|muoka|szerkeszt|επεξεργ|düzenle|chỉnh sửa|sunting|disunting"
    r"|编辑|編輯|編集|수정|편집|แก้ไข|تعديل|संपादित"
)
EDITED = rf"(?s)^(.*\S)\s(\x{{200e}}<[^<>\n:：]+>|<[^<>\n:：/@=]*(?i:{_EDIT_WORDS})[^<>\n:：/@=]*>)$"
NOTICE = (
    r"(?:Messages and calls are|Messages to this (?:chat|group) .*|Messages you send to this .*)\s?(?:now )?(?:secured with )?end-to-end encrypt(?s:.)*|(?s:.)*Ende-zu-Ende-[Vv]erschlüssel(?s:.)*"
    r"|(?s:.)*end-to-end[- ](?:versleuteld|beveiligd|encrypti)(?s:.)*|(?s:.)*(?:cifrad[oa]s?|encriptad[oa]s?|encriptaç[^ ]*) (?:de extremo a extremo|de ponta a ponta)(?s:.)*|(?s:.)*(?:criptografia|criptografadas) de ponta a ponta(?s:.)*"
    r"|(?s:.)*chiffr[ée]e?s? de bout en bout(?s:.)*|(?s:.)*crittografi?[ae][a-z]* end-to-end(?s:.)*|(?s:.)*(?:сквозным шифрованием|наскрізним шифруванням)(?s:.)*|(?s:.)*koncovým šifrováním(?s:.)*"
    r"|(?s:.)*terenkripsi secara end-to-end(?s:.)*|(?s:.)*mã hóa đầu cuối(?s:.)*|(?s:.)*エンドツーエンド暗号化(?s:.)*|(?s:.)*(?:端到端加密|端对端加密|端對端加密)(?s:.)*|(?s:.)*مشفرة تمامًا بين الطرفين(?s:.)*|(?s:.)*uçtan uca şifreli(?s:.)*"
    r"|Your security code with .* changed(?s:.)*"
)
CALL = (
    r"(?:Missed (?:group )?(?:voice|video) call|Gemiste (?:spraak|video)-?oproep|Verpasster (?:Sprach|Video)anruf|Llamada (?:de voz |de video |de vídeo )?perdida|Videollamada perdida|Chamada (?:de voz|de vídeo) perdida"
    r"|Appel (?:vocal|vidéo) manqué|(?:Chiamata vocale|Videochiamata) persa|Пропущенный (?:аудио|видео)звонок|Zmeškaný hovor|(?:未接|错过的?)(?:语音|視訊|视频|語音)(?:通话|通話|来电))[^\n]{0,60}"
    r"|(?:Voice|Video) call[.,][^\n]{0,60}"
)
# A place is a word and an address of Google's maps, whatever the language.
LOCATION = r"[^\n:]{2,30}: https://maps\.google\.com/\?q=-?[0-9][^\n]*"
_FILE_BEGINS = (
    (Kind.IMAGE, r"(?:IMG-[0-9]{8}-WA|[0-9]{8}-PHOTO-)"), (Kind.VIDEO, r"(?:VID-[0-9]{8}-WA|[0-9]{8}-VIDEO-)"), (Kind.VOICE, r"(?:(?:PTT|AUD)-[0-9]{8}-WA|[0-9]{8}-AUDIO-)"),
    (Kind.STICKER, r"(?:STK-[0-9]{8}-WA|[0-9]{8}-(?:STICKER|GIF)-)"), (Kind.CARD, r"[^\n<>]{1,100}\.vcf"), (Kind.FILE, r"[^\n<>]{1,200}\.[A-Za-z0-9]{2,5}"),
)  # fmt: skip
# What stands in brackets behind a file's name on Android, and before it on the iPhone.
FILE_WORDS = r"\((?:file attached|bestand bijgevoegd|Datei angehängt|archivo adjunto|arquivo anexado|ficheiro anexado|fichier joint|file allegato|файл добавлен|файл додано|soubor byl přiložen|file terlampir|文件附件|附件|已附加文件|dosya ekli|fil bifogad)\)"
COLON_WORDS = r"<[^\s<>:：]{2,20}(?: [^\s<>:：]{1,15})?\s?[:：] ?"


def _attached(kind: Kind, begin: str) -> str:
    """A file name in angle brackets, or before words in round brackets.

    Names that a client gives allow any words, all others only known ones.
    """
    words = FILE_WORDS if kind in (Kind.FILE, Kind.CARD) else r"\([^()\n]{3,40}\)"
    return rf"{COLON_WORDS}{begin}[^>\n]*>|{begin}[^\n]* {words}(?:\n(?s:.)*)?"


# The first that fits counts: a picture that is attached is a file, too.
PHRASES: dict[Kind, str] = {
    Kind.RECALL: DELETED, Kind.SYSTEM: NOTICE, Kind.CALL: CALL, Kind.LOCATION: LOCATION, Kind.OTHER: _MEDIA_WORDS,
    **{k: "|".join(filter(None, (_OMITTED.get(k), _attached(k, b)))) for k, b in _FILE_BEGINS},
}  # fmt: skip
# A text of these shapes shows that the client wrote it.
SIGNS = rf"^(?:{_MEDIA_WORDS}|{DELETED}|{NOTICE}|(?i:{OMITTED}))$|{FILE_WORDS}|{COLON_WORDS}[0-9]{{8}}-[A-Z]+-|[A-Z]{{3}}-[0-9]{{8}}-WA[0-9]{{4}}\."
# A phrase of the client in a known language, and not only of a known shape.
KNOWN_WORDS = rf"(?i)^(?:{'|'.join((_MEDIA_WORDS, DELETED, NOTICE, CALL, OMITTED))})$|{FILE_WORDS}"
