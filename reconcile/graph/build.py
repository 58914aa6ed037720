"""The graph of one comparison: runs of agreement and gaps as nodes, order and correspondence as edges, conflicts and witnesses attached.

Small by construction: a node is a run of neighbouring rows that met one fate, not a row. Built from frames, read by gaps,
causes and verdict, exported as GraphML and node-link JSON.
"""

import networkx as nx
import polars as pl

from reconcile.vocabulary import BOTH


def runs_of(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `run` (u32): neighbours in one conversation that met the same fate share one.

    `lines` holds pair, at (display order), relation, cause, left_row, right_row. Pairs (agreement, conflict, doubtful) are one fate; rows
    alone are told apart by side, relation and cause.
    """
    side = (
        pl.when(pl.col("right_row").is_null())
        .then(pl.lit("left"))
        .when(pl.col("left_row").is_null())
        .then(pl.lit("right"))
        .otherwise(pl.lit(BOTH))
    )
    # What a set-aside row is set aside for parts it from its neighbours; the cause of a one-sided row is found only later, per run.
    told = pl.when(pl.col("relation") == "set_aside").then(pl.col("cause").fill_null("")).otherwise(pl.lit(""))
    state = (
        pl.when(side == BOTH)
        .then(pl.lit(BOTH))
        .otherwise(pl.concat_str([side, pl.col("relation"), told], separator=":"))
    )
    ordered = lines.sort("pair", "at", "right_row", "left_row", nulls_last=True).with_columns(
        side.alias("holder"), state.alias("state")
    )
    starts = (pl.col("state") != pl.col("state").shift()) | (pl.col("pair") != pl.col("pair").shift())
    return ordered.with_columns((starts.fill_null(value=True).cum_sum() - 1).cast(pl.UInt32).alias("run"))


def run_table(lines: pl.DataFrame) -> pl.DataFrame:
    """One row a run: pair, holder, state, rows, agreements, conflicts, doubtful, first and last row of each side, from_t, to_t (µs)."""
    return (
        lines.lazy()
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("pair").first(), pl.col("holder").first(), pl.col("state").first(), pl.len().alias("rows"),
            *((pl.col("relation") == r).sum().alias(n) for r, n in (("agreement", "agreements"), ("conflict", "conflicts"), ("doubtful", "doubtful"), ("one_sided", "one_sided"), ("set_aside", "set_aside"))),
            ((pl.col("relation") == "agreement") & (pl.col("cause") == "form")).sum().alias("forms"),
            pl.col("left_row").min().alias("left_first"), pl.col("left_row").max().alias("left_last"),
            pl.col("right_row").min().alias("right_first"), pl.col("right_row").max().alias("right_last"),
            pl.col("t").min().alias("from_t"), pl.col("t").max().alias("to_t"),
            pl.col("cause").first().alias("cause"),
            (pl.col("detail") == "edge_unverified").sum().alias("edge_unverified"),
        )
        .collect()
    )  # fmt: skip


def build_graph(runs: pl.DataFrame) -> nx.DiGraph:
    """A directed graph over `run_table`: node = run number with its columns as attributes; edge kind `next` in display order.

    Edge kind `between` joins a gap to the runs of agreement on both its sides, in which the lacking side goes on.
    """
    graph = nx.DiGraph()
    columns = runs.columns
    graph.add_nodes_from((row[0], dict(zip(columns[1:], row[1:], strict=True))) for row in runs.iter_rows())
    previous: int | None = None
    previous_pair: int | None = None
    last_both: int | None = None
    open_gaps: list[int] = []
    for run, pair, state in runs.select("run", "pair", "state").iter_rows():
        if pair != previous_pair:
            previous, last_both, open_gaps = None, None, []
        if previous is not None:
            graph.add_edge(previous, run, kind="next")
        if state == BOTH:
            for gap in open_gaps:
                graph.add_edge(gap, run, kind="between")
            last_both, open_gaps = run, []
        else:
            if last_both is not None:
                graph.add_edge(last_both, run, kind="between")
            open_gaps.append(run)
        previous, previous_pair = run, pair
    return graph


def gaps_in(graph: nx.DiGraph) -> list[int]:
    """The nodes that are gaps: runs of one-sided rows, in order."""
    return [node for node, data in graph.nodes(data=True) if data["one_sided"]]


def neighbours(graph: nx.DiGraph, gap: int) -> tuple[int | None, int | None]:
    """The runs of agreement before and after a gap; None at an edge of the conversation."""
    before = next(
        (n for n, _, d in graph.in_edges(gap, data=True) if d["kind"] == "between" or graph.nodes[n]["state"] == BOTH),
        None,
    )
    after = next((n for _, n, d in graph.out_edges(gap, data=True) if graph.nodes[n]["state"] == BOTH), None)
    return before, after


def attach_witness(graph: nx.DiGraph, name: str, gap: int, attributes: dict[str, object]) -> None:
    """A witness as a node with an edge `refers_to` to the gap whose row it speaks of."""
    graph.add_node(name, kind="witness", **attributes)
    graph.add_edge(name, gap, kind="refers_to")
