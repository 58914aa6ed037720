"""Judges paired rows: whether they differ in substance, or only in how a tool wrote them."""

import re
from typing import Any

from rapidfuzz.distance import Indel

from reconcile.engine.content.facts import (
    amount_of,
    are_one_record,
    link_title,
    name_for_address,
    name_of,
    safe_name,
    stands_for_record,
    stands_in,
    unwrapped,
)
from reconcile.engine.content.judgement import Judgement, SideForm, by_form
from reconcile.engine.content.truncation import is_cut
from reconcile.engine.content.words import judge_words
from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Cause, Form, Relation
from reconcile.wechat.kind_classes import (
    CALL,
    CARD,
    FILE,
    FORWARD,
    LINK,
    OTHER,
    PAYMENT,
    PLACE,
    SYSTEM,
    WORDLESS,
    WORDS,
)
from reconcile.wechat.kinds import UNSHOWN, kind_of_placeholder
from reconcile.wechat.text import canonical

# A placeholder and the single line after it: `[文件] 合同.docx`, `[链接] 标题`.
_SHOWN = lazy_pattern(r"\A(\[[^\]\n]{1,8}\]|【[^】\n]{1,8}】)\s*([^\n]{1,200})\Z")
# How wechat-dump shows a file.
_DUMPED_FILE = "FILE:"


def judge_pair(left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm) -> Judgement:
    """The judgement on two paired rows: agreement, conflict or doubtful, with cause and detail.

    What only one side states is never a difference. Sender and time are judged by the caller, who knows names and
    clocks.
    """
    return (
        _attribute_difference(left, right, left_form, right_form)
        or _judge_without_content(left, right, left_form, right_form)
        or _doubt_by_title(left, right)
        or _judge_bodies(left, right, left_form, right_form)
    )


def _attribute_difference(
    left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm
) -> Judgement | None:
    """Conflict or doubt by amount, media hash or file name; null where they agree."""
    amounts = amount_of(left), amount_of(right)
    if None not in amounts and amounts[0] != amounts[1] and (left["cls"], right["cls"]) == (PAYMENT, PAYMENT):
        return Judgement(Relation.CONFLICT, Cause.AMOUNT_DIFFERS, "amount", _text_similarity(left, right))
    hashes = left["media_hash"], right["media_hash"]
    if all(hashes) and len(hashes[0]) == len(hashes[1]) and hashes[0].lower() != hashes[1].lower():
        return Judgement(Relation.CONFLICT, Cause.MEDIA_DIFFERS, "media_hash", _text_similarity(left, right))
    if (left["cls"], right["cls"]) == (FILE, FILE) and _file_names_differ(left, right):
        return _judge_file_names(left, right, left_form, right_form)
    return None


def _judge_file_names(
    left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm
) -> Judgement:
    """The judgement on two file names that differ: another file, or the name as a tool saves or cuts it."""
    if any(r["text"].startswith(_DUMPED_FILE) for r in (left, right)) and _is_shortened(left, right):
        return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "file_name", _text_similarity(left, right))
    if _saved_again(left, right):
        return by_form([Form.EXPORTER_SPELLING])
    if _is_cut_at_limit(left, right, left_form) or _is_cut_at_limit(right, left, right_form):
        return by_form([Form.TRUNCATION])
    return Judgement(Relation.CONFLICT, Cause.MEDIA_DIFFERS, "file_name", _text_similarity(left, right))


def _is_cut_at_limit(short: dict[str, Any], long: dict[str, Any], form: SideForm) -> bool:
    """Whether a file's row ends where its tool cuts all texts, and begins the other side's row."""
    return form.cuts_at(short["text"]) and is_cut(short["text"], long["text"], form)


# A client adds a number when it saves a file under an existing name.
COPY_NUMBER = r"(?:\s?[(（]\d{1,2}[)）])+(\.[A-Za-z0-9]{1,6})$"


