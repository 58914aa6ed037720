"""What a paper adds around the words of messages.

Marks of omission and emphasis, quotation marks and remarks are told from the words by comparison: what such signs set
off, and no message of the export holds, is an addition.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate

import dataframely as dy
import polars as pl

from reconcile.engine.preparation.quoted_lines import with_marked_quotations
from reconcile.formats.inferred.text.time_bars import note_on_bars
from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from reconcile.intake.text.endings import PAPER_LINE
from reconcile.patterns import lazy_pattern
from reconcile.submission.excerpt.lines import key_of
from reconcile.submission.pairing import PAIR_SCHEMA, Paired, pair_submission
from reconcile.submission.stated_selection import HEADS, place_of
from reconcile.vocabulary import Cause, Kind, Relation, TimePrecision

_OPENS, _CLOSES = "（(【〔", "）)】〕"
_DOTS = r"(?:…++|⋯++|\.{3,}+)"
_ELLIPSIS = lazy_pattern(_DOTS)
_OMITS = r"(?:略|删节|未摘|未录|未打|不再[录摘列]|omitted|snip)"
_ASIDE = rf"(?:[{_OPENS}\[][^{_OPENS}{_CLOSES}\[\]\n]{{0,30}}?{_OMITS}[^{_OPENS}{_CLOSES}\[\]\n]{{0,20}}[{_CLOSES}\]]|—+[^—\n]{{0,30}}?{_OMITS}[^—\n]{{0,20}}—+)"
_NAMED_GAP = lazy_pattern(rf"{_DOTS}?{_ASIDE}{_DOTS}?", re.I)
_GAP = lazy_pattern(
    rf"{_NAMED_GAP.pattern}|{_DOTS}|(?:[中上下前后]|此处|以[上下]|其[余间]|中间)[^，。\n]{{0,10}}{_OMITS}[^，。\n]{{0,6}}",
    re.I,
)
# What a paper sets off, and how. A bracket that quotes, or states a memo, is of the message.
_SET_OFF = {
    "line": lazy_pattern(rf"(?is)(?P<words>.*\S)[^\S\n]*+\n\s*+(?:(?:(?:{_GAP.pattern})\s*+)+|{PAPER_LINE}[^\n]*)$"),
    "emphasis": lazy_pattern(r"(?s)\s*(?P<sign>\*{1,3}|_{2,3})(?P<words>.+)(?P=sign)\s*$"),
    "mark": lazy_pattern(r"(?s)\s*[★☆◆◇●▲※▶]*(?P<words>.+?)\s*+(?:[★☆◆◇●▲※]+|[←⇐][^\n]*)?$"),
    "quotes": lazy_pattern(r"(?s)\s*[“「『](?P<words>.+)[”」』][。.，,]?(?:\s*(?:—+|--)[^\n]*)?\s*$"),
    "bracket": lazy_pattern(
        rf"(?s)(?P<words>.*\S)\s*+[{_OPENS}](?!引用|回复|附言)(?P<said>[^{_OPENS}{_CLOSES}\n]*)[{_CLOSES}]\s*$"
    ),
    "slashes": lazy_pattern(r"(?s)(?P<words>.*\S)\s++//[^\n]*$"),
}
_SIGNS = rf"[…⋯*★☆◆◇●▲※▶←⇐“「『{_CLOSES}]|\.\.\.|{_OMITS}|\n|\s//|__"
# Words of a bracket that speaks of the case, and is no part of a message.
_REMARK = lazy_pattern(
    r"注|按[:：]|说明|备注|意见|证据|证明|本案|争议|代理|律师|对账|附件|原件|见第|截图|方言|笔误|note", re.I
)
_LONGEST, _DEPTH, _LEAST, _TOLD, _MOST_NAMES = 5_000, 4, 4, 8, 50


@dataclass(frozen=True, slots=True)
class Paper:
    """A submission in the words of its messages.

    Attributes:
        reading: the submission without what it adds; marks of omission on lines of their own are rows of the client.
        changed: row -> what was changed (`remark`, `ellipsis`), and whether the paper surely does so openly.
        gaps: rows behind which the paper marks an omission; -1 = before all.
        marks: rows that are nothing but such a mark.
    """

    reading: Reading
    changed: Mapping[int, tuple[str, bool]]
    gaps: tuple[int, ...]
    marks: frozenset[int] = frozenset()


def pairs_of_paper(
    submission: Reading, export: Reading, *, recognised: bool, legible: dict[int, float] | None
) -> list[Paired]:
    """The pairs of each conversation, found by the words without what the paper adds around them.

    An open ellipsis stands for any words of the export's message there; all other words still have to agree.
    """
    paper = _without_additions(submission, export)
    found = pair_submission(paper.reading, export, recognised=recognised, legible=legible)
    filled = _with_whole_words(paper, found, export)
    if filled is not paper:
        found = pair_submission(filled.reading, export, recognised=recognised, legible=legible)
    told, unread = _unread(submission, export, found)
    return [_marked(pairs, filled, told, unread) for pairs in found]


def openly_left_out(gaps: Iterable[int], placed: Iterable[tuple[int, int]]) -> frozenset[int]:
    """Places between the messages that stand next to a marked omission in the paper.

    `placed`: place in the export and submitted row of each placed message.
    """
    rows = sorted((row, at) for at, row in placed)
    spans: list[tuple[int, int]] = []
    for gap in gaps:
        behind = bisect_left(rows, (gap + 1, -1))
        if 0 < behind < len(rows):
            low, high = sorted((rows[behind - 1][1], rows[behind][1]))
            spans.append((low + 1, high))
    found, reached = list[int](), 0
    for low, high in sorted(spans):
        # Spans may overlap where the paper shows messages in another order.
        found += range(max(low, reached), high)
        reached = max(reached, high)
    return frozenset(found)


def _with_marked_quotations(messages: dy.DataFrame[Messages], whole: dy.DataFrame[Messages]) -> dy.DataFrame[Messages]:
    """The messages, with a mark before a last line that repeats the message they answer."""
    both = [m.with_columns(pl.lit(0).alias("pair")) for m in (messages, whole)]
    return Messages.cast(messages.with_columns(with_marked_quotations(both[0], both[1])["text"]))


def _without_additions(submission: Reading, export: Reading) -> Paper:
    """The submission without what it adds to the words of its messages."""
    messages = _with_marked_quotations(_without_times_of_bars(submission), export.messages)
    rows = messages.filter(
        pl.col("text").str.contains(_SIGNS),
        pl.col("text").str.len_chars() <= _LONGEST,
        ~pl.col("text").is_in(export.messages["text"].unique().implode()),
    ).select("row", "text", "kind", "sender", "sender_name")
    gaps = [*_gaps_of_notes(submission)]
    if rows.is_empty():
        return Paper(replace(submission, messages=messages), {}, tuple(gaps))
    known = {key_of(text) for text in export.messages["text"].unique()}
    texts: dict[int, str] = {}
    signs_of: dict[int, frozenset[str]] = {}
    told: dict[int, tuple[str, bool]] = {}
    marks: list[int] = []
    unknown: dict[int, dict[str, frozenset[str]]] = {}
    proven: set[str] = {"line"}
    for row, text, kind, *names in rows.iter_rows():
        whole = re.sub(r"\s+", "", text)
        if _NAMED_GAP.fullmatch(whole) or (_GAP.fullmatch(whole) and not any(names)):
            marks.append(row)
        elif kind == str(Kind.TEXT) or "\n" in text:
            forms = _bare_forms(text)
            bare = next((b for b in forms if key_of(b) in known), None)
            if bare is None:
                unknown[row] = forms
            elif forms[bare]:
                texts[row], signs_of[row] = bare, forms[bare]
                proven |= forms[bare]
    for row, forms in unknown.items():
        # What the paper does to other texts it does to a text that differs, too.
        bare = [b for b, signs in forms.items() if signs <= proven][-1]
        if forms[bare]:
            texts[row], signs_of[row] = bare, forms[bare]
    written = dict(rows.select("row", "text").iter_rows())
    for row, bare in texts.items():
        said = written[row].partition(bare)[2]
        told[row] = "remark", "bracket" not in signs_of[row] or _REMARK.search(said) is not None
        gaps += [row] * any(_GAP.fullmatch(re.sub(r"\s+", "", line)) for line in said.split("\n"))
    kinds = pl.when(pl.col("row").is_in(marks)).then(pl.lit(str(Kind.SYSTEM))).otherwise(pl.col("kind").cast(pl.String))
    column = messages["text"].scatter([*texts], [*texts.values()])
    changed = Messages.cast(messages.with_columns(column, kinds.alias("kind")))
    return Paper(replace(submission, messages=changed), told, tuple(sorted({*gaps, *marks})), frozenset(marks))


def _without_times_of_bars(submission: Reading) -> dy.DataFrame[Messages]:
    """The messages without times that stand above several of them, but for the first one below."""
    files = [n.locator for n in submission.notes if n == note_on_bars(n.locator)]
    is_again = pl.col("locator").str.extract("^([^#]*)#").is_in(files) & (
        pl.col("sent_raw") == pl.col("sent_raw").shift(1)
    )
    columns = [
        pl.when(~is_again.fill_null(value=False)).then("sent_at"),
        pl.when(is_again)
        .then(pl.lit(str(TimePrecision.NONE)))
        .otherwise(pl.col("time_precision").cast(pl.String))
        .alias("time_precision"),
    ]
    return Messages.cast(submission.messages.with_columns(columns)) if files else submission.messages


def _bare_forms(text: str) -> dict[str, frozenset[str]]:
    """The text without what is set off at its ends -> the signs of that, least taken off first."""
    found: dict[str, frozenset[str]] = {text: frozenset()}
    last = [text]
    for _ in range(_DEPTH):
        now = []
        for words in last:
            for sign, pattern in _SET_OFF.items():
                if (match := pattern.match(words)) and (bare := match["words"].strip()) and bare not in found:
                    found[bare] = found[words] | {sign}
                    now.append(bare)
        last = now
    return found


def _gaps_of_notes(submission: Reading) -> Iterator[int]:
    """The rows behind which a line or a row of a table that is no message marks an omission."""
    marks = [n.locator for n in submission.notes if n.code in HEADS and _GAP.fullmatch(re.sub(r"\s+", "", n.excerpt))]
    if not marks:
        return
    places: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for row, at in submission.messages.select("row", "locator").iter_rows():
        file, table, line = place_of(at)
        places[file].append((table, line, row))
    ordered = {file: sorted(held) for file, held in places.items()}
    highest = {file: [*accumulate((row for *_, row in held), max)] for file, held in ordered.items()}
    for file, table, line in map(place_of, marks):
        above = bisect_left(ordered.get(file, []), (table, line, -1))
        yield highest[file][above - 1] if above else -1


def _with_whole_words(paper: Paper, found: list[Paired], export: Reading) -> Paper:
    """The paper with the export's words for each open ellipsis beside which all words agree."""
    messages = paper.reading.messages
    asked = messages.filter(pl.col("text").str.contains(_DOTS), pl.col("kind").cast(pl.String) == str(Kind.TEXT))
    if asked.is_empty():
        return paper
    theirs = dict(export.messages.select("row", "text").iter_rows())
    pairs = [pair for p in found for pair in p.pairs.select("row", "export_row", "relation").iter_rows()]
    placed = {row: other for row, other, _ in pairs}
    agreed = {row for row, _, relation in pairs if relation == str(Relation.AGREEMENT)}
    taken = {e for e in placed.values() if e is not None}
    whole: dict[int, str] = {}
    told = dict(paper.changed)
    for row, text in asked.filter(~pl.col("row").is_in(agreed)).select("row", "text").iter_rows():
        pieces = [key_of(piece) for piece in _ELLIPSIS.split(text)]
        # Dots alone may be all that somebody wrote.
        is_sure, at = sum(map(len, pieces)) >= _LEAST, placed.get(row)
        near: Iterable[int] = (at,) if at is not None else _free_between(row, placed, taken) if is_sure else ()
        fits = {t for e in near if (t := theirs.get(e)) and _holds(key_of(t), pieces)}
        if len(fits) == 1:
            whole[row], told[row] = fits.pop(), ("ellipsis", is_sure)
    if not whole:
        return paper
    column = messages["text"].scatter([*whole], [*whole.values()])
    reading = replace(paper.reading, messages=Messages.cast(messages.with_columns(column)))
    return replace(paper, reading=reading, changed=told)


