"""The last steps that every exporter's rows share: times, bodies, notices, ids, failed sends, raw fields, quoted words."""

from dataclasses import dataclass, field

import polars as pl

from reconcile.intake.assemble import notes_of
from reconcile.intake.contract import Note, Owner
from reconcile.intake.naming import is_account
from reconcile.intake.raw_fields import json_of_filled
from reconcile.vocabulary import (
    ConversationKind,
    Kind,
    NoteCode,
    Status,
    TextQuality,
    TimePrecision,
    WitnessKind,
    ZoneSource,
)
from reconcile.wechat.clock import from_unix, times_of
from reconcile.wechat.kinds import REFUSED_NOTICE, SYSTEM_KINDS, WORD_KINDS, fits_where
from reconcile.wechat.shown import FIELDS, OWN_RECALL, shown_columns

# Above this share of ids with a given form, the form is the file's and not chance (1 in 1000 for a rounded id).
_SAME_FORM_SHARE = 0.5
_IDS_PRESENT_SHARE = 0.9
_EXCEL_DIGITS = 15
_LEAST_ID = 10**11
# What a spreadsheet makes of typed words, numbers (1e5) and dates (1/2, 3-4, 2024-1-2) in the languages of its users. A person may have
# typed the very same: such a cell then says nothing.
_COERCED = (
    r"^(?:TRUE|FALSE|#(?:NAME\?|REF!|VALUE!|NUM!|N/A|DIV/0!)|[0-9](?:\.[0-9]+)?E[+-]?[0-9]+|[0-9]{1,2}月[0-9]{1,2}日"
    r"|(?:[0-9]{1,2}-)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:-[0-9]{2})?|[12][0-9]{3}/[0-9]{1,2}/[0-9]{1,2})$"
)


@dataclass
class Finished:
    """Rows with every column that Messages needs and the form could fill; witnesses and notes found on the way."""

    rows: pl.DataFrame
    witnesses: pl.DataFrame
    notes: list[Note] = field(default_factory=list)


def finish(
    rows: pl.DataFrame,
    *,
    file: str,
    conversation: str,
    conversation_kind: ConversationKind | None,
    owner: Owner,
    peer: str | None,
    is_shown: bool,
    has_seconds: bool,
    timezone: str | None,
) -> Finished:
    """A part's rows made ready; the meaning of the arguments is that of `parts.Part`. Order and height stay."""
    notes: list[Note] = []
    rows = _placed(rows, file, conversation, conversation_kind)
    rows = _timed(rows, timezone, notes)
    if has_seconds:
        rows = _resaved(rows, file, notes)
    if is_shown:
        rows = _shown(rows).rename({n: f"raw_{n}" for n in ("title", "quoted_sender", "quoted_at")})
    rows = _identified(rows, file, notes)
    rows = _settled(rows, owner, peer)
    rows = _sent(rows)
    if is_shown:
        words = [str(k) for k in (*WORD_KINDS, *SYSTEM_KINDS)]
        has_stated = "text_quality" in rows.columns and rows["text_quality"].null_count() < rows.height
        shown = pl.when(~pl.col("kind").is_in(words)).then(pl.lit(str(TextQuality.SHOWN)))
        rows = rows.with_columns((pl.coalesce("text_quality", shown) if has_stated else shown).alias("text_quality"))
    witnesses = _quotes(rows)
    return Finished(_with_raw(rows), witnesses, notes)


def _placed(rows: pl.DataFrame, file: str, conversation: str, kind: ConversationKind | None) -> pl.DataFrame:
    number = pl.col("line") if "line" in rows.columns else pl.int_range(1, pl.len() + 1)
    added = []
    if "locator" not in rows.columns:
        added.append(pl.format("{}#{}", pl.lit(file), number).alias("locator"))
    if "conversation" not in rows.columns:
        added.append(pl.lit(conversation).alias("conversation"))
    if "conversation_kind" not in rows.columns:
        added.append(pl.lit(None if kind is None else str(kind), dtype=pl.String).alias("conversation_kind"))
    return rows.with_columns(added)


