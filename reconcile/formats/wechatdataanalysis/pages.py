"""Rows of the exporter's pages `messages.html`: one element a message, with kind, time and side."""

import re
from typing import Any

import orjson
import polars as pl

from reconcile.intake.contract import Note, Owner
from reconcile.intake.messages.naming import kind_of_account
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.lazy_modules import lazy_module
from reconcile.vocabulary import ConversationKind, Kind, NoteCode, TextQuality
from reconcile.wechat.client_sentences import told_notice
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import WORD_KINDS
from reconcile.wechat.shown_bodies import plain_amount

etree, html = lazy_module("lxml.etree"), lazy_module("lxml.html")
# In the head of every page; the first message may stand far below.
MARK = b"data-wce-sri="
# What of a body is its words; other kinds have none but the bubble's.
_WORDS = (
    "msg-bubble", "wechat-file-name", "wechat-link-title", "wechat-link-cover-title", "wechat-transfer-status", "wechat-redpacket-text",
    "wechat-voip-text", "wechat-location-card__title", "wechat-chat-history-title",
)  # fmt: skip
_AMOUNT, _VOICE, _NAME, _QUOTE = "wechat-transfer-amount", "wechat-voice-duration", "text-[11px]", "bg-[#e1e1e1]"
_EMOJI, _EMOJI_FOLDER = "[表情]", "wxemoji/"
_FACTS = {
    "line": pl.Int64, "type": pl.String, "unix": pl.Int64, "sent_raw": pl.String, "text": pl.String, "is_self": pl.Boolean, "sender_name": pl.String,
    "money": pl.String, "seconds": pl.Float64, "quoted_text": pl.String, "url": pl.String, "is_whole": pl.Boolean,
}  # fmt: skip


def page_part(source: Source, name: str) -> Part:
    """The rows that stand in a page itself; a note where it names older pages, whose form is not public."""
    tree = html.document_fromstring(
        source.read(name), parser=html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    )
    found = tree.xpath("//div[@data-render-type][@data-wce-create-time]")
    rows = pl.DataFrame([_element_row(e, n) for n, e in enumerate(found, 1)], schema=_FACTS, orient="row")
    current = next(iter(tree.xpath("//a[@data-wce-session-item][@aria-current]")), None)
    key = "" if current is None else current.get("data-wce-session-username", "")
    title = next((_text(e) for e in tree.xpath("//h2") if "wce-chat-title" in e.get("class", "").split()), None)
    kind = kind_of_account(key)
    peer = None if kind is ConversationKind.GROUP else key or title
    count, notes = _older_pages(tree, name, rows.height)
    return Part(
        _message_columns(rows, peer, title), name, conversation=key or title or name, title=title or None, conversation_kind=kind, peer=peer,
        owner=Owner(), is_shown=False, stated_count=count, notes=notes,
    )  # fmt: skip


def _message_columns(rows: pl.DataFrame, peer: str | None, title: str | None) -> pl.DataFrame:
    """Rows of a page in the columns of a part; a text drawn with emoji images counts as absent."""
    named = kinds_of_names(rows["type"]).fill_null(str(Kind.OTHER))
    rows = rows.with_columns(told_notice(pl.lit(named), pl.col("text")).alias("kind"))
    kind, speech = pl.col("kind"), ~pl.col("kind").is_in([str(Kind.SYSTEM), str(Kind.RECALL)])
    words = kind.is_in([str(k) for k in WORD_KINDS])
    other = pl.coalesce("sender_name", pl.lit(title if peer else None, dtype=pl.String))
    quality = (
        pl.when(~pl.col("is_whole")).then(pl.lit(str(TextQuality.ABSENT)))
        .when(speech & ~words).then(pl.lit(str(TextQuality.SHOWN)))
    )  # fmt: skip
    return rows.select(
        "line", "kind", "text", "unix", "sent_raw", "quoted_text", "url",
        quality.alias("text_quality"),
        pl.when(speech).then("is_self").alias("is_self"),
        pl.when(speech & ~pl.col("is_self")).then(pl.coalesce(pl.lit(peer, dtype=pl.String), "sender_name")).alias("sender"),
        pl.when(speech & ~pl.col("is_self")).then(other).alias("sender_name"),
        pl.when(kind == str(Kind.TRANSFER)).then(plain_amount(pl.col("money").str.extract(r"([0-9][0-9,]*(?:\.[0-9]+)?)", 1))).alias("amount"),
        pl.when(kind == str(Kind.VOICE)).then("seconds").alias("duration"),
        pl.when(kind == str(Kind.FILE)).then("text").alias("file_name"),
    )  # fmt: skip


def _element_row(element: Any, number: int) -> tuple[Any, ...]:
    """One message element of the page as a tuple in the order of the columns."""
    held: dict[str, Any] = {}
    for inner in element.iter(etree.Element):
        for word in inner.get("class", "").split():
            held.setdefault(word, inner)
    body = next((held[c] for c in _WORDS if c in held), None)
    text = _text(held["wce-system"]).strip() if "wce-system" in held else "" if body is None else _text(body)
    links = [a.get("href") for a in element.iter("a") if element.get("data-render-type") == "link"]
    stamp, seconds = element.get("data-wce-create-time", ""), _shown_text(held, _VOICE).strip('"')
    return (
        number, element.get("data-render-type"), int(stamp) if re.fullmatch(r"[0-9]{1,12}", stamp) else None, element.get("title") or None, text,
        "wce-msg-row-sent" in held, _shown_text(held, _NAME) or None, _shown_text(held, _AMOUNT), float(seconds) if seconds.isdecimal() else None,
        _quoted(held.get(_QUOTE)), next(iter(links), None), body is None or not any(_is_emoji(i) for i in body.iter("img")),
    )  # fmt: skip


def _shown_text(held: dict[str, Any], name: str) -> str:
    """Text of the element of that class; empty without one."""
    return _text(held[name]).strip() if name in held else ""


def _is_emoji(image: Any) -> bool:
    return _EMOJI_FOLDER in image.get("src", "")


def _text(element: Any) -> str:
    """The element's text; a built-in emoji, of which the page keeps only a picture, stands as its mark."""
    parts = [element.text or ""]
    for inner in element:
        parts += [_EMOJI if inner.tag == "img" and _is_emoji(inner) else _text(inner), inner.tail or ""]
    return "".join(parts)


def _quoted(element: Any) -> str | None:
    """The quoted words: the last span, behind the one of the quoted sender."""
    spans = [] if element is None else [_text(s).strip() for s in element.iter("span")]
    spans = [s for s in spans[-1:] if not (len(spans) == 1 and s.endswith(":"))]
    return spans[0] if spans else None


def _older_pages(tree: Any, name: str, held: int) -> tuple[int | None, list[Note]]:
    """Number of messages that a page states for all pages; noted if the page itself holds fewer."""
    script = next(iter(tree.xpath("//script[@id='wcePageMeta']")), None)
    try:
        told = orjson.loads(script.text or "") if script is not None else {}
    except orjson.JSONDecodeError:
        told = {}
    count = told.get("totalMessages") if isinstance(told, dict) else None
    if not isinstance(count, int) or count <= held:
        return None, []
    return count, [Note(NoteCode.PART_UNSUPPORTED, f"{name.rpartition('/')[0]}/pages", "", count - held)]
