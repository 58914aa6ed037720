"""Compares the content of two records: equal, another form, not stated, altered or different."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz.distance import Indel, Levenshtein

from reconcile.engine.content.bodies import judge_pair
from reconcile.engine.content.encodings import are_characters_lost
from reconcile.engine.content.facts import stands_for_record, stands_in
from reconcile.engine.content.forms import Forms
from reconcile.engine.content.judgement import Judgement, SideForm
from reconcile.engine.content.mentions import words_around
from reconcile.engine.content.quotations import parted
from reconcile.engine.content.renderings import may_stand_for, of_one_address
from reconcile.engine.content.signs import QUOTED, are_signs_lost, are_signs_replaced, is_lone_sign
from reconcile.engine.content.truncation import same_marks
from reconcile.engine.content.words import differ_in_pauses
from reconcile.engine.pairs.similarity import may_be_form, similarities, similarity_value
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import Floats, Ints, Keys, Records
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Cause, Form, Kind, Relation
from reconcile.wechat.client_sentences import NOTICES
from reconcile.wechat.kind_classes import CALL, FILE, IMAGE, LINK, OTHER, PAYMENT, SHARED, STICKER, SYSTEM, WORDS
from reconcile.wechat.kinds import (
    BRACKETS,
    KIND_NAME,
    MARK,
)
from reconcile.wechat.text import canonical

EQUAL, FORM, NOT_STATED, ALTERED, DIFFERENT, UNCLEAR = range(6)
LEVELS = ("equal", "form", "not_stated", "altered", "different", "unclear")
Known = tuple[frozenset[str], frozenset[str]]
WANTED = ("text", "kind", "cls", "media_hash", "amount", "file_name", "text_quality", "url")


@dataclass(frozen=True)
class Content:
    """The content level of candidate pairs, one position per pair.

    Attributes:
        level: one of LEVELS.
        similarity: 0 to 1.
        stretches, changed: number of differing stretches and characters.
        common: number of equal characters.
        judgements: the judgement of pairs that were judged in full; None for the others.
        chance: the most (nats) that the similarity is worth, given how often unlike messages are as similar.
    """

    level: npt.NDArray[np.int8]
    similarity: Floats
    stretches: Floats
    changed: Floats
    common: Floats
    judgements: list[Judgement | None]
    chance: Floats

    @classmethod
    def none(cls) -> "Content":
        """Content levels of no pairs."""
        nothing = np.zeros(0)
        return cls(np.zeros(0, np.int8), nothing, nothing, nothing, nothing, [], nothing)


def compare_content(
    left: Records,
    right: Records,
    li: Ints,
    ri: Ints,
    keys: tuple[Keys, Keys],
    texts: tuple[pl.Series, pl.Series],
    forms: tuple[Forms, Forms],
    params: Params,
) -> Content:
    """The content level of every candidate pair.

    Pairs with equal keys need no look at their texts. Beyond `judged_pairs` pairs of an export, texts are only equal or
    not.
    """
    n = len(li)
    level = np.full(n, DIFFERENT, np.int8)
    similarity, stretches, changed, common = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    judgements: list[Judgement | None] = [None] * n
    same = (keys[0][li] == keys[1][ri]) & (left.raw_key[li] == right.raw_key[ri])
    level[same], similarity[same] = EQUAL, 1.0
    common[same] = texts[0][li[same]].str.len_chars().to_numpy() if same.any() else 0.0
    asked = np.flatnonzero(~same)
    asked = asked[_places_in_export(left.export[li[asked]]) < params.judged_pairs]
    a, b = left.frame[["export", *WANTED]][li[asked]], right.frame[WANTED][ri[asked]]
    judge = _cached_judge(forms, params)
    words = texts[0][li[asked]].to_list(), texts[1][ri[asked]].to_list()
    quick = similarities(words[0], words[1], params)
    spent: Counter[int] = Counter()
    for at, one, two, x, y, near in zip(asked.tolist(), a.iter_rows(), b.iter_rows(), *words, quick, strict=True):
        if one[3] == two[2] == WORDS and (around := words_around(one[1], two[0])):
            # Whoever is mentioned, the words are the same.
            level[at], similarity[at], common[at] = UNCLEAR, near, len(around)
            continue
        if one[3] == two[2] == WORDS and (spent[one[0]] > params.closely_judged or not may_be_form(x, y)):
            similarity[at] = near
            if near >= params.quick_similarity:
                stretches[at], changed[at], common[at] = altered(x, y, params)
                level[at] = ALTERED if _have_enough_in_common(x, y, common[at], params) else DIFFERENT
            continue
        if one[3] != two[2]:
            written = written_alike((one[1], two[0]), (one[3], two[2])) or (x, y)
            known = told_apart((left, right), forms, one[0])
            level[at], common[at] = across_kinds(
                one[3], two[2], (one[2], two[1]), written, known, absent_in(forms, one[0])
            )
            similarity[at] = float(level[at] == FORM)
            continue
        spent[one[0]] += 1
        told = judge(one[0], one[1:], two)
        judgements[at] = told
        level[at] = level_of(told, x, y)
        similarity[at] = told.similarity
        if level[at] in (ALTERED, UNCLEAR, DIFFERENT):
            reply, other = (parted(t)[0] if QUOTED.search(t) else t for t in (x, y))
            if are_signs_replaced((reply, other), (one[1], two[0])) or _have_equal_letters(reply, other):
                level[at], common[at] = FORM, min(len(reply), len(other))
                continue
            stretches[at], changed[at], common[at] = altered(reply, other, params)
            if level[at] == ALTERED and not _have_enough_in_common(reply, other, common[at], params):
                level[at] = DIFFERENT
        else:
            common[at] = altered(x, y, params)[2] if one[3] in (PAYMENT, FILE) else min(len(x), len(y))
    chance = np.full(n, np.inf)
    alike = np.flatnonzero(np.isin(level, (ALTERED, UNCLEAR)))
    if len(alike):
        near = dict(zip(asked.tolist(), quick.tolist(), strict=True))
        chance[alike] = similarity_value(
            left, right, left.export[li[alike]], np.array([near[i] for i in alike.tolist()]), params
        )
    return Content(level, similarity, stretches, changed, common, judgements, chance)


def _have_enough_in_common(left: str, right: str, common: float, params: Params) -> bool:
    """Whether two texts have enough in common to be one altered text, or one begins the other."""
    return is_begun(left, right) or common >= params.altered_least_equal * max(len(left), len(right))


def _have_equal_letters(left: str, right: str) -> bool:
    """Whether two canonical texts have the same letters and numerals, or marks in place of lost ones."""
    if are_characters_lost(left, right):
        return True
    bare = [re.sub(r"[\W_]", "", re.sub(r"⟦[^⟧]*⟧", "", t)) for t in (left, right)]
    return bare[0] != "" and bare[0] == bare[1]


def is_begun(left: str, right: str) -> bool:
    """Whether one text is the beginning of the other, and longer than a short message."""
    short, long = sorted((left, right), key=len)
    return len(short) >= PARAMS.cut_characters_least and long.startswith(short)


def _places_in_export(exports: Ints) -> Ints:
    """The position of each element among those of its export."""
    if not len(exports) or (exports == exports[0]).all():
        return np.arange(len(exports))
    counted = pl.DataFrame({"export": exports}).select(pl.int_range(pl.len()).over("export").alias("n"))
    return counted["n"].to_numpy()


def absent_in(forms: tuple[Forms, Forms], export: int) -> tuple[frozenset[Kind], frozenset[Kind]]:
    """The kinds for which each side's form writes no words."""
    left, right = (f[export].limits.kinds_unworded | f[export].left_out for f in forms)
    return left, right


