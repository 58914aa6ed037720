"""What a submission states to have selected: one person's messages, or messages of one kind."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import polars as pl

from reconcile.intake.checks.outside_words import NUMBERED
from reconcile.intake.contract import Reading
from reconcile.patterns import lazy_pattern
from reconcile.submission.passage_clock import sender_key
from reconcile.submission.pasted import QUOTED
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.kinds import SYSTEM_KINDS

_ONLY = lazy_pattern(r"仅|只|单独|略|\b(?:only|omitted)\b", re.I)
# That what bears on something was chosen, and the rest was not.
_CHOSEN = lazy_pattern(
    r"[仅只](?:就|将|对)?(?:摘录?|引用|节选|选取|摘取|列|录)[^。；]{0,30}(?:有关|相关|部分)|(?:其余|其他|其它)(?:的|内容|部分|聊天|对话|消息|记录)*[均都]?(?:未|从略|略|不再)"
    r"|\b(?:only|merely) (?:what|messages|parts) (?:concern|relat|about)",
    re.I,
)
# That nothing is left out of what was chosen.
_WHOLE = lazy_pattern(r"全部|所有|完整|逐条|未删|无删|\b(?:all|complete)\b", re.I)
_ALL = lazy_pattern(rf"{_ONLY.pattern}|全部|所有|\b(?:all|every)\b", re.I)
_SENTENCES = lazy_pattern(r"[。；;!！\n·]+")
# Words for the kinds that a submission may select.
_KINDS = (
    (lazy_pattern(r"转账|收款|付款|支付|款项|打款|汇款|\b(?:transfer|payment)s?\b", re.I), Kind.TRANSFER),
    (lazy_pattern(r"红包|付款|支付|款项|\b(?:red packet|payment)s?\b", re.I), Kind.RED_PACKET),
    (lazy_pattern(r"图片|照片|截图|\b(?:image|picture|photo)s?\b", re.I), Kind.IMAGE),
    (lazy_pattern(r"语音|\bvoice\b", re.I), Kind.VOICE),
    (lazy_pattern(r"视频|\bvideos?\b", re.I), Kind.VIDEO),
    (lazy_pattern(r"文件|\bfiles?\b", re.I), Kind.FILE),
)
_LINE = lazy_pattern(r"#(?:[^#!]*!)?(?:table ([0-9]+) )?(?:line |row )?([0-9]+)$")
# A line that calls itself a numbered excerpt. It may be read as the end of the message above it.
_EXCERPT = lazy_pattern(
    r"^\W*(?:第?(?:摘录|节选|选段|片段)\s?第?|第)(?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})(?:[段节部]|\W|$)|^\W*excerpt [0-9]",
    re.I,
)
# The title of a forward, and the kinds that the client does not forward.
_FORWARD = lazy_pattern(r"(?:^|\s)(?:\S{1,40}和\S{1,40}|群聊)的聊天记录(?:\s|$)")
_NOT_FORWARDED = frozenset(map(str, (Kind.RED_PACKET, Kind.TRANSFER, Kind.CALL)))
HEADS = (NoteCode.ROW_SKIPPED, NoteCode.WORDS_UNREAD)


def unselected(
    submission: Reading, rows: Sequence[dict[str, Any]], placed: Sequence[tuple[int, int]]
) -> frozenset[int]:
    """Places in `rows` of what the submission states to leave out: other people or other kinds.

    A statement counts only if all submitted messages agree with it, and at least one does.

    Args:
        submission: the submission with the notes on what it holds beside its rows.
        rows: the export's rows in order.
        placed: place in `rows` and submitted row of each placed message.
    """
    if submission.facts.reader == QUOTED:
        return frozenset(range(len(rows)))
    stated = statements(submission)
    spoken = [(at, row) for at, row in placed if rows[at]["kind"] not in map(str, SYSTEM_KINDS)]
    if not stated or not spoken:
        return frozenset()
    kinds = _stated_kinds(stated, {rows[at]["kind"] for at, _ in spoken})
    author = _stated_author(stated, submission, rows, spoken)
    is_chosen = any(_CHOSEN.search(s) and not _WHOLE.search(s) for s in stated)
    if not kinds and author is None and is_chosen:
        return frozenset(range(len(rows)))
    return frozenset(
        at
        for at, row in enumerate(rows)
        if (kinds and row["kind"] not in kinds) or (author is not None and sender_key(row) != author)
    )


def parts_of(submission: Reading, order: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Submitted row -> its file, and how many numbered headings of excerpts stand above it there.

    Files are parts of their own where each is one stretch of the export, and nobody's store. Tables of a document are
    where it has as many such headings.

    Args:
        submission: the submission with the notes on what it holds beside its rows.
        order: the placed rows of the submission in the export's order.
    """
    skipped = (n for n in submission.notes if n.code is NoteCode.ROW_SKIPPED)
    headings = [n.locator for n in skipped if NUMBERED.match(n.excerpt) or _EXCERPT.match(n.excerpt)]
    lines: dict[str, list[int]] = defaultdict(list)
    for file, _, line in map(place_of, headings):
        lines[file].append(line)
    below = submission.messages.select("locator", "text").filter(pl.col("text").str.contains("\n", literal=True))
    for locator, text in below.iter_rows():
        file, _, line = place_of(locator)
        lines[file] += [line + n for n, words in enumerate(text.split("\n")) if n and _EXCERPT.match(words)]
    heads = {file: sorted(numbers) for file, numbers in lines.items()}
    places = {row: place_of(at) for row, at in submission.messages.select("row", "locator").iter_rows()}
    tables = Counter(file for file, table in {(file, table) for file, table, _ in places.values()} if table)
    parts = {
        row: (file, table if tables[file] == len(heads.get(file, ())) else bisect_left(heads.get(file, ()), line))
        for row, (file, table, line) in places.items()
    }
    stretches = [file for file, _ in groupby(parts[row][0] for row in order)]
    is_one = len({*stretches}) < len(stretches) or submission.facts.limits.holds_every_kind
    return {row: ("" if is_one else file, number) for row, (file, number) in parts.items()}