def _shown(rows: pl.DataFrame) -> pl.DataFrame:
    """The shown bodies' facts; a column that the form itself has counts before what its body shows."""
    given = rows.select(c for c in FIELDS if c in rows.columns)
    found = shown_columns(rows.drop(given.columns))
    return found.with_columns(
        given[c] if found[c].null_count() == found.height else pl.coalesce(given[c], found[c]).alias(c)
        for c in given.columns
    )


def _timed(rows: pl.DataFrame, timezone: str | None, notes: list[Note]) -> pl.DataFrame:
    if "sent_at" in rows.columns:
        return rows
    if "unix" in rows.columns:
        sent_at = from_unix(pl.col("unix"), "s")
        stated = (
            pl.when(sent_at.is_null())
            .then(pl.lit(str(TimePrecision.NONE)))
            .otherwise(pl.lit(str(TimePrecision.SECOND)))
        )
        source = pl.when(sent_at.is_null()).then(pl.lit(str(ZoneSource.NONE))).otherwise(pl.lit(str(ZoneSource.UNIX)))
        raw = pl.col("sent_raw") if "sent_raw" in rows.columns else pl.col("unix").cast(pl.String)
        rows = rows.with_columns(
            sent_at.alias("sent_at"), stated.alias("time_precision"), source.alias("zone_source"), raw.alias("sent_raw")
        )
    else:
        rows = rows.with_columns(times_of(rows["sent_raw"], timezone))
    if rows["sent_at"].null_count():
        notes.extend(notes_of(NoteCode.BAD_TIME, rows.filter(pl.col("sent_at").is_null()), excerpt="sent_raw"))
    return rows


def _resaved(rows: pl.DataFrame, file: str, notes: list[Note]) -> pl.DataFrame:
    """A spreadsheet that saved the table anew leaves times to the minute, and words of its own in place of the sent ones."""
    coarse = rows["time_precision"].is_in([str(TimePrecision.MINUTE), str(TimePrecision.DAY)])
    if not coarse.any():
        return rows
    notes.append(Note(NoteCode.PRECISION_LOST, file, str(rows["sent_raw"].filter(coarse)[0]), int(coarse.sum())))
    coerced = pl.col("text").str.contains(_COERCED)
    damaged = rows.filter(coerced)
    if damaged.is_empty():
        return rows
    notes.extend(notes_of(NoteCode.COERCED_CELL, damaged, excerpt="text"))
    return rows.with_columns(
        pl.when(coerced).then(pl.lit("")).otherwise("text").alias("text"),
        pl.when(coerced).then("text").alias("raw_cell"),
        pl.when(coerced).then(pl.lit(str(TextQuality.ABSENT))).alias("text_quality"),
    )


def _identified(rows: pl.DataFrame, file: str, notes: list[Note]) -> pl.DataFrame:
    if "message_id" not in rows.columns:
        return rows
    number = rows["message_id"].cast(pl.UInt64, strict=False)
    if number.null_count() == 0 and bool((number >= _LEAST_ID).all()):
        return _rounded(rows, rows["message_id"], file, notes)
    ids = rows["message_id"].cast(pl.String)
    # What is a whole number of that length needs no closer look.
    surely = number.is_not_null() & ids.str.len_bytes().is_between(12, 20) & ~ids.str.starts_with("+")
    places = (~surely.fill_null(value=False)).arg_true()
    few = ids.gather(places).str.strip_chars()
    few = few.set(few.is_in(["", "0"]), None)
    ids = ids.clone().scatter(places, few)
    rows = rows.with_columns(ids)
    odd = few.is_not_null() & ~few.str.contains(r"^[0-9]{12,20}$")
    strange = pl.Series([False]).new_from_index(0, ids.len()).scatter(places, odd.fill_null(value=False))
    if strange.any():
        rows = _odd_ids(rows, strange, file, notes)
    return _rounded(rows, ids.filter(ids.is_not_null() & ~strange), file, notes)


