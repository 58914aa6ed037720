"""Turns pairs into passages: what a submission shows, leaves out and selects."""

import itertools
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.intake.contract import Reading
from reconcile.patterns import lazy_pattern
from reconcile.submission.check_frames import Context, Place, Topic
from reconcile.submission.pairing import Paired
from reconcile.submission.paper import openly_left_out
from reconcile.submission.params import CHECK_PARAMS
from reconcile.submission.passage_clock import Piece, perhaps_outside, sender_key
from reconcile.submission.payment_list import unlisted_receipts
from reconcile.submission.stated_period import claimed
from reconcile.submission.stated_selection import kinds_not_forwarded, parts_of, unselected
from reconcile.vocabulary import Cause, Kind, Relation
from reconcile.wechat.kinds import BARE_MARK, MEDIA_KINDS, PAYMENT_KINDS, SYSTEM_KINDS

PLACED = (str(Relation.AGREEMENT), str(Relation.CONFLICT), str(Relation.DOUBTFUL))
# Words of refusal, denial or complaint, which are counted but never weighed.
OBJECTION = lazy_pattern(r"不同意|不对|不是这样|不认|没收到|没有收到|未收到|拒绝|异议|反对|质量|投诉|退款|退货|不行|不满|不接受|没答应|没说过|不存在|纠正|更正|refus|object|disagree|complain|not agree|never agreed", re.I)  # fmt: skip
MONEY = lazy_pattern(
    r"[¥￥$]\s*\d|\d[\d,]*(?:\.\d+)?\s*(?:元|块|万|千|百|w|k|yuan|rmb)|转账|打款|汇款|付款|定金|尾款|欠", re.I
)
_WORDS = {*map(str, (Kind.TEXT, Kind.QUOTE, Kind.OTHER, *SYSTEM_KINDS))}
_FEATURES = ("author", "kind", "topic")


@dataclass(frozen=True, slots=True)
class Shown:
    """Passages, left-out rows and counts of one submitted conversation against one export."""

    passages: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
    passage_of: dict[int, int]
    span_rows: int
    coverage: float | None
    export_rows: int
    openly_left_out: int = 0


def passages_of(paired: Paired, submission: Reading, export: Reading, number: int, first_passage: int) -> Shown:
    """Passages and left-out rows of one conversation."""
    if paired.export_conversation is None:
        return Shown([], [], {}, 0, None, 0)
    whole = _ordered_messages(export, paired.export_conversation)
    rank = {row: at for at, row in enumerate(whole["row"].to_list())}
    placed = [
        (rank[r["export_row"]], r["row"], r)
        for r in paired.pairs.iter_rows(named=True)
        if r["export_row"] is not None and r["relation"] in PLACED
    ]
    placed.sort(key=lambda p: (p[0], p[1]))
    if not placed:
        return Shown([], [], {}, 0, None, whole.height)
    rows = whole.to_dicts()
    causes = _causes(whole, paired, submission, {rows[at]["kind"] for at, _, _ in placed})
    agreed = [(at, row) for at, row, pair in placed if pair["relation"] == str(Relation.AGREEMENT)]
    stated = unselected(submission, rows, agreed)
    receipts = unlisted_receipts(whole, submission, {at for at, _, _ in placed}, selects=bool(stated))
    causes |= dict.fromkeys(receipts - causes.keys(), str(Cause.PER_SIDE_ROW))
    causes |= dict.fromkeys(stated - causes.keys(), str(Cause.DECLARED))
    openly = openly_left_out(paired.gaps, [(at, row) for at, row, _ in placed]) - causes.keys()
    causes |= dict.fromkeys(openly, str(Cause.DECLARED))
    pieces = _pieces(placed, sorted(causes), parts_of(submission, [row for _, row, _ in placed]))
    whole_periods = claimed(submission, rows, [at for at, _, _ in placed], paired.skew_seconds)
    apart = perhaps_outside(rows, pieces, submission) - whole_periods
    # Whether a form would show kinds that it never shows is not known.
    unsure_kinds = {*map(str, submission.facts.limits.kinds_unknown)} | kinds_not_forwarded(submission)
    unsure = {r["row"] for r in rows if r["kind"] in unsure_kinds or _is_unknown(r)}
    paired = replace(paired, doubtful_exports=paired.doubtful_exports | unsure)
    left = _left_out(rows, pieces, paired, causes, apart, whole_periods, number, first_passage)
    counted = Counter(
        r["passage"] for r in left if r["place"] == Place.INSIDE and r["cause"] is None and not r["is_doubtful"]
    )
    passages = [_passage_row(p, n, rows, causes, counted, paired, number, first_passage) for n, p in enumerate(pieces)]
    passage_of = {row: first_passage + n for n, piece in enumerate(pieces) for _, row, _ in piece}
    span = pieces[-1][-1][0] - pieces[0][0][0] + 1
    coverage, gone = len({at for at, _, _ in placed}) / span, {rows[at]["row"] for at in openly}
    marked = sum(r["place"] == Place.INSIDE and r["export_row"] in gone for r in left)
    return Shown(passages, left, passage_of, span, coverage, whole.height, marked)


