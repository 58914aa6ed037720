"""The post table, our neutral form of Moments: NAME.posts.csv (.jsonl, .parquet) with its companions.

Producer: `reconcile convert`, or any user. Container: CSV, JSON lines or Parquet; NAME.post_media, NAME.interactions and
NAME.post_witnesses beside it, each optional. Encoding: UTF-8. Time zone: offset in the text, else Asia/Shanghai assumed and noted.
Cannot say: nothing is left out by the form itself; what the user's tool left out is not known here. Columns: docs/en/post-table.md.
"""

from dataclasses import replace
from pathlib import Path

import dataframely as dy
import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.posts_reading import posts_only
from reconcile.frames import dtypes_of
from reconcile.frames_posts import Interactions, PostMedia, Posts, PostWitnesses
from reconcile.intake.contract import Claim, Note, PostReading, Reading, ReadOptions, remarks
from reconcile.intake.form import Form
from reconcile.intake.frames import frame_of, notes_of
from reconcile.intake.json.duplicate_keys import count_duplicate_keys_in_lines
from reconcile.intake.json.rows import line_skipped
from reconcile.intake.json.values import text_or_json
from reconcile.intake.limits import check_keys, check_stretches
from reconcile.intake.posts.frames import TABLE_NAME
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import rows_inside, short_rows, uneven_csv
from reconcile.intake.tables.parquet import read_parquet
from reconcile.vocabulary import NoteCode, ZoneSource
from reconcile.wechat.articles import article_columns
from reconcile.wechat.clock import ASSUMED_ZONE, parse_times
from reconcile.wechat.moments.types import unsigned_id

REQUIRED = ("sent_at", "text")
_TRUE, _FALSE = ("true", "1", "yes", "是"), ("false", "0", "no", "否")


class PostTable(Form, form="post_table"):
    """Reader of the neutral post table."""

    is_supplement = True

    def sniff(self, source: Source) -> Claim:
        """Certain of NAME.posts.csv (.jsonl, .parquet) without other tables, likely beside a message table."""
        tables = _tables(source)
        if "posts" not in tables:
            return Claim("none", "looked for NAME.posts.csv, .jsonl or .parquet")
        own = set(tables.values())
        others = [f for f in source.files if f not in own and f.suffix.lower() in (".csv", ".jsonl", ".parquet", ".db")]
        return Claim("likely" if others else "certain", "a table NAME.posts")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """The four tables as frames."""
        tables = _tables(source)
        if "posts" not in tables:
            raise UnreadableSource(source.path, f"{source.path}: no NAME.posts.csv, .jsonl or .parquet found")
        skipped: list[Note] = []
        for file in tables.values():
            source.rest_on(file)
        frames = {name: _load(source, file, skipped) for name, file in tables.items()}
        posts, notes = _read_posts(source, frames["posts"], tables["posts"].name, options)
        notes += skipped
        notes += [n for name, file in tables.items() for n in _uneven(file, frames[name])]
        store = PostReading(
            posts=posts,
            media=_read_media(frames.get("post_media"), posts),
            interactions=_read_interactions(_placed(frames.get("interactions"), posts), tables.get("interactions")),
            witnesses=frame_of(
                PostWitnesses, _read_witnesses(frames.get("post_witnesses"), tables.get("post_witnesses"))
            ),
            forms=(self.name,),
            notes=tuple(notes),
        )
        held = {
            "post_media": store.media.height,
            "interactions": store.interactions.height,
            "post_witnesses": store.witnesses.height,
        }
        left = [
            Note(NoteCode.ROW_SKIPPED, tables[name].name, "rows that lack a post, kind, place or action", frames[name].height - count, said=True)
            for name, count in held.items() if name in frames and frames[name].height > count
        ]  # fmt: skip
        store = replace(store, notes=(*store.notes, *left))
        own = posts.filter("is_self")["author"].drop_nulls().unique()
        return posts_only(
            self.name, self.limits, [store], [], owner=str(own[0]) if len(own) == 1 else None, options=options
        )


def _tables(source: Source) -> dict[str, Path]:
    """Part -> file. Beside a single table its companions count too, as its sidecar does."""
    files = source.files
    if source.is_file and source.path.suffix.lower() in (".csv", ".jsonl", ".ndjson", ".parquet"):
        stem = source.path.name.split(".", 1)[0]
        files = tuple(sorted(f for f in source.path.parent.glob(f"{_escape_glob(stem)}.*") if f.is_file()))
    found: dict[str, Path] = {}
    for file in files:
        if match := TABLE_NAME.search(file.name):
            found.setdefault(match[1].lower(), file)
    return found


