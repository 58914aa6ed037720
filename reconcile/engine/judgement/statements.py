"""Pairs where one side omits the content: counted, not compared, harmless if its format never has it."""

import re
from functools import cache

import polars as pl

from reconcile.column_ops import collected, holds, listed, none_of
from reconcile.engine.content.quotations import parted
from reconcile.engine.content.sense import lost_in_sense
from reconcile.engine.content.signs import ANY_SIGN, SIGN, is_emoji
from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.pairs.levels import notice_kind
from reconcile.engine.params import PARAMS
from reconcile.engine.records import NOBODY, Records
from reconcile.engine.relations import doubtful, judged_as
from reconcile.intake.contract import FormLimits
from reconcile.vocabulary import SELECTIVE, Cause, Form, Relation, TextQuality, TimePrecision
from reconcile.wechat.kind_classes import FILE, LINK, OTHER, PAYMENT, SYSTEM, WORDS
from reconcile.wechat.kinds import BARE_MARK, KIND_NAME, MARK, UNSHOWN, in_brackets
from reconcile.wechat.text import PREFIX, canonical

# Where a form states a content of one kind, it states it throughout.
_OF_KIND = ("export", "form", "kind")


def states(frame: pl.DataFrame) -> pl.Series:
    """Whether each row states comparable content: text, an amount, a file's name, a title.

    Media and notices state none.
    """
    text = pl.col("text").str.strip_chars()
    # A known emoji in brackets is content; any other single name in brackets is a tool's placeholder.
    bare = frame.select(text.str.contains(BARE_MARK)).to_series()
    emoji = [m for m in frame["text"].filter(bare).unique().to_list() if canonical(m).startswith("⟦")]
    # A card's title may be no more than the name of its kind.
    is_card = text.str.replace(MARK, "").str.contains(KIND_NAME) & (pl.col("cls") != WORDS)
    shown = (
        (text != "")
        & (~pl.lit(bare) | pl.col("text").is_in(emoji))
        & (pl.col("text_quality").cast(pl.String) != "absent").fill_null(value=True)
    )
    if (frame["cls"] != WORDS).any():
        shown &= ~is_card
    # A sentence that a message cannot be shown states none of it.
    if holds(frame["cls"], OTHER):
        shown &= (pl.col("cls") != OTHER) | ~text.str.contains(UNSHOWN)
    sums = pl.lit(value=False)
    if holds(frame["cls"], PAYMENT):
        sums = pl.col("amount").is_not_null() | text.str.contains(r"[￥¥$€£]\s*\d|\d元")
    said = (
        pl.when(pl.col("cls") == PAYMENT).then(sums)
        .when(pl.col("cls") == FILE).then(pl.col("file_name").is_not_null() | shown)
        .when(pl.col("cls").is_in([WORDS, LINK, OTHER])).then(shown)
        .otherwise(pl.lit(value=False))
    )  # fmt: skip
    return frame.select(said.fill_null(value=False).alias("s"))["s"]


def with_statements(
    judged: pl.DataFrame, a: Alignment, limits: tuple[FormLimits, FormLimits], *, is_one_tool: bool = False
) -> pl.DataFrame:
    """The judged pairs, with `not_stated` where only one side states content.

    Detail `selective`: the silent export states content of that kind in other records, so its format is no reason; the
    verdict is then at best undetermined.

    Args:
        judged: pair, left_row, right_row, relation, cause, detail of every pair.
        a: the alignment.
        limits: what each format is known not to state.
        is_one_tool: whether one known tool wrote both exports, so that each can state what the other does.
    """
    few = judged.filter(_may_state_unlike())
    out = _not_stated(judged, few, a, limits, is_one_tool=is_one_tool) if few.height else judged
    out = _with_wordless_notices(out, a)
    return _without_sender_or_time(_with_lost_emoji(out, a), a, limits)


def _may_state_unlike() -> pl.Expr:
    """Whether the two sides of a pair differ in anything that `states` reads, or are known to."""
    unlike = [
        pl.col(c).ne_missing(pl.col(f"{c}_right")) for c in ("text", "cls", "amount", "file_name", "text_quality")
    ]
    return pl.any_horizontal(*unlike, pl.col("cause") == str(Cause.NOT_STATED)).fill_null(value=False)


