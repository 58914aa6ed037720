"""Compares several exports of one group chat pair by pair, and states who holds each message."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import networkx as nx
import orjson
import polars as pl

from reconcile import __version__
from reconcile.case import read
from reconcile.custody.atomic_folder import MANIFEST, check_free, writing
from reconcile.custody.tree import distinct
from reconcile.device_chats import keys_of
from reconcile.engine.compare import compare_readings
from reconcile.errors import UsageError
from reconcile.frames import Findings
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.outputs import inputs_json
from reconcile.parquet import plain, write_parquet
from reconcile.report.group_page import GroupPage
from reconcile.report.visible import show_line
from reconcile.vocabulary import Relation
from reconcile.wording import Lang

PAGE = "group.html"
# Sixty-six comparisons; no dispute has more parties.
_LONGEST_NAME = 40
MOST_PARTIES = 12
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Union:
    """The union of all exports of a group chat.

    messages: conversation, message (0-based, in order of time), sent_at, sender, kind, text (of the first party that
    holds it), holders, lacking (parties that should hold it according to every comparison with a holder), excused
    (`party:cause` of those that need not; `party:unsure` where no comparison tells), differs (two holders differ in
    substance), is_unsure (several rows of one export may be it, or no comparison tells whether a party lacks it). rows: party, row, locator,
    message: every row of every party exactly once. versions: message, text, amount, parties, locator (of the first of them),
    of messages that differ. verdicts: one row a pair and conversation, with `first` and `second`.
    """

    messages: pl.DataFrame
    rows: pl.DataFrame
    versions: pl.DataFrame
    verdicts: pl.DataFrame


def union_of(readings: Sequence[Reading], labels: Sequence[str]) -> Union:
    """Compares every pair of exports and joins them: rows that any comparison pairs are one message."""
    pairs = list(combinations(range(len(readings)), 2))
    found = {(a, b): compare_readings(readings[a], readings[b], case=f"{labels[a]} ~ {labels[b]}") for a, b in pairs}
    rows = _all_rows(readings)
    joined = _number_messages(rows, found, readings)
    verdicts = pl.concat(
        [
            plain(f.verdicts).with_columns(pl.lit(labels[a]).alias("first"), pl.lit(labels[b]).alias("second"))
            for (a, b), f in found.items()
        ]
    )
    names = pl.DataFrame(
        {"party": range(len(labels)), "label": list(labels)}, schema={"party": pl.UInt32, "label": pl.String}
    )
    messages = _union_messages(joined, found, names)
    order = messages.select("message", pl.int_range(pl.len(), dtype=pl.UInt32).alias("place"))
    placed = joined.join(names, on="party").join(order, on="message", how="left", maintain_order="left")
    rows_of_parties = placed.select(pl.col("label").alias("party"), "row", "locator", pl.col("place").alias("message"))
    return Union(
        messages.with_columns(order["place"].alias("message")),
        rows_of_parties,
        _differing_versions(placed, messages),
        verdicts,
    )


def _differing_versions(placed: pl.DataFrame, messages: pl.DataFrame) -> pl.DataFrame:
    """The different texts and amounts of each message whose holders differ; the first party's come first."""
    differing = messages.filter("differs").select("message")
    return (
        placed.join(differing, on="message")
        .sort("place", "party", "row")
        .group_by(pl.col("place").alias("message"), "text", "amount", maintain_order=True)
        .agg(pl.col("label").unique(maintain_order=True).alias("parties"), pl.col("locator").first())
    )


def _all_rows(readings: Sequence[Reading]) -> pl.DataFrame:
    """The messages of every export, with `party` and a number `node` over all of them."""
    columns = ("row", "locator", "conversation", "sent_at", "sender", "sender_name", "kind", "text", "amount")
    parts = [
        r.messages.select(pl.lit(n, dtype=pl.UInt32).alias("party"), *(pl.col(c) for c in columns)).with_columns(pl.col("kind").cast(pl.String))
        for n, r in enumerate(readings)
    ]  # fmt: skip
    return pl.concat(parts).with_row_index("node")


