"""WeChat's own e-mail export (邮件发送): the mail itself, or its body saved as text.

Producer: WeChat on iOS and Android, after messages were ticked one by one. Container: text with a line `… 聊天记录如下`, a line
a day `—————  2025-8-27  —————` and blocks `name HH:MM`, words; or .eml with it. Encoding: UTF-8, or as the mail states.
Time zone: none stated; local time of the phone, to the minute; 12-hour clocks too.
Cannot say: ids, accounts, who the owner is; anything that was not ticked; what pictures, files and other media hold (Android
names pictures by their MD5); notices, calls, voices and payments, which cannot be mailed.
"""

import re
from pathlib import Path

import polars as pl

from reconcile.column_ops import none_of
from reconcile.errors import UnreadableSource
from reconcile.formats.wechat_app.mail_days import TOLERANCE_MINUTES, minutes_of_day, padded_days, typed_days
from reconcile.formats.wechat_app.mail_text import LEAD_REACH, LEADS, LEADS_IN_BOTH_SCRIPTS, mail_text, plain_text
from reconcile.intake.contract import SELECTION, Claim, Note, ReadOptions, shorten_notes
from reconcile.intake.file_reader import FileReader
from reconcile.intake.limits import check_stretches
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import cut_short
from reconcile.intake.text.decode import head_text, read_text
from reconcile.intake.text.lines import (
    blocks_of,
    control_notes,
    folded_lines,
    in_time_order,
    missing_end_note,
    numbered,
)
from reconcile.intake.text.mail import read_mail
from reconcile.intake.text.near_headings import near_headings
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import ConversationKind, NoteCode
from reconcile.wechat.chinese_script import in_both_scripts
from reconcile.wechat.client_sentences import copied_quote
from reconcile.wechat.clock_forms import CHINESE_HALVES, times_of_forms
from reconcile.wechat.kinds import kind_from_text
from reconcile.wechat.named_days import NAMED_DAY

