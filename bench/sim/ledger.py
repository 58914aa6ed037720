"""The right answer of a simulated dispute: relation, cause and interchangeable rows for every message, a grade for every conversation."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from bench.sim.model import Copy, Dispute, Loss, Numbering, Row, Spelling
from bench.sim.tables import NAMELESS
from reconcile.vocabulary import Cause, Grade, Kind, Relation, Side

EXCUSES = {
    Loss.REFUSED: Cause.NOT_DELIVERED,
    Loss.RECALLED: Cause.RECALLED,
    Loss.MEMBERSHIP: Cause.MEMBERSHIP,
    Loss.PER_SIDE: Cause.PER_SIDE_ROW,
    Loss.DECLARED: Cause.DECLARED,
    Loss.KIND: Cause.KIND_NOT_EXPORTED,
}
# Kinds that a table without a kind column cannot show by the placeholder in the text.
UNSHOWN = (Kind.QUOTE, Kind.OTHER)
# A client takes back its own message within two minutes.
RECALL_SECONDS = 125
# Where a table states no time, that many rows are as near as two minutes.
RECALL_ROWS = 16
WORDS = frozenset({Cause.TEXT_DIFFERS})


@dataclass(frozen=True, slots=True)
class Line:
    """What the alignment should say of one true message.

    Attributes:
        truth: number of the true message; repeats of a row are lines of their own with the same number.
        chat: number of the conversation.
        left_row: position in the left table, None where it has no such row.
        right_row: position in the right table.
        relation: the right answer.
        causes: causes that are right; empty = none is asked for.
        also: relations that are right as well, because the material allows both.
        is_soft: whether calling the pair a difference of form, or not, is both right.
    """

    truth: int
    chat: int
    left_row: int | None
    right_row: int | None
    relation: Relation
    causes: frozenset[Cause] = frozenset()
    also: frozenset[Relation] = frozenset()
    is_soft: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedVerdict:
    """The right verdict of one conversation, under the keys that both tables use; None where a side has no such chat."""

    chat: int
    left_conversation: str | None
    right_conversation: str | None
    grades: frozenset[Grade]
    edge_unverified: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that is right about a dispute. `groups` maps a true message to its class of rows that cannot be told apart.

    `notices` are rows of the client itself: pairing two of them, each device's words about one event, is neither right nor wrong.
    """

    lines: tuple[Line, ...]
    verdicts: tuple[ExpectedVerdict, ...]
    groups: dict[int, int]
    truths: dict[Side, tuple[int, ...]]
    notices: frozenset[int]
    innocent: bool


class Classes:
    """Classes of true messages that nobody can tell apart. Each message begins in a class of its own."""

    def __init__(self, truths: Iterable[int]) -> None:
        self._parent = {t: t for t in truths}

    def _root(self, truth: int) -> int:
        while self._parent[truth] != truth:
            self._parent[truth] = self._parent[self._parent[truth]]
            truth = self._parent[truth]
        return truth

    def join(self, one: int, two: int) -> None:
        """Put the class of the first message into that of the second."""
        self._parent[self._root(one)] = self._root(two)

    def join_near(self, spans: Iterable[tuple[float, float, int]], slack: float) -> None:
        """Join messages whose spans of time, each with its message, lie no more than the slack apart."""
        (_, until, last), *later = sorted(spans)
        for start, end, truth in later:
            if start - until <= slack:
                self.join(truth, last)
            until, last = (end, truth) if end >= until else (until, last)

    def by_truth(self) -> dict[int, int]:
        """The number of each message's class."""
        return {t: self._root(t) for t in self._parent}


@dataclass(slots=True)
class _Chat:
    held: dict[Side, dict[int, list[int]]]
    at: dict[int, float]
    both: list[int] = field(default_factory=list)


def ledger_of(dispute: Dispute) -> Ledger:
    """The right answer of a finished dispute, whose copies stand in file order."""
    said = {row.truth: row for row in dispute.said}
    lines: list[Line] = []
    verdicts: list[ExpectedVerdict] = []
    for number, chat in enumerate(dispute.chats):
        view = _view(dispute, number, said)
        found, edge = _lines_of(dispute, number, view, said)
        lines += found
        if any(view.held[side] for side in Side):
            grades = _grades(found, has_pairs=bool(view.both), both=all(view.held[s] for s in Side))
            keys = [dispute.key_on(s, number) if s in chat.holders and view.held[s] else None for s in Side]
            verdicts.append(ExpectedVerdict(number, keys[0], keys[1], grades, edge))
    substantive = {Relation.CONFLICT, Relation.ONE_SIDED}
    return Ledger(
        lines=tuple(lines),
        verdicts=tuple(verdicts),
        groups=_groups(dispute, said),
        truths={side: tuple(r.truth for r in copy.rows) for side, copy in dispute.copies.items()},
        notices=frozenset(row.truth for row in dispute.said if row.kind in NAMELESS),
        innocent=not any({line.relation, *line.also} & substantive for line in lines),
    )


