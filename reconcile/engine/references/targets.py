"""Finds the messages that references name: by id, body id, local number, or time and text."""

from dataclasses import dataclass, replace

import polars as pl

from reconcile.column_ops import is_in_rows, listed
from reconcile.engine.nearest import join_nearest
from reconcile.engine.params import PARAMS
from reconcile.engine.references.witnesses import BY_NOTICE, bare_words
from reconcile.vocabulary import Kind, LocalIdScope, Side, WitnessKind
from reconcile.wechat.kind_classes import CLASS_OF, FILE, IMAGE, OTHER, SECONDS, STICKER, SYSTEM, VIDEO, VOICE, WORDS
from reconcile.wechat.kinds import RECALL_NOTICE
from reconcile.wechat.owner_words import OWN_NOTICE

KIND_CLASS = {str(k): c for k, c in CLASS_OF.items()}
_ANSWERED = ["received", "returned", "expired"]
_HELD = {"w": pl.UInt32, "target": pl.String, "row": pl.UInt32, "by_row": pl.UInt32, "side": pl.String}


@dataclass(frozen=True, slots=True)
class Copy:
    """One side's rows, prepared for looking up messages.

    Attributes:
        side: the side.
        rows: the frame of rows with `named_own` and `named_other` (the row's id in this side's, or the other side's,
            series is known), `is_recall` (a recall notice) and `is_unsent` (not delivered, so nothing can refer to it).
        scope: what the local numbers count.
    """

    side: Side
    rows: pl.DataFrame
    scope: LocalIdScope


def id_key(column: str) -> pl.Expr:
    """An id as text at the precision of a double, so that a rounded id is still found."""
    number = pl.col(column).cast(pl.UInt64, strict=False).cast(pl.Float64).cast(pl.UInt64, strict=False)
    return pl.coalesce(number.cast(pl.String), pl.col(column))


def _one_id(told: str, held: str, told_key: str, held_key: str) -> pl.Expr:
    """Whether two ids are equal, or equal at a double's precision where one has no more."""
    rounded = (pl.col(told) == pl.col(told_key)) | (pl.col(held) == pl.col(held_key))
    return (pl.col(told) == pl.col(held)) | ((pl.col(told_key) == pl.col(held_key)) & rounded)


def copy_of(
    rows: pl.DataFrame, partner_named: pl.Series, trusted: pl.Series, unsent: pl.Series, side: Side, scope: LocalIdScope
) -> Copy:
    """The prepared rows of one side.

    Args:
        rows: the side's frame of rows.
        partner_named: rows with a partner that has an id.
        trusted: conversations where both sides' ids are one series.
        unsent: rows that were not delivered.
        side: the side.
        scope: what the local numbers count.
    """
    own, other = pl.col("message_id").is_not_null(), pl.lit(is_in_rows(partner_named, rows.height))
    one_series = pl.col("pair").is_in(listed(trusted)).fill_null(value=False)
    notices = rows[["row", "text"]].filter(rows["cls"] == SYSTEM)
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
    """All rows that a reference may be to, and the references without such a row.

    Ids and numbers are tried first. Time and text are tried only for the rest, since they cost more, and references
    from a whole store are found by number.

    Args:
        spoken: columns of `references`, and `w`.
        copies: both sides' rows.
        each: whether every pair is an export of its own, with its own ids.

    Returns:
        held: w, target (side), row, by_row, side. open: the references not found, with `words`.
    """
    if spoken.is_empty():
        return _combine_found([]), spoken.with_columns(pl.lit(None, dtype=pl.String).alias("words"))
    by = ["pair"] if each else []
    held = _combine_found([f for copy in copies.values() for f in _find_exact(spoken, copy, by)])
    left = _not_found_yet(spoken, held).with_columns(bare_words(pl.col("text")).alias("words"))
    for look in (_find_near_time, _find_anywhere):
        if left.is_empty():
            break
        held = _combine_found([held, *(look(left, copy) for copy in copies.values())])
        left = _not_found_yet(left, held)
    return held, left


