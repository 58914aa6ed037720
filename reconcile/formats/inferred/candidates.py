"""Complete readings that an unknown form may have, the likeliest first, whatever its container.

Where the reading that looks clearest contradicts itself, leaves something open or is none, others are read in full and
checked in the same way: the lines by each template that they may have, and each answer to what is open. All are ranked
by one score: whether the rows contradict them, how many messages they tell, and how much of the form they explain.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice, product
from pathlib import Path

import polars as pl

from reconcile.column_ops import present
from reconcile.errors import ReconcileError, UsageError
from reconcile.formats.inferred.containers import lines_in
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.file_plans import MOST_FILES, lists_by_file, plans_of_lists
from reconcile.formats.inferred.mapping import SPELLED, Choice, Inferred, question
from reconcile.formats.inferred.other_rows import likelihood, other_plans
from reconcile.formats.inferred.plan import Plan
from reconcile.formats.inferred.text.blocks import block_fields
from reconcile.formats.inferred.text.slots import rows_of_template, templates_of
from reconcile.formats.inferred.times.file_days import day_of_file
from reconcile.formats.inferred.times.time_columns import share_in_order
from reconcile.intake.contract import Note, Reading
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode

# Most templates of a text, answers to what one plan leaves open, and readings that are ranked.
_MOST_TEMPLATES, _MOST_ANSWERS, _MOST_SHOWN = 12, 6, 3
# So many characters at the beginning of so large a share of the texts are of the form.
_BEGINNING, _NEARLY_ALL = 8, 0.9
# Lines of each text that show its templates.
_LOOKED_AT = 400
# Least messages of a reading, and the share of them that its senders, or values of a place that recur, have at most.
_LEAST, _HALF = 4, 0.5
# Least messages of a reading that nobody is asked about, and the most lines left out of it for each.
_SURE, _MOST_REST = 12, 0.05
# A reading of rows below this likelihood is confirmed by the user. Times in order and distinct texts give 1 each, and
# senders who look like people the rest.
_CHAT = 2.6
# Most bytes of a file whose other readings are looked for.
_MOST_BYTES = 2**23
# A year in place of one that nothing states.
_ANY_YEAR = ("2024",)
# What has candidates and is no column.
_STATED = ("year", "timezone", "day_first", "time_unit", "escapes")

# Roles for which other columns of a table are tried.
_OF_COLUMNS = ("time", "date", "sender", "text")
# What is left between signs of a form and names nobody; arrows tell a side.
_NO_NAME, _MOST_NAMES = r"^[\s|:：,，.。;；*_\-—]*$|[:：]", 100

Attempt = Callable[[Sequence[Plan]], Reading]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A complete reading: its plans, what it takes to be so, and how well it explains the form.

    Attributes:
        plans: how each list of rows is read, nothing left open.
        answers: role -> what is taken where the values do not decide.
        messages: messages with time, sender and words.
        speakers: how many people speak.
        rest: lines or rows that are left out.
        shared: characters with which nearly all words begin, as with an account that the form writes before them.
        parts: the columns that the rows were taken apart into.
        first: a message of it, to be judged.
        is_clearest: the lists of rows are those that look clearest.
        likely: how far rows of a table or of objects look like a chat; 0 for lines.
    """

    plans: tuple[Plan, ...]
    answers: dict[str, str]
    messages: int
    speakers: int
    rest: int
    shared: int
    parts: int
    first: str
    is_clearest: bool
    likely: float = 0.0

    @property
    def score(self) -> tuple[float, ...]:
        """What ranks readings: messages told beyond lines left out, then who speaks again."""
        told = self.messages - self.rest
        return (told, -self.shared, self.likely, self.is_clearest, -self.speakers, -len(self.answers), self.parts)


def ranked(source: Source, plans: Sequence[Plan], attempt: Attempt) -> list[Candidate]:
    """The readings that nothing contradicts, the likeliest first; `plans`: those that look clearest."""
    found = [*_sound([list(plans)], attempt, is_clearest=True)] if plans else []
    if _are_open(plans, found):
        least = max((p.rows for p in plans), default=0)
        is_text = bool(plans) and plans[0].fields.is_text
        ways = [*([] if is_text else [other_plans(lists_by_file(source))])]
        ways += [_templates(source, plans)] if is_text or not plans else []
        told = (islice(way, _MOST_TEMPLATES) for way in ways)
        others = _sound(chain.from_iterable(told), attempt, is_clearest=False)
        found += [c for c in others if c.messages >= _HALF * least and c.messages + c.rest >= least]
    best = sorted(found, key=lambda c: c.score, reverse=True)
    unlike: dict[tuple[int, str], Candidate] = {}
    for one in best:
        unlike.setdefault((one.messages, one.first), one)
    return list(unlike.values())[:_MOST_SHOWN]


