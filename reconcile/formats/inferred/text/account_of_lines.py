"""What speaks against a reading of lines of text, so that the user is asked."""

import re
from collections.abc import Callable

import polars as pl

from reconcile.column_ops import all_contain, have_lines, kept_for_few, lacks, present
from reconcile.formats.inferred.hints import hint, is_translation
from reconcile.formats.inferred.people.directions import are_signs
from reconcile.formats.inferred.text.headings import LEAST
from reconcile.formats.inferred.times.times_in_lines import CLOCK, TIMES
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.named_days import fitted

# From this number of messages on, the largest share of senders who occur once; above it the user is asked.
MANY, EVER_NEW = 12, 0.6
# From this number of messages on, names that never recur may be words if other messages have no name.
_SEVERAL = 6
# Least share of texts that begin with one of a few names, or with a name in brackets, so that these are the senders.
_NEARLY_ALL, _FEW_NAMES = 0.9, 12
_BRACKETED = r"^\s*[<\[(【][^<>\[\]()【】\n]{1,60}[>\])】]"
_NAME_IN_TEXT = r"^[^\w\n]{0,3}([^\n:：<>]+?)\s?(?:[:：>|]\**\s|：)"
_LONGEST_NAME = 40
# A name behind or before a mark in brackets.
_MARKED_NAMES = (
    r"^[\[(（【][^\[\]()（）【】\n]{1,30}[\])）】]\s*(\S.*)$", r"^(.*\S)\s*[\[(（【][^\[\]()（）【】\n]{1,30}[\])）】]$",
)  # fmt: skip
# A label at the beginning of a line, and the least share of texts that have it where all are written so.
_LABEL, _LONGEST_LABEL, _MOST_LABELLED = r"(?m)^[^\W\d][\w-]+[:：]", 30, 0.8
# A sentence that says who sends something.
_SENDS = r"^\W?([^\n:：]{1,40}?)\s?(?:发送|发来|sent\s)"
# Signs that begin a text before its words, and how many different ones a form writes.
_SIGNS, _FEW_SIGNS = r"^\s*([\])}>】）|:：;；,，]+|<[-=]+|[-=]+>)\s", 3
# A list of several messages below one heading.
_BULLET = r"^[-—–*•·>]\s"
# Least texts of one sender that begin with the same words before a colon, which may belong to the name.
_CONTINUED = 8
# Least number and share of texts with a further line that begins with the name of a sender.
_LEAST_FURTHER, _MOST_FURTHER = 2, 0.25
_FURTHER_NAME = r"^\s*([^\n:：]{1,60}?)\s?[:：]"
# Least lines of a talk in texts, and least share of them that begin with a name.
_LEAST_TALK, _MOST_TALK = 6, 0.7
# Least number of lines shaped like headings but read as words, and their least share of the headings.
_LEAST_LIKE, _MOST_LIKE = 3, 0.05
# Characters of the common beginning that show how headings are written.
_TELLING = 6
# Most names that are looked for beside clocks.
_MOST_NAMES = 100
# Largest share of rows without a sender, and of rows that contain further lines with times, in a chat read correctly.
_NOBODY, _TIMES_INSIDE = 0.85, 0.2
_LOOK = 5_000
# Characters of a line that the question shows.
_SHOWN = 60


_CLOCK_BELOW = rf"\n[^\n]*{CLOCK}"
_TIMED_BELOW = rf"\n[^\w\n]{{0,6}}(?:{TIMES['full']}|{TIMES['clock']})"
# A day of an unknown language: a word for the month and a number.
_DAY_OF_WORDS = r"^(?:\p{L}{2,12}\.?\s+(?:[0-2]?[0-9]|3[01])|(?:[0-2]?[0-9]|3[01])\.?\s+\p{L}{2,12}\.?)$"
# A small number is a code where nearly all words behind it begin with a cell of a table.
_SMALL_NUMBER, _CELLS, _MOST_CELLS = r"^[0-9]{1,3}$", r"^[^\s|]{0,20}\|", 0.9


