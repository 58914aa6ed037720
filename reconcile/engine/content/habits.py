"""Finds habits of a tool: changes that it makes to every text, and that are therefore no difference."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import polars as pl
from rapidfuzz.distance import Levenshtein

from reconcile.column_ops import listed, parts_by
from reconcile.engine.content.encodings import lost_to_encoding
from reconcile.engine.content.facts import link_title
from reconcile.engine.content.file_signs import lost_throughout
from reconcile.engine.content.forms import heap_of
from reconcile.engine.content.judgement import WEAK_DETAILS
from reconcile.engine.content.lost_signs import lost_by_tool
from reconcile.engine.content.masks import withholds
from reconcile.engine.content.mentions import People, renamed_mentions
from reconcile.engine.content.quotations import own_words_hold, parted
from reconcile.engine.content.respelling import respelled
from reconcile.engine.content.sense import lost_in_sense
from reconcile.engine.content.signs import leaves_marks
from reconcile.engine.content.words import GOES_ON, differ_in_pauses, is_form
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import doubtful
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import SELECTIVE, Cause, Form, Kind, Relation
from reconcile.wechat.kind_classes import FILE, IMAGE, LINK, STICKER, VIDEO, VOICE, WORDS
from reconcile.wechat.text import canonical

# Emoji that a store of 16-bit characters, or one of Chinese characters only, cannot hold. A selector after an older sign is lost with it.
_SIGN = "[\U00010000-\U0010ffff]|[\u203c-\u3299]\ufe0f"
_WIDE = lazy_pattern(f"(?:(?:{_SIGN})[\U0001f3fb-\U0001f3ff\ufe0f\u200d]*)+")
# Words beside the mark of a character that could not be decoded. Nobody types that mark.
_DECODED = lazy_pattern(r"(?s)\w.*\ufffd|\ufffd.*\w")
# What somebody who arranges a file writes beside texts: words in brackets, or signs with a number.
_LABEL = lazy_pattern(
    r"[【\[(（《〔<][^\n【】\[\]()（）《》〔〕<>]{1,30}[】\])）》〕>]|[^\w\s⟦⟧]{1,3}\s?\d{1,3}[.、:：]?|[①-⓿❶-➓]"
)
_HAN, _LETTER = lazy_pattern("[\u4e00-\u9fff]"), lazy_pattern(r"[^\W\d_]")
# Words that mark a quotation.
_QUOTES = lazy_pattern(r"引用|回复|[Rr]eply|[Qq]uote|「|^> ")
Row = dict[str, Any]


def with_habits(judged: pl.DataFrame, people: Callable[[], People]) -> pl.DataFrame:
    """The judged pairs; differences caused only by a habit of one tool become agreements of form.

    A tool that keeps only the first line, or loses every character above U+FFFF, does so throughout: several texts show
    it, and no text of that side holds what it loses. A flattened reply shows words that occur in the chat.

    Args:
        judged: the judged pairs.
        people: who bears each name in either export.
    """
    asked = pl.col("cause").cast(pl.String).is_in([str(Cause.TEXT_DIFFERS), str(Cause.WEAK_MATCH)])
    is_words = (pl.col("cls") == pl.col("cls_right")) & pl.col("cls").is_in([WORDS, LINK])
    differ = judged.with_row_index("at").filter(
        asked & is_words & (pl.col("detail").is_null() | ~pl.col("detail").is_in(WEAK_DETAILS))
    )
    if differ.is_empty():
        return judged
    author = pl.max_horizontal("party", "party_right").alias("author")
    found: dict[int, Form | Cause | None] = {}

    @cache
    def names() -> frozenset[str]:
        return frozenset(part for name in people() for part in re.findall(r"[^\W\d_]{2,}", name))

    # One pass finds the texts of every conversation, and most need none.
    @cache
    def said() -> dict[tuple[object, ...], pl.DataFrame]:
        told = judged.filter(is_words & pl.col("pair").is_in(listed(differ["pair"])))
        return told[["pair", "text", "text_right"]].partition_by("pair", as_dict=True, include_key=False)

    @cache
    def cut_authors() -> dict[tuple[object, ...], set[int | None]]:
        cut = judged.filter(is_words & (pl.col("detail") == str(Form.TRUNCATION)))
        return {key: {*part.select(author).to_series()} for key, part in parts_by(cut, "pair").items()}

    # Only pairs with different texts get here, so they are few.
    for key, part in parts_by(differ, "pair").items():
        written = part.select("at", "text", "text_right", "kind", "kind_right", "detail", author).to_dicts()
        texts = lambda key=key: said()[key]  # noqa: E731 - as those of the functions below ask for them
        rows = [_by_title(r) for r in written]
        labels = dict(_labelled(rows, "text", "text_right")) | dict(_labelled(rows, "text_right", "text"))
        # Labels at the end make no text a cut one. What a tool loses or respells is no label.
        found |= _with_losses(rows, texts, dict(_habit_forms(rows, texts)) | labels)
        open_at = labels.keys() | {r["at"] for r in rows} - found.keys()
        found |= dict(respelled([r for r in written if r["at"] in open_at and found.get(r["at"]) is None], texts))
        # What a whole file loses explains more than what one kind of loss does.
        signs = dict(lost_throughout(written, texts, names))
        found |= signs | _lost_in_sense(written, signs, set(Form))
        found |= dict(renamed_mentions(written, texts, people))
        found |= dict(lost_to_encoding([r for r in written if found.get(r["at"]) is None], texts))
        found |= _without_lines_of_one(written, found, cut_authors().get(key, set()))
        found |= dict(_translated([r for r in written if r["at"] not in found]))
    if not found:
        return judged
    at = pl.Series(sorted(found), dtype=pl.UInt32)
    forms = [found[i] for i in at]
    told = pl.DataFrame([_outcome_of(f) for f in forms], schema=["relation", "cause", "detail"], orient="row")
    return judged.with_columns(judged[c].scatter(at, told[c].cast(judged.schema[c])) for c in told.columns)


def _outcome_of(form: Form | Cause | None) -> tuple[str, str, str]:
    """Relation, cause and detail: an agreement by a form or without content, a conflict, or a doubt."""
    if form is Cause.NOT_STATED:
        return str(Relation.AGREEMENT), str(form), SELECTIVE
    if isinstance(form, Cause):
        return str(Relation.CONFLICT), str(form), "words"
    if form is None:
        return str(Relation.DOUBTFUL), str(Cause.WEAK_MATCH), WEAK_DETAILS[-1]
    return str(Relation.AGREEMENT), str(Cause.FORM), str(form)


def _by_title(row: Row) -> Row:
    """A pair of links reduced to their titles: the text around a title is the tool's."""
    titles = [link_title(row[c]) for c in ("text", "text_right")]
    is_link = row["kind"] == row["kind_right"] == str(Kind.LINK) and all(titles)
    return row | dict(zip(("text", "text_right"), titles, strict=True)) if is_link else row