def told_apart(records: tuple[Records, Records], forms: tuple[Forms, Forms], export: int) -> Known:
    """The kinds that each side holds and its form never writes like words."""
    left, right = (
        r.kinds[export] - set(map(str, f[export].limits.kinds_among_words)) for r, f in zip(records, forms, strict=True)
    )
    return left, right


def written_alike(texts: tuple[str, str], classes: tuple[int, int]) -> tuple[str, str] | None:
    """The two texts if they are equal whatever kind the tools give them; null otherwise.

    A tool may put brackets around a kind that it does not know.
    """
    bare = tuple(t.strip(BRACKETS) for t in texts) if OTHER in classes else texts
    return texts if bare[0] == bare[1] else None


def across_kinds(
    a: int,
    b: int,
    kinds: tuple[str, str],
    texts: tuple[str, str],
    known: Known,
    absent: tuple[frozenset[Kind], frozenset[Kind]],
) -> tuple[int, float]:
    """Content level of two records of different classes, and their equal characters.

    Equal or contained text, or a card's title among words, is a form. Words may be how a tool shows a record of the
    other class.

    Args:
        a, b: the classes.
        kinds: the kinds.
        texts: the canonical texts without placeholders.
        known: kinds that each export holds and does not write like words.
        absent: kinds for which each form writes no words.
    """
    if SYSTEM in (a, b):
        told, more = sorted(texts, key=len)
        # A client tells of some calls and receipts in notices, and in words of its own.
        is_event = bool({a, b} & {CALL, PAYMENT}) and len(told) >= 2 and told in more
        level = FORM if told == more and told else UNCLEAR if is_event else DIFFERENT
        return level, 0.0 if level == DIFFERENT else float(len(told))
    left_text, right_text = (parted(t)[0] if QUOTED.search(t) else t for t in texts)
    # One name in brackets may stand for any emoji, in a text or as a sticker.
    is_sign = is_lone_sign((a, b), (left_text, right_text))
    short, long = sorted((t.strip(BRACKETS) for t in (left_text, right_text)), key=len)
    # A person may name a sum or a file among other words.
    may_name = len(short) >= 2 and not (WORDS in (a, b) and {a, b} & {FILE, PAYMENT})
    is_all = re.sub(MARK, "", long) == short
    spoken, shown, side = (left_text, right_text, 0) if a == WORDS else (right_text, left_text, 1)
    cls, record = (b, a)[side], ((b, a)[side], kinds[1 - side], known[side], absent[side])
    if not is_sign and short and (is_all or (may_name and short in long)):
        # Behind a title, words go on only as tools write them. Else somebody may have cut them, and named another kind.
        is_asked = WORDS in (a, b) and not is_all and (spoken.strip(BRACKETS) == long or cls == OTHER)
        return (UNCLEAR if is_asked and not may_stand_for(long, *record) else FORM), float(len(short))
    # A sticker is stored as a picture, and a form may know no other name for it.
    one_name = {a, b} == {IMAGE, STICKER} and (kinds[0] not in known[1] or kinds[1] not in known[0])
    if is_sign or one_name or OTHER in (a, b):
        return NOT_STATED, 0.0
    if WORDS not in (a, b):
        return DIFFERENT, 0.0
    return _level_of_words(spoken, shown, *record)


