"""Scores an alignment and its verdicts against the ledger of a simulated dispute."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Self

import polars as pl

from bench.sim.ledger import Ledger, Line
from reconcile.vocabulary import Grade, Relation, Side

Got = tuple[str, int | None, int | None, str | None]  # relation, left row, right row, cause
PAIRED = (Relation.AGREEMENT, Relation.CONFLICT)
ACCUSING = (Grade.CONFLICTING, Grade.ONE_SIDED)
CLEAN = frozenset({Grade.NO_GAP_FOUND, Grade.EXPLAINED_DIFFERENCES})


@dataclass(slots=True)
class Counts:
    """What was counted in one measurement or several; `+` adds field by field."""

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(slots=True)
class Score(Counts):
    """Counts over any number of disputes. Ratios are None where nothing was counted."""

    disputes: int = 0
    broken: int = 0
    pairs: int = 0
    pairs_found: int = 0
    pairs_claimed: int = 0
    pairs_right: int = 0
    missing: int = 0
    missing_found: int = 0
    missing_claimed: int = 0
    missing_right: int = 0
    conflicts: int = 0
    conflicts_found: int = 0
    conflicts_claimed: int = 0
    conflicts_right: int = 0
    rows: int = 0
    rows_doubtful: int = 0
    rows_on_both: int = 0
    rows_accused: int = 0
    causes: int = 0
    causes_right: int = 0
    chats: int = 0
    grades_right: int = 0
    undetermined: int = 0
    lone_chats: int = 0
    lone_chats_right: int = 0
    innocent: int = 0
    innocent_accused: int = 0
    not_conserved: int = 0


def ratio(part: int, whole: int) -> float | None:
    """Part / whole, None for nothing of nothing."""
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that the comparison got wrong, for `--show`. Rows are positions in the tables, None where a side has none."""

    what: str
    left_row: int | None
    right_row: int | None
    truth: str
    got: str


def described(wrong: Iterable[Wrong], shown: Callable[[Side, int], str]) -> list[str]:
    """What was wrong in words: truth, answer, and the rows as `shown` tells them."""
    told = []
    for one in wrong:
        text = f"{one.what}: right is {one.truth}; got {one.got}"
        for side, row in ((Side.LEFT, one.left_row), (Side.RIGHT, one.right_row)):
            if row is not None:
                text += f"\n      {side} {row} {shown(side, row)}"
        told.append(text)
    return told


@dataclass(slots=True)
class _Group:
    """What is right, and what was claimed, of one class of interchangeable true messages."""

    members: set[int] = field(default_factory=set)
    right: Counter[str] = field(default_factory=Counter)
    optional: Counter[str] = field(default_factory=Counter)
    claimed: Counter[str] = field(default_factory=Counter)


def score(alignment: pl.DataFrame, verdicts: pl.DataFrame, ledger: Ledger) -> tuple[Score, list[Wrong]]:
    """The score of one comparison, and every row and verdict that it got wrong.

    Rows that nobody can tell apart are counted by class: as many claims of a class as are right count as right, whichever rows
    they name. A doubtful row of such a class is neither found nor missed.
    """
    total, wrong = Score(disputes=1), list[Wrong]()
    lines = list(
        alignment.select("relation", "left_row", "right_row", "cause")
        .cast({"relation": pl.String, "cause": pl.String})
        .iter_rows()
    )
    total.not_conserved = _conservation(lines, ledger)
    if total.not_conserved:
        wrong.append(
            Wrong(
                "rows not exactly once", None, None, "every row once", f"{total.not_conserved} rows missing or doubled"
            )
        )
    groups = _expected(ledger)
    strangers = _claimed(groups, lines, ledger)
    for group in groups.values():
        _add_up(total, group)
    total.pairs_claimed += strangers["pair"]
    total.conflicts_claimed += strangers["conflict"]
    total.rows = sum(map(len, ledger.truths.values()))
    total.rows_doubtful = sum(
        (left is not None) + (right is not None) for relation, left, right, _ in lines if relation == Relation.DOUBTFUL
    )
    _causes(total, groups, lines, ledger)
    wrong += _wrong_lines(groups, lines, ledger)
    wrong += _grades(total, alignment, verdicts, ledger)
    return total, wrong