def _not_stated(
    judged: pl.DataFrame,
    few: pl.DataFrame,
    a: Alignment,
    limits: tuple[FormLimits, FormLimits],
    *,
    is_one_tool: bool,
) -> pl.DataFrame:
    """The judged pairs, with `not_stated` among `few` of them."""
    rows, cls = (few["left_row"], few["right_row"]), (few["cls"], few["cls_right"])
    agrees = few["relation"].cast(pl.String) == str(Relation.AGREEMENT)
    # Equal canonical texts are compared, even if they are only emoji.
    same = few["detail"].fill_null("placeholder").is_in([str(Form.PLACEHOLDER), str(Form.KIND_NAME)])
    unknown = (few["cause"].cast(pl.String) == str(Cause.NOT_STATED)).fill_null(value=False)
    agrees &= same & ((cls[0] == cls[1]) | unknown) & (cls[0] != SYSTEM) & (cls[1] != SYSTEM)
    if not agrees.any():
        return judged
    # Text on a side without a kind for the row stands for the other side's kind, and states nothing comparable.
    vague = [unknown & (c.is_in([OTHER]) | (c.is_in([WORDS]) & ~cls[1 - i].is_in([OTHER]))) for i, c in enumerate(cls)]
    vague[1] &= ~vague[0]
    # Such words state nothing either that the other side could lack.
    apart = cls[0] != cls[1]
    left, right = (states(r.frame[n]) & ~(v & apart) for r, n, v in zip((a.left, a.right), rows, vague, strict=True))
    out = judged
    for silent, side in (((~left & right) | (vague[0] & ~apart), 0), ((left & ~right) | (vague[1] & ~apart), 1)):
        asked = silent & agrees
        if not asked.any():
            continue
        records, kinds = (a.left, a.right)[side], limits[side].kinds_without_content
        able = _kinds_with_content(records, states(records.frame))
        stating_rows = (a.left, a.right)[1 - side]
        stated_kind = _values_at(stating_rows, rows[1 - side], "kind").cast(pl.String)
        own_kind = _values_at(records, rows[side], "kind").cast(pl.String)
        known = own_kind.is_in([str(k) for k in kinds])
        if limits[side].strips_prefix:
            # A text that is nothing but such a prefix is empty there.
            text = _values_at(stating_rows, rows[1 - side], "text")
            known |= text.str.contains(rf"{PREFIX.pattern}$").fill_null(value=False)
        if limits[side].marks_cuts:
            cut = _values_at(records, rows[side], "text_quality").cast(pl.String) == str(TextQuality.TRUNCATED)
            known |= cut.fill_null(value=False)
        signs = _are_signs((stating_rows, records), (rows[1 - side], rows[side]), asked)
        told = pl.DataFrame({
            "export": _values_at(records, rows[side], "export"), "form": _values_at(records, rows[side], "form"), "kind": stated_kind, "shape": _shapes(stating_rows, rows[1 - side]),
        })  # fmt: skip
        could = told.join(able, on=list(_OF_KIND), how="left", maintain_order="left")["is_able"]
        could = could.fill_null(value=False) & _are_stated(told, judged, records, stating_rows)
        # What a known tool leaves out is known, but a card may be of a sort that only the other tool writes. Of a kind that
        # its form never writes, only the file shows what it states.
        written = ~own_kind.is_in([str(k) for k in limits[side].kinds_absent])
        could |= ((told["shape"] == "") & written & limits[side].is_of_known_make) | is_one_tool
        selective = asked & ~signs & could & ~known
        for found, detail in ((asked & ~selective, None), (selective, SELECTIVE)):
            flag = pl.col("left_row").is_in(listed(rows[0].filter(found)))
            out = out.with_columns(judged_as(flag, Relation.AGREEMENT, Cause.NOT_STATED, detail))
    return out


# A card's mark. Tools know some cards and write one word for all others; group lists and announcements are cards that some
# write as text.
# A spreadsheet program takes what begins with `=` for a formula, and shows nothing where it is none.
_CARD_MARK, _MARKED_WORDS = r"^(\[[^\[\]\n]{1,10}\]|【[^【】\n]{1,10}】|#接龙|@所有人\n|=)", r"^(?:#接龙|@所有人\n|=)"


def _shapes(records: Records, rows: pl.Series) -> pl.Series:
    """Mark and address of each row's card; '' = no card."""
    text = pl.col("text")
    is_card = pl.col("cls").is_in([LINK, OTHER]) | text.str.contains(_MARKED_WORDS)
    addressed = pl.col("url").is_not_null() | text.str.contains("://", literal=True)
    shape = pl.concat_str(in_brackets(text).str.extract(_CARD_MARK).fill_null(""), addressed, separator=" ")
    cards = records.frame.select("text", "url", "cls")[rows]
    return cards.select(pl.when(is_card).then(shape).otherwise(pl.lit("")).fill_null("").alias("s"))["s"]


