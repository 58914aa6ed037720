"""summary.html: grades of all cases, the worst cases first, what could not be processed. No script, no network."""

from functools import cache
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, select_autoescape

from reconcile.batch.triage import GRADES
from reconcile.postrows import MOMENTS
from reconcile.report.visible import show_line
from reconcile.wording import LANGS, Lang, say

LISTED = 200
COUNTS = ("left_missing", "right_missing", "conflicts", "doubtful", "agreements")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("reconcile.batch", "templates"),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(cases: pl.DataFrame, verdicts: pl.DataFrame, failures: pl.DataFrame, lang: Lang) -> str:
    """The page in both languages, `lang` first."""
    langs = (lang, *(other for other in LANGS if other != lang))
    worst = cases.sort("score", "number", descending=[True, False])
    return _environment().get_template("batch.html").render(
        langs=langs,
        tags={"zh": "zh-CN", "en": "en"},
        say=say,
        shown=lambda text: show_line(str(text)),
        cases=cases.height,
        failed=failures.height,
        grades=_distribution(cases, verdicts),
        counts=COUNTS,
        worst=worst.head(LISTED).to_dicts(),
        sample=worst.filter("drawn").sort("number").to_dicts(),
        failures=failures.head(LISTED).to_dicts(),
        listed=LISTED,
        posts=_posts(cases, verdicts),
    )  # fmt: skip


def _distribution(cases: pl.DataFrame, verdicts: pl.DataFrame) -> list[dict[str, Any]]:
    """Cases and conversations of each grade, worst grade first, with the share of the cases in percent."""
    by_case, by_talk = (dict(f.group_by("grade").len().iter_rows()) for f in (cases, verdicts))
    return [
        {"grade": g, "cases": by_case.get(g, 0), "conversations": by_talk.get(g, 0), "share": 100 * by_case.get(g, 0) / max(1, cases.height)}
        for g in GRADES
    ]  # fmt: skip


def _posts(cases: pl.DataFrame, verdicts: pl.DataFrame) -> dict[str, int]:
    """Cases that hold Moments, posts of both sides, what was found of them; empty where no case holds any."""
    held = cases.filter((pl.col("left_posts") > 0) | (pl.col("right_posts") > 0))
    if held.is_empty():
        return {}
    moments = verdicts.filter(pl.col("conversation_kind") == MOMENTS)
    return {
        "cases": held.height,
        "left": int(held["left_posts"].sum()),
        "right": int(held["right_posts"].sum()),
        "conflicts": int(moments["conflicts"].sum()),
        "one_sided": int(moments["left_missing"].sum()) + int(moments["right_missing"].sum()),
        "aside": int(moments["set_aside"].sum()),
    }
