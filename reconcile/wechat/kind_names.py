"""Names of kinds in type columns: Chinese and English words, and WeChat's own codes."""

from collections.abc import Callable, Mapping

import polars as pl

from reconcile.column_ops import distinct
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.chinese_script import simplified
from reconcile.wechat.client_sentences import sentence_kind
from reconcile.wechat.kinds import APP_BASE, BASE_KINDS, kind_from_text, kind_of, split_local_type

_NAMES: dict[Kind, str] = {
    Kind.TEXT: "文本 文字 訊息 文本消息 文字消息 文本信息 普通消息 普通文本 text txt textmessage instantmessage plain default post richtext "
    "текст сообщение テキスト 텍스트 texto texte testo nachricht mensaje mensagem teks",
    Kind.IMAGE: "图片 图片消息 图像 照片 相片 圖片 image picture photo img pic "
    "фото фотография изображение 写真 画像 사진 이미지 bild foto immagine imagen imagem hìnhảnh ảnh gambar fotoğraf zdjęcie صورة",
    Kind.VOICE: "语音 语音消息 音频 语音信息 录音 語音 錄音 voice audio voicemessage audionote audiofile sound ptt "
    "голосовое голосовоесообщение аудио 音声 ボイス 음성 음성메시지 sprachnachricht sprachmemo voicenote messagevocal notevocale notavocale notadevoz mensajedevoz áudio mensagemdevoz tinnhắnthoại suara ses صوت 语言消息",
    Kind.VIDEO: "视频 视频消息 影片 視頻 小视频 短视频 video shortvideo videofile videomessage "
    "видео 動画 ビデオ 동영상 비디오 vidéo vídeo videonote فيديو",
    Kind.STICKER: "表情 动画表情 表情包 表情消息 貼圖 自定义表情 sticker emoji emoticon emotion gif "
    "стикер スタンプ 스티커 이모티콘 autocollant pegatina figurinha adesivo nhãndán stiker naklejka",
    Kind.FILE: "文件 文件消息 附件 檔案 file document attachment "
    "файл документ ファイル 파일 datei dokument anhang fichier ficheiro bestand piècejointe archivo documento adjunto arquivo anexo allegato tệp berkas dosya belge plik ملف",
    Kind.LINK: "链接 連結 链接消息 分享链接 卡片式链接 (分享)卡片式链接 图文 图文消息 小程序 小程序消息 小程序分享 (分享)小程序 分享 公众号文章 网页 视频号 音乐 "
    "音乐消息 音乐分享 音乐卡片 视频号直播卡片 应用消息 卡片 link url share weblink miniprogram weapp music appmsg "
    "ссылка リンク 링크 lien enlace collegamento liênkết tautan webpage",
    Kind.TRANSFER: "转账 转账消息 转账卡片 微信转账 轉帳 轉賬 transfer moneytransfer payment remittance "
    "перевод 送金 송금 überweisung virement transferencia transferência",
    Kind.RED_PACKET: "红包 红包消息 红包卡片 微信红包 紅包 redpacket redenvelope luckymoney hongbao",
    Kind.LOCATION: "位置 位置消息 位置分享 地理位置 定位 location place geo "
    "геопозиция местоположение 位置情報 위치 standort localisation ubicación localização posizione vịtrí lokasi konum",
    Kind.CARD: "名片 名片消息 个人名片 联系人名片 个人/公众号名片 企业微信名片 card contact contactcard businesscard sharedcontact "
    "контакт 連絡先 연락처 kontakt contacto contato contatto",
    Kind.CALL: "通话 通话消息 音视频通话 语音通话 视频通话 语音聊天 视频聊天 call voip voicecall videocall phonecall groupcall conferencecall "
    "звонок 通話 통화 anruf appel llamada ligação chiamata cuộcgọi panggilan arama",
    Kind.QUOTE: "引用 引用消息 引用回复 回复 reply quote quoted",
    Kind.FORWARD: "合并转发 聊天记录 合并转发的聊天记录 聊天记录合并转发 转发消息 收藏笔记 forward merged mergedforward chathistory chatrecord",
    Kind.SYSTEM: "系统 系统消息 系统通知 系统提示 通知 提示 提示消息 拍一拍 拍一拍消息 群通知 system notice notification systemmessage poke",
    Kind.RECALL: "撤回 收回 撤回消息 消息撤回 已撤回 recall recalled revoke revoked",
}  # fmt: skip
KIND_NAMES: dict[str, Kind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}


# Names of East Asian scripts, which are written without blanks, the longest first.
_WITHOUT_BLANKS = lazy_pattern(
    "|".join(
        sorted(filter(lazy_pattern(r"[\u3040-\u9fff\uac00-\ud7af]{2,}").fullmatch, KIND_NAMES), key=len, reverse=True)
    )
)
# What stands between the names of several kinds, or behind them.
_BESIDE_KINDS = lazy_pattern(r"[和与及、+&\s]|(?:消息|记录|明细)$")
_LETTERS = lazy_pattern(r"[^\W\d_]+")
# The words of a name such as `TIMImageElem`, `RichText/Media_Video`, `m.image` or `external_redpacket`; all in small
# letters it is one word.
_HUMPS, _SEPARATED = lazy_pattern(r"[A-Z][a-z]+"), lazy_pattern(r"(?<=[A-Za-z])[._](?=[A-Za-z])")
# The last word of a name such as `ChannelNameChange` or `RecipientAdd`, which tells what changed in a room.
_CHANGES = frozenset(["change", "changed", "add", "added", "remove", "removed", "join", "joined", "leave", "left", "rename", "renamed"])  # fmt: skip
# Base types up to the largest, those that no other system is likely to have, and the one that means text everywhere.
_LARGEST_BASE = max(BASE_KINDS)
_OWN_CODES, _TEXT_CODE = {34, 43, 47, APP_BASE, 10000}, "1"
# A code is a whole number; dates and numbered jobs are none.
_CODE = lazy_pattern(r"[0-9]{1,18}")
# The first part of a media type, such as `image/jpeg`.
_MAIN_TYPES = {"image": Kind.IMAGE, "audio": Kind.VOICE, "video": Kind.VIDEO}


