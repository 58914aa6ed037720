"""The graph of one comparison: runs and gaps as nodes, order and correspondence as edges.

The graph is small: a node is a run of neighbouring rows with the same outcome, not a row. It is stored in two frames,
nodes and edges. The causes of gaps and the counts of a verdict are read from these frames. `build_graph` gives a
networkx graph, and graph/export.py writes GraphML and node-link JSON.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.relations import is_selective
from reconcile.vocabulary import BOTH, GraphEdge, GraphNode, Relation, Side

if TYPE_CHECKING:
    import networkx as nx


def runs_of(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `run` (u32); neighbours in one conversation with the same outcome share a run.

    Pairs (agreement, conflict, doubtful) have the same outcome. Unmatched rows are distinguished by side, relation and
    cause. `lines` holds pair, at (display order), relation, cause, left_row, right_row.
    """
    relation, cause = (pl.col(c).to_physical().cast(pl.UInt32) for c in ("relation", "cause"))
    # The cause separates set-aside rows from each other. The cause of one-sided rows is found later, per run.
    told = pl.when(pl.col("relation") == "set_aside").then((cause + 1).fill_null(0)).otherwise(0)
    lacked = pl.col("right_row").is_null().cast(pl.UInt32) + 2 * pl.col("left_row").is_null().cast(pl.UInt32)
    # One number for every outcome, 0 for pairs.
    fate = pl.when(lacked > 0).then(lacked + 4 * (relation + 16 * told)).otherwise(0)
    ordered = _in_display_order(lines)
    starts = ordered.select((fate != fate.shift()) | (pl.col("pair") != pl.col("pair").shift())).to_series()
    run = (starts.fill_null(value=True).cum_sum() - 1).cast(pl.UInt32)
    return ordered.with_columns(run.alias("run"))


def _run_states(lines: pl.DataFrame) -> pl.DataFrame:
    """run, holder, state of the first line of every run."""
    first = lines[["run", "left_row", "right_row", "relation", "cause"]].filter(lines["run"].diff().fill_null(1) > 0)
    side = (
        pl.when(pl.col("right_row").is_null()).then(pl.lit("left"))
        .when(pl.col("left_row").is_null()).then(pl.lit("right")).otherwise(pl.lit(BOTH))
    )  # fmt: skip
    relation, cause = (pl.col(c).cast(pl.String) for c in ("relation", "cause"))
    told = pl.when(relation == "set_aside").then(cause.fill_null("")).otherwise(pl.lit(""))
    alone = pl.concat_str([side, relation, told], separator=":")
    state = pl.when(side == BOTH).then(pl.lit(BOTH)).otherwise(alone)
    return first.select("run", side.alias("holder"), state.alias("state"))


