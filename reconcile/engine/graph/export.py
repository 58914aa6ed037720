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
    cells = [_attribute_text(runs, c, f',"{c}":', "", _json_text) for c in runs.columns if c != "run"]
    nodes = runs.select(
        pl.concat_str(pl.lit("{"), pl.concat_str(cells).str.strip_prefix(","), pl.lit(',"id":'), "run", pl.lit("}"))
    )
    lines = edges.select(
        pl.concat_str(
            pl.lit('{"kind":"'), "kind", pl.lit('","source":'), "source", pl.lit(',"target":'), "target", pl.lit("}")
        )
    )
    text = f'{{"directed":true,"multigraph":false,"graph":{{}},"nodes":[{_join_column(nodes, ",")}],"edges":[{_join_column(lines, ",")}]}}\n'
    return text.encode()


def graphml(runs: pl.DataFrame, edges: pl.DataFrame) -> bytes:
    """The graph as GraphML; characters that XML cannot hold become U+FFFD."""
    names = _in_order_of_use(runs)
    keys = {name: f"d{i}" for i, name in enumerate(names)}
    cells = [
        _attribute_text(runs, c, f'<data key="{keys[c]}">', "</data>", _xml_text) for c in runs.columns if c in keys
    ]
    nodes = runs.select(pl.concat_str(pl.lit('<node id="'), "run", pl.lit('">'), *cells, pl.lit("</node>")))
    kinds = [_key_element(c, keys[c], "node", "string" if runs.schema[c] == pl.String else "long") for c in names]
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


def _in_order_of_use(runs: pl.DataFrame) -> list[str]:
    """The attributes in use, sorted by the first node that has each, as networkx numbers its keys."""
    columns = [c for c in runs.columns if c != "run"]
    first = runs.select(_has_value(runs, c).arg_true().first().alias(c) for c in columns)
    said = [(first[c][0], i, c) for i, c in enumerate(columns) if first.height and first[c][0] is not None]
    return [c for _, _, c in sorted(said)]


def _has_value(runs: pl.DataFrame, column: str) -> pl.Expr:
    """Whether the column has a value other than nothing or zero; pair also counts as 0."""
    if column == _ALWAYS:
        return pl.col(column).is_not_null()
    nothing = "" if runs.schema[column] == pl.String else 0
    return (pl.col(column) != nothing).fill_null(value=False)


def _attribute_text(runs: pl.DataFrame, column: str, before: str, after: str, spell: Callable[[str], str]) -> pl.Expr:
    """The attribute between before and after; empty where it has no value."""
    value = pl.col(column).cast(pl.String)
    if runs.schema[column] == pl.String:
        # States and names recur, so each is escaped once.
        words = present(runs[column].unique()).to_list()
        value = pl.col(column).replace({w: spell(w) for w in words})
    full = pl.concat_str(pl.lit(before), value, pl.lit(after))
    return pl.when(_has_value(runs, column)).then(full).otherwise(pl.lit(""))


def _join_column(frame: pl.DataFrame, separator: str) -> str:
    return separator.join(frame.to_series().to_list())


def _json_text(text: str) -> str:
    return orjson.dumps(text).decode()


def _xml_text(text: str) -> str:
    """The text escaped for XML; signs that XML forbids are replaced."""
    return escape(_FORBIDDEN.sub("\ufffd", text), quote=False).replace("\r", "&#13;")
