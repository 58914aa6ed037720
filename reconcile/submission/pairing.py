"""Pairs submitted rows with an export's rows: by the engine with times, else by words and order."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from reconcile.engine.compare import compare_readings
from reconcile.engine.content.forms import cut_of
from reconcile.engine.content.judgement import Judgement, SideForm
from reconcile.engine.params import PARAMS
from reconcile.engine.records import UNDELIVERED
from reconcile.engine.relations import BY_ID
from reconcile.frames import Conversations, Findings, Messages
from reconcile.intake.contract import SELECTION, Reading
from reconcile.submission.conversations import conversation_of
from reconcile.submission.excerpt.gaps import same_gaps
from reconcile.submission.excerpt.judgement import Ground, judge_placed, looks_recognised
from reconcile.submission.excerpt.lines import Line, lines_of, unwrap
from reconcile.submission.excerpt.place import Placed, place
from reconcile.submission.params import CHECK_PARAMS
from reconcile.vocabulary import Cause, Kind, Relation
from reconcile.wechat.kind_classes import CLASS_OF, SYSTEM, WORDS
from reconcile.wechat.kinds import REFUSED_NOTICE

_SPOKEN = tuple(map(str, (Kind.TEXT, Kind.QUOTE, Kind.SYSTEM, Kind.RECALL)))
PAIR_SCHEMA: dict[str, Any] = {
    "row": pl.UInt32, "export_row": pl.UInt32, "relation": pl.String, "cause": pl.String, "detail": pl.String,
    "similarity": pl.Float64, "method": pl.String, "offset_seconds": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paired:
    """One submitted conversation against one export.

    Attributes:
        conversation: the submission's key.
        export_conversation: the export's key; None = none fits.
        pairs: every submitted row once; export_row null = not placed.
        doubtful_exports: rows of the export that could be a submitted row, without a pair.
        aside: row of the export -> cause, where the submission need not hold it.
        skew_seconds: submission's clock minus the export's.
        is_recognised: words are taken as recognised from pictures.
        gaps: submitted rows behind which the paper marks an omission; -1 = before all.
        unread: messages in parts of the submission that were not read as such.
    """

    conversation: str
    export_conversation: str | None
    pairs: pl.DataFrame
    doubtful_exports: frozenset[int]
    aside: dict[int, str]
    skew_seconds: float | None
    is_recognised: bool
    gaps: tuple[int, ...] = ()
    unread: int = 0


def pair_submission(
    submission: Reading, export: Reading, *, recognised: bool, legible: dict[int, float] | None
) -> list[Paired]:
    """Each conversation of the submission, in order, paired with its conversation in the export."""
    keys = submission.messages["conversation"].unique(maintain_order=True).to_list()
    return [_pair_conversation(submission, key, export, recognised=recognised, legible=legible) for key in keys]


def _pair_conversation(
    submission: Reading, key: str, export: Reading, *, recognised: bool, legible: dict[int, float] | None
) -> Paired:
    """One conversation of the submission, paired with the best fitting one of the export."""
    mine = submission.messages.filter(pl.col("conversation") == key)
    chosen = conversation_of(mine, export)
    if chosen is None:
        return Paired(
            key, None, _unplaced_rows(mine, Relation.SET_ASIDE, Cause.NO_COUNTERPART), frozenset(), {}, None, recognised
        )
    theirs = export.messages.filter(pl.col("conversation") == chosen)
    paired = None
    if not recognised and _is_timed(mine) and _is_timed(theirs):
        paired = _pair_by_engine(submission, export, mine, theirs, key, chosen)
    if paired is None or _seems_recognised(paired, mine, theirs):
        paired = _pair_by_words(submission, export, mine, theirs, key, chosen, recognised=recognised, legible=legible)
    return _with_same_gaps(paired, mine, theirs)


def _seems_recognised(paired: Paired, mine: pl.DataFrame, theirs: pl.DataFrame) -> bool:
    """Whether the words of the pairs look as if they were recognised from pictures."""
    excerpt, export = lines_of(mine), lines_of(theirs)
    rank, at = ({line.row: n for n, line in enumerate(lines)} for lines in (export, excerpt))
    pairs = paired.pairs.filter(pl.col("cause").fill_null("") != str(Cause.FORM)).drop_nulls("export_row")
    placed = [(at[row], rank[other]) for row, other in pairs.select("row", "export_row").iter_rows()]
    return looks_recognised(placed, excerpt, export)


def _with_same_gaps(paired: Paired, mine: pl.DataFrame, theirs: pl.DataFrame) -> Paired:
    """Adds doubtful pairs: unplaced rows of both sides in one gap that may be one message."""
    ordered = theirs.sort("sent_at", maintain_order=True) if theirs["sent_at"].null_count() == 0 else theirs
    excerpt, export = lines_of(mine), lines_of(ordered)
    rank, at = ({line.row: n for n, line in enumerate(lines)} for lines in (export, excerpt))
    rows = paired.pairs.to_dicts()
    placed = {at[r["row"]]: rank[r["export_row"]] for r in rows if r["export_row"] is not None}
    lacking = (str(Relation.ONE_SIDED), str(Relation.DOUBTFUL))
    free = {at[r["row"]] for r in rows if r["export_row"] is None and r["relation"] in lacking}
    found = same_gaps(excerpt, export, placed, free, recognised=paired.is_recognised) if free and placed else {}
    for row in rows:
        if (other := found.get(at[row["row"]])) is not None:
            line = export[other]
            row |= {"export_row": line.row, "relation": str(Relation.DOUBTFUL), "cause": str(Cause.PAIRING_UNCLEAR), "detail": "same_gap", "method": "order"}  # fmt: skip
            row["offset_seconds"] = _seconds_apart(excerpt[at[row["row"]]], line)
    return replace(paired, pairs=pl.DataFrame(rows, schema=PAIR_SCHEMA, orient="row"))


def _is_timed(messages: pl.DataFrame) -> bool:
    """Whether enough rows have a time to the minute."""
    fine = messages["time_precision"].cast(pl.String).is_in(["second", "millisecond", "minute"]).sum()
    return messages.height > 0 and fine >= CHECK_PARAMS.timed_share * messages.height


def _pair_by_engine(
    submission: Reading, export: Reading, mine: pl.DataFrame, theirs: pl.DataFrame, key: str, chosen: str
) -> Paired:
    """Pairs found by the engine, which needs times on both sides."""
    # What lies around the chosen passages is told here by their places, and a hole inside is no choice.
    told = replace(submission.facts, declared=tuple(d for d in submission.facts.declared if d != SELECTION))
    left = _reading_of_rows(replace(submission, facts=told), mine)
    one = compare_readings(left, _reading_of_rows(export, theirs), case="check")
    back = {side: dict(enumerate(frame["row"].to_list())) for side, frame in (("left", mine), ("right", theirs))}
    written = _rows_of_written_kinds(submission, mine, theirs)
    # Who reads an excerpt of words alone sees that it shows no payment either.
    unshown = str(Cause.KIND_NOT_EXPORTED)
    is_of_words = not written and unshown in one.alignment["cause"]
    rows, doubtful, aside = [], set(), {}
    for line in one.alignment.iter_rows(named=True):
        row, other = line["left_row"], line["right_row"]
        if row is None:
            if line["relation"] == str(Relation.DOUBTFUL):
                if line["detail"] == unshown and is_of_words:
                    aside[back["right"][other]] = unshown
                elif line["detail"] != unshown or back["right"][other] not in written:
                    doubtful.add(back["right"][other])
            elif line["relation"] == str(Relation.SET_ASIDE) and line["cause"] != str(Cause.OUTSIDE_COVERAGE):
                aside[back["right"][other]] = line["cause"]
            continue
        rows.append({
            "row": back["left"][row], "export_row": None if other is None else back["right"][other], "relation": line["relation"], "cause": line["cause"],
            "detail": line["detail"], "similarity": line["similarity"], "method": line["method"], "offset_seconds": line["offset_seconds"],
        })  # fmt: skip
    pairs = pl.DataFrame(_prefer_contiguous(rows, theirs), schema=PAIR_SCHEMA, orient="row").sort("row")
    return Paired(key, chosen, pairs, frozenset(doubtful), aside, _first_skew(one), is_recognised=False)


def _rows_of_written_kinds(submission: Reading, mine: pl.DataFrame, theirs: pl.DataFrame) -> frozenset[int]:
    """Rows of the export of kinds that the submission's form writes.

    What an excerpt leaves out was chosen, so a kind that it never shows is one that its form lacks only where the form
    says so, or where the excerpt shows no kind but words.
    """
    limits = submission.facts.limits
    unsure = [str(k) for k in (*limits.kinds_absent, *limits.kinds_unknown, *limits.kinds_merged, Kind.OTHER)]
    kind = pl.col("kind").cast(pl.String)
    if mine.filter(~kind.is_in([*_SPOKEN, *unsure])).is_empty():
        return frozenset()
    return frozenset(theirs.filter(~kind.is_in([*_SPOKEN, *unsure]))["row"])


def _prefer_contiguous(rows: list[dict[str, Any]], theirs: pl.DataFrame) -> list[dict[str, Any]]:
    """Chooses among equal rows of one moment so that the excerpt stays contiguous.

    The comparison may pick any of several equal rows of one second, because in full exports all find a partner. In an
    excerpt, the row beside the neighbours is meant.
    """
    facts = {
        r["row"]: (at, (r["text"], r["kind"], r["sender"], r["is_self"]), r["sent_at"])
        for at, r in enumerate(
            theirs.select("row", "text", "kind", "sender", "is_self", "sent_at").iter_rows(named=True)
        )
    }
    by_rank = {at: row for row, (at, _, _) in facts.items()}
    placed = sorted((r for r in rows if r["export_row"] is not None), key=lambda r: r["row"])
    taken = {r["export_row"] for r in placed}
    for n, pair in enumerate(placed):
        if pair["method"] in BY_ID:
            continue
        at, body, moment = facts[pair["export_row"]]
        beside = [facts[placed[k]["export_row"]][0] + d for k, d in ((n - 1, 1), (n + 1, -1)) if 0 <= k < len(placed)]
        if any(at == b for b in beside):
            continue
        for rank in beside:
            other = by_rank.get(rank)
            if other is None or other in taken or facts[other][1] != body or facts[other][2] is None or moment is None:
                continue
            if abs((facts[other][2] - moment).total_seconds()) <= CHECK_PARAMS.moment_seconds:
                taken = (taken - {pair["export_row"]}) | {other}
                pair["export_row"] = other
                break
    return rows


def _first_skew(findings: Findings) -> float | None:
    """The clock difference of the first verdict that has one, in seconds."""
    values = findings.verdicts["skew_seconds"].drop_nulls()
    return float(values[0]) if len(values) else None


def _reading_of_rows(reading: Reading, messages: pl.DataFrame) -> Reading:
    """The reading cut down to some rows of one conversation, numbered anew."""
    numbered = messages.drop("row").with_row_index("row").select(reading.messages.columns)
    held = messages["conversation"].unique().to_list()
    conversations = reading.conversations.filter(pl.col("conversation").is_in(held))
    return replace(
        reading, messages=Messages.cast(numbered), conversations=Conversations.cast(conversations),
        witnesses=reading.witnesses.clear(), counters=reading.counters.clear(),
    )  # fmt: skip


def _pair_by_words(
    submission: Reading, export: Reading, mine: pl.DataFrame, theirs: pl.DataFrame, key: str, chosen: str, *, recognised: bool, legible: dict[int, float] | None
) -> Paired:  # fmt: skip
    """Pairs found by words and order, for rows without good times."""
    ordered = (
        theirs.sort("sent_at", maintain_order=True, nulls_last=True) if theirs["sent_at"].null_count() == 0 else theirs
    )
    lines, whole = lines_of(mine, legible), lines_of(ordered)
    excerpt, pieces = unwrap(lines, whole)
    placed = place(excerpt, whole)
    recognised = recognised or looks_recognised(placed.pairs, excerpt, whole)
    ground = Ground(
        recognised, Counter(line.key for line in whole if line.key), _side_forms(submission, mine, export, theirs)
    )
    judged = judge_placed(placed, excerpt, whole, ground)
    at = dict(placed.pairs)
    beyond = _beyond_export(placed, excerpt, whole, export)
    rows = []
    for i, line in enumerate(excerpt):
        values = (
            _judged_values(line, whole[at[i]], judged[i])
            if i in at
            else _unplaced_values(line, ground, is_beyond=i in beyond)
        )
        for n, piece in enumerate(pieces[i]):
            more = {"detail": "wrapped", "cause": values["cause"] or str(Cause.FORM)} if n and i in at else {}
            rows.append(values | more | {"row": lines[piece].row})
    pairs = pl.DataFrame(rows, schema=PAIR_SCHEMA, orient="row")
    aside = dict.fromkeys(_undelivered_rows(ordered, set(pairs["export_row"])), str(Cause.NOT_DELIVERED))
    doubtful = _indistinct_rows(placed, whole) | _elsewhere_in_excerpt(placed, excerpt, whole)
    return Paired(key, chosen, pairs, doubtful, aside, placed.offset, recognised)


def _elsewhere_in_excerpt(placed: Placed, excerpt: list[Line], whole: list[Line]) -> frozenset[int]:
    """Unplaced rows of the export whose words as many unplaced rows of the submission show.

    A message that arrived late has another place on each side.
    """
    mine, theirs = ({pair[side] for pair in placed.pairs} for side in (0, 1))
    shown = Counter(line.key for i, line in enumerate(excerpt) if i not in mine and line.key)
    open_rows = [line for j, line in enumerate(whole) if j not in theirs and shown[line.key]]
    lacking = Counter(line.key for line in open_rows)
    return frozenset(line.row for line in open_rows if lacking[line.key] <= shown[line.key])


def _beyond_export(placed: Placed, excerpt: list[Line], whole: list[Line], export: Reading) -> frozenset[int]:
    """Unplaced rows of the submission before the first or after the last message of the export.

    None are after the last one where the export is stated to be made later than they are.
    """
    spoken = [j for j, line in enumerate(whole) if line.cls != SYSTEM]
    if not placed.pairs or not spoken:
        return frozenset()
    (first, first_held), (last, last_held) = (edge(placed.pairs, key=lambda pair: pair[0]) for edge in (min, max))
    ahead = range(first) if first_held <= spoken[0] else range(0)
    behind = range(last + 1, len(excerpt)) if last_held >= spoken[-1] else range(0)
    made = export.facts.exported_at
    until = None if made is None else made.timestamp() + (placed.offset or 0.0)
    early = (i for i in ahead if _is_past(excerpt[i], whole[first_held], placed.offset, -1))
    late = (i for i in behind if _is_past(excerpt[i], whole[last_held], placed.offset, 1))
    return frozenset((*early, *(i for i in late if not _is_before(excerpt[i], until))))


def _is_before(line: Line, moment: float | None) -> bool:
    """Whether a row is known to be earlier than a moment; False where either has no time."""
    return line.at is not None and moment is not None and line.at < moment


def _is_past(line: Line, edge: Line, offset: float | None, way: int) -> bool:
    """Whether a row may be past an edge of the export in this direction of time; 1 = later."""
    if line.at is None or edge.at is None:
        return True
    return way * (line.at - (offset or 0.0) - edge.at) >= -(line.slack + edge.slack + PARAMS.window_seconds)


def _undelivered_rows(ordered: pl.DataFrame, placed: set[int]) -> Iterator[int]:
    """Unplaced rows of the export's owner that failed, by status or by a notice of refusal after them."""
    marked = ordered.select("row", "kind", "is_self", "status", "text").with_columns(
        pl.col("kind", "status").cast(pl.String), pl.col("text").str.contains(REFUSED_NOTICE).alias("refuses")
    )
    own: tuple[int, int] | None = None
    for at, (row, kind, is_self, status, _, refuses) in enumerate(marked.iter_rows()):
        if kind == str(Kind.SYSTEM):
            if refuses and own and at - own[0] <= PARAMS.refusal_places:
                yield own[1]
            own = None
        elif is_self is not False and row not in placed:
            own = at, row
            if status in UNDELIVERED and is_self:
                yield row


