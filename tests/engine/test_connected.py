"""Edges that share records belong to one component."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reconcile.engine.connected import component_numbers

EDGES = st.lists(st.tuples(st.integers(0, 12), st.integers(20, 32)), min_size=1, max_size=30)


@given(EDGES)
def test_edges_have_one_number_where_a_graph_connects_them(edges: list[tuple[int, int]]) -> None:
    numbers = component_numbers(*(np.array(c, np.int64) for c in zip(*edges, strict=True))).tolist()
    parts = list(nx.connected_components(nx.Graph(edges)))
    held = [next(i for i, part in enumerate(parts) if a in part) for a, _ in edges]
    assert len({*zip(numbers, held, strict=True)}) == len({*numbers}) == len({*held})