def _view(dispute: Dispute, number: int, said: dict[int, Row]) -> _Chat:
    held: dict[Side, dict[int, list[int]]] = {side: defaultdict(list) for side in Side}
    for side, copy in dispute.copies.items():
        for position, row in enumerate(copy.rows):
            if row.chat == number:
                held[side][row.truth].append(position)
    at = {t: said[t].at or 0.0 for side in Side for t in held[side]}
    shared = (t for t in held[Side.LEFT] if t in held[Side.RIGHT] and said[t].kind not in NAMELESS)
    both = sorted(shared, key=at.__getitem__)
    return _Chat(held, at, both)


def _lines_of(dispute: Dispute, number: int, view: _Chat, said: dict[int, Row]) -> tuple[list[Line], int]:
    lines: list[Line] = []
    edge = 0
    for truth in sorted(view.at, key=lambda t: (view.at[t], t)):
        left, right = (view.held[side].get(truth, []) for side in Side)
        lines += [
            Line(
                truth,
                number,
                p if side is Side.LEFT else None,
                p if side is Side.RIGHT else None,
                Relation.SET_ASIDE,
                frozenset({Cause.REPEAT}),
            )
            for side, extra in ((Side.LEFT, left[1:]), (Side.RIGHT, right[1:]))
            for p in extra
        ]
        if left and right:
            lines.append(_pair_line(dispute, truth, number, left[0], right[0]))
            continue
        lacking = Side.LEFT if right else Side.RIGHT
        relation, causes, also = _absence(dispute, truth, lacking, view, said)
        edge += causes == {Cause.OUTSIDE_COVERAGE} and dispute.copies[lacking].exported_at is None
        lines.append(
            Line(truth, number, left[0] if left else None, right[0] if right else None, relation, causes, also)
        )
    return lines, edge


def _pair_line(dispute: Dispute, truth: int, number: int, left: int, right: int) -> Line:
    fact = dispute.fact(truth)
    rows = dispute.copies[Side.LEFT].rows[left], dispute.copies[Side.RIGHT].rows[right]
    seen = frozenset(c for c in fact.differs if _is_visible(dispute, c, *rows))
    if seen:
        return Line(truth, number, left, right, Relation.CONFLICT, seen)
    if rows[0].kind in NAMELESS or rows[1].kind in NAMELESS:
        return Line(truth, number, left, right, Relation.AGREEMENT, also=frozenset({Relation.SET_ASIDE}), is_soft=True)
    kinds = {dispute.copies[side].dialect.has_kind for side in Side}
    is_soft = fact.is_soft or (len(kinds) > 1 and rows[0].kind in UNSHOWN)
    # Two respelt copies may be spelt alike in the end.
    is_form = bool(fact.forms or fact.differs & WORDS) and rows[0].text != rows[1].text
    return Line(
        truth,
        number,
        left,
        right,
        Relation.AGREEMENT,
        frozenset({Cause.FORM}) if is_form else frozenset(),
        is_soft=is_soft,
    )


def _is_visible(dispute: Dispute, cause: Cause, left: Row, right: Row) -> bool:
    dialects = [dispute.copies[side].dialect for side in Side]
    if cause is Cause.TEXT_DIFFERS:
        short, long = sorted((left.text, right.text), key=len)
        stem = short.rstrip("….")
        # A text far shorter than the limit was not cut by it, though it is the start of the other.
        limits = [int(f.rpartition(" ")[2]) for f in dispute.faults if f.startswith("truncation at ")]
        is_cut = any(len(short) >= limit for limit in limits) and long.startswith(stem)
        return left.text != right.text and not is_cut and bool(short)
    if cause is Cause.MEDIA_DIFFERS:
        return (
            left.media_hash != right.media_hash
            and all(d.has_hash for d in dialects)
            and bool(left.media_hash and right.media_hash)
        )
    if cause is Cause.AMOUNT_DIFFERS:
        is_told = all(r.amount in r.text and r.text for r in (left, right))
        return left.amount != right.amount and (is_told or all(d.has_amount for d in dialects))
    if cause is Cause.TIME_DIFFERS:
        return all(d.spelling is not Spelling.NONE for d in dialects)
    return True