def selection_of(export: Reading, rows: pl.DataFrame, left_out: pl.DataFrame) -> dict[str, Any]:
    """Counts by author, kind and topic: submitted, and left out between the first and last submitted row.

    Codes of patterns are counts without judgement: one_author, one_kind, payments_left_out (all of them),
    objections_left_out (all).
    """
    placed = rows.filter(pl.col("export_row").is_not_null())["export_row"]
    shown = _count_features(export.messages.filter(pl.col("row").is_in(placed.implode())))
    near = left_out.filter(
        pl.col("place").cast(pl.String).is_in(["inside", "around", "between"]), pl.col("cause").is_null()
    )
    lacking = _count_features(near)
    tables = {f: _feature_table(shown[f], lacking[f]) for f in _FEATURES}
    return tables | {"patterns": _selection_patterns(shown, lacking)}


def topic_of(kind: str, text: str) -> Topic:
    """The topic of a row, by kind, else by a word in it."""
    if kind in map(str, PAYMENT_KINDS):
        return Topic.PAYMENT
    if kind == str(Kind.RECALL):
        return Topic.RECALL
    if kind == str(Kind.SYSTEM):
        return Topic.NOTICE
    if OBJECTION.search(text):
        return Topic.OBJECTION
    if MONEY.search(text):
        return Topic.AMOUNT
    return Topic.MEDIA if kind in map(str, MEDIA_KINDS) else Topic.WORDS


def _ordered_messages(export: Reading, conversation: str) -> pl.DataFrame:
    """The conversation's messages by time, or in stored order if any has no time."""
    whole = export.messages.filter(pl.col("conversation") == conversation)
    timed = whole["sent_at"].null_count() == 0
    return whole.sort("sent_at", maintain_order=True) if timed else whole


def _pieces(placed: Piece, aside: list[int], parts: dict[int, tuple[str, int]]) -> list[Piece]:
    """Runs of placed rows in export order; runs are joined where the gap between them is short.

    Args:
        placed: the placed rows.
        aside: ranks in order of the rows that the submission need not hold, which are no gap.
        parts: submitted row -> its file and excerpt, where there are several; they are never joined.
    """

    def gap_between(earlier: int, later: int) -> int:
        return later - earlier - 1 - (bisect_left(aside, later) - bisect_left(aside, earlier + 1))

    pieces: list[Piece] = [[placed[0]]]
    for earlier, later in itertools.pairwise(placed):
        is_other_part = parts.get(earlier[1]) != parts.get(later[1])
        if is_other_part or gap_between(earlier[0], later[0]) >= CHECK_PARAMS.passage_gap_rows:
            pieces.append([])
        pieces[-1].append(later)
    joined = [pieces[0]]
    for piece in pieces[1:]:
        gap = gap_between(joined[-1][-1][0], piece[0][0])
        is_one_part = parts.get(joined[-1][-1][1]) == parts.get(piece[0][1])
        if is_one_part and gap < PARAMS.passage_share * min(len(joined[-1]), len(piece)):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _causes(whole: pl.DataFrame, paired: Paired, submission: Reading, placed: set[str]) -> dict[int, str]:
    """Rank -> why the submission need not hold the row: client notices and kinds it cannot write.

    Kinds that the submission shows, or whose words were placed at a row of that kind (`placed`), can be written by
    its form.
    """
    own, limits = set(submission.messages["kind"].cast(pl.String).unique()), submission.facts.limits
    held = placed | own
    # Who reads an excerpt of words alone sees that it shows nothing else.
    absent = {*map(str, limits.kinds_absent if own - _WORDS else limits.kinds_unseen)}
    media = {str(k) for k in MEDIA_KINDS}
    if paired.is_recognised and not held & media:
        absent |= media
    if not limits.is_of_known_make:
        absent.add(str(Kind.RECALL))  # who copies or types a chat often leaves out its notices
    absent -= held
    causes = {}
    for at, row in enumerate(whole.iter_rows(named=True)):
        aside = paired.aside.get(row["row"])
        if aside is not None and not (aside == str(Cause.KIND_NOT_EXPORTED) and row["kind"] in held):
            causes[at] = aside
        elif row["kind"] == str(Kind.SYSTEM):
            causes[at] = str(Cause.PER_SIDE_ROW)
        elif row["kind"] in absent:
            causes[at] = str(Cause.KIND_NOT_EXPORTED)
    return causes


