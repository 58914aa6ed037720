"""Messages from a frame of text fields with known columns: times, kinds, conversations, notes."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from reconcile.column_ops import filled, occurs
from reconcile.errors import UsageError
from reconcile.formats.inferred.direction_words import DIRECTIONS, STATUSES
from reconcile.formats.inferred.fields import HIDDEN
from reconcile.formats.inferred.hints import hint, names_a_party
from reconcile.formats.inferred.people.bare_names import without_shared_words, without_signs
from reconcile.formats.inferred.people.named_accounts import split_accounts
from reconcile.formats.inferred.people.receivers import (
    by_the_client,
    flagged_notices,
    leaves_out_the_owner,
    parties_of,
    with_conversations_by_receiver,
)
from reconcile.formats.inferred.recalled_rows import with_recalls
from reconcile.formats.inferred.times.row_times import parse_time_columns
from reconcile.formats.inferred.times.times_in_lines import remarks_on_eras
from reconcile.formats.inferred.times.zones import zone_of_heading
from reconcile.formats.inferred.words.answers import quotes_as_kind, with_quotations_apart
from reconcile.formats.inferred.words.marks import marked_kinds
from reconcile.intake.contract import Note, Owner, ReadOptions
from reconcile.intake.frames import notes_of
from reconcile.intake.messages.naming import distinct_where
from reconcile.intake.messages.parts import Part
from reconcile.intake.messages.twice_stated import AGAIN
from reconcile.intake.tables.cells import ROW
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.client_sentences import sentence_kind, told_notice
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_eras import count_of_eras
from reconcile.wechat.kind_names import kinds_of_names, kinds_of_type_column, named_or_told
from reconcile.wechat.kinds import MEDIA_KINDS, SYSTEM_KINDS, each_once, kind_from_text
from reconcile.wechat.owner_words import OWN_NAMES, is_client
from reconcile.wechat.payment_words import NOTED_FATE

# A payment as somebody types it into a table: what it is, and its sum with the sign of a currency.
_SUM = r"[0-9][0-9,]*(?:\.[0-9]{1,2})?"
_PAYS = rf"(?:转账|转帐|红包|{NOTED_FATE})"
_TYPED_PAYMENT = rf"^(?:微信)?(?:{_PAYS}{{1,3}}\s?[:：]?\s?[¥￥]\s?{_SUM}元?|(?:{NOTED_FATE}{_PAYS}*|微信(?:转账|红包))\s?{_SUM}元)(?:\s[^\n]{{1,40}}|[（(][^\n（）()]{{1,40}}[）)])?$"
_LEAST_TYPED = 2
# A mark that names a file.
_MARK_OF_FILE = r"^\[[^\[\]\n]{1,12}[:：]\s?[^\[\]\n]{1,200}\.[A-Za-z0-9]{2,5}\]$"
# A type of several kinds, such as `file/link`, and a text that is the name of a file.
_SEVERAL_KINDS, _NAME_OF_FILE = r"[/、|｜]", r"^[^\n/\\]{1,120}\.[A-Za-z0-9]{2,5}$"
# Texts that are no plain words: empty ones, markup, packed values, marks in brackets, addresses and paths.
_NOT_PLAIN = r"^\s*(?:$|[<{\[【(（]|\S+://\S+\s*$|[^\s/\\]*[/\\]\S+\s*$|\P{L}*$)"
# Least share of a column's cells that are words of states, and of texts that are plain words.
_LEAST_STATUSES, _HALF = 0.9, 0.5
# Roles whose cells become a column of Messages.
_PLAIN = {
    "sender": "sender", "sender_name": "sender_name", "id": "message_id", "reply_to": "reply_to", "amount": "amount",
    "media_hash": "media_hash", "file_name": "file_name", "url": "url",
}  # fmt: skip
_NUMBERS: dict[str, type[pl.DataType]] = {"local_id": pl.Int64, "file_size": pl.Int64, "duration": pl.Float64}
_LOOK = 1000
# The foot of a printed page or of a part of a table.
OF_THE_FORM = r"(?i)^\s*[（(\[—\-]*\s*(?:第\s*[0-9一二三四五六七八九十]+\s*页.*|共\s*[0-9]+\s*页.*|page\s+[0-9]+.*|本?页?小计.*|合计.*|[（(]?续(?:上页|下页|表)[)）]?|[接转]下页|承上页)\s*$"


def part_of(
    table: pl.DataFrame,
    columns: Mapping[str, str],
    options: ReadOptions,
    notes: list[Note],
    *,
    source: Path,
    file: str,
    label: str,
    place: str = "",
) -> Part:
    """The Part of a frame of text fields whose columns are explained: role -> column name.

    `label` begins each locator, followed by the row's number. `place` names the conversation where no column does.
    """
    zone = columns.get("timezone") or zone_of_heading(columns["time"]) or options.timezone
    times = parse_time_columns(source, table, columns, zone or ASSUMED_ZONE, assumed=zone is None)
    counted = sum(count_of_eras(table[columns[r]]) for r in ("time", "date") if columns.get(r) in table.columns)
    notes += remarks_on_eras(file, counted)
    table, times, more = _without_titles(table, times, columns, label)
    notes += more
    locator = pl.format("{}{}", pl.lit(label), pl.col(ROW)).alias("locator")
    rows = pl.concat(
        [table.select(locator), times, _facts_of(table, columns), _unread_columns(table, columns)], how="horizontal"
    )
    if "sender" in rows.columns and "sender_name" not in rows.columns and (people := split_accounts(rows["sender"])):
        rows = rows.with_columns(people)
    if conversation := columns.get("conversation"):
        rows = _with_peers(rows, conversation) if "direction" in columns else _with_other_party(rows, columns)
    rows = quotes_as_kind(_with_kinds(with_quotations_apart(rows), table, columns, notes))
    parties = parties_of(table, columns)
    notice = by_the_client(rows, parties) | flagged_notices(table, columns)
    notice &= pl.col("kind").is_in(["text", "other"])
    rows = rows.with_columns(pl.when(notice).then(pl.lit("system")).otherwise("kind").alias("kind"))
    rows = with_recalls(rows.with_columns(told_notice(pl.col("kind"), pl.col("text")).alias("kind")), table, columns)
    notes += _notes_on_rows(rows, table, columns)
    owner = columns.get("owner") or options.owner or _only_own_sender(rows)
    if {"receiver", "sender"} <= set(columns) and "conversation" not in columns:
        rows, owner = with_conversations_by_receiver(rows, table[columns["receiver"]], owner, parties)
    if "conversation" in rows.columns:
        room = pl.col("conversation").str.ends_with("@chatroom")
        rows = rows.with_columns(pl.when(room).then(pl.lit("group")).alias("conversation_kind"))
    # The client is nobody who sends.
    nobody = by_the_client(rows, parties) & pl.col("kind").is_in(SYSTEM_KINDS)
    who = [c for c in ("sender", "sender_name", "is_self") if c in rows.columns]
    rows = rows.with_columns(pl.when(~nobody).then(c).alias(c) for c in who)
    return Part(
        rows,
        file,
        conversation=place,
        title=place or None,
        timezone=zone if zone != options.timezone else columns.get("timezone"),
        owner=Owner(id=owner),
        notes=notes,
    )


def _with_peers(rows: pl.DataFrame, conversation: str) -> pl.DataFrame:
    """The rows with the named other party as sender of what came in, in chats without senders."""
    if hint(conversation, "conversation") > 0:
        return rows
    if "sender" not in rows.columns:
        if "sender_name" in rows.columns:
            rows = rows.with_columns(pl.when(~pl.col("is_self")).then("sender_name").alias("sender_name"))
        rows = rows.with_columns(pl.lit(None, pl.String).alias("sender"))
    nobody = pl.col("sender").is_null().all().over("conversation")
    return rows.with_columns(
        pl.when(~pl.col("is_self") & nobody).then("conversation").otherwise("sender").alias("sender")
    )


def _with_other_party(rows: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """The rows without a sender as sent by the other party, where that is whom the chats are named after.

    Where the only senders are those, as sent by the owner.
    """
    conversation, chat = columns["conversation"], pl.col("conversation")
    if "sender" in columns and leaves_out_the_owner(rows["sender"], rows["conversation"]):
        return rows.with_columns(pl.col("sender").is_null().alias("is_self"))
    if "sender" not in columns or not names_a_party(conversation):
        return rows
    is_apart = ~(chat.is_in(pl.col("sender").implode()).any())
    return rows.with_columns(
        pl.when(is_apart)
        .then(pl.coalesce(pl.col("sender").replace("", None), chat))
        .otherwise("sender")
        .alias("sender")
    )


def _without_titles(
    table: pl.DataFrame, times: pl.DataFrame, columns: Mapping[str, str], label: str
) -> tuple[pl.DataFrame, pl.DataFrame, list[Note]]:
    """The rows that are no titles, days, totals or remarks of the form, and a note on each of the others.

    Such a row has no readable time, no sender and no words; at an end of the table it may have words.
    """
    people = [c for r in ("sender", "sender_name", "direction") if (c := columns.get(r)) in table.columns]
    if not people or times["sent_at"].null_count() in (0, times.height):
        return table, times, []
    unread = times["sent_at"].is_null()
    known = {*DIRECTIONS, *(k.removeprefix("direction:").lower() for k in columns if k.startswith("direction:"))}
    named = [
        pl.col(c).str.strip_chars().str.to_lowercase().is_in([*known]) if c == columns.get("direction") else pl.col(c).is_not_null()
        for c in people
    ]  # fmt: skip
    bare = unread & ~table.select(pl.any_horizontal(named).fill_null(value=False)).to_series()
    at, timed = pl.int_range(table.height, eager=True), (~unread).arg_true()
    # A second row of headings says how the times below it are written.
    heading = unread & (at < timed[0]) & times["sent_raw"].str.contains(r"^[^0-9]*\p{L}[^0-9]*$").fill_null(value=False)
    whole = (~(bare | heading)).arg_true()
    said = table[columns["text"]]
    of_form = said.is_null() | said.str.contains(OF_THE_FORM).fill_null(value=False)
    gone = heading | bare & (of_form | (at < whole[0]) | (at > whole[-1]))
    words = pl.concat_str([pl.col(c) for c in table.columns if c != ROW], separator=" ", ignore_nulls=True)
    notes = []
    # A row that has words may be a message that lost its time and sender.
    for code, rows in ((NoteCode.LINE_OUTSIDE, of_form & ~heading), (NoteCode.ROW_SKIPPED, heading | ~of_form)):
        lost = table.filter(gone & rows).select(
            pl.format("{}{}", pl.lit(label), pl.col(ROW)).alias("locator"), words.alias("words")
        )
        notes += notes_of(code, lost, excerpt="words")
    return table.filter(~gone), times.filter(~gone), notes


def _only_own_sender(rows: pl.DataFrame) -> str | None:
    """The one sender of the owner's rows; null where others have it and for a word such as 我."""
    if not {"is_self", "sender"} <= set(rows.columns):
        return None
    own = distinct_where(rows, "sender", pl.col("is_self"))
    others = rows.select(pl.col("sender").filter(~pl.col("is_self")))["sender"]
    return own[0] if len(own) == 1 and own[0] not in OWN_NAMES and not bool((others == own[0]).any()) else None