def _sound(told: Iterable[list[Plan]], attempt: Attempt, *, is_clearest: bool) -> Iterator[Candidate]:
    """The readings by these plans that nothing contradicts."""
    for plans in told:
        for answered, answers in islice(_answered(plans), _MOST_ANSWERS):
            with suppress(ReconcileError, pl.exceptions.PolarsError):
                one = _judged(attempt(answered), answered, answers, is_clearest=is_clearest)
                if one is not None:
                    yield one


def _are_open(plans: Sequence[Plan], found: Sequence[Candidate]) -> bool:
    """Whether to try further readings beside the clearest plans.

    Without a plan, always. Lines: a role has no candidate, no answer gives a sound reading, or the texts hold what the
    form writes itself. Rows of a table: no answer gives a sound reading, or many rows have no sender. In all other
    cases the user is asked to choose between the candidates.
    """
    if not plans:
        return True
    doubts = plans[0].inferred.doubts
    if plans[0].fields.is_text:
        return () in doubts.values() or not found or any(c.shared for c in found)
    if not found:
        # What codes and zones mean is asked, and what is no column cannot be tried.
        names = {*plans[0].fields.names}
        return doubts.keys() <= {*_OF_COLUMNS} and all({*told} <= names for told in doubts.values())
    # Who speaks in many rows is open.
    return max(c.messages for c in found) < _NEARLY_ALL * sum(p.rows for p in plans)


def is_sure(found: Sequence[Candidate], plans: Sequence[Plan]) -> bool:
    """Whether the likeliest reading leaves nothing open and hardly a line out.

    It tells no fewer messages than the clearest plans. One of as many messages that is likewise complete would be as good.
    """
    if not found or found[0].answers or found[0].messages < _SURE or any(p.inferred.doubts for p in plans[:1]):
        return False
    if found[0].plans[0].fields.is_flat:
        # What all lines write alike may be words of somebody.
        return False
    best, told = found[0], max((p.rows for p in plans), default=0)
    if not best.plans[0].fields.is_text and best.likely < _CHAT:
        return False
    rivals = [c for c in found[1:] if not c.answers and c.messages == best.messages and c.parts == best.parts]
    return not rivals and best.rest <= _MOST_REST * best.messages and best.messages + best.rest >= told


def _templates(source: Source, clearest: Sequence[Plan]) -> Iterator[list[Plan]]:
    """The plans by each template of the lines of all files."""
    # What the clearest plan cannot tell of the times, the others cannot either.
    open_ = clearest[0].inferred.doubts if clearest else {}
    doubts = {r: told for r, told in open_.items() if r in _STATED}
    texts = {file: told for file in source.files[:MOST_FILES] if (told := _lines_of(source, file)) is not None}
    ways: list[Callable[[pl.Series, str, list[Note]], Fields | None]] = [block_fields]
    if texts:
        some = pl.concat([lines.head(_LOOKED_AT) for lines, _ in texts.values()])
        ways += [
            lambda lines, name, notes, way=way: rows_of_template(lines, way, name, notes, day_of_file(name))  # type: ignore[misc]
            for way in islice(templates_of(some), _MOST_TEMPLATES)
        ]
    for way in ways:
        read = {f: way(lines, source.relative(f), notes) for f, (lines, notes) in texts.items()}
        plans = plans_of_lists(source, {f: [fields] for f, fields in read.items() if fields is not None})
        yield [Plan(p.fields, replace(p.inferred, doubts={**doubts, **p.inferred.doubts})) for p in plans]


def _lines_of(source: Source, file: Path) -> tuple[pl.Series, list[Note]] | None:
    """The lines of a text or document, and the notes on them; None for others and large files."""
    with suppress(ReconcileError, pl.exceptions.PolarsError):
        if file.stat().st_size <= _MOST_BYTES:
            return lines_in(source, file)
    return None


def _answered(plans: Sequence[Plan]) -> Iterator[tuple[list[Plan], dict[str, str]]]:
    """The plans with each answer to what they leave open, the likeliest first."""
    if not plans:
        return
    # Any year shows whether the rest is right; the user states the true one.
    doubts = {r: told or (_ANY_YEAR if r == "year" else ()) for r, told in plans[0].inferred.doubts.items()}
    for told in product(*doubts.values()):
        answers = dict(zip(doubts, told, strict=True))
        if all(r in _STATED or a in plans[0].fields.names for r, a in answers.items()):
            yield [Plan(p.fields, _with(p.inferred, answers)) for p in plans], answers


def _with(inferred: Inferred, answers: dict[str, str]) -> Inferred:
    """The mapping with the answers to all that it leaves open."""
    manners = {r: a for r, a in answers.items() if r in _STATED}
    choices = {r: Choice(a, 1.0) for r, a in answers.items() if r not in manners}
    return replace(
        inferred, choices={**inferred.choices, **choices}, manners={**inferred.manners, **manners}, doubts={}
    )


