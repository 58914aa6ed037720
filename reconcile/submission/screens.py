"""Screenshots of the phone or PC client, and PDF pages, as a Reading.

Producer: screenshots, rolled-up screenshots, PDF made of them, or a printed page. Times: the bar over a row dates that row; the
rows below it have none. Cannot say: ids, accounts, what a picture or voice holds, rows between two screens that do not overlap.
"""

import importlib.util
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
from rapidfuzz.distance import Indel

from reconcile.errors import MissingExtra, UnreadableSource
from reconcile.frames import Conversations
from reconcile.intake.contract import ExportFacts, FormLimits, Note, Reading, ReadOptions
from reconcile.intake.frames import messages_of, reading_of
from reconcile.intake.source import Source
from reconcile.patterns import lazy_pattern
from reconcile.submission.params import CHECK_PARAMS
from reconcile.submission.pasted import full_time, times_as_written
from reconcile.submission.screen.item import Item
from reconcile.version import install_command
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.kinds import RECALL_NOTICE

NAME = "screens"
# The name may take two lines, with the size below it.
_FILE = lazy_pattern(
    r"^(?P<name>.{1,200}?\.[A-Za-z][A-Za-z0-9]{1,4})\s*\n\s*\d[\d.,]*\s*(?:[KMGT]i?B?|B|bytes)\b[^\n]{0,20}(?:\n.{0,20})?$",
    re.S | re.I,
)
# A payment card's footer says what it is, whatever its payer wrote above.
_FOOT = (
    (Kind.TRANSFER, lazy_pattern(r"^(?:微信转账|微信轉賬|微信轉帳|转账|WeChat\s*(?:Pay\s*)?Transfer)$", re.I)),
    (Kind.RED_PACKET, lazy_pattern(r"^(?:微信红包|微信紅包|WeChat\s*Red\s*Packet)$", re.I)),
)
# The waves of a voice bubble are read as brackets or strokes, before its length or behind it.
_VOICE = lazy_pattern(r"[^\w\"″”'’\u2032`]*\d{1,2}\s*[\"″”'’\u2032`]{1,2}[^\w]*")
_MONEY = lazy_pattern(r"(?:^|\n)\s*[¥￥Y]?\s*(\d[\d,]*\.\d{2})(?!\d)|[¥￥]\s*(\d[\d,]*(?:\.\d{1,2})?)")
SCREEN_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".pdf")


@dataclass(frozen=True, slots=True)
class Screens:
    """The rows read from pictures, and the lowest confidence of each row's digits."""

    reading: Reading
    legible: dict[int, float]


def read_screens(path: Path, options: ReadOptions | None = None) -> Screens | None:
    """Reads a picture, a folder of them (in order of names), or a PDF; None for PDF files of text alone.

    Raises:
        MissingExtra: the part that reads pictures is not installed.
        UnreadableSource: a file is no picture, or no words were found in any.
        LimitExceeded: more pixels or pages than any honest submission.
    """
    require_extra()
    held = options or ReadOptions()
    source = Source(path, held.limits)
    screens: list[tuple[str, list[Item]]] = []
    written = 0
    for file in sorted(source.files, key=lambda f: _natural_key(source.relative(f))):
        if file.suffix.lower() == ".pdf":
            written += _read_pdf(source, file, screens)
        else:
            screens.append((source.relative(file), _items_in(file)))
    if written and not any(items for _, items in screens):
        return None
    return _reading_of(path, screens, held)


def require_extra() -> None:
    """Raises MissingExtra with a clear line where the part that reads pictures is not installed."""
    if not all(importlib.util.find_spec(m) for m in ("numpy", "cv2", "PIL", "pypdfium2", "rapidocr_onnxruntime")):
        raise MissingExtra(
            "ocr",
            "pictures and PDF pages are read by an optional part that is not installed; "
            f"install it with: {install_command('ocr')}",
        )


def _natural_key(name: str) -> list[tuple[int, str]]:
    """Sort key by which 2 comes before 10."""
    parts: list[tuple[int, str]] = []
    digits = ""
    for character in name + "\0":
        if character.isdigit():
            digits += character
            continue
        if digits:
            parts.append((int(digits), ""))
            digits = ""
        parts.append((-1, character))
    return parts


def _items_in(file: Path) -> "list[Item]":
    """What an image file shows, from top to bottom."""
    from reconcile.submission.screen.pictures import load_image  # noqa: PLC0415 - loads picture libraries

    return _read_picture(load_image(file))


def _read_picture(picture: Any) -> "list[Item]":
    from reconcile.submission.screen.words import read_words, recognise  # noqa: PLC0415 - the extra, and its clear line

    words = read_words(picture)
    from reconcile.submission.screen.layout import layout  # noqa: PLC0415

    return layout(picture, words, recognise)


def _read_pdf(source: Source, file: Path, screens: "list[tuple[str, list[Item]]]") -> int:
    """Appends the items of the pages without text to `screens`; the number of those with text."""
    from reconcile.intake.printed.pages import has_own_text, pdf_pages  # noqa: PLC0415 - the extra
    from reconcile.submission.screen.pictures import pictures_of  # noqa: PLC0415 - loads picture libraries

    written = 0
    for number, page in enumerate(pdf_pages(file), 1):
        if has_own_text(page):
            written += 1
            continue
        for picture in pictures_of(page):
            screens.append((f"{source.relative(file)}#{number}", _read_picture(picture)))
    return written


