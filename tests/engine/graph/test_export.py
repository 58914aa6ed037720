"""The graph's files, written by columns, are those that networkx writes."""

import io

import networkx as nx
import orjson
import polars as pl
import pytest

from reconcile.engine.graph.build import build_graph, edges_of, whole_graph
from reconcile.engine.graph.export import graphml, node_link_json

STATES = ("both", "left:one_sided:", "right:set_aside:repeat", "both", "left:one_sided:")


def _runs(states: tuple[str, ...], pairs: tuple[int, ...], conversation: str = "chat") -> pl.DataFrame:
    n = len(states)
    counts = {"rows": [i + 1 for i in range(n)], "agreements": [i * (s == "both") for i, s in enumerate(states)]}
    return pl.DataFrame(
        {
            "run": range(n),
            "pair": pairs,
            "holder": [s.split(":")[0] for s in states],
            "state": states,
            **counts,
            "one_sided": [int("one_sided" in s) for s in states],
            "from_t": [None if i == 1 else i * 10**9 for i in range(n)],
            "conversation": [conversation] * n,
        },
        schema_overrides=dict.fromkeys(("run", "pair", "rows", "agreements", "one_sided"), pl.UInt32)
        | dict.fromkeys(("holder", "state", "conversation"), pl.String)
        | {"from_t": pl.Int64},
    )


def _files(runs: pl.DataFrame) -> tuple[bytes, bytes]:
    return node_link_json(runs, edges_of(runs)), graphml(runs, edges_of(runs))


def _by_networkx(runs: pl.DataFrame) -> tuple[bytes, bytes]:
    graph = build_graph(runs, edges_of(runs))
    xml = io.BytesIO()
    nx.write_graphml(graph, xml, prettyprint=False)
    return orjson.dumps(nx.node_link_data(graph, edges="edges"), option=orjson.OPT_APPEND_NEWLINE), xml.getvalue()


@pytest.mark.parametrize("pairs", [(0, 0, 0, 0, 0), (0, 0, 0, 1, 1), (0, 1, 2, 3, 4)])
@pytest.mark.parametrize("name", ["chat", '张三 & <b> "quoted" ]]> \'\t\n\r'])
def test_graph_files_are_byte_for_byte_those_of_networkx(pairs: tuple[int, ...], name: str) -> None:
    runs = _runs(STATES, pairs, name)
    assert _files(runs) == _by_networkx(runs)


def test_an_empty_graph_is_written_too() -> None:
    runs = _runs((), ())
    assert _files(runs) == _by_networkx(runs)


def test_a_name_that_xml_cannot_hold_still_gives_a_readable_graph() -> None:
    _, xml = _files(_runs(STATES[:2], (0, 0), "a\x00b\x1bc"))
    assert nx.read_graphml(io.BytesIO(xml)).nodes["0"]["conversation"] == "a\ufffdb\ufffdc"


def test_a_gap_is_joined_to_the_pairs_on_both_sides_of_its_own_conversation_alone() -> None:
    edges = edges_of(_runs(STATES, (0, 0, 0, 0, 1)))
    assert edges.rows() == [
        (0, 1, "between"), (0, 2, "between"), (1, 2, "next"), (1, 3, "between"), (2, 3, "between"),
    ]  # fmt: skip


def _attached() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The left side holds a row that the right one lacks and quotes; one pair differs; the right side quotes a row that nobody holds."""
    lines = pl.DataFrame(
        {"run": [0, 1, 2], "pair": [0, 0, 0], "left_row": [0, 1, 2], "right_row": [0, None, 1], "t": [0, 10, 20],
         "relation": ["conflict", "one_sided", "agreement"], "cause": ["amount_differs", None, None]},
        schema_overrides=dict.fromkeys(("run", "pair", "left_row", "right_row"), pl.UInt32),
    )  # fmt: skip
    said = {"side": ["right"], "pair": [0], "witness": ["quote"], "by_row": [1]}
    types = {"pair": pl.UInt32, "by_row": pl.UInt32}
    speaking = pl.DataFrame(said | {"target": ["left"], "row": [1]}, schema_overrides=types | {"row": pl.UInt32})
    absent = pl.DataFrame(said | {"t": [5]}, schema_overrides=types)
    return whole_graph(_runs(("both", "left:one_sided:", "both"), (0, 0, 0)).drop("conversation"), lines, speaking, absent)  # fmt: skip


def test_conflicts_and_witnesses_hang_on_the_runs_where_they_stand() -> None:
    graph = build_graph(*_attached())
    kinds = {n: d["node"] for n, d in graph.nodes(data=True)}
    conflict, witness, absent = (next(n for n, k in kinds.items() if k == name) for name in ("conflict", "witness", "absent"))  # fmt: skip
    assert list(graph.in_edges((conflict, witness, absent), data="kind")) == [(0, conflict, "holds"), (2, witness, "holds"), (2, absent, "holds")]  # fmt: skip


def test_a_node_carries_what_its_row_says_in_the_order_of_the_columns_and_its_conversation_always() -> None:
    nodes, edges = _attached()
    said = [{k: v for k, v in row.items() if v or (k == "pair" and v is not None)} for row in nodes.to_dicts()]
    told = [
        (row["run"], [pair for pair in one.items() if pair[0] != "run"])
        for row, one in zip(nodes.to_dicts(), said, strict=True)
    ]
    assert [(n, list(d.items())) for n, d in build_graph(nodes, edges).nodes(data=True)] == told
    assert not build_graph(nodes.clear(), edges.clear()).nodes


def test_a_witness_speaks_of_the_gap_in_which_the_row_stands() -> None:
    graph = build_graph(*_attached())
    assert [(graph.nodes[u]["state"], v) for u, v, kind in graph.edges(data="kind") if kind == "speaks_of"] == [("quote", 1)]  # fmt: skip