def with_unlike_media(judged: pl.DataFrame) -> pl.DataFrame:
    """The judged pairs; unlike media hashes become doubtful where a tool seems to have re-encoded media.

    A picture that a phone or tool re-encoded has other bytes, so its hash cannot show whether the picture differs. An
    unlike hash among twice as many equal ones is another picture: phones keep originals and smaller copies side by side.
    Files are sent unchanged: where other hashes of the conversation are equal, unlike hashes of files mean two files.
    """
    unlike = (pl.col("cause") == str(Cause.MEDIA_DIFFERS)) & (pl.col("detail") == "media_hash")
    if not judged.select(unlike.any()).item():
        return judged
    equal = (pl.col("media_hash") == pl.col("media_hash_right")).fill_null(value=False)
    counts = judged.group_by("pair", "cls").agg(unlike.sum().alias("unlike"), equal.sum().alias("equal"))
    many = (pl.col("unlike") >= PARAMS.habit_records) & (pl.col("unlike") > PARAMS.habit_records * pl.col("equal"))
    many |= pl.col("cls").is_in([IMAGE, VIDEO, VOICE]) & (PARAMS.habit_records * pl.col("unlike") > pl.col("equal"))
    # A sticker's hash is its name, which every tool takes from the message.
    of_bytes = pl.col("equal").filter(pl.col("cls") != STICKER).sum().over("pair")
    of_files = (pl.col("cls") == FILE) & (of_bytes >= PARAMS.habit_records)
    # A tool that re-encoded one class also re-encoded others, where none is equal.
    anew = counts.select(
        "pair",
        "cls",
        (~of_files & (many | ((many & ~of_files).any().over("pair") & (pl.col("equal") == 0)))).alias("anew"),
    )
    told = judged.select("pair", "cls").join(anew, on=["pair", "cls"], how="left", maintain_order="left")["anew"]
    is_anew = unlike & pl.lit(told)
    return judged.with_columns(doubtful(is_anew, "media_hash"))