def _in_display_order(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines sorted by pair and `at`, then by right row and left row; nulls last."""
    keys = lines.select("pair", "at", pl.int_range(pl.len(), dtype=pl.UInt32).alias("line"))
    # Sorting twice by one number costs a third of sorting once by two, since places are mostly in order already.
    keys = keys.sort("at", nulls_last=True)
    if not keys["pair"].is_sorted(nulls_last=True):
        keys = keys.sort("pair", nulls_last=True, maintain_order=True)
    # Only hostile input has equal places, and only then are the rows compared too.
    tie = pl.all_horizontal(pl.col(k).eq_missing(pl.col(k).shift()) for k in ("pair", "at"))
    if not keys.select(tie.any()).item():
        return lines[keys["line"]]
    return lines.sort("pair", "at", "right_row", "left_row", nulls_last=True)


def run_table(lines: pl.DataFrame) -> pl.DataFrame:
    """One row per run: pair, holder, state, counts of relations, first and last rows, from_t, to_t (µs)."""
    states = _run_states(lines)
    table = (
        lines.lazy().with_columns(pl.col("run").set_sorted())
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("pair").first(), pl.len().alias("rows"),
            *((pl.col("relation") == r).sum().alias(n) for r, n in (("agreement", "agreements"), ("conflict", "conflicts"), ("doubtful", "doubtful"), ("one_sided", "one_sided"), ("set_aside", "set_aside"))),
            ((pl.col("relation") == "agreement") & pl.col("cause").is_not_null()).sum().alias("forms"),
            is_selective().sum().alias("unstated"),
            pl.col("left_row").min().alias("left_first"), pl.col("left_row").max().alias("left_last"),
            pl.col("right_row").min().alias("right_first"), pl.col("right_row").max().alias("right_last"),
            pl.col("t").min().alias("from_t"), pl.col("t").max().alias("to_t"),
            pl.col("cause").first().alias("cause"),
            (pl.col("detail") == "edge_unverified").sum().alias("edge_unverified"),
        )
        .pipe(collected)
    )  # fmt: skip
    told = table.with_columns(states["holder"], states["state"])
    return told.select("run", "pair", "holder", "state", pl.exclude("run", "pair", "holder", "state"))


def edges_of(runs: pl.DataFrame) -> pl.DataFrame:
    """source, target (run numbers) and kind (`GraphEdge`) of all edges between runs, sorted.

    `between` leads from the last run of pairs to a gap after it, and from a gap to the next run of pairs. An edge that
    is both `next` and `between` appears once, as `between`.
    """
    pair = runs["pair"].cast(pl.Int64).fill_null(-1).to_numpy()
    met, at = (runs["state"] == BOTH).to_numpy(), np.arange(runs.height)
    follows = np.flatnonzero(pair[1:] == pair[:-1])
    # The nearest run of pairs on either side of each run; -1 and the height stand for none.
    before = np.append(-1, np.maximum.accumulate(np.where(met, at, -1)))[:-1]
    after = np.append(np.minimum.accumulate(np.where(met, at, len(at))[::-1])[::-1], len(at))[1:]
    low, high = np.flatnonzero(~met & (before >= 0)), np.flatnonzero(~met & (after < len(at)))
    joined = np.concatenate([follows, before[low], high]), np.concatenate([follows + 1, low, after[high]])
    u, v = np.divmod(np.unique(joined[0] * len(at) + joined[1]), max(len(at), 1))
    here = pair[u] == pair[v]
    u, v = u[here], v[here]
    kinds = pl.Series([str(GraphEdge.BETWEEN), str(GraphEdge.NEXT)])
    run = runs["run"]
    return pl.DataFrame({
        "source": run[u], "target": run[v], "kind": kinds[(~met[u] & ~met[v]).astype(np.uint32)]
    })  # fmt: skip


def build_graph(nodes: pl.DataFrame, edges: pl.DataFrame) -> "nx.DiGraph":
    """The directed networkx graph of tables of nodes (whole_graph) and edges.

    A node carries the columns with a value: nulls, zeros and empty texts are left out, except `pair`.
    """
    import networkx as nx  # noqa: PLC0415 - a fifth of a second that a comparison need not pay

    graph = nx.DiGraph()
    runs, *columns = (column.to_list() for column in nodes.iter_columns())
    # Adding numbers first and attributes later is faster: networkx tests whether a (number, attributes) tuple is a node itself.
    graph.add_nodes_from(runs)
    carried = graph.nodes
    said = {
        name: column for name, column in zip(nodes.columns[1:], columns, strict=True) if name == "pair" or any(column)
    }
    for run, *row in zip(runs, *said.values(), strict=True):
        carried[run].update(_attributes_with_value(said, row))
    graph.add_edges_from((u, v, {"kind": kind}) for u, v, kind in edges.select("source", "target", "kind").iter_rows())
    return graph


def _attributes_with_value(names: Iterable[str], row: Iterable[object]) -> dict[str, object]:
    """The attributes of a node or edge that have a value; pair also counts where it is 0."""
    told = zip(names, row, strict=True)
    return {name: value for name, value in told if value or (name == "pair" and value is not None)}


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
    """The rows as nodes of this kind, with null for columns they lack."""
    told = frame.with_columns(pl.lit(str(node)).alias("node"))
    return told.select((pl.col(n) if n in told.columns else pl.lit(None)).cast(t).alias(n) for n, t in _NODE.items())


def _runs_by_row(lines: pl.DataFrame, side: Side) -> pl.DataFrame:
    """The run of each row of the side."""
    return lines.select(pl.col(f"{side}_row").alias("by_row"), "run")


def _runs_of(rows: pl.Series, place: pl.DataFrame) -> pl.DataFrame:
    """The runs of these rows. The rows are few, so a filter beats a join with all lines."""
    return place.filter(pl.col("by_row").is_in(listed(rows))) if len(rows) else place.head(0)


def _conflict_nodes(lines: pl.DataFrame) -> pl.DataFrame:
    """A node for each conflict."""
    found = lines.filter(pl.col("relation") == str(Relation.CONFLICT))
    if found.is_empty():
        return pl.DataFrame(schema=_NODE)
    told = found.select(
        "pair", pl.lit(BOTH).alias("holder"), pl.col("cause").alias("state"), pl.col("left_row").alias("left_first"),
        pl.col("right_row").alias("right_first"), pl.col("t").alias("from_t"), pl.col("run").alias("inside"),
    )  # fmt: skip
    return _as_nodes(told, GraphNode.CONFLICT)


def _witness_nodes(speaking: pl.DataFrame, place: dict[Side, pl.DataFrame]) -> pl.DataFrame:
    """A node for each witness, with the run it stands in and the run it speaks of."""
    if speaking.is_empty():
        return pl.DataFrame(schema=_NODE)
    parts = []
    for side in Side:
        mine = speaking.filter(pl.col("side") == str(side)).sort("row", "by_row", "witness", nulls_last=True)
        spoken = _runs_of(mine["row"], place[side.other]).rename({"by_row": "row", "run": "of"})
        parts.append(_inside_runs(mine, place[side], side).join(spoken, on="row", how="left", maintain_order="left"))
    return _as_nodes(pl.concat(parts), GraphNode.WITNESS)


def _absent_nodes(absent: pl.DataFrame, place: dict[Side, pl.DataFrame]) -> pl.DataFrame:
    """A node for each message that only a reference shows."""
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
