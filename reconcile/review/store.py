"""A finished comparison for the review page; a conversation's lines are read when it is opened."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from threading import RLock
from typing import Any

import orjson
import polars as pl

from reconcile.custody.decisions import basis_of
from reconcile.engine.decisions import forms_and_doubts
from reconcile.errors import CaseNotFound, UnreadableSource
from reconcile.frames import Absent, Alignment, Gaps, Irregularities, Verdicts, dtypes_of
from reconcile.outputs import check_plain
from reconcile.posts_as_rows import LINE_FILES, MOMENTS, ROW_FILES, PostTables, post_lines, post_messages, row_bases
from reconcile.review.findings import find_runs
from reconcile.review.order import in_display_order
from reconcile.vocabulary import Grade, Side
from reconcile.wording import Lang
from reconcile.wording.sides import SIDES, account_in, called_in

KEPT_LINES = 2_500_000
"""Opened conversations are kept in memory up to this many lines together; about a gigabyte of short messages."""

SHOWN = (
    "sent_at",
    "time_precision",
    "text",
    "sender",
    "sender_name",
    "party",
    "is_self",
    "kind",
    "amount",
    "file_name",
)
"""What the list shows and the filters ask of a message; the rest is read when one line is looked at."""

MOST_NAMES = 3

Row = dict[str, Any]


@dataclass(frozen=True)
class Conversation:
    """One conversation opened: its lines in display order. The position in `lines` is the line's number."""

    index: int
    id: str
    verdict: Row
    lines: pl.DataFrame

    def line_of(self, side: Side, row: int) -> int | None:
        """The number of the line that holds this row; None when no line of this conversation does."""
        found = self.lines.select(pl.arg_where(pl.col(f"{side}_row") == row)).to_series()
        return int(found[0]) if len(found) else None

    def lines_with(self, rows: Iterable[tuple[Side, int]]) -> pl.Series:
        """Numbers of the lines that have any of these rows, ascending."""
        by_side: dict[Side, list[int]] = {side: [] for side in Side}
        for side, row in rows:
            by_side[side].append(row)
        if not any(by_side.values()):
            return pl.Series("line", [], pl.UInt32)
        has_row = pl.any_horizontal(pl.col(f"{side}_row").is_in(by_side[side]) for side in Side)
        return self.lines.select(pl.arg_where(has_row.fill_null(False))).to_series()

    @cached_property
    def findings(self) -> pl.DataFrame:
        """Runs of neighbouring lines that a person should look at; see `findings.find_runs`."""
        return find_runs(self.lines)