def _free_between(row: int, placed: Mapping[int, int | None], taken: set[int]) -> Iterator[int]:
    """Rows of the export without a pair between those of the rows above and below."""
    low, high = (
        next((e for n in range(1, _TOLD) if (e := placed.get(row + way * n)) is not None), None) for way in (-1, 1)
    )
    if low is not None and high is not None:
        yield from (e for e in range(low + 1, high) if e not in taken)


def _holds(words: str, pieces: list[str]) -> bool:
    """Whether words consist of the pieces in order, with other words between them."""
    if not words.startswith(pieces[0]) or not words.endswith(pieces[-1]):
        return False
    at, end = len(pieces[0]), len(words) - len(pieces[-1])
    for piece in pieces[1:-1]:
        if (at := words.find(piece, at)) < 0:
            return False
        at += len(piece)
    return at <= end


def _unread(submission: Reading, export: Reading, found: list[Paired]) -> tuple[frozenset[int], int]:
    """Unplaced rows whose words stand in unread parts of the submission, and how many messages do.

    What begins with a clock and the name of a sender is one, whatever its words are.
    """
    beside = "\n".join(n.excerpt for n in submission.notes if n.code in HEADS)
    key, placed = key_of(beside), {e for p in found for e in p.pairs["export_row"].drop_nulls()}
    long = export.messages.filter(
        pl.col("text").str.len_chars().is_between(_TOLD, len(key)), ~pl.col("row").is_in(placed)
    )
    told = frozenset(row for row, text in long.select("row", "text").iter_rows() if key_of(text) in key)
    names = "|".join(map(re.escape, submission.messages["sender"].drop_nulls().unique().sort().head(_MOST_NAMES)))
    lines = re.findall(rf"\d[:：]\d\d(?:[:：]\d\d)?\W{{0,4}}(?:{names})\W?[:：]", beside) if names else []
    return told, max(len(told), len(lines))


def _marked(paired: Paired, paper: Paper, told: frozenset[int], unread: int) -> Paired:
    """The pairs with what the paper adds or leaves out openly stated beside them."""
    doubt = {"relation": str(Relation.DOUBTFUL), "cause": str(Cause.WEAK_MATCH)}
    rows = paired.pairs.to_dicts() if paper.changed or paper.marks else []
    for row in rows:
        if row["row"] in paper.marks and row["export_row"] is None:
            row |= {"relation": str(Relation.SET_ASIDE), "cause": str(Cause.PER_SIDE_ROW), "detail": None}
        what, is_sure = paper.changed.get(row["row"], ("", True))
        if what and row["relation"] == str(Relation.AGREEMENT) and row["detail"] != "indistinguishable":
            row.update({"cause": str(Cause.FORM), "detail": what}, **({} if is_sure else doubt))
    return replace(
        paired, pairs=pl.DataFrame(rows, schema=PAIR_SCHEMA, orient="row") if rows else paired.pairs, gaps=paper.gaps,
        unread=unread, doubtful_exports=paired.doubtful_exports | told,
    )  # fmt: skip