def kinds_not_forwarded(submission: Reading) -> frozenset[str]:
    """Kinds that a submission shows nowhere and cannot hold if it is a forward, as its head says."""
    is_forward = any(_FORWARD.search(n.excerpt) for n in submission.notes if n.code in HEADS)
    return _NOT_FORWARDED - {*submission.messages["kind"].cast(pl.String)} if is_forward else frozenset()


def place_of(locator: str) -> tuple[str, int, int]:
    """The file, number of the table (0 = none) and line that a locator names."""
    found = _LINE.search(locator)
    return (locator[: found.start()], int(found[1] or 0), int(found[2])) if found else (locator.partition("#")[0], 0, 0)


def statements(submission: Reading) -> list[str]:
    """The sentences that the submission holds beside its messages."""
    heads = "\n".join(n.excerpt for n in submission.notes if n.code in HEADS)
    return [s for s in _SENTENCES.split(heads) if s.strip()]


def _stated_kinds(stated: Sequence[str], held: set[str]) -> frozenset[str]:
    """The only kinds that a sentence says to be submitted, where no other is; empty without one."""
    told = (frozenset(str(k) for words, k in _KINDS if words.search(s)) for s in stated if _ALL.search(s))
    return next((kinds for kinds in told if held <= kinds), frozenset())


def _stated_author(
    stated: Sequence[str], submission: Reading, rows: Sequence[dict[str, Any]], spoken: Sequence[tuple[int, int]]
) -> Any:
    """The export's sender whose messages alone a sentence says to be submitted; None without one."""
    authors = {sender_key(rows[at]) for at, _ in spoken}
    shown = submission.messages.filter(submission.messages["row"].is_in([row for _, row in spoken]))
    names = {n for pair in shown.select("sender", "sender_name").rows() for n in pair if n}
    if len(authors) > 1 or shown["sender"].n_unique() > 1:
        return None
    is_stated = any(_ONLY.search(s) and any(len(n) > 1 and n in s for n in names) for s in stated)
    return authors.pop() if is_stated else None
