"""Compares what two rows of one message state beside their words.

Compared are lengths, addresses and titles of links, quoted words and the quoted message. Tools write these in many
ways, so a difference counts only where the same attribute is equal in other pairs of the conversation. It is then a
conflict for pairs that an id confirms, and a doubt for all others.
"""

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import polars as pl

from reconcile.engine.content.bodies import link_title, stands_in
from reconcile.engine.content.quotations import parted
from reconcile.engine.content.respelling import differ_in_marks
from reconcile.engine.content.truncation import CUT_MARK
from reconcile.engine.content.words import differ_in_pauses, is_form
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import BY_ID, conflict, judged_as, with_detail
from reconcile.vocabulary import Cause, Relation
from reconcile.wechat.kind_classes import CALL, LINK, VIDEO, VOICE, WORDS
from reconcile.wechat.kinds import kind_of_placeholder
from reconcile.wechat.text import canonical

# So many unlike pairs show a habit of a tool. A single one differs where at least so many are equal and at most half as many unlike.
LEAST_HABIT, LEAST_EQUAL = 2, 2
# Seconds by which lengths may differ through rounding. Each device measures a call itself.
ROUNDED_SECONDS, CALL_SECONDS = 1.5, 5.0
_LENGTH = r"(?:^|[^\d:])(?:(?:(\d{1,2}):)?(\d{1,3}):(\d{2})|(\d{1,4}) ?(?:秒|s|″|\"))\W*$"
_ADDRESS = re.compile(r"https?://[^\s<>\"'）)\]】]+", re.IGNORECASE)
# Addresses of files that a tool saved, and of pictures beside a link.
_OF_TOOL = re.compile(r"(?:localhost|127\.|192\.168\.|10\.|[\w.]*qpic\.cn|[\w.]*qlogo\.cn)")
# Parameters that identify who opened or shared an address, not the page.
_OF_READER = re.compile(
    r"chksm|scene|ascene|from|isappinstalled|utm_|share|clicktime|enterid|timestamp|pass_ticket|session|exportkey|wx_header|nettype|lang|version|devicetype|srcid|subscene|poc_token|click_id"
)
# What a client shows in place of quoted words that it does not have.
_NOT_SHOWN = re.compile(
    r"撤回|不存在|已删除|已过期|无法|不支持|recalled|deleted|unavailable|not support", re.IGNORECASE
)
# Whether two rows differ in an attribute; None = unknown.
Told = bool | None
Row = dict[str, Any]


def with_unlike_statements(judged: pl.DataFrame) -> pl.DataFrame:
    """The judged pairs; agreements with unlike lengths, addresses, titles or quotes are so marked.

    They become conflicts where an id confirms the pair, and doubtful otherwise.
    """
    by_id = pl.col("method").is_in(BY_ID)
    judged = _settled(judged, _lengths(judged), "duration", Cause.MEDIA_DIFFERS, by_id & (pl.col("cls") != CALL))
    links = judged.filter(_agrees() & (pl.col("cls") == LINK) & (pl.col("cls_right") == LINK))
    if links.height:
        # Of a song or a video one tool shows the page and another the file, which lie at two hosts.
        one = _asked(links, _hosts_differ).filter(~pl.col("is_unlike"))["left_row"]
        one_host = by_id & pl.col("left_row").is_in(one.implode())
        judged = _settled(judged, _asked(links, _addresses_differ), "address", Cause.TEXT_DIFFERS, one_host)
        judged = _settled(judged, _asked(links, _titles_differ), "title", Cause.TEXT_DIFFERS, pl.lit(value=False))
    return _settled(judged, _quotes(judged), "quoted", Cause.TEXT_DIFFERS, by_id)


def _agrees() -> pl.Expr:
    return pl.col("relation") == str(Relation.AGREEMENT)