def _odd_ids(rows: pl.DataFrame, strange: pl.Series, file: str, notes: list[Note]) -> pl.DataFrame:
    # 6.1169E+18 is what a spreadsheet left of nineteen digits: nothing can be matched by it.
    few = rows.filter(strange)
    sheet = pl.col("message_id").str.contains(r"^[0-9][0-9.]*[Ee]\+?[0-9]+$|^[0-9]+\.0*$").fill_null(value=False)
    notes.extend(notes_of(NoteCode.ID_ODD, few.filter(~sheet), excerpt="message_id", most=5))
    damaged = few.filter(sheet)
    if damaged.is_empty():
        return rows
    notes.append(Note(NoteCode.ID_SPREADSHEET, file, str(damaged["message_id"][0]), damaged.height))
    return rows.with_columns(
        pl.when(sheet).then(pl.col("message_id")).alias("raw_message_id"),
        pl.when(~sheet).then(pl.col("message_id")).alias("message_id"),
    )


def _rounded(rows: pl.DataFrame, ids: pl.Series, file: str, notes: list[Note]) -> pl.DataFrame:
    """Ids rounded to a double still match at that precision and stay; of ids cut to 15 digits too little is left."""
    long = ids.filter(ids.str.len_bytes() > _EXCEL_DIGITS + 2)
    if long.len() < 3 or (~long.str.ends_with("0")).sum() > long.len() * (1 - _SAME_FORM_SHARE):
        return rows
    cut = long.str.slice(_EXCEL_DIGITS).str.contains("^0+$")
    if not cut.all():
        zeros = long.filter(long.str.ends_with("00"))
        if zeros.len() >= _SAME_FORM_SHARE * long.len():
            notes.append(Note(NoteCode.ID_ROUNDED, file, str(zeros[0]), zeros.len()))
        return rows
    notes.append(Note(NoteCode.ID_SPREADSHEET, file, str(long[0]), long.len()))
    lost = (pl.col("message_id").str.len_chars() > _EXCEL_DIGITS + 2).fill_null(value=False)
    return rows.with_columns(
        pl.when(lost).then("message_id").alias("raw_message_id"), pl.when(~lost).then("message_id").alias("message_id")
    )


def _settled(rows: pl.DataFrame, owner: Owner, peer: str | None) -> pl.DataFrame:
    """System rows have no sender; a recall's sender is told by its words."""
    present = set(rows["kind"].unique().to_list())
    rows = rows.with_columns(
        pl.lit(None, dtype=t).alias(n)
        for n, t in (("sender", pl.String), ("sender_name", pl.String), ("is_self", pl.Boolean))
        if n not in rows.columns
    )
    if owner.id or owner.name:
        # A name proves sameness only: in a group the owner may bear another. An account proves difference, too.
        same = pl.col("sender").is_in([n for n in (owner.id, owner.name) if n])
        names = rows["sender"].unique().to_list() if owner.id is not None else []
        other = pl.col("sender").is_in([n for n in names if n and is_account(n)])
        told = pl.when(same).then(pl.lit(value=True)).when(other).then(pl.lit(value=False))
        rows = rows.with_columns(pl.coalesce("is_self", told).alias("is_self"))
    if not present & {str(k) for k in SYSTEM_KINDS}:
        return rows
    system, recall = pl.col("kind") == str(Kind.SYSTEM), pl.col("kind") == str(Kind.RECALL)
    # A column of its own: three others rest on it, and an expression that looks into texts is worked out for each.
    rows = rows.with_columns(fits_where(recall, pl.col("text"), OWN_RECALL).alias("_own"))
    own = pl.col("_own")
    other = recall & ~own & pl.lit(peer is not None)
    return rows.with_columns(
        # Whoever typed the sentence, the row is never the peer's and the owner's at once.
        pl.when(system).then(None).when(own).then(pl.coalesce(pl.lit(owner.id or owner.name, dtype=pl.String), pl.when(pl.col("sender").ne_missing(pl.lit(peer, dtype=pl.String))).then("sender")))
        .when(other).then(pl.lit(peer, dtype=pl.String)).otherwise("sender").alias("sender"),
        pl.when(~system).then("sender_name").alias("sender_name"),
        pl.when(system).then(None).when(own).then(pl.lit(value=True)).when(other).then(pl.lit(value=False))
        .otherwise("is_self").alias("is_self"),
    ).drop("_own")  # fmt: skip


