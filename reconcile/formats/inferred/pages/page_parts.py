"""What a page holds beside its recurring elements: days, pictures of emoji, values in scripts."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

import polars as pl
from lxml import etree

from reconcile.formats.inferred.script_values import script_value
from reconcile.formats.inferred.times.times_in_lines import FULL
from reconcile.formats.inferred.words.bodies_in_lines import DAY_LINE
from reconcile.patterns import lazy_pattern
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.kind_names import kind_of_name
from reconcile.wechat.named_days import fitted
from reconcile.wechat.text import emoji_tokens

# Elements that link or stress words without parting them, and all that stand in a line.
EMPHASIS = frozenset(["a", "b", "i", "em", "strong", "u", "s", "del", "code", "mark", "sub", "sup", "q", "wbr", "font"])
INLINE = EMPHASIS | {"span", "label", "small", "big"}
# Tag and class of an element.
_Place = tuple[str, str]
_DAY = lazy_pattern(DAY_LINE)
_LONGEST_DAY = 60
# The time that stands alone above several elements, as a field of each.
TIME_ABOVE = "@time-above"
# Most kinds of elements with a time that are looked at.
_MOST_KINDS = 8
# Least number of times above messages, least messages below each on average, and largest share of messages with a time.
_CLOCK, _LEAST_BARS, _BELOW, _FEW = lazy_pattern("[0-9]:[0-9]{2}"), 3, 1.2, 0.2
# Attributes that name the elements of a page, and how such a name looks.
_NAMING = ("data-tid", "data-testid", "data-test-id", "data-test", "data-qa", "itemprop")
_PART = lazy_pattern(r"[A-Za-z][A-Za-z_-]{2,60}")
# An emoji, also of several characters; the name of a face in brackets; and the longest name of either.
_EMOJI = lazy_pattern(
    "(?:[\u00a9\u00ae\u200d\u203c\u2049\u20e3\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f]"
    "|[0-9#*]\ufe0f?\u20e3)+"
)
_FACE, _LONGEST_NAME = lazy_pattern(r"\[[^\[\]]{1,20}\]"), 30
# Classes of pictures that stand for a character, and of what is no part of the words.
_DRAWN, _NO_CHARACTER = lazy_pattern(r"(?i)emoji|emoticon|smiley|qqface"), lazy_pattern(r"(?i)sticker|reaction|avatar")


def days_above(tree: Any) -> dict[Any, str]:
    """Element -> the last line of a day before it in the page; {} where no line holds a day alone."""
    found: dict[Any, str] = {}
    day = ""
    for element in tree.iter(etree.Element):
        own = (element.text or "").strip()
        if not len(element) and is_day(own) and (line := _DAY.match(own)):
            day = line[1]
        elif day:
            found[element] = day
    return found


def write_times_of_bars(tree: Any) -> None:
    """Writes the time that stands alone above several messages into each of them, as an attribute.

    This changes the page. Such times are complete and run forward. The elements below are of one kind, and few hold a time.
    """
    bars: dict[tuple[str, str | None], list[Any]] = {}
    for leaf in tree.iter(etree.Element):
        if not len(leaf) and len(leaf.text or "") <= _LONGEST_DAY and _CLOCK.search(leaf.text or ""):
            bar = alone(leaf)
            bars.setdefault(_named(bar), []).append(bar)
    for several in sorted(bars.values(), key=len, reverse=True)[:_MOST_KINDS]:
        below = [(bar, _below(bar)) for bar in several]
        rows = Counter((e.tag, (e.get("class") or "").partition(" ")[0]) for _, found in below for e in found)
        if (
            len(several) < _LEAST_BARS
            or max(rows.values(), default=0) < _BELOW * len(several)
            or not _run_forward(several)
        ):
            continue
        if sum(holds_a_time(e) for _, found in below for e in found) <= _FEW * rows.total():
            for bar, found in below:
                for row in found:
                    row.set(f"data-{TIME_ABOVE[1:]}", "".join(bar.itertext()).strip())


def holds_a_time(element: Any) -> bool:
    """Whether an element states a time in its words or attributes."""
    return any(_CLOCK.search(t) for e in element.iter(etree.Element) for t in (e.text or "", *e.values(), e.tail or ""))


def _below(bar: Any) -> list[Any]:
    """The elements between one and the next of its kind beside it."""
    name = _named(bar)
    return [*takewhile(lambda e: _named(e) != name, bar.itersiblings(etree.Element))]


def _named(element: Any) -> tuple[str, str | None]:
    """Tag and class of an element."""
    return element.tag, element.get("class")


def alone(leaf: Any) -> Any:
    """The largest element around one that holds nothing else."""
    # Counting the elements inside one takes as long as there are.
    while leaf.getnext() is None and leaf.getprevious() is None and (above := leaf.getparent()) is not None:
        if (above.text or leaf.tail or "").strip() or above.tag == "body":
            break
        leaf = above
    return leaf


def _run_forward(bars: list[Any]) -> bool:
    """Whether the words of elements are whole times, none of which is before that of the one above it."""
    words = pl.Series(["".join(b.itertext()).strip() for b in bars])
    if not words.str.contains(fitted(rf"^\W*{FULL}\W*$", words)).all():
        return False
    times = parse_time_column(words, ASSUMED_ZONE)["sent_at"]
    return not times.null_count() and times.is_sorted()


def is_day(words: str) -> bool:
    """Whether words are the date of a day and no more."""
    return 0 < len(words) <= _LONGEST_DAY and _DAY.match(words) is not None


def titles_above(tree: Any) -> dict[Any, str]:
    """Element -> the heading above it, of the level with the fewest headings; {} where no level has two."""
    levels = [[e for e in tree.iter(f"h{n}") if str(e.text_content()).strip()] for n in range(1, 7)]
    several = [of_one for of_one in levels if len(of_one) > 1]
    if not several:
        return {}
    headings = {*min(several, key=len)}
    found: dict[Any, str] = {}
    title = ""
    for element in tree.iter(etree.Element):
        if element in headings:
            title = " ".join(str(element.text_content()).split())
        elif title:
            found[element] = title
    return found


def name_elements(tree: Any) -> None:
    """Changes the page: what an attribute calls an element is its class where it has none.

    Web applications name their elements for tests (`data-tid`), and pages for search engines (`itemprop`).
    """
    for element in tree.iter(etree.Element):
        if element.get("class"):
            continue
        for key in _NAMING:
            if (name := element.get(key)) and _PART.fullmatch(name):
                element.set("class", element.attrib.pop(key))
                break


def write_emoji(tree: Any) -> None:
    """Changes the page: text in place of each picture of an emoji or of a client's face.

    That is what was written. The same for elements around one emoji, if no element of their kind holds words.
    """
    around = ("span", "i", "font")
    of_words = {_kind_of(e) for e in tree.iter(*around) if any(map(str.isalnum, e.text or ""))}
    for tags, read in ((("img",), _emoji_of), (around, _emoji_in)):
        for element in [*tree.iter(*tags)]:
            parent = element.getparent()
            if parent is None or (element.tag in around and _kind_of(element) in of_words):
                continue
            if (written := read(element, parent)) is not None:
                replace_element(element, parent, written)


def write_media(tree: Any) -> None:
    """Changes the page: `[image]` and the like for recordings, and for pictures where others have words.

    A picture of a person stands in an element that never has words.
    """
    alone: dict[tuple[object, ...], list[Any]] = {}
    for media in tree.iter(*_MEDIA):
        above = media.getparent()
        named = " ".join(e.get(k) or "" for e in (media, above) for k in ("class", "src", "alt", "title"))
        if above.tag != "body" and not _NO_MESSAGE.search(named) and not str(above.text_content()).strip():
            alone.setdefault(_kind_of(above), []).append(media)
    words: dict[tuple[object, ...], Counter[_Place]] = defaultdict(Counter)
    for element in tree.iter(etree.Element):
        if (kind := _kind_of(element)) in alone and (place := _place_of_words(element)):
            words[kind][place] += 1
    for kind, found in alone.items():
        tag, name = next((place for place, _ in words[kind].most_common(1)), ("", ""))
        for media in (m for m in found if m.tag != "img" or words[kind].total() > len(found)):
            written = f"[{_MEDIA[media.tag]}]"
            if not tag:
                replace_element(media, media.getparent(), written)
                continue
            # Words of one field stand in elements of one tag and class.
            media.attrib.clear()
            media.tag, media.text = tag, written
            if name:
                media.set("class", name)


def _place_of_words(element: Any) -> _Place | None:
    """Tag and class of the inline child that holds an element's first words.

    Both are empty where the element itself holds them. None = no words.
    """
    if (element.text or "").strip():
        return "", ""
    inner = (c for c in element if c.tag in INLINE and (c.text or "").strip())
    return next(((c.tag, c.get("class") or "") for c in inner), None)


def _kind_of(element: Any) -> tuple[object, ...]:
    """The tag and class of an element and of the one around it, and which cell of a row it is."""
    above = element.getparent()
    around = () if above is None else (above.tag, above.get("class"))
    return element.tag, element.get("class"), *around, above.index(element) if element.tag == "td" else None


def replace_element(element: Any, parent: Any, written: str) -> None:
    """Changes the page: text in place of an element."""
    written += element.tail or ""
    above = element.getprevious()
    if above is None:
        parent.text = (parent.text or "") + written
    else:
        above.tail = (above.tail or "") + written
    element.tail = None
    parent.remove(element)


def _emoji_in(element: Any, parent: Any) -> str | None:
    """The emoji that an element holds and nothing else; None for other elements, and for reactions."""
    written = (element.text or "").strip()
    if len(element) or not _EMOJI.fullmatch(written):
        return None
    return None if _NO_CHARACTER.search(f"{element.get('class') or ''} {parent.get('class') or ''}") else written


def _emoji_of(picture: Any, parent: Any) -> str | None:
    """What a picture of a character stands for; None for stickers, reactions and other pictures."""
    name = (picture.get("alt") or "").strip()
    classes = picture.get("class") or ""
    if not 0 < len(name) <= _LONGEST_NAME or _NO_CHARACTER.search(f"{classes} {parent.get('class') or ''}"):
        return None
    if _EMOJI.fullmatch(name):
        return name
    if kind_of_name(name.strip("[]【】")) is not None:
        # It stands for a whole message.
        return None
    is_face = _FACE.fullmatch(name) and emoji_tokens(name) != name
    return name if is_face or _DRAWN.search(classes) else None


# Elements of pictures and recordings with what they are; names of pictures that are no message.
_MEDIA = {"img": "image", "video": "video", "audio": "audio"}
_NO_MESSAGE = lazy_pattern(r"(?i)avatar|portrait|profile|head|icon|logo|emoji|smiley|sticker|reaction")
_HIDING = lazy_pattern(
    r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?:\.0*)?(?:px|em|pt|%)?\s*(?:[;!}]|$)"
    r"|(?:left|top|margin|text-indent)\s*:\s*-[0-9]{3,}"
)
_RULE = lazy_pattern(r"([^{}]*)\{([^{}]*)\}")


def hidden_elements(tree: Any) -> frozenset[Any]:
    """The elements that a browser does not show, and those around hidden words."""
    rules = (r for style in tree.iter("style") for r in _RULE.findall(style.text or ""))
    classes = {
        name
        for selector, body in rules
        if _HIDING.search(body)
        for name in re.findall(r"\.([\w-]+)\s*(?:,|$)", selector)
    }
    found: set[Any] = set()
    # For each open element: whether it is hidden, and whether it contains hidden words.
    above: list[list[bool]] = [[False, False]]
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            is_hidden = above[-1][0] or _is_hidden(element, classes)
            above.append([is_hidden, is_hidden and bool((element.text or "").strip())])
            continue
        is_hidden, holds = above.pop()
        if is_hidden or holds:
            found.add(element)
        above[-1][1] |= holds
    return frozenset(found)


def _is_hidden(element: Any, classes: set[str]) -> bool:
    """Whether the element is hidden by attribute, style or one of the classes."""
    if "hidden" in element.attrib or _HIDING.search(element.get("style") or ""):
        return True
    return bool(classes) and not classes.isdisjoint((element.get("class") or "").split())


def values_in_scripts(tree: Any) -> Iterator[Any]:
    """The lists and objects that each of the page's scripts assigns or holds."""
    for script in tree.iter("script"):
        if (value := script_value(script.text or "")[0]) is not None:
            yield value
