"""Where the messages stand that something speaks of: by id, by the body's id, by local number, by time and words."""

from dataclasses import dataclass

import polars as pl

from reconcile.column_ops import is_in_rows
from reconcile.engine.references.witnesses import LEAST_QUOTED, bare_words
from reconcile.vocabulary import Kind, LocalIdScope, Side, WitnessKind
from reconcile.wechat.kind_classes import CLASS_OF, FILE, IMAGE, OTHER, SECONDS, STICKER, SYSTEM, VIDEO, VOICE, WORDS
from reconcile.wechat.kinds import RECALL_NOTICE

# Server times of one message are the same second on both devices; own rows may carry the click of the button.
NEAR = 3 * SECONDS
# Words stated with a time that fits no second are still that message within this distance.
WORDS_NEAR = 180 * SECONDS
# From this length on an id is a server's and means one message everywhere.
LONG_ID = 12
# Of words that stand in more rows of one conversation nobody can say which row is quoted, and every quote would meet every row.
MOST_ALIKE = 50
KIND_CLASS = {str(k): c for k, c in CLASS_OF.items()}
_ANSWERED = ["received", "returned", "expired"]
_HELD = {"w": pl.UInt32, "target": pl.String, "row": pl.UInt32, "by_row": pl.UInt32, "side": pl.String}


@dataclass(frozen=True, slots=True)
class Copy:
    """One side's rows for looking messages up.

    rows: row frame with `named_own` and `named_other` (in the ids of this side, or of the other, it is known which message the row is), `is_recall` (a recall
    notice), `is_unsent` (not delivered: nothing can speak of it). scope: over what local numbers count.
    """

    side: Side
    rows: pl.DataFrame
    scope: LocalIdScope


def id_key(column: str) -> pl.Expr:
    """An id as text at the precision of a double: an id that one tool rounded is still found."""
    number = pl.col(column).cast(pl.UInt64, strict=False).cast(pl.Float64).cast(pl.UInt64, strict=False)
    return pl.coalesce(number.cast(pl.String), pl.col(column))


def _one_id(told: str, held: str, told_key: str, held_key: str) -> pl.Expr:
    """Two ids are one: equal, or equal at a double's precision where one of them shows no more."""
    rounded = (pl.col(told) == pl.col(told_key)) | (pl.col(held) == pl.col(held_key))
    return (pl.col(told) == pl.col(held)) | ((pl.col(told_key) == pl.col(held_key)) & rounded)


def copy_of(
    rows: pl.DataFrame, partner_named: pl.Series, trusted: pl.Series, unsent: pl.Series, side: Side, scope: LocalIdScope
) -> Copy:
    """The copy of one side.

    partner_named: rows whose partner carries an id. trusted: conversations in which both sides' ids are one series. unsent: rows not delivered.
    """
    own, other = pl.col("message_id").is_not_null(), pl.lit(is_in_rows(partner_named, rows.height))
    one_series = pl.col("pair").is_in(trusted.implode()).fill_null(value=False)
    notices = rows.select("row", "text").filter(rows["cls"] == SYSTEM)
    recalls = notices["row"].filter(notices["text"].str.contains(RECALL_NOTICE))
    frame = rows.with_columns(
        (own | (other & one_series)).alias("named_own"),
        (other | (own & one_series)).alias("named_other"),
        pl.lit(is_in_rows(recalls, rows.height)).alias("is_recall"),
        pl.lit(is_in_rows(unsent, rows.height)).alias("is_unsent"),
    )
    return Copy(side, frame, scope)