def _saved_again(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether two file names differ only in the numbers of further copies."""
    names = [name_of(r) for r in (left, right)]
    plain = [re.sub(COPY_NUMBER, r"\1", n) for n in names]
    return plain != names and safe_name(plain[0]) == safe_name(plain[1]) and names[0] != names[1]


def _is_shortened(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether one file name is the other with a piece missing inside.

    An Android store may keep a title that differs from the file's name in this way.
    """
    short, long = sorted((safe_name(name_of(r)) for r in (left, right)), key=len)
    return bool(short) and any(long.startswith(short[:k]) and long.endswith(short[k:]) for k in range(1, len(short)))


def _file_names_differ(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether both sides state a file name and the names differ."""
    names = [safe_name(name_of(r)) for r in (left, right)]
    return all(names) and names[0] != names[1]


def _judge_without_content(
    left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm
) -> Judgement | None:
    """An agreement where a side's format never writes the content of this kind; otherwise None.

    The text of such a row is the tool's own, so it cannot differ from the message's.
    """
    silent = any(r["kind"] in f.limits.kinds_without_content for r, f in ((left, left_form), (right, right_form)))
    if not silent or left["text"] == right["text"] or SYSTEM in (left["cls"], right["cls"]):
        return None
    return by_form([Form.PLACEHOLDER if left["kind"] == right["kind"] else Form.KIND_NAME])


def _judge_bodies(left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm) -> Judgement:
    """Relation of two bodies by their kinds and words, with amounts, hashes and names equal."""
    classes = {left["cls"], right["cls"]}
    same_kind = left["kind"] == right["kind"]
    if left["text"] == right["text"]:
        return Judgement(
            Relation.AGREEMENT, None if same_kind else Cause.FORM, None if same_kind else str(Form.KIND_NAME), 1.0
        )
    if classes == {WORDS} and _states_words(left) and _states_words(right):
        return judge_words(left["text"], right["text"], left_form, right_form)
    if len(classes) == 1 and classes & {LINK, FILE, PAYMENT, FORWARD, CALL, *WORDLESS}:
        return _judge_shown_bodies(left, right, left_form, right_form)
    is_unknown = OTHER in classes and not (len(classes) == 1 and _state_one_sort(left, right))
    if not (_states_words(left) and _states_words(right)) or is_unknown or SYSTEM in classes:
        return by_form([Form.PLACEHOLDER if same_kind else Form.KIND_NAME])
    words = judge_words(left["text"], right["text"], left_form, right_form)
    if WORDS in classes and words.relation is not Relation.AGREEMENT:
        spoken, shown = (left, right) if left["cls"] == WORDS else (right, left)
        said, named = canonical(spoken["text"]), link_title(shown["text"])
        is_named = bool(named) and stands_in(canonical(named), said)
        if is_named or stands_for_record(said, canonical(shown["text"]), shown["cls"]):
            return by_form([Form.KIND_NAME])
    doubt = Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "kind", words.similarity)
    return doubt if words.relation is Relation.CONFLICT else words


def _doubt_by_title(left: dict[str, Any], right: dict[str, Any]) -> Judgement | None:
    """Doubtful where one row is text and the other a link with an unrelated title; otherwise None."""
    if {left["cls"], right["cls"]} != {WORDS, LINK}:
        return None
    spoken, link = (left, right) if left["cls"] == WORDS else (right, left)
    words, title = canonical(spoken["text"]), canonical(link_title(link["text"]))
    shown = link["text_quality"] != "absent" and _states_words(spoken) and not _is_placeholder(spoken["text"])
    told = bool(title) and shown and "://" not in words
    if not told or title in words or words in canonical(link["text"]):
        return None
    return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "kind", _text_similarity(left, right))


def _states_words(row: dict[str, Any]) -> bool:
    """Whether the row's text is the sender's words, not a placeholder or nothing."""
    text, quality = row["text"], row["text_quality"]
    return bool(text.strip()) and quality not in ("absent",) and not (row["cls"] != WORDS and _is_placeholder(text))


def _state_one_sort(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether two rows of unknown kind hold words too alike to be two tools' names for it."""
    said = all(_states_words(r) and not re.match(UNSHOWN, r["text"].strip()) for r in (left, right))
    return said and _text_similarity(left, right) >= PARAMS.notice_similarity


def _is_placeholder(text: str) -> bool:
    return kind_of_placeholder(text) is not None


def _judge_shown_bodies(
    left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm
) -> Judgement:
    """Judges bodies that an exporter put into words: only what both state as words can differ."""
    if left["cls"] == LINK:
        return _judge_links(left, right, left_form, right_form)
    if left["cls"] == PLACE and are_one_record(left["text"], right["text"], PLACE):
        return by_form([Form.EXPORTER_SPELLING])
    if left["cls"] == PLACE and name_for_address(left["text"], right["text"]):
        return Judgement(Relation.AGREEMENT, Cause.NOT_STATED, None, _text_similarity(left, right))
    shown = _SHOWN.match(left["text"]), _SHOWN.match(right["text"])
    if left["cls"] in (CARD, PLACE) and shown[0] and shown[1] and shown[0].group(1) == shown[1].group(1):
        # Both sides use the same placeholder, so the text after it is the message's own.
        return _judge_titles(shown[0].group(2), shown[1].group(2), left_form, right_form)
    stated = [t.strip() and not _is_placeholder(t) for t in (left["text"], right["text"])]
    if left["cls"] not in (LINK, FILE, FORWARD) or not all(stated):
        return by_form([Form.PLACEHOLDER])
    titles = [unwrapped(r["text"]) if r["cls"] == FILE else r["text"] for r in (left, right)]
    return _judge_titles(titles[0], titles[1], left_form, right_form)


def _judge_links(left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm) -> Judgement:
    """Judges two links by address or title; the rest of the text is an exporter's spelling."""
    form = Judgement(Relation.AGREEMENT, Cause.FORM, str(Form.EXPORTER_SPELLING), _text_similarity(left, right))
    addresses = [canonical(r.get("url") or "").split("#")[0] for r in (left, right)]
    if (all(addresses) and addresses[0] == addresses[1]) or "absent" in (left["text_quality"], right["text_quality"]):
        return form
    titles = [link_title(r["text"]) for r in (left, right)]
    if not all(titles):
        return by_form([Form.PLACEHOLDER]) if any(titles) else form
    if canonical(titles[0]) == canonical(titles[1]):
        return form
    if is_cut(left["text"], right["text"], left_form) or is_cut(right["text"], left["text"], right_form):
        return by_form([Form.TRUNCATION])
    # A length limit includes the placeholder, and each language writes it differently.
    same_mark = [f"[链接] {t}" for t in titles]
    if is_cut(same_mark[0], same_mark[1], left_form) or is_cut(same_mark[1], same_mark[0], right_form):
        return by_form([Form.TRUNCATION])
    return _judge_titles(titles[0], titles[1], left_form, right_form)


def _judge_titles(left: str, right: str, left_form: SideForm, right_form: SideForm) -> Judgement:
    """Relation of two titles; doubtful where one is in the other, form where they are unlike."""
    words = judge_words(left, right, left_form, right_form)
    if words.relation is not Relation.CONFLICT:
        return words
    if safe_name(left) == safe_name(right):
        return by_form([Form.PUNCTUATION])
    a, b = canonical(left), canonical(right)
    if stands_in(a, b) or stands_in(b, a) or words.similarity < PARAMS.body_similarity:
        # One exporter prints the title only, the other the title with its address, or a different rendering.
        return Judgement(Relation.AGREEMENT, Cause.FORM, str(Form.EXPORTER_SPELLING), words.similarity)
    # A text inside the other without a word break may be another sentence: 同意 in 不同意.
    return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "text", words.similarity) if a in b or b in a else words


def _text_similarity(left: dict[str, Any], right: dict[str, Any]) -> float:
    return Indel.normalized_similarity(left["text"], right["text"])
