"""Compares what two rows state beside their words: lengths, addresses, titles, sums, named groups.

Tools write these in many ways, so the other pairs decide what a difference means (`content.selective`).
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import polars as pl

from reconcile.column_ops import collected, holds, listed
from reconcile.engine.content.facts import (
    LENGTH_SHOWN,
    LENGTH_UNITS,
    are_one_place,
    facts_in,
    link_title,
    stands_in,
)
from reconcile.engine.content.quoted_message import Sides, names_of
from reconcile.engine.content.recallers import recallers_differ
from reconcile.engine.content.selective import BY, OF_MEETING, SUFFIXES, Component, are_alike, changed, met_crosswise
from reconcile.engine.content.words import differ_in_pauses, is_form
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import is_identified
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import CALL, FORWARD, LINK, PAYMENT, PLACE, SYSTEM, VIDEO, VOICE, WORDS
from reconcile.wechat.kinds import TRANSCRIPT
from reconcile.wechat.text import canonical, canonical_text

# A length stands at the end, but for what the voice says.
_NAMES_LENGTH = "语音|视频|通话|时长|[Vv]oice|[Vv]ideo|[Cc]all"
_LENGTH = rf"(?:^|[^\d:])(?:{LENGTH_SHOWN})\W*(?:$|\s*{TRANSCRIPT})"
_ADDRESS = lazy_pattern(r"https?://[^\s<>\"'）)\]】]+", re.IGNORECASE)
# Addresses of files that a tool saved, and of pictures beside a link.
_OF_TOOL = lazy_pattern(r"(?:localhost|127\.|192\.168\.|10\.|[\w.]*qpic\.cn|[\w.]*qlogo\.cn)")
# Parameters that identify who opened or shared an address, not the page.
_OF_READER = lazy_pattern(
    r"chksm|scene|ascene|from|isappinstalled|utm_|share|clicktime|enterid|timestamp|pass_ticket|session|exportkey|wx_header|nettype|lang|version|devicetype|srcid|subscene|poc_token|click_id"
)
# Whether two rows differ in an attribute; None = unknown.
Told = bool | None
Row = dict[str, Any]


def attributes_of(agreed: pl.DataFrame, *, is_one_tool: bool) -> Iterator[Component]:
    """Components for durations, link addresses and link titles of agreed pairs.

    A difference may be a conflict where an id or the second confirms the pair.
    """
    confirmed = agreed.filter(is_identified() & (pl.col("cls") != CALL))["left_row"]
    # No tool lengthens a voice or moves a place.
    none = pl.Series([], dtype=pl.UInt32)
    lengths = _compare_lengths(agreed)
    yield from changed("duration", lengths, Cause.MEDIA_DIFFERS, confirmed, is_fixed=True, ruled=none)
    places = agreed.filter((pl.col("cls") == PLACE) & (pl.col("cls_right") == PLACE))
    apart = _compare_rows(places, _coordinates_differ)
    yield from changed("coordinates", apart, Cause.TEXT_DIFFERS, confirmed, ruled=none)
    links = agreed.filter((pl.col("cls") == LINK) & (pl.col("cls_right") == LINK))
    if links.height:
        # Of a song or a video one tool shows the page and another the file, which lie at two hosts or in two folders.
        one = _compare_rows(links, _folders_differ).filter(~pl.col("is_unlike"))["left_row"]
        sure = links.filter(is_identified() & (pl.col("left_row").is_in(listed(one)) | is_one_tool))["left_row"]
        addresses, titles = (_compare_rows(links, question) for question in (_addresses_differ, _titles_differ))
        # No tool writes another title above another address: one of the two shows that it is the same link.
        same = pl.concat([told.filter(~pl.col("is_unlike"))["left_row"] for told in (addresses, titles)])
        # Nor does one write another address in the same folder.
        elsewhere = same.filter(~same.is_in(one.implode()))
        yield from changed("address", addresses, Cause.TEXT_DIFFERS, sure, is_fixed=True, ruled=elsewhere)
        yield from changed("title", titles, is_fixed=True, ruled=same)


def _compare_lengths(agreed: pl.DataFrame) -> pl.DataFrame:
    """Whether voices, videos and calls state unlike lengths; not where two pairs have swapped lengths."""
    if not any(holds(agreed[c], VOICE, VIDEO, CALL) for c in ("cls", "cls_right")):
        return _nothing_compared(agreed.clear())
    both = agreed.filter(pl.any_horizontal(pl.col("cls", "cls_right").is_in([VOICE, VIDEO, CALL])))
    if are_alike(both, "text", "duration"):
        return _nothing_compared(both)
    # A form without kinds may show them as words.
    as_words = [
        (pl.col(f"cls{s}") == WORDS) & pl.col(f"text{s}").str.contains(_NAMES_LENGTH).fill_null(value=False)
        for s in SUFFIXES
    ]
    both = both.filter((pl.col("cls") == pl.col("cls_right")) | pl.any_horizontal(as_words))
    both = both.with_columns(shown_lengths(both)).filter((pl.col("duration") > 0) & (pl.col("duration_right") > 0))
    slack = (
        pl.when(pl.any_horizontal(pl.col("cls", "cls_right") == CALL))
        .then(PARAMS.call_seconds)
        .otherwise(PARAMS.rounded_seconds)
    )
    is_unlike = ((pl.col("duration") - pl.col("duration_right")).abs() > slack).alias("is_unlike")
    told = both.select("left_row", *BY, *OF_MEETING, "duration", "duration_right", is_unlike)
    crossed = met_crosswise(told, "duration", PARAMS.rounded_seconds)
    return told.with_columns(pl.col("is_unlike") & ~pl.col("left_row").is_in(listed(crossed)))


def _nothing_compared(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with lengths that are not compared."""
    return pairs.select("left_row", *BY, "duration", "duration_right", pl.lit(value=False).alias("is_unlike"))


