"""The last steps that rows of every exporter share: times, bodies, notices, ids, raw fields."""

from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from reconcile.column_ops import filled, is_in_rows, none_of
from reconcile.intake.contract import Note, Owner
from reconcile.intake.frames import notes_of
from reconcile.intake.messages.kept_recalls import opened_recalls
from reconcile.intake.messages.naming import is_account
from reconcile.intake.messages.raw_fields import json_of_filled
from reconcile.intake.messages.running_ids import without_running_ids
from reconcile.intake.messages.sending_times import with_times_of_sending
from reconcile.intake.messages.spreadsheet_cells import with_spreadsheet_damage, without_spreadsheet_values
from reconcile.intake.messages.twice_stated import with_contradictions
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
from reconcile.wechat.client_sentences import OWN_RECALL, with_marked_notices
from reconcile.wechat.clock import from_unix, times_of
from reconcile.wechat.kinds import REFUSED_NOTICE, SYSTEM_KINDS, WORD_KINDS
from reconcile.wechat.shown_bodies import FIELDS, shown_fields, spread, words_of

# Above this share, an id's shape is the file's and no chance (1 in 1000 for a rounded id).
_SAME_FORM_SHARE = 0.5
_EXCEL_DIGITS = 15
_LEAST_ID = 10**11
# Facts of a shown body without a column of their own.
_ASIDE = ("title", "quoted_sender", "quoted_at")
_QUOTER = "_quoter"
_VOCABULARIES = {
    "kind": pl.Enum(Kind), "text_quality": pl.Enum(TextQuality), "time_precision": pl.Enum(TimePrecision), "zone_source": pl.Enum(ZoneSource),
    "status": pl.Enum(Status), "conversation_kind": pl.Enum(ConversationKind),
}  # fmt: skip


@dataclass
class Finished:
    """Rows with every column that Messages needs, plus the witnesses and notes found on the way."""

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
    """A part's rows completed; arguments as in `parts.Part`. Order and height stay."""
    notes: list[Note] = []
    rows = _with_place(rows, file, conversation, conversation_kind)
    rows = without_spreadsheet_values(_with_times(rows, timezone, notes))
    if has_seconds:
        rows = with_spreadsheet_damage(rows, file, notes)
    rows = with_marked_notices(rows)
    beside, given, fields = None, None, None
    if is_shown:
        given, fields = rows.select(c for c in FIELDS if c in rows.columns), shown_fields(rows)
        rows, beside = _facts_of_shown_bodies(rows, given, fields)
    rows, recalled = opened_recalls(rows)
    rows, running = without_running_ids(rows, file)
    notes += running
    rows = _without_odd_ids(rows, file, notes)
    rows = _settled(rows, owner, peer)
    rows, contradicting = with_contradictions(with_times_of_sending(rows), given, fields)
    notes += contradicting
    rows = _with_send_status(rows)
    if is_shown:
        words = [str(k) for k in (*WORD_KINDS, *SYSTEM_KINDS)]
        has_stated = "text_quality" in rows.columns and rows["text_quality"].null_count() < rows.height
        shown = pl.when(~pl.col("kind").is_in(words)).then(_word("text_quality", TextQuality.SHOWN))
        rows = rows.with_columns((pl.coalesce("text_quality", shown) if has_stated else shown).alias("text_quality"))
    witnesses = pl.concat([_quote_witnesses(rows), recalled], how="diagonal_relaxed")
    return Finished(with_raw(rows, beside), witnesses, notes)


def _with_place(rows: pl.DataFrame, file: str, conversation: str, kind: ConversationKind | None) -> pl.DataFrame:
    """Add locator, conversation and its kind where a row lacks them."""
    number = pl.col("line") if "line" in rows.columns else pl.int_range(1, pl.len() + 1)
    added: list[pl.Expr] = []
    if "locator" not in rows.columns:
        added.append(pl.format("{}#{}", pl.lit(file), number).alias("locator"))
    # As an enum, a word takes one byte a row, as text sixteen.
    added += [pl.col(n).cast(t) for n, t in _VOCABULARIES.items() if n in rows.columns]
    if "conversation" not in rows.columns:
        added.append(pl.lit(conversation).alias("conversation"))
    if "conversation_kind" not in rows.columns:
        added.append(_word("conversation_kind", kind).alias("conversation_kind"))
    return rows.with_columns(added)


