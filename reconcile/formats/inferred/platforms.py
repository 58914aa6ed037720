"""Chats of other platforms: how to recognise each, and what its clients write instead of bodies."""

import re
from dataclasses import dataclass, field

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.vocabulary import Kind

# Left-to-right marks stand before what the client itself wrote.
_MARK = "\u200e"


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform: columns or side values of its exports alone, and its phrases as whole-text patterns."""

    name: str
    columns: frozenset[str] = frozenset()
    beside: str = ""
    phrases: dict[Kind, str] = field(default_factory=dict)


_OMITTED = {
    Kind.IMAGE: r"image omitted|afbeelding weggelaten|bild weggelassen|imagen omitida|imagem (?:ocultada|omitida)|image (?:absente|omise)|图像已忽略|省略图片",
    Kind.VIDEO: r"video omitted|video weggelaten|video weggelassen|v[ií]deo (?:omitido|ocultado)|vidéo (?:absente|omise)|视频已忽略|省略视频",
    Kind.VOICE: r"audio omitted|audio weggelaten|audio weggelassen|audio omitido|áudio ocultado|áudio omitido|audio (?:absent|omis)|音频已忽略|省略音频",
    Kind.STICKER: r"sticker omitted|sticker weggelaten|sticker weggelassen|sticker omitido|figurinha omitida|sticker (?:absent|omis)|贴图已忽略|省略贴图|GIF omitted",
    Kind.FILE: r"document omitted|document weggelaten|dokument weggelassen|documento omitido|document (?:absent|omis)|文件已忽略|省略文档",
    Kind.CARD: r"contact card omitted|contactkaart weggelaten|kontaktkarte ausgelassen|tarjeta de contacto omitida",
}  # fmt: skip
_MEDIA = (
    r"<Media omitted>|<Media weggelaten>|<Medien (?:ausgeschlossen|weggelassen)>|<Multimedia omitido>|<M[ií]dia (?:oculta|omitida)>|<Arquivo de mídia oculto>|"
    r"<Médias? omis>|<Fichier omis>|<省略多媒体文件>|<忽略多媒体文件>|<媒体文件已忽略>|<省略媒體>"
)
_DELETED = (
    r"(?:This message was deleted|You deleted this message|Dit bericht (?:is|werd) verwijderd|(?:Je|U) hebt dit bericht verwijderd|Diese Nachricht wurde gelöscht|"
    r"Du hast diese Nachricht gelöscht|(?:Se eliminó este mensaje|Este mensaje fue eliminado)|Eliminaste este mensaje|(?:Mensagem apagada|Esta mensagem foi apagada)|"
    r"(?:Você apagou esta mensagem|Apagou esta mensagem)|Ce message a été supprimé|Vous avez supprimé ce message|此消息已删除|(?:你|您)已删除(?:此|这条)消息|此訊息已刪除)\.?。?"
)
_NOTICE = (
    r"(?:Messages and calls are|Messages to this (?:chat|group) .*|Messages you send to this .*)end-to-end encrypted[\s\S]*|[\s\S]*Ende-zu-Ende-verschlüsselt[\s\S]*|"
    r"[\s\S]*end-to-end (?:versleuteld|beveiligd)[\s\S]*|[\s\S]*cifrad[oa]s? de extremo a extremo[\s\S]*|[\s\S]*(?:criptografia|encriptad[oa]s?|criptografadas) de ponta a ponta[\s\S]*|"
    r"[\s\S]*chiffrés? de bout en bout[\s\S]*|[\s\S]*(?:端到端加密|端对端加密)[\s\S]*"
)
_ATTACHED = (
    (Kind.IMAGE, r"(?:IMG-|[0-9]{8}-PHOTO-)"), (Kind.VIDEO, r"(?:VID-|[0-9]{8}-VIDEO-)"), (Kind.VOICE, r"(?:PTT-|AUD-|[0-9]{8}-AUDIO-)"),
    (Kind.STICKER, r"(?:STK-|[0-9]{8}-STICKER-)"), (Kind.FILE, r"[^\n<>]{1,200}\."),
)  # fmt: skip
_FILE_WORDS = r"(?:file attached|bestand bijgevoegd|Datei angehängt|archivo adjunto|arquivo anexado|ficheiro anexado|fichier joint|文件附件|附件)"
_COLON_WORDS = r"(?:attached|bijgevoegd|Anhang|adjunto|anexado|pièce jointe|附件|已附加)"


def _attached(begin: str) -> str:
    return rf"<{_COLON_WORDS}\s?[:：] ?{begin}[^>\n]*>|{begin}[^\n]* \({_FILE_WORDS}\)"


PLATFORMS = (
    Platform("WhatsApp", phrases={
        Kind.SYSTEM: _NOTICE, Kind.RECALL: _DELETED, Kind.OTHER: _MEDIA, Kind.CARD: _OMITTED[Kind.CARD],
        **{k: f"{_OMITTED[k]}|{_attached(b)}" for k, b in _ATTACHED},
    }),
    Platform("QQ", frozenset({"sender.uin", "sender.uid"}), r"(?i)QQ ?Chat ?Exporter"),
    Platform("Telegram", frozenset({"date_unixtime", "from_id"})),
    Platform("Lark", frozenset({"message_id", "msg_type", "create_time", "deleted"})),
    Platform("DingTalk", frozenset({"openMessageId"})),
    Platform("WeChat", frozenset({"server_id", "sort_seq", "create_time"})),
)  # fmt: skip


def platform_of(fields: Fields, texts: pl.Series) -> Platform | None:
    """The platform that columns, side values or the client's phrases reveal; None where nothing does."""
    beside = "\n".join(fields.beside.values())
    for one in PLATFORMS:
        if (one.columns and one.columns <= set(fields.names)) or (one.beside and re.search(one.beside, beside)):
            return one
        # Phrases that anybody can type identify a platform only beside the client's own mark, or where they recur.
        if one.phrases and fields.names[:3] == ["time", "sender", "text"]:
            near = texts.str.strip_chars(_MARK + " ").str.contains(
                rf"^(?:{_MEDIA}|{_DELETED}|{_NOTICE})$|\({_FILE_WORDS}\)|<{_COLON_WORDS}\s?[:：]"
            )
            if near.any():
                return one
    return None


def kinds_of(platform: Platform, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the kinds that the platform's own phrases name; texts of the client lose its mark."""
    if not platform.phrases:
        return rows
    bare = pl.col("text").str.strip_chars_start(_MARK)
    kind = pl.col("kind")
    # The first match counts: an attached picture is a file, too.
    for one, pattern in reversed(list(platform.phrases.items())):
        kind = pl.when(pl.col("_bare").str.contains(rf"(?i)^(?:{pattern})$")).then(pl.lit(str(one))).otherwise(kind)
    rows = (
        rows.with_columns(bare.str.replace(r"^[^\n]{1,200}\u200e", "").alias("_bare"))
        .with_columns(kind.alias("kind"))
        .drop("_bare")
    )
    return rows.with_columns(bare.alias("text"))
