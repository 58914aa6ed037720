"""What WhatsApp's clients write of their own, by language: in place of media, and as notices.

The words of many years, as public readers of its exports list them from the clients' own tables (the iPhone's
Localizable.strings, Android's strings.xml). Each value is a pattern, in which
{name} stands for a person's name.
"""

# ruff: noqa: RUF001 - letters of many scripts

# A person's name is of two words, or of four that do not begin with small letters: more words are somebody's.
_LETTER, _BEGIN = r"[^\s,.;:!?，。；：！？]", r"[^\sa-z,.;:!?，。；：！？]"
_WORD = rf"{_BEGIN}{_LETTER}{{0,29}}\.?"
NAME = rf"(?-i:{_LETTER}{{2,30}}(?: {_LETTER}{{1,30}})?|{_WORD}(?: {_WORD}){{0,3}})"

LANGUAGES: dict[str, dict[str, str]] = {
    "zh-CN": {
        "image": "(?:图像|图片|照片)已(?:忽略|略过|省略)|(?:省略|忽略)(?:图片|图像)", "video": "视频已(?:忽略|略过|省略)|(?:省略|忽略)视频", "voice": "(?:音频|语音)已(?:忽略|略过|省略)|(?:省略|忽略)(?:音频|语音)",
        "sticker": "贴图已(?:忽略|略过|省略)|GIF ?(?:动态图)?已(?:被)?(?:忽略|略过|省略)|动态图已(?:忽略|略过|省略)|(?:省略|忽略)(?:贴图|GIF)", "file": "(?:文件|文档)已(?:忽略|略过|省略)|(?:省略|忽略)(?:文档|文件)", "card": "(?:联系人名片|联系人卡片)已(?:忽略|略过|省略)",
        "media": "(?:省略|忽略|已省略)(?:多媒体文件|媒体文件|影音内容|媒体内容)", "place": "位置", "attached": "文件附件|附件|已附加文件", "call": "(?:未接|错过的?)(?:语音|视频)(?:通话|来电)|(?:语音|视频)通话[.,，。]",
        "deleted": "(?:(?:此|这条|该)消息|信息)已(?:被)?删除|(?:你|您)(?:已)?删除了?(?:此|这条|这个)(?:消息|信息)", "encrypted": "(?s:.)*(?:端到端|端对端的?)加密(?s:.)*", "edited": "编辑",
    },
    "zh-TW": {
        "image": "(?:圖片|圖像|照片|相片)已(?:被)?(?:忽略|略去|省略)|(?:省略|忽略)圖片", "video": "(?:影片|視訊)已(?:被)?(?:忽略|略去|省略)|(?:省略|忽略)影片", "voice": "(?:音訊|語音)已(?:被)?(?:忽略|略去|省略)|(?:省略|忽略)語音",
        "sticker": "貼圖已(?:被)?(?:忽略|略去|省略)|GIF ?(?:圖片)?已(?:被)?(?:忽略|略去|省略)|動態圖片已(?:忽略|略去|省略)", "file": "(?:文件|檔案|文檔)已(?:被)?(?:忽略|略去|省略)", "card": "聯絡人(?:卡片|名片)已(?:被)?(?:忽略|略去|省略)",
        "media": "(?:忽略|省略)多媒體檔案?|已略去媒體|(?:媒體|影音)已(?:省略|略去)", "place": "位置?", "attached": "附件檔案|文件附件|附件", "call": "(?:未接)(?:語音|視訊|視像)(?:通話|來電)|(?:語音|視訊|視像)通話[.,，。]",
        "deleted": "(?:此|這則)訊息已(?:被)?刪除|(?:你|您)(?:已)?刪除了?(?:此|這則)訊息", "encrypted": "(?s:.)*(?:端對端|點對點)的?加密(?s:.)*", "edited": "編輯",
    },
    "en": {
        "image": "(?:image|photo) omitted", "video": "video(?: note)? omitted", "voice": "(?:audio|voice message|view once voice message) omitted", "sticker": "(?:sticker|GIF) omitted", "file": "document omitted", "card": "contact card omitted",
        "media": "Media omitted", "place": "location", "attached": "file attached", "call": "Missed (?:group )?(?:voice|video) call|(?:Voice|Video) call[.,]",
        "deleted": "This message was deleted(?: by (?:an )?admin(?: {name})?)?|You deleted this message(?: as admin)?",
        "encrypted": "(?:Messages and calls are|Messages to this (?:chat|group) .*|Messages you send to this .*)\\s?(?:now )?(?:secured with )?end-to-end encrypt(?s:.)*|Your security code with .* changed(?s:.)*", "edited": "edit",
    },
    "es": {
        "image": "imagen omitida", "video": "v[ií]deo omitido", "voice": "audio omitido", "sticker": "(?:sticker|GIF) omitido", "file": "documento omitido", "card": "tarjeta de contacto omitida",
        "media": "Multimedia omitido|Archivos? omitido", "place": "ubicación", "attached": "archivo adjunt(?:o|ado)", "call": "Llamada (?:de voz |de video |de vídeo )?perdida|Videollamada perdida|(?:Llamada de voz|Videollamada)[.,]",
        "deleted": "Se eliminó este mensaje|Este mensaje fue eliminado|Eliminaste este mensaje|El admin(?:\\.|istrador)? {name} eliminó este mensaje", "encrypted": "(?s:.)*(?:cifrad[oa]s?|cifrado) de extremo a extremo(?s:.)*", "edited": "editó|editado",
    },
    "pt": {
        "image": "imagem (?:ocultada|omitida|não revelada)", "video": "v[ií]deo (?:omitido|ocultado|não revelado)", "voice": "áudio (?:ocultado|omitido)|ficheiro de áudio não revelado", "sticker": "figurinha omitida|(?:sticker|GIF) (?:omitid|não revelad)[oa]",
        "file": "documento (?:omitido|não revelado)", "card": "contacto não revelado|cartão do contato omitido", "media": "M[ií]dia (?:oculta|omitida)|Ficheiro não revelado|Arquivo de mídia oculto", "place": "localização",
        "attached": "(?:arquivo|ficheiro) anexado", "call": "Chamada (?:de voz|de vídeo) perdida|Videochamada perdida|Ligação (?:de voz|de vídeo) perdida|(?:Chamada|Ligação) de (?:voz|vídeo)[.,]|Videochamada[.,]",
        "deleted": "Mensagem apagada|Esta mensagem foi apagada(?: pelo remetente)?|(?:Você apagou|Apagou) esta mensagem",
        "encrypted": "(?s:.)*(?:(?:encriptad[oa]s?|encriptaç[^ ]*|cifrad[oa]s?) (?:de )?ponta a ponta|encriptadas ponto a ponto|(?:criptografia|criptografadas) de ponta[ -]a[ -]ponta)(?s:.)*", "edited": "editada",
    },
    "fr": {
        "image": "image (?:absente|omise)", "video": "vidéo (?:absente|omise)", "voice": "audio (?:absent|omis)", "sticker": "sticker (?:omis|absent)|GIF (?:retiré|omis)", "file": "document (?:absent|omis|manquant)", "card": "Fiche contact (?:manquante|omise)",
        "media": "Médias? (?:omis|absente?s?)|Fichier omis", "place": "localisation|position", "attached": "fichier joint", "call": "Appel (?:vocal|vidéo) manqué|Appel (?:vocal|vidéo)[.,]",
        "deleted": "Ce message a été supprimé|Vous avez supprimé ce message", "encrypted": "(?s:.)*chiffr(?:ée?s?|ement) de bout en bout(?s:.)*", "edited": "modifi",
    },
    "de": {
        "image": "bild weggelassen", "video": "video(?:notiz)? weggelassen", "voice": "audio weggelassen", "sticker": "(?:sticker|GIF) weggelassen", "file": "dokument weggelassen", "card": "kontakt(?:karte)? (?:ausgelassen|weggelassen)",
        "media": "Medien (?:ausgeschlossen|weggelassen)", "place": "Standort", "attached": "Datei angehängt", "call": "Verpasster (?:Sprach|Video)anruf|(?:Sprach|Video)anruf[.,]",
        "deleted": "Diese Nachricht wurde gelöscht|Du hast diese Nachricht gelöscht", "encrypted": "(?s:.)*Ende-zu-Ende-[Vv]erschlüssel(?s:.)*", "edited": "bearbeit",
    },
    "it": {
        "image": "immagine omessa", "video": "video omesso", "voice": "audio omesso", "sticker": "(?:sticker|adesivo) (?:non incluso|omesso)|GIF (?:esclusa|omessa)", "file": "documento omesso", "card": "Scheda contatto omessa",
        "media": "Media omess[io]", "place": "posizione", "attached": "file allegato", "call": "(?:Chiamata vocale|Videochiamata) persa|(?:Chiamata vocale|Videochiamata)[.,]",
        "deleted": "Questo messaggio è stato eliminato|Hai eliminato questo messaggio", "encrypted": "(?s:.)*crittograf(?:i?[ae][a-z]*|ia) end-to-end(?s:.)*", "edited": "modificato",
    },
    "nl": {
        "image": "afbeelding weggelaten", "video": "video weggelaten", "voice": "audio weggelaten", "sticker": "(?:sticker|GIF) weggelaten", "file": "document weggelaten", "card": "(?:contactkaart|visitekaartje) weggelaten",
        "media": "Media weggelaten", "place": "locatie", "attached": "bestand bijgevoegd", "call": "Gemiste? (?:spraak|video)-?(?:oproep|gesprek)|(?:Spraak|Video)-?(?:oproep|gesprek)[.,]",
        "deleted": "Dit bericht (?:is|werd) verwijderd|(?:Je|U) hebt dit bericht verwijderd", "encrypted": "(?s:.)*end-to-end[- ](?:versleuteld|beveiligd|encrypti)(?s:.)*", "edited": "bewerkt",
    },
    "tr": {
        "image": "görüntü dahil edilmedi", "video": "video dahil edilmedi", "voice": "ses dahil edilmedi", "sticker": "(?:Çıkartma|GIF) dahil edilmedi", "file": "belge dahil edilmedi", "card": "Kişi kartı dahil edilmedi",
        "media": "Medya (?:dahil edilmedi|atlanmış)", "place": "konum", "attached": "dosya ekli", "call": "Cevapsız (?:sesli|görüntülü) arama",
        "deleted": "Bu mesaj silindi|Bu mesajı sildiniz", "encrypted": "(?s:.)*uçtan uca şifre(?s:.)*", "edited": "düzenle",
    },
    "ru": {
        "image": "изображение (?:отсутствует|опущено)", "video": "видео (?:отсутствует|опущено)", "voice": "аудиофайл (?:отсутствует|опущен)", "sticker": "стикер не добавлен|GIF отсутствует", "file": "документ (?:отсутствует|опущен)", "card": "Карточка контакта отсутствует",
        "media": "Без медиафайлов|Файл пропущен|Медиа отсутствует", "place": "местоположение", "attached": "файл добавлен", "call": "Пропущенный (?:аудио|видео)звонок",
        "deleted": "(?:Данное сообщение|Это сообщение) удалено|Вы удалили (?:данное|это) сообщение", "encrypted": "(?s:.)*сквозным шифрованием(?s:.)*", "edited": "измен",
    },
    "id": {
        "image": "gambar tidak disertakan", "video": "video tidak disertakan", "voice": "audio tidak disertakan", "sticker": "(?:stiker|GIF) tidak disertakan", "file": "dokumen tidak disertakan", "card": "Kartu kontak tidak disertakan",
        "media": "Media tidak disertakan", "place": "lokasi", "attached": "file terlampir", "call": "Panggilan (?:suara|video) tak terjawab",
        "deleted": "Pesan ini (?:dihapus|telah dihapus)|Anda (?:telah )?menghapus pesan ini", "encrypted": "(?s:.)*(?:terenkripsi secara|enkripsi) end-to-end(?s:.)*", "edited": "diedit|sunting",
    },
    "ja": {
        "image": "画像は含まれていません", "video": "ビデオは含まれていません", "voice": "音声は含まれていません", "sticker": "(?:スタンプ|GIF)は含まれていません", "file": "ドキュメントは含まれていません", "card": "連絡先カードを省略|連絡先カードは含まれていません",
        "media": "メディア(?:なし|は含まれていません)", "place": "位置情報?", "attached": "添付ファイル有り|添付ファイルあり|ファイル添付", "call": "(?:音声|ビデオ)通話不在着信|不在着信",
        "deleted": "このメッセージ(?:は削除されました|を削除しました)", "encrypted": "(?s:.)*エンドツーエンドの?暗号化(?s:.)*", "edited": "編集",
    },
    "ko": {
        "image": "이미지 (?:생략|제외)됨", "video": "(?:비디오|동영상) (?:생략|제외)됨", "voice": "오디오 (?:생략|제외)됨", "sticker": "(?:스티커|GIF) (?:생략|제외)됨", "file": "문서 (?:생략|제외)됨", "card": "연락처 카드 (?:생략|제외)됨",
        "media": "미디어 파일 제외됨|미디어 파일을 생략한 대화내용", "place": "위치", "attached": "파일 첨부됨", "call": "부재중 (?:전화|영상통화|음성통화)",
        "deleted": "이 메시지는 삭제되었습니다|(?:삭제한 메시지입니다|이 메시지를 삭제했습니다)", "encrypted": "(?s:.)*종단 ?간 암호화(?s:.)*", "edited": "수정|편집",
    },
    "uk": {
        "image": "зображення (?:відсутнє|пропущено)", "video": "відео (?:відсутнє|пропущено)", "voice": "аудіо (?:відсутнє|пропущено)", "sticker": "Наклейку не додано|GIF-анімацію пропущено", "file": "документ пропущено", "card": "Картка контакту відсутня",
        "media": "Без медіафайлів|Медіа пропущено", "place": "місцезнаходження", "attached": "файл додано", "call": "Пропущений (?:аудіо|відео)дзвінок",
        "deleted": "Це повідомлення було видалено|Ви видалили це повідомлення", "encrypted": "(?s:.)*наскрізним шифруванням(?s:.)*", "edited": "редаг",
    },
    "cs": {
        "image": "obrázek vynechán", "video": "video vynecháno", "voice": "zvukový soubor vynechán", "sticker": "nálepka vynechána|GIF vynechán", "file": "dokument vynechán", "card": "Vizitka vynechána", "media": "Média vynechán[ay]", "place": "poloha",
        "attached": "soubor byl přiložen", "call": "Zmeškaný (?:video|hlasový )?hovor", "deleted": "Tato zpráva byla (?:smazána|odstraněna)|Tuto zprávu jste (?:smazal|odstranil)/a", "encrypted": "(?s:.)*koncovým šifrováním(?s:.)*", "edited": "upraven",
    },
    "vi": {
        "image": "đã bỏ qua hình ảnh", "video": "đã bỏ video", "voice": "bỏ qua tệp âm thanh", "sticker": "đã bỏ sticker|Đã bỏ qua ảnh GIF", "file": "đã bỏ qua tài liệu", "card": "Bỏ qua thẻ liên lạc", "media": "Bỏ qua (?:Media|tệp phương tiện)", "place": "vị trí",
        "attached": "tệp đính kèm", "call": "Cuộc gọi nhỡ", "deleted": "Tin nhắn này đã bị xo[áa]|Tin nhắn này đã bị xóa|Bạn đã (?:xo[áa]|xóa) tin nhắn này", "encrypted": "(?s:.)*mã hóa đầu cuối(?s:.)*", "edited": "chỉnh sửa",
    },
    "hi": {
        "image": "फ़ोटो (?:हटाई गई|छोड़ा गया)", "video": "वीडियो छोड़ा गया", "voice": "ऑडियो (?:हटाई गयी|छोड़ा गया)", "sticker": "(?:स्टिकर|GIF) छोड़ा गया", "file": "डॉक्यूमेंट छोड़ा गया", "card": "कॉन्टैक्ट कार्ड छोड़ा गया", "media": "मीडिया (?:छोड़ा गया|के बिना)",
        "place": "स्थान", "attached": "फाइल अटैच कर दी गई है", "call": "(?:मिस्ड वॉइस|मिस्ड वीडियो) कॉल", "deleted": "यह मैसेज डिलीट कर दिया गया है|आपने यह मैसेज डिलीट किया", "encrypted": "(?s:.)*एंड-टू-एंड एन्क्रिप्टेड(?s:.)*", "edited": "संपादित|एडिट",
    },
    "th": {
        "image": "ไม่มีรูปภาพ", "video": "วิดีโอถูกลบ", "voice": "ไม่มีไฟล์เสียง", "sticker": "ไม่มีสติกเกอร์|ละเว้น GIF", "file": "ละเว้นเอกสาร", "card": "บัตรรายชื่อที่ละเว้น", "media": "(?:ไฟล์)?สื่อถูกลบ", "place": "ตำแหน่งที่ตั้ง", "attached": "ไฟล์ที่แนบ",
        "call": "สายที่ไม่ได้รับ|วิดีโอคอลที่ไม่ได้รับ", "deleted": "ข้อความนี้(?:ได้)?ถูกลบ(?:แล้ว)?|คุณได้?ลบข้อความนี้", "encrypted": "(?s:.)*เข้ารหัสจากต้นทางถึงปลายทาง(?s:.)*", "edited": "แก้ไข",
    },
    "ar": {
        "image": "لم يتم إدراج الصورة", "video": "لم يتم إدراج (?:الفيديوهات|الفيديو)", "voice": "لم يتم إدراج المقاطع الصوتية", "sticker": "تم حذف الملصقات|لم يتم إدراج صورة GIF", "file": "لم يتم إدراج المستند", "card": "لم يتم إدراج بطاقة جهة اتصال",
        "media": "تم استبعاد الوسائط", "place": "الموقع", "attached": "الملف مرفق", "call": "مكالمة (?:صوتية|فيديو) فائتة", "deleted": "تم حذف هذه الرسالة|(?:لقد حذَفت|أنت حذفت|لقد حذفت) هذه الرسالة", "encrypted": "(?s:.)*مشفرة تمامًا بين الطرفين(?s:.)*", "edited": "تعديل",
    },
    "pl": {
        "image": "obraz pominięty", "video": "wideo pominięte", "voice": "audio pominięte", "sticker": "pominięto naklejkę|plik GIF pominięty", "file": "dokument pominięty", "card": "pominięta wizytówka kontaktu", "media": "(?:Pominięto multimedia|Pliki pominięto)", "place": "położenie",
        "attached": "załączony plik", "call": "Nieodebrane poł(?:ączenie|\\.)[^\\n]{0,20}", "deleted": "Ta wiadomość została usunięta|Usunąłeś\\(-?(?:ę?łaś|aś)\\) tę wiadomość", "encrypted": "(?s:.)*w pełni zaszyfrowane(?s:.)*", "edited": "edyt",
    },
    "sv": {
        "image": "bild utesluten", "video": "video utesluten", "voice": "ljud utesluts?let", "sticker": "(?:sticker|GIF) utesluten", "file": "dokument uteslutet", "card": "kontaktkort uteslutet", "media": "Media har utelämnats|Media utelämnat|Medier utelämnade", "place": "plats",
        "attached": "bifogad fil|fil bifogad", "call": "Missat (?:röst|video)?samtal", "deleted": "(?:Det här|Detta) meddelandet? raderades|Du (?:har tagit bort|raderade) (?:det här |detta )?meddelandet?", "encrypted": "(?s:.)*komplett krypterade(?s:.)*", "edited": "redig",
    },
    "da": {
        "image": "billede udeladt", "video": "video udeladt", "voice": "lyd udeladt", "sticker": "(?:klistermærke|GIF) udeladt", "file": "dokument udeladt", "card": "kontaktkort udeladt", "media": "Medier udeladt|Mediefil udeladt", "place": "placering",
        "attached": "fil vedhæftet", "call": "Ubesvaret (?:tale|video)?opkald", "deleted": "Denne besked (?:er blevet|blev) slettet|Du (?:har slettet|slettede) denne besked", "edited": "redig",
    },
    "nb": {
        "image": "bilde ikke inkludert", "video": "video utelatt", "voice": "lyd utelatt", "sticker": "(?:klistremerke|GIF) utelatt", "file": "utelatt dokument", "card": "kontaktkort sløyfet", "media": "Media utelatt|Uten vedlegg", "place": "posisjon",
        "attached": "vedlagt fil", "call": "Tapt (?:tale|video)(?:anrop|samtale)", "deleted": "Denne meldingen ble slettet|Du slettet denne meldingen", "encrypted": "(?s:.)*ende-til-ende-krypter(?s:.)*", "edited": "redig",
    },
    "fi": {
        "image": "ei kuvaa", "video": "videota ei sisällytetä", "voice": "äänitiedostoa ei sisällytetä", "sticker": "tarraa ei sisällytett?y|GIF-animaatio jätetty pois", "file": "dokumenttia ei sisällytetä", "card": "yhteystietokortti jätettiin pois",
        "media": "Media (?:jätetty|jätettiin) pois", "place": "sijainti", "attached": "liitetiedosto", "call": "Vastaamaton (?:ääni|video)puhelu", "deleted": "Tämä viesti poistettiin|Poistit tämän viestin", "edited": "muoka",
    },
    "hu": {
        "image": "kép küldése sikertelen", "video": "videó kihagyva", "voice": "hang kihagyása", "sticker": "matrica kihagyva|GIF fájl kihagyása", "file": "dokumentum kihagyva", "card": "névjegykártya kihagyva", "media": "Hiányzó médiafájl|Média elhagyva", "place": "helyzet",
        "attached": "fájl csatolva", "call": "Nem fogadott (?:hang|vide[oó])hívás", "deleted": "Ez az üzenet törlésre került|(?:Ezt az üzenetet törölted|Törölted ezt az üzenetet)", "edited": "szerkeszt",
    },
    "ro": {
        "image": "imagine omisă", "video": "clip video omis", "voice": "fără audio", "sticker": "GIF omis", "card": "carte de vizită contact omisă", "media": "Conținut media omis", "place": "locație", "attached": "fișier atașat",
        "call": "Apel (?:vocal|video) (?:ratat|nepreluat)", "deleted": "Acest mesaj a fost șters|Ați șters acest mesaj", "encrypted": "(?s:.)*criptate integral(?s:.)*", "edited": "editat",
    },
    "el": {
        "image": "εικόνα παραλείφθηκε", "video": "βίντεο παραλείφθηκε", "voice": "ήχος παραλείφθηκε", "sticker": "αυτοκόλλητο παραλήφθηκε|Παράληψη GIF", "file": "έγγραφο παραλείφθηκε", "card": "η κάρτα επαφής παραλήφθηκε", "media": "Εξαίρεση πολυμέσων",
        "place": "τοποθεσία", "attached": "συνημμένο αρχείο", "call": "Αναπάντητη (?:φωνητική κλήση|βιντεοκλήση|κλήση)", "deleted": "Αυτό το μήνυμα διαγράφηκε|Διαγράψατε (?:αυτό )?το μήνυμα", "edited": "επεξεργ",
    },
    "ms": {
        "image": "imej tidak dimasukkan", "video": "video tidak dimasukkan", "voice": "audio tidak dimasukkan", "sticker": "(?:pelekat|GIF) tidak dimasukkan", "file": "dokumen tidak dimasukkan", "card": "kad kenalan tidak dimasukkan", "media": "Media (?:disingkirkan|dikecualikan)",
        "place": "lokasi", "attached": "fail dilampirkan", "call": "Panggilan (?:suara|video) terlepas", "deleted": "Mesej ini telah dipadam|Anda telah memadamkan mesej ini", "edited": "disunting",
    },
    "he": {
        "image": "התמונה הושמטה", "video": "סרטון הווידאו הושמט", "voice": "קטע קול הושמט", "sticker": "(?:סטיקר|GIF) הושמט", "file": "מסמך הושמט", "card": "כרטיס איש קשר הושמט", "media": "מדיה הושמטה?|המדיה לא נכללה", "place": "מיקום",
        "attached": "קובץ מצורף", "call": "שיחה קולית שלא נענתה|שיחת וידאו שלא נענתה", "deleted": "הודעה זו נמחקה|מחקת (?:את ה)?הודעה (?:הזו|זו)", "encrypted": "(?s:.)*מוצפנות מקצה-לקצה(?s:.)*", "edited": "נערכה",
    },
    "sk": {"image": "obrázok vynechaný", "video": "video vynechané", "voice": "zvuk vynechaný", "sticker": "nálepka vynechaná|GIF vynechaný", "file": "dokument vynechaný", "card": "karta kontaktu vynechaná", "media": "Médiá vynechané", "attached": "súbor pripojený", "deleted": "Táto správa bola odstránená|Túto správu ste odstránili"},
    "hr": {"image": "slika izostavljena", "video": "video izostavljen", "voice": "zvuk izostavljen", "sticker": "naljepnica izostavljena|GIF izostavljen", "file": "dokument izostavljen", "card": "posjetnica izostavljena", "media": "Medijski zapis izostavljen", "attached": "datoteka u privitku", "deleted": "Ova (?:je )?poruka (?:je )?izbrisana|Izbrisali ste ovu poruku"},
    "ca": {"image": "imatge omesa", "video": "vídeo omès", "voice": "àudio omès", "sticker": "adhesiu omès|GIF omès", "file": "document omès", "card": "targeta de contacte omesa", "media": "Mitjans omesos", "attached": "arxiu adjunt", "deleted": "Aquest missatge (?:s'ha suprimit|està esborrat)|Has (?:suprimit|esborrat) aquest missatge"},
    "others": {"media": "Medij izpuščen|Datoteke izpuščene|медији су изостављени|Без файл|Bez multivides|Praleistas medijos turinys|Meedia ära jäetud|Media weggelaat", "edited": "bewurk|redak"},
}  # fmt: skip


def in_all_languages(what: str, *, besides: tuple[str, ...] = ()) -> str:
    """The pattern of what the clients write for this in all languages but those of the codes `besides`."""
    asked = (told for code, told in LANGUAGES.items() if not code.startswith(besides))
    return "|".join(dict.fromkeys(p for told in asked if (p := told.get(what)))).replace("{name}", NAME)


__all__ = ["LANGUAGES", "NAME", "in_all_languages"]
