"""Whether columns describe the same people, identify them, or name nobody."""

import re
from collections.abc import Set
from unicodedata import category

import polars as pl

from reconcile.column_ops import distinct, present
from reconcile.formats.inferred.direction_words import DIRECTIONS, STATUSES
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.people.directions import SERVICES
from reconcile.intake.messages.naming import is_account
from reconcile.wechat.kind_names import KIND_NAMES
from reconcile.wechat.owner_words import OWN_NAMES, PEER_WORDS

# Largest share of messages to oneself.
TO_ONESELF = 0.1
# Least ratio of names to accounts; fewer names are those of a team or a role.
_NAMES_SHARED = 0.5
# Least share of values that look like accounts in a column of them.
_MOSTLY = 0.5
# Levels of the lines of a log.
LEVELS = frozenset(["trace", "debug", "info", "notice", "warn", "warning", "error", "critical", "fatal", "verbose"])
# Words that nobody is called: sides, states, kinds, services, levels and halves of the day. `我` and `对方` are people, so
# are the words for both ends.
_PEOPLE = {w.lower() for w in (*OWN_NAMES, *PEER_WORDS, "我方", "己方", "发送方", "接收方")}
_NOBODY = (
    (DIRECTIONS.keys() - _PEOPLE)
    | STATUSES.keys()
    | KIND_NAMES.keys()
    | SERVICES
    | LEVELS
    | {"am", "pm", "上午", "下午"}
)


def identity(frame: pl.DataFrame, name: str) -> float:
    """1 where a column is called an id or its values look like accounts, else 0."""
    named = any(
        w in name.rpartition(".")[2].lower() for w in ("id", "uin", "account", "username", "wxid", "账号", "微信号")
    )
    return float(named or _are_ids(frame[name]))


def shows_a_name(frame: pl.DataFrame, name: str) -> bool:
    """Whether a column may be the name shown beside an account, as `username` beside `user_id`."""
    return identity(frame, name) < 1 or "name" in name.lower() or not _are_ids(frame[name])


def _are_ids(cells: pl.Series) -> bool:
    """Whether most different values look like accounts or numbers."""
    values = distinct(present(cells))
    ids = sum((is_account(v) and not v.isalpha()) or v.lstrip("@+").isdigit() for v in values)
    return bool(ids >= _MOSTLY * max(len(values), 1))


def describe_same_people(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether two columns describe the same people: their values nearly always occur in the same pairs."""
    both = frame.select(pl.col(one).alias("a"), pl.col(other).alias("b")).drop_nulls()
    if both.height < 2 or both["a"].n_unique() < 2:
        # With only one person, the names of two columns in the same rows decide: one may be of what the other names.
        if one.startswith(f"{other}.") or other.startswith(f"{one}."):
            return both.height == frame[one].count() == frame[other].count()
        same = (frame[one].is_null() == frame[other].is_null()).mean()
        return hint(other, "sender") >= 1 and hint(one, "sender") >= 1 and both.height > 0 and float(same) > 0.9  # type: ignore[arg-type]
    # The same people in both, and never in one row: who sent and who received.
    common = both.filter(pl.col("a").is_in(both["b"].unique().implode()))
    if common.height and (common["a"] == common["b"]).sum() < TO_ONESELF * common.height:
        return False
    pairs = both.group_by("a", "b").len()
    top = pairs.group_by("a").agg(pl.col("len").max())["len"].sum()
    back = pairs.group_by("b").agg(pl.col("len").max())["len"].sum()
    # Two people may bear one name: then each account has one name, though not each name one account. The employees of a
    # business share an account, which then has several names.
    told = min(hint(n, "sender") - max(hint(n, "conversation"), 0) for n in (one, other))
    (few, fewer), (many, more) = sorted(
        [(both["a"].n_unique(), one), (both["b"].n_unique(), other)], key=lambda p: p[0]
    )
    is_shared = told > 0 and identity(frame, fewer) > identity(frame, more)
    may_share = is_shared or (told >= 1 and few > _NAMES_SHARED * many)
    return (max if may_share else min)(top, back) >= 0.95 * both.height


def are_roles(people: pl.Series) -> bool:
    """Whether all are called by a single word in small letters, as roles are."""
    are_small = all(v and all(c in "_-" or category(c) == "Ll" for c in v) for v in distinct(present(people)))
    return are_small and not name_nobody(people)


def name_nobody(cells: pl.Series, more: Set[str] = frozenset()) -> bool:
    """Whether all values consist of words that nobody is called, as `READ,RECEIVED` does.

    `more`: further words of this kind.
    """
    held = ({*re.findall(r"\w+", v.lower())} for v in distinct(present(cells)))
    nobody = _NOBODY | more
    return cells.count() > 0 and all(words and words <= nobody for words in held)


def refines(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether a column tells people apart whom the other calls by their role alone."""
    if not are_roles(frame[other]) or frame[one].null_count() or frame[one].n_unique() <= frame[other].n_unique():
        return False
    is_told = bool(frame.select((pl.col(other).n_unique() == 1).over(one).all()).item())
    return is_told and not describe_same_people(frame, one, other)