def doubts_of(
    frame: pl.DataFrame, like: pl.Series, *, is_asked: bool, is_marked: Callable[[], bool]
) -> dict[str, tuple[str, ...]]:
    """Role -> candidates of what the user has to say about rows of sender and text.

    `like`: lines that `swallowed_headings` found beside them. `is_asked`: the sender is unclear already. `is_marked`: whether
    signs around every name, or a client's own marks, show who speaks, however rarely; asked only where it counts.
    """
    doubts: dict[str, tuple[str, ...]] = {}
    unnamed = frame["sender"].null_count()
    is_silent = frame.height >= _SEVERAL and unnamed > _NOBODY * frame.height and not is_marked()
    speakers = present(frame["sender"])
    # Notices of a server may all begin with the same few words.
    said = frame.filter(pl.col("sender").is_not_null()) if unnamed and is_marked() else frame
    if is_silent or _are_labels(speakers) or _are_others(said["sender"], said["text"]) or hold_a_talk(frame["text"]):
        # Who speaks stands elsewhere: what was found is not offered.
        doubts["sender"] = ()
    elif is_asked or are_signs(speakers) or (_is_unsure(frame["sender"], speakers) and not is_marked()):
        doubts["sender"] = ("sender",)
    if frame.height >= MANY and all_contain(frame["text"], _BULLET):
        doubts["text"] = ("text",)
    if like.len() >= max(_LEAST_LIKE, _MOST_LIKE * frame.height):
        doubts["time"] = ("time", like[0].strip()[:_SHOWN])
    elif (inside := time_inside(frame["text"])) is not None:
        doubts["time"] = ("time", inside)
    return doubts


def time_inside(text: pl.Series) -> str | None:
    """The first line with a time below the first lines of texts, where many have one; else None."""
    if not have_lines(text):
        return None
    # The pattern of a clock alone, which most texts do not have below their first line, compiles much faster.
    if any(float(text.str.contains(p).mean() or 0) <= _TIMES_INSIDE for p in (_CLOCK_BELOW, _TIMED_BELOW)):  # type: ignore[arg-type]
        return None
    return str(text.str.extract(f"({_TIMED_BELOW}.*)", 1).drop_nulls()[0]).strip()[:_SHOWN]


def begin_with_signs(text: pl.Series) -> bool:
    """Whether nearly all of many texts begin with one of a few signs, which nobody types.

    Brackets and quotes that enclose words, and lists, are no such signs.
    """
    held = present(text)
    if held.len() < MANY:
        return False
    signs = held.str.extract(_SIGNS, 1).str.strip_chars()
    told = present(signs)
    return told.len() >= _NEARLY_ALL * signs.len() and told.n_unique() <= _FEW_SIGNS


def swallowed_headings(
    lines: pl.Series, outside: pl.Series, heads: pl.Series, lead: str, close: str, names: pl.Series
) -> pl.Series:
    """Lines outside headings that are written like headings, or hold a clock where those have their time.

    They begin like all headings but for their figures, stand between the same signs, are a clock alone or beside one of the
    names alone; or they begin with a whole time before a name, as those of another export do.
    """
    clock = TIMES["clock"]
    signs = rf"^{re.escape(lead)}{clock}{re.escape(close.rstrip())}" if lead.strip() and close.strip() else None
    near = lines.filter(outside & lines.str.contains(r"[0-9][:：時时][0-9]"))
    if near.is_empty():
        return near
    is_like = near.str.contains(rf"^\s*{clock}\s*$")
    is_like |= near.str.contains(rf"^\W*{fitted(TIMES['full'], near)}\W*\w[^\n:：]{{0,40}}[:：]\s*\S")
    known = "|".join(re.escape(n) for n in present(names).unique().sort().head(_MOST_NAMES) if n)
    if known:
        is_like |= near.str.contains(rf"^\W*(?:{clock}\W*(?:{known})|(?:{known})\W*{clock})(?:\W*(?:UTC|GMT))?\W*$")
    if signs is not None:
        is_like |= near.str.contains(signs)
    begin = _shared_beginning(heads)
    if len(begin) >= _TELLING:
        is_like |= near.str.head(_SHOWN).str.replace_all("[0-9]+", "0").str.starts_with(begin)
    return near.filter(is_like)