def _absence(
    dispute: Dispute, truth: int, lacking: Side, view: _Chat, said: dict[int, Row]
) -> tuple[Relation, frozenset[Cause], frozenset[Relation]]:
    loss = dispute.fact(truth).losses.get(lacking)
    aside = frozenset[Relation]()
    if not view.held[lacking]:
        return Relation.SET_ASIDE, frozenset({Cause.NO_COUNTERPART}), aside
    if loss in EXCUSES and _is_told(dispute, loss, lacking, said[truth].chat):
        more = {Cause.PER_SIDE_ROW, Cause.RECALLED} if said[truth].kind in NAMELESS else set()
        if loss is Loss.PER_SIDE:
            more |= {Cause.NOT_DELIVERED, Cause.RECALLED, Cause.MEMBERSHIP}
        if view.both and not _is_covered(dispute, truth, lacking, view, said):
            # The export does not reach there either, and may not hold what tells the other reason.
            more.add(Cause.OUTSIDE_COVERAGE)
        if loss is Loss.RECALLED and said[truth].author == dispute.copies[lacking.other].owner:
            # A client rewrites what its owner takes back: that such a row is the one recalled cannot be told.
            aside = frozenset({Relation.DOUBTFUL})
        if loss is Loss.DECLARED and any(c.dialect.spelling is Spelling.NONE for c in dispute.copies.values()):
            # A stretch of time is declared, and no time places the row in it.
            aside = frozenset({Relation.DOUBTFUL})
        return Relation.SET_ASIDE, frozenset({EXCUSES[loss]} | more), aside
    if not view.both:
        return Relation.SET_ASIDE, frozenset(), frozenset({Relation.DOUBTFUL})
    if said[truth].kind in NAMELESS:
        return Relation.SET_ASIDE, frozenset({Cause.PER_SIDE_ROW, Cause.OUTSIDE_COVERAGE, Cause.RECALLED}), aside
    if not _is_covered(dispute, truth, lacking, view, said):
        return Relation.SET_ASIDE, frozenset({Cause.OUTSIDE_COVERAGE}), aside
    untold = loss in EXCUSES
    if untold or _has_twin(dispute, truth, lacking.other, view) or _was_recalled(dispute, truth, view, said):
        aside = frozenset({Relation.SET_ASIDE, Relation.DOUBTFUL})
    return Relation.ONE_SIDED, _gap_causes(dispute, truth, lacking, loss, said), aside


def _is_told(dispute: Dispute, loss: Loss, lacking: Side, chat: int) -> bool:
    """Whether anything left says why the row lacks: the notice of a member who left may have been cut off with the tail."""
    copy = dispute.copies[lacking]
    if loss is not Loss.MEMBERSHIP or (chat, copy.owner) in copy.memberships:
        return True
    return any(r.chat == chat and r.kind is Kind.SYSTEM and "群聊" in r.text for r in copy.rows)


def _gap_causes(
    dispute: Dispute, truth: int, lacking: Side, loss: Loss | None, said: dict[int, Row]
) -> frozenset[Cause]:
    if loss is Loss.INVENTED:
        return frozenset({Cause.UNEXPLAINED, Cause.IRREGULAR, Cause.REFERENCED})
    copy = dispute.copies[lacking]
    causes = {Cause.SYNC_GAP} if loss is Loss.SYNC else {Cause.UNEXPLAINED}
    if loss is not Loss.SYNC and copy.dialect.numbering is not Numbering.NONE:
        causes.add(Cause.ID_GAP)
    if said[truth].message_id and any(r.reply_to == said[truth].message_id for r in copy.rows):
        causes.add(Cause.REFERENCED)
    return frozenset(causes)


def _is_covered(dispute: Dispute, truth: int, lacking: Side, view: _Chat, said: dict[int, Row]) -> bool:
    """Whether the lacking side's export speaks about the moment of the row (contract 3, coverage)."""
    at, first, last = view.at[truth], view.at[view.both[0]], view.at[view.both[-1]]
    if first <= at <= last:
        return True
    copy = dispute.copies[lacking]
    chat = said[truth].chat
    dialects = [c.dialect for c in dispute.copies.values()]
    timeless = any(d.spelling is Spelling.NONE for d in dialects)
    own = [said[r.truth].at or 0.0 for r in copy.rows if r.chat == chat or not timeless]
    if at < first:
        return min(own) < at
    has_moment = copy.dialect.has_sidecar and dispute.copies[lacking.other].dialect.spelling is not Spelling.NONE
    stated = copy.exported_at if has_moment else None
    return max(own) > at or (stated is not None and at < stated)


