"""Audits an inferred reading: finds rows that contradict it.

The mapping is inferred from what the columns look like. Its rows show whether it is right: no text contains further
messages, the rule between two messages or the head of a page; only one person is the owner; senders are neither times nor
different in every row; the times of a text run in one direction.
"""

import re
from collections.abc import Callable, Iterator, Sequence

import polars as pl

from reconcile.column_ops import lacks, present
from reconcile.errors import UsageError
from reconcile.formats.inferred.mapping import Inferred
from reconcile.formats.inferred.text.account_of_lines import EVER_NEW, MANY, usual_labels
from reconcile.formats.inferred.text.layouts import BRACKETS
from reconcile.formats.inferred.text.templates import left_in
from reconcile.intake.contract import Note, Reading
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.client_sentences import sentence_kind
from reconcile.wechat.kinds import WORD_KINDS

# Rows of a longer reading that are looked at: every so many.
_LOOK = 20_000
# Texts with further times, and their share of the messages: people write of the time, and of the plan of a day.
_LEAST_TEXTS, _INSIDE = 2, 0.2
# Texts that end in the same rule, or in the same line behind an empty one: a form writes it again, nobody does.
_AGAIN = 2
# Shortest line, without its figures, that is known again from outside the messages.
_LEAST_LINE = 6
# Most notes on lines outside the messages that are looked at, and how much of each.
_MOST_NOTES, _MOST_OF_NOTE = 200, 400
# Rows that nobody sent and that are no sentences of a client, as their share of all: a form that names nobody, or one
# side alone.
_NOBODY = 0.3
# Share of senders that hold a time of day.
_TIMES = 0.5
# Steps of time in each direction, as their share of all: a list is in order, or in the opposite one.
_BACK = 0.2
# Least share of all messages, and of those of several lines, that end in one of few lines; most names to compare.
_MOST_ENDS, _ALIKE, _MOST_NAMES = 0.4, 0.8, 200
# What says that somebody sent something.
_SENT = r"发送了|发来了?|(?i)\bsent\b"
_SHOWN = 60

_CLOCK = r"[0-9]{1,2}\s?(?:[:：時时点點][0-9]{1,2}|[時时点點])"
_DATE = r"[0-9年月日/.\-]{0,12}[\sT,，]{0,2}"
# A time that begins a line or a sentence, with a name or words behind it, as a message has in a list.
_FURTHER = rf"(?:\n|[。；;]\s?)[^\w\n]{{0,4}}({_DATE}{_CLOCK}[^\n。；;]{{0,40}})"
_RULE = r"\n\s*((?:-{3,}|={3,}|_{3,}|\*{3,}|#{3,}|~{3,}|—{2,}|─{2,}|━{2,}))\s*$"
_BEHIND_A_BLANK = r"\n[ \t\f]*\n\s*([^\n]{6,80}?)\s*$"