def shown_lengths(pairs: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """`duration` of both sides, or else the length at the end of a text: `[语音通话] 05:23`, `[语音 12秒]`."""
    both = pl.concat(
        pairs.lazy().select(ends=pl.col(f"text{s}").str.extract_groups(_LENGTH), duration=f"duration{s}")
        for s in SUFFIXES
    ).with_columns(pl.col("ends").struct.unnest())
    parts = (pl.col(str(n)).cast(pl.Float64).fill_null(0.0) * unit for n, unit in enumerate(LENGTH_UNITS, 1))
    shown = pl.when(pl.any_horizontal(pl.col("3", "5").is_not_null())).then(sum(parts, pl.lit(0.0)))
    told = both.select(pl.coalesce("duration", shown).alias("duration")).pipe(collected)["duration"]
    return told.head(pairs.height), told.tail(pairs.height).alias("duration_right")


def _compare_rows(pairs: pl.DataFrame, question: Callable[[Row, Row], Told]) -> pl.DataFrame:
    """left_row, export, cls, is_unlike of the pairs; `question` gives is_unlike, None drops the pair."""
    if pairs.is_empty():
        return _nothing_compared(pairs)
    columns = ["text", "url", "kind", "text_quality"]
    sides = (pairs[[f"{c}{s}" for c in columns]].rename(lambda c: c.removesuffix("_right")) for s in SUFFIXES)
    answers = [question(*rows) for rows in zip(*(side.iter_rows(named=True) for side in sides), strict=True)]
    told = pl.Series("is_unlike", answers, dtype=pl.Boolean)
    return pairs[["left_row", "export", "cls"]].with_columns(told).drop_nulls("is_unlike")


def _coordinates_differ(left: Row, right: Row) -> Told:
    """Whether two places lie at unlike coordinates; null where a side states none."""
    same = are_one_place(*(facts_in(row["text"], PLACE).coordinates for row in (left, right)))
    return None if same is None else not same


def _addresses_differ(left: Row, right: Row) -> Told:
    """Whether no two addresses are one; null where a side states none."""
    both = [_addresses(row) for row in (left, right)]
    if not all(both):
        return None
    return not any(_is_one_address(a, b) for a in both[0] for b in both[1])


def _folders_differ(left: Row, right: Row) -> Told:
    """Whether the sides name no address in one folder of a host."""
    mine, theirs = (
        {re.sub(r"/[^/]*\Z", "", a.partition("?")[0].lower()) for a in _addresses(r)} for r in (left, right)
    )
    return mine.isdisjoint(theirs)


def _addresses(row: Row) -> list[str]:
    """The addresses in a link row without scheme and fragment, leaving out the tool's own files."""
    shown = [row["url"] or "", *_ADDRESS.findall(row["text"])]
    plain = (re.sub(r"\A\w+://(?:www\.)?", "", html.unescape(a).split("#")[0].strip()).rstrip("/") for a in shown)
    return [a for a in plain if "." in a and not _OF_TOOL.match(a)]


def _is_one_address(left: str, right: str) -> bool:
    """Whether path and shared query values agree, apart from the reader's own parameters."""
    if left == right or left.startswith(right) or right.startswith(left):
        # The shorter address may be cut off.
        return True
    (path, _, query), (other, _, also) = left.partition("?"), right.partition("?")
    if path.lower() != other.lower():
        return False
    mine, theirs = parse_qs(query), parse_qs(also)
    return all(mine[k] == theirs[k] for k in mine.keys() & theirs.keys() if not _OF_READER.match(k.lower()))


def _titles_differ(left: Row, right: Row) -> Told:
    """Whether the link titles differ by more than form; null where one is missing."""
    if left["text"] == right["text"]:
        return False
    titles = ["" if row["text_quality"] == "absent" else canonical(link_title(row["text"])) for row in (left, right)]
    if not all(titles):
        return None
    return not (
        is_form(*titles)
        or stands_in(titles[0], titles[1])
        or stands_in(titles[1], titles[0])
        or differ_in_pauses(*titles)
    )


# When a line of a bundle was sent, and by whom; a line with a time names its sender beside it.
_TIMED_HEAD = r"(?m)^[^\n:]{0,60}\d-\d{1,2} \d{1,2}:\d{2}(?::\d{2})?[)\]]?(?::| [^\n:]{0,60}:)?\s?"
_NAMED_HEAD, _LAST_LINE = r"(?m)^[^\n:]{0,60}:\s", r"(?m)^[^\n]{0,60}>>\s*\z"


def lines_of_bundle(words: pl.Expr) -> pl.Expr:
    """The lines of a forwarded bundle, without its title, names, times and marks of kinds."""
    lines = words.str.replace(r"\A(?:[^\n:]|:[^\s])*(?:\n|\z)", "")
    timed, named = lines.str.replace_all(_TIMED_HEAD, ""), lines.str.replace_all(_NAMED_HEAD, "")
    # Where the heads show times, words before a colon are the sender's own.
    lines = pl.when(lines.str.contains(_TIMED_HEAD)).then(timed).otherwise(named).str.replace_all(_LAST_LINE, "")
    return lines.str.replace_all(r"(?m)^\s*\[[^\[\]\n]{1,16}\]", "")


def with_bundle(side: str) -> pl.Expr:
    """The text of a side, with the lines of a forwarded bundle that its form keeps beside the title."""
    text, lines = pl.col(f"text{side}"), pl.col(f"quoted_text{side}")
    apart = (pl.col("cls") == FORWARD) & ~text.str.contains("\n", literal=True) & lines.is_not_null()
    return pl.when(apart).then(pl.concat_str(text, lines, separator="\n")).otherwise(text)


# Names of people, and the name that a group was given.
_IN_QUOTES, _GROUP_NAME = r"[\"“][^\"“”\n]*[\"”]", r"群名(?:称)?[为是]?\s*[\"“「]([^\"”」\n]+)"


def notices_of(agreed: pl.DataFrame, sides: Sides) -> Iterator[Component]:
    """The numbers, the names of groups and the recaller in which two notices of one event differ."""
    both = agreed.filter((pl.col("cls") == SYSTEM) & (pl.col("cls_right") == SYSTEM))
    if both.is_empty():
        return
    if not both["text"].eq_missing(both["text_right"]).all():
        yield from _numbers_and_titles(both, sides)
    yield from changed("author", recallers_differ(both, sides))


def _numbers_and_titles(both: pl.DataFrame, sides: Sides) -> Iterator[Component]:
    """The numbers and the names of groups in which two notices of one event differ."""
    bare = both.select("pair", *(pl.col(c).str.replace_all(_IN_QUOTES, "") for c in ("text", "text_right")))
    numbers = [_numbers_of(bare[c]) for c in ("text", "text_right")]
    # A name may contain figures, and each device writes its own for the other person.
    unlike = (numbers[0] != numbers[1]).fill_null(value=False).arg_true()
    if len(unlike):
        bare = _without_names(bare[unlike], sides)
        numbers = [
            n.scatter(unlike, _numbers_of(bare[c])) for n, c in zip(numbers, ("text", "text_right"), strict=True)
        ]
    names = [canonical_text(pl.col(c).str.extract(_GROUP_NAME, 1)) for c in ("text", "text_right")]
    for name, (left, right) in (("number", map(pl.lit, numbers)), ("title", names)):
        yield from changed(name, both.with_columns((left != right).alias("is_unlike")).drop_nulls("is_unlike"))


def _numbers_of(texts: pl.Series) -> pl.Series:
    """The numbers in each text, joined; null = none."""
    found = texts.str.replace_all(",", "").str.extract_all(r"\d+(?:\.\d+)?").list.join(" ")
    found = found.str.replace_all(r"\.0+\b", "")
    return found.set(found == "", None)


def _without_names(notices: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """The few notices without the names of people that hold figures."""
    known = names_of(sides, notices["pair"].unique())
    figures = pl.col("name").str.count_matches(r"\d")
    # The client shows a member without a name by the telephone number.
    is_name = pl.col("name").str.contains(r"\p{L}") | (figures >= PARAMS.person_figures)
    known = known.filter((figures > 0) & is_name)
    held = known.select("pair", "name").unique().sort(pl.col("name").str.len_chars(), "name", descending=True)
    held = held.group_by("pair").agg("name")
    names: dict[int, list[str]] = dict(held.iter_rows())
    rows = [(pair, *(_cut_out(t, names.get(pair, [])) for t in texts)) for pair, *texts in notices.iter_rows()]
    return pl.DataFrame(rows, schema=notices.schema, orient="row")


def _cut_out(text: str, names: list[str]) -> str:
    """The text without these names."""
    for name in names:
        text = text.replace(name, "")
    return text


_DATED = r"转账时间[：:]\s*(\d{4}-\d{2}-\d{2})"


def payments_of(both: pl.DataFrame) -> Iterator[Component]:
    """The sums, currencies and days that the texts of two payments show."""
    rows = both.filter(pl.col("cls") == PAYMENT)
    if rows.is_empty():
        return
    for name, pattern in (("amount", r"[¥￥$€£]\s?(\d[\d,]*(?:\.\d+)?)"), ("currency", r"([¥￥$€£])\s?\d")):
        shown = [
            pl.col(f"text{s}")
            .str.extract(pattern)
            .str.replace_all(",", "")
            .str.replace("￥", "¥")
            .str.replace(r"\.0+$", "")
            for s in ("", "_right")
        ]
        yield from changed(name, rows.with_columns((shown[0] != shown[1]).alias("is_unlike")), is_fixed=True)
    # Two time zones differ by a day at most.
    days = [pl.col(f"text{s}").str.extract(_DATED, 1).str.to_date(strict=False) for s in ("", "_right")]
    apart = (days[0] - days[1]).dt.total_days().abs() > 1
    yield from changed("time", rows.with_columns(apart.alias("is_unlike")).drop_nulls("is_unlike"))


__all__ = ["attributes_of", "notices_of", "payments_of", "shown_lengths"]
