"""Rows that the lacking side's form of export cannot hold, or holds in a way that does not tell which row is which."""

from itertools import groupby

import polars as pl

from reconcile.graph.lone import Lone
from reconcile.lookup import rows_within
from reconcile.vocabulary import Kind
from reconcile.wechat.classes import OTHER, SECONDS, SYSTEM, WORDS

# An export that holds words alone where the other side has so many rows without words, of so many classes, writes no others; unless it lacks
# more than this share of the words too.
LEAST_ROWS, LEAST_CLASSES, MOST_LACKING = 6, 3, 0.2
# Typed placeholders look like such rows: one to twenty is none.
MOST_TYPED = 0.05


def is_not_exported(lone: Lone) -> pl.Series:
    """The lacking export's form does not write rows of this kind, or the export holds words and nothing else in any of its conversations."""
    limits = lone.lacking_reading.facts.limits
    absent = lone.rows["kind"].cast(pl.String).is_in([str(k) for k in limits.kinds_absent])
    return absent | _is_beside_words(lone)


def _is_beside_words(lone: Lone) -> pl.Series:
    """Rows of other classes than words, where the whole lacking export holds none of any such class. One class alone may as well be lacking."""
    is_other = ~pl.col("cls").is_in([WORDS, SYSTEM, OTHER])
    none = pl.Series("b", [False] * lone.rows.height, dtype=pl.Boolean)
    few = lone.rows.filter(is_other & pl.col("pair").is_not_null())
    held = ~lone.lacking["cls"].is_in([WORDS, SYSTEM, OTHER])
    if few.height < LEAST_ROWS or (not lone.each and held.sum() > MOST_TYPED * few.height):
        return none
    counts = few.group_by("pair").agg(pl.len().alias("n"), pl.col("cls").n_unique().alias("classes"))
    words = lone.holder.filter(pl.col("cls") == WORDS).group_by("pair").len("said")
    alone = lone.rows.filter(pl.col("cls") == WORDS).group_by("pair").len("alone")
    typed = lone.lacking.filter(held).group_by("pair").len("typed")
    told = counts.join(words, on="pair").join(alone, on="pair", how="left").join(typed, on="pair", how="left")
    wordy = pl.col("alone").fill_null(0) <= MOST_LACKING * pl.col("said")
    wordy &= pl.col("typed").fill_null(0) <= MOST_TYPED * pl.col("n")
    pairs = told.filter((pl.col("n") >= LEAST_ROWS) & (pl.col("classes") >= LEAST_CLASSES) & wordy)["pair"]
    # Replies and kinds without a name of their own are left out with the others where the export holds none of them either.
    none_held = ~pl.col("kind").is_in(lone.lacking["kind"].unique().implode())
    is_other |= (pl.col("cls").is_in([OTHER]) | (pl.col("kind") == str(Kind.QUOTE))) & none_held
    return lone.rows.select((is_other & pl.col("pair").is_in(pairs.implode())).fill_null(value=False).alias("b"))["b"]


# What a form that names no kinds writes of a card: its title, with the app behind it in WechatExporter's text (wechat-exports 4), the lines of a note
# or a solitaire, or nothing. A video's title ends in its tags; other titles hold few of the marks that end what people say.
_TITLE_AND_APP = r"^[^\n]+ - [^\n]+$"
_TITLE = r"(?s)\A(?:[^，。？！；,?!;]{0,200}(?:\n[a-z]+://\S+)?|#接龙\b.*|[^\n]{1,200}#[\p{L}\p{N}_]+\s*)\z"
# A note that begins with a picture shows that picture's mark, and its words right behind it, where its form shows its beginning.
_NOTE = r"\A\[(?:图片|Photo)\][\p{L}\p{N}]+(?:\n|\z)"


def may_be_of_absent_kind(lone: Lone) -> pl.Series:
    """Row numbers of a kind under which the holder's form also writes kinds that the lacking form does not write at all."""
    merged, absent = lone.holder_reading.facts.limits.kinds_merged, lone.lacking_reading.facts.limits.kinds_absent
    under = {str(merged[k]) for k in merged if k in absent}
    kind = pl.col("kind").cast(pl.String)
    could = (kind != str(Kind.TEXT)) | pl.col("text").str.contains(_TITLE_AND_APP) | pl.col("text").str.contains(_TITLE)
    could &= kind.is_in(list(under))
    if Kind.LINK in absent:
        could |= (kind == str(Kind.IMAGE)) & pl.col("text").str.contains(_NOTE)
    if Kind.OTHER in absent:
        # A picture put in as a sticker is a card to the client, and a sticker to who writes a table of it; its form shows nothing of either.
        could |= (kind == str(Kind.STICKER)) & (pl.col("text") == "") & pl.col("media_hash").is_null()
    return lone.rows.filter(could)["row"]