def _facts_of(table: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """The chosen columns under their roles; raises UsageError if no direction is understood."""
    # A mark alone stands where the words had an attachment.
    text = pl.col(columns["text"]).fill_null("")
    chosen: list[pl.Expr | pl.Series] = [
        pl.when(text.str.contains("^[\\s\ufffc]*\ufffc[\\s\ufffc]*$")).then(pl.lit("")).otherwise(text).alias("text")
    ]
    bare = {n: _bare(table[columns[r]]) for r, n in _PLAIN.items() if r in columns}
    chosen += [(without_signs(without_shared_words(c)) if n == "sender" else c).alias(n) for n, c in bare.items()]
    chosen += [pl.col(columns[r]).cast(t, strict=False).alias(r) for r, t in _NUMBERS.items() if r in columns]
    if "conversation" in columns:
        chosen.append(pl.col(columns["conversation"]).fill_null("").alias("conversation"))
    if "direction" in columns:
        own = {
            k.removeprefix("direction:").lower(): v == "self" for k, v in columns.items() if k.startswith("direction:")
        }
        if (
            len(own) == 1
            and len(other := {w.strip().lower() for w in table[columns["direction"]].drop_nulls().unique()} - {*own})
            == 1
        ):
            # Of two words, one that is stated tells the other.
            own |= {other.pop(): not next(iter(own.values()))}
        words = {**DIRECTIONS, **own}
        said = each_once(
            table[columns["direction"]],
            lambda some: (
                some.str.strip_chars()
                .str.to_lowercase()
                .replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.Boolean)
            ),
        )
        if said.null_count() == said.len() and (unknown := table[columns["direction"]].drop_nulls()).len():
            shown = " / ".join(sorted(unknown.unique().to_list())[:4])
            raise UsageError(
                "--columns",
                f"--columns: no word of {columns['direction']} is a known direction ({shown}); state them under [direction] of a file",
            )
        chosen.append(said.alias("is_self"))
    elif "sender" in columns:
        chosen.append(_in_the_first_person(table[columns["sender"]]).alias("is_self"))
    if "status" in columns and (status := _statuses(table[columns["status"]])) is not None:
        chosen.append(status.alias("status"))
    return table.select(chosen)