def _habit_forms(rows: list[Row], said: Callable[[], pl.DataFrame]) -> Iterator[tuple[int, Form | None]]:
    """Number and form of each pair that one side's habit explains."""
    for kept, whole in (("text", "text_right"), ("text_right", "text")):
        yield from _shortened_pairs(rows, said, kept, whole)
        yield from _pairs_without_punctuation(rows, kept, whole)
        yield from _pairs_without_address(rows, said, kept, whole)
        yield from _pairs_with_flattened_quote(rows, said, kept, whole)
        yield from _withheld(rows, said, kept, whole)


def _with_losses(
    rows: list[Row], said: Callable[[], pl.DataFrame], found: dict[int, Form | None]
) -> dict[int, Form | None]:
    """The forms found so far, and those explained by what a tool removes from every text.

    Whatever a tool removes, a number or a negation that goes with it leaves doubt (None).
    """
    for kept, whole in (("text", "text_right"), ("text_right", "text")):
        rest = [r for r in rows if found.get(r["at"]) is None]
        found |= dict(lost_by_tool(rest, said, kept, whole))
    # An address or a quotation is no part of the words.
    return found | _lost_in_sense(rows, found, set(Form) - {Form.QUOTED_PART, Form.EXPORTER_SPELLING})


def _lost_in_sense(rows: list[Row], found: dict[int, Form | None], forms: set[Form]) -> dict[int, Form | None]:
    """The pairs of these forms whose texts lost what the form does not cover, in doubt (None)."""
    asked = ((r, found.get(r["at"])) for r in rows)
    return {r["at"]: None for r, form in asked if form in forms and lost_in_sense(r["text"], r["text_right"], form)}


def _shortened_pairs(
    rows: list[Row], said: Callable[[], pl.DataFrame], kept: str, whole: str
) -> Iterator[tuple[int, Form | None]]:
    """Pairs where one side keeps only the beginning, or no character above U+FFFF."""
    first = [r for r in rows if "\n" in r[whole].strip() and is_form(r[whole].strip().split("\n")[0], r[kept])]
    if (
        len({r[whole] for r in first}) > PARAMS.habit_records
        and not said()[kept].str.contains("\n", literal=True).any()
    ):
        yield from ((r["at"], Form.TRUNCATION) for r in first)
        # The first line may hold only the quotation.
        yield from ((r["at"], Form.TRUNCATION) for r in rows if _is_quoted_line(r[kept], r[whole]))
    yield from _cut_by_lines(rows, said, kept, whole)
    yield from _cut_at_limit(rows, said, kept, whole)
    signed = [r for r in rows if _WIDE.search(r[whole])]
    if signed:
        keeps = own_words_hold(said(), kept, _SIGN)
        # A tool that keeps some always leaves a mark.
        gone = [r for r in signed if not keeps and is_form(_WIDE.sub("", r[whole]), r[kept])]
        lost = gone + [r for r in signed if leaves_marks(canonical(r[whole]), canonical(r[kept]))]
        # A single text shows no habit. It shows no change either: what stands in the sign's place is a tool's mark of a loss.
        is_habit = not keeps and len({r[whole] for r in lost}) >= PARAMS.habit_records
        told = (is_habit or bool(_DECODED.search(r[kept])) for r in lost)
        yield from ((r["at"], Form.EXPORTER_SPELLING if known else None) for r, known in zip(lost, told, strict=True))


def _without_lines_of_one(
    rows: list[Row], found: dict[int, Form | Cause | None], others: set[int | None]
) -> dict[int, None]:
    """The pairs cut at a line end where one person wrote all texts that are cut.

    He may have added lines to his own messages. `others`: the authors of the other cut texts of the conversation.
    """
    cut = [r for r in rows if found.get(r["at"]) is Form.TRUNCATION and _ends_at_line(r["text"], r["text_right"])]
    return {} if len({r["author"] for r in cut} | others) > 1 else {r["at"]: None for r in cut}


def _ends_at_line(left: str, right: str) -> bool:
    """Whether the shorter text is whole lines of the longer one, and more than an address is left."""
    short, long = sorted((left.strip(), right.strip()), key=len)
    rest = long[len(short) :]
    return rest.lstrip(" \t\r").startswith("\n") and not GOES_ON.fullmatch(rest)