def _level_of_words(
    spoken: str, shown: str, cls: int, kind: str, known: frozenset[str], absent: frozenset[Kind]
) -> tuple[int, float]:
    """Content level of words beside a record of another class, and their equal characters."""
    if (same := stands_for_record(spoken, shown, cls)) is not None:
        return (FORM if same else UNCLEAR), float(min(len(spoken), len(shown)))
    if cls == LINK and (one := of_one_address(spoken, shown)) is not None:
        return (FORM if one else DIFFERENT), float(min(len(spoken), len(shown)))
    title = shown.split("\n", maxsplit=1)[0]
    if cls in SHARED and len(title) >= PARAMS.distinctive_characters and stands_in(title, spoken):
        return FORM, float(len(title))
    may_stand = not spoken or may_stand_for(spoken, cls, kind, known, absent)
    return (NOT_STATED if may_stand else DIFFERENT), 0.0


def level_of(judgement: Judgement, left: str, right: str) -> int:
    """The content level that corresponds to a judgement."""
    if judgement.relation is Relation.CONFLICT:
        return ALTERED if judgement.cause is Cause.TEXT_DIFFERS else DIFFERENT
    if judgement.relation is not Relation.AGREEMENT:
        return UNCLEAR
    if judgement.cause is None:
        return EQUAL
    unstated = not left or not right or judgement.cause is Cause.NOT_STATED
    return NOT_STATED if unstated or judgement.detail in (Form.PLACEHOLDER, Form.KIND_NAME) else FORM