def _has_twin(dispute: Dispute, truth: int, side: Side, view: _Chat) -> bool:
    copy = dispute.copies[side]
    if copy.dialect.has_ids or copy.dialect.numbering is not Numbering.NONE:
        return False
    row = copy.rows[view.held[side][truth][0]]
    return sum(_looks(r) == _looks(row) and r.at == row.at for r in copy.rows if r.chat == row.chat) > 1


def _was_recalled(dispute: Dispute, truth: int, view: _Chat, said: dict[int, Row]) -> bool:
    """Whether a notice of the same author follows so soon that the row may be what was taken back."""
    row = said[truth]
    if row.kind in (Kind.TRANSFER, Kind.RED_PACKET):
        return False
    reach = RECALL_SECONDS + dispute.slack_seconds
    if any(copy.dialect.spelling is Spelling.NONE for copy in dispute.copies.values()):
        order = sorted(view.at, key=lambda t: (view.at[t], t))
        place = order.index(truth)
        later = [said[t] for t in order[place + 1 : place + 1 + RECALL_ROWS]]
    else:
        later = [said[t] for t, at in view.at.items() if 0 <= at - view.at[truth] <= reach]
    named = any(_tells_names(copy) for copy in dispute.copies.values())
    return any(r.kind is Kind.RECALL and (r.author == row.author or not named) for r in later)


def _tells_names(copy: Copy) -> bool:
    """Whether the export lets a name in a notice be led back to a sender."""
    dialect = copy.dialect
    return dialect.has_names or dialect.names_for_ids or (dialect.has_sidecar and dialect.has_contacts)


def _grades(lines: Iterable[Line], *, has_pairs: bool, both: bool) -> frozenset[Grade]:
    if not both or not has_pairs:
        return frozenset({Grade.CANNOT_DETERMINE})
    found = list(lines)
    undecided = any(line.relation is Relation.ONE_SIDED and line.also for line in found)
    relations = {line.relation for line in found if not (line.relation is Relation.ONE_SIDED and line.also)}
    if Relation.CONFLICT in relations:
        return frozenset({Grade.CONFLICTING})
    if Relation.ONE_SIDED in relations:
        return frozenset({Grade.ONE_SIDED})
    if undecided:
        return frozenset({Grade.ONE_SIDED, Grade.EXPLAINED_DIFFERENCES})
    if Relation.SET_ASIDE in relations or any(line.causes for line in found):
        return frozenset({Grade.EXPLAINED_DIFFERENCES})
    either = any(line.is_soft for line in found)
    return frozenset({Grade.NO_GAP_FOUND, Grade.EXPLAINED_DIFFERENCES} if either else {Grade.NO_GAP_FOUND})


def _looks(row: Row) -> tuple[object, ...]:
    return row.author, row.kind, row.text, row.media_hash, row.amount


def _groups(dispute: Dispute, said: dict[int, Row]) -> dict[int, int]:
    """Class of each true message: rows of one copy with one look and hardly any distance in time count as interchangeable."""
    classes = Classes(said)
    if dispute.ids_are_shared and all(copy.dialect.has_ids for copy in dispute.copies.values()):
        return classes.by_truth()
    timeless = any(copy.dialect.spelling is Spelling.NONE for copy in dispute.copies.values())
    for copy in dispute.copies.values():
        alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for row in copy.rows:
            alike[(row.chat, *_looks(row))].append(row.truth)
        for truths in alike.values():
            ordered = sorted(truths, key=lambda t: said[t].at or 0.0)
            for one, two in pairwise(ordered):
                if (said[two].at or 0.0) - (said[one].at or 0.0) <= dispute.slack_seconds:
                    classes.join(two, one)
        if timeless:
            for one, two in _sliding(dispute, copy.rows):
                classes.join(two, one)
    return classes.by_truth()


def _sliding(dispute: Dispute, rows: list[Row]) -> Iterable[tuple[int, int]]:
    """Pairs of rows between which order alone cannot say which one the other side lacks (a b a with `a b` or `b a` gone)."""
    other = next(c for c in dispute.copies.values() if c.rows is not rows)
    held = {r.truth for r in other.rows}
    for chat in range(len(dispute.chats)):
        own = [r for r in rows if r.chat == chat]
        lost = [r.truth not in held for r in own]
        i = 0
        while i < len(own):
            if not lost[i]:
                i += 1
                continue
            j = i
            while j + 1 < len(own) and lost[j + 1]:
                j += 1
            width, forward, back = j - i + 1, j + 1, i - 1
            while forward < len(own) and _looks(own[forward]) == _looks(own[forward - width]):
                yield own[forward - width].truth, own[forward].truth
                forward += 1
            while back >= 0 and _looks(own[back]) == _looks(own[back + width]):
                yield own[back].truth, own[back + width].truth
                back -= 1
            i = j + 1