def _cut_at_limit(
    rows: list[Row], said: Callable[[], pl.DataFrame], kept: str, whole: str
) -> Iterator[tuple[int, Form | None]]:
    """Pairs where all long texts of one side end at the same number of characters or bytes."""
    begun = [r for r in rows if _is_beginning(r[kept], r[whole])]
    if not begun:
        return
    text = pl.col(kept).str
    units = ((text.len_chars(), 1, 1), (text.len_bytes(), PARAMS.character_bytes, PARAMS.cut_characters_least))
    # The unit that explains more texts is used.
    cut, least = max(
        ((_texts_cut_at(said(), kept, whole, size, part), least) for size, part, least in units),
        key=lambda c: len(c[0]),
    )
    if len(cut) >= PARAMS.habit_records:
        form = Form.TRUNCATION if len(cut) > PARAMS.habit_records else None
        yield from ((r["at"], form) for r in begun if len(r[kept]) >= least and r[whole] in cut)


def _texts_cut_at(said: pl.DataFrame, kept: str, whole: str, size: pl.Expr, part: int) -> set[str]:
    """The whole texts that one side cuts at its limit.

    `part`: the longest part that a tool never splits. A cut text may be shorter than the limit by less than that.
    """
    limit = heap_of(said.select(size).to_series(), part)
    if limit is None:
        return set()
    at_limit = {*said.filter(size.is_between(limit - part + 1, limit))[[kept, whole]].iter_rows()}
    return {b for a, b in at_limit if a != b and _is_beginning(a, b)}


def _is_beginning(short: str, long: str) -> bool:
    return canonical(long).startswith(canonical(short))


def _cut_by_lines(
    rows: list[Row], said: Callable[[], pl.DataFrame], kept: str, whole: str
) -> Iterator[tuple[int, Form | None]]:
    """Pairs where one side never shows more than a few lines; the form is None where few pairs show it."""
    if not any(r[whole].strip().count("\n") > 1 for r in rows):
        return
    most = said()[kept].str.strip_chars().str.count_matches("\n", literal=True).max()
    if not isinstance(most, int) or most < 1:
        return
    begun = [r for r in rows if r[kept].strip().count("\n") == most < r[whole].strip().count("\n")]
    cut = [r for r in begun if is_form("\n".join(r[whole].strip().split("\n")[: most + 1]), r[kept])]
    form = Form.TRUNCATION if len({r[whole] for r in cut}) > PARAMS.habit_records else None
    yield from ((r["at"], form) for r in cut)


def _is_quoted_line(kept: str, whole: str) -> bool:
    """Whether kept holds only the quoted line of whole, without a reply."""
    (reply, said), (_, also) = parted(canonical(kept)), parted(canonical(whole))
    return said is not None and not reply.strip() and (also is None or also.startswith(said.rstrip("」")))


def _pairs_without_punctuation(rows: list[Row], kept: str, whole: str) -> Iterator[tuple[int, Form | None]]:
    """Pairs where one side drops some punctuation and nothing else, as a person retyping a chat does."""
    lost = [
        r
        for r in rows
        if r["detail"] == "pauses"
        and len(canonical(r[kept])) < len(canonical(r[whole]))
        and differ_in_pauses(canonical(r[kept]), canonical(r[whole]))
    ]
    if len({r[whole] for r in lost}) > PARAMS.habit_records:
        yield from ((r["at"], Form.PUNCTUATION) for r in lost)


def _pairs_without_address(
    rows: list[Row], said: Callable[[], pl.DataFrame], kept: str, whole: str
) -> Iterator[tuple[int, Form | None]]:
    """Pairs where one side, which never shows a link's address, leaves it out below the title."""
    bare = [r for r in rows if r["detail"] == "address" and len(r[kept]) < len(r[whole])]
    if len({r[whole] for r in bare}) > PARAMS.habit_records and not said()[kept].str.contains(GOES_ON.pattern).any():
        yield from ((r["at"], Form.EXPORTER_SPELLING) for r in bare)