def altered(left: str, right: str, params: Params) -> tuple[float, float, float]:
    """Altered stretches, altered characters, equal characters of two texts; long texts by their two ends."""
    half = params.judged_characters // 2
    if is_begun(left, right):
        # A cut is one edit, however long the missing part.
        short = min(len(left), len(right))
        return 1.0, min(abs(len(left) - len(right)), params.cut_characters), float(short)
    if len(left) > 2 * half or len(right) > 2 * half:
        tail = abs(len(left) - len(right))
        left, right = left[:half] + left[-half:], right[:half] + right[-half:]
        more = float(tail)
    else:
        more = 0.0
    stretches = changed = equal = 0
    for edit in Levenshtein.opcodes(left, right):
        if edit.tag == "equal":
            equal += edit.src_end - edit.src_start
        else:
            stretches += 1
            changed += max(edit.src_end - edit.src_start, edit.dest_end - edit.dest_start)
    return float(stretches), changed + more, float(equal)


def _cached_judge(forms: tuple[Forms, Forms], params: Params) -> Any:
    """A function that judges two bodies and remembers the last 200,000 judgements."""

    @lru_cache(maxsize=200_000)
    def judge(export: int, left: tuple[Any, ...], right: tuple[Any, ...]) -> Judgement:
        a, b = dict(zip(WANTED, left, strict=True)), dict(zip(WANTED, right, strict=True))
        return judge_rows(a, b, forms[0][export], forms[1][export], params)

    return judge


def judge_rows(
    left: Mapping[str, Any], right: Mapping[str, Any], left_form: SideForm, right_form: SideForm, params: Params
) -> Judgement:
    """The judgement on two rows as one message; unclear if only one of them is a notice."""
    if (left["cls"] == SYSTEM) != (right["cls"] == SYSTEM):
        return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "kind", 0.0)
    if left["cls"] == right["cls"] == SYSTEM:
        return _judge_notices(left["text"], right["text"], params)
    if left["cls"] == right["cls"] == WORDS and are_signs_lost(left["text"], right["text"]):
        return Judgement(Relation.AGREEMENT, Cause.NOT_STATED, None, 0.0)
    if max(len(left["text"]), len(right["text"])) > params.judged_characters:
        return _judge_long(left["text"], right["text"], params)
    return judge_pair(_without_kind_name(left), _without_kind_name(right), left_form, right_form)


def _without_kind_name(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without a text that only names its kind."""
    told = dict(row)
    if row["cls"] != WORDS and re.match(KIND_NAME, row["text"]):
        told["text"] = ""
    return told


_NOTICES = tuple(map(lazy_pattern, NOTICES))


def notice_kind(text: str) -> re.Pattern[str] | None:
    """What finds the notices of this one's kind; None = of no known kind."""
    return next((p for p in _NOTICES if p.search(text)), None)


def _judge_notices(left: str, right: str, params: Params) -> Judgement:
    """The judgement on two client notices: the same sentence, the same event in other words, or unclear."""
    if left == right:
        return Judgement(Relation.AGREEMENT, None, None, 1.0)
    similarity = Indel.normalized_similarity(left[: params.quick_characters], right[: params.quick_characters])
    kinds = [notice_kind(t) for t in (left, right)]
    alike = similarity >= params.notice_similarity or _tells_less(left, right) or _tells_less(right, left)
    if kinds[0] == kinds[1] if None not in kinds else alike:
        return Judgement(Relation.AGREEMENT, Cause.FORM, str(Form.WORDING_BY_SIDE), similarity)
    return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "kind", similarity)


def _tells_less(short: str, long: str) -> bool:
    """Whether a notice has several words, and all of them stand in the other one in their order."""
    words, others = re.findall(r"\w+", short), iter(re.findall(r"\w+", long))
    return len(words) > 1 and all(w in others for w in words)


def _judge_long(left: str, right: str, params: Params) -> Judgement:
    """The judgement on two long texts: equal, equal in form, in doubt by marks alone, or altered."""
    if left == right:
        return Judgement(Relation.AGREEMENT, None, None, 1.0)
    a, b = canonical(left), canonical(right)
    if a == b:
        return Judgement(Relation.AGREEMENT, Cause.FORM, str(Form.WIDTH), 1.0)
    if same_marks(a, b):
        return Judgement(Relation.AGREEMENT, Cause.FORM, str(Form.PUNCTUATION), 1.0)
    if differ_in_pauses(a, b):
        return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "pauses", 1.0)
    return Judgement(
        Relation.CONFLICT,
        Cause.TEXT_DIFFERS,
        "words",
        Indel.normalized_similarity(a[: params.judged_characters], b[: params.judged_characters]),
    )
