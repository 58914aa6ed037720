"""Text exports of blocks, a header line and the words below it, split into rows.

Lines that merely look like headers stay in the words.
"""

import polars as pl

from reconcile.column_ops import none_of
from reconcile.intake.contract import Note
from reconcile.intake.text.decode import with_line_feeds
from reconcile.intake.text.lines import UNENDED, control_notes, out_of_order
from reconcile.intake.text.near_headings import near_headings
from reconcile.vocabulary import NoteCode

# Seconds by which rows of an honest export may be out of order, since own rows have the device's time.
SLACK_SECONDS = 300
_FEW_LINES = 3
_TIME = "%Y-%m-%d %H:%M:%S"


def split_blocks(
    text: str,
    header: str,
    name: str,
    title: str | None = None,
    *,
    after_blank: bool = True,
    bare_is_notice: bool = False,
    look_near: bool = True,
    is_ended: bool = False,
    mark: str = "",
) -> tuple[pl.DataFrame, list[Note]]:
    """Rows of the groups of `header`, with `line` (1-based) and `text`.

    Groups: `time`; `name` if the header has one; `rest` = words that begin in the header's line.

    A line is a header if the pattern fits it, an empty line precedes it (`after_blank`) and its time is valid. A
    look-alike whose time breaks the order by more than SLACK_SECONDS, or whose name is neither the chat's title nor
    the one other speaker's, belongs to the words above it and is noted. Text before the first header is noted as
    skipped. Possible damaged headers are noted unless `look_near` is off (`mark`: a pattern that only headers
    contain), and so is an unfinished last block if the form ends each block with an empty line (`is_ended`). With
    `bare_is_notice`, a header directly above an empty line is a notice whose words are in the name's place.
    """
    text = with_line_feeds(text)
    if "\r\n" in text[:4096] and text.count("\r\n") >= text.count("\n") * 0.9:
        text = text.replace("\r\n", "\n")
    cut = [Note(NoteCode.ODD_VALUE, name, UNENDED, said=True)]
    heads, frame = _headers_and_lines(text, header, after_blank=after_blank)
    if bare_is_notice:
        heads = _notices_apart(heads)
    groups = [c for c in heads.columns if c not in ("line", "text", "next")]
    kept, notes = _true_headers(heads, name, title)
    if look_near:
        noted = set(heads["line"].to_list()) - set(kept["line"].to_list())
        notes += near_headings(
            frame["text"], kept["line"] - 1, name, own=_own(kept, header), noted={n - 1 for n in noted}, mark=mark
        )
    notes += _notes_on_preamble(frame, kept, name)
    notes += control_notes(frame["text"], name)
    notes += cut if is_ended and not text.endswith("\n\n") else []
    rows = kept.select("line", *groups).with_columns(_below(frame["text"], kept["line"]))
    return rows.with_columns(_body_text(rows, after_blank=after_blank)).drop("rest", strict=False), notes


def _below(lines: pl.Series, heads: pl.Series) -> pl.Series:
    """The lines below each header as one text, null where the next header follows directly."""
    counts = heads.shift(-1, fill_value=lines.len() + 1) - heads - 1
    last = max(lines.len() - 1, 0)
    near = pl.DataFrame({f"line{i}": lines[(heads + i).clip(0, last)] for i in range(_FEW_LINES)})
    # Nearly all blocks are a line or two and an empty one.
    text = pl.lit(None, dtype=pl.String)
    for few in range(1, _FEW_LINES + 1):
        text = pl.when(pl.lit(counts) == few).then(pl.concat_str(near.columns[:few], separator="\n")).otherwise(text)
    below = near.select(text.alias("text")).to_series()
    long = (counts > _FEW_LINES).arg_true()
    if not long.is_empty():
        block = pl.Series([0], dtype=pl.UInt32).new_from_index(0, lines.len()).scatter(heads - 1, 1).cum_sum()
        body = pl.DataFrame({"block": block, "text": lines}).filter(block.is_in((long + 1).implode()))
        # The first line of each block is its header.
        joined = body.group_by("block", maintain_order=True).agg(pl.col("text").slice(1).str.join("\n"))["text"]
        below = below.scatter(long, joined)
    return below


