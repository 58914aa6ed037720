"""WeFlow TXT: `<title>.txt`, blocks of `time 'name'`, the words, an empty line.

Producer: WeFlow 1 to 5, hicccc77/WeFlow electron/services/export. Container: text. Encoding: UTF-8 without mark.
Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: ids, accounts, kinds (told by the body's placeholder, which a person can type as well), notices (they bear a name and
look like speech; only the client's own sentences are told apart), digests, voice length; voices and unknown kinds stand as
[其他消息]; a leading `[A-Za-z0-9_-]+:` of plain text is lost. A line shaped like a header inside the words is told from one by
the order of times and by its name only.
"""

import re
from pathlib import Path

import polars as pl

from reconcile.formats.weflow.part import OWN_NAME, file_title, weflow_part
from reconcile.formats.weflow.rows import kind_by_body, stripped
from reconcile.intake.contract import ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.blocks import split_blocks
from reconcile.intake.text.decode import head_text, read_text

HEADER = r"^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ['\"](?P<name>.*)['\"]\r?$"


class WeflowTxt(FileReader, form="weflow_txt"):
    """Reader of WeFlow's TXT."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the first line is a header with the name in quotes."""
        return re.match(HEADER, head_text(source, file).lstrip("\ufeff\n").split("\n", 1)[0]) is not None

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; 我 is the owner in direct chats, in groups nobody says who is."""
        name = source.relative(file)
        text, notes = read_text(source, file)
        title = file_title(file)
        blocks, more = split_blocks(text, HEADER, name, title, is_ended=True)
        blocks = blocks.with_columns(kind_by_body(pl.col("text")).alias("kind"))
        own = pl.col("name") == OWN_NAME
        direct = bool((blocks["name"] == OWN_NAME).any()) or blocks["name"].n_unique() == 1
        rows = blocks.select(
            "line",
            pl.col("time").alias("sent_raw"),
            "text",
            "kind",
            stripped(pl.col("kind")).alias("text_quality"),
            pl.col("name").alias("sender"),
            pl.col("name").alias("sender_name"),
            (own if direct else pl.lit(None, dtype=pl.Boolean)).alias("is_self"),
        )
        return weflow_part(rows, file, name, options, [*notes, *more], title=title)
