"""summary.html: grades of all cases, worst cases first, and failures. No script, no network."""

from typing import Any

import polars as pl

from reconcile.batch.triage import GRADES
from reconcile.engine.confidence import bounds_of
from reconcile.posts_as_rows import MOMENTS
from reconcile.report.plain import TAGS, pages_of
from reconcile.report.visible import show_line
from reconcile.wording import Lang, say
from reconcile.wording.errors import tell
from reconcile.wording.sides import SIDES, called

LISTED = 200
COUNTS = ("left_missing", "right_missing", "conflicts", "doubtful", "agreements")


def rows_in(table: pl.LazyFrame) -> int:
    """How many rows a table on the disk has."""
    return int(table.select(pl.len()).collect(engine="streaming").item())


def same_files(inputs: pl.LazyFrame) -> pl.LazyFrame:
    """`case` of each case whose two sides are the same files by SHA-256, in the order of cases.

    One party's material was then given twice.
    """
    own = ~pl.col("is_statement")
    side = {name: pl.col("sha256").filter(own & (pl.col("side") == name)) for name in ("left", "right")}
    # Compare sums of hashes first, for a batch of any length, then whole digests of the few remaining cases.
    sums = inputs.group_by("case").agg(**{name: digests.hash().sum() for name, digests in side.items()})
    few = inputs.with_row_index("at").join(sums.filter(pl.col("left") == pl.col("right")), on="case", how="semi")
    both = few.group_by("case").agg(pl.col("at").min(), **{name: digests.sort() for name, digests in side.items()})
    same = (pl.col("left") == pl.col("right")) & (pl.col("left").list.len() > 0)
    return both.filter(same).sort("at").select("case")


def render(
    cases: pl.LazyFrame,
    verdicts: pl.LazyFrame,
    failures: pl.LazyFrame,
    same: pl.LazyFrame,
    labels: tuple[str | None, str | None],
    lang: Lang,
) -> str:
    """The page; it loads no more rows than it lists, from tables of any length.

    `same` = `same_files` of the inputs; `labels` = what the user calls the left and right side of every case.
    """
    worst = cases.sort("score", "number", descending=[True, False])
    grades, counted = _distribution(cases, verdicts), {"cases": rows_in(cases), "failed": rows_in(failures)}
    return pages_of("reconcile.batch").get_template("batch.html").render(
        tag=TAGS[lang],
        T=lambda key, **values: say(key, lang, **values),
        names={side: called(side, label, lang) for side, label in zip(SIDES, labels, strict=True)},
        shown=lambda text: show_line(str(text)),
        told=lambda line: tell(line, lang),
        counted=_count_sentence(counted, grades, lang),
        worst_grade=next((g["grade"] for g in grades if g["cases"]), "cannot_determine"),
        grades=grades,
        counts=COUNTS,
        worst=_collect_rows(worst.head(LISTED)),
        sample=_collect_rows(cases.filter("drawn").sort("number")),
        failures=_collect_rows(failures.head(LISTED)),
        listed=LISTED,
        unlisted={name: max(n - LISTED, 0) for name, n in counted.items()},
        posts=_post_counts(cases, verdicts),
        bounds=_bounds_sentence(verdicts, lang),
        same=rows_in(same),
        same_cases=[r["case"] for r in _collect_rows(same.head(LISTED))],
    )  # fmt: skip


def _count_sentence(counted: dict[str, int], grades: list[dict[str, Any]], lang: Lang) -> str:
    """One sentence: how many cases of each grade, and how many could not be processed."""
    each = [say(f"batch.of_{g['grade']}", lang, n=g["cases"]) for g in grades if g["cases"]]
    key = "batch.counted" if counted["failed"] else "batch.counted_all"
    return say(
        key,
        lang,
        grades=("，" if lang == "zh" else ", ").join(each) or say("report.none", lang),
        n=counted["cases"],
        failed=counted["failed"],
    )


def _collect_rows(table: pl.LazyFrame) -> list[dict[str, Any]]:
    return table.collect(engine="streaming").to_dicts()


def _distribution(cases: pl.LazyFrame, verdicts: pl.LazyFrame) -> list[dict[str, Any]]:
    """Cases and conversations of each grade, worst grade first, with the share of the cases in percent."""
    counted = (f.group_by("grade").len().collect(engine="streaming") for f in (cases, verdicts))
    by_case, by_talk = (dict(f.iter_rows()) for f in counted)
    total = max(1, sum(by_case.values()))
    return [
        {"grade": g, "cases": by_case.get(g, 0), "conversations": by_talk.get(g, 0), "share": 100 * by_case.get(g, 0) / total}
        for g in GRADES
    ]  # fmt: skip


def _bounds_sentence(verdicts: pl.LazyFrame, lang: Lang) -> str:
    """How many of all claims of the batch may be wrong, in one sentence; empty without claims."""
    sentences = [
        say(
            f"front.bound_{claim}{'' if b['wrong_at_most'] else '_none'}",
            lang,
            n=f"{b['claimed']:,}",
            k=f"{b['wrong_at_most']:,}",
        )
        for claim, b in bounds_of(verdicts).items()
    ]
    return say("batch.bounds", lang, clauses=("；" if lang == "zh" else "; ").join(sentences)) if sentences else ""


def _post_counts(cases: pl.LazyFrame, verdicts: pl.LazyFrame) -> dict[str, int]:
    """Cases with Moments, posts of both sides and their differences; empty where no case has any."""
    some = cases.filter((pl.col("left_posts") > 0) | (pl.col("right_posts") > 0))
    held = some.select("left_posts", "right_posts").collect(engine="streaming")
    if held.is_empty():
        return {}
    moments = verdicts.filter(pl.col("conversation_kind") == MOMENTS).collect(engine="streaming")
    return {
        "cases": held.height,
        "left": int(held["left_posts"].sum()),
        "right": int(held["right_posts"].sum()),
        "conflicts": int(moments["conflicts"].sum()),
        "one_sided": int(moments["left_missing"].sum()) + int(moments["right_missing"].sum()),
        "aside": int(moments["set_aside"].sum()),
    }