# A row of the lacking side (`t`) beside one of the holder's on its clock.
_IN_ONE_SECOND = (pl.col("t") - pl.col("t_other")).abs() <= SECONDS + 2 * pl.col("spread").fill_null(0)


def is_collapsed(lone: Lone) -> pl.Series:
    """One of several equal rows of one second, where the lacking form keeps one of such and holds it.

    ChatLab's import merges rows of one second, sender, kind and words that carry no server id.
    """
    none = pl.Series("c", [False] * lone.rows.height, dtype=pl.Boolean)
    if not lone.lacking_reading.facts.limits.collapses_repeats or lone.rows.is_empty():
        return none
    look = ["pair", "party", "cls", "text"]
    second = pl.col("raw_t").floordiv(SECONDS).alias("second")
    twins = lone.holder.select(*look, second).filter(pl.len().over(*look, "second") > 1).unique()
    kept = lone.lacking.filter(pl.col("message_id").is_null() & pl.col("t").is_not_null())
    asked = lone.rows.select("row", *look, second, "t_other", "spread").join(
        twins, on=[*look, "second"], how="semi", nulls_equal=True
    )
    met = asked.join(kept.select(*look, "t"), on=look, nulls_equal=True)
    return lone.rows["row"].is_in(met.filter(_IN_ONE_SECOND)["row"].implode())


def may_be_collapsed(lone: Lone) -> pl.Series:
    """Row numbers of equal rows of one second where the lacking side holds one of such and nowhere two in its export.

    Some tools write equal rows once, in all conversations alike: nothing tells such a tool from rows that are lacking. One that states server
    ids goes by them (wechat-exports 6.2): of two messages under two ids it writes both.
    """
    look = ["pair", "party", "cls", "text", "media_hash"]
    second = pl.col("raw_t").floordiv(SECONDS).alias("second")
    alone = lone.rows.select("row", *look, second, "raw_t", "t_other", "spread", "message_id").filter(
        pl.col("raw_t").is_not_null() & (pl.col("cls") != SYSTEM)
    )
    # Few rows share a second with one that is alone, and few of those their words: only they are looked at.
    then = rows_within(lone.holder["raw_t"], alone["second"], SECONDS)
    here = lone.holder.select(*look, "raw_t")[then].filter(pl.col("pair").is_not_null()).select(*look, second)
    many = here.filter(pl.len().over(*look, "second") > 1).unique()
    asked = alone.join(many, on=[*look, "second"], how="semi", nulls_equal=True)
    if asked.is_empty():
        return pl.Series(dtype=pl.UInt32)
    said = pl.col("text").is_in(asked["text"].unique().implode()) & pl.col("pair").is_not_null()
    has_id = pl.col("message_id").is_not_null()
    there = lone.lacking.lazy().select(*look, "t", has_id.alias("goes_by_ids")).filter(said & pl.col("t").is_not_null()).collect()  # fmt: skip
    held = asked.join(there, on=look, nulls_equal=True).filter(~(has_id & pl.col("goes_by_ids")))
    asked = asked.join(held.filter(_IN_ONE_SECOND).select("row").unique(), on="row", how="semi")
    if asked.is_empty():
        return pl.Series(dtype=pl.UInt32)
    asked_pair = pl.col("pair").is_in(asked["pair"].unique().implode())
    spoken = pl.col("raw_t").is_not_null() & (pl.col("cls") != SYSTEM)
    held = lone.lacking.select(*look, "conversation", "raw_t").filter(asked_pair & spoken if lone.each else spoken)
    # Few rows share their time with another, which a sort tells sooner than a search: only they are held side by side.
    times = held["raw_t"].sort()
    held = held.filter(pl.col("raw_t").is_in(times.filter(times.diff() == 0).unique().implode()))
    twice = held.filter(pl.struct(*look, "conversation", "raw_t").is_duplicated())
    if not lone.each and twice.height:
        return asked["row"].clear()
    return asked.filter(~pl.col("pair").is_in(twice["pair"].unique().implode()))["row"]


