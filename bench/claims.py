"""What the comparison states of every row of a simulated dispute, and whether it is right: for calibration and for reliability."""

import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # many small frames: threads cost more than they bring

import polars as pl

from bench.quality import SEVERAL, drawn, readings_of
from bench.sim.ledger import Ledger, Line
from bench.sim_forms.draw import draw as draw_forms
from bench.sim_forms.draw import write as write_forms
from bench.sim_life.draw import NAMES
from bench.sim_life.draw import draw as draw_life
from bench.sim_life.draw import write as write_life
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.engine.confidence import FEATURES, features_of, scaled_margin
from reconcile.formats.neutral.message_table import MessageTable
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source
from reconcile.vocabulary import Cause, Relation, Side

# Seeds kept for calibration; those of HELD_OUT are never fitted. None is a reported seed of another bench.
FITTED = {"faults": range(1000, 1200), "life": range(8200, 8700), "forms": range(6700, 7200)}
HELD_OUT = {
    "faults": range(1300, 1500),
    "life": range(8700, 8900),
    "forms": range(7200, 7400),
    "clean": range(1500, 1560),
}
Drawn = tuple[Reading, Reading, Ledger]
Answer = tuple[str, int | None, int | None, str | None, str | None]
_BOTH = (Relation.AGREEMENT, Relation.CONFLICT)


def _faults(seed: int, folder: Path) -> Drawn:
    dispute, ledger = drawn(SEVERAL, seed)
    sides = readings_of(dispute, folder)
    return sides[Side.LEFT], sides[Side.RIGHT], ledger


_DELETED = ("delete few", "delete block", "delete a third", "delete one author", "delete stock replies")


def _clean(seed: int, folder: Path) -> Drawn:
    """Two whole exports of one conversation, of which a party deleted rows."""
    dispute, ledger = drawn(_DELETED[seed % len(_DELETED)], seed)
    sides = readings_of(dispute, folder)
    return sides[Side.LEFT], sides[Side.RIGHT], ledger


def _life(seed: int, folder: Path) -> Drawn:
    sides, ledger = draw_life(seed)
    write_life(sides, folder)
    left, right = (MessageTable().read(Source(folder / f"{NAMES[s]}.csv"), ReadOptions()) for s in Side)
    return left, right, ledger


def _forms(seed: int, folder: Path) -> Drawn:
    sides, ledger = draw_forms(seed)
    written = write_forms(sides, folder)
    return read(written[Side.LEFT]), read(written[Side.RIGHT]), ledger


SIMULATORS: dict[str, Callable[[int, Path], Drawn]] = {
    "faults": _faults,
    "life": _life,
    "forms": _forms,
    "clean": _clean,
}


def claims_of(work: tuple[str, int]) -> pl.DataFrame | None:
    """Every line of a dispute: simulator, seed, relation, confidence, the features, and `right` (0 to 1); None where it cannot be compared.

    Of n equal claims about rows that nobody can tell apart, of which k may stand, each is right to k / n.
    """
    simulator, seed = work
    with tempfile.TemporaryDirectory() as folder:
        left, right, ledger = SIMULATORS[simulator](seed, Path(folder))
    if any(r.messages.height != len(ledger.truths[s]) for s, r in zip(Side, (left, right), strict=True)):
        return None
    found = compare_readings(left, right).alignment
    lines = found.with_columns(pl.col("conversation").rank("dense").alias("pair"))
    features = features_of(lines).drop("pair", "relation")
    return (
        lines.with_row_index("line")
        .join(features.drop("margin", strict=False), on="line", how="left", maintain_order="left")
        .select(
            pl.lit(simulator).alias("simulator"), pl.lit(seed).alias("seed"),
            pl.col("relation").cast(pl.String), "confidence", scaled_margin(),
            *(pl.col(f) for f in dict.fromkeys(f for names in FEATURES.values() for f in names) if f != "margin"),
            pl.Series("right", rightness(found, ledger)),
        )
    )  # fmt: skip


def rightness(alignment: pl.DataFrame, ledger: Ledger) -> list[float]:
    """How right each line is by the ledger.

    agreement, set_aside: its relation may stand. conflict: the attribute too. one_sided: the other side lacks the row and should hold it.
    doubtful: two rows are one message, or the other side holds no copy of the one.
    """
    homes: dict[int, list[Line]] = defaultdict(list)
    for line in ledger.lines:
        homes[ledger.groups[line.truth]].append(line)
    columns = alignment.select("relation", "left_row", "right_row", "cause", "detail")
    answers: list[Answer] = list(columns.cast({"relation": pl.String, "cause": pl.String}).iter_rows())
    groups = [_groups(a, ledger) for a in answers]
    claimed = Counter((g[0], a[0], _sides(a)) for a, g in zip(answers, groups, strict=True) if len(g) == 1)
    out = []
    for answer, group in zip(answers, groups, strict=True):
        if len(group) > 1:
            out.append(float(answer[0] == Relation.AGREEMENT and ledger.notices.issuperset(_truths(answer, ledger))))
            continue
        may_stand = sum(_may_stand(answer, line) for line in homes[group[0]])
        out.append(min(1.0, may_stand / claimed[group[0], answer[0], _sides(answer)]))
    return out


def _rows(answer: Answer) -> list[tuple[Side, int]]:
    return [(s, row) for s, row in zip(Side, answer[1:3], strict=True) if isinstance(row, int)]


def _sides(answer: Answer) -> tuple[Side, ...]:
    return tuple(side for side, _ in _rows(answer))


def _truths(answer: Answer, ledger: Ledger) -> list[int]:
    return [ledger.truths[side][row] for side, row in _rows(answer)]


def _groups(answer: Answer, ledger: Ledger) -> list[int]:
    return list(dict.fromkeys(ledger.groups[t] for t in _truths(answer, ledger)))


def _may_stand(answer: Answer, line: Line) -> bool:
    relation, _, _, cause, detail = answer
    held = tuple(s for s, row in zip(Side, (line.left_row, line.right_row), strict=True) if row is not None)
    if relation == Relation.DOUBTFUL:
        return held == _sides(answer)
    if relation not in (line.relation, *line.also) or not set(_sides(answer)) <= set(held):
        return False
    if relation == Relation.CONFLICT and line.relation is Relation.CONFLICT and line.causes:
        # The words of a file are its name.
        return cause in line.causes or (detail == "file_name" and Cause.TEXT_DIFFERS in line.causes)
    return relation in _BOTH or relation == Relation.SET_ASIDE or len(held) == 1
