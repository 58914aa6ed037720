"""Renders findings.xlsx: verdicts and findings as tables with filters, without formulas or links.

Times are dates, amounts are numbers, ids stay text.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from itertools import chain
from typing import Any

import polars as pl

from reconcile.report.html import exhibit
from reconcile.report.model import ErrorBound, ReportData, Trials
from reconcile.report.posts_model import PostsReport
from reconcile.report.rates import wrong_of
from reconcile.report.tables import shown_frame
from reconcile.report.words import GLOSSARY, code_of, list_of, rate_class, text_of, titles_of, zone_called
from reconcile.report.workbook import BASE_FONT, Cell, TableWriter, amount, moment
from reconcile.vocabulary import Side
from reconcile.wording import Lang
from reconcile.wording.causes import cause_named
from reconcile.wording.errors import tell_note

# A fixed date, so that equal inputs give equal bytes.
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
# Columns that fit on a landscape A4 page. The later ones identify a row and are only for the screen.
_LINE_PRINTED, _VERDICT_PRINTED = 15, 18
_FINDINGS = ("conflict", "one_sided", "doubtful")
# Columns of each side after its time: first those to read, then those that identify the row.
_FIELDS = ("sender", "kind", "text", "amount", "locator", "message_id", "file_name", "media_hash")
_HEADS = ("sender_of", "kind_of", "text_of", "amount_of", "locator_of", "id_of", "file_of", "hash_of")
# By column, in characters; numbers, times and texts widen theirs.
_LINE_WIDTHS = dict(enumerate((12, 8, 11, 12, 12, 8, 8, 6, 6, 0, 0, 7, 7, 8, 8, 20, 20)))
_LINE_TEXTS = (9, 10)

_POST_COUNTS = ("count", "own", "media_n", "likes_n", "comments_n", "removed_n", "witnesses_n")


def render_xlsx(data: ReportData, lang: Lang) -> bytes:
    """The bytes of findings.xlsx."""
    import xlsxwriter  # noqa: PLC0415 - only when a workbook is asked for

    out = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
        # A copy: the library adds properties to it, and the next workbook would differ.
        "default_format_properties": {**BASE_FONT},
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": text_of("report.title", lang), "created": _MADE, "author": "reconcile"})
        _Sheets(book, data, lang).write()
    return out.getvalue()


class _Sheets:
    """Writes the sheets one after the other, in one language."""

    def __init__(self, book: Any, data: ReportData, lang: Lang) -> None:
        self._tables, self._data, self._lang = TableWriter(book, lang), data, lang
        left, right = (text_of(side.called, lang) for side in data.sides)
        self._labels = {"left": left, "right": right}
        # The number keeps two conversations of one title apart.
        titles = titles_of(data.conversations, lang)
        self._titles = {c.conversation: f"{c.number} {titles[c.conversation]}" for c in data.conversations}

    def write(self) -> None:
        """All sheets."""
        self._write_verdicts()
        disputed = pl.col("relation").is_in(list(_FINDINGS))
        cut = self._write_lines("sheet_findings", disputed)
        cut |= self._write_lines("sheet_aside", ~disputed)
        self._write_gaps()
        self._write_absent_and_irregular()
        if self._data.posts is not None:
            self._write_posts(self._data.posts)
        self._write_files_and_notes()
        self._write_rates()
        self._write_glossary(cut=cut)

    def _say(self, key: str, **values: object) -> str:
        """The text `report.<key>` of the catalogue."""
        return text_of(f"report.{key}", self._lang, **values)

    def _heads_by_side(self, key: str) -> list[str]:
        """The heading `key` for the left and for the right side."""
        return [self._say(key, side=self._labels[side]) for side in ("left", "right")]

    def _locator_heads(self) -> list[str]:
        """The headings of the locator columns, which name the exhibit."""
        named = {side.value: exhibit(side, self._lang) for side in Side}
        return [self._say("where_of", side=self._labels[side], exhibit=name) for side, name in named.items()]

    def _time_head(self, key: str, **values: object) -> str:
        """The heading of a time column, with the time zone, since a cell cannot hold one."""
        return f"{self._say(key, **values)} ({zone_called(self._data.timezone, self._lang)})"

    def _add_sheet(self, title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], **layout: Any) -> None:
        """Writes one sheet with one table, none without rows; `layout` as `TableWriter.add` takes it."""
        left = iter(rows)
        first = next(left, None)
        if first is not None or title == "sheet_findings":
            every_row = chain([first], left) if first is not None else ()
            self._tables.add(title, self._say(title), heads, every_row, **layout)

    def _write_verdicts(self) -> None:
        heads = [self._say(k) for k in ("conversation_no", "conversation")] + self._heads_by_side("title_left")
        heads += [self._say("grade"), *self._labels.values()]
        heads += [code_of("relation", r, self._lang) for r in ("agreement", "conflict", "doubtful")]
        heads += self._heads_by_side("only_side") + self._heads_by_side("aside_side")
        heads += [self._time_head("gap_from"), self._time_head("gap_to")]
        heads += [self._say(k) for k in ("skew", "reasons", "tests_col")]
        counts = dict.fromkeys((0, *range(5, 14), 16), 5)
        rows = (self._verdict_cells(c) for c in self._data.conversations)
        widths = {1: 12, 2: 10, 3: 10, 4: 12} | counts
        self._add_sheet("sheet_verdicts", heads, rows, wide=(17, 18), widths=widths, printed=_VERDICT_PRINTED)

    def _verdict_cells(self, c: Any) -> list[Cell]:
        s = c.sums
        doubtful = s.doubtful_pairs + s.left_doubtful + s.right_doubtful
        return [
            c.number,
            c.conversation,
            c.left_title,
            c.right_title,
            code_of("grade", c.grade, self._lang),
            s.left_rows,
            s.right_rows,
            s.agreements,
            s.conflicts,
            doubtful,
            s.left_only,
            s.right_only,
            s.left_aside,
            s.right_aside,
            moment(c.coverage_from),
            moment(c.coverage_to),
            c.skew_seconds,
            list_of("reason", c.reasons, self._lang),
            list_of("test", c.tests_not_possible, self._lang),
        ]

    def _write_lines(self, title: str, wanted: pl.Expr) -> bool:
        """Writes the wanted lines; returns whether there were more than a sheet holds."""
        most = self._data.sheet_rows
        lines = self._data.lines.filter(wanted).head(most + 1).collect()
        heads = [self._say(k) for k in ("conversation", "relation", "cause")]
        heads += [self._time_head("time_of", side=self._labels[side]) for side in ("left", "right")]
        heads += [
            h
            for field in _HEADS
            for h in (self._locator_heads() if field == "locator_of" else self._heads_by_side(field))
        ]
        others = ("detail", "confidence_col", "similarity_col", "offset_col", "method_col", "explain_col")
        heads += [self._say(k) for k in others]
        rows = map(self._line_cells, shown_frame(lines.head(most)).iter_rows(named=True))
        self._add_sheet(title, heads, rows, wide=_LINE_TEXTS, widths=_LINE_WIDTHS, printed=_LINE_PRINTED)
        return lines.height > most

    def _line_cells(self, row: dict[str, Any]) -> list[Cell]:
        lang = self._lang
        details = list_of("form" if row["cause"] == "form" else "detail", (row["detail"] or "").split(","), lang)
        cells: list[Cell] = [
            self._titles.get(row["conversation"], row["conversation"]),
            code_of("relation", row["relation"], lang),
            code_of("cause", cause_named(row["cause"], row["detail"]), lang) if row["cause"] else None,
        ]
        cells += [moment(row[f"{side}_sent_at"], row[f"{side}_time_precision"]) for side in ("left", "right")]
        for field in _FIELDS:
            for side in ("left", "right"):
                value = row[f"{side}_{field}"]
                if field == "sender":
                    value = row[f"{side}_sender_name"] or value
                if field == "kind" and value:
                    value = code_of("kind", value, lang)
                cells.append(amount(value) if field == "amount" else value)
        method = row["method"]
        cells += [details if row["detail"] else None, row["confidence"], row["similarity"], row["offset_seconds"]]
        return [*cells, code_of("method", method, lang) if method else None, row["explain"]]

    def _write_gaps(self) -> None:
        heads = [self._say("conversation"), self._say("lacks"), self._time_head("gap_from"), self._time_head("gap_to")]
        heads += [self._say(k) for k in ("rows", "cause", "kind", "authors", "open", "test")]
        gaps = shown_frame(self._data.gaps.head(self._data.sheet_rows).collect())
        rows = (
            [
                self._titles.get(g["conversation"], g["conversation"]),
                self._labels[g["lacking"]],
                moment(g["from_at"]),
                moment(g["to_at"]),
                g["rows"],
                code_of("cause", g["cause"], self._lang),
                list_of("kind", g["kinds"], self._lang),
                g["authors"],
                list_of("open", g["not_excluded"], self._lang),
                list_of("test", g["tests_not_possible"], self._lang),
            ]
            for g in gaps.iter_rows(named=True)
        )
        self._add_sheet("sheet_gaps", heads, rows, wide=(8, 9))

    def _write_absent_and_irregular(self) -> None:
        heads = [self._say(k) for k in ("conversation_no", "side", "witness", "where")] + [self._time_head("when")]
        heads += [self._say(k) for k in ("sender", "words")] + [text_of("front.amount", self._lang)]
        heads += [self._say(k) for k in ("named", "id_head", "count")]
        of_chats = ((c.number, a) for c in self._data.conversations for a in c.absent)
        rows = (
            [
                number,
                self._labels[a.side],
                code_of("witness", a.witness, self._lang),
                a.locator,
                moment(a.at),
                a.sender,
                a.text,
                amount(a.amount),
                text_of(a.named, self._lang) if a.named else None,
                a.message_id,
                a.count,
            ]
            for number, a in (*of_chats, *((None, a) for a in self._data.absent_outside))
        )
        self._add_sheet("sheet_absent", heads, rows, wide=(6,))
        heads = [self._say(k) for k in ("conversation_no", "side", "where", "odd")]
        odd = (
            [number, self._labels[o.side], o.locator, code_of("odd", o.reason, self._lang)]
            for number, o in self._data.odd
        )
        self._add_sheet("sheet_odd", heads, odd, wide=(2, 3))

    def _write_posts(self, posts: PostsReport) -> None:
        """Writes counts of Moments, traces, articles and favourites; posts themselves are among the findings."""
        heads = [self._say("side"), *(self._say(f"post_{k}") for k in _POST_COUNTS)]
        heads += [self._time_head("gap_from"), self._time_head("gap_to")]
        counts: Iterable[Sequence[Cell]] = (
            [
                self._labels[c.side],
                c.posts,
                c.own,
                c.media,
                c.likes,
                c.comments,
                c.removed_comments,
                c.witnesses,
                moment(c.first_at),
                moment(c.last_at),
            ]
            for c in posts.counts
        )
        self._add_sheet("sheet_posts", heads, counts)
        heads = [self._say(k) for k in ("side", "post_trace", "where", "post_id_is", "post_excerpt", "count")]
        traces: Iterable[Sequence[Cell]] = (
            [self._labels[t.side], code_of("trace", t.trace, self._lang), t.locator, t.post_id, t.excerpt, t.count]
            for t in posts.traces
        )
        self._add_sheet("sheet_traces", heads, traces, wide=(1, 2, 4))
        heads = [self._say(k) for k in ("post_article", "post_account", "post_triple")]
        articles: Iterable[Sequence[Cell]] = (
            [a.title, a.account, a.triple, *self._place_cells(a.left_places, a.right_places)] for a in posts.articles
        )
        self._add_sheet("sheet_articles", [*heads, *self._labels.values()], articles, wide=(0,))
        heads = [self._say("side"), self._say("conversation_no"), self._time_head("when")]
        heads += [self._say(k) for k in ("sender", "kind", "words", "where", "id_head")]
        favourites: Iterable[Sequence[Cell]] = (
            [
                self._labels[f.side],
                f.conversation,
                moment(f.at),
                f.sender,
                code_of("kind", f.kind, self._lang) if f.kind else None,
                f.text,
                f.locator,
                f.message_id,
                self._held_word(f.left_held),
                self._held_word(f.right_held),
            ]
            for f in posts.favourites
        )
        self._add_sheet("sheet_favourites", [*heads, *self._labels.values()], favourites, wide=(5, 6))

    def _place_cells(self, *sides: tuple[str, ...]) -> list[Cell]:
        return [list_of("article_place", places, self._lang) or None for places in sides]

    def _held_word(self, held: bool) -> str:
        """Whether the side's chats have the message, in words."""
        return self._say("post_held" if held else "post_not_held")

    def _write_files_and_notes(self) -> None:
        heads = [self._say(k) for k in ("side", "file", "form", "size", "sha256", "sm3")]
        files: Iterable[Sequence[Cell]] = (
            [self._labels[f.side], f.path, code_of("file_form", f.form, self._lang), f.size, f.sha256, f.sm3]
            for s in self._data.sides
            for f in s.files
        )
        self._add_sheet("sheet_files", heads, files, wide=(1, 4, 5))
        heads = [self._say(k) for k in ("side", "note", "count", "places")]
        notes: Iterable[Sequence[Cell]] = (
            [
                self._labels[n.side],
                code_of("note", n.code, self._lang),
                n.count,
                "; ".join(
                    ": ".join(filter(None, (place, tell_note(n.code, excerpt, self._lang) if said else excerpt)))
                    for place, excerpt, said in n.examples
                ),
            ]
            for s in self._data.sides
            for n in s.notes
        )
        self._add_sheet("sheet_notes", heads, notes, wide=(1, 3))

    def _write_rates(self) -> None:
        """Writes the bounds on wrong claims and the measured error rates, one row per test and class."""
        found = self._data.measured
        heads = [text_of(f"front.{k}", self._lang) for k in ("e_what", "e_class", "e_tried", "e_hit", "e_bound")]
        rows: list[Sequence[Cell]] = [self._bound_cells(bound) for bound in self._data.error_bounds]
        if found is not None:
            tests = (("hidden", "e_at_least", found.hidden), ("decoys", "e_at_most", found.decoys))
            rows += [self._rate_cells(name, bound, test) for name, bound, trials in tests for test in trials]
        rows = rows or [[self._say("no_rates")]]
        self._add_sheet("sheet_rates", heads, rows, widths={0: 34, 1: 44, 4: 30})

    def _bound_cells(self, bound: ErrorBound) -> list[Cell]:
        """The bound on wrong claims of one kind: claim, class, number of claims, at most wrong."""
        what, every = (text_of(f"front.{k}", self._lang) for k in (f"e_claim_{bound.claim}", "e_every"))
        most = text_of(wrong_of(bound), self._lang)
        return [what, every, bound.claimed, None, most]

    def _rate_cells(self, name: str, bound: str, test: Trials) -> list[Cell]:
        """A measured rate: test and outcome, class of messages, trials, hits, bound in percent."""
        what, outcome = (text_of(f"front.{k}", self._lang) for k in (f"e_{name}", f"e_hit_{name}"))
        least = text_of(f"front.{bound}", self._lang, share=test.bound)
        return [f"{what}: {outcome}", rate_class(test.code, self._lang), test.tried, test.hit, least]

    def _write_glossary(self, *, cut: bool) -> None:
        """Writes the terms and their meanings; `cut` adds that a sheet could not hold all rows."""
        rows: list[list[Cell]] = [
            [text_of(f"report_text.term_{key}", self._lang), text_of(f"report_text.mean_{key}", self._lang)]
            for key in GLOSSARY
        ]
        rows.insert(0, [self._say("notice"), self._say("limit")])
        if cut:
            rows.insert(1, [self._say("sheet_limits"), self._say("rows_cut", n=self._data.sheet_rows)])
        self._add_sheet("sheet_terms", [self._say("term"), self._say("meaning")], rows, wide=(1,))
