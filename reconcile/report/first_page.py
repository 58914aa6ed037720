"""The first page: what was compared, the verdict in one sentence, the findings, what stays open.

It consists of phrases made from ReportData.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from reconcile.posts_as_rows import MOMENTS
from reconcile.report.model import ErrorBound, ReportData
from reconcile.report.model_findings import ConversationReport, Finding, Line
from reconcile.report.model_sides import SideFact
from reconcile.report.next_steps import FINDINGS, who
from reconcile.report.pieces import Frozen, Phrase, Tally
from reconcile.vocabulary import Grade, Side
from reconcile.wording import has

MOST_ITEMS = 8
_MOST_LINES = 3
_MOST_NAMED = 3
_MOST_STEPS = 6
_MOST_NUMBERS = 8
_RELATIONS = ("conflict", "one_sided")


class FrontItem(Frozen):
    """A finding on the first page, with its first lines."""

    finding: Finding
    conversation: ConversationReport
    lines: tuple[Line, ...]

    @property
    def left_out(self) -> int:
        """Rows of the finding that the first page does not show."""
        return self.finding.rows - len(self.lines)


class Front(Frozen):
    """The content of the first page, apart from the cover."""

    common_from: str | None
    common_to: str | None
    verdict: Phrase
    items: tuple[FrontItem, ...]
    items_left_out: int
    undetermined: tuple[Phrase, ...]
    steps: tuple[Phrase, ...]
    steps_left_out: int
    sureness: Phrase | None


def front_of(data: ReportData) -> Front:
    """The first page of a report; the verdict also says if something could not be determined."""
    undetermined = _undetermined(data)
    items, steps = _items(data), _steps(data)
    found = sum(f.relation in _RELATIONS for c in data.conversations for f in c.findings)
    return Front(
        common_from=min((c.coverage_from for c in data.conversations if c.coverage_from), default=None),
        common_to=max((c.coverage_to for c in data.conversations if c.coverage_to), default=None),
        # That both copies are one party's is no point that could not be determined.
        verdict=_verdict_sentence(data, undetermined[1:] if data.alike else undetermined),
        items=items,
        items_left_out=found - len(items) + data.not_printed,
        undetermined=undetermined,
        steps=steps[:_MOST_STEPS],
        steps_left_out=max(len(steps) - _MOST_STEPS, 0),
        sureness=_sureness(data),
    )


def _items(data: ReportData) -> tuple[FrontItem, ...]:
    """The first findings in the order of the report; with several conversations, conflicts come first."""
    found = [(c, f) for c in data.conversations for f in c.findings if f.relation in _RELATIONS]
    ranked = sorted(found, key=lambda pair: pair[1].relation != "conflict")
    return tuple(
        FrontItem(finding=f, conversation=c, lines=tuple(x for x in f.lines if x.focus and not x.skipped)[:_MOST_LINES])
        for c, f in ranked[:MOST_ITEMS]
    )


def _verdict_sentence(data: ReportData, undetermined: Sequence[Phrase]) -> Phrase:
    sums = data.sums
    clauses: list[Phrase] = []
    if sums.conflicts:
        count = _count_phrase(sums.conflicts, _count_posts(data, "conflicts"))
        clauses.append(_front_phrase("conflicts", n=sums.conflicts, count=count, what=_causes(data.differing_by)))
    clauses += _lack_clauses(data)
    if not clauses:
        if not _share_messages(data):
            return _as_sentence([_front_phrase("nothing_common")])
        clauses = _agreed(data, undetermined)
    elif undetermined:
        clauses.append(_front_phrase("and_undetermined"))
    return _as_sentence(clauses)


def _share_messages(data: ReportData) -> bool:
    """Whether the two copies have any message in common; if not, the verdict says so."""
    return bool(data.sums.agreements or data.sums.conflicts)


def _lack_clauses(data: ReportData) -> list[Phrase]:
    """One clause for each copy that lacks messages."""
    lacked = ((data.left, data.right, "right_only"), (data.right, data.left, "left_only"))
    return [
        _front_phrase("lacks", side=side.copy_of, other=other.copy_of, count=_count_phrase(n, _count_posts(data, only)))
        for side, other, only in lacked
        if (n := getattr(data.sums, only))
    ]


def _count_posts(data: ReportData, name: str) -> int:
    """How many of a count are posts in Moments."""
    return sum(getattr(c.sums, name) for c in data.conversations if c.kind == MOMENTS)


def _count_phrase(n: int, posts: int) -> Phrase:
    """A count of messages, of posts, or of both."""
    messages, in_moments = _front_phrase("messages_n", n=n - posts), _front_phrase("posts_n", n=posts)
    return (
        _front_phrase("both_n", messages=messages, posts=in_moments)
        if 0 < posts < n
        else in_moments
        if posts
        else messages
    )


def _agreed(data: ReportData, undetermined: Sequence[Phrase]) -> list[Phrase]:
    """The clauses where nothing differs and nothing is missing: how many agree, what was not compared."""
    by = {t.code: t.pairs for t in data.agreed_by}
    equal, forms = data.sums.agreements - by.get("not_stated", 0), by.get("form", 0)
    is_open = any(c.grade == Grade.CANNOT_DETERMINE for c in data.conversations)
    if is_open:
        return [_front_phrase("undetermined_first", n=equal)]
    agreed_posts = _count_posts(data, "agreements") if equal == data.sums.agreements else 0
    clauses = [_front_phrase("agree", n=equal, count=_count_phrase(equal, agreed_posts))]
    if forms:
        clauses.append(_front_phrase("form_only", n=forms))
    if shifted := sum(c.zone_shifts for c in data.conversations):
        clauses.append(_front_phrase("zone_shifts", n=shifted))
    if unstated := by.get("not_stated", 0):
        clauses.append(_front_phrase("not_compared", n=unstated))
    aside = data.sums.left_aside + data.sums.right_aside
    if aside:
        clauses.append(_front_phrase("aside", n=aside, what=_causes(data.aside_by[:_MOST_NAMED])))
    if undetermined:
        clauses.append(_front_phrase("and_undetermined"))
    return clauses


def _undetermined(data: ReportData) -> tuple[Phrase, ...]:
    """Everything that the material leaves open, with counts; empty where nothing is."""
    sums, talks = data.sums, data.conversations
    alone = {side: sum(_holder(c) == side for c in talks) for side in Side}
    found: list[tuple[str, int]] = [
        ("pairs", sums.doubtful_pairs - sums.differing_pairs),
        ("parts", sums.differing_pairs),
        ("unstated", sum(c.unstated for c in talks)),
        ("clock", sum(c.clock_changes for c in talks)),
        ("zone_shifts", sum(c.zone_shifts for c in talks)),
        (
            "no_common",
            sum("no_common_message" in c.reasons and _holder(c) is None for c in talks) if _share_messages(data) else 0,
        ),
        ("absent", data.referenced_absent),
    ]
    phrases = [phrase for side in data.sides for phrase in _unresolved_phrases(data, side)]
    phrases += [_front_phrase(f"open_{name}", n=n) for name, n in found if n]
    phrases += _where_in_doubt(data)
    for side in data.sides:
        if n := alone[side.side]:
            phrases.append(_front_phrase("open_alone", n=n, side=side.copy_of, other=_other_side(data, side).copy_of))
    phrases += [_front_phrase("open_part", side=s.copy_of, n=n) for s in data.sides if (n := _count_unread(s))]
    if data.alike:
        phrases.insert(0, Phrase(key=f"report.alike_{data.alike}"))
    return tuple(phrases)


def _where_in_doubt(data: ReportData) -> list[Phrase]:
    """Where the messages in doubt are shown, by the numbers of their findings."""
    numbers = [f.number for c in data.conversations for f in c.findings if f.relation == "doubtful"]
    if not numbers:
        return []
    rest = "_more" if len(numbers) > _MOST_NUMBERS else ""
    listed = _chain_phrases("front.number_pair", [_front_phrase("number", n=n) for n in numbers[:_MOST_NUMBERS]])
    return [_front_phrase(f"open_where{rest}", numbers=listed)]


def _unresolved_phrases(data: ReportData, side: SideFact) -> Iterator[Phrase]:
    """Rows of one side for which it stays open whether the other copy lacks them, counted by reason."""
    by: Counter[str] = Counter()
    for talk in data.conversations:
        by.update({t.code: getattr(t, side.side) for t in talk.open_by})
    edge, chosen, other = by.pop("edge_unverified", 0), by.pop("selection", 0), _other_side(data, side)
    if doubtful := +by:
        named = [Tally(code=code, left=n) for code, n in doubtful.most_common(_MOST_NAMED)]
        called = {"side": side.copy_of, "other": other.copy_of}
        yield _front_phrase("open_held", n=doubtful.total(), what=_causes(named), **called)
    if edge:
        period: dict[str, str] = {"a": other.first_at or "—", "b": other.last_at or "—"}
        one = "_one" if len(data.conversations) == 1 else ""
        yield _front_phrase(f"open_edge{one}", n=edge, side=side.copy_of, other=other.copy_of, **period)
    if chosen:
        yield _front_phrase("open_selection", n=chosen, side=side.copy_of, other=other.copy_of)


def _steps(data: ReportData) -> tuple[Phrase, ...]:
    """What would settle what is undetermined, each step once."""
    asked = dict.fromkeys((r.code, r.side) for r in data.requests if r.point not in FINDINGS)
    sides: dict[Side | None, SideFact] = {side.side: side for side in data.sides}
    return tuple(
        _front_phrase("step", who=who(code, sides.get(side)), what=Phrase(key=f"report_sheets.ask_{code}"))
        for code, side in asked
    )


_UNREAD = (
    "part_unreadable",
    "part_encrypted",
    "part_unsupported",
    "row_skipped",
    "limit_reached",
    "member_missing",
    "file_unread",
)


def _count_unread(side: SideFact) -> int:
    """Number of places of an export that the reader had to leave out."""
    return sum(n.count for n in side.notes if n.code in _UNREAD)


def _holder(report: ConversationReport) -> Side | None:
    """The side that alone holds the conversation; None = both do."""
    if report.left_key is not None and report.right_key is not None:
        return None
    return Side.RIGHT if report.left_key is None else Side.LEFT


def _other_side(data: ReportData, side: SideFact) -> SideFact:
    return data.right if side is data.left else data.left


def _sureness(data: ReportData) -> Phrase | None:
    """How many claims may be wrong, and what share of deletions would be found.

    None where nothing is claimed or measured.
    """
    phrases = [_bound_phrase(b) for b in data.error_bounds]
    if data.measured and data.measured.hidden:
        phrases.append(_front_phrase("share_found", least=data.measured.hidden[0].bound))
    return _chain_phrases("front.clause_pair", phrases) if phrases else None


def _bound_phrase(bound: ErrorBound) -> Phrase:
    """How many of the claims of one kind may be wrong."""
    how = "_open" if bound.wrong_at_most >= bound.claimed else "" if bound.wrong_at_most else "_none"
    return _front_phrase(f"bound_{bound.claim}{how}", n=bound.claimed, k=bound.wrong_at_most)


def _causes(tallies: Sequence[Tally]) -> Phrase:
    """Causes with their counts; a single cause without one, since the sentence states it."""
    named = [(_cause(t.code), t.left + t.right + t.pairs) for t in tallies]
    if len(named) == 1:
        return named[0][0]
    return _chain_phrases("report.list_pair", [_front_phrase("of_cause", what=what, n=n) for what, n in named])


def _cause(code: str) -> Phrase:
    """A cause in words; for a difference, the part that differs."""
    part = f"verdict.detail.{code.removesuffix('_differs')}"
    return Phrase(key=part if code.endswith("_differs") and has(part) else f"verdict.cause.{code}")


def _as_sentence(clauses: Sequence[Phrase]) -> Phrase:
    return _front_phrase("sentence", clauses=_chain_phrases("front.clause_pair", list(clauses)))


def _chain_phrases(key: str, told: list[Phrase]) -> Phrase:
    """The phrases as one phrase: `key` joins each with the chain of those after it."""
    if not told:
        return _front_phrase("nothing")
    chain = told[-1]
    for phrase in reversed(told[:-1]):
        chain = Phrase(key=key, values={"first": phrase, "rest": chain})
    return chain


def _front_phrase(name: str, **values: str | int | Phrase) -> Phrase:
    return Phrase(key=f"front.{name}", values=values)