def _settled(judged: pl.DataFrame, told: pl.DataFrame, detail: str, cause: Cause, sure: pl.Expr) -> pl.DataFrame:
    """The judged pairs with unusual differences of one attribute marked as doubtful or in conflict.

    Args:
        judged: the judged pairs.
        told: left_row, pair, cls, is_unlike of the pairs where both sides state the attribute.
        detail: name of the attribute in the results.
        cause: cause of a conflict.
        sure: pairs that may become conflicts; the others only become doubtful.
    """
    if told.is_empty() or not told["is_unlike"].any():
        return judged
    counts = told.group_by("pair", "cls").agg(
        pl.col("is_unlike").sum().alias("unlike"), (~pl.col("is_unlike")).sum().alias("equal")
    )
    unlike = told.filter("is_unlike").join(counts, on=["pair", "cls"])
    lone = unlike.filter((pl.col("unlike") < LEAST_HABIT) | (pl.col("unlike") <= pl.col("equal")))
    steady = lone.filter((pl.col("equal") >= LEAST_EQUAL) & (2 * pl.col("unlike") <= pl.col("equal")))
    is_lone = pl.col("left_row").is_in(lone["left_row"].implode()) & _agrees()
    is_sure = is_lone & pl.col("left_row").is_in(steady["left_row"].implode()) & sure
    # All of them become doubtful first, then the sure ones a conflict.
    judged = judged.with_columns(is_sure.alias("is_sure"), is_lone.alias("is_lone"))
    in_doubt = judged_as(pl.col("is_lone"), Relation.DOUBTFUL, Cause.WEAK_MATCH)
    judged = judged.with_columns(*in_doubt, with_detail(pl.col("is_lone"), detail))
    return judged.with_columns(conflict(pl.col("is_sure"), cause, detail)).drop("is_sure", "is_lone")


def _lengths(judged: pl.DataFrame) -> pl.DataFrame:
    """Whether voices, videos and calls state unlike lengths; not where two pairs have swapped lengths."""
    has_length = pl.col("cls").is_in([VOICE, VIDEO, CALL]) & (pl.col("cls") == pl.col("cls_right")) & _agrees()
    both = judged.filter(has_length)
    if both.is_empty():
        return _nothing_told(both)
    both = both.with_columns(_shown_length(""), _shown_length("_right"))
    both = both.filter((pl.col("duration") > 0) & (pl.col("duration_right") > 0))
    far = (pl.col("duration") - pl.col("duration_right")).abs()
    slack = pl.when(pl.col("cls") == CALL).then(CALL_SECONDS).otherwise(ROUNDED_SECONDS)
    told = both.select(
        "left_row", "pair", "cls", "method", "duration", "duration_right", (far > slack).alias("is_unlike")
    )
    # Two of unlike lengths, each with the other's, met crosswise.
    unlike = told.filter(pl.col("is_unlike") & ~pl.col("method").is_in(BY_ID))
    swapped = unlike.select("pair", "cls", pl.col("duration_right").round().alias("n"))
    crossed = unlike.with_columns(pl.col("duration").round().alias("n")).join(
        swapped, on=["pair", "cls", "n"], how="semi"
    )
    return told.with_columns(pl.col("is_unlike") & ~pl.col("left_row").is_in(crossed["left_row"].implode()))