def _headers_and_lines(text: str, header: str, *, after_blank: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines that begin a message with a true time, and all lines with their numbers."""
    lines = pl.Series("text", [text]).str.split("\n").explode()
    frame = lines.to_frame().with_row_index("line", offset=1)
    # Groups are extracted only from the few lines that fit.
    near = lines.str.contains(header)
    if after_blank:
        near &= lines.shift(1, fill_value="") == ""
    parts = frame.with_columns(pl.col("text").shift(-1, fill_value="").alias("next")).filter(near)
    parts = parts.with_columns(parts["text"].str.extract_groups(header).alias("g")).unnest("g")
    # Markdown escapes the hyphens in its headings.
    parts = parts.with_columns(pl.col("time").str.replace_all("\\", "", literal=True))
    return parts.filter(pl.col("time").str.to_datetime(_TIME, strict=False, time_unit="us").is_not_null()), frame


def _own(heads: pl.DataFrame, header: str) -> pl.Series:
    """The headers without the words that follow in their own lines."""
    text = pl.col("text").str.strip_suffix(pl.col("rest")) if "?P<rest>" in header else pl.col("text")
    return heads.select(text)["text"]


def _notices_apart(heads: pl.DataFrame) -> pl.DataFrame:
    """Names of people who never speak are notices; they move to rest."""
    speakers = heads.filter(pl.col("next") != "")["name"].unique()
    notice = (pl.col("next") == "") & ~pl.col("name").is_in(speakers.implode())
    return heads.with_columns(
        pl.when(notice).then("name").otherwise(pl.lit("")).alias("rest"), pl.when(~notice).then("name").alias("name")
    )


def _body_text(rows: pl.DataFrame, *, after_blank: bool) -> pl.Expr:
    """The words below a heading, with a notice's own line before them."""
    below = pl.col("text")
    last = pl.int_range(pl.len()) == pl.len() - 1
    if after_blank:
        below = pl.when(last).then(below.str.replace(r"\n{1,2}$", "")).otherwise(below.str.strip_suffix("\n"))
    elif rows.height:
        below = pl.when(last).then(below.str.replace(r"(?:^|\n)$", "")).otherwise(below)
    if "rest" not in rows.columns:
        return below.fill_null("").alias("text")
    both = pl.concat_str("rest", pl.lit("\n"), below)
    bare = below.is_null() | (below == "") & (last | pl.lit(after_blank))
    return (
        pl.when(bare)
        .then("rest")
        .when(pl.col("rest") == "")
        .then(below if after_blank else both)
        .otherwise(both)
        .alias("text")
    )


def _notes_on_preamble(frame: pl.DataFrame, kept: pl.DataFrame, name: str) -> list[Note]:
    """Note the words before the first message."""
    before = frame["text"].head(kept["line"][0] - 1 if kept.height else frame.height)
    if not (before.str.strip_chars() != "").any():
        return []
    return [Note(NoteCode.ROW_SKIPPED, f"{name}#line 1", before.head(200).str.join("\n")[0][:200])]


def _true_headers(heads: pl.DataFrame, name: str, title: str | None) -> tuple[pl.DataFrame, list[Note]]:
    """Headings without strangers and without times out of order, which are noted."""
    seconds = heads["time"].str.to_datetime(_TIME, strict=False, time_unit="us").dt.epoch("s")
    strange = _strangers(heads, title)
    usable = heads.with_columns(seconds.alias("seconds")).filter(~strange)
    late, are_few = out_of_order(usable["seconds"].to_list(), SLACK_SECONDS, usable["text"].to_list())
    if not are_few:
        return heads.filter(~strange), [
            *_notes_on_headers(heads.filter(strange), name),
            Note(NoteCode.AMBIGUOUS_HEADER, name, "times not in order", len(late), said=True),
        ]
    false = pl.concat([heads.filter(strange)["line"], usable["line"][late]])
    gone = heads["line"].is_in(false.implode())
    return heads.filter(~gone), _notes_on_headers(heads.filter(gone), name)


def _notes_on_headers(heads: pl.DataFrame, name: str) -> list[Note]:
    return [
        Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#line {n}", t[:200])
        for n, t in heads.select("line", "text").iter_rows()
    ]


def _strangers(heads: pl.DataFrame, title: str | None) -> pl.Series:
    """Headers of a direct chat with a third name."""
    none = none_of(heads)
    if title is None or "name" not in heads.columns:
        return none
    counts = heads.filter(pl.col("name") != "")["name"].value_counts(sort=True)
    spoken = counts["name"].to_list()
    others = [n for n in spoken if n != title]
    if title not in spoken or len(others) < 2:
        return none
    owner = "我" if "我" in others else others[0]
    strange = heads["name"].is_in([n for n in others if n != owner])
    return strange if strange.sum() <= max(2, int(0.02 * heads.height)) else none
