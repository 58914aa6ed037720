"""Names of both parties beside a direction that alone tells who sent each message."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from reconcile.column_ops import longest_of, present
from reconcile.formats.inferred.direction_words import DIRECTIONS, STATUSES
from reconcile.formats.inferred.hints import hint, is_called_a_name, words_of
from reconcile.formats.inferred.mapping import Choice
from reconcile.formats.inferred.plan import Plan
from reconcile.wechat.kind_names import kinds_of_names

# What columns of the owner's own name are called, and the attributes of a page that name what a picture shows.
_OWN = frozenset(
    ["本方", "我方", "己方", "本机", "本端", "机主", "户主", "owner", "self", "me", "my", "mine", "own", "account"]
)
_SHOWN = ("@alt", "@title", "@aria-label")
_LONGEST, _MOST = 60, 50
_SENDER = "sender of side"


def with_names_of_sides(plan: Plan) -> Plan:
    """The plan with a column that names who sent, or one made of both names; the same without these.

    A direction has to be known, and no sender. The first kind of column names one person on the owner's side and others on
    the other. Of the second kind, one column names the owner in all rows and another the other party.
    """
    choices, frame = plan.inferred.choices, plan.fields.frame
    if "direction" not in choices or {"sender", "sender_name"} & choices.keys():
        return plan
    own = _are_own(frame[choices["direction"].column], plan.inferred.manners)
    used = {c.column for c in choices.values()}
    free = [n for n in plan.fields.names if n not in used and own.count()]
    named = sorted((n for n in free if _may_name(n) and _names_sides(frame[n], own)), key=is_called_a_name)[-1:]
    if not named:
        mine = [n for n in free if words_of(n) & _OWN and not frame[n].null_count() and frame[n].n_unique() == 1]
        chat = choices["conversation"].column if "conversation" in choices else "^"
        if len(mine) != 1 or hint(chat, "conversation") > 0 or chat.startswith("^"):
            return plan
        sender = pl.when(own).then(pl.col(mine[0])).when(own.not_()).then(pl.col(chat)).alias(_SENDER)
        frame, named = frame.with_columns(sender), [_SENDER]
    inferred = replace(plan.inferred, choices={**choices, "sender": Choice(named[0], 0.8)}).without_doubt("sender")
    return Plan(replace(plan.fields, frame=frame), inferred)


def _are_own(cells: pl.Series, manners: Mapping[str, str]) -> pl.Series:
    """Which rows the owner sent; null where a word tells no side."""
    told = {k.partition(":")[2]: v == "self" for k, v in manners.items() if k.startswith("direction:")}
    words = {**DIRECTIONS, **told}
    plain = cells.str.strip_chars().str.to_lowercase()
    return plain.replace_strict([*words], [*words.values()], default=None, return_dtype=pl.Boolean)


def _may_name(name: str) -> bool:
    """Whether a column is called after a person, or is what a page says of a picture."""
    is_of_something_else = max(hint(name, r) for r in ("kind", "direction", "status", "text")) > 0
    return not is_of_something_else and (hint(name, "sender") > 0 or is_called_a_name(name) or name.endswith(_SHOWN))


def _names_sides(cells: pl.Series, own: pl.Series) -> bool:
    """Whether each value belongs to one side alone, and the owner's has one; words for sides name nobody."""
    told = pl.DataFrame({"value": cells, "own": own}).drop_nulls("own")
    values = told.unique().drop_nulls()
    held = present(values["value"])
    if told["value"].null_count() or not 2 <= held.len() <= _MOST or held.is_duplicated().any():
        return False
    if int(values["own"].sum()) != 1 or longest_of(held) > _LONGEST or not held.str.contains(r"\p{L}").all():
        return False
    is_word = held.str.to_lowercase().is_in([*DIRECTIONS, *STATUSES]) | kinds_of_names(held).is_not_null()
    return not (is_word | held.str.contains(r"[/\\]|^\w+:")).any()
