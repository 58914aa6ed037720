"""chatlog text: the saved answer of /api/v1/chatlog in plain form, or what an assistant was given.

Producer: chatlog (sjzar/chatlog), Message.PlainText. Container: blocks `name(account) time`, the body, an empty line; the
account is 我 for the owner; one version writes the sort number in brackets behind the account; with several talkers the
room stands in brackets before the time. Encoding: UTF-8. Time zone: none stated; local time of the server, to the second.
Cannot say: server ids; the year where the answer covers one year, the day where it covers one day; a message that holds a
line shaped like a heading; direct chats of several talkers apart.
"""

from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.chatlog.rows import SYSTEM_SENDER, chatlog_rows
from reconcile.intake.contract import Note, Owner, ReadOptions, remarks, shorten_notes
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.naming import ACCOUNT, distinct_where
from reconcile.intake.messages.parts import Part
from reconcile.intake.messages.twice_stated import AGAIN
from reconcile.intake.source import Source
from reconcile.intake.text.decode import head_text
from reconcile.intake.text.lines import (
    blocks_of,
    control_notes,
    leading_note,
    lines_of,
    missing_end_note,
    out_of_order,
)
from reconcile.intake.text.near_headings import near_headings
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import ConversationKind, NoteCode
from reconcile.wechat.clock import times_of