LEAD = lazy_pattern(
    in_both_scripts(
        r'(?m)^(?:.*微信群["“]?(?P<room>[^"”\n]*?)["”]?|["“](?P<one>[^"”\n]+)["”]和["”“](?P<two>[^"”\n]+)["”]|(?P<title>[^\n]*?))\s*(?:微信群)?(?:在微信)?上?(?:的)?聊天记录如下'
    )
)
_ROOM_FIRST = lazy_pattern(in_both_scripts(r"(?m)^(?P<room>[^\n]+?) 微信群上的聊天记录如下"))
# Android names both parties without quotes.
_BOTH = lazy_pattern(r"^(?P<one>.+?) 和 (?P<two>.+)$")
# A phone whose language is English.
_ENGLISH_LEAD = lazy_pattern(
    r"(?im)^[^\n]{0,200}?\b(?:chat|message|conversation) (?:history|log|record|transcript)s?\b[^\n]{0,300}$"
)
_ENGLISH_ROOM = lazy_pattern(r'(?i)\bgroup(?: chat)?:? ["“](?P<room>[^"”\n]+)["”]|["“](?P<before>[^"”\n]+)["”] group\b')
_ENGLISH_BOTH = lazy_pattern(
    r'(?i)\bbetween ["“]?(?P<one>[^"”\n]+?)["”]? and ["“]?(?P<two>[^"”\n]+?)["”]?(?: (?:on|in) (?:wechat|weixin)| (?:is|are) |[.:,]|$)'
)
_ENGLISH_WITH = lazy_pattern(r'(?i)\b(?:with|of|from) ["“](?P<title>[^"”\n]+)["”]')
_LEAD_LINES = 50
# Header lines that a mail program saves above the words: From: …, 发件人：…
_MAIL_HEAD = lazy_pattern(r"^(?:[A-Za-z][A-Za-z-]{1,20}|发件人|收件人|抄送|主题|日期|发送时间)[:：] ?\S")
_DATE = rf"[0-9]{{4}}[-/.年][0-9]{{1,2}}[-/.月][0-9]{{1,2}}日?|[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.][0-9]{{4}}|{NAMED_DAY}"
_DASHES = "[—―─－–=_-]{3,}"
DAY = rf"^\s*{_DASHES}\s*(?P<day>(?:{_DATE})(?: ?(?:星期|周)[一二三四五六日天])?)\s*{_DASHES}\s*$"
HEADER = (
    r"^(?P<name>\S(?:.*\S)?)(?P<gap>[ \x{00a0}\x{3000}]{1,4})(?P<clock>(?:"
    + "|".join(CHINESE_HALVES)
    + r")?[0-9]{1,2}:[0-9]{2}(?: ?[AaPp][Mm])?)\s*$"
)
_DAY_LINE = lazy_pattern(DAY)
_PLACEHOLDER = r"^(图片|视频|语音|文件|位置|链接|名片|表情)[0-9]*[（(](?:可在附件中查看|请在附件中查看)[）)]$"
# A file by its name, with or without its kind in front.
_FILE = r"^(?:文件[:：]\s*)?([^\n]+\.[A-Za-z0-9]{1,6})[（(](?:可|请)在附件中查看[）)]$"
# How the iPhone writes a link.
_LINK = r"^\[[^\n]+ : (https?://[^\s\]]+)\]$"
_NAMES = {
    "图片": "image",
    "视频": "video",
    "语音": "voice",
    "文件": "file",
    "位置": "location",
    "链接": "link",
    "名片": "card",
    "表情": "sticker",
}
_SIGNATURE = lazy_pattern(
    r"\n\s*(?:[发發]自我的.{0,30}|Sent from my .{0,40}|[从從].{0,20}[发發]送|Get Outlook for .{0,20})\s*$"
)
_SIGNATURE_REACH = 300
# How the client's own mail begins.
_GREETING = lazy_pattern(r"(?i)^\s*(?:dear|亲爱的|您好|你好|hi|hello)?\W*$")
# A day's first heading is at most so many lines below the day's line.
_FIRST_WITHIN = 5


