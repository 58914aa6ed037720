"""Text copied out of WeChat: messages ticked and copied on a PC or an iPhone, pasted into a file.

Producer: WeChat on Windows, macOS, iOS (2026). Container: text. PC: blocks `name:`, words, empty line. iOS: blocks of a name,
`2026年07月16日 17:08`, words, empty lines; or name and time in one line. Encoding: any text. Time zone: none stated;
PC copies have no time at all, iOS ones have the minute.
Cannot say: ids, accounts, who the owner is, anything that was not ticked, everything that is not text; on the PC also when.
"""

import re
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.wechat_app.mail_text import LEADS
from reconcile.intake.contract import SELECTION, Claim, Note, ReadOptions, shorten_notes
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.bullets import without_bullets
from reconcile.intake.text.decode import head_text
from reconcile.intake.text.lines import blocks_of, control_notes, leading_note, lines_of
from reconcile.intake.text.near_headings import UNSEEN, near_headings
from reconcile.vocabulary import NoteCode
from reconcile.wechat.chinese_script import simplified
from reconcile.wechat.client_sentences import copied_quote
from reconcile.wechat.clock_forms import CHINESE_HALVES, times_of_forms
from reconcile.wechat.kinds import kind_from_text

_MOST_NAMES = 50
# A mail's lead is in one of its first lines, behind `Dear:`.
_MAIL_LEAD = 4
_STAMP = rf"[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日 ?(?:{'|'.join(CHINESE_HALVES)})?[0-9]{{1,2}}:[0-9]{{2}}"
ALONE = rf"^{_STAMP}$"
# Marks of Markdown before a name are another tool's.
ONE_LINE = rf"^(?P<name>[^\s*#>|].{{0,60}}?) (?P<time>{_STAMP})$"
_TIMED = r"[0-9]{1,2}[:：][0-9]{2}"
_DATED = rf"[0-9]{{4}}\D[0-9]{{1,2}}\D[0-9]{{1,2}}\D.*{_TIMED}"
PC_NAME = r"^(?P<name>\S[^\n]{0,60}?)[:：] *$"