class CaseFolder:
    """Reads a case folder; never writes.

    Raises CaseNotFound when there is no finished comparison, UnreadableSource when one of its files is broken.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        check_plain(folder)
        if not (folder / "alignment.parquet").is_file() or not (folder / "verdicts.parquet").is_file():
            raise CaseNotFound(folder, f"{folder}: no finished comparison here; run `reconcile compare … --out` first")
        self.manifest = self._read_manifest()
        self.basis = basis_of(self.manifest)
        self.has_messages = (folder / "messages.parquet").is_file()
        self.has_account = (folder / "account.parquet").is_file()
        also = {"messages": self.has_messages, "account": self.has_account}
        self._check_tables("alignment", "verdicts", *(name for name, is_there in also.items() if is_there))
        self._opened: OrderedDict[int, Conversation] = OrderedDict()
        self._lock = RLock()

    @cached_property
    def verdicts(self) -> list[Row]:
        """Every conversation's verdict, worst first, then the most one-sided and conflicting rows first."""
        frame = self._read("verdicts", dtypes_of(Verdicts))
        worst = pl.col("grade").replace_strict({g.value: n for n, g in enumerate(Grade)}, default=len(Grade))
        weight = pl.sum_horizontal("conflicts", "left_missing", "right_missing")
        return frame.sort(worst, -weight.cast(pl.Int64), "conversation").to_dicts()

    def names(self, lang: Lang) -> dict[str, str]:
        """The label of each side."""
        return called_in(self.manifest, lang)

    @property
    def title(self) -> str:
        """The name of the case, as given to the comparison; else the name of its folder."""
        stated = self.manifest.get("case")
        return stated if isinstance(stated, str) and stated else self.folder.resolve().name

    @cached_property
    def owners(self) -> dict[str, str | None]:
        """The name of the owner of each side's export; null where it states none."""
        stated = {side: next(iter(owners_in(self.manifest, side)), "") for side in SIDES}
        return {side: self.called.get(account) for side, account in stated.items()}

    @cached_property
    def accounts(self) -> dict[str, str | None]:
        """The account of each side's export; null where it states none."""
        return {str(side): account_in(self.manifest, side) for side in Side}

    @cached_property
    def called(self) -> dict[str, str]:
        """Names of accounts: by owner, else by contacts, else beside messages.

        Several names from one source are joined.
        """
        contact = pl.coalesce("nickname", "remark", "alias").alias("name")
        sources = (
            [self._names_by_account("messages", "sender", pl.col("sender_name").alias("name"))]
            if self.has_messages
            else []
        )
        sources += [self._names_by_account("contacts", "id", contact), owners_in(self.manifest)]
        return {account: " / ".join(names) for source in sources for account, names in source.items()}

    def _names_by_account(self, file: str, account: str, name: pl.Expr) -> dict[str, list[str]]:
        """At most MOST_NAMES names by account, from one file; empty where it cannot be read."""
        try:
            rows = self._scan_table(file).select(pl.col(account).alias("id"), name).drop_nulls().unique().collect()
        except (OSError, pl.exceptions.PolarsError):
            return {}
        grouped = rows.filter(pl.col("name") != "").group_by("id").agg(pl.col("name").sort().head(MOST_NAMES))
        return dict(grouped.iter_rows())

    def name_of(self, verdict: Row) -> str:
        """A conversation's name: its title, else the names of its parties, else their accounts."""
        parts = str(verdict["conversation"]).split(" ~ ")
        return verdict["left_title"] or verdict["right_title"] or " – ".join(self.called.get(p, p) for p in parts)

    @cached_property
    def input_digests(self) -> dict[Side, dict[str, str]]:
        """SHA-256 of each file that the run read, by its path below the folder that contained the export."""
        inputs = self.manifest.get("inputs")
        stated = inputs if isinstance(inputs, dict) else {}
        return {side: _digests_by_path(stated.get(side)) for side in Side}

    def conversation(self, index: int) -> Conversation:
        """The conversation at this index of `verdicts`, cached. Raises IndexError."""
        if not 0 <= index < len(self.verdicts):
            raise IndexError(index)
        with self._lock:
            if index not in self._opened:
                self._opened[index] = self._open_conversation(index)
            self._opened.move_to_end(index)
            self._forget_oldest()
            return self._opened[index]

    def gaps(self, conversation: str) -> list[Row]:
        """The gaps of a conversation, in time order."""
        frame = self._read("gaps", dtypes_of(Gaps), conversation)
        return frame.sort("gap").to_dicts()

    def absent(self, conversation: str) -> list[Row]:
        """Messages that the material mentions but neither side holds."""
        return self._read("absent", dtypes_of(Absent), conversation).to_dicts()

    def irregularities(self, conversation: str) -> list[Row]:
        """Oddities inside one copy."""
        found = self._read("irregularities", dtypes_of(Irregularities), conversation)
        if conversation == MOMENTS and self.post_tables is not None:
            base = pl.col("side").cast(pl.String).replace_strict(self.post_bases, return_dtype=pl.UInt32)
            found = found.with_columns(pl.col("row") + base)
        return found.to_dicts()

    def account(self, side: Side, row: int) -> list[Row]:
        """The account lines of one row; none for plain agreement or where none were saved."""
        if not self.has_account:
            return []
        scan = self._scan_table("account").filter((pl.col("side").cast(pl.String) == side) & (pl.col("row") == row))
        return scan.collect().to_dicts()

    def message(self, side: Side, row: int) -> Row | None:
        """All facts of one row; None for an unknown row or where messages were left out."""
        if not self.has_messages:
            return None
        found = self._scan_with_posts("messages").filter(
            (pl.col("side").cast(pl.String) == side) & (pl.col("row") == row)
        )
        rows = found.head(1).collect().to_dicts()
        return rows[0] if rows else None

    def messages(self, side: Side, rows: list[int], columns: tuple[str, ...]) -> dict[int, Row]:
        """These columns of these rows of one side, by row; empty where messages were left out."""
        if not (self.has_messages and rows):
            return {}
        scan = self._scan_with_posts("messages").filter(
            (pl.col("side").cast(pl.String) == side) & pl.col("row").is_in(rows)
        )
        return {found["row"]: found for found in scan.select("row", *columns).collect().to_dicts()}

    def lines_of_rows(self, conversation: str, rows: dict[Side, list[int]]) -> pl.DataFrame:
        """Relation, cause, detail, left_row, right_row of each line that holds one of these rows."""
        holds = pl.any_horizontal(pl.col(f"{side}_row").is_in(rows[side]) for side in Side)
        scan = self._scan_with_posts("alignment").filter(
            (pl.col("conversation") == conversation) & holds.fill_null(False)
        )
        return scan.select(pl.col("relation", "cause").cast(pl.String), "detail", "left_row", "right_row").collect()

    @cache  # noqa: B019 - one case folder a program, and it lives as long as the program
    def forms_and_doubts(self, conversation: str) -> dict[str, int]:
        """What judging anew needs to know about a whole conversation; see `engine.decisions`."""
        return forms_and_doubts(self._scan_with_posts("alignment").filter(pl.col("conversation") == conversation))

    def _open_conversation(self, index: int) -> Conversation:
        """The conversation with its lines in display order."""
        verdict = self.verdicts[index]
        conversation = str(verdict["conversation"])
        lines = self._read("alignment", dtypes_of(Alignment), conversation).drop("case", "conversation")
        for side in Side:
            lines = lines.join(self._side_messages(conversation, side), on=f"{side}_row", how="left")
        dated = lines.rename({f"{side}_sent_at": f"{side}_at" for side in Side})
        return Conversation(index, conversation, verdict, in_display_order(dated))

    def _side_messages(self, conversation: str, side: Side) -> pl.DataFrame:
        """The shown columns of one side's messages; no rows where messages were left out."""
        wanted = {f"{side}_{name}": pl.col(name) for name in SHOWN}
        if not self.has_messages:
            empty = {f"{side}_row": pl.UInt32(), **{name: _TYPES[name.partition("_")[2]] for name in wanted}}
            return pl.DataFrame(schema=empty)
        scan = self._scan_with_posts("messages")
        there = scan.collect_schema().names()
        columns = {name: pl.col(c) if c in there else pl.lit(None, _TYPES[c]) for name, c in _side_columns(side)}
        rows = scan.filter((pl.col("side").cast(pl.String) == side) & (pl.col("conversation") == conversation))
        found = rows.select(pl.col("row").cast(pl.UInt32).alias(f"{side}_row"), **columns).collect()
        contact = pl.col(f"{side}_sender").replace_strict(self.called, default=None, return_dtype=pl.String)
        return found.with_columns(pl.coalesce(f"{side}_sender_name", contact).alias(f"{side}_sender_name"))

    def _check_tables(self, *names: str) -> None:
        """Raises UnreadableSource for a broken table."""
        for name in names:
            try:
                self._scan_table(name).collect_schema()
            except (OSError, pl.exceptions.PolarsError):
                path = self.folder / f"{name}.parquet"
                raise UnreadableSource(path, f"{path}: broken or cut short; run the comparison again") from None

    def _forget_oldest(self) -> None:
        """Drops conversations, oldest first, while more than KEPT_LINES lines are in memory."""
        while len(self._opened) > 1 and sum(c.lines.height for c in self._opened.values()) > KEPT_LINES:
            self._opened.popitem(last=False)

    @cached_property
    def post_tables(self) -> PostTables | None:
        """Posts of both sides; None where the comparison held none, or both sides' rows were left out."""
        if not all((self.folder / f"{name}.parquet").is_file() for name in (*LINE_FILES, *ROW_FILES)):
            return None
        try:
            frames = [
                pl.read_parquet(self.folder / f"{name}.parquet", glob=False) for name in (*LINE_FILES, *ROW_FILES)
            ]
        except (OSError, pl.exceptions.PolarsError):
            raise UnreadableSource(
                self.folder, f"{self.folder}: posts are broken or cut short; run the comparison again"
            ) from None
        return None if frames[0].is_empty() else PostTables(*frames)

    @cached_property
    def post_bases(self) -> dict[str, int]:
        """The first row number of posts, by side."""
        return row_bases(self._scan_table("alignment"))

    @cached_property
    def _post_rows(self) -> dict[str, pl.DataFrame]:
        """Posts as lines of the alignment and as rows of the messages; empty without posts."""
        tables = self.post_tables
        if tables is None:
            return {}
        base = self.post_bases
        return {"alignment": post_lines(tables, base), "messages": post_messages(tables, base)}

    def _scan_table(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / f"{name}.parquet", glob=False)

    def _scan_with_posts(self, name: str) -> pl.LazyFrame:
        """A table with the rows of posts appended where it is about messages."""
        more = self._post_rows.get(name) if name in ("alignment", "messages") else None
        found = self._scan_table(name)
        if more is None or (name == "messages" and not self.has_messages):
            return found
        return pl.concat([found, more.lazy()], how="diagonal_relaxed")

    def _read(self, name: str, dtypes: Mapping[str, pl.DataType], conversation: str | None = None) -> pl.DataFrame:
        """A frame of the folder with at least these columns; empty where the file is not there."""
        if not (self.folder / f"{name}.parquet").is_file():
            return pl.DataFrame(schema=dtypes)
        scan = self._scan_with_posts(name)
        there = scan.collect_schema().names()
        if conversation is not None:
            scan = scan.filter(pl.col("conversation") == conversation)
        return scan.select(pl.col(c) if c in there else pl.lit(None, t).alias(c) for c, t in dtypes.items()).collect()

    def _read_manifest(self) -> dict[str, Any]:
        """The manifest; empty where it is missing or broken."""
        try:
            stated = orjson.loads((self.folder / "manifest.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return stated if isinstance(stated, dict) else {}


_TYPES: dict[str, pl.DataType] = dict.fromkeys(SHOWN, pl.String()) | {
    "sent_at": pl.Datetime("us", "UTC"),
    "is_self": pl.Boolean(),
}


def _digests_by_path(given: object) -> dict[str, str]:
    """SHA-256 by path, from one side's part of the manifest."""
    files = given.get("files") if isinstance(given, dict) else None
    listed = [f for f in files if isinstance(f, dict)] if isinstance(files, list) else []
    return {str(f.get("path")): str(f.get("sha256")) for f in listed}


def owners_in(manifest: Row, *sides_wanted: str) -> dict[str, list[str]]:
    """The owner's account and own name of the exports of these sides, where their statements give both."""
    inputs = manifest.get("inputs")
    sides = [inputs.get(side) for side in sides_wanted or SIDES] if isinstance(inputs, dict) else ()
    facts = [side.get("facts") for side in sides if isinstance(side, dict)]
    owners = [f.get("owner") for f in facts if isinstance(f, dict)]
    found = [(o.get("id"), o.get("name")) for o in owners if isinstance(o, dict)]
    return {account: [name] for account, name in found if isinstance(account, str) and isinstance(name, str) and name}


def _side_columns(side: Side) -> Iterator[tuple[str, str]]:
    """Column with the side's prefix, and column of the messages."""
    return ((f"{side}_{name}", name) for name in SHOWN)