def _is_unknown(row: dict[str, Any]) -> bool:
    """Whether the export itself does not say what a row is, so that it may be the client's own."""
    return row["kind"] == str(Kind.OTHER) and (not row["text"] or re.match(BARE_MARK, row["text"]) is not None)


def _left_out(
    rows: list[dict[str, Any]],
    pieces: list[Piece],
    paired: Paired,
    causes: dict[int, str],
    apart: frozenset[int],
    whole_periods: frozenset[int],
    number: int,
    first_passage: int,
) -> list[dict[str, Any]]:
    """The rows around and between the passages that the submission does not show."""
    taken = {at for piece in pieces for at, _, _ in piece}
    found = []
    for n, (low, high) in enumerate(_nearest_ranks(pieces, len(rows))):
        piece = pieces[n]
        shown = [at for at, _, _ in piece]
        sure = [at for at, _, r in piece if r["detail"] != "indistinguishable"] or [piece[0][0]]
        for at in range(low, high):
            if at in taken:
                continue
            place, distance = _place_of(at, shown, pieces, apart, whole_periods)
            unsure = place is Place.INSIDE and not (at in whole_periods or sure[0] < at < sure[-1])
            found.append(_left_out_row(rows[at], at, causes, paired, number) | {
                "place": str(place), "passage": first_passage + n, "distance_rows": distance, "is_doubtful": unsure or rows[at]["row"] in paired.doubtful_exports,
            })  # fmt: skip
    return found