def _judged(reading: Reading, plans: Sequence[Plan], answers: dict[str, str], *, is_clearest: bool) -> Candidate | None:
    """The candidate of a reading; None where hardly anybody speaks again, or only one does."""
    rows = reading.messages.filter(pl.col("sent_at").is_not_null() & (pl.col("text").fill_null("") != ""))
    said = rows.filter(pl.any_horizontal(pl.col("sender", "is_self").is_not_null()))
    speakers = said.select(pl.coalesce("sender", pl.col("is_self").cast(pl.String)).alias("who"))["who"]
    names = present(said["sender"]).unique().head(_MOST_NAMES)
    if names.str.contains(_NO_NAME).any() or any(_loses_words(p) for p in plans):
        return None
    # Words of others within the words.
    within = (
        said["text"].str.contains("|".join(rf"(?:^|\s){re.escape(n)}\s?[:：]" for n in names)) if names.len() else None
    )
    if within is not None and within.mean() >= 1 - _NEARLY_ALL:  # type: ignore[operator]
        return None
    if said.height < _LEAST or not 1 < speakers.n_unique() <= max(2, _HALF * said.height):
        return None
    rest = sum(n.code in (NoteCode.ROW_SKIPPED, NoteCode.LINE_OUTSIDE) and not n.said for n in reading.notes)
    parts = sum(present(p.fields.frame[n]).len() > 0 for p in plans[:1] for n in p.fields.names)
    one = said.row(min(1, said.height - 1), named=True)
    who = one["sender"] or ("me" if one["is_self"] else "")
    first = " | ".join(" ".join(str(part).split())[:40] for part in (one["sent_raw"], who, one["text"]))
    likely = 0.0
    if not plans[0].fields.is_text:
        order = said.select(pl.col("sent_at").dt.epoch("ms").cast(pl.Float64))["sent_at"]
        likely = likelihood(plans[0], said["text"], share_in_order(order))
    return Candidate(
        tuple(plans),
        answers,
        said.height,
        speakers.n_unique(),
        rest,
        _shared(said["text"]),
        parts,
        first,
        is_clearest,
        likely,
    )


def _loses_words(plan: Plan) -> bool:
    """Whether a place behind the name of a template, which differs from message to message, has no role."""
    # A number amid words looks like a running one.
    roles = {c.column for r, c in plan.inferred.choices.items() if r not in ("id", "local_id")}
    sender, names = plan.inferred.columns.get("sender"), plan.fields.names
    if not plan.fields.is_positional or not plan.fields.is_flat or sender not in names:
        return False
    free = (present(plan.fields.frame[n]) for n in names[names.index(sender) + 1 :] if n not in roles)
    return any(c.n_unique() > _HALF * c.len() for c in free)


def _shared(text: pl.Series) -> int:
    """How many characters nearly all texts begin with; 0 for few, and where some texts are nothing else."""
    whole = text.str.head(_BEGINNING)
    common = whole.value_counts(sort=True)
    if common["count"][0] < _NEARLY_ALL * text.len() or (whole == text).any():
        return 0
    first = text.filter(whole == common[text.name][0]).unique()
    one, other = str(first.min()), str(first.max())
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def chosen(found: Sequence[Candidate], number: str, told: Mapping[str, str]) -> list[Plan]:
    """The plans of the reading of that number, with what the user states besides. Raises UsageError."""
    if not number.isdecimal() or not 0 < int(number) <= len(found):
        there = ", ".join(str(n + 1) for n in range(len(found))) or "none"
        raise UsageError("--columns", f"--columns: there is no reading {number!r}; there are {there}")
    stated = {r: v for r, v in told.items() if r in _STATED}
    return [Plan(p.fields, _with(p.inferred, stated)) for p in numbered(found[int(number) - 1].plans, int(number))]


def numbered(plans: Sequence[Plan], number: int) -> list[Plan]:
    """The plans with the number by which `--columns` names the reading."""
    manners = {"reading": str(number)}
    return [Plan(p.fields, replace(p.inferred, manners={**p.inferred.manners, **manners})) for p in plans]


def question_of(
    refused: ReconcileError, source: Source, plans: Sequence[Plan], found: Sequence[Candidate]
) -> ReconcileError:
    """The error that names the readings which nothing contradicts; `refused` where there are none.

    Where the likeliest is an answer to what the clearest plan leaves open, that is what is asked.
    """
    if not found:
        return refused
    if found[0].is_clearest and found[0].answers:
        doubts = {
            r: (found[0].answers[r], *(c for c in told if c != found[0].answers[r])) if told else ()
            for r, told in plans[0].inferred.doubts.items()
        }
        return question(source.path, replace(plans[0].inferred, doubts=doubts), plans[0].fields.frame)
    shown = "; ".join(f"{n}: {c.messages} messages such as {c.first!r}" for n, c in enumerate(found, 1))
    stated = {r: SPELLED["year"] if r == "year" and a in _ANY_YEAR else a for r, a in found[0].answers.items()}
    columns = ",".join(["reading=1", *(f"{r}={a}" for r, a in stated.items() if r in _STATED)])
    return UsageError(
        "--columns",
        f"{source.path}: no reader knows this form; possible readings are {shown}; give --columns {columns} as fits",
    )