def _not_found_yet(spoken: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """References without a found row."""
    return spoken.join(held[["w"]].unique(), on="w", how="anti", maintain_order="left")


def _combine_found(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """All found rows once, without references of a row to itself."""
    found = [p[list(_HELD)] for p in parts if p.height]
    if not found:
        return pl.DataFrame(schema=_HELD)
    frame = pl.concat(found)
    # A row does not refer to itself, except a notice that replaced its message.
    same = (pl.col("row") == pl.col("by_row")) & (pl.col("target") == pl.col("side"))
    return frame.filter(~same.fill_null(value=False)).unique(["w", "target", "row"], maintain_order=True)


def _find_exact(spoken: pl.DataFrame, copy: Copy, by: list[str]) -> list[pl.DataFrame]:
    """Rows that references name by server id, body id or local number."""
    own = pl.col("side") == str(copy.side)
    with_id = spoken.filter(
        pl.col("message_id").is_not_null() & (own | (pl.col("message_id").str.len_chars() >= PARAMS.server_id_length))
    )
    found = [_found_rows(f, copy) for f in _find_by_id(with_id.filter(~BY_NOTICE), copy, by)]
    notices = with_id.filter(BY_NOTICE)
    if notices.height:
        # A notice in a row of its own is not the message that it names, on either side.
        spoken_rows = copy.rows.with_columns(pl.when(pl.col("cls") != SYSTEM).then("alias_id").alias("alias_id"))
        hits = [_found_rows(f, copy) for f in _find_by_id(notices, replace(copy, rows=spoken_rows), by)]
        # One with the id of its message has replaced it on this device.
        found += [f.with_columns(pl.lit(None, dtype=pl.UInt32).alias("by_row")) for f in hits]
    named = spoken.filter(pl.col("native_id").is_not_null() & (pl.col("witness") != str(WitnessKind.ALBUM_COUNT)))
    if named.height:
        found.append(_found_rows(_find_by_body(named, copy, by), copy))
    told = spoken.filter(own & pl.col("local_id").is_not_null() & pl.col("count").is_null())
    if told.height:
        found.append(_found_rows(_find_by_number(told, copy, by), copy))
    return found


def _find_by_body(named: pl.DataFrame, copy: Copy, by: list[str]) -> pl.DataFrame:
    """References found by body id. A receipt has the id of its transfer but is another message."""
    bodies = copy.rows.filter(pl.col("native_id").is_not_null()).select(
        *by, "row", "native_id", "payment_state", pl.col("message_id").alias("held_id")
    )
    by_body = named.join(bodies, on=[*by, "native_id"])
    is_other = (pl.col("message_id") != pl.col("held_id")) & (
        pl.col("message_id").str.len_chars() >= PARAMS.server_id_length
    )
    of_transfer = (pl.col("witness") == str(WitnessKind.TRANSFER_RECEIPT)) | (
        (pl.col("kind") == str(Kind.TRANSFER)) & is_other.fill_null(value=False)
    )
    receipt = of_transfer & pl.col("payment_state").is_in(_ANSWERED)
    return by_body.filter(~receipt.fill_null(value=False))


def _find_by_id(with_id: pl.DataFrame, copy: Copy, by: list[str]) -> list[pl.DataFrame]:
    """References found by id; the rest at a double's precision where one of the ids has no more."""
    if with_id.is_empty():
        return []
    ids = pl.concat(
        [copy.rows.select(*by, "row", pl.col(c).alias("held_id")).drop_nulls() for c in ("message_id", "alias_id")]
    )
    exact = with_id.join(ids, left_on=[*by, "message_id"], right_on=[*by, "held_id"])
    left = _not_found_yet(with_id, exact)
    if left.is_empty():
        return [exact]
    keyed = left.with_columns(id_key("message_id").alias("key"))
    rounded = keyed.join(ids.with_columns(id_key("held_id").alias("key")), on=[*by, "key"])
    return [exact, rounded.filter(_one_id("message_id", "held_id", "key", "key"))]


def _found_rows(frame: pl.DataFrame, copy: Copy) -> pl.DataFrame:
    """The found rows as w, target, row, by_row, side."""
    return frame.select("w", pl.lit(str(copy.side)).alias("target"), "row", "by_row", "side")


def _find_by_number(spoken: pl.DataFrame, copy: Copy, by: list[str]) -> pl.DataFrame:
    """References of a side's own tables found by local number, within the scope of the numbers."""
    numbers = copy.rows.filter(pl.col("local_id").is_not_null()).select(
        *by, "row", "local_id", "conversation", pl.col("raw_t").alias("held_t"), pl.col("message_id").alias("held_id"),
        pl.col("text").alias("held_text"), "cls", "is_recall",
    )  # fmt: skip
    if copy.scope is LocalIdScope.EXPORT:
        return _without_contradiction(spoken.join(numbers.drop("conversation"), on="local_id"))
    told = spoken.filter(pl.col("conversation").is_not_null()).join(numbers, on=[*by, "conversation", "local_id"])
    if copy.scope is LocalIdScope.SHARD:
        # Numbers repeat in every shard, so where both state a time, it must agree.
        told = told.filter(((pl.col("raw_t") - pl.col("held_t")).abs() <= 60 * SECONDS).fill_null(value=True))
        bare = spoken.filter(pl.col("conversation").is_null()).join(numbers.drop("conversation"), on="local_id")
        return _without_contradiction(pl.concat([told, bare], how="diagonal"))
    return _without_contradiction(told)


def _without_contradiction(told: pl.DataFrame) -> pl.DataFrame:
    """The rows found by number, without those with another id of the same series or other text.

    Such a row has the same number in another table or shard.
    """
    keyed = told.with_columns(id_key("message_id").alias("told_key"), id_key("held_id").alias("key"))
    # Files and videos have two ids, and a recall notice that replaced a message may have its own.
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
    """Whether the first characters of either text occur in the other.

    An index may omit characters, and a format may add a name.
    """
    starts = [pl.col(c).str.slice(0, PARAMS.quoted_words_characters) for c in (one, two)]
    return pl.col(one).str.contains(starts[1], literal=True) | pl.col(two).str.contains(starts[0], literal=True)


def _find_near_time(spoken: pl.DataFrame, copy: Copy) -> pl.DataFrame:
    """Rows at the stated time with the stated text, or of the stated kind if it has no text."""
    timed = spoken.filter(pl.col("t").is_not_null() & pl.col("pair").is_not_null())
    if timed.is_empty():
        return pl.DataFrame(schema=_HELD)
    rows = copy.rows.filter(
        pl.col("pair").is_in(listed(timed["pair"])) & pl.col("t").is_not_null() & ~pl.col("is_recall")
    )
    rows = rows.select(
        "pair", "row", pl.col("t").alias("held_t"), pl.col("text").alias("held_text"), "cls", pl.col("message_id").alias("held_id"), "time_precision",
        (pl.col("t") / SECONDS).alias("held_at"),
    )  # fmt: skip
    told = timed.with_columns((pl.col("t") / SECONDS).alias("told_at"))
    both = join_nearest(told, rows, ("told_at", "held_at"), PARAMS.referred_words_seconds, PARAMS.referred_alike)
    both = both.with_columns(
        id_key("message_id").alias("told_key"),
        id_key("held_id").alias("key"),
        bare_words(pl.col("held_text")).alias("held_words"),
    )
    cls = pl.col("kind").replace_strict(KIND_CLASS, default=None, return_dtype=pl.UInt8)
    minute = pl.col("time_precision").cast(pl.String).is_in(["minute", "day"])
    gap = (pl.col("t") - pl.col("held_t")).abs()
    at_once = gap <= pl.when(minute).then(60 * SECONDS).otherwise(PARAMS.referred_seconds * SECONDS)
    # Different ids of one series are different messages, except for files and videos, which have two ids.
    clash = ~_one_id("message_id", "held_id", "told_key", "key").fill_null(value=True)
    alike = same_words(pl.col("words"), pl.col("held_words"))
    last_line = pl.col("witness") == str(WitnessKind.SESSION_LAST)
    # The session list describes most rows in its own words, but shows plain texts as they are.
    other_words = (cls == WORDS) & ~alike & pl.col("local_id").is_not_null()
    unsaid = cls.is_null() & pl.col("words").is_null()
    other = at_once & (unsaid | (cls == OTHER) | (pl.col("cls") == OTHER) | ((cls == pl.col("cls")) & (cls != WORDS)))
    two = clash & ~pl.col("cls").is_in([FILE, VIDEO])
    fits = (alike | other) & ~two | (last_line & at_once & ~other_words.fill_null(value=False))
    return _found_rows(both.filter(fits.fill_null(value=False)), copy)


def same_words(told: pl.Expr, held: pl.Expr) -> pl.Expr:
    """Whether quoted and held text are equal, or one is cut off from the other."""
    bare = told.str.strip_chars_end("….")
    long = (bare.str.len_chars() >= PARAMS.quoted_words_characters) & (
        held.str.len_chars() >= PARAMS.quoted_words_characters
    )
    cut = long & (held.str.starts_with(bare) | bare.str.starts_with(held) | bare.str.ends_with(held))
    return (told == held) | cut


def _find_anywhere(spoken: pl.DataFrame, copy: Copy) -> pl.DataFrame:
    """Rows of the conversation with exactly the quoted text, at any time.

    For references with an id, only rows without one. Text that occurs more than `MOST_ALIKE` times does not identify a
    row; two rows then stand for all.
    """
    told = spoken.filter(
        (pl.col("words").str.len_chars() >= PARAMS.quoted_words_characters) & pl.col("pair").is_not_null()
    )
    if told.is_empty():
        return pl.DataFrame(schema=_HELD)
    rows = copy.rows.filter(pl.col("pair").is_in(listed(told["pair"])))
    rows = rows.select("pair", "row", bare_words(pl.col("text")).alias("words"), pl.col("message_id").alias("held_id"))
    named = rows.join(told.select("pair", "words").unique(), on=["pair", "words"], how="semi", maintain_order="left")
    few = pl.len() <= PARAMS.referred_alike, pl.int_range(pl.len()) < 2
    rows = named.filter((few[0] | few[1]).over("pair", "words"))
    both = told.select("w", "pair", "words", "message_id", "by_row", "side").join(rows, on=["pair", "words"])
    return _found_rows(both.filter(pl.col("message_id").is_null() | pl.col("held_id").is_null()), copy)


# A room's manager may recall another member's message; the notice names that member second, or is shown to the member.
_OF_MEMBER = r"撤回了成员"
BY_OWNER = pl.col("text").str.contains(OWN_NOTICE + "|撤回了你的") & ~pl.col("text").str.contains(_OF_MEMBER)
# A mark such as [消息已撤回] names nobody.
_OF_NOBODY = r"^\W*(?:[此该这本][条則则]?|this )?(?:消息|訊息|讯息|信息|内容|message)?\W*$"
_NAMED = pl.coalesce(
    pl.col("text").str.extract(_OF_MEMBER + ' ?["“「]([^"”」]{1,60})["”」] ?的', 1),
    pl.col("text").str.extract("[\"“「']([^\"”」']{1,40})[\"”」']", 1),
    pl.col("text").str.extract(r"^(.{1,40}?) ?(?:已?撤回|已?收回|回收|recalled|unsent|がメッセージ)", 1),
)
NAMED = pl.when(~_NAMED.str.contains(_OF_NOBODY)).then(_NAMED)


def recall_notices(rows: pl.DataFrame) -> pl.DataFrame:
    """The recall notices among the rows of paired conversations."""
    system = system_rows(rows)
    is_recall = (pl.col("kind") == str(Kind.RECALL)) | pl.col("text").str.contains(RECALL_NOTICE)
    told = ~pl.col("is_repeat") & is_recall
    return system.filter(told) if system.height else system


def system_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The client's own rows in paired conversations: only they are searched for its sentences."""
    is_system = rows["cls"] == SYSTEM
    return rows.filter(is_system & pl.col("pair").is_not_null()) if is_system.any() else rows.clear()
