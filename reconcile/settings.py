"""One frozen model of every threshold. The unit is in the name, the reason in the description."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from reconcile.errors import UsageError


class Limits(BaseModel):
    """What a single input may demand; each default is far above any honest export.

    Inputs may come from an opponent.
    """

    model_config = ConfigDict(frozen=True)

    max_file_bytes: int = Field(64 * 2**30, description="a whole phone's message store stays under this")
    max_member_count: int = Field(200_000, description="files in one folder or archive")
    max_unpacked_bytes: int = Field(16 * 2**30, description="sum of an archive's members")
    max_unpack_ratio: int = Field(
        100, description="unpacked to packed, of what unpacks to 16 MB and more; text packs 20 to 1, a bomb 1000 to 1"
    )
    max_nesting_depth: int = Field(64, description="JSON, XML and forwards inside forwards")
    max_text_characters: int = Field(2_000_000, description="one message; the client cuts at some tens of thousands")
    max_body_bytes: int = Field(64 * 2**20, description="one compressed body after unpacking")
    max_cells: int = Field(
        50_000_000, description="rows by columns of one sheet or Parquet file; a lifetime of chats has a tenth of that"
    )
    max_cells_per_byte: int = Field(
        200, description="cells that a Parquet file or sheet claims for each of its bytes; real ones have less than one"
    )
    max_query_seconds: int = Field(1_800, description="reading one database; a million rows take seconds")
    max_query_seconds_per_megabyte: int = Field(
        4,
        description="processor time of the same for each MB of the file, beside eight seconds; an honest one takes a tenth",
    )

    def named(self, name: str) -> str:
        """The hint of an error line on this limit, and how to raise it."""
        return self.bound(name).replace("docs/en/limits.md", f"docs/en/limits.md; raise it with --limit {name}=NUMBER")

    def bound(self, name: str) -> str:
        """The hint of an error line on this limit, which no command can raise."""
        return f"the limit {name} is {getattr(self, name):,} (docs/en/limits.md)"

    @classmethod
    def given(cls, texts: Iterable[str]) -> "Limits":
        """The limits with those of `--limit NAME=NUMBER`. Raises UsageError for an invalid one."""
        numbers = {}
        for text in texts:
            name, _, number = text.partition("=")
            if name not in cls.model_fields or not number.isascii() or not number.isdigit() or not int(number[:18]):
                known = ", ".join(cls.model_fields)
                raise UsageError("--limit", f"--limit {text}: expected NAME=NUMBER with a name of {known}")
            numbers[name] = int(number[:18])
        return cls(**numbers)


class Settings(BaseModel):
    """Settings of a run. Equal inputs and settings give equal bytes; reports print the settings.

    Thresholds are in `engine.params`.
    """

    model_config = ConfigDict(frozen=True)

    seed: int = Field(20240301, description="of every random draw, printed in the report")
    limits: Limits = Field(default_factory=Limits)


class RateLimits(BaseModel):
    """How much of a run its error rates are measured on."""

    model_config = ConfigDict(frozen=True)

    part_share: float = Field(0.125, description="of the lines; keeps the rerun under a third of the run")
    least_rows: int = Field(800, description="lines that are always looked at: less gives intervals that say nothing")
    most_rows: int = Field(6_000, description="more rows would narrow the interval by little")
    least_paired: int = Field(20, description="paired lines of a conversation below which nothing can be hidden unseen")
    drawn_share: float = Field(0.125, description="of the eligible rows; more would change the material measured")
    least_drawn: int = Field(5, description="below it the interval is wider than half of all there is")
    wanted_drawn: int = Field(20, description="of a short chat too, though never more than a quarter of it")
    wanted_of_kind: int = Field(
        4, description="decoys of a kind, beside those by lot; of rare kinds the lot gives none"
    )
    most_drawn: int = Field(200, description="none of 200 puts the upper end at 1.8 percent")

    def drawn_of(self, eligible: int) -> int:
        """How many of the eligible rows are drawn; a quarter at most."""
        return min(
            self.most_drawn, max(int(eligible * self.drawn_share), min(self.wanted_drawn, self.most_of(eligible)))
        )

    def most_of(self, eligible: int) -> int:
        """How many may be drawn in all without changing the material that is measured."""
        return eligible // 4


class JointLossLimits(BaseModel):
    """When an estimate of losses on both sides may be shown; each limit guards an assumption.

    Where an assumption fails, the figure means nothing.
    """

    model_config = ConfigDict(frozen=True)

    least_missing: int = Field(10, description="rows each side lacks; with fewer the interval spans everything")
    longest_run: int = Field(5, description="a longer stretch is one event, not many independent ones")
    run_share: float = Field(0.5, description="above this share of losses beside other losses they come in stretches")
    author_chance: float = Field(0.01, description="rarer by chance than this, losses fall on one sender")


class ReportLimits(BaseModel):
    """How much a report prints; the rest is counted, with the place where it can be read."""

    model_config = ConfigDict(frozen=True)

    findings_per_conversation: int = Field(60, description="about thirty pages of A4; more nobody reads on paper")
    findings_in_report: int = Field(400, description="keeps the page under 2 MB, so that it opens at once")
    conversations_listed: int = Field(300, description="rows of the table of conclusions; the workbook lists all")
    conversations_in_detail: int = Field(100, description="conversations with a chapter of their own, worst first")
    rows_per_gap: int = Field(12, description="rows of one run of one-sided rows; the middle is left out")
    context_rows: int = Field(3, description="rows before and after, so that an excerpt keeps its meaning")
    text_characters: int = Field(600, description="of one message, around the first difference")
    files: int = Field(100, description="files listed per side; all stand in manifest.json")
    decisions: int = Field(200, description="reviewers' judgements listed; all stand in decisions.jsonl")
    said_rows: int = Field(
        40, description="likes and comments printed under one post; all stand in interactions.parquet"
    )
    post_rows: int = Field(200, description="traces, articles and favourites listed; all stand in their tables")
    odd_rows: int = Field(30, description="irregular or absent rows listed per conversation")
    stated: int = Field(100, description="declarations and filters listed per side; all stand in manifest.json")
    persons: int = Field(30, description="accounts listed per side")
    discrepancy_rows: int = Field(1_000, description="rows of the list of discrepancies")
    discrepancies_on_page: int = Field(200, description="of them in the page; the document for signing holds more")
    picture_bytes: int = Field(
        300_000, description="of one picture in the page; thumbnails and pictures as sent are smaller"
    )
    sound_bytes: int = Field(500_000, description="of one voice message in the page; a minute of MP3")
    media_bytes: int = Field(6_000_000, description="of all pictures and sounds of a page, so that it can be mailed")
    lacked_rows: int = Field(120, description="rows of the table of what each side lacks")
    sheet_rows: int = Field(50_000, description="rows of one sheet of the workbook; ten seconds to write")
