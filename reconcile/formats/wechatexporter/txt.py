"""WechatExporter TXT: one file a chat, written from an iOS backup.

Producer: WechatExporter (BlueMatthew), res/templates_txt. Container: a first line `<name> - 微信聊天记录`, then
`name (2024-03-01 09:00:05):words`. Encoding: UTF-8. Time zone: none stated; local time of the exporting computer, to the second.
Cannot say: ids; accounts; sender and time of quotes, notices and recalls, which stand bare between their neighbours; a notice of
unknown wording apart from the message before it; links apart from words; the content of media; anything but sender and time of cards
without an address (red packets, solitaires, notes, announcements), whose template prints a title that they have not.
"""

import re
from bisect import bisect_right
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note, Owner, ReadOptions, remarks, shorten_notes
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of
from reconcile.intake.messages.naming import parties_by_title
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.decode import head_text
from reconcile.intake.text.lines import blocks_of, control_notes, leading_note, lines_of, out_of_order
from reconcile.intake.text.near_headings import UNSEEN, near_headings
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode, WitnessKind
from reconcile.wechat.client_sentences import notice_kind, sentence_kind
from reconcile.wechat.clock import ASSUMED_ZONE, parse_times, times_of
from reconcile.wechat.kinds import kind_from_text

TITLE = lazy_pattern(r"^(?P<title>.*) - 微信聊天记录\s*$")
HEADER = r"^(?P<name>\S.*?) \((?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})\):(?P<first>.*)$"
_DATE_IN_BRACKETS = r"\([^\s()]{1,40} \d\d:\d\d:\d\d\):|^[\d-]{0,10} ?\d\d:\d\d:\d\d\):"
_OWN = r"^(?:\S.*? \([0-9-]{10} [0-9:]{8}\):|系统消息[：:])"
_DASHES = r"^(?:- ){4,}-\s*$"
_END = " 结束 >>"
_SYSTEM = r"^系统消息[：:]"
_FORWARD = r"^(?:.*\):)?<< (?P<title>.+)$"
# The template of transfers lacks a line end, so what follows is in the same line.
_PAID = r"^(.*? \([0-9-]{10} [0-9:]{8}\):微信转账 ?[￥¥]?[0-9.,]+"
_GLUED = tuple(
    lazy_pattern(_PAID + rest)
    for rest in (r" ?- ?(?:转账|已收款|已退还|已接收|已被接收|已被退还|已过期))(\S.*)$", r")([^\s0-9.,].*)$")
)
_PAYMENT = lazy_pattern(_PAID + ")")
_STAMP = r" \([0-9-]{10} [0-9:]{8}\):"
# With more names than this, only the most frequent are searched behind payments.
_MOST_NAMES = 500
# A recall or refusal that lost the line end before it.
_GLUED_NOTICE = r"[^:：\s]\s*(?:(?:你|[\"“][^\"“”]{1,40}[\"”] ?)撤回了一条消息|消息已发出，但被对方拒收了。?)\s*$"
_TOLERANCE_SECONDS = 120
# The most lines of a quoted text.
_LONGEST_QUOTE = 200


