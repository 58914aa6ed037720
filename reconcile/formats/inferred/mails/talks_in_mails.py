"""The talk that a mail holds in its words, as services write that send or keep chats as mails."""

from collections.abc import Sequence
from dataclasses import replace
from email.utils import parseaddr

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.text.from_text import fields_of_lines
from reconcile.intake.contract import Note
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.mail import Mail
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column

# Least messages of a talk, and least share of the mails that hold one.
_LEAST, _MOST = 3, 0.8
_NUMBER = lazy_pattern("[0-9]+")
# Seconds by which a clock may differ from that of its mail and be the same, and those by which the next day begins.
_SAME, _NEXT_DAY = 60, -3_600
_SHOWN, _WITH_OFFSET = 200, r"[+-][0-9]{2}:?[0-9]{2}\s*$"
_HEAD = {
    "chat": pl.String, "day": pl.String, "offset": pl.String, "sent": pl.Int64, "label": pl.String, "start": pl.Int64,
}  # fmt: skip


def talk_fields(mails: Sequence[Mail], bodies: Sequence[str | None], name: str, labels: Sequence[str]) -> list[Fields]:
    """The messages of the talks in mails, placed by their labels; [] where their words are no talk.

    A mail states the day of its clocks and their zone: it is dated by the first message or sent after the last one. To
    be confirmed where it is neither.
    """
    talks, frame = _without_frame([(words or "").split("\n\n") for words in bodies])
    lines: list[str] = []
    heads: list[dict[str, object]] = []
    for mail, label, talk in zip(mails, labels, talks, strict=True):
        head = _head_of(mail) | {"label": label, "start": len(lines)}
        lines += [str(head["day"] or ""), *"\n\n".join(talk).split("\n"), ""]
        heads.append(head)
    notes = [Note(NoteCode.ROW_SKIPPED, name, words[:_SHOWN], len(mails)) for words in frame]
    found = fields_of_lines(pl.Series(lines, dtype=pl.String), name, notes)
    of_mails = pl.DataFrame(heads, schema=_HEAD)
    return [told for f in found if (told := _of_mails(f, of_mails)) is not None]


def _head_of(mail: Mail) -> dict[str, object]:
    """What a mail says of the talk in it: its day, clock and zone, and whose it is."""
    people = {address or shown for shown, address in (parseaddr(mail.headers.get(h, "")) for h in ("from", "to"))}
    told: dict[str, object] = {"chat": " ".join(sorted(people)), "day": None, "offset": "", "sent": None}
    if (at := mail.sent_at()) is not None:
        told |= {"day": at.date().isoformat(), "offset": at.strftime("%z")}
        told |= {"sent": at.hour * 3_600 + at.minute * 60 + at.second}
    return told


def _without_frame(talks: list[list[str]]) -> tuple[list[list[str]], list[str]]:
    """The paragraphs of mails without those that begin or end all of them alike, and these."""
    frame: list[str] = []
    for at in (0, -1):
        while len(talks) > 1 and min(map(len, talks)) > 1 and len({t[at] for t in talks}) == 1:
            frame += [t.pop(at) for t in talks][:1]
    return talks, frame


def _of_mails(fields: Fields, heads: pl.DataFrame) -> Fields | None:
    """The messages with their places, days, zones and chats by mail; None where few mails hold messages."""
    line = fields.frame[ROW].str.extract(f"({_NUMBER.pattern})", 1).cast(pl.Int64) - 1
    mail = heads["start"].search_sorted(line, side="right").cast(pl.Int64) - 1
    if fields.frame.height <= max(_LEAST - 1, heads.height) or mail.n_unique() < _MOST * heads.height:
        return None
    rows = heads[mail].with_columns(mail.alias("mail"))
    place = pl.select(pl.format("{} line {}", rows["label"], line - rows["start"])).to_series()
    frame, roles = fields.frame.with_columns(place.alias(ROW)), dict(fields.roles)
    if rows["chat"].n_unique() > 1:
        frame, roles = frame.with_columns(rows["chat"].alias("conversation")), roles | {"conversation": "conversation"}
    if "date" not in frame.columns:
        return replace(fields, frame=frame, roles=roles)
    # The mail's own day stands above its words.
    fields = replace(fields, doubts={role: told for role, told in fields.doubts.items() if role != "date"})
    dated = _days_of(frame, rows)
    time = pl.when(pl.col("time").str.contains(_WITH_OFFSET)).then("time").otherwise(dated["zoned"])
    doubts = {} if dated["is_sure"].all() else {"date": ("date",)}
    frame = frame.with_columns(dated["date"], time.alias("time"))
    return replace(fields, frame=frame, roles=roles, doubts={**fields.doubts, **doubts})


def _days_of(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """For each message its day, whether that is sure, and its time with the zone of the mail."""
    read = parse_time_column("2001-02-03 " + frame["time"], ASSUMED_ZONE)["sent_at"].dt.convert_time_zone(ASSUMED_ZONE)
    clock = read.dt.time().cast(pl.Int64) // 1_000_000_000
    passed = (pl.col("clock").diff() < _NEXT_DAY).fill_null(value=False).cast(pl.Int64).cum_sum().over("mail")
    first, last = pl.col("clock").first().over("mail"), pl.col("clock").last().over("mail")
    begins, ends = (first - pl.col("sent")).abs() < _SAME, last <= pl.col("sent")
    days = pl.col("passed") - pl.when(begins).then(0).otherwise(pl.col("passed").max().over("mail"))
    # The talk may state days of its own.
    is_of_mail = (pl.col("date").fill_null("") == "") | (pl.col("day") == pl.col("date"))
    told = (pl.col("day").str.to_date() + pl.duration(days=days)).cast(pl.String)
    zoned = pl.concat_str("time", "offset", separator=" ").str.strip_chars_end()
    return (
        rows.with_columns(clock.alias("clock"), frame["time"], frame["date"])
        .with_columns(passed.alias("passed"))
        .select(
            pl.when(is_of_mail).then(told).otherwise("date").alias("date"),
            ((begins | ends) | ~is_of_mail).fill_null(value=False).alias("is_sure"),
            zoned.alias("zoned"),
        )
    )
