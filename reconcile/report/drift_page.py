"""Renders drift.html: messages removed, added or changed between two exports of one device."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from reconcile.intake.contract import Reading
from reconcile.report.cells import local_time
from reconcile.report.difference import marked
from reconcile.report.inputs import SHANGHAI
from reconcile.report.plain import Answer, Item, Section, Version, body_of, cause_beside, kind_beside, plain_page
from reconcile.wording import Lang, name_of, say
from reconcile.wording.sentences import sentence
from reconcile.wording.sides import account_of

LISTED = 500
_SHOWN, _ITEMS = 600, 8
# By fate, the clause in the verdict and the label of a finding.
_FOUND = {
    "changed": ("drift_changed", "drift_is_changed"),
    "went": ("drift_went", "drift_is_went"),
    "came_earlier": ("drift_came", "drift_is_came"),
}


class DriftPage:
    """Describes in one language what happened to the rows of two exports; `fates` in counting order."""

    def __init__(self, rows: pl.DataFrame, counts: Mapping[str, int], fates: Sequence[str], lang: Lang) -> None:
        self._rows, self._counts, self._fates, self._lang = rows, counts, fates, lang
        self._several = rows["conversation"].n_unique() > 1

    def render(self, readings: Sequence[Reading]) -> str:
        """The page; equal exports give equal bytes."""
        counted = tuple((self._say(f"fate_{f}"), f"{self._counts[f]:,}") for f in self._fates)
        heads = (self._say("column_fate"), self._say("column_count"))
        parts = [Section(self._say("drift_counts"), (), heads, counted)]
        self._amounts = {
            w: dict(r.messages.select("row", "amount").drop_nulls("amount").iter_rows())
            for w, r in zip(("old", "new"), readings, strict=True)
        }
        answer = self._answer_part(readings)
        listed = (*(_FOUND if answer.more else ()), "unsure")
        parts += [self._section_of(fate) for fate in listed if self._counts[fate]]
        return plain_page(self._say("drift_title"), parts, self._lang, answer)

    def _say(self, key: str, **values: object) -> str:
        """The text `devices.<key>` of the catalogue."""
        return say(f"devices.{key}", self._lang, **values)

    def _answer_part(self, readings: Sequence[Reading]) -> Answer:
        """The first page: both exports, the verdict and the first findings."""
        unsure = self._counts["unsure"]
        found = sum(self._counts[f] for f in _FOUND)
        items = self._first_items()
        return Answer(
            head=tuple(self._say(f"column_{c}") for c in ("export", "account", "exported", "messages", "span")),
            compared=tuple(
                self._export_row(name, r) for name, r in zip(("drift_old", "drift_new"), readings, strict=True)
            ),
            zone=say("front.zone", self._lang, zone=say(f"report.zone_name.{SHANGHAI}", self._lang)),
            verdicts=((self._grade(), self._verdict()),),
            items=items,
            more=say("front.more_in_tables", self._lang, shown=len(items), n=found - len(items))
            if found > len(items)
            else "",
            undetermined=(self._say("drift_unsure", n=unsure),) if unsure else (),
            absent=self._say("drift_absent"),
            limit=self._say("drift_limit"),
        )

    def _export_row(self, name: str, reading: Reading) -> tuple[str, ...]:
        """Cells about one export: name, account, time of export, messages, period."""
        facts, at = reading.facts, reading.messages["sent_at"]
        first, last = local_time(at.min(), SHANGHAI), local_time(at.max(), SHANGHAI)  # type: ignore[arg-type]
        return (
            self._say(name),
            account_of(facts.owner.id, facts.owner.alias, facts.owner.name) or self._say("not_stated"),
            local_time(facts.exported_at, SHANGHAI) or self._say("not_stated"),
            f"{reading.messages.height:,}",
            say("front.common_is", self._lang, a=first or "—", b=last or "—"),
        )

    def _grade(self) -> str:
        """The grade that gives the verdict its colour."""
        if self._counts["changed"]:
            return "conflicting"
        if self._counts["went"] or self._counts["came_earlier"]:
            return "one_sided"
        return "cannot_determine" if self._counts["unsure"] else "no_gap_found"

    def _verdict(self) -> str:
        clauses = [
            self._say(clause, n=self._counts[fate]) for fate, (clause, _) in _FOUND.items() if self._counts[fate]
        ]
        if not clauses:
            clauses = [self._say("drift_none", n=self._counts["stayed"])]
        if self._counts["unsure"]:
            clauses.append(say("front.and_undetermined", self._lang))
        return sentence(clauses, self._lang)

    def _rows_of_fate(self, fate: str) -> pl.DataFrame:
        return self._rows.filter(pl.col("fate") == fate)

    def _first_items(self) -> tuple[Item, ...]:
        found = pl.concat([self._rows_of_fate(fate) for fate in _FOUND]).head(_ITEMS)
        return tuple(self._item_of(row) for row in found.iter_rows(named=True))

    def _item_of(self, row: dict[str, Any]) -> Item:
        bodies = {
            "old": body_of(row["text"], self._amount("old", row)),
            "new": body_of(self._now(row), self._amount("new", row)),
        }
        held = [when for when in bodies if row[f"{when}_row"] is not None]
        words = dict(zip(held, marked([bodies[when] for when in held], _SHOWN), strict=True))
        return Item(
            label=self._say(_FOUND[row["fate"]][1]),
            tone="conflict" if row["fate"] == "changed" else "one_sided",
            at=local_time(row["sent_at"], SHANGHAI) or "—",
            sender=row["sender"] or "—",
            kind=kind_beside(row["kind"], self._lang),
            versions=tuple(
                Version(self._say(f"drift_{when}"), words.get(when), row[f"{when}_locator"] or "") for when in bodies
            ),
            note=cause_beside(row["cause"], self._lang),
        )

    def _amount(self, when: str, row: dict[str, Any]) -> str | None:
        """The row's amount in the earlier (`old`) or later (`new`) export."""
        return self._amounts[when].get(row[f"{when}_row"])

    def _now(self, row: dict[str, Any]) -> str:
        """The text in the later export."""
        return str(row["text_now"] if row["text_now"] is not None else row["text"] or "")

    def _section_of(self, fate: str) -> Section:
        """The table of all rows of one fate, up to LISTED rows."""
        rows = self._rows_of_fate(fate)
        names = ("at", "sender", "words", *(("words_now",) if fate == "changed" else ()), "cause", "place")
        heads = (*(("conversation",) if self._several else ()), *names)
        more = (self._say("more", n=rows.height - LISTED),) if rows.height > LISTED else ()
        listed = tuple(self._cells_of(r, heads) for r in rows.head(LISTED).iter_rows(named=True))
        return Section(
            f"{self._say(f'fate_{fate}')} ({rows.height:,})",
            more,
            tuple(self._say(f"column_{c}") for c in heads),
            listed,
        )

    def _cells_of(self, row: dict[str, Any], heads: Sequence[str]) -> tuple[str, ...]:
        """The row's cells for the given column codes."""
        cells = {
            "conversation": str(row["conversation"]),
            "at": local_time(row["sent_at"], SHANGHAI) or "—",
            "sender": str(row["sender"] or "—"),
            "words": body_of(row["text"], self._amount("old", row) or self._amount("new", row), " ")[:_SHOWN] or "—",
            "words_now": body_of(self._now(row), self._amount("new", row), " ")[:_SHOWN],
            "cause": name_of(f"verdict.cause.{row['cause']}", self._lang) if row["cause"] else "—",
            "place": str(row["old_locator"] or row["new_locator"]),
        }
        return tuple(cells[h] for h in heads)