def may_stand_unplaced(lone: Lone) -> pl.Series:
    """Row numbers of a kind that the lacking form writes without time or sender, where it holds an open row of that class in the conversation.

    Where the holder's form does not tell such a kind from words, those that say what such an open row says.
    """
    kinds = [str(k) for k in lone.lacking_reading.facts.limits.unplaced_kinds]
    if not kinds:
        return pl.Series(dtype=pl.UInt32)
    bare = lone.open_lacking.filter(pl.col("is_filled") & (pl.col("cls") != SYSTEM)).select("pair", "cls", "text")
    of_kind = pl.col("kind").cast(pl.String).is_in(kinds)
    asked = lone.rows.filter(of_kind).join(bare, on=["pair", "cls"], how="semi")["row"]
    said = lone.rows.filter(~of_kind & (pl.col("text") != "")).join(bare, on=["pair", "cls", "text"], how="semi")["row"]
    return pl.concat([asked, said])


def may_be_read_as_notice(lone: Lone) -> pl.Series:
    """Row numbers of words that the lacking side holds in the same second as a notice.

    A form without types tells a notice by its sentence, and somebody may type the very sentence. The notice may have met another
    one that stands without a time.
    """
    asked = lone.rows.filter(pl.col("cls") == WORDS).select("row", "pair", "text", "t_other", "spread")
    if asked.is_empty():
        return pl.Series(dtype=pl.UInt32)
    notices = lone.lacking.filter((pl.col("cls") == SYSTEM) & pl.col("pair").is_not_null())
    met = asked.join(notices.select("pair", "text", "t"), on=["pair", "text"])
    return met.filter(_IN_ONE_SECOND)["row"].unique()


# What a client tells of whom it shows, where a form without kinds names a sender beside it; and what a tool writes beside what was not sent.
_PAT, _OPENED = (
    r"^(?:\[拍一拍\]\s*)?[^\n]{0,40}拍了拍",
    r"^(?:[^\n]{1,40}领取了你的红包|你领取了[^\n]{1,40}的红包)[。.]?$",
)
_UNSENT = r"^(?:❗|\(!\)|\[!\]|[\[(（【](?:发送失败|未发送|發送失敗|傳送失敗|Failed|Not sent)[\])）】])\s*|\s*(?:❗|[\[(（【](?:发送失败|未发送|發送失敗|傳送失敗|Failed|Not sent)[\])）】])$"


def may_be_of_client(lone: Lone) -> pl.Series:
    """Row numbers of words that may be the client's: a pat of which the lacking side holds the notice, a red packet that was opened, and words marked as not sent."""
    asked = lone.rows.filter((pl.col("cls") == WORDS) & pl.col("pair").is_not_null())
    told = asked.filter(
        pl.col("text").str.contains(_OPENED)
        | (pl.col("is_self").fill_null(value=True) & pl.col("text").str.contains(_UNSENT))
    )
    pats = asked.filter(pl.col("text").str.contains(_PAT)).select("row", "pair", "t_other", "spread")
    if pats.is_empty():
        return told["row"]
    notices = lone.lacking.filter((pl.col("cls") == SYSTEM) & pl.col("text").str.contains("拍了拍", literal=True))
    met = pats.join(notices.select("pair", "t"), on="pair").filter(_IN_ONE_SECOND)
    return pl.concat([told["row"], met["row"].unique()])


def may_be_repeated(lone: Lone) -> pl.Series:
    """Row numbers of chats without times: rows alone, without ids, that say the same as the rows directly before or behind them.

    The export may hold them twice, or people may have said them twice: nothing tells.
    """
    bare = pl.col("message_id").is_null() & pl.col("local_id").is_null()
    asked = lone.rows.filter(pl.col("pair").is_in(lone.untimed) & bare & (pl.col("cls") != SYSTEM))
    if asked.is_empty():
        return pl.Series(dtype=pl.UInt32)
    said = lone.holder.filter(pl.col("pair").is_in(asked["pair"].unique().implode()) & (pl.col("cls") != SYSTEM))
    look = pl.struct("party", "cls", "text", "media_hash", "amount").hash(seed=61).alias("look")
    rows = said.select("pair", "row", look, pl.col("row").is_in(asked["row"].implode()).alias("alone"))
    found: list[int] = []
    # Only chats without times or ids.
    for part in rows.sort("pair", "row").partition_by("pair", maintain_order=True):
        found += _twice_in_a_row(part["row"].to_list(), part["look"].to_list(), part["alone"].to_list())
    return pl.Series(found, dtype=pl.UInt32)


def _twice_in_a_row(rows: list[int], looks: list[int], alone: list[bool]) -> list[int]:
    found: list[int] = []
    start = 0
    for is_alone, run in groupby(alone):
        length = len(list(run))
        end = start + length
        mine = looks[start:end]
        if is_alone and mine in (looks[max(start - length, 0) : start], looks[end : end + length]):
            found += rows[start:end]
        start = end
    return found