def _statuses(cells: pl.Series) -> pl.Series | None:
    """What a column says of sending; None where it speaks of something else."""
    words = cells.str.to_lowercase().str.replace_all(r"[\s_\-]", "")
    filled = words.filter(words.fill_null("") != "")
    if not len(filled) or float(filled.is_in(list(STATUSES)).mean()) < _LEAST_STATUSES:  # type: ignore[arg-type]
        return None
    return words.replace_strict(list(STATUSES), list(STATUSES.values()), default=None, return_dtype=pl.String)


def _in_the_first_person(senders: pl.Series) -> pl.Series:
    """Whether a sender printed in the first person sent a row; null where that is open.

    Of two who speak, the other is the other party. Without a first person, the owner's name decides later.
    """
    own = senders.is_in(OWN_NAMES)
    client = senders.to_frame("name").select(is_client(pl.col("name"))).to_series()
    speaks = senders.is_not_null() & (senders != "") & ~client
    is_of_two = bool(own.any()) and senders.filter(speaks).n_unique() == 2
    known = speaks if is_of_two else own
    return own.set(~filled(known, value=False), None)


def _bare(cells: pl.Series) -> pl.Series:
    """The cells without blanks around them; a column of a few words that have none is left as it is."""
    if cells.head(_LOOK).n_unique() < _LOOK // 10:
        words = cells.unique()
        if words.str.strip_chars().equals(words):
            return cells
    return cells.str.strip_chars()


