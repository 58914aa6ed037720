"""Which two entries of a case's folder are its sides: by the names that people give them."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from reconcile.patterns import lazy_pattern

TABLES = (".csv", ".jsonl", ".ndjson", ".parquet")
# Left and right. Chinese words may continue (原告导出, 甲方（张三）), Latin ones only behind a mark (left_phone); a letter
# stands alone.
PAIRS = (
    ("a", "b"),
    ("left", "right"),
    ("甲", "乙"),
    ("原告", "被告"),
    ("申请人", "被申请人"),
    ("上诉人", "被上诉人"),
    ("plaintiff", "defendant"),
    ("claimant", "respondent"),
)
EXPECTED = ", ".join(f"{left}/{right}" for left, right in PAIRS)
# What holds an export besides folders; a document called after a party lies beside the exports.
_OF_EXPORTS = (*TABLES, ".zip", ".db", ".xlsx", ".json", ".html")
_SIDES = {word: (pair, place) for pair in PAIRS for place, word in enumerate(pair)}
_LATIN = lazy_pattern(r"([a-z]+)(?![a-z0-9])")
_CHINESE = lazy_pattern("|".join(sorted((w for w in _SIDES if not w.isascii()), key=len, reverse=True)))
# The number of names that fit in a line.
_MOST = 6


@dataclass(frozen=True, slots=True)
class Sides:
    """The names of both sides' entries; None = absent.

    `words` = the pair of names they go by, None = no entry has such a name. several: entries of a side that has more
    than one, so that nobody can say which is meant. others: whether there are further entries.
    """

    left: str | None = None
    right: str | None = None
    words: tuple[str, str] | None = None
    several: tuple[str, ...] = ()
    others: bool = False


def sides_among(entries: Collection[tuple[str, bool]]) -> Sides:
    """The sides among the entries of a folder, each with its name and whether it is a folder itself.

    A folder takes precedence over files of its name, and a table over other files: beside a.csv, a.json is its
    sidecar.
    """
    held: dict[tuple[str, str], tuple[list[tuple[str, bool]], list[tuple[str, bool]]]] = {}
    for name, is_folder in entries:
        if (word := _side_word(_folded_stem(name, is_folder))) is not None:
            pair, place = _SIDES[word]
            held.setdefault(pair, ([], []))[place].append((name, is_folder))
    whole = [pair for pair, sides in held.items() if all(sides)]
    if len(whole) > 1:
        return Sides(several=_sorted_names(e for pair in whole for side in held[pair] for e in side))
    if not held:
        return Sides()
    pair = next(iter(whole or held))
    apart = [e for other, sides in held.items() if other != pair for side in sides for e in side]
    if whole and any(is_folder or name.lower().endswith(_OF_EXPORTS) for name, is_folder in apart):
        return Sides(words=pair, several=_sorted_names((*held[pair][0], *held[pair][1], *apart)))
    chosen: list[str | None] = []
    for word, side in zip(pair, held[pair], strict=True):
        exact = [e for e in side if _folded_stem(*e) == word] or side
        if len({_folded_stem(*e) for e in exact}) > 1:
            return Sides(words=pair, several=_sorted_names(exact))
        chosen.append(_chosen_entry(exact))
    return Sides(chosen[0], chosen[1], pair, others=sum(map(len, held[pair])) < len(entries))


def listed(entries: Iterable[tuple[str, bool]]) -> str:
    """The first names of a folder in one line; empty for none."""
    names = sorted(f"{name}/" if is_folder else name for name, is_folder in entries)
    return ", ".join([*names[:_MOST], *(["…"] if len(names) > _MOST else [])])


def _folded_stem(name: str, is_folder: bool) -> str:
    """The name without ending, in lower case."""
    stem = name if is_folder else name.partition(".")[0]
    return stem.lower() if stem.isascii() else unicodedata.normalize("NFKC", stem).lower()


def _side_word(stem: str) -> str | None:
    """The word for a side with which the stem begins; null without one."""
    if (alone := stem.removesuffix("方")) in _SIDES:
        return alone
    if found := _LATIN.match(stem):
        return found[1] if found[1] in _SIDES and len(found[1]) > 1 else None
    return found[0] if (found := _CHINESE.match(stem)) else None


def _chosen_entry(entries: list[tuple[str, bool]]) -> str | None:
    """A folder before a table before any other file, then by name; null without entries."""
    names = sorted((not is_folder, not name.lower().endswith(TABLES), name) for name, is_folder in entries)
    return names[0][2] if names else None


def _sorted_names(entries: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    return tuple(sorted(name for name, _ in entries))