def findings(reading: Reading, *, is_text: bool) -> Iterator[str]:
    """What speaks against a reading, each as a clause with an example, the gravest first.

    `is_text`: the rows come from lines, in which a message ends only where the next begins.
    """
    rows: pl.DataFrame = reading.messages
    rows = rows.gather_every(rows.height // _LOOK + 1) if rows.height > _LOOK else rows
    said = rows.filter(pl.col("kind").cast(pl.String).is_in([*map(str, WORD_KINDS)]) & (pl.col("text") != ""))
    checks: list[Callable[[], str | None]] = [
        lambda: _further_messages(said["text"]),
        lambda: _sides(said),
        lambda: _lines_from_outside(said["text"], reading.notes),
        # What stands in place of the owner's name in all of his rows says nothing of the others.
        lambda: _names(
            said.filter(pl.col("is_self").not_().fill_null(value=True))["sender"].drop_nulls(), is_text=is_text
        ),
        lambda: _closing_brackets(said["text"]),
        lambda: _phrases(said["text"], 1 if is_text else 2),
    ]
    if not is_text:
        # Lines without a sender are asked about as they are read.
        checks.append(lambda: _nobody(rows))
    else:
        checks += [
            lambda: _shifted(reading.messages, reading.notes),
            lambda: _names_in_names(rows["sender"]),
            lambda: _more_than_names(rows["sender"]),
            lambda: _last_lines(said["text"], said["sender"]),
            lambda: _rules(said),
            lambda: _running_ends(said["text"]),
            lambda: _order(reading.messages),
        ]
    return (found for check in checks if (found := check()) is not None)


def require_sound(reading: Reading, inferred: Inferred, *, source: object, is_text: bool) -> None:
    """Raises UsageError where the rows of an inferred reading show that something else was meant."""
    if (found := next(findings(reading, is_text=is_text), None)) is not None:
        guess = inferred.spelled()
        raise UsageError(
            "--columns",
            f"{source}: no reader knows this form; it reads as {guess}, but then {found}; if the reading is right "
            f"all the same, give --columns {guess}; else ask for another form",
        )


def notes_on(reading: Reading, *, file: str, is_text: bool) -> list[Note]:
    """The findings as notes, for a reading by columns that the user stated."""
    return [
        Note(NoteCode.ODD_VALUE, file, f"by the columns given, {found}", said=True)
        for found in findings(reading, is_text=is_text)
    ]


def _shown(what: str, such_as: str) -> str:
    """What is odd of a reading, with the first place that shows it."""
    return f"{what}, such as {' '.join(such_as.split())[:_SHOWN]!r}"


def _further_messages(text: pl.Series) -> str | None:
    """Several texts, many of all, in which further lines or sentences begin with a time."""
    if lacks(text, r"[\n。；;]"):
        return None
    inside = text.str.extract(_FURTHER, 1).drop_nulls()
    if inside.len() < max(_LEAST_TEXTS, _INSIDE * text.len()):
        return None
    return _shown(f"{inside.len()} messages hold further times at the beginning of a line or sentence", inside[0])


def _sides(said: pl.DataFrame) -> str | None:
    """Several senders, all of them the owner."""
    told = said.drop_nulls("is_self")
    if told.height < MANY or not told["is_self"].all():
        return None
    names = present(told["sender"]).unique(maintain_order=True)
    if names.len() < 2 or told["sender"].null_count():
        return None
    return _shown(f"{names.len()} senders would all be the owner", f"{names[0]} / {names[1]}")


def _nobody(rows: pl.DataFrame) -> str | None:
    """Many rows without a sender that are no sentences of a client."""
    bare = rows.filter(
        pl.col("kind").cast(pl.String) == str(Kind.SYSTEM), pl.col("sender").is_null(), pl.col("is_self").is_null()
    )
    if rows.height < MANY or bare.height < _NOBODY * rows.height:
        return None
    words = bare["text"].alias("text").to_frame()
    words = words.filter(sentence_kind(pl.col("text")).is_null() & (pl.col("text") != ""))
    if words.height < _NOBODY * rows.height:
        return None
    return _shown(f"{words.height} messages have no sender", words["text"][0])


def _names(senders: pl.Series, *, is_text: bool) -> str | None:
    """Senders that hold times, or that hardly ever come again."""
    if senders.len() < MANY:
        return None
    names = senders.unique(maintain_order=True)
    timed = names.filter(names.str.contains(r"[0-9]{1,2}[:：][0-9]{2}"))
    if timed.len() > _TIMES * names.len():
        return _shown(f"{timed.len()} senders hold a time", timed[0])
    # Lines were asked about before.
    if not is_text and names.len() > EVER_NEW * senders.len():
        return _shown(f"{senders.len()} messages have {names.len()} different senders", names[0])
    return None


def _phrases(text: pl.Series, least: int) -> str | None:
    """Many texts that begin with one of a few phrases of the form."""
    # A message in two languages has a label before each of them.
    found = left_in(text, least) if len(usual_labels(text)) <= 1 else None
    return None if found is None else _shown("many messages begin with the same few phrases", found)


def _last_lines(text: pl.Series, sender: pl.Series) -> str | None:
    """Many texts of several lines that end in one of a few lines, as in the name of who speaks next.

    Where all have one sender, a single such line tells as much.
    """
    if lacks(text, "\n") or text.len() < MANY:
        return None
    last = text.str.extract(r"(?s)^.*\S.*\n\s*([^\s(\[（【][^\n]{0,60})\s*$", 1).drop_nulls()
    ends, last = last.len(), last.filter(last.is_duplicated())
    least = 1 if sender.n_unique() == 1 else 2
    # The pattern leaves out last lines in brackets: they are remarks on the message.
    if last.len() < max(_MOST_ENDS * text.len(), _ALIKE * ends) or not least <= last.n_unique() <= MANY:
        return None
    return _shown(f"{last.len()} messages end in the same few lines", last[0])


def _shifted(messages: pl.DataFrame, notes: Sequence[Note]) -> str | None:
    """The only message without words is the first or the last, and lines outside the messages are unread."""
    bare = messages.select(pl.col("text").fill_null("").str.strip_chars().eq("")).to_series()
    outside = [n.excerpt for n in notes if n.code in (NoteCode.ROW_SKIPPED, NoteCode.LINE_OUTSIDE) and not n.said]
    if messages.height < MANY or not outside or int(bare.sum()) != 1 or not (bare[0] or bare[-1]):
        return None
    return _shown("one message has no words, and words stand outside the messages", outside[0])


def _names_in_names(senders: pl.Series) -> str | None:
    """Sender names made of two other senders' names and a word between, or of a mark and another's name.

    `~` does not count: WhatsApp writes it before the names of people who are not in the contacts.
    """
    names = present(senders).unique(maintain_order=True)
    if not 1 < names.len() <= _MOST_NAMES:
        return None
    known, told = {*names}, [re.match(r"^([^\w\s~]+\s+)?(\S+)(?:\s+\S+\s+(\S+))?$", n) for n in names]
    odd = [m for m in told if m and (m[1] or m[3]) and m[2] in known and (m[3] is None or m[3] in known)]
    return _shown(f"{len(odd)} sender names contain another sender's name", odd[0][0]) if odd else None


def _more_than_names(senders: pl.Series) -> str | None:
    """Sender names that contain a tab or, where at least half of them do, a word such as `sent`."""
    names = present(senders).unique(maintain_order=True)
    odd = names.filter(names.str.contains("\t", literal=True))
    sent = names.filter(names.str.contains(_SENT))
    odd = odd if odd.len() or 2 * sent.len() < names.len() else sent
    return _shown(f"{odd.len()} senders hold more than a name", odd[0]) if odd.len() else None


def _closing_brackets(text: pl.Series) -> str | None:
    """Texts that all end in the same closing bracket without its opening one."""
    if text.len() < MANY:
        return None
    for opening, closing in BRACKETS.items():
        if not text[0].endswith(closing):
            continue
        open_, close = (text.str.count_matches(s, literal=True) for s in (opening, closing))
        if bool((text.str.ends_with(closing) & (close > open_)).all()):
            return _shown(f"{text.len()} messages end in a bracket that none opens", text[0])
    return None


def _rules(said: pl.DataFrame) -> str | None:
    """Texts that end in the same rule, or in the same line with the number of each page."""
    if lacks(said["text"], "\n"):
        return None
    ruled = said["text"].str.extract(_RULE, 1).drop_nulls()
    if ruled.len() >= _AGAIN:
        return _shown(f"{ruled.len()} messages end in the same line", ruled[0])
    ends = said.select(pl.col("text").str.extract(_BEHIND_A_BLANK, 1).alias("end")).drop_nulls()
    ends = ends.with_columns(
        pl.col("end").str.replace_all(r"[0-9]+", "0").alias("shape"),
        pl.col("end").str.extract(r"([0-9]{1,6})[^0-9]*$", 1).cast(pl.Int64).alias("page"),
    )
    # Others than numbers of pages are a person's own.
    steps = (pl.col("page").diff().drop_nulls() > 0).all() & pl.col("page").is_not_null().all()
    known = ends.group_by("shape", maintain_order=True).agg(pl.len(), steps.alias("rises"), pl.col("end").first())
    known = known.filter(
        pl.col("len") > _AGAIN, pl.col("rises"), pl.col("shape").str.count_matches(r"[^0-9]") >= _LEAST_LINE
    )
    return _shown(f"{known['len'].sum()} messages end in the same line", known["end"][0]) if known.height else None


def _running_ends(text: pl.Series) -> str | None:
    """Many texts whose last line is a number that counts them: that of the next message."""
    if lacks(text, "\n"):
        return None
    last = text.str.extract(r"\n\s*[^\w\n]{0,2}([0-9]{1,6})[^\w\n]{0,2}\s*$", 1).cast(pl.Int64)
    counts = last.drop_nulls()
    if text.len() < MANY or 2 * counts.len() < text.len() or float((counts.diff() == 1).mean() or 0) < _ALIKE:  # type: ignore[arg-type]
        return None
    return _shown(
        f"{counts.len()} messages end in a number that counts them",
        text[int(last.is_not_null().arg_max() or 0)][-_SHOWN:],
    )


def _lines_from_outside(text: pl.Series, notes: Sequence[Note]) -> str | None:
    """A line within a text that stands outside the messages as well, as the head of a page does."""
    if lacks(text, "\n"):
        return None
    told = [
        n.excerpt[:_MOST_OF_NOTE]
        for n in notes
        if n.code in (NoteCode.ROW_SKIPPED, NoteCode.LINE_OUTSIDE) and not n.said
    ]
    outside = {part for excerpt in told[:_MOST_NOTES] for line in excerpt.split("\n") for part in _ends_of(line)}
    if not outside:
        return None
    lines = text.filter(text.str.contains("\n", literal=True)).str.split("\n").list.slice(1).explode().str.strip_chars()
    again = lines.filter(lines.is_in([*outside]))
    return _shown(f"{again.len()} lines of messages stand outside them as well", again[0]) if again.len() else None


def _ends_of(line: str) -> Iterator[str]:
    """The line, and all of its beginnings and ends in whole words: a note may join several lines."""
    words = line.split()
    for at in range(len(words)):
        for part in (" ".join(words[: len(words) - at]), " ".join(words[at:])):
            if len(part) >= _LEAST_LINE and not part.isdecimal():
                yield part


def _order(messages: pl.DataFrame) -> str | None:
    """Times of one chat that go back and forth all the time."""
    rows = messages.select("conversation", "sent_at", "sent_raw").drop_nulls("sent_at")
    steps = rows.with_columns(pl.col("sent_at").diff().dt.total_seconds().over("conversation").alias("step"))
    steps = steps.filter(pl.col("step") != 0)
    back = steps.filter(pl.col("step") < 0)
    if steps.height < MANY or min(back.height, steps.height - back.height) < _BACK * steps.height:
        return None
    return _shown(f"{back.height} of {steps.height} times go back", back["sent_raw"][0] or "")