class WechatexporterTxt(FileReader, form="wechatexporter_txt"):
    """Reader of WechatExporter's TXT."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the first line is the title and no tags follow."""
        first, _, rest = head_text(source, file).lstrip("\ufeff").partition("\n")
        return (
            TITLE.match(first) is not None
            and not first.lstrip().startswith("<")
            and (re.search(HEADER, rest, re.MULTILINE) is not None or not rest.strip())
        )

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat."""
        name = source.relative(file)
        lines, notes = lines_of(source, file)
        found = TITLE.match(lines[0]) if len(lines) else None
        if found is None:
            raise UnreadableSource(source.path, f"{file}: expected {self.looked_for}")
        body = _with_split_payments(lines[1:])
        starts, forwards, typed = _starts(body, name)
        notes += _notes_near_headings(body, starts, forwards, typed, name)
        blocks = blocks_of(body, starts)
        rows, witnesses = _message_rows(blocks, forwards, body, name)
        times = times_of(rows["sent_raw"], options.timezone)
        rows = pl.concat(
            [rows, times.with_columns(pl.col("time_precision", "zone_source").cast(pl.String))], how="horizontal"
        )
        notes += [*typed, *leading_note(body, starts, name), *control_notes(body, name)]
        unplaced = rows.filter(pl.col("sent_raw").is_null()).height
        notes += remarks(
            NoteCode.PRECISION_LOST,
            name,
            "no time and no sender stand in these rows; only their place is known",
            unplaced,
        )
        parties = parties_by_title(rows, found["title"], None)
        return Part(
            rows=parties.rows,
            file=name,
            conversation=found["title"],
            title=found["title"],
            conversation_kind=parties.conversation_kind,
            owner=Owner(name=parties.owner_name),
            peer=parties.peer,
            witnesses=witnesses,
            notes=notes,
        )


def _notes_near_headings(
    lines: pl.Series, starts: pl.Series, forwards: dict[int, int], typed: list[Note], name: str
) -> list[Note]:
    """Lines like headings, and quotes whose dashes are damaged: their rows joined the words above."""
    noted = {i for a, b in forwards.items() for i in range(a + 1, b + 1)}
    noted |= {int(place) - 2 for n in typed if (place := n.locator.rpartition("#")[2]).isdigit()}
    heads = starts.arg_true()
    own = lines.gather(heads).str.extract(_OWN, 0)
    near = near_headings(lines, heads, name, own=own, first=2, noted=noted, mark=_DATE_IN_BRACKETS)
    quotes = (lines.str.starts_with("「") & ~starts).arg_true().to_list()
    # A notice behind a blank, and dashes below a quote that begins no line.
    bare = lines.str.strip_chars(UNSEEN)
    quotes += (
        (~starts & (bare != lines) & (_sentence_kinds(bare).is_not_null() | bare.str.contains(_SYSTEM)))
        .arg_true()
        .to_list()
    )
    quotes += lines.str.contains(_GLUED_NOTICE).arg_true().to_list()
    inside = _lines_run_into_forwards(lines, starts, forwards)
    noted -= inside
    quotes += inside
    dashes = lines.str.contains(_DASHES).arg_true().to_list()
    words = lines.to_list() if dashes else []
    quotes += [d for d in dashes if _quote_start(words, d) is None]
    odd = [Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#{i + 2}", lines[i][:200]) for i in sorted(set(quotes) - noted)]
    return [*near, *shorten_notes(odd)]


def _lines_run_into_forwards(lines: pl.Series, starts: pl.Series, forwards: dict[int, int]) -> set[int]:
    """Lines inside a forward that belong to none: notices, and later headings of the chat's speakers."""
    headed = lines.gather(starts.arg_true()).str.extract_groups(HEADER).struct.unnest()
    names = set(headed["name"].drop_nulls().to_list()) if forwards else set()
    found: set[int] = set()
    for start, end in forwards.items():
        before = next(
            (m["time"] for i in range(start, -1, -1) if starts[i] and (m := re.match(HEADER, lines[i]))), None
        )
        within = lines[start + 1 : end]
        found |= {
            start + 1 + i for i in (_sentence_kinds(within).is_not_null() | within.str.contains(_SYSTEM)).arg_true()
        }
        for i, line in enumerate(within, start + 1):
            item = re.match(HEADER, line)
            if item and before is not None and item["name"] in names and item["time"] > before:
                found.add(i)
    return found


def _with_split_payments(lines: pl.Series) -> pl.Series:
    """The lines, with text that follows a payment or its memo moved to lines of its own."""
    if not bool(lines.str.contains(_PAYMENT.pattern).any()):
        return lines
    headed = lines.str.extract(HEADER, 1)
    # A memo with a heading glued to it may follow a payment's line; it is no name.
    headed = headed.filter(~lines.shift(1).str.contains(_PAYMENT.pattern).fill_null(value=False)).drop_nulls()
    names = headed.alias("name").value_counts(sort=True)["name"].head(_MOST_NAMES).to_list()
    alike = "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True))
    glued = re.compile(rf"(?:{alike}){_STAMP}") if names else None
    out: list[str] = []
    paid = False
    quotes = _quotes_behind(lines, names)
    for i, line in enumerate(lines.to_list()):
        parts = _split(line, glued, after_payment=paid)
        if paid and len(parts) == 1 and i in quotes:
            parts = [line[: quotes[i]], line[quotes[i] :]]
        out += parts
        paid = _PAYMENT.match(parts[-1]) is not None
    return pl.Series("line", out, dtype=pl.String)


