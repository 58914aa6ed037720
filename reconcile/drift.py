"""Compares an earlier and a later export of one device: what was removed, added or changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import polars as pl

from reconcile.case import read
from reconcile.custody.atomic_folder import check_free, writing
from reconcile.devices import refuse_other_accounts
from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.options import CaseOptions
from reconcile.outputs import write_manifest
from reconcile.parquet import write_parquet
from reconcile.report.drift_page import DriftPage
from reconcile.vocabulary import Cause, Kind, Relation
from reconcile.wording import Lang, say

PAGE = "drift.html"
STAYED, CHANGED, WENT, CAME_LATER, CAME_EARLIER, UNSURE, ASIDE = (
    "stayed", "changed", "went", "came_later", "came_earlier", "unsure", "aside",
)  # fmt: skip
FATES = (STAYED, CHANGED, WENT, CAME_LATER, CAME_EARLIER, UNSURE, ASIDE)
# Causes that make a vanished row harmless: it was recalled, written twice, or never sent.
_HARMLESS = tuple(map(str, (Cause.REPEAT, Cause.RECALLED, Cause.NOT_DELIVERED)))
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Drift:
    """Every row of both exports once.

    rows: conversation, fate (FATES), cause (null = none), old_row, new_row (null where that export has none), old_locator, new_locator,
    sent_at, sender, kind, text (of the old row, else of the new one). counts: fate -> rows, notices of the client left out of went.
    """

    rows: pl.DataFrame
    counts: dict[str, int]

    @property
    def has_findings(self) -> bool:
        """Whether a row was removed or changed, or was added at a time that the old export covers."""
        return any(self.counts[f] for f in (CHANGED, WENT, CAME_EARLIER))

    @property
    def has_unsure(self) -> bool:
        """Whether the fate of some row is not known."""
        return self.counts[UNSURE] > 0


def drift_of(old: Reading, new: Reading, case: str = "drift") -> tuple[Drift, Findings]:
    """The fate of every row of two exports of one device, the earlier one first.

    A row of the old export without a partner `went`, because the device once held it. The cause says what else is
    known: a recall notice, a shorter export, a missing conversation. A row of the new export without a partner is
    later than the old export's last row of that conversation, or earlier (a migration, a late delivery, or a row that
    did not exist then).
    """
    found = compare_readings(old, new, case=case, one_account=True)
    lines = found.alignment.with_columns(pl.col("relation", "cause").cast(pl.String))
    sides = {s: found.messages.filter(pl.col("side").cast(pl.String) == s) for s in ("left", "right")}
    worded = _with_words_of_rows(lines, sides)
    last = (
        worded.filter(pl.col("old_row").is_not_null())
        .group_by("conversation")
        .agg(pl.col("sent_at").max().alias("_last"))
    )
    worded = worded.join(last, on="conversation", how="left", maintain_order="left")
    both = pl.col("old_row").is_not_null() & pl.col("new_row").is_not_null()
    later = pl.col("_last").is_null() | (pl.col("sent_at") > pl.col("_last"))
    harmless = pl.col("cause").is_in(_HARMLESS).fill_null(value=False)
    fate = (
        pl.when(both & (pl.col("relation") == str(Relation.CONFLICT))).then(pl.lit(CHANGED))
        .when(both & (pl.col("relation") == str(Relation.DOUBTFUL))).then(pl.lit(UNSURE))
        .when(both).then(pl.lit(STAYED))
        .when(harmless).then(pl.lit(ASIDE))
        .when(pl.col("cause") == str(Cause.INDISTINGUISHABLE)).then(pl.lit(UNSURE))
        .when(pl.col("old_row").is_not_null() & pl.col("kind").is_in([str(Kind.SYSTEM), str(Kind.RECALL)])).then(pl.lit(ASIDE))
        .when(pl.col("old_row").is_not_null()).then(pl.lit(WENT))
        .when(pl.col("kind").is_in([str(Kind.SYSTEM), str(Kind.RECALL)]) & ~later).then(pl.lit(ASIDE))
        .when(later).then(pl.lit(CAME_LATER)).otherwise(pl.lit(CAME_EARLIER))
    )  # fmt: skip
    rows = worded.with_columns(fate.alias("fate")).drop("_last", "relation").sort("conversation", "sent_at", "old_row", "new_row", nulls_last=True)  # fmt: skip
    counted = dict(rows.group_by("fate").len().iter_rows())
    return Drift(rows, {f: int(counted.get(f, 0)) for f in FATES}), found


def _with_words_of_rows(lines: pl.DataFrame, sides: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The lines with the words of the old row, or of the new row where there is no old one."""
    wanted = ("sent_at", "sender", "kind", "text")
    out = lines.select(
        "conversation", "relation", "cause", pl.col("left_row").alias("old_row"), pl.col("right_row").alias("new_row"),
        pl.col("left_locator").alias("old_locator"), pl.col("right_locator").alias("new_locator"),
    )  # fmt: skip
    for side, name in (("left", "old"), ("right", "new")):
        facts = sides[side].select(pl.col("row").alias(f"{name}_row"), *(pl.col(c).cast(pl.String if c != "sent_at" else pl.Datetime("us", "UTC")).alias(f"{name}_{c}") for c in wanted))  # fmt: skip
        out = out.join(facts, on=f"{name}_row", how="left", maintain_order="left")
    changed = out.with_columns(pl.col("new_text").alias("text_now"))
    return changed.with_columns(pl.coalesce(f"old_{c}", f"new_{c}").alias(c) for c in wanted).drop(
        *(f"{n}_{c}" for n in ("old", "new") for c in wanted)
    )


