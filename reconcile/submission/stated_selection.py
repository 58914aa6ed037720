"""What a submission states to have selected: one person's messages, or messages of one kind."""

import re
from collections.abc import Sequence
from typing import Any

from reconcile.intake.contract import Reading
from reconcile.submission.passage_clock import sender_key
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.kinds import SYSTEM_KINDS

_ONLY = re.compile(r"仅|只|单独|略|\b(?:only|omitted)\b", re.I)
_ALL = re.compile(rf"{_ONLY.pattern}|全部|所有|\b(?:all|every)\b", re.I)
_SENTENCES = re.compile(r"[。；;!！\n·]+")
# Words for the kinds that a submission may select.
_KINDS = (
    (re.compile(r"转账|收款|付款|支付|款项|打款|汇款|\b(?:transfer|payment)s?\b", re.I), Kind.TRANSFER),
    (re.compile(r"红包|付款|支付|款项|\b(?:red packet|payment)s?\b", re.I), Kind.RED_PACKET),
    (re.compile(r"图片|照片|截图|\b(?:image|picture|photo)s?\b", re.I), Kind.IMAGE),
    (re.compile(r"语音|\bvoice\b", re.I), Kind.VOICE),
    (re.compile(r"视频|\bvideos?\b", re.I), Kind.VIDEO),
    (re.compile(r"文件|\bfiles?\b", re.I), Kind.FILE),
)
_HEADS = (NoteCode.ROW_SKIPPED, NoteCode.WORDS_UNREAD)


def unselected(
    submission: Reading, rows: Sequence[dict[str, Any]], placed: Sequence[tuple[int, int]]
) -> frozenset[int]:
    """Places in `rows` of messages that the submission states to leave out: other people's, or of other kinds.

    A statement counts only if all submitted messages agree with it, and at least one does.

    Args:
        submission: the submission with the notes on what it holds beside its rows.
        rows: the export's rows in order.
        placed: place in `rows` and submitted row of each placed message.
    """
    stated = _statements(submission)
    spoken = [(at, row) for at, row in placed if rows[at]["kind"] not in map(str, SYSTEM_KINDS)]
    if not stated or not spoken:
        return frozenset()
    kinds = _stated_kinds(stated, {rows[at]["kind"] for at, _ in spoken})
    author = _stated_author(stated, submission, rows, spoken)
    return frozenset(
        at
        for at, row in enumerate(rows)
        if (kinds and row["kind"] not in kinds) or (author is not None and sender_key(row) != author)
    )


def _statements(submission: Reading) -> list[str]:
    """The sentences that the submission holds beside its messages."""
    heads = "\n".join(n.excerpt for n in submission.notes if n.code in _HEADS)
    return [s for s in _SENTENCES.split(heads) if s.strip()]


def _stated_kinds(stated: Sequence[str], held: set[str]) -> frozenset[str]:
    """The kinds that a sentence says to be all that is submitted, where nothing else is; empty without one."""
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