def _conservation(lines: list[Got], ledger: Ledger) -> int:
    off = 0
    for place, side in enumerate(Side, 1):
        seen = Counter(row for line in lines if isinstance(row := line[place], int))
        whole = Counter(range(len(ledger.truths[side])))
        off += (seen - whole).total() + (whole - seen).total()
    return off


def _key(line: Line) -> str | None:
    if line.left_row is not None and line.right_row is not None:
        return "pair"
    if line.relation is Relation.ONE_SIDED:
        return "missing left" if line.left_row is None else "missing right"
    return None


def _expected(ledger: Ledger) -> dict[int, _Group]:
    groups: dict[int, _Group] = {}
    for line in ledger.lines:
        group = groups.setdefault(ledger.groups[line.truth], _Group())
        group.members.add(line.truth)
        key = _key(line)
        if key is not None:
            (group.optional if line.also else group.right)[key] += 1
        if line.relation is Relation.CONFLICT:
            group.right["conflict"] += 1
    return groups


def _claimed(groups: dict[int, _Group], lines: list[Got], ledger: Ledger) -> Counter[str]:
    """Enter every claim into its class; claims that pair rows of two classes are returned as strangers."""
    strangers = Counter[str]()
    for relation, left, right, _ in lines:
        one, two = (
            None if row is None else ledger.groups[ledger.truths[side][row]]
            for side, row in zip(Side, (left, right), strict=True)
        )
        if one is not None and two is not None:
            if one != two and relation == Relation.AGREEMENT and ledger.notices.issuperset((one, two)):
                continue
            if one != two:
                for home in (groups[one], groups[two]):
                    home.claimed["doubtful"] += relation == Relation.DOUBTFUL
                strangers["pair"] += relation in PAIRED
                strangers["conflict"] += relation == Relation.CONFLICT
                continue
            claimed = groups[one].claimed
            claimed["pair"] += relation in PAIRED
            claimed["conflict"] += relation == Relation.CONFLICT
            claimed["doubtful"] += relation == Relation.DOUBTFUL
        else:
            group = groups[one if one is not None else two]  # type: ignore[index]
            if relation == Relation.ONE_SIDED:
                group.claimed["missing left" if one is None else "missing right"] += 1
            group.claimed["doubtful"] += relation == Relation.DOUBTFUL
    return strangers


def _add_up(total: Score, group: _Group) -> None:
    right, optional, claimed = group.right, group.optional, group.claimed
    pardon = claimed["doubtful"] if len(group.members) > 1 else 0
    total.pairs += right["pair"]
    total.pairs_found += min(claimed["pair"], right["pair"])
    total.pairs_claimed += claimed["pair"]
    total.pairs_right += min(claimed["pair"], right["pair"] + optional["pair"])
    total.conflicts += right["conflict"]
    total.conflicts_found += min(claimed["conflict"], right["conflict"])
    total.conflicts_claimed += claimed["conflict"]
    total.conflicts_right += min(claimed["conflict"], right["conflict"])
    total.rows_on_both += 2 * (right["pair"] + optional["pair"])
    for key in ("missing left", "missing right"):
        due = max(min(right[key], claimed[key]), right[key] - pardon)
        total.missing += due
        total.missing_found += min(claimed[key], due)
        total.missing_claimed += claimed[key]
        good = min(claimed[key], right[key] + optional[key])
        total.missing_right += good
        if right["pair"] + optional["pair"]:
            total.rows_accused += claimed[key] - good