def _escape_glob(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)


def _read_csv_table(source: Source, file: Path) -> tuple[pl.DataFrame, list[Note]]:
    """The CSV as text; one with rows of uneven length is read row by row."""
    try:
        return pl.read_csv(file, infer_schema=False, glob=False, encoding="utf8"), []
    except pl.exceptions.ComputeError:
        return uneven_csv(source, file)


def _load(source: Source, file: Path, notes: list[Note]) -> pl.DataFrame:
    """A table with text cells; '' is null. A line of JSON that is no object becomes a note."""
    suffix = file.suffix.lower()
    try:
        if suffix == ".parquet":
            table = read_parquet(source, file)
        elif suffix == ".csv":
            check_stretches(source.path, file, source.limits, (b"\n", b","), "a cell")
            table, more = _read_csv_table(source, file)
            notes += more
        else:
            lines = [(n, line) for n, line in enumerate(file.read_bytes().split(b"\n"), 1) if line.strip()]
            rows = [(n, line, orjson.loads(line)) for n, line in lines]
            notes += [line_skipped(line.strip(), n, file.name) for n, line, r in rows if not isinstance(r, dict)]
            objects = [r for *_, r in rows if isinstance(r, dict)]
            count_duplicate_keys_in_lines(source, file.name, [line for _, line, _ in rows], [r for *_, r in rows])
            check_keys(source.path, file, objects)
            table = pl.DataFrame(
                [{k: text_or_json(v) for k, v in r.items()} for r in objects], infer_schema_length=None
            )
    except (
        pl.exceptions.PolarsError,
        OSError,
        UnicodeDecodeError,
        orjson.JSONDecodeError,
        orjson.JSONEncodeError,
    ) as error:
        raise UnreadableSource(source.path, f"{file}: cannot be read as {suffix[1:]} ({str(error)[:120]}); save it as UTF-8") from None  # fmt: skip
    shown = [_as_text(n, t) for n, t in table.schema.items()]
    return table.select(shown).with_columns(pl.when(pl.all() != "").then(pl.all()))


def _uneven(file: Path, table: pl.DataFrame) -> list[Note]:
    """Notes on rows of a CSV that hold fewer cells than its heading, and on cells that run on over rows."""
    if file.suffix.lower() != ".csv":
        return []
    short = short_rows(table, file, ",")
    odd = remarks(NoteCode.ODD_VALUE, file.name, "rows of fewer cells than the heading", short) if short > 0 else []
    return [*odd, *rows_inside(file, table, ",", file.name)]


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as text; times in ISO 8601 with their offset."""
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        aware = column if dtype.time_zone else column.dt.replace_time_zone("UTC")
        return aware.dt.to_string("%Y-%m-%dT%H:%M:%S%.f%:z")
    return column.cast(pl.String, strict=False)


def _read_posts(source: Source, table: pl.DataFrame, name: str, options: ReadOptions) -> tuple[dy.DataFrame[Posts], list[Note]]:  # fmt: skip
    """The posts and notes; raises UnreadableSource where a required column is missing."""
    missing = [c for c in REQUIRED if c not in table.columns]
    if missing:
        raise UnreadableSource(source.path, f"{name}: lacks column {missing[0]}; expected sent_at, text and author or author_name")  # fmt: skip
    zone = options.timezone or ASSUMED_ZONE
    times = parse_times(table["sent_at"], zone).with_columns(pl.col("zone_source", "time_precision").cast(pl.String))
    assumed = options.timezone is None
    if assumed:
        told = pl.col("zone_source") == str(ZoneSource.DECLARED)
        times = times.with_columns(
            pl.when(told).then(pl.lit(str(ZoneSource.ASSUMED))).otherwise("zone_source").alias("zone_source")
        )
    typed = _as_schema_types(table.drop("time_precision", "zone_source", strict=False), Posts)
    ids = [unsigned_id(i) for i in typed["post_id"]] if "post_id" in typed.columns else [None] * typed.height
    frame = (
        typed.drop("row", "locator", "sent_raw", strict=False)
        .with_row_index("row")
        .with_columns(
            pl.format("{}#{}", pl.lit(name), pl.col("row") + 1).alias("locator"),
            pl.Series("post_id", ids, dtype=pl.String),
            pl.Series("sent_raw", table["sent_at"]),
            pl.col("text").fill_null(""),
            times["sent_at"],
            times["time_precision"],
            times["zone_source"],
            *(e.alias(n) for n, e in article_columns(_column_or_null(typed, "link_url")).items()),
        )
    )
    notes = notes_of(NoteCode.BAD_TIME, frame.filter(pl.col("sent_at").is_null()), excerpt="sent_raw")
    if assumed and (times["zone_source"] == str(ZoneSource.ASSUMED)).any():
        notes.append(Note(NoteCode.ZONE_ASSUMED, name, zone, said=True))
    return frame_of(Posts, frame), notes


def _column_or_null(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String)


def _as_schema_types(table: pl.DataFrame, schema: type[dy.Schema]) -> pl.DataFrame:
    """Text cells as the schema's types; a cell that does not fit is null."""
    columns = []
    for name, dtype in dtypes_of(schema).items():
        if name not in table.columns or isinstance(dtype, pl.Datetime):
            continue
        cell = pl.col(name)
        if dtype == pl.Boolean:
            low = cell.str.to_lowercase()
            cell = pl.when(low.is_in(_TRUE)).then(pl.lit(True)).when(low.is_in(_FALSE)).then(pl.lit(False))
        elif isinstance(dtype, pl.Enum):
            cell = pl.when(cell.is_in(dtype.categories.implode())).then(cell)
        else:
            cell = cell.cast(dtype, strict=False)
        columns.append(cell.alias(name))
    return table.select(columns)


