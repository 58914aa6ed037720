"""Writes the graph as GraphML and node-link JSON, byte for byte as networkx writes `build_graph`.

It works on whole columns. networkx creates an element for each attribute of each node, which takes a second for a
comparison of a million messages.
"""

from collections.abc import Callable
from html import escape

import orjson
import polars as pl

from reconcile.column_ops import present
from reconcile.patterns import lazy_pattern

_HEAD = (
    "<?xml version='1.0' encoding='utf-8'?>\n"
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">'
)
# Characters that XML forbids. A conversation's name comes from the export and may hold any.
_FORBIDDEN = lazy_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Kept where it is 0: a node always says which conversation it belongs to.
_ALWAYS = "pair"


def node_link_json(runs: pl.DataFrame, edges: pl.DataFrame) -> bytes:
    """The graph as node-link JSON; attributes without a value are left out."""
    told = _attributes(runs)
    cells = [pl.concat_str(pl.lit(f',"{c}":'), _attribute_text(told[c], _json_text)) for c in told.columns[1:]]
    said = pl.concat_str(pl.lit(""), *cells, ignore_nulls=True).str.strip_prefix(",")
    nodes = told.select(pl.concat_str(pl.lit("{"), said, pl.lit(',"id":'), "run", pl.lit("}")))
    lines = edges.select(
        pl.concat_str(
            pl.lit('{"kind":"'), "kind", pl.lit('","source":'), "source", pl.lit(',"target":'), "target", pl.lit("}")
        )
    )
    text = f'{{"directed":true,"multigraph":false,"graph":{{}},"nodes":[{_join_column(nodes, ",")}],"edges":[{_join_column(lines, ",")}]}}\n'
    return text.encode()


def graphml(runs: pl.DataFrame, edges: pl.DataFrame) -> bytes:
    """The graph as GraphML; characters that XML cannot hold become U+FFFD."""
    told = _attributes(runs)
    names = _in_order_of_use(told)
    keys = {name: f"d{i}" for i, name in enumerate(names)}
    cells = [
        pl.concat_str(pl.lit(f'<data key="{keys[c]}">'), _attribute_text(told[c], _xml_text), pl.lit("</data>"))
        for c in told.columns[1:]
    ]
    said = [pl.lit('<node id="'), pl.col("run"), pl.lit('">'), *cells, pl.lit("</node>")]
    nodes = told.select(pl.concat_str(said, ignore_nulls=True))
    kinds = [_key_element(c, keys[c], "node", "string" if told[c].dtype == pl.String else "long") for c in names]
    if edges.height:
        kinds.append(_key_element("kind", f"d{len(names)}", "edge", "string"))
    lines = edges.select(
        pl.concat_str(
            pl.lit('<edge source="'), "source", pl.lit('" target="'), "target",
            pl.lit(f'"><data key="d{len(names)}">'), "kind", pl.lit("</data></edge>"),
        )
    )  # fmt: skip
    body = _join_column(nodes, "") + _join_column(lines, "")
    return f'{_HEAD}{"".join(reversed(kinds))}<graph edgedefault="directed">{body}</graph></graphml>'.encode()


def _key_element(name: str, key: str, scope: str, kind: str) -> str:
    """The GraphML element that declares an attribute."""
    return f'<key id="{key}" for="{scope}" attr.name="{name}" attr.type="{kind}"/>'


def _attributes(runs: pl.DataFrame) -> pl.DataFrame:
    """`run` and the attributes that any node has; null where a node's is empty or zero, except its pair."""
    told = runs.select("run", *(
        pl.col(c) if c == _ALWAYS else pl.when(pl.col(c) != ("" if t == pl.String else 0)).then(c)
        for c, t in runs.schema.items() if c != "run"
    ))  # fmt: skip
    return told[["run", *(c.name for c in told.iter_columns() if c.name != "run" and c.null_count() < told.height)]]


def _in_order_of_use(told: pl.DataFrame) -> list[str]:
    """The attributes, sorted by the first node that has each, as networkx numbers its keys."""
    first = told.select(pl.exclude("run").is_not_null().arg_max())
    return sorted(first.columns, key=lambda c: int(first[c][0]))


def _attribute_text(told: pl.Series, spell: Callable[[str], str]) -> pl.Expr:
    """What a file says of one attribute; null where it has no value."""
    if told.dtype != pl.String:
        return pl.col(told.name).cast(pl.String)
    # States and names recur, so each is escaped once.
    return pl.col(told.name).replace({w: spell(w) for w in present(told.unique()).to_list()})


def _join_column(frame: pl.DataFrame, separator: str) -> str:
    return separator.join(frame.to_series().to_list())


def _json_text(text: str) -> str:
    return orjson.dumps(text).decode()


def _xml_text(text: str) -> str:
    """The text escaped for XML; signs that XML forbids are replaced."""
    return escape(_FORBIDDEN.sub("\ufffd", text), quote=False).replace("\r", "&#13;")