class WechatEmail(FileReader, form="wechat_email"):
    """Reader of WeChat's e-mail export."""

    declared = (SELECTION,)

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the beginning holds the lead and a day's line."""
        text = _plain_head(source, file)
        above, lead, below = _by_lead(text[:LEAD_REACH])
        if not lead or _first_day(text) is None:
            return False
        if lead == LEADS and LEAD.search(text[:LEAD_REACH]) is None:
            return False
        # A copied chat names its speaker in the first line and again below the words of a forwarded mail.
        first = above.lstrip().partition("\n")[0].rstrip()
        return not (first.endswith((":", "：")) and _words_above(above) and f"\n\n{first}\n" in below)

    def sniff(self, source: Source) -> Claim:
        """Certain only where nothing but a greeting or a mail's head precedes the lead.

        A chat of another format may hold a forwarded mail.
        """
        claim = super().sniff(source)
        if claim.strength != "certain":
            return claim
        above = (_by_lead(_plain_head(source, f)[:LEAD_REACH])[0] for f in self.mine(source))
        return Claim("likely", claim.because) if any(map(_words_above, above)) else claim

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One mail."""
        name = source.relative(file)
        lines, numbers, notes = _lines(source, file)
        days = lines.str.contains(DAY)
        if not bool(days.any()):
            raise UnreadableSource(source.path, f"{file}: no line of a day; expected WeChat's e-mail export")
        first = int(days.arg_true()[0])
        rows, more = _message_rows(lines[first:], first, name, options.timezone)
        clocks = lines.str.contains(r"^\s*\d{0,2}[:：]\d{2}\s*$").arg_true().to_list()
        notes += shorten_notes([Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#{i + 1}", lines[i]) for i in clocks])
        noted = [int(place) - 1 for n in more if (place := n.locator.rpartition("#")[2]).isdigit()]
        heads = pl.concat([rows["line"] - 1, days.arg_true()]).sort()
        notes += near_headings(lines, heads, name, noted=noted)
        notes += [*_notes_on_words_above(lines[:first], name), *control_notes(lines, name)]
        if file.suffix.lower() == ".txt":
            # Android adds an empty line after each row, the iPhone a line end.
            notes += missing_end_note(lines, name) if _is_framed(lines[first:]) else cut_short(file, name)
        rows = rows.with_columns(numbers.gather(rows["line"] - 1).alias("line"))
        part = Part(rows, name, notes=numbered([*notes, *more], numbers), has_seconds=False)
        _name_chat(part, "\n".join(lines[:first].to_list()))
        if file.suffix.lower() == ".eml":
            part.exported_at = read_mail(source.head(file)).sent_at()
        return part


def _by_lead(text: str) -> tuple[str, str, str]:
    """The text before the client's lead, the lead, and the text behind it.

    An English lead counts only above the first day.
    """
    if found := re.search(LEADS_IN_BOTH_SCRIPTS, text):
        return text[: found.start()], LEADS, text[found.end() :]
    found = _ENGLISH_LEAD.search(text, 0, min(_first_day(text) or 0, LEAD_REACH))
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _first_day(text: str) -> int | None:
    """The position of the first line that names a day.

    It goes line by line, because one pattern over a text full of empty lines takes quadratic time.
    """
    at = 0
    for line in text.split("\n"):
        if _DAY_LINE.match(line):
            return at
        at += len(line) + 1
    return None


def _plain_head(source: Source, file: Path) -> str:
    """The beginning of the mail or text, as plain text."""
    return plain_text(mail_text(source.head(file), "")[0] if file.suffix.lower() == ".eml" else head_text(source, file))


def _words_above(above: str) -> list[str]:
    """Lines above the lead's own that are no greeting and no mail's head."""
    lines = above.splitlines()[: -1 if above and not above.endswith("\n") else None]
    return [w for w in lines if w.strip() and not _GREETING.match(w) and not _MAIL_HEAD.match(w)]


def _is_framed(lines: pl.Series) -> bool:
    """Whether an empty line follows the first heading, as on Android."""
    heads = lines.str.contains(HEADER).arg_true()
    return len(heads) > 0 and heads[0] + 1 < len(lines) and not lines[int(heads[0]) + 1].strip()


def _notes_on_words_above(lines: pl.Series, name: str) -> list[Note]:
    """A note on words above the client's own lead: another text may run on into this one."""
    led = lines.str.contains(LEADS_IN_BOTH_SCRIPTS) | lines.str.contains(_ENGLISH_LEAD.pattern)
    words = [w for w in lines.head(int(led.arg_max() or 0)).to_list() if w.strip() and not _GREETING.match(w)]
    return [Note(NoteCode.ROW_SKIPPED, f"{name}#1", " ".join(words)[:200], len(words))] if words else []


def _lines(source: Source, file: Path) -> tuple[pl.Series, pl.Series, list[Note]]:
    """The lines, with long runs of blank ones folded, their numbers, and notes."""
    name = source.relative(file)
    if file.suffix.lower() == ".eml":
        text, notes = mail_text(source.read(name), name)
        return *folded_lines(plain_text(text)), notes
    check_stretches(source.path, file, source.limits, (b"\n",), "a line")
    text, notes = read_text(source, file)
    lines, numbers = folded_lines(text)
    if bool(lines.head(_LEAD_LINES).str.contains("<", literal=True).any()):
        lines, numbers = folded_lines(plain_text(text))
    return lines, numbers, notes