def _quotes_behind(lines: pl.Series, names: list[str]) -> dict[int, int]:
    """Lines in which a quote is glued behind a memo, with its position; the dashes of its template follow."""
    found: dict[int, int] = {}
    dashes = lines.str.contains(_DASHES).arg_true().to_list()
    words = lines.to_list() if dashes else []
    for d in dashes:
        for i in range(d - 1, max(-1, d - _LONGEST_QUOTE), -1):
            at = words[i].find("「")
            if at >= 0:
                # A quoted person is mostly one who speaks here.
                at = next((k for n in names if (k := words[i].find(f"「{n}：")) > 0), at)
            if at > 0:
                found[i] = at
            if at >= 0 or re.match(HEADER, words[i]) or re.match(_DASHES, words[i]):
                break
    return found


def _split(line: str, glued: re.Pattern[str] | None, *, after_payment: bool) -> list[str]:
    """One line as the lines that the template of payments ran together."""
    out: list[str] = []
    while glued is not None:
        payment = _PAYMENT.match(line)
        # A memo may end where the next heading begins, even that of a payment.
        begin = 1 if after_payment and not glued.match(line) else payment.end() if payment else None
        found = None if begin is None else glued.search(line, begin)
        if found is None:
            break
        # Text without a heading follows a state: a notice or a quote.
        bare = next((m for g in _GLUED if (m := g.match(line[: found.start()]))), None)
        out += [bare[1], bare[2]] if bare else [line[: found.start()]]
        line, after_payment = line[found.start() :], False
    bare = next((m for g in _GLUED if (m := g.match(line))), None)
    return [*out, bare[1], bare[2]] if bare else [*out, line]


def _starts(lines: pl.Series, name: str) -> tuple[pl.Series, dict[int, int], list[Note]]:
    """Where messages begin, forwards as first line -> last line, and notes on headings out of time order."""
    forwards = _forwards(lines)
    within = {i for a, b in forwards.items() for i in range(a + 1, b + 1)}
    outside = pl.Series([i not in within for i in range(len(lines))], dtype=pl.Boolean)
    header = lines.str.contains(HEADER) & outside
    at = header.arg_true()
    stamps = parse_times(lines.gather(at).str.extract(HEADER, 2), ASSUMED_ZONE)["sent_at"].dt.epoch("s").to_list()
    strange, are_few = out_of_order(stamps, _TOLERANCE_SECONDS, lines.gather(at).to_list())
    odd = at.gather(strange if are_few else [])
    typed = notes_of(
        NoteCode.AMBIGUOUS_HEADER,
        pl.DataFrame({"locator": [f"{name}#{i + 2}" for i in odd], "line": lines.gather(odd)}),
        excerpt="line",
    )
    if len(odd):
        header = header.scatter(odd, values=False)
    bare = lines.str.contains(_SYSTEM) | _sentence_kinds(lines).is_not_null()
    starts = header | (bare & outside)
    dashes = lines.str.contains(_DASHES).arg_true().to_list()
    words = lines.to_list() if dashes else []
    quotes = [q for d in dashes if (q := _quote_start(words, d)) is not None and q not in within]
    forwards = _headed(lines, header, forwards)
    first = [i for i in forwards if not header[i]]
    marks = pl.Series([*quotes, *first], dtype=pl.UInt32)
    return (starts.scatter(marks, values=True) if len(marks) else starts), forwards, typed


def _headed(lines: pl.Series, header: pl.Series, forwards: dict[int, int]) -> dict[int, int]:
    """The forwards, each from the preceding heading of the same title.

    The exporter writes the card before its content.
    """

    def start(i: int) -> int:
        """Where the forward at line i begins: at its heading, if that stands in the line before."""
        title = re.match(_FORWARD, lines[i])
        head = re.match(HEADER, lines[i - 1]) if i and header[i - 1] else None
        return i - 1 if head is not None and title is not None and head["first"] == title["title"] else i

    return {start(a): b for a, b in forwards.items()}


