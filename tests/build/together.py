"""Many small disputes compared in one pass, which costs little more than comparing one of them.

Each dispute gets the rows that it gets alone; tests/batch/test_combined_cases.py holds the pass to that.
"""

import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar

import polars as pl
import pytest

from reconcile.batch.combined_cases import SCHEMA, SingleConversation, pair_row, pairing_of, single_conversations
from reconcile.engine.compare import compare_readings
from reconcile.engine.direction import in_one_direction
from reconcile.engine.many_comparisons import Exports, compare_many
from reconcile.engine.reach import exported_of
from reconcile.frames import SIDES, Findings
from reconcile.intake.contract import ExportFacts, Owner, Reading
from tests.build.chats import Found, Row, held

Name = TypeVar("Name")
# Two exports. Rows are what the first and the second of two people hold.
Dispute = tuple[Reading | Sequence[Row], Reading | Sequence[Row]]
# A test that yields a dispute and gets what a comparison finds of it; of a list or mapping of disputes, a list or mapping.
Comparing = Generator[Any, Any, None]
# What such tests share, asked by `yield from`.
Asking = Generator[Any, Any, Name]


def in_one_pass(test: Callable[..., Comparing]) -> Callable[..., None]:
    """The test as one that runs with all such tests of its file and goes on with what one pass finds."""

    @wraps(test)
    def run(request: pytest.FixtureRequest, **_: Any) -> None:
        __tracebackhide__ = True
        if request.node.nodeid not in _ENDED:
            _run([i for i in request.session.items if i.path == request.path and isinstance(i, pytest.Function)])
        if error := _ENDED.pop(request.node.nodeid):
            raise error

    own = inspect.signature(test)
    asking = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY)
    run.__signature__ = own.replace(parameters=[*own.parameters.values(), asking])  # type: ignore[attr-defined]
    return run


# What each test that ran raised; None = nothing.
_ENDED: dict[str, BaseException | None] = {}


def _run(items: Sequence[pytest.Function]) -> None:
    """Run the tests among these that yield disputes, all from one yield to the next."""
    tests = {i.nodeid: (inspect.unwrap(i.function), getattr(i, "callspec", None)) for i in items}
    steps = {n: t(**spec.params if spec else {}) for n, (t, spec) in tests.items() if inspect.isgeneratorfunction(t)}
    found: dict[str, Any] = dict.fromkeys(steps)
    while found:
        asked = {}
        for name, answer in found.items():
            try:
                asked[name] = steps[name].send(answer)
            except StopIteration:
                _ENDED[name] = None
            except Exception as error:
                _ENDED[name] = error
        found = _answers(asked)


def _answers(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is found for each test; one whose disputes break the comparison ends."""
    try:
        return _answered(asked)
    except Exception as error:
        if len(asked) > 1:
            return {name: found for n in asked for name, found in _answers({n: asked[n]}).items()}
        _ENDED.update(dict.fromkeys(asked, error))
        return {}


def _answered(asked: Mapping[Name, Any]) -> dict[Name, Any]:
    """What is found of each dispute that is asked for; of a list or mapping of them, a list or mapping."""
    named = {
        n: a if isinstance(a, dict) else dict(enumerate(a if isinstance(a, list) else [a])) for n, a in asked.items()
    }
    found = compared_together({(n, key): dispute for n, several in named.items() for key, dispute in several.items()})
    told = {n: {key: found[n, key] for key in several} for n, several in named.items()}
    return {
        n: told[n] if isinstance(a, dict) else [*told[n].values()] if isinstance(a, list) else told[n][0]
        for n, a in asked.items()
    }


def compared_together(disputes: Mapping[Name, Dispute]) -> dict[Name, Found | Findings]:
    """Each dispute compared: in one pass what is one plain conversation, alone what is not."""
    pairs = {name: (_reading(left, 0), _reading(right, 1)) for name, (left, right) in disputes.items()}
    single = [_single(side) for side in zip(*pairs.values(), strict=True)]
    rows, joint = [], list[Name]()
    for at, (name, pair) in enumerate(pairs.items()):
        left, right = (s.get(at) for s in single)
        pairing = left and right and (left.owner is None or left.owner != right.owner) and pairing_of(left, right)
        if left and right and pairing and _are_plain(*pair):
            rows.append(pair_row(len(joint), left, right, pairing))
            joint.append(name)
    alone = {name: compare_readings(*pair) for name, pair in pairs.items() if name not in joint}
    if not joint:
        return dict(alone)
    exports = [_exports([pairs[name][side] for name in joint]) for side in (0, 1)]
    found = compare_many(exports[0], exports[1], pl.DataFrame(rows, schema=SCHEMA, orient="row"))
    frames = found.alignment, found.verdicts, found.absent
    told = {name: [f.filter(pl.col("pair") == n) for f in frames] for n, name in enumerate(joint)}
    return alone | {
        name: Found(lines, verdicts, absent, pairs[name]) for name, (lines, verdicts, absent) in told.items()
    }


def _reading(side: Reading | Sequence[Row], owner: int) -> Reading:
    return side if isinstance(side, Reading) else held(side, owner)


def _are_plain(left: Reading, right: Reading) -> bool:
    """Whether two exports state messages, owners and moments alone, and both stand in order."""
    told = [replace(r.facts, owner=Owner(), exported_at=None, tool=None, tool_version=None, timezone=None) for r in (left, right)]  # fmt: skip
    beside = [f for r in (left, right) for f in (r.contacts, r.members, r.witnesses, r.counters)]
    if any(f != ExportFacts("message_table") for f in told) or not all(f.is_empty() for f in beside):
        return False
    keys = pl.DataFrame({"pair": 0, **{f"{s}_conversation": r.messages["conversation"][:1] for s, r in zip(SIDES, (left, right), strict=True)}})  # fmt: skip
    return not left.messages.equals(right.messages) and not in_one_direction(left, right, keys)[2]


def _numbered(readings: Sequence[Reading], name: str) -> pl.DataFrame:
    """The messages of the exports, with the number of each."""
    return pl.concat(r.messages.with_columns(pl.lit(n, pl.UInt32).alias(name)) for n, r in enumerate(readings))


def _single(readings: Sequence[Reading]) -> dict[int, SingleConversation]:
    owners = {n: r.facts.owner.id for n, r in enumerate(readings) if r.facts.owner.id}
    return single_conversations(_numbered(readings, "export"), owners)


def _exports(readings: Sequence[Reading]) -> Exports:
    made = {n: at for n, r in enumerate(readings) for at in exported_of(r.facts).values()}
    return Exports(_numbered(readings, "pair"), made, {n: r.facts.owner for n, r in enumerate(readings)})