def _causes(total: Score, groups: dict[int, _Group], lines: list[Got], ledger: Ledger) -> None:
    by_truth: dict[int, list[Line]] = {}
    for line in ledger.lines:
        by_truth.setdefault(line.truth, []).append(line)
    for relation, left, right, cause in lines:
        if relation not in (Relation.ONE_SIDED, Relation.SET_ASIDE, Relation.AGREEMENT) or (
            cause is None and relation == Relation.AGREEMENT
        ):
            continue
        truth = ledger.truths[Side.LEFT][left] if left is not None else ledger.truths[Side.RIGHT][right or 0]
        expected = [e for e in by_truth[truth] if e.relation == relation and not e.also and not e.is_soft]
        if len(expected) == 1 and len(groups[ledger.groups[truth]].members) == 1:
            total.causes += 1
            total.causes_right += not expected[0].causes or cause in expected[0].causes


def _wrong_lines(groups: dict[int, _Group], lines: list[Got], ledger: Ledger) -> Iterator[Wrong]:
    by_row = {side: dict[int, list[Line]]() for side in Side}
    for line in ledger.lines:
        for side, row in zip(Side, (line.left_row, line.right_row), strict=True):
            if row is not None:
                by_row[side].setdefault(ledger.groups[line.truth], []).append(line)
    for relation, left, right, cause in lines:
        rows = [(side, row) for side, row in zip(Side, (left, right), strict=True) if row is not None]
        homes = {ledger.groups[ledger.truths[side][row]] for side, row in rows}
        expected = [e for side, row in rows for e in by_row[side][ledger.groups[ledger.truths[side][row]]]]
        accepted = {r for e in expected for r in (e.relation, *e.also)}
        accepted |= {Relation.DOUBTFUL} if any(len(groups[h].members) > 1 for h in homes) else set()
        if len(homes) > 1 and ledger.notices.issuperset(homes) and relation == Relation.AGREEMENT:
            continue
        if len(homes) > 1 and relation != Relation.DOUBTFUL:
            yield Wrong("pair of two messages", left, right, _told(expected), f"{relation} {cause or ''}")
        elif relation not in accepted:
            yield Wrong(f"relation: {relation}", left, right, _told(expected), f"{relation} {cause or ''}")
        elif (
            len(expected) == 1
            and expected[0].causes
            and relation == expected[0].relation
            and cause not in expected[0].causes
            and not expected[0].is_soft
        ):
            yield Wrong("cause", left, right, _told(expected), f"{relation} {cause or ''}")


def _told(lines: list[Line]) -> str:
    return " / ".join(
        dict.fromkeys(
            f"{e.relation}({'|'.join(sorted(map(str, e.causes)))}) l{e.left_row} r{e.right_row}" for e in lines[:4]
        )
    )


def _grades(total: Score, alignment: pl.DataFrame, verdicts: pl.DataFrame, ledger: Ledger) -> Iterator[Wrong]:
    got = {name: str(grade) for name, grade in verdicts.select("conversation", "grade").iter_rows()}
    homes = _conversations(alignment, ledger)
    for expected in ledger.verdicts:
        grade = got.get(homes.get(expected.chat, ""), "no verdict")
        is_right = grade in expected.grades
        if expected.left_conversation is None or expected.right_conversation is None:
            total.lone_chats += 1
            total.lone_chats_right += is_right
        else:
            total.chats += 1
            total.grades_right += is_right
            total.undetermined += grade == Grade.CANNOT_DETERMINE and not is_right
        if not is_right:
            yield Wrong(f"grade of chat {expected.chat}", None, None, "|".join(sorted(expected.grades)), grade)
    if ledger.innocent:
        total.innocent += 1
        total.innocent_accused += any(grade in ACCUSING for grade in got.values())


def _conversations(alignment: pl.DataFrame, ledger: Ledger) -> dict[int, str]:
    """The comparison's own name of each true chat: the conversation under which most of the chat's rows stand."""
    chats = {line.truth: line.chat for line in ledger.lines}
    names: dict[int, Counter[str]] = {}
    for name, left, right in alignment.select("conversation", "left_row", "right_row").iter_rows():
        for side, row in zip(Side, (left, right), strict=True):
            if row is not None:
                names.setdefault(chats[ledger.truths[side][row]], Counter())[name] += 1
    return {chat: count.most_common(1)[0][0] for chat, count in names.items()}