def _side_forms(
    submission: Reading, mine: pl.DataFrame, export: Reading, theirs: pl.DataFrame
) -> tuple[SideForm, SideForm]:
    """What both sides' forms can hold, for the judgement of differences."""
    classes = {str(k): c for k, c in CLASS_OF.items()}
    cls = pl.col("kind").cast(pl.String).replace_strict(classes, return_dtype=pl.UInt8).alias("cls")
    return cut_of(mine.with_columns(cls), submission.facts.limits), cut_of(
        theirs.with_columns(cls), export.facts.limits
    )


def _judged_values(line: Line, other: Line, judged: Judgement) -> dict[str, Any]:
    """The row of a placed line for the table of pairs."""
    return {
        "row": line.row,
        "export_row": other.row,
        "relation": str(judged.relation),
        "cause": None if judged.cause is None else str(judged.cause),
        "detail": judged.detail,
        "similarity": judged.similarity,
        "method": "order",
        "offset_seconds": _seconds_apart(line, other),
    }


def _seconds_apart(a: Line, b: Line) -> float | None:
    return None if a.at is None or b.at is None else a.at - b.at


def _indistinct_rows(placed: Placed, whole: list[Line]) -> frozenset[int]:
    """Free export rows with the words of an ambiguous pair nearby; either row may be meant."""
    # Rows near an ambiguous pair with the very same words: one of them is left out, and nothing shows which.
    taken = {j for _, j in placed.pairs}
    found = set()
    for i, j in placed.pairs:
        if i in placed.ambiguous:
            near = range(max(0, j - 30), min(len(whole), j + 31))
            found |= {
                whole[k].row
                for k in near
                if k not in taken and (whole[k].key, whole[k].who) == (whole[j].key, whole[j].who)
            }
    return frozenset(found)