def _message_rows(lines: pl.Series, offset: int, name: str, timezone: str | None) -> tuple[pl.DataFrame, list[Note]]:
    """Messages below their days, and notes on lines that may be headings.

    A day typed by a sender splits no message. Line numbers are raised by offset.
    """
    frame = (
        lines.alias("line")
        .to_frame()
        .with_columns(
            pl.col("line").str.extract(DAY, 1).alias("day"),
            pl.col("line").str.extract_groups(HEADER).alias("parts"),
        )
    )
    frame = frame.unnest("parts")
    typed = typed_days(frame)
    frame = frame.with_columns(frame["day"].scatter(typed, None)) if typed else frame
    frame = frame.with_columns(pl.col("day").is_not_null().alias("is_day"), pl.col("day").forward_fill())
    is_header, ambiguous = _headers(frame)
    ambiguous = sorted([*ambiguous, *typed])
    ends = is_header | frame["is_day"]
    blocks = blocks_of(lines, ends)
    told = frame.filter(ends).select("name", "clock", "day", "is_day")
    # Polars fails where two columns in chunks of unlike lengths are formatted as one.
    told_blocks = pl.concat([blocks, told], how="horizontal").rechunk()
    rows = told_blocks.filter(~pl.col("is_day"))
    lost = told_blocks.filter(pl.col("is_day") & (pl.col("body").str.strip_chars() != ""))
    raw = rows.select(pl.format("{} {}", "day", "clock").alias("raw"))["raw"]
    padded = rows.select(pl.format("{} {}", padded_days(rows["day"]), _padded_clock(pl.col("clock"))).alias("raw"))[
        "raw"
    ]
    text = pl.col("body").str.strip_chars("\n\r ")
    rows = rows.select(
        (pl.col("line") + offset).alias("line"),
        pl.col("name").alias("sender_name"),
        pl.col("name").alias("sender"),
        text.alias("text"),
    )
    rows = pl.concat([rows, times_of_forms(padded, timezone), raw.alias("sent_raw").to_frame()], how="horizontal")
    if rows.height:
        last = "\n" + rows["text"][-1]
        # Only the end is searched: over a text full of empty lines the pattern would take quadratic time.
        last = (last[:-_SIGNATURE_REACH] + _SIGNATURE.sub("", last[-_SIGNATURE_REACH:])).strip("\n ")
        rows = rows.with_columns(rows["text"].scatter(rows.height - 1, last))
    shown = zip(ambiguous, lines.gather(ambiguous).str.head(200).to_list(), strict=True)
    notes = shorten_notes([Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#{offset + i + 1}", text) for i, text in shown])
    notes += shorten_notes(
        [
            Note(NoteCode.ROW_SKIPPED, f"{name}#{offset + line}", body.strip()[:200])
            for line, body in lost.select("line", "body").iter_rows()
        ]
    )
    return _with_kinds(rows), notes


def _headers(frame: pl.DataFrame) -> tuple[pl.Series, list[int]]:
    """Which lines are headings `name HH:MM`, and which only look like one."""
    blank = frame["line"].str.strip_chars() == ""
    found = frame["clock"].is_not_null() & ~frame["is_day"]
    firsts = _first_of_days(frame, blank)
    # The client uses the same gap everywhere, so the first headings of days decide. Android frames headings with
    # empty lines.
    gaps = {len(g) for g in frame["gap"].gather(firsts).drop_nulls()}
    if len(gaps) == 1:
        found &= (frame["gap"].str.len_chars() == gaps.pop()).fill_null(value=False)
    below = blank.shift(-1, fill_value=True)
    if len(firsts) and below.gather(firsts).all():
        is_first = none_of(frame).scatter(firsts, values=True)
        found &= (below & blank.shift(1, fill_value=True)) | is_first
    minutes = minutes_of_day(frame.filter(found)["clock"])
    at = found.arg_true()
    # A day may begin twice, in two mails one below the other.
    sections = frame["is_day"].cum_sum()
    by_day = pl.DataFrame({"at": at, "day": sections.gather(at), "minute": pl.Series(minutes, dtype=pl.Int64)})
    ambiguous: list[int] = []
    back = by_day.filter((pl.col("minute").diff() < 0).fill_null(value=False).any().over("day"))
    for (_,), day in back.group_by("day", maintain_order=True):
        fits = in_time_order(day["minute"].to_list(), TOLERANCE_MINUTES)
        ambiguous += [k for k, ok in zip(day["at"].to_list(), fits, strict=True) if not ok]
    return (found.scatter(pl.Series(ambiguous, dtype=pl.UInt32), values=False) if ambiguous else found), ambiguous


def _first_of_days(frame: pl.DataFrame, blank: pl.Series) -> pl.Series:
    """Positions of the first line with text within five lines below each day, if it looks like a heading."""
    place = pl.int_range(frame.height, eager=True, dtype=pl.Int64)
    worded = pl.select(pl.when(~blank).then(pl.lit(place)))["literal"] if frame.height else place
    following = worded.fill_null(strategy="backward").shift(-1)
    days = frame["is_day"].arg_true()
    near = following.gather(days)
    near = near.filter((near - days <= _FIRST_WITHIN).fill_null(value=False))
    return near.filter(frame["clock"].gather(near).is_not_null()).cast(pl.UInt32)


def _padded_clock(clock: pl.Expr) -> pl.Expr:
    """Times such as 9:05 as 09:05."""
    return pl.when(clock.str.contains(r"^[0-9]:[0-9]{2}$")).then(pl.lit("0") + clock).otherwise(clock)


def _with_kinds(rows: pl.DataFrame) -> pl.DataFrame:
    """Add kind and url, by the client's placeholders and sentences."""
    placed = pl.col("text").str.extract(_PLACEHOLDER, 1).replace_strict(_NAMES, default=None, return_dtype=pl.String)
    placed = placed.fill_null(pl.when(pl.col("text").str.contains(_FILE)).then(pl.lit("file")))
    address = pl.col("text").str.extract(_LINK, 1)
    kind = pl.coalesce(
        placed,
        pl.when(address.is_not_null()).then(pl.lit("link")),
        copied_quote(pl.col("text")),
        kind_from_text(pl.col("text")),
        pl.when(pl.col("text") == "").then(pl.lit("other")),
        pl.lit("text"),
    )
    return rows.with_columns(kind.alias("kind"), address.alias("url"))


def _name_chat(part: Part, lead: str) -> None:
    """Name the conversation by the mail's opening words; unchanged where they name none."""
    room_first, found = _ROOM_FIRST.search(lead), LEAD.search(lead)
    room = room_first["room"] if room_first else (found["room"] if found else None)
    if room:
        part.conversation, part.title, part.conversation_kind = room, room, ConversationKind.GROUP
    elif found and found["one"]:
        part.conversation = part.title = f"{found['one']}和{found['two']}"
        part.conversation_kind = ConversationKind.DIRECT
    elif found and (both := _BOTH.match(found["title"].strip())):
        part.conversation = part.title = f"{both['one']}和{both['two']}"
        part.conversation_kind = ConversationKind.DIRECT
    elif found and found["title"]:
        part.conversation = part.title = found["title"].strip()
    elif not found and (english := _ENGLISH_LEAD.search(lead)):
        _name_by_english(part, english[0])


def _name_by_english(part: Part, lead: str) -> None:
    """Name the conversation by the opening words of the English client."""
    room, both, peer = (p.search(lead) for p in (_ENGLISH_ROOM, _ENGLISH_BOTH, _ENGLISH_WITH))
    if room:
        part.conversation = part.title = room["room"] or room["before"]
        part.conversation_kind = ConversationKind.GROUP
    elif both:
        part.conversation = part.title = f"{both['one']}和{both['two']}"
        part.conversation_kind = ConversationKind.DIRECT
    elif peer:
        part.conversation = part.title = peer["title"]
