"""References by count: albums with fewer pictures than stated, exports with fewer rows than stated."""

import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.params import PARAMS
from reconcile.engine.references.ground import Ground
from reconcile.engine.references.witnesses import SPOKEN
from reconcile.vocabulary import Kind, NoteCode, Side, WitnessKind
from reconcile.wechat.kind_classes import SECONDS

_SKIPPED = (
    NoteCode.ROW_SKIPPED,
    NoteCode.PART_UNREADABLE,
    NoteCode.MEMBER_MISSING,
    NoteCode.FILE_UNREAD,
    NoteCode.LIMIT_REACHED,
    NoteCode.PART_ENCRYPTED,
)
_COUNTED = SPOKEN | {"by_t": pl.Int64, "t": pl.Int64, "words": pl.String, "is_placed": pl.Boolean}


def short_albums(spoken: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """Albums with fewer pictures on both sides together than stated; `count` = how many are missing.

    Not where the album lies at the first or last row of the copies, since the rest may lie beyond.
    """
    if spoken.is_empty():
        return pl.DataFrame(schema=_COUNTED)
    albums = spoken.filter(
        (pl.col("witness") == str(WitnessKind.ALBUM_COUNT))
        & pl.col("native_id").is_not_null()
        & pl.col("pair").is_in(listed(ground.pairs))
    )
    if albums.is_empty():
        return pl.DataFrame(schema=_COUNTED)
    held = pl.concat([_album_pictures(side, albums, ground) for side in ground.copies])
    # A picture that both sides hold counts once.
    each = held.group_by("pair", "native_id", "side").agg(pl.len().alias("n"), pl.col("message_id").drop_nulls().unique().alias("keys"), pl.col("t").min().alias("from_t"), pl.col("t").max().alias("to_t"))  # fmt: skip
    union = each.group_by("pair", "native_id").agg(
        pl.col("n").max().alias("most"),
        pl.col("keys").explode().n_unique().alias("ids"),
        pl.col("from_t").min(),
        pl.col("to_t").max(),
    )
    out = albums.join(union, on=["pair", "native_id"], how="left", maintain_order="left").join(ground.spans(), on="pair", how="left", maintain_order="left")  # fmt: skip
    wanting = pl.col("count") - pl.max_horizontal("most", "ids").fill_null(0).cast(pl.Int64)
    inner = (pl.col("from_t") - PARAMS.album_seconds * SECONDS > pl.col("first")) & (
        pl.col("to_t") + PARAMS.album_seconds * SECONDS < pl.col("last")
    )
    short = out.filter((wanting > 0) & pl.col("from_t").is_not_null())
    placed = inner | (
        pl.col("pair").is_in(listed(ground.same_start))
        & (pl.col("to_t") + PARAMS.album_seconds * SECONDS < pl.col("last"))
    )
    found = short.with_columns(
        pl.lit(None, dtype=pl.String).alias("words"),
        wanting.alias("count"),
        pl.col("from_t").alias("t"),
        placed.fill_null(value=False).alias("is_placed"),
    )
    return found.unique(["pair", "native_id"], keep="first", maintain_order=True).select(*_COUNTED)


def _album_pictures(side: Side, albums: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """pair, native_id (album), side, message_id, t of the rows with a body that names an album."""
    raw = ground.readings[side].messages.select("row", "raw", "kind")
    named = raw.filter(
        (pl.col("kind").cast(pl.String) == str(Kind.IMAGE)) & pl.col("raw").str.contains('"album"', literal=True)
    )
    album = pl.format("album:{}", pl.col("raw").str.json_path_match("$.album"))
    rows = named.select("row", album.alias("native_id")).join(
        ground.copies[side].rows.select("row", "pair", "message_id", "t", "is_repeat"), on="row"
    )
    mine = rows.filter(~pl.col("is_repeat")).join(
        albums.select("pair", "native_id").unique(), on=["pair", "native_id"], how="semi"
    )
    return mine.select("pair", "native_id", pl.lit(str(side)).alias("side"), "message_id", "t")


def short_exports(ground: Ground) -> pl.DataFrame:
    """Conversations with fewer rows than the exporter states, even with rows that only the other side has.

    Nothing is reported where the reader itself skipped rows. The finding states how many are missing, not which. Never
    placed: an exporter may count rows that it does not write.
    """
    found = []
    for side, reading in ground.readings.items():
        if any(n.code in _SKIPPED for n in reading.notes):
            continue
        if reading.conversations["stated_count"].null_count() == reading.conversations.height:
            continue
        stated = reading.conversations[["conversation", "stated_count"]].lazy().drop_nulls("stated_count")
        rows = ground.rows[side].lazy().filter(pl.col("pair").is_in(listed(ground.pairs)))
        held = rows.group_by("conversation", "pair").agg(pl.len().alias("held"))
        mine = ground.lines.lazy().filter(pl.col(f"{side}_row").is_null()).group_by("pair").len("shown")
        both = held.join(stated, on="conversation").join(mine, on="pair", how="left")
        wanting = pl.col("stated_count") - pl.col("held").cast(pl.Int64) - pl.col("shown").fill_null(0).cast(pl.Int64)
        found.append(
            both.with_columns(wanting.alias("count")).filter(pl.col("count") > 0).sort("pair").select(
                pl.lit(str(side)).alias("side"), "pair", "conversation", pl.lit(str(WitnessKind.STATED_COUNT)).alias("witness"),
                pl.format("{} / {}", pl.col("stated_count"), pl.col("held")).alias("locator"), "count",
                pl.lit(value=False).alias("is_placed"),
            )
        )  # fmt: skip
    if not found:
        return pl.DataFrame(schema=_COUNTED)
    frame = pl.concat(found).pipe(collected)
    bare = [pl.lit(None, dtype=t).alias(n) for n, t in _COUNTED.items() if n not in frame.columns]
    return frame.with_columns(bare).select(*_COUNTED)