def _sent(rows: pl.DataFrame) -> pl.DataFrame:
    """A refusal notice right after an own row, and an own row without id among rows with ids, tell of failed sending."""
    own = pl.col("is_self").fill_null(value=False) & ~pl.col("kind").is_in([str(k) for k in SYSTEM_KINDS])
    without = pl.col("message_id").is_null() if "message_id" in rows.columns else pl.lit(value=True)
    failed = pl.lit(value=False)
    if "message_id" in rows.columns and rows["message_id"].null_count():
        mine = rows.select(pl.col("message_id").filter(own))["message_id"]
        if mine.null_count() and mine.len() - mine.null_count() >= _IDS_PRESENT_SHARE * mine.len():
            failed = own & without
    system = pl.col("kind") == str(Kind.SYSTEM)
    refused = pl.lit(value=False)
    notice = fits_where(system, pl.col("text"), REFUSED_NOTICE)
    if rows.select(notice.any()).item():
        follows = notice.shift(-1, fill_value=False)
        refused = own & without & follows & (pl.col("conversation") == pl.col("conversation").shift(-1))
    has_status = "status" in rows.columns and rows["status"].null_count() < rows.height
    if not has_status and not rows.select((refused | failed).any()).item():
        return rows.with_columns(pl.lit(None, dtype=pl.String).alias("status"))
    stated = pl.col("status") if has_status else pl.lit(None, dtype=pl.String)
    return rows.with_columns(
        pl.when(refused).then(pl.lit(str(Status.REJECTED))).when(stated.is_null() & failed).then(pl.lit(str(Status.FAILED)))
        .otherwise(stated).alias("status")
    )  # fmt: skip


def _quotes(rows: pl.DataFrame) -> pl.DataFrame:
    named = [c for c in ("reply_to", "quoted_text") if c in rows.columns and rows[c].null_count() < rows.height]
    if not named:
        return pl.DataFrame()
    quoter = pl.col("raw_quoted_sender") if "raw_quoted_sender" in rows.columns else pl.lit(None, dtype=pl.String)
    needed = rows.select(c for c in ("locator", "conversation", *named, "raw_quoted_sender") if c in rows.columns)
    return needed.filter(pl.any_horizontal(pl.col(c).cast(pl.String) != "" for c in named)).select(
        pl.lit(str(WitnessKind.QUOTE)).alias("witness"),
        "locator",
        "conversation",
        *(pl.col(c).alias(n) for c, n in (("reply_to", "message_id"), ("quoted_text", "text")) if c in named),
        quoter.alias("sender"),
    )


def _with_raw(rows: pl.DataFrame) -> pl.DataFrame:
    names = [c for c in rows.columns if c.startswith("raw_") and rows[c].null_count() < rows.height]
    if not names:
        return rows
    raw = json_of_filled(rows.select(pl.col(n).alias(n.removeprefix("raw_")) for n in names))
    if "raw" not in rows.columns:
        return rows.with_columns(raw)
    both = pl.concat_str(pl.col("raw").str.strip_suffix("}"), pl.lit(","), raw.str.strip_prefix("{"))
    return rows.with_columns(pl.coalesce(both, "raw", raw).alias("raw"))
