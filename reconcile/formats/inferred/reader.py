"""Any export that holds time, sender and text, in a form that no other reader knows.

Producer: unknown. Container: JSON of any nesting, JSON lines, CSV of any separator, spreadsheets, Markdown, HTML, text.
Encoding: UTF-8, UTF-16, old ones by their letters. Time zone: an offset in the values, the zone the user names, else Asia/Shanghai assumed and noted.
Cannot say: what its maker left out; kinds of which not one row stands in it are unknown. Which field is what is inferred from the
values and stated; where they do not decide, nothing is read until the user does.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import polars as pl

from reconcile.column_ops import distinct, occurs, present
from reconcile.errors import LimitExceeded, UnreadableSource, UsageError
from reconcile.formats.inferred.attached import callers, kinds_of_columns, words_of_actions
from reconcile.formats.inferred.audit import notes_on, require_sound
from reconcile.formats.inferred.bare_texts import bare_texts
from reconcile.formats.inferred.candidates import Candidate, chosen, is_sure, numbered, question_of, ranked
from reconcile.formats.inferred.chats_of_lists import chats_of_lists
from reconcile.formats.inferred.columns import columns_beside
from reconcile.formats.inferred.confirmed import confirmed_plans
from reconcile.formats.inferred.containers import is_document
from reconcile.formats.inferred.escapes import with_plain_words
from reconcile.formats.inferred.events import with_notices_as_words, with_time_or_text
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.file_plans import LEFT, MOST_FILES, REFUSED, UNREAD, lists_by_file, plans_of
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import Inferred, question
from reconcile.formats.inferred.people.chat_names import join_numbered, with_both_sides, without_copies
from reconcile.formats.inferred.people.receivers import by_the_client, parties_of, with_members_of_rooms
from reconcile.formats.inferred.plan import Plan
from reconcile.formats.inferred.platforms import FROM_SERVERS, RECALLED_IN_PLACE, Platform, kinds_of, platform_of
from reconcile.formats.inferred.rows import part_of
from reconcile.formats.inferred.scores import infer
from reconcile.formats.inferred.tables.from_table import unread_tables
from reconcile.formats.inferred.text.time_bars import note_on_bars
from reconcile.formats.inferred.told_elsewhere import with_bodies, with_kinds_of_objects, with_named_objects
from reconcile.formats.inferred.unread_rows import (
    require_all_documents,
    require_all_times,
    require_each_row,
    require_halves,
    require_times,
)
from reconcile.formats.inferred.words.marks import NAME_IN_PATH, NAME_OF_LINK, named_file
from reconcile.formats.shared.completeness import Statements, statements
from reconcile.intake.checks.outside_words import without_outside_words
from reconcile.intake.contract import Claim, FormLimits, Note, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.messages.naming import distinct_of
from reconcile.intake.messages.parts import Part, reading_of_parts
from reconcile.intake.source import Source
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.kinds import PAYMENT_KINDS, RECALL_NOTICE, SYSTEM_KINDS

_COUNT = lazy_pattern(
    r"(?i)^(?:total_?)?(?:messages?_?)?(?:count|total)$|^(?:total_?messages?|messagecount|msg_?count)$"
)
# Key of the readings that nothing contradicts.
_RANKED = "inferred readings"
_OWN_FIELDS = frozenset(
    {"selfuid", "selfuin", "selfid", "ownerid", "owner", "self", "myid", "me", "account", "accountid", "wxid"}
)


class InferredForm(Form, form="inferred"):
    """Reader of exports of unknown make. It never competes: it is asked where nobody else claims a source."""

    is_fallback = True

    def sniff(self, source: Source) -> Claim:
        """Likely, never more, where some list of rows has fields that read as time, sender and text.

        Asked last of all readers, it raises LimitExceeded where nothing is found and a file was too large to look
        at, UnreadableSource where a workbook or JSON is damaged.
        """
        if columns_beside(source):
            return Claim("likely", "a form whose columns a TOML file beside it explains")
        plans = plans_of(source)
        unread = source.memo.pop(UNREAD, None)
        if not plans and isinstance(unread, LimitExceeded | UnreadableSource):
            raise unread
        source.memo[self.name] = plans
        # A document is often an excerpt: it is an export only where nothing has to be asked.
        are_documents = any(is_document(source, f) for f in source.files)
        if not plans or (are_documents and not plans[0].inferred.is_clear):
            # Lines of a table that lost its cells are no messages.
            found = [] if REFUSED in source.memo else self._ranked(source, ReadOptions(limits=source.limits), plans)
            if is_sure(found, plans) or (found and not are_documents):
                return Claim("likely", f"{found[0].messages} messages of one template")
            return Claim("none", "looked for rows whose fields read as time, sender and text")
        return Claim("likely", f"rows whose fields read as {plans[0].inferred.spelled()}")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """The messages of all lists with one structure, by the user's mapping or the inferred one.

        Raises UsageError where a needed field stays unclear, with the readings that nothing contradicts.
        """
        looked: list[Plan] | None = source.memo.pop(self.name, None)  # type: ignore[assignment]
        told = options.columns or columns_beside(source)
        if number := told.get("reading"):
            found = self._ranked(source, options, looked or plans_of(source))
            return self._read(source, options, chosen(found, number, told), told)
        plans = (
            with_plain_words(confirmed_plans(source, told, MOST_FILES), told) if told else looked or plans_of(source)
        )
        try:
            return self._read(source, options, plans, told)
        except (UsageError, UnreadableSource) as refused:
            if told:
                raise
            found = self._ranked(source, options, plans)
            if is_sure(found, plans):
                return self._read(source, options, numbered(found[0].plans, 1), told)
            raise question_of(refused, source, plans, found) from None

    def _ranked(self, source: Source, options: ReadOptions, plans: Sequence[Plan]) -> list[Candidate]:
        """The readings that nothing contradicts, the likeliest first."""
        if _RANKED not in source.memo:
            bare = replace(options, columns={})
            source.memo[_RANKED] = ranked(source, plans, lambda told: self._read(source, bare, told, {}))
        return source.memo[_RANKED]  # type: ignore[return-value]

    def _read(self, source: Source, options: ReadOptions, plans: Sequence[Plan], told: Mapping[str, str]) -> Reading:
        """The messages by these plans. Raises UsageError where they leave something open or do not fit."""
        if not plans:
            raise UnreadableSource(source.path, f"{source.path}: no rows whose fields read as time, sender and text")
        if options.timezone:
            plans = [Plan(p.fields, p.inferred.without_doubt("timezone")) for p in plans]
        first, left = plans[0], source.memo.pop(LEFT, [])
        if not told and not first.inferred.is_clear:
            raise question(source.path, first.inferred, first.fields.frame)
        read = [_list_part(source, p, options, at) for p, at in zip(plans, chats_of_lists(source, plans), strict=True)]
        parts = join_numbered(without_copies([p for p, _ in read]))
        chats = [distinct_of(p.rows["conversation"]) if "conversation" in p.rows.columns else [] for p, _ in read]
        if not told:
            parts[0].notes.append(Note(NoteCode.COLUMN_GUESSED, first.fields.file, first.inferred.spelled(), said=True))
        parts[0].notes += unread_tables(source, {p.fields.label for p in plans})
        if not told:
            require_all_times(source, plans)
            require_all_documents(source, plans)
            require_each_row(source, parts, left)  # type: ignore[arg-type]
        zone, owner = told.get("timezone") or options.timezone, told.get("owner") or options.owner
        reading = reading_of_parts(self, parts, replace(options, timezone=zone, owner=owner))
        require_times(source, reading, is_told=bool(told))
        if not told:
            require_halves(source, reading)
            # What is later taken out of the words contradicts nothing.
            whole = without_outside_words(reading, source)
            require_sound(whole, first.inferred, source=source.path, is_text=first.fields.is_text)
        else:
            odd = notes_on(reading, file=first.fields.file, is_text=first.fields.is_text)
            reading = replace(reading, notes=(*reading.notes, *odd))
        present = {Kind(k) for k in reading.messages["kind"].unique().to_list()}
        unknown, absent = frozenset(set(Kind) - present - {Kind.TEXT, *SYSTEM_KINDS}), set(SYSTEM_KINDS) - present
        if present <= {*PAYMENT_KINDS} and "amount" in first.inferred.columns:
            # A list of payments has no place for anything else.
            unknown, absent = frozenset({*PAYMENT_KINDS} - present), set(Kind) - {*PAYMENT_KINDS}
        are_bars = any(n == note_on_bars(n.locator) for n in reading.notes)
        limits = FormLimits(
            kinds_absent=frozenset(absent), kinds_unknown=unknown, ambiguous_headers=first.fields.is_text, times_above_groups=are_bars,
            is_resaved=reading.facts.limits.is_resaved, holds_only_delivered=reading.facts.tool_version in FROM_SERVERS,
            recalls_in_place=reading.facts.tool_version in RECALLED_IN_PLACE,
        )  # fmt: skip
        said = (s.declared(c or [p.conversation]) for (p, s), c in zip(read, chats, strict=True))
        declared = (*reading.facts.declared, *dict.fromkeys(d for some in said for d in some))
        tool = reading.facts.tool_version
        return replace(
            reading, facts=replace(reading.facts, tool=tool, tool_version=None, limits=limits, declared=declared)
        )


def may_hold_messages(source: Source) -> bool:
    """Whether rows that leave something open name their words or say who wrote them. Never raises."""
    inferred = (p.inferred for p in plans_of(source))
    return any(
        ("sender" in i.choices and "sender" not in i.doubts)
        or ("text" in i.choices and hint(i.choices["text"].column, "text") > 0)
        for i in inferred
    )


def proposed(source: Source) -> tuple[Inferred, Fields] | None:
    """The mapping to confirm, and its rows; None without rows. Never raises."""
    if plans := plans_of(source):
        return plans[0].inferred, plans[0].fields
    held = [f for lists in lists_by_file(source).values() for f in lists]
    longest = max(held, key=lambda f: f.frame.height, default=None)
    return None if longest is None else (infer(longest), longest)


def offered(source: Source, options: ReadOptions) -> list[Candidate]:
    """The readings to choose from by number; none where only the proposed mapping is asked about."""
    found = InferredForm()._ranked(source, options, plans_of(source))
    return [] if found and found[0].is_clearest and found[0].answers else found


def _stated_own_sender(beside: Mapping[str, str], senders: pl.Series) -> str | None:
    """The sender that the export states to be its own account; None where none or several are stated."""
    named = {v for k, v in beside.items() if k.rpartition(".")[2].replace("_", "").lower() in _OWN_FIELDS}
    found = named & {*distinct(present(senders))}
    return found.pop() if len(found) == 1 else None


def _with_platform_kinds(rows: pl.DataFrame, platform: Platform | None, parties: Collection[str]) -> pl.DataFrame:
    """The rows with the platform's kinds, notices without a sender, and marks for omitted bodies."""
    rows = with_notices_as_words(rows if platform is None else kinds_of(platform, rows))
    who = [pl.col(c).is_null() for c in ("sender", "is_self") if c in rows.columns]
    nobody = pl.all_horizontal(who) if who else pl.lit(value=False)
    nobody |= by_the_client(rows, parties)
    recall = pl.col("text").str.contains(RECALL_NOTICE)
    plain = pl.col("kind").is_in(["text", "other"])
    # Few chats hold a path, and to compile what finds one takes as long as all else here.
    nothing, has_paths = pl.lit(None, dtype=pl.String), occurs(r"[/\\]", rows["text"])
    stored = named_file(pl.col("text")) if has_paths else nothing
    media = pl.lit(kinds_of_columns(rows))
    kind = (
        pl.when(plain & media.is_not_null()).then(media)
        .when(plain & stored.is_not_null()).then(stored)
        .when(plain & nobody & recall).then(pl.lit("recall"))
        .when(plain & nobody).then(pl.lit("system"))
        .when(plain & (pl.col("text") == "")).then(pl.lit("other"))
        .otherwise("kind")
    )  # fmt: skip
    named = pl.coalesce(pl.col("text").str.extract(NAME_OF_LINK, 1), pl.col("text").str.extract(NAME_IN_PATH, 1))
    # Each device stores a file in folders of its own.
    shown = pl.when(plain & (stored == str(Kind.FILE))).then(named) if has_paths else nothing
    given = pl.col("file_name") if "file_name" in rows.columns else nothing
    names = (pl.coalesce(given, shown).alias("file_name"), pl.coalesce(shown, "text").alias("text"))
    rows = rows.with_columns(pl.when(shown.is_not_null()).then("text").alias("raw_path"), kind.alias("kind"), *names)
    bare = (pl.col("kind") == str(Kind.SYSTEM)) & (pl.col("text") == "")
    rows = rows.with_columns(pl.coalesce(pl.when(bare).then(words_of_actions(rows)), "text").alias("text"))
    if "sender" not in rows.columns:
        return rows
    unnamed = (pl.col("kind") == str(Kind.CALL)) & pl.col("sender").is_null()
    return rows.with_columns(pl.when(unnamed).then(callers(rows)).otherwise("sender").alias("sender"))


