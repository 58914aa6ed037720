"""Renders group.html: what each party of a group chat lacks, who holds each message, and the pairs."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from reconcile.intake.contract import Reading
from reconcile.report.cells import local_time
from reconcile.report.difference import marked
from reconcile.report.inputs import SHANGHAI
from reconcile.report.plain import Answer, Item, Section, Version, body_of, kind_beside, plain_page
from reconcile.wording import Lang, name_of, say
from reconcile.wording.sentences import sentence
from reconcile.wording.sides import account_of

LISTED = 500
_SHOWN, _ITEMS = 600, 8
_COUNTS = ("agreements", "conflicts", "left_missing", "right_missing")


class GroupPage:
    """Describes in one language what a union of exports holds."""

    def __init__(
        self, messages: pl.DataFrame, versions: pl.DataFrame, verdicts: pl.DataFrame, labels: Sequence[str], lang: Lang
    ) -> None:
        # A conversation on one side only was not compared.
        met = pl.col("left_conversation").is_not_null() & pl.col("right_conversation").is_not_null()
        self._messages, self._verdicts, self._labels = messages, verdicts.filter(met), labels
        self._lang: Lang = lang
        self._lacked = messages.filter(pl.col("lacking").list.len() > 0)
        self._differing = messages.filter("differs")
        self._several = self._verdicts["conversation"].n_unique() > 1
        self._held: dict[int, list[dict[str, Any]]] = {}
        for row in versions.filter(
            pl.col("message").is_in(self._differing.head(LISTED)["message"].implode())
        ).iter_rows(named=True):
            self._held.setdefault(row["message"], []).append(row)

    def render(self, readings: Sequence[Reading]) -> str:
        """The page; equal unions give equal bytes."""
        answer = self._answer_part(readings)
        tables = [self._messages_lacked(), self._messages_differing()] if answer.more else []
        sections = [s for s in (*tables, self._pair_section()) if s.rows]
        return plain_page(self._say("group_title"), sections, self._lang, answer)

    def _say(self, key: str, **values: object) -> str:
        """The text `devices.<key>` of the catalogue."""
        return say(f"devices.{key}", self._lang, **values)

    def _answer_part(self, readings: Sequence[Reading]) -> Answer:
        """The first page: the exports, the verdict and the first findings."""
        unsure = self._messages.filter("is_unsure").height
        doubtful = int(self._verdicts["doubtful"].sum())
        undetermined = [self._say("group_unsure", n=unsure)] if unsure else []
        undetermined += [self._say("group_doubtful", n=doubtful)] if doubtful else []
        found = self._differing.height + self._lacked.filter(~pl.col("differs")).height
        items = self._first_items()
        return Answer(
            head=tuple(self._say(f"column_{c}") for c in ("export", "account", "messages", "span", "lacks")),
            compared=tuple(self._party_row(label, r) for label, r in zip(self._labels, readings, strict=True)),
            zone=say("front.zone", self._lang, zone=say(f"report.zone_name.{SHANGHAI}", self._lang)),
            verdicts=((self._grade(undetermined), self._verdict(undetermined)),),
            items=items,
            more=say("front.more_in_tables", self._lang, shown=len(items), n=found - len(items))
            if found > len(items)
            else "",
            undetermined=tuple(undetermined),
            absent=self._say("group_absent"),
            limit=self._say("group_limit"),
        )

    def _party_row(self, label: str, reading: Reading) -> tuple[str, ...]:
        """Cells about one export: party, account, messages, period, number of messages lacking."""
        owner, at = reading.facts.owner, reading.messages["sent_at"]
        first, last = local_time(at.min(), SHANGHAI), local_time(at.max(), SHANGHAI)  # type: ignore[arg-type]
        return (
            label,
            account_of(owner.id, owner.alias, owner.name) or self._say("not_stated"),
            f"{reading.messages.height:,}",
            say("front.common_is", self._lang, a=first or "—", b=last or "—"),
            f"{self._count_by_party('lacking').get(label, 0):,}",
        )

    def _count_by_party(self, column: str) -> dict[str, int]:
        """Number of messages per party named in a list column."""
        named = self._messages.explode(column, empty_as_null=True).drop_nulls(column)
        return dict(named.group_by(column).len().iter_rows())

    def _grade(self, undetermined: Sequence[str]) -> str:
        """The grade that gives the verdict its colour."""
        if self._differing.height:
            return "conflicting"
        if self._lacked.height:
            return "one_sided"
        return "cannot_determine" if undetermined else "no_gap_found"

    def _verdict(self, undetermined: Sequence[str]) -> str:
        clauses = []
        if n := self._differing.height:
            clauses.append(self._say("group_differ", n=n))
        lacked = self._count_by_party("lacking")
        clauses += [self._say("group_lacks", who=label, n=lacked[label]) for label in self._labels if label in lacked]
        if not clauses:
            clauses.append(
                self._say("group_agree", n=self._messages.height - self._messages.filter("is_unsure").height)
            )
        if undetermined:
            clauses.append(say("front.and_undetermined", self._lang))
        return sentence(clauses, self._lang)

    def _first_items(self) -> tuple[Item, ...]:
        differing = [self._item_of(m) for m in self._differing.head(_ITEMS).iter_rows(named=True)]
        rest = self._lacked.filter(~pl.col("differs")).head(_ITEMS - len(differing))
        return (*differing, *(self._item_of(m) for m in rest.iter_rows(named=True)))

    def _item_of(self, m: dict[str, Any]) -> Item:
        lacking = self._join_labels(m["lacking"])
        held = self._held[m["message"]] if m["differs"] else [{**m, "parties": m["holders"], "locator": ""}]
        words = marked([body_of(v["text"], v["amount"]) for v in held], _SHOWN)
        versions = [
            Version(self._join_labels(v["parties"]), body, v["locator"]) for v, body in zip(held, words, strict=True)
        ]
        if lacking:
            versions.append(Version(lacking, None))
        label = self._say("group_differs" if m["differs"] else "group_is_lacked", who=lacking)
        return Item(
            label=label,
            tone="conflict" if m["differs"] else "one_sided",
            at=local_time(m["sent_at"], SHANGHAI) or "—",
            sender=m["sender"] or "—",
            kind=kind_beside(m["kind"], self._lang),
            versions=tuple(versions),
            note=self._excuses_text(m["excused"]),
        )

    def _join_labels(self, labels: Sequence[str]) -> str:
        return ("、" if self._lang == "zh" else ", ").join(labels)

    def _messages_lacked(self) -> Section:
        """The table of messages that at least one party lacks."""
        columns = ("at", "sender", "words", "holders", "lacking", "excused")
        rows = tuple(
            (
                *self._common_cells(r),
                self._join_labels(r["holders"]),
                self._join_labels(r["lacking"]),
                self._excuses_text(r["excused"]) or "—",
            )
            for r in self._lacked.head(LISTED).iter_rows(named=True)
        )
        return self._section_of("group_lacked", columns, rows, self._lacked.height)

    def _messages_differing(self) -> Section:
        """One row for each version of a message."""
        rows = tuple(
            (
                *self._common_cells(m)[:-1],
                self._join_labels(v["parties"]),
                body_of(v["text"], v["amount"], " ")[:_SHOWN],
                v["locator"],
            )
            for m in self._differing.head(LISTED).iter_rows(named=True)
            for v in self._held[m["message"]]
        )
        return self._section_of(
            "group_differing", ("at", "sender", "holders", "words", "place"), rows, self._differing.height
        )

    def _section_of(self, name: str, columns: Sequence[str], rows: tuple[tuple[str, ...], ...], found: int) -> Section:
        """A table of one kind of message, with a line that counts the rows left out of `found`."""
        more = (self._say("group_more", n=found - LISTED),) if found > LISTED else ()
        heads = [self._say("column_conversation")] if self._several else []
        return Section(self._say(name), more, (*heads, *(self._say(f"column_{c}") for c in columns)), rows)

    def _common_cells(self, row: dict[str, Any]) -> tuple[str, ...]:
        """The cells that all tables begin with: conversation (if several), time, sender, text."""
        of = (row["conversation"],) if self._several else ()
        return (
            *of,
            local_time(row["sent_at"], SHANGHAI) or "—",
            row["sender"] or "—",
            body_of(row["text"], row["amount"], " ")[:_SHOWN],
        )

    def _excuses_text(self, excused: Sequence[str]) -> str:
        """Why parties may lack the message, from entries such as `party:cause`."""
        excuses = []
        for each in excused:
            who, _, cause = each.rpartition(":")
            why = self._say("excuse_unsure") if cause == "unsure" else name_of(f"verdict.cause.{cause}", self._lang)
            excuses.append(self._say("excuse", who=who, why=why))
        return ("；" if self._lang == "zh" else "; ").join(excuses)

    def _pair_section(self) -> Section:
        """The table of compared pairs: grade and counts."""
        rows = tuple(
            (f"{r['first']} / {r['second']}", *((r["conversation"],) if self._several else ()), say(f"verdict.{r['grade']}", self._lang), *(f"{r[n]:,}" for n in _COUNTS))
            for r in self._verdicts.iter_rows(named=True)
        )  # fmt: skip
        heads = ("pair", *(("conversation",) if self._several else ()), "grade", *_COUNTS)
        return Section(self._say("group_pairs"), (), tuple(self._say(f"column_{c}") for c in heads), rows)
