"""Adds conflicts, references to missing rows, and absent messages to the graph of runs."""

import polars as pl

from reconcile.engine.graph.build import edges_of
from reconcile.vocabulary import BOTH, GraphEdge, GraphNode, Relation, Side

_NODE = {
    "pair": pl.UInt32, "node": pl.String, "holder": pl.String, "state": pl.String, "left_first": pl.UInt32, "right_first": pl.UInt32,
    "from_t": pl.Int64, "inside": pl.UInt32, "of": pl.UInt32,
}  # fmt: skip


def whole_graph(
    runs: pl.DataFrame, lines: pl.DataFrame, speaking: pl.DataFrame, absent: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Nodes and edges of everything that a comparison found.

    Args:
        runs: run_table.
        lines: every row of both sides once, with its `run`.
        speaking: side, pair, witness, by_row (null = a table beside the rows), target (the side that holds it), row.
        absent: side, pair, witness, by_row, t of messages that neither side holds.

    Returns:
        `runs` with `node`, followed by conflicts, witnesses and absent messages with further numbers; and the edges of
        `edges_of` plus those of the added nodes. `state` of an added node is the conflict's cause, or the kind of
        witness.
    """
    place = {side: _runs_by_row(lines, side) for side in Side}
    parts = [_conflict_nodes(lines), _witness_nodes(speaking, place), _absent_nodes(absent, place)]
    attached = pl.concat(parts).with_columns(pl.int_range(pl.len()).cast(pl.UInt32).alias("run") + runs.height)
    nodes = pl.concat([runs.with_columns(pl.lit(str(GraphNode.RUN)).alias("node")), attached.drop("inside", "of")], how="diagonal")  # fmt: skip
    if attached.is_empty():
        return nodes, edges_of(runs)
    holds = attached.filter(pl.col("inside").is_not_null()).select(
        pl.col("inside").alias("source"), pl.col("run").alias("target"), pl.lit(str(GraphEdge.HOLDS)).alias("kind")
    )
    speaks = attached.filter(pl.col("of").is_not_null()).select(
        pl.col("run").alias("source"), pl.col("of").alias("target"), pl.lit(str(GraphEdge.SPEAKS_OF)).alias("kind")
    )
    return nodes, pl.concat([edges_of(runs), holds, speaks])


def _as_nodes(frame: pl.DataFrame, node: GraphNode) -> pl.DataFrame:
    told = frame.with_columns(pl.lit(str(node)).alias("node"))
    return told.select((pl.col(n) if n in told.columns else pl.lit(None)).cast(t).alias(n) for n, t in _NODE.items())


def _runs_by_row(lines: pl.DataFrame, side: Side) -> pl.DataFrame:
    return lines.select(pl.col(f"{side}_row").alias("by_row"), "run")


def _runs_of(rows: pl.Series, place: pl.DataFrame) -> pl.DataFrame:
    """The runs of these rows. The rows are few, so a filter beats a join with all lines."""
    return place.filter(pl.col("by_row").is_in(rows.implode())) if len(rows) else place.head(0)


def _conflict_nodes(lines: pl.DataFrame) -> pl.DataFrame:
    found = lines.filter(pl.col("relation") == str(Relation.CONFLICT))
    if found.is_empty():
        return pl.DataFrame(schema=_NODE)
    told = found.select(
        "pair", pl.lit(BOTH).alias("holder"), pl.col("cause").alias("state"), pl.col("left_row").alias("left_first"),
        pl.col("right_row").alias("right_first"), pl.col("t").alias("from_t"), pl.col("run").alias("inside"),
    )  # fmt: skip
    return _as_nodes(told, GraphNode.CONFLICT)


def _witness_nodes(speaking: pl.DataFrame, place: dict[Side, pl.DataFrame]) -> pl.DataFrame:
    if speaking.is_empty():
        return pl.DataFrame(schema=_NODE)
    parts = []
    for side in Side:
        mine = speaking.filter(pl.col("side") == str(side)).sort("row", "by_row", "witness", nulls_last=True)
        spoken = _runs_of(mine["row"], place[side.other]).rename({"by_row": "row", "run": "of"})
        parts.append(_inside_runs(mine, place[side], side).join(spoken, on="row", how="left", maintain_order="left"))
    return _as_nodes(pl.concat(parts), GraphNode.WITNESS)


def _absent_nodes(absent: pl.DataFrame, place: dict[Side, pl.DataFrame]) -> pl.DataFrame:
    if absent.is_empty():
        return pl.DataFrame(schema=_NODE)
    parts = [_inside_runs(absent.filter(pl.col("side") == str(s)), place[s], s) for s in Side]
    return _as_nodes(pl.concat(parts).with_columns(pl.col("t").alias("from_t")), GraphNode.ABSENT)


def _inside_runs(told: pl.DataFrame, place: pl.DataFrame, side: Side) -> pl.DataFrame:
    """The witnesses of one side, with the run that contains the referring row (`inside`)."""
    inside = _runs_of(told["by_row"], place).rename({"run": "inside"})
    inside = told.join(inside, on="by_row", how="left", maintain_order="left")
    other = {f"{s}_first": pl.col("by_row") if s == side else pl.lit(None, dtype=pl.UInt32) for s in Side}
    return inside.with_columns(pl.col("side").alias("holder"), pl.col("witness").alias("state"), **other)