def _are_stated(told: pl.DataFrame, judged: pl.DataFrame, silent: Records, stating: Records) -> pl.Series:
    """Whether the silent side states any card of each pair's shape; true where the pair is no card."""
    if (told["shape"] == "").all():
        return told["shape"] == ""
    # A pair of which nothing is compared shows nothing.
    compared = judged.filter(pl.col("cause").cast(pl.String).ne_missing(pl.lit(str(Cause.NOT_STATED))))
    mine, theirs = (compared[f"{('left', 'right')[r.is_right]}_row"] for r in (silent, stating))
    of_kind = _values_at(stating, theirs, "kind").cast(pl.String).is_in(told["kind"].implode())
    mine, theirs = mine.filter(of_kind), theirs.filter(of_kind)
    said = states(silent.frame[mine])
    shown = pl.DataFrame({
        "export": _values_at(silent, mine, "export"), "form": _values_at(silent, mine, "form"), "kind": _values_at(stating, theirs, "kind").cast(pl.String), "shape": _shapes(stating, theirs),
    }).filter(said)  # fmt: skip
    by = [*_OF_KIND, "shape"]
    stated = told.join(
        shown.unique().with_columns(pl.lit(value=True).alias("is_stated")), on=by, how="left", maintain_order="left"
    )
    few = pl.col("shape").str.starts_with("=") & (pl.len().over(by) < PARAMS.habit_records)
    return stated.select((pl.col("is_stated").fill_null(value=False) | (pl.col("shape") == "") | few).alias("s"))["s"]


def _are_signs(sides: tuple[Records, Records], rows: tuple[pl.Series, pl.Series], asked: pl.Series) -> pl.Series:
    """Whether the asked rows say only emoji, which tools drop one by one; a mark alone is a message.

    Either side may show a name for any emoji. What a reply quotes is compared separately.
    """
    at = asked.arg_true()
    told = []
    for texts in zip(*(r.frame["text"][n[at]].to_list() for r, n in zip(sides, rows, strict=True)), strict=True):
        stating, silent = (parted(canonical(t))[0] for t in texts)
        told.append(is_emoji(stating) or (ANY_SIGN.fullmatch(stating) is not None and is_emoji(silent)))
    return (
        pl.repeat(value=False, n=len(asked), dtype=pl.Boolean, eager=True).scatter(at, told)
        if told
        else asked.clear().extend_constant(value=False, n=len(asked))
    )


def _values_at(records: Records, rows: pl.Series, name: str) -> pl.Series:
    return records.frame[name][rows]


def _kinds_with_content(records: Records, said: pl.Series) -> pl.DataFrame:
    """export, form, kind, is_able: the kinds with stated content anywhere in each form of an export."""
    kinds = records.frame.lazy().select("export", "form", pl.col("kind").cast(pl.String), said.alias("is_able"))
    return kinds.filter("is_able").unique().pipe(collected)


def _with_lost_emoji(judged: pl.DataFrame, a: Alignment) -> pl.DataFrame:
    """The judged pairs; a difference of lost emoji is a form, or in doubt where one of them says no."""
    cause = judged["cause"].cast(pl.String)
    is_asked = (cause == str(Cause.TEXT_DIFFERS)) | (cause == str(Cause.WEAK_MATCH))
    if not is_asked.any():
        return judged
    asked = judged.with_row_index("at").filter(is_asked)
    texts = _canonical_words(asked, a)
    lost = {
        at: lost_in_sense(left, right, Form.EXPORTER_SPELLING)
        for at, left, right in zip(asked["at"], *texts, strict=True)
        if left is not None and right is not None and _loses_signs(left, right)
    }
    at = pl.int_range(pl.len())
    judged = judged.with_columns(judged_as(at.is_in([*lost]), Relation.AGREEMENT, Cause.FORM, str(Form.EMOJI_SPELLING)))
    return judged.with_columns(doubtful(at.is_in([n for n, is_no in lost.items() if is_no]), "emoji"))