def kind_of_name(name: str) -> Kind | None:
    """The kind that a type column's word or code names; None for an unknown word.

    Codes are WeChat's base types and 4.x local types; bare 49 (any app message) tells nothing.
    """
    told = next((KIND_NAMES[n] for n in (_bare(name), _bare(simplified(name))) if n in KIND_NAMES), None)
    if told is not None:
        return told
    name = simplified(name)
    bare = _bare(name)
    main, slash, _ = bare.partition("/")
    if slash and main in _MAIN_TYPES:
        return _MAIN_TYPES[main]
    if _CODE.fullmatch(name.strip()):
        base, sub = split_local_type(int(bare))
        return kind_of(base, sub) if base in BASE_KINDS or (base == APP_BASE and sub) else None
    humps = [w.lower() for w in _HUMPS.findall(name)]
    words = [*humps, *_SEPARATED.split(name)]
    found = {KIND_NAMES[w.lower()] for w in words if w.lower() in KIND_NAMES}
    if not found and len(humps) > 1 and humps[-1] in _CHANGES and "message" not in humps:
        return Kind.SYSTEM
    return found.pop() if len(found) == 1 else None


def _bare(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("_", "").replace("-", "")


def kind_in_name(name: str) -> Kind | None:
    """The kind that the words in the name of a type tell, such as `外部网址分享链接` or `voice note (8 s)`.

    None for none, or where they tell several, as `file or link` does.
    """
    name = simplified(name)
    found = {KIND_NAMES[w] for w in _WITHOUT_BLANKS.findall(name)}
    found |= {KIND_NAMES[w] for w in _LETTERS.findall(name.lower()) if w in KIND_NAMES}
    return found.pop() if len(found) == 1 else None


def names_only_kinds(words: str) -> bool:
    """Whether words name one kind or several and nothing else, as 转账红包 and 文字 do."""
    return words.lower() in KIND_NAMES or not _BESIDE_KINDS.sub("", _WITHOUT_BLANKS.sub("", words))


def kind_of_body(text: pl.Expr) -> pl.Expr:
    """The kind of a body in a form without kinds: by placeholder, by the client's sentence, else text."""
    return pl.coalesce(kind_from_text(text), sentence_kind(text), pl.lit(str(Kind.TEXT)))


def kinds_of_type_column(names: pl.Series) -> pl.Series:
    """The kinds of a column of types in a form of any origin; null for words and numbers that tell none.

    Numbers are WeChat's only if none contradicts: other systems number from 1 too, and voice is not 3 everywhere.
    """
    codes = names.cast(pl.String).str.strip_chars().unique().drop_nulls()
    numbers = codes.filter(codes.str.contains(r"^[0-9]{1,18}$")).cast(pl.Int64)
    small = {n for n in numbers.to_list() if n <= _LARGEST_BASE}
    words = names.cast(pl.String)
    if not (small & _OWN_CODES or small <= {*BASE_KINDS, APP_BASE}):
        is_foreign = words.str.contains(r"^\s*[0-9]+\s*$") & (words.str.strip_chars() != _TEXT_CODE)
        words = words.set(is_foreign.fill_null(value=False), None)
    return _kinds(words, lambda name: kind_of_name(name) or kind_in_name(name)).alias(names.name)


def names_with_translations(own: Mapping[str, Kind], names: pl.Series) -> dict[str, str]:
    """The kinds of a form's own names, and of other words in its column, such as translations."""
    others = (n for n in names.unique().drop_nulls().to_list() if n not in own and not _CODE.fullmatch(n))
    return {n: str(k) for n, k in own.items()} | {n: str(k) for n in others if (k := kind_of_name(n)) is not None}


def named_or_told(named: pl.Series, text: pl.Series, told: pl.Expr) -> pl.Series:
    """The kinds given by names; where a name gives none, those that `told` gives for the text.

    `told` is an expression on a column called text.
    """
    places = named.is_null().arg_true()
    if places.is_empty():
        return named
    few = text[places].alias("text").to_frame().select(told.alias("kind"))["kind"]
    return named.clone().scatter(places, few)


def kinds_of_names(names: pl.Series) -> pl.Series:
    """The column's kinds by `kind_of_name`; null for unknown words. Costs one lookup a distinct word."""
    return _kinds(names.cast(pl.String), kind_of_name)


def _kinds(words: pl.Series, read: Callable[[str], Kind | None]) -> pl.Series:
    """The kind that `read` gives for each word."""
    table = {w: str(k) for w in distinct(words) if w is not None and (k := read(w)) is not None}
    if not table:
        return pl.Series(words.name, [None] * len(words), dtype=pl.String)
    return words.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)
