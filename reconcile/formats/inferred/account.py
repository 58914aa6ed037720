"""What of the rows a mapping leaves unexplained: words that no role reads, times that tell nothing."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.hints import ACTORS, hint, is_translation, names_a_party, words_of
from reconcile.formats.inferred.mapping import Choice
from reconcile.formats.inferred.people.chat_names import chats_beside
from reconcile.formats.inferred.people.receivers import leaves_out_the_owner
from reconcile.formats.inferred.text.account_of_lines import begin_with_signs, hold_a_talk, time_inside
from reconcile.formats.inferred.words.marks import kind_of_files
from reconcile.vocabulary import Kind
from reconcile.wechat.client_sentences import sentence_kind
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import SYSTEM_KINDS, WORD_KINDS, kind_from_text

# From this number of rows on, rows of one chat do not all share one time.
_MANY = 6
# A column of words: least cells, share of sentences, share of different cells, share of cells also stated elsewhere.
_LEAST, _SENTENCES, _VARIED, _TOLD = 3, 0.6, 0.5, 0.5
# Share of cells that name somebody who writes, from which a column names people.
_PEOPLE = 0.5
# Least share of rows without a name that cannot all be notices.
_UNNAMED = 0.3
# In so many rows two messages of one of a few people would follow each other.
_SURELY_RUNS, _FEW_SPEAKERS = 16, 3
# Kinds whose fields say what is attached, as the name of a program does, and are not the words of a message.
_WORDLESS = [str(k) for k in Kind if k not in (*WORD_KINDS, *SYSTEM_KINDS, Kind.OTHER)]
# A sentence has words with blanks between them or several Chinese characters in a row; paths and packed values are none.
_SENTENCE, _NO_SENTENCE = (
    r"\p{L}[^\s]*\s+[^\s]*\p{L}|\p{Han}{4}",
    r"^\s*[\[{<]|://|[/\\][^\s/\\]+[/\\]|\.[a-z0-9]{2,4}\s*$",
)
# Codes and times with a few fixed words around them say nothing.
_FIGURES = r"[^\s]*[0-9][^\s]*"


def unaccounted(
    frame: pl.DataFrame, names: Sequence[str], choices: Mapping[str, Choice], used: set[str], beside: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Role and candidates for each role whose choice leaves part of the rows unexplained.

    `used`: columns that are read or repeat what is read; `beside`: what the container states outside the rows.
    """
    if not {"time", "text"} <= choices.keys():
        return
    time, text = choices["time"].column, choices["text"].column
    if "date" not in choices and frame.height >= _MANY and present(frame[time]).n_unique() == 1:
        yield "time", (time,)
    if (inside := time_inside(present(frame[text]))) is not None:
        yield "time", (time, inside)
    if begin_with_signs(frame[text]) or hold_a_talk(present(frame[text])):
        yield "text", (text,)
    is_other = "conversation" in choices and names_a_party(choices["conversation"].column)
    if {"sender", "conversation"} <= choices.keys():
        is_other |= leaves_out_the_owner(*(frame[choices[r].column] for r in ("sender", "conversation")))
    if not is_other and (_are_unnamed(frame, choices) or _are_named_once(frame, choices)) and not chats_beside(beside):
        yield "sender", (choices["sender"].column,)
    # What encloses the rows or is an attribute of a page belongs to no message alone.
    free = [n for n in names if n not in used and "@" not in n and not n.startswith("^") and not is_translation(n)]
    free = [n for n in free if _holds_sentences(frame[n])]
    people = [frame[choices[r].column] for r in ("sender", "sender_name") if r in choices]
    free = [n for n in free if not words_of(n) & ACTORS and not _names_people(frame[n], people)]
    # Names and media types of files say what is attached.
    free = [n for n in free if present(frame[n]).to_frame().select(kind_of_files(pl.col(n))).null_count().item()]
    kinds = kinds_of_names(frame[choices["kind"].column]) if free and "kind" in choices else None
    of_text = frame if kinds is None else frame.filter(kinds.is_in(_WORDLESS).not_().fill_null(value=True))
    words = [n for n in free if _says_more(of_text, n, text, time)]
    if words:
        yield "text", (text, *words)


def _names_people(cells: pl.Series, people: Sequence[pl.Series]) -> bool:
    """Whether most cells are names or accounts of those who write."""
    held = cells.drop_nulls()
    return any(float(held.is_in(p.drop_nulls().unique().implode()).mean() or 0) > _PEOPLE for p in people)  # type: ignore[arg-type]


def _are_unnamed(frame: pl.DataFrame, choices: Mapping[str, Choice]) -> bool:
    """Whether only one person is named although many rows with words have no name, as the owner's may."""
    if "sender" not in choices or "direction" in choices:
        return False
    rows = frame.filter(pl.col(choices["text"].column).is_not_null())
    said = rows[choices["sender"].column]
    if said.null_count() < max(_MANY, _UNNAMED * said.len()) or said.drop_nulls().n_unique() != 1:
        return False
    # A field of the unnamed rows alone, such as a receiver, shows that they were sent.
    return not any((rows[c].is_null() != said.is_null()).all() for c in rows.columns if c != said.name)


def _are_named_once(frame: pl.DataFrame, choices: Mapping[str, Choice]) -> bool:
    """Whether a sender may stand in the first row of each run alone: no two rows in a row bear one name.

    Rows without a name that the client's own sentences fill are notices.
    """
    if "sender" not in choices or "direction" in choices or frame.height < _SURELY_RUNS:
        return False
    rows = frame.filter(pl.col(choices["text"].column).is_not_null())
    said, text = rows[choices["sender"].column], rows[choices["text"].column].alias("text")
    if not said.null_count():
        return False
    pairs = present(said == said.shift(1))
    if pairs.len() < _SURELY_RUNS // 2 or pairs.any() or said.n_unique() > _FEW_SPEAKERS:
        return False
    bare = text.filter(said.is_null()).to_frame()
    notice = pl.coalesce(sentence_kind(pl.col("text")), kind_from_text(pl.col("text"))).is_not_null()
    return not bool(bare.select(notice.any()).item())


def _says_more(frame: pl.DataFrame, name: str, text: str, time: str) -> bool:
    """Whether a column of sentences may be the words of its rows, alone or with the chosen column.

    A column named text stands for the words of each row that it fills.
    """
    words, is_timed = frame[text], frame[time].is_not_null()
    alone = frame[name].is_not_null() & words.is_null() & is_timed
    if int(alone.sum()) >= _LEAST and hint(name, "text") >= 0:
        return True
    if hint(text, "text") >= 1:
        return False
    both = frame.select(pl.col(name).alias("a"), pl.col(text).alias("b")).drop_nulls()
    told = both.select(
        pl.col("a").str.contains(pl.col("b"), literal=True) | pl.col("b").str.contains(pl.col("a"), literal=True)
    ).to_series()
    return both.height >= _LEAST and float(told.mean() or 0) < _TOLD  # type: ignore[arg-type]


def _holds_sentences(cells: pl.Series) -> bool:
    """Whether the cells are different sentences."""
    held = present(cells)
    # Without their figures, the cells differ no more than with them.
    if held.len() < _LEAST or held.n_unique() < _VARIED * held.len():
        return False
    held = held.str.replace_all(_FIGURES, "")
    if held.n_unique() < _VARIED * held.len():
        return False
    is_sentence = held.str.contains(_SENTENCE) & ~held.str.contains(_NO_SENTENCE)
    return float(is_sentence.mean() or 0) >= _SENTENCES  # type: ignore[arg-type]