def _placed(table: pl.DataFrame | None, posts: pl.DataFrame) -> pl.DataFrame:
    """The rows with `post`, from that column or the post's id; rows of unknown posts are dropped."""
    if table is None:
        return pl.DataFrame({"post": pl.Series([], dtype=pl.String)})
    if "post" in table.columns:
        inside = pl.col("post").cast(pl.UInt32, strict=False) < posts.height
        return table.filter(inside.fill_null(value=False))
    if "post_id" not in table.columns:
        return table.clear().with_columns(pl.lit(None, dtype=pl.String).alias("post"))
    known = posts.select("post_id", pl.col("row").cast(pl.String).alias("post")).unique("post_id", keep="first")
    return table.join(known, on="post_id", how="inner", maintain_order="left")


def _read_media(table: pl.DataFrame | None, posts: pl.DataFrame) -> dy.DataFrame[PostMedia]:
    """Media of the posts; empty where the table lacks kind or position."""
    if table is None or "kind" not in table.columns or "position" not in table.columns:
        return frame_of(PostMedia)
    return frame_of(
        PostMedia,
        _as_schema_types(_placed(table, posts), PostMedia).filter(
            pl.col("kind").is_not_null() & pl.col("position").is_not_null()
        ),
    )


def _read_interactions(table: pl.DataFrame, file: Path | None) -> dy.DataFrame[Interactions]:
    """Likes and comments; rows without an action are left out."""
    typed = _as_schema_types(table, Interactions).drop("row", "locator", strict=False)
    at = parse_times(table["at"], ASSUMED_ZONE)["sent_at"] if "at" in table.columns else None
    name = file.name if file is not None else ""
    frame = typed.with_row_index("row").with_columns(
        pl.format("{}#{}", pl.lit(name), pl.col("row") + 1).alias("locator")
    )
    if at is not None:
        frame = frame.with_columns(at.alias("at"))
    told = frame.filter(pl.col("action").is_not_null()) if "action" in frame.columns else frame.clear()
    return frame_of(Interactions, told.drop("row").with_row_index("row"))


def _read_witnesses(table: pl.DataFrame | None, file: Path | None) -> pl.DataFrame | None:
    """Witnesses of posts, located in their file; null without the column witness."""
    if table is None or file is None or "witness" not in table.columns:
        return None
    at = (
        parse_times(table["at"], ASSUMED_ZONE)["sent_at"]
        if "at" in table.columns
        else pl.Series("at", [None] * table.height)
    )
    number = pl.format("{}#{}", pl.lit(file.name), pl.int_range(1, pl.len() + 1))
    typed = _as_schema_types(table, PostWitnesses).with_columns(at.alias("at"), number.alias("locator"))
    return typed.filter(pl.col("witness").is_not_null())
