"""Bodies of images, voices, videos, stickers, places, cards and calls (wechat-databases 7.4)."""

import re
from typing import Any

from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.payload.types import Fields, Mention
from reconcile.wechat.xml_tree import Tree

_HEX = lazy_pattern(r"^[0-9a-f]{32,128}$")
_CLOCK = lazy_pattern(
    r"(?:通话时长|聊天时长|Duration|Call duration)[:： ]*(?:(\d{1,2}):)?(\d{1,3}):(\d{2})", re.IGNORECASE
)
# Android stores voices without XML as account:milliseconds:flag and stickers as account:time:0:md5::0 (greycodee db notes).
_ANDROID_VOICE = lazy_pattern(r"^(?:([^:\s]+):)?(\d{1,8}):\d+\s*$")
_ANDROID_STICKER = lazy_pattern(r"^\s*(?:([^:\s]+):(?=\d+:\d+:))?(?:[\s\S]*?[:\s])?([0-9a-f]{32})(?::|\s|$)")
CALL_CODES = {"5": "已取消", "8": "已拒绝", "7": "已在其它设备接听", "12": "已在其它设备接听"}


def hex_digest(*values: str) -> str | None:
    """The first value that is a hex digest, lower-case."""
    for raw in values:
        if raw and _HEX.match(value := raw.strip().lower()):
            return value
    return None


def whole(value: str) -> int | None:
    """The value as a non-negative whole number below 2**63, or None."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def server_id(value: str) -> str | None:
    """The value as a server id: digits, not zero; None otherwise."""
    clean = value.strip()
    return clean if clean.isascii() and clean.isdigit() and len(clean) <= 20 and clean.strip("0") else None


def kept(**values: str | float | None) -> Fields:
    """The values that are not empty, for `Body.fields`."""
    return {k: v for k, v in values.items() if v is not None and v != ""}


def image_body(tree: Tree | None, _content: str) -> dict[str, Any]:
    """Fields of an image: the digest `img/@md5` if stated; album id and size as a mention."""
    img = element_of(tree, "img")
    if not tree or not img:
        return {}
    album = tree.at(".//groupinfo") if "<groupinfo" in tree.source else None
    size = whole(album.text("count")) if album else None
    mention = (
        (Mention(WitnessKind.ALBUM_COUNT, native_id=f"album:{album.text('id')}", kind=Kind.IMAGE, count=size),)
        if album and album.text("id") and size and size > 1
        else ()
    )
    return {
        "media_hash": hex_digest(img.attr("md5")),
        "mentions": mention,
        "fields": kept(
            aeskey=img.attr("aeskey", "cdnthumbaeskey"),
            length=whole(img.attr("length")),
            media_hashes=_joined_digests(img, "md5", "originsourcemd5"),
            album=album.text("id") if album else "",
        ),
    }


def voice_body(tree: Tree | None, content: str) -> dict[str, Any]:
    """Fields of a voice message; `voicemsg/@voicelength` is in ms, Android has account:milliseconds:flag."""
    voice = element_of(tree, "voicemsg")
    if not voice:
        short = _ANDROID_VOICE.match(content)
        return {"duration": int(short[2]) / 1000, "sender": short[1]} if short else {}
    length = whole(voice.attr("voicelength"))
    return {
        "duration": length / 1000 if length is not None else None,
        "sender": voice.attr("fromusername") or None,
        "fields": kept(
            aeskey=voice.attr("aeskey"), length=whole(voice.attr("length")), clientmsgid=voice.attr("clientmsgid")
        ),
    }


def video_body(tree: Tree | None, _content: str) -> dict[str, Any]:
    """Fields of a video: the digest, if `videomsg` states only one.

    The sender may hold the original and the receiver a smaller version, so with several digests none identifies the
    video on both devices. `media_hashes` lists them all.
    """
    video = element_of(tree, "videomsg")
    if not video:
        return {}
    seconds = whole(video.attr("playlength"))
    digests = _joined_digests(video, "md5", "newmd5", "rawmd5", "originsourcemd5")
    return {
        "media_hash": digests if digests and " " not in digests else None,
        "duration": float(seconds) if seconds is not None else None,
        "alias_id": server_id(video.attr("overwritenewmsgid")),
        "sender": video.attr("fromusername") or None,
        "fields": kept(aeskey=video.attr("aeskey"), length=whole(video.attr("length")), media_hashes=digests),
    }


def sticker_body(tree: Tree | None, content: str) -> dict[str, Any]:
    """Fields of a sticker: the digest `emoji/@md5`; Android's stored form has it between colons."""
    emoji = element_of(tree, "emoji")
    if not emoji:
        found = _ANDROID_STICKER.match(content) if len(content) < 400 else None
        return {"media_hash": found[2], "sender": found[1]} if found else {}
    return {
        "media_hash": hex_digest(emoji.attr("md5"), emoji.attr("androidmd5"), emoji.attr("externmd5")),
        "sender": emoji.attr("fromusername") or None,
        "fields": kept(aeskey=emoji.attr("aeskey"), length=whole(emoji.attr("len"))),
    }


