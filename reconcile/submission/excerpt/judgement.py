"""Judges placed lines: agreement, form, conflict or doubt.

Without good times a conflict needs firm ground.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from reconcile.engine.content.bodies import judge_pair
from reconcile.engine.content.facts import amount_of
from reconcile.engine.content.judgement import Judgement, SideForm
from reconcile.engine.content.words import judge_words
from reconcile.intake.contract import FormLimits
from reconcile.patterns import lazy_pattern
from reconcile.submission.excerpt.lines import Line
from reconcile.submission.excerpt.order import exchanged_lines
from reconcile.submission.excerpt.place import Placed
from reconcile.submission.excerpt.seeds import fits_time
from reconcile.submission.params import CHECK_PARAMS
from reconcile.vocabulary import Cause, Relation
from reconcile.wechat.kind_classes import PAYMENT, SYSTEM, WORDS
from reconcile.wechat.text import numbers_in

NO_FORM = SideForm(FormLimits(), None)
_RUN = lazy_pattern(r"(\D)\1+")  # recognition merges repeated signs: 嗯嗯, !!!


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground of a judgement.

    Attributes:
        recognised: the excerpt's words come, or seem to come, from text recognition.
        words_at: words -> how many lines of the export hold them.
        forms: what is known of both sides' writing.
    """

    recognised: bool
    words_at: Counter[str]
    forms: tuple[SideForm, SideForm] = (NO_FORM, NO_FORM)


def judge_placed(placed: Placed, excerpt: list[Line], export: list[Line], ground: Ground) -> dict[int, Judgement]:
    """Excerpt position -> judgement, for every line that was placed."""
    at = dict(placed.pairs)
    judged = {}
    for i, j in placed.pairs:
        a, b = excerpt[i], export[j]
        found = _with_sums(judge_pair(a.facts | {"cls": a.cls}, b.facts, *ground.forms), a, b)
        if found.relation is Relation.CONFLICT:
            found = _judge_conflict(found, a, b, ground, firm=_is_firm(i, at, excerpt, export))
        elif found.relation is Relation.AGREEMENT:
            found = _judge_sender_and_time(found, a, b, placed, firm=_is_firm(i, at, excerpt, export))
        if found.relation is Relation.AGREEMENT and i in placed.ambiguous:
            found = Judgement(found.relation, found.cause or Cause.FORM, "indistinguishable", found.similarity)
        judged[i] = found
    for i in () if ground.recognised else exchanged_lines(placed.pairs, excerpt, export, ground.words_at):
        if judged[i].relation is Relation.AGREEMENT:
            judged[i] = Judgement(Relation.DOUBTFUL, Cause.TIME_DIFFERS, "order", judged[i].similarity)
    return judged


def _with_sums(found: Judgement, a: Line, b: Line) -> Judgement:
    """The judgement; a conflict where words stand for a payment and state another sum."""
    if found.relation is not Relation.AGREEMENT or {a.cls, b.cls} != {WORDS, PAYMENT}:
        return found
    sums = [amount_of(line.facts | {"cls": PAYMENT}) for line in (a, b)]
    if None in sums or sums[0] == sums[1]:
        return found
    return Judgement(Relation.CONFLICT, Cause.AMOUNT_DIFFERS, "amount", found.similarity)


def looks_recognised(pairs: Iterable[tuple[int, int]], excerpt: list[Line], export: list[Line]) -> bool:
    """Whether the differences look like reading errors rather than replaced words."""
    words = [(excerpt[i], export[j]) for i, j in pairs if excerpt[i].cls == WORDS and export[j].cls == WORDS]
    differing = [(a, b) for a, b in words if a.key != b.key and len(b.key) >= 2]
    small = [(a, b) for a, b in differing if _is_small(a.key, b.key)]
    if not any(a.facts["message_id"] or (a.at is not None and a.slack < CHECK_PARAMS.fine_seconds) for a in excerpt):
        return any(
            len(b.key) >= CHECK_PARAMS.misread_characters and _looks_like_misreading(a.key, b.key) for a, b in small
        )
    many = len(differing) >= CHECK_PARAMS.noise_rows and len(differing) >= CHECK_PARAMS.noise_share * len(words)
    return many and len(small) >= CHECK_PARAMS.noise_small_share * len(differing)