def _stated_count(beside: Mapping[str, str]) -> int | None:
    """The number of messages that the export states; None where it states none."""
    counted = [v for k, v in beside.items() if _COUNT.match(k.rpartition(".")[2]) and v.isdigit() and len(v) < 10]
    return max(map(int, counted), default=None)


def _list_part(source: Source, plan: Plan, options: ReadOptions, place: str) -> tuple[Part, Statements]:
    """The part of one list, and what is stated beside it; `place` names its chat (empty = only list)."""
    fields, columns = plan.fields, plan.inferred.columns
    notes = list(fields.notes)
    frame, more = with_time_or_text(fields.frame, columns, fields.file)
    notes += more
    if (text := columns.get("text")) in frame.columns:
        frame = with_named_objects(frame, text)
        frame = frame.with_columns(bare_texts(frame[text], text).alias(text))
    part = part_of(
        frame, columns, options, notes, source=source.path, file=fields.file, label=fields.label, place=place,
    )  # fmt: skip
    rows = with_both_sides(with_members_of_rooms(part.rows), fields.beside)
    part.rows = with_kinds_of_objects(with_bodies(rows, options.limits, has_kinds="kind" in columns))
    platform = platform_of(fields, part.rows["text"])
    part.rows = _with_platform_kinds(part.rows, platform, parties_of(frame, columns))
    if platform is not None:
        part.tool_version = platform.name
    said = statements(fields.beside, part.rows.height)
    part.notes += said.notes(fields.file)
    part.stated_count = _stated_count(fields.beside)
    own = part.conversation if place and "conversation" not in part.rows.columns else None
    part.filters = said.filters(part.rows, own)
    if part.owner.id is None and "sender" in part.rows.columns:
        part.owner = replace(part.owner, id=_stated_own_sender(fields.beside, part.rows["sender"]))
    if fields.people and "sender" in part.rows.columns:
        senders = set(part.rows["sender"].unique().drop_nulls().to_list())
        part.contacts += [{"id": k, "nickname": v} for k, v in fields.people.items() if k in senders]
    return part, said