def _facts_of_shown_bodies(
    rows: pl.DataFrame, given: pl.DataFrame, fields: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The shown bodies' facts; a column of the form (`given`) counts before what its body shows.

    The second part holds facts for the raw fields of few rows (`at_row`, and the fact), where no column has them.
    """
    rows = rows.drop(given.columns)
    aside = not given.select(c for c in _ASIDE if c in given.columns).width
    names = [n for n in FIELDS if not aside or n not in ("title", "quoted_at")]
    stated = [n for n in given.columns if given[n].null_count() < rows.height]
    bare = [n for n in names if n not in stated]
    columns = dict(zip(bare, spread(fields, bare, rows.height), strict=True))
    columns |= {n: fill_from_bodies(given[n], fields) for n in stated}
    found = rows.with_columns(*words_of(rows["text"], fields), *(columns[n] for n in names))
    beside = fields.select("at_row", *(c for c in _ASIDE if c in fields.columns)) if aside else None
    return found.rename({n: _QUOTER if n == _ASIDE[1] else f"raw_{n}" for n in _ASIDE if n in names}), beside


def fill_from_bodies(column: pl.Series, fields: pl.DataFrame) -> pl.Series:
    """The column with what bodies show, in rows where it holds nothing. Only these rows are written."""
    name = column.name
    if name not in fields.columns or fields[name].null_count() == fields.height:
        return column
    if column.dtype != fields[name].dtype:
        return pl.select(pl.coalesce(column, *spread(fields, [name], column.len())).alias(name)).to_series()
    places = fields["at_row"]
    few = fields.select("at_row", name).filter(fields[name].is_not_null() & column[places].is_null())
    return column if few.is_empty() else column.clone().scatter(few["at_row"], few[name])


def _with_times(rows: pl.DataFrame, timezone: str | None, notes: list[Note]) -> pl.DataFrame:
    """Add times from Unix seconds or texts, where rows have none; unreadable ones are noted."""
    if "sent_at" in rows.columns:
        return rows
    if "unix" in rows.columns:
        sent_at = from_unix(pl.col("unix"), "s")
        timed = pl.when(sent_at.is_not_null())
        second, unknown = (_word("time_precision", p) for p in (TimePrecision.SECOND, TimePrecision.NONE))
        stated = timed.then(second).otherwise(unknown)
        source = timed.then(_word("zone_source", ZoneSource.UNIX)).otherwise(_word("zone_source", ZoneSource.NONE))
        raw = pl.col("sent_raw") if "sent_raw" in rows.columns else pl.col("unix").cast(pl.String)
        rows = rows.with_columns(
            sent_at.alias("sent_at"), stated.alias("time_precision"), source.alias("zone_source"), raw.alias("sent_raw")
        )
    else:
        rows = rows.with_columns(times_of(rows["sent_raw"], timezone))
    if rows["sent_at"].null_count():
        notes.extend(notes_of(NoteCode.BAD_TIME, rows.filter(pl.col("sent_at").is_null()), excerpt="sent_raw"))
    return rows


def _without_odd_ids(rows: pl.DataFrame, file: str, notes: list[Note]) -> pl.DataFrame:
    """Clear ids that cannot be server ids; damaged and shortened ones are noted."""
    if "message_id" not in rows.columns:
        return rows
    number = rows["message_id"].cast(pl.UInt64, strict=False)
    if number.null_count() == 0 and bool((number >= _LEAST_ID).all()):
        return _without_cut_ids(rows, rows["message_id"], file, notes)
    ids = rows["message_id"].cast(pl.String)
    # Whole numbers of this length need no closer look.
    surely = number.is_not_null() & ids.str.len_bytes().is_between(12, 20) & ~ids.str.starts_with("+")
    unsure = ids.is_not_null() & ~surely.fill_null(value=False)
    places = unsure.arg_true()
    few = ids.filter(unsure).str.strip_chars()
    few = few.set(few.is_in(["", "0"]), None)
    ids = ids.clone().scatter(places, few)
    rows = rows.with_columns(ids)
    odd = few.is_not_null() & ~few.str.contains(r"^[0-9]{12,20}$")
    strange = none_of(ids).scatter(places, odd.fill_null(value=False))
    if strange.any():
        rows = _without_spreadsheet_ids(rows, strange, file, notes)
    return _without_cut_ids(rows, ids.filter(ids.is_not_null() & ~strange), file, notes)


def _without_spreadsheet_ids(rows: pl.DataFrame, strange: pl.Series, file: str, notes: list[Note]) -> pl.DataFrame:
    """Note odd ids; those that a spreadsheet rounded move to raw_message_id."""
    # 6.1169E+18 is a spreadsheet's remainder of nineteen digits, by which nothing can be matched.
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


def _without_cut_ids(rows: pl.DataFrame, ids: pl.Series, file: str, notes: list[Note]) -> pl.DataFrame:
    """Rows whose ids a spreadsheet rounded.

    Ids rounded to a double still match at that precision and stay. Ids cut to 15 digits go.
    """
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
    """System rows lose their sender; a recall's sender comes from its words."""
    rows = rows.with_columns(
        pl.lit(None, dtype=t).alias(n)
        for n, t in (("sender", pl.String), ("sender_name", pl.String), ("is_self", pl.Boolean))
        if n not in rows.columns
    )
    if owner.id or owner.name:
        unsaid = rows["is_self"].is_null()
        if unsaid.any():
            told = _own_by_name(rows["sender"].filter(unsaid), owner)
            rows = rows.with_columns(rows["is_self"].clone().scatter(unsaid.arg_true(), told))
    system = rows["kind"].is_in([str(k) for k in SYSTEM_KINDS])
    if not system.any():
        return rows
    few = _settled_system(rows.select("kind", "text", "sender", "sender_name", "is_self").filter(system), owner, peer)
    # Only changed rows are written, because choosing row by row would copy whole columns.
    places = system.arg_true()
    changed = [n for n in few.columns if not rows[n][places].equals(few[n])]
    return rows.with_columns(rows[n].clone().scatter(places, few[n]) for n in changed)


def _own_by_name(senders: pl.Series, owner: Owner) -> pl.Series:
    """Whether each sender is the owner; null where that is unknown."""
    # A name only proves sameness, because in a group the owner may have another one. An account proves difference,
    # too.
    names = senders.unique().to_list() if owner.id is not None else []
    others = [n for n in names if n and is_account(n)]
    same = pl.col("sender").is_in([n for n in (owner.id, owner.name) if n])
    other = pl.col("sender").is_in(others)
    told = pl.when(same).then(pl.lit(value=True)).when(other).then(pl.lit(value=False))
    return senders.alias("sender").to_frame().select(told.alias("is_self"))["is_self"]


def _settled_system(rows: pl.DataFrame, owner: Owner, peer: str | None) -> pl.DataFrame:
    """Sender and is_self of notices: none for system, the person who recalled for recalls."""
    system, recall = pl.col("kind") == str(Kind.SYSTEM), pl.col("kind") == str(Kind.RECALL)
    own = recall & pl.col("text").str.contains(OWN_RECALL).fill_null(value=False)
    other = recall & ~own & pl.lit(peer is not None)
    return rows.select(
        # Whoever typed the sentence, the row cannot be both the peer's and the owner's.
        pl.when(system).then(None).when(own).then(pl.coalesce(pl.lit(owner.id or owner.name, dtype=pl.String), pl.when(pl.col("sender").ne_missing(pl.lit(peer, dtype=pl.String))).then("sender")))
        .when(other).then(pl.lit(peer, dtype=pl.String)).otherwise("sender").alias("sender"),
        pl.when(~system).then("sender_name").alias("sender_name"),
        pl.when(system).then(None).when(own).then(pl.lit(value=True)).when(other).then(pl.lit(value=False))
        .otherwise("is_self").alias("is_self"),
    )  # fmt: skip


def _with_send_status(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a status where a refusal notice shows that the message was not delivered."""
    has_status = "status" in rows.columns and rows["status"].null_count() < rows.height
    stated = pl.col("status") if has_status else _word("status", None)
    if (refused := _refused(rows)) is not None:
        stated = pl.when(refused).then(_word("status", Status.REJECTED)).otherwise(stated)
    return rows.with_columns(stated.alias("status"))


def _refused(rows: pl.DataFrame) -> pl.Series | None:
    """Which own rows were refused; None where none was."""
    kind = rows["kind"]
    system = kind == str(Kind.SYSTEM)
    own = rows["is_self"].fill_null(value=False) & ~system & (kind != str(Kind.RECALL))
    if "message_id" in rows.columns:
        own &= rows["message_id"].is_null()
    if not (system.any() and own.any()):
        return None
    told = filled(rows["text"].filter(system).str.contains(REFUSED_NOTICE), value=False)
    places = system.arg_true().filter(told)
    places = places.filter(places > 0)
    before = (places - 1).filter(own[places - 1] & (rows["conversation"][places - 1] == rows["conversation"][places]))
    return None if before.is_empty() else is_in_rows(before, rows.height)


def _quote_witnesses(rows: pl.DataFrame) -> pl.DataFrame:
    """The messages that quotes refer to, as witnesses; empty without quotes."""
    named = [c for c in ("reply_to", "quoted_text") if c in rows.columns and rows[c].null_count() < rows.height]
    if not named:
        return pl.DataFrame()
    held = next((c for c in (_QUOTER, "raw_quoted_sender") if c in rows.columns), None)
    quoter = pl.lit(None, dtype=pl.String) if held is None else pl.col(held)
    needed = rows.select(c for c in ("locator", "conversation", *named, held) if c in rows.columns)
    return needed.filter(pl.any_horizontal(pl.col(c).cast(pl.String) != "" for c in named)).select(
        pl.lit(str(WitnessKind.QUOTE)).alias("witness"),
        "locator",
        "conversation",
        *(pl.col(c).alias(n) for c, n in (("reply_to", "message_id"), ("quoted_text", "text")) if c in named),
        quoter.alias("sender"),
    )


def with_raw(rows: pl.DataFrame, beside: pl.DataFrame | None = None) -> pl.DataFrame:
    """One JSON object of each row's raw fields; `beside`: the few rows of `_facts_of_shown_bodies`."""
    if beside is None and _QUOTER in rows.columns:
        rows = rows.rename({_QUOTER: "raw_quoted_sender"})
    names = [c for c in rows.columns if c.startswith("raw_") and rows[c].null_count() < rows.height]
    if names:
        raw = json_of_filled(rows.select(pl.col(n).alias(n.removeprefix("raw_")) for n in names))
        rows = rows.with_columns(_joined(rows["raw"], raw) if "raw" in rows.columns else raw)
    if beside is None or beside.width == 1:
        return rows
    few = beside["at_row"].to_frame().with_columns(json_of_filled(beside.drop("at_row"))).drop_nulls()
    if few.is_empty():
        return rows
    if "raw" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias("raw"))
    both = _joined(rows["raw"].gather(few["at_row"]), few["raw"])
    return rows.with_columns(rows["raw"].clone().scatter(few["at_row"], both))


def _joined(first: pl.Series, second: pl.Series) -> pl.Series:
    """Two objects of each row in one; where one is null the other."""
    frame = pl.DataFrame({"first": first, "second": second})
    either = frame.select(pl.coalesce("first", "second").alias("raw"))["raw"]
    where = first.is_not_null() & second.is_not_null()
    if not where.any():
        return either
    both = pl.concat_str(pl.col("first").str.strip_suffix("}"), pl.lit(","), pl.col("second").str.strip_prefix("{"))
    # Few rows have both, and only these are joined.
    return either.scatter(where.arg_true(), frame.filter(where).select(both.alias("raw"))["raw"])


def _word(column: str, word: StrEnum | None) -> pl.Expr:
    """A word of the column's vocabulary, or none: a byte a row, where a text takes sixteen."""
    return pl.lit(None if word is None else str(word), dtype=_VOCABULARIES[column])