def _number_messages(
    rows: pl.DataFrame, found: dict[tuple[int, int], Findings], readings: Sequence[Reading]
) -> pl.DataFrame:
    """The rows with `message` and `talk`: the numbers of their message and conversation."""
    nodes = rows.select("party", "row", "node")
    graph, talks = nx.Graph(), nx.Graph()
    graph.add_nodes_from(rows["node"])
    talks.add_nodes_from(rows.select("party", "conversation").unique().iter_rows())
    for (a, b), f in found.items():
        met = f.alignment.filter(
            pl.col("relation").cast(pl.String).is_in([str(Relation.AGREEMENT), str(Relation.CONFLICT)])
        )
        ends = met.select("left_row", "right_row")
        for side, party in (("left", a), ("right", b)):
            mine = nodes.filter(pl.col("party") == party).select(
                pl.col("row").alias(f"{side}_row"), pl.col("node").alias(f"{side}_node")
            )
            ends = ends.join(mine, on=f"{side}_row")
        graph.add_edges_from(ends.select("left_node", "right_node").iter_rows())
        both = keys_of(f, readings[a].messages, readings[b].messages).select("left", "right")
        talks.add_edges_from(((a, left), (b, right)) for left, right in both.iter_rows())
    numbered = [
        (node, n) for n, part in enumerate(sorted(map(sorted, nx.connected_components(graph)))) for node in part
    ]
    spoken = [(p, c, n) for n, part in enumerate(sorted(map(sorted, nx.connected_components(talks)))) for p, c in part]
    return rows.join(pl.DataFrame(numbered, schema={"node": pl.UInt32, "message": pl.UInt32}, orient="row"), on="node").join(
        pl.DataFrame(spoken, schema={"party": pl.UInt32, "conversation": pl.String, "talk": pl.UInt32}, orient="row"), on=["party", "conversation"]
    )  # fmt: skip


def _union_messages(joined: pl.DataFrame, found: dict[tuple[int, int], Findings], names: pl.DataFrame) -> pl.DataFrame:
    """One row a message, in order of conversation and time, with holders and the parties that lack it."""
    labelled = joined.join(names, on="party").sort("party", "row")
    titles = labelled.group_by("talk", maintain_order=True).agg(pl.col("conversation").first().alias("name"))
    base = labelled.group_by("message", maintain_order=True).agg(
        pl.col("talk").first(), pl.col("sent_at").first(), pl.coalesce("sender_name", "sender").first().alias("sender"), pl.col("kind").first(),
        pl.col("text", "amount").first(), pl.col("label").unique(maintain_order=True).alias("holders"), pl.col("party").n_unique().alias("parties"), pl.len().alias("rows"),
    )  # fmt: skip
    said = _unmatched_rows(joined, found)
    # Lacking only where every comparison with a holder says so; one innocent reason excuses, and a doubt does not.
    reason = pl.col("cause").filter(pl.col("relation") == str(Relation.SET_ASIDE)).drop_nulls().sort().first()
    each = said.group_by("message", "lacker").agg(
        (pl.col("relation") == str(Relation.ONE_SIDED)).all().alias("lacks"), reason.alias("cause"),
        (pl.col("relation") == str(Relation.SET_ASIDE)).any().alias("is_excused"),
    ).join(names, left_on="lacker", right_on="party")  # fmt: skip
    held = labelled.select("message", pl.col("party").alias("lacker")).unique()
    each = each.join(held, on=["message", "lacker"], how="anti").sort("lacker")
    lacking = each.filter("lacks").group_by("message").agg(pl.col("label").alias("lacking"))
    excused = (
        each.filter(~pl.col("lacks"))
        .group_by("message")
        .agg(pl.format("{}:{}", "label", pl.col("cause").fill_null("unsure")).alias("excused"))
    )
    doubted = each.filter(~pl.col("lacks") & ~pl.col("is_excused"))["message"]
    differs = _differing_rows(joined, found)
    empty = pl.lit([], dtype=pl.List(pl.String))
    out = (
        base.join(lacking, on="message", how="left").join(excused, on="message", how="left").join(titles, on="talk")
        .with_columns(
            pl.col("lacking").fill_null(empty), pl.col("excused").fill_null(empty), pl.col("message").is_in(differs.implode()).alias("differs"),
            ((pl.col("rows") > pl.col("parties")) | pl.col("message").is_in(doubted.implode())).alias("is_unsure"),
        )
    )  # fmt: skip
    return out.select(
        pl.col("name").alias("conversation"), "message", "sent_at", "sender", "kind", "text", "amount", "holders", "lacking", "excused", "differs", "is_unsure"
    ).sort("conversation", "sent_at", "message", nulls_last=True)  # fmt: skip