def find_held(
    spoken: pl.DataFrame, copies: dict[Side, Copy], *, each: bool = False
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every row that may be the message that a witness speaks of, and the witnesses for which there is none.

    `spoken` holds the columns of `references` and `w`. Exact names first; time and words only for what these did not find: they are the
    dear part, and the witnesses of a whole store are found by number. `each`: every pair is an export of its own, in which names are looked for.

    Returns:
        held: w, target (side), row, by_row, side. open: the witnesses not found, with `words`.
    """
    if spoken.is_empty():
        return _united([]), spoken.with_columns(pl.lit(None, dtype=pl.String).alias("words"))
    by = ["pair"] if each else []
    held = _united([f for copy in copies.values() for f in _exact(spoken, copy, by)])
    left = _open(spoken, held).with_columns(bare_words(pl.col("text")).alias("words"))
    for look in (_near, _anywhere):
        if left.is_empty():
            break
        held = _united([held, *(look(left, copy) for copy in copies.values())])
        left = _open(left, held)
    return held, left


def _open(spoken: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    return spoken.join(held.select("w").unique(), on="w", how="anti", maintain_order="left")


def _united(parts: list[pl.DataFrame]) -> pl.DataFrame:
    found = [p[list(_HELD)] for p in parts if p.height]
    if not found:
        return pl.DataFrame(schema=_HELD)
    frame = pl.concat(found)
    # A row does not speak of itself, but a notice stands in its message's place.
    same = (pl.col("row") == pl.col("by_row")) & (pl.col("target") == pl.col("side"))
    return frame.filter(~same.fill_null(value=False)).unique(["w", "target", "row"], maintain_order=True)


def _exact(spoken: pl.DataFrame, copy: Copy, by: list[str]) -> list[pl.DataFrame]:
    own = pl.col("side") == str(copy.side)
    with_id = spoken.filter(
        pl.col("message_id").is_not_null() & (own | (pl.col("message_id").str.len_chars() >= LONG_ID))
    )
    found = [_hit(f, copy) for f in _by_id(with_id, copy, by)]
    recalls = (spoken["witness"] == str(WitnessKind.RECALL_NOTICE)) & spoken["by_row"].is_not_null()
    if recalls.any():
        # The notice took the place of its message: the device shows what became of it.
        stands = spoken.filter(recalls & (spoken["side"] == str(copy.side))).with_columns(pl.col("by_row").alias("row"))
        found.append(_hit(stands.with_columns(pl.lit(None, dtype=pl.UInt32).alias("by_row")), copy))
    named = spoken.filter(pl.col("native_id").is_not_null() & (pl.col("witness") != str(WitnessKind.ALBUM_COUNT)))
    if named.height:
        found.append(_hit(_by_body(named, copy, by), copy))
    told = spoken.filter(own & pl.col("local_id").is_not_null() & pl.col("count").is_null())
    if told.height:
        found.append(_hit(_numbered(told, copy, by), copy))
    return found


def _by_body(named: pl.DataFrame, copy: Copy, by: list[str]) -> pl.DataFrame:
    """By the id in the body. A receipt bears the number of its transfer, and is another message."""
    bodies = copy.rows.filter(pl.col("native_id").is_not_null()).select(
        *by, "row", "native_id", "payment_state", pl.col("message_id").alias("held_id")
    )
    by_body = named.join(bodies, on=[*by, "native_id"])
    is_other = (pl.col("message_id") != pl.col("held_id")) & (pl.col("message_id").str.len_chars() >= LONG_ID)
    of_transfer = (pl.col("witness") == str(WitnessKind.TRANSFER_RECEIPT)) | (
        (pl.col("kind") == str(Kind.TRANSFER)) & is_other.fill_null(value=False)
    )
    receipt = of_transfer & pl.col("payment_state").is_in(_ANSWERED)
    return by_body.filter(~receipt.fill_null(value=False))


def _by_id(with_id: pl.DataFrame, copy: Copy, by: list[str]) -> list[pl.DataFrame]:
    """By the id itself; what that does not find, at the precision of a double where one of the two shows no more."""
    if with_id.is_empty():
        return []
    ids = pl.concat(
        [copy.rows.select(*by, "row", pl.col(c).alias("held_id")).drop_nulls() for c in ("message_id", "alias_id")]
    )
    exact = with_id.join(ids, left_on=[*by, "message_id"], right_on=[*by, "held_id"])
    left = _open(with_id, exact)
    if left.is_empty():
        return [exact]
    keyed = left.with_columns(id_key("message_id").alias("key"))
    rounded = keyed.join(ids.with_columns(id_key("held_id").alias("key")), on=[*by, "key"])
    return [exact, rounded.filter(_one_id("message_id", "held_id", "key", "key"))]


def _hit(frame: pl.DataFrame, copy: Copy) -> pl.DataFrame:
    return frame.select("w", pl.lit(str(copy.side)).alias("target"), "row", "by_row", "side")


def _numbered(spoken: pl.DataFrame, copy: Copy, by: list[str]) -> pl.DataFrame:
    """Own rows under the local number that a table beside them names, in the scope over which the numbers count."""
    numbers = copy.rows.filter(pl.col("local_id").is_not_null()).select(
        *by, "row", "local_id", "conversation", pl.col("raw_t").alias("held_t"), pl.col("message_id").alias("held_id"),
        pl.col("text").alias("held_text"), "cls", "is_recall",
    )  # fmt: skip
    if copy.scope is LocalIdScope.EXPORT:
        return _agreeing(spoken.join(numbers.drop("conversation"), on="local_id"))
    told = spoken.filter(pl.col("conversation").is_not_null()).join(numbers, on=[*by, "conversation", "local_id"])
    if copy.scope is LocalIdScope.SHARD:
        # A number returns in every shard; where both state a time it must be the same one.
        told = told.filter(((pl.col("raw_t") - pl.col("held_t")).abs() <= 60 * SECONDS).fill_null(value=True))
        bare = spoken.filter(pl.col("conversation").is_null()).join(numbers.drop("conversation"), on="local_id")
        return _agreeing(pl.concat([told, bare], how="diagonal"))
    return _agreeing(told)


def _agreeing(told: pl.DataFrame) -> pl.DataFrame:
    """Without rows under the number that bear another id of the same space, or say something else: the number returned in another table or shard."""
    keyed = told.with_columns(id_key("message_id").alias("told_key"), id_key("held_id").alias("key"))
    # Files and videos carry two ids, and a recall notice that stands in a message's place may have its own.
    cls = pl.col("kind").replace_strict(KIND_CLASS, default=None, return_dtype=pl.UInt8)
    two = (pl.col("cls").is_in([FILE, VIDEO]) & (pl.col("cls") == cls)).fill_null(value=False) | pl.col("is_recall")
    is_one = _one_id("message_id", "held_id", "told_key", "key").fill_null(value=True)
    kept = keyed.filter(is_one | two)
    is_text = (pl.col("kind") == str(Kind.TEXT)) & pl.col("text").is_not_null()
    kept = kept.filter(~(is_text & pl.col("cls").is_in([IMAGE, VOICE, VIDEO, STICKER])).fill_null(value=False))
    plain = is_text & (pl.col("cls") == WORDS) & (pl.col("text") != pl.col("held_text"))
    asked = kept.filter(plain.fill_null(value=False)).with_columns(
        bare_words(pl.col("text")).alias("told_words"), bare_words(pl.col("held_text")).alias("held_words")
    )
    other = asked.filter(~_share_a_start("told_words", "held_words").fill_null(value=True))
    return kept.join(other.select("w", "row"), on=["w", "row"], how="anti") if other.height else kept


def _share_a_start(one: str, two: str) -> pl.Expr:
    """Whether the first characters of either stand anywhere in the other; an index may leave out signs, and a form may add a name."""
    starts = [pl.col(c).str.slice(0, LEAST_QUOTED) for c in (one, two)]
    return pl.col(one).str.contains(starts[1], literal=True) | pl.col(two).str.contains(starts[0], literal=True)


def _near(spoken: pl.DataFrame, copy: Copy) -> pl.DataFrame:
    """Rows at the stated time: with the stated words, or of the stated kind where the kind has none."""
    timed = spoken.filter(pl.col("t").is_not_null() & pl.col("pair").is_not_null())
    if timed.is_empty():
        return pl.DataFrame(schema=_HELD)
    bucket = pl.col("t").floordiv(WORDS_NEAR).alias("bucket")
    around = pl.concat([timed.with_columns(bucket + step) for step in (-1, 0, 1)])
    rows = copy.rows.filter(pl.col("pair").is_in(timed["pair"].unique().implode()) & pl.col("t").is_not_null())
    rows = rows.select(
        "pair", "row", pl.col("t").alias("held_t"), pl.col("text").alias("held_text"), "cls", pl.col("message_id").alias("held_id"), "time_precision",
        pl.col("t").floordiv(WORDS_NEAR).alias("bucket"), pl.col("is_recall"),
    )  # fmt: skip
    both = around.join(rows, on=["pair", "bucket"]).filter(~pl.col("is_recall"))
    both = both.with_columns(
        id_key("message_id").alias("told_key"),
        id_key("held_id").alias("key"),
        bare_words(pl.col("held_text")).alias("held_words"),
    )
    cls = pl.col("kind").replace_strict(KIND_CLASS, default=None, return_dtype=pl.UInt8)
    minute = pl.col("time_precision").cast(pl.String).is_in(["minute", "day"])
    gap = (pl.col("t") - pl.col("held_t")).abs()
    at_once = gap <= pl.when(minute).then(60 * SECONDS).otherwise(NEAR)
    # Two ids of one space are two messages, but for shells of files and videos, which carry two.
    clash = ~_one_id("message_id", "held_id", "told_key", "key").fill_null(value=True)
    alike = same_words(pl.col("words"), pl.col("held_words"))
    last_line = pl.col("witness") == str(WitnessKind.SESSION_LAST)
    # The list puts most rows into words of its own; of plain texts it shows the words.
    other_words = (cls == WORDS) & ~alike & pl.col("local_id").is_not_null()
    unsaid = cls.is_null() & pl.col("words").is_null()
    other = at_once & (unsaid | (cls == OTHER) | (pl.col("cls") == OTHER) | ((cls == pl.col("cls")) & (cls != WORDS)))
    two = clash & ~pl.col("cls").is_in([FILE, VIDEO])
    fits = (alike | other) & ~two | (last_line & at_once & ~other_words.fill_null(value=False))
    return _hit(both.filter(fits.fill_null(value=False)), copy)


def same_words(told: pl.Expr, held: pl.Expr) -> pl.Expr:
    """Whether words quoted and words held are one: equal, or the one cut off from the other."""
    bare = told.str.strip_chars_end("….")
    long = (bare.str.len_chars() >= LEAST_QUOTED) & (held.str.len_chars() >= LEAST_QUOTED)
    cut = long & (held.str.starts_with(bare) | bare.str.starts_with(held) | bare.str.ends_with(held))
    return (told == held) | cut


def _anywhere(spoken: pl.DataFrame, copy: Copy) -> pl.DataFrame:
    """Rows of the conversation with the very words, whenever sent; of a witness that names an id, only rows without one.

    Words that recur more than `MOST_ALIKE` times do not tell which row is meant: two rows then stand for all.
    """
    told = spoken.filter((pl.col("words").str.len_chars() >= LEAST_QUOTED) & pl.col("pair").is_not_null())
    if told.is_empty():
        return pl.DataFrame(schema=_HELD)
    rows = copy.rows.filter(pl.col("pair").is_in(told["pair"].unique().implode()))
    rows = rows.select("pair", "row", bare_words(pl.col("text")).alias("words"), pl.col("message_id").alias("held_id"))
    named = rows.join(told.select("pair", "words").unique(), on=["pair", "words"], how="semi", maintain_order="left")
    few = pl.len() <= MOST_ALIKE, pl.int_range(pl.len()) < 2
    rows = named.filter((few[0] | few[1]).over("pair", "words"))
    both = told.select("w", "pair", "words", "message_id", "by_row", "side").join(rows, on=["pair", "words"])
    return _hit(both.filter(pl.col("message_id").is_null() | pl.col("held_id").is_null()), copy)