def run_drift(
    old: Path,
    new: Path,
    out: Path,
    *,
    readers: tuple[str | None, str | None] = (None, None),
    options: ReadOptions | None = None,
    lang: Lang = "zh",
    overwrite: bool = False,
    progress: Progress = lambda _: None,
) -> Drift:
    """Reads two exports of one device and writes the table of fates, its page and a manifest to `out`.

    Raises:
        SourceError, CaseError, UsageError: nothing has been written then.
    """
    check_free(out, overwrite=overwrite)
    progress("reading")
    readings = [read(p, r, options) for p, r in zip((old, new), readers, strict=True)]
    refuse_other_accounts(readings, (old.name, new.name), "OLD NEW")
    progress("matching")
    case = out.resolve().name
    drift, found = drift_of(readings[0], readings[1], case=case)
    progress("writing")
    with writing(out, overwrite=overwrite) as folder:
        write_parquet(drift.rows, folder / "drift.parquet")
        body = {"case": case, "counts": drift.counts, "conversations": _fates_by_conversation(drift.rows)}
        (folder / "drift.json").write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        page = DriftPage(_with_shown_names(drift.rows, readings), drift.counts, FATES, lang)
        (folder / PAGE).write_text(page.render(readings), "utf-8")
        command = f"reconcile drift {old.name} {new.name} --out {case}"
        write_manifest(folder, readings, CaseOptions(lang=lang, reports=()), found, command)
    return drift


def _with_shown_names(rows: pl.DataFrame, readings: Sequence[Reading]) -> pl.DataFrame:
    """The rows with the names under which the device shows the senders, the latest of each."""
    shown = pl.concat([r.messages.select(pl.col("sender", "sender_name").cast(pl.String)) for r in readings])
    latest = shown.drop_nulls().unique("sender", keep="last", maintain_order=True)
    named = rows.join(latest, on="sender", how="left", maintain_order="left")
    return named.with_columns(pl.coalesce("sender_name", "sender").alias("sender")).drop("sender_name")


def _fates_by_conversation(rows: pl.DataFrame) -> list[dict[str, object]]:
    table = (
        rows.group_by("conversation").agg(*((pl.col("fate") == f).sum().alias(f) for f in FATES)).sort("conversation")
    )
    return table.to_dicts()


def describe(drift: Drift, lang: Lang) -> list[str]:
    """The counts in lines."""
    return [say("devices.counted", lang, what=say(f"devices.fate_{f}", lang), n=drift.counts[f]) for f in FATES]