def _shared_beginning(heads: pl.Series) -> str:
    """What all headings begin with, each run of figures as one zero; '' where that holds no time."""
    some = heads.gather_every(max(1, heads.len() // _LOOK))
    shapes = some.str.head(_SHOWN).str.replace_all("[0-9]+", "0")
    first, last = str(shapes.min() or ""), str(shapes.max() or "")
    shared = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:shared] if re.search(r"0\D{1,3}0", first[:shared]) else ""


def hold_fields(speakers: pl.Series, text: pl.Series) -> bool:
    """Whether nearly all texts hold fields that say who or when, or cells behind a small number."""
    if not lacks(text, r"\|"):
        codes, cells = speakers.str.contains(_SMALL_NUMBER).mean(), text.str.contains(_CELLS).mean()
        if min(float(codes or 0), float(cells or 0)) >= _MOST_CELLS:  # type: ignore[arg-type]
            return True
    return any(
        hint(w, r) >= 1 or w == "BEGIN" for w in usual_labels(text) for r in ("time", "sender", "kind", "receiver")
    )


def _is_unsure(sender: pl.Series, speakers: pl.Series) -> bool:
    """Whether the supposed senders may be something else.

    Signs: ever new names, sentences around an account, and one name behind several marks.
    """
    new = speakers.len() >= MANY and speakers.n_unique() > EVER_NEW * speakers.len()
    # An account inside all names is the chat's, and the names are sentences around it.
    first, last = str(speakers.min()), str(speakers.max())
    shared = first != last and (held := re.match(r".*?[(\[（][0-9]{5,}", first)) and last.startswith(held[0])
    rare = sender.len() >= _SEVERAL and speakers.len() < sender.len() and not speakers.is_duplicated().any()
    # One name beside several marks: the marks tell a kind or who sent.
    distinct = speakers.unique()
    found = [distinct.str.extract(p, 1) for p in _MARKED_NAMES]
    marked = any(n.len() > 1 and n.null_count() == 0 and 2 * n.n_unique() <= n.len() for n in found)
    return bool(new or rare or shared or marked)


def are_days(speakers: pl.Series) -> bool:
    """Whether all names are a word and a number up to 31, and none comes again behind another one."""
    return speakers.rle().len() == speakers.n_unique() and bool(speakers.str.contains(_DAY_OF_WORDS).all())


def are_ids(speakers: pl.Series) -> bool:
    """Whether all names are labels of a message's number, such as `Message ID`."""
    return all(max(hint(s, "id"), hint(s, "local_id")) >= 1 for s in speakers.unique().head(2))


def _are_labels(speakers: pl.Series) -> bool:
    """Whether supposed senders are labels of times, such as `Sent`."""
    return any(hint(name, "time") == 1 for name in speakers.unique().head(_FEW_NAMES))


def _name_again(sender: pl.Series, text: pl.Series) -> bool:
    """Whether many texts without a sender begin with the name of one, before a sign of the form."""
    if not sender.null_count():
        return False
    told = text.filter(sender.is_null()).str.extract(r"^(\S[^\n]{0,60}?)\s+[<>=~|-]{2,}(?:\s|$)", 1)
    return int(told.is_in(present(sender).unique().implode()).sum() or 0) >= max(
        _LEAST_FURTHER, _MOST_FURTHER * told.len()
    )


def _are_others(sender: pl.Series, text: pl.Series) -> bool:
    """Whether the texts name others as those who speak."""
    speakers = present(sender)
    labels = usual_labels(text)
    is_labelled = len(labels) > 1 or any(hint(w, "text") >= 1 or is_translation(w) for w in labels)
    if not is_labelled and (_begins_with_names(speakers, text) or _continues_a_name(sender, text)):
        return True
    return _goes_on(speakers, text) or _tell_of_sending(sender, text) or _name_again(sender, text)


@kept_for_few
def usual_labels(text: pl.Series) -> list[str]:
    """The words before a colon that begin a line in nearly all of several texts, as `原文:` and `译文:` do."""
    if text.len() < LEAST or int(text.str.contains("[:：]").sum()) < _MOST_LABELLED * text.len():
        return []
    labels = text.str.extract_all(_LABEL).list.unique().explode().drop_nulls().str.strip_chars_end(":：")
    labels = labels.filter(labels.str.len_chars() <= _LONGEST_LABEL)
    counted = labels.value_counts(sort=True).filter(pl.col("count") >= _MOST_LABELLED * text.len())
    return counted[labels.name].to_list()


def without_label(text: pl.Series) -> pl.Series:
    """The texts without the word for a text that begins nearly all of them, if it is their only label."""
    labels = usual_labels(text)
    is_text = len(labels) == 1 and hint(labels[0], "text") >= 1
    return text.str.replace(rf"^{re.escape(labels[0])}[:：][ \t]*", "") if is_text else text


def _tell_of_sending(sender: pl.Series, text: pl.Series) -> bool:
    """Whether several texts without a sender say that a sender sends something."""
    if not sender.null_count():
        return False
    told = text.filter(sender.is_null()).str.extract(_SENDS, 1)
    return int(told.is_in(present(sender).unique().implode()).sum() or 0) >= _LEAST_FURTHER


def _goes_on(speakers: pl.Series, text: pl.Series) -> bool:
    """Whether many texts contain lines of the other senders.

    Then a time stands above each group of messages, not above each message.
    """
    if not have_lines(text):
        return False
    below = text.str.extract(r"(?s)^[^\n]*\n(.*)$", 1).str.split("\n").to_frame("line").with_row_index("at")
    name = pl.col("line").str.extract(_FURTHER_NAME, 1)
    further = below.drop_nulls("line").explode("line").filter(name.is_in(speakers.unique().implode()))["at"].n_unique()
    return further >= max(_LEAST_FURTHER, _MOST_FURTHER * text.len())


def _begins_with_names(speakers: pl.Series, text: pl.Series) -> bool:
    """Whether nearly all texts begin with one of a few names, or with a name in brackets."""
    if speakers.n_unique() == 1 and float(text.str.contains(_BRACKETED).mean() or 0) > _NEARLY_ALL:  # type: ignore[arg-type]
        return True
    if text.len() < MANY:
        return False
    for found in (_names_in(text), text.str.extract(rf"({_BRACKETED})", 1)):
        names = present(found)
        if names.len() <= _NEARLY_ALL * text.len():
            continue
        names = names.filter(kinds_of_names(names.str.strip_chars("[]")).is_null())
        few = 1 < names.n_unique() <= min(_FEW_NAMES, names.len() // 2)
        if few and names.len() > _NEARLY_ALL * text.len():
            return True
    return False


def hold_a_talk(text: pl.Series) -> bool:
    """Whether nearly all lines of texts begin with one of a few names, and some again in one text.

    Each line is a message then. Of the fields of a form, none comes twice in a text.
    """
    if not have_lines(text):
        return False
    lines = text.str.split("\n").to_frame("line").with_row_index("at").explode("line").filter(pl.col("line") != "")
    told = lines.with_columns(pl.col("line").str.extract(_FURTHER_NAME, 1).alias("name"))
    # The colon of an address stands behind no name.
    told = told.filter(~pl.col("line").str.contains(r"^[^\n:：]*://"), pl.col("name").str.contains(r"\p{L}"))
    told = told.filter(pl.col("name").is_duplicated())
    if not 1 < told["name"].n_unique() <= _FEW_NAMES or told.height < max(_LEAST_TALK, _MOST_TALK * lines.height):
        return False
    again = told.select("at", "name").is_duplicated()
    return told.filter(again)["at"].n_unique() >= _LEAST_FURTHER


@kept_for_few
def _names_in(text: pl.Series) -> pl.Series:
    """The words before the first colon or sign like it of each text; null where they are long."""
    names = text.str.extract(_NAME_IN_TEXT, 1)
    return names.set(names.str.len_chars() > _LONGEST_NAME, None)


def _continues_a_name(sender: pl.Series, text: pl.Series) -> bool:
    """Whether many texts of a sender all begin with the same words before a colon: part of the name."""
    told = pl.DataFrame({"sender": sender, "name": _names_in(text)}).drop_nulls("sender")
    by_sender = told.group_by("sender").agg(
        pl.len().alias("rows"), pl.col("name").null_count().alias("without"), pl.col("name").n_unique().alias("names")
    )
    return not by_sender.filter(pl.col("rows") >= _CONTINUED, pl.col("without") == 0, pl.col("names") == 1).is_empty()


def are_all_words(paged: pl.Series, heads: pl.Series, words: pl.Series) -> bool:
    """Whether most lines that look like those of pages are all that a message says."""
    if not paged.any():
        return False
    first = paged & ~paged.shift(1, fill_value=False)
    below = paged.shift(-1, fill_value=False)[heads - 1] & (words.str.strip_chars() == "")
    return 2 * int(below.sum()) > int(first.sum())