def _sentence_kinds(lines: pl.Series) -> pl.Series:
    return lines.alias("line").to_frame().select(sentence_kind(pl.col("line")).alias("kind"))["kind"]


def _quote_start(lines: list[str], dashes: int) -> int | None:
    """The line where the quoted words above a dash line begin; None without a quote."""
    for i in range(dashes - 1, max(-1, dashes - _LONGEST_QUOTE), -1):
        if lines[i].startswith("「"):
            return i
        if re.match(HEADER, lines[i]) or re.match(_DASHES, lines[i]):
            return None
    return None


def _forwards(lines: pl.Series) -> dict[int, int]:
    """Merged forwards from `<< title` to the next `title 结束 >>`; one without an end is an ordinary line."""
    ends: dict[str, list[int]] = {}
    for i in lines.str.ends_with(_END).arg_true().to_list():
        ends.setdefault(lines[i].removesuffix(_END), []).append(i)
    found: dict[int, int] = {}
    after = -1
    for start in lines.str.contains(_FORWARD).arg_true().to_list() if ends else []:
        title = re.match(_FORWARD, lines[start])
        places = ends.get(title["title"], []) if title else []
        at = bisect_right(places, start)
        if start > after and at < len(places):
            found[start] = after = places[at]
    return found


def _message_rows(
    blocks: pl.DataFrame, forwards: dict[int, int], lines: pl.Series, name: str
) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """Messages, and the items of forwards as witnesses."""
    groups = blocks["header"].str.extract_groups(HEADER).struct.unnest()
    whole = pl.concat_str(
        pl.coalesce("first", "header"),
        pl.when(pl.col("body") != "").then(pl.lit("\n") + pl.col("body")),
        ignore_nulls=True,
    )
    rows = pl.concat([blocks, groups], how="horizontal").with_columns(whole.str.strip_chars_end("\n").alias("text"))
    is_bare = pl.col("time").is_null()
    is_forward = (pl.col("line") - 1).is_in(list(forwards))
    text = pl.col("text")
    notice = text.str.replace(_SYSTEM, "").str.strip_chars()
    kind = (
        pl.when(is_forward).then(pl.lit("forward"))
        .when(is_bare & text.str.starts_with("「")).then(pl.lit("quote"))
        .when(is_bare).then(notice_kind(notice))
        # Nobody can send a blank text: this is a card without an address.
        .when(text == "").then(pl.lit("other"))
        .otherwise(pl.coalesce(kind_from_text(text), pl.lit("text")))
    )  # fmt: skip
    rows = rows.with_columns(kind.alias("kind"))
    bare_notice = is_bare & pl.col("kind").is_in(["system", "recall"])
    made = rows.select(
        (pl.col("line") + 1).alias("line"),
        "kind",
        pl.when(bare_notice).then(notice).otherwise("text").alias("text"),
        pl.col("name").alias("sender_name"),
        pl.col("time").alias("sent_raw"),
    )
    return made, [w for a, b in forwards.items() for w in _forward_items(lines[a + 1 : b].to_list(), f"{name}#{a + 2}")]


def _forward_items(lines: list[str], locator: str) -> list[dict[str, Any]]:
    """Items in the lines of a forward as witnesses, each with its time."""
    found: list[dict[str, Any]] = []
    for line in lines:
        item = re.match(HEADER, line)
        if item:
            found.append(
                {
                    "witness": str(WitnessKind.FORWARD_ITEM),
                    "locator": locator,
                    "sender": item["name"],
                    "sent_at": item["time"],
                    "text": item["first"],
                    "kind": "text",
                }
            )
        elif found:
            found[-1]["text"] += "\n" + line
    times = parse_times(pl.Series([f["sent_at"] for f in found], dtype=pl.String), ASSUMED_ZONE)["sent_at"]
    return [{**f, "sent_at": t} for f, t in zip(found, times.to_list(), strict=True)]