def _nearest_ranks(pieces: list[Piece], total: int) -> list[tuple[int, int]]:
    """Ranks nearest to each piece: halfway to its neighbours."""
    ends = [(p[0][0], p[-1][0]) for p in pieces]
    cuts = [0, *((a[1] + b[0]) // 2 + 1 for a, b in itertools.pairwise(ends)), total]
    return list(itertools.pairwise(cuts))


def _place_of(
    at: int, shown: list[int], pieces: list[Piece], apart: frozenset[int], whole_periods: frozenset[int]
) -> tuple[Place, int]:
    """Where a left-out row lies relative to its passage, and its distance to the nearest submitted row.

    `shown`: the ranks of the passage's rows, in order.
    """
    behind = bisect_left(shown, at)
    distance = min(abs(at - a) for a in shown[max(behind - 1, 0) : behind + 1])
    if at in whole_periods:
        return Place.INSIDE, distance
    if 0 < behind < len(shown):
        return Place.AROUND if at in apart else Place.INSIDE, distance
    if distance <= CHECK_PARAMS.window_rows:
        return Place.AROUND, distance
    within = pieces[0][0][0] < at < pieces[-1][-1][0]
    return (Place.BETWEEN if within else Place.BEYOND), distance


def _left_out_row(row: dict[str, Any], at: int, causes: dict[int, str], paired: Paired, number: int) -> dict[str, Any]:
    kept = {k: row[k] for k in ("locator", "sent_at", "sender", "sender_name", "is_self", "kind", "text", "amount")}
    return kept | {
        "export": number,
        "export_row": row["row"],
        "conversation": paired.export_conversation,
        "topic": str(topic_of(row["kind"], row["text"])),
        "cause": causes.get(at),
    }


def _passage_row(
    piece: Piece,
    n: int,
    rows: list[dict[str, Any]],
    causes: dict[int, str],
    counted: Counter[int],
    paired: Paired,
    number: int,
    first_passage: int,
) -> dict[str, Any]:
    """One passage: ends, period, counts of left-out rows, coverage, context."""
    first, last = piece[0][0], piece[-1][0]
    held = {at for at, _, _ in piece}
    inside = counted[first_passage + n]
    before, after = _same_talk(rows, causes, first, -1), _same_talk(rows, causes, last, 1)
    times = [rows[at]["sent_at"] for at, _, _ in piece if rows[at]["sent_at"] is not None]
    context = Context.BROKEN if inside else Context.OPEN if before or after else Context.WHOLE
    return {
        "export": number, "conversation": paired.export_conversation, "passage": first_passage + n, "rows": len(piece),
        "first_row": min(r for _, r, _ in piece), "last_row": max(r for _, r, _ in piece), "first_export_row": rows[first]["row"], "last_export_row": rows[last]["row"],
        "from_at": min(times, default=None), "to_at": max(times, default=None), "left_out_inside": inside, "left_out_before": before, "left_out_after": after,
        "coverage": len(held) / (last - first + 1), "context": str(Context.UNKNOWN if len(piece) < 2 and not inside and not (before or after) else context),
    }  # fmt: skip


def _same_talk(rows: list[dict[str, Any]], causes: dict[int, str], edge: int, step: int) -> int:
    """Rows beyond an edge that follow without a pause, a window at most; none without times."""
    count, at = 0, edge + step
    before = rows[edge]["sent_at"]
    while (
        0 <= at < len(rows)
        and count < CHECK_PARAMS.window_rows
        and before is not None
        and rows[at]["sent_at"] is not None
    ):
        if abs((rows[at]["sent_at"] - before).total_seconds()) > CHECK_PARAMS.same_talk_seconds:
            break
        before = rows[at]["sent_at"]
        count += at not in causes
        at += step
    return count


def _count_features(rows: pl.DataFrame) -> dict[str, Counter[str]]:
    """Number of rows by author, kind and topic."""
    counted: dict[str, Counter[str]] = {f: Counter() for f in _FEATURES}
    for row in rows.select("kind", "text", "is_self", "sender", "sender_name").iter_rows(named=True):
        author = sender_key(row)
        if author and row["kind"] not in (str(Kind.SYSTEM), str(Kind.RECALL)):
            counted["author"][author] += 1
        counted["kind"][row["kind"]] += 1
        counted["topic"][str(topic_of(row["kind"], row["text"]))] += 1
    return counted


def _feature_table(shown: Counter[str], lacking: Counter[str]) -> list[dict[str, Any]]:
    """Each value of a feature with its submitted and left-out rows."""
    return [{"value": v, "submitted": shown[v], "left_out": lacking[v]} for v in sorted(shown.keys() | lacking.keys())]


def _selection_patterns(shown: dict[str, Counter[str]], lacking: dict[str, Counter[str]]) -> list[str]:
    """Codes of one-sided selections, such as one author only or all payments left out."""
    codes = []
    for feature, code in (("author", "one_author"), ("kind", "one_kind")):
        only = len(shown[feature]) == 1 and sum(shown[feature].values()) >= CHECK_PARAMS.one_sided_rows
        if only and set(lacking[feature]) - set(shown[feature]):
            codes.append(code)
    for topic, code in ((Topic.PAYMENT, "payments_left_out"), (Topic.OBJECTION, "objections_left_out"), (Topic.RECALL, "recalls_left_out")):  # fmt: skip
        if lacking["topic"][str(topic)] and not shown["topic"][str(topic)]:
            codes.append(code)
    return codes