def _pairs_with_flattened_quote(
    rows: list[Row], said: Callable[[], pl.DataFrame], bare: str, flat: str
) -> Iterator[tuple[int, Form | None]]:
    """Pairs where one side shows, next to a reply, the words of an earlier message that it quotes."""
    kind = "kind" if bare == "text" else "kind_right"
    texts: set[str] | None = None
    for row in rows:
        reply, shown = canonical(row[bare]), canonical(row[flat])
        if not reply or len(shown) <= len(reply) or reply not in (shown[: len(reply)], shown[-len(reply) :]):
            continue
        rest = (shown[len(reply) :] if shown.startswith(reply) else shown[: -len(reply)]).strip()
        if str(row[kind]) != "quote" and not _QUOTES.search(rest):
            continue
        if texts is None:
            texts = {canonical(t) for c in said() for t in c if t}
        if re.fullmatch(r"\W*(?:引用|回复|[Rr]eply|[Qq]uote)\W*", rest) or any(
            e in texts for e in _possible_quotes(rest)
        ):
            yield row["at"], Form.QUOTED_PART


def _withheld(
    rows: list[Row], said: Callable[[], pl.DataFrame], kept: str, whole: str
) -> Iterator[tuple[int, Form | None]]:
    """Pairs where one side covers names and numbers, or writes one sentence for many texts."""
    yield from ((r["at"], None) for r in rows if withholds(r[kept], r[whole]))
    stood: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        stood[row[kept]].add(row[whole])
    many = {t for t, of in stood.items() if len(of) >= PARAMS.loss_texts and len(t) >= PARAMS.distinctive_characters}
    if many:
        many -= set(said().filter(pl.col(kept) == pl.col(whole))[kept])
        yield from ((r["at"], None) for r in rows if r[kept] in many)


def _labelled(rows: list[Row], kept: str, whole: str) -> Iterator[tuple[int, Form | None]]:
    """Pairs where one side has labels of one look among many texts, and else the same words.

    Whether a label says anything of the message, as 已还 does and 重点 does not, remains open.
    """
    looks = {r["at"]: _looks_between(r[kept], r[whole]) for r in rows}
    labelled: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for look in looks[row["at"]]:
            labelled[look].add(row[whole])
    many = {look for look, texts in labelled.items() if len(texts) >= PARAMS.loss_texts}
    yield from ((at, None) for at, told in looks.items() if told and many.issuperset(told))


def _looks_between(short: str, long: str) -> frozenset[str]:
    """The looks of the labels that the longer text adds; empty where the texts differ in anything else."""
    # A page number may split the name of an emoji, which the canonical text then no longer knows.
    return _looks_of_added(canonical(short), canonical(long)) or _looks_of_added(short, long.replace("\f", "\n"))


def _looks_of_added(short: str, long: str) -> frozenset[str]:
    """The looks of the spans that `long` inserts into `short`; empty unless each is a label."""
    if not short.strip() or not len(short) < len(long) <= PARAMS.judged_characters:
        return frozenset()
    added = [op for op in Levenshtein.opcodes(short, long) if op.tag != "equal"]
    if len(added) > PARAMS.most_labels or any(op.tag != "insert" for op in added):
        return frozenset()
    looks = frozenset(_look_of(long[op.dest_start : op.dest_end]) for op in added)
    return looks if all(looks) else frozenset()


def _look_of(added: str) -> str:
    """The brackets of a label, its signs without number, or the words of a line; '' for others."""
    label = added.strip()
    if _LABEL.fullmatch(label):
        is_closed = label[-1] in "】])）》〕>" and label[0] in "【[(（《〔<"
        return label[0] + label[-1] if is_closed else re.sub(r"\d+|[①-⓿❶-➓]", "0", label)
    is_line = added[:1] == "\n" or added[-1:] == "\n"
    return re.sub(r"\d+", "0", label) if is_line and label and "\n" not in label else ""


def _translated(rows: list[Row]) -> Iterator[tuple[int, None]]:
    """Pairs of Chinese words and words of another script, where several texts seem to be translated."""
    for mine, other in (("text", "text_right"), ("text_right", "text")):
        told = [r for r in rows if _HAN.search(r[mine]) and _LETTER.search(r[other]) and not _HAN.search(r[other])]
        if len({r[mine] for r in told}) >= PARAMS.loss_texts:
            yield from ((r["at"], None) for r in told)


def _possible_quotes(rest: str) -> Iterator[str]:
    """Endings of a text that may be the quoted words, without closing marks.

    A single character counts only where a mark separates it from a name.
    """
    quoted = rest.rstrip(']】)）」>"”- \n')
    for i in range(len(quoted)):
        end = quoted[i:].strip()
        if len(end) > 1 or i == 0 or quoted[i - 1] in ':： \n「“"':
            yield end
