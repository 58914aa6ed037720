"""Articles of official accounts: their identifiers, and the items of a push (wechat-moments 5).

(`__biz`, `mid`, `idx`) name an article. `sn` and `chksm` are signatures, and everything else in its url belongs to
one act of sharing. The short url `/s/<code>` hides the three, so two short urls are one article only if they are
equal.
"""

from dataclasses import dataclass
from typing import Any

import orjson
import polars as pl

from reconcile.wechat.xml_tree import Tree

HOST = "mp.weixin.qq.com"
_NAMES = {"biz": r"[?&;]__biz=([^&#;\s]+)", "mid": r"[?&;](?:mid|appmsgid)=(\d+)", "idx": r"[?&;](?:idx|itemidx)=(\d+)"}
MAX_ITEMS = 64


@dataclass(frozen=True, slots=True)
class PushItem:
    """One article of a push. `published`: unix seconds; `is_removed`: as the push says; None = not stated."""

    title: str
    url: str
    digest: str
    published: int | None
    is_removed: bool | None


def article_columns(url: pl.Expr) -> dict[str, pl.Expr]:
    """`article_biz`, `article_mid` and `article_idx` of urls; null unless a url states all three."""
    plain = url.str.replace_all("&amp;", "&", literal=True)
    found = {n: plain.str.extract(p, 1) for n, p in _NAMES.items()}
    found["biz"] = found["biz"].str.replace_all("(?i)%3D", "=")
    known = plain.str.contains(HOST, literal=True) & pl.all_horizontal(e.is_not_null() for e in found.values())
    return {f"article_{n}": pl.when(known).then(e) for n, e in found.items()}


def push_items(app: Tree) -> list[PushItem]:
    """The articles of `mmreader/category/item`, in the push's order; [] for a body without any.

    Items without an address (a notice's template) are none.
    """
    items = app.all(".//mmreader/category/item")[:MAX_ITEMS]
    return [p for p in map(_push_item, items) if p.url]


def _push_item(item: Tree) -> PushItem:
    """One article of a push; an odd time or flag counts as not stated."""
    published = item.text("pub_time")
    flag = item.text("del_flag")
    return PushItem(
        title=item.text("title", "title_v2"),
        url=item.text("url", "longurl", "shorturl"),
        digest=item.text("digest", "summary"),
        published=int(published) if published.isascii() and published.isdigit() and len(published) < 12 else None,
        is_removed={"0": False, "": None}.get(flag, True),
    )


def as_field(items: list[PushItem]) -> str:
    """The items as JSON text, the form in which a message's raw fields keep them."""
    return orjson.dumps([[i.title, i.url, i.digest, i.published, i.is_removed] for i in items]).decode()


def from_field(field: str) -> list[PushItem]:
    """The items of `as_field`; [] for anything else."""
    try:
        rows: Any = orjson.loads(field)
    except orjson.JSONDecodeError:
        return []
    return [PushItem(*r) for r in rows if isinstance(r, list) and len(r) == 5] if isinstance(rows, list) else []