def _nothing_told(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select("left_row", "pair", "cls", pl.lit(value=False).alias("is_unlike"))


def _shown_length(side: str) -> pl.Expr:
    """`duration`, or else the length at the end of the text: `[语音通话] 05:23`, `[语音 12秒]`."""
    ends = pl.col(f"text{side}").str.extract_groups(_LENGTH).struct
    units = ((1, 3600), (2, 60), (3, 1))
    clock = sum((ends.field(str(n)).cast(pl.Float64).fill_null(0.0) * s for n, s in units), pl.lit(0.0))
    shown = pl.when(ends.field("3").is_not_null()).then(clock).otherwise(ends.field("4").cast(pl.Float64))
    return pl.coalesce(f"duration{side}", shown).alias(f"duration{side}")


def _asked(pairs: pl.DataFrame, question: Callable[[Row, Row], Told]) -> pl.DataFrame:
    """left_row, pair, cls, is_unlike of the pairs for which `question` has an answer; one call per pair.

    Called for few pairs: links, and quotes with different texts.
    """
    if pairs.is_empty():
        return _nothing_told(pairs)
    columns = ["text", "url", "kind"]
    wanted = pairs.select("left_row", *columns, *(f"{c}_right" for c in columns))
    answers = [
        question(dict(zip(columns, row[1:4], strict=True)), dict(zip(columns, row[4:], strict=True)))
        for row in wanted.iter_rows()
    ]
    told = pl.Series("is_unlike", answers, dtype=pl.Boolean)
    return pairs.select("left_row", "pair", "cls").with_columns(told).drop_nulls("is_unlike")


def _addresses_differ(left: Row, right: Row) -> Told:
    both = [_addresses(row) for row in (left, right)]
    if not all(both):
        return None
    return not any(_is_one_address(a, b) for a in both[0] for b in both[1])


def _hosts_differ(left: Row, right: Row) -> Told:
    mine, theirs = ({re.split(r"[/?:]", a)[0].lower() for a in _addresses(row)} for row in (left, right))
    return mine.isdisjoint(theirs)


def _addresses(row: Row) -> list[str]:
    """The addresses in a link row without scheme and fragment, leaving out the tool's own files."""
    shown = [row["url"] or "", *_ADDRESS.findall(row["text"])]
    plain = (re.sub(r"\A\w+://(?:www\.)?", "", html.unescape(a).split("#")[0].strip()).rstrip("/") for a in shown)
    return [a for a in plain if "." in a and not _OF_TOOL.match(a)]


def _is_one_address(left: str, right: str) -> bool:
    if left == right or left.startswith(right) or right.startswith(left):
        # The shorter address may be cut off.
        return True
    (path, _, query), (other, _, also) = left.partition("?"), right.partition("?")
    if path.lower() != other.lower():
        return False
    mine, theirs = parse_qs(query), parse_qs(also)
    return all(mine[k] == theirs[k] for k in mine.keys() & theirs.keys() if not _OF_READER.match(k.lower()))


def _titles_differ(left: Row, right: Row) -> Told:
    if left["text"] == right["text"]:
        return False
    titles = [canonical(link_title(row["text"])) for row in (left, right)]
    if not all(titles) or any(_ADDRESS.match(t) for t in titles):
        return None
    return not (
        is_form(*titles)
        or stands_in(titles[0], titles[1])
        or stands_in(titles[1], titles[0])
        or differ_in_pauses(*titles)
    )


def _quotes(judged: pl.DataFrame) -> pl.DataFrame:
    """Whether replies that both show quoted words, or both name the quoted message, quote differently."""
    words = (pl.col("cls") == WORDS) & (pl.col("cls_right") == WORDS) & _agrees()
    # Where a format names no kinds, a reply is recognised by the quoted part found earlier.
    quoting = pl.col("detail").str.contains("quoted_part", literal=True).fill_null(value=False)
    both = judged.filter(words & (pl.col("kind").eq("quote") | pl.col("kind_right").eq("quote") | quoting))
    if both.is_empty():
        return _nothing_told(both)
    # Equal texts quote the same words.
    equal = both["text"] == both["text_right"]
    shown = _asked(both.filter(~equal), _quoted_differ)
    told = pl.concat(
        [shown, both.filter(equal).select("left_row", "pair", "cls", pl.lit(value=False).alias("is_unlike"))]
    )
    return _by_number(told, both)


def _by_number(told: pl.DataFrame, both: pl.DataFrame) -> pl.DataFrame:
    """The answers so far, joined with those from message numbers; unlike where either differs."""
    if any(both[c].null_count() == both.height for c in ("reply_to", "reply_to_right")):
        return told
    names = [pl.col(c) for c in ("reply_to", "reply_to_right")]
    # A number stored as float may end in other digits, and rounding may change the last reliable one.
    values = [c.cast(pl.Float64, strict=False) for c in names]
    apart = (values[0] - values[1]).abs() > pl.max_horizontal(*(v.abs() for v in values)) / 10 ** (
        PARAMS.sure_digits - 1
    )
    spelt = [c.str.strip_chars_start("0").str.head(PARAMS.sure_digits) for c in names]
    is_unlike = apart & (spelt[0] != spelt[1])
    named = both.select("left_row", "pair", "cls", pl.coalesce(is_unlike, spelt[0] != spelt[1]).alias("is_unlike"))
    numbered = named.drop_nulls("is_unlike")
    numbers = numbered.group_by("pair").agg((~pl.col("is_unlike")).any().alias("any"))
    # Numbers that agree nowhere come from two tools with different numbering.
    meant = numbered.join(numbers.filter("any"), on="pair", how="semi")
    either = pl.concat([told, meant]).group_by("left_row", "pair", "cls", maintain_order=True)
    return either.agg(pl.col("is_unlike").any())


def _quoted_differ(left: Row, right: Row) -> Told:
    said = [parted(canonical(row["text"]))[1] for row in (left, right)]
    if said[0] is None or said[1] is None:
        return None
    plain = [CUT_MARK.sub("", s).strip('」]>"”') for s in said if s is not None]
    short, long = sorted(plain, key=len)
    # A text that begins like the other may be cut off.
    if (
        (long.startswith(short) and short != long)
        or len(short) < PARAMS.quoted_characters
        or any(_NOT_SHOWN.search(s) or s.startswith("[") or kind_of_placeholder(s) for s in plain)
    ):
        return None
    if is_form(*plain) or differ_in_pauses(*plain):
        return False
    # Canonical emoji names have brackets of their own.
    return None if differ_in_marks(*(s.replace("⟦", "[").replace("⟧", "]") for s in plain)) else True
