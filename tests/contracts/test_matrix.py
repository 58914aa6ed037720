"""Any form on either side: one conversation, written by every exporter for both parties, compared as the command does by default.

What a comparison makes of a form hangs on what the form can say: its shape. Every trait of a shape meets every trait of another, every
shape takes part on both sides, and a fifth of the forms of a shape that another form stands for (with RECONCILE_WHOLE_MATRIX=1 every form meets
every other, a thousand comparisons: `make bench`). Each trait measures error rates where it is met first: they test decisions that the comparison makes with them or without.
"""

from collections import defaultdict
from functools import cache
from itertools import combinations_with_replacement, cycle, product
from pathlib import Path

import polars as pl
import pytest

from reconcile import compare
from reconcile.custody.atomic_folder import MANIFEST
from tests.command import run
from tests.contracts.golden import known
from tests.thorough import WHOLE, some

EXPORTS = Path(__file__).parent.parent.parent / "fixtures" / "exports"
SIDES = {s: sorted(EXPORTS.glob(f"*/rent_side_{s}")) for s in "ab"}
Shape = tuple[object, ...]
Pair = tuple[Path, Path]


def export_of(folder: Path) -> Path:
    inside = [f for f in (folder / "input").iterdir() if not f.name.startswith(".")]
    return inside[0] if len(inside) == 1 else folder / "input"


def shape_of(folder: Path) -> Shape:
    """What a form says at all: kinds that it leaves out, ids, running numbers, accounts, precision of times, headings, cut texts."""
    reading = known(folder)
    rows, limits = reading.messages, reading.facts.limits
    ids = tuple(rows[c].null_count() < rows.height for c in ("message_id", "local_id"))
    times = tuple(sorted(rows["time_precision"].cast(pl.String).unique()))
    owner = reading.facts.owner.id is not None
    return bool(limits.kinds_absent), *ids, owner, times, limits.ambiguous_headers, limits.text_cut_at is not None


@cache
def shapes() -> dict[str, Shape]:
    """The shape of every form, by side A."""
    return {folder.parent.name: shape_of(folder) for folder in SIDES["a"]}


@cache
def met() -> dict[Shape, list[Pair]]:
    """Of each shape of side A the pairs of exports that meet."""
    pairs = defaultdict[Shape, list[Pair]](list)
    if WHOLE:
        for a in SIDES["a"]:
            pairs[shapes()[a.parent.name]] += [(a, b) for b in SIDES["b"]]
        return pairs
    forms = {s: defaultdict[Shape, list[Path]](list) for s in "ab"}
    for side, folders in SIDES.items():
        for folder in folders:
            forms[side][shapes()[folder.parent.name]].append(folder)
    turns = {(s, shape): cycle(found) for s in "ab" for shape, found in forms[s].items()}
    every = [
        (one, other) if one in forms["a"] and other in forms["b"] else (other, one)
        for one, other in combinations_with_replacement(sorted({*forms["a"], *forms["b"]}, key=str), 2)
    ]
    for left, right in covering([(a, b) for a, b in every if a in forms["a"] and b in forms["b"]]):
        pairs[left].append((next(turns["a", left]), next(turns["b", right])))
    # Some forms that had no turn meet each other, from both ends of the list so that unlike ones do.
    had = {folder.parent.name for found in pairs.values() for both in found for folder in both}
    rest = [folder for folder in SIDES["a"] if folder.parent.name not in had]
    theirs = {folder.parent.name: folder for folder in SIDES["b"]}
    for n in some(range((len(rest) + 1) // 2)):
        one, other = rest[n], theirs.get(rest[-1 - n].parent.name, SIDES["b"][0])
        pairs[shapes()[one.parent.name]].append((one, other))
    return pairs


def covering(every: list[tuple[Shape, Shape]]) -> list[tuple[Shape, Shape]]:
    """Some of these meetings in which every trait of a shape meets every trait of another that it meets in any, and every shape takes part on each side."""

    def told(left: Shape, right: Shape) -> set[object]:
        traits = {frozenset(both) for both in product(enumerate(left), enumerate(right))}
        return {*traits, ("left", left), ("right", right)}

    lacking = {t for pair in every for t in told(*pair)}
    chosen = []
    while lacking:
        chosen.append(max(every, key=lambda pair: len(told(*pair) & lacking)))
        lacking -= told(*chosen[-1])
    return chosen


@cache
def measured() -> set[Shape]:
    """Shapes that measure error rates where they first meet another: every trait is one of theirs."""
    traits: set[object] = set()
    chosen = set()
    for shape in met():
        if new := set(enumerate(shape)) - traits:
            traits |= new
            chosen.add(shape)
    return chosen


# As many tests as there are shapes, so that workers share them; a number, for a shape is known only once its export was read.
SHAPES = 16


def test_every_shape_has_a_test_of_its_own() -> None:
    assert len(met()) <= SHAPES


@pytest.mark.parametrize("number", range(SHAPES))
def test_one_conversation_in_two_forms_shows_no_false_finding(number: int) -> None:
    wrong = {}
    for shape, pairs in list(met().items())[number::SHAPES]:
        for turn, (left, right) in enumerate(pairs):
            has_rates = (turn == 0 and shape in measured()) or WHOLE
            found = compare(known(left), known(right), error_rates=has_rates)
            lines = found.alignment.filter(pl.col("relation").cast(pl.String).is_in(["one_sided", "conflict"]))
            if lines.height or bool(found.error_rates) != has_rates:
                wrong[left.parent.name, right.parent.name] = lines.select(
                    "relation", "cause", "detail", "left_locator", "right_locator"
                ).rows()
    assert wrong == {}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("weflow_json", "wechatmsg_txt"),
        ("wechatdump_txt", "memotrace_md"),
    ],
)
def test_the_command_compares_a_form_without_some_kinds_with_another(left: str, right: str, tmp_path: Path) -> None:
    exports = (export_of(EXPORTS / left / "rent_side_a"), export_of(EXPORTS / right / "rent_side_b"))
    done = run("compare", *exports, "--out", tmp_path / "out", "--no-error-rates")
    assert (done.returncode in (0, 3), (tmp_path / "out" / MANIFEST).is_file()) == (True, True), done.stderr