_WHO = rf"(?:(?P<name>[^>\s][^\n]*?)?\((?P<account>我|{ACCOUNT})\)|(?P<bare>我|{SYSTEM_SENDER}|{ACCOUNT}))"
_SEQ = r"(?: \[(?P<seq>[0-9]+)\])?"
_ROOM = rf"(?: \[(?:(?P<room_name>[^\n]*)\((?P<room>{ACCOUNT})\)|(?P<bare_room>{ACCOUNT}))\])?"
HEADER = rf"^{_WHO}{_SEQ}{_ROOM} (?P<day>(?:[0-9]{{4}}-)?[0-9]{{2}}-[0-9]{{2}} )?(?P<clock>[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}})$"
_ACCOUNT_AND_DATE = r"^[^>\s].{0,80}\([A-Za-z0-9_-]{6,}\) \S*\d\S*-.*\d\d:\d\d$"
_HEADER = lazy_pattern(HEADER)
_WHOLE_DAY = len("2024-03-01")
_YEAR = lazy_pattern(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_DATE = lazy_pattern(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


class ChatlogText(FileReader, form="chatlog_text"):
    """Reader of chatlog's plain text."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the first line that is not empty is a heading, with a body below it."""
        lines = head_text(source, file).lstrip("\r\n ").splitlines()
        return len(lines) > 1 and _HEADER.match(lines[0]) is not None and _HEADER.match(lines[1]) is None

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One saved answer."""
        name = source.relative(file)
        lines, notes = lines_of(source, file)
        is_header, typed = _headers(lines, name)
        # A quoted row has its own heading and a sign before each line; a sign before a single line quotes nothing.
        signed = lines.str.starts_with(">")
        quoted = (
            (signed & (signed.shift(-1, fill_value=False) | signed.shift(1, fill_value=False))).arg_true().to_list()
        )
        noted = {int(place) - 1 for n in typed if (place := n.locator.rpartition("#")[2]).isdigit()} | set(quoted)
        typed += near_headings(lines, is_header.arg_true(), name, noted=noted, mark=_ACCOUNT_AND_DATE)
        blocks = blocks_of(lines, is_header)
        if blocks.is_empty():
            raise UnreadableSource(source.path, f"{file}: no line `name(account) time`; expected chatlog's text")
        rows = _message_rows(blocks)
        rows, more = _with_dates(rows, file, name, options)
        notes += [
            *more,
            *typed,
            *leading_note(lines, is_header, name),
            *control_notes(lines, name),
            *missing_end_note(lines, name),
        ]
        return _chat_part(rows, name, notes)


def _message_rows(blocks: pl.DataFrame) -> pl.DataFrame:
    """Split the headings of messages into name, account, room, day and time."""
    parts = blocks["header"].str.extract_groups(HEADER).struct.unnest()
    return blocks.select(
        "line",
        pl.col("body").str.strip_suffix("\n").alias("text"),
        parts["name"].alias("sender_name"),
        pl.coalesce(parts["account"], parts["bare"]).alias("sender"),
        pl.coalesce(parts["room"], parts["bare_room"]).alias("room"),
        parts["room_name"],
        parts["day"].str.strip_chars_end(),
        parts["clock"],
        # The unix second followed by three digits, as in the JSON form.
        pl.Series(f"{AGAIN}time", parts["seq"].cast(pl.Int64, strict=False), dtype=pl.Int64),
    )


def _with_dates(rows: pl.DataFrame, file: Path, name: str, options: ReadOptions) -> tuple[pl.DataFrame, list[Note]]:
    """The rows with `sent_raw`.

    Where the file leaves out the year or the day, one that the user states, the one that whole times before and behind
    bear, or one in the file's name takes that place; without one the row has no time.
    """
    day, size = pl.col("day"), pl.col("day").str.len_chars().fill_null(0)
    of_day = next(iter(days)) if len(days := {"-".join(d) for d in _DATE.findall(file.stem)}) == 1 else None
    of_file = next(iter(years)) if len(years := set(_YEAR.findall(file.stem))) == 1 else None
    stated = options.columns.get("year", of_file)
    whole = pl.when(size == _WHOLE_DAY).then(day.str.head(4))
    around = whole.forward_fill(), whole.backward_fill()
    between = pl.when(pl.coalesce(around) == pl.coalesce(around[::-1])).then(pl.coalesce(around))
    year = pl.coalesce(between, pl.lit(stated, dtype=pl.String))
    told = (
        pl.when(size == _WHOLE_DAY).then(day)
        .when(day.is_not_null()).then(pl.format("{}-{}", year, day))
        .otherwise(pl.lit(of_day, dtype=pl.String))
    )  # fmt: skip
    shown = pl.concat_str("day", "clock", separator=" ", ignore_nulls=True)
    dated = pl.format("{} {}", told, "clock")
    rows = rows.with_columns(dated.alias("told"), dated.fill_null(shown).alias("sent_raw"))
    times = times_of(rows["told"], options.timezone).with_columns(
        pl.col("time_precision", "zone_source").cast(pl.String)
    )
    rows = pl.concat([rows, times], how="horizontal")
    short = rows.filter(size < _WHOLE_DAY)
    if short.is_empty():
        return rows.drop("told"), []
    if short["day"].null_count():
        said = "day left out" + (f", {of_day} from the file's name" if of_day else "")
    elif stated is None:
        said = "year left out; if it is known, state it as in --columns year=2024"
    elif "year" in options.columns:
        said = f"year left out, {stated} as stated"
    else:
        said = f"year left out, {stated} from the file's name"
    return rows.drop("told"), [Note(NoteCode.PRECISION_LOST, name, said, short.height, said=True)]


def _headers(lines: pl.Series, name: str) -> tuple[pl.Series, list[Note]]:
    """Which lines are headings, and notes.

    The answer is sorted by time, so a heading out of order is a line that somebody typed.
    """
    found = lines.str.contains(HEADER) & (lines == "").shift(1, fill_value=True)
    at = found.arg_true()
    digits = lines[at].str.extract(r"((?:[0-9-]+ )?[0-9]{2}:[0-9]{2}:[0-9]{2})$", 1).str.replace_all(r"\D", "")
    # Times without a day cannot be compared with times that have one.
    same = digits.str.len_chars() == digits.str.len_chars().mode().max() if len(digits) else digits.is_not_null()
    times = [int(d) if ok else None for d, ok in zip(digits.to_list(), same.to_list(), strict=True)]
    strange, are_few = out_of_order(times, 0, lines[at].to_list())
    odd = at[strange if are_few else []]
    notes = shorten_notes([Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#{i + 1}", lines[i][:200]) for i in odd])
    return found.scatter(odd, values=False) if len(odd) else found, notes


def _chat_part(rows: pl.DataFrame, name: str, notes: list[Note]) -> Part:
    """All messages of the file as one part; the column conversation tells rooms apart."""
    rows = chatlog_rows(rows).with_columns((pl.col("sender") == "我").alias("is_self"))
    rows = rows.with_columns(
        pl.when(pl.col("is_self")).then(pl.coalesce("sender_name", "sender")).otherwise("sender").alias("sender")
    )
    others = distinct_where(rows, "sender", ~pl.col("is_self") & pl.col("room").is_null())
    rooms = rows["room"].drop_nulls().unique(maintain_order=True).to_list()
    own_names = distinct_where(rows, "sender_name", pl.col("is_self"))
    peer = others[0] if len(others) == 1 and not rooms else None
    if len(others) > 1 and rooms:
        notes += remarks(NoteCode.CONVERSATION_UNNAMED, name, "direct chats of several talkers", len(others))
    names = rows.filter(~pl.col("is_self") & pl.col("sender_name").is_not_null() & pl.col("sender").is_not_null())
    people = names.select(pl.col("sender").alias("id"), pl.col("sender_name").alias("remark")).unique(
        "id", keep="first", maintain_order=True
    )
    kind = ConversationKind.DIRECT if peer else None
    if rooms:
        group = pl.when(pl.col("room").is_not_null()).then(pl.lit("group"))
        rows = rows.with_columns(
            pl.coalesce("room", pl.lit(peer or "")).alias("conversation"), group.alias("conversation_kind")
        )
    room_names = rows["room_name"].drop_nulls().unique(maintain_order=True).to_list()
    title = (
        people["remark"][0] if peer and people.height else (room_names[0] if len(rooms) == 1 and room_names else None)
    )
    return Part(
        rows.drop("room", "room_name", "day", "clock"), name, conversation=peer or (rooms[0] if len(rooms) == 1 else ""), title=title,
        conversation_kind=kind, owner=Owner(name=own_names[0] if len(own_names) == 1 else None), peer=peer, contacts=people.to_dicts(), notes=notes,
    )  # fmt: skip