class WechatCopiedText(FileReader, form="wechat_copied_text"):
    """Reader of text copied out of WeChat."""

    declared = (SELECTION,)

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the beginning has the shape of a copy."""
        return _client_shape(head_text(source, file)) is not None

    def sniff(self, source: Source) -> Claim:
        """Certain of the iPhone's form; of the PC's, which much other text resembles, only likely."""
        claim = super().sniff(source)
        if claim.strength == "certain" and any(_client_shape(head_text(source, f)) == "pc" for f in self.mine(source)):
            return Claim("likely", claim.because)
        return claim

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One copy."""
        name = source.relative(file)
        lines, notes = lines_of(source, file)
        shape = _client_shape("\n".join(lines.head(400).to_list()))
        if shape is None:
            raise UnreadableSource(source.path, f"{file}: expected {self.looked_for}")
        is_header = {"pc": _pc_names, "two": _name_lines, "one": _one_line_headers}[shape](lines)
        notes += leading_note(lines, is_header, name) + control_notes(lines, name)
        # The name has a line of its own, and the time below it proves that it is a name.
        heads = is_header.shift(1, fill_value=False) if shape == "two" else is_header
        taken = set(is_header.arg_true().to_list()) if shape == "two" else set()
        notes += near_headings(lines, heads.arg_true(), name, noted=taken)
        if shape == "pc":
            # A name behind a blank remains of a line that was joined with the empty line above.
            odd_line = lines.str.strip_chars_start(UNSEEN).str.contains(PC_NAME) & ~is_header
            # Or a name with words glued to it.
            for named in lines.filter(is_header).unique(maintain_order=True).head(_MOST_NAMES).to_list():
                odd_line |= lines.str.starts_with(named) & (lines != named) & (lines.shift(1, fill_value="") == "")
            odd = odd_line.arg_true().to_list()
            notes += shorten_notes([Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#{i + 1}", lines[i][:200]) for i in odd])
        rows = {"pc": _pc_rows, "two": _two_line_rows, "one": _one_line_rows}[shape](blocks_of(lines, is_header))
        if "sent_raw" in rows.columns:
            rows = pl.concat([rows, times_of_forms(rows["sent_raw"], options.timezone)], how="horizontal")
        else:
            untimed = {
                "sent_at": pl.lit(None, dtype=pl.Datetime("us", "UTC")),
                "time_precision": pl.lit("none"),
                "zone_source": pl.lit("none"),
            }
            rows = rows.with_columns(**untimed)
            notes.append(Note(NoteCode.PRECISION_LOST, name, "no time stands in the copy", rows.height, said=True))
        kind = pl.coalesce(
            copied_quote(pl.col("text")),
            # WeChat writes no other brackets: 【图片】 was typed or copied from another tool's file.
            pl.when(pl.col("text").str.starts_with("[")).then(kind_from_text(pl.col("text"))),
            pl.when(pl.col("text") == "").then(pl.lit("other")),
            pl.lit("text"),
        )
        rows = rows.with_columns(kind.alias("kind"), pl.col("sender_name").alias("sender"))
        return Part(rows, name, notes=notes, has_seconds=False)


def _client_shape(text: str) -> str | None:
    """Shape of copied messages: two (name, then time), one (in one line), pc (no time), or null."""
    lines = [line.rstrip() for line in text.lstrip("\ufeff\r\n ").splitlines()]
    if len(lines) < 2:
        return None
    if re.match(ALONE, lines[1]) and lines[0].strip():
        # Empty lines part the messages. Times above groups, as on a screen, stand below words.
        named = [i - 1 for i, line in enumerate(lines) if i and re.match(ALONE, line)]
        parted = sum(i == 0 or not lines[i - 1].strip() for i in named)
        numbered = {lines[i] for i in named if re.search(r"\d", lines[i])}
        are_numbers = len(numbered) > 1 and len({re.sub(r"\d+", "", n) for n in numbered}) == 1
        return "two" if 2 * parted > len(named) and not are_numbers else None
    if re.match(ONE_LINE, lines[0]):
        above = [lines[i - 1].strip() for i, line in enumerate(lines) if i and re.match(ONE_LINE, line)]
        # The client draws no rules between messages.
        return None if above and all(line and not re.search(r"\w", line) for line in above) else "one"
    names = [i for i, line in enumerate(lines) if re.match(PC_NAME, line) and (i == 0 or not lines[i - 1].strip())]
    spoken = [i for i in names if i + 1 < len(lines) and lines[i + 1].strip()]
    if not names or names[0] != 0 or len(spoken) < 2 or len(spoken) < len(names) / 2:
        return None
    if all(re.search(_TIMED, lines[i]) for i in names) or all(re.search(_DATED, lines[i + 1]) for i in spoken):
        # The client writes no time there: another tool's headings.
        return None
    # WeChat's mails say so at their beginning. Words copied from such a mail have names below them.
    lead = next((i for i, line in enumerate(lines) if LEADS in simplified(line)), -1)
    reach = _MAIL_LEAD if re.match(r"Dear\s*[:：]", lines[0]) else 1
    is_mail = lead >= 0 and (lead < reach or names[-1] < lead)
    return None if is_mail or len({lines[i] for i in names}) > max(12, len(names) // 2) else "pc"


def _pc_names(lines: pl.Series) -> pl.Series:
    """Whether a line is a sender's name, below an empty line."""
    bare = lines.str.strip_chars_end()
    return bare.str.contains(PC_NAME) & (bare.shift(1, fill_value="") == "")


def _name_lines(lines: pl.Series) -> pl.Series:
    """Whether a line is a sender's name, right above a time."""
    # The name is in the line before the time. No message is empty, so text right below a time was sent.
    stamps = lines.str.contains(ALONE)
    named = stamps.shift(-1, fill_value=False) & (lines.str.strip_chars() != "")
    return named & ~stamps.shift(1, fill_value=False)


def _one_line_headers(lines: pl.Series) -> pl.Series:
    return lines.str.contains(ONE_LINE)


def _pc_rows(blocks: pl.DataFrame) -> pl.DataFrame:
    """Sender and text of each message copied from the PC client, which states no time."""
    return blocks.select(
        "line",
        pl.col("header").str.extract(PC_NAME, 1).alias("sender_name"),
        pl.col("body").str.replace(r"(?:\n[ \t]*)+$", "").str.strip_chars_end().alias("text"),
    )


def _two_line_rows(blocks: pl.DataFrame) -> pl.DataFrame:
    """Sender, time and text where name and time stand in two lines."""
    stamp = blocks["body"].str.extract(r"^([^\n]*)", 1)
    return blocks.select(
        "line",
        without_bullets(blocks["header"].str.strip_chars()).alias("sender_name"),
        stamp.alias("sent_raw"),
        pl.col("body").str.slice(stamp.str.len_chars() + 1).str.strip_chars("\n").alias("text"),
    )


def _one_line_rows(blocks: pl.DataFrame) -> pl.DataFrame:
    """Sender, time and text where name and time stand in one line."""
    parts = blocks["header"].str.extract_groups(ONE_LINE).struct.unnest()
    return blocks.select(
        "line",
        parts["name"].alias("sender_name"),
        parts["time"].alias("sent_raw"),
        pl.col("body").str.strip_chars("\n").alias("text"),
    )