def _unmatched_rows(joined: pl.DataFrame, found: dict[tuple[int, int], Findings]) -> pl.DataFrame:
    """message, lacker (party), relation and cause of every unmatched row of a comparison."""
    parts = []
    for (a, b), f in found.items():
        lines = f.alignment.with_columns(pl.col("relation", "cause").cast(pl.String))
        for side, other, holder, lacker in (("left", "right", a, b), ("right", "left", b, a)):
            alone = lines.filter(pl.col(f"{side}_row").is_not_null() & pl.col(f"{other}_row").is_null())
            mine = joined.filter(pl.col("party") == holder).select("row", "message")
            parts.append(
                alone.select(pl.col(f"{side}_row").alias("row"), "relation", "cause").join(mine, on="row")
                .select("message", pl.lit(lacker, dtype=pl.UInt32).alias("lacker"), "relation", "cause")
            )  # fmt: skip
    return pl.concat(parts)


def _differing_rows(joined: pl.DataFrame, found: dict[tuple[int, int], Findings]) -> pl.Series:
    """Numbers of the messages whose versions differ in substance between two holders."""
    parts = []
    for (a, _), f in found.items():
        rows = f.alignment.filter(pl.col("relation").cast(pl.String) == str(Relation.CONFLICT)).select(
            pl.col("left_row").alias("row")
        )
        parts.append(rows.join(joined.filter(pl.col("party") == a).select("row", "message"), on="row")["message"])
    return pl.concat(parts).unique()


def _party_name(reading: Reading, export: Path) -> str:
    """The name of an export's owner, or of its file where the owner has none."""
    name = reading.facts.owner.name
    return show_line(name)[:_LONGEST_NAME] if name else export.name


def run_group(
    exports: Sequence[Path],
    out: Path,
    *,
    names: Sequence[str] = (),
    options: ReadOptions | None = None,
    lang: Lang = "zh",
    overwrite: bool = False,
    progress: Progress = lambda _: None,
) -> Union:
    """Reads all exports, compares every pair, and writes the union and its page to `out`.

    Raises:
        UsageError: fewer than two exports, more than twelve, or not as many names as exports.
        SourceError, CaseError: nothing has been written then.
    """
    if not 2 <= len(exports) <= MOST_PARTIES:
        raise UsageError("EXPORTS", f"group: {len(exports)} exports; expected 2 to {MOST_PARTIES} of one group chat")
    if names and len(names) != len(exports):
        raise UsageError(
            "--name", f"group: {len(names)} names for {len(exports)} exports; give one --name for each, in order"
        )
    check_free(out, overwrite=overwrite)
    progress("reading")
    with ThreadPoolExecutor(max_workers=2) as pool:
        readings = list(pool.map(lambda p: read(p, None, options), exports))
    progress("matching")
    labels = distinct(list(names) or [_party_name(r, p) for r, p in zip(readings, exports, strict=True)])
    union = union_of(readings, labels)
    progress("writing")
    with writing(out, overwrite=overwrite) as folder:
        write_union(union, folder, lang, readings, labels)
        body = {
            "program": "reconcile", "version": __version__, "case": out.resolve().name, "kind": "group",
            "inputs": inputs_json(dict(zip(labels, readings, strict=True))),
        }  # fmt: skip
        (folder / MANIFEST).write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return union


def write_union(union: Union, folder: Path, lang: Lang, readings: Sequence[Reading], labels: Sequence[str]) -> None:
    """Writes the files of a union into an existing folder."""
    for name, frame in (("union", union.messages), ("rows", union.rows), ("verdicts", union.verdicts)):
        write_parquet(frame, folder / f"{name}.parquet")
    (folder / "group.json").write_bytes(
        orjson.dumps(_union_counts(union), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )
    page = GroupPage(union.messages, union.versions, union.verdicts, labels, lang)
    (folder / PAGE).write_text(page.render(readings), "utf-8")


def _union_counts(union: Union) -> dict[str, object]:
    """The counts for the manifest: messages, held and lacked by party, differing ones."""

    def by_party(column: str) -> dict[str, int]:
        """Number of messages by party named in a list column."""
        named = union.messages.explode(column, empty_as_null=True).drop_nulls(column)
        return dict(named.group_by(column).len().sort(column).iter_rows())

    return {
        "messages": union.messages.height, "held": by_party("holders"), "lacked": by_party("lacking"),
        "differing": int(union.messages["differs"].sum()),
    }  # fmt: skip