def location_body(tree: Tree | None, _content: str) -> dict[str, Any]:
    """Fields of a location: name of the place and label; the coordinates are its id."""
    place = element_of(tree, "location")
    if not place:
        return {}
    x, y = place.attr("x"), place.attr("y")
    names = dict.fromkeys(n for n in (place.attr("poiname"), place.attr("label")) if n and n != "[位置]")
    return {
        "text": " ".join(names),
        "native_id": f"place:{x},{y}" if x and y else None,
        "fields": kept(poiid=place.attr("poiid"), label=place.attr("label")),
    }


def card_body(tree: Tree | None, _content: str) -> dict[str, Any]:
    """Fields of a contact card: `msg/@nickname`. The username may differ by viewer, so it is no id."""
    if not tree:
        return {}
    card = tree if tree.attr("nickname", "username") else tree.at(".//*[@nickname]")
    if not card:
        return {}
    return {
        "text": card.attr("nickname", "alias", "username"),
        "fields": kept(alias=card.attr("alias"), username=card.attr("username"), certflag=card.attr("certflag")),
    }


def call_body(tree: Tree | None, content: str, shown: str = "") -> dict[str, Any]:
    """Fields of a call: `VoIPBubbleMsg`, the older `voipinvitemsg`, and Windows 3 codes.

    Codes (wcmsg): 5 cancelled, 8 rejected, 7 and 12 answered elsewhere.
    """
    words = shown.strip()
    if not tree:
        words = words or CALL_CODES.get(content.strip(), content.strip())
        return {"text": words, "duration": spoken_seconds(words)}
    words = tree.text(".//VoIPBubbleMsg/msg", ".//voiplocalinfo/wording", ".//msg") or words
    room = next((v for p in (".//roomid", ".//inviteid64", ".//inviteid") if (v := tree.text(p)).strip("0")), "")
    stated = whole(tree.text(".//duration"))
    spoken = spoken_seconds(words)
    duration = spoken if spoken is not None else (float(stated) if stated else None)
    media = {"0": "video", "1": "voice"}.get(tree.text(".//room_type", ".//invitetype"), "")
    return {
        "text": words,
        "native_id": f"call:{room}" if room else None,
        "duration": duration,
        "fields": kept(call_media=media, roomkey=tree.text(".//roomkey"), inviteid=tree.text(".//inviteid64")),
    }


def spoken_seconds(words: str) -> float | None:
    """Seconds of a line such as 通话时长 01:05; None where it states none."""
    found = _CLOCK.search(words)
    return float(int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])) if found else None


def element_of(tree: Tree | None, name: str) -> Tree | None:
    """The element of that name, the root or the first below it; None if absent."""
    if tree is None or tree.tag == name:
        return tree
    return tree.at(name) or tree.at(f".//{name}")


def _joined_digests(tree: Tree, *names: str) -> str:
    """The distinct digests in these attributes, separated by blanks."""
    return " ".join(dict.fromkeys(d for n in names if (d := hex_digest(tree.attr(n)))))