def _reading_of(path: Path, screens: "list[tuple[str, list[Item]]]", options: ReadOptions) -> Screens:
    """The items of all screens as a Reading, overlaps removed; a time bar dates the row below it."""
    titles = [i.text for _, items in screens for i in items if i.what == "title"]
    found = stitched([items for _, items in screens])
    rows: list[dict[str, Any]] = []
    times: list[str | None] = []
    legible: dict[int, float] = {}
    day, bar = "", None
    for number, item in found:
        if item.what == "time":
            day, bar = full_time(item.text, day)
            continue
        legible[len(rows)] = item.digit_score
        rows.append(_item_row(item, f"{screens[number][0]}#{len(rows) + 1}"))
        times.append(bar)
        bar = None
    if not rows:
        raise UnreadableSource(path, f"{path}: no words of a chat found in the pictures; are they upright and legible?")
    read = times_as_written(times, options).with_columns(pl.Series("sent_raw", times, dtype=pl.String))
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(read)
    facts = ExportFacts(
        reader=NAME, limits=FormLimits(kinds_merged=dict.fromkeys((Kind.VIDEO, Kind.STICKER), Kind.IMAGE))
    )
    notes = [
        Note(NoteCode.ODD_VALUE, r["locator"], f"{r['score']:.2f}")
        for r in rows
        if r["score"] < CHECK_PARAMS.doubtful_score
    ]
    reading = reading_of(facts, messages_of(frame.drop("score")), notes=notes)
    title = titles[0] if titles else None
    named = reading.conversations.with_columns(pl.lit(title, dtype=pl.String).alias("title"))
    return Screens(replace(reading, conversations=Conversations.cast(named)), legible)


def _item_row(item: "Item", locator: str) -> dict[str, Any]:
    """A bubble, picture or notice as a message."""
    kind, text, amount = _kind_of_item(item)
    speaks = item.what in ("bubble", "picture")
    return {
        "locator": locator,
        "conversation": "",
        "text": text,
        "sender": None if not speaks or item.own is None else "我" if item.own else item.name or "对方",
        "sender_name": item.name if speaks and not item.own else None,
        "is_self": item.own if speaks else None,
        "kind": str(kind),
        "amount": amount,
        "score": item.score,
    }


def _kind_of_item(item: "Item") -> tuple[Kind, str, str | None]:
    """Kind, text and amount of an item."""
    text = item.text
    if item.what == "picture":
        return Kind.IMAGE, "[图片]", None
    if item.what == "notice":
        return (Kind.RECALL if re.search(RECALL_NOTICE, text) else Kind.SYSTEM), text, None
    paid = _payment(item)
    if paid is not None:
        return paid
    if file := _FILE.match(text):
        return Kind.FILE, f"[文件] {file['name']}".replace("\n", ""), None
    if _VOICE.fullmatch(text):
        return Kind.VOICE, "[语音]", None
    return Kind.TEXT, text, None


def _payment(item: "Item") -> tuple[Kind, str, str | None] | None:
    """The kind of a payment card: by its colour, its footer, or a sum of money.

    The colour is full while the payment is open and pale afterwards.
    """
    red, green, blue = item.colour
    full = red > 200 and 90 < green < 200 and blue < 140 and red > green + 40
    pale = red > 235 and 195 < green < 240 and blue < 225 and red > green + 12 and green > blue + 12
    if not (full or pale):
        return None
    lines = [line.text.strip() for line in item.lines]
    foot = next((kind for kind, words in _FOOT for line in lines[-2:] if words.match(line)), None)
    money = _MONEY.search(item.text)
    if foot is None and not money and (pale or not any(len(x) > 3 for x in lines)):
        return None  # words on a like colour, such as the letters of an icon
    if foot is Kind.TRANSFER or (foot is None and money is not None and "红包" not in item.text):
        amount = (money[1] or money[2]).replace(",", "") if money else None
        return Kind.TRANSFER, f"[转账] ￥{amount}" if amount else "[转账]", amount
    words = [x for x in lines if not _FOOT[1][1].match(x)]
    return Kind.RED_PACKET, "[红包] " + " ".join(words), None


def stitched(screens: list[list[Item]]) -> list[tuple[int, Item]]:
    """(screen number from 0, item) of all screens; of two copies the uncut one is kept."""
    out: list[tuple[int, Item]] = []
    for number, items in enumerate(screens):
        body = [i for i in items if i.what != "title"]
        shared = _overlap_of([i for _, i in out], body)
        if shared:
            last = [i for _, i in out[-shared:]]
            for k, (old, new) in enumerate(zip(last, body[:shared], strict=True)):
                old.own = new.own = new.own if old.own is None else old.own  # one of them may lack its avatar
                if len(new.text) > len(old.text):
                    out[len(out) - shared + k] = (number, new)
        out += [(number, i) for i in body[shared:]]
    return out


def _overlap_of(before: list[Item], after: list[Item]) -> int:
    """Number of items at the end of one screen that the next one repeats."""
    for count in range(min(len(before), len(after), 40), 0, -1):
        pairs = list(zip(before[-count:], after[:count], strict=True))
        if all(_are_alike(a, b, edge=n in (0, count - 1)) for n, (a, b) in enumerate(pairs)):
            words = sum(len(a.text) for a, _ in pairs)
            if words >= CHECK_PARAMS.overlap_characters and (count > 1 or words >= 2 * CHECK_PARAMS.overlap_characters):
                return count
    return 0


def _are_alike(a: Item, b: Item, *, edge: bool) -> bool:
    """Whether two items may be one; at an edge, one may be cut off."""
    if a.what != b.what or (a.own is not b.own and None not in (a.own, b.own)):
        return False
    left, right = a.text.replace("\n", ""), b.text.replace("\n", "")
    if edge and min(len(left), len(right)) >= CHECK_PARAMS.edge_characters and (left.endswith(right) or right.endswith(left) or left.startswith(right) or right.startswith(left)):  # fmt: skip
        return True
    return left == right or Indel.normalized_similarity(left, right) >= CHECK_PARAMS.overlap_share
