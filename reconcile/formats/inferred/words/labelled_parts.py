"""Removes what a form adds to each text: numbers, fences, labelled parts, reactions."""

import polars as pl

from reconcile.column_ops import all_contain, have_lines, lacks, occurs
from reconcile.formats.inferred.hints import hint

_LABEL = r"\{[A-Z][A-Za-z ]{2,20}\}"
_ONE, _FIRST = rf"(?m)^{_LABEL}$", rf"(?s)(?:^|\n+){_LABEL}\n.*$"
_ATTACHED = rf"(?s)(?:^|\n)\{{Attachments\}}\n(.*?)(?:\n+{_LABEL}\n.*)?$"
# What the same form writes behind a name.
_PINNED = r" \(pinned\)$"
# Least messages with such a part; a single label may be somebody's words.
_LEAST = 2
# A line of label and value above the words, words that Markdown shows as they are, and the least share of the texts with either.
_FIELD, _FENCED = (
    r"^\s*[*_`(\[]*([^\n:：=]{1,30}?)[*_`]*\s*[:：=][*_`]*[ \t]*([^\n]+?)[*_`)\]]*(\n\s*|$)",
    r"(?s)^\s*(?:```|~~~)[\w-]*\n(.*?)\n?(?:```|~~~)\s*$",
)
_NEARLY_ALL, _MANY = 0.9, 6
# A short last line below others, or word in brackets behind them, and most different ones that are states of messages.
_LAST_LINE, _MOST_STATES = r"(?:\n[ \t]*([^\n]{1,20})|[ \t]+([\[【（(][^\n\[\]【】（）()0-9]{1,12}[\]】）)]))\s*$", 2
# A label alone, and below it lines that name who reacted.
_REACTIONS = r"\n[^\W\d]{3,20}[:：]\n((?:[^\n]{1,40} by [^\n]{1,60}(?:\n|$))+)$"
# The same in one line, as in `Reactions: +1 (Anna, Ben)`.
_REACTED = r"\n[^\W\d]{3,20}[:：][ \t]*(?:[^\n()]{1,40}\([^()\n]+\)[ \t,;]*)+$"
# Fields above words that say nothing of who wrote when; those that have a column; others, which are asked about elsewhere.
_ROLES, _COLUMNS = ("id", "local_id", "conversation", "kind", "status", "reply_to"), ("id", "conversation", "kind")
_OF_A_MESSAGE, _MOST_FIELDS = ("time", "sender", "text", "receiver", "direction"), 5


def without_labelled_parts(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows without labelled parts below their words; what was attached is a column of its own."""
    text = frame["text"]
    if lacks(text, r"\{[A-Z]") or int(text.str.contains(_ONE).sum()) < _LEAST:
        return frame
    return frame.with_columns(
        text.str.replace(_FIRST, ""),
        text.str.extract(_ATTACHED, 1).alias("attachment"),
        frame["sender"].str.replace(_PINNED, ""),
    )


def without_wrapping(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows without the fields above the words of each message, and without a fence around these.

    Nearly every text must have either. Such fields are its id, chat, kind or status, or stand above an empty line.
    """
    if frame.height < _LEAST:
        return frame
    for _ in range(_MOST_FIELDS):
        if (bare := _without_field(frame)) is None:
            break
        frame = bare
    if not occurs("```|~~~", frame["text"]):
        return frame
    is_fenced = int(frame["text"].str.contains(_FENCED).sum()) >= _NEARLY_ALL * frame.height
    return frame.with_columns(pl.col("text").str.replace(_FENCED, "${1}")) if is_fenced else frame


def with_states_apart(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with a `state` apart from the words, such as `Read` below all texts of one sender alone."""
    if not have_lines(frame["text"]) and not occurs(r"\s[\[【（(]", frame["text"]):
        return frame
    last = frame["text"].str.extract(_LAST_LINE, 1).fill_null(frame["text"].str.extract(_LAST_LINE, 2))
    if last.null_count() == last.len():
        return frame
    by_sender = frame.select("sender", last.alias("last")).drop_nulls("sender").group_by("sender").agg(pl.all())
    rows = by_sender.select(
        pl.col("last").list.len() >= _MANY,
        pl.col("last").list.n_unique().alias("lines") <= _MOST_STATES,
        (pl.col("last").list.drop_nulls().list.len() == pl.col("last").list.len()).alias("all"),
    )
    states = by_sender["last"].filter(rows.select(pl.all_horizontal(pl.all())).to_series()).explode().unique()
    others = by_sender.filter(pl.col("last").list.set_intersection(states.implode()).list.len() == 0)
    if states.is_empty() or others.is_empty():
        return frame
    told = last.is_in(states.implode()).fill_null(value=False)
    bare = frame["text"].set(~told, None).str.replace(_LAST_LINE, "").fill_null(frame["text"])
    return frame.with_columns(bare, last.set(~told, None).alias("state"))


def _without_field(frame: pl.DataFrame) -> pl.DataFrame | None:
    """The rows without the field that begins nearly all texts, with a column for it; None without one."""
    if lacks(frame["text"], "[:：=]"):
        return None
    parts = frame["text"].str.extract_groups(_FIELD).struct.unnest()
    usual = parts["1"].drop_nulls().mode().sort().head(1).to_list()
    own = (parts["1"] == usual[0]).fill_null(value=False) if usual else parts["1"].is_null() & False
    if int(own.sum()) < _NEARLY_ALL * frame.height:
        return None
    role = next((r for r in _ROLES if hint(usual[0], r) >= 1), None)
    is_apart = all_contain(parts["3"].filter(own), r"\n[ \t]*\n") and frame.height >= _MANY
    if role is None and (not is_apart or any(hint(usual[0], r) > 0 for r in _OF_A_MESSAGE)):
        return None
    text = pl.when(own).then(pl.col("text").str.replace(_FIELD, "")).otherwise("text").alias("text")
    is_new = role in _COLUMNS and role not in frame.columns
    return frame.with_columns(text, *([parts["2"].set(~own, None).alias(role)] if role and is_new else []))


def without_reactions(text: pl.Series, names: pl.Series) -> pl.Series:
    """The texts without the reactions (a label, signs, names of senders) below them."""
    for sign, pattern, person in (
        (" by ", _REACTIONS, r"(?m) by (.+)$"), (r"\)", _REACTED, r"[(,，、]\s*([^(),，、]+)"),
    ):  # fmt: skip
        # A quick test spares most texts the pattern, which takes 5 ms to compile.
        if not occurs(sign, text) or not (near := text.str.contains(pattern)).any():
            continue
        few = text.filter(near)
        found = (
            few.str.extract(f"({pattern})", 1).str.extract_all(person).list.eval(pl.element().str.extract(person, 1))
        )
        known = found.to_frame("who").select(
            pl.col("who").list.eval(pl.element().is_in(names.drop_nulls().unique().implode())).list.all()
        )
        bare = few.str.replace(pattern, "").zip_with(known.to_series(), few)
        text = text.scatter(near.arg_true(), bare)
    return text
