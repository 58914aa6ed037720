"""The result of the last batch, its disputes by score, and a dispute opened as a case."""

from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from reconcile.app.cases import RESULT, Finished
from reconcile.app.commands import batch_words
from reconcile.app.desk import BATCH, Desk, finished_by, path_given
from reconcile.app.errors import Refused
from reconcile.app.results import Output, files_in
from reconcile.app.worker import Done
from reconcile.custody.atomic_files import write_files
from reconcile.vocabulary import Side
from reconcile.wording import Lang

FOLDER, FILE = "batch", "batch.json"


class Batch(BaseModel):
    """What is remembered of the last batch in a folder of cases."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    disputes: str
    finished: Finished


def last_batch(desk: Desk) -> Batch | None:
    """The last batch of this folder of cases; None where there was none."""
    try:
        return Batch.model_validate_json((desk.shelf.folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def run_batch(desk: Desk, path: str, lang: Lang) -> None:
    """Starts the comparison of every dispute of a folder."""
    disputes = path_given(path)
    if not disputes.is_dir():
        raise Refused("path_not_there", 404)
    if desk.jobs.of(BATCH):
        raise Refused("runs_already", 409)
    place = desk.shelf.folder
    words = batch_words(str(disputes), place / FOLDER, lang)

    def record_result(done: Done) -> None:
        """Stores how the batch ended."""
        batch = Batch(disputes=str(disputes), finished=finished_by("batch", words, done, FOLDER, lang))
        write_files({place / FILE: orjson.dumps(batch.model_dump(mode="json"), option=orjson.OPT_INDENT_2)})

    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    desk.jobs.start(BATCH, "batch", words, record_result)


def batch_outputs(desk: Desk) -> list[Output]:
    """The files of the last batch over this folder of cases."""
    return [Output(FOLDER, path) for path in files_in(desk.shelf.folder / FOLDER)]


def open_dispute(desk: Desk, called: str, lang: Lang) -> str:
    """The case of a dispute of the last batch, created on first use.

    It refers to the exports where they are and takes over the results that the batch wrote.
    """
    from reconcile.app.compared import disputes_in, take_result

    batch = last_batch(desk)
    if batch is None:
        raise Refused("no_such_case", 404)
    left, right, result = disputes_in(Path(batch.disputes), desk.shelf.folder / FOLDER, called)
    sides = {Side.LEFT: left, Side.RIGHT: right}
    for name in desk.shelf.names():
        if {Path(e.path) for e in desk.shelf.load(name).exports} == set(sides.values()):
            return name
    name = desk.shelf.create(called)
    for side, path in sides.items():
        desk.add(name, side, str(path), lang)
    if result is not None:
        take_result(result, desk.shelf.place(name) / RESULT)
    return name