def _unplaced_values(line: Line, ground: Ground, *, is_beyond: bool) -> dict[str, Any]:
    """The state of an unplaced row: absent if the export reaches so far without its words, else doubtful."""
    short = len(line.key) < 2 or line.cls != WORDS or line.who is None
    if line.cls == SYSTEM:
        relation, cause = Relation.SET_ASIDE, Cause.PER_SIDE_ROW
    elif ground.recognised or short or ground.words_at[line.key]:
        relation, cause = Relation.DOUBTFUL, Cause.PAIRING_UNCLEAR
    elif is_beyond:
        relation, cause = Relation.DOUBTFUL, Cause.OUTSIDE_COVERAGE
    else:
        relation, cause = Relation.ONE_SIDED, Cause.UNEXPLAINED
    return dict.fromkeys(PAIR_SCHEMA) | {"row": line.row, "relation": str(relation), "cause": str(cause)}


def _unplaced_rows(messages: pl.DataFrame, relation: Relation, cause: Cause) -> pl.DataFrame:
    """All rows without a place, with one relation and cause."""
    rows = [
        dict.fromkeys(PAIR_SCHEMA) | {"row": r, "relation": str(relation), "cause": str(cause)} for r in messages["row"]
    ]
    return pl.DataFrame(rows, schema=PAIR_SCHEMA, orient="row")