def _with_wordless_notices(judged: pl.DataFrame, a: Alignment) -> pl.DataFrame:
    """The judged pairs; two notices are not compared where a side shows no words of any of that kind."""
    notices = judged[["export", "text", "text_right", "cls", "cls_right", "relation"]].with_row_index("at").filter(
        (pl.col("relation") == str(Relation.DOUBTFUL)) & (pl.col("cls") == SYSTEM) & (pl.col("cls_right") == SYSTEM)
    )  # fmt: skip
    if notices.is_empty():
        return judged
    wordless = [(pl.col(c).str.strip_chars() == "") | pl.col(c).str.contains(BARE_MARK) for c in ("text", "text_right")]
    asked = notices.filter(pl.any_horizontal(wordless))
    if asked.is_empty():
        return judged

    @cache
    def exports_with(kind: re.Pattern[str], side: int) -> pl.Series:
        of_kind = (pl.col("cls") == SYSTEM) & pl.col("text").str.contains(kind.pattern)
        return (a.left, a.right)[side].frame.filter(of_kind)["export"].unique()

    told = []
    shown = asked.select("at", "export", "text", "text_right", left=wordless[0], right=wordless[1])
    for at, export, *texts, left, right in shown.iter_rows():
        kind = notice_kind(texts[int(left)])
        if (left and right) or (kind is not None and export not in exports_with(kind, int(right))):
            told.append(at)
    return judged.with_columns(
        judged_as(pl.int_range(pl.len()).is_in(told), Relation.AGREEMENT, Cause.NOT_STATED, None)
    )


def _canonical_words(judged: pl.DataFrame, a: Alignment) -> tuple[list[str | None], list[str | None]]:
    """The canonical texts of both sides of each pair; None where a side is not a text row."""
    found = []
    for records, column in ((a.left, "left_row"), (a.right, "right_row")):
        texts = records.frame["text"][judged[column]].to_list()
        words = (records.cls[judged[column].to_numpy()] == WORDS).tolist()
        found.append([canonical(t) if is_words else None for t, is_words in zip(texts, words, strict=True)])
    return found[0], found[1]


def _loses_signs(left: str, right: str) -> bool:
    """Whether one text is the other without its emoji.

    A name for any emoji states none. For quoting messages, reply and quoted words are compared separately.
    """
    one, two = (parted(t) for t in (left, right))
    parts = ((one[0], one[1] or ""), (two[0], two[1] or ""))
    bare = [tuple(re.sub(r"\s", "", SIGN.sub("", ANY_SIGN.sub("", p))) for p in side) for side in parts]
    if bare[0] != bare[1] or not any(bare[0]):
        return False
    shown = [sum(len(SIGN.findall(ANY_SIGN.sub("", p))) for p in side) for side in parts]
    return not min(shown) and max(shown) > 0


def _without_sender_or_time(judged: pl.DataFrame, a: Alignment, limits: tuple[FormLimits, FormLimits]) -> pl.DataFrame:
    """The judged pairs; not stated where one side names no sender or no time, though its other rows do.

    Either may be lacking in most rows of an export. A form is known to write some kinds without time and sender, and a
    client leaves them out of what it cannot show.
    """
    selective = none_of(judged)
    sides = ((a.left, "left_row", a.right, "right_row"), (a.right, "right_row", a.left, "left_row"))
    for (records, mine, other, theirs), limit in zip(sides, limits, strict=True):
        kind = pl.col("kind").cast(pl.String)
        is_shown = (pl.col("text_quality").cast(pl.String) != TextQuality.ABSENT).fill_null(value=True)
        spoken = pl.lit(pl.Series(records.cls != SYSTEM)) & is_shown
        if limit.unplaced_kinds:
            spoken &= ~kind.is_in([str(k) for k in limit.unplaced_kinds])
        shown = {
            "sender": pl.col("sender").is_not_null() | pl.col("is_self").is_not_null(),
            "time": pl.any_horizontal(pl.col("raw_t", "reset_t").is_not_null())
            & (pl.col("time_precision") != str(TimePrecision.DAY)),
        }
        lacking = records.frame.select((spoken & ~e).any().alias(c) for c, e in shown.items()).row(0, named=True)
        for column, by in (("sender", _OF_KIND[:2]), ("time", _OF_KIND)):
            if not lacking[column]:
                continue
            frame = records.frame.select("export", "form", kind, spoken.alias("spoken"), shown[column].alias(column))
            usual = (pl.col("spoken") & pl.col(column)).any().over(by)
            lacks = frame.select(pl.col("spoken") & ~pl.col(column) & usual).to_series()
            has = other.frame["raw_t"].is_not_null() if column == "time" else pl.Series(other.party != NOBODY)
            selective |= lacks[judged[mine]] & has[judged[theirs]]
    selective &= judged["relation"].cast(pl.String) == str(Relation.AGREEMENT)
    if not selective.any():
        return judged
    return judged.with_columns(judged_as(pl.lit(selective), Relation.AGREEMENT, Cause.NOT_STATED, SELECTIVE))


__all__ = ["states", "with_statements"]