def _unread_columns(table: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Every column without a role, or whose words say more than the role reads, as raw_*.

    One that seems to state a time or a person once more is also handed on as `again_*`. What a row keeps depends on no
    other row.
    """
    kept = ("kind", "direction", "status", "deleted", "receiver")
    used = {columns[r] for r in columns if r not in kept and ":" not in r}
    rest = [c for c in table.columns if c != ROW and c not in used and table[c].null_count() < table.height]
    again = [
        pl.col(c).alias(f"{AGAIN}{quantity}_{c}")
        for role, quantity in (("time", "time"), ("sender", "person"))
        for c in rest
        if hint(c, role) > 0 and c not in columns.values()
    ]
    unseen = [pl.col(c).alias(f"{AGAIN}shown") for c in rest if c == HIDDEN]
    return table.select(*(pl.col(c).alias(f"raw_{c}") for c in rest), *again, *unseen)


def _typed_payments(text: pl.Series, shown: pl.Series) -> pl.Series:
    """The kind of payments typed without brackets, where no row has such a payment in brackets."""
    if not occurs("[¥￥元]", text):
        return shown
    paid = text.str.contains(_TYPED_PAYMENT).fill_null(value=False)
    if int(paid.sum()) < _LEAST_TYPED:
        return shown
    is_packet, in_brackets = text.str.contains("红包", literal=True), text.str.contains(r"^\s*[\[【]")
    for kind, typed in ((Kind.TRANSFER, paid & ~is_packet), (Kind.RED_PACKET, paid & is_packet)):
        if not ((shown == str(kind)) & in_brackets).any():
            shown = shown.fill_null(shown.set(typed, str(kind)))
    return shown


def _with_kinds(rows: pl.DataFrame, table: pl.DataFrame, columns: Mapping[str, str], notes: list[Note]) -> pl.DataFrame:
    """Add kind by the kind column, or by placeholders and sentences without one."""
    marks = marked_kinds(rows["text"])
    if marks["file_name"].count():
        stated = rows["file_name"] if "file_name" in rows.columns else pl.lit(None, dtype=pl.String)
        # As of a file beside a client's own words, its name is what the row shows.
        text = pl.coalesce(marks["file_name"], "text").alias("text")
        rows = rows.with_columns(pl.coalesce(stated, marks["file_name"]).alias("file_name"), text)
    if "kind" not in columns:
        shown = pl.coalesce(kind_from_text(pl.col("text")), pl.lit(marks["kind"]))
        typed = _typed_payments(rows["text"], rows.select(shown.alias("kind"))["kind"])
        if "amount" in columns and not table[columns["amount"]].null_count():
            # A list of payments, with a sum in each row.
            return rows.with_columns(typed.fill_null(str(Kind.TRANSFER)).alias("kind"))
        # What states an amount beside its words is no plain text.
        paid = pl.col("amount").is_not_null() if "amount" in columns else pl.lit(value=False)
        bare = pl.when(paid | (pl.col("text") == "")).then(pl.lit("other")).otherwise(pl.lit("text"))
        return rows.with_columns(pl.coalesce(typed, sentence_kind(pl.col("text")), bare).alias("kind"))
    words = table[columns["kind"]].alias("word")
    own = {k.removeprefix("kind:"): v for k, v in columns.items() if k.startswith("kind:")}
    rows = rows.with_columns(words, kinds_of_type_column(words).alias("named"))
    if own:
        told = pl.col("word").replace_strict(list(own), list(own.values()), default=None, return_dtype=pl.String)
        rows = rows.with_columns(pl.coalesce(told, "named").alias("named"))
    # One word in every row describes the whole export, not the kind of a row, where it is unknown or texts are words.
    if rows["word"].drop_nulls().n_unique() == 1 and (
        rows["named"].null_count() == rows.height or _are_words_of_media(rows)
    ):
        rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in ("word", "named"))
    unknown = rows.filter(pl.col("named").is_null() & pl.col("word").is_not_null())
    notes.extend(notes_of(NoteCode.UNKNOWN_KIND, unknown, excerpt="word", most=10))
    kind = named_or_told(_without_loose(rows), rows["text"], kind_from_text(pl.col("text"))).fill_null(marks["kind"])
    # A number that is no kind says nothing against plain words.
    is_plain = rows["word"].str.contains(r"^\s*-?[0-9]+\s*$") & ~rows["text"].str.contains(_NOT_PLAIN)
    is_text = kind.is_null() & (rows["word"].is_null() | is_plain.fill_null(value=False))
    kind = kind.fill_null(rows["named"]).set(is_text, "text").fill_null("other")
    rows = rows.with_columns(kind.alias("kind")).drop("named", "word")
    return rows.with_columns(told_notice(pl.col("kind"), pl.col("text")).alias("kind"))


def _are_words_of_media(rows: pl.DataFrame) -> bool:
    """Whether all rows are called pictures, clips or files, and most state words, not the name of one."""
    called, other = rows["named"].is_in([*map(str, MEDIA_KINDS)]), f"{_NOT_PLAIN}|{_NAME_OF_FILE}"
    return bool(called.all()) and float((~rows["text"].str.contains(other)).mean() or 0) > _HALF  # type: ignore[arg-type]


def _without_loose(rows: pl.DataFrame) -> pl.Series:
    """The kinds that a column names, without those that the text tells better.

    That is a type of several kinds; a text, where the column names no kind but text and notices; and one that is the mark
    of a named file of a kind that the column names nowhere.
    """
    named, text = rows["named"], rows["text"].str.strip_chars()
    marks = text.set(~filled((named == str(Kind.TEXT)) & text.str.contains(_MARK_OF_FILE), value=False), None)
    if marks.count():
        told = marks.to_frame("text").select(kind_from_text(pl.col("text")).alias("kind"))["kind"]
        named = named.set(told.is_not_null() & ~told.is_in(named.drop_nulls().unique().to_list()), None)
    if named.drop_nulls().is_in([str(Kind.TEXT), *map(str, SYSTEM_KINDS)]).all():
        named = named.set((named == str(Kind.TEXT)).fill_null(value=False), None)
    is_loose = rows["word"].str.contains(_SEVERAL_KINDS).fill_null(value=False) & kinds_of_names(rows["word"]).is_null()
    at = is_loose.arg_true()
    few = text[at]
    told = kinds_of_names(few).set(few.str.contains(_NAME_OF_FILE).fill_null(value=False), str(Kind.FILE))
    return named.clone().scatter(at, told) if at.len() else named


def _notes_on_rows(rows: pl.DataFrame, table: pl.DataFrame, columns: Mapping[str, str]) -> list[Note]:
    """Notes on unreadable times, cells changed by a spreadsheet, and unclear directions."""
    notes = notes_of(NoteCode.BAD_TIME, rows.filter(pl.col("sent_at").is_null()), excerpt="sent_raw")
    coerced = rows.filter(pl.col("text").is_in(["TRUE", "FALSE", "#NAME?", "#VALUE!", "#REF!"]))
    notes += notes_of(NoteCode.COERCED_CELL, coerced, excerpt="text", most=10)
    if "direction" in columns:
        of_nobody = pl.col("is_self").is_null() & pl.col("word").is_not_null()
        unclear = rows.with_columns(table[columns["direction"]].alias("word")).filter(
            of_nobody, ~pl.col("kind").is_in([*map(str, SYSTEM_KINDS)])
        )
        notes += notes_of(NoteCode.ODD_VALUE, unclear, excerpt="word", most=10)
    return notes
