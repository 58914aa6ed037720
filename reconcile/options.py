"""What the user may choose for a comparison."""

from collections.abc import Collection
from dataclasses import dataclass, field

from reconcile.engine.entities.parties import NOTHING_STATED, Stated
from reconcile.intake.contract import ReadOptions
from reconcile.report_cover import Cover
from reconcile.settings import Settings
from reconcile.wording import Lang


@dataclass(frozen=True, slots=True)
class CaseOptions:
    """What the user may choose for a comparison; the defaults are those of the command.

    Attributes:
        readers: reader forced for (left, right); None = recognised.
        read: options of the readers, left and right.
        labels: what every output calls the sides; None = 甲方材料/乙方材料 or Side A/Side B.
        stated: pairings that the user states.
        settings: thresholds.
        lang: language of the reports.
        messages: write messages.parquet.
        reports: forms to write: html, docx, xlsx, pdf, csv, json, case; empty = none.
        mask: replace third parties' names and numbers in reports.
        cover: what a case file states for the cover of reports.
        error_rates: measure the run's own error rates; None = for one comparison yes, in a batch no.
    """

    readers: tuple[str | None, str | None] = (None, None)
    read: tuple[ReadOptions, ReadOptions] = (ReadOptions(), ReadOptions())
    labels: tuple[str | None, str | None] = (None, None)
    stated: Stated = NOTHING_STATED
    settings: Settings = field(default_factory=Settings)
    lang: Lang = "zh"
    messages: bool = True
    reports: Collection[str] = ("html",)
    mask: bool = False
    error_rates: bool | None = None
    cover: Cover | None = None


__all__ = ["CaseOptions"]
