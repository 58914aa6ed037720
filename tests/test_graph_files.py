"""The graph's files, written by columns, are those that networkx writes."""

import io

import networkx as nx
import orjson
import polars as pl
import pytest

from reconcile.graph.build import build_graph, edges_of
from reconcile.graph.export import graphml, node_link_json

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


def _by_networkx(runs: pl.DataFrame) -> tuple[bytes, bytes]:
    graph = build_graph(runs)
    for _, data in graph.nodes(data=True):
        for key in [k for k, v in data.items() if not v and k != "pair"]:
            del data[key]
    xml = io.BytesIO()
    nx.write_graphml(graph, xml, prettyprint=False)
    return orjson.dumps(nx.node_link_data(graph, edges="edges"), option=orjson.OPT_APPEND_NEWLINE), xml.getvalue()


@pytest.mark.parametrize("pairs", [(0, 0, 0, 0, 0), (0, 0, 0, 1, 1), (0, 1, 2, 3, 4)])
@pytest.mark.parametrize("name", ["chat", '张三 & <b> "quoted" ]]> \'\t\n\r'])
def test_graph_files_are_byte_for_byte_those_of_networkx(pairs: tuple[int, ...], name: str) -> None:
    runs = _runs(STATES, pairs, name)
    assert (node_link_json(runs), graphml(runs)) == _by_networkx(runs)


def test_an_empty_graph_is_written_too() -> None:
    runs = _runs((), ())
    assert (node_link_json(runs), graphml(runs)) == _by_networkx(runs)


def test_a_name_that_xml_cannot_hold_still_gives_a_readable_graph() -> None:
    xml = graphml(_runs(STATES[:2], (0, 0), "a\x00b\x1bc"))
    assert nx.read_graphml(io.BytesIO(xml)).nodes["0"]["conversation"] == "a\ufffdb\ufffdc"


def test_a_gap_is_joined_to_the_pairs_on_both_sides_of_its_own_conversation_alone() -> None:
    edges = edges_of(_runs(STATES, (0, 0, 0, 0, 1)))
    assert edges.rows() == [
        (0, 1, "between"), (0, 2, "between"), (1, 2, "next"), (1, 3, "between"), (2, 3, "between"),
    ]  # fmt: skip