def _is_small(left: str, right: str) -> bool:
    """Whether so few characters differ that recognition may have caused it."""
    return Levenshtein.distance(left, right) <= max(1.0, CHECK_PARAMS.small_edits_share * len(right))


def _looks_like_misreading(left: str, right: str) -> bool:
    """Whether two texts differ in scattered single characters, none in a number, date or negation."""
    lengths = [
        max(op.src_end - op.src_start, op.dest_end - op.dest_start)
        for op in Levenshtein.opcodes(left, right)
        if op.tag != "equal"
    ]
    return max(lengths, default=0) <= 1 and judge_words(left, right, NO_FORM, NO_FORM).detail in ("words", None)


def _judge_conflict(found: Judgement, a: Line, b: Line, ground: Ground, *, firm: bool) -> Judgement:
    """The conflict in words, or doubt where the two lines are not surely one message."""
    if ground.recognised:
        return _judge_recognised(found, a, b)
    if a.facts["message_id"] and a.facts["message_id"] == b.facts["message_id"]:
        return found
    if a.who is None and a.key in b.key:
        return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "wrapped", found.similarity)
    known_elsewhere = ground.words_at[a.key] > 0
    alike = found.similarity >= CHECK_PARAMS.alike_share and len(b.key) >= CHECK_PARAMS.long_characters
    if firm or (alike and not known_elsewhere):
        return found
    return Judgement(Relation.DOUBTFUL, Cause.PAIRING_UNCLEAR, found.detail, found.similarity)


def _judge_recognised(found: Judgement, a: Line, b: Line) -> Judgement:
    """A reading error is doubt, never a conflict, unless legible digits differ in otherwise alike words."""
    digits = "".join(c for c in a.raw if c.isdigit()) != "".join(c for c in b.raw if c.isdigit())
    if _RUN.sub(r"\1", a.key) == _RUN.sub(r"\1", b.key):
        return Judgement(Relation.AGREEMENT, Cause.FORM, "recognition", found.similarity)
    legible = a.legible is not None and a.legible >= CHECK_PARAMS.legible_score
    if digits and legible and found.similarity >= CHECK_PARAMS.alike_share and numbers_in(a.raw) != numbers_in(b.raw):
        return found
    detail = ",".join(d for d in ("recognition", found.detail) if d)
    return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, detail, found.similarity)


def _is_firm(i: int, at: dict[int, int], excerpt: list[Line], export: list[Line]) -> bool:
    """Whether the line is between neighbours that match word for word, most of them adjacent."""
    j = at[i]
    beside = [d for d in (-1, 1) if at.get(i + d) == j + d and excerpt[i + d].key == export[j + d].key]
    around = [
        d
        for d in (-3, -2, -1, 1, 2, 3)
        if at.get(i + d) == j + d and excerpt[i + d].key == export[j + d].key and export[j + d].key
    ]
    return len(beside) == 2 and len(around) >= CHECK_PARAMS.around_lines


def _judge_sender_and_time(found: Judgement, a: Line, b: Line, placed: Placed, *, firm: bool) -> Judgement:
    """A conflict (or doubt) where sender or time differ; else the judgement as it was."""
    known = placed.senders.get(a.who) if a.who is not None else None
    sure = firm or len(a.key) >= CHECK_PARAMS.long_characters
    if known is not None and b.who is not None and known != b.who and SYSTEM not in (a.cls, b.cls):
        relation = Relation.CONFLICT if sure else Relation.DOUBTFUL
        return Judgement(relation, Cause.SENDER_DIFFERS, "sender", found.similarity)
    if not fits_time(a, b, placed.offset):
        relation = Relation.CONFLICT if sure else Relation.DOUBTFUL
        return Judgement(relation, Cause.TIME_DIFFERS, "time", found.similarity)
    return found
